# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Measure how time and memory grow with players and with the budget, beside what the machine's memory allows."""

from __future__ import annotations

import ctypes
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import ROOT, Options, Unavailable, main
from bench._table import Table, duration, three_digits, verdict
from bench._timing import interleave

_PLAYERS = (100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
_GROWTH = 2.0
_BUDGETS = (10**5, 10**6, 10**7, 10**8)
_BYTES, _SLACK = 8, 32e6  # each evaluation, and the whole run
_MILLION = 2**20

# It reads one word of a coalition, so it costs next to nothing.
_GAME = """
#include <stddef.h>
#include <stdint.h>

int first_word(const uint64_t *coalitions, size_t n_coalitions, size_t n_players,
               double *worths, size_t n_outputs, void *data) {
  const size_t words = (n_players + 63) / 64;
  (void)n_outputs, (void)data;
  for (size_t r = 0; r < n_coalitions; ++r)
    worths[r] = (double)__builtin_popcountll(coalitions[r * words] & 0xfff);
  return 0;
}
"""


def tables(options: Options) -> Iterator[Table]:
    yield _growth(options)
    yield _memory(options)
    yield _million(options)
    yield _limits(options)


def native_game() -> Any:
    """Compile the game with a C compiler."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Unavailable("a C compiler is needed: install one, or name it in CC")
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "game.c"), Path(folder, "game.so")
        source.write_text(_GAME)
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
        return banzhaf.native_game(ctypes.CDLL(str(library)).first_word)


def _growth(options: Options) -> Table:
    players = _PLAYERS[:5] if options.quick else _PLAYERS
    table = Table(
        "From worths to values, 4 n coalitions of n players, one thread",
        *("n", "coalitions", "values", "with standard errors", "values: ns ÷ (n log2 n)", f"within {_GROWTH:g}x"),
        note="""
            `banzhaf.fit_design` makes the Hadamard design from its seed and computes the values from given worths.
            Times are the best of several calls. A last column of "yes" means that this figure is at most twice the
            smallest one. The coalitions themselves are n^2 / 2 bytes, 500 GB for a million players. They are written
            for the game batch by batch: see the table of a million players.
        """,
    )
    found = []
    for n in players:
        worths = np.random.default_rng(0).normal(size=4 * n)
        seconds = [
            _best(partial(_fit_design, worths, n, standard_errors), max(2, min(200, 1_000_000 // n)))
            for standard_errors in (False, True)
        ]
        found.append((n, len(worths), seconds, 1e9 * seconds[0] / (n * math.log2(n))))
    least = min(each for *_, each in found)
    for n, m, (plain, whole), each in found:
        table.add(f"{n:,}", f"{m:,}", duration(plain), duration(whole), three_digits(each), verdict(each <= 2 * least))
    return table


def _fit_design(worths: NDArray[np.float64], n: int, standard_errors: bool) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", banzhaf.BudgetWarning)
        found = banzhaf.fit_design(
            worths, n, random_state=0, num_threads=1, standard_errors=standard_errors, interactions="none"
        )
    return found.values


def _best(call: Callable[[], Any], repeats: int) -> float:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _memory(options: Options) -> Table:
    table = Table(
        "Memory and time of a whole run against its budget, compiled game",
        *("design", "n", "evaluations", "time", "time of each", "MB", "bytes of each", "<= 8 bytes each"),
        note=f"""
            Each run has its own process. Memory is the growth of the peak resident memory over a run of 20,000
            evaluations. A run keeps each worth, in {_BYTES} bytes, so that a failure loses nothing and the standard
            errors can be computed. The last column allows {_SLACK / 1e6:.0f} MB beside that. The design "paired" also
            needs the differences of its pairs, and counts repeated coalitions in parts. MB are 10^6 bytes.
        """,
    )
    native_game()  # fail before the first child
    for design in ("hadamard", "paired"):
        for budget in _BUDGETS[:2] if options.quick else _BUDGETS[: 4 if design == "hadamard" else 3]:
            seconds, grown = map(float, _child("run", design, "100", str(budget), str(options.threads)).split())
            met = verdict(grown <= _BYTES * budget + _SLACK) if design == "hadamard" else ""
            table.add(
                *(design, 100, f"{budget:,}", duration(seconds), duration(seconds / budget)),
                *(f"{grown / 1e6:.0f}", f"{grown / budget:.1f}", met),
            )
    return table


def _million(options: Options) -> Table:
    n = 2**16 if options.quick else _MILLION
    table = Table(
        f"A compiled game of {n:,} players",
        *(
            "design",
            "evaluations",
            "time",
            "time of each",
            "GB of coalitions in a second",
            "MB",
            "MB of all coalitions",
        ),
        note="""
            A call of the game gets at most 256 KiB of coalitions, as bits. These budgets are part of one full Hadamard
            design, so the regression solves a system of half as many unknowns as evaluations, and holds those
            coalitions as bits. Memory is the growth of the peak resident memory over a small run.
        """,
    )
    for budget in (64, 256) if options.quick else (64, 512, 2048):
        seconds, grown = map(float, _child("run", "hadamard", str(n), str(budget), str(options.threads)).split())
        table.add(
            *("hadamard", f"{budget:,}", duration(seconds), duration(seconds / budget)),
            *(three_digits(budget * n / 8e9 / seconds), f"{grown / 1e6:.0f}", three_digits(budget * n / 8e6)),
        )
    return table


def _limits(options: Options) -> Table:
    log = 16 if options.quick else 20
    size = 2**log
    table = Table(
        f"The limit beside our figure, {size:,} numbers, one thread",
        *("what", "time", "÷ ours"),
        note="""
            The least that a transform of a table can do is to read it and to write it once, as a copy does. A full
            Hadamard design of as many players has twice as many worths to read.
        """,
    )
    numbers = np.random.default_rng(0).normal(size=size)
    pairs = np.random.default_rng(1).normal(size=2 * size)
    target = np.empty_like(numbers)
    contenders: dict[str, Callable[[], Any]] = {
        "walsh_hadamard": partial(banzhaf.walsh_hadamard, numbers, num_threads=1),
        "a copy": partial(np.copyto, target, numbers),
        "NumPy, one pass for each bit": partial(_numpy_transform, numbers, log),
        "fit_design": partial(_fit_design, pairs, size, False),
    }
    timings = interleave(contenders, rounds=5 if options.quick else 11)
    np.testing.assert_allclose(
        timings.results["walsh_hadamard"], timings.results["NumPy, one pass for each bit"] / size, atol=1e-12
    )
    table.disturbed(timings.unrest())
    ours = timings.median("walsh_hadamard")
    for name in contenders:
        table.add(name, duration(timings.median(name)), three_digits(timings.median(name) / ours))
    return table


def _numpy_transform(numbers: NDArray[np.float64], log: int) -> NDArray[np.float64]:
    table = numbers.copy()
    for bit in range(log):
        halves = table.reshape(-1, 2, 2**bit)
        low, high = halves[:, 0].copy(), halves[:, 1]
        halves[:, 0] += high
        np.subtract(low, high, out=high)
    return table


def _child(*arguments: str) -> str:
    """Measure in a new process, and return what it prints."""
    command = [sys.executable, "-m", "bench.scale", "--measure", *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def _measure(design: str, n: int, budget: int, threads: int) -> None:
    """Print the seconds of one run, and the number of bytes by which it raises the peak memory of the process."""
    game = native_game()
    warnings.simplefilter("ignore")
    run = partial(banzhaf.estimate, game, n, design=design, random_state=0, num_threads=threads)
    run(budget=min(budget // 2, 20_000))
    before = _peak()
    start = time.perf_counter()
    run(budget=budget)
    print(time.perf_counter() - start, _peak() - before)


def _peak() -> int:
    """Return the peak resident memory of this process in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return 1024 * int(found[1])


if __name__ == "__main__":
    if sys.argv[1:3] == ["--measure", "run"]:
        _measure(sys.argv[3], *map(int, sys.argv[4:]))
    else:
        main(tables, __doc__)
