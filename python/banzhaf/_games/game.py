# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What all ready games share: they know their players, and check the coalitions that they are called on."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate.estimate import estimate
from banzhaf._estimate.results import BanzhafValues


class ReadyGame(ABC):
    """A game that knows its players.

    Attributes
    ----------
    n_players : int
        Number of players.
    player_names : tuple of str or None
        Names of the players in order.
    """

    n_players: int
    player_names: tuple[str, ...] | None

    def __call__(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Compute the worths of coalitions.

        Parameters
        ----------
        coalitions : ndarray of bool, shape (m, n_players)
            True for each player who is in the coalition.

        Returns
        -------
        ndarray of float64, shape (m,) or (m, n_outputs)
            The worths.
        """
        return self._worths(rows_of(coalitions, self.n_players))

    @abstractmethod
    def _worths(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Compute the worths of checked coalitions."""

    def estimate(self, budget: int, **options: Any) -> BanzhafValues:
        """Estimate the Banzhaf values of this game.

        Parameters
        ----------
        budget : int
            Largest number of coalitions to evaluate.
        **options
            Further arguments of `banzhaf.estimate`.

        Returns
        -------
        BanzhafValues
            Values and standard errors, with the names of the players.
        """
        return estimate(self, self.n_players, budget=budget, **{"player_names": self.player_names, **options})

    def __repr__(self) -> str:
        """Show the kind of game and its size."""
        return f"{type(self).__name__}({self._described()})"

    def _described(self) -> str:
        """Describe the game in a few words, for its repr."""
        return f"{self.n_players} players"


def rows_of(coalitions: Any, n_players: int) -> NDArray[np.bool_]:
    """Check that coalitions are rows of booleans, one for each player."""
    rows = np.asarray(coalitions)
    if rows.dtype != bool:
        raise TypeError(f"coalitions must be a boolean array, got {rows.dtype}")
    if rows.ndim != 2 or rows.shape[1] != n_players:
        raise ValueError(f"coalitions must have shape (m, {n_players}), got {rows.shape}")
    return rows


def row_of(coalition: Any, n_players: int) -> NDArray[np.bool_]:
    """Check that one coalition is a row of booleans, one for each player; 0 and 1 count as booleans."""
    row = np.asarray(coalition)
    if row.shape != (n_players,):
        raise ValueError(f"coalition must have shape ({n_players},), got {row.shape}")
    if row.dtype.kind not in "biuf":
        raise TypeError(f"coalition must be a boolean array, True for each player who is in it, got {row.dtype}")
    if not ((row == 0) | (row == 1)).all():
        raise ValueError(f"coalition must be a boolean array, got {row[(row != 0) & (row != 1)][0]!s} in it")
    return row.astype(bool)


def values_of(given: Any) -> Any:
    """Take the values of a result or of a Series; anything else is values, also a tensor, which has such a method."""
    values = getattr(given, "values", given)
    return given if callable(values) else values


def sum_of_outputs(values: BanzhafValues, scale: float) -> BanzhafValues:
    """Give the values of the sum of all outputs, times a number."""

    def added(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(scale * numbers.sum(axis=-1))

    unknown = np.array(np.nan)
    kept = values._evaluations
    return dataclasses.replace(
        values,
        values=added(values.values),
        standard_errors=added(values.standard_errors),  # a bound: errors of outputs may add up
        mean_worth=added(values.mean_worth),
        r2=unknown,
        even_variance=unknown,
        odd_variance=unknown,
        variance_shares=np.full(3, np.nan),
        noise_variance=unknown,
        adjustment=None,
        end_worths=None if values.end_worths is None else added(values.end_worths),
        _evaluations=None if kept is None else dataclasses.replace(kept, worths=added(kept.worths)[:, None]),
    )


def exact_values(
    values: NDArray[np.float64],
    mean_worth: Any,
    names: tuple[str, ...] | None,
    *,
    design: str,
    p: float = 0.5,
) -> BanzhafValues:
    """Wrap values that a formula gives exactly, without evaluations of coalitions."""
    outputs = values.shape[1:]
    return BanzhafValues(
        values=values,
        standard_errors=np.zeros_like(values),
        mean_worth=np.asarray(mean_worth, dtype=np.float64),
        n_evaluations=0,
        n_dropped=0,
        design=design,
        rank=len(values),
        condition_number=1.0,
        degrees_of_freedom=np.inf,
        r2=np.full(outputs, np.nan),
        player_names=names,
        random_state=None,
        n_distinct=0,
        p=p,
    )
