# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test noisy games, whose budget is spent and whose errors include the noise, and samples that are not uniform."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from oracles import all_coalitions, least_squares

import banzhaf


class Noisy:
    """A table of worths; each call adds noise with the standard deviation of the coalition."""

    def __init__(self, n_players, seed, *, uneven=False, interactions=1.0):
        self.rng = np.random.default_rng(seed)
        self.n = n_players
        self.worths = all_coalitions(n_players) @ self.rng.normal(size=n_players)
        self.worths += interactions * self.rng.normal(size=len(self.worths))
        self.spread = np.exp(self.rng.normal(size=len(self.worths))) if uneven else np.ones(len(self.worths))
        self.truth = banzhaf.exact(self.worths, n_players).values

    def __call__(self, coalitions):
        rows = coalitions @ (1 << np.arange(self.n))
        return self.worths[rows] + self.spread[rows] * self.rng.normal(size=len(rows))


def covered(game, n_runs, **arguments):
    """The share of 95 % intervals that cover the true value."""
    hits = []
    for seed in range(n_runs):
        bounds = banzhaf.estimate(game, game.n, noisy=True, random_state=seed, **arguments).intervals()
        hits += list((bounds[:, 0] <= game.truth) & (game.truth <= bounds[:, 1]))
    return np.mean(hits)


class TestBudget:
    @pytest.mark.parametrize("design", ["hadamard", "paired", "independent", "exhaustive"])
    @pytest.mark.parametrize("budget", [8, 10, 16, 29, 100])
    def test_the_whole_budget_is_spent(self, design, budget):
        game = Noisy(3, 0)
        values = banzhaf.estimate(game, 3, budget=budget, design=design, noisy=True, random_state=0)
        assert values.n_evaluations == budget // 2 * 2
        assert (values.design, values.noisy, values.n_distinct) == ("exhaustive", True, 8)
        assert (values.standard_errors > 0).all()

    def test_repeats_go_round_all_coalitions(self):
        seen = []

        def game(coalitions):
            seen.extend(coalitions @ (1 << np.arange(5)))
            return np.zeros(len(coalitions))

        banzhaf.estimate(game, 5, budget=2 * 32 + 10, noisy=True, random_state=0)
        counts = np.bincount(seen, minlength=32)
        assert (counts.min(), counts.max(), (counts == 3).sum()) == (2, 3, 10)
        # The remaining evaluations are pairs.
        assert np.array_equal(counts, counts[::-1])

    @pytest.mark.parametrize("rule", [{"tolerance": 1e-9}, {"top_k": 2}, {"callback": lambda found: False}])
    def test_no_rule_is_met_at_once(self, rule):
        game = Noisy(6, 1, interactions=0)
        game.worths[:] = 0
        values = banzhaf.estimate(game, 6, budget=640, noisy=True, random_state=0, **rule)
        assert (values.stopped, values.n_evaluations) == ("budget", 640)

    def test_a_tolerance_stops_where_the_noise_allows_it(self):
        game = Noisy(6, 1)
        values = banzhaf.estimate(game, 6, budget=10**6, noisy=True, random_state=0, tolerance=0.05)
        assert values.stopped == "tolerance"
        # 2 sd / sqrt(m)
        assert 0.5 < values.n_evaluations / (2 / 0.05) ** 2 < 3

    def test_a_callback_sees_growing_estimates(self):
        sizes = []
        game = Noisy(4, 2)
        banzhaf.estimate(game, 4, budget=200, noisy=True, random_state=0, callback=lambda v: sizes.append(len(v)))
        assert len(sizes) > 4

    def test_the_seed_gives_the_same_coalitions_for_any_batch(self):
        def game(coalitions):
            return np.sin(coalitions @ np.arange(5.0))

        one, other = (
            banzhaf.estimate(game, 5, budget=80, noisy=True, random_state=3, batch_size=size) for size in (1, 80)
        )
        assert one == other
        assert one.random_state == 3


class TestErrors:
    @pytest.mark.parametrize("uneven", [False, True])
    @pytest.mark.parametrize("budget", [128, 256, 300, 512, 2000])
    def test_coverage(self, budget, uneven):
        share = covered(Noisy(8, 3, uneven=uneven), 40, budget=budget)
        # Three standard deviations below 0.95, for 320 intervals that agree within a run.
        assert share > 0.86

    def test_coverage_of_few_players(self):
        assert covered(Noisy(3, 4, uneven=True), 150, budget=16) > 0.88

    def test_noise_of_every_output_is_its_own(self):
        rng = np.random.default_rng(0)

        def game(coalitions):
            size = coalitions.sum(axis=1)
            return np.stack([size + rng.normal(size=len(size)), 1e170 * rng.normal(size=len(size))], axis=1)

        errors = banzhaf.estimate(game, 6, budget=640, noisy=True, random_state=0).standard_errors
        np.testing.assert_allclose(errors[:, 0], 2 / np.sqrt(640), rtol=0.2)
        np.testing.assert_allclose(errors[:, 1], 2e170 / np.sqrt(640), rtol=0.2)

    def test_a_residual_of_zero_is_no_proof(self):
        # Worths are additive, so the residuals do not reveal the noise.
        values = banzhaf.estimate(lambda c: c @ np.arange(1.0, 21.0), 20, budget=200, noisy=True, random_state=0)
        assert (values.standard_errors > 0.1).all()

    def test_one_and_two_players_need_repeats(self):
        for n, least in ((1, 4), (2, 6)):
            game = Noisy(n, 5)
            few = banzhaf.estimate(game, n, budget=2**n, noisy=True, random_state=0)
            assert np.isnan(few.standard_errors).all()
            enough = banzhaf.estimate(game, n, budget=least, noisy=True, random_state=0)
            assert (enough.standard_errors > 0).all()

    def test_dropped_worths_leave_the_rest(self):
        game = Noisy(5, 6)

        def holed(coalitions):
            return np.where(game.rng.random(len(coalitions)) < 0.05, np.nan, game(coalitions))

        with pytest.warns(UserWarning, match="dropped"):
            values = banzhaf.estimate(holed, 5, budget=640, noisy=True, on_nonfinite="drop", random_state=0)
        assert values.n_dropped > 10
        np.testing.assert_allclose(values.standard_errors, 2 / np.sqrt(640), rtol=0.25)
        assert (np.abs(values.values - game.truth) < 5 * values.standard_errors).all()


class TestFit:
    def test_all_coalitions_several_times(self):
        game = Noisy(8, 7)
        for times in (2, 4):
            coalitions = np.tile(all_coalitions(8), (times, 1))
            values = banzhaf.fit(coalitions, game(coalitions))
            np.testing.assert_allclose(values.standard_errors, 2 / np.sqrt(len(coalitions)), rtol=0.2)
            assert (values.n_evaluations, values.n_distinct) == (256 * times, 256)

    @pytest.mark.parametrize("n_more", [2, 40, 200])
    def test_all_coalitions_and_some_again(self, n_more):
        game = Noisy(8, 8)
        coalitions = np.concatenate([all_coalitions(8), all_coalitions(8)[:n_more]])
        values = banzhaf.fit(coalitions, game(coalitions))
        assert (values.standard_errors > 0.6 * 2 / np.sqrt(len(coalitions))).all()

    def test_repeats_that_agree_are_exact(self):
        game = Noisy(6, 9)
        coalitions = np.concatenate([all_coalitions(6)] * 3)[:150]
        values = banzhaf.fit(coalitions, game.worths[coalitions @ (1 << np.arange(6))])
        np.testing.assert_allclose(values.values, game.truth, rtol=1e-12)
        assert (values.standard_errors == 0).all()

    def test_repeats_of_a_sample_add_nothing(self):
        coalitions = banzhaf.sample_coalitions(12, 120, random_state=0)
        worths = np.sin(coalitions @ np.arange(12.0))
        once = banzhaf.fit(coalitions, worths)
        again = banzhaf.fit(np.tile(coalitions, (3, 1)), np.tile(worths, 3))
        np.testing.assert_allclose(again.values, once.values, rtol=1e-10)
        np.testing.assert_allclose(again.standard_errors, once.standard_errors, rtol=1e-10)
        assert again.degrees_of_freedom == once.degrees_of_freedom

    def test_some_of_a_sample_more_often_widen_its_errors(self):
        coalitions = banzhaf.sample_coalitions(30, 200, random_state=0)
        worths = np.sin(coalitions @ np.arange(30.0))
        places = np.concatenate([np.arange(200), np.arange(20).repeat(9)])
        once, again = banzhaf.fit(coalitions, worths), banzhaf.fit(coalitions[places], worths[places])
        assert (again.standard_errors > once.standard_errors).all()
        expected = least_squares(coalitions[places], worths[places])
        np.testing.assert_allclose(again.values, expected, rtol=1e-9)

    def test_repeats_of_a_sample_lessen_its_noise(self):
        rng = np.random.default_rng(0)
        coalitions = np.tile(banzhaf.sample_coalitions(12, 400, random_state=0), (4, 1))
        values = banzhaf.fit(coalitions, coalitions.sum(axis=1) + rng.normal(size=len(coalitions)))
        np.testing.assert_allclose(values.standard_errors, 2 / np.sqrt(1600), rtol=0.3)

    def test_noise_may_be_declared(self):
        game = Noisy(6, 10)
        exact, noisy = (banzhaf.fit(all_coalitions(6), game.worths, noisy=choice) for choice in (False, True))
        assert (exact.standard_errors == 0).all()
        assert (noisy.standard_errors > 0).all()
        assert np.array_equal(exact.values, noisy.values)
        again = banzhaf.fit_design(game.worths, 6, random_state=0, noisy=True)
        assert np.array_equal(again.standard_errors, noisy.standard_errors)


def permuted(n_players, sizes, rng):
    """Random coalitions of given sizes."""
    rows = np.zeros((len(sizes), n_players), dtype=bool)
    for row, size in zip(rows, sizes, strict=True):
        row[rng.permutation(n_players)[:size]] = True
    return rows


UNEVEN = {
    "inclusion": (lambda rng: rng.random((2000, 20)) < 0.9, "players are in"),
    "fixed size": (lambda rng: permuted(20, [10] * 2000, rng), "variance of their sizes"),
    "another fixed size": (lambda rng: permuted(20, [6] * 2000, rng), "players are in"),
    "one player": (
        lambda rng: np.concatenate([rng.random((2000, 1)) < 0.9, rng.random((2000, 19)) < 0.5], axis=1),
        "player 0 is in",
    ),
    "sizes drawn evenly": (lambda rng: permuted(20, rng.integers(0, 21, 2000), rng), "variance of their sizes"),
    "players together": (
        lambda rng: np.repeat(rng.random((2000, 10)) < 0.5, 2, axis=1) ^ (rng.random((2000, 20)) < 0.1),
        "coalitions",
    ),
}


class TestUnevenCoalitions:
    @pytest.mark.parametrize("pairs", [False, True])
    @pytest.mark.parametrize("case", UNEVEN)
    def test_uneven_samples_warn(self, case, pairs):
        make, seen = UNEVEN[case]
        rows = make(np.random.default_rng(0))
        if pairs:
            rows = np.concatenate([rows, ~rows])
            seen = "uniform"
            if case == "one player":  # the player is in one of each pair
                return
        elif case == "inclusion":  # the same for all players: another probability
            with pytest.warns(UserWarning, match=r"with probability 0\.9, so the values are those for p=0\.9"):
                assert abs(banzhaf.fit(rows, rows.sum(axis=1)).p - 0.9) < 0.01
            return
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")  # fixed sizes lower the rank as well
            banzhaf.fit(rows, rows.sum(axis=1))
        assert any("uniform" in str(warning.message) for warning in caught)
        assert any(seen in str(warning.message) for warning in caught)

    def test_names_are_used(self):
        rows = np.random.default_rng(0).random((400, 3)) < [0.95, 0.5, 0.5]
        rows = np.concatenate([rows, np.random.default_rng(1).random((400, 9)) < 0.5], axis=1)
        with pytest.warns(UserWarning, match="player age is in 9"):
            banzhaf.fit(rows, rows.sum(axis=1), player_names=["age", *"bcdefghijkl"])

    @pytest.mark.parametrize("design", ["hadamard", "paired", "independent"])
    @pytest.mark.parametrize("n_players", [2, 5, 12, 16, 33])
    def test_uniform_ones_raise_no_alarm(self, n_players, design):
        rng = np.random.default_rng(n_players)
        for seed in range(30):
            budget = int(rng.integers(2, 60)) * 2
            rows = banzhaf.sample_coalitions(n_players, budget, design=design, random_state=seed)
            some = rows[rng.permutation(len(rows))[: max(2, len(rows) // 2)]]
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                warnings.simplefilter("ignore", banzhaf.RankWarning)
                for each in (rows, some):
                    banzhaf.fit(each, each.sum(axis=1))


@pytest.mark.filterwarnings("ignore::banzhaf.RankWarning")
class TestDropped:
    def game(self, coalitions):
        return np.where(coalitions[:, 0] & coalitions[:, 1], np.nan, coalitions.sum(axis=1).astype(float))

    @pytest.mark.parametrize("method", [banzhaf.estimate, banzhaf.msr, banzhaf.monte_carlo])
    def test_dropping_warns(self, method):
        with pytest.warns(UserWarning, match=r"of 512 evaluations \(\d+\.\d+%\) were dropped") as caught:
            method(self.game, 10, budget=512, on_nonfinite="drop", random_state=0)
        assert {warning.filename for warning in caught} == {__file__}
