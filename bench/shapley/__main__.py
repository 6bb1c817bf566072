# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Shapley values of set functions and of explained rows, beside those of shap and shapiq, and their intervals.

``python -m bench.shapley`` prints the errors at equal numbers of evaluations. The other packages run in environments of
their own, as in `bench.peers`. With ``--coverage`` it prints how often the 95 % intervals hold the true values.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import ROOT, Unavailable, environment, parser
from bench._datasets import NAMES, Dataset, boost, load
from bench._games import TreeGame, squared_error
from bench._table import Table
from bench._timing import pinned
from bench._tree_truth import Paths, Terms
from bench.peers.contenders import KINDS
from bench.peers.environments import Worker, prepare

N_TREES = 100
BUDGETS = {"shapley game": (10.0, 20.0, 50.0), "shapley row": (2.2, 5.0, 10.0, 20.0)}
_TITLES = {"shapley game": "Set functions", "shapley row": "One explained row"}
NOTE = f"""
    XGBoost models of {N_TREES} rounds and depth 6, explained on the margin, with 50 background rows; exact values in
    closed form. Each cell is the median relative squared error over the seeds. A set function has the mean over the
    background rows as its worth, and costs m evaluations. A row costs 50 m model evaluations; packages that pass the
    background or the row itself through the model do so in addition. "÷ best other" divides the error of banzhaf by
    that of the best other package. Cells where m covers all 2^n coalitions are left out.
"""
COVERAGE_NOTE = """
    Share of 95 % intervals that hold the true Shapley value, over players, rows and seeds. "Sampling alone" leaves out
    the part of the errors that unresolved interactions make. Values count as held up to the rounding of the model's
    outputs, which are float32. Empty cells have no standard errors: the pairs do not suffice, and the result says so.
"""


class _Model:
    """A booster on disk, with the closed form of its games."""

    def __init__(self, data: Dataset, folder: Path, threads: int) -> None:
        booster = boost(data, threads=threads, n_trees=N_TREES)
        self.data = data
        self.path = folder / f"{data.name}.ubj".replace(" ", "_").replace("&", "and")
        booster.save_model(self.path)
        self.paths = Paths(booster)

    def terms(self, row: int) -> Terms:
        return self.paths.terms(self.data.explicands[row], self.data.background)

    def task(self, kind: str, row: int) -> dict[str, Any]:
        if kind == "shapley game":
            terms = self.terms(row)
            return {"roles": terms.roles, "weights": terms.weights}
        return {
            "booster": str(self.path),
            "output": 0,
            "explicands": self.data.explicands[row : row + 1],
            "background": self.data.background,
        }


def errors(
    kind: str, models: list[_Model], budgets: tuple[float, ...], workers: dict[str, Worker], folder: Path, seeds: int
) -> Iterator[Table]:
    """Compare the errors at equal numbers of evaluations."""
    contenders = KINDS[kind]
    all_ratios: list[float] = []
    for k in budgets:
        table = Table(
            f"{_TITLES[kind]}: error of Shapley values at m = {k:g} n",
            *("data set", "n", *(contender.name for contender in contenders), "÷ best other"),
            note=NOTE,
        )
        for model in models:
            n = model.data.n_features
            m = int(k * n)
            if kind == "shapley game" and m >= 2**n:
                continue
            found: dict[str, list[float]] = {contender.name: [] for contender in contenders}
            reasons: dict[str, str] = {}
            for seed in range(seeds):
                task = folder / "task.npz"
                np.savez(task, **model.task(kind, seed % 2))
                truth = model.terms(seed % 2).shapley_values()
                for contender in contenders:
                    if contender.name in reasons:
                        continue
                    answer = workers[contender.environment].ask(
                        kind=kind, name=contender.name, task=str(task), m=m, seed=seed
                    )
                    if "failed" in answer:
                        reasons[contender.name] = " ".join(answer["failed"].split())[:60]
                        continue
                    found[contender.name].append(squared_error(np.asarray(answer["values"]), truth))
            medians = {name: float(np.median(some)) for name, some in found.items() if some}
            others = [median for name, median in medians.items() if name != contenders[0].name]
            ratio = medians[contenders[0].name] / min(others) if others and contenders[0].name in medians else np.nan
            all_ratios.append(ratio)
            cells = [f"{medians[c.name]:.1e}" if c.name in medians else reasons.get(c.name, "") for c in contenders]
            table.add(model.data.name, n, *cells, f"{ratio:.3f}")
        yield table
    ratios = np.array(all_ratios)
    ratios = np.maximum(ratios[np.isfinite(ratios)], 1e-12)
    if ratios.size:
        summary = Table(
            f"{_TITLES[kind]}: summary", "cells", "lowest", "within 1.5 times", "÷ best other, geometric mean"
        )
        within = f"{(ratios <= 1.5).sum()}"
        summary.add(ratios.size, f"{(ratios < 1).sum()}", within, f"{np.exp(np.log(ratios).mean()):.3f}")
        yield summary


def coverage(kind: str, models: list[_Model], budgets: tuple[float, ...], seeds: int, rows: int) -> Iterator[Table]:
    """Count how often the intervals hold the true values."""
    table = Table(
        f"{_TITLES[kind]}: share of 95 % intervals that hold",
        *("data set", *(f"{k:g} n" for k in budgets), *(f"{k:g} n, sampling alone" for k in budgets)),
        note=COVERAGE_NOTE,
    )
    for model in models:
        whole, alone = [], []
        for k in budgets:
            hits = [hit for row in range(rows) for seed in range(seeds) for hit in _hits(model, kind, k, row, seed)]
            whole.append(f"{np.mean([hit[0] for hit in hits]):.3f}" if hits else "")
            alone.append(f"{np.mean([hit[1] for hit in hits]):.3f}" if hits else "")
        table.add(model.data.name, *whole, *alone)
    yield table


def _hits(model: _Model, kind: str, k: float, row: int, seed: int) -> list[tuple[bool, bool]]:
    data, terms = model.data, model.terms(row)
    n, truth = data.n_features, terms.shapley_values()
    m = int(k * n)
    tiny = 1e-9 * np.abs(truth).max()
    if kind == "shapley game":
        if m >= 2**n:
            return []
        found = banzhaf.estimate(
            TreeGame(terms), n, budget=m, shapley=True, interactions="auto", random_state=seed
        ).shapley()
        values, whole = found.values, found.intervals()
        inner = np.sqrt(np.maximum(0.0, found.standard_errors**2 - found.unresolved_errors**2))
        scale = np.divide(inner, found.standard_errors, out=np.zeros(n), where=found.standard_errors > 0)
    else:
        explain = banzhaf.Explainer(
            TreeModel(model), data.background, budget=50 * m, shapley=True, interactions="auto", random_state=seed
        )
        explained = explain(data.explicands[row : row + 1])
        assert explained.predictions is not None
        assert explained.base_values is not None
        tiny += 4 * float(
            np.finfo(np.float32).eps * np.abs(np.append(explained.predictions, explained.base_values)).max()
        )
        shapley = explained.shapley()
        values, whole = shapley.values[0], shapley.intervals()[0]
        assert explained._shapley is not None
        scale = np.divide(
            explained._shapley[1, 0], shapley.standard_errors[0], out=np.zeros(n), where=shapley.standard_errors[0] > 0
        )
    reach = whole[:, 1] - values
    known = ~np.isnan(reach)
    off = np.abs(values - truth) - tiny
    return [(bool(o <= r), bool(o <= r * s)) for o, r, s in zip(off[known], reach[known], scale[known], strict=True)]


class TreeModel:
    """The margin of a booster, as a function of rows."""

    def __init__(self, model: _Model) -> None:
        import xgboost

        self._booster = xgboost.Booster(model_file=str(model.path))

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        margins = self._booster.inplace_predict(rows, predict_type="margin")
        return np.asarray(margins.reshape(len(rows), -1)[:, 0], dtype=np.float64)


def main() -> None:
    """Print the tables that the command line asks for."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--sets", nargs="+", choices=NAMES, default=list(NAMES), help="data sets")
    arguments.add_argument("--kinds", nargs="+", choices=["games", "rows"], default=["games", "rows"])
    arguments.add_argument("--coverage", action="store_true", help="print the coverage of the intervals instead")
    arguments.add_argument("--seeds", type=int, default=0, help="seeds; 0 means 4, or 2 with --quick")
    arguments.add_argument("--budgets", nargs="+", type=float, help="evaluations for each player")
    arguments.add_argument("--rows", type=int, default=2, help="explained rows of a data set, for --coverage")
    arguments.add_argument(
        "--environments", type=Path, default=ROOT / ".cache/peers", help="folder of the environments of other packages"
    )
    chosen = arguments.parse_args()
    seeds = chosen.seeds or (2 if chosen.quick else 4)
    wanted = {kind: tuple(chosen.budgets or budgets) for kind, budgets in BUDGETS.items()}
    with tempfile.TemporaryDirectory() as name, pinned(chosen.threads), contextlib.ExitStack() as stack:
        folder = Path(name)
        try:
            models = [_Model(load(one, chosen.data), folder, chosen.threads) for one in chosen.sets]
        except Unavailable as missing:
            sys.exit(f"{arguments.prog}: {missing}")
        if chosen.coverage:
            tables = (
                table
                for kind, budgets in wanted.items()
                if _asked(kind, chosen.kinds)
                for table in coverage(kind, models, budgets, seeds, chosen.rows)
            )
        else:
            workers = {}
            for place in ("banzhaf", "shapiq", "shap"):
                made = prepare(place, chosen.environments, fresh=False)
                workers[place] = Worker(made, chosen.threads, folder / "log")
                stack.callback(workers[place].close)
            tables = (
                table
                for kind, budgets in wanted.items()
                if _asked(kind, chosen.kinds)
                for table in errors(kind, models, budgets, workers, folder, seeds)
            )
        for table in tables:
            print(table, end="\n\n", flush=True)
        print(environment(chosen.threads))


def _asked(kind: str, kinds: list[str]) -> bool:
    return ("games" if kind == "shapley game" else "rows") in kinds


if __name__ == "__main__":
    main()
