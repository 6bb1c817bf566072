# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Evaluate a model on parts of each batch in the workers of an executor."""

from __future__ import annotations

import hashlib
import os
import pickle
import secrets
import sys
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from banzhaf._explain.models import Model
from banzhaf._support.workers import RemoteTraceback, Workers, limit_threads, owned, portable

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["RemoteModel"]

_LEAST_PARTS = 16  # of a batch, so that all workers get some
_MOST_ROWS = 256  # in one call, unless the user says otherwise
_MOST_TRIES = 3  # of a part whose worker was lost
_MOST_KEPT = 4  # models that a worker process keeps

_here: dict[str, Model] = {}  # models of calls that run in this process
_kept: OrderedDict[str, Model] = OrderedDict()  # models that were sent to this process


class _Answer(NamedTuple):
    """What a worker returns: outputs, an exception of the model, or neither if it does not have the model yet."""

    outputs: Any = None
    error: BaseException | None = None
    trace: str | None = None
    output_names: tuple[str, ...] | None = None
    lacks_model: bool = False
    kept: tuple[str, ...] = ()  # the models that it has instead


class RemoteModel:
    """A model whose calls go to an executor.

    The model is sent to a worker only if it answers that it does not have it. Threads find it in this process, so it is
    never pickled for them.

    Parameters
    ----------
    model : Model
        The model. It is pickled at most once in the lifetime of this object.
    workers : Workers
        Where it is called.
    part_rows : int
        Largest number of rows in one call; 0 takes sixteen parts of a batch, of at most 256 rows each.
    """

    def __init__(self, model: Model, workers: Workers, part_rows: int) -> None:
        self.model, self.workers, self._part_rows = model, workers, part_rows
        self._here = secrets.token_hex(16)  # its name in this process
        self._pickled: tuple[str, bytes] | None = None  # with a name by content, so that later calls find it
        self.output_names = model.output_names

    def __enter__(self) -> RemoteModel:
        """Let threads of this process find the model."""
        _here[self._here] = self.model
        return self

    def __exit__(self, *_: object) -> None:
        """Forget the model."""
        _here.pop(self._here, None)

    def __call__(self, rows: NDArray[Any], decode: Callable[[NDArray[Any]], Any]) -> list[tuple[Any, int]]:
        """Return what the model returns for each part of the rows in order, with the number of rows in it.

        An exception of the model is raised as itself, once all calls that have begun have ended.
        """
        size = self._part_rows or min(_MOST_ROWS, -(-len(rows) // _LEAST_PARTS))
        starts = range(0, len(rows), size)
        return _Round(self, [rows[a : a + size] for a in starts], decode).run()

    def submit(self, table: Any, with_model: bool) -> Future[Any]:
        """Hand a part to the executor."""
        if self._pickled is None:
            return self.workers.submit(_evaluate, self._here, None, table, os.getpid())
        name, content = self._pickled
        return self.workers.submit(_evaluate, name, content if with_model else None, table, os.getpid())

    def must_send(self, kept: tuple[str, ...]) -> bool:
        """Whether a worker that has these models must be sent this one."""
        if self._pickled is None:
            content = _pickled(self.model)
            self._pickled = hashlib.sha256(content).hexdigest(), content
        return self._pickled[0] not in kept


class _Round:
    """The parts of one batch."""

    def __init__(self, owner: RemoteModel, parts: list[NDArray[Any]], decode: Callable[[NDArray[Any]], Any]) -> None:
        self._owner, self._parts, self._decode = owner, parts, decode
        self._answers: list[Any] = [None] * len(parts)
        self._waiting = deque(range(len(parts)))
        self._tries = [0] * len(parts)
        self._lacking: set[int] = set()  # parts whose worker did not have the model
        self._flight: dict[Future[Any], tuple[int, Any]] = {}  # with the executor
        self._failure: BaseException | None = None

    def run(self) -> list[tuple[Any, int]]:
        from concurrent.futures import FIRST_COMPLETED, wait

        try:
            while self._flight or (self._waiting and self._failure is None):
                self._fill()
                if self._flight:
                    for future in wait(self._flight, return_when=FIRST_COMPLETED).done:
                        self._take(future)
                if self._failure is not None:
                    for future in list(self._flight):
                        if future.cancel():
                            del self._flight[future]
        except BaseException:
            for future in self._flight:
                future.cancel()
            raise
        if self._failure is not None:
            raise self._failure
        return [(answer, len(part)) for answer, part in zip(self._answers, self._parts, strict=True)]

    def _fill(self) -> None:
        from concurrent.futures import BrokenExecutor

        workers = self._owner.workers
        while self._failure is None and self._waiting and len(self._flight) < workers.n_in_flight:
            i = self._waiting.popleft()
            table, executor = self._decode(self._parts[i]), workers.executor
            try:
                self._flight[self._owner.submit(table, i in self._lacking)] = i, executor
            except BrokenExecutor as error:
                self._waiting.appendleft(i)
                self._renew(executor, error)

    def _take(self, future: Future[Any]) -> None:
        from concurrent.futures import BrokenExecutor, CancelledError

        i, executor = self._flight.pop(future)
        try:
            answer = future.result()
        except (BrokenExecutor, CancelledError) as error:
            self._waiting.appendleft(i)
            self._renew(executor, error)
            return
        except Exception as error:  # the executor's own: a worker was lost, or something could not be sent
            self._tries[i] += 1
            self._waiting.appendleft(i)
            if self._tries[i] >= _MOST_TRIES:
                self._failure = self._failure or error
            return
        self._owner.workers.answered()
        if answer.lacks_model:
            self._waiting.appendleft(i)
            try:
                if self._owner.must_send(answer.kept):
                    self._lacking.add(i)
            except Exception as error:
                self._failure = self._failure or error
        elif answer.error is not None:
            if answer.trace is not None:
                answer.error.__cause__ = RemoteTraceback(answer.trace)
            self._failure = self._failure or answer.error
        else:
            self._answers[i] = answer.outputs
            self._owner.output_names = self._owner.output_names or answer.output_names

    def _renew(self, executor: Any, error: BaseException) -> None:
        try:
            self._owner.workers.renew(executor, error)
        except BaseException as broken:
            self._failure = self._failure or broken


def _evaluate(token: str, pickled: bytes | None, table: Any, home: int) -> _Answer:
    """Call the model, in a worker. A worker process uses one thread, because there are many of its kind."""
    is_home = os.getpid() == home
    if not is_home:
        limit_threads(1)
    try:
        model = _here.get(token) or _model_of(token, pickled)
        if model is None:
            return _Answer(lacks_model=True, kept=tuple(_kept))
        return _Answer(owned(model.predict(table)), output_names=model.output_names)
    except Exception as error:
        return _Answer(None, error) if is_home else _Answer(None, *portable(error))


def _model_of(token: str, pickled: bytes | None) -> Model | None:
    """Return the model that was sent to this process under this name, now or before."""
    if token not in _kept:
        if pickled is None:
            return None
        _kept[token] = pickle.loads(pickled)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return _kept[token]


def _pickled(model: Model) -> bytes:
    """Pickle a model: with cloudpickle if something has loaded it, because it takes more, or if pickle fails."""
    if "cloudpickle" in sys.modules:
        return _by_cloudpickle(model)
    try:
        return pickle.dumps(model, pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        try:
            return _by_cloudpickle(model)
        except Exception:
            raise TypeError(
                f"model cannot be sent to the executor's processes: {type(error).__name__}: {error}. Define it in a "
                "module, install cloudpickle, or use an executor of threads"
            ) from error


def _by_cloudpickle(model: Model) -> bytes:
    import cloudpickle

    content: bytes = cloudpickle.dumps(model)
    return content
