#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Counts the lines that the C++ and the Python tests run, prints the shares, and leaves reports in build/ci/coverage.
source "$(dirname "$0")/../lib.sh"
reports="$work/coverage" tree="$work/coverage-tree" venv="$work/coverage-venv"
rm -rf "$reports"
mkdir -p "$reports"
copy_of_tree "$tree"
cd "$tree"

fresh_venv "$(main_python)" "$venv"
PATH="$venv/bin:$PATH"
pip install --quiet --upgrade 'pip>=25.1'
pip install --quiet '.[test]' --group build --group coverage
pip uninstall --quiet --yes banzhaf

cmake --preset coverage -DPython_EXECUTABLE="$venv/bin/python"
cmake --build --preset coverage
ctest --preset coverage
# What depends on speed has no business under counters; a failure here is one of the tests' own job.
PYTHONPATH=python python -m pytest -n auto --cov --cov-report="html:$reports/python" --cov-report=xml:"$reports/python.xml" \
  --cov-report= >"$reports/pytest.txt" 2>&1 || { tail -n 50 "$reports/pytest.txt"; exit 1; }
gcovr --root . --filter cpp/src/ --filter cpp/include/ --filter cpp/bindings/ --exclude-throw-branches --print-summary \
  --html-nested "$reports/cpp.html" --cobertura "$reports/cpp.xml" --txt "$reports/cpp.txt" build/coverage

{
  echo "| language | lines that ran | report |"
  echo "| --- | --- | --- |"
  echo "| Python | $(coverage report --format=total) % (lines and branches) | python/index.html |"
  echo "| C++ | $(awk '/^TOTAL/ { print $NF }' "$reports/cpp.txt") | cpp.html |"
} | tee "$reports/summary.md"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  cat "$reports/summary.md" >>"$GITHUB_STEP_SUMMARY"
fi
rm -rf "$tree" "$venv"
