# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What plots and HTML pages share: colours, shades of cells, texts of cells, and outputs that mirror each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._support.cells import shorten

# Blue to red through violet. Their lightness lets all three stand out on white and on black.
LOW, MIDDLE, HIGH = "#1b72d6", "#a050a8", "#d81b52"
NEUTRAL, REST = "#9a9a9a", "#c9c9c9"
# M. Petroff, Accessible color sequences for data visualization, arXiv 2107.02270.
CATEGORIES = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6",
    "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
COLOURFUL = tuple(colour for colour in CATEGORIES if colour not in ("#94a4a2", "#717581"))  # beside grey dots

CELL_WIDTH = 18


def shades(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale numbers to [0, 1] between their 5th and 95th percentiles; NaN stays NaN."""
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return np.full(numbers.shape, np.nan)
    low, high = np.percentile(finite, [5, 95])
    if low == high:
        low, high = np.min(finite), np.max(finite)
    if low == high:
        return np.where(np.isnan(numbers), np.nan, 0.5)
    scaled: NDArray[np.float64] = np.clip((numbers - low) / (high - low), 0.0, 1.0)
    return scaled


def stacked(bins: NDArray[Any]) -> NDArray[np.float64]:
    """Give the dots of each bin the steps 0, 1, -1, 2, -2 ...: the first stays on the line, the others stand beside."""
    order = np.argsort(bins, kind="stable")
    starts = np.flatnonzero(np.diff(bins[order], prepend=np.inf))
    counts = np.diff(starts, append=len(bins))
    rank = np.empty(len(bins))
    rank[order] = np.arange(len(bins)) - np.repeat(starts, counts)
    steps: NDArray[np.float64] = np.ceil(rank / 2.0) * np.where(rank % 2.0, 1.0, -1.0)
    return steps


def cell_text(cell: Any, width: int = CELL_WIDTH) -> str:
    """Write a cell of the explained row in at most `width` characters if it is a text."""
    if cell is None or cell != cell:
        return "missing"
    if isinstance(cell, float):
        whole = abs(cell) < 1e9 and (cell.is_integer() or abs(cell) >= 1e3)
        return f"{cell:.0f}" if whole else f"{cell:.4g}"
    return shorten(str(cell), width) or "(empty)"


def mirrored(values: NDArray[np.float64]) -> bool:
    """Whether there are two outputs with opposite values, as a two-class classifier's probabilities have."""
    if values.ndim != 3 or values.shape[2] != 2:
        return False
    return bool(np.abs(values.sum(axis=2)).max(initial=0.0) <= 1e-6 * np.abs(values).max(initial=0.0))
