# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The interface of all kinds of background: they turn rows into cells that masking can mix, and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Background", "Encoded"]


class Encoded(NamedTuple):
    """Background rows and explained rows as cells of one dtype.

    If all columns of a NumPy array or pandas DataFrame share one NumPy number dtype, cells are the values themselves.
    Otherwise they are codes: row numbers in a pool of the background rows followed by the explained rows. Codes give
    every value back as it was, whatever its type. Cells of a column that no model can distinguish share the code of
    the first of them.

    Attributes
    ----------
    background_cells : ndarray of shape (n_rows, n_columns)
        C-contiguous and read-only; boolean, integer or floating, of at most 8 bytes.
    explicand_cells : ndarray of shape (n_explicands, n_columns)
        The explained rows, C-contiguous and of the same dtype.
    decode : callable
        Takes cells of shape (m, n_columns), each column mixed from background and explained rows. Returns m rows in
        the background's kind of table, with its columns, order, dtypes and categories. Cells that are values are
        wrapped, not copied.
    data : ndarray of shape (n_explicands, n_columns)
        The explained rows for display: float64 if all columns hold numbers that float64 can hold, else objects. NaN
        where a cell is missing.
    columns : ndarray of int, optional
        The background's column for each column of cells, if only the columns in which rows can differ became cells.
    are_codes : bool
        Whether cells are row numbers in a pool, and not the values themselves.
    is_kept : bool
        Whether the background keeps `background_cells`, so that other calls get the same array.
    """

    background_cells: NDArray[Any]
    explicand_cells: NDArray[Any]
    decode: Callable[[NDArray[Any]], Any]
    data: NDArray[Any]
    columns: NDArray[np.intp] | None = None
    are_codes: bool = False
    is_kept: bool = False

    def decoded_by(self, decode: Callable[[NDArray[Any]], Any]) -> Encoded:
        """Return the same cells with another way to turn them back into rows."""
        return self._replace(decode=decode)


class Background(ABC):
    """Rows that supply the values of absent players; made by `as_background`.

    Attributes
    ----------
    kind : {"numpy", "pandas", "polars", "sparse"}
        The kind of table that the rows came in.
    n_rows, n_columns : int
        At least 1.
    column_names : tuple of str
        All different; "x0", "x1", ... for arrays.
    stores_zeros : bool
        Whether the rows are sparse and store zeros, which some models distinguish from zeros that are not stored.
    has_objects : bool
        Whether the rows are a pandas DataFrame with columns of dtype object, which may hold numbers.
    """

    kind: ClassVar[str]
    n_rows: int
    column_names: tuple[str, ...]
    stores_zeros: bool = False
    has_objects: bool = False

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.column_names)

    @property
    def most_different(self) -> int:
        """Largest number of columns in which a row is expected to differ from a background row."""
        return self.n_columns

    @property
    def joined_names(self) -> tuple[str, ...]:
        """Column names, the levels of each joined by a space, as XGBoost writes them."""
        return self.column_names

    @abstractmethod
    def head(self, n_rows: int) -> Any:
        """Return the first rows, in the kind of table that they came in."""

    @abstractmethod
    def encode(self, X: Any) -> Encoded:
        """Check that the rows fit the background, and turn both into cells.

        The columns of a DataFrame are put in the background's order. Values of another dtype are cast to the
        background's dtype if none of them changes. Floating numbers may be rounded to the background's floating
        dtype, as its own values once were.

        Parameters
        ----------
        X : array_like or DataFrame of shape (n_explicands, n_columns)
            The rows to explain, in the same kind of table as the background. Arrays are accepted beside a DataFrame
            too, by position.

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
