# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Evaluate what a desk hands out with an awaitable game, in the event loop that runs."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import Callable
from typing import Any

from banzhaf._estimate.desk import Desk, Unit
from banzhaf._estimate.per_coalition import PerCoalition
from banzhaf._estimate.work import Limits, check_failures, renewing

__all__ = ["work_async"]

_POLL_SECONDS = 0.1


async def work_async(
    game: Callable[[Any], Any], desk: Desk, limits: Limits, *, stop: Callable[[], bool] = lambda: False
) -> None:
    """Evaluate coalitions until none is left or `stop` says so, with a limit of calls in flight.

    Whatever ends the run, worths that were made are stored, and the rest is given back.
    """
    end = time.monotonic() + limits.seconds
    size = 1 if isinstance(game, PerCoalition) else limits.batch_size or 1
    most = limits.max_in_flight or 16
    tasks: dict[asyncio.Task[Any], Unit] = {}
    try:
        with renewing(desk):
            while True:
                more = time.monotonic() < end and not stop()
                while more and len(tasks) < most and (unit := desk.next(size)) is not None:
                    tasks[asyncio.ensure_future(_call(game, unit, limits.timeout))] = unit
                if not tasks:
                    desk.flush()
                    if not more or desk.finished():
                        return
                    await asyncio.sleep(_POLL_SECONDS)  # others hold the rest
                    continue
                done, _ = await asyncio.wait(tasks, timeout=_POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                _collect(done, tasks, desk, limits)
                if not done:
                    desk.flush()
    except BaseException:
        await _cancel(tasks, desk)
        raise
    finally:
        desk.end()


async def _call(game: Callable[[Any], Any], unit: Unit, timeout: float | None) -> Any:
    """Await one call. A call that takes too long is cancelled."""
    single = isinstance(game, PerCoalition)
    answer = game.call(unit.coalitions[0]) if isinstance(game, PerCoalition) else game(unit.coalitions.copy())
    if not inspect.isawaitable(answer):
        raise _NotAwaitableError(
            f"game must return an awaitable, got {type(answer).__name__}: declare it with async def, or call "
            "banzhaf.estimate"
        )
    try:
        worth = await asyncio.wait_for(answer, timeout)
    except asyncio.TimeoutError:
        if timeout is None:
            raise
        raise TimeoutError(f"a call of game took longer than timeout={timeout} s") from None
    return [worth] if single else worth


class _NotAwaitableError(TypeError):
    """A game that cannot be awaited, which no further try changes."""


def _collect(done: set[asyncio.Task[Any]], tasks: dict[asyncio.Task[Any], Unit], desk: Desk, limits: Limits) -> None:
    """Take the answers first, and raise only then, so that no answer is lost."""
    end: BaseException | None = None
    failures = []
    for task in done:
        unit = tasks.pop(task)
        if task.cancelled():
            end = end or asyncio.CancelledError()
            desk.give_back(unit)
        elif (error := task.exception()) is not None:
            failures.append((unit, error))
        else:
            try:
                desk.take(unit, task.result())
            except BaseException as wrong:
                end = end or wrong
                desk.give_back(unit)
    for unit, error in failures:
        if end is not None or isinstance(error, _NotAwaitableError) or not isinstance(error, Exception):
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


async def _cancel(tasks: dict[asyncio.Task[Any], Unit], desk: Desk) -> None:
    """Cancel the calls in flight, and keep the worths of those that had just ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.gather(*tasks, return_exceptions=True)
    for task, unit in tasks.items():
        if not task.cancelled() and task.exception() is None:
            with contextlib.suppress(Exception):  # what ended the run is raised already
                desk.take(unit, task.result())
