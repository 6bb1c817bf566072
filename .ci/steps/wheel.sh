#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# wheel.sh <python>: builds the wheel of that interpreter from the sdist, with the sdist's Eigen, and repairs it.
source "$(dirname "$0")/../lib.sh"
python="$1"
tools wheel

sdist=(dist/banzhaf-*.tar.gz)
rm -rf "$work/wheel" "$work/unpacked"
mkdir -p "$work/unpacked"
tar --extract --strip-components 1 --directory "$work/unpacked" --file "${sdist[0]}"
compile_once # the core does not depend on the interpreter
"$python" -m pip wheel --verbose --no-cache-dir --no-deps --config-settings=cmake.define.BANZHAF_WERROR=ON \
  --config-settings=build-dir="$work/unpacked/build/wheel" --wheel-dir "$work/wheel" "$work/unpacked" \
  >"$work/wheel.txt" 2>&1 || { cat "$work/wheel.txt"; exit 1; }
if grep -i cmeel "$work/wheel.txt"; then
  echo "a build from the sdist should take Eigen from the sdist" >&2
  exit 1
fi
auditwheel repair --wheel-dir wheelhouse "$work"/wheel/banzhaf-*.whl
