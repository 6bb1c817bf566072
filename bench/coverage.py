# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Measure how often 95 % intervals contain the true value, for every design and games of many kinds.

"interactions" stands for estimates with interactions taken out of the error.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._errors import holds
from bench._families import FAMILIES, Monomials, games
from bench._table import Table, verdict

DESIGNS: dict[str, Callable[..., banzhaf.BanzhafValues]] = {
    "hadamard": partial(banzhaf.estimate, design="hadamard", interactions="none"),
    "hadamard, interactions": partial(banzhaf.estimate, design="hadamard", interactions="auto"),
    "paired, interactions": partial(banzhaf.estimate, design="paired", interactions="auto"),
    "paired": partial(banzhaf.estimate, design="paired", interactions="none"),
    "independent": partial(banzhaf.estimate, design="independent"),
    "monte_carlo": banzhaf.monte_carlo,
    "msr": banzhaf.msr,
}
_BUDGETS = (2.2, 3, 5, 10, 20)  # coalitions per player
_SIZES = {8: 500, 16: 500, 20: 500, 30: 500, 64: 200, 100: 200, 241: 40}  # players, and games of each family
_LEAST, _MOST = 0.93, 0.99


def tables(options: Options) -> Iterator[Table]:
    sizes = {8: 60, 16: 60} if options.quick else _SIZES
    budgets = _BUDGETS[1::2] if options.quick else _BUDGETS
    for design in DESIGNS:
        table = Table(
            f"Coverage of 95 % intervals, {design}",
            *("n", "m", "lowest coverage", "family", "its lowest player", "highest coverage", "family"),
            *(f">= {_LEAST:.0%}", f"<= {_MOST:.0%}", "families below", "equal worths"),
            note=f"""
                There are {", ".join(map(str, sizes.values()))} games of each of {len(FAMILIES)} families for the sizes
                {", ".join(map(str, sizes))}, each with its own seed. Coverage is the share of intervals that contain
                the true value, over all players and games of a family. With 500 games, its standard error is about
                {np.sqrt(0.05 * 0.95 / 500):.1%} if the players of a game err together. "lowest" and "highest" are over
                the families. "families below" lists those whose coverage is below {_LEAST:.0%}.
                "equal worths" is the largest share, over the families, of games that had the same worth at every
                evaluated coalition. Nothing can be known about the errors of such a game. It counts as not covered
                unless its values are 0. Near a complete nested design, the Hadamard design may cover more: see the
                theory page.
            """,
        )
        for n, n_seeds in sizes.items():
            for m in [round(per_player * n) for per_player in budgets]:
                shares = {name: coverage(design, name, n, m, n_seeds) for name in FAMILIES}
                known = {name: share for name, share in shares.items() if np.isfinite(share[0]).all()}
                if not known:
                    table.add(n, m, "too few", *[""] * 8)
                    continue
                means = {name: float(share[0].mean()) for name, share in known.items()}
                worst, best = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
                low = [f"{name} {mean:.1%}" for name, mean in means.items() if mean < _LEAST]
                alike = max(share[1] for share in known.values())
                table.add(
                    *(n, m, f"{means[worst]:.1%}", worst, f"{known[worst][0].min():.1%}", f"{means[best]:.1%}", best),
                    *(verdict(means[worst] >= _LEAST), verdict(means[best] <= _MOST), ", ".join(low), f"{alike:.0%}"),
                )
        yield table
    yield from _of_explanations(*((8, 30), 40) if options.quick else ((8, 16, 30, 64, 100), 300))
    yield _of_products(*((12, 20), (1,), 10) if options.quick else ((12, 16, 20, 40, 101), (1, 5, 20), 40))


def _of_products(sizes: tuple[int, ...], backgrounds: tuple[int, ...], n_seeds: int) -> Table:
    table = Table(
        'Coverage of 95 % intervals, interactions="auto", products of five features',
        *("n", "background rows", "evaluations ÷ (n x background rows)", "products of five", "of one to five"),
        f"both >= {_LEAST:.0%}",
        note=f"""
            There are {n_seeds} models, each with a row to explain and background rows that are nearly its opposite.
            Such a product then causes interactions of as many features as it has, and hardly others. A model has n
            terms of one feature, and 3 n products of five; or n products each of one to four features, and 2 n of five.
        """,
    )
    for n, n_background, per_player in itertools.product(sizes, backgrounds, (10, 20, 30, 60)):
        shares = [
            np.mean([_held_of_products(n, n_background, per_player, counts, seed) for seed in range(n_seeds)])
            for counts in ({1: n, 5: 3 * n}, {1: n, 2: n, 3: n, 4: n, 5: 2 * n})
        ]
        table.add(*(n, n_background, per_player, *(f"{share:.1%}" for share in shares)), verdict(min(shares) >= _LEAST))
    return table


def _held_of_products(n: int, n_background: int, per_player: float, counts: dict[int, int], seed: int) -> float:
    """Return the share of the features whose interval holds the exact value."""
    rng = np.random.default_rng([seed, n, n_background])
    sets = [rng.choice(n, size, replace=False) for size, count in counts.items() for _ in range(count)]
    model, explicand = Monomials(sets, rng.normal(size=len(sets))), rng.choice([-1.0, 1.0], n)
    background = -explicand * np.exp(0.2 * rng.normal(size=(n_background, n)))
    explainer = banzhaf.Explainer(
        model,
        background,
        budget=round(per_player * n * n_background),
        interactions="auto",
        random_state=seed,
        num_threads=1,
    )
    bounds = explainer(explicand[np.newaxis]).intervals()[0]
    return float(holds(bounds, model.banzhaf_values(explicand, background)).mean())


def _of_explanations(sizes: tuple[int, ...], n_seeds: int) -> Iterator[Table]:
    for interactions in ("none", "auto"):
        table = Table(
            f'Coverage of 95 % intervals, one design per background row, interactions="{interactions}"',
            *("n", "model", "evaluations ÷ (n x background rows)", "values", "lowest feature", "no interval"),
            *("interactions of pairs", f"both >= {_LEAST:.0%}", f"values <= {_MOST:.0%}"),
            note=f"""
                There are {n_seeds} models, each with its own row to explain and its own 20 background rows. A model is
                a sum of random products of up to 3 or 5 cells. Its exact values and interactions have a closed form.
                The intervals contain the sampling error of the coalitions only. "no interval" is the share of
                intervals of values that are NaN. With 8 and 16 features, 10 n is more than half of the complete
                nested design.
            """,
        )
        for n in sizes:
            for order in (3, 5):
                for per_player in (2.2, 3, 5, 10, 20):
                    values, pairs = _held_of_explanations(n, order, per_player, n_seeds, interactions)
                    told = ~np.isnan(values)
                    row = (n, f"order {order}", per_player)
                    if not told.any():
                        table.add(*row, "", "", "100%", "", "too few", "")
                        continue
                    mean, least = float(values[told].mean()), float(np.nanmean(values, axis=0).min())
                    of_pairs = float(np.nanmean(pairs))
                    table.add(
                        *(*row, f"{mean:.1%}", f"{least:.1%}", f"{1 - told.mean():.0%}", f"{of_pairs:.1%}"),
                        *(verdict(min(mean, of_pairs) >= _LEAST), verdict(mean <= _MOST)),
                    )
        yield table


def _held_of_explanations(
    n: int, order: int, per_player: float, n_seeds: int, interactions: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Say of each value, and of each interaction of a pair, whether its interval holds it; NaN without an interval."""
    values, pairs = np.full((n_seeds, n), np.nan), np.full((n_seeds, n * (n - 1) // 2), np.nan)
    for seed in range(n_seeds):
        rng = np.random.default_rng([seed, n, order])
        model = Monomials.random(n, order, rng)
        background, explicand = rng.normal(size=(20, n)), rng.normal(size=n)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", banzhaf.BudgetWarning)
            explainer = banzhaf.Explainer(
                model,
                background,
                budget=round(per_player * n * 20),
                interactions=interactions,
                random_state=seed,
                num_threads=1,
            )
            found = explainer(explicand[np.newaxis])
        values[seed] = _told(found.intervals()[0], model.banzhaf_values(explicand, background))
        pairs[seed] = _told(found.interactions().row(0).intervals(), model.interactions(explicand, background))
    return values, pairs


def _told(intervals: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isnan(intervals[:, 0]), np.nan, holds(intervals, truth))


def coverage(
    design: str, family: str, n_players: int, budget: int, n_seeds: int, **options: Any
) -> tuple[NDArray[np.float64], float]:
    """Return the coverage of each player (NaN without intervals), and the share of games with equal worths."""
    held, alike = [], 0
    for seed, game in enumerate(games(family, n_players, n_seeds)):
        seen: list[NDArray[np.float64]] = []

        def called(coalitions: NDArray[np.bool_], game: Any = game, seen: list[Any] = seen) -> NDArray[np.float64]:
            seen.append(game(coalitions))
            return seen[-1]

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", banzhaf.RankWarning)
            found = DESIGNS[design](called, n_players, budget=budget, random_state=seed, num_threads=1, **options)
        bounds = found.intervals()
        rounding = 1e-9 * max(1e-9, float(np.abs(game.values).max()))
        inside = (bounds[:, 0] - rounding <= game.values) & (game.values <= bounds[:, 1] + rounding)
        held.append(np.where(np.isnan(bounds[:, 0]), np.nan, inside))
        worths = np.concatenate(seen)
        alike += bool((worths == worths[0]).all())
    told = [row for row in held if not np.isnan(row).any()]  # a few random pairs may not determine all values
    return (np.mean(told, axis=0) if len(told) > n_seeds / 2 else np.full(n_players, np.nan)), alike / n_seeds


if __name__ == "__main__":
    main(tables, __doc__)
