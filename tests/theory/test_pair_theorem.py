# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Pairs cancel even orders: games of order 2 come out exactly, in rational arithmetic and from the package."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from oracles import Polynomial
from test_regression_theorem import solve

import banzhaf


def integer_game(n, order, seed):
    """A constant and integer weights of sets of up to `order` players, and its values as fractions."""
    rng = np.random.default_rng([n, order, seed])
    sizes = [1] * n + [size for size in range(2, order + 1) for _ in range(2 * n)]
    terms = [rng.choice(n, size, replace=False) for size in sizes]
    weights = rng.integers(-100, 100, len(terms))
    values = [Fraction(0)] * n
    for term, weight in zip(terms, weights, strict=True):
        for i in term:
            values[i] += Fraction(int(weight), 2 ** (len(term) - 1))
    return Polynomial(n, terms, weights, constant=17.0), values


def rational_regression(coalitions, worths):
    """min ||X phi - d||^2 over pairs, rows 2p and 2p + 1, in rational arithmetic."""
    X = 2 * coalitions[::2].astype(np.int64) - 1
    d = [int(w) for w in worths[::2] - worths[1::2]]
    n = X.shape[1]
    gram = X.T @ X
    moments = [sum(int(x) * y for x, y in zip(X[:, i], d, strict=True)) for i in range(n)]
    return solve([[Fraction(int(g)) for g in row] for row in gram], [Fraction(b) for b in moments])


@pytest.mark.parametrize("design", ["paired", "hadamard"])
@pytest.mark.parametrize(("n", "budget"), [(5, 20), (9, 40), (12, 60)])
def test_order_two_is_exact(n, budget, design):
    game, values = integer_game(n, 2, 0)
    coalitions = banzhaf.sample_coalitions(n, budget, design=design, random_state=1)
    assert np.linalg.matrix_rank(2.0 * coalitions[::2] - 1) == n
    assert rational_regression(coalitions, game(coalitions)) == values
    found = banzhaf.estimate(game, n, budget=budget, design=design, random_state=1)
    np.testing.assert_allclose(found.values, [float(v) for v in values], rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("order", [3, 4])
def test_higher_orders_are_not(order):
    """Or the test above would pass on anything."""
    game, values = integer_game(9, order, 0)
    coalitions = banzhaf.sample_coalitions(9, 40, design="paired", random_state=1)
    assert rational_regression(coalitions, game(coalitions)) != values


def test_without_pairs_order_two_is_not():
    game, values = integer_game(9, 2, 0)
    found = banzhaf.estimate(game, 9, budget=40, design="independent", random_state=1)
    assert np.abs(found.values - [float(v) for v in values]).max() > 0.1


def test_even_orders_do_not_matter():
    """A game and the same game with interactions of two and of four +-1 signs give the same estimate."""
    n, rng = 9, np.random.default_rng(3)
    pairs = [rng.choice(n, size, replace=False) for size in (2, 2, 2, 4, 4)]
    base, _ = integer_game(n, 3, 2)

    def more(coalitions):
        signs = 2 * coalitions.astype(np.int64) - 1
        return base(coalitions) + sum(signs[:, p].prod(axis=1) for p in pairs) * 1000

    coalitions = banzhaf.sample_coalitions(n, 40, design="paired", random_state=4)
    assert rational_regression(coalitions, base(coalitions)) == rational_regression(coalitions, more(coalitions))
