# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compiled functions for the tests of native games and models: a library in C, callbacks of ctypes, capsules."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess

import numpy as np
import pytest

import banzhaf

SIZE, DOUBLES = ctypes.c_size_t, ctypes.POINTER(ctypes.c_double)
GAME = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_uint64), SIZE, SIZE, DOUBLES, SIZE, ctypes.c_void_p)
MODEL = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, SIZE, SIZE, DOUBLES, SIZE, ctypes.c_void_p)
GAME_SIGNATURE = b"int (uint64_t const *, size_t, size_t, double *, size_t, void *)"

SOURCE = r"""
#include <banzhaf/native.h>
#include <math.h>

/* tanh(sum of weights), and less 10 for each further output */
BANZHAF_GAME(curved) {
  const double *weights = (const double *)data;
  for (size_t r = 0; r < n_coalitions; ++r) {
    const uint64_t *coalition = coalitions + r * banzhaf_words(n_players);
    double sum = 0;
    for (size_t i = 0; i < n_players; ++i)
      if (banzhaf_contains(coalition, i)) sum += weights[i];
    for (size_t o = 0; o < n_outputs; ++o) worths[r * n_outputs + o] = tanh(sum) - 10.0 * (double)o;
  }
  return 0;
}

/* writes nothing for coalitions of players 0, 1 and 2 */
BANZHAF_GAME(silent) {
  for (size_t r = 0; r < n_coalitions; ++r)
    if ((coalitions[r * banzhaf_words(n_players)] & 7) != 7) worths[r] = 1;
  return 0;
}

BANZHAF_GAME(failing) { return 7; }

/* endless work in short calls */
BANZHAF_GAME(slow) {
  for (size_t r = 0; r < n_coalitions; ++r) {
    volatile double sum = 0;
    for (int i = 0; i < 100000; ++i) sum += i;
    worths[r] = sum;
  }
  return 0;
}

BANZHAF_MODEL(linear) {
  const double *weights = (const double *)data, *cells = (const double *)rows;
  for (size_t r = 0; r < n_rows; ++r)
    for (size_t o = 0; o < n_outputs; ++o) {
      double sum = 0;
      for (size_t j = 0; j < n_columns; ++j) sum += weights[j] * cells[r * n_columns + j];
      outputs[r * n_outputs + o] = sum + (double)o;
    }
  return 0;
}

/* products of neighbours */
BANZHAF_MODEL(products32) {
  const float *cells = (const float *)rows;
  for (size_t r = 0; r < n_rows; ++r) {
    double sum = 0;
    for (size_t j = 0; j + 1 < n_columns; ++j)
      sum += (double)cells[r * n_columns + j] * (double)cells[r * n_columns + j + 1];
    outputs[r] = sum;
  }
  return 0;
}

BANZHAF_MODEL(failing_model) { return -3; }
BANZHAF_MODEL(silent_model) { return 0; }
"""


def library(folder):
    """Compile the library, or skip the test where there is no compiler."""
    return ctypes.CDLL(str(compiled(SOURCE, folder / "library")))


def compiled(code, stem):
    """Compile a shared library, or skip the test where there is no compiler."""
    names = [*os.environ.get("CC", "").split()[:1], "cc", "gcc", "clang"]
    compiler = next(filter(None, map(shutil.which, names)), None)
    if os.name == "nt" or compiler is None:
        pytest.skip("there is no C compiler")
    source, built = stem.with_suffix(".c"), stem.with_suffix(".so")
    source.write_text(code)
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC"]
    command = [compiler, *flags, f"-I{banzhaf.get_include()}", str(source), "-o", str(built), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return built


def curved(coalitions, weights, n_outputs=1):
    """The game of the same name in the library."""
    worths = np.tanh(coalitions @ weights)
    return worths if n_outputs == 1 else worths[:, None] - 10.0 * np.arange(n_outputs)


@GAME
def counting(coalitions, n_coalitions, n_players, worths, n_outputs, data):
    """The number of players in a coalition, as a callback of Python."""
    words = (n_players + 63) // 64
    for row in range(n_coalitions):
        worths[row] = sum(coalitions[row * words + word].bit_count() for word in range(words))
    return 0


def capsule(pointer, name, context=None):
    """A PyCapsule that holds a pointer; the caller keeps the name and what the pointer leads to."""
    api = ctypes.pythonapi
    api.PyCapsule_New.restype = ctypes.py_object
    api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    api.PyCapsule_SetContext.argtypes = [ctypes.py_object, ctypes.c_void_p]
    made = api.PyCapsule_New(ctypes.cast(pointer, ctypes.c_void_p), name, None)
    if context is not None:
        api.PyCapsule_SetContext(made, ctypes.cast(context, ctypes.c_void_p))
    return made


class GameStruct(ctypes.Structure):
    """The structure banzhaf_game of the header."""

    _fields_ = (
        ("version", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("function", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("n_players", SIZE),
        ("n_outputs", SIZE),
        ("error_text", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)),
    )


class ModelStruct(ctypes.Structure):
    """The structure banzhaf_model of the header."""

    _fields_ = (*GameStruct._fields_, ("cell_type", ctypes.c_uint32))
