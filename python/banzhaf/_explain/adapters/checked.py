# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A fast way to call a model that is used only while it gives the bits of the model's own predict."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._explain.background import Encoded
from banzhaf._explain.rows import has_large_integers
from banzhaf._support.remote_calls import owned

__all__ = [
    "Checked",
    "Direct",
    "Masked",
    "Plain",
    "both_classes",
    "codes_of",
    "encode_frame",
    "encode_pool",
    "is_dense",
    "is_own",
    "numbers_of",
    "pool_of",
]

_CHECKED_ROWS = 64


@dataclass(frozen=True)
class Plain:
    """A model's own predict or predict_proba, called on rows with the background's columns.

    Attributes
    ----------
    function : callable
        The function that is called on the rows.
    column_order : tuple of int or None
        The background's column for each column of the model, if the model was fitted on another order of columns.
    infers_objects : bool
        Whether columns of dtype object that hold numbers become numbers, because the library requires it.
    """

    function: Callable[[Any], Any]
    column_order: tuple[int, ...] | None = None
    infers_objects: bool = False

    def __call__(self, rows: Any) -> Any:
        """Call the function."""
        return self.function(self.arranged(rows))

    def arranged(self, rows: Any) -> Any:
        """Put the columns in the model's order, with the dtypes that its library requires."""
        if self.column_order is not None:
            rows = rows[[rows.columns[place] for place in self.column_order]]
        return rows.infer_objects() if self.infers_objects else rows


@dataclass(frozen=True)
class Direct:
    """A model that the core calls itself, without Python.

    Attributes
    ----------
    core : XGBoostModel
        The model in the core's terms.
    trailing : tuple of int
        Shape of the outputs for one row.
    owner : object
        What the core's model needs, so that it stays alive.
    handle : int
        The address that the core's model calls.
    """

    core: _core.XGBoostModel
    trailing: tuple[int, ...]
    owner: Any
    handle: int


class Masked:
    """Masked rows in two forms: numbers as the model's library has them inside, and the table that users see.

    Parameters
    ----------
    matrix : ndarray of shape (m, n_inputs)
        The numbers.
    cells : ndarray of shape (m, n_columns)
        The cells that `decode` turns into the table.
    decode : callable
        As `Encoded.decode`.
    rest : callable, optional
        Takes the numbers and returns the outputs, if that is something else than `Checked.fast`.
    """

    __slots__ = ("_cells", "_decode", "matrix", "rest")

    def __init__(
        self,
        matrix: NDArray[Any],
        cells: NDArray[Any],
        decode: Callable[[NDArray[Any]], Any],
        rest: Callable[[NDArray[Any]], Any] | None = None,
    ) -> None:
        self.matrix = matrix
        self.rest = rest
        self._cells = cells
        self._decode = decode

    def __len__(self) -> int:
        return len(self._cells)

    def __getitem__(self, rows: slice) -> Masked:
        return Masked(self.matrix[rows], self._cells[rows], self._decode, self.rest)

    def table(self) -> Any:
        """Return the rows in the background's kind of table."""
        return self._decode(self._cells)


def _selected(order: NDArray[np.intp] | None, decode: Callable[[NDArray[Any]], Any], cells: NDArray[Any]) -> Masked:
    """Take the cells themselves as the numbers."""
    numbers = cells if order is None else cells[:, order]
    return Masked(
        np.ascontiguousarray(numbers, dtype=None if numbers.dtype.char in "fd" else np.float64), cells, decode
    )


def _gathered(
    pool: NDArray[Any],
    sources: NDArray[np.intp],
    decode: Callable[[NDArray[Any]], Any],
    rest: Callable[[NDArray[Any]], Any] | None,
    cells: NDArray[Any],
) -> Masked:
    """Take the numbers from a pool of converted rows."""
    rows = np.take(cells, sources, axis=1)  # contiguous, so the numbers are too
    return Masked(pool[rows, np.arange(len(sources))], cells, decode, rest)


def encode_frame(encoded: Encoded, column_order: tuple[int, ...] | None) -> Encoded:
    """Pass cells that are numbers on as they are, without a DataFrame around them."""
    if not (_is_exact(encoded.background_cells) and _is_exact(encoded.explicand_cells)):
        return encoded
    order = None if column_order is None else np.array(column_order)
    return encoded.decoded_by(partial(_selected, order, encoded.decode))


def encode_pool(
    encoded: Encoded,
    pool: NDArray[Any],
    sources: NDArray[np.intp],
    rest: Callable[[NDArray[Any]], Any] | None = None,
) -> Encoded:
    """Convert each distinct cell once: column k of the numbers is a function of the table's column ``sources[k]``."""
    return encoded.decoded_by(partial(_gathered, pool, sources, encoded.decode, rest))


def pool_of(encoded: Encoded) -> Any:
    """Return the table of background rows followed by explained rows, in which cells that are codes count rows."""
    n_rows = len(encoded.background_cells) + len(encoded.explicand_cells)
    n_columns = encoded.background_cells.shape[1]
    return encoded.decode(np.repeat(np.arange(n_rows)[:, np.newaxis], n_columns, axis=1))


def numbers_of(column: Any) -> NDArray[np.float64] | None:
    """Convert a pandas column of numbers to float64, or return None if it holds none, or some that would change."""
    dtype = column.dtype
    if dtype.kind not in "biuf" or getattr(dtype, "itemsize", 8) > 8 or hasattr(dtype, "fill_value"):
        return None
    if dtype.kind in "iu" and has_large_integers(column):
        return None
    return column.to_numpy(dtype=np.float64, na_value=np.nan)  # type: ignore[no-any-return]


def codes_of(column: Any, places: list[Any]) -> NDArray[np.float64]:
    """Return the places of a pandas column's categories in those of training, and NaN for all others."""
    codes = column.cat.set_categories(places).cat.codes.to_numpy()
    return np.where(codes < 0, np.nan, codes)


def both_classes(outputs: NDArray[Any]) -> NDArray[Any]:
    """Put the probability of the first of two classes beside that of the second."""
    both = np.empty((len(outputs), 2), dtype=outputs.dtype)
    np.subtract(1.0, outputs, out=both[:, 0])
    both[:, 1] = outputs
    return both


def is_own(function: Any, module: str) -> bool:
    """Tell whether a method is the library's, and not that of a derived class."""
    return getattr(function, "__module__", None) == module


def _is_exact(cells: NDArray[Any]) -> bool:
    """Tell whether float64 holds all cells, or they are float32 or float64."""
    if cells.dtype.char in "fd":
        return True
    return cells.dtype.kind in "iu" and bool(np.all(cells <= 2**53) and np.all(cells >= -(2**53)))


def is_dense(rows: Any) -> bool:
    """Tell whether rows are what a C interface takes: contiguous rows of float32 or float64."""
    return (
        type(rows) is np.ndarray
        and rows.dtype.char in "fd"
        and rows.dtype.isnative
        and rows.ndim == 2
        and rows.flags.c_contiguous
        and rows.flags.aligned
        and rows.size > 0
    )


class Checked(ABC):
    """Call a model the fast way, if that gives the same bits as the plain way on the first rows.

    The first call of several rows compares up to 64 of them, and the first one alone. If an output differs in any bit,
    or the fast way fails where the plain way does not, the plain way is used from then on, and `name` says why.
    Threads may share an instance: whoever finds a difference switches to the plain way for all.

    Parameters
    ----------
    plain : Plain
        The plain way.
    way : str
        What the fast way is, for `name`.
    """

    def __init__(self, plain: Plain, way: str) -> None:
        self.plain = plain
        self._way = way
        self._lock = threading.Lock()
        self._reason: str | None = None
        self._checked: frozenset[bool] = frozenset()  # whether of a single row, or of several
        self._trailing: tuple[int, ...] | None = None  # shape of the outputs for one row

    @property
    def name(self) -> str:
        """How the model is called."""
        if self._reason is None:
            return self._way
        return f"{getattr(self.plain.function, '__name__', 'predict')}, because {self._way} {self._reason}"

    @abstractmethod
    def fast(self, rows: NDArray[Any]) -> Any:
        """Return the outputs for dense rows, or None if these rows must go the plain way."""

    def direct(self, cells: NDArray[Any]) -> Direct | None:
        """Return the model as the core can call it on rows like these cells, or None if the core cannot.

        It is asked for after the fast way has given the right bits.
        """
        return None

    def compiled(self, encoded: Encoded) -> Direct | None:
        """Return the model as the core can call it on the cells themselves, or None if it cannot."""
        if len(self._checked) < 2 or self._reason is not None or self.plain.column_order is not None:
            return None
        cells = encoded.background_cells
        if encoded.are_codes or encoded.columns is not None or cells.dtype.char not in "fd":
            return None
        return self.direct(cells)

    def suits(self, rows: Any) -> bool:
        """Tell whether rows can go the fast way."""
        return is_dense(rows)

    def encode(self, encoded: Encoded, kind: str) -> Encoded:
        """Let the rows of a call skip the table that the fast way does not need."""
        if self._reason is not None:
            return encoded
        order = self.plain.column_order
        if kind == "numpy" and not encoded.are_codes and encoded.background_cells.dtype.char in "fd":
            return encoded
        if kind == "pandas" and not encoded.are_codes:
            return encode_frame(encoded, order)
        try:
            columns = self.numbers(self.plain.arranged(pool_of(encoded))) if kind == "pandas" else None
        except Exception:  # cells that the model's own method refuses too, with an error of its own
            return encoded
        if columns is None:
            self._refuse(f"does not take the dtypes of these {kind} columns")
            return encoded
        return encode_pool(
            encoded, np.column_stack(columns), np.arange(len(columns)) if order is None else np.array(order)
        )

    def numbers(self, pool: Any) -> list[NDArray[np.float64]] | None:
        """Convert each column of a DataFrame as the model's library does, or return None if that is not known.

        Raises an exception if the cells themselves are at fault.
        """
        columns = [numbers_of(column) for _, column in pool.items()]
        return None if any(column is None for column in columns) else columns  # type: ignore[return-value]

    def __call__(self, rows: Any) -> Any:
        """Call the model on rows of any kind."""
        if self._reason is not None or not self.suits(rows.matrix if type(rows) is Masked else rows):
            return self._plainly(rows)
        try:
            outputs = self._fast(rows)
        except Exception as error:
            outputs = self._plainly(rows)  # raises an error of its own if rows are at fault
            self._refuse(f"raised {type(error).__name__}")
            return outputs
        if outputs is None:
            return self._plainly(rows)
        if (len(rows) == 1) not in self._checked:
            return self._check(rows, owned(outputs))
        return outputs

    def _check(self, rows: Any, outputs: Any) -> Any:
        """Compare the outputs for the first rows with those of the plain way, and return the outputs that are right."""
        few = rows[:_CHECKED_ROWS]
        expected = self._plainly(few)
        found = outputs if len(few) == len(rows) else self._fast(few)
        difference = _difference(found, expected)
        if difference is None and found is not outputs:
            # A product of matrices may sum in another order for another number of rows.
            difference = _difference(outputs[: len(few)], expected, 1e-6)
        sizes = {len(rows) == 1}
        if difference is None and len(rows) > 1 and True not in self._checked:  # nearly all calls have several rows
            difference = self._difference_of_one(rows[:1])
            sizes.add(True)
        if difference is None:
            with self._lock:
                self._trailing = np.shape(outputs)[1:]
                self._checked |= sizes
            return outputs
        self._refuse(difference)
        return self._plainly(rows)

    def _difference_of_one(self, row: Any) -> str | None:
        """Compare the outputs for a single row."""
        expected = self._plainly(row)
        try:
            found = self._fast(row)
        except Exception as error:
            return f"raised {type(error).__name__}"
        return _difference(found, expected)

    def _fast(self, rows: Any) -> Any:
        if type(rows) is not Masked:
            return self.fast(rows)
        return self.fast(rows.matrix) if rows.rest is None else rows.rest(rows.matrix)

    def _plainly(self, rows: Any) -> Any:
        return self.plain(rows.table() if type(rows) is Masked else rows)

    def _refuse(self, reason: str) -> None:
        with self._lock:
            self._reason = self._reason or reason

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the lock and what was checked: another process may have another version of the library."""
        return self.__dict__ | {"_lock": None, "_reason": None, "_checked": frozenset()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Check again."""
        self.__dict__.update(state)
        self._lock = threading.Lock()


def _difference(found: Any, expected: Any, tolerance: float = 0.0) -> str | None:
    """Say how two arrays of outputs differ, or return None if all bits, or all digits, are equal."""
    if found is None:
        return "declined the first rows"
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape != expected.shape:
        return f"returned shape {found.shape} instead of {expected.shape}"
    if found.dtype.kind not in "biuf" or expected.dtype.kind not in "biuf":
        return f"returned dtype {found.dtype} instead of {expected.dtype}"
    if np.array_equal(found, expected, equal_nan=True):
        return None
    if tolerance and np.allclose(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True):
        return None
    with np.errstate(all="ignore"):
        largest = np.nanmax(np.abs(found.astype(np.float64) - expected.astype(np.float64)))
    return f"differed by up to {largest:.1g}"
