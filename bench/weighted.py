# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Values where players are in with a probability p other than 0.5: error beside MSR, coverage, and bias."""

from __future__ import annotations

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


def tables(options: Options) -> Iterator[Table]:
    yield from _errors(3 if options.quick else 20)
    yield _unbiased(300 if options.quick else 10_000)


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


def _geometric_mean(ratios: Iterable[float]) -> float:
    return float(np.exp(np.mean(np.log(np.maximum(list(ratios), 1e-6)))))


def _errors(n_games: int) -> Iterator[Table]:
    n = _PLAYERS
    errors = Table(
        f"Squared error of estimate divided by that of MSR, {n} players",
        *("p", "m", *FAMILIES, "geometric mean", f"<= {_WANTED_RATIO:.2f}"),
        note=f"""
            Means over {n_games} games of each family of the squared error divided by the sum of the squared values
            (for noise: the squared error). MSR takes coalitions in which each player is in with probability p,
            independently. estimate has interactions="auto", and noisy=True for noise.
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
    for p in _PROBABILITIES:
        for times in _BUDGETS:
            budget, ratios, cells, held = times * n, [], [], []
            for family in FAMILIES:
                ours, theirs, inside = [], [], []
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
                    assert found.evaluations is not None
                    if np.ptp(found.evaluations.worths) > 0:
                        inside.append(holds(found.intervals(), truth))
                ratio = float(np.mean(ours) / np.mean(theirs))
                ratios.append(ratio)
                cells.append("exact" if ratio < 1e-20 else f"{ratio:.2f}")
                held.append(float(np.mean(inside)) if inside else np.nan)
            everything.append(ratios)
            mean = _geometric_mean(ratios)
            errors.add(p, f"{times} n", *cells, f"{mean:.2f}", verdict(mean <= _WANTED_RATIO))
            shown = ["no event" if np.isnan(share) else f"{share:.3f}" for share in held]
            whole = float(np.nanmean(held))
            coverage.add(p, f"{times} n", *shown, f"{whole:.3f}", verdict(whole >= _WANTED_COVERAGE))
    by_family = [f"{_geometric_mean(column):.2f}" for column in zip(*everything, strict=True)]
    whole = _geometric_mean(np.ravel(everything).tolist())
    errors.add("all", "", *by_family, f"{whole:.2f}", verdict(whole <= _WANTED_RATIO))
    yield errors
    yield coverage


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
