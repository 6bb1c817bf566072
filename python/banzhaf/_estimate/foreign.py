# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Interactions as objects of shap and shapiq, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from banzhaf._support import arguments as check
from banzhaf._support.cells import codes

if TYPE_CHECKING:
    from banzhaf._estimate.interactions import Interactions


def to_shap(found: Interactions, data: Any) -> Any:
    """Make a shap.Explanation in shap's convention: halves off the diagonal, the rest of the value on it."""
    if found.order != 2:
        raise ValueError(f"order must be 2 for shap, which knows interactions of pairs only, got {found.order}")
    if found.player_values is None:
        raise ValueError("player_values must be known for shap's diagonal: set them with dataclasses.replace")
    rows = () if found.n_rows is None else (found.n_rows,)
    cells = _cells(data, (*rows, found.n_players))
    try:
        import shap
    except ImportError as error:
        raise ImportError("to_shap needs shap: pip install 'banzhaf[shap]'") from error
    halves = np.nan_to_num(found.to_dense(), nan=0.0) / 2.0
    axis = len(rows)
    diagonal = np.arange(found.n_players)
    halves[(slice(None),) * axis + (diagonal, diagonal)] = found.player_values - halves.sum(axis=axis + 1)
    outputs = halves.shape[axis + 2 :]
    base = np.zeros(outputs) if found.base_values is None else found.base_values
    return shap.Explanation(
        halves,
        base_values=np.broadcast_to(base, (*rows, *outputs)).copy() if rows or outputs else float(base),
        data=cells,
        feature_names=list(found.player_names or [f"player {index}" for index in range(found.n_players)]),
        output_names=list(found.output_names) if found.output_names and outputs else None,
    )


def _cells(data: Any, shape: tuple[int, ...]) -> Any:
    """Turn the explained rows into numbers, because shap colours by them."""
    if data is None:
        return None
    cells = np.asarray(data)
    if cells.shape != shape:
        raise ValueError(f"data must have shape {shape}, a cell for each row and player, got {cells.shape}")
    if cells.ndim == 1:
        return cells.astype(np.float64)
    return np.column_stack([codes(column)[0] for column in cells.T])


def to_shapiq(found: Interactions) -> Any:
    """Make shapiq's InteractionValues, or a list of them."""
    if found.p != 0.5:
        raise ValueError(f"p must be 0.5 for shapiq, whose Banzhaf interactions have no other, got {found.p}")
    if found.values.ndim == (1 if found.n_rows is None else 2) + 1:
        raise ValueError("output must be picked for shapiq, whose objects have one: use interactions.output(0)")
    try:
        import shapiq
    except ImportError as error:
        raise ImportError("to_shapiq needs shapiq: pip install shapiq") from error
    if found.n_rows is not None:
        return [to_shapiq(found.row(row)) for row in range(found.n_rows)]
    values: dict[tuple[int, ...], float] = {}
    if found.order > 1 and found.player_values is not None:
        values = {(player,): float(value) for player, value in enumerate(found.player_values)}
    for players, value in zip(found.players.tolist(), found.values.tolist(), strict=True):
        if not math.isnan(value):
            values[tuple(players)] = value
    return shapiq.InteractionValues(
        values,
        index="BV" if found.order == 1 else "BII",
        min_order=1 if found.player_values is not None else found.order,
        max_order=found.order,
        n_players=found.n_players,
        estimated=not (found.standard_errors == 0.0).all(),
        estimation_budget=found.n_evaluations or None,
        baseline_value=0.0 if found.base_values is None else float(found.base_values),
    )


def from_shapiq(found: Any, order: Any, player_names: Any) -> dict[str, Any]:
    """Read the fields of `Interactions` from shapiq's InteractionValues."""
    known = ("interactions", "index", "max_order", "n_players", "estimated")
    if not all(hasattr(found, name) for name in known):
        raise TypeError(f"found must be a shapiq.InteractionValues, got {type(found).__name__}")
    k = check.integer("order", found.max_order if order is None else order, 1, found.max_order)
    if found.index not in ("BII", "BV") and not (found.index == "FBII" and k == found.max_order):
        remedy = "only its largest order" if found.index == "FBII" else "it is not a Banzhaf interaction"
        raise ValueError(f"found must have the index 'BII' or 'BV', got {found.index!r} of order {k}: {remedy}")
    n = check.players(found.n_players)
    listed = {tuple(sorted(players)): float(value) for players, value in found.interactions.items()}
    sets = sorted(players for players in listed if len(players) == k)
    single = [listed.get((player,), math.nan) for player in range(n)]
    has_single = found.index != "FBII" and not any(map(math.isnan, single))
    values = np.array([listed[players] for players in sets])
    return {
        "n_players": n,
        "order": k,
        "players": np.array(sets, dtype=np.int64).reshape(len(sets), k),
        "values": values,
        "standard_errors": np.full(len(sets), math.nan if found.estimated else 0.0),
        "complete": len(sets) == math.comb(n, k),
        "unresolved_variance": math.nan if found.estimated else 0.0,
        "n_evaluations": int(found.estimation_budget or 0),
        "design": "shapiq",
        "player_names": check.names("player_names", player_names, n, "players"),
        "degrees_of_freedom": math.nan if found.estimated else math.inf,
        "player_values": np.array(single) if has_single else None,
        "base_values": float(found.baseline_value),
    }
