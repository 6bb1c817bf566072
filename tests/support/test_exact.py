# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test that worths which float64 would change are refused, wherever they come from."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import all_coalitions

import banzhaf

BIG = 2**60 + 1
COALITIONS = all_coalitions(4)


def outcomes(worths):
    """Every way to pass the worths of four players."""
    yield lambda: banzhaf.exact(lambda coalitions: worths(coalitions), 4)
    yield lambda: banzhaf.estimate(lambda coalitions: worths(coalitions), 4, budget=16)
    yield lambda: banzhaf.exact(worths(COALITIONS), 4)
    yield lambda: banzhaf.walsh_hadamard(worths(COALITIONS))
    yield lambda: banzhaf.fit(COALITIONS, worths(COALITIONS))
    yield lambda: banzhaf.Explainer(lambda rows: worths(rows > 0), np.zeros((1, 4)))(np.ones((1, 4)))


def masked(coalitions):
    return np.ma.masked_array(coalitions.sum(axis=1) * 1.0, mask=coalitions[:, 0])


@pytest.mark.parametrize(
    "worths",
    [
        masked,
        lambda coalitions: list(masked(coalitions)),
        lambda coalitions: [np.ma.masked_array([1.0], mask=[row[0]]) for row in coalitions],
    ],
)
@pytest.mark.filterwarnings("ignore:Warning. converting a masked element to nan")
def test_masked_worths(worths):
    for call in outcomes(worths):
        with pytest.raises(ValueError, match=r"masked array with masked entries; fill them"):
            call()


def test_a_mask_without_masked_entries_is_accepted():
    whole = lambda coalitions: np.ma.masked_array(coalitions.sum(axis=1) * 1.0)  # noqa: E731
    for call in outcomes(whole):
        values = call()
        if hasattr(values, "values"):
            np.testing.assert_allclose(np.ravel(values.values), np.ones(4), atol=1e-12)


@pytest.mark.parametrize(
    "worths",
    [
        lambda coalitions: BIG - 1 + coalitions.sum(axis=1),
        lambda coalitions: -BIG + 1 - coalitions.sum(axis=1),
        lambda coalitions: (BIG - 1 + coalitions.sum(axis=1)).astype(np.uint64),
        lambda coalitions: (BIG - 1 + coalitions.sum(axis=1)).tolist(),
        lambda coalitions: [BIG if row.any() else 0.5 for row in coalitions],
        lambda coalitions: [[BIG if row.any() else 0.5] for row in coalitions],
        lambda coalitions: [np.array(BIG if row.any() else 0.5) for row in coalitions],
        lambda coalitions: [np.array([BIG if row.any() else 0.5]) for row in coalitions],
    ],
)
def test_large_integers(worths):
    for call in outcomes(worths):
        with pytest.raises(ValueError, match=r"-?11529215046068469\d\d, which float64 cannot hold"):
            call()


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_large_integers_beside_floats_in_a_table(library):
    DataFrame = pytest.importorskip(library).DataFrame
    worths = lambda coalitions: DataFrame({"a": [0.5] * len(coalitions), "b": BIG - 1 + coalitions.sum(axis=1)})  # noqa: E731
    for call in outcomes(worths):
        with pytest.raises(ValueError, match=r"11529215046068469\d\d, which float64 cannot hold"):
            call()


def test_large_integers_that_float64_holds():
    for call in outcomes(lambda coalitions: 2**60 + 2**10 * coalitions.sum(axis=1)):
        values = call()
        if hasattr(values, "values"):
            np.testing.assert_allclose(np.ravel(values.values), np.full(4, 2.0**10))


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="long double is float64 here")
@pytest.mark.parametrize("size", ["1e400", "-1e400", "1e-400"])
def test_floats_beyond_float64(size):
    for call in outcomes(lambda coalitions: coalitions.sum(axis=1) * np.longdouble(size)):
        with pytest.raises(ValueError, match=r"e[+-]40\d, which float64 cannot hold"):
            call()


@pytest.mark.skipif(np.finfo(np.longdouble).eps == np.finfo(np.float64).eps, reason="long double is float64 here")
def test_digits_beyond_float64():
    step = np.finfo(np.longdouble).eps
    for call in outcomes(lambda coalitions: 1 + coalitions.sum(axis=1) * step):
        with pytest.raises(ValueError, match=r"float64 cannot hold; round them with \.astype\(float\)"):
            call()


def test_masked_coalitions():
    with pytest.raises(ValueError, match="coalitions must be boolean, got a masked array"):
        banzhaf.fit(np.ma.masked_array(COALITIONS, mask=COALITIONS), np.arange(16.0))
