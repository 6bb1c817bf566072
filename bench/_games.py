# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The games of the benchmarks, brute force, and the paper's estimator in a few lines of NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._tree_truth import Terms

Game = Callable[[NDArray[np.bool_]], NDArray[np.float64]]


class TreeGame:
    """A masked tree ensemble as the sum of its `Terms`. The worths are right up to a constant.

    Parameters
    ----------
    terms : Terms
    """

    _CELLS = 2**22  # coalitions times terms that are computed at once

    def __init__(self, terms: Terms) -> None:
        # A term counts if S has all of P and none of N. Only then is the sum over S equal to |P|.
        self._roles = np.ascontiguousarray(terms.roles.T, dtype=np.float32)
        self._wanted = (terms.roles == 1).sum(axis=1).astype(np.float32)
        self._weights = terms.weights

    def __call__(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the worths, shape (m,)."""
        step = max(1, self._CELLS // len(self._weights))
        worths = np.empty(len(coalitions))
        for first in range(0, len(coalitions), step):
            sums = coalitions[first : first + step].astype(np.float32) @ self._roles
            worths[first : first + step] = (sums == self._wanted) @ self._weights
        return worths


def masked_model(model: Callable[[Any], Any], explicand: NDArray[Any], background: NDArray[Any]) -> Game:
    """Make the game of a masked model by its definition, with every coalition on every background row."""

    def game(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        rows = np.where(coalitions[:, np.newaxis], explicand, background)
        outputs = np.asarray(model(rows.reshape(-1, rows.shape[2])), dtype=np.float64)
        return outputs.reshape(len(coalitions), -1).mean(axis=1)

    return game


def in_parts(game: Game, step: int) -> Game:
    """Make the same game, which takes at most `step` coalitions at once."""
    return lambda coalitions: np.concatenate([game(coalitions[i : i + step]) for i in range(0, len(coalitions), step)])


def additive_game(n_players: int, seed: int = 0) -> tuple[Game, NDArray[np.float64]]:
    """Make a game that costs next to nothing, and return it with its Banzhaf values."""
    weights = np.random.default_rng(seed).normal(size=n_players)
    return lambda coalitions: coalitions @ weights, weights


def all_coalitions(n_players: int) -> NDArray[np.bool_]:
    """Return all coalitions, shape (2^n_players, n_players), where row r holds the binary digits of r."""
    return (np.arange(2**n_players)[:, np.newaxis] >> np.arange(n_players) & 1).astype(bool)


def brute_force(worths: NDArray[np.float64], n_players: int) -> NDArray[np.float64]:
    """Return the Banzhaf values from the worths of `all_coalitions`, by their definition."""
    rows = np.arange(2**n_players)
    without = [rows[rows >> i & 1 == 0] for i in range(n_players)]
    return np.array([(worths[s | 1 << i] - worths[s]).mean(axis=0) for i, s in enumerate(without)])


def brute_force_shapley(worths: NDArray[np.float64], n_players: int) -> NDArray[np.float64]:
    """Return the Shapley values from the worths of `all_coalitions`, by their definition."""
    rows = np.arange(2**n_players)
    sizes = all_coalitions(n_players).sum(axis=1)
    shares = np.array([1 / (n_players * math.comb(n_players - 1, size)) for size in range(n_players)])
    without = [rows[rows >> i & 1 == 0] for i in range(n_players)]
    return np.array([shares[sizes[s]] @ (worths[s | 1 << i] - worths[s]) for i, s in enumerate(without)])


def numpy_estimate(game: Game, n_players: int, budget: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Estimate Banzhaf values by Kernel Banzhaf, the paper's estimator, in a few lines of NumPy."""
    half = rng.random((budget // 2, n_players)) < 0.5
    worths = game(np.concatenate([half, ~half]))
    return numpy_fit(half, worths[: len(half)] - worths[len(half) :])


def numpy_fit(half: NDArray[np.bool_], differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve for the values, given one coalition of each pair and its worth less that of its complement."""
    signs = half * 2.0 - 1.0
    return np.linalg.solve(signs.T @ signs, signs.T @ differences)


def squared_error(values: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Return the relative squared error ||values - truth||^2 / ||truth||^2."""
    return float(((values - truth) ** 2).sum() / (truth**2).sum())
