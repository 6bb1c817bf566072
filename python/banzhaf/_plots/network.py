# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A network: players on a circle as nodes, and the interactions of pairs as edges."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._plots.choice import split
from banzhaf._plots.pairs import Shown, chosen, need_pairs
from banzhaf._plots.style import legend, pyplot
from banzhaf._support.cells import count, count_sets
from banzhaf._support.pictures import HIGH, LOW, NEUTRAL
from banzhaf._support.protocols import Interacting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAME_WIDTH = 24
_BEND = 0.3  # how far an edge of length 1 is pulled towards the centre
_RADIUS = 2.0  # inches
_CHARACTER = 0.085  # inches
_MOST_UPRIGHT = 16  # players whose names have room beside one another
_WIDEST = 6.0  # points
_LARGEST, _SMALLEST = 420.0, 14.0  # areas of nodes in points^2


def network(
    found: Interacting,
    ax: Axes | None,
    max_display: int,
    max_pairs: int,
    output: str | int | None,
    row: int | None,
    level: float,
) -> Axes:
    """Draw players and the largest interactions between them."""
    need_pairs(found, "network")
    shown = chosen(found, output, row, level)
    if operator.index(max_pairs) < 1:
        raise ValueError(f"max_pairs must be at least 1, got {max_pairs}")
    unsure = shown.unsure()
    players, others = split(shown.strength(without=unsure), max_display)
    edges = np.flatnonzero(np.isin(shown.players, players).all(axis=1) & (shown.values != 0.0) & ~unsure)
    edges = edges[np.argsort(-np.abs(shown.values[edges]), kind="stable")][:max_pairs]
    circle = _neighbours(players, shown.matrix(shown.values))
    names = {player: shown.name(player, _NAME_WIDTH) for player in circle}
    aside = _CHARACTER * max(map(len, names.values()), default=0)
    above = aside if len(circle) > _MOST_UPRIGHT else 0.25
    if ax is None:
        radius = 1.2 * _RADIUS
        size = (2 * (radius + aside) + 1.2 * (not shown.is_absolute), 2 * (radius + above) + 0.6)
        _, ax = pyplot().subplots(figsize=size, layout="constrained")
    else:
        box = ax.get_window_extent()
        width, height = box.width / ax.figure.dpi, box.height / ax.figure.dpi
        radius = max(0.3, min(width / 2 - aside, height / 2 - above))
    angles = math.pi / 2 - 2 * math.pi * np.arange(len(circle)) / max(1, len(circle))
    places = {int(player): (math.cos(angle), math.sin(angle)) for player, angle in zip(circle, angles, strict=True)}
    _edges(ax, shown, edges, places)
    _nodes(ax, shown, circle, places, names)
    ax.set_aspect("equal")
    reach = 1.2 * (1.0 + aside / radius), 1.2 * (1.0 + above / radius)
    ax.set_xlim(-reach[0], reach[0])
    ax.set_ylim(-reach[1], reach[1])
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.set_xlabel(
        "\n".join(_notes(shown, edges, int(others.size), int(unsure.sum()), level)), fontsize="small", parse_math=False
    )
    _explain(ax, shown, edges)
    return ax


def _neighbours(players: NDArray[np.intp], matrix: NDArray[np.float64]) -> list[int]:
    """Order players so that each stands beside one that it interacts with strongly."""
    size = np.nan_to_num(np.abs(matrix))
    left = [int(player) for player in players]
    circle = left[:1]
    left = left[1:]
    while left:
        nearest = max(left, key=lambda player: size[circle[-1], player])  # the first of equals
        left.remove(nearest)
        circle.append(nearest)
    return circle


def _edges(ax: Axes, shown: Shown, edges: NDArray[np.intp], places: dict[int, tuple[float, float]]) -> None:
    """Draw the smallest edges first. Negative ones are dashed, so that colours are not needed to read the sign."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    largest = float(np.abs(shown.values[edges]).max(initial=0.0)) or 1.0
    for edge in edges[::-1]:
        value = float(shown.values[edge])
        start, end = (np.array(places[int(player)]) for player in shown.players[edge])
        bent = (1.0 - _BEND * float(np.linalg.norm(end - start))) * (start + end) / 2.0
        look = _look(value, shown.is_absolute)
        path = Path([start, bent, end], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
        width = 0.5 + (_WIDEST - 0.5) * abs(value) / largest
        ax.add_patch(PathPatch(path, facecolor="none", linewidth=width, capstyle="butt", zorder=1.5, **look))


def _look(value: float, is_absolute: bool) -> dict[str, Any]:
    if is_absolute or value < 0.0:
        return {"edgecolor": LOW, "linestyle": "-" if is_absolute else (0, (2.2, 0.9)), "alpha": 0.8}
    return {"edgecolor": HIGH, "linestyle": "-", "alpha": 0.8}


def _nodes(
    ax: Axes, shown: Shown, circle: list[int], places: dict[int, tuple[float, float]], names: dict[int, str]
) -> None:
    """Draw the players, as large as their values, with their names outside the circle."""
    sizes = shown.player_values if shown.player_values is not None else shown.strength()
    signed = shown.player_values is not None and not shown.is_absolute
    largest = float(np.nanmax(np.abs(sizes[circle]), initial=0.0)) or 1.0
    room = min(1.0, _MOST_UPRIGHT / len(circle)) if circle else 1.0
    for player in circle:
        x, y = places[player]
        value = float(np.nan_to_num(sizes[player]))
        colour = (HIGH if value > 0 else LOW if value < 0 else NEUTRAL) if signed else NEUTRAL
        area = _SMALLEST + room * (_LARGEST - _SMALLEST) * abs(value) / largest
        ax.scatter(x, y, s=area, color=colour, edgecolors=[ax.get_facecolor()], linewidths=1.2, zorder=2.5)
        ax.text(1.13 * x, 1.13 * y, names[player], parse_math=False, **_turned(x, y, len(circle) > _MOST_UPRIGHT))


def _turned(x: float, y: float, radially: bool) -> dict[str, Any]:
    """Align a name with its node. Many names stand like the spokes of a wheel."""
    if not radially:
        side = "left" if x > 0.15 else "right" if x < -0.15 else "center"
        return {"ha": side, "va": "bottom" if y > 0.9 else "top" if y < -0.9 else "center"}
    angle = math.degrees(math.atan2(y, x))
    left = x < -1e-9
    turn = angle + 180.0 if left else angle
    return {"ha": "right" if left else "left", "va": "center", "rotation": turn, "rotation_mode": "anchor"}


def _explain(ax: Axes, shown: Shown, edges: NDArray[np.intp]) -> None:
    """Draw a legend of the signs."""
    from matplotlib.lines import Line2D

    if shown.is_absolute:
        return
    handles, labels = [], []
    for label, sign, value in (("positive", 1.0, HIGH), ("negative", -1.0, LOW)):
        if (sign * shown.values[edges] > 0).any():
            look = _look(sign, False)
            handles.append(Line2D([], [], color=value, linestyle=look["linestyle"], linewidth=2.5))
            labels.append(label)
    if handles:
        legend(ax, handles, labels, title="interaction")


def _notes(shown: Shown, edges: NDArray[np.intp], n_others: int, n_unsure: int, level: float) -> list[str]:
    """Say below the network what sizes mean and what is not shown."""
    largest = float(np.abs(shown.values[edges]).max(initial=0.0))
    sign = "" if shown.is_absolute else "\N{PLUS-MINUS SIGN}"
    notes = [f"width of edges: {shown.label}, up to {sign}{largest:.3g}"]
    of = "" if shown.player_values is None else "mean |Banzhaf value|" if shown.is_absolute else "|Banzhaf value|"
    notes.append(f"size of nodes: {of or 'sum of the absolute interactions'}")
    if n_unsure:
        notes.append(f"not shown: {count_sets(n_unsure, 2)} whose {100 * level:.4g} % intervals contain 0")
    hidden = shown.left_out(len(shown.values) - len(edges) - n_unsure)
    if n_others:
        hidden.append(f"{count(n_others, f'other {shown.thing}')} not shown")
    return [*notes, ", ".join(hidden)] if hidden else notes
