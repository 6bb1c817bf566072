# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The cost of a call: large backgrounds, warnings of slow calls, and the repr."""

import re
import warnings

import numpy as np
import pytest

import banzhaf
from banzhaf._explain import cost
from banzhaf._explain.cost import CostWatch, duration


def rows_of(n_rows, n, seed=0):
    return np.random.default_rng(seed).normal(size=(n_rows, n))


def smooth(rows):
    return np.tanh(rows.sum(axis=1)) + rows[:, 0] * rows[:, 1]


class Clock:
    """A clock that advances only with the model's rows and calls."""

    def __init__(self, per_row=0.0, per_call=0.0, first=0.0):
        self.time, self.per_row, self.per_call, self.first = 0.0, per_row, per_call, first

    def __call__(self):
        return self.time

    def call(self, watch, n_rows):
        watch.start()
        self.time += self.first + self.per_call + n_rows * self.per_row
        self.first = 0.0
        return watch.stop(n_rows)


class TestCostWatch:
    def test_tells_once_what_is_left(self):
        clock = Clock(per_row=0.01)
        watch = CostWatch(100_000, clock=clock)
        told = [clock.call(watch, n_rows) for n_rows in (50, 1, 1000, 1000)]
        assert [value for value in told if value is not None] == [pytest.approx(999, rel=0.01)]

    def test_calls_that_all_take_a_while_are_not_dear_rows(self):
        clock = Clock(per_row=1e-6, per_call=0.05)
        watch = CostWatch(100_000, clock=clock)
        assert [clock.call(watch, n_rows) for n_rows in (100, 1, 4096, 4096)] == [None] * 4

    def test_a_slow_start_is_none_of_the_rows(self):
        clock = Clock(per_row=1e-6, first=0.9)
        watch = CostWatch(100_000, clock=clock)
        assert [clock.call(watch, n_rows) for n_rows in (100, 1, 4096)] == [None] * 3

    @pytest.mark.parametrize("first", [[1, 1, 500], [20, 1], [1000], [5, 5, 5, 4096]])
    def test_slow_rows_are_told_early(self, first):
        clock = Clock(per_row=0.3)
        watch = CostWatch(100_000, clock=clock)
        told = [clock.call(watch, n_rows) for n_rows in first]
        assert sum(value is not None for value in told) == 1

    def test_what_a_deadline_ends_is_not_dear(self):
        clock = Clock(per_row=1.0)
        watch = CostWatch(100_000, 0.0, clock=clock)
        assert [clock.call(watch, n_rows) for n_rows in (1000, 1000)] == [None] * 2

    def test_duration(self):
        assert [duration(seconds) for seconds in (31.4, 150, 7199, 86_400 * 10)] == [
            "31 seconds",
            "2 minutes",
            "119 minutes",
            "240 hours",
        ]


class TestWarning:
    def explain(self, monkeypatch, seconds_per_row, n_rows=1, **call):
        clock = Clock()
        monkeypatch.setattr(cost.time, "perf_counter", clock)
        seen = []

        def model(rows):
            clock.time += seconds_per_row * len(rows)
            seen.append(len(rows))
            return rows.sum(axis=1)

        explain = banzhaf.Explainer(model, rows_of(100, 12), budget=20_000, random_state=0)
        explain(rows_of(n_rows, 12, 1), **call)
        return seen

    def test_of_a_dear_budget_comes_before_it_is_spent(self, monkeypatch):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(banzhaf.BudgetWarning, match=r"budget allows 20,000 .*about 3 minutes more"):
                self.explain(monkeypatch, 0.01)

    def test_comes_once_and_names_the_caller(self, monkeypatch):
        with pytest.warns(banzhaf.BudgetWarning, match="budget allows") as caught:
            seen = self.explain(monkeypatch, 0.01, n_rows=3)
        assert len(caught) == 1
        assert caught[0].filename == __file__
        assert sum(seen) > 50_000

    def test_none_of_a_cheap_call_or_a_call_that_may_end_early(self, monkeypatch):
        self.explain(monkeypatch, 1e-4)
        self.explain(monkeypatch, 0.01, tolerance=100.0)

    def test_none_of_a_budget_beyond_all_coalitions(self, monkeypatch):
        clock = Clock()
        monkeypatch.setattr(cost.time, "perf_counter", clock)

        def model(rows):
            clock.time += 0.01 * len(rows)
            return rows.sum(axis=1)

        banzhaf.Explainer(model, rows_of(10, 4), budget=10**12)(rows_of(2, 4, 1))


class TestLargeBackgrounds:
    def test_auto_is_capped(self):
        explain = banzhaf.Explainer(smooth, rows_of(30_000, 20), random_state=0)
        assert explain.n_model_rows == 2**17
        assert repr(explain) == (
            "Explainer: 20 features, 30,000 background rows, hadamard design, at most 131,072 model evaluations for "
            "each explained row, on a random sample of the background; set budget=1440000 to use all of it"
        )
        found = explain(rows_of(2, 20, 1))
        assert np.all(found.row_costs <= 2**17)
        assert np.all((found.n_background > 1000) & (found.n_background < 30_000))
        assert np.all(found.standard_errors > 0)
        assert found.standard_errors.max() < 0.05

    def test_the_error_of_the_sample_is_counted(self):
        """A budget replaces the cap here: the same code runs, in less time."""
        background, x = rows_of(600, 6), rows_of(1, 6, 1)
        truth = banzhaf.Explainer(smooth, background, budget=600 * 2**6)(x).values[0]
        scores = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", banzhaf.BudgetWarning)
            for seed in range(100):
                found = banzhaf.Explainer(smooth, background, budget=1500, random_state=seed)(x)
                assert found.n_background[0] < 200
                scores.append((found.values[0] - truth) / found.standard_errors[0])
        assert 0.6 < np.sqrt(np.mean(np.square(scores))) < 1.25

    @pytest.mark.parametrize(("n_rows", "n", "budget"), [(100, 20, 12_800), (1024, 20, 2**17), (100, 200, 102_400)])
    def test_auto_below_the_cap_is_two_blocks_for_each_row(self, n_rows, n, budget):
        explain = banzhaf.Explainer(smooth, rows_of(n_rows, n))
        assert explain.n_model_rows == budget
        assert "sample" not in repr(explain)

    @pytest.mark.parametrize("n_rows", [2000, 2731, 3276])
    def test_auto_leaves_no_errors_unknown(self, n_rows):
        found = banzhaf.Explainer(smooth, rows_of(n_rows, 20), random_state=0)(rows_of(1, 20, 1))
        assert found.n_background[0] == n_rows
        assert np.isfinite(found.standard_errors).all()

    def test_a_budget_of_ones_own_still_tells(self):
        with pytest.warns(banzhaf.BudgetWarning, match="budget covers only a random"):
            banzhaf.Explainer(smooth, rows_of(3000, 20), budget=2**14, random_state=0)(rows_of(1, 20, 1))


class TestRepr:
    def test_says_what_would_be_exact(self):
        explain = banzhaf.Explainer(smooth, rows_of(50, 9))
        assert repr(explain).endswith(
            "at most 3,200 model evaluations for each explained row; set budget=25600 for exact values"
        )
        budget = int(re.search(r"budget=(\d+)", repr(explain)).group(1))
        exact = banzhaf.Explainer(smooth, rows_of(50, 9), budget=budget)
        assert np.all(exact(rows_of(2, 9, 1)).standard_errors == 0)
        assert "exact" not in repr(exact)

    def test_says_nothing_where_that_is_far_or_reached(self):
        assert "exact" not in repr(banzhaf.Explainer(smooth, rows_of(50, 20)))
        assert "exact" not in repr(banzhaf.Explainer(smooth, rows_of(50, 3)))
        assert "exact" not in repr(banzhaf.Explainer(smooth, rows_of(50, 9), noisy=True))


class TestShapNames:
    def explainer(self):
        return banzhaf.Explainer(smooth, rows_of(5, 4), random_state=0)

    def test_of_attributes(self):
        explain = self.explainer()
        with pytest.raises(AttributeError, match=r"no attribute 'shap_values': use explainer\(X\)\.values"):
            explain.shap_values(rows_of(1, 4))
        found = explain(rows_of(1, 4, 1))
        with pytest.raises(AttributeError, match=r"no attribute 'expected_value': .*base_values"):
            _ = found.expected_value
        for thing in (explain, found):
            assert not hasattr(thing, "shap_values")
            assert not hasattr(thing, "nothing_known")

    @pytest.mark.parametrize(
        ("name", "hint"), [("data", "background="), ("nsamples", "budget="), ("seed", "random_state=")]
    )
    def test_of_arguments(self, name, hint):
        with pytest.raises(TypeError, match=f"Explainer got an unexpected argument '{name}': .*{hint}"):
            banzhaf.Explainer(smooth, **({"background": rows_of(5, 4)} if name != "data" else {}), **{name: 5})

    def test_of_the_call(self):
        with pytest.raises(TypeError, match=r"unexpected argument 'nsamples': .*budget="):
            self.explainer()(rows_of(1, 4), nsamples=100)
