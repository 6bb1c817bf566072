# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Evaluate games and explain rows on clusters of four local processes, and compare with the bare engine."""

from __future__ import annotations

import functools
import os
import pickle
import sys
import tempfile
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import banzhaf
from bench._command import ROOT, Options, Unavailable, main
from bench._table import NOT_INSTALLED, Table, duration, verdict

_PLAYERS = 20
_SECONDS = 0.05
_MOST_OVER = 0.10
_NEVER = 10**9
_FOLDER = ROOT / "examples" / "clusters"


class Engine(ABC):
    """An engine with a running cluster. The games and rows go through the functions of its example."""

    name: str
    module: str
    level = 0  # of the process that a fault kills

    def __init__(self) -> None:
        self.example: Any = __import__(f"on_{self.name.lower()}")

    @abstractmethod
    def stop(self) -> None:
        """Stop the cluster."""

    @abstractmethod
    def sleep(self, n_tasks: int, seconds: float) -> None:
        """Run tasks that only sleep."""

    @abstractmethod
    def estimate(self, game: Any, budget: int) -> banzhaf.BanzhafValues:
        """Evaluate a game."""

    def sleep_in_parts(self, n_tasks: int, seconds: float) -> None:
        """Run tasks that only sleep, in the kind of worker that explains rows."""
        self.sleep(n_tasks, seconds)

    def bare_parts(self, n_tasks: int, seconds: float) -> dict[str, Callable[[], None]]:
        """Return what explained rows are compared with, by the name of its line."""
        return {self.name: lambda: self.sleep_in_parts(n_tasks, seconds)}

    def survive(self, game: Any, budget: int) -> banzhaf.BanzhafValues:
        """Evaluate a game that kills a worker."""
        return self.estimate(game, budget)

    @abstractmethod
    def explain(self, explainer: Any, X: Any, fault: Any) -> banzhaf.Explanation:
        """Explain rows in parts."""


class Joblib(Engine):
    name = module = "joblib"

    def __init__(self) -> None:
        super().__init__()
        from joblib.externals.loky import get_reusable_executor

        self._pool: Any = functools.partial(get_reusable_executor, self.example.WORKERS)

    def stop(self) -> None:
        if self._pool is not None:  # Parallel has a pool of its own, which it does not share with this one
            self._pool().shutdown(wait=True)
            self._pool = None

    def sleep(self, n_tasks: int, seconds: float) -> None:
        list(self._pool().map(time.sleep, [seconds] * n_tasks))

    def sleep_in_parts(self, n_tasks: int, seconds: float) -> None:
        from joblib import Parallel, delayed

        self.stop()
        Parallel(self.example.WORKERS)(delayed(time.sleep)(seconds) for _ in range(n_tasks))

    def estimate(self, game: Any, budget: int) -> banzhaf.BanzhafValues:
        # The pool itself, because a pool that banzhaf has made would be shut down at the end.
        return banzhaf.estimate(game, _PLAYERS, budget=budget, random_state=0, executor=self._pool())

    def survive(self, game: Any, budget: int) -> banzhaf.BanzhafValues:
        return self.example.estimate(game, _PLAYERS, budget)

    def explain(self, explainer: Any, X: Any, fault: Any) -> banzhaf.Explanation:
        return self.example.explain(explainer, X, fault)


class Dask(Engine):
    name, module = "Dask", "distributed"

    def __init__(self) -> None:
        super().__init__()
        from dask.distributed import Client

        self._cluster = self.example.start()
        self._client = Client(self._cluster)

    def stop(self) -> None:
        self._client.close()
        self._cluster.close()

    def sleep(self, n_tasks: int, seconds: float) -> None:
        self._client.gather(self._client.map(time.sleep, [seconds] * n_tasks, pure=False))

    def bare_parts(self, n_tasks: int, seconds: float) -> dict[str, Callable[[], None]]:
        import dask.dataframe as dd
        import pandas as pd

        def sleeping(part: Any) -> Any:
            time.sleep(seconds)
            return pd.Series([len(part)], dtype=object)

        def partitions() -> None:
            table = dd.from_pandas(pd.DataFrame({"a": range(n_tasks)}), npartitions=n_tasks)
            self._client.compute(table.map_partitions(sleeping, meta=pd.Series(dtype=object)), sync=True)

        return {"Dask, by map_partitions": partitions, "Dask, by tasks": lambda: self.sleep(n_tasks, seconds)}

    def estimate(self, game: Any, budget: int) -> banzhaf.BanzhafValues:
        return self.example.estimate(self._client, game, _PLAYERS, budget)

    def explain(self, explainer: Any, X: Any, fault: Any) -> banzhaf.Explanation:
        return self.example.explain(self._client, explainer, X, fault)


class Sleeper:
    """An actor that only sleeps."""

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Ray(Engine):
    name, module = "Ray", "ray"

    def __init__(self) -> None:
        super().__init__()
        import ray

        self.example.start()
        self._workers: Any = None
        # Without a core of their own, so that they leave the cores to the others.
        self._sleepers = [ray.remote(num_cpus=0)(Sleeper).remote() for _ in range(self.example.WORKERS)]

    def stop(self) -> None:
        import ray

        ray.shutdown()

    def sleep(self, n_tasks: int, seconds: float) -> None:
        import ray

        call = self.example.call
        ray.get([call.remote(time.sleep, seconds) for _ in range(n_tasks)])

    def sleep_in_parts(self, n_tasks: int, seconds: float) -> None:
        from ray.util import ActorPool

        list(ActorPool(self._sleepers).map(lambda worker, given: worker.sleep.remote(given), [seconds] * n_tasks))

    def estimate(self, game: Any, budget: int) -> banzhaf.BanzhafValues:
        return self.example.estimate(game, _PLAYERS, budget)

    def explain(self, explainer: Any, X: Any, fault: Any) -> banzhaf.Explanation:
        if self._workers is None:
            self._workers = self.example.Workers(explainer)
        return self._workers.explain(X, fault)


class Spark(Engine):
    name, module = "Spark", "pyspark"

    def __init__(self) -> None:
        super().__init__()
        self.level = self.example.EXECUTOR
        self._session = self.example.session()

    def stop(self) -> None:
        self._session.stop()

    def sleep(self, n_tasks: int, seconds: float) -> None:
        tasks = self._session.sparkContext.parallelize(range(n_tasks), min(n_tasks, 16 * self.example.WORKERS))
        tasks.map(lambda _: time.sleep(seconds)).collect()

    def estimate(self, game: Any, budget: int) -> banzhaf.BanzhafValues:
        return self.example.estimate(self._session, game, _PLAYERS, budget)

    def explain(self, explainer: Any, X: Any, fault: Any) -> banzhaf.Explanation:
        return self.example.explain(self._session, explainer, X, fault)


ENGINES = (Joblib, Dask, Ray, Spark)


def worth(fault: Callable[[], None] | None) -> Callable[[Any], float]:
    """Make a game of one coalition that takes 50 ms."""

    def sleeping(players: Any) -> float:
        if fault is not None:
            fault()
        time.sleep(_SECONDS)
        return float(np.sin(players.sum()) + len(players))

    return sleeping


def slow_model() -> Callable[[Any], Any]:
    """Make a model whose calls take 50 ms."""

    def model(rows: Any) -> Any:
        time.sleep(_SECONDS)
        cells = rows.to_numpy()
        return np.sin(cells[:, 0]) + cells[:, 1] * cells[:, 2]

    return model


def seconds_of(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = call()
    return time.perf_counter() - start, answer


@dataclass(frozen=True)
class Compared:
    """The best times of a run on the bare engine and of ours, in seconds, and what ours returned.

    The CPU time is that of the driver, and ours less the bare engine's. On a busy machine it says more than the clock.
    """

    floor: float
    ours: float
    cpu: float
    answer: Any


def compared(bares: Iterable[Callable[[], Any]], ours: Callable[[], Any], rounds: int) -> list[Compared]:
    """Let all take turns, and compare ours with each of the others. Before that, workers start."""
    calls = [*bares, ours]
    for call in calls:
        call()
    clocks: list[list[float]] = [[] for _ in calls]
    cpus: list[list[float]] = [[] for _ in calls]
    answer = None
    for _ in range(rounds):
        for place, call in enumerate(calls):
            cpu = time.process_time()
            seconds, answer = seconds_of(call)
            clocks[place].append(seconds)
            cpus[place].append(time.process_time() - cpu)
    best = [min(times) for times in clocks]
    cost = [min(times) for times in cpus]
    return [Compared(best[k], best[-1], cost[-1] - cost[k], answer) for k in range(len(calls) - 1)]


def tables(options: Options) -> Iterator[Table]:
    if not _FOLDER.is_dir():
        raise Unavailable(f"this benchmark needs the examples in {_FOLDER}")
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(_FOLDER))
    # Workers import what this process imports, from where it does.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(banzhaf.__file__).parents[1]), str(ROOT), str(_FOLDER)])
    import pandas as pd
    from work import PARTS, WORKERS

    yield _sizes()
    budget, rounds = (96, 1) if options.quick else (200, 3)
    game = banzhaf.per_coalition(worth(None), "indices")
    alone, expected = seconds_of(lambda: banzhaf.estimate(game, _PLAYERS, budget=budget, random_state=0))
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(4 * PARTS, 5)), columns=list("abcde"))
    explainer = banzhaf.Explainer(slow_model(), frame[:1] + 1.0, batch_size=16, random_state=0)
    n_calls = round(seconds_of(lambda: explainer(frame[:4]))[0] / _SECONDS)
    alone_rows, whole = seconds_of(lambda: explainer(frame))
    columns = ("engine", "one process", "the bare engine", "banzhaf on it", "over the bare engine")
    columns = (*columns, "CPU over it, each", "one worker killed", "bits of one process")
    games = Table(
        f"A game of {budget} evaluations that take 50 ms, on {WORKERS} workers",
        *columns,
        note=f"""The bare engine runs {budget} tasks that sleep as long. The best of {rounds}, taking turns. The target
        is at most 10 % over it. The CPU time is that of the driver for each evaluation, less the bare engine's. A
        worker is killed with SIGKILL after half of the evaluations.""",
    )
    parts = Table(
        f"{len(frame)} rows in {PARTS} parts, with a model whose calls take 50 ms, on {WORKERS} workers",
        *columns,
        note=f"""The bare engine runs {PARTS} tasks that sleep as long as the model's {n_calls} calls for a part. Times
        as above. Rows go to Dask by map_partitions of its tables, which has a floor of its own above that of single
        tasks. A worker is killed after half of the parts.""",
    )
    for kind in ENGINES:
        if find_spec(kind.module) is None:
            for table in (games, parts):
                table.add(kind.name, *[NOT_INSTALLED] * 7)
            continue
        engine = kind()
        try:
            engine.sleep(4 * WORKERS, 0.0)  # all workers have started
            _add_game(games, engine, game, budget, expected, alone, rounds)
            _add_rows(parts, engine, explainer, frame, n_calls, whole, alone_rows, rounds)
        finally:
            engine.stop()
    yield games
    yield parts


def _sizes() -> Table:
    """Tell what goes to a worker once, and what comes back for each row."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    model = GradientBoostingClassifier(random_state=0).fit(X, y)
    forest = RandomForestClassifier(100, max_depth=6, random_state=0).fit(X, y)
    explainer = banzhaf.Explainer(model, X[:100], random_state=0)
    trees = banzhaf.TreeExplainer(forest, X[:100])
    table = Table(
        "What workers are sent, for 100 background rows of 30 features",
        "what",
        "size",
        "time to make it ready in a worker",
        note="""Explanations keep their evaluations for interactions, unless the call has keep_evaluations=False.""",
    )
    for what, thing in (("Explainer of 100 boosted trees, pickled", explainer), ("TreeExplainer of 100 trees", trees)):
        content = pickle.dumps(thing)
        seconds = min(seconds_of(lambda content=content: pickle.loads(content))[0] for _ in range(3))
        table.add(what, _size(len(content)), duration(seconds))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "forest.trees")
        trees.save(path)
        seconds = min(seconds_of(lambda: banzhaf.load(path))[0] for _ in range(3))
        table.add("the same TreeExplainer as a file", _size(os.path.getsize(path)), duration(seconds))
    for what, keep in (("explanation of one row", True), ("the same with keep_evaluations=False", False)):
        explanation = explainer(X[:1], keep_evaluations=keep)
        content = pickle.dumps(explanation)
        table.add(what, _size(len(content)), duration(seconds_of(lambda content=content: pickle.loads(content))[0]))
    return table


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.2g} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:.0f} kB"


def _add_game(table: Table, engine: Engine, game: Any, budget: int, expected: Any, alone: float, rounds: int) -> None:
    from work import Fault

    (found,) = compared([lambda: engine.sleep(budget, _SECONDS)], lambda: engine.estimate(game, budget), rounds)
    with tempfile.TemporaryDirectory() as folder:
        fault = Fault(os.path.join(folder, "calls"), budget // 2, engine.level)
        failing = banzhaf.per_coalition(worth(fault), "indices")
        killed, again = seconds_of(lambda: engine.survive(failing, budget))
        same = found.answer == again == expected and fault.has_killed
    _add(table, engine.name, alone, found, budget, killed, same)


def _add_rows(
    table: Table, engine: Engine, explainer: Any, frame: Any, n_calls: int, whole: Any, alone: float, rounds: int
) -> None:
    from work import PARTS, Fault

    with tempfile.TemporaryDirectory() as folder:
        never = Fault(os.path.join(folder, "none"), _NEVER)
        bares = engine.bare_parts(PARTS, n_calls * _SECONDS)
        found = compared(bares.values(), lambda: engine.explain(explainer, frame, never), rounds)
        fault = Fault(os.path.join(folder, "calls"), PARTS // 2, engine.level)
        killed, again = seconds_of(lambda: engine.explain(explainer, frame, fault))
        same = all(np.array_equal(each.values, whole.values) for each in (found[0].answer, again)) and fault.has_killed
    for name, each in zip(bares, found, strict=True):
        _add(table, name, alone, each, PARTS, killed, same)


def _add(table: Table, name: str, alone: float, found: Compared, n_tasks: int, killed: float, same: bool) -> None:
    over = found.ours / found.floor - 1.0
    table.add(
        name,
        duration(alone),
        duration(found.floor),
        duration(found.ours),
        f"{100 * over:+.0f} % {verdict(over <= _MOST_OVER)}",
        duration(max(0.0, found.cpu) / n_tasks),
        duration(killed),
        verdict(same),
    )


if __name__ == "__main__":
    main(tables, __doc__)
