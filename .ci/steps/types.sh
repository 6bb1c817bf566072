#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Type checks the package against what check_wheel.sh installed for the main interpreter; the stub against the extension.
source "$(dirname "$0")/../lib.sh"
python="$(main_python)"
venv="$work/$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')"

"$venv/bin/pip" install --quiet 'mypy>=1.17'
"$venv/bin/python" -m mypy
"$venv/bin/python" -m mypy.stubtest --allowlist .ci/stubtest-allowlist.txt --mypy-config-file pyproject.toml banzhaf._core
