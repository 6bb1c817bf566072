# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The pages of the documentation and their Python blocks, which run here without Jupyter."""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
MADE = {"_build", "gallery", "generated"}  # folders that the build of the site fills
PAGES = [
    ROOT / "README.md",
    *(path for path in sorted(ROOT.glob("docs/**/*.md")) if not MADE & set(path.relative_to(ROOT).parts)),
]
FENCE = re.compile(
    r"^(?P<fence>`{3,})(?:python|\{code-cell\} *(?:python|ipython3)?)\n(?P<text>.*?)^(?P=fence)$",
    flags=re.DOTALL | re.MULTILINE,
)
# A cell's options: lines such as ":tags: [hide-input]", or the same between lines of three hyphens.
OPTIONS = re.compile(r"\A(?:---\n(?:.*\n)*?---\n|(?::[\w-]+:.*\n)+)")


class Block(NamedTuple):
    """A block of Python on a page."""

    code: str
    lines_before: int
    options: str

    @property
    def raises(self):
        """Whether the page says that this block raises."""
        return "raises-exception" in self.options


def blocks(page):
    """The Python blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        options = OPTIONS.match(match["text"]) if "{code-cell}" in match[0].splitlines()[0] else None
        head = options[0] if options else ""
        start = match.start("text") + len(head)
        yield Block(match["text"][len(head) :], text[:start].count("\n"), head)


def run(block, page, names):
    """Run a block in a page's names; its tracebacks show the page's lines."""
    if ">>>" in block.code:
        test = doctest.DocTestParser().get_doctest(block.code, names, page.name, str(page), block.lines_before)
        test.globs = names
        run_doctest(test)
        return
    tree = ast.parse("\n" * block.lines_before + block.code, str(page))
    # What ends a cell shows itself in a notebook: make it do so here.
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        *before, last = tree.body
        execute(ast.Module(before, []), page, "exec", names)
        shown = execute(ast.Expression(last.value), page, "eval", names)
        repr(shown)
        if hasattr(shown, "_repr_html_"):
            shown._repr_html_()
    else:
        execute(tree, page, "exec", names)


def execute(tree, page, mode, names):
    """Run a syntax tree, which may await as in a notebook, and give its value."""
    result = eval(compile(tree, str(page), mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def run_doctest(test):
    """Run a doctest; what it raises is raised, and what it prints amiss is shown."""
    runner = doctest.DebugRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    try:
        runner.run(test)
    except doctest.UnexpectedException as failure:
        error = failure.exc_info[1]
        if isinstance(error, ImportError):
            pytest.skip(str(error))
        raise error from None
    except doctest.DocTestFailure as failure:
        where = f"{failure.test.filename}, {failure.test.name}"
        pytest.fail(f"{where}:\n>>> {failure.example.source}{failure.got}instead of\n{failure.example.want}")
