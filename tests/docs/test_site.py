# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The built site in Chromium: widths, colours, search, and what is left without scripts. Skipped if not built."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from browser import PROGRAM, Browser, served
from pages import ROOT

SITE = Path(os.environ.get("BANZHAF_SITE", ROOT / "docs" / "_build" / "html"))
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
READ = [page for page in PAGES if page not in ("search.html", "genindex.html")]
PHONE, DESKTOP = 390, 1280

pytestmark = [
    pytest.mark.skipif(not PAGES, reason="the site is not built: python -m docs"),
    pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    pytest.importorskip("tornado")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def site():
    with served(SITE) as address:
        yield address


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_pages_fit_and_load_without_faults(browser, site, width, page):
    browser.look(width)
    browser.open(f"{site}/{page}")
    assert browser.faults() == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    # Everything wider than the window lies in something that scrolls by itself.
    cut = browser.evaluate(
        """[...document.querySelectorAll("article *")].filter(element => {
          if (element.getBoundingClientRect().right <= innerWidth + 1 || !element.innerText?.trim()) return false;
          for (let at = element; at && at.tagName !== "ARTICLE"; at = at.parentElement) {
            if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return false;
          }
          return true;
        }).map(element => element.outerHTML.slice(0, 200))"""
    )
    assert cut == []


@pytest.mark.parametrize("page", READ)
def test_pages_read_the_same_without_scripts(browser, site, page):
    text = """document.querySelector("article").innerText.replace(/\\s+/g, " ")"""
    browser.look(DESKTOP)
    browser.open(f"{site}/{page}")
    with_scripts = browser.evaluate(text)
    browser.look(DESKTOP, scripts=False)
    browser.open(f"{site}/{page}")
    assert browser.evaluate(text) == with_scripts
    assert len(with_scripts) > 40


@pytest.mark.parametrize("query", ["Explainer", "Shapley", "standard error", "find_package"])
def test_search_finds(browser, site, query):
    browser.look(DESKTOP)
    browser.open(f"{site}/search.html?q={query.replace(' ', '+')}")
    found = browser.evaluate(
        """new Promise((resolve, reject) => {
          const began = Date.now();
          const look = () => {
            const links = [...document.querySelectorAll("#search-results li a")].map(link => link.getAttribute("href"));
            if (links.length) resolve(links);
            else if (Date.now() - began > 30000) resolve([]);
            else setTimeout(look, 50);
          };
          look();
        })"""
    )
    assert found


def test_colours_follow_the_readers_scheme(browser, site):
    backgrounds = {}
    for dark in (False, True):
        browser.look(DESKTOP, dark=dark)
        browser.open(f"{site}/index.html")
        colour = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        backgrounds[dark] = sum(int(part) for part in colour.strip("rgba()").split(",")[:3])
    assert backgrounds[False] > 600
    assert backgrounds[True] < 200
