# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test adjusted values: interactions are taken out of the error, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import Polynomial, Table

import banzhaf


class Products:
    """A sum of products of +-1 over few sets of players: the values are twice the weights of single players."""

    def __init__(self, n_players, n_sets, *, order=3, seed=0, outputs=None, noise=0.0, spread=1.0):
        rng = np.random.default_rng([seed, n_players, n_sets])
        self.sets = [[i] for i in range(n_players)]
        self.sets += [list(rng.choice(n_players, 2, replace=False)) for _ in range(n_sets)]
        self.sets += [list(rng.choice(n_players, order, replace=False)) for _ in range(n_sets)]
        shape = (len(self.sets),) if outputs is None else (len(self.sets), outputs)
        self.weights = rng.normal(size=shape) * np.exp(spread * rng.normal(size=shape))
        self.values = 2 * self.weights[:n_players]
        self.noise, self.rng = noise, rng

    def __call__(self, coalitions):
        signs = np.where(coalitions, 1.0, -1.0)
        worths = np.stack([signs[:, s].prod(axis=1) for s in self.sets], axis=1) @ self.weights
        return worths + self.noise * self.rng.normal(size=worths.shape) if self.noise else worths


def error(found, truth):
    return float(np.sqrt(((found.values - truth) ** 2).mean()))


def both(game, n, budget, **options):
    plain = banzhaf.estimate(game, n, budget=budget, random_state=0, interactions="none", **options)
    return plain, banzhaf.estimate(game, n, budget=budget, random_state=0, interactions="auto", **options)


class TestNothingIsLost:
    @pytest.mark.parametrize(
        ("budget", "options", "reason"),
        [
            (64, {}, "one full Hadamard design does not show"),
            (100, {"design": "paired"}, "too few pairs"),
            (400, {"design": "independent"}, "no pairs of complements"),
            (2**9, {}, "all coalitions were evaluated"),
        ],
    )
    def test_refusals(self, budget, options, reason):
        n = 9 if budget == 2**9 else 32
        plain, found = both(Products(n, 10), n, budget, **options)
        assert reason in found.adjustment.reasons[0]
        assert not found.adjustment.adjusted
        np.testing.assert_array_equal(found.values, plain.values)
        np.testing.assert_array_equal(found.standard_errors, plain.standard_errors)
        assert plain.adjustment is None

    def test_complete_nested_design(self):
        """Interactions of three and four players cancel exactly, and would not do so after an adjustment."""
        game = Products(16, 12)
        plain, found = both(game, 16, 2 * 16 * 8)
        assert "nested design is complete" in found.adjustment.reasons[0]
        assert error(found, game.values) < 1e-13
        np.testing.assert_array_equal(found.values, plain.values)
        two, found = both(game, 16, 2 * 2 * 16 * 16)
        assert "complete nested designs agree" in found.adjustment.reasons[0]
        assert error(found, game.values) < 1e-13
        np.testing.assert_array_equal(found.values, two.values)

    def test_values_without_residuals(self):
        """Pairs of players cancel within the differences, so these games are exact."""
        game = Polynomial.random(20, 2)
        plain, found = both(game, 20, 400)
        assert found.adjustment.reasons == ("the values explain all differences",)
        np.testing.assert_array_equal(found.values, plain.values)
        np.testing.assert_allclose(found.values, game.values, rtol=1e-13, atol=1e-13)

    def test_methods_without_regression(self):
        values = banzhaf.msr(Table.random(6), 6, budget=20, random_state=0)
        assert values.adjustment is None

    def test_uneven_coalitions(self):
        """Large coalitions only, with their complements."""
        rng = np.random.default_rng(0)
        half = rng.random((300, 30)) < 0.7
        coalitions = np.concatenate([half, ~half])
        game = Products(30, 10)
        with pytest.warns(UserWarning, match="do not look uniformly drawn"):
            found = banzhaf.fit(coalitions, game(coalitions), interactions="auto")
        assert found.adjustment.reasons == ("the coalitions do not look uniformly drawn",)

    def test_one_design_that_the_caller_made(self):
        """Its pairs show no interaction that a value hides, whoever asks."""
        coalitions = banzhaf.sample_coalitions(64, 128, random_state=0)
        game = Products(64, 20)
        found = banzhaf.fit(coalitions, game(coalitions), interactions="auto")
        assert "too few pairs" in found.adjustment.reasons[0]

    @pytest.mark.parametrize("given", ["all", True, None, 1])
    def test_arguments(self, given):
        with pytest.raises((TypeError, ValueError), match="interactions must be"):
            banzhaf.estimate(Table.random(4), 4, budget=10, interactions=given)
