# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Colours, axes, labels and intervals that all plots share; everything else follows matplotlib's current style."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._support.pictures import HIGH, LOW, MIDDLE, NEUTRAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Colormap

LABEL_WIDTH = 36
BAR_HEIGHT = 0.66


def pyplot() -> Any:
    """Import matplotlib.pyplot when the first plot is drawn."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install 'banzhaf[plot]'") from error
    return plt


def axes_of_rows(
    ax: Axes | None, n_rows: int, least_height: float = 0.0, row_height: float = 0.34, above: float = 0.0
) -> tuple[Axes, NDArray[np.float64]]:
    """Prepare Axes with one labelled row for each feature; return the heights of the rows, from the top down."""
    if ax is None:
        height = max(1.1 + row_height * n_rows, least_height) + above
        _, ax = pyplot().subplots(figsize=(7.2, height), layout="constrained")
    ax.set_ylim(-0.6, n_rows - 0.4)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax, np.arange(n_rows, dtype=np.float64)[::-1]


def plain_axes(ax: Axes | None, height: float) -> Axes:
    """Prepare Axes for dots or lines."""
    if ax is None:
        _, ax = pyplot().subplots(figsize=(7.2, height), layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def label_rows(
    ax: Axes, positions: NDArray[np.float64], labels: list[str], n_others: int, things: str = "features"
) -> None:
    """Write the names of features or players beside their rows."""
    if n_others:
        labels = [*labels, f"sum of {n_others:,} other {things}"]
    # A name with two dollar signs is no formula.
    ax.set_yticks(positions, labels, parse_math=False)


def end_title(ax: Axes, text: str) -> None:
    """Write a long title that ends where the Axes end: to the left there is the room of the labels."""
    ax.set_title(text, fontsize="medium", x=1.0, ha="right", parse_math=False)


def ink(ax: Axes) -> Any:
    """Return the colour that the current style gives to texts."""
    return ax.xaxis.label.get_color()


def ink_on(colour: Any) -> str:
    """Return black or white, whichever is easier to read on a colour."""
    from matplotlib.colors import to_rgb

    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if luminance > 0.179 else "white"


def ramp() -> Colormap:
    """Return the colours from a low to a high value, with grey for a missing one."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("banzhaf", [LOW, MIDDLE, HIGH]).with_extremes(bad=NEUTRAL)


def whiskers(
    ax: Axes,
    ends: NDArray[np.float64],
    positions: NDArray[np.float64],
    margins: NDArray[np.float64],
    lowest: float = -math.inf,
    light: bool = False,
) -> bool:
    """Draw intervals around the ends of bars, where they are known and wider than zero; say whether there are any."""
    drawn = np.flatnonzero(margins > 0.0)
    if drawn.size:
        x, margin = ends[drawn], margins[drawn]
        reach = np.array([x - np.maximum(x - margin, lowest), margin])
        look: dict[str, Any] = {"elinewidth": 4.0, "alpha": 0.35, "capsize": 0.0} if light else {"capsize": 2.5}
        ax.errorbar(x, positions[drawn], xerr=reach, fmt="none", ecolor=ink(ax), **look)
    return bool(drawn.size)


def cell_bar(ax: Axes, cells: ScalarMappable, label: str, aspect: float) -> None:
    """Draw the bar that explains the colours of cells."""
    bar = ax.figure.colorbar(cells, ax=ax, aspect=aspect, pad=0.02)
    bar.set_label(label, parse_math=False)
    bar.outline.set_visible(False)


def colour_bar(ax: Axes, ends: tuple[str, str], label: str, aspect: float = 20.0) -> None:
    """Draw the bar that explains the colours of dots, with a text at each end."""
    from matplotlib.cm import ScalarMappable

    bar = ax.figure.colorbar(ScalarMappable(cmap=ramp()), ax=ax, ticks=[0, 1], aspect=aspect, pad=0.02)
    bar.ax.set_yticks([0, 1], ends, parse_math=False)
    bar.set_label(label, labelpad=-10 if max(map(len, ends)) <= 4 else 4, parse_math=False)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0)


def legend(ax: Axes, handles: list[Any], labels: list[str], title: str = "") -> None:
    """Draw a legend to the right of the Axes."""
    # The texts are set afterwards, since matplotlib leaves out a label that begins with an underscore.
    drawn = ax.legend(handles, [""] * len(handles), loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    drawn.set_title(title)
    drawn.get_title().set_parse_math(False)
    for text, label in zip(drawn.get_texts(), labels, strict=True):
        text.set(text=label, parse_math=False)
