# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Numbers as readers see them: one count of decimals in a column, a true minus sign, words for NaN and infinity."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["error_text", "formatter", "percent"]

_DIGITS = 4  # significant digits of the largest number of a column
_MOST_EXPONENT, _LEAST_EXPONENT = 6, -5
_MOST_MORE = 2  # decimals that small standard errors add
_MINUS = "\N{MINUS SIGN}"


def percent(level: float) -> str:
    """Write a share as a percentage."""
    return f"{100 * level:.4g} %"


def _exponent(number: float) -> int:
    return math.floor(math.log10(number))


def _special(number: float, unknown: str) -> str | None:
    if math.isnan(number):
        return unknown
    if math.isinf(number):
        return "\N{INFINITY}" if number > 0 else f"{_MINUS}\N{INFINITY}"
    return None


def formatter(
    column: NDArray[np.float64], errors: NDArray[np.float64] | None = None, unknown: str = "no value"
) -> Callable[[float], str]:
    """Choose how to write the numbers of a column, so that their decimal points align.

    The largest has four significant digits, or up to two more where standard errors are small.
    """
    sizes = np.abs(column[np.isfinite(column)])
    largest = float(sizes.max(initial=0.0))
    exponent = _exponent(largest) if largest > 0.0 else 0
    if _LEAST_EXPONENT <= exponent <= _MOST_EXPONENT:
        decimals = max(0, _DIGITS - 1 - exponent) if largest > 0.0 else 0
        form = f",.{decimals + _more_decimals(errors, decimals)}f"
    else:
        form = f".{_DIGITS - 1}e"

    def write(number: float) -> str:
        special = _special(number, unknown)
        if special is not None:
            return special
        digits = format(abs(number), form)
        negative = number < 0 and any(digit in "123456789" for digit in digits)
        return f"{_MINUS}{digits}" if negative else digits

    return write


def _more_decimals(errors: NDArray[np.float64] | None, decimals: int) -> int:
    """Return how many more decimals two significant digits of the least standard error take."""
    known = errors[np.isfinite(errors) & (errors > 0.0)] if errors is not None else np.empty(0)
    return min(_MOST_MORE, max(0, 1 - _exponent(float(known.min())) - decimals)) if known.size else 0


def error_text(error: float) -> str:
    """Write a standard error with two significant digits, or say that the value is exact or the error unknown."""
    special = _special(error, "unknown")
    if special is not None:
        return special
    if error == 0.0:
        return "exact"
    exponent = _exponent(error)
    if _LEAST_EXPONENT <= exponent <= _MOST_EXPONENT:
        return f"{error:,.{max(0, 1 - exponent)}f}"
    return f"{error:.1e}"
