# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Estimates in two stages, against exact values of the players that decide, and by simulation."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import banzhaf
from banzhaf._games.two_stages import Strata, combined, two_stages

N = 60
NAMES = tuple(f"p{i}" for i in range(N))
LEADING = (7, 31)
EFFECTS = np.random.default_rng(5).normal(size=N) * 0.4
EFFECTS[list(LEADING)] = 0


def either(coalitions):
    """The others matter only where both leading players are away, and two of them interact."""
    away = 1.0 * ~coalitions[:, list(LEADING)].any(axis=1)
    signs = coalitions - 0.5
    return -away * (8 + signs @ EFFECTS + signs[:, 2] * signs[:, 3])


TRUTH = -EFFECTS / 4
TRUTH[list(LEADING)] = 4


def run(game=either, budget=64, seed=0, n=N, store=None, mean=False):
    return two_stages(game, n, budget, mean=mean, player_names=NAMES[:n], random_state=seed, store=store)


def ordinary(game, budget, seed=0):
    return banzhaf.estimate(game, N, budget=budget, random_state=seed, player_names=NAMES)


class Counted:
    """A game that notes its rows, and may fail once."""

    def __init__(self, game, fails_at=None):
        self.game, self.fails_at, self.rows = game, fails_at, []

    def __call__(self, coalitions):
        if self.fails_at is not None and len(self.rows) + len(coalitions) > self.fails_at:
            self.fails_at = None
            raise OSError("the model is gone")
        self.rows.extend(coalitions.copy())
        return self.game(coalitions)


@pytest.mark.parametrize(
    ("function", "players"),
    [
        (lambda z: 5.0 * z[:, 0], 1),
        (lambda z: 8.0 * (z[:, 0] | z[:, 1]) - 3 * z[:, 1], 2),
        (lambda z: 8.0 * (z[:, 0] & z[:, 1]), 2),
        (lambda z: 6.0 * (z.sum(axis=1) >= 2) + z[:, 0] + 2 * z[:, 1], 3),
    ],
)
def test_equals_exact_values_where_no_other_player_matters(function, players):
    where = [40, 3, 22][:players]
    budget = 64 if players < 3 else 100
    found = run(lambda coalitions: function(coalitions[:, where]), budget)
    expected = np.zeros(N)
    expected[where] = banzhaf.exact(function, players).values
    assert found.design == "two-stage"
    assert np.allclose(found.values, expected, atol=1e-9)
    assert np.array_equal(np.flatnonzero(np.isfinite(found.standard_errors)), np.sort(where))
    assert np.allclose(found.standard_errors[where], 0, atol=1e-9)
    assert found.n_evaluations == budget
    assert found.player_names == NAMES


def test_leading_values_are_unbiased_and_their_intervals_cover():
    """A simulation whose truth is known in closed form. One interval a run: both leading players share their strata."""
    runs = [run(seed=seed) for seed in range(48)]
    assert sum(values.design == "two-stage" for values in runs) >= 43
    runs = [values for values in runs if values.design == "two-stage"]
    first = LEADING[0]
    errors = np.array([values.values[first] - TRUTH[first] for values in runs])
    assert abs(errors.mean()) < 4 * errors.std(ddof=1) / np.sqrt(len(errors))
    assert 0.6 < np.sqrt(np.mean([values.standard_errors[first] ** 2 for values in runs])) / errors.std() < 1.6
    low, high = np.array([values.intervals()[first] for values in runs]).T
    covered = ((low <= TRUTH[first]) & (TRUTH[first] <= high)).mean()
    assert covered >= 0.95 - 4 * np.sqrt(0.05 * 0.95 / len(runs))


def test_error_is_far_below_that_of_one_design():
    def error(values):
        return np.linalg.norm(values - TRUTH)

    staged = [error(run(budget=96, seed=seed).values) for seed in range(10)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", banzhaf.RankWarning)
        once = [error(ordinary(either, 96, seed).values) for seed in range(10)]
    assert np.mean(staged) < 0.7 * np.mean(once)


def test_more_evaluations_where_the_worth_varies():
    game = Counted(either)
    run(game)
    rows = np.array(game.rows)
    assert len(rows) == 64
    counts = np.bincount(Strata(np.array(LEADING)).of(rows[32:]), minlength=4)
    assert counts.min() == 2
    assert counts[0] == 26


def test_a_diffuse_game_keeps_the_bits_of_one_design():
    def diffuse(coalitions):
        return coalitions @ np.linspace(1, 2, N) + coalitions[:, 0] * coalitions[:, 1]

    with pytest.warns(banzhaf.RankWarning):
        found = run(diffuse)
    with pytest.warns(banzhaf.RankWarning):
        assert found == ordinary(diffuse, 64)


def test_several_outputs_are_added_and_scaled():
    def tokens(coalitions):
        return np.column_stack([5.0 * coalitions[:, 4], 5.0 * (coalitions[:, 4] & coalitions[:, 9])])

    found = run(tokens, mean=True)
    assert found.design == "two-stage"
    expected = np.zeros(N)
    expected[[4, 9]] = 0.5 * (5 + 2.5), 0.5 * 2.5
    assert np.allclose(found.values, expected, atol=1e-9)

    def diffuse(coalitions):
        return np.column_stack([coalitions @ np.linspace(1, 2, N), coalitions @ np.linspace(2, 1, N)])

    with pytest.warns(banzhaf.RankWarning):
        added = run(diffuse, mean=True)
    with pytest.warns(banzhaf.RankWarning):
        assert np.array_equal(added.values, 0.5 * ordinary(diffuse, 64).values.sum(axis=1))


@pytest.mark.parametrize("budget", [20, 63, 64, 65, 119, 120, 300])
def test_budget_is_kept(budget):
    game = Counted(either)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = run(game, budget)
    assert len(game.rows) == found.n_evaluations <= budget
    assert found.n_evaluations >= budget - 1
    assert (found.design == "two-stage") is (64 <= budget < 2 * N)


@pytest.mark.parametrize("fails_at", [0, 40])
def test_a_store_resumes_both_stages(fails_at, tmp_path):
    whole = run()
    game = Counted(either, fails_at)
    store = tmp_path / "values.db"
    with pytest.raises(OSError, match="the model is gone"):
        run(game, store=store)
    before = len(game.rows)
    assert before == (32 if fails_at else 0)
    assert run(game, store=store) == whole
    assert len(game.rows) == 64
    assert run(game, store=store, seed=None) == whole
    assert len(game.rows) == 64


def test_a_diffuse_store_is_that_of_a_study(tmp_path):
    def diffuse(coalitions):
        return coalitions @ np.linspace(1, 2, N)

    store = tmp_path / "values.db"
    game = Counted(diffuse)
    for _ in range(2):
        with pytest.warns(banzhaf.RankWarning):
            found = run(game, store=store)
    assert len(game.rows) == 64
    with banzhaf.Study.open(store) as study, pytest.warns(banzhaf.RankWarning):
        assert study.result() == found


def test_same_seed_same_bits():
    assert run() == run()
    assert run(seed=np.random.default_rng(3)) == run(seed=np.random.default_rng(3))
    assert run(seed=1) != run()
    drawn = run(seed=None)
    assert run(seed=drawn.random_state) == drawn


def test_players_that_led_by_chance_are_left_out_again():
    """If the first stage was wrong, a regression of all evaluations finds the others."""
    generator = np.random.default_rng(0)
    first, second = (generator.random((count, N)) < 0.5 for count in (32, 64))

    def game(coalitions):
        return 5.0 * coalitions[:, 2:3] + 3.0 * coalitions[:, 5:6]

    found = combined(Strata(np.array([10, 20])), first, game(first), second, game(second))
    assert np.isnan(found.intervals()).all()
    assert np.argsort(-found.values)[:2].tolist() == [2, 5]
    assert np.allclose(found.values[[2, 5]], [5, 3], atol=0.5)


def test_a_constant_game():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = run(lambda coalitions: np.full(len(coalitions), 3.0))
    assert np.array_equal(found.values, np.zeros(N))


def test_a_result_is_saved_and_shown(tmp_path):
    found = run()
    found.save(tmp_path / "values.npz")
    assert banzhaf.load(tmp_path / "values.npz") == found
    assert "design 'two-stage'\n  rank 2 of 60: sparse regression" in repr(found)
    assert found.evaluations is None


@pytest.mark.parametrize(("budget", "error"), [(1, ValueError), (2.5, TypeError), ("64", TypeError)])
def test_wrong_budgets(budget, error):
    game = Counted(either)
    with pytest.raises(error, match="budget"):
        run(game, budget)
    assert not game.rows


def test_a_worth_that_is_not_finite():
    with pytest.raises(ValueError, match="not finite"):
        run(lambda coalitions: np.where(coalitions[:, 0], np.nan, 1.0))
