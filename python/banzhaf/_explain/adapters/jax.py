# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""JAX: functions that `jax.jit` made, called on arrays of numbers, and their gradients for all rows at once."""

from __future__ import annotations

import functools
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.adapters.protocol import ModelAdapter
from banzhaf._explain.background import Background
from banzhaf._explain.rows import cells_of

__all__ = ["adapter"]


def adapter(model: Any, background: Background) -> ModelAdapter | None:
    """Return the adapter of a function that ``jax.jit`` made, or None for any other model."""
    jax = sys.modules.get("jax")  # the library of an existing function has been imported
    if jax is None or not isinstance(model, jax.stages.Wrapped):
        return None
    return _Jitted(model)


class _Jitted(ModelAdapter):
    """A function of rows that JAX compiles, once for each number of rows."""

    name = "JAX"

    def __init__(self, function: Any) -> None:
        self._function = function

    def predict(self, rows: Any) -> Any:
        """Call the function on an array of the rows, and return its output as an array."""
        cells = _numbers(rows)
        outputs = self._function(_filled(cells))
        _check_shape(outputs, _n_filled(len(cells)))
        return np.asarray(outputs)[: len(cells)]

    def value_and_gradient(self, rows: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the outputs, shape (m,) or (m, k), and their gradients, shape (m, n_columns) or (m, k, n_columns)."""
        cells = _numbers(rows)
        outputs, gradients = _compiled()(self._function, _filled(cells))
        return np.asarray(outputs)[: len(cells)], np.asarray(gradients)[: len(cells)]


@functools.cache
def _compiled() -> Any:
    import jax

    return jax.jit(_value_and_gradient, static_argnums=0)


def _value_and_gradient(function: Any, cells: Any) -> tuple[Any, Any]:
    """Trace outputs and gradients. The output of a row depends on this row alone, so one sum serves all rows."""
    import jax
    import jax.numpy as jnp

    outputs, pull = jax.vjp(function, cells)
    _check_shape(outputs, len(cells))
    if outputs.ndim == 1:
        (gradients,) = pull(jnp.ones_like(outputs))
    else:
        each = jnp.broadcast_to(
            jnp.eye(outputs.shape[1], dtype=outputs.dtype)[:, None], (outputs.shape[1], *outputs.shape)
        )
        (gradients,) = jax.vmap(pull)(each)
        gradients = jnp.moveaxis(gradients, 0, 1)
    wide = jnp.promote_types(outputs.dtype, jnp.float32)  # NumPy knows no narrower ones of JAX
    return outputs.astype(wide), gradients


def _check_shape(outputs: Any, n_rows: int) -> None:
    shape = getattr(outputs, "shape", type(outputs).__name__)
    if not isinstance(shape, tuple) or len(shape) not in (1, 2) or shape[0] != n_rows:
        raise ValueError(f"model must return an array of shape (m,) or (m, k) for m rows, got {shape} for {n_rows}")


def _filled(cells: NDArray[Any]) -> NDArray[Any]:
    """Repeat the last row up to one of few numbers of rows, because JAX compiles for each number."""
    n_rows = len(cells)
    filled = np.empty((_n_filled(n_rows), cells.shape[1]), dtype=cells.dtype)
    filled[:n_rows] = cells
    filled[n_rows:] = cells[-1:]
    return filled


def _n_filled(n_rows: int) -> int:
    """Return a power of two or three quarters of one, less than twice the number of rows."""
    power = 1 << max(0, n_rows - 1).bit_length()
    return power * 3 // 4 if n_rows <= power * 3 // 4 else power


def _numbers(rows: Any) -> NDArray[Any]:
    """Turn rows into an array of numbers that JAX takes without a loss."""
    cells = cells_of(rows)
    if cells.dtype.kind not in "biuf":
        raise TypeError(
            f"model is a function of JAX, which takes numbers, but background has dtype {cells.dtype}: pass a function "
            "of rows that makes arrays of them"
        )
    import jax

    if cells.dtype.kind in "iu" and cells.dtype.itemsize == 8 and cells.size and not jax.config.jax_enable_x64:
        kept = np.iinfo(np.int32 if cells.dtype.kind == "i" else np.uint32)
        if cells.min() < kept.min or cells.max() > kept.max:
            raise ValueError(
                f"rows hold integers beyond {kept.max}, which JAX cuts off: call jax.config.update("
                '"jax_enable_x64", True), or pass rows of floating numbers'
            )
    return cells  # type: ignore[no-any-return]
