# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""One small table: error and time of banzhaf, the paper's estimator, shapiq and shap at equal model evaluations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._command import Options, Unavailable, main
from bench._datasets import N_BACKGROUND, SHIPPED, Dataset, boost, load, shipped
from bench._games import all_coalitions, brute_force, brute_force_shapley, masked_model, squared_error
from bench._table import NOT_INSTALLED, Table, duration, error_text
from bench._timing import Timings, installed
from bench._tree_truth import Paths
from bench.peers.contenders import PERMUTATIONS, Contender, Values, find, run
from bench.peers.counted import CountedModel

_PER_PLAYER = 20  # coalitions
_N_TREES, _MAX_DEPTH = 100, 6
_MOST_PLAYERS = 14  # up to here the closed form is checked against all 2^n coalitions
_AGREE = 1e-10  # relative squared distance: XGBoost sums in float32, the closed form in float64


@dataclass(frozen=True)
class Method:
    """A row of the table.

    Attributes
    ----------
    label : str
    package : str
        Must be installed.
    contender : Contender
    exact : bool
        Whether it reads the trees, so that it needs no budget.
    """

    label: str
    package: str
    contender: Contender
    exact: bool = False

    @property
    def shapley(self) -> bool:
        """Whether it estimates Shapley values instead of Banzhaf values."""
        return self.contender.other_values


OURS = Method("banzhaf Explainer", "banzhaf", find("row", "banzhaf.Explainer, hadamard"))
METHODS = (
    OURS,
    Method("Kernel Banzhaf (the paper)", "banzhaf", find("row", "banzhaf.Explainer, paired")),
    Method("shapiq TabularExplainer, paired", "shapiq", find("row", "shapiq TabularExplainer, pairs")),
    Method("shapiq TabularExplainer, default", "shapiq", find("row", "shapiq TabularExplainer")),
    Method("shap KernelExplainer", "shap", find("row", "shap KernelExplainer")),
    Method("shap PermutationExplainer", "shap", PERMUTATIONS),
    Method("banzhaf TreeExplainer", "banzhaf", find("trees", "banzhaf.TreeExplainer"), exact=True),
    Method("shap TreeExplainer", "shap", find("trees", "shap TreeExplainer"), exact=True),
)


class Wrong(Exception):
    """Two exact computations of the same values disagree."""


class Problem:
    """A model of one data set, the rows to explain, and their exact values.

    Parameters
    ----------
    data : Dataset
    n_rows : int
        How many rows are explained.
    threads : int
        Of the model.
    """

    def __init__(self, data: Dataset, n_rows: int, threads: int) -> None:
        self.name, self.n = data.name, data.n_features
        self.rows, self.background = data.explicands[:n_rows], data.background
        self.budget = _PER_PLAYER * self.n
        self.booster = boost(data, threads=threads, n_trees=_N_TREES, max_depth=_MAX_DEPTH)
        self.model = CountedModel(partial(self.booster.inplace_predict, predict_type="margin"))
        paths = Paths(self.booster)
        terms = [paths.terms(row, data.background) for row in self.rows]
        self.banzhaf_values = np.array([of_row.banzhaf_values() for of_row in terms])
        self.shapley_values = np.array([of_row.shapley_values() for of_row in terms])
        self._check()

    def _check(self) -> None:
        """Compare the closed form with the definition, if there are few enough coalitions."""
        if self.n > _MOST_PLAYERS:
            return
        worths = masked_model(self.model, self.rows[0], self.background)(all_coalitions(self.n))
        for closed, values in (
            (self.banzhaf_values[0], brute_force(worths, self.n)),
            (self.shapley_values[0], brute_force_shapley(worths, self.n)),
        ):
            if not squared_error(closed, values) < _AGREE:
                raise Wrong(f"{self.name}: the closed form is not what all 2^{self.n} coalitions give")

    def truth(self, method: Method) -> NDArray[np.float64]:
        """Return the exact values of what a method estimates, shape (rows, features)."""
        return self.shapley_values if method.shapley else self.banzhaf_values


@dataclass
class Answers:
    """The answers of one method to one problem: an entry for each row and seed, or why there is none."""

    errors: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    evaluations: list[int] = field(default_factory=list)
    failure: str = ""


def compare(problem: Problem, methods: tuple[Method, ...], n_seeds: int, threads: int) -> dict[str, Answers]:
    """Explain every row with every method, seed by seed; the methods take turns.

    Packages that cannot read the model, as old releases may not, have a message in place of answers.

    Returns
    -------
    dict of str to Answers
        By label.
    """
    found = {method.label: Answers() for method in methods}
    for method in methods:  # so that no time holds an import
        try:
            _explain(problem, method, 0, 0, threads)
        except Exception as error:
            if method.package == "banzhaf":
                raise
            found[method.label].failure = f"{type(error).__name__}: {error}"
    methods = tuple(method for method in methods if not found[method.label].failure)
    turn = 0
    for seed in range(n_seeds):
        for number in range(len(problem.rows)):
            first = turn % len(methods)
            turn += 1
            for method in methods[first:] + methods[:first]:
                problem.model.reset()
                start = perf_counter()
                values = _explain(problem, method, number, seed, threads)
                answers = found[method.label]
                answers.seconds.append(perf_counter() - start)
                answers.inside.append(problem.model.seconds)
                answers.evaluations.append(problem.model.n_evaluations)
                answers.errors.append(squared_error(values, problem.truth(method)[number]))
    return found


def _explain(problem: Problem, method: Method, number: int, seed: int, threads: int) -> Values:
    row = problem.rows[number]
    if method.exact:
        of_rows = run(method.contender, threads, problem.booster, row[np.newaxis], problem.background)
        return np.asarray(of_rows[0])
    return run(method.contender, threads, problem.model, row, problem.background, problem.budget, seed)


def note(n_rows: int, n_seeds: int) -> str:
    """Explain the columns of the table."""
    return f"""
        The models are XGBoost with {_N_TREES} trees of depth {_MAX_DEPTH}, and the explained output is the margin. The
        error is the relative squared error, ||estimate - exact||^2 / ||exact||^2. Banzhaf estimates are compared with
        the exact Banzhaf values, and Shapley estimates with the exact Shapley values of the same model and background.
        "exact" means an error below 1e-20. Errors and times are medians over {n_rows} rows and {n_seeds} seeds. Ratios
        are medians over the same rows and seeds of all models, with quartiles in brackets. The time runs from the model
        and the background to the values of one row. "outside the model" is the share of this time that is not spent in
        the model's predictions. Evaluations are counted in the model. The budget is {_PER_PLAYER} n x {N_BACKGROUND},
        and some methods pass the background through the model in addition. The two `TreeExplainer`s read the trees
        instead, and their time includes reading the model anew for each row. Kernel Banzhaf is `Explainer` with
        `design="paired"`. shapiq "paired" is RegressionFBII with `pairing_trick=True`, and "default" is without. shap's
        `KernelExplainer` runs with `l1_reg=False`.
    """


def tables(options: Options) -> Iterator[Table]:
    n_rows, n_seeds = (2, 2) if options.quick else (10, 5)
    problems = [Problem(data, n_rows, options.threads) for data in _data_sets(options)]
    methods = tuple(method for method in METHODS if installed(method.package))
    found = [compare(problem, methods, n_seeds, options.threads) for problem in problems]
    table = Table(
        f"Error and time per explained row, with {_PER_PLAYER} n x {N_BACKGROUND} model evaluations",
        *("method", "values", "error ÷ Explainer's", "time ÷ Explainer's"),
        *(f"error: {problem.name}, n = {problem.n}" for problem in problems),
        *(f"time: {problem.name}" for problem in problems),
        *("outside the model", "evaluations ÷ budget"),
        note=note(n_rows, n_seeds),
    )
    table.disturbed(max(_unrest(by_label) for by_label in found))
    for method in METHODS:
        kind = "Shapley" if method.shapley else "Banzhaf"
        if method not in methods:
            table.add(method.label, kind, NOT_INSTALLED, *[""] * (len(table.columns) - 3))
            continue
        of = [by_label[method.label] for by_label in found]
        failure = next((answers.failure for answers in of if answers.failure), "")
        if failure:
            table.add(method.label, kind, f"failed: {failure}", *[""] * (len(table.columns) - 3))
            continue
        table.add(
            method.label,
            kind,
            *(_ratio(found, method, measure) for measure in ("errors", "seconds")),
            *(error_text(float(np.median(answers.errors))) for answers in of),
            *(duration(float(np.median(answers.seconds))) for answers in of),
            *_spent(problems, of, method),
        )
    yield table


def _unrest(by_label: dict[str, Answers]) -> float:
    timed = {label: answers.seconds for label, answers in by_label.items() if not answers.failure}
    return Timings(timed, {}).unrest()


def _ratio(found: list[dict[str, Answers]], method: Method, of: str) -> str:
    """Compare a method with ours row by row and seed by seed, over all models."""
    if method is OURS:
        return "1"
    if of == "errors" and method.exact:
        return ""
    series: dict[str, list[float]] = {
        label: [x for by_label in found for x in getattr(by_label[label], of)] for label in (method.label, OURS.label)
    }
    return str(Timings(series, {}).ratio(method.label, OURS.label))


def _spent(problems: list[Problem], of: list[Answers], method: Method) -> tuple[str, str]:
    """Return the share of the time outside the model, and the evaluations as a share of the budget."""
    if method.exact:
        return "", "none"
    outside = [
        1 - inside / all_ for answers in of for inside, all_ in zip(answers.inside, answers.seconds, strict=True)
    ]
    shares = [
        count / (problem.budget * len(problem.background))
        for problem, answers in zip(problems, of, strict=True)
        for count in answers.evaluations
    ]
    return f"{np.median(outside):.0%}", f"{np.median(shares):.1%}"


def _data_sets(options: Options) -> list[Dataset]:
    """Return the data sets that scikit-learn ships, and Adult if the folder has it."""
    found: list[Any] = [shipped(name) for name in SHIPPED]
    with contextlib.suppress(Unavailable):  # without the folder, the table has the data sets that everybody has
        found.append(load("Adult", options.data))
    return found


if __name__ == "__main__":
    main(tables, __doc__)
