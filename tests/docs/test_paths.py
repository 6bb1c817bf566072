# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Every path in backticks on a page is that of a file or folder of the project."""

from __future__ import annotations

import re

import pytest
from pages import PAGES, ROOT

NAMING = [*PAGES, ROOT / "bench" / "README.md", ROOT / "CONTRIBUTING.md"]
# Where a path may start, for it is short on pages about one part of the project.
STARTS = [
    ROOT,
    ROOT / "cpp",
    ROOT / "cpp" / "include",
    ROOT / "cpp" / "src",
    ROOT / "bench",
    ROOT / "python" / "banzhaf",
]
# Prose alone: a path in a block of code may be the reader's own.
FENCED = re.compile(r"^(?P<fence>`{3,})[^\n]*\n.*?^(?P=fence)$", flags=re.DOTALL | re.MULTILINE)
QUOTED = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FILE = re.compile(r"[\w./-]*/[\w.-]+\.(?:bib|cmake|cpp|css|hpp|inl|md|py|pyi|sh|toml|yml)")
FOLDER = re.compile(r"(?:\.ci|\.github|bench|cmake|cpp|docs|examples|python|tests|tools)(?:/[\w.-]+)*/")
MADE = ("docs/_build/", "docs/gallery/")  # by commands that the pages name


def paths(page):
    """The paths that a page names in its prose."""
    for quoted in QUOTED.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        name = quoted.removeprefix("../")
        if (FILE.fullmatch(name) or FOLDER.fullmatch(name)) and not name.startswith(MADE):
            yield name


def exists(name):
    return any((start / name).exists() for start in STARTS)


@pytest.mark.parametrize("page", NAMING, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_exist(page):
    assert [name for name in paths(page) if not exists(name)] == []


class TestTheCheck:
    """It finds what it should, and nothing else."""

    def test_finds_files_and_folders(self, tmp_path):
        page = tmp_path / "page.md"
        page.write_text("`tests/none.py`, `cpp/src/none/`, `values.npz`, `a/b`.\n\n```sh\n`tests/neither.py`\n```\n")
        assert list(paths(page)) == ["tests/none.py", "cpp/src/none/"]
        assert not any(map(exists, paths(page)))

    def test_of_proofs_is_not_empty(self):
        """Each page of the theory names its tests."""
        pages = [page for page in PAGES if page.parent.name == "theory"]
        assert len(pages) == 9
        assert all(any("tests/" in name for name in paths(page)) for page in pages)
