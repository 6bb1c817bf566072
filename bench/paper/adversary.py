# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The worst bounded perturbation of the worths: each method is a matrix M, and the estimate is M v.

To find M, a method is given unit vectors as worths, with as many outputs at once as there are evaluations.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from bench.paper import methods
from bench.paper.problems import Problem, Rows, SharedGame, Values

KEY = ("data_set", "model", "method", "n", "m", "explicand", "seed")
MEASURES = ("one_value", "all_values", "root_mean_square", "error", "perturbed", "nonlinearity")
LEVEL = 0.1  # of the standard deviation of the game's linear part
_OUTPUTS = 512  # unit vectors given to one explanation


def attack(method: str, problem: Problem, m: int, seed: int, truth: Values, threads: int) -> dict[str, float]:
    """Measure the effect of the worst perturbation on a method.

    Returns
    -------
    dict
        ``one_value``: the most that one value moves if no worth (or model evaluation) is wrong by more than 1.
        ``all_values``: the l2 distance by which all values move together, under the worst signs that are found.
        ``root_mean_square``: the l2 distance if the root mean square of the perturbation is 1.
        ``error`` and ``perturbed``: the relative squared error without those signs, and with them at `LEVEL`.
        ``nonlinearity``: relative difference between M v and the method's own values.
    """
    with warnings.catch_warnings():
        methods.quietly()
        if method == methods.EXPLAINER:
            matrix, worths, own = _of_rows(problem, m, seed, threads)
            n_evaluations = m * len(problem.background)
        else:
            matrix, worths, own = _of_worths(method, problem, m, seed, threads)
            n_evaluations = m
    signs = worst_signs(matrix)
    values = matrix @ worths
    shift = matrix @ signs * LEVEL * np.linalg.norm(truth) / 2
    size = float((truth**2).sum())
    return {
        "one_value": float(np.abs(matrix).sum(axis=1).max()),
        "all_values": float(np.linalg.norm(matrix @ signs)),
        "root_mean_square": float(np.linalg.norm(matrix, 2) * np.sqrt(n_evaluations)),
        "error": float(((own - truth) ** 2).sum() / size),
        "perturbed": float(max(((values + side * shift - truth) ** 2).sum() for side in (1, -1)) / size),
        "nonlinearity": float(np.abs(values - own).max() / np.abs(own).max()),
    }


def worst_signs(matrix: NDArray[np.float64], starts: int = 8) -> NDArray[np.float64]:
    """Search for the signs e that maximise ||M e||, by repeating e <- sign(M^T M e) from several starts."""
    first = np.linalg.svd(matrix, full_matrices=False)[2][:starts]
    rows = matrix[np.argsort(-np.abs(matrix).sum(axis=1))[:starts]]
    best, longest = np.ones(matrix.shape[1]), -1.0
    for start in (*first, *rows):
        signs = np.where(start >= 0, 1.0, -1.0)
        length = -1.0
        while (now := float(np.linalg.norm(matrix @ signs))) > length * (1 + 1e-12):
            length = now
            if length > longest:
                best, longest = signs, length
            signs = np.where(matrix.T @ (matrix @ signs) >= 0, 1.0, -1.0)
    return best


def _of_worths(
    method: str, problem: Problem, m: int, seed: int, threads: int
) -> tuple[NDArray[np.float64], Values, Values]:
    game = SharedGame(problem)
    kept: list[Values] = []

    def units(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        first = sum(map(len, kept))
        kept.append(game(coalitions))
        return np.eye(m)[first : first + len(coalitions)]

    matrix = methods.estimate(method, units, problem.n, m, seed, threads, batch_size=m)
    worths = np.zeros(m)
    given = np.concatenate(kept)
    worths[: len(given)] = given
    return matrix, worths, methods.estimate(method, game, problem.n, m, seed, threads)


def _of_rows(problem: Problem, m: int, seed: int, threads: int) -> tuple[NDArray[np.float64], Values, Values]:
    """Find the matrix of `Explainer`. Its columns are model evaluations, in the order of the calls."""
    kept: list[Values] = []

    def record(rows: Rows) -> Values:
        kept.append(problem.function(rows))
        return kept[-1]

    def explained(model: object) -> Values:
        explanation = methods.explainer(model, problem, m, seed, threads)(problem.explicand[np.newaxis])
        return np.asarray(explanation.values[0])

    own = explained(record)
    outputs = np.concatenate(kept)
    columns = []
    for first in range(0, len(outputs), _OUTPUTS):
        units = _Units(outputs, first, min(_OUTPUTS, len(outputs) - first))
        found = explained(units)
        columns.append((found[:, 1:] - found[:, :1]) / units.step)
    return np.concatenate(columns, axis=1), outputs, own


class _Units:
    """A model with many outputs, each a unit vector over some of the model evaluations.

    `Explainer` divides its budget according to how far the outputs of the background are from that of the explained
    row. The first output is therefore the true one, and each further output differs from it by a small step at one
    evaluation. So all of them lead to the same design.
    """

    def __init__(self, outputs: Values, first: int, count: int) -> None:
        self.step = 1e-5 * float(outputs.std()) or 1.0
        self._outputs, self._first, self._count, self._done = outputs, first, count, 0

    def __call__(self, rows: Rows) -> NDArray[np.float64]:
        places = np.arange(self._done, self._done + len(rows))
        outputs = np.repeat(self._outputs[places, np.newaxis], 1 + self._count, axis=1)
        inside = (places >= self._first) & (places < self._first + self._count)
        outputs[inside, 1 + places[inside] - self._first] += self.step
        self._done += len(rows)
        return outputs
