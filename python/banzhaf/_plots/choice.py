# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Which output a plot shows, which features it shows, and how labels say so."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import NDArray

from banzhaf._support import arguments as check
from banzhaf._support.cells import shorten
from banzhaf._support.pictures import CELL_WIDTH, mirrored
from banzhaf._support.protocols import Explained, Interacting, PlayersValued, Summarised


def without_mirror(explanation: Explained) -> Explained:
    """Leave out the first of two outputs that mirror each other."""
    return explanation.output(-1) if mirrored(explanation.values) else explanation


def one_output(explanation: Explained, output: str | int | None) -> Explained:
    """Take the output that was asked for, or the only one that there is to show."""
    if output is not None:
        return explanation.output(output)
    explanation = without_mirror(explanation)
    if explanation.values.ndim == 3 and explanation.values.shape[2] != 1:
        raise several_outputs(explanation)
    return explanation.output(0)


def several_outputs(result: Explained | Interacting) -> ValueError:
    """Make the error that asks for one of the outputs."""
    names = result.output_names or range(result.values.shape[-1])
    return ValueError(f"output must say which of the outputs to show: {', '.join(map(repr, names))}")


def split(weights: NDArray[np.float64], limit: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Split indices into the `limit` largest weights, largest first, and the others: none, or at least two."""
    limit = operator.index(limit)
    if limit < 1:
        raise ValueError(f"max_display must be at least 1, got {limit}")
    order = np.argsort(-weights, kind="stable")
    # One other feature would take as much room as the sum of the others.
    limit = limit + (len(order) == limit + 1)
    return order[:limit], order[limit:]


def of_output(explanation: Explained | Summarised | Interacting) -> str:
    """Name the output in an axis label, if it has a name."""
    names = explanation.output_names
    return f" for {shorten(names[0], CELL_WIDTH)}" if names and len(names) == 1 else ""


def feature_index(explanation: Explained, argument: str, feature: str | int) -> int:
    """Find a feature by its name or position."""
    names = explanation.feature_names
    return check.position(argument, feature, len(names), names, "feature")


def mean_of(quantity: str) -> str:
    """Name the mean absolute value of a quantity."""
    return f"mean {quantity}" if quantity.startswith("|") else f"mean |{quantity}|"


def with_intervals(explanation: Explained | Summarised | PlayersValued, level: float) -> str:
    """Say in an axis label which intervals are drawn, if there are any."""
    return drawn_intervals(explanation.standard_errors, level)


def drawn_intervals(sizes: NDArray[np.float64], level: float) -> str:
    """Say in an axis label which intervals are drawn, given their margins or standard errors."""
    return f", with {100 * level:.4g} % intervals" if np.any(sizes > 0.0) else ""
