# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Markdown tables, and the format of the numbers in them."""

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
        Explains the columns. Its lines are joined.
    """

    def __init__(self, title: str, *columns: str, note: str = "") -> None:
        self.title = title
        self.columns = columns
        self.note = " ".join(note.split())
        self.rows: list[tuple[str, ...]] = []
        self.unrest = 1.0

    def add(self, *cells: object) -> None:
        """Add a row with one cell per column."""
        if len(cells) != len(self.columns):
            raise ValueError(f"a row needs {len(self.columns)} cells, got {len(cells)}")
        self.rows.append(tuple(str(cell) for cell in cells))

    def disturbed(self, unrest: float) -> None:
        """Record how many times larger a median is than the best of its samples."""
        self.unrest = max(self.unrest, unrest)

    def __str__(self) -> str:
        lines = [self.columns, tuple("---" for _ in self.columns), *self.rows]
        body = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        parts = [f"### {self.title}", body]
        if self.note:
            parts.append(self.note)
        if self.unrest > _QUIET:
            parts.append(f"**The machine was busy: one median is {self.unrest:.1f} times the best of its samples.**")
        return "\n\n".join(parts)


def duration(seconds: float) -> str:
    """Format a time in a suitable unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{three_digits(seconds / size)} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def three_digits(number: float) -> str:
    """Format a number with three significant digits and no exponent."""
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    return f"{number:,.{max(0, 2 - math.floor(math.log10(abs(number))))}f}"


def error_text(error: float) -> str:
    """Format a relative squared error, which is "exact" below 1e-20."""
    if not math.isfinite(error):
        return "not finite"
    return "exact" if error < 1e-20 else f"{error:.1e}" if error < 1e-3 else three_digits(error)


def verdict(met: bool, unrest: float = 1.0) -> str:
    """Return whether a target is met, unless the machine was too busy during the measurement."""
    if unrest > _JUDGED:
        return "machine too busy"
    return "yes" if met else "**no**"
