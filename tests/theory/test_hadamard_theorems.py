# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The statements of docs/theory.md on Hadamard blocks, in integers wherever they are exact ones."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import banzhaf


def blocks(n, order, n_blocks, seed):
    """X of some blocks: the +-1 rows of the first coalitions of pairs."""
    coalitions = banzhaf.sample_coalitions(
        n, 2 * order * n_blocks, design="hadamard", interactions="none", random_state=seed
    )
    assert len(coalitions) == 2 * order * n_blocks
    assert (coalitions[::2] ^ coalitions[1::2]).all()
    return 2 * coalitions[::2].astype(np.int64) - 1


def mean_products(X, size):
    """Sum over the rows of the product of every set of `size` columns."""
    return {T: int(X[:, T].prod(axis=1).sum()) for T in itertools.combinations(range(X.shape[1]), size)}


@pytest.mark.parametrize(("n", "order"), [(7, 8), (8, 8), (13, 16), (30, 32), (64, 64), (100, 128)])
@pytest.mark.parametrize("n_blocks", [1, 2, 5])
def test_blocks_are_orthogonal(n, order, n_blocks):
    X = blocks(n, order, n_blocks, 0)
    for block in np.split(X, n_blocks):
        np.testing.assert_array_equal(block.T @ block, order * np.eye(n, dtype=np.int64))


@pytest.mark.parametrize(("n", "order"), [(8, 8), (12, 16), (16, 16)])
def test_complete_stage_has_strength_five(n, order):
    """No product of five or fewer signs leans to a side."""
    for seed in range(3):
        X = blocks(n, order, order, seed)
        both = np.concatenate([X, -X])
        for size in (1, 2, 3, 4, 5):
            assert not any(mean_products(both, size).values())


def test_one_block_fewer_has_not():
    """Or the test above would pass on anything."""
    X = blocks(12, 16, 15, 0)  # even sizes need no complements
    assert any(mean_products(X, 4).values())


@pytest.mark.parametrize(("n", "order"), [(8, 8), (12, 16), (16, 16)])
def test_complete_nested_design_is_exact_up_to_order_four(n, order):
    """For every product of up to four signs the estimate is its first-order part: 2 for a set of one, else 0."""
    X = blocks(n, order, order, 1)
    for size in (1, 2, 3, 4):
        for T in itertools.combinations(range(n), size):
            d = X[:, T].prod(axis=1) * (2 if size % 2 else 0)
            expected = np.zeros(n, dtype=np.int64)
            if size == 1:
                expected[T] = 2 * len(X)
            np.testing.assert_array_equal(X.T @ d, expected)
    if n > 8:  # as many columns as that leave room for interactions of five that alias
        assert any((X.T @ X[:, T].prod(axis=1)).any() for T in itertools.combinations(range(n), 5))


@pytest.mark.parametrize("n_blocks", [1, 3])
def test_rows_are_uniform_whatever_the_block(n_blocks):
    """Unbiasedness rests on E chi_T x_i = 0 for T other than {i}; the mean over seeds has a known spread."""
    n, order, n_seeds = 8, 8, 1500
    sets = list(itertools.combinations(range(n), 3))[::5]
    aliases = np.zeros((n_seeds, len(sets), n))
    for seed in range(n_seeds):
        X = blocks(n, order, n_blocks, seed)
        for k, T in enumerate(sets):
            aliases[seed, k] = X.T @ X[:, T].prod(axis=1) / len(X)
    inside = np.zeros((len(sets), n), dtype=bool)
    for k, T in enumerate(sets):
        inside[k, list(T)] = True
    # A player of T leaves two different columns: orthogonal. Another aliases with a random sign.
    assert not aliases[:, inside].any()
    assert aliases[:, ~inside].any()
    mean, spread = aliases[:, ~inside].mean(axis=0), aliases[:, ~inside].std(axis=0)
    assert (np.abs(mean) < 4.5 * spread / math.sqrt(n_seeds) + 1e-12).all()


@pytest.mark.parametrize(("n", "order", "n_blocks"), [(7, 8, 1), (16, 16, 1), (13, 16, 4), (30, 32, 2)])
def test_no_other_pairs_have_less_variance(n, order, n_blocks):
    """A-, D- and E-optimality among all designs with as many pairs; random ones stand for these."""
    X = blocks(n, order, n_blocks, 2).astype(np.float64)
    gram = X.T @ X
    n_pairs = order * n_blocks
    np.testing.assert_array_equal(gram, n_pairs * np.eye(n))
    rng = np.random.default_rng(0)
    for _ in range(50):
        other = rng.choice([-1.0, 1.0], size=(n_pairs, n))
        eigenvalues = np.linalg.eigvalsh(other.T @ other)
        assert math.isclose(eigenvalues.sum(), n * n_pairs)
        assert eigenvalues[0] < n_pairs
        assert np.log(np.maximum(eigenvalues, 1e-300)).sum() < n * math.log(n_pairs)
        if eigenvalues[0] > 1e-9:
            assert (1 / eigenvalues).sum() > n / n_pairs


@pytest.mark.parametrize(("n", "order", "n_blocks"), [(12, 16, 1), (12, 16, 3), (30, 32, 2)])
def test_a_part_of_a_block_keeps_the_condition_number(n, order, n_blocks):
    for left_over in (2, order // 2, order - 1):
        budget = 2 * (order * n_blocks + left_over)
        coalitions = banzhaf.sample_coalitions(n, budget, design="hadamard", interactions="none", random_state=3)
        X = 2.0 * coalitions[::2] - 1
        assert len(coalitions) == budget
        assert np.linalg.cond(X) <= math.sqrt(1 + 1 / n_blocks) * (1 + 1e-12)
