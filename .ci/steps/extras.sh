#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# extras.sh <python>: the tests that need numba, JAX, ONNX Runtime, shapiq, a web server, a pool with a killed worker or a
# compiler, on what check_wheel.sh installed.
source "$(dirname "$0")/../lib.sh"
wheel="$(wheel_of "$1")"
PATH="$(wheel_venv "$1")/bin:$PATH"

pip install --quiet --only-binary :all: "${wheel}[jax,onnx,test]" numba psutil shapiq skl2onnx -r examples/service/requirements.txt
python -m pytest -n auto tests/capi tests/service tests/explain/adapters tests/explain/test_native_model.py \
  tests/estimate/test_native_game.py tests/support/test_native.py tests/docs/test_native_page.py tests/docs/test_pages.py \
  tests/plots/test_foreign_plots.py tests/estimate/test_interaction_indices.py tests/explain/test_interactions_of_models.py
python -m pytest -m slow tests/clusters -k joblib
