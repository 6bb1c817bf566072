# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Training points of a nearest-neighbour classifier, whose values have a closed form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._estimate.results import BanzhafValues
from banzhaf._games import supervised
from banzhaf._games.game import ReadyGame, exact_values
from banzhaf._support import arguments as check

_NEGLIGIBLE = 1e-300  # values below it are 0 in the sums
_ROUNDING = 16.0 * float(np.finfo(np.float64).eps)
_CELLS = 2**23  # distances computed at a time: 64 MiB


class KNNValuation(ReadyGame):
    """Value the training points of a k-nearest-neighbour classifier, exactly.

    The worth of a coalition of training points is the mean, over the test points, of the share of the `n_neighbors`
    nearest points in the coalition that have the test point's label. With fewer points in the coalition, the missing
    neighbours count as wrong, so an empty coalition is worth 0. Jia et al. [1]_ use this worth for Shapley values.

    Parameters
    ----------
    X : array_like of shape (n_players, n_features)
        Features of the training points.
    y : array_like of shape (n_players,)
        Their labels.
    X_test : array_like of shape (n_test, n_features)
        Features of the test points.
    y_test : array_like of shape (n_test,)
        Their labels.
    n_neighbors : int, default 5
        Number of neighbours.
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
        player_names: Iterable[str] | None = None,
    ) -> None:
        self._X, self._X_test = _points("X", X), _points("X_test", X_test)
        self._y, self._y_test = _labels("y", y, len(self._X)), _labels("y_test", y_test, len(self._X_test))
        supervised.check_same_order("y", y, "X", X)
        supervised.check_same_order("y_test", y_test, "X_test", X_test)
        supervised.check_same_columns("X_test", X_test, "X", X)
        supervised.check_known(self._y, self._y_test)
        if self._X_test.shape[1] != self._X.shape[1]:
            raise ValueError(
                f"X_test must have the {self._X.shape[1]} features of X, got {self._X_test.shape[1]} features"
            )
        self._k = check.integer("n_neighbors", n_neighbors, 1)
        self.n_players = check.players(len(self._X))
        self.player_names = check.names("player_names", player_names, self.n_players, "training points")

    def _worths(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        right = np.zeros(len(rows))
        for test in range(len(self._X_test)):
            order = self._nearest(test, np.arange(self.n_players))
            members = rows[:, order]
            counted = members & (np.cumsum(members, axis=1) <= self._k)
            right += counted @ (self._y[order] == self._y_test[test]).astype(np.float64)
        return right / (self._k * len(self._X_test))

    def exact(self, *, p: float = 0.5) -> BanzhafValues:
        """Compute the exact values of all training points.

        Parameters
        ----------
        p : float, default 0.5
            Probability with which each other point is in the coalitions that a value is a mean over. 0.5 gives Banzhaf
            values, another p weighted Banzhaf values.

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
        inside, pushed = self._probabilities(probability)
        reach = len(inside)
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
                right = (self._y[order] == self._y_test[test]).astype(np.float64)
                losses = right * pushed
                later = np.append(np.cumsum(losses[::-1])[::-1][1:], 0.0)
                values[order] += right * inside - later
                mean_worth += probability * float(right @ inside)
        scale = 1.0 / (self._k * len(self._X_test))
        return exact_values(
            values * scale + 0.0, mean_worth * scale, self.player_names, design="counted", p=probability
        )

    def _probabilities(self, p: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Compute for each rank the probability to be among the neighbours, and that to be pushed out by a nearer one.

        They end where both are negligible for good.
        """
        k, n = self._k, self.n_players
        counts = np.zeros(k)  # probabilities of 0, 1, ..., k - 1 members among the nearer points
        counts[0] = 1.0
        inside, pushed = np.empty(n), np.zeros(n)
        last = 0.0  # probability of k - 1 members among all nearer points but one
        for rank in range(n):
            inside[rank] = counts.sum()
            pushed[rank] = p * last
            if rank >= k and inside[rank] < _NEGLIGIBLE:
                return inside[: rank + 1], pushed[: rank + 1]
            last = counts[k - 1]
            counts[1:] = (1.0 - p) * counts[1:] + p * counts[:-1]
            counts[0] *= 1.0 - p
        return inside, pushed

    def _nearest(self, test: int, candidates: NDArray[np.intp]) -> NDArray[np.intp]:
        """Sort points by their distance from a test point, and keep those at the same distance in order."""
        differences = self._X[candidates] - self._X_test[test]
        return candidates[np.argsort(np.einsum("ij,ij->i", differences, differences), kind="stable")]

    def _described(self) -> str:
        return f"{self.n_players} training points, {len(self._X_test)} test points, {self._k} neighbours"


def _points(name: str, given: Any) -> NDArray[np.float64]:
    """Check features of points."""
    supervised.check_table(name, given)
    try:
        found = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be an array of numbers, got {type(given).__name__}") from None
    if found.ndim != 2 or 0 in found.shape:
        raise ValueError(f"{name} must have shape (n_points, n_features), got {found.shape}")
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite: fill in or leave out missing cells, which have no distance")
    return found


def _labels(name: str, given: Any, n_rows: int) -> NDArray[Any]:
    """Check labels of points."""
    found = supervised.labels(name, given, n_rows)
    if found.ndim != 1:
        raise ValueError(f"{name} must have shape ({n_rows},), got {found.shape}")
    if found.dtype.kind == "f" and (found != np.rint(found)).any():
        raise ValueError(f"{name} must hold labels, got {found[found != np.rint(found)][0]}, which looks like a target")
    return found
