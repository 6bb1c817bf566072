# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test Interactions: equal to the definition in fractions, frozen, comparable, printable, and equal after saving."""

from __future__ import annotations

import dataclasses
import itertools
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from oracles import Polynomial, Table

import banzhaf
from banzhaf import Interactions
from banzhaf._estimate.interaction_sources import interactions_of_table
from banzhaf._estimate.interactions import all_sets


def by_definition(worths, n_players, players, p=Fraction(1, 2)):
    """The average over coalitions of the others of the signed sum over subsets, in fractions."""
    others = [player for player in range(n_players) if player not in players]
    total = Fraction(0)
    for size in range(len(others) + 1):
        weight = p**size * (1 - p) ** (len(others) - size)
        for outside in itertools.combinations(others, size):
            for count in range(len(players) + 1):
                for inside in itertools.combinations(players, count):
                    index = sum(1 << player for player in (*outside, *inside))
                    total += weight * (-1) ** (len(players) - count) * Fraction(float(worths[index]))
    return total


def make(rows=None, outputs=None, **changes):
    """Two of the six pairs of four players; one of them exact."""
    shape = (*([] if rows is None else [rows]), 2, *([] if outputs is None else [outputs]))
    values = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape) * np.where(
        np.arange(math.prod(shape)) % 2, -1, 1
    ).reshape(shape)
    around = (*([] if rows is None else [rows]), *([] if outputs is None else [outputs]))
    fields = {
        "n_players": 4,
        "order": 2,
        "players": np.array([[0, 2], [1, 3]]),
        "values": values,
        "standard_errors": np.full(shape, 0.5),
        "complete": False,
        "unresolved_variance": np.full(around, 0.25),
        "n_evaluations": 40,
        "design": "fresh",
        "player_names": ("ann", "bob", "cy", "dot"),
        "degrees_of_freedom": 10.0,
        "n_rows": rows,
    }
    return Interactions(**(fields | changes))


KINDS = {
    "game": make,
    "outputs": lambda: make(outputs=3, output_names=("a", "b", "c")),
    "rows": lambda: make(rows=5, player_values=np.ones((5, 4))),
    "rows and outputs": lambda: make(rows=2, outputs=2, player_names=None, base_values=[1.0, 2.0]),
    "exact": lambda: interactions_of_table(Table.random(5).worths, 5, 2),
    "triples": lambda: interactions_of_table(Table.random(5, outputs=2).worths, 5, 3),
    "unresolved": lambda: make(rows=2, values=[[1.0, np.nan], [2.0, 3.0]]),
    "none": lambda: make(players=np.empty((0, 2), dtype=int), values=[], standard_errors=[]),
    "no rows": lambda: make(rows=0),
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_a_table_gives_what_the_definition_says(order):
    worths = Table.random(5, integers=True).worths.astype(float)
    found = interactions_of_table(worths, 5, order)
    assert found.players.tolist() == [list(players) for players in itertools.combinations(range(5), order)]
    wanted = [by_definition(worths, 5, tuple(players)) for players in found.players.tolist()]
    assert found.values.tolist() == [float(value) for value in wanted]  # to the last bit: the sums are integers
    assert found.complete
    assert (found.standard_errors == 0).all()
    assert found.unresolved_variance == 0


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("p", [0.25, 0.9])
def test_other_probabilities_weigh_coalitions_as_the_definition_says(order, p):
    worths = Table.random(5).worths
    found = interactions_of_table(worths, 5, order, p=p)
    wanted = [float(by_definition(worths, 5, tuple(players), Fraction(p))) for players in found.players.tolist()]
    assert np.allclose(found.values, wanted, rtol=0, atol=1e-14)
    assert found.p == p
    singles = [float(by_definition(worths, 5, (player,), Fraction(p))) for player in range(5)]
    assert np.allclose(found.player_values, singles, rtol=0, atol=1e-14)


def test_a_table_of_several_outputs_gives_each_by_itself():
    worths = Table.random(6, outputs=3).worths
    found = interactions_of_table(worths, 6, 2)
    for output in range(3):
        alone = interactions_of_table(worths[:, output].copy(), 6, 2)
        assert np.array_equal(found.values[:, output], alone.values)
        assert np.array_equal(found.player_values[:, output], alone.player_values)
        assert found.output(output) == alone


def test_indices_of_a_polynomial_are_its_derivatives():
    game = Polynomial(6, [[0], [0, 1], [1, 2, 3], [0, 1, 4, 5]], [5.0, 2.0, -4.0, 8.0])
    found = interactions_of_table(banzhaf_table(game, 6), 6, 2)
    assert found.value(0, 1) == 2.0 + 8.0 / 4
    assert found.value(3, 1) == -4.0 / 2
    assert found.value(4, 5) == 8.0 / 4
    assert found.value(2, 5) == 0.0


def banzhaf_table(game, n_players):
    coalitions = (np.arange(2**n_players)[:, None] >> np.arange(n_players) & 1).astype(bool)
    return np.asarray(game(coalitions), dtype=float)


@pytest.mark.parametrize("outputs", [None, 2])
def test_every_way_to_all_coalitions_gives_exact_interactions(outputs):
    game = Table.random(6, outputs=outputs, integers=True)
    wanted = banzhaf.exact(game, 6, player_names=tuple("abcdef")).interactions()
    assert np.array_equal(wanted.value("b", "e"), np.array(by_output(game.worths, (1, 4)), dtype=float))
    coalitions = banzhaf.sample_coalitions(6, 64, design="exhaustive")
    shuffled = coalitions[np.random.default_rng(0).permutation(64)]
    for values in (
        banzhaf.exact(game.worths, 6),
        banzhaf.estimate(game, 6, budget=100, random_state=0),
        banzhaf.estimate(game, 6, budget=64, random_state=3),
        banzhaf.fit(shuffled, game(shuffled)),
    ):
        found = values.interactions()
        assert np.array_equal(found.values, wanted.values)
        assert np.array_equal(found.player_values, values.values)
        assert values.interactions(order=3, num_threads=2).players.shape == (20, 3)


def by_output(worths, players):
    if worths.ndim == 1:
        return by_definition(worths, 6, players)
    return [by_definition(column, 6, players) for column in worths.T]


def test_interactions_are_refused_where_worths_are_missing():
    values = banzhaf.exact(Table.random(4), 4)
    with pytest.raises(ValueError, match="interactions need the evaluations of the run"):
        values.without_evaluations().interactions()
    with pytest.raises(ValueError, match="order must be between 1 and 4"):
        values.interactions(5)
    with pytest.raises(TypeError, match="num_threads"):
        values.interactions(num_threads=0.5)
    twice = banzhaf.sample_coalitions(4, 16, design="exhaustive")[[*range(15), 0]]
    with pytest.raises(ValueError, match="need each coalition and its complement"):
        banzhaf.fit(twice, np.arange(16.0)).interactions()


def test_results_with_a_probability_give_interactions_with_it():
    game = Table.random(5)
    values = banzhaf.exact(game, 5, p=0.25)
    found = values.interactions()
    wanted = [
        float(by_definition(game.worths, 5, pair, Fraction(1, 4))) for pair in itertools.combinations(range(5), 2)
    ]
    assert np.allclose(found.values, wanted, rtol=0, atol=1e-14)
    assert found.p == values.interactions(1).p == 0.25
    assert "p = 0.25" in repr(found)
    sampled = banzhaf.estimate(Polynomial.random(12, 3), 12, budget=300, p=0.25, random_state=0)
    with pytest.raises(ValueError, match=r"these values have p = 0\.25: estimate them without p"):
        sampled.interactions()


def test_single_players_are_banzhaf_values():
    worths = Table.random(7).worths
    found = interactions_of_table(worths, 7, 1)
    values = banzhaf.exact(worths, 7).values
    assert np.allclose(found.values, values, rtol=0, atol=1e-14)
    assert np.array_equal(found.values, found.player_values)


def test_too_many_sets_are_refused_before_any_work():
    with pytest.raises(ValueError, match="order must be such that there are at most 2\\^24 sets, got 15: 30 players"):
        all_sets(30, 15)
    with pytest.raises(ValueError, match="order must be between 1 and 3"):
        interactions_of_table(np.zeros(8), 3, 4)


@EVERY_KIND
def test_saved_and_pickled_interactions_are_equal(kind, tmp_path):
    found = kind()
    found.save(tmp_path / "pairs.banzhaf")
    for again in (banzhaf.load(tmp_path / "pairs.banzhaf"), pickle.loads(pickle.dumps(found))):
        assert again == found
        assert not again.values.flags.writeable
        assert not again.players.flags.writeable
    assert found != dataclasses.replace(found, design="other")


@EVERY_KIND
def test_every_kind_can_be_printed(kind):
    found = kind()
    assert repr(found).startswith("Interactions of ")
    assert ("resolved" in repr(found)) is (not found.complete)
    assert max(map(len, repr(found).splitlines())) < 160


def test_the_leading_pairs_are_printed_with_intervals():
    assert repr(make()).splitlines() == [
        "Interactions of pairs: 4 players, 40 evaluations, design 'fresh'",
        "  2 of 6 pairs resolved; the rest has standard deviation 0.5",
        "  bob x dot  -2 [-3.114, -0.8859]",
        "  ann x cy    1 [-0.1141, 2.114]",
    ]
    told = repr(make(rows=3)).splitlines()
    assert told[0] == "Interactions of pairs: 3 rows, 4 features, 40 evaluations, design 'fresh'"
    assert told[2] == "  mean absolute value over the rows:"
    assert told[3].split()[:4] == ["bob", "x", "dot", "4"]


def test_what_complete_pairs_do_not_explain_is_printed():
    found = make(complete=True, players=[[0, 1], [0, 2]])
    assert "the rest has standard deviation 0.5" in repr(found)
    assert "standard deviation" not in repr(dataclasses.replace(found, unresolved_variance=1e-6))


def test_simultaneous_intervals_hold_for_the_largest_pairs_of_noise():
    ordinary, together = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        found = banzhaf.estimate(
            lambda rows, rng=rng: rng.normal(size=len(rows)),
            12,
            budget=256,
            design="nested",
            noisy=True,
            random_state=seed,
        ).interactions()
        for chosen, held in ((False, ordinary), (True, together)):
            ends = found.top(5).intervals(simultaneous=chosen)
            held.append((ends[:, 0] <= 0) & (ends[:, 1] >= 0))
    assert np.mean(ordinary) < 0.8  # the largest of 66 estimates are chosen errors
    assert np.mean(together) > 0.9
    found = make()
    wide = np.diff(found.intervals(1 - 0.05 / 6), axis=-1)
    np.testing.assert_allclose(np.diff(found.intervals(simultaneous=True), axis=-1), wide)
    with pytest.raises(TypeError, match="simultaneous must be True or False"):
        found.intervals(simultaneous="all")
    with pytest.raises(ValueError, match="level must lie strictly"):
        found.intervals(2.0, simultaneous=True)


WRONG = {
    "n_players": (0, "n_players"),
    "order": (5, "order must be between 1 and 4"),
    "players": ([[0, 2, 3], [1, 2, 3]], "players must have shape \\(n_sets, 2\\)"),
    "values": ([1.0, 2.0, 3.0], "values must have shape \\(2,\\) or \\(2, n_outputs\\)"),
    "standard_errors": ([1.0, -2.0], "standard_errors must not be negative"),
    "complete": (1, "complete must be True or False"),
    "unresolved_variance": ([0.1, 0.2], "unresolved_variance must have shape \\(\\)"),
    "n_evaluations": (-1, "n_evaluations"),
    "design": (None, "design must be a string"),
    "player_names": (("a", "b"), "player_names must hold 4 strings"),
    "degrees_of_freedom": (np.ones(3), "degrees_of_freedom must have a shape that broadcasts to \\(2,\\)"),
    "n_rows": (3, "values must have shape \\(3, 2\\) or \\(3, 2, n_outputs\\)"),
    "player_values": (np.ones(3), "player_values must have shape \\(4,\\)"),
    "base_values": (np.ones(2), "base_values must have shape \\(\\)"),
    "output_names": (("a", "b"), "output_names must hold 1 strings"),
    "p": (1.0, "p must lie strictly between 0 and 1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_field_is_named(name):
    value, match = WRONG[name]
    with pytest.raises((TypeError, ValueError), match=match):
        make(**{name: value})


def test_every_field_has_a_wrong_value_here():
    assert set(WRONG) == {field.name for field in dataclasses.fields(Interactions)}


@pytest.mark.parametrize(
    ("players", "match"),
    [
        ([[0, 4], [1, 2]], "below 4"),
        ([[2, 0], [1, 2]], "ascending"),
        ([[1, 1], [1, 2]], "ascending"),
        ([[1, 2], [1, 2]], "each set once"),
        ([[0.0, 1.0], [1.0, 2.0]], "integers"),
        ([[-1, 1], [1, 2]], "between 0 and"),
    ],
)
def test_wrong_sets_are_refused(players, match):
    with pytest.raises((TypeError, ValueError), match=match):
        make(players=players)


def test_sets_of_many_players_are_compared_as_well():
    players = np.array([[0, *range(2**20 - 4, 2**20)], [1, *range(2**20 - 4, 2**20)]])
    found = make(n_players=2**20, order=5, players=players, player_names=None)
    assert found.value(*players[1].tolist()) == -2.0
    with pytest.raises(ValueError, match="each set once"):
        make(n_players=2**20, order=5, players=players[[0, 0]], player_names=None)


def test_pairs_are_found_by_name_and_position_in_any_order():
    found = make()
    assert found.value("ann", "cy") == found.value(2, 0) == found.value("cy", -4) == 1.0
    assert math.isnan(found.value("ann", "bob"))
    assert make(rows=3).value(3, "bob").tolist() == [-2.0, -4.0, -6.0]
    assert make(rows=3, outputs=2).value(3, "bob").shape == (3, 2)
    assert np.isnan(make(outputs=2).value(0, 1)).tolist() == [True, True]
    for wrong in (("ann",), ("ann", "ann"), ("ann", "bob", "cy"), ()):
        with pytest.raises(ValueError, match="players must be 2 different players"):
            found.value(*wrong)
    with pytest.raises(ValueError, match="players must be the name of a player, such as 'ann'"):
        found.value("an", "bob")
    with pytest.raises(ValueError, match="players have no names"):
        make(player_names=None).value("ann", "bob")
    with pytest.raises(ValueError, match="players must be a position below 4"):
        found.value(0, 4)
    with pytest.raises(TypeError, match="players must be a player's name or position"):
        found.value(0.5, 1)


def test_the_largest_come_first_and_completeness_stays():
    found = interactions_of_table(Table.random(6).worths, 6, 2)
    top = found.top(4)
    assert np.array_equal(np.abs(top.values), np.sort(np.abs(found.values))[::-1][:4])
    assert top.complete
    assert len(top) == 4
    assert len(found.top(1000)) == 15
    batch = make(rows=2, values=[[1.0, np.nan], [-2.0, 9.0]], degrees_of_freedom=[[3.0], [4.0]])
    assert batch.top(1).players.tolist() == [[1, 3]]
    assert batch.top(1).degrees_of_freedom.tolist() == [[3.0], [4.0]]
    with pytest.raises(ValueError, match="k must be at least 1"):
        found.top(0)


def test_a_dense_array_is_symmetric_and_says_what_is_missing():
    dense = make().to_dense()
    assert np.array_equal(dense, dense.T, equal_nan=True)
    assert dense[0, 2] == 1.0
    assert dense[3, 1] == -2.0
    assert np.isnan(dense[0, 1])
    assert (np.diag(dense) == 0).all()
    batch = make(rows=3, outputs=2)
    assert batch.to_dense().shape == (3, 4, 4, 2)
    for row, output in itertools.product(range(3), range(2)):
        alone = batch.row(row).output(output)
        assert np.array_equal(batch.to_dense()[row, ..., output], alone.to_dense(), equal_nan=True)
    triples = interactions_of_table(Table.random(5).worths, 5, 3)
    cube = triples.to_dense()
    for players, value in zip(triples.players.tolist(), triples.values, strict=True):
        for places in itertools.permutations(players):
            assert cube[places] == value
    assert cube[1, 1, 2] == cube[2, 1, 1] == cube[1, 2, 1] == 0
    assert not np.isnan(cube).any()
    with pytest.raises(ValueError, match="more than 2\\^27 entries"):
        make(n_players=2**14, player_names=None).to_dense()


def test_intervals_are_those_of_students_t():
    found = make(degrees_of_freedom=[10.0, np.inf], standard_errors=[0.5, 2.0])
    wanted = np.array([[1.0, 1.0], [-2.0, -2.0]]) + np.outer([0.5 * 2.228138851986, 2.0 * 1.95996398454], [-1, 1])
    assert np.allclose(found.intervals(), wanted, rtol=1e-9)
    assert make(rows=3, outputs=2, degrees_of_freedom=np.ones((3, 1, 2))).intervals().shape == (3, 2, 2, 2)


def test_importance_averages_over_the_rows_that_were_resolved():
    means, bounds = make(
        rows=2, values=[[1.0, np.nan], [-2.0, 9.0]], standard_errors=[[0.0, np.nan], [0.0, 1.0]]
    ).importance()
    assert means.tolist() == [1.5, 9.0]
    assert np.allclose(bounds, [[1.5, 1.5], [9.0 - 2.228138851986, 9.0 + 2.228138851986]], rtol=1e-9)
    with pytest.raises(ValueError, match="explained rows"):
        make().importance()
    with pytest.raises(ValueError, match="explained rows"):
        make(rows=0).importance()


def test_rows_and_outputs_are_taken():
    batch = make(rows=3, outputs=2, player_values=np.arange(24.0).reshape(3, 4, 2), output_names=("a", "b"))
    one = batch.row(-1).output("b")
    assert one.values.tolist() == batch.values[2, :, 1].tolist()
    assert one.player_values.tolist() == batch.player_values[2, :, 1].tolist()
    assert one.output_names == ("b",)
    assert one.n_rows is None
    assert one.output(0) is one
    with pytest.raises(IndexError, match="row must be a position below 3"):
        batch.row(3)
    with pytest.raises(ValueError, match="row needs interactions of explained rows"):
        make().row(0)
    with pytest.raises(ValueError, match="output must be one of 'a', 'b'"):
        batch.output("c")


def test_a_frame_has_a_line_for_each_row_set_and_output():
    pytest.importorskip("pandas")
    frame = make(rows=3, outputs=2, output_names=("a", "b")).to_frame()
    assert list(frame) == ["row", "player_1", "player_2", "output", "value", "standard_error", "lower", "upper"]
    assert len(frame) == 12
    assert frame.iloc[3][["row", "player_1", "player_2", "output", "value"]].tolist() == [0, "bob", "dot", "b", -4.0]
    assert list(make(player_names=None).to_frame()["player_2"]) == ["2", "3"]
    assert list(make(outputs=2).to_frame()["output"]) == [0, 1, 0, 1]


def test_shap_gets_halves_and_the_rest_of_each_value():
    pytest.importorskip("shap")
    game = Table.random(4, outputs=2)
    found = interactions_of_table(game.worths, 4, 2)
    shap_object = found.to_shap()
    assert shap_object.values.shape == (4, 4, 2)
    assert np.allclose(shap_object.values.sum(axis=1), banzhaf.exact(game.worths, 4).values)
    assert np.array_equal(shap_object.values[0, 1], found.value(0, 1) / 2)
    assert np.array_equal(shap_object.base_values, game.worths[0])
    sparse = make(rows=3, player_values=np.ones((3, 4)))
    matrix = sparse.to_shap(data=np.zeros((3, 4))).values
    assert matrix[1, 0, 2] == sparse.values[1, 0] / 2
    assert matrix[1, 0, 1] == 0.0
    assert np.allclose(matrix.sum(axis=2), 1.0)
    with pytest.raises(ValueError, match="data must have shape \\(3, 4\\)"):
        sparse.to_shap(data=np.zeros((3, 3)))
    with pytest.raises(ValueError, match="order must be 2"):
        interactions_of_table(game.worths, 4, 3).to_shap()
    with pytest.raises(ValueError, match="player_values must be known"):
        make().to_shap()


def test_shapiq_reads_the_same_numbers_and_gives_them_back():
    shapiq = pytest.importorskip("shapiq")
    game = Table.random(5)

    class Game(shapiq.Game):
        def __init__(self):
            super().__init__(n_players=5, normalize=False)

        def value_function(self, coalitions):
            return game(coalitions)

    computer = shapiq.ExactComputer(Game())
    for order in (2, 3):
        ours = interactions_of_table(game.worths, 5, order)
        theirs = computer("BII", order)
        given = ours.to_shapiq()
        assert given.index == "BII"
        assert not given.estimated
        assert given.baseline_value == theirs.baseline_value
        for players, value in theirs.interactions.items():
            if len(players) in (1, order):
                assert given[players] == pytest.approx(value, abs=1e-12)
        for found in (Interactions.from_shapiq(theirs), Interactions.from_shapiq(given)):
            assert found.complete
            assert found.players.tolist() == ours.players.tolist()
            assert np.allclose(found.values, ours.values, rtol=0, atol=1e-12)
            assert np.allclose(found.player_values, ours.player_values, rtol=0, atol=1e-12)
        faithful = computer("FBII", order)
        assert np.allclose(Interactions.from_shapiq(faithful).values, ours.values, rtol=0, atol=1e-10)
        with pytest.raises(ValueError, match="only its largest order"):
            Interactions.from_shapiq(faithful, order=1)
    assert np.allclose(
        Interactions.from_shapiq(computer("BV", 1)).values, banzhaf.exact(game.worths, 5).values, rtol=0, atol=1e-12
    )
    with pytest.raises(ValueError, match="not a Banzhaf interaction"):
        Interactions.from_shapiq(computer("SII", 2))
    with pytest.raises(TypeError, match=r"shapiq\.InteractionValues"):
        Interactions.from_shapiq({})
    estimated = shapiq.RegressionFBII(5, 2, random_state=0).approximate(16, Game())
    assert np.isnan(Interactions.from_shapiq(estimated).standard_errors).all()


def test_shapiq_gets_an_object_for_each_row_and_no_unresolved_pair():
    pytest.importorskip("shapiq")
    batch = make(rows=2, values=[[1.0, np.nan], [2.0, 3.0]], player_values=np.ones((2, 4)), base_values=5.0)
    first, second = batch.to_shapiq()
    assert (1, 3) not in first.interactions
    assert second[(3, 1)] == 3.0
    assert first[(0,)] == 1.0
    assert first.baseline_value == 5.0
    assert first.estimated
    with pytest.raises(ValueError, match="output must be picked"):
        make(outputs=2).to_shapiq()
    with pytest.raises(ValueError, match=r"p must be 0\.5"):
        make(p=0.25).to_shapiq()
