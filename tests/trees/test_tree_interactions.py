# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Interactions and Shapley values of tree ensembles, against the definition over all coalitions."""

from __future__ import annotations

import itertools
import math
import pickle

import numpy as np
import pytest
from oracles import all_coalitions
from tree_oracles import share_worths, sklearn_tree

import banzhaf
from banzhaf._trees import trees


def worths_of(predict, row, background, weights=None):
    """Weighted mean output of the model over the background, for all coalitions of columns."""
    masks = all_coalitions(len(row))
    rows = np.where(masks[:, np.newaxis], row, background).reshape(-1, len(row))
    outputs = np.asarray(predict(rows), dtype=np.float64).reshape(len(masks), len(background), -1)
    return np.average(outputs, axis=1, weights=weights)


def index(worths, n, players, p=0.5):
    """The index of a set of players, by definition."""
    masks = all_coalitions(n)
    inside = masks[:, list(players)]
    sizes = masks.sum(axis=1) - inside.sum(axis=1)
    signs = (-1.0) ** (len(players) - inside.sum(axis=1))
    return (signs * p**sizes * (1 - p) ** (n - len(players) - sizes)) @ worths


def shapley(worths, n, player):
    """The Shapley value of a player, by definition."""
    masks = all_coalitions(n)
    others = masks.sum(axis=1) - masks[:, player]
    weights = np.array([math.factorial(s) * math.factorial(n - 1 - s) / math.factorial(n) for s in others])
    return (np.where(masks[:, player], weights, -weights)) @ worths


def check(explainer, X, worths, *, tolerance=1e-12):
    """Compare all sets of one, two and three players, and the Shapley values, of the first row."""
    n = X.shape[1]
    for order in (1, 2, 3):
        found = explainer.interactions(X, order)
        truth = np.array([index(worths, n, players) for players in itertools.combinations(range(n), order)])
        values = found.values[0].reshape(truth.shape)
        assert np.abs(values - truth).max() <= tolerance * max(np.abs(worths).max(), np.abs(truth).max())
        assert found.players.tolist() == [list(players) for players in itertools.combinations(range(n), order)]
        assert found.complete
        assert not found.standard_errors.any()
    explained = explainer.shapley(X)
    truth = np.array([shapley(worths, n, i) for i in range(n)])
    assert np.abs(explained.values[0].reshape(truth.shape) - truth).max() <= tolerance * np.abs(worths).max()
    assert explained.quantity == "Shapley value"
    gaps = explained.values.sum(axis=1) - (explainer.predict(X) - explainer.base_values)
    assert np.abs(gaps).max() < 1e-9


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5)).round(1)
    return X, X[:, 0] * X[:, 1] + np.abs(X[:, 2] * X[:, 3]) * X[:, 4] + X[:, 0]


def test_sklearn_with_weights_and_two_outputs(data):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X, y = data
    model = ensemble.RandomForestRegressor(3, random_state=0).fit(X, np.stack([y, y**2], axis=1))
    weights = np.arange(6.0)
    explainer = banzhaf.TreeExplainer(model, X[:6], weights=weights)
    check(explainer, X[20:22], worths_of(model.predict, X[20], X[:6], weights))


def test_xgboost_with_missing_values(data):
    xgboost = pytest.importorskip("xgboost")
    X, y = data
    X = np.where(np.random.default_rng(1).random(X.shape) < 0.1, np.nan, X)
    model = xgboost.XGBRegressor(n_estimators=8, max_depth=4).fit(X, y)
    check(
        banzhaf.TreeExplainer(model, X[:6]), X[20:22], worths_of(model.predict, X[20], X[:6]), tolerance=1e-6
    )  # XGBoost predicts in float32


def test_lightgbm_with_categories_and_linear_leaves(data):
    lightgbm = pytest.importorskip("lightgbm")
    X, y = data
    X = np.column_stack([X[:, :4], np.random.default_rng(1).integers(0, 5, len(X))])
    options = {"verbose": -1, "num_leaves": 12, "min_data_in_leaf": 5, "num_threads": 1}
    categories = lightgbm.train(options, lightgbm.Dataset(X, y, categorical_feature=[4]), 6)
    linear = lightgbm.train({**options, "linear_tree": True}, lightgbm.Dataset(X, y), 6)
    for model in (categories, linear):
        check(banzhaf.TreeExplainer(model, X[:6]), X[20:22], worths_of(model.predict, X[20], X[:6]))


def test_catboost(data):
    catboost = pytest.importorskip("catboost")
    X, y = data
    model = catboost.CatBoostRegressor(iterations=8, depth=4, verbose=False, thread_count=1, allow_writing_files=False)
    model.fit(X, y)
    check(banzhaf.TreeExplainer(model, X[:6]), X[20:22], worths_of(model.predict, X[20], X[:6]))


def test_path_dependent(data):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X, y = data
    model = ensemble.RandomForestRegressor(3, random_state=0).fit(X, y)
    nodes = [
        sklearn_tree(tree.tree_, lambda v, tree=tree: tree.tree_.value[v].ravel() / 3) for tree in model.estimators_
    ]
    check(banzhaf.TreeExplainer(model), X[20:22], share_worths(nodes, 0.0, X[20]))


def test_groups_are_players(data):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X, y = data
    model = ensemble.GradientBoostingRegressor(n_estimators=5, random_state=0).fit(X, y)
    explainer = banzhaf.TreeExplainer(model, X[:6], groups={"both": [0, 3]})
    found = explainer.interactions(X[20:21])
    assert found.player_names == ("both", "x1", "x2", "x4")
    masks = all_coalitions(4)
    columns = masks[:, [0, 1, 2, 0, 3]]
    rows = np.where(columns[:, np.newaxis], X[20], X[:6]).reshape(-1, 5)
    worths = model.predict(rows).reshape(16, 6).mean(axis=1)
    truth = [index(worths, 4, players) for players in itertools.combinations(range(4), 2)]
    np.testing.assert_allclose(found.values[0], truth, atol=1e-12)


def test_a_saved_explainer_gives_the_same_bits(data, tmp_path):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X, y = data
    model = ensemble.RandomForestRegressor(5, max_depth=4, random_state=0).fit(X, y)
    for background in (X[:20], None):
        explainer = banzhaf.TreeExplainer(model, background)
        explainer.save(tmp_path / "forest.trees")
        for other in (banzhaf.load(tmp_path / "forest.trees"), pickle.loads(pickle.dumps(explainer))):
            assert other.interactions(X) == explainer.interactions(X)
            assert other.shapley(X) == explainer.shapley(X)


def test_values_stand_beside_the_interactions(data):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X, y = data
    explainer = banzhaf.TreeExplainer(ensemble.RandomForestRegressor(5, max_depth=4, random_state=0).fit(X, y), X[:20])
    found = explainer.interactions(X[:3])
    assert (found.player_values == explainer(X[:3]).values).all()
    assert found.base_values == explainer.base_values


@pytest.mark.parametrize("interventional", [True, False])
@pytest.mark.parametrize("p", [0.1, 0.75])
def test_other_probabilities(data, tmp_path, interventional, p):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X, y = data
    model = ensemble.RandomForestRegressor(3, random_state=0).fit(X, y)
    nodes = [
        sklearn_tree(tree.tree_, lambda v, tree=tree: tree.tree_.value[v].ravel() / 3) for tree in model.estimators_
    ]
    worths = worths_of(model.predict, X[20], X[:6]) if interventional else share_worths(nodes, 0.0, X[20])
    background = X[:6] if interventional else None
    explainer = banzhaf.TreeExplainer(model, background, p=p)
    explained = explainer(X[20:40])
    assert explained.p == explainer.p == p
    np.testing.assert_allclose(explained.values[0], [index(worths, 5, [i], p)[0] for i in range(5)], atol=1e-12)
    pairs = explainer.interactions(X[20:40])
    truth = [index(worths, 5, players, p)[0] for players in itertools.combinations(range(5), 2)]
    np.testing.assert_allclose(pairs.values[0], truth, atol=1e-12)
    assert pairs.p == p
    assert "p = " in repr(explainer)
    # One row alone, a copy and a file give the same bits.
    assert (explainer(X[20:21]).values == explained.values[:1]).all()
    explainer.save(tmp_path / "forest.trees")
    for other in (banzhaf.load(tmp_path / "forest.trees"), pickle.loads(pickle.dumps(explainer))):
        assert other.p == p
        assert other(X[20:40]) == explained
        assert other.interactions(X[20:40]) == pairs
    # Shapley values have no p.
    assert explainer.shapley(X[20:40]) == banzhaf.TreeExplainer(model, background).shapley(X[20:40])


def test_wrong_arguments_name_the_remedy(data, monkeypatch):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X, y = data
    explainer = banzhaf.TreeExplainer(ensemble.RandomForestRegressor(2, max_depth=2, random_state=0).fit(X, y))
    for order in (0, 6):
        with pytest.raises(ValueError, match="order must be"):
            explainer.interactions(X, order)
    with pytest.raises(TypeError, match="order must be"):
        explainer.interactions(X, "2")
    for p in (0.0, 1.0, np.nan):
        with pytest.raises(ValueError, match="p must be"):
            banzhaf.TreeExplainer(ensemble.RandomForestRegressor(2, max_depth=2).fit(X, y), p=p)
    with pytest.raises(TypeError, match="p must be"):
        banzhaf.TreeExplainer(ensemble.RandomForestRegressor(2, max_depth=2).fit(X, y), p=[0.25, 0.5])
    monkeypatch.setattr(trees, "_MOST_INTERACTIONS", 45)
    with pytest.raises(ValueError, match="at most 4 rows in each call, or join features by groups"):
        explainer.interactions(X)
    monkeypatch.setattr(trees, "_MOST_INTERACTIONS", 5)
    with pytest.raises(ValueError, match="set a lower order, or join features by groups"):
        explainer.interactions(X)


@pytest.mark.parametrize("interventional", [True, False])
def test_shapley_values_are_those_of_shap(data, interventional):
    shap = pytest.importorskip("shap")
    ensemble = pytest.importorskip("sklearn.ensemble")
    # shap does not round cells as scikit-learn does, so no cell may lie near a threshold.
    X, y = np.random.default_rng(1).normal(size=(300, 5)).astype(np.float32).astype(np.float64), data[1]
    model = ensemble.RandomForestRegressor(5, max_depth=6, random_state=0).fit(X, y)
    background = X[:20] if interventional else None
    kind = "interventional" if interventional else "tree_path_dependent"
    theirs = shap.TreeExplainer(model, background, feature_perturbation=kind).shap_values(X[:30])
    ours = banzhaf.TreeExplainer(model, background).shapley(X[:30]).values
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
