# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test the standard errors of `fit` by explicit matrices, in double precision and in long double."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import hc2

import banzhaf

# Players around the blocks of 16 and 32 and the words of 64, and rows around the 512 and 1024 that are held at a time.
SHAPES = [(9, 60), (15, 80), (16, 200), (17, 300), (33, 90), (63, 400), (64, 700), (65, 1030), (100, 3000)]


def assert_near(found, expected, precision):
    """Compare standard errors. From 32 players on, integers may change them by up to 1e-3: here by a tenth of it."""
    np.testing.assert_allclose(found, expected, rtol=precision if len(found) < 32 else 1e-4)


def long_inverse(matrix):
    """Invert by Gauss and Jordan, whose steps NumPy takes in the precision of its input."""
    n = len(matrix)
    table = np.hstack([matrix, np.eye(n, dtype=matrix.dtype)])
    for i in range(n):
        table[i] /= table[i, i]
        others = np.arange(n) != i
        table[others] -= np.outer(table[others, i], table[i])
    return table[:, n:]


def long_hc2(X, targets):
    """HC2 as in `oracles.hc2`, in long double, for X of full rank whose rows all have residuals."""
    X, targets = X.astype(np.longdouble), targets.astype(np.longdouble)
    influence = long_inverse(X.T @ X) @ X.T
    residuals = targets - X @ (influence @ targets)
    free = 1 - np.einsum("pi,ip->p", X, influence)
    return np.sqrt(influence**2 @ (residuals**2 / free))


def sample(n, m, design):
    coalitions = banzhaf.sample_coalitions(n, m, design=design, random_state=n + m)
    rng = np.random.default_rng(n)
    worths = coalitions @ rng.normal(size=n) + rng.normal(size=len(coalitions)) * (1 + coalitions[:, 0])
    return coalitions, worths


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_pairs(n, m):
    coalitions, worths = sample(n, m, "paired")
    X, targets = 2.0 * coalitions[::2] - 1, worths[::2] - worths[1::2]
    found = banzhaf.fit(coalitions, worths, interactions="none").standard_errors
    assert_near(found, hc2(X, targets), 1e-11)
    assert_near(found, np.float64(long_hc2(X, targets)), 1e-13)


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_single_coalitions(n, m):
    coalitions, worths = sample(n, m, "independent")
    X = 2.0 * coalitions - 1
    found = banzhaf.fit(coalitions, worths, interactions="none").standard_errors
    assert_near(found, 2 * hc2(X, worths, intercept=True), 1e-11)
    with_constant = np.column_stack([X, np.ones(m)])
    assert_near(found, 2 * np.float64(long_hc2(with_constant, worths)[:n]), 1e-13)


def test_one_pair_far_from_the_others():
    """Doubles take over where integers are too coarse, which one large residual makes them."""
    coalitions, worths = sample(64, 700, "paired")
    worths[6] += 1e5
    X, targets = 2.0 * coalitions[::2] - 1, worths[::2] - worths[1::2]
    found = banzhaf.fit(coalitions, worths, interactions="none").standard_errors
    np.testing.assert_allclose(found, hc2(X, targets), rtol=1e-11)


def test_many_outputs_are_those_of_each_alone():
    coalitions, worths = sample(33, 700, "paired")
    table = np.column_stack([worths * (o + 1) + np.roll(worths, o) for o in range(19)])
    together = banzhaf.fit(coalitions, table, interactions="none", num_threads=2)
    for o in range(19):
        each = np.ascontiguousarray(table[:, o])
        alone = banzhaf.fit(coalitions, each, interactions="none", num_threads=1)
        np.testing.assert_array_equal(together.standard_errors[:, o], alone.standard_errors)
        np.testing.assert_array_equal(together.values[:, o], alone.values)
