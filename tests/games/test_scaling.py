# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Scaling laws: known ones are found again, bad trainings count little, and intervals cover new scores."""

from __future__ import annotations

import math
import pickle
import warnings

import numpy as np
import pytest

from banzhaf.games import fit_scaling_law

SIZES = 100.0 * 2 ** np.arange(8)
LAWS = {
    "a fall to a floor": ("power", lambda d: 2 + 30 / d**0.5),
    "a slow fall to 0": ("power", lambda d: 5 / d**0.15),
    "a growing score": ("log", lambda d: (0.5 + 0.4 * np.log(d)) ** 2),
    "a score that grows by the same each time": ("log", lambda d: 1 + 2 * np.log(d)),
    "a falling score": ("log", lambda d: (9 - 0.5 * np.log(d)) ** 1.5),
}


@pytest.mark.parametrize("name", LAWS)
def test_a_law_is_found_again(name):
    kind, law = LAWS[name]
    found = fit_scaling_law(SIZES, law(SIZES), kind)
    larger = SIZES * 100
    assert np.allclose(found.predict(larger), law(larger), rtol=1e-3)
    assert found.extrapolation_error < 1e-3 * law(SIZES).max()
    assert found.residual_deviation < 1e-4 * law(SIZES).max()
    low, high = found.band(larger)
    assert (low <= found.predict(larger)).all()
    assert (found.predict(larger) <= high).all()


def test_parameters_are_those_of_the_formula():
    found = fit_scaling_law(SIZES, 2 + 30 / SIZES**0.5, "power").parameters
    assert [found[name] for name in ("E", "log_A", "alpha")] == pytest.approx([2, math.log(30), 0.5], rel=1e-4)
    found = fit_scaling_law(SIZES, (0.5 + 0.4 * np.log(SIZES)) ** 2, "log").parameters
    assert [found[name] for name in ("log_A", "alpha", "beta")] == pytest.approx([0.5, 0.4, 2], rel=1e-3)


@pytest.mark.parametrize("kind", ["power", "log"])
def test_a_scan_of_the_parameters_finds_nothing_better(kind):
    """An oracle that shares no code: random parameters around those found, with the squares that least squares has."""
    rng = np.random.default_rng(0)
    sizes = np.repeat(SIZES, 3)
    noise = rng.uniform(-1, 1, size=24)  # within Huber's bound, so that all weights are 1
    scores = 2 + 30 / sizes**0.5 + 0.02 * noise if kind == "power" else (0.5 + 0.4 * np.log(sizes)) ** 2 + 0.1 * noise
    law = fit_scaling_law(sizes, scores, kind)
    p = law.parameters
    third = "E" if kind == "power" else "beta"
    least = np.sum((law.predict(sizes) - scores) ** 2)
    for _ in range(3000):
        a, b, c = np.array([p["log_A"], p["alpha"], p[third]]) + 10.0 ** rng.uniform(-6, -1) * rng.normal(size=3)
        predicted = c + np.exp(a - b * np.log(sizes)) if kind == "power" else np.maximum(a + b * np.log(sizes), 0) ** c
        assert np.sum((predicted - scores) ** 2) >= least * (1 - 1e-3)


def test_a_bad_training_counts_little():
    scores = 2 + 30 / SIZES**0.5 + 0.01 * np.random.default_rng(1).normal(size=8)
    good = fit_scaling_law(SIZES, scores)
    scores[3] += 3
    bad = fit_scaling_law(SIZES, scores)
    assert abs(bad.predict([25600.0]) - good.predict([25600.0]))[0] < 0.3


def test_a_size_may_stand_several_times_and_in_any_order():
    rng = np.random.default_rng(2)
    sizes = np.repeat(SIZES, 2)
    scores = 2 + 30 / sizes**0.5 + 0.01 * rng.normal(size=16)
    order = rng.permutation(16)
    first, second = fit_scaling_law(sizes, scores), fit_scaling_law(sizes[order], scores[order])
    assert first.degrees_of_freedom == 13
    assert second.predict([9.0]) == pytest.approx(first.predict([9.0]), rel=1e-6)


def test_the_extrapolation_error_is_that_of_the_smaller_sizes():
    scores = 2 + 30 / SIZES**0.5 + 0.05 * np.random.default_rng(3).normal(size=8)
    law, smaller = fit_scaling_law(SIZES, scores), fit_scaling_law(SIZES[:6], scores[:6])
    expected = np.sqrt(np.mean((smaller.predict(SIZES[6:]) - scores[6:]) ** 2))
    assert law.extrapolation_error == pytest.approx(expected)
    assert math.isnan(fit_scaling_law(SIZES[:4], scores[:4]).extrapolation_error)


def test_four_sizes_leave_one_degree_of_freedom():
    law = fit_scaling_law(SIZES[:4], 2 + 30 / SIZES[:4] ** 0.5 + np.array([0.01, -0.01, 0.01, -0.01]))
    assert law.degrees_of_freedom == 1
    low, high = law.band(800.0)
    assert low < law.predict(800.0) < high


def test_wider_bands_with_more_confidence_and_further_away():
    law = fit_scaling_law(SIZES, 2 + 30 / SIZES**0.5 + 0.05 * np.random.default_rng(4).normal(size=8))
    narrow, wide = (np.diff(law.band([SIZES[4], SIZES[-1] * 10], level), axis=0)[0] for level in (0.5, 0.99))
    assert (narrow < wide).all()
    assert wide[0] < wide[1]


TURNED = np.array([6.2, 5.7, 5.4, 5.3, 5.25, 5.6])


def test_scores_that_turn_are_named():
    expected = r"scores turn: the mean score is 5\.25 at size 1,600, but 5\.6 at the largest size, 3,200"
    with pytest.warns(UserWarning, match=expected) as seen:
        law = fit_scaling_law(SIZES[:6], TURNED)
    assert seen[0].filename == __file__
    assert law.setback == pytest.approx(0.35)
    with pytest.warns(UserWarning, match="of kind='log' cannot turn"):
        law = fit_scaling_law(SIZES[:6], [*(10 - TURNED[:5]), 3.0], "log")
    assert law.setback == pytest.approx(1.75)


def test_a_setback_is_that_of_the_mean_scores_and_not_worth_a_warning_within_the_noise():
    scores = np.stack([5 / SIZES**0.15 + 0.3, 5 / SIZES**0.15 - 0.3])
    law = fit_scaling_law(np.tile(SIZES, 2), scores.ravel())
    assert law.setback == 0
    noise = np.random.default_rng(5).normal(size=8)
    law = fit_scaling_law(SIZES, 2 + 30 / SIZES + 0.3 * noise)
    lowest = np.min(law.scores[:-1])
    assert law.setback == pytest.approx(law.scores[-1] - lowest)
    assert law.setback > 0


def test_a_law_that_holds_for_falling_scores_has_a_setback_and_no_warning():
    scores = (9 - 0.5 * np.log(SIZES)) ** 1.5
    assert fit_scaling_law(SIZES, scores, "log").setback == pytest.approx(scores[0] - scores[-1])


def test_four_sizes_have_a_setback_and_no_law_to_compare_with():
    assert fit_scaling_law(SIZES[:4], [6.0, 5.0, 4.0, 4.5]).setback == pytest.approx(0.5)


def test_pickles():
    law = fit_scaling_law(SIZES, 2 + 30 / SIZES**0.5)
    assert np.array_equal(pickle.loads(pickle.dumps(law)).predict(SIZES), law.predict(SIZES))


@pytest.mark.parametrize("unit", [1e-300, 1e-170, 1e-9, 1e9, 1e100, 1e170, 1e300])
@pytest.mark.parametrize("kind", ["power", "log"])
def test_scores_may_have_any_unit(kind, unit):
    sizes = np.array([100.0, 200, 400, 800, 1600, 3200, 6400])
    noise = np.array([0.01, -0.02, 0.02, -0.01, 0.01, -0.01, 0.02])
    scores = (2 + 30 / sizes**0.5 if kind == "power" else (0.5 + 0.4 * np.log(sizes)) ** 2) + noise
    law, other = fit_scaling_law(sizes, scores, kind), fit_scaling_law(sizes, unit * scores, kind)
    assert np.allclose(other.predict([12800.0]) / unit, law.predict([12800.0]), rtol=1e-4)
    assert np.allclose(np.ravel(other.band([12800.0])) / unit, np.ravel(law.band([12800.0])), rtol=1e-3)
    assert np.isclose(other.residual_deviation / unit, law.residual_deviation, rtol=1e-3)
    assert np.isclose(other.extrapolation_error / unit, law.extrapolation_error, rtol=1e-2)
    assert other.parameters["alpha"] > 0


def test_falling_scores_below_zero_are_named():
    with pytest.raises(ValueError, match=r"scores must be positive for kind='power', .* got -7\."):
        fit_scaling_law(SIZES, -8 + 9 / SIZES**0.3, "power")


@pytest.mark.parametrize(
    ("scores", "kind", "message"),
    [
        (np.ma.masked_greater(SIZES[::-1], 1000.0), ValueError, "scores must be numbers, got a masked array"),
        (SIZES.astype(str), TypeError, "scores must be numbers, got ndarray of dtype <U"),
        (SIZES + 1j, TypeError, "scores must be numbers, got ndarray of dtype complex128"),
    ],
)
def test_scores_that_numpy_would_change(scores, kind, message):
    with pytest.raises(kind, match=message):
        fit_scaling_law(SIZES, scores, "log")


def test_scores_in_another_order_than_sizes(pd):
    sizes = pd.Series(SIZES, index=[f"run {i}" for i in range(len(SIZES))])
    with pytest.raises(ValueError, match="scores must be in the order of sizes"):
        fit_scaling_law(sizes, (1 + 1 / sizes)[::-1])


@pytest.mark.parametrize(
    ("sizes", "scores", "kind", "message"),
    [
        (SIZES, SIZES, "linear", "kind"),
        (SIZES, SIZES, "power", "must fall with size .* 12800 at the largest size, and 100 at a smaller one"),
        (SIZES, SIZES[:3], "log", "one number for each of the sizes"),
        (-SIZES, SIZES, "log", "sizes must be finite and positive"),
        (SIZES, SIZES * np.nan, "log", "scores must be finite"),
        (SIZES, -SIZES, "log", "scores must be positive"),
        ([1, 1, 2, 2, 3, 3], [1, 2, 3, 4, 5, 6], "log", "at least 4 different values, got 3"),
    ],
)
def test_wrong_arguments(sizes, scores, kind, message):
    with pytest.raises(ValueError, match=message):
        fit_scaling_law(sizes, scores, kind)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a fall to a floor", "a slow fall to 0", "a growing score"])
def test_noise_is_seldom_taken_for_a_turn_and_turns_are_seen(name):
    """Eight sizes, each trained once: scores that follow a law, and scores that turn by 15 times the noise."""
    kind, law = LAWS[name]
    better = -1 if kind == "power" else 1
    false, seen = 0, 0
    for seed in range(60):
        scores = law(SIZES) + 0.01 * law(SIZES).max() * np.random.default_rng(seed).normal(size=8)
        turned = scores.copy()
        turned[-2:] -= better * np.array([0.05, 0.2]) * law(SIZES).max()
        for y, is_turned in ((scores, False), (turned, True)):
            with warnings.catch_warnings(record=True) as found:
                warnings.simplefilter("always")
                fit_scaling_law(SIZES, y, kind)
            said = any("scores turn" in str(each.message) for each in found)
            false, seen = false + (said and not is_turned), seen + (said and is_turned)
    assert false <= 4
    assert seen >= 40


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a fall to a floor", "a growing score"])
def test_intervals_cover_new_scores_at_twice_the_largest_size(name):
    kind, law = LAWS[name]
    sizes = np.repeat(SIZES, 3)
    covered = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        scores = law(sizes) + 0.01 * law(SIZES).max() * rng.normal(size=24)
        low, high = fit_scaling_law(sizes, scores, kind).band(2 * SIZES[-1])
        covered.append(low <= law(2 * SIZES[-1]) + 0.01 * law(SIZES).max() * rng.normal() <= high)
    assert 0.90 <= np.mean(covered) <= 0.99
