# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Weights of background rows, and weighted backgrounds made by shap."""

import re
import warnings

import numpy as np
import pytest

import banzhaf

N = 6


def data(n_rows, seed=0, n=N):
    return np.random.default_rng(seed).normal(size=(n_rows, n))


def model(rows):
    return np.stack([np.sin(rows @ np.arange(1.0, N + 1)), rows[:, 0] * rows[:, 1] * rows[:, 2] + rows[:, 3]], axis=1)


WEIGHTS = np.array([3.0, 1.0, 0.0, 2.0, 1.0])


@pytest.mark.parametrize("design", ["hadamard", "paired", "independent", "exhaustive"])
class TestWeights:
    def test_equal_ones_change_no_bit(self, design):
        options = {"design": design, "random_state": 0}
        if design != "exhaustive":
            options["budget"] = 5 * 40
        plain = banzhaf.Explainer(model, data(5), **options)(data(3, 1))
        for weights in (np.ones(5), np.full(5, 0.3), [7] * 5):
            assert banzhaf.Explainer(model, data(5), weights=weights, **options)(data(3, 1)) == plain

    def test_those_of_0_are_rows_left_out(self, design):
        background, kept = data(5), WEIGHTS > 0
        for weights, left in ((WEIGHTS, WEIGHTS[kept]), (kept * 2.0, None)):
            options = {"design": design, "random_state": 0, "budget": 4 * 2**N}
            found = banzhaf.Explainer(model, background, weights=weights, **options)
            expected = banzhaf.Explainer(model, background[kept], weights=left, **options)
            assert found.n_model_rows == expected.n_model_rows
            assert found(data(2, 1)) == expected(data(2, 1))

    def test_a_model_is_not_called_on_rows_of_weight_0(self, design):
        background = data(5)
        background[2] = 1e6

        def checked(rows):
            assert np.abs(rows).max() < 1e3
            return rows.sum(axis=1)

        banzhaf.Explainer(checked, background, weights=WEIGHTS, design=design)(data(1, 1))

    def test_whole_numbers_are_repeated_rows(self, design):
        background = data(5)
        repeated = np.repeat(background, WEIGHTS.astype(int), axis=0)
        found = banzhaf.Explainer(model, background, weights=WEIGHTS, design=design, budget=5 * 2**N)(data(2, 1))
        expected = banzhaf.Explainer(model, repeated, design=design, budget=7 * 2**N)(data(2, 1))
        assert np.allclose(found.values, expected.values, rtol=1e-12, atol=1e-12)
        assert np.allclose(found.base_values, expected.base_values, rtol=1e-14)
        assert np.allclose(found.r2, expected.r2, rtol=1e-10)
        assert np.all(found.standard_errors == 0)
        assert found.n_model_rows < expected.n_model_rows


class TestErrors:
    def test_background_errors_have_the_effective_sample_size(self):
        """Rows of one feature: the value is a weighted mean of differences, whose error is known."""
        background, weights = data(8, n=1), np.array([5.0, 1, 1, 1, 2, 2, 1, 1])
        found = banzhaf.Explainer(lambda rows: rows[:, 0], background, weights=weights)(np.zeros((1, 1)))
        mean = np.average(background[:, 0], weights=weights)
        effective = weights.sum() ** 2 / (weights**2).sum()
        variance = np.average((background[:, 0] - mean) ** 2, weights=weights) * effective / (effective - 1)
        assert found.values[0, 0] == pytest.approx(-mean)
        assert found.background_errors[0, 0] == pytest.approx(np.sqrt(variance / effective))

    def test_standard_errors_fit(self):
        background, weights = data(12), np.random.default_rng(3).exponential(size=12)
        x = data(1, 5)
        truth = banzhaf.Explainer(model, background, weights=weights, budget=12 * 2**N)(x).values[0, :, 0]
        errors, claims = [], []
        for seed in range(200):
            explain = banzhaf.Explainer(model, background, weights=weights, budget=12 * 24, random_state=seed)
            found = explain(x)
            errors.append(found.values[0, :, 0] - truth)
            claims.append(found.standard_errors[0, :, 0])
        assert 0.8 < np.sqrt(np.mean(np.square(claims)) / np.mean(np.square(errors))) < 1.7

    @pytest.mark.parametrize("share", [0.15, 0.5])
    def test_a_sample_of_rows_is_as_likely_as_they_weigh(self, share):
        """Budgets below one design for each row: no bias, and errors of the right size."""
        background, weights = data(40), np.random.default_rng(3).exponential(size=40) ** 2
        x = data(1, 5)

        def smooth(rows):
            return rows @ np.arange(1.0, N + 1) + rows[:, 0] * rows[:, 1]

        truth = banzhaf.Explainer(smooth, background, weights=weights, budget=40 * 2**N)(x).values[0]
        errors, claims = [], []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", banzhaf.BudgetWarning)
            for seed in range(400):
                budget = int(share * 40 * 2 * N)
                explain = banzhaf.Explainer(smooth, background, weights=weights, budget=budget, random_state=seed)
                found = explain(x)
                assert found.row_costs[0] <= budget
                assert 0 < found.n_background[0] < 40
                errors.append(found.values[0] - truth)
                claims.append(found.standard_errors[0])
        errors, claims = np.array(errors), np.array(claims)
        assert np.all(np.abs(errors.mean(axis=0)) < 4.5 * errors.std(axis=0) / 20)
        ratio = np.sqrt((claims**2).mean(axis=0) / (errors**2).mean(axis=0))
        assert np.all(
            (ratio > 0.75) & (ratio < 3)
        )  # the error of a systematic sample is smaller than its estimate from neighbours


class TestArguments:
    @pytest.mark.parametrize(
        ("weights", "error", "message"),
        [
            (np.ones(4), ValueError, r"weights must have shape (5,), one for each background row, got (4,)"),
            (np.ones((5, 1)), ValueError, "weights must have shape (5,)"),
            ([1, 1, -1, 1, 1], ValueError, "weights must be finite, at least 0, and not all 0"),
            ([1, 1, np.nan, 1, 1], ValueError, "weights must be finite, at least 0, and not all 0"),
            ([1, 1, np.inf, 1, 1], ValueError, "weights must be finite, at least 0, and not all 0"),
            (np.zeros(5), ValueError, "weights must be finite, at least 0, and not all 0"),
            (["a"] * 5, TypeError, "weights must be an array of numbers"),
            (["1"] * 5, TypeError, "weights must be an array of numbers"),
            (np.array(["1"] * 5, dtype=object), TypeError, "weights must be an array of numbers"),
            (np.ones(5) + 1j, TypeError, "weights must be an array of numbers"),
            (np.ones(5).astype("m8[s]"), TypeError, "weights must be an array of numbers"),
            ([10**400] * 5, ValueError, "weights must be finite"),
            (np.ma.masked_array(np.ones(5), mask=[0, 0, 0, 0, 1]), TypeError, "masked"),
        ],
    )
    def test_wrong_ones(self, weights, error, message):
        with pytest.raises(error, match=re.escape(message)):
            banzhaf.Explainer(model, data(5), weights=weights)

    def test_in_another_order(self):
        pd = pytest.importorskip("pandas")
        background, weights = data(5), pd.Series(np.arange(1.0, 6.0))
        table = pd.DataFrame(background, index=list("abcde"))
        for rows, moved in ((background, weights[::-1]), (table, weights.set_axis(table.index)[::-1])):
            with pytest.raises(ValueError, match="weights must be in the order of background"):
                banzhaf.Explainer(model, rows, weights=moved)
        by_position = banzhaf.Explainer(model, background, weights=weights, random_state=0)(data(2, 1))
        assert by_position == banzhaf.Explainer(model, background, weights=weights.to_numpy(), random_state=0)(
            data(2, 1)
        )

    def test_extreme_ones(self):
        x = data(1, 1)
        plain = banzhaf.Explainer(model, data(5), weights=WEIGHTS, random_state=0)(x)
        for scale in (1e-300, 1e300):
            found = banzhaf.Explainer(model, data(5), weights=WEIGHTS * scale, random_state=0)(x)
            assert np.allclose(found.values, plain.values, rtol=1e-12)


class TestShap:
    def test_kmeans(self):
        shap = pytest.importorskip("shap")
        summary = shap.kmeans(data(60), 5)
        found = banzhaf.Explainer(model, summary, random_state=0)(data(2, 1))
        expected = banzhaf.Explainer(model, summary.data, weights=summary.weights, random_state=0)(data(2, 1))
        assert np.array_equal(found.values, expected.values)
        with pytest.raises(ValueError, match="weights must be left out"):
            banzhaf.Explainer(model, summary, weights=np.ones(5))

    def test_kmeans_of_a_frame(self):
        shap, pd = pytest.importorskip("shap"), pytest.importorskip("pandas")
        frame = pd.DataFrame(data(60), columns=list("abcdef"))
        explain = banzhaf.Explainer(lambda rows: rows["a"] * rows["b"], shap.kmeans(frame, 5))
        assert explain.feature_names == tuple("abcdef")
        assert np.isfinite(explain(frame[:2]).values).all()

    def test_independent_masker(self):
        shap, pd = pytest.importorskip("shap"), pytest.importorskip("pandas")
        rows = data(30)
        masker = shap.maskers.Independent(rows)
        found = banzhaf.Explainer(model, masker, random_state=0)(data(2, 1))
        assert found == banzhaf.Explainer(model, rows, random_state=0)(data(2, 1))
        frame = pd.DataFrame(rows, columns=list("abcdef"))
        explain = banzhaf.Explainer(lambda rows: rows["a"] * rows["b"], shap.maskers.Independent(frame, max_samples=10))
        assert "10 background rows" in repr(explain)
        assert np.isfinite(explain(frame[:2]).values).all()

    def test_maskers_that_mean_something_else(self):
        shap, pd = pytest.importorskip("shap"), pytest.importorskip("pandas")
        with pytest.raises(TypeError, match=r"background must be rows, not a shap\.maskers\.Partition"):
            banzhaf.Explainer(model, shap.maskers.Partition(data(30)))
        mixed = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
        with pytest.raises(TypeError, match="background must be the DataFrame itself"):
            banzhaf.Explainer(model, shap.maskers.Independent(mixed))


@pytest.mark.parametrize("kind", [banzhaf.Explainer, banzhaf.TreeExplainer])
def test_weights_that_vanish_beside_others_are_0(kind):
    """Ratios below the smallest float are 0 for the core, so they must be for Python, which counts the same rows."""
    background, rows = data(5), data(2, 1)
    tree = pytest.importorskip("sklearn.tree").DecisionTreeRegressor(max_depth=4).fit(data(50, 2), data(50, 2)[:, 0])
    vanishing = np.array([1e-300, 1e300, 0, 1e-25, 3e299])
    found = kind(tree, background, weights=vanishing)
    expected = kind(tree, background[[1, 4]], weights=[1.0, 0.3])
    np.testing.assert_allclose(found(rows).values, expected(rows).values, rtol=1e-12, atol=1e-15)
    if kind is banzhaf.Explainer:
        assert found(rows).n_background.tolist() == [2, 2]
        np.testing.assert_array_equal(found.prepare()(rows).values, found(rows).values)
