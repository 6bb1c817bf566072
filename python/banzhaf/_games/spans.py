# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Spans of a text as players, and the text with its spans highlighted."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._games.game import row_of
from banzhaf._games.masked import MaskedInput, shown_values
from banzhaf._support import arguments as check

_PATTERNS = {"words": r"\S+", "sentences": r"\S.*?(?:[.!?]+(?=\s|$)|$)", "lines": r"[^\r\n]*\S[^\r\n]*"}
_RED, _BLUE = (255, 0, 81), (0, 139, 251)


class TextSpans(MaskedInput):
    """Explain a model's output for one text by the values of its words, sentences or lines.

    The worth of a coalition is the model's output for the text without the other spans.

    Parameters
    ----------
    model : callable or object
        Takes a list of m texts and returns an array of shape (m,) or (m, n_outputs). An object is called by its
        ``predict_proba``, else its ``predict``; a pipeline of scikit-learn fits as it is.
    text : str
        The text.
    spans : {"words", "sentences", "lines"} or list of (start, end), default "words"
        What the players are. Pairs of positions in the text must be in order and must not overlap. Text between them
        is always there.
    absence : str or None, default None
        What replaces an absent span, such as a mask token. None removes the span and the blanks after it, and the
        blanks before it if nothing else follows.
    output : int, optional
        The output that counts, such as a class. By default all outputs.
    batch_size : int, default 256
        Largest number of texts in one call of the model.

    Attributes
    ----------
    n_players : int
        Number of spans.
    player_names : tuple of str
        The spans. If one occurs several times, its second occurrence is called ``"word (2)"``, and so on.

    See Also
    --------
    ContextAttribution : The same for prompts of language models.

    Examples
    --------
    >>> from banzhaf.games import TextSpans
    >>> def model(texts):
    ...     return [text.count("good") - 2.0 * text.count("not good") for text in texts]
    >>> game = TextSpans(model, "This is not good at all")
    >>> values = game.estimate(64)
    >>> values.player_names
    ('This', 'is', 'not', 'good', 'at', 'all')
    >>> values.values
    array([ 0.,  0., -1.,  0.,  0.,  0.])
    """

    def __init__(
        self,
        model: Any,
        text: str,
        *,
        spans: str | Iterable[tuple[int, int]] = "words",
        absence: str | None = None,
        output: int | None = None,
        batch_size: int = 256,
    ) -> None:
        self._set_model(model, output, batch_size)
        self._text = check.text("text", text)
        self._spans = _found(self._text, spans)
        self._absence = None if absence is None else check.text("absence", absence)
        self.n_players = check.players(len(self._spans))
        self.player_names = _names([self._text[start:end] for start, end in self._spans])
        ends = [end for _, end in self._spans]
        starts = [start for start, _ in self._spans[1:]] + [len(self._text)]
        self._before = self._text[: self._spans[0][0]]
        self._gaps = [self._text[end:start] for end, start in zip(ends, starts, strict=True)]

    def _masked(self, rows: NDArray[np.bool_]) -> list[str]:
        return [self.text_of(row) for row in rows]

    def text_of(self, coalition: NDArray[np.bool_]) -> str:
        """Write the text that the model gets for a coalition.

        Parameters
        ----------
        coalition : ndarray of bool, shape (n_players,)
            True for each span that is there.

        Returns
        -------
        str
            The text.

        Raises
        ------
        TypeError, ValueError
            If the coalition is no boolean array of this shape.

        Examples
        --------
        >>> import numpy as np
        >>> from banzhaf.games import TextSpans
        >>> game = TextSpans(len, "not good at all")
        >>> game.text_of(np.array([False, True, True, False]))
        'good at'
        """
        row = row_of(coalition, self.n_players)
        parts = [self._before]
        for present, (start, end), gap in zip(row, self._spans, self._gaps, strict=True):
            if present:
                parts += [self._text[start:end], gap]
            elif self._absence is None:
                parts.append(gap.lstrip())
            else:
                parts += [self._absence, gap]
        whole = "".join(parts)
        ends_absent = self._absence is None and not row[-1] and not self._gaps[-1].strip()
        return whole.rstrip() if ends_absent else whole  # the blanks before it end the text

    def highlight(self, values: Any, *, output: int | None = None) -> HighlightedText:
        """Colour the spans of the text by their values: red for positive ones, blue for negative ones.

        Parameters
        ----------
        values : BanzhafValues or array_like of shape (n_players,) or (n_players, n_outputs)
            Values of the spans.
        output : int, optional
            The output to show, if the values have several.

        Returns
        -------
        HighlightedText
            It shows itself in notebooks. Its attributes hold HTML, and text with colours for a terminal.

        Raises
        ------
        TypeError, ValueError
            If the values do not fit the spans, or have several outputs and none is chosen.

        Examples
        --------
        >>> from banzhaf.games import TextSpans
        >>> game = TextSpans(lambda texts: [text.count("a") for text in texts], "a <b>")
        >>> print(game.highlight(game.estimate(4)).html)
        <span style="white-space: pre-wrap"><mark style="background: rgba(255, 0, 81, 0.80)" title="1">a</mark> <mark
        style="background: rgba(255, 0, 81, 0.00)" title="0">&lt;b&gt;</mark></span>
        """
        shown = shown_values(values, self.n_players, self.player_names, output)
        largest = float(np.abs(shown).max()) or 1.0
        marks, coloured = [html.escape(self._before)], [self._before]
        for value, (start, end), gap in zip(shown, self._spans, self._gaps, strict=True):
            red, green, blue = _RED if value >= 0 else _BLUE
            strength = 0.8 * abs(float(value)) / largest
            span = self._text[start:end]
            marks.append(
                f'<mark style="background: rgba({red}, {green}, {blue}, {strength:.2f})" title="{value:.4g}">'
                f"{html.escape(span)}</mark>{html.escape(gap)}"
            )
            back = [round(255 + strength * (part - 255)) for part in (red, green, blue)]
            coloured.append(f"\x1b[30;48;2;{back[0]};{back[1]};{back[2]}m{span}\x1b[0m{gap}")
        return HighlightedText(
            html=f'<span style="white-space: pre-wrap">{"".join(marks)}</span>', terminal="".join(coloured)
        )

    def _described(self) -> str:
        return f"{self.n_players} spans of {len(self._text)} characters"


@dataclass(frozen=True, repr=False)
class HighlightedText:
    """A text with coloured spans; `TextSpans.highlight` returns it.

    Attributes
    ----------
    html : str
        The text as HTML. What the text holds is escaped.
    terminal : str
        The text with colours for a terminal.

    Examples
    --------
    >>> from banzhaf.games import TextSpans
    >>> game = TextSpans(lambda texts: [len(text) for text in texts], "ab c")
    >>> type(game.highlight([1.0, -1.0])).__name__
    'HighlightedText'
    """

    html: str
    terminal: str

    def __repr__(self) -> str:
        """Show the text with colours for a terminal."""
        return self.terminal

    def _repr_html_(self) -> str:
        return self.html


def _found(text: str, spans: Any) -> list[tuple[int, int]]:
    """Find or check the spans of a text."""
    if isinstance(spans, str):
        pattern = _PATTERNS[check.choice("spans", spans, _PATTERNS)]
        flags = re.DOTALL if spans == "sentences" else 0
        found = [match.span() for match in re.finditer(pattern, text, flags) if match[0].strip()]
        if not found:
            raise ValueError(f"text must hold at least one of the {spans}, got {text!r}")
        return found
    if not isinstance(spans, Iterable):
        raise TypeError(f"spans must be a word or pairs of positions, got {spans!r}")
    found, last = [], 0
    for pair in spans:
        try:
            start, end = (check.integer("spans", each, 0) for each in pair)
        except (TypeError, ValueError):
            raise TypeError(f"spans must hold pairs of positions, got {pair!r}") from None
        if not last <= start < end <= len(text):
            raise ValueError(
                f"spans must be in order, must not overlap, and must lie in the {len(text)} characters of the text, "
                f"got {pair!r}"
            )
        found.append((start, end))
        last = end
    if not found:
        raise ValueError("spans must hold at least one pair of positions")
    return found


def _names(spans: list[str]) -> tuple[str, ...]:
    """Name spans by their text, and count those that occur again."""
    seen: Counter[str] = Counter()
    taken = set(spans)
    names = []
    for span in spans:
        seen[span] += 1
        name = span if seen[span] == 1 else f"{span} ({seen[span]})"
        while seen[span] > 1 and name in taken:
            seen[span] += 1
            name = f"{span} ({seen[span]})"
        taken.add(name)
        names.append(name)
    return tuple(names)
