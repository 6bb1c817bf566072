# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Training points of a nearest-neighbour classifier or regression, whose values have a closed form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._estimate.results import BanzhafValues
from banzhaf._games import supervised
from banzhaf._games.game import ReadyGame, exact_values
from banzhaf._support import arguments as check
from banzhaf._support.labelled import check_same_order

_NEGLIGIBLE = 1e-300  # values below it are 0 in the sums
_ROUNDING = 16.0 * float(np.finfo(np.float64).eps)
_CELLS = 2**23  # distances computed at a time: 64 MiB
_KINDS = ("classification", "regression")


class KNNValuation(ReadyGame):
    """Value the training points of a k-nearest-neighbour classifier or regression, exactly.

    The worth of a coalition of training points is a mean over the test points. In classification, it is the share of
    the `n_neighbors` nearest points in the coalition that have the test point's label. With fewer points in the
    coalition, the missing neighbours count as wrong, so an empty coalition is worth 0. In regression, it is minus the
    squared error of the mean target of these neighbours, and missing neighbours have the target `missing`. Jia et al.
    [1]_ use both worths for Shapley values.

    Parameters
    ----------
    X : array_like of shape (n_players, n_features)
        Features of the training points.
    y : array_like of shape (n_players,)
        Their labels or targets.
    X_test : array_like of shape (n_test, n_features)
        Features of the test points.
    y_test : array_like of shape (n_test,)
        Their labels or targets.
    n_neighbors : int, default 5
        Number of neighbours.
    kind : {"classification", "regression"}, default "classification"
        Whether `y` holds labels or targets.
    missing : float, optional
        In regression, the target of each neighbour that a coalition has too few points for. By default the mean of
        `y`. Jia et al. [1]_ take 0.
    player_names : iterable of str, optional
        Names of the training points in order, all different.

    Attributes
    ----------
    n_players : int
        Number of training points.
    player_names : tuple of str or None
        Names of the training points in order.

    Notes
    -----
    Distances are Euclidean. Of points at the same distance, the first counts as nearer.

    Let the points be in the order of their distance from one test point, and let u be 1 for a right label and 0
    otherwise. Point r enters the neighbours if fewer than k of the r - 1 nearer points are in the coalition. It pushes
    point j > r out if j is in, with exactly k - 1 of the j - 2 other points nearer than j. The probability of this does
    not depend on r. If each point is in with probability p, the value of point r is therefore ::

        1/k * (u_r P(Bin(r - 1, p) < k)  -  sum over j > r of u_j p P(Bin(j - 2, p) = k - 1))

    The sums of all points take one pass. Sorting by distance takes most of the time.

    In regression, let t be the targets minus `missing`, those of the points and that of the test point. With s for the
    sum of t over the neighbours, the worth for one test point is -(s / k - t_test)^2. Two of its parts are constant or
    linear in s, and the formula above holds for them with 2 t_test t_j in place of u_j. The square s^2 is the sum of
    t_i t_j over all pairs of neighbours. The pairs with i = j are again sums over neighbours. A pair i < j is among the
    neighbours if both points are in, with at most k - 2 of the j - 2 other points nearer than j. So point r changes the
    sum over pairs of different points by ::

        2 * (t_r a_r sum over i < r of t_i  +  t_r sum over j > r of a_j t_j
             -  sum over j > r of b_j t_j (sum over i < j, i not r, of t_i))

        a_j = p P(Bin(j - 2, p) <= k - 2),    b_j = p^2 P(Bin(j - 3, p) = k - 2)

    The last line is about pairs of other points that r pushes apart: r is then nearer than j. These sums take one pass
    as well.

    References
    ----------
    .. [1] Jia, Dao, Wang, Hubis, Gurel, Li, Zhang, Spanos, Song, "Efficient Task-Specific Data Valuation for Nearest
       Neighbor Algorithms", Proceedings of the VLDB Endowment 12 (2019).

    Examples
    --------
    The third point has a wrong label:

    >>> import numpy as np
    >>> from banzhaf.games import KNNValuation
    >>> X = np.array([[0.0], [0.2], [0.4], [2.0], [2.2], [2.4]])
    >>> y = np.array(["a", "a", "b", "b", "b", "b"])
    >>> game = KNNValuation(X, y, [[0.1], [0.35], [2.1], [2.3]], ["a", "a", "b", "b"], n_neighbors=1)
    >>> game.exact().values.round(3)
    array([ 0.188,  0.188, -0.125,  0.062,  0.062,  0.062])
    """

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike,
        X_test: ArrayLike,
        y_test: ArrayLike,
        *,
        n_neighbors: int = 5,
        kind: str = "classification",
        missing: float | None = None,
        player_names: Iterable[str] | None = None,
    ) -> None:
        self._kind = check.choice("kind", kind, _KINDS)
        self._X, self._X_test = _points("X", X), _points("X_test", X_test)
        read = _labels if self._kind == "classification" else _targets
        self._X, self._X_test = _in_range(self._X, self._X_test)
        self._y, self._y_test = read("y", y, len(self._X)), read("y_test", y_test, len(self._X_test))
        check_same_order("y", y, "X", X)
        check_same_order("y_test", y_test, "X_test", X_test)
        supervised.check_same_columns("X_test", X_test, "X", X)
        if self._kind == "classification":
            supervised.check_known(self._y, self._y_test)
        if self._X_test.shape[1] != self._X.shape[1]:
            raise ValueError(
                f"X_test must have the {self._X.shape[1]} features of X, got {self._X_test.shape[1]} features"
            )
        self._missing = self._target_of_missing(missing)
        self._k = check.integer("n_neighbors", n_neighbors, 1)
        self.n_players = check.players(len(self._X))
        self.player_names = check.names("player_names", player_names, self.n_players, "training points")

    def _target_of_missing(self, given: Any) -> float:
        if self._kind == "classification":
            if given is not None:
                raise ValueError(f"missing must be left out in classification, got {given!r}: it is for regression")
            return 0.0
        found = float(self._y.mean()) if given is None else check.real("missing", given)
        if not np.isfinite(found):
            raise ValueError(f"missing must be finite, got {given!r}")
        return found

    def _worths(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        total = np.zeros(len(rows))
        for test in range(len(self._X_test)):
            order = self._nearest(test, np.arange(self.n_players))
            members = rows[:, order]
            counted = members & (np.cumsum(members, axis=1) <= self._k)
            if self._kind == "classification":
                total += counted @ self._right(order, test)
            else:
                total -= (counted @ (self._y[order] - self._missing) / self._k - self._target(test)) ** 2
        return total / self._divisor

    @property
    def _divisor(self) -> int:
        """What sums over all test points are divided by; numbers of right neighbours are integers until then."""
        return len(self._X_test) * (self._k if self._kind == "classification" else 1)

    def _right(self, order: NDArray[np.intp], test: int) -> NDArray[np.float64]:
        return np.asarray(self._y[order] == self._y_test[test], dtype=np.float64)

    def _target(self, test: int) -> float:
        return float(self._y_test[test] - self._missing)

    def exact(self, *, p: float = 0.5) -> BanzhafValues:
        """Compute the exact values of all training points.

        Parameters
        ----------
        p : float, default 0.5
            Probability with which the coalitions contain each other point. 0.5 gives Banzhaf values, and another p
            weighted Banzhaf values.

        Returns
        -------
        BanzhafValues
            Values of shape (n_players,). Standard errors are 0.

        Raises
        ------
        TypeError, ValueError
            If `p` is not strictly between 0 and 1.

        Examples
        --------
        >>> import numpy as np
        >>> from banzhaf.games import KNNValuation
        >>> game = KNNValuation([[0.0], [1.0]], [0, 1], [[0.1]], [0], n_neighbors=1)
        >>> game.exact().values
        array([1., 0.])
        """
        probability = check.probability(p)
        chances = self._chances(probability)
        reach = len(chances.inside)
        values = np.zeros(self.n_players)
        mean_worth = 0.0
        batch = max(1, _CELLS // self.n_players)
        squares = np.einsum("ij,ij->i", self._X, self._X)
        for start in range(0, len(self._X_test), batch):
            block = self._X_test[start : start + batch]
            # Distances up to a constant of the test point, and up to rounding: only to find the candidates.
            rough = squares - 2.0 * (block @ self._X.T)
            margins = _ROUNDING * self._X.shape[1] * (squares.max() + np.einsum("ij,ij->i", block, block))
            for test, distances in enumerate(rough, start):
                bound = np.partition(distances, reach - 1)[reach - 1] + margins[test - start]
                order = self._nearest(test, np.flatnonzero(distances <= bound))[:reach]
                found, mean = self._values_at(test, order, chances)
                values[order] += found
                mean_worth += mean
        scale = 1.0 / self._divisor
        return exact_values(
            values * scale + 0.0, mean_worth * scale, self.player_names, design="counted", p=probability
        )

    def _values_at(self, test: int, order: NDArray[np.intp], chances: _Chances) -> tuple[NDArray[np.float64], float]:
        """Compute the values and the mean worth of the game of one test point."""
        if self._kind == "classification":
            return chances.single(self._right(order, test))
        t, target = self._y[order] - self._missing, self._target(test)
        linear, mean = chances.single(2.0 * target * t / self._k - (t / self._k) ** 2)
        pairs, mean_of_pairs = chances.pairs(t / self._k)
        return linear - pairs, mean - mean_of_pairs - target**2

    def _chances(self, p: float) -> _Chances:
        """Compute the probabilities of each rank. They end where all are negligible for good."""
        k, n = self._k, self.n_players
        counts = np.zeros(k)  # probabilities of 0, 1, ..., k - 1 members among the nearer points
        counts[0] = 1.0
        before, twice_before = np.zeros(k), np.zeros(k)  # the same for one and two fewer nearer points
        found = np.zeros((4, n))
        for rank in range(n):
            column = found[:, rank]
            column[0] = counts.sum()
            column[1] = p * before[k - 1]
            if k > 1:
                column[2] = p * before[: k - 1].sum()
                column[3] = p * p * twice_before[k - 2]
            if rank >= k and column[0] < _NEGLIGIBLE:
                return _Chances(p, *found[:, : rank + 1])
            twice_before, before = before, counts
            counts = (1.0 - p) * counts
            counts[1:] += p * before[:-1]
        return _Chances(p, *found)

    def _nearest(self, test: int, candidates: NDArray[np.intp]) -> NDArray[np.intp]:
        """Sort points by their distance from a test point, and keep those at the same distance in order."""
        differences = self._X[candidates] - self._X_test[test]
        return candidates[np.argsort(np.einsum("ij,ij->i", differences, differences), kind="stable")]

    def _described(self) -> str:
        return f"{self.n_players} training points, {len(self._X_test)} test points, {self._k} neighbours"


class _Chances(NamedTuple):
    """What decides who is among the neighbours, for points in the order of their distance from a test point."""

    p: float
    inside: NDArray[np.float64]  # fewer than k nearer points are in
    pushed: NDArray[np.float64]  # another point that is in pushes this one out
    beside: NDArray[np.float64]  # a nearer point and this one, if it is in, are both among the neighbours
    parted: NDArray[np.float64]  # a point that comes in pushes this one out, and with it a pair with a nearer one

    def single(self, weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Compute the values of the sum of weights over the neighbours, and the mean of this sum."""
        own = weights * self.inside
        return own - _after(weights * self.pushed), self.p * float(own.sum())

    def pairs(self, t: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Compute the values of the sum of t_i t_j over pairs i != j of neighbours, and the mean of this sum."""
        nearer = np.cumsum(t) - t
        beside, parted = t * self.beside, t * self.parted
        own = beside * nearer
        values = own + t * _after(beside) - _after(parted * nearer) + t * _after(parted)
        return 2.0 * values, 2.0 * self.p * float(own.sum())


def _after(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give for each place the sum of the numbers after it."""
    return np.append(np.cumsum(numbers[::-1])[::-1][1:], 0.0)


def _points(name: str, given: Any) -> NDArray[np.float64]:
    """Check features of points."""
    supervised.check_table(name, given)
    try:
        found = supervised.exact_floats(name, given)
    except (TypeError, OverflowError):
        raise TypeError(f"{name} must be an array of numbers, got {type(given).__name__}") from None
    if found.ndim != 2 or 0 in found.shape:
        raise ValueError(f"{name} must have shape (n_points, n_features), got {found.shape}")
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite: fill in or leave out missing cells, which have no distance")
    return found


def _in_range(X: NDArray[np.float64], X_test: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Divide all points by a power of 2 if their squares would leave the range of float64."""
    size = max(np.abs(X).max(), np.abs(X_test).max())
    if size == 0 or 1e-100 < size < 1e100:
        return X, X_test
    exponent = -np.frexp(size)[1]
    return np.ldexp(X, exponent), np.ldexp(X_test, exponent)


def _labels(name: str, given: Any, n_rows: int) -> NDArray[Any]:
    """Check labels of points."""
    found = supervised.one_label_each(name, given, n_rows)
    if found.dtype.kind == "f" and (found != np.rint(found)).any():
        raise ValueError(
            f"{name} must hold labels, got {found[found != np.rint(found)][0]}, which looks like a target: pass "
            "kind='regression' for targets"
        )
    return found


def _targets(name: str, given: Any, n_rows: int) -> NDArray[np.float64]:
    """Check targets of points."""
    found = supervised.labels(name, given, n_rows)
    try:
        numbers = supervised.exact_floats(name, found)
    except TypeError:
        raise TypeError(f"{name} must hold numbers in regression, got an array of {found.dtype}") from None
    if numbers.ndim != 1:
        raise ValueError(f"{name} must have shape ({n_rows},), got {numbers.shape}")
    return numbers
