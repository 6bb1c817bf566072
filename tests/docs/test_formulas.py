# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Formulas of the site, as the builder writes them."""

from __future__ import annotations

import importlib.util
import re

import pytest
from pages import ROOT

pytest.importorskip("sphinx")
nodes = pytest.importorskip("docutils.nodes")


def mathml(formula):
    """A formula as the site's extension writes it, without white space between its elements."""
    spec = importlib.util.spec_from_file_location("mathml", ROOT / "docs" / "_ext" / "mathml.py")
    extension = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extension)
    return re.sub(r">\s+<", "><", extension.converted(nodes.math(formula, formula), False))


@pytest.mark.parametrize(("index", "element"), [("i", "<mi>i</mi>"), ("{b,i}", "<mrow><mi>b</mi>")])
def test_the_index_of_an_accented_letter_stands_beside_it(index, element):
    found = mathml(rf"\hat\phi_{index}")
    assert "munderover" not in found
    assert f"</mover>{element}" in found


def test_limits_of_sums_stay_below_and_above():
    found = mathml(r"\sum_{i=1}^n \hat\phi_i")
    assert found.count("<munderover>") == 1
    assert found.count("<msub>") == 1


def test_fractions_and_roots_have_braces():
    pages = sorted((ROOT / "docs").rglob("*.md"))
    assert pages
    bare = re.compile(r"\\[td]?frac(?:\{(?:[^{}]|\{[^{}]*\})*\})?(?=[^{])|\\sqrt(?=[^{\[])")
    lines = ((page.name, line) for page in pages for line in page.read_text(encoding="utf-8").splitlines())
    assert [found for found in lines if bare.search(found[1])] == []
