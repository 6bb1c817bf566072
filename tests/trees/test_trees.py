# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tree ensembles: values against each library's own predictions, for every kind of model."""

from __future__ import annotations

import functools
import json
import threading
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import all_coalitions, brute_force
from tree_oracles import lightgbm_trees, masked_values, share_values, sklearn_tree, xgboost_trees

import banzhaf
from banzhaf import _core

sklearn = pytest.importorskip("sklearn")
from sklearn import ensemble, tree  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402

TOLERANCE = 1e-9  # relative to the largest value
# Tables; walks without tables; tables for single leaves; tables made for a few trees at a time in each call.
LIMITS = {
    "tables": {},
    "walks": {"shared_entries": 0, "most_entries": 0},
    "single leaves": {"shared_entries": 1, "most_entries": 2**20},
    "remade": {"kept_entries": 100},
    "both": {"shared_entries": 16, "most_entries": 40},
}


@pytest.fixture(params=LIMITS)
def limits(request, monkeypatch):
    monkeypatch.setattr(_core, "TreeValues", functools.partial(_core.TreeValues, **LIMITS[request.param]))
    return request.param


def make_rows(n_rows=300, n_columns=6, *, missing=0.0, seed=0, dtype=np.float64):
    """Rows of few distinct numbers, zeros among them, and a target with interactions."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_rows, n_columns)).round(1).astype(dtype)
    target = rows[:, 0] * rows[:, 1 % n_columns] + rows[:, 2 % n_columns] + (rows[:, -1] > 0.3)
    rows[rng.random(rows.shape) < missing] = np.nan
    return rows, target + rng.normal(size=n_rows) * 0.1


def on_thresholds(rows, thresholds, *, seed=0):
    """Put cells on a threshold, or next to one, in float32 and float64."""
    rng = np.random.default_rng(seed)
    rows = rows.copy()
    for row in rows:
        for feature, known in thresholds.items():
            if rng.random() < 0.7:
                near = np.clip(np.float64(rng.choice(known)), -1e30, 1e30)  # LightGBM splits off NaN at 1e308
                single = np.float32(near)
                candidates = [near, np.nextafter(near, 9e9), np.nextafter(near, -9e9), single]
                row[feature] = rng.choice([*candidates, np.nextafter(single, np.float32(9e9))])
    return rows


def assert_exact(model, predict, explicands, background, **options):
    """Check the values against predictions for all coalitions, and the base value against their mean."""
    explainer = banzhaf.TreeExplainer(model, background, **options)
    explanation = explainer(explicands)
    n_rows, n_columns = np.shape(explicands)
    values = explanation.values.reshape(n_rows, n_columns, -1)
    truth = np.stack([masked_values(predict, np.asarray(row), np.asarray(background)) for row in explicands])
    scale = np.abs(truth).max()
    assert scale > 0
    assert np.abs(values - truth).max() <= TOLERANCE * scale
    outputs = np.asarray(predict(np.asarray(background)), dtype=np.float64).reshape(len(background), -1)
    np.testing.assert_allclose(np.ravel(explanation.base_values), outputs.mean(axis=0), rtol=1e-6, atol=1e-7)
    assert np.all(explanation.standard_errors == 0)
    return explanation


def assert_path_dependent(model, trees, base, explicands, outputs):
    """Check the values against worths from the dump, whose full coalition gives the prediction."""
    explanation = banzhaf.TreeExplainer(model)(explicands)
    values = explanation.values.reshape(*explicands.shape, -1)
    for row, found, output in zip(explicands, values, np.reshape(outputs, (len(explicands), -1)), strict=True):
        truth, none, everyone = share_values(trees, base, row)
        np.testing.assert_allclose(everyone, output, rtol=1e-5, atol=1e-5)
        assert np.abs(found - truth).max() <= TOLERANCE * np.abs(truth).max()
        np.testing.assert_allclose(np.ravel(explanation.base_values), none, rtol=1e-9, atol=1e-12)


class TestXGBoost:
    """XGBoost adds in float32, so leaves of few bits make its sums exact."""

    @staticmethod
    def coarse(xgb, booster):
        """The same booster with leaves that are multiples of 2^-8."""
        model = json.loads(booster.save_raw("json"))
        booster_part = model["learner"]["gradient_booster"]
        for one in booster_part.get("gbtree", booster_part)["model"]["trees"]:
            for v, child in enumerate(one["left_children"]):
                if child < 0:
                    one["split_conditions"][v] = float(np.round(one["split_conditions"][v] * 256) / 256)
            for several in ("leaf_weights", "base_weights"):
                one[several] = [float(np.round(w * 256) / 256) for w in one.get(several, [])]
        for holder in (booster_part, booster_part.get("model", {})):
            if "weight_drop" in holder:
                holder["weight_drop"] = [0.5 if w < 1 else 1.0 for w in holder["weight_drop"]]
        coarse = xgb.Booster()
        coarse.load_model(bytearray(json.dumps(model).encode()))
        return coarse

    @staticmethod
    def margins(booster):
        return lambda rows: booster.inplace_predict(rows, predict_type="margin")

    @staticmethod
    def thresholds(booster):
        table = booster.trees_to_dataframe()
        table = table[table.Feature != "Leaf"]
        return {int(name[1:]): group.Split.dropna().to_numpy() for name, group in table.groupby("Feature")}

    @pytest.mark.parametrize(
        "settings",
        [
            {"objective": "reg:squarederror"},
            {"objective": "binary:logistic"},
            {"objective": "multi:softprob", "num_class": 3},
            {"objective": "reg:squarederror", "booster": "dart", "rate_drop": 0.4},
            {"objective": "reg:squarederror", "num_parallel_tree": 3, "subsample": 0.6},
            {"objective": "reg:absoluteerror", "max_depth": 1},
            {"objective": "reg:squarederror", "grow_policy": "lossguide", "max_leaves": 20, "max_depth": 0},
        ],
        ids=str,
    )
    @pytest.mark.filterwarnings("ignore:.*dart.*is deprecated:UserWarning")
    def test_every_kind_with_gaps(self, xgb, pd, settings, limits):
        rows, target = make_rows(missing=0.15, seed=1, dtype=np.float32)
        if settings["objective"] == "binary:logistic":
            target = target > 0
        if "num_class" in settings:
            target = np.digitize(target, [-0.5, 0.7])
        trained = xgb.train({"max_depth": 5, "nthread": 1, "base_score": 0.5, **settings}, xgb.DMatrix(rows, target), 8)
        booster = self.coarse(xgb, trained)
        explicands = on_thresholds(rows[:6].astype(np.float64), self.thresholds(booster), seed=1)
        background = on_thresholds(rows[6:20].astype(np.float64), self.thresholds(booster), seed=2)
        explanation = assert_exact(booster, self.margins(booster), explicands, background)
        assert explanation.values.ndim == (3 if "num_class" in settings else 2)

    @pytest.mark.parametrize(
        ("objective", "base_score"),
        [
            ("reg:squarederror", 0.7),
            ("binary:logistic", 0.2),
            ("binary:logitraw", 0.2),
            ("reg:logistic", 0.3),
            ("binary:hinge", 0.5),
            ("count:poisson", 3.0),
            ("reg:gamma", 2.0),
            ("reg:tweedie", 2.0),
            ("survival:cox", 2.0),
            ("survival:aft", 2.0),
            ("reg:squaredlogerror", 0.5),
            ("reg:pseudohubererror", 0.5),
            ("reg:quantileerror", None),
            ("rank:pairwise", 0.5),
            ("binary:logistic", None),
            ("count:poisson", None),
            ("multi:softmax", 0.4),
            ("multi:softprob", None),
        ],
    )
    def test_base_scores_of_every_objective(self, xgb, objective, base_score):
        rows, target = make_rows(dtype=np.float32)
        target = np.digitize(target, [0, 1]) % 3 if objective.startswith("multi") else (target > 0).astype(float)
        data = xgb.DMatrix(rows, target + (0.5 if objective in ("reg:gamma", "reg:tweedie") else 0))
        if objective == "survival:aft":
            data = xgb.DMatrix(rows)
            data.set_float_info("label_lower_bound", target + 1)
            data.set_float_info("label_upper_bound", target + 2)
        if objective.startswith("rank"):
            data.set_group([len(rows)])
        settings = {"objective": objective, "max_depth": 2, "nthread": 1, "quantile_alpha": 0.4}
        settings.update({"num_class": 3} if objective.startswith("multi") else {})
        settings.update({} if base_score is None else {"base_score": base_score})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # XGBoost warns of settings that an objective does not use
            booster = xgb.train(settings, data, 3)
        margins = booster.predict(xgb.DMatrix(rows), output_margin=True)
        np.testing.assert_allclose(banzhaf.TreeExplainer(booster).predict(rows), margins, rtol=2e-6, atol=2e-6)

    @pytest.mark.parametrize("base_score", ["5E-1", "[5E-1]", "0.5"])
    def test_base_score_in_every_version_s_form(self, base_score):
        from banzhaf._trees.readers.xgboost import _base_margins

        np.testing.assert_array_equal(_base_margins(base_score, "reg:squarederror"), [0.5])
        np.testing.assert_array_equal(_base_margins(base_score, "binary:logistic"), [0.0])

    def test_trees_of_several_outputs(self, xgb, limits):
        rows, target = make_rows(missing=0.1, dtype=np.float32)
        booster = self.coarse(
            xgb,
            xgb.train(
                {"multi_strategy": "multi_output_tree", "max_depth": 4, "nthread": 1, "base_score": 0.5},
                xgb.DMatrix(rows, np.c_[target, -(target**2)]),
                4,
            ),
        )
        explanation = assert_exact(booster, self.margins(booster), rows[:3].astype(float), rows[3:9].astype(float))
        assert explanation.values.shape == (3, 6, 2)

    @pytest.mark.parametrize("one_hot", [1, 100])
    def test_categories_as_codes(self, xgb, one_hot, limits):
        """Categories that are listed, not listed, never seen, invalid, and missing."""
        rng = np.random.default_rng(0)
        rows, target = make_rows(missing=0.1, dtype=np.float32)
        rows[:, 1] = rng.integers(0, 40, len(rows))
        rows[rng.random(len(rows)) < 0.1, 1] = np.nan
        target = target + np.isin(rows[:, 1], [1, 5, 7, 33])
        types = ["float", "c", "float", "float", "float", "float"]
        data = xgb.DMatrix(rows, target, feature_types=types, enable_categorical=True)
        settings = {"max_depth": 4, "nthread": 1, "max_cat_to_onehot": one_hot, "base_score": 0.5}
        booster = self.coarse(xgb, xgb.train(settings, data, 6))
        explicands, background = rows[:8].astype(np.float64), rows[8:20].astype(np.float64)
        explicands[:8, 1] = [-1, -0.5, 2.7, 39, 41, 1000, 2.0**25, np.nan]
        background[:3, 1] = [33.9, 500, -7]
        predict = lambda x: booster.predict(  # noqa: E731
            xgb.DMatrix(x, feature_types=types, enable_categorical=True), output_margin=True
        )
        assert_exact(booster, predict, explicands, background)

    def test_categories_of_frames(self, xgb, pd):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(
            {
                "size": rng.normal(size=200),
                "kind": pd.Categorical(rng.choice(list("wxyz"), 200)),
                "level": pd.Categorical(rng.choice([10, 20, 30], 200)),
                "count": rng.integers(0, 5, 200),
            }
        )
        target = frame["size"] * (frame["kind"] == "x") + (frame["level"] == 20) + frame["count"]
        frame.loc[:9, "kind"] = None
        model = xgb.XGBRegressor(n_estimators=5, max_depth=4, enable_categorical=True, n_jobs=1).fit(frame, target)
        explainer = banzhaf.TreeExplainer(model, frame[:30])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame), rtol=1e-5, atol=1e-5)
        shuffled = frame[["count", "kind", "size", "level"]]
        # The same texts with other codes: XGBoost uses the codes of training if it knows them.
        if hasattr(model.get_booster(), "get_categories"):
            shuffled = shuffled.assign(kind=frame["kind"].cat.reorder_categories(list("zyxw")))
        explanation = explainer(shuffled[:7])
        assert explanation == explainer(frame[:7])
        assert explanation.feature_names == ("size", "kind", "level", "count")
        assert list(explanation.data[0])[1:] == [None, *frame.iloc[0, 2:]] or explanation.data[0][1] != "x"
        if hasattr(model.get_booster(), "get_categories"):
            with pytest.raises(ValueError, match=r"column 'kind' of X holds 'q', which is not a category"):
                explainer(frame[:2].assign(kind=pd.Categorical(["q", "x"])))

    def test_early_stopping(self, xgb):
        rows, target = make_rows(dtype=np.float32)
        model = xgb.XGBRegressor(n_estimators=60, early_stopping_rounds=3, learning_rate=0.9, n_jobs=1)
        model.fit(rows[:60], target[:60], eval_set=[(rows[60:], target[60:])], verbose=False)
        assert model.best_iteration < len(model.get_booster().get_dump()) - 1
        np.testing.assert_allclose(
            banzhaf.TreeExplainer(model).predict(rows), model.predict(rows), rtol=1e-5, atol=1e-5
        )
        np.testing.assert_allclose(
            banzhaf.TreeExplainer(model.get_booster()).predict(rows),
            model.get_booster().predict(xgb.DMatrix(rows)),
            rtol=1e-5,
            atol=1e-5,
        )

    def test_classifier_names_its_classes(self, xgb):
        rows, target = make_rows(dtype=np.float32)
        model = xgb.XGBClassifier(n_estimators=3, n_jobs=1).fit(rows, np.digitize(target, [0, 1]))
        explanation = banzhaf.TreeExplainer(model, rows[:9])(rows[9:11])
        assert explanation.output_names == ("0", "1", "2")
        assert explanation.values.shape == (2, 6, 3)

    @pytest.mark.parametrize("objective", ["reg:squarederror", "multi:softprob"])
    def test_path_dependent(self, xgb, objective, limits):
        rows, target = make_rows(missing=0.15, n_columns=5, seed=3, dtype=np.float32)
        rng = np.random.default_rng(0)
        rows[:, 1] = rng.integers(0, 9, len(rows))
        settings = {"objective": objective, "max_depth": 4, "nthread": 1, "base_score": 0.5, "max_cat_to_onehot": 1}
        n_outputs = 3 if objective.startswith("multi") else 1
        if n_outputs > 1:
            settings["num_class"], target = 3, np.digitize(target, [-0.5, 0.7])
        types = ["float", "c", "float", "float", "float"]
        data = xgb.DMatrix(rows, target, feature_types=types, enable_categorical=True)
        booster = xgb.train(settings, data, 3)
        outputs = booster.predict(data, output_margin=True)[:4]
        explicands = rows[:4].astype(np.float64)
        assert_path_dependent(booster, xgboost_trees(booster, n_outputs), np.full(n_outputs, 0.5), explicands, outputs)

    def test_linear_booster_is_refused(self, xgb):
        rows, target = make_rows()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # gblinear is deprecated
            booster = xgb.train({"booster": "gblinear", "nthread": 1}, xgb.DMatrix(rows, target), 2)
            with pytest.raises(TypeError, match="made of trees; this XGBoost booster is 'gblinear'"):
                banzhaf.TreeExplainer(booster)


class TestLightGBM:
    @staticmethod
    def train(lgb, rows, target, n_trees=8, **settings):
        categorical = settings.pop("categorical_feature", "auto")
        settings = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, "num_leaves": 16, "seed": 0, **settings}
        return lgb.train(settings, lgb.Dataset(rows, target, categorical_feature=categorical), n_trees)

    @staticmethod
    def raw(booster):
        return lambda rows: booster.predict(rows, raw_score=True)

    @staticmethod
    def thresholds(booster):
        found = {}

        def walk(node):
            if "split_feature" in node and node["decision_type"] == "<=":
                found.setdefault(node["split_feature"], []).append(node["threshold"])
            for side in ("left_child", "right_child"):
                if side in node:
                    walk(node[side])

        for one in booster.dump_model()["tree_info"]:
            walk(one["tree_structure"])
        return found

    @pytest.mark.parametrize(
        "settings",
        [
            {"objective": "regression"},
            {"objective": "regression", "use_missing": False},
            {"objective": "regression", "zero_as_missing": True},
            {"objective": "binary"},
            {"objective": "multiclass", "num_class": 3},
            {"objective": "regression", "boosting": "dart", "drop_rate": 0.5},
            {"objective": "regression", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
            {"objective": "regression", "num_leaves": 2},
            {"objective": "poisson"},
        ],
        ids=str,
    )
    def test_every_kind_with_gaps(self, lgb, settings, limits):
        rows, target = make_rows(missing=0.15, seed=1)
        if settings["objective"] == "binary":
            target = target > 0
        if settings["objective"] == "poisson":
            target = np.abs(target)
        if "num_class" in settings:
            target = np.digitize(target, [-0.5, 0.7])
        booster = self.train(lgb, rows, target, **settings)
        explicands = on_thresholds(rows[:6], self.thresholds(booster), seed=1)
        background = on_thresholds(rows[6:20], self.thresholds(booster), seed=2)
        explicands[0, :4] = [0.0, -0.0, 1e-36, -1e-36]
        background[0, 2:] = [0.0, np.float64(np.float32(1e-35)), 2e-35, -1.1e-35]
        # For a forest, LightGBM's raw score is the sum of the trees; its prediction, which is explained, is the mean.
        predict = booster.predict if settings.get("boosting") == "rf" else self.raw(booster)
        assert_exact(booster, predict, explicands, background)

    def test_missing_cells_of_a_model_without(self, lgb, limits):
        rows, target = make_rows()
        booster = self.train(lgb, rows, target)
        rows[::3, :3] = np.nan
        assert_exact(booster, self.raw(booster), rows[:6], rows[6:15])

    @pytest.mark.parametrize("one_hot", [1, 100])
    def test_categories_as_codes(self, lgb, one_hot, limits):
        rng = np.random.default_rng(0)
        rows, target = make_rows(missing=0.1)
        rows[:, 1] = rng.integers(0, 40, len(rows))
        rows[rng.random(len(rows)) < 0.1, 1] = np.nan
        booster = self.train(
            lgb,
            rows,
            target + 3 * np.isin(rows[:, 1], [1, 5, 7, 33]),
            categorical_feature=[1],
            max_cat_to_onehot=one_hot,
            min_data_per_group=2,
            cat_smooth=0.1,
        )
        assert "num_cat=0" not in booster.model_to_string().split("Tree=1")[0]
        explicands, background = rows[:8].copy(), rows[8:20].copy()
        explicands[:8, 1] = [-1, -0.5, 5.7, 33, 41, 1000, 2.0**33, np.nan]
        background[:3, 1] = [33.9, 500, -7]
        assert_exact(booster, self.raw(booster), explicands, background)

    def test_categories_of_frames(self, lgb, pd):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(
            {
                "the size": rng.normal(size=300),
                "kind": pd.Categorical(rng.choice(list("wxyz"), 300)),
                "level": pd.Categorical(rng.choice([10, 20, 30], 300)),
            }
        )
        target = frame["the size"] * (frame["kind"] == "x") + (frame["level"] == 20)
        frame.loc[:9, "kind"] = None
        model = lgb.LGBMRegressor(n_estimators=5, verbose=-1, n_jobs=1, min_data_per_group=5).fit(frame, target)
        explainer = banzhaf.TreeExplainer(model, frame[:30])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame), rtol=1e-12)
        # Other categories: LightGBM uses the codes of training and treats unknown ones as missing.
        other = frame[:9].assign(kind=pd.Categorical(list("zyxwqqzzx")))
        np.testing.assert_allclose(explainer.predict(other), model.predict(other), rtol=1e-12)
        with pytest.raises(ValueError, match="has 1 categorical columns, but model was fitted on 2"):
            explainer(frame[:5].astype({"kind": "str"}).assign(kind=0.0))

    def test_integers_are_rounded_as_lightgbm_does(self, lgb):
        rng = np.random.default_rng(0)
        rows = rng.integers(2**24, 2**24 + 40, size=(400, 3))
        booster = self.train(lgb, rows.astype(np.float64), (rows % 2).sum(axis=1), num_leaves=31)
        explainer = banzhaf.TreeExplainer(booster, rows[:20])
        np.testing.assert_allclose(explainer.predict(rows), booster.predict(rows), rtol=1e-12)
        floats = banzhaf.TreeExplainer(booster, rows[:20].astype(float)).predict(rows.astype(float))
        assert not np.allclose(floats, booster.predict(rows))

    def test_classes_and_best_iteration(self, lgb):
        rows, target = make_rows()
        labels = np.array(["high", "low", "middle"])[np.digitize(target, [0, 1])]
        model = lgb.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(rows, labels)
        explainer = banzhaf.TreeExplainer(model, rows[:20])
        np.testing.assert_allclose(explainer.predict(rows), model.predict(rows, raw_score=True), rtol=1e-12)
        assert explainer(rows[:3]).output_names == ("high", "low", "middle")
        data = lgb.Dataset(rows[:100], target[:100])
        booster = lgb.train(
            {"verbose": -1, "num_threads": 1, "learning_rate": 0.9, "metric": "l2"},
            data,
            50,
            valid_sets=[lgb.Dataset(rows[100:], target[100:], reference=data)],
            callbacks=[lgb.early_stopping(2, verbose=False)],
            keep_training_booster=True,
        )
        assert 0 < booster.best_iteration < booster.current_iteration()
        np.testing.assert_allclose(
            banzhaf.TreeExplainer(booster).predict(rows), booster.predict(rows), rtol=1e-12, atol=1e-14
        )

    @pytest.mark.parametrize("kind", ["regression", "multiclass", "zero_as_missing"])
    def test_path_dependent(self, lgb, kind, limits):
        rows, target = make_rows(missing=0.1, n_columns=5)
        rows[:, 1] = np.random.default_rng(0).integers(0, 9, len(rows))
        settings = {"objective": "regression", "zero_as_missing": kind == "zero_as_missing"}
        if kind == "multiclass":
            settings, target = {"objective": kind, "num_class": 3}, np.digitize(target, [-0.5, 0.7])
        booster = self.train(
            lgb, rows, target, 3, num_leaves=12, categorical_feature=[1], min_data_per_group=2, **settings
        )
        n_outputs = booster.num_model_per_iteration()
        outputs = booster.predict(rows[:4], raw_score=True)
        assert_path_dependent(booster, lightgbm_trees(booster, n_outputs), np.zeros(n_outputs), rows[:4], outputs)

    @pytest.mark.parametrize("settings", [{}, {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}], ids=str)
    def test_linear_trees(self, lgb, settings, limits):
        rows, target = make_rows(missing=0.1)
        booster = self.train(lgb, rows, target, 4, linear_tree=True, num_leaves=6, min_data_in_leaf=20, **settings)
        predict = booster.predict if settings else self.raw(booster)
        explicands = rows[:5].copy()
        explicands[0] = [0.0, -0.0, 1e-36, 1e-20, 1e6, -1e6]
        assert_exact(booster, predict, explicands, rows[5:15])
        with pytest.raises(ValueError, match="background is needed: the leaves of model are linear in features"):
            banzhaf.TreeExplainer(booster)


def sklearn_models():
    return {
        "tree": tree.DecisionTreeRegressor(max_depth=6, random_state=0),
        "tree classifier": tree.DecisionTreeClassifier(max_depth=6, class_weight="balanced", random_state=0),
        "extra tree": tree.ExtraTreeRegressor(max_depth=7, random_state=0),
        "deep tree": tree.DecisionTreeRegressor(splitter="random", max_depth=20, random_state=0),
        "stump": tree.DecisionTreeRegressor(max_depth=1, random_state=0),
        "forest": ensemble.RandomForestRegressor(8, random_state=0),
        "forest classifier": ensemble.RandomForestClassifier(8, max_depth=6, random_state=0),
        "extra trees": ensemble.ExtraTreesRegressor(5, max_depth=8, random_state=0),
        "extra trees classifier": ensemble.ExtraTreesClassifier(5, max_depth=6, random_state=0),
        "boosting": ensemble.GradientBoostingRegressor(n_estimators=10, random_state=0),
        "boosting from zero": ensemble.GradientBoostingRegressor(n_estimators=10, init="zero", random_state=0),
        "boosting of quantiles": ensemble.GradientBoostingRegressor(n_estimators=9, loss="quantile", random_state=0),
        "boosting classifier": ensemble.GradientBoostingClassifier(n_estimators=5, random_state=0),
        "histogram boosting": ensemble.HistGradientBoostingRegressor(max_iter=8, random_state=0),
        "histogram boosting classifier": ensemble.HistGradientBoostingClassifier(max_iter=4, random_state=0),
        "histogram boosting of counts": ensemble.HistGradientBoostingRegressor(loss="poisson", max_iter=5),
    }


def raw_of(model):
    """The output of a scikit-learn model that is explained, from the model itself."""
    if hasattr(model, "decision_function"):
        return model.decision_function
    if type(model).__name__.startswith("HistGradientBoostingRegressor") and model.loss == "poisson":
        return lambda rows: np.log(model.predict(rows))
    return getattr(model, "predict_proba", model.predict)


class TestScikitLearn:
    @pytest.mark.parametrize(
        ("name", "n_classes"),
        [(name, k) for name in sklearn_models() for k in ((2, 3) if "classifier" in name else (0,))],
    )
    def test_every_kind(self, name, n_classes, limits):
        rows, target = make_rows(seed=5)
        model = sklearn_models()[name]
        if "classifier" in name:
            target = np.array(["no", "yes", "well"])[np.digitize(target, [0.2, 1][: n_classes - 1])]
        model.fit(rows, np.abs(target) if "counts" in name else target)
        thresholds = {}
        for one in getattr(model, "estimators_", [model]):
            for part in np.ravel(one):
                if hasattr(part, "tree_"):
                    for feature, threshold in zip(part.tree_.feature, part.tree_.threshold, strict=True):
                        if feature >= 0:
                            thresholds.setdefault(feature, []).append(threshold)
        for stage in getattr(model, "_predictors", []):
            for part in stage:
                for node in part.nodes[part.nodes["is_leaf"] == 0]:
                    thresholds.setdefault(node["feature_idx"], []).append(node["num_threshold"])
        explicands = on_thresholds(rows[:5], thresholds, seed=1)
        background = on_thresholds(rows[5:15], thresholds, seed=2)
        explanation = assert_exact(model, raw_of(model), explicands, background)
        if explanation.values.ndim == 3:
            assert explanation.output_names == tuple(model.classes_)

    @pytest.mark.parametrize(
        "model",
        [
            tree.DecisionTreeRegressor(max_depth=5, random_state=0),
            ensemble.RandomForestRegressor(5, max_depth=6, random_state=0),
            ensemble.HistGradientBoostingRegressor(max_iter=6),
        ],
        ids=lambda model: type(model).__name__,
    )
    def test_gaps(self, model, limits):
        rows, target = make_rows(missing=0.2, seed=6)
        model.fit(rows, target)
        assert_exact(model, model.predict, rows[:5], rows[5:15])

    def test_several_targets(self, limits):
        rows, target = make_rows()
        model = ensemble.RandomForestRegressor(4, max_depth=5, random_state=0).fit(rows, np.c_[target, target**2])
        assert assert_exact(model, model.predict, rows[:3], rows[3:9]).values.shape == (3, 6, 2)

    def test_histogram_boosting_with_categories(self, pd):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(
            {
                "size": rng.normal(size=400).round(1),
                "kind": pd.Categorical(rng.choice(list("uvwxyz"), 400)),
                "weight": rng.normal(size=400),
            }
        )
        target = frame["size"] * frame["kind"].isin(["x", "u", "w"]) + frame["weight"]
        frame.loc[::9, "kind"] = None
        model = ensemble.HistGradientBoostingRegressor(max_iter=6, categorical_features="from_dtype")
        model.fit(frame, target)
        explainer = banzhaf.TreeExplainer(model, frame[:20])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame), rtol=1e-12)
        explanation = explainer(frame[20:24])

        def predict(codes):
            known = frame["kind"].cat.categories
            kind = pd.Categorical.from_codes(np.nan_to_num(codes[:, 1], nan=-1).astype(int), known)
            return model.predict(pd.DataFrame({"size": codes[:, 0], "kind": kind, "weight": codes[:, 2]}))

        coded = frame.assign(kind=frame["kind"].cat.codes.replace(-1, np.nan)).to_numpy(dtype=float)
        truth = np.stack([masked_values(predict, row, coded[:20])[:, 0] for row in coded[20:24]])
        assert np.abs(explanation.values - truth).max() <= TOLERANCE * np.abs(truth).max()

    def test_histogram_boosting_with_categories_as_codes(self):
        rows, target = make_rows(missing=0.1)
        rows[:, 1] = np.random.default_rng(0).integers(0, 9, len(rows))
        rows[:, 4] = np.random.default_rng(1).integers(0, 5, len(rows))
        model = ensemble.HistGradientBoostingRegressor(max_iter=6, categorical_features=[1, 4], min_samples_leaf=4)
        model.fit(rows, target + 2 * np.isin(rows[:, 1], [1, 4, 7]))
        explicands = rows[:6].copy()
        explicands[:4, 1] = [77, np.nan, 4, 7]
        assert_exact(model, model.predict, explicands, rows[6:15])

    def test_path_dependent(self, limits):
        rows, target = make_rows(missing=0.1, n_columns=5)
        rng = np.random.default_rng(0)
        weights = rng.random(len(rows))
        model = ensemble.RandomForestRegressor(3, max_depth=5, random_state=0).fit(rows, target, sample_weight=weights)
        trees = [sklearn_tree(e.tree_, lambda v, e=e: e.tree_.value[v, :, 0] / 3) for e in model.estimators_]
        assert_path_dependent(model, trees, np.zeros(1), rows[:4], model.predict(rows[:4]))

    def test_path_dependent_of_a_classifier(self, limits):
        rows, target = make_rows(n_columns=4)
        model = tree.DecisionTreeClassifier(max_depth=5, random_state=0).fit(rows, np.digitize(target, [0, 1]))
        node = sklearn_tree(model.tree_, lambda v: model.tree_.value[v, 0])
        assert_path_dependent(model, [node], np.zeros(3), rows[:4], model.predict_proba(rows[:4]))

    def test_a_threshold_that_is_not_a_number(self):
        """Some versions store it at a split that separates missing cells from all others."""
        rows, target = make_rows(missing=0.3)
        model = tree.DecisionTreeRegressor(max_depth=3, random_state=0).fit(rows, target)
        state = model.tree_.__getstate__()
        assert state["nodes"]["left_child"][0] != -1
        state["nodes"]["threshold"][0] = np.nan
        state["nodes"]["missing_go_to_left"][0] = 1
        model.tree_.__setstate__(state)
        assert_exact(model, model.predict, rows[:6], rows[6:15])

    def test_many_features_on_a_path(self):
        """A path has more players than a table can hold."""
        rng = np.random.default_rng(0)
        n = 14
        rows = rng.random((2000, n)).round(2)
        target = np.cumprod(rows > 0.15, axis=1).sum(
            axis=1
        )  # a chain: each feature matters only if all before it passed
        model = tree.DecisionTreeRegressor(max_depth=20, random_state=0).fit(rows, target)
        explainer = banzhaf.TreeExplainer(model, rows[:3])
        assert explainer._values.n_deep_leaves > 0
        assert_exact(model, model.predict, rows[3:5], rows[:3])

    @pytest.mark.parametrize(
        ("model", "message"),
        [
            (LinearRegression(), ".* treelite model, got LinearRegression"),
            (
                ensemble.AdaBoostRegressor(),
                "cannot be of the class AdaBoostRegressor: it predicts a weighted median",
            ),
            (ensemble.GradientBoostingRegressor(), "model must be fitted; this GradientBoostingRegressor is not"),
            (tree.DecisionTreeRegressor(), "model must be fitted; this DecisionTreeRegressor is not"),
            (tree.DecisionTreeRegressor, "not the class DecisionTreeRegressor"),
            (lambda rows: rows, ".* treelite model, got function"),
        ],
    )
    def test_what_is_not_supported_is_refused(self, model, message):
        with pytest.raises(TypeError, match=message):
            banzhaf.TreeExplainer(model)

    def test_what_would_not_be_exact_is_refused(self):
        rows, target = make_rows()
        model = ensemble.GradientBoostingRegressor(init=LinearRegression(), n_estimators=2).fit(rows, target)
        with pytest.raises(TypeError, match="boosts from a LinearRegression"):
            banzhaf.TreeExplainer(model)
        model = ensemble.RandomForestClassifier(2).fit(rows, np.c_[target > 0, target > 1])
        with pytest.raises(TypeError, match="classifies 2"):
            banzhaf.TreeExplainer(model)


class TestCatBoost:
    @pytest.fixture
    def catboost(self):
        return pytest.importorskip("catboost")

    @staticmethod
    def settings(**options):
        return {"iterations": 6, "depth": 4, "verbose": 0, "thread_count": 1, "allow_writing_files": False, **options}

    @pytest.mark.parametrize("policy", ["SymmetricTree", "Lossguide", "Depthwise"])
    @pytest.mark.parametrize("nan_mode", ["Min", "Max"])
    @pytest.mark.parametrize("kind", ["regression", "binary", "classes"])
    def test_every_kind_with_gaps(self, catboost, policy, nan_mode, kind, limits):
        rows, target = make_rows(missing=0.15)
        settings = self.settings(grow_policy=policy, nan_mode=nan_mode)
        if kind == "regression":
            model = catboost.CatBoostRegressor(**settings).fit(rows, target)
        else:
            bounds = [0.3] if kind == "binary" else [0, 1]
            model = catboost.CatBoostClassifier(**settings).fit(rows, np.digitize(target, bounds))
        thresholds = dict(enumerate(model.get_borders().values()))
        thresholds = {feature: known for feature, known in thresholds.items() if len(known)}
        explicands = on_thresholds(rows[:5], thresholds, seed=1)
        background = on_thresholds(rows[5:15], thresholds, seed=2)
        predict = functools.partial(model.predict, prediction_type="RawFormulaVal")
        explanation = assert_exact(model, predict, explicands, background)
        assert explanation.output_names == (("0", "1", "2") if kind == "classes" else None)

    def test_frames_and_path_dependent(self, catboost, pd):
        rows, target = make_rows()
        frame = pd.DataFrame(rows, columns=list("abcdef"))
        model = catboost.CatBoostRegressor(**self.settings(grow_policy="Depthwise")).fit(frame, target)
        explainer = banzhaf.TreeExplainer(model)
        assert explainer.feature_names == tuple("abcdef")
        np.testing.assert_allclose(explainer.predict(frame[list("fedcba")]), model.predict(frame), rtol=1e-12)

    @staticmethod
    def worth(tree, n_outputs, row, coalition, empty_share):
        """Mean of the leaves of a symmetric tree that the row reaches if it decides only the coalition's splits.

        The branches of a split without training rows have the weights `empty_share` and 1 - `empty_share`.
        """
        values, weights = np.reshape(tree["leaf_values"], (-1, n_outputs)), np.array(tree["leaf_weights"])

        def below(level, leaves):
            if level == len(tree["splits"]):
                return values[leaves[0]]
            split = tree["splits"][level]
            feature, right = split["float_feature_index"], (leaves >> level & 1) == 1
            if coalition[feature]:
                return below(level + 1, leaves[right == (np.float32(row[feature]) > split["border"])])
            total = weights[leaves].sum()
            share = weights[leaves[right]].sum() / total if total else empty_share
            return share * below(level + 1, leaves[right]) + (1 - share) * below(level + 1, leaves[~right])

        return below(0, np.arange(len(values)))

    @pytest.mark.parametrize("n_rows", [15, 60, 300])
    @pytest.mark.parametrize("depth", [4, 6])
    @pytest.mark.parametrize("kind", ["regression", "classes"])
    def test_leaves_that_no_training_rows_reached(self, catboost, tmp_path, kind, depth, n_rows, limits):
        rows, target = make_rows(n_rows=n_rows, n_columns=5)
        settings = self.settings(depth=depth, iterations=3)
        if kind == "regression":
            model = catboost.CatBoostRegressor(**settings).fit(rows, target)
        else:
            model = catboost.CatBoostClassifier(**settings).fit(rows, np.digitize(target, [0, 1]))
        model.save_model(str(tmp_path / "model.json"), format="json")
        saved = json.loads((tmp_path / "model.json").read_text())
        symmetric, bias = saved["oblivious_trees"], np.ravel(saved["scale_and_bias"][1])
        if depth == 6:
            assert any(0 in tree["leaf_weights"] for tree in symmetric)
        explicands = np.random.default_rng(1).normal(size=(3, 5)).round(1)  # they reach empty leaves too
        explainer = banzhaf.TreeExplainer(model)
        values = explainer(explicands).values.reshape(3, 5, -1)
        for row, found in zip(explicands, values, strict=True):
            for empty_share in (0.5, 0.1):
                worths = np.array(
                    [
                        bias + sum(self.worth(tree, len(bias), row, mask, empty_share) for tree in symmetric)
                        for mask in all_coalitions(5)
                    ]
                )
                truth = np.stack([brute_force(worths[:, k], 5) for k in range(len(bias))], axis=1)
                assert np.abs(found - truth).max() <= TOLERANCE * np.abs(truth).max()
                np.testing.assert_allclose(np.ravel(explainer.base_values), worths[0], rtol=1e-9, atol=1e-12)
            raw = model.predict(row[np.newaxis], prediction_type="RawFormulaVal")
            np.testing.assert_allclose(explainer.predict(row[np.newaxis]).ravel(), np.ravel(raw), rtol=1e-9, atol=1e-12)

    def test_different_leaves_that_no_training_rows_reached_are_refused(self, catboost):
        rows, target = make_rows(n_rows=30)
        model = catboost.CatBoostRegressor(**self.settings(depth=6)).fit(rows, target)
        assert banzhaf.TreeExplainer(model.copy())(rows[:2]).values.shape == (2, 6)
        model.set_leaf_values(np.random.default_rng(0).normal(size=model.get_leaf_values().shape))
        message = "background is needed: .* a split of tree 0 was reached by none"
        with pytest.raises(ValueError, match=message):
            banzhaf.TreeExplainer(model)
        predict = functools.partial(model.predict, prediction_type="RawFormulaVal")
        assert_exact(model, predict, rows[:3], rows[3:9])

    def test_must_be_fitted(self, catboost):
        with pytest.raises(TypeError, match="this CatBoostRegressor is not"):
            banzhaf.TreeExplainer(catboost.CatBoostRegressor())


class TestTreelite:
    """Values against treelite's own predictions, and against the reader of the original library."""

    @pytest.fixture
    def treelite(self):
        return pytest.importorskip("treelite")

    @staticmethod
    def margins(treelite, model, dtype):
        def predict(rows):
            outputs = treelite.gtil.predict(model, np.ascontiguousarray(rows, dtype=dtype), pred_margin=True, nthread=1)
            return outputs.reshape(len(rows), -1)

        return predict

    @pytest.mark.parametrize("objective", ["reg:squarederror", "binary:logistic", "multi:softprob"])
    def test_xgboost(self, treelite, xgb, objective, limits):
        rows, target = make_rows(missing=0.1, dtype=np.float32)
        rows[:, 1] = np.random.default_rng(0).integers(0, 9, len(rows))
        settings = {"objective": objective, "max_depth": 4, "nthread": 1, "base_score": 0.5, "max_cat_to_onehot": 1}
        if objective == "multi:softprob":
            settings["num_class"], target = 3, np.digitize(target, [0, 1])
        if objective == "binary:logistic":
            target = target > 0
        types = ["float", "c", "float", "float", "float", "float"]
        data = xgb.DMatrix(rows, target, feature_types=types, enable_categorical=True)
        booster = TestXGBoost.coarse(xgb, xgb.train(settings, data, 4))
        model = treelite.frontend.from_xgboost(booster)
        explicands, background = rows[:4].astype(np.float64), rows[4:12].astype(np.float64)
        found = assert_exact(model, self.margins(treelite, model, np.float32), explicands, background)
        direct = banzhaf.TreeExplainer(booster, background)(explicands)
        np.testing.assert_allclose(found.values, direct.values, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(
            banzhaf.TreeExplainer(model)(explicands).values,
            banzhaf.TreeExplainer(booster)(explicands).values,
            rtol=1e-6,
            atol=1e-9,
        )

    @pytest.mark.parametrize(
        "model",
        [
            ensemble.RandomForestClassifier(5, max_depth=5, random_state=0),
            ensemble.GradientBoostingRegressor(n_estimators=5),
            ensemble.ExtraTreesRegressor(5, max_depth=5, random_state=0),
        ],
        ids=lambda model: type(model).__name__,
    )
    def test_scikit_learn(self, treelite, model, limits):
        rows, target = make_rows(dtype=np.float32)
        rows = rows.astype(np.float64)
        model.fit(rows, target > 0 if hasattr(model, "predict_proba") else target)
        found = treelite.sklearn.import_model(model)
        explanation = assert_exact(found, self.margins(treelite, found, np.float64), rows[:4], rows[4:12])
        direct = banzhaf.TreeExplainer(model, rows[4:12])(rows[:4])
        np.testing.assert_allclose(explanation.values, direct.values, rtol=1e-9, atol=1e-12)

    def test_lightgbm(self, treelite, lgb, limits):
        rows, target = make_rows()
        booster = TestLightGBM.train(lgb, rows, np.digitize(target, [0, 1]), 4, objective="multiclass", num_class=3)
        model = treelite.frontend.from_lightgbm(booster)
        explanation = assert_exact(model, self.margins(treelite, model, np.float64), rows[:4], rows[4:12])
        direct = banzhaf.TreeExplainer(booster, rows[4:12])(rows[:4])
        np.testing.assert_allclose(explanation.values, direct.values, rtol=1e-9, atol=1e-12)


@st.composite
def small_problems(draw):
    seed = draw(st.integers(0, 2**20))
    return {
        "seed": seed,
        "library": draw(st.sampled_from(["sklearn", "sklearn", "extra", "lightgbm", "xgboost"])),
        "n_columns": draw(st.integers(1, 7)),
        "n_rows": draw(st.integers(8, 60)),
        "depth": draw(st.integers(1, 20)),
        "n_trees": draw(st.integers(1, 3)),
        "missing": draw(st.sampled_from([0.0, 0.2])),
        "limits": draw(st.sampled_from(list(LIMITS))),
    }


@given(small_problems())
@settings(max_examples=200)
def test_random_models(problem):
    check_random_model(problem)


@pytest.mark.slow
@given(small_problems())
@settings(max_examples=1000)
def test_a_thousand_random_models(problem):
    check_random_model(problem)


def check_random_model(problem):
    rows, target = make_rows(
        problem["n_rows"], problem["n_columns"], missing=problem["missing"], seed=problem["seed"], dtype=np.float32
    )
    rows = rows.astype(np.float64)
    depth, n_trees, library = problem["depth"], problem["n_trees"], problem["library"]
    if library == "xgboost":
        xgb = pytest.importorskip("xgboost")
        config = {"max_depth": depth, "nthread": 1, "min_child_weight": 0, "lambda": 0, "base_score": 0.5}
        model = TestXGBoost.coarse(xgb, xgb.train(config, xgb.DMatrix(rows, target), n_trees))
        predict = TestXGBoost.margins(model)
    elif library == "lightgbm":
        lgb = pytest.importorskip("lightgbm")
        model = TestLightGBM.train(lgb, rows, target, n_trees, min_data_in_leaf=1, max_depth=depth, min_data_in_bin=1)
        predict = model.predict
    else:
        if library == "extra" and problem["missing"]:
            rows = np.nan_to_num(rows)
        kinds = {"sklearn": tree.DecisionTreeRegressor, "extra": tree.ExtraTreeRegressor}
        model = kinds[library](max_depth=depth, random_state=problem["seed"]).fit(rows, target)
        predict = model.predict
    explicands, background = rows[:2], rows[2:6]
    limited = _core.TreeValues
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_core, "TreeValues", functools.partial(limited, **LIMITS[problem["limits"]]))
        values = banzhaf.TreeExplainer(model, background)(explicands).values
        shares = banzhaf.TreeExplainer(model)
    truth = np.stack([masked_values(predict, row, background)[:, 0] for row in explicands])
    # If all values are 0, the tolerance is 1e-9 of the outputs.
    scale = max(np.abs(truth).max(), np.abs(predict(rows[:6])).max() * 1e-3)
    assert np.abs(values - truth).max() <= TOLERANCE * scale
    np.testing.assert_allclose(shares.predict(rows), predict(rows), rtol=1e-6, atol=1e-6)


class TestExplainer:
    @pytest.fixture
    def fitted(self):
        rows, target = make_rows(n_rows=600, n_columns=8)
        model = ensemble.GradientBoostingRegressor(n_estimators=30, max_depth=4, random_state=0)
        return model.fit(rows, target), rows

    def test_agrees_with_the_explainer_of_any_model(self, fitted):
        model, rows = fitted
        exact = banzhaf.TreeExplainer(model, rows[:30])(rows[30:35])
        sampled = banzhaf.Explainer(model, rows[:30], design="exhaustive")(rows[30:35])
        np.testing.assert_allclose(exact.values, sampled.values, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(exact.base_values, sampled.base_values, rtol=1e-12)
        np.testing.assert_array_equal(exact.data, sampled.data)
        assert exact.feature_names == sampled.feature_names

    def test_groups_are_players(self, fitted):
        model, rows = fitted
        groups = {"pair": [0, 2], "others": ["x5", "x3", "x7"]}
        exact = banzhaf.TreeExplainer(model, rows[:30], groups=groups)(rows[30:35])
        sampled = banzhaf.Explainer(model, rows[:30], groups=groups, design="exhaustive")(rows[30:35])
        np.testing.assert_allclose(exact.values, sampled.values, rtol=1e-9, atol=1e-12)
        assert exact.feature_names == sampled.feature_names == ("pair", "others", "x1", "x4", "x6")
        np.testing.assert_array_equal(exact.data, sampled.data)

    @pytest.mark.parametrize("limits", LIMITS, indirect=True)
    @pytest.mark.parametrize("interventional", [True, False])
    def test_same_bits(self, fitted, limits, interventional):
        """For any number of threads, one row at a time or many."""
        model, rows = fitted
        background = rows[:40] if interventional else None
        one = banzhaf.TreeExplainer(model, background, num_threads=1)(rows)
        many = banzhaf.TreeExplainer(model, background, num_threads=5)(rows)
        assert one == many
        explainer = banzhaf.TreeExplainer(model, background)
        for place in (0, 255, 256, 599):
            np.testing.assert_array_equal(explainer(rows[place : place + 1]).values[0], one.values[place])

    def test_one_explainer_serves_many_threads(self, fitted):
        model, rows = fitted
        explainer = banzhaf.TreeExplainer(model, rows[:40])
        expected, found = explainer(rows), {}
        threads = [threading.Thread(target=lambda i=i: found.update({i: explainer(rows)})) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(found[i] == expected for i in range(6))

    def test_single_leaf(self, limits):
        rows, _ = make_rows(n_rows=20)
        model = tree.DecisionTreeRegressor().fit(rows, np.full(20, 3.5))
        for background in (rows[:5], None):
            explanation = banzhaf.TreeExplainer(model, background)(rows[5:8])
            assert np.all(explanation.values == 0)
            assert explanation.base_values == 3.5

    def test_frames(self, fitted, pd):
        _, rows = fitted
        frame = pd.DataFrame(rows, columns=list("abcdefgh"))
        model = ensemble.RandomForestRegressor(5, max_depth=4, random_state=0).fit(frame, rows[:, 0] * rows[:, 1])
        backwards = frame[list("hgfedcba")]
        explanation = banzhaf.TreeExplainer(model, backwards[:20])(frame[20:25])
        expected = banzhaf.TreeExplainer(model, rows[:20])(rows[20:25])
        assert explanation.feature_names == tuple("hgfedcba")
        assert expected.feature_names == tuple("abcdefgh")
        np.testing.assert_array_equal(explanation.values[:, ::-1], expected.values)
        np.testing.assert_array_equal(explanation.data, backwards[20:25])
        with pytest.raises(TypeError, match="X must be a pandas DataFrame like background"):
            banzhaf.TreeExplainer(model, backwards[:20])(rows[:2])
        with pytest.raises(ValueError, match=r"background must have the same columns .*; missing: \['b'\]$"):
            banzhaf.TreeExplainer(model, frame.drop(columns="b"))
        with pytest.raises(ValueError, match="missing: \\['a'\\]; unexpected: \\['z'\\]"):
            banzhaf.TreeExplainer(model, frame.rename(columns={"a": "z"}))

    def test_frames_of_a_model_without_names(self, fitted, pd):
        model, rows = fitted
        frame = pd.DataFrame(rows, columns=list("abcdefgh"))
        explainer = banzhaf.TreeExplainer(model, frame[:20])
        assert explainer(frame[20:25][list("hgfedcba")]) == explainer(frame[20:25])

    def test_polars(self, fitted):
        pl = pytest.importorskip("polars")
        model, rows = fitted
        frame = pl.DataFrame(rows, schema=list("abcdefgh"), orient="row")
        explanation = banzhaf.TreeExplainer(model, frame[:20])(frame[20:25])
        np.testing.assert_array_equal(explanation.values, banzhaf.TreeExplainer(model, rows[:20])(rows[20:25]).values)
        assert explanation.feature_names == tuple("abcdefgh")

    def test_feature_names(self, fitted):
        model, rows = fitted
        names = [f"column {j}" for j in range(8)]
        assert banzhaf.TreeExplainer(model, feature_names=names)(rows[:2]).feature_names == tuple(names)

    def test_explanation_serves_like_any_other(self, fitted, tmp_path):
        model, rows = fitted
        explanation = banzhaf.TreeExplainer(model, rows[:9])(rows[9:20])
        explanation.save(tmp_path / "values.npz")
        assert banzhaf.load(tmp_path / "values.npz") == explanation
        assert "trees design" in repr(explanation)
        np.testing.assert_array_equal(explanation.intervals()[..., 0], explanation.values)

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"output": "probability"}, ValueError, "output must be 'raw'.*Explainer.*explains them"),
            ({"output": "margin"}, ValueError, "output must be one of 'raw'"),
            ({"background": np.zeros((3, 7))}, ValueError, "background has 7 columns, but model was fitted on 8"),
            ({"background": np.zeros(8)}, ValueError, "background must have two dimensions"),
            ({"background": np.zeros((0, 8))}, ValueError, "background has no rows"),
            ({"background": np.full((3, 8), "a")}, TypeError, "background must hold numbers"),
            ({"feature_names": ["a"]}, ValueError, "feature_names must name all 8 columns"),
            ({"groups": {"a": [9]}}, ValueError, "columns in groups"),
            ({"num_threads": 0}, ValueError, "num_threads"),
        ],
    )
    def test_wrong_arguments(self, fitted, options, error, message):
        model, _ = fitted
        with pytest.raises(error, match=message):
            banzhaf.TreeExplainer(model, **options)

    def test_wrong_rows(self, fitted):
        model, rows = fitted
        explainer = banzhaf.TreeExplainer(model, rows[:9])
        with pytest.raises(ValueError, match="X has 3 columns, but model was fitted on 8"):
            explainer(rows[:, :3])
        with pytest.raises(ValueError, match=r"pass one row as X\[None\]"):
            explainer(rows[0])

    def test_splits_without_cover_are_refused(self, xgb):
        rows, target = make_rows(dtype=np.float32)
        booster = xgb.train({"max_depth": 3, "nthread": 1}, xgb.DMatrix(rows, target), 2)
        model = json.loads(booster.save_raw("json"))
        covers = model["learner"]["gradient_booster"]["model"]["trees"][1]["sum_hessian"]
        covers[0:] = [0.0] * len(covers)
        booster.load_model(bytearray(json.dumps(model).encode()))
        with pytest.raises(ValueError, match="a split of tree 1 was reached by none or does not store how many"):
            banzhaf.TreeExplainer(booster)
        assert banzhaf.TreeExplainer(booster, rows[:3])(rows[:2]).values.shape == (2, 6)


class TestUbjson:
    def test_values(self):
        document = (
            b"{i\x01a[#i\x02U\x05SL\x00\x00\x00\x00\x00\x00\x00\x02hi"
            b"i\x01b[$d#i\x02?\x80\x00\x00@\x00\x00\x00"
            b"i\x01c[TFZ]"
            b"i\x01dD@\x00\x00\x00\x00\x00\x00\x00"
            b"i\x01eI\xff\xfe}"
        )
        found = _core.parse_ubjson(document)
        np.testing.assert_array_equal(found.pop("b"), np.array([1, 2], dtype=np.float32))
        assert found == {"a": [5, "hi"], "c": [True, False, None], "d": 2.0, "e": -2}

    @pytest.mark.parametrize(
        "document",
        [b"", b"{", b"{i\x01a", b"[i", b"q", b"Si\x05ab", b"[$d#i\x02?\x80", b"i\x01i\x01", b"Si\x01\xff", b"[$d"],
    )
    def test_damage_is_told(self, document):
        with pytest.raises(ValueError, match="data must be"):
            _core.parse_ubjson(document)

    def test_damage_anywhere_is_told_or_harmless(self, xgb):
        rows, target = make_rows(n_rows=50, n_columns=2)
        document = bytes(xgb.train({"max_depth": 1, "nthread": 1}, xgb.DMatrix(rows, target), 2).save_raw("ubj"))
        n_told = 0
        for place in range(len(document)):
            for byte in b"[{$#SLd]}\xff":
                damaged = document[:place] + bytes([byte]) + document[place + 1 :]
                try:
                    _core.parse_ubjson(damaged, ["trees"])
                except ValueError:
                    n_told += 1
        assert n_told > len(document)

    def test_a_table(self):
        document = (
            b"{i\x01t[#i\x03"
            b"{i\x01a[$l#i\x02\x00\x00\x00\x01\xff\xff\xff\xfei\x01bi\x05i\x01c[$d#i\x00}"
            b"{i\x01bZi\x01a[$l#i\x00}"
            b"{i\x01a[$l#i\x01\x00\x00\x00\x07i\x01d{}}"
            b"}"
        )
        table = _core.parse_ubjson(document, ["t"])["t"]
        sizes, numbers = table["a"]
        assert (sizes.tolist(), numbers.tolist(), numbers.dtype) == ([2, 0, 1], [1, -2, 7], np.int32)
        assert table["b"] == [5, None, None]
        assert [part.tolist() for part in table["c"]] == [[0, 0, 0], []]
        assert table["d"] == [None, None, {}]
        rows = _core.parse_ubjson(document)["t"]
        assert [list(row) for row in rows] == [["a", "b", "c"], ["b", "a"], ["a", "d"]]

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            (b"i\x01", "not an object"),
            (b"{i\x01a[$U#i\x01\x00}{i\x01a[$i#i\x01\x00}", "several kinds"),
            (b"{i\x01a[$U#i\x01\x00}{i\x01ai\x01}", "arrays and other values"),
            (b"{i\x01ai\x01}{i\x01a[$U#i\x01\x00}", "arrays and other values"),
            (b"{i\x01ai\x01i\x01ai\x02}", "twice"),
        ],
    )
    def test_what_is_no_table(self, rows, message):
        with pytest.raises(ValueError, match=message):
            _core.parse_ubjson(b"{i\x01t[" + rows + b"]}", ["t"])

    def test_levels_are_bounded(self):
        assert _core.parse_ubjson(b"[" * 50 + b"]" * 50) is not None
        with pytest.raises(ValueError, match="too many levels"):
            _core.parse_ubjson(b"[" * 10**6)

    def test_constants_are_bounded_together(self):
        """Constants take no bytes, so many small arrays of them could exceed the memory."""
        document = b"[" + b"[$Z#I\x03\xe8" * 2000 + b"]"
        with pytest.raises(ValueError, match="ends early"):
            _core.parse_ubjson(document)
        assert _core.parse_ubjson(b"[[$Z#i\x03[$T#i\x02]") == [[None] * 3, [True] * 2]

    def test_a_table_has_most_of_its_cells(self):
        rows = b"".join(b"{i\x03%03dZ}" % i for i in range(200))
        with pytest.raises(ValueError, match="lacks most of its cells"):
            _core.parse_ubjson(b"{i\x01t[" + rows + b"]}", ["t"])

    def test_only_contiguous_bytes(self):
        with pytest.raises(ValueError, match="contiguous"):
            _core.parse_ubjson(memoryview(b"][")[::-1])

    @pytest.mark.parametrize("kind", [b"Z", b"T", b"["])
    def test_counts_are_bounded(self, kind):
        with pytest.raises(ValueError, match="ends early"):
            _core.parse_ubjson(b"[$" + kind + b"#L\x7f" + b"\xff" * 7)
