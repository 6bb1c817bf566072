# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A queue of rows and the threads that explain them in batches, the most urgent row first.

The unit of work is a row, not a request: the values of a row do not depend on the rows that are explained with it.
So the rows of one request may be explained in several batches, and a batch may hold rows of many requests.
"""

from __future__ import annotations

import heapq
import itertools
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_ENOUGH = 0.9  # of the time that is left: if the rows need no more on average, none of them is cut short
_SHARE = 0.5  # of the time that is left, for rows that are cut short: some will take longer than they may
_LEAST_SHARE = 0.25  # of a row's usual time: with less it would hardly have values
now = time.perf_counter  # deadlines are times of this clock


@dataclass(frozen=True)
class Answer:
    """The explanation of one row. Without values, a deadline left time for none."""

    values: NDArray[np.float64] | None
    standard_errors: NDArray[np.float64] | None
    prediction: Any  # a number, or one for each output
    stopped: str
    n_background: int
    n_model_rows: int

    @property
    def is_complete(self) -> bool:
        """Whether more time would change nothing."""
        return self.values is not None and self.stopped != "deadline"


CUT_OFF = Answer(None, None, None, "deadline", 0, 0)


class Engine(Protocol):
    """What explains rows. Threads share it."""

    name: str
    can_stop_early: bool  # whether less time gives less accurate values, instead of none

    def __call__(self, rows: NDArray[Any], seconds: float) -> Sequence[Answer]:
        """Explain rows, within a time in seconds if the engine can stop early."""
        ...


class QueueFull(Exception):
    """The queue has no room for the rows. `retry_after` says in how many seconds it may have."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("the queue is full")
        self.retry_after = retry_after


class Closed(Exception):
    """The service is shutting down and takes no more rows."""


class Ticket:
    """The rows of one request, and their answers as far as there are any."""

    def __init__(self, n_rows: int, deadline: float, on_done: Callable[[], None]) -> None:
        self.deadline = deadline
        self.answers: list[Answer | None] = [None] * n_rows
        self.error: BaseException | None = None
        self.is_abandoned = False
        self.started: float | None = None
        self._missing = n_rows
        self._on_done = on_done
        self._lock = threading.Lock()

    @property
    def is_done(self) -> bool:
        """Whether all rows have their final answers, or one of them failed."""
        return self._missing == 0

    def abandon(self) -> None:
        """Give up the rows that still wait."""
        self.is_abandoned = True

    def put(self, index: int, answer: Answer, *, final: bool = True) -> None:
        """Store the answer of a row. One that is not final is kept in case the deadline comes before a better one."""
        with self._lock:
            if self._missing == 0:
                return
            if answer.values is not None or self.answers[index] is None:
                self.answers[index] = answer
            self._missing -= final
            done = self._missing == 0
        if done:
            self._on_done()

    def fail(self, error: BaseException) -> None:
        """End the request with an error."""
        with self._lock:
            if self._missing == 0:
                return
            self.error = error
            self._missing = 0
        self._on_done()


@dataclass(order=True, slots=True)
class _Job:
    """One row that waits. Jobs are ordered by their deadlines, and then as they came."""

    deadline: float
    number: int
    ticket: Any
    index: int
    row: Any


class _Lane:
    """The waiting rows of one engine, and what a row has cost lately."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.jobs: list[_Job] = []
        self.seconds_per_row = 0.0

    def learn(self, seconds: float, n_rows: int) -> None:
        """Update the expected time of a row."""
        each = seconds / n_rows
        self.seconds_per_row = each if self.seconds_per_row == 0 else 0.8 * self.seconds_per_row + 0.2 * each


@dataclass(frozen=True)
class _Batch:
    """Rows to explain together, the nearest of their deadlines, and their share of the threads' time in seconds."""

    lane: _Lane
    jobs: list[_Job]
    nearest: float
    share: float


class Batcher:
    """Explain rows in batches.

    A batch has the rows of one engine with the nearest deadlines. It takes as many as are expected to finish within
    `batch_seconds`, and before the nearest deadline. If a batch is cut off by the deadline of one row, the others go
    back to the queue.

    If there are more rows than the threads can finish before their deadlines, an engine that can stop early gets less
    time for each, so that all have values, if less accurate ones.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        *,
        n_threads: int,
        max_queue_rows: int,
        max_batch_rows: int,
        batch_seconds: float,
        wait_seconds: float = 0.0,
        reserve_seconds: float = 0.0,
        nice: int = 0,
        on_batch: Callable[[str, int, float, int], None] = lambda engine, rows, seconds, model_rows: None,
    ) -> None:
        self._lanes = {engine.name: _Lane(engine) for engine in engines}
        self._max_queue_rows = max_queue_rows
        self._max_batch_rows = max_batch_rows
        self._batch_seconds = batch_seconds
        self._wait_seconds = wait_seconds
        self._reserve_seconds = reserve_seconds
        self._nice = nice
        self._on_batch = on_batch
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._n_waiting = 0
        self._n_running = 0
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"explain-{index}", daemon=True) for index in range(n_threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def n_waiting(self) -> int:
        """Number of rows in the queue."""
        return self._n_waiting

    @property
    def is_idle(self) -> bool:
        """Whether no row waits or is being explained."""
        with self._changed:
            return self._n_waiting == 0 and self._n_running == 0

    def submit(self, engine: str, rows: NDArray[Any], deadline: float, on_done: Callable[[], None]) -> Ticket:
        """Queue the rows of a request. A thread of the batcher calls `on_done` once all have their answers."""
        ticket = Ticket(len(rows), deadline, on_done)
        lane = self._lanes[engine]
        with self._changed:
            if self._is_closed:
                raise Closed
            if self._n_waiting + len(rows) > self._max_queue_rows:
                raise QueueFull(self._seconds_of_queue())
            for index, row in enumerate(rows):
                heapq.heappush(lane.jobs, _Job(deadline, next(self._numbers), ticket, index, row))
            self._n_waiting += len(rows)
            self._changed.notify(min(len(rows), len(self._threads)))
        return ticket

    def learn(self, engine: str, seconds: float, n_rows: int) -> None:
        """Tell what rows cost, as a warm-up has measured it."""
        self._lanes[engine].learn(seconds, n_rows)

    def close(self, seconds: float) -> bool:
        """Take no more rows, finish what is queued within a time, and return whether all was finished."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        end = now() + seconds
        for thread in self._threads:
            thread.join(max(0.0, end - now()))
        with self._changed:
            left = [job for lane in self._lanes.values() for job in lane.jobs]
            for lane in self._lanes.values():
                lane.jobs.clear()
            self._n_waiting = 0
        for job in left:
            job.ticket.fail(Closed())
        return not left and not any(thread.is_alive() for thread in self._threads)

    def _seconds_of_queue(self) -> float:
        """Return the time that the waiting rows are expected to take."""
        work = sum(len(lane.jobs) * lane.seconds_per_row for lane in self._lanes.values())
        return work / len(self._threads)

    def _work(self) -> None:
        """Explain batches until the batcher is closed and the queue is empty."""
        if self._nice and sys.platform == "linux":  # elsewhere this would be the priority of the whole process
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._nice)
        while True:
            with self._changed:
                while self._n_waiting == 0:
                    if self._is_closed:
                        return
                    self._changed.wait()
                if self._wait_seconds > 0 and self._n_waiting < self._max_batch_rows and not self._is_closed:
                    self._changed.wait_for(lambda: self._n_waiting >= self._max_batch_rows, self._wait_seconds)
                batch, late = self._take()
                self._n_running += len(batch.jobs)
            for job in late:
                job.ticket.put(job.index, CUT_OFF)
            try:
                self._explain(batch)
            except Exception as error:  # a thread that dies would leave its requests to their deadlines
                for job in batch.jobs:
                    job.ticket.fail(error)
            finally:
                with self._changed:
                    self._n_running -= len(batch.jobs)

    def _take(self) -> tuple[_Batch, list[_Job]]:
        """Take the next batch from the queue, and the rows whose time is up."""
        lane = min((lane for lane in self._lanes.values() if lane.jobs), key=lambda lane: lane.jobs[0], default=None)
        if lane is None:  # another thread was faster
            return _Batch(next(iter(self._lanes.values())), [], 0.0, 0.0), []
        start, limit = now() + self._reserve_seconds, self._max_batch_rows
        jobs: list[_Job] = []
        late: list[_Job] = []
        while lane.jobs and len(jobs) < limit:
            job = heapq.heappop(lane.jobs)
            self._n_waiting -= 1
            left = job.deadline - start
            if job.ticket.is_abandoned:
                continue
            if left <= 0:
                late.append(job)
                continue
            if not jobs and lane.seconds_per_row > 0:
                limit = max(1, min(limit, int(min(self._batch_seconds, left) / lane.seconds_per_row)))
            jobs.append(job)
        nearest = min((job.deadline for job in jobs), default=0.0)
        return _Batch(lane, jobs, nearest, self._share(lane, len(jobs), start)), late

    def _share(self, lane: _Lane, n_rows: int, start: float) -> float:
        """Return the time that a batch may take, so that the rows behind it can be explained before their deadlines."""
        if not lane.engine.can_stop_early:
            return math.inf
        each = math.inf  # time for each row, if the threads do nothing else until the deadlines
        for count, job in enumerate(sorted(lane.jobs), n_rows + 1):
            if job.deadline > start:
                each = min(each, (job.deadline - start) * len(self._threads) / count)
        if lane.seconds_per_row <= _ENOUGH * each:
            return math.inf
        return n_rows * max(_SHARE * each, _LEAST_SHARE * lane.seconds_per_row)

    def _explain(self, batch: _Batch) -> None:
        """Explain a batch. If it fails, explain its rows one by one, so that one bad row spoils no other."""
        if not batch.jobs:
            return
        lane, jobs, start = batch.lane, batch.jobs, now()
        for job in jobs:
            job.ticket.started = job.ticket.started or start
        left = batch.nearest - self._reserve_seconds - start
        allowed = min(left, batch.share)
        try:
            answers = lane.engine(np.stack([job.row for job in jobs]), allowed)
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].ticket.fail(error)
            else:
                for job in jobs:
                    self._explain(_Batch(lane, [job], batch.nearest, batch.share))
            return
        seconds = now() - start
        with self._changed:
            n_complete = sum(answer.is_complete for answer in answers)
            if n_complete == len(jobs):
                lane.learn(seconds, len(jobs))
            elif len(jobs) > 1 and allowed == left:  # what a row costs was underestimated
                lane.learn(seconds, max(1, n_complete))
        again: list[_Job] = []
        for job, answer in zip(jobs, answers, strict=True):
            has_time = job.deadline > batch.nearest and job.deadline - self._reserve_seconds > now()
            is_final = answer.is_complete or not has_time or (allowed < left and answer.values is not None)
            job.ticket.put(job.index, answer, final=is_final)
            if not is_final:
                again.append(job)
        with self._changed:
            for job in again:
                heapq.heappush(lane.jobs, job)
            self._n_waiting += len(again)
            self._changed.notify(len(again))
        self._on_batch(lane.engine.name, len(jobs), seconds, sum(answer.n_model_rows for answer in answers))
