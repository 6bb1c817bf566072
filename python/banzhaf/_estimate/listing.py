# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Lists of players with their values and intervals: the lines of a repr, and a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from banzhaf._support.protocols import PlayersValued

if TYPE_CHECKING:
    import pandas as pd

_MOST_PLAYERS = 10


def names_of(result: PlayersValued) -> tuple[str, ...]:
    """Return the names of the players, which are their numbers if they have none."""
    return result.player_names or tuple(map(str, range(len(result))))


def lines_of(result: PlayersValued) -> list[str]:
    """Write a line for each of the leading players, with 95 % intervals."""
    size = np.abs(result.values).reshape(len(result), -1).max(axis=1)
    leading = np.argsort(-size, kind="stable")[:_MOST_PLAYERS]
    names = names_of(result)
    width = max(len(names[i]) for i in leading)
    bounds = result.intervals()
    lines = [line_of(names[i], width, result.values[i], bounds[i]) for i in leading]
    if len(result) > _MOST_PLAYERS:
        lines.append(f"  ... {len(result) - _MOST_PLAYERS} more")
    return lines


def line_of(name: str, width: int, values: Any, bounds: Any) -> str:
    """Write the values of a player or set in at most three outputs, with intervals where they are not exact."""
    cells = []
    for value, (lower, upper) in zip(np.atleast_1d(values), np.atleast_2d(bounds), strict=True):
        interval = f" [{lower:.4g}, {upper:.4g}]" if upper > lower else ""
        cells.append(f"{value: .6g}{interval}")
    shown = cells[:3] + ["..."] * (len(cells) > 3)
    return f"  {name:<{width}}  " + "  ".join(shown)


def frame_of(result: PlayersValued) -> pd.DataFrame:
    """Put values, standard errors and 95 % intervals in a tidy DataFrame, one row for each player and output."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("to_frame needs pandas: pip install pandas") from error
    names = np.array(names_of(result), dtype=object)
    columns: dict[str, Any] = {"player": names}
    if result.values.ndim == 2:
        n_outputs = result.values.shape[1]
        columns = {"player": np.repeat(names, n_outputs), "output": np.tile(np.arange(n_outputs), len(names))}
    bounds = result.intervals()
    return pd.DataFrame(
        {
            **columns,
            "value": result.values.ravel(),
            "standard_error": result.standard_errors.ravel(),
            "lower": bounds[..., 0].ravel(),
            "upper": bounds[..., 1].ravel(),
        }
    )
