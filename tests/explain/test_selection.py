# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Slices of an Explanation by rows, features and outputs, and its means, sums and extremes."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from test_explanation import BY_VALUE, T_10, make, mixed_data

import banzhaf
from banzhaf._support import archive

NAMES = ("age", "height", "weight")
MASK = np.array([True, False, True])


class TestFeatures:
    @pytest.mark.parametrize(
        ("features", "picked"),
        [
            ("height", [1]),
            (["weight", "age"], [2, 0]),
            (np.array(["weight", "age"]), [2, 0]),
            (("age", "height"), [0, 1]),
            (1, [1]),
            (-1, [2]),
            (np.int64(0), [0]),
            (slice(1, None), [1, 2]),
            (slice(None, None, -1), [2, 1, 0]),
            ([2, 0], [2, 0]),
            (MASK, [0, 2]),
            (MASK.tolist(), [0, 2]),
        ],
    )
    @pytest.mark.parametrize("outputs", [None, 2])
    @pytest.mark.parametrize("data", [make().data, mixed_data()])
    def test_selection(self, features, picked, outputs, data):
        explanation = make(outputs=outputs, data=data)
        part = explanation[:, features]
        for name in (*BY_VALUE, "data"):
            assert archive.same(getattr(part, name), getattr(explanation, name)[:, picked])
        assert part.feature_names == tuple(NAMES[place] for place in picked)
        for name in ("base_values", "degrees_of_freedom", "r2", "row_costs", "n_background", "rank", "n_model_rows"):
            assert archive.same(getattr(part, name), getattr(explanation, name))
        assert part.stopped == explanation.stopped

    def test_rows_and_features(self):
        explanation = make()
        assert archive.same(explanation[0, "age"].values, explanation.values[:1, :1])
        part = explanation[1:3, ["age", "weight"]]
        assert archive.same(part.values, explanation.values[1:3][:, [0, 2]])
        assert part == explanation[1:3][:, ["age", "weight"]] == explanation[:, ["age", "weight"]][1:3]
        # Rows and features are selected each on their own, not paired.
        assert explanation[[0, 1, 2], [True, False, True]].values.shape == (3, 2)
        assert explanation[(0,)] == explanation[0, ...] == explanation[0]
        assert explanation[...] == explanation[:] == explanation

    @pytest.mark.parametrize(
        ("key", "error", "message"),
        [
            ("age", TypeError, r"rows must not be selected by a name, got 'age': explanation\[:, name\]"),
            ((slice(None), "hight"), ValueError, "there is no feature 'hight': choose from 'height'"),
            ((slice(None), ["age", "years"]), ValueError, "there is no feature 'years': choose from 'age', 'height'"),
            ((slice(None), 3), IndexError, "out of bounds"),
            ((slice(None), [True, False]), IndexError, "a mask of features must have 3 entries, got 2"),
            ((slice(None), ["age", "age"]), ValueError, "features must differ from one another"),
            ((slice(None), []), ValueError, "features must be at least one"),
            ((slice(None), 0.5), TypeError, "features must be selected by integers, .* or names, got 0.5"),
            ((slice(None), None), TypeError, "got None"),
            ((slice(None), slice("age", "weight")), TypeError, "give a list of names instead"),
            ((slice(None), True), TypeError, "features must be selected by"),
            ((0, 0, 0, 0), TypeError, "by rows, features and outputs, got 4 indices"),
            ((..., 0, ...), TypeError, r"at most one \.\.\."),
        ],
    )
    def test_refusals(self, key, error, message):
        with pytest.raises(error, match=message):
            make()[key]

    def test_two_features_of_a_name(self):
        explanation = make(feature_names=("a", "a", "b"))
        with pytest.raises(ValueError, match=r"several features are called 'a': select one of the positions \[0, 1\]"):
            explanation[:, "a"]
        assert explanation[:, 1].feature_names == ("a",)


class TestOutputs:
    @pytest.mark.parametrize("key", [(slice(None), slice(None), "b"), (..., 1), (..., -2), (..., np.int64(1))])
    def test_one_loses_the_axis(self, key):
        explanation = make(outputs=3)
        assert explanation[key] == explanation.output("b")

    @pytest.mark.parametrize("outputs", [["c", "a"], [2, 0], slice(None, None, -2)])
    def test_several_keep_it(self, outputs):
        explanation = make(outputs=3)
        part = explanation[:, :, outputs]
        assert archive.same(part.values, explanation.values[..., [2, 0]])
        assert archive.same(part.base_values, explanation.base_values[[2, 0]])
        assert part.output_names == ("c", "a")
        assert part.r2.shape == part.degrees_of_freedom.shape == (4, 2)

    def test_all_three(self):
        explanation = make(outputs=3)
        part = explanation[-1, "weight", "a"]
        assert part.values.tolist() == [[explanation.values[3, 2, 0]]]

    def test_refusals(self):
        with pytest.raises(ValueError, match="output must be one of 'a', 'b', 'c'; got 'd'"):
            make(outputs=3)[..., "d"]
        with pytest.raises(ValueError, match="this Explanation has one output"):
            make()[:, :, [0]]
        with pytest.raises(ValueError, match="outputs must be at least one, and differ"):
            make(outputs=3)[:, :, [0, 0]]
        with pytest.raises(TypeError, match="outputs must not be selected by a name, got 'a': they have no names"):
            make(outputs=2, output_names=None)[:, :, ["a"]]


class TestSlicesAreExplanations:
    @pytest.mark.parametrize("key", [(slice(None), "age"), ([*MASK.tolist(), True], ["weight", "age"]), (2, 1)])
    @pytest.mark.parametrize("data", [make().data, mixed_data()])
    def test_file_pickle_frame(self, key, data, tmp_path):
        part = make(data=data)[key]
        part.save(tmp_path / "part")
        assert banzhaf.load(tmp_path / "part") == part
        assert pickle.loads(pickle.dumps(part)) == part == copy.deepcopy(part)
        assert repr(part).startswith(f"Explanation: {len(part)} row")
        assert part.importance()[0].shape == (len(part.feature_names),)
        pytest.importorskip("pandas")
        assert part.to_frame()["value"].tolist() == part.values.ravel().tolist()

    @pytest.mark.filterwarnings("default")  # shap's warnings are for shap
    def test_shap_and_plots(self):
        pytest.importorskip("matplotlib").use("Agg")
        pytest.importorskip("shap")
        import matplotlib.pyplot as plt

        part = make(data=mixed_data())[1:, ["weight", "age"]]
        assert list(part.to_shap().feature_names) == ["weight", "age"]
        for draw in (part.plot.bar, part.plot.beeswarm, part.plot.heatmap, lambda: part.plot.scatter("age")):
            draw()
        plt.close("all")


class TestAbs:
    def test_values_and_errors(self):
        explanation = make()
        sizes = explanation.abs
        assert archive.same(sizes.values, np.abs(explanation.values))
        assert archive.same(sizes.standard_errors, explanation.standard_errors)
        assert sizes.quantity == "|Banzhaf value|"
        assert sizes.abs == sizes
        assert archive.same(sizes.importance()[0], explanation.importance()[0])

    def test_intervals_end_at_zero(self):
        lower = make().abs.intervals()[..., 0]
        assert np.nanmin(lower) == 0.0
        assert np.isnan(lower[1, 1])
        assert np.nanmin(make().intervals()) < 0.0

    def test_file(self, tmp_path):
        make().abs.save(tmp_path / "sizes")
        assert banzhaf.load(tmp_path / "sizes") == make().abs != make()

    def test_plots_say_so(self):
        pytest.importorskip("matplotlib").use("Agg")
        import matplotlib.pyplot as plt

        assert make().abs.plot.row(0).get_xlabel().startswith("|Banzhaf value|")
        assert make().abs.plot.bar().get_xlabel().startswith("mean |Banzhaf value|")
        with pytest.raises(ValueError, match="force needs values with their signs"):
            make().abs.plot.force(0)
        plt.close("all")


VALUES = np.array([[1.0, -0.1, 0.0], [-3.0, 0.1, 0.0], [1.0, -0.1, 0.0], [-3.0, 0.1, 0.0]])
ERRORS = np.array([[0.1, 0.1, 0.0], [0.3, 0.1, 0.0], [0.1, 0.1, 0.0], [0.3, 0.1, 0.0]])
PLAIN = make(values=VALUES, standard_errors=ERRORS)


class TestSummaries:
    @pytest.mark.parametrize("axis", [0, 1])
    @pytest.mark.parametrize("kind", ["mean", "sum", "max", "min"])
    @pytest.mark.parametrize("outputs", [None, 3])
    def test_values(self, kind, axis, outputs):
        explanation = make(outputs=outputs)
        summary = getattr(explanation, kind)(axis)
        np.testing.assert_array_equal(summary.values, getattr(np, kind)(explanation.values, axis=axis))
        assert summary.standard_errors.shape == summary.degrees_of_freedom.shape == summary.values.shape
        assert summary.names == (NAMES if axis == 0 else ("row 0", "row 1", "row 2", "row 3"))
        assert (summary.count, summary.over) == ((4, "rows") if axis == 0 else (3, "features"))
        assert summary.output_names == explanation.output_names
        np.testing.assert_array_equal(np.asarray(summary), summary.values)

    def test_errors_are_bounds(self):
        np.testing.assert_allclose(PLAIN.mean(0).standard_errors, [0.2, 0.1, 0.0])
        np.testing.assert_allclose(PLAIN.mean(1).standard_errors, [0.2 / 3, 0.4 / 3, 0.2 / 3, 0.4 / 3])
        np.testing.assert_allclose(PLAIN.sum(0).standard_errors, [0.8, 0.4, 0.0])
        np.testing.assert_allclose(PLAIN.sum(1).standard_errors, [0.2, 0.4, 0.2, 0.4])
        np.testing.assert_allclose(PLAIN.max(0).standard_errors, [np.sqrt(0.2), 0.2, 0.0])
        assert PLAIN.mean(0).degrees_of_freedom.tolist() == [10.0, 10.0, np.inf]
        assert np.isnan(make().sum(0).standard_errors[1])

    @pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
    def test_bounds_hold_whatever_the_correlation(self, correlation):
        rng = np.random.default_rng(0)
        rows, draws = 6, 20_000
        true, errors = np.linspace(-0.3, 0.4, rows), np.linspace(0.1, 0.6, rows)
        shared, own = rng.normal(size=(draws, 1)), rng.normal(size=(draws, rows))
        found = true + errors * (np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own)
        explanation = make(
            values=np.tile(true[:, None], 3),
            standard_errors=np.tile(errors[:, None], 3),
            data=np.zeros((rows, 3)),
            r2=np.ones(rows),
        )
        for name, of_draws, of_true in (
            ("mean", found.mean(axis=1), true.mean()),
            ("sum", found.sum(axis=1), true.sum()),
            ("max", found.max(axis=1), true.max()),
            ("min", found.min(axis=1), true.min()),
        ):
            bound = getattr(explanation, name)(0).standard_errors[0]
            assert np.sqrt(np.mean((of_draws - of_true) ** 2)) < 1.02 * bound
        sizes = np.sqrt(np.mean((np.abs(found).mean(axis=1) - np.abs(true).mean()) ** 2))
        assert sizes < 1.02 * explanation.abs.mean(0).standard_errors[0]

    def test_mean_of_sizes_is_the_importance(self):
        means, bounds = PLAIN.importance(0.9)
        summary = PLAIN.abs.mean(0)
        np.testing.assert_array_equal(summary.values, means)
        np.testing.assert_allclose(summary.intervals(0.9), bounds)
        assert summary.quantity == "mean |Banzhaf value|"

    def test_intervals(self):
        found = PLAIN.mean(0).intervals()
        np.testing.assert_allclose(found[0], [-1 - 0.2 * T_10, -1 + 0.2 * T_10])
        with pytest.raises(ValueError, match="level must lie strictly between 0 and 1"):
            PLAIN.mean(0).intervals(95)

    def test_rows_without_values(self):
        values = VALUES.copy()
        values[1] = np.nan
        explanation = make(values=values, standard_errors=np.where(np.isnan(values), np.nan, ERRORS))
        assert explanation.mean(0).values[0] == pytest.approx(-1 / 3)
        assert explanation.mean(0).count == 3
        assert explanation.max(0).values.tolist() == [1.0, 0.1, 0.0]
        assert np.isnan(explanation.sum(1).values).tolist() == [False, True, False, False]
        with pytest.raises(ValueError, match=r"sum\(0\) needs values in all rows, but 1 have none"):
            explanation.sum(0)
        for empty in (explanation[[]], explanation[1]):
            with pytest.raises(ValueError, match=r"mean\(0\) needs a row that has values"):
                empty.mean(0)

    @pytest.mark.parametrize("axis", [None, 2, -1, True, "rows", 0.5])
    def test_axis(self, axis):
        with pytest.raises(ValueError, match="axis must be 0, over rows, or 1, over features"):
            make(outputs=2).mean(axis)

    def test_file_pickle_equality(self, tmp_path):
        for summary in (make(outputs=2).abs.mean(0), make().sum(1), make(output_names=("a",)).max(0)):
            summary.save(tmp_path / "summary")
            assert banzhaf.load(tmp_path / "summary") == summary == pickle.loads(pickle.dumps(summary))
            assert not summary.values.flags.writeable
        assert make().mean(0) != make().abs.mean(0)

    def test_repr(self):
        assert repr(PLAIN.abs.mean(0)).splitlines() == [
            "Summary: mean |Banzhaf value| over 4 rows; 3 features",
            "  age              2 +- 0.2",
            "  height         0.1 +- 0.1",
            "  weight           0 +- 0",
        ]

    def test_frame(self):
        pytest.importorskip("pandas")
        frame = PLAIN.mean(0).to_frame(0.9)
        assert frame.columns.tolist() == ["name", "value", "standard_error", "lower", "upper"]
        assert frame["name"].tolist() == list(NAMES)
        np.testing.assert_array_equal(frame[["lower", "upper"]], PLAIN.mean(0).intervals(0.9))
        assert make(outputs=2).mean(0).to_frame()["output"].tolist() == ["a", "b"] * 3

    def test_plot(self):
        pytest.importorskip("matplotlib").use("Agg")
        import matplotlib.pyplot as plt

        ax = PLAIN.abs.max(0).plot.bar(max_display=1)
        assert [patch.get_width() for patch in ax.patches] == [3.0]
        assert ax.get_xlabel() == "largest |Banzhaf value|, with 95 % intervals; 2 not shown"
        assert ax.get_xlim()[0] == 0.0
        with pytest.raises(ValueError, match="output must say which of the outputs to show: 'a', 'b'"):
            make(outputs=2).mean(0).plot.bar()
        assert make(outputs=2).mean(0).plot.bar(output="b").get_xlabel().startswith("mean Banzhaf value for b")
        plt.close("all")

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"values": np.ones((2, 2, 2))}, ValueError, r"values must have shape \(n,\) or \(n, outputs\)"),
            ({"standard_errors": -np.ones(2)}, ValueError, "standard_errors must not be negative"),
            ({"names": ("a",)}, ValueError, "names must hold 2 strings"),
            ({"count": -1}, ValueError, "count must be at least 0"),
            ({"over": "columns"}, ValueError, "over must be one of 'rows', 'features', got 'columns'"),
        ],
    )
    def test_fields(self, changes, error, message):
        fields = {
            "values": np.ones(2),
            "standard_errors": np.ones(2),
            "degrees_of_freedom": np.ones(2),
            "names": ("a", "b"),
            "output_names": None,
            "quantity": "mean Banzhaf value",
            "count": 3,
            "over": "rows",
        }
        with pytest.raises(error, match=message):
            banzhaf.Summary(**(fields | changes))
