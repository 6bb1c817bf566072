# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Time the explanation of one row of Adult from beginning to end, and the model's share of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._datasets import boost, load
from bench._games import masked_model, numpy_estimate
from bench._table import NOT_INSTALLED, Table, duration
from bench._timing import installed, interleave

_N_BACKGROUND, _N_TREES, _MAX_DEPTH = 100, 100, 4

# The contenders, and the entries of the last column where there is no difference to show.
_NAMES = {
    "one call of the model": "no values",
    "`Explainer`": "itself",
    "NumPy": "",
    "shapiq": "",
    "shap": "Shapley values",
}

Explain = Callable[[], NDArray[Any]]


class _TimedModel:
    """XGBoost's probability for rows. It counts the rows and the seconds inside."""

    def __init__(self, booster: Any) -> None:
        self._predict = booster.inplace_predict
        self.seconds = 0.0
        self.n_rows = 0

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        start = time.perf_counter()
        outputs: NDArray[np.float32] = self._predict(rows)
        self.seconds += time.perf_counter() - start
        self.n_rows += len(rows)
        return outputs


def tables(options: Options) -> Iterator[Table]:
    data = load("Adult", options.data, n_background=_N_BACKGROUND)
    booster = boost(data, threads=options.threads, n_trees=_N_TREES, max_depth=_MAX_DEPTH)
    background, explicand = data.background, data.explicands[0]
    budget = 400 if options.quick else 2000
    n = data.n_features
    one_call = "one call of the model"
    models = {name: _TimedModel(booster) for name in _NAMES}

    def explain() -> NDArray[np.float64]:
        explainer = banzhaf.Explainer(
            models["`Explainer`"],
            background,
            budget=budget * _N_BACKGROUND,
            design="paired",
            num_threads=options.threads,
            random_state=0,
        )
        return np.asarray(explainer(explicand[np.newaxis]).values[0])

    coalitions = banzhaf.sample_coalitions(n, budget, design="paired", random_state=0)
    rows = np.where(coalitions[:, np.newaxis], explicand, background).reshape(-1, n)
    contenders: dict[str, Explain] = {
        one_call: partial(models[one_call], rows),
        "`Explainer`": explain,
        "NumPy": lambda: numpy_estimate(
            masked_model(models["NumPy"], explicand, background), n, budget, np.random.default_rng(0)
        ),
    }
    if installed("shapiq"):
        contenders["shapiq"] = partial(_shapiq, models["shapiq"], explicand, background, budget)
    if installed("shap"):
        contenders["shap"] = partial(_shap, models["shap"], explicand, background, budget)
    timings = interleave(contenders, rounds=5 if options.quick else 21)

    table = Table(
        f"Adult end to end: n = {n}, {_N_BACKGROUND} background rows, m = {budget:,}",
        *("method", "time", "time ÷ that of one call", "time inside the model", "model evaluations"),
        "difference from `Explainer`",
        note=f"""
            The model is XGBoost with {_N_TREES} trees of depth {_MAX_DEPTH}. The explained output is its probability,
            by `inplace_predict` on float32 rows. "one call of the model" predicts all masked rows, which exist already.
            All other methods start from the background and one row. NumPy makes all masked rows at once, takes
            differences of pairs and calls `solve`. shapiq is TabularExplainer(index='BV', max_order=1) with
            RegressionFBII and pairing_trick=True. shap is KernelExplainer with l1_reg=False, and it estimates Shapley
            values. `Explainer` runs with design="paired" and gives standard errors too. "difference" is the relative
            squared difference of the values, which come from different coalitions. Times are medians. Ratios are
            medians over the rounds, with quartiles in brackets.
        """,
    )
    table.disturbed(timings.unrest())
    ours = timings.results["`Explainer`"]
    for name, about in _NAMES.items():
        if name not in timings.seconds:
            table.add(name, NOT_INSTALLED, *[""] * 4)
            continue
        spent, n_rows = _once(contenders[name], models[name])
        table.add(
            name,
            duration(timings.median(name)),
            "" if name == one_call else timings.ratio(name, one_call),
            f"{spent:.0%}",
            f"{n_rows:,}",
            about or f"{((timings.results[name] - ours) ** 2).sum() / (ours**2).sum():.0e}",
        )
    yield table


def _once(explain: Explain, model: _TimedModel) -> tuple[float, int]:
    """Return the median share of the time that the model takes, and the model evaluations of one call."""
    shares = []
    for _ in range(5):
        model.seconds, model.n_rows = 0.0, 0
        start = time.perf_counter()
        explain()
        shares.append(model.seconds / (time.perf_counter() - start))
    return float(np.median(shares)), model.n_rows


def _shapiq(
    model: _TimedModel, explicand: NDArray[np.float32], background: NDArray[np.float32], budget: int
) -> NDArray[np.float64]:
    from shapiq import RegressionFBII, TabularExplainer

    regression = RegressionFBII(len(explicand), max_order=1, pairing_trick=True, random_state=0)
    explainer = TabularExplainer(
        model, background, approximator=regression, index="BV", max_order=1, sample_size=len(background)
    )
    return explainer.explain(explicand, budget=budget).get_n_order_values(1)


def _shap(
    model: _TimedModel, explicand: NDArray[np.float32], background: NDArray[np.float32], budget: int
) -> NDArray[np.float64]:
    from shap import KernelExplainer

    explainer = KernelExplainer(model, background)
    return np.asarray(explainer.shap_values(explicand, nsamples=budget, l1_reg=False, silent=True))


if __name__ == "__main__":
    main(tables, __doc__)
