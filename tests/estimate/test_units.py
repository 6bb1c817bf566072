# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test that results follow the scale of the worths, where squares leave the range of float64 as well."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import banzhaf

N = 8
SCALES = [1e-306, 1e-200, 1e-100, 1e-60, 1e60, 1e100, 1e200, 1e304]
ROWS = np.random.default_rng(0).normal(size=(20, N))


def game(coalitions):
    return np.sin(coalitions @ np.arange(1.0, N + 1)) + coalitions[:, 0] * coalitions[:, 1] * coalitions[:, 2]


def smooth(coalitions):
    return coalitions @ np.arange(1.0, N + 1) + coalitions[:, 0] * coalitions[:, 1]


def estimate(game, **options):
    return banzhaf.estimate(game, N, budget=160, random_state=0, **options)


def explain(model, **options):
    return banzhaf.Explainer(model, ROWS, budget=2500, random_state=0, **options)(ROWS[:2] + 0.3)


def model(rows):
    return np.sin(rows.sum(axis=1))


# Each takes a function that scales what a game or model returns.
RESULTS = {
    "values": lambda of: estimate(of(game)),
    "values at p": lambda of: banzhaf.estimate(of(game), N, budget=100, p=0.3, random_state=0),
    "noisy values": lambda of: banzhaf.estimate(of(game), N, budget=600, noisy=True, random_state=0),
    "pairs": lambda of: estimate(of(game)).interactions(2),
    "triples": lambda of: estimate(of(game), design="fresh").interactions(3),
    "shapley": lambda of: estimate(of(game), shapley=True).shapley(),
    "shapley from the sample": lambda of: estimate(of(game)).shapley(
        **dict(zip(("empty", "full"), of(game)(np.array([[False] * N, [True] * N])), strict=True))
    ),
    "shapley with ends": lambda of: estimate(of(game)).shapley(
        ends=of(game)(banzhaf.sample_coalitions(N, 18, design="ends"))
    ),
    "at_p": lambda of: estimate(of(smooth), shapley=True).at_p(0.4),
    "explanation at p": lambda of: explain(of(model), p=0.3),
    "pairs of features": lambda of: explain(of(model)).interactions(),
    "shapley of features": lambda of: explain(of(model), shapley=True).shapley(),
}


# What interactions leave is a part of the error of Shapley values, and shares out what they lack of their sum. It is
# taken as larger where variances are out of range. The standard errors are 0.1 to 0.2, so 0.01 is little.
LOOSE = {"shapley": 0.6, "shapley with ends": 0.6, "shapley from the sample": 0.6}


def compare(name, found, unit, scale):
    for field in ("values", "standard_errors"):
        one, other = getattr(found, field) / scale, getattr(unit, field)
        tolerance = 1e-3 if name not in LOOSE else LOOSE[name] if field == "standard_errors" else 0.01
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * np.nanmax(np.abs(other)))
        assert field == "values" or np.all((one >= 0.99 * other) | np.isnan(other))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", RESULTS)
def test_values_and_errors_follow_the_scale(name, scale):
    found = RESULTS[name](lambda function: lambda rows: scale * function(rows))
    unit = RESULTS[name](lambda function: function)
    compare(name, found, unit, scale)


@pytest.mark.parametrize("name", RESULTS)
def test_outputs_do_not_share_a_scale(name):
    scales = np.array([1e-200, 1.0, 1e200])
    together = RESULTS[name](lambda function: lambda rows: function(rows)[:, None] * scales)
    alone = RESULTS[name](lambda function: function)
    for field in ("values", "standard_errors"):
        one, other = getattr(together, field)[..., 1], getattr(alone, field)
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * np.nanmax(np.abs(other)))
    for place in (0, 2):
        of_output = SimpleNamespace(
            values=together.values[..., place], standard_errors=together.standard_errors[..., place]
        )
        compare(name, of_output, alone, scales[place])


@pytest.mark.parametrize("scale", SCALES)
def test_what_is_said_of_adjusted_values(scale):
    unit, found = estimate(game), estimate(lambda coalitions: scale * game(coalitions))
    assert unit.adjustment.adjusted
    share = 1 - unit.adjustment.left_share(0)
    part = f"{share:.1%}" if 1e-150 < scale < 1e150 else "a part"
    assert f"adjusted: interactions took out {part} of the variance" in repr(found.adjustment)
    for page in (found._repr_html_(), banzhaf.diagnose(found)._repr_html_()):
        assert f"Interactions were taken out of the error: {part} of the variance that causes it" in page
