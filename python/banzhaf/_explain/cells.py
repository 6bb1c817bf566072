# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Cells of explained rows as numbers and as short texts, for plots and tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["codes", "shorten"]


def codes(column: NDArray[Any]) -> tuple[NDArray[np.float64], bool]:
    """Turn a feature's column into numbers, with NaN where a cell is missing; say whether it was numeric.

    A column with strings gets the positions of its cells among its sorted distinct texts.
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
    """Fit text on one line of `width` characters; its middle gives way, since ends tell names apart."""
    text = " ".join(text.split())
    if len(text) <= width:
        return text
    tail = (width - 1) // 3
    return f"{text[: width - 1 - tail].rstrip()}…{text[-tail:].lstrip()}"
