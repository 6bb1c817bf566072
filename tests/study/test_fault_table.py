# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The faults that docs/faults.md lists: what the user sees, and that no worth is lost and no bit changes."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from concurrent.futures.thread import BrokenThreadPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from oracles import curved

import banzhaf
from banzhaf._support import store as stores

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
N, BUDGET, SEED, BATCH = 12, 64, 3, 8
FAULTS: list[Fault] = []


@dataclass
class Fault:
    """One row of the table."""

    happens: str
    sees: type[BaseException] | tuple[type[BaseException], ...] | str  # the exact type, or what happens without one
    message: str  # how the exception's message begins; F stands for the file's name
    kept: str  # what becomes of the worths
    inject: Callable[[Place], None]
    needs_posix: bool

    @property
    def row(self) -> str:
        """The row of the documentation."""
        if isinstance(self.sees, str):
            return f"| {self.happens} | {self.sees} | {self.kept} |"
        types = self.sees if isinstance(self.sees, tuple) else (self.sees,)
        names = " or ".join(
            f"`{'OSError' if issubclass(each, stores.StoreError) else each.__name__}`" for each in types
        )
        text = self.message.replace(" F", " 'values.db'").replace("coalition {", "coalition {0, 3, 7}")
        return f"| {self.happens} | {names}{f': {text} ...' * bool(text)} | {self.kept} |"


def fault(happens, sees, message="", kept="stored; the run can be resumed", needs_posix=False):
    """Add a function that injects a fault as a row of the table."""

    def add(inject):
        FAULTS.append(Fault(happens, sees, message, kept, inject, needs_posix))
        return inject

    return add


class Place:
    """A store, and what a game has returned for it."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "values.db"
        self.made = {}
        self.calls = 0

    def study(self, **options):
        return banzhaf.Study(N, budget=BUDGET, random_state=SEED, store=self.path, **options)

    def game(self, coalitions):
        """Evaluate, and note what was evaluated."""
        worths = curved(coalitions)
        self.calls += 1
        self.made.update(zip([row.tobytes() for row in coalitions], worths.tolist(), strict=True))
        return worths

    def fails(self, action, at=4):
        """Return a game whose call number `at` does something else."""

        def game(coalitions):
            if self.calls + 1 == at:
                self.calls += 1
                return action(coalitions)
            return self.game(coalitions)

        return game

    def estimate(self, game, **options):
        options = {"batch_size": BATCH, "store": self.path, **options}
        return banzhaf.estimate(game, N, budget=BUDGET, random_state=SEED, **options)

    def begin(self, count=24):
        """Tell the worths of the first coalitions, and close the file."""
        with self.study() as study:
            batch = study.ask(count)
            study.tell(batch, self.game(batch.coalitions))

    def program(self, code, status, *, opened=True):
        """Run a program with a study of this place, which must end with a status. What it prints was told."""
        code = f"{PRELUDE}\nPATH = {str(self.path)!r}\n{'study = make(PATH)' * opened}\n{code}"
        path = os.pathsep.join([str(Path(banzhaf.__file__).parents[1]), str(Path(__file__).parents[1])])
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([path, os.environ.get("PYTHONPATH", "")])},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == status, done.stderr
        told = [int(line) for line in done.stdout.split() if line.isdigit()]
        coalitions = ORDER.coalitions[told]
        self.made.update(zip([row.tobytes() for row in coalitions], curved(coalitions).tolist(), strict=True))
        return done

    def check(self, refused=None):
        """Every worth that was made is stored or in `refused`, and the run can be finished to the same bits."""
        if not self.path.exists():
            self.study().close()
        with banzhaf.Study.open(self.path) as study:
            found = study.evaluations()
            parts = [found] if refused is None else [found, refused]
            known = {
                row.tobytes(): worth
                for part in parts
                for row, worth in zip(part.coalitions, part.worths[:, 0].tolist() if len(part) else [], strict=True)
            }
            assert known.items() >= self.made.items()
            study.release()
            study.run(curved)
            assert study.result() == WHOLE
            stored = sorted(i for ids, *_ in study._store.history() for i in ids.tolist())
            assert stored == list(range(BUDGET))


# What a program of `Place.program` begins with. `tell` prints what is told.
PRELUDE = f"""
import os, resource, signal, sys, threading, time
import numpy as np
import banzhaf
from oracles import curved
def make(path):
    return banzhaf.Study({N}, budget={BUDGET}, random_state={SEED}, store=path)
def told(batch):
    print(*batch.ids.tolist(), flush=True)
def tell(count):
    batch = study.ask(count)
    study.tell(batch, curved(batch.coalitions))
    told(batch)
"""
with banzhaf.Study(N, budget=BUDGET, random_state=SEED) as _study:
    ORDER = _study.ask(BUDGET)
WHOLE = banzhaf.estimate(curved, N, budget=BUDGET, random_state=SEED)


def throw(error):
    def action(coalitions):
        raise error

    return action


# -- the game -----------------------------------------------------------------------------------------------------


@fault("The game raises in its first call", ConnectionError, "the service went away")
def _(place):
    place.estimate(place.fails(throw(ConnectionError("the service went away")), at=1))


@fault("The game raises in mid-run", ConnectionError, "the service went away")
def _(place):
    place.estimate(place.fails(throw(ConnectionError("the service went away"))))


@fault("The game raises in its last call", ConnectionError, "the service went away")
def _(place):
    place.estimate(place.fails(throw(ConnectionError("the service went away")), at=BUDGET // BATCH))


@fault("Every call of the game raises, with retries", RuntimeError, "10 calls of game failed in a row, the last with")
def _(place):
    place.begin()
    with place.study(retries=100) as study:
        study.run(throw(ConnectionError("the service went away")), batch_size=BATCH)


@fault("The game runs out of memory", MemoryError, "no room")
def _(place):
    place.estimate(place.fails(throw(MemoryError("no room"))))


@fault("The game calls itself without end", RecursionError, "maximum recursion depth exceeded")
def _(place):
    def deeper(coalitions):
        return deeper(coalitions)

    place.estimate(place.fails(deeper))


@fault("The game calls `sys.exit()`", SystemExit)
def _(place):
    place.estimate(place.fails(lambda coalitions: sys.exit()))


@fault("Ctrl-C while the game runs", KeyboardInterrupt)
def _(place):
    place.estimate(place.fails(throw(KeyboardInterrupt())))


@fault("Ctrl-C between two calls", KeyboardInterrupt)
def _(place):
    study = place.study()
    record = study._store.record

    def interrupted(*arguments):
        record(*arguments)
        raise KeyboardInterrupt

    study._store.record = interrupted
    study.run(place.game, batch_size=BATCH)


@fault("The game returns None", TypeError, "game must return an array of numbers of shape (8,)")
def _(place):
    place.estimate(place.fails(lambda coalitions: None))


@fault("The game returns too few worths", ValueError, "game must return an array of numbers of shape (8,)")
def _(place):
    place.estimate(place.fails(lambda coalitions: curved(coalitions)[1:]))


@fault("The game returns another number of outputs", ValueError, "game must return an array of numbers of shape (8,)")
def _(place):
    place.estimate(place.fails(lambda coalitions: np.ones((len(coalitions), 2))))


@fault("The game returns texts", TypeError, "game must return an array of numbers of shape (8,)")
def _(place):
    place.estimate(place.fails(lambda coalitions: ["1.0"] * len(coalitions)))


@fault("The game is a generator", TypeError, "game must return an array of numbers of shape (8,)")
def _(place):
    place.begin()

    def game(coalitions):
        yield from curved(coalitions)

    place.estimate(game)


@fault("A worth is NaN", ValueError, "the worth of coalition {", "the finite worths of the call are stored as well")
def _(place):
    def game(coalitions):
        worths = place.game(coalitions)
        worths[3] = np.nan
        del place.made[coalitions[3].tobytes()]
        return worths

    place.estimate(place.fails(game))


@fault(
    "A worth is infinite", ValueError, "the worth of coalition {", "the finite worths of the call are stored as well"
)
def _(place):
    def game(coalitions):
        worths = place.game(coalitions)
        worths[-1] = np.inf
        del place.made[coalitions[-1].tobytes()]
        return worths

    place.estimate(place.fails(game))


@fault("The game changes the coalitions that it got", "nothing", kept="stored; the game gets copies")
def _(place):
    def game(coalitions):
        worths = place.game(coalitions.copy())
        coalitions[:] = True
        return worths

    assert place.estimate(game) == WHOLE


@fault("The game returns the same array each time", "nothing", kept="stored; worths are copied")
def _(place):
    shared = np.empty(BATCH)

    def game(coalitions):
        shared[:] = place.game(coalitions)
        return shared

    assert place.estimate(game) == WHOLE
    with ThreadPoolExecutor(1) as pool:
        assert place.estimate(game, store=None, executor=pool) == WHOLE


@fault("The game closes the study that calls it", ValueError, "store F is closed", "stored, or in `error.evaluations`")
def _(place):
    study = place.study()

    def closing(coalitions):
        study.close()
        return place.game(coalitions)

    study.run(place.fails(closing), batch_size=BATCH)


@fault("The `callback` raises", ZeroDivisionError, "division by zero")
def _(place):
    place.estimate(place.game, callback=lambda values: 1 / 0)


@fault("The progress bar cannot write, because stderr is closed", "nothing", kept="stored; the bar ends")
def _(place):
    pytest.importorskip("tqdm")
    place.program(
        "sys.stderr.close()\nstudy.run(curved, batch_size=8, progress=True)\nprint(*range(64))",
        0,
    )


# -- executors ----------------------------------------------------------------------------------------------------


def dies(coalitions):
    """End the worker's process at the coalitions of eight players."""
    if (coalitions.sum(axis=1) == 8).any():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    return curved(coalitions)


class Unloadable(Exception):
    """An exception whose pickle does not load."""

    def __init__(self, one, two):
        super().__init__("lost in transit")


def raises_unloadable(coalitions):
    raise Unloadable(1, 2)


def returns_unpicklable(coalitions):
    return lambda: 0


def processes(count=2):
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


@fault(
    "A worker process dies",
    BrokenProcessPool,
    "A process in the process pool was terminated abruptly",
    needs_posix=True,
)
def _(place):
    place.begin()
    with processes() as pool:
        place.estimate(dies, executor=pool)


@fault(
    "The game cannot be pickled for a process",
    TypeError,
    "game cannot be sent to the executor's processes",
)
def _(place):
    place.begin()
    lock = threading.Lock()
    with processes(1) as pool:
        place.estimate(lambda coalitions: curved(coalitions) if lock else None, executor=pool)


@fault("What the game returns cannot be pickled", (AttributeError, pickle.PicklingError), "")
def _(place):
    place.begin()
    with processes(1) as pool:
        place.estimate(returns_unpicklable, executor=pool)


@fault(
    "The game's exception cannot be unpickled",
    RuntimeError,
    "Unloadable: lost in transit",
)
def _(place):
    place.begin()
    with processes(1) as pool:
        place.estimate(raises_unloadable, executor=pool)


@fault("The pool is shut down in mid-run", RuntimeError, "cannot schedule new futures after shutdown")
def _(place):
    pool = ThreadPoolExecutor(1)

    def game(coalitions):
        if place.calls == 3:
            pool.shutdown(wait=False)
        return place.game(coalitions)

    place.estimate(game, executor=pool)


@fault("Another thread cancels the calls in flight", "nothing", kept="stored; cancelled calls are made again")
def _(place):
    class Cancelling(ThreadPoolExecutor):
        n_cancelled = 0

        def submit(self, *arguments):
            future = super().submit(*arguments)
            if self.n_cancelled < 3:
                self.n_cancelled += future.cancel()
            return future

    with Cancelling(1) as pool:
        assert place.estimate(place.game, executor=pool) == WHOLE
    assert pool.n_cancelled == 3


@fault("The pool's initializer fails", BrokenThreadPool, "A thread initializer failed")
def _(place):
    place.begin()
    with ThreadPoolExecutor(1, initializer=throw(OSError("no licence")), initargs=(0,)) as pool:
        place.estimate(place.game, executor=pool)


@fault("Calls take longer than `timeout`", TimeoutError, "a call of game took longer than timeout=0.05 s")
def _(place):
    go = threading.Event()
    try:
        with place.study(on_error="raise") as study, ThreadPoolExecutor(1) as pool:
            study.run(place.game, pool, batch_size=BATCH, seconds=0.0001)
            try:
                study.run(lambda coalitions: go.wait(60), pool, batch_size=BATCH, timeout=0.05)
            finally:
                go.set()
    finally:
        go.set()


# -- the process --------------------------------------------------------------------------------------------------


@fault("`kill -9` in mid-run", "the process is gone", kept="what `tell` acknowledged is stored", needs_posix=True)
def _(place):
    place.program("tell(24)\nstudy.ask(8)\nos.kill(os.getpid(), signal.SIGKILL)", -9)


@fault(
    "`kill -9` in the middle of `tell`",
    "the process is gone",
    kept="what `tell` acknowledged is stored",
    needs_posix=True,
)
def _(place):
    place.program(
        """
tell(24)
def dies(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)
study._store._apply = dies  # within the transaction of the next tell
study._store._remove_from_leases = dies
tell(8)
""",
        -9,
    )


@fault("SIGTERM", "the process is gone", kept="what `tell` acknowledged is stored", needs_posix=True)
def _(place):
    place.program("tell(24)\nstudy.ask(8)\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(60)", -15)


@fault(
    "The interpreter exits while another thread runs the study",
    "the process ends",
    kept="what was acknowledged is stored",
)
def _(place):
    place.program(
        """
begun, calls = threading.Event(), []
def game(coalitions):
    calls.append(1)
    if len(calls) == 4:
        begun.set()
        time.sleep(60)
    return curved(coalitions)
threading.Thread(target=study.run, args=(game,), kwargs={"batch_size": 8}, daemon=True).start()
begun.wait(60)
print(*range(study.n_told), flush=True)
""",
        0,
    )


@fault(
    "A process forks after it has used threads",
    "nothing",
    kept="stored; the child opens the file anew",
    needs_posix=True,
)
def _(place):
    place.program(
        """
import warnings
warnings.simplefilter("ignore")
tell(8)
banzhaf.estimate(curved, 12, budget=1000, num_threads=2)
child = os.fork()
if child == 0:
    tell(8)
    study.result()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
tell(8)
assert study.n_told == 24
""",
        0,
    )


@fault("The core gets no memory", MemoryError, "std::bad_alloc", needs_posix=True)
def _(place):
    place.program(
        """
tell(24)
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
limits = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (used + 2**26, limits[1]))
try:
    banzhaf.exact(curved, 26)  # 512 MB of worths
except MemoryError as error:
    resource.setrlimit(resource.RLIMIT_AS, limits)
    assert str(error) == "std::bad_alloc"
    tell(8)
""",
        0,
    )
    assert len(place.made) == 32
    raise MemoryError("std::bad_alloc")


@fault(
    "A stopped process holds coalitions beyond its lease",
    "nothing",
    kept="the coalitions are handed out again, and late worths are taken",
)
def _(place):
    with place.study(lease=1e-6) as slow, place.study() as other:
        held = slow.ask(16)
        time.sleep(0.001)
        again = other.ask(16)
        assert again.ids.tolist() == held.ids.tolist()
        assert other.tell(again, place.game(again.coalitions)) == 16
        assert slow.tell(held, place.game(held.coalitions)) == 0


@fault(
    "The clock is set back by a day", "nothing", kept="stored; `release()` ends the reservations that now last longer"
)
def _(place):
    now = time.time
    with place.study() as study:
        held = study.ask(16)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stores.time, "time", lambda: now() - 86400.0)
            study.tell(held.ids[:8], place.game(held.coalitions[:8]))
            assert study.ask(2).ids.tolist() == [16, 17]
            assert study.release() == 10
            assert study.ask(8).ids.tolist() == held.ids[8:].tolist()


@fault(
    "The clock is set forward by a day",
    "nothing",
    kept="stored; reserved coalitions are handed out again, and stored once",
)
def _(place):
    now = time.time
    with place.study() as study:
        held = study.ask(16)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stores.time, "time", lambda: now() + 86400.0)
            again = study.ask(16)
            assert again.ids.tolist() == held.ids.tolist()
            assert study.tell(again, place.game(again.coalitions)) == 16
            assert study.tell(held, place.game(held.coalitions)) == 0


@fault("Two runs work on one file at a time", "nothing", kept="stored; each coalition is evaluated once")
def _(place):
    seen = []

    def game(coalitions):
        seen.extend(row.tobytes() for row in coalitions)
        time.sleep(0.002)
        return place.game(coalitions)

    with place.study() as one, place.study() as other:
        threads = [threading.Thread(target=each.run, args=(game,), kwargs={"batch_size": 4}) for each in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == len(set(seen)) == BUDGET


@fault("Another program reads the file all the time", "nothing", kept="stored; the log beside the file grows")
def _(place):
    place.begin()
    reader = sqlite3.connect(place.path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM told").fetchone() == (1,)
    with place.study() as study:
        for k in range(300):
            study._store.note(f"filler {k}", "x" * 8000)
        study.run(place.game, batch_size=BATCH)
    assert os.path.getsize(f"{place.path}-wal") > 2**20
    reader.close()


# -- the file -----------------------------------------------------------------------------------------------------


@fault(
    "The disk is full",
    stores.StoreError,
    "store F: database or disk is full",
    "in the store, or in `error.evaluations`",
)
def _(place):
    study = place.study()
    (pages,) = study._store._connection.execute("PRAGMA page_count").fetchone()
    study._store._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    study.run(lambda coalitions: place.game(coalitions), batch_size=BATCH)
    while True:  # the small worths fit into a page that is there
        study._store.note(f"filler {place.calls}", "x" * 3000)
        place.calls += 1


@fault(
    "The file may not grow (`ulimit -f`)",
    stores.StoreError,
    "store F: disk I/O error",
    "in the store, or in `error.evaluations`",
    needs_posix=True,
)
def _(place):
    printed = place.program(
        """
tell(8)
size = max(os.path.getsize(study.path), os.path.getsize(study.path + "-wal"))
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, size + 4096))
made = 8
def game(coalitions):
    global made
    made += len(coalitions)
    time.sleep(0.05)
    return curved(coalitions)
try:
    for k in range(1000):
        study.run(game, batch_size=8)
        study._store.note("filler", "x" * 3000 * k)
except OSError as error:
    assert study.n_told + len(getattr(error, "evaluations", ())) >= made
    print(f"caught {type(error).__name__} {error}")
""",
        0,
    )
    raise seen(printed)


def seen(done):
    """Return the error that a program has caught."""
    name, _, text = done.stdout[done.stdout.index("caught ") + 7 :].strip().partition(" ")
    return {"StoreError": stores.StoreError}[name](text)


def without_rights(place, mode_of_file, mode_of_folder):
    """Let a user without rights work on a file."""
    with tempfile.TemporaryDirectory() as folder:
        kept, place.path = place.path, Path(folder) / "values.db"
        place.begin()
        place.path.chmod(mode_of_file)
        Path(folder).chmod(mode_of_folder)
        done = place.program(
            """
import socket, sqlite3, urllib.parse  # while they can be read
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
assert banzhaf.Study.open(PATH, read_only=True).n_told == 24
try:
    study = make(PATH)
    tell(8)
except OSError as error:
    print(f"caught {type(error).__name__} {error}")
""",
            0,
            opened=False,
        )
        Path(folder).chmod(0o777)
        shutil.copy(place.path, kept)
        place.other, place.path = place.path, kept
        raise seen(done)


@fault("The file is read-only", stores.StoreError, "store F: attempt to write a readonly database", needs_posix=True)
def _(place):
    without_rights(place, 0o444, 0o777)


@fault("The folder is read-only", stores.StoreError, "store F: attempt to write a readonly database", needs_posix=True)
def _(place):
    without_rights(place, 0o666, 0o555)


@fault("The file is locked by another program for more than a minute", stores.StoreError, "store F: database is locked")
def _(place):
    place.begin()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stores, "_BUSY_SECONDS", 0.01)
        study = place.study()
    holder = sqlite3.connect(place.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        study.run(place.game)
    finally:
        holder.close()


@fault(
    "The file is deleted in mid-run",
    stores.LostStoreError,
    "store F was deleted, moved or replaced while it was open",
    "in `error.evaluations`",
    needs_posix=True,
)
def _(place):
    def game(coalitions):
        os.unlink(place.path)
        return place.game(coalitions)

    place.estimate(place.fails(game))


@fault(
    "The file is replaced in mid-run",
    stores.LostStoreError,
    "store F was deleted, moved or replaced while it was open",
    "in `error.evaluations`",
    needs_posix=True,
)
def _(place):
    place.begin()
    study = place.study()
    shutil.copy(place.path, place.folder / "copy")
    os.replace(place.folder / "copy", place.path)
    study.run(place.game, batch_size=BATCH)


def damage(place, change):
    """Damage a file, try to open it, and restore it from a copy."""
    place.begin()
    whole = place.path.read_bytes()
    place.path.write_bytes(change(whole))
    try:
        banzhaf.Study.open(place.path)
    finally:
        place.path.write_bytes(whole)


RESTORE = "in a copy of the file, if there is one"


@fault("The file's first bytes are damaged", ValueError, "store F is damaged, or no store of banzhaf", RESTORE)
def _(place):
    damage(place, lambda whole: b"x" * 100 + whole[100:])


@fault("A page in the middle of the file is damaged", ValueError, "store F is damaged", RESTORE)
def _(place):
    damage(place, lambda whole: whole[:4096] + b"\xff" * 8192 + whole[12288:])


@fault(
    "A worth in the file is damaged",
    ValueError,
    "store F is damaged: row 1 of its table 'told' fails its checksum",
    RESTORE,
)
def _(place):
    def change(whole):
        worth = np.float64(next(iter(place.made.values()))).tobytes()
        return whole.replace(worth, bytes([worth[0] ^ 1]) + worth[1:], 1)

    damage(place, change)


@fault("The file is cut short", ValueError, "store F is damaged", RESTORE)
def _(place):
    damage(place, lambda whole: whole[: len(whole) // 2])


@fault("The file is empty", "nothing", kept="a new study begins")
def _(place):
    place.path.touch()
    assert place.estimate(place.game) == WHOLE


@fault("The log beside the file is torn (power cut)", "nothing", kept="all but the call that was not acknowledged")
def _(place):
    study = place.study()
    for count in (24, 8):
        batch = study.ask(count)
        if count == 8:
            log = Path(f"{place.path}-wal").read_bytes()
        study.tell(batch, (place.game if count == 24 else curved)(batch.coalitions))
    torn = Path(f"{place.path}-wal").read_bytes()
    assert len(torn) > len(log)
    copy = place.folder / "after.db"
    shutil.copy(place.path, copy)
    Path(f"{copy}-wal").write_bytes(torn[:-37])
    place.path = copy


@fault(
    "The file belongs to a run with other arguments",
    ValueError,
    "store F was made with other arguments: budget is 64, got 128",
)
def _(place):
    place.begin()
    banzhaf.estimate(place.game, N, budget=128, random_state=SEED, store=place.path)


@fault("The file is another program's", ValueError, "store F is an SQLite file of another program")
def _(place):
    place.begin()
    ours, place.path = place.path, place.folder / "other.db"
    with sqlite3.connect(place.path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    try:
        place.estimate(place.game)
    finally:
        place.other, place.path = place.path, ours


@fault("The file was written by a later version", ValueError, "store F was written by a later version of banzhaf")
def _(place):
    place.begin()

    def become(version):
        connection = sqlite3.connect(place.path, isolation_level=None)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.close()

    become(99)
    try:
        place.estimate(place.game)
    finally:
        become(1)


@fault("The path is a folder", IsADirectoryError, "store must be a file, got the folder F")
def _(place):
    place.begin()
    ours, place.path = place.path, place.folder
    try:
        place.estimate(place.game)
    finally:
        place.other, place.path = place.path, ours


@fault("The folder of the file does not exist", stores.StoreError, "store F: unable to open database file")
def _(place):
    place.begin()
    ours, place.path = place.path, place.folder / "none" / "values.db"
    try:
        place.estimate(place.game)
    finally:
        place.other, place.path = place.path, ours


@fault("A coalition is told with another worth", ValueError, "coalition {", "the first worth stays")
def _(place):
    place.begin()
    with place.study() as study:
        study.tell([0], [1e9])


@pytest.mark.parametrize("each", FAULTS, ids=lambda each: each.happens)
def test_fault(each, tmp_path, request):
    if "memory" in each.happens and each.needs_posix:
        request.getfixturevalue("limited_memory")
    if each.needs_posix and os.name != "posix":
        pytest.skip("needs signals, limits or deletion as POSIX has them")
    place = Place(tmp_path)
    if isinstance(each.sees, str):
        each.inject(place)
        place.check()
        return
    with pytest.raises(each.sees) as caught:
        each.inject(place)
    assert type(caught.value) in (each.sees if isinstance(each.sees, tuple) else (each.sees,))
    begins = each.message.replace(" F", f" {str(getattr(place, 'other', place.path))!r}")
    assert str(caught.value).startswith(begins)
    place.check(getattr(caught.value, "evaluations", None))


def test_the_page_lists_these_faults():
    """`python tests/study/test_fault_table.py` prints the rows of the page."""
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| [^|]+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows[2:] == [each.row for each in FAULTS]


if __name__ == "__main__":
    print(*(each.row for each in FAULTS), sep="\n")
