# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A prompt some of whose parts are players: the text that a coalition makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._games.game import row_of
from banzhaf._support import arguments as check

PLACE = "{context}"
_SHOWN = 32  # characters of a source in its name


class Prompt:
    """The sources of a prompt, and the text around them.

    Parameters
    ----------
    sources : sequence of str or image
        The players. Images are objects that are no texts.
    around : str
        The prompt, with ``{context}`` where the sources stand.
    separator : str
        What stands between two sources that are there.
    """

    def __init__(self, sources: Any, around: Any, separator: Any) -> None:
        if isinstance(sources, str | bytes) or not isinstance(sources, Iterable):
            raise TypeError(
                f"sources must be a sequence of texts, got {type(sources).__name__}: split a text into its parts first"
            )
        self.sources: Sequence[Any] = tuple(map(_copied, sources))
        if not self.sources:
            raise ValueError("sources must not be empty")
        for i, source in enumerate(self.sources):
            if source is None or isinstance(source, bytes | int | float):
                raise TypeError(f"sources must be texts or images, but number {i} is a {type(source).__name__}")
            if isinstance(source, str) and not source:
                raise ValueError(f"sources must not be empty texts, but number {i} is")
        places = check.text("prompt", around).count(PLACE)
        if places != 1:
            raise ValueError(f"prompt must contain {PLACE} once, where the sources are to stand, got it {places} times")
        self._before, self._after = around.split(PLACE)
        self._separator = check.text("separator", separator)

    @property
    def has_images(self) -> bool:
        """Whether any source is an image."""
        return any(not isinstance(source, str) for source in self.sources)

    def text(self, row: NDArray[np.bool_], image_token: str | None = None) -> str:
        """Give the prompt with the sources of one coalition; `image_token` stands for each image."""
        parts = (source if isinstance(source, str) else image_token or "[image]" for source in self._there(row))
        return f"{self._before}{self._separator.join(parts)}{self._after}"

    def images(self, row: NDArray[np.bool_]) -> list[Any]:
        """Give the images of one coalition."""
        return [source for source in self._there(row) if not isinstance(source, str)]

    def row(self, coalition: Any) -> NDArray[np.bool_]:
        """Check a coalition that a user passes."""
        return row_of(coalition, len(self.sources))

    def _there(self, row: NDArray[np.bool_]) -> list[Any]:
        return [source for source, there in zip(self.sources, row, strict=True) if there]


def _copied(source: Any) -> Any:
    """Copy an image of Pillow, NumPy or PyTorch, so that later changes of it do not reach the game."""
    copied = getattr(source, "copy", getattr(source, "clone", None))
    return copied() if callable(copied) else source


def names_of(given: Iterable[str] | None, sources: Sequence[Any], what: str) -> tuple[str, ...]:
    """Check the names of sources, or make them of their numbers and first words; `what` is the sources' argument."""
    check.players(len(sources))
    checked = check.names("player_names", given, len(sources), what)
    if checked is not None:
        return checked
    names = []
    for i, source in enumerate(sources):
        words = " ".join(source.split()) if isinstance(source, str) else "[image]"
        shown = words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1].rstrip()}…"
        names.append(f"{i + 1}: {shown}")
    return tuple(names)
