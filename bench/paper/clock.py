# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Times the methods alone, with games and models that cost next to nothing, by the number of players."""

from __future__ import annotations

import time
import warnings
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench._datasets import N_BACKGROUND
from bench._games import additive_game, numpy_estimate
from bench._timing import interleave
from bench.paper import methods
from bench.paper.problems import Problem

KEY = ("method", "n", "m")
MEASURES = ("seconds", "best")
NUMPY = "NumPy least squares"
NAMES = (*methods.NAMES, NUMPY)
PLAYERS = (8, 16, 32, 64, 128, 256, 512, 1024)
MOST_EXPLAINER = 256  # players; above, writing the masked rows takes most of the time, whatever the method


def in_turns(n: int, *, rounds: int, threads: int) -> dict[str, dict[str, float]]:
    """Time the methods for set functions, and NumPy, in turns at m = 20 n."""
    m = 20 * n
    game, _ = additive_game(n)
    contenders = {name: partial(methods.estimate, name, game, n, m, 0, threads) for name in methods.SHARED}
    contenders[NUMPY] = lambda: numpy_estimate(game, n, m, np.random.default_rng(0))
    with warnings.catch_warnings():
        methods.quietly()
        timings = interleave(contenders, rounds=rounds, seconds=5.0)
    return {name: {"seconds": timings.median(name), "best": min(timings.seconds[name])} for name in contenders}


def explainer(n: int, *, rounds: int, threads: int) -> dict[str, float]:
    """Time `Explainer` with as many model evaluations, without the model's own time."""
    with warnings.catch_warnings():
        methods.quietly()
        samples = [_explainer(n, 20 * n, seed, threads) for seed in range(rounds)]
    return {"seconds": float(np.median(samples)), "best": min(samples)}


def _explainer(n: int, m: int, seed: int, threads: int) -> float:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(N_BACKGROUND + 1, n)).astype(np.float32)
    weights = rng.normal(size=n).astype(np.float32)
    inside = 0.0

    def model(cells: NDArray[np.float32]) -> NDArray[np.float32]:
        nonlocal inside
        start = time.perf_counter()
        outputs: NDArray[np.float32] = cells @ weights
        inside += time.perf_counter() - start
        return outputs

    problem = Problem("", "", rows[0], rows[1:], lambda _: np.zeros(0), None, 0)
    explain = methods.explainer(model, problem, m, seed, threads)
    start = time.perf_counter()
    explain(rows[:1])
    return time.perf_counter() - start - inside
