# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The record of the interactions that were taken out of an estimate's error."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from banzhaf import _core
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.fields import texts

INTERACTIONS = ("auto", "always", "none")
_REPR_INTERACTIONS = 5
# An interaction: its players, and the coefficient of the product of their signs.
Interaction = tuple[tuple[int, ...], float]


@archive.part
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Adjustment(archive.Result):
    """What was done about interactions: whether they were found and taken out of the error, and which.

    `BanzhafValues.adjustment` holds it. Every field but `seconds` is a tuple with one entry for each output. Two
    adjustments are equal if all their fields but `seconds` are equal.

    Attributes
    ----------
    reasons : tuple of str
        Why the values of an output were not adjusted. An empty text means that they were.
    weights : tuple of (float, float)
        How much of the predictions was used, from 0 to 1: of the sparse model, a sum of single interactions, and of the
        smooth model, which holds interactions of every order. Both were fitted to some of the pairs and judged at the
        others.
    n_interactions : tuple of int
        Number of single interactions in the sparse model, also the tiny ones.
    leading : tuple of tuple of (tuple of int, float)
        The single interactions with the largest coefficients, at most 10: the players, and the coefficient in the unit
        of the worths. The coefficient is that of the product of the players' signs, which are +1 inside a coalition and
        -1 outside.
    plain_variance : tuple of float
        Variance of (v(S) - v(S^c)) / 2 over the pairs of a coalition S and its complement S^c that plain least squares
        leaves, in the squared unit of the worths. It causes the error of values that are not adjusted. NaN if unknown.
    adjusted_variance : tuple of float
        What is left of it once interactions are taken out. It is measured at pairs that the fits had not seen. NaN if
        no interactions were fitted.
    n_selected : tuple of int
        If there are too few coalitions to determine every value: how many values of a sparse regression are not 0. It
        replaced the minimum-norm solution. 0 if it did not.
    seconds : float
        Time that finding the interactions took, in seconds.

    See Also
    --------
    estimate : Estimate the values of a game.
    diagnose : Show what limits an estimate's accuracy, and the leading interactions by name.

    Examples
    --------
    >>> import banzhaf
    >>> game = lambda c: c.sum(axis=1) + 2.0 * c[:, 0] * c[:, 1] * c[:, 2]
    >>> values = banzhaf.estimate(game, 12, budget=200, random_state=0, interactions="none")
    >>> values.adjustment is None
    True
    """

    reasons: tuple[str, ...]
    weights: tuple[tuple[float, float], ...]
    n_interactions: tuple[int, ...]
    leading: tuple[tuple[Interaction, ...], ...]
    plain_variance: tuple[float, ...]
    adjusted_variance: tuple[float, ...]
    n_selected: tuple[int, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    def __post_init__(self) -> None:
        """Check the fields and turn them into plain tuples."""
        reasons = texts("reasons", self.reasons)
        n_outputs = len(reasons)
        if n_outputs == 0:
            raise ValueError("reasons must hold a text for each output, got none")

        if len(self.n_selected) == 0:
            vars(self)["n_selected"] = (0,) * n_outputs

        def each(name: str, convert: Callable[[Any], Any]) -> tuple[Any, ...]:
            given = tuple(getattr(self, name))
            if len(given) != n_outputs:
                raise ValueError(f"{name} must have {n_outputs} entries to match reasons, got {len(given)}")
            return tuple(convert(item) for item in given)

        vars(self).update(
            reasons=reasons,
            weights=each("weights", _weights),
            n_interactions=each("n_interactions", lambda item: check.integer("n_interactions", item, 0)),
            leading=each("leading", lambda item: tuple(_interaction(one) for one in item)),
            plain_variance=each("plain_variance", lambda item: _variance("plain_variance", item)),
            adjusted_variance=each("adjusted_variance", lambda item: _variance("adjusted_variance", item)),
            n_selected=each("n_selected", lambda item: check.integer("n_selected", item, 0)),
            seconds=check.real("seconds", self.seconds),
        )

    @property
    def adjusted(self) -> bool:
        """Whether the values of any output were adjusted."""
        return "" in self.reasons

    def left_share(self, output: int) -> float:
        """Return the share of `plain_variance` that is left; NaN if unknown, or if float64 cannot hold the variances.

        Parameters
        ----------
        output : int
            Position of the output.

        Returns
        -------
        float
            From 0 to 1.

        See Also
        --------
        diagnose : Show what limits an estimate's accuracy.

        Examples
        --------
        >>> import banzhaf
        >>> game = lambda c: c.sum(axis=1) + 2.0 * c[:, 0] * c[:, 1] * c[:, 2]
        >>> bool(banzhaf.estimate(game, 12, budget=400, random_state=0).adjustment.left_share(0) < 0.1)
        True
        """
        before, after = self.plain_variance[output], self.adjusted_variance[output]
        return after / before if 0 < before < math.inf else math.nan

    def __repr__(self) -> str:
        """Show what was done for each output."""
        lines = [f"Adjustment: {self.seconds:.2g} s"]
        for o in range(min(len(self.reasons), 3)):
            of_output = f"output {o}: " if len(self.reasons) > 1 else ""
            lines.append(f"  {of_output}{told(self, o)}")
            for players, coefficient in self.leading[o][:_REPR_INTERACTIONS]:
                lines.append(f"    {coefficient: .3g}  players {', '.join(map(str, players))}")
        if len(self.reasons) > 3:
            lines.append(f"  ... {len(self.reasons) - 3} more outputs")
        return "\n".join(lines)


def told(adjustment: Adjustment, output: int) -> str:
    """Say in one line what was done for an output."""
    if number := adjustment.n_selected[output]:
        return f"sparse regression: {number} values are not 0, because {adjustment.reasons[output]}"
    if adjustment.reasons[output]:
        return f"not adjusted: {adjustment.reasons[output]}"
    share = 1 - adjustment.left_share(output)
    part = "a part" if math.isnan(share) else f"{share:.1%}"
    return f"adjusted: interactions took out {part} of the variance that causes the error"


def interactions_of(given: Any) -> str:
    """Check the argument `interactions`."""
    return check.choice("interactions", given, INTERACTIONS)


def adjustment_of(found: _core.Estimate) -> Adjustment | None:
    """Wrap the core's records; None if interactions were not to be looked for."""
    records = found.adjustments
    if not records:
        return None
    return Adjustment(
        reasons=tuple(record.reason for record in records),
        weights=tuple((record.terms_weight, record.kernel_weight) for record in records),
        n_interactions=tuple(record.n_terms for record in records),
        leading=tuple(tuple((tuple(players), value) for players, value in record.leading) for record in records),
        plain_variance=tuple(record.plain_variance for record in records),
        adjusted_variance=tuple(record.adjusted_variance for record in records),
        n_selected=tuple(record.n_selected for record in records),
        seconds=sum(record.seconds for record in records),
    )


def _weights(given: Any) -> tuple[float, float]:
    terms, kernel = (check.real("weights", weight) for weight in given)
    return terms, kernel


def _interaction(given: Any) -> Interaction:
    players, coefficient = given
    return tuple(check.integer("leading", player, 0) for player in players), check.real("leading", coefficient)


def _variance(name: str, given: Any) -> float:
    number = check.real(name, given)
    if not (math.isnan(number) or number >= 0):
        raise ValueError(f"{name} must not be negative, got {number!r}")
    return number
