# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Errors of estimates, and which intervals hold; not in `_games`, since environments of other packages lack banzhaf."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._games import Game, squared_error


def median_error(
    game: Game,
    truth: NDArray[np.float64],
    budget: int,
    design: str,
    n_seeds: int,
    threads: int,
    interactions: str = "none",
) -> float:
    """Return the median over seeds of the error of an estimate."""
    errors = []
    for seed in range(n_seeds):
        found = banzhaf.estimate(
            game,
            len(truth),
            budget=budget,
            design=design,
            random_state=seed,
            num_threads=threads,
            standard_errors=False,
            interactions=interactions,
        )
        errors.append(squared_error(found.values, truth))
    return float(np.median(errors))


def holds(intervals: NDArray[np.float64], truth: NDArray[np.float64], rounding: float = 1e-9) -> NDArray[np.bool_]:
    """Say of each interval whether it holds the truth, up to rounding. One of NaN does not."""
    slack = rounding * np.abs(truth).max()
    inside: NDArray[np.bool_] = (intervals[:, 0] - slack <= truth) & (truth <= intervals[:, 1] + slack)
    return inside
