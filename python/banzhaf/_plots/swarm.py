# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A beeswarm: one dot for each explained row and feature, coloured by the feature's value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from banzhaf._plots.choice import of_output, one_output, split
from banzhaf._plots.style import LABEL_WIDTH, axes_of_rows, colour_bar, label_rows, ramp
from banzhaf._support.cells import codes, shorten
from banzhaf._support.fields import have_values
from banzhaf._support.pictures import NEUTRAL, shades, stacked
from banzhaf._support.protocols import Explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def beeswarm(explanation: Explained, ax: Axes | None, max_display: int, output: str | int | None) -> Axes:
    """Draw one dot for each row and feature."""
    chosen = one_output(explanation, output)
    known = have_values(chosen.values)
    if known.any() and not known.all():
        chosen = chosen[known]
    shown, others = split(chosen.importance()[0], max_display)
    ax, positions = axes_of_rows(ax, len(shown) + bool(others.size), 2.0)
    colours = ramp()
    swarms = [chosen.values[:, feature] for feature in shown]
    if others.size:
        swarms.append(chosen.values[:, others].sum(axis=1))
    span = max(np.ptp(np.concatenate([*swarms, [0.0]])), np.finfo(np.float64).tiny)
    size = dot_size(len(chosen))
    ordered = False
    for row, swarm in enumerate(swarms):
        degrees = np.full(len(chosen), np.nan)
        if row < len(shown):
            numbers, numeric = codes(chosen.data[:, shown[row]])
            degrees = shades(numbers) if numeric else degrees
            ordered = ordered or bool(np.isfinite(degrees).any())
        heights = positions[row] + _spread(swarm / span)
        ax.scatter(swarm, heights, s=size, color=colours(degrees), linewidths=0)
    if ordered:
        # The same width whatever the height.
        colour_bar(ax, ("low", "high"), "feature's value", aspect=max(14.0, 3.4 * len(swarms)))

    names = [shorten(chosen.feature_names[feature], LABEL_WIDTH) for feature in shown]
    label_rows(ax, positions, names, others.size)
    ax.axvline(0.0, color=NEUTRAL, linewidth=0.8, zorder=0.9)
    ax.grid(axis="y", color=NEUTRAL, alpha=0.3, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel(f"{chosen.quantity}{of_output(chosen)}", parse_math=False)
    return ax


def dot_size(n_dots: int) -> float:
    """Return the size of dots: few dots are large, and many are small so that they cover each other less."""
    return float(np.clip(1600.0 / max(1, n_dots), 5.0, 22.0))


def _spread(swarm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return offsets in (-0.4, 0.4) from a row's height, which set dots apart that are close to each other."""
    steps = stacked(np.round(swarm * 100.0))
    return steps * min(0.09, 0.4 / max(float(np.abs(steps).max()), 1.0))
