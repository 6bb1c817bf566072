# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test estimates that stop before their budget, the guarantees of the rules, and diagnoses."""

from __future__ import annotations

import dataclasses
import math
import pickle
import time

import numpy as np
import pytest
from oracles import Polynomial, Recorder, Table, all_coalitions

import banzhaf
from banzhaf import BudgetWarning, Diagnosis, RankWarning

DESIGNS = ("hadamard", "paired", "independent")
RULES = {
    "tolerance": {"tolerance": 0.05},
    "top_k": {"top_k": 3, "confidence": 0.8},
    "callback": {"callback": lambda values: values.n_evaluations > 700},
}


def staircase(n_players, seed=0):
    """Linear weights that differ by one, plus small interactions of order 3."""
    rng = np.random.default_rng(seed)
    weights = rng.permutation(np.arange(1.0, n_players + 1))
    cubic = Polynomial.random(n_players, 3, seed=seed)
    cubic.terms, cubic.weights = cubic.terms[2 * n_players :], cubic.weights[2 * n_players :]

    def game(coalitions):
        return coalitions @ weights + cubic(coalitions)

    game.values = weights + cubic.values
    return game


def plainly(values):
    """The same result as if no rule had stopped the run."""
    return dataclasses.replace(values, stopped="budget")


class TestStops:
    @pytest.mark.parametrize("outputs", [None, 2])
    @pytest.mark.parametrize("rule", RULES)
    @pytest.mark.parametrize("design", DESIGNS)
    def test_equals_the_run_with_the_same_budget(self, design, rule, outputs):
        one = staircase(30)
        game = Recorder(one if outputs is None else lambda c: np.stack([one(c), 2 - one(c)], axis=1))
        options = {"design": design, "random_state": 4}
        found = banzhaf.estimate(game, 30, budget=40_000, **RULES[rule], **options)
        assert found.stopped == rule
        assert game.n_rows == found.n_evaluations < 21_000
        assert game.n_rows == len(np.unique(game.rows, axis=0)) == found.n_distinct
        options |= {"design": found.design, "budget": found.n_evaluations}
        assert plainly(found) == banzhaf.estimate(game.function, 30, **options)
        if rule == "tolerance":
            assert found.standard_errors.max() <= 0.05
        if rule == "top_k":
            leading = np.argsort(-np.abs(found.values.reshape(30, -1)), axis=0)[:3]
            truth = np.argsort(-np.abs(one.values))[:3]
            assert all(set(column) == set(truth) for column in leading.T)

    @pytest.mark.parametrize("batch_size", [1, 77, None])
    @pytest.mark.parametrize("rule", ["tolerance", "top_k"])
    def test_at_the_same_place_for_any_batches_and_threads(self, rule, batch_size):
        runs = [
            banzhaf.estimate(staircase(30), 30, budget=40_000, random_state=4, **RULES[rule], **options)
            for options in ({"batch_size": batch_size}, {"num_threads": 1}, {"num_threads": 7})
        ]
        assert runs[0] == runs[1] == runs[2]

    @pytest.mark.parametrize("design", DESIGNS)
    def test_spends_the_budget_if_no_rule_is_met(self, design):
        options = {"budget": 700, "design": design, "interactions": "none", "random_state": 1}
        game = staircase(30)
        found = banzhaf.estimate(
            game,
            30,
            tolerance=1e-6,
            top_k=3,
            confidence=1 - 1e-9,
            deadline=1e6,
            callback=lambda values: None,
            **options,
        )
        assert found.stopped == "budget"
        assert found == banzhaf.estimate(game, 30, **options)

    def test_the_last_estimate_may_meet_a_rule_too(self):
        options = {"interactions": "none", "random_state": 1}
        found = banzhaf.estimate(staircase(30), 30, budget=1000, tolerance=100.0, confidence=0.99999, **options)
        assert (found.stopped, found.n_evaluations) == ("budget", 1000)  # too few Hadamard designs for that confidence
        at_last = banzhaf.estimate(staircase(30), 30, budget=800, **options).standard_errors.max()
        found = banzhaf.estimate(staircase(30), 30, budget=800, tolerance=1.15 * at_last, **options)
        assert (found.stopped, found.n_evaluations) == ("tolerance", 800)

    def test_repr_names_the_reason(self):
        values = banzhaf.estimate(staircase(30), 30, budget=1000, random_state=1, tolerance=9.0)
        assert "stopped: standard errors within the tolerance" in repr(values)
        assert "stopped" not in repr(plainly(values))
        for why in ("top_k", "deadline", "callback"):
            assert "stopped" in repr(dataclasses.replace(values, stopped=why))

    def test_a_single_interaction_cannot_hide(self):
        """In the first designs an interaction of three players may be confounded with a fourth player's value alone."""

        def game(coalitions):
            return (2.0 * coalitions[:, :3] - 1).prod(axis=1)

        wrong, too_early = 0, 0
        for seed in range(300):
            options = {"interactions": "none", "random_state": seed}
            found = banzhaf.estimate(game, 31, budget=1900, tolerance=1e-3, **options)
            wrong += found.stopped == "tolerance" and np.abs(found.values).max() > 1e-3
            two_blocks = banzhaf.estimate(game, 31, budget=128, **options)
            too_early += (np.abs(two_blocks.values).max() > 1e-3) & (two_blocks.standard_errors.max() < 1e-3)
        assert too_early > 60  # otherwise the rule would have nothing to guard against
        assert wrong < 0.05 * 300

    @pytest.mark.filterwarnings("ignore:.* were dropped:UserWarning")
    def test_nan_worths_are_dropped_on_the_way(self):
        game = staircase(20)

        def holed(coalitions):
            return np.where(coalitions[:, :4].all(axis=1), np.nan, game(coalitions))

        options = {"random_state": 1, "on_nonfinite": "drop", "design": "nested"}
        found = banzhaf.estimate(holed, 20, budget=100_000, tolerance=0.1, **options)
        assert found.stopped == "tolerance"
        assert 0 < found.n_dropped < found.n_evaluations < 50_000
        assert plainly(found) == banzhaf.estimate(holed, 20, budget=found.n_evaluations, **options)

    def test_failures_keep_what_was_evaluated(self):
        game = Recorder(staircase(30))

        def stops(values):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt) as caught:
            banzhaf.estimate(game, 30, budget=5000, random_state=1, callback=stops, deadline=1e6)
        kept = caught.value.evaluations
        np.testing.assert_array_equal(kept.coalitions, game.rows)
        np.testing.assert_array_equal(kept.worths[:, 0], game.function(game.rows))

    def test_ridge_and_standard_errors_off(self):
        options = {"budget": 9000, "random_state": 1, "ridge": 2.0, "standard_errors": False}
        found = banzhaf.estimate(staircase(30), 30, callback=lambda values: values.n_evaluations > 500, **options)
        assert found.stopped == "callback"
        expected = banzhaf.estimate(staircase(30), 30, **(options | {"budget": found.n_evaluations}))
        assert plainly(found) == expected


class TestAllCoalitions:
    """If the budget covers all coalitions, they come in an order that may end early."""

    @pytest.mark.parametrize("n_players", range(1, 13))
    @pytest.mark.parametrize("design", [*DESIGNS, "exhaustive"])
    def test_are_exact_in_the_end(self, design, n_players):
        game = Recorder(Table.random(n_players))
        found = banzhaf.estimate(game, n_players, budget=2**n_players, design=design, tolerance=1e-12, deadline=1e6)
        assert found.adjustment.reasons == ("all coalitions were evaluated",)
        assert dataclasses.replace(plainly(found), adjustment=None) == banzhaf.exact(game.function, n_players)
        assert len(np.unique(game.rows, axis=0)) == game.n_rows == 2**n_players
        assert found.stopped == "tolerance"  # all errors are 0

    def test_stop_early(self):
        game = staircase(17)
        found = banzhaf.estimate(game, 17, budget=2**17, random_state=3, tolerance=0.1)
        assert (found.stopped, found.design, found.random_state) == ("tolerance", "nested", 3)
        assert found.n_evaluations < 2**13
        options = {"budget": found.n_evaluations, "design": found.design, "random_state": 3}
        assert plainly(found) == banzhaf.estimate(game, 17, **options)

    @pytest.mark.filterwarnings("ignore:.* were dropped:UserWarning")
    def test_with_holes(self):
        game = Table.random(8)
        game.worths[[3, 77]] = np.nan
        options = {"budget": 256, "on_nonfinite": "drop"}
        found = banzhaf.estimate(game, 8, tolerance=1e-9, random_state=0, **options)
        assert found == banzhaf.estimate(game, 8, **options)
        assert (found.design, found.n_dropped) == ("exhaustive", 4)


class Clocked(Recorder):
    """A game that waits for each coalition and records when each call began and ended."""

    def __init__(self, function, seconds):
        super().__init__(function)
        self.seconds, self.times = seconds, []

    def __call__(self, coalitions):
        begun = time.perf_counter()
        worths = super().__call__(coalitions)
        while time.perf_counter() < begun + self.seconds * len(coalitions):
            pass
        self.times.append((begun, time.perf_counter()))
        return worths


class TestDeadline:
    @pytest.mark.filterwarnings("ignore::banzhaf.RankWarning", "ignore::banzhaf.BudgetWarning")  # on a busy machine
    @pytest.mark.parametrize("design", DESIGNS)
    @pytest.mark.parametrize("interactions", ["auto", "none"])
    @pytest.mark.parametrize(("seconds", "deadline"), [(2e-5, 0.05), (1e-3, 0.3)])
    def test_no_batch_begins_after_the_deadline(self, design, seconds, deadline, interactions):
        game = Clocked(staircase(30), seconds)
        options = {"design": design, "interactions": interactions, "random_state": 1}
        found = banzhaf.estimate(game, 30, budget=10**9, deadline=deadline, **options)
        assert found.stopped == "deadline"
        assert game.n_rows == found.n_evaluations
        # The batch before the last ended within the deadline, however busy the machine is.
        assert len(game.times) == 1 or game.times[-2][1] - game.times[0][0] < deadline
        # The time left decides whether interactions are looked for. With few evaluations, designs have other names.
        if interactions == "auto" or found.n_evaluations < 128:
            return
        assert plainly(found) == banzhaf.estimate(game.function, 30, budget=found.n_evaluations, **options)

    def test_a_deadline_within_a_full_design_leaves_a_random_part(self):
        """The design of order 64 stays, although a smaller budget would use order 36."""
        game = Clocked(staircase(33), 5e-3)
        with pytest.warns((RankWarning, BudgetWarning), match="full Hadamard design.* takes 72 "):
            found = banzhaf.estimate(game, 33, budget=128, random_state=1, deadline=0.15)
        assert found.stopped == "deadline"
        assert found.n_evaluations == game.n_rows < 128
        rows = game.rows
        np.testing.assert_array_equal(rows[::2], ~rows[1::2])
        expected = banzhaf.fit(rows, game.function(rows), ridge=0.0) if found.rank == 33 else None
        signs = 2.0 * rows[::2] - 1
        worths = game.function(rows)
        least_norm = np.linalg.pinv(signs) @ (worths[::2] - worths[1::2])
        np.testing.assert_allclose(found.values, least_norm if expected is None else expected.values, atol=1e-8)

    def test_evaluates_at_least_one_pair(self):
        with pytest.warns(RankWarning, match="rank 1 for 10 players"):
            found = banzhaf.estimate(staircase(10), 10, budget=900, random_state=1, deadline=1e-9)
        assert (found.stopped, found.n_evaluations) == ("deadline", 2)

    def test_a_deadline_after_the_budget_changes_nothing(self):
        found = banzhaf.estimate(staircase(10), 10, budget=900, random_state=1, deadline=1e9)
        assert found == banzhaf.estimate(staircase(10), 10, budget=900, random_state=1)


class TestCallback:
    def test_callback_gets_growing_estimates(self):
        given, options = [], {"interactions": "none", "random_state": 1}
        final = banzhaf.estimate(staircase(30), 30, budget=5000, callback=given.append, **options)
        counts = [values.n_evaluations for values in given]
        assert counts == [64 * blocks for blocks in (1, 2, 3, 4, 6, 9, 13, 19, 28, 32, 42, 63)]
        assert sum(counts) < 3 * final.n_evaluations
        for values in given:
            expected = banzhaf.estimate(staircase(30), 30, budget=values.n_evaluations, design=values.design, **options)
            assert plainly(values) == expected
            assert values.stopped == "running"
        assert "running" in repr(given[0])

    @pytest.mark.parametrize("answer", [None, False, np.False_])
    def test_goes_on(self, answer):
        found = banzhaf.estimate(staircase(30), 30, budget=500, random_state=1, callback=lambda values: answer)
        assert found.stopped == "budget"

    @pytest.mark.parametrize("answer", [True, np.True_])
    def test_stops(self, answer):
        found = banzhaf.estimate(staircase(30), 30, budget=500, random_state=1, callback=lambda values: answer)
        assert (found.stopped, found.n_evaluations) == ("callback", 64)

    @pytest.mark.parametrize("answer", [1, "yes", np.ones(3)])
    def test_refuses_other_answers(self, answer):
        with pytest.raises(TypeError, match="callback must return True to stop, or False or None") as caught:
            banzhaf.estimate(staircase(30), 30, budget=500, random_state=1, callback=lambda values: answer)
        assert len(caught.value.evaluations) == 64

    def test_has_the_outputs_axis_and_names(self):
        given = []
        banzhaf.estimate(
            lambda c: c[:, :1] * 1.0, 5, budget=30, random_state=1, callback=given.append, player_names=list("abcde")
        )
        assert given[0].values.shape == (5, 1)
        assert given[0].player_names == tuple("abcde")


class TestConfidence:
    @pytest.mark.parametrize(
        ("design", "interactions", "n_games", "budget"),
        [(design, "none", 150, 4000) for design in DESIGNS]
        # Interactions are taken out of pairs alone.
        + [
            pytest.param(design, "auto", 60, 800, marks=pytest.mark.slow)
            for design in DESIGNS
            if design != "independent"
        ],
    )
    def test_separations_are_right_as_often_as_promised(self, design, interactions, n_games, budget):
        """At 80 %, on games whose players are hard to separate, with up to a dozen checks."""
        right, options = [], {"design": design, "interactions": interactions, "budget": budget}
        for seed in range(n_games):
            game = Polynomial.random(14, 3, seed=seed)
            found = banzhaf.estimate(game, 14, random_state=seed, top_k=3, confidence=0.8, **options)
            if found.stopped == "top_k":
                leading = np.argsort(-np.abs(found.values))[:3]
                # A tie may be broken either way.
                size = np.abs(game.values)
                right.append(size[leading].min() >= np.delete(size, leading).max() - 1e-12)
        assert len(right) > 20
        assert np.mean(right) > 0.8

    def test_equal_players_are_never_separated(self):
        """Rounding does not separate them either when the errors are 0."""
        found = banzhaf.estimate(lambda c: 0.1 * c.sum(axis=1), 20, budget=5000, random_state=1, top_k=5)
        assert found.stopped == "budget"


class TestFallback:
    @pytest.mark.parametrize(("n", "one_block"), [(9, 24), (20, 40), (30, 64), (33, 72), (100, 200), (241, 488)])
    def test_warns_below_one_full_design_and_names_its_size(self, n, one_block):
        game = Polynomial.random(n, 2)
        exact = banzhaf.estimate(game, n, budget=one_block, random_state=0)  # no warning
        np.testing.assert_allclose(exact.values, game.values, atol=1e-9)
        assert exact.condition_number == pytest.approx(1.0, rel=1e-6)
        if one_block > 2 * n:  # a weighing design is exact on games of order 2 as well and does not warn
            weighed = banzhaf.estimate(game, n, budget=one_block - 2, random_state=0)
            np.testing.assert_allclose(weighed.values, game.values, atol=1e-9)
        with pytest.warns(RankWarning, match=f"full Hadamard design takes {one_block} evaluations") as caught:
            banzhaf.estimate(game, n, budget=2 * n - 2, random_state=0)
        assert len(caught) == 1
        assert caught[0].filename == __file__
        with pytest.warns(BudgetWarning, match=f"takes {one_block} for {n} players"):
            banzhaf.estimate(game, n, budget=2 * n - 2, random_state=0, ridge=1.0)

    def test_too_many_players_for_a_weighing_design(self):
        game = Polynomial.random(301, 2)
        with pytest.warns(BudgetWarning, match="takes 608 for 301 players") as caught:
            banzhaf.estimate(game, 301, budget=606, random_state=0)
        assert len(caught) == 1
        assert caught[0].filename == __file__


def coefficients(worths):
    """Fourier coefficients by definition, each at the index whose bits are its set of players."""
    n = len(worths).bit_length() - 1
    signs = 2.0 * all_coalitions(n) - 1
    return np.array([(np.prod(signs[:, row], axis=1) * worths).mean() for row in all_coalitions(n)])


class TestDiagnosis:
    @pytest.mark.parametrize("n_players", [3, 5, 7])
    def test_shares_are_those_of_the_coefficients(self, n_players):
        worths = Table.random(n_players).worths
        squares = coefficients(worths) ** 2
        sizes = all_coalitions(n_players).sum(axis=1)
        total = squares[sizes > 0].sum()
        expected = {
            "even_share": squares[(sizes > 0) & (sizes % 2 == 0)].sum() / total,
            "linear_share": squares[sizes == 1].sum() / total,
            "higher_share": squares[(sizes > 1) & (sizes % 2 == 1)].sum() / total,
        }
        for values in (
            banzhaf.exact(worths, n_players),
            banzhaf.exact(Table(worths), n_players),
            banzhaf.fit(all_coalitions(n_players)[::-1], worths[::-1]),
        ):
            found = banzhaf.diagnose(values)
            for name, share in expected.items():
                np.testing.assert_allclose(getattr(found, name), share, rtol=1e-12)
            assert (values.even_variance + values.odd_variance) == pytest.approx(worths.var(), rel=1e-12)
            assert (found.n_distinct, found.plans, float(found.standard_error)) == (2**n_players, (), 0.0)

    @pytest.mark.parametrize("design", ["hadamard", "paired"])
    def test_shares_are_estimated(self, design):
        game = Polynomial.random(9, 4, outputs=2)
        truth = banzhaf.diagnose(banzhaf.exact(game, 9))
        found = [
            banzhaf.diagnose(
                banzhaf.estimate(game, 9, budget=200, design=design, random_state=seed, interactions="none")
            )
            for seed in range(400)
        ]
        for name in ("even_share", "linear_share", "higher_share"):
            runs = np.array([getattr(one, name) for one in found])
            np.testing.assert_allclose(runs.mean(axis=0), getattr(truth, name), atol=0.01)
            assert runs.std() > 1e-3

    @pytest.mark.parametrize("outputs", [None, 3])
    @pytest.mark.parametrize("design", ["hadamard", "paired", "given"])
    def test_variances_are_those_of_the_pairs(self, design, outputs):
        game = Polynomial.random(12, 4, outputs=outputs, constant=3.0)
        kind = "paired" if design == "given" else design
        coalitions = banzhaf.sample_coalitions(12, 150, design=kind, random_state=2)
        worths = game(coalitions)
        values = (
            banzhaf.fit(coalitions, worths)
            if design == "given"
            else banzhaf.estimate(game, 12, budget=150, design=design, random_state=2)
        )
        half_sums, half_differences = (worths[::2] + worths[1::2]) / 2, (worths[::2] - worths[1::2]) / 2
        np.testing.assert_allclose(values.even_variance, half_sums.var(axis=0, ddof=1), rtol=1e-10)
        np.testing.assert_allclose(values.odd_variance, (half_differences**2).mean(axis=0), rtol=1e-10)
        assert values.n_distinct == len(np.unique(coalitions, axis=0))

    @pytest.mark.parametrize("n_players", [5, 63, 64, 65, 130])
    @pytest.mark.parametrize("design", DESIGNS)
    @pytest.mark.filterwarnings("ignore::banzhaf.RankWarning", "ignore::banzhaf.BudgetWarning")
    def test_counts_distinct_coalitions(self, design, n_players):
        budget = 30 if n_players == 5 else 300
        found = banzhaf.estimate(
            Polynomial.random(n_players, 2), n_players, budget=budget, design=design, random_state=1
        )
        coalitions = banzhaf.sample_coalitions(n_players, budget, design=design, random_state=1)
        assert found.n_distinct == len(np.unique(coalitions, axis=0))
        repeated = np.concatenate([coalitions, coalitions[:8]])
        again = banzhaf.fit(repeated, repeated[:, 0])
        assert again.n_distinct == found.n_distinct

    def test_expected_errors_come_true(self):
        game, options = staircase(30), {"interactions": "none", "random_state": 0}
        now = banzhaf.diagnose(banzhaf.estimate(game, 30, budget=640, **options))
        assert dict(zip(now.plans, now.budgets, strict=True)) == {
            "twice as many": 1280,
            "one more full Hadamard design": 704,
            "the next complete nested design": 2048,
            "all coalitions": 2**30,
        }
        assert now.expected_errors[-1] == 0
        for budget, expected in list(zip(now.budgets, now.expected_errors, strict=True))[:3]:
            later = banzhaf.diagnose(banzhaf.estimate(game, 30, budget=budget, **options))
            assert 0.7 < float(later.standard_error) / expected < 1.4

    def test_plans(self):
        game = staircase(40)

        def plans(budget, **options):
            options = {"interactions": "none", "random_state": 0} | options
            found = banzhaf.diagnose(banzhaf.estimate(game, 40, budget=budget, **options))
            return dict(zip(found.plans, found.budgets, strict=True))

        with pytest.warns(RankWarning):
            assert plans(60)["one full Hadamard design"] == 80
        assert plans(100)["one more full Hadamard design"] == 128
        assert plans(100)["the next complete nested design"] == 4096
        assert plans(2 * 64 * 64) == {
            "twice as many": 4 * 64 * 64,
            "one more full Hadamard design": 2 * 64 * 65,
            "the next complete nested design": 2 * 64**3,
        }
        assert plans(500, design="paired") == {"twice as many": 1000}

    @pytest.mark.parametrize("method", [banzhaf.monte_carlo, banzhaf.msr])
    def test_without_pairs_the_shares_are_unknown(self, method):
        found = banzhaf.diagnose(method(Polynomial.random(8, 3), 8, budget=100, random_state=0))
        assert np.isnan([found.even_share, found.linear_share, found.higher_share]).all()
        assert "need pairs" in repr(found)

    def test_a_constant_game_has_no_shares(self):
        found = banzhaf.diagnose(banzhaf.exact(np.ones(16), 4))
        assert math.isnan(found.even_share)
        repr(found)

    def test_prints(self):
        options = {"interactions": "none", "random_state": 0}
        text = repr(banzhaf.diagnose(banzhaf.estimate(staircase(30), 30, budget=640, **options)))
        for part in (
            "30 players",
            "640 evaluations",
            "640 distinct",
            "even part",
            "within pairs",
            "2048",
            "at most",
        ):
            assert part in text
        assert max(map(len, text.splitlines())) < 120
        many = banzhaf.diagnose(banzhaf.estimate(Polynomial.random(9, 3, outputs=5), 9, budget=100, random_state=0))
        assert "..." in repr(many)

    def test_is_frozen_and_the_same_after_pickling_and_saving(self, tmp_path):
        values = banzhaf.estimate(Polynomial.random(9, 3, outputs=2), 9, budget=100, random_state=0)
        found = banzhaf.diagnose(values)
        with pytest.raises(dataclasses.FrozenInstanceError):
            found.rank = 3
        with pytest.raises(ValueError, match="read-only"):
            found.even_share[0] = 1
        assert pickle.loads(pickle.dumps(found)) == found
        found.save(tmp_path / "diagnosis")
        assert type(banzhaf.load(tmp_path / "diagnosis")) is Diagnosis
        assert banzhaf.load(tmp_path / "diagnosis") == found
        values.save(tmp_path / "values")
        assert banzhaf.diagnose(banzhaf.load(tmp_path / "values")) == found
        assert found != dataclasses.replace(found, n_distinct=3)
        assert found != values

    def test_refuses_other_objects(self):
        with pytest.raises(TypeError, match="values must be a BanzhafValues"):
            banzhaf.diagnose([1.0])
