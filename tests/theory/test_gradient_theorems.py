# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The statements of docs/theory/gradients.md, by polynomials whose gradients are known."""

from __future__ import annotations

import itertools
from unittest import mock

import numpy as np
import pytest

import banzhaf
from banzhaf._explain.gradients import Trial

# The shapes of the points, by the number of players. All coalitions cost more than the budget.
HALVES, WIDE = 14, 48
BUDGET = 480


class Polynomial(banzhaf.ModelAdapter):
    """A sum of products of powers, `powers` of the coordinates `players`. It records where its gradients are taken."""

    gradient_cost = 2.0

    def __init__(self, n, players, powers, weights):
        # A linear term: without it, gradients could be 0 where they are compared with outputs first.
        empty = np.zeros(np.shape(players)[1], dtype=int)
        self.n = n
        self.players = np.vstack([players, empty + n - 1])
        self.powers = np.vstack([powers, np.eye(1, len(empty), dtype=int)])
        self.weights = np.append(weights, 1.0)
        self.batches = []

    @classmethod
    def random(cls, n, n_terms, most, n_players, seed):
        """One odd power and even ones in every second term, so that it has a value, and any powers in the others."""
        rng = np.random.default_rng(seed)
        players = np.array([rng.choice(n, n_players, replace=False) for _ in range(n_terms)])
        powers = rng.integers(1, most + 1, players.shape)
        powers[::2] = 2 * rng.integers(0, most // 2 + 1, powers[::2].shape)
        powers[::2, 0] = 2 * rng.integers(0, (most + 1) // 2, len(powers[::2])) + 1
        return cls(n, players, powers, rng.normal(size=n_terms))

    def products(self, rows, powers):
        """Return the product of each term, shape (m, terms)."""
        table = np.ones((self.powers.max() + 1, *rows.shape))
        for power in range(1, len(table)):
            table[power] = table[power - 1] * rows
        result = np.ones((len(rows), len(powers)))
        for players, each in zip(self.players.T, powers.T, strict=True):
            result *= table[each, :, players].T
        return result

    def predict(self, rows):
        return (self.products(rows, self.powers) * self.weights).sum(axis=1)

    def gradient(self, rows):
        gradients = np.zeros(rows.shape)
        for k, moved in enumerate(np.eye(self.players.shape[1], dtype=int)):
            rest = np.maximum(self.powers - moved, 0)
            slopes = self.products(rows, rest) * (self.weights * self.powers[:, k])
            gradients += slopes @ np.eye(self.n)[self.players[:, k]]
        return gradients

    def value_and_gradient(self, rows):
        if len(rows) > 1:  # a first comparison with outputs takes one row
            self.batches.append(rows.copy())
        return self.predict(rows), self.gradient(rows)

    @property
    def values(self):
        """A term has the value 2 for its only player with an odd power; on corners, even powers are 1."""
        odd = self.powers % 2 == 1
        counts = 2 * self.weights * (odd.sum(axis=1) == 1)
        return np.bincount(self.players.ravel(), (odd * counts[:, np.newaxis]).ravel(), self.n)

    def explain(self, seed=0):
        """Explain the corner of ones against that of minus ones: the cells are the coordinates u of the page."""
        self.batches.clear()
        explainer = banzhaf.Explainer(
            self, -np.ones((1, self.n)), budget=BUDGET, gradients="only", random_state=seed, num_threads=1
        )
        # The comparison with changes of outputs takes rows of its own, and refuses powers that have a bias.
        with mock.patch.object(Trial, "edges", return_value=None):
            explanation = explainer(np.ones((1, self.n)))
        assert explanation.estimators == ("gradients",)
        return explanation.values[0]

    def points(self, seed=0):
        """Return all points at which the gradients are taken."""
        self.explain(seed)
        return np.concatenate(self.batches)


def linear(n):
    return Polynomial(n, np.arange(n)[:, np.newaxis], np.ones((n, 1), dtype=int), np.arange(1.0, n + 1))


def line_weights(points):
    """Theorem 48's weights of one fit."""
    squares = np.square(points)
    mean, spread = squares.mean(axis=0), squares.var(axis=0)
    return 1 + (1 / 3 - mean) * (squares - mean) / spread


def test_values_of_polynomials_are_those_of_the_corners():
    """The closed form of this module, against brute force, and its gradients against differences."""
    polynomial = Polynomial.random(8, 30, most=5, n_players=3, seed=1)
    corners = np.array(list(itertools.product([-1.0, 1.0], repeat=8)))
    expected = corners.T @ polynomial.predict(corners) / 2**7
    np.testing.assert_allclose(polynomial.values, expected, atol=1e-12)
    points, step = np.random.default_rng(0).normal(size=(5, 8)), 1e-6
    for i, moved in enumerate(step * np.eye(8)):
        slopes = (polynomial.predict(points + moved) - polynomial.predict(points - moved)) / (2 * step)
        np.testing.assert_allclose(polynomial.gradient(points)[:, i], slopes, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [HALVES, WIDE])
class TestPoints:
    def test_pairs_mirror_each_other(self, n):
        points = linear(n).points()
        rounded = {tuple(point) for point in points.round(9)}
        assert {tuple(-np.array(point)) for point in rounded} == rounded
        assert len(rounded) == len(points) >= 100

    def test_coordinates_have_the_mean_square_one(self, n):
        polynomial = linear(n)
        polynomial.explain()
        for points in polynomial.batches:
            np.testing.assert_allclose(np.square(points).mean(axis=0), 1, atol=1e-9)

    def test_magnitudes_and_signs_of_players_are_independent(self, n):
        """Mean products over many seeds, in standard errors: of u, which a pair cannot balance, and of its square."""
        polynomial, signs, squares = linear(n), [], []
        above = np.triu_indices(n, 1)
        for seed in range(100):
            points = polynomial.points(seed)
            signs.append((np.sign(points).T @ np.sign(points))[above])
            away = np.square(points) - 1
            squares.append((away.T @ away)[above])
        for products in (np.array(signs), np.array(squares)):
            deviation = products.std(axis=0)
            excess = np.abs(products.mean(axis=0)) / np.where(deviation > 0, deviation / np.sqrt(len(products)), np.inf)
            assert excess.max() < 5

    def test_moments_of_the_shape(self, n):
        points = linear(n).points()
        fourth = (points**4).mean()
        weighted = (line_weights(points) * points**4).mean()
        assert len(np.unique(np.abs(points).round(9))) == 2
        np.testing.assert_allclose([fourth, weighted], [13 / 9 if n == HALVES else 17 / 9, 1 / 9])


@pytest.mark.parametrize("n", [HALVES, WIDE])
def test_theorem_48_the_estimate_has_these_weights(n):
    polynomial = Polynomial.random(n, 30, most=5, n_players=3, seed=2)
    found, total, count = polynomial.explain(), np.zeros(n), 0
    for points in polynomial.batches:  # each is one fit
        total += 2 * (line_weights(points) * polynomial.gradient(points)).sum(axis=0)
        count += len(points)
    np.testing.assert_allclose(found, total / count, atol=1e-9)
    near = np.isclose(np.abs(points), np.sqrt(1 / 3))
    np.testing.assert_allclose(line_weights(points), near / near.mean(axis=0), atol=1e-9)


def test_theorem_48_they_have_the_smallest_sum_of_squares():
    points = np.random.default_rng(0).normal(size=(40, 1))
    points /= np.sqrt(np.square(points).mean())
    squares, weights = np.square(points[:, 0]), line_weights(points)[:, 0]
    np.testing.assert_allclose([weights.mean(), (weights * squares).mean()], [1, 1 / 3])
    np.testing.assert_allclose(np.square(weights).mean(), 1 + 4 / 9 / squares.var())
    for shift in np.linalg.svd(np.array([np.ones(40), squares]))[2][2:]:  # they leave both sums as they are
        assert np.square(weights + 0.1 * shift).sum() > np.square(weights).sum()
        np.testing.assert_allclose([shift.sum(), shift @ squares], 0, atol=1e-12)


@pytest.mark.parametrize("n", [HALVES, WIDE])
def test_theorem_49_polynomials_of_degree_two_are_exact(n):
    players = np.array(list(itertools.combinations_with_replacement(range(n), 2)))
    powers = np.where(players[:, :1] == players[:, 1:], [2, 0], [1, 1])  # squares and products
    of_one = linear(n)  # with one term more
    together = Polynomial(
        n,
        np.concatenate([players, np.repeat(of_one.players, 2, axis=1)]),
        np.concatenate([powers, np.hstack([of_one.powers, 0 * of_one.powers])]),
        np.concatenate([np.random.default_rng(3).normal(size=len(players)), of_one.weights]),
    )
    np.testing.assert_allclose(together.values[:-1], 2 * of_one.weights[: n - 1])
    np.testing.assert_allclose(together.explain(), together.values, atol=1e-9)


@pytest.mark.parametrize("n_players", [3, 5])
@pytest.mark.parametrize("n", [HALVES, WIDE])
def test_theorem_50_degree_three_in_each_coordinate_has_no_bias(n, n_players):
    polynomial = Polynomial.random(n, 40, most=3, n_players=n_players, seed=n_players)
    found = np.array([polynomial.explain(seed) for seed in range(100)])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    distance = np.abs(found.mean(axis=0) - polynomial.values)
    assert np.all(distance <= np.maximum(4.5 * error, 1e-9))
    assert np.any(np.abs(polynomial.values) > 10 * error)


@pytest.mark.parametrize(
    ("powers", "mean_of"),
    [
        ((1, 4), lambda fourth, weighted: 2 * fourth),
        ((3, 4), lambda fourth, weighted: 2 * fourth),
        ((5,), lambda fourth, weighted: 10 * weighted),
    ],
    ids=["1-4", "3-4", "5"],
)
@pytest.mark.parametrize("n", [HALVES, WIDE])
def test_biases_of_the_table(n, powers, mean_of):
    """The means of the estimates are those that the fourth moments of the points give."""
    players = np.arange(len(powers))[np.newaxis]
    polynomial = Polynomial(n, players, np.array([powers]), np.ones(1))
    found, expected = [], []
    for seed in range(100):
        found.append(polynomial.explain(seed)[0])
        moments = [
            mean_of((points**4).mean(), (line_weights(points) * points**4).mean()) for points in polynomial.batches
        ]
        expected.append(np.average(moments, weights=[len(points) for points in polynomial.batches]))
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - np.mean(expected)) <= max(4.5 * error, 1e-9)
    assert polynomial.values[0] == 2
    assert abs(np.mean(expected) - 2) > max(0.5, 4.5 * error)  # the bias exists


def test_theorem_51_replacing_signs_changes_the_mean_by_less_than_the_bound():
    """The mean of cos over independent coordinates has a closed form for each distribution."""
    directions = np.random.default_rng(4).normal(size=40) / np.sqrt(40)
    of_signs = np.cos(directions).prod()
    near, far = np.sqrt(1 / 3), np.sqrt(5 / 3)
    of_levels = (np.cos(near * directions) / 2 + np.cos(far * directions) / 2).prod()
    of_uniform = np.sinc(directions / np.pi).prod()
    bound = (13 / 9 + 1) / 24 * (directions**4).sum()
    assert 0 < abs(of_levels - of_signs) < bound
    # The mean square 1/3 is off in the first order, which does not fall with the number of coordinates.
    first_order = (1 - 1 / 3) / 2 * np.square(directions).sum() * of_signs
    assert abs(of_uniform - of_signs) > first_order / 2 > 4 * bound


class TestGradientsOrCoalitions:
    """Theorems 52 and 53, by games whose values and interactions are known."""

    @staticmethod
    def game(n, orders, seed):
        """Return different random sets of players of these orders, and their weights."""
        rng = np.random.default_rng(seed)
        sets = []
        for order in orders:
            others = [each for each in itertools.combinations(range(n), order) if each not in sets]
            sets.append(others[rng.integers(len(others))])
        return sets, rng.normal(size=len(sets))

    @pytest.mark.parametrize(("orders", "is_equal"), [((3,) * 12, True), ((3, 5, 5, 7), False)])
    def test_theorem_52_how_far_gradients_can_be_ahead(self, orders, is_equal):
        n = 7
        sets, weights = self.game(n, orders, 0)
        corners = np.array(list(itertools.product([-1.0, 1.0], repeat=n)))
        magnitudes = np.where(corners > 0, np.sqrt(5 / 3), np.sqrt(1 / 3))
        points = (corners[:, np.newaxis] * magnitudes).reshape(-1, n)  # all signs with all magnitudes of halves

        def product(rows, players):
            return rows[:, list(players)].prod(axis=1)

        differences = 2 * sum(w * product(corners, each) for w, each in zip(weights, sets, strict=True))
        of_coalitions = of_gradients = 0.0
        for i in range(n):
            of_coalitions += (differences * corners[:, i]).var()
            slopes = np.zeros(len(points))
            for w, each in zip(weights, sets, strict=True):
                if i in each:
                    slopes += 2 * w * product(points, [j for j in each if j != i])
            of_gradients += slopes.var()
        share, cost, n_pairs = 0.5, 2.0, 600.0  # near points, evaluations of a gradient, pairs of gradients
        ratio = (of_coalitions / (cost * n_pairs)) / (of_gradients / (share * n_pairs))
        most = n * share / (3 * cost)
        assert ratio == pytest.approx(most) if is_equal else ratio < 0.99 * most

    def test_theorem_53_what_a_pair_shows_of_two_errors(self):
        n = 9
        sets, weights = self.game(n, (1, 1, 1, 2, 3, 3, 5), 1)
        signs = np.array(list(itertools.product([-1.0, 1.0], repeat=n)))
        worths = sum(w * signs[:, list(each)].prod(axis=1) for w, each in zip(weights, sets, strict=True))
        differences = worths - worths[::-1]
        values = 2 * (signs.T @ worths) / len(signs)
        residual = (differences - signs @ values).var()
        estimate = values + np.random.default_rng(2).normal(size=n)
        shown = np.square(differences - signs @ estimate).mean()
        assert shown == pytest.approx(residual + np.square(estimate - values).sum())
