# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Weighted backgrounds, and arguments by the names that shap uses."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from tree_oracles import masked_values

import banzhaf

sklearn = pytest.importorskip("sklearn")
from sklearn import ensemble  # noqa: E402


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(120, 4))
    target = rows[:, 0] * rows[:, 1] + rows[:, 2]
    return ensemble.RandomForestRegressor(4, max_depth=4, random_state=0).fit(rows, target), rows


class TestWeights:
    def test_whole_numbers_repeat_rows(self, fitted):
        model, rows = fitted
        weights = np.array([1, 3, 0, 2])
        explainer = banzhaf.TreeExplainer(model, rows[:4], weights=weights)
        repeated = np.repeat(rows[:4], weights, axis=0)
        values = explainer(rows[9:12]).values
        truth = np.stack([masked_values(model.predict, row, repeated)[:, 0] for row in rows[9:12]])
        np.testing.assert_allclose(values, truth, atol=1e-12)
        assert float(explainer.base_values) == pytest.approx(model.predict(repeated).mean())

    def test_their_scale_is_none(self, fitted):
        model, rows = fitted
        first, second = (banzhaf.TreeExplainer(model, rows[:4], weights=np.arange(1, 5) * c) for c in (1, 1e-200))
        np.testing.assert_allclose(first(rows[9:12]).values, second(rows[9:12]).values, rtol=1e-12)

    def test_copies_keep_them(self, fitted):
        model, rows = fitted
        explainer = banzhaf.TreeExplainer(model, rows[:4], weights=[1, 2, 3, 4])
        for duplicate in (pickle.loads(pickle.dumps(explainer)), copy.deepcopy(explainer)):
            assert duplicate(rows[9:12]) == explainer(rows[9:12])

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            ([1, 2], r"weights must have shape \(4,\), one for each background row, got \(2,\)"),
            ([1, 2, 3, -1], "at least 0"),
            ([0, 0, 0, 0], "not all 0"),
            ([1, 2, 3, np.nan], "finite"),
        ],
    )
    def test_wrong_ones_are_told(self, fitted, weights, message):
        model, rows = fitted
        with pytest.raises(ValueError, match=message):
            banzhaf.TreeExplainer(model, rows[:4], weights=weights)

    def test_need_a_background(self, fitted):
        with pytest.raises(ValueError, match="weights need a background"):
            banzhaf.TreeExplainer(fitted[0], weights=[1.0])


class TestShapsBackgrounds:
    @pytest.fixture
    def shap(self):
        return pytest.importorskip("shap")

    def test_a_summary_has_weights(self, fitted, shap):
        model, rows = fitted
        summary = shap.kmeans(rows, 5)
        values = banzhaf.TreeExplainer(model, summary)(rows[:3]).values
        same = banzhaf.TreeExplainer(model, summary.data, weights=summary.weights)(rows[:3]).values
        np.testing.assert_array_equal(values, same)
        with pytest.raises(ValueError, match="weights must be left out"):
            banzhaf.TreeExplainer(model, summary, weights=np.ones(5))

    def test_a_masker_has_rows(self, fitted, shap, pd):
        model, rows = fitted
        masker = shap.maskers.Independent(rows, max_samples=30)
        values = banzhaf.TreeExplainer(model, masker)(rows[:3]).values
        np.testing.assert_array_equal(values, banzhaf.TreeExplainer(model, masker.data)(rows[:3]).values)
        frame = pd.DataFrame(rows, columns=list("abcd"))
        named = ensemble.RandomForestRegressor(3, max_depth=3, random_state=0).fit(frame, rows[:, 0])
        explainer = banzhaf.TreeExplainer(named, shap.maskers.Independent(frame[["d", "c", "b", "a"]], max_samples=200))
        truth = banzhaf.TreeExplainer(named, frame)(frame[:3])
        assert explainer.feature_names == ("d", "c", "b", "a")
        np.testing.assert_allclose(explainer(frame[:3]).values[:, ::-1], truth.values, atol=1e-12)


class TestOtherNames:
    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("data", "background="),
            ("model_output", "output="),
            ("feature_perturbation", "interventional with background= and path-dependent without it"),
            ("approximate", "exact"),
        ],
    )
    def test_of_arguments(self, fitted, name, hint):
        model, rows = fitted
        with pytest.raises(TypeError, match=f"TreeExplainer got an unexpected argument '{name}': .*{hint}"):
            banzhaf.TreeExplainer(model, **{name: rows})
        with pytest.raises(TypeError, match=r"TreeExplainer got an unexpected argument 'colour'$"):
            banzhaf.TreeExplainer(model, colour=1)

    def test_of_a_call_s_arguments(self, fitted):
        model, rows = fitted
        explainer = banzhaf.TreeExplainer(model, rows[:4])
        with pytest.raises(TypeError, match="unexpected argument 'check_additivity': Banzhaf values need not sum"):
            explainer(rows, check_additivity=False)

    @pytest.mark.parametrize(
        ("name", "hint"), [("shap_values", r"explainer\(X\)\.values"), ("expected_value", "base_values")]
    )
    def test_of_attributes(self, fitted, name, hint):
        explainer = banzhaf.TreeExplainer(fitted[0])
        assert not hasattr(explainer, name)
        with pytest.raises(AttributeError, match=f"TreeExplainer has no attribute '{name}': .*{hint}"):
            getattr(explainer, name)
        with pytest.raises(AttributeError, match=r"TreeExplainer has no attribute 'nothing'$"):
            _ = explainer.nothing
