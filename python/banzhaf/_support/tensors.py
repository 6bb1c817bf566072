# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tensors of PyTorch, and arrays of narrow floating numbers, as arrays that NumPy can compute with."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

__all__ = ["from_tensor"]


def from_tensor(given: Any, says: str) -> Any:
    """Return a tensor of PyTorch as an array, and an array of bfloat16 as float32; anything else as it is.

    Unlike NumPy, this takes tensors that require gradients, that lie on another device, or that have a floating dtype
    which NumPy lacks. The last become float32, which holds their numbers. So do arrays of JAX and of ml_dtypes.

    Parameters
    ----------
    given : object
        What the user passed or returned.
    says : str
        First words of the error message.

    Returns
    -------
    object

    Raises
    ------
    TypeError
        If NumPy cannot hold the tensor, for example because it is sparse or quantized.
    """
    torch = sys.modules.get("torch")  # the library of an existing tensor has been imported
    if torch is None or not isinstance(given, torch.Tensor):
        return np.asarray(given).astype(np.float32) if _is_narrow(getattr(given, "dtype", None)) else given
    try:
        return given.numpy()
    except Exception:  # it needs one of these conversions, which together take as long again
        return _converted(given, torch, says)


def _converted(given: Any, torch: Any, says: str) -> Any:
    try:
        tensor = given.detach()
        if tensor.is_floating_point() and tensor.dtype not in (torch.float16, torch.float32, torch.float64):
            tensor = tensor.float()
        return tensor.cpu().resolve_conj().resolve_neg().numpy()
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise TypeError(f"{says} a tensor that NumPy cannot hold: {reason}") from error


def _is_narrow(dtype: Any) -> bool:
    """Tell whether a dtype is one of floating numbers that another package added to NumPy, such as bfloat16."""
    return isinstance(dtype, np.dtype) and dtype.kind == "V" and dtype.names is None and np.can_cast(dtype, np.float32)
