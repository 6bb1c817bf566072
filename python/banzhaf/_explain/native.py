# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Models that are compiled functions, which the core calls without the interpreter lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from banzhaf import _core
from banzhaf._explain.adapters import ModelAdapter
from banzhaf._explain.background import Encoded
from banzhaf._support import arguments as check
from banzhaf._support import native

__all__ = ["NativeModel", "native_model"]

_CELL_TYPES = {name: number for number, name in enumerate(native.CELLS, start=1)}  # as in banzhaf/native.h


class NativeModel(native.Compiled, ModelAdapter):
    """A model that is a compiled function; `native_model` creates it."""

    kind = native.MODEL
    name = "native code"
    core: _core.NativeModel

    def __init__(self, core: _core.NativeModel, owners: tuple[Any, ...], function: Any) -> None:
        cells = native.CELLS[core.cell_type - 1]
        super().__init__(core, owners, function, cells)
        self.dtype = np.dtype(cells)

    @property
    def n_features_in_(self) -> int | None:
        """Number of columns that the model is for, if it is known."""
        return self.core.n_columns or None

    @property
    def trailing(self) -> tuple[int, ...]:
        """Shape of the outputs for one row."""
        return (self.n_outputs,) if self.n_outputs > 1 else ()

    def predict(self, rows: Any) -> NDArray[np.float64]:
        """Return the outputs for rows."""
        cells = np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)
        if cells.ndim != 2:
            raise ValueError(f"rows must have shape (m, n_columns), got {cells.shape}")
        self._check_dtype("rows", cells.dtype)
        if self.core.n_columns not in (0, cells.shape[1]):
            raise ValueError(f"rows must have {self.core.n_columns} columns, as model declares, got {cells.shape[1]}")
        outputs = self.core.outputs(np.ascontiguousarray(cells), num_threads=0)
        return outputs if self.n_outputs > 1 else outputs[:, 0]

    def __call__(self, rows: Any) -> NDArray[np.float64]:
        """Return the outputs for rows, as every model does."""
        return self.predict(rows)

    def check(self, encoded: Encoded) -> None:
        """Refuse cells that the function does not take."""
        if not encoded.are_codes:
            self._check_dtype("background", encoded.background_cells.dtype)

    def takes(self, encoded: Encoded) -> bool:
        """Tell whether the core can call the function on the cells themselves."""
        return not encoded.are_codes and encoded.columns is None and encoded.background_cells.dtype == self.dtype

    def _check_dtype(self, name: str, dtype: Any) -> None:
        if dtype != self.dtype:
            remedy = f": pass {name}.astype({self.dtype.name!r})"
            raise TypeError(f"{name} must have dtype {self.dtype}, as model declares, got {dtype}{remedy}")


def native_model(
    function: Any,
    *,
    dtype: DTypeLike | None = None,
    n_outputs: int | None = None,
    n_columns: int | None = None,
    data: Any = None,
    thread_safe: bool | None = None,
    errors: Mapping[int, str] | None = None,
    unchecked: bool = False,
) -> NativeModel:
    """Make a model from a compiled function: of C, C++, Cython, Rust or numba.

    `Explainer` calls the function on masked rows from several threads at the same time, without the interpreter lock.
    No array is made for a call.

    The function must have this signature, which the header ``banzhaf/native.h`` in `get_include` declares::

        int model(const void *rows, size_t n_rows, size_t n_columns,
                  double *outputs, size_t n_outputs, void *data)

    The rows are in row-major order without gaps. The function writes ``n_rows * n_outputs`` outputs in row-major
    order, and returns 0.

    Parameters
    ----------
    function : ctypes function, numba cfunc, scipy.LowLevelCallable, PyCapsule or int
        The function, as for `native_game`. The name of a PyCapsule with a structure is ``"banzhaf_model"``. The first
        parameter may be a pointer to cells, such as ``const float *``.
    dtype : dtype, optional
        Type of the cells: bool, a signed or unsigned integer of 8 to 64 bits, float32 or float64. The background must
        have it. It is needed unless the first parameter points to cells of a known type, or a structure declares it.
    n_outputs : int, optional
        Number of outputs of the model, by default 1. A structure declares it itself.
    n_columns : int, optional
        Number of columns that the model is for. If given, a background with another number is refused.
    data : ndarray, ctypes object, bytes-like object or PyCapsule, optional
        What the function gets a pointer to as its argument ``data``, as for `native_game`.
    thread_safe : bool, optional
        Whether threads may call the function at the same time, by default True. If False, calls of this model wait for
        each other.
    errors : mapping of int to str, optional
        Texts for the error numbers that the function may return.
    unchecked : bool, default False
        Whether `function` and `data` may be addresses. A wrong address ends the process.

    Returns
    -------
    ModelAdapter
        A model for `Explainer`. It can also be called on an array of rows. It keeps `function` and `data` alive, and
        cannot be pickled.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the function has another signature.

    See Also
    --------
    native_game : Make a game from a compiled function.
    get_include : Find the header.
    Explainer : Explain the predictions of the model.

    Notes
    -----
    If the function returns another number than 0, the call ends with a RuntimeError that names the number. An output
    that the function does not write counts as NaN, which is refused as for every model. In both cases the exception's
    attribute ``explanation`` holds the rows that were explained before.

    The output for a row must not depend on the other rows of the call. The values are then the same for any number of
    threads and any batch size.

    Examples
    --------
    A Python function stands in for a compiled one:

    >>> import ctypes
    >>> import numpy as np
    >>> import banzhaf
    >>> doubles, size = ctypes.POINTER(ctypes.c_double), ctypes.c_size_t
    >>> @ctypes.CFUNCTYPE(ctypes.c_int, doubles, size, size, doubles, size, ctypes.c_void_p)
    ... def product(rows, n_rows, n_columns, outputs, n_outputs, data):
    ...     for row in range(n_rows):
    ...         outputs[row] = rows[2 * row] * rows[2 * row + 1]
    ...     return 0
    >>> model = banzhaf.native_model(product, n_columns=2)
    >>> banzhaf.Explainer(model, np.zeros((1, 2)))(np.array([[2.0, 3.0]])).values
    array([[3., 3.]])
    """
    is_unchecked = check.flag("unchecked", unchecked)
    found = native.pointer_to(function, native.MODEL, unchecked=is_unchecked)
    texts = native.texts_of(errors)
    owners: tuple[Any, ...]
    if found.is_description:
        declared = {"n_outputs": n_outputs, "n_columns": n_columns, "data": data, "thread_safe": thread_safe}
        native.refuse_declared(native.MODEL, declared | {"dtype": dtype})
        core, owners = _core.NativeModel.described(found.address, texts), (found.owner,)
    else:
        address, owners = native.data_of(data, found, unchecked=is_unchecked)
        core = _core.NativeModel(
            function=found.address,
            data=address,
            n_columns=0 if n_columns is None else check.integer("n_columns", n_columns, 1),
            n_outputs=1 if n_outputs is None else check.integer("n_outputs", n_outputs, 1),
            cell_type=_cell_type(dtype, found.cells),
            thread_safe=thread_safe is None or check.flag("thread_safe", thread_safe),
            texts=texts,
        )
    return NativeModel(core, owners, function)


def _cell_type(dtype: Any, cells: str | None) -> int:
    """Return the number of a cell type in the header."""
    if dtype is None:
        if cells is None:
            raise ValueError("dtype must be given, because function does not say to what its first parameter points")
        return _CELL_TYPES[cells]
    try:
        name = np.dtype(dtype).newbyteorder("=").name
    except TypeError:
        raise TypeError(f"dtype must be a NumPy dtype, got {dtype!r}") from None
    if name not in _CELL_TYPES or not np.dtype(dtype).isnative:
        raise ValueError(f"dtype must be one of {', '.join(_CELL_TYPES)}, got {np.dtype(dtype)}")
    if cells not in (None, name):
        raise ValueError(f"dtype must be {cells}, to which the first parameter of function points, got {name}")
    return _CELL_TYPES[name]
