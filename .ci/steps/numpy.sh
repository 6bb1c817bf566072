#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# numpy.sh <python> oldest|newest: runs the tests with that NumPy; those of other libraries skip themselves.
source "$(dirname "$0")/../lib.sh"
python="$1" numpy="$2"
venv="$work/numpy-$numpy"

fresh_venv "$python" "$venv"
"$venv/bin/pip" install --quiet '.[test-core]'
case "$numpy" in
  oldest) "$venv/bin/pip" install --quiet 'numpy==1.26.*' ;;
  newest) "$venv/bin/pip" install --quiet --upgrade --pre --only-binary :all: numpy ;; # release candidates too
  *)
    echo "usage: numpy.sh <python> oldest|newest" >&2
    exit 2
    ;;
esac
"$venv/bin/python" -c 'import numpy; print("NumPy", numpy.__version__)'
"$venv/bin/python" -m pytest -n auto
