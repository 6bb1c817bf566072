# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Threads: they change no bit, as many start as were asked for, and Python's own go on meanwhile."""

from __future__ import annotations

import functools
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from oracles import Polynomial

import banzhaf
from banzhaf import _core

pytestmark = [pytest.mark.filterwarnings(f"ignore::banzhaf.{kind}") for kind in ("RankWarning", "BudgetWarning")]

# Enough work for several threads, of every kind: players, budget, options.
WORK = {
    "hadamard": (2100, 16_800, {}),
    "hadamard, more outputs": (300, 8000, {"outputs": 4}),
    "hadamard, a part of a block": (700, 1380, {"ridge": 2.0}),
    "paired": (300, 4000, {}),
    "paired, more outputs": (200, 3000, {"outputs": 4}),
    "paired, ridge": (300, 4000, {"ridge": 2.0}),
    "paired, fewer pairs than players": (700, 900, {}),
    "paired, fewer pairs, ridge": (700, 900, {"ridge": 2.0}),
    "paired, more rows than one chunk": (65, 40_000, {}),
    "paired, players who never part": (300, 4000, {"twins": True}),
    "independent": (300, 2000, {}),
    "independent, fewer than players": (700, 500, {}),
    "independent, more outputs": (129, 3000, {"outputs": 3, "ridge": 1.0}),
    "exhaustive": (17, 2**17, {"outputs": 2}),
}


def solve(work, **options):
    n_players, budget, settings = WORK[work]
    settings = dict(settings)
    game = Polynomial.random(n_players, 3, outputs=settings.pop("outputs", None))
    if settings.pop("twins", False):
        coalitions = banzhaf.sample_coalitions(n_players, budget, design="paired", random_state=1)
        coalitions[:, -1] = coalitions[:, 0]
        options.pop("batch_size", None)
        return banzhaf.fit(coalitions, game(coalitions), **settings, **options)
    settings = {"design": work.split(",")[0]} | settings
    return banzhaf.estimate(game, n_players, budget=budget, random_state=1, **settings, **options)


alone = functools.cache(functools.partial(solve, num_threads=1))


class TestSameBits:
    @pytest.mark.parametrize("num_threads", [2, 7, None])
    @pytest.mark.parametrize("work", WORK)
    def test_for_any_number_of_threads(self, work, num_threads):
        assert solve(work, num_threads=num_threads) == alone(work)

    @pytest.mark.parametrize("batch_size", [1000, 129, 10**7])
    @pytest.mark.parametrize("work", WORK)
    def test_for_any_batch_size(self, work, batch_size):
        assert solve(work, num_threads=2, batch_size=batch_size) == alone(work)

    def test_for_one_coalition_at_a_time(self):
        game = Polynomial.random(40, 3)
        one, many = (banzhaf.estimate(game, 40, budget=200, random_state=1, batch_size=b) for b in (1, None))
        assert one == many

    @pytest.mark.parametrize("num_threads", [2, 7])
    @pytest.mark.parametrize("method", [banzhaf.monte_carlo, banzhaf.msr])
    def test_of_the_baselines(self, method, num_threads):
        game = Polynomial.random(200, 3, outputs=2)
        options = {"budget": 9000, "random_state": 1}
        expected = method(game, 200, **options, num_threads=1)
        assert method(game, 200, **options, num_threads=num_threads, batch_size=77) == expected

    @pytest.mark.parametrize("num_threads", [2, 7])
    def test_of_exact_tables(self, num_threads):
        worths = np.random.default_rng(0).normal(size=(2**18, 2))
        expected = banzhaf.exact(worths, 18, num_threads=1)
        assert banzhaf.exact(worths, 18, num_threads=num_threads) == expected

    def test_in_threads_of_python(self):
        """Four at once, each with threads of its own."""
        todo = ["hadamard", "paired", "independent", "paired, fewer pairs than players", "exhaustive"] * 2
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(functools.partial(solve, num_threads=2), todo))
        assert found == [alone(work) for work in todo]


COUNT_THREADS = """
import os
import numpy as np
import banzhaf

worths = np.random.default_rng(0).normal(size=2**20)

def started(**options):
    before = len(os.listdir("/proc/self/task"))
    banzhaf.walsh_hadamard(worths, **options)
    return len(os.listdir("/proc/self/task")) - before

print([started(), *(started(num_threads=n) for n in (2, 3))])
for setting in ("5", "6,2"):
    os.environ["OMP_NUM_THREADS"] = setting  # asked for at each call
    print(started())
"""


class TestNumberOfThreads:
    @pytest.fixture(autouse=True)
    def _countable(self):
        if not Path("/proc/self/task").exists():
            pytest.skip("threads are counted in /proc")
        if banzhaf.build_info()["threads"] != "openmp":
            pytest.skip("only OpenMP's threads outlive the work that they are counted by")

    def test_is_that_of_the_environment_or_the_argument(self, fresh_python):
        printed = fresh_python(COUNT_THREADS, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        # OpenMP keeps its threads, so that each line counts those that are added to the one before.
        assert printed.split("\n") == ["[0, 1, 1]", "2", "1", ""]

    def test_is_that_of_the_cpus_by_default(self, fresh_python):
        program = COUNT_THREADS.split("print")[0] + "print(started() == len(os.sched_getaffinity(0)) - 1)"
        for setting in ("", "0", "-3", "many"):
            assert fresh_python(program, OMP_NUM_THREADS=setting, OPENBLAS_NUM_THREADS="1") == "True\n"


class TestInterpreterLock:
    """Another thread of Python, which sleeps and counts, wakes many times during one call of the core."""

    @pytest.mark.parametrize("work", ["fit", "exact", "walsh_hadamard", "sample_coalitions", "Estimator"])
    def test_is_free_during_native_work(self, work):
        n_players = 600
        rng = np.random.default_rng(0)
        if work == "fit":
            coalitions = banzhaf.sample_coalitions(n_players, 20_000, random_state=0)
            worths = rng.normal(size=(20_000, 1))
            call = functools.partial(_core.fit, coalitions, worths, _core.EstimateOptions(num_threads=1))
        elif work == "Estimator":
            call = functools.partial(_core.Estimator, "paired", 1000, 10_000, 0, _core.EstimateOptions(num_threads=1))
        elif work == "sample_coalitions":
            call = functools.partial(_core.sample_coalitions, "independent", 1000, 100_000, 0, num_threads=1)
        else:
            table = rng.normal(size=(2**22, 1))
            call = functools.partial(
                *((_core.exact, table, 22, 1) if work == "exact" else (_core.walsh_hadamard, table, 1))
            )
        ticks, over = 0, False

        def tick():
            nonlocal ticks
            while not over:
                ticks += 1
                time.sleep(1e-4)

        interval = sys.getswitchinterval()
        ticking = threading.Thread(target=tick)
        ticking.start()
        try:
            sys.setswitchinterval(10)  # nobody is made to give up the lock
            while ticks == 0:
                time.sleep(1e-4)
            before = ticks
            call()
            during = ticks - before
        finally:
            sys.setswitchinterval(interval)
            over = True
            ticking.join()
        assert during > 3
