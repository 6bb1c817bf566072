# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Between the core and the user's callbacks: checks of what they return, progress, and what is kept when they fail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core


class Evaluations:
    """Coalitions and their worths: what had been computed when a game failed.

    An exception that ends an evaluation carries them as its attribute ``evaluations``.

    Attributes
    ----------
    coalitions : ndarray of bool, shape (m, n_players)
    worths : ndarray of float64, shape (m, n_outputs)
    """

    def __init__(self, run: _core.GameEvaluation | _Kept) -> None:
        self._run = run  # arrays are made when asked for: of 2^27 coalitions they would take seconds and gigabytes

    @cached_property
    def coalitions(self) -> NDArray[np.bool_]:
        """The coalitions, in the order in which they were evaluated."""
        return self._run.coalitions

    @cached_property
    def worths(self) -> NDArray[np.float64]:
        """Their worths."""
        return self._run.worths

    def __len__(self) -> int:
        """Return the number of evaluations."""
        return self._run.n_evaluated

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the arrays in the run's place."""
        return Evaluations, (_Kept(self.coalitions, self.worths, len(self)),)


@dataclass(frozen=True)
class _Kept:
    """What `Evaluations` asks of a run."""

    coalitions: NDArray[np.bool_]
    worths: NDArray[np.float64]
    n_evaluated: int


class Returned:
    """Turns what a callback returns into float64 rows, and sees that it keeps to one shape.

    Parameters
    ----------
    name : {"game", "model"}
        What the user calls the callback.
    items : {"coalitions", "rows"}
        What it is called on.
    """

    def __init__(self, name: str, items: str) -> None:
        self._name = name
        self._items = items
        self._trailing: tuple[int, ...] | None = None

    @property
    def has_outputs_axis(self) -> bool:
        """Whether the callback returns (m, k) rather than (m,)."""
        return bool(self._trailing)

    def __call__(self, returned: Any, n_rows: int) -> NDArray[np.float64]:
        """Check one batch's outputs; return them as (n_rows, n_outputs)."""
        wanted = f"{self._name} must return an array of numbers of shape ({n_rows},) or ({n_rows}, n_outputs)"
        called = f"it was called on {n_rows} {self._items}"
        if returned is None:
            raise TypeError(f"{wanted}: {called} and returned None")
        try:
            array = np.asarray(returned)
        except ValueError as error:
            raise ValueError(f"{wanted}: {called}, and what it returned is no array: {error}") from error
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{wanted}: {called} and returned dtype {array.dtype}")
        if array.ndim not in (1, 2) or len(array) != n_rows or 0 in array.shape:
            raise ValueError(f"{wanted}: {called} and returned shape {array.shape}")
        if self._trailing is None:
            self._trailing = array.shape[1:]
        elif array.shape[1:] != self._trailing:
            before = (n_rows, *self._trailing)
            raise ValueError(
                f"{wanted}, the same in every call: {called}, {before} was due, and returned {array.shape}"
            )
        rows = array if array.ndim == 2 else array[:, np.newaxis]
        return np.ascontiguousarray(rows, dtype=np.float64)


@contextmanager
def progress_bar(wanted: bool, total: int, unit: str) -> Iterator[Callable[..., None]]:
    """Give a function that is told how many evaluations were made, and how many there will be once that is known.

    It draws a tqdm bar if one is wanted.
    """
    if not wanted:
        yield lambda count, total=None: None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError("progress needs tqdm: pip install banzhaf[progress]") from error
    with tqdm(total=total, unit=unit, unit_scale=True) as bar:

        def advance(count: int, total: int | None = None) -> None:
            bar.total = total or bar.total
            bar.update(count)

        yield advance


@contextmanager
def checked(
    game: Callable[[NDArray[np.bool_]], Any], total: int, progress: bool
) -> Iterator[tuple[Callable[[NDArray[np.bool_]], NDArray[np.float64]], Returned]]:
    """Give a game whose worths are checked and whose calls advance a bar, and what is known of its worths' shape."""
    returned = Returned("game", "coalitions")
    with progress_bar(progress, total, " evaluations") as advance:
        n_called = 0

        def called(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
            nonlocal n_called
            n_rows = len(coalitions)
            worths = returned(game(coalitions), n_rows)
            n_called += n_rows
            advance(n_rows)
            return worths

        yield called, returned
        advance(0, n_called)  # fewer than foreseen, if something stopped the run


@contextmanager
def keeping(run: _core.GameEvaluation) -> Iterator[None]:
    """Let any exception carry the evaluations that a run has made."""
    try:
        yield
    except BaseException as error:
        attach(error, "evaluations", Evaluations(run))
        raise


def attach(error: BaseException, name: str, what: Any) -> None:
    """Let an exception carry what was computed before it, and say so."""
    try:
        setattr(error, name, what)
    except AttributeError:  # an exception class that has the name for itself, read-only
        return
    if sys.version_info >= (3, 11):
        error.add_note(f"banzhaf: this exception's attribute {name!r} holds the {len(what)} {name} made before it")
