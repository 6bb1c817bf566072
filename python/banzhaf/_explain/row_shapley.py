# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Shapley values of features, from the evaluations that an explanation keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.shapley import weights_by_size
from banzhaf._explain.kept_rows import KeptRows

if TYPE_CHECKING:
    from banzhaf._explain.explanation import Explanation

__all__ = ["shapley_of_rows"]

_STREAM_OF_BACKGROUND = 4  # the core's stream of the seeds of background rows


def shapley_of_rows(explanation: Explanation, kept: KeptRows) -> NDArray[np.float64]:
    """Compute the Shapley values of each row from its designs.

    Background rows with all coalitions have exact values. Of the others, the Banzhaf values are taken. What a row then
    lacks of its prediction less the base value is divided among the features in which these background rows differ:
    half of it equally, and half in proportion to the squared values.

    Returns
    -------
    ndarray of float64, shape (4, rows, features, outputs)
        Values, sampling errors, what is not resolved, and background errors, which are unknown.

    Notes
    -----
    The part that is not resolved has two squares: what was divided, and the variance of the differences of pairs that
    the values leave, divided in the same way. See theorem 44 on the theory page.
    """
    n_rows, n = explanation.values.shape[:2]
    values = explanation.values.reshape(n_rows, n, -1)
    found = np.empty((4, *values.shape))
    found[1] = explanation.standard_errors.reshape(values.shape)
    found[3] = np.nan
    assert explanation.predictions is not None  # of every design over single background rows
    totals = (explanation.predictions - explanation.base_values).reshape(n_rows, -1)
    design = worth = 0
    for row in range(n_rows):
        added = np.zeros(values.shape[1:])
        sampled = np.zeros(n)  # the weight of the sampled background rows in which a feature differs
        squares, freedom = np.zeros(values.shape[2]), 0
        for d in range(design, design + int(kept.rows[row, 0])):
            used = int(kept.designs[d, 3])
            worths = kept.worths[worth : worth + 2 * used]
            worth += 2 * used
            players = _players(kept, d)
            signs, differences = _pairs(kept, d, len(players), worths)
            if 2 * used == 2 ** len(players):
                added[players] += kept.factors[d] * (_weights(signs).T @ differences - signs.T @ differences / used)
                continue
            sampled[players] += kept.factors[d]
            if used > len(players):
                slopes = np.linalg.lstsq(signs, differences, rcond=None)[0]
                squares += ((differences - signs @ slopes) ** 2).sum(axis=0)
                freedom += used - len(players)
        design += int(kept.rows[row, 0])
        mine = values[row] + added
        unresolved = np.zeros_like(mine)
        if sampled.any():
            large = np.where(sampled[:, np.newaxis] > 0, mine**2, 0.0)
            sums = large.sum(axis=0)
            equal = np.broadcast_to((sampled / sampled.sum())[:, np.newaxis], mine.shape)
            shares = (equal + np.divide(large, sums, out=equal.copy(), where=sums > 0)) / 2
            lacking = (totals[row] - mine.sum(axis=0)) * shares
            mine = mine + lacking
            variance = squares / freedom if freedom else np.full(len(squares), np.nan)
            unresolved = np.where(shares > 0, np.sqrt(lacking**2 + variance * shares), 0.0)
        found[0, row], found[2, row] = mine, unresolved
    return found


def _players(kept: KeptRows, design: int) -> NDArray[np.intp]:
    bits = np.unpackbits(kept.players[design].view(np.uint8), count=kept.n_players, bitorder="little")
    return np.flatnonzero(bits)


def _pairs(
    kept: KeptRows, design: int, n_players: int, worths: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the signs of the pairs' first coalitions, and the differences of the pairs."""
    background, fresh, n_pairs, used = (int(number) for number in kept.designs[design])
    seed = int(_core.random_words(kept.seed, _STREAM_OF_BACKGROUND, background, 1)[0])
    kind = "fresh" if fresh else "nested"
    coalitions = _core.sample_coalitions(kind, n_players, 2 * n_pairs, seed, count=2 * used, num_threads=1)
    return np.where(coalitions[::2], 1.0, -1.0), worths[::2] - worths[1::2]


def _weights(signs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of each pair's difference in the Shapley value of each player."""
    n = signs.shape[1]
    own = weights_by_size(n)
    sizes = (signs > 0).sum(axis=1)
    return np.where(signs > 0, own[sizes, np.newaxis], -own[n - sizes, np.newaxis])
