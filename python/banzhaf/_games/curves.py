# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What values of data are good for: scores while players are dropped or added, and wrong labels found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._games import supervised
from banzhaf._games.game import values_of
from banzhaf._support import arguments as check
from banzhaf._support.exact import check_unmasked
from banzhaf._support.labelled import check_named_order, check_same_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Curve:
    """Scores of models while players are dropped or added; `DataValuation.curve` returns it.

    Attributes
    ----------
    sizes : ndarray of int, shape (n_sizes,)
        Numbers of players that are dropped or added.
    scores : ndarray of float64, shape (n_sizes,)
        Score of the model that is trained on the players left, or on those added.
    how : str
        ``"drop"`` or ``"add"``.
    first : str
        Which players come first: ``"highest"``, ``"lowest"`` or ``"random"``.
    n_players : int
        Number of all players.

    Examples
    --------
    >>> import numpy as np
    >>> from banzhaf.games import Curve
    >>> curve = Curve(np.array([0, 1, 2]), np.array([0.9, 0.8, 0.6]), "drop", "highest", 10)
    >>> curve
    Curve: drop highest of 10 players, from 0.9 to 0.6
    """

    sizes: NDArray[np.int_]
    scores: NDArray[np.float64]
    how: str
    first: str
    n_players: int

    @property
    def area(self) -> float:
        """Mean score under the curve, by the trapezoidal rule over the sizes.

        Examples
        --------
        >>> import numpy as np
        >>> from banzhaf.games import Curve
        >>> round(Curve(np.array([0, 1, 2]), np.array([0.9, 0.8, 0.6]), "drop", "highest", 10).area, 3)
        0.775
        """
        order = np.argsort(self.sizes, kind="stable")
        widths, scores = np.diff(self.sizes[order]), self.scores[order]
        if not widths.any():
            return float(scores.mean())
        return float(widths @ (scores[1:] + scores[:-1]) / 2 / widths.sum())

    def plot(self, ax: Axes | None = None, *, label: str | None = None) -> Axes:
        """Draw the scores against the numbers of players.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw. Several curves in the same Axes can be compared. By default a new figure.
        label : str, optional
            Label of the curve in a legend. By default it says which players come first.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes with the curve.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> from banzhaf.games import Curve
        >>> ax = Curve(np.array([0, 1, 2]), np.array([0.9, 0.8, 0.6]), "drop", "highest", 10).plot()
        >>> ax.get_xlabel()
        'players dropped'
        """
        from banzhaf._plots.style import plain_axes

        ax = plain_axes(ax, 3.6)
        order = np.argsort(self.sizes, kind="stable")
        ax.plot(
            self.sizes[order], self.scores[order], marker=".", label=f"{self.first} first" if label is None else label
        )
        ax.set_xlabel("players dropped" if self.how == "drop" else "players added")
        ax.set_ylabel("score")
        ax.legend(frameon=False)
        return ax

    def __repr__(self) -> str:
        """Show what was done and where the score went."""
        ends = f", from {self.scores[0]:.4g} to {self.scores[-1]:.4g}" if len(self.scores) else ""
        return f"Curve: {self.how} {self.first} of {self.n_players} players{ends}"


@dataclass(frozen=True, eq=False)
class Detection:
    """How well low values find players that are known to be bad; `detect` returns it.

    Attributes
    ----------
    inspected : ndarray of float64, shape (n_players + 1,)
        Share of the players inspected, from the lowest value up.
    found : ndarray of float64, shape (n_players + 1,)
        Share of the bad players among them.
    auc : float
        Probability that a bad player has a lower value than a good one; ties count half. 0.5 is chance.

    Examples
    --------
    >>> from banzhaf.games import detect
    >>> detect([0.3, -0.1, 0.2, 0.1], [False, True, False, True])
    Detection: AUC 1, all found in the lowest 50 %
    """

    inspected: NDArray[np.float64]
    found: NDArray[np.float64]
    auc: float

    def plot(self, ax: Axes | None = None, *, label: str = "lowest values first") -> Axes:
        """Draw the share of bad players found against the share inspected.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw. By default a new figure.
        label : str, default "lowest values first"
            Label of the curve in the legend, to which the AUC is added.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes with the curve and a line for chance.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> from banzhaf.games import detect
        >>> ax = detect([0.3, -0.1, 0.2, 0.1], [False, True, False, True]).plot()
        >>> ax.get_ylabel()
        'share of bad players found'
        """
        from banzhaf._plots.style import plain_axes

        ax = plain_axes(ax, 3.6)
        ax.plot(self.inspected, self.found, label=f"{label} (AUC {self.auc:.3f})")
        ax.plot([0, 1], [0, 1], linestyle=":", color="gray")
        ax.set_xlabel("share of players inspected")
        ax.set_ylabel("share of bad players found")
        ax.legend(frameon=False)
        return ax

    def __repr__(self) -> str:
        """Show the AUC, and how many players must be inspected to find all bad ones."""
        enough = float(self.inspected[int(np.argmax(self.found >= 1))])
        return f"Detection: AUC {self.auc:.3g}, all found in the lowest {enough:.0%}".replace("%", " %")


def detect(values: Any, bad: ArrayLike) -> Detection:
    """Measure how well low values find players that are known to be bad, such as mislabelled points.

    Parameters
    ----------
    values : BanzhafValues or array_like of shape (n_players,)
        Values of the players.
    bad : array_like of bool, shape (n_players,)
        True for each player that is bad.

    Returns
    -------
    Detection
        The curve and the AUC, with the method `plot`.

    Raises
    ------
    TypeError, ValueError
        If `bad` is not boolean, has another shape than the values, or does not hold both kinds.

    See Also
    --------
    DataValuation : Value training points.

    Examples
    --------
    >>> from banzhaf.games import detect
    >>> detect([0.3, -0.1, 0.2, 0.4], [False, True, False, True]).auc
    0.5
    """
    given = numbers_of(values)
    check_same_order("bad", bad, "values", values)
    check_unmasked(bad, "bad must be a boolean array, got")
    flags = np.asarray(bad)
    if flags.dtype != bool:
        raise TypeError(f"bad must be a boolean array, got {flags.dtype}")
    if flags.shape != given.shape:
        raise ValueError(f"bad must have shape {given.shape}, as the values have, got {flags.shape}")
    if flags.all() or not flags.any():
        raise ValueError("bad must hold players of both kinds, True and False")
    order = np.argsort(given, kind="stable")
    found = np.append(0.0, np.cumsum(flags[order]) / flags.sum())
    differences = np.sort(given[~flags])
    below = np.searchsorted(differences, given[flags], side="left")
    up_to = np.searchsorted(differences, given[flags], side="right")
    auc = 1.0 - float((below + up_to).mean()) / 2 / len(differences)
    return Detection(np.linspace(0, 1, len(given) + 1), found, auc)


def numbers_of(values: Any) -> NDArray[np.float64]:
    """Take the values of a result, or numbers."""
    check_unmasked(values, "values must be a result or numbers, got")
    try:
        found = supervised.exact_floats("values", values_of(values))
    except (TypeError, OverflowError):
        raise TypeError(f"values must be a result or numbers, got {type(values).__name__}") from None
    if found.ndim != 1:
        raise ValueError(f"values must have shape (n_players,), got {found.shape}: choose one output")
    if not np.isfinite(found).all():
        raise ValueError("values must be finite")
    return found


def order_of(values: Any, n_players: int, names: tuple[str, ...] | None, first: str, seed: int) -> NDArray[np.intp]:
    """Put players in the order in which they are dropped or added."""
    check.choice("first", first, ("highest", "lowest", "random"))
    check_named_order("values", values, names, "players")
    given = numbers_of(values)
    if len(given) != n_players:
        raise ValueError(f"values must have shape ({n_players},), one for each player, got {given.shape}")
    if first == "random":
        return np.random.default_rng(seed).permutation(n_players)
    return np.argsort(given if first == "lowest" else -given, kind="stable")
