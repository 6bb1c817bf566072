# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Evaluate what a desk hands out: one call after the other, or through an executor."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate.desk import Desk, Unit
from banzhaf._estimate.native import NativeGame
from banzhaf._estimate.per_coalition import PerCoalition
from banzhaf._support import arguments as check
from banzhaf._support.remote_calls import owned
from banzhaf._support.workers import Lacking, Workers

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future
    from typing import TypeAlias

    _Call: TypeAlias = Future[Any] | asyncio.Future[Any]

__all__ = ["Limits", "owned", "work"]

_BATCH = 64
_POLL_SECONDS = 0.1
_BROKEN_SECONDS = 10.0  # for the calls of a broken executor to come back


@dataclass(frozen=True)
class Limits:
    """What limits a run, as `Study.run` documents it. None and infinity mean no limit."""

    batch_size: int | None = None
    max_in_flight: int | None = None
    timeout: float | None = None
    max_failures: int = 10
    threads_per_worker: int | None = 1
    seconds: float = math.inf


def batch_size_of(game: Any, executor: Any, limits: Limits) -> int:
    """Choose how many coalitions one call takes."""
    if isinstance(game, PerCoalition) and (executor is not None or not game.has_map):
        return 1
    if limits.batch_size is not None:
        return limits.batch_size
    return game.batch_size(False) if isinstance(game, PerCoalition) else _BATCH


def work(
    game: Callable[[NDArray[np.bool_]], Any],
    desk: Desk,
    limits: Limits,
    *,
    executor: Workers | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Evaluate coalitions until none is left or `stop` says so.

    Whatever ends the run, worths that were made are stored, and the rest is given back.
    """
    end = time.monotonic() + limits.seconds
    size = batch_size_of(game, executor, limits)

    def goes_on() -> bool:
        return time.monotonic() < end and not stop()

    try:
        with renewing(desk):
            if executor is None:
                _one_by_one(game, desk, limits, size, goes_on)
            else:
                _InFlight(desk, limits, size, executor).run(goes_on)
    finally:
        desk.end()


def check_failures(desk: Desk, limits: Limits, error: BaseException) -> None:
    """Raise an error that ends the run if too many calls have failed in a row."""
    if desk.n_failed >= limits.max_failures:
        raise RuntimeError(
            f"{desk.n_failed} calls of game failed in a row, the last with {type(error).__name__}: {error}. What was "
            "evaluated before is kept. Repair the game and run again, or raise max_failures"
        ) from error


def settle(
    desk: Desk,
    limits: Limits,
    ended: Sequence[tuple[Unit, _Call]],
    final: type[Exception],
    end: BaseException | None = None,
) -> None:
    """Take the answers of calls first, and raise only then, so that no answer is lost.

    An error of type `final`, which no further try changes, ends the run. `end` is what ends it anyway.
    """
    failures: list[tuple[Unit, BaseException]] = []
    for unit, call in ended:
        error = call.exception()
        if error is not None:
            failures.append((unit, error))
            continue
        try:
            desk.take(unit, call.result())
        except BaseException as wrong:
            end = end or wrong
            desk.give_back(unit)
    for unit, error in failures:
        if end is not None or isinstance(error, final) or not isinstance(error, Exception):
            end = end or error
            desk.give_back(unit)
            continue
        try:
            desk.fail(unit, error)
            check_failures(desk, limits, error)
        except BaseException as wrong:
            end = wrong
    if end is not None:
        raise end


def keep_answers(desk: Desk, calls: Sequence[tuple[Unit, _Call]]) -> None:
    """Take the answers that calls in flight have given, when something else has ended the run and is raised."""
    for unit, call in calls:
        if is_answer(call):
            with contextlib.suppress(Exception):
                desk.take(unit, call.result())


def is_answer(call: _Call) -> bool:
    """Whether a call has ended with what the game returned."""
    done = call.done() and not call.cancelled() and call.exception() is None
    return done and not isinstance(call.result(), Lacking)


def _one_by_one(
    game: Callable[[NDArray[np.bool_]], Any], desk: Desk, limits: Limits, size: int, goes_on: Callable[[], bool]
) -> None:
    while goes_on():
        unit = desk.next(size)
        if unit is None:
            desk.flush()
            if desk.finished():
                return
            time.sleep(_POLL_SECONDS)  # others hold the rest
            continue
        try:
            answer = called(game, unit.coalitions.copy(), unit.repeat)
        except Exception as error:
            desk.fail(unit, error)
            check_failures(desk, limits, error)
            continue
        desk.take(unit, answer)


@contextmanager
def renewing(desk: Desk) -> Iterator[None]:
    """Renew this run's leases from another thread, so that they expire only if the process is lost."""
    if desk.store.path is None:
        yield
        return
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(desk.lease / 3):
            try:
                desk.store.renew_owned(desk.owner, desk.lease)
            except Exception:
                return  # the run itself meets the same fault and reports it

    thread = threading.Thread(target=renew, name="banzhaf-leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _InFlight:
    """The calls that an executor has been given."""

    def __init__(self, desk: Desk, limits: Limits, size: int, workers: Workers) -> None:
        self._desk, self._limits, self._size, self._workers = desk, limits, size, workers
        self._most = limits.max_in_flight or workers.n_in_flight
        self._units: dict[Future[Any], Unit] = {}
        self._executors: dict[Future[Any], Any] = {}  # of all calls, because a broken one is made again
        self._since: dict[Future[Any], float] = {}  # when a call was first seen to run
        self._late: dict[Future[Any], Unit] = {}  # calls that took too long, and may still answer

    def run(self, goes_on: Callable[[], bool]) -> None:
        from concurrent.futures import FIRST_COMPLETED, wait

        try:
            while True:
                more = goes_on()
                waiting = more and self._fill()
                if not self._units:
                    self._desk.flush()
                    if not more or self._desk.finished():
                        return
                    if self._late and len(self._late) >= self._most:
                        raise TimeoutError(
                            f"all {len(self._late)} calls of game in flight took longer than timeout="
                            f"{self._limits.timeout} s. What was evaluated before is kept"
                        )
                    if not waiting:
                        time.sleep(_POLL_SECONDS)
                futures = {*self._units, *self._late}
                done = wait(futures, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)[0] if futures else set()
                self._collect(done)
                if not done:
                    self._desk.flush()
                self._give_up()
        except BaseException as error:
            self._end(wait_for_running=isinstance(error, Exception))
            raise

    def _fill(self) -> bool:
        """Give the executor as much as it may have, and tell whether it got anything."""
        began = False
        while len(self._units) + len(self._late) < self._most:
            unit = self._desk.next(self._size)
            if unit is None:
                break
            began = self._submit(unit) or began
        return began

    def _collect(self, done: Any) -> None:
        from concurrent.futures import BrokenExecutor

        ended: list[tuple[Unit, Future[Any]]] = []
        again: list[tuple[Unit, Lacking]] = []
        broken: list[tuple[Any, BaseException]] = []
        for future in done:
            self._since.pop(future, None)
            executor = self._executors.pop(future)
            late = future in self._late
            unit = self._late.pop(future) if late else self._units.pop(future)
            if future.cancelled():
                if not late:
                    self._desk.give_back(unit)
                continue
            error = future.exception()
            if isinstance(error, BrokenExecutor):
                broken.append((executor, error))  # a worker died, whatever it was doing
                if not late:
                    self._desk.give_back(unit)
            elif error is None and isinstance(answer := future.result(), Lacking):
                again += [] if late else [(unit, answer)]
            elif not late or error is None:
                ended.append((unit, future))
                if error is None:
                    self._workers.answered()
        settle(self._desk, self._limits, ended, BrokenExecutor)
        for executor, reason in broken:
            self._recover(executor, reason)
        for unit, answer in again:
            self._submit(unit, answer)

    def _recover(self, executor: Any, reason: BaseException) -> None:
        """Go on with a new executor, once all calls of the broken one have come back."""
        from concurrent.futures import wait

        futures = [future for future in self._units if self._executors[future] is executor]
        wait(futures, timeout=_BROKEN_SECONDS)
        for future in futures:
            error = None if future.cancelled() or not future.done() else future.exception()
            if future.done() and not future.cancelled() and error is None:
                continue  # an answer, which is collected as usual
            del self._executors[future]
            self._desk.give_back(self._units.pop(future))
        self._workers.renew(executor, reason)

    def _submit(self, unit: Unit, lacking: Lacking | None = None) -> bool:
        """Hand a unit to the executor, or give it back if the executor broke and a new one was made."""
        from concurrent.futures import BrokenExecutor

        executor = self._workers.executor
        try:
            future = self._workers.submit(evaluate_unit, unit.coalitions, unit.repeat, lacking=lacking)
        except BrokenExecutor as error:
            self._desk.give_back(unit)
            self._workers.renew(executor, error)
            return False
        self._units[future] = unit
        self._executors[future] = executor
        return True

    def _give_up(self) -> None:
        """Count calls that run for too long as failed. They cannot be stopped, and their late answers are taken."""
        timeout = self._limits.timeout
        if timeout is None:
            return
        now = time.monotonic()
        for future in list(self._units):
            if not future.running():
                continue
            if now - self._since.setdefault(future, now) > timeout:
                unit = self._units.pop(future)
                self._late[future] = unit
                error = TimeoutError(f"a call of game took longer than timeout={timeout} s")
                self._desk.fail(unit, error)
                check_failures(self._desk, self._limits, error)

    def _end(self, wait_for_running: bool) -> None:
        """Cancel what has not begun, and keep the answers of what has, unless the user interrupts."""
        from concurrent.futures import wait

        running = [future for future in self._units if not future.cancel()]
        if wait_for_running and running:
            wait(running, timeout=self._limits.timeout)
        keep_answers(self._desk, [(self._units[future], future) for future in running])


def called(game: Any, coalitions: NDArray[np.bool_], repeat: NDArray[np.int64] | None) -> Any:
    """Call the game, which may want to know the number of each repeat."""
    return game(coalitions) if repeat is None else game(coalitions, repeat=repeat)


def evaluate_unit(game: Any, coalitions: NDArray[np.bool_], repeat: NDArray[np.int64] | None) -> Any:
    """Call the game, in a worker."""
    return owned(called(game, coalitions, repeat))


def limits_of(
    *,
    batch_size: Any,
    max_in_flight: Any,
    timeout: Any,
    max_failures: Any,
    threads_per_worker: Any,
    seconds: Any,
    stoppable: bool,
) -> Limits:
    """Check the limits of a run."""
    if timeout is not None and not stoppable:
        raise ValueError(
            "timeout needs executor, because a call in this thread cannot be left behind: pass executor="
            "ThreadPoolExecutor(1), or let the game itself give up"
        )
    return Limits(
        batch_size=check.batch(batch_size) or None,
        max_in_flight=None if max_in_flight is None else check.integer("max_in_flight", max_in_flight, 1),
        timeout=None if timeout is None else check.positive("timeout", timeout),
        max_failures=check.integer("max_failures", max_failures, 1),
        threads_per_worker=None
        if threads_per_worker is None
        else check.integer("threads_per_worker", threads_per_worker, 1, 2**16),
        seconds=math.inf if seconds is None else check.positive("seconds", seconds),
    )


def refuse_native(game: Any, what: str) -> None:
    """Raise for a compiled game, which the core calls itself."""
    if isinstance(game, NativeGame):
        raise ValueError(f"{what} cannot be used with a native_game, which already runs on all threads of the core")
