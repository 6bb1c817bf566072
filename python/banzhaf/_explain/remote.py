# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Evaluate a model on parts of each batch in the workers of an executor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from banzhaf._explain.models import Model
from banzhaf._support.remote_calls import RemoteTraceback, owned, portable, process
from banzhaf._support.workers import Lacking, Workers

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["RemoteModel"]

_LEAST_PARTS = 16  # of a batch, so that all workers get some
_MOST_ROWS = 256  # in one call, unless the user says otherwise
_MOST_TRIES = 3  # of a part whose worker was lost


class _Answer(NamedTuple):
    """What a worker returns: outputs, or an exception of the model."""

    outputs: Any = None
    error: BaseException | None = None
    trace: str | None = None
    output_names: tuple[str, ...] | None = None


class RemoteModel:
    """A model whose calls go to an executor.

    Parameters
    ----------
    model : Model
        The model.
    workers : Workers
        Where it is called. They were made for this model.
    part_rows : int
        Largest number of rows in one call; 0 takes sixteen parts of a batch, of at most 256 rows each.
    """

    def __init__(self, model: Model, workers: Workers, part_rows: int) -> None:
        self.model, self.workers, self._part_rows = model, workers, part_rows
        self.output_names = model.output_names

    def __call__(self, rows: NDArray[Any], decode: Callable[[NDArray[Any]], Any]) -> list[tuple[Any, int]]:
        """Return what the model returns for each part of the rows in order, with the number of rows in it.

        An exception of the model is raised as itself, once all calls that have begun have ended.
        """
        size = self._part_rows or min(_MOST_ROWS, -(-len(rows) // _LEAST_PARTS))
        starts = range(0, len(rows), size)
        return _Round(self, [rows[a : a + size] for a in starts], decode).run()


class _Round:
    """The parts of one batch."""

    def __init__(self, owner: RemoteModel, parts: list[NDArray[Any]], decode: Callable[[NDArray[Any]], Any]) -> None:
        self._owner, self._parts, self._decode = owner, parts, decode
        self._answers: list[Any] = [None] * len(parts)
        self._waiting = deque(range(len(parts)))
        self._tries = [0] * len(parts)
        self._lacking: dict[int, Lacking] = {}  # what the workers of parts answered
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
                call = workers.submit(_evaluate, table, process(), lacking=self._lacking.pop(i, None))
                self._flight[call] = i, executor
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
        if isinstance(answer, Lacking):
            self._lacking[i] = answer
            self._waiting.appendleft(i)
            return
        self._owner.workers.answered()
        if answer.error is not None:
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


def _evaluate(model: Model, table: Any, home: tuple[int, str]) -> _Answer:
    """Call the model, in a worker."""
    try:
        return _Answer(owned(model.predict(table)), output_names=model.output_names)
    except Exception as error:
        return _Answer(None, error) if process() == home else _Answer(None, *portable(error))
