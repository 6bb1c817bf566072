# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Sparse rows of SciPy. Only columns in which some row stores a value become cells."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.background import Background, Encoded
from banzhaf._explain.casts import cast_numpy
from banzhaf._explain.rows import check_not_empty, display_numbers, is_number, is_sparse, type_name
from banzhaf._explain.sameness import one_nan

__all__ = ["SparseBackground"]

_LEAST_DIFFERENT = 256
_MOST_BYTES = 2**32  # cells are dense
_MOST_KEPT = 2**26  # bytes of the background's cells between calls


class SparseBackground(Background):
    """Rows of a sparse matrix or array. Stored zeros are removed, because they equal zeros that are not stored."""

    kind = "sparse"

    def __init__(self, background: Any) -> None:
        self._rows = _canonical(background, "background")
        self.stores_zeros = bool(self._rows.nnz < background.nnz)
        self._is_array = type(background).__name__.endswith("array")
        self.n_rows = self._rows.shape[0]
        self.column_names = tuple(f"x{j}" for j in range(self._rows.shape[1]))
        self._columns = np.unique(self._rows.indices).astype(np.intp)
        self._cells: NDArray[Any] | None = None  # of these columns

    @property
    def most_different(self) -> int:
        """Twice the number of values in the fullest background row, as rows to explain may be as full; at least 256."""
        return int(min(self.n_columns, max(_LEAST_DIFFERENT, 2 * np.diff(self._rows.indptr).max())))

    def head(self, n_rows: int) -> Any:
        return self._rows[:n_rows]

    def encode(self, X: Any) -> Encoded:
        """Turn background and explained rows into cells of the columns in which they store values."""
        if not is_sparse(X):
            raise TypeError(
                f"X must be a sparse matrix like background, not {type_name(X)}: pass scipy.sparse.csr_array(X)"
            )
        rows = _canonical(X, "X")
        if rows.shape[1] != self.n_columns:
            raise ValueError(f"X has {rows.shape[1]} columns, but background has {self.n_columns}")
        rows.data = cast_numpy(rows.data, self._rows.dtype, "X")
        columns = np.union1d(self._columns, rows.indices).astype(np.intp)
        # Rows within the background's columns are usual, and then the background's cells are the same in each call.
        is_kept = len(columns) == len(self._columns) > 0
        is_kept &= self.n_rows * len(columns) * rows.dtype.itemsize <= _MOST_KEPT
        if not len(columns):
            columns = np.zeros(1, dtype=np.intp)
        n_bytes = (self.n_rows + rows.shape[0]) * len(columns) * rows.dtype.itemsize
        if n_bytes > _MOST_BYTES:
            raise ValueError(
                f"background and X hold values in {len(columns)} columns, which take {n_bytes / 2**30:.1f} GiB: pass "
                f"fewer background rows, or explain fewer rows in a call"
            )
        background_cells = self._cells if is_kept else None
        if background_cells is None:
            background_cells = _cells(self._rows, columns)
            background_cells.flags.writeable = False
            if is_kept:
                self._cells = background_cells
        return Encoded(
            background_cells,
            _cells(rows, columns),
            partial(_decode, columns, self.n_columns, self._is_array),
            display_numbers(rows.toarray()),
            columns,
            is_kept=is_kept,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what the first call makes again."""
        return self.__dict__ | {"_cells": None}


def _canonical(table: Any, name: str) -> Any:
    """Copy a sparse table as CSR with sorted columns, no repeated cells and no stored zeros."""
    if table.ndim != 2:
        raise ValueError(f"{name} must have two dimensions (rows, columns), not shape {table.shape}")
    check_not_empty(table.shape, name)
    if not is_number(table.dtype):
        raise TypeError(f"{name} must hold numbers of at most 8 bytes, not {table.dtype}")
    rows = table.tocsr(copy=True)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    rows.data = one_nan(rows.data)
    return rows


def _cells(rows: Any, columns: NDArray[np.intp]) -> NDArray[Any]:
    return np.ascontiguousarray(rows[:, columns].toarray())


def _decode(columns: NDArray[np.intp], n_columns: int, is_array: bool, cells: NDArray[Any]) -> Any:
    """Turn cells back into CSR rows."""
    import scipy.sparse

    kind = scipy.sparse.csr_array if is_array else scipy.sparse.csr_matrix
    held = kind(cells)
    indices = columns[held.indices].astype(held.indices.dtype)
    return kind((held.data, indices, held.indptr), shape=(len(cells), n_columns))
