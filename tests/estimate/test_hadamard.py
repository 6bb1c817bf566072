# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test the Hadamard design: exact where the theory says so, unbiased, of least variance, within its budget."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from numpy.typing import NDArray

import banzhaf

# Least squares on the nested design, without interactions taken out of the error.
plain = functools.partial(banzhaf.estimate, design="hadamard", interactions="none")


class Products:
    """A sum of weighted products of +-1 over sets of players; the values are twice the weights of single players."""

    def __init__(self, n_players: int, order: int, n_terms: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        sizes = 1 + np.arange(n_terms) % order
        self.sets = [rng.choice(n_players, size, replace=False) for size in sizes]
        self.weights = rng.normal(size=n_terms)
        self.values = np.zeros(n_players)
        for players, weight in zip(self.sets, self.weights, strict=True):
            if len(players) == 1:
                self.values[players[0]] += 2 * weight

    def __call__(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        signs = 2.0 * coalitions - 1
        return sum(w * signs[:, s].prod(axis=1) for s, w in zip(self.sets, self.weights, strict=True))


def relative_error(found: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    return float(((found - truth) ** 2).sum() / (truth**2).sum())


@pytest.mark.parametrize(
    ("n", "budget"),
    # 2 N^2, or N^2 if N is an even power of 2.
    [(16, 512), (16, 256), (11, 256), (30, 2048), (64, 8192), (64, 4096), (40, 4096), (130, 65536)],
)
def test_complete_nested_design_is_exact_up_to_order_four(n: int, budget: int) -> None:
    game = Products(n, 4, 300, n)
    complete = banzhaf.estimate(game, n, budget=budget, design="hadamard", random_state=1)
    assert relative_error(complete.values, game.values) < 1e-20
    less = plain(game, n, budget=budget // 8 * 3, random_state=1)
    assert relative_error(less.values, game.values) > 1e-8


@pytest.mark.parametrize(
    ("n", "budget"), [(5, 20), (10, 24), (30, 66), (30, 1000), (100, 220), (241, 530), (1000, 5000)]
)
def test_order_two_is_exact_at_any_budget(n: int, budget: int) -> None:
    game = Products(n, 2, 3 * n, n)
    found = banzhaf.estimate(game, n, budget=budget, design="hadamard", random_state=2)
    assert found.n_evaluations == budget // 2 * 2
    assert relative_error(found.values, game.values) < 1e-20
    assert found.condition_number < 40


@pytest.mark.parametrize(("n", "budget"), [(9, 40), (20, 44), (20, 150), (33, 72), (33, 501), (70, 900)])
def test_estimate_is_least_squares_on_its_coalitions(n: int, budget: int) -> None:
    coalitions = banzhaf.sample_coalitions(n, budget, design="hadamard", interactions="none", random_state=3)
    assert (coalitions[::2] ^ coalitions[1::2]).all()
    worths = np.random.default_rng(0).normal(size=len(coalitions))
    found = plain(lambda _: worths, n, budget=budget, batch_size=budget, random_state=3)
    signs = 2.0 * coalitions[::2] - 1
    expected = np.linalg.lstsq(signs, worths[::2] - worths[1::2], rcond=None)[0]
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.condition_number, np.linalg.cond(signs), rtol=0.1)
    np.testing.assert_allclose(
        banzhaf.fit(coalitions, worths, interactions="none").values, expected, rtol=0, atol=1e-12
    )


def test_coalitions_are_distinct_and_reproducible() -> None:
    coalitions = banzhaf.sample_coalitions(13, 8000, design="hadamard", random_state=4)
    assert len(np.unique(coalitions, axis=0)) == 8000
    again = banzhaf.sample_coalitions(13, 8000, design="hadamard", random_state=4, num_threads=1)
    assert (coalitions == again).all()
    other = banzhaf.sample_coalitions(13, 8000, design="hadamard", random_state=5)
    assert (coalitions != other).any()


@pytest.mark.parametrize("budget", [104, 128, 1000])
def test_same_bits_for_threads_and_batches(budget: int) -> None:
    game = Products(50, 5, 100, 1)
    first = banzhaf.estimate(game, 50, budget=budget, design="hadamard", random_state=6, num_threads=1)
    for threads in (1, 2, 7):
        for batch in (1, 13, None):
            again = banzhaf.estimate(
                game, 50, budget=budget, design="hadamard", random_state=6, num_threads=threads, batch_size=batch
            )
            assert again == first


@pytest.mark.parametrize("budget", [2, 10, 38])
def test_too_few_pairs_warn_and_give_the_minimum_norm_solution(budget: int) -> None:
    game = Products(20, 2, 60, 1)
    with pytest.warns(banzhaf.RankWarning, match="20 players"):
        found = plain(game, 20, budget=budget, random_state=7)
    coalitions = banzhaf.sample_coalitions(20, budget, design="hadamard", random_state=7)
    signs, worths = 2.0 * coalitions[::2] - 1, game(coalitions)
    expected = np.linalg.pinv(signs) @ (worths[::2] - worths[1::2])
    np.testing.assert_allclose(found.values, expected, atol=1e-10)
    assert found.rank == budget // 2


@pytest.mark.parametrize(("n", "budget"), [(12, 24), (12, 64), (12, 300), (12, 332), (14, 28), (14, 30)])
def test_unbiased(n: int, budget: int) -> None:
    game = Products(n, 5, 60, 8)
    runs = np.array([plain(game, n, budget=budget, random_state=seed).values for seed in range(1500)])
    deviation = runs.mean(axis=0) - game.values
    assert (np.abs(deviation) < 4.5 * runs.std(axis=0) / np.sqrt(len(runs)) + 1e-12).all()
    assert runs.std(axis=0).max() > 1e-3  # otherwise the check below would be empty


@pytest.mark.parametrize(("n", "budget"), [(10, 22), (14, 28), (14, 30), (101, 202)])
def test_fewer_pairs_than_an_order(n: int, budget: int, recwarn: pytest.WarningsRecorder) -> None:
    """The columns are nearly orthogonal, so no warning is due."""
    found = banzhaf.estimate(Products(n, 3, 200, 8), n, budget=budget, random_state=1)
    assert not recwarn.list
    assert found.n_evaluations == budget
    signs = 2.0 * banzhaf.sample_coalitions(n, budget, design="hadamard", random_state=1)[::2] - 1
    assert np.trace(np.linalg.inv(signs.T @ signs)) < 1.2 * n / (budget / 2)


@pytest.mark.parametrize("n_blocks", [1, 4])
def test_noise_has_the_least_variance(n_blocks: int) -> None:
    n, budget = 16, 32 * n_blocks
    rng = np.random.default_rng(9)
    runs = np.array(
        [
            plain(lambda coalitions: rng.normal(size=len(coalitions)), n, budget=budget, random_state=s).values
            for s in range(3000)
        ]
    )
    # The mean of 48,000 squares has a standard error of 0.65 %.
    assert abs((runs**2).mean() / (4 / budget) - 1) < 0.03


@pytest.mark.parametrize(("n", "budget"), [(20, 128), (20, 300), (64, 640)])
def test_intervals_cover(n: int, budget: int) -> None:
    covered = []
    for seed in range(200):
        game = Products(n, 3, 6 * n, seed)
        bounds = plain(game, n, budget=budget, random_state=seed).intervals(0.95)
        covered.append(((bounds[:, 0] <= game.values) & (game.values <= bounds[:, 1])).mean())
    assert 0.92 < np.mean(covered) < 0.995


def test_lower_error_than_random_pairs() -> None:
    n, errors = 30, {"hadamard": [], "paired": []}
    for seed in range(40):
        game = Products(n, 5, 100, seed)
        for design, found in errors.items():
            values = banzhaf.estimate(game, n, budget=66, design=design, random_state=seed).values
            found.append(relative_error(values, game.values))
    assert np.median(errors["paired"]) > 4 * np.median(errors["hadamard"])


def test_explainer_takes_the_design() -> None:
    rng = np.random.default_rng(10)
    background, rows = rng.normal(size=(6, 20)), rng.normal(size=(3, 20))
    weights = rng.normal(size=(20, 20))

    def model(cells: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.einsum("mi,ij,mj->m", cells, weights, cells)

    found = banzhaf.Explainer(model, background, budget=6 * 64, design="hadamard", random_state=0)(rows)
    expected = banzhaf.Explainer(model, background, budget=6 * 400, design="paired", random_state=0)(rows)
    assert found.design == "hadamard"
    assert (found.row_costs <= 6 * 64).all()
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=1e-10)


@pytest.mark.parametrize("design", ["hadamard", "paired", "independent", "exhaustive"])
def test_a_design_is_fitted_without_its_coalitions(design: str) -> None:
    n, budget = 10, 1024 if design == "exhaustive" else 150
    game = Products(n, 3, 40, 3)
    values = banzhaf.estimate(game, n, budget=budget, design=design, random_state=4)
    worths = game(banzhaf.sample_coalitions(n, budget, design=design, random_state=4))
    assert banzhaf.fit_design(worths, n, design=design, random_state=4) == values
    both = banzhaf.fit_design(np.stack([worths, -worths], axis=1), n, design=design, random_state=4)
    assert (both.values == np.stack([values.values, -values.values], axis=1)).all()


def test_a_full_design_of_a_million_players() -> None:
    n = 2**20
    worths = np.random.default_rng(0).normal(size=2 * n)
    found = banzhaf.fit_design(worths, n, random_state=1)
    differences = worths[::2] - worths[1::2]
    assert found.rank == n
    assert found.condition_number == 1
    # Without a spare column, the values explain all of the differences.
    np.testing.assert_allclose((found.values**2).sum() * n, (differences**2).sum(), rtol=1e-9)


@pytest.mark.parametrize(
    ("worths", "arguments", "match"),
    [
        (np.ones(7), {}, "all 6 coalitions"),
        (np.ones(1), {}, "number of worths must be at least 2"),
        (np.ones((2, 2, 2)), {}, "worths must have shape"),
        (np.array([1.0, np.nan]), {}, "worths"),
        (np.ones(8), {"random_state": -1}, "random_state"),
        (np.ones(8), {"design": "dense"}, "design"),
        (np.ones(8), {"design": "exhaustive"}, "number of worths"),
    ],
)
def test_misuse_of_fit_design(worths: NDArray[np.float64], arguments: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        banzhaf.fit_design(worths, 12, **{"random_state": 0, **arguments})
