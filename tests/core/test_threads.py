# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test threads: results have the same bits, the requested number starts, and Python threads keep running."""

from __future__ import annotations

import functools
import gc
import itertools
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

# Players, budget and options of each kind of work, large enough for several threads.
WORK = {
    "hadamard": (1100, 8_800, {}),
    "hadamard, more outputs": (300, 8000, {"outputs": 4}),
    "hadamard, a part of a block": (700, 1380, {"ridge": 2.0}),
    "paired": (300, 4000, {}),
    "paired, more outputs": (200, 3000, {"outputs": 4}),
    "paired, ridge": (300, 4000, {"ridge": 2.0}),
    "paired, fewer pairs than players": (700, 900, {"interactions": "none"}),
    "paired, fewer pairs, sparse": (150, 200, {}),
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
        """Four calls at once, each with its own threads."""
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


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
class TestNumberOfThreads:
    def test_is_that_of_the_environment_or_the_argument(self, fresh_python):
        printed = fresh_python(COUNT_THREADS, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        # Threads are kept, so each line counts only those that it adds.
        assert printed.split("\n") == ["[0, 1, 1]", "2", "1", ""]

    def test_is_that_of_the_cpus_by_default(self, fresh_python):
        program = COUNT_THREADS.split("print")[0]
        program += "print(started() == banzhaf._core.default_num_threads() - 1 < len(os.sched_getaffinity(0)))"
        for setting in ("", "0", "-3", "many"):
            assert fresh_python(program, OMP_NUM_THREADS=setting, OPENBLAS_NUM_THREADS="1") == "True\n"

    def test_number_of_threads_is_bounded(self, fresh_python):
        """The number of threads is bounded, because each takes memory until the process ends."""
        program = COUNT_THREADS.split("print")[0]
        program += "print(15 <= started(num_threads=10_000) < max(16, 4 * os.cpu_count()))"
        assert fresh_python(program, OPENBLAS_NUM_THREADS="1") == "True\n"


SCARCE = """
import resource
import numpy as np
import banzhaf

worths = np.random.default_rng(0).normal(size=2**20)
expected = banzhaf.walsh_hadamard(worths, num_threads=1)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {more},) * 2)
for num_threads in (2, 400):
    try:
        assert np.array_equal(banzhaf.walsh_hadamard(worths, num_threads=num_threads), expected)
        print("right")
    except MemoryError:
        print("no memory")
"""


@pytest.mark.usefixtures("limited_memory")
@pytest.mark.parametrize("more", [0, 9_000_000, 12_000_000, 20_000_000, 50_000_000, 200_000_000])
def test_threads_that_cannot_be_made_do_not_end_the_process(fresh_python, more):
    printed = fresh_python(SCARCE.format(more=more), OPENBLAS_NUM_THREADS="1")
    assert set(printed.split("\n")[:-1]) <= ({"right"} if more >= 50_000_000 else {"right", "no memory"})


def test_negative_numbers_of_threads_are_refused_by_the_core():
    with pytest.raises(ValueError, match="num_threads must be positive, or 0 for the default, got -3"):
        _core.exact(np.zeros((8, 1)), 3, -3)


ONE_THREAD = _core.EstimateOptions(num_threads=1)


def worths_of(n_rows):
    return np.random.default_rng(0).normal(size=(n_rows, 1))


RELEASED_BY = {
    "exact": lambda: functools.partial(_core.exact, worths_of(2**20), 20, 1),
    "walsh_hadamard": lambda: functools.partial(_core.walsh_hadamard, worths_of(2**20), 1),
    "fit": lambda: functools.partial(
        _core.fit, banzhaf.sample_coalitions(300, 5000, random_state=0), worths_of(5000), ONE_THREAD
    ),
    "fit_design": lambda: functools.partial(_core.fit_design, "paired", 300, 0, worths_of(5000), ONE_THREAD),
    "Estimator": lambda: functools.partial(_core.Estimator, "paired", 300, 5000, 0, ONE_THREAD),
    "sample_coalitions": lambda: functools.partial(_core.sample_coalitions, "independent", 1000, 20_000, 0),
    "random_words": lambda: functools.partial(_core.random_words, 0, 0, 0, 2**21),
    # A weighing design for one more player each time, because designs are cached.
    "GameEvaluation": lambda: planning(lambda n: _core.GameEvaluation("hadamard", n, 2 * n + 2, 0)),
    "sample_coalitions, planning": lambda: planning(lambda n: _core.sample_coalitions("hadamard", n, 2 * n + 2, 0)),
    # Reading arrays from the core releases the lock too.
    "GameEvaluation.coalitions": lambda: functools.partial(evaluated().coalitions, 0, 2**20),
    "GameEvaluation.worths": lambda: functools.partial(getattr, evaluated(), "worths"),
}


def planning(plan):
    sizes = iter(itertools.cycle(n for n in range(40, 140) if n % 4 != 3))
    return lambda: plan(next(sizes))


@functools.cache
def evaluated():
    evaluations = _core.GameEvaluation("independent", 64, 2**20, 0)
    evaluations.evaluate(lambda coalitions: np.zeros((len(coalitions), 2)), 0, False, 1)
    return evaluations


def runs_meanwhile(call, seconds):
    """Tell whether another Python thread runs during a call, which is repeated until one does or time is up.

    Python does not force a thread to release the lock here, so the other thread runs during a call only if the core
    releases it. The speed of either thread, and other load on the machine, do not change the answer.
    """
    inside, over = False, False
    seen = threading.Event()

    def watch():
        while not over:
            if inside:
                seen.set()
            time.sleep(1e-5)

    interval = sys.getswitchinterval()
    watching = threading.Thread(target=watch)
    gc.collect()
    gc.disable()  # the result's properties may release the lock
    sys.setswitchinterval(1e6)
    watching.start()
    try:
        give_up = time.monotonic() + seconds
        while not seen.is_set() and time.monotonic() < give_up:
            inside = True
            call()
            inside = False
            time.sleep(1e-5)
    finally:
        over = True
        sys.setswitchinterval(interval)
        gc.enable()
        watching.join()
    return seen.is_set()


class TestInterpreterLock:
    @pytest.mark.parametrize("work", RELEASED_BY)
    def test_is_free_during_native_work(self, work):
        assert runs_meanwhile(RELEASED_BY[work](), 100)

    def test_a_held_lock_would_be_noticed(self):
        assert not runs_meanwhile(functools.partial(sum, range(10**6)), 0.3)
