# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare nested Hadamard designs with random pairs on set functions, all without interactions taken out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, Unavailable, main
from bench._datasets import NAMES, boost, load
from bench._errors import median_error
from bench._games import Game, TreeGame, squared_error
from bench._table import Table, three_digits, verdict
from bench._tree_truth import Paths

_PER_PLAYER = (2, 2.2, 3, 5, 10, 20, 50, 100)
_N_BACKGROUND = 4  # few rows keep the closed form of the game fast
_LEAST_AT_START, _NEVER_BELOW, _LEAST_AT_STAGE = 5, 1 / 1.1, 100
_STAGE_BACKGROUNDS = (4, 16, 50)

_DESIGNS = ("paired", "hadamard")
_EXACT = 1e-20  # relative squared error

Values = NDArray[np.float64]


def tables(options: Options) -> Iterator[Table]:
    n_seeds = 10 if options.quick else 31
    yield _budgets(options, n_seeds)
    yield _low_orders()
    yield _stages(options, 5 if options.quick else 31)


def _budgets(options: Options, n_seeds: int) -> Table:
    table = Table(
        "Error of random pairs ÷ error of Hadamard designs, at equal evaluations",
        *("game", "n", *(f"{budget} n" for budget in _PER_PLAYER)),
        *("at 2.2 n, target >= 5", "everywhere, target >= 1 / 1.1"),
        note=f"""
            The games are XGBoost models (depth 6, 100 trees) on the eight data sets, with one explained row and
            {_N_BACKGROUND} background rows. Each cell is a ratio of median relative squared errors over {n_seeds}
            seeds, with exact values in closed form. "exact" means that the error of the Hadamard design is below 1e-20,
            because it has all coalitions or cancels all interactions.
        """,
    )
    for name in NAMES:
        data = load(name, options.data)
        n = data.n_features
        booster = boost(data, threads=options.threads)
        explicand = data.explicands[0]
        terms = Paths(booster).terms(explicand, data.background[:_N_BACKGROUND])
        truth, game = terms.banzhaf_values(), TreeGame(terms)
        ratios, cells = [], []
        for per_player in _PER_PLAYER:
            budget = int(per_player * n) // 2 * 2
            pairs, blocks = (
                median_error(game, truth, budget, design, n_seeds, options.threads) for design in ("paired", "hadamard")
            )
            ratios.append(np.inf if blocks < _EXACT else pairs / blocks)
            cells.append("exact" if blocks < _EXACT else three_digits(ratios[-1]))
        start = ratios[_PER_PLAYER.index(2.2)]
        judged = verdict(start >= _LEAST_AT_START) if n >= 10 else "n < 10"
        table.add(name, n, *cells, judged, verdict(min(ratios) >= _NEVER_BELOW))
    return table


def _low_orders() -> Table:
    table = Table(
        "The complete nested design on games of order 4: 300 random interactions of one to four players",
        *("n", "evaluations", "relative squared error", "< 1e-20", "with half of them"),
        note="""
            The complete nested design has 2 N^2 evaluations, where N is the smallest power of two not below n. With
            Kerdock sets (N = 16 and 64) it has N^2. The last column is the error with half of the evaluations.
        """,
    )
    for n, budget in ((16, 256), (30, 2048), (64, 4096)):
        game, truth = _interactions(n, order=4, n_terms=300)
        whole, half = (
            squared_error(
                banzhaf.estimate(game, n, budget=m, interactions="none", random_state=0).values,
                truth,
            )
            for m in (budget, budget // 2)
        )
        table.add(n, budget, f"{whole:.1e}", verdict(whole < 1e-20), f"{half:.1e}")
    return table


def _stages(options: Options, n_seeds: int) -> Table:
    table = Table(
        "The complete nested design on XGBoost with trees of depth 8",
        *("data", "n", "background rows", "evaluations", "pairs", "Hadamard", "ratio", "target >= 100"),
        note=f"""
            The data sets are scikit-learn's breast cancer and digits (is the digit 5 or more?), with 100 trees and one
            explained row. Errors are median relative squared errors over {n_seeds} seeds. "ratio" divides the error of
            the random pairs by that of the Hadamard design.
        """,
    )
    for (name, rows, targets, budget), n_background in itertools.product(_scikit_learn(), _STAGE_BACKGROUNDS):
        game, truth = _boosted(rows, targets, n_background, options.threads)
        n = len(truth)
        pairs, blocks = (median_error(game, truth, budget, design, n_seeds, options.threads) for design in _DESIGNS)
        ratio = "exact" if blocks < _EXACT else three_digits(pairs / blocks)
        table.add(
            *(name, n, n_background, budget, f"{pairs:.1e}", f"{blocks:.1e}", ratio),
            verdict(pairs >= _LEAST_AT_STAGE * blocks),
        )
    return table


def _scikit_learn() -> Iterator[tuple[str, NDArray[np.float32], NDArray[np.bool_], int]]:
    try:
        from sklearn.datasets import load_breast_cancer, load_digits
    except ImportError:
        raise Unavailable("the data need scikit-learn: pip install scikit-learn") from None
    rows, targets = load_breast_cancer(return_X_y=True)
    yield "breast cancer", rows.astype(np.float32), targets == 1, 2048
    rows, targets = load_digits(return_X_y=True)
    yield "digits", rows.astype(np.float32), targets >= 5, 4096


def _boosted(
    rows: NDArray[np.float32], targets: NDArray[np.bool_], n_background: int, threads: int
) -> tuple[Game, Values]:
    import xgboost

    settings: dict[str, Any] = {"max_depth": 8, "objective": "binary:logistic", "nthread": threads, "seed": 0}
    booster = xgboost.train(settings, xgboost.DMatrix(rows[100:], targets[100:], nthread=threads), 100)
    terms = Paths(booster).terms(rows[0], rows[100 : 100 + n_background])
    return TreeGame(terms), terms.banzhaf_values()


def _interactions(n: int, order: int, n_terms: int) -> tuple[Game, Values]:
    """Make a game that sums products of +-1, and return it with its values."""
    rng = np.random.default_rng(n)
    sets = [rng.choice(n, 1 + k % order, replace=False) for k in range(n_terms)]
    weights = rng.normal(size=n_terms)
    values = np.zeros(n)
    for players, weight in zip(sets, weights, strict=True):
        if len(players) == 1:
            values[players[0]] += 2 * weight

    def game(coalitions: NDArray[np.bool_]) -> Values:
        signs = 2.0 * coalitions - 1
        return np.stack([signs[:, players].prod(axis=1) for players in sets], axis=1) @ weights

    return game, values


if __name__ == "__main__":
    main(tables, __doc__)
