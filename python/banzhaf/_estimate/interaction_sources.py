# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Interactions of the evaluations that a result keeps."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate import given
from banzhaf._estimate.interactions import Interactions, all_sets
from banzhaf._estimate.kept import Kept, table_of
from banzhaf._support import arguments as check
from banzhaf._support.fields import as_computed

if TYPE_CHECKING:
    from banzhaf._estimate.results import BanzhafValues

_MOST_ORDER = 3  # of interactions that pairs of coalitions show


def interactions_of_values(values: BanzhafValues, kept: Kept | None, order: Any, num_threads: Any) -> Interactions:
    """Compute the interactions of an order from the evaluations of a result."""
    n = len(values)
    k = check.integer("order", order, 1, n)
    threads = check.threads(num_threads)
    p = values.p
    if k == 1:
        single = np.arange(n)[:, np.newaxis]
        unknown = np.full(values.values.shape[1:], 0.0 if (values.standard_errors == 0).all() else np.nan)
        return _wrap(values, single, values.values, values.standard_errors, unknown, values.degrees_of_freedom)
    if kept is None:
        raise ValueError(
            "interactions need the evaluations of the run, and this result has none: it is one that a callback "
            "received, or it was made without them, or it comes from an earlier version of banzhaf. Use the result "
            "that the call returns"
        )
    table = table_of(kept)
    if table is not None and (p == 0.5 or (values.standard_errors == 0).all()):
        return _of_table(values, table, k, p, threads)
    if p != 0.5:
        raise ValueError(
            f"interactions are those of uniform coalitions, and these values have p = {p:g}: estimate them without p"
        )
    if k > _MOST_ORDER:
        raise ValueError(
            f"order must be at most {_MOST_ORDER} unless the worths of all 2^{n} coalitions are known, got {k}: use "
            "exact, or a budget that covers them"
        )
    found = spectrum_of(values, kept, k, threads)
    take = (...,) if values.values.ndim == 2 else (..., 0)
    scale = 2.0**k
    return _wrap(
        values,
        found.players,
        scale * found.coefficients[take],
        scale * found.errors[take],
        found.unresolved_variance[take],
        found.degrees_of_freedom,
        complete=found.complete,
    )


def spectrum_of(values: BanzhafValues, kept: Kept, order: int, threads: int) -> _core.Spectrum:
    """Estimate the coefficients of products of two or three players from uniform pairs."""
    if kept.kind == "walks":
        raise ValueError(
            "interactions need pairs of complements, and monte_carlo evaluates none: estimate the values with estimate"
        )
    if kept.words is not None:
        return _core.spectrum_of_given(kept.coalitions, kept.worths, order, threads)
    return _core.estimate_spectrum(kept.kind, len(values), kept.budget, kept.seed, kept.worths, order, threads)


def _of_table(values: BanzhafValues, table: NDArray[np.float64], order: int, p: float, threads: int) -> Interactions:
    """Transform the worths of all coalitions."""
    names = values.player_names
    found = interactions_of_table(table, len(values), order, p=p, player_names=names, num_threads=threads)
    found = found if values.values.ndim == 2 else found.output(0)
    if (values.standard_errors == 0).all():
        return dataclasses.replace(found, player_values=values.values, n_evaluations=values.n_evaluations)
    # Noise has the same variance in all coefficients, so that of the values tells it.
    errors = np.array(np.broadcast_to(2.0 ** (order - 1) * values.standard_errors.max(axis=0), found.values.shape))
    return _wrap(values, found.players, found.values, errors, found.unresolved_variance, values.degrees_of_freedom)


def _wrap(
    values: BanzhafValues,
    players: NDArray[np.int64],
    found: NDArray[np.float64],
    errors: NDArray[np.float64],
    unresolved: NDArray[np.float64],
    degrees_of_freedom: float,
    *,
    complete: bool = True,
) -> Interactions:
    """Build interactions that share the rest with the values. They may share their arrays, which are read-only."""
    return as_computed(
        Interactions,
        n_players=len(values),
        order=players.shape[1],
        players=players,
        values=found,
        standard_errors=errors,
        complete=complete,
        unresolved_variance=np.asarray(unresolved),
        n_evaluations=values.n_evaluations,
        design=values.design,
        player_names=values.player_names,
        degrees_of_freedom=np.array(degrees_of_freedom),
        n_rows=None,
        player_values=values.values,
        base_values=None,
        output_names=None,
        p=values.p,
    )


def interactions_of_table(
    worths: NDArray[np.float64],
    n_players: int,
    order: Any,
    *,
    p: float = 0.5,
    player_names: tuple[str, ...] | None = None,
    num_threads: int = 0,
) -> Interactions:
    """Compute all interactions of an order from the worths of all coalitions, by the Walsh-Hadamard transform.

    The worth of a coalition stands at index sum of 2^i over its players i. The other players are in with probability p.
    """
    k = check.integer("order", order, 1, n_players)
    players = all_sets(n_players, k)
    single = 1 << np.arange(n_players)
    places = single[players].sum(axis=1)
    columns = given.columns(worths)
    values = np.empty((len(places), columns.shape[1]))
    of_players = np.empty((n_players, columns.shape[1]))
    for output in range(columns.shape[1]):
        coefficients = np.array(columns[:, output])
        _core.walsh_hadamard(coefficients, num_threads)
        if p != 0.5:
            _average(coefficients, n_players, 2.0 * p - 1.0)
        # The transform's sign of a set is (-1)^|S and T|, ours counts the players outside.
        values[:, output] = coefficients[places] * ((-2.0) ** k / len(coefficients))
        of_players[:, output] = coefficients[single] * (-2.0 / len(coefficients))
    take = (...,) if worths.ndim == 2 else (..., 0)
    return as_computed(
        Interactions,
        n_players=n_players,
        order=k,
        players=players,
        values=values[take] + 0.0,
        standard_errors=np.zeros(values[take].shape),
        complete=True,
        unresolved_variance=np.zeros(columns.shape[1])[take],
        n_evaluations=len(columns),
        design="exhaustive",
        player_names=player_names,
        degrees_of_freedom=np.array(np.inf),
        n_rows=None,
        player_values=of_players[take] + 0.0,
        base_values=np.array(columns[0])[take],
        output_names=None,
        p=p,
    )


def _average(coefficients: NDArray[np.float64], n_players: int, mean_sign: float) -> None:
    """Replace the coefficient of each set T by the mean derivative over T when the others' signs have this mean.

    That is the sum over the sets U that contain T of mean_sign^(|U| - |T|) c_U. Each player's step is a fold.
    """
    for player in range(n_players):
        halves = coefficients.reshape(-1, 2, 2**player)
        # The transform's sign of a set is (-1)^|S and T|, so one more player changes the sign.
        halves[:, 0] -= mean_sign * halves[:, 1]
