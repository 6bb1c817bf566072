#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# numpy.sh <python> oldest|nightly: runs the tests with that NumPy; those of other libraries skip themselves.
source "$(dirname "$0")/../lib.sh"
python="$1" numpy="$2"
venv="$work/numpy-$numpy"

fresh_venv "$python" "$venv"
"$venv/bin/pip" install --quiet '.[test-core]'
case "$numpy" in
  oldest) "$venv/bin/pip" install --quiet 'numpy==1.26.*' ;;
  nightly)
    "$venv/bin/pip" install --quiet --upgrade --pre --only-binary :all: \
      --extra-index-url https://pypi.anaconda.org/scientific-python-nightly-wheels/simple numpy
    ;;
  *)
    echo "usage: numpy.sh <python> oldest|nightly" >&2
    exit 2
    ;;
esac
"$venv/bin/python" -c 'import numpy; print("NumPy", numpy.__version__)'
"$venv/bin/python" -m pytest
