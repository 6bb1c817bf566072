# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test full Hadamard designs with columns of their own: the same fits as elsewhere, prefixes, saved names, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import banzhaf

Floats = NDArray[np.float64]


class Triples:
    """Weights of single players, and products of three signs."""

    def __init__(self, n_players: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.sets = [rng.choice(n_players, 3, replace=False) for _ in range(2 * n_players)]
        self.weights = rng.normal(size=len(self.sets))
        self.values = rng.normal(size=n_players)

    def __call__(self, coalitions: NDArray[np.bool_]) -> Floats:
        signs = 2.0 * coalitions - 1
        products = sum(w * signs[:, s].prod(axis=1) for s, w in zip(self.sets, self.weights, strict=True))
        return signs @ self.values / 2 + 0.1 * products


@pytest.mark.parametrize("n", [5, 12, 16, 40, 70])
@pytest.mark.parametrize("blocks", [1.0, 2.0, 2.4, 5.0])
def test_values_are_those_of_plain_least_squares(n: int, blocks: float) -> None:
    game, order = Triples(n), 1 << (n - 1).bit_length()
    budget = min(int(2 * order * blocks), 2**n - 2)
    coalitions = banzhaf.sample_coalitions(n, budget, design="fresh", random_state=4)
    signs = 2.0 * coalitions[::2] - 1
    differences = game(coalitions[::2]) - game(coalitions[1::2])
    expected = np.linalg.lstsq(signs, differences, rcond=None)[0]
    found = banzhaf.estimate(game, n, budget=budget, design="fresh", random_state=4, interactions="none")
    assert found.design == "fresh"
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    apart = banzhaf.fit_design(game(coalitions), n, design="fresh", random_state=4, interactions="none")
    np.testing.assert_array_equal(apart.values, found.values)
    np.testing.assert_array_equal(apart.standard_errors, found.standard_errors)
    # A deadline shuffles the rows of each block.
    late = banzhaf.estimate(game, n, budget=budget, design="fresh", random_state=4, deadline=1e6, interactions="none")
    np.testing.assert_allclose(late.values, expected, atol=1e-12)


def test_full_designs_stay_orthogonal_and_share_the_first() -> None:
    n, order = 30, 32
    fresh, nested = (
        banzhaf.sample_coalitions(n, 2 * order * 6, design=design, random_state=1) for design in ("fresh", "nested")
    )
    np.testing.assert_array_equal(fresh[: 2 * order], nested[: 2 * order])
    assert (fresh[2 * order :] != nested[2 * order :]).any()
    for block in np.split(2 * fresh[::2].astype(int) - 1, 6):
        np.testing.assert_array_equal(block.T @ block, order * np.eye(n, dtype=int))
    longer = banzhaf.sample_coalitions(n, 2 * order * 20, design="fresh", random_state=1)
    np.testing.assert_array_equal(longer[: len(fresh)], fresh)


def test_a_stopped_run_has_the_first_coalitions() -> None:
    n, order = 24, 32
    game = Triples(n)
    stopped = banzhaf.estimate(
        game, n, budget=10**5, design="fresh", random_state=2, tolerance=0.05, interactions="none"
    )
    assert stopped.stopped == "tolerance"
    assert 4 * order <= stopped.n_evaluations < 10**5
    again = banzhaf.estimate(game, n, budget=stopped.n_evaluations, design="fresh", random_state=2, interactions="none")
    np.testing.assert_array_equal(again.values, stopped.values)


def test_a_budget_for_all_coalitions_takes_them() -> None:
    found = banzhaf.estimate(Triples(8), 8, budget=256, design="fresh", random_state=0)
    assert found.design == "exhaustive"
    np.testing.assert_allclose(found.values, Triples(8).values, atol=1e-12)


def test_names_are_saved_and_shown(tmp_path: object) -> None:
    for design in ("fresh", "nested"):
        found = banzhaf.estimate(Triples(12), 12, budget=200, design=design, random_state=0)
        assert f"design {design!r}" in repr(found)
        found.save(f"{tmp_path}/values.bz")
        assert banzhaf.load(f"{tmp_path}/values.bz").design == design
        plans = banzhaf.diagnose(found).plans
        assert "one more full Hadamard design" in plans
        assert ("the next complete nested design" in plans) == (design == "nested")


def test_a_wrong_name_is_refused_with_all_names() -> None:
    with pytest.raises(ValueError, match="'hadamard', 'nested', 'fresh', 'paired', 'independent', 'exhaustive'"):
        banzhaf.sample_coalitions(5, 10, design="Fresh")


def test_intervals_cover_with_few_full_designs() -> None:
    """The errors of full designs are independent, so their differences tell the error."""
    n, order, n_games = 12, 16, 150
    for blocks in (2, 3, 6):
        held = []
        for seed in range(n_games):
            game = Triples(n, seed)
            found = banzhaf.estimate(
                game, n, budget=2 * order * blocks, design="fresh", random_state=seed, interactions="none"
            )
            low, high = found.intervals().T
            held.append((low <= game.values) & (game.values <= high))
        coverage = float(np.mean(held))
        assert coverage > 0.95 - 4 * np.sqrt(0.05 * 0.95 / n_games)
        assert coverage < 0.995


@pytest.mark.parametrize(
    ("n", "blocks", "chosen"),
    [
        (40, 1, "hadamard"),
        (40, 2, "fresh"),
        (40, 5, "fresh"),
        (16, 2, "nested"),
        (16, 4, "nested"),
        (20, 5, "fresh"),
        (20, 6, "fresh"),
        (20, 7, "nested"),
    ],
)
def test_the_default_follows_the_rule(n: int, blocks: int, chosen: str) -> None:
    """Fresh ones if interactions are taken out, except for few players and many full designs."""
    budget = 2 * blocks * (1 << (n - 1).bit_length())
    taken_out, plain = (
        banzhaf.sample_coalitions(n, budget, interactions=interactions, random_state=3)
        for interactions in ("auto", "none")
    )
    nested = banzhaf.sample_coalitions(n, budget, design="nested", random_state=3)
    np.testing.assert_array_equal(plain, nested)
    np.testing.assert_array_equal(taken_out, banzhaf.sample_coalitions(n, budget, design=chosen, random_state=3))
    assert (taken_out == nested).all() == (chosen != "fresh")
    worths = Triples(n)(taken_out)
    found = banzhaf.fit_design(worths, n, interactions="auto", random_state=3)
    assert found.design == chosen
    again = banzhaf.fit_design(worths, n, design=chosen, interactions="auto", random_state=3)
    np.testing.assert_array_equal(found.values, again.values)
    plain_values = banzhaf.estimate(Triples(n), n, budget=budget, random_state=3, interactions="none")
    assert plain_values.design == ("hadamard" if blocks == 1 else "nested")


def test_any_part_of_a_run_is_named_so_that_it_can_be_fitted_again() -> None:
    """The rule may choose other full designs for fewer coalitions; the name of the result does not follow it."""
    game, n = Triples(16), 16
    kept = banzhaf.estimate(game, n, budget=6 * 32, interactions="auto", random_state=5)
    assert kept.design == "nested"
    part = banzhaf.estimate(
        game, n, budget=6 * 32, interactions="auto", random_state=5, callback=lambda found: found.n_evaluations == 64
    )
    assert (part.stopped, part.n_evaluations, part.design) == ("callback", 64, "nested")
    worths = game(banzhaf.sample_coalitions(n, 64, design=part.design, random_state=5))
    again = banzhaf.fit_design(worths, n, design=part.design, interactions="auto", random_state=5)
    np.testing.assert_array_equal(again.values, part.values)


@pytest.mark.parametrize(("n", "budget"), [(30, 2048), (40, 4096)])
def test_a_complete_nested_design_stays_exact(n: int, budget: int) -> None:
    found = banzhaf.estimate(Triples(n), n, budget=budget, interactions="auto", random_state=1)
    assert found.design == "nested"
    np.testing.assert_allclose(found.values, Triples(n).values, atol=1e-12)


def test_a_huge_budget_takes_nested_designs() -> None:
    """A deadline may end the run long before, and fresh designs would all be drawn first."""
    full_designs = banzhaf._support.arguments.full_designs
    assert full_designs(30, 2**19, "always") == "nested"
    assert full_designs(30, 2**19 - 64, "always") == "fresh"
    assert full_designs(30, 2**19 + 64, "always") == "nested"
    assert full_designs(30, 10**9, "auto") == "nested"


@pytest.mark.parametrize(("n", "budget"), [(241, 60_000), (500, 5000)])
def test_where_the_search_is_left_out_designs_are_nested(n: int, budget: int) -> None:
    """Fresh ones would have larger errors, and nothing would make up for it."""
    full_designs = banzhaf._support.arguments.full_designs
    assert (full_designs(n, budget, "auto"), full_designs(n, budget, "always")) == ("nested", "fresh")
    game = Triples(n)
    found = banzhaf.estimate(game, n, budget=budget, random_state=0, standard_errors=False)
    assert "too much work; interactions='always'" in found.adjustment.reasons[0]
    plain = banzhaf.estimate(game, n, budget=budget, interactions="none", random_state=0, standard_errors=False)
    np.testing.assert_array_equal(found.values, plain.values)
