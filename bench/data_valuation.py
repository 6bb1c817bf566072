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
_BUDGETS = (400, 800, 1_600, 3_200, 6_400)
_MOST = 25_600  # trainings by MSR, until it reaches the level
_MOST_PYDVL = 800  # trainings by pyDVL, which takes 20 ms of its own for each
_METHODS = ("estimate", "msr", "monte_carlo")
_LEVEL = 0.95


class Logistic:
    """Logistic regression with an L2 penalty, by Newton's method: much faster on 200 points than scikit-learn's."""

    def fit(self, X: NDArray[np.float64], y: NDArray[Any]) -> Logistic:
        self.classes_ = np.unique(y)
        design = np.column_stack([X, np.ones(len(X))])
        target = (y == self.classes_[1]) * 1.0
        penalty = np.append(np.ones(X.shape[1]), 1e-6)
        weights = np.zeros(design.shape[1])
        for _ in range(6):
            p = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
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
            return float(_BUDGETS[0] * 2.0 ** (step + (_LEVEL - before) / (after - before)))
    return float(_BUDGETS[0]) if correlations[0] >= _LEVEL else float("inf")


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


def tables(names: Sequence[str], folder: Path) -> Iterator[Table]:
    reference_size = 16_384
    areas = Table(
        f"Wrong labels among {_POINTS} training points: AUC",
        *("data", "trainings", *_METHODS, "pyDVL msr", "converged", "nearest neighbours, exact"),
        note=f"""
            {_WRONG:.0%} of the labels are flipped. The worth is the accuracy of a logistic regression on {_TEST}
            points. The AUC is the probability that a flipped point has a lower value than another one. "converged" are
            values from {reference_size:,} trainings in random pairs. "nearest neighbours" takes no training.
        """,
    )
    agreement = Table(
        "Rank correlation with converged values",
        *("data", *(f"{method}, {budget:,}" for method in _METHODS for budget in _BUDGETS[::2])),
        *(f"estimate reaches {_LEVEL}", f"msr reaches {_LEVEL}", "msr ÷ estimate", ">= 3"),
        note="The number of trainings that reach the level is interpolated. The converged values have errors too.",
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
            game, _POINTS, budget=reference_size, design="paired", interactions="none", random_state=10
        ).values
        converged = f"{detect(reference, wrong).auc:.3f}"
        neighbours = f"{detect(KNNValuation(*data).exact(), wrong).auc:.3f}"
        correlations: dict[str, list[float]] = {method: [] for method in _METHODS}
        for budget in _BUDGETS:
            found = []
            for method in _METHODS:
                values = getattr(banzhaf, method)(game, _POINTS, budget=budget, random_state=0).values
                area = detect(values, wrong).auc
                found.append(f"{area:.3f}")
                everywhere[method].append(area)
                correlations[method].append(float(np.corrcoef(ranks(values), ranks(reference))[0, 1]))
            other = by_pydvl(data, budget) if budget <= _MOST_PYDVL else None
            beside = "" if budget > _MOST_PYDVL else NOT_INSTALLED
            areas.add(
                *(name, f"{budget:,}", *found),
                *(beside if other is None else f"{detect(other, wrong).auc:.3f}", converged, neighbours),
            )
        further = list(correlations["msr"])
        while further[-1] < _LEVEL and _BUDGETS[0] * 2 ** len(further) <= _MOST:
            budget = _BUDGETS[0] * 2 ** len(further)
            values = banzhaf.msr(game, _POINTS, budget=budget, random_state=0).values
            further.append(float(np.corrcoef(ranks(values), ranks(reference))[0, 1]))
        ours, theirs = needed(correlations["estimate"]), needed(further)
        reached = [
            f"{each:,.0f}" if np.isfinite(each) else f"> {most:,}"
            for each, most in ((ours, _BUDGETS[-1]), (theirs, _MOST))
        ]
        ratio = (theirs if np.isfinite(theirs) else _MOST) / ours
        shown = f"{'' if np.isfinite(theirs) else '> '}{three_digits(ratio)}" if np.isfinite(ours) else "unknown"
        cells = [f"{correlations[method][b]:.3f}" for method in _METHODS for b in range(0, len(_BUDGETS), 2)]
        agreement.add(name, *cells, *reached, shown, verdict(ratio >= 3) if np.isfinite(ours) else "")
    areas.add("**mean**", "", *(f"**{np.mean(everywhere[method]):.3f}**" for method in _METHODS), "", "", "")
    yield areas
    yield agreement


def main() -> None:
    """Print the tables of the data sets that the command line asks for."""
    arguments = parser(__doc__ or "")
    sets = (*NAMES, "digits")
    arguments.add_argument("--sets", nargs="+", choices=sets, help="data sets; by default all, or three with --quick")
    chosen = arguments.parse_args()
    names = chosen.sets or (("German Credit", "BRCA", "digits") if chosen.quick else sets)
    with pinned(chosen.threads):
        try:
            for table in tables(names, chosen.data):
                print(table, end="\n\n", flush=True)
        except Unavailable as missing:
            sys.exit(f"{arguments.prog}: {missing}")
        print(environment(chosen.threads))


if __name__ == "__main__":
    main()
