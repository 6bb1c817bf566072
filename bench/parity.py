# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The paper's eight data sets: the error of `banzhaf.estimate` beside that of a few lines of NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import banzhaf
from bench._command import Options, main
from bench._datasets import N_BACKGROUND, NAMES, Dataset, boost, load
from bench._games import (
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
_ENUMERABLE = 16  # players


def tables(options: Options) -> Iterator[Table]:
    n_seeds, n_rounds = (10, 20) if options.quick else (50, 100)
    table = Table(
        "Parity with the paper's estimator, m = 20 n",
        *("data set", "n", "m", "explicands", "banzhaf", "NumPy", "ratio", "within 15 %"),
        *(
            "NumPy on the same coalitions",
            "game against model",
            "truth against enumeration",
            "the paper prints",
        ),
        notes=(
            f"XGBoost with its defaults (depth 6), {n_rounds} rounds, {N_BACKGROUND} background rows; the model's "
            "margin is explained, that of the explicand's own class if there are more than two. banzhaf, NumPy: "
            "relative squared error of `banzhaf.estimate(design='paired')`, and of pairs, differences and `solve` "
            f"on coalitions of their own; the median over {n_seeds} seeds, the geometric mean of that over "
            "explicands. Ratio: of these, with its standard error over explicands. NumPy on the same coalitions: "
            "the largest difference from banzhaf's values, relative to the largest value. Game against model: the "
            "largest difference between the leaves' game and XGBoost's own margins, relative to the largest worth. "
            "Truth against enumeration: the same for the exact values of the leaves and of all 2^n coalitions "
            f"(n <= {_ENUMERABLE}; by `banzhaf.exact` and by a loop over players). The paper prints its own "
            "models' error.",
        ),
    )
    for name in NAMES:
        _row(table, load(name, options.data), n_seeds, n_rounds, options)
    yield table


def _row(table: Table, data: Dataset, n_seeds: int, n_rounds: int, options: Options) -> None:
    n = data.n_features
    budget = 20 * n
    booster = boost(data, threads=options.threads, n_trees=n_rounds)
    margins = booster.inplace_predict(data.explicands, predict_type="margin").reshape(
        len(data.explicands), -1
    )
    n_explicands = (1 if options.quick else 3) if n > 20 else (4 if options.quick else 20)
    medians = np.empty((n_explicands, 2))
    same, faithful, enumerated = [], [], []
    for e, explicand in enumerate(data.explicands[:n_explicands]):
        output = int(margins[e].argmax())
        terms = Paths(booster, output).terms(explicand, data.background)
        truth, game = terms.banzhaf_values(), TreeGame(terms)
        size = np.abs(truth).max()
        if e == 0:

            def predict(rows: np.ndarray, output: int = output) -> np.ndarray:
                return booster.inplace_predict(rows, predict_type="margin").reshape(len(rows), -1)[:, output]

            coalitions = banzhaf.sample_coalitions(n, 100, random_state=0)
            worths = masked_model(predict, explicand, data.background)(coalitions)
            gap = game(coalitions) - worths
            faithful.append(np.ptp(gap) / np.abs(worths).max())
            if n <= _ENUMERABLE:
                looped = brute_force(game(all_coalitions(n)), n)
                exact = banzhaf.exact(game, n, num_threads=options.threads).values
                enumerated.append(max(np.abs(looped - truth).max(), np.abs(exact - truth).max()) / size)
        errors = np.empty((n_seeds, 2))
        for seed in range(n_seeds):
            ours = banzhaf.estimate(
                game,
                n,
                budget=budget,
                design="paired",
                random_state=seed,
                num_threads=options.threads,
                standard_errors=False,
            ).values
            theirs = numpy_estimate(game, n, budget, np.random.default_rng(seed))
            errors[seed] = squared_error(ours, truth), squared_error(theirs, truth)
            if seed == 0:
                coalitions = banzhaf.sample_coalitions(n, budget, random_state=seed)
                worths = game(coalitions)
                solved = numpy_fit(coalitions[::2], worths[::2] - worths[1::2])
                same.append(np.abs(solved - ours).max() / size)
        medians[e] = np.median(errors, axis=0)
    logs = np.log(medians)
    ours_log, theirs_log = logs.mean(axis=0)
    ratio, spread = np.exp(ours_log - theirs_log), _standard_error(logs[:, 0] - logs[:, 1])
    table.add(
        data.name,
        n,
        budget,
        n_explicands,
        three_digits(np.exp(ours_log)),
        three_digits(np.exp(theirs_log)),
        f"{ratio:.2f} ± {ratio * spread:.2f}" if n_explicands > 1 else f"{ratio:.2f}",
        verdict(abs(ratio - 1) <= _TOLERANCE),
        f"{max(same):.0e}",
        f"{max(faithful):.0e}",
        f"{max(enumerated):.0e}" if enumerated else "",
        data.paper_error,
    )


def _standard_error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


if __name__ == "__main__":
    main(tables, __doc__)
