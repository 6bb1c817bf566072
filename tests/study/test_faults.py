# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Studies under random sequences of actions, kills, forks and interrupts."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from oracles import curved

import banzhaf


def without(batch, ids):
    """Return a batch without some coalitions."""
    kept = ~np.isin(batch.ids, list(ids))
    return banzhaf.Batch(**{field.name: getattr(batch, field.name)[kept] for field in dataclasses.fields(batch)})


class StudyMachine(RuleBasedStateMachine):
    """Two connections to one store, which ask, tell, fail, crash, reopen and extend, beside a plain dict of worths.

    Other processes join in and are killed. Reservations end, and worths come late.
    """

    @initialize(design=st.sampled_from(["paired", "nested", "fresh", "independent"]), n=st.sampled_from([5, 9, 16]))
    def begin(self, design, n):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "values.db"
        self.n, self.design, self.budget = n, design, {5: 16, 9: 64, 16: 64}[n]
        self.studies = [
            banzhaf.Study(n, budget=self.budget, design=design, random_state=7, store=self.path, retries=99)
            for _ in range(2)
        ]
        self.held = [[], []]
        self.late = []  # whose reservations have ended
        self.told = {}

    @rule(who=st.integers(0, 1), count=st.integers(1, 20))
    def ask(self, who, count):
        batch = self.studies[who].ask(count)
        pairs = self.design != "independent"
        assert len(batch) <= (max(count, 2) if pairs else count)
        out = {i for held in self.held for each in held for i in each.ids.tolist()}
        assert not out & set(batch.ids.tolist())  # nobody else has them
        assert not self.told.keys() & set(batch.ids.tolist())
        self.held[who] += [batch] if batch else []

    @precondition(lambda self: any(self.held))
    @rule(who=st.integers(0, 1), which=st.integers(0, 99), part=st.floats(0, 1))
    def tell(self, who, which, part):
        if not self.held[who]:
            return
        batch = self.held[who].pop(which % len(self.held[who]))
        count = int(part * len(batch))
        worths = curved(batch.coalitions)
        assert self.studies[1 - who].tell(batch.ids[:count], worths[:count]) == count
        self.told.update(zip(batch.ids[:count].tolist(), worths[:count].tolist(), strict=True))
        rest = banzhaf.Batch(batch.ids[count:], batch.coalitions[count:], batch.attempts[count:], batch.repeats[count:])
        self.held[who] += [rest] if rest else []

    @rule(who=st.integers(0, 1), count=st.integers(1, 20))
    def ask_for_a_moment(self, who, count):
        batch = self.studies[who].ask(count, lease=1e-9)
        self.late += [batch] if batch else []

    @precondition(lambda self: self.late)
    @rule(who=st.integers(0, 1), which=st.integers(0, 99))
    def tell_late(self, who, which):
        """Others may have told these, or hold them now."""
        batch = self.late.pop(which % len(self.late))
        worths = curved(batch.coalitions)
        new = set(batch.ids.tolist()) - self.told.keys()
        assert self.studies[who].tell(batch, worths) == len(new)
        self.told.update(zip(batch.ids.tolist(), worths.tolist(), strict=True))
        self.held = [[rest for each in held if (rest := without(each, new))] for held in self.held]

    @precondition(lambda self: any(self.held))
    @rule(who=st.integers(0, 1), which=st.integers(0, 99))
    def tell_one_that_is_not_finite(self, who, which):
        if not self.held[who]:
            return
        batch = self.held[who].pop(0)
        worths = curved(batch.coalitions)
        bad = which % len(batch)
        told = np.delete(np.arange(len(batch)), bad)
        with pytest.raises(ValueError, match="is not finite"):
            self.studies[who].tell(batch, np.where(np.arange(len(batch)) == bad, np.nan, worths))
        self.told.update(zip(batch.ids[told].tolist(), worths[told].tolist(), strict=True))
        self.held[who].append(without(batch, batch.ids[told].tolist()))

    @precondition(lambda self: hasattr(os, "fork"))
    @rule(count=st.integers(1, 20), part=st.floats(0, 1))
    def another_process_is_killed(self, count, part):
        read, write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that other threads exist
            child = os.fork()
        if child == 0:
            try:
                study = banzhaf.Study.open(self.path)
                batch = study.ask(count)
                some = batch.ids[: int(part * len(batch))]
                study.tell(some, curved(batch.coalitions[: len(some)]))
                os.write(write, np.concatenate([[len(some)], batch.ids]).astype("<i8").tobytes())
            finally:
                os.kill(os.getpid(), signal.SIGKILL)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            n_told, *ids = np.frombuffer(pipe.read(), dtype="<i8").tolist()
        os.waitpid(child, 0)
        ones = np.ones(len(ids), dtype=np.int64)
        batch = banzhaf.Batch(np.array(ids, dtype=np.int64), self.coalitions(ids), attempts=ones, repeats=ones)
        self.told.update(zip(ids[:n_told], curved(batch.coalitions[:n_told]).tolist(), strict=True))
        rest = without(batch, ids[:n_told])
        self.held[0] += [rest] if rest else []  # reserved until somebody knows that they are lost

    def coalitions(self, ids):
        self.studies[0]._refresh()  # reads what others have extended
        return self.studies[0]._order.coalitions(np.array(ids, dtype=np.int64))

    @rule(who=st.integers(0, 1))
    def result(self, who):
        """A result uses the worths before the first gap."""
        study = self.studies[who]
        first = next(i for i in range(len(self.told) + 1) if i not in self.told)
        first -= first % 2 if self.design != "independent" else 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of few evaluations
            if first == 0:
                with pytest.raises(ValueError, match="needs worths of the first coalitions"):
                    study.result()
            else:
                assert study.result().n_evaluations == first

    @precondition(lambda self: self.told)
    @rule(who=st.integers(0, 1), which=st.integers(0, 9999))
    def tell_again(self, who, which):
        ids = list(self.told)
        i = ids[which % len(ids)]
        assert self.studies[who].tell([i], [self.told[i]]) == 0
        with pytest.raises(ValueError, match="another worth"):
            self.studies[who].tell([i], [self.told[i] + 1])

    @precondition(lambda self: any(self.held))
    @rule(who=st.integers(0, 1))
    def fail(self, who):
        if self.held[who]:
            self.studies[1 - who].tell_failure(self.held[who].pop(0), "no luck")

    @rule(who=st.integers(0, 1))
    def crash(self, who):
        """A process ends: what it holds stays out, until somebody knows that it is lost."""
        self.studies[who]._store._connection.close()
        self.studies[who] = banzhaf.Study.open(self.path)

    @rule()
    def give_up_all(self):
        held = [i for each in self.held for batch in each for i in batch.ids.tolist()]
        assert self.studies[0].release() == len(held)
        self.held = [[], []]

    @precondition(lambda self: self.n > 5 and self.budget < 256)
    @rule(who=st.integers(0, 1))
    def extend(self, who):
        self.budget += 32
        self.studies[who].extend(self.budget)

    @invariant()
    def both_agree(self):
        for study in self.studies:
            assert study.n_told == len(self.told)
            assert study.n_out == sum(len(batch) for each in self.held for batch in each)
        assert self.studies[0].budget <= self.budget

    def teardown(self):
        if not hasattr(self, "studies"):
            return
        study = banzhaf.Study.open(self.path)
        study.release()
        study.run(curved)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of few evaluations
            whole = banzhaf.estimate(curved, self.n, budget=self.budget, design=self.design, random_state=7)
            assert study.result() == whole
        seen = [i for ids, *_ in study._store.history() for i in ids.tolist()]
        assert sorted(seen) == list(range(study.n_coalitions))
        for each in (*self.studies, study):
            each.close()
        self.folder.cleanup()


StudyMachine.TestCase.settings = settings(max_examples=10, stateful_step_count=24)
TestStudyMachine = StudyMachine.TestCase

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")


@pytest.mark.slow
@needs_fork
@pytest.mark.filterwarnings("ignore")
def test_killed_runs_lose_nothing(tmp_path):
    from bench.durable import killed_runs

    assert killed_runs(tmp_path / "a.db", 15, seed=1) == (15, 0, 0, True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a C compiler")
@pytest.mark.filterwarnings("ignore")
def test_power_cuts_lose_nothing_that_was_acknowledged():
    from bench.power_cut import cuts

    assert cuts(20, 160) == (20, 0, 0, True)


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("n_processes", [2, 8])
def test_processes_share_a_store_without_evaluating_twice(n_processes, tmp_path):
    from bench.durable import shared_run

    assert shared_run(tmp_path / "a.db", n_processes) == (1000, 1000, True)


@needs_fork
def test_a_forked_child_opens_the_file_anew(fresh_python):
    printed = fresh_python("""
import os, banzhaf
import numpy as np
study = banzhaf.Study(12, budget=64, random_state=0, store="a.db")
memory = banzhaf.Study(12, budget=64, random_state=0)
batch = study.ask(8)
child = os.fork()
if child == 0:
    study.tell(batch, batch.coalitions.sum(axis=1))
    other = study.ask(8)
    assert other.ids.tolist() == list(range(8, 16))
    try:
        memory.ask(2)
    except RuntimeError as error:
        assert "does not follow a fork" in str(error)
        os._exit(7)
    os._exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert study.n_told == 8 and study.n_out == 8
assert study.tell(batch, batch.coalitions.sum(axis=1)) == 0
study.release()
study.run(lambda c: c.sum(axis=1))
print(study.result().values.tolist() == [1.0] * 12)
""")
    assert printed.strip() == "True"


def test_an_interrupt_keeps_what_was_told(fresh_python):
    printed = fresh_python(
        """
import time, banzhaf
calls = 0
def game(coalitions):
    global calls
    calls += 1
    if calls == 4:
        print("ready", flush=True)
        time.sleep(60)
    return coalitions.sum(axis=1)
study = banzhaf.Study(12, budget=64, random_state=0, store="a.db")
try:
    study.run(game, batch_size=8)
except KeyboardInterrupt:
    study.close()
    with banzhaf.Study.open("a.db") as study:
        print(study.n_told, study.n_out)
        study.run(game, batch_size=8)
        print(study.done, calls)
""",
        interrupted=True,
    )
    assert printed.split() == ["24", "0", "True", "9"]


def test_an_interrupt_ends_a_run_in_a_pool(fresh_python):
    printed = fresh_python(
        """
import threading, time, banzhaf
from concurrent.futures import ThreadPoolExecutor
go, lock, calls = threading.Event(), threading.Lock(), 0
def game(coalitions):
    global calls
    with lock:
        calls += 1
        mine = calls
    if mine == 5:
        print("ready", flush=True)
    if mine >= 5:
        go.wait(60)
    return coalitions.sum(axis=1)
study = banzhaf.Study(12, budget=64, random_state=0)
with ThreadPoolExecutor(2) as pool:
    try:
        study.run(game, pool, batch_size=4)
    except KeyboardInterrupt:
        go.set()
        print(study.n_told, study.n_out)
""",
        interrupted=True,
    )
    told, out = map(int, printed.split())
    assert told >= 12
    assert out == 0
