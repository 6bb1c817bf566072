# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Markdown tables, and numbers as they are written in them."""

from __future__ import annotations

import math

NOT_INSTALLED = "not installed"
_QUIET = 1.3
_JUDGED = 1.5


class Table:
    """A Markdown table with a title above it and a note below.

    Parameters
    ----------
    title : str
    columns : str
    note : str
        What a reader must know to judge the figures; its lines are joined.
    """

    def __init__(self, title: str, *columns: str, note: str = "") -> None:
        self.title = title
        self.columns = columns
        self.note = " ".join(note.split())
        self.rows: list[tuple[str, ...]] = []
        self.unrest = 1.0

    def add(self, *cells: object) -> None:
        """Add a row of as many cells as there are columns."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(self.columns)} cells make a row, got {len(cells)}")
        self.rows.append(tuple(str(cell) for cell in cells))

    def disturbed(self, unrest: float) -> None:
        """Take note of the times by which a median exceeds the best of its samples."""
        self.unrest = max(self.unrest, unrest)

    def __str__(self) -> str:
        lines = [self.columns, tuple("---" for _ in self.columns), *self.rows]
        body = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        parts = [f"### {self.title}", body]
        if self.note:
            parts.append(self.note)
        if self.unrest > _QUIET:
            parts.append(f"**The machine was busy: a median is {self.unrest:.1f} times the best of its samples.**")
        return "\n\n".join(parts)


def duration(seconds: float) -> str:
    """Write a time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{three_digits(seconds / size)} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def three_digits(number: float) -> str:
    """Write a number with three significant digits and no exponent."""
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    return f"{number:,.{max(0, 2 - math.floor(math.log10(abs(number))))}f}"


def error_text(error: float) -> str:
    """Write a relative squared error; below 1e-20 the values are exact up to rounding."""
    if not math.isfinite(error):
        return "not finite"
    return "exact" if error < 1e-20 else f"{error:.1e}" if error < 1e-3 else three_digits(error)


def verdict(met: bool, unrest: float = 1.0) -> str:
    """Say whether a target is met, unless something else was running while it was measured."""
    if unrest > _JUDGED:
        return "too busy to say"
    return "yes" if met else "**no**"
