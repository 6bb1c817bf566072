# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Evaluate what a desk hands out with an awaitable game, in the event loop that runs."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

from banzhaf._estimate.desk import Desk, Unit
from banzhaf._estimate.per_coalition import PerCoalition
from banzhaf._estimate.work import Limits, called, keep_answers, renewing, settle
from banzhaf._support.remote_calls import owned

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
    if isinstance(game, PerCoalition):
        answer = game.call(unit.coalitions[0], None if unit.repeat is None else int(unit.repeat[0]))
    else:
        answer = called(game, unit.coalitions.copy(), unit.repeat)
    if not inspect.isawaitable(answer):
        raise _NotAwaitableError(
            f"game must return an awaitable, got {type(answer).__name__}: declare it with async def, or call "
            "banzhaf.estimate"
        )
    try:
        worth = owned(await asyncio.wait_for(answer, timeout))
    except asyncio.TimeoutError:
        if timeout is None:
            raise
        raise TimeoutError(f"a call of game took longer than timeout={timeout} s") from None
    return [worth] if single else worth


class _NotAwaitableError(TypeError):
    """A game that cannot be awaited, which no further try changes."""


def _collect(done: set[asyncio.Task[Any]], tasks: dict[asyncio.Task[Any], Unit], desk: Desk, limits: Limits) -> None:
    end: BaseException | None = None
    ended = []
    for task in done:
        unit = tasks.pop(task)
        if task.cancelled():
            end = end or asyncio.CancelledError()
            desk.give_back(unit)
        else:
            ended.append((unit, task))
    settle(desk, limits, ended, _NotAwaitableError, end)


async def _cancel(tasks: dict[asyncio.Task[Any], Unit], desk: Desk) -> None:
    """Cancel the calls in flight, and keep the worths of those that had just ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.gather(*tasks, return_exceptions=True)
    keep_answers(desk, [(unit, task) for task, unit in tasks.items()])
