# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Rows as a library passes them to its trees: numbers, and categories in the library's codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.tables import (
    as_array,
    check_same_names,
    column_labels,
    display,
    display_numbers,
    is_frame,
)
from banzhaf._trees import columns as column_of
from banzhaf._trees.readers import Ensemble

__all__ = ["Rows", "as_rows"]

_TOO_LARGE = float(np.finfo(np.float32).max) * (1 + 2.0**-25)  # rounds to infinity in float32


@dataclass(frozen=True)
class Rows:
    """Rows as cells; made by `as_rows`.

    Attributes
    ----------
    kind : {"numpy", "pandas", "polars"}
        The kind of table that the rows came in.
    cells : ndarray of float64, shape (rows, n_features)
        C-contiguous, in the model's order of columns.
    column_names : tuple of str
        Names in the order of the cells; "x0", "x1", ... for NumPy.
    places : tuple of int
        The position of each of them in the table.
    data : ndarray of shape (rows, n_features)
        The rows for display, in the order of the cells: float64 if all columns hold numbers, else objects.
    has_numbers_alone : bool
        Whether no column holds categories or texts.
    categories : mapping of int to sequence
        The categories of each coded column, in the order of their codes.
    table : ndarray or DataFrame of shape (rows, n_features), or None
        The rows for the model's library: in the order of the cells, with objects that hold numbers as numbers.
    """

    kind: str
    cells: NDArray[np.float64]
    column_names: tuple[str, ...]
    places: tuple[int, ...]
    data: NDArray[Any]
    has_numbers_alone: bool
    categories: Mapping[int, Sequence[Any]]
    table: Any


def as_rows(table: Any, name: str, ensemble: Ensemble, like: Rows | None = None) -> Rows:
    """Turn a table into the cells that the ensemble's trees compare with thresholds.

    Parameters
    ----------
    table : array_like or DataFrame of shape (rows, n_features)
        NumPy, pandas or polars. A DataFrame's columns are put in the model's order if the model knows their names.
    name : str
        Name of the argument, for messages.
    ensemble : Ensemble
    like : Rows, optional
        The background, whose columns the table must have. It may be another kind of table if the order of its columns
        is clear: a DataFrame for a model that knows the names of its columns; an array of numbers if the background
        holds only numbers, in the model's order.

    Returns
    -------
    Rows

    Raises
    ------
    TypeError
        If the table is of the wrong kind, or a column holds anything but numbers and the model's categories.
    ValueError
        If a column or a category is unknown to the model, or it refuses a cell.
    """
    kind = next((library for library in ("pandas", "polars") if is_frame(table, library)), "numpy")
    _check_kind(table, kind, name, ensemble, like)
    if kind != "numpy":
        expected, whose = ensemble.feature_names, "the rows that model was fitted on"
        if expected is None and like is not None and like.kind != "numpy":
            expected, whose = like.column_names, "background"
        rows = _frame_rows(table, kind, name, ensemble, expected, whose, like)
    else:
        rows = _array_rows(table, name, ensemble)
    if ensemble.refuses:
        _check_refused(rows, name, ensemble)
    return rows


def _check_refused(rows: Rows, name: str, ensemble: Ensemble) -> None:
    """Refuse cells that the model's own library refuses. The trees would send them somewhere."""
    is_allowed = np.abs(rows.cells) < _TOO_LARGE  # which NaN is not
    if ensemble.refuses != "missing":
        is_allowed |= np.isnan(rows.cells)
    if not is_allowed.all():
        row, column = np.argwhere(~is_allowed)[0].tolist()
        cell = rows.cells[row, column]
        why = "is missing" if np.isnan(cell) else "is infinite, or too large for float32"
        raise ValueError(
            f"{name} must hold cells that model can predict, but column {rows.column_names[column]!r} of row {row} "
            f"{why} ({cell:g}), which {ensemble.library} refuses for this model"
        )


def _check_kind(table: Any, kind: str, name: str, ensemble: Ensemble, like: Rows | None) -> None:
    """Refuse a table without columns, or with columns in an unclear order."""
    module, type_name = type(table).__module__.partition(".")[0], type(table).__name__
    if kind == "numpy" and type_name == "Series":
        hint = f"{name}.to_frame().T" if module == "pandas" else "a slice of the DataFrame, such as frame[:1]"
        raise TypeError(f"{name} must be a table, not a {module} Series: pass one row as {hint}")
    if module in ("xgboost", "lightgbm", "catboost"):
        raise TypeError(
            f"{name} must be the rows themselves, as a NumPy array or DataFrame, not a {module} {type_name}"
        )
    if like is None or kind == like.kind:
        return
    if like.kind == "numpy":
        if ensemble.feature_names is None:
            raise TypeError(f"{name} must be a NumPy array like background, not {type_name}: pass {name}.to_numpy()")
    elif kind != "numpy":
        raise TypeError(f"{name} must be a {like.kind} DataFrame like background, not {type_name}")
    elif not like.has_numbers_alone or like.places != tuple(range(len(like.places))):
        why = "has its columns in another order than model" if like.has_numbers_alone else "has categories"
        raise TypeError(
            f"{name} must be a {like.kind} DataFrame like background, not {type_name}, because background {why}: pass "
            f"{like.kind}.DataFrame({name}, columns=background.columns) if its columns are in background's order"
        )


def _array_rows(table: Any, name: str, ensemble: Ensemble) -> Rows:
    array = as_array(table, name, "a NumPy array or a pandas or polars DataFrame")
    if array.shape[1] != ensemble.n_features:
        raise ValueError(f"{name} has {array.shape[1]} columns, but model was fitted on {ensemble.n_features}")
    if ensemble.category_encoders:
        return _array_rows_of_categories(array, name, ensemble)
    if array.dtype == object and ensemble.encode is None:
        array = column_of.numbers_of(array.ravel(), name, texts=ensemble.category_values).reshape(array.shape)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers, got an array of {array.dtype}: pass categories in a DataFrame")
    places = tuple(range(array.shape[1]))
    names = tuple(f"x{j}" for j in places)
    data = display_numbers(array)
    if ensemble.encode is not None:
        cells = ensemble.encode(array)
    elif array.dtype.kind != "f" and (ensemble.float32 or ensemble.integers_to_float32):
        # Like the library, convert directly to float32: by way of float64, large integers would be rounded twice.
        cells = _with_missing(array.astype(np.float32).astype(np.float64), ensemble)
    else:
        cells = _with_missing(np.array(array, dtype=np.float64, order="C"), ensemble)
    return Rows("numpy", cells, names, places, data, True, {}, array)


def _array_rows_of_categories(array: NDArray[Any], name: str, ensemble: Ensemble) -> Rows:
    """Turn an array of objects or integers that holds categories into cells."""
    places = tuple(range(array.shape[1]))
    cells = np.empty(array.shape)
    for j in places:
        what, values = f"column {j} of {name}", array[:, j].tolist()
        encoder = ensemble.category_encoders.get(j)
        cells[:, j] = column_of.numbers_of(values, what) if encoder is None else encoder(values, what)
    data = display([array[:, j].tolist() for j in places])
    return Rows("numpy", cells, tuple(f"x{j}" for j in places), places, data, False, {}, array)


def _with_missing(cells: NDArray[np.float64], ensemble: Ensemble) -> NDArray[np.float64]:
    """Replace numbers that mean "missing" to the model by NaN; they are compared as its library does."""
    if ensemble.missing is None:
        return cells
    with np.errstate(over="ignore"):
        return np.where(cells.astype(np.float32) == np.float32(ensemble.missing), np.nan, cells)


def _frame_rows(
    table: Any,
    kind: str,
    name: str,
    ensemble: Ensemble,
    expected: tuple[str, ...] | None,
    whose: str,
    like: Rows | None,
) -> Rows:
    labels = column_labels(table, name)
    names = tuple(map(str, labels))
    order = list(range(len(names)))
    if expected is not None:
        known = next((written for written in _written(labels) if set(written) == set(expected)), names)
        check_same_names(name, whose, known, expected)
        order = [known.index(column) for column in expected]
    if len(names) != ensemble.n_features:
        raise ValueError(f"{name} has {len(names)} columns, but model was fitted on {ensemble.n_features}")
    table = table.iloc[:, order] if kind == "pandas" else table[:, order]
    names = tuple(names[j] for j in order)
    categories: dict[int, Sequence[Any]] = {}
    columns = [column for _, column in table.items()] if kind == "pandas" else table.get_columns()
    has_numbers_alone = not any(column_of.is_categorical(c) or column_of.is_text(c) for c in columns)
    if ensemble.encode is not None:
        cells = ensemble.encode(table)
    else:
        columns = [
            column if j in ensemble.category_encoders else _plain(column, f"column {names[j]!r} of {name}", ensemble)
            for j, column in enumerate(columns)
        ]
        table = _replace_columns(table, columns, kind)
        cells = np.empty((len(table), len(columns)))
        categories = _categories_of(columns, names, name, ensemble, like)
        for j, column in enumerate(columns):
            what = f"column {names[j]!r} of {name}"
            if j in ensemble.category_encoders:
                cells[:, j] = ensemble.category_encoders[j](column.to_list(), what)
            elif j in categories:
                cells[:, j] = column_of.category_codes(column, what, categories[j], ensemble)
            else:
                cells[:, j] = _with_missing(column_of.as_numbers(column, what, ensemble), ensemble)
    data: NDArray[Any]
    if all(column_of.shows_as_float64(column) for column in columns):
        data = np.stack([column_of.as_float64(column) for column in columns], axis=1)
    else:
        data = display([column.to_list() for column in columns])
    return Rows(kind, cells, names, tuple(order), data, has_numbers_alone, categories, table)


def _written(labels: Sequence[Any]) -> list[tuple[str, ...]]:
    """Return the labels of columns in each of the forms that the libraries use."""
    names = tuple(map(str, labels))
    ways = [names, tuple(name.replace(" ", "_") for name in names)]  # the second is LightGBM's
    if any(isinstance(label, tuple) for label in labels):  # XGBoost joins several levels
        ways.append(tuple(" ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in labels))
    return ways


def _plain(column: Any, what: str, ensemble: Ensemble) -> Any:
    """Convert a column of objects, or of categories whose values the model uses, to numbers."""
    seen_as_numbers = column_of.is_object(column) or (ensemble.category_values and column_of.is_categorical(column))
    if not seen_as_numbers:
        return column
    values = column_of.numbers_of(column.to_list(), what, texts=ensemble.category_values)
    if hasattr(column, "isna"):
        return type(column)(values, index=column.index, name=column.name)
    return type(column)(column.name, values)


def _replace_columns(table: Any, columns: Sequence[Any], kind: str) -> Any:
    """Put the converted columns back into the table."""
    if kind == "polars":
        changed = [new for old, new in zip(table.get_columns(), columns, strict=True) if old is not new]
        return table.with_columns(changed) if changed else table
    changed = [j for j, new in enumerate(columns) if new.dtype != table.dtypes.iloc[j]]
    if not changed:
        return table
    import pandas as pd

    frame = pd.concat(list(columns), axis=1)
    frame.columns = table.columns
    return frame


def _categories_of(
    columns: Sequence[Any], names: Sequence[str], name: str, ensemble: Ensemble, like: Rows | None
) -> dict[int, Sequence[Any]]:
    """Return the model's categories for each categorical column."""
    categorical = [
        j
        for j, column in enumerate(columns)
        if column_of.is_categorical(column) and j not in ensemble.category_encoders
    ]
    if ensemble.categories_in_order is not None:
        known = len(ensemble.categories_in_order)
        if len(categorical) != known:
            raise ValueError(f"{name} has {len(categorical)} categorical columns, but model was fitted on {known}")
        return dict(zip(categorical, ensemble.categories_in_order, strict=True))
    if categorical and ensemble.library == "treelite":
        raise TypeError(
            f"column {names[categorical[0]]!r} of {name} must hold the codes of its categories, which a treelite model "
            "does not store: pass .cat.codes of the pandas column if its categories are those of training, in order"
        )
    expected = ensemble.categorical_features if ensemble.categories is None else ensemble.categories.keys()
    for j in categorical:
        if expected is not None and j not in expected:
            raise ValueError(f"column {names[j]!r} of {name} has categories, but model was fitted on numbers there")
    if ensemble.categories is not None:
        for j, known_categories in ensemble.categories.items():
            if j not in categorical:
                raise ValueError(
                    f"column {names[j]!r} of {name} must have the categories that model was fitted on: "
                    f"{_listed(known_categories)}"
                )
        return dict(ensemble.categories)
    own = {j: column_of.own_categories(columns[j]) for j in categorical}
    if like is not None and like.kind != "numpy" and like.categories != own:
        j = next(j for j in sorted({*own, *like.categories}) if own.get(j) != like.categories.get(j))
        wanted = f"the categories {_listed(like.categories[j])}" if j in like.categories else "no categories"
        raise ValueError(
            f"column {names[j]!r} of {name} must have {wanted}, like background, because model stores only codes"
        )
    return own


def _listed(categories: Sequence[Any]) -> str:
    return ", ".join(map(repr, categories[:8])) + (", ..." if len(categories) > 8 else "")
