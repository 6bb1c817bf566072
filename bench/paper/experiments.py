# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The runs of each experiment, and how those that are missing are made."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench._datasets import NAMES, Dataset, load
from bench._games import TreeGame
from bench.paper import methods, problems, truth
from bench.paper.measures import measures
from bench.paper.problems import MAX_DEPTH, N_TREES, Problem
from bench.paper.store import Store

KEY = ("experiment", "data_set", "model", "method", "n", "m", "setting", "explicand", "seed")
MEASURES = ("error", "spearman", "cayley", "recovery", "model_rows", "seconds")
SURVIVAL = "Cox"  # a setting like the depths: the target of NHANES is a signed survival time
GAMMA = "gamma of the game"  # stands in the column "method", for a measure of the game itself
TRUTH = "reference's own squared error"

MODELS = ("XGBoost", "network")
TABLE_1 = 20  # coalitions per player
WIDE = 30  # from this number of players on, a data set counts as wide
_GAMMA_COALITIONS = 20_000


@dataclass(frozen=True)
class Scale:
    """The size of the experiments.

    Attributes
    ----------
    data_sets : tuple of str
    per_player : tuple of int
        Coalitions per player.
    noise : tuple of float
        Standard deviations of the noise on worths, relative to that of the game's linear part.
    scales : tuple of float
        Factors for the part of a game that is not linear. gamma is proportional to their squares.
    depths : tuple of int
        Depths of the trees of the further models.
    narrow, wide : tuple of (int, int)
        The numbers of explained rows and of seeds, for data sets with fewer than 30 columns and for all others.
    less : int
        Outside the paper's table, the number of seeds is divided by this.
    replicates : int
        Number of independent runs whose mean is the reference of a network.
    methods, models : tuple of str
    """

    data_sets: tuple[str, ...] = NAMES
    per_player: tuple[int, ...] = (2, 5, 10, 20, 40, 80, 160)
    noise: tuple[float, ...] = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
    scales: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    depths: tuple[int, ...] = (1, 2, 3, 4, 6, 8)
    narrow: tuple[int, int] = (5, 10)
    wide: tuple[int, int] = (3, 3)
    less: int = 3
    replicates: int = 32
    methods: tuple[str, ...] = methods.NAMES
    models: tuple[str, ...] = MODELS


QUICK = Scale(per_player=(5, 20), noise=(0.0, 0.1), depths=(2, 6), narrow=(2, 2), wide=(1, 1), less=2, replicates=2)


@dataclass(frozen=True)
class Task:
    """One run of a method on an explained row, with one seed."""

    experiment: str
    model: str
    method: str
    per_player: int
    setting: str
    explicand: int
    seed: int


@dataclass(frozen=True)
class Place:
    """The folders of the data and of the results with their references, and the threads of every method."""

    data: Path
    output: Path
    threads: int


def tasks(scale: Scale, data_set: str, n: int) -> list[Task]:
    """Return all runs on a data set with n players."""
    settings = [f"{depth}" for depth in scale.depths] + [SURVIVAL] * (data_set == "NHANES")
    n_explicands, n_seeds = scale.wide if n >= WIDE else scale.narrow
    fewer = range(max(1, n_seeds // scale.less))
    found = []
    for explicand in range(n_explicands):
        for model in scale.models:
            found.append(Task("reference", model, TRUTH, 0, "", explicand, 0))
            for method in scale.methods:
                for per_player in scale.per_player:
                    seeds = range(n_seeds)
                    found += [Task("sample size", model, method, per_player, "", explicand, s) for s in seeds]
                for level in scale.noise:
                    found += [Task("noise", model, method, TABLE_1, f"{level:g}", explicand, s) for s in fewer]
        if "XGBoost" not in scale.models:
            continue
        found.append(Task("gamma", "XGBoost", GAMMA, 0, "", explicand, 0))
        for method in scale.methods:
            for factor in scale.scales:
                found += [Task("gamma", "XGBoost", method, TABLE_1, f"{factor:g}", explicand, s) for s in fewer]
        for setting in settings:
            found.append(Task("distance", "XGBoost", GAMMA, 0, setting, explicand, 0))
            for method in scale.methods:
                found += [Task("distance", "XGBoost", method, TABLE_1, setting, explicand, s) for s in fewer]
    return found


def open_store(output: Path) -> Store:
    """Open the stored runs of an output folder."""
    return Store(output / "runs.csv", KEY, MEASURES)


def missing(scale: Scale, data_set: str, n: int, store: Store) -> list[Task]:
    """Return the runs that are not stored yet."""
    return [task for task in tasks(scale, data_set, n) if not store.has(key(task, data_set, n))]


def key(task: Task, data_set: str, n: int) -> tuple[Any, ...]:
    """Return the key of a run in the store."""
    return (
        *(task.experiment, data_set, task.model, task.method, n, task.per_player * n),
        *(task.setting, task.explicand, task.seed),
    )


def run(
    scale: Scale, data: Dataset, wanted: list[Task], store: Store, place: Place, advance: Callable[[], Any]
) -> None:
    """Make the given runs on a data set, and store them."""
    made = _Problems(scale, data, place)
    # Sorted by game, so that only one game's problems and references are in memory.
    for task in sorted(wanted, key=lambda t: (t.model, t.setting if t.experiment == "distance" else "")):
        problem, reference = made(task)
        store.add(key(task, data.name, data.n_features), _measure(task, problem, reference, place))
        advance()


def _measure(task: Task, problem: Problem, reference: truth.Truth, place: Place) -> dict[str, float]:
    if task.method == TRUTH:
        return {"error": reference.relative_squared_error, "model_rows": reference.n_rows}
    if task.method == GAMMA:
        return {"error": gamma(problem, reference.values)}
    if task.experiment == "gamma":
        problem = problems.towards_linear(problem, reference.values, float(task.setting))
    noise = float(task.setting) * np.linalg.norm(reference.values) / 2 if task.experiment == "noise" else 0.0
    done = methods.run(
        *(task.method, problem, task.per_player * problem.n, _seed(task)),
        noise=float(noise),
        threads=place.threads,
    )
    return {**measures(done.values, reference.values), "model_rows": done.n_rows, "seconds": done.seconds}


def _seed(task: Task) -> int:
    """Return the seed of a run, which is the same for all methods and all levels of noise."""
    return 1_000_000 * task.explicand + 1_000 * task.per_player + task.seed


class _Problems:
    """The problems of a data set and their references, each made when it is first needed."""

    def __init__(self, scale: Scale, data: Dataset, place: Place) -> None:
        self._data, self._place = data, place
        self._replicates = scale.replicates
        self._count = (scale.wide if data.n_features >= WIDE else scale.narrow)[0]
        self._of: dict[tuple[str, str], list[Problem]] = {}
        self._truths: dict[tuple[str, str, int], truth.Truth] = {}

    def __call__(self, task: Task) -> tuple[Problem, truth.Truth]:
        which = (task.model, task.setting if task.experiment == "distance" else "")
        if which not in self._of:
            self._of = {which: self._make(*which)}
            self._truths = {}
        problem = self._of[which][task.explicand]
        place = (*which, task.explicand)
        if place not in self._truths:
            cache = self._place.output / "references"
            self._truths[place] = truth.find(problem, cache, threads=self._place.threads, replicates=self._replicates)
        return problem, self._truths[place]

    def _make(self, model: str, depth: str) -> list[Problem]:
        if depth == SURVIVAL:
            return problems.survival_trees(self._data, self._count, threads=self._place.threads)
        if model == "network":
            return problems.networks(self._data, self._count)
        return problems.trees(
            self._data, self._count, threads=self._place.threads, max_depth=int(depth or MAX_DEPTH), n_trees=N_TREES
        )


def gamma(problem: Problem, values: problems.Values, seed: int = 0) -> float:
    """Estimate ||A phi - b||^2 / ||A phi||^2 of a tree game less its mean worth, from random coalitions."""
    if problem.terms is None:
        raise ValueError("gamma needs a model of trees, whose game is cheap enough to evaluate 20,000 times")
    coalitions = np.random.default_rng(seed).random((_GAMMA_COALITIONS, problem.n)) < 0.5
    rest = TreeGame(problem.terms)(coalitions) - (coalitions - 0.5) @ values
    return float(rest.var() / ((values**2).sum() / 4))


def datasets(scale: Scale, place: Place) -> Iterator[Dataset]:
    """Load the data sets of a scale."""
    for name in scale.data_sets:
        yield load(name, place.data)


def scaled(scale: Scale, explicands: int | None, seeds: int | None) -> Scale:
    """Return a scale with other numbers of explained rows and of seeds, where they are given."""

    def changed(pair: tuple[int, int]) -> tuple[int, int]:
        return (explicands or pair[0], seeds or pair[1])

    return dataclasses.replace(scale, narrow=changed(scale.narrow), wide=changed(scale.wide))
