# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A heat map: explained rows side by side, features one above the other, and the model output above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._plots.choice import of_output, one_output, split
from banzhaf._plots.style import LABEL_WIDTH, axes_of_rows, cell_bar, end_title, ink, label_rows, pyplot
from banzhaf._support.cells import shorten
from banzhaf._support.fields import floats, have_values
from banzhaf._support.pictures import HIGH, LOW, NEUTRAL
from banzhaf._support.protocols import Explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SMALL = 3  # rows that need no more splitting
_DEEPEST = 40  # splits, so that a few far rows cannot make them endless


def heatmap(
    explanation: Explained, ax: Axes | None, max_display: int, output: str | int | None, predictions: Any
) -> Axes:
    """Draw all values as colours."""
    chosen = one_output(explanation, output)
    shown, others = split(chosen.importance()[0], max_display)
    above, title = _above(chosen, predictions)
    known = have_values(chosen.values)
    order = np.concatenate([np.flatnonzero(known)[similar_together(chosen.values[known])], np.flatnonzero(~known)])
    cells = chosen.values[order][:, shown]
    if others.size:
        cells = np.column_stack([cells, chosen.values[order][:, others].sum(axis=1)])
    n_known = int(known.sum())
    half = n_known // 2
    if half and np.nansum(above[order[:half]]) > np.nansum(above[order[n_known - half : n_known]]):
        order[:n_known] = order[:n_known][::-1].copy()
        cells[:n_known] = cells[:n_known][::-1].copy()
    ax, panel, positions = _axes(ax, cells.shape[1])

    from matplotlib.colors import LinearSegmentedColormap, Normalize

    size = np.abs(cells[:n_known, : len(shown)])  # the sum of the others may be far larger
    limit = float(np.percentile(size, 99)) if size.size else 0.0
    limit = limit or float(size.max(initial=0.0)) or 1.0
    # Zero has the colour of the canvas, in light and in dark styles.
    colours = LinearSegmentedColormap.from_list("banzhaf", [LOW, ax.get_facecolor(), HIGH]).with_extremes(bad=NEUTRAL)
    n_rows = len(cells)
    image = ax.pcolormesh(
        np.arange(n_rows + 1),
        np.arange(cells.shape[1] + 1) - 0.5,
        np.ma.masked_invalid(cells.T[::-1]),
        cmap=colours,
        norm=Normalize(-limit, limit),
        rasterized=True,
    )
    ax.set_xlim(0, n_rows)
    ax.set_ylim(-0.5, cells.shape[1] - 0.5)
    names = [shorten(chosen.feature_names[feature], LABEL_WIDTH) for feature in shown]
    label_rows(ax, positions, names, others.size)
    ax.set_xticks([])
    without = f"; {n_rows - n_known} without values, in grey" if n_known < n_rows else ""
    rows = f"{n_rows:,} explained rows, similar ones side by side" if n_rows > 1 else "1 explained row"
    ax.set_xlabel(rows + without)
    cell_bar(ax, image, f"{chosen.quantity}{of_output(chosen)}", max(14.0, 3.4 * cells.shape[1]))

    panel.plot(np.arange(n_rows) + 0.5, above[order], color=ink(ax), linewidth=1.0, marker="." * (n_rows == 1))
    panel.axhline(float(chosen.base_values), color=NEUTRAL, linewidth=0.8, linestyle=":")
    end_title(panel, title)
    panel.spines[["top", "right", "bottom"]].set_visible(False)
    panel.tick_params(axis="x", bottom=False, labelbottom=False)
    panel.locator_params(axis="y", nbins=3)
    panel.patch.set_visible(False)
    return ax


def _axes(ax: Axes | None, n_lines: int) -> tuple[Axes, Axes, NDArray[np.float64]]:
    """Prepare the Axes of the map and those above it."""
    if ax is not None:
        ax, positions = axes_of_rows(ax, n_lines)
        return ax, ax.inset_axes((0.0, 1.03, 1.0, 0.2), sharex=ax), positions
    heights = (0.7, max(0.8, 0.34 * n_lines))
    _, (panel, below) = pyplot().subplots(
        2, figsize=(7.2, sum(heights) + 1.0), height_ratios=heights, sharex=True, layout="constrained"
    )
    below, positions = axes_of_rows(below, n_lines)
    return below, panel, positions


def _above(chosen: Explained, predictions: Any) -> tuple[NDArray[np.float64], str]:
    """Return the numbers of the upper panel and its title."""
    base = float(chosen.base_values)
    if predictions is None:
        total = base + chosen.values.sum(axis=1)
        return total, "mean output + sum of the values (not the prediction); dotted: mean output"
    found = floats("predictions", predictions)
    if found.shape != (len(chosen),):
        raise ValueError(
            f"predictions must have shape ({len(chosen)},), one output of the model for each explained row, "
            f"got {found.shape}"
        )
    return found, "model output; dotted: its mean over the background"


def similar_together(rows: NDArray[np.float64]) -> NDArray[np.intp]:
    """Order rows so that similar ones lie together.

    The rows are split where their projection on the principal direction crosses its mean, and so are the parts. Each
    part's direction points as its parent's does, so that the parts join where they are alike.
    """
    order: list[NDArray[np.intp]] = []
    parts = [(np.arange(len(rows)), np.zeros(rows.shape[1]), 0)]
    while parts:
        members, toward, depth = parts.pop()
        centred = rows[members] - rows[members].mean(axis=0) if members.size else rows[members]
        size = np.abs(centred).max(initial=0.0)
        if members.size < 2 or not 0.0 < size < np.inf:
            order.append(members)
            continue
        centred = centred / size
        direction = _principal(centred)
        sign = float(direction @ toward) or float(direction[np.argmax(np.abs(direction))])
        direction = direction if sign > 0 else -direction
        along = centred @ direction
        low = along < 0
        if members.size <= _SMALL or depth == _DEEPEST or not 0 < low.sum() < members.size:
            order.append(members[np.argsort(along, kind="stable")])
            continue
        parts.append((members[~low], direction, depth + 1))
        parts.append((members[low], direction, depth + 1))
    return np.concatenate(order)


def _principal(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the direction in which centred rows differ most."""
    small = centred.T @ centred if len(centred) > centred.shape[1] else centred @ centred.T
    vector = np.linalg.eigh(small)[1][:, -1]
    direction: NDArray[np.float64] = vector if len(centred) > centred.shape[1] else centred.T @ vector
    length = float(np.linalg.norm(direction))
    return direction / length if length > 0 else direction
