# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""One design per background row: exact if the budget is large enough, else unbiased with honest standard errors."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from oracles import Recorder, brute_force, masked_worths, same_bits

import banzhaf
from banzhaf import BudgetWarning, RankWarning


def rough(rows):
    """A model with interactions of up to four columns, whose sums do not depend on the size of a batch."""
    x = np.nan_to_num(np.asarray(rows, dtype=np.float64), nan=-3.0)
    return x[:, 0] * x[:, 1] * x[:, 2] + x[:, 1] * x[:, 2] * x[:, 3] * x[:, -1] + x[:, -1] - 0.5 * x[:, -2]


def several(rows):
    return np.stack([rough(rows), np.tanh(rough(rows)), np.asarray(rows[:, 1] > 0, dtype=np.float64)], axis=1)


def quadratic(rows):
    x = np.asarray(rows, dtype=np.float64)
    return x[:, 0] * x[:, -1] + (x[:, 1:] * x[:, :-1]).sum(axis=1) + 3 * x[:, 0]


def table(n_rows, n_columns, *, seed=0, levels=None, dtype=np.float64):
    """Make random rows. With `levels`, only so many different values occur, so that rows agree in many cells."""
    rng = np.random.default_rng([seed, n_rows, n_columns])
    if levels is None:
        return rng.normal(size=(n_rows, n_columns)).astype(dtype)
    return rng.integers(0, levels, size=(n_rows, n_columns)).astype(dtype)


def slow_values(model, background, X, players=None):
    players = players or [[j] for j in range(background.shape[1])]
    return np.array([brute_force(masked_worths(model, background, x, players), len(players)) for x in X])


def whole_cost(differing):
    """Model evaluations for all coalitions of each background row's players; two of them are known beforehand."""
    return sum(2 ** int(k) - 2 for k in differing if k > 1)


class TestExact:
    """If the budget covers all coalitions of the players that differ, values are exact."""

    @pytest.mark.parametrize("model", [rough, several])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.uint8])
    def test_equal_cells_are_null_players(self, dtype, model):
        background, X = table(9, 6, levels=2, dtype=dtype), table(4, 6, levels=2, dtype=dtype)
        X[0, 2] = background[:, 2] = 1
        recorder = Recorder(model)
        found = banzhaf.Explainer(recorder, background, budget=9 * 2**6, random_state=0)(X)
        np.testing.assert_allclose(found.values, slow_values(model, background, X), rtol=0, atol=1e-12)
        np.testing.assert_array_equal(found.values[0, 2], 0)
        np.testing.assert_array_equal(found.standard_errors, np.zeros(found.values.shape))
        np.testing.assert_array_equal(found.degrees_of_freedom, np.full(found.r2.shape, np.inf))
        expected = [whole_cost((x != background).sum(axis=1)) for x in X]
        assert found.row_costs.tolist() == expected
        assert recorder.n_rows == found.n_model_rows == 9 + 4 + sum(expected)
        assert max(expected) < 0.8 * 9 * (2**6 - 2)

    def test_nan_equals_nan_of_whatever_bits(self):
        background, X = table(5, 6, levels=2), table(2, 6, levels=2)
        background[:, [1, 4]] = np.nan
        background[3, 1] = 7.0
        X[:, 1] = -np.nan
        X[1, 4] = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
        found = banzhaf.Explainer(rough, background, budget=5 * 2**6, random_state=0)(X)
        np.testing.assert_allclose(found.values, slow_values(rough, background, X), rtol=0, atol=1e-12)
        equal = (X[:, None] == background) | (np.isnan(X[:, None]) & np.isnan(background))
        assert found.row_costs.tolist() == [whole_cost(differing) for differing in (~equal).sum(axis=2)]
        assert np.isnan(found.data[:, 1]).all()

    def test_a_group_differs_if_a_column_does(self):
        background, X = table(8, 9, levels=2), table(3, 9, levels=2)
        players = [[0, 4], [1, 2, 3], [8], [5], [6], [7]]
        groups = [players[0], players[1], players[2]]
        found = banzhaf.Explainer(several, background, budget=8 * 2**6, groups=groups, random_state=0)(X)
        np.testing.assert_allclose(found.values, slow_values(several, background, X, players), rtol=0, atol=1e-12)
        unequal = X[:, None] != background
        differing = sum(unequal[..., columns].any(axis=2) for columns in players)
        assert found.row_costs.tolist() == [whole_cost(each) for each in differing]

    @pytest.mark.parametrize("library", ["pandas", "polars"])
    def test_frames_of_every_kind(self, library):
        """Strings, categories, booleans, missing cells: equal cells are null players, and missing cells are equal."""
        frames = pytest.importorskip(library)

        def make(n_rows, seed):
            rng = np.random.default_rng(seed)

            def texts(share):
                return [None if rng.random() < share else str(rng.choice(["a", "b"])) for _ in range(n_rows)]

            columns = {"text": texts(0.3), "kind": texts(0.3), "switch": rng.random(n_rows) < 0.5}
            columns["count"] = rng.integers(0, 2, n_rows)
            columns["gaps"] = [None if rng.random() < 0.5 else float(rng.integers(2)) for _ in range(n_rows)]
            frame = frames.DataFrame(columns)
            if library == "pandas":
                frame["text"] = frame["text"].astype(object)
                return frame.assign(kind=frames.Categorical(frame["kind"], categories=["b", "a"]))
            return frame.with_columns(frames.col("kind").cast(frames.Enum(["b", "a"])))

        def plain(frame):
            """Texts of all cells, which a person would compare."""
            columns = [frame[name].to_list() for name in ("text", "kind", "switch", "count", "gaps")]
            return np.array([["gap" if c is None or c != c else str(c) for c in column] for column in columns]).T

        def judge(frame):
            x = plain(frame)
            wealth = (x[:, 4] == "1.0") - 2.0 * (x[:, 4] == "gap")
            return (x[:, 0] == "a") * (1 + 2.0 * (x[:, 1] == "b")) + wealth * (x[:, 2] == "True") * (x[:, 3] == "1")

        background, X = make(8, 1), make(5, 2)
        found = banzhaf.Explainer(judge, background, budget=8 * 2**5, random_state=0)(X)
        unequal = plain(X)[:, None] != plain(background)
        assert found.row_costs.tolist() == [whole_cost(each) for each in unequal.sum(axis=2)]
        np.testing.assert_array_equal(found.values[~unequal.any(axis=1)], 0)
        shared = banzhaf.Explainer(judge, background, design="exhaustive")(X)
        np.testing.assert_allclose(found.values, shared.values, rtol=0, atol=1e-12)

    def test_the_explained_row_is_a_background_row(self):
        background = table(6, 5)
        found = banzhaf.Explainer(rough, background, budget=6 * 2**5, random_state=0)(background[2:3])
        np.testing.assert_allclose(found.values, slow_values(rough, background, background[2:3]), rtol=0, atol=1e-12)
        assert found.row_costs.tolist() == [5 * (2**5 - 2)]
        assert found.n_background.tolist() == [6]

    def test_nothing_differs(self):
        background = np.repeat(table(1, 5), 4, axis=0)
        found = banzhaf.Explainer(several, background, budget=2, random_state=0)(background[:2])
        for name in ("values", "standard_errors", "background_errors", "row_costs"):
            np.testing.assert_array_equal(getattr(found, name), 0)
        assert found.n_background.tolist() == [4, 4]
        assert (found.rank, found.condition_number) == (5, 1.0)

    def test_one_column(self):
        background, X = table(7, 1), table(3, 1)
        found = banzhaf.Explainer(lambda rows: rows[:, 0] ** 2, background, budget=2, random_state=0)(X)
        np.testing.assert_allclose(found.values, X**2 - (background**2).mean(), rtol=1e-12)
        np.testing.assert_array_equal(found.row_costs, 0)
        spread = (background**2).std(ddof=1) / np.sqrt(7)
        np.testing.assert_allclose(found.background_errors, np.full((3, 1), spread), rtol=1e-9)

    def test_one_background_row(self):
        background, X = table(1, 6), table(2, 6)
        found = banzhaf.Explainer(rough, background, budget=62, random_state=0)(X)
        np.testing.assert_allclose(found.values, slow_values(rough, background, X), rtol=0, atol=1e-12)
        assert found.row_costs.tolist() == [62, 62]
        assert np.isnan(found.background_errors).all()
        assert np.isnan(found.intervals(background=True)).all()

    def test_outputs_that_do_not_change(self):
        found = banzhaf.Explainer(lambda rows: np.full((len(rows), 2), 0.5), table(5, 20), budget=240)(table(2, 20))
        for name in ("values", "standard_errors", "background_errors"):
            np.testing.assert_array_equal(getattr(found, name), 0)
        np.testing.assert_array_equal(found.r2, 1)
        np.testing.assert_array_equal(found.base_values, 0.5)

    @pytest.mark.parametrize("budget", [10**9, 2**62, 2**63 - 1])
    def test_budgets_beyond_need(self, budget):
        background, X = table(5, 6), table(3, 6)
        explainer = banzhaf.Explainer(rough, background, budget=budget, random_state=0)
        found = explainer(X)
        np.testing.assert_allclose(found.values, slow_values(rough, background, X), rtol=0, atol=1e-12)
        assert found.row_costs.tolist() == [5 * 62] * 3


@pytest.mark.parametrize(
    ("n_columns", "n_background", "budget"),
    # Smallest designs: 6 rows for 3 columns, 8 for 4, 18 for 9, 40 for 20, 66 for 33.
    [
        (3, 4, 24),
        (4, 4, 32),
        (9, 5, 90),
        (9, 5, 120),
        (9, 5, 133),
        (20, 3, 120),
        (20, 3, 121),
        (20, 3, 411),
        (33, 2, 132),
        (33, 2, 144),
        (33, 2, 999),
    ],
)
def test_order_two_is_exact_from_one_block_on(n_columns, n_background, budget):
    background, X = table(n_background, n_columns), table(3, n_columns)
    found = banzhaf.Explainer(quadratic, background, budget=budget, random_state=1)(X)
    expected = banzhaf.Explainer(quadratic, background, budget=n_background * 600, design="paired", random_state=1)(X)
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=1e-10)
    assert found.n_background.tolist() == [n_background] * 3
    assert (found.row_costs <= budget).all()


def simulate(n_seeds, X, background, model, **options):
    """Values, standard errors and whole explanations of many seeds."""
    runs = [banzhaf.Explainer(model, background, **options, random_state=seed)(X) for seed in range(n_seeds)]
    return np.array([run.values for run in runs]), np.array([run.standard_errors for run in runs]), runs


def heavy(rows):
    """The outputs of a few background rows differ much more than those of others, so they get the designs."""
    return np.exp(1.5 * rows[:, 0]) * rows[:, 1] * rows[:, 2] * rows[:, 3] + rows[:, 4:].sum(axis=1)


# A model, background rows, a budget, and the number of rows that it covers.
CASES = {
    # For 9 columns: smallest designs of 18 evaluations, smallest Hadamard designs of 24, nested ones of 32.
    "a weighing design each": (rough, 5, 90, 5),
    "a block each": (rough, 5, 120, 5),
    "two blocks each": (rough, 5, 5 * 64, 5),
    "parts of blocks": (rough, 3, 3 * 40 + 10, 3),
    "blocks by the gaps": (heavy, 6, 6 * 32 + 5 * 32, 6),
    "a subset of the background": (rough, 7, 18 * 3 + 5, 3),
    "a subset, and blocks by the gaps": (heavy, 8, 18 * 5 + 17, 5),
    "one background row of many": (rough, 6, 34, 1),
}


class TestUnbiased:
    @pytest.mark.parametrize("case", CASES)
    @pytest.mark.filterwarnings("ignore::banzhaf.BudgetWarning")
    def test_mean_over_seeds(self, case):
        model, n_background, budget, n_drawn = CASES[case]
        background, X = table(n_background, 9), table(1, 9, seed=5)
        values, _, runs = simulate(2000, X, background, model, budget=budget, num_threads=1)
        truth = slow_values(model, background, X)
        deviation = np.abs(values.mean(axis=0) - truth)
        error = values.std(axis=0) / np.sqrt(len(values))
        assert (deviation <= 4.5 * error + 1e-12).all()
        assert error.max() > 1e-4  # the check could fail
        assert all(run.n_background[0] == n_drawn for run in runs)
        assert all(run.row_costs[0] <= budget for run in runs)

    def test_gaps_decide(self):
        """Background rows whose output is far from the explained row's get more coalitions."""
        background, X = table(6, 9), table(1, 9, seed=5)
        model = Recorder(heavy)
        banzhaf.Explainer(model, background, budget=6 * 32 + 5 * 32, random_state=0)(X)
        gaps = np.abs(heavy(background) - heavy(X))
        rows = model.rows[7:]
        # A masked row belongs to the background row whose cells it has, because no two rows share a cell.
        counts = np.array([(rows == b).any(axis=1).sum() for b in background])
        assert counts.sum() <= 6 * 32 + 5 * 32
        assert counts[gaps.argmax()] > 2 * np.median(counts)


def boxes(rows):
    """A few boxes of three columns each, as in trees, chosen so that no value is nearly exact."""
    rng = np.random.default_rng(4)
    total = np.zeros(len(rows))
    for _ in range(30):
        columns, sides = rng.choice(rows.shape[1], 3, replace=False), rng.normal(size=3) / 2
        total += rng.normal() * (rows[:, columns] > sides).all(axis=1)
    return total


def cubic(rows):
    rng = np.random.default_rng(3)
    total = rows @ rng.normal(size=rows.shape[1])
    for _ in range(40):
        total = total + rng.normal() * rows[:, rng.choice(rows.shape[1], 3, replace=False)].prod(axis=1)
    return total


class TestErrors:
    """Standard errors, and the error from the background, against simulation."""

    @pytest.mark.parametrize("model", [boxes, cubic])
    @pytest.mark.parametrize(
        ("n_background", "budget"),
        # For 12 columns a smallest Hadamard design takes 24 evaluations, and one with spare columns 32.
        [(8, 8 * 32), (8, 8 * 48), (8, 8 * 64), (8, 8 * 24 + 48), (30, 30 * 32), (30, 8 * 24), (30, 123)],
    )
    @pytest.mark.filterwarnings("ignore::banzhaf.BudgetWarning")
    def test_intervals_cover(self, model, n_background, budget):
        """The coalition part, with the subset's: never far below 95 %, and away from exactness not above 99 %."""
        background, X = table(n_background, 12), table(2, 12, seed=5)
        truth = banzhaf.Explainer(model, background, design="exhaustive")(X).values
        covered, spread = [], []
        for seed in range(150):
            found = banzhaf.Explainer(model, background, budget=budget, random_state=seed, num_threads=1)(X)
            bounds = found.intervals(0.95)
            known = np.isfinite(bounds[..., 0])
            covered.append(((bounds[..., 0] <= truth) & (truth <= bounds[..., 1]))[known])
            spread.append((found.values - truth) ** 2)
        if not (share := np.concatenate(covered)).size:
            assert budget == 8 * 24 + 48  # the designs of some rows have no spare column for errors
            return
        assert 0.925 < share.mean() < 0.99
        assert np.mean(spread) > 1e-4

    def test_unknown_where_no_design_has_a_column_to_spare(self):
        """Twelve pairs for twelve players on every background row: there is no basis for an interval."""
        background, X = table(5, 12), table(2, 12, seed=5)
        found = banzhaf.Explainer(cubic, background, budget=5 * 24, random_state=0)(X)
        assert np.isnan(found.standard_errors).all()
        assert np.isnan(found.background_errors).all()
        assert np.isfinite(found.values).all()

    def test_an_exact_part_adds_nothing(self):
        """Eight of ten background rows are exact, so the standard error is that of the other two, divided by ten."""
        background, X = table(10, 20), table(1, 20, seed=5)
        background[:8, 4:] = X[0, 4:]
        few = banzhaf.Explainer(cubic, background, budget=8 * 14 + 2 * 128, random_state=0)(X)
        alone = banzhaf.Explainer(cubic, background[8:], budget=2 * 128, random_state=0)(X)
        assert few.row_costs.tolist() == [8 * 14 + 2 * 128]
        ratio = few.standard_errors.mean() / alone.standard_errors.mean()
        assert 0.1 < ratio < 0.4  # 2 / 10, but for the draws

    POPULATION = table(3000, 6, seed=7)

    @pytest.mark.parametrize(
        ("n_background", "budget"),
        # All coalitions; full Hadamard designs; a random subset of the rows.
        [(20, 20 * 64), (20, 20 * 16), (30, 15 * 12)],
        ids=["exact", "blocks", "subset"],
    )
    @pytest.mark.filterwarnings("ignore::banzhaf.BudgetWarning")
    def test_background_errors_against_resampling(self, n_background, budget):
        """For backgrounds drawn from a population the variances add up, and intervals cover the population's value."""
        X = table(1, 6, seed=8)
        truth = banzhaf.Explainer(rough, self.POPULATION, design="exhaustive")(X).values
        rng = np.random.default_rng(0)
        values, own, other, covered = [], [], [], []
        for seed in range(500):
            background = self.POPULATION[rng.choice(len(self.POPULATION), n_background, replace=False)]
            found = banzhaf.Explainer(rough, background, budget=budget, random_state=seed, num_threads=1)(X)
            bounds = found.intervals(background=True)
            values.append(found.values)
            own.append(found.standard_errors**2)
            other.append(found.background_errors**2)
            covered.append((bounds[..., 0] <= truth) & (truth <= bounds[..., 1]))
        variance = np.var(values, axis=0)
        stated = np.mean(own, axis=0) + np.mean(other, axis=0)
        # Errors from coalitions may be too large but never too small.
        assert 0.8 < (stated / variance).mean() < 1.8
        assert 0.92 < np.mean(covered) < 0.995
        assert np.mean(other) > 1e-3
        if budget == 20 * 64:
            assert np.max(own) == 0
            assert 0.85 < (stated / variance).mean() < 1.15

    @pytest.mark.parametrize("n_drawn", [2, 6, 11])
    def test_a_subset_s_part_shrinks_with_what_is_left_out(self, n_drawn):
        """With five pairs for 5 players on more and more of 12 rows, the values vary less and less."""
        background, X = table(12, 5), table(1, 5, seed=5)
        exact = banzhaf.Explainer(rough, background, budget=12 * 30, random_state=0)(X)
        assert exact.standard_errors.max() == 0
        values, variances = [], []
        for seed in range(400):
            with pytest.warns(BudgetWarning, match=f"a random {n_drawn} of 12 background rows"):
                found = banzhaf.Explainer(rough, background, budget=10 * n_drawn, random_state=seed)(X)
            values.append(found.values)
            variances.append(found.standard_errors**2)
        of_draw = exact.background_errors**2 * 12 / n_drawn * (1 - n_drawn / 12)
        assert (np.var(values, axis=0) > 0.75 * of_draw).all()
        # No design can estimate its own error, so the whole spread between the rows counts.
        stated = np.mean(variances) / np.var(values, axis=0).mean()
        assert 0.8 < stated < (2.0 if n_drawn < 11 else 4.0)

    @pytest.mark.parametrize("n_drawn", [10, 21, 27])
    def test_a_sample_spreads_over_the_gaps(self, n_drawn):
        """If values grow with output differences, a sample spread over them errs far less than a simple one."""
        level = np.random.default_rng(3).normal(size=(30, 1))
        background, X = level + 0.3 * table(30, 8), np.full((1, 8), 3.0)

        def model(rows):
            return rows @ np.arange(1.0, 9) + 1e-3 * rough(rows)

        exact = banzhaf.Explainer(model, background, budget=30 * 256, random_state=0)(X)
        values, variances = [], []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BudgetWarning)
            for seed in range(400):
                found = banzhaf.Explainer(model, background, budget=16 * n_drawn, random_state=seed)(X)
                assert found.n_background[0] == n_drawn
                values.append(found.values)
                variances.append(found.standard_errors**2)
        without_regard = exact.background_errors**2 * 30 / n_drawn * (1 - n_drawn / 30)
        actual = np.var(values, axis=0)
        assert actual.sum() < 0.5 * without_regard.sum()
        assert (np.abs(np.mean(values, axis=0) - exact.values) < 4.5 * np.sqrt(actual / 400)).all()
        # No design estimates its own error, so there is no correction for the share of rows left out.
        stated = np.mean(variances) / actual.mean()
        assert 1 < stated < 3 / (1 - n_drawn / 30)


class TestWarnings:
    def test_a_subset_names_the_budget_that_all_would_take(self):
        background, X = table(9, 20), table(2, 20)
        explainer = banzhaf.Explainer(rough, background, budget=200, random_state=0)
        with pytest.warns(BudgetWarning) as caught:
            found = explainer(X)
        (warning,) = caught
        # Designs of 20 pairs: 200 evaluations cover 5 of them. With 24 pairs on each row there are standard errors.
        assert str(warning.message) == (
            "budget covers only a random 5 of 9 background rows: raise it to 432 model evaluations, or pass fewer "
            "background rows"
        )
        assert warning.filename == __file__
        assert found.n_background.tolist() == [5, 5]
        again = banzhaf.Explainer(rough, background, budget=432, random_state=0)(X)
        assert again.n_background.tolist() == [9, 9]
        assert np.isfinite(again.standard_errors).all()

    def test_rows_that_cost_nothing_are_always_there(self):
        """Background rows that equal the explained row, or differ in one column, need no coalition."""
        background, X = table(6, 20), table(1, 20)
        background[:2] = X
        background[2, 1:] = X[0, 1:]
        with pytest.warns(BudgetWarning, match="a random 4 of 6"):
            found = banzhaf.Explainer(rough, background, budget=40, random_state=0)(X)
        assert found.n_background.tolist() == [4]
        assert found.row_costs.tolist() == [40]

    @pytest.mark.parametrize(("n_background", "warnings"), [(1, [RankWarning]), (4, [BudgetWarning, RankWarning])])
    def test_less_than_a_block(self, n_background, warnings):
        background, X = table(n_background, 20), table(2, 20)
        explainer = banzhaf.Explainer(rough, background, budget=12, random_state=0)
        with pytest.warns() as caught:
            found = explainer(X)
        assert [warning.category for warning in caught] == warnings
        assert {warning.filename for warning in caught} == {__file__}
        assert found.rank == 6
        assert found.n_background.tolist() == [1, 1]
        assert np.isnan(found.standard_errors).all()
        assert (found.row_costs <= 12).all()

    def test_ridge_settles_less_than_a_block(self):
        background, X = table(1, 20), table(2, 20)
        found = banzhaf.Explainer(rough, background, budget=12, ridge=1.0, random_state=0)(X)
        assert np.isfinite(found.values).all()

    def test_nothing_to_say(self):
        background, X = table(4, 20), table(2, 20)
        for budget in ("auto", 4 * 40, 10**4):  # warnings are errors here
            banzhaf.Explainer(rough, background, budget=budget, random_state=0)(X)


class TestBudget:
    @pytest.mark.parametrize("n_columns", [2, 5, 9, 12, 20])
    @pytest.mark.parametrize("levels", [2, 3, None])
    @pytest.mark.filterwarnings("ignore::banzhaf.BudgetWarning", "ignore::banzhaf.RankWarning")
    def test_never_exceeded_and_told_truly(self, n_columns, levels):
        model = Recorder(lambda rows: rows.sum(axis=1) ** 3)
        background, X = table(6, n_columns, levels=levels), table(3, n_columns, seed=1, levels=levels)
        rng = np.random.default_rng(n_columns)
        for budget in [2, 3, *rng.integers(2, 6 * 5 * n_columns, 12), 6 * 2**9]:
            explainer = banzhaf.Explainer(model, background, budget=int(budget), random_state=int(budget))
            assert explainer.n_model_rows == budget
            assert f"at most {budget:,} model evaluations for each explained row" in repr(explainer)
            for row in range(3):
                model.calls.clear()
                found = explainer(X[row : row + 1])
                assert model.n_rows == found.n_model_rows == 6 + 1 + found.row_costs[0]
                assert found.row_costs[0] <= budget

    def test_what_helps_is_spent(self):
        """Below all coalitions, at most a pair or the rest beside full designs stays unused."""
        background, X = table(4, 12), table(1, 12)
        for budget in range(4 * 24, 4 * 200, 13):
            found = banzhaf.Explainer(rough, background, budget=budget, random_state=0)(X)
            # A design may hold the empty and the full coalition, which cost nothing: two for each background row.
            assert budget - 1 - 4 * 2 * 3 <= found.row_costs[0] <= budget


class TestSameBits:
    def test_for_threads_batches_order_and_company(self):
        background, X = table(12, 20, levels=3), table(7, 20, seed=1, levels=3)
        X[3], X[5] = X[0], background[4]
        options = {"budget": 12 * 70, "random_state": 3}
        together = banzhaf.Explainer(several, background, **options, num_threads=1, batch_size=1)(X)
        for settings in ({"num_threads": 2}, {"num_threads": 7, "batch_size": 37}, {"batch_size": 10**6}):
            assert banzhaf.Explainer(several, background, **options, **settings)(X) == together
        explainer = banzhaf.Explainer(several, background, **options)
        order = np.random.default_rng(0).permutation(7)
        shuffled = explainer(X[order])
        names = ("values", "standard_errors", "background_errors", "degrees_of_freedom", "r2", "row_costs")
        for name in names:
            assert same_bits(getattr(shuffled, name), getattr(together, name)[order])
            assert same_bits(getattr(together, name)[3], getattr(together, name)[0])
            for row in range(7):
                assert same_bits(getattr(explainer(X[row : row + 1]), name)[0], getattr(together, name)[row])

    def test_for_outputs_in_company_where_gaps_do_not_decide(self):
        """With the same allocation, an output's bits do not depend on the others'."""
        background, X = table(5, 12), table(2, 12)
        options = {"budget": 5 * 32, "random_state": 3}
        together = banzhaf.Explainer(several, background, **options)(X)
        alone = banzhaf.Explainer(rough, background, **options)(X)
        assert same_bits(np.ascontiguousarray(together.values[..., 0]), alone.values)


class TestUnfinished:
    """The figures of a run that has not ended, or ends early, are true of the work done so far."""

    def test_costs_so_far(self):
        model, told = Recorder(rough), []

        def look(explanation):
            told.append((explanation.n_model_rows, model.n_rows, len(explanation)))

        background, X = table(4, 12), table(3, 12)
        explainer = banzhaf.Explainer(model, background, budget=4 * 500, random_state=0)
        found = explainer(X, callback=look)
        assert len(told) > 2
        assert all(stated == made for stated, made, _ in told)
        assert told[-1][0] == found.n_model_rows
        assert {rows for *_, rows in told} == {3}

    @pytest.mark.parametrize("batch_size", [1, 64, 10**6])
    def test_a_failure_keeps_rows_up_to_their_last_look(self, batch_size):
        """With stopping rules the rows take turns; a row checked before the model failed keeps that result."""
        background, X = table(4, 12), table(3, 12)
        options = {"budget": 4 * 500, "random_state": 0, "batch_size": batch_size}
        whole = banzhaf.Explainer(rough, background, **options)(X, tolerance=1e-9)
        limit = whole.n_model_rows - 300
        model = Recorder(lambda rows: rough(rows) if model.n_rows <= limit else 1 / 0)
        with pytest.raises(ZeroDivisionError) as caught:
            banzhaf.Explainer(model, background, **options)(X, tolerance=1e-9)
        if batch_size == 10**6:
            # Each check of all rows is one call, and the last of them failed.
            assert caught.value.explanation.stopped == ("running",) * 3
        else:
            kept = caught.value.explanation
            assert kept.stopped[:2] == ("budget", "budget")
            assert same_bits(kept.values[:2], whole.values[:2])
