# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Noisy games that are evaluated several times: what weights by variance gain, their bias and their intervals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import stats

import banzhaf
from bench._command import Options, main
from bench._table import Table, three_digits, verdict

_PLAYERS = 16
_TRIPLES = 20
_LEAST_COVERAGE = 0.93
_MOST_LOSS = 1.02
_LEAST_GAIN = 0.8

Noise = Callable[[np.random.Generator, NDArray[np.bool_]], NDArray[np.float64]]


def _pair_numbers(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return a number from 0 to 1 for each coalition, the same for its complement."""
    words = (coalitions ^ coalitions[:, :1]) @ (1 << np.arange(coalitions.shape[1], dtype=np.int64))
    return ((words * 2654435761) % 4294967296) / 4294967296.0


def _spread(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.exp(1.2 * stats.norm.ppf(np.clip(_pair_numbers(coalitions), 1e-6, 1 - 1e-6)))


NOISES: dict[str, Noise] = {
    "equal": lambda rng, c: rng.normal(size=len(c)),
    "equal, t with 3 degrees of freedom": lambda rng, c: rng.standard_t(3, size=len(c)),
    "12 times in one of seven pairs": lambda rng, c: (
        rng.normal(size=len(c)) * np.where(_pair_numbers(c) < 1 / 7, 6, 0.5)
    ),
    "log-normal over the pairs": lambda rng, c: rng.normal(size=len(c)) * _spread(c),
    "the same, exponential": lambda rng, c: (rng.exponential(size=len(c)) - 1) * _spread(c) * np.where(c[:, 0], 1.5, 1),
    "10 times if two players are apart": lambda rng, c: rng.normal(size=len(c)) * np.where(c[:, 0] ^ c[:, 1], 3, 0.3),
    "13 times in small coalitions": lambda rng, c: rng.normal(size=len(c)) * np.where(c.sum(axis=1) < 7, 4, 0.3),
}


def tables(options: Options) -> Iterator[Table]:
    warnings.simplefilter("ignore")
    n_seeds = 20 if options.quick else 100
    table = Table(
        "Repeats of a noisy game: mean squared errors, divided by that of means without weights",
        *("noise", "triples", "repeats", "evaluations", "weights allowed", "no repeats, same budget"),
        *("runs with weights", "largest bias in standard errors", "coverage of 95 %"),
        note=f"""
            {_PLAYERS} players with random values, and {_TRIPLES} random interactions of three players with this
            standard deviation. The noise has about the same size as the values. "no repeats" spends the same number of
            evaluations on different coalitions. Means over {n_seeds} seeds. Weights must lose at most 2 %. Where the
            noise of a pair has nothing to do with single players, and no triples limit the weights, they must win at
            least 20 %. At least {_LEAST_COVERAGE:.0%} of the intervals must hold the value. The largest bias, over the
            players, must be below the 99.9 % quantile for {_PLAYERS} players.
        """,
    )
    cases = [(name, size, 5, 192) for name in NOISES for size in (0.0, 0.1)]
    cases += [("12 times in one of seven pairs", 0.0, repeats, 192) for repeats in (3, 10)]
    cases += [("log-normal over the pairs", size, 5, 1024) for size in (0.0, 0.1, 0.5)]
    most = float(stats.t.ppf(1 - 0.001 / (2 * _PLAYERS), n_seeds - 1))
    for name, size, repeats, coalitions in cases:
        found = _measured(NOISES[name], size, repeats, coalitions, n_seeds)
        gain, alone, used, bias, coverage = found
        is_uneven = size == 0.0 and ("pairs" in name or "exponential" in name)
        met = gain <= (_LEAST_GAIN if is_uneven else _MOST_LOSS)
        table.add(
            name,
            f"{size:g}",
            repeats,
            coalitions * repeats,
            f"{three_digits(gain)} {verdict(met)}",
            three_digits(alone),
            f"{used:.0%}",
            f"{bias:.1f} {verdict(bias < most)}",
            f"{coverage:.1%} {verdict(coverage >= _LEAST_COVERAGE)}",
        )
    yield table


def _measured(noise: Noise, size: float, repeats: int, n_coalitions: int, n_seeds: int) -> tuple[float, ...]:
    """Return both ratios of squared errors, the share of runs with weights, the largest bias, and the coverage."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=_PLAYERS)
    triples = [rng.choice(_PLAYERS, 3, replace=False) for _ in range(_TRIPLES)]
    sizes = size * rng.normal(size=_TRIPLES)
    errors = np.empty((3, n_seeds, _PLAYERS))
    used = covered = 0.0
    for seed in range(n_seeds):
        rng = np.random.default_rng([seed, 7])

        def game(coalitions: NDArray[np.bool_], rng: np.random.Generator = rng) -> NDArray[np.float64]:
            signs = np.where(coalitions, 1.0, -1.0)
            odd = sum(s * signs[:, t].prod(axis=1) for s, t in zip(sizes, triples, strict=True))
            return coalitions @ values + odd + noise(rng, coalitions)

        budget = n_coalitions * repeats
        common = {"random_state": seed, "num_threads": 1}
        found = banzhaf.estimate(game, _PLAYERS, budget=budget, repeats=repeats, **common)
        assert found.evaluations is not None
        means = found.evaluations.worths[:, 0]
        plain = banzhaf.fit_design(means, _PLAYERS, noisy=True, design=found.design, **common)
        alone = banzhaf.estimate(game, _PLAYERS, budget=budget, noisy=True, **common)
        errors[:, seed] = [each.values - values for each in (found, plain, alone)]
        low, high = np.moveaxis(found.intervals(), -1, 0)
        covered += ((low <= values) & (values <= high)).mean() / n_seeds
        used += found.weighted / n_seeds
    squares = (errors**2).mean(axis=(1, 2))
    scores = errors[0].mean(axis=0) / (errors[0].std(axis=0, ddof=1) / np.sqrt(n_seeds))
    return squares[0] / squares[1], squares[2] / squares[1], used, float(np.abs(scores).max()), float(covered)


if __name__ == "__main__":
    main(tables, __doc__)
