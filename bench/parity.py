# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare the error of `banzhaf.estimate` with that of a few lines of NumPy on the paper's eight data sets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._datasets import N_BACKGROUND, NAMES, Dataset, boost, load
from bench._games import (
    Game,
    TreeGame,
    all_coalitions,
    brute_force,
    masked_model,
    numpy_estimate,
    numpy_fit,
    squared_error,
)
from bench._table import Table, three_digits, verdict
from bench._tree_truth import Paths

_TOLERANCE = 0.15
_ENOUGH = 50  # seeds; with fewer, the median is not judged
_ENUMERABLE = 16  # players

Rows = NDArray[np.float32]
Values = NDArray[np.float64]


def tables(options: Options) -> Iterator[Table]:
    n_seeds, n_rounds = (10, 20) if options.quick else (_ENOUGH, 100)
    table = Table(
        "Parity with the paper's estimator, m = 20 n",
        *("data set", "n", "m", "explained rows", "banzhaf", "NumPy", "ratio", "within 15 %"),
        *("NumPy on the same coalitions", "game and model", "closed form and enumeration"),
        "the paper",
        note=f"""
            The models are XGBoost with its defaults (depth 6), {n_rounds} rounds, and {N_BACKGROUND} background rows.
            The explained output is the margin: with more than two classes, that of the predicted class. "banzhaf" is
            the relative squared error of `banzhaf.estimate(design='paired')`. "NumPy" is that of pairs, differences and
            `solve`, on coalitions of its own. Both are medians over {n_seeds} seeds, then geometric means over the
            explained rows. "ratio" divides the first by the second, with its standard error over the rows. "NumPy on
            the same coalitions" is the largest difference from banzhaf's values, relative to the largest value. "game
            and model" is the largest difference between the game in closed form and XGBoost's own margins, relative to
            the largest worth. "closed form and enumeration" is the largest difference between the exact values in
            closed form and those from all 2^n coalitions, relative to the largest value. The latter come from
            `banzhaf.exact` and from a loop over players. It is measured for n <= {_ENUMERABLE}, on the first row. "the
            paper" repeats the paper's error, which belongs to other models.
        """,
    )
    for name in NAMES:
        data = load(name, options.data)
        n_explicands = (20, 4) if data.n_features <= 20 else (3, 1)
        _add_row(table, data, n_explicands[options.quick], n_seeds, n_rounds, options.threads)
    yield table


def _add_row(table: Table, data: Dataset, n_explicands: int, n_seeds: int, n_rounds: int, threads: int) -> None:
    n, budget = data.n_features, 20 * data.n_features
    booster = boost(data, threads=threads, n_trees=n_rounds)
    medians, same, faithful = [], [], []
    enumerated = ""
    for explicand in data.explicands[:n_explicands]:
        output = int(_margins(booster, explicand[np.newaxis]).argmax())
        terms = Paths(booster, output).terms(explicand, data.background)
        truth, game = terms.banzhaf_values(), TreeGame(terms)
        model = masked_model(partial(_margin, booster, output), explicand, data.background)
        faithful.append(_game_gap(game, model, n))
        same.append(_numpy_gap(game, n, budget, threads))
        medians.append(_median_errors(game, truth, budget, n_seeds, threads))
        if n <= _ENUMERABLE and not enumerated:
            enumerated = f"{_truth_gap(game, truth, threads):.0e}"
    logs = np.log(medians)
    ours, theirs = np.exp(logs.mean(axis=0))
    ratio = ours / theirs
    spread = ""
    if n_explicands > 1:
        spread = f" ± {ratio * np.std(logs[:, 0] - logs[:, 1], ddof=1) / np.sqrt(n_explicands):.2f}"
    table.add(
        *(data.name, n, budget, n_explicands),
        *(three_digits(ours), three_digits(theirs), f"{ratio:.2f}{spread}"),
        verdict(bool(abs(ratio - 1) <= _TOLERANCE)) if n_seeds >= _ENOUGH else "too few seeds",
        *(f"{max(same):.0e}", f"{max(faithful):.0e}", enumerated, data.paper_error),
    )


def _margins(booster: Any, rows: Rows) -> Values:
    predicted = booster.inplace_predict(rows, predict_type="margin")
    return np.asarray(predicted, dtype=np.float64).reshape(len(rows), -1)


def _margin(booster: Any, output: int, rows: Rows) -> Values:
    return _margins(booster, rows)[:, output]


def _median_errors(game: Game, truth: Values, budget: int, n_seeds: int, threads: int) -> list[float]:
    """Return the median errors of banzhaf and of NumPy over the seeds."""
    n = len(truth)
    ours, theirs = [], []
    for seed in range(n_seeds):
        ours.append(squared_error(_estimate(game, n, budget, seed, threads), truth))
        theirs.append(squared_error(numpy_estimate(game, n, budget, np.random.default_rng(seed)), truth))
    return [float(np.median(ours)), float(np.median(theirs))]


def _estimate(game: Game, n: int, budget: int, seed: int, threads: int) -> Values:
    return banzhaf.estimate(
        game,
        n,
        budget=budget,
        design="paired",
        random_state=seed,
        num_threads=threads,
        standard_errors=False,
        interactions="none",
    ).values


def _numpy_gap(game: Game, n: int, budget: int, threads: int) -> float:
    """Return the largest difference between a few lines of NumPy and banzhaf on the same coalitions."""
    coalitions = banzhaf.sample_coalitions(n, budget, design="paired", random_state=0)
    worths = game(coalitions)
    return _gap(numpy_fit(coalitions[::2], worths[::2] - worths[1::2]), _estimate(game, n, budget, 0, threads))


def _game_gap(game: Game, model: Game, n: int) -> float:
    """Return the largest difference between the game in closed form and the masked model, up to a constant."""
    coalitions = banzhaf.sample_coalitions(n, 100, random_state=0)
    worths = model(coalitions)
    return float(np.ptp(game(coalitions) - worths) / np.abs(worths).max())


def _truth_gap(game: Game, truth: Values, threads: int) -> float:
    """Return the largest difference between the values in closed form and those from all coalitions."""
    n = len(truth)
    looped = brute_force(game(all_coalitions(n)), n)
    return max(_gap(looped, truth), _gap(banzhaf.exact(game, n, num_threads=threads).values, truth))


def _gap(values: Values, reference: Values) -> float:
    return float(np.abs(values - reference).max() / np.abs(reference).max())


if __name__ == "__main__":
    main(tables, __doc__)
