# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explanations with a probability p, against the exact values of the masked game."""

from __future__ import annotations

import numpy as np
import pytest

import banzhaf


def model(rows):
    return rows[:, 0] * rows[:, 1] + np.sin(rows[:, 2]) * rows[:, 3] + rows[:, 4:].sum(axis=1)


def truth(row, background, p):
    def game(coalitions):
        masked = np.where(coalitions[:, None], row, background[None])
        return model(masked.reshape(-1, len(row))).reshape(len(coalitions), -1).mean(axis=1)

    return banzhaf.exact(game, len(row), p=p).values


@pytest.mark.parametrize("p", [0.2, 0.9])
@pytest.mark.parametrize("interactions", ["none", "auto"])
def test_values_are_those_of_the_masked_game(p, interactions):
    rng = np.random.default_rng(0)
    background, rows = rng.normal(size=(6, 8)), rng.normal(size=(2, 8))
    expected = np.array([truth(row, background, p) for row in rows])
    exact = banzhaf.Explainer(model, background, p=p, budget=6 * 256)(rows)
    assert exact.design == "exhaustive"
    assert exact.p == p
    np.testing.assert_allclose(exact.values, expected, rtol=1e-9, atol=1e-12)
    assert (exact.standard_errors == 0).all()
    explainer = banzhaf.Explainer(model, background, p=p, budget=6 * 120, interactions=interactions, random_state=0)
    sampled = explainer(rows)
    assert sampled.design == "weighted"
    assert (sampled.standard_errors > 0).all()
    assert np.abs(sampled.values - expected).max() < 5 * sampled.standard_errors.max()
    np.testing.assert_allclose(sampled.base_values, model(background).mean())
    assert banzhaf.Explainer(model, background, p=p, noisy=True, random_state=0)(rows).design == "drawn"


def test_what_does_not_suit_p_is_refused():
    background = np.zeros((2, 12))
    with pytest.raises(ValueError, match="p must be a probability"):
        banzhaf.Explainer(model, background, p=1.5)
    with pytest.raises(ValueError, match="ridge must be 0"):
        banzhaf.Explainer(model, background, p=0.2, ridge=1.0)
    with pytest.raises(ValueError, match=r"'paired' is for p=0\.5"):
        banzhaf.Explainer(model, background, p=0.2, design="paired")
    with pytest.raises(ValueError, match="need design='hadamard'"):
        banzhaf.Explainer(model, background, p=0.2, budget=200)(np.ones((1, 12)), tolerance=0.1)
