# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compiled functions: where they are, whether their signature is right, and what keeps them alive."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

import numpy as np

from banzhaf import _core
from banzhaf._support import arguments as check

__all__ = [
    *("CELLS", "GAME", "MODEL", "Compiled", "Kind", "Pointer"),
    *("data_of", "pointer_to", "refuse_declared", "texts_of"),
]

_NEEDS_LOCK = 4  # ctypes' flag of functions that must be called with the interpreter lock


@dataclass(frozen=True)
class Kind:
    """A kind of compiled function: the words for it, and the types of its parameters.

    Attributes
    ----------
    name : {"game", "model"}
    signature : str
        The signature in C, for error messages.
    capsule : str
        Name of a PyCapsule that holds a description.
    size : str
        Name of the number of players or columns that a function may declare.
    inputs : tuple of str
        Types that the first parameter may point to. With none, it may point to cells of any type.
    """

    name: str
    signature: str
    capsule: str
    size: str
    inputs: tuple[str, ...] = ()


GAME = Kind(
    "game",
    "int (const uint64_t *coalitions, size_t n_coalitions, size_t n_players, double *worths, size_t n_outputs, "
    "void *data)",
    _core.GAME_CAPSULE,
    "n_players",
    ("uint64",),
)
MODEL = Kind(
    "model",
    "int (const void *rows, size_t n_rows, size_t n_columns, double *outputs, size_t n_outputs, void *data)",
    _core.MODEL_CAPSULE,
    "n_columns",
)


class Compiled:
    """A compiled function of one kind, with what keeps it alive.

    Parameters
    ----------
    core : object
        The core's game or model.
    owners : tuple of objects
        What keeps the function and its data alive.
    function : object
        What the user passed.
    dtype : str, optional
        Type of the cells of a model.
    """

    kind: ClassVar[Kind]

    def __init__(self, core: Any, owners: tuple[Any, ...], function: Any, dtype: str | None = None) -> None:
        self.core = core
        self._owners = owners
        declared = {
            "dtype": dtype,
            "n_outputs": core.n_outputs if core.n_outputs > 1 else None,
            self.kind.size: getattr(core, self.kind.size) or None,
            "thread_safe": None if core.thread_safe else False,
        }
        known = (f"{name}={value!r}" for name, value in declared.items() if value is not None)
        self._shown = ", ".join([repr(function), *known])

    @property
    def n_outputs(self) -> int:
        """Number of outputs."""
        return int(self.core.n_outputs)

    def __repr__(self) -> str:
        """Show the function and what is known of it."""
        return f"native_{self.kind.name}({self._shown})"

    def __reduce__(self) -> NoReturn:
        """Refuse to pickle an address."""
        name = self.kind.name
        raise TypeError(f"a native {name} cannot be pickled or copied: call native_{name} again in the other process")


@dataclass(frozen=True)
class Pointer:
    """The address of a function, or of its description.

    Attributes
    ----------
    address : int
    owner : object
        What keeps the function alive.
    data : int or None
        The pointer that the function comes with, if it comes with one.
    is_description : bool
        Whether the address is that of a structure of ``banzhaf/native.h``.
    cells : str or None
        The type that the first parameter points to, if it is known.
    """

    address: int
    owner: Any
    data: int | None = None
    is_description: bool = False
    cells: str | None = None


def pointer_to(function: Any, kind: Kind, *, unchecked: bool) -> Pointer:
    """Find the address of a compiled function and check its signature.

    Parameters
    ----------
    function : object
        A ctypes function, a numba ``cfunc``, a `scipy.LowLevelCallable`, a PyCapsule, or an address.
    kind : Kind
        What the function should be.
    unchecked : bool
        Whether an address is accepted.

    Returns
    -------
    Pointer

    Raises
    ------
    TypeError
        If it is none of these, or has another signature. The message names the right one.
    ValueError
        If the address is null.
    """
    found = _find(function, kind, unchecked)
    if found.address == 0:
        raise ValueError("function must not be a null pointer")
    return found


def _find(function: Any, kind: Kind, unchecked: bool) -> Pointer:
    import ctypes

    if isinstance(function, ctypes.CFUNCTYPE(None).__bases__[0]):
        return _of_ctypes(function, kind)
    module = type(function).__module__.partition(".")[0]
    if module == "numba" and hasattr(function, "address"):
        return _of_numba(function, kind)
    if isinstance(function, tuple) and type(function).__name__ == "LowLevelCallable":
        return _of_capsule(tuple.__getitem__(function, 0), function, kind)
    if type(function).__name__ == "PyCapsule":
        return _of_capsule(function, function, kind)
    if isinstance(function, (int, np.integer)) and not isinstance(function, bool):
        if not unchecked:
            raise TypeError(
                f"function is an address, whose signature cannot be checked: pass unchecked=True if the function is "
                f"{kind.signature}"
            )
        return Pointer(check.integer("function", function, 0), None)
    hint = ""
    if module == "numba":
        hint = ": compile it with numba.cfunc"
    elif callable(function):
        hint = f": Explainer and estimate take a Python function as their {kind.name} as it is"
    raise TypeError(
        f"function must be a ctypes function, a numba cfunc, a scipy.LowLevelCallable, a PyCapsule or an address, got "
        f"{type(function).__name__}{hint}"
    )


def _of_ctypes(function: Any, kind: Kind, owner: Any = None) -> Pointer:
    import ctypes

    if function._flags_ & _NEEDS_LOCK:
        raise TypeError(
            "function must not need the interpreter lock: take it from ctypes.CDLL instead of ctypes.PyDLL, or make it "
            "with CFUNCTYPE instead of PYFUNCTYPE"
        )
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    owner = function if owner is None else owner
    if function.argtypes is None:  # a symbol of a library: only the type of its result can be known
        _check(kind, [_of_type(function.restype)])
        return Pointer(address, owner)
    types = [_of_type(each) for each in (function.restype, *function.argtypes)]
    return Pointer(address, owner, cells=_check(kind, types))


def _of_numba(function: Any, kind: Kind) -> Pointer:
    try:
        converted = function.ctypes
    except (TypeError, NotImplementedError):  # a type that C does not have
        raise _wrong(kind, "types that C does not have") from None
    return _of_ctypes(converted, kind, owner=(function, converted))


def _of_capsule(capsule: Any, owner: Any, kind: Kind) -> Pointer:
    name, address, context = _core.open_capsule(capsule)
    if name == kind.capsule:
        return Pointer(address, owner, is_description=True)
    found = re.fullmatch(r"\s*([^()]+)\(([^()]*)\)\s*", name or "")
    if found is None:
        raise TypeError(
            f"function must be a PyCapsule with the name {kind.capsule!r} or with a signature as its name, got one "
            f"with the name {name!r}"
        )
    types = [_of_text(text) for text in (found[1], *found[2].split(","))]
    return Pointer(address, owner, data=context or None, cells=_check(kind, types))


def _check(kind: Kind, types: list[str]) -> str | None:
    """Check the types of a result and of parameters, and return what the first parameter points to if it is known."""
    size = ("uint64", "int64")
    allowed = [("int32",), None, size, size, ("float64*", "void*"), size, None]
    shown = f"{types[0]} ({', '.join(types[1:])})"
    if types[0] != "int32":
        raise _wrong(kind, shown if len(types) > 1 else f"a function that returns {types[0]}")
    if len(types) == 1:
        return None
    cells = types[1].removesuffix("*")
    fits = len(types) == len(allowed) and types[1].endswith("*") and types[-1].endswith("*")
    fits = fits and (cells == "void" or (cells in kind.inputs if kind.inputs else cells in CELLS))
    if not fits or any(some is not None and each not in some for each, some in zip(types, allowed, strict=True)):
        raise _wrong(kind, shown)
    return None if cells == "void" else cells


def _wrong(kind: Kind, got: str) -> TypeError:
    return TypeError(f"function must have the signature {kind.signature}, got {got}")


CELLS = (
    *("float64", "float32", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64", "bool"),
)
# The words for types in C, where NumPy has other ones.
_WORDS = {
    **{"int": "intc", "signed int": "intc", "unsigned int": "uintc", "unsigned": "uintc", "uint": "uintc"},
    **{"long int": "long", "unsigned long": "ulong", "long long": "longlong", "unsigned long long": "ulonglong"},
    **{"short": "short", "unsigned short": "ushort", "char": "byte", "signed char": "byte", "unsigned char": "ubyte"},
    **{"float": "single", "double": "double", "_Bool": "bool", "size_t": "uintp", "uintptr_t": "uintp"},
    **{"ssize_t": "intp", "Py_ssize_t": "intp", "intptr_t": "intp", "intp": "intp"},
}


def _of_type(kind: Any) -> str:
    """Name a type of ctypes as NumPy does, with a star for a pointer."""
    import ctypes

    if kind is None:
        return "void"
    if kind is ctypes.c_void_p:
        return "void*"
    if hasattr(kind, "_dtype_"):  # numpy.ctypeslib.ndpointer
        return "void*" if kind._dtype_ is None else f"{kind._dtype_}*"
    inner = getattr(kind, "_type_", None)
    if isinstance(inner, type) and not hasattr(kind, "_length_"):
        return f"{_of_type(inner)}*"
    if isinstance(inner, str) and inner in "?bBhHiIlLqQfd":  # a number
        return str(np.dtype(kind))
    return str(getattr(kind, "__name__", kind))


def _of_text(text: str) -> str:
    """Name a type that is written in C as NumPy does, with a star for each pointer."""
    stars = text.count("*")
    words = re.sub(r"\b(const|volatile|restrict)\b|\*", " ", text).split()
    name = " ".join(words).removeprefix("npy_")
    name = _WORDS.get(name, name.removesuffix("_t"))
    with contextlib.suppress(TypeError):  # a type of the user's own
        name = name if name == "void" else str(np.dtype(name))
    return name + "*" * stars


def data_of(data: Any, function: Pointer, *, unchecked: bool) -> tuple[int, tuple[Any, ...]]:
    """Find the address of the data that a function gets, and what keeps function and data alive.

    Parameters
    ----------
    data : ndarray, ctypes object, bytes-like object, PyCapsule, int or None
    function : Pointer
        It may come with its own data.
    unchecked : bool
        Whether an address is accepted.

    Returns
    -------
    address : int
    owners : tuple of objects

    Raises
    ------
    TypeError, ValueError
        If the data have no address, are an array with gaps, or the function has data of its own.
    """
    if function.data is not None:
        if data is not None:
            raise ValueError("data must be None, because function comes with its own")
        return function.data, (function.owner, None)
    address, owner = _address_of(data, unchecked)
    return address, (function.owner, owner)


def _address_of(data: Any, unchecked: bool) -> tuple[int, Any]:
    import ctypes

    if data is None:
        return 0, None
    if isinstance(data, (bytes, bytearray, memoryview)):
        data = np.frombuffer(data, dtype=np.uint8)
    if isinstance(data, np.ndarray):
        if data.dtype.hasobject:
            raise TypeError(f"data must not hold Python objects, got an array of dtype {data.dtype}")
        if not data.flags.c_contiguous:
            raise ValueError("data must be C-contiguous: pass numpy.ascontiguousarray(data)")
        if not data.dtype.isnative:
            raise ValueError(
                f"data must have the byte order of this machine, got dtype {data.dtype}: pass "
                'data.astype(data.dtype.newbyteorder("="))'
            )
        if np.ma.is_masked(data):
            raise ValueError("data must not be a masked array with masked entries: fill them, for example with .filled")
        return data.ctypes.data, data
    if isinstance(data, (ctypes.c_void_p, ctypes._Pointer)):
        return ctypes.cast(data, ctypes.c_void_p).value or 0, data
    if isinstance(data, (ctypes.Array, ctypes.Structure, ctypes.Union, ctypes._SimpleCData)):
        return ctypes.addressof(data), data
    if type(data).__name__ == "PyCapsule":
        return int(_core.open_capsule(data)[1]), data
    if isinstance(data, (int, np.integer)) and not isinstance(data, bool) and unchecked:
        return check.integer("data", data, 0), None
    address = ", or unchecked=True for an address" if isinstance(data, (int, np.integer)) else ""
    raise TypeError(
        f"data must be an array, a ctypes object, a bytes-like object or a PyCapsule{address}, got "
        f"{type(data).__name__}"
    )


def texts_of(errors: Any) -> dict[int, str]:
    """Check the texts of errors, which a mapping gives for the numbers that a function returns."""
    if errors is None:
        return {}
    if not isinstance(errors, Mapping):
        raise TypeError(f"errors must be a mapping of int to str, got {type(errors).__name__}")
    least = -(2**31)
    return {
        check.integer("a key of errors", code, least, -least - 1): check.text("a value of errors", text)
        for code, text in errors.items()
    }


def refuse_declared(kind: Kind, given: Mapping[str, Any]) -> None:
    """Refuse arguments beside a structure that has a field for each of them."""
    for name, value in given.items():
        if value is not None:
            raise ValueError(
                f"{name} must be left out, because the capsule {kind.capsule!r} declares it, got {value!r}"
            )
