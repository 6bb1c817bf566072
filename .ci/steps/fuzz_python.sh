#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# fuzz_python.sh <seconds>: each target of tests/fuzz for so long: stores, results, files, and what takes sizes.
source "$(dirname "$0")/../lib.sh"
venv="$work/fuzz-python"

fresh_venv "$(main_python)" "$venv"
"$venv/bin/pip" install --quiet '.[test]'
mapfile -t targets < <(cd tests/fuzz && "$venv/bin/python" -c 'import targets; print(*targets.TARGETS, sep="\n")')
for target in "${targets[@]}"; do
  "$venv/bin/python" tests/fuzz/fuzz.py "$target" --seconds "$1"
done
