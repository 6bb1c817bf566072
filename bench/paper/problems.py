# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The problems: a model of a data set, the row being explained and the background, with model evaluations counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._command import Unavailable
from bench._datasets import Dataset, boost
from bench._games import Game, TreeGame, masked_model
from bench._tree_truth import Paths, Terms

Rows = NDArray[np.float32]
Values = NDArray[np.float64]

N_TREES = 100
MAX_DEPTH = 6
_HIDDEN = (64, 32)
_MOST_TRAINED_ON = 10_000
_CELLS = 2**21  # of masked rows at once: 8 MiB


class CountedModel:
    """The explained output of a model, which counts its evaluations and can add noise to them.

    Parameters
    ----------
    function : callable
        Maps rows of float32 to numbers.
    noise : float
        Standard deviation of the noise on each row's output.
    seed : int
    """

    def __init__(self, function: Callable[[Rows], Values], noise: float = 0.0, seed: int = 0) -> None:
        self._function = function
        self._noise = noise
        self._rng = np.random.default_rng([seed, 1])
        self.n_rows = 0

    def __call__(self, rows: Rows) -> Values:
        self.n_rows += len(rows)
        outputs = self._function(rows)
        return outputs + self._rng.normal(scale=self._noise, size=len(rows)) if self._noise else outputs


@dataclass(frozen=True)
class Problem:
    """One row to explain, with its model and background.

    Attributes
    ----------
    data_set, model_name : str
    explicand : ndarray of float32, shape (n,)
    background : ndarray of float32, shape (n_background, n)
    function : callable
        The explained output of the model, without noise.
    terms : Terms or None
        The masked model in closed form, if the model consists of trees.
    number : int
        The index of the explained row in the held-out part of the data set.
    worths : callable or None
        The game up to a constant, if it can be computed faster than by masked rows.
    """

    data_set: str
    model_name: str
    explicand: Rows
    background: Rows
    function: Callable[[Rows], Values]
    terms: Terms | None
    number: int
    worths: Game | None = None

    @property
    def n(self) -> int:
        """Number of players."""
        return len(self.explicand)


class SharedGame:
    """The masked model as a set function, where a coalition needs one model evaluation per background row.

    If the problem has a faster way to the worths, as trees do, the evaluations that it saves are counted too.

    Parameters
    ----------
    problem : Problem
    noise : float
        Standard deviation of the noise on a worth.
    seed : int
    """

    def __init__(self, problem: Problem, noise: float = 0.0, seed: int = 0) -> None:
        self._worths = problem.worths or masked_rows(problem)
        self._n_background = len(problem.background)
        self._noise, self._rng = noise, np.random.default_rng([seed, 1])
        self.n_rows = 0

    def __call__(self, coalitions: NDArray[np.bool_]) -> Values:
        self.n_rows += len(coalitions) * self._n_background
        worths = self._worths(coalitions)
        return worths + self._rng.normal(scale=self._noise, size=len(worths)) if self._noise else worths


def masked_rows(problem: Problem) -> Game:
    """Make a game that calls the model on every pair of a coalition and a background row, in chunks."""
    whole = masked_model(problem.function, problem.explicand, problem.background)
    step = max(1, _CELLS // problem.background.size)

    def game(coalitions: NDArray[np.bool_]) -> Values:
        return np.concatenate([whole(coalitions[i : i + step]) for i in range(0, len(coalitions), step)])

    return game


def towards_linear(problem: Problem, values: Values, scale: float) -> Problem:
    """Scale the part of a game of trees that is not linear.

    The values stay as they are, and gamma is multiplied by the square of the scale. The linear part is a function of
    rows as well: it adds a_i for each feature i that equals that of the explained row. a_i is the value of i, divided
    by the share of the background rows that differ in i.
    """
    assert problem.worths is not None
    of_trees = problem.worths
    differ = (problem.background != problem.explicand).mean(axis=0)
    weights = np.divide(values, differ, out=np.zeros_like(values), where=differ > 0)

    def function(rows: Rows) -> Values:
        return scale * problem.function(rows) + (1 - scale) * ((rows == problem.explicand) @ weights)

    def worths(coalitions: NDArray[np.bool_]) -> Values:
        return scale * of_trees(coalitions) + (1 - scale) * (coalitions @ values)

    return replace(problem, function=function, worths=worths)


def trees(
    data: Dataset, count: int, *, threads: int, max_depth: int = MAX_DEPTH, n_trees: int = N_TREES
) -> list[Problem]:
    """Train gradient boosting and explain its margin: with three or more classes, that of the predicted class."""
    booster = boost(data, threads=threads, n_trees=n_trees, max_depth=max_depth)
    return list(boosted_problems(data, booster, count, "XGBoost"))


def survival_trees(data: Dataset, count: int, *, threads: int) -> list[Problem]:
    """Train XGBoost's Cox model on signed survival times (negative ones are censored) and explain its log hazard."""
    import xgboost

    settings = {"max_depth": MAX_DEPTH, "nthread": threads, "seed": 0, "objective": "survival:cox"}
    booster = xgboost.train(settings, xgboost.DMatrix(data.train, data.targets, nthread=threads), N_TREES)
    return list(boosted_problems(data, booster, count, "XGBoost"))


def boosted_problems(data: Dataset, booster: Any, count: int, name: str) -> Iterator[Problem]:
    """Return the problems of a booster's margin for the first held-out rows."""

    def margins(rows: Rows) -> Values:
        predicted = booster.inplace_predict(rows, predict_type="margin")
        return np.asarray(predicted, dtype=np.float64).reshape(len(rows), -1)

    for number, explicand in enumerate(data.explicands[:count]):
        output = int(margins(explicand[np.newaxis]).argmax())
        terms = Paths(booster, output).terms(explicand, data.background)
        function = _column(margins, output)
        yield Problem(data.name, name, explicand, data.background, function, terms, number, TreeGame(terms))


def networks(data: Dataset, count: int) -> list[Problem]:
    """Train scikit-learn's MLP on standardised columns and explain its output before the last link."""
    try:
        from sklearn.neural_network import MLPClassifier, MLPRegressor
    except ImportError:
        raise Unavailable("the networks need scikit-learn: pip install scikit-learn") from None
    location, scale = data.train.mean(axis=0), data.train.std(axis=0)
    scale[scale == 0] = 1
    data = replace(
        data,
        train=(data.train - location) / scale,
        background=(data.background - location) / scale,
        explicands=(data.explicands - location) / scale,
    )
    kept = slice(None, _MOST_TRAINED_ON)
    settings: dict[str, Any] = {"hidden_layer_sizes": _HIDDEN, "early_stopping": True, "random_state": 0}
    if data.n_classes:
        fitted = MLPClassifier(**settings).fit(data.train[kept], data.targets[kept])
    else:
        spread = data.targets.std()
        fitted = MLPRegressor(**settings).fit(data.train[kept], (data.targets[kept] - data.targets.mean()) / spread)
    layers = [
        (weights.astype(np.float32), shift.astype(np.float32))
        for weights, shift in zip(fitted.coefs_, fitted.intercepts_, strict=True)
    ]

    def outputs(rows: Rows) -> Values:
        for depth, (weights, shift) in enumerate(layers):
            rows = rows @ weights
            rows += shift
            if depth < len(layers) - 1:
                np.maximum(rows, 0, out=rows)
        return np.asarray(rows, dtype=np.float64)

    problems = []
    for number, explicand in enumerate(data.explicands[:count]):
        output = int(outputs(explicand[np.newaxis])[0].argmax())
        function = _column(outputs, output)
        problems.append(Problem(data.name, "network", explicand, data.background, function, None, number))
    return problems


def _column(outputs: Callable[[Rows], Values], column: int) -> Callable[[Rows], Values]:
    return lambda rows: outputs(rows)[:, column]
