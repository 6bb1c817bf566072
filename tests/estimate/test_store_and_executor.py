# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""`estimate` with a store, an executor or failures: no evaluation twice, and the bits of the plain run."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from oracles import curved

import banzhaf


def of_one(players):
    return float(curved(np.isin(np.arange(12), sorted(players))[np.newaxis])[0])


def dies(coalitions):
    """End the worker's process at a coalition that comes late."""
    if (coalitions.sum(axis=1) == 8).any():
        os._exit(1)
    return curved(coalitions)


def threads_of_worker(coalitions):
    return np.full(len(coalitions), float(os.environ["OMP_NUM_THREADS"]))


class Counting:
    """A game that counts its evaluations, and fails once at one of them."""

    def __init__(self, fails_at=None):
        self.seen, self.fails_at = [], fails_at

    def __call__(self, coalitions):
        if self.fails_at is not None and len(self.seen) >= self.fails_at:
            self.fails_at = None
            raise ConnectionError("the service went away")
        self.seen += [row.tobytes() for row in coalitions]
        return curved(coalitions)


@pytest.mark.parametrize(
    ("n", "budget", "arguments"),
    [
        (20, 400, {}),
        (20, 300, {"design": "paired"}),
        (9, 512, {}),
        (4, 198, {"noisy": True}),
        (9, 512, {"tolerance": 1e-9}),
        (20, 1000, {"tolerance": 2.0, "confidence": 0.5}),
    ],
)
def test_an_interrupted_run_is_resumed_to_the_same_bits(n, budget, arguments, tmp_path):
    path = tmp_path / "values.db"
    whole = banzhaf.estimate(curved, n, budget=budget, random_state=5, **arguments)
    game = Counting(fails_at=budget // 3)
    with pytest.raises(ConnectionError) as caught:
        banzhaf.estimate(game, n, budget=budget, random_state=5, store=path, **arguments)
    assert len(caught.value.evaluations) == len(game.seen)
    resumed = banzhaf.estimate(game, n, budget=budget, store=path, **arguments)
    assert resumed == whole
    assert len(game.seen) == whole.n_evaluations
    assert banzhaf.estimate(game, n, budget=budget, random_state=5, store=path, **arguments) == whole
    assert len(game.seen) == whole.n_evaluations


def test_a_study_opens_with_the_options_of_estimate(tmp_path):
    path, arguments = tmp_path / "a.db", {"budget": 400, "random_state": 5, "ridge": 3.0, "standard_errors": False}
    found = banzhaf.estimate(curved, 20, store=path, tolerance=None, interactions="none", **arguments)
    with banzhaf.Study.open(path) as study:
        assert study.result() == found
    limited = {"budget": np.int64(2000), "random_state": 5, "tolerance": np.float64(0.5), "confidence": 0.5}
    found = banzhaf.estimate(curved, 12, store=tmp_path / "b.db", interactions="none", **limited)
    with banzhaf.Study.open(tmp_path / "b.db", read_only=True) as study:
        assert study.done
        assert study.result() == found


def test_worths_do_not_wait_for_slow_calls(tmp_path):
    """What two calls return at the same time is on disk while a third one runs."""
    path, go = tmp_path / "a.db", threading.Event()

    def game(coalitions):
        if coalitions[0].sum() == 6:
            go.wait(60)
        return curved(coalitions)

    study = banzhaf.Study(12, budget=64, random_state=0, store=path)
    with ThreadPoolExecutor(4) as pool:
        runner = threading.Thread(target=study.run, args=(game, pool), kwargs={"batch_size": 1})
        runner.start()
        with banzhaf.Study.open(path, read_only=True) as other:
            for _ in range(600):
                if other.n_told >= 4 and not study.done:
                    break
                time.sleep(0.05)
            assert other.n_told >= 4
        go.set()
        runner.join()
    assert study.done


def test_single_coalitions_are_kept_one_by_one(tmp_path):
    path, calls = tmp_path / "values.db", []

    def fails(players):
        if len(calls) == 41:
            calls.append(None)
            raise KeyboardInterrupt
        calls.append(players)
        return of_one(players)

    game = banzhaf.per_coalition(fails, "set")
    with pytest.raises(KeyboardInterrupt):
        banzhaf.estimate(game, 12, budget=96, random_state=0, store=path)
    assert banzhaf.Study.open(path).n_told == 41
    found = banzhaf.estimate(game, 12, budget=96, random_state=0, store=path)
    assert len(calls) == 97
    np.testing.assert_array_equal(found.values, banzhaf.estimate(curved, 12, budget=96, random_state=0).values)


def test_a_store_of_estimate_is_a_study_and_back(tmp_path):
    path = tmp_path / "values.db"
    game = Counting(fails_at=100)
    with pytest.raises(ConnectionError):
        banzhaf.estimate(game, 20, budget=400, random_state=5, store=path)
    with banzhaf.Study.open(path) as study:
        batch = study.ask(100)
        study.tell(batch, game(batch.coalitions))
    assert banzhaf.estimate(game, 20, budget=400, store=path) == banzhaf.estimate(
        curved, 20, budget=400, random_state=5
    )
    assert len(game.seen) == len(set(game.seen)) == 400


@pytest.mark.parametrize("game", [curved, banzhaf.per_coalition(of_one, "set")])
def test_an_executor_changes_no_bit(game):
    expected = banzhaf.estimate(game, 12, budget=100, random_state=5)
    with ThreadPoolExecutor(3) as pool:
        assert banzhaf.estimate(game, 12, budget=100, random_state=5, executor=pool, batch_size=7) == expected


@pytest.mark.slow
def test_processes_keep_what_was_made_before_a_worker_died(tmp_path):
    path = tmp_path / "values.db"
    context = get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool, pytest.raises(BrokenExecutor):
        banzhaf.estimate(dies, 12, budget=200, random_state=5, store=path, executor=pool, batch_size=4)
    with banzhaf.Study.open(path) as study:
        assert study.n_told % 4 == 0
        assert study.n_out == 0
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        found = banzhaf.estimate(curved, 12, budget=200, store=path, executor=pool, batch_size=4)
        used = banzhaf.estimate(threads_of_worker, 4, budget=8, executor=pool)
    assert found == banzhaf.estimate(curved, 12, budget=200, random_state=5)
    assert used.mean_worth == float(os.environ.get("OMP_NUM_THREADS", 1))


class Dying(ThreadPoolExecutor):
    """An executor that breaks at its fourth call, as one of processes does when a worker dies."""

    made = 0

    def __init__(self):
        super().__init__(2)
        type(self).made += 1
        self.n_calls = 0

    def submit(self, *args):
        self.n_calls += 1
        if self.n_calls > 5:
            raise BrokenExecutor("a worker died")
        if self.n_calls > 3:
            future = Future()
            future.set_exception(BrokenExecutor("a worker died"))
            return future
        return super().submit(*args)


@pytest.mark.parametrize("n_batches", [8, 24])
def test_what_makes_an_executor_is_called_again_when_it_breaks(n_batches, tmp_path):
    Dying.made = 0
    game = Counting()
    arguments = {"budget": 10 * n_batches, "random_state": 5, "store": tmp_path / "values.db"}
    found = banzhaf.estimate(game, 12, **arguments, executor=Dying, batch_size=10)
    assert found == banzhaf.estimate(curved, 12, budget=10 * n_batches, random_state=5)
    assert len(game.seen) == len(set(game.seen)) == 10 * n_batches
    # Each answers at most three calls. How many coalitions a later call takes up again depends on time.
    assert -(-n_batches // 3) <= Dying.made <= n_batches
    with banzhaf.Study.open(arguments["store"]) as study:
        assert study.failures() == []


def test_an_executor_that_never_answers_is_made_four_times():
    class Dead(Dying):
        def __init__(self):
            super().__init__()
            self.n_calls = 3

    Dead.made = 0
    with pytest.raises(BrokenExecutor, match="a worker died"):
        banzhaf.Study(12, budget=100).run(curved, Dead)
    assert Dead.made == 4


def test_calls_in_flight_are_bounded():
    now, most, lock = 0, 0, threading.Lock()

    def game(coalitions):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.001)
        with lock:
            now -= 1
        return curved(coalitions)

    study = banzhaf.Study(12, budget=100, random_state=0)
    with ThreadPoolExecutor(16) as pool:
        study.run(game, pool, batch_size=2, max_in_flight=3)
    assert 1 <= most <= 3


def failing_for(rows):
    """A game that fails at some coalitions, a given number of times each."""
    left = {row.tobytes(): times for row, times in rows}

    def game(coalitions):
        for row in coalitions:
            if left.get(row.tobytes(), 0) > 0:
                left[row.tobytes()] -= 1
                raise OSError("out of memory")
        return curved(coalitions)

    return game


@pytest.mark.parametrize("threads", [0, 3])
def test_failures_are_retried_and_then_raised_or_dropped(threads, tmp_path):
    rows = banzhaf.sample_coalitions(12, 64, random_state=5)
    expected = banzhaf.estimate(curved, 12, budget=64, random_state=5)
    pool = ThreadPoolExecutor(threads) if threads else None
    arguments = {"budget": 64, "random_state": 5, "batch_size": 8, "executor": pool}
    some = [(rows[r], 2) for r in (3, 20, 41)]
    assert banzhaf.estimate(failing_for(some), 12, on_error="retry", **arguments) == expected
    for_ever = [(rows[20], 99)]
    with pytest.raises(OSError, match="out of memory"):
        banzhaf.estimate(failing_for(for_ever), 12, on_error="retry", store=tmp_path / "a.db", **arguments)
    with banzhaf.Study.open(tmp_path / "a.db") as study:
        assert study.n_told >= 8
        assert "out of memory" in study.failures()[0].error
    with pytest.warns(UserWarning, match="2 of 64 evaluations"):
        dropped = banzhaf.estimate(failing_for(for_ever), 12, on_error="drop", **arguments)
    assert dropped.n_dropped == 2
    nan = curved(rows)
    nan[20] = np.nan
    given = dict(zip([row.tobytes() for row in rows], nan, strict=True))
    with pytest.warns(UserWarning, match="2 of 64 evaluations"):
        plain = banzhaf.estimate(
            lambda c: np.array([given[row.tobytes()] for row in c]), 12, budget=64, random_state=5, on_nonfinite="drop"
        )
    np.testing.assert_array_equal(dropped.values, plain.values)
    if pool:
        pool.shutdown()


def test_failures_in_a_row_end_the_run():
    def game(coalitions):
        raise OSError("no disk")

    for on_error in ("retry", "drop"):
        study = banzhaf.Study(12, budget=64, random_state=0, on_error=on_error, retries=50)
        with pytest.raises(RuntimeError, match="5 calls of game failed in a row, the last with OSError: no disk"):
            study.run(game, batch_size=2, max_failures=5)
    with pytest.raises((RuntimeError, OSError)):
        banzhaf.estimate(game, 12, budget=64, on_error="drop")


def test_a_call_that_hangs_is_given_up():
    hangs, lock = threading.Event(), threading.Lock()
    calls = 0

    def game(coalitions):
        nonlocal calls
        with lock:
            calls += 1
            mine = calls
        if mine == 3:
            hangs.wait(60)
        return curved(coalitions)

    study = banzhaf.Study(12, budget=64, random_state=5)
    with ThreadPoolExecutor(4) as pool:
        try:
            study.run(game, pool, batch_size=4, timeout=0.3, max_in_flight=4)
        finally:
            hangs.set()
    assert study.result() == banzhaf.estimate(curved, 12, budget=64, random_state=5)
    assert "longer than timeout=0.3 s" in study.failures()[0].error


def test_worths_that_are_not_finite_are_failures():
    calls = 0

    def game(coalitions):
        nonlocal calls
        calls += 1
        worths = curved(coalitions)
        if calls == 2:
            worths[1] = np.nan
        return worths

    study = banzhaf.Study(12, budget=64, random_state=5)
    study.run(game, batch_size=16)
    assert study.result() == banzhaf.estimate(curved, 12, budget=64, random_state=5)
    with pytest.raises(ValueError, match=r"worth of coalition \{.*\} is not finite"):
        banzhaf.Study(12, budget=64, random_state=5, on_error="raise").run(lambda c: np.full(len(c), np.inf))


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"store": 3}, TypeError, "store must be a path"),
        ({"executor": 3}, TypeError, "executor must have the method submit"),
        ({"on_error": "skip"}, ValueError, "on_error must be one of 'raise', 'retry', 'drop'"),
        ({"retries": -1}, ValueError, "retries must be at least 0"),
        ({"store": "a.db", "deadline": 3.0}, ValueError, "deadline cannot be used with store"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=text):
        banzhaf.estimate(curved, 12, budget=64, **arguments)
    assert not list(tmp_path.iterdir())


def test_wrong_answers_end_the_run_at_once():
    study = banzhaf.Study(12, budget=64, random_state=5)
    for answer, error in [(lambda c: [1.0], ValueError), (lambda c: None, TypeError)]:
        with pytest.raises(error, match="game must return"):
            study.run(answer)
    with pytest.raises(ValueError, match="timeout needs executor"):
        study.run(curved, timeout=1)
    assert study.n_out == 0


def test_progress_counts_every_evaluation(counted, tmp_path):
    banzhaf.estimate(curved, 12, budget=64, random_state=5, progress=True, store=tmp_path / "a.db")
    assert sum(counted) == 64
    counted.clear()
    with banzhaf.Study.open(tmp_path / "a.db") as study:
        study.run(curved, progress=True)
    assert sum(counted) == 64


def test_an_awaitable_game_may_return_the_same_array_each_time():
    shared = np.empty(1)

    async def game(coalitions):
        shared[:] = curved(coalitions)
        return shared

    found = asyncio.run(banzhaf.estimate_async(game, 12, budget=64, random_state=3, max_in_flight=4))
    assert found == banzhaf.estimate(curved, 12, budget=64, random_state=3)


def test_a_call_that_takes_too_long_is_tried_again():
    first = threading.Event()

    def game(coalitions):
        if not first.is_set():
            first.set()
            time.sleep(1.0)
        return curved(coalitions)

    options = {"budget": 40, "random_state": 0}
    with ThreadPoolExecutor(2) as pool:
        found = banzhaf.estimate(game, 12, **options, executor=pool, batch_size=4, on_error="retry", timeout=0.3)
    assert found == banzhaf.estimate(curved, 12, **options)
    for more in ({}, {"store": None}, {"on_error": "retry"}):
        with pytest.raises(ValueError, match="timeout needs executor"):
            banzhaf.estimate(curved, 12, **options, timeout=1.0, **more)


def test_a_game_that_always_fails_ends_the_run_early(tmp_path):
    calls = 0

    def game(coalitions):
        nonlocal calls
        calls += 1
        if calls > 3:
            raise ConnectionError("the service is down")
        return curved(coalitions)

    options = {"budget": 400, "random_state": 0, "store": tmp_path / "values.db", "batch_size": 10}
    with pytest.raises(RuntimeError, match=r"7 calls of game failed in a row.*the service is down") as caught:
        banzhaf.estimate(game, 12, **options, on_error="drop", max_failures=7)
    assert calls == 10
    assert len(caught.value.evaluations) == 30
    with banzhaf.Study.open(tmp_path / "values.db") as study:
        assert study.n_told == 30
        study.retry_failed()
    assert banzhaf.estimate(curved, 12, **options) == banzhaf.estimate(curved, 12, budget=400, random_state=0)


def test_a_pool_that_breaks_is_made_again_once():
    """The pool refuses a call before the calls that it had have come back."""
    made = []

    class Breaking(ThreadPoolExecutor):
        def __init__(self):
            super().__init__(1)
            self.lost = None if made else []
            made.append(self)

        def submit(self, *arguments):
            if self.lost is None:
                return super().submit(*arguments)
            if not self.lost:
                self.lost.append(Future())
                return self.lost[0]
            self.lost[0].set_exception(BrokenExecutor("a worker died"))
            raise BrokenExecutor("a worker died")

    game = Counting()
    found = banzhaf.estimate(game, 12, budget=128, random_state=3, executor=Breaking, batch_size=8)
    assert found == banzhaf.estimate(curved, 12, budget=128, random_state=3)
    assert len(made) == 2
    assert len(game.seen) == 128
