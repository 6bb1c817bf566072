# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What the estimators return: values with their errors, free of the game."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.fields import errors, floats, texts
from banzhaf._support.intervals import intervals

if TYPE_CHECKING:
    import pandas as pd

_REPR_PLAYERS = 10
# A budget that is spent needs no words.
_STOPPED = {
    "tolerance": ", stopped: standard errors within tolerance",
    "top_k": ", stopped: leading players separated",
    "deadline": ", stopped by the deadline",
    "callback": ", stopped by the callback",
    "running": ", running",
}


class RankWarning(UserWarning):
    """The evaluations do not determine every value: those given are the ones of least norm."""


class BudgetWarning(UserWarning):
    """The budget, or the time, was enough for a part alone.

    Of an estimate: a random part of one block of the Hadamard design; whole ones alone have orthogonal columns. Of an
    explanation: a random sample of the background rows.
    """


@archive.archived
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BanzhafValues:
    """Banzhaf values of a game's players.

    Arrays are read-only. Two results are equal when all their fields are, to the last bit, with NaN equal to NaN.

    Attributes
    ----------
    values : ndarray of float64, shape (n_players,) or (n_players, n_outputs)
        The Banzhaf values, in the unit of the game's worths.
    standard_errors : ndarray of float64, shape of `values`
        0 where a value is exact, NaN where there were too few evaluations to tell, or they were not asked for. Those of
        the Hadamard design rest on the residuals and on the differences between its blocks; from twice the smallest
        complete design on also on the sizes of the interactions, of which one may hide in a value: see docs/theory.md.
    mean_worth : ndarray of float64, shape () or (n_outputs,)
        Mean of the worths that were used: an estimate of the mean over all coalitions.
    n_evaluations : int
        Coalitions whose worth was asked for, also those dropped.
    n_dropped : int
        Coalitions that were dropped because their worth, or that of the other of the pair, was not finite.
    design : str
        How the coalitions were chosen: the design's name, or ``"given"``, ``"monte_carlo"``, ``"msr"``.
    rank : int
        Rank of the regression; below the number of players the values are those of least norm.
    condition_number : float
        Of the regression's +-1 matrix (with its penalty): largest over least singular value, estimated to some
        per cent; 1 if exact, infinite below full rank, NaN for methods that solve nothing.
    degrees_of_freedom : float
        Of Student's t for `intervals`; infinite if exact, 0 if nothing is left to judge errors by.
    r2 : ndarray of float64, shape () or (n_outputs,)
        Share of the worths' variance that the additive model with these values explains; NaN for Monte Carlo and
        MSR, which fit no model.
    player_names : tuple of str or None
    random_state : int or None
        The seed: the same call with this one gives the same bits.
    stopped : str
        Why no more was evaluated: ``"tolerance"`` or ``"top_k"`` if that rule is met, ``"deadline"``,
        ``"callback"``, or ``"budget"`` if all of it was spent and no rule is met. What a callback is given says
        ``"running"``.
    n_distinct : int or None
        How many different coalitions were used. None in results of before there was this field.
    even_variance, odd_variance : ndarray of float64, shape () or (n_outputs,)
        Variances of (v(S) + v(S^c)) / 2 and (v(S) - v(S^c)) / 2 over the pairs of a coalition and its complement, in
        the square of the worths' unit; together the variance of the worths. NaN without pairs. See `diagnose`.
    variance_shares : ndarray of float64, shape (3,) or (3, n_outputs)
        Shares of the worths' variance: of interactions of even order, of the values themselves, and of interactions of
        order 3, 5, ... with any noise. NaN where they are unknown; see `diagnose`.
    noisy : bool
        Whether the game was declared noisy: the standard errors then hold its noise.
    """

    values: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    mean_worth: NDArray[np.float64]
    n_evaluations: int
    n_dropped: int
    design: str
    rank: int
    condition_number: float
    degrees_of_freedom: float
    r2: NDArray[np.float64]
    player_names: tuple[str, ...] | None
    random_state: int | None
    stopped: str = "budget"
    n_distinct: int | None = None
    even_variance: NDArray[np.float64] = field(default_factory=lambda: np.array(np.nan))
    odd_variance: NDArray[np.float64] = field(default_factory=lambda: np.array(np.nan))
    variance_shares: NDArray[np.float64] = field(default_factory=lambda: np.array(np.nan))
    noisy: bool = False

    def __post_init__(self) -> None:
        """Check the fields; freeze copies of the arrays."""
        values = floats("values", self.values)
        if values.ndim not in (1, 2) or 0 in values.shape:
            raise ValueError(f"values must have shape (n_players,) or (n_players, n_outputs), got {values.shape}")
        n_players, outputs = values.shape[0], values.shape[1:]

        def by_output(given: Any) -> Any:
            return np.full(outputs, given) if outputs and np.ndim(given) == 0 else given  # a default knows of none

        shares = self.variance_shares
        checked: dict[str, Any] = {
            "values": values,
            "standard_errors": errors("standard_errors", self.standard_errors, values.shape),
            "mean_worth": floats("mean_worth", self.mean_worth, outputs),
            "r2": floats("r2", self.r2, outputs),
            "even_variance": errors("even_variance", by_output(self.even_variance), outputs),
            "odd_variance": errors("odd_variance", by_output(self.odd_variance), outputs),
            "variance_shares": floats(
                "variance_shares", np.full((3, *outputs), shares) if np.ndim(shares) == 0 else shares, (3, *outputs)
            ),
            "noisy": check.flag("noisy", self.noisy),
            "n_evaluations": check.integer("n_evaluations", self.n_evaluations, 0),
            "n_dropped": check.integer("n_dropped", self.n_dropped, 0),
            "rank": check.integer("rank", self.rank, 0, n_players),
            "condition_number": check.real("condition_number", self.condition_number),
            "degrees_of_freedom": check.real("degrees_of_freedom", self.degrees_of_freedom),
            "design": check.text("design", self.design),
            "stopped": check.text("stopped", self.stopped),
        }
        if self.n_dropped > self.n_evaluations:
            raise ValueError(f"n_dropped must be at most n_evaluations, {self.n_evaluations}, got {self.n_dropped}")
        if self.player_names is not None:
            checked["player_names"] = texts("player_names", self.player_names, n_players)
        if self.random_state is not None:
            checked["random_state"] = check.integer("random_state", self.random_state, 0, check.MAX_SEED)
        if self.n_distinct is not None:
            checked["n_distinct"] = check.integer("n_distinct", self.n_distinct, 0)
        vars(self).update(checked)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickle, which forgets that arrays are read-only."""
        for name, value in state.items():
            object.__setattr__(self, name, value)
        self.__post_init__()

    def __eq__(self, other: object) -> bool:
        """Compare all fields, to the last bit."""
        return archive.same(self, other) if isinstance(other, BanzhafValues) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        """Return the number of players."""
        return len(self.values)

    def intervals(self, level: float = 0.95) -> NDArray[np.float64]:
        """Give confidence intervals by Student's t.

        Parameters
        ----------
        level : float
            The share of such intervals that should cover the true value; strictly between 0 and 1.

        Returns
        -------
        ndarray of float64, shape values.shape + (2,)
            Lower and upper ends; of no width where a value is exact, NaN where its error is unknown.

        Examples
        --------
        >>> import banzhaf
        >>> values = banzhaf.estimate(lambda c: c.sum(axis=1) ** 1.5, 40, budget=400, random_state=0)
        >>> values.intervals(0.9).shape
        (40, 2)
        """
        return intervals(self.values, self.standard_errors, self.degrees_of_freedom, level)

    def to_frame(self) -> pd.DataFrame:
        """Give a tidy pandas DataFrame: a row for each player and output.

        Returns
        -------
        pandas.DataFrame
            With the columns player, (output,) value, standard_error, lower and upper, the last two at 95 %.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_frame needs pandas: pip install pandas") from error
        names = np.array(self._names(), dtype=object)
        columns: dict[str, Any] = {"player": names}
        if self.values.ndim == 2:
            n_outputs = self.values.shape[1]
            columns = {"player": np.repeat(names, n_outputs), "output": np.tile(np.arange(n_outputs), len(names))}
        bounds = self.intervals()
        return pd.DataFrame(
            {
                **columns,
                "value": self.values.ravel(),
                "standard_error": self.standard_errors.ravel(),
                "lower": bounds[..., 0].ravel(),
                "upper": bounds[..., 1].ravel(),
            }
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result to one file, which `banzhaf.load` reads.

        Parameters
        ----------
        path : str or path-like
            Used as it is given; an existing file is replaced.
        """
        archive.save(self, path)

    def _names(self) -> tuple[str, ...]:
        return self.player_names or tuple(map(str, range(len(self))))

    def __repr__(self) -> str:
        """Show the leading players with their 95 % intervals."""
        n_outputs = self.values.shape[1] if self.values.ndim == 2 else 1
        outputs = f", {n_outputs} outputs" if self.values.ndim == 2 else ""
        dropped = f" ({self.n_dropped} dropped)" if self.n_dropped else ""
        lines = [
            f"BanzhafValues: {len(self)} players{outputs}, {self.n_evaluations} evaluations{dropped}, "
            f"design {self.design!r}{_STOPPED.get(self.stopped, '')}"
        ]
        if self.rank < len(self):
            lines.append(f"  rank {self.rank} of {len(self)}: values of least norm")
        size = np.abs(self.values).reshape(len(self), -1).max(axis=1)
        leading = np.argsort(-size, kind="stable")[:_REPR_PLAYERS]
        width = max(len(self._names()[i]) for i in leading)
        bounds = self.intervals()
        for i in leading:
            cells = []
            for value, (lower, upper) in zip(np.atleast_1d(self.values[i]), np.atleast_2d(bounds[i]), strict=True):
                interval = f" [{lower:.4g}, {upper:.4g}]" if upper > lower else ""
                cells.append(f"{value: .6g}{interval}")
            shown = cells[:3] + ["..."] * (len(cells) > 3)
            lines.append(f"  {self._names()[i]:<{width}}  " + "  ".join(shown))
        if len(self) > _REPR_PLAYERS:
            lines.append(f"  ... {len(self) - _REPR_PLAYERS} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import values_card

        return values_card(self)
