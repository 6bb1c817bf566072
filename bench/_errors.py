# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The errors of estimates over seeds, apart from `_games`: the environments of other packages lack banzhaf."""

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
