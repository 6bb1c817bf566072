# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Time exact values that need no evaluations: weighted voting, and training points of nearest neighbours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import banzhaf
from banzhaf.games import KNNValuation, WeightedVoting
from bench._command import Options, main
from bench._table import Table, duration


def seconds(make: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Return the least times of the processor and of the clock that exact values take, with a new game each time."""
    found = []
    for _ in range(repeats):
        game = make()
        cpu, clock = time.process_time(), time.perf_counter()
        game.exact()
        found.append((time.process_time() - cpu, time.perf_counter() - clock))
    return min(each[0] for each in found), min(each[1] for each in found)


def tables(options: Options) -> Iterator[Table]:
    votes = Table(
        "Weighted voting",
        *("players", "quota", "processor", "clock"),
        note="Weights are drawn from 1 to 400. They all differ, except in the last row.",
    )
    rng = np.random.default_rng(0)
    for n, quota in ((51, 5_000), (100, 10_000), (200, 20_000), (500, 50_000)):
        weights = rng.permutation(400)[:n] + 1 if n < 400 else rng.integers(1, 401, n)
        cpu, clock = seconds(lambda w=weights, q=quota: WeightedVoting(w, min(q, int(w.sum()))), 1 if n > 200 else 5)
        votes.add(n, f"{min(quota, int(weights.sum())):,}", duration(cpu), duration(clock))
    yield votes

    neighbours = Table(
        "Nearest neighbours: values of training points",
        *("training points", "test points", "features", "neighbours", "processor", "clock"),
        note="Values are exact. Two classes; features are normal.",
    )
    sizes = [(1_000, 100), (10_000, 1_000)] + ([] if options.quick else [(100_000, 1_000)])
    for n, n_test in sizes:
        data = []
        for count in (n, n_test):
            X = rng.normal(size=(count, 20))
            data += [X, X[:, 0] + rng.normal(size=count) > 0]
        cpu, clock = seconds(lambda d=data: KNNValuation(*d), 1)
        neighbours.add(f"{n:,}", f"{n_test:,}", 20, 5, duration(cpu), duration(clock))
    yield neighbours

    agreement = Table("Largest difference from all coalitions", "game", "players", "difference")
    X = rng.normal(size=(16, 3))
    game = KNNValuation(X, X[:, 0] > 0, X[:8] + 0.1, X[:8, 0] > 0, n_neighbors=3)
    difference = np.abs(game.exact().values - banzhaf.exact(game, 16).values).max()
    agreement.add("nearest neighbours", 16, f"{difference:.1e}")
    vote = WeightedVoting(rng.integers(1, 50, 16), 200)
    difference = np.abs(vote.exact().values - banzhaf.exact(vote, 16).values).max()
    agreement.add("weighted voting", 16, f"{difference:.1e}")
    yield agreement


if __name__ == "__main__":
    main(tables, __doc__)
