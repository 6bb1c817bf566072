# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Universal Binary JSON, as far as XGBoost writes it: numbers keep all their bits, and arrays arrive as arrays."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

# The format's numbers are big-endian (https://ubjson.org).
_DTYPES = {
    ord(kind): np.dtype(dtype)
    for kind, dtype in {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}.items()
}
_SIZES = {kind: dtype.itemsize for kind, dtype in _DTYPES.items()}
_FLOATS = {ord("d"): struct.Struct(">f"), ord("D"): struct.Struct(">d")}
_CONSTANTS = {ord("Z"): None, ord("T"): True, ord("F"): False}
_TYPE, _COUNT, _ARRAY, _ARRAY_END, _OBJECT, _OBJECT_END, _TEXT, _CHARACTER = b"$#[]{}SC"


def parse(data: bytes | bytearray) -> Any:
    r"""Read one value.

    Parameters
    ----------
    data : bytes
        A complete document.

    Returns
    -------
    object
        dict, list, str, number, bool, None; an array of one number type is an ndarray.

    Raises
    ------
    ValueError
        If the data are no such document.

    Examples
    --------
    >>> parse(b"{i\x01aU\x05}")
    {'a': 5}
    """
    try:
        value, end = _value(data, 1, data[0])
    except (IndexError, KeyError, UnicodeDecodeError, ValueError, struct.error) as error:
        raise ValueError(f"data must be UBJSON: {error!r}") from error
    if end != len(data):
        raise ValueError(f"data must be one value of UBJSON, but {len(data) - end} bytes follow it")
    return value


def _value(data: bytes | bytearray, at: int, kind: int) -> tuple[Any, int]:
    """Read a value whose kind has been read; return it, and where it ends."""
    if kind == _TEXT:
        return _text(data, at)
    if kind == _ARRAY:
        return _array(data, at)
    if kind == _OBJECT:
        return _object(data, at)
    if kind in _FLOATS:
        form = _FLOATS[kind]
        return form.unpack_from(data, at)[0], at + form.size
    if kind in _SIZES:
        return _integer(data, at, kind)
    if kind == _CHARACTER:
        return chr(data[at]), at + 1
    return _CONSTANTS[kind], at


def _integer(data: bytes | bytearray, at: int, kind: int) -> tuple[int, int]:
    end = at + _SIZES[kind]
    if end > len(data):
        raise IndexError("the document ends early")
    return int.from_bytes(data[at:end], "big", signed=kind != ord("U")), end


def _text(data: bytes | bytearray, at: int) -> tuple[str, int]:
    length, at = _integer(data, at + 1, data[at])
    end = at + length
    if length < 0 or end > len(data):
        raise IndexError("the document ends early")
    return data[at:end].decode(), end


def _header(data: bytes | bytearray, at: int) -> tuple[int | None, int | None, int]:
    """Read the kind and the count that a container may begin with."""
    kind = count = None
    if data[at] == _TYPE:
        kind, at = data[at + 1], at + 2
    if data[at] == _COUNT:
        count, at = _integer(data, at + 2, data[at + 1])
        if count < 0:
            raise IndexError("a count is negative")
    return kind, count, at


def _array(data: bytes | bytearray, at: int) -> tuple[Any, int]:
    kind, count, at = _header(data, at)
    if kind in _DTYPES and count is not None:
        dtype = _DTYPES[kind]
        cells = np.frombuffer(data, dtype=dtype, count=count, offset=at) if count else np.empty(0, dtype=dtype)
        return cells.astype(dtype.newbyteorder("=")), at + cells.nbytes
    items: list[Any] = []
    while len(items) < count if count is not None else data[at] != _ARRAY_END:
        item, at = _value(data, at, kind) if kind is not None else _value(data, at + 1, data[at])
        items.append(item)
    return items, at + (count is None)


def _object(data: bytes | bytearray, at: int) -> tuple[dict[str, Any], int]:
    kind, count, at = _header(data, at)
    items: dict[str, Any] = {}
    while len(items) < count if count is not None else data[at] != _OBJECT_END:
        name, at = _text(data, at)
        items[name], at = _value(data, at, kind) if kind is not None else _value(data, at + 1, data[at])
    return items, at + (count is None)
