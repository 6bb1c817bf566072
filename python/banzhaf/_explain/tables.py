# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Backgrounds of NumPy, pandas and polars: they turn rows into cells that masking can mix, and back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._explain.background import Background, Encoded
from banzhaf._explain.casts import cast_numpy, cast_pandas, cast_polars, same_pandas_dtype
from banzhaf._explain.rows import (
    NUMBERS,
    as_array,
    check_same_names,
    column_labels,
    display,
    display_numbers,
    has_large_integers,
    is_frame,
    is_number,
    is_sparse,
    type_name,
)
from banzhaf._explain.sameness import KnownColumn, codes_of, one_nan
from banzhaf._explain.sparse import SparseBackground

__all__ = [
    "Background",
    "Encoded",
    "as_array",
    "as_background",
    "check_same_names",
    "column_labels",
    "display",
    "display_numbers",
    "has_large_integers",
    "is_frame",
]


_MOST_KNOWN = 2**15  # larger backgrounds are compared anew in each call, because tables of their cells take memory


def as_background(background: Any) -> Background:
    """Copy the background rows with their dtypes.

    Parameters
    ----------
    background : array_like or DataFrame of shape (n_rows, n_columns)
        A pandas or polars DataFrame, a sparse matrix or array of SciPy, or anything that NumPy converts to a
        two-dimensional array. Lists that hold strings become an array of objects, so that numbers beside them stay
        numbers.

    Returns
    -------
    Background

    Raises
    ------
    TypeError
        If `background` is a masked array or a table of another library.
    ValueError
        If `background` is not two-dimensional, has no rows or no columns, or repeats a column name.

    Examples
    --------
    >>> import numpy as np
    >>> background = as_background(np.zeros((2, 3), dtype=np.float32))
    >>> background.column_names
    ('x0', 'x1', 'x2')
    >>> background.encode([[1, 2, 3]]).explicand_cells
    array([[1., 2., 3.]], dtype=float32)
    """
    if is_frame(background, "pandas"):
        return _PandasBackground(background)
    if is_frame(background, "polars"):
        return _PolarsBackground(background)
    if is_sparse(background):
        return SparseBackground(background)
    return _NumpyBackground(background)


class _NumpyBackground(Background):
    kind = "numpy"

    def __init__(self, background: Any) -> None:
        rows = as_array(background, "background", "a NumPy array or a pandas or polars DataFrame")
        self._rows = _frozen(one_nan(rows))
        self._are_numbers = is_number(self._rows.dtype)
        self._are_floats = self._rows.dtype.char in "fd" and self._rows.dtype.isnative
        self.n_rows = len(self._rows)
        self.column_names = tuple(f"x{j}" for j in range(self._rows.shape[1]))

    def head(self, n_rows: int) -> Any:
        return self._rows[:n_rows]

    def encode(self, X: Any) -> Encoded:
        rows, wanted = X, self._rows
        is_alike = type(X) is np.ndarray and X.dtype is wanted.dtype and X.shape[1:] == wanted.shape[1:] and len(X)
        if not is_alike:
            rows = as_array(X, "X", "a NumPy array like background")
            if rows.shape[1] != self.n_columns:
                raise ValueError(f"X has {rows.shape[1]} columns, but background has {self.n_columns}")
            rows = cast_numpy(rows, wanted.dtype, "X")
        rows = np.ascontiguousarray(rows)
        if self._are_numbers:
            cells = rows if self._are_floats and not _core.has_nan(rows) else one_nan(rows)
            return Encoded(wanted, cells, _identity, display_numbers(rows), None, False, True)
        pool = np.concatenate([self._rows, rows])
        codes = codes_of(self.n_rows, list(pool.T))
        return Encoded(*codes, partial(_gather_numpy, pool), display(list(rows.T)), are_codes=True)


class _FrameBackground(Background):
    """The common part of pandas and polars, where a column is found by its name."""

    def __init__(self, frame: Any) -> None:
        self._labels = column_labels(frame, "background")
        self._frame = frame
        self.column_names = tuple(str(label) for label in self._labels)
        self.n_rows = len(frame)

    def head(self, n_rows: int) -> Any:
        return self._frame[:n_rows]

    @property
    def joined_names(self) -> tuple[str, ...]:
        return tuple(" ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in self._labels)

    def _aligned(self, X: Any) -> Any:
        """Return X with its columns in the background's order. An array is in that order already."""
        if isinstance(X, (np.ndarray, list, tuple)):
            array = as_array(X, "X", f"a {self.kind} DataFrame like background")
            if array.shape[1] != self.n_columns:
                raise ValueError(f"X has {array.shape[1]} columns, but background has {self.n_columns}")
            return self._named(array)
        if not is_frame(X, self.kind):
            hint = ""
            if type(X).__name__ == "Series" and self.kind == "pandas":
                hint = ": pass one row as frame.iloc[[i]], or as X.to_frame().T if X is that row"
            raise TypeError(f"X must be a {self.kind} DataFrame like background, not {type_name(X)}{hint}")
        labels = column_labels(X, "X")
        if labels == self._labels:
            return X
        check_same_names("X", "background", labels, self._labels)
        places = {label: place for place, label in enumerate(labels)}
        order = [places[label] for label in self._labels]
        return X.iloc[:, order] if self.kind == "pandas" else X[:, order]

    def _named(self, array: NDArray[Any]) -> Any:
        """Turn an array into a DataFrame with the background's columns."""
        raise NotImplementedError


class _PandasBackground(_FrameBackground):
    kind = "pandas"

    def _named(self, array: NDArray[Any]) -> Any:
        import pandas as pd

        return pd.DataFrame(array, columns=self._frame.columns)

    def __init__(self, frame: Any) -> None:
        super().__init__(frame)
        self._frame = frame.copy()
        # A derived class, and what users attach to a frame, reach the model as well.
        self._like = frame[:0].copy() if frame.attrs or not _is_plain_pandas(frame) else None
        self._dtypes = list(frame.dtypes)
        self._may_fit = all(map(_may_fit_float64, self._dtypes))
        self.has_objects = np.dtype(object) in self._dtypes
        self._cells = None
        if len(set(self._dtypes)) == 1 and is_number(self._dtypes[0]):
            self._cells = _frozen(one_nan(frame.to_numpy()))
        self._codes: dict[np.dtype[Any], NDArray[Any]] = {}

    def encode(self, X: Any) -> Encoded:
        rows = self._aligned(X)
        labels, like = self._frame.columns, self._like
        is_alike = all(map(same_pandas_dtype, rows.dtypes, self._dtypes))
        if self._cells is not None and is_alike:
            cells = np.ascontiguousarray(rows.to_numpy())
            return Encoded(
                self._cells, one_nan(cells), partial(_wrap_pandas, labels, like), display_numbers(cells), is_kept=True
            )
        columns = [column for _, column in rows.items()]
        if not is_alike:
            for j, (given, wanted) in enumerate(zip(columns, self._dtypes, strict=True)):
                if not same_pandas_dtype(given.dtype, wanted):
                    columns[j] = cast_pandas(given, wanted, f"column {self.column_names[j]!r} of X")
        if self._cells is not None:
            cells = np.stack([column.to_numpy() for column in columns], axis=1)
            return Encoded(
                self._cells, one_nan(cells), partial(_wrap_pandas, labels, like), display_numbers(cells), is_kept=True
            )
        if self._may_fit and not any(column.dtype.kind in "iu" and has_large_integers(column) for column in columns):
            data = np.stack([column.to_numpy(dtype=np.float64, na_value=np.nan) for column in columns], axis=1)
        else:
            data = display(columns)
        arrays = [_array_of(column) for column in columns]
        pools = [_joined_pandas(kept, array) for kept, array in zip(self._arrays, arrays, strict=True)]
        codes, is_kept = self._coded(arrays, pools), self.n_rows <= _MOST_KNOWN
        return Encoded(*codes, partial(_gather_pandas, pools, labels, like), data, are_codes=True, is_kept=is_kept)

    def _coded(self, arrays: list[Any], pools: list[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the codes of background and explained rows, as `codes_of` does."""
        if self.n_rows > _MOST_KNOWN:
            temporary = [not isinstance(dtype, np.dtype) for dtype in self._dtypes]
            return codes_of(self.n_rows, list(map(_comparable_pandas, pools)), temporary=temporary)
        known, n_rows = self._known, len(arrays[0])
        dtype = np.min_scalar_type(self.n_rows + n_rows - 1)
        codes = self._codes.get(dtype)
        if codes is None:
            codes = _frozen(np.array([column.codes for column in known], dtype=dtype).T)
            codes = self._codes.setdefault(dtype, codes)  # another thread may have been first
        found = np.empty((n_rows, len(arrays)), dtype=dtype)
        for j, array in enumerate(arrays):
            found[:, j] = known[j].codes_of(_comparable_pandas(array))
        return codes, found

    @cached_property
    def _known(self) -> list[KnownColumn]:
        return [KnownColumn(_comparable_pandas(array), not isinstance(array, np.ndarray)) for array in self._arrays]

    @cached_property
    def _arrays(self) -> list[Any]:
        return [_array_of(column) for _, column in self._frame.items()]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what refers to cells by their addresses, and what is quickly made again."""
        kept = {name: value for name, value in self.__dict__.items() if name not in ("_arrays", "_known")}
        return kept | {"_codes": {}}


class _PolarsBackground(_FrameBackground):
    kind = "polars"

    def _named(self, array: NDArray[Any]) -> Any:
        import polars as pl

        try:
            return pl.DataFrame([pl.Series(n, c.tolist()) for n, c in zip(self.column_names, array.T, strict=True)])
        except TypeError as error:  # polars has no dtype for a column
            raise TypeError(
                "X must be a polars DataFrame like background, because polars has no dtype for some of its columns"
            ) from error

    def __init__(self, frame: Any) -> None:
        super().__init__(frame)
        self._frame = frame.clone()

    def encode(self, X: Any) -> Encoded:
        import polars as pl

        rows = self._aligned(X)
        for column, dtype in zip(rows.get_columns(), self._frame.dtypes, strict=True):
            if column.dtype != dtype:
                rows = rows.with_columns(cast_polars(column, dtype, f"column {column.name!r} of X"))

        if all(column.dtype.is_numeric() or column.dtype == pl.Boolean for column in rows.get_columns()) and all(
            _fits_float64_in_polars(column) for column in rows.get_columns()
        ):
            data = rows.cast(pl.Float64).to_numpy()
        else:
            data = display([column.to_list() for column in rows.get_columns()])

        pool = pl.concat([self._frame, rows])
        assert pool.schema == self._frame.schema
        codes = codes_of(
            self.n_rows,
            [_comparable_polars(column) for column in pool.get_columns()],
            temporary=[dtype != pl.Object for dtype in pool.dtypes],
        )
        return Encoded(*codes, partial(_gather_polars, pool), data, are_codes=True)


def _frozen(rows: NDArray[Any]) -> NDArray[Any]:
    rows = np.array(rows, order="C")
    rows.flags.writeable = False
    return rows


def _array_of(column: Any) -> Any:
    """Return the array of a pandas column, of NumPy if it has a dtype of NumPy."""
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


def _joined_pandas(kept: Any, cells: Any) -> Any:
    """Return the background's cells of a column, followed by those of the explained rows, as a copy."""
    if isinstance(kept, np.ndarray):
        return np.concatenate((kept, cells))
    joined = type(kept)._concat_same_type([kept, cells])
    assert same_pandas_dtype(joined.dtype, kept.dtype)
    return joined


def _may_fit_float64(dtype: Any) -> bool:
    """Tell whether float64 can show a pandas column of a dtype: it holds numbers, perhaps too large integers."""
    return dtype.kind in NUMBERS and getattr(dtype, "itemsize", 8) <= 8


def _comparable_pandas(array: Any) -> Any:
    """Convert the array of a column to a form in which cells can be compared."""
    import pandas as pd

    dtype = array.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return np.asarray(array.codes)
    if isinstance(dtype, (pd.PeriodDtype, pd.DatetimeTZDtype)):  # all cells share one unit and one zone
        return array.asi8
    return np.asarray(array) if isinstance(dtype, pd.SparseDtype) else array


def _comparable_polars(column: Any) -> Any:
    import polars as pl

    if column.dtype == pl.Object:
        return column.to_list()
    if column.dtype.is_float() and not column.null_count():
        return column.to_numpy()
    # Unlike an array, a list distinguishes null from NaN. Physical values keep nanoseconds, which Python's dates drop.
    return column.to_physical().to_list()


def _fits_float64_in_polars(column: Any) -> bool:
    if column.dtype.is_decimal():
        return bool(column.null_count() == len(column))
    return not (column.dtype.is_integer() and has_large_integers(column))


def _identity(cells: NDArray[Any]) -> NDArray[Any]:
    return cells


def _gather_numpy(pool: NDArray[Any], cells: NDArray[Any]) -> NDArray[Any]:
    return np.take_along_axis(pool, cells, axis=0)


def _is_plain_pandas(frame: Any) -> bool:
    import pandas as pd

    return type(frame) is pd.DataFrame


def _alike(frame: Any, like: Any) -> Any:
    """Give a frame the class and the attributes of another one."""
    return frame if like is None else like._constructor(frame).__finalize__(like)


def _wrap_pandas(columns: Any, like: Any, cells: NDArray[Any]) -> Any:
    import pandas as pd

    return _alike(pd.DataFrame(cells, columns=columns, copy=False), like)


def _gather_pandas(pools: Sequence[Any], columns: Any, like: Any, cells: NDArray[Any]) -> Any:
    import pandas as pd

    data = {}
    for j, (pool, rows) in enumerate(zip(pools, cells.T.astype(np.intp, order="C"), strict=True)):
        column = pool.take(rows)
        # A Series keeps objects as they are, while the DataFrame's constructor would infer strings and dates.
        data[j] = pd.Series(column, dtype=object) if column.dtype == object else column
    frame = pd.DataFrame(data)
    frame.columns = columns
    return _alike(frame, like)


def _gather_polars(pool: Any, cells: NDArray[Any]) -> Any:
    import polars as pl

    rows = cells.T.astype(np.uint32, order="C")
    # With one expression for each column, polars gathers the columns in parallel.
    return pool.select([pl.nth(j).gather(pl.lit(pl.Series(row))) for j, row in enumerate(rows)])
