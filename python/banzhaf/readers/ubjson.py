# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Universal Binary JSON, as far as XGBoost writes it: numbers keep all their bits, arrays stay arrays."""

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
_LONG, _LONG_FORM = ord("L"), struct.Struct(">q")
_EMPTY = np.empty(0)
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
        dict, list, str, number, bool, None; an array of one number type is an ndarray, in the byte order of
        the format (big-endian).

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
        data = bytes(data)
        value, end = _value(data, 1, data[0])
    except (IndexError, KeyError, UnicodeDecodeError, ValueError, struct.error) as error:
        raise ValueError(f"data must be UBJSON: {error!r}") from error
    if end != len(data):
        raise ValueError(f"data must be one value of UBJSON, but {len(data) - end} bytes follow it")
    return value


def _value(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    """Read a value whose kind has been read; return it, and where it ends."""
    if kind == _ARRAY:
        return _array(data, at)
    if kind == _TEXT:
        return _text(data, at)
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


def _integer(data: bytes, at: int, kind: int) -> tuple[int, int]:
    end = at + _SIZES[kind]
    if end > len(data):
        raise IndexError("the document ends early")
    return int.from_bytes(data[at:end], "big", signed=kind != ord("U")), end


def _text(data: bytes, at: int) -> tuple[str, int]:
    length, at = _integer(data, at + 1, data[at])
    end = at + length
    if length < 0 or end > len(data):
        raise IndexError("the document ends early")
    return data[at:end].decode(), end


def _header(data: bytes, at: int) -> tuple[int | None, int | None, int]:
    """Read the kind and the count that a container may begin with."""
    kind = count = None
    if data[at] == _TYPE:
        kind, at = data[at + 1], at + 2
    if data[at] == _COUNT:
        if data[at + 1] == _LONG:
            count, at = _LONG_FORM.unpack_from(data, at + 2)[0], at + 10
        else:
            count, at = _integer(data, at + 2, data[at + 1])
        if count < 0:
            raise IndexError("a count is negative")
    return kind, count, at


def _array(data: bytes, at: int) -> tuple[Any, int]:
    kind, count, at = _header(data, at)
    if kind in _DTYPES and count is not None:
        dtype = _DTYPES[kind]
        return np.frombuffer(data, dtype, count, at) if count else np.empty(0, dtype), at + count * dtype.itemsize
    items: list[Any] = []
    while len(items) < count if count is not None else data[at] != _ARRAY_END:
        item, at = _value(data, at, kind) if kind is not None else _value(data, at + 1, data[at])
        items.append(item)
    return items, at + (count is None)


def _object(data: bytes, at: int) -> tuple[dict[str, Any], int]:
    kind, count, at = _header(data, at)
    items: dict[str, Any] = {}
    # XGBoost writes all lengths and counts as 64-bit integers, and nearly all it writes are typed arrays in objects:
    # these are read here, and all else by the functions above.
    while len(items) < count if count is not None else data[at] != _OBJECT_END:
        if data[at] == _LONG:
            first = at + 9
            at = first + _LONG_FORM.unpack_from(data, at + 1)[0]
            name = data[first:at].decode()
        else:
            name, at = _text(data, at)
        if kind is not None:
            items[name], at = _value(data, at, kind)
        elif data.startswith(b"[$", at) and data.startswith(b"#L", at + 3) and data[at + 2] in _DTYPES:
            dtype = _DTYPES[data[at + 2]]
            length = _LONG_FORM.unpack_from(data, at + 5)[0]
            at += 13
            items[name] = np.frombuffer(data, dtype, length, at) if length > 0 else _EMPTY
            at += length * dtype.itemsize
        else:
            items[name], at = _value(data, at + 1, data[at])
    return items, at + (count is None)
