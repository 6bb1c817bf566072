# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Save a result in one file without pickle: an npz archive of its arrays and a JSON text of the rest."""

from __future__ import annotations

import dataclasses
import errno
import json
import math
import os
import stat
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from banzhaf._support import npz

FORMAT = 1
_METADATA = "__banzhaf__"
_MOST_DIGITS = 4300  # of an integer: parsing takes time quadratic in the digits
_MOST_TOLD = 500  # characters of a refusal's reason
_MOST_DIMENSIONS = 32
_SURROGATES = "surrogatepass"  # names may hold surrogates, and two escaped ones would merge into one character
_Kind = TypeVar("_Kind")
_KINDS: dict[str, type] = {}  # a file can construct only these
_PARTS: dict[str, type] = {}  # and these within them
_OPENERS: dict[bytes, Callable[[str], Any]] = {}  # by the first bytes of files of other formats


class Result:
    """What the archived dataclasses share: they compare by their fields, and pickles restore read-only arrays."""

    def __post_init__(self) -> None:
        """Check the fields and make the arrays read-only."""
        raise NotImplementedError

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickle and make its arrays read-only again."""
        vars(self).update(state)
        self.__post_init__()

    def __eq__(self, other: object) -> bool:
        """Tell whether all fields are equal to the last bit."""
        return same(self, other) if isinstance(other, type(self)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


def archived(kind: type[_Kind]) -> type[_Kind]:
    """Register a dataclass whose objects can be saved and loaded; for use as a decorator."""
    _KINDS[kind.__name__] = kind
    return kind


def part(kind: type[_Kind]) -> type[_Kind]:
    """Register a dataclass that fields of saved results may hold; for use as a decorator."""
    _PARTS[kind.__name__] = kind
    return kind


def opens(start: bytes) -> Callable[[Callable[[str], _Kind]], Callable[[str], _Kind]]:
    """Register a function that opens files of another format, which start with these bytes; for use as a decorator."""

    def register(opener: Callable[[str], _Kind]) -> Callable[[str], _Kind]:
        _OPENERS[start] = opener
        return opener

    return register


def save(result: Any, path: str | os.PathLike[str]) -> None:
    """Write a result to one file.

    The file is an npz archive that ``numpy.load`` reads as well. Every array is a member under its field's name. The
    name of an array in a registered part starts with that of the field that holds the part. The member
    ``__banzhaf__`` holds the UTF-8 bytes of a JSON text with the format's version, the class, and all other fields.

    Parameters
    ----------
    result : BanzhafValues, ShapleyValues, Interactions, Diagnosis, Explanation or Summary
        A dataclass of arrays, numbers, strings, None, tuples of them, and registered parts.
    path : str or path-like
        Used as given, without adding a suffix. An existing file keeps its permissions and is replaced once the new one
        is complete. A link is followed.

    Raises
    ------
    TypeError
        If `result` is of another class, or a field holds something else.
    OSError
        If the file, or a new one in its folder, cannot be written. An existing file is then unchanged.
    """
    kind = type(result).__name__
    if kind not in _KINDS:
        raise TypeError(f"only {', '.join(_KINDS)} can be saved, got {kind}")
    arrays: dict[str, NDArray[Any]] = {}
    rest: dict[str, Any] = {}
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray) and value.dtype in (np.float64, np.int64):
            arrays[field.name] = value
        else:
            rest[field.name] = encode(field.name, value, arrays)
    text = json.dumps({"format": FORMAT, "class": kind, "fields": rest}, allow_nan=False, ensure_ascii=False)
    arrays[_METADATA] = np.frombuffer(text.encode(errors=_SURROGATES), dtype=np.uint8)
    npz.write(os.fsdecode(path), arrays)


def load(path: str | os.PathLike[str]) -> Any:
    """Read a result or a tree explainer from a file that its ``save`` method wrote.

    The file may come from an untrusted source. Nothing in it is executed, and its declared sizes are checked before
    memory is allocated. Reading takes at most about 100 MB plus a fixed multiple of the file's size.
    The file of a tree explainer is mapped into memory, and stays in use as long as the explainer. Replace such a file
    by a new one, as ``save`` does, instead of changing it.

    Parameters
    ----------
    path : str or path-like
        Name of the file.

    Returns
    -------
    BanzhafValues, ShapleyValues, Interactions, Diagnosis, Explanation, Summary or TreeExplainer
        The saved result, equal to the last bit, or an explainer whose values are equal to the last bit.

    Raises
    ------
    ValueError
        If banzhaf did not save the file, it is damaged, or a later version of the format wrote it.
    OSError
        If the file cannot be opened or read.

    See Also
    --------
    BanzhafValues.save : Save the values of a game.
    ShapleyValues.save : Save Shapley values.
    Interactions.save : Save interactions.
    Explanation.save : Save an explanation.
    Summary.save : Save a summary of an explanation.
    Diagnosis.save : Save a diagnosis.
    TreeExplainer.save : Save an explainer of trees.

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
    name = os.fsdecode(path)
    mode = os.stat(name).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # opening a folder raises by itself
        raise ValueError(f"{name!r} is not a file that banzhaf saved: it is not a regular file")
    with open(name, "rb") as stream:
        start = stream.read(8)
    for known, opener in _OPENERS.items():
        if start.startswith(known):
            return opener(name)
    with open(name, "rb") as stream:
        try:
            reader = npz.Reader(stream)
            metadata = parse(reader.read(_METADATA).tobytes())
            version, kind, fields = metadata["format"], metadata["class"], metadata["fields"]
        except Exception as error:
            raise _refusal(error, f"{name!r} is not a file that banzhaf saved, or it is damaged") from error
        if type(version) is not int or version != FORMAT:
            raise ValueError(f"{name!r} has format {version!r}; this version of banzhaf reads format {FORMAT}")
        if not isinstance(kind, str) or kind not in _KINDS:
            raise ValueError(f"{name!r} holds a {kind!r}, which this version of banzhaf does not know")
        partial = f"{name!r} does not hold a whole {kind}"
        members = [member for member in reader.names if member != _METADATA]
        direct = [member for member in members if "." not in member]  # the others lie in parts
        try:
            _check_names(_KINDS[kind], direct, fields)
        except Exception as error:
            raise _refusal(error, partial) from error
        try:
            arrays = {member: reader.read(member) for member in members}
        except Exception as error:
            raise _refusal(error, f"{name!r} is not a file that banzhaf saved, or it is damaged") from error
    try:
        rest = {field: decode(value, arrays) for field, value in fields.items()}
        for member in arrays:
            if member not in direct:
                raise ValueError(f"no field refers to its member {member!r}")
        return _KINDS[kind](**arrays, **rest)
    except Exception as error:  # the constructor refused a field
        raise _refusal(error, partial) from error


def _check_names(kind: type, members: list[str], fields: dict[str, Any]) -> None:
    """Check that each field is present exactly once, or has a default."""
    known = {field.name: field for field in dataclasses.fields(kind)}
    given = [*members, *fields]
    for name in given:
        if name not in known:
            raise ValueError(f"it has no field {name!r}")
    if len(set(given)) < len(given):
        raise ValueError("a field appears twice")
    for name, field in known.items():
        has_default = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        if name not in given and not has_default:
            raise ValueError(f"its field {name!r} is missing")


def _refusal(error: Exception, text: str) -> Exception:
    """Turn an error about wrong content into a ValueError; leave errors of the system unchanged."""
    if isinstance(error, OSError) and error.errno != errno.EINVAL:  # EINVAL comes from an offset outside the file
        return error
    return ValueError(f"{text}: {str(error)[:_MOST_TOLD]}".removesuffix(": "))


def same(first: Any, second: Any) -> bool:
    """Tell whether two results, or two fields, are equal to the last bit; NaN equals NaN."""
    if type(first) is not type(second):
        return False
    if dataclasses.is_dataclass(first):
        names = (field.name for field in dataclasses.fields(first) if field.compare)
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


def encode(name: str, value: Any, arrays: dict[str, NDArray[Any]] | None = None) -> Any:
    """Convert a value to JSON's types; a type that JSON lacks becomes an object whose key names the type.

    Arrays of numbers within a part are added to `arrays`, and the text holds their names. Without it, they are refused.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": float.__repr__(value)}
    if isinstance(value, tuple):
        return {"tuple": [encode(name, item, arrays) for item in value]}
    if isinstance(value, np.ndarray) and value.dtype == object:
        return {"array": [encode(name, item, arrays) for item in value.flat], "shape": list(value.shape)}
    if type(value) in _PARTS.values():
        fields = {}
        for field in dataclasses.fields(value):
            inner, item = f"{name}.{field.name}", getattr(value, field.name)
            if arrays is not None and isinstance(item, np.ndarray) and item.dtype in (np.float64, np.int64):
                arrays[inner], fields[field.name] = item, {"member": inner}
            else:
                fields[field.name] = encode(inner, item, arrays)
        return {"part": type(value).__name__, "fields": fields}
    what = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
    raise TypeError(f"{name} holds {what}, which cannot be saved")


def decode(value: Any, arrays: dict[str, NDArray[Any]] | None = None) -> Any:
    """Reverse `encode`, and take the arrays of parts out of `arrays`."""
    if isinstance(value, list):
        raise ValueError("a field holds a list")
    if not isinstance(value, dict):
        return value
    keys = tuple(value)
    if keys == ("float",) and value["float"] in ("nan", "inf", "-inf"):
        return float(value["float"])
    if keys == ("tuple",) and isinstance(value["tuple"], list):
        return tuple(decode(item, arrays) for item in value["tuple"])
    if keys == ("array", "shape") and isinstance(value["array"], list) and isinstance(value["shape"], list):
        cells, shape = value["array"], value["shape"]
        is_shape = len(shape) <= _MOST_DIMENSIONS and all(type(extent) is int and extent >= 0 for extent in shape)
        if is_shape and math.prod(shape) == len(cells):
            items = (decode(cell, arrays) for cell in cells)
            return np.fromiter(items, dtype=object, count=len(cells)).reshape(shape)
    if keys == ("part", "fields") and value["part"] in _PARTS and isinstance(value["fields"], dict):
        kind = _PARTS[value["part"]]
        _check_names(kind, [], value["fields"])
        return kind(**{name: decode(item, arrays) for name, item in value["fields"].items()})
    if keys == ("member",) and isinstance(value["member"], str) and arrays and value["member"] in arrays:
        return arrays.pop(value["member"])
    raise ValueError("a field holds an object of another kind")


def parse(text: bytes) -> Any:
    """Parse JSON strictly: UTF-8, no repeated key, no NaN, no integer of thousands of digits."""
    return json.loads(
        text.decode(errors=_SURROGATES), object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_integer
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("its text repeats a key")
    return found


def _no_constant(text: str) -> None:
    raise ValueError(f"its text holds {text}, which is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"its text holds an integer of {len(digits)} digits")
    return int(digits)
