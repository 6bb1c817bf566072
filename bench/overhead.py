# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A whole estimate of a game that costs next to nothing: what each package takes for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

import banzhaf
from bench._command import Options, main
from bench._games import Game, additive_game, numpy_estimate
from bench._table import Table, duration, verdict
from bench._timing import installed, interleave
from bench.regression import SIZES

_TARGETS = {(100, 2000): 50, (1000, 20000): 100}  # times faster than shapiq


def tables(options: Options) -> Iterator[Table]:
    table = Table(
        "A whole estimate with a near-free game",
        *("n, m", "the game itself", "estimate", "estimate, no standard errors", "NumPy", "shapiq", "shap"),
        *("NumPy / estimate, no standard errors", "shapiq / estimate", "shap / estimate", "target for shapiq", "met"),
        notes=(
            "The game is `coalitions @ weights`; its own time for all m coalitions is part of every other column. "
            "NumPy: random pairs, the game, differences, `solve`. shapiq: RegressionFBII, max_order=1, "
            "pairing_trick=True. shap: KernelExplainer (Shapley values) with one background row, l1_reg=False. `estimate` "
            "gives robust standard errors, rank, condition number and r2 as well. Medians; in brackets the quartiles "
            "of the rounds' ratios.",
        ),
    )
    for n, m in SIZES[:3] if options.quick else SIZES:
        game, weights = additive_game(n)
        coalitions = banzhaf.sample_coalitions(n, m, random_state=0)

        def estimate(standard_errors: bool, game: Game = game, n: int = n, m: int = m) -> np.ndarray:
            return banzhaf.estimate(
                game,
                n,
                budget=m,
                random_state=0,
                num_threads=options.threads,
                standard_errors=standard_errors,
            ).values

        contenders: dict[str, Callable[[], np.ndarray]] = {
            "estimate": lambda estimate=estimate: estimate(True),
            "values": lambda estimate=estimate: estimate(False),
            "numpy": lambda game=game, n=n, m=m: numpy_estimate(game, n, m, np.random.default_rng(0)),
        }
        if installed("shapiq"):
            contenders["shapiq"] = lambda game=game, n=n, m=m: _shapiq(game, n, m)
        if installed("shap"):
            contenders["shap"] = lambda game=game, n=n, m=m: _shap(game, n, m)
        timings = interleave(
            {**contenders, "game": lambda game=game, c=coalitions: game(c)}, rounds=5 if options.quick else 21
        )
        for name in contenders:
            np.testing.assert_allclose(timings.results[name], weights, atol=1e-6, err_msg=name)

        def cell(name: str, timings=timings) -> str:
            return duration(timings.median(name)) if name in timings.seconds else "not installed"

        def ratio(name: str, timings=timings) -> object:
            return timings.ratio(name, "estimate") if name in timings.seconds else "not installed"

        target = _TARGETS.get((n, m))
        met = "shapiq" in contenders and timings.ratio("shapiq", "estimate").median >= (target or 0)
        table.add(
            f"{n}, {m}",
            *(cell(name) for name in ("game", "estimate", "values", "numpy", "shapiq", "shap")),
            timings.ratio("numpy", "values"),
            ratio("shapiq"),
            ratio("shap"),
            f">= {target}x" if target else "",
            verdict(met) if target else "",
        )
    yield table


def _shapiq(game: Game, n_players: int, budget: int) -> np.ndarray:
    from shapiq import RegressionFBII

    approximator = RegressionFBII(n_players, max_order=1, pairing_trick=True, random_state=0)
    return approximator.approximate(budget, game).get_n_order_values(1)


def _shap(game: Game, n_players: int, budget: int) -> np.ndarray:
    from shap import KernelExplainer

    explainer = KernelExplainer(game, np.zeros((1, n_players)))
    return explainer.shap_values(np.ones(n_players), nsamples=budget, l1_reg=False, silent=True)


if __name__ == "__main__":
    main(tables, __doc__)
