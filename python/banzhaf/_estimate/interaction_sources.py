# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Interactions of the evaluations that a result keeps."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.interactions import Interactions, all_sets
from banzhaf._support import arguments as check
from banzhaf._support.fields import as_computed

if TYPE_CHECKING:
    from banzhaf._estimate.kept import Kept
    from banzhaf._estimate.results import BanzhafValues


def interactions_of_values(values: BanzhafValues, kept: Kept | None, order: Any, num_threads: Any) -> Interactions:
    """Compute the interactions of an order from the evaluations of a result."""
    k = check.integer("order", order, 1, len(values))
    threads = check.threads(num_threads)
    if kept is None:
        raise ValueError(
            "interactions need the evaluations of the run, and this result has none: it is one that a callback "
            "received, or it was made without them. Use the result that the call returns"
        )
    table = _table(kept) if not values.noisy and not values.n_dropped else None
    if table is None:
        raise ValueError(
            f"interactions need the worths of all 2^{len(values)} coalitions: use exact, or a budget that covers them"
        )
    found = interactions_of_table(table, len(values), k, player_names=values.player_names, num_threads=threads)
    found = found if values.values.ndim == 2 else found.output(0)
    return dataclasses.replace(found, player_values=values.values)


def _table(kept: Kept) -> NDArray[np.float64] | None:
    """Return the worths of all coalitions in the order of their players' bits; None if there are not all."""
    if kept.n_players > _core.MAX_EXHAUSTIVE_PLAYERS or len(kept.worths) != 2**kept.n_players:
        return None
    if kept.kind == "exhaustive":
        return kept.worths
    if kept.words is None:
        return None
    places = kept.words[:, 0]
    if len(np.unique(places)) < len(places):
        return None
    table = np.empty_like(kept.worths)
    table[places] = kept.worths
    return table


def interactions_of_table(
    worths: NDArray[np.float64],
    n_players: int,
    order: Any,
    *,
    player_names: tuple[str, ...] | None = None,
    num_threads: int = 0,
) -> Interactions:
    """Compute all interactions of an order from the worths of all coalitions, by the Walsh-Hadamard transform.

    The worth of a coalition stands at index sum of 2^i over its players i.
    """
    k = check.integer("order", order, 1, n_players)
    players = all_sets(n_players, k)
    single = 1 << np.arange(n_players)
    places = single[players].sum(axis=1)
    columns = worths if worths.ndim == 2 else worths[:, np.newaxis]
    values = np.empty((len(places), columns.shape[1]))
    of_players = np.empty((n_players, columns.shape[1]))
    for output in range(columns.shape[1]):
        coefficients = np.array(columns[:, output])
        _core.walsh_hadamard(coefficients, num_threads)
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
        p=0.5,
    )
