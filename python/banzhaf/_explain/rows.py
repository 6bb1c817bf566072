# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Checks of the tables that users pass, and the form in which their cells are shown."""

from __future__ import annotations

import decimal
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._support.exact import MAX_EXACT
from banzhaf._support.tensors import from_tensor

__all__ = [
    "NUMBERS",
    "as_array",
    "cells_of",
    "check_not_empty",
    "check_same_names",
    "column_labels",
    "display",
    "display_numbers",
    "has_large_integers",
    "is_frame",
    "is_missing",
    "is_number",
    "is_sparse",
    "type_name",
]

NUMBERS = "biuf"  # dtype kinds of numbers: bool, signed, unsigned, floating
_TEXTS = "SUT"


def is_number(dtype: Any) -> bool:
    """Tell whether a dtype is a NumPy number dtype that the core can mask directly."""
    return isinstance(dtype, np.dtype) and dtype.kind in NUMBERS and dtype.itemsize <= 8 and dtype.isnative


def is_frame(table: Any, library: str) -> bool:
    """Tell whether a table is a DataFrame of the given library, pandas or polars."""
    module = sys.modules.get(library)  # the library of an existing DataFrame has been imported
    return module is not None and isinstance(table, module.DataFrame)


def is_sparse(table: Any) -> bool:
    """Tell whether a table is a sparse matrix or array of SciPy."""
    module = sys.modules.get("scipy.sparse")
    return module is not None and bool(module.issparse(table))


def cells_of(rows: Any) -> Any:
    """Turn a DataFrame or a sparse matrix into the array of its cells; anything else stays as it is."""
    if is_frame(rows, "pandas") or is_frame(rows, "polars"):
        return rows.to_numpy()
    return rows.toarray() if hasattr(rows, "toarray") else rows


def as_array(table: Any, name: str, wanted: str) -> NDArray[Any]:
    """Turn a table that is not a DataFrame into a two-dimensional array. Errors say that it must be `wanted`."""
    if hasattr(table, "toarray"):
        raise TypeError(f"{name} must be {wanted}, not a sparse matrix: pass {name}.toarray()")
    _check_not_masked(table, name, wanted)
    if hasattr(type(table), "columns"):
        raise TypeError(f"{name} must be {wanted}, not a {type_name(table)}")
    if hasattr(type(table), "dims") and hasattr(type(table), "to_numpy"):  # dimensions have names, not an order
        raise TypeError(
            f"{name} must be {wanted}, not a {type_name(table)}: pass {name}.to_numpy() if its dimensions are rows and "
            "columns, in this order"
        )
    table = from_tensor(table, f"{name} must be {wanted}, got")
    try:
        array = np.asarray(table)
    except ValueError as error:
        raise ValueError(f"{name} must have rows of equal length") from error
    except Exception as error:  # for example a list of tensors that require gradients
        raise TypeError(f"{name} must be {wanted}, not a {type_name(table)}: {error}") from error
    if array.dtype.names:
        raise TypeError(
            f"{name} must be {wanted}, not a structured array: pass pandas.DataFrame({name}), or "
            f"numpy.lib.recfunctions.structured_to_unstructured({name})"
        )
    if array.dtype.kind in _TEXTS and not isinstance(table, np.ndarray):
        array = np.asarray(table, dtype=object)
    if array.ndim != 2:
        raise ValueError(
            f"{name} must have two dimensions (rows, columns), not shape {array.shape}{_shape_hint(table, name, array)}"
        )
    check_not_empty(array.shape, name)
    if not isinstance(table, np.ndarray) and array.dtype.kind == "f":
        _check_integers(table, name)
    return array


def _check_not_masked(table: Any, name: str, wanted: str) -> None:
    """Refuse masked arrays and lists of them, because NumPy would use the values under the mask."""
    rows = table if isinstance(table, (list, tuple)) else ()
    cells = (cell for row in rows if isinstance(row, (list, tuple)) for cell in row)
    if isinstance(table, np.ma.MaskedArray):
        filled = "" if table.dtype.kind in "fcO" else ".astype(float)"
        raise TypeError(f"{name} must be {wanted}, not a masked array: pass {name}{filled}.filled(numpy.nan)")
    if any(isinstance(row, np.ma.MaskedArray) for row in rows) or any(cell is np.ma.masked for cell in cells):
        raise TypeError(f"{name} must be {wanted}, not a masked array: fill its masked cells with numpy.nan")


def _check_integers(table: Any, name: str) -> None:
    """Refuse integers that NumPy has rounded because they stand beside floats in a list."""
    for row in table if isinstance(table, (list, tuple)) else ():
        cells = row.tolist() if isinstance(row, np.ndarray) and row.dtype.kind in "iu" else row
        for cell in cells if isinstance(cells, (list, tuple)) else ():
            if isinstance(cell, (int, np.integer)) and abs(int(cell)) > MAX_EXACT and int(float(cell)) != int(cell):
                raise ValueError(f"{name} holds {cell}, which float64 cannot hold: pass an array of dtype object")


def _shape_hint(table: Any, name: str, array: NDArray[Any]) -> str:
    """Return a hint how to pass a single row, for its kind of container, or what else was passed."""
    if array.ndim == 0 and array.dtype == object and table is not None:
        return f": pass the rows themselves, not a {type_name(table)}"
    if array.ndim > 2:
        return (
            f": pass {name}.reshape(len({name}), -1) and a function of such rows, with groups of columns. "
            "banzhaf.games.TimeWindows and ImageRegions explain single series and images"
        )
    if array.ndim != 1 or not len(array):
        return ""
    if isinstance(table, (list, tuple)):
        return f": pass one row as [{name}]"
    if type(table).__name__ == "Series":
        return f": pass one row as {name}.to_numpy()[None]"
    return f": pass one row as {name}[None]"


def column_labels(frame: Any, name: str) -> list[Any]:
    """List the labels of a DataFrame; refuse one without rows or columns, or with repeated labels."""
    check_not_empty(frame.shape, name)
    labels = list(frame.columns)
    repeated = [text for text, times in Counter(map(str, labels)).items() if times > 1]
    if repeated:
        raise ValueError(f"{name} has several columns named {', '.join(repeated)}: rename them")
    return labels


def check_same_names(first: str, second: str, names: Collection[Any], expected: Collection[Any]) -> None:
    """Raise a ValueError that names the differing columns unless two tables have the same ones, in any order."""
    known, wanted = set(names), set(expected)
    missing = [name for name in expected if name not in known]
    unexpected = [name for name in names if name not in wanted]
    if missing or unexpected:
        raise ValueError(
            f"{first} must have the same columns as {second}"
            + (f"; missing: {missing}" if missing else "")
            + (f"; unexpected: {unexpected}" if unexpected else "")
        )


def check_not_empty(shape: tuple[int, int], name: str) -> None:
    """Refuse a table without rows or columns."""
    for size, what in zip(shape, ("rows", "columns"), strict=True):
        if size == 0:
            raise ValueError(f"{name} has no {what}")


def type_name(table: Any) -> str:
    """Return the name of a table's type together with its library."""
    return f"{type(table).__module__.partition('.')[0]} {type(table).__name__}"


def display_numbers(rows: NDArray[Any]) -> NDArray[Any]:
    """Convert numbers to float64 for display, or to objects if an integer is too large for float64."""
    numbers = rows.astype(np.float64)
    if rows.dtype.kind not in "iu" or rows.dtype.itemsize < 8 or not np.count_nonzero(np.abs(numbers) >= MAX_EXACT):
        return numbers
    return rows.astype(object) if ((rows > MAX_EXACT) | (rows < -MAX_EXACT)).any() else numbers


def has_large_integers(column: Any) -> bool:
    """Tell whether a pandas or polars column of integers holds one beyond 2^53, which float64 would round."""
    present = column.drop_nulls() if hasattr(column, "drop_nulls") else column.dropna()
    return bool(len(present)) and (int(present.max()) > MAX_EXACT or int(present.min()) < -MAX_EXACT)


def display(columns: Sequence[Any]) -> NDArray[np.object_]:
    """Make an array of objects from columns of any values, with NaN where a value is missing."""
    data = np.empty((len(columns[0]), len(columns)), dtype=object)
    for j, column in enumerate(columns):
        for i, value in enumerate(column):
            data[i, j] = np.nan if _is_missing_value(value) else value
    return data


def is_missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which values are None, NaN, NaT or pandas.NA."""
    return np.fromiter(map(_is_missing_value, values.ravel()), np.bool_, values.size).reshape(values.shape)


def _is_missing_value(value: Any) -> bool:
    # Only numbers and dates are compared, because an array in a cell would be compared element by element.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, decimal.Decimal):
        return value.is_nan()
    return isinstance(value, (float, complex, np.inexact, np.datetime64, np.timedelta64)) and bool(value != value)
