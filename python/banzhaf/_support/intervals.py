# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compute confidence intervals from standard errors, for every kind of result."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._core import student_t_quantile
from banzhaf._support import arguments as check


def margins(standard_errors: NDArray[np.float64], degrees_of_freedom: Any, level: Any) -> NDArray[np.float64]:
    """Compute half the width of each interval: the quantile of Student's t times the standard error.

    `degrees_of_freedom` is one number or an array that broadcasts with `standard_errors`.
    """
    share = check.real("level", level)
    if not 0.0 < share < 1.0:
        raise ValueError(f"level must lie strictly between 0 and 1, got {level!r}")
    distinct, places = np.unique(np.asarray(degrees_of_freedom, dtype=np.float64), return_inverse=True)
    quantiles = np.array([student_t_quantile((1.0 + share) / 2.0, df) if df > 0 else math.nan for df in distinct])
    quantile = quantiles[places].reshape(np.shape(degrees_of_freedom))
    return np.where(standard_errors == 0.0, 0.0, quantile * standard_errors)


def intervals(
    values: NDArray[np.float64], standard_errors: NDArray[np.float64], degrees_of_freedom: Any, level: Any
) -> NDArray[np.float64]:
    """Compute the lower and upper ends of the intervals, along a new last axis."""
    half = margins(standard_errors, degrees_of_freedom, level)
    return np.stack([values - half, values + half], axis=-1)
