# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""If a library's wrapper changes the predictions of its trees, the values include it or the model is refused."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from tree_oracles import masked_values

import banzhaf
from banzhaf._trees import readers, trees
from banzhaf._trees.agreement import check_agreement

sklearn = pytest.importorskip("sklearn")
from sklearn import ensemble, tree  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402


def rows_and_target(n_rows=200, seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.integers(-3, 4, size=(n_rows, 4)).astype(float)
    return rows, rows[:, 0] * rows[:, 1] + 3 * (rows[:, 2] > 0) + rng.normal(size=n_rows) * 0.1


def assert_right(model, predict, explicands, background):
    """Check the values against the model's own predictions for all coalitions."""
    explainer = banzhaf.TreeExplainer(model, background)
    own = np.asarray(predict(explicands), dtype=float)
    np.testing.assert_allclose(explainer.predict(explicands), own, rtol=1e-4, atol=1e-4)
    values = explainer(explicands).values.reshape(*explicands.shape, -1)
    truth = np.stack([masked_values(predict, row, background) for row in explicands])
    np.testing.assert_allclose(values, truth, rtol=1e-4, atol=1e-4 * np.abs(truth).max())


class TestMissing:
    """XGBoost's estimators can treat a number as missing; it is compared in float32."""

    @pytest.mark.parametrize("missing", [-3, 0, 2.0, np.float32(1), np.nan])
    @pytest.mark.parametrize("kind", ["XGBRegressor", "XGBRFRegressor", "XGBClassifier"])
    @pytest.mark.filterwarnings("ignore:.*XGBRFRegressor. is deprecated")
    def test_numbers(self, xgb, missing, kind):
        rows, target = rows_and_target()
        target = target > 0 if kind == "XGBClassifier" else target + 20 * (rows[:, 0] == missing)
        model = getattr(xgb, kind)(n_estimators=8, max_depth=3, n_jobs=1, missing=missing).fit(rows, target)
        rows[::7, 1] = np.nan
        assert_right(model, lambda x: model.predict(x, output_margin=True), rows[:4], rows[4:14])

    def test_is_compared_in_float32(self, xgb):
        rows = np.repeat([[0.1], [1.0], [2.0]], 20, axis=0)
        model = xgb.XGBRegressor(n_estimators=20, n_jobs=1, missing=0.1).fit(rows, np.repeat([30.0, 1, 2], 20))
        cells = np.array([[0.1], [np.float32(0.1)], [np.nan], [1.0]])
        explainer = banzhaf.TreeExplainer(model, rows[20:21])
        np.testing.assert_allclose(explainer.predict(cells), model.predict(cells), rtol=1e-5)
        assert explainer(cells).values[0, 0] == pytest.approx(float(model.predict(cells[:1])[0] - 1), rel=1e-2)

    def test_frames_with_categories(self, xgb, pd):
        rows, target = rows_and_target()
        frame = pd.DataFrame(rows, columns=list("abcd"))
        frame["d"] = pd.Categorical(np.array(list("xyz"))[np.abs(rows[:, 3]).astype(int) % 3])
        model = xgb.XGBRegressor(n_estimators=8, n_jobs=1, missing=1, enable_categorical=True)
        model.fit(frame, target + 9 * (frame["d"] == "y"))
        explainer = banzhaf.TreeExplainer(model, frame[:20])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame), rtol=1e-4, atol=1e-4)
        other = frame.assign(d=frame["d"].cat.reorder_categories(list("zxy")))
        with pytest.raises(ValueError, match="'d' of X has its categories in another order than model"):
            explainer(other)


class TestBaseScores:
    @pytest.mark.parametrize("base_score", [0.0, 1e-9, 1e-6, 0.3, 1 - 1e-9, 1.0])
    def test_probabilities_are_clamped(self, xgb, base_score):
        rows, target = rows_and_target()
        model = xgb.XGBClassifier(n_estimators=2, n_jobs=1, base_score=base_score).fit(rows, target > 0)
        margins = model.predict(rows, output_margin=True)
        np.testing.assert_allclose(banzhaf.TreeExplainer(model).predict(rows), margins, rtol=1e-5, atol=1e-5)

    @pytest.mark.parametrize("targets", ["zeros", "several zeros", "several"])
    def test_all_zero_and_several_targets(self, xgb, targets):
        rows, target = rows_and_target()
        target = {"zeros": target * 0, "several zeros": np.zeros((200, 2)), "several": np.c_[target > 0, target > 1]}[
            targets
        ]
        model = xgb.XGBClassifier(n_estimators=2, n_jobs=1).fit(rows, target)
        margins = model.predict(rows, output_margin=True)
        explainer = banzhaf.TreeExplainer(model, rows[:9])
        np.testing.assert_allclose(explainer.predict(rows), margins, rtol=1e-5, atol=1e-5)
        assert explainer(rows[:3]).values.shape == (3, 4, *margins.shape[1:])

    @pytest.mark.parametrize("objective", ["reg:expectileerror", "reg:quantileerror"])
    @pytest.mark.parametrize("alphas", [0.3, [0.5], [0.2, 0.5, 0.9]], ids=str)
    @pytest.mark.parametrize("settings", [{}, {"base_score": 2.0}, {"multi_strategy": "multi_output_tree"}], ids=str)
    def test_quantiles_and_expectiles(self, xgb, objective, alphas, settings):
        rows, target = rows_and_target()
        name = "expectile_alpha" if "expectile" in objective else "quantile_alpha"
        model = xgb.XGBRegressor(n_estimators=3, n_jobs=1, objective=objective, **{name: alphas}, **settings)
        try:
            model.fit(rows, target)
        except xgb.core.XGBoostError:
            pytest.skip("this version of XGBoost lacks the objective")
        margins = model.predict(rows, output_margin=True)
        explainer = banzhaf.TreeExplainer(model, rows[:9])
        np.testing.assert_allclose(explainer.predict(rows), margins.squeeze(), rtol=1e-4, atol=1e-4)
        if "prediction output" in repr(explainer):  # XGBoost sorts several quantiles of a row
            np.testing.assert_array_equal(model.predict(rows), margins)

    @pytest.mark.parametrize("objective", ["count:poisson", "reg:tweedie"])
    def test_a_base_without_a_logarithm_is_refused(self, xgb, objective):
        rows, target = rows_and_target()
        model = xgb.XGBRegressor(n_estimators=1, n_jobs=1, objective=objective).fit(rows, target * 0)
        with pytest.raises(ValueError, match=f"margins that are not finite: under {objective} its base_score"):
            banzhaf.TreeExplainer(model, rows[:9])


class TestOverrides:
    @pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
    def test_a_subclass_is_refused_by_name(self, method):
        rows, target = rows_and_target()
        halved = type("Halved", (ensemble.RandomForestClassifier,), {method: lambda self, x: np.zeros(len(x))})
        model = halved(2).fit(rows, target > 0)
        with pytest.raises(TypeError, match=rf"cannot be this Halved: Halved has its own {method}.*model\.{method}"):
            banzhaf.TreeExplainer(model, rows[:9])

    def test_of_xgboost_too(self, xgb):
        class Rounded(xgb.XGBRegressor):
            def predict(self, X, **options):
                return super().predict(X, **options).round()

        rows, target = rows_and_target()
        with pytest.raises(TypeError, match="Rounded has its own predict"):
            banzhaf.TreeExplainer(Rounded(n_estimators=2).fit(rows, target))

    def test_a_model_with_another_predict_is_refused(self):
        rows, target = rows_and_target()
        model = tree.DecisionTreeRegressor(max_depth=2).fit(rows, target)
        model.predict = lambda x: np.zeros(len(x))
        with pytest.raises(TypeError, match="it has been given another predict"):
            banzhaf.TreeExplainer(model)

    def test_a_subclass_that_predicts_as_its_library_does_is_fine(self):
        class Named(ensemble.ExtraTreesRegressor):
            def describe(self):
                return "mine"

        rows, target = rows_and_target()
        model = Named(3, max_depth=4).fit(rows, target)
        assert_right(model, model.predict, rows[:3], rows[3:9])


def raising(error):
    def function(*arguments):
        raise error

    return function


class TestComparison:
    def test_another_model_is_not_explained(self):
        """The predictions depend on a state that no reader knows."""

        class Shifted(tree.DecisionTreeRegressor):
            def _validate_X_predict(self, X, check_input):
                return super()._validate_X_predict(np.asarray(X) + 2, check_input)

        rows, target = rows_and_target()
        model = Shifted(max_depth=4).fit(rows, target)
        with pytest.raises(
            ValueError, match=r"for row \d+ of background, but its trees add up to .*banzhaf\.Explainer"
        ):
            banzhaf.TreeExplainer(model, rows[:50])
        with pytest.raises(ValueError, match="of rows made from its thresholds"):
            banzhaf.TreeExplainer(model)

    def test_rows_that_the_model_refuses_are_told(self, monkeypatch):
        rows, target = rows_and_target()
        model = ensemble.GradientBoostingRegressor(n_estimators=2).fit(rows, target)
        monkeypatch.setattr(model, "_raw_predict", raising(ValueError("not today")))
        with pytest.raises(ValueError, match="model cannot predict the rows of background: not today"):
            banzhaf.TreeExplainer(model, rows)

    def test_rounding_is_no_difference(self, xgb):
        rng = np.random.default_rng(0)
        rows = rng.normal(size=(300, 5)) * 1e5
        model = xgb.XGBRegressor(n_estimators=400, learning_rate=0.5, n_jobs=1).fit(rows, rows.sum(axis=1))
        explainer = banzhaf.TreeExplainer(model, rows[:50])
        np.testing.assert_allclose(explainer.predict(rows), model.predict(rows), rtol=1e-3)

    def test_costs_some_rows_alone(self):
        rows, target = rows_and_target(5000)
        model = tree.DecisionTreeRegressor(max_depth=3).fit(rows, target)
        seen = []
        ensemble_read = readers.read(model)
        background = trees.as_rows(rows, "background", ensemble_read)

        def predict(cells):
            seen.append(len(cells))
            return model.predict(cells)[:, np.newaxis]

        check_agreement(model, ensemble_read, predict, background)
        assert seen == [128]
        check_agreement(model, ensemble_read, predict, None)
        assert sum(seen[1:]) < 128

    @pytest.mark.parametrize("with_background", [True, False])
    def test_copies_do_not_need_the_model(self, with_background):
        rows, target = rows_and_target()
        model = ensemble.RandomForestRegressor(3, max_depth=3).fit(rows, target)
        explainer = banzhaf.TreeExplainer(model, rows[:9] if with_background else None)
        assert b"RandomForestRegressor" not in pickle.dumps(explainer)
        assert pickle.loads(pickle.dumps(explainer))(rows[:3]) == explainer(rows[:3])

    def test_names_are_no_cause_of_warnings(self, pd):
        rows, target = rows_and_target()
        frame = pd.DataFrame(rows, columns=list("abcd"))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for fitted_on in (rows, frame):
                for given in (rows, frame):
                    model = ensemble.RandomForestRegressor(2, max_depth=2).fit(fitted_on, target)
                    banzhaf.TreeExplainer(model, given[:9])


class TestLibrariesOwnState:
    def test_lightgbm_forests_boost_from_nothing(self, lgb):
        rows, target = rows_and_target()
        model = lgb.LGBMClassifier(
            n_estimators=4, boosting_type="rf", subsample=0.6, subsample_freq=1, verbose=-1, n_jobs=1
        ).fit(rows, np.where(target > 0, "yes", "no"))
        explainer = banzhaf.TreeExplainer(model, rows[:9])
        probabilities = 1 / (1 + np.exp(-explainer.predict(rows)))
        np.testing.assert_allclose(probabilities, model.predict_proba(rows)[:, 1], rtol=1e-9)

    @pytest.mark.parametrize(
        "settings",
        [
            {"objective": "regression", "reg_sqrt": True},
            {"objective": "cross_entropy_lambda"},
            {"objective": "cross_entropy"},
            {"objective": "gamma"},
            {"objective": "tweedie"},
            {"objective": "quantile", "alpha": 0.2},
            {"objective": "mape"},
            {"objective": "regression", "boost_from_average": False},
            {"objective": "regression", "zero_as_missing": True},
            {"objective": "regression", "use_missing": False},
            {"objective": "regression", "extra_trees": True},
            {"objective": "regression", "boosting": "goss"},
            {"objective": lambda predictions, data: (predictions - data.get_label(), np.ones(len(predictions)))},
        ],
        ids=lambda settings: str(settings)[:60],
    )
    def test_lightgbm_objectives(self, lgb, settings):
        rows, target = rows_and_target()
        target = np.abs(target) / np.abs(target).max() + (0.01 if settings["objective"] in ("gamma", "tweedie") else 0)
        target = np.minimum(target, 1)
        booster = lgb.train({"verbose": -1, "num_threads": 1, **settings}, lgb.Dataset(rows, target), 4)
        rows[::5, 1] = np.nan
        assert_right(booster, lambda x: booster.predict(x, raw_score=True), rows[:3], rows[3:12])

    def test_lightgbm_that_stops_early_is_refused(self, lgb):
        rows, target = rows_and_target()
        model = lgb.LGBMClassifier(n_estimators=2, verbose=-1, n_jobs=1, pred_early_stop=True).fit(rows, target > 0)
        with pytest.raises(TypeError, match=r"must not stop its predictions early \(pred_early_stop=True\)"):
            banzhaf.TreeExplainer(model, rows[:9])

    @pytest.mark.filterwarnings("ignore:.*eval_set")
    def test_lightgbm_ranker_and_best_iteration(self, lgb):
        rows, target = rows_and_target()
        grades = np.digitize(target, [0, 2])
        model = lgb.LGBMRanker(n_estimators=30, verbose=-1, n_jobs=1, min_child_samples=5)
        model.fit(
            rows[:150],
            grades[:150],
            group=[50, 50, 50],
            eval_set=[(rows[150:], grades[150:])],
            eval_group=[[50]],
            callbacks=[lgb.early_stopping(2, verbose=False)],
        )
        np.testing.assert_allclose(banzhaf.TreeExplainer(model, rows[:9]).predict(rows), model.predict(rows), rtol=1e-9)

    def test_xgboost_ranker_and_a_custom_objective(self, xgb):
        rows, target = rows_and_target()
        ranker = xgb.XGBRanker(n_estimators=4, n_jobs=1)
        ranker.fit(rows, np.digitize(target, [0, 2]), qid=np.repeat([0, 1], 100))
        assert_right(ranker, ranker.predict, rows[:3], rows[3:12])
        custom = xgb.XGBRegressor(
            n_estimators=4, n_jobs=1, objective=lambda labels, found: (found - labels, np.ones_like(found))
        ).fit(rows, target)
        assert_right(custom, custom.predict, rows[:3], rows[3:12])

    def test_xgboost_base_margins_of_training_are_no_part_of_the_model(self, xgb):
        rows, target = rows_and_target()
        model = xgb.XGBRegressor(n_estimators=4, n_jobs=1).fit(rows, target, base_margin=np.full(200, 50.0))
        assert_right(model, model.predict, rows[:3], rows[3:12])

    @pytest.mark.filterwarnings("ignore:.*dart.*is deprecated:UserWarning")
    def test_xgboost_dart_up_to_its_best_iteration(self, xgb):
        rows, target = rows_and_target()
        model = xgb.XGBRegressor(
            n_estimators=40, booster="dart", rate_drop=0.3, learning_rate=0.9, early_stopping_rounds=3, n_jobs=1
        )
        model.fit(rows[:100], target[:100], eval_set=[(rows[100:], target[100:])], verbose=False)
        assert_right(model, model.predict, rows[:3], rows[3:12])

    def test_catboost_scale_and_bias(self):
        catboost = pytest.importorskip("catboost")
        rows, target = rows_and_target()
        model = catboost.CatBoostRegressor(iterations=5, depth=3, verbose=False, allow_writing_files=False)
        model.fit(rows, target)
        model.set_scale_and_bias(2.5, -7.0)
        assert_right(model, model.predict, rows[:3], rows[3:12])

    def test_boosting_from_a_random_or_other_model_is_refused(self):
        rows, target = rows_and_target()
        model = ensemble.GradientBoostingRegressor(init=LinearRegression(), n_estimators=2).fit(rows, target)
        with pytest.raises(TypeError, match="boosts from a LinearRegression"):
            banzhaf.TreeExplainer(model, rows[:9])


class TestWrappers:
    def test_a_search_is_its_best_estimator(self):
        rows, target = rows_and_target()
        search = GridSearchCV(tree.DecisionTreeRegressor(random_state=0), {"max_depth": [2, 4]}, cv=2).fit(rows, target)
        assert_right(search, search.predict, rows[:3], rows[3:12])
        with pytest.raises(TypeError, match="this GridSearchCV has no best_estimator_"):
            banzhaf.TreeExplainer(GridSearchCV(tree.DecisionTreeRegressor(), {}, refit=False))

    def test_a_pipeline_gets_a_recipe_that_works(self):
        rows, target = rows_and_target()
        model = make_pipeline(StandardScaler(), ensemble.RandomForestRegressor(3, max_depth=4, random_state=0))
        model.fit(rows, target)
        recipe = r"banzhaf\.TreeExplainer\(model\[-1\], model\[:-1\]\.transform\(background\)\)"
        with pytest.raises(TypeError, match=recipe):
            banzhaf.TreeExplainer(model, rows[:9])
        values = banzhaf.TreeExplainer(model[-1], model[:-1].transform(rows[:9]))(
            model[:-1].transform(rows[9:12])
        ).values
        truth = np.stack([masked_values(model.predict, row, rows[:9])[:, 0] for row in rows[9:12]])
        np.testing.assert_allclose(values, truth, atol=1e-9)

    def test_a_search_over_pipelines_and_a_pipeline_of_one_step(self):
        rows, target = rows_and_target()
        steps = make_pipeline(StandardScaler(), tree.DecisionTreeRegressor())
        search = GridSearchCV(steps, {"decisiontreeregressor__max_depth": [2, 3]}, cv=2).fit(rows, target)
        with pytest.raises(TypeError, match=r"banzhaf\.TreeExplainer\(model\.best_estimator_\[-1\]"):
            banzhaf.TreeExplainer(search, rows[:9])
        alone = make_pipeline("passthrough", tree.DecisionTreeRegressor(max_depth=3)).fit(rows, target)
        assert_right(alone, alone.predict, rows[:3], rows[3:12])

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("calibration.CalibratedClassifierCV", "it calibrates the predictions of its trees"),
            ("compose.TransformedTargetRegressor", r"TreeExplainer\(model\.regressor_, background\)"),
            ("multioutput.RegressorChain", "its later trees use the predictions of earlier ones"),
            ("multioutput.MultiOutputClassifier", "Explain one at a time"),
            ("multiclass.OneVsRestClassifier", "normalises the predictions of its models"),
        ],
    )
    def test_what_is_no_sum_of_trees_is_refused_with_a_remedy(self, name, message):
        import importlib

        module, _, kind = name.partition(".")
        base = tree.DecisionTreeClassifier() if "Class" in kind else tree.DecisionTreeRegressor()
        model = getattr(importlib.import_module(f"sklearn.{module}"), kind)(base)
        with pytest.raises(TypeError, match=f"cannot be of the class {kind}: .*{message}"):
            banzhaf.TreeExplainer(model)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_no_model_is_refused_for_rounding(seed, xgb, lgb):
    """Random models on random scales: differences by rounding are accepted."""
    rng = np.random.default_rng(seed)
    n_rows, n_columns = int(rng.integers(60, 300)), int(rng.integers(1, 10))
    rows = rng.normal(size=(n_rows, n_columns)) * 10.0 ** rng.integers(-6, 7, size=n_columns)
    target = (rows / np.abs(rows).max(axis=0)).sum(axis=1) + rng.normal(size=n_rows) * 0.3
    target *= 10.0 ** rng.integers(-8, 9)
    rows[rng.random(rows.shape) < 0.1 * (seed % 3 == 0)] = np.nan
    makers = [
        lambda: xgb.XGBRegressor(n_estimators=int(rng.integers(1, 600)), max_depth=int(rng.integers(1, 8)), n_jobs=1),
        lambda: xgb.XGBRegressor(n_estimators=200, learning_rate=1.0, base_score=float(rng.normal() * 1e3), n_jobs=1),
        lambda: lgb.LGBMRegressor(n_estimators=100, verbose=-1, n_jobs=1, linear_tree=seed % 2 == 0),
        lambda: ensemble.RandomForestRegressor(10, random_state=0),
        lambda: ensemble.HistGradientBoostingRegressor(max_iter=30),
    ]
    model = makers[seed % 5]().fit(rows, target)
    for background in (rows[:40], rows[:3], *([] if getattr(model, "linear_tree", False) else [None])):
        assert banzhaf.TreeExplainer(model, background).base_values.shape == ()
