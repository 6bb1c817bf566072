# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""An estimate of the time that a call will take, from the speed of the model's first calls."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

__all__ = ["CostWatch", "duration"]

LEAST_SECONDS = 10.0  # shorter calls need no warning
_LEAST_ROWS = 1000  # from so many rows on, the fixed cost of a call does not matter
_LEAST_TIME = 1.0  # from so many seconds on, it does not matter either


class CostWatch:
    """Time the model's calls until it is clear whether all calls together take long.

    A short call with few rows mostly measures the fixed cost of a call. The time per row is therefore estimated from
    the difference between two calls of different sizes. It is never more than a row's share of the quickest call.

    Parameters
    ----------
    n_rows : int
        Largest number of model evaluations in the whole call.
    seconds : float
        Largest possible time, if there is a deadline.
    clock : callable, optional
        Returns seconds since a fixed moment; by default ``time.perf_counter``.

    Attributes
    ----------
    is_over : bool
        Whether no later call can change the answer, so that the calls need not be timed any longer.
    """

    def __init__(self, n_rows: int, seconds: float = math.inf, clock: Callable[[], float] | None = None) -> None:
        self._left = n_rows
        self._most = seconds
        self._clock = clock or time.perf_counter
        self._least_share = math.inf  # seconds per row in the quickest call
        self._smallest = (2**63, 0.0)  # rows and seconds
        self._largest = (0, 0.0)
        self._started = 0.0
        self.is_over = False

    def start(self) -> None:
        """Note that the model is being called."""
        self._started = self._clock()

    def stop(self, n_rows: int) -> float | None:
        """Note that the model has returned `n_rows` outputs; return the seconds left if they deserve a warning.

        They are returned at most once.
        """
        call = (n_rows, self._clock() - self._started)
        self._least_share = min(self._least_share, call[1] / n_rows)
        self._smallest, self._largest = min(self._smallest, call), max(self._largest, call)
        self._left -= n_rows
        self.is_over = self._left * self._least_share <= LEAST_SECONDS  # a row never takes longer than this share
        seconds = min(self._left * self._seconds_per_row(), self._most)
        if seconds <= LEAST_SECONDS:
            return None
        self._most = 0.0
        self.is_over = True
        return seconds

    def _seconds_per_row(self) -> float:
        (small, fast), (large, slow) = self._smallest, self._largest
        if large >= _LEAST_ROWS or slow >= _LEAST_TIME:
            return self._least_share
        return min(self._least_share, max(0.0, slow - fast) / (large - small)) if large > small else 0.0


def duration(seconds: float) -> str:
    """Write a duration in words.

    Examples
    --------
    >>> duration(45), duration(150), duration(86400.0)
    ('45 seconds', '2 minutes', '24 hours')
    """
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds // 60:.0f} minutes" if seconds < 7200 else f"{seconds // 3600:,.0f} hours"
