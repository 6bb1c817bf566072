# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The API reference lists every public name, once."""

from __future__ import annotations

import re

from pages import ROOT

import banzhaf
import banzhaf.games

INDEX = ROOT / "docs" / "api" / "index.md"


def listed():
    """The names under the index's autosummary directives."""
    names = []
    for block in re.findall(r"\.\. autosummary::\n((?:[ ]+.*\n|\n)+)", INDEX.read_text(encoding="utf-8")):
        names += re.findall(r"^ +([A-Za-z_]\w*)$", block, flags=re.MULTILINE)
    return names


def test_every_public_name_stands_in_the_reference():
    public = {*banzhaf.__all__, *banzhaf.games.__all__} - {"__version__"}
    assert sorted(listed()) == sorted(public)


def test_every_public_header_stands_on_a_page():
    """All but banzhaf.hpp, which declares nothing and includes the others."""
    headers = {f"banzhaf/{path.name}" for path in (ROOT / "cpp" / "include" / "banzhaf").glob("*.h*")}
    headers = {*headers, "banzhaf.h"} - {"banzhaf/banzhaf.hpp"}
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "cpp").glob("*.md")]
    shown = [name for text in pages for name in re.findall(r"^```\{header\} (\S+)$", text, flags=re.MULTILINE)]
    assert sorted(shown) == sorted(header.rpartition("/")[2] for header in headers)
    included = [name for text in pages for name in re.findall(r"^#include <(\S+)>$", text, flags=re.MULTILINE)]
    assert sorted(included) == sorted(headers)
