# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Exact values for several probabilities from one evaluation of all coalitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.running import result_of

if TYPE_CHECKING:
    from banzhaf._estimate.results import BanzhafValues


def for_several(
    values: BanzhafValues, table: NDArray[np.float64], probabilities: tuple[float, ...], threads: int
) -> tuple[BanzhafValues, ...]:
    """Compute the values of a result for each probability from the worths of all coalitions."""
    return tuple(
        result_of(
            _core.exact(table, len(values), threads, probability),
            "exhaustive",
            values.player_names,
            None,
            values.values.ndim == 2,
            kept=values._evaluations,
            p=probability,
        )
        for probability in probabilities
    )
