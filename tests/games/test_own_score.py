# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Models that always predict the same are scored in the measure of the estimator's own method score."""

from __future__ import annotations

import pickle
from unittest.mock import MagicMock

import numpy as np
import pytest

import banzhaf
from banzhaf._games.own_score import _innermost
from banzhaf.games import DataValuation, KNNValuation

pytest.importorskip("sklearn")
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_selection import RFECV
from sklearn.linear_model import (
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    RANSACRegressor,
    Ridge,
    RidgeClassifierCV,
    RidgeCV,
    TweedieRegressor,
)
from sklearn.metrics import balanced_accuracy_score, d2_tweedie_score, log_loss, make_scorer, r2_score
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

NOBODY, EVERYONE = np.zeros((1, 2), dtype=bool), np.ones((1, 2), dtype=bool)
RNG = np.random.default_rng(0)
X, X_TEST = RNG.normal(size=(40, 3)), RNG.normal(size=(30, 3))
Y, Y_TEST = (X[:, 0] > 0).astype(int), (X_TEST[:, 0] > 0).astype(int)
COUNTS, COUNTS_TEST = RNG.poisson(np.exp(X[:, 0])), RNG.poisson(np.exp(X_TEST[:, 0]))
GROUPS = np.arange(40) % 2
GRID = {"C": [0.1, 1.0]}


def game(estimator, y=Y, y_test=Y_TEST, **options):
    return DataValuation(estimator, X, y, X_TEST, y_test, groups=GROUPS, **options)


def mean_of_constants(measure):
    return np.mean([measure(np.full(30, label)) for label in (0, 1)])


def log_loss_of(labels):
    return -log_loss(Y_TEST, np.eye(2)[labels], labels=[0, 1])


def search(**options):
    return GridSearchCV(LogisticRegression(), GRID, cv=2, **options)


@pytest.mark.parametrize(
    "estimator",
    [
        search(scoring="neg_log_loss"),
        search(scoring={"a": "accuracy", "b": "neg_log_loss"}, refit="b"),
        search(scoring=["accuracy", "neg_log_loss"], refit="neg_log_loss"),
        make_pipeline(StandardScaler(), search(scoring="neg_log_loss")),
        GridSearchCV(make_pipeline(search(scoring="neg_log_loss")), {"gridsearchcv__cv": [2]}, cv=2),
    ],
    ids=["a search", "two measures by name", "two measures in a list", "in a pipeline", "in a search"],
)
def test_of_searches(estimator):
    worths = game(estimator)
    assert worths(NOBODY)[0] == pytest.approx(mean_of_constants(log_loss_of))
    assert -1 < worths(EVERYONE)[0] < 0
    assert pickle.loads(pickle.dumps(worths))(NOBODY) == worths(NOBODY)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_of_estimators_with_a_measure():
    worths = game(make_pipeline(StandardScaler(), LogisticRegressionCV(cv=2, Cs=2, scoring="neg_log_loss")))
    assert worths(NOBODY)[0] == pytest.approx(mean_of_constants(log_loss_of))


@pytest.mark.parametrize(
    "estimator",
    [
        HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=1),
        HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=1, scoring="neg_log_loss"),
        RidgeClassifierCV(scoring="f1", cv=2),
        RidgeCV(scoring="neg_mean_squared_error"),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_measure_for_the_training_is_not_that_of_the_score(estimator):
    worths = game(estimator, random_state=0)
    everyone = np.ones(2, dtype=bool)
    assert worths(EVERYONE)[0] == worths.train(everyone).score(X_TEST, Y_TEST)


@pytest.mark.parametrize(
    ("estimator", "power"),
    [
        (PoissonRegressor(), 1),
        (TweedieRegressor(power=1.5, link="log"), 1.5),
        (GridSearchCV(PoissonRegressor(), {"alpha": [0.1, 1.0]}, cv=2), 1),
    ],
    ids=["Poisson", "Tweedie", "a search"],
)
def test_of_generalised_linear_models(estimator, power):
    worths = game(estimator, COUNTS, COUNTS_TEST)
    expected = d2_tweedie_score(COUNTS_TEST, np.full(30, COUNTS.mean()), power=power)
    assert worths(NOBODY)[0] == pytest.approx(expected)


class Balanced:
    """Has a score of its own, of what it predicts."""

    def fit(self, X, y):
        self.model = GaussianNB().fit(X, y)
        return self

    def predict(self, X):
        return self.model.predict(X)

    def score(self, X, y):
        return balanced_accuracy_score(y, self.predict(X))


class Inward(Balanced):
    """Has a score that needs the trained model."""

    def score(self, X, y):
        return balanced_accuracy_score(y, self.model.predict(X))


def test_of_other_classes():
    worths = game(Balanced(), kind="classification")
    assert worths(NOBODY)[0] == pytest.approx(0.5)
    assert worths(EVERYONE)[0] == balanced_accuracy_score(Y_TEST, GaussianNB().fit(X, Y).predict(X_TEST))


@pytest.mark.parametrize("estimator", [Inward(), Inward().fit(X, Y)], ids=["unfitted", "fitted"])
def test_a_measure_that_cannot_be_told_is_asked_for(estimator):
    with pytest.raises(ValueError, match="scoring must be set, because the method score of Inward"):
        game(estimator, kind="classification")
    assert game(estimator, kind="classification", empty=0.5, one_class=0.5)(NOBODY)[0] == 0.5
    scored = game(estimator, kind="classification", scoring=make_scorer(balanced_accuracy_score))
    assert scored(NOBODY)[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "estimator",
    [
        RANSACRegressor(random_state=0),
        RANSACRegressor(Ridge(), min_samples=4),
        RFECV(Ridge(), cv=2),
        MultiOutputRegressor(Ridge()),
    ],
    ids=["a default inside", "a model inside", "a selection", "several outputs"],
)
def test_models_with_a_model_inside(estimator):
    y, y_test = X @ [1.0, 2.0, 3.0], X_TEST @ [1.0, 2.0, 3.0]
    if isinstance(estimator, MultiOutputRegressor):
        y, y_test = np.column_stack([y, y]), np.column_stack([y_test, y_test])
    mean = np.repeat(y.mean(axis=0)[None], 30, axis=0)
    worths = game(estimator, y, y_test, random_state=0)
    assert worths(NOBODY)[0] == pytest.approx(r2_score(y_test, mean))
    assert worths(EVERYONE)[0] == pytest.approx(worths.train([True, True]).score(X_TEST, y_test))


def test_several_labels_of_each_point_count_as_one():
    both, both_test = (np.column_stack([y, x[:, 1] > 0]).astype(int) for y, x in ((Y, X), (Y_TEST, X_TEST)))
    points = [0, 1, 2, 3, 4, 5]
    game = DataValuation(KNeighborsClassifier(1), X[points], both[points], X_TEST, both_test)

    def worth(row):
        there = np.flatnonzero(row)
        labels = np.unique(both[points], axis=0)
        if there.size == 0:
            return np.mean([(both_test == label).all(axis=1).mean() for label in labels])
        nearest = ((X_TEST[:, None] - X[points][there]) ** 2).sum(axis=2).argmin(axis=1)
        return (both[points][there][nearest] == both_test).all(axis=1).mean()

    expected = banzhaf.exact(lambda rows: np.array([worth(row) for row in rows]), 6).values
    assert np.allclose(game.estimate(64).values, expected, atol=1e-12)


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array", "coo_array", "dok_array"])
def test_sparse_tables(kind):
    make = getattr(pytest.importorskip("scipy.sparse"), kind)
    dense = game(Ridge(), COUNTS, COUNTS_TEST).estimate(4).values
    sparse = DataValuation(Ridge(), make(X), COUNTS, make(X_TEST), COUNTS_TEST, groups=GROUPS).estimate(4).values
    assert np.allclose(sparse, dense, atol=1e-4)


def test_models_that_change_their_input():
    plain = game(make_pipeline(StandardScaler(), GaussianNB())).estimate(4).values
    changing = game(make_pipeline(StandardScaler(copy=False), GaussianNB()))
    assert np.array_equal(changing.estimate(4).values, plain)
    held_out = X_TEST.copy()
    changing.curve([1.0, 2.0], X=held_out, y=Y_TEST)
    assert np.array_equal(held_out, X_TEST)


class TestLabels:
    def test_missing_ones_beside_texts_are_refused(self):
        with pytest.raises(ValueError, match="y must have no missing entries, but entry 1 is nan"):
            DataValuation(GaussianNB(), X[:3], ["a", float("nan"), "b"], X_TEST[:2], ["a", "b"])
        with pytest.raises(ValueError, match="groups must have no missing entries, but entry 1 is nan"):
            DataValuation(GaussianNB(), X[:3], [0, 1, 0], X_TEST, Y_TEST, groups=["a", float("nan"), "b"])

    def test_of_two_types(self):
        with pytest.raises(TypeError, match="y must hold labels of one type, got int and str"):
            DataValuation(GaussianNB(), X[:3], ["1", 1, "b"], X_TEST[:2], ["1", "b"])
        with pytest.raises(TypeError, match="y must hold labels of one type, got int and str"):
            KNNValuation(X[:3], ["1", 1, "b"], X_TEST[:2], ["1", "b"])
        mixed = DataValuation(GaussianNB(), X[:4], [0, 1, 0, 1], X_TEST, Y_TEST, groups=[2, "b", 2, ("c", 1)][:2] * 2)
        assert mixed.player_names == ("2", "b")

    def test_missing_targets_are_refused(self):
        with pytest.raises(ValueError, match="y must have no missing entries, but entry 0 is None"):
            DataValuation(Ridge(), X[:3], np.array([None, 1.0, 2.0], dtype=object), X_TEST, COUNTS_TEST)
        with pytest.raises(TypeError, match="y must hold numbers in regression"):
            DataValuation(Ridge(), X[:3], ["1", "2", "3"], X_TEST, COUNTS_TEST)


def test_an_estimator_that_has_every_attribute_ends_the_search_for_its_score():
    model = MagicMock()
    assert _innermost(model) is model
