# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Models that combine other models: the values are those of their own predictions for all coalitions."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tree_oracles import masked_values

import banzhaf
from banzhaf import _core
from banzhaf._trees.readers.combine import _before_rounding, _compared_as_given
from banzhaf._trees.readers.forest import Forest, ForestBuilder, Missing

sklearn = pytest.importorskip("sklearn")
from sklearn import ensemble, multioutput, tree  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402


def rows_and_target(n_classes=0, seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(150, 4)).round(1)
    target = rows[:, 0] * rows[:, 1] + rows[:, 2] + rng.normal(size=150) * 0.1
    return rows, np.array(["no", "yes", "well"])[np.digitize(target, [0, 1][: n_classes - 1])] if n_classes else target


def assert_exact(model, predict, rows, **options):
    """Check the values against predictions for all coalitions, and the base value against their mean."""
    background, explicands = rows[:12], rows[12:16]
    explainer = banzhaf.TreeExplainer(model, background, **options)
    explanation = explainer(explicands)
    truth = np.stack([masked_values(predict, row, background) for row in explicands])
    scale = np.abs(truth).max()
    assert scale > 0
    np.testing.assert_allclose(
        explanation.values.reshape(truth.shape), truth, atol=options.pop("atol", 1e-9) * scale, rtol=1e-9
    )
    own = np.asarray(predict(background), dtype=float).reshape(len(background), -1)
    np.testing.assert_allclose(np.ravel(explanation.base_values), own.mean(axis=0), rtol=1e-6, atol=1e-9)
    assert pickle.loads(pickle.dumps(explainer))(explicands) == explanation
    return explanation


class TestIsolationForest:
    @pytest.mark.parametrize(
        "options",
        [{}, {"max_features": 0.5}, {"max_samples": 20}, {"max_samples": 1.0}, {"bootstrap": True}, {"max_samples": 3}],
        ids=str,
    )
    def test_mean_path_length(self, options):
        rows, _ = rows_and_target()
        model = ensemble.IsolationForest(n_estimators=10, random_state=0, **options).fit(rows)

        def path_length(x):
            n = model.max_samples_
            ordinary = 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n if n > 2 else 1.0
            return -ordinary * np.log2(-model.score_samples(x))

        explanation = assert_exact(model, path_length, rows)
        assert explanation.values.ndim == 2

    def test_path_dependent(self):
        rows, _ = rows_and_target()
        model = ensemble.IsolationForest(n_estimators=5, random_state=0).fit(rows)
        assert np.isfinite(banzhaf.TreeExplainer(model)(rows[:3]).values).all()

    def test_ordinary_rows_have_longer_paths(self):
        rows, _ = rows_and_target()
        explainer = banzhaf.TreeExplainer(ensemble.IsolationForest(n_estimators=20, random_state=0).fit(rows), rows)
        strange = np.array([[9.0, 0, 0, 0]])
        assert explainer.predict(strange) < np.median(explainer.predict(rows))
        assert explainer(strange).values[0].argmin() == 0


class TestBagging:
    @pytest.mark.parametrize(
        "options", [{}, {"max_features": 0.5}, {"bootstrap_features": True}, {"max_samples": 0.3}], ids=str
    )
    @pytest.mark.parametrize("n_classes", [0, 2, 3])
    def test_trees(self, n_classes, options):
        rows, target = rows_and_target(n_classes)
        kinds = ensemble.BaggingClassifier, tree.DecisionTreeClassifier
        if not n_classes:
            kinds = ensemble.BaggingRegressor, tree.DecisionTreeRegressor
        model = kinds[0](kinds[1](max_depth=4), 6, random_state=0, **options).fit(rows, target)
        explanation = assert_exact(model, model.predict_proba if n_classes else model.predict, rows)
        if n_classes:
            assert explanation.output_names == tuple(model.classes_)

    def test_a_class_that_some_trees_never_saw(self):
        rows, target = rows_and_target(3)
        target[:] = np.where(np.arange(150) < 6, "well", np.where(target == "well", "no", target))

        class Drawn(tree.DecisionTreeClassifier):
            """A model that gets the rows drawn for it instead of weights for all rows."""

            def fit(self, X, y):
                return super().fit(X, y)

        model = ensemble.BaggingClassifier(Drawn(max_depth=3), 9, max_samples=0.2, random_state=0)
        model.fit(rows, target)
        assert {len(part.classes_) for part in model.estimators_} == {2, 3}
        assert_exact(model, model.predict_proba, rows)

    def test_forests_and_several_targets(self):
        rows, target = rows_and_target()
        model = ensemble.BaggingRegressor(ensemble.RandomForestRegressor(3, max_depth=3), 2, random_state=0)
        assert_exact(model.fit(rows, target), model.predict, rows)
        model = ensemble.BaggingRegressor(tree.DecisionTreeRegressor(max_depth=3), 3, random_state=0)
        model.fit(rows, np.c_[target, -target, target**2])
        assert assert_exact(model, model.predict, rows).values.shape == (4, 4, 3)

    def test_boosted_classifiers_are_refused(self):
        rows, target = rows_and_target(2)
        base = ensemble.GradientBoostingClassifier(n_estimators=2)
        model = ensemble.BaggingClassifier(base, 2, random_state=0).fit(rows, target)
        with pytest.raises(
            TypeError, match=r"a BaggingClassifier of a GradientBoostingClassifier, .*banzhaf\.Explainer"
        ):
            banzhaf.TreeExplainer(model, rows[:9])


class TestVoting:
    def test_regressors_of_one_library(self):
        rows, target = rows_and_target()
        parts = [
            ("tree", tree.DecisionTreeRegressor(max_depth=4, random_state=0)),
            ("forest", ensemble.RandomForestRegressor(3, max_depth=4, random_state=0)),
            ("boosting", ensemble.GradientBoostingRegressor(n_estimators=5, random_state=0)),
        ]
        for weights in (None, [1, 2, 0.5]):
            model = ensemble.VotingRegressor(parts, weights=weights).fit(rows, target)
            assert_exact(model, model.predict, rows)

    def test_regressors_of_many_libraries(self, xgb, lgb, pd):
        catboost = pytest.importorskip("catboost")
        rows, target = rows_and_target()
        parts = [
            ("xgboost", xgb.XGBRegressor(n_estimators=4, max_depth=3, n_jobs=1)),
            ("lightgbm", lgb.LGBMRegressor(n_estimators=4, verbose=-1, n_jobs=1, min_child_samples=5)),
            ("histogram", ensemble.HistGradientBoostingRegressor(max_iter=4)),
            ("forest", ensemble.ExtraTreesRegressor(3, max_depth=4, random_state=0)),
        ]
        frame = pd.DataFrame(rows, columns=list("abcd"))
        for table in (rows, frame):
            model = ensemble.VotingRegressor(parts, weights=[1, 2, 3, 4]).fit(table, target)

            def predict(x, model=model, table=table):
                return model.predict(x if table is rows else pd.DataFrame(x, columns=list("abcd")))

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of names that LightGBM's estimators have made up
                explanation = banzhaf.TreeExplainer(model, table[:12])(table[12:16])
                truth = np.stack([masked_values(predict, row, rows[:12]) for row in rows[12:16]])
            np.testing.assert_allclose(explanation.values, truth[..., 0], atol=1e-6)
        single = catboost.CatBoostRegressor(iterations=4, depth=3, verbose=False, allow_writing_files=False)
        model = ensemble.VotingRegressor([("catboost", single), *parts[:1]]).fit(rows, target)
        explanation = banzhaf.TreeExplainer(model, rows[:12])(rows[12:16])
        truth = np.stack([masked_values(model.predict, row, rows[:12]) for row in rows[12:16]])
        np.testing.assert_allclose(explanation.values, truth[..., 0], atol=1e-6)

    def test_soft_classifiers(self):
        rows, target = rows_and_target(3)
        parts = [
            ("tree", tree.DecisionTreeClassifier(max_depth=4, random_state=0)),
            ("forest", ensemble.RandomForestClassifier(3, max_depth=4, random_state=0)),
        ]
        model = ensemble.VotingClassifier(parts, voting="soft", weights=[1, 3]).fit(rows, target)
        assert assert_exact(model, model.predict_proba, rows).output_names == ("no", "well", "yes")

    def test_hard_votes_and_others_are_refused(self):
        rows, target = rows_and_target(2)
        parts = [("tree", tree.DecisionTreeClassifier(max_depth=3))]
        with pytest.raises(TypeError, match="voting='hard', whose votes are labels; explain one with voting='soft'"):
            banzhaf.TreeExplainer(ensemble.VotingClassifier(parts).fit(rows, target), rows[:9])
        parts.append(("line", LogisticRegression()))
        with pytest.raises(TypeError, match="got LogisticRegression"):
            banzhaf.TreeExplainer(ensemble.VotingClassifier(parts, voting="soft").fit(rows, target), rows[:9])

    def test_parts_with_cells_of_their_own_are_refused(self, xgb):
        rows, target = rows_and_target()
        parts = [("one", xgb.XGBRegressor(n_estimators=2, missing=0.5)), ("two", tree.DecisionTreeRegressor())]
        with pytest.raises(
            TypeError, match=r"takes 0\.5 as missing: explain each part with a TreeExplainer of its own"
        ):
            banzhaf.TreeExplainer(ensemble.VotingRegressor(parts).fit(rows, target), rows[:9])


class TestThresholds:
    """Thresholds for cells without rounding give the same branches as rounded cells would."""

    @given(
        st.floats(width=32, allow_nan=False) | st.floats(allow_nan=False),
        st.booleans(),
        st.integers(-3, 3),
        st.floats(allow_nan=False),
    )
    @settings(max_examples=200, deadline=None)
    def test_before_rounding(self, threshold, strict, steps, other):
        assume(not (strict and threshold == -np.inf))
        found = _before_rounding(np.array([threshold]), strict)
        with np.errstate(over="ignore"):
            near = np.float64(found[0])
            for _ in range(abs(steps)):
                near = np.nextafter(near, np.sign(steps) * np.inf)
            for cell in (near, np.float64(threshold), np.float64(np.float32(threshold)), np.float64(other)):
                rounded = np.float64(np.float32(cell))
                assert (cell <= found[0]) == (rounded < threshold if strict else rounded <= threshold)

    @pytest.mark.parametrize(
        ("strict", "float32", "zero"),
        [(False, False, 0.0), (False, True, 0.0), (True, True, 0.0), (True, False, 0.0), (False, False, 1e-35)],
    )
    def test_trees_decide_as_before(self, strict, float32, zero):
        edges = [0.0, -0.0, 1e-36, -1e-36, zero, -zero, 1e-30, -1e-30, 0.1, np.float32(0.1), 16777217.0, -2.5, 1e39]
        near = [np.nextafter(edge, side) for edge in edges for side in (-np.inf, np.inf)]
        cells = np.array([*edges, *near, np.nan])[:, np.newaxis]
        for threshold in [*edges, *near]:
            for missing in (Missing.LEFT, Missing.RIGHT, Missing.AS_ZERO):
                builder = ForestBuilder(1, 1, strict=strict, float32=float32, zero_threshold=zero)
                builder.add_tree(
                    values=[0.0, 1.0, 2.0],
                    output=0,
                    left=[1, -1, -1],
                    right=[2, -1, -1],
                    feature=[0, 0, 0],
                    threshold=[threshold, 0, 0],
                    missing=[missing] * 3,
                    cover=[2, 1, 1],
                )
                forest = builder.build(0.0)
                both = [forest, Forest(_compared_as_given(forest.arguments))]
                first, second = (_core.TreeValues(f.to_core(), [0], 1, np.zeros((1, 1))).predict(cells) for f in both)
                np.testing.assert_array_equal(first, second, err_msg=f"{threshold!r} {missing!r}")


class TestAdaBoost:
    @pytest.mark.parametrize("n_classes", [2, 3])
    @pytest.mark.parametrize("depth", [1, 3])
    def test_decision_function(self, n_classes, depth):
        rows, target = rows_and_target(n_classes)
        model = ensemble.AdaBoostClassifier(
            tree.DecisionTreeClassifier(max_depth=depth), n_estimators=8, random_state=0
        )
        model.fit(rows, target)
        explanation = assert_exact(model, model.decision_function, rows)
        assert explanation.values.ndim == (3 if n_classes == 3 else 2)

    def test_of_other_models_is_refused(self):
        rows, target = rows_and_target(2)
        model = ensemble.AdaBoostClassifier(LogisticRegression(), n_estimators=2).fit(rows, target)
        with pytest.raises(TypeError, match="boosts a LogisticRegression, whose votes are not a sum of trees"):
            banzhaf.TreeExplainer(model, rows[:9])


class TestTargets:
    def test_one_model_each(self):
        rows, target = rows_and_target()
        base = ensemble.GradientBoostingRegressor(n_estimators=3, random_state=0)
        model = multioutput.MultiOutputRegressor(base).fit(rows, np.c_[target, target**2])
        assert assert_exact(model, model.predict, rows).values.shape == (4, 4, 2)


class TestNGBoost:
    @pytest.fixture
    def ngboost(self):
        return pytest.importorskip("ngboost")

    @pytest.mark.parametrize("options", [{}, {"col_sample": 0.5}, {"minibatch_frac": 0.7}], ids=str)
    def test_parameters(self, ngboost, options):
        rows, target = rows_and_target()
        model = ngboost.NGBRegressor(n_estimators=5, verbose=False, random_state=0, **options).fit(rows, target)
        explanation = assert_exact(model, model.pred_param, rows)
        assert explanation.output_names == ("loc", "log scale")
        np.testing.assert_allclose(banzhaf.TreeExplainer(model).predict(rows)[:, 0], model.predict(rows))

    def test_classes_and_other_distributions(self, ngboost):
        rows, target = rows_and_target(3)
        model = ngboost.NGBClassifier(Dist=ngboost.distns.k_categorical(3), n_estimators=3, verbose=False)
        model.fit(rows, np.unique(target, return_inverse=True)[1])
        assert assert_exact(model, model.pred_param, rows).values.shape == (4, 4, 2)
        model = ngboost.NGBRegressor(Dist=ngboost.distns.Exponential, n_estimators=3, verbose=False)
        model.fit(rows, np.abs(rows[:, 0]) + 0.1)
        assert_exact(model, model.pred_param, rows)


class TestProbabilities:
    def test_where_they_are_sums_of_trees(self):
        rows, target = rows_and_target(2)
        model = ensemble.RandomForestClassifier(3, max_depth=3, random_state=0).fit(rows, target)
        raw, named = (banzhaf.TreeExplainer(model, rows[:9], output=o)(rows[9:12]) for o in ("raw", "probability"))
        assert raw == named

    def test_where_not_there_is_a_recipe_that_is_exact(self):
        rows, target = rows_and_target(2)
        model = ensemble.GradientBoostingClassifier(n_estimators=3, random_state=0).fit(rows, target)
        with pytest.raises(ValueError, match=r"banzhaf\.Explainer\(model, background\)\(X\) explains them"):
            banzhaf.TreeExplainer(model, rows[:9], output="probability")
        values = banzhaf.Explainer(model, rows[:9])(rows[9:12]).values
        truth = np.stack([masked_values(model.predict_proba, row, rows[:9]) for row in rows[9:12]])
        np.testing.assert_allclose(values, truth, atol=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        ensemble.IsolationForest(),
        ensemble.BaggingRegressor(),
        ensemble.VotingRegressor([("tree", tree.DecisionTreeRegressor())]),
        ensemble.AdaBoostClassifier(),
        multioutput.MultiOutputRegressor(tree.DecisionTreeRegressor()),
    ],
    ids=lambda model: type(model).__name__,
)
def test_models_must_be_fitted(model):
    with pytest.raises(TypeError, match=f"model must be fitted; this {type(model).__name__} is not"):
        banzhaf.TreeExplainer(model)


def test_models_of_other_libraries_must_be_fitted(xgb, lgb):
    for model in (xgb.XGBRegressor(), lgb.LGBMClassifier()):
        with pytest.raises(TypeError, match=f"model must be fitted; this {type(model).__name__} is not"):
            banzhaf.TreeExplainer(model)
