# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare the interactions of pairs with shapiq's, and count how often their intervals cover."""

from __future__ import annotations

import itertools
import math
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Unavailable, environment, parser
from bench._datasets import NAMES, boost, load
from bench._errors import holds
from bench._families import FAMILIES, games
from bench._games import TreeGame, squared_error
from bench._table import NOT_INSTALLED, Table, error_text, three_digits, verdict
from bench._timing import installed, pinned
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


def _ours(game: TreeGame, n: int, budget: int, seed: int) -> banzhaf.Interactions:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return banzhaf.estimate(game, n, budget=budget, interactions="auto", random_state=seed).interactions()


def errors(sets: list[str], folder: Path, threads: int, n_seeds: int, seconds: float) -> Iterator[Table]:
    """Compare the errors at equal numbers of evaluations, one table for each data set, and then the targets."""
    ratios: list[float] = []
    shares: list[float] = []
    for name in sets:
        yield _errors_of(name, folder, threads, n_seeds, seconds, ratios, shares)
    table = Table(
        "Interactions of two players: summary",
        *("rows", "lowest", "least of best ÷ banzhaf", "geometric mean of it", "least covered", "targets met"),
        note=f"""
            The targets are the lowest error in {_LOWEST:.0%} of the rows, within {_WITHIN} times of the best elsewhere,
            and {_COVERED:.0%} covered in every row.
        """,
    )
    compared = np.array([ratio for ratio in ratios if math.isfinite(ratio)])
    if compared.size:
        lowest = float(np.mean(compared >= 1))
        met = lowest >= _LOWEST and compared.min() >= 1 / _WITHIN and min(shares) >= _COVERED
        mean = float(np.exp(np.log(compared).mean()))
        cells = f"{lowest:.0%}", three_digits(float(compared.min())), three_digits(mean)
        table.add(compared.size, *cells, f"{min(shares):.1%}", verdict(met))
        yield table


def _errors_of(
    name: str, folder: Path, threads: int, n_seeds: int, seconds: float, ratios: list[float], shares: list[float]
) -> Table:
    table = Table(
        f"Interactions of two players: relative squared error over all pairs, {name}",
        *("n", "budget", "banzhaf", *(peer.label for peer in _PEERS), "best of these ÷ banzhaf", "covered"),
        note=f"""
            The game is that of the paper's data set: XGBoost with 100 trees of depth 6, masked by 50 background rows.
            The exact indices have a closed form. Each cell is the median over {n_seeds} seeds. `banzhaf` calls
            `estimate(..., interactions="auto").interactions()`. The peers have the same number of evaluations and their
            defaults, with pairs in the regression and without a parameter search in ProxySPEX. The regression is left
            out above {_MOST_REGRESSION} players. "> {seconds:g} s": a run was stopped after this much processor time,
            and the peer left out at larger budgets. "covered" is the share of pairs whose 95 % interval covers the
            exact index.
        """,
    )
    data = load(name, folder)
    terms = Paths(boost(data, threads=threads)).terms(data.explicands[0], data.background)
    game, n = TreeGame(terms), data.n_features
    truth = terms.interactions()
    left_out = {peer.label: "too many players" for peer in _PEERS if n > peer.most_players}
    if not installed("shapiq"):
        left_out = dict.fromkeys((peer.label for peer in _PEERS), NOT_INSTALLED)
    for per_player in _PER_PLAYER:
        budget = per_player * n
        if budget >= 2**n:
            continue
        ours, covered = [], []
        for seed in range(n_seeds):
            found = _ours(game, n, budget, seed)
            ours.append(squared_error(found.values, truth))
            covered.append(_covered(found, truth))
        medians, cells = [], []
        for peer in _PEERS:
            runs, failed = [], ""
            for seed in range(0 if peer.label in left_out else n_seeds):
                limit = _TimeLimit(seconds)
                try:
                    with limit:
                        runs.append(squared_error(peer(game, n, budget, seed), truth))
                except (Exception, _TooLong) as error:  # a peer's failure is a result
                    failed = type(error).__name__
                if limit.passed:  # compiled code may have turned the exception into another
                    left_out[peer.label] = f"> {seconds:g} s"
                    break
            whole = len(runs) == n_seeds
            medians.append(float(np.median(runs)) if whole else math.nan)
            cells.append(error_text(medians[-1]) if whole else left_out.get(peer.label, failed))
        best = float(np.nanmin(medians)) if np.isfinite(medians).any() else math.nan
        mine = float(np.median(ours))
        ratios.append(best / mine)
        shares.append(float(np.mean(covered)))
        ratio = three_digits(ratios[-1]) if math.isfinite(best) else ""
        table.add(n, f"{per_player} n", error_text(mine), *cells, ratio, f"{shares[-1]:.1%}")
    return table


class _TooLong(BaseException):
    """A peer took more processor time than it may. Not an Exception, so that no peer catches it."""


class _TimeLimit:
    """Stop the body after so much processor time, as soon as it returns to Python. Windows has no such timer."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.passed = False

    def __enter__(self) -> None:
        if hasattr(signal, "SIGPROF"):
            self._before = signal.signal(signal.SIGPROF, self._stop)
            signal.setitimer(signal.ITIMER_PROF, self._seconds)

    def __exit__(self, *error: object) -> None:
        if hasattr(signal, "SIGPROF"):
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self._before)

    def _stop(self, number: int, frame: object) -> None:
        self.passed = True
        raise _TooLong


def coverage(n_games: int) -> Table:
    """Count how often intervals cover, on ten families of games."""
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


def main() -> None:
    """Print the tables that the command line asks for."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--sets", nargs="+", choices=NAMES, default=list(NAMES), help="data sets")
    arguments.add_argument("--parts", nargs="+", choices=["errors", "coverage"], default=["errors", "coverage"])
    arguments.add_argument("--seeds", type=int, default=0, help="seeds of the errors; 0 means 3, or 1 with --quick")
    arguments.add_argument("--peer-seconds", type=float, default=60, help="processor time of one run of a peer")
    chosen = arguments.parse_args()
    seeds = chosen.seeds or (1 if chosen.quick else 3)
    with pinned(chosen.threads):
        try:
            if "errors" in chosen.parts:
                for table in errors(chosen.sets, chosen.data, chosen.threads, seeds, chosen.peer_seconds):
                    print(table, end="\n\n", flush=True)
        except Unavailable as missing:
            sys.exit(f"{arguments.prog}: {missing}")
        if "coverage" in chosen.parts:
            print(coverage(2 if chosen.quick else 6), end="\n\n")
        print(environment(chosen.threads))


if __name__ == "__main__":
    main()
