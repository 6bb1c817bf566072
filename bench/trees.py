# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare exact values of tree ensembles with shapiq and woodelf, and times with shap and XGBoost too."""

from __future__ import annotations

import dataclasses
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import ROOT, Options, main
from bench._datasets import NAMES, Dataset, boost, load
from bench._table import NOT_INSTALLED, Table, duration, verdict
from bench._timing import installed, interleave
from bench._tree_peers import shap, shapiq, woodelf

Floats = NDArray[np.float64]
_KINDS = ("interventional", "path-dependent")
_TARGETS = {"interventional": 5, "path-dependent": 3}  # times faster than the fastest other package
_LATENCY = 2e-3  # seconds
_STREAMED, _BATCH = 10_000_000, 100_000  # rows


def tables(options: Options) -> Iterator[Table]:
    yield _agreement(options)
    yield _speed(options)
    yield _latency(options)
    yield _memory(options)


def load_one_output(options: Options, name: str, n_background: int = 100) -> Dataset:
    """Load a data set with one output: with three or more classes, the first against the rest."""
    data = load(name, options.data, n_background=n_background)
    if data.n_classes > 2:
        data = dataclasses.replace(data, n_classes=2, targets=(data.targets == 0).astype(np.float64))
    return data


def _agreement(options: Options) -> Table:
    table = Table(
        "Largest difference from other packages, relative to the largest value",
        *("data set", "kind", "shapiq", "woodelf", "largest < 1e-4"),
        note="""
            The models are XGBoost with 50 trees of depth 6, on 5 rows and 20 background rows. With three or more
            classes, the model predicts the first against the rest. The other packages keep some leaves and sums in
            float32.
        """,
    )
    for name in NAMES[:2] if options.quick else NAMES:
        data = load_one_output(options, name, 20)
        booster = boost(data, threads=options.threads, n_trees=50)
        rows = data.explicands[:5]
        for kind in _KINDS:
            background = data.background if kind == "interventional" else None
            values = banzhaf.TreeExplainer(booster, background)(rows).values
            found = {
                peer: _PEERS[peer](booster, background, rows)() for peer in ("shapiq", "woodelf") if installed(peer)
            }
            gaps = {peer: np.abs(other - values).max() / np.abs(values).max() for peer, other in found.items()}
            shown = [f"{gaps[peer]:.0e}" if peer in gaps else NOT_INSTALLED for peer in ("shapiq", "woodelf")]
            table.add(name, kind, *shown, verdict(bool(gaps) and max(gaps.values()) < 1e-4))
    return table


def _speed(options: Options) -> Table:
    n_trees, n_rows = (100, 100) if options.quick else (500, 1000)
    peers = ("shapiq", "woodelf", "shap", "XGBoost")
    table = Table(
        f"XGBoost, {n_trees} trees of depth 6, {n_rows} rows, 100 background rows",
        *("data set", "kind", "banzhaf, construction and call", "call only", *peers),
        *("fastest package ÷ banzhaf", "target", "met", "XGBoost ÷ banzhaf"),
        note="""
            "construction and call" includes reading the model, building all tables and explaining the rows. The times
            of the other packages include the same. "call only" is the time to explain the rows with an existing
            explainer. The ratios divide by "construction and call". shap and XGBoost give Shapley values. XGBoost is
            `pred_contribs`, with its matrix made in advance. BRCA has 114 rows to explain, which are repeated, and its
            model predicts the first class against the rest. Times are medians. Ratios are medians over the rounds, with
            quartiles in brackets.
        """,
    )
    for name in ("Adult", "BRCA"):
        data = load_one_output(options, name)
        booster = boost(data, threads=options.threads, n_trees=n_trees)
        rows = np.resize(data.explicands, (n_rows, data.n_features))
        for kind in _KINDS:
            background = data.background if kind == "interventional" else None
            explainer = banzhaf.TreeExplainer(booster, background, num_threads=options.threads)
            contenders: dict[str, Callable[[], Any]] = {
                "whole": partial(_whole, booster, background, rows, options.threads),
                "called": partial(explainer, rows),
            }
            for peer in peers:
                package = peer.lower()
                if installed(package) and not (peer == "XGBoost" and kind == "interventional"):
                    contenders[peer] = _PEERS[peer](booster, background, rows)
            timings = interleave(contenders, rounds=3 if options.quick else 7, seconds=20)
            rivals = [peer for peer in ("shapiq", "woodelf", "shap") if peer in contenders]
            fastest = min(rivals, key=timings.median, default=None)
            ratio = timings.ratio(fastest, "whole") if fastest else None
            own = timings.ratio("XGBoost", "whole") if "XGBoost" in contenders else ""
            least = _TARGETS[kind]
            met = ratio is not None and ratio.median >= least and (own == "" or own.median >= 1)
            unrest = timings.unrest("whole", *([fastest] if fastest else []))
            table.disturbed(unrest)
            times = [
                duration(timings.median(peer)) if peer in contenders else "" for peer in ("whole", "called", *peers)
            ]
            shown = f"{fastest}: {ratio}" if ratio else NOT_INSTALLED
            table.add(name, kind, *times, shown, f">= {least}x", verdict(met, unrest), own)
    return table


def _latency(options: Options) -> Table:
    table = Table(
        "One row, XGBoost with 100 trees of depth 6, 100 background rows, one thread",
        *("data set", "kind", "time", f"< {1e3 * _LATENCY:.0f} ms"),
        note="The time of a call with one row, from an existing explainer to an `Explanation`.",
    )
    for name in ("Adult", "BRCA"):
        data = load_one_output(options, name)
        booster = boost(data, threads=options.threads, n_trees=100)
        row = data.explicands[:1]
        for kind in _KINDS:
            background = data.background if kind == "interventional" else None
            explainer = banzhaf.TreeExplainer(booster, background, num_threads=1)
            timings = interleave({"row": partial(explainer, row)}, rounds=5 if options.quick else 21)
            table.disturbed(timings.unrest())
            time = timings.median("row")
            table.add(name, kind, duration(time), verdict(time < _LATENCY, timings.unrest()))
    return table


def _memory(options: Options) -> Table:
    n_rows = _STREAMED // 100 if options.quick else _STREAMED
    table = Table(
        "Peak resident memory while rows are explained in batches",
        *("rows", "MB beyond the explainer", "MB of a batch (cells and values)", "no more than 4 batches"),
        note=f"""
            The model is XGBoost with 20 trees of depth 6 on Adult, with 100 background rows and batches of {_BATCH:,}
            rows, in a process of its own. MB are 10^6 bytes.
        """,
    )
    command = [sys.executable, "-m", "bench.trees", "--measure", str(options.data), str(n_rows), str(options.threads)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    peak, batch = map(int, printed.split())
    table.add(f"{n_rows:,}", f"{peak / 1e6:.0f}", f"{batch / 1e6:.0f}", verdict(peak <= 4 * batch))
    return table


def _measure(folder: str, n_rows: int, threads: int) -> None:
    """Print the growth of the peak memory and the size of a batch, both in bytes."""
    from pathlib import Path

    data = load("Adult", Path(folder), n_background=100)
    booster = boost(data, threads=threads, n_trees=20)
    explainer = banzhaf.TreeExplainer(booster, data.background, num_threads=threads)
    rows = np.resize(data.explicands, (_BATCH, data.n_features))
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(max(1, n_rows // _BATCH)):
        values = explainer(rows).values
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((peak - before) * unit, 8 * rows.size + values.nbytes)


def _whole(booster: Any, background: Any, rows: Any, threads: int) -> Floats:
    return banzhaf.TreeExplainer(booster, background, num_threads=threads)(rows).values


def _xgboost(booster: Any, background: Any, rows: Any) -> Callable[[], Floats]:
    import xgboost

    matrix = xgboost.DMatrix(rows)
    return lambda: booster.predict(matrix, pred_contribs=True)


_PEERS = {"shapiq": shapiq, "woodelf": woodelf, "shap": shap, "XGBoost": _xgboost}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        _measure(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(tables, __doc__)
