# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The statements of docs/theory/hadamard.md on blocks with fresh columns."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import banzhaf


def differences(X, sets, weights):
    """d of a game that sums weighted products of an odd number of signs."""
    return sum(2 * w * X[:, list(T)].prod(axis=1) for T, w in zip(sets, weights, strict=True))


def estimates(n, order, n_blocks, seed, sets, weights, design="fresh"):
    """The estimate of each block alone, shape (n_blocks, n)."""
    Z = banzhaf.sample_coalitions(n, 2 * order * n_blocks, design=design, random_state=seed)
    X = 2.0 * Z[::2] - 1
    by_block = (X * differences(X, sets, weights)[:, None]).reshape(n_blocks, order, n)
    return by_block.mean(axis=1)


def columns_of(X):
    """Each player's column number in a block, and its sign, from the rows in their usual order."""
    bits = [X[0] * X[1 << t] < 0 for t in range(int(np.log2(len(X))))]
    return sum(bit.astype(int) << t for t, bit in enumerate(bits)), X[0]


def test_blocks_are_what_the_page_says():
    n, order, n_blocks = 11, 16, 6
    Z = banzhaf.sample_coalitions(n, 2 * order * n_blocks, design="fresh", random_state=9)
    H = np.array([[(-1) ** (a & x).bit_count() for x in range(order)] for a in range(order)])
    seen = set()
    for X in np.split(2 * Z[::2].astype(int) - 1, n_blocks):
        columns, signs = columns_of(X)
        assert len(set(columns)) == n
        np.testing.assert_array_equal(X, H[:, columns] * signs)
        np.testing.assert_array_equal(X.T @ X, order * np.eye(n, dtype=int))
        seen.add(tuple(columns))
    assert len(seen) == n_blocks


def test_columns_and_signs_are_uniform_and_independent():
    """Chi-square statistics of the columns of players and of blocks, over 1,500 seeds."""
    n, order, n_blocks, n_seeds = 6, 8, 3, 1500
    columns, signs = np.empty((n_seeds, n_blocks, n), int), np.empty((n_seeds, n_blocks, n))
    for seed in range(n_seeds):
        Z = banzhaf.sample_coalitions(n, 2 * order * n_blocks, design="fresh", random_state=seed)
        for block, X in enumerate(np.split(2 * Z[::2].astype(int) - 1, n_blocks)):
            columns[seed, block], signs[seed, block] = columns_of(X)

    def excess(cells, n_cells):
        """(Chi-square - degrees of freedom) / its standard deviation."""
        expected = n_seeds / n_cells
        counts = np.bincount(cells, minlength=n_cells)
        return (((counts - expected) ** 2).sum() / expected - (n_cells - 1)) / np.sqrt(2 * (n_cells - 1))

    for block, i in itertools.product(range(n_blocks), range(n)):
        assert excess(columns[:, block, i], order) < 5
        assert abs(signs[:, block, i].sum()) < 4.5 * np.sqrt(n_seeds)
    for i, j in itertools.product(range(n), repeat=2):  # in different blocks, all pairs are equally likely
        assert excess(columns[:, 0, i] * order + columns[:, 1, j], order**2) < 5
        assert excess(columns[:, 1, i] * order + columns[:, 2, j], order**2) < 5
        assert abs((signs[:, 1, i] * signs[:, 2, j]).sum()) < 4.5 * np.sqrt(n_seeds)
    for i, j in itertools.combinations(range(n), 2):  # in one block, those of different columns
        both = columns[:, 1, i] * order + columns[:, 1, j]
        assert (columns[:, 1, i] != columns[:, 1, j]).all()
        pairs = np.searchsorted([a * order + b for a, b in itertools.permutations(range(order), 2)], both)
        assert excess(pairs, order * (order - 1)) < 5
        assert abs((signs[:, 1, i] * signs[:, 1, j]).sum()) < 4.5 * np.sqrt(n_seeds)


@pytest.mark.parametrize("order", [8, 16])
def test_share_of_triples_on_a_column(order):
    """Theorem 27 (3): 1 / (N - 3), by enumeration of all columns of four players."""
    hits = [a ^ b ^ c == i for a, b, c, i in itertools.permutations(range(order), 4)]
    assert sum(hits) * (order - 3) == len(hits)
    assert not any(a ^ b ^ c in (a, b, c) for a, b, c in itertools.permutations(range(order), 3))


@pytest.mark.slow
@pytest.mark.parametrize(("n", "order", "n_blocks", "stage"), [(7, 8, 2, 8), (10, 16, 3, 8), (13, 16, 6, 8)])
def test_mean_and_variance(n, order, n_blocks, stage):
    """Theorems 27 and 28 over 2,000 seeds: no bias, the variance, its estimate, and that of nested blocks."""
    rng, n_seeds = np.random.default_rng(n), 2000
    values = [(i,) for i in range(n)]
    triples = [tuple(rng.choice(n, 3, replace=False)) for _ in range(2 * n)]
    triples = list(dict.fromkeys(tuple(sorted(T)) for T in triples))
    weights = rng.normal(size=n + len(triples))
    phi = 2 * weights[:n]
    fresh, nested = (
        np.array([estimates(n, order, n_blocks, s, values + triples, weights, d) for s in range(n_seeds)])
        for d in ("fresh", "nested")
    )
    expected = np.array(
        [
            4 / n_blocks / (order - 3) * sum(w**2 for T, w in zip(triples, weights[n:], strict=True) if i not in T)
            for i in range(n)
        ]
    )
    error = fresh.mean(axis=1) - phi
    assert (np.abs(error.mean(axis=0)) < 4.5 * np.sqrt(expected / n_seeds)).all()
    assert (np.abs(fresh.mean(axis=0) - phi) < 4.5 * np.sqrt(n_blocks * expected / n_seeds)).all()  # of each block
    squares = (error**2).mean(axis=1)  # over players, which are not independent
    slack = 4 * squares.std() / np.sqrt(n_seeds)
    assert abs(squares.mean() - expected.mean()) < slack
    between = fresh.var(axis=1, ddof=1).mean(axis=1) / n_blocks
    assert abs(between.mean() - expected.mean()) < 4 * between.std() / np.sqrt(n_seeds)
    products = (fresh[:, 0] - phi) * (fresh[:, 1] - phi)  # blocks are not correlated
    assert (np.abs(products.mean(axis=0)) < 4.5 * products.std(axis=0) / np.sqrt(n_seeds)).all()
    ratio = (stage - n_blocks) / (stage - 1)
    squares = ((nested.mean(axis=1) - phi) ** 2).mean(axis=1)
    assert abs(squares.mean() - ratio * expected.mean()) < 4 * squares.std() / np.sqrt(n_seeds)


def test_recursion_of_zero_sums():
    """The proof of Theorem 29 against an enumeration, and its bound for larger orders."""

    def shares(order):
        found = {0: 1.0, 2: 0.0}
        for k in range(4, order + 1, 2):
            found[k] = (1 - (k - 1) * found[k - 2]) / (order - k + 1)
        return found

    for order in (8, 16):
        counts, zeros = np.zeros(order + 1), np.zeros(order + 1)
        sums = np.zeros(2**order, int)
        sizes = np.zeros(2**order, int)
        for x in range(order):
            half = 1 << x
            sums[half : 2 * half] = sums[:half] ^ x
            sizes[half : 2 * half] = sizes[:half] + 1
        np.add.at(counts, sizes, 1)
        np.add.at(zeros, sizes, sums == 0)
        for k, share in shares(order).items():
            assert zeros[k] / counts[k] == pytest.approx(share, abs=1e-12)
    for order in (32, 64, 128, 256):
        found = shares(order)
        assert all(found[k] <= (1 + 1e-12) / (order - 3) for k in range(4, order // 2 + 1, 2))
