# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Weighted voting: published power, enumeration, and a count that shares no code."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import pickle
from bisect import bisect_left
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from votes import ELECTORAL_SWINGS, ELECTORS, INHABITANTS, NICE, NICE_INDEX

import banzhaf
from banzhaf._games.tallies import Tallies
from banzhaf.games import WeightedVoting


def by_brute_force(weights, quotas):
    """Swings by the definition, one coalition at a time."""
    n = len(weights[0])

    def wins(votes):
        totals = [sum(w * vote for w, vote in zip(row, votes, strict=True)) for row in weights]
        return any(all(t >= q for t, q in zip(totals, row, strict=True)) for row in quotas)

    swings = [0] * n
    for votes in product((0, 1), repeat=n):
        for i in range(n):
            if votes[i] == 0:
                swings[i] += wins([*votes[:i], 1, *votes[i + 1 :]]) - wins(votes)
    return tuple(swings), sum(wins(votes) for votes in product((0, 1), repeat=n))


class TestPublished:
    def test_security_council(self):
        """Five permanent members with a veto, ten others, nine votes: Banzhaf's count."""
        council = WeightedVoting([7] * 5 + [1] * 10, 39)
        assert council.swings() == (848,) * 5 + (84,) * 10
        assert council.fractions(normalised=True)[0] == Fraction(106, 635)
        assert council.fractions(normalised=True)[-1] == Fraction(21, 1270)

    def test_security_council_by_two_rules(self):
        """The charter's own words: nine votes, among them those of all permanent members."""
        council = WeightedVoting([[1] * 15, [1] * 5 + [0] * 10], [9, 5])
        assert council.swings() == (848,) * 5 + (84,) * 10

    def test_luxembourg_1958(self):
        council = WeightedVoting([4, 4, 4, 2, 2, 1], 12)
        shares = [Fraction(5, 21)] * 3 + [Fraction(1, 7)] * 2 + [0]
        assert list(council.fractions(normalised=True)) == shares

    def test_electoral_college(self):
        assert (len(ELECTORS), sum(ELECTORS)) == (51, 538)
        college = WeightedVoting(ELECTORS, 270)
        values, shares = college.exact().values, college.fractions(normalised=True)
        for electors, (swings, value, share) in ELECTORAL_SWINGS.items():
            state = ELECTORS.index(electors)
            assert college.swings()[state] == swings
            assert f"{values[state]:.6f}".rstrip("0") == value
            assert f"{float(shares[state]):.6f}".rstrip("0") == share

    def test_treaty_of_nice(self):
        shares = WeightedVoting(NICE, 255).fractions(normalised=True)
        assert [round(share * 10_000) for share in shares] == [NICE_INDEX[votes] for votes in NICE]


def test_a_council_of_states_and_people_in_two_ways():
    """55 % of 17 states and 65 % of their people, or all but three: counted by halves of the other states."""
    people = INHABITANTS[::2] + INHABITANTS[1:7:2]
    quota = Fraction(65, 100) * sum(people)
    council = WeightedVoting([[1] * 17, people], [[10, quota], [14, 0]])
    for state in (0, 16):
        others = people[:state] + people[state + 1 :]
        halves = []
        for half in (others[:8], others[8:]):
            sums = [(0, 0)]
            for each in half:
                sums += [(states + 1, total + each) for states, total in sums]
            halves.append(sums)
        by_states = [sorted(total for states, total in halves[1] if states == k) for k in range(9)]
        swings = 0
        for states, total in halves[0]:
            for k, totals in enumerate(by_states):
                with_it = len(totals) if states + k + 1 >= 14 else 0
                if 10 <= states + k + 1 < 14:
                    with_it = len(totals) - bisect_left(totals, quota - total - people[state])
                without = len(totals) if states + k >= 14 else 0
                if 10 <= states + k < 14:
                    without = len(totals) - bisect_left(totals, quota - total)
                swings += with_it - without
        assert council.swings()[state] == swings


@st.composite
def rules(draw):
    n = draw(st.integers(1, 6))
    weights = draw(st.lists(st.lists(st.integers(0, 5), min_size=n, max_size=n).filter(any), min_size=1, max_size=3))
    quota = st.tuples(*(st.integers(0, sum(row)) for row in weights)).filter(any)
    return weights, draw(st.lists(quota, min_size=1, max_size=3))


class TestCounts:
    @given(rules())
    def test_equal_brute_force(self, vote):
        weights, quotas = vote
        game = WeightedVoting(weights, quotas)
        counted = Tallies(game._weights, game._quotas).power()
        assert counted == by_brute_force(weights, quotas)
        assert counted == game._enumerated()

    def test_of_more_than_62_players(self):
        """Where counts exceed NumPy's integers: equal weights have a formula, and fractions stay exact."""
        from math import comb

        assert set(WeightedVoting([1] * 301, 151).swings()) == {comb(300, 150)}
        game = WeightedVoting([3] + [1] * 100, 60)
        assert game.swings()[0] == sum(comb(100, k) for k in (57, 58, 59))
        assert game.exact().values[0] == float(Fraction(game.swings()[0], 2**100))

    def test_weights_too_large_to_count(self):
        small = WeightedVoting([10**9 + k for k in range(10)], 6 * 10**9)  # enumerated
        assert small.swings() == by_brute_force([[10**9 + k for k in range(10)]], [[6 * 10**9]])[0]
        with pytest.raises(ValueError, match=r"weights must add up to less to be counted exactly: .* call estimate"):
            WeightedVoting([10**12 + k for k in range(40)], 20 * 10**12).exact()

    def test_mean_worth_is_the_share_of_winning_coalitions(self):
        game = WeightedVoting([4, 4, 4, 2, 2, 1], 12)
        assert game.exact().mean_worth == banzhaf.exact(game, 6).mean_worth


class TestNumbers:
    def test_fractions_and_decimals_are_exact(self):
        thirds = WeightedVoting([Fraction(1, 3)] * 3, 1)
        assert thirds.swings() == (1, 1, 1)
        shares = WeightedVoting([Decimal("0.1")] * 10, 1)
        assert set(shares.swings()) == {1}
        assert shares(np.ones((1, 10), dtype=bool)) == 1

    def test_quotas_between_tallies(self):
        assert WeightedVoting([2, 2, 2], 3).swings() == WeightedVoting([1, 1, 1], 2).swings()

    @pytest.mark.parametrize(
        ("weights", "quotas"),
        [
            ([[2**61, 2**61, 1]], [[2**61 + 1]]),
            ([[10**40 + 1, 10**40, 10**40 - 1, 1, 2, 7]], [[2 * 10**40 + 1]]),
            ([[2**64, 2**63, 2**63 - 1, 1], [1, 0, 2, 1]], [[2**64, 2], [2**64 + 2**63, 0]]),
            ([[Fraction(1, 3**k) for k in range(40, 46)]], [[Fraction(1, 3**40)]]),
            ([[2**60, 2**30, 2**30 - 1, 1]], [[2**60 + 2**30]]),
        ],
    )
    def test_weights_of_any_size(self, weights, quotas):
        """Beyond 64 bits, tallies are as exact as Python's integers."""
        game = WeightedVoting(weights, quotas)
        swings, winning = by_brute_force(weights, quotas)
        assert game.swings() == swings
        assert game.exact().mean_worth == winning / 2 ** len(weights[0])
        sampled = game.estimate(2 ** len(weights[0]))
        np.testing.assert_allclose(sampled.values, [float(value) for value in game.fractions()], atol=1e-12)

    def test_counted_values_are_no_shapley_values(self):
        """Nothing in them tells Shapley values: those of the four players are 3/4 and three times 1/12."""
        game = WeightedVoting([3, 1, 1, 1], 4)
        with pytest.raises(ValueError, match="shapley needs evaluations, and this result has none"):
            game.exact().shapley()
        np.testing.assert_allclose(game.estimate(16).shapley().values, [0.75, 1 / 12, 1 / 12, 1 / 12])

    def test_whole_floats(self):
        assert WeightedVoting(np.array([2.0, 1.0]), 2.0).swings() == (2, 0)

    @pytest.mark.parametrize(
        ("weights", "quotas", "message"),
        [
            ([0.1, 0.2], 0.3, r"weights must be exact, .* got 0\.1\. Pass integers, or fractions\.Fraction\('0\.1'\)"),
            ([1, -1], 1, "weights must not be negative"),
            ([1, 2], 4, "quotas must be reachable: all players together have 3, got 4"),
            ([1, 2], 0, "quotas must not all be 0"),
            ([1, 2], -1, "quotas must not be negative"),
            ([1, 2], [1, 2], r"quotas must hold one quota for each of the 1 rules in weights, got 2"),
            ([[1, 2], [1]], [1, 1], r"weights must have rows of equal length, got lengths \[2, 1\]"),
            ([], 1, "weights must hold at least one number"),
            ([1, float("nan")], 1, "weights must be finite"),
        ],
    )
    def test_refused(self, weights, quotas, message):
        with pytest.raises(ValueError, match=message):
            WeightedVoting(weights, quotas)

    @pytest.mark.parametrize("weights", ["12", [True, 1], [1, "2"], {1, 2}])
    def test_refused_types(self, weights):
        with pytest.raises(TypeError, match="weights must"):
            WeightedVoting(weights, 1)

    def test_tables_are_refused(self, pd):
        # The rules of a table with numbered columns would be the numbers of its columns.
        for weights, quotas in [(pd.DataFrame([[2, 1, 1]]), 3), ([[2, 1, 1], [1, 1, 1]], pd.DataFrame([[3, 2]]))]:
            with pytest.raises(TypeError, match=r"must be numbers, got a DataFrame: pass .*to_numpy"):
                WeightedVoting(weights, quotas)

    def test_series_in_another_order_are_refused(self, pd):
        rules = [[3, 2, 1], [1, 1, 1]]
        with pytest.raises(ValueError, match="quotas must be in the order of the rules"):
            WeightedVoting(rules, pd.Series([2, 3], index=[1, 0]))
        assert WeightedVoting(rules, pd.Series([3, 2])).swings() == WeightedVoting(rules, [3, 2]).swings()

    def test_coalitions_are_checked(self):
        game = WeightedVoting([1, 2], 2)
        with pytest.raises(TypeError, match="coalitions must be a boolean array, got int64"):
            game(np.array([[1, 0]], dtype=np.int64))
        with pytest.raises(ValueError, match=r"coalitions must have shape \(m, 2\), got \(1, 3\)"):
            game(np.ones((1, 3), dtype=bool))


class TestAsGame:
    GAME = WeightedVoting(NICE, 255)

    def test_estimate_covers_the_exact_values(self):
        estimate = self.GAME.estimate(4_000, random_state=0)
        low, high = estimate.intervals().T
        exact = self.GAME.exact().values
        assert np.mean((low <= exact) & (exact <= high)) > 0.8

    def test_study_on_sqlite(self, tmp_path):
        game = WeightedVoting([4, 4, 4, 2, 2, 1], 12, player_names=list("GFIBNL"))
        study = banzhaf.Study(
            game.n_players, budget=64, store=tmp_path / "vote.db", player_names=game.player_names, random_state=0
        )
        study.run(game)
        values = study.result()
        np.testing.assert_allclose(values.values, game.exact().values, atol=1e-12)
        assert values.player_names == tuple("GFIBNL")

    def test_processes(self):
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            values = self.GAME.estimate(256, random_state=0, executor=pool)
        assert np.array_equal(values.values, self.GAME.estimate(256, random_state=0).values)

    def test_pickle_and_repr(self):
        again = pickle.loads(pickle.dumps(self.GAME))
        assert type(again) is WeightedVoting
        assert type(again).__module__ == "banzhaf.games"
        assert again.swings() == self.GAME.swings()
        assert repr(again) == "WeightedVoting(27 players, quota 255)"

    def test_estimate_takes_the_names(self):
        game = WeightedVoting([2, 1], 2, player_names=["a", "b"])
        assert game.estimate(4).player_names == ("a", "b")
        assert game.exact().player_names == ("a", "b")
