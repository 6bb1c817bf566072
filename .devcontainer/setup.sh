#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Makes .venv with everything that developers need, and builds the extension into the tree.
set -euo pipefail
cd "$(dirname "$0")/.."

python3 -m venv .venv
# shellcheck source=/dev/null
. .venv/bin/activate
pip install --upgrade pip
pip install '.[test,docs]' --group dev pre-commit
# The tests should import the package from the tree, with the extension that the next line builds there.
pip uninstall --yes banzhaf
cmake --preset dev -DPython_EXECUTABLE="$(command -v python)"
cmake --build --preset dev
pre-commit install
