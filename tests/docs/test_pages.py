# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The Python blocks of README and of every page run: each page is one program."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pages import PAGES, ROOT, Block, blocks, run

import banzhaf

RECIPES = ("torch", "keras", "onnxruntime", "jax")
OPTIONAL = (*RECIPES, "tensorflow")  # the blocks that import these are skipped where they are missing
ANY_PAGE = ROOT / "docs" / "any.md"


def runs(page):
    """Run a page; skip the rest where a library of the test extra is missing."""
    names = {"__name__": "__main__"}
    for block in blocks(page):
        try:
            if block.raises:
                with pytest.raises(Exception):  # noqa: B017, PT011  # which one the page shows, and the site's readers see
                    run(block, page, names)
            else:
                run(block, page, names)
        except ImportError as error:
            if error.name not in OPTIONAL:
                pytest.skip(str(error))


@pytest.mark.filterwarnings("ignore:.* at the speed of the first ones this call takes")  # a busy machine's
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_blocks_run_in_their_order(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if "plot" in page.read_text(encoding="utf-8"):
        pytest.importorskip("matplotlib").use("agg")
        plt = pytest.importorskip("matplotlib.pyplot")
        monkeypatch.setattr(plt, "show", lambda: None)
        runs(page)
        plt.close("all")
    else:
        runs(page)


@pytest.mark.parametrize("library", RECIPES)
def test_recipes_run(library, tmp_path, monkeypatch):
    """The one block that imports a library which no other test needs, and whose last line says what it gives."""
    pytest.importorskip(library)
    if library == "onnxruntime":
        pytest.importorskip("skl2onnx")
    monkeypatch.chdir(tmp_path)
    (block,) = (
        block for page in PAGES for block in blocks(page) if re.match(rf"import {library}\n", block.code) is not None
    )
    cells = np.random.default_rng(0).normal(size=(20, 6))
    names = {"np": np, "banzhaf": banzhaf, "cells": cells}
    lines = block.code.splitlines()
    exec("\n".join([*lines[:-1], f"shape = {lines[-1]}"]), names)
    assert str(names["shape"]) == lines[-1].partition("# ")[2]


class TestBlocks:
    """Or the tests above would pass on anything."""

    def test_are_found(self):
        found = {page.name: list(blocks(page)) for page in PAGES}
        assert found["README.md"]
        assert found["notebook.md"]
        assert not any("_build" in page.parts for page in PAGES)

    def test_of_both_kinds(self, tmp_path):
        page = tmp_path / "page.md"
        page.write_text(
            "Text.\n\n```python\na = 1\n```\n\n```{code-cell} python\n:tags: [hide-input]\n\nb = a + 1\n```\n\n"
            "```{code-cell} python\n---\ntags: [raises-exception]\n---\n1 / 0\n```\n\n```text\nc = 3\n```\n"
        )
        first, second, third = blocks(page)
        assert first == Block("a = 1\n", 3, "")
        assert second == Block("\nb = a + 1\n", 8, ":tags: [hide-input]\n")
        assert third.code == "1 / 0\n"
        assert [block.raises for block in (first, second, third)] == [False, False, True]

    def test_share_their_names(self):
        names = {}
        run(Block("a = 1\n", 0, ""), ANY_PAGE, names)
        run(Block("a += 1\na\n", 0, ""), ANY_PAGE, names)
        assert names["a"] == 2

    def test_fail_with_the_line_of_the_page(self):
        with pytest.raises(ZeroDivisionError) as failure:
            run(Block("1 / 0\n", 6, ""), ANY_PAGE, {})
        assert failure.traceback[-1].lineno + 1 == 7

    def test_that_should_raise_must(self, tmp_path):
        page = tmp_path / "page.md"
        page.write_text("```{code-cell} python\n:tags: [raises-exception]\n1 + 1\n```\n")
        with pytest.raises(pytest.fail.Exception):
            runs(page)


def test_numbers_print_as_the_examples_show():
    """Else every doctest of an array would fail for no fault of its own."""
    assert repr(np.array([0.5])) == "array([0.5])"
