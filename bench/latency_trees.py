# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Time one row of a saved tree explainer in a C++ program: percentiles, allocations, two threads, opening the file."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, Unavailable, main
from bench._cpp import build
from bench._datasets import Dataset, boost, load, shipped
from bench._table import NOT_INSTALLED, Table, duration, verdict
from bench._timing import installed

Floats = NDArray[np.float64]
_N_BACKGROUND, _N_TREES = 100, 100
_MOST_P50, _MOST_SPREAD, _LEAST_GAIN, _MOST_OPENING = 40e-6, 2.0, 1.8, 5e-3


def tables(options: Options) -> Iterator[Table]:
    yield table(options)


def table(options: Options) -> Table:
    """Make the table of this benchmark. It builds the C++ program first."""
    program = build("one_row")
    made = Table(
        f"One row in C++, XGBoost with {_N_TREES} trees of depth 6, {_N_BACKGROUND} background rows",
        *("data set", "features", "outputs", "p50", "p99", "predict p50", "XGBoost p50", "target", "met"),
        *("p99 ÷ p50", "target", "met", "allocations", "met", "two threads ÷ one", "target", "met"),
        *("file opened in", "target", "met"),
        note=f"""
            A C++ program opens the file that `TreeExplainer.save` wrote, and explains many rows in single calls. Its
            values have the bits of Python's. "predict" is the C++ program's time for the sum of the trees. "XGBoost" is
            one call of `pred_contribs` in Python, which gives Shapley values. "two threads" share one explainer. With
            three classes, the model has {_N_TREES // 3} trees for each.
        """,
    )
    for data in _data_sets(options):
        found, xgboost = _run(program, data, 2_000 if options.quick else 50_000)
        spread = found["p99"] / found["p50"]
        made.add(
            *(data.name, data.n_features, data.n_classes if data.n_classes > 2 else 1),
            *(duration(found[name]) for name in ("p50", "p99", "predict")),
            *(duration(xgboost), f"<= {1e6 * _MOST_P50:.0f} µs", verdict(found["p50"] <= _MOST_P50)),
            *(f"{spread:.2f}", f"<= {_MOST_SPREAD:.0f}", verdict(spread <= _MOST_SPREAD)),
            *(found["allocations"], verdict(found["allocations"] == 0)),
            *(f"{found['two_threads']:.2f}x", f">= {_LEAST_GAIN}x", verdict(found["two_threads"] >= _LEAST_GAIN)),
            *(duration(found["opened"]), f"< {1e3 * _MOST_OPENING:.0f} ms", verdict(found["opened"] < _MOST_OPENING)),
        )
    return made


def _data_sets(options: Options) -> Iterator[Dataset]:
    """Give a classification of two classes, a regression on continuous features, and three classes."""
    if not installed("xgboost"):
        raise Unavailable(f"the models need XGBoost: it is {NOT_INSTALLED}")
    try:
        yield load("Adult", options.data, n_background=_N_BACKGROUND)
    except Unavailable:
        yield shipped("breast cancer", n_background=_N_BACKGROUND)
    yield _continuous(0)
    yield _continuous(3)


def _continuous(n_classes: int) -> Dataset:
    """Make a regression on eight continuous features, or its thirds as classes. All trees are full."""
    rng = np.random.default_rng(0)
    cells = rng.normal(size=(25_000, 8)).astype(np.float32)
    targets = (
        np.sin(2 * cells[:, 0]) * cells[:, 1]
        + np.where(cells[:, 3] > 0, cells[:, 2] ** 2, 0)
        + np.abs(cells[:, 4] - cells[:, 5])
        + cells[:, 6] * cells[:, 7]
        + 0.3 * rng.normal(size=len(cells))
    )
    if n_classes:
        targets = np.digitize(targets, np.quantile(targets, np.arange(1, n_classes) / n_classes)).astype(np.float64)
    name = f"synthetic, {n_classes} classes" if n_classes else "synthetic regression"
    return Dataset(name, "", n_classes, cells[:20_000], cells[:_N_BACKGROUND], cells[20_000:], targets[:20_000])


def _run(program: Path, data: Dataset, n_calls: int) -> tuple[dict[str, Any], float]:
    """Return what the program prints, and the median time of XGBoost's own call."""
    import xgboost

    booster = boost(data, threads=1, n_trees=_N_TREES if data.n_classes < 3 else _N_TREES // data.n_classes)
    explainer = banzhaf.TreeExplainer(booster, data.background)
    rows = np.resize(data.explicands, (5_000, data.n_features)).astype(np.float64)
    with tempfile.TemporaryDirectory() as folder:
        names = [str(Path(folder) / name) for name in ("model.trees", "rows", "values")]
        explainer.save(names[0])
        rows.tofile(names[1])
        ran = subprocess.run([str(program), *names, str(n_calls)], capture_output=True, text=True, check=True)
        values = np.fromfile(names[2])
    if not np.array_equal(values, explainer(rows).values.ravel()):
        raise AssertionError(f"{data.name}: the values of C++ and of Python differ")
    booster.set_param({"nthread": 1})
    seconds = []
    for row in rows[:100].astype(np.float32):
        start = time.perf_counter()
        booster.predict(xgboost.DMatrix(row[None]), pred_contribs=True)
        seconds.append(time.perf_counter() - start)
    return json.loads(ran.stdout), float(np.median(seconds))


if __name__ == "__main__":
    main(tables, __doc__)
