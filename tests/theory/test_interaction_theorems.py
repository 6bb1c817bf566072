# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The statements of docs/theory/interactions.md, in integers and fractions wherever they are exact ones."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from oracles import all_coalitions

import banzhaf
from banzhaf import _core


def hadamard(order):
    """Sylvester's matrix: entry (a, y) is -1 to the inner product of the bits of a and y."""
    made = np.ones((1, 1), dtype=np.int64)
    while len(made) < order:
        made = np.block([[made, made], [made, -made]])
    return made


def fresh_block(n, order, rng):
    """X of a block with columns and signs of its own, and the labels of the columns."""
    labels = rng.permutation(order)[:n]
    return hadamard(order)[:, labels] * rng.choice([-1, 1], n), labels


def nested_blocks(n, order, n_blocks, seed):
    coalitions = banzhaf.sample_coalitions(
        n, 2 * order * n_blocks, design="hadamard", interactions="none", random_state=seed
    )
    return 2 * coalitions[::2].astype(np.int64) - 1


def products(X, sets):
    return np.stack([X[:, list(T)].prod(axis=1) for T in sets], axis=1)


def triples(n):
    return list(itertools.combinations(range(n), 3))


class TestHalves:
    """Theorems 19 and 20."""

    def test_differences_hold_odd_orders_and_sums_hold_even_ones(self):
        n, rng = 6, np.random.default_rng(0)
        sets = [T for size in range(n + 1) for T in itertools.combinations(range(n), size)]
        weights = rng.integers(-9, 10, len(sets))
        X = 2 * all_coalitions(n).astype(np.int64) - 1
        terms = products(X, sets) * weights
        worths = terms.sum(axis=1)
        opposite = worths[::-1]  # row r and row 2^n - 1 - r are complements
        assert (X[::-1] == -X).all()
        odd = np.array([len(T) % 2 == 1 for T in sets])
        np.testing.assert_array_equal(worths - opposite, 2 * terms[:, odd].sum(axis=1))
        np.testing.assert_array_equal(worths + opposite, 2 * terms[:, ~odd].sum(axis=1))

    @pytest.mark.parametrize("design", ["paired", "hadamard"])
    def test_odd_orders_from_three_on_are_the_whole_error(self, design):
        n, budget = 9, 48
        rng = np.random.default_rng(1)
        sets = [(i,) for i in range(n)] + [tuple(rng.choice(n, size, replace=False)) for size in (2, 3, 3, 4, 5, 5, 7)]
        weights = rng.normal(size=len(sets))

        def game(coalitions):
            return products(2 * coalitions.astype(np.int64) - 1, sets) @ weights

        coalitions = banzhaf.sample_coalitions(n, budget, design=design, random_state=0)
        found = banzhaf.estimate(game, n, budget=budget, design=design, interactions="none", random_state=0)
        X = 2.0 * coalitions[::2] - 1
        higher = [k for k, T in enumerate(sets) if len(T) in (3, 5, 7)]
        left = products(X, [sets[k] for k in higher]) @ (2 * weights[higher])
        error = np.linalg.solve(X.T @ X, X.T @ left)
        assert np.abs(error).max() > 0.01
        np.testing.assert_allclose(found.values - 2 * weights[:n], error, atol=1e-12)

    @pytest.mark.parametrize(("inside", "outside"), [((0, 2, 3), ()), ((1,), (0, 4)), ((0, 1), (2, 3, 4))])
    def test_all_interactions_of_a_leaf_are_equally_large(self, inside, outside):
        n = 5
        coalitions = all_coalitions(n)
        worths = coalitions[:, list(inside)].all(axis=1) & ~coalitions[:, list(outside)].any(axis=1)
        X = 2 * coalitions.astype(np.int64) - 1
        of_leaf = {*inside, *outside}
        for size in range(n + 1):
            for T in itertools.combinations(range(n), size):
                coefficient = Fraction(int(products(X, [T])[:, 0] @ worths), 2**n)
                expected = Fraction(1, 2 ** len(of_leaf)) if of_leaf.issuperset(T) else 0
                assert abs(coefficient) == expected


def every_sign(n):
    return 2 * all_coalitions(n).astype(np.int64) - 1


class TestGivenPrior:
    """Theorem 22: the mean over all signs of the columns."""

    @staticmethod
    def values(X, d, listed, ratios):
        A = products(X, listed).astype(float)
        M = np.eye(len(X)) - X @ np.linalg.solve(X.T @ X, X.T)
        b = np.linalg.solve(A.T @ M @ A + np.diag(ratios), A.T @ M @ d)
        return np.linalg.solve(X.T @ X, X.T @ (d - A @ b)), b

    @staticmethod
    def game(n, rng):
        sets = triples(n) + list(itertools.combinations(range(n), 5))
        return sets, rng.normal(size=len(sets)), rng.normal(size=n)

    @pytest.mark.parametrize("listed", [triples(6), triples(6)[:4], [(0, 1, 2), (0, 1, 2, 3, 4)]])
    def test_fits_leave_values_unbiased(self, listed):
        n, rng = 6, np.random.default_rng(2)
        sets, weights, values = self.game(n, rng)
        base = rng.choice([-1, 1], (14, n))
        ratios = rng.uniform(0.1, 5, len(listed))
        errors = []
        for signs in every_sign(n):
            X = base * signs
            found, b = self.values(X, X @ values + products(X, sets) @ weights, listed, ratios)
            assert np.abs(b).max() > 1e-3
            errors.append(found - values)
        assert np.abs(errors).max() > 0.1
        np.testing.assert_allclose(np.mean(errors, axis=0), 0, atol=1e-12)

    def test_kernels_of_products_leave_values_unbiased(self):
        n, rng = 6, np.random.default_rng(4)
        sets, weights, values = self.game(n, rng)
        base = rng.choice([-1, 1], (14, n))
        scales = rng.uniform(0.1, 0.6, n)
        errors = []
        for signs in every_sign(n):
            X = base * signs
            d = X @ values + products(X, sets) @ weights
            K = np.sinh((X * scales) @ X.T)
            M = np.eye(len(X)) - X @ np.linalg.solve(X.T @ X, X.T)
            g = K @ M @ np.linalg.pinv(M @ K @ M + 0.3 * M, rcond=1e-10) @ M @ d
            errors.append(np.linalg.solve(X.T @ X, X.T @ (d - g)) - values)
        assert np.abs(errors).max() > 0.1
        np.testing.assert_allclose(np.mean(errors, axis=0), 0, atol=1e-10)


def in_span(vector, vectors):
    """Whether a set of players, as bits, is a symmetric difference of others."""
    basis: list[int] = []
    for v in vectors:
        for w in basis:
            v = min(v, v ^ w)
        if v:
            basis.append(v)
    for w in sorted(basis, reverse=True):
        vector = min(vector, vector ^ w)
    return vector == 0


class TestChosenByTheData:
    """Theorem 23: the mean over all signs, of a greedy choice that looks at both halves of the pairs."""

    N = 6

    def biases(self, sets, weights, values):
        n, rng = self.N, np.random.default_rng(8)
        largest = np.zeros(n)
        for _ in range(8):
            base = rng.choice([-1, 1], (11, n))
            if np.linalg.matrix_rank(base) < n:
                continue
            errors = []
            for signs in every_sign(n):
                X = base * signs
                odd = [k for k, T in enumerate(sets) if len(T) % 2 == 1]
                even = [k for k, T in enumerate(sets) if len(T) % 2 == 0]
                d = X @ values + products(X, [sets[k] for k in odd]) @ weights[odd]
                e = products(X, [sets[k] for k in even]) @ weights[even] if even else np.zeros(len(X))
                M = np.eye(len(X)) - X @ np.linalg.solve(X.T @ X, X.T)
                A = products(X, triples(n))
                strengths = {T: abs(products(X, [T])[:, 0] @ e) for T in itertools.combinations(range(n), 2)}
                prior = [sum(strengths[pair] for pair in itertools.combinations(T, 2)) for T in triples(n)]
                scores = np.abs(A.T @ M @ d) * (1 + np.array(prior))
                chosen = A[:, np.argsort(-scores.round(9), kind="stable")[:2]]
                b = np.linalg.solve(chosen.T @ M @ chosen + 0.1 * np.eye(2), chosen.T @ M @ d)
                errors.append(np.linalg.solve(X.T @ X, X.T @ (d - chosen @ b)) - values)
            assert np.abs(errors).max() > 0.01
            largest = np.maximum(largest, np.abs(np.mean(errors, axis=0)))
        return largest

    @pytest.mark.parametrize(
        ("sets", "cycle"),
        [
            ([(0, 1, 2), (2, 3, 4), (1, 5)], ()),
            ([(0, 1, 2), (0, 1, 3), (2, 3), (4, 5)], ()),
            ([(0, 1, 2), (0, 1, 3), (2, 3, 4)], (4,)),
        ],
    )
    def test_a_bias_needs_a_cycle(self, sets, cycle):
        weights, values = np.array([2.0, 1.5, 1.0, 0.7][: len(sets)]), np.linspace(-1, 1, self.N)
        masks = [sum(1 << i for i in T) for T in sets]
        assert [i for i in range(self.N) if in_span(1 << i, masks)] == list(cycle)
        found = self.biases(sets, weights, values)
        assert (found[list(cycle)] > 1e-3).all()
        found[list(cycle)] = 0
        np.testing.assert_allclose(found, 0, atol=1e-9)


class TestEquivariance:
    """The conditions of Theorem 23, for what the package takes out of the differences."""

    @staticmethod
    def values(X, d, e):
        found = _core.adjust_pairs(X > 0, d, e)
        assert found["outcome"] == "used"
        return np.linalg.lstsq(X, d - found["explained"], rcond=None)[0], found["weights"]["kernel"]

    @pytest.fixture
    def pairs(self):
        rng = np.random.default_rng(1)
        X = rng.choice([-1.0, 1.0], (120, 12))
        sets = [tuple(rng.choice(12, 3, replace=False)) for _ in range(24)]
        weights = rng.normal(size=24) * np.exp(rng.normal(size=24))
        d = products(X, sets) @ weights + X @ rng.normal(size=12)
        return X, d, products(X, [T[:2] for T in sets]) @ weights

    def test_signs_of_columns(self, pairs):
        X, d, e = pairs
        signs = np.random.default_rng(2).choice([-1, 1], X.shape[1])
        found, _ = self.values(X, d, e)
        assert np.abs(found - np.linalg.lstsq(X, d, rcond=None)[0]).max() > 0.1  # something was taken out
        np.testing.assert_allclose(self.values(X * signs, d, e)[0], found * signs, atol=1e-10)

    def test_values_that_are_added(self, pairs):
        X, d, e = pairs
        more = np.random.default_rng(3).normal(size=X.shape[1])
        found, kernel = self.values(X, d, e)
        assert kernel == 0
        np.testing.assert_allclose(self.values(X, d + X @ more, e)[0], found + more, atol=1e-9)


class TestCrossFitting:
    """Theorem 24: a fit on other blocks is orthogonal to a fresh block's columns, in the mean over all such blocks."""

    def test_predictions_without_first_order_do_not_bias(self):
        n, order = 4, 4
        sums = {T: np.zeros(n, dtype=np.int64) for T in [*triples(n), (0,)]}
        for labels in itertools.permutations(range(order), n):
            for signs in every_sign(n):
                X = hadamard(order)[:, list(labels)] * signs
                np.testing.assert_array_equal(X.T @ X, order * np.eye(n, dtype=np.int64))
                for T, total in sums.items():
                    total += X.T @ products(X, [T])[:, 0]
        assert sums.pop((0,))[0] > 0  # a prediction with a part of order 1 would bias
        assert not any(total.any() for total in sums.values())


class TestAliases:
    """Theorem 25."""

    N, ORDER = 9, 16

    def shares(self, blocks):
        """The share of pairs of triples with the same column in the first block, and of those that are aliases."""
        parts = [products(X, triples(self.N)) for X in blocks]
        grams = [part.T @ part for part in parts]
        for gram in grams:
            assert np.isin(gram, (0, self.ORDER, -self.ORDER)).all()
        upper = np.triu_indices(len(triples(self.N)), 1)
        same = grams[0][upper] != 0
        aliases = np.abs(sum(gram[upper] for gram in grams)) == self.ORDER * len(blocks)
        return same.mean(), aliases.mean()

    @pytest.mark.parametrize("n_blocks", [2, 4])
    def test_nested_blocks(self, n_blocks):
        found = []
        for seed in range(30):
            X = nested_blocks(self.N, self.ORDER, n_blocks, seed)
            found.append(self.shares(np.split(X, n_blocks)))
            # The column of a triple is the same in all blocks.
            A = products(X, triples(self.N)).reshape(n_blocks, self.ORDER, -1)
            grams = np.abs(np.einsum("jpt,jpu->jtu", A, A))
            assert (grams == grams[0]).all()
        same, aliases = np.mean(found, axis=0)
        assert same <= 1 / (self.ORDER - 5)
        assert 0 < aliases <= 2.0 ** (1 - n_blocks) * same * 1.2  # 1.2: three standard errors over the seeds

    @pytest.mark.parametrize("n_blocks", [2, 4])
    def test_fresh_blocks(self, n_blocks):
        rng, found = np.random.default_rng(5), []
        for _ in range(30):
            found.append(self.shares([fresh_block(self.N, self.ORDER, rng)[0] for _ in range(n_blocks)]))
        same, aliases = np.mean(found, axis=0)
        assert 0 < same <= 1 / (self.ORDER - 5)
        assert aliases <= 2.0 ** (1 - n_blocks) / (self.ORDER - 5) ** n_blocks * 1.3

    def test_example_of_the_page(self):
        """With 100 players and four nested blocks, a triple has about 160 aliases."""
        n, order, n_blocks = 100, 128, 4
        X = nested_blocks(n, order, n_blocks, 0)
        # The product of all four blocks' rows of a triple as a key: columns that agree up to a sign share it.
        rng, counts = np.random.default_rng(6), []
        bits = np.packbits(X[:, rng.permutation(n)] < 0, axis=0).astype(np.uint8)
        every = np.array(triples(n))
        columns = bits[:, every[:, 0]] ^ bits[:, every[:, 1]] ^ bits[:, every[:, 2]]
        columns ^= np.where(columns[0] >> 7, 255, 0).astype(np.uint8)
        _, counts = np.unique(columns.T.copy().view(f"V{len(columns)}").ravel(), return_counts=True)
        assert 130 < (counts**2).sum() / counts.sum() - 1 < 190


class TestTransforms:
    """Theorem 26."""

    def test_entries_are_the_correlations_of_all_triples(self):
        n, order, rng = 11, 16, np.random.default_rng(7)
        X, labels = fresh_block(n, order, rng)
        residuals = rng.integers(-50, 50, order)
        residuals[[3, 8]] = 0  # rows that were not evaluated
        transform = hadamard(order) @ residuals
        for T in triples(n):
            column = labels[T[0]] ^ labels[T[1]] ^ labels[T[2]]
            assert residuals @ products(X, [T])[:, 0] == X[0, list(T)].prod() * transform[column]


class TestInteractionsOfTwo:
    """Theorems 30, 31 and 32."""

    @pytest.mark.parametrize(("n", "order", "n_blocks"), [(8, 8, 8), (6, 8, 8), (16, 16, 8), (11, 16, 16)])
    def test_complete_nested_designs_separate_two_players_from_three_and_from_four_that_share_one(
        self, n, order, n_blocks
    ):
        X = nested_blocks(n, order, n_blocks, seed=n)
        twos = list(itertools.combinations(range(n), 2))
        pairs = products(X, twos)
        assert (pairs.sum(axis=0) == 0).all()
        assert (pairs.T @ pairs == len(X) * np.eye(len(twos), dtype=np.int64)).all()
        fours = list(itertools.combinations(range(n), 4))
        mixed = pairs.T @ products(X, fours)
        for two, row in zip(twos, mixed, strict=True):
            shares = np.array([bool(set(two) & set(four)) for four in fours])
            assert (row[shares] == 0).all()

    def test_one_step_estimates_are_unbiased_whatever_was_fitted_to_other_folds(self):
        n, rng = 4, np.random.default_rng(0)
        rows = 2 * all_coalitions(n).astype(np.int64) - 1
        sets = [T for size in (0, 2, 4) for T in itertools.combinations(range(n), size)]
        half = products(rows, sets) @ rng.integers(-5, 6, len(sets))
        truth = {T: Fraction(int(half @ products(rows, [T])[:, 0]), len(rows)) for T in sets}
        for T in (sets[1], sets[4], sets[-1]):
            total, count = Fraction(0), 0
            # Two folds of one pair each. The fit to one pair is any function of it, here a multiple of its products.
            for a, b in itertools.product(range(len(rows)), repeat=2):
                for seen, new in ((a, b), (b, a)):
                    fitted = {U: Fraction(int(half[seen] * rows[seen, list(U)].prod()), 3) for U in sets[1:]}
                    predicted = sum(c * int(rows[new, list(U)].prod()) for U, c in fitted.items())
                    total += fitted[T] + (int(half[new]) - predicted) * int(rows[new, list(T)].prod())
                    count += 1
            assert total / count == truth[T]

    @pytest.mark.parametrize("order", [8, 16])
    def test_blocks_with_fresh_columns_add_little_variance(self, order):
        n, rng, count = 6, np.random.default_rng(1), 1500
        squares = np.zeros(3)
        for _ in range(count):
            X, _ = fresh_block(n, order, rng)
            # The symmetric differences with {0, 1} have two, four and four players.
            means = products(X, [(1, 2), (2, 3, 0, 1), (0, 1, 4, 5)]).mean(axis=0)
            squares += means**2
        assert squares[0] == 0
        error = np.sqrt(count / (order - 3)) / count
        assert (np.abs(squares[1:] / count - 1 / (order - 3)) < 4 * error).all()

    def test_intervals_allow_for_what_the_prior_takes_away(self):
        delta = np.linspace(0, 50, 100_001)
        for q in (1.5, 1.96, 2.6):
            least = (q * np.sqrt(1 + delta**2) - delta).min()
            assert np.sqrt(q**2 - 1) <= least + 1e-12
            assert least - np.sqrt(q**2 - 1) < 1e-6
