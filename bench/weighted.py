# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Values where players are in with a probability p other than 0.5: error beside MSR, coverage, and bias."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._errors import holds
from bench._families import FAMILIES
from bench._games import Game, all_coalitions
from bench._table import Table, error_text, verdict

_PROBABILITIES = (0.1, 0.25, 0.75, 0.9)
_PLAYERS, _BUDGETS = 16, (5, 10, 20)  # coalitions per player
_UNBIASED_PLAYERS, _UNBIASED_BUDGET = 8, 48
_WANTED_RATIO, _WANTED_COVERAGE, _MOST_ERRORS = 1 / 3, 0.93, 4.0


def tables(options: Options, n_games: int = 20, n_seeds: int = 10_000) -> Iterator[Table]:
    """Make the tables from so many games of each family, and so many seeds for the bias; 3 and 300 with --quick."""
    if options.quick:
        n_games, n_seeds = 3, 300
    yield _one_set_for_several(n_games)
    yield from _errors(n_games)
    yield _unbiased(n_seeds)


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


def _one_set_for_several(n_games: int) -> Table:
    """Say what the uniform coalitions of one estimate could tell about another p, at best."""
    n, kept = _PLAYERS, 3
    families = [family for family in FAMILIES if family != "noise"]
    table = Table(
        f"Relative squared error of values for p from interactions of at most {kept} players, {n} players",
        *("p", *families, "reweighted coalitions are worth"),
        note=f"""
            Means over {n_games} games. All coefficients of up to {kept} players are exact here, as no sample can know
            them better. Last column: the share of uniform coalitions that is left when they are weighted for p,
            (1 + (2 p - 1)^2)^-n.
        """,
    )
    sets = np.arange(2**n)
    sizes = all_coalitions(n).sum(axis=1)
    for p in _PROBABILITIES:
        scale = 2 * (-1.0) ** sizes * np.where(sizes > 0, (2 * p - 1) ** np.maximum(sizes - 1, 0), 0)
        cells = []
        for family in families:
            errors = []
            for seed in range(n_games):
                _, worths = _game(family, n, seed)
                assert worths is not None
                terms = scale * banzhaf.walsh_hadamard(worths)
                left = np.where(sizes > kept, terms, 0)
                missed, whole = (np.array([some[sets >> i & 1 == 1].sum() for i in range(n)]) for some in (left, terms))
                errors.append(float((missed**2).sum() / (whole**2).sum()))
            cells.append(error_text(float(np.mean(errors))))
        table.add(p, *cells, f"{(1 + (2 * p - 1) ** 2) ** -n:.1g}")
    return table


def _unbiased(n_seeds: int) -> Table:
    n, budget = _UNBIASED_PLAYERS, _UNBIASED_BUDGET
    table = Table(
        f"Mean of the estimates less the true values, {n} players, {budget} coalitions",
        *(
            "p",
            "interactions",
            "game",
            "largest deviation, in standard errors",
            f"< {_MOST_ERRORS:.0f}",
            "relative error",
        ),
        note=f"""
            Deviation: the largest over the players of |mean over {n_seeds} seeds - true value| / (standard deviation
            over the seeds / sqrt(seeds)). Relative error: the mean over the seeds of the squared error divided by the
            sum of the squared values.
        """,
    )
    for p in _PROBABILITIES:
        for interactions in ("none", "auto"):
            for family in FAMILIES:
                game, worths = _game(family, n, 1)
                truth = _truth(worths, n, p)
                runs = np.array(
                    [
                        banzhaf.estimate(
                            game,
                            n,
                            budget=budget,
                            p=p,
                            interactions=interactions,
                            noisy=worths is None,
                            standard_errors=False,
                            num_threads=1,
                            random_state=seed,
                        ).values
                        for seed in range(n_seeds)
                    ]
                )
                spread = runs.std(axis=0, ddof=1) / np.sqrt(n_seeds)
                floor = 1e-12 + 1e-9 * np.abs(truth).max()
                worst = float((np.abs(runs.mean(axis=0) - truth) / np.maximum(spread, floor)).max())
                error = ((runs - truth) ** 2).sum(axis=1).mean() / ((truth**2).sum() or 1.0)
                table.add(
                    p, interactions, family, f"{worst:.2f}", verdict(worst < _MOST_ERRORS), error_text(float(error))
                )
    return table


if __name__ == "__main__":
    main(tables, __doc__)
