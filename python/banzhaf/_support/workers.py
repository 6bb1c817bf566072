# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Executors, also those that are made again after a worker was lost, and what workers need."""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import secrets
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

__all__ = ["RemoteTraceback", "Workers", "executor_of", "limit_threads", "owned", "portable"]

MOST_RENEWALS = 3  # without an answer in between
_UNKNOWN_WORKERS = 32
# What numerical libraries read for their number of threads. banzhaf reads the first.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


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
    """

    def __init__(self, given: Any) -> None:
        makes = isinstance(given, type) or not callable(getattr(given, "submit", None))
        self._make: Callable[[], Executor] | None = given if makes else None
        self._executor: Any = None if makes else given
        self._n_renewed = 0
        self._run, self._n_calls = secrets.token_hex(16), 0

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

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Hand a call to the executor."""
        self._n_calls += 1
        future: Future[Any] = self.executor.submit(_unlike_others, *arguments, function, (self._run, self._n_calls))
        return future

    def answered(self) -> None:
        """Note that a call has answered, so that the executor works."""
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
        self.close()

    def close(self) -> None:
        """Shut down an executor that was made here."""
        if self._make is not None and self._executor is not None:
            executor, self._executor = self._executor, None
            with contextlib.suppress(Exception):  # a broken one may refuse
                executor.shutdown(wait=False)


def _unlike_others(*given: Any) -> Any:
    """Call a function in a worker. The last argument makes each call unlike others, which Dask would take for one."""
    *arguments, function, _ = given
    return function(*arguments)


@functools.cache
def limit_threads(threads: int) -> None:
    """Limit the threads of this process's numerical libraries, unless its environment says something."""
    if "OMP_NUM_THREADS" in os.environ:
        return
    for name in _THREAD_VARIABLES:
        os.environ.setdefault(name, str(threads))
    with contextlib.suppress(ImportError):  # libraries that are loaded already need more than the environment
        from threadpoolctl import threadpool_limits

        threadpool_limits(threads)


def owned(answer: Any) -> Any:
    """Copy an array that a game or model returned, which it may use again before the answer is taken."""
    return answer.copy() if isinstance(answer, np.ndarray) else answer


class RemoteTraceback(Exception):
    """Carries the text of a traceback from another process, as the cause of the exception."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def portable(error: BaseException) -> tuple[BaseException, str]:
    """Make an exception picklable, because a pool waits for ever on one that is not, and format its traceback."""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    try:
        if type(pickle.loads(pickle.dumps(error))) is type(error):
            return error, trace
    except Exception:
        pass
    return RuntimeError(f"{type(error).__name__}: {error}"), trace
