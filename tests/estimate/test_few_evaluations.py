# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test the sparse regression of fewer evaluations than twice the players, alone and within estimates."""

import warnings

import numpy as np
import pytest

import banzhaf
from banzhaf import _core

N = 200


def sparse_values(n=N, n_active=5):
    values = np.zeros(n)
    values[np.arange(n_active) * 7 + 3] = [3, -2, 1.5, -1, 1][:n_active]
    return values


def noise(coalitions, size):
    """Give each coalition a number that looks like noise and is odd: an interaction of all players."""
    signs = 2.0 * coalitions - 1
    return size * np.sin(1e4 * (signs @ np.cos(np.arange(coalitions.shape[1]) ** 2)))


def sparse_game(coalitions):
    return coalitions @ sparse_values(coalitions.shape[1]) + noise(coalitions, 0.2)


def diffuse_game(coalitions):
    return coalitions @ np.random.default_rng(5).normal(size=coalitions.shape[1])


def relative_error(found, truth):
    return ((found - truth) ** 2).sum() / (truth**2).sum()


def quiet_estimate(game, n=N, **settings):
    with warnings.catch_warnings():
        for category in (banzhaf.RankWarning, banzhaf.BudgetWarning):
            warnings.simplefilter("ignore", category)
        return banzhaf.estimate(game, n, random_state=1, **settings)


@pytest.mark.parametrize("intercept", [False, True])
def test_lasso_is_that_of_scikit_learn(intercept):
    linear_model = pytest.importorskip("sklearn.linear_model")
    coalitions = banzhaf.sample_coalitions(150, 60, design="independent", random_state=3)
    signs = 2.0 * coalitions - 1
    numbers = signs @ np.r_[np.arange(8.0), np.zeros(142)] + np.random.default_rng(0).normal(size=60)
    penalties = [20.0, 2.0, 0.5, 0.1]
    found = _core.lasso(coalitions, numbers, penalties, intercept)
    for penalty, coefficients in zip(penalties, found, strict=True):
        other = linear_model.Lasso(alpha=penalty, fit_intercept=intercept, tol=1e-10, max_iter=100_000)
        expected = other.fit(signs, numbers).coef_
        assert penalty > 2 or (expected != 0).any()
        np.testing.assert_allclose(coefficients, expected, atol=1e-4)


@pytest.mark.parametrize("design", ["hadamard", "paired", "independent"])
def test_few_players_are_found_with_few_evaluations(design):
    settings = {"design": design, "budget": 100}
    plain = quiet_estimate(sparse_game, interactions="none", **settings)
    with pytest.warns(banzhaf.RankWarning, match="the solution of a sparse regression, which predicts held-out"):
        values = banzhaf.estimate(sparse_game, N, random_state=1, interactions="auto", **settings)
    truth = sparse_values()
    assert relative_error(values.values, truth) < 0.05
    assert relative_error(values.values, truth) < 0.1 * relative_error(plain.values, truth)
    np.testing.assert_array_equal(np.sort(np.argsort(-abs(values.values))[:5]), np.nonzero(truth)[0])
    assert np.isnan(values.standard_errors).all()
    assert values.rank == plain.rank < N
    assert values.adjustment.n_selected == (np.count_nonzero(values.values),)
    assert not values.adjustment.adjusted
    assert "sparse regression" in repr(values)
    assert "sparse regression" in repr(values.adjustment)
    assert "sparse regression" in values._repr_html_()
    assert 0.9 < values.r2 <= 1


def test_a_diffuse_game_keeps_the_least_norm_values():
    plain = quiet_estimate(diffuse_game, budget=160, interactions="none")
    with pytest.warns(banzhaf.RankWarning, match="the minimum-norm solution is returned"):
        values = banzhaf.estimate(diffuse_game, N, budget=160, random_state=1, interactions="auto")
    np.testing.assert_array_equal(values.values, plain.values)
    assert values.adjustment.n_selected == (0,)
    assert "minimum-norm" in repr(values)


def test_each_output_is_judged_alone():
    def both(coalitions):
        return np.stack([sparse_game(coalitions), diffuse_game(coalitions)], axis=1)

    with pytest.warns(banzhaf.RankWarning, match="for 1 of 2 outputs"):
        values = banzhaf.estimate(both, N, budget=100, random_state=1, interactions="auto")
    for o, game in enumerate([sparse_game, diffuse_game]):
        alone = quiet_estimate(game, budget=100, interactions="auto")
        np.testing.assert_array_equal(values.values[:, o], alone.values)
    assert values.adjustment.n_selected[0] > 0
    assert values.adjustment.n_selected[1] == 0


def test_bits_depend_on_no_thread_and_no_unit(tmp_path):
    first = quiet_estimate(sparse_game, budget=120, interactions="auto", num_threads=1)
    for threads in (2, 7):
        again = quiet_estimate(sparse_game, budget=120, interactions="auto", num_threads=threads)
        assert again == first
    small = quiet_estimate(lambda c: 2.0**-700 * sparse_game(c), budget=120, interactions="auto")
    np.testing.assert_array_equal(small.values, 2.0**-700 * first.values)
    first.save(tmp_path / "values.npz")
    assert banzhaf.load(tmp_path / "values.npz") == first


def test_fit_and_fit_design_do_the_same():
    coalitions = banzhaf.sample_coalitions(N, 120, random_state=1)
    worths = sparse_game(coalitions)
    expected = quiet_estimate(sparse_game, budget=120, interactions="auto")
    with pytest.warns(banzhaf.RankWarning, match="sparse regression"):
        by_design = banzhaf.fit_design(worths, N, random_state=1, interactions="auto")
    np.testing.assert_array_equal(by_design.values, expected.values)
    with pytest.warns(banzhaf.RankWarning, match="sparse regression"):
        given = banzhaf.fit(coalitions, worths, interactions="auto")
    np.testing.assert_allclose(given.values, expected.values, atol=1e-6)


def test_it_is_not_tried_where_it_cannot_help():
    penalised = quiet_estimate(sparse_game, budget=100, ridge=1.0, interactions="auto")
    assert penalised.adjustment.n_selected == (0,)
    few = quiet_estimate(sparse_game, budget=12, interactions="auto")
    assert few.adjustment.n_selected == (0,)
    none = quiet_estimate(lambda c: np.zeros(len(c)), budget=100, interactions="auto")
    assert not none.values.any()


@pytest.mark.slow
def test_ten_thousand_players():
    n = 10_000
    values = quiet_estimate(sparse_game, n=n, budget=1_000, interactions="auto", standard_errors=False)
    assert relative_error(values.values, sparse_values(n)) < 0.01


def stated_twice(seed):
    """Make a game of 100 passages, two of which state the fact that the answer needs. Its log-probability varies."""
    rng = np.random.default_rng(seed)
    first, second = rng.choice(100, 2, replace=False)
    weights = rng.normal(size=100)

    def game(coalitions):
        absent = ~coalitions[:, first] & ~coalitions[:, second]
        return -10.0 * absent * (0.75 + 0.5 * np.abs(np.sin(coalitions @ weights)))

    return game, {first, second}


def test_two_passages_with_the_same_fact_are_found_from_16_pairs():
    """The lasso alone misses one of them in every tenth game, and 5 folds would leave too few pairs to find them."""
    for seed in range(12):
        game, holders = stated_twice(seed)
        found = quiet_estimate(game, 100, budget=32)
        largest = np.argsort(-np.abs(found.values))[:2]
        assert {*largest.tolist()} == holders
        assert found.adjustment.n_selected[0] < 20


def test_outputs_that_need_few_players_each_add_up_to_one_that_needs_many():
    """Each of 20 outputs needs one of 100 players, so their sum needs 20, which 16 pairs do not show."""
    rng = np.random.default_rng(0)
    weights = 0.05 * rng.normal(size=(100, 20))
    weights[np.arange(20), np.arange(20)] += 6

    def outputs(coalitions):
        return -np.logaddexp(0, weights.sum(axis=0) / 2 - coalitions @ weights)

    truth = quiet_estimate(outputs, 100, budget=4096, interactions="none").values.sum(axis=1)
    each = quiet_estimate(outputs, 100, budget=32).values.sum(axis=1)
    together = quiet_estimate(lambda c: outputs(c).sum(axis=1), 100, budget=32).values
    assert relative_error(each, truth) < 0.03
    assert relative_error(each, truth) < 0.1 * relative_error(together, truth)
