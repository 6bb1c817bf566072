# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Which of the tokens that a server echoes are those of the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_PART = "\ufffd"  # how servers write bytes that are no whole character
_BYTES = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")  # or so, in tokens that begin with "bytes:"
_MOST_EMPTY = 3  # tokens before the last one of a character of UTF-8


def squeezed(text: str) -> str:
    """Take out spaces, which tokenizers may add and drop."""
    return "".join(text.split())


def n_echoed(tokens: Sequence[str], text: str, usage: Any) -> int:
    """Count the tokens of the text that was sent; those after them were generated.

    Servers do not agree on whether the tokens of a prompt include the one that begins it. So the text decides first.
    """
    given = usage if isinstance(usage, dict) else {}
    prompt, generated = (given.get(name) for name in ("prompt_tokens", "completion_tokens"))
    counts = [prompt] if type(prompt) is int else []
    counts += [len(tokens) - generated] if type(generated) is int else []
    counts += [len(tokens) - 1, len(tokens)]
    for read in (str, squeezed):
        for matches in (str.__eq__, str.endswith):  # a token may begin the text
            for count in counts:
                if 0 <= count <= len(tokens) and matches(read("".join(tokens[:count])), read(text)):
                    return count
    return counts[0]


def n_last(tokens: Sequence[str], answer: str, before: str) -> int:
    """Count the last tokens that make the answer after the text before it; 0 if none do, or it cannot be told.

    A character may be several tokens. Servers write them as replacement characters or as bytes. Or all but the last one
    are empty, and the last one is the whole character.
    """
    joined = ""
    for count, token in enumerate(reversed(tokens), start=1):
        joined = token + joined
        if joined == answer:
            first = token.lstrip()[:1]
            if first.isascii():
                return count
            empty = 0
            while empty < _MOST_EMPTY and tokens[-count - empty - 1 : -count - empty] == [""]:
                empty += 1
            return count + empty
        if len(joined) >= len(answer):
            break
    if not has_parts(tokens[-len(answer.encode()) :]) or not (answer[0].isascii() or before[-1:].isascii()):
        return 0
    found = 0
    pattern = ""
    for count, token in enumerate(reversed(tokens), start=1):
        pattern = re.escape(_marked(token)) + pattern
        if re.fullmatch(re.sub(f"{_PART}+", r"[^\\x00-\\x7f]+", pattern), answer):
            found = count
        if count >= len(answer.encode()):
            break
    return found


def has_parts(tokens: Sequence[str]) -> bool:
    """Whether some tokens are parts of characters."""
    return any(_PART in _marked(token) for token in tokens)


def _marked(token: str) -> str:
    return _BYTES.sub(_PART, token.removeprefix("bytes:")) if token.startswith("bytes:") else token
