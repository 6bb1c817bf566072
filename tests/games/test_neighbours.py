# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Exact values for nearest neighbours: all coalitions, and scikit-learn's own classifier."""

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


class TestAsGame:
    GAME = KNNValuation(*points(12, 5), n_neighbors=2, player_names=[f"point {i}" for i in range(12)])

    def test_estimate_and_study(self, tmp_path):
        values = self.GAME.estimate(256, random_state=0)
        low, high = values.intervals().T
        assert np.mean((low <= self.GAME.exact().values) & (self.GAME.exact().values <= high)) > 0.8
        study = banzhaf.Study(12, budget=256, store=tmp_path / "knn.db", random_state=0)
        study.run(self.GAME)
        assert np.array_equal(study.result().values, values.values)

    def test_processes_and_pickles(self):
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            values = self.GAME.estimate(128, random_state=0, executor=pool)
        assert np.array_equal(values.values, self.GAME.estimate(128, random_state=0).values)
        again = pickle.loads(pickle.dumps(self.GAME))
        assert again.exact() == self.GAME.exact()
        assert repr(again) == "KNNValuation(12 training points, 5 test points, 2 neighbours)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": [[1.0], [np.nan]]}, "X must be finite: fill in"),
        ({"X": [1.0, 2.0]}, r"X must have shape \(n_points, n_features\)"),
        ({"y": [1]}, "y must have one entry for each of 2 points"),
        ({"X_test": [[1.0, 2.0]]}, "X_test must have the 1 features of X, got 2"),
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
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
