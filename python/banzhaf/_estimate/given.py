# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Check coalitions and worths that the caller passes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._support.exact import check_exact, check_unmasked
from banzhaf._support.labelled import check_own_order, check_same_order
from banzhaf._support.tensors import from_tensor


def coalitions(given: ArrayLike) -> NDArray[np.bool_]:
    """Check that coalitions are a boolean array; 0 and 1 count as booleans."""
    check_unmasked(given, "coalitions must be boolean, got")
    if hasattr(given, "toarray"):
        raise TypeError("coalitions must be a boolean array, not a sparse matrix: pass coalitions.toarray()")
    given = from_tensor(given, "coalitions must be a boolean array, got")
    try:
        rows = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"coalitions must be a boolean array: {error}") from error
    if rows.dtype.kind not in "biuf":
        raise TypeError(f"coalitions must be boolean, got dtype {rows.dtype}")
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"coalitions must have shape (m, n_players), got {rows.shape}")
    if rows.dtype != bool and not ((rows == 0) | (rows == 1)).all():
        raise ValueError(f"coalitions must hold only 0 and 1, got {rows[(rows != 0) & (rows != 1)][0]!s}")
    return np.ascontiguousarray(rows, dtype=bool)


def numbers(name: str, given: Any) -> NDArray[np.float64]:
    """Check that a value is an array of numbers that float64 holds exactly."""
    check_unmasked(given, f"{name} must be numbers, got")
    given = from_tensor(given, f"{name} must be numbers, got")
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of numbers: {error}") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be numbers, got dtype {array.dtype}")
    check_exact(given, array, f"{name} must be numbers that float64 holds, got")
    return np.asarray(array, dtype=np.float64)


def numbers_of_rows(name: str, returned: Any, of: str) -> NDArray[np.float64]:
    """Check the numbers that a user's function returned for rows: they must be in the order of the rows."""
    check_own_order(returned, None, f"{name} must be in the order of {of}, got", "Return")
    return numbers(name, returned)


def finite(name: str, floats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Check that all numbers are finite."""
    if not np.isfinite(floats).all():
        raise ValueError(f"{name} must be finite, got {floats[~np.isfinite(floats)][0]}")
    return floats


def worths(name: str, given: Any, count: int, of: str, coalitions: Any = None) -> NDArray[np.float64]:
    """Check the shape and order of worths: one number or several outputs for each of the coalitions."""
    worths = numbers(name, given)
    if worths.ndim not in (1, 2) or len(worths) != count or 0 in worths.shape:
        raise ValueError(
            f"{name} must have shape ({count},) or ({count}, n_outputs), a row for each of {of}, got {worths.shape}"
        )
    check_same_order(name, given, "coalitions" if coalitions is not None else of, coalitions)
    return worths


def columns(worths: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.ascontiguousarray(worths if worths.ndim == 2 else worths[:, np.newaxis])


def ends(given: Any, n_players: int, outputs: tuple[int, ...]) -> NDArray[np.float64]:
    """Check the worths of the coalitions of 0, 1, n - 1 and n players."""
    n, n_ends = n_players, 2 * (n_players + 1)
    found = finite("ends", worths("ends", given, n_ends, f"the coalitions of 0, 1, {n - 1} and {n}"))
    if found.shape[1:] != outputs:
        raise ValueError(f"ends must have shape {(n_ends, *outputs)} to match values, got {found.shape}")
    return found
