# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Shapley values of games: exact ones, from samples, and with the coalitions of 0, 1, n - 1 and n players."""

from __future__ import annotations

import itertools
import math
import pickle
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import banzhaf


def table_of(n: int, seed: int, most: int | None = None) -> NDArray[np.float64]:
    """Draw a game whose interactions have at most this many players."""
    rng = np.random.default_rng(seed)
    rows = np.arange(2**n)
    signs = 2.0 * (rows[:, np.newaxis] >> np.arange(n) & 1) - 1.0
    worths = np.zeros(2**n)
    for order in range((n if most is None else most) + 1):
        for players in itertools.combinations(range(n), order):
            worths += rng.normal() * signs[:, list(players)].prod(axis=1)
    return worths


def game_of(table: NDArray[np.float64]) -> object:
    def game(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        return table[coalitions @ (1 << np.arange(coalitions.shape[1]))]

    return game


def in_rationals(table: NDArray[np.float64], n: int) -> list[Fraction]:
    """Compute the values by their definition, without rounding."""
    found = []
    for i in range(n):
        value = Fraction(0)
        for s in range(2**n):
            if s >> i & 1 == 0:
                size = s.bit_count()
                share = Fraction(math.factorial(size) * math.factorial(n - size - 1), math.factorial(n))
                value += share * (Fraction(table[s | 1 << i]) - Fraction(table[s]))
        found.append(value)
    return found


def by_spectrum(table: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Add up 2 c / |T| over the sets T of odd size."""
    coefficients = banzhaf.walsh_hadamard(table)
    found = np.zeros(n)
    for s, c in enumerate(coefficients):
        size = s.bit_count()
        if size % 2 == 1:  # the transform has the sign (-1)^|T|
            found -= 2 * c / size * (s >> np.arange(n) & 1)
    return found


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_exact_values_are_those_of_two_oracles(n: int) -> None:
    table = table_of(n, seed=n)
    found = banzhaf.exact(table, n).shapley()
    exact = np.array([float(value) for value in in_rationals(table, n)])
    assert np.allclose(found.values, exact, rtol=0, atol=1e-14 * np.abs(table).sum())
    assert np.allclose(by_spectrum(table, n), exact, rtol=0, atol=1e-13 * np.abs(table).sum())
    assert (found.standard_errors == 0).all()
    assert np.isclose(found.values.sum(), table[-1] - table[0])
    assert found.worth_empty == table[0]
    assert found.worth_full == table[-1]


def test_exact_values_from_every_source() -> None:
    table = np.stack([table_of(5, 1), table_of(5, 2)], axis=1)
    game = game_of(table)
    expected = banzhaf.exact(table, 5).shapley()
    assert expected.values.shape == (5, 2)
    rng = np.random.default_rng(0)
    rows = rng.permutation(32)
    coalitions = (rows[:, np.newaxis] >> np.arange(5) & 1).astype(bool)
    for values in (
        banzhaf.exact(game, 5),
        banzhaf.estimate(game, 5, budget=40, random_state=0),
        banzhaf.estimate(game, 5, budget=40, random_state=0, shapley=True),
        banzhaf.estimate(game, 5, budget=40, random_state=0, callback=lambda found: None),
        banzhaf.fit(coalitions, table[rows]),
    ):
        found = values.shapley()
        assert np.allclose(found.values, expected.values, rtol=0, atol=1e-13)
        assert (found.standard_errors == 0).all()


@pytest.mark.parametrize("design", ["hadamard", "fresh", "paired", "independent"])
def test_the_ends_make_games_of_order_four_exact(design: str) -> None:
    """The Banzhaf values of a game of order two are exact, and Simpson's rule adds no error up to order four."""
    table = table_of(7, 3, most=2)
    values = banzhaf.estimate(game_of(table), 7, budget=100, design=design, shapley=True, random_state=1)
    assert values.n_evaluations <= 100 - 16
    if design != "independent":
        expected = banzhaf.exact(table, 7).shapley().values
        assert np.allclose(values.shapley().values, expected, rtol=0, atol=1e-12)
    four = table_of(6, 4, most=4)
    exact = banzhaf.exact(four, 6)
    ends = four[banzhaf.sample_coalitions(6, 14, design="ends") @ (1 << np.arange(6))]
    sampled = banzhaf.fit(banzhaf.sample_coalitions(6, 40, random_state=0), np.zeros(40))
    replaced = pickle.loads(pickle.dumps(sampled))
    vars(replaced)["values"] = exact.values
    assert np.allclose(replaced.shapley(ends=ends).values, exact.shapley().values, rtol=0, atol=1e-12)


def test_values_add_up_and_errors_tell() -> None:
    table = table_of(9, 5) * 0.1 + 3.0
    game = game_of(table)
    with_ends = banzhaf.estimate(game, 9, budget=200, shapley=True, random_state=2)
    assert with_ends.n_evaluations <= 180
    assert with_ends.end_worths is not None
    assert with_ends.end_worths[0] == table[-1]
    assert with_ends.end_worths[1] == table[0]
    found = with_ends.shapley()
    assert found.n_evaluations == with_ends.n_evaluations + 20
    assert np.isclose(found.values.sum(), table[-1] - table[0])
    assert (found.standard_errors >= found.unresolved_errors).all()
    exact = banzhaf.exact(table, 9).shapley().values
    lower, upper = found.intervals(0.999).T
    assert ((lower <= exact) & (exact <= upper)).all()

    plain = banzhaf.estimate(game, 9, budget=200, design="fresh", random_state=2)
    open_sum, summed = plain.shapley(), plain.shapley(empty=table[0], full=table[-1])
    assert np.isnan(open_sum.worth_full)
    assert np.isclose(summed.values.sum(), table[-1] - table[0])
    assert np.isnan(open_sum.standard_errors).all()
    assert (summed.unresolved_errors > 0).all()
    lower, upper = summed.intervals(0.999).T
    assert ((lower <= exact) & (exact <= upper)).all()
    # The worths of the ends may be evaluated elsewhere.
    given = plain.shapley(ends=game(banzhaf.sample_coalitions(9, 20, design="ends")))
    assert np.isclose(given.values.sum(), table[-1] - table[0])


def test_interactions_of_three_players_are_found_in_the_pairs() -> None:
    def game(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        return coalitions.sum(axis=1) + 12.0 * coalitions[:, :3].all(axis=1)

    values = banzhaf.estimate(game, 16, budget=800, design="fresh", random_state=0)
    exact = 1.0 + np.where(np.arange(16) < 3, 4.0, 0.0)
    assert np.abs(values.shapley().values - exact).max() < 0.02
    assert np.abs(values.values - exact).max() > 0.9


def test_players_that_are_alike_have_equal_values_in_games_of_high_order() -> None:
    unanimous = banzhaf.estimate(lambda c: c.all(axis=1), 12, budget=400, shapley=True, random_state=0)
    found = unanimous.shapley()
    assert np.isclose(found.values.sum(), 1.0)
    assert (np.abs(found.values - 1 / 12) <= 2 * found.standard_errors).all()


def test_results_are_saved_and_shown(tmp_path: Path) -> None:
    table = np.stack([table_of(6, 1), table_of(6, 2)], axis=1)
    values = banzhaf.estimate(game_of(table), 6, budget=50, shapley=True, random_state=0, player_names=list("abcdef"))
    found = values.shapley()
    for result in (values, found):
        result.save(tmp_path / "result.banzhaf")
        assert banzhaf.load(tmp_path / "result.banzhaf") == result
        assert pickle.loads(pickle.dumps(result)) == result
    assert banzhaf.load(tmp_path / "result.banzhaf").player_names == tuple("abcdef")
    values.save(tmp_path / "values.banzhaf")
    assert banzhaf.load(tmp_path / "values.banzhaf").shapley() == found
    assert "ShapleyValues: 6 players" in repr(found)
    assert "Shapley values" in found._repr_html_()
    assert "Banzhaf" not in repr(found)
    pytest.importorskip("pandas")
    assert list(found.to_frame().columns) == ["player", "output", "value", "standard_error", "lower", "upper"]
    pytest.importorskip("matplotlib").use("agg")
    assert "Shapley value" in found.plot.bar(output=0).get_xlabel()


def test_wrong_arguments_are_refused_before_any_evaluation() -> None:
    def never(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        raise AssertionError

    with pytest.raises(ValueError, match="budget must be at least 44"):
        banzhaf.estimate(never, 20, budget=43, shapley=True)
    with pytest.raises(ValueError, match="shapley must be False"):
        banzhaf.estimate(never, 20, budget=100, shapley=True, noisy=True)
    with pytest.raises(TypeError, match="shapley"):
        banzhaf.estimate(never, 20, budget=100, shapley=1)
    with pytest.raises(ValueError, match="shapley=True cannot be used with store"):
        banzhaf.estimate(never, 20, budget=100, shapley=True, on_error="drop")
    with pytest.raises(ValueError, match="budget"):
        banzhaf.sample_coalitions(20, 41, design="ends")
    values = banzhaf.estimate(lambda c: c.sum(axis=1), 20, budget=100, random_state=0)
    with pytest.raises(ValueError, match=r"ends must have shape \(42,\)"):
        values.shapley(ends=np.zeros(41))
    with pytest.raises(ValueError, match="ends must not be passed with"):
        values.shapley(ends=np.zeros(42), empty=0.0)
    with pytest.raises(ValueError, match="empty must have shape"):
        values.shapley(empty=[0.0])
    with pytest.raises(ValueError, match="full must be finite"):
        values.shapley(full=np.inf)


def test_a_failure_loses_no_evaluation() -> None:
    calls = []

    def fails(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        calls.append(coalitions)
        if len(calls) == 3:
            raise ConnectionError
        return coalitions.sum(axis=1)

    with pytest.raises(ConnectionError) as caught:
        banzhaf.estimate(fails, 20, budget=200, shapley=True, random_state=0, batch_size=42)
    assert len(calls[0]) == 42
    assert len(caught.value.evaluations) == 42
    assert caught.value.end_worths.shape == (42, 1)


def test_missing_errors_stay_unknown() -> None:
    values = banzhaf.estimate(
        lambda c: c.sum(axis=1) ** 2.0, 20, budget=100, shapley=True, standard_errors=False, random_state=0
    )
    found = values.shapley()
    assert np.isnan(found.standard_errors).all()
    assert np.allclose(found.values, 20.0)
