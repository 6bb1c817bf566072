# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The page of the docs: what was done, the tables and the figures."""

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
The eight data sets of arXiv 2410.08336, {N_BACKGROUND} background rows of the training part, explicands from the
fifth that is held out. XGBoost with its defaults (depth {problems.MAX_DEPTH}), {problems.N_TREES} rounds;
scikit-learn's MLP with two hidden layers on standardised columns. Explained is the output before the last link
(margin, log-odds), that of the explicand's own class if there are several.
"""
_TRUTHS = f"""
Truth: for trees the closed form, background row by background row. For networks the mean over background rows of the
values of each: enumerated over the features in which it differs from the explicand, and where these are more than
{truth.ENUMERABLE}, estimated by independent Hadamard designs of {truth.COALITIONS:,} coalitions, whose spread gives
the reference's standard error below.
"""
_BUDGETS = f"""
Every method gets the same number of model rows, m times {N_BACKGROUND}. Methods that evaluate a coalition on all
background rows pay {N_BACKGROUND} rows for it; for trees their worths come from the leaves in closed form, which is
the same game (checked in the tests) and saves time. Rows of the crossed design are counted as the model is called;
beside its budget a call evaluates the background and the explained row once. Monte Carlo's gains cost two coalitions
each (the paper's public code spends twice what it is given). Where the budget pays for all 2^n coalitions, the
package evaluates them and the values are exact: "exact" is an error below {EXACT:g}, the rounding of float32 models.
Seeds are 0, 1, 2, ... for each of the explicands 0, 1, 2, ..., the same for all methods.
"""
_DIFFERENCES = """
The paper's models are not published, and the error depends on how far from linear the explained model is. The same
data with trees of other depths, Kernel Banzhaf at m = 20 n, and the Cox model that others train on NHANES's signed
survival times:
"""
_CROSSED = """
The least median error of Monte Carlo, MSR and Kernel Banzhaf with and without pairs, over that of the crossed design:
"""
_REFERENCES = """
The network's references, and the least median error that is compared with them:
"""
_RECOVERY = """
Means over data sets. Spearman correlation and Cayley distance are those of the truth's first 20 players, ranked by
absolute value. Recovery: how much of the truth's first k players is among the estimate's, k = 20 or half of those
that are not null.
"""
_NOISE = """
Each worth gets noise of a standard deviation that is a multiple of the game's linear part's, ||phi|| / 2; model rows
get that times the root of the number of background rows, so that the noise is the same for methods that do not
average coalition by coalition.
"""
_GAMMA = """
gamma = ||A phi - b||^2 / ||A phi||^2 says how far from linear a game is; here of the game less its mean worth, which
pairs cancel. First what is not linear in the games of the trees of depth 6 is scaled, which leaves the values as they
are: estimators that are exact on linear games have errors proportional to gamma. Then trees of depths 1 to 8: those of
depth 1 are linear, those of depth 2 hold interactions of even order only, and paired designs are exact on both.
"""
_ATTACKS = f"""
Every method is a matrix M that takes worths to values. One value: the most that a value can move if no worth is wrong
by more than 1, the largest row sum of |M|. All values: the l2 distance by which they move together under the worst
signs that were found. Root mean square: the l2 distance if the perturbation's root mean square is 1, the largest
singular value of M times the root of the number of worths. Then the error without, and with the worst signs at
{adversary.LEVEL:g} of the standard deviation of the linear part. For the crossed design it is the model rows that are
perturbed. m = 20 n; medians over explicands.
"""
_TIME = f"""
Milliseconds at m = 20 n with a game that costs next to nothing; the crossed design explains a linear model with
{N_BACKGROUND} background rows, writes all masked rows, and the model's own time is taken off.
"""


def write(runs: Store, attacks: Store, times: Store, path: Path, threads: int, arguments: str) -> None:
    """Write tables, figures and the page from the stores.

    Parameters
    ----------
    runs, attacks, times : Store
    path : Path
        The page; tables and figures go to the folder of the same name beside it.
    threads : int
    arguments : str
        What the command was given, to be shown.
    """
    if not runs.rows:
        raise Unavailable("there are no runs to report")
    folder = path.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    results, remark = Results(runs), report.machine(threads)
    made = _sections(results, attacks, times, _Writer(folder, remark))
    parts = [
        "# The paper's experiments",
        f"Written by `{(COMMAND + ' ' + arguments).strip()}` from the runs that it has stored; do not edit it.",
        f"Made with {remark}, on {datetime.date.today().isoformat()}.",
    ]
    for title, paragraphs in made:
        parts += [f"## {title}", *(text.strip() for text in paragraphs)]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


class _Writer:
    """Writes tables and figures into a folder and gives the Markdown that shows them."""

    def __init__(self, folder: Path, remark: str) -> None:
        self._folder, self._remark = folder, remark

    def table(self, sheet: Sheet) -> str:
        return sheet.write(self._folder, self._remark)

    def figure(self, name: str, figure: Any) -> str:
        return figures.save(figure, self._folder, name)


def _sections(results: Results, attacks: Store, times: Store, write: _Writer) -> Iterable[tuple[str, list[str]]]:
    crossed, crossed_verdicts = report.crossed_sheet(results)
    ranking, ranking_verdicts = report.ranking_sheet(results)
    yield "How it is measured", [_MODELS, _TRUTHS, _BUDGETS]
    yield (
        "Error at m = 20 n (the paper's Table 1)",
        [
            "Relative squared l2 error, median and quartiles over runs.",
            write.table(report.table_1(results)),
            report.order_of_methods(results),
            _DIFFERENCES,
            write.table(report.distance_sheet(results)),
        ],
    )
    yield (
        "Error against sample size",
        [
            *(
                write.figure(f"error-{model}", _by_budget(results, model, "error", "relative squared error"))
                for model in MODELS
            ),
            _CROSSED,
            write.table(crossed),
            *crossed_verdicts,
            f"Model rows that were counted, as shares of m times {N_BACKGROUND}:",
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
