# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""One service: what it has loaded, its queue, and the states from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from . import engines, logs
from .batcher import CUT_OFF, Answer, Batcher, Closed, QueueFull, Ticket, now
from .engines import Loaded
from .inputs import Refused
from .metrics import Metrics
from .settings import Settings

_TICK = 0.02
_SWITCH_SECONDS = 0.001  # the default of 5 ms lets a thread that computes delay an answer that is ready

# A service starts, is ready, leaves (it still serves, but tells load balancers not to send more), and is closed.
STARTING, READY, LEAVING, CLOSED, FAILED = "starting", "ready", "leaving", "closed", "failed"


@dataclass(frozen=True)
class Explained:
    """The answers to one request. Rows for which the deadline left no time have no values."""

    rows: list[Answer]
    waited: float | None  # seconds until the first batch, if there was one

    @property
    def n_missing(self) -> int:
        """Number of rows without values."""
        return sum(row.values is None for row in self.rows)

    @property
    def is_complete(self) -> bool:
        """Whether every row has values."""
        return self.n_missing == 0

    @property
    def missing(self) -> str:
        """What to tell a client whose rows are not complete."""
        return f"the deadline left {self.n_missing} of {len(self.rows)} rows without values"

    @property
    def n_model_rows(self) -> int:
        """Model evaluations of all rows."""
        return sum(row.n_model_rows for row in self.rows)


class Service:
    """What the routes of one application share. A process that serves several applications has several of these."""

    def __init__(self, settings: Settings, load: Callable[[Settings], Loaded] = engines.load) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.state = STARTING
        self.failure = ""
        self._load = load
        self._loaded: Loaded | None = None
        self._batcher: Batcher | None = None

    @property
    def is_ready(self) -> bool:
        """Whether load balancers should send requests."""
        return self.state == READY

    @property
    def loaded(self) -> Loaded:
        """The model, which a request needs. Without it the request is refused."""
        if self._loaded is None or self.state not in (READY, LEAVING):
            text = {CLOSED: "is shutting down", FAILED: "has failed to start"}.get(self.state, "is not ready yet")
            raise Refused(503, f"the service {text}", Retry_After="1", Connection="close")
        return self._loaded

    def prepare(self) -> None:
        """Load the model and warm up, in a thread beside the server, so that health checks are answered meanwhile."""
        start = now()
        settings = self.settings
        try:
            sys.setswitchinterval(_SWITCH_SECONDS)
            loaded = self._load(settings)
            batcher = Batcher(
                list(loaded.engines.values()),
                n_threads=settings.threads,
                max_queue_rows=settings.max_queue_rows,
                max_batch_rows=settings.max_batch_rows,
                batch_seconds=settings.batch_ms / 1000,
                wait_seconds=settings.wait_ms / 1000,
                reserve_seconds=settings.reserve_ms / 1000,
                nice=settings.nice,
                on_batch=self.metrics.batch,
            )
            engines.warm_up(loaded, batcher.learn)
        except Exception as error:
            self.state, self.failure = FAILED, f"{type(error).__name__}: {error}"
            logs.event("start failed", level=40, exc_info=error)
            return
        self._loaded, self._batcher = loaded, batcher
        self.metrics.watch(lambda: batcher.n_waiting)
        if self.state == STARTING:
            self.state = READY
            self.metrics.set_ready(True)
        logs.event("ready", model=loaded.name, version=loaded.version, seconds=round(now() - start, 3))

    async def explain(self, engine: str, rows: NDArray[Any], deadline: float) -> Explained:
        """Queue rows and wait for their answers, but hardly longer than the deadline."""
        if self._batcher is None or self.state not in (READY, LEAVING):
            raise Refused(503, "the service is shutting down", Retry_After="1", Connection="close")
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def tell() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the client's connection with it
                loop.call_soon_threadsafe(done.set)

        try:
            ticket = self._batcher.submit(engine, rows, deadline, tell)
        except QueueFull as full:
            retry = str(max(1, math.ceil(full.retry_after)))
            raise Refused(503, "the queue is full: try again later", Retry_After=retry) from None
        except Closed:
            raise Refused(503, "the service is shutting down", Retry_After="1", Connection="close") from None
        arrival = now()
        try:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(done.wait(), max(0.0, deadline + self.settings.grace_ms / 1000 - arrival))
        finally:
            ticket.abandon()
        return self._explained(engine, ticket, arrival)

    def _explained(self, engine: str, ticket: Ticket, arrival: float) -> Explained:
        """Take the answers that there are, and count them."""
        if isinstance(ticket.error, Closed):
            raise Refused(503, "the service is shutting down", Retry_After="1", Connection="close")
        if ticket.error is not None:
            raise ticket.error
        waited = None if ticket.started is None else max(0.0, ticket.started - arrival)
        found = Explained([answer or CUT_OFF for answer in ticket.answers], waited)
        for row in found.rows:
            self.metrics.rows.labels(engine, row.stopped).inc()
        if found.waited is not None:
            self.metrics.wait.observe(found.waited)
        if not found.is_complete:
            self.metrics.deadline_misses.inc()
        return found

    async def leave(self) -> None:
        """Tell load balancers, wait for them to notice, then take no more requests and finish those that wait."""
        if self.state in (LEAVING, CLOSED):
            return
        self.state = LEAVING
        self.metrics.set_ready(False)
        logs.event("leaving")
        await asyncio.sleep(self.settings.drain_seconds)
        self.state = CLOSED
        end = now() + self.settings.close_seconds
        while self._batcher is not None and not self._batcher.is_idle and now() < end:
            await asyncio.sleep(_TICK)

    def close(self) -> None:
        """End the threads. What still waits is refused."""
        self.state = CLOSED
        self.metrics.set_ready(False)
        finished = self._batcher is None or self._batcher.close(self.settings.close_seconds)
        logs.event("closed", all_finished=finished)
