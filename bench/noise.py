# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare Hadamard designs with random pairs, and with the smallest possible variance, on noisy games."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._families import FAMILIES
from bench._table import Table, three_digits, verdict

_LEVELS = (1e-3, 1e-2, 0.1, 1.0)  # noise, relative to the standard deviation of the worths


def tables(options: Options) -> Iterator[Table]:
    n_seeds = 100 if options.quick else 400
    table = Table(
        "Noisy worths: mean squared error",
        *("game", "n", "m", "noise ÷ spread of the worths", "hadamard", "paired", "paired ÷ hadamard", ">= 1"),
        note=f"""
            Every worth has independent normal noise. Each error is the mean over {n_seeds} seeds, the same for both
            designs. The spread of the worths is their standard deviation over uniformly drawn coalitions.
        """,
    )
    for name, n, m in (("orders 2 and 3", 30, 128), ("trees of depth 6", 16, 160), ("weighted vote", 20, 192)):
        game = FAMILIES[name](n, np.random.default_rng(2))
        spread = float(np.std(game(banzhaf.sample_coalitions(n, 4000, design="independent", random_state=0))))
        for level in _LEVELS:
            errors = {
                design: np.mean(
                    [
                        np.mean((_estimate(game, n, m, design, level * spread, seed) - game.values) ** 2)
                        for seed in range(n_seeds)
                    ]
                )
                for design in ("hadamard", "paired")
            }
            ratio = errors["paired"] / errors["hadamard"]
            cells = (f"{errors['hadamard']:.3g}", f"{errors['paired']:.3g}", three_digits(ratio), verdict(ratio >= 1))
            table.add(name, n, m, f"{level:g}", *cells)
    yield table

    n_seeds = 4000 if options.quick else 40_000
    table = Table(
        "Noise alone: variance relative to the smallest possible, 4 s^2 / m",
        *("n", "m", "full designs", "seeds", "mean over the players", "smallest", "largest", "within 2 %"),
        note=f"""
            The game is noise with standard deviation s = 1. The figures are variances of the estimates, divided by
            4 / m. No unbiased linear estimate from m evaluations can have a smaller variance on average. "full
            designs" counts full Hadamard designs. A player's figure has a standard error of
            {np.sqrt(2 / n_seeds):.1%}, and the mean has that divided by sqrt(n). The target is that the mean is within
            2 % of 1, and each player within 2 % plus four standard errors.
        """,
    )
    for n, m in ((8, 16), (8, 64), (14, 96), (30, 64)):
        squares = np.zeros(n)
        for seed in range(n_seeds):
            squares += _estimate(None, n, m, "hadamard", 1.0, seed) ** 2
        ratios = squares / n_seeds * m / 4
        chance = 4 * np.sqrt(2 / n_seeds)
        met = abs(ratios.mean() - 1) < 0.02 and np.abs(ratios - 1).max() < 0.02 + chance
        order = 1 << (n - 1).bit_length()
        figures = [f"{x:.4f}" for x in (ratios.mean(), ratios.min(), ratios.max())]
        table.add(n, m, m // (2 * order), n_seeds, *figures, verdict(bool(met)))
    yield table


def _estimate(game: object, n: int, m: int, design: str, noise: float, seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng([seed, 3])

    def noisy(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        return (game(coalitions) if callable(game) else 0.0) + noise * rng.normal(size=len(coalitions))

    return banzhaf.estimate(
        noisy, n, budget=m, design=design, random_state=seed, standard_errors=False, num_threads=1
    ).values


if __name__ == "__main__":
    main(tables, __doc__)
