# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The ways to explain a network at equal cost: the paper's estimator, outputs alone, gradients."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from banzhaf._explain.adapters import whole_adapter
from banzhaf._explain.tables import as_background
from bench._games import in_parts, masked_model
from bench.gradients.networks import Problem

_LEAST_COST = 2.0  # evaluations that a gradient counts at least


class Counted(banzhaf.ModelAdapter):
    """A network that counts the seconds of its calls, and whose gradients have a measured cost.

    Attributes
    ----------
    seconds : float
        The processor's time inside the network, with the tensors made for it.
    gradient_cost : float
        The evaluations that take as long as one row of outputs and gradients, at least 2.
    """

    name = "PyTorch, counted"

    def __init__(self, problem: Problem, gradient_cost: float | None = None) -> None:
        self._inner: Any = whole_adapter(problem.network, as_background(problem.background))
        self.seconds = 0.0
        self.gradient_cost = _measured(self._inner, problem) if gradient_cost is None else gradient_cost

    def predict(self, rows: Any) -> Any:
        """Return the outputs."""
        start = time.process_time()
        outputs = self._inner.predict(rows)
        self.seconds += time.process_time() - start
        return outputs

    def value_and_gradient(self, rows: Any) -> Any:
        """Return the outputs and their gradients."""
        start = time.process_time()
        found = self._inner.value_and_gradient(rows)
        self.seconds += time.process_time() - start
        return found


def _measured(inner: Any, problem: Problem, n_rows: int = 4096, rounds: int = 7) -> float:
    """Return how many times as long a row takes with its gradient: the fastest of some calls that take turns."""
    rows = np.resize(problem.background, (n_rows, problem.background.shape[1]))
    fastest = [np.inf, np.inf]
    for _ in range(rounds):
        for which, call in enumerate((inner.predict, inner.value_and_gradient)):
            start = time.process_time()
            call(rows)
            fastest[which] = min(fastest[which], time.process_time() - start)
    return max(_LEAST_COST, fastest[1] / fastest[0])


def explain(
    problem: Problem, model: Any, n_background: int, per_player: float, gradients: bool | str, seed: int
) -> banzhaf.Explanation:
    """Explain the row with a budget of coalitions on all background rows."""
    background = problem.background[:n_background]
    explainer = banzhaf.Explainer(
        model,
        background,
        budget=int(per_player * problem.n_players) * n_background,
        groups=problem.groups,
        gradients=gradients,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", banzhaf.BudgetWarning)  # of the time that a busy machine may need
        return explainer(problem.row[np.newaxis])


def paper(problem: Problem, n_background: int, per_player: float, seed: int) -> NDArray[np.float64]:
    """Estimate by Kernel Banzhaf: random pairs of coalitions on all background rows, and least squares."""
    inner: Any = whole_adapter(problem.network, as_background(problem.background))
    masked = masked_model(inner.predict, problem.row, problem.background[:n_background])
    game: Callable[[NDArray[np.bool_]], NDArray[np.float64]] = in_parts(masked, 128)
    budget = int(per_player * problem.n_players)
    half = np.random.default_rng(seed).random((budget // 2, problem.n_players)) < 0.5
    differences = game(half[:, problem.player_of]) - game(~half[:, problem.player_of])
    return np.asarray(np.linalg.lstsq(half * 2.0 - 1.0, differences, rcond=None)[0])
