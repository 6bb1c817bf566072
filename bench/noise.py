# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Games whose worths are noisy: the error of Hadamard blocks beside random pairs, and beside the least possible."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._families import FAMILIES
from bench._table import Table, three_digits, verdict

_LEVELS = (1e-3, 1e-2, 0.1, 1.0)  # of the worths' standard deviation


def tables(options: Options) -> Iterator[Table]:
    n_seeds = 100 if options.quick else 400
    table = Table(
        "Noisy worths: mean squared error",
        *("game", "n", "m", "noise / spread of the worths", "hadamard", "paired", "paired / hadamard", ">= 1"),
        note=f"""
            Independent normal noise on every worth; {n_seeds} seeds, the same for both designs. The
            spread of the worths is their standard deviation over uniform coalitions.
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
        "Noise alone: variance beside the least possible, 4 s^2 / m",
        *("n", "m", "blocks", "seeds", "mean over the players", "least player", "largest player", "within 2 %"),
        note=f"""
            The variance of the estimates of a game of noise with s = 1, over 4 / m, the least that any unbiased linear
            estimate from m evaluations can have on average. A player's figure has a standard error of
            {np.sqrt(2 / n_seeds):.1%}, the mean one of that over sqrt(n); the target is the mean's, and each player's
            up to four of its standard errors.
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
