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
    """Compute the values for each probability from the worths of all coalitions, which those for the first one keep."""
    kept = values._evaluations
    assert kept is not None  # of every exact result
    threads = check.threads(num_threads)
    further = (
        result_of(
            _core.exact(kept.worths, len(values), threads, probability),
            values.design,
            values.player_names,
            None,
            values.values.ndim == 2,
            kept=kept,
            p=probability,
        )
        for probability in probabilities[1:]
    )
    return values, *further
