# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Measure how much of its speed another Python thread keeps while native work runs."""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import banzhaf
from bench._command import Options, main
from bench._native import library
from bench._table import Table, duration, verdict

_TARGET = 0.9
_CONTROL = "hashlib.sha256"
_STEP = 1000  # iterations of the counting loop between two looks at the clock


def tables(options: Options) -> Iterator[Table]:
    seconds, rounds = (0.2, 3) if options.quick else (0.5, 7)
    table = Table(
        "Speed of another Python thread beside native work of one thread",
        *("work", "speed kept", f">= {_TARGET:.0%}", "time without waiting for the lock", "one call"),
        note=f"""
            A thread counts in a loop of pure Python, while the main thread repeats the work with num_threads=1. Its
            speed is compared with its speed while the main thread sleeps. The two take turns, {seconds} seconds each,
            and the figure is the median of {rounds} ratios. hashlib, which releases the interpreter lock for its whole
            work, shows what the machine itself takes away. Two idle cores are needed. The share of time without waiting
            comes from Linux, which counts how long a thread runs or waits for a core. It holds on a busy machine too.
        """,
    )
    quiet = True
    for name, work in _works(options).items():
        work()
        start = time.perf_counter()
        work()
        once = time.perf_counter() - start
        rounds_of = [_round(work, seconds) for _ in range(rounds)]
        kept = float(np.median([beside.speed / alone for beside, alone in rounds_of]))
        free = float(np.median([beside.free for beside, _ in rounds_of]))
        quiet = quiet and (name != _CONTROL or kept >= _TARGET)
        table.add(
            name,
            f"{kept:.1%}",
            verdict(kept >= _TARGET, 1.0 if quiet else math.inf) if name != _CONTROL else "",
            "unknown" if math.isnan(free) else f"{free:.1%}",
            duration(once),
        )
    yield table


def _works(options: Options) -> dict[str, Callable[[], Any]]:
    from sklearn.ensemble import RandomForestRegressor

    rng = np.random.default_rng(0)
    lib = library()
    weights = rng.normal(size=200)
    game = banzhaf.native_game(lib.curved_game, data=weights)
    model = banzhaf.native_model(lib.curved_model, dtype=np.float64, data=weights)
    small = 14 if options.quick else 20
    worths = rng.normal(size=2**small)
    coalitions = banzhaf.sample_coalitions(200, 4000, random_state=0)
    of_coalitions = coalitions @ weights
    rows, targets = rng.normal(size=(2000, 20)), rng.normal(size=2000)
    forest = RandomForestRegressor(50, max_depth=8, random_state=0).fit(rows, targets)
    trees = banzhaf.TreeExplainer(forest, rows[:100], num_threads=1)
    explainer = banzhaf.Explainer(model, rows[:50], budget=50_000, num_threads=1, random_state=0)
    one = {"num_threads": 1}
    return {
        _CONTROL: partial(hashlib.sha256, bytes(2**26)),
        "estimate of a native game": lambda: banzhaf.estimate(game, 200, budget=50_000, random_state=0, **one),
        "exact of a native game": lambda: banzhaf.exact(game, small - 2, **one),
        "exact of 2^n worths": lambda: banzhaf.exact(worths, small, **one),
        "fit": lambda: banzhaf.fit(coalitions, of_coalitions, **one),
        "fit_design": lambda: banzhaf.fit_design(worths, 2 ** (small - 3), random_state=0, **one),
        "walsh_hadamard": lambda: banzhaf.walsh_hadamard(worths, **one),
        "sample_coalitions": lambda: banzhaf.sample_coalitions(200, 100_000, random_state=0),
        "TreeExplainer": lambda: trees(rows[:500]),
        "Explainer of a native model": lambda: explainer(rows[:20]),
    }


class _Seen(NamedTuple):
    """Iterations per second of a counting thread, and the share of time in which it did not wait for the lock."""

    speed: float
    free: float


def _round(work: Callable[[], Any], seconds: float) -> tuple[_Seen, float]:
    """Return what a counting thread did beside the work, and its speed before and after that."""
    before = _count(lambda: time.sleep(seconds), seconds)
    beside = _count(work, seconds)
    after = _count(lambda: time.sleep(seconds), seconds)
    return beside, max(before.speed, after.speed)


def _count(work: Callable[[], Any], seconds: float) -> _Seen:
    """Let a thread count while this thread repeats the work for some time."""
    ended = threading.Event()
    count, taken, ready = 0, 0.0, 0.0

    def counting() -> None:
        nonlocal count, taken, ready
        start, ready_before = time.perf_counter(), _ready_seconds()
        while not ended.is_set():
            for _ in range(_STEP):
                count += 1
        taken, ready = time.perf_counter() - start, _ready_seconds() - ready_before

    thread = threading.Thread(target=counting)
    thread.start()
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        work()
    ended.set()
    thread.join()
    return _Seen(count / taken, ready / taken)


def _ready_seconds() -> float:
    """Return for how long this thread has been running or waiting for a core, or NaN where that is unknown."""
    try:
        with open("/proc/thread-self/schedstat") as schedstat:
            running, waiting, _ = map(int, schedstat.read().split())
    except OSError:
        return math.nan
    return (running + waiting) / 1e9


if __name__ == "__main__":
    main(tables, __doc__)
