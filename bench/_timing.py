# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Fair timing: contenders take turns, threads are pinned, and results are medians with quartiles."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from bench._table import three_digits

_LEAST_SAMPLE = 20e-3  # seconds; shorter calls are repeated, so that one interruption does not decide the result
_SHORT = 0.1  # seconds; a shorter first call says little about the next one
_PAUSE = 40e-3  # seconds; idle threads of OpenBLAS spin for about 26 ms and would slow the next contender


@dataclass(frozen=True)
class Ratio:
    """The ratio of one contender's results to another's: the median and the quartiles over rounds."""

    median: float
    low: float
    high: float
    rounds: int

    def __str__(self) -> str:
        if self.rounds < 3:
            return f"{three_digits(self.median)}x"
        return f"{three_digits(self.median)}x ({three_digits(self.low)} to {three_digits(self.high)})"


@dataclass(frozen=True)
class Timings:
    """The seconds of each contender in each round, and the result of its first call."""

    seconds: dict[str, list[float]]
    results: dict[str, Any]

    def median(self, name: str) -> float:
        """Return a contender's median time in seconds."""
        return float(np.median(self.seconds[name]))

    def unrest(self, *names: str) -> float:
        """Return the largest ratio, over the contenders, of the median time to the best time."""
        return max(self.median(name) / min(self.seconds[name]) for name in names or self.seconds)

    def ratio(self, name: str, to: str) -> Ratio:
        """Compare two contenders round by round, because the machine's speed changes between rounds."""
        rounds = min(len(self.seconds[name]), len(self.seconds[to]))
        ratios = np.array(self.seconds[name][:rounds]) / np.array(self.seconds[to][:rounds])
        low, median, high = np.quantile(ratios, [0.25, 0.5, 0.75])
        return Ratio(float(median), float(low), float(high), rounds)


def interleave(contenders: Mapping[str, Callable[[], Any]], *, rounds: int = 21, seconds: float = 15.0) -> Timings:
    """Time calls in turn, each round in another order.

    Parameters
    ----------
    contenders : mapping of str to callable
    rounds : int
        Number of samples of each contender.
    seconds : float
        A contender that has taken this long in total gets no further samples.

    Returns
    -------
    Timings
    """
    results, repeats, samples, left = {}, {}, {}, {}
    for name, call in contenders.items():
        first, results[name] = _timed(call)
        # The first call may load modules. If it takes long, this hardly changes its time, so the sample counts.
        samples[name] = [first] if first > seconds / 3 else []
        left[name] = seconds - sum(samples[name])
        again = first if first > _SHORT else min(_timed(call)[0] for _ in range(5))
        repeats[name] = max(1, math.ceil(_LEAST_SAMPLE / again))
    names = list(contenders)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            if len(samples[name]) > turn or (samples[name] and left[name] <= 0):
                continue
            call = contenders[name]
            time.sleep(_PAUSE)
            if repeats[name] > 1:
                call()  # caches and threads are cold after the pause
            start = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            taken = time.perf_counter() - start
            samples[name].append(taken / repeats[name])
            left[name] -= taken
    return Timings(samples, results)


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """Limit every BLAS and OpenMP pool of the process to a number of threads."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        yield


def installed(package: str) -> bool:
    """Return whether a package is installed."""
    return find_spec(package) is not None
