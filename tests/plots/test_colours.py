# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Colours: legible in a light and a dark style, and apart for readers who see fewer of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")
import pictures  # noqa: E402
from matplotlib.collections import LineCollection, QuadMesh  # noqa: E402
from matplotlib.colors import to_rgb  # noqa: E402
from matplotlib.text import Text  # noqa: E402

from banzhaf._plots.style import ink_on, ramp  # noqa: E402
from banzhaf._support.pictures import CATEGORIES, COLOURFUL, HIGH, LOW, MIDDLE, NEUTRAL  # noqa: E402

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", IEEE Transactions on Visualization and Computer Graphics 15 (2009): matrices of severity 1 on linear RGB.
SEEN = {
    "all": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
EVERYBODY = pytest.mark.parametrize("sight", SEEN)


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(first, second):
    """As WCAG 2 defines it: from 1 to 21."""
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


def lab(colour, sight):
    """CIELAB coordinates of what is seen of a colour."""
    rgb = np.clip(np.array(SEEN[sight]) @ linear(colour), 0.0, 1.0)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ rgb / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(first, second, sight):
    return float(np.linalg.norm(lab(first, sight) - lab(second, sight)))


@EVERYBODY
class TestSight:
    """A distance of 2 in CIELAB is just noticed; 10 is seen at a glance, also between small dots."""

    def test_neighbours_of_categories(self, sight):
        for colours in (CATEGORIES, COLOURFUL):
            assert min(apart(a, b, sight) for a, b in itertools.pairwise(colours)) > 10

    def test_the_first_five_categories_from_each_other(self, sight):
        assert min(apart(a, b, sight) for a, b in itertools.combinations(CATEGORIES[:5], 2)) > 10

    def test_low_middle_high_and_missing(self, sight):
        assert min(apart(a, b, sight) for a, b in itertools.combinations([LOW, MIDDLE, HIGH, NEUTRAL], 2)) > 10

    def test_the_two_bars_of_a_comparison(self, sight):
        assert apart(LOW, CATEGORIES[1], sight) > 40

    def test_the_ramp_never_turns_back(self, sight):
        steps = [lab(colour, sight) for colour in ramp()(np.linspace(0.0, 1.0, 11))]
        away = [np.linalg.norm(step - steps[0]) for step in steps]
        assert np.all(np.diff(away) > 0)


def test_the_criterion_can_fail():
    """Red and green that only full sight tells apart."""
    assert apart("#c0392b", "#5b7a00", "all") > 40
    assert min(apart("#c0392b", "#5b7a00", sight) for sight in SEEN) < 10
    assert contrast("#777777", "black") < 5 < contrast("#777777", "black") + 1
    assert contrast("white", "black") == pytest.approx(21)


def test_dots_and_bars_stand_out_on_both_grounds():
    for colour in (LOW, MIDDLE, HIGH, NEUTRAL, *CATEGORIES):
        assert contrast(colour, "black") > 3
        assert contrast(colour, "white") > 1.4
    for colour in (LOW, MIDDLE, HIGH):
        assert contrast(colour, "white") > 3


@pytest.mark.parametrize("colour", ["white", "black", LOW, HIGH, *CATEGORIES])
def test_ink_is_the_more_legible_one(colour):
    assert contrast(ink_on(colour), colour) == max(contrast("white", colour), contrast("black", colour))


def ground_of(text, ground):
    """Return the colour behind a text: that of its cell in a heat map, otherwise that of the figure."""
    axes = text.axes
    meshes = [c for c in axes.collections if isinstance(c, QuadMesh)] if axes is not None and text in axes.texts else []
    if not meshes:
        return ground
    column, row = text.get_position()
    return meshes[0].to_rgba(meshes[0].get_array())[round(row), round(column)]


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("name", pictures.PICTURES)
def test_texts_lines_and_intervals_stand_out(name, style):
    with plt.style.context(style):
        figure, ax = plt.subplots()
        pictures.PICTURES[name](ax)
        figure.canvas.draw()
        ground = figure.get_facecolor()
        texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
        assert len(texts) > 5
        for text in texts:
            assert contrast(text.get_color(), ground_of(text, ground)) > 4.5, text.get_text()
        lines = [line.get_color() for axes in figure.axes for line in axes.lines]
        lines += [c.get_colors()[0] for axes in figure.axes for c in axes.collections if isinstance(c, LineCollection)]
        for colour in lines:
            assert contrast(colour, ground) > 1.4
        intervals = [c[2][0].get_colors()[0] for c in ax.containers if hasattr(c, "has_xerr")]
        for colour in intervals:
            assert contrast(colour, ground) > 4.5
        plt.close(figure)
