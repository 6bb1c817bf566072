# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""How far values and rankings are from the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench._games import squared_error

Values = NDArray[np.float64]

TOP = 20
_NULL = 1e-9  # of the largest value: no player to rank


def measures(values: Values, truth: Values) -> dict[str, float]:
    """Return every measure of an estimate.

    Returns
    -------
    dict
        ``error``: relative squared l2 error. ``spearman``, ``cayley``: of the truth's first 20 players by absolute
        value, in the order of the truth and of the estimate; players that are null do not count. ``recovery``: how
        much of the truth's first k is among the estimate's first k, k being 20 or half of the players that count.
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
    """Return the rank correlation; ties get their mean rank."""
    from scipy.stats import rankdata

    if len(first) < 2:
        return 1.0
    a, b = rankdata(first), rankdata(second)
    a, b = a - a.mean(), b - b.mean()
    norm = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / norm) if norm > 0 else 0.0


def cayley(order: NDArray[np.intp]) -> int:
    """Return how many exchanges of two sort a permutation: its length less the number of its cycles."""
    seen = np.zeros(len(order), dtype=bool)
    cycles = 0
    for start in range(len(order)):
        cycles += not seen[start]
        place = start
        while not seen[place]:
            seen[place] = True
            place = order[place]
    return len(order) - cycles
