# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""`Explanation.interactions`: pairs of features, from the evaluations that a call has kept."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import banzhaf

Array = NDArray[np.float64]


class Products:
    """A sum of products of features, whose interactions have a closed form."""

    def __init__(self, sets: Sequence[Sequence[int]], sizes: Sequence[float]) -> None:
        self.sets = [list(players) for players in sets]
        self.sizes = list(sizes)

    def __call__(self, rows: Array) -> Array:
        found = np.zeros(len(rows))
        for players, size in zip(self.sets, self.sizes, strict=True):
            found = found + size * rows[:, players].prod(axis=1)
        return found

    def interactions(self, background: Array, row: Array, weights: Array | None = None) -> Array:
        """Return the exact interactions of all pairs: second derivatives, averaged over the other features."""
        n = len(row)
        result = np.zeros((len(background), n, n))
        for b, other in enumerate(background):
            for players, size in zip(self.sets, self.sizes, strict=True):
                for i, j in itertools.combinations(players, 2):
                    rest = np.prod([(row[k] + other[k]) / 2 for k in players if k not in (i, j)])
                    result[b, min(i, j), max(i, j)] += size * (row[i] - other[i]) * (row[j] - other[j]) * rest
        mean: Array = np.average(result, axis=0, weights=weights)[np.triu_indices(n, 1)]
        return mean


def random_products(n: int, orders: Sequence[int], seed: int = 3, each: int = 6) -> Products:
    rng = np.random.default_rng(seed)
    sets = [rng.choice(n, order, replace=False).tolist() for order in orders for _ in range(each)]
    return Products(sets, rng.normal(size=len(sets)).tolist())


def rows_of(n: int, n_background: int, n_rows: int = 1, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_background, n)), rng.normal(size=(n_rows, n))


def brute_force(model: Any, background: Array, row: Array) -> Array:
    """Average second differences over all coalitions and background rows."""
    n = len(row)
    result = []
    for i, j in itertools.combinations(range(n), 2):
        total = 0.0
        for other in background:
            for bits in itertools.product([False, True], repeat=n):
                if bits[i] or bits[j]:
                    continue
                for first, second in itertools.product([False, True], repeat=2):
                    inside = np.array(bits)
                    inside[i], inside[j] = first, second
                    total += (1 if first == second else -1) * model(np.where(inside, row, other)[np.newaxis])[0]
        result.append(total / len(background) / 2 ** (n - 2))
    return np.array(result)


def test_all_coalitions_give_the_definition() -> None:
    def model(rows: Array) -> Array:
        return np.asarray(np.tanh(rows[:, 0] * rows[:, 1] + rows[:, 2:].sum(axis=1)) + rows.max(axis=1))

    background, rows = rows_of(5, 3, 2)
    background[1, 2] = rows[0, 2]  # the two rows do not differ in this feature
    found = banzhaf.Explainer(model, background, random_state=0)(rows).interactions()
    assert found.n_rows == 2
    assert found.complete
    for r, row in enumerate(rows):
        np.testing.assert_allclose(found.values[r], brute_force(model, background, row), rtol=0, atol=1e-12)
    assert not found.standard_errors.any()
    assert not found.unresolved_variance.any()
    assert np.isinf(found.degrees_of_freedom).all()


def test_trees_agree() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble")
    rng = np.random.default_rng(1)
    table = rng.normal(size=(300, 6))
    forest = ensemble.RandomForestRegressor(5, max_depth=4, random_state=0)
    forest.fit(table, table[:, 0] * table[:, 1] + table[:, 2])
    exact = banzhaf.TreeExplainer(forest, table[:8]).interactions(table[10:12])
    found = banzhaf.Explainer(forest, table[:8], budget=8 * 64)(table[10:12]).interactions()
    np.testing.assert_allclose(found.values, exact.values, rtol=0, atol=1e-9)
    assert np.array_equal(found.players, exact.players)


@pytest.mark.parametrize("n", [10, 12])
def test_a_complete_design_is_exact_if_at_most_three_features_interact(n: int) -> None:
    model = random_products(n, [1, 2, 3])
    background, rows = rows_of(n, 3)
    budget = 3 * 2 * 128  # half of the 16 full designs, by Kerdock's forms
    explanation = banzhaf.Explainer(model, background, budget=budget, random_state=4)(rows)
    assert explanation.n_model_rows == budget + 4
    found = explanation.interactions()
    np.testing.assert_allclose(found.values[0], model.interactions(background, rows[0]), rtol=0, atol=1e-12)
    assert found.standard_errors.max() < 1e-12
    # With four features, it is exact no longer, and says so.
    model = random_products(n, [1, 2, 3, 4])
    found = banzhaf.Explainer(model, background, budget=budget, random_state=4)(rows).interactions()
    assert found.standard_errors.min() > 1e-4
    assert found.unresolved_variance[0] > 1e-4


def standardised(model: Products, n: int, n_background: int, seeds: int, **options: Any) -> tuple[Array, Array, Array]:
    """Return the errors of the interactions, their standard errors, and whether intervals contain the exact ones."""
    background, rows = rows_of(n, n_background)
    truth = model.interactions(background, rows[0])
    errors, spreads, covered = [], [], []
    for seed in range(seeds):
        found = banzhaf.Explainer(model, background, random_state=seed, **options)(rows).interactions().row(0)
        low, high = np.moveaxis(found.intervals(0.95), -1, 0)
        errors.append(found.values - truth)
        spreads.append(found.standard_errors)
        covered.append((low <= truth + 1e-12) & (truth - 1e-12 <= high))
    return np.array(errors), np.array(spreads), np.array(covered)


@pytest.mark.parametrize(("interactions", "blocks"), [("none", 1), ("none", 2), ("none", 5), ("auto", 4), ("auto", 8)])
def test_estimates_are_unbiased_and_intervals_cover(interactions: str, blocks: int) -> None:
    n, n_background, seeds = 17, 4, 40 if interactions == "none" else 8
    model = random_products(n, [1, 2, 2, 3, 4])
    errors, spreads, covered = standardised(
        model, n, n_background, seeds, budget=n_background * 2 * 32 * blocks, interactions=interactions
    )
    # The mean error over seeds, in units of what these errors make of it.
    bias = errors.mean(axis=0) / (errors.std(axis=0, ddof=1) / np.sqrt(seeds))
    assert np.sqrt(np.mean(bias**2)) < 1.3
    assert covered.mean() > 0.92
    assert 0.8 < np.sqrt(np.mean(spreads**2) / np.mean(errors**2)) < 1.3


def test_designs_that_share_nothing_have_smaller_errors() -> None:
    model = random_products(17, [1, 2, 3])
    plain, adjusted = (
        standardised(model, 17, 4, 3, budget=4 * 2 * 32 * 5, interactions=interactions)[0]
        for interactions in ("none", "auto")
    )
    assert np.mean(adjusted**2) < 0.2 * np.mean(plain**2)


def test_a_drawn_background_is_allowed_for() -> None:
    n, n_background, seeds = 8, 30, 40
    model = random_products(n, [1, 2, 3])
    background, rows = rows_of(n, n_background)
    truth = model.interactions(background, rows[0])
    covered = []
    for seed in range(seeds):
        with pytest.warns(banzhaf.BudgetWarning):
            explanation = banzhaf.Explainer(model, background, budget=12 * 16, random_state=seed)(rows)
        assert explanation.n_background[0] < n_background
        found = explanation.interactions().row(0)
        low, high = np.moveaxis(found.intervals(0.95), -1, 0)
        covered.append(np.mean((low <= truth) & (truth <= high)))
    assert np.mean(covered) > 0.9


def test_pairs_that_no_drawn_row_shows_are_not_resolved() -> None:
    background, rows = np.zeros((12, 3)), np.ones((1, 3))
    background[:, 2] = 1
    background[0] = [1, 0, 0]  # the only row that shows features 1 and 2
    with pytest.warns(banzhaf.BudgetWarning):
        explanation = banzhaf.Explainer(lambda cells: cells.prod(axis=1), background, budget=4, random_state=1)(rows)
    found = explanation.interactions()
    if explanation.n_background[0] < 12:
        assert np.isnan(found.value(1, 2)[0])
    assert np.isfinite(found.value(0, 1)[0])


def test_weights_are_those_of_the_values() -> None:
    model = random_products(6, [1, 2, 3])
    background, rows = rows_of(6, 5)
    weights = np.array([1.0, 0.0, 2.0, 3.0, 0.5])
    found = banzhaf.Explainer(model, background, weights=weights, budget=4 * 64)(rows).interactions()
    truth = model.interactions(background, rows[0], weights)
    np.testing.assert_allclose(found.values[0], truth, rtol=0, atol=1e-12)


def test_a_noisy_model_has_errors_everywhere() -> None:
    rng = np.random.default_rng(0)
    background, rows = rows_of(4, 3)
    model = random_products(4, [1, 2])
    explainer = banzhaf.Explainer(
        lambda cells: model(cells) + rng.normal(size=len(cells)), background, budget=960, noisy=True, random_state=0
    )
    found = explainer(rows).interactions()
    assert (found.standard_errors > 0.01).all()
    assert np.abs(found.values[0] - model.interactions(background, rows[0])).max() < 5 * found.standard_errors.max()


def test_bits_do_not_depend_on_threads_batches_or_the_other_rows() -> None:
    model = random_products(17, [1, 2, 3, 4])
    background, rows = rows_of(17, 4, 3)
    options: dict[str, Any] = {"budget": 4 * 2 * 32 * 4, "interactions": "auto", "random_state": 2}
    found = banzhaf.Explainer(model, background, num_threads=1, **options)(rows).interactions(num_threads=1)
    assert found == banzhaf.Explainer(model, background, batch_size=37, **options)(rows).interactions(num_threads=3)
    alone = banzhaf.Explainer(model, background, **options)(rows[1:2]).interactions()
    assert np.array_equal(alone.values[0], found.values[1])
    assert np.array_equal(alone.standard_errors[0], found.standard_errors[1])


def test_outputs_are_estimated_as_if_alone() -> None:
    model = random_products(9, [1, 2, 3, 4])
    background, rows = rows_of(9, 4, 2)
    options: dict[str, Any] = {"budget": 4 * 64, "random_state": 2}
    both = banzhaf.Explainer(lambda cells: np.stack([model(cells), -2 * model(cells)], axis=1), background, **options)
    one = banzhaf.Explainer(model, background, **options)(rows).interactions()
    explanation = both(rows)
    found = explanation.interactions()
    assert found.values.shape == (2, 36, 2)
    assert np.array_equal(found.output(0).values, one.values)
    assert np.array_equal(found.output(1).values, -2 * one.values)
    assert np.array_equal(explanation.output(1).interactions().values, found.output(1).values)
    assert np.array_equal(explanation[..., [1, 0]].interactions().values[..., 1], one.values)


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_worths_may_be_tiny_or_huge(factor: float) -> None:
    model = random_products(9, [1, 2, 3, 4])
    background, rows = rows_of(9, 4)
    options: dict[str, Any] = {"budget": 4 * 64, "random_state": 2}
    found = banzhaf.Explainer(model, background, **options)(rows).interactions()
    scaled = banzhaf.Explainer(lambda cells: factor * model(cells), background, **options)(rows).interactions()
    np.testing.assert_allclose(scaled.values, factor * found.values, rtol=1e-9)


def test_rows_files_and_pickles_keep_the_evaluations(tmp_path: Path) -> None:
    model = random_products(9, [1, 2, 3, 4])
    background, rows = rows_of(9, 4, 4)
    explanation = banzhaf.Explainer(model, background, budget=4 * 64, random_state=2)(rows)
    found = explanation.interactions()
    chosen = explanation[[2, 0]].interactions()
    assert np.array_equal(chosen.values, found.values[[2, 0]])
    assert np.array_equal(chosen.standard_errors, found.standard_errors[[2, 0]])
    explanation.save(tmp_path / "kept.banzhaf")
    assert banzhaf.load(tmp_path / "kept.banzhaf").interactions() == found
    assert pickle.loads(pickle.dumps(explanation)).interactions() == found
    assert explanation == banzhaf.Explainer(model, background, budget=4 * 64, random_state=2)(
        rows, keep_evaluations=False
    )


def test_refusals_name_the_remedy() -> None:
    model = random_products(6, [1, 2])
    background, rows = rows_of(6, 3)
    explainer = banzhaf.Explainer(model, background, random_state=0)
    seen: list[Any] = []
    for without in (
        explainer(rows, keep_evaluations=False),
        explainer(rows)[:, :3],
        explainer(rows, callback=seen.append) and seen[0],
    ):
        with pytest.raises(ValueError, match="keep_evaluations=True"):
            without.interactions()
    with pytest.raises(ValueError, match="design='hadamard'"):
        banzhaf.Explainer(model, background, design="paired", budget=90)(rows).interactions()
    with pytest.raises(ValueError, match="keep_evaluations=True needs design='hadamard'"):
        banzhaf.Explainer(model, background, design="paired", budget=90)(rows, keep_evaluations=True)
    with pytest.raises(ValueError, match="keep_evaluations must be 'auto', True or False, got 'yes'"):
        explainer(rows, keep_evaluations="yes")
    with pytest.raises(TypeError, match="keep_evaluations"):
        explainer(rows, keep_evaluations=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="order must be 2"):
        explainer(rows).interactions(3)
    with pytest.raises(ValueError, match="Banzhaf values"):
        explainer(rows).abs.interactions()
    with pytest.raises(ValueError, match="two features"):
        banzhaf.Explainer(lambda cells: cells[:, 0], background[:, :1])(rows[:, :1]).interactions()


def test_automatic_keeping_ends_at_64_mib() -> None:
    def model(cells: Array) -> Array:
        return np.broadcast_to(cells.sum(axis=1)[:, np.newaxis], (len(cells), 1100))

    background, rows = rows_of(13, 1)
    explainer = banzhaf.Explainer(model, background, budget=8190, random_state=0)  # 69 MiB of outputs
    with pytest.raises(ValueError, match="up to 64 MiB"):
        explainer(rows).interactions()
    kept = explainer(rows, keep_evaluations=True)[..., :2]
    assert np.abs(kept.interactions().values).max() < 1e-12


def test_deadlines_keep_what_was_evaluated() -> None:
    model = random_products(9, [1, 2, 3, 4])
    background, rows = rows_of(9, 4)
    options: dict[str, Any] = {"budget": 4 * 64, "random_state": 2}
    found = banzhaf.Explainer(model, background, **options)(rows).interactions()
    timed = banzhaf.Explainer(model, background, **options)(rows, deadline=1e6).interactions()
    assert np.array_equal(timed.values, found.values)
    early = banzhaf.Explainer(model, background, **options)(rows, tolerance=1e6)
    assert early.stopped == ("tolerance",)
    assert np.isfinite(early.interactions().values).all()
