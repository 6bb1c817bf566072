# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Games and models go to each worker once: pickles are counted, workers are lost, and games take turns."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from oracles import curved

import banzhaf
from banzhaf._support import sent
from banzhaf._support.sent import Lacking, Sent

ARGUMENTS = {"n_players": 12, "budget": 128, "random_state": 3}
WHOLE = banzhaf.estimate(curved, **ARGUMENTS)
BYTES = 100_000  # so many do not go with every call


class Counted:
    """A game with data. It counts in files how often it is pickled and loaded, and may kill its process once."""

    def __init__(self, folder, size=BYTES, factor=1.0, dies=False):
        folder.mkdir()
        self.folder, self.factor, self.dies = str(folder), factor, dies
        self.data = bytes(size)

    def __call__(self, coalitions):
        if self.dies and (coalitions.sum(axis=1) == 8).any():
            try:
                (Path(self.folder) / "killed").touch(exist_ok=False)
            except FileExistsError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGTERM)
                threading.Event().wait(60)
        return self.factor * curved(coalitions)

    def __getstate__(self):
        self._note("pickled")
        return self.__dict__.copy()

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._note("loaded")

    def _note(self, what):
        (Path(self.folder) / f"{what}-{os.getpid()}-{os.urandom(4).hex()}").touch()

    def processes(self, what):
        return [path.name.split("-")[1] for path in Path(self.folder).glob(f"{what}-*")]


class Unpicklable:
    """A game that refuses to be pickled."""

    def __call__(self, coalitions):
        return curved(coalitions)

    def __reduce__(self):
        raise ValueError("stays here")


def n_kept():
    return len(sent._kept.things)


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        yield executor


def by_estimate(game, executor):
    return banzhaf.estimate(game, executor=executor, batch_size=4, **ARGUMENTS)


def by_study(game, executor):
    study = banzhaf.Study(**ARGUMENTS)
    study.run(game, executor, batch_size=4)
    return study.result()


@pytest.mark.parametrize("run", [by_estimate, by_study])
@pytest.mark.parametrize("size", [0, BYTES])
def test_a_game_is_pickled_once_and_loaded_once_in_each_process(run, size, pool, tmp_path):
    game = Counted(tmp_path / "a", size)
    assert run(game, pool) == WHOLE
    assert len(game.processes("pickled")) == 1
    loaded = game.processes("loaded")
    assert 1 <= len(loaded) <= 2
    assert len(set(loaded)) == len(loaded)
    assert run(game, pool) == WHOLE  # and it is still there
    assert len(game.processes("pickled")) == 2
    assert len(set(game.processes("loaded"))) == len(game.processes("loaded"))


class Wrapped:
    """A pool of which nothing is known."""

    def __init__(self, pool):
        self.pool, self.n_calls = pool, 0

    def submit(self, *arguments):
        self.n_calls += 1
        return self.pool.submit(*arguments)


def test_an_unknown_pool_is_sent_a_game_only_if_it_asks(pool, tmp_path):
    wrapped, game = Wrapped(pool), Counted(tmp_path / "a")
    assert by_estimate(game, wrapped) == WHOLE
    assert wrapped.n_calls > ARGUMENTS["budget"] // 4
    with ThreadPoolExecutor(1) as threads:
        wrapped = Wrapped(threads)
        assert by_estimate(Unpicklable(), wrapped) == WHOLE
        assert wrapped.n_calls == ARGUMENTS["budget"] // 4


def test_threads_never_pickle():
    with ThreadPoolExecutor(2) as threads:
        assert by_estimate(Unpicklable(), threads) == WHOLE


def test_a_game_that_cannot_be_pickled_says_so_before_it_is_called(pool):
    with pytest.raises(TypeError, match=r"game cannot be sent to the executor's processes: ValueError: stays here\."):
        by_estimate(Unpicklable(), pool)


@pytest.mark.skipif(os.name != "posix", reason="needs SIGTERM")
def test_a_process_in_place_of_a_lost_one_gets_the_game_again(tmp_path):
    game = Counted(tmp_path / "a", dies=True)
    make = partial(ProcessPoolExecutor, 1, mp_context=get_context("spawn"))
    assert by_estimate(game, make) == WHOLE
    assert len(game.processes("pickled")) == 1
    assert len(set(game.processes("loaded"))) == 2


def dies(coalitions):
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(60)


@pytest.mark.skipif(os.name != "posix", reason="needs SIGTERM")
def test_a_pool_that_only_asks_for_the_game_is_not_made_again_for_ever():
    made = []

    def make():
        made.append(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
        return made[-1]

    with pytest.raises(BrokenExecutor):
        by_estimate(dies, make)
    assert len(made) == 4


def test_two_games_at_once(pool, tmp_path):
    games = [Counted(tmp_path / str(factor), factor=factor) for factor in (2.0, -3.0)]
    found = [None, None]

    def run(i):
        found[i] = by_estimate(games[i], pool)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for game, result in zip(games, found, strict=True):
        assert result == banzhaf.estimate(lambda c, factor=game.factor: factor * curved(c), **ARGUMENTS)
        assert len(game.processes("pickled")) == 1
        assert len(set(game.processes("loaded"))) == len(game.processes("loaded"))


def test_a_process_keeps_few_games(pool, tmp_path):
    for factor in range(6):
        by_estimate(Counted(tmp_path / str(factor), factor=float(factor)), pool)
    found = [pool.submit(n_kept) for _ in range(8)]
    assert max(future.result() for future in found) == sent._MOST_KEPT


# -- one worker, played by this process ---------------------------------------------------------------------------


class List(list):
    """A thing that is empty, and so false."""


@pytest.fixture
def worker():
    """Return a thing with a sender whose calls find nothing in this process, and a worker of one thread."""

    def begin(thing, threads=None):
        sender = Sent(thing, "game", threads)
        sender.forget()
        return sender

    with ThreadPoolExecutor(1) as thread:

        def answer(sender, *arguments, lacking=None):
            function, *given = sender.call(None, type_and_sum, arguments, lacking)
            return thread.submit(function, *given).result(), given[3]

        yield begin, answer


def type_and_sum(thing, *arguments):
    return type(thing).__name__, sum(arguments)


def test_a_worker_asks_and_is_sent_the_game_once(worker):
    begin, answer = worker
    sender = begin(bytes(BYTES))
    first, content = answer(sender, 1)
    assert isinstance(first, Lacking)
    assert content is None
    second, content = answer(sender, 1)  # another call of the same time
    assert isinstance(second, Lacking)
    found, content = answer(sender, 1, lacking=first)
    assert found == ("bytes", 1)
    assert len(content) > BYTES
    found, content = answer(sender, 2, lacking=second)  # asked before the game was sent
    assert found == ("bytes", 2)
    assert content is None
    assert answer(sender, 3) == (("bytes", 3), None)


def test_a_worker_that_lost_the_game_gets_it_again(worker):
    begin, answer = worker
    sender = begin(bytes(BYTES))
    answer(sender, lacking=answer(sender)[0])
    for i in range(sent._MOST_KEPT):
        other = begin(bytes([i + 1]) * BYTES)
        answer(other, lacking=answer(other)[0])
    lacking, _ = answer(sender)
    assert isinstance(lacking, Lacking)
    assert len(lacking.kept) == sent._MOST_KEPT
    assert answer(sender, lacking=lacking)[0] == ("bytes", 0)


def test_what_is_kept_is_limited_in_bytes(worker, monkeypatch):
    monkeypatch.setattr(sent, "_MOST_BYTES", 2 * BYTES)
    begin, answer = worker
    for i in range(3):
        sender = begin(bytes([i]) * BYTES)
        answer(sender, lacking=answer(sender)[0])
    assert len(answer(begin(bytes([9]) * BYTES))[0].kept) == 1


def test_a_small_thing_goes_with_every_call_and_may_be_false(worker):
    begin, answer = worker
    sender = begin(List())
    assert answer(sender, lacking=answer(sender)[0])[0] == ("List", 0)
    found, content = answer(sender, 5)
    assert found == ("List", 5)
    assert content is not None


def test_each_thread_of_a_worker_has_its_own_copy():
    sender = Sent(List(), "game", None)
    sender.forget()
    copies = []

    def serve():
        function, *given = sender.call(None, lambda thing: copies.append(thing), (), None)
        answer = function(*given)
        if isinstance(answer, Lacking):
            function, *given = sender.call(None, lambda thing: copies.append(thing), (), answer)
            function(*given)

    threads = [threading.Thread(target=serve) for _ in range(2)]
    for thread in threads:
        thread.start()
        thread.join()
    assert len(copies) == 2
    assert copies[0] is not copies[1]


def test_a_pool_of_joblib_takes_functions_of_a_notebook():
    loky = pytest.importorskip("joblib.externals.loky")
    factor = 2.0
    n_calls = []

    class Watched(loky.ProcessPoolExecutor):
        def submit(self, *arguments):
            n_calls.append(1)
            return super().submit(*arguments)

    Watched.__module__ = "joblib.pools"
    with Watched(1) as executor:
        found = by_estimate(lambda coalitions: factor * curved(coalitions), executor)
    np.testing.assert_allclose(found.values, 2 * WHOLE.values, rtol=1e-12)
    assert len(n_calls) == ARGUMENTS["budget"] // 4  # a small game goes with the first calls, so none asks for it
