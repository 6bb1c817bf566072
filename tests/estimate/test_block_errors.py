# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test standard errors of Hadamard designs: interactions of constant sign, games that look linear, and exact games."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import Polynomial

import banzhaf


def unanimity(n_players, size):
    """The game worth 1 if all of the first `size` players are present; their values are 2^(1 - size)."""

    def game(coalitions):
        return coalitions[:, :size].all(axis=1).astype(float)

    game.values = np.where(np.arange(n_players) < size, 2.0 ** (1 - size), 0.0)
    return game


def airport(n_players):
    """The game worth the largest cost among the players present; player i costs i + 1."""

    def game(coalitions):
        return (coalitions * np.arange(1, n_players + 1, dtype=np.int32)).max(axis=1).astype(float)

    game.values = np.zeros(n_players)
    below = 0.0
    for i in range(n_players):
        game.values[i] = (i + 1 - below) * 2.0 ** (i + 1 - n_players)
        below = (below + i + 1) / 2
    return game


def majority(n_players):
    """The game worth 1 if more than half of the players are present."""
    return lambda coalitions: (coalitions.sum(axis=1) > n_players / 2).astype(float)


class TestInteractionsThatKeepTheirSign:
    @pytest.mark.parametrize("seed", [1, 6, 14])
    def test_unanimity(self, seed):
        """With these seeds an interaction of 5 players is confounded with a value in all or most of the 512 designs."""
        game = unanimity(100, 8)
        found = banzhaf.estimate(game, 100, budget=131_072, random_state=seed)
        errors = np.abs(found.values - game.values)
        assert errors.max() > 2.0**-10  # the error is visible
        assert (errors <= 7.1 * found.standard_errors).all()
        # Not much larger than needed: the interaction is twice as large as a coefficient, 2^-7.
        assert np.median(found.standard_errors) < 1.01 * 2.0**-7 / 7

    @pytest.mark.parametrize("seed", [5, 6, 15])
    def test_airport(self, seed):
        game = airport(100)
        found = banzhaf.estimate(game, 100, budget=65_536, random_state=seed)
        errors = np.abs(found.values - game.values)
        assert errors.max() > 0.007
        assert (errors <= 8 * found.standard_errors).all()

    def test_allowance_depends_on_the_size_in_each_output(self):
        alone = unanimity(20, 7)
        both = banzhaf.estimate(
            lambda c: np.stack([alone(c), 1e150 * alone(c)], axis=1), 20, budget=4096, random_state=1
        ).standard_errors
        one = banzhaf.estimate(alone, 20, budget=4096, random_state=1).standard_errors
        np.testing.assert_allclose(both, np.stack([one, 1e150 * one], axis=1), rtol=1e-9)

    def test_errors_are_unchanged_before_the_second_complete_design(self):
        """One complete design keeps its formula: the residuals weigh as 4 contrasts, each design as one."""
        game, n_blocks = Polynomial.random(30, 3), 32
        found = banzhaf.estimate(game, 30, budget=2048, random_state=0)
        np.testing.assert_allclose(found.values, game.values, atol=1e-12)
        coalitions = banzhaf.sample_coalitions(30, 2048, random_state=0)[::2]
        signs = 2.0 * coalitions - 1
        left = game(coalitions) - game(~coalitions) - signs @ found.values
        sums = (signs * left[:, np.newaxis]).reshape(n_blocks, 32, 30).sum(axis=1)
        per_row = (left**2).sum() / (1024 - 30)
        variances = (4 * per_row + (sums**2).sum(axis=0) / 32) / (n_blocks + 3) / 1024
        np.testing.assert_allclose(found.standard_errors, np.sqrt(variances), rtol=1e-9)

    @pytest.mark.parametrize("budget", [512, 1024, 4096])
    def test_do_not_exist_in_games_of_order_2(self, budget):
        game = Polynomial.random(16, 2)
        found = banzhaf.estimate(game, 16, budget=budget, random_state=3)
        np.testing.assert_allclose(found.values, game.values, atol=1e-12)
        assert found.standard_errors.max() < 1e-12


class TestVotesThatLookLinear:
    """In a complete design all sizes are even, or all odd. A majority game then looks linear on most rows."""

    @pytest.mark.parametrize(("n_players", "budget", "truth"), [(8, 80, 35 / 128), (16, 80, 6435 / 32768)])
    def test_have_intervals_that_cover(self, n_players, budget, truth):
        covered = []
        for seed in range(100):
            found = banzhaf.estimate(majority(n_players), n_players, budget=budget, random_state=seed)
            lower, upper = found.intervals().T
            covered.append((lower <= truth) & (truth <= upper))
            assert found.standard_errors.min() > 0
        assert np.mean(covered) >= 0.93

    def test_are_distinguished_from_linear_games(self):
        weights = np.arange(1.0, 9)
        found = banzhaf.estimate(lambda c: c @ weights, 8, budget=80, random_state=0)
        np.testing.assert_allclose(found.values, weights, rtol=1e-12)
        assert found.standard_errors.max() < 1e-12
