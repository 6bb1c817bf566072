# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explanations against slow masking: every value, row and byte that the model sees."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from oracles import Recorder, brute_force, masked_worths, same_bits

import banzhaf
from banzhaf import BudgetWarning, RankWarning

# One design per background row, which is the default, and designs with the same coalitions for all of them.
DESIGNS = pytest.mark.parametrize("design", ["hadamard", "paired"])


def curved(rows):
    """A model with interactions of third order, whose sums do not depend on the size of a batch."""
    return np.float64(rows[:, 0]) * rows[:, 1] * rows[:, -1] + rows[:, 2] - 0.5 * rows[:, -2]


def several(rows):
    return np.stack([curved(rows), np.tanh(curved(rows)), np.float64(rows[:, 1])], axis=1)


def table(n_rows, n_columns, *, seed=0, dtype=np.float64):
    """Random rows; different seeds make background and explained rows."""
    return (10 * np.random.default_rng([seed, n_rows]).normal(size=(n_rows, n_columns))).astype(dtype)


def slow_values(model, background, X, players=None):
    """Banzhaf values by their definition, one row after another."""
    players = players or [[j] for j in range(background.shape[1])]
    return np.array([brute_force(masked_worths(model, background, x, players), len(players)) for x in X])


def slow_frame_values(predict, background, X):
    """The same for DataFrames: a masked row is made value by value, with the background's dtypes."""
    columns = list(background.columns)
    n_players = len(columns)
    everything = [[s >> i & 1 for i in range(n_players)] for s in range(2**n_players)]
    library = type(background).__module__.partition(".")[0]
    values = []
    for x in range(len(X)):
        worths = []
        for coalition in everything:
            masked = background.copy() if library == "pandas" else background.clone()
            for column, kept in zip(columns, coalition, strict=True):
                if not kept:
                    continue
                if library == "pandas":
                    one = X[column].iloc[[x] * len(background)].astype(background[column].dtype)
                    masked[column] = one.set_axis(background.index)
                else:
                    one = X[column].gather([x] * len(background)).cast(background[column].dtype)
                    masked = masked.with_columns(one.alias(column))
            worths.append(np.mean(np.asarray(predict(masked), dtype=np.float64), axis=0))
        values.append(brute_force(np.array(worths), n_players))
    return np.array(values)


class TestAgainstSlowMasking:
    @pytest.mark.parametrize("model", [curved, several])
    @pytest.mark.parametrize("n_columns", [3, 5, 8])
    def test_all_coalitions(self, model, n_columns):
        background, X = table(7, n_columns), table(3, n_columns)
        found = banzhaf.Explainer(model, background, design="exhaustive")(X)
        expected = slow_values(model, background, X)
        np.testing.assert_allclose(found.values, expected, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(found.base_values, model(background).mean(axis=0), rtol=1e-12)
        np.testing.assert_array_equal(found.standard_errors, np.zeros_like(expected))
        assert (found.design, found.rank, found.condition_number) == ("exhaustive", n_columns, 1.0)
        np.testing.assert_array_equal(found.row_costs, 7 * 2**n_columns)
        np.testing.assert_array_equal(found.degrees_of_freedom, np.full(found.r2.shape, np.inf))
        assert np.isnan(found.background_errors).all()

    @DESIGNS
    def test_one_column(self, design):
        background, X = table(7, 1), table(3, 1)
        found = banzhaf.Explainer(lambda rows: rows[:, 0] ** 2, background, design=design)(X)
        np.testing.assert_allclose(found.values, X**2 - (background**2).mean(), rtol=1e-12)

    @DESIGNS
    def test_one_background_row(self, design):
        background, X = table(1, 6), table(2, 6)
        found = banzhaf.Explainer(curved, background, budget=64, design=design)(X)
        np.testing.assert_allclose(found.values, slow_values(curved, background, X), rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize("design", ["paired", "independent"])
    @pytest.mark.parametrize("ridge", [0.0, 3.0])
    @pytest.mark.parametrize("model", [curved, several])
    def test_sampled_coalitions(self, model, ridge, design):
        """A row's values are those of the game that slow masking defines, on the same coalitions."""
        background, X = table(5, 20), table(3, 20)
        explain = banzhaf.Explainer(model, background, budget=5 * 70, design=design, ridge=ridge, random_state=4)
        found = explain(X)
        coalitions = banzhaf.sample_coalitions(20, 70, design=design, random_state=4)
        for row, x in enumerate(X):
            worths = np.array([model(np.where(kept, x, background)).mean(axis=0) for kept in coalitions])
            expected = banzhaf.fit(coalitions, worths, ridge=ridge)
            np.testing.assert_allclose(found.values[row], expected.values, rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(found.standard_errors[row], expected.standard_errors, rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(found.r2[row], expected.r2, rtol=1e-9)
            np.testing.assert_array_equal(found.degrees_of_freedom[row], expected.degrees_of_freedom)
        assert found.rank == expected.rank
        assert found.condition_number == expected.condition_number

    @pytest.mark.parametrize(
        ("groups", "players", "names"),
        [
            ({"first": [0, 1]}, [[0, 1], [2], [3], [4], [5]], ("first", "x2", "x3", "x4", "x5")),
            ({"a": ["x5", 0], "b": (2, "x4")}, [[5, 0], [2, 4], [1], [3]], ("a", "b", "x1", "x3")),
            ([[3, 1], [5]], [[3, 1], [5], [0], [2], [4]], ("x3 + x1", "x5", "x0", "x2", "x4")),
            ({"all": range(6)}, [[0, 1, 2, 3, 4, 5]], ("all",)),
            ({"x1": [1]}, [[1], [0], [2], [3], [4], [5]], ("x1", "x0", "x2", "x3", "x4", "x5")),
            ({}, [[0], [1], [2], [3], [4], [5]], ("x0", "x1", "x2", "x3", "x4", "x5")),
        ],
    )
    @pytest.mark.parametrize("design", ["hadamard", "exhaustive"])
    def test_groups(self, design, groups, players, names):
        background, X = table(6, 6), table(2, 6)
        explain = banzhaf.Explainer(several, background, budget=6 * 2 ** len(players), design=design, groups=groups)
        found = explain(X)
        assert explain.feature_names == found.feature_names == names
        known = 2 if design == "hadamard" else 0  # the empty and the full coalition
        np.testing.assert_array_equal(found.row_costs, 6 * (2 ** len(players) - known))
        np.testing.assert_allclose(found.values, slow_values(several, background, X, players), rtol=1e-9, atol=1e-9)
        for i, columns in enumerate(players):
            if len(columns) == 1:
                np.testing.assert_array_equal(found.data[:, i].astype(float), X[:, columns[0]])
            else:
                assert found.data[1, i] == ", ".join(f"x{j}={X[1, j]}" for j in columns)

    @pytest.mark.parametrize("design", ["hadamard", "exhaustive"])
    def test_groups_of_many_columns(self, design):
        """More columns than players, and more columns than a machine word has bits."""
        background, X = table(4, 200), table(2, 200)
        players = [list(range(i, 200, 7)) for i in range(7)]
        found = banzhaf.Explainer(curved, background, budget=4 * 2**7, design=design, groups=players)(X)
        np.testing.assert_allclose(found.values, slow_values(curved, background, X, players), rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize("n_columns", [1, 7, 8, 63, 64, 65, 130])
    @pytest.mark.parametrize("dtype", [bool, np.int8, np.uint16, np.float16, np.float32, np.int64, np.float64])
    def test_every_masked_row(self, dtype, n_columns):
        """Byte by byte, in order: the background, then each explained row, coalition and background row."""
        rng = np.random.default_rng(n_columns)
        background, X = (rng.integers(0, 2 if dtype is bool else 100, (m, n_columns)).astype(dtype) for m in (5, 2))
        model = Recorder(lambda rows: rows[:, 0] * 1.0)
        options = {"budget": 5 * (2 * n_columns + 40), "design": "paired", "random_state": 0}
        explain = banzhaf.Explainer(model, background, batch_size=37, **options)
        found = explain(X)
        n_coalitions = found.row_costs[0] // 5
        coalitions = banzhaf.sample_coalitions(n_columns, n_coalitions, design=found.design, random_state=0)
        masked = [np.where(kept, x, background) for x in X for kept in coalitions]
        assert same_bits(model.rows, np.concatenate([background, *masked]))


class TestBudget:
    @pytest.mark.parametrize("budget", [14, 15, 20, 21, 27, 28, 100, 500, 7 * 2**6 - 1, 7 * 2**6, 10**6])
    @pytest.mark.filterwarnings("ignore::banzhaf.RankWarning", "ignore::banzhaf.BudgetWarning")
    @DESIGNS
    def test_never_exceeded(self, budget, design):
        model = Recorder(curved)
        explain = banzhaf.Explainer(model, table(7, 6), budget=budget, design=design, random_state=0)
        assert not model.calls
        rows = explain.n_model_rows
        assert rows <= budget
        found = explain(table(3, 6))
        assert (found.row_costs <= rows).all()
        spare = budget - found.row_costs.max()
        if design == "paired":
            assert model.n_rows == found.n_model_rows == 7 + 3 * rows
            np.testing.assert_array_equal(found.row_costs, rows)
            assert spare < 14 or rows == 7 * 2**6
        else:
            assert model.n_rows == found.n_model_rows == 7 + 3 + found.row_costs.sum()
            # The empty and the full coalition are not evaluated again.
            assert spare <= 15 or rows >= 7 * (2**6 - 2)

    def test_auto(self):
        def rows(n_columns, **options):
            return banzhaf.Explainer(curved, table(7, n_columns), **options).n_model_rows / 7

        for design, expected in (("hadamard", 4 * 32), ("paired", 20 * 30)):
            assert rows(30, design=design) == expected
            assert rows(5, design=design) == 2**5
            assert rows(30, design=design, groups={"rest": range(4, 30)}) == 2**5
        assert rows(9) == 4 * 16
        assert rows(9, design="exhaustive") == 2**9

    @pytest.mark.parametrize("batch_size", [1, 2, 6, 7, 8, 100, 10**9])
    @DESIGNS
    def test_batches(self, batch_size, design):
        model = Recorder(curved)
        options = {"budget": 7 * 20, "batch_size": batch_size, "design": design, "random_state": 0}
        found = banzhaf.Explainer(model, table(7, 6), **options)(table(2, 6))
        sizes = [len(call) for call in model.calls]
        assert sum(sizes) == found.n_model_rows
        assert max(sizes) <= batch_size
        # All batches are full except the last ones of the background, of the explained rows, and of all.
        full = min(batch_size, found.row_costs.sum())
        assert sum(size < full for size in sizes) <= (2 if design == "paired" else 3)

    def test_too_few_coalitions_are_told_at_once(self):
        with pytest.warns(RankWarning, match="rank 4 for 9 players") as caught:
            explain = banzhaf.Explainer(curved, table(5, 9), budget=5 * 8, design="paired", random_state=0)
        assert caught[0].filename == __file__
        found = explain(table(2, 9))
        assert (found.rank, found.condition_number) == (4, np.inf)
        assert np.isnan(found.standard_errors).all()
        coalitions = banzhaf.sample_coalitions(9, 8, design="paired", random_state=0)
        worths = np.array([curved(np.where(kept, table(2, 9)[0], table(5, 9))).mean() for kept in coalitions])
        expected = np.linalg.pinv(2.0 * coalitions[::2] - 1) @ (worths[::2] - worths[1::2])
        np.testing.assert_allclose(found.values[0], expected, rtol=1e-9, atol=1e-10)

    def test_no_warning_with_a_ridge_penalty(self):
        explain = banzhaf.Explainer(curved, table(5, 9), budget=5 * 8, design="paired", ridge=1.0, random_state=0)
        assert np.isfinite(explain(table(2, 9)).values).all()

    def test_too_little_for_all_background_rows_is_told_when_that_is_known(self):
        explain = banzhaf.Explainer(curved, table(5, 9), budget=35, random_state=0)
        message = "budget covers only a random 1 of 5 background rows: raise it to 120 model evaluations, or pass fewer"
        with pytest.warns(BudgetWarning, match=message) as caught:
            found = explain(table(2, 9))
        assert [warning.filename for warning in caught] == [__file__]
        assert found.n_background.tolist() == [1, 1]
        assert found.rank == 9


class TestCopies:
    @DESIGNS
    def test_pickles_and_copies_give_the_same_bits(self, design):
        explain = banzhaf.Explainer(curved, table(5, 6), budget=5 * 40, design=design, random_state=0)
        expected = explain(table(2, 6))
        for again in (pickle.loads(pickle.dumps(explain)), copy.deepcopy(explain)):
            assert again(table(2, 6)) == expected


class TestRows:
    """The rows that the model gets."""

    @pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, bool])
    @DESIGNS
    def test_keep_their_dtype(self, dtype, design):
        def model(rows):
            assert type(rows) is np.ndarray
            assert (rows.dtype, rows.shape[1:]) == (dtype, (6,))
            assert rows.flags.c_contiguous
            return rows[:, 0] * 1.0

        options = {"budget": 100, "design": design, "random_state": 0}
        banzhaf.Explainer(model, table(5, 6, dtype=dtype), **options)(table(2, 6, dtype=dtype))

    def test_are_not_copied(self):
        """One buffer is written again for every call."""
        places = []

        def model(rows):
            assert not rows.flags.owndata
            places.append(rows.__array_interface__["data"][0])
            return rows[:, 0]

        banzhaf.Explainer(model, table(5, 6), batch_size=40)(table(2, 6))
        assert len(places) > 5
        assert len(set(places)) == 1

    @pytest.mark.parametrize("kind", ["rows", "slice", "memoryview", "frame", "transposed"])
    @pytest.mark.parametrize("design", ["hadamard", "paired"])
    def test_may_be_kept(self, kind, design):
        """A batch that the model keeps does not change, because the next one has its own memory."""
        pd = pytest.importorskip("pandas")
        kept = []

        def keep(rows):
            array = rows.to_numpy() if kind == "frame" else rows
            views = {"rows": rows, "slice": array[1:, 2:], "memoryview": memoryview(array), "transposed": array.T}
            kept.append((views.get(kind, rows), np.array(views.get(kind, rows))))
            return array.sum(axis=1)

        X = table(9, 6)
        if kind == "frame":
            X = pd.DataFrame(X)
        banzhaf.Explainer(keep, X[:8], design=design, budget=600, batch_size=64, random_state=0)(X[8:])
        assert len(kept) > 5
        assert all(np.array_equal(batch, copy) for batch, copy in kept)

    def test_memory_comes_again_once_nobody_keeps_it(self):
        kept, places = [], []

        def model(rows):
            if len(places) < 3:
                kept.append(rows)
            else:
                kept.clear()
            places.append(rows.__array_interface__["data"][0])
            return rows[:, 0]

        banzhaf.Explainer(model, table(5, 6), batch_size=20, random_state=0)(table(2, 6))
        assert len(set(places[:4])) == 4
        assert len(set(places[3:])) == 1
        assert len(places) > 8

    def test_a_call_has_a_buffer_of_its_own(self):
        calls = []
        explain = banzhaf.Explainer(lambda rows: calls.append(rows) or rows[:, 0], table(5, 6))
        explain(table(1, 6))
        explain(table(1, 6))
        assert not np.shares_memory(calls[0], calls[-1])

    @DESIGNS
    def test_may_be_spoilt(self, design):
        """A model that scales its rows in place affects only itself."""
        background, X = table(5, 6), table(2, 6)
        kept = background.copy(), X.copy()

        def spoiling(rows):
            outputs = curved(rows)
            rows[:] = np.nan
            return outputs

        options = {"budget": 5 * 30, "random_state": 0, "batch_size": 13, "design": design}
        assert banzhaf.Explainer(spoiling, background, **options)(X) == banzhaf.Explainer(
            curved, background, **options
        )(X)
        np.testing.assert_array_equal(background, kept[0])
        np.testing.assert_array_equal(X, kept[1])

    def test_may_be_returned(self):
        """As many outputs as columns, in banzhaf's own memory."""
        background, X = table(5, 6), table(2, 6)
        found = banzhaf.Explainer(lambda rows: rows, background, batch_size=13)(X)
        expected = np.einsum("xi,ij->xij", X - background.mean(axis=0), np.eye(6))
        np.testing.assert_allclose(found.values, expected, atol=1e-10)

    def test_missing_values_are_values(self):
        background, X = table(5, 6), table(2, 6)
        background[::2, 1], X[0, 2], X[1, 0] = np.nan, np.nan, np.inf

        def model(rows):
            return np.where(np.isnan(rows[:, 1]), -1.0, 1.0) * np.isnan(rows[:, 2]) + np.isinf(rows[:, 0])

        found = banzhaf.Explainer(model, background)(X)
        np.testing.assert_allclose(found.values, slow_values(model, background, X), atol=1e-12)

    @pytest.mark.parametrize(
        "change",
        [lambda x: x.tolist(), np.asfortranarray, lambda x: np.repeat(x, 2, axis=0)[::2], lambda x: x.astype(">f8")],
        ids=["lists", "Fortran", "strided", "big-endian"],
    )
    @DESIGNS
    def test_come_from_any_array(self, change, design):
        background, X = table(5, 6), table(2, 6)
        options = {"budget": 5 * 30, "random_state": 0, "design": design}
        expected = banzhaf.Explainer(curved, background, **options)(X)
        found = banzhaf.Explainer(curved, change(background), **options)(change(X))
        assert same_bits(found.values, expected.values)

    def test_the_background_is_copied(self):
        background, X = table(5, 6), table(2, 6)
        explain = banzhaf.Explainer(curved, background, random_state=0)
        before = explain(X)
        background[:] = 0
        assert explain(X) == before


class TestSameBits:
    @pytest.fixture
    def explain(self):
        def make(**options):
            options = {"budget": 50 * 120, "random_state": 9} | options
            return banzhaf.Explainer(several, table(50, 40), **options)

        return make

    @pytest.mark.parametrize("ridge", [0.0, 1.0])
    @pytest.mark.parametrize("design", ["hadamard", "paired", "independent"])
    def test_for_any_batch_size_and_number_of_threads(self, explain, design, ridge):
        X = table(4, 40)
        expected = explain(design=design, ridge=ridge, num_threads=1)(X)
        for batch_size in (37, 1000, None):
            for num_threads in (1, 2, 7):
                options = {"batch_size": batch_size, "num_threads": num_threads}
                assert explain(design=design, ridge=ridge, **options)(X) == expected

    @DESIGNS
    def test_for_batches_of_one(self, design):
        options = {"budget": 5 * 30, "random_state": 9, "design": design}
        background, X = table(5, 12), table(2, 12)
        one = banzhaf.Explainer(several, background, batch_size=1, **options)(X)
        assert one == banzhaf.Explainer(several, background, **options)(X)

    @DESIGNS
    def test_for_one_row_or_many_in_any_order(self, explain, design):
        explain, X = explain(design=design), table(9, 40)
        together = explain(X)
        order = np.random.default_rng(0).permutation(9)
        assert same_bits(explain(X[order]).values, together.values[order])
        for row in range(9):
            alone = explain(X[row : row + 1])
            by_value = ("values", "standard_errors", "background_errors")
            for name in (*by_value, "degrees_of_freedom", "row_costs", "r2", "data"):
                assert same_bits(getattr(alone, name)[0], getattr(together, name)[row])

    @DESIGNS
    def test_for_groups_of_rows(self, design):
        """Rows are fitted in groups: with so many outputs, three rows and then two."""

        def wide(rows):
            return np.float64(rows[:, :1]) * np.arange(1, 3001) + rows[:, 1:2]

        background, X = table(2, 30), table(5, 30)
        explain = banzhaf.Explainer(wide, background, budget=2 * 700, design=design, random_state=0)
        together = explain(X)
        assert together.values.shape == (5, 30, 3000)
        for row in range(5):
            assert same_bits(explain(X[row : row + 1]).values[0], together.values[row])

    @DESIGNS
    def test_again(self, explain, design):
        explain, X = explain(design=design), table(3, 40)
        assert explain(X) == explain(X)
        assert explain(X) == pickle.loads(pickle.dumps(explain(X)))

    @DESIGNS
    def test_for_the_seed_that_was_drawn(self, explain, design):
        X = table(2, 40)
        first, second = (explain(random_state=None, design=design)(X) for _ in range(2))
        assert first != second
        assert explain(random_state=first.random_state, design=design)(X) == first

    @DESIGNS
    def test_in_several_threads(self, explain, design):
        explain = explain(batch_size=500, num_threads=2, design=design)
        tables = [table(3, 40, seed=seed) for seed in range(8)]
        expected = [explain(X) for X in tables]
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(explain, tables)) == expected

    def test_a_model_that_asks_banzhaf_in_turn(self):
        background, X = table(3, 5), table(2, 5)
        inner = banzhaf.Explainer(curved, background, random_state=0)
        expected = inner(X)

        def model(rows):
            assert inner(X) == expected
            return curved(rows)

        assert same_bits(banzhaf.Explainer(model, background, random_state=0)(X).values, expected.values)


class Boom(Exception):
    """An exception that a model raises."""


class FailsAfter(Recorder):
    """A model that raises once it has seen some rows."""

    def __init__(self, function, n_rows, error):
        super().__init__(function)
        self.limit, self.error = n_rows, error

    def __call__(self, rows):
        if self.n_rows + len(rows) > self.limit:
            raise self.error
        return super().__call__(rows)


BACKGROUND, X = table(10, 12), table(4, 12)


def with_model(model, design):
    """An explainer of 40 coalitions by 10 rows, in batches that end within both."""
    return banzhaf.Explainer(model, BACKGROUND, budget=10 * 40, design=design, random_state=0, batch_size=32)


@DESIGNS
class TestExceptions:
    @pytest.mark.parametrize("error", [Boom("now"), KeyboardInterrupt(), StopIteration(), MemoryError()])
    @pytest.mark.parametrize("complete", [1, 2, 3])
    def test_carry_the_rows_that_were_complete(self, complete, error, design):
        before = 10 if design == "paired" else 10 + len(X)
        model = FailsAfter(several, before + 400 * complete + 200, error)
        with pytest.raises(type(error)) as caught:
            with_model(model, design)(X)
        assert caught.value is error
        kept = error.explanation
        expected = with_model(several, design)(X[:complete])
        assert kept == expected
        if sys.version_info >= (3, 11):
            note = f"banzhaf: attribute 'explanation' of this exception holds the {complete} explanation made before it"
            assert error.__notes__[-1] == note

    @pytest.mark.parametrize("n_rows", [0, 9, 10, 400])
    def test_carry_nothing_before_the_first_row(self, n_rows, design):
        error = Boom()
        with pytest.raises(Boom) as caught:
            with_model(FailsAfter(several, n_rows, error), design)(X)
        assert caught.value is error
        assert not hasattr(error, "explanation")

    def test_the_explainer_goes_on(self, design):
        error = Boom()
        model = FailsAfter(several, 900, error)
        explain = with_model(model, design)
        with pytest.raises(Boom):
            explain(X)
        model.limit = 10**9
        assert explain(X) == with_model(several, design)(X)

    def test_a_wrong_return_keeps_complete_rows_too(self, design):
        model = Recorder(lambda rows: several(rows) if model.n_rows < 900 else None)
        with pytest.raises(TypeError, match=r"model must return an array of numbers .* returned None") as caught:
            with_model(model, design)(X)
        assert len(caught.value.explanation) == 2

    @pytest.mark.parametrize("batch_size", [1, 32, 10**6])
    def test_an_output_that_is_not_finite_names_row_and_coalition(self, design, batch_size):
        rows = X.copy()
        rows[2, 5] = 1e6

        def model(rows):
            # Any explained row would do.
            return np.where((rows[:, 5] == 1e6) & (rows[:, 3] != X[2, 3]), np.nan, curved(rows))

        options = {"budget": 400, "design": design, "random_state": 0, "batch_size": batch_size}
        where = r"row 2 of X(, background row \d)? and coalition \{.*\b5\b.*\}"
        with pytest.raises(ValueError, match=f"not finite for {where}") as caught:
            banzhaf.Explainer(model, BACKGROUND, **options)(rows)
        kept, expected = caught.value.explanation, banzhaf.Explainer(curved, BACKGROUND, **options)(X[:2])
        assert kept == expected

    def test_an_explained_row_without_a_finite_output(self, design):
        rows = X.copy()
        rows[2, 5] = 1e6
        model = Recorder(lambda rows: np.where(rows[:, 5] == 1e6, np.nan, curved(rows)))
        with pytest.raises(ValueError, match="not finite for row 2 of X") as caught:
            with_model(model, design)(rows)
        if design == "paired":
            assert len(caught.value.explanation) == 2
        else:  # known before any coalition is evaluated
            assert model.n_rows == 10 + len(X)

    def test_a_background_without_a_finite_mean(self, design):
        with pytest.raises(ValueError, match="output is not finite for background row 0"):
            with_model(lambda rows: np.full(len(rows), np.inf), design)(X)


class TestExplanation:
    def test_holds_neither_model_nor_background(self):
        class Model:
            def predict(self, rows):
                return curved(rows)

        model = Model()
        gone = weakref.ref(model)
        found = banzhaf.Explainer(model, table(5, 6), random_state=0)(table(2, 6))
        del model
        gc.collect()
        assert gone() is None
        assert pickle.loads(pickle.dumps(found)) == found

    def test_saves_and_loads(self, tmp_path):
        found = banzhaf.Explainer(several, table(5, 6), random_state=0)(table(2, 6))
        found.save(tmp_path / "explanation")
        assert banzhaf.load(tmp_path / "explanation") == found

    def test_names(self):
        explain = banzhaf.Explainer(curved, table(5, 4), feature_names=["a", "b", "c", "d"], groups={"ad": ["d", "a"]})
        assert explain.feature_names == ("ad", "b", "c")
        assert explain(table(1, 4)).feature_names == ("ad", "b", "c")

    @DESIGNS
    def test_data_and_figures(self, design):
        X = table(3, 6)
        found = banzhaf.Explainer(curved, table(5, 6), budget=5 * 30, design=design, random_state=12)(X)
        np.testing.assert_array_equal(found.data, X)
        assert (found.random_state, found.design) == (12, design)
        assert found.n_background.tolist() == [5] * 3
        own = 0 if design == "paired" else 3  # the explained rows themselves
        assert found.n_model_rows == 5 + own + found.row_costs.sum()
        assert (found.row_costs >= 140).all()


class TestProgress:
    @DESIGNS
    def test_counts_model_rows(self, capsys, design):
        pytest.importorskip("tqdm")
        options = {"budget": 5 * 30, "design": design, "random_state": 0, "batch_size": 50}
        explain = banzhaf.Explainer(curved, table(5, 6), **options)
        found = explain(table(3, 6), progress=True)
        assert f"{found.n_model_rows}/{found.n_model_rows}" in capsys.readouterr().err
        assert design != "paired" or found.n_model_rows == 455
        assert explain(table(3, 6)) == found
        assert capsys.readouterr() == ("", "")

    def test_without_tqdm(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "tqdm.auto", None)
        model = Recorder(curved)
        with pytest.raises(ImportError, match=r"progress needs tqdm: pip install 'banzhaf\[progress\]'"):
            banzhaf.Explainer(model, table(5, 6))(table(3, 6), progress=True)
        assert not model.calls


def people(n_rows, seed=0):
    """Columns of every kind, with missing cells."""
    rng = np.random.default_rng(seed)
    text = np.array(["red", "green", "blue"])
    return {
        "age": rng.integers(18, 80, n_rows),
        "income": np.where(rng.random(n_rows) < 0.3, np.nan, rng.normal(50, 10, n_rows)),
        "colour": [None if rng.random() < 0.2 else str(text[rng.integers(3)]) for _ in range(n_rows)],
        "member": rng.random(n_rows) < 0.5,
        "city": [str(rng.choice(["Ys", "Ur", "Ai"])) for _ in range(n_rows)],
    }


def pandas_people(n_rows, seed=0):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(people(n_rows, seed))
    frame["colour"] = pd.Categorical(frame["colour"], categories=["blue", "red", "green"])
    frame["city"] = frame["city"].astype(object)
    return frame.set_index(np.arange(n_rows) * 7)


def polars_people(n_rows, seed=0):
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(people(n_rows, seed))
    return frame.with_columns(pl.col("colour").cast(pl.Enum(["blue", "red", "green"])), pl.col("income").fill_nan(None))


def judge_pandas(frame):
    """A function of every column that uses codes and missing cells."""
    assert list(frame.dtypes.astype(str))[:4] == ["int64", "float64", "category", "bool"]
    colour = frame["colour"].cat.codes.to_numpy()
    wealth = frame["income"].fillna(-10).to_numpy()
    return (
        frame["age"].to_numpy() * (colour + 2)
        + wealth * frame["member"].to_numpy()
        + (frame["city"] == "Ur").to_numpy()
    )


def judge_polars(frame):
    colour = frame["colour"].to_physical().cast(int).fill_null(-1).to_numpy()
    wealth = frame["income"].fill_null(-10).to_numpy()
    return (
        frame["age"].to_numpy() * (colour + 2)
        + wealth * frame["member"].to_numpy()
        + (frame["city"] == "Ur").to_numpy()
    )


class TestFrames:
    @pytest.mark.parametrize(("make", "judge"), [(pandas_people, judge_pandas), (polars_people, judge_polars)])
    @DESIGNS
    def test_mixed_columns(self, make, judge, design):
        background, X = make(6), make(4, seed=1)
        found = banzhaf.Explainer(judge, background, design=design)(X)
        np.testing.assert_allclose(found.values, slow_frame_values(judge, background, X), rtol=1e-9, atol=1e-9)
        assert found.feature_names == ("age", "income", "colour", "member", "city")
        np.testing.assert_allclose(found.base_values, judge(background).mean())
        assert found.data[0, 4] == people(4, seed=1)["city"][0]

    @pytest.mark.parametrize("make", [pandas_people, polars_people])
    @DESIGNS
    def test_the_two_libraries_agree(self, make, design):
        judge = {pandas_people: judge_pandas, polars_people: judge_polars}
        background, X = make(6), make(4, seed=1)
        other = polars_people if make is pandas_people else pandas_people
        options = {"budget": 6 * 30, "design": design, "random_state": 0}
        found = banzhaf.Explainer(judge[make], background, **options)(X)
        expected = banzhaf.Explainer(judge[other], other(6), **options)(other(4, seed=1))
        assert same_bits(found.values, expected.values)

    @pytest.mark.parametrize("make", [pandas_people, polars_people])
    def test_columns_in_another_order(self, make):
        background, X = make(6), make(4, seed=1)
        judge = judge_pandas if make is pandas_people else judge_polars
        explain = banzhaf.Explainer(judge, background)
        turned = X[list(X.columns)[::-1]]
        assert explain(turned) == explain(X)

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_numbers_alone(self, dtype):
        pd = pytest.importorskip("pandas")
        names = ["a", "b", "c", "d", "e"]
        background, X = (pd.DataFrame(table(m, 5, dtype=dtype), columns=names) for m in (6, 3))

        def model(frame):
            assert (list(frame.columns), set(frame.dtypes)) == (names, {np.dtype(dtype)})
            return curved(frame.to_numpy())

        found = banzhaf.Explainer(model, background, random_state=0)(X)
        expected = banzhaf.Explainer(curved, background.to_numpy(), random_state=0)(X.to_numpy())
        assert same_bits(found.values, expected.values)
        assert found.feature_names == tuple(names)

    def test_groups_by_name(self):
        background, X = pandas_people(6), pandas_people(4, seed=1)
        explain = banzhaf.Explainer(judge_pandas, background, groups={"wealth": ["income", "member"]})
        found = explain(X)
        assert found.feature_names == ("wealth", "age", "colour", "city")
        assert found.values.shape == (4, 4)
        assert found.data[0, 0] == f"income={X['income'].iloc[0]}, member={X['member'].iloc[0]}"

    @DESIGNS
    def test_bits_do_not_depend_on_batches(self, design):
        background, X = pandas_people(6), pandas_people(4, seed=1)
        options = {"budget": 6 * 20, "design": design, "random_state": 0}
        found = [banzhaf.Explainer(judge_pandas, background, batch_size=b, **options)(X) for b in (1, 37, None)]
        assert found[0] == found[1] == found[2]


def training():
    """Rows, a number to predict, and a class of three."""
    X = np.random.default_rng(3).normal(size=(200, 6))
    score = X[:, 0] * X[:, 1] + X[:, 2]
    return X, score, np.digitize(score, [-0.5, 0.5])


class TestModels:
    """From a fitted model to values, against the same model masked slowly."""

    def explained(self, model, background, X, predict):
        found = banzhaf.Explainer(model, background, budget=len(background) * 2 ** X.shape[1])(X)
        np.testing.assert_allclose(found.values, slow_values(predict, background, X), rtol=1e-6, atol=1e-6)
        assert found.standard_errors.max() == 0
        np.testing.assert_allclose(found.base_values, np.mean(predict(background), axis=0, dtype=float), rtol=1e-6)
        return found

    def test_scikit_learn_classifier(self):
        ensemble = pytest.importorskip("sklearn.ensemble")
        X, _, y = training()
        model = ensemble.RandomForestClassifier(20, random_state=0).fit(X, np.array(["no", "maybe", "yes"])[y])
        found = self.explained(model, X[:10], X[10:13], model.predict_proba)
        assert found.values.shape == (3, 6, 3)
        assert found.output_names == ("maybe", "no", "yes")
        np.testing.assert_allclose(found.values.sum(axis=2), 0, atol=1e-12)

    def test_scikit_learn_regressor(self):
        ensemble = pytest.importorskip("sklearn.ensemble")
        X, score, _ = training()
        model = ensemble.HistGradientBoostingRegressor(max_iter=20, random_state=0).fit(X, score)
        found = self.explained(model, X[:10], X[10:13], model.predict)
        assert found.values.shape == (3, 6)
        assert found.output_names is None

    def test_scikit_learn_pipeline_on_a_frame(self):
        pytest.importorskip("sklearn")
        from sklearn.compose import make_column_transformer
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder

        frame = pandas_people(120)
        frame["colour"] = frame["colour"].astype(object).fillna("none")
        model = make_pipeline(
            make_column_transformer(
                (OneHotEncoder(handle_unknown="ignore"), ["colour", "city"]),
                (SimpleImputer(), ["income"]),
                remainder="passthrough",
            ),
            LogisticRegression(max_iter=5000),
        ).fit(frame, frame["age"] > 50)
        background, X = frame[:6], frame[6:9]
        found = banzhaf.Explainer(model, background)(X)
        expected = slow_frame_values(model.predict_proba, background, X)
        np.testing.assert_allclose(found.values, expected, rtol=1e-7, atol=1e-9)
        assert found.output_names == ("False", "True")

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_xgboost_classifier(self, dtype):
        xgboost = pytest.importorskip("xgboost")
        X, _, y = training()
        X = X.astype(dtype)
        model = xgboost.XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1).fit(X, y)
        found = self.explained(model, X[:10], X[10:13], model.predict_proba)
        assert found.values.shape == (3, 6, 3)
        assert found.output_names == ("0", "1", "2")

    def test_xgboost_booster(self):
        xgboost = pytest.importorskip("xgboost")
        X, score, _ = training()
        model = xgboost.train({"max_depth": 3, "nthread": 1}, xgboost.DMatrix(X, score), num_boost_round=20)
        self.explained(model, X[:10], X[10:13], lambda rows: model.predict(xgboost.DMatrix(rows)))

    def test_xgboost_on_a_frame_with_categories_and_gaps(self):
        xgboost = pytest.importorskip("xgboost")
        frame = pandas_people(200).drop(columns="city")
        target = frame["age"] * (frame["colour"].cat.codes + 2)
        model = xgboost.XGBRegressor(n_estimators=20, max_depth=3, enable_categorical=True, n_jobs=1).fit(frame, target)
        background, X = frame[:6], frame[6:9]
        found = banzhaf.Explainer(model, background)(X)
        expected = slow_frame_values(model.predict, background, X)
        np.testing.assert_allclose(found.values, expected, rtol=1e-5, atol=1e-4)

    def test_lightgbm_classifier(self):
        lightgbm = pytest.importorskip("lightgbm")
        X, _, y = training()
        model = lightgbm.LGBMClassifier(n_estimators=20, verbose=-1, n_jobs=1).fit(X, y)
        found = self.explained(model.booster_, X[:10], X[10:13], model.booster_.predict)
        assert found.values.shape == (3, 6, 3)

    def test_lightgbm_on_a_frame_with_categories_and_gaps(self):
        lightgbm = pytest.importorskip("lightgbm")
        frame = pandas_people(200).drop(columns="city")
        target = frame["age"] * (frame["colour"].cat.codes + 2)
        model = lightgbm.LGBMRegressor(n_estimators=20, verbose=-1, n_jobs=1).fit(frame, target)
        background, X = frame[:6], frame[6:9]
        found = banzhaf.Explainer(model, background)(X)
        np.testing.assert_allclose(found.values, slow_frame_values(model.predict, background, X), rtol=1e-7, atol=1e-7)

    def test_the_thread_that_asked_calls_the_model(self):
        callers = set()
        explain = banzhaf.Explainer(lambda rows: callers.add(threading.get_ident()) or rows[:, 0], table(5, 6))
        explain(table(2, 6))
        assert callers == {threading.get_ident()}
