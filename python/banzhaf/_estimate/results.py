# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The result of every estimator: values with their errors, independent of the game."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._estimate.adjustment import Adjustment, told
from banzhaf._estimate.evaluations import Evaluations
from banzhaf._estimate.interaction_sources import interactions_of_values
from banzhaf._estimate.interactions import Interactions
from banzhaf._estimate.kept import Kept
from banzhaf._estimate.listing import frame_of, lines_of
from banzhaf._estimate.shapley import ShapleyValues, shapley_of
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.fields import built, errors, floats, of_players
from banzhaf._support.intervals import intervals
from banzhaf._support.quantities import BANZHAF_VALUE

if TYPE_CHECKING:
    import pandas as pd

    from banzhaf._plots.values_plots import ValuesPlots

# Spending the whole budget is the usual end and is not mentioned.
_STOPPED = {
    "tolerance": ", stopped: standard errors within the tolerance",
    "top_k": ", stopped: leading players separated",
    "deadline": ", stopped by the deadline",
    "callback": ", stopped by the callback",
    "running": ", running",
}


class RankWarning(UserWarning):
    """Warning that the evaluations do not determine every value.

    The values are then the minimum-norm solution of the least-squares problem. Unless `interactions` is ``"none"``, a
    sparse regression replaces it where few players matter (Notes of `estimate`), and the warning says so. Raise the
    budget to somewhat more than 2 n_players, or set `ridge`.

    See Also
    --------
    BudgetWarning : Warning that the budget covered only part of the design.

    Examples
    --------
    >>> import warnings
    >>> import banzhaf
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", banzhaf.RankWarning)
    ...     values = banzhaf.estimate(lambda coalitions: coalitions.sum(axis=1), 20, budget=8, random_state=0)
    >>> values.rank < 20
    True
    """


class BudgetWarning(UserWarning):
    """Warning that the budget or deadline allowed only part of the design.

    An estimate then uses a random part of one full Hadamard design; only a full design has orthogonal columns. An
    explanation then uses a random sample of the background rows.

    See Also
    --------
    RankWarning : Warning that the evaluations do not determine every value.

    Examples
    --------
    Turn the warning into an error:

    >>> import warnings
    >>> import banzhaf
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", banzhaf.BudgetWarning)
    ...     try:
    ...         banzhaf.estimate(lambda coalitions: coalitions.sum(axis=1), 301, budget=606, random_state=0)
    ...     except banzhaf.BudgetWarning:
    ...         print("raise the budget to 608")
    raise the budget to 608
    """


@archive.archived
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BanzhafValues(archive.Result):
    """Banzhaf values of the players, with their standard errors and a record of the run.

    Estimators return it; it does not refer to the game. It prints the leading players with their intervals. Arrays are
    read-only. Two results are equal if all their fields are equal to the last bit; NaN equals NaN.

    Attributes
    ----------
    values : ndarray of float64, shape (n_players,) or (n_players, n_outputs)
        The Banzhaf values, in the unit of the worths.
    standard_errors : ndarray of float64, shape of `values`
        Standard error of each value, in the unit of the worths. 0 if the value is exact. NaN if there were too few
        evaluations to estimate it, or if standard errors were not requested. With Hadamard designs they rest on
        residuals and on differences between designs. From twice the smallest complete nested design on, they also
        allow for one interaction that no residual shows; see "Standard errors" on the theory page.
    mean_worth : ndarray of float64, shape () or (n_outputs,)
        Mean of the worths that were used, an estimate of the mean over all coalitions.
    n_evaluations : int
        Number of coalitions that were evaluated, including dropped ones.
    n_dropped : int
        Number of coalitions dropped because their worth, or that of their complement, was not finite.
    design : str
        How coalitions were chosen: a `design` of `estimate`, which is ``"nested"`` or ``"fresh"`` in place of
        ``"hadamard"`` from two full Hadamard designs on. Otherwise ``"given"`` (from `fit`), ``"monte_carlo"``,
        ``"msr"``, ``"counted"`` (exactly, by a ready game) or ``"two-stage"`` (by `ContextAttribution`).
    rank : int
        Rank of the regression. If it is below the number of players, the values are the minimum-norm solution, or
        those of a sparse regression (see `adjustment`). Of two stages, the number of players that decide.
    condition_number : float
        Largest over least singular value of the regression's matrix of +1 and -1, including the ridge penalty;
        estimated to a few per cent. 1 if exact, infinite below full rank, NaN for Monte Carlo and MSR.
    degrees_of_freedom : float
        Degrees of freedom of Student's t for `intervals`. Infinite if exact, 0 if no evaluations are left to estimate
        errors from.
    r2 : ndarray of float64, shape () or (n_outputs,)
        Share of the worths' variance that the additive model with these values explains. NaN for Monte Carlo and MSR,
        which fit no model.
    player_names : tuple of str or None
        Names of the players in order, if any were given.
    random_state : int or None
        The seed. The same call with this seed gives the same bits. None if nothing was drawn.
    stopped : str
        Why the run ended. ``"tolerance"`` or ``"top_k"`` if that rule was met, ``"deadline"``, ``"callback"``, or
        ``"budget"`` if the whole budget was spent. It is ``"running"`` in the results that a callback receives.
    n_distinct : int or None
        Number of different coalitions used. None in files from before this field existed.
    even_variance : ndarray of float64, shape () or (n_outputs,)
        Variance of (v(S) + v(S^c)) / 2 over the pairs of a coalition S and its complement S^c, in the squared unit of
        the worths. Interactions of even order make it. NaN without pairs.
    odd_variance : ndarray of float64, shape () or (n_outputs,)
        Variance of (v(S) - v(S^c)) / 2 over the pairs. `even_variance` and `odd_variance` add up to the variance of
        the worths. NaN without pairs.
    variance_shares : ndarray of float64, shape (3,) or (3, n_outputs)
        Shares of the worths' variance, adding up to 1: interactions of even order; the values themselves; interactions
        of order 3, 5, ... together with noise. NaN if unknown; see `diagnose`.
    noisy : bool
        Whether the game was declared noisy. The standard errors then include its noise.
    adjustment : Adjustment or None
        Whether interactions were found and taken out of the error, and which. None if they were not looked for.
    end_worths : ndarray of float64, shape (2 (n_players + 1),) or (2 (n_players + 1), n_outputs), or None
        Worths that ``shapley=True`` in `estimate` adds: of all players, of none, then of each player alone and of all
        others. `n_evaluations` does not count them.
    p : float
        Probability with which the coalitions contain each other player. 0.5 for Banzhaf values. With another p,
        `mean_worth` is the mean worth under it. `r2`, the variances and their shares are then NaN, except `r2` of
        exact values.
    repeats : int
        How often each coalition was evaluated. The run made `n_evaluations` times `repeats` evaluations.
    noise_variance : ndarray of float64, shape () or (n_outputs,)
        Mean variance of the worths of one coalition over its repeats, in the squared unit of the worths. NaN without
        repeats.
    weighted : bool
        Whether pairs are weighted by the variance of their repeats, for at least one output.

    See Also
    --------
    estimate : Estimate the values of a game.
    diagnose : Show what limits an estimate's accuracy and what a larger budget would do.
    load : Read a saved result.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> game = lambda coalitions: coalitions @ np.array([3.0, -1.0, 2.0])
    >>> values = banzhaf.exact(game, 3, player_names=["ann", "bob", "eve"])
    >>> values
    BanzhafValues: 3 players, 8 evaluations, design 'exhaustive'
      ann   3
      eve   2
      bob  -1
    >>> values.values
    array([ 3., -1.,  2.])
    >>> values.stopped
    'budget'
    """

    quantity: ClassVar[str] = BANZHAF_VALUE

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
    adjustment: Adjustment | None = None
    end_worths: NDArray[np.float64] | None = None
    p: float = 0.5
    repeats: int = 1
    noise_variance: NDArray[np.float64] = field(default_factory=lambda: np.array(np.nan))
    weighted: bool = False
    _evaluations: Kept | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Check the fields and replace the arrays by read-only copies."""
        shared = of_players(self)
        shape = shared["values"].shape
        n_players, outputs = shape[0], shape[1:]

        def by_output(given: Any) -> Any:
            return np.full(outputs, given) if outputs and np.ndim(given) == 0 else given  # defaults are scalars

        shares = self.variance_shares
        checked: dict[str, Any] = {
            "mean_worth": floats("mean_worth", self.mean_worth, outputs),
            "r2": floats("r2", self.r2, outputs),
            "even_variance": errors("even_variance", by_output(self.even_variance), outputs),
            "odd_variance": errors("odd_variance", by_output(self.odd_variance), outputs),
            "variance_shares": floats(
                "variance_shares", np.full((3, *outputs), shares) if np.ndim(shares) == 0 else shares, (3, *outputs)
            ),
            "noisy": check.flag("noisy", self.noisy),
            "n_dropped": check.integer("n_dropped", self.n_dropped, 0),
            "rank": check.integer("rank", self.rank, 0, n_players),
            "condition_number": check.real("condition_number", self.condition_number),
            "stopped": check.text("stopped", self.stopped),
            "p": check.probability(self.p),
            "repeats": check.integer("repeats", self.repeats, 1),
            "noise_variance": errors("noise_variance", by_output(self.noise_variance), outputs),
            "weighted": check.flag("weighted", self.weighted),
        }
        if self.n_dropped > self.n_evaluations:
            raise ValueError(f"n_dropped must be at most n_evaluations, {self.n_evaluations}, got {self.n_dropped}")
        if self.n_distinct is not None:
            checked["n_distinct"] = check.integer("n_distinct", self.n_distinct, 0)
        adjustment = self.adjustment
        if adjustment is not None:
            if not isinstance(adjustment, Adjustment):
                raise TypeError(f"adjustment must be an Adjustment or None, got {type(adjustment).__name__}")
            n_outputs = outputs[0] if outputs else 1
            if len(adjustment.reasons) != n_outputs:
                raise ValueError(
                    f"adjustment must hold {n_outputs} outputs to match values, got {len(adjustment.reasons)}"
                )
        if self.end_worths is not None:
            checked["end_worths"] = floats("end_worths", self.end_worths, (2 * (n_players + 1), *outputs))
        kept = self._evaluations
        if kept is not None:
            if not isinstance(kept, Kept):
                raise TypeError(f"_evaluations must be kept evaluations or None, got {type(kept).__name__}")
            needed = (n_players, outputs[0] if outputs else 1, self.n_evaluations)
            if (kept.n_players, kept.worths.shape[1], len(kept.worths)) != needed:
                raise ValueError("_evaluations must hold one worth for each evaluation and output")
        vars(self).update(shared, **checked)

    def __len__(self) -> int:
        """Return the number of players."""
        return len(self.values)

    def intervals(self, level: float = 0.95) -> NDArray[np.float64]:
        """Compute confidence intervals of the values by Student's t.

        Parameters
        ----------
        level : float, default 0.95
            Share of intervals that should cover the true value, strictly between 0 and 1.

        Returns
        -------
        ndarray of float64, shape (n_players, 2) or (n_players, n_outputs, 2)
            Lower and upper ends, in the unit of the worths. Both ends equal the value if it is exact. They are NaN if
            its standard error is unknown.

        Raises
        ------
        TypeError, ValueError
            If `level` is not a number strictly between 0 and 1.

        See Also
        --------
        to_frame : Put values, standard errors and intervals in a DataFrame.

        Examples
        --------
        >>> import banzhaf
        >>> values = banzhaf.estimate(lambda c: c.sum(axis=1) ** 1.5, 40, budget=400, random_state=0)
        >>> values.intervals(0.9).shape
        (40, 2)
        """
        return intervals(self.values, self.standard_errors, self.degrees_of_freedom, level)

    def to_frame(self) -> pd.DataFrame:
        """Put the values in a tidy pandas DataFrame, one row for each player and output.

        Returns
        -------
        pandas.DataFrame
            Columns player, output (if the worths have several outputs), value, standard_error, lower and upper. The
            last two are the ends of the 95 % interval.

        Raises
        ------
        ImportError
            If pandas is not installed.

        See Also
        --------
        intervals : Compute intervals of another level.

        Examples
        --------
        >>> import banzhaf
        >>> values = banzhaf.exact(lambda c: c.sum(axis=1), 2, player_names=["ann", "bob"])
        >>> values.to_frame()[["player", "value"]]
          player  value
        0    ann    1.0
        1    bob    1.0
        """
        return frame_of(self)

    def shapley(
        self, *, empty: ArrayLike | None = None, full: ArrayLike | None = None, ends: ArrayLike | None = None
    ) -> ShapleyValues:
        """Compute Shapley values from the same evaluations.

        They are exact if all coalitions were evaluated. Otherwise, they are accurate if the worths of the coalitions of
        0, 1, n - 1 and n players are known: pass ``shapley=True`` to `estimate`, or the worths as `ends`. Without them,
        interactions of three players are added as far as the pairs show them, and those of more players are left out.
        The standard errors say how much that may miss if `empty` and `full` are known. Otherwise, they are NaN.

        Parameters
        ----------
        empty, full : array_like of shape () or (n_outputs,), optional
            Worths of the coalition without players and of that with all players, if you know them. The values then add
            up to their difference, and have standard errors.
        ends : array_like of shape (2 (n_players + 1),) or (2 (n_players + 1), n_outputs), optional
            Worths of the coalitions ``sample_coalitions(n_players, 2 * (n_players + 1), design="ends")``: all players,
            none, then each player alone and all others.

        Returns
        -------
        ShapleyValues
            Values, and standard errors that include what unresolved interactions may add.

        Raises
        ------
        TypeError, ValueError
            If an argument has a wrong shape or is not finite, `ends` is passed with `empty` or `full`, or a formula
            gave the values, without evaluations.

        See Also
        --------
        estimate : Its argument `shapley` evaluates the coalitions that accurate Shapley values need.

        Notes
        -----
        Let b be a player's Banzhaf value, and a the mean of what it adds to the empty coalition and to all others. Its
        Shapley value is (2 b + a) / 3 if no five players or more interact. This is Simpson's rule for the integral of
        the weighted Banzhaf values over their parameter; see "Shapley values" on the theory page. What the values lack
        of the worth of all players minus that of none is divided by their uncertainty, and counts as an error of each.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> def game(coalitions):
        ...     return coalitions @ np.arange(20.0) + 8.0 * coalitions[:, :3].all(axis=1)
        >>> values = banzhaf.estimate(game, 20, budget=200, shapley=True, random_state=0)
        >>> shapley = values.shapley()
        >>> bool(np.isclose(shapley.values.sum(), 198.0))
        True
        """
        return shapley_of(self, empty, full, ends)

    @overload
    def at_p(self, p: float, *, ends: ArrayLike | None = None, num_threads: int | None = None) -> BanzhafValues: ...
    @overload
    def at_p(
        self, p: Sequence[float] | NDArray[Any], *, ends: ArrayLike | None = None, num_threads: int | None = None
    ) -> tuple[BanzhafValues, ...]: ...
    def at_p(
        self,
        p: float | Sequence[float] | NDArray[Any],
        *,
        ends: ArrayLike | None = None,
        num_threads: int | None = None,
    ) -> BanzhafValues | tuple[BanzhafValues, ...]:
        """Compute values with other probabilities from the same evaluations.

        They are exact if all coalitions were evaluated. Otherwise, they need an estimate with ``shapley=True``, and
        suit games in which few players interact at once. The standard errors contain what the evaluations leave open.
        If that is too much, the call raises ValueError, and `estimate` with this `p` is the remedy.
        With at most 20 players, an estimate with ``design="fresh"`` has smaller errors here.

        Parameters
        ----------
        p : float or sequence of float
            Probability with which the coalitions contain each other player, or several.
        ends : array_like of shape (2 (n_players + 1),) or (2 (n_players + 1), n_outputs), optional
            Worths of the coalitions of 0, 1, n - 1 and n players, as for `shapley`. By default those of
            ``shapley=True``.
        num_threads : int, optional
            Number of threads, as for `estimate`.

        Returns
        -------
        BanzhafValues or tuple of BanzhafValues
            Values of the same shape with this `p`; a tuple if `p` is a sequence. Unless they are exact, they keep no
            evaluations, and what describes the coalitions of another p is NaN.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong, or the evaluations do not suit: without the coalitions at both ends, from a noisy
            game, from too few pairs, or with interactions of many players. The message names the remedy.

        See Also
        --------
        estimate : Its argument `p` evaluates the coalitions that suit one probability.
        exact : Exact values for several probabilities.

        Notes
        -----
        With mu = 2 p - 1, a value is a polynomial in mu. Its constant is the Banzhaf value. Interactions of two players
        give the coefficient of mu, and those of three that of mu^2. The coalitions of 0, 1, n - 1 and n players give
        the values at p = 0 and p = 1. So the coefficient of mu^3 follows, and that of mu^4 if interactions of three
        players are resolved. "Values with a probability p" on the theory page says what the errors allow for.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> def game(coalitions):
        ...     return coalitions @ np.arange(20.0) + 8.0 * coalitions[:, :3].all(axis=1)
        >>> values = banzhaf.estimate(game, 20, budget=400, shapley=True, random_state=0)
        >>> for found in values.at_p([0.1, 0.9]):
        ...     print(found.p, found.values[:3].round(2) + 0.0)
        0.1 [0.08 1.08 2.08]
        0.9 [6.48 7.48 8.48]
        """
        from banzhaf._estimate.at_p import values_at  # it makes results itself

        found: BanzhafValues | tuple[BanzhafValues, ...] = values_at(self, p, ends, num_threads)
        return found

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result to a file that `banzhaf.load` reads.

        Parameters
        ----------
        path : str or path-like
            Name of the file, used as given. An existing file is replaced once the new one is complete.

        Raises
        ------
        OSError
            If the file cannot be written. An existing file is then unchanged.

        See Also
        --------
        load : Read a saved result.

        Examples
        --------
        >>> import os, tempfile
        >>> import banzhaf
        >>> values = banzhaf.exact(lambda c: c.sum(axis=1), 2)
        >>> path = os.path.join(tempfile.mkdtemp(), "values.banzhaf")
        >>> values.save(path)
        >>> banzhaf.load(path) == values
        True
        """
        archive.save(self, path)

    @property
    def evaluations(self) -> Evaluations | None:
        """Coalitions and worths of the run, or None if they were not kept.

        They are kept with every result, and saved and pickled with it. They take 8 bytes for each evaluation and
        output. Results of `fit` keep the coalitions as well, as bits. The array of coalitions is made when it is read,
        with one byte for each player. The evaluations are None in results that a `callback` receives, in those of
        `without_evaluations`, and in files from before evaluations were kept. Equality of results ignores them.

        Examples
        --------
        >>> import banzhaf
        >>> values = banzhaf.estimate(lambda c: c.sum(axis=1), 10, budget=64, random_state=0)
        >>> kept = values.evaluations
        >>> kept.coalitions.shape, kept.worths.shape
        ((64, 10), (64, 1))
        >>> banzhaf.fit(kept.coalitions, kept.worths[:, 0]).values.round(6)
        array([1., 1., 1., 1., 1., 1., 1., 1., 1., 1.])
        """
        return None if self._evaluations is None else self._evaluations.evaluations()

    def without_evaluations(self) -> BanzhafValues:
        """Return the same result without its evaluations, which takes less memory and makes a smaller file.

        Returns
        -------
        BanzhafValues
            An equal result, whose `evaluations` is None.

        See Also
        --------
        save : Write the result to a file.

        Examples
        --------
        >>> import banzhaf
        >>> values = banzhaf.estimate(lambda c: c.sum(axis=1), 10, budget=64, random_state=0)
        >>> smaller = values.without_evaluations()
        >>> smaller == values, smaller.evaluations is None
        (True, True)
        """
        return built(BanzhafValues, {**vars(self), "_evaluations": None})

    def interactions(self, order: int = 2, *, num_threads: int | None = None) -> Interactions:
        """Compute the Banzhaf interactions of pairs of players, or of larger sets, from the same evaluations.

        The interaction of two players says how much more one adds if the other is in the coalition too, on average
        over all coalitions of the remaining players. The game is not called again.

        Parameters
        ----------
        order : int, default 2
            Number of players in each set. 2 and 3 work for pairs of coalitions and their complements. Higher orders,
            up to n_players, need the worths of all coalitions. 1 gives the values themselves.
        num_threads : int, optional
            Number of threads, as for `estimate`. It does not change the result.

        Returns
        -------
        Interactions
            The interactions, in the unit of the worths. They are exact if the worths of all coalitions are known.
            Otherwise they have standard errors. Every set of players is listed, unless there are more than 2^21.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong, this result holds no evaluations, or there are not enough. Without the worths of
            all coalitions, 5 n_players and at least 80 evaluations in pairs of complements are needed. Sets of three
            need ``design="fresh"`` or ``"paired"``, because nested designs do not separate them.

        See Also
        --------
        Interactions : The result: lists, arrays, tables and plots.
        walsh_hadamard : Compute all orders at once from all worths.

        Notes
        -----
        With all coalitions, the fast Walsh-Hadamard transform takes n 2^n additions for n players and each output.

        Otherwise the sum of worths within a pair of complements holds the interactions of two, four, ... players, and
        their difference those of one, three, ... players. They are learnt under priors by which most interactions are
        small, so estimates are near 0 where the evaluations show little. Five further fits each leave out a fifth of
        the pairs. Their errors at these pairs give every interaction an unbiased estimate and its variance. The squared
        standard error is that variance plus the squared distance between the unbiased and the reported estimate. So
        intervals also allow for the shrinkage by the priors. With nested designs, plain least squares gives the
        unbiased estimates where it can.

        A complete nested design gives interactions of two players as plain means. They are exact if no four or more
        players interact. Their standard errors are not 0, because the evaluations cannot prove that.

        Examples
        --------
        >>> import banzhaf
        >>> game = lambda c: 10.0 * (c[:, 0] & c[:, 1]) + 4.0 * (c[:, 2] | c[:, 3])
        >>> values = banzhaf.exact(game, 4, player_names=["key", "code", "phone", "radio"])
        >>> values.interactions().top(2)
        Interactions of pairs: 4 players, 16 evaluations, design 'exhaustive'
          key x code      10
          phone x radio  -4

        With more players, a part of the coalitions is enough:

        >>> pairs = banzhaf.estimate(game, 30, budget=600, random_state=0).interactions()
        >>> pairs.complete, round(pairs.value(0, 1), 4)
        (True, 10.0)
        """
        return interactions_of_values(self, self._evaluations, order, num_threads)

    @property
    def plot(self) -> ValuesPlots:
        """Plots of these values: ``plot.bar()`` and ``plot.convergence(history)``."""
        from banzhaf._plots.values_plots import ValuesPlots

        return ValuesPlots(self)

    def __repr__(self) -> str:
        """Show the leading players with their 95 % intervals."""
        n_outputs = self.values.shape[1] if self.values.ndim == 2 else 1
        outputs = f", {n_outputs} outputs" if self.values.ndim == 2 else ""
        dropped = f" ({self.n_dropped} dropped)" if self.n_dropped else ""
        what = "evaluations" if self.repeats == 1 else f"coalitions evaluated {self.repeats} times"
        lines = [
            f"BanzhafValues: {len(self)} players{outputs}, {self.n_evaluations} {what}{dropped}, "
            f"design {self.design!r}{'' if self.p == 0.5 else f', p={self.p:g}'}{_STOPPED.get(self.stopped, '')}"
        ]
        if self.rank < len(self):
            sparse = self.adjustment is not None and any(self.adjustment.n_selected)
            sparse = sparse or self.design == "two-stage"
            kind = "sparse regression" if sparse else "minimum-norm values"
            lines.append(f"  rank {self.rank} of {len(self)}: {kind}")
        if self.adjustment is not None and self.adjustment.adjusted:
            lines.append(f"  {told(self.adjustment, self.adjustment.reasons.index(''))}")
        if self.weighted:
            lines.append("  pairs weighted by the variance of their repeats")
        return "\n".join([*lines, *lines_of(self)])

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import values_card

        return values_card(self)
