#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# check_wheel.sh <python>: tests that interpreter's wheel where no compiler can be reached: with NumPy alone, then in full.
source "$(dirname "$0")/../lib.sh"
python="$1"
tag="$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')"
wheel=("$root"/wheelhouse/banzhaf-*-"$tag"-*.whl)
venv="$work/$tag"

fresh_venv "$python" "$venv"
mkdir -p "$work/bin"
for program in cat env git lscpu sh tr uname; do # what libraries ask of a system
  ln -sf "$(command -v "$program")" "$work/bin/$program"
done
PATH="$venv/bin:$work/bin"
hash -r
for compiler in cc c++ gcc g++ clang clang++ cmake ninja make; do
  if command -v "$compiler"; then
    echo "no compiler should be reachable" >&2
    exit 1
  fi
done

python .ci/check_wheel_contents.py "${wheel[0]}"
pip install --quiet --only-binary :all: "${wheel[0]}"
pip list
python -I tests/wheel_smoke.py
python -I .ci/import_time.py

pip install --quiet --only-binary :all: "${wheel[0]}[test]"
python -m pytest
