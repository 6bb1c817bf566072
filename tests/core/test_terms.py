# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test the fit of interactions of three and five players, through its binding."""

from __future__ import annotations

import numpy as np
import pytest

import banzhaf
from banzhaf import _core

NONE = np.zeros(0, np.uint8)
# A kernel may round products in its own way, so fits must not use them where few bits decide what is found.
PROGRAM = """
import numpy as np
from banzhaf import _core

rng = np.random.default_rng(1)
H = np.ones((1, 1))
while len(H) < 256:
    H = np.block([[H, H], [H, -H]])
for n, blocks in ((70, 0), (150, 4), (150, 0)):
    signs = np.vstack([H[:, rng.permutation(256)[:n]] * rng.choice([-1, 1], n) for _ in range(4)])
    if not blocks:
        signs = rng.choice([-1.0, 1.0], (900, n))
    rows = np.ascontiguousarray(signs > 0)
    odd = signs @ rng.normal(size=n) + signs[:, 0] * signs[:, 1] * signs[:, 2] + 0.3 * rng.normal(size=len(rows))
    even = signs[:, 0] * signs[:, 1] + 0.3 * rng.normal(size=len(rows))
    for held_out in (np.zeros(0, np.uint8), (np.arange(len(rows)) % 5 == 1).astype(np.uint8)):
        terms, strengths, fitted = _core.fit_terms(rows, odd, even, held_out, True, 1)
        assert terms[0][0] == (0, 1, 2)
        print(terms, strengths, fitted.tobytes().hex())
"""


def test_same_bits_on_every_kernel(fresh_python):
    generic = fresh_python(PROGRAM, BANZHAF_KERNEL="generic")
    assert fresh_python(PROGRAM, BANZHAF_KERNEL="") == generic


@pytest.mark.parametrize("design", ["hadamard", "paired"])
def test_the_whole_game_is_found(design):
    n = 16
    rows = np.ascontiguousarray(banzhaf.sample_coalitions(n, 512, design=design, random_state=3)[::2])
    signs = 2.0 * rows - 1
    explained = 0.7 * signs[:, [1, 5, 9]].prod(axis=1) - 0.2 * signs[:, [0, 5, 15]].prod(axis=1)
    odd = signs @ np.arange(n) + explained
    even = 3 + 0.5 * signs[:, 1] * signs[:, 9]
    terms, strengths, fitted = _core.fit_terms(rows, odd, even, NONE, True, 1)
    assert [players for players, _, _ in terms[:2]] == [(1, 5, 9), (0, 5, 15)]
    np.testing.assert_allclose([coefficient for _, coefficient, _ in terms[:2]], [0.7, -0.2], rtol=1e-9)
    np.testing.assert_allclose(fitted, explained, atol=1e-9)
    assert strengths[0][0] == (1, 9)
    np.testing.assert_allclose(strengths[0][1], 0.5, rtol=1e-9)


def test_arrays_of_other_lengths_are_refused():
    rows = np.zeros((4, 3), bool)
    with pytest.raises(ValueError, match="odd and even"):
        _core.fit_terms(rows, np.zeros(3), np.zeros(4), NONE, True, 1)
    with pytest.raises(ValueError, match="held_out"):
        _core.fit_terms(rows, np.zeros(4), np.zeros(4), np.zeros(2, np.uint8), True, 1)
