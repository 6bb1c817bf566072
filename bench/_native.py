# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Games and models in C for the benchmarks, compiled when they are needed."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import banzhaf
from bench._command import Unavailable

_SOURCE = r"""
#define _POSIX_C_SOURCE 199309L
#include <banzhaf/native.h>
#include <math.h>
#include <time.h>

/* XGBoost's prediction on dense rows, with the seconds inside it added up in a global variable. */
typedef int (*predict_dense)(void *, const char *, const char *, void *, const uint64_t **, uint64_t *, const float **);
predict_dense timed_function;
double timed_seconds;

int timed_predict(void *booster, const char *rows, const char *config, void *matrix, const uint64_t **shape,
                  uint64_t *n_dimensions, const float **outputs) {
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  const int status = timed_function(booster, rows, config, matrix, shape, n_dimensions, outputs);
  clock_gettime(CLOCK_MONOTONIC, &end);
  timed_seconds += (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
  return status;
}

/* tanh of a sum of weights */
BANZHAF_GAME(curved_game) {
  const double *weights = (const double *)data;
  for (size_t r = 0; r < n_coalitions; ++r) {
    const uint64_t *coalition = coalitions + r * banzhaf_words(n_players);
    double sum = 0;
    for (size_t i = 0; i < n_players; ++i) sum += weights[i] * (double)banzhaf_contains(coalition, i);
    worths[r] = tanh(sum);
  }
  return 0;
}

/* the number of players */
BANZHAF_GAME(size_game) {
  for (size_t r = 0; r < n_coalitions; ++r) {
    const uint64_t *coalition = coalitions + r * banzhaf_words(n_players);
    uint64_t size = 0;
    for (size_t w = 0; w < banzhaf_words(n_players); ++w) size += (uint64_t)__builtin_popcountll(coalition[w]);
    worths[r] = (double)size;
  }
  return 0;
}

BANZHAF_MODEL(linear_model) {
  const double *weights = (const double *)data, *cells = (const double *)rows;
  for (size_t r = 0; r < n_rows; ++r) {
    double sum = 0;
    for (size_t j = 0; j < n_columns; ++j) sum += weights[j] * cells[r * n_columns + j];
    outputs[r] = sum;
  }
  return 0;
}

BANZHAF_MODEL(curved_model) {
  const double *weights = (const double *)data, *cells = (const double *)rows;
  for (size_t r = 0; r < n_rows; ++r) {
    double sum = 0;
    for (size_t j = 0; j < n_columns; ++j) sum += weights[j] * cells[r * n_columns + j];
    outputs[r] = tanh(sum);
  }
  return 0;
}
"""


@functools.cache
def library() -> ctypes.CDLL:
    """Compile the functions and load them."""
    names = [*os.environ.get("CC", "").split()[:1], "cc", "gcc", "clang"]
    compiler = next(filter(None, map(shutil.which, names)), None)
    if compiler is None:
        raise Unavailable("native games and models need a C compiler: install gcc or clang")
    folder = Path(tempfile.mkdtemp(prefix="banzhaf-bench-"))
    try:
        source, built = folder / "native.c", folder / "native.so"
        source.write_text(_SOURCE)
        flags = ["-std=c11", "-O2", "-shared", "-fPIC", f"-I{banzhaf.get_include()}"]
        subprocess.run([compiler, *flags, str(source), "-o", str(built), "-lm"], check=True)
        return ctypes.CDLL(str(built))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
