# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Time a whole estimate of a game that costs next to nothing, so that only each package's own time is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._games import Game, additive_game, numpy_estimate
from bench._table import NOT_INSTALLED, Table, duration, verdict
from bench._timing import installed, interleave
from bench.regression import SIZES

_TARGETS = {(100, 2000): 50, (1000, 20000): 100}  # times faster than shapiq

Floats = NDArray[np.float64]


def tables(options: Options) -> Iterator[Table]:
    table = Table(
        "A whole estimate of a near-free game",
        *("n, m", "the game itself", "estimate", "estimate, no standard errors", "NumPy", "shapiq", "shap"),
        *("shapiq ÷ estimate", "target", "met", "shapiq ÷ estimate, no s. e.", "shap ÷ estimate, no s. e."),
        "NumPy ÷ estimate, no s. e.",
        note="""
            The game is `coalitions @ weights`. Its own time for all m coalitions is part of every other column. NumPy
            draws random pairs, calls the game, takes differences and calls `solve`. shapiq is RegressionFBII with
            max_order=1 and pairing_trick=True. shap is KernelExplainer (Shapley values) with one background row and
            l1_reg=False. `estimate` also gives robust standard errors, the rank, the condition number and r2, and the
            target includes them. "no s. e." is `estimate` without standard errors. Times are medians. Ratios are
            medians over the rounds, with quartiles in brackets.
        """,
    )
    for n, m in SIZES[:3] if options.quick else SIZES:
        game, weights = additive_game(n)
        contenders: dict[str, Callable[[], Floats]] = {
            "game": partial(game, banzhaf.sample_coalitions(n, m, design="paired", random_state=0)),
            "estimate": partial(_estimate, game, n, m, options.threads, True),
            "values": partial(_estimate, game, n, m, options.threads, False),
            "numpy": partial(_numpy, game, n, m),
        }
        if installed("shapiq"):
            contenders["shapiq"] = partial(_shapiq, game, n, m)
        if installed("shap"):
            contenders["shap"] = partial(_shap, game, n, m)
        timings = interleave(contenders, rounds=5 if options.quick else 21)
        table.disturbed(timings.unrest())
        for name in contenders.keys() - {"game"}:
            np.testing.assert_allclose(timings.results[name], weights, atol=1e-6, err_msg=name)
        times = [
            duration(timings.median(name)) if name in contenders else NOT_INSTALLED
            for name in ("game", "estimate", "values", "numpy", "shapiq", "shap")
        ]
        whole = timings.ratio("shapiq", "estimate") if "shapiq" in contenders else None
        cells = ["", ""]
        if (n, m) in _TARGETS:
            least = _TARGETS[n, m]
            cells = [f">= {least}x", verdict(whole is not None and whole.median >= least, timings.unrest())]
        alike = [
            timings.ratio(name, "values") if name in contenders else NOT_INSTALLED
            for name in ("shapiq", "shap", "numpy")
        ]
        table.add(f"{n}, {m}", *times, whole or NOT_INSTALLED, *cells, *alike)
    yield table


def _estimate(game: Game, n: int, m: int, threads: int, standard_errors: bool) -> Floats:
    return banzhaf.estimate(
        game,
        n,
        budget=m,
        design="paired",
        random_state=0,
        num_threads=threads,
        standard_errors=standard_errors,
        interactions="none",
    ).values


def _numpy(game: Game, n: int, m: int) -> Floats:
    return numpy_estimate(game, n, m, np.random.default_rng(0))


def _shapiq(game: Game, n: int, m: int) -> Floats:
    from shapiq import RegressionFBII

    regression = RegressionFBII(n, max_order=1, pairing_trick=True, random_state=0)
    return np.asarray(regression.approximate(m, game).get_n_order_values(1))


def _shap(game: Game, n: int, m: int) -> Floats:
    from shap import KernelExplainer

    explainer = KernelExplainer(game, np.zeros((1, n)))
    return np.asarray(explainer.shap_values(np.ones(n), nsamples=m, l1_reg=False, silent=True))


if __name__ == "__main__":
    main(tables, __doc__)
