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


def _points(rng: np.random.Generator, count: int) -> tuple[Any, Any]:
    X = rng.normal(size=(count, 20))
    return X, X[:, 0] + rng.normal(size=count)


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
        *("kind", "training points", "test points", "features", "neighbours", "processor", "clock"),
        note="Values are exact. Classification has two classes. Features are normal.",
    )
    sizes = [(1_000, 100), (10_000, 1_000)] + ([] if options.quick else [(100_000, 1_000)])
    for n, n_test in sizes:
        (X, y), (X_test, y_test) = (_points(rng, count) for count in (n, n_test))
        for kind in ("classification", "regression"):
            labels = (y > 0, y_test > 0) if kind == "classification" else (y, y_test)
            game = KNNValuation(X, labels[0], X_test, labels[1], kind=kind)
            cpu, clock = seconds(lambda g=game: g, 1)
            neighbours.add(kind, f"{n:,}", f"{n_test:,}", 20, 5, duration(cpu), duration(clock))
    yield neighbours

    agreement = Table("Largest difference from all coalitions", "game", "players", "difference")
    X = rng.normal(size=(16, 3))
    for kind in ("classification", "regression"):
        y = X[:, 0] > 0 if kind == "classification" else X[:, 0]
        game = KNNValuation(X, y, X[:8] + 0.1, y[:8], n_neighbors=3, kind=kind)
        difference = np.abs(game.exact().values - banzhaf.exact(game, 16).values).max()
        agreement.add(f"nearest neighbours, {kind}", 16, f"{difference:.1e}")
    vote = WeightedVoting(rng.integers(1, 50, 16), 200)
    difference = np.abs(vote.exact().values - banzhaf.exact(vote, 16).values).max()
    agreement.add("weighted voting", 16, f"{difference:.1e}")
    yield agreement


if __name__ == "__main__":
    main(tables, __doc__)
