# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test coalitions: correct, uniform, made of NumPy's Philox words, and independent of how they are requested."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import all_coalitions

import banzhaf
from banzhaf import _core

TAILS = [1, 2, 7, 8, 9, 63, 64, 65, 127, 128, 129, 200, 1000]
COALITIONS, WALKS = 0, 1  # random streams


def numpy_words(seed, stream, count):
    """The first words of NumPy's Philox, which increments its counter before use."""
    key = np.array([seed, stream], dtype=np.uint64)
    return np.random.Philox(key=key, counter=2**256 - 1).random_raw(count)


def bits(words, n_players):
    """Player i is bit i % 64 of word i // 64."""
    return ((words[:, :, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).reshape(len(words), -1)[:, :n_players]


class TestWords:
    @pytest.mark.parametrize("stream", [COALITIONS, WALKS])
    @pytest.mark.parametrize("seed", [0, 1, 12345, 2**63, 2**64 - 1])
    def test_are_those_of_numpys_philox(self, seed, stream):
        np.testing.assert_array_equal(_core.random_words(seed, stream, 0, 1003), numpy_words(seed, stream, 1003))

    @given(st.integers(0, 2**64 - 1), st.integers(0, 60), st.integers(0, 60))
    def test_any_slice(self, seed, first, count):
        whole = _core.random_words(seed, COALITIONS, 0, 120)
        np.testing.assert_array_equal(_core.random_words(seed, COALITIONS, first, count), whole[first : first + count])

    def test_far_into_a_stream(self):
        first = 4 * 10**18
        bit_generator = np.random.Philox(key=7, counter=first // 4 - 1)
        np.testing.assert_array_equal(_core.random_words(7, COALITIONS, first, 9), bit_generator.random_raw(9))


class TestCoalitions:
    @pytest.mark.parametrize("n_players", TAILS[5:])
    def test_are_the_words_bits(self, n_players):
        per_row = -(-n_players // 64)
        words = numpy_words(99, COALITIONS, 50 * per_row).reshape(50, per_row)
        expected = bits(words, n_players).astype(bool)
        independent = banzhaf.sample_coalitions(n_players, 50, design="independent", random_state=99)
        np.testing.assert_array_equal(independent, expected)
        paired = banzhaf.sample_coalitions(n_players, 100, design="paired", random_state=99)
        np.testing.assert_array_equal(paired[::2], expected)

    @pytest.mark.parametrize("n_players", TAILS[4:])
    @pytest.mark.parametrize("design", ["paired", "hadamard"])
    def test_pairs_are_complements(self, n_players, design):
        coalitions = banzhaf.sample_coalitions(n_players, 201, design=design, random_state=0)
        assert (coalitions.shape, coalitions.dtype) == ((200, n_players), bool)
        np.testing.assert_array_equal(coalitions[::2], ~coalitions[1::2])

    @pytest.mark.parametrize("n_players", TAILS[5:])
    def test_walks_add_their_player(self, n_players):
        coalitions = _core.sample_coalitions("walks", n_players, 4 * n_players + 3, 5)
        without, having = coalitions[::2], coalitions[1::2]
        players = np.arange(len(without)) % n_players
        np.testing.assert_array_equal(without ^ having, np.eye(n_players, dtype=bool)[players])
        assert having[np.arange(len(having)), players].all()
        per_row = -(-n_players // 64)
        words = numpy_words(5, WALKS, len(without) * per_row).reshape(-1, per_row)
        expected = bits(words, n_players).astype(bool)
        expected[np.arange(len(without)), players] = False
        np.testing.assert_array_equal(without, expected)

    @pytest.mark.parametrize("n_players", [1, 2, 5, 12])
    @pytest.mark.parametrize("design", ["paired", "independent", "exhaustive"])
    def test_all_of_them_in_binary_order(self, design, n_players):
        coalitions = banzhaf.sample_coalitions(n_players, 2**n_players, design=design)
        np.testing.assert_array_equal(coalitions, all_coalitions(n_players))

    @pytest.mark.parametrize("n_players", [5, 64, 65, 200])
    @pytest.mark.parametrize("design", ["paired", "independent", "walks", "exhaustive"])
    def test_slices_make_the_whole(self, design, n_players):
        if design == "exhaustive":
            n_players = min(n_players, 11)
        budget = 4 * n_players + 151
        whole = _core.sample_coalitions(design, n_players, budget, 3)
        assert len(whole) == _core.describe(design, n_players, budget).n_coalitions
        assert len(whole) == _core.count_coalitions(design, n_players, budget)
        for step in (1, 7, 64, 1000):
            slices = [
                _core.sample_coalitions(design, n_players, budget, 3, first=first, count=step)
                for first in range(0, len(whole), step)
            ]
            np.testing.assert_array_equal(np.concatenate(slices), whole)
        np.testing.assert_array_equal(_core.sample_coalitions(design, n_players, budget, 3, first=9), whole[9:])
        assert _core.sample_coalitions(design, n_players, budget, 3, first=len(whole)).shape == (0, n_players)

    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_a_larger_budget_adds_coalitions(self, design):
        few, many = (banzhaf.sample_coalitions(70, budget, design=design, random_state=2) for budget in (100, 10_000))
        np.testing.assert_array_equal(few, many[:100])

    def test_no_threads_are_too_many(self):
        expected = banzhaf.sample_coalitions(300, 9000, random_state=0, num_threads=1)
        for num_threads in (2, 7, None):
            found = banzhaf.sample_coalitions(300, 9000, random_state=0, num_threads=num_threads)
            np.testing.assert_array_equal(found, expected)


M, N = 20_000, 130  # coalitions and players of the samples tested for uniformity


@pytest.fixture(scope="module", params=[("independent", 0), ("independent", 2**64 - 1), ("paired", 0)])
def sample(request):
    design, seed = request.param
    if design == "independent":
        return banzhaf.sample_coalitions(N, M, design=design, random_state=seed)
    return banzhaf.sample_coalitions(N, 2 * M, design=design, random_state=seed)[::2]


class TestUniform:
    """Seeds are fixed, and bounds lie at five standard deviations."""

    def test_each_player(self, sample):
        assert np.abs(sample.mean(axis=0) - 0.5).max() < 5 * 0.5 / np.sqrt(M)

    def test_each_pair_of_players(self, sample):
        signs = 2.0 * sample - 1
        together = signs.T @ signs / M
        assert np.abs(together - np.eye(N)).max() < 5 / np.sqrt(M)

    def test_each_three_neighbours(self, sample):
        signs = 2.0 * sample - 1
        assert np.abs((signs[:, 2:] * signs[:, 1:-1] * signs[:, :-2]).mean(axis=0)).max() < 5 / np.sqrt(M)

    def test_neighbouring_draws(self, sample):
        signs = 2.0 * sample - 1
        for lag in (1, 2, 3, 64):
            assert np.abs((signs[lag:] * signs[:-lag]).mean(axis=0)).max() < 5 / np.sqrt(M - lag)

    def test_sizes_are_binomial(self, sample):
        sizes = sample.sum(axis=1)
        variance = N / 4
        assert abs(sizes.mean() - N / 2) < 5 * np.sqrt(variance / M)
        assert abs(sizes.var() / variance - 1) < 5 * np.sqrt(2 / M)

    def test_small_games_see_every_coalition_alike(self):
        coalitions = _core.sample_coalitions("independent", 6, 64_000, 1)
        counts = np.bincount(coalitions @ (1 << np.arange(6)), minlength=64)
        chi_square = ((counts - 1000) ** 2 / 1000).sum()
        assert 63 - 5 * np.sqrt(2 * 63) < chi_square < 63 + 5 * np.sqrt(2 * 63)

    def test_seeds_and_streams_have_nothing_in_common(self):
        draws = [
            2.0 * banzhaf.sample_coalitions(100, 1000, design="independent", random_state=seed) - 1
            for seed in (0, 1, 2, 2**32, 2**63)
        ]
        draws.append(2.0 * _core.sample_coalitions("walks", 100, 2000, 0)[::2] - 1)
        for i, first in enumerate(draws):
            for second in draws[:i]:
                assert abs((first * second).mean()) < 5 / np.sqrt(first.size)
