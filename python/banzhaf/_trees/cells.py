# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Rows as a tree ensemble's library hands them to its trees: numbers, categories as their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.tables import as_array, check_same_names, column_labels, display, is_frame
from banzhaf._trees.readers import Ensemble

__all__ = ["Rows", "as_rows"]


@dataclass(frozen=True)
class Rows:
    """Rows as cells; made by `as_rows`.

    Attributes
    ----------
    kind : {"numpy", "pandas", "polars"}
        What table the rows came in.
    cells : ndarray of float64, shape (rows, n_features)
        C-contiguous, in the model's order of columns.
    column_names : tuple of str
        In the order of the cells; "x0", "x1", ... for NumPy.
    places : tuple of int
        Where each of them is in the table.
    data : ndarray of shape (rows, n_features)
        The rows for display, in the order of the cells: float64 if all columns hold numbers, else objects.
    """

    kind: str
    cells: NDArray[np.float64]
    column_names: tuple[str, ...]
    places: tuple[int, ...]
    data: NDArray[Any]


def as_rows(table: Any, name: str, ensemble: Ensemble, like: Rows | None = None) -> Rows:
    """Turn a table into what the ensemble's trees compare.

    Parameters
    ----------
    table : array_like or DataFrame of shape (rows, n_features)
        NumPy, pandas or polars. A DataFrame's columns are put in the model's order if the model knows their names.
    name : str
        The argument's, for messages.
    ensemble : Ensemble
    like : Rows, optional
        The background's, whose kind of table and columns these must have too.

    Returns
    -------
    Rows

    Raises
    ------
    TypeError
        If the table or a column holds something else than numbers and the model's categories.
    ValueError
        If the columns are not the model's, or a category is not.
    """
    kind = next((library for library in ("pandas", "polars") if is_frame(table, library)), "numpy")
    if like is not None and kind != like.kind:
        wanted = "NumPy array" if like.kind == "numpy" else f"{like.kind} DataFrame"
        raise TypeError(f"{name} must be a {wanted} as background is, not {type(table).__name__}")
    if kind != "numpy":
        expected, whose = ensemble.feature_names, "the rows that model was fitted on"
        if expected is None and like is not None:
            expected, whose = like.column_names, "background"
        return _frame_rows(table, kind, name, ensemble, expected, whose)
    array = as_array(table, name, "a NumPy array or a pandas or polars DataFrame")
    if array.shape[1] != ensemble.n_features:
        raise ValueError(f"{name} has {array.shape[1]} columns, but model was fitted on {ensemble.n_features}")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers, got an array of {array.dtype}; categories need a DataFrame")
    places = tuple(range(array.shape[1]))
    names = tuple(f"x{j}" for j in places)
    data = array.astype(np.float64)
    if ensemble.encode is not None:
        return Rows("numpy", ensemble.encode(array), names, places, data)
    if array.dtype.kind != "f" and (ensemble.float32 or ensemble.integers_to_float32):
        # Straight to float32, as the library goes: by way of float64, large integers would be rounded twice.
        return Rows("numpy", array.astype(np.float32).astype(np.float64), names, places, data)
    return Rows("numpy", np.ascontiguousarray(data), names, places, data)


def _frame_rows(
    table: Any, kind: str, name: str, ensemble: Ensemble, expected: tuple[str, ...] | None, whose: str
) -> Rows:
    names = tuple(str(label) for label in column_labels(table, name))
    if len(names) != ensemble.n_features:
        raise ValueError(f"{name} has {len(names)} columns, but model was fitted on {ensemble.n_features}")
    order = list(range(len(names)))
    if expected is not None:
        underscored = tuple(column.replace(" ", "_") for column in names)  # as LightGBM writes them
        known = underscored if set(underscored) == set(expected) else names
        check_same_names(name, whose, known, expected)
        order = [known.index(column) for column in expected]
    table = table.iloc[:, order] if kind == "pandas" else table[:, order]
    names = tuple(names[j] for j in order)
    columns = [column for _, column in table.items()] if kind == "pandas" else table.get_columns()
    if ensemble.encode is not None:
        cells = ensemble.encode(table)
    else:
        cells = np.empty((len(table), len(columns)))
        categories = _categories_of(columns, name, ensemble)
        for j, column in enumerate(columns):
            cells[:, j] = _numbers(column, f"column {names[j]!r} of {name}", categories.get(j), ensemble)
    if any(_is_categorical(column) or _is_text(column) for column in columns):
        data = display([column.to_list() for column in columns])
    else:
        data = np.stack([_as_float64(column) for column in columns], axis=1)
    return Rows(kind, cells, names, tuple(order), data)


def _categories_of(columns: Sequence[Any], name: str, ensemble: Ensemble) -> dict[int, Sequence[Any]]:
    """Give the model's categories for each categorical column."""
    categorical = [j for j, column in enumerate(columns) if _is_categorical(column)]
    if ensemble.categories_in_order is not None:
        known = len(ensemble.categories_in_order)
        if categorical and len(categorical) != known:
            raise ValueError(f"{name} has {len(categorical)} columns of categories, but model was fitted on {known}")
        return dict(zip(categorical, ensemble.categories_in_order, strict=False))
    if ensemble.categories is None:
        return {j: _own_categories(columns[j]) for j in categorical}
    for j in categorical:
        if j not in ensemble.categories:
            raise ValueError(f"column {j} of {name} has categories, but model was fitted on numbers there")
    return {j: ensemble.categories[j] for j in categorical}


def _numbers(column: Any, what: str, categories: Sequence[Any] | None, ensemble: Ensemble) -> NDArray[np.float64]:
    if categories is not None:
        return _codes(column, what, categories, ensemble)
    if _is_text(column):
        raise TypeError(f"{what} must hold numbers or categories, got {column.dtype}")
    integers = getattr(column.dtype, "kind", "f") in "iu" or (
        hasattr(column.dtype, "is_integer") and column.dtype.is_integer()
    )
    if integers and ensemble.float32 and not _has_missing(column):
        return np.asarray(column.to_numpy()).astype(np.float32).astype(np.float64)
    return _as_float64(column)


def _codes(column: Any, what: str, categories: Sequence[Any], ensemble: Ensemble) -> NDArray[np.float64]:
    places = {value: code for code, value in enumerate(categories)}
    codes = np.full(len(column), np.nan)
    for i, (value, missing) in enumerate(zip(column.to_list(), _missing(column), strict=True)):
        if missing:
            continue
        if value in places:
            codes[i] = places[value]
        elif ensemble.library != "LightGBM":  # to LightGBM an unknown category is missing
            raise ValueError(f"{what} holds {value!r}, which is no category that model was fitted on")
    return codes


def _is_categorical(column: Any) -> bool:
    return str(column.dtype).partition("(")[0] in ("category", "Categorical", "Enum")


def _own_categories(column: Any) -> Sequence[Any]:
    if hasattr(column, "cat") and hasattr(column.cat, "categories"):
        return list(column.cat.categories)
    return column.cat.get_categories().to_list()  # type: ignore[no-any-return]


def _is_text(column: Any) -> bool:
    dtype = column.dtype
    if hasattr(dtype, "is_numeric"):  # polars
        return not (dtype.is_numeric() or str(dtype) == "Boolean")
    return not _is_categorical(column) and getattr(dtype, "kind", "O") not in "biuf"


def _missing(column: Any) -> NDArray[np.bool_]:
    return np.asarray(column.isna() if hasattr(column, "isna") else column.is_null().to_numpy())


def _has_missing(column: Any) -> bool:
    return bool(_missing(column).any())


def _as_float64(column: Any) -> NDArray[np.float64]:
    if hasattr(column, "isna"):
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.asarray(column.cast(float).to_numpy())
