# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Refuse pandas objects whose index shows that their rows may not be meant to match by position."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["check_named_order", "check_own_order", "check_same_order", "column_labels_of"]


def check_same_order(name: str, given: Any, of: str, table: Any = None) -> None:
    """Refuse rows in another order than those of a table, or than their own numbers if the table has no index.

    Parameters
    ----------
    name : str
        Name of the argument in the error.
    given : array_like
        What the user passed.
    of : str
        Name of the argument whose rows belong to it.
    table : array_like, optional
        The rows that belong to it.

    Raises
    ------
    ValueError
        If both have the same labels in another order, or the table has no index and `given` is numbered in another.
    """
    one: Any = getattr(table, "index", None)
    other: Any = getattr(given, "index", None)
    if not hasattr(other, "equals"):
        return
    if not hasattr(one, "equals"):
        check_own_order(given, None, f"{name} must be in the order of {of}, got", "Pass")
    elif not one.equals(other) and len(one) == len(other) and _sorted(one).equals(_sorted(other)):
        raise ValueError(
            f"{name} must be in the order of {of}, but its index has the same labels in another order: pass "
            f"{name}.loc[{of}.index], or {name}.to_numpy() if its order is right"
        )


def check_own_order(given: Any, n_rows: int | None, says: str, verb: str) -> None:
    """Refuse a pandas object that is numbered from 0 in another order. `verb` begins the remedy.

    An object of another number of rows than `n_rows` is refused elsewhere, for its length. None stands for its own.
    """
    if not hasattr(given, "iloc"):
        return
    index = np.asarray(given.index)
    numbers = np.arange(len(index) if n_rows is None else n_rows)
    if index.dtype.kind in "iu" and not np.array_equal(index, numbers) and np.array_equal(np.sort(index), numbers):
        raise ValueError(
            f"{says} a {type(given).__name__} whose index is in another order. {verb} .sort_index() if its rows were "
            "moved, or .to_numpy() if they were not"
        )


def check_named_order(name: str, given: Any, names: tuple[str, ...] | None, of: str) -> None:
    """Refuse a result or a pandas object whose own names are these names in another order, such as a sorted one."""
    if not hasattr(given, "player_names"):
        check_own_order(given, None, f"{name} must be in the order of the {of}, got", "Pass")
    own = getattr(given, "player_names", None)
    if own is None and hasattr(given, "iloc"):
        own = tuple(map(str, given.index))
    if names is not None and own is not None and own != names and sorted(own) == sorted(names):
        raise ValueError(
            f"{name} must be in the order of the {of}, but has their names in another order, {own[0]!r} first instead "
            f"of {names[0]!r}: pass {name}.loc[list(game.player_names)] of a Series, or an array if its order is right"
        )


def column_labels_of(given: Any) -> list[Any] | None:
    """List the labels of the columns of a DataFrame of pandas or polars; None for anything else."""
    return list(given.columns) if hasattr(given, "columns") and hasattr(given, "dtypes") else None


def _sorted(index: Any) -> Any:
    try:
        return index.sort_values()
    except TypeError:  # labels of several types
        return index.map(repr).sort_values()
