# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Find out from coalitions with which probability each player is in."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# A share that is this many standard errors away from what is expected is no chance.
_MOST_ERRORS = 6.0
_LEAST_DIFFERENCE = 0.02
_LEAST_ROWS = 16


def probability_of(coalitions: NDArray[np.bool_]) -> float | None:
    """Return the probability p if players seem to be in independently with a p that is clearly not 0.5.

    None means that 0.5 is not refuted, or that no probability explains the coalitions. The number has as few decimals
    as the coalitions allow.
    """
    n_rows, n_players = coalitions.shape
    if n_rows < _LEAST_ROWS:
        return None
    share: float = int(np.count_nonzero(coalitions)) / (n_rows * n_players)
    if abs(share - 0.5) < 0.99 * _LEAST_DIFFERENCE:  # the usual case, without the sizes
        return None
    sizes = coalitions.sum(axis=1)
    share = float(sizes.mean()) / n_players
    spread = float(sizes.std(ddof=1)) / n_players
    error = max(spread, math.sqrt(share * (1 - share) / n_players)) / math.sqrt(n_rows)
    if abs(share - 0.5) < max(_LEAST_DIFFERENCE, _MOST_ERRORS * error) or not 0 < share < 1:
        return None
    # Independent players give sizes of this variance, known to a relative error of sqrt(2 / n_rows) or a little more.
    expected = n_players * share * (1 - share)
    rarest = min(share, 1 - share)
    kurtosis = (1 - 6 * rarest * (1 - rarest)) / expected  # beyond that of a normal variable
    tolerance = 5 * math.sqrt((2 + max(0.0, kurtosis)) / n_rows)
    if abs(float(sizes.var(ddof=1)) / expected - 1) > tolerance:
        return None
    by_player = coalitions.mean(axis=0)
    if np.abs(by_player - share).max() > 5.5 * math.sqrt(share * (1 - share) / n_rows) + 0.5 / n_rows:
        return None
    for decimals in range(1, 9):
        rounded = float(round(share, decimals))
        if abs(rounded - share) <= 2.5 * error and 0 < rounded < 1:
            return rounded
    return share
