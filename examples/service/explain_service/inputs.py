# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""From the body of a request to rows of numbers. Whatever does not fit is refused with a text that says why."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .engines import Loaded
    from .settings import Settings

SHOWN = 5  # names in a message


class Refused(Exception):
    """The request cannot be served. The text is for the client."""

    def __init__(self, status: int, text: str, **headers: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def parse(body: bytes) -> dict[str, Any]:
    """Parse a JSON object. Python's parser takes NaN, Infinity and repeated names, and keeps the last of those."""

    def constant(text: str) -> Any:
        raise Refused(400, f"the body must be JSON, which has no {text}: send null for a missing cell")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            times = Counter(name for name, _ in pairs)
            raise Refused(422, f"given more than once: {_listed([name for name in found if times[name] > 1])}")
        return found

    try:
        found = json.loads(body, parse_constant=constant, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body must be JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refused(422, "the body must be a JSON object")
    return found


def known(body: dict[str, Any], *names: str) -> None:
    """Refuse fields that are not known, because they are probably misspelt."""
    unknown = [name for name in body if name not in names]
    if unknown:
        raise Refused(422, f"unknown field {_listed(unknown)}: the fields are {_listed(names)}")


def deadline_of(header: str | None, field: Any, where: str, default_ms: float, max_ms: float) -> float:
    """Return the shorter of the deadlines that a header and the body give, in seconds."""
    given: list[tuple[str, Any]] = []
    if header is not None:
        try:
            given.append(("X-Deadline-Ms", float(header)))
        except ValueError:
            raise Refused(422, f"X-Deadline-Ms must be a number of milliseconds, got {header[:40]!r}") from None
    if field is not None:
        given.append((where, field))
    for name, value in given:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= max_ms:
            raise Refused(422, f"{name} must be a number of milliseconds, more than 0 and at most {max_ms:g}")
    return min((float(value) for _, value in given), default=default_ms) / 1000


def rows_of(given: Any, loaded: Loaded, settings: Settings, field: str = "rows") -> NDArray[Any]:
    """Make an array of rows, each given as an object by column name or as an array in the order of the columns."""
    if not isinstance(given, list) or not given:
        raise Refused(422, f"{field} must be an array of at least one row")
    if not isinstance(given[0], dict | list):
        raise Refused(422, f"{field} must be an array of rows: a single row goes into brackets of its own")
    if len(given) > settings.max_rows:
        raise Refused(413, f"{field} must be at most {settings.max_rows} rows, got {len(given)}: send several requests")
    allow = settings.allow_missing
    cells = [_cells(f"{field}[{index}]", row, loaded.columns, allow) for index, row in enumerate(given)]
    return checked(np.array(cells, dtype=np.float64), loaded, settings, field)


def checked(cells: NDArray[np.float64], loaded: Loaded, settings: Settings, field: str) -> NDArray[Any]:
    """Cast cells to the model's numbers, and refuse those that do not survive."""
    with np.errstate(over="ignore"):
        cast = cells.astype(loaded.dtype)
    bad = ~np.isfinite(cast)
    if settings.allow_missing:
        bad &= ~np.isnan(cells)
    if bad.any():
        row, column = (int(index) for index in np.argwhere(bad)[0])
        why = "is missing" if np.isnan(cells[row, column]) else f"is too large for {loaded.dtype.name}"
        raise Refused(422, f"{field}[{row}]: {loaded.columns[column]!r} {why}")
    return cast


def _cells(where: str, row: Any, columns: Sequence[str], allow_missing: bool) -> list[float]:
    """Return the cells of one row in the order of the columns."""
    if isinstance(row, dict):
        missing = [name for name in columns if name not in row]
        if missing:
            raise Refused(422, f"{where}: missing {_listed(missing)}")
        if len(row) > len(columns):
            unknown = [name for name in row if name not in columns]
            raise Refused(422, f"{where}: unknown {_listed(unknown)}")
        row = [row[name] for name in columns]
    elif not isinstance(row, list):
        raise Refused(422, f"{where} must be an object by column name, or an array of {len(columns)} numbers")
    elif len(row) != len(columns):
        raise Refused(422, f"{where} must have {len(columns)} numbers, got {len(row)}")
    return [
        cell if type(cell) is float else number(f"{where}: {name!r}", cell, allow_missing)
        for name, cell in zip(columns, row, strict=True)
    ]


def number(where: str, cell: Any, allow_missing: bool) -> float:
    """Return a cell as a number."""
    if cell is None:
        if allow_missing:
            return math.nan
        raise Refused(422, f"{where} is missing")
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        kind = {bool: "a Boolean", str: "a text", list: "an array", dict: "an object"}.get(type(cell), "no number")
        shown = f" {cell[:40]!r}" if isinstance(cell, str) else ""
        raise Refused(422, f"{where} must be a number, got {kind}{shown}")
    try:
        return float(cell)
    except OverflowError:
        raise Refused(422, f"{where} is too large") from None


def _listed(names: Sequence[str]) -> str:
    """List names, but no more than fit into a message."""
    shown = ", ".join(repr(str(name)[:60]) for name in names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
