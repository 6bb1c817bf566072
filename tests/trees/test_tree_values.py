# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The core's forests and their values, without a library's model around them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from banzhaf import _core
from banzhaf._trees.readers.forest import ForestBuilder, Missing


def stump_and_tree():
    builder = ForestBuilder(3, 1, strict=False, float32=False)
    builder.add_tree(
        left=[1, 3, -1, -1, -1],
        right=[2, 4, -1, -1, -1],
        feature=[0, 1, 0, 0, 0],
        threshold=[0.0, 0.5, 0, 0, 0],
        missing=[Missing.RIGHT] * 5,
        values=[0, 0, 3, 1, 2],
        cover=[4, 3, 1, 1, 2],
        output=0,
    )
    return builder.build(0.25)


class TestWeights:
    def test_whole_weights_are_repeated_rows(self):
        rng = np.random.default_rng(0)
        forest = stump_and_tree().to_core()
        background, rows = rng.normal(size=(6, 3)), rng.normal(size=(4, 3))
        weights = np.array([3, 1, 0, 2, 4, 1])
        weighted = _core.TreeValues(forest, range(3), 3, background, weights=weights / 7.0)
        repeated = _core.TreeValues(forest, range(3), 3, np.repeat(background, weights, axis=0))
        np.testing.assert_allclose(weighted.explain(rows), repeated.explain(rows), rtol=0, atol=1e-14)
        np.testing.assert_allclose(weighted.base_values, repeated.base_values, rtol=1e-14)

    @pytest.mark.parametrize(
        ("weights", "part"),
        [
            ([1.0], "weights must hold one number for each of the 2 background rows, got 1"),
            ([1.0, -1.0], "weights must be finite and not negative"),
            ([1.0, np.nan], "weights must be finite and not negative"),
            ([0.0, 0.0], "weights must not all be 0"),
            ([[1.0, 1.0]], "weights must have 1 dimensions"),
        ],
    )
    def test_others_are_refused(self, weights, part):
        with pytest.raises(ValueError, match=re.escape(part)):
            _core.TreeValues(stump_and_tree().to_core(), range(3), 3, np.zeros((2, 3)), weights=np.array(weights))

    def test_need_a_background(self):
        with pytest.raises(ValueError, match="weights need a background"):
            _core.TreeValues(stump_and_tree().to_core(), range(3), 3, weights=np.ones(2))
