# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Exact values for nearest neighbours: all coalitions, and scikit-learn's own models."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import pickle

import numpy as np
import pytest

import banzhaf
from banzhaf.games import KNNValuation


def points(n, n_test=4, seed=0, tied=False):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 3, (n, 2)).astype(float) if tied else rng.normal(size=(n, 2))
    y, X_test, y_test = rng.integers(0, 3, n), rng.normal(size=(n_test, 2)), rng.integers(0, 3, n_test)
    y_test[0] = y[0]  # else no prediction can be right
    return X, y, X_test, y_test


class TestExact:
    @pytest.mark.parametrize("tied", [False, True])
    @pytest.mark.parametrize("k", [1, 2, 3, 8, 20])
    @pytest.mark.parametrize("n", [1, 2, 6, 11])
    def test_equals_all_coalitions(self, n, k, tied):
        game = KNNValuation(*points(n, seed=10 * n + k, tied=tied), n_neighbors=k)
        for p in (0.5, 0.2):
            exact, all_of_them = game.exact(p=p), banzhaf.exact(game, n, p=p)
            np.testing.assert_allclose(exact.values, all_of_them.values, rtol=0, atol=1e-14)
            np.testing.assert_allclose(exact.mean_worth, all_of_them.mean_worth, rtol=0, atol=1e-14)

    def test_equals_all_coalitions_of_16_points(self):
        game = KNNValuation(*points(16, 5, seed=3), n_neighbors=4)
        np.testing.assert_allclose(game.exact().values, banzhaf.exact(game, 16).values, rtol=0, atol=1e-14)

    def test_far_points_that_are_left_out_change_nothing(self):
        data = points(3_000, 1)
        values = by_all_ranks(*data)
        np.testing.assert_allclose(KNNValuation(*data, n_neighbors=2).exact().values, values, rtol=0, atol=1e-15)
        assert (values == 0).any()

    def test_points_at_the_same_place_keep_their_order(self):
        _, y, _, y_test = points(3_000, 3)
        data = np.full((3_000, 3), 0.1), y, np.full((3, 3), 7.3), y_test
        values = by_all_ranks(*data)
        np.testing.assert_allclose(KNNValuation(*data, n_neighbors=2).exact().values, values, rtol=0, atol=1e-15)


def regression(n, n_test=4, seed=0, tied=False, **options):
    X, _, X_test, _ = points(n, n_test, seed, tied)
    rng = np.random.default_rng(seed + 1)
    targets, of_test = rng.normal(1.0, 2.0, n), rng.normal(1.0, 2.0, n_test)
    return KNNValuation(X, targets, X_test, of_test, kind="regression", **options)


class TestExactRegression:
    @pytest.mark.parametrize("tied", [False, True])
    @pytest.mark.parametrize("k", [1, 2, 3, 8, 20])
    @pytest.mark.parametrize("n", [1, 2, 3, 6, 11])
    def test_equals_all_coalitions(self, n, k, tied):
        game = regression(n, seed=10 * n + k, tied=tied, n_neighbors=k, missing=None if tied else -1.5)
        for p in (0.5, 0.2):
            exact, all_of_them = game.exact(p=p), banzhaf.exact(game, n, p=p)
            np.testing.assert_allclose(exact.values, all_of_them.values, rtol=0, atol=1e-13)
            np.testing.assert_allclose(exact.mean_worth, all_of_them.mean_worth, rtol=0, atol=1e-13)

    def test_equals_all_coalitions_of_16_points(self):
        game = regression(16, 5, n_neighbors=4)
        np.testing.assert_allclose(game.exact().values, banzhaf.exact(game, 16).values, rtol=0, atol=1e-13)

    def test_only_the_nearest_points_have_values(self):
        """The farthest of 3,000 points are never neighbours, so the others are worth what they are without them."""
        X, y = np.arange(3_000.0)[:, None], np.random.default_rng(0).normal(size=3_000)
        game = KNNValuation(X, y, [[-1.0]], [0.5], n_neighbors=2, kind="regression", missing=0.0)
        few = KNNValuation(X[:60], y[:60], [[-1.0]], [0.5], n_neighbors=2, kind="regression", missing=0.0)
        values = game.exact().values
        np.testing.assert_allclose(values[:60], few.exact().values, rtol=0, atol=1e-14)
        assert (values[2_000:] == 0).all()

    def test_worths_are_the_errors_of_scikit_learn(self):
        neighbors = pytest.importorskip("sklearn.neighbors")
        game = regression(30, 20, n_neighbors=3)
        row = np.random.default_rng(2).random((1, 30)) < 0.5
        model = neighbors.KNeighborsRegressor(3).fit(game._X[row[0]], game._y[row[0]])
        np.testing.assert_allclose(game(row), -np.mean((model.predict(game._X_test) - game._y_test) ** 2))
        np.testing.assert_allclose(game(~row & row), -np.mean((game._y.mean() - game._y_test) ** 2))


def by_all_ranks(X, y, X_test, y_test):
    """Values for two neighbours: a plain sum over all ranks."""
    values, rank = np.zeros(len(X)), np.arange(len(X))
    for x, label in zip(X_test, y_test, strict=True):
        order = np.argsort(((X - x) ** 2).sum(axis=1), kind="stable")
        right = (y[order] == label) * 1.0
        inside = (1.0 + rank) * 0.5**rank  # fewer than two of the nearer points
        pushed = np.maximum(rank - 1.0, 0) * 0.5**rank  # exactly one of the nearer points but one, and itself
        losses = right * pushed
        values[order] += right * inside - (losses.sum() - np.cumsum(losses))
    return values / (2 * len(X_test))


def test_worths_are_the_right_neighbours_of_scikit_learn():
    neighbors = pytest.importorskip("sklearn.neighbors")
    X, y, X_test, y_test = points(30, 20, seed=5)
    game = KNNValuation(X, y, X_test, y_test, n_neighbors=3)
    row = np.random.default_rng(0).random((1, 30)) < 0.5
    model = neighbors.KNeighborsClassifier(3).fit(X[row[0]], y[row[0]])
    shares = model.predict_proba(X_test)[np.arange(20), np.searchsorted(model.classes_, y_test)]
    np.testing.assert_allclose(game(row), shares.mean())


GAMES = [
    KNNValuation(*points(12, 5), n_neighbors=2, player_names=[f"point {i}" for i in range(12)]),
    regression(12, 5, n_neighbors=2),
]


@pytest.fixture(scope="module")
def pool():
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as made:
        yield made


@pytest.mark.parametrize("game", GAMES, ids=["classification", "regression"])
class TestAsGame:
    def test_estimate_and_study(self, game, tmp_path):
        values = game.estimate(256, random_state=0)
        low, high = values.intervals().T
        assert np.mean((low <= game.exact().values) & (game.exact().values <= high)) > 0.8
        study = banzhaf.Study(12, budget=256, store=tmp_path / "knn.db", random_state=0)
        study.run(game)
        assert np.array_equal(study.result().values, values.values)

    def test_processes_and_pickles(self, game, pool):
        values = game.estimate(128, random_state=0, executor=pool)
        assert np.array_equal(values.values, game.estimate(128, random_state=0).values)
        again = pickle.loads(pickle.dumps(game))
        assert again.exact() == game.exact()
        assert repr(again) == "KNNValuation(12 training points, 5 test points, 2 neighbours)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": [[1.0], [np.nan]]}, "X must be finite: fill in"),
        ({"X": [1.0, 2.0]}, r"X must have shape \(n_points, n_features\)"),
        ({"y": [1]}, "y must have one entry for each of 2 points"),
        ({"X_test": [[1.0, 2.0]]}, "X_test must have the 1 features of X, got 2"),
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
        ({"kind": "ranking"}, "kind must be one of"),
        ({"missing": 0.0}, "missing must be left out in classification"),
        ({"kind": "regression", "missing": np.inf}, "missing must be finite"),
        ({"kind": "regression", "y": [1.0, np.nan]}, "y must be finite"),
        ({"kind": "regression", "y_test": [[1.0, 2.0]]}, r"y_test must have shape \(1,\)"),
    ],
)
def test_refused(change, message):
    given = {"X": [[1.0], [2.0]], "y": [0, 1], "X_test": [[1.5]], "y_test": [0], **change}
    with pytest.raises(ValueError, match=message):
        KNNValuation(**given)


class TestWhatDoesNotFit:
    def test_columns_in_another_order(self, pd):
        X, y, X_test, y_test = points(6)
        with pytest.raises(ValueError, match=r"pass X_test\[X.columns\]"):
            KNNValuation(pd.DataFrame(X, columns=["a", "b"]), y, pd.DataFrame(X_test, columns=["b", "a"]), y_test)

    def test_labels(self):
        X, y, X_test, y_test = points(6)
        with pytest.raises(ValueError, match="y_test must hold labels of y"):
            KNNValuation(X, y, X_test, y_test + 10)
        with pytest.raises(ValueError, match=r"y must hold labels, got 1\.5"):
            KNNValuation(X, y + 0.5, X_test, y_test)
        column = KNNValuation(X, y[:, None], X_test, y_test)
        assert np.array_equal(column.exact().values, KNNValuation(X, y, X_test, y_test).exact().values)


def test_targets_must_be_numbers():
    with pytest.raises(TypeError, match="y must hold numbers in regression"):
        KNNValuation([[1.0], [2.0]], ["a", "b"], [[1.5]], [0.0], kind="regression")


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e-120, 1e120, 1e200, 1e300])
def test_points_of_any_size(scale):
    X, y, X_test, y_test = points(7)
    found = KNNValuation(scale * X, y, scale * X_test, y_test, n_neighbors=2)
    unit = KNNValuation(X, y, X_test, y_test, n_neighbors=2)
    np.testing.assert_array_equal(found.exact().values, unit.exact().values)
    np.testing.assert_array_equal(banzhaf.exact(found, 7).values, banzhaf.exact(unit, 7).values)


@pytest.mark.parametrize("X", [[["1"], ["2"]], np.array([[1 + 1j], [2]]), np.array([["1"], ["2"]], dtype=object)])
def test_points_that_are_no_numbers(X):
    with pytest.raises(TypeError, match="X must be an array of numbers"):
        KNNValuation(X, [0, 1], [[1.0]], [0])
