# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Rows as the user gives them (NumPy, pandas or polars), as cells that masking may mix, and back."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Background", "Encoded", "as_array", "as_background", "column_labels", "display", "is_frame"]

_NUMBERS = "biuf"  # the dtype kinds that are numbers: bool, signed, unsigned, floating
_TEXTS = "SUT"  # the dtype kinds that are strings


@dataclass(frozen=True)
class Encoded:
    """Background and explicands as cells of one dtype.

    Cells are the values themselves where all columns of a NumPy array or pandas DataFrame share one NumPy
    number dtype. Else they are codes, row numbers in a pool of the background's rows followed by the
    explicands: every value comes back as it was given, whatever its type. Equal values of a column have one
    code, that of the first of them, so that cells are equal where the model sees no difference.

    Attributes
    ----------
    background_cells : ndarray of shape (n_rows, n_columns)
        C-contiguous and read-only; boolean, integer or floating, of at most 8 bytes.
    explicand_cells : ndarray of shape (n_explicands, n_columns)
        The explicands', C-contiguous and of the same dtype.
    decode : callable
        Takes cells of shape (m, n_columns), each column mixed from its background and explicand cells, and
        returns m rows as the model knows them: the background's kind of table, with its columns, order,
        dtypes and categories. Cells that are values are wrapped, not copied.
    data : ndarray of shape (n_explicands, n_columns)
        The explicands for display: float64 if all columns hold numbers, else objects; NaN where missing.
    """

    background_cells: NDArray[Any]
    explicand_cells: NDArray[Any]
    decode: Callable[[NDArray[Any]], Any]
    data: NDArray[Any]


class Background(ABC):
    """The rows over which absent players are averaged; made by `as_background`.

    Attributes
    ----------
    kind : {"numpy", "pandas", "polars"}
        What table the rows came in.
    n_rows, n_columns : int
        At least 1.
    column_names : tuple of str
        All different; "x0", "x1", ... for NumPy.
    """

    kind: ClassVar[str]
    n_rows: int
    column_names: tuple[str, ...]

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.column_names)

    @abstractmethod
    def encode(self, X: Any) -> Encoded:
        """Check the rows to explain against the background, and turn both into cells.

        A DataFrame's columns are put in the background's order. Values of another dtype are cast to the
        background's if that keeps each of them; a floating dtype takes any number, rounded to its precision,
        as the background's own values once were.

        Parameters
        ----------
        X : array_like or DataFrame of shape (n_explicands, n_columns)
            The rows to explain, in the same kind of table as the background.

        Returns
        -------
        Encoded

        Raises
        ------
        TypeError
            If `X` is another kind of table.
        ValueError
            If `X` is not two-dimensional, is empty, has other columns, or holds a value or category that the
            background's dtype does not.
        """


def as_background(background: Any) -> Background:
    """Copy the user's background rows, keeping their dtypes.

    Parameters
    ----------
    background : array_like or DataFrame of shape (n_rows, n_columns)
        A pandas or polars DataFrame, or whatever NumPy makes a two-dimensional array of. Lists that hold
        strings become an array of objects, so that numbers beside them stay numbers.

    Returns
    -------
    Background

    Raises
    ------
    TypeError
        If `background` is a sparse matrix, a masked array or a table of another library.
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
    return _NumpyBackground(background)


class _NumpyBackground(Background):
    kind = "numpy"

    def __init__(self, background: Any) -> None:
        rows = as_array(background, "background", "a NumPy array or a pandas or polars DataFrame")
        self._rows = _frozen(_one_nan(rows))
        self.n_rows = len(self._rows)
        self.column_names = tuple(f"x{j}" for j in range(self._rows.shape[1]))

    def encode(self, X: Any) -> Encoded:
        rows = as_array(X, "X", "a NumPy array as background is")
        if rows.shape[1] != self.n_columns:
            raise ValueError(f"X has {rows.shape[1]} columns, but background has {self.n_columns}")
        rows = np.ascontiguousarray(_cast_numpy(rows, self._rows.dtype, "X"))
        if _is_number(rows.dtype):
            return Encoded(self._rows, _one_nan(rows), _identity, rows.astype(np.float64))
        pool = np.concatenate([self._rows, rows])
        return Encoded(*_codes(self.n_rows, list(pool.T)), partial(_gather_numpy, pool), display(list(rows.T)))


class _FrameBackground(Background):
    """What pandas and polars share: a column is found by its name."""

    def __init__(self, frame: Any) -> None:
        self._labels = column_labels(frame, "background")
        self.column_names = tuple(str(label) for label in self._labels)
        self.n_rows = len(frame)

    def _aligned(self, X: Any) -> Any:
        """Return X with its columns in the background's order."""
        if not is_frame(X, self.kind):
            hint = "; one row is X.iloc[[i]]" if self.kind == "pandas" else ""
            raise TypeError(f"X must be a {self.kind} DataFrame as background is, not {_type_name(X)}{hint}")
        labels = column_labels(X, "X")
        if labels == self._labels:
            return X
        check_same_names("X", "background", labels, self._labels)
        places = {label: place for place, label in enumerate(labels)}
        order = [places[label] for label in self._labels]
        return X.iloc[:, order] if self.kind == "pandas" else X[:, order]


class _PandasBackground(_FrameBackground):
    kind = "pandas"

    def __init__(self, frame: Any) -> None:
        super().__init__(frame)
        self._frame = frame.copy()
        dtypes = set(frame.dtypes)
        self._cells = _frozen(_one_nan(frame.to_numpy())) if len(dtypes) == 1 and _is_number(dtypes.pop()) else None

    def encode(self, X: Any) -> Encoded:
        import pandas as pd

        rows = self._aligned(X).copy(deep=False)
        dtypes = list(self._frame.dtypes)
        for j, (given, wanted) in enumerate(zip(rows.dtypes, dtypes, strict=True)):
            if not _same_pandas_dtype(given, wanted):
                cast = _cast_pandas(rows.iloc[:, j], wanted, f"column {self.column_names[j]!r} of X")
                rows[rows.columns[j]] = cast

        if all(dtype.kind in _NUMBERS for dtype in dtypes):
            data = rows.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            data = display([column for _, column in rows.items()])

        columns = self._frame.columns
        if self._cells is not None:
            cells = _one_nan(np.ascontiguousarray(rows.to_numpy()))
            return Encoded(self._cells, cells, partial(_wrap_pandas, columns), data)
        pool = pd.concat([self._frame, rows], ignore_index=True)
        assert all(map(_same_pandas_dtype, pool.dtypes, dtypes))
        pools = [
            column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array for _, column in pool.items()
        ]
        return Encoded(*_codes(self.n_rows, pools), partial(_gather_pandas, pools, columns), data)


class _PolarsBackground(_FrameBackground):
    kind = "polars"

    def __init__(self, frame: Any) -> None:
        super().__init__(frame)
        self._frame = frame.clone()

    def encode(self, X: Any) -> Encoded:
        import polars as pl

        rows = self._aligned(X)
        for column, dtype in zip(rows.get_columns(), self._frame.dtypes, strict=True):
            if column.dtype != dtype:
                rows = rows.with_columns(_cast_polars(column, dtype, f"column {column.name!r} of X"))

        if all(dtype.is_numeric() or dtype == pl.Boolean for dtype in rows.dtypes):
            data = rows.cast(pl.Float64).to_numpy()
        else:
            data = display([column.to_list() for column in rows.get_columns()])

        pool = pl.concat([self._frame, rows])
        assert pool.schema == self._frame.schema
        # A list tells null from NaN, which an array does not.
        columns = [
            column.to_numpy() if column.dtype.is_float() and not column.null_count() else column.to_list()
            for column in pool.get_columns()
        ]
        return Encoded(*_codes(self.n_rows, columns), partial(_gather_polars, pool), data)


def _frozen(rows: NDArray[Any]) -> NDArray[Any]:
    rows = np.array(rows, order="C")
    rows.flags.writeable = False
    return rows


def _one_nan(rows: NDArray[Any]) -> NDArray[Any]:
    """Give every NaN the same bits, by which cells are compared: 0 / 0 has a sign that numpy.nan has not."""
    if rows.dtype.kind != "f" or not (missing := np.isnan(rows)).any():
        return rows
    rows = rows.copy()
    rows[missing] = np.nan
    return rows


def _codes(n_rows: int, columns: Sequence[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the first row with each cell's value, in the smallest integers: they are the quickest to mask.

    columns hold the background's rows and then the explicands'.
    """
    n_cells = len(columns[0])
    codes = np.empty((n_cells, len(columns)), dtype=np.min_scalar_type(n_cells - 1))
    for j, column in enumerate(columns):
        codes[:, j] = _first_equals(column)
    return codes[:n_rows], codes[n_rows:]


def _first_equals(column: Any) -> NDArray[np.intp]:
    """Return for each cell the first row of an equal one: NaN equals NaN, but 0.0 not -0.0, and 1 not True."""
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        bits = np.where(np.isnan(column), np.nan, column).astype(column.dtype)
        column = np.ascontiguousarray(bits).view(f"V{column.dtype.itemsize}")
    if isinstance(column, np.ndarray) and column.dtype != object:
        _, firsts, places = np.unique(column, return_index=True, return_inverse=True)
        return firsts[places.reshape(-1)]
    seen: dict[Any, int] = {}
    return np.array([seen.setdefault(_key(cell), row) for row, cell in enumerate(column)], dtype=np.intp)


def _key(cell: Any) -> Any:
    """Return what equal cells share; one that cannot be hashed equals itself alone."""
    if isinstance(cell, (float, np.floating)):
        return type(cell), "nan" if cell != cell else float(cell).hex()
    try:
        hash(cell)
    except TypeError:
        return "unhashable", id(cell)
    return type(cell), cell


def _identity(cells: NDArray[Any]) -> NDArray[Any]:
    return cells


def _gather_numpy(pool: NDArray[Any], cells: NDArray[Any]) -> NDArray[Any]:
    return np.take_along_axis(pool, cells, axis=0)


def _wrap_pandas(columns: Any, cells: NDArray[Any]) -> Any:
    import pandas as pd

    return pd.DataFrame(cells, columns=columns, copy=False)


def _gather_pandas(pools: Sequence[Any], columns: Any, cells: NDArray[Any]) -> Any:
    import pandas as pd

    data = {}
    for j, (pool, rows) in enumerate(zip(pools, cells.T.astype(np.intp, order="C"), strict=True)):
        column = pool.take(rows)
        # The DataFrame's constructor would look for strings and dates among objects, but not in a Series.
        data[j] = pd.Series(column, dtype=object) if column.dtype == object else column
    frame = pd.DataFrame(data)
    frame.columns = columns
    return frame


def _gather_polars(pool: Any, cells: NDArray[Any]) -> Any:
    import polars as pl

    rows = cells.T.astype(np.uint32, order="C")
    # One expression for each column, so that polars gathers them in parallel.
    return pool.select([pl.nth(j).gather(pl.lit(pl.Series(row))) for j, row in enumerate(rows)])


def _cast_numpy(given: NDArray[Any], dtype: np.dtype[Any], what: str) -> NDArray[Any]:
    if given.dtype == dtype or (given.dtype.kind in _TEXTS and given.dtype.kind == dtype.kind):
        return given
    if "O" not in (given.dtype.kind, dtype.kind) and (given.dtype.kind in _TEXTS) != (dtype.kind in _TEXTS):
        raise _misfit(what, given.dtype, dtype)
    try:
        with np.errstate(all="ignore"):
            cast = given.astype(dtype.kind if dtype.kind in "SU" else dtype)  # without a width, nothing is cut
        lost = _lost(given, cast)
    except (TypeError, ValueError, OverflowError) as error:
        raise _misfit(what, given.dtype, dtype) from error
    if len(lost):
        raise _misfit(what, given.dtype, dtype, lost)
    return cast


def _cast_pandas(given: Any, dtype: Any, what: str) -> Any:
    import pandas as pd

    if isinstance(dtype, pd.CategoricalDtype):
        codes = dtype.categories.get_indexer(given)
        _check_categories(given[(codes < 0) & given.notna()], what)
        return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype), index=given.index)
    if isinstance(given.dtype, np.dtype) and isinstance(dtype, np.dtype):
        return pd.Series(_cast_numpy(given.to_numpy(), dtype, what), index=given.index, dtype=dtype)
    try:
        cast = given.astype(dtype)
        if dtype.kind == "f" and given.dtype.kind in _NUMBERS:
            lost = _lost(*(column.to_numpy(dtype=np.float64, na_value=np.nan) for column in (given, cast)))
        else:
            lost = _lost(*(column.astype(object).to_numpy() for column in (given, cast)))
    except (TypeError, ValueError, OverflowError, NotImplementedError) as error:
        raise _misfit(what, given.dtype, dtype) from error
    if len(lost):
        raise _misfit(what, given.dtype, dtype, lost)
    return cast


def _same_pandas_dtype(first: Any, second: Any) -> bool:
    # Unordered categories are equal in any order, but their codes are not.
    return bool(first == second) and (first.name != "category" or first.categories.equals(second.categories))


def _cast_polars(given: Any, dtype: Any, what: str) -> Any:
    import polars as pl

    try:
        text = given.cast(pl.String) if dtype in (pl.Categorical, pl.Enum) else given
        if dtype == pl.Enum:
            _check_categories(text.filter(~text.is_in(dtype.categories)), what)
        cast = text.cast(dtype)
        if dtype.is_float() and (given.dtype.is_numeric() or given.dtype == pl.Boolean):
            lost = _lost(*(column.cast(pl.Float64).to_numpy() for column in (given, cast)))
        else:
            lost = _lost(*(np.fromiter(column.to_list(), dtype=object) for column in (given, cast)))
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise _misfit(what, given.dtype, dtype) from error
    if len(lost):
        raise _misfit(what, given.dtype, dtype, lost)
    return cast


def _lost(given: NDArray[Any], cast: NDArray[Any]) -> NDArray[Any]:
    """Return the given values that a cast has changed; to floating numbers, only overflow is a change."""
    if cast.dtype.kind == "f" and given.dtype.kind in _NUMBERS:
        return given[np.isinf(cast) & ~np.isinf(given)]
    present = ~(_is_missing(given) & _is_missing(cast))
    given, cast = given[present], cast[present]
    changed: NDArray[Any] = given[given != cast]
    return changed


def _misfit(what: str, given: Any, wanted: Any, lost: Any = ()) -> ValueError:
    value = lost[:1].tolist()[0] if len(lost) else None
    return ValueError(
        f"{what} has dtype {given} where background has {wanted}, which cannot hold "
        f"{repr(value) if len(lost) else 'its values'}; give both one dtype that can"
        + (", such as float64" if isinstance(value, float) else "")
    )


def _check_categories(unknown: Any, what: str) -> None:
    if len(unknown):
        value = unknown.to_list()[0]
        raise ValueError(f"{what} holds {value!r}, which is not a category of background's column")


def display(columns: Sequence[Any]) -> NDArray[np.object_]:
    """Make an array of columns of any values, with NaN where they are missing."""
    data = np.empty((len(columns[0]), len(columns)), dtype=object)
    for j, column in enumerate(columns):
        for i, value in enumerate(column):
            data[i, j] = np.nan if _is_missing_value(value) else value
    return data


def _is_missing_value(value: Any) -> bool:
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA: its comparisons have no truth value
        return True
    except ValueError:  # an array inside a cell
        return False


def _is_missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.fromiter(map(_is_missing_value, values.ravel()), np.bool_, values.size).reshape(values.shape)


def _is_number(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind in _NUMBERS and dtype.itemsize <= 8 and dtype.isnative


def is_frame(table: Any, library: str) -> bool:
    """Say whether a table is a DataFrame of pandas or polars."""
    module = sys.modules.get(library)  # whoever has a DataFrame has imported its library
    return module is not None and isinstance(table, module.DataFrame)


def as_array(table: Any, name: str, wanted: str) -> NDArray[Any]:
    """Make a two-dimensional array of a table that is no DataFrame; wanted says in an error what it must be."""
    if hasattr(table, "toarray"):
        raise TypeError(f"{name} must be {wanted}, not a sparse matrix; {name}.toarray() makes it one")
    if isinstance(table, np.ma.MaskedArray):
        raise TypeError(f"{name} must be {wanted}, not a masked array; {name}.filled(numpy.nan) makes it one")
    if hasattr(type(table), "columns"):
        raise TypeError(f"{name} must be {wanted}, not a {_type_name(table)}")
    try:
        array = np.asarray(table)
    except ValueError as error:
        raise ValueError(f"{name} must have rows of equal length") from error
    if array.dtype.kind in _TEXTS and not isinstance(table, np.ndarray):
        array = np.asarray(table, dtype=object)
    if array.ndim != 2:
        hint = f"; one row is {name}[None]" if array.ndim == 1 else ""
        raise ValueError(f"{name} must have two dimensions (rows, columns), not shape {array.shape}{hint}")
    _check_not_empty(array.shape, name)
    return array


def column_labels(frame: Any, name: str) -> list[Any]:
    """List the labels of a DataFrame that has rows and columns, none of them twice."""
    _check_not_empty(frame.shape, name)
    labels = list(frame.columns)
    repeated = [text for text, times in Counter(map(str, labels)).items() if times > 1]
    if repeated:
        raise ValueError(f"{name} has several columns named {', '.join(repeated)}")
    return labels


def check_same_names(first: str, second: str, names: Collection[Any], expected: Collection[Any]) -> None:
    """Raise ValueError, naming the columns, unless the first table has those of the second, in any order."""
    missing = [name for name in expected if name not in set(names)]
    unexpected = [name for name in names if name not in set(expected)]
    if missing or unexpected:
        raise ValueError(
            f"{first} must have the same columns as {second}"
            + (f"; missing: {missing}" if missing else "")
            + (f"; unexpected: {unexpected}" if unexpected else "")
        )


def _check_not_empty(shape: tuple[int, int], name: str) -> None:
    for size, what in zip(shape, ("rows", "columns"), strict=True):
        if size == 0:
            raise ValueError(f"{name} has no {what}")


def _type_name(table: Any) -> str:
    return f"{type(table).__module__.partition('.')[0]} {type(table).__name__}"
