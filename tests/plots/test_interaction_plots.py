# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Bars, heat map, network and scatter of interactions: what is drawn is read back and compared with the numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")
from matplotlib.collections import PathCollection  # noqa: E402
from matplotlib.colors import to_rgba  # noqa: E402
from pictures import FIVE, labels, make, pairs  # noqa: E402

pytestmark = pytest.mark.usefixtures("figures")

TIMES = " \N{MULTIPLICATION SIGN} "
LOW, HIGH = to_rgba("#1b72d6"), to_rgba("#d81b52")
GAME, ROWS = pairs(), pairs(6)
OUTPUTS = dataclasses.replace(
    GAME,
    values=GAME.values[:, None] * [1.0, -2.0, 3.0],
    standard_errors=np.zeros((8, 3)),
    unresolved_variance=np.zeros(3),
    player_values=None,
    output_names=("cat", "dog", "$eel$"),
)
TRIPLE = dataclasses.replace(
    GAME, order=3, players=[[0, 1, 2]], values=[2.0], standard_errors=[0.0], player_values=None
)
PLOTS = ("bar", "heatmap", "network")


def lengths(ax):
    return [patch.get_width() for patch in sorted(ax.patches, key=lambda patch: -patch.get_y())]


def cells(ax, n=5):
    return ax.collections[0].get_array().reshape(n, n)


class TestBar:
    def test_the_largest_come_first_with_their_sign(self):
        ax = GAME.plot.bar()
        top = GAME.top(8)
        assert lengths(ax) == top.values.tolist()
        assert labels(ax) == [TIMES.join(top.names_of(index)) for index in range(8)]
        colours = [patch.get_facecolor() for patch in sorted(ax.patches, key=lambda patch: -patch.get_y())]
        assert colours == [HIGH if value > 0 else LOW for value in top.values]
        assert ax.get_xlabel() == "Banzhaf interaction, with 95 % intervals\n2 pairs not resolved"

    def test_intervals_are_those_of_the_result(self):
        ax = GAME.plot.bar(level=0.5)
        segments = next(box for box in ax.containers if hasattr(box, "has_xerr"))[2][0].get_segments()
        found = [[segment[0, 0], segment[1, 0]] for segment in segments]
        assert np.allclose(found, GAME.top(8).intervals(0.5))

    def test_what_is_not_shown_is_counted(self):
        assert GAME.plot.bar(max_display=3).get_xlabel().endswith("\n5 pairs not shown, 2 pairs not resolved")
        assert len(GAME.plot.bar(max_display=7).patches) == 8  # one other pair takes no more room than its count

    def test_rows_give_means_of_absolute_values(self):
        ax = ROWS.plot.bar()
        assert np.allclose(lengths(ax), np.sort(ROWS.importance()[0])[::-1])
        assert ax.get_xlim()[0] == 0.0
        assert ax.get_xlabel().startswith("mean |Banzhaf interaction|, with 95 % intervals")
        assert {patch.get_facecolor() for patch in ax.patches} == {LOW}

    def test_one_row(self):
        ax = ROWS.plot.bar(row=-1)
        assert lengths(ax) == ROWS.row(5).top(8).values.tolist()
        assert "row -1" in ax.get_xlabel()

    def test_triples(self):
        ax = TRIPLE.plot.bar()
        assert labels(ax) == [TIMES.join(["ann", "bob", "cid"])]
        assert ax.get_xlabel() == "Banzhaf interaction\n9 triples not resolved"

    def test_no_pair_resolved(self):
        none = dataclasses.replace(GAME, players=np.empty((0, 2), int), values=[], standard_errors=[])
        ax = none.plot.bar()
        assert not ax.patches
        assert ax.get_xlabel() == "Banzhaf interaction\n10 pairs not resolved"


class TestHeatmap:
    def test_cells_are_the_pairs_of_the_players_beside_them(self):
        ax = GAME.plot.heatmap()
        names = labels(ax)
        assert names == [label.get_text() for label in ax.get_xticklabels()]
        found = cells(ax)
        for i, first in enumerate(names):
            for j, second in enumerate(names):
                if i != j:
                    wanted = GAME.value(first, second)
                    assert found[i, j] is np.ma.masked if np.isnan(wanted) else found[i, j] == wanted
        assert "grey: not resolved" in ax.get_xlabel()
        assert len(ax.patches) == 4  # both cells of both pairs

    def test_players_with_the_largest_sums_come_first(self):
        strength = np.nansum(np.abs(GAME.to_dense()), axis=1)
        names = np.array(GAME.player_names)[np.argsort(-strength)]
        assert labels(GAME.plot.heatmap()) == names.tolist()
        ax = GAME.plot.heatmap(max_display=2)
        assert labels(ax) == names[:2].tolist()
        assert ax.get_xlabel().endswith("3 other players not shown")

    def test_numbers_of_uncertain_pairs_are_in_brackets(self):
        ax = GAME.plot.heatmap()
        for text in ax.texts:
            x, y = (round(place) for place in text.get_position())
            pair = GAME.value(labels(ax)[x], labels(ax)[y])
            unsure = abs(pair) < 0.15 * 2.0859634473
            assert text.get_text() == (f"({pair:.2f})" if unsure else f"{pair:.2f}")
        assert "brackets: the 95 % interval contains 0" in ax.get_xlabel()

    def test_many_players_get_circles_instead(self):
        n = 12
        players = np.array([(i, j) for j in range(n) for i in range(j)])
        values = np.where(players.sum(axis=1) % 2, 1.0, 0.01)
        many = dataclasses.replace(
            GAME, n_players=n, players=players, values=values, standard_errors=np.full(len(players), 0.1),
            player_names=None, player_values=None, complete=True,
        )  # fmt: skip
        ax = many.plot.heatmap()
        assert not ax.texts
        assert len(ax.collections[-1].get_offsets()) == 2 * (values < 0.1).sum()
        assert ax.get_xlabel() == "circle: the 95 % interval contains 0"

    @pytest.mark.parametrize(("scale", "note", "text"), [(1e-5, "1e-6", "9."), (1e7, "1e6", "9."), (1.0, "", "0.9")])
    def test_numbers_have_room_at_every_scale(self, scale, note, text):
        exact = dataclasses.replace(
            GAME, values=GAME.values * scale, standard_errors=0.0 * GAME.values, player_values=None
        )
        ax = exact.plot.heatmap()
        assert max(len(found.get_text()) for found in ax.texts) <= 5
        assert (f"numbers in units of {note}" in ax.get_xlabel()) is bool(note)
        assert any(found.get_text().startswith(text) for found in ax.texts)

    def test_left_out_pairs_are_not_called_unresolved(self):
        everything = dataclasses.replace(GAME, complete=True).top(3)
        assert "grey: not listed" in everything.plot.heatmap().get_xlabel()

    def test_rows_run_from_zero(self):
        ax = ROWS.plot.heatmap()
        unsure = ROWS.importance()[1][:, 0] == 0.0
        assert sum(text.get_text().startswith("(") for text in ax.texts) == 2 * unsure.sum()
        assert ax.collections[0].norm.vmin == 0.0
        assert ax.figure.axes[-1].get_ylabel() == "mean |Banzhaf interaction|"


class TestNetwork:
    def edges(self, ax):
        return sorted(ax.patches, key=lambda patch: -patch.get_linewidth())

    def test_edges_are_as_wide_as_the_interactions_are_large(self):
        ax = GAME.plot.network()
        widths = np.array([edge.get_linewidth() for edge in self.edges(ax)])
        sure = np.abs(GAME.top(8).values) > 0.15 * 2.0859634473
        values = GAME.top(8).values[sure]
        sizes = np.abs(values)
        assert np.allclose(widths, 0.5 + 5.5 * sizes / sizes[0])
        signs = [edge.get_edgecolor()[:3] == HIGH[:3] for edge in self.edges(ax)]
        assert signs == (values > 0).tolist()
        dashed = [edge.get_linestyle() not in ("-", "solid") for edge in self.edges(ax)]
        assert dashed == (values < 0).tolist()
        assert f"not shown: {8 - sure.sum()} pairs whose 95 % intervals contain 0" in ax.get_xlabel()
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["positive", "negative"]
        assert ax.get_xlabel().splitlines()[-1] == "2 pairs not resolved"

    def test_edges_end_at_their_players(self):
        ax = GAME.plot.network(level=0.01)
        where = {text.get_text(): np.array(text.get_position()) / 1.13 for text in ax.texts}
        names = GAME.player_names
        for edge, players in zip(self.edges(ax), GAME.top(8).players, strict=True):
            path = edge.get_path().vertices
            ends = [where[names[player]] for player in players]
            assert np.allclose(path[[0, 2]], ends)

    def test_nodes_are_as_large_as_the_values(self):
        ax = GAME.plot.network()
        names = [text.get_text() for text in ax.texts]
        dots = [found for found in ax.collections if isinstance(found, PathCollection)]
        sizes = dict(zip(names, (float(dot.get_sizes()[0]) for dot in dots), strict=True))
        assert sorted(sizes, key=sizes.get) == ["cid", "eve", "bob", "ann", "dot"]
        colours = dict(zip(names, (tuple(dot.get_facecolor()[0]) for dot in dots), strict=True))
        assert (colours["ann"], colours["bob"]) == (HIGH, LOW)
        assert "size of nodes: |Banzhaf value|" in ax.get_xlabel()
        without = dataclasses.replace(GAME, player_values=None).plot.network()
        assert "size of nodes: sum of the absolute interactions" in without.get_xlabel()

    def test_what_is_not_shown_is_counted(self):
        ax = ROWS.plot.network(max_pairs=3, max_display=3)
        assert len(ax.patches) <= 3
        assert len(ax.texts) == 3
        assert ax.get_legend() is None
        assert ax.get_xlabel().endswith("not resolved, 2 other features not shown")
        with pytest.raises(ValueError, match="max_pairs must be at least 1"):
            GAME.plot.network(max_pairs=0)

    @pytest.mark.parametrize("n", [2, 40])
    def test_names_stay_on_the_figure(self, n):
        players = np.array([(i, i + 1) for i in range(n - 1)])
        chain = dataclasses.replace(
            GAME, n_players=n, players=players, values=np.ones(n - 1), standard_errors=np.zeros(n - 1),
            player_names=tuple(f"the long name {i} of a player" for i in range(n)), player_values=None,
        )  # fmt: skip
        ax = chain.plot.network(max_display=n)
        ax.figure.canvas.draw()
        frame = ax.figure.bbox
        for text in ax.texts:
            box = text.get_window_extent()
            assert frame.x0 <= box.x0 < box.x1 <= frame.x1
            assert frame.y0 <= box.y0 < box.y1 <= frame.y1


class TestScatter:
    def test_dots_are_the_rows(self):
        of_rows = pairs(24)
        ax = of_rows.plot.scatter("bob", "ann", FIVE)
        dots = ax.collections[0].get_offsets()
        assert np.allclose(dots[:, 0], FIVE.data[:, 1])
        assert np.allclose(dots[:, 1], of_rows.value("ann", "bob"))
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("bob", "Banzhaf interaction")

    def test_an_explanation_is_coloured_by_the_strongest_partner(self):
        of_rows = pairs(24)
        strongest = max("bob", "cid", "eve", key=lambda name: np.abs(of_rows.value("ann", name)).mean())
        ax = FIVE.plot.scatter("ann", interactions=of_rows)
        assert ax.figure.axes[-1].get_ylabel() == strongest
        # Features in another order are found by name.
        turned = FIVE[:, ["eve", "dot", "cid", "bob", "ann"]].plot.scatter("ann", interactions=of_rows)
        assert turned.figure.axes[-1].get_ylabel() == strongest
        by_hand = FIVE.plot.scatter("ann", interactions=of_rows, color_by="dot")
        assert by_hand.figure.axes[-1].get_ylabel() == "dot"

    def test_no_partner_gives_one_colour(self):
        nothing = pairs(24)
        nothing = dataclasses.replace(nothing, values=0.0 * nothing.values)
        assert len(FIVE.plot.scatter("ann", interactions=nothing).figure.axes) == 1

    @pytest.mark.parametrize(
        ("call", "match"),
        [
            (lambda: GAME.plot.scatter("ann", "bob", FIVE), "explanation must have the 0 rows"),
            (lambda: ROWS.plot.scatter("ann", "bob", FIVE), "explanation must have the 6 rows"),
            (lambda: pairs(24).plot.scatter("ann", "ann", FIVE), "second must be another feature"),
            (lambda: pairs(24).plot.scatter("ann", "dot", FIVE), "a pair that was resolved"),
            (lambda: pairs(24).plot.scatter("ann", "zoe", FIVE), "second must be the name of a feature"),
            (lambda: make(np.ones((3, 2))).plot.scatter(0, interactions=GAME), "missing 'x0'"),
            (lambda: FIVE.plot.scatter(0, interactions=dataclasses.replace(TRIPLE)), "scatter needs interactions of"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, call, match):
        with pytest.raises(ValueError, match=match):
            call()


@pytest.mark.parametrize("plot", PLOTS)
class TestEveryPlot:
    def test_needs_an_output(self, plot):
        with pytest.raises(ValueError, match=r"output must say which of the outputs to show: 'cat', 'dog', '\$eel\$'"):
            getattr(OUTPUTS.plot, plot)()
        for output in ("$eel$", 2, -1):
            ax = getattr(OUTPUTS.plot, plot)(output=output)
            label = ax.figure.axes[-1].get_ylabel() if plot == "heatmap" else ax.get_xlabel()
            assert "Banzhaf interaction for $eel$" in label

    def test_mirrored_outputs_need_none(self, plot):
        two = dataclasses.replace(
            OUTPUTS, values=GAME.values[:, None] * [-1.0, 1.0], standard_errors=np.zeros((8, 2)),
            unresolved_variance=np.zeros(2), output_names=("no", "yes"),
        )  # fmt: skip
        ax = getattr(two.plot, plot)()
        label = ax.figure.axes[-1].get_ylabel() if plot == "heatmap" else ax.get_xlabel()
        assert "for yes" in label

    def test_rows_must_exist(self, plot):
        with pytest.raises(IndexError, match="row must be a position below 6"):
            getattr(ROWS.plot, plot)(row=6)
        with pytest.raises(ValueError, match="row needs interactions of explained rows"):
            getattr(GAME.plot, plot)(row=0)
        with pytest.raises(ValueError, match="max_display must be at least 1"):
            getattr(GAME.plot, plot)(max_display=0)

    def test_sets_of_other_sizes(self, plot):
        if plot != "bar":
            with pytest.raises(ValueError, match=f"{plot} needs interactions of order 2"):
                getattr(TRIPLE.plot, plot)()
        else:
            assert len(TRIPLE.plot.bar().patches) == 1

    def test_rows_without_any_values(self, plot):
        empty = dataclasses.replace(ROWS, values=np.full((6, 8), np.nan))
        ax = getattr(empty.plot, plot)()
        assert "10 pairs not resolved" in ax.get_xlabel() or "grey: not resolved" in ax.get_xlabel()

    def test_draws_on_given_axes(self, plot):
        _, ax = plt.subplots()
        assert getattr(ROWS.plot, plot)(ax=ax, row=2) is ax


def test_a_plot_of_a_game_with_names_like_formulas():
    found = dataclasses.replace(GAME, player_names=("$a$", "_b", "c^2", "", "é" * 80))
    for plot in PLOTS:
        getattr(found.plot, plot)().figure.canvas.draw()
