# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What readers read: no sentence is over 35 words, and no internal term stands outside the pages that define it."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from public import members

ROOT = Path(__file__).parents[2]
LONGEST = 35
PAGES = [
    path
    for path in [
        *sorted(ROOT.glob("*.md")),
        ROOT / "bench" / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / ".github").rglob("*.md")),
    ]
    if path.exists() and "_build" not in path.parts
]
GALLERY = sorted((ROOT / "examples" / "gallery").glob("plot_*.py"))
# These pages define the internal terms, or describe the code that uses them.
DEFINING = {"glossary.md", "architecture.md"}

# The internal term, and what readers are told instead.
TERMS = {
    r"(?<!code )(?<!code-)\bblocks?\b": "a full Hadamard design",
    r"\bcomplete stages?\b|\bstages? of\b": "the complete nested design",
    r"\b(?:each|every|first|next|last|another) look\b|\blooks (?:come|after)\b": "a check",
    r"\bcrossed\b": "one design per background row",
    r"\bexplicands?\b": "the explained row",
    r"\bleast[- ]norm\b": "minimum-norm",
    r"\btold apart\b": "reported separately",
    r"\bpays? for\b": "covers",
    r"\bleast squares? problems? of\b|\bsolves? a least squares(?! problem)\b": "a least-squares problem",
    r"'s to say\b": "depends on",
}
ABBREVIATIONS = r"(?:e\.g|i\.e|et al|cf|vs|Fig|Eq|Thm|No|Sect|pp|p|[A-Z])"


def plain(text):
    """Markdown or reStructuredText without its marks: code and formulas count as one word."""
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", " ", text)
    text = re.sub(r"\{[a-z:]+\}`(?:[^`<]*<)?~?([^`>]*)>?`", "CODE", text)
    text = re.sub(r":[a-z:]+:`[^`]*`", "CODE", text)
    text = re.sub(r"``[^`]*``|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", "CODE", text, flags=re.DOTALL)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"https?://\S+", "link", text)


def sentences(paragraph):
    """The sentences of a paragraph, on one line each."""
    paragraph = " ".join(paragraph.split())
    paragraph = re.sub(rf"\b({ABBREVIATIONS})\.(?=\s)", r"\1", paragraph)
    return [sentence for sentence in re.split(r"(?<=[.!?])[)\"*_]*\s+(?=[^a-z])", paragraph) if sentence]


def n_words(sentence):
    return sum(bool(re.search(r"\w", word)) for word in sentence.split())


def paragraphs(markdown):
    """The prose of a page, a paragraph, list item, heading or table cell at a time."""
    markdown = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.DOTALL)
    # Directives of prose keep their text; every other fence is code.
    kept, fences = [], []
    for line in markdown.splitlines():
        mark = re.match(r"\s*(`{3,}|~{3,}|:{3,})\s*(\S*)", line)
        if mark and fences and mark[1][0] == fences[-1][0][0] and len(mark[1]) >= len(fences[-1][0]) and not mark[2]:
            fences.pop()
            kept.append("")
        elif mark and all(prose for _, prose in fences):
            prose = re.fullmatch(
                r"\{(note|tip|warning|important|glossary|dropdown|grid.*|card|tab-.*|admonition|seealso)\}", mark[2]
            )
            fences.append((mark[1], bool(prose) or mark[1][0] == ":"))
            kept.append("")
        elif all(prose for _, prose in fences):
            kept.append("" if re.match(r"\s*(:[\w-]+:|\([\w-]+\)=)", line) else line)
    units, unit = [], []
    for line in [*plain("\n".join(kept)).splitlines(), ""]:
        if line.lstrip().startswith("|"):
            units += line.strip().strip("|").split("|")
        starts = re.match(r"\s*([-*+]|\d+\.|#+|>|:)\s", line)
        if (not line.strip() or starts or line.lstrip().startswith("|")) and unit:
            units.append(" ".join(unit))
            unit = []
        if line.strip() and not line.lstrip().startswith("|"):
            unit.append(re.sub(r"^\s*([-*+]|\d+\.|#+|>|:)\s+", "", line))
    return [unit for unit in units if unit.strip()]


def of_gallery(path):
    """The prose of a gallery script: its docstring, and the comments that are cells of text."""
    source = path.read_text()
    texts = [ast.get_docstring(ast.parse(source)) or ""]
    for cell in re.findall(r"^# %%.*\n((?:#.*\n)*)", source, flags=re.MULTILINE):
        texts.append("\n".join(line[2:] for line in cell.splitlines()))
    lines = "\n\n".join(texts).splitlines()
    return paragraphs("\n".join("" if re.fullmatch(r"[=\-~^]{3,}", line) else line for line in lines))


def of_docstring(text):
    """The prose of a docstring, without its examples, signatures and underlines."""
    kept = []
    for line in inspect.cleandoc(text).splitlines():
        if line.lstrip().startswith((">>>", "...")):
            kept.append(None)
        elif kept and kept[-1] is None and line.strip():
            kept.append(None)  # what an example prints
        elif re.fullmatch(r"\s*-{3,}\s*", line):
            kept[-1] = ""
        else:
            signature = re.match(r"\w[\w, *]* : ", line)
            # A change of indentation ends a paragraph.
            last = next((text for text in reversed(kept) if text), "")
            if len(line) - len(line.lstrip()) != len(last) - len(last.lstrip()):
                kept.append("")
            kept.append("" if signature else line)
    return paragraphs("\n".join(line or "" for line in kept))


def too_long(units):
    return [sentence for unit in units for sentence in sentences(unit) if n_words(sentence) > LONGEST]


def internal(units):
    return [
        f"{found[0]!r} (say: {instead}) in: {unit.strip()[:120]}"
        for unit in units
        for term, instead in TERMS.items()
        for found in re.finditer(term, unit)
    ]


def summaries():
    for path in sorted((ROOT / "python" / "banzhaf").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node)
                if text:
                    yield f"{path.name}:{getattr(node, 'lineno', 1)}", text.partition("\n\n")[0]


DOCSTRINGS = {name: inspect.getdoc(thing) for name, thing in members()}


class TestSentences:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_of_pages_are_short(self, page):
        assert not too_long(paragraphs(page.read_text()))

    @pytest.mark.parametrize("script", GALLERY, ids=lambda path: path.stem)
    def test_of_the_gallery_are_short(self, script):
        assert not too_long(of_gallery(script))

    @pytest.mark.parametrize("name", DOCSTRINGS)
    def test_of_public_docstrings_are_short(self, name):
        assert not too_long(of_docstring(DOCSTRINGS[name]))

    def test_of_summaries_are_short(self):
        assert not [(where, text) for where, summary in summaries() for text in too_long([plain(summary)])]


class TestTerms:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_of_the_code_stay_out_of_pages(self, page):
        if page.name not in DEFINING and "theory" not in str(page.relative_to(ROOT)):
            assert not internal(paragraphs(page.read_text()))

    @pytest.mark.parametrize("script", GALLERY, ids=lambda path: path.stem)
    def test_of_the_code_stay_out_of_the_gallery(self, script):
        assert not internal(of_gallery(script))

    @pytest.mark.parametrize("name", DOCSTRINGS)
    def test_of_the_code_stay_out_of_public_docstrings(self, name):
        assert not internal(of_docstring(DOCSTRINGS[name]))


class TestTheCheck:
    """It finds what it should, and nothing else."""

    LONG = "word " * 35 + "end."

    def test_long_sentences_in_every_kind_of_text(self):
        page = f"# Title\n\n{self.LONG}\n\n- {self.LONG}\n\n| a | b |\n| --- | --- |\n| x | {self.LONG} |\n"
        assert len(too_long(paragraphs(page))) == 3
        note = f"```{{note}}\n{self.LONG}\n```\n\n:::{{tip}}\n{self.LONG}\n:::\n"
        assert len(too_long(paragraphs(note))) == 2
        docstring = f"Do it.\n\nParameters\n----------\nx : int\n    {self.LONG}\n\nExamples\n--------\n>>> 1\n1\n"
        assert len(too_long(of_docstring(docstring))) == 1

    def test_code_and_formulas_count_as_a_word(self):
        code = f"```python\n{self.LONG}\n```\n\n```{{code-cell}} python\n{self.LONG}\n```\n"
        assert not too_long(paragraphs(f"Say `{self.LONG}` and ${self.LONG}$.\n\n{code}"))

    def test_sentences_end_where_they_end(self):
        text = "It works, e.g. here. See Fig. 2 of A. M. Kerdock et al. for more! (Or not.) Then 3.5 follows."
        assert len(sentences(text)) == 4

    def test_internal_terms(self):
        assert internal(["The first block is complete."])
        assert internal(["A complete stage follows, and the crossed design."])
        assert not internal([plain("A code block. It looks at `crossed` designs.")])
