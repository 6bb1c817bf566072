# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Executors, also those that are made again after a worker was lost, and the game or model that their calls use."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from banzhaf._support.sent import Lacking, Sent

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

__all__ = ["Lacking", "Workers", "executor_of"]

MOST_RENEWALS = 3  # without an answer in between
_UNKNOWN_WORKERS = 32


def executor_of(given: Any) -> Any:
    """Check an executor, or what makes one."""
    if given is None or callable(given) or callable(getattr(given, "submit", None)):
        return given
    raise TypeError(
        "executor must have the method submit, like those of concurrent.futures, or be a function that makes one, got "
        f"{type(given).__name__}"
    )


class Workers:
    """An executor, or a function that makes one, which is called again if the executor breaks.

    Parameters
    ----------
    given : Executor or callable
        What `executor_of` has checked. An executor stays open at the end; one that was made here is shut down.
    thing : object
        The game or model, which is the first argument of every call. Each worker gets it once.
    noun : str
        What errors call it.
    threads : int or None, default 1
        Number of threads that numerical libraries use in a worker process. None changes nothing.
    """

    def __init__(self, given: Any, thing: Any, noun: str, threads: int | None = 1) -> None:
        makes = isinstance(given, type) or not callable(getattr(given, "submit", None))
        self._make: Callable[[], Executor] | None = given if makes else None
        self._executor: Any = None if makes else given
        self._n_renewed = 0
        self._sent = Sent(thing, noun, threads)

    @property
    def executor(self) -> Any:
        """The executor, which is made when it is first needed."""
        if self._executor is None and self._make is not None:
            made: Any = self._make()
            if not callable(getattr(made, "submit", None)):
                raise TypeError(
                    "executor must return an object with the method submit when it is called, got "
                    f"{type(made).__name__}"
                )
            self._executor = made
        return self._executor

    @property
    def n_in_flight(self) -> int:
        """How many calls an executor gets at one time: two for each worker, so that none waits."""
        workers = getattr(self.executor, "_max_workers", None)
        return 2 * (workers if isinstance(workers, int) and workers > 0 else _UNKNOWN_WORKERS)

    def submit(self, function: Callable[..., Any], *arguments: Any, lacking: Lacking | None = None) -> Future[Any]:
        """Hand the call ``function(thing, *arguments)`` to the executor.

        If the worker does not have the thing, it answers `Lacking`. Then submit the call again with this answer.
        Raises TypeError if the thing cannot be sent.
        """
        executor = self.executor
        future: Future[Any] = executor.submit(*self._sent.call(executor, function, arguments, lacking))
        return future

    def answered(self) -> None:
        """Note that a call has answered with more than `Lacking`, so that the executor works."""
        self._n_renewed = 0

    def renew(self, broken: Any, error: BaseException) -> None:
        """Make another executor in place of a broken one, or raise its error if that is not possible."""
        if broken is not self._executor:
            return  # done already
        if self._make is None:
            raise error
        self._n_renewed += 1
        if self._n_renewed > MOST_RENEWALS:
            raise error
        self._shut_down()

    def close(self) -> None:
        """Shut down an executor that was made here, and forget the game or model."""
        self._sent.forget()
        self._shut_down()

    def _shut_down(self) -> None:
        if self._make is not None and self._executor is not None:
            executor, self._executor = self._executor, None
            with contextlib.suppress(Exception):  # a broken one may refuse
                executor.shutdown(wait=False)
