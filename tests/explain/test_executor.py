# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explainers whose model is called in an executor: the same bits, and what happens when workers are lost."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import banzhaf

BACKGROUND = np.random.default_rng(0).normal(size=(9, 6))
X = np.random.default_rng(1).normal(size=(4, 6))


def model(rows):
    return np.tanh(rows[:, 0] * rows[:, 1] + rows[:, 2]) + (rows[:, 3:] ** 2).sum(axis=1)


class Counted:
    """A model that counts how often it was unpickled, in files of a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, rows):
        return model(rows)

    def __setstate__(self, state):
        self.__dict__.update(state)
        (Path(self.folder) / f"{os.getpid()}-{os.urandom(4).hex()}").touch()


class Deadly:
    """A model that kills its process the first `n` times it is called."""

    def __init__(self, folder, n):
        self.folder, self.n = folder, n

    def __call__(self, rows):
        for i in range(self.n):
            try:
                (Path(self.folder) / str(i)).touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return model(rows)


def threads_seen(rows):
    return np.full(len(rows), float(os.environ.get("OMP_NUM_THREADS", "0")))


def fails(rows):
    raise ZeroDivisionError("no rows today")


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        yield executor


@pytest.mark.parametrize("batch_size", [None, 1, 7])
@pytest.mark.parametrize("design", ["hadamard", "paired"])
def test_threads_give_the_bits_of_a_plain_call(batch_size, design):
    made = partial(banzhaf.Explainer, model, BACKGROUND, budget=600, design=design, random_state=0)
    with ThreadPoolExecutor(3) as threads:
        found = made(batch_size=batch_size, executor=threads)(X)
    assert found == made()(X)


def test_processes_give_the_bits_of_a_plain_call_and_get_the_model_once(pool, tmp_path):
    explainer = banzhaf.Explainer(Counted(str(tmp_path)), BACKGROUND, budget=500, batch_size=5, random_state=0)
    plain = explainer(X)
    for _ in range(3):
        assert explainer(X, executor=pool) == plain
    seen = [path.name.split("-")[0] for path in tmp_path.iterdir()]
    assert 1 <= len(seen) <= 2  # once in each process
    assert len(set(seen)) == len(seen)


def test_a_model_may_return_the_same_array_each_time():
    kept = np.empty(50)

    def reusing(rows):
        kept[:] = model(rows) if len(rows) == 50 else 0.0
        return kept if len(rows) == 50 else model(rows)

    with ThreadPoolExecutor(1) as threads:
        made = banzhaf.Explainer(reusing, BACKGROUND, budget=600, batch_size=50, executor=threads, random_state=0)
        assert made(X) == banzhaf.Explainer(model, BACKGROUND, budget=600, random_state=0)(X)


def test_calls_have_no_more_rows_than_batch_size():
    sizes = []

    def sized(rows):
        sizes.append(len(rows))
        return model(rows)

    with ThreadPoolExecutor(2) as threads:
        banzhaf.Explainer(sized, BACKGROUND, budget=600, batch_size=3, executor=threads, random_state=0)(X)
        assert max(sizes) == 3
        sizes.clear()
        banzhaf.Explainer(sized, BACKGROUND, budget=6000, executor=threads, random_state=0)(X)
    assert 1 < max(sizes) <= 256


def test_an_exception_of_the_model_arrives_as_itself(pool):
    for executor in (pool, ThreadPoolExecutor(1)):
        with pytest.raises(ZeroDivisionError, match="no rows today"):
            banzhaf.Explainer(fails, BACKGROUND, executor=executor)(X)


def test_never_more_than_two_calls_for_each_worker_are_in_flight():
    class Watched(ThreadPoolExecutor):
        most = now = 0

        def submit(self, *args):
            self.now += 1
            self.most = max(self.most, self.now)
            future = super().submit(*args)
            future.add_done_callback(lambda _: setattr(self, "now", self.now - 1))
            return future

    with Watched(3) as threads:
        banzhaf.Explainer(model, BACKGROUND, budget=500, batch_size=1, executor=threads, random_state=0)(X)
        assert 1 < threads.most <= 6


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_dead_worker_breaks_an_executor_but_not_what_makes_one(tmp_path):
    make = partial(ProcessPoolExecutor, 1, mp_context=get_context("spawn"))
    plain = banzhaf.Explainer(model, BACKGROUND, budget=600, random_state=0)(X)
    (tmp_path / "a").mkdir()
    explainer = banzhaf.Explainer(Deadly(str(tmp_path / "a"), 1), BACKGROUND, budget=600, random_state=0, executor=make)
    assert explainer(X) == plain
    deadly = banzhaf.Explainer(Deadly(str(tmp_path), 100), BACKGROUND, budget=600, random_state=0)
    with make() as executor, pytest.raises(BrokenExecutor):
        deadly(X, executor=executor)


class Broken(ThreadPoolExecutor):
    """An executor that is broken from the start, or from its second call on."""

    made = 0

    def __init__(self, n_calls):
        super().__init__(1)
        type(self).made += 1
        self.n_calls = n_calls

    def submit(self, *args):
        if self.n_calls == 0:
            raise BrokenExecutor("a worker died")
        self.n_calls -= 1
        return super().submit(*args)


def test_executors_are_made_again_three_times_without_an_answer():
    explainer = banzhaf.Explainer(model, BACKGROUND, budget=600, batch_size=300, random_state=0)
    assert explainer(X, executor=partial(Broken, 1)) == explainer(X)
    Broken.made = 0
    with pytest.raises(BrokenExecutor, match="a worker died"):
        explainer(X, executor=partial(Broken, 0))
    assert Broken.made == 4


def test_a_lost_call_is_made_again_three_times():
    class Losing(ThreadPoolExecutor):
        def __init__(self, n_lost):
            super().__init__(1)
            self.n_lost = n_lost

        def submit(self, *args):
            if self.n_lost == 0:
                return super().submit(*args)
            self.n_lost -= 1
            lost = Future()
            lost.set_exception(ConnectionError("worker lost"))
            return lost

    explainer = banzhaf.Explainer(model, BACKGROUND, budget=600, batch_size=1000, random_state=0)
    assert explainer(X, executor=Losing(2)) == explainer(X)
    with pytest.raises(ConnectionError, match="worker lost"):
        explainer(X, executor=Losing(3))


def test_workers_use_one_thread(pool, monkeypatch):
    explainer = banzhaf.Explainer(threads_seen, BACKGROUND, executor=pool, random_state=0)
    if "OMP_NUM_THREADS" not in os.environ:
        assert explainer(X).base_values == 1.0
    else:
        assert explainer(X).base_values == float(os.environ["OMP_NUM_THREADS"])


def test_tables_and_prepare():
    pandas = pytest.importorskip("pandas")
    linear_model = pytest.importorskip("sklearn.linear_model")
    frame = pandas.DataFrame(BACKGROUND, columns=list("abcdef"))
    classifier = linear_model.LogisticRegression().fit(frame, np.arange(len(frame)) % 3)
    explainer = banzhaf.Explainer(classifier, frame, budget=600, random_state=0)
    plain = explainer(frame.iloc[:3] * 2)
    pool = ThreadPoolExecutor(2)
    found = explainer(frame.iloc[:3] * 2, executor=pool)
    np.testing.assert_allclose(found.values, plain.values, rtol=1e-12, atol=1e-14)
    assert found.output_names == plain.output_names
    prepared = explainer.prepare()(frame.iloc[:3] * 2, executor=pool)
    np.testing.assert_allclose(prepared.values, plain.values, rtol=1e-9, atol=1e-12)


def test_names_that_an_adapter_learns_in_a_worker(pool):
    explainer = banzhaf.Explainer(Learning(), BACKGROUND, executor=pool, random_state=0)
    assert explainer(X).output_names == ("low", "high")


class Learning(banzhaf.ModelAdapter):
    output_names = None

    def predict(self, rows):
        self.output_names = ("low", "high")
        return np.column_stack([model(rows), -model(rows)])


def test_what_cannot_be_sent_says_so(pool):
    lock = threading.Lock()
    with pytest.raises(TypeError, match=r"cannot be sent to the executor's processes|cannot pickle"):
        banzhaf.Explainer(lambda rows: rows[:, 0] if lock else None, BACKGROUND)(X, executor=pool)


def test_arguments_and_pickles():
    with pytest.raises(TypeError, match="executor must have the method submit"):
        banzhaf.Explainer(model, BACKGROUND, executor=3)
    with pytest.raises(TypeError, match="executor must return an object with the method submit"):
        banzhaf.Explainer(model, BACKGROUND, executor=dict)(X)
    with ThreadPoolExecutor(1) as threads:
        explainer = banzhaf.Explainer(model, BACKGROUND, executor=threads, random_state=0)
        copy = pickle.loads(pickle.dumps(explainer))
        assert copy(X) == explainer(X)
    assert copy._calls.executor is None


def test_a_class_of_executors_is_made_for_each_call_and_shut_down():
    made = []

    class Kept(ThreadPoolExecutor):
        def __init__(self):
            super().__init__(2)
            made.append(self)

    explainer = banzhaf.Explainer(model, BACKGROUND, executor=Kept, random_state=0)
    assert explainer(X) == explainer(X)
    assert len(made) == 2
    assert all(pool._shutdown for pool in made)
