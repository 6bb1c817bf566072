# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Measure how many standard errors a value can be off, if an interaction has the same sign in all Hadamard designs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

import banzhaf
from bench._command import Options, main
from bench._families import FAMILIES, Airport, KnownGame, Leaves, Products, Votes
from bench._table import Table, three_digits, verdict

MOST = 8.0  # standard errors; no error may be larger


@dataclass(frozen=True)
class Outcome:
    """The results of several runs with a game."""

    largest: float  # error, in standard errors
    runs_beyond: int  # runs with a value beyond MOST standard errors
    median_standard_error: float
    root_mean_square_error: float
    coverage: float


def unanimity(n_players: int, size: int) -> Leaves:
    """Make the game in which a coalition is worth 1 if it has all of the first `size` players."""
    return Leaves(n_players, [(list(range(size)), [], 1.0)])


def complete_design(n_players: int) -> int:
    """Return the number of evaluations of the smallest complete nested design."""
    order = 1 << (n_players - 1).bit_length()
    kerdock = order >= 16 and order.bit_length() % 2 == 1
    return order * order if kerdock else 2 * order * order


def outcome(make: Callable[[int], KnownGame], n_players: int, budget: int, seeds: range) -> Outcome:
    """Estimate a game for each seed. `make` returns the game of a seed."""
    largest, medians, squares, held = [], [], [], []
    for seed in seeds:
        game = make(seed)
        found = banzhaf.estimate(game, n_players, budget=budget, random_state=seed, num_threads=1, interactions="none")
        rounding = 1e-9 * max(1e-9, float(np.abs(game.values).max()))
        errors = np.abs(found.values - game.values)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.where(errors <= rounding, 0.0, errors / found.standard_errors)
        low, high = found.intervals().T
        largest.append(float(ratios.max()))
        medians.append(float(np.median(found.standard_errors)))
        squares.append(float((errors**2).mean()))
        held.append(float(((low - rounding <= game.values) & (game.values <= high + rounding)).mean()))
    return Outcome(
        max(largest),
        sum(ratio > MOST for ratio in largest),
        float(np.median(medians)),
        float(np.sqrt(np.mean(squares))),
        float(np.mean(held)),
    )


def tables(options: Options) -> Iterator[Table]:
    seeds = range(5 if options.quick else 20)
    table = _table(
        "Large errors: the two games that are known for them",
        f"Each game has {len(seeds)} seeds.",
    )
    _add(table, "unanimity of 8", lambda _: unanimity(100, 8), 100, 131_072, seeds)
    _add(table, "airport", lambda _: Airport(np.arange(1.0, 101.0)), 100, 65_536, seeds)
    yield table

    table = _table(
        "Large errors: games of many kinds",
        f"""
            Each game has {len(seeds)} seeds. The evaluations are 2 and 4 times those of the smallest complete nested
            design. "products of k" is the sum of n products of the signs of k players, and all its values are 0. The
            vote has weights 1 to 9 and a quota of 60 %. The allowance in the standard errors makes an error of more
            than 7 standard errors rare, but not impossible: see the theory page.
        """,
    )
    for n in (20, 64) if options.quick else (20, 33, 64, 100, 128, 200):
        for name, make in _GAMES.items():
            for stages in (2, 4) if n < 200 else (2,):
                few = seeds if n <= 64 or "products" not in name else seeds[:5]
                _add(table, name, lambda seed, n=n, make=make: make(n, seed), n, stages * complete_design(n), few)  # type: ignore[misc]
    yield table


def _products(n: int, size: int, seed: int) -> Products:
    rng = np.random.default_rng([seed, n])
    return Products(n, [rng.choice(n, size, replace=False) for _ in range(n)], np.ones(n))


_GAMES: dict[str, Callable[[int, int], KnownGame]] = {
    **{f"unanimity of {k}": lambda n, _, k=k: unanimity(n, k) for k in (5, 6, 7, 8, 9)},  # type: ignore[misc]
    "airport": lambda n, _: Airport(np.arange(1.0, n + 1)),
    **{f"products of {k}": lambda n, seed, k=k: _products(n, k, seed) for k in (5, 6, 7)},  # type: ignore[misc]
    "weighted vote": lambda n, seed: FAMILIES["weighted vote"](n, np.random.default_rng([seed, n])),
    "majority": lambda n, _: Votes(np.ones(n, dtype=np.int64), n // 2 + 1),
    "trees of depth 10": lambda n, seed: FAMILIES["trees of depth 10"](n, np.random.default_rng([seed, n])),
}


def _table(title: str, note: str) -> Table:
    return Table(
        title,
        *("game", "n", "evaluations", "runs", "largest error in standard errors", f"runs beyond {MOST:g}", "none"),
        *("median standard error", "root mean square error", "coverage of 95 % intervals"),
        note=note,
    )


def _add(table: Table, name: str, make: Callable[[int], KnownGame], n: int, budget: int, seeds: range) -> None:
    found = outcome(make, n, budget, seeds)
    table.add(
        *(name, n, budget, len(seeds), f"{found.largest:.2f}", found.runs_beyond, verdict(found.runs_beyond == 0)),
        *(three_digits(found.median_standard_error), three_digits(found.root_mean_square_error)),
        f"{found.coverage:.1%}",
    )


if __name__ == "__main__":
    main(tables, __doc__)
