# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Results and explainers as cards in a notebook."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import EXPLANATIONS, HOSTILE, INTERACTIONS, SUMMARIES, VALUES, Page, explanation, game, interactions, values

import banzhaf
from banzhaf._html.markup import Markup, element, join, text, visible
from banzhaf._html.numbers import error_text, formatter

MOST_BYTES = 15_000
MINUS = "\N{MINUS SIGN}"
STATES = {f"values: {name}": make for name, make in VALUES.items()}
STATES |= {f"explanation: {name}": make for name, make in EXPLANATIONS.items()}
STATES |= {f"summary: {name}": make for name, make in SUMMARIES.items()}
STATES |= {f"interactions: {name}": make for name, make in INTERACTIONS.items()}
STATES |= {f"diagnosis: {name}": (lambda make=make: banzhaf.diagnose(make())) for name, make in VALUES.items()}


class TestEveryState:
    @pytest.mark.parametrize("make", STATES.values(), ids=STATES)
    def test_shows_itself(self, make, tmp_path):
        result = make()
        shown = result._repr_html_()
        page = Page(shown)
        assert len(shown.encode()) < MOST_BYTES
        assert page.elements[0] == ("div", {"class": "banzhaf-html"})
        assert {"script", "img", "iframe", "object", "link", "a"}.isdisjoint(page.tags())
        assert page.tags().count("style") == 1
        assert {"nan", "inf", "-inf"}.isdisjoint(cell.lower() for cell in page.cells)
        assert pickle.loads(pickle.dumps(result))._repr_html_() == shown
        try:
            result.save(tmp_path / "result")
        except UnicodeError:  # pragma: no cover
            pytest.fail("a result that shows itself can be saved")
        assert banzhaf.load(tmp_path / "result")._repr_html_() == shown

    def test_styles_reach_the_card_alone(self):
        style = values()._repr_html_().partition("<style>")[2].partition("</style>")[0]
        selectors = [part.rpartition("{")[0] for part in style.replace("{--", "{").split("}") if "{" in part]
        for group in selectors:
            group = group.rpartition("{")[2] or group
            assert all("banzhaf-html" in selector for selector in _split(group) if selector), group


def _split(group):
    """Split a list of selectors at the commas outside parentheses."""
    parts, depth = [""], 0
    for sign in group:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


class TestValues:
    def test_players_numbers_and_intervals(self):
        page = Page(values(player_names=("ann", "bob", "cy"), values=np.array([1.0, -4.0, 2.5]))._repr_html_())
        assert "3 players" in page.text
        assert "40 evaluations" in page.text
        assert page.cells[-12:] == [
            "bob",
            "",
            f"{MINUS}4.000",
            "0.25",
            "cy",
            "",
            "2.500",
            "0.25",
            "ann",
            "",
            "1.000",
            "0.25",
        ]
        titles = [attributes["title"] for tag, attributes in page.elements if "title" in attributes]
        assert titles == [f"[{MINUS}4.557, {MINUS}3.443]", "[1.943, 3.057]", "[0.443, 1.557]"]
        assert page.tags().count("rect") == 3

    def test_only_the_leading_players(self):
        page = Page(values(players=5000)._repr_html_())
        assert page.tags().count("rect") == 10
        assert "4,990 more players." in page.text

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"rank": 2}, "rank 2 of 3"),
            ({"stopped": "deadline"}, "the deadline came"),
            ({"stopped": "tolerance"}, "within the tolerance"),
            ({"stopped": "running"}, "still running"),
            ({"stopped": "by hand"}, "for another reason: “by hand”."),
            ({"n_dropped": 4}, "40 evaluations (4 dropped)"),
            ({"design": "msr"}, "Maximum Sample Reuse"),
            ({"design": "of my own"}, "of my own"),
            ({"values": np.array([1.0, np.nan, 2.0])}, "1 player has no value"),
        ],
    )
    def test_facts(self, changes, said):
        assert said not in Page(values()._repr_html_()).text
        assert said in Page(values(**changes)._repr_html_()).text

    def test_outputs(self):
        page = Page(values(outputs=5)._repr_html_())
        assert [f"output {k}" for k in range(3)] == [cell for cell in page.cells if cell.startswith("output")]
        assert "2 more outputs." in page.text


class TestExplanations:
    def test_means_of_the_rows_that_have_values(self):
        found = EXPLANATIONS["some rows"]()
        page = Page(found._repr_html_())
        assert "2 of 4 rows have no values." in page.text
        assert "2 of 4 rows stopped before the budget was spent: the deadline came." in page.text
        means, _ = found.importance()
        lines = dict(zip(page.cells[4::4], page.cells[6::4], strict=True))
        assert lines == {f"feature {i}": f"{mean:.4f}" for i, mean in enumerate(means)}

    def test_mirrored_outputs_show_the_last(self):
        page = Page(EXPLANATIONS["mirrored"]()._repr_html_())
        assert "output yes" in page.cells
        assert "output no" not in page.cells
        assert "opposite" in page.text

    @pytest.mark.parametrize("design", ["hadamard", "paired", "independent", "exhaustive", "trees"])
    def test_designs_in_words(self, design):
        page = Page(explanation(design=design)._repr_html_())
        assert design not in page.text.split()
        assert ("model evaluations" in page.text) == (design != "trees")


class TestSlicesAndSummaries:
    def test_absolute_values_say_so(self):
        assert "|Banzhaf value|" in Page(EXPLANATIONS["absolute"]()._repr_html_()).text
        assert "|Banzhaf value|" not in Page(explanation()._repr_html_()).text

    def test_a_slice_tells_of_missing_rank_without_its_number(self):
        page = Page(EXPLANATIONS["features of low rank"]()._repr_html_())
        assert "The evaluations do not determine every value. These" in page.text

    def test_summary(self):
        summary = explanation(outputs=2, output_names=("low", "high")).abs.mean(0)
        page = Page(summary._repr_html_())
        assert "mean |Banzhaf value| over 4" in page.text
        assert [cell for cell in page.cells if cell.startswith("output")] == ["output low", "output high"]
        assert f"{summary.values[2, 1]:.3f}" in page.cells


class TestInteractions:
    def test_pairs_numbers_and_what_was_not_resolved(self):
        page = Page(interactions(values=[1.0, -2.0], standard_errors=[0.0, 0.25])._repr_html_())
        times = "\N{MULTIPLICATION SIGN}"
        assert page.cells[:4] == ["pair", "", "interaction", "std. error"]
        assert page.cells[4:] == [
            *[f"feature 1 {times} feature 2", "", f"{MINUS}2.000", "0.25"],
            *[f"feature 0 {times} feature 1", "", "1.000", "exact"],
        ]
        assert "Not resolved: 1 pair of 3." in page.text
        assert "standard deviation of 0.50 in the worths." in page.text

    def test_rows_give_means_of_absolute_values(self):
        shown = interactions(rows=2, values=[[1.0, np.nan], [-3.0, 4.0]], standard_errors=[[0.5, np.nan], [0.5, 0.25]])
        page = Page(shown._repr_html_())
        assert page.cells[2] == "mean |interaction|"
        assert [page.cells[k] for k in (6, 7, 10, 11)] == ["4.000", "0.25", "2.000", "0.50"]

    def test_complete_ones_say_nothing_of_a_rest(self):
        assert "Not resolved" not in INTERACTIONS["complete"]()._repr_html_()
        assert "more triples." in INTERACTIONS["many"]()._repr_html_()


class TestExplainers:
    def test_explainer(self):
        explainer = banzhaf.Explainer(lambda rows: rows @ np.ones(3), np.eye(3), feature_names=HOSTILE[:3])
        page = Page(explainer._repr_html_())
        assert "3 features" in page.text
        assert "3 background rows" in page.text
        assert f"{explainer.n_model_rows} model evaluations for each explained row" in page.text
        assert HOSTILE[2] in page.text

    @pytest.mark.parametrize(
        ("rows", "columns", "said"),
        [(3000, 60, "on a random sample of the background"), (50, 9, "Set budget=25600 for exact values.")],
    )
    def test_advice(self, rows, columns, said):
        explainer = banzhaf.Explainer(lambda rows: rows.sum(axis=1), np.zeros((rows, columns)))
        assert said.lower() in repr(explainer) + "."
        assert said in Page(explainer._repr_html_()).text

    @pytest.mark.parametrize("classes", [2, 3])
    def test_tree_explainer(self, classes):
        ensemble = pytest.importorskip("sklearn.ensemble")
        rows = np.random.default_rng(0).normal(size=(60, 3))
        model = ensemble.RandomForestClassifier(3, random_state=0).fit(rows, np.arange(60) % classes)
        for background in (None, rows[:20]):
            explainer = banzhaf.TreeExplainer(model, background, feature_names=["a", "<b>", "c"])
            page = Page(explainer._repr_html_())
            assert "a, <b>, c" in page.text
            assert f"output {classes - 1}: {explainer.base_values[-1]:.4f}" in page.text
            assert ("20 background rows" in page.text) == (background is not None)
            assert repr(explainer).startswith("TreeExplainer: 3 features, ")

    def test_evaluations(self):
        def failing(coalitions):
            raise ConnectionError

        with pytest.raises(ConnectionError) as caught:
            banzhaf.estimate(failing, 12, budget=100, random_state=0)
        page = Page(caught.value.evaluations._repr_html_())
        assert "0 of at most 100 evaluations" in page.text


class TestMarkup:
    @given(st.text(), st.text())
    def test_any_text_comes_back(self, name, cell):
        page = Page(element("div", name, element("td", element("b", cell)), title=cell))
        whole, inner = (visible(part).replace("\r", "\n") for part in (name + cell, cell))
        assert page.text == whole
        assert page.cells == [inner]
        assert page.elements[0] == ("div", {"title": inner})

    @given(st.text())
    def test_any_name_comes_back_from_a_card(self, name):
        page = Page(values(player_names=(name, "b", "c"), values=np.array([9.0, 2.0, 1.0]))._repr_html_())
        shown = visible(" ".join(name.split()))
        if len(shown) <= 40:
            assert shown in page.cells

    def test_what_is_markup_stays(self):
        assert join("<", Markup("<b>"), None) == "&lt;<b>"
        assert text(text("&")) == "&amp;"
        assert element("meta", charset="utf-8", hidden=True, title=None, open=False) == '<meta charset="utf-8" hidden>'

    def test_it_can_be_encoded(self):
        for name in HOSTILE:
            assert text(name).encode("utf-8", "strict").decode() == text(name)
            assert "\x00" not in text(name)


class TestNumbers:
    @pytest.mark.parametrize(
        ("column", "shown"),
        [
            ([1.0, -0.25, 0.0], ["1.000", f"{MINUS}0.250", "0.000"]),
            ([12345.678, -1.0], ["12,346", f"{MINUS}1"]),
            ([1e-9, -2e-12], ["1.000e-09", f"{MINUS}2.000e-12"]),
            ([1e300, 0.0], ["1.000e+300", "0.000e+00"]),
            ([np.nan, np.inf, -np.inf], ["no value", "∞", f"{MINUS}∞"]),
            ([100.0, -1e-12], ["100.0", "0.0"]),
            ([0.0], ["0"]),
            ([], []),
        ],
    )
    def test_columns(self, column, shown):
        write = formatter(np.array(column, dtype=float))
        assert [write(number) for number in column] == shown

    def test_small_errors_add_decimals(self):
        write = formatter(np.array([20.0, 0.01]), np.array([0.0, 0.018, np.nan, np.inf]))
        assert write(0.0123) == "0.012"

    @pytest.mark.parametrize(
        ("error", "shown"),
        [(0.0, "exact"), (np.nan, "unknown"), (np.inf, "∞"), (0.01234, "0.012"), (1234.0, "1,234"), (1e-30, "1.0e-30")],
    )
    def test_errors(self, error, shown):
        assert error_text(error) == shown


def test_nothing_is_imported_before_it_is_needed(fresh_python):
    program = "import sys, banzhaf; print(*[name for name in sys.modules if name.startswith('banzhaf._html')])"
    assert fresh_python(program).split() == []


def test_a_game_is_shown_from_its_values():
    found = banzhaf.estimate(game, 12, budget=100, random_state=3)
    assert f"{found.values[11]:.3f}" in "".join(Page(found._repr_html_()).cells)
