# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""XGBoost's and LightGBM's fast ways give the bits of their own predict, for every kind of model and table."""

from __future__ import annotations

import copy
import importlib.util
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from agreement import same_explanations

import banzhaf

N_BACKGROUND = 20


def installed(library):
    return importlib.util.find_spec(library) is not None


@pytest.fixture(params=["float64", "float32", "gaps", "frame", "shuffled", "mixed", "categories"])
def table(request):
    """Rows of a kind of table, with the same order of columns in which models are fitted."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 5))
    if request.param == "float32":
        return rows.astype(np.float32)
    if request.param == "gaps":
        return np.where(rng.random(rows.shape) < 0.2, np.nan, rows)
    if request.param == "float64":
        return rows
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(rows, columns=list("abcde"))
    if request.param in ("frame", "shuffled"):
        frame.attrs["shuffled"] = request.param == "shuffled"
        return frame
    frame = frame.assign(a=(10 * frame.a).round().astype("int64"), b=frame.b > 0, c=frame.c.astype("float32"))
    frame["d"] = frame.d.astype("Float64").mask(frame.e > 1)
    if request.param == "categories":
        frame["e"] = pd.Categorical(np.array(list("pqr"))[np.digitize(frame.e, [-0.5, 0.5])], list("rqp"))
    return frame


def targets(table, kind):
    score = np.nan_to_num(np.asarray(table.iloc[:, :3] if hasattr(table, "iloc") else table[:, :3], dtype=float)).sum(1)
    return {
        "number": score,
        "two": (score > 0).astype(int),
        "three": np.digitize(score, [-1, 1]),
        "pair": np.c_[score, -score],
    }[kind]


def check(model, table, plain, adapter):
    """Explanations by the adapter have the bits of explanations by the plain method, which is given as a function."""
    attrs, order = getattr(table, "attrs", {}), list(getattr(table, "columns", ()))
    shown = table[order[::-1]] if attrs.get("shuffled") else table
    called = (lambda rows: plain(rows[order])) if attrs.get("shuffled") else plain
    background, rows = shown[:N_BACKGROUND], shown[N_BACKGROUND : N_BACKGROUND + 3]
    explainer = banzhaf.Explainer(model, background, random_state=0)
    expected = banzhaf.Explainer(lambda rows: called(rows), background, random_state=0)
    same_explanations(explainer, expected, rows)
    text = repr(explainer)
    assert (f"; model called by {adapter}" in text) if adapter else ("called by" not in text), text
    return explainer


IN_PLACE = "XGBoost's in-place prediction"
XGBOOST = {
    "regressor": ("XGBRegressor", "number", {}),
    "classifier": ("XGBClassifier", "two", {}),
    "three classes": ("XGBClassifier", "three", {}),
    "forest": ("XGBClassifier", "two", {"num_parallel_tree": 3, "subsample": 0.5}),
    "dart": ("XGBRegressor", "number", {"booster": "dart", "rate_drop": 0.2}),
    "base score": ("XGBRegressor", "number", {"base_score": 3.0}),
    "gamma": ("XGBRegressor", "two", {"objective": "count:poisson"}),
    "two targets": ("XGBRegressor", "pair", {}),
    "ranker": ("XGBRanker", "three", {"objective": "rank:pairwise"}),
}


@pytest.mark.parametrize("kind", ["regressor", "three classes"])
def test_xgboost_on_every_table(xgb, table, kind):
    check_xgboost(xgb, table, kind)


@pytest.mark.parametrize("kind", XGBOOST)
@pytest.mark.filterwarnings("ignore:.*deprecated:UserWarning")
def test_xgboost_of_every_kind(xgb, kind):
    check_xgboost(xgb, np.random.default_rng(0).normal(size=(400, 5)), kind)


def check_xgboost(xgb, table, kind):
    name, target, options = XGBOOST[kind]
    categories = hasattr(table, "columns") and str(table.dtypes.iloc[-1]) == "category"
    model = getattr(xgb, name)(n_estimators=8, n_jobs=1, enable_categorical=categories, **options)
    model.fit(table, targets(table, target), **({"group": [200, 200]} if kind == "ranker" else {}))
    plain = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    by_codes = not categories or (hasattr(model.get_booster(), "get_categories") and installed("pyarrow"))
    check(model, table, plain, IN_PLACE if by_codes else f"{plain.__name__}, because {IN_PLACE}")
    if not categories:
        booster = model.get_booster()
        check(booster, table, booster.inplace_predict, IN_PLACE)


def test_xgboost_takes_categories_in_another_order_and_refuses_unknown_ones(xgb, pd):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"job": pd.Categorical(rng.choice(list("pqr"), 300)), "age": rng.integers(0, 9, 300)})
    target = (frame.job == "q") * frame.age
    model = xgb.XGBRegressor(n_estimators=8, n_jobs=1, enable_categorical=True).fit(frame, target)
    if not hasattr(model.get_booster(), "get_categories") or not installed("pyarrow"):
        pytest.skip("XGBoost 3.1 keeps the categories, and pyarrow reads them")
    gaps = frame.assign(job=frame.job.where(frame.index % 5 != 0))
    for table in (frame, gaps, frame.assign(job=frame.job.cat.reorder_categories(list("rpq")))):
        check(model, table, model.predict, IN_PLACE)
    strange = frame.assign(job=frame.job.cat.add_categories(["zz"]))
    strange.loc[21, "job"] = "zz"
    explainer = banzhaf.Explainer(model, strange[:20], random_state=0)
    with pytest.raises(xgb.core.XGBoostError, match="Found a category not in the training set"):
        explainer(strange[21:22])


def test_xgboost_stops_at_the_best_iteration(xgb):
    rows = np.random.default_rng(0).normal(size=(400, 5))
    target = rows[:, 0] * rows[:, 1]
    model = xgb.XGBRegressor(n_estimators=100, early_stopping_rounds=2, n_jobs=1)
    model.fit(rows[:200], target[:200], eval_set=[(rows[200:], target[::-1][:200])], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    check(model, rows, model.predict, IN_PLACE)


@pytest.mark.parametrize(
    ("name", "target", "options"),
    [
        ("XGBClassifier", "three", {"objective": "multi:softmax"}),
        ("XGBRegressor", "number", {"booster": "gblinear"}),
        ("XGBRegressor", "number", {"missing": -1.0}),
        ("XGBRegressor", "number", {"objective": lambda y_true, y_pred: (y_pred - y_true, np.ones_like(y_true))}),
    ],
)
@pytest.mark.filterwarnings("ignore:.*deprecated:UserWarning")
def test_xgboost_models_whose_predict_does_more_go_the_plain_way(xgb, name, target, options):
    rows = np.random.default_rng(0).normal(size=(400, 5))
    rows[::7, 1] = -1.0
    model = getattr(xgb, name)(n_estimators=8, n_jobs=1, **options).fit(rows, targets(rows, target))
    check(model, rows, getattr(model, "predict_proba", model.predict), None)


def test_a_class_derived_from_xgboosts_keeps_its_own_predict(xgb):
    class Doubled(xgb.XGBRegressor):
        def predict(self, X, **options):
            return 2 * super().predict(X, **options)

    rows = np.random.default_rng(0).normal(size=(400, 5))
    model = Doubled(n_estimators=8, n_jobs=1).fit(rows, rows[:, 0])
    check(model, rows, model.predict, None)


DIRECT = "LightGBM's C interface"


@pytest.mark.parametrize("kind", ["number", "three"])
def test_lightgbm_on_every_table(lgb, table, kind):
    check_lightgbm(lgb, table, kind)


@pytest.mark.parametrize("kind", ["two", "quantile", "poisson"])
def test_lightgbm_of_every_kind(lgb, kind):
    check_lightgbm(lgb, np.random.default_rng(0).normal(size=(400, 5)), kind)


def check_lightgbm(lgb, table, kind):
    target = {"quantile": "number", "poisson": "two"}.get(kind, kind)
    options = {"n_estimators": 8, "verbose": -1, "n_jobs": 1, "min_child_samples": 5}
    options |= {"objective": kind} if kind in ("quantile", "poisson") else {}
    model = (lgb.LGBMClassifier if kind in ("two", "three") else lgb.LGBMRegressor)(**options)
    model.fit(table, targets(table, target))
    plain = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    check(model, table, plain, DIRECT)
    check(model.booster_, table, model.booster_.predict, DIRECT)


def test_lightgbm_stops_at_the_best_iteration(lgb):
    rows = np.random.default_rng(0).normal(size=(400, 5))
    target = rows[:, 0] * rows[:, 1]
    stop = lgb.early_stopping(2, verbose=False)
    other = lgb.Dataset(rows[200:], target[::-1][:200])
    booster = lgb.train({"verbose": -1}, lgb.Dataset(rows[:200], target[:200]), 100, [other], callbacks=[stop])
    assert 0 < booster.best_iteration < 100
    check(booster, rows, booster.predict, DIRECT)


def test_lightgbm_takes_categories_in_another_order_and_unknown_ones(lgb, pd):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"job": pd.Categorical(rng.choice(list("pqr"), 300)), "age": rng.integers(0, 9, 300)})
    target = (frame.job == "q") * frame.age
    model = lgb.LGBMRegressor(n_estimators=8, verbose=-1, n_jobs=1, min_child_samples=5).fit(frame, target)
    check(model, frame.assign(job=frame.job.cat.reorder_categories(list("rpq"))), model.predict, DIRECT)
    strange = frame.assign(job=frame.job.cat.add_categories(["zz"]))
    strange.loc[[3, 21], "job"] = "zz"
    strange.loc[[5, 22], "job"] = None
    check(model, strange, model.predict, DIRECT)


@pytest.mark.parametrize("options", [{"pred_early_stop": True}, {"num_iteration_predict": 3}])
def test_lightgbm_parameters_of_predict_go_the_plain_way(lgb, options):
    rows = np.random.default_rng(0).normal(size=(400, 5))
    model = lgb.LGBMClassifier(n_estimators=30, verbose=-1, n_jobs=1, **options).fit(rows, targets(rows, "three"))
    check(model, rows, model.predict_proba, None)


@pytest.mark.parametrize("library", ["xgb", "lgb"])
def test_a_model_that_is_fitted_again_is_explained_as_it_is_now(request, library):
    module = request.getfixturevalue(library)
    rows = np.random.default_rng(0).normal(size=(400, 5))
    options = {"n_estimators": 8, "n_jobs": 1}
    model = module.XGBRegressor(**options) if library == "xgb" else module.LGBMRegressor(verbose=-1, **options)
    explainer = banzhaf.Explainer(model.fit(rows, rows[:, 0]), rows[:20], random_state=0)
    before = explainer(rows[20:22]).values
    model.fit(rows, rows[:, 1])
    after = explainer(rows[20:22]).values
    assert not np.array_equal(before, after)
    plain = banzhaf.Explainer(lambda rows: model.predict(rows), rows[:20], random_state=0)
    np.testing.assert_array_equal(after, plain(rows[20:22]).values)


@pytest.mark.parametrize("library", ["xgb", "lgb"])
def test_threads_and_copies(request, library):
    module = request.getfixturevalue(library)
    rows = np.random.default_rng(0).normal(size=(400, 5))
    options = {"n_estimators": 8, "n_jobs": 1}
    model = module.XGBClassifier(**options) if library == "xgb" else module.LGBMClassifier(verbose=-1, **options)
    explainer = banzhaf.Explainer(model.fit(rows, targets(rows, "three")), rows[:20], random_state=0)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda row: explainer(rows[row : row + 1]).values, range(20, 32)))
    np.testing.assert_array_equal(np.concatenate(found), explainer(rows[20:32]).values)
    for other in (copy.deepcopy(explainer), pickle.loads(pickle.dumps(explainer))):
        np.testing.assert_array_equal(other(rows[20:22]).values, explainer(rows[20:22]).values)
