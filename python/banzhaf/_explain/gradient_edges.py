# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Find jumps that gradients do not show: changes of one feature, measured by outputs and by gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Edges"]

_NODES = (-(3**-0.5), 3**-0.5)  # of Gauss and Legendre, on the way from one cell to the other
_MOST_SHARE = 0.1  # of the squared changes; networks of ReLU stay below 0.05
_SUSPECTS = 4  # features that are looked at again
_CONTEXTS = 6  # other rows around each of them
_LEAST_RATIO = 0.15  # of the mean change, missed by the gradients
_LEAST_T = 5.0
_ROUNDINGS = 200.0  # of the cells' precision, relative to the outputs


class Edges:
    """Changes of single features between two of their cells, in random rows.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_columns)
        Background rows and an explained row. Players with cells that are not finite are left out.
    owners : ndarray of int, shape (n_columns,)
        The player of each column.
    seed : int
    outputs : callable
        Takes rows and returns outputs of shape (m, n_outputs).
    gradients : callable
        Takes rows and returns gradients of shape (m, n_outputs, n_columns).
    """

    def __init__(
        self,
        rows: NDArray[Any],
        owners: NDArray[np.intp],
        seed: int,
        outputs: Callable[[NDArray[Any]], NDArray[np.float64]],
        gradients: Callable[[NDArray[Any]], NDArray[np.float64]],
    ) -> None:
        self._rows = rows
        self._owners = owners
        self._rng = np.random.default_rng([seed, 0])
        self._outputs = outputs
        self._gradients = gradients
        is_finite = np.isfinite(rows).all(axis=0)
        finite = rows if is_finite.all() else np.where(is_finite, rows, 0)
        # The columns of player i are _order[_starts[i] : _starts[i] + _sizes[i]].
        self._order = np.argsort(owners, kind="stable")
        self._sizes = np.bincount(owners)
        self._starts = np.cumsum(self._sizes) - self._sizes
        hidden = np.bincount(owners, weights=~is_finite)
        self._players = np.flatnonzero((hidden == 0) & (self._sizes > 0))
        # The two rows whose cells of a player are farthest apart, by the sum of its columns.
        spread = finite.max(axis=0) - finite.min(axis=0)
        sums = (finite / np.where(spread > 0, spread, 1)).T[self._order]
        if len(sums) > len(self._sizes):
            sums = np.add.reduceat(sums, self._starts, axis=0)
        self._low, self._high = sums.argmin(axis=1), sums.argmax(axis=1)

    def missed(self) -> tuple[bool, int | None]:
        """Tell whether gradients miss changes of outputs: in all, or of a single player, which is returned."""
        players = self._players
        if not players.size:
            return False, None
        change, miss, rounding = self._measured(players)
        if (
            np.square(miss).sum(axis=0) > _MOST_SHARE * np.square(change).sum(axis=0) + len(players) * rounding**2
        ).any():
            return True, None
        relative = (np.abs(miss) / (np.sqrt(np.square(change).sum(axis=0)) + rounding)).max(axis=1)
        suspects = players[np.argsort(-relative, kind="stable")[:_SUSPECTS]]
        change, miss, rounding = self._measured(np.repeat(suspects, _CONTEXTS))
        change = change.reshape(len(suspects), _CONTEXTS, -1)
        miss = miss.reshape(change.shape)
        mean, error = miss.mean(axis=1), miss.std(axis=1, ddof=1) / np.sqrt(_CONTEXTS)
        is_missed = (
            (np.abs(mean) > _LEAST_RATIO * np.abs(change).mean(axis=1))
            & (np.abs(mean) > _LEAST_T * error)
            & (np.abs(mean) > rounding)
        ).any(axis=1)
        return (True, int(suspects[is_missed.argmax()])) if is_missed.any() else (False, None)

    def _measured(
        self, players: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the change of outputs for each player, what gradients miss of it, and the size of rounding."""
        rows, rng, n = self._rows, self._rng, len(players)
        first, second = rows[rng.integers(len(rows), size=n)], rows[rng.integers(len(rows), size=n)]
        words = np.frombuffer(rng.bytes(n * (1 + len(self._sizes) // 8)), dtype=np.uint8).reshape(n, -1)
        is_first = np.unpackbits(words, axis=1).view(bool)[:, self._owners]
        # Both ends of each edge, and two points on it.
        points = np.concatenate([np.where(is_first, first, second)] * 4)
        sizes = self._sizes[players]
        starts = np.cumsum(sizes) - sizes
        place = np.repeat(np.arange(n), sizes)
        column = self._order[np.arange(len(place)) + np.repeat(self._starts[players] - starts, sizes)]
        low, high = rows[self._low[players[place]], column], rows[self._high[players[place]], column]
        middle, half = low / 2 + high / 2, high / 2 - low / 2
        for part, cells in enumerate((low, high, middle + _NODES[0] * half, middle + _NODES[1] * half)):
            points[part * n + place, column] = cells
        outputs, gradients = self._outputs(points[: 2 * n]), self._gradients(points[2 * n :])
        slopes = gradients[place, :, column].astype(np.float64) + gradients[n + place, :, column]
        along = np.add.reduceat(slopes * half[:, np.newaxis], starts, axis=0)
        change = outputs[n:] - outputs[:n]
        rounding = _ROUNDINGS * np.finfo(rows.dtype).eps * np.abs(outputs).max(axis=0)
        return change, change - along, rounding
