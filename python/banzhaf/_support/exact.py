# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Refuse numbers that float64 would change, and masked entries."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_EXACT", "check_exact", "check_unmasked"]

MAX_EXACT = 2**53  # float64 holds every integer up to here


def check_unmasked(given: Any, says: str) -> None:
    """Refuse masked entries, under which NumPy finds arbitrary numbers.

    Parameters
    ----------
    given : array_like
        What the user passed, before its conversion to an array.
    says : str
        First words of the error message.

    Raises
    ------
    ValueError
        If it is a masked array with a masked entry, or a list with one.
    """
    parts = given if isinstance(given, (list, tuple)) else (given,)
    if any(isinstance(part, np.ma.MaskedArray) and np.ma.is_masked(part) for part in parts):
        raise ValueError(f"{says} a masked array with masked entries; fill them, for example with .filled(numpy.nan)")


def check_exact(given: Any, array: NDArray[Any], says: str) -> None:
    """Refuse integers and extended floats that float64 does not hold exactly.

    Parameters
    ----------
    given : array_like
        What the user passed.
    array : ndarray of numbers
        The same as NumPy converts it.
    says : str
        First words of the error message.

    Raises
    ------
    ValueError
        If there is such a number; the message names the first one.
    """
    kind, size = array.dtype.kind, array.dtype.itemsize
    changed: Any = ()
    if (
        kind in "iu"
        and size == 8
        and array.size
        and (array.max() > MAX_EXACT or (kind == "i" and array.min() < -MAX_EXACT))
    ):
        changed = [number for number in array.ravel().tolist() if int(float(number)) != number]
    elif kind == "f" and size > 8:
        with np.errstate(all="ignore"):
            changed = array[(array.astype(np.float64) != array) & ~np.isnan(array)]
    elif kind == "f":  # NumPy has rounded integers beside floats, in lists and in tables
        changed = [number for number in _integers(given) if int(float(number)) != number]
    if len(changed):
        remedy = "round them with .astype(float)" if kind == "f" and size > 8 else "scale or shift the numbers"
        raise ValueError(f"{says} {changed[0]!s}, which float64 cannot hold; {remedy}")


def _integers(given: Any) -> list[int]:
    """List the integers beyond `MAX_EXACT` in nested lists, in arrays in lists, and in the columns of a table."""
    if isinstance(given, (list, tuple)):
        return [number for part in given for number in _integers(part)]
    if isinstance(given, (int, np.integer)):
        return [int(given)] if abs(int(given)) > MAX_EXACT else []
    if isinstance(given, np.ndarray):
        return _integers(given.ravel().tolist()) if given.dtype.kind in "iu" and given.dtype.itemsize == 8 else []
    if hasattr(given, "columns") and hasattr(given, "dtypes"):
        each = given.items() if hasattr(given, "iloc") else ((column.name, column) for column in given.get_columns())
        return [number for _, column in each for number in _integers(np.asarray(column))]
    return []
