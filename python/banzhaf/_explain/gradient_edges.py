# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Find jumps that gradients do not show: changes of one feature, measured by outputs and by gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Edges", "Measured", "Points"]

# Of Gauss and Legendre, on the way from one cell to the other. The estimator reads derivatives at the same points.
_NODES = (-(3**-0.5), 3**-0.5)
_MOST_SHARE = 0.1  # of the squared changes; networks of ReLU stay below 0.05
_SUSPECTS = 4  # features that are looked at again
_CONTEXTS = 6  # other rows around each of them
# Edges of each feature, and of all features at least, that must miss as much as the first ones before all are refused.
_MORE_EDGES, _LEAST_EDGES = 4, 128
_MORE_CONTEXTS = 32  # around a feature that is then refused, unless its large misses came by chance
_LEAST_RATIO = 0.15  # of the mean change, missed by the gradients
_LEAST_T = 5.0
_ROUNDINGS = 200.0  # of the cells' precision, relative to the outputs
_MOST_BYTES = 2**24  # of the points of a part


class Points(NamedTuple):
    """The points of some edges. The cells that change on edge place[k] are those in column[k].

    Attributes
    ----------
    ends : ndarray of shape (2 * n_edges, n_columns)
        Where the edges begin, and where they end.
    nodes : ndarray of shape (2 * n_edges, n_columns)
        Two points on each edge, where gradients are taken: first all first ones.
    place, column : ndarray of int
    half : ndarray
        Half of the change of each of these cells.
    starts : ndarray of int, shape (n_edges,)
        The first of these cells of each edge.
    """

    ends: NDArray[Any]
    nodes: NDArray[Any]
    place: NDArray[np.intp]
    column: NDArray[np.intp]
    half: NDArray[Any]
    starts: NDArray[np.intp]


class Measured(NamedTuple):
    """What was measured on edges, for each output.

    Attributes
    ----------
    change : ndarray of float64, shape (n_edges, n_outputs)
        The change of the outputs along each edge.
    miss : ndarray of float64, shape (n_edges, n_outputs)
        What gradients miss of it.
    rounding : ndarray of float64, shape (n_outputs,)
        The size of rounding.
    """

    change: NDArray[np.float64]
    miss: NDArray[np.float64]
    rounding: NDArray[np.float64]


class Edges:
    """Changes of single features between two of their cells, in random rows.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_columns)
        Background rows and an explained row. Players with cells that are not finite are left out.
    owners : ndarray of int, shape (n_columns,)
        The player of each column.
    seed : int
    """

    def __init__(self, rows: NDArray[Any], owners: NDArray[np.intp], seed: int) -> None:
        self._rows = rows
        self._owners = owners
        self._rng = np.random.default_rng([seed, 0])
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

    def parts(self, times: int = 1) -> Iterator[Points]:
        """Yield some edges for each player, in parts that fit into memory."""
        players = np.tile(self._players, times)
        most = max(1, _MOST_BYTES // (4 * self._rows.itemsize * self._rows.shape[1]))
        for first in range(0, len(players), most):
            yield self._points(players[first : first + most])

    def more_parts(self) -> Iterator[Points]:
        """Yield several edges for each player, because few large changes may decide the sums over one for each."""
        return self.parts(max(_MORE_EDGES, -(-_LEAST_EDGES // len(self._players))))

    @staticmethod
    def misses_most(found: Measured) -> bool:
        """Tell whether gradients miss too much of all changes."""
        change, miss, rounding = found
        allowed = _MOST_SHARE * np.square(change).sum(axis=0) + len(miss) * rounding**2
        return bool((np.square(miss).sum(axis=0) > allowed).any())

    def suspects(self, found: Measured) -> Points:
        """Return more edges of the players whose changes gradients miss most."""
        change, miss, rounding = found
        scale = np.sqrt(np.square(change).sum(axis=0)) + rounding
        relative = (np.abs(miss) / np.where(scale > 0, scale, 1)).max(axis=1)
        relative = relative.reshape(-1, len(self._players)).max(axis=0)
        self._suspects = self._players[np.argsort(-relative, kind="stable")[:_SUSPECTS]]
        return self._points(np.repeat(self._suspects, _CONTEXTS))

    def missed(self, found: Measured) -> Points | None:
        """Return many more edges of the players whose changes gradients miss on their further edges, or None."""
        self._suspects = self._suspects[_is_missed(found, len(self._suspects))]
        return self._points(np.repeat(self._suspects, _MORE_CONTEXTS)) if self._suspects.size else None

    def confirmed(self, found: Measured) -> int | None:
        """Return a player whose changes gradients miss on the edges that `missed` returned too, or None."""
        remaining = self._suspects[_is_missed(found, len(self._suspects))]
        return int(remaining[0]) if remaining.size else None

    def _points(self, players: NDArray[np.intp]) -> Points:
        """Return the points of an edge for each of these players."""
        rows, rng, n = self._rows, self._rng, len(players)
        first, second = rows[rng.integers(len(rows), size=n)], rows[rng.integers(len(rows), size=n)]
        words = np.frombuffer(rng.bytes(n * (1 + len(self._sizes) // 8)), dtype=np.uint8).reshape(n, -1)
        is_first = np.unpackbits(words, axis=1).view(bool)[:, self._owners]
        points = np.empty((4, *first.shape), dtype=rows.dtype)
        points[:] = np.where(is_first, first, second)
        sizes = self._sizes[players]
        starts = np.cumsum(sizes) - sizes
        place = np.repeat(np.arange(n), sizes)
        column = self._order[np.arange(len(place)) + np.repeat(self._starts[players] - starts, sizes)]
        low, high = rows[self._low[players[place]], column], rows[self._high[players[place]], column]
        middle, half = low / 2 + high / 2, high / 2 - low / 2
        for part, cells in zip(points, (low, high, *(middle + node * half for node in _NODES)), strict=True):
            part[place, column] = cells
        whole = points.reshape(-1, rows.shape[1])
        return Points(whole[: 2 * n], whole[2 * n :], place, column, half, starts)

    def measured(self, points: Points, outputs: NDArray[np.float64], gradients: NDArray[Any]) -> Measured:
        """Compare the outputs at the ends with the gradients at the nodes."""
        place, column, n = points.place, points.column, len(points.starts)
        slopes = gradients[place, :, column].astype(np.float64) + gradients[n + place, :, column]
        along = np.add.reduceat(slopes * points.half[:, np.newaxis], points.starts, axis=0)
        change = outputs[n:] - outputs[:n]
        rounding = _ROUNDINGS * np.finfo(self._rows.dtype).eps * np.abs(outputs).max(axis=0)
        return Measured(change, change - along, rounding)


def _is_missed(found: Measured, n_players: int) -> NDArray[np.bool_]:
    """Tell of which players gradients miss a part of the changes that is no accident of few edges."""
    change = found.change.reshape(n_players, -1, found.change.shape[1])
    miss = found.miss.reshape(change.shape)
    mean, error = miss.mean(axis=1), miss.std(axis=1, ddof=1) / np.sqrt(miss.shape[1])
    is_missed = (
        (np.abs(mean) > _LEAST_RATIO * np.abs(change).mean(axis=1))
        & (np.abs(mean) > _LEAST_T * error)
        & (np.abs(mean) > found.rounding)
    )
    return np.asarray(is_missed.any(axis=1))
