# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What an estimate's error is made of, and what a larger budget would do to it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.results import BanzhafValues
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.fields import floats, texts

_ARRAYS = ("r2", "even_share", "linear_share", "higher_share", "standard_error", "expected_errors")
_REPR_OUTPUTS = 3


@archive.archived
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Diagnosis:
    """What `diagnose` finds. Arrays are read-only; two are equal when all fields are, to the last bit.

    Attributes
    ----------
    n_players, n_evaluations, n_dropped : int
    n_distinct : int or None
        Different coalitions among those that were used.
    design, stopped : str
        As in `BanzhafValues`.
    rank : int
    condition_number : float
    r2 : ndarray of float64, shape () or (n_outputs,)
        As in `BanzhafValues`.
    even_share : ndarray of float64, shape of `r2`
        Share of the worths' variance in interactions of even order. It cancels within pairs: with a design of pairs it
        costs nothing. NaN if there are no pairs.
    linear_share : ndarray of float64, shape of `r2`
        Share that the values themselves make: the sum of phi_i^2 / 4, less what their standard errors add to it on
        average. NaN if that is unknown: without standard errors or residuals, below full rank, or with a `ridge`.
    higher_share : ndarray of float64, shape of `r2`
        Share in interactions of order 3, 5, ..., and in noise if there is any: all of the error that coalitions make.
        The three add up to 1. NaN where `linear_share` is.
    standard_error : ndarray of float64, shape of `r2`
        Root mean square of the players' standard errors.
    plans : tuple of str
        What more could be bought: twice as many evaluations, the next complete block, the next complete stage (after
        which no interaction below an order biases a value), all coalitions.
    budgets : tuple of int
        What each would take in all.
    expected_errors : ndarray of float64, shape (plans,) or (plans, n_outputs)
        `standard_error` as it would be: it falls as the square root of the evaluations, and to 0 with all coalitions.
        At a complete stage that is the most to expect.
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

    def __post_init__(self) -> None:
        """Check the fields; freeze copies of the arrays."""
        shape = np.shape(self.r2)
        if len(shape) > 1 or 0 in shape:
            raise ValueError(f"r2 must have shape () or (n_outputs,), got {shape}")
        plans = texts("plans", self.plans)
        for name in _ARRAYS:
            array = floats(name, getattr(self, name), (len(plans), *shape) if name == "expected_errors" else shape)
            object.__setattr__(self, name, array)
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
            raise ValueError(f"budgets must be {len(plans)} to go with plans, got {len(budgets)}")
        set_field(self, "plans", plans)
        set_field(self, "budgets", budgets)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickle, which forgets that arrays are read-only."""
        for name, value in state.items():
            object.__setattr__(self, name, value)
        self.__post_init__()

    def __eq__(self, other: object) -> bool:
        """Compare all fields, to the last bit."""
        return archive.same(self, other) if isinstance(other, Diagnosis) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the diagnosis to one file, which `banzhaf.load` reads.

        Parameters
        ----------
        path : str or path-like
            Used as it is given; an existing file is replaced.
        """
        archive.save(self, path)

    def __repr__(self) -> str:
        """Say it in a few lines."""
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
            lines.append("  variance: even and odd parts are told apart by pairs, which this estimate has none of")
        else:
            lines.append(f"  variance, even part    {_cells(100 * self.even_share, '5.1f', ' %')}  costs nothing here")
            lines.append(f"  variance, linear part  {_cells(100 * self.linear_share, '5.1f', ' %')}  the values")
            made = "nothing is left of it" if self.design == "exhaustive" else "makes the error"
            lines.append(f"  variance, higher odd   {_cells(100 * self.higher_share, '5.1f', ' %')}  {made}")
        lines.append(f"  standard error (root mean square)  {_cells(self.standard_error, '.3g')}")
        for plan, budget, expected in zip(self.plans, self.budgets, self.expected_errors, strict=True):
            most = "at most " if "stage" in plan else ""
            lines.append(f"    {most}{_cells(expected, '.3g')}  with {budget} evaluations: {plan}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import diagnosis_card

        return diagnosis_card(self)


def diagnose(values: BanzhafValues) -> Diagnosis:
    """Say what an estimate's error is made of, and what a larger budget would do to it.

    It is a function of a result and not a field, for all that it needs is in the result: it can be asked of one that
    was loaded from a file, and costs the estimate nothing.

    Parameters
    ----------
    values : BanzhafValues
        From any estimator. Monte Carlo, MSR and coalitions without their complements cannot tell even from odd.

    Returns
    -------
    Diagnosis
        It prints well.

    Raises
    ------
    TypeError
        If `values` is something else.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> game = lambda coalitions: np.sqrt(coalitions @ np.arange(1.0, 21.0))
    >>> found = banzhaf.diagnose(banzhaf.estimate(game, 20, budget=256, random_state=0))
    >>> dict(zip(found.plans, found.budgets))
    {'twice as many': 512, 'the next complete block': 320, 'the next complete stage': 2048, 'all coalitions': 1048576}
    """
    if not isinstance(values, BanzhafValues):
        raise TypeError(f"values must be BanzhafValues, got {type(values).__name__}")
    errors = values.standard_errors
    even, linear, higher = values.variance_shares
    # Divided by a power of 2 first: squares of extreme errors leave the range of numbers.
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
        n_evaluations=values.n_evaluations,
        n_dropped=values.n_dropped,
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
        budgets=tuple(plans.values()),
        expected_errors=np.array(expected).reshape(len(plans), *values.r2.shape),
    )


def _plans(values: BanzhafValues) -> dict[str, int]:
    """Name larger budgets and what they take, if anything is left to buy."""
    n, spent = len(values), values.n_evaluations
    everything = 2**n
    if (values.standard_errors == 0.0).all() or (spent >= everything and not values.noisy):
        return {}
    plans = {"twice as many": 2 * spent}
    if spent >= everything:
        return plans
    if values.design == "hadamard" and values.random_state is not None:
        bought = _core.describe("hadamard", n, spent, values.random_state)
        name = "one complete block" if spent < bought.one_block else "the next complete block"
        plans[name] = bought.next_block
        if bought.next_stage:
            plans["the next complete stage"] = bought.next_stage
    affordable = {plan: budget for plan, budget in plans.items() if budget < everything}
    return affordable | ({"all coalitions": everything} if n <= _core.MAX_EXHAUSTIVE_PLAYERS else {})


def _cells(numbers: Any, form: str, unit: str = "") -> str:
    """Write one number, or those of the first outputs."""
    each = np.atleast_1d(numbers)
    shown = [f"{number:{form}}{unit}" for number in each[:_REPR_OUTPUTS]]
    return "  ".join(shown + ["..."] * (len(each) > _REPR_OUTPUTS))
