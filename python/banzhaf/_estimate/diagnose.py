# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Diagnose an estimate: where its error comes from, and how a larger budget would change it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.adjustment import Adjustment, told
from banzhaf._estimate.kept import Kept
from banzhaf._estimate.results import BanzhafValues
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.fields import floats, texts

_ARRAYS = ("r2", "even_share", "linear_share", "higher_share", "standard_error", "expected_errors")
_REPR_OUTPUTS = 3
_REPR_INTERACTIONS = 5
_MOST_TREND = 4  # times the evaluations made
_LEAST_HALF = 64  # pairs


@archive.archived
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Diagnosis(archive.Result):
    """What limits the accuracy of an estimate, and what larger budgets would do.

    `diagnose` returns it, and it prints as a short report. Arrays are read-only. Two diagnoses are equal if all their
    fields are equal to the last bit; NaN equals NaN.

    Attributes
    ----------
    n_players : int
        Number of players.
    n_evaluations : int
        Number of evaluations that were made, including dropped ones and repeats.
    n_dropped : int
        Number of evaluations dropped because a worth was not finite.
    n_distinct : int or None
        Number of different coalitions used, if known.
    design : str
        How coalitions were chosen, as in `BanzhafValues`.
    stopped : str
        Why the run ended, as in `BanzhafValues`.
    rank : int
        Rank of the regression; below `n_players`, the values are the minimum-norm solution.
    condition_number : float
        Condition number of the regression, as in `BanzhafValues`.
    r2 : ndarray of float64, shape () or (n_outputs,)
        Share of the worths' variance that the additive model explains.
    even_share : ndarray of float64, shape of `r2`
        Share of the worths' variance from interactions of even order. It cancels within pairs, so it causes no error
        in a design of pairs. NaN without pairs.
    linear_share : ndarray of float64, shape of `r2`
        Share of the worths' variance from the values themselves: the sum of phi_i^2 / 4, less what sampling error adds
        to it on average. Here phi_i is the value of player i. NaN if unknown: without standard errors or residuals,
        below full rank, or with a ridge penalty.
    higher_share : ndarray of float64, shape of `r2`
        Share of the worths' variance from interactions of order 3, 5, ... and from noise. It causes all of the sampling
        error. The three shares add up to 1. NaN where `linear_share` is.
    standard_error : ndarray of float64, shape of `r2`
        Root mean square of the players' standard errors, in the unit of the worths.
    plans : tuple of str
        Larger budgets to consider: twice as many evaluations, one more full Hadamard design, the next complete nested
        design, and all coalitions. After the complete nested design, no interaction below a certain order biases a
        value.
    budgets : tuple of int
        Total number of evaluations that each plan takes.
    expected_errors : ndarray of float64, shape (n_plans,) or (n_plans, n_outputs)
        `standard_error` to expect from each plan, in the unit of the worths. It falls as the square root of the number
        of evaluations, and is 0 with all coalitions. For the complete nested design it is an upper bound. If values are
        adjusted, the error usually falls faster, because more pairs show more interactions.
    trend_errors : ndarray of float64, shape of `expected_errors`, or None
        `standard_error` of each plan if the error goes on falling as it did from half of the pairs to all of them. This
        extrapolates from two sizes, so it is a guess. NaN where the values were not adjusted, and for plans of more
        than four times the evaluations. None if the half was not fitted: see Notes of `diagnose`.
    adjustment : Adjustment or None
        What was done about interactions, as in `BanzhafValues`.
    player_names : tuple of str or None
        Names of the players in order, as in `BanzhafValues`.

    See Also
    --------
    diagnose : Diagnose an estimate.
    load : Read a saved diagnosis.

    Examples
    --------
    >>> import banzhaf
    >>> values = banzhaf.estimate(lambda c: c.sum(axis=1) ** 1.5, 40, budget=512, random_state=0)
    >>> report = banzhaf.diagnose(values)
    >>> report.rank
    40
    >>> bool(abs(report.even_share + report.linear_share + report.higher_share - 1) < 1e-9)
    True
    """

    n_players: int
    n_evaluations: int
    n_dropped: int
    n_distinct: int | None
    design: str
    stopped: str
    rank: int
    condition_number: float
    r2: NDArray[np.float64]
    even_share: NDArray[np.float64]
    linear_share: NDArray[np.float64]
    higher_share: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    plans: tuple[str, ...]
    budgets: tuple[int, ...]
    expected_errors: NDArray[np.float64]
    trend_errors: NDArray[np.float64] | None = None
    adjustment: Adjustment | None = None
    player_names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Check the fields and replace the arrays by read-only copies."""
        shape = np.shape(self.r2)
        if len(shape) > 1 or 0 in shape:
            raise ValueError(f"r2 must have shape () or (n_outputs,), got {shape}")
        plans = texts("plans", self.plans)
        for name in _ARRAYS:
            array = floats(name, getattr(self, name), (len(plans), *shape) if name == "expected_errors" else shape)
            object.__setattr__(self, name, array)
        if self.trend_errors is not None:
            trend = floats("trend_errors", self.trend_errors, (len(plans), *shape))
            object.__setattr__(self, "trend_errors", trend)
        set_field = object.__setattr__
        for name in ("n_players", "n_evaluations", "n_dropped", "rank"):
            set_field(self, name, check.integer(name, getattr(self, name), 0))
        if self.n_distinct is not None:
            set_field(self, "n_distinct", check.integer("n_distinct", self.n_distinct, 0))
        for name in ("design", "stopped"):
            set_field(self, name, check.text(name, getattr(self, name)))
        set_field(self, "condition_number", check.real("condition_number", self.condition_number))
        budgets = tuple(check.integer("budgets", budget, 0) for budget in self.budgets)
        if len(budgets) != len(plans):
            raise ValueError(f"budgets must hold one number for each of the {len(plans)} plans, got {len(budgets)}")
        if self.adjustment is not None and not isinstance(self.adjustment, Adjustment):
            raise TypeError(f"adjustment must be an Adjustment or None, got {type(self.adjustment).__name__}")
        if self.player_names is not None:
            set_field(self, "player_names", texts("player_names", self.player_names, self.n_players))
        set_field(self, "plans", plans)
        set_field(self, "budgets", budgets)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the diagnosis to a file that `banzhaf.load` reads.

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
        load : Read a saved diagnosis.

        Examples
        --------
        >>> import os, tempfile
        >>> import banzhaf
        >>> report = banzhaf.diagnose(banzhaf.exact(lambda c: c.sum(axis=1), 2))
        >>> path = os.path.join(tempfile.mkdtemp(), "report.banzhaf")
        >>> report.save(path)
        >>> banzhaf.load(path) == report
        True
        """
        archive.save(self, path)

    def __repr__(self) -> str:
        """Show the diagnosis as a short report."""
        dropped = f", {self.n_dropped} dropped" if self.n_dropped else ""
        distinct = f", {self.n_distinct} distinct" if self.n_distinct is not None else ""
        lines = [
            f"Diagnosis: {self.n_players} players, {self.n_evaluations} evaluations{distinct}{dropped}, "
            f"design {self.design!r}, stopped by {self.stopped!r}",
            f"  rank {self.rank} of {self.n_players}, condition number {self.condition_number:.3g}",
        ]
        if np.isfinite(self.r2).all():
            lines.append(f"  R^2 {_cells(self.r2, '.4g')}")
        if np.isnan(self.even_share).all():
            lines.append("  variance: unknown, because even and odd parts need pairs and this estimate has none")
        else:
            lines.append(
                f"  variance, even part    {_cells(100 * self.even_share, '5.1f', ' %')}  cancels within pairs"
            )
            lines.append(
                f"  variance, linear part  {_cells(100 * self.linear_share, '5.1f', ' %')}  the values themselves"
            )
            made = "no error: all coalitions" if self.design == "exhaustive" else "causes the error"
            lines.append(f"  variance, higher odd   {_cells(100 * self.higher_share, '5.1f', ' %')}  {made}")
        lines.append(f"  standard error (root mean square)  {_cells(self.standard_error, '.3g')}")
        if self.adjustment is not None:
            lines += self._interactions(self.adjustment)
        for k, (plan, budget, expected) in enumerate(zip(self.plans, self.budgets, self.expected_errors, strict=True)):
            # Files of earlier versions call the complete nested design a stage.
            most = "at most " if "nested" in plan or "stage" in plan else ""
            trend = None if self.trend_errors is None else self.trend_errors[k]
            known = trend is not None and bool(np.isfinite(trend).any())
            shown = f"{_cells(trend, '.3g')} to {_cells(expected, '.3g')}" if known else _cells(expected, ".3g")
            lines.append(f"    {most}{shown}  with {budget} evaluations: {plan}")
        if self.adjustment is not None and self.adjustment.adjusted and self.plans:
            lines.append("    more pairs show more interactions, so errors usually fall faster than the larger number")
            if self.trend_errors is not None and np.isfinite(self.trend_errors).any():
                lines.append("    the smaller one extrapolates from half of the pairs to all of them, so it is a guess")
        return "\n".join(lines)

    def _interactions(self, adjustment: Adjustment) -> list[str]:
        """Say what was taken out of the error, with the leading interactions by name."""
        lines = []
        for o in range(min(len(adjustment.reasons), _REPR_OUTPUTS)):
            of_output = f"output {o}: " if len(adjustment.reasons) > 1 else ""
            lines.append(f"  {of_output}{told(adjustment, o)}")
            for players, coefficient in adjustment.leading[o][:_REPR_INTERACTIONS]:
                names = [self.player_names[i] if self.player_names else str(i) for i in players]
                lines.append(f"    {coefficient: .3g}  {' x '.join(names)}")
        return lines

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import diagnosis_card

        return diagnosis_card(self)


def diagnose(values: BanzhafValues) -> Diagnosis:
    """Show what limits an estimate's accuracy and what a larger budget would do.

    The worths' variance has three parts. Interactions of even order cancel within pairs. The linear part is the values
    themselves. Interactions of order 3, 5, ... and noise cause the sampling error. The diagnosis gives the share of
    each, and the standard error to expect from larger budgets. If interactions were taken out of the error, it names
    the leading ones.

    Parameters
    ----------
    values : BanzhafValues
        Result of any estimator, also one loaded from a file. For Monte Carlo, MSR and coalitions without complements,
        the even and odd parts are unknown.

    Returns
    -------
    Diagnosis
        The findings, which print as a short report.

    Raises
    ------
    TypeError
        If `values` is not a BanzhafValues.

    See Also
    --------
    estimate : Estimate the values of a game.
    required_budget : Compute a budget that suffices for every game.

    Notes
    -----
    Everything needed is in the result, so diagnosing needs no evaluations. If interactions were taken out of the error,
    half of the pairs are fitted as well, to see how the error falls. This takes up to half of the time that finding the
    interactions took. It needs the run's `evaluations`, at least 128 pairs, and none of them dropped.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> game = lambda coalitions: np.sqrt(coalitions @ np.arange(1.0, 21.0))
    >>> report = banzhaf.diagnose(banzhaf.estimate(game, 20, budget=256, random_state=0))
    >>> for plan, budget in zip(report.plans, report.budgets):
    ...     print(budget, plan)
    512 twice as many
    320 one more full Hadamard design
    1048576 all coalitions
    """
    if not isinstance(values, BanzhafValues):
        raise TypeError(f"values must be a BanzhafValues, as estimators return it, got {type(values).__name__}")
    if values.p != 0.5:
        raise ValueError(
            f"values must be Banzhaf values, which have p=0.5, got p={values.p:g}: the parts of the variance that a "
            "diagnosis shows do not exist for other p. See the standard errors instead"
        )
    errors = values.standard_errors
    even, linear, higher = values.variance_shares
    # Squares of extreme errors would overflow or underflow, so divide by a power of 2 first.
    _, exponents = np.frexp(np.where(np.isfinite(errors), errors, 0.0).max(axis=0))
    size = np.ldexp(np.sqrt((np.ldexp(errors, -exponents) ** 2).mean(axis=0)), exponents)
    used = values.n_evaluations - values.n_dropped
    plans = _plans(values)
    everything = 2 ** len(values)
    expected = [
        size * (0.0 if budget == everything and not values.noisy else np.sqrt(used / budget))
        for budget in plans.values()
    ]
    return Diagnosis(
        n_players=len(values),
        n_evaluations=values.n_evaluations * values.repeats,
        n_dropped=values.n_dropped * values.repeats,
        n_distinct=values.n_distinct,
        design=values.design,
        stopped=values.stopped,
        rank=values.rank,
        condition_number=values.condition_number,
        r2=values.r2,
        even_share=even,
        linear_share=linear,
        higher_share=higher,
        standard_error=size,
        plans=tuple(plans),
        budgets=tuple(budget * values.repeats for budget in plans.values()),
        expected_errors=np.array(expected).reshape(len(plans), *values.r2.shape),
        trend_errors=_trend(values, size, plans),
        adjustment=values.adjustment,
        player_names=values.player_names,
    )


def _trend(values: BanzhafValues, size: NDArray[np.float64], plans: dict[str, int]) -> NDArray[np.float64] | None:
    """Continue the fall of the error from half of the pairs to all of them; None if half cannot be fitted."""
    kept, record = values._evaluations, values.adjustment
    if kept is None or record is None or not record.adjusted or values.n_dropped > 0 or not plans:
        return None
    half = _first_half(kept, len(values))
    if half is None:
        return None
    options = _core.EstimateOptions(
        standard_errors=False, interactions="always", noisy=values.noisy, num_threads=check.threads(None)
    )
    worths = kept.worths[:half]
    if kept.words is None:
        found = _core.fit_design(kept.kind, len(values), kept.seed, worths, options)
    else:
        found, _ = _core.fit(kept.coalitions[:half], worths, options)
    rates = []
    for of_half, reason, of_all in zip(found.adjustments, record.reasons, record.adjusted_variance, strict=True):
        before = of_half.plain_variance if of_half.reason else of_half.adjusted_variance
        known = reason == "" and of_all > 0 and before > 0
        fall = np.log(before / of_all) / np.log(len(kept.worths) / half) if known else np.nan
        rates.append((1 + max(0.0, fall)) / 2 if known else np.nan)
    of_outputs = np.array(rates).reshape(size.shape)
    used = values.n_evaluations
    trend = [
        size * (used / budget) ** of_outputs if budget <= _MOST_TREND * used else np.full(size.shape, np.nan)
        for budget in plans.values()
    ]
    return np.array(trend).reshape(len(plans), *size.shape)


def _first_half(kept: Kept, n_players: int) -> int | None:
    """Return how many of the first evaluations make up half of the pairs; None if that half shows no interactions."""
    n_pairs = len(kept.worths) // 2
    half = n_pairs // 2
    if kept.kind in ("fresh", "nested"):
        order = check.pairs_of_full_design(n_players)
        half = half // order * order
        # With half of the budget, a nested design of order 16, 64, 256, ... may have other signs.
        if half < 2 * order or (kept.kind == "nested" and order.bit_length() % 2 == 1):
            return None
    elif kept.words is not None:
        coalitions = kept.coalitions
        if len(coalitions) % 2 or (coalitions[::2] == coalitions[1::2]).any():
            return None
    elif kept.kind != "paired":
        return None
    return 2 * half if half >= _LEAST_HALF else None


def _plans(values: BanzhafValues) -> dict[str, int]:
    """Name the larger budgets that would lower the error, with the evaluations that each takes."""
    n, spent = len(values), values.n_evaluations
    everything = 2**n
    if (values.standard_errors == 0.0).all() or (spent >= everything and not values.noisy):
        return {}
    plans = {"twice as many": 2 * spent}
    if spent >= everything:
        return plans
    if values.design in check.HADAMARD_DESIGNS and values.random_state is not None:
        reached = _core.describe(values.design, n, spent, values.random_state)
        name = "one full Hadamard design" if spent < reached.one_block else "one more full Hadamard design"
        plans[name] = reached.next_block
        if reached.next_stage:
            plans["the next complete nested design"] = reached.next_stage
    smaller = {plan: budget for plan, budget in plans.items() if budget < everything}
    return smaller | ({"all coalitions": everything} if n <= _core.MAX_EXHAUSTIVE_PLAYERS else {})


def _cells(numbers: Any, form: str, unit: str = "") -> str:
    """Format one number, or those of the first outputs."""
    each = np.atleast_1d(numbers)
    shown = [f"{number:{form}}{unit}" for number in each[:_REPR_OUTPUTS]]
    return "  ".join(shown + ["..."] * (len(each) > _REPR_OUTPUTS))
