# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explain parts of the rows by actors of Ray, and evaluate a game. One of four workers is killed during the run."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import pandas as pd
import ray
from ray.util import ActorPool
from work import BUDGET, PARTS, SOURCES, WORKERS, Fault, load_once, run

import banzhaf


@ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=-1)
class Worker:
    """Hold the explainer, so that it is unpickled once in each process. Ray starts a lost actor again."""

    def __init__(self, explainer: Any) -> None:
        self.explainer = load_once(explainer) if isinstance(explainer, str) else explainer

    def explain(self, X: pd.DataFrame, fault: Fault) -> banzhaf.Explanation:
        fault()
        return self.explainer(X)


class Workers:
    """Four actors that explain rows, for as many tables as there are."""

    def __init__(self, explainer: Any) -> None:
        # Kept here, because Ray needs it to start a lost actor again.
        self.shared = ray.put(explainer)
        self.actors = [Worker.remote(self.shared) for _ in range(WORKERS)]

    def explain(self, X: pd.DataFrame, fault: Fault) -> banzhaf.Explanation:
        ends = np.linspace(0, len(X), PARTS + 1).astype(int)
        parts = [X[first:last] for first, last in itertools.pairwise(ends)]
        found = ActorPool(self.actors).map(lambda actor, part: actor.explain.remote(part, fault), parts)
        return banzhaf.concatenate(found)


class RayExecutor(Executor):
    """Ray's tasks as an executor."""

    def __init__(self, n_workers: int) -> None:
        self._max_workers = n_workers  # banzhaf keeps twice as many calls in flight

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future:
        return call.remote(function, *args).future()


@ray.remote(num_cpus=1, max_retries=3)
def call(function: Callable[..., Any], *args: Any) -> Any:
    return function(*args)


def estimate(game: Any, n_players: int = SOURCES, budget: int = BUDGET) -> banzhaf.BanzhafValues:
    """Evaluate a game by tasks. Ray repeats the tasks of a lost worker."""
    return banzhaf.estimate(game, n_players, budget=budget, random_state=0, executor=RayExecutor(WORKERS))


def start() -> None:
    """Start Ray on this machine."""
    os.environ.setdefault("RAY_worker_niceness", "0")  # with Ray's 15, workers hardly start on a busy machine
    ray.init(num_cpus=WORKERS, include_dashboard=False, object_store_memory=2**27, log_to_driver=False)


def main() -> None:
    start()
    try:
        run(lambda explainer, X, fault: Workers(explainer).explain(X, fault), estimate)
    finally:
        ray.shutdown()


if __name__ == "__main__":
    main()
