# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What a call will cost, from the speed of the model's first calls."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

__all__ = ["CostWatch", "duration"]

LEAST_SECONDS = 10.0  # that are worth a warning
_LEAST_ROWS = 1000  # whose call tells a speed by itself, whatever each call takes at the least
_LEAST_TIME = 1.0  # seconds of a call that tell as much


class CostWatch:
    """Times the model's calls until it is known whether all of them together are dear.

    A short call of few rows mostly measures what every call takes. The time of a row is therefore what two calls of
    different sizes differ by, and never more than a row's share of the quickest call.

    Parameters
    ----------
    n_rows : int
        Model rows of the whole call, at the most.
    seconds : float
        The most it can take, by a deadline.
    clock : callable, optional
        Seconds since some moment; by default those of ``time.perf_counter``.
    """

    def __init__(self, n_rows: int, seconds: float = math.inf, clock: Callable[[], float] | None = None) -> None:
        self._left = n_rows
        self._most = seconds
        self._clock = clock or time.perf_counter
        self._least_share = math.inf  # seconds of a row, in the quickest call
        self._smallest = (2**63, 0.0)  # rows and seconds
        self._largest = (0, 0.0)
        self._started = 0.0

    def start(self) -> None:
        """Note that the model is called."""
        self._started = self._clock()

    def stop(self, n_rows: int) -> float | None:
        """Note that it has answered for so many rows; give the seconds that are left if they are too many.

        They are given once at the most.
        """
        call = (n_rows, self._clock() - self._started)
        self._least_share = min(self._least_share, call[1] / n_rows)
        self._smallest, self._largest = min(self._smallest, call), max(self._largest, call)
        self._left -= n_rows
        seconds = min(self._left * self._seconds_per_row(), self._most)
        if seconds <= LEAST_SECONDS:
            return None
        self._most = 0.0
        return seconds

    def _seconds_per_row(self) -> float:
        (small, fast), (large, slow) = self._smallest, self._largest
        if large >= _LEAST_ROWS or slow >= _LEAST_TIME:
            return self._least_share
        return min(self._least_share, max(0.0, slow - fast) / (large - small)) if large > small else 0.0


def duration(seconds: float) -> str:
    """Put a long time into words.

    Examples
    --------
    >>> duration(45), duration(150), duration(86400.0)
    ('45 seconds', '2 minutes', '24 hours')
    """
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds // 60:.0f} minutes" if seconds < 7200 else f"{seconds // 3600:,.0f} hours"
