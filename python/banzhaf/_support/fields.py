# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Check the fields of a result, from its constructor or from a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from banzhaf._support import arguments as check
from banzhaf._support.protocols import PlayersValued

_Result = TypeVar("_Result")


def as_computed(kind: type[_Result], **fields: Any) -> _Result:
    """Build a frozen result from fresh arrays of the core, which need neither checks nor copies."""
    for value in fields.values():
        if type(value) is np.ndarray:
            value.setflags(write=False)
    return built(kind, fields)


def built(kind: type[_Result], fields: dict[str, Any]) -> _Result:
    """Build a frozen result from fields that are right, with arrays that are read-only."""
    result = object.__new__(kind)
    vars(result).update(fields)
    return result


def of_players(result: PlayersValued) -> dict[str, Any]:
    """Check the fields that all results with a value for each player have, and copy the arrays."""
    values = floats("values", result.values)
    if values.ndim not in (1, 2) or 0 in values.shape:
        raise ValueError(f"values must have shape (n_players,) or (n_players, n_outputs), got {values.shape}")
    names, seed = result.player_names, result.random_state
    return {
        "values": values,
        "standard_errors": errors("standard_errors", result.standard_errors, values.shape),
        "n_evaluations": check.integer("n_evaluations", result.n_evaluations, 0),
        "design": check.text("design", result.design),
        "degrees_of_freedom": check.real("degrees_of_freedom", result.degrees_of_freedom),
        "player_names": None if names is None else texts("player_names", names, len(values)),
        "random_state": None if seed is None else check.integer("random_state", seed, 0, check.MAX_SEED),
    }


def floats(name: str, given: Any, shape: tuple[int, ...] | None = None) -> NDArray[np.float64]:
    """Copy an array of numbers as read-only float64."""
    array = np.array(given)
    if array.dtype.char != "d":
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{name} must be an array of numbers, got dtype {array.dtype}")
        array = array.astype(np.float64)
    return _frozen(name, array, shape)


def errors(name: str, given: Any, shape: tuple[int, ...] | None = None) -> NDArray[np.float64]:
    """Copy standard errors or variances as read-only float64; they must not be negative, and NaN means unknown."""
    array = floats(name, given, shape)
    if array.size and np.fmin.reduce(array, axis=None) < 0:
        raise ValueError(f"{name} must not be negative")
    return array


def counts(name: str, given: Any, shape: tuple[int, ...] | None = None) -> NDArray[np.int64]:
    """Copy an array of counts as read-only int64."""
    array = np.asarray(given)
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be an array of integers, got dtype {array.dtype}")
    if (array < 0).any() or (array >= 2**63).any():
        raise ValueError(f"{name} must lie between 0 and 2^63 - 1")
    return _frozen(name, array.astype(np.int64), shape)


def texts(name: str, given: Any, count: int | None = None) -> tuple[str, ...]:
    """Check several strings and return them as plain str."""
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise TypeError(f"{name} must be a tuple of strings, got {given!r}")
    result = tuple(check.text(name, item) for item in given)
    if count is not None and len(result) != count:
        raise ValueError(f"{name} must hold {count} strings to match values, got {len(result)}")
    return result


def _frozen(name: str, array: NDArray[Any], shape: tuple[int, ...] | None) -> NDArray[Any]:
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} must have shape {shape} to match values, got {array.shape}")
    array.setflags(write=False)
    return array


def have_values(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say of each row whether it has values; a deadline cuts rows off, which are then NaN."""
    found: NDArray[np.bool_] = ~np.isnan(values).any(axis=tuple(range(1, values.ndim)))
    return found
