# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Links to files outside docs/ lead to their pages: they work in the repository and on the site."""

from __future__ import annotations

PAGES = {
    "../bench/README.md": "bench.md",
    "../CHANGELOG.md": "changelog.md",
}


def rewrite(app, name, source):
    """Point a page's links at the pages that include those files."""
    for path, page in PAGES.items():
        for end in (")", "#"):
            source[0] = source[0].replace(f"]({path}{end}", f"]({page}{end}")


def setup(app):
    """Register with Sphinx."""
    app.connect("source-read", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
