# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tests of the intervals of Hadamard designs by the simulations of `bench`. The long ones are marked slow."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "bench").is_dir():
    pytest.skip("the benchmarks are not in an sdist", allow_module_level=True)
sys.path.append(str(ROOT))
pytest.importorskip("threadpoolctl")

from bench._families import FAMILIES, Airport  # noqa: E402
from bench._games import all_coalitions, brute_force  # noqa: E402
from bench.coverage import coverage  # noqa: E402
from bench.hidden import complete_design, outcome, unanimity  # noqa: E402


def test_airport_and_unanimity_know_their_values():
    for game in (Airport(np.array([1.0, 1.5, 4.0, 4.0, 9.0])), unanimity(5, 3)):
        np.testing.assert_allclose(game.values, brute_force(game(all_coalitions(5)), 5), atol=1e-12)


@pytest.mark.parametrize("n_players", [8, 16, 20, 33, 100])
def test_complete_designs_are_exact_to_order_4(n_players):
    def cubes(seed):
        rng = np.random.default_rng(seed)
        return FAMILIES["orders 2 and 3"](n_players, rng)

    found = outcome(cubes, n_players, complete_design(n_players), range(1))
    assert found.root_mean_square_error < 1e-12


def test_values_are_seldom_far_off():
    for size, n_players in ((7, 20), (8, 33), (8, 64)):
        found = outcome(lambda _: unanimity(n_players, size), n_players, 2 * complete_design(n_players), range(20))  # noqa: B023
        assert found.runs_beyond == 0
        assert found.largest > 6  # or there were nothing to beware of


@pytest.mark.parametrize(("family", "budget"), [("dense", 24), ("majority", 80)])
def test_intervals_of_8_players_cover(family, budget):
    shares, _ = coverage("hadamard", family, 8, budget, 500)
    assert shares.mean() >= 0.93


@pytest.mark.slow
def test_no_value_of_the_two_games_is_far_off():
    assert outcome(lambda _: unanimity(100, 8), 100, 131_072, range(20)).runs_beyond == 0
    assert outcome(lambda _: Airport(np.arange(1.0, 101.0)), 100, 65_536, range(20)).runs_beyond == 0


@pytest.mark.slow
@pytest.mark.parametrize("n_players", [20, 33, 64, 100])
@pytest.mark.parametrize("size", [6, 7, 8, 9])
@pytest.mark.parametrize("stages", [2, 4])
def test_hidden_interactions_are_as_rare_as_stated(n_players, size, stages):
    if size == 9 and n_players == 20:
        pytest.skip("2 evaluations of 4096 may miss the one coalition that matters")
    found = outcome(lambda _: unanimity(n_players, size), n_players, stages * complete_design(n_players), range(40))
    assert found.runs_beyond <= 3  # 0.8 expected at most


@pytest.mark.slow
@pytest.mark.parametrize("n_players", [8, 20, 30, 100])  # bench.coverage has more
@pytest.mark.parametrize("per_player", [2.2, 3, 5, 10, 20])
def test_intervals_of_every_family_cover(n_players, per_player):
    budget = round(per_player * n_players)
    for family in FAMILIES:
        shares, _ = coverage("hadamard", family, n_players, budget, 200)
        assert np.isnan(shares).any() or shares.mean() > 0.91, family  # 0.93 less a standard error and a half
