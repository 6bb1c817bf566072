# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Heat map, scatter, convergence, comparison and force: what is drawn is read back and compared with the numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import banzhaf
from banzhaf._plots.heatmap import similar_together
from banzhaf._plots.scatter import strongest_partner

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")
from matplotlib.collections import PathCollection  # noqa: E402
from matplotlib.colors import to_rgba  # noqa: E402
from pictures import EARLIER, GAME, MIXED, OUTPUTS, WAVES, labels, make, objects  # noqa: E402

pytestmark = pytest.mark.usefixtures("figures")

GREY = to_rgba("#9a9a9a")
SMALL = make([[1.0, -3.0, 0.0], [-1.0, 5.0, -1.0]], base=2.0)


def dots(ax):
    return np.concatenate([found.get_offsets() for found in ax.collections if isinstance(found, PathCollection)])


class TestHeatmap:
    def test_cells_are_values_of_rows_in_an_order(self):
        ax = WAVES.plot.heatmap()
        cells = ax.collections[0].get_array().reshape(4, 24)
        assert labels(ax) == ["x0", "x1", "x2", "x3"]
        assert ax.get_yticks().tolist() == [3.0, 2.0, 1.0, 0.0]
        # The lowest line of cells is the last feature.
        assert sorted(map(tuple, cells[::-1].T)) == sorted(map(tuple, WAVES.values))

    def test_panel_shows_the_sum_and_says_so(self):
        ax = SMALL.plot.heatmap()
        panel = ax.figure.axes[0]
        assert sorted(panel.lines[0].get_ydata()) == [0.0, 5.0]
        assert panel.lines[1].get_ydata()[0] == 2.0
        assert "mean output + sum of the values (not the prediction)" in panel.get_title()

    def test_panel_shows_predictions(self):
        ax = SMALL.plot.heatmap(predictions=[7.0, 8.0])
        panel = ax.figure.axes[0]
        cells = ax.collections[0].get_array().reshape(3, 2)
        of_x1 = dict(zip(cells[2], panel.lines[0].get_ydata(), strict=True))
        assert of_x1 == {-3.0: 7.0, 5.0: 8.0}
        assert panel.get_title().startswith("model output")

    @pytest.mark.parametrize("predictions", [[1.0], [[1.0, 2.0]], 3.0])
    def test_predictions_must_fit(self, predictions):
        with pytest.raises(ValueError, match=r"predictions must have shape \(2,\)"):
            SMALL.plot.heatmap(predictions=predictions)

    def test_zero_has_the_colour_of_the_ground(self):
        for style in ("default", "dark_background"):
            with plt.style.context(style):
                ax = SMALL.plot.heatmap()
                assert ax.collections[0].cmap(0.5)[:3] == pytest.approx(to_rgba(ax.get_facecolor())[:3], abs=0.02)

    def test_rows_without_values_stand_last_in_grey(self):
        values = WAVES.values.copy()
        values[[3, 9]] = np.nan
        ax = make(values).plot.heatmap()
        cells = ax.collections[0].get_array().reshape(4, 24)
        assert np.ma.getmaskarray(cells)[:, 22:].all()
        assert not np.ma.getmaskarray(cells)[:, :22].any()
        assert ax.get_xlabel().endswith("; 2 without values, in grey")
        assert ax.collections[0].cmap.get_bad() == pytest.approx(GREY)

    def test_the_others_do_not_set_the_scale(self):
        ax = make(np.ones((3, 100))).plot.heatmap()
        assert labels(ax)[-1] == "sum of 90 other features"
        assert ax.collections[0].norm.vmax == 1.0
        assert ax.collections[0].get_array().max() == 90.0

    def test_similar_rows_lie_together(self):
        rng = np.random.default_rng(0)
        kinds = rng.integers(5, size=200)
        rows = 10.0 * rng.normal(size=(5, 6))[kinds] + 0.1 * rng.normal(size=(200, 6))
        order = similar_together(rows)
        assert sorted(order) == list(range(200))
        assert np.count_nonzero(np.diff(kinds[order])) == 4

    def test_order_beats_that_of_the_sum(self):
        rows = np.random.default_rng(1).normal(size=(150, 3))

        def path(order):
            return np.linalg.norm(np.diff(rows[order], axis=0), axis=1).sum()

        assert path(similar_together(rows)) < 0.7 * path(np.argsort(rows.sum(axis=1)))

    @pytest.mark.parametrize("rows", [np.zeros((5, 2)), np.ones((1, 3)), np.zeros((0, 2)), 1e300 * np.eye(4)])
    def test_order_of_special_rows(self, rows):
        assert sorted(similar_together(rows)) == list(range(len(rows)))


class TestScatter:
    def test_dots_are_cells_and_values(self):
        ax = WAVES.plot.scatter("x1", color_by=None)
        np.testing.assert_array_equal(dots(ax), np.column_stack([WAVES.data[:, 1], WAVES.values[:, 1]]))
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x1", "Banzhaf value")
        assert len(ax.figure.axes) == 1
        np.testing.assert_array_equal(dots(WAVES.plot.scatter(-3, color_by=None)), dots(ax))

    def test_colours_and_their_bar(self):
        ax = WAVES.plot.scatter("x0", color_by="x2")
        ends = [text.get_text() for text in ax.figure.axes[1].get_yticklabels()]
        assert ends == [f"{end:.4g}" for end in np.percentile(WAVES.data[:, 2], [5, 95])]
        assert ax.figure.axes[1].get_ylabel() == "x2"
        colours = ax.collections[-1].get_facecolors()
        np.testing.assert_allclose(colours[np.argmin(WAVES.data[:, 2])], to_rgba("#1b72d6"))
        np.testing.assert_allclose(colours[np.argmax(WAVES.data[:, 2])], to_rgba("#d81b52"))

    def test_missing_cells_have_a_strip(self):
        ax = MIXED.plot.scatter("x0", color_by="x1")
        ticks = dict(zip([text.get_text() for text in ax.get_xticklabels()], ax.get_xticks(), strict=True))
        assert "missing" in ticks
        missing = np.array([cell is None for cell in MIXED.data[:, 0]])
        found = dots(ax)
        left = found[found[:, 0] < 0]
        assert len(left) == missing.sum()
        assert sorted(left[:, 1]) == sorted(MIXED.values[missing, 0])
        np.testing.assert_allclose(left[:, 0], ticks["missing"], atol=1.0)
        texts = [text.get_text() for text in ax.get_legend().get_texts()]
        assert texts == ["high", "low", "mid", "missing"]
        assert ax.get_legend().get_title().get_text() == "x1"
        np.testing.assert_allclose(ax.collections[-1].get_facecolors()[0], GREY)

    def test_categories_have_jittered_columns(self):
        ax = MIXED.plot.scatter("x1", color_by="x0")
        assert [text.get_text() for text in ax.get_xticklabels()] == ["high", "low", "mid", "missing"]
        found = dots(ax)
        columns = {"high": 0, "low": 1, "mid": 2, None: 3}
        for (x, y), cell, value in zip(found, MIXED.data[:, 1], MIXED.values[:, 1], strict=True):
            assert abs(x - columns[cell]) <= 0.3
            assert y == value
        assert len(np.unique(found[:, 0])) == 24

    def test_rare_categories_share_a_column(self):
        cells = [[f"kind {index // 2}", 0.0] for index in range(60)]
        ax = make(np.ones((60, 2)), data=objects(cells)).plot.scatter(0)
        texts = [text.get_text() for text in ax.get_xticklabels()]
        assert len(texts) == 20
        assert texts[-1] == "11 others"

    def test_infinite_cells_stand_apart(self):
        data = np.array([[np.inf], [-np.inf], [1.0], [np.nan]])
        ax = make(np.ones((4, 1)), data=data).plot.scatter(0)
        x = dots(ax)[:, 0]
        assert x[1] < x[3] < x[2] < x[0]
        assert {"inf", "-inf", "missing"} <= {text.get_text() for text in ax.get_xticklabels()}

    def test_intervals_on_request(self):
        assert not WAVES.plot.scatter("x0").containers
        ax = WAVES.plot.scatter("x0", level=0.9)
        ends = np.array([segment[:, 1] for segment in ax.containers[0][2][0].get_segments()])
        np.testing.assert_allclose(ends, WAVES.intervals(0.9)[:, 0])
        assert ax.get_ylabel() == "Banzhaf value\nwith 90 % intervals"

    def test_auto_finds_the_feature_that_interacts(self):
        rng = np.random.default_rng(0)
        data = rng.normal(size=(400, 5))
        values = data * 0.3
        values[:, 1] = data[:, 1] * data[:, 3]
        explanation = make(values, data=data)
        assert strongest_partner(explanation, 1) == 3
        assert explanation.plot.scatter("x1").figure.axes[1].get_ylabel() == "x3"
        kinds = np.array(["a", "b", "c"])[rng.integers(3, size=400)]
        values[:, 1] = np.where(kinds == "b", 2.0, -1.0) + 0.01 * data[:, 0]
        cells = objects([[*row[:4], kind] for row, kind in zip(data, kinds, strict=True)])
        assert strongest_partner(make(values, data=cells), 1) == 4

    def test_auto_finds_none_without_any(self):
        data = np.random.default_rng(0).normal(size=(100, 3))
        ax = make(2.0 * data, data=np.column_stack([data[:, 0], np.ones((100, 2))])).plot.scatter(0)
        assert len(ax.figure.axes) == 1

    def test_names_are_no_formulas(self):
        names = ("$x_1$", "$x_2$", "c", "d")
        ax = dataclasses.replace(MIXED, feature_names=names).plot.scatter("$x_1$", color_by="$x_2$")
        assert not ax.xaxis.label.get_parse_math()
        assert not ax.get_legend().get_title().get_parse_math()

    @pytest.mark.parametrize(
        ("feature", "color_by", "error", "message"),
        [
            ("x9", "auto", ValueError, "feature must be the name of a feature, such as 'x0'.*got 'x9'"),
            ("x0", "x9", ValueError, "color_by must be the name of a feature"),
            (4, "auto", ValueError, "feature must be a position below 4"),
            (0, -5, ValueError, "color_by must be a position below 4"),
            (0.5, "auto", TypeError, "feature must be a feature's name or position, got 0.5"),
        ],
    )
    def test_unknown_features(self, feature, color_by, error, message):
        with pytest.raises(error, match=message):
            WAVES.plot.scatter(feature, color_by=color_by)

    def test_no_rows_and_two_of_a_name(self):
        with pytest.raises(ValueError, match="no rows"):
            WAVES[[]].plot.scatter(0)
        with pytest.raises(ValueError, match="feature must be a position, since several features are called 'a'"):
            dataclasses.replace(WAVES, feature_names=("a", "a", "b", "c")).plot.scatter("a")


class TestConvergence:
    def test_lines_and_bands_of_a_row(self):
        ax = WAVES.plot.convergence(EARLIER, 5, max_display=3)
        lines = [line for line in ax.lines if len(line.get_xdata()) == 3]
        steps = [*EARLIER, WAVES]
        expected = np.array([step.values[5] for step in steps])
        shown = np.argsort(-np.abs(expected[-1]))[:3]
        shown = shown[np.argsort(-expected[-1][shown])]
        assert [text.get_text() for text in ax.get_legend().get_texts()] == [f"x{index}" for index in shown]
        for line, feature in zip(lines, shown, strict=True):
            assert line.get_xdata().tolist() == [120, 240, 490]
            np.testing.assert_array_equal(line.get_ydata(), expected[:, feature])
        band = ax.collections[0].get_paths()[0].vertices
        ends = np.array([step.intervals()[5, shown[0]] for step in steps])
        assert {tuple(np.round(point, 9)) for point in np.column_stack([[120, 240, 490], ends[:, 0]])} <= {
            tuple(np.round(point, 9)) for point in band
        }
        assert ax.get_ylabel().endswith("bands: 95 % intervals")

    def test_of_a_real_call(self):
        rng = np.random.default_rng(0)
        history = []
        explain = banzhaf.Explainer(
            lambda rows: np.tanh(rows).prod(axis=1), rng.normal(size=(8, 12)), budget=2000, random_state=0
        )
        explanation = explain(rng.normal(size=(3, 12)), callback=history.append)
        ax = explanation.plot.convergence(history, -1)
        assert ax.lines[-1].get_xdata()[-1] == explanation.row_costs[-1]
        assert len(ax.lines[-1].get_xdata()) > 2

    def test_of_a_game(self):
        ax = GAME[-1].plot.convergence(GAME[:-1])
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["ann", "cid", "dot", "bob"]
        lines = [line for line in ax.lines if len(line.get_xdata()) == 4]
        assert lines[0].get_xdata().tolist() == [64, 128, 256, 512]
        np.testing.assert_allclose(lines[0].get_ydata(), [0.65, 0.4, 0.525, 0.5])
        assert ax.get_xlabel() == "evaluations of the game"

    def test_several_outputs_of_a_game(self):
        history = []
        values = banzhaf.estimate(
            lambda c: np.column_stack([c.sum(axis=1), c[:, 0]]) ** 2.0,
            6,
            budget=40,
            random_state=0,
            callback=history.append,
        )
        ax = values.plot.convergence(history, output=1)
        assert ax.lines[1].get_ydata()[-1] == pytest.approx(1.0)
        for output, message in ((None, "output must say which of the 2 outputs"), (2, "position below 2")):
            with pytest.raises(ValueError, match=message):
                values.plot.convergence(history, output=output)
            with pytest.raises(ValueError, match=message):
                values.plot.bar(output=output)
        with pytest.raises(ValueError, match="output must be None, since the game has one output"):
            GAME[-1].plot.bar(output=3)

    def test_a_row_that_came_late_starts_late(self):
        early = dataclasses.replace(EARLIER[0], values=np.where(np.arange(24)[:, None] > 3, np.nan, EARLIER[0].values))
        ax = WAVES.plot.convergence([early, EARLIER[1]], 10)
        assert ax.lines[-1].get_xdata().tolist() == [240, 490]

    @pytest.mark.parametrize(
        ("history", "error", "message"),
        [
            ([], ValueError, "history must hold at least one result: pass callback=history.append"),
            (None, TypeError, "history must be a list of results"),
            ([1.0], TypeError, "history must hold results .* got float"),
            (GAME, TypeError, "history must hold results .* got BanzhafValues"),
            ([WAVES[:3]], ValueError, "history must come from the call that made this explanation"),
            ([dataclasses.replace(WAVES, random_state=5)], ValueError, "random_state 5 is not 0"),
            (
                [dataclasses.replace(WAVES, feature_names=("a", "b", "c", "d"))],
                ValueError,
                "features or outputs differ",
            ),
            (EARLIER[::-1], ValueError, "history must be in the order of the checks"),
        ],
    )
    def test_wrong_history(self, history, error, message):
        with pytest.raises(error, match=message):
            WAVES.plot.convergence(history)

    def test_wrong_history_of_a_game(self):
        with pytest.raises(TypeError, match="history must hold results"):
            GAME[-1].plot.convergence(EARLIER)
        with pytest.raises(ValueError, match="players have other names"):
            GAME[-1].plot.convergence([dataclasses.replace(GAME[0], player_names=None)])
        with pytest.raises(ValueError, match="max_display must be at most 10"):
            GAME[-1].plot.convergence(GAME[:-1], max_display=11)
        with pytest.raises(IndexError):
            WAVES.plot.convergence(EARLIER, 24)


class TestValuesBar:
    def test_bars_and_intervals(self):
        ax = GAME[-1].plot.bar(level=0.9)
        assert labels(ax) == ["ann", "bob", "cid", "dot"]
        assert [patch.get_width() for patch in ax.patches] == [0.5, -0.3, 0.2, 0.1]
        ends = [segment[:, 0].tolist() for segment in ax.containers[1][2][0].get_segments()]
        np.testing.assert_allclose(ends, GAME[-1].intervals(0.9))
        assert ax.get_xlabel() == "Banzhaf value, with 90 % intervals"

    def test_players_without_names_and_others(self):
        values = banzhaf.exact(lambda c: c @ np.arange(30.0)[:10], 10)
        ax = values.plot.bar(max_display=3)
        assert labels(ax) == ["player 9", "player 8", "player 7", "sum of 7 other players"]
        assert ax.patches[-1].get_width() == pytest.approx(21.0)


class TestCompare:
    def test_side_by_side(self):
        other = WAVES.values * [0.5, 1.0, 1.0, 1.0]
        ax = WAVES.plot.compare(other, labels=("ours", "theirs"))
        means = np.abs(WAVES.values).mean(axis=0)
        assert labels(ax) == ["x0", "x1", "x2", "x3"]
        np.testing.assert_allclose([patch.get_width() for patch in ax.patches[:4]], means)
        np.testing.assert_allclose([patch.get_width() for patch in ax.patches[4:]], np.abs(other).mean(axis=0))
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["ours", "theirs"]
        assert ax.get_title() == "Methods weight coalitions differently: compare the order, not the lengths"

    def test_features_are_matched_by_name(self):
        order = [2, 0, 3, 1]
        other = dataclasses.replace(
            WAVES,
            values=WAVES.values[:, order],
            data=WAVES.data[:, order],
            feature_names=tuple(WAVES.feature_names[index] for index in order),
        )
        ax = WAVES.plot.compare(other)
        widths = [patch.get_width() for patch in ax.patches]
        np.testing.assert_allclose(widths[:4], widths[4:])
        assert ax.get_title() == ""

    def test_row_against_row(self):
        ax = WAVES.plot.compare(EARLIER[0], 4)
        expected = np.column_stack([WAVES.values[4], EARLIER[0].values[4]])
        assert sorted(map(tuple, dots(ax))) == sorted(map(tuple, expected))
        assert ax.get_title() == "row 4; equal values lie on the dashed line"
        assert ax.get_xlabel() == "this: value, 95 % intervals"

    def test_rows_without_values_are_left_out_of_both(self):
        values = WAVES.values.copy()
        values[2] = np.nan
        ax = make(values).plot.compare(WAVES.values)
        widths = [patch.get_width() for patch in ax.patches]
        np.testing.assert_allclose(widths[:4], widths[4:])
        with pytest.raises(ValueError, match="row must have values in both explanations: row 2"):
            make(values).plot.compare(WAVES.values, 2)

    def test_outputs(self):
        ax = OUTPUTS.plot.compare(OUTPUTS.values * 2.0, output="dog")
        widths = np.array([patch.get_width() for patch in ax.patches])
        np.testing.assert_allclose(widths[3:], 2.0 * widths[:3])
        ax = OUTPUTS.plot.compare(OUTPUTS, 0, output=1)
        np.testing.assert_allclose(dots(ax)[:, 0], dots(ax)[:, 1])

    def test_of_shap(self):
        shap = pytest.importorskip("shap")
        other = shap.Explanation(WAVES.values[:, ::-1], feature_names=["x3", "x2", "x1", "x0"])
        ax = WAVES.plot.compare(other)
        widths = [patch.get_width() for patch in ax.patches]
        np.testing.assert_allclose(widths[:4], widths[4:])
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["banzhaf", "shap"]

    @pytest.mark.parametrize(
        ("other", "error", "message"),
        [
            ("values", TypeError, "other must be an Explanation, a shap.Explanation or an array"),
            (np.ones((24, 3)), ValueError, r"other must have values of the same 4 features"),
            (np.ones((23, 4)), ValueError, "other must explain the same rows: 24 here, 23 there"),
            (np.ones((24, 4, 2)), ValueError, "other must have one output, but has 2: pass other"),
            (dataclasses.replace(WAVES, feature_names=("x0", "x1", "x2", "y")), ValueError, "missing 'x3'"),
        ],
    )
    def test_misfits(self, other, error, message):
        with pytest.raises(error, match=message):
            WAVES.plot.compare(other)

    def test_bad_labels(self):
        with pytest.raises(ValueError, match="labels must be two texts"):
            WAVES.plot.compare(WAVES, labels="ab")


class TestForce:
    def test_parts_lead_from_the_mean_to_the_sum(self):
        ax = SMALL.plot.force(1, prediction=4.0)
        assert labels(ax) == ["mean output", "x1 = 4", "x2 = 5", "x0 = 3", "prediction - sum"]
        reach = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]
        np.testing.assert_allclose(reach, [(2.0, 7.0), (7.0, 6.0), (6.0, 5.0), (5.0, 4.0)])
        assert ax.get_title().splitlines() == [
            "row 1: mean output 2 (dotted), sum 5 (line),",
            "prediction 4 (dashed)",
            "Banzhaf values need not sum to the prediction",
        ]
        assert [text.get_text() for text in ax.texts] == ["2", "+5", "-1", "-1", "-1"]

    def test_without_a_prediction(self):
        ax = SMALL.plot.force(-2)
        assert labels(ax) == ["mean output", "x0 = 0", "x1 = 1"]
        assert "need not sum" in ax.get_title()

    def test_others_by_direction(self):
        values = np.array([[5.0, 0.3, 0.2, -0.1, -0.2, 0.1]])
        ax = make(values).plot.force(0, max_display=1)
        assert labels(ax) == ["mean output", "x0 = 0", "sum of 3 others above zero", "sum of 2 others below zero"]
        assert [patch.get_width() for patch in ax.patches] == pytest.approx([5.0, 0.6, -0.3])
        ax = make(values[:, :4]).plot.force(0, max_display=1)
        assert labels(ax)[-1] == "x3 = 3"

    def test_all_zero(self):
        assert labels(make(np.zeros((1, 3))).plot.force(0)) == ["mean output"]

    def test_refusals(self):
        with pytest.raises(ValueError, match="row must have values: row 0 has none"):
            make(np.full((1, 2), np.nan)).plot.force(0)
        with pytest.raises(TypeError, match="prediction must be a number"):
            SMALL.plot.force(0, prediction="high")
        with pytest.raises(ValueError, match="max_display must be at least 1"):
            SMALL.plot.force(0, max_display=0)
        with pytest.raises(IndexError):
            SMALL.plot.force(2)
