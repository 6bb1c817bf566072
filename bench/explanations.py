# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare `Explainer` with the paper's estimator and shapiq on the paper's eight data sets."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, Unavailable, environment, parser
from bench._datasets import N_BACKGROUND, NAMES, boost, load
from bench._games import Game, TreeGame, numpy_fit, squared_error
from bench._table import NOT_INSTALLED, Table, three_digits, verdict
from bench._timing import installed, pinned
from bench._tree_truth import Paths

_PER_PLAYER = (2.2, 5, 10, 20)
_CAP, _MEAN_GAIN, _SET_GAIN, _LEAST_GAIN, _FEWER_ROWS = 1000, 50, 15, 10, 5
_ADJUSTED, _LEAST_ADJUSTED = {10: 2, 20: 5}, 0.95  # wanted, by the budget
_SMALL = 20  # features; rows with at most this many are explained quickly
_WANTED = 1e-3  # relative squared error
_GROWTH = 2 ** (1 / 4)  # ratio of neighbouring budgets in the search
_SHARES = (0.9, 0.7, 0.4)

Rows = NDArray[np.float32]
Values = NDArray[np.float64]
Estimator = Callable[[int, int], Values]  # takes a budget of coalitions on all background rows, and a seed


@dataclass(frozen=True)
class Explained:
    """One row to explain, with its model, its masked game over the whole background and its exact values."""

    model: Callable[[Rows], Values]
    explicand: Rows
    background: Rows
    game: Game
    truth: Values
    paths: Paths

    def explainer(self, budget: int, seed: int, threads: int, interactions: str = "none") -> Values:
        """Explain with one design per background row, and exactly as many evaluations as `budget` coalitions need."""
        counted = 0

        def model(rows: Rows) -> Values:
            nonlocal counted
            counted += len(rows)
            return self.model(rows)

        # This budget includes the evaluations of the background and the row. The other methods get these for free.
        most = budget * len(self.background) - 1
        explainer = banzhaf.Explainer(
            model,
            self.background,
            budget=most,
            interactions=interactions,
            random_state=seed,
            num_threads=threads,
        )
        values = explainer(self.explicand[np.newaxis]).values[0]
        assert counted <= most + 1 + len(self.background)
        return values

    def of_rows(self) -> Values:
        """Return the exact values for each background row alone."""
        return np.array([self.paths.terms(self.explicand, row[np.newaxis]).banzhaf_values() for row in self.background])


@dataclass(frozen=True)
class Plan(Options):
    """What is run: options of all benchmarks, data sets, explained rows, seeds. No rows or seeds: as many as usual."""

    sets: tuple[str, ...] = NAMES
    rows: int | None = None
    seeds: int | None = None

    def n_rows(self, usual: int) -> int:
        """Return the number of explained rows of a table."""
        return self.rows or usual

    def n_seeds(self, usual: int, quick: int) -> int:
        """Return the number of seeds of a table."""
        return self.seeds or (quick if self.quick else usual)


PARTS: dict[str, Callable[[Plan], Table]] = {
    "gains": lambda plan: _gains(plan, plan.n_rows(2), plan.n_seeds(15, 5)),
    "adjusted": lambda plan: _adjusted(plan, plan.n_rows(1), plan.n_seeds(7, 2)),
    "rows": lambda plan: _rows_wanted(plan, plan.n_rows(1 if plan.quick else 5), plan.n_seeds(9, 3)),
    "samples": lambda plan: _samples(plan, plan.n_seeds(101, 5)),
}


def _gains(options: Plan, n_explicands: int, n_seeds: int) -> Table:
    table = Table(
        "Error of the paper's estimator ÷ error of `Explainer`, at equal model evaluations",
        *("data set", "n", *(f"{budget} n" for budget in _PER_PLAYER), "geometric mean"),
        f"mean >= {_SET_GAIN}, every gain >= {_LEAST_GAIN}",
        note=f"""
            The models are XGBoost with 100 trees of depth 6, and {N_BACKGROUND} background rows. The budgets are
            {", ".join(map(str, _PER_PLAYER))} n coalitions times {N_BACKGROUND} model evaluations. `Explainer` uses one
            design per background row, and takes interactions out of the error (`interactions="auto"`). The paper's
            estimator evaluates every coalition on all background rows, takes differences of pairs and calls NumPy's
            least squares. Each cell is a gain: the ratio of the median relative squared errors over {n_seeds} seeds,
            as a geometric mean over {n_explicands} explained rows, and at most {_CAP}. The exact values have a closed
            form.
        """,
    )
    gains = []
    for name in options.sets:
        of_set = []
        explained = list(_explained(name, options, n_explicands))
        n = len(explained[0].truth)
        for per_player in _PER_PLAYER:
            budget, logs = int(per_player * n), []
            for one in explained:
                theirs = _median(one, _paper(one), budget, n_seeds)
                ours = _median(one, lambda m, s, one=one: one.explainer(m, s, options.threads, "auto"), budget, n_seeds)
                logs.append(np.log(min(_CAP, theirs / max(ours, 1e-300))))
            of_set.append(float(np.exp(np.mean(logs))))
        gains += of_set
        of_all = float(np.exp(np.mean(np.log(of_set))))
        reached = of_all >= _SET_GAIN and min(of_set) >= _LEAST_GAIN
        table.add(name, n, *map(three_digits, of_set), three_digits(of_all), verdict(reached))
    mean = float(np.exp(np.mean(np.log(gains))))
    table.add("geometric mean", "", *[""] * len(_PER_PLAYER), three_digits(mean), verdict(mean >= _MEAN_GAIN))
    return table


def _adjusted(options: Plan, n_explicands: int, n_seeds: int) -> Table:
    budgets = _PER_PLAYER[1:]
    table = Table(
        'Error without ÷ error with `interactions="auto"`, at equal model evaluations',
        *("data set", "n", *(f"{budget} n" for budget in budgets), "seconds without, with, at the largest budget"),
        f"every ratio >= {_LEAST_ADJUSTED}",
        note=f"""
            Models, budgets and exact values are those of the first table. Each cell is the ratio of the median relative
            squared errors over {n_seeds} seeds, as a geometric mean over {n_explicands} explained rows, and at most
            {_CAP}. Errors below 1e-12 count as 1e-12, because they are rounding. The targets are geometric means of at
            least {_ADJUSTED[10]} at 10 n and {_ADJUSTED[20]} at 20 n.
        """,
    )
    of_budget: dict[float, list[float]] = {budget: [] for budget in budgets}
    for name in options.sets:
        of_set = []
        explained = list(_explained(name, options, n_explicands))
        n = len(explained[0].truth)
        for per_player in budgets:
            budget, logs = int(per_player * n), []
            seconds = []
            for one in explained:
                medians = []
                for interactions in ("none", "auto"):
                    start = time.perf_counter()
                    medians.append(
                        _median(
                            one,
                            lambda m, s, one=one, interactions=interactions: one.explainer(
                                m, s, options.threads, interactions
                            ),
                            budget,
                            n_seeds,
                        )
                    )
                    seconds.append((time.perf_counter() - start) / n_seeds)
                plain, adjusted = (max(median, 1e-12) for median in medians)
                logs.append(np.log(min(_CAP, plain / adjusted)))
            of_set.append(float(np.exp(np.mean(logs))))
            of_budget[per_player].append(of_set[-1])
        times = f"{seconds[0]:.2f}, {seconds[1]:.2f}"
        table.add(name, n, *map(three_digits, of_set), times, verdict(min(of_set) >= _LEAST_ADJUSTED))
    means = [float(np.exp(np.mean(np.log(of_budget[budget])))) for budget in budgets]
    reached = all(mean >= _ADJUSTED.get(budget, 0) for mean, budget in zip(means, budgets, strict=True))
    table.add("geometric mean", "", *map(three_digits, means), "", verdict(reached))
    return table


def _rows_wanted(options: Plan, most_explicands: int, n_seeds: int) -> Table:
    peers = ("paper", "FBII", "FBII paired", "MSR regression", "ProxySHAP")
    table = Table(
        f"Model evaluations for a relative squared error of {_WANTED}",
        *("data set", "n", "Explainer", *peers, "best other ÷ Explainer", f"target >= {_FEWER_ROWS}"),
        note=f"""
            Each cell is the smallest budget whose median error over {n_seeds} seeds is below {_WANTED}. The budgets
            grow by 2^(1/4), from 2 n coalitions on (for `Explainer`, from a sixteenth of that). The cell is a geometric
            mean over the explained rows: {most_explicands} rows with up to {_SMALL} features, otherwise one. "FBII" is
            shapiq's RegressionFBII, without and with pairing. "MSR regression" and "ProxySHAP" are its RegressionMSR
            and ProxySHAP with index "BV". "> 160 n" means that 160 n coalitions were not enough.
        """,
    )
    for name in options.sets:
        logs: dict[str, list[float]] = {}
        for k, one in enumerate(_explained(name, options, most_explicands)):
            n = len(one.truth)
            if k > 0 and n > _SMALL:
                break
            contenders: dict[str, Estimator] = {"paper": _paper(one)}
            if installed("shapiq"):
                contenders |= _shapiq(one)
            ours = _first(one, lambda m, s, one=one: one.explainer(m, s, options.threads), n / 8, n_seeds)
            logs.setdefault("Explainer", []).append(ours)
            for peer, estimator in contenders.items():
                logs.setdefault(peer, []).append(_first(one, estimator, 2 * n, n_seeds))
        rows = {who: float(np.exp(np.mean(np.log(found)))) * N_BACKGROUND for who, found in logs.items()}
        best = min(rows[peer] for peer in peers if peer in rows)
        cells = []
        for who in ("Explainer", *peers):
            if who not in rows:
                cells.append(NOT_INSTALLED)
            else:
                cells.append(f"{rows[who]:,.0f}" if np.isfinite(rows[who]) else "> 160 n")
        ratio = best / rows["Explainer"]
        table.add(name, n, *cells, f"{three_digits(ratio)}x", verdict(ratio >= _FEWER_ROWS))
    return table


def _samples(options: Plan, n_seeds: int) -> Table:
    table = Table(
        "Budgets too small for all background rows: a sample of the rows",
        *(
            "data set",
            "n",
            *(f"{share:.0%} of the full budget" for share in _SHARES),
            "error ÷ expected, geometric mean",
        ),
        note=f"""
            The full budget is the smallest one that covers all background rows: 2 d model evaluations for each
            background row that differs from the explained row in d features. Below it, `Explainer` draws some of the
            background rows. Rows whose output differs more from that of the explained row are drawn more often. Each
            cell gives the mean relative squared error over {n_seeds} seeds, with the number of rows drawn. "expected"
            is the error of as many rows if all are drawn equally often and coalitions cause no error. It is computed
            from the exact values of each background row. There is one explained row.
        """,
    )
    for name in options.sets:
        (one,) = _explained(name, options, 1)
        differing = (one.background != one.explicand).sum(axis=1)
        variance = one.of_rows().var(axis=0, ddof=1).sum() / np.square(one.truth).sum()
        cells, logs = [], []
        for share in _SHARES:
            budget = int(share * 2 * differing.sum())
            errors, drawn = np.empty(n_seeds), np.empty(n_seeds)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", (banzhaf.RankWarning, banzhaf.BudgetWarning))  # wanted here
                for seed in range(n_seeds):
                    explainer = banzhaf.Explainer(
                        one.model, one.background, budget=budget, random_state=seed, num_threads=options.threads
                    )
                    found = explainer(one.explicand[np.newaxis])
                    errors[seed] = squared_error(found.values[0], one.truth)
                    drawn[seed] = found.n_background[0]
            without = variance * np.mean((1 - drawn / N_BACKGROUND) / drawn)
            cells.append(f"{errors.mean():.2g} ({drawn.mean():.0f} rows), expected {without:.2g}")
            logs.append(np.log(errors.mean() / without))
        table.add(name, len(one.truth), *cells, three_digits(float(np.exp(np.mean(logs)))))
    return table


def _explained(name: str, options: Options, count: int) -> Iterator[Explained]:
    data = load(name, options.data)
    booster = boost(data, threads=options.threads)
    for explicand in data.explicands[:count]:
        output = int(_margins(booster, explicand[np.newaxis]).argmax())
        paths = Paths(booster, output)
        terms = paths.terms(explicand, data.background)
        yield Explained(
            model=lambda rows, output=output: _margins(booster, rows)[:, output],
            explicand=explicand,
            background=data.background,
            game=TreeGame(terms),
            truth=terms.banzhaf_values(),
            paths=paths,
        )


def _margins(booster: Any, rows: Rows) -> Values:
    predicted = booster.inplace_predict(rows, predict_type="margin")
    return np.asarray(predicted, dtype=np.float64).reshape(len(rows), -1)


def _paper(one: Explained) -> Estimator:
    def estimate(budget: int, seed: int) -> Values:
        half = np.random.default_rng(seed).random((budget // 2, len(one.truth))) < 0.5
        differences = one.game(half) - one.game(~half)
        if len(half) > len(one.truth):
            try:
                return numpy_fit(half, differences)
            except np.linalg.LinAlgError:
                pass
        return np.asarray(np.linalg.lstsq(half * 2.0 - 1.0, differences, rcond=None)[0])

    return estimate


def _shapiq(one: Explained) -> dict[str, Estimator]:
    import shapiq

    n = len(one.truth)
    empty = one.game(np.zeros((1, n), dtype=bool))[0]  # shapiq needs a game in which the empty coalition is worth 0

    def game(coalitions: NDArray[np.bool_]) -> Values:
        return one.game(np.atleast_2d(coalitions)) - empty

    def run(make: Callable[[int], Any]) -> Estimator:
        def estimate(budget: int, seed: int) -> Values:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it warns of budgets that are too small for its sampler
                return np.asarray(make(seed).approximate(budget, game).get_n_order_values(1))

        return estimate

    return {
        "FBII": run(lambda seed: shapiq.RegressionFBII(n, max_order=1, random_state=seed)),
        "FBII paired": run(lambda seed: shapiq.RegressionFBII(n, max_order=1, pairing_trick=True, random_state=seed)),
        "MSR regression": run(lambda seed: shapiq.RegressionMSR(n, index="BV", random_state=seed)),
        "ProxySHAP": run(lambda seed: shapiq.ProxySHAP(n, max_order=1, index="BV", random_state=seed)),
    }


def _median(one: Explained, estimator: Estimator, budget: int, n_seeds: int) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", (banzhaf.RankWarning, banzhaf.BudgetWarning)
        )  # the search includes tiny budgets
        return float(np.median([squared_error(estimator(budget, seed), one.truth) for seed in range(n_seeds)]))


def _first(one: Explained, estimator: Estimator, least: float, n_seeds: int) -> float:
    """Return the smallest budget on the grid whose median error is small enough, or infinity if 160 n is not enough.

    The search takes four steps at a time and then bisects, because the error falls with the budget up to noise.
    """

    def budget_of(step: int) -> int:
        return max(2, round(least * _GROWTH**step))

    def suffices(step: int) -> bool:
        return _median(one, estimator, budget_of(step), n_seeds) < _WANTED

    last = int(np.log(160 * len(one.truth) / least) / np.log(_GROWTH) + 1e-9)
    too_few, enough = -1, 0
    while not suffices(enough):
        if enough == last:
            return np.inf
        too_few, enough = enough, min(enough + 4, last)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if suffices(middle):
            enough = middle
        else:
            too_few = middle
    return budget_of(enough)


def main() -> None:
    """Run the command line."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS), help="tables to print")
    arguments.add_argument("--sets", nargs="+", metavar="NAME", choices=NAMES, default=list(NAMES), help="data sets")
    arguments.add_argument("--rows", type=int, help="explained rows of a data set; by default it depends on the table")
    arguments.add_argument("--seeds", type=int, help="number of seeds; by default it depends on the table")
    chosen = arguments.parse_args()
    for name in ("threads", "rows", "seeds"):
        if getattr(chosen, name) is not None and getattr(chosen, name) < 1:
            arguments.error(f"--{name} must be at least 1, got {getattr(chosen, name)}")
    plan = Plan(chosen.threads, chosen.quick, chosen.data, tuple(chosen.sets), chosen.rows, chosen.seeds)
    try:
        with pinned(chosen.threads):
            for part in chosen.parts:
                print(PARTS[part](plan), environment(chosen.threads), sep="\n\n", end="\n\n", flush=True)
    except Unavailable as missing:
        sys.exit(f"{arguments.prog}: {missing}")


if __name__ == "__main__":
    main()
