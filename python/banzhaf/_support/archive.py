# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Result objects in one file: an npz archive of their arrays and a JSON text of the rest, without pickle."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import zipfile
import zlib
from typing import Any, TypeVar

import numpy as np

FORMAT = 1
_METADATA = "__banzhaf__"
_Kind = TypeVar("_Kind")
_KINDS: dict[str, type] = {}  # only these are ever constructed from a file
# What reading the wrong content may raise.
_DAMAGE = (ValueError, TypeError, KeyError, AttributeError)


def archived(kind: type[_Kind]) -> type[_Kind]:
    """Let objects of a dataclass be saved and loaded: a decorator."""
    _KINDS[kind.__name__] = kind
    return kind


def save(result: Any, path: str | os.PathLike[str]) -> None:
    """Write a result to one file.

    The file is an npz archive that ``numpy.load`` reads too: every array is a member under its field's name,
    and the member ``__banzhaf__`` holds the UTF-8 bytes of a JSON text with the format's version, the class
    and the rest.

    Parameters
    ----------
    result : BanzhafValues, Diagnosis or Explanation
        A dataclass of arrays, numbers, strings, None and tuples of them.
    path : str or path-like
        Used as it is given: no suffix is added. An existing file is replaced.

    Raises
    ------
    TypeError
        If `result` is of another class, or a field holds something else; nothing is written then.
    """
    kind = type(result).__name__
    if kind not in _KINDS:
        raise TypeError(f"only {', '.join(_KINDS)} can be saved, got {kind}")
    arrays: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray) and value.dtype != object:
            arrays[field.name] = value
        else:
            rest[field.name] = _encode(field.name, value)
    text = json.dumps({"format": FORMAT, "class": kind, "fields": rest}, allow_nan=False)
    arrays[_METADATA] = np.frombuffer(text.encode(), dtype=np.uint8)
    # An open stream, because savez appends ".npz" to a path.
    with open(path, "wb") as stream:
        np.savez_compressed(stream, **arrays)


def load(path: str | os.PathLike[str]) -> Any:
    """Read a result that was saved by its ``save`` method.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    BanzhafValues, Diagnosis or Explanation
        What was saved, equal to the last bit. Nothing in the file is executed.

    Raises
    ------
    ValueError
        If the file is not such an archive, is damaged, or was written by a later version of the format.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> import banzhaf
    >>> values = banzhaf.exact(lambda coalitions: coalitions @ np.array([1.0, 2.0]), 2)
    >>> path = os.path.join(tempfile.mkdtemp(), "values.banzhaf")
    >>> values.save(path)
    >>> banzhaf.load(path) == values
    True
    """
    name = os.fspath(path)
    with open(path, "rb") as stream:
        try:
            with np.load(stream, allow_pickle=False) as archive:
                members = {member: archive[member] for member in archive.files}
            metadata = json.loads(members.pop(_METADATA).tobytes())
            version, kind = metadata["format"], metadata["class"]
        except (*_DAMAGE, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError(f"{name!r} is not a file that banzhaf saved, or it is damaged") from error
    if version != FORMAT:
        raise ValueError(f"{name!r} has format {version!r}; this version of banzhaf reads {FORMAT}")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"{name!r} holds a {kind!r}, which this version of banzhaf does not know")
    try:
        rest = {field: _decode(value) for field, value in metadata["fields"].items()}
        return _KINDS[kind](**members, **rest)
    except _DAMAGE as error:
        raise ValueError(f"{name!r} does not hold a whole {kind}: {error}") from error


def same(first: Any, second: Any) -> bool:
    """Tell whether two results, or two of their fields, are equal to the last bit, NaN being equal to NaN."""
    if type(first) is not type(second):
        return False
    if dataclasses.is_dataclass(first):
        names = (field.name for field in dataclasses.fields(first))
        return all(same(getattr(first, name), getattr(second, name)) for name in names)
    if isinstance(first, np.ndarray):
        if first.dtype != second.dtype or first.shape != second.shape:
            return False
        if first.dtype == object:
            return all(map(same, first.flat, second.flat))
        if first.dtype.kind != "f":
            return bool(np.array_equal(first, second))
        equal = (first == second) & (np.signbit(first) == np.signbit(second))
        return bool(np.all(equal | (np.isnan(first) & np.isnan(second))))
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, float):
        return same(np.float64(first)[...], np.float64(second)[...])
    return bool(first == second)


def _encode(name: str, value: Any) -> Any:
    """Put a value in JSON's types; what JSON lacks becomes an object whose key says what it is."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, tuple):
        return {"tuple": [_encode(name, item) for item in value]}
    if isinstance(value, np.ndarray):
        return {"array": [_encode(name, item) for item in value.flat], "shape": list(value.shape)}
    raise TypeError(f"{name} holds a {type(value).__name__}, which cannot be saved")


def _decode(value: Any) -> Any:
    """Give back what `_encode` was given."""
    if not isinstance(value, dict):
        return value
    if "float" in value:
        return float(value["float"])
    if "tuple" in value:
        return tuple(map(_decode, value["tuple"]))
    array = np.empty(len(value["array"]), dtype=object)
    array[:] = [_decode(item) for item in value["array"]]
    return array.reshape(value["shape"])
