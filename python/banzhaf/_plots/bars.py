# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Horizontal bars with intervals: mean absolute values of features, or signed values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from banzhaf._plots.choice import mean_of, of_output, split, with_intervals, without_mirror
from banzhaf._plots.style import BAR_HEIGHT, LABEL_WIDTH, axes_of_rows, ink, ink_on, label_rows, legend, whiskers
from banzhaf._support.cells import shorten
from banzhaf._support.pictures import CATEGORIES, HIGH, LOW, REST
from banzhaf._support.protocols import Explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def bar(explanation: Explained, ax: Axes | None, max_display: int, output: str | int | None, level: float) -> Axes:
    """Draw the mean absolute values of an explanation's features."""
    chosen = without_mirror(explanation) if output is None else explanation.output(output)
    means, intervals = chosen.importance(level)
    margins = intervals[..., 1] - means
    if means.ndim == 1:
        means, margins = means[:, None], margins[:, None]
    totals, margins = means.sum(axis=1), margins.sum(axis=1)
    shown, others = split(totals, max_display)
    n_outputs = means.shape[1]
    # High enough for the legend.
    least_height = 0.0 if n_outputs == 1 else 0.7 + 0.2 * n_outputs
    ax, positions = axes_of_rows(ax, len(shown) + bool(others.size), least_height)
    if n_outputs == 1:
        ax.barh(positions[: len(shown)], totals[shown], height=BAR_HEIGHT, color=LOW)
    else:
        _stacked(ax, positions, means[shown], chosen.output_names)
    whiskers(ax, totals[shown], positions, margins[shown], lowest=0.0)
    if others.size:
        longest = np.fmax(totals, totals + margins)[shown].max()
        _rest(ax, float(totals[others].sum()), float(longest))
    ax.set_xlim(left=0.0)
    names = [shorten(chosen.feature_names[feature], LABEL_WIDTH) for feature in shown]
    label_rows(ax, positions, names, others.size)
    stacked = ", outputs stacked" if n_outputs > 1 else ""
    label = f"{mean_of(chosen.quantity)}{of_output(chosen)}{stacked}{with_intervals(chosen, level)}"
    ax.set_xlabel(label, parse_math=False)
    return ax


def value_bars(
    ax: Axes | None,
    label_of: Callable[[int], str],
    values: NDArray[np.float64],
    margins: NDArray[np.float64],
    wider: NDArray[np.float64] | None,
    max_display: int,
    things: str = "features",
    lowest: float = -math.inf,
) -> tuple[Axes, bool]:
    """Draw signed values with intervals, largest first; say whether there are any of the wider intervals."""
    shown, others = split(np.abs(values), max_display)
    ax, positions = axes_of_rows(ax, len(shown) + bool(others.size))
    colours = [HIGH if value > 0 and lowest < 0 else LOW for value in values[shown]]
    ax.barh(positions[: len(shown)], values[shown], height=BAR_HEIGHT, color=colours)
    if others.size:
        ax.barh(0.0, values[others].sum(), height=BAR_HEIGHT, color=REST)
    light = wider is not None and whiskers(ax, values[shown], positions, wider[shown], light=True)
    whiskers(ax, values[shown], positions, margins[shown], lowest=lowest)
    label_rows(ax, positions, [label_of(int(index)) for index in shown], others.size, things)
    ax.axvline(0.0, color=ink(ax), linewidth=0.8)
    return ax, light


def _stacked(
    ax: Axes, positions: NDArray[np.float64], widths: NDArray[np.float64], names: tuple[str, ...] | None
) -> None:
    """Draw the bars of all outputs end to end, the largest output first, and their legend."""
    order = np.argsort(-widths.sum(axis=0), kind="stable")
    own = len(order) if len(order) <= len(CATEGORIES) else len(CATEGORIES) - 1
    first, rest = order[:own], order[own:]
    segments = [widths[:, index] for index in first]
    labels = [shorten(names[index], LABEL_WIDTH) if names else f"output {index}" for index in first]
    if rest.size:
        segments.append(widths[:, rest].sum(axis=1))
        labels.append(f"{rest.size} other outputs")
    left = np.zeros(len(widths))
    handles = []
    for segment, colour in zip(segments, [*CATEGORIES[: len(first)], REST], strict=False):
        handles.append(ax.barh(positions[: len(widths)], segment, left=left, height=BAR_HEIGHT, color=colour))
        left = left + segment
    legend(ax, handles, labels)


def _rest(ax: Axes, total: float, longest: float) -> None:
    """Draw the bar of the other features; a bar that would dwarf the rest is cut off and its length is written."""
    ax.barh(0.0, total, height=BAR_HEIGHT, color=REST)
    edge = 1.25 * longest
    if total > edge:
        ax.set_xlim(right=edge)
        ax.text(edge, 0.0, f"{total:.3g} \N{RIGHTWARDS ARROW} ", ha="right", va="center", color=ink_on(REST))
