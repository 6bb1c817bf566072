# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Categorical columns of CatBoost: known and unknown categories, and statistics of single columns."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from oracles import all_coalitions

import banzhaf
from banzhaf._trees.readers.category_hash import category_hash

catboost = pytest.importorskip("catboost")


@pytest.fixture(scope="module")
def frame():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    n = 240
    return pd.DataFrame(
        {
            "size": rng.normal(size=n).round(1),
            "two": rng.choice(["x", "y"], n),
            "many": rng.choice(["p", "q", "r", "s", "t"], n),
            "code": rng.integers(0, 4, n),
        }
    )


def target_of(frame):
    return frame["size"] + 3 * (frame["two"] == "x") + 2 * (frame["many"] == "q") + (frame["code"] == 2) * frame["size"]


def fit(frame, target=None, kind="CatBoostRegressor", **options):
    settings = {"iterations": 12, "depth": 3, "verbose": False, "allow_writing_files": False, "random_seed": 0}
    model = getattr(catboost, kind)(**{**settings, "max_ctr_complexity": 1, **options})
    return model.fit(frame, target_of(frame) if target is None else target, cat_features=["two", "many", "code"])


def raw(model, frame):
    return np.asarray(model.predict(frame, prediction_type="RawFormulaVal")).reshape(len(frame), -1)


def brute_force_values(model, background, explicand):
    """Check the values against the model's predictions for all coalitions."""
    pd = pytest.importorskip("pandas")
    masks = all_coalitions(background.shape[1])
    mixed = []
    for mask in masks:
        rows = background.copy()
        for inside, column in zip(mask, rows.columns, strict=True):
            if inside:
                rows[column] = explicand[column].iloc[0]
        mixed.append(rows)
    worths = raw(model, pd.concat(mixed)).reshape(len(masks), len(background), -1).mean(axis=1)
    return np.stack([worths[m].mean(axis=0) - worths[~m].mean(axis=0) for m in masks.T])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"one_hot_max_size": 10},
        {"simple_ctr": "Buckets"},
        {"simple_ctr": "Counter", "counter_calc_method": "Full"},
        {"simple_ctr": "BinarizedTargetMeanValue"},
        {"simple_ctr": "Borders:TargetBorderCount=3"},
        {"grow_policy": "Lossguide"},
        {"kind": "CatBoostClassifier"},
        {"kind": "CatBoostClassifier", "n_classes": 3},
    ],
    ids=str,
)
def test_values_are_those_of_all_coalitions(frame, options, capfd):
    options = dict(options)
    target = target_of(frame)
    n_classes = options.pop("n_classes", 2)
    if "kind" in options:
        target = np.digitize(target, [1, 3][: n_classes - 1])
    model = fit(frame, target, **options)
    background, explicand = frame[:6], frame[6:7].copy()
    explainer = banzhaf.TreeExplainer(model, background)
    for many in ("q", "never seen"):
        explicand["many"] = many
        values = explainer(explicand).values[0].reshape(4, -1)
        truth = brute_force_values(model, background, explicand)
        np.testing.assert_allclose(values, truth, atol=1e-9 * np.abs(truth).max())
    other = frame.assign(many=["new", "q", "p"] * 80, code=[7, 2, 0] * 80)
    found = np.asarray(explainer.predict(other)).reshape(len(other), -1)
    np.testing.assert_allclose(found, raw(model, other), rtol=1e-9, atol=1e-9)


def test_path_dependent(frame):
    model = fit(frame, one_hot_max_size=10)
    explanation = banzhaf.TreeExplainer(model, frame)(frame[:3])
    assert np.isfinite(explanation.values).all()
    assert explanation.data[0, 2] == frame["many"][0]


def test_tables_of_every_kind(frame):
    pd = pytest.importorskip("pandas")
    model = fit(frame)
    explainer = banzhaf.TreeExplainer(model, frame[:20])
    expected = explainer(frame[20:24])
    assert pickle.loads(pickle.dumps(explainer))(frame[20:24]) == expected
    turned = frame[["many", "code", "size", "two"]].astype({"two": "category", "many": "category"})
    np.testing.assert_array_equal(explainer(turned[20:24]).values, expected.values)
    objects = frame.to_numpy(dtype=object)
    from_arrays = banzhaf.TreeExplainer(model, objects[:20])
    np.testing.assert_array_equal(from_arrays(objects[20:24]).values, expected.values)
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({name: frame[name].tolist() for name in frame})
    np.testing.assert_array_equal(banzhaf.TreeExplainer(model, table[:20])(table[20:24]).values, expected.values)
    flags = pd.DataFrame({"flag": [True, False] * 60, "b": np.arange(120.0)})
    of_flags = catboost.CatBoostRegressor(iterations=3, depth=2, verbose=False, allow_writing_files=False)
    of_flags.fit(flags, np.arange(120) % 2, cat_features=["flag"])
    np.testing.assert_allclose(banzhaf.TreeExplainer(of_flags, flags[:9]).predict(flags), of_flags.predict(flags))


@pytest.mark.parametrize("value", [None, np.nan, 1.5])
def test_what_catboost_does_not_take_as_a_category_is_refused(frame, value):
    explainer = banzhaf.TreeExplainer(fit(frame), frame[:9])
    rows = frame[:2].astype({"many": object})
    rows.loc[0, "many"] = value
    with pytest.raises(TypeError, match="column 'many' of X must hold categories that are strings or integers"):
        explainer(rows)


def test_statistics_of_columns_together_are_refused(frame):
    target = (frame["two"] == "x") ^ frame["many"].isin(["p", "q", "r"])
    model = fit(frame, target.astype(float), iterations=40, max_ctr_complexity=3)
    with pytest.raises(
        TypeError, match=r"statistics of combined columns\. Fit it with max_ctr_complexity=1, or .*banzhaf"
    ):
        banzhaf.TreeExplainer(model, frame[:9])


def test_texts_are_refused():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"text": ["a b c", "b c d", "c d e", "a d"] * 10, "b": np.arange(40.0)})
    model = catboost.CatBoostClassifier(iterations=2, depth=2, verbose=False, allow_writing_files=False)
    model.fit(frame, np.arange(40) % 2, text_features=["text"])
    with pytest.raises(TypeError, match=r"numerical and categorical features; .* has text features"):
        banzhaf.TreeExplainer(model, frame[:9])


def test_hashes_are_catboost_s(tmp_path):
    pd = pytest.importorskip("pandas")
    letters = np.random.default_rng(0).choice(list("abcXYZ 09é日"), size=300)
    texts = ["".join(letters[:k]) for k in [*range(70), 100, 127, 128, 129, 192, 193, 300]]
    data = catboost.Pool(pd.DataFrame({"k": texts}), np.arange(len(texts)) % 5, cat_features=["k"])
    model = catboost.CatBoostRegressor(iterations=1, depth=1, verbose=False, allow_writing_files=False).fit(data)
    model.save_model(str(tmp_path / "model.json"), format="json", pool=data)
    listed = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))["features_info"]["cat_features_hash"]
    assert {one["value"]: one["hash"] for one in listed} == {text: category_hash(text) for text in texts}
