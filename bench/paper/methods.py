# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The methods that are compared. Each takes a problem, a number of model evaluations and a seed."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench.paper.problems import CountedModel, Problem, Rows, SharedGame, Values

Model = Callable[[Rows], Values]
Game = Callable[[NDArray[np.bool_]], Any]

EXPLAINER = "Explainer"  # one design per background row; all others share their coalitions among the background rows
# Names and estimators of set functions. These evaluate every coalition on all background rows.
_SHARED: dict[str, Callable[..., banzhaf.BanzhafValues]] = {
    "Monte Carlo": banzhaf.monte_carlo,
    "MSR": banzhaf.msr,
    "Kernel Banzhaf, no pairs": partial(
        banzhaf.estimate, design="independent", interactions="none", standard_errors=False
    ),
    "Kernel Banzhaf": partial(banzhaf.estimate, design="paired", interactions="none", standard_errors=False),
    "Hadamard": partial(banzhaf.estimate, design="hadamard", interactions="none", standard_errors=False),
}
SHARED = tuple(_SHARED)
NAMES = (*SHARED, EXPLAINER)


@dataclass(frozen=True)
class Run:
    """The result of one run of a method.

    Attributes
    ----------
    values : ndarray of float64, shape (n,)
    n_rows : int
        Model evaluations that were counted.
    seconds : float
        Wall time.
    """

    values: Values
    n_rows: int
    seconds: float


def quietly() -> None:
    """Ignore warnings of a budget that is too small, which is what is measured, within `warnings.catch_warnings`."""
    for category in (banzhaf.RankWarning, banzhaf.BudgetWarning):
        warnings.simplefilter("ignore", category)


def run(method: str, problem: Problem, m: int, seed: int, *, noise: float = 0.0, threads: int = 1) -> Run:
    """Explain the problem's row with as many model evaluations as m coalitions need.

    Parameters
    ----------
    method : str
        One of `NAMES`.
    problem : Problem
    m : int
        Number of coalitions, if each is evaluated on all background rows. Every method may use m times n_background
        model evaluations.
    seed : int
    noise : float
        Standard deviation of the noise on a worth. A model evaluation gets this times sqrt(n_background).
    threads : int
    """
    counted: CountedModel | SharedGame
    start = time.perf_counter()
    with warnings.catch_warnings():
        quietly()
        if method == EXPLAINER:
            counted = CountedModel(problem.function, noise * len(problem.background) ** 0.5, seed)
            explanation = explainer(counted, problem, m, seed, threads)(problem.explicand[np.newaxis])
            values = np.asarray(explanation.values[0])
        else:
            counted = SharedGame(problem, noise, seed)
            values = estimate(method, counted, problem.n, m, seed, threads)
    return Run(values, counted.n_rows, time.perf_counter() - start)


def estimate(method: str, game: Game, n: int, m: int, seed: int, threads: int = 1, **more: Any) -> Values:
    """Estimate the values of a set function, with one or several outputs, by one of the `SHARED` methods."""
    found = _SHARED[method](game, n, budget=m, random_state=seed, num_threads=threads, **more)
    return np.asarray(found.values)


def explainer(model: Any, problem: Problem, m: int, seed: int, threads: int = 1) -> banzhaf.Explainer:
    """Make an `Explainer` with its default design: one design per background row."""
    return banzhaf.Explainer(
        model,
        problem.background,
        budget=m * len(problem.background),
        design="hadamard",
        random_state=seed,
        num_threads=threads,
    )


def least_coalitions(method: str, n: int) -> int:
    """Return the smallest m with which a method gives a value to every player."""
    return 2 * n if method == "Monte Carlo" else 2
