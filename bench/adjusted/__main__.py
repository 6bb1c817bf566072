# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare estimates with interactions taken out (`interactions="auto"`) with plain least squares.

Every part prints a table: errors, their safety, networks, games of many kinds, time, estimated work, coverage.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Unavailable, environment, parser
from bench._errors import holds
from bench._families import FAMILIES, games
from bench._games import Game, numpy_fit, squared_error
from bench._table import Table, duration, error_text, three_digits, verdict
from bench._timing import pinned
from bench.adjusted.set_functions import OTHER, PAPER, SetFunction, network_games, tree_games

_BUDGETS = (5, 10, 20, 50, 100)  # coalitions per player
_CAP = 1000
_EXACT = 1e-20  # relative squared error
_LEAST = {10: 2.2, 20: 12, 50: 35, 100: 250}  # geometric means over the paper's data sets
_WORST_MEDIAN, _WORSE, _MOST_WORSE = 1.05, 1.2, 0.02
_CURVED = ("Diabetes", "German Credit", "BRCA")
_TIMES = {(20, 10): 0.02, (100, 10): 0.1, (100, 50): 1.0, (241, 20): 2.0}  # seconds for n players, m / n
_WORKED = ((10, 20), (20, 10), (20, 50), (30, 20), (50, 10), (100, 10), (100, 20), (100, 50), (241, 20))  # n, m / n
_WORK_FAMILIES = ("orders 2 and 3", "dense")
_TIMED = {20: "German Credit", 100: "BRCA", 241: "TUANDROMD"}
_COVERED = 0.93
_OF_FAMILIES = ("new", "nested", "pairs")

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """What is run: options of all benchmarks, data sets, coalitions per player, seeds, explained rows, design."""

    data: Path
    threads: int
    quick: bool
    sets: tuple[str, ...]
    budgets: tuple[int, ...]
    seeds: int
    rows: int
    design: str


class Recorded:
    """A game that keeps the coalitions that it was asked for, and its answers."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self._asked: list[NDArray[np.bool_]] = []
        self._answers: list[Values] = []

    def __call__(self, coalitions: NDArray[np.bool_]) -> Values:
        """Return the worths."""
        self._asked.append(coalitions.copy())
        self._answers.append(np.asarray(self._game(coalitions)))
        return self._answers[-1]

    def pairs(self) -> tuple[NDArray[np.bool_], Values]:
        """Return the first coalitions of the pairs, and the differences of worths within the pairs."""
        coalitions, worths = np.concatenate(self._asked), np.concatenate(self._answers)
        assert (coalitions[::2] != coalitions[1::2]).all()
        return coalitions[::2], worths[::2] - worths[1::2]


@dataclass(frozen=True)
class Errors:
    """Relative squared errors, one for each seed."""

    new: Values  # with interactions taken out
    same: Values  # plain least squares on the same coalitions
    nested: Values
    pairs: Values

    @property
    def gain(self) -> float:
        """The better plain design's median error over that with interactions taken out."""
        before = min(np.median(self.nested), np.median(self.pairs))
        return float(min(_CAP, before / max(np.median(self.new), 1e-300)))

    @property
    def ratios(self) -> Values:
        """How the errors changed by what was taken out, at the same coalitions."""
        return np.asarray(self.new / np.maximum(self.same, 1e-300))


def errors(of: SetFunction, budget: int, seeds: int, design: str) -> Errors | None:
    """Estimate with every contender, and return None if the budget is enough for all coalitions."""
    if of.n < 30 and 2**of.n <= budget:
        return None
    found: dict[str, list[float]] = {"new": [], "same": [], "nested": [], "pairs": []}
    for seed in range(seeds):
        game = Recorded(of.game)
        found["new"].append(squared_error(_estimate(game, of.n, budget, seed, design=design).values, of.truth))
        found["same"].append(squared_error(numpy_fit(*game.pairs()), of.truth))
        for name, kind in (("nested", "hadamard"), ("pairs", "paired")):
            plain = _estimate(of.game, of.n, budget, seed, design=kind, interactions="none")
            found[name].append(squared_error(plain.values, of.truth))
    return Errors(**{name: np.array(values) for name, values in found.items()})


def _estimate(game: Game, n: int, budget: int, seed: int, **settings: Any) -> banzhaf.BanzhafValues:
    settings = {"interactions": "auto", **settings}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", banzhaf.RankWarning)
        return banzhaf.estimate(game, n, budget=budget, random_state=seed, num_threads=1, **settings)


def _set_functions(plan: Plan) -> Iterator[Table]:
    yield from _errors_of(
        plan, tree_games(plan.sets, plan.data, plan.threads, plan.rows), "the paper's data sets", judged=True
    )


def _other_data(plan: Plan) -> Iterator[Table]:
    yield from _errors_of(plan, tree_games(OTHER, plan.data, plan.threads, plan.rows), "other data", judged=False)


def _networks(plan: Plan) -> Iterator[Table]:
    names = [name for name in _CURVED if name in plan.sets]
    yield from _errors_of(plan, network_games(names, plan.data), "networks", judged=False)


def _errors_of(plan: Plan, problems: Iterable[list[SetFunction]], title: str, *, judged: bool) -> Iterator[Table]:
    gains = Table(
        f"Error of the better plain design ÷ error with interactions taken out, {title}",
        *("game", "n", *(f"{budget} n" for budget in plan.budgets)),
        note=f"""
            The plain designs are random pairs and nested Hadamard blocks, both without interactions taken out. Errors
            are median relative squared errors over {plan.seeds} seeds. A cell is the geometric mean of the ratios over
            the explained rows, each at most {_CAP:,}, then the error with interactions taken out. It is empty if the
            budget is enough for all coalitions.
        """,
    )
    safety = Table(
        f"Error with interactions taken out ÷ error of plain least squares on the same coalitions, {title}",
        *("game", "n", *(f"{budget} n" for budget in plan.budgets), f"median <= {_WORST_MEDIAN}"),
        note=f"""
            Each cell is the median over the explained rows and {plan.seeds} seeds each, then the largest ratio, then
            the share of ratios above {_WORSE}.
        """,
    )
    logs: dict[int, list[float]] = {budget: [] for budget in plan.budgets}
    worse: dict[int, list[float]] = {budget: [] for budget in plan.budgets}
    for games_of_set in problems:
        name, n = games_of_set[0].name, games_of_set[0].n
        cells, shares, medians = [], [], [0.0]
        for budget in plan.budgets:
            found = [
                one for game in games_of_set if (one := errors(game, budget * n, plan.seeds, plan.design)) is not None
            ]
            judged_runs = [one for one in found if np.median(one.nested) >= _EXACT]
            if not judged_runs:
                cells.append("exact before" if found else "")
                shares.append("")
                continue
            gain = np.exp(np.mean([np.log(one.gain) for one in judged_runs]))
            error = np.exp(np.mean([np.log(max(1e-300, np.median(one.new))) for one in judged_runs]))
            ratios = np.concatenate([one.ratios for one in judged_runs])
            logs[budget].append(np.log(gain))
            worse[budget].extend(ratios > _WORSE)
            medians.append(float(np.median(ratios)))
            cells.append(f"{three_digits(gain)} ({error_text(error)})")
            shares.append(f"{medians[-1]:.3f}, {ratios.max():.2f}, {(ratios > _WORSE).mean():.0%}")
        gains.add(name, n, *cells)
        safety.add(name, n, *shares, verdict(max(medians) <= _WORST_MEDIAN))
        print(f"  {name}: {'; '.join(cells)}; {'; '.join(shares)}", file=sys.stderr, flush=True)
    means = {budget: float(np.exp(np.mean(of))) if of else np.nan for budget, of in logs.items()}
    gains.add("geometric mean", "", *(three_digits(mean) for mean in means.values()))
    if judged:
        gains.add(
            "target",
            "",
            *(
                f">= {_LEAST[budget]}: {verdict(means[budget] >= _LEAST[budget])}" if budget in _LEAST else ""
                for budget in plan.budgets
            ),
        )
    flat = [float(np.mean(of)) if of else np.nan for of in worse.values()]
    safety.add(f"share above {_WORSE}", "", *(f"{share:.1%}" for share in flat), "")
    every = [one for of in worse.values() for one in of]
    whole = float(np.mean(every)) if every else 0.0
    safety.add(
        f"of all, target <= {_MOST_WORSE:.0%}",
        "",
        *[""] * len(plan.budgets),
        f"{whole:.1%}: {verdict(whole <= _MOST_WORSE)}",
    )
    yield gains
    yield safety


def _families(plan: Plan) -> Iterator[Table]:
    sizes = (20,) if plan.quick else (8, 20, 50, 100)
    table = Table(
        "Games of many kinds: error of the better plain design ÷ error with interactions taken out",
        *("family", "n", *(f"{budget} n" for budget in plan.budgets)),
        note=f"""
            Geometric means over {plan.seeds} games of each family and size. In brackets: the share of games whose error
            is above {_WORSE} times that of plain least squares on the same coalitions.
        """,
    )
    for family in FAMILIES:
        if family == "noise":  # its values are 0, so no error is relative to them
            continue
        for n in sizes:
            cells = []
            for budget in plan.budgets:
                found = [
                    one
                    for game in games(family, n, plan.seeds)
                    if np.abs(game.values).max() > 0
                    and (one := errors(SetFunction(family, game, game.values), budget * n, 1, plan.design)) is not None
                    and one.same[0] >= _EXACT
                ]
                if not found:
                    cells.append("exact before")
                    continue
                new, nested, pairs = (_mean_log([getattr(one, of)[0] for one in found]) for of in _OF_FAMILIES)
                gain = min(_CAP, np.exp(min(nested, pairs) - new))
                worse = np.mean([one.ratios[0] > _WORSE for one in found])
                cells.append(f"{three_digits(gain)} ({worse:.0%})")
            table.add(family, n, *cells)
    yield table


def _mean_log(found: list[float]) -> float:
    return float(np.mean(np.log(np.maximum(found, 1e-300))))


class Replayed:
    """A game that costs nothing: it returns worths that were recorded, in their order."""

    def __init__(self, worths: Values) -> None:
        self._worths = worths
        self._next = 0

    def __call__(self, coalitions: NDArray[np.bool_]) -> Values:
        """Return the next worths."""
        self._next += len(coalitions)
        return self._worths[self._next - len(coalitions) : self._next]


def _time(plan: Plan) -> Iterator[Table]:
    table = Table(
        "Own time on one thread",
        *("game", "n", "m", "without", "with interactions taken out", "difference", "target"),
        note="""
            The processor time of `estimate` on worths that were recorded, so that the game costs nothing. Each time is
            the least of several runs that took turns.
        """,
    )
    for (n, budget), most in _TIMES.items():
        if _TIMED[n] not in plan.sets:
            continue
        problem = next(tree_games([_TIMED[n]], plan.data, plan.threads))[0]
        recorded = {}
        settings = {name: {"design": plan.design, "interactions": name} for name in ("none", "auto")}
        for name, setting in settings.items():
            game = Recorded(problem.game)
            _estimate(game, n, budget * n, 0, **setting)
            recorded[name] = np.concatenate(game._answers)
        taken: dict[str, list[float]] = {name: [] for name in settings}
        for _ in range(2 if plan.quick else 5):
            for name, setting in settings.items():
                start = time.process_time()
                _estimate(Replayed(recorded[name]), n, budget * n, 0, **setting)
                taken[name].append(time.process_time() - start)
        without, with_them = min(taken["none"]), min(taken["auto"])
        judged = f"<= {duration(most)}: {verdict(with_them - without <= most)}"
        table.add(
            *(problem.name, n, budget * n, duration(without), duration(with_them), duration(with_them - without)),
            judged,
        )
    yield table


def _work(plan: Plan) -> Iterator[Table]:
    table = Table(
        "Estimated work and measured time on one thread",
        *("n", "m", "coalitions", "estimated", "measured", "measured ÷ estimated"),
        note=f"""
            The rule of `interactions="auto"` goes by estimated work, and deadlines leave twice as much time. Times are
            processor time of `interactions="always"` less that of `"none"`, on worths that were recorded: the longer of
            the families {" and ".join(_WORK_FAMILIES)}.
        """,
    )
    for n, budget in _WORKED[:4] if plan.quick else _WORKED:
        m = budget * n
        for design in ("fresh", "paired"):
            longest = 0.0
            for family in _WORK_FAMILIES:
                game = Recorded(next(games(family, n, 1)))
                _estimate(game, n, m, 0, design=design, interactions="none")
                worths = np.concatenate(game._answers)
                taken: dict[str, list[float]] = {"none": [], "always": []}
                for _ in range(2):
                    for name, times in taken.items():
                        start = time.process_time()
                        _estimate(Replayed(worths), n, m, 0, design=design, interactions=name)
                        times.append(time.process_time() - start)
                longest = max(longest, min(taken["always"]) - min(taken["none"]))
            estimated = 1e-9 * banzhaf._core.adjustment_operations(n, m // 2, design == "fresh")
            table.add(n, m, design, duration(estimated), duration(longest), three_digits(longest / estimated))
    yield table


def _coverage(plan: Plan) -> Iterator[Table]:
    table = Table(
        "95 % intervals with interactions taken out, the paper's data sets",
        *("game", "n", *(f"{budget} n" for budget in plan.budgets), f"coverage >= {_COVERED:.0%}"),
        note=f"""
            Each cell is the share of intervals that contain the true value, over all players with a value other than 0
            and {plan.seeds} seeds, then the mean width of the intervals over that of plain nested blocks.
        """,
    )
    for problem, *_ in tree_games(plan.sets, plan.data, plan.threads):
        cells, least = [], 1.0
        for budget in plan.budgets:
            m = budget * problem.n
            if problem.n < 30 and 2**problem.n <= m:
                cells.append("")
                continue
            held, widths, plain_widths = [], [], []
            for seed in range(plan.seeds):
                bounds = _estimate(problem.game, problem.n, m, seed, design=plan.design).intervals()
                plain = _estimate(problem.game, problem.n, m, seed, interactions="none").intervals()
                held.append(holds(bounds, problem.truth)[problem.truth != 0])
                widths.append((bounds[:, 1] - bounds[:, 0]).mean())
                plain_widths.append((plain[:, 1] - plain[:, 0]).mean())
            share = float(np.mean(held))
            least = min(least, share)
            cells.append(f"{share:.1%}, {three_digits(np.mean(widths) / np.mean(plain_widths))}")
        table.add(problem.name, problem.n, *cells, verdict(least >= _COVERED))
        print(f"  {problem.name}: {'; '.join(cells)}", file=sys.stderr, flush=True)
    yield table


PARTS: dict[str, Callable[[Plan], Iterator[Table]]] = {
    "errors": _set_functions,
    "other": _other_data,
    "networks": _networks,
    "families": _families,
    "time": _time,
    "work": _work,
    "coverage": _coverage,
}


def main() -> None:
    """Run the command line."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS), help="tables to print")
    arguments.add_argument("--sets", nargs="+", metavar="NAME", help=f"some of {', '.join(PAPER)}")
    arguments.add_argument("--budgets", nargs="+", type=int, metavar="M", help="coalitions per player")
    arguments.add_argument("--seeds", type=int, help="number of seeds; 3 with --quick, else 15")
    arguments.add_argument("--rows", type=int, help="explained rows of a data set; 1 with --quick, else 3")
    arguments.add_argument(
        "--design",
        default="hadamard",
        choices=("hadamard", "paired"),
        help="coalitions where interactions are taken out",
    )
    chosen = arguments.parse_args()
    if chosen.threads < 1:
        arguments.error(f"--threads must be at least 1, got {chosen.threads}")
    for name in ("seeds", "rows"):
        if getattr(chosen, name) is not None and getattr(chosen, name) < 1:
            arguments.error(f"--{name} must be at least 1, got {getattr(chosen, name)}")
    unknown = sorted({*(chosen.sets or ())} - {*PAPER})
    if unknown:
        arguments.error(f"--sets must be some of {', '.join(PAPER)}, got {', '.join(unknown)}")
    plan = Plan(
        data=chosen.data,
        threads=chosen.threads,
        quick=chosen.quick,
        sets=tuple(chosen.sets or PAPER),
        budgets=tuple(chosen.budgets or (_BUDGETS[1:3] if chosen.quick else _BUDGETS)),
        seeds=chosen.seeds or (3 if chosen.quick else 15),
        rows=chosen.rows or (1 if chosen.quick else 3),
        design=chosen.design,
    )
    try:
        with pinned(chosen.threads):
            for part in chosen.parts:
                for table in PARTS[part](plan):
                    print(table, environment(chosen.threads), sep="\n\n", end="\n\n", flush=True)
    except Unavailable as missing:
        sys.exit(f"{arguments.prog}: {missing}")


if __name__ == "__main__":
    main()
