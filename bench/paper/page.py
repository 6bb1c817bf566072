# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Writes the page of the documentation: how the experiments are run, the tables and the figures."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench._command import Unavailable
from bench._datasets import N_BACKGROUND
from bench.paper import adversary, figures, problems, report, truth
from bench.paper.experiments import MODELS
from bench.paper.report import EXACT, Results, Sheet
from bench.paper.store import Store

COMMAND = "python -m bench.paper"

_MODELS = f"""
The experiments use the eight data sets of arXiv 2410.08336. A fifth of the rows of each data set is held out, and
the rows being explained come from this fifth. The background data are {N_BACKGROUND} of the other rows, on which the
models are trained. The models are XGBoost with its defaults (depth {problems.MAX_DEPTH}, {problems.N_TREES} rounds)
and scikit-learn's MLP with two hidden layers on standardised columns. The explained output is the one before the last
link: the margin or the log-odds. With three or more classes, it is the output of the class that the model predicts for
the row.
"""
_METHODS = """
These are the methods:

- **Monte Carlo** averages each feature's gain over random coalitions of the other features
  (`banzhaf.monte_carlo`).
- **MSR** (maximum sample reuse) subtracts the mean worth without a feature from the mean worth with it
  (`banzhaf.msr`).
- **Kernel Banzhaf, no pairs** is a least-squares regression on independent random coalitions.
- **Kernel Banzhaf** is the paper's estimator: the same regression on random pairs, each a coalition and its complement.
- **Hadamard** is the same regression on Hadamard designs (`banzhaf.estimate` with `interactions="none"`). Like all
  methods above, it uses the same coalitions for all background rows.
- **Explainer** is `banzhaf.Explainer` with its defaults: one Hadamard design per background row.
"""
_TRUTHS = f"""
Estimates are compared with reference values. For trees, the reference is a closed form, computed for each background
row in turn. For networks, the reference is the mean over the background rows of each row's own values. If a background
row differs from the explained row in at most {truth.ENUMERABLE} features, its values come from all coalitions of these
features. Otherwise, they come from independent Hadamard designs of {truth.COALITIONS:,} coalitions. The spread of
these designs gives the reference's own standard error, which a table below compares with the smallest error.
"""
_BUDGETS = f"""
n is the number of features, and m is a number of coalitions. Every method gets m times {N_BACKGROUND} model
evaluations (rows passed to the model). All methods except Explainer evaluate each coalition on all background rows, so
a coalition costs {N_BACKGROUND} evaluations. For trees, the worths of these coalitions come from the leaves in closed
form. This is the same game (a test checks it), and it saves time. Explainer's evaluations are counted in the model.
In addition to its budget, a call evaluates each background row and the explained row once. Monte Carlo needs two
coalitions for each gain, and both are counted. (The paper's public code spends twice the budget that it is given.)

If the budget covers all 2^n coalitions, banzhaf evaluates them all, and the values are exact. "exact" in a table means
an error below {EXACT:g}, which is the rounding of float32 model outputs. The explained rows are numbers 0, 1, 2, ... of
the held-out rows, each with the seeds 0, 1, 2, .... They are the same for all methods.
"""
_TABLE_1 = f"""
The table gives the relative squared l2 error, ||estimate - reference||^2 / ||reference||^2: the median over the runs,
and the quartiles in brackets. A run is one explained row with one seed. The columns "the paper" repeat the paper's
Table 1. The last column divides the error of Kernel Banzhaf by the paper's, and says whether it is within a factor of
{report.FACTOR}.
"""
_DIFFERENCES = f"""
The paper's models are not published, and the error depends on how far the explained model is from linear. The next
table therefore repeats Kernel Banzhaf at m = 20 n with trees of other depths. Each cell gives gamma, the distance from
linear that is defined under "Distance from linear games", and then the error. Others train a Cox model on NHANES's
signed survival times; the column "Cox" shows it. The last column lists the depths whose error is within a factor of
{report.FACTOR} of the paper's.
"""
_PANELS = """
In all figures, lines are medians and bands are quartiles over the runs. Each panel is one data set.
"""
_EXPLAINER = """
How many times smaller is Explainer's error? Each cell divides the smallest median error of Monte Carlo, MSR and Kernel
Banzhaf (with and without pairs) by the median error of Explainer:
"""
_SPENDING = f"""
Model evaluations that were counted, as a share of m times {N_BACKGROUND}:
"""
_REFERENCES = """
The references of the networks, and the smallest median error that is compared with each of them. The last column
divides this error by the reference's own squared error:
"""
_RECOVERY = """
The rankings sort the features by absolute value. The Spearman correlation and the Cayley distance compare the estimated
order of the reference's first 20 features with their true order. The Cayley distance is the number of exchanges of two
features that separate the two orders. Recovery is the share of the reference's first k features that are among the
first k of the estimate. Here k is 20, or half of the features with a value other than 0 if that is fewer. The table
gives means over the data sets.
"""
_NOISE = """
Each worth gets random noise. Its standard deviation is a multiple of that of the game's linear part, ||phi|| / 2, where
phi is the vector of the Banzhaf values. The noise on a single model evaluation is larger by the square root of the
number of background rows. The noise is therefore the same for Explainer, which does not average over the background
coalition by coalition.
"""
_GAMMA = """
gamma = ||A phi - b||^2 / ||A phi||^2 measures how far a game is from linear. b holds the worths of all coalitions less
their mean, which pairs cancel. A phi is the linear game with the same Banzhaf values phi. In the first figure, the
games are those of the trees of depth 6, and everything in them that is not linear is multiplied by a factor. This
leaves the values as they are. The error of an estimator that is exact on linear games is then proportional to gamma. In
the second figure, the trees have depths 1 to 8. Trees of depth 1 are linear. Trees of depth 2 have interactions of even
order only. Designs of pairs are exact on both.
"""
_ATTACKS = f"""
A method is a matrix M that maps worths to values. The columns are:

- one value: the most that one value can move if no worth is wrong by more than 1. This is the largest sum of the
  absolute entries of a row of M.
- all values: the l2 distance by which all values move together under the worst signs that were found.
- root mean square: the l2 distance if the root mean square of the perturbation is 1. This is the largest singular value
  of M times the square root of the number of worths.
- error: the relative squared error without a perturbation.
- error at {adversary.LEVEL:g}: the error with the worst signs, at {adversary.LEVEL:g} of the standard deviation of the
  linear part.
- linear in the worths: whether the method's own values equal M times the worths.

For Explainer, single model evaluations are perturbed instead of worths. All figures are for m = 20 n, and they are
medians over the explained rows.
"""
_TIME = f"""
The table gives the time in milliseconds at m = 20 n, with a game that costs next to nothing, so that only the method's
own time is left. Explainer explains a linear model with {N_BACKGROUND} background rows. Its time includes writing all
masked rows, but not the model's own time.
"""


def write(runs: Store, attacks: Store, times: Store, path: Path, threads: int, arguments: str) -> None:
    """Write the tables, the figures and the page from the stored runs.

    Parameters
    ----------
    runs, attacks, times : Store
    path : Path
        The page. Tables and figures go to the folder of the same name beside it.
    threads : int
        Shown on the page.
    arguments : str
        The command's arguments, shown on the page.
    """
    if not runs.rows:
        raise Unavailable("there are no stored runs: run the command without --report-only first")
    folder = path.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    results, remark = Results(runs), report.machine(threads)
    made = _sections(results, attacks, times, _Writer(folder, remark))
    parts = [
        "# The paper's experiments",
        f"`{(COMMAND + ' ' + arguments).strip()}` writes this page from its stored runs. Do not edit it by hand.",
        f"Made with {remark}, on {datetime.date.today().isoformat()}.",
    ]
    for title, paragraphs in made:
        parts += [f"## {title}", *(text.strip() for text in paragraphs)]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


class _Writer:
    """Writes tables and figures into a folder, and returns the Markdown that shows them."""

    def __init__(self, folder: Path, remark: str) -> None:
        self._folder, self._remark = folder, remark

    def table(self, sheet: Sheet) -> str:
        return sheet.write(self._folder, self._remark)

    def figure(self, name: str, figure: Any) -> str:
        return figures.save(figure, self._folder, name)


def _sections(results: Results, attacks: Store, times: Store, write: _Writer) -> Iterable[tuple[str, list[str]]]:
    explainer, explainer_verdicts = report.explainer_sheet(results)
    ranking, ranking_verdicts = report.ranking_sheet(results)
    yield "How it is measured", [_MODELS, _METHODS, _TRUTHS, _BUDGETS]
    yield (
        "Error at m = 20 n (the paper's Table 1)",
        [
            _TABLE_1,
            write.table(report.table_1(results)),
            report.order_of_methods(results),
            _DIFFERENCES,
            write.table(report.distance_sheet(results)),
        ],
    )
    yield (
        "Error against sample size",
        [
            _PANELS,
            *(
                write.figure(f"error-{model}", _by_budget(results, model, "error", "relative squared error"))
                for model in MODELS
            ),
            _EXPLAINER,
            write.table(explainer),
            *explainer_verdicts,
            _SPENDING,
            write.table(report.spending_sheet(results, N_BACKGROUND)),
            _REFERENCES,
            write.table(report.reference_sheet(results)),
        ],
    )
    ranks = (("spearman", "Spearman correlation"), ("cayley", "Cayley distance"), ("recovery", "recovery of the first"))
    yield (
        "Ranking",
        [
            _RECOVERY,
            *(
                write.figure(f"{measure}-{model}", _by_budget(results, model, measure, label))
                for model in MODELS
                for measure, label in ranks
            ),
            write.table(ranking),
            *ranking_verdicts,
        ],
    )
    yield "Noise", [_NOISE, *(write.figure(f"noise-{model}", _by_noise(results, model)) for model in MODELS)]
    yield (
        "Distance from linear games",
        [
            _GAMMA,
            write.figure("gamma", _by_gamma(results)),
            write.figure("depth", _by_depth(results)),
        ],
    )
    yield "Worst perturbations", [_ATTACKS, write.table(report.adversary_sheet(attacks))]
    yield "Time", [_TIME, write.figure("time", figures.times(times)), write.table(report.clock_sheet(times))]


def _by_budget(results: Results, model: str, measure: str, label: str) -> Any:
    return figures.grid(
        *(results, figures.by_budget(results, model, measure)),
        title=f"{label[0].upper()}{label[1:]} against sample size: {model}",
        x="coalitions m",
        y=label,
        logarithmic="xy" if measure == "error" else "x",
        ticks=figures.budget_ticks(results),
    )


def _by_noise(results: Results, model: str) -> Any:
    return figures.grid(
        *(results, figures.by_noise(results, model)),
        title=f"Error against noise at m = 20 n: {model}",
        x="noise over spread of the linear part",
        y="relative squared error",
        ticks=figures.noise_ticks(results),
    )


def _by_gamma(results: Results) -> Any:
    return figures.grid(
        *(results, figures.by_gamma(results)),
        title="Error against gamma at m = 20 n: XGBoost, all but the linear part scaled",
        x="gamma",
        y="relative squared error",
    )


def _by_depth(results: Results) -> Any:
    return figures.grid(
        *(results, figures.by_depth(results)),
        title="Error against the depth of the trees at m = 20 n: XGBoost",
        x="depth",
        y="relative squared error",
        logarithmic="y",
        ticks=figures.depth_ticks(results),
    )
