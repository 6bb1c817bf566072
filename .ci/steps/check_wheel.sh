#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# check_wheel.sh <python>: that interpreter's wheel and NumPy in an empty environment, where no compiler can be reached.
source "$(dirname "$0")/../lib.sh"
wheel="$(wheel_of "$1")" venv="$(wheel_venv "$1")"
fresh_venv "$1" "$venv"
without_compiler "$venv"

python .ci/check_wheel_contents.py "$wheel"
pip install --quiet --only-binary :all: "$wheel"
pip list
python -I tests/wheel_smoke.py
python -I .ci/import_time.py
