# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What the examples share: rows, two explainers, a game, and a fault that kills one worker. Workers import it too."""

from __future__ import annotations

import dataclasses
import functools
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import banzhaf

if TYPE_CHECKING:
    import pandas as pd

WORKERS = 4
PARTS = 12
SOURCES = 20
BUDGET = 400


@dataclasses.dataclass(frozen=True)
class Fault:
    """Count the calls of all workers in a file, and kill the process of the first one after so many calls."""

    path: str
    after: int
    level: int = 0  # of the process to kill: 0 is the worker's own, 1 its parent, and so on

    def __call__(self) -> None:
        with open(self.path, "ab", buffering=0) as stream:
            stream.write(b".")
            if stream.tell() < self.after:
                return
        try:
            os.close(os.open(f"{self.path}.killed", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        process = os.getpid()
        for _ in range(self.level):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            process = int(fields[1])
        os.kill(process, signal.SIGKILL)
        time.sleep(10)  # until the parent takes this process with it

    @property
    def has_killed(self) -> bool:
        return os.path.exists(f"{self.path}.killed")


def rows() -> tuple[pd.DataFrame, pd.Series]:
    from sklearn.datasets import load_diabetes  # imported here, because workers that only evaluate a game start faster

    return load_diabetes(return_X_y=True, as_frame=True)


def make_explainer() -> banzhaf.Explainer:
    """Explain the probabilities of a classifier. The explainer holds its seed, so all workers have the same one."""
    from sklearn.ensemble import GradientBoostingClassifier

    X, y = rows()
    model = GradientBoostingClassifier(n_estimators=20, random_state=0).fit(X, y > y.median())
    return banzhaf.Explainer(model, X[:40], budget=1_000, random_state=0)


def save_trees(path: str) -> str:
    """Prepare a tree explainer, and write it to a file that needs neither the model nor its library."""
    from sklearn.ensemble import RandomForestRegressor

    X, y = rows()
    forest = RandomForestRegressor(20, max_depth=6, random_state=0).fit(X, y)
    banzhaf.TreeExplainer(forest, X[:100]).save(path)
    return path


@functools.cache
def load_once(path: str) -> Any:
    """Open the file of an explainer, once in each process."""
    return banzhaf.load(path)


class Game:
    """How well a model predicts if it is trained on the rows of some of the sources only."""

    def __init__(self, fault: Callable[[], None] | None = None) -> None:
        X, y = rows()
        # Contiguous arrays, because a pickle stores a view as a contiguous copy, which gives other last digits.
        known = np.ascontiguousarray(np.c_[X.to_numpy(), np.ones(len(X)), y.to_numpy()])
        self.train, self.test = np.array_split(known[:342], SOURCES), known[342:].copy()
        self.fault = fault

    def __call__(self, sources: np.ndarray) -> float:
        """Return minus the mean squared error of a ridge regression on the other rows."""
        if self.fault is not None:
            self.fault()
        slopes = np.zeros(11)
        if len(sources):
            known = np.concatenate([self.train[source] for source in sources])
            A, b = known[:, :-1], known[:, -1]
            slopes = np.linalg.solve(A.T @ A + 0.1 * np.eye(11), A.T @ b)
        return -float(np.mean((self.test[:, -1] - self.test[:, :-1] @ slopes) ** 2))


def run(explain: Callable[..., Any], estimate: Callable[[Any], Any], level: int = 0) -> None:
    """Explain rows and evaluate a game on a cluster, kill a worker on the way, and compare with this process alone."""
    X = rows()[0][:48]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        explainer, trees = make_explainer(), save_trees(str(folder / "forest.trees"))
        for what, given, alone in (
            ("rows", explainer, explainer),
            ("rows, trees from a file", trees, banzhaf.load(trees)),
        ):
            fault = Fault(str(folder / what), PARTS // 2, level)
            start = time.perf_counter()
            joined = explain(given, X, fault)
            seconds = time.perf_counter() - start
            expected = alone(X)
            # Each part has evaluated the background by itself, so the number of evaluations is larger.
            same = dataclasses.replace(joined, n_model_rows=expected.n_model_rows) == expected
            report(what, same, seconds, fault)

        fault = Fault(str(folder / "game"), BUDGET // 2, level)
        start = time.perf_counter()
        values = estimate(banzhaf.per_coalition(Game(fault), "indices"))
        seconds = time.perf_counter() - start
        alone = banzhaf.per_coalition(Game(), "indices")
        report("game", values == banzhaf.estimate(alone, SOURCES, budget=BUDGET, random_state=0), seconds, fault)


def report(what: str, same: bool, seconds: float, fault: Fault) -> None:
    """Print whether the cluster's result has the bits of one process, and end the program if it has not."""
    lost = "one worker killed" if fault.has_killed else "no worker killed"
    print(f"{what}: {'the bits of one process' if same else 'OTHER BITS'}, {lost}, {seconds:.1f} s", flush=True)
    if not same or not fault.has_killed:
        sys.exit(1)
