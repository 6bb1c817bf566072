# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What an index of an explanation selects: rows, features and outputs, by position, name or mask."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._support.cells import similar
from banzhaf._support.labelled import check_own_order

__all__ = ["positions", "split_key"]


def split_key(key: Any, n_axes: int) -> tuple[Any, Any, Any]:
    """Split an index into those of rows, of features and of outputs; a slice of all stands for what is left out."""
    parts: list[Any] = list(key) if isinstance(key, tuple) else [key]
    dots = [place for place, part in enumerate(parts) if part is Ellipsis]
    if len(dots) > 1:
        raise TypeError("an Explanation is indexed with at most one ...")
    if dots:
        place = dots[0]
        parts[place : place + 1] = [slice(None)] * (n_axes - len(parts) + 1)
    if len(parts) > 3:
        raise TypeError(f"an Explanation is indexed by rows, features and outputs, got {len(parts)} indices")
    parts += [slice(None)] * (3 - len(parts))
    return parts[0], parts[1], parts[2]


def positions(what: str, given: Any, count: int, names: tuple[str, ...] | None) -> NDArray[np.intp]:
    """Turn an integer, slice, mask, name or sequence of these into positions.

    Parameters
    ----------
    what : {"rows", "features", "outputs"}
        What is selected, for messages.
    given : int, slice, str or array_like
        The index.
    count : int
        How many there are.
    names : tuple of str, optional
        Their names, if they have names.

    Returns
    -------
    ndarray of int
    """
    if isinstance(given, str):
        return np.array([_position(what, given, names)], dtype=np.intp)
    if isinstance(given, slice):
        if any(isinstance(end, str) for end in (given.start, given.stop, given.step)):
            raise TypeError(f"a slice of {what} must have positions as its ends: give a list of names instead")
        return np.arange(count, dtype=np.intp)[given]
    kinds = "integers, a slice, a boolean mask or names" if names else "integers, a slice or a boolean mask"
    if given is None:
        raise TypeError(f"{what} must be selected by {kinds}, got None")
    if str(getattr(given, "dtype", "")) in ("bool", "boolean"):
        check_own_order(given, count, f"a mask of {what} must be in their order, got", "Pass")
    listed = np.asarray(given, dtype=object if _holds_text(given) else None)
    if listed.size == 0 and listed.dtype != bool:
        listed = listed.astype(np.intp)
    if listed.dtype == object and listed.ndim == 1 and all(isinstance(item, str) for item in listed):
        return np.array([_position(what, item, names) for item in listed], dtype=np.intp)
    if listed.dtype.kind not in "biu" or listed.ndim > 1 or (listed.dtype == bool and listed.ndim == 0):
        raise TypeError(f"{what} must be selected by {kinds}, got {given!r}")
    if listed.dtype == bool and len(listed) != count:
        raise IndexError(f"a mask of {what} must have {count} entries, got {len(listed)}")
    found: NDArray[np.intp] = np.atleast_1d(np.arange(count, dtype=np.intp)[listed])
    return found


def _holds_text(given: Any) -> bool:
    if isinstance(given, np.ndarray):
        return given.dtype.kind in "UOT"
    return isinstance(given, (list, tuple)) and any(isinstance(item, str) for item in given)


def _position(what: str, name: str, names: tuple[str, ...] | None) -> int:
    if names is None:
        remedy = (
            "explanation[:, name] selects a feature" if what == "rows" else "they have no names, select by position"
        )
        raise TypeError(f"{what} must not be selected by a name, got {name!r}: {remedy}")
    found = [place for place, known in enumerate(names) if known == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"several {what} are called {name!r}: select one of the positions {found}")
    raise ValueError(f"there is no {what[:-1]} {name!r}: choose from {similar(name, names)}")
