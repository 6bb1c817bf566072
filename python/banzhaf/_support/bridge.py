# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Support for calling games and models: check what they return, show progress, keep results on failure."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._support.exact import MAX_EXACT, check_exact, check_unmasked
from banzhaf._support.labelled import check_own_order, column_labels_of
from banzhaf._support.tensors import from_tensor


class Returned:
    """Convert what a callback returns to float64 rows, and check that its shape stays the same.

    Parameters
    ----------
    name : {"game", "model"}
        Name of the callback in error messages.
    items : {"coalitions", "rows"}
        What the callback is called on.
    trailing : tuple of int, optional
        Shape of the outputs for one item, if it is known from earlier calls.
    """

    def __init__(self, name: str, items: str, trailing: tuple[int, ...] | None = None) -> None:
        self._name = name
        self._items = items
        self._trailing = trailing
        self._columns: list[Any] | None = None

    @property
    def trailing(self) -> tuple[int, ...] | None:
        """Shape of the outputs for one item, once it is known."""
        return self._trailing

    @property
    def has_outputs_axis(self) -> bool:
        """Whether the callback returns (m, k) rather than (m,)."""
        return bool(self._trailing)

    def expect(self, n_outputs: int) -> None:
        """Set the number of outputs of a callback that the core calls itself."""
        self._trailing = (n_outputs,) if n_outputs > 1 else ()

    def __call__(self, returned: Any, n_rows: int) -> NDArray[np.float64]:
        """Check the outputs of one batch and return them with shape (n_rows, n_outputs)."""
        if type(returned) is np.ndarray and returned.dtype.char == "d" and self._trailing is not None:
            shape = returned.shape  # the usual case, which passes all checks below
            if shape[:1] == (n_rows,) and shape[1:] == self._trailing:
                return np.ascontiguousarray(returned if len(shape) == 2 else returned[:, np.newaxis])
        wanted = f"{self._name} must return an array of numbers of shape ({n_rows},) or ({n_rows}, n_outputs)"
        called = f"it was called on {n_rows} {self._items}"
        array = _array(returned, wanted, called)
        if array.ndim not in (1, 2) or len(array) != n_rows or 0 in array.shape:
            raise ValueError(f"{wanted}: {called} and returned shape {array.shape}")
        check_own_order(returned, n_rows, f"{wanted}: {called} and returned", "Return")
        self._check_columns(returned, wanted, called)
        if self._trailing is None:
            self._trailing = array.shape[1:]
        elif array.shape[1:] != self._trailing:
            before = (n_rows, *self._trailing)
            raise ValueError(
                f"{wanted}, the same in every call: {called} and returned shape {array.shape} instead of {before}"
            )
        rows = array if array.ndim == 2 else array[:, np.newaxis]
        return np.ascontiguousarray(rows, dtype=np.float64)

    def _check_columns(self, returned: Any, wanted: str, called: str) -> None:
        """Refuse a DataFrame with other columns than an earlier one, or with the same ones in another order."""
        columns = column_labels_of(returned)
        if columns is None:
            return
        if self._columns is None:
            self._columns = columns
        elif columns != self._columns:
            raise ValueError(
                f"{wanted}, the same in every call: {called} and returned the columns {columns} instead of "
                f"{self._columns}"
            )

    def one(self, returned: Any, name: Callable[[], str]) -> NDArray[np.float64]:
        """Check the outputs for a single item, named by `name`, and return them with shape (n_outputs,)."""
        kind = type(returned)
        is_exact = kind is float or kind is np.float64 or (kind is int and abs(returned) <= MAX_EXACT)
        if is_exact and not self._trailing:  # the usual case, five times as fast as the general one
            self._trailing = ()
            return np.array([returned], dtype=np.float64)
        wanted = f"{self._name} must return a number, or n_outputs numbers"
        called = f"it was called on {name()}"
        array = _array(returned, wanted, called)
        if array.ndim > 1 or 0 in array.shape:
            raise ValueError(f"{wanted}: {called} and returned shape {array.shape}")
        if self._trailing is None:
            self._trailing = array.shape
        elif array.shape != self._trailing:
            raise ValueError(
                f"{wanted}, the same in every call: {called} and returned shape {array.shape} "
                f"instead of {self._trailing}"
            )
        return np.array(array, dtype=np.float64, ndmin=1)


def _array(returned: Any, wanted: str, called: str) -> NDArray[Any]:
    """Convert what a callback returned to an array of numbers."""
    if type(returned) is np.ndarray and returned.dtype.char in "dfe?":  # the usual case, which passes all checks below
        return returned
    if returned is None:
        raise TypeError(f"{wanted}: {called} and returned None")
    if inspect.isawaitable(returned):
        if inspect.iscoroutine(returned):
            returned.close()  # avoids the warning that it was never awaited
        raise TypeError(f"{wanted}: {called} and returned a {type(returned).__name__}; it must not be async")
    if hasattr(returned, "toarray"):  # SciPy's sparse matrices
        raise TypeError(f"{wanted}: {called} and returned a {type(returned).__name__}; return its .toarray()")
    check_unmasked(returned, f"{wanted}: {called} and returned")
    returned = from_tensor(returned, f"{wanted}: {called} and returned")
    try:
        array = np.asarray(returned)
    except ValueError as error:
        raise ValueError(f"{wanted}: {called} and returned something that is not an array: {error}") from error
    except Exception as error:  # for example a list of tensors on another device
        raise TypeError(f"{wanted}: {called} and returned something that is not an array: {error}") from error
    if array.dtype.kind not in "biuf":
        what = f"dtype {array.dtype}"
        if array.ndim == 0 and array.dtype == object:
            remedy = "; convert it with float()" if hasattr(returned, "__float__") else ""  # Decimal, or beyond int64
            what = f"a value of type {type(returned).__name__}{remedy}"
        raise TypeError(f"{wanted}: {called} and returned {what}")
    check_exact(returned, array, f"{wanted}: {called} and returned")
    return array


@contextmanager
def progress_bar(wanted: bool, total: int, unit: str) -> Iterator[Callable[..., None]]:
    """Yield a function that takes the number of evaluations just made and, once known, their total.

    It updates a tqdm bar if `wanted` is True. If the bar fails, it is dropped and the evaluation continues.
    """
    if not wanted:
        yield lambda count, total=None: None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError("progress needs tqdm: pip install 'banzhaf[progress]'") from error
    bar = None
    with contextlib.suppress(Exception):
        bar = tqdm(total=total, unit=unit, unit_scale=True)

    def advance(count: int, total: int | None = None) -> None:
        nonlocal bar
        if bar is None:
            return
        try:
            bar.total = total or bar.total
            bar.update(count)
        except Exception:
            bar = None

    try:
        yield advance
    finally:
        with contextlib.suppress(Exception):
            if bar is not None:
                bar.close()


def attach(error: BaseException, name: str, what: Any) -> None:
    """Attach what was computed so far to an exception, with a note that names the attribute."""
    try:
        setattr(error, name, what)
    except Exception:  # a class with a read-only attribute of that name, or with slots
        return
    if sys.version_info >= (3, 11):
        with contextlib.suppress(Exception):
            error.add_note(f"banzhaf: attribute {name!r} of this exception holds the {len(what)} {name} made before it")
