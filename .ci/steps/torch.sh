#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# torch.sh <python>: the tests that use PyTorch, on what check_wheel.sh installed; without it they skip themselves.
source "$(dirname "$0")/../lib.sh"
wheel="$(wheel_of "$1")"
without_compiler "$(wheel_venv "$1")"

pip install --quiet --only-binary :all: "${wheel}[test,torch]" torch==2.13.0
python -m pytest -n auto -k torch
