# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explain networks with their gradients, beside their outputs alone and the paper's estimator, at equal cost."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import banzhaf
from bench._command import Options, Unavailable, environment, parser
from bench._errors import holds
from bench._games import squared_error
from bench._table import NOT_INSTALLED, Table, error_text, three_digits, verdict
from bench._timing import installed, pinned
from bench.gradients.contenders import Counted, explain, paper
from bench.gradients.networks import DENSE, LARGE, Problem, dense, digits, pytorch, tokens
from bench.gradients.peers import PEERS, Values
from bench.gradients.references import Reference, reference
from bench.gradients.student import by_student

SMALL = ("German Credit", "Adult")
_PER_PLAYER = (2.5, 5.0, 10.0, 20.0)
_MEAN, _LEAST = {"outputs": 7, "paper": 40}, {"outputs": 3, "paper": 10}
_SMALL_RATIO, _COVERAGE, _BIAS, _OWN_TIME = 1.1, 0.93, 0.25, 0.1


@dataclass(frozen=True)
class Plan(Options):
    """What is run: the options of all benchmarks, networks, sizes of the background, seeds, and the references."""

    sets: tuple[str, ...] = LARGE
    kinds: tuple[str, ...] = tuple(DENSE)
    backgrounds: tuple[int, ...] = (20, 50)
    seeds: int = 3
    pairs: int = 2**16
    other_pairs: int = 2**15
    folder: Path | None = None

    def problems(self, name: str) -> Iterator[tuple[Problem, Reference]]:
        """Train the networks of a data set, and compute their references."""
        for problem in dense(name, self.data, self.kinds):
            yield problem, reference(problem, self.pairs, self.folder)


@dataclass
class Errors:
    """Relative squared errors of one contender, and how often its intervals contained the reference."""

    found: list[float]
    held: list[bool]

    @property
    def mean(self) -> float:
        """The mean of the errors over seeds."""
        return float(np.mean(self.found))

    @property
    def coverage(self) -> float:
        """The share of the intervals that contained the reference."""
        return float(np.mean(self.held))


def _run(
    problem: Problem, model: Counted, truth: Reference, n_background: int, per_player: float, gradients: bool | str,
    n_seeds: int,
) -> Errors:  # fmt: skip
    errors, exact = Errors([], []), truth.of(n_background)
    for seed in range(n_seeds):
        explanation = explain(problem, model, n_background, per_player, gradients, seed)
        # What the reference's own error adds is taken out.
        errors.found.append(squared_error(explanation.values[0], exact) - truth.error(n_background))
        errors.held += holds(explanation.intervals(0.95)[0], exact, 1e-6).tolist()
    return errors


def _paper(problem: Problem, truth: Reference, n_background: int, per_player: float, n_seeds: int) -> float:
    exact = truth.of(n_background)
    found = [squared_error(paper(problem, n_background, per_player, seed), exact) for seed in range(n_seeds)]
    return float(np.mean(found)) - truth.error(n_background)


def _errors(plan: Plan) -> Iterator[Table]:
    """Compare errors, and count coverage in the same runs."""
    titles = {"outputs": "outputs alone", "paper": "the paper's estimator"}
    columns = ("network", "background rows", *(f"{each:g} n" for each in _PER_PLAYER), "geometric mean")
    tables = {
        other: Table(
            f"Error of {titles[other]} ÷ error with gradients, at equal cost",
            *columns,
            f"every ratio >= {_LEAST[other]}",
            note=f"""
                The budget of a background row is that many evaluations a player. A row with its gradient counts as many
                evaluations as it takes time, and at least 2. Each cell is the ratio of the mean relative squared errors
                over {plan.seeds} seeds. Outputs alone have the other defaults of `Explainer`. What the reference's own
                error adds to them is taken out. The target of the geometric mean is {_MEAN[other]}.
            """,
        )
        for other in ("outputs", "paper")
    }
    absolute = Table(
        "Relative squared error with gradients, coverage of its 95 % intervals",
        *("network", "background rows", "cost of a gradient", *(f"{each:g} n" for each in _PER_PLAYER)),
        *("error of the reference", f"coverage >= {_COVERAGE:.0%}"),
        note=f"""
            Coverage counts each player's interval in each of {plan.seeds} runs. The reference takes {plan.pairs:,}
            pairs of coalitions for each background row.
        """,
    )
    logs: dict[str, list[float]] = {"outputs": [], "paper": []}
    for name in plan.sets:
        for problem, truth in plan.problems(name):
            model = Counted(problem)
            for n_background in plan.backgrounds:
                ratios: dict[str, list[float]] = {"outputs": [], "paper": []}
                cells, least = [], 1.0
                for per_player in _PER_PLAYER:
                    ours = _run(problem, model, truth, n_background, per_player, True, plan.seeds)
                    outputs = _run(problem, model, truth, n_background, per_player, False, plan.seeds)
                    ratios["outputs"].append(outputs.mean / ours.mean)
                    ratios["paper"].append(_paper(problem, truth, n_background, per_player, plan.seeds) / ours.mean)
                    cells.append(f"{error_text(ours.mean)} ({ours.coverage:.1%})")
                    least = min(least, ours.coverage)
                for other, table in tables.items():
                    met = min(ratios[other]) >= _LEAST[other]
                    mean = float(np.exp(np.mean(np.log(ratios[other]))))
                    table.add(
                        problem.name, n_background, *map(three_digits, ratios[other]), three_digits(mean), verdict(met)
                    )
                    logs[other] += np.log(ratios[other]).tolist()
                absolute.add(
                    problem.name,
                    n_background,
                    three_digits(model.gradient_cost),
                    *cells,
                    error_text(truth.error(n_background)),
                    verdict(least >= _COVERAGE),
                )
    for other, table in tables.items():
        mean = float(np.exp(np.mean(logs[other])))
        table.add("geometric mean", "", *[""] * len(_PER_PLAYER), three_digits(mean), verdict(mean >= _MEAN[other]))
    yield from (*tables.values(), absolute)


def _small(plan: Plan) -> Iterator[Table]:
    """Few players: outputs alone are as good there, and gradients must lose nothing."""
    n_background = plan.backgrounds[0]
    table = Table(
        "Few players: error with gradients ÷ error of outputs alone, at equal cost",
        *(
            "network",
            "players",
            "gradients",
            *(f"{each:g} n" for each in _PER_PLAYER),
            f"every ratio <= {_SMALL_RATIO}",
        ),
        note=f"""
            {n_background} background rows. Adult's categories are groups of columns with one 1. The ratio is that of
            mean relative squared errors over {plan.seeds} seeds; the values of all coalitions are exact. A cell says
            "both exact" if both are. The target is for "auto" and True. "only" shows what gradients alone give.
        """,
    )
    for name in SMALL:
        for whole in dense(name, plan.data, plan.kinds[:1]):
            problem = replace(whole, background=whole.background[:n_background])
            truth = reference(problem, plan.pairs, plan.folder)
            model, exact = Counted(problem), truth.of(n_background)
            of_outputs = [_run(problem, model, truth, n_background, each, False, plan.seeds) for each in _PER_PLAYER]
            for gradients in ("auto", True, "only"):
                cells, met = [], True
                for per_player, outputs in zip(_PER_PLAYER, of_outputs, strict=True):
                    ours = _run(problem, model, truth, n_background, per_player, gradients, plan.seeds)
                    both_exact = max(ours.mean, outputs.mean) < 1e-10  # what float32 leaves
                    met &= both_exact or ours.mean <= _SMALL_RATIO * outputs.mean
                    cells.append("both exact" if both_exact else three_digits(ours.mean / outputs.mean))
                table.add(problem.name, len(exact), f"`{gradients!r}`", *cells, verdict(met))
    yield table


def _bias(plan: Plan) -> Iterator[Table]:
    """Compare the bias with the standard error at the largest budget."""
    n_background, n_seeds = plan.backgrounds[0], max(10, plan.seeds)
    per_player = _PER_PLAYER[-1]
    table = Table(
        f"Bias ÷ standard error with gradients, {per_player:g} n evaluations, {n_background} background rows",
        *("network", "bias ÷ standard deviation over seeds", "bias ÷ stated standard error", f"<= {_BIAS}", "coverage"),
        note=f"""
            Root mean squares over the players, from {n_seeds} seeds. The part of the mean's distance from the reference
            that chance explains is taken out. If that leaves less than nothing, the bias is 0.
        """,
    )
    for name in plan.sets:
        for problem, truth in plan.problems(name):
            model, exact = Counted(problem), truth.of(n_background)
            runs = [explain(problem, model, n_background, per_player, True, seed) for seed in range(n_seeds)]
            values = np.array([run.values[0] for run in runs])
            variance = values.var(axis=0, ddof=1).sum()
            own = truth.error(n_background) * np.square(exact).sum()
            squared = max(0.0, np.square(values.mean(axis=0) - exact).sum() - variance / n_seeds - own)
            stated = float(np.mean([np.square(run.standard_errors[0]).sum() for run in runs]))
            ratio = float(np.sqrt(squared / variance))
            held = np.mean([holds(run.intervals(0.95)[0], exact, 1e-6) for run in runs])
            table.add(
                problem.name,
                three_digits(ratio),
                three_digits(float(np.sqrt(squared / stated))),
                verdict(ratio <= _BIAS),
                f"{held:.1%}",
            )
    yield table


def _time(plan: Plan) -> Iterator[Table]:
    """Measure the time outside the network."""
    n_background = max(plan.backgrounds)
    table = Table(
        f"One explained row with gradients, {n_background} background rows, one thread: own time ÷ the model's",
        *("network", "evaluations a player", "inside the model", "own time", "ratio", f"<= {_OWN_TIME}"),
        note="""
            Processor time, the fastest of 25 calls. "inside the model" is the time in its adapter: tensors, outputs
            and gradients.
        """,
    )
    for name in plan.sets[:1]:
        for problem in dense(name, plan.data, plan.kinds):
            model = Counted(problem)
            for per_player in _PER_PLAYER[2:]:
                inside, own = _own_time(problem, model, n_background, per_player)
                cells = (f"{1e3 * inside:.1f} ms", f"{1e3 * own:.1f} ms", three_digits(own / inside))
                table.add(problem.name, f"{per_player:g}", *cells, verdict(own <= _OWN_TIME * inside))
    yield table


def _own_time(problem: Problem, model: Counted, n_background: int, per_player: float) -> tuple[float, float]:
    explainer = banzhaf.Explainer(
        model,
        problem.background[:n_background],
        budget=int(per_player * problem.n_players) * n_background,
        gradients=True,
        random_state=0,
        num_threads=1,
    )
    row = problem.row[np.newaxis]
    explainer(row)
    least, of_least = np.inf, 0.0
    for _ in range(25):
        before, start = model.seconds, time.process_time()
        explainer(row)
        inside, whole = model.seconds - before, time.process_time() - start
        if whole < least:
            least, of_least = whole, inside
    return of_least, least - of_least


def _others(plan: Plan) -> Iterator[Table]:
    """Explain a convolutional network, and a transformer whose tokens are players."""
    n_background = plan.backgrounds[0]
    table = Table(
        "Other networks: relative squared error with gradients, and of outputs alone, at equal cost",
        *("network", "players", "cost of a gradient", *(f"{each:g} n" for each in _PER_PLAYER)),
        *("error of the reference", "lower"),
        note=f"""
            {n_background} background rows, {plan.seeds} seeds. Each cell gives the error with gradients, then that of
            outputs alone. The reference takes {plan.other_pairs:,} pairs of coalitions for each background row.
        """,
    )
    for make in (digits, tokens):
        whole = make()
        problem = replace(whole, background=whole.background[:n_background])
        truth = reference(problem, plan.other_pairs, plan.folder)
        model, cells, lower = Counted(problem), [], True
        for per_player in _PER_PLAYER:
            ours = _run(problem, model, truth, n_background, per_player, True, plan.seeds)
            outputs = _run(problem, model, truth, n_background, per_player, False, plan.seeds)
            cells.append(f"{error_text(ours.mean)}, {error_text(outputs.mean)}")
            lower &= ours.mean < outputs.mean
        cells.append(error_text(truth.error(n_background)))
        table.add(problem.name, problem.n_players, three_digits(model.gradient_cost), *cells, verdict(lower))
    yield table


def _student(plan: Plan) -> Iterator[Table]:
    """Compare a student as control variate with what the package does, and weigh its training."""
    n_background, per_player = plan.backgrounds[0], _PER_PLAYER[-1]
    table = Table(
        f"A student as control variate: relative squared error at equal cost, {per_player:g} n evaluations",
        *("network", "gradients=True", "with a student", "ratio", "training", "time of a row that makes both equal"),
        note=f"""
            {n_background} background rows, {plan.seeds} seeds. Half of the budget trains a network of two layers of
            128 units on outputs and gradients at random coalitions. The values are those of the student, from many
            evaluations, plus those of the difference to the model. If a row of the model takes as long as the last
            column says, the whole budget takes as long as the training.
        """,
    )
    wholes = [(digits(), plan.other_pairs), (tokens(), plan.other_pairs)]
    for name in plan.sets:
        wholes += [(problem, plan.pairs) for problem in dense(name, plan.data, plan.kinds)]
    for whole, n_pairs in wholes:
        problem = replace(whole, background=whole.background[:n_background])
        truth, model = reference(problem, n_pairs, plan.folder), Counted(problem)
        exact, own = truth.of(n_background), truth.error(n_background)
        ours = _run(problem, model, truth, n_background, per_player, True, plan.seeds).mean
        taught = [by_student(problem, model, n_background, per_player, seed) for seed in range(plan.seeds)]
        error = float(np.mean([squared_error(each.values, exact) for each in taught])) - own
        seconds = float(np.mean([each.seconds for each in taught]))
        of_row = seconds / (int(per_player * problem.n_players) * n_background)
        cells = (error_text(ours), error_text(error), three_digits(ours / error))
        table.add(problem.name, *cells, f"{seconds:.1f} s", f"{1e3 * of_row:.2g} ms")
    yield table


def _peers(plan: Plan) -> Iterator[Table]:
    """Show what other methods with gradients return, whose values mean something else."""
    n_background, per_player = max(plan.backgrounds), _PER_PLAYER[2]
    table = Table(
        f"Values of other methods with gradients, {n_background} background rows",
        *("network", "method", "gradients", "sum ÷ (f(x) - base value)", "correlation with Banzhaf values"),
        *("distance from Banzhaf values", "spread between seeds"),
        note=f"""
            "distance" is ||values - reference||² ÷ ||reference||² for the reference of Banzhaf values. "spread" is the
            variance between {plan.seeds + 1} seeds, relative to the values. More gradients lower the spread alone,
            because the values are of another kind.
        """,
    )
    for name in plan.sets[:1]:
        for problem, truth in plan.problems(name):
            model, exact = Counted(problem), truth.of(n_background)
            whole = np.vstack([problem.row[np.newaxis], problem.background[:n_background]])
            outputs = np.asarray(model.predict(whole), dtype=np.float64)
            change = outputs[0] - outputs[1:].mean()
            runs = [explain(problem, model, n_background, per_player, True, seed) for seed in range(plan.seeds + 1)]
            n_gradients = int(runs[0].n_gradient_rows)
            of_methods: dict[str, Values | None] = {"Banzhaf values": np.array([run.values[0] for run in runs])}
            for method, (package, values) in PEERS.items():
                of_methods[method] = None
                if installed(package):
                    found = [values(problem, n_background, n_gradients, seed) for seed in range(plan.seeds + 1)]
                    of_methods[method] = np.array(found)
            for method, drawn in of_methods.items():
                if drawn is None:
                    table.add(problem.name, method, NOT_INSTALLED, "", "", "", "")
                    continue
                mean = drawn.mean(axis=0)
                spread = drawn.var(axis=0, ddof=1).sum() / np.square(mean).sum()
                table.add(
                    problem.name,
                    method,
                    f"{n_gradients:,}",
                    three_digits(float(mean.sum() / change)),
                    three_digits(float(np.corrcoef(mean, exact)[0, 1])),
                    error_text(squared_error(mean, exact)),
                    error_text(float(spread)),
                )
    yield table


PARTS: dict[str, Callable[[Plan], Iterator[Table]]] = {
    "errors": _errors,
    "small": _small,
    "bias": _bias,
    "time": _time,
    "others": _others,
    "student": _student,
    "peers": _peers,
}


def main() -> None:
    """Run the command line."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS), help="tables to print")
    arguments.add_argument("--sets", nargs="+", metavar="NAME", choices=LARGE, default=list(LARGE), help="data sets")
    arguments.add_argument("--kinds", nargs="+", metavar="NAME", choices=list(DENSE), default=list(DENSE))
    arguments.add_argument("--backgrounds", nargs="+", type=int, default=[20, 50], help="numbers of background rows")
    arguments.add_argument("--seeds", type=int, help="number of seeds; 3 by default, and 2 with --quick")
    arguments.add_argument(
        "--pairs", type=int, help="pairs of a reference for each background row; 2^16 by default, 2^15 in others"
    )
    arguments.add_argument("--references", type=Path, metavar="DIR", help="folder that keeps references for later runs")
    chosen = arguments.parse_args()
    for name in ("threads", "seeds", "pairs"):
        if getattr(chosen, name) is not None and getattr(chosen, name) < 1:
            arguments.error(f"--{name} must be at least 1, got {getattr(chosen, name)}")
    if not all(1 <= count <= 50 for count in chosen.backgrounds):
        arguments.error(f"--backgrounds must be from 1 to 50, got {chosen.backgrounds}")
    plan = Plan(
        threads=chosen.threads,
        quick=chosen.quick,
        data=chosen.data,
        sets=tuple(chosen.sets[:1] if chosen.quick else chosen.sets),
        kinds=tuple(chosen.kinds[:1] if chosen.quick else chosen.kinds),
        backgrounds=tuple(chosen.backgrounds[:1] if chosen.quick else chosen.backgrounds),
        seeds=chosen.seeds or (2 if chosen.quick else 3),
        pairs=chosen.pairs or (2**14 if chosen.quick else 2**16),
        other_pairs=chosen.pairs or (2**14 if chosen.quick else 2**15),
        folder=chosen.references,
    )
    try:
        with pinned(chosen.threads):
            pytorch().set_num_threads(chosen.threads)
            for part in chosen.parts:
                for table in PARTS[part](plan):
                    print(table, environment(chosen.threads), sep="\n\n", end="\n\n", flush=True)
    except Unavailable as missing:
        sys.exit(f"{arguments.prog}: {missing}")


if __name__ == "__main__":
    main()
