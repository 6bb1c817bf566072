# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Training data as players: worths by hand, special coalitions, seeds, and what the values find."""

from __future__ import annotations

import concurrent.futures
import itertools
import multiprocessing
import pickle

import numpy as np
import pytest

import banzhaf
from banzhaf.games import Curve, DataValuation, detect

pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, log_loss, r2_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier


def tumours(n_points=40, n_test=100):
    X, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    X = StandardScaler().fit_transform(X)[order]
    y = y[order]
    return X[:n_points], y[:n_points], X[n_points : n_points + n_test], y[n_points : n_points + n_test]


def small(**options):
    X, y, X_test, y_test = tumours(12)
    return DataValuation(GaussianNB(), X, y, X_test, y_test, random_state=0, **options)


class TestWorths:
    def test_are_the_scores_of_models_trained_on_the_coalition(self):
        X, y, X_test, y_test = tumours()
        game = DataValuation(GaussianNB(), X, y, X_test, y_test)
        row = np.random.default_rng(0).random((1, 40)) < 0.5
        assert game(row) == GaussianNB().fit(X[row[0]], y[row[0]]).score(X_test, y_test)

    def test_of_groups(self):
        X, y, X_test, y_test = tumours(6)
        game = DataValuation(GaussianNB(), X, y, X_test, y_test, groups=["b", "a", "b", "a", "c", "c"])
        assert game.player_names == ("b", "a", "c")
        taken = [0, 2, 4, 5]
        assert game(np.array([[True, False, True]])) == GaussianNB().fit(X[taken], y[taken]).score(X_test, y_test)

    def test_of_tables(self, pd):
        X, y, X_test, y_test = tumours(10)
        names = [f"x{i}" for i in range(30)]
        table = pd.DataFrame(X, columns=names, index=range(100, 110))
        game = DataValuation(GaussianNB(), table, pd.Series(y), pd.DataFrame(X_test, columns=names), y_test)
        assert np.array_equal(game.estimate(64, random_state=0).values, self_values(X, y, X_test, y_test))

    @pytest.mark.parametrize("scoring", ["neg_log_loss", lambda model, X, y: accuracy_score(y, model.predict(X)) * 2])
    def test_of_scorers(self, scoring):
        X, y, X_test, y_test = tumours()
        game = DataValuation(GaussianNB(), X, y, X_test, y_test, scoring=scoring)
        model = GaussianNB().fit(X, y)
        expected = (
            2 * model.score(X_test, y_test) if callable(scoring) else -log_loss(y_test, model.predict_proba(X_test))
        )
        np.testing.assert_allclose(game(np.ones((1, 40), dtype=bool)), expected)

    def test_later_changes_of_the_data_do_not_reach_the_game(self):
        X, y, X_test, y_test = tumours(8)
        game = DataValuation(GaussianNB(), X, y, X_test, y_test)
        X[:] = 0
        everyone = np.ones((1, 8), dtype=bool)
        assert game(everyone) == GaussianNB().fit(tumours(8)[0], y).score(X_test, y_test)

    def test_scorers_may_change_what_they_get(self):
        """Also when they score the constant models of the empty coalition and of those of one class."""

        def careless(model, X, y):
            score = np.mean(model.predict(X) == y)
            X[:] = 0
            y[:] = 1 - y
            return score

        X, y, X_test, y_test = tumours(8)
        games = [
            DataValuation(GaussianNB(), X, y, X_test, y_test, random_state=0, scoring=s) for s in (careless, "accuracy")
        ]
        assert np.array_equal(*(game.estimate(256).values for game in games))

    def test_are_kept(self):
        game = small()
        rows = np.ones((3, 12), dtype=bool)
        game(rows)
        game(rows)
        assert game.n_trainings == 1
        assert pickle.loads(pickle.dumps(game)).n_trainings == 0


def self_values(X, y, X_test, y_test):
    return DataValuation(GaussianNB(), X, y, X_test, y_test).estimate(64, random_state=0).values


class TestSpecialCoalitions:
    def test_empty(self):
        nobody = np.zeros((1, 12), dtype=bool)
        assert small()(nobody) == 0.5  # the mean over two labels
        assert small(empty=0.1)(nobody) == 0.1
        assert small(scoring="roc_auc")(nobody) == 0.5

    def test_of_one_class(self):
        _, y, _, y_test = tumours(12)
        ones = (y == 1)[None]
        assert small()(ones) == np.mean(y_test == 1)
        assert small(one_class=0.25)(ones) == 0.25
        assert small(scoring="roc_auc")(ones) == 0.5
        assert small(scoring="neg_log_loss")(ones) < -1

    def test_of_one_class_may_be_fitted(self):
        X, y, X_test, y_test = tumours(12)
        game = DataValuation(KNeighborsClassifier(1), X, y, X_test, y_test, one_class="fit")
        assert game((y == 1)[None]) == np.mean(y_test == 1)
        with pytest.raises(ValueError, match="at least 2 classes"):
            DataValuation(LogisticRegression(), X, y, X_test, y_test, one_class="fit")((y == 1)[None])

    def test_with_few_points(self):
        X, y, X_test, y_test = tumours(12)
        game = DataValuation(KNeighborsClassifier(5), X, y, X_test, y_test, min_points=5)
        few = np.zeros((1, 12), dtype=bool)
        few[0, [*np.flatnonzero(y == 1)[:2], np.flatnonzero(y == 0)[0]]] = True
        assert game(few) == np.mean(y_test == 1)
        with pytest.raises(ValueError, match="n_neighbors"):  # the estimator's own error
            DataValuation(KNeighborsClassifier(5), X, y, X_test, y_test)(few)

    def test_of_regression(self):
        X, y = load_diabetes(return_X_y=True)
        game = DataValuation(Ridge(), X[:10], y[:10], X[10:100], y[10:100])
        nobody = np.zeros((1, 10), dtype=bool)
        expected = r2_score(y[10:100], np.full(90, y[:10].mean()))
        np.testing.assert_allclose(game(nobody), expected)
        alone = nobody.copy()
        alone[0, 3] = True
        np.testing.assert_allclose(game(alone), r2_score(y[10:100], np.full(90, y[3])))
        named = DataValuation(Ridge(), X[:10], y[:10], X[10:100], y[10:100], scoring="neg_mean_absolute_error")
        np.testing.assert_allclose(named(nobody), -np.abs(y[10:100] - y[:10].mean()).mean())


class TestNoise:
    def test_a_coalition_and_its_complement_share_a_seed(self):
        seeds = {}

        class Seeded(LogisticRegression):
            def fit(self, X, y):
                seeds[len(X)] = self.random_state
                return super().fit(X, y)

        X, y, X_test, y_test = tumours(12)
        game = DataValuation(Seeded(), X, y, X_test, y_test, random_state=3)
        rows = np.zeros((2, 12), dtype=bool)
        rows[0, :5] = rows[1, :4] = True
        game(np.vstack([rows, ~rows]))
        assert seeds[5] == seeds[7] != seeds[4] == seeds[8]

    def test_splitters_do_not_take_the_global_generator(self):
        X, y, X_test, y_test = tumours(90)
        search = GridSearchCV(
            DecisionTreeClassifier(), {"max_depth": [1, 3]}, cv=KFold(3, shuffle=True), scoring="neg_log_loss"
        )
        games = [DataValuation(search, X, y, X_test, y_test, groups=[0, 1, 2] * 30, random_state=0) for _ in range(2)]
        before = np.random.get_state()[1].tolist()  # noqa: NPY002  # that it stays as it is
        assert games[0].estimate(8) == games[1].estimate(8)
        assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
        assert search.cv.random_state is None

    def test_repeats_have_seeds_of_their_own(self):
        X, y, X_test, y_test = tumours(12)
        game = DataValuation(DecisionTreeClassifier(max_features=1), X, y, X_test, y_test, random_state=0)
        rows = np.tile(np.arange(12) < 7, (8, 1))
        assert len(set(game(rows, repeat=np.arange(8)))) > 1
        assert game(rows[:1]) == game(rows[:1], repeat=np.zeros(1, dtype=int))
        values = game.estimate(96, random_state=0, repeats=3)
        assert values.noisy
        assert np.all(values.standard_errors > 0)

    def test_values_are_repeatable(self):
        X, y, X_test, y_test = tumours(12)
        tree = make_pipeline(StandardScaler(), DecisionTreeClassifier(max_features=1))

        def values(seed):
            game = DataValuation(tree, X, y, X_test, y_test, random_state=seed)
            return game.estimate(32, random_state=0).values

        assert np.array_equal(values(0), values(0))
        assert not np.array_equal(values(0), values(1))


class TestAsGame:
    def test_study_on_sqlite(self, tmp_path):
        game = small()
        study = banzhaf.Study(12, budget=64, store=tmp_path / "data.db", random_state=0)
        study.run(game)
        assert np.array_equal(study.result().values, game.estimate(64, random_state=0).values)

    def test_processes(self):
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            values = small().estimate(32, random_state=0, executor=pool).values
        assert np.array_equal(values, small().estimate(32, random_state=0).values)

    def test_threads_by_map(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            values = small(map=pool.map).estimate(32, random_state=0).values
        assert np.array_equal(values, small().estimate(32, random_state=0).values)

    def test_repr(self):
        assert repr(small()) == "DataValuation(GaussianNB, 12 points)"
        assert repr(small(groups=[0, 1] * 6)) == "DataValuation(GaussianNB, 2 groups of 12 points)"

    def test_an_exception_of_the_estimator_keeps_what_was_evaluated(self):
        class Fails(GaussianNB):
            def fit(self, X, y):
                if len(X) == 7:
                    raise RuntimeError("out of memory")
                return super().fit(X, y)

        X, y, X_test, y_test = tumours(12)
        with pytest.raises(RuntimeError, match="out of memory") as caught:
            DataValuation(Fails(), X, y, X_test, y_test).estimate(64, random_state=0)
        assert caught.value.evaluations is not None


class TestUses:
    def test_wrong_labels_have_low_values(self):
        X, y, X_test, y_test = tumours(60, 200)
        wrong = np.zeros(60, dtype=bool)
        wrong[:12] = True
        game = DataValuation(LogisticRegression(), X, np.where(wrong, 1 - y, y), X_test, y_test)
        values = game.estimate(256, random_state=0)
        found = detect(values, wrong)
        assert found.auc > 0.8
        assert detect(-values.values, wrong).auc == pytest.approx(1 - found.auc)
        better = game.curve(values, first="lowest", sizes=[0, 12])
        worse = game.curve(values, first="highest", sizes=[0, 12])
        assert better.scores[1] > better.scores[0] >= worse.scores[1]

    @pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
    def test_weighted_values_are_means_over_subsets_of_the_other_groups(self, p):
        X, y, X_test, y_test = tumours(24)
        labels = np.where(np.arange(24) % 4 == 2, np.random.default_rng(1).integers(0, 2, 24), y)
        game = DataValuation(GaussianNB(), X, labels, X_test, y_test, groups=np.arange(24) % 4)
        expected = np.zeros(4)
        for player, bits in itertools.product(range(4), itertools.product([False, True], repeat=3)):
            without = np.insert(bits, player, False)[None]
            share = p ** sum(bits) * (1 - p) ** (3 - sum(bits))
            expected[player] += share * (game(without | (np.arange(4) == player)) - game(without)).item()
        np.testing.assert_allclose(banzhaf.exact(game, 4, p=p).values, expected, atol=1e-12)
        np.testing.assert_allclose(game.estimate(16, p=p, random_state=0).values, expected, atol=1e-12)

    def test_curves(self):
        game = small()
        values = np.arange(12.0)
        drop = game.curve(values, how="drop", first="highest", sizes=[0, 3, 12])
        rows = np.array([[True] * 12, [True] * 9 + [False] * 3, [False] * 12])
        assert np.array_equal(drop.scores, game(rows))
        add = game.curve(values, how="add", sizes=[0, 12])
        assert np.array_equal(add.scores, game(np.array([[False] * 12, [False] * 3 + [True] * 9])))
        X, y = tumours(12)[:2]
        own = game.curve(values, sizes=[0], X=X, y=y)
        assert own.scores[0] == GaussianNB().fit(X, y).score(X, y)
        assert game.curve(values, how="add").sizes[-1] == 12

    def test_plots(self):
        pytest.importorskip("matplotlib").use("agg")
        curve = Curve(np.array([0, 5]), np.array([0.9, 0.7]), "drop", "highest", 10)
        assert curve.area == pytest.approx(0.8)
        (line, *_), found = curve.plot().lines, detect([0.0, 1.0], [True, False])
        assert np.array_equal(line.get_ydata(), [0.9, 0.7])
        assert np.array_equal(found.plot().lines[0].get_ydata(), [0, 1, 1])
        import matplotlib.pyplot as plt

        plt.close("all")

    def test_detection_counts_ties_as_half(self):
        assert detect([1.0, 1.0], [True, False]).auc == 0.5
        rng = np.random.default_rng(0)
        values, bad = rng.integers(0, 5, 40).astype(float), rng.random(40) < 0.3
        pairs = [(b < g) + 0.5 * (b == g) for b in values[bad] for g in values[~bad]]
        assert detect(values, bad).auc == pytest.approx(np.mean(pairs))


class TestRefused:
    def test_of_tables_of_polars(self):
        """A pipeline that takes columns by their names gets them."""
        polars = pytest.importorskip("polars")
        X, y, X_test, y_test = tumours(12)
        names = [f"x{i}" for i in range(30)]
        chosen = make_pipeline(ColumnTransformer([("chosen", StandardScaler(), ["x3", "x0"])]), GaussianNB())
        try:
            clone(chosen).fit(polars.DataFrame(X, schema=names), y)
        except AttributeError:
            pytest.skip("this scikit-learn cannot read this polars")
        games = [
            DataValuation(model, table(X), y, table(X_test), y_test, groups=list("abcd") * 3, random_state=0)
            for model, table in (
                (chosen, lambda cells: polars.DataFrame(cells, schema=names)),
                (make_pipeline(StandardScaler(), GaussianNB()), lambda cells: cells[:, [3, 0]]),
            )
        ]
        assert games[0].estimate(16) == games[1].estimate(16)

    def test_tables_of_arrow(self):
        arrow = pytest.importorskip("pyarrow")
        X, y, X_test, y_test = tumours(6)
        tables = [arrow.table({"a": cells[:, 0], "b": cells[:, 1]}) for cells in (X, X_test)]
        game = DataValuation(GaussianNB(), tables[0], y, tables[1], y_test)
        expected = GaussianNB().fit(X[:, :2], y).score(X_test[:, :2], y_test)
        assert game(np.ones((1, 6), dtype=bool))[0] == expected
        with pytest.raises(ValueError, match="X_test must have the columns of X in the same order"):
            DataValuation(GaussianNB(), tables[0], y, tables[1].select(["b", "a"]), y_test)

    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            ({"estimator": GaussianNB}, TypeError, "estimator must be an object with the method fit"),
            ({"y": [0, 1]}, ValueError, "y must have one entry for each of 12 points"),
            ({"groups": [1, 2]}, ValueError, r"groups must have shape \(12,\)"),
            ({"scoring": 3}, TypeError, "scoring must be a name or a callable"),
            ({"kind": "ranking"}, ValueError, "kind must be one of"),
            ({"min_points": 0}, ValueError, "min_points must be at least 1"),
            ({"empty": "zero"}, ValueError, "empty must be one of 'constant', got 'zero'"),
            ({"one_class": float("nan")}, ValueError, "one_class must be finite"),
        ],
    )
    def test_arguments(self, change, error, message):
        X, y, X_test, y_test = tumours(12)
        given = {"estimator": GaussianNB(), "X": X, "y": y, "X_test": X_test, "y_test": y_test, **change}
        with pytest.raises(error, match=message):
            DataValuation(**given)

    def test_kinds_that_nobody_can_tell(self):
        class Own:
            def fit(self, X, y):
                return self

            def score(self, X, y):
                return float(len(X))

        with pytest.raises(ValueError, match="kind must be 'classification' or 'regression'"):
            DataValuation(Own(), [[0], [1]], [0, 1], [[0]], [0])
        game = DataValuation(Own(), [[0], [1]], [0, 1], [[0]], [0], kind="regression", empty=0.0)
        assert game.estimate(4).values.tolist() == [0.5, 0.5]

    def test_curves_of_sizes_in_any_order(self):
        curve = Curve(np.array([0, 4, 2]), np.array([0.9, 0.1, 0.7]), "drop", "highest", 10)
        assert curve.area == pytest.approx((0.8 + 0.4) / 2)
        assert Curve(np.array([2, 2]), np.array([0.5, 0.5]), "drop", "highest", 10).area == 0.5
        (line,) = curve.plot().lines
        assert line.get_xdata().tolist() == [0, 2, 4]
        assert line.get_ydata().tolist() == [0.9, 0.7, 0.1]

    def test_masked_values(self):
        hidden = np.ma.masked_greater([0.1, 9.0, 0.2, 0.3], 1.0)
        with pytest.raises(ValueError, match="values must be a result or numbers, got a masked array"):
            detect(hidden, [True, False, True, False])
        with pytest.raises(ValueError, match="bad must be a boolean array, got a masked array"):
            detect([0.1, 0.2], np.ma.masked_array([True, False], mask=[True, False]))

    def test_what_curves_and_detection_refuse(self):
        game = small()
        with pytest.raises(ValueError, match=r"values must have shape \(12,\)"):
            game.curve([1.0, 2.0])
        with pytest.raises(ValueError, match="X and y must be passed together"):
            game.curve(np.zeros(12), X=np.zeros((2, 30)))
        with pytest.raises(ValueError, match="y must have one entry for each of 2 points"):
            game.curve(np.zeros(12), X=np.zeros((2, 30)), y=[0, 1, 1])
        with pytest.raises(ValueError, match="y must have no missing entries"):
            game.curve(np.zeros(12), X=np.zeros((2, 30)), y=[0, None])
        with pytest.raises(ValueError, match="X must be a table without masked entries"):
            game.curve(np.zeros(12), X=np.ma.masked_array(np.zeros((2, 30)), mask=True), y=[0, 1])
        with pytest.raises(TypeError, match="values must be a result or numbers"):
            game.curve(["1"] * 12)
        with pytest.raises(TypeError, match="values must be a result or numbers"):
            game.curve(np.ones(12) + 1j)
        with pytest.raises(ValueError, match="sizes must be between 0 and 12"):
            game.curve(np.zeros(12), sizes=[13])
        with pytest.raises(TypeError, match="bad must be a boolean array"):
            detect([0.0, 1.0], [0, 1])
        with pytest.raises(ValueError, match="bad must hold players of both kinds"):
            detect([0.0, 1.0], [True, True])


def test_linear_regression_on_few_points():
    """A regression is trained on a single point: nothing replaces it unless min_points says so."""
    x = np.arange(4.0)[:, None]
    game = DataValuation(LinearRegression(), x, x[:, 0], x, x[:, 0])
    alone = np.array([[False, False, True, False]])
    assert game(alone) == LinearRegression().fit(x[2:3], x[2:3, 0]).score(x, x[:, 0])


class TestCoalitionsWithoutALabel:
    """Scorers read columns of probabilities, which a model does not have for labels that it never saw."""

    def game(self, scoring, estimator=None):
        rng = np.random.default_rng(0)
        y = np.array([0, 1, 2] * 10)
        X = rng.normal(size=(30, 2)) + 2.0 * y[:, None]
        return DataValuation(estimator or GaussianNB(), X[:12], y[:12], X[12:], y[12:], scoring=scoring), X, y

    def test_log_loss(self):
        game, X, y = self.game("neg_log_loss")
        row = (y[:12] != 1)[None]
        model = GaussianNB().fit(X[:12][row[0]], y[:12][row[0]])
        whole = np.zeros((18, 3))
        whole[:, [0, 2]] = model.predict_proba(X[12:])
        np.testing.assert_allclose(game(row), -log_loss(y[12:], whole, labels=[0, 1, 2]), rtol=1e-12)

    def test_estimators_that_scikit_learn_cannot_clone(self, pd):
        catboost = pytest.importorskip("catboost")
        table = pd.DataFrame({"k": list("aabb") * 4, "v": range(16)})
        y = np.arange(16) % 4 > 1

        def model():
            return catboost.CatBoostClassifier(
                2, cat_features=["k"], thread_count=1, verbose=0, allow_writing_files=False
            )

        game = DataValuation(model(), table, y, table, y, groups=[0, 1, 1, 0] * 4, random_state=0)
        first = np.flatnonzero(np.array([0, 1, 1, 0] * 4) == 0)
        expected = model().fit(table.iloc[first], y[first]).score(table, y)
        assert game(np.array([[True, False]]))[0] == expected

    @pytest.mark.parametrize("scoring", [None, "neg_log_loss"])
    def test_xgboost_gets_numbers_without_gaps(self, scoring):
        """It refuses the labels 0 and 2, or 1 and 2. The worths are those of a classifier of the numbers 0 and 1."""
        xgboost = pytest.importorskip("xgboost")
        rng = np.random.default_rng(0)
        X, X_test = rng.normal(size=(30, 2)), rng.normal(size=(20, 2))
        y, y_test = (np.digitize(points[:, 0], [-0.5, 0.5]) for points in (X, X_test))
        model = make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=3, n_jobs=1))
        game = DataValuation(model, X, y, X_test, y_test, groups=y, scoring=scoring, random_state=0)
        first, *_ = (int(name) for name in game.player_names)
        there = np.array([int(name) != first for name in game.player_names])
        known = np.setdiff1d([0, 1, 2], first)
        taken = y != first
        fitted = model.fit(X[taken], np.searchsorted(known, y[taken]))
        if scoring is None:
            expected = accuracy_score(y_test, known[fitted.predict(X_test)])
        else:
            shares = np.zeros((20, 3))
            shares[:, known] = fitted.predict_proba(X_test)
            expected = -log_loss(y_test, shares)
        assert game(there[None])[0] == pytest.approx(expected)
        assert set(game.train(there).predict(X_test)) <= set(known.tolist())
        assert pickle.loads(pickle.dumps(game.train(there))).score(X_test, y_test) >= 0
        assert np.isfinite(game.estimate(8).values).all()

    def test_a_search_scores_by_its_own_scoring(self):
        from sklearn.model_selection import GridSearchCV

        search = GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9]}, scoring="neg_log_loss", cv=2)
        row = (np.array([0, 1, 2] * 4) != 1)[None]
        np.testing.assert_allclose(self.game(None, search)[0](row), self.game("neg_log_loss")[0](row), rtol=1e-12)

    def test_labels_that_the_test_data_lack(self):
        _, X, y = self.game(None)
        few = y[12:] < 2
        game = DataValuation(GaussianNB(), X[:12], y[:12], X[12:][few], y[12:][few], scoring="roc_auc")
        with pytest.raises(ValueError, match="multi_class"):  # as with all points, and not the area of other columns
            game((y[:12] > 0)[None])


class TestWhatDoesNotFit:
    def test_rows_and_columns_in_another_order(self, pd):
        X, y, X_test, y_test = tumours(6)
        names = [f"x{i}" for i in range(30)]
        table, other = pd.DataFrame(X, columns=names), pd.DataFrame(X_test, columns=names)
        with pytest.raises(ValueError, match=r"pass y.loc\[X.index\]"):
            DataValuation(GaussianNB(), table, pd.Series(y)[::-1], other, y_test)
        with pytest.raises(ValueError, match=r"pass X_test\[X.columns\]"):
            DataValuation(GaussianNB(), table, y, other[names[::-1]], y_test)
        game = DataValuation(GaussianNB(), table, y, other, y_test)
        with pytest.raises(ValueError, match=r"pass y.loc\[X.index\]"):
            game.curve(np.zeros(len(y)), X=other, y=pd.Series(y_test)[::-1])
        with pytest.raises(ValueError, match="X must have the columns of X of the game in the same order"):
            game.curve(np.zeros(len(y)), X=other[names[::-1]], y=y_test)
        with pytest.raises(ValueError, match="bad must be in the order of values"):
            detect(pd.Series([0.0, 1.0]), pd.Series([True, False])[::-1])

    def test_points_of_a_curve(self, pd):
        X, y, X_test, y_test = tumours(12)
        game, values = small(), np.zeros(12)
        with pytest.raises(ValueError, match=r"pass y.loc\[X.index\]"):
            game.curve(values, X=pd.DataFrame(X_test), y=pd.Series(y_test)[::-1])
        with pytest.raises(ValueError, match="y must have one entry for each of 100 points"):
            game.curve(values, X=X_test, y=y)
        with pytest.raises(ValueError, match="y must have no missing entries, but entry 1"):
            game.curve(values, X=X[:2], y=[1, None])
        column = game.curve(values, sizes=[0], X=X_test, y=y_test[:, None])
        assert column.scores == game.curve(values, sizes=[0]).scores

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"y_test": np.full(100, "a")}, "y_test must hold labels of y"),
            ({"y": np.array([0, 1, None, 1, 0, 1])}, "y must have no missing entries, but entry 2"),
            ({"y": np.array([0, 1, np.nan, 1, 0, 1])}, "y must be finite"),
            ({"groups": [1, 2, float("nan"), 1, 2, 1]}, "groups must have no missing entries, but entry 2"),
            ({"X": np.ma.masked_less(np.ones((6, 30)), 2)}, "X must be a table without masked entries"),
        ],
    )
    def test_is_refused(self, change, message):
        X, y, X_test, y_test = tumours(6)
        with pytest.raises(ValueError, match=message):
            DataValuation(GaussianNB(), **{"X": X, "y": y, "X_test": X_test, "y_test": y_test, **change})

    def test_a_column_of_labels_counts_as_labels(self):
        X, y, X_test, y_test = tumours(6)
        row = np.ones((1, 6), dtype=bool)
        one = DataValuation(GaussianNB(), X, y[:, None], X_test, y_test)
        assert one(row) == DataValuation(GaussianNB(), X, y, X_test, y_test)(row)
