#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# types.sh <python>: type checks the package, and the stub against the extension, on what check_wheel.sh installed.
source "$(dirname "$0")/../lib.sh"
venv="$(wheel_venv "$1")"

"$venv/bin/pip" install --quiet 'banzhaf[test]' 'mypy>=1.17'
"$venv/bin/python" -m mypy
"$venv/bin/python" -m mypy.stubtest --allowlist .ci/stubtest-allowlist.txt --mypy-config-file pyproject.toml banzhaf._core
