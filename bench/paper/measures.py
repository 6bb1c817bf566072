# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Measures of the distance between estimates and reference values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench._games import squared_error

Values = NDArray[np.float64]

TOP = 20
_NULL = 1e-9  # times the largest value; a player below this is not ranked


def measures(values: Values, truth: Values) -> dict[str, float]:
    """Return every measure of an estimate.

    Returns
    -------
    dict
        ``error``: relative squared l2 error. ``spearman`` and ``cayley`` compare the order of the estimate with that of
        the truth, for the truth's first 20 players by absolute value. Players whose value is 0 do not count.
        ``recovery``: the share of the truth's first k players that are among the first k of the estimate. k is 20, or
        half of the players that count if that is fewer.
    """
    ranked = np.argsort(-np.abs(truth), kind="stable")
    alive = int((np.abs(truth) > _NULL * np.abs(truth).max()).sum())
    top = ranked[: min(TOP, alive)]
    k = max(1, min(TOP, alive // 2))
    first = np.argsort(-np.abs(values), kind="stable")[:k]
    return {
        "error": squared_error(values, truth),
        "spearman": spearman(np.abs(values[top]), np.abs(truth[top])),
        "cayley": cayley(np.argsort(-np.abs(values[top]), kind="stable")),
        "recovery": len(np.intersect1d(first, ranked[:k])) / k,
    }


def spearman(first: Values, second: Values) -> float:
    """Return the Spearman rank correlation, where ties get their mean rank."""
    from scipy.stats import rankdata

    if len(first) < 2:
        return 1.0
    a, b = rankdata(first), rankdata(second)
    a, b = a - a.mean(), b - b.mean()
    norm = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / norm) if norm > 0 else 0.0


def cayley(order: NDArray[np.intp]) -> int:
    """Return the number of exchanges of two entries that sort a permutation: its length less its number of cycles."""
    seen = np.zeros(len(order), dtype=bool)
    cycles = 0
    for start in range(len(order)):
        cycles += not seen[start]
        place = start
        while not seen[place]:
            seen[place] = True
            place = order[place]
    return len(order) - cycles
