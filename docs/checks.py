# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What a built site must hold: no dead link or anchor, nothing from elsewhere, no heavy page."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

MOST_BYTES = 1_000_000
LOADING = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
}
LINKS = {"a": "href", "area": "href", **LOADING}


class Page(HTMLParser):
    """The links, anchors and parts of one page."""

    def __init__(self, path):
        super().__init__()
        self.path, self.links, self.loads, self.anchors = path, [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        """Note what this tag names and where it points."""
        given = dict(attrs)
        self.anchors.update(given[key] for key in ("id", "name") if given.get(key))
        link = given.get(LINKS.get(tag, ""))
        if link is None or (tag == "link" and given.get("rel") in ("canonical", "search", "index", "next", "prev")):
            return
        self.links.append((link, self.getpos()[0]))
        if tag in LOADING:
            self.loads.append(link)


def faults_of_links(site, pages):
    """Yield every link that leads nowhere, and everything that a page loads from elsewhere."""
    for page in pages.values():
        where = page.path.relative_to(site)
        for link, line in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("data", "mailto", "javascript"):
                continue
            if parts.scheme or parts.netloc:
                if link in page.loads:
                    yield f"{where}:{line}: loads {link} from elsewhere"
                elif parts.scheme not in ("http", "https") or "." not in parts.netloc:
                    yield f"{where}:{line}: malformed link {link}"
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                yield f"{where}:{line}: no such file: {link}"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                yield f"{where}:{line}: no such anchor: {link}"


def weight(page):
    """Bytes of a page with all that it loads."""
    files = {page.path}
    for link in page.loads:
        target = (page.path.parent / unquote(urlsplit(link).path)).resolve()
        if not urlsplit(link).scheme and target.is_file():
            files.add(target)
    return sum(file.stat().st_size for file in files)


def trim(site):
    """Remove what no page loads: the theme's own template, and the sources of its scripts and styles."""
    static = Path(site) / "_static"
    for path in [static / "webpack-macros.html", *static.rglob("*.map")]:
        path.unlink(missing_ok=True)


def check(site):
    """Print the faults of a built site and its figures; whether there were no faults."""
    site = Path(site).resolve()
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    faults = list(faults_of_links(site, pages))
    sizes = {path: path.stat().st_size for path in pages}
    faults += [f"{path.relative_to(site)}: {size:,} bytes" for path, size in sizes.items() if size > MOST_BYTES]
    for fault in faults:
        print(fault, file=sys.stderr)
    largest, heaviest = max(sizes, key=sizes.get), max(pages.values(), key=weight)
    n_links = sum(len(page.links) for page in pages.values())
    print(f"{len(pages)} pages, {n_links:,} links, {len(faults)} faults")
    print(f"largest page: {largest.relative_to(site)}, {sizes[largest]:,} bytes")
    print(f"heaviest page with all it loads: {heaviest.path.relative_to(site)}, {weight(heaviest):,} bytes")
    return not faults
