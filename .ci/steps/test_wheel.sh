#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# test_wheel.sh <python> [<folder>...]: the package's tests, or those folders of them, on what check_wheel.sh installed,
# still without a compiler. Those of benchmarks, documents and theory are the same for each Python: the README's second
# command runs them, but without PyTorch.
source "$(dirname "$0")/../lib.sh"
wheel="$(wheel_of "$1")" extras=test more=()
if [ "$(wheel_venv "$1")" = "$work/cp311" ]; then # the one for which PyTorch has a small build
  extras=test,context,images more=(torch==2.13.0)
fi
without_compiler "$(wheel_venv "$1")"

pip install --quiet --only-binary :all: "${wheel}[$extras]" "${more[@]}"
python -m pytest -n auto --dist worksteal --ignore tests/bench --ignore tests/docs --ignore tests/theory "${@:2}"
if [ "${#more[@]}" -gt 0 ]; then # the benchmark that trains networks
  python -m pytest -n auto tests/bench/test_bench_gradients.py
fi
