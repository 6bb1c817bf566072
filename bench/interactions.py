# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare the interactions of pairs with shapiq's, and count how often their intervals cover."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._datasets import NAMES, boost, load
from bench._errors import holds
from bench._families import FAMILIES, games
from bench._games import TreeGame, squared_error
from bench._table import NOT_INSTALLED, Table, three_digits, verdict
from bench._timing import installed
from bench._tree_truth import Paths

_PER_PLAYER = (20, 50, 100)
_LOWEST, _WITHIN, _COVERED = 0.9, 1.2, 0.93
_MOST_REGRESSION = 110  # players, because shapiq's regression needs all columns at once
_LEVEL = 0.95

Floats = NDArray[np.float64]
# Takes the game, the number of players, the budget and a seed. Returns the indices of all pairs in lexicographic order.
Contender = Callable[[TreeGame, int, int, int], Floats]


@dataclass(frozen=True)
class _Peer:
    """One of shapiq's estimators of interactions of two players."""

    label: str
    kind: str
    settings: dict[str, object]
    most_players: int = 1 << 20

    def __call__(self, game: TreeGame, n: int, budget: int, seed: int) -> Floats:
        import shapiq.approximator as peers

        made = getattr(peers, self.kind)(n=n, max_order=2, random_state=seed, **self.settings)
        found = made.approximate(budget=budget, game=game)
        places = {pair: place for place, pair in enumerate(itertools.combinations(range(n), 2))}
        values = np.zeros(len(places))
        for players, place in found.interaction_lookup.items():
            if len(players) == 2:
                values[places[tuple(sorted(players))]] = found.values[place]
        return values


_PEERS = (
    _Peer("RegressionFBII, pairs", "RegressionFBII", {"pairing_trick": True}, _MOST_REGRESSION),
    _Peer("ProxySHAP", "ProxySHAP", {"index": "BII"}),
    _Peer("ProxySPEX", "ProxySPEX", {"index": "FBII", "hpo": False}),
    _Peer("SPEX", "SPEX", {"index": "FBII"}),
)


def tables(options: Options) -> Iterator[Table]:
    yield _errors(options, 1 if options.quick else 3)
    yield _coverage(2 if options.quick else 6)


def _ours(game: TreeGame, n: int, budget: int, seed: int) -> banzhaf.Interactions:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return banzhaf.estimate(game, n, budget=budget, interactions="auto", random_state=seed).interactions()


def _errors(options: Options, n_seeds: int) -> Table:
    peers = [peer for peer in _PEERS if installed("shapiq")]
    table = Table(
        "Interactions of two players: relative squared error over all pairs",
        *("data set", "n", "budget", "banzhaf", *(peer.label for peer in _PEERS), "best of these ÷ banzhaf", "covered"),
        note=f"""
            The games are those of the paper's eight data sets: XGBoost with 100 trees of depth 6, masked by 50
            background rows. The exact indices have a closed form. Each cell is the median over {n_seeds} seeds.
            `banzhaf` calls `estimate(..., interactions="auto").interactions()`. The peers have the same number of
            evaluations and their defaults, with pairs in the regression and without a parameter search in ProxySPEX.
            The regression is left out above {_MOST_REGRESSION} players. "covered" is the share of pairs whose 95 %
            interval covers the exact index. The targets are the lowest error in {_LOWEST:.0%} of the rows, within
            {_WITHIN} times of the best elsewhere, and {_COVERED:.0%} covered in every row.
        """,
    )
    ratios, shares = [], []
    for name in NAMES:
        data = load(name, options.data)
        terms = Paths(boost(data, threads=options.threads)).terms(data.explicands[0], data.background)
        game, n = TreeGame(terms), data.n_features
        truth = terms.interactions()
        for per_player in _PER_PLAYER:
            budget = per_player * n
            if budget >= 2**n:
                continue
            ours, covered = [], []
            for seed in range(n_seeds):
                found = _ours(game, n, budget, seed)
                ours.append(squared_error(found.values, truth))
                covered.append(_covered(found, truth))
            medians = []
            for peer in _PEERS:
                if peer not in peers or n > peer.most_players:
                    medians.append(math.nan)
                    continue
                errors = []
                for seed in range(n_seeds):
                    try:
                        errors.append(squared_error(peer(game, n, budget, seed), truth))
                    except Exception:  # a peer's failure is a result
                        errors.append(math.nan)
                medians.append(float(np.median(errors)))
            best = np.nanmin(medians) if np.isfinite(medians).any() else math.nan
            ratios.append(best / float(np.median(ours)))
            shares.append(float(np.mean(covered)))
            cells = [three_digits(each) if math.isfinite(each) else "" for each in medians]
            table.add(
                *(name, n, f"{per_player} n", three_digits(float(np.median(ours)))),
                *(cells if peers else [NOT_INSTALLED] * len(_PEERS)),
                *(three_digits(ratios[-1]) if peers else "", f"{shares[-1]:.1%}"),
            )
    if peers:
        lowest = float(np.mean(np.array(ratios) >= 1))
        met = lowest >= _LOWEST and min(ratios) >= 1 / _WITHIN
        table.add(*("lowest", "", "", f"{lowest:.0%}"), *[""] * len(_PEERS), verdict(met), "")
    table.add(*("least covered", "", "", ""), *[""] * len(_PEERS), "", verdict(min(shares) >= _COVERED))
    return table


def _coverage(n_games: int) -> Table:
    n = 14
    budgets = (10 * n, 20 * n, 50 * n, 200 * n)
    designs = ("fresh", "nested", "paired")
    columns = [(design, budget) for design in designs for budget in budgets]
    table = Table(
        f"How often 95 % intervals of the interactions of two players cover, {n} players",
        *("games", *(f"{design}, {budget}" for design, budget in columns), "all"),
        note=f"""
            Each cell is the share of all pairs of {n_games} games whose interval covers the exact index. The columns
            name the design and the number of evaluations. The exact indices come from all 2^{n} worths. A game of noise
            has indices 0. The target is {_COVERED:.0%} in the last column.
        """,
    )
    for family in FAMILIES:
        shares = [float(np.mean(coverage_of(family, n, *column, n_games))) for column in columns]
        met = float(np.mean(shares)) >= _COVERED
        table.add(family, *(f"{share:.1%}" for share in shares), f"{np.mean(shares):.1%} {verdict(met)}")
    return table


def coverage_of(family: str, n_players: int, design: str, budget: int, n_games: int) -> list[float]:
    """Return the share of pairs whose interval covers the exact index, for each of some games of a family."""
    everything = banzhaf.sample_coalitions(n_players, 2**n_players, design="exhaustive")
    shares = []
    for seed, game in enumerate(games(family, n_players, n_games)):
        noisy = family == "noise"
        if noisy:
            truth = np.zeros(n_players * (n_players - 1) // 2)
        else:
            truth = banzhaf.exact(game(everything), n_players).interactions().values
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = banzhaf.estimate(game, n_players, budget=budget, design=design, noisy=noisy, random_state=seed)
        shares.append(_covered(values.interactions(), truth))
    return shares


def _covered(found: banzhaf.Interactions, truth: Floats) -> float:
    return float(np.mean(holds(found.intervals(_LEVEL), truth, 1e-12)))


if __name__ == "__main__":
    main(tables, __doc__)
