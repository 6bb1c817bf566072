#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# asan_python.sh: the Python suite on an extension with AddressSanitizer and UndefinedBehaviorSanitizer.
source "$(dirname "$0")/../lib.sh"
clone="$work/asan-python" venv="$work/asan-python-venv"
tools build

copy_of_tree "$clone"
fresh_venv "$(main_python)" "$venv"
"$venv/bin/pip" install --quiet "${clone}[test]"
"$venv/bin/pip" uninstall --quiet --yes banzhaf
cd "$clone"
cmake --preset asan-python -DPython_EXECUTABLE="$venv/bin/python"
cmake --build --preset asan-python
preload=""
for library in asan ubsan stdc++; do
  preload+="$(gcc -print-file-name="lib$library.so") "
done
LD_PRELOAD="$preload" ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 \
  PYTHONPATH=python "$venv/bin/python" -m pytest -n auto \
  tests/core tests/support tests/estimate tests/explain tests/trees tests/study tests/games
rm -rf "$clone" "$venv"
