# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The core calls XGBoost without Python, notices a booster that has changed, and leaves trouble to Python."""

from __future__ import annotations

import copy
import ctypes
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import banzhaf

ROWS = np.random.default_rng(0).normal(size=(400, 5))
TARGET = ROWS[:, 0] * ROWS[:, 1] + ROWS[:, 2]


@pytest.fixture
def xgb():
    return pytest.importorskip("xgboost")


@pytest.fixture
def model(xgb):
    return xgb.XGBRegressor(n_estimators=8, n_jobs=1).fit(ROWS, TARGET)


def explainer_of(model):
    """An explainer after the calls that compare it with the model's own method."""
    explainer = banzhaf.Explainer(model, ROWS[:20], random_state=0)
    explainer(ROWS[20:21])
    assert is_direct(explainer)
    return explainer


def is_direct(explainer):
    encoded = explainer._calls.background.encode(ROWS[20:21])
    return explainer._calls.model.compiled(encoded) is not None


def check(explainer, plain, rows=ROWS[20:22]):
    expected = banzhaf.Explainer(lambda cells: plain(cells), ROWS[:20], random_state=0)(rows)
    np.testing.assert_array_equal(explainer(rows).values, expected.values)
    np.testing.assert_array_equal(explainer(rows).standard_errors, expected.standard_errors)
    np.testing.assert_array_equal(explainer(rows).base_values, expected.base_values)


def test_python_is_not_called(xgb, model, monkeypatch):
    explainer = explainer_of(model)
    expected = explainer(ROWS[20:21])
    monkeypatch.setattr(type(explainer._calls.model.way), "__call__", None)
    assert explainer(ROWS[20:21]) == expected


def test_a_model_that_was_fitted_again_is_noticed(model):
    explainer = explainer_of(model)
    model.fit(ROWS, TARGET**2)
    check(explainer, model.predict)
    assert is_direct(explainer)


def test_a_booster_that_was_trained_further_is_noticed(xgb):
    data = xgb.DMatrix(ROWS, TARGET)
    booster = xgb.train({"nthread": 1}, data, 4)
    explainer = explainer_of(booster)
    before = explainer(ROWS[20:22])
    booster.update(data, 4)
    check(explainer, booster.inplace_predict)
    assert explainer(ROWS[20:22]) != before


def test_a_best_iteration_that_was_set_is_noticed(model):
    explainer = explainer_of(model)
    model.get_booster().set_attr(best_iteration="2")
    check(explainer, model.predict)


@pytest.mark.parametrize("given", [ROWS[20:21], ROWS[20:22]])
def test_a_booster_with_another_number_of_outputs_goes_through_python(xgb, tmp_path, given):
    booster = xgb.train({"nthread": 1}, xgb.DMatrix(ROWS, TARGET), 4)
    explainer = explainer_of(booster)
    several = xgb.XGBRegressor(n_estimators=4, n_jobs=1).fit(ROWS, np.c_[TARGET, -TARGET, TARGET**2])
    several.save_model(tmp_path / "several.ubj")
    booster.load_model(tmp_path / "several.ubj")
    check(explainer, booster.inplace_predict, given)
    assert explainer(given).values.shape == (len(given), 5, 3)


def test_a_booster_with_another_number_of_columns_is_refused_by_xgboost(xgb, tmp_path):
    booster = xgb.train({"nthread": 1}, xgb.DMatrix(ROWS, TARGET), 4)
    explainer = explainer_of(booster)
    xgb.XGBRegressor(n_estimators=2).fit(ROWS[:, :3], TARGET).save_model(tmp_path / "narrow.ubj")
    booster.load_model(tmp_path / "narrow.ubj")
    with pytest.raises(ValueError, match="expected: 3, got 5"):
        explainer(ROWS[20:21])


def failing(xgb, monkeypatch, n_good, n_bad):
    """Let XGBoost's function report errors after some calls."""
    library = vars(xgb.core)["_LIB"]
    own = library.XGBoosterPredictFromDense
    kind = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_void_p] * 7)
    calls = []

    def predict(*arguments):
        calls.append(None)
        if n_good < len(calls) <= n_good + n_bad:
            return -1
        return own(*map(ctypes.c_void_p, arguments))

    function = kind(predict)
    monkeypatch.setattr(library, "XGBoosterPredictFromDense", function)
    return function, calls


@pytest.mark.parametrize("n_good", [0, 1])
def test_rows_that_xgboost_refuses_once_are_evaluated_by_python(xgb, model, monkeypatch, n_good):
    plain = model.predict
    explainer = explainer_of(model)
    expected = explainer(ROWS[20:21])
    _, calls = failing(xgb, monkeypatch, n_good, 1)
    explainer._calls.model.way._direct = {}
    assert explainer(ROWS[20:21]) == expected
    assert len(calls) > n_good + 1
    monkeypatch.undo()
    check(explainer, plain)


def test_errors_of_xgboost_arrive_as_they_are(xgb, model, monkeypatch):
    explainer = explainer_of(model)
    _, calls = failing(xgb, monkeypatch, 0, 10**9)
    explainer._calls.model.way._direct = {}
    with pytest.raises(xgb.core.XGBoostError):
        explainer(ROWS[20:21])
    assert calls


def test_threads_share_it(model):
    explainer = explainer_of(model)
    rows = ROWS[20:60]
    expected = [explainer(rows[i : i + 1]) for i in range(len(rows))]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: explainer(rows[i : i + 1]), range(len(rows))))
    assert found == expected


def test_copies_and_pickles_compare_again(model):
    explainer = explainer_of(model)
    expected = explainer(ROWS[20:21])
    for other in (copy.deepcopy(explainer), pickle.loads(pickle.dumps(explainer))):
        assert not is_direct(other)
        assert other(ROWS[20:21]) == expected == other(ROWS[20:21])
        assert is_direct(other)


def test_prepared_calls_are_direct_and_notice_changes(model):
    explainer = explainer_of(model)
    expected = explainer(ROWS[20:21])
    explainer.prepare()
    found = explainer(ROWS[20:21])
    np.testing.assert_array_equal(found.values, expected.values)
    assert found.n_model_rows < expected.n_model_rows
    model.fit(ROWS, TARGET + 100)
    with pytest.raises(RuntimeError, match="call prepare again if the model has changed"):
        explainer(ROWS[20:21])


def test_progress_and_deadlines(model):
    explainer = explainer_of(model)
    expected = explainer(ROWS[20:22])
    pytest.importorskip("tqdm")
    assert explainer(ROWS[20:22], progress=True) == expected
    np.testing.assert_array_equal(explainer(ROWS[20:22], deadline=3600.0).values, expected.values)
    seen = []
    explainer(ROWS[20:22], callback=seen.append)
    assert seen
    assert seen[-1].values.shape == expected.values.shape
