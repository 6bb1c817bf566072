# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The methods that are compared, behind one interface: a problem, a number of model rows, a seed."""

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

CROSSED = "crossed"
# Name, and the estimator of a set function; these evaluate every coalition on all background rows.
_SHARED: dict[str, Callable[..., banzhaf.BanzhafValues]] = {
    "Monte Carlo": banzhaf.monte_carlo,
    "MSR": banzhaf.msr,
    "Kernel Banzhaf, no pairs": partial(banzhaf.estimate, design="independent", standard_errors=False),
    "Kernel Banzhaf": partial(banzhaf.estimate, design="paired", standard_errors=False),
    "Hadamard": partial(banzhaf.estimate, design="hadamard", standard_errors=False),
}
SHARED = tuple(_SHARED)
NAMES = (*SHARED, CROSSED)


@dataclass(frozen=True)
class Run:
    """What one run of a method gave.

    Attributes
    ----------
    values : ndarray of float64, shape (n,)
    n_rows : int
        Model rows that were evaluated.
    seconds : float
    """

    values: Values
    n_rows: int
    seconds: float


def quietly() -> None:
    """Ignore, within `warnings.catch_warnings`, that a budget is too small: that is what is measured."""
    for category in (banzhaf.RankWarning, banzhaf.BudgetWarning):
        warnings.simplefilter("ignore", category)


def run(method: str, problem: Problem, m: int, seed: int, *, noise: float = 0.0, threads: int = 1) -> Run:
    """Explain the problem's row with m coalitions' worth of model rows.

    Parameters
    ----------
    method : str
        One of `NAMES`.
    problem : Problem
    m : int
        Coalitions, if each is evaluated on all background rows; every method may spend m n_background model rows.
    seed : int
    noise : float
        Standard deviation of the noise on a worth: the model's rows get this times sqrt(n_background).
    threads : int
    """
    counted: CountedModel | SharedGame
    start = time.perf_counter()
    with warnings.catch_warnings():
        quietly()
        if method == CROSSED:
            counted = CountedModel(problem.function, noise * len(problem.background) ** 0.5, seed)
            explanation = crossed(counted, problem, m, seed, threads)(problem.explicand[np.newaxis])
            values = np.asarray(explanation.values[0])
        else:
            counted = SharedGame(problem, noise, seed)
            values = estimate(method, counted, problem.n, m, seed, threads)
    return Run(values, counted.n_rows, time.perf_counter() - start)


def estimate(method: str, game: Game, n: int, m: int, seed: int, threads: int = 1, **more: Any) -> Values:
    """Estimate a set function's values by one of the methods that share coalitions; several outputs may be had."""
    found = _SHARED[method](game, n, budget=m, random_state=seed, num_threads=threads, **more)
    return np.asarray(found.values)


def crossed(model: Any, problem: Problem, m: int, seed: int, threads: int = 1) -> banzhaf.Explainer:
    """Make the explainer that spends its model rows row by row of the background."""
    return banzhaf.Explainer(
        model,
        problem.background,
        budget=m * len(problem.background),
        design="hadamard",
        random_state=seed,
        num_threads=threads,
    )


def least_coalitions(method: str, n: int) -> int:
    """Return the least m with which a method gives a value to every player."""
    return 2 * n if method == "Monte Carlo" else 2
