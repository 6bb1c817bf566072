# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare exact interactions and Shapley values of tree ensembles with the definition, shapiq, woodelf and shap."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._datasets import NAMES, boost
from bench._table import NOT_INSTALLED, Table, duration, verdict
from bench._timing import installed, interleave
from bench._tree_peers import shap, shapiq, woodelf
from bench.trees import load_one_output

Floats = NDArray[np.float64]
_KINDS = ("interventional", "path-dependent")
_LEAST = 5  # times faster than the fastest other package
_PLAYERS = 10  # in the comparison with the definition
_SHAPIQ_ROWS = 20  # it explains row by row, so its time is scaled up from this many


def tables(options: Options) -> Iterator[Table]:
    yield _definition(options)
    yield _agreement(options)
    yield _speed(options)
    yield _shapley(options)


def _definition(options: Options) -> Table:
    table = Table(
        f"Interactions against the definition, over all coalitions of {_PLAYERS} groups of features",
        *("data set", "pairs", "triples", "pairs, p = 0.1", "Shapley values", "all <= 1e-9"),
        note="""
            The largest difference relative to the largest number. The models are XGBoost with 50 trees of depth 6. One
            row is explained with 20 background rows. The worths come from the trees' outputs in float64.
        """,
    )
    for name in NAMES[:2] if options.quick else NAMES:
        data = load_one_output(options, name, 20)
        booster = boost(data, threads=options.threads, n_trees=50)
        groups = {str(i): list(range(i, data.n_features, _PLAYERS)) for i in range(min(_PLAYERS, data.n_features))}
        row = data.explicands[:1]
        explainer = banzhaf.TreeExplainer(booster, data.background, groups=groups)
        n = len(groups)
        coalitions = (np.arange(2**n)[:, np.newaxis] >> np.arange(n) & 1).astype(bool)
        columns = np.empty((2**n, data.n_features), dtype=bool)
        for i, members in enumerate(groups.values()):
            columns[:, members] = coalitions[:, [i]]
        rows = np.where(columns[:, np.newaxis], row[0], data.background).reshape(-1, data.n_features)
        worths = explainer.predict(rows).reshape(2**n, -1).mean(axis=1)
        gaps = [
            _gap(explainer.interactions(row, order).values[0], _indices(worths, coalitions, order, 0.5))
            for order in (2, 3)
        ]
        other = banzhaf.TreeExplainer(booster, data.background, groups=groups, p=0.1)
        gaps.append(_gap(other.interactions(row).values[0], _indices(worths, coalitions, 2, 0.1)))
        # The Shapley value is the mean of the value over p, which a rule of 12 nodes takes exactly.
        nodes, weights = np.polynomial.legendre.leggauss(12)
        shapley = sum(
            weight / 2 * _indices(worths, coalitions, 1, (node + 1) / 2)
            for node, weight in zip(nodes, weights, strict=True)
        )
        gaps.append(_gap(explainer.shapley(row).values[0], np.asarray(shapley)))
        table.add(name, *(f"{gap:.0e}" for gap in gaps), verdict(max(gaps) <= 1e-9))
    return table


def _indices(worths: Floats, coalitions: NDArray[np.bool_], order: int, p: float) -> Floats:
    """The indices of all sets of an order by definition, where other players are in with probability p."""
    n = coalitions.shape[1]
    found = []
    for players in itertools.combinations(range(n), order):
        inside = coalitions[:, players].sum(axis=1)
        others = coalitions.sum(axis=1) - inside
        weights = (-1.0) ** (order - inside) * p**others * (1 - p) ** (n - order - others)
        found.append(weights @ worths)
    return np.array(found)


def _gap(found: Floats, truth: Floats) -> float:
    return float(np.abs(found - truth).max() / np.abs(truth).max())


def _agreement(options: Options) -> Table:
    table = Table(
        "Largest difference of pairs from other packages, relative to the largest",
        *("data set", "kind", *_PEERS, "largest < 1e-4"),
        note="""
            The models are XGBoost with 50 trees of depth 6, on 5 rows and 20 background rows. The other packages keep
            some leaves and sums in float32.
        """,
    )
    for name in NAMES[:2] if options.quick else NAMES:
        data = load_one_output(options, name, 20)
        booster = boost(data, threads=options.threads, n_trees=50)
        rows = data.explicands[:5]
        for kind in _KINDS:
            background = data.background if kind == "interventional" else None
            found = banzhaf.TreeExplainer(booster, background).interactions(rows)
            gaps = {}
            for peer in _PEERS:
                if installed(peer):
                    dense = _PEERS[peer](booster, background, rows)()
                    first, second = found.players.T
                    gaps[peer] = _gap(dense[:, first, second], found.values)
            shown = [f"{gaps[peer]:.0e}" if peer in gaps else NOT_INSTALLED for peer in _PEERS]
            table.add(name, kind, *shown, verdict(bool(gaps) and max(gaps.values()) < 1e-4))
    return table


def _speed(options: Options) -> Table:
    n_trees, n_rows = _sizes(options)
    table = Table(
        f"Interactions of all pairs: XGBoost, {n_trees} trees of depth 6, {n_rows} rows, 100 background rows",
        *("data set", "kind", "pairs", "banzhaf", *_PEERS, "fastest package ÷ banzhaf", f">= {_LEAST}x"),
        note=f"""
            All times include reading the model and making tables. shapiq explains row by row: its time is that of
            {_SHAPIQ_ROWS} rows times {n_rows // _SHAPIQ_ROWS}. BRCA has 114 rows to explain, which are repeated, and
            its model predicts the first class against the rest. Times are medians. Ratios are medians over the rounds,
            with quartiles in brackets.
        """,
    )
    for name, kind, booster, background, rows in _cases(options):
        contenders: dict[str, Callable[[], Any]] = {
            "banzhaf": partial(_pairs, booster, background, rows, options.threads)
        }
        scales = {"banzhaf": 1.0, "shapiq": n_rows / _SHAPIQ_ROWS, "woodelf": 1.0}
        for peer in _PEERS:
            if installed(peer):
                some = rows[:_SHAPIQ_ROWS] if peer == "shapiq" else rows
                contenders[peer] = _PEERS[peer](booster, background, some)
        timings = interleave(contenders, rounds=3 if options.quick else 5, seconds=20)
        times = {peer: timings.median(peer) * scales[peer] for peer in contenders}
        fastest = min((peer for peer in _PEERS if peer in times), key=times.__getitem__, default=None)
        ratio = timings.ratio(fastest, "banzhaf") if fastest else None
        unrest = timings.unrest("banzhaf", *([fastest] if fastest else []))
        table.disturbed(unrest)
        scale = scales[fastest] if fastest else 1.0
        shown = [duration(times[peer]) if peer in times else NOT_INSTALLED for peer in ("banzhaf", *_PEERS)]
        n_features = rows.shape[1]
        table.add(
            *(name, kind, str(n_features * (n_features - 1) // 2), *shown),
            f"{fastest}: {ratio.median * scale:.0f}x" if ratio else NOT_INSTALLED,
            verdict(ratio is not None and ratio.median * scale >= _LEAST, unrest),
        )
    return table


def _shapley(options: Options) -> Table:
    n_trees, n_rows = _sizes(options)
    table = Table(
        f"Shapley values: XGBoost, {n_trees} trees of depth 6, {n_rows} rows, 100 background rows",
        *("data set", "kind", "largest difference from shap", "banzhaf", "shap", "shap ÷ banzhaf"),
        note="""
            Differences are relative to the largest value. shap keeps XGBoost's leaves and sums in float32. Times
            include reading the model.
        """,
    )
    if not installed("shap"):
        return table
    for name, kind, booster, background, rows in _cases(options):
        ours = partial(_values, booster, background, rows, options.threads)
        theirs = shap(booster, background, rows)
        gap = _gap(theirs(), ours())
        timings = interleave({"ours": ours, "theirs": theirs}, rounds=3, seconds=20)
        table.disturbed(timings.unrest("ours", "theirs"))
        times = [duration(timings.median(contender)) for contender in ("ours", "theirs")]
        table.add(name, kind, f"{gap:.0e}", *times, str(timings.ratio("theirs", "ours")))
    return table


def _sizes(options: Options) -> tuple[int, int]:
    """Trees, and rows that are timed."""
    return (100, 100) if options.quick else (500, 1000)


def _cases(options: Options) -> Iterator[tuple[str, str, Any, Any, Floats]]:
    """Yield the data set and kind of what is timed, its model, its background, and its rows."""
    n_trees, n_rows = _sizes(options)
    for name in ("Adult", "BRCA"):
        data = load_one_output(options, name)
        booster = boost(data, threads=options.threads, n_trees=n_trees)
        rows = np.resize(data.explicands, (n_rows, data.n_features))
        for kind in _KINDS:
            yield name, kind, booster, data.background if kind == "interventional" else None, rows


def _pairs(booster: Any, background: Any, rows: Floats, threads: int) -> Floats:
    return banzhaf.TreeExplainer(booster, background, num_threads=threads).interactions(rows).values


def _values(booster: Any, background: Any, rows: Floats, threads: int) -> Floats:
    return banzhaf.TreeExplainer(booster, background, num_threads=threads).shapley(rows).values


_PEERS = {"shapiq": partial(shapiq, order=2), "woodelf": partial(woodelf, order=2)}


if __name__ == "__main__":
    main(tables, __doc__)
