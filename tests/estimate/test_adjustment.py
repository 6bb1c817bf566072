# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test adjusted values: interactions are taken out of the error, and nothing else changes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from oracles import Polynomial, Table

import banzhaf
from banzhaf import _core


class Products:
    """A sum of products of +-1 over few sets of players: the values are twice the weights of single players."""

    def __init__(self, n_players, n_sets, *, order=3, seed=0, outputs=None, noise=0.0, spread=1.0):
        rng = np.random.default_rng([seed, n_players, n_sets])
        self.sets = [[i] for i in range(n_players)]
        self.sets += [list(rng.choice(n_players, 2, replace=False)) for _ in range(n_sets)]
        self.sets += [list(rng.choice(n_players, order, replace=False)) for _ in range(n_sets)]
        shape = (len(self.sets),) if outputs is None else (len(self.sets), outputs)
        # So few binary digits that the sums are exact: a worth does not depend on how many rows are asked for.
        self.weights = np.round(rng.normal(size=shape) * np.exp(spread * rng.normal(size=shape)) * 2**20) / 2**20
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
        plain, found = both(game, 20, 600)
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


class TestInteractionsAreTakenOut:
    @pytest.mark.parametrize("design", ["hadamard", "paired"])
    def test_planted(self, design):
        """The oracle: values are twice the weights of single players."""
        game = Products(14, 8)
        plain, found = both(game, 14, 300, design=design)
        assert found.adjustment.reasons == ("",)
        assert error(found, game.values) < 0.01 * error(plain, game.values)
        assert np.sqrt((found.standard_errors**2).mean()) < 0.25 * np.sqrt((plain.standard_errors**2).mean())
        assert found.adjustment.adjusted_variance[0] < found.adjustment.plain_variance[0]

    def test_intervals_hold_where_interactions_look_alike(self):
        """Sets of three stand for sets of five in nested designs. Only full designs that were left out show it."""
        held = []
        for seed in range(8):
            game = Products(20, 40, order=5, seed=seed, spread=0.0)
            found = banzhaf.estimate(game, 20, budget=600, random_state=seed)
            assert found.design == "nested"
            low, high = found.intervals().T
            held.append((low <= game.values) & (game.values <= high))
        assert np.mean(held) > 0.9

    def test_leading_interactions(self):
        """They are the planted ones, with their weights."""
        game = Products(14, 8)
        _, found = both(game, 14, 300, design="paired")
        planted = {tuple(sorted(map(int, s))): w for s, w in zip(game.sets[22:], game.weights[22:], strict=True)}
        leading = found.adjustment.leading[0]
        largest = sorted(planted, key=lambda s: -abs(planted[s]))[:2]
        assert [players for players, _ in leading[:2]] == largest
        for players, coefficient in leading[:2]:
            assert coefficient == pytest.approx(planted[players], rel=1e-3)
        assert found.adjustment.n_interactions[0] >= len(planted)

    def test_r2_and_shares_keep_their_meaning(self):
        game = Products(14, 8)
        plain, found = both(game, 14, 300)
        coalitions = banzhaf.sample_coalitions(14, 300, random_state=0)
        signs = np.where(coalitions[::2], 0.5, -0.5)
        worths = game(coalitions)
        left = ((worths[::2] - worths[1::2] - 2 * signs @ found.values) ** 2).sum() / 2
        odd = ((worths[::2] - worths[1::2]) ** 2).sum() / 2
        assert found.r2 == pytest.approx((odd - left) / ((worths - worths.mean()) ** 2).sum(), rel=1e-10)
        assert found.r2 == pytest.approx(plain.r2, abs=0.05)
        assert found.odd_variance == plain.odd_variance
        np.testing.assert_allclose(found.variance_shares, plain.variance_shares, atol=0.05)
        linear = (game.values**2).sum() / 4 / (found.even_variance + found.odd_variance)
        assert found.variance_shares[1] == pytest.approx(linear, rel=1e-3)

    def test_outputs_are_independent(self):
        game = Products(16, 10, outputs=3)
        _, found = both(game, 16, 400)
        assert found.adjustment.reasons == ("", "", "")
        for o in range(3):
            _, alone = both(lambda c, o=o: np.ascontiguousarray(game(c)[:, o]), 16, 400)
            np.testing.assert_array_equal(alone.values, found.values[:, o])
            np.testing.assert_array_equal(alone.standard_errors, found.standard_errors[:, o])
            assert alone.adjustment.leading[0] == found.adjustment.leading[o]

    @pytest.mark.parametrize("design", ["hadamard", "paired"])
    def test_same_bits(self, design):
        """Whatever the threads and batches are."""
        game = Products(14, 8)
        runs = [
            banzhaf.estimate(
                *(game, 14), budget=290, random_state=3, design=design, interactions="auto", num_threads=t, batch_size=b
            )
            for t, b in ((1, None), (3, 7), (2, 100))
        ]
        assert runs[0].adjustment.adjusted
        assert runs[0] == runs[1] == runs[2]

    def test_fit_and_fit_design(self):
        game = Products(14, 8)
        _, found = both(game, 14, 300, design="paired")
        coalitions = banzhaf.sample_coalitions(14, 300, design="paired", random_state=0)
        drawn = banzhaf.fit_design(game(coalitions), 14, design="paired", random_state=0, interactions="auto")
        assert drawn == found
        order = np.random.default_rng(0).permutation(300)
        given = banzhaf.fit(coalitions[order], game(coalitions[order]), interactions="auto")
        assert given.adjustment.reasons == ("",)
        np.testing.assert_allclose(given.values, game.values, atol=1e-6)

    def test_ridge(self):
        """A penalty shrinks the values, with and without interactions."""
        game = Products(14, 8)
        plain, found = both(game, 14, 2 * 16 * 9, ridge=144.0)
        assert found.adjustment.adjusted
        # With orthogonal columns, X^T X + 2 lambda is 144 + 288 on all of the diagonal.
        np.testing.assert_allclose(found.values, game.values / 3, atol=0.02)
        assert not np.array_equal(found.values, plain.values)

    def test_without_standard_errors(self):
        game = Products(14, 8)
        _, found = both(game, 14, 300)
        _, fast = both(game, 14, 300, standard_errors=False)
        np.testing.assert_array_equal(fast.values, found.values)
        assert np.isnan(fast.standard_errors).all()
        assert fast.adjustment == found.adjustment

    def test_dropped(self):
        """A few pairs without a worth change little."""
        game = Products(14, 8)

        def holes(coalitions):
            worths = game(coalitions)
            worths[coalitions[:, :6].all(axis=1)] = np.nan
            return worths

        with pytest.warns(UserWarning, match="dropped"):
            found = banzhaf.estimate(
                holes, 14, budget=300, design="paired", random_state=0, on_nonfinite="drop", interactions="auto"
            )
        assert found.n_dropped > 0
        assert found.adjustment.adjusted
        assert error(found, game.values) < 1e-6

    def test_noise(self):
        """Errors include the noise, which nothing can take out."""
        game = Products(12, 4, noise=0.5)
        errors, stated = [], []
        for seed in range(20):
            found = banzhaf.estimate(
                game, 12, budget=200, design="paired", noisy=True, random_state=seed, interactions="auto"
            )
            assert found.adjustment.adjusted
            errors.append(found.values - game.values)
            stated.append(found.standard_errors)
        ratio = np.sqrt(np.mean(np.square(errors)) / np.mean(np.square(stated)))
        assert 0.6 < ratio < 1.2
        # The error of the mean of 100 differences, each with a noise of sqrt(2) 0.5.
        assert np.sqrt(np.mean(np.square(stated))) == pytest.approx(np.sqrt(2) * 0.5 / np.sqrt(100), rel=0.6)


class TestEarlyEnds:
    def test_rules_use_the_errors_of_adjusted_values(self):
        game = Products(14, 8)
        runs = {
            how: banzhaf.estimate(
                *(game, 14), budget=2000, design="paired", tolerance=0.1, random_state=0, interactions=how
            )
            for how in ("none", "auto")
        }
        assert runs["auto"].stopped == "tolerance"
        assert runs["auto"].n_evaluations < runs["none"].n_evaluations
        assert np.abs(runs["auto"].values - game.values).max() < 0.1
        again = banzhaf.estimate(
            *(game, 14), budget=runs["auto"].n_evaluations, design="paired", random_state=0, interactions="auto"
        )
        np.testing.assert_array_equal(again.values, runs["auto"].values)

    def test_deadline(self):
        game = Products(14, 8)
        found = banzhaf.estimate(game, 14, budget=300, deadline=1000.0, random_state=0, interactions="auto")
        assert found.n_evaluations == 300
        assert found.adjustment.adjusted
        assert error(found, game.values) < 1e-6

    def test_callback(self):
        seen = []
        game = Products(14, 8)
        banzhaf.estimate(game, 14, budget=300, callback=seen.append, random_state=0, interactions="auto")
        assert any(values.adjustment.adjusted for values in seen)
        assert all(values.stopped == "running" for values in seen)

    def test_failing_callback_keeps_everything(self):
        def fails(values):
            raise KeyError("mine")

        game = Products(14, 8)
        with pytest.raises(KeyError, match="mine") as caught:
            banzhaf.estimate(game, 14, budget=300, callback=fails, random_state=0, interactions="auto")
        assert caught.value.evaluations.worths.shape[0] > 0


class TestRecord:
    def values(self):
        game = Products(16, 10, outputs=2)
        return banzhaf.estimate(
            *(game, 16), budget=300, random_state=0, interactions="auto", player_names=[f"p{i}" for i in range(16)]
        )

    def test_persistence(self, tmp_path):
        values = self.values()
        assert values.adjustment.adjusted
        values.save(tmp_path / "values.banzhaf")
        assert banzhaf.load(tmp_path / "values.banzhaf") == values
        assert pickle.loads(pickle.dumps(values)) == values
        report = banzhaf.diagnose(values)
        report.save(tmp_path / "report.banzhaf")
        assert banzhaf.load(tmp_path / "report.banzhaf") == report

    def test_equality_leaves_out_the_time(self):
        first, second = self.values().adjustment, self.values().adjustment
        assert first == second
        fields = {**vars(first), "seconds": 99.0}
        assert banzhaf.Adjustment(**fields) == first
        assert banzhaf.Adjustment(**(fields | {"n_interactions": (0, 0)})) != first

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"reasons": ()}, "reasons must hold a text for each output"),
            ({"n_interactions": (1,)}, "n_interactions must have 2 entries to match reasons, got 1"),
            ({"plain_variance": (1.0, -1.0)}, "plain_variance must not be negative"),
        ],
    )
    def test_misfits(self, change, message):
        with pytest.raises(ValueError, match=message):
            banzhaf.Adjustment(**(vars(self.values().adjustment) | change))

    def test_reports(self):
        values = self.values()
        names = " x ".join(f"p{i}" for i in values.adjustment.leading[0][0][0])
        assert "adjusted: interactions took out" in repr(values)
        report = repr(banzhaf.diagnose(values))
        assert "output 0: adjusted: interactions took out" in report
        assert names in report
        assert "errors usually fall faster" in report
        assert "players" in repr(values.adjustment)
        for result in (values, banzhaf.diagnose(values)):
            assert "Interactions were taken out of the error" in result._repr_html_()


class TestWhatItMayCost:
    def test_it_is_the_default(self):
        game = Products(30, 10)
        found = banzhaf.estimate(game, 30, budget=1280, random_state=0)
        assert found.adjustment.adjusted
        assert found == banzhaf.estimate(game, 30, budget=1280, random_state=0, interactions="auto")
        worths = game(banzhaf.sample_coalitions(30, 1280, random_state=0))
        assert banzhaf.fit_design(worths, 30, random_state=0) == found

    def test_blocks_take_a_fraction_of_the_work(self):
        for n, n_pairs in [(20, 500), (50, 250), (100, 1000), (241, 2410)]:
            in_blocks, others = (_core.adjustment_operations(n, n_pairs, blocks) for blocks in (True, False))
            assert 2 * in_blocks < others or n_pairs <= 400
            assert in_blocks < 0.5e9 + 1.5e6 * n_pairs  # so that the default design is adjusted

    def test_too_much_work_is_left_out_and_said(self):
        """The rule allows estimate half a second and 1.5 milliseconds for each pair, and fit more."""
        n, budget, game = 70, 800, Products(70, 10)
        assert _core.adjustment_operations(n, budget // 2) > 0.5e9 + 1.5e6 * budget / 2
        plain, found = both(game, n, budget, design="paired")
        assert "too much work; interactions='always'" in found.adjustment.reasons[0]
        np.testing.assert_array_equal(found.values, plain.values)
        coalitions = banzhaf.sample_coalitions(n, budget, design="paired", random_state=0)
        assert "do not predict other pairs" in banzhaf.fit(coalitions, game(coalitions)).adjustment.reasons[0]  # tried


class TestTrend:
    """diagnose fits half of the pairs, and goes on as the error fell from there."""

    def test_continues_the_fall(self):
        game = Products(30, 60)
        values = banzhaf.estimate(game, 30, budget=1280, random_state=0)
        report = banzhaf.diagnose(values)
        half = banzhaf.fit_design(values.evaluations.worths[:640], 30, design="fresh", random_state=0)
        assert half.adjustment.adjusted
        ratio = half.adjustment.adjusted_variance[0] / values.adjustment.adjusted_variance[0]
        # The variance of a pair falls by this ratio once more, and there are twice as many pairs.
        at_twice = report.standard_error / np.sqrt(2 * max(1.0, ratio))
        assert report.plans[0] == "twice as many"
        assert report.trend_errors[0] == pytest.approx(float(at_twice), rel=1e-9)
        assert ratio > 1.5
        assert "a guess" in repr(report)
        assert np.isnan(report.trend_errors[report.plans.index("all coalitions")])
        assert (report.trend_errors <= report.expected_errors)[:-1].all()

    def test_is_unknown_without_evaluations_and_without_interactions(self):
        values = banzhaf.estimate(Products(30, 60), 30, budget=1280, random_state=0)
        report = banzhaf.diagnose(values.without_evaluations())
        assert report.trend_errors is None
        assert "a guess" not in repr(report)
        assert banzhaf.diagnose(banzhaf.estimate(Products(30, 60), 30, budget=100, random_state=0)).trend_errors is None

    def test_outputs_given_pairs_and_saving(self, tmp_path):
        game = Products(12, 20, outputs=2)
        coalitions = banzhaf.sample_coalitions(12, 600, design="paired", random_state=0)
        values = banzhaf.fit(coalitions, game(coalitions))
        report = banzhaf.diagnose(values)
        assert report.trend_errors.shape == report.expected_errors.shape
        assert np.isfinite(report.trend_errors[0]).all()
        report.save(tmp_path / "report")
        assert banzhaf.load(tmp_path / "report") == report
