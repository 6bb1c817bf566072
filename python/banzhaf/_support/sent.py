# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Send a game or model to each worker of an executor once, instead of with every call."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import pickle
import secrets
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from banzhaf._support.remote_calls import RemoteTraceback, limit_threads, portable, process

__all__ = ["Lacking", "Sent"]

_SMALL = 2**14  # bytes that go with every call, because a question costs more
_MOST_KEPT = 4  # things that a worker keeps
_MOST_BYTES = 2**30  # of their pickles, beside the newest one
_ENGINES = ("distributed", "joblib", "loky", "mpi4py")  # whose calls cost more than a pickle
_CLOUDPICKLES = ("cloudpickle", "joblib.externals.cloudpickle", "ray.cloudpickle", "pyspark.cloudpickle")


class Lacking(NamedTuple):
    """What a worker answers if it does not have the thing."""

    worker: tuple[int, str]
    number: int  # of the call
    kept: tuple[str, ...]  # what it has instead


class _Names(NamedTuple):
    """The names of a thing: in the process that sends it, and by its content once it is pickled."""

    here: str
    content: str | None


class _Kept(threading.local):
    """What this thread was sent. Other threads have copies of their own, so that no two calls share one."""

    def __init__(self) -> None:
        self.things: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self.token = secrets.token_hex(8)


_here: dict[str, Any] = {}  # what calls in this process use
_kept = _Kept()


class Sent:
    """A game or model that calls in workers use.

    It is pickled at most once. A worker that answers `Lacking` gets it, and keeps it for later calls. Threads find it
    in this process, so it is never pickled for them. Once it is pickled, a small one goes with every call.

    Parameters
    ----------
    thing : object
        The game or model.
    noun : str
        What errors call it.
    threads : int or None
        Number of threads that numerical libraries use in a worker process, unless its environment says something.
    """

    def __init__(self, thing: Any, noun: str, threads: int | None) -> None:
        self._thing, self._noun, self._threads = thing, noun, threads
        self._names = _Names(secrets.token_hex(16), None)
        self._content: bytes | None = None
        self._has_tried = False
        self._run, self._n_calls = secrets.token_hex(8), 0
        self._sent_at: dict[tuple[int, str], int] = {}  # the call that took the content, for each worker that asked
        _here[self._names.here] = thing

    def forget(self) -> None:
        """Let later calls in this process find nothing."""
        _here.pop(self._names.here, None)

    def call(
        self, executor: Any, function: Callable[..., Any], arguments: tuple[Any, ...], lacking: Lacking | None
    ) -> tuple[Any, ...]:
        """Return a function and its arguments, with which a worker calls ``function(thing, *arguments)``.

        `lacking` is what a worker answered to the same call before. Raises TypeError if the thing cannot be pickled.
        """
        self._n_calls += 1
        if lacking is not None and self._content is None:
            self._pickle(executor)
        elif not self._has_tried and type(executor).__module__.partition(".")[0] in _ENGINES:
            with contextlib.suppress(TypeError):  # its workers may be threads of this process
                self._pickle(executor)
        content = self._content
        if content is not None and len(content) > _SMALL and not (lacking is not None and self._must_send(lacking)):
            content = None
        # The number also makes each call unlike others. Dask takes equal calls for one.
        number = self._run, self._n_calls
        return _call, function, arguments, self._names, content, process(), self._threads, number

    def _pickle(self, executor: Any) -> None:
        self._has_tried = True
        plain_first = any(each.__module__ == "concurrent.futures.process" for each in type(executor).__mro__)
        self._content = _pickled(self._thing, self._noun, plain_first)
        self._names = self._names._replace(content=hashlib.sha256(self._content).hexdigest())

    def _must_send(self, lacking: Lacking) -> bool:
        """Whether a worker that asked needs the content. It may be on its way, because of an earlier question."""
        if self._names.content in lacking.kept:
            return False
        if lacking.number < self._sent_at.get(lacking.worker, -1):
            return False
        self._sent_at[lacking.worker] = self._n_calls
        return True


def _call(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    names: _Names,
    content: bytes | None,
    home: tuple[int, str],
    threads: int | None,
    number: tuple[str, int],
) -> Any:
    """Call a function in a worker. A worker process uses few threads, because there are many of its kind."""
    with _as_worker(home, threads):
        if names.here in _here:
            return function(_here[names.here], *arguments)
        if names.content is None or (content is None and names.content not in _kept.things):
            return Lacking((os.getpid(), _kept.token), number[1], tuple(_kept.things))
        return function(_thing_of(names.content, content), *arguments)


@contextlib.contextmanager
def _as_worker(home: tuple[int, str], threads: int | None) -> Iterator[None]:
    """Limit the threads of a worker process, and make exceptions that leave it picklable."""
    if process() == home:
        yield
        return
    if threads is not None:
        limit_threads(threads)
    try:
        yield
    except Exception as error:
        safe, trace = portable(error)
        if safe is error:
            raise
        raise safe from RemoteTraceback(trace)


def _thing_of(name: str, content: bytes | None) -> Any:
    """Return what was sent to this thread under a name, now or before."""
    things = _kept.things
    if name not in things and content is not None:
        things[name] = pickle.loads(content), len(content)
        while len(things) > 1 and (len(things) > _MOST_KEPT or sum(size for _, size in things.values()) > _MOST_BYTES):
            things.popitem(last=False)
    things.move_to_end(name)
    return things[name][0]


def _pickled(thing: Any, noun: str, plain_first: bool) -> bytes:
    """Pickle a thing as its executor does, or in another way if that fails.

    The standard library's pool takes what its processes can import, so that exceptions arrive as themselves. Other
    pools send functions of a notebook by value, each with its own copy of cloudpickle.
    """
    loaded = [name for name in _CLOUDPICKLES if name in sys.modules]
    ways = [*loaded, "pickle", "cloudpickle"]
    if plain_first:
        ways.insert(0, "pickle")
    first: Exception | None = None
    for way in dict.fromkeys(ways):
        try:
            content: bytes = importlib.import_module(way).dumps(thing, pickle.HIGHEST_PROTOCOL)
            return content
        except Exception as error:
            first = first or error
    raise TypeError(
        f"{noun} cannot be sent to the executor's processes: {type(first).__name__}: {first}. Define it in a "
        "module, install cloudpickle, or use an executor of threads"
    ) from first
