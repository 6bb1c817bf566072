#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Makes dist/banzhaf-<version>.tar.gz and checks what it carries.
source "$(dirname "$0")/../lib.sh"
tools wheel

rm -rf dist
python -m build --sdist --outdir dist .
sdist=(dist/banzhaf-*.tar.gz)
tar --list --file "${sdist[0]}" >"$work/sdist.txt"
for file in cpp/third_party/eigen/Eigen/Core LICENSE-third-party.txt CMakeLists.txt tests/wheel_smoke.py; do
  grep -q "^banzhaf-[0-9.]*/$file$" "$work/sdist.txt" || { echo "the sdist lacks $file" >&2; exit 1; }
done
if grep -E '\.(so|pyd|pyc)$|/(build|\.git|\.ci)/' "$work/sdist.txt"; then
  echo "the sdist carries what it should not" >&2
  exit 1
fi
