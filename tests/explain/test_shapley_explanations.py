# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Shapley values of explained rows: exact ones, sampled ones, budgets, and what is refused."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import banzhaf

Rows = NDArray[np.float64]


def by_definition(model: object, x: Rows, background: Rows, weights: Rows | None = None) -> Rows:
    """Average the marginal contributions over all orders of the features, for each background row."""
    n = len(x)
    shares = np.full(len(background), 1.0) if weights is None else weights
    shares = shares / shares.sum()
    found = np.zeros(n)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        for size in range(n):
            share = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for some in itertools.combinations(others, size):
                low = background.copy()
                low[:, list(some)] = x[list(some)]
                high = low.copy()
                high[:, i] = x[i]
                found[i] += share * (shares @ (model(high) - model(low)))
    return found


def curved(rows: Rows) -> Rows:
    return np.tanh(rows[:, 0] * rows[:, 1] * rows[:, 2] + rows[:, 3]) * rows[:, 4] + rows.sum(axis=1)


@pytest.mark.parametrize("weights", [None, np.array([1.0, 0.0, 2.0, 0.5])])
def test_rows_with_all_coalitions_are_exact(weights: Rows | None) -> None:
    rng = np.random.default_rng(0)
    background, X = rng.normal(size=(4, 5)), rng.normal(size=(3, 5))
    background[1, 2:] = X[0, 2:]  # two players alone
    background[2, :4] = X[1, :4]  # one player alone
    explanation = banzhaf.Explainer(curved, background, weights=weights, budget=200, shapley=True, random_state=0)(X)
    shapley = explanation.shapley()
    for found, x in zip(shapley.values, X, strict=True):
        assert np.allclose(found, by_definition(curved, x, background, weights), rtol=0, atol=1e-12)
    assert (shapley.standard_errors == 0).all()
    assert np.allclose(shapley.values.sum(axis=1), explanation.predictions - explanation.base_values)
    assert shapley.quantity == "Shapley value"
    assert shapley.shapley() is shapley


def quartic(rows: Rows) -> Rows:
    """Interactions of two, three and four features."""
    return (
        rows[:, :12].sum(axis=1)
        + 2 * rows[:, 0] * rows[:, 1] * rows[:, 2]
        + rows[:, 3] * rows[:, 4] * rows[:, 5] * rows[:, 6]
        - rows[:, 7] * rows[:, 8]
    )


def test_sampled_rows_add_up_and_their_intervals_hold() -> None:
    rng = np.random.default_rng(1)
    background, X = rng.normal(size=(10, 12)), rng.normal(size=(2, 12))
    calls = []

    def counted(rows: Rows) -> Rows:
        calls.append(len(rows))
        return quartic(rows)

    budget = 10 * 90
    explanation = banzhaf.Explainer(counted, background, budget=budget, shapley=True, random_state=3)(X)
    assert (explanation.row_costs <= budget).all()
    assert sum(calls) == explanation.n_model_rows <= 10 + 2 + 2 * budget
    shapley = explanation.shapley()
    assert np.allclose(shapley.values.sum(axis=1), explanation.predictions - explanation.base_values)
    # A term of k factors (x or b in each) has an exact value for each feature.
    exact = np.array([by_terms(x, background) for x in X])
    ends = shapley.intervals(0.999)
    assert ((ends[..., 0] <= exact) & (exact <= ends[..., 1])).all()
    error = ((shapley.values - exact) ** 2).sum() / (exact**2).sum()
    assert error < 0.01
    # A few more evaluations are worth more than the Banzhaf values alone.
    assert error < ((explanation.values - exact) ** 2).sum() / (exact**2).sum()


def by_terms(x: Rows, background: Rows) -> Rows:
    """Compute the values of `quartic` term by term, by the definition for each."""
    found = np.zeros(len(x))
    for factor, players in ((2.0, [0, 1, 2]), (1.0, [3, 4, 5, 6]), (-1.0, [7, 8])):
        found[players] += by_definition(
            lambda rows, factor=factor: factor * rows.prod(axis=1), x[players], background[:, players]
        )
    return found + x - background.mean(axis=0)


@pytest.mark.parametrize("weights", [None, np.array([1.0, 0.0, 2.0, 0.5])])
def test_kept_evaluations_of_all_coalitions_are_exact(weights: Rows | None) -> None:
    rng = np.random.default_rng(0)
    background, X = rng.normal(size=(4, 5)), rng.normal(size=(3, 5))
    background[1, 2:] = X[0, 2:]
    background[2, :4] = X[1, :4]
    shapley = banzhaf.Explainer(curved, background, weights=weights, budget=200, random_state=0)(X).shapley()
    for found, x in zip(shapley.values, X, strict=True):
        assert np.allclose(found, by_definition(curved, x, background, weights), rtol=0, atol=1e-12)
    assert (shapley.standard_errors == 0).all()


def test_kept_evaluations_of_samples_add_up_and_their_intervals_hold() -> None:
    rng = np.random.default_rng(9)
    background, X = rng.normal(size=(10, 13)), rng.normal(size=(2, 13))
    background[:, 12] = X[0, 12]  # a feature in which the first row differs from no background row

    def two(rows: Rows) -> Rows:
        return np.stack([quartic(rows), np.tanh(rows[:, :12].sum(axis=1))], axis=1)

    explanation = banzhaf.Explainer(two, background, budget=10 * 90, random_state=3)(X)
    shapley = explanation.shapley()
    assert shapley.values.shape == (2, 13, 2)
    assert np.allclose(shapley.values.sum(axis=1), explanation.predictions - explanation.base_values)
    assert (shapley.values[0, 12] == 0).all()
    exact = np.array([by_terms(x[:12], background[:, :12]) for x in X])
    ends = shapley.intervals(0.99)[:, :12, 0]
    assert ((ends[..., 0] <= exact) & (exact <= ends[..., 1])).all()
    assert np.array_equal(explanation[1:].shapley().values, shapley.values[1:])


def test_a_small_budget_leaves_the_ends_out_and_says_so() -> None:
    rng = np.random.default_rng(2)
    background, X = rng.normal(size=(10, 12)), rng.normal(size=(1, 12))
    small = banzhaf.Explainer(quartic, background, budget=10 * 36, shapley=True, random_state=3)(X)
    large = banzhaf.Explainer(quartic, background, budget=10 * 90, shapley=True, random_state=3)(X)
    assert small.row_costs[0] <= 360
    shapley = small.shapley()
    assert np.allclose(shapley.values.sum(axis=1), small.predictions - small.base_values)
    assert shapley.standard_errors.mean() > large.shapley().standard_errors.mean()
    exact = by_terms(X[0], background)
    ends = shapley.intervals(0.999)[0]
    assert ((ends[:, 0] <= exact) & (exact <= ends[:, 1])).all()


def test_rows_do_not_depend_on_their_company_or_on_threads() -> None:
    rng = np.random.default_rng(4)
    background, X = rng.normal(size=(6, 12)), rng.normal(size=(3, 12))
    background[:, ::3] = X[1, ::3]

    def explain(rows: Rows, **more: object) -> Rows:
        made = banzhaf.Explainer(quartic, background, budget=6 * 100, shapley=True, random_state=5, **more)
        return made(rows).shapley().values

    together = explain(X)
    assert np.array_equal(together, np.concatenate([explain(X[row : row + 1]) for row in range(3)]))
    assert np.array_equal(together, explain(X, num_threads=2, batch_size=7))


def test_outputs_slices_and_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    background, X = rng.normal(size=(5, 10)), rng.normal(size=(4, 10))

    def two(rows: Rows) -> Rows:
        return np.stack([rows.prod(axis=1), np.exp(rows[:, :3].sum(axis=1))], axis=1)

    explanation = banzhaf.Explainer(two, background, budget=5 * 80, shapley=True, random_state=0)(X)
    whole = explanation.shapley()
    assert whole.values.shape == (4, 10, 2)
    assert np.array_equal(explanation[1:3, ["x4", "x2"]].output(1).shapley().values, whole.values[1:3, [4, 2], 1])
    explanation.save(tmp_path / "explanation.banzhaf")
    loaded = banzhaf.load(tmp_path / "explanation.banzhaf")
    assert loaded == explanation
    assert loaded.shapley() == whole


def test_the_banzhaf_values_are_those_of_the_rest_of_the_budget() -> None:
    rng = np.random.default_rng(7)
    background, X = rng.normal(size=(3, 12)), rng.normal(size=(1, 12))
    with_ends = banzhaf.Explainer(quartic, background, budget=3 * 100, shapley=True, random_state=1)(X)
    rest = banzhaf.Explainer(quartic, background, budget=3 * (100 - 24), random_state=1)(X)
    assert np.array_equal(with_ends.values, rest.values)
    assert with_ends.row_costs[0] - rest.row_costs[0] == 3 * 24


def test_what_is_refused() -> None:
    background = np.zeros((2, 3))
    with pytest.raises(TypeError, match="shapley must be True or False"):
        banzhaf.Explainer(curved, background, shapley="yes")
    with pytest.raises(ValueError, match="use design='hadamard'"):
        banzhaf.Explainer(curved, background, design="paired", budget=16, shapley=True)
    with pytest.raises(ValueError, match="shapley must be False for a noisy model"):
        banzhaf.Explainer(curved, background, noisy=True, shapley=True)
    plain = banzhaf.Explainer(lambda rows: rows.sum(axis=1), background)(np.ones((1, 3)), keep_evaluations=False)
    with pytest.raises(ValueError, match="pass shapley=True to Explainer"):
        plain.shapley()
    noisy = banzhaf.Explainer(lambda rows: rows.sum(axis=1), background, noisy=True)(np.ones((1, 3)))
    with pytest.raises(ValueError, match="shapley needs a deterministic model"):
        noisy.shapley()
    with_shapley = banzhaf.Explainer(lambda rows: rows.sum(axis=1), background, shapley=True)(np.ones((1, 3)))
    with pytest.raises(ValueError, match="shapley needs Banzhaf values with their signs"):
        with_shapley.abs.shapley()
