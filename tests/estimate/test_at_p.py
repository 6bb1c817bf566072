# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Values at other probabilities from the evaluations of one estimate."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import banzhaf
from banzhaf._estimate.at_p import _Curve, _even_part, _odd_part, _Sum, _unresolved

Floats = NDArray[np.float64]
PROBABILITIES = (0.1, 0.3, 0.5, 0.8)


def table_of(n: int, most: int, seed: int, sets: int | None = None) -> Floats:
    """Make the worths of a game with interactions of at most `most` players: all of them, or some of each size."""
    rng = np.random.default_rng(seed)
    signs = np.where(np.arange(2**n)[:, np.newaxis] >> np.arange(n) & 1, 1.0, -1.0)
    worths = np.zeros(2**n)
    for order in range(most + 1):
        found = list(itertools.combinations(range(n), order))
        if sets is not None and order > 1:
            found = [found[k] for k in rng.choice(len(found), sets, replace=False)]
        for players in found:
            worths += rng.normal() * signs[:, list(players)].prod(axis=1)
    return worths


def game_of(table: Floats) -> Callable[[NDArray[np.bool_]], Floats]:
    def game(coalitions: NDArray[np.bool_]) -> Floats:
        return table[coalitions @ (1 << np.arange(coalitions.shape[1]))]

    return game


def estimated(table: Floats, n: int, budget: int, seed: int = 0) -> banzhaf.BanzhafValues:
    return banzhaf.estimate(game_of(table), n, budget=budget, shapley=True, random_state=seed)


def holding(found: banzhaf.BanzhafValues, truth: Floats) -> Floats:
    ends = found.intervals()
    return (ends[:, 0] - 1e-9 <= truth) & (truth <= ends[:, 1] + 1e-9)


def shares_held(values: banzhaf.BanzhafValues, game: Any, n: int, probabilities: tuple[float, ...]) -> list[float]:
    """For each p that is not refused, the share of players whose interval holds their value."""
    shares = []
    for p in probabilities:
        try:
            found = values.at_p(p)
        except ValueError:
            continue
        shares.append(holding(found, banzhaf.exact(game, n, p=p).values).mean())
    return shares


def curve_of(table: Floats, n: int, triples: bool) -> _Curve:
    """Make the curve of a game whose coefficients are all known."""
    coefficients = banzhaf.walsh_hadamard(table)
    sums = np.zeros((n + 1, n, 1))
    for number, coefficient in enumerate(coefficients):
        size = number.bit_count()
        sums[size, (number >> np.arange(n) & 1) == 1, 0] += 2 * (-1) ** size * coefficient
    nothing = np.zeros((n, 1))
    known = [_Sum(sums[size], nothing, np.zeros(1)) for size in range(4)]
    return _Curve(
        sums[1],
        nothing,
        known[2],
        known[3] if triples else None,
        sums[1::2].sum(axis=0),
        sums[2::2].sum(axis=0),
        np.zeros(1),
        np.full((n, 1), 1 / n),
    )


@pytest.mark.parametrize(("most", "triples"), [(1, False), (2, False), (4, False), (4, True), (5, True)])
def test_known_coefficients_give_exact_values(most, triples):
    # Against all coalitions, weighted by their probability.
    n, table = 6, table_of(6, most, 3)
    curve = curve_of(table, n, triples)
    for p in (0.05, 0.3, 0.6, 0.95):
        odd, even = _odd_part(curve, 2 * p - 1), _even_part(curve, 2 * p - 1)
        truth = banzhaf.exact(table, n, p=p).values
        assert np.allclose((odd.values + even.values)[:, 0], truth, rtol=0, atol=1e-12 * np.abs(truth).max())
        assert (odd.sampling == 0).all()
        assert (even.sampling == 0).all()
        if most <= 2:
            assert _unresolved(odd, even).max() < 1e-12


def test_what_lies_two_players_further_is_within_the_errors():
    # All of the rest is due to interactions of five and six players instead of three and four.
    n, rng = 8, np.random.default_rng(0)
    signs = np.where(np.arange(2**n)[:, np.newaxis] >> np.arange(n) & 1, 1.0, -1.0)
    table = signs @ rng.normal(size=n) + signs[:, :5].prod(axis=1) + signs[:, 2:].prod(axis=1)
    curve = curve_of(table, n, triples=False)
    for p in (0.1, 0.4, 0.9):
        odd, even = _odd_part(curve, 2 * p - 1), _even_part(curve, 2 * p - 1)
        off = np.abs((odd.values + even.values)[:, 0] - banzhaf.exact(table, n, p=p).values)
        assert (off <= 1.5 * _unresolved(odd, even)[:, 0] + 1e-12).all()
        assert off.max() > 1e-3


def test_few_interactions_of_three_players_are_resolved():
    n, table = 14, table_of(14, 3, 1, sets=8)
    values = estimated(table, n, 1200)
    for p, found in zip(PROBABILITIES, values.at_p(PROBABILITIES), strict=True):
        truth = banzhaf.exact(table, n, p=p).values
        assert found.p == p
        assert ((found.values - truth) ** 2).sum() < 1e-3 * (truth**2).sum()
        assert holding(found, truth).mean() > 0.9


def test_all_coalitions_give_exact_values():
    n, table = 7, table_of(7, 7, 5)
    values = banzhaf.exact(table, n)
    assert values.at_p(0.2) == banzhaf.exact(table, n, p=0.2)
    first, second = banzhaf.exact(table, n, p=0.3).at_p([0.7, 0.5])
    assert first == banzhaf.exact(table, n, p=0.7)
    assert second == values


def test_one_half_is_the_result_itself_and_one_p_is_no_tuple():
    values = estimated(table_of(12, 2, 0), 12, 300)
    assert values.at_p(0.5) is values
    assert values.at_p([0.4])[0] == values.at_p(0.4)
    assert values.at_p(0.4).n_evaluations == 300
    assert "p=0.4" in repr(values.at_p(0.4))


def test_the_ends_may_come_from_elsewhere():
    n, table = 12, table_of(12, 3, 2, sets=6)
    game, ends = game_of(table), banzhaf.sample_coalitions(12, 26, design="ends")
    within = banzhaf.estimate(game, n, budget=426, shapley=True, random_state=0)
    alone = banzhaf.estimate(game, n, budget=400, random_state=0)
    found = alone.at_p(0.3, ends=game(ends))
    assert np.array_equal(found.values, within.at_p(0.3).values)
    assert np.array_equal(found.standard_errors, within.at_p(0.3).standard_errors)
    with pytest.raises(ValueError, match="ends must have shape"):
        alone.at_p(0.3, ends=np.ones(25))


def test_every_output_has_the_values_of_a_game_of_its_own():
    n = 10
    tables = np.column_stack([table_of(n, 3, seed, sets=5) for seed in (0, 1)])
    weights = 1 << np.arange(n)
    both = banzhaf.estimate(lambda c: tables[c @ weights], n, budget=500, shapley=True, random_state=3).at_p(0.3)
    for output in range(2):
        alone = estimated(np.ascontiguousarray(tables[:, output]), n, 500, seed=3).at_p(0.3)
        assert np.allclose(both.values[:, output], alone.values, rtol=1e-9)
        assert np.allclose(both.standard_errors[:, output], alone.standard_errors, rtol=1e-9)


def test_a_saved_result_is_the_same(tmp_path):
    found = estimated(table_of(10, 2, 0), 10, 300).at_p(0.3)
    found.save(str(tmp_path / "values.banzhaf"))
    assert banzhaf.load(str(tmp_path / "values.banzhaf")) == found
    with pytest.raises(ValueError, match="have another p"):
        found.shapley()


def test_what_does_not_suit_is_refused():
    n, table = 12, table_of(12, 2, 0)
    game = game_of(table)
    plain = banzhaf.estimate(game, n, budget=300, random_state=0)
    refused: list[tuple[banzhaf.BanzhafValues, str]] = [
        (plain, "pass shapley=True to estimate"),
        (banzhaf.estimate(game, n, budget=300, p=0.3, random_state=0), "has p=0.3"),
        (banzhaf.estimate(game, n, budget=300, noisy=True, random_state=0), "without noise"),
        (plain.without_evaluations(), "has none"),
        (banzhaf.estimate(game, n, budget=60, shapley=True, random_state=0), "at least 80 evaluations"),
    ]
    for values, message in refused:
        with pytest.raises(ValueError, match=message):
            values.at_p(0.3)
    for wrong in (0.0, 1.0, [0.5, 2.0], []):
        with pytest.raises(ValueError, match="p must"):
            plain.at_p(wrong)


def test_a_vote_is_refused_far_from_one_half():
    def vote(coalitions: NDArray[np.bool_]) -> Floats:
        return (coalitions.sum(axis=1) >= 12).astype(np.float64)

    values = banzhaf.estimate(vote, 16, budget=800, shapley=True, random_state=0)
    with pytest.raises(ValueError, match=r"p=0\.1 is too far from 0\.5 .* Call estimate with p=0\.1"):
        values.at_p(0.1)


def test_intervals_hold_for_a_game_with_interactions_of_all_sizes():
    # A square root changes steeply near the empty coalition, where all interactions have one sign.
    n, strengths = 12, np.linspace(0.2, 1.0, 12)

    def game(coalitions: NDArray[np.bool_]) -> Floats:
        return np.sqrt(coalitions @ strengths)

    shares = []
    for seed in range(3):
        values = banzhaf.estimate(game, n, budget=600, shapley=True, random_state=seed)
        shares += shares_held(values, game, n, (0.15, 0.3, 0.45, 0.7))
    assert len(shares) > 6
    assert np.mean(shares) > 0.93


@pytest.mark.slow
def test_intervals_hold():
    n, shares = 12, []
    for seed in range(8):
        table = table_of(n, 4, seed, sets=10)
        values = estimated(table, n, 400, seed=seed)
        shares += shares_held(values, table, n, (0.2, 0.4, 0.7))
    assert len(shares) > 8
    assert np.mean(shares) > 0.93
