# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Values at other probabilities, from the evaluations of a run at p = 0.5."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate import given
from banzhaf._estimate.interaction_sources import spectrum_of
from banzhaf._estimate.kept import Kept, table_of
from banzhaf._estimate.several import for_several
from banzhaf._estimate.shapley import shares_of
from banzhaf._estimate.units import in_units, of_each, units_of
from banzhaf._support import arguments as check

if TYPE_CHECKING:
    from banzhaf._estimate.results import BanzhafValues

Floats = NDArray[np.float64]
# If the interactions that the evaluations leave open may move values by more than this share of them, on average over
# the players, they are refused.
_MOST_UNRESOLVED = 0.5
# Interactions of very many players leave nothing at p. The 95 % intervals then reach as far as that.
_LEAST_REACH = 1 / 1.96
# With more sets of three players, the noise of their sum is larger than what they add.
_MOST_SETS_OF_THREE = 20_000


def values_at(values: BanzhafValues, p: Any, ends: Any, num_threads: Any) -> Any:
    """Compute the values of a result at one probability or several, as `BanzhafValues.at_p` describes."""
    several = check.probabilities(p)
    probabilities = several if several is not None else (check.probability(p),)
    n, outputs = len(values), values.values.shape[1:]
    if ends is not None:
        ends = given.ends(ends, n, outputs)
    threads = check.threads(num_threads)
    kept = values._evaluations
    if kept is not None and not values.noisy and (table := table_of(kept)) is not None:
        found = for_several(values, table, probabilities, threads)
    else:
        units = units_of(values)
        if units is None:
            curve = _curve(values, kept, ends, threads)
        else:
            scaled = in_units(values, units)
            curve = _curve(
                scaled, scaled._evaluations, None if ends is None else ends / of_each(values, units), threads
            )
        found = tuple(_at(values, curve, probability, units) for probability in probabilities)
    return found if several is not None else found[0]


class _Sum(NamedTuple):
    """For each player and output, the sum of 2 c_T over the sets T of one size with this player, and its error."""

    values: Floats
    errors: Floats
    unresolved: Floats  # of each output: the variance of v(S) - v(S^c), or of v(S) + v(S^c), by what was not found


class _Curve(NamedTuple):
    """What is known of the values as functions of mu = 2 p - 1. Arrays have the shape (n_players, n_outputs)."""

    banzhaf: Floats
    errors: Floats
    pairs: _Sum
    triples: _Sum | None  # None if the coalitions do not show them
    odd: Floats  # all coefficients of even powers of mu together: interactions of 1, 3, 5, ... players
    even: Floats  # and of odd powers: interactions of 2, 4, 6, ... players
    higher_variance: Floats  # of each output: the variance of v(S) - v(S^c) by three players and more
    shares: Floats


def _curve(values: BanzhafValues, kept: Kept | None, ends: Floats | None, threads: int) -> _Curve:
    n = len(values)
    if values.p != 0.5:
        raise ValueError(
            f"at_p needs an estimate at p=0.5, and this one has p={values.p:g}: leave p out of the estimate"
        )
    if values.noisy:
        raise ValueError("at_p needs a game without noise: call estimate once for each p, with noisy=True")
    if kept is None:
        raise ValueError("at_p needs the evaluations of the run, and this result has none: use what estimate returns")
    ends = values.end_worths if ends is None else ends
    if ends is None:
        raise ValueError(
            f"at_p needs the worths of the coalitions of 0, 1, {n - 1} and {n} players: pass shapley=True to estimate, "
            f'or pass the worths of sample_coalitions({n}, {2 * (n + 1)}, design="ends") as ends'
        )
    worths = given.columns(ends)
    first, last = worths[2::2] - worths[1], worths[0] - worths[3::2]  # the values at p = 0 and at p = 1
    pairs = _sum_over(values, kept, 2, threads)
    if pairs is None:
        raise ValueError(f"at_p needs the interactions of all pairs of {n} players, which are too many: call estimate")
    few = n * (n - 1) * (n - 2) // 6 <= _MOST_SETS_OF_THREE
    banzhaf = given.columns(values.values)
    return _Curve(
        banzhaf,
        given.columns(values.standard_errors),
        pairs,
        _sum_over(values, kept, 3, threads) if few else None,
        (last + first) / 2,
        (last - first) / 2,
        4.0 * values.variance_shares.reshape(3, -1)[2] * np.atleast_1d(values.even_variance + values.odd_variance),
        shares_of(banzhaf),
    )


def _sum_over(values: BanzhafValues, kept: Kept, order: int, threads: int) -> _Sum | None:
    """Add up what the interactions of an order contribute to each player; None if there are too many of them.

    Those of three players may also be more than the coalitions can show.
    """
    try:
        found = spectrum_of(values, kept, order, threads)
    except ValueError:
        if order == 2:
            raise
        return None
    if not found.complete:
        return None
    shape = (len(values), found.coefficients.shape[1])
    sums, distances, variances = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    distance = found.unbiased - found.coefficients
    for column in found.players.T:
        np.add.at(sums, column, 2.0 * found.coefficients)
        np.add.at(distances, column, 2.0 * distance)
        np.add.at(variances, column, 4.0 * np.maximum(0.0, found.errors**2 - distance**2))
    return _Sum(sums, np.sqrt(variances + distances**2), 4.0 * np.maximum(0.0, found.unresolved_variance))


def _at(values: BanzhafValues, curve: _Curve, p: float, units: Floats | None) -> BanzhafValues:
    """Read the values off the curve at one probability. The curve is in these units of the outputs."""
    if p == 0.5:
        return values
    odd, even = _odd_part(curve, 2.0 * p - 1.0), _even_part(curve, 2.0 * p - 1.0)
    found = odd.values + even.values
    unresolved = _unresolved(odd, even)
    worst = np.sqrt((unresolved**2).sum(axis=0))
    sizes = np.sqrt((found**2).sum(axis=0))
    if (worst > _MOST_UNRESOLVED * sizes).any():
        fresh = ', or evaluate with design="fresh"' if values.design == "nested" else ""
        raise ValueError(
            f"p={p:g} is too far from 0.5 for these evaluations: interactions that they do not resolve may move the "
            f"values by more than half. Call estimate with p={p:g}, take a p nearer to 0.5, or raise the budget{fresh}"
        )
    errors = np.sqrt(odd.sampling**2 + even.sampling**2 + unresolved**2)
    if units is not None:
        found, errors = found * units, errors * units
    shape = values.values.shape
    unknown = np.full(values.mean_worth.shape, np.nan)
    return dataclasses.replace(
        values,
        values=found.reshape(shape),
        standard_errors=errors.reshape(shape),
        p=p,
        n_evaluations=values.n_evaluations + (0 if values.end_worths is None else 2 * (len(values) + 1)),
        mean_worth=unknown,
        r2=unknown,
        even_variance=unknown,
        odd_variance=unknown,
        variance_shares=np.full(values.variance_shares.shape, np.nan),
        adjustment=None,
        end_worths=None,
        _evaluations=None,
    )


class _Part(NamedTuple):
    """One half of a value, and the parts of its error."""

    values: Floats
    sampling: Floats
    shift: Floats  # what changes, with its sign, if found interactions are of more players than they are taken for
    unfound: Floats  # what was not found adds with any signs


def _reach(square: float) -> float:
    """Say how much of mu^k is lost two players further, but at least what intervals need if all of it is."""
    return max(1 - square, _LEAST_REACH)


def _odd_part(curve: _Curve, mu: float) -> _Part:
    """Add up b + t mu^2 + f mu^4. The sum of all coefficients is known, so f is what b and t lack of it."""
    square = mu * mu
    step, reach = square * (1 - square), _reach(square)
    rest = curve.odd - curve.banzhaf  # of interactions of three players and more
    # Without those of three players, all of the rest is taken to be theirs.
    weight, five, error = (np.zeros(rest.shape) for _ in range(3))
    shift, variance = square * reach * rest, curve.higher_variance
    if curve.triples is not None:
        lacking = rest - curve.triples.values
        share = lacking**2 / np.maximum(lacking**2 + curve.triples.errors**2, np.finfo(float).tiny)
        open_lacking = (1 - share) * np.maximum(np.abs(lacking), curve.triples.errors)
        further = np.sign(lacking) * (step * open_lacking + square**2 * reach * share * np.abs(lacking))
        noise = share * curve.triples.errors
        better = np.hypot(open_lacking, noise) < np.abs(rest)
        weight, five, error = (np.where(better, each, 0.0) for each in (share, share * lacking, noise))
        shift, variance = np.where(better, further, shift), curve.triples.unresolved
    values = curve.banzhaf + square * (rest - five) + square * square * five
    sampling = np.hypot((1 - square + weight * step) * curve.errors, step * error)
    return _Part(values, sampling, shift, step * _unfound(variance, 5, curve.shares))


def _even_part(curve: _Curve, mu: float) -> _Part:
    """Add up a mu + q mu^3, where q is what the sum a of pairs lacks of all coefficients."""
    square, cube = mu * mu, mu * mu * mu
    rest = curve.even - curve.pairs.values
    unfound = abs(cube) * (1 - square) * _unfound(curve.pairs.unresolved, 6, curve.shares)
    return _Part(
        mu * curve.pairs.values + cube * rest,
        np.abs(mu * (1 - square)) * curve.pairs.errors,
        cube * _reach(square) * rest,
        unfound,
    )


def _unfound(variance: Floats, size: int, shares: Floats) -> Floats:
    """Divide among the players what sets of this size with random signs add to the squares of their sums."""
    known = np.where(np.isnan(variance), 0.0, np.maximum(variance, 0.0))
    return np.asarray(np.sqrt(size * known * shares))


def _unresolved(odd: _Part, even: _Part) -> Floats:
    """Combine the parts of both halves that the evaluations leave open."""
    # A value that changes steeply near p = 0 or p = 1 shifts both halves together.
    shift = np.where(odd.shift * even.shift > 0, odd.shift + even.shift, np.hypot(odd.shift, even.shift))
    return np.asarray(np.sqrt(shift**2 + odd.unfound**2 + even.unfound**2))
