#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# wheel.sh <python>: builds the wheel of that interpreter from the sdist and repairs it, into wheelhouse/.
source "$(dirname "$0")/../lib.sh"
python="$1"
tools wheel

sdist=(dist/banzhaf-*.tar.gz)
rm -rf "$work/wheel"
"$python" -m pip wheel --no-cache-dir --no-deps --config-settings=cmake.define.BANZHAF_WERROR=ON --wheel-dir "$work/wheel" "${sdist[0]}"
auditwheel repair --wheel-dir wheelhouse "$work"/wheel/banzhaf-*.whl
