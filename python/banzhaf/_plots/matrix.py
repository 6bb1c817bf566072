# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A heat map of pairs: players along both axes, and the interaction of each pair as a colour."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._plots.choice import split
from banzhaf._plots.pairs import Shown, chosen, need_pairs
from banzhaf._plots.style import cell_bar, ink, ink_on, pyplot
from banzhaf._support.cells import count
from banzhaf._support.pictures import HIGH, LOW, NEUTRAL
from banzhaf._support.protocols import Interacting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CELL = 0.44  # inches
_NAME_WIDTH = 24
_MOST_WRITTEN = 10  # players whose cells have room for numbers


def matrix(
    found: Interacting, ax: Axes | None, max_display: int, output: str | int | None, row: int | None, level: float
) -> Axes:
    """Draw pairs as a matrix of colours."""
    need_pairs(found, "heatmap")
    shown = chosen(found, output, row, level)
    players, others = split(shown.strength(), max_display)
    grid = np.ix_(players, players)
    cells = shown.matrix(shown.values)[grid]
    n = len(players)
    if ax is None:
        side = max(2.4, _CELL * n)
        _, ax = pyplot().subplots(figsize=(side + 2.6, side + 1.2), layout="constrained")

    from matplotlib.colors import LinearSegmentedColormap, Normalize

    limit = float(np.abs(cells[~np.isnan(cells)]).max(initial=0.0)) or 1.0
    canvas = ax.get_facecolor()
    colours = LinearSegmentedColormap.from_list("banzhaf", [canvas, LOW] if shown.is_absolute else [LOW, canvas, HIGH])
    norm = Normalize(0.0 if shown.is_absolute else -limit, limit)
    edges = np.arange(n + 1) - 0.5
    image = ax.pcolormesh(edges, edges, np.ma.masked_invalid(cells), cmap=colours, norm=norm, rasterized=True)
    ax.set_aspect("equal")
    ax.set_ylim(n - 0.5, -0.5)
    _missing(ax, cells)
    uncertain = shown.matrix(shown.unsure())[grid] == 1.0
    power = 0
    if n <= _MOST_WRITTEN:
        power = _write(ax, cells, uncertain, limit, lambda value: colours(norm(value)))
    else:
        down, right = np.nonzero(uncertain)
        ax.scatter(right, down, s=14, facecolors="none", edgecolors=ink(ax), linewidths=0.7, alpha=0.7)
    names = [shown.name(int(player), _NAME_WIDTH) for player in players]
    ax.set_yticks(np.arange(n), names, parse_math=False)
    slant: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(np.arange(n), names, parse_math=False, **slant)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    cell_bar(ax, image, shown.label, max(12.0, 2.0 * n))
    ax.set_xlabel(
        "\n".join(_notes(shown, cells, int(others.size), bool(uncertain.any()), power, level)), fontsize="small"
    )
    return ax


def _missing(ax: Axes, cells: NDArray[np.float64]) -> None:
    """Draw pairs that are not there, in grey with a stroke, and leave the diagonal empty."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Rectangle

    down, right = np.nonzero(np.isnan(cells) & ~np.eye(len(cells), dtype=bool))
    for y, x in zip(down, right, strict=True):
        ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1.0, 1.0, facecolor=NEUTRAL, alpha=0.35, linewidth=0.0))
    strokes = [[(x - 0.25, y + 0.25), (x + 0.25, y - 0.25)] for y, x in zip(down, right, strict=True)]
    ax.add_collection(LineCollection(strokes, colors=NEUTRAL, linewidths=0.8))


def _write(ax: Axes, cells: NDArray[np.float64], uncertain: NDArray[np.bool_], limit: float, colour: Any) -> int:
    """Write numbers in the cells, in brackets if they are uncertain; return the power of 10 that they are in."""
    size = math.floor(math.log10(limit))
    power = 0 if -1 <= size <= 3 else size
    for y, x in zip(*np.nonzero(~np.isnan(cells)), strict=True):
        value = float(cells[y, x])
        text = f"{value / 10.0**power:.{max(0, 2 - max(0, size - power))}f}"
        text = text if text.strip("-0.") else "0"
        text = f"({text})" if uncertain[y, x] else text
        ax.text(x, y, text, ha="center", va="center", fontsize="x-small", color=ink_on(colour(value)))
    return power


def _notes(
    shown: Shown, cells: NDArray[np.float64], n_others: int, uncertain: bool, power: int, level: float
) -> list[str]:
    """Say below the map what its signs mean."""
    n = len(cells)
    notes = []
    if power:
        notes.append(f"numbers in units of 1e{power}")
    if np.isnan(cells[~np.eye(n, dtype=bool)]).any():
        notes.append("grey: " + ("not listed" if shown.n_unlisted else "not resolved"))
    if uncertain:
        sign = "brackets" if n <= _MOST_WRITTEN else "circle"
        notes.append(f"{sign}: the {100 * level:.4g} % interval contains 0")
    if n_others:
        notes.append(f"{count(n_others, f'other {shown.thing}')} not shown")
    return notes
