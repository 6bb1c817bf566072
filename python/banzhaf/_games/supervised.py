# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tables with their labels or targets: what may be wrong with them is refused before any model is trained."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._support import arguments as check
from banzhaf._support.exact import check_exact, check_unmasked
from banzhaf._support.tensors import from_tensor

__all__ = [
    "answers",
    "check_known",
    "check_same_columns",
    "check_table",
    "different",
    "exact_floats",
    "group_of_each",
    "labels",
    "n_rows",
    "one_label_each",
    "targets",
]


def n_rows(table: Any) -> int:
    """Count the rows of a table; some sparse ones have no length, or another one."""
    return int(table.shape[0]) if hasattr(table, "tocsr") else len(table)


def check_table(name: str, table: Any) -> None:
    """Refuse masked entries, under which NumPy finds arbitrary numbers."""
    check_unmasked(table, f"{name} must be a table without masked entries, got")


def check_same_columns(name: str, given: Any, of: str, table: Any) -> None:
    """Refuse DataFrames whose columns have other names, or the same in another order."""
    one, other = map(_names_of_columns, (table, given))
    if one is None or other is None or one == other:
        return
    remedy = f"pass {name}[{of}.columns]" if sorted(map(str, one)) == sorted(map(str, other)) else f"{of} has {one}"
    raise ValueError(f"{name} must have the columns of {of} in the same order, got {other}: {remedy}")


def _names_of_columns(table: Any) -> list[Any] | None:
    """List the names of a table's columns; in tables of Arrow, `columns` are the cells."""
    names = getattr(table, "column_names", getattr(table, "columns", None))
    return None if names is None else list(names)


def labels(name: str, given: Any, n_rows: int) -> NDArray[Any]:
    """Check labels: one for each row, none of them missing. A single column counts as labels."""
    found = answers(name, given, n_rows)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    _check_present(name, found)
    if found.dtype.kind == "O" and len({isinstance(label, str) for label in found.ravel().tolist()}) == 2:
        raise TypeError(_of_one_type(name, found))
    return found


def one_label_each(name: str, given: Any, n_rows: int) -> NDArray[Any]:
    """Check labels or targets, one number or name for each row."""
    found = labels(name, given, n_rows)
    if found.ndim != 1:
        raise ValueError(f"{name} must have shape ({n_rows},), one entry for each row, got {found.shape}")
    return found


def answers(name: str, given: Any, n_rows: int) -> NDArray[Any]:
    """Check labels or targets of any shape: one entry for each row, and no NaN or infinity."""
    check_unmasked(given, f"{name} must be labels or targets, got")
    found = _array(given)
    if found.ndim == 0 or len(found) != n_rows or n_rows == 0:
        raise ValueError(f"{name} must have one entry for each of {n_rows} points, got shape {found.shape}")
    if found.dtype.kind in "fc" and not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite, got {found[~np.isfinite(found)][0]}: leave out these points")
    return found


def targets(name: str, given: Any, n_rows: int) -> NDArray[Any]:
    """Check targets of any shape: numbers, one entry for each row, none of them missing."""
    found = answers(name, given, n_rows)
    _check_present(name, found)
    if found.dtype.kind == "O":
        with contextlib.suppress(TypeError, ValueError):
            found = check.floats(found)
    if found.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers in regression, got {found.ravel()[0]!r}: pass kind for labels")
    return found


def exact_floats(name: str, given: Any) -> NDArray[np.float64]:
    """Convert numbers to float64; refuse integers that it does not hold, because differences of them would change."""
    try:
        floats = check.floats(given)
    except ValueError as error:  # rows of different lengths, or objects that are no numbers
        raise TypeError(str(error)) from error
    cells = np.asarray(from_tensor(given, "no numbers:"))
    of_python = cells.dtype == object
    check_exact(
        cells.ravel().tolist() if of_python else given,
        floats if of_python else cells,
        f"{name} must hold numbers that float64 holds, got",
    )
    return floats


def different(name: str, found: NDArray[Any]) -> NDArray[Any]:
    """Return the different labels in ascending order. Several labels of one point count as one."""
    try:
        return np.unique(found) if found.ndim == 1 else np.unique(np.array(found.tolist()), axis=0)
    except TypeError:
        raise TypeError(_of_one_type(name, found)) from None


def _of_one_type(name: str, found: NDArray[Any]) -> str:
    kinds = sorted({type(label).__name__ for label in found.ravel().tolist()})
    return f"{name} must hold labels of one type, got {' and '.join(kinds)}"


def _array(given: Any) -> NDArray[Any]:
    """Copy labels into an array. Numbers beside texts in a list stay numbers, so that NaN does not become a text."""
    given = from_tensor(given, "labels or targets must be a tensor that NumPy can hold, got")
    found = np.array(given)
    texts = isinstance(given, (list, tuple)) and found.dtype.kind in "US" and found.ndim == 1
    return (
        np.array(given, dtype=object) if texts and not all(isinstance(each, (str, bytes)) for each in given) else found
    )


def check_known(labels: NDArray[Any], test: NDArray[Any]) -> None:
    """Refuse test labels of which none is a training label, because no model could be right."""
    known = set(labels.ravel().tolist())
    if not known.intersection(test.ravel().tolist()):
        raise ValueError(
            f"y_test must hold labels of y, such as {next(iter(known))!r}, but none of its labels occurs there, such "
            f"as {test.ravel()[:1].tolist()[0]!r}"
        )


def group_of_each(groups: Any, n_rows: int) -> NDArray[Any]:
    """Check the group of each point; none may be missing."""
    check_unmasked(groups, "groups must be labels, got")
    found = _array(groups)
    if found.shape != (n_rows,):
        raise ValueError(f"groups must have shape ({n_rows},), one for each training point, got {found.shape}")
    _check_present("groups", found)
    return found


def _check_present(name: str, found: NDArray[Any]) -> None:
    """Refuse missing labels: None, NaN, NaT and pandas' NA."""
    if found.dtype.kind not in "fcOmM":
        return
    for at, label in enumerate(found.ravel().tolist()):
        if label is None or type(label).__name__ in ("NAType", "NaTType") or label != label:
            raise ValueError(f"{name} must have no missing entries, but entry {at} is {label!r}: leave out this point")
