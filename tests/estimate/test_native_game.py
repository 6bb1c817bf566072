# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test estimates of native games: the same bits as from Python games, errors, threads, interrupts."""

from __future__ import annotations

import sys
import threading
import time

import numpy as np
import pytest
from native import GAME, SOURCE, counting, curved, library

import banzhaf


@pytest.fixture(scope="module")
def lib(tmp_path_factory):
    return library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def weights():
    return np.random.default_rng(0).normal(size=40) / 4


def oracle(weights, n_outputs=1):
    """The game `curved`, summed in the order of the library."""

    def game(coalitions):
        sums = np.zeros(len(coalitions))
        for player, weight in enumerate(weights):
            sums[coalitions[:, player]] += weight
        return curved(sums[:, None], np.ones(1), n_outputs)

    return game


class TestValues:
    @pytest.mark.parametrize("n_outputs", [1, 3])
    @pytest.mark.parametrize("design", ["hadamard", "paired", "independent"])
    def test_those_of_the_same_game_in_python(self, lib, weights, design, n_outputs):
        game = banzhaf.native_game(lib.curved, data=weights, n_outputs=n_outputs)
        arguments = {"budget": 500, "design": design, "random_state": 1}
        found = banzhaf.estimate(game, 40, **arguments)
        expected = banzhaf.estimate(oracle(weights, n_outputs), 40, **arguments)
        np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=1e-12)
        np.testing.assert_allclose(found.standard_errors, expected.standard_errors, rtol=0, atol=1e-12)
        assert found.values.shape == ((40,) if n_outputs == 1 else (40, 3))
        # As a Python callable it gives the same bits.
        assert banzhaf.estimate(lambda coalitions: game(coalitions), 40, **arguments) == found
        for batch_size, num_threads in [(1, 2), (7, 1), (64, 3), (None, 1)]:
            again = banzhaf.estimate(game, 40, **arguments, batch_size=batch_size, num_threads=num_threads)
            assert again == found

    def test_other_functions_take_it(self, lib, weights):
        game = banzhaf.native_game(lib.curved, data=weights[:10].copy())
        plain = oracle(weights[:10])
        np.testing.assert_allclose(banzhaf.exact(game, 10).values, banzhaf.exact(plain, 10).values, atol=1e-14)
        for function in (banzhaf.monte_carlo, banzhaf.msr):
            found = function(game, 10, budget=200, random_state=0)
            np.testing.assert_allclose(found.values, function(plain, 10, budget=200, random_state=0).values, atol=1e-14)
        coalitions = banzhaf.sample_coalitions(10, 100, random_state=0)
        found = banzhaf.fit(coalitions, game(coalitions))
        np.testing.assert_allclose(found.values, banzhaf.fit(coalitions, plain(coalitions)).values, atol=1e-14)

    def test_rules_and_callbacks(self, lib, weights):
        game = banzhaf.native_game(lib.curved, data=weights)
        arguments = {"budget": 4000, "random_state": 0, "tolerance": 0.02}
        found = banzhaf.estimate(game, 40, **arguments)
        assert found.stopped == "tolerance"
        assert found == banzhaf.estimate(lambda coalitions: game(coalitions), 40, **arguments)
        seen = []
        banzhaf.estimate(game, 40, budget=4000, callback=lambda values: seen.append(values.n_evaluations))
        assert seen == sorted(set(seen))
        assert len(seen) > 1
        timed = banzhaf.estimate(banzhaf.native_game(lib.slow), 40, budget=10**7, deadline=0.2)
        assert timed.stopped == "deadline"
        assert timed.n_evaluations < 10**7

    def test_progress_counts_evaluations(self, lib, weights, counted):
        game = banzhaf.native_game(lib.curved, data=weights)
        found = banzhaf.estimate(game, 40, budget=1000, batch_size=128, random_state=0, progress=True)
        assert sum(counted) == 1000
        assert found == banzhaf.estimate(game, 40, budget=1000, random_state=0)

    def test_a_callback_of_python(self):
        game = banzhaf.native_game(counting)
        for num_threads in (1, 3):
            values = banzhaf.estimate(game, 70, budget=400, random_state=0, num_threads=num_threads).values
            np.testing.assert_allclose(values, 1, atol=1e-12)


class TestErrors:
    def test_a_code_names_itself(self, lib):
        with pytest.raises(RuntimeError, match=r"^game returned the error 7(\n|$)") as caught:
            banzhaf.estimate(banzhaf.native_game(lib.failing), 10, budget=100)
        assert len(caught.value.evaluations) == 0
        with pytest.raises(RuntimeError, match=r"^game returned the error 7: the disk is full"):
            banzhaf.exact(banzhaf.native_game(lib.failing, errors={7: "the disk is full"}), 10)
        with pytest.raises(RuntimeError, match=r"^game returned the error 7$"):
            banzhaf.native_game(lib.failing)(np.ones((1, 3), dtype=bool))

    @pytest.mark.parametrize("num_threads", [1, 3])
    def test_a_worth_that_is_not_written_is_refused(self, lib, num_threads):
        game = banzhaf.native_game(lib.silent)
        with pytest.raises(ValueError, match=r"worth of coalition \{0, 1, 2.*not finite") as caught:
            banzhaf.estimate(game, 9, budget=256, random_state=0, num_threads=num_threads)
        kept = caught.value.evaluations
        coalitions = banzhaf.sample_coalitions(9, 256, random_state=0)
        first = np.flatnonzero(coalitions[:, :3].all(axis=1))[0]
        assert len(kept) == first
        assert np.array_equal(kept.coalitions, coalitions[:first])
        assert (kept.worths == 1).all()

    def test_worths_that_are_not_finite_may_be_dropped(self, lib):
        game = banzhaf.native_game(lib.silent)
        with pytest.warns(UserWarning, match="were dropped"):
            found = banzhaf.estimate(game, 9, budget=256, random_state=0, on_nonfinite="drop")
        assert found.n_dropped > 0

    def test_another_number_of_players_is_refused(self, lib, weights):
        game = banzhaf.native_game(lib.curved, data=weights, n_players=40)
        assert banzhaf.estimate(game, 40, budget=256).n_evaluations == 256
        with pytest.raises(ValueError, match="n_players must be 40, as game declares, got 41"):
            banzhaf.estimate(game, 41, budget=256)
        with pytest.raises(ValueError, match="n_players must be 40"):
            game(np.ones((1, 41), dtype=bool))

    @pytest.mark.parametrize("n_outputs", [2**31, 2**58, 2**62])
    def test_too_many_outputs_are_refused(self, lib, n_outputs):
        """64 x 2^58 numbers of 8 bytes would look like none."""
        with pytest.raises(ValueError, match=r"^game may have at most 2147483647 outputs, got n_outputs \d+$"):
            banzhaf.estimate(banzhaf.native_game(lib.failing, n_outputs=n_outputs), 6, budget=64)
        with pytest.raises(ValueError, match=r"^model may have at most 2147483647 outputs, got n_outputs \d+$"):
            banzhaf.native_model(lib.linear, dtype=float, n_outputs=n_outputs)

    def test_an_exception_in_a_callback_of_python_is_no_worth(self, monkeypatch):
        seen = []
        monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: seen.append(type(unraisable.exc_value)))

        @GAME
        def raises(*arguments):
            raise ZeroDivisionError

        # What ctypes returns then is undefined: an error number, or 0 with worths that are not written.
        with pytest.raises((RuntimeError, ValueError), match=r"returned the error|not finite"):
            banzhaf.estimate(banzhaf.native_game(raises), 10, budget=64)
        assert set(seen) == {ZeroDivisionError}


class TestThreads:
    def test_many_share_a_game(self, lib, weights):
        game = banzhaf.native_game(lib.curved, data=weights)
        expected = [banzhaf.estimate(game, 40, budget=600, random_state=seed) for seed in range(8)]
        found = [None] * 8

        def work(seed):
            found[seed] = banzhaf.estimate(game, 40, budget=600, random_state=seed, num_threads=2)

        workers = [threading.Thread(target=work, args=[seed]) for seed in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert found == expected

    def test_a_game_that_is_not_thread_safe_is_called_alone(self):
        inside, overlaps = [0], []

        @GAME
        def watched(coalitions, n_coalitions, n_players, worths, n_outputs, data):
            inside[0] += 1
            overlaps.append(inside[0])
            time.sleep(0.001)
            for row in range(n_coalitions):
                worths[row] = 1
            inside[0] -= 1
            return 0

        game = banzhaf.native_game(watched, thread_safe=False)
        runs = [
            threading.Thread(
                target=lambda: banzhaf.estimate(game, 10, budget=40, design="paired", batch_size=2, num_threads=3)
            )
            for _ in range(2)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert set(overlaps) == {1}


@pytest.mark.skipif("os.name == 'nt'", reason="no SIGINT can be sent to one process there")
def test_an_interrupt_ends_a_run(lib, fresh_python):
    """Long before the game would be done, and what was evaluated is kept."""
    program = f"""
import ctypes, threading, time
import banzhaf
game = banzhaf.native_game(ctypes.CDLL({lib._name!r}).slow)
threading.Timer(0.3, print, ["ready"], {{"flush": True}}).start()
try:
    banzhaf.estimate(game, 40, budget=10**7, num_threads=2)
except KeyboardInterrupt as error:
    print(0 < len(error.evaluations) < 10**7)
"""
    assert "slow" in SOURCE
    assert fresh_python(program, interrupted=True) == "True\n"
