# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Random games of many kinds with known Banzhaf values, for tests of estimates and their intervals."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Coalitions = NDArray[np.bool_]


class Products:
    """A sum of products of +-1 over sets of players. A value is twice the weight of the set of that player alone.

    Parameters
    ----------
    n_players : int
    sets : sequence of arrays of int
    weights : ndarray of float64
    """

    def __init__(self, n_players: int, sets: Sequence[NDArray[np.int64]], weights: Floats) -> None:
        self._sets, self._weights = sets, weights
        self.values = np.zeros(n_players)
        for players, weight in zip(sets, weights, strict=True):
            if len(players) == 1:
                self.values[players[0]] += 2 * weight

    def __call__(self, coalitions: Coalitions) -> Floats:
        """Return the worths."""
        signs = np.where(coalitions, 1.0, -1.0).T.copy()
        worths = np.zeros(len(coalitions))
        for players, weight in zip(self._sets, self._weights, strict=True):
            worths += weight * np.multiply.reduce(signs[players], axis=0)
        return worths


class Monomials:
    """A model that sums products of a row's cells over sets of columns.

    Parameters
    ----------
    sets : sequence of arrays of int
    weights : ndarray of float64
    """

    def __init__(self, sets: Sequence[NDArray[np.int64]], weights: Floats) -> None:
        self._sets, self._weights = sets, weights

    @classmethod
    def random(cls, n_columns: int, order: int, rng: np.random.Generator) -> Monomials:
        """Draw 4 products per column, each of one to `order` columns."""
        sizes = 1 + np.arange(4 * n_columns) % min(order, n_columns)
        return cls([rng.choice(n_columns, size, replace=False) for size in sizes], rng.normal(size=len(sizes)))

    def __call__(self, rows: Floats) -> Floats:
        """Return the outputs."""
        cells = np.ascontiguousarray(rows.T)
        outputs = np.zeros(len(rows))
        for columns, weight in zip(self._sets, self._weights, strict=True):
            outputs += weight * np.multiply.reduce(cells[columns], axis=0)
        return outputs

    def banzhaf_values(self, explicand: Floats, background: Floats) -> Floats:
        """Return the exact values, as means over the background."""
        values = np.zeros(len(explicand))
        steps, means = explicand - background, (explicand + background) / 2
        for columns, weight in zip(self._sets, self._weights, strict=True):
            for column in columns:
                others = columns[columns != column]
                values[column] += weight * (steps[:, column] * means[:, others].prod(axis=1)).mean()
        return values

    def interactions(self, explicand: Floats, background: Floats) -> Floats:
        """Return the exact interactions of all pairs of columns, as means over the background."""
        n = len(explicand)
        found = np.zeros((n, n))
        steps, means = explicand - background, (explicand + background) / 2
        for columns, weight in zip(self._sets, self._weights, strict=True):
            for i, j in itertools.combinations(np.sort(columns), 2):
                others = columns[(columns != i) & (columns != j)]
                found[i, j] += weight * (steps[:, i] * steps[:, j] * means[:, others].prod(axis=1)).mean()
        pairs: Floats = found[np.triu_indices(n, 1)]
        return pairs


class Leaves:
    """A sum of leaves. A leaf adds its weight to a coalition that has all of some players and none of others.

    Parameters
    ----------
    n_players : int
    leaves : sequence of (inside, outside, weight)
    """

    def __init__(self, n_players: int, leaves: Sequence[tuple[list[int], list[int], float]]) -> None:
        self._leaves = leaves
        self.values = np.zeros(n_players)
        for inside, outside, weight in leaves:
            share = weight / 2.0 ** (len(inside) + len(outside) - 1)
            self.values[inside] += share
            self.values[outside] -= share

    def __call__(self, coalitions: Coalitions) -> Floats:
        """Return the worths."""
        having = coalitions.T.copy()
        lacking = ~having
        worths = np.zeros(len(coalitions))
        for inside, outside, weight in self._leaves:
            reached = np.logical_and.reduce(having[inside], axis=0) & np.logical_and.reduce(lacking[outside], axis=0)
            worths += weight * reached
        return worths


class Votes:
    """A vote with integer weights. A coalition is worth 1 if it reaches the quota, otherwise 0.

    Parameters
    ----------
    weights : ndarray of int
    quota : int
    """

    def __init__(self, weights: NDArray[np.int64], quota: int) -> None:
        self._weights, self._quota = weights, quota
        self.values = np.array([self._swings(i) for i in range(len(weights))])

    def _swings(self, player: int) -> float:
        shares = np.zeros(self._weights.sum() + 1)  # shares of the other players' coalitions, by their weight
        shares[0] = 1.0
        for other, weight in enumerate(self._weights):
            if other != player:
                shares = (shares + np.concatenate([np.zeros(weight), shares])[: len(shares)]) / 2
        return float(shares[max(0, self._quota - self._weights[player]) : self._quota].sum())

    def __call__(self, coalitions: Coalitions) -> Floats:
        """Return the worths."""
        return (coalitions @ self._weights >= self._quota).astype(np.float64)


class Airport:
    """The airport game: a coalition is worth the largest cost of its players, and 0 if it is empty.

    Parameters
    ----------
    costs : ndarray of float64
        The costs of the players, ascending and not negative.
    """

    def __init__(self, costs: Floats) -> None:
        self._costs = costs
        self.values = np.zeros(len(costs))
        below = 0.0  # the mean worth of the coalitions of the players before i
        for i, cost in enumerate(costs):
            self.values[i] = (cost - below) / 2.0 ** (len(costs) - 1 - i)
            below = (below + cost) / 2

    def __call__(self, coalitions: Coalitions) -> Floats:
        """Return the worths."""
        backwards = coalitions[:, ::-1]
        return np.where(backwards.any(axis=1), self._costs[::-1][backwards.argmax(axis=1)], 0.0)


class Noise:
    """A game of pure noise, where every evaluation is a new draw and all values are 0.

    Parameters
    ----------
    n_players : int
    rng : numpy.random.Generator
    """

    def __init__(self, n_players: int, rng: np.random.Generator) -> None:
        self._rng = rng
        self.values = np.zeros(n_players)

    def __call__(self, coalitions: Coalitions) -> Floats:
        """Return the worths."""
        return self._rng.normal(size=len(coalitions))


KnownGame = Products | Leaves | Votes | Airport | Noise


def _products(n: int, rng: np.random.Generator, counts: dict[int, int], *, equal: bool = False) -> Products:
    sizes = [min(size, n) for size, count in counts.items() for _ in range(count)]
    sets = [rng.choice(n, size, replace=False) for size in sizes]
    return Products(n, sets, np.ones(len(sets)) if equal else rng.normal(size=len(sets)))


def _trees(n: int, rng: np.random.Generator, depth: int) -> Leaves:
    leaves: list[tuple[list[int], list[int], float]] = []
    shares = rng.dirichlet(np.full(n, 0.5)) + 1e-3
    shares /= shares.sum()

    def grow(inside: list[int], outside: list[int], left: int) -> None:
        if left == 0:
            if inside or outside:
                leaves.append((inside, outside, float(rng.normal())))
            return
        feature = int(rng.choice(n, p=shares))
        # At some splits, the explained row and the background row go the same way. So they do at a feature met before.
        if feature in inside or feature in outside or rng.random() < 0.35:
            grow(inside, outside, left - 1)
            return
        grow([*inside, feature], outside, left - 1)
        grow(inside, [*outside, feature], left - 1)

    for _ in range(20):
        grow([], [], depth)
    return Leaves(n, leaves)


def _unanimity(n: int, rng: np.random.Generator) -> Leaves:
    sizes = rng.integers(2, min(7, n + 1), size=max(3, n // 4))
    return Leaves(n, [(rng.choice(n, size, replace=False).tolist(), [], 1.0) for size in sizes])


def _votes(n: int, rng: np.random.Generator) -> Votes:
    weights = rng.integers(1, 10, size=n)
    return Votes(weights, int(np.ceil(0.6 * weights.sum())))


FAMILIES: dict[str, Callable[[int, np.random.Generator], KnownGame]] = {
    "orders 2 and 3": lambda n, rng: _products(n, rng, {1: n, 2: 2 * n, 3: 2 * n}),
    "few equal triples": lambda n, rng: _products(n, rng, {1: n, 2: n, 3: max(2, n // 4)}, equal=True),
    "order 5": lambda n, rng: _products(n, rng, {1: n, 2: n, 3: n, 4: n, 5: 2 * n}),
    "dense": lambda n, rng: _products(n, rng, {1: n, 2: n, 3: 3 * n, 5: 3 * n, 7: 3 * n}),
    "trees of depth 6": lambda n, rng: _trees(n, rng, 6),
    "trees of depth 10": lambda n, rng: _trees(n, rng, 10),
    "unanimity": _unanimity,
    "weighted vote": _votes,
    "majority": lambda n, rng: Votes(np.ones(n, dtype=np.int64), n // 2 + 1),
    "noise": Noise,
}


def games(family: str, n_players: int, count: int) -> Iterator[KnownGame]:
    """Make the given number of games of a family."""
    for seed in range(count):
        yield FAMILIES[family](n_players, np.random.default_rng([seed, n_players]))
