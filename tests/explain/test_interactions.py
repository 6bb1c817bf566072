# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""`Explainer(interactions="auto")`: interactions are found and taken out of the error, where the budget allows it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import banzhaf

N_FEATURES, N_BACKGROUND = 20, 4
BUDGET = N_BACKGROUND * 2 * 32 * 8  # eight full Hadamard designs for each background row

Array = NDArray[np.float64]


def table(n_rows: int = 1) -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(N_BACKGROUND, N_FEATURES)), rng.normal(size=(n_rows, N_FEATURES))


class Sparse:
    """A linear part, and products of three and two features."""

    def __init__(self, n_outputs: int | None = None, scale: float = 1.0, threes: int = 12) -> None:
        rng = np.random.default_rng(5)
        self.threes = [rng.choice(N_FEATURES, 3, replace=False) for _ in range(threes)]
        self.twos = [three[:2] for three in self.threes] or [np.array([0, 1])]
        self.sizes = rng.normal(size=(len(self.threes) + len(self.twos), n_outputs or 1))
        self.slopes = rng.normal(size=(N_FEATURES, n_outputs or 1))
        self.n_outputs = n_outputs
        self.scale = scale

    def __call__(self, rows: Array) -> Array:
        found = (rows[:, :, np.newaxis] * self.slopes).sum(axis=1)  # the same bits in any batch
        for size, players in zip(self.sizes, [*self.threes, *self.twos], strict=True):
            found = found + rows[:, players].prod(axis=1)[:, np.newaxis] * size
        return self.scale * (found if self.n_outputs else found[:, 0])

    def values(self, background: Array, rows: Array) -> Array:
        """Return the exact Banzhaf values: a product's derivative, averaged over the other features' two cells."""
        result = np.zeros((len(rows), N_FEATURES, self.sizes.shape[1]))
        for x, row in enumerate(rows):
            for other in background:
                result[x] += (row - other)[:, np.newaxis] * self.slopes / len(background)
                for size, players in zip(self.sizes, [*self.threes, *self.twos], strict=True):
                    for i in players:
                        rest = np.prod([(row[j] + other[j]) / 2 for j in players if j != i])
                        result[x, i] += (row[i] - other[i]) * rest * size / len(background)
        return self.scale * (result if self.n_outputs else result[..., 0])


def explain(model: Any, background: Array, rows: Array, interactions: str = "auto", **options: Any) -> Any:
    call = {name: options.pop(name) for name in ("tolerance", "deadline", "callback") if name in options}
    options = {"budget": BUDGET, "random_state": 1} | options
    return banzhaf.Explainer(model, background, interactions=interactions, **options)(rows, **call)


def error(found: Any, truth: Array) -> float:
    return float(np.square(found.values - truth).sum())


def test_errors_fall_and_standard_errors_cover_them() -> None:
    model, (background, rows) = Sparse(), table()
    truth = model.values(background, rows)
    gains, covered, widths = [], [], []
    for seed in range(4):
        plain = explain(model, background, rows, "none", random_state=seed)
        found = explain(model, background, rows, random_state=seed)
        assert found.adjustments == ("adjusted",)
        assert plain.adjustments == ("none",)
        assert found.n_model_rows == plain.n_model_rows
        gains.append(error(plain, truth) / error(found, truth))
        low, high = np.moveaxis(found.intervals(0.95), -1, 0)
        covered.append(np.mean((low <= truth) & (truth <= high)))
        widths.append(found.standard_errors.mean() / plain.standard_errors.mean())
    assert np.exp(np.mean(np.log(gains))) > 4
    assert np.mean(covered) > 0.9
    assert np.mean(widths) < 0.8


@pytest.mark.parametrize("per_feature", [30, 60])
def test_intervals_hold_with_many_products_of_five_features(per_feature: int) -> None:
    """Full designs share their columns here. With pairs held out in place of full designs, 76 to 79 % are covered."""
    n_products, n_seeds = 60, 16
    covered = []
    for seed in range(n_seeds):
        rng = np.random.default_rng(seed)
        fives = np.array([rng.choice(N_FEATURES, 5, replace=False) for _ in range(n_products)])
        sizes, row = rng.normal(size=n_products), rng.choice([-1.0, 1.0], size=N_FEATURES)
        other = -row * np.exp(0.2 * rng.normal(size=N_FEATURES))  # nearly the opposite, so that products are of order 5
        truth = np.zeros(N_FEATURES)
        for size, five in zip(sizes, fives, strict=True):
            middle = (row[five] + other[five]) / 2
            rests = [np.delete(middle, k).prod() for k in range(5)]
            truth[five] += size * (row[five] - other[five]) * rests

        def model(cells: Array, fives: NDArray[np.int64] = fives, sizes: Array = sizes) -> Array:
            return (cells[:, fives].prod(axis=2) * sizes).sum(axis=1)

        found = explain(model, other[np.newaxis], row[np.newaxis], budget=per_feature * N_FEATURES, random_state=seed)
        low, high = np.moveaxis(found.intervals(0.95)[0], -1, 0)
        covered.append(np.mean((low <= truth) & (truth <= high)))
    assert np.mean(covered) > 0.89  # of 320 intervals


def test_the_error_of_a_model_without_such_interactions_stays_zero() -> None:
    model, (background, rows) = Sparse(threes=0), table()
    found = explain(model, background, rows)
    assert found.adjustments == ("no gain",)
    np.testing.assert_allclose(found.values, model.values(background, rows), rtol=0, atol=1e-12)


def same(one: Any, other: Any) -> bool:
    """Tell whether the numbers are equal to the last bit."""
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in ("values", "standard_errors", "background_errors", "degrees_of_freedom", "r2")
    )


def test_the_bits_do_not_depend_on_threads_or_batches() -> None:
    model, (background, rows) = Sparse(), table(2)
    found = explain(model, background, rows, num_threads=1)
    for options in ({"num_threads": 3}, {"batch_size": 37}):
        assert same(found, explain(model, background, rows, **options))
    assert same(found[1], explain(model, background, rows[1:]))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"budget": "auto"}, "few pairs"),
        ({"budget": N_BACKGROUND * 2 * 32}, "few pairs"),
        ({"deadline": 1e9}, "deadline"),
        ({"design": "paired"}, "design"),
    ],
)
def test_the_result_says_why_nothing_was_sought(options: dict[str, Any], why: str) -> None:
    model, (background, rows) = Sparse(), table()
    found = explain(model, background, rows, **options)
    assert found.adjustments == (why,)
    assert same(found, explain(model, background, rows, "none", **options))
    assert "not sought" in repr(found)


def test_few_full_designs_have_columns_of_their_own_and_help_too() -> None:
    model, (background, rows) = Sparse(), table()
    truth = model.values(background, rows)
    gains = []
    for seed in range(4):
        plain = explain(model, background, rows, "none", random_state=seed, budget=BUDGET // 2)
        found = explain(model, background, rows, random_state=seed, budget=BUDGET // 2)
        assert found.adjustments == ("adjusted",)
        gains.append(error(plain, truth) / error(found, truth))
    assert np.exp(np.mean(np.log(gains))) > 2


def test_a_search_that_takes_too_long_is_left_out() -> None:
    background, rows = table()

    def model(cells: Array) -> Array:  # each output has a search of its own
        return np.repeat(cells[:, :10].prod(axis=1)[:, np.newaxis], 40, axis=1)

    found = explain(model, background, rows)
    assert found.adjustments == ("costly",)
    assert same(found, explain(model, background, rows, "none"))
    assert "interactions='always'" in repr(found)


def test_exact_values_stay_exact() -> None:
    background, rows = table()
    rows[:, 5:] = background[:, 5:] = 0
    found = explain(Sparse(), background, rows)
    assert found.adjustments == ("exact",)
    assert not found.standard_errors.any()


def test_each_output_is_adjusted_as_if_alone() -> None:
    model, (background, rows) = Sparse(), table()
    found = explain(lambda cells: np.stack([model(cells), -2 * model(cells)], axis=1), background, rows)
    assert found.adjustments == ("adjusted",)
    one = explain(model, background, rows)
    assert same(found.output(0), one)
    assert np.array_equal(found.output(1).values, -2 * one.values)


def test_an_output_without_interactions_stays_exact_beside_another() -> None:
    model, (background, rows) = Sparse(), table()
    found = explain(lambda cells: np.stack([model(cells), cells.sum(axis=1)], axis=1), background, rows)
    assert found.adjustments == ("adjusted",)
    truth = rows - background.mean(axis=0)
    np.testing.assert_allclose(found.output(1).values, truth, rtol=0, atol=1e-12)


@pytest.mark.parametrize("exponent", [-600, 500])
def test_the_unit_of_the_output_does_not_matter(exponent: int) -> None:
    background, rows = table()
    found = explain(Sparse(), background, rows)
    scaled = explain(Sparse(scale=2.0**exponent), background, rows)
    assert scaled.adjustments == ("adjusted",)
    np.testing.assert_allclose(scaled.values * 2.0**-exponent, found.values, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(scaled.standard_errors * 2.0**-exponent, found.standard_errors, rtol=1e-6)


def test_weights_count_as_repeated_rows_do() -> None:
    model, (background, rows) = Sparse(), table()
    weights = np.array([3.0, 1, 0, 2])
    found = explain(model, background, rows, weights=weights)
    assert found.adjustments == ("adjusted",)
    truth = model.values(np.repeat(background, weights.astype(int), axis=0), rows)
    plain = explain(model, background, rows, "none", weights=weights)
    assert error(found, truth) < 0.5 * error(plain, truth)


def test_groups_are_players() -> None:
    model, (background, rows) = Sparse(), table()
    groups = {"first": [0, 1], "second": [2, 3]}
    found = explain(model, background, rows, groups=groups)
    assert found.adjustments == ("adjusted",)
    best = explain(model, background, rows, groups=groups, budget=BUDGET * 4)
    plain = explain(model, background, rows, "none", groups=groups)
    assert error(found, best.values) < 0.5 * error(plain, best.values)


def test_noise_is_part_of_the_standard_errors() -> None:
    model, (background, rows) = Sparse(), table()
    truth = model.values(background, rows)
    covered = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        noisy = lambda cells, rng=rng: model(cells) + rng.normal(size=len(cells))  # noqa: E731
        found = explain(noisy, background, rows, noisy=True, random_state=seed)
        low, high = np.moveaxis(found.intervals(0.95), -1, 0)
        covered.append(np.mean((low <= truth) & (truth <= high)))
    assert np.mean(covered) > 0.9


def test_a_tolerance_is_met_with_fewer_evaluations() -> None:
    model, (background, rows) = Sparse(), table()
    truth = model.values(background, rows)
    tolerance = 0.05
    plain = explain(model, background, rows, "none", budget=16 * BUDGET, tolerance=tolerance)
    found = explain(model, background, rows, budget=16 * BUDGET, tolerance=tolerance)
    assert found.stopped == plain.stopped == ("tolerance",)
    assert found.row_costs.sum() < plain.row_costs.sum()
    assert found.standard_errors.max() <= tolerance
    assert np.abs(found.values - truth).max() < 5 * tolerance


def test_a_callback_sees_adjusted_values() -> None:
    model, (background, rows) = Sparse(), table()
    seen: list[Any] = []
    found = explain(model, background, rows, budget=2 * BUDGET, callback=seen.append)
    assert [each.adjustments for each in seen][-1] == ("adjusted",)
    assert same(seen[-1], found)
    stopped = explain(
        model, background, rows, budget=2 * BUDGET, callback=lambda each: each.adjustments[0] == "adjusted"
    )
    assert stopped.stopped == ("callback",)


def test_files_and_pickles_keep_what_was_done(tmp_path: Path) -> None:
    model, (background, rows) = Sparse(), table()
    found = explain(model, background, rows)
    found.save(tmp_path / "found.banzhaf")
    assert banzhaf.load(tmp_path / "found.banzhaf") == found
    assert pickle.loads(pickle.dumps(found)) == found
    assert found[0].adjustments == found[:, :3].adjustments[:1] == ("adjusted",)
    old = {name: value for name, value in vars(found).items() if name != "adjustments"}
    before = banzhaf.Explanation.__new__(banzhaf.Explanation)
    before.__setstate__(old)
    assert before.adjustments == ("none",)
    assert banzhaf.Explanation(**old).adjustments == ("none",)


def test_a_prepared_or_copied_explainer_gives_the_same_bits() -> None:
    model, (background, rows) = Sparse(), table()
    explainer = banzhaf.Explainer(model, background, budget=BUDGET, interactions="auto", random_state=1)
    found = explainer(rows)
    assert same(found, pickle.loads(pickle.dumps(explainer))(rows))
    assert same(found, explainer.prepare()(rows))


def test_wrong_arguments() -> None:
    background, _ = table()
    with pytest.raises(ValueError, match="interactions must be one of 'auto', 'always', 'none', got 'all'"):
        banzhaf.Explainer(Sparse(), background, interactions="all")
    with pytest.raises(TypeError, match="interactions must be a string"):
        banzhaf.Explainer(Sparse(), background, interactions=True)  # type: ignore[arg-type]
