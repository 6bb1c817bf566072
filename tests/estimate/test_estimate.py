# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test the estimators against brute force, rational arithmetic, explicit linear algebra and simulation."""

from __future__ import annotations

import dataclasses
import functools
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from oracles import (
    Polynomial,
    Recorder,
    Table,
    Voting,
    all_coalitions,
    bell_mccaffrey,
    brute_force,
    condition_number,
    degrees,
    hc2,
    least_squares,
    pair_least_squares,
    r2,
    rational,
    same_bits,
)

import banzhaf
from banzhaf import RankWarning

FIELDS = ("values", "standard_errors", "mean_worth", "r2")
FIGURES = ("rank", "condition_number", "degrees_of_freedom", "n_evaluations", "n_dropped")
DESIGNS = ("hadamard", "paired", "independent", "exhaustive")
METHODS = {
    "hadamard": banzhaf.estimate,
    "paired": functools.partial(banzhaf.estimate, design="paired"),
    "independent": functools.partial(banzhaf.estimate, design="independent"),
    "monte_carlo": banzhaf.monte_carlo,
    "msr": banzhaf.msr,
}
# Least squares without interactions taken out of the error.
PLAIN = METHODS | {
    "hadamard": functools.partial(banzhaf.estimate, interactions="none"),
    "paired": functools.partial(banzhaf.estimate, design="paired", interactions="none"),
}


def assert_same(found, expected, *, design=True):
    """Check that all numbers agree to the last bit; the name of the design may differ."""
    for name in FIELDS:
        assert same_bits(getattr(found, name), getattr(expected, name)), name
    for name in FIGURES:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    if design:
        assert found == expected


def relative_squared_error(found, expected):
    return np.sum((found - expected) ** 2) / np.sum(expected**2)


def shuffled(n_players, seed=0):
    """All coalitions in a random order."""
    return all_coalitions(n_players)[np.random.default_rng(seed).permutation(2**n_players)]


def half_of(n_players, rng):
    """All coalitions without redundant ones: one of each pair, then the others."""
    coalitions = rng.permutation(all_coalitions(n_players)[: 2 ** (n_players - 1)])
    return np.concatenate([coalitions, ~coalitions])


# Every method that claims to be exact, as a function of a table of worths.
EXACT = {
    "exact": lambda game, n: banzhaf.exact(game, n),
    "exact, worths given": lambda game, n: banzhaf.exact(game.worths, n),
    "exact, one coalition at a time": lambda game, n: banzhaf.exact(game, n, batch_size=max(1, 2**n // 97)),
    "estimate, paired": lambda game, n: banzhaf.estimate(game, n, budget=2**n, design="paired"),
    "estimate, independent": lambda game, n: banzhaf.estimate(game, n, budget=2**n, design="independent"),
    "estimate, exhaustive": lambda game, n: banzhaf.estimate(game, n, budget=2**n, design="exhaustive"),
    "estimate, more than enough": lambda game, n: banzhaf.estimate(game, n, budget=2**n + 17),
    "estimate, far more": lambda game, n: banzhaf.estimate(game, n, budget=10**18),
    "estimate, ridge makes no difference": lambda game, n: banzhaf.estimate(game, n, budget=2**n, ridge=3.0),
    "fit": lambda game, n: banzhaf.fit(shuffled(n), game(shuffled(n))),
    "fit, integers": lambda game, n: banzhaf.fit(shuffled(n, 1).astype(np.int8), game(shuffled(n, 1))),
}


@functools.cache
def known(n_players, outputs):
    game = Table.random(n_players, outputs=outputs)
    return game, brute_force(game.worths, n_players)


@functools.cache
def known_rational(n_players):
    game = Table.random(n_players, integers=True)
    return game, rational(game.worths, n_players)


class TestExactness:
    @pytest.mark.parametrize("outputs", [None, 1, 3])
    @pytest.mark.parametrize("n_players", range(1, 13))
    @pytest.mark.parametrize("method", EXACT)
    def test_equals_brute_force(self, method, n_players, outputs):
        game, expected = known(n_players, outputs)
        found = EXACT[method](game, n_players)
        assert found.values.shape == expected.shape
        np.testing.assert_allclose(found.values, expected, rtol=1e-12, atol=1e-14)
        np.testing.assert_array_equal(found.standard_errors, np.zeros_like(expected))
        np.testing.assert_allclose(found.mean_worth, game.worths.mean(axis=0), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(found.r2, r2(all_coalitions(n_players), game.worths, expected), rtol=1e-9)
        assert found.mean_worth.shape == found.r2.shape == expected.shape[1:]
        assert found.design == ("given" if method.startswith("fit") else "exhaustive")
        assert (found.rank, found.condition_number, found.degrees_of_freedom) == (n_players, 1.0, np.inf)
        assert (found.n_evaluations, found.n_dropped) == (2**n_players, 0)
        assert found.random_state is None

    @pytest.mark.parametrize("n_players", range(1, 13))
    @pytest.mark.parametrize("method", EXACT)
    def test_equals_rational_arithmetic_on_integers(self, method, n_players):
        game, expected = known_rational(n_players)
        assert list(map(Fraction, EXACT[method](game, n_players).values)) == expected

    @pytest.mark.parametrize("n_players", [1, 2, 5, 8])
    def test_all_coalitions_are_those_of_least_squares(self, n_players):
        """Theorem 3.1 of the paper: the values are the regression over all coalitions."""
        game, expected = known(n_players, None)
        everything = all_coalitions(n_players)
        np.testing.assert_allclose(least_squares(everything, game.worths), expected, rtol=1e-9, atol=1e-12)

    @pytest.mark.parametrize("n_players", [13, 17, 20])
    def test_beyond_one_block_of_the_transform(self, n_players):
        game = Polynomial.random(n_players, 3, outputs=2)
        np.testing.assert_allclose(banzhaf.exact(game, n_players).values, game.values, rtol=1e-11, atol=1e-11)

    def test_weighted_votes(self):
        european = Voting([4, 4, 4, 2, 2, 1], quota=12)  # the Council of 1958, in which Luxembourg is a null player
        assert Fraction(banzhaf.exact(european, 6).values[5]) == 0
        for game in (european, Voting(np.arange(1, 17), quota=70), Voting([1] * 11, quota=6)):
            n = len(game.weights)
            np.testing.assert_array_equal(banzhaf.exact(game, n).values, game.values)

    @pytest.mark.parametrize("budget_per_player", [2.1, 3])
    @pytest.mark.parametrize("n_players", [10, 64, 65, 1000, 1100])
    @pytest.mark.parametrize("order", [1, 2])
    @pytest.mark.parametrize("design", ["hadamard", "paired"])
    def test_pairs_are_exact_to_second_order(self, design, n_players, order, budget_per_player):
        game = Polynomial.random(n_players, order, seed=order, constant=7.0)
        budget = int(budget_per_player * n_players) + 16
        found = banzhaf.estimate(game, n_players, budget=budget, design=design, random_state=1)
        assert (found.design, found.rank) == (design, n_players)
        assert relative_squared_error(found.values, game.values) < 1e-20

    def test_independent_is_exact_to_first_order(self):
        game = Polynomial.random(70, 1, constant=-3.0)
        found = banzhaf.estimate(game, 70, budget=100, design="independent", random_state=1)
        assert relative_squared_error(found.values, game.values) < 1e-20


@st.composite
def games(draw):
    n = draw(st.integers(1, 7))
    return np.array(draw(st.lists(st.integers(-99, 99), min_size=2**n, max_size=2**n))), n


class TestAxioms:
    """The axioms of the Banzhaf value hold exactly for integer games, where sums do not round."""

    @given(games())
    def test_a_player_that_changes_nothing_is_worth_nothing(self, game):
        worths, n = game
        found = banzhaf.exact(np.concatenate([worths, worths]), n + 1).values
        assert found[n] == 0
        np.testing.assert_array_equal(found[:n], banzhaf.exact(worths, n).values)

    @given(games(), st.data())
    def test_values_follow_their_players(self, game, data):
        worths, n = game
        order = np.array(data.draw(st.permutations(range(n))))
        moved = Table(worths)(all_coalitions(n)[:, order])
        inverse = np.argsort(order)
        np.testing.assert_array_equal(banzhaf.exact(moved, n).values, banzhaf.exact(worths, n).values[inverse])

    @given(games(), st.integers(-9, 9), st.integers(-9, 9))
    def test_linear(self, game, factor, constant):
        worths, n = game
        other = worths[::-1] ** 2
        together = banzhaf.exact(factor * worths + other + constant, n).values
        apart = factor * banzhaf.exact(worths, n).values + banzhaf.exact(other, n).values
        np.testing.assert_array_equal(together, apart)

    @given(games())
    def test_two_players_as_one_share_what_they_had(self, game):
        """2-efficiency: the value of the merged player is the sum of the two (Lehrer, 1988)."""
        worths, n = game
        if n == 1:
            return
        everything = all_coalitions(n - 1)
        merged = Table(worths)(np.column_stack([everything, everything[:, -1]]))
        alone = banzhaf.exact(worths, n).values
        assert banzhaf.exact(merged, n - 1).values[-1] == alone[-1] + alone[-2]


SIZES = [
    (10, 60),  # players, budget
    (30, 61),
    (30, 40),  # fewer pairs than players
    (64, 400),
    (65, 300),
    (300, 1000),
]


class TestRegression:
    @pytest.mark.filterwarnings("ignore::banzhaf.RankWarning")
    @pytest.mark.parametrize("outputs", [None, 2])
    @pytest.mark.parametrize("ridge", [0.0, 0.7])
    @pytest.mark.parametrize(("n_players", "budget"), [*SIZES, (8, 256)])
    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_estimate_is_fit_on_its_own_coalitions(self, design, n_players, budget, ridge, outputs):
        game = Polynomial.random(n_players, 3, outputs=outputs)
        found = banzhaf.estimate(game, n_players, budget=budget, design=design, ridge=ridge, random_state=5)
        coalitions = banzhaf.sample_coalitions(n_players, budget, design=design, random_state=5)
        given = banzhaf.fit(coalitions, game(coalitions), ridge=ridge)
        if design == "paired" and n_players >= 256:  # random sums of pairs replace all pairs
            np.testing.assert_allclose(found.standard_errors, given.standard_errors, rtol=0.4)
            same = {name: getattr(given, name) for name in ("standard_errors", "degrees_of_freedom")}
            found = dataclasses.replace(found, **same)
        assert_same(given, found, design=False)

    @pytest.mark.parametrize(("n_players", "budget"), SIZES[:1] + SIZES[3:])
    def test_paired_is_the_papers_least_squares(self, n_players, budget):
        game = Polynomial.random(n_players, 3, constant=5.0)
        found = banzhaf.estimate(game, n_players, budget=budget, design="paired", random_state=0)
        coalitions = banzhaf.sample_coalitions(n_players, budget, design="paired", random_state=0)
        worths = game(coalitions)
        np.testing.assert_allclose(found.values, pair_least_squares(coalitions, worths), rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(found.values, least_squares(coalitions, worths), rtol=1e-9, atol=1e-10)

    @pytest.mark.parametrize("outputs", [None, 3])
    @pytest.mark.parametrize(("n_players", "budget"), SIZES[:1] + SIZES[3:])
    def test_independent_fits_a_constant_too(self, n_players, budget, outputs):
        game = Polynomial.random(n_players, 3, constant=5.0, outputs=outputs)
        found = banzhaf.estimate(game, n_players, budget=budget, design="independent", random_state=0)
        coalitions = banzhaf.sample_coalitions(n_players, budget, design="independent", random_state=0)
        A = np.column_stack([coalitions - 0.5, np.ones(budget)])
        expected = np.linalg.lstsq(A, game(coalitions), rcond=None)[0][:-1]
        np.testing.assert_allclose(found.values, expected, rtol=1e-9, atol=1e-10)

    @pytest.mark.parametrize("ridge", [1e-3, 1.0, 250.0])
    @pytest.mark.parametrize(("n_players", "budget"), SIZES)
    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_ridge_is_the_papers(self, design, n_players, budget, ridge):
        game = Polynomial.random(n_players, 3, outputs=2, constant=5.0)
        found = banzhaf.estimate(game, n_players, budget=budget, design=design, ridge=ridge, random_state=0)
        coalitions = banzhaf.sample_coalitions(n_players, budget, design=design, random_state=0)
        options = {"ridge": ridge, "intercept": design == "independent"}
        expected = least_squares(coalitions, game(coalitions), **options)
        np.testing.assert_allclose(found.values, expected, rtol=1e-8, atol=1e-9)
        assert found.condition_number == pytest.approx(condition_number(coalitions, **options), rel=0.1)

    @pytest.mark.parametrize(("n_players", "n_rows"), [(10, 6), (30, 20), (65, 1), (200, 199), (300, 3)])
    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_too_few_evaluations_give_the_minimum_norm_solution(self, design, n_players, n_rows):
        budget = 2 * n_rows if design == "paired" else n_rows + 1
        options = {"design": design, "random_state": 2}
        game = Polynomial.random(n_players, 2, outputs=2)
        with pytest.warns(RankWarning, match=f"rank {n_rows} for {n_players} players"):
            found = banzhaf.estimate(game, n_players, budget=budget, interactions="none", **options)
        coalitions = banzhaf.sample_coalitions(n_players, budget, **options)
        expected = least_squares(coalitions, game(coalitions), intercept=design == "independent")
        np.testing.assert_allclose(found.values, expected, rtol=1e-8, atol=1e-9)
        assert (found.rank, found.condition_number) == (n_rows, np.inf)
        assert np.isnan(found.standard_errors).all()
        np.testing.assert_allclose(found.r2, r2(coalitions, game(coalitions), expected), rtol=1e-9)

    def test_identical_coalitions_determine_no_value(self):
        with (
            pytest.warns(RankWarning, match="rank 0 for 5 players"),
            pytest.warns(UserWarning, match=r"players are in 100\.0% of them"),
        ):
            found = banzhaf.fit(np.ones((9, 5), bool), np.arange(9.0))
        np.testing.assert_array_equal(found.values, np.zeros(5))
        assert np.isnan(found.standard_errors).all()

    @pytest.mark.parametrize("design", ["hadamard", "paired"])
    def test_warnings_point_to_the_callers_line(self, design):
        with pytest.warns(RankWarning, match="rank 3 for 9 players") as caught:
            found = banzhaf.estimate(Polynomial.random(9, 1), 9, budget=6, design=design, random_state=0)
        assert caught[0].filename == __file__
        assert (found.rank, found.degrees_of_freedom) == (3, 0)
        assert np.isnan(found.standard_errors).all()

    def test_no_warning_with_a_ridge_penalty(self):
        found = banzhaf.estimate(Polynomial.random(9, 1), 9, budget=6, design="paired", ridge=0.1, random_state=0)
        assert (found.rank, np.isfinite(found.condition_number)) == (3, True)

    @pytest.mark.parametrize("paired", [True, False])
    def test_inseparable_players_share_equally(self, paired):
        """Structure lowers the rank, not a lack of evaluations, so the other values are as accurate as before."""
        coalitions = banzhaf.sample_coalitions(9, 200, design="paired" if paired else "independent", random_state=0)
        coalitions[:, 8] = coalitions[:, 7]
        worths = Polynomial.random(9, 3)(coalitions)
        with pytest.warns(RankWarning, match="rank 8 for 9 players"):
            found = banzhaf.fit(coalitions, worths, interactions="none")
        alone = banzhaf.fit(coalitions[:, :8], worths, interactions="none")
        np.testing.assert_allclose(found.values[:7], alone.values[:7], rtol=1e-10)
        np.testing.assert_allclose(found.values[7:], alone.values[7] / 2, rtol=1e-10)
        np.testing.assert_allclose(found.standard_errors[:7], alone.standard_errors[:7], rtol=1e-9)
        assert np.isnan(found.standard_errors[7:]).all()
        assert found.degrees_of_freedom == pytest.approx(degrees(100, 8) if paired else degrees(200, 9))

    @pytest.mark.parametrize("budget_per_player", [2.2, 3, 10, 50])
    @pytest.mark.parametrize("n_players", [20, 65, 200])
    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_condition_number(self, design, n_players, budget_per_player):
        budget = int(n_players * budget_per_player)
        found = banzhaf.estimate(
            Polynomial.random(n_players, 1), n_players, budget=budget, design=design, random_state=3
        )
        coalitions = banzhaf.sample_coalitions(n_players, budget, design=design, random_state=3)
        expected = condition_number(coalitions, intercept=design == "independent")
        assert found.condition_number == pytest.approx(expected, rel=0.1)

    @pytest.mark.filterwarnings("ignore:coalitions do not look uniformly drawn")
    @pytest.mark.parametrize("ridge", [0.0, 3.0])
    @pytest.mark.parametrize("kind", ["small", "alike"])
    @pytest.mark.parametrize(("n_players", "n_pairs"), [(8, 20), (65, 75), (100, 110), (200, 600), (65, 3000)])
    def test_condition_number_of_uneven_coalitions(self, n_players, n_pairs, kind, ridge):
        rng = np.random.default_rng(n_pairs)
        half = rng.random((n_pairs, n_players)) < (0.25 if kind == "small" else 0.5)
        if kind == "alike":  # two players that nearly always occur together
            half[:, 1] = half[:, 0] ^ (rng.random(n_pairs) < 0.1)
        coalitions = np.concatenate([half, ~half])
        found = banzhaf.fit(coalitions, coalitions.sum(axis=1), ridge=ridge, standard_errors=False)
        assert found.condition_number == pytest.approx(condition_number(coalitions, ridge=ridge), rel=0.1)

    @pytest.mark.parametrize("ridge", [0.0, 2.0])
    @pytest.mark.parametrize("outputs", [None, 2])
    @pytest.mark.parametrize(("n_players", "budget"), [(10, 26), (12, 200), (65, 300), (6, 60), (255, 1300)])
    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_standard_errors_are_hc2(self, design, n_players, budget, outputs, ridge):
        game = Polynomial.random(n_players, 3, outputs=outputs, constant=2.0)
        options = {"design": design, "interactions": "none", "random_state": 1}
        found = banzhaf.estimate(game, n_players, budget=budget, ridge=ridge, **options)
        coalitions = banzhaf.sample_coalitions(n_players, budget, **options)
        worths = game(coalitions)
        if design == "paired":  # a pair is one observation with twice A's row, hence with four times the ridge, halved
            expected = hc2(2.0 * coalitions[::2] - 1, worths[::2] - worths[1::2], ridge=2 * ridge)
        else:
            expected = hc2(coalitions - 0.5, worths, ridge=ridge, intercept=True)
        # From 32 players on, sums of integers may change them by up to 1e-3.
        np.testing.assert_allclose(found.standard_errors, expected, rtol=1e-7 if n_players < 32 else 2e-4, atol=1e-12)
        assert found.degrees_of_freedom == pytest.approx(
            degrees(budget // 2 if design == "paired" else budget, n_players + (design != "paired"))
        )

    @pytest.mark.parametrize(("noise", "ridge"), [("even", 0.0), ("uneven", 0.0), ("uneven", 50.0)])
    @pytest.mark.parametrize("pairs_per_player", [1.5, 2, 6])
    def test_standard_errors_of_many_players_estimate_hc2(self, pairs_per_player, noise, ridge):
        n_players, squares, expected = 256, [], []
        n_pairs = int(pairs_per_player * n_players)
        options = {"budget": 2 * n_pairs, "design": "paired"}
        for seed in range(4):
            coalitions = banzhaf.sample_coalitions(n_players, random_state=seed, **options)
            signs = 2.0 * coalitions[::2] - 1
            targets = np.random.default_rng(seed).normal(size=n_pairs)
            if noise == "uneven":
                targets *= np.exp(0.7 * (signs[:, 0] * signs[:, 1] + signs[:, 2] * signs[:, 3]))
            worths = np.zeros((2 * n_pairs, 2))
            worths[::2, 1] = targets
            found = banzhaf.estimate(
                lambda _, worths=worths: worths,
                n_players,
                ridge=ridge,
                random_state=seed,
                batch_size=2 * n_pairs,
                **options,
            )
            assert (found.standard_errors[:, 0] == 0).all()
            squares.append(found.standard_errors[:, 1] ** 2)
            expected.append(hc2(signs, targets, ridge=2 * ridge) ** 2)
        # 4 x 256 sums of 128 squares: their mean has an error of 0.4 %, each of them one of 12.5 % at most.
        assert np.mean(squares) == pytest.approx(np.mean(expected), rel=0.02)
        assert 0.08 < np.std(np.divide(squares, expected)) < 0.14
        assert found.degrees_of_freedom == pytest.approx(1 / (1 / degrees(n_pairs, n_players) + 1 / 128))

    @pytest.mark.parametrize(
        ("n_players", "budget"),
        [(20, 44), (20, 60), (40, 200), pytest.param(60, 1200, marks=pytest.mark.slow)],
    )
    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_degrees_of_freedom_are_those_of_hc2(self, design, n_players, budget):
        found = banzhaf.estimate(
            Polynomial.random(n_players, 3), n_players, budget=budget, design=design, random_state=0
        )
        coalitions = banzhaf.sample_coalitions(n_players, budget, design=design, random_state=0)
        if design == "paired":
            X, shown = 2.0 * coalitions[::2] - 1, slice(None)
        else:
            X, shown = np.column_stack([2.0 * coalitions - 1, np.ones(budget)]), slice(n_players)
        expected = bell_mccaffrey(X)[shown]
        assert found.degrees_of_freedom == pytest.approx(np.mean(expected), rel=0.2)

    def test_other_designs_of_many_players_have_hc2(self):
        coalitions = banzhaf.sample_coalitions(260, 800, design="paired", random_state=0)
        worths = Polynomial.random(260, 3)(coalitions)
        expected = hc2(2.0 * coalitions[::2] - 1, worths[::2] - worths[1::2])
        np.testing.assert_allclose(banzhaf.fit(coalitions, worths).standard_errors, expected, rtol=1e-7)
        coalitions = banzhaf.sample_coalitions(260, 800, design="independent", random_state=0)
        game = Polynomial.random(260, 3)
        found = banzhaf.estimate(game, 260, budget=800, design="independent", random_state=0)
        expected = hc2(coalitions - 0.5, game(coalitions), intercept=True)
        np.testing.assert_allclose(found.standard_errors, expected, rtol=1e-7)

    def test_residuals_that_vanish_on_few_contrasts_prove_nothing(self):
        for design, spare in (("paired", 15), ("paired", 16), ("hadamard", 15), ("hadamard", 16)):
            n_players = 32
            game = Polynomial.random(n_players, 2)
            found = banzhaf.estimate(game, n_players, budget=2 * (n_players + spare), design=design, random_state=0)
            np.testing.assert_allclose(found.values, game.values, rtol=1e-9, atol=1e-9)
            if spare == 16:
                assert (found.standard_errors < 1e-12).all()
                continue
            coalitions = banzhaf.sample_coalitions(n_players, found.n_evaluations, design=design, random_state=0)
            worths = game(coalitions)
            square = np.mean((worths[::2] - worths[1::2]) ** 2)  # an upper bound of the residuals' variance
            signs = 2.0 * coalitions[::2] - 1
            variances = np.diag(np.linalg.inv(signs.T @ signs)) * square
            if design == "hadamard":
                variances = np.full(n_players, square / len(signs))
            np.testing.assert_allclose(found.standard_errors, np.sqrt(variances), rtol=1e-9)

    def test_intervals_of_many_players_cover(self):
        game, covered = Polynomial.random(256, 3, seed=1), []
        for seed in range(40):
            lower, upper = banzhaf.estimate(game, 256, budget=1000, design="paired", random_state=seed).intervals().T
            covered.append((lower <= game.values) & (game.values <= upper))
        assert 0.93 < np.mean(covered) < 0.97

    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_standard_errors_can_be_left_out(self, design):
        call = functools.partial(
            banzhaf.estimate, Polynomial.random(20, 3), 20, budget=100, design=design, random_state=1
        )
        without = call(standard_errors=False)
        assert np.isnan(without.standard_errors).all()
        assert same_bits(without.values, call().values)

    @pytest.mark.parametrize("ridge", [0.0, 4.0])
    @pytest.mark.parametrize("outputs", [None, 2])
    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_mean_worth_and_r2(self, design, outputs, ridge):
        game = Polynomial.random(25, 3, outputs=outputs, constant=2.0)
        options = {"design": design, "random_state": 1}
        found = banzhaf.estimate(game, 25, budget=140, ridge=ridge, **options)
        coalitions = banzhaf.sample_coalitions(25, 140, **options)
        worths = game(coalitions)
        np.testing.assert_allclose(found.mean_worth, worths.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.r2, r2(coalitions, worths, found.values), rtol=1e-9)

    @pytest.mark.parametrize("design", ["paired", "independent"])
    @pytest.mark.parametrize("budget", [14, 200])
    @pytest.mark.filterwarnings("ignore::banzhaf.RankWarning")
    def test_an_output_does_not_depend_on_those_beside_it(self, design, budget):
        game = Polynomial.random(30, 3, outputs=5)
        options = {"budget": budget, "design": design, "random_state": 8}
        together = banzhaf.estimate(game, 30, **options)
        for o in range(5):
            alone = banzhaf.estimate(lambda coalitions, o=o: game(coalitions)[:, o], 30, **options)
            for name in FIELDS:
                assert same_bits(getattr(together, name)[..., o], getattr(alone, name)), name


class TestFit:
    @pytest.mark.parametrize("order", ["shuffled", "halves"])
    def test_finds_pairs_in_any_order(self, order):
        game = Polynomial.random(70, 3, outputs=2)
        coalitions = banzhaf.sample_coalitions(70, 300, random_state=0)
        paired = banzhaf.fit(coalitions, game(coalitions))
        places = np.r_[0:300:2, 1:300:2] if order == "halves" else np.random.default_rng(0).permutation(300)
        found = banzhaf.fit(coalitions[places], game(coalitions[places]))
        np.testing.assert_allclose(found.values, paired.values, rtol=1e-10)
        np.testing.assert_allclose(found.standard_errors, paired.standard_errors, rtol=2e-6)
        np.testing.assert_allclose(found.r2, paired.r2, rtol=1e-10)
        assert found.degrees_of_freedom == paired.degrees_of_freedom == pytest.approx(degrees(150, 70))

    def test_finds_pairs_that_come_several_times(self):
        coalitions = np.repeat(banzhaf.sample_coalitions(12, 80, random_state=0), 3, axis=0)
        coalitions = np.random.default_rng(0).permutation(coalitions)
        game = Polynomial.random(12, 2, constant=1.0)
        found = banzhaf.fit(coalitions, game(coalitions))
        np.testing.assert_allclose(found.values, game.values, rtol=1e-10)
        assert found.degrees_of_freedom == pytest.approx(degrees(40, 12))  # without repeats

    def test_one_coalition_without_its_complement_makes_all_independent(self):
        coalitions = banzhaf.sample_coalitions(12, 80, random_state=0)[:-1]
        worths = Polynomial.random(12, 3)(coalitions)
        found = banzhaf.fit(coalitions, worths)
        np.testing.assert_allclose(found.values, least_squares(coalitions, worths, intercept=True), rtol=1e-9)
        assert found.degrees_of_freedom == pytest.approx(degrees(79, 13))

    def test_all_coalitions_twice_are_exact(self):
        game = Table.random(6)
        coalitions = np.tile(all_coalitions(6), (2, 1))
        found = banzhaf.fit(coalitions, game(coalitions))
        np.testing.assert_allclose(found.values, brute_force(game.worths, 6), rtol=1e-12)
        assert (found.standard_errors == 0).all()

    @pytest.mark.parametrize(
        "given",
        [
            lambda c: c.tolist(),
            lambda c: c.astype(np.uint8),
            lambda c: c.astype(float),
            np.asfortranarray,
            lambda c: np.repeat(c, 2, axis=0)[::2],
            lambda c: c[::-1, ::-1][::-1, ::-1],
            lambda c: (c * np.uint8(2)).view(bool),
        ],
        ids=["list", "uint8", "float", "Fortran", "strided", "negative strides", "bytes of 0 and 2"],
    )
    def test_takes_coalitions_as_they_come(self, given):
        coalitions = banzhaf.sample_coalitions(20, 100, random_state=0)
        worths = Polynomial.random(20, 3)(coalitions)
        assert_same(banzhaf.fit(given(coalitions), worths), banzhaf.fit(coalitions, worths))

    @pytest.mark.parametrize(
        "given",
        [
            lambda w: w.tolist(),
            lambda w: w.astype(">f8"),
            lambda w: np.repeat(w, 2)[::2],
            lambda w: w.astype(object).astype(float),
        ],
        ids=["list", "big-endian", "strided", "copied"],
    )
    def test_takes_worths_as_they_come(self, given):
        coalitions = banzhaf.sample_coalitions(20, 100, random_state=0)
        worths = Polynomial.random(20, 3)(coalitions)
        assert_same(banzhaf.fit(coalitions, given(worths)), banzhaf.fit(coalitions, worths))

    @given(
        hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9)),
        st.booleans(),
        st.sampled_from([0.0, 0.5]),
        st.integers(0, 2**32 - 1),
    )
    def test_any_coalitions(self, coalitions, paired, ridge, seed):
        """Repeats, null players or too few rows give the minimum-norm solution, unless all coalitions are present."""
        rng = np.random.default_rng(seed)
        if paired:
            coalitions = rng.permutation(np.concatenate([coalitions, ~coalitions]))
        worths = rng.integers(-5, 6, size=len(coalitions)).astype(float)
        rows = sorted(map(tuple, coalitions))
        intercept = rows != sorted(map(tuple, ~coalitions))
        exhaustive = len(set(rows)) == 2 ** coalitions.shape[1]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = banzhaf.fit(coalitions, worths, ridge=ridge)
        if exhaustive:  # of the mean worths
            each, group = np.unique(coalitions, axis=0, return_inverse=True)
            means = np.bincount(group.ravel(), worths) / np.bincount(group.ravel())
            expected = least_squares(each, means, ridge=0.0, intercept=False)
        else:
            expected = least_squares(coalitions, worths, ridge=ridge, intercept=intercept)
        np.testing.assert_allclose(found.values, expected, rtol=1e-8, atol=1e-8)
        A = coalitions - 0.5
        assert found.rank == np.linalg.matrix_rank(A - A.mean(axis=0) if intercept and not exhaustive else A, tol=1e-9)
        assert [w.category for w in caught if "uniform" not in str(w.message)] == [RankWarning] * (
            found.rank < A.shape[1] and ridge == 0
        )


class TestStatistics:
    """Simulations with fixed seeds; a wrong standard error or a biased value exceeds their bounds."""

    @pytest.mark.parametrize("method", METHODS)
    def test_intervals_cover(self, method):
        # Three of the eight nested designs. With four, intervals for a pure game of order 3 cover 99.3 %.
        sizes = {"monte_carlo": (12, 480), "msr": (12, 300), "hadamard": (16, 98)}
        n_players, budget = sizes.get(method, (16, 130))
        game = Polynomial.random(n_players, 3, seed=1)
        covered = []
        for seed in range(400):
            found = PLAIN[method](game, n_players, budget=budget, random_state=seed)
            lower, upper = found.intervals(0.95).T
            covered.append((lower <= game.values) & (game.values <= upper))
        # Near the complete nested design, actual errors cancel that the standard errors still include.
        assert 0.92 < np.mean(covered) < (0.99 if method == "hadamard" else 0.98)
        assert np.mean(covered, axis=0).min() > 0.88

    @pytest.mark.parametrize("method", METHODS)
    def test_unbiased(self, method):
        game = Polynomial.random(10, 4, seed=2, constant=3.0)
        found = np.array([METHODS[method](game, 10, budget=64, random_state=seed).values for seed in range(1500)])
        errors = found.std(axis=0, ddof=1) / np.sqrt(len(found))
        assert (np.abs(found.mean(axis=0) - game.values) < 4 * errors).all()

    def test_pairs_beat_independent_coalitions(self):
        """Pairs cancel interactions of even order."""
        game = Polynomial.random(20, 2, seed=3)
        errors = {
            design: [
                relative_squared_error(METHODS[design](game, 20, budget=200, random_state=seed).values, game.values)
                for seed in range(20)
            ]
            for design in ("paired", "independent")
        }
        assert max(errors["paired"]) < 1e-20 < 1e-4 < min(errors["independent"])

    def test_error_falls_as_one_over_the_budget(self):
        game = Polynomial.random(15, 3, seed=4)

        def error(budget):
            return np.mean(
                [
                    relative_squared_error(
                        PLAIN["paired"](game, 15, budget=budget, random_state=seed).values, game.values
                    )
                    for seed in range(100)
                ]
            )

        assert 12 < error(200) / error(3200) < 24  # 16, the ratio of budgets; more if pairs are few


class TestBaselines:
    @pytest.mark.parametrize("outputs", [None, 2])
    @pytest.mark.parametrize(("n_players", "budget"), [(7, 14), (7, 65), (65, 400), (20, 1000)])
    def test_monte_carlo(self, n_players, budget, outputs):
        game = Recorder(Polynomial.random(n_players, 3, outputs=outputs))
        found = banzhaf.monte_carlo(game, n_players, budget=budget, random_state=4)
        without, having = game.rows[::2], game.rows[1::2]
        players = np.arange(len(without)) % n_players
        np.testing.assert_array_equal(without ^ having, np.eye(n_players, dtype=bool)[players])
        assert not without[np.arange(len(without)), players].any()
        gains = game.function(having) - game.function(without)
        counts = np.bincount(players, minlength=n_players)
        deviations = gains - np.array([gains[players == i].mean(axis=0) for i in range(n_players)])[players]
        pooled = (deviations**2).sum(axis=0) / max(1, (counts - 1).sum())
        for i in range(n_players):
            own = gains[players == i]
            np.testing.assert_allclose(found.values[i], own.mean(axis=0), rtol=1e-12, atol=1e-14)
            if len(own) < 2:
                assert np.isnan(found.standard_errors[i]).all()
            else:
                # The variance over all players' gains counts as one degree of freedom beside the player's own.
                expected = np.sqrt(((deviations[players == i] ** 2).sum(axis=0) + pooled) / len(own)) / np.sqrt(
                    len(own)
                )
                np.testing.assert_allclose(found.standard_errors[i], expected, rtol=1e-12, atol=1e-14)
        assert found.design == "monte_carlo"
        assert found.degrees_of_freedom == (len(without) // n_players if len(without) >= 2 * n_players else 0)
        assert np.isnan(found.r2).all()
        assert np.isnan(found.condition_number)

    @pytest.mark.parametrize("outputs", [None, 2])
    @pytest.mark.parametrize(("n_players", "budget"), [(7, 12), (7, 300), (65, 400), (20, 9001)])
    def test_msr(self, n_players, budget, outputs):
        game = Recorder(Polynomial.random(n_players, 3, outputs=outputs, constant=4.0))
        found = banzhaf.msr(game, n_players, budget=budget, random_state=4)
        coalitions, worths = game.rows, game.function(game.rows)
        for i in range(n_players):
            having, without = worths[coalitions[:, i]], worths[~coalitions[:, i]]
            expected = having.mean(axis=0) - without.mean(axis=0)
            np.testing.assert_allclose(found.values[i], expected, rtol=1e-9, atol=1e-12)
            variances = [part.var(axis=0, ddof=1) / len(part) for part in (having, without)]
            np.testing.assert_allclose(found.standard_errors[i], np.sqrt(sum(variances)), rtol=1e-9)
        np.testing.assert_allclose(found.mean_worth, worths.mean(axis=0), rtol=1e-12)
        assert found.design == "msr"
        assert found.degrees_of_freedom == budget - 2
        assert np.isnan(found.r2).all()

    def test_msr_draws_what_independent_draws(self):
        game = Recorder(Polynomial.random(80, 1))
        banzhaf.msr(game, 80, budget=90, random_state=11)
        expected = banzhaf.sample_coalitions(80, 90, design="independent", random_state=11)
        np.testing.assert_array_equal(game.rows, expected)

    def test_msr_gives_nan_to_a_player_on_one_side_only(self):
        game = Recorder(Polynomial.random(30, 1))
        found = banzhaf.msr(game, 30, budget=3, random_state=0)
        one_sided = game.rows.all(axis=0) | ~game.rows.any(axis=0)
        assert 0 < one_sided.sum() < 30
        np.testing.assert_array_equal(np.isnan(found.values), one_sided)

    @pytest.mark.parametrize("method", [banzhaf.monte_carlo, banzhaf.msr])
    def test_each_seed_draws_its_own(self, method):
        first, second = (method(Polynomial.random(30, 2), 30, budget=90, random_state=seed).values for seed in (0, 1))
        assert not np.array_equal(first, second, equal_nan=True)


class TestBudget:
    @pytest.mark.filterwarnings("ignore::banzhaf.RankWarning", "ignore::banzhaf.BudgetWarning")
    @pytest.mark.parametrize("n_players", [1, 3, 5, 9])
    @pytest.mark.parametrize("method", METHODS)
    def test_never_exceeded(self, method, n_players):
        least = 2 * n_players if method == "monte_carlo" else 2
        for budget in range(least, least + 40):
            game = Recorder(lambda coalitions: coalitions.sum(axis=1) ** 2)
            found = METHODS[method](game, n_players, budget=budget, random_state=budget)
            assert game.n_rows == found.n_evaluations <= budget
            if method in DESIGNS and budget >= 2**n_players:
                assert (found.design, game.n_rows) == ("exhaustive", 2**n_players)
            else:
                assert game.n_rows == (budget if method in ("independent", "msr") else budget // 2 * 2)

    @pytest.mark.parametrize("batch_size", [1, 7, 64, 10_000, 10**18])
    def test_batches(self, batch_size):
        game = Recorder(Polynomial.random(20, 1))
        banzhaf.estimate(game, 20, budget=333, design="independent", random_state=0, batch_size=batch_size)
        assert [len(call) for call in game.calls[:-1]] == [batch_size] * (-(-333 // batch_size) - 1)
        assert game.n_rows == 333
        expected = banzhaf.sample_coalitions(20, 333, design="independent", random_state=0)
        np.testing.assert_array_equal(game.rows, expected)


def with_holes(game, bad, value=np.nan):
    """The game with non-finite worths on the coalitions that `bad` selects."""

    def called(coalitions):
        worths = np.array(game(coalitions))
        worths[bad(coalitions)] = value
        return worths

    return called


@pytest.mark.filterwarnings("ignore:.* were dropped:UserWarning")
class TestNonfinite:
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    @pytest.mark.parametrize("method", METHODS)
    def test_raises_and_names_the_coalition(self, method, value):
        game = with_holes(Polynomial.random(7, 1), lambda c: (c == [0, 1, 0, 0, 1, 0, 1]).all(axis=1), value)
        with pytest.raises(ValueError, match=r"^the worth of coalition \{1, 4, 6\} is not finite") as caught:
            METHODS[method](game, 7, budget=2000, random_state=0)
        kept = caught.value.evaluations
        np.testing.assert_array_equal(kept.worths[:, 0], game(kept.coalitions))
        assert np.isfinite(kept.worths).all()

    def test_names_the_empty_coalition_and_cuts_large_ones_short(self):
        with pytest.raises(ValueError, match=r"coalition \{\} is not finite"):
            banzhaf.exact(lambda c: np.where(c.any(axis=1), 1.0, np.nan), 3)
        with pytest.raises(ValueError, match=r"coalition \{(\d+, ){20}\.\.\. \(\d+ players\)\} is not finite"):
            banzhaf.estimate(lambda c: np.full(len(c), np.nan), 90, budget=400)

    def test_one_output_is_enough(self):
        with pytest.raises(ValueError, match=r"coalition \{0\} is not finite"):
            banzhaf.exact(lambda c: np.where((c == [True, False])[:, [0, 1]].all(axis=1)[:, None], [1, np.inf], 0), 2)

    @pytest.mark.parametrize("design", ["hadamard", "paired"])
    def test_a_pair_is_dropped_whole(self, design):
        bad = np.array([3, 10, 11, 40])  # one of a first pair, both of a second, one of a third
        coalitions = banzhaf.sample_coalitions(12, 100, design=design, random_state=0)
        game = Polynomial.random(12, 3, outputs=2)
        rows = {coalition.tobytes() for coalition in coalitions[bad]}
        holed = with_holes(game, lambda c: [row.tobytes() in rows for row in c])
        found = banzhaf.estimate(holed, 12, budget=100, design=design, random_state=0, on_nonfinite="drop")
        rest = np.delete(coalitions, [2, 3, 10, 11, 40, 41], axis=0)
        expected = banzhaf.fit(rest, game(rest))
        for name in FIELDS:
            assert same_bits(getattr(found, name), getattr(expected, name)), name
        assert (found.n_evaluations, found.n_dropped) == (100, 6)
        assert found.design == {"hadamard": "nested"}.get(design, design)
        assert found.degrees_of_freedom == pytest.approx(degrees(47, 12))

    @pytest.mark.parametrize("method", ["independent", "msr"])
    def test_a_single_coalition_is_dropped_alone(self, method):
        game = Recorder(with_holes(Polynomial.random(12, 3), lambda c: c[:, :3].all(axis=1)))
        found = METHODS[method](game, 12, budget=200, random_state=0, on_nonfinite="drop")
        kept = game.rows[~game.rows[:, :3].all(axis=1)]
        worths = game.function(kept)
        if method == "independent":
            expected = banzhaf.fit(kept, worths).values
        else:
            expected = [worths[kept[:, i]].mean() - worths[~kept[:, i]].mean() for i in range(12)]
        assert found.n_dropped == 200 - len(kept) > 0
        np.testing.assert_allclose(found.values, expected, rtol=1e-10)
        np.testing.assert_allclose(found.mean_worth, worths.mean(), rtol=1e-12)

    def test_a_walk_is_dropped_whole(self):
        game = Recorder(with_holes(Polynomial.random(6, 2), lambda c: c[:, :3].all(axis=1)))
        found = banzhaf.monte_carlo(game, 6, budget=300, random_state=0, on_nonfinite="drop")
        worths = game.function(game.rows)
        gains = worths[1::2] - worths[::2]
        kept = np.isfinite(gains)
        players = np.arange(150) % 6
        assert found.n_dropped == 2 * (150 - kept.sum()) > 0
        expected = [gains[kept & (players == i)].mean() for i in range(6)]
        np.testing.assert_allclose(found.values, expected, rtol=1e-12)

    def test_a_player_may_lose_all_walks(self):
        game = with_holes(Polynomial.random(6, 2), lambda c: c[:, 2])
        found = banzhaf.monte_carlo(game, 6, budget=60, random_state=0, on_nonfinite="drop")
        assert np.isnan(found.values[2])
        assert np.isfinite(np.delete(found.values, 2)).sum() > 0

    @pytest.mark.parametrize("method", ["estimate", "fit"])
    def test_a_table_with_holes_is_a_sample_of_pairs(self, method):
        game = Table.random(6, outputs=2)
        bad = [5, 20, 63 - 20, 40]
        game.worths[bad, 0] = np.nan
        found = banzhaf.estimate(game, 6, budget=64, on_nonfinite="drop")
        kept = [s for s in range(64) if s not in bad and 63 - s not in bad]
        assert (found.n_evaluations, found.n_dropped, found.design) == (64, 6, "exhaustive")
        expected = (
            banzhaf.fit(all_coalitions(6)[kept], game.worths[kept]).values
            if method == "fit"
            else least_squares(all_coalitions(6)[kept], game.worths[kept])
        )
        np.testing.assert_allclose(found.values, expected, rtol=1e-10, atol=1e-12)
        assert (found.standard_errors > 0).all()

    @pytest.mark.parametrize("method", METHODS)
    def test_without_anything_to_drop_nothing_changes(self, method):
        game = Polynomial.random(12, 3)
        raising, dropping = (
            METHODS[method](game, 12, budget=100, random_state=0, on_nonfinite=choice) for choice in ("raise", "drop")
        )
        assert_same(dropping, raising)

    @pytest.mark.parametrize("budget", [40, 2**7])
    @pytest.mark.parametrize("method", METHODS)
    def test_raises_if_no_worth_is_finite(self, method, budget):
        def game(coalitions):
            return np.full(len(coalitions), np.nan)

        with pytest.raises(ValueError, match="no coalition has a finite worth") as caught:
            METHODS[method](game, 7, budget=budget, random_state=0, on_nonfinite="drop")
        assert len(caught.value.evaluations) == budget

    def test_too_few_left(self):
        game = with_holes(Polynomial.random(20, 1), lambda c: c[:, 0] ^ c[:, 1])
        with pytest.warns(RankWarning, match="rank 19 for 20 players"):
            found = banzhaf.estimate(game, 20, budget=400, random_state=0, on_nonfinite="drop")
        assert 0 < found.n_dropped < 400


class TestSizes:
    def test_one_player(self):
        game = Table([3.0, 8.0])
        for found in (
            banzhaf.exact(game, 1),
            banzhaf.exact([3.0, 8.0], 1),
            banzhaf.estimate(game, 1, budget=2),
            banzhaf.estimate(game, 1, budget=1000, design="independent"),
            banzhaf.fit([[True], [False]], [8.0, 3.0]),
            banzhaf.fit([[True], [False], [True]], [8.0, 3.0, 8.0]),
            banzhaf.monte_carlo(game, 1, budget=2),
            banzhaf.monte_carlo(game, 1, budget=9),
            banzhaf.msr(game, 1, budget=30, random_state=0),
        ):
            np.testing.assert_allclose(found.values, [5.0], rtol=1e-15)

    @pytest.mark.parametrize("n_players", [63, 64, 65, 127, 128, 129, 255, 257, 511, 513])
    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_around_words_and_blocks(self, n_players, design):
        weights = np.random.default_rng(n_players).integers(-50, 50, n_players).astype(float)
        found = banzhaf.estimate(lambda c: c @ weights, n_players, budget=3 * n_players, design=design, random_state=0)
        np.testing.assert_allclose(found.values, weights, atol=1e-10)

    @pytest.mark.parametrize("budget", [2, 3, 4, 5, 6])
    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_least_budgets(self, design, budget):
        game = Polynomial.random(12, 2)
        coalitions = banzhaf.sample_coalitions(12, budget, design=design, random_state=0)
        rank = len(coalitions) - 1 if design == "independent" else len(coalitions) // 2
        with pytest.warns(RankWarning, match=f"rank {rank} for 12 players"):
            found = banzhaf.estimate(game, 12, budget=budget, design=design, random_state=0)
        expected = least_squares(coalitions, game(coalitions), intercept=design == "independent")
        np.testing.assert_allclose(found.values, expected, rtol=1e-9, atol=1e-11)
        assert np.isnan(found.standard_errors).all()

    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_a_million_players(self, design):
        n_players = 2**20
        game = Recorder(lambda c: c[:, :1000].sum(axis=1) + 2.0 * c[:, -1])
        with pytest.warns(RankWarning, match="rank 3 for 1048576 players"):
            found = banzhaf.estimate(
                game, n_players, budget=6 if design == "paired" else 4, design=design, random_state=0
            )
        worths = game.function(game.rows)
        if design == "paired":
            X, d = 2.0 * game.rows[::2] - 1, worths[::2] - worths[1::2]
        else:
            X, d = game.rows - game.rows.mean(axis=0), worths - worths.mean()
        expected = X.T @ (np.linalg.pinv(X @ X.T, rcond=1e-10) @ d)
        np.testing.assert_allclose(found.values, expected, rtol=1e-9, atol=1e-18)

    def test_a_million_players_without_a_system(self):
        game = Recorder(lambda c: c[:, :1000].sum(axis=1))
        found = banzhaf.msr(game, 2**20, budget=5, random_state=0)
        both = game.rows.any(axis=0) & ~game.rows.all(axis=0)
        np.testing.assert_array_equal(np.isfinite(found.values), both)

    def test_a_system_that_does_not_fit_in_memory(self):
        game = Recorder(lambda c: np.zeros(len(c)))
        with pytest.raises(ValueError, match=r"dense system of 46001 unknowns.* lower the budget"):
            banzhaf.estimate(game, 50_000, budget=2 * 46_001, random_state=0, batch_size=8)
        assert game.n_rows == 0  # the error comes before any evaluation


class TestScales:
    @pytest.mark.parametrize("constant", [0.0, 5.0, 0.1, -1e100])
    @pytest.mark.parametrize("method", ["paired", "independent", "exact", "fit", "monte_carlo", "msr"])
    def test_a_constant_game(self, method, constant):
        def game(coalitions):
            return np.full(len(coalitions), constant)

        if method == "exact":
            found = banzhaf.exact(game, 9)
        elif method == "fit":
            found = banzhaf.fit(banzhaf.sample_coalitions(9, 60, random_state=0), np.full(60, constant))
        else:
            found = METHODS[method](game, 9, budget=60, random_state=0)
        np.testing.assert_allclose(found.values, np.zeros(9), atol=1e-14 * abs(constant))
        np.testing.assert_allclose(found.standard_errors, np.zeros(9), atol=1e-14 * abs(constant))
        np.testing.assert_allclose(found.mean_worth, constant, rtol=1e-14)
        if method not in ("monte_carlo", "msr"):
            assert found.r2 == 1

    @pytest.mark.parametrize("offset", [1e6, 2.0**40, -(2.0**50)])
    @pytest.mark.parametrize("method", METHODS)
    def test_a_huge_offset_cancels(self, method, offset):
        """Worths are integers, so any loss of accuracy comes from the estimator."""
        game = Polynomial(12, [[i] for i in range(12)], np.arange(12), offset)
        plain = Polynomial(12, [[i] for i in range(12)], np.arange(12))
        found, expected = (METHODS[method](g, 12, budget=120, random_state=0) for g in (game, plain))
        tolerance = 1e-12 if method in ("paired", "monte_carlo") else 1e-15 * abs(offset)
        np.testing.assert_allclose(found.values, expected.values, atol=tolerance + 1e-12)
        np.testing.assert_allclose(found.standard_errors, expected.standard_errors, atol=tolerance + 1e-7)

    @pytest.mark.parametrize("scale", [1e-150, 1e-300, 1e-200, 1e150, 1e160, 1e300])
    @pytest.mark.parametrize("design", ["paired", "independent", "hadamard", "exhaustive"])
    def test_results_scale_with_the_worths(self, design, scale):
        game = Polynomial.random(12, 3)
        options = {"budget": 2**12 if design == "exhaustive" else 120, "design": design, "random_state": 0}
        found = banzhaf.estimate(lambda c: scale * game(c), 12, **options)
        expected = banzhaf.estimate(game, 12, **options)
        np.testing.assert_allclose(found.values, scale * expected.values, rtol=1e-9, atol=1e-12 * scale)
        np.testing.assert_allclose(found.standard_errors, scale * expected.standard_errors, rtol=1e-9)
        np.testing.assert_allclose(found.r2, expected.r2, rtol=1e-9)

    @pytest.mark.parametrize("scales", [(1e170, 1.0, 1e-170), (1e-300, 1e300, 1.0), (1.0, 1e-160, 1e-290)])
    @pytest.mark.parametrize("method", [*METHODS, "exact", "fit", "noisy"])
    def test_outputs_have_their_own_scale(self, method, scales):
        game = Polynomial.random(10, 4)

        def estimated(function):
            if method == "exact":
                return banzhaf.exact(function, 10)
            if method == "fit":
                coalitions = banzhaf.sample_coalitions(10, 128, random_state=0)
                return banzhaf.fit(coalitions, function(coalitions))
            if method == "noisy":
                return banzhaf.estimate(function, 10, budget=1500, random_state=0, noisy=True)
            return METHODS[method](function, 10, budget=128, random_state=0)

        beside = estimated(lambda c: np.stack([scale * game(c) for scale in scales], axis=1))
        alone = estimated(game)
        for o, scale in enumerate(scales):
            for name in ("values", "standard_errors", "mean_worth"):
                expected = scale * getattr(alone, name)
                found = getattr(beside, name)[..., o]
                np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * scale, err_msg=name)
            np.testing.assert_allclose(beside.r2[o], alone.r2, rtol=1e-9)
            np.testing.assert_allclose(beside.variance_shares[:, o], alone.variance_shares, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(
                beside.intervals()[:, o], scale * alone.intervals(), rtol=1e-9, atol=1e-12 * scale
            )
        diagnosis, expected = banzhaf.diagnose(beside), banzhaf.diagnose(alone)
        np.testing.assert_allclose(diagnosis.higher_share, np.full(3, expected.higher_share), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(diagnosis.standard_error / scales, np.full(3, expected.standard_error), rtol=1e-9)

    @pytest.mark.parametrize("scale", [1e-170, 1e170])
    def test_players_separate_at_any_scale(self, scale):
        game = Polynomial.random(10, 4)
        runs = [
            banzhaf.estimate(lambda c, s=s: s * game(c), 10, budget=1000, random_state=0, top_k=3) for s in (1.0, scale)
        ]
        assert runs[0].n_evaluations == runs[1].n_evaluations
        assert runs[0].stopped == runs[1].stopped


class TestRandomState:
    def test_an_int_is_recorded(self):
        found = banzhaf.estimate(Polynomial.random(12, 3), 12, budget=60, random_state=2**64 - 1)
        assert found.random_state == 2**64 - 1

    def test_none_draws_a_seed_that_the_result_records(self):
        game = Polynomial.random(12, 3)
        first, second = (banzhaf.estimate(game, 12, budget=60) for _ in range(2))
        assert first.random_state != second.random_state
        assert_same(banzhaf.estimate(game, 12, budget=60, random_state=first.random_state), first)

    def test_a_generator_moves_on(self):
        game = Polynomial.random(12, 3)
        generator = np.random.default_rng(0)
        first, second = (banzhaf.estimate(game, 12, budget=60, random_state=generator) for _ in range(2))
        assert first != second
        assert_same(banzhaf.estimate(game, 12, budget=60, random_state=np.random.default_rng(0)), first)

    def test_numpy_integers(self):
        game = Polynomial.random(12, 3)
        first = banzhaf.estimate(game, np.int64(12), budget=np.uint16(60), random_state=np.int8(3))
        assert_same(first, banzhaf.estimate(game, 12, budget=60, random_state=3))

    def test_the_global_generator_is_left_alone(self):
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        for method in METHODS.values():
            method(Polynomial.random(12, 3), 12, budget=60)
        np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002

    @pytest.mark.parametrize("design", DESIGNS)
    def test_exact_values_need_no_seed(self, design):
        found = banzhaf.estimate(Table.random(4), 4, budget=16, design=design, random_state=5)
        assert (found.design, found.random_state) == ("exhaustive", None)
