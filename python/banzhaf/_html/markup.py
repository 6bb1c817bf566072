# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Builds HTML in which every text is escaped, unless it was built here itself."""

from __future__ import annotations

import html
from importlib import resources
from typing import Any

__all__ = ["Markup", "asset", "element", "join", "text"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Control characters have pictures, so that a name that holds one shows it. Tabs and line ends are spaces to a browser.
_SHOWN = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n\r"}
_SHOWN |= {0x0D: "\n", 0x7F: "\N{SYMBOL FOR DELETE}"}
_SHOWN |= {code: _REPLACEMENT for code in [*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]}
_VOID = frozenset(("br", "hr", "input", "meta", "path", "rect", "line", "circle"))
_FOREIGN = frozenset(("path", "rect", "line", "circle"))


class Markup(str):
    """A text that is HTML already."""

    __slots__ = ()


def text(value: Any) -> Markup:
    """Escape a text for use in an element or in a quoted attribute; markup stays as it is."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(visible(str(value))))


def visible(value: str) -> str:
    """Replace characters that HTML cannot hold by ones that show their place."""
    return value.translate(_SHOWN)


def join(*parts: Any) -> Markup:
    """Put parts behind one another; None is left out."""
    return Markup("".join([text(part) for part in parts if part is not None]))


def element(name: str, /, *children: Any, **attributes: Any) -> Markup:
    """Make an element.

    An attribute that is None or False is left out. `class_` stands for class, `aria_label` for aria-label.
    """
    pairs = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        pairs.append(f" {key}" if value is True else f' {key}="{text(value)}"')
    start = f"<{name}{''.join(pairs)}"
    if name in _VOID:
        return Markup(f"{start}/>" if name in _FOREIGN else f"{start}>")
    return Markup(f"{start}>{join(*children)}</{name}>")


def asset(name: str) -> str:
    """Read a style sheet or script that lies beside this file."""
    return resources.files("banzhaf._html").joinpath(name).read_text(encoding="utf-8")
