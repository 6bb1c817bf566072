# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Codes of cells. Equal cells get different codes if a model could distinguish them: 12:00 UTC is 21:00 in Tokyo."""

from __future__ import annotations

import datetime
import decimal
import fractions
import sys
import uuid
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["KnownColumn", "codes_of", "one_nan"]

_EXACT = (
    bool,
    int,
    str,
    bytes,
    type(None),
    np.str_,
    np.bytes_,
)  # equal values of one of these types are indistinguishable


def codes_of(
    n_rows: int, columns: Sequence[Any], *, temporary: Sequence[bool] = ()
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Replace each cell by the row of the first identical cell, in the smallest integers, which are masked fastest.

    Parameters
    ----------
    n_rows : int
        Number of background rows.
    columns : sequence of array_like
        The cells of each column: the background's, followed by those of the explained rows.
    temporary : sequence of bool, optional
        For each column, whether its cells are copies made for this call. The identity of such a cell has no meaning,
        so lists, dicts and arrays are then compared by their contents.

    Returns
    -------
    background, explicands : ndarray of shape (rows, n_columns)
    """
    n_cells = len(columns[0])
    codes = np.empty((n_cells, len(columns)), dtype=np.min_scalar_type(n_cells - 1))
    for j, column in enumerate(columns):
        codes[:, j] = _first_same(column, bool(temporary) and temporary[j])
    return codes[:n_rows], codes[n_rows:]


class KnownColumn:
    """The cells of a background column by their keys, so that a call looks up the cells of its own rows alone.

    Parameters
    ----------
    column : array_like
        The cells of the background.
    temporary : bool
        As in `codes_of`.

    Attributes
    ----------
    codes : list of int
        The row of the first identical cell, for each cell of the background.
    """

    def __init__(self, column: Any, temporary: bool) -> None:
        self._temporary = temporary
        self._seen: dict[Hashable, int] = {}
        keys, self._cells = _keys_of(column, temporary)
        self.codes = [self._seen.setdefault(key, row) for row, key in enumerate(keys)]

    def codes_of(self, column: Any) -> list[int]:
        """Return the codes of the cells of rows that follow the background, as `codes_of` numbers them."""
        keys, cells = _keys_of(column, self._temporary)  # the cells stay alive until all are compared
        known, new = self._seen, {}  # type: dict[Hashable, int], dict[Hashable, int]
        found = []
        for row, key in enumerate(keys, len(self.codes)):
            code = known.get(key)
            found.append(new.setdefault(key, row) if code is None else code)
        del cells
        return found


def _keys_of(column: Any, temporary: bool) -> tuple[list[Hashable], list[Any]]:
    """Return a key for each cell, equal for cells that no model can distinguish, and the cells that keys refer to."""
    if isinstance(column, np.ndarray) and column.dtype.kind not in "OTVc" and column.dtype.itemsize <= 8:
        if column.dtype.kind == "f":
            column = np.ascontiguousarray(one_nan(column)).view(f"V{column.dtype.itemsize}")
        elif column.dtype.kind in "mM":
            column = np.ascontiguousarray(column).view(np.int64)  # as an integer, NaT equals NaT
        return column.tolist(), []
    cells = list(column)
    return list(map(_Keys(temporary), cells)), cells


def one_nan(numbers: NDArray[Any]) -> NDArray[Any]:
    """Give every NaN the same bits, because numbers are compared by their bits and the sign of a NaN may differ."""
    if numbers.dtype.kind != "f" or not np.count_nonzero(missing := np.isnan(numbers)):
        return numbers
    numbers = numbers.copy()
    numbers[missing] = np.nan
    return numbers


def _first_same(column: Any, temporary: bool) -> NDArray[np.intp]:
    if isinstance(column, np.ndarray) and (found := _first_same_in_array(column)) is not None:
        return found
    cells = list(column)  # keeps every cell alive, because the address of a freed one may recur
    keys = _Keys(temporary)
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(keys(cell), row) for row, cell in enumerate(cells)], dtype=np.intp)


def _first_same_in_array(column: NDArray[Any]) -> NDArray[np.intp] | None:
    """Compare the cells of an array by its dtype; return None for an array of objects."""
    kind, size = column.dtype.kind, column.dtype.itemsize
    if kind in "OT":
        return None
    if kind == "V":
        if column.dtype.hasobject:
            return np.arange(len(column))
        column = np.ascontiguousarray(column).view(f"V{size}")
    elif kind == "f" and size <= 8:
        column = np.ascontiguousarray(one_nan(column)).view(f"V{size}")
    elif kind in "fc":
        parts = [_places_of_numbers(column.real)]
        if kind == "c":
            parts.append(_places_of_numbers(column.imag))
        column = np.stack(parts, axis=1).view(f"V{8 * len(parts)}").reshape(-1)
    elif kind in "mM":
        column = column.view(np.int64)  # as an integer, NaT equals NaT
    _, firsts, places = np.unique(column, return_index=True, return_inverse=True)
    return firsts[places.reshape(-1)]


def _places_of_numbers(numbers: NDArray[Any]) -> Any:
    """Give each distinct value its own integer; NaN counts as one value, 0.0 and -0.0 as two."""
    places = np.unique(numbers, return_inverse=True)[1].reshape(-1)
    return 2 * places.astype(np.int64) + ((numbers == 0) & np.signbit(numbers))


class _Keys:
    """Make keys that two cells share exactly if no model can distinguish them.

    Types whose equal values are indistinguishable are compared by value. A cell of any other type only equals itself.
    """

    def __init__(self, temporary: bool) -> None:
        self._by_type: dict[type, Callable[[Any], Hashable]] = {
            float: _float_key,
            complex: lambda cell: (_float_key(cell.real), _float_key(cell.imag)),
            decimal.Decimal: lambda cell: cell.as_tuple(),  # 1.0 and 1.00 are equal but print differently
            fractions.Fraction: self._fraction_key,
            uuid.UUID: lambda cell: (cell.int, cell.is_safe),
            datetime.date: _itself,
            datetime.timedelta: _itself,
            datetime.time: lambda cell: (cell.replace(tzinfo=None), cell.fold, self._zone_key(cell.tzinfo)),
            datetime.datetime: lambda cell: (cell.replace(tzinfo=None), cell.fold, self._zone_key(cell.tzinfo)),
            tuple: lambda cell: tuple(map(self, cell)),
            frozenset: lambda cell: tuple(map(self, cell)),  # in the order that a model would see
        }
        self._by_type.update(dict.fromkeys(_EXACT, _itself))
        if temporary:
            self._by_type[list] = lambda cell: tuple(map(self, cell))
            self._by_type[dict] = lambda cell: tuple((self(name), self(item)) for name, item in cell.items())
            self._by_type[np.ndarray] = lambda cell: (cell.shape, cell.dtype.str, tuple(map(self, cell.ravel())))
        if pandas := sys.modules.get("pandas"):  # the library of an existing cell has been imported
            self._by_type[pandas.Timestamp] = self._timestamp_key
            self._by_type[pandas.Timedelta] = lambda cell: _numpy_key(cell.asm8)
            self._by_type[pandas.Period] = lambda cell: (cell.ordinal, cell.freqstr)
            self._by_type[pandas.Interval] = lambda cell: (self(cell.left), self(cell.right), cell.closed)

    def __call__(self, cell: Any) -> Hashable:
        kind = type(cell)
        if kind in _EXACT:
            return kind, cell
        key = self._by_type.get(kind)
        if key is not None:
            return kind, key(cell)
        if isinstance(cell, np.generic) and kind.__module__ == "numpy" and not isinstance(cell, np.void):
            return kind, _numpy_key(cell)
        return "itself", id(cell)

    def _timestamp_key(self, cell: Any) -> Hashable:
        return _numpy_key(cell.asm8), cell.fold, self._zone_key(cell.tzinfo)

    def _fraction_key(self, cell: fractions.Fraction) -> Hashable:
        return self(cell.numerator), self(cell.denominator)

    def _zone_key(self, zone: datetime.tzinfo | None) -> Hashable:
        """Identify a time zone; equal ones may have different names."""
        if zone is None:
            return None
        if type(zone) is datetime.timezone:
            return zone.utcoffset(None), zone.tzname(None)
        return id(zone)


def _itself(cell: Any) -> Hashable:
    return cell  # type: ignore[no-any-return]


def _float_key(cell: float) -> str:
    return "nan" if cell != cell else cell.hex()


def _numpy_key(cell: Any) -> Hashable:
    """Return the key of a NumPy number, date or duration."""
    if isinstance(cell, (np.datetime64, np.timedelta64)):
        return cell.dtype.str, int(cell.view(np.int64))
    if isinstance(cell, np.complexfloating):
        return _numpy_key(cell.real), _numpy_key(cell.imag)
    if isinstance(cell, np.floating):
        return "nan" if cell != cell else (cell, bool(np.signbit(cell)))
    return cell  # type: ignore[no-any-return]
