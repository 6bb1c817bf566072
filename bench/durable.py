# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Kill processes that work on a stored study, count what was lost, and measure what a store costs."""

from __future__ import annotations

import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import banzhaf
from bench._command import ROOT, Options, Unavailable, main
from bench._table import Table, duration, verdict

_PLAYERS = 20
_BUDGET = 4000
_BATCH = 64
_MOST_MICROSECONDS = 50.0
_LOGGED = bytes(3 * 4096)  # what SQLite waits for: three pages a batch
_MANY = 10**7
# Open a study and fit it, and print both times in seconds, and the bytes of peak memory that this took.
_PROGRAM = """
import resource, sys, time
import banzhaf
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
study = banzhaf.Study.open(sys.argv[1])
opened = time.perf_counter()
study.result()
ended = time.perf_counter()
print(opened - start, ended - opened, 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))
"""


def tables(options: Options) -> Iterator[Table]:
    if not hasattr(os, "fork"):
        raise Unavailable("this benchmark needs os.fork, which this system lacks")
    warnings.simplefilter("ignore")
    yield _kills(20 if options.quick else 200)
    yield _processes(5 if options.quick else 100)
    yield _overhead(options.quick)
    yield _many(10**5 if options.quick else _MANY)


def game(coalitions: Any) -> Any:
    x = (coalitions * np.arange(1.0, coalitions.shape[1] + 1)).sum(axis=1)
    return np.sin(x) + 0.001 * x**3


def child(work: Callable[[int], None]) -> tuple[int, int]:
    """Fork a process that works, and return its number and the end of a pipe that it writes to."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            work(write)
        finally:
            os._exit(0)
    os.close(write)
    return pid, read


def received(read: int) -> list[tuple[int, int]]:
    """Read pairs of numbers until the writers are gone."""
    content = b""
    while part := os.read(read, 1 << 16):
        content += part
    os.close(read)
    return list(struct.iter_unpack("<qq", content[: len(content) // 16 * 16]))


def serve(path: Path, size: int, write: int, worker: str = "") -> None:
    """Evaluate until the study is done. Write a 0 with each coalition evaluated, and a 1 once its worth was taken."""
    study = banzhaf.Study.open(path)
    while True:
        batch = study.ask(size, lease=0.05, worker=worker)
        if not batch:
            if study.done:
                return
            time.sleep(0.002)
            continue
        worths = game(batch.coalitions)
        os.write(write, b"".join(struct.pack("<qq", 0, i) for i in batch.ids.tolist()))
        study.tell(batch, worths, worker=worker)
        os.write(write, b"".join(struct.pack("<qq", 1, i) for i in batch.ids.tolist()))


def stored(path: Path) -> Counter[int]:
    """Count how often each coalition is in the records of a store."""
    found: Counter[int] = Counter()
    with banzhaf.Study.open(path, read_only=True) as study:
        for ids, *_ in study._store.history():
            found.update(ids.tolist())
    return found


def killed_runs(path: Path, n_kills: int, seed: int = 0) -> tuple[int, int, int, bool]:
    """Kill runs at random moments; return the kills, the worths lost, those stored twice, and whether bits agree."""
    chance = random.Random(seed)
    kills = lost = twice = 0
    budget = _BUDGET
    banzhaf.Study(_PLAYERS, budget=budget, design="paired", random_state=0, store=path).close()
    while kills < n_kills:
        pid, read = child(lambda write: serve(path, 8, write))
        time.sleep(chance.uniform(0.0, 0.04))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        kills += 1
        taken = {number for is_taken, number in received(read) if is_taken}
        found = stored(path)
        lost += len(taken - set(found))
        twice += sum(times > 1 for times in found.values())
        if sum(found.values()) > 0.8 * budget:  # go on, so that every kill meets a run at work
            budget += _BUDGET
            with banzhaf.Study.open(path) as study:
                study.extend(budget)
    with banzhaf.Study.open(path) as study:
        study.release()
        study.run(game)
        found = study.result()
    with_all = stored(path)
    twice += sum(times > 1 for times in with_all.values())
    same = found == banzhaf.estimate(game, _PLAYERS, budget=budget, design="paired", random_state=0)
    return kills, lost, twice, same


def _kills(n_kills: int) -> Table:
    table = Table(
        "kill -9 at random moments",
        "kills",
        "acknowledged worths lost",
        "worths stored twice",
        "bits of the uninterrupted run",
        note=f"Each run works on what the one before left, in batches of 8, at {_PLAYERS} players.",
    )
    with tempfile.TemporaryDirectory() as folder:
        kills, lost, twice, same = killed_runs(Path(folder) / "values.db", n_kills)
    table.add(kills, f"{lost} {verdict(lost == 0)}", f"{twice} {verdict(twice == 0)}", verdict(same))
    return table


def shared_run(path: Path, n_processes: int) -> tuple[int, int, bool]:
    """Let processes share a study; return evaluations made, coalitions, and whether the result has the right bits."""
    budget = 1000
    banzhaf.Study(_PLAYERS, budget=budget, random_state=0, store=path, lease=3600).close()

    def work(write: int) -> None:
        study = banzhaf.Study.open(path)

        def counted(coalitions: Any) -> Any:
            os.write(write, struct.pack("<qq", 0, len(coalitions)))
            return game(coalitions)

        study.run(counted, batch_size=10)

    children = [child(work) for _ in range(n_processes)]
    made = sum(count for _, read in children for _, count in received(read))
    for pid, _ in children:
        os.waitpid(pid, 0)
    with banzhaf.Study.open(path) as study:
        same = study.result() == banzhaf.estimate(game, _PLAYERS, budget=budget, random_state=0)
    return made, budget, same


def _processes(n_runs: int) -> Table:
    table = Table(
        "Several processes on one store",
        "processes",
        "runs",
        "evaluations made for each coalition",
        "bits of one process",
        note="Each run has 1,000 coalitions in batches of 10.",
    )
    for n_processes in (2, 8):
        made = wanted = right = 0
        with tempfile.TemporaryDirectory() as folder:
            for k in range(n_runs):
                some, budget, same = shared_run(Path(folder) / f"{k}.db", n_processes)
                made, wanted, right = made + some, wanted + budget, right + same
        rate = f"{made / wanted:.4g} {verdict(made == wanted)}"
        table.add(n_processes, n_runs, rate, f"{right} of {n_runs} {verdict(right == n_runs)}")
    return table


def microseconds(path: Path | None, budget: int) -> tuple[float, float, float]:
    """Ask and tell in batches; return microseconds for each evaluation: clock, CPU, and a bare log.

    The log gets as many bytes as SQLite writes for a batch, and waits for the disk as often: once. Store and log take
    turns, so that what else the disk does slows both. Both are medians over the batches.
    """
    study = banzhaf.Study(50, budget=budget, random_state=0, store=path)
    log = None if path is None else open(path.with_suffix(".log"), "wb", buffering=0)  # noqa: SIM115
    worths = np.arange(float(_BATCH))
    clocks, logs, busy = [], [], 0.0
    while True:
        cpu, start = time.process_time(), time.perf_counter()
        batch = study.ask(_BATCH)
        if not batch:
            break
        study.tell(batch, worths[: len(batch)])
        clocks.append(time.perf_counter() - start)
        busy += time.process_time() - cpu
        if log is not None:
            start = time.perf_counter()
            log.write(_LOGGED)
            os.fsync(log.fileno())
            logs.append(time.perf_counter() - start)
    study.close()
    if log is not None:
        log.close()
    clock, alone = (1e6 * float(np.median(times or [0.0])) / _BATCH for times in (clocks, logs))
    return clock, 1e6 * busy / budget, alone


def _overhead(quick: bool) -> Table:
    table = Table(
        "What a store costs for each evaluation, in batches of 64",
        "store",
        "clock",
        "CPU",
        "a bare log on the same disk",
        note=f"""The log gets the bytes of a batch and waits for the disk once, which is the least that durability
        needs. Store and log take turns, so that a busy disk slows both. The target is {_MOST_MICROSECONDS:g} us above
        the log. All in microseconds for each evaluation; clock and log are medians over the batches. Best of three.""",
    )
    budget = 6400 if quick else 64000
    folders = {"memory": None, "file on the disk": tempfile.gettempdir()}
    if os.path.isdir("/dev/shm"):
        folders["file in /dev/shm, without a disk"] = "/dev/shm"
    for name, place in folders.items():
        with tempfile.TemporaryDirectory(dir=place) as folder:
            paths = [None if place is None else Path(folder) / f"{k}.db" for k in range(3)]
            clock, cpu, alone = min(microseconds(path, budget) for path in paths)
        own = verdict(clock - alone <= _MOST_MICROSECONDS)
        table.add(name, f"{clock:.1f} {own}", f"{cpu:.1f}", f"{alone:.1f}")
    return table


def _many(budget: int) -> Table:
    table = Table(
        f"A study with {budget:,} evaluations of 50 players",
        "size of the file",
        "Study.open",
        "result()",
        "peak memory for each evaluation",
        note="In a process that only opens the study and asks for the result.",
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.db"
        study = banzhaf.Study(50, budget=budget, design="paired", random_state=0, store=path)
        while batch := study.ask(1 << 14):
            study.tell(batch, game(batch.coalitions))
        study.close()

        program = [sys.executable, "-W", "ignore", "-c", _PROGRAM, str(path)]
        printed = subprocess.run(program, check=True, capture_output=True, text=True, cwd=ROOT).stdout
        opened, fitted, peak = map(float, printed.split())
        size = path.stat().st_size
        table.add(f"{size / 1e6:.0f} MB", duration(opened), duration(fitted), f"{peak / budget:.0f} bytes")
    return table


if __name__ == "__main__":
    main(tables, __doc__)
