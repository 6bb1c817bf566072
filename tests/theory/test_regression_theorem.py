# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Theorem 3.1 of the paper in rational arithmetic: Banzhaf values solve the regression over all coalitions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from oracles import all_coalitions

import banzhaf

HALF = Fraction(1, 2)


def rational_game(n, seed):
    """Random worths with denominators up to 1,000, and all coalitions."""
    rng = np.random.default_rng([n, seed])
    numerators, denominators = rng.integers(-(10**6), 10**6, 2**n), rng.integers(1, 1000, 2**n)
    return [Fraction(int(p), int(q)) for p, q in zip(numerators, denominators, strict=True)]


def by_definition(worths, n):
    """phi_i = 2^-(n-1) times the sum of v(S + i) - v(S) over the coalitions S without i."""
    return [
        sum((worths[s | 1 << i] - worths[s] for s in range(2**n) if not s >> i & 1), Fraction(0)) / 2 ** (n - 1)
        for i in range(n)
    ]


def regression(n):
    """A of the paper, as rows of fractions."""
    return [[HALF if member else -HALF for member in coalition] for coalition in all_coalitions(n)]


def solve(matrix, right):
    """Solve a square system of fractions by Gauss and Jordan."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        pivot = next(r for r in range(k, len(rows)) if rows[r][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for r in range(len(rows)):
            if r != k and rows[r][k] != 0:
                rows[r] = [a - rows[r][k] * b for a, b in zip(rows[r], rows[k], strict=True)]
    return [row[-1] for row in rows]


def objective(A, worths, x):
    """||A x - b||^2."""
    return sum((sum(a * y for a, y in zip(row, x, strict=True)) - b) ** 2 for row, b in zip(A, worths, strict=True))


@pytest.mark.parametrize("n", range(1, 13))
def test_columns_are_orthogonal(n):
    """A^T A = 2^(n-2) I: 4 A^T A = 2^n I is one of integers."""
    signs = 2 * all_coalitions(n).astype(np.int64) - 1
    np.testing.assert_array_equal(signs.T @ signs, 2**n * np.eye(n, dtype=np.int64))
    if n <= 7:
        A = regression(n)
        gram = [[sum(row[i] * row[j] for row in A) for j in range(n)] for i in range(n)]
        assert gram == [[Fraction(2**n, 4) if i == j else Fraction(0) for j in range(n)] for i in range(n)]


@pytest.mark.parametrize("n", range(1, 8))
@pytest.mark.parametrize("seed", range(3))
def test_values_solve_the_regression(n, seed):
    worths, A = rational_game(n, seed), regression(n)
    gram = [[sum(row[i] * row[j] for row in A) for j in range(n)] for i in range(n)]
    moments = [sum(row[i] * b for row, b in zip(A, worths, strict=True)) for i in range(n)]
    assert solve(gram, moments) == by_definition(worths, n)


@pytest.mark.parametrize("n", range(1, 8))
def test_objective_grows_with_the_distance_from_the_values(n):
    """||A x - b||^2 = ||A phi - b||^2 + 2^(n-2) ||x - phi||^2: the minimum is unique, and the corollary follows."""
    worths, A = rational_game(n, 10), regression(n)
    phi = by_definition(worths, n)
    rng = np.random.default_rng(n)
    for _ in range(5):
        x = [value + Fraction(int(rng.integers(-50, 50)), int(rng.integers(1, 50))) for value in phi]
        distance = sum((a - b) ** 2 for a, b in zip(x, phi, strict=True))
        assert objective(A, worths, x) == objective(A, worths, phi) + Fraction(2**n, 4) * distance


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_the_package_finds_the_rational_values(n):
    rng = np.random.default_rng(n)
    worths = [Fraction(int(w)) for w in rng.integers(-(2**30), 2**30, 2**n)]
    floats = np.array([float(w) for w in worths])
    exact = by_definition(worths, n)
    assert [Fraction(float(v)) for v in banzhaf.exact(floats, n).values] == exact
    if n > 1:
        order = rng.permutation(2**n)
        fitted = banzhaf.fit(all_coalitions(n)[order], floats[order]).values
        assert [Fraction(float(v)) for v in fitted] == exact
