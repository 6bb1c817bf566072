# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Situations of shap's TreeExplainer: the values equal brute force, or an error says what to do instead."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from tree_oracles import lightgbm_trees, masked_values, share_values, sklearn_tree, xgboost_trees

import banzhaf

sklearn = pytest.importorskip("sklearn")
from sklearn import ensemble, tree  # noqa: E402
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402


def table(n_classes=0, n_rows=160, seed=0):
    """Rows and numbers, or classes, that depend on pairs of columns."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_rows, 4)).round(2)
    target = rows[:, 0] * rows[:, 1] + rows[:, 2]
    return rows, np.digitize(target, np.linspace(-0.5, 1, n_classes - 1)) if n_classes else target


def assert_interventional(model, raw, rows, tolerance=1e-9, **options):
    """Check the values against the library's own predictions for all coalitions."""
    background, explicands = rows[:10], rows[10:13]
    explainer = banzhaf.TreeExplainer(model, background, **options)
    explanation = explainer(explicands)
    truth = np.stack([masked_values(raw, np.asarray(row), np.asarray(background)) for row in np.asarray(explicands)])
    assert np.abs(truth).max() > 0
    assert np.abs(explanation.values.reshape(truth.shape) - truth).max() <= tolerance * np.abs(truth).max()
    own = np.asarray(raw(np.asarray(background)), dtype=float).reshape(10, -1)
    np.testing.assert_allclose(np.ravel(explanation.base_values), own.mean(axis=0), rtol=1e-4, atol=1e-4)
    return explanation


def assert_path_dependent(model, nodes, base, rows, outputs):
    """Check the values against worths from trees walked node by node."""
    explanation = banzhaf.TreeExplainer(model)(rows)
    values = explanation.values.reshape(*rows.shape, -1)
    for row, found, output in zip(rows, values, np.reshape(outputs, (len(rows), -1)), strict=True):
        truth, none, everyone = share_values(nodes, base, row)
        np.testing.assert_allclose(everyone, output, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(found, truth, atol=1e-9 * np.abs(truth).max())
        np.testing.assert_allclose(np.ravel(explanation.base_values), none, rtol=1e-9, atol=1e-12)


class TestScikitLearn:
    @pytest.mark.parametrize("n_classes", [2, 3])
    @pytest.mark.parametrize(
        "model",
        [
            tree.DecisionTreeClassifier(max_depth=4, random_state=0),
            ensemble.RandomForestClassifier(5, max_depth=4, random_state=0),
            ensemble.ExtraTreesClassifier(5, max_depth=4, random_state=0),
        ],
        ids=lambda model: type(model).__name__,
    )
    def test_classifiers_of_probabilities(self, model, n_classes):
        rows, target = table(n_classes)
        model.fit(rows, target)
        explanation = assert_interventional(model, model.predict_proba, rows)
        assert explanation.values.shape == (3, 4, n_classes)
        forest = getattr(model, "estimators_", [model])
        nodes = [sklearn_tree(e.tree_, lambda v, e=e: e.tree_.value[v, 0] / len(forest)) for e in forest]
        assert_path_dependent(model, nodes, np.zeros(n_classes), rows[:2], model.predict_proba(rows[:2]))

    @pytest.mark.parametrize("n_classes", [2, 3])
    @pytest.mark.parametrize(
        "model",
        [
            ensemble.GradientBoostingClassifier(n_estimators=5, random_state=0),
            ensemble.HistGradientBoostingClassifier(max_iter=5, max_depth=3),
        ],
        ids=lambda model: type(model).__name__,
    )
    def test_boosted_classifiers_and_their_probabilities(self, model, n_classes):
        rows, target = table(n_classes)
        model.fit(rows, target)
        assert_interventional(model, model.decision_function, rows)
        with pytest.raises(ValueError, match=r"banzhaf\.Explainer\(model, background\)\(X\) explains them"):
            banzhaf.TreeExplainer(model, rows[:10], output="probability")
        values = banzhaf.Explainer(model, rows[:10])(rows[10:12]).values
        truth = np.stack([masked_values(model.predict_proba, row, rows[:10]) for row in rows[10:12]])
        np.testing.assert_allclose(values, truth, atol=1e-12)

    @pytest.mark.parametrize(
        "model",
        [
            tree.DecisionTreeRegressor(max_depth=5, random_state=0),
            ensemble.RandomForestRegressor(5, random_state=0),
            ensemble.ExtraTreesRegressor(5, random_state=0),
            ensemble.GradientBoostingRegressor(n_estimators=8, random_state=0),
            ensemble.HistGradientBoostingRegressor(max_iter=8),
        ],
        ids=lambda model: type(model).__name__,
    )
    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    def test_regressors(self, model, dtype):
        rows, target = table()
        rows = rows.astype(dtype)
        model.fit(rows, target)
        assert_interventional(model, model.predict, rows)
        assert banzhaf.TreeExplainer(model)(rows[:2]).values.shape == (2, 4)

    @pytest.mark.parametrize("name", ["RandomForestRegressor", "ExtraTreesRegressor"])
    def test_several_targets(self, name):
        rows, target = table()
        model = getattr(ensemble, name)(5, max_depth=4, random_state=0).fit(rows, np.c_[target, -target, target**2])
        assert assert_interventional(model, model.predict, rows).values.shape == (3, 4, 3)

    def test_boosting_from_zero(self):
        rows, target = table(2)
        model = ensemble.GradientBoostingClassifier(n_estimators=5, init="zero", random_state=0).fit(rows, target)
        assert_interventional(model, model.decision_function, rows)

    def test_missing_cells_however_they_are_written(self):
        cells = np.array([[1], [None], [np.nan], [float("nan")], [100]], dtype=object)
        model = tree.DecisionTreeClassifier(random_state=0).fit(cells, [1, 0, 0, 0, 0])
        explanation = banzhaf.TreeExplainer(model)(cells)
        np.testing.assert_allclose(explanation.values[:, 0, 1], [0.8, -0.2, -0.2, -0.2, -0.2], atol=1e-12)

    def test_nullable_columns(self, pd):
        frame = pd.DataFrame(
            {"a": pd.array([1.5, 2, 3, 4, 5] * 20, dtype="Float64"), "b": pd.array([1, 2, 3, 4, 5] * 20, dtype="Int64")}
        )
        model = tree.DecisionTreeClassifier(max_depth=2, random_state=0).fit(frame, [0, 1, 0, 1, 0] * 20)
        rows = frame[:5].copy()
        rows.iloc[2, 0] = pd.NA
        rows.iloc[3, 1] = pd.NA
        explainer = banzhaf.TreeExplainer(model, frame)
        np.testing.assert_allclose(explainer.predict(rows), model.predict_proba(rows))
        assert np.isfinite(explainer(rows).values).all()

    def test_cells_that_differ_beyond_float32(self):
        """A feature whose difference the library does not see has the value 0."""
        rows = np.array([[1, 1, 0.99999], [1, 1, 1], [1, 1, 1], [1, 1, 1.0]])
        model = ensemble.ExtraTreesClassifier(30, random_state=0).fit(rows, [1, 1, 1, 0])
        explanation = banzhaf.TreeExplainer(model, rows)(rows)
        truth = np.stack([masked_values(model.predict_proba, row, rows) for row in rows])
        np.testing.assert_allclose(explanation.values, truth, atol=1e-12)
        np.testing.assert_array_equal(explanation.values[:, :2], 0)

    def test_the_example_of_the_tree_shap_paper(self):
        """An AND of two columns: of a path-dependent game of two players Banzhaf and Shapley values are the same."""
        rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        model = tree.DecisionTreeRegressor(max_depth=2, random_state=0).fit(rows, [0, 0, 0, 80])
        values = banzhaf.TreeExplainer(model)(rows).values
        assert sorted(map(sorted, values.tolist())) == [[-30, 10], [-30, 10], [-10, -10], [30, 30]]

    @pytest.mark.parametrize("n_rows", [3, 5])
    def test_many_columns(self, n_rows):
        rng = np.random.default_rng(0)
        rows = rng.integers(0, 2, size=(n_rows, 90_000)).astype(float)
        model = ensemble.RandomForestClassifier(20, random_state=0).fit(rows, np.arange(n_rows) % 2)
        explanation = banzhaf.TreeExplainer(model, rows)(rows)
        asked = np.unique(np.concatenate([e.tree_.feature[e.tree_.feature >= 0] for e in model.estimators_]))
        assert np.isfinite(explanation.values).all()
        assert set(np.flatnonzero(np.abs(explanation.values).sum(axis=(0, 2)))) <= set(asked.tolist())

    def test_a_large_background(self):
        """Background rows are counted by pattern, so there is no limit and no warning."""
        rows, target = table(n_rows=1500)
        model = tree.DecisionTreeRegressor(max_depth=3, random_state=0).fit(rows, target)
        explanation = banzhaf.TreeExplainer(model, rows[:1200])(rows[1200:])
        truth = masked_values(model.predict, rows[1200], rows[:1200])
        np.testing.assert_allclose(explanation.values[0], truth[:, 0], atol=1e-12)

    def test_texts_counted_by_a_pipeline(self):
        texts = ["a cat sat", "a dog ran", "the cat ran", "the dog sat", "a cat ran off", "no dog"] * 5
        model = make_pipeline(
            CountVectorizer(binary=True), ensemble.RandomForestClassifier(5, max_depth=4, random_state=0)
        )
        model.fit(texts, np.arange(30) % 2)
        with pytest.raises(
            TypeError, match=r"banzhaf\.TreeExplainer\(model\[-1\], model\[:-1\]\.transform\(background\)\)"
        ):
            banzhaf.TreeExplainer(model, texts[:10])
        counts = model[:-1].transform(texts)
        with pytest.raises(TypeError, match=r"not a sparse matrix: pass background\.toarray\(\)"):
            banzhaf.TreeExplainer(model[-1], counts)
        rows = counts.toarray()
        assert_interventional(model[-1], model[-1].predict_proba, rows)

    def test_forests_of_other_packages_with_a_prediction_of_their_own(self):
        """Scikit-optimize's forests also return deviations, and causal forests return differences of effects."""

        class WithDeviations(ensemble.RandomForestRegressor):
            def predict(self, X, return_std=False):
                return super().predict(X)

        rows, target = table()
        with pytest.raises(TypeError, match=r"WithDeviations has its own predict.*banzhaf\.Explainer\(model\.predict"):
            banzhaf.TreeExplainer(WithDeviations(3).fit(rows, target), rows[:9])


class TestXGBoost:
    @pytest.mark.filterwarnings("ignore:.*XGBRF.* is deprecated")
    @pytest.mark.parametrize(
        "name", ["XGBRegressor", "XGBRFRegressor", "XGBClassifier", "XGBRFClassifier", "XGBRanker"]
    )
    def test_every_estimator(self, xgb, name):
        rows, target = table(0 if "Regressor" in name else 2)
        model = getattr(xgb, name)(n_estimators=4, max_depth=3, n_jobs=1)
        model.fit(rows, target, **({"qid": np.arange(160) // 80} if name == "XGBRanker" else {}))

        def margin(x):
            return model.predict(x, output_margin=True)

        assert_interventional(model, margin, rows, 1e-5)
        base = float(banzhaf.TreeExplainer(model)._ensemble.forest.arguments["base"][0])
        nodes = xgboost_trees(model.get_booster(), 1)
        assert_path_dependent(
            model, nodes, np.array([base]), rows[:2].astype(np.float32).astype(float), margin(rows[:2])
        )

    @pytest.mark.filterwarnings("ignore:.*XGBRF.* is deprecated")
    @pytest.mark.parametrize("name", ["XGBClassifier", "XGBRFClassifier"])
    def test_several_classes_and_parallel_trees(self, xgb, name):
        rows, target = table(3)
        for options in ({}, {"num_parallel_tree": 3}):
            model = getattr(xgb, name)(n_estimators=2, max_depth=3, n_jobs=1, **options).fit(rows, target)
            assert assert_interventional(
                model, lambda x, model=model: model.predict(x, output_margin=True), rows, 1e-5
            ).values.shape == (3, 4, 3)

    @pytest.mark.filterwarnings("ignore:.*XGBRF.* is deprecated")
    @pytest.mark.parametrize("name", ["XGBClassifier", "XGBRFClassifier"])
    def test_a_small_number_that_is_missing(self, xgb, name):
        rows, target = table(2)
        rows[np.random.default_rng(1).random(rows.shape) < 0.2] = 1e-8
        model = getattr(xgb, name)(n_estimators=4, n_jobs=1, missing=1e-8).fit(rows, target)
        assert_interventional(model, lambda x: model.predict(x, output_margin=True), rows, 1e-5)

    @pytest.mark.filterwarnings("ignore:.*dart.*is deprecated:UserWarning")
    @pytest.mark.parametrize(
        "options",
        [{"objective": "reg:tweedie"}, {"booster": "dart"}, {"base_score": 0.0, "learning_rate": 1.0, "reg_lambda": 0}],
        ids=str,
    )
    def test_objectives_and_boosters(self, xgb, options):
        rows, target = table()
        model = xgb.XGBRegressor(n_estimators=4, max_depth=4, n_jobs=1, **options).fit(rows, np.abs(target))
        assert_interventional(model, lambda x: model.predict(x, output_margin=True), rows, 1e-5)

    def test_columns_of_many_types(self, xgb, pd):
        rows, target = table()
        frame = pd.DataFrame(rows, columns=list("abcd")).assign(b=lambda f: f["b"].round().astype(np.int64))
        frame["old"] = frame["b"] > 0
        booster = xgb.train({"nthread": 1}, xgb.DMatrix(frame, target), 4)
        explainer = banzhaf.TreeExplainer(booster, frame[:10])
        np.testing.assert_allclose(explainer.predict(frame), booster.predict(xgb.DMatrix(frame)), rtol=1e-4, atol=1e-4)
        assert explainer(frame[10:12]).feature_names == ("a", "b", "c", "d", "old")

    @pytest.mark.parametrize("objective", ["reg:logistic", "binary:logistic"])
    def test_probabilities(self, xgb, objective):
        rows, target = table(2)
        booster = xgb.train({"nthread": 1, "objective": objective}, xgb.DMatrix(rows, target), 4)
        assert_interventional(booster, lambda x: booster.inplace_predict(x, predict_type="margin"), rows, 1e-5)
        with pytest.raises(ValueError, match=r"banzhaf\.Explainer\(model, background\)\(X\) explains them"):
            banzhaf.TreeExplainer(booster, rows[:10], output="probability")
        values = banzhaf.Explainer(booster, rows[:10])(rows[10:12]).values
        truth = np.stack([masked_values(booster.inplace_predict, row, rows[:10]) for row in rows[10:12]])
        np.testing.assert_allclose(values, truth[..., 0], atol=1e-7)

    def test_a_matrix_of_xgboost_s(self, xgb):
        rows, target = table()
        data = xgb.DMatrix(rows, target)
        booster = xgb.train({"nthread": 1}, data, 2)
        with pytest.raises(TypeError, match=r"X must be the rows themselves, .*, not a xgboost DMatrix"):
            banzhaf.TreeExplainer(booster)(data)

    def test_how_many_trees(self, xgb):
        rows, target = table(3)
        model = xgb.XGBClassifier(n_estimators=100, num_parallel_tree=3, early_stopping_rounds=1, n_jobs=1)
        model.fit(rows[:100], target[:100], eval_set=[(rows[100:], target[100:])], verbose=False)
        forest = banzhaf.TreeExplainer(model)._ensemble.forest
        assert len(forest.arguments["output_of_tree"]) == (model.best_iteration + 1) * 3 * 3
        cut = model.get_booster()[:1]
        assert len(banzhaf.TreeExplainer(cut)._ensemble.forest.arguments["output_of_tree"]) == 3 * 3

    def test_the_base_does_not_change_with_calls(self, xgb):
        rows, target = table(2)
        explainer = banzhaf.TreeExplainer(xgb.XGBClassifier(n_estimators=5, n_jobs=1).fit(rows, target))
        before = explainer.base_values
        explainer(rows[:9])
        np.testing.assert_array_equal(explainer.base_values, before)


class TestLightGBM:
    @pytest.mark.parametrize("n_classes", [0, 2, 3])
    def test_estimators_and_boosters(self, lgb, n_classes):
        rows, target = table(n_classes)
        make = lgb.LGBMClassifier if n_classes else lgb.LGBMRegressor
        model = make(n_estimators=4, verbose=-1, n_jobs=1, min_child_samples=5).fit(rows, target)
        for one in (model, model.booster_):
            assert_interventional(one, lambda x: model.booster_.predict(x, raw_score=True), rows)
        n_outputs = 3 if n_classes == 3 else 1
        outputs = model.booster_.predict(rows[:2], raw_score=True)
        nodes = lightgbm_trees(model.booster_, n_outputs)
        assert_path_dependent(model, nodes, np.zeros(n_outputs), rows[:2], outputs)

    @pytest.mark.parametrize("one_hot", [1, 4])
    def test_categories(self, lgb, one_hot):
        rows, target = table()
        rows[:, 3] = np.random.default_rng(0).integers(0, 5, len(rows))
        data = lgb.Dataset(rows, target + (rows[:, 3] == 2), categorical_feature=[3])
        options = {"verbose": -1, "num_threads": 1, "max_cat_to_onehot": one_hot, "min_data_per_group": 5}
        booster = lgb.train(options, data, 5)
        assert_interventional(booster, lambda x: booster.predict(x, raw_score=True), rows)

    @pytest.mark.parametrize("objective", ["regression", "multiclass"])
    def test_constant_predictions(self, lgb, objective):
        rows, _ = table()
        options = {
            "objective": objective,
            "verbose": -1,
            "num_threads": 1,
            "num_class": 3 if "multi" in objective else 1,
        }
        booster = lgb.train(options, lgb.Dataset(rows, np.ones(len(rows))), 5)
        for background in (None, rows[:9]):
            explanation = banzhaf.TreeExplainer(booster, background)(rows[:2])
            np.testing.assert_allclose(explanation.values, 0, atol=1e-12)
            own = booster.predict(rows[:1], raw_score=True)
            np.testing.assert_allclose(np.ravel(explanation.base_values), np.ravel(own), rtol=1e-9)

    def test_leaves_that_a_small_background_does_not_reach(self, lgb):
        rows, target = table(3)
        model = lgb.LGBMClassifier(n_estimators=5, num_leaves=8, verbose=-1, n_jobs=1, min_child_samples=3)
        model.fit(rows, target)
        explanation = banzhaf.TreeExplainer(model, rows[:2])(rows[2:5])
        truth = [masked_values(lambda x: model.booster_.predict(x, raw_score=True), r, rows[:2]) for r in rows[2:5]]
        np.testing.assert_allclose(explanation.values, truth, atol=1e-9)


class TestCatBoost:
    @pytest.fixture
    def catboost(self):
        return pytest.importorskip("catboost")

    @pytest.mark.parametrize("n_classes", [0, 2, 3])
    def test_numbers(self, catboost, n_classes):
        rows, target = table(n_classes)
        make = catboost.CatBoostClassifier if n_classes else catboost.CatBoostRegressor
        model = make(iterations=5, depth=3, verbose=False, allow_writing_files=False).fit(rows, target)
        assert_interventional(model, lambda x: model.predict(x, prediction_type="RawFormulaVal"), rows)

    def test_a_column_of_two_texts(self, catboost, pd):
        rows, target = table()
        frame = pd.DataFrame(rows, columns=list("abcd")).assign(old=(rows[:, 3] > 0).astype(str))
        model = catboost.CatBoostRegressor(iterations=8, depth=3, verbose=False, allow_writing_files=False)
        model.fit(frame, target + (frame["old"] == "True"), cat_features=["old"])
        explainer = banzhaf.TreeExplainer(model, frame[:10])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame), rtol=1e-9)
        explanation = explainer(frame[10:13])
        sampled = banzhaf.Explainer(model, frame[:10])(frame[10:13])
        np.testing.assert_allclose(explanation.values, sampled.values, atol=1e-9)
        assert np.isfinite(banzhaf.TreeExplainer(model)(frame[:3]).values).all()

    def test_names_of_any_letters(self, catboost, pd):
        frame = pd.DataFrame({"x5=ROMÁNIA": [0, 1] * 10})
        model = catboost.CatBoostClassifier(iterations=3, depth=1, verbose=False, allow_writing_files=False)
        model.fit(frame, [0, 1] * 9 + [1, 0])
        explainer = banzhaf.TreeExplainer(model, frame)
        assert explainer(frame).feature_names == ("x5=ROMÁNIA",)
        values = banzhaf.Explainer(model, frame)(frame).values
        own = model.predict_proba(frame)
        np.testing.assert_allclose(values[:, 0], own - own.mean(axis=0), atol=1e-12)

    def test_a_sum_of_models(self, catboost):
        """It has no parameters of training."""
        rows, target = table()
        single = catboost.CatBoostRegressor(iterations=5, depth=3, verbose=False, allow_writing_files=False)
        model = catboost.sum_models([single.fit(rows, target)] * 2, weights=[0.3, 2.0])
        assert_interventional(model, model.predict, rows)


class TestOtherNames:
    """Names that shap's users know and that differ here."""

    @pytest.fixture
    def fitted(self):
        rows, target = table()
        return tree.DecisionTreeRegressor(max_depth=3, random_state=0).fit(rows, target), rows

    @pytest.mark.parametrize(
        ("options", "hint"),
        [
            ({"data": 1}, "background="),
            ({"feature_perturbation": "tree_path_dependent"}, "path-dependent without it"),
            ({"model_output": "raw"}, "output="),
            ({"approximate": True}, "exact"),
        ],
        ids=str,
    )
    def test_of_arguments(self, fitted, options, hint):
        with pytest.raises(TypeError, match=f"unexpected argument.*{hint}"):
            banzhaf.TreeExplainer(fitted[0], **options)

    @pytest.mark.parametrize("name", ["approximate", "check_additivity", "interactions", "tree_limit"])
    def test_of_a_call(self, fitted, name):
        model, rows = fitted
        with pytest.raises(TypeError, match=f"unexpected argument '{name}': "):
            banzhaf.TreeExplainer(model)(rows, **{name: True})

    @pytest.mark.parametrize("name", ["shap_values", "expected_value", "shap_interaction_values"])
    def test_of_attributes(self, fitted, name):
        with pytest.raises(AttributeError, match=f"no attribute '{name}': "):
            getattr(banzhaf.TreeExplainer(fitted[0]), name)

    def test_one_row(self, fitted, pd):
        model, rows = fitted
        explainer = banzhaf.TreeExplainer(model, rows[:9])
        with pytest.raises(ValueError, match=r"pass one row as X\[None\]"):
            explainer(rows[3])
        assert explainer(rows[3][None]).values.shape == (1, 4)
        with pytest.raises(TypeError, match=r"pass one row as X\.to_frame\(\)\.T"):
            explainer(pd.Series(rows[3]))

    def test_a_model_that_is_not_made_of_trees(self):
        class Custom: ...

        with pytest.raises(TypeError, match=r"got Custom\. banzhaf\.Explainer.* explains any model"):
            banzhaf.TreeExplainer(Custom())

    def test_explainers_can_be_sent_to_other_processes(self, fitted):
        model, rows = fitted
        explainer = banzhaf.TreeExplainer(model)
        assert pickle.loads(pickle.dumps(explainer))(rows[:3]) == explainer(rows[:3])

    def test_agrees_with_sampled_values(self, fitted):
        model, rows = fitted
        sampled = banzhaf.Explainer(model, rows[:50])(rows[50:55])
        np.testing.assert_allclose(
            banzhaf.TreeExplainer(model, rows[:50])(rows[50:55]).values, sampled.values, atol=1e-12
        )
