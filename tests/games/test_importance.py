# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Global importance: the game on all rows, a formula, and a simulation of the intervals."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import pickle

import numpy as np
import pytest

import banzhaf
from banzhaf.games import ModelLoss, banzhaf_importance


def linear(rows):
    return rows @ np.array([2.0, 1.0, 0.0, -1.0])


def data(n_rows=80):
    X = np.random.default_rng(0).normal(size=(n_rows, 4))
    return X, linear(X) + np.random.default_rng(1).normal(0, 0.3, n_rows)


class TestGame:
    def test_worths_by_hand(self):
        X, y = data(12)
        game = ModelLoss(linear, X, y, loss="squared_error", n_background=5, random_state=3)
        background = X[np.random.default_rng([3, 0]).permutation(12)[:5]]
        row = np.array([True, False, True, False])
        losses = [
            (np.mean([linear(np.where(row, x, b)) for b in background]) - target) ** 2
            for x, target in zip(X, y, strict=True)
        ]
        np.testing.assert_allclose(game(row[None]), -np.mean(losses))

    def test_of_a_linear_model_has_a_formula(self):
        """With the squared error, worths are quadratic, so values follow from the data's moments."""
        X, y = data(40)
        game = ModelLoss(linear, X, y, loss="squared_error", n_background=40, random_state=0)
        parts = (X - X.mean(axis=0)) * np.array([2.0, 1.0, 0.0, -1.0])
        rest = y - linear(X.mean(axis=0)) - parts.sum(axis=1)  # what is left with all features
        expected = []
        for i in range(4):
            others = np.delete(parts, i, axis=1).sum(axis=1) / 2  # on average half of the others are absent
            residual = rest + others
            expected.append(np.mean((residual + parts[:, i]) ** 2 - residual**2))
        np.testing.assert_allclose(banzhaf.exact(game, 4).values, expected, atol=1e-12)

    def test_classification(self):
        linear_model = pytest.importorskip("sklearn.linear_model")
        from sklearn.metrics import log_loss

        X, _ = data(60)
        labels = np.where(X[:, 0] > 0, "yes", "no")
        model = linear_model.LogisticRegression().fit(X, labels)
        everyone = np.ones((1, 4), dtype=bool)
        game = ModelLoss(model, X, labels, loss="auto", n_background=8, random_state=0)
        np.testing.assert_allclose(game(everyone), -log_loss(labels, model.predict_proba(X)))
        errors = ModelLoss(model, X, labels, loss="zero_one", n_background=8, random_state=0)
        np.testing.assert_allclose(errors(everyone), -np.mean(model.predict(X) != labels))

    def test_tables_keep_their_columns(self, pd):
        X, y = data(20)
        table = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": pd.Categorical(["u", "v"] * 10)}, index=range(50, 70))
        seen = []

        def model(rows):
            seen.append(rows.dtypes)
            return rows["a"].to_numpy() + (rows["c"] == "u")

        game = ModelLoss(model, table, y, loss="squared_error", n_background=4, random_state=0)
        worths = game(np.array([[True, True, True], [True, False, False]]))
        assert game.player_names == ("a", "b", "c")
        assert all((dtypes == table.dtypes).all() for dtypes in seen)
        np.testing.assert_allclose(worths[0], -np.mean((X[:, 0] + np.tile([1, 0], 10) - y) ** 2))


class TestValues:
    def test_intervals_cover_the_values_of_all_rows(self):
        X, y = data()
        covered = []
        for seed in range(30):
            game = ModelLoss(linear, X, y, loss="squared_error", n_background=16, random_state=seed)
            values = banzhaf_importance(linear, X, y, budget=256 * 64, n_background=16, random_state=seed)
            low, high = values.intervals().T
            exact = banzhaf.exact(game, 4).values
            covered += list((low <= exact) & (exact <= high))
        assert np.mean(covered) > 0.85

    def test_seeds_and_batches(self):
        X, y = data()
        one = banzhaf_importance(linear, X, y, budget=20_000, random_state=0)
        again = banzhaf_importance(linear, X, y, budget=20_000, random_state=0, batch_size=1)
        assert np.array_equal(one.values, again.values)
        assert one.n_evaluations == 20_000 // 128
        assert one.noisy
        assert not np.array_equal(one.values, banzhaf_importance(linear, X, y, budget=20_000, random_state=1).values)

    def test_the_budget_is_kept(self):
        X, y = data()
        rows = []
        banzhaf_importance(lambda given: rows.append(len(given)) or linear(given), X, y, budget=5_000, random_state=0)
        assert 4_000 < sum(rows) <= 5_000

    def test_own_losses(self):
        X, y = data()
        own = banzhaf_importance(linear, X, y, budget=10_000, random_state=0, loss=lambda mean, y: np.abs(mean - y))
        absolute = banzhaf_importance(linear, X, y, budget=10_000, random_state=0, loss="absolute_error")
        assert np.array_equal(own.values, absolute.values)


@pytest.fixture(scope="module")
def pool():
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as made:
        yield made


class TestElsewhere:
    """A study, a process pool and a file."""

    @pytest.mark.parametrize("rows", [None, 3])
    def test_a_study_and_a_pool_have_the_bits_of_estimate(self, rows, pool, tmp_path):
        game = ModelLoss(linear, *data(), n_background=4, rows_per_coalition=rows, random_state=0)
        values = game.estimate(48, random_state=0, noisy=True, repeats=3)
        study = banzhaf.Study(4, budget=48, store=tmp_path / "loss.db", random_state=0, noisy=True, repeats=3)
        study.run(game)
        assert np.array_equal(study.result().values, values.values)
        pooled = game.estimate(48, random_state=0, noisy=True, repeats=3, executor=pool)
        assert np.array_equal(pooled.values, values.values)
        again = pickle.loads(pickle.dumps(game))
        assert repr(again) == "ModelLoss(4 features, 80 rows)"
        assert np.array_equal(again.estimate(48, random_state=0, noisy=True, repeats=3).values, values.values)

    def test_repeats_draw_other_rows_and_calls_do_not(self):
        game = ModelLoss(linear, *data(), n_background=4, rows_per_coalition=3, random_state=0)
        row = np.array([[True, False, True, False]] * 2)
        assert game(row)[0] == game(row)[1]
        first, second = game(row, repeat=np.array([0, 1]))
        assert first == game(row)[0] != second

    @pytest.mark.parametrize(("n", "budget"), [(4, 256 * 64), (8, 200 * 64)])
    def test_coalitions_in_a_store_have_rows_of_their_own(self, n, budget, tmp_path):
        """With few players, coalitions are evaluated again, which must not give the same worths."""
        X = np.random.default_rng(0).normal(size=(80, n))
        y = X[:, 0] + X[:, 1] * X[:, 2]

        def model(rows):
            return rows[:, 0] + rows[:, 1] * rows[:, 2]

        covered = []
        for seed in range(10):
            game = ModelLoss(model, X, y, n_background=16, random_state=seed)
            exact = banzhaf.exact(game, n).values
            store = tmp_path / f"{seed}.db"
            values = banzhaf_importance(model, X, y, budget=budget, n_background=16, random_state=seed, store=store)
            assert values.noisy
            low, high = values.intervals().T
            covered += list((low <= exact) & (exact <= high))
        assert np.mean(covered) > 0.85

    def test_arguments_that_are_chosen(self, tmp_path):
        with pytest.raises(TypeError, match="design and repeats must be left out"):
            banzhaf_importance(linear, *data(), store=tmp_path / "values.db", design="paired")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"estimator": 3}, TypeError, "estimator must be callable"),
        ({"X": np.zeros(80)}, ValueError, "X must have shape"),
        ({"y": np.zeros(3)}, ValueError, "y must have one entry for each of 80 points"),
        ({"y": np.zeros((80, 2))}, ValueError, r"y must have shape \(80,\)"),
        ({"y": np.full(80, np.nan)}, ValueError, "y must be finite"),
        ({"y": np.array([None] * 80)}, ValueError, "y must have no missing entries"),
        ({"X": np.ma.masked_less(np.ones((80, 4)), 2)}, ValueError, "X must be a table without masked entries"),
        ({"loss": "log_loss"}, ValueError, "loss must not be 'log_loss'"),
        ({"loss": "hinge"}, ValueError, "loss must be one of"),
        ({"budget": 100}, ValueError, "budget must be at least 256"),
        ({"noisy": False}, TypeError, "noisy must be left out"),
        ({"loss": lambda mean, y: 0.0}, ValueError, "loss must return 4 losses"),
        ({"loss": lambda mean, y: np.ma.masked_less(mean, 99)}, ValueError, "what loss returns must be numbers"),
        ({"y": np.full(80, "1.5")}, TypeError, "y must hold numbers for loss='squared_error', got .*'1.5'"),
    ],
)
def test_refused(change, error, message):
    X, y = data()
    with pytest.raises(error, match=message):
        banzhaf_importance(**{"estimator": linear, "X": X, "y": y, **change})


def test_labels_without_probabilities_are_counted_and_not_subtracted():
    from sklearn.cluster import KMeans
    from sklearn.svm import LinearSVC

    X, y = data()
    model = LinearSVC().fit(X, y > 0)
    counted = banzhaf_importance(model, X, y > 0, budget=10_000, random_state=0)
    named = banzhaf_importance(model, X, y > 0, budget=10_000, random_state=0, loss="zero_one")
    assert np.array_equal(counted.values, named.values)
    with pytest.raises(ValueError, match="loss must be 'zero_one'"):
        banzhaf_importance(model, X, y > 0, loss="squared_error")
    with pytest.raises(TypeError, match="clusterer"):
        banzhaf_importance(KMeans(2, n_init=1).fit(X), X, y)


def test_later_changes_of_a_table_do_not_reach_the_game(pd):
    X, y = data()
    table, everyone = pd.DataFrame(X), np.ones((1, 4), dtype=bool)
    game = ModelLoss(linear, table, y)
    before = game(everyone)
    table[0] = 0.0
    table.loc[:, 1] = 0.0
    assert np.array_equal(game(everyone), before)


def test_rows_in_another_order_are_refused(pd):
    X, y = data()
    table = pd.DataFrame(X)
    with pytest.raises(ValueError, match=r"pass y.loc\[X.index\]"):
        banzhaf_importance(linear, table, pd.Series(y)[::-1])


class TestTables:
    def test_columns_in_another_order_than_lightgbm_s(self, pd, lgb):
        """LightGBM predicts by place, whatever the names of the columns."""
        X, y = data()
        frame = pd.DataFrame(X, columns=["a b", "c", "d", "e"])
        model = lgb.LGBMRegressor(n_estimators=3, verbose=-1).fit(frame, y)
        with pytest.raises(ValueError, match="X must have its columns in the order of estimator, which was fitted on"):
            ModelLoss(model, frame[["e", "d", "c", "a b"]], y)
        assert ModelLoss(model, frame, y).player_names == ("a b", "c", "d", "e")

    @pytest.mark.parametrize("around", ["pipeline", "search"])
    def test_columns_in_another_order_before_lightgbm(self, pd, lgb, around):
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import Pipeline

        X, y = data()
        frame = pd.DataFrame(X, columns=list("abcd"))
        model = lgb.LGBMRegressor(n_estimators=3, verbose=-1)
        if around == "pipeline":
            model = Pipeline([("all", "passthrough"), ("model", model)])
        else:
            model = GridSearchCV(model, {"max_depth": [2]}, cv=2)
        model.fit(frame, y)
        with pytest.raises(ValueError, match="X must have its columns in the order of estimator, which was fitted on"):
            ModelLoss(model, frame[list("dcba")], y)
        assert ModelLoss(model, frame, y).player_names == tuple("abcd")

    def test_polars(self):
        pl = pytest.importorskip("polars")
        X, y = data()
        with pytest.raises(TypeError, match=r"not a polars DataFrame: pass X\.to_pandas\(\)"):
            ModelLoss(linear, pl.DataFrame(X), y)

    def test_labels_of_another_type(self):
        svm = pytest.importorskip("sklearn.svm")
        X, y = data()
        model = svm.LinearSVC().fit(X, np.where(y > 0, "1", "0"))
        with pytest.raises(ValueError, match="y must hold labels that the model knows, got 0"):
            ModelLoss(model, X, (y > 0).astype(int))
        assert ModelLoss(model, X, np.where(y > 0, "1", "0")).estimate(16).values.max() > 0.1

    def test_masked_predictions(self):
        X, y = data()
        game = ModelLoss(lambda rows: np.ma.masked_array(linear(rows), rows[:, 0] > 0), X, y)
        with pytest.raises(ValueError, match="what estimator returns must be numbers, got a masked array"):
            game.estimate(16)
