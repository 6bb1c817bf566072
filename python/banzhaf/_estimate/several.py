# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Exact values for several probabilities from one evaluation of all coalitions."""

from __future__ import annotations

from banzhaf import _core
from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.running import result_of
from banzhaf._support import arguments as check


def for_several(
    values: BanzhafValues, probabilities: tuple[float, ...], num_threads: int | None
) -> tuple[BanzhafValues, ...]:
    """Compute the values for each probability from the kept worths of all coalitions."""
    kept = values._evaluations
    if kept is None or values.n_dropped or len(kept.worths) != 2 ** len(values):
        raise ValueError("p must be one probability, because not all coalitions have a finite worth")
    threads = check.threads(num_threads)
    return tuple(
        result_of(
            _core.exact(kept.worths, len(values), threads, probability),
            values.design,
            values.player_names,
            None,
            values.values.ndim == 2,
            kept=kept,
            p=probability,
        )
        for probability in probabilities
    )
