# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explanations of the paper's eight data sets: the crossed design beside the paper's estimator and shapiq."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._datasets import N_BACKGROUND, NAMES, boost, load
from bench._games import Game, TreeGame, numpy_fit, squared_error
from bench._table import NOT_INSTALLED, Table, three_digits, verdict
from bench._timing import installed
from bench._tree_truth import Paths

_PER_PLAYER = (2.2, 5, 10, 20)
_CAP, _MEAN_GAIN, _LEAST_GAIN, _FEWER_ROWS = 1000, 50, 6, 5
_SMALL = 20  # features of a set whose rows are quickly explained
_WANTED = 1e-3  # relative squared error
_GROWTH = 2 ** (1 / 4)  # between the budgets that are tried for it
_SHARES = (0.9, 0.7, 0.4)

Rows = NDArray[np.float32]
Values = NDArray[np.float64]
Estimator = Callable[[int, int], Values]  # of a budget of coalitions on all background rows, and a seed


@dataclass(frozen=True)
class Explained:
    """One row to explain: the model, its masked game over the whole background, and the exact values."""

    model: Callable[[Rows], Values]
    explicand: Rows
    background: Rows
    game: Game
    truth: Values
    paths: Paths

    def crossed(self, budget: int, seed: int, threads: int) -> Values:
        """Explain by the crossed design, on as many model rows as `budget` coalitions take, and not one more."""
        counted = 0

        def model(rows: Rows) -> Values:
            nonlocal counted
            counted += len(rows)
            return self.model(rows)

        # The background and the row itself are model rows too; the shared designs get theirs for nothing.
        most = budget * len(self.background) - 1
        explainer = banzhaf.Explainer(model, self.background, budget=most, random_state=seed, num_threads=threads)
        values = explainer(self.explicand[np.newaxis]).values[0]
        assert counted <= most + 1 + len(self.background)
        return values

    def of_rows(self) -> Values:
        """Give the exact values that each background row alone has."""
        return np.array([self.paths.terms(self.explicand, row[np.newaxis]).banzhaf_values() for row in self.background])


def tables(options: Options) -> Iterator[Table]:
    yield _gains(options, 2, 5 if options.quick else 31)
    yield _rows_wanted(options, 1 if options.quick else 5, 3 if options.quick else 9)
    yield _samples(options, 5 if options.quick else 101)


def _gains(options: Options, n_explicands: int, n_seeds: int) -> Table:
    table = Table(
        "Error of the paper's estimator over that of the crossed design, at equal numbers of model rows",
        *("data set", "n", *(f"{budget} n" for budget in _PER_PLAYER), f"every gain >= {_LEAST_GAIN}"),
        note=f"""
            XGBoost, depth 6, 100 trees, {N_BACKGROUND} background rows; budgets of {", ".join(map(str, _PER_PLAYER))} n
            coalitions times {N_BACKGROUND} model rows. The paper's estimator: pairs, differences and NumPy's least
            squares, every coalition on all background rows. Each gain is the geometric mean over {n_explicands}
            explained rows of the ratio of the median relative squared errors over {n_seeds} seeds, capped at {_CAP}.
            Exact values: the leaves' closed form.
        """,
    )
    gains = []
    for name in NAMES:
        of_set = []
        explained = list(_explained(name, options, n_explicands))
        n = len(explained[0].truth)
        for per_player in _PER_PLAYER:
            budget, logs = int(per_player * n), []
            for one in explained:
                theirs = _median(one, _paper(one), budget, n_seeds)
                ours = _median(one, lambda m, s, one=one: one.crossed(m, s, options.threads), budget, n_seeds)
                logs.append(np.log(min(_CAP, theirs / max(ours, 1e-300))))
            of_set.append(float(np.exp(np.mean(logs))))
        gains += of_set
        table.add(name, n, *map(three_digits, of_set), verdict(min(of_set) >= _LEAST_GAIN))
    mean = float(np.exp(np.mean(np.log(gains))))
    table.add("geometric mean", "", three_digits(mean), *[""] * (len(_PER_PLAYER) - 1), verdict(mean >= _MEAN_GAIN))
    return table


def _rows_wanted(options: Options, most_explicands: int, n_seeds: int) -> Table:
    peers = ("paper", "FBII", "FBII paired", "MSR regression", "ProxySHAP")
    table = Table(
        f"Model rows for a relative squared error of {_WANTED}",
        *("data set", "n", "crossed", *peers, "best of the others / crossed", f"target >= {_FEWER_ROWS}"),
        note=f"""
            The smallest budget, on a grid that grows by 2^(1/4) from 2 n coalitions (for the crossed design from a
            sixteenth of that), whose median error over {n_seeds} seeds is below {_WANTED}; the geometric mean over
            the explained rows: {most_explicands} up to {_SMALL} features, else one. FBII, MSR regression and ProxySHAP:
            shapiq's RegressionFBII without and with pairing, RegressionMSR and ProxySHAP with index "BV". ">": not
            reached at 160 n coalitions.
        """,
    )
    for name in NAMES:
        logs: dict[str, list[float]] = {}
        for k, one in enumerate(_explained(name, options, most_explicands)):
            n = len(one.truth)
            if k > 0 and n > _SMALL:
                break
            contenders: dict[str, Estimator] = {"paper": _paper(one)}
            if installed("shapiq"):
                contenders |= _shapiq(one)
            crossed = _first(one, lambda m, s, one=one: one.crossed(m, s, options.threads), n / 8, n_seeds)
            logs.setdefault("crossed", []).append(crossed)
            for peer, estimator in contenders.items():
                logs.setdefault(peer, []).append(_first(one, estimator, 2 * n, n_seeds))
        rows = {who: float(np.exp(np.mean(np.log(found)))) * N_BACKGROUND for who, found in logs.items()}
        best = min(rows[peer] for peer in peers if peer in rows)
        cells = []
        for who in ("crossed", *peers):
            if who not in rows:
                cells.append(NOT_INSTALLED)
            else:
                cells.append(f"{rows[who]:,.0f}" if np.isfinite(rows[who]) else "> 160 n")
        ratio = best / rows["crossed"]
        table.add(name, n, *cells, f"{three_digits(ratio)}x", verdict(ratio >= _FEWER_ROWS))
    return table


def _samples(options: Options, n_seeds: int) -> Table:
    table = Table(
        "Budgets below 2 n model rows for each background row: a sample of these rows",
        *("data set", "n", *(f"{share:.0%} of the least for all" for share in _SHARES), "geometric mean, over without"),
        note=f"""
            Mean relative squared error over {n_seeds} seeds (with the background rows drawn), and what it would be, in
            expectation and without errors from coalitions, of as many rows drawn without regard to their gaps: from
            the exact values of each row. One explained row. The least for all: 2 d model rows for each background row
            that differs in d features.
        """,
    )
    for name in NAMES:
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
            cells.append(f"{errors.mean():.2g} ({drawn.mean():.0f} rows), {without:.2g} without")
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
    empty = one.game(np.zeros((1, n), dtype=bool))[0]  # shapiq wants a game that is 0 without players

    def game(coalitions: NDArray[np.bool_]) -> Values:
        return one.game(np.atleast_2d(coalitions)) - empty

    def run(make: Callable[[int], Any]) -> Estimator:
        def estimate(budget: int, seed: int) -> Values:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of budgets that are too small for its sampler's borders
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
        )  # tiny budgets are tried on purpose
        return float(np.median([squared_error(estimator(budget, seed), one.truth) for seed in range(n_seeds)]))


def _first(one: Explained, estimator: Estimator, least: float, n_seeds: int) -> float:
    """Return the smallest budget on the grid whose median error is small enough; infinity beyond 160 n.

    Four steps at a time, then by halves: the error falls with the budget, but for the medians' noise.
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


if __name__ == "__main__":
    main(tables, __doc__)
