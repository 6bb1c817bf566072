#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# slow.sh <python> [<folder>...]: the tests marked slow, or those folders of them, on what check_wheel.sh installed:
# simulations, fuzzing of many cases.
source "$(dirname "$0")/../lib.sh"
wheel="$(wheel_of "$1")"
without_compiler "$(wheel_venv "$1")"

pip install --quiet --only-binary :all: "${wheel}[test]"
python -m pytest -n auto --dist worksteal -m slow "${@:2}"
