# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Values with a probability p: exact ones against fractions, estimates against exact ones, and what is refused."""

from __future__ import annotations

import itertools
import warnings
from fractions import Fraction

import numpy as np
import pytest

import banzhaf


def table(n, seed=0):
    return np.random.default_rng(seed).integers(-50, 50, size=2**n).astype(float)


def game_of(worths):
    weights = 1 << np.arange(int(np.log2(len(worths))))
    return lambda coalitions: worths[coalitions @ weights]


def by_definition(worths, n, p):
    """The values by their definition, in fractions."""
    p = Fraction(p)
    values = []
    for i in range(n):
        total = Fraction(0)
        for others in itertools.product((0, 1), repeat=n - 1):
            bits = [*others[:i], 0, *others[i:]]
            low = sum(bit << j for j, bit in enumerate(bits))
            size = sum(others)
            gain = Fraction(worths[low | 1 << i]) - Fraction(worths[low])
            total += p**size * (1 - p) ** (n - 1 - size) * gain
        values.append(float(total))
    return np.array(values)


def structured(n, seed=0):
    """A game of single players, pairs and triples, as a table."""
    rng = np.random.default_rng(seed)
    rows = (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(float)
    worths = rows @ rng.normal(size=n)
    for size in (2, 3):
        for _ in range(n):
            worths += rng.normal() * rows[:, rng.choice(n, size, replace=False)].prod(axis=1)
    return worths


@pytest.mark.parametrize("p", [1e-9, 0.1, 0.3, 0.5, 0.75, 1 - 2**-20])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_exact_values_are_those_of_fractions(n, p):
    worths = table(n)
    found = banzhaf.exact(worths, n, p=p)
    np.testing.assert_allclose(found.values, by_definition(worths, n, p), rtol=1e-13, atol=1e-11)
    assert found.p == p
    assert (found.standard_errors == 0).all()
    assert banzhaf.exact(game_of(worths), n, p=p) == found


def test_exact_values_follow_from_the_transform():
    n, p = 16, 0.2  # more players than one task folds
    worths = table(n, 3)
    coefficients = banzhaf.walsh_hadamard(worths)
    sets = np.arange(2**n)
    sizes = np.array([int(s).bit_count() for s in sets])
    signed = coefficients * (-1.0) ** sizes * 2 * (2 * p - 1.0) ** (sizes - 1)
    expected = [signed[sets >> i & 1 == 1].sum() for i in range(n)]
    np.testing.assert_allclose(banzhaf.exact(worths, n, p=p).values, expected, rtol=1e-9, atol=1e-9)


def test_one_half_has_the_bits_of_no_p():
    worths = structured(9)
    game = game_of(worths)
    assert banzhaf.exact(worths, 9, p=0.5) == banzhaf.exact(worths, 9)
    assert banzhaf.estimate(game, 9, budget=100, p=0.5, random_state=1) == banzhaf.estimate(
        game, 9, budget=100, random_state=1
    )


def test_several_probabilities_come_from_one_evaluation():
    calls = []

    def game(coalitions):
        calls.append(len(coalitions))
        return coalitions[:, 0] * coalitions[:, 1] * 1.0

    found = banzhaf.exact(game, 4, p=[0.1, 0.5, 0.9])
    assert sum(calls) == 16
    assert [each.p for each in found] == [0.1, 0.5, 0.9]
    np.testing.assert_allclose([each.values[0] for each in found], [0.1, 0.5, 0.9])
    assert found[1] == banzhaf.exact(game, 4)
    assert len(banzhaf.exact(table(3), 3, p=np.array([0.25]))) == 1
    with pytest.raises(ValueError, match="Call estimate once for each"):
        banzhaf.estimate(game, 4, budget=10, p=[0.1, 0.9])


@pytest.mark.parametrize("p", [0.1, 0.3, 0.9])
@pytest.mark.parametrize("design", ["hadamard", "independent", "drawn"])
@pytest.mark.parametrize("interactions", ["none", "auto"])
def test_estimates_are_near_the_exact_values(p, design, interactions):
    n = 10
    worths = structured(n, 1)
    truth = banzhaf.exact(worths, n, p=p).values
    found = banzhaf.estimate(
        game_of(worths), n, budget=300, p=p, design=design, interactions=interactions, random_state=4
    )
    assert found.design == ("weighted" if design == "hadamard" else design)
    assert np.abs(found.values - truth).max() < 6 * found.standard_errors.max()
    assert np.sqrt(((found.values - truth) ** 2).sum() / (truth**2).sum()) < (0.4 if interactions == "none" else 0.25)


def test_an_additive_game_is_nearly_exact():
    weights = np.arange(1.0, 21.0)
    for budget in (100, 2000):
        found = banzhaf.estimate(lambda c: c @ weights, 20, budget=budget, p=0.2, random_state=0)
        np.testing.assert_allclose(found.values, weights, rtol=1e-5)


def test_threads_and_batches_do_not_change_the_bits():
    worths = structured(12)
    first = banzhaf.estimate(game_of(worths), 12, budget=700, p=0.3, random_state=5, interactions="auto", num_threads=1)
    other = banzhaf.estimate(
        game_of(worths), 12, budget=700, p=0.3, random_state=5, interactions="auto", num_threads=3, batch_size=17
    )
    assert first == other


@pytest.mark.parametrize("design", ["hadamard", "independent", "drawn"])
def test_coalitions_evaluated_elsewhere_give_the_same_values(design):
    n, p = 11, 0.25
    worths = structured(n)
    rows = banzhaf.sample_coalitions(n, 250, p=p, design=design, random_state=3)
    given = game_of(worths)(rows)
    estimated = banzhaf.estimate(game_of(worths), n, budget=250, p=p, design=design, random_state=3)
    of_design = banzhaf.fit_design(given, n, p=p, design=design, random_state=3)
    assert (of_design.values == estimated.values).all()
    assert (estimated.evaluations.coalitions == rows).all()
    fitted = banzhaf.fit(rows, given, p=p)
    np.testing.assert_allclose(fitted.values, estimated.values, rtol=1e-6, atol=1e-9)
    assert fitted.p == p
    # Another order makes other halves, which choose the model.
    order = np.random.default_rng(0).permutation(len(rows))
    other = banzhaf.fit(rows[order], given[order], p=p)
    assert np.abs(other.values - estimated.values).max() < estimated.standard_errors.max()


def test_fit_recognises_the_probability():
    rng = np.random.default_rng(2)
    rows = rng.random((400, 15)) < 0.3
    worths = rows[:, 0] * rows[:, 1] + rows @ np.arange(15.0)
    with pytest.warns(UserWarning, match="Pass p=0.3"):
        found = banzhaf.fit(rows, worths)
    assert found.p == 0.3
    assert found == banzhaf.fit(rows, worths, p=0.3)
    with pytest.warns(UserWarning, match="do not look drawn with p=0.7"):
        banzhaf.fit(rows, worths, p=0.7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        uniform = rng.random((400, 15)) < 0.5
        assert banzhaf.fit(uniform, uniform @ np.arange(15.0)).p == 0.5
        assert banzhaf.fit(rows, worths, p=0.3).p == 0.3


@pytest.mark.parametrize(
    ("p", "shape", "seed"),
    [(0.001, (200, 100), 27), (0.001, (1000, 200), 26), (0.01, (300, 50), 31)],
)
def test_rare_players_do_not_look_uneven(p, shape, seed):
    # A few of these rare players are in several times as many coalitions as expected, which many players allow.
    rows = np.random.default_rng([seed, 11]).random(shape) < p
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        banzhaf.fit(rows, rows.sum(axis=1), p=p, interactions="none", standard_errors=False)
    assert not [each for each in caught if "look drawn" in str(each.message)]


@pytest.mark.parametrize(("p", "of_one"), [(0.01, 0.05), (0.3, 0.5)])
def test_uneven_players_are_noticed(p, of_one):
    rng = np.random.default_rng(0)
    rows = rng.random((2000, 20)) < np.where(np.arange(20) == 7, of_one, p)
    with pytest.warns(UserWarning, match=f"do not look drawn with p={p}: player 7 is in"):
        banzhaf.fit(rows, rows.sum(axis=1), p=p, interactions="none", standard_errors=False)
    rows = rng.random((2000, 20)) < 1.5 * p
    with pytest.warns(UserWarning, match=f"do not look drawn with p={p}: players are in .*% of them on average"):
        banzhaf.fit(rows, rows.sum(axis=1), p=p, interactions="none", standard_errors=False)


def test_fit_takes_no_probability_from_coalitions_that_have_none():
    rng = np.random.default_rng(2)
    n = 20
    fixed = np.zeros((200, n), dtype=bool)
    for row in fixed:
        row[rng.choice(n, rng.integers(4, 6), replace=False)] = True  # four or five players
    players = rng.random((200, n)) < np.linspace(0.05, 0.5, n)  # each with an own probability
    sizes = rng.random((200, n)) < rng.random((200, 1)) * 0.6  # sizes that vary too much
    for rows in (fixed, players, sizes):
        with pytest.warns(UserWarning, match="do not look uniformly drawn"):
            assert banzhaf.fit(rows, rows @ np.arange(float(n))).p == 0.5
    for design in ("hadamard", "paired", "independent"):
        rows = banzhaf.sample_coalitions(n, 90, design=design, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert banzhaf.fit(rows, rows @ np.arange(float(n))).p == 0.5


def test_stopping_rules_and_noise_draw_all_coalitions():
    worths = structured(12)
    rng = np.random.default_rng(0)
    seen = []
    stopped = banzhaf.estimate(
        game_of(worths), 12, budget=4000, p=0.2, tolerance=0.2, random_state=1, callback=lambda v: seen.append(v.p)
    )
    assert stopped.stopped == "tolerance"
    assert stopped.design == "drawn"
    assert set(seen) <= {0.2}
    again = banzhaf.fit_design(
        stopped.evaluations.worths[:, 0], 12, p=0.2, design="drawn", random_state=stopped.random_state
    )
    assert (again.values == stopped.values).all()
    noisy = banzhaf.estimate(
        lambda c: game_of(worths)(c) + rng.normal(size=len(c)), 12, budget=500, p=0.2, noisy=True, random_state=1
    )
    assert noisy.design == "drawn"
    assert (noisy.standard_errors > 0).all()


def test_several_outputs_and_dropped_coalitions():
    worths = structured(10)

    def game(coalitions):
        values = game_of(worths)(coalitions)
        return np.stack([values, 2 * values + 1], axis=1)

    found = banzhaf.estimate(game, 10, budget=200, p=0.3, random_state=0)
    one = banzhaf.estimate(game_of(worths), 10, budget=200, p=0.3, random_state=0)
    np.testing.assert_allclose(found.values[:, 0], one.values, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.values[:, 1], 2 * one.values, rtol=1e-6, atol=1e-9)

    def holes(coalitions):
        return np.where(coalitions[:, 3] & coalitions[:, 4] & coalitions[:, 5], np.nan, game_of(worths)(coalitions))

    with pytest.warns(UserWarning, match="were dropped"):
        dropped = banzhaf.estimate(holes, 10, budget=200, p=0.3, random_state=0, on_nonfinite="drop")
    assert dropped.n_dropped > 0
    assert np.isfinite(dropped.values).all()


def test_what_does_not_suit_p_is_refused(tmp_path):
    game = game_of(structured(10))
    for p in (0.0, 1.0, -0.1, float("nan"), 2):
        with pytest.raises(ValueError, match="p must be a probability"):
            banzhaf.estimate(game, 10, budget=100, p=p)
    with pytest.raises(TypeError, match="p must be a number"):
        banzhaf.exact(game, 10, p="half")
    with pytest.raises(ValueError, match="at least one probability"):
        banzhaf.exact(game, 10, p=[])
    with pytest.raises(ValueError, match="ridge must be 0"):
        banzhaf.estimate(game, 10, budget=100, p=0.3, ridge=1.0)
    with pytest.raises(ValueError, match=r"'paired' is for p=0\.5"):
        banzhaf.estimate(game, 10, budget=100, p=0.3, design="paired")
    with pytest.raises(ValueError, match=r"probability p other than 0\.5"):
        banzhaf.estimate(game, 10, budget=100, design="weighted")
    with pytest.raises(ValueError, match="Take design='drawn'"):
        banzhaf.estimate(game, 10, budget=100, p=0.3, design="weighted", noisy=True)
    found = banzhaf.estimate(game, 10, budget=100, p=0.3, random_state=0)
    with pytest.raises(ValueError, match=r"p=0\.5"):
        banzhaf.diagnose(found)
    with pytest.raises(ValueError, match="without p"):
        found.interactions()
    with pytest.raises(ValueError, match=r"\bp\b"):
        found.shapley()
    with pytest.raises(ValueError, match="shapley must be False if p"):
        banzhaf.estimate(game, 10, budget=100, p=0.3, shapley=True)
    assert "p=0.3" in repr(found)
    found.save(tmp_path / "values")
    assert banzhaf.load(tmp_path / "values") == found


@pytest.mark.slow
@pytest.mark.parametrize("p", [0.1, 0.75])
@pytest.mark.parametrize("interactions", ["none", "auto"])
def test_estimates_are_unbiased_and_covered(p, interactions):
    n, seeds = 8, 400
    worths = structured(n, 6)
    truth = banzhaf.exact(worths, n, p=p).values
    found = [
        banzhaf.estimate(game_of(worths), n, budget=48, p=p, interactions=interactions, random_state=seed)
        for seed in range(seeds)
    ]
    errors = np.array([each.values - truth for each in found])
    spread = errors.std(axis=0, ddof=1) / np.sqrt(seeds)
    assert np.abs(errors.mean(axis=0) / spread).max() < 4.5
    bounds = np.array([each.intervals() for each in found])
    inside = (bounds[..., 0] <= truth) & (truth <= bounds[..., 1])
    assert inside.mean() > 0.9
