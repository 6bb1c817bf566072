# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A small network that imitates the model: its values are cheap, and only those of the difference need the model."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench.gradients.contenders import Counted
from bench.gradients.networks import Problem, pytorch

_SHARE = 0.5  # of the budget, for the outputs and gradients that the student learns from
_WIDTHS, _STEPS, _BATCH, _RATE = (128, 128), 4000, 128, 3e-3
_OWN_BUDGET = 32  # evaluations of the student for each one of the whole budget

Outputs = Callable[[NDArray[Any]], NDArray[np.float64]]


@dataclass(frozen=True)
class Taught:
    """The values that a student gives, and what it took.

    Attributes
    ----------
    values : ndarray of float64, shape (n_players,)
    seconds : float
        The processor's time of the training.
    """

    values: NDArray[np.float64]
    seconds: float


def by_student(problem: Problem, model: Counted, n_background: int, per_player: float, seed: int) -> Taught:
    """Estimate values as those of a student, plus those of the difference between the model and the student.

    Half of the budget pays for outputs and gradients at random coalitions, which train the student. The rest of it
    explains the difference by outputs on coalitions, with interactions taken out. These coalitions do not depend on the
    training, so the student adds no bias, however bad it is.
    """
    background = problem.background[:n_background]
    budget = int(per_player * problem.n_players) * n_background
    rng = np.random.default_rng([seed, 1])
    n_rows = int(_SHARE * budget / model.gradient_cost)
    drawn = background[rng.integers(n_background, size=n_rows)]
    has = rng.random((n_rows, problem.n_players)) < 0.5
    rows = np.where(has[:, problem.player_of], problem.row, drawn)
    outputs, gradients = model.value_and_gradient(rows)
    start = time.process_time()
    student = _train(rows, outputs, gradients, replace(problem, background=background), seed)
    seconds = time.process_time() - start

    def difference(rows: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(model.predict(rows), dtype=np.float64) - student(rows)

    row = problem.row[np.newaxis]
    options: dict[str, Any] = {"groups": problem.groups, "interactions": "auto"}
    rest = budget - int(n_rows * model.gradient_cost)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", banzhaf.BudgetWarning)
        of_student = banzhaf.Explainer(
            student, background, budget=_OWN_BUDGET * budget, random_state=seed + 1, **options
        )(row)
        of_difference = banzhaf.Explainer(difference, background, budget=rest, random_state=seed, **options)(row)
    return Taught(of_student.values[0] + of_difference.values[0], seconds)


def _train(rows: NDArray[Any], outputs: NDArray[Any], gradients: NDArray[Any], problem: Problem, seed: int) -> Outputs:
    """Train a network on outputs and gradients, both scaled so that they count alike."""
    torch = pytorch()
    torch.manual_seed(seed)
    half = (problem.row - problem.background) / 2
    scale = (np.sqrt(np.square(half).mean(axis=0)) + 1e-3).astype(np.float32)
    middle = ((problem.row + problem.background) / 2).mean(axis=0).astype(np.float32)
    shift, unit = float(outputs.mean()), float(outputs.std()) or 1.0
    inputs = torch.from_numpy((rows - middle) / scale)
    wanted = torch.from_numpy(((outputs - shift) / unit).astype(np.float32))
    slopes = torch.from_numpy((gradients * scale / unit).astype(np.float32))
    size = (slopes - slopes.mean(dim=0)).square().sum(dim=1).mean()
    widths = (inputs.shape[1], *_WIDTHS)
    layers: list[Any] = []
    for width, following in itertools.pairwise(widths):
        layers += [torch.nn.Linear(width, following), torch.nn.SiLU()]
    network = torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], 1), torch.nn.Flatten(0))
    steering = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=1e-5)
    drawn = torch.Generator().manual_seed(seed)
    for step in range(_STEPS):
        for group in steering.param_groups:
            group["lr"] = _RATE * min(1.0, 2 * (1 - step / _STEPS)) + 1e-6
        batch = torch.randint(len(inputs), (_BATCH,), generator=drawn)
        points = inputs[batch].requires_grad_()
        found = network(points)
        (along,) = torch.autograd.grad(found.sum(), points, create_graph=True)
        loss = (found - wanted[batch]).square().mean() + (along - slopes[batch]).square().sum(dim=1).mean() / size
        steering.zero_grad()
        loss.backward()
        steering.step()
    network.eval().requires_grad_(False)

    def student(cells: NDArray[Any]) -> NDArray[np.float64]:
        with torch.inference_mode():
            found = network(torch.from_numpy((cells - middle) / scale)).double().numpy()
        return np.asarray(found * unit + shift)

    return student
