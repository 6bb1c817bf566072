# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Weighted voting, whose Banzhaf values are counted exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._estimate.estimate import exact
from banzhaf._estimate.results import BanzhafValues
from banzhaf._games.game import ReadyGame, exact_values
from banzhaf._games.tallies import Power, Tallies
from banzhaf._support import arguments as check
from banzhaf._support.exact import check_unmasked
from banzhaf._support.labelled import check_own_order, column_labels_of
from banzhaf._support.tensors import from_tensor

# Counts beyond this size take minutes, or more memory than a laptop has.
_MOST_BITS = 2**33
_MOST_ENUMERATED = 24
_DIGIT = 30  # bits of the digits in which weights too large for floats are added


class WeightedVoting(ReadyGame):
    """A vote in which each player has a weight, and coalitions win if they reach a quota.

    The worth of a coalition is 1 if it wins and 0 otherwise. A player's Banzhaf value is the probability that the
    player decides the vote, if all others vote yes or no with equal probability [1]_. It is called the absolute Banzhaf
    index, and the Penrose measure [2]_. `exact` computes it without sampling, for hundreds of players.

    Parameters
    ----------
    weights : array_like of shape (n_players,) or (n_rules, n_players)
        Weights of the players, not negative. Several rows are the weights of several rules. Integers,
        `fractions.Fraction` and `decimal.Decimal` are exact. Other numbers that are not whole are refused, because sums
        of rounded numbers may miss a quota.
    quotas : number, or array_like of shape (n_rules,) or (n_alternatives, n_rules)
        Smallest total with which a coalition wins. With several rules, it must reach the quota of each of them. Several
        rows are alternatives: a coalition wins if it reaches all quotas of one row.
    player_names : iterable of str, optional
        Names of the players in order, all different.

    Attributes
    ----------
    n_players : int
        Number of players.
    player_names : tuple of str or None
        Names of the players in order.

    Notes
    -----
    The swings of a player are the coalitions of the others that lose without the player and win together. Their number
    is a sum of coefficients of the product of 1 + x^w over the weights w of the other players [3]_. All numbers are
    integers, so the values are exact before they are rounded to floats. The work grows with the quota and with the
    number of players squared. Where enumeration is cheaper, all coalitions are evaluated and transformed.

    References
    ----------
    .. [1] Banzhaf, "Weighted Voting Doesn't Work: A Mathematical Analysis", Rutgers Law Review 19 (1965).
    .. [2] Penrose, "The Elementary Statistics of Majority Voting", Journal of the Royal Statistical Society 109 (1946).
    .. [3] Brams, Affuso, "Power and Size: A New Paradox", Theory and Decision 7 (1976).

    Examples
    --------
    The Council of the European Economic Community in 1958. Luxembourg has a vote and no power:

    >>> from banzhaf.games import WeightedVoting
    >>> names = ["Germany", "France", "Italy", "Belgium", "Netherlands", "Luxembourg"]
    >>> council = WeightedVoting([4, 4, 4, 2, 2, 1], 12, player_names=names)
    >>> council.exact()
    BanzhafValues: 6 players, 0 evaluations, design 'counted'
      Germany      0.3125
      France       0.3125
      Italy        0.3125
      Belgium      0.1875
      Netherlands  0.1875
      Luxembourg   0

    >>> [str(index) for index in council.fractions(normalised=True)]
    ['5/21', '5/21', '5/21', '1/7', '1/7', '0']
    """

    def __init__(self, weights: ArrayLike, quotas: ArrayLike, *, player_names: Iterable[str] | None = None) -> None:
        for name, given in (("weights", weights), ("quotas", quotas)):
            check_unmasked(given, f"{name} must be numbers, got")
            if getattr(given, "ndim", 0) == 1:
                of = "players" if name == "weights" else "rules"
                check_own_order(given, None, f"{name} must be in the order of the {of}, got", "Pass")
        rows, limits = (
            _table(name, from_tensor(given, f"{name} must be numbers, got"))
            for name, given in (("weights", weights), ("quotas", quotas))
        )
        if any(weight < 0 for row in rows for weight in row):
            raise ValueError("weights must not be negative")
        n = len(rows[0])
        check.players(n)
        if any(len(row) != len(rows) for row in limits):
            raise ValueError(
                f"quotas must hold one quota for each of the {len(rows)} rules in weights, got {len(limits[0])}"
            )
        totals = [sum(row) for row in rows]
        for row in limits:
            for quota, total in zip(row, totals, strict=True):
                if quota < 0:
                    raise ValueError(f"quotas must not be negative, got {quota}")
                if quota > total:
                    raise ValueError(f"quotas must be reachable: all players together have {total}, got {quota}")
            if not any(row):
                raise ValueError("quotas must not all be 0, because every coalition would win, even that of nobody")
        self.n_players = n
        self.player_names = check.names("player_names", player_names, n, "players")
        self._weights, self._quotas = _whole(rows, limits)
        self._power: Power | None = None

    def _worths(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        if max(map(sum, self._weights)) < 2**53:  # exact in floats, whose matrix products are fast
            tallies = rows.astype(np.float64) @ np.array(self._weights, dtype=np.float64).T
            reached = [tallies >= np.array(quotas, dtype=np.float64) for quotas in self._quotas]
        else:
            each = zip(self._weights, zip(*self._quotas, strict=True), strict=True)
            reached = list(np.stack([_reached(rows, *rule) for rule in each], axis=-1))
        return np.asarray(np.any([alternative.all(axis=1) for alternative in reached], axis=0), dtype=np.float64)

    def swings(self) -> tuple[int, ...]:
        """Count the coalitions in which each player decides the vote.

        Returns
        -------
        tuple of int
            For each player, the number of coalitions of the others that lose without the player and win together.

        Raises
        ------
        ValueError
            If the weights are too large to count exactly. `estimate` needs no counts.

        See Also
        --------
        fractions : Divide these numbers by that of all coalitions, or by their sum.

        Examples
        --------
        >>> from banzhaf.games import WeightedVoting
        >>> WeightedVoting([50, 49, 1], 51).swings()
        (3, 1, 1)
        """
        return self._counted().swings

    def exact(self) -> BanzhafValues:
        """Compute the exact Banzhaf values: the probabilities that each player decides the vote.

        Returns
        -------
        BanzhafValues
            Values of shape (n_players,), each the float nearest to the exact fraction. Standard errors are 0.

        Raises
        ------
        ValueError
            If the weights are too large to count exactly. `estimate` needs no counts.

        See Also
        --------
        fractions : Give exact fractions.

        Examples
        --------
        >>> from banzhaf.games import WeightedVoting
        >>> WeightedVoting([50, 49, 1], 51).exact().values
        array([0.75, 0.25, 0.25])
        """
        values = np.array([float(value) for value in self.fractions()])
        mean_worth = float(Fraction(self._counted().winning, 2**self.n_players))
        return exact_values(values, mean_worth, self.player_names, design="counted")

    def fractions(self, *, normalised: bool = False) -> tuple[Fraction, ...]:
        """Compute the Banzhaf values as exact fractions.

        Parameters
        ----------
        normalised : bool, default False
            Whether to divide the values by their sum. That is the normalised Banzhaf index, each player's share of all
            swings. It is easily compared with shares of votes, but it is not a probability.

        Returns
        -------
        tuple of fractions.Fraction
            The value of each player.

        Raises
        ------
        TypeError, ValueError
            If `normalised` is not a bool, or the weights are too large to count exactly.

        See Also
        --------
        exact : Give the values as floats, with names and plots.

        Examples
        --------
        >>> from banzhaf.games import WeightedVoting
        >>> vote = WeightedVoting([50, 49, 1], 51)
        >>> [str(value) for value in vote.fractions()], [str(value) for value in vote.fractions(normalised=True)]
        (['3/4', '1/4', '1/4'], ['3/5', '1/5', '1/5'])
        """
        swings = self.swings()
        whole = sum(swings) if check.flag("normalised", normalised) else 2 ** (self.n_players - 1)
        return tuple(Fraction(each, whole) for each in swings)

    def _counted(self) -> Power:
        """Count swings and winning coalitions, once."""
        if self._power is None:
            tallies = Tallies(self._weights, self._quotas)
            if self.n_players <= _MOST_ENUMERATED and 64 * 2**self.n_players < tallies.bits:
                self._power = self._enumerated()
            elif tallies.bits > _MOST_BITS:
                raise ValueError(
                    "weights must add up to less to be counted exactly: divide them by a common factor and round, or "
                    "call estimate, which needs no counts"
                )
            else:
                self._power = tallies.power()
        return self._power

    def _enumerated(self) -> Power:
        """Count by the Walsh-Hadamard transform of all worths."""
        values = exact(self, self.n_players)
        swings = tuple(round(float(value) * 2 ** (self.n_players - 1)) for value in values.values)
        return Power(swings, round(float(values.mean_worth) * 2**self.n_players))

    def _described(self) -> str:
        quotas = self._quotas[0][0] if len(self._weights) == len(self._quotas) == 1 else [list(q) for q in self._quotas]
        return f"{self.n_players} players, {'quota' if len(self._quotas) == 1 else 'quotas'} {quotas}"


def _reached(rows: NDArray[np.bool_], weights: tuple[int, ...], quotas: tuple[int, ...]) -> NDArray[np.bool_]:
    """Tell which coalitions reach the quotas of one rule, of shape (n_quotas, m), for weights of any size."""
    members = rows.astype(np.int64)
    reached = np.ones((len(quotas), len(rows)), dtype=bool)
    carry = np.zeros(len(rows), dtype=np.int64)
    for shift in range(0, sum(weights).bit_length(), _DIGIT):  # from the lowest digit to the highest
        tallies = members @ np.array([_digit(weight, shift) for weight in weights]) + carry
        digits, carry = tallies % 2**_DIGIT, tallies >> _DIGIT
        wanted = np.array([_digit(quota, shift) for quota in quotas])[:, None]
        reached = (digits > wanted) | ((digits == wanted) & reached)
    return reached


def _digit(number: int, shift: int) -> int:
    return int(number >> shift & (2**_DIGIT - 1))


def _table(name: str, given: Any) -> list[list[Fraction]]:
    """Read numbers as rows of exact fractions."""
    if isinstance(given, (str, bytes, set, frozenset, dict)):
        raise TypeError(f"{name} must be numbers, got {type(given).__name__}")
    if column_labels_of(given) is not None:
        raise TypeError(
            f"{name} must be numbers, got a {type(given).__name__}: pass {name}.to_numpy() with one row for each rule, "
            "or the column that holds them"
        )
    if not isinstance(given, Iterable) or getattr(given, "ndim", 1) == 0:
        return [[_fraction(name, given)]]
    items = list(given)
    if not items:
        raise ValueError(f"{name} must hold at least one number, got none")
    if not any(isinstance(item, Iterable) for item in items):
        return [[_fraction(name, item) for item in items]]
    rows = [[_fraction(name, item) for item in row] if isinstance(row, Iterable) else [] for row in items]
    if not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError(f"{name} must have rows of equal length, got lengths {[len(row) for row in rows]}")
    return rows


def _fraction(name: str, given: Any) -> Fraction:
    """Read one number exactly."""
    if isinstance(given, np.ndarray) and given.ndim == 0:
        given = given.item()
    if isinstance(given, (bool, np.bool_)):
        raise TypeError(f"{name} must hold numbers, got {given!r}")
    if isinstance(given, Rational):
        return Fraction(int(given.numerator), int(given.denominator))
    if isinstance(given, Decimal) and given.is_finite():
        return Fraction(given)
    number = check.real(name, given)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {given!r}")
    if not number.is_integer():
        raise ValueError(
            f"{name} must be exact, because sums of rounded numbers may miss a quota: got {given!r}. Pass integers, or "
            f"fractions.Fraction('{number!r}')"
        )
    return Fraction(int(number))


def _whole(
    weights: list[list[Fraction]], quotas: list[list[Fraction]]
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Scale each rule to the smallest integers; a quota is rounded up, because no tally lies in between."""
    columns = []
    rows = []
    for rule, row in enumerate(weights):
        scale = math.lcm(*(weight.denominator for weight in row))
        whole = [int(weight * scale) for weight in row]
        divisor = math.gcd(*whole) or 1
        rows.append(tuple(weight // divisor for weight in whole))
        columns.append([math.ceil(quota[rule] * scale / divisor) for quota in quotas])
    return tuple(rows), tuple(zip(*columns, strict=True))
