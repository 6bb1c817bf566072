# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The report of an explanation: what its page says and holds, and how it is written."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import EXPLANATIONS, HOSTILE, INTERACTIONS, Page, explanation, interactions, objects

import banzhaf
from banzhaf._html.markup import visible
from banzhaf._html.report import report

EVERY_STATE = pytest.mark.parametrize("make", EXPLANATIONS.values(), ids=EXPLANATIONS)


def made(found, **options):
    """Make the text of a report."""
    return report(found, options.get("title"), options.get("max_rows", 1000), options.get("level", 0.95))


def data_of(text):
    """Read the JSON that the page's script reads."""
    return json.loads(text.partition('type="application/json" id="data">')[2].partition("</script>")[0])


class TestEveryState:
    @EVERY_STATE
    def test_is_a_whole_page(self, make, tmp_path):
        found = make()
        found.to_html(tmp_path / "report.html")
        text = (tmp_path / "report.html").read_text(encoding="utf-8")
        page = Page(text.removeprefix("<!DOCTYPE html>"))
        assert text.startswith("<!DOCTYPE html>\n<html")
        assert page.tags().count("script") == 2
        assert page.tags().count("style") == 1
        assert {"img", "iframe", "object", "link", "a", "form"}.isdisjoint(page.tags())
        assert not any("style" in attributes for _, attributes in page.elements)
        assert not re.search(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z]", text.partition("<style>")[0])
        assert {"nan", "inf", "-inf"}.isdisjoint(cell.lower() for cell in page.cells)
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        data = data_of(text)
        assert len(data["features"]) == data["n_features"] == found.values.shape[1]
        assert all(len(output["values"]) == len(data["rows"]) for output in data["outputs"])

    @EVERY_STATE
    def test_is_the_same_each_time(self, make):
        assert made(make()) == made(make())

    def test_pictures_say_what_they_show(self):
        page = Page(made(explanation()).removeprefix("<!DOCTYPE html>"))
        pictures = [attributes for tag, attributes in page.elements if tag == "svg"]
        assert all("aria-label" in picture or picture.get("aria-hidden") == "true" for picture in pictures)
        labels = [picture["aria-label"] for picture in pictures if picture.get("class") == "strip"]
        assert labels[0].startswith("Values of feature")
        assert len(labels) == 3


class TestInteractions:
    def test_leading_pairs_stand_below_the_importance(self, tmp_path):
        found = explanation()
        pairs = interactions(rows=4, values=np.outer([1.0, -1.0, 1.0, -1.0], [2.0, 3.0]))
        found.to_html(tmp_path / "report.html", interactions=pairs)
        page = Page((tmp_path / "report.html").read_text(encoding="utf-8").removeprefix("<!DOCTYPE html>"))
        times = "\N{MULTIPLICATION SIGN}"
        place = page.cells.index(f"feature 1 {times} feature 2")
        assert page.cells[place + 2] == "3.000"
        assert page.cells.index(f"feature 0 {times} feature 1") > place
        assert "Not resolved: 1 pair of 3." in page.text
        assert "Interactions" not in Page(made(found).removeprefix("<!DOCTYPE html>")).text

    def test_each_output_has_its_own(self):
        found = explanation(outputs=3, output_names=("a", "b", "c"))
        text = report(found, None, 1000, 0.95, interactions(rows=4, outputs=3, output_names=("a", "b", "c")))
        page = Page(text.removeprefix("<!DOCTYPE html>"))
        assert [page.text.count(f"Interactions: {name}") for name in "abc"] == [1, 1, 1]

    def test_hostile_and_unresolved_ones_are_shown(self):
        names = HOSTILE[:3]
        pairs = interactions(rows=4, player_names=names, values=np.full((4, 2), np.nan))
        text = report(explanation(feature_names=names), None, 1000, 0.95, pairs)
        assert "dataset.ran = 1<" not in Page(text.removeprefix("<!DOCTYPE html>")).tags()
        assert report(explanation(), None, 1000, 0.95, INTERACTIONS["none"]()) == made(explanation())

    @pytest.mark.parametrize(
        ("wrong", "match"),
        [
            (lambda: 3, "interactions must be an Interactions or None, got int"),
            (interactions, "interactions must be of the 4 rows of this explanation, got no rows"),
            (lambda: interactions(rows=3), "of the 4 rows of this explanation, got 3 rows"),
            (lambda: interactions(rows=4, outputs=2), "interactions must have the outputs"),
            (lambda: interactions(rows=4, players=4), "interactions must have the features"),
            (lambda: interactions(rows=4, player_names=("a", "b", "c")), "interactions must have the features"),
        ],
    )
    def test_those_of_another_explanation_are_refused(self, wrong, match, tmp_path):
        with pytest.raises((TypeError, ValueError), match=match):
            explanation().to_html(tmp_path / "report.html", interactions=wrong())
        assert not list(tmp_path.iterdir())


class TestPolicy:
    def test_only_our_script_and_style_run(self):
        text = made(EXPLANATIONS["hostile"]())
        policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1].replace("&#x27;", "'")
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
        style = text.partition("<style>")[2].partition("</style>")[0]
        script = text.rpartition("<script>")[2].partition("</script>")[0]
        for kind, content in (("script-src", script), ("style-src", style)):
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert rules[kind] == f"'sha256-{digest}'"

    def test_the_script_makes_no_markup_of_texts(self):
        script = made(explanation()).rpartition("<script>")[2]
        ways = "innerHTML outerHTML insertAdjacentHTML eval fetch XMLHttpRequest import Function"
        for wrong in ways.split():
            assert not re.search(rf"\.{wrong}\b|\b{wrong}\(", script)


class TestWords:
    @pytest.mark.parametrize(
        ("make", "options", "said"),
        [
            (explanation, {}, "4 rows, 3 features"),
            (explanation, {}, "12,000"),
            (explanation, {}, "101 background rows"),
            (explanation, {}, "One Hadamard design per background row"),
            (explanation, {}, f"Made with banzhaf {banzhaf.__version__}."),
            (explanation, {}, "A row's values need not sum to its prediction minus the base value."),
            (explanation, {}, "Half of the 95 % intervals reach no further than ±0.56."),
            (explanation, {}, "The standard error is unknown for 1 of 12 values"),
            (explanation, {}, "adds a standard error of about 0.50"),
            (explanation, {"level": 0.9}, "90 % intervals"),
            (explanation, {"title": "A title & more"}, "A title & more"),
            (explanation, {"max_rows": 2}, "the first 2 of 4 rows"),
            (EXPLANATIONS["zeros"], {}, "Every value is exact for this background"),
            (EXPLANATIONS["trees"], {}, "Computed from the trees, without sampling"),
            (EXPLANATIONS["trees"], {}, "averaged over the training rows"),
            (EXPLANATIONS["some rows"], {}, "2 of 4 rows have no values."),
            (EXPLANATIONS["low rank"], {}, "rank 2 of 3"),
            (EXPLANATIONS["mirrored"], {}, "Not shown: no, whose values are the opposite of these."),
            (EXPLANATIONS["no rows"], {}, "There are no values."),
            (EXPLANATIONS["wide"], {}, "The 20 leading features of 400 are shown."),
            (lambda: explanation(rows=2500), {"max_rows": 1}, "2,000 of 2,500 rows, evenly spaced, are drawn."),
            (lambda: explanation(outputs=13), {}, "This page shows the first 12 of 13 outputs."),
            (EXPLANATIONS["no values"], {}, "This row has no values"),
            (EXPLANATIONS["absolute"], {}, "|Banzhaf value| of 9 rows"),
            (EXPLANATIONS["features"], {}, "3 rows, 2 features"),
        ],
    )
    def test_says(self, make, options, said):
        assert said in Page(made(make(), **options).removeprefix("<!DOCTYPE html>")).text

    def test_no_sentence_is_long(self):
        for make in EXPLANATIONS.values():
            text = Page(made(make()).removeprefix("<!DOCTYPE html>")).text
            for sentence in re.findall(r"[A-Z][a-z' ]+(?: [a-z' ,]+)+\.", text):
                assert len(sentence.split()) <= 35, sentence


class TestData:
    def test_rows(self):
        found = explanation(data=np.array([[1.0, np.nan, 1e6], [0.12345678, -0.0, np.inf], [4, 5, 6], [7, 8, 9]]))
        data = data_of(made(found))
        assert data["rows"] == [0, 1, 2, 3]
        assert data["cells"][:2] == [[1, None, 1000000], [0.1235, 0, "inf"]]
        (output,) = data["outputs"]
        np.testing.assert_allclose(output["values"], found.values)
        assert output["errors"][0] == [0, 0.25, 0.25]
        assert output["errors"][1] == [0.25, None, 0.25]
        lower, upper = found.intervals()[2, 2]
        assert 2 * 0.25 * output["quantiles"][2] == pytest.approx(upper - lower, rel=1e-5)

    def test_wide_rows_hold_their_largest_values(self):
        found = EXPLANATIONS["wide"]()
        (output,) = data_of(made(found))["outputs"]
        for row, (ids, values, rest, cells) in enumerate(
            zip(output["ids"], output["values"], output["rest"], output["cells"], strict=True)
        ):
            largest = np.sort(np.argsort(-np.abs(found.values[row]), kind="stable")[:40])
            assert ids == largest.tolist()
            np.testing.assert_allclose(values, found.values[row, ids], rtol=1e-4)
            np.testing.assert_allclose(rest + sum(values), found.values[row].sum(), rtol=1e-3)
            np.testing.assert_allclose(cells, found.data[row, ids], rtol=1e-3)

    def test_only_the_rows_that_were_asked_for(self):
        text = made(explanation(rows=50), max_rows=7)
        assert data_of(text)["rows"] == list(range(7))

    @pytest.mark.parametrize("name", HOSTILE)
    def test_texts_come_back(self, name):
        found = explanation(feature_names=(name, "b", "c"), data=objects((4, 3)), output_names=(name,))
        text = made(found, title=name)
        data = data_of(text)
        inside = text.partition('id="data">')[2].partition("</script>")[0]
        assert not {"<", ">", "&"} & set(inside)
        if name.strip() and len(name) < 80:
            assert data["features"][0] == visible(" ".join(name.split()))
            assert data["features"][0] in Page(text.removeprefix("<!DOCTYPE html>")).text

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_any_text_comes_back(self, name, cell):
        data = np.full((1, 2), cell, dtype=object)
        found = explanation(rows=1, features=2, feature_names=(name, "b"), data=data, output_names=(name,))
        text = made(found, title=name)
        read = data_of(text)
        page = Page(text.removeprefix("<!DOCTYPE html>"))
        shown, shown_cell = (visible(" ".join(part.split())) for part in (name, cell))
        shown_cell = shown_cell or "(empty)"
        assert read["features"][0] == shown
        assert read["cells"] == [[shown_cell, shown_cell]]
        assert page.tags().count("script") == 2
        assert f"{shown} = {shown_cell}" in page.cells

    @given(st.lists(st.floats(), min_size=6, max_size=6), st.lists(st.floats(min_value=0.0), min_size=6, max_size=6))
    def test_any_numbers(self, numbers, errors):
        found = explanation(
            rows=3,
            features=2,
            values=np.array(numbers).reshape(3, 2),
            standard_errors=np.array(errors).reshape(3, 2),
            data=np.array(numbers).reshape(3, 2),
            base_values=numbers[0],
        )
        page = Page(made(found).removeprefix("<!DOCTYPE html>"))
        assert {"nan", "inf", "-inf"}.isdisjoint(cell.lower() for cell in page.cells)
        for tag, attributes in page.elements:
            assert "nan" not in attributes.get("d", ""), (tag, attributes)
            if tag == "rect":
                assert 0.0 <= float(attributes["x"]) <= 640.0
                assert 0.0 <= float(attributes["width"]) <= 640.0

    def test_a_large_page_stays_small(self):
        rng = np.random.default_rng(0)
        found = explanation(
            rows=1000,
            features=30,
            values=rng.normal(size=(1000, 30)),
            standard_errors=np.abs(rng.normal(size=(1000, 30))),
            data=rng.normal(size=(1000, 30)),
        )
        assert len(made(found)) < 3_000_000


class TestFile:
    def test_replaces_and_leaves_nothing_else(self, tmp_path):
        path = tmp_path / "report.html"
        path.write_text("before")
        explanation().to_html(str(path), title="first")
        explanation().to_html(path, title="second")
        assert "<title>second</title>" in path.read_text(encoding="utf-8")
        assert [each.name for each in tmp_path.iterdir()] == ["report.html"]

    def test_relative_path(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        explanation().to_html("report.html")
        assert Path("report.html").exists()

    def test_missing_folder(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="folder that does not exist") as caught:
            explanation().to_html(tmp_path / "nowhere" / "report.html")
        assert caught.value.filename == str(tmp_path / "nowhere")

    def test_failure_leaves_the_old_page(self, tmp_path, monkeypatch):
        path = tmp_path / "report.html"
        path.write_text("before")

        def fail(*_):
            raise OSError("no room")

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="no room"):
            explanation().to_html(path)
        assert path.read_text() == "before"
        assert [each.name for each in tmp_path.iterdir()] == ["report.html"]

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"level": 1.0}, ValueError, "level must lie strictly between 0 and 1"),
            ({"level": "95"}, TypeError, "level must be a number"),
            ({"max_rows": 0}, ValueError, "max_rows must be at least 1"),
            ({"max_rows": 2.5}, TypeError, "max_rows must be an integer"),
            ({"title": 3}, TypeError, "title must be a string"),
        ],
    )
    def test_wrong_arguments(self, options, error, message, tmp_path):
        with pytest.raises(error, match=message):
            explanation().to_html(tmp_path / "report.html", **options)
        assert not list(tmp_path.iterdir())

    def test_no_path(self):
        with pytest.raises(TypeError):
            explanation().to_html(None)
