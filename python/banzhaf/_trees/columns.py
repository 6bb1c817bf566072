# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""One column of a DataFrame as the cells that trees compare: numbers, or codes of categories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.tables import has_large_integers
from banzhaf._trees.readers import Ensemble

__all__ = [
    "as_float64",
    "as_numbers",
    "category_codes",
    "is_categorical",
    "is_integer",
    "is_object",
    "is_text",
    "own_categories",
    "shows_as_float64",
]


def is_categorical(column: Any) -> bool:
    """Tell whether a column is categorical."""
    return str(column.dtype).partition("(")[0] in ("category", "Categorical", "Enum")


def own_categories(column: Any) -> Sequence[Any]:
    """List a column's categories in the order of its codes."""
    if hasattr(column, "cat") and hasattr(column.cat, "categories"):
        return list(column.cat.categories)
    return column.cat.get_categories().to_list()  # type: ignore[no-any-return]


def is_object(column: Any) -> bool:
    """Tell whether a column holds objects of any type, which may be numbers."""
    return str(column.dtype) in ("object", "Object")


def is_text(column: Any) -> bool:
    """Tell whether a column holds neither numbers nor categories."""
    dtype = column.dtype
    if hasattr(dtype, "is_numeric"):  # polars
        return not (dtype.is_numeric() or str(dtype) == "Boolean" or is_categorical(column))
    return not is_categorical(column) and getattr(dtype, "kind", "O") not in "biuf"


def is_integer(column: Any) -> bool:
    """Tell whether a column has an integer type."""
    dtype = column.dtype
    return getattr(dtype, "kind", "f") in "iu" or (hasattr(dtype, "is_integer") and bool(dtype.is_integer()))


def shows_as_float64(column: Any) -> bool:
    """Tell whether float64 can show a column: it holds numbers, and no integer beyond 2^53."""
    return not (is_categorical(column) or is_text(column) or (is_integer(column) and has_large_integers(column)))


def as_numbers(column: Any, what: str, ensemble: Ensemble) -> NDArray[np.float64]:
    """Convert a column without categories to the model's cells.

    Raises
    ------
    TypeError
        If it holds anything but numbers. The message calls the column `what`.
    """
    if is_object(column) or (ensemble.category_values and is_text(column)):
        return numbers_of(column.to_list(), what, texts=ensemble.category_values)
    if is_text(column):
        raise TypeError(f"{what} must hold numbers or categories, got {column.dtype}")
    if is_integer(column) and ensemble.float32 and not _missing(column).any():
        return np.asarray(column.to_numpy()).astype(np.float32).astype(np.float64)
    return as_float64(column)


def numbers_of(values: Iterable[Any], what: str, *, texts: bool = False) -> NDArray[np.float64]:
    """Convert objects to numbers, NaN where one is missing.

    Parameters
    ----------
    values : iterable
    what : str
        Name of the values in a message.
    texts : bool
        Whether texts of numbers count as numbers, as in scikit-learn.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    TypeError
        If one of them is not a number.
    """
    numbers = []
    for value in values:
        if isinstance(value, (Real, Decimal, np.bool_)):
            numbers.append(float(value))
        elif value is None or type(value).__name__ in ("NAType", "NaTType"):
            numbers.append(np.nan)
        elif texts and isinstance(value, str) and (number := _number_in(value)) is not None:
            numbers.append(number)
        else:
            raise TypeError(f"{what} must hold numbers, got {value!r}, which is a {type(value).__name__}")
    return np.array(numbers, dtype=np.float64)


def _number_in(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def category_codes(column: Any, what: str, categories: Sequence[Any], ensemble: Ensemble) -> NDArray[np.float64]:
    """Convert a categorical column to the model's codes, NaN where a cell is missing.

    Raises
    ------
    ValueError
        If it holds a category that the model was not fitted on.
    """
    if hasattr(column, "cat") and hasattr(column.cat, "set_categories"):  # pandas
        if len(categories) and list(column.cat.categories) == list(categories):
            codes = column.cat.codes.to_numpy()
        else:
            codes = column.cat.set_categories(categories).cat.codes.to_numpy()
    else:
        places = {value: code for code, value in enumerate(categories)}
        codes = np.array([places.get(value, -1) for value in column.to_list()])
    unknown = (codes < 0) & ~_missing(column)
    if unknown.any() and ensemble.library != "LightGBM":  # LightGBM treats unknown categories as missing
        value = column.to_list()[int(np.flatnonzero(unknown)[0])]
        raise ValueError(f"{what} holds {value!r}, which is not a category that model was fitted on")
    found = np.where(codes < 0, np.nan, codes.astype(np.float64))
    if ensemble.missing is not None:
        # XGBoost compares the column's own codes with `missing`, before it looks the categories up.
        if list(own_categories(column)) != list(categories):
            raise ValueError(
                f"{what} has its categories in another order than model, which treats the code "
                f"{ensemble.missing:g} as missing: set the categories of the column to {list(categories)}"
            )
        found[found == ensemble.missing] = np.nan
    return found


def as_float64(column: Any) -> NDArray[np.float64]:
    """Convert a column of numbers to float64, NaN where one is missing."""
    if hasattr(column, "isna"):
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.asarray(column.cast(float).to_numpy())


def _missing(column: Any) -> NDArray[np.bool_]:
    return np.asarray(column.isna() if hasattr(column, "isna") else column.is_null().to_numpy())
