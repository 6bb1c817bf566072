# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What cards and reports show of interactions: the sets, their indices or means over rows, and what is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from banzhaf._html.numbers import error_text
from banzhaf._support.cells import count_sets, shorten
from banzhaf._support.protocols import Interacting

__all__ = ["Listed", "listed", "unresolved_note"]

_NAME_WIDTH = 60


@dataclass(frozen=True)
class Listed:
    """Sets of players with their indices; with explained rows, their mean absolute indices."""

    names: list[str]
    values: NDArray[np.float64]
    bounds: NDArray[np.float64]
    errors: NDArray[np.float64]
    heading: str


def listed(found: Interacting, level: float) -> Listed:
    """Take the numbers of all listed sets."""
    if found.n_rows is None:
        values, bounds, errors, heading = found.values, found.intervals(level), found.standard_errors, "interaction"
    else:
        values, bounds = found.importance(level)
        resolved = ~np.isnan(found.values)
        errors = np.where(resolved, found.standard_errors, 0.0).sum(axis=0) / resolved.sum(axis=0)
        heading = "mean |interaction|"
    names = found.player_names or tuple(map(str, range(found.n_players)))
    width = max(6, _NAME_WIDTH // found.order - 3)
    times = " \N{MULTIPLICATION SIGN} "
    labels = [times.join(shorten(names[player], width) for player in players) for players in found.players.tolist()]
    return Listed(labels, values, bounds, errors, heading)


def unresolved_note(found: Interacting) -> str | None:
    """Say how many sets were not resolved, and how large the rest is."""
    if found.complete:
        return None
    left = found.unresolved_variance
    known = left[~np.isnan(left)]
    size = ""
    if known.size and known.any():
        deviation = error_text(math.sqrt(float(known.mean())))
        size = f" All that was not resolved makes a standard deviation of {deviation} in the worths."
    n_left = count_sets(found.n_sets - len(found), found.order)
    return f"Not resolved: {n_left} of {found.n_sets:,}.{size}"
