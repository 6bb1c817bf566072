# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Weigh pairs of coalitions by how much their repeats vary."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_REPEATS", "Weighed", "may_weigh", "weigh"]

Floats = NDArray[np.float64]

LEAST_REPEATS = 3  # the weight of a repeat comes from the others, and two of them have a variance
_MOST_PLAYERS = 2048  # the normal equations take n^2 numbers
_MOST_CELLS = 2**26  # of pairs times players, which several arrays hold
_MOST_LEARNT_FROM = 20_000  # pairs that the distribution of variances is estimated from
_CHUNK = 16_384
_ROUNDING = 1e-24  # of the mean square, which rounding alone may cause
_GRID = 40
_ITERATIONS = 60
_LEAST_SHARE = 0.01  # of the mean variance, which no pair's variance is below


class Weighed(NamedTuple):
    """Values from a weighted regression, with standard errors and their degrees of freedom."""

    values: Floats
    standard_errors: Floats
    degrees_of_freedom: float


def may_weigh(n_players: int, n_pairs: int, repeats: int) -> bool:
    """Whether there are enough repeats and pairs for weights, and not too many players."""
    fits = n_players <= _MOST_PLAYERS and n_pairs * n_players <= _MOST_CELLS
    return repeats >= LEAST_REPEATS and fits and n_pairs >= 2 * n_players + 8


def weigh(coalitions: NDArray[np.bool_], differences: Floats) -> Weighed | None:
    """Estimate values with weights by inverse variance; None if the repeats show no noise.

    Parameters
    ----------
    coalitions : ndarray of bool, shape (n_pairs, n_players)
        The first coalition of each pair.
    differences : ndarray of float64, shape (n_pairs, repeats)
        Half the difference of worths within each pair, for each repeat.

    Notes
    -----
    A pair's mean difference is a x b + h + noise: a has +1/2 for players inside and -1/2 for others, b holds the values
    and h the interactions. Let t be the mean square of h and s the variance of a repeat's noise. The weight of the pair
    is 1 / (c t + s / repeats), with c the number of pairs for each player. Weights that depend on the coalitions let
    interactions bias the values, and more pairs do not lower this bias. With the factor c it stays below the noise.

    The variance s of each pair is unknown. Its distribution over the pairs is estimated by maximum likelihood on a
    grid. Each repeat gets its own weight, from the other repeats of its pair, because a weight that depended on the
    repeat itself would bias the values if the noise is skewed. The standard errors take the pair as the unit. They
    include by how much the values differ from those of equal weights, beyond what chance explains.
    """
    n_pairs, repeats = differences.shape
    means = differences.mean(axis=1)
    deviations = differences - means[:, np.newaxis]
    squares = (deviations**2).sum(axis=1)
    noise = float(squares.mean()) / (repeats - 1)
    if not _ROUNDING * float((means**2).mean()) < noise < np.inf:
        return None
    design = np.where(coalitions, 0.5, -0.5)
    n_players = design.shape[1]
    plain = np.linalg.solve(design.T @ design, design.T @ means)
    plain_residuals = means - design @ plain
    interactions = max(0.0, float((plain_residuals**2).sum()) / (n_pairs - n_players) - noise / repeats)

    grid = noise * np.geomspace(_LEAST_SHARE, max(10.0, float(squares.max()) / (repeats - 1) / noise), _GRID)
    prior = _distribution(squares[:: -(-n_pairs // _MOST_LEARNT_FROM)], repeats - 1, grid)
    others = np.maximum(squares[:, np.newaxis] - deviations**2 * (repeats / (repeats - 1)), 0.0)
    kept = interactions * max(1.0, n_pairs / n_players)
    precision = 1.0 / (kept + grid / repeats)
    weights = np.stack([_expected(others[:, j], repeats - 2, grid, prior, precision) for j in range(repeats)], axis=1)
    totals = weights.sum(axis=1)
    targets = (weights * differences).sum(axis=1) / totals
    inverse = np.linalg.inv(design.T @ (totals[:, np.newaxis] * design))
    values = inverse @ (design.T @ (totals * targets))
    leverage = totals * np.einsum("ki,ij,kj->k", design, inverse, design, optimize=True)
    residuals = (targets - design @ values) / np.sqrt(np.maximum(1.0 - leverage, 1e-3))
    influence = (design * (totals * residuals)[:, np.newaxis]) @ inverse
    variances = (influence**2).sum(axis=0)

    plain_inverse = np.linalg.inv(design.T @ design)
    plain_influence = (design * plain_residuals[:, np.newaxis]) @ plain_inverse
    by_chance = ((influence - plain_influence) ** 2).sum(axis=0).mean()
    bias = max(0.0, float(((values - plain) ** 2).mean() - by_chance))
    effective = totals.sum() ** 2 / (totals**2).sum()
    return Weighed(values, np.sqrt(variances + bias), max(1.0, float(effective) - n_players))


def _likelihood(squares: Floats, freedom: int, grid: Floats) -> Floats:
    """Return the likelihood of each sum of squares for each variance, up to a factor for each sum."""
    logs = -0.5 * (freedom * np.log(grid) + squares[:, np.newaxis] / grid)
    found: Floats = np.exp(logs - logs.max(axis=1, keepdims=True))
    return found


def _distribution(squares: Floats, freedom: int, grid: Floats) -> Floats:
    """Estimate the distribution of variances over a grid from sums of squares, by expectation maximisation."""
    likelihood = _likelihood(squares, freedom, grid)
    shares = np.full(len(grid), 1.0 / len(grid))
    for _ in range(_ITERATIONS):
        joint = likelihood * shares
        shares = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
    return shares


def _expected(squares: Floats, freedom: int, grid: Floats, prior: Floats, of_variance: Floats) -> Floats:
    """Return the mean of a function of each variance, given its sum of squares."""
    found = np.empty(len(squares))
    for a in range(0, len(squares), _CHUNK):
        joint = _likelihood(squares[a : a + _CHUNK], freedom, grid) * prior
        found[a : a + _CHUNK] = (joint * of_variance).sum(axis=1) / joint.sum(axis=1)
    return found
