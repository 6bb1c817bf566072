# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Use everything from eight threads at once for half an hour: wrong values, errors, and growth of memory."""

from __future__ import annotations

import asyncio
import gc
import random
import resource
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

import banzhaf
from bench._command import Options, Unavailable, main
from bench._table import Table, duration, verdict

_THREADS = 8
_SECONDS, _QUICK_SECONDS = 1800.0, 60.0
_WARM_UP = 0.2  # share of the time after which memory is watched
_MOST_GROWTH = 0.01


def tables(options: Options) -> Iterator[Table]:
    seconds = _QUICK_SECONDS if options.quick else _SECONDS
    found = soak(_THREADS, seconds)
    table = Table(
        f"Mixed use from {_THREADS} threads for {duration(seconds)}",
        *("calls", "errors", "values unlike those of one thread", "memory after warm-up", "at the end", "growth"),
        note="""Each thread picks a kind of work at random, again and again: estimate, exact, fit, interactions, Shapley
        values, Explainer, TreeExplainer, studies in SQLite, awaitable games, games that fail, save and load.
        Memory is what the process holds, as the median over a tenth of the time. The first fifth is warm-up.""",
    )
    grown = found.last / found.first - 1
    table.add(
        f"{found.n_calls:,}",
        f"{len(found.errors)} {verdict(not found.errors)}",
        f"{found.n_wrong} {verdict(found.n_wrong == 0)}",
        f"{found.first / 2**20:.1f} MB",
        f"{found.last / 2**20:.1f} MB",
        f"{grown:+.2%} {verdict(grown < _MOST_GROWTH)}",
    )
    yield table
    calls = Table("Calls of each kind", "work", "calls")
    for name, count in sorted(found.calls.items()):
        calls.add(name, f"{count:,}")
    yield calls
    if found.errors:
        errors = Table("Errors", "work", "error")
        for name, error in found.errors[:10]:
            errors.add(name, f"{type(error).__name__}: {error}")
        yield errors


class Soak:
    """What a run has shown."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.errors: list[tuple[str, BaseException]] = []
        self.n_wrong = 0
        self.memory: list[tuple[float, int]] = []  # seconds and bytes

    @property
    def n_calls(self) -> int:
        return sum(self.calls.values())

    @property
    def first(self) -> float:
        """Memory after the warm-up."""
        end = self.memory[-1][0]
        return _median(size for at, size in self.memory if _WARM_UP * end <= at <= (_WARM_UP + 0.1) * end)

    @property
    def last(self) -> float:
        """Memory at the end."""
        end = self.memory[-1][0]
        return _median(size for at, size in self.memory if at >= 0.9 * end)


def _median(sizes: Iterator[int]) -> float:
    return float(np.median(list(sizes)))


def soak(n_threads: int, seconds: float, *, seed: int = 0, watch: float = 0.5) -> Soak:
    """Let threads do mixed work for some time."""
    found, lock, works = Soak(), threading.Lock(), _works()
    expected = {name: work(Path(tempfile.mkdtemp())) for name, work in works.items()}
    start = time.monotonic()
    ready = threading.Barrier(n_threads)

    def serve(number: int) -> None:
        chance = random.Random(seed * 1000 + number)
        ready.wait()
        with tempfile.TemporaryDirectory() as folder:
            while time.monotonic() - start < seconds:
                name = chance.choice(list(works))
                try:
                    same = works[name](Path(folder)) == expected[name]
                except BaseException as error:
                    with lock:
                        found.errors.append((name, error))
                    continue
                with lock:
                    found.calls[name] += 1
                    found.n_wrong += not same

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        threads = [threading.Thread(target=serve, args=(k,)) for k in range(n_threads)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            time.sleep(watch)
            gc.collect()
            found.memory.append((time.monotonic() - start, _resident()))
        for thread in threads:
            thread.join()
    return found


def _resident() -> int:
    """Return the bytes of memory that this process holds."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except FileNotFoundError:
        if sys.platform != "darwin":
            raise Unavailable("this benchmark needs /proc, which this system lacks") from None
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _game(coalitions: Any) -> Any:
    x = (coalitions * np.arange(1.0, coalitions.shape[1] + 1)).sum(axis=1)
    return np.sin(x) + 0.01 * x**2


def _works() -> dict[str, Callable[[Path], Any]]:
    """Return the kinds of work. Each returns something that must be the same in every call."""
    rng = np.random.default_rng(0)
    background, rows = rng.normal(size=(20, 8)), rng.normal(size=(6, 8))
    weights = rng.normal(size=8)

    def model(table: Any) -> Any:
        return np.tanh(table @ weights) + table[:, 0] * table[:, 1]

    shared = banzhaf.Explainer(model, background, random_state=0)
    prepared = banzhaf.Explainer(model, background, random_state=0)
    prepared.prepare()
    given = rng.random((300, 12)) < 0.5
    worths = _game(given)
    whole = banzhaf.estimate(_game, 10, budget=256, random_state=1)

    def study(folder: Path) -> Any:
        path = folder / f"{threading.get_ident()}-{time.monotonic_ns()}.db"
        with banzhaf.Study(10, budget=128, random_state=1, store=path) as begun:
            batch = begun.ask(40)
            begun.tell(batch, _game(batch.coalitions))
        with banzhaf.Study.open(path) as begun, ThreadPoolExecutor(2) as pool:
            begun.run(_game, pool, batch_size=16)
            found = begun.result()
        path.unlink()
        return found.values.tobytes()

    def saved(folder: Path) -> Any:
        path = folder / "values.banzhaf"
        whole.save(path)
        return banzhaf.load(path) == whole

    def awaited(folder: Path) -> Any:
        async def game(coalitions: Any) -> Any:
            await asyncio.sleep(0)
            return _game(coalitions)

        found = asyncio.run(banzhaf.estimate_async(game, 8, budget=64, random_state=1, batch_size=8))
        return found.values.tobytes()

    def failing(folder: Path) -> Any:
        def game(coalitions: Any) -> Any:
            raise ConnectionError("no service")

        try:
            banzhaf.estimate(game, 10, budget=64, random_state=0)
        except ConnectionError as error:
            return str(error)

    works: dict[str, Callable[[Path], Any]] = {
        "estimate": lambda folder: banzhaf.estimate(_game, 30, budget=512, random_state=1).values.tobytes(),
        "estimate with errors by tolerance": lambda folder: banzhaf.estimate(
            _game, 12, budget=1024, random_state=1, tolerance=0.5
        ).values.tobytes(),
        "exact": lambda folder: banzhaf.exact(_game, 10).values.tobytes(),
        "fit": lambda folder: banzhaf.fit(given, worths).values.tobytes(),
        "interactions": lambda folder: (
            banzhaf.estimate(_game, 12, budget=512, random_state=1).interactions(2).values.tobytes()
        ),
        "shapley": lambda folder: (
            banzhaf.estimate(_game, 12, budget=512, random_state=1, shapley=True).shapley().values.tobytes()
        ),
        "Explainer, shared": lambda folder: shared(rows).values.tobytes(),
        "Explainer, prepared and shared": lambda folder: prepared(rows[:1]).values.tobytes(),
        "Explainer, its own": lambda folder: banzhaf.Explainer(model, background, random_state=0)(
            rows
        ).values.tobytes(),
        "study in SQLite, opened again": study,
        "save and load": saved,
        "an awaitable game": awaited,
        "a game that fails": failing,
    }
    trees = _tree_explainer(background)
    if trees is not None:
        works["TreeExplainer, shared"] = lambda folder: trees(rows).values.tobytes()
        works["TreeExplainer, interactions"] = lambda folder: trees.interactions(rows, 2).values.tobytes()
    return works


def _tree_explainer(background: Any) -> Any:
    """Return an explainer of trees of scikit-learn, None without it."""
    try:
        from sklearn.ensemble import GradientBoostingRegressor
    except ImportError:
        return None
    made = GradientBoostingRegressor(n_estimators=20, max_depth=3, random_state=0)
    made.fit(background, background[:, 0] * background[:, 1] + background[:, 2])
    return banzhaf.TreeExplainer(made, background)


if __name__ == "__main__":
    main(tables, __doc__)
