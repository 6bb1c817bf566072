# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Values where players are in with a probability p other than 0.5: error beside MSR, coverage, and bias."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Unavailable, environment, parser
from bench._datasets import NAMES, boost, load
from bench._errors import holds
from bench._families import FAMILIES
from bench._games import Game, TreeGame, all_coalitions, squared_error
from bench._table import Table, error_text, verdict
from bench._timing import pinned
from bench._tree_truth import Paths

_PROBABILITIES = (0.1, 0.25, 0.75, 0.9)
_PLAYERS, _BUDGETS = 16, (5, 10, 20)  # coalitions per player
_BUDGETS_OF_SEVERAL = (20, 50)
_UNBIASED_PLAYERS, _UNBIASED_BUDGET = 8, 48
_WANTED_RATIO, _WANTED_COVERAGE, _MOST_ERRORS = 1 / 3, 0.93, 4.0


def _game(family: str, n_players: int, seed: int) -> tuple[Game, NDArray[np.float64] | None]:
    """Make a game and its table of worths. Noise has no table."""
    game = FAMILIES[family](n_players, np.random.default_rng([seed, n_players]))
    if family == "noise":
        return game, None
    worths = game(all_coalitions(n_players))
    weights = 1 << np.arange(n_players)
    return lambda coalitions: worths[coalitions @ weights], worths


def _truth(worths: NDArray[np.float64] | None, n_players: int, p: float) -> NDArray[np.float64]:
    return np.zeros(n_players) if worths is None else banzhaf.exact(worths, n_players, p=p).values


def _expected_of_msr(worths: NDArray[np.float64] | None, n_players: int, budget: int, p: float) -> float:
    """Compute the expected sum of squared errors of MSR, given that each player is in some coalitions and not in all.

    A value is the mean worth of the coalitions with the player less that of the others. Both are independent means.
    """
    counts = np.arange(1, budget)
    choices = np.array([math.lgamma(budget + 1) - math.lgamma(k + 1) - math.lgamma(budget - k + 1) for k in counts])
    chances = np.exp(choices + counts * math.log(p) + (budget - counts) * math.log(1 - p))
    chances /= chances.sum()
    shares = float(chances @ (1 / counts)), float(chances @ (1 / (budget - counts)))
    if worths is None:
        return n_players * sum(shares)
    coalitions = all_coalitions(n_players)
    sizes = coalitions.sum(axis=1)
    weights = p**sizes * (1 - p) ** (n_players - sizes)
    total = 0.0
    for player in coalitions.T:
        for chosen, share in zip((player, ~player), shares, strict=True):
            own = weights[chosen] / weights[chosen].sum()
            total += share * float(own @ (worths[chosen] - own @ worths[chosen]) ** 2)
    return total


def _geometric_mean(ratios: Iterable[float]) -> float:
    return float(np.exp(np.mean(np.log(np.maximum(list(ratios), 1e-6)))))


def _errors(n_games: int) -> Iterator[Table]:
    n = _PLAYERS
    errors = Table(
        f"Squared error of estimate divided by that of MSR, {n} players",
        *("p", "m", *FAMILIES, "geometric mean", f"<= {_WANTED_RATIO:.2f}", "with MSR's error in one run"),
        note=f"""
            Means over {n_games} games of each family of the squared error divided by the sum of the squared values
            (for noise: the squared error). MSR takes coalitions in which each player is in with probability p,
            independently. Its expected error is computed, since few runs do not show it: most of it comes from rare
            coalitions, such as votes that are won. The last column has its errors in one run of each game instead.
            estimate has interactions="auto", and noisy=True for noise.
        """,
    )
    coverage = Table(
        f"Share of 95 % intervals that contain the true value, {n} players",
        *("p", "m", *FAMILIES, "mean", f">= {_WANTED_COVERAGE}"),
        note="""
            The runs of the table above, but for those in which all worths were equal, which show no error. "no event":
            those are all.
        """,
    )
    everything: list[list[float]] = []
    in_one_run: list[float] = []
    for p in _PROBABILITIES:
        for times in _BUDGETS:
            budget, ratios, seen, cells, held = times * n, [], [], [], []
            for family in FAMILIES:
                ours, theirs, expected, inside = [], [], [], []
                for seed in range(n_games):
                    game, worths = _game(family, n, seed)
                    truth = _truth(worths, n, p)
                    scale = (truth**2).sum() or 1.0
                    found = banzhaf.estimate(
                        game,
                        n,
                        budget=budget,
                        p=p,
                        interactions="auto",
                        noisy=worths is None,
                        random_state=seed,
                    )
                    peer = banzhaf.msr(game, n, budget=budget, p=p, random_state=seed)
                    ours.append(((found.values - truth) ** 2).sum() / scale)
                    theirs.append(np.nansum((peer.values - truth) ** 2) / scale)
                    expected.append(_expected_of_msr(worths, n, budget, p) / scale)
                    assert found.evaluations is not None
                    if np.ptp(found.evaluations.worths) > 0:
                        inside.append(holds(found.intervals(), truth))
                ratio = float(np.mean(ours) / np.mean(expected))
                seen.append(float(np.mean(ours) / np.mean(theirs)))
                ratios.append(ratio)
                cells.append("exact" if ratio < 1e-20 else f"{ratio:.2f}")
                held.append(float(np.mean(inside)) if inside else np.nan)
            everything.append(ratios)
            in_one_run.extend(seen)
            mean, once = _geometric_mean(ratios), _geometric_mean(seen)
            errors.add(p, f"{times} n", *cells, f"{mean:.2f}", verdict(mean <= _WANTED_RATIO), f"{once:.2f}")
            shown = ["no event" if np.isnan(share) else f"{share:.3f}" for share in held]
            whole = float(np.nanmean(held))
            coverage.add(p, f"{times} n", *shown, f"{whole:.3f}", verdict(whole >= _WANTED_COVERAGE))
    by_family = [f"{_geometric_mean(column):.2f}" for column in zip(*everything, strict=True)]
    whole = _geometric_mean(np.ravel(everything).tolist())
    once = _geometric_mean(in_one_run)
    errors.add("all", "", *by_family, f"{whole:.2f}", verdict(whole <= _WANTED_RATIO), f"{once:.2f}")
    yield errors
    yield coverage


def _one_set_for_several(n_games: int) -> Iterator[Table]:
    """Compare values for several p from one estimate at p = 0.5 with estimates at each p."""
    n = _PLAYERS
    families = [family for family in FAMILIES if family != "noise"]
    relative = Table(
        f"Values for several p from one estimate at p = 0.5: squared error, {n} players",
        *("p", "m", *families, "÷ own with m", "÷ own with m / 5"),
        note=f"""
            Means over {n_games} games of the squared error divided by the sum of the squared values, of
            estimate(..., design="fresh", shapley=True).at_p(p). In brackets: the share of games for which at_p refuses,
            which are left out. The last columns are geometric means over the games that are not refused, divided by the
            errors of estimate(..., p=p) with as many evaluations for this p alone, and with a fifth of them.
        """,
    )
    coverage = Table(
        f"Values for several p from one estimate at p = 0.5: share of 95 % intervals that hold, {n} players",
        *("p", "m", *families, "mean", f">= {_WANTED_COVERAGE}"),
    )
    for times in _BUDGETS_OF_SEVERAL:
        budget = times * n
        results: dict[tuple[str, float], list[tuple[float, float, float, float] | None]] = {}
        for family in families:
            for seed in range(n_games):
                game, worths = _game(family, n, seed)
                whole = banzhaf.estimate(game, n, budget=budget, design="fresh", shapley=True, random_state=seed)
                for p in _PROBABILITIES:
                    results.setdefault((family, p), []).append(_one_of_several(whole, game, worths, budget, p, seed))
        for p in _PROBABILITIES:
            cells, held, all_found = [], [], []
            for family in families:
                found = [each for each in results[family, p] if each is not None]
                refused = 1 - len(found) / n_games
                error = error_text(float(np.mean([each[0] for each in found]))) if found else ""
                cells.append(f"{error} ({refused:.0%})".strip() if refused else error)
                held.append(float(np.mean([each[1] for each in found])) if found else np.nan)
                all_found += found
            ratios = [_geometric_mean(each[0] / each[k] for each in all_found) for k in (2, 3)]
            relative.add(p, f"{times} n", *cells, *(f"{ratio:.2f}" for ratio in ratios))
            whole_share = float(np.nanmean(held))
            shown = ["refused" if np.isnan(share) else f"{share:.3f}" for share in held]
            coverage.add(p, f"{times} n", *shown, f"{whole_share:.3f}", verdict(whole_share >= _WANTED_COVERAGE))
    yield relative
    yield coverage


def _one_of_several(
    whole: banzhaf.BanzhafValues, game: Game, worths: NDArray[np.float64] | None, budget: int, p: float, seed: int
) -> tuple[float, float, float, float] | None:
    """Return the error and the coverage of at_p, and the errors of two estimates at p; None if at_p refuses."""
    truth = _truth(worths, len(whole), p)
    scale = float((truth**2).sum())
    try:
        found = whole.at_p(p)
    except ValueError:
        return None
    own = [banzhaf.estimate(game, len(whole), budget=m, p=p, random_state=seed) for m in (budget, budget // 5)]
    floor = 1e-21  # of rounding, which counts as exact
    errors = [max(floor, float(((each.values - truth) ** 2).sum()) / scale) for each in (found, *own)]
    return errors[0], float(np.mean(holds(found.intervals(), truth))), errors[1], errors[2]


def _models(options: argparse.Namespace) -> Iterator[Table]:
    """Compare values for several p from one estimate with estimates at each p, on models of data sets."""
    table = Table(
        "Values for several p from one estimate at p = 0.5: set functions of XGBoost models",
        *("data set", "n", "m", "p", "at_p", "own with m", "own with m / 4", "95 % intervals that hold"),
        note="""
            The games are those of the paper's data sets: XGBoost with 100 trees of depth 6, masked by 50 background
            rows. The squared errors are divided by the sum of the squared values, which TreeExplainer(..., p=p) gives
            exactly. at_p is estimate(..., design="fresh", shapley=True).at_p(p), with m evaluations for all four p. The
            others are estimate(..., p=p) with as many for each p, and with a quarter of them.
        """,
    )
    for name in options.sets:
        data = load(name, options.data)
        booster = boost(data, threads=options.threads, n_trees=100)
        row, n = data.explicands[:1], data.n_features
        game = TreeGame(Paths(booster).terms(row[0], data.background))
        for times in _BUDGETS_OF_SEVERAL:
            m = times * n
            if m >= 2**n:
                continue
            settings: dict[str, Any] = {"num_threads": options.threads, "random_state": 0}
            whole = banzhaf.estimate(game, n, budget=m, design="fresh", shapley=True, **settings)
            for p in _PROBABILITIES:
                truth = banzhaf.TreeExplainer(booster, data.background, p=p)(row).values.reshape(n, -1)[:, 0]
                own = [banzhaf.estimate(game, n, budget=k, p=p, **settings) for k in (m, m // 4)]
                errors = [error_text(squared_error(each.values, truth)) for each in own]
                try:
                    found = whole.at_p(p)
                    share = f"{np.mean(holds(found.intervals(), truth, 1e-6)):.1%}"  # float32 in the model
                    table.add(name, n, f"{times} n", p, error_text(squared_error(found.values, truth)), *errors, share)
                except ValueError:
                    table.add(name, n, f"{times} n", p, "refused", *errors, "")
    yield table


def _unbiased(n_seeds: int) -> Table:
    n, budget = _UNBIASED_PLAYERS, _UNBIASED_BUDGET
    table = Table(
        f"Mean of the estimates less the true values, {n} players, {budget} coalitions",
        *("p", "interactions", *FAMILIES, f"largest < {_MOST_ERRORS:.0f}"),
        note=f"""
            The largest over the players of |mean over {n_seeds} seeds - true value| / (standard deviation over the
            seeds / sqrt(seeds)). The families without noise are outputs of one game, so that each seed takes one call
            for all of them. Every output has the bits of a call of its own. Noise has its own calls, with noisy=True.
        """,
    )
    known = [family for family in FAMILIES if family != "noise"]
    worths = np.column_stack([_table_of(family, n, 1) for family in known])
    weights = 1 << np.arange(n)
    for p in _PROBABILITIES:
        for interactions in ("none", "auto"):

            def runs(game: Game, noisy: bool, p: float = p, interactions: str = interactions) -> NDArray[np.float64]:
                found = [
                    banzhaf.estimate(
                        game,
                        n,
                        budget=budget,
                        p=p,
                        interactions=interactions,
                        noisy=noisy,
                        standard_errors=False,
                        num_threads=1,
                        random_state=seed,
                    ).values
                    for seed in range(n_seeds)
                ]
                return np.array(found)

            together = runs(lambda coalitions: worths[coalitions @ weights], False)
            worst = {
                family: _deviation(together[:, :, k], _truth(worths[:, k], n, p)) for k, family in enumerate(known)
            }
            worst["noise"] = _deviation(runs(_game("noise", n, 1)[0], True), np.zeros(n))
            cells = [f"{worst[family]:.2f}" for family in FAMILIES]
            table.add(p, interactions, *cells, verdict(max(worst.values()) < _MOST_ERRORS))
    return table


def _table_of(family: str, n_players: int, seed: int) -> NDArray[np.float64]:
    worths = _game(family, n_players, seed)[1]
    assert worths is not None
    return worths


def _deviation(runs: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Return the largest difference of a mean over runs from the truth, in standard errors of the mean."""
    spread = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
    floor = 1e-12 + 1e-9 * np.abs(truth).max()
    return float((np.abs(runs.mean(axis=0) - truth) / np.maximum(spread, floor)).max())


def main() -> None:
    """Print the tables that the command line asks for."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--parts", nargs="+", choices=list(_PARTS), default=list(_PARTS), help="tables to print")
    arguments.add_argument("--games", type=int, default=0, help="games of each family; 0 means 20, or 3 with --quick")
    arguments.add_argument(
        "--seeds", type=int, default=0, help="seeds of the bias; 0 means 10,000, or 300 with --quick"
    )
    arguments.add_argument("--sets", nargs="+", choices=NAMES, default=list(NAMES), help="data sets of the models")
    chosen = arguments.parse_args()
    chosen.games = chosen.games or (3 if chosen.quick else 20)
    chosen.seeds = chosen.seeds or (300 if chosen.quick else 10_000)
    with pinned(chosen.threads):
        for part in chosen.parts:
            try:
                for table in _PARTS[part](chosen):
                    print(table, environment(chosen.threads), sep="\n\n", end="\n\n", flush=True)
            except Unavailable as missing:
                sys.exit(f"{arguments.prog}: {missing}")


_PARTS: dict[str, Callable[[argparse.Namespace], Iterator[Table]]] = {
    "several": lambda options: _one_set_for_several(options.games),
    "errors": lambda options: _errors(options.games),
    "bias": lambda options: iter([_unbiased(options.seeds)]),
    "models": _models,
}


if __name__ == "__main__":
    main()
