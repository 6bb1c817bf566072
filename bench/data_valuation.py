# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Value training points of a logistic regression: wrong labels found, and agreement with converged values."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from banzhaf.games import DataValuation, KNNValuation, detect
from bench._command import Unavailable, environment, parser
from bench._datasets import NAMES, load
from bench._table import NOT_INSTALLED, Table, three_digits, verdict
from bench._timing import pinned

_POINTS, _TEST, _WRONG = 200, 400, 0.15
_FIRST = 400  # trainings, which double up to these
_MOST_OURS, _MOST_MSR = 6_400, 25_600
_REFERENCE = 16_384
_MOST_PYDVL = 800  # trainings by pyDVL, which takes 20 ms of its own for each
_METHODS = ("estimate", "msr", "monte_carlo")
_LEVEL = 0.95
_STEPS = 6  # of Newton's method


def _probability(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


class Logistic:
    """Logistic regression with an L2 penalty, by Newton's method: much faster on 200 points than scikit-learn's."""

    def fit(self, X: NDArray[np.float64], y: NDArray[Any]) -> Logistic:
        self.classes_ = np.unique(y)
        design = np.column_stack([X, np.ones(len(X))])
        target = (y == self.classes_[1]) * 1.0
        penalty = np.append(np.ones(X.shape[1]), 1e-6)
        if len(X) < X.shape[1]:  # few rows have a small Gram matrix, and one number each
            scaled = design / penalty
            gram = scaled @ design.T
            duals = np.zeros(len(X))
            for _ in range(_STEPS):
                p = _probability(gram @ duals)
                system = (p * (1 - p) + 1e-9)[:, None] * gram + np.eye(len(X))
                duals += np.linalg.solve(system, target - p - duals)
            self.weights = duals @ scaled
            return self
        weights = np.zeros(design.shape[1])
        for _ in range(_STEPS):
            p = _probability(design @ weights)
            curvature = (design * (p * (1 - p) + 1e-9)[:, None]).T @ design + np.diag(penalty)
            weights += np.linalg.solve(curvature, design.T @ (target - p) - penalty * weights)
        self.weights = weights
        return self

    def predict(self, X: NDArray[np.float64]) -> NDArray[Any]:
        return self.classes_[(X @ self.weights[:-1] + self.weights[-1] > 0).astype(int)]

    def score(self, X: NDArray[np.float64], y: NDArray[Any]) -> float:
        return float(np.mean(self.predict(X) == y))


def problem(name: str, folder: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return standardised features and two classes. Numbers are split at their median, and digits at 5."""
    if name == "digits":
        try:
            from sklearn.datasets import load_digits
        except ImportError:
            raise Unavailable("the digits need scikit-learn: pip install scikit-learn") from None
        X, target = load_digits(return_X_y=True)
        y = target >= 5
    else:
        data = load(name, folder)
        X, target = data.train.astype(np.float64), data.targets
        y = target > np.median(target) if data.n_classes == 0 else target == np.bincount(target.astype(int)).argmax()
    order = np.random.default_rng(0).permutation(len(X))[: _POINTS + _TEST]
    X = X[order]
    spread = X[:_POINTS].std(axis=0)
    X = (X - X[:_POINTS].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.clip(X, -5, 5), y[order].astype(np.int64)


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks; ties get their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def needed(correlations: list[float]) -> float:
    """Interpolate the number of trainings at which the rank correlation reaches the level, among doubled budgets."""
    for step, (before, after) in enumerate(pairwise(correlations)):
        if before < _LEVEL <= after:
            return float(_FIRST * 2.0 ** (step + (_LEVEL - before) / (after - before)))
    return float(_FIRST) if correlations[0] >= _LEVEL else float("inf")


def measured(
    method: str,
    game: DataValuation,
    budget: int,
    n_seeds: int,
    wrong: NDArray[np.bool_],
    reference: NDArray[np.float64],
) -> tuple[float, float]:
    """Return a method's mean AUC, and its mean rank correlation with the reference, over seeds."""
    runs = [getattr(banzhaf, method)(game, _POINTS, budget=budget, random_state=seed).values for seed in range(n_seeds)]
    correlations = [np.corrcoef(ranks(values), ranks(reference))[0, 1] for values in runs]
    return float(np.mean([detect(values, wrong).auc for values in runs])), float(np.mean(correlations))


def by_pydvl(data: tuple[NDArray[Any], ...], budget: int) -> NDArray[np.float64] | None:
    """Return the values of pyDVL's own MSR from as many trainings, None if it is not installed."""
    try:
        from pydvl.valuation.dataset import Dataset
        from pydvl.valuation.methods import MSRBanzhafValuation
        from pydvl.valuation.scorers import SupervisedScorer
        from pydvl.valuation.stopping import MaxSamples, NoStopping
        from pydvl.valuation.utility import ModelUtility
    except ImportError:
        return None
    train, test = Dataset(*data[:2]), Dataset(*data[2:])
    utility = ModelUtility(Logistic(), SupervisedScorer(Logistic(), test, default=0.5, range=(0, 1)))
    valuation = MSRBanzhafValuation(utility, NoStopping(), seed=0, progress=False)
    valuation.is_done = MaxSamples(valuation.sampler, budget)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        valuation.fit(train)
    return np.asarray(valuation.result.values[np.argsort(valuation.result.indices)])


def tables(
    names: Sequence[str],
    folder: Path,
    n_seeds: int = 1,
    reference_size: int = _REFERENCE,
    most: tuple[int, int] = (_MOST_OURS, _MOST_MSR),
) -> Iterator[Table]:
    """Measure the methods on data sets, with `most` trainings by each, and by MSR until it reaches the level."""
    budgets = [_FIRST * 2**step for step in range((most[0] // _FIRST).bit_length())]
    areas = Table(
        f"Wrong labels among {_POINTS} training points: AUC",
        *("data", "trainings", *_METHODS, "pyDVL msr", "converged", "nearest neighbours, exact"),
        note=f"""
            {_WRONG:.0%} of the labels are flipped. The worth is the accuracy of a logistic regression on {_TEST}
            points. The AUC is the probability that a flipped point has a lower value than another one; it is the mean
            over {n_seeds} seeds. "converged" are values from {reference_size:,} trainings in random pairs. "nearest
            neighbours" takes no training.
        """,
    )
    agreement = Table(
        "Rank correlation with converged values",
        *("data", *(f"{method}, {budget:,}" for method in _METHODS for budget in budgets[::2])),
        *(f"estimate reaches {_LEVEL}", f"msr reaches {_LEVEL}", "msr ÷ estimate", ">= 3"),
        note=f"""
            The number of trainings that reach the level is interpolated in the mean correlation over {n_seeds} seeds.
            The converged values have errors too.
        """,
    )
    everywhere: dict[str, list[float]] = {method: [] for method in _METHODS}
    for name in names:
        X, y = problem(name, folder)
        wrong = np.zeros(_POINTS, dtype=bool)
        wrong[np.random.default_rng(1).permutation(_POINTS)[: int(_WRONG * _POINTS)]] = True
        labels = np.where(wrong, 1 - y[:_POINTS], y[:_POINTS])
        data = X[:_POINTS], labels, X[_POINTS:], y[_POINTS:]
        game = DataValuation(Logistic(), *data, kind="classification", random_state=0)
        reference = banzhaf.estimate(
            game, _POINTS, budget=reference_size, design="paired", interactions="none", random_state=n_seeds + 9
        ).values
        converged = f"{detect(reference, wrong).auc:.3f}"
        neighbours = f"{detect(KNNValuation(*data).exact(), wrong).auc:.3f}"

        correlations: dict[str, list[float]] = {method: [] for method in _METHODS}
        for budget in budgets:
            shown = []
            for method in _METHODS:
                area, correlation = measured(method, game, budget, n_seeds, wrong, reference)
                shown.append(f"{area:.3f}")
                everywhere[method].append(area)
                correlations[method].append(correlation)
            other = by_pydvl(data, budget) if budget <= _MOST_PYDVL else None
            beside = "" if budget > _MOST_PYDVL else NOT_INSTALLED
            areas.add(
                *(name, f"{budget:,}", *shown),
                *(beside if other is None else f"{detect(other, wrong).auc:.3f}", converged, neighbours),
            )
        further = list(correlations["msr"])
        while further[-1] < _LEVEL and _FIRST * 2 ** len(further) <= most[1]:
            budget = _FIRST * 2 ** len(further)
            further.append(measured("msr", game, budget, n_seeds, wrong, reference)[1])
        ours, theirs = needed(correlations["estimate"]), needed(further)
        reached = [
            f"{each:,.0f}" if np.isfinite(each) else f"> {limit:,}"
            for each, limit in ((ours, budgets[-1]), (theirs, most[1]))
        ]
        ratio = (theirs if np.isfinite(theirs) else most[1]) / ours
        text = f"{'' if np.isfinite(theirs) else '> '}{three_digits(ratio)}" if np.isfinite(ours) else "unknown"
        cells = [f"{correlations[method][b]:.3f}" for method in _METHODS for b in range(0, len(budgets), 2)]
        agreement.add(name, *cells, *reached, text, verdict(ratio >= 3) if np.isfinite(ours) else "")
    areas.add("**mean**", "", *(f"**{np.mean(everywhere[method]):.3f}**" for method in _METHODS), "", "", "")
    yield areas
    yield agreement


def main() -> None:
    """Print the tables of the data sets that the command line asks for."""
    arguments = parser(__doc__ or "")
    sets = (*NAMES, "digits")
    arguments.add_argument("--sets", nargs="+", choices=sets, help="data sets; by default all, or three with --quick")
    arguments.add_argument("--seeds", type=int, default=1, help="runs of each method (default: 1)")
    arguments.add_argument(
        "--reference", type=int, default=_REFERENCE, help=f"trainings of the converged values (default: {_REFERENCE})"
    )
    arguments.add_argument(
        "--most",
        type=int,
        nargs=2,
        default=(_MOST_OURS, _MOST_MSR),
        metavar=("ALL", "MSR"),
        help=f"trainings of all methods, and of MSR until it agrees (default: {_MOST_OURS} {_MOST_MSR})",
    )
    chosen = arguments.parse_args()
    names = chosen.sets or (("German Credit", "BRCA", "digits") if chosen.quick else sets)
    with pinned(chosen.threads):
        try:
            for table in tables(names, chosen.data, chosen.seeds, chosen.reference, tuple(chosen.most)):
                print(table, end="\n\n", flush=True)
        except Unavailable as missing:
            sys.exit(f"{arguments.prog}: {missing}")
        print(environment(chosen.threads))


if __name__ == "__main__":
    main()
