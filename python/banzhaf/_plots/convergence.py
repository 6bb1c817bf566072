# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Values and intervals against evaluations, from the results that a callback has collected."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._plots.choice import of_output, one_output, split
from banzhaf._plots.style import legend, plain_axes
from banzhaf._support.cells import shorten
from banzhaf._support.fields import have_values
from banzhaf._support.pictures import CATEGORIES, CELL_WIDTH, NEUTRAL
from banzhaf._support.protocols import Explained, PlayersValued

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_TICKS = 8


def convergence_of_row(
    explanation: Explained,
    history: Any,
    row: int,
    ax: Axes | None,
    max_display: int,
    output: str | int | None,
    level: float,
) -> Axes:
    """Draw how the values of one explained row settle."""
    position = operator.index(row)
    steps = _history(history, explanation, ("values", "feature_names", "row_costs"), "explainer(X, callback=...)")
    for step in steps:
        if step.feature_names != explanation.feature_names or step.values.shape != explanation.values.shape:
            raise ValueError(
                "history must come from the call that made this explanation: its rows, features or outputs differ "
                "(an explanation that was sliced needs a history sliced in the same way)"
            )
    shown = [one_output(step, output)[position] for step in (*steps, explanation)]
    at = np.array([int(step.row_costs[0]) for step in shown])
    values = np.array([step.values[0] for step in shown])
    margins = np.array([step.intervals(level)[0, :, 1] - step.values[0] for step in shown])
    ax = _lines(ax, at, values, margins, explanation.feature_names, max_display)
    ax.set_xlabel("model evaluations of this row")
    ax.set_ylabel(f"{explanation.quantity}{of_output(shown[-1])}{_bands(margins, level)}", parse_math=False)
    ax.set_title(f"row {row}", fontsize="medium")
    return ax


def convergence_of_game(
    result: PlayersValued, history: Any, ax: Axes | None, max_display: int, output: int | None, level: float
) -> Axes:
    """Draw how the values of a game's players settle."""
    steps = _history(history, result, ("values", "player_names", "n_evaluations"), "estimate(..., callback=...)")
    for step in steps:
        if step.player_names != result.player_names or step.values.shape != result.values.shape:
            raise ValueError(
                "history must come from the call that made these values: its players or outputs differ, "
                f"{step.values.shape} is not {result.values.shape}"
                if step.values.shape != result.values.shape
                else "history must come from the call that made these values: its players have other names"
            )
    take = output_of(result, output)
    every = [*steps, result]
    at = np.array([step.n_evaluations for step in every])
    values = np.array([take(step.values) for step in every])
    margins = np.array([take(step.intervals(level)[..., 1] - step.values) for step in every])
    names = result.player_names or tuple(f"player {index}" for index in range(len(result)))
    ax = _lines(ax, at, values, margins, names, max_display)
    ax.set_xlabel("evaluations of the game")
    ax.set_ylabel(f"{result.quantity}{_bands(margins, level)}", parse_math=False)
    return ax


def output_of(result: PlayersValued, output: int | None) -> Any:
    """Return a function that takes one output from the values of a game."""
    if result.values.ndim == 1:
        if output not in (None, 0, -1):
            raise ValueError(f"output must be None, since the game has one output; got {output!r}")
        return lambda array: array
    n_outputs = result.values.shape[1]
    if output is None:
        if n_outputs > 1:
            raise ValueError(f"output must say which of the {n_outputs} outputs to show: a position from 0 on")
        output = 0
    index = operator.index(output)
    if not -n_outputs <= index < n_outputs:
        raise ValueError(f"output must be a position below {n_outputs}; got {output!r}")
    return lambda array: array[:, index]


def _history(history: Any, result: Any, needed: Sequence[str], source: str) -> list[Any]:
    """Check what a callback has collected."""
    if isinstance(history, (str, bytes)) or not isinstance(history, Iterable):
        raise TypeError(f"history must be a list of results that {source} has collected, got {type(history).__name__}")
    steps = list(history)
    if not steps:
        raise ValueError(
            f"history must hold at least one result: pass callback=history.append to {source}; "
            "if it stayed empty, the budget allowed no check before its end"
        )
    for step in steps:
        if any(not hasattr(step, name) for name in needed):
            raise TypeError(f"history must hold results that {source} has collected, got {type(step).__name__}")
        if step.random_state != result.random_state:
            raise ValueError(
                "history must come from the call that made this result: "
                f"random_state {step.random_state} is not {result.random_state}"
            )
    return steps


def _bands(margins: NDArray[np.float64], level: float) -> str:
    return f",\nbands: {100 * level:.4g} % intervals" if np.any(margins > 0) else ""


def _lines(
    ax: Axes | None,
    at: NDArray[np.int64],
    values: NDArray[np.float64],
    margins: NDArray[np.float64],
    names: tuple[str, ...],
    max_display: int,
) -> Axes:
    """Draw a line and a band for each of the leading players."""
    if operator.index(max_display) > len(CATEGORIES):
        raise ValueError(f"max_display must be at most {len(CATEGORIES)}, the number of colours, got {max_display}")
    known = have_values(values)
    if not known.any():
        raise ValueError("history must hold values: there are none in it, since the run ended before the first check")
    at, values, margins = at[known], values[known], margins[known]
    # Of results at the same number of evaluations the last one counts: a row that has stopped stays as it is.
    last = np.flatnonzero(np.append(np.diff(at) != 0, True))
    if np.any(np.diff(at[last]) < 0):
        raise ValueError("history must be in the order of the checks: its numbers of evaluations must rise")
    at, values, margins = at[last], values[last], margins[last]
    leading, _ = split(np.abs(values[-1]), max_display)
    leading = leading[: operator.index(max_display)]
    leading = leading[np.argsort(-values[-1][leading], kind="stable")]
    ax = plain_axes(ax, 3.8)
    ax.axhline(0.0, color=NEUTRAL, linewidth=0.8, zorder=0.9)
    handles = []
    for colour, player in zip(CATEGORIES, leading, strict=False):
        (line,) = ax.plot(at, values[:, player], color=colour, marker="o", markersize=3.5, linewidth=1.6)
        handles.append(line)
        reach = margins[:, player]
        seen = np.isfinite(reach)
        lower, upper = values[:, player] - reach, values[:, player] + reach
        ax.fill_between(at[seen], lower[seen], upper[seen], color=colour, alpha=0.22, linewidth=0)
        if seen.sum() == 1:
            ax.errorbar(at[seen], values[seen, player], yerr=reach[seen], fmt="none", ecolor=colour, capsize=2.5)
    legend(ax, handles, [shorten(names[player], CELL_WIDTH) for player in leading])
    _count_ticks(ax, at)
    return ax


def _count_ticks(ax: Axes, at: NDArray[np.int64]) -> None:
    """Put ticks at the checks, as many as there is room for."""
    ax.set_xscale("log")
    from matplotlib.ticker import NullLocator

    ax.xaxis.set_minor_locator(NullLocator())
    logs = np.log(np.maximum(at, 1))
    least = max(float(np.ptp(logs)) / _MOST_TICKS, 1e-9)
    kept = [len(at) - 1]
    for index in range(len(at) - 2, -1, -1):
        if logs[kept[-1]] - logs[index] >= least:
            kept.append(index)
    ax.set_xticks(at[kept], [f"{count:,}" for count in at[kept]])
    if len(at) == 1:
        ax.set_xlim(at[0] / 1.5, at[0] * 1.5)
