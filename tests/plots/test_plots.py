# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The plots: what is drawn is read back from the artists and compared with the numbers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")
from matplotlib.colors import to_rgba  # noqa: E402
from pictures import labels, make, objects  # noqa: E402

T_10 = 2.228138852
pytestmark = pytest.mark.usefixtures("figures")

GREY = to_rgba("#9a9a9a")
LOW, HIGH = to_rgba("#1b72d6"), to_rgba("#d81b52")


# Mean absolute values 1, 4, 0.5.
SMALL = make([[1.0, -3.0, 0.0], [-1.0, 5.0, -1.0]])
CLASSES = make(
    np.array([[1.0, -3.0, 0.0], [-1.0, 5.0, -1.0]])[..., None] * np.array([1.0, -2.0, 0.5]),
    outputs=("cat", "dog", "_$eel$_"),
    base=[0.1, 0.2, 0.7],
)
BINARY = make(SMALL.values[..., None] * np.array([-1.0, 1.0]), outputs=("benign", "malignant"), base=[0.75, 0.25])


def bars(ax):
    """From the top down: height of the bar's middle, where it starts, and its length."""
    patches = sorted(ax.patches, key=lambda patch: -patch.get_y())
    return [(patch.get_y() + patch.get_height() / 2, patch.get_x(), patch.get_width()) for patch in patches]


def whiskers(ax, *, light=False):
    """From the top down: height, lower end and upper end of each interval."""
    segments = [
        segment
        for container in ax.containers
        if hasattr(container, "has_xerr") and (container[2][0].get_alpha() is not None) == light
        for segment in container[2][0].get_segments()
    ]
    return [(segment[0, 1], segment[0, 0], segment[1, 0]) for segment in segments]


def heights(ax):
    return dict(zip(labels(ax), ax.get_yticks(), strict=True))


class TestBar:
    def test_lengths_and_intervals(self):
        ax = SMALL.plot.bar()
        assert labels(ax) == ["x1", "x0", "x2"]
        assert ax.get_yticks().tolist() == [2.0, 1.0, 0.0]
        np.testing.assert_allclose(bars(ax), [(2, 0, 4), (1, 0, 1), (0, 0, 0.5)])
        margin = 0.25 * T_10
        expected = [(2, 4 - margin, 4 + margin), (1, 1 - margin, 1 + margin), (0, 0, 0.5 + margin)]
        np.testing.assert_allclose(whiskers(ax), expected, rtol=1e-9, atol=1e-12)
        assert ax.get_xlabel() == "mean |Banzhaf value|, with 95 % intervals"
        assert ax.get_xlim()[0] == 0.0
        assert ax.get_xlim()[1] > 4 + margin

    def test_level(self):
        ax = SMALL.plot.bar(level=0.9)
        np.testing.assert_allclose(whiskers(ax)[0], (2, 4 - 0.25 * 1.812461123, 4 + 0.25 * 1.812461123))
        assert ax.get_xlabel() == "mean |Banzhaf value|, with 90 % intervals"

    @pytest.mark.parametrize("errors", [0.0, np.nan])
    def test_nothing_to_draw_where_exact_or_unknown(self, errors):
        ax = make(SMALL.values, errors=errors).plot.bar()
        assert whiskers(ax) == []
        assert ax.get_xlabel() == "mean |Banzhaf value|"

    def test_other_features(self):
        values = np.array([[5.0, 4.0, 3.0, -2.0, 1.0], [5.0, -4.0, 3.0, 2.0, -1.0]])
        ax = make(values).plot.bar(max_display=3)
        assert labels(ax) == ["x0", "x1", "x2", "sum of 2 other features"]
        np.testing.assert_allclose(bars(ax), [(3, 0, 5), (2, 0, 4), (1, 0, 3), (0, 0, 3)])
        assert len(whiskers(ax)) == 3

    def test_one_other_feature_is_shown(self):
        assert labels(SMALL.plot.bar(max_display=2)) == ["x1", "x0", "x2"]
        assert labels(SMALL.plot.bar(max_display=1)) == ["x1", "sum of 2 other features"]

    def test_a_long_rest_is_cut_off_and_says_so(self):
        ax = make(np.ones((2, 40)), errors=0.0).plot.bar()
        assert bars(ax)[-1] == pytest.approx((0, 0, 30))
        assert ax.get_xlim() == pytest.approx((0, 1.25))
        assert [text.get_text().strip() for text in ax.texts] == ["30 →"]

    def test_a_rest_that_fits_is_whole(self):
        ax = make([[1.0, 0.6, 0.6]], errors=0.0).plot.bar(max_display=1)
        assert ax.get_xlim()[1] > 1.2
        assert not ax.texts

    def test_outputs_are_stacked(self):
        ax = CLASSES.plot.bar()
        assert labels(ax) == ["x1", "x0", "x2"]
        np.testing.assert_allclose(sorted(bars(ax)[:3]), [(2, 0, 8), (2, 8, 4), (2, 12, 2)])
        # The interval of the whole, by the sum of the outputs' standard errors.
        margin = 3 * 0.25 * T_10
        np.testing.assert_allclose(whiskers(ax)[0], (2, 14 - margin, 14 + margin), rtol=1e-9)
        texts = ax.get_legend().get_texts()
        assert [text.get_text() for text in texts] == ["dog", "cat", "_$eel$_"]
        assert not any(text.get_parse_math() for text in texts)

    def test_one_of_the_outputs(self):
        ax = CLASSES.plot.bar(output="dog")
        np.testing.assert_allclose(bars(ax), [(2, 0, 8), (1, 0, 2), (0, 0, 1)])
        assert ax.get_xlabel() == "mean |Banzhaf value| for dog, with 95 % intervals"
        assert ax.get_legend() is None

    def test_many_outputs(self):
        ax = make(np.ones((2, 2, 12)) * np.arange(12, 0, -1)).plot.bar()
        texts = [text.get_text() for text in ax.get_legend().get_texts()]
        assert texts == [*(f"output {index}" for index in range(9)), "3 other outputs"]
        assert sum(width for height, _, width in bars(ax) if height == pytest.approx(1)) == pytest.approx(78)
        eleven = make(np.ones((2, 2, 10))).plot.bar()
        assert len(eleven.get_legend().get_texts()) == 10

    def test_mirrored_outputs_show_the_last(self):
        ax = BINARY.plot.bar()
        np.testing.assert_allclose(bars(ax), [(2, 0, 4), (1, 0, 1), (0, 0, 0.5)])
        assert ax.get_xlabel() == "mean |Banzhaf value| for malignant, with 95 % intervals"


class TestBeeswarm:
    def test_dots(self):
        ax = SMALL.plot.beeswarm()
        assert labels(ax) == ["x1", "x0", "x2"]
        dots = [collection.get_offsets() for collection in ax.collections]
        assert [swarm[:, 0].tolist() for swarm in dots] == [[-3.0, 5.0], [1.0, -1.0], [0.0, -1.0]]
        for swarm, height in zip(dots, [2, 1, 0], strict=True):
            np.testing.assert_allclose(swarm[:, 1], height)
        assert ax.get_xlabel() == "Banzhaf value"
        assert [line.get_xdata() for line in ax.lines] == [[0.0, 0.0]]

    def test_colours_follow_the_data(self):
        rows = 101
        cells = np.arange(rows, dtype=float)
        data = objects([[cell, "a" if cell % 2 else "b", None if cell == 50 else -cell] for cell in cells])
        values = np.column_stack([3 * cells, 2 * cells, cells])
        ax = make(values, data=data).plot.beeswarm()
        numbers, strings, missing = [collection.get_facecolors() for collection in ax.collections]
        np.testing.assert_allclose(numbers[[0, 5]], [LOW, LOW])
        np.testing.assert_allclose(numbers[[95, 100]], [HIGH, HIGH])
        assert len(np.unique(numbers, axis=0)) > 80
        np.testing.assert_allclose(strings, np.broadcast_to(GREY, strings.shape))
        np.testing.assert_allclose(missing[50], GREY)
        np.testing.assert_allclose(missing[0], HIGH)
        colour_bar = ax.figure.axes[1]
        assert labels(colour_bar) == ["low", "high"]
        assert colour_bar.get_ylabel() == "feature's value"

    def test_two_values_and_one(self):
        data = objects([[True, 7.0, np.inf], [False, 7.0, 1.0], [False, 7.0, 2.0]] + [[False, 7.0, 1.5]] * 30)
        ax = make(np.ones((33, 3)) * [3, 2, 1], data=data).plot.beeswarm()
        two, one, infinite = [collection.get_facecolors() for collection in ax.collections]
        np.testing.assert_allclose(two[:2], [HIGH, LOW])
        assert len(np.unique(one, axis=0)) == 1
        np.testing.assert_allclose(infinite[0], HIGH)

    def test_no_colour_bar_without_numbers(self):
        ax = make(SMALL.values, data=objects([["a", None, "b"]] * 2)).plot.beeswarm()
        assert len(ax.figure.axes) == 1

    def test_dense_dots_are_spread_within_their_row(self):
        ax = make(np.column_stack([np.repeat([0.0, 4.0], [300, 1]), np.linspace(-2, 2, 301)])).plot.beeswarm()
        dots = {round(np.asarray(swarm.get_offsets())[:, 1].mean()): swarm for swarm in ax.collections}
        crowd, line = (np.asarray(dots[heights(ax)[name]].get_offsets()) for name in ("x0", "x1"))
        offsets = crowd[:300, 1] - heights(ax)["x0"]
        assert len(np.unique(offsets)) == 300
        assert 0.35 < np.abs(offsets).max() < 0.41
        assert abs(offsets.mean()) < 0.01
        assert crowd[300, 1] == heights(ax)["x0"]
        assert np.abs(line[:, 1] - heights(ax)["x1"]).max() <= 0.2

    def test_other_features_are_summed_row_by_row(self):
        ax = SMALL.plot.beeswarm(max_display=1)
        assert labels(ax) == ["x1", "sum of 2 other features"]
        rest = ax.collections[1]
        assert rest.get_offsets()[:, 0].tolist() == [1.0, -2.0]
        np.testing.assert_allclose(rest.get_facecolors(), [GREY, GREY])

    def test_one_row_and_all_zero(self):
        assert SMALL[0].plot.beeswarm().collections[0].get_offsets()[:, 0].tolist() == [-3.0]
        assert len(make(np.zeros((3, 2))).plot.beeswarm().collections) == 2


class TestRow:
    def test_signs_and_intervals(self):
        ax = SMALL.plot.row(1)
        assert labels(ax) == ["x1 = 4", "x0 = 3", "x2 = 5"]
        np.testing.assert_allclose(bars(ax), [(2, 0, 5), (1, 0, -1), (0, 0, -1)])
        colours = {patch.get_facecolor() for patch in ax.patches if patch.get_width() < 0}
        assert colours == {LOW}
        assert {patch.get_facecolor() for patch in ax.patches if patch.get_width() > 0} == {HIGH}
        margin = 0.25 * T_10
        expected = [(2, 5 - margin, 5 + margin), (1, -1 - margin, -1 + margin), (0, -1 - margin, -1 + margin)]
        np.testing.assert_allclose(whiskers(ax), expected, rtol=1e-9)
        assert ax.get_title() == "row 1; mean output over the background 0"
        assert ax.get_xlabel() == "Banzhaf value, with 95 % intervals"

    def test_the_background_s_part_is_light_and_behind(self):
        ax = make(SMALL.values, background=0.6).plot.row(1)
        margin, wider = 0.25 * T_10, np.ptp(make(SMALL.values, background=0.6).intervals(background=True)[1, 1]) / 2
        assert wider > 2 * margin
        np.testing.assert_allclose(whiskers(ax)[0], (2, 5 - margin, 5 + margin), rtol=1e-9)
        np.testing.assert_allclose(whiskers(ax, light=True)[0], (2, 5 - wider, 5 + wider), rtol=1e-9)
        narrow, broad = (
            next(c for c in ax.containers if hasattr(c, "has_xerr") and (c[2][0].get_alpha() is None) == thin)
            for thin in (True, False)
        )
        assert ax.containers.index(broad) < ax.containers.index(narrow)
        assert broad[2][0].get_linewidth()[0] > 2 * narrow[2][0].get_linewidth()[0]
        assert ax.get_xlabel().splitlines() == [
            "Banzhaf value, with 95 % intervals",
            "broad: with the background as a sample",
        ]

    def test_an_exact_value_has_the_background_s_part_alone(self):
        ax = make(SMALL.values, errors=0.0, background=0.6).plot.row(1, level=0.9)
        assert whiskers(ax) == []
        assert len(whiskers(ax, light=True)) == 3
        assert ax.get_xlabel().splitlines() == [
            "Banzhaf value",
            "broad: 90 % with the background as a sample",
        ]

    def test_labels_of_every_kind_of_cell(self):
        cells = [
            "Self-employed and incorporated",
            39,
            2.0,
            0.123456,
            1441596.2,
            1e12,
            True,
            None,
            float("nan"),
            -1e-7,
        ]
        values = np.arange(10, 0, -1.0)[None]
        ax = make(values, data=objects([cells])).plot.row(0)
        assert labels(ax) == [
            "x0 = Self-employe…rated",
            "x1 = 39",
            "x2 = 2",
            "x3 = 0.1235",
            "x4 = 1441596",
            "x5 = 1e+12",
            "x6 = True",
            "x7 = missing",
            "x8 = missing",
            "x9 = -1e-07",
        ]

    def test_long_names_keep_both_ends_and_their_value(self):
        names = tuple(f"the very long $name$ that somebody made, number {index}" for index in range(3))
        for draw in (lambda plot: plot.row(0), lambda plot: plot.bar(), lambda plot: plot.beeswarm()):
            ax = draw(make(SMALL.values, names=names).plot)
            for label in ax.get_yticklabels():
                assert label.get_text().startswith("the very long")
                assert "number" in label.get_text()
                assert len(label.get_text()) <= 40
                assert not label.get_parse_math()
        assert labels(make(SMALL.values, names=names).plot.row(0))[0].endswith(" 1 = 1")

    def test_other_features(self):
        ax = make([[5.0, -4.0, 3.0, -2.0]]).plot.row(0, max_display=2)
        assert labels(ax) == ["x0 = 0", "x1 = 1", "sum of 2 other features"]
        np.testing.assert_allclose(bars(ax), [(2, 0, 5), (1, 0, -4), (0, 0, 1)])
        assert len(whiskers(ax)) == 2

    def test_mirrored_outputs_and_base(self):
        ax = BINARY.plot.row(-1)
        assert ax.get_title() == "row -1; mean output over the background 0.25"
        assert ax.get_xlabel() == "Banzhaf value for malignant, with 95 % intervals"
        assert bars(ax)[0] == pytest.approx((2, 0, 5))
        ax = BINARY.plot.row(-1, output="benign")
        assert bars(ax)[0] == pytest.approx((2, 0, -5))

    @pytest.mark.parametrize("row", [2, -3])
    def test_no_such_row(self, row):
        with pytest.raises(IndexError):
            SMALL.plot.row(row)


EACH = pytest.mark.parametrize("kind", ["bar", "beeswarm", "row"])


def draw(kind, explanation, **options):
    plot = getattr(explanation.plot, kind)
    return plot(0, **options) if kind == "row" else plot(**options)


@EACH
class TestEveryPlot:
    def test_given_axes(self, kind):
        figure, (left, right) = plt.subplots(1, 2)
        assert draw(kind, SMALL, ax=right) is right
        assert plt.get_fignums() == [figure.number]
        assert not left.has_data()

    def test_height_grows_with_the_features(self, kind):
        few = draw(kind, make(np.ones((3, 5)))).figure
        many = draw(kind, make(np.ones((3, 30))), max_display=30).figure
        assert many.get_figheight() - few.get_figheight() > 25 * 0.3
        assert few.get_layout_engine() is not None

    @pytest.mark.parametrize("features", [1, 5, 30])
    @pytest.mark.parametrize("long", [False, True])
    @pytest.mark.parametrize("background", [np.nan, 0.5])
    def test_nothing_overlaps_or_is_cropped(self, kind, features, long, background):
        name = "a name that is long enough to be cut in the middle {}" if long else "x{}"
        values = np.random.default_rng(0).normal(size=(40, features)) * np.geomspace(1, 0.1, features)
        names = tuple(name.format(index) for index in range(features))
        explanation = make(values, background=background, names=names)
        figure = draw(kind, explanation, max_display=30).figure
        figure.canvas.draw()
        for ax in figure.axes:
            low, high = ax.get_xlim()
            ticks = zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
            texts = [label for tick, label in ticks if low <= tick <= high]
            texts += [*ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label, ax.title]
            boxes = [text.get_window_extent() for text in texts if text.get_text()]
            width, height = figure.get_size_inches() * figure.dpi
            assert all(box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 for box in boxes)
            assert all(box.y1 <= height + 1 for box in boxes)
            assert not any(a.overlaps(b) for index, a in enumerate(boxes) for b in boxes[:index])

    def test_outputs_by_name_and_position(self, kind):
        by_name, by_position = draw(kind, CLASSES, output="dog"), draw(kind, CLASSES, output=1)
        assert by_name.get_xlabel() == by_position.get_xlabel()
        assert " for dog" in by_name.get_xlabel()
        with pytest.raises(ValueError, match=r"output must be one of 'cat', 'dog', '_.eel._'; got 'elk'"):
            draw(kind, CLASSES, output="elk")
        assert " for " not in draw(kind, make(np.ones((2, 2, 1)))).get_xlabel()

    def test_several_outputs_need_a_choice(self, kind):
        if kind == "bar":
            assert draw(kind, CLASSES).get_legend() is not None
            return
        with pytest.raises(ValueError, match=r"output must say which of the outputs to show: 'cat', 'dog', '_.eel._'"):
            draw(kind, CLASSES)
        with pytest.raises(ValueError, match="output must say which of the outputs to show: 0, 1"):
            draw(kind, make(np.ones((2, 2, 2))))

    def test_bad_arguments(self, kind):
        with pytest.raises(ValueError, match="max_display must be at least 1, got 0"):
            draw(kind, SMALL, max_display=0)
        with pytest.raises(TypeError):
            draw(kind, SMALL, max_display=2.5)
        with pytest.raises(TypeError, match="colour"):
            draw(kind, SMALL, colour="red")
        with pytest.raises((ValueError, IndexError)):
            draw(kind, SMALL[[]])
        if kind != "beeswarm":
            with pytest.raises(ValueError, match="level must lie strictly between 0 and 1, got 95"):
                draw(kind, SMALL, level=95)
        assert not plt.get_fignums()


def test_matplotlib_is_imported_by_the_first_plot_alone():
    program = """
import sys, numpy as np, banzhaf
assert "matplotlib" not in sys.modules
sys.modules["matplotlib"] = sys.modules["matplotlib.pyplot"] = None
one = np.ones((1, 1))
explanation = banzhaf.Explanation(
    values=one, standard_errors=one, background_errors=one, base_values=0.0, data=one,
    feature_names=("x",), output_names=None, n_model_rows=2, row_costs=[1], n_background=[1],
    design="paired", rank=1, condition_number=1.0, degrees_of_freedom=[1.0],
    r2=[1.0], random_state=0, stopped=("budget",))
for draw in (explanation.plot.bar, explanation.plot.beeswarm, lambda: explanation.plot.row(0)):
    try:
        draw()
    except ImportError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["plots need matplotlib: pip install 'banzhaf[plot]'"] * 3
