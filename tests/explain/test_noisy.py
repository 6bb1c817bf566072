# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Models that return different outputs when they are called again."""

import numpy as np
import pytest

import banzhaf


def rows_of(n_rows, n, seed):
    return np.random.default_rng(seed).normal(size=(n_rows, n))


def noisy_model(seed, sigma, clean):
    rng = np.random.default_rng(seed)
    return lambda rows: clean(rows) + rng.normal(0, sigma, len(rows))


def clean(rows):
    return rows[:, :3].prod(axis=1) + rows.sum(axis=1)


class TestNoisy:
    @pytest.mark.parametrize(("n", "budget"), [(1, 60), (2, 200), (4, 600), (4, 4000), (9, 1500)])
    def test_coverage(self, n, budget):
        """Intervals have their nominal coverage, for rows that differ in few features and in all."""
        background, x = rows_of(5, n, 1), rows_of(1, n, 2)
        background[0, : n // 2] = x[0, : n // 2]
        truth = banzhaf.Explainer(clean, background, budget=5 * 2**n)(x).values[0]
        inside, ratio = [], []
        for seed in range(120):
            model = noisy_model(seed, 0.7, clean)
            explain = banzhaf.Explainer(model, background, budget=budget, noisy=True, random_state=seed)
            found = explain(x)
            assert 0.8 * budget < found.row_costs[0] <= budget
            ends = found.intervals()[0]
            inside.append((ends[:, 0] <= truth) & (truth <= ends[:, 1]))
            ratio.append((found.values[0] - truth) / found.standard_errors[0])
        assert np.mean(inside) > 0.9
        assert 0.7 < np.sqrt(np.mean(np.square(ratio))) < 1.25

    def test_the_whole_budget_is_spent(self):
        explain = banzhaf.Explainer(
            noisy_model(0, 1.0, clean), rows_of(3, 4, 0), budget=5000, noisy=True, random_state=0
        )
        found = explain(rows_of(2, 4, 1))
        assert np.all(found.row_costs == 5000)
        assert np.all(found.standard_errors > 0)
        assert set(found.stopped) == {"budget"}

    def test_errors_fall_with_the_budget(self):
        errors = [
            banzhaf.Explainer(noisy_model(0, 1.0, clean), rows_of(3, 4, 0), budget=budget, noisy=True, random_state=0)(
                rows_of(1, 4, 1)
            ).standard_errors.mean()
            for budget in (500, 5000, 50_000)
        ]
        assert errors[0] / errors[1] == pytest.approx(10**0.5, rel=0.25)
        assert errors[1] / errors[2] == pytest.approx(10**0.5, rel=0.25)

    def test_no_claim_of_exactness_without_it(self):
        """As documented, the default assumes a deterministic model."""
        explain = banzhaf.Explainer(noisy_model(0, 1.0, clean), rows_of(3, 4, 0), budget=5000)
        assert np.all(explain(rows_of(1, 4, 1)).standard_errors == 0)

    def test_features_that_do_not_differ_have_no_noise(self):
        background, x = rows_of(3, 4, 0), rows_of(1, 4, 1)
        background[:, 3] = x[0, 3]
        found = banzhaf.Explainer(noisy_model(0, 1.0, clean), background, budget=500, noisy=True, random_state=0)(x)
        assert found.values[0, 3] == 0
        assert found.standard_errors[0, 3] == 0
        assert np.all(found.standard_errors[0, :3] > 0)

    def test_stops_by_tolerance(self):
        model = noisy_model(0, 1.0, clean)
        explain = banzhaf.Explainer(model, rows_of(3, 4, 0), budget=100_000, noisy=True, random_state=0)
        found = explain(rows_of(1, 4, 1), tolerance=0.05)
        assert found.stopped == ("tolerance",)
        assert 0 < found.standard_errors.max() <= 0.05
        assert found.row_costs[0] < 100_000

    @pytest.mark.filterwarnings("ignore::banzhaf.RankWarning", "ignore::banzhaf.BudgetWarning")
    @pytest.mark.parametrize("budget", [2, 7, 31, 64])
    def test_small_budgets(self, budget):
        model = noisy_model(0, 1.0, clean)
        found = banzhaf.Explainer(model, rows_of(5, 3, 0), budget=budget, noisy=True, random_state=0)(rows_of(1, 3, 1))
        assert found.row_costs[0] <= budget
        assert not np.any(found.standard_errors == 0)

    @pytest.mark.parametrize("scale", [1e-170, 1e170])
    def test_any_scale(self, scale):
        model, plain = noisy_model(0, 1.0, clean), noisy_model(0, 1.0, clean)
        background, x = rows_of(3, 4, 0), rows_of(1, 4, 1)
        options = {"budget": 900, "noisy": True, "random_state": 0}
        found = banzhaf.Explainer(lambda rows: model(rows) * scale, background, **options)(x)
        expected = banzhaf.Explainer(plain, background, **options)(x)
        assert np.allclose(found.values / scale, expected.values, rtol=1e-9)
        assert np.allclose(found.standard_errors / scale, expected.standard_errors, rtol=1e-6)
        assert np.allclose(found.r2, expected.r2, rtol=1e-6)

    @pytest.mark.parametrize("design", ["paired", "independent"])
    def test_shared_coalitions(self, design):
        """Even if all coalitions are evaluated once, the values do not count as exact."""
        background, x = rows_of(4, 4, 1), rows_of(1, 4, 2)
        truth = banzhaf.Explainer(clean, background, budget=4 * 2**4)(x).values[0]
        scores = []
        for seed in range(100):
            model = noisy_model(seed, 1.0, clean)
            explain = banzhaf.Explainer(model, background, design=design, budget=800, noisy=True, random_state=seed)
            found = explain(x)
            assert found.row_costs[0] == 800
            scores.append((found.values[0] - truth) / found.standard_errors[0])
        assert 0.6 < np.sqrt(np.mean(np.square(scores))) < 1.3

    def test_arguments(self):
        with pytest.raises(TypeError, match="noisy must be True or False"):
            banzhaf.Explainer(clean, rows_of(3, 4, 0), noisy="yes")
        with pytest.raises(ValueError, match="noisy"):
            banzhaf.Explainer(clean, rows_of(3, 4, 0), design="exhaustive", noisy=True)
