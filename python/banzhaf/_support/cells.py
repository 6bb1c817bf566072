# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Cells and counts for explanations, plots and pages: as plain values, as numbers and as short texts."""

from __future__ import annotations

import decimal
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["codes", "count", "count_sets", "noun_of_sets", "plain", "shorten", "similar", "text"]

_TEXT_WIDTH = 200
_SETS = {1: "player", 2: "pair", 3: "triple"}  # by the number of players


def count(number: int, noun: str) -> str:
    """Write a count with its noun, which takes an s in the plural."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def noun_of_sets(order: int) -> str:
    """Name a set of this many players, or sets if there is no word for one."""
    return _SETS.get(order, f"sets of {order} players")


def count_sets(number: int, order: int) -> str:
    """Count sets of this many players."""
    noun = noun_of_sets(order)
    return count(number, noun) if order in _SETS else f"{number:,} {noun}"


def similar(name: str, names: tuple[str, ...]) -> str:
    """List the names that may have been meant, or the first ones."""
    import difflib  # here, because only errors need it

    close = difflib.get_close_matches(name, names, 3) or names[:6]
    return ", ".join(map(repr, close)) + (", ..." if len(close) < len(names) else "")


def plain(value: Any) -> Any:
    """Turn a cell of any kind into None (missing), bool, int, float or str, without ever failing.

    A number stays a number only if float64 holds it, to the digits that it prints with.
    """
    if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)):
        value = value.item()
    # Missing-value markers are recognised by name, so that pandas need not be installed.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return None if np.isnat(value) else str(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int) and abs(value) < 2**sys.float_info.max_exp:
        return bool(value) if isinstance(value, bool) else int(value)
    number = _as_float(value)
    return text(value) if number is None else number


def _as_float(value: Any) -> float | None:
    """Convert a number of a foreign type, such as Decimal, to an equal float; return None if there is none."""
    if not hasattr(value, "__float__") or getattr(value, "ndim", None):
        return None
    try:
        number = float(value)
        same = number == value or number != number or decimal.Decimal(repr(number)) == value
        return number if same else None
    except Exception:
        return None


def text(value: Any) -> str:
    """Write a cell as text, without ever failing. Only strings may exceed 200 characters."""
    if isinstance(value, str):
        return str.__str__(value)
    try:
        return shorten(str(value), _TEXT_WIDTH)
    except Exception:  # its own __str__ may raise anything
        return f"<{type(value).__name__}>"


def codes(column: NDArray[Any]) -> tuple[NDArray[np.float64], bool]:
    """Turn a feature's column into numbers, NaN where a cell is missing, and tell whether it was numeric.

    If a column contains strings, each cell becomes its position among the sorted distinct texts.
    """
    if column.dtype != object:
        return column.astype(np.float64), True
    missing = np.array([cell is None or cell != cell for cell in column], dtype=bool)
    numbers = np.full(column.shape, np.nan)
    numeric = not any(isinstance(cell, str) for cell in column)
    present = column[~missing]
    texts = present.astype(str)
    numbers[~missing] = present.astype(np.float64) if numeric else np.unique(texts, return_inverse=True)[1]
    return numbers, numeric


def shorten(text: str, width: int) -> str:
    """Shorten text to one line of `width` characters. Its middle is cut, because names often differ at their ends."""
    text = " ".join(text.split())
    if len(text) <= width:
        return text
    tail = (width - 1) // 3
    return f"{text[: width - 1 - tail].rstrip()}…{text[-tail:].lstrip()}"
