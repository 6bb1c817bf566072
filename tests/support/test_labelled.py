# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test that worths in another order than their coalitions are refused, wherever they come from."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import all_coalitions

import banzhaf
import banzhaf.games

COALITIONS = all_coalitions(4)
WORTHS = COALITIONS @ np.array([1.0, 10.0, 100.0, 1000.0])


def told(worths):
    study = banzhaf.Study(4, budget=16, random_state=0)
    study.tell(study.ask(16), worths)
    return study.result()


CALLS = {
    "exact": lambda worths: banzhaf.exact(worths, 4),
    "fit": lambda worths: banzhaf.fit(COALITIONS, worths),
    "fit_design": lambda worths: banzhaf.fit_design(worths, 4, random_state=0),
    "walsh_hadamard": banzhaf.walsh_hadamard,
    "tell": told,
}


@pytest.mark.parametrize("call", CALLS)
def test_a_series_that_is_numbered_in_another_order(call):
    pd = pytest.importorskip("pandas")
    worths = pd.Series(WORTHS)
    with pytest.raises(ValueError, match=r"must be in the order of .* Pass \.sort_index\(\) if its rows were moved"):
        CALLS[call](worths.sort_values(ascending=False))
    np.testing.assert_array_equal(
        getattr(CALLS[call](worths), "values", CALLS[call](worths)),
        getattr(CALLS[call](WORTHS), "values", CALLS[call](WORTHS)),
    )
    for index in (range(5, 21), [0] * 16, list("abcdefghijklmnop")):  # these say nothing about an order
        CALLS[call](worths.set_axis(index))


@pytest.mark.parametrize("labels", ["numbers", "texts", "both"])
def test_coalitions_and_worths_with_the_same_labels(labels):
    pd = pytest.importorskip("pandas")
    index = {"numbers": range(16), "texts": list("abcdefghijklmnop"), "both": [*range(8), *"abcdefgh"]}[labels]
    coalitions, worths = pd.DataFrame(COALITIONS, index=index), pd.Series(WORTHS, index=index)
    with pytest.raises(ValueError, match=r"pass worths\.loc\[coalitions\.index\], or worths\.to_numpy\(\)"):
        banzhaf.fit(coalitions, worths[::-1])
    with pytest.raises(ValueError, match=r"pass worths\.loc\[coalitions\.index\]"):
        banzhaf.fit(coalitions[::-1], worths)
    for found in (banzhaf.fit(coalitions, worths), banzhaf.fit(coalitions[::-1], worths[::-1])):
        np.testing.assert_allclose(found.values, [1.0, 10.0, 100.0, 1000.0])


def ordered(pd, kind, index):
    """Pass a Series with an index as something that has an order."""
    names, numbers = pd.Series(list("abc"), index), pd.Series([4, 3, 2], index)
    rows = np.arange(9.0).reshape(3, 3)
    if kind == "player_names":
        return banzhaf.exact(lambda coalitions: coalitions.sum(axis=1), 3, player_names=names)
    if kind == "feature_names":
        return banzhaf.Explainer(lambda rows: rows[:, 0], rows, feature_names=names)
    if kind == "weights":
        return banzhaf.games.WeightedVoting(numbers, 5)
    return banzhaf.Explainer(lambda rows: rows[:, 0], rows)(rows)[numbers > 2]


@pytest.mark.parametrize("kind", ["player_names", "feature_names", "weights", "a mask of rows"])
def test_what_has_an_order_is_not_taken_by_position_against_its_index(kind):
    pd = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match=rf"{kind} must be in .* order.* Pass \.sort_index\(\) if its rows were moved"):
        ordered(pd, kind, [2, 1, 0])
    for index in ([0, 1, 2], list("xyz")):
        ordered(pd, kind, index)
