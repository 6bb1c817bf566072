# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Stores runs in a CSV file one by one, so that a command that was stopped can continue."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

Key = tuple[str, ...]


class Store:
    """The runs of one output folder.

    Parameters
    ----------
    path : Path
        The CSV file. It is made if it does not exist.
    key, measures : sequence of str
        The columns: those that identify a run, and those that are measured.
    """

    def __init__(self, path: Path, key: Sequence[str], measures: Sequence[str]) -> None:
        self._path, self._key, self._measures = path, tuple(key), tuple(measures)
        self.rows: list[dict[str, str]] = []
        if path.is_file():
            with path.open(newline="", encoding="utf-8") as file:
                # The last line may be cut off, if the command was stopped while it wrote.
                self.rows = [row for row in csv.DictReader(file) if None not in row.values() and None not in row]
        self._known = {tuple(row[column] for column in self._key) for row in self.rows}
        self._write()

    def has(self, key: Iterable[Any]) -> bool:
        """Return whether a run is stored."""
        return _text(key) in self._known

    def add(self, key: Iterable[Any], measured: dict[str, Any]) -> None:
        """Append a run, and write it to the file at once."""
        row = dict(zip(self._key, _text(key), strict=True))
        row.update({name: f"{measured[name]:.8g}" if name in measured else "" for name in self._measures})
        self.rows.append(row)
        self._known.add(_text(key))
        with self._path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, (*self._key, *self._measures)).writerow(row)

    def forget(self, unwanted: Callable[[dict[str, str]], bool]) -> int:
        """Delete runs, so that they are made again, and return their number."""
        kept = [row for row in self.rows if not unwanted(row)]
        dropped = len(self.rows) - len(kept)
        self.rows = kept
        self._known = {tuple(row[column] for column in self._key) for row in self.rows}
        self._write()
        return dropped

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial")
        with partial.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, (*self._key, *self._measures))
            writer.writeheader()
            writer.writerows(self.rows)
        partial.replace(self._path)


def _text(key: Iterable[Any]) -> Key:
    return tuple(f"{part:g}" if isinstance(part, float) else str(part) for part in key)
