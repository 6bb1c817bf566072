# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Games made from a function of one coalition, called one after the other or through the map of a pool."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from banzhaf._support import arguments as check
from banzhaf._support.bridge import Returned
from banzhaf._support.remote_calls import RemoteTraceback, owned, portable

Map = Callable[[Callable[[Any], Any], list[Any]], Iterable[Any]]

_BATCH = 64
_MOST_NAMED = 20


def _bits(row: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(row, bitorder="little").tobytes(), "little")


# What the function receives instead of a boolean row. No result shares memory with the row.
_FORMS: dict[str, Callable[[NDArray[np.bool_]], Any]] = {
    "set": lambda row: frozenset(np.flatnonzero(row).tolist()),
    "indices": np.flatnonzero,
    "mask": np.copy,
    "int": lambda row: row.astype(np.int64),
    "bits": _bits,
}


class ByCoalition(ABC):
    """A game that reports each worth as soon as it is known."""

    @abstractmethod
    def __call__(self, coalitions: NDArray[np.bool_]) -> Any:
        """Return the worths of several coalitions, as every game does."""

    @abstractmethod
    def evaluate(self, coalitions: NDArray[np.bool_], finished: Callable[[int, Any], None]) -> None:
        """Report each row and its worth to `finished`."""


class PerCoalition(ByCoalition):
    """A game made from a function of one coalition; `per_coalition` creates it."""

    def __init__(self, function: Any, form: Any, map: Any) -> None:
        if not callable(function):
            raise TypeError(f"f must be a callable that takes one coalition, got {type(function).__name__}")
        if map is not None and not callable(map):
            hint = "; pass its map method" if callable(getattr(map, "map", None)) else ""
            raise TypeError(f"map must be a callable that takes a function and items, got {type(map).__name__}{hint}")
        self._function: Callable[..., Any] = function
        self._form = check.choice("form", form, _FORMS)
        self._map: Map | None = map

    def __call__(
        self, coalitions: NDArray[np.bool_], repeat: NDArray[np.integer[Any]] | None = None
    ) -> NDArray[np.float64]:
        """Return the worths of several coalitions, as every game does."""
        rows = np.asarray(coalitions)
        if rows.ndim != 2 or rows.dtype != bool:
            raise TypeError(
                "coalitions must be a boolean array of shape (m, n_players) for a game made by per_coalition, "
                f"got {rows.dtype} of shape {rows.shape}"
            )
        returned = Returned("game", "coalitions")
        worths: dict[int, NDArray[np.float64]] = {}

        def finished(r: int, worth: Any) -> None:
            worths[r] = returned.one(worth, lambda: name_of(rows[r]))

        self.evaluate(rows, finished, repeat)
        if not worths:
            return np.empty(0)
        table = np.stack([worths[r] for r in range(len(rows))])
        return table if returned.has_outputs_axis else table[:, 0]

    def __repr__(self) -> str:
        """Show the call that makes this game."""
        through = "" if self._map is None else f", map={self._map!r}"
        return f"per_coalition({self._function!r}, {self._form!r}{through})"

    @property
    def function(self) -> Callable[..., Any]:
        """The function of one coalition."""
        return self._function

    def call(self, row: NDArray[np.bool_], repeat: int | None = None) -> Any:
        """Call the function on one coalition, and return what it returns."""
        coalition = _FORMS[self._form](row)
        return self._function(coalition) if repeat is None else self._function(coalition, repeat=repeat)

    @property
    def has_map(self) -> bool:
        """Whether calls go through a map."""
        return self._map is not None

    def batch_size(self, timed: bool) -> int:
        """Choose the size of a batch: 1 for sequential calls under a deadline, which is checked between batches."""
        return 1 if timed and self._map is None else _BATCH

    def evaluate(
        self,
        coalitions: NDArray[np.bool_],
        finished: Callable[[int, Any], None],
        repeat: NDArray[np.integer[Any]] | None = None,
    ) -> None:
        """Call the function on each coalition and report each row and worth to `finished` as soon as it is known.

        With `repeat`, the function gets the number of the repeat as well.
        """
        convert = _FORMS[self._form]
        numbers = None if repeat is None else repeat.tolist()
        if self._map is None:
            for r, row in enumerate(coalitions):
                finished(r, self.call(row, None if numbers is None else numbers[r]))
            return
        reports = _Reports(finished)
        call = _Call(self._function)
        items: list[tuple[Any, ...]] = [(r, convert(row)) for r, row in enumerate(coalitions)]
        if numbers is not None:
            items = [(*item, number) for item, number in zip(items, numbers, strict=True)]
        try:
            for outcome in self._map(call, items):
                if not isinstance(outcome, _Outcome):
                    hint = "; call .result() on each future in it" if hasattr(outcome, "result") else ""
                    raise TypeError(
                        f"map must return the function's result for each item, but returned a "
                        f"{type(outcome).__name__}{hint}"
                    )
                # After a failure, wait for the calls that have begun and keep their worths.
                if not reports.take(outcome):
                    call.stop()
        finally:
            call.stop()
            for outcome in call.outcomes():  # also those that the map has not returned yet
                reports.take(outcome)
        if reports.failure is not None:
            raise reports.failure
        if len(reports.rows) < len(items):
            raise ValueError(f"map must return one result for each item, got {len(reports.rows)} of {len(items)}")


def per_coalition(f: Callable[[Any], Any], form: str, *, map: Map | None = None) -> PerCoalition:
    """Make a game from a function that takes one coalition at a time.

    Each worth is kept as soon as it is known. If the function fails, the exception's attribute ``evaluations`` holds
    all finished ones, even those of an incomplete batch (see `Evaluations`). ``progress=True`` counts single
    coalitions, and a `deadline` waits for at most one call.

    Parameters
    ----------
    f : callable
        Takes a coalition and returns its worth: a number, or an array of shape (n_outputs,). It is called for each
        coalition drawn, even if one is drawn twice. If worths do not change, `functools.cache` can remember them;
        ``"set"`` and ``"bits"`` are hashable.
    form : {"set", "indices", "mask", "int", "bits"}
        What `f` receives, here for players 0 and 2 of four:

        - ``"set"``: ``frozenset({0, 2})``
        - ``"indices"``: ``array([0, 2])``, in ascending order, to select from an array
        - ``"mask"``: ``array([True, False, True, False])``
        - ``"int"``: ``array([1, 0, 1, 0])``, integers 0 and 1
        - ``"bits"``: ``0b0101``, a Python int with bit i for player i

        Calls never share memory.
    map : callable, optional
        ``map(function, items)`` returns the function's result for each item, in any order. Pass the ``map`` of an
        executor of `concurrent.futures`; ``map``, ``imap`` or ``imap_unordered`` of a `multiprocessing` pool; or your
        own function. It receives `batch_size` coalitions at a time, by default 64. For a pool of processes, `f` must be
        picklable. By default `f` is called in this thread, one coalition after the other.

    Returns
    -------
    callable
        A game for `estimate`, `exact`, `monte_carlo` and `msr`. Like every game, it takes a boolean array of shape
        (m, n_players). It can be pickled if `f` and `map` can.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong. Calling the game raises them if `f` returns something wrong, naming the coalition.

    See Also
    --------
    estimate : Estimate the values of the game.
    Evaluations : What an exception carries.

    Notes
    -----
    An exception in `f` reaches the caller unchanged, also from another process. If it cannot be pickled there, a
    RuntimeError names it. Calls that have begun are completed, and their worths are kept. A pool of threads begins no
    call after a failure; a pool of processes completes the items that it was given.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> prices = [3.0, 1.0, 2.0]
    >>> game = banzhaf.per_coalition(lambda players: max((prices[i] for i in players), default=0.0), "set")
    >>> banzhaf.exact(game, 3).values
    array([1.75, 0.25, 0.75])

    Make four calls at a time:

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(4) as pool:
    ...     game = banzhaf.per_coalition(lambda present: present @ np.array(prices), "int", map=pool.map)
    ...     print(banzhaf.estimate(game, 3, budget=8).values)
    [3. 1. 2.]
    """
    return PerCoalition(f, form, map)


def name_of(coalition: NDArray[np.bool_]) -> str:
    """Name a coalition in the same words as the core's errors."""
    members = np.flatnonzero(coalition).tolist()
    more = f", ... ({len(members)} players)" if len(members) > _MOST_NAMED else ""
    return f"coalition {{{', '.join(map(str, members[:_MOST_NAMED]))}{more}}}"


class _Outcome(NamedTuple):
    """The outcome of a call: a worth, an exception (with its traceback's text from another process), or nothing."""

    row: int
    worth: Any = None
    error: BaseException | None = None
    trace: str | None = None
    is_made: bool = True


class _Reports:
    """Reports each worth once and keeps the first failure."""

    def __init__(self, finished: Callable[[int, Any], None]) -> None:
        self._finished = finished
        self.rows: set[int] = set()
        self.failure: BaseException | None = None

    def take(self, outcome: _Outcome) -> bool:
        """Take an outcome, and tell whether nothing has failed so far."""
        if not outcome.is_made or outcome.row in self.rows:
            return self.failure is None
        self.rows.add(outcome.row)
        error = outcome.error
        if error is None:
            try:
                self._finished(outcome.row, outcome.worth)
            except Exception as wrong:  # the worth was refused
                error = wrong
        elif outcome.trace is not None:
            error.__cause__ = RemoteTraceback(outcome.trace)
        if self.failure is None:
            self.failure = error
        return self.failure is None


class _Call:
    """The function that a map applies to each item.

    It returns exceptions instead of raising them, so that no map loses the other results. In its own process it also
    records the outcomes and can be stopped; a pickled copy in another process cannot.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._home: int | None = os.getpid()
        self._outcomes: list[_Outcome] = []
        self._stopped = False

    def __reduce__(self) -> tuple[Any, ...]:
        return _Call, (self._function,), {"_home": None}

    def __call__(self, item: tuple[Any, ...]) -> _Outcome:
        row, coalition, *repeat = item
        if self._stopped:
            return _Outcome(row, is_made=False)
        try:
            worth = self._function(coalition, **({"repeat": repeat[0]} if repeat else {}))
            outcome = _Outcome(row, owned(worth))
        except BaseException as error:  # also SystemExit, which would end a pool's process and leave its caller waiting
            outcome = _Outcome(row, error=error)
        if self._home != os.getpid():
            return _portable(outcome)
        self._outcomes.append(outcome)
        if outcome.error is not None:
            self._stopped = True
        return outcome

    def stop(self) -> None:
        """Make no more calls."""
        self._stopped = True

    def outcomes(self) -> list[_Outcome]:
        """Return the outcomes recorded in this process so far."""
        return list(self._outcomes)


def _portable(outcome: _Outcome) -> _Outcome:
    """Make the outcome's exception picklable."""
    if outcome.error is None:
        return outcome
    error, trace = portable(outcome.error)
    return outcome._replace(error=error, trace=trace)
