# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Which of gradients and outputs on coalitions an explanation takes, and how it combines both."""

from __future__ import annotations

import dataclasses
import itertools
import pickle

import numpy as np
import pytest

import banzhaf

N, N_BACKGROUND = 64, 6


class Groups(banzhaf.ModelAdapter):
    """A sum of tanh of `size` neighbouring features each, whose values all coalitions of a group give."""

    gradient_cost = 2.0

    def __init__(self, size, scale, n=N):
        rng = np.random.default_rng(3)
        self.size = size
        self.second = rng.normal(size=n // size)
        self.first = np.kron(np.eye(n // size), np.ones((size, 1))) * scale

    def hidden(self, rows):
        return np.tanh(rows @ self.first)

    def predict(self, rows):
        return (self.hidden(rows) * self.second).sum(axis=1)

    def value_and_gradient(self, rows):
        hidden = self.hidden(rows)
        return (hidden * self.second).sum(axis=1), ((1 - hidden**2) * self.second) @ self.first.T

    def exact(self, x, background):
        masks = np.array(list(itertools.product([False, True], repeat=self.size)))
        values = np.zeros(len(x))
        for start in range(0, len(x), self.size):
            mine = slice(start, start + self.size)
            column, weight = self.first[mine, start // self.size], self.second[start // self.size]
            for b in background:
                worths = np.tanh(np.where(masks, x[mine], b[mine]) @ column) * weight
                gains = [worths[masks[:, i]].mean() - worths[~masks[:, i]].mean() for i in range(self.size)]
                values[mine] += np.array(gains) / len(background)
        return values


class Wide(Groups):
    """All features together in each of 32 units, as in a dense network."""

    def __init__(self, n=N, scale=1.0):
        rng = np.random.default_rng(4)
        self.first = rng.normal(size=(n, 32)) * scale / np.sqrt(n)
        self.second = rng.normal(size=32)


class RowByRow(Groups):
    """The same, whose bits for a row do not depend on the other rows of a call, as those of a matrix product may."""

    def hidden(self, rows):
        return np.tanh(np.einsum("ij,jk->ik", rows, self.first))

    def value_and_gradient(self, rows):
        hidden = self.hidden(rows)
        slopes = (1 - hidden**2) * self.second
        return (hidden * self.second).sum(axis=1), np.einsum("ik,jk->ij", slopes, self.first)


def data(n=N, n_rows=1, n_background=N_BACKGROUND):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n_background, n)), rng.normal(size=(n_rows, n))


def explainer(model, background, per_row=800, **options):
    options = {"gradients": True, "random_state": 0} | options
    return banzhaf.Explainer(model, background, budget=per_row * len(background), **options)


@pytest.mark.parametrize("groups", [None, {"first": range(40)}])
def test_few_players_take_values_without_interactions(groups):
    """With fewer than 18 players for each evaluation that a gradient costs, gradients are not even tried."""
    background, X = data(40 if groups is None else N, n_rows=2)
    model = Wide(X.shape[1])
    model.gradient_cost = 2.5
    found = explainer(model, background, groups=groups)(X)
    by_values = explainer(model, background, groups=groups, gradients=False, interactions="auto")(X)
    assert found.estimators == ("values", "values")
    np.testing.assert_array_equal(found.values, by_values.values)
    np.testing.assert_array_equal(found.standard_errors, by_values.standard_errors)
    np.testing.assert_array_equal(found.r2, by_values.r2)
    assert found.adjustments == by_values.adjustments
    assert found.row_costs.tolist() == by_values.row_costs.tolist()


def test_few_players_take_gradients_if_the_budget_is_below_their_designs():
    """Coalitions would leave background rows out."""
    background, X = data(40)
    model = Wide(40)
    model.gradient_cost = 2.5
    truth = explainer(model, background, per_row=20_000, gradients=False)(X).values
    with pytest.warns(banzhaf.BudgetWarning, match="background rows"):
        by_values = explainer(model, background, per_row=70, gradients=False)(X)
    found = explainer(model, background, per_row=70)(X)
    assert found.estimators == ("gradients",)
    assert explainer(model, background, per_row=80)(X).estimators == ("values",)
    assert np.square(found.values - truth).sum() < 0.1 * np.square(by_values.values - truth).sum()


def test_dense_networks_take_gradients():
    background, X = data()
    found = explainer(Wide(), background)(X)
    alone = explainer(Wide(), background, gradients="only")(X)
    assert found.estimators == alone.estimators == ("gradients",)
    assert 0.95 * 800 * N_BACKGROUND < found.row_costs[0] <= 800 * N_BACKGROUND
    # The comparison costs little of the accuracy.
    assert np.square(found.standard_errors).sum() < 1.2 * np.square(alone.standard_errors).sum()


def test_small_budgets_take_gradients_without_a_comparison():
    background, X = data()
    found = explainer(Wide(), background, per_row=200)(X)
    alone = explainer(Wide(), background, per_row=200, gradients="only")(X)
    np.testing.assert_array_equal(found.values, alone.values)


def test_small_groups_of_features_take_both():
    """Errors are below those of either way alone, and intervals hold."""
    background, X = data()
    model = Groups(4, 0.4)
    exact = model.exact(X[0], background)
    errors, held = {}, {}
    for gradients in (True, "only", False):
        found = [explainer(model, background, gradients=gradients, random_state=seed)(X) for seed in range(8)]
        errors[gradients] = np.mean([np.square(each.values[0] - exact).sum() for each in found])
        low, high = np.moveaxis(np.array([each.intervals(0.95)[0] for each in found]), -1, 0)
        held[gradients] = np.mean((low - 1e-9 <= exact) & (exact <= high + 1e-9))
        if gradients is True:
            assert any(each.estimators[0] == "both" for each in found)
            assert all(each.row_costs[0] <= 800 * N_BACKGROUND for each in found)
    assert errors[True] < 0.9 * errors[False]
    assert errors[True] < errors["only"]
    assert held[True] >= 0.93


def test_values_of_an_additive_model_stay_exact():
    """Gradients have a bias where the model bends, and outputs on coalitions are exact."""
    background, X = data()
    model = Groups(1, 0.7)
    found = explainer(model, background)(X)
    np.testing.assert_allclose(found.values[0], model.exact(X[0], background), atol=1e-12)
    assert found.estimators == ("values",)
    # Derivatives at near points are all the same, so that only the allowance for the bias is left of the errors.
    for per_row in (60, 200, 800):
        alone = explainer(model, background, per_row=per_row, gradients="only")(X)
        away = np.abs(alone.values[0] - model.exact(X[0], background))
        assert 1e-3 < np.sqrt(np.square(away).mean()) < 2 * np.sqrt(np.square(alone.standard_errors).mean())


def test_bits_depend_on_neither_rows_nor_threads_nor_batches():
    background, X = data(n_rows=3)
    model = RowByRow(4, 0.4)
    whole = explainer(model, background, num_threads=1)(X)
    assert "both" in whole.estimators
    again = explainer(model, background, num_threads=2, batch_size=37)(X)
    for name in ("values", "standard_errors", "degrees_of_freedom", "row_costs"):
        np.testing.assert_array_equal(getattr(again, name), getattr(whole, name))
        alone = np.concatenate([getattr(explainer(model, background)(X[[row]]), name) for row in range(3)])
        np.testing.assert_array_equal(alone, getattr(whole, name))


def test_rows_are_counted():
    background, X = data(n_rows=2)
    model = Groups(4, 0.4)
    counts = {"rows": 0, "gradients": 0}
    predict, value_and_gradient = model.predict, model.value_and_gradient

    def counted(rows):
        counts["rows"] += len(rows)
        return predict(rows)

    def counted_gradients(rows):
        counts["gradients"] += len(rows)
        return value_and_gradient(rows)

    model.predict, model.value_and_gradient = counted, counted_gradients
    found = explainer(model, background)(X)
    assert found.n_gradient_rows == counts["gradients"]
    assert found.n_model_rows == counts["rows"] + counts["gradients"]


def test_rules_callbacks_and_deadlines_reach_both():
    background, X = data(n_rows=2)
    made = explainer(Groups(4, 0.4), background)
    whole = made(X)
    early = made(X, tolerance=10.0)
    assert early.stopped == ("tolerance", "tolerance")
    assert (early.row_costs < whole.row_costs).all()
    seen = []
    last = made(X, callback=seen.append)
    np.testing.assert_array_equal(last.values, whole.values)
    assert len(seen) >= 2
    assert all(np.isfinite(part.values).all() for part in seen)
    assert made(X, callback=lambda found: True).stopped == ("callback", "callback")
    none = made(X, deadline=1e-9)
    assert none.stopped == ("deadline", "deadline")
    assert np.isnan(none.values).all()
    assert made(X, deadline=1e6).stopped == ("budget", "budget")


def test_an_output_that_is_not_finite_names_its_row():
    background, X = data(n_rows=3)
    model = Wide(N)
    model.gradient_cost = 10.0  # so that values are taken
    predict, bad = model.predict, X[2, :10].copy()

    def broken(rows):
        # Only masked rows: they hold some cells of the last explained row, and others of a background row.
        share = (rows[:, :10] == bad).mean(axis=1)
        return np.where((share > 0) & (rows[:, 10:] != X[2, 10:]).any(axis=1), np.nan, predict(rows))

    made = explainer(model, background)
    model.predict = broken
    with pytest.raises(ValueError, match="row 2 of X") as caught:
        made(X)
    assert len(caught.value.explanation) == 2


def test_noisy_models_and_weights():
    background, X = data()
    rng = np.random.default_rng(1)

    class Noisy(Groups):
        def predict(self, rows):
            return super().predict(rows) + 0.01 * rng.normal(size=len(rows))

    model = Noisy(4, 0.4)
    weights = np.arange(1.0, N_BACKGROUND + 1)
    found = explainer(model, background, noisy=True, weights=weights)(X)
    exact = sum(w * model.exact(X[0], b[np.newaxis]) for w, b in zip(weights / weights.sum(), background, strict=True))
    low, high = np.moveaxis(found.intervals(0.95)[0], -1, 0)
    assert np.mean((low <= exact) & (exact <= high)) >= 0.9


def test_several_outputs():
    background, X = data()

    class Two(Groups):
        gradient_cost = 2.0

        def predict(self, rows):
            one = super().predict(rows)
            return np.stack([one, 2 * one], axis=1)

        def value_and_gradient(self, rows):
            one, gradient = super().value_and_gradient(rows)
            return np.stack([one, 2 * one], axis=1), np.stack([gradient, 2 * gradient], axis=1)

    found = explainer(Two(4, 0.4), background)(X)
    alone = explainer(Groups(4, 0.4), background)(X)
    assert found.estimators == alone.estimators == ("both",)
    np.testing.assert_allclose(found.values[..., 0], alone.values, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found.values[..., 1], 2 * alone.values, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found.gradient_weights, np.full((1, 2), alone.gradient_weights[0]), rtol=1e-6)
    np.testing.assert_array_equal(found.output(1).gradient_weights, found.gradient_weights[:, 1])


def test_what_was_used_is_shown():
    background, X = data()
    found = explainer(Groups(4, 0.4), background)(X)
    assert "values from gradients and coalitions" in repr(found)
    for gradients, text in ((True, "accurate;"), ("auto", "a trial allows it;"), ("only", "from gradients;")):
        assert text in repr(explainer(Wide(), background, per_row=200, gradients=gradients))


def test_interactions_say_why_they_are_not_there():
    background, X = data()
    found = explainer(Groups(4, 0.4), background)(X)
    with pytest.raises(ValueError, match="gradients=False"):
        found.interactions()


def test_weights_of_gradients(tmp_path):
    """They say how a weighted mean was made, and follow selections, files and joins."""
    background, X = data(n_rows=2)
    both = explainer(Groups(4, 0.4), background)(X)
    assert both.gradient_weights.shape == (2,)
    assert ((both.gradient_weights > 0) & (both.gradient_weights < 1)).all()
    gradients = explainer(Groups(4, 0.4), background, gradients="only")(X)
    assert gradients.gradient_weights.tolist() == [1, 1]
    assert gradients.estimators == ("gradients", "gradients")
    values = explainer(Groups(4, 0.4), background, gradients=False, interactions="auto")(X)
    assert values.gradient_weights is None
    # With the weight w, the sum of squared errors is 1 - w times that of coalitions (see the theory), which have nearly
    # the whole budget.
    one, other = (np.square(found.standard_errors).sum(axis=1) for found in (both, values))
    assert ((one / other > 0.8 * (1 - both.gradient_weights)) & (one / other < 2)).all()
    joined = banzhaf.concatenate([both, values, gradients])
    np.testing.assert_array_equal(joined.gradient_weights, [*both.gradient_weights, 0, 0, 1, 1])
    assert joined[4].gradient_weights.tolist() == [1]
    joined.save(tmp_path / "joined.banzhaf")
    assert banzhaf.load(tmp_path / "joined.banzhaf") == joined == pickle.loads(pickle.dumps(joined))
    with pytest.raises(ValueError, match="gradient_weights"):
        dataclasses.replace(joined, gradient_weights=np.zeros(3))
    assert banzhaf.concatenate([values, values]).gradient_weights is None
