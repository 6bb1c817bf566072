# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Measure the time and memory of a full Hadamard design of a million players, given its worths."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import ROOT, Options, main
from bench._games import Game, additive_game, numpy_estimate
from bench._table import Table, duration, three_digits, verdict
from bench._timing import interleave

_SOLVE, _MEMORY, _RATIO = 1.0, 200e6, 15


def tables(options: Options) -> Iterator[Table]:
    yield _million(2**16 if options.quick else 2**20, 3 if options.quick else 7)
    yield _overhead(options)


def _million(n: int, rounds: int) -> Table:
    table = Table(
        f"One full Hadamard design of {n:,} players, worths given, one thread",
        *("evaluations", "solve, no standard errors", "with standard errors", "memory", "< 1 s and < 200 MB"),
        note=f"""
            `banzhaf.fit_design` makes the design from its seed and computes the values. Times are medians of {rounds}
            calls in a process of their own. Memory is the growth of the peak resident memory, without the worths.
        """,
    )
    ran = subprocess.run(
        [sys.executable, "-c", f"from bench.million import measure; measure({n}, {rounds})"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    plain, whole, memory = map(float, ran.stdout.split())
    met = verdict(whole < _SOLVE and memory < _MEMORY)
    table.add(f"{2 * n:,}", duration(plain), duration(whole), f"{memory / 1e6:.0f} MB", met)
    return table


def measure(n: int, rounds: int) -> None:
    """Print the median seconds without and with standard errors, and the growth of the peak memory in bytes."""
    worths = np.random.default_rng(0).normal(size=2 * n)
    before = _resident()
    medians = []
    for standard_errors in (False, True):
        seconds = []
        for seed in range(rounds):
            start = time.perf_counter()
            banzhaf.fit_design(
                worths, n, random_state=seed, num_threads=1, standard_errors=standard_errors, interactions="none"
            )
            seconds.append(time.perf_counter() - start)
        medians.append(float(np.median(seconds)))
    print(*medians, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


def _resident() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def _overhead(options: Options) -> Table:
    n, m = (100, 2000) if options.quick else (1000, 20000)
    table = Table(
        f"A whole estimate at ({n}, {m}), less the game's own time",
        *("the game", "estimate", "NumPy", "NumPy ÷ estimate, both less the game", "target >= 15"),
        note="""
            The game is `coalitions @ weights`. `estimate` uses the default design, with standard errors. NumPy draws
            random pairs, calls the game, takes differences and X^T X, and calls `solve`. All times are medians.
        """,
    )
    game, _ = additive_game(n)
    coalitions = banzhaf.sample_coalitions(n, m, random_state=0)
    contenders = {
        "game": partial(game, coalitions),
        "estimate": partial(_estimate, game, n, m, options.threads),
        "numpy": partial(_numpy, game, n, m),
    }
    timings = interleave(contenders, rounds=5 if options.quick else 21)
    table.disturbed(timings.unrest())
    of_game, ours, theirs = (timings.median(name) for name in contenders)
    ratio = (theirs - of_game) / (ours - of_game) if ours > of_game else np.inf
    shown = f"{three_digits(ratio)}x" if ours > of_game else "no time above the game's"
    table.add(
        *(duration(of_game), duration(ours), duration(theirs), shown),
        verdict(ratio >= _RATIO, timings.unrest()),
    )
    return table


def _estimate(game: Game, n: int, m: int, threads: int) -> NDArray[np.float64]:
    return banzhaf.estimate(game, n, budget=m, random_state=0, num_threads=threads, interactions="none").values


def _numpy(game: Game, n: int, m: int) -> NDArray[np.float64]:
    return numpy_estimate(game, n, m, np.random.default_rng(0))


if __name__ == "__main__":
    main(tables, __doc__)
