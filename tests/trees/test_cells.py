# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Real tables: categories, objects, Series, columns of several levels, and rows in another kind of table."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

import banzhaf

sklearn = pytest.importorskip("sklearn")
from sklearn import ensemble, tree  # noqa: E402


def one_step(model, before, after):
    """The single feature that differs has the whole effect."""
    return np.asarray(model.predict(after), dtype=float) - np.asarray(model.predict(before), dtype=float)


class TestCategoriesAsValues:
    """Scikit-learn's trees use the values of categories, not their codes."""

    @pytest.mark.parametrize("categories", [[10, 20, 40, 80], [80, 10, 40, 20], [2.5, -1.0, 7.0, 3.0], [True, False]])
    @pytest.mark.parametrize("make", [tree.DecisionTreeRegressor, ensemble.RandomForestRegressor])
    def test_of_pandas(self, pd, categories, make):
        cells = (categories * 10)[:20]
        frame = pd.DataFrame({"zip": pd.Categorical(cells, categories=categories), "b": np.arange(20.0) % 3})
        model = make(random_state=0).fit(frame, np.array(cells, dtype=float) * 3)
        explainer = banzhaf.TreeExplainer(model, frame[:1])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame))
        after = frame[:1].assign(zip=frame["zip"][1:2].to_numpy())
        np.testing.assert_allclose(explainer(after).values[:, 0], one_step(model, frame[:1], after))

    def test_missing_categories_are_missing_numbers(self, pd):
        frame = pd.DataFrame({"k": pd.Categorical([5, None, 7, 9] * 6), "b": np.arange(24.0)})
        model = tree.DecisionTreeRegressor(random_state=0).fit(frame, np.arange(24) % 4)
        explainer = banzhaf.TreeExplainer(model, frame[:8])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame))

    def test_texts_are_refused(self, pd):
        frame = pd.DataFrame({"k": [1.0, 2, 3, 4]})
        model = tree.DecisionTreeRegressor().fit(frame, [1, 2, 3, 4])
        with pytest.raises(TypeError, match="column 'k' of background must hold numbers, got 'a', which is a str"):
            banzhaf.TreeExplainer(model, pd.DataFrame({"k": pd.Categorical(list("abab"))}))

    @pytest.mark.parametrize("dtype", ["category", object, "str"])
    def test_texts_of_numbers_are_numbers_as_scikit_learn_takes_them(self, pd, dtype):
        frame = pd.DataFrame({"zip": pd.Series(["10", "20", "40", "80"] * 5).astype(dtype), "b": np.arange(20.0)})
        model = tree.DecisionTreeRegressor(random_state=0).fit(frame, frame["zip"].astype(float))
        explainer = banzhaf.TreeExplainer(model, frame[:1])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame))
        assert explainer(frame[3:4]).values[0, 0] == pytest.approx(70)

    def test_of_polars(self):
        pl = pytest.importorskip("polars")
        frame = pl.DataFrame({"k": ["a", "b"] * 5}, schema={"k": pl.Enum(["a", "b"])})
        model = tree.DecisionTreeRegressor().fit(np.arange(10.0)[:, None], np.arange(10))
        with pytest.raises(TypeError, match="column 'k' of background must hold numbers, got 'a'"):
            banzhaf.TreeExplainer(model, frame)

    def test_histogram_boosting_in_another_order_and_with_missing_ones(self, pd):
        kinds = pd.Categorical((["x", "y", None, "z"] * 25), categories=["z", "x", "y"])
        frame = pd.DataFrame({"b": np.arange(100.0) % 7, "k": kinds})
        model = ensemble.HistGradientBoostingRegressor(
            max_iter=5, categorical_features="from_dtype", min_samples_leaf=2
        )
        model.fit(frame, frame["b"] + 5 * (frame["k"] == "x"))
        explainer = banzhaf.TreeExplainer(model, frame[:20])
        other = frame.assign(k=frame["k"].cat.set_categories(["y", "x", "z", "new"]))
        np.testing.assert_allclose(explainer.predict(other), model.predict(other), rtol=1e-12)


class TestCategoriesAsCodes:
    @pytest.fixture
    def frame(self, pd):
        rng = np.random.default_rng(0)
        return pd.DataFrame({"k": pd.Categorical(rng.choice(list("xyz"), 120)), "b": rng.normal(size=120).round(1)})

    def test_columns_that_are_none_to_xgboost_are_refused(self, xgb, pd, frame):
        model = xgb.XGBRegressor(n_estimators=3, n_jobs=1, enable_categorical=True)
        model.fit(frame, frame["b"] + 3 * (frame["k"] == "y"))
        explainer = banzhaf.TreeExplainer(model, frame[:9])
        with pytest.raises(ValueError, match="'b' of X has categories, but model was fitted on numbers there"):
            explainer(frame[:3].assign(b=pd.Categorical([1, 2, 3])))
        if hasattr(model.get_booster(), "get_categories"):
            with pytest.raises(
                ValueError, match="'k' of X must have the categories that model was fitted on: 'x', 'y', 'z'"
            ):
                explainer(frame[:3].assign(k=[0.0, 1.0, 2.0]))

    def test_codes_alone_need_the_background_s_categories(self, xgb, pd, frame):
        codes = np.c_[frame["k"].cat.codes, frame["b"]].astype(float)
        data = xgb.DMatrix(codes, codes[:, 0] == 1, feature_types=["c", "q"], enable_categorical=True)
        booster = xgb.train({"nthread": 1}, data, 4)
        explainer = banzhaf.TreeExplainer(booster, frame[:9])
        np.testing.assert_allclose(explainer.predict(frame), booster.predict(data), atol=1e-5)
        np.testing.assert_array_equal(banzhaf.TreeExplainer(booster, codes[:9])(codes).values, explainer(frame).values)
        other = frame[:5].assign(k=frame["k"].cat.reorder_categories(list("zxy")))
        with pytest.raises(ValueError, match="'k' of X must have the categories 'x', 'y', 'z', like background"):
            explainer(other)

    def test_lightgbm_needs_as_many_as_it_was_fitted_on(self, lgb, pd, frame):
        model = lgb.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1, min_data_per_group=5)
        model.fit(frame, frame["b"] + 3 * (frame["k"] == "y"))
        for order in ("xyz", "zyx"):
            other = frame.assign(k=frame["k"].cat.reorder_categories(list(order)))
            explainer = banzhaf.TreeExplainer(model, other[:9])
            np.testing.assert_allclose(explainer.predict(other), model.predict(frame), rtol=1e-12)
        with pytest.raises(ValueError, match="X has 0 categorical columns, but model was fitted on 1"):
            explainer(frame[:3].assign(k=[0.0, 1.0, 2.0]))

    @pytest.mark.parametrize("values", [[False, True], [3, 1, 2], ["b", "a"]], ids=str)
    def test_lightgbm_categories_of_any_type(self, lgb, pd, values):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame({"k": pd.Categorical(rng.choice(values, 200), categories=values), "b": rng.random(200)})
        frame.loc[::11, "k"] = None
        model = lgb.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1, min_data_per_group=5)
        model.fit(frame, frame["b"] + 3 * (frame["k"] == values[1]))
        explainer = banzhaf.TreeExplainer(model, frame[:20])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame), rtol=1e-12)

    def test_treelite_knows_codes_alone(self, lgb, frame):
        treelite = pytest.importorskip("treelite")
        trained = lgb.LGBMRegressor(n_estimators=2, verbose=-1, n_jobs=1, min_data_per_group=5)
        model = treelite.frontend.from_lightgbm(trained.fit(frame, frame["b"] + 3 * (frame["k"] == "y")).booster_)
        with pytest.raises(TypeError, match=r"'k' of background must hold the codes of its categories, .*\.cat\.codes"):
            banzhaf.TreeExplainer(model, frame[:9])
        codes = frame.assign(k=frame["k"].cat.codes)
        np.testing.assert_allclose(banzhaf.TreeExplainer(model, codes[:9]).predict(codes), trained.predict(frame))

    def test_catboost_s_numbers_are_no_categories(self, pd):
        catboost = pytest.importorskip("catboost")
        frame = pd.DataFrame({"a": np.arange(40.0) % 5, "b": np.arange(40.0)})
        model = catboost.CatBoostRegressor(iterations=3, depth=2, verbose=False, allow_writing_files=False)
        model.fit(frame, frame["a"])
        explainer = banzhaf.TreeExplainer(model, frame[:9])
        with pytest.raises(ValueError, match="'a' of X has categories, but model was fitted on numbers there"):
            explainer(frame[:5].assign(a=pd.Categorical([0, 1, 2, 3, 4])))


class TestTables:
    @pytest.fixture
    def fitted(self, pd):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
        return tree.DecisionTreeRegressor(max_depth=4, random_state=0).fit(frame, frame["a"] * frame["b"]), frame

    def test_columns_of_several_levels(self, xgb, pd):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(rng.normal(size=(60, 2)), columns=pd.MultiIndex.from_tuples([("u", "x"), ("u", "y")]))
        model = xgb.XGBRegressor(n_estimators=3, n_jobs=1).fit(frame, frame.iloc[:, 0])
        explainer = banzhaf.TreeExplainer(model, frame[:9])
        explanation = explainer(frame[9:12])
        assert explanation.values.shape == (3, 2)
        turned = explainer(frame[9:12][[("u", "y"), ("u", "x")]])
        np.testing.assert_array_equal(turned.values, explanation.values)

    def test_a_series_is_told_how_to_be_a_row(self, fitted):
        model, frame = fitted
        explainer = banzhaf.TreeExplainer(model, frame[:9])
        X = frame.iloc[3]
        with pytest.raises(TypeError, match=r"not a pandas Series: pass one row as X\.to_frame\(\)\.T"):
            explainer(X)
        np.testing.assert_array_equal(explainer(X.to_frame().T).values, explainer(frame[3:4]).values)

    def test_numbers_in_object_columns(self, fitted, pd):
        model, frame = fitted
        explainer = banzhaf.TreeExplainer(model, frame[:9])
        given = frame[9:13].astype(object)
        np.testing.assert_array_equal(explainer(given).values, explainer(frame[9:13]).values)
        given.iloc[0, 0] = Decimal(str(frame.iloc[9, 0]))
        given.iloc[1, 1] = None
        assert np.isfinite(explainer(given).values).all()
        given.iloc[2, 2] = "low"
        with pytest.raises(TypeError, match=r"column 'c' of X must hold numbers, got 'low', which is a str"):
            explainer(given)
        assert banzhaf.TreeExplainer(model, frame[:9].astype(object))(frame[9:12]) == explainer(frame[9:12])

    def test_objects_of_numpy(self, fitted):
        model, frame = fitted
        rows = frame.to_numpy()
        explainer = banzhaf.TreeExplainer(model, rows[:9])
        np.testing.assert_array_equal(explainer(rows[9:12].astype(object)).values, explainer(rows[9:12]).values)
        with pytest.raises(TypeError, match="X must hold numbers, got 'x', which is a str"):
            explainer(np.array([["x", 1, 2]], dtype=object))

    def test_numpy_rows_beside_a_pandas_background(self, fitted, pd):
        model, frame = fitted
        explainer = banzhaf.TreeExplainer(model, frame[:9])
        assert explainer(frame[9:12].to_numpy()) == explainer(frame[9:12])
        turned = banzhaf.TreeExplainer(model, frame[["c", "a", "b"]][:9])
        with pytest.raises(TypeError, match="because background has its columns in another order than model"):
            turned(frame[9:12].to_numpy())

    def test_pandas_rows_beside_a_numpy_background(self, fitted):
        model, frame = fitted
        explainer = banzhaf.TreeExplainer(model, frame[:9].to_numpy())
        np.testing.assert_array_equal(
            explainer(frame[9:12][["b", "a", "c"]]).values, explainer(frame[9:12].to_numpy()).values
        )
        nameless = tree.DecisionTreeRegressor(max_depth=2).fit(frame.to_numpy(), frame["a"])
        with pytest.raises(
            TypeError, match=r"X must be a NumPy array like background, not DataFrame: pass X\.to_numpy\(\)"
        ):
            banzhaf.TreeExplainer(nameless, frame[:9].to_numpy())(frame[9:12])

    def test_a_library_s_own_matrix_is_refused(self, xgb, fitted):
        model, frame = fitted
        with pytest.raises(TypeError, match=r"X must be the rows themselves, .*, not a xgboost DMatrix"):
            banzhaf.TreeExplainer(model, frame[:9])(xgb.DMatrix(frame))

    def test_nullable_numbers(self, pd):
        frame = pd.DataFrame({"a": pd.array([1, 2, None, 4] * 9, dtype="Int64"), "b": pd.array([0.5, None] * 18)})
        model = tree.DecisionTreeRegressor(random_state=0).fit(frame, np.arange(36) % 4)
        explainer = banzhaf.TreeExplainer(model, frame[:9])
        np.testing.assert_allclose(explainer.predict(frame), model.predict(frame))


@pytest.mark.parametrize("library", ["lightgbm", "catboost", "xgboost", "sklearn"])
def test_polars_for_libraries_that_do_not_know_it(library):
    pl = pytest.importorskip("polars")
    pytest.importorskip(library)
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(80, 3))
    if library == "lightgbm":
        import lightgbm

        model = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1)
    elif library == "catboost":
        import catboost

        model = catboost.CatBoostRegressor(iterations=3, verbose=False, allow_writing_files=False)
    elif library == "xgboost":
        import xgboost

        model = xgboost.XGBRegressor(n_estimators=3, n_jobs=1)
    else:
        model = ensemble.RandomForestRegressor(3, random_state=0)
    model.fit(rows, rows[:, 0] * rows[:, 1])
    frame = pl.DataFrame(rows, schema=["a", "b", "c"])
    values = banzhaf.TreeExplainer(model, frame[:9])(frame[9:12]).values
    np.testing.assert_array_equal(values, banzhaf.TreeExplainer(model, rows[:9])(rows[9:12]).values)


@pytest.mark.parametrize("library", ["numpy", "pandas"])
def test_large_integers_are_shown_as_they_are(library):
    cells = [[2**60 + 1, 1], [2**60 + 3, 2]]
    X = np.array(cells) if library == "numpy" else pytest.importorskip("pandas").DataFrame(cells, columns=["a", "b"])
    model = tree.DecisionTreeRegressor().fit(X, [0, 1])
    assert banzhaf.TreeExplainer(model, X[:1])(X[1:]).data.tolist() == cells[1:]
