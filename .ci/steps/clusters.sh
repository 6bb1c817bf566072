#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# clusters.sh <python>: the examples of clusters on joblib, Dask, Ray and Spark, each with a killed worker. Needs Java 17.
source "$(dirname "$0")/../lib.sh"
venv="$work/clusters"

java -version
fresh_venv "$1" "$venv"
"$venv/bin/pip" install --quiet '.[clusters,test-core]'
"$venv/bin/python" -m pytest -m "slow or not slow" tests/clusters
