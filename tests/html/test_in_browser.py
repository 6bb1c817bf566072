# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Cards and reports in headless Chromium: hostile texts are shown and never run, and the report's script works."""

from __future__ import annotations

import html
import re
import shutil
import subprocess

import pytest
from states import EXPLANATIONS, HOSTILE, VALUES, Page, explanation

from banzhaf._html.markup import visible

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens a page, lets its scripts run, and reads what has become of it."""

    def run(page):
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        command = [
            BROWSER,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'profile'}",
        ]
        command += ["--virtual-time-budget=2000", "--dump-dom", path.as_uri()]
        found = subprocess.run(command, capture_output=True, timeout=120, check=True)
        return found.stdout.decode()

    return run


def start_of(document):
    """Give the start tag of the page, which hostile scripts would mark."""
    return re.search(r"<html[^>]*>", document)[0]


def written(found, path, **options):
    found.to_html(path / "report.html", **options)
    return (path / "report.html").read_text(encoding="utf-8")


def driven(page, script):
    """Let another script drive a page, whose policy would forbid it; what it notes is the page's title."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    return page.replace("</body>", f"<script>{script}</script></body>")


def hostile():
    names = HOSTILE[:-2]
    return explanation(
        rows=len(names),
        features=len(names),
        outputs=2,
        feature_names=names,
        data=[[name for name in names]] * len(names),
        output_names=names[:2],
    )


class TestHostileTexts:
    def test_a_script_that_runs_would_be_seen(self, opened):
        page = "<!DOCTYPE html><html><body>" + HOSTILE[0] + "</body></html>"
        assert 'data-ran="1"' in start_of(opened(page))

    def test_report(self, opened, tmp_path):
        title = HOSTILE[2] + HOSTILE[0] + HOSTILE[1]
        document = opened(written(hostile(), tmp_path, title=title))
        assert "data-ran" not in start_of(document)
        assert f"<title>{html.escape(visible(title), quote=False)}</title>" in document
        assert HOSTILE[0] in Page(document.removeprefix("<!DOCTYPE html>")).text

    def test_report_without_its_policy(self, opened, tmp_path):
        """Escaping alone is enough; the policy is the second wall."""
        script = """
            for (const output of document.getElementById("output").options) {
                output.selected = true;
                document.getElementById("output").dispatchEvent(new Event("change"));
                document.getElementById("next").click();
            }
            document.title = "driven";
        """
        document = opened(driven(written(hostile(), tmp_path), script))
        assert "<title>driven</title>" in document
        assert "data-ran" not in start_of(document)

    def test_policy_stops_what_is_put_in(self, opened, tmp_path):
        page = written(explanation(), tmp_path).replace("</main>", f"{HOSTILE[0]}{HOSTILE[1]}</main>")
        assert "data-ran" not in start_of(opened(page))

    @pytest.mark.parametrize("make", [VALUES["hostile"], EXPLANATIONS["hostile"], hostile])
    def test_card(self, opened, make):
        document = opened(f"<!DOCTYPE html><html><body>{make()._repr_html_()}</body></html>")
        assert "data-ran" not in start_of(document)
        assert HOSTILE[2] in Page(document.removeprefix("<!DOCTYPE html>")).text


class TestReport:
    def test_any_row(self, opened, tmp_path):
        found = explanation(rows=40, features=20, outputs=2, output_names=("low", "high"))
        script = """
            const pick = (id, index) => {
                document.getElementById(id).selectedIndex = index;
                document.getElementById(id).dispatchEvent(new Event("change"));
            };
            pick("output", 1);
            pick("row", 30);
            document.getElementById("next").click();
            const lines = [...document.querySelectorAll("#row-table tbody tr")];
            document.title = JSON.stringify([lines.length, ...[...lines[0].cells].map((cell) => cell.textContent)]);
        """
        document = opened(driven(written(found, tmp_path), script))
        title = html.unescape(re.search("<title>(.*?)</title>", document)[1])
        value = found.values[31, 19, 1]
        lower, upper = found.intervals()[31, 19, 1]
        ends = f"{lower:.2f} to {upper:.2f}"
        assert title == f'[15,"feature 19 = 639","","{value:.2f}","0.25","{ends}"]'.replace("-", "\N{MINUS SIGN}")

    @pytest.mark.parametrize("name", ["no rows", "outputs", "wide", "special", "objects", "some rows"])
    def test_the_script_runs(self, opened, tmp_path, name):
        found = EXPLANATIONS[name]()
        document = opened(written(found, tmp_path))
        if len(found):
            assert re.search('<div id="any-row">', document)
            assert document.count("<option>") >= len(found)
            assert '<div id="first-rows" hidden="">' in document

    def test_without_javascript(self, opened, tmp_path):
        page = re.sub("script-src &#x27;[^;]*", "script-src &#x27;none&#x27;", written(explanation(rows=9), tmp_path))
        document = opened(page)
        assert '<div id="any-row" hidden="">' in document
        assert '<div id="first-rows">' in document
        assert document.count("<h3>Row ") == 3
        assert document.count('class="strip"') == 3
