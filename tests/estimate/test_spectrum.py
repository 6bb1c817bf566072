# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test interactions from the evaluations of a result: exactness, errors, refusals, threads."""

from __future__ import annotations

import warnings
from itertools import combinations

import numpy as np
import pytest
from bench._families import Products

import banzhaf


def products(n, orders, seed, count=12):
    """Draw a game with `count` products of each order, and return it with its coefficients by set."""
    rng = np.random.default_rng(seed)
    sets = [np.sort(rng.choice(n, order, replace=False)) for order in orders for _ in range(count)]
    weights = rng.normal(size=len(sets))
    coefficients = {}
    for players, weight in zip(sets, weights, strict=True):
        key = tuple(players.tolist())
        coefficients[key] = coefficients.get(key, 0) + weight
    return Products(n, sets, weights), coefficients


def indices(n, order, coefficients):
    return np.array([2**order * coefficients.get(players, 0) for players in combinations(range(n), order)])


def covered(found, truth):
    bounds = found.intervals()
    return np.mean((bounds[:, 0] <= truth) & (truth <= bounds[:, 1]))


@pytest.mark.parametrize(("n", "budget"), [(8, 128), (14, 256), (16, 256), (16, 512), (30, 2048)])
def test_complete_nested_designs_are_exact_up_to_order_three(n, budget):
    game, coefficients = products(n, (1, 2, 3), seed=n)
    values = banzhaf.estimate(game, n, budget=budget, design="nested", random_state=1)
    found = values.interactions()
    assert found.complete
    assert len(found) == n * (n - 1) // 2
    np.testing.assert_allclose(found.values, indices(n, 2, coefficients), atol=1e-11)
    assert (found.standard_errors > 0).all()  # an unknown game might hide interactions of four players
    assert (found.standard_errors < 1e-11).all()
    np.testing.assert_array_equal(found.player_values, values.values)


@pytest.mark.parametrize("noisy", [False, True])
def test_all_coalitions(noisy):
    game, coefficients = products(6, (1, 2, 3, 5), seed=0)
    values = banzhaf.estimate(game, 6, budget=200, noisy=noisy, random_state=0)
    for order in (2, 3, 4, 5):
        found = values.interactions(order)
        np.testing.assert_allclose(found.values, indices(6, order, coefficients), atol=1e-12)
        assert found.complete
        assert found.players.tolist() == [list(each) for each in combinations(range(6), order)]
        assert ((found.standard_errors == 0) | noisy).all()
    one = values.interactions(1)
    np.testing.assert_array_equal(one.values, values.values)
    np.testing.assert_array_equal(one.standard_errors, values.standard_errors)


def test_noise_in_all_coalitions_is_in_the_errors():
    rng = np.random.default_rng(0)

    def game(coalitions):
        return coalitions[:, 0] * coalitions[:, 1] + rng.normal(size=len(coalitions))

    found = banzhaf.estimate(game, 6, budget=6400, noisy=True, random_state=0).interactions()
    truth = indices(6, 2, {(0, 1): 0.25})
    assert (np.abs(found.values - truth) < 5 * found.standard_errors).all()
    np.testing.assert_allclose(found.standard_errors, 4 / np.sqrt(6400), rtol=0.2)


def test_given_coalitions_of_all_kinds_in_any_order():
    game, coefficients = products(5, (1, 2, 3, 4), seed=0)
    rows = np.random.default_rng(0).permutation(banzhaf.sample_coalitions(5, 32, design="exhaustive"))
    truth = indices(5, 2, coefficients)
    np.testing.assert_allclose(banzhaf.fit(rows, game(rows)).interactions().values, truth, atol=1e-12)
    game, coefficients = products(16, (1, 2, 3), seed=1)
    rows = banzhaf.sample_coalitions(16, 600, design="paired", random_state=0)
    rows = np.random.default_rng(0).permutation(rows)
    found = banzhaf.fit(rows, game(rows)).interactions()
    np.testing.assert_allclose(found.values, indices(16, 2, coefficients), atol=1e-9)


@pytest.mark.parametrize("design", ["fresh", "paired"])
def test_few_interactions_of_many_players(design):
    n = 70
    game, coefficients = products(n, (1, 2, 3), seed=2)
    values = banzhaf.estimate(game, n, budget=30 * n, design=design, random_state=0)
    found = values.interactions()
    truth = indices(n, 2, coefficients)
    assert found.complete
    assert ((found.values - truth) ** 2).sum() < 1e-6 * (truth**2).sum()
    assert covered(found, truth) > 0.93
    assert found.unresolved_variance < 1e-6


def test_three_players():
    n = 20
    game, coefficients = products(n, (1, 2, 3, 4), seed=3)
    found = banzhaf.estimate(game, n, budget=60 * n, design="fresh", random_state=0).interactions(3)
    truth = indices(n, 3, coefficients)
    assert found.players.shape == (n * (n - 1) * (n - 2) // 6, 3)
    assert ((found.values - truth) ** 2).sum() < 1e-6 * (truth**2).sum()
    assert covered(found, truth) > 0.93


def test_what_is_not_resolved_is_said():
    n = 30
    game, _ = products(n, (1, 2, 6), seed=4, count=40)
    values = banzhaf.estimate(game, n, budget=20 * n, random_state=0)
    found = values.interactions()
    rng = np.random.default_rng(5)
    rows = rng.random((20_000, n)) < 0.5
    signs = 2.0 * rows - 1
    i, j = found.players.T
    even = (game(rows) + game(~rows)) / 2
    left = even - (signs[:, i] * signs[:, j]) @ (found.values / 4)
    assert np.var(left) / 2 < found.unresolved_variance < 2 * np.var(left)


def test_outputs_are_independent():
    game, _ = products(12, (1, 2, 3, 4), seed=5)
    other, _ = products(12, (1, 2, 3, 4), seed=6)
    both = banzhaf.estimate(
        lambda c: np.column_stack([game(c), other(c)]), 12, budget=400, design="paired", random_state=0
    ).interactions()
    for output, each in enumerate((game, other)):
        alone = banzhaf.estimate(each, 12, budget=400, design="paired", random_state=0).interactions()
        np.testing.assert_array_equal(both.values[:, output], alone.values)
        np.testing.assert_array_equal(both.standard_errors[:, output], alone.standard_errors)
    assert both.unresolved_variance.shape == (2,)


@pytest.mark.parametrize("order", [2, 3])
def test_same_bits_for_all_threads_and_after_saving(order, tmp_path):
    game, _ = products(17, (1, 2, 3, 4), seed=7)
    values = banzhaf.estimate(game, 17, budget=330, design="fresh", random_state=0)
    found = values.interactions(order, num_threads=1)
    assert values.interactions(order, num_threads=3) == found
    values.save(tmp_path / "values")
    assert banzhaf.load(tmp_path / "values").interactions(order) == found


def test_dropped_pairs_and_early_stops():
    game, coefficients = products(12, (1, 2, 3), seed=8)
    truth = indices(12, 2, coefficients)

    def with_gaps(coalitions):
        worths = game(coalitions)
        worths[coalitions[:, :6].all(axis=1)] = np.nan
        return worths

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        values = banzhaf.estimate(with_gaps, 12, budget=1500, on_nonfinite="drop", design="fresh", random_state=0)
    np.testing.assert_allclose(values.interactions().values, truth, atol=1e-6)
    for stop in ({"tolerance": 0.5}, {"deadline": 3600}):
        values = banzhaf.estimate(game, 12, budget=1500, design="fresh", random_state=0, **stop)
        np.testing.assert_allclose(values.interactions().values, truth, atol=1e-6)


def test_refusals():
    def game(coalitions):
        return coalitions.sum(axis=1) ** 1.5

    pairs = banzhaf.estimate(game, 20, budget=400, random_state=0)
    with pytest.raises(
        ValueError, match=r"order must be at most 3 unless the worths of all 2\^20 coalitions are known, got 4"
    ):
        pairs.interactions(4)
    with pytest.raises(ValueError, match="interactions of three players from others: evaluate with design"):
        banzhaf.estimate(game, 20, budget=400, design="nested", random_state=0).interactions(3)
    with pytest.raises(ValueError, match="order must be"):
        pairs.interactions(21)
    with pytest.raises(TypeError, match="order must be an integer"):
        pairs.interactions("2")
    with pytest.raises(ValueError, match="this result has none: it is one that a callback"):
        pairs.without_evaluations().interactions()
    with pytest.raises(ValueError, match="need at least 100 evaluations in pairs of complements, got 80: raise"):
        banzhaf.estimate(game, 20, budget=80, random_state=0).interactions()
    with pytest.raises(ValueError, match="need each coalition and its complement"):
        banzhaf.estimate(game, 20, budget=400, design="independent", random_state=0).interactions()
    with pytest.raises(ValueError, match="monte_carlo evaluates none: estimate the values"):
        banzhaf.monte_carlo(game, 20, budget=400, random_state=0).interactions()


@pytest.mark.slow
def test_coverage_of_intervals():
    from bench.interactions import coverage_of

    for family in ("order 5", "trees of depth 6", "unanimity", "weighted vote"):
        for design, budget in (("fresh", 240), ("nested", 400), ("paired", 240)):
            shares = coverage_of(family, 12, design, budget, n_games=6)
            assert np.mean(shares) > 0.93, (family, design)
