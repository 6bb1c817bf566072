# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test for every design whether the mean estimate over many seeds is the true value."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._families import FAMILIES, Monomials
from bench._table import Table, verdict
from bench.coverage import DESIGNS

_PLAYERS = 8
# Players and budgets. The last two Hadamard cases are weighing designs.
_CASES = {
    "hadamard": ((8, 16), (8, 32), (8, 44), (10, 22), (14, 28)),
    "paired": ((8, 24), (8, 48)),
    "independent": ((8, 24), (8, 48)),
    "monte_carlo": ((8, 32),),
    "msr": ((8, 48),),
}
_GAMES = ("order 5", "trees of depth 6", "weighted vote")
_ERRORS = 4.0
_FAST = {"num_threads": 1, "standard_errors": False}


def tables(options: Options) -> Iterator[Table]:
    n_seeds = 1000 if options.quick else 10_000
    table = Table(
        "Mean of the estimates less the true values",
        *("design", "n", "m", "game", "seeds", "largest deviation, in standard errors", f"< {_ERRORS:.0f}"),
        note=f"""
            Deviation: the largest over the players of |mean over the seeds - true value| / (standard deviation over
            the seeds / sqrt(seeds)). Seeds whose coalitions do not determine every value are left out. "one design
            per row" is `Explainer`'s default: one design per background row. By chance alone, one of {_PLAYERS} players
            exceeds {_ERRORS:.0f} in at most {_PLAYERS * 6.334e-5:.2%} of the rows of the table (Bonferroni).
        """,
    )
    for design, cases in _CASES.items():
        for n, m in cases:
            for name in _GAMES:
                game = FAMILIES[name](n, np.random.default_rng(1))
                settings = {"num_threads": 1} if design in ("monte_carlo", "msr") else _FAST
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", banzhaf.RankWarning)
                    found = [
                        DESIGNS[design](game, n, budget=m, random_state=seed, **settings) for seed in range(n_seeds)
                    ]
                runs = np.array([one.values for one in found if one.rank == n and np.isfinite(one.values).all()])
                table.add(design, n, m, name, len(runs), *_judged(runs, game.values))
    for n_background, budget in ((5, 5 * 16), (5, 5 * 24), (5, 300), (12, 5 * 16)):
        rng = np.random.default_rng(2)
        model = Monomials.random(_PLAYERS, 5, rng)
        background, explicand = rng.normal(size=(n_background, _PLAYERS)), rng.normal(size=_PLAYERS)
        background[:2, :3] = explicand[:3]  # rows with fewer players than others
        truth = model.banzhaf_values(explicand, background)
        runs = np.empty((n_seeds, _PLAYERS))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", banzhaf.BudgetWarning)  # a random subset is unbiased as well
            for seed in range(n_seeds):
                explainer = banzhaf.Explainer(model, background, budget=budget, random_state=seed, num_threads=1)
                runs[seed] = explainer(explicand[np.newaxis]).values[0]
        name = f"monomials of order 5, {n_background} background rows"
        table.add("one design per row", _PLAYERS, f"{budget} evaluations", name, n_seeds, *_judged(runs, truth))
    yield table


def _judged(runs: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[str, str]:
    spread = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
    worst = float((np.abs(runs.mean(axis=0) - truth) / np.maximum(spread, 1e-12)).max())
    return f"{worst:.2f}", verdict(worst < _ERRORS)


if __name__ == "__main__":
    main(tables, __doc__)
