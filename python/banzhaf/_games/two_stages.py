# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Estimate in two stages: find the few players that decide most, then sample where the worth still varies."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.fit import fit
from banzhaf._estimate.results import BanzhafValues, RankWarning
from banzhaf._games.game import sum_of_outputs
from banzhaf._study.study import Study
from banzhaf._support import arguments as check

LEAST_BUDGET = 64  # for a second stage
_BATCH = 64  # coalitions in one call of the game
_ROUNDING = 1e-9  # of a sum of squares
_MOST_LEADING = 3
_LEADING = 0.05  # least share of a player in the sum of squared values, to lead
_OWN = 0.01  # least share of a leading player in the squared values of one output, to lead it
_EXPLAINED = 0.8  # least share of the variance that the leading players explain, for a second stage
_CONFIRMED = 0.6  # the same in the second stage, for its use
_MOST_PAIRED = 1024  # players, for a look at all pairs of them
_CLEARLY = 1.5  # ratio of the variance without a player, or with another one, to that with it
_ROUNDS = 3  # of means and regressions in turn
_LEAST_ROWS = 2  # of the first stage for each stratum of the leading players, and of the second
_NEGLIGIBLE = 0.1  # of the largest standard deviation within a stratum
_OWN_STREAM = 0x5EC0

Numbers = NDArray[np.float64]
Rows = NDArray[np.bool_]
Game = Callable[[Rows], Any]


@dataclass(frozen=True)
class Strata:
    """Which of the leading players are there: 2^k strata of the coalitions.

    Attributes
    ----------
    players : ndarray of int64, shape (k,)
        The leading players in ascending order.
    """

    players: NDArray[np.int64]

    @property
    def patterns(self) -> Rows:
        """One row for each stratum, shape (2^k, k)."""
        k = len(self.players)
        return (np.arange(1 << k)[:, np.newaxis] >> np.arange(k) & 1).astype(bool)

    def of(self, coalitions: Rows) -> NDArray[np.int64]:
        """Return the number of each coalition's stratum."""
        return coalitions[:, self.players] @ (1 << np.arange(len(self.players)))

    def spread(self, worths: Numbers, where: NDArray[np.int64]) -> Numbers:
        """Compute the standard deviation of the worths within each stratum."""
        return np.array([worths[where == q].std(ddof=1) for q in range(1 << len(self.players))])


def two_stages(
    game: Game,
    n_players: int,
    budget: int,
    *,
    mean: bool,
    player_names: tuple[str, ...],
    random_state: check.Seed,
    store: str | os.PathLike[str] | None,
) -> BanzhafValues:
    """Estimate the values of the sum of a game's outputs, or of their mean.

    The first stage is the first half of the ordinary design. If up to three players decide most of the worth, the
    second stage draws the other players at random, with more coalitions in those of the 2^k strata of the leading
    players where the worth varies more. Otherwise, it is the other half of the ordinary design.
    """
    n_first = check.integer("budget", budget, 2) // 4 * 2
    with Study(
        n_players, budget=budget, random_state=random_state, store=store, player_names=player_names, on_error="raise"
    ) as study:
        strata = None
        if LEAST_BUDGET <= budget < 2 * n_players and study.n_told <= n_first:
            _evaluate(study, n_first, lambda batch: game(batch.coalitions))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RankWarning)
                first = study.result()
            before = study.evaluations()
            strata = _strata(first.values.reshape(n_players, -1), before.coalitions, before.worths)
        if strata is None:
            _evaluate(study, study.n_coalitions, lambda batch: game(batch.coalitions))
            found = study.result()
            return sum_of_outputs(found, _scale(found.values, mean)) if found.values.ndim == 2 else found
        seed = study.random_state
    rows, worths = _second(game, strata, before.coalitions, before.worths, budget - n_first, player_names, seed, store)
    scale = _scale(worths, mean)
    found = combined(strata, before.coalitions, scale * before.worths, rows, scale * worths)
    return dataclasses.replace(found, player_names=player_names, random_state=seed)


def _scale(outputs: Numbers, mean: bool) -> float:
    return 1 / outputs.shape[1] if mean else 1.0


def _evaluate(study: Study, wanted: int, game: Callable[[Any], Any]) -> None:
    """Evaluate a study's next coalitions until so many are told."""
    while study.n_told < wanted:
        batch = study.ask(min(_BATCH, wanted - study.n_told))
        if not batch:
            raise RuntimeError(f"another process works on {study.path!r}: call again when it is done")
        try:
            study.tell(batch, game(batch))
        except BaseException:
            study.release()
            raise


def _strata(values: Numbers, coalitions: Rows, worths: Numbers) -> Strata | None:
    """Choose the leading players; None if there are none, if they explain too little, or if others might lead."""
    squares = values**2
    leads = (squares > _LEADING * squares.sum(axis=0).max()).any(axis=1)
    order = np.argsort(-squares.sum(axis=1), kind="stable")
    players = [int(i) for i in order if leads[i]][:_MOST_LEADING]
    rest = worths - worths.mean(axis=0)
    whole = float((rest**2).sum())
    if whole == 0:
        return None

    def left(chosen: list[int]) -> Numbers:
        """Compute the variance that some players leave open, with each player as one more of them."""
        inside = Strata(np.array(chosen, dtype=np.int64)).of(coalitions)
        open_squares = np.maximum(whole - _explained(coalitions, rest, inside), _ROUNDING * whole)
        return open_squares / (len(rest) - (2 << len(chosen)))

    pairs = None
    if len(values) <= _MOST_PAIRED:
        pairs = np.array([left([i]) for i in range(len(values))])
        np.fill_diagonal(pairs, np.inf)
        if len(players) < _MOST_LEADING:  # the sparse regression may have taken others for them
            players = list(divmod(int(pairs.argmin()), len(values)))
    while players:
        without = [[i for i in players if i != j] for j in players]
        opened = np.array([left(others) for others in without])
        now = opened[0, players[0]]
        fewer = [left(others[1:])[others[0]] if others else np.inf for others in without]
        for others, row in zip(without, opened, strict=True):
            row[others] = np.inf
        j, i = divmod(int(opened.argmin()), len(values))
        needed = np.isfinite(now) and min(fewer) >= _CLEARLY * now
        if needed and opened[j, i] < (1 - _ROUNDING) * now:
            players = [*without[j], i]
            continue
        opened[:, players] = np.inf
        rivals = opened
        if pairs is not None and len(players) == 2:
            rivals = pairs.copy()
            rivals[players, players[::-1]] = np.inf
        if needed and now * _CLEARLY <= rivals.min() and now * (len(rest) - 1) <= (1 - _EXPLAINED) * whole:
            return Strata(np.sort(players))
        players = without[int(np.argmin(fewer))]
    return None


def _explained(coalitions: Rows, rest: Numbers, where: NDArray[np.int64]) -> Numbers:
    """Compute the sum of squares that each player explains, with what splits the coalitions already.

    It is minus infinity where a stratum of them has too few coalitions.
    """
    explained = np.zeros(coalitions.shape[1])
    for q in range(int(where.max()) + 1):
        inside = where == q
        there = coalitions[inside].astype(np.float64)
        with_player, count = there.T @ rest[inside], there.sum(axis=0)
        without, others = rest[inside].sum(axis=0) - with_player, inside.sum() - count
        enough = np.minimum(count, others) >= _LEAST_ROWS
        squares = (with_player**2).sum(axis=1) / np.maximum(count, 1) + (without**2).sum(axis=1) / np.maximum(others, 1)
        explained += np.where(enough, squares, -np.inf)
    return explained


def allocation(spread: Numbers, count: int) -> NDArray[np.int64]:
    """Share evaluations among the strata, so that the variance of the leading players' values is least."""
    counts = np.full(len(spread), _LEAST_ROWS)
    while counts.sum() < count:
        counts[np.argmax(spread**2 / (counts * (counts + 1)))] += 1
    return counts


def _second(
    game: Game,
    strata: Strata,
    coalitions: Rows,
    worths: Numbers,
    count: int,
    names: tuple[str, ...],
    seed: int,
    store: str | os.PathLike[str] | None,
) -> tuple[Rows, Numbers]:
    """Draw and evaluate the coalitions of the second stage."""
    n_players = coalitions.shape[1]
    spread = strata.spread(worths.sum(axis=1), strata.of(coalitions))
    numbers = np.repeat(np.arange(len(spread)), allocation(spread, count))
    others = np.delete(np.arange(n_players), strata.players)

    def rows(batch: Any) -> Rows:
        made = np.empty((len(batch), n_players), dtype=bool)
        made[:, others] = batch.coalitions
        made[:, strata.players] = strata.patterns[numbers[batch.ids]]
        return made

    with Study(
        len(others),
        budget=count,
        design="independent",
        random_state=np.random.default_rng([seed, _OWN_STREAM]),
        store=None if store is None else f"{os.fspath(store)}-second",
        player_names=[names[i] for i in others],
        on_error="raise",
    ) as study:
        _evaluate(study, count, lambda batch: game(rows(batch)))
        told = study.evaluations()
    made = np.empty((count, n_players), dtype=bool)
    made[:, others] = told.coalitions
    made[:, strata.players] = strata.patterns[numbers]
    return made, told.worths


def combined(
    strata: Strata,
    first: Rows,
    first_worths: Numbers,
    second: Rows,
    second_worths: Numbers,
) -> BanzhafValues:
    """Estimate from both stages: the leading players from the second alone, the others by sparse regressions."""
    n_players, patterns = first.shape[1], strata.patterns
    rows, worths = np.concatenate([first, second]), np.concatenate([first_worths, second_worths])
    where, totals = strata.of(second), second_worths.sum(axis=1)
    means = np.array([totals[where == q].mean() for q in range(len(patterns))])
    spread = strata.spread(totals, where)
    errors, freedom = np.full(n_players, np.nan), 0.0
    if means.var() < _CONFIRMED * (means.var() + (spread**2).mean()):
        # The players led by chance. The others were drawn uniformly, so a regression of all evaluations finds them.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = fit(rows, worths).values.sum(axis=1)
    else:
        values = np.zeros(n_players)
        others = np.delete(np.arange(n_players), strata.players)
        unseen = np.zeros(len(second))
        for output in worths.T:
            own = _own(strata, second, output[len(first) :])
            effects, predicted = _others(rows[:, others], output, own.of(rows), len(own.patterns))
            values[others] += effects
            unseen += predicted[len(first) :]
        totals = totals - unseen
        means = np.array([totals[where == q].mean() for q in range(len(patterns))])
        values[strata.players] = 2 * (means @ (2.0 * patterns - 1)) / len(patterns)
        counts = np.bincount(where)
        variances = strata.spread(totals, where) ** 2 / counts
        errors[strata.players] = 2 * np.sqrt(variances.sum()) / len(patterns)
        satterthwaite = (variances**2 / (counts - 1)).sum()
        freedom = float(variances.sum() ** 2 / satterthwaite) if satterthwaite > 0 else np.inf
    return BanzhafValues(
        values=values,
        standard_errors=errors,
        mean_worth=np.asarray(means.mean()),
        n_evaluations=len(rows),
        n_dropped=0,
        design="two-stage",
        rank=len(strata.players),
        condition_number=np.inf,
        degrees_of_freedom=freedom,
        r2=np.asarray(np.nan),
        player_names=None,
        random_state=None,
        n_distinct=len(np.unique(rows, axis=0)),
    )


def _own(strata: Strata, coalitions: Rows, worths: Numbers) -> Strata:
    """Choose the players who lead one output."""
    where = strata.of(coalitions)
    means = np.array([worths[where == q].mean() for q in range(len(strata.patterns))])
    squares = (means @ (2.0 * strata.patterns - 1)) ** 2
    return Strata(strata.players[squares > _OWN * squares.sum()])


def _others(coalitions: Rows, worths: Numbers, where: NDArray[np.int64], n_strata: int) -> tuple[Numbers, Numbers]:
    """Fit the other players to what the strata leave open, and predict that of each row from other rows.

    In all strata they have the same proportions here, and their size is that of the rest's standard deviation.
    """
    effects, predicted = np.zeros(coalitions.shape[1]), np.zeros(len(worths))
    scale = np.array([worths[where == q].std(ddof=1) for q in range(n_strata)])
    scale[scale < _NEGLIGIBLE * scale.max()] = 0
    used = scale[where] > 0
    if not used.any():
        return effects, predicted
    rows, inside, sizes = np.ascontiguousarray(coalitions[used]), where[used], scale[where][used]
    for _ in range(_ROUNDS):  # the means of the strata and the effects, in turn
        rest = worths[used] - predicted[used]
        means = np.array([rest[inside == q].mean() if scale[q] else 0.0 for q in range(n_strata)])
        numbers = (worths[used] - means[inside]) / sizes
        coefficients, held_out, *_ = _core.sparse_regression(rows, numbers, False, 1)
        effects = np.asarray(coefficients)
        predicted[used] = sizes * ((2.0 * rows - 1) @ effects)
    predicted[used] = worths[used] - means[inside] - sizes * np.asarray(held_out)
    return 2 * scale.mean() * effects, predicted
