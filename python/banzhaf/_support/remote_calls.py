# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What calls in workers need: few threads, answers of their own, and exceptions that reach the caller."""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import secrets
import traceback
from typing import Any

__all__ = ["RemoteTraceback", "limit_threads", "owned", "portable", "process"]

# What numerical libraries read for their number of threads. banzhaf reads the first.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_TOKEN = secrets.token_hex(8)


def process() -> tuple[int, str]:
    """Name this process. Another machine may have one with the same number, and a forked one has the same token."""
    return os.getpid(), _TOKEN


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
    """Copy an array, tensor or list that a game or model returned, which it may use again before it is read."""
    for name in ("copy", "clone"):
        method = getattr(answer, name, None)
        if callable(method):
            return method()
    return answer


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
