# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare nested full Hadamard designs with independent ones, and show what the default chooses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._datasets import Dataset, boost, load
from bench._errors import median_error
from bench._games import Game, TreeGame
from bench._table import Table, three_digits, verdict
from bench._tree_truth import Paths

# The data set, and how many of its features take part: a random subset where these are fewer than all.
_GAMES = (
    *(("Diabetes", 8), ("Adult", 14), ("Bank", 16), ("German Credit", 20), ("NHANES", 26), ("NHANES", 32)),
    *(("BRCA", 40), ("Communities & Crime", 60), ("NHANES", 79), ("BRCA", 100), ("TUANDROMD", 241)),
)
_SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)  # J / N
_MOST_PAIRS = 6400
_N_BACKGROUND = 50
_LEVEL = 1.25
_EXACT = 1e-20  # relative squared error

Values = NDArray[np.float64]


def tables(options: Options) -> Iterator[Table]:
    n_seeds = 3 if options.quick else 15
    table = Table(
        "Error of full Hadamard designs: nested, and with columns and signs of their own",
        *("game", "n", "N", "J", "J / N", "evaluations", "nested", "independent", "nested, adjusted"),
        *("independent, adjusted", "independent ÷ nested", "default", f"at most {_LEVEL} x the better"),
        note=f"""
            The games are XGBoost models (depth 6, 100 trees) with one explained row and {_N_BACKGROUND} background
            rows. J is the number of full Hadamard designs, and N that of the pairs in each. Errors are medians over
            {n_seeds} seeds of relative squared errors. "adjusted" takes interactions out of the error. "independent ÷
            nested" is the ratio of these. "default" is what design="hadamard" chooses then.
        """,
    )
    for name, n in _GAMES:
        game, truth = _game(name, n, options.data, options.threads)
        order = 1 << (n - 1).bit_length()
        for n_blocks in sorted({max(2, round(share * order)) for share in _SHARES}):
            budget = 2 * order * n_blocks
            if budget >= 2**n or budget > 2 * _MOST_PAIRS:
                continue
            cells = {
                (design, interactions): median_error(
                    game, truth, budget, design, n_seeds, options.threads, interactions
                )
                for interactions in ("none", "auto")
                for design in ("nested", "fresh")
            }
            nested, fresh = (max(cells[design, "auto"], _EXACT) for design in ("nested", "fresh"))
            chosen = "fresh" if banzhaf._core.fresh_blocks_suit(n, budget // 2) else "nested"
            loss = (fresh if chosen == "fresh" else nested) / min(nested, fresh)
            table.add(
                *(name, n, order, n_blocks, f"{n_blocks / order:.2f}", budget),
                *(f"{error:.1e}" for error in cells.values()),
                *(three_digits(fresh / nested), chosen, verdict(loss <= _LEVEL)),
            )
    yield table


def _game(name: str, n: int, folder: Path, threads: int) -> tuple[Game, Values]:
    data = load(name, folder, n_background=_N_BACKGROUND)
    if n < data.n_features:
        data = _subset(data, n)
    terms = Paths(boost(data, threads=threads)).terms(data.explicands[0], data.background)
    return TreeGame(terms), terms.banzhaf_values()


def _subset(data: Dataset, n: int) -> Dataset:
    columns = np.sort(np.random.default_rng(n).choice(data.n_features, n, replace=False))
    return dataclasses.replace(
        data,
        train=data.train[:, columns],
        background=data.background[:, columns],
        explicands=data.explicands[:, columns],
    )


if __name__ == "__main__":
    main(tables, __doc__)
