# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare the methods that are exact with known values and with brute force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._games import Game, all_coalitions, brute_force, masked_model, squared_error
from bench._table import Table, verdict

_TARGET = 1e-20
_PLAYERS = (10, 64, 65, 1000, 1100)
_BUDGETS = (3, 20)  # coalitions per player


def tables(options: Options) -> Iterator[Table]:
    n_games = 1 if options.quick else 3
    table = Table(
        "Paired regression on random games of order 2",
        *("n", "m", "rank", "condition number", "relative squared error", f"< {_TARGET:.0e}"),
        note=f"""
            The games are v(S) = c + a.z + z^T Q z, where z is the 0/1 vector of the coalition S, and all entries are
            standard normal. The value of player i is a_i + Q_ii + the sum over j != i of (Q_ij + Q_ji) / 2. Each row
            shows the largest error of {n_games} game{"s" if n_games > 1 else ""}. Rank and condition number are those
            of the regression.
        """,
    )
    for n in _PLAYERS:
        for budget in [per_player * n for per_player in (_BUDGETS[:1] if options.quick else _BUDGETS)]:
            found = []
            for seed in range(n_games):
                game, truth = _quadratic_game(n, seed)
                values = banzhaf.estimate(
                    game,
                    n,
                    budget=budget,
                    design="paired",
                    random_state=seed,
                    num_threads=options.threads,
                    standard_errors=False,
                )
                found.append((squared_error(values.values, truth), values))
            error, values = max(found, key=lambda pair: pair[0])
            condition = f"{values.condition_number:.1f}"
            table.add(n, budget, values.rank, condition, f"{error:.1e}", verdict(error < _TARGET))
    yield table

    table = Table(
        "Exact methods against brute force",
        *("method", "n", "games"),
        *("largest difference, integer worths", "largest relative squared error, real worths"),
        note="""
            Brute force evaluates the definition: in rational arithmetic for integer worths, and in NumPy for real
            worths. Differences for integer worths are absolute, and 0 means that the values equal the rational
            numbers.
        """,
    )
    last = 9 if options.quick else 12
    methods = _methods(options.threads)
    worst = {name: [0.0, 0.0] for name in methods}
    for n in range(1, last + 1):
        rng = np.random.default_rng(n)
        integers = rng.integers(-1000, 1000, size=2**n)
        reals = rng.normal(size=2**n)
        rational, real = _rational_values(integers, n), brute_force(reals, n)
        for name, method in methods.items():
            exactly = [Fraction(float(value)) for value in method(integers.astype(float), n)]
            difference = float(max(abs(a - b) for a, b in zip(exactly, rational, strict=True)))
            worst[name][0] = max(worst[name][0], difference)
            worst[name][1] = max(worst[name][1], squared_error(method(reals, n), real))
    for name, (difference, error) in worst.items():
        table.add(name, f"1 to {last}", 2 * last, f"{difference:.1e}" if difference else "0", f"{error:.1e}")
    error = max(_explained(n, options.threads) for n in range(2, last + 1))
    table.add("`Explainer(design='exhaustive')` on a model", f"2 to {last}", last - 1, "", f"{error:.1e}")
    yield table


def _methods(threads: int) -> dict[str, Callable[[NDArray[np.float64], int], NDArray[np.float64]]]:
    """Return the exact methods by name. Each takes the worths of all coalitions."""

    def shuffled(worths: NDArray[np.float64], n: int) -> NDArray[np.float64]:
        order = np.random.default_rng(0).permutation(2**n)
        return banzhaf.fit(all_coalitions(n)[order], worths[order], num_threads=threads).values

    def linear(worths: NDArray[np.float64], n: int) -> NDArray[np.float64]:
        return -2 * banzhaf.walsh_hadamard(worths, num_threads=threads)[2 ** np.arange(n)]

    return {
        "`exact(worths, n)`": lambda worths, n: banzhaf.exact(worths, n, num_threads=threads).values,
        "`exact(game, n)`": lambda worths, n: banzhaf.exact(_look_up(worths), n, num_threads=threads).values,
        "`estimate(game, n, budget=2**n)`": lambda worths, n: (
            banzhaf.estimate(_look_up(worths), n, budget=len(worths), num_threads=threads).values
        ),
        "`fit` on all coalitions, shuffled": shuffled,
        "`walsh_hadamard`, first order times -2": linear,
    }


def _look_up(worths: NDArray[np.float64]) -> Game:
    return lambda coalitions: worths[coalitions @ (1 << np.arange(coalitions.shape[1]))]


def _rational_values(worths: NDArray[np.int64], n: int) -> list[Fraction]:
    table = [int(worth) for worth in worths]
    return [
        Fraction(sum(table[s | 1 << i] - table[s] for s in range(2**n) if not s >> i & 1), 2 ** (n - 1))
        for i in range(n)
    ]


def _quadratic_game(n: int, seed: int) -> tuple[Game, NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    constant, linear, square = rng.normal(), rng.normal(size=n), rng.normal(size=(n, n))
    beside = square + square.T
    np.fill_diagonal(beside, 0.0)

    def game(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        z = coalitions.astype(np.float64)
        return constant + z @ linear + ((z @ square) * z).sum(axis=1)

    return game, linear + np.diag(square) + beside.sum(axis=1) / 2


def _explained(n: int, threads: int) -> float:
    """Explain a small model with many interactions exhaustively, and return the error."""
    rng = np.random.default_rng(n)
    background, explicand = rng.normal(size=(7, n)), rng.normal(size=n)

    def model(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.exp(np.sin(rows).sum(axis=1)) + rows.prod(axis=1)

    explainer = banzhaf.Explainer(model, background, design="exhaustive", num_threads=threads)
    truth = brute_force(masked_model(model, explicand, background)(all_coalitions(n)), n)
    return squared_error(explainer(explicand[np.newaxis]).values[0], truth)


if __name__ == "__main__":
    main(tables, __doc__)
