# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Measure what stopping rules save, how often they are wrong, and how late a run with a deadline ends.

Each row goes to stderr as soon as it is known.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import environment, parser
from bench._table import Table, three_digits, verdict
from bench._timing import pinned

_DESIGNS = ("hadamard", "paired")
_PER_PLAYER = 200  # coalitions per player that the budget covers


class Products:
    """A weighted sum of products of +-1 over sets of players up to some order, with known values."""

    def __init__(self, n_players: int, order: int, n_terms: int, spread: float, seed: int, decay: float = 1.0) -> None:
        rng = np.random.default_rng(seed)
        sizes = 1 + np.arange(n_terms) % order
        self.sets = [rng.choice(n_players, size, replace=False) for size in sizes]
        # If the spread is large, the weights have very different sizes, and a few interactions cause most of the error.
        self.weights = rng.choice([-1.0, 1.0], n_terms) * np.exp(spread * rng.normal(size=n_terms))
        self.weights *= decay ** (sizes - 1.0)
        self.values = np.zeros(n_players)
        for players, weight in zip(self.sets, self.weights, strict=True):
            if len(players) == 1:
                self.values[players[0]] += 2 * weight

    def __call__(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the worths, shape (m,)."""
        signs = 2.0 * coalitions - 1.0
        worths = np.zeros(len(coalitions))
        for players, weight in zip(self.sets, self.weights, strict=True):
            worths += weight * signs[:, players].prod(axis=1)
        return worths


# The players, the order, the terms per player and the spread of the weights.
_GAMES = {
    "few interactions of all sizes": (31, 3, 2, 2.0),
    "few, also of five players": (32, 5, 2, 2.0),
    "many of one size": (40, 4, 6, 0.3),
    "more players": (60, 4, 3, 1.0),
}


def _game(name: str, seed: int, decay: float = 1.0) -> tuple[Products, int]:
    n, order, per_player, spread = _GAMES[name]
    return Products(n, order, per_player * n, spread, seed, decay), n


def _savings(runs: int, threads: int) -> Table:
    table = Table(
        f"Evaluations of runs with a stopping rule, with a budget of {_PER_PLAYER} n",
        *("game", "n", "rule", "design", "stopped", "median evaluations", "share of the budget"),
        *("median error", "time of the checks"),
        note=f"""
            The games are sums of products over random sets of players, with {runs} games and seeds each. Each further
            player in a set multiplies the weight by 0.4. The tolerance is 2 % of the largest absolute value. "stopped"
            is the share of the runs that ended before the budget. The median evaluations are over all runs. "median
            error" is the largest error over the players, divided by the tolerance. For top_k, it is divided by the gap
            between player k and the next, so it need only stay below 0.5. "time of the checks" is the extra CPU time
            of a run over the whole budget with a callback that does nothing, divided by the time without it. The
            worths are computed in advance, so the time of the game does not hide the checks.
        """,
    )
    for name in _GAMES:
        for design in _DESIGNS:
            checks = _cost_of_checks(name, design, threads)
            for rule in ("tolerance", "top_k=3"):
                spent, stopped, errors = [], [], []
                for seed in range(runs):
                    game, n = _game(name, seed, 0.4)
                    size = np.sort(np.abs(game.values))
                    scale = 0.02 * size[-1] if rule == "tolerance" else size[-3] - size[-4]
                    arguments: dict[str, Any] = {"tolerance": scale} if rule == "tolerance" else {"top_k": 3}
                    values = _estimate(game, n, design, seed, threads, **arguments)
                    spent.append(values.n_evaluations)
                    stopped.append(values.n_evaluations < _PER_PLAYER * n)
                    errors.append(np.abs(values.values - game.values).max() / max(scale, 1e-300))
                _add(
                    table,
                    *(name, n, rule, design, f"{np.mean(stopped):.0%}", f"{np.median(spent):.0f}"),
                    f"{np.median(spent) / (_PER_PLAYER * n):.0%}",
                    three_digits(float(np.median(errors))),
                    checks if rule == "tolerance" else "",
                )
    return table


def _add(table: Table, *cells: object) -> None:
    table.add(*cells)
    print(f"  {'; '.join(map(str, cells))}", file=sys.stderr, flush=True)


def _estimate(game: Any, n: int, design: str, seed: int, threads: int, **rules: Any) -> banzhaf.BanzhafValues:
    return banzhaf.estimate(
        game, n, budget=_PER_PLAYER * n, design=design, random_state=seed, num_threads=threads, **rules
    )


def _cost_of_checks(name: str, design: str, threads: int) -> str:
    """Compare the times inside banzhaf with and without checks, given the worths in advance."""
    n = _GAMES[name][0]
    worths = np.random.default_rng(0).normal(size=_PER_PLAYER * n)

    def seconds(**rules: Any) -> float:
        start, given = time.process_time(), 0

        def known(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
            nonlocal given
            given += len(coalitions)
            return worths[given - len(coalitions) : given]

        _estimate(known, n, design, 0, threads, **rules)
        return time.process_time() - start

    rounds = [(seconds(callback=lambda values: None), seconds()) for _ in range(5)]
    return f"{np.median([checking / plain - 1 for checking, plain in rounds]):.1f} of the run"


def _confidence(runs: int, threads: int) -> Table:
    stated = (0.8, 0.95)
    table = Table(
        "Stops by top_k with the wrong players",
        *("game", "design", "k", "confidence", "runs", "stopped", "wrong", "wrong, of all runs", "kept"),
        note="""
            A run is wrong if one of its k players has a smaller absolute value than a player that it left out. "kept"
            means that at most 1 - confidence of the runs are wrong. Interactions of five players limit the standard
            errors of the Hadamard design: one in N of them keeps its sign until the first nested design is complete.
        """,
    )
    for name in _GAMES:
        for design in _DESIGNS:
            for k in (1, 4):
                for confidence in stated:
                    stopped = wrong = 0
                    for seed in range(runs):
                        game, n = _game(name, 1000 + seed)
                        values = _estimate(game, n, design, seed, threads, top_k=k, confidence=confidence)
                        if values.stopped != "top_k":
                            continue
                        leading = np.argsort(-np.abs(values.values))[:k]
                        size = np.abs(game.values)
                        stopped += 1
                        wrong += bool(size[leading].min() < np.delete(size, leading).max())
                    _add(
                        table,
                        *(name, design, k, f"{confidence:.0%}", runs, stopped, wrong, f"{wrong / runs:.1%}"),
                        verdict(wrong <= (1 - confidence) * runs),
                    )
    return table


def _deadlines(runs: int, threads: int) -> Table:
    table = Table(
        "Lateness of runs with a deadline",
        *("time per call", "time per coalition", "design", "deadline", "median evaluations", "calls"),
        *("time used", "lateness in batches", "less than one"),
        note=f"""
            A game of 60 players waits for the given times. There are {runs} runs with a budget of 10^9. "time used" is
            the median time from the call of `estimate` to its return, divided by the deadline. "lateness" is the time
            after the deadline, divided by the time of the last batch. It is that of the worst run, and 0 if no run was
            late.
        """,
    )
    for per_call, per_coalition, deadline in _SLOW:
        for design in _DESIGNS:
            late, used, spent, calls = [], [], [], []
            for seed in range(runs):
                game = _Slow(per_call, per_coalition)
                start = time.perf_counter()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # the deadline may leave time for only a few evaluations
                    values = banzhaf.estimate(
                        *(game, 60),
                        budget=10**9,
                        design=design,
                        random_state=seed,
                        num_threads=threads,
                        deadline=deadline,
                    )
                taken = time.perf_counter() - start
                late.append(max(0.0, taken - deadline) / game.last)
                used.append(taken / deadline)
                spent.append(values.n_evaluations)
                calls.append(game.n_calls)
            _add(
                table,
                *(f"{per_call * 1e3:g} ms", f"{per_coalition * 1e3:g} ms", design, f"{deadline} s"),
                *(f"{np.median(spent):.0f}", f"{np.median(calls):.0f}", f"{np.median(used):.1%}"),
                *(three_digits(max(late)), verdict(max(late) < 1)),
            )
    return table


# Seconds per call, seconds per coalition, and the deadline in seconds.
_SLOW = ((0.0, 1e-6, 0.3), (1e-3, 1e-5, 0.3), (1e-3, 1e-3, 0.5), (0.05, 1e-3, 1.0))


class _Slow:
    """A game that takes a given time."""

    def __init__(self, per_call: float, per_coalition: float) -> None:
        self.per_call, self.per_coalition = per_call, per_coalition
        self.n_calls, self.last = 0, 0.0
        self.weights = np.random.default_rng(0).normal(size=60)

    def __call__(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        start = time.perf_counter()
        worths = np.tanh(coalitions @ self.weights)
        rest = self.per_call + self.per_coalition * len(coalitions) - (time.perf_counter() - start)
        if rest > 0:
            time.sleep(rest)
        self.n_calls += 1
        self.last = time.perf_counter() - start
        return np.asarray(worths)


# The tables, with their numbers of runs, usually and with --quick.
PARTS: dict[str, tuple[Callable[[int, int], Table], int, int]] = {
    "savings": (_savings, 12, 4),
    "confidence": (_confidence, 40, 4),
    "deadlines": (_deadlines, 10, 2),
}


def main() -> None:
    """Run the command line."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS), help="tables to print")
    arguments.add_argument("--runs", type=int, help="runs of each row; by default it depends on the table")
    chosen = arguments.parse_args()
    for name in ("threads", "runs"):
        if getattr(chosen, name) is not None and getattr(chosen, name) < 1:
            arguments.error(f"--{name} must be at least 1, got {getattr(chosen, name)}")
    with pinned(chosen.threads):
        for part in chosen.parts:
            make, usual, quick = PARTS[part]
            table = make(chosen.runs or (quick if chosen.quick else usual), chosen.threads)
            print(table, environment(chosen.threads), sep="\n\n", end="\n\n", flush=True)


if __name__ == "__main__":
    main()
