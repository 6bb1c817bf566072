# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Coalitions counted by their tallies of votes, in exact integers.

The number of coalitions with tally t is the coefficient of x^t in the product of 1 + x^w over the weights w. A
polynomial is one Python int, with a field of bits for each coefficient, so that a product by 1 + x^w is a shift and an
addition. With several rules, the rule with the most tallies is packed like this. The tallies of the others are keys.

Let G(q) be the number of coalitions with tallies below q, and F(q) that of the coalitions without one player of weight
w. Then G(q) = F(q) + F(q - w), so that F(q) = G(q) - G(q - w) + G(q - 2w) - ..., and no product is divided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Key = tuple[int, ...]
Sums: TypeAlias = "list[int] | NDArray[np.int64]"


class Power(NamedTuple):
    """What decides a weighted vote, in numbers of coalitions."""

    swings: tuple[int, ...]  # of the other players, that the player turns from losing to winning
    winning: int  # of all players


class Tallies:
    """The rules of a vote: weights for each rule, and alternatives, each with a quota for each rule."""

    def __init__(self, weights: Sequence[Sequence[int]], quotas: Sequence[Sequence[int]]) -> None:
        packed = max(range(len(weights)), key=lambda rule: sum(weights[rule]))
        others = [rule for rule in range(len(weights)) if rule != packed]
        self._n_players = len(weights[0])
        self._steps = list(weights[packed])
        self._keys = [tuple(weights[rule][i] for rule in others) for i in range(self._n_players)]
        self._quotas = [(each[packed], tuple(each[rule] for rule in others)) for each in quotas]
        # Counts of 62 players and their sums fit into NumPy's integers.
        self._bytes = 8 if self._n_players <= 62 else self._n_players // 8 + 1
        self._field = 8 * self._bytes
        # Tallies from the quota on need not be counted if there is one rule.
        self._length = sum(self._steps) + 1 if others else min(sum(self._steps) + 1, self._quotas[0][0])
        self._n_keys = math.prod(sum(weights[rule]) + 1 for rule in others)

    @property
    def bits(self) -> int:
        """Largest number of bits that the counts take."""
        return self._length * self._field * int(min(self._n_keys, 2**self._n_players))

    def power(self) -> Power:
        """Count the swings of each player, and the winning coalitions."""
        below = {key: self._sums(row) for key, row in self._count().items()}
        losing = sum(sums[self._quota(key)] for key, sums in below.items())
        found: dict[tuple[int, Key], int] = {}  # players of equal weight have equal power
        for step, key in zip(self._steps, self._keys, strict=True):
            if (step, key) not in found:
                found[step, key] = self._swings(below, step, key)
        swings = tuple(found[each] for each in zip(self._steps, self._keys, strict=True))
        return Power(swings, 2**self._n_players - losing)

    def _count(self) -> dict[Key, int]:
        """Count the coalitions of all players by their tallies."""
        counts = {(0,) * len(self._keys[0]): 1}
        mask = (1 << self._length * self._field) - 1
        for step, key in zip(self._steps, self._keys, strict=True):
            grown = dict(counts)
            for at, row in counts.items():
                further = _plus(at, key)
                grown[further] = grown.get(further, 0) + ((row << step * self._field) & mask)
            counts = grown
        return counts

    def _sums(self, row: int) -> Sums:
        """Give for each tally the number of coalitions below it."""
        content = row.to_bytes(self._length * self._bytes, "little")
        if self._bytes == 8:
            sums = np.zeros(self._length + 1, dtype=np.int64)
            np.cumsum(np.frombuffer(content, dtype="<i8"), out=sums[1:])
            return sums
        counts = (
            int.from_bytes(content[at : at + self._bytes], "little") for at in range(0, len(content), self._bytes)
        )
        return list(accumulate(counts, initial=0))

    def _swings(self, below: dict[Key, Sums], step: int, key: Key) -> int:
        """Count the coalitions of the others that a player with these weights turns to winning."""
        if step == 0 and not any(key):
            return 0
        swings = 0
        for at in below:
            end, first = self._quota(at), max(self._quota(_plus(at, key)) - step, 0)
            if first < end:
                swings += _without(below, at, end, step, key) - _without(below, at, first, step, key)
        return swings

    def _quota(self, at: Key) -> int:
        """Return the least tally of the packed rule that wins with these tallies of the others."""
        reached = [quota for quota, others in self._quotas if all(a >= q for a, q in zip(at, others, strict=True))]
        return min([*reached, self._length])


def _without(below: dict[Key, Sums], at: Key, end: int, step: int, key: Key) -> int:
    """Count the coalitions with tallies below the end that do not have a player with these weights."""
    found, sign = 0, 1
    while end >= 0 and at in below:
        found += sign * int(below[at][end])
        at, end, sign = tuple(a - k for a, k in zip(at, key, strict=True)), end - step, -sign
    return found


def _plus(at: Key, key: Key) -> Key:
    return tuple(a + k for a, k in zip(at, key, strict=True))
