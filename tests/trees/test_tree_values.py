# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Forests of the core and their values, without a library's model."""

from __future__ import annotations

import re
import threading

import numpy as np
import pytest

import banzhaf
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


class TestLinearLeaves:
    """The value of a linear leaf is its line, unless one of the line's cells is missing."""

    @staticmethod
    def forest():
        builder = ForestBuilder(3, 1, strict=False, float32=False)
        builder.add_tree(
            left=[1, -1, -1],
            right=[2, -1, -1],
            feature=[0, 0, 0],
            threshold=[0.0, 0, 0],
            missing=[Missing.RIGHT] * 3,
            values=[0, 10, 20],
            cover=None,
            output=0,
            linear_leaves={1: (1.0, [1], [2.0]), 2: (-1.0, [2, 1], [0.5, 3.0])},
        )
        return builder.build(0.25)

    @staticmethod
    def output(row):
        if row[0] <= 0:
            return 0.25 + (10 if np.isnan(row[1]) else 1 + 2 * row[1])
        return 0.25 + (20 if np.isnan(row[1] + row[2]) else -1 + 0.5 * row[2] + 3 * row[1])

    def test_are_exact(self):
        rng = np.random.default_rng(1)
        rows, background = rng.normal(size=(6, 3)), rng.normal(size=(5, 3))
        rows[0, 1] = rows[1, 2] = background[2, 1] = background[3, 2] = np.nan
        weights = np.array([0.5, 1, 2, 0.1, 3])
        forest = self.forest()
        assert forest.is_linear
        assert forest.to_core().is_linear
        core = _core.TreeValues(forest.to_core(), range(3), 3, background, weights=weights)
        predicted = core.predict(rows)
        np.testing.assert_allclose(predicted[:, 0], [self.output(row) for row in rows], rtol=1e-14)

        def values_of(row):
            coalitions = (np.arange(8)[:, np.newaxis] >> np.arange(3)) & 1 == 1
            worths = np.array(
                [
                    np.average([self.output(np.where(coalition, row, b)) for b in background], weights=weights)
                    for coalition in coalitions
                ]
            )
            return [(worths[c].mean() - worths[~c].mean()) for c in coalitions.T]

        np.testing.assert_allclose(core.explain(rows)[..., 0], [values_of(row) for row in rows], atol=1e-13)

    def test_need_a_background(self):
        with pytest.raises(ValueError, match="linear in features"):
            _core.TreeValues(self.forest().to_core(), range(3), 3)

    def test_refuse_infinite_cells(self):
        core = _core.TreeValues(self.forest().to_core(), range(3), 3, np.zeros((1, 3)))
        assert np.isfinite(core.explain(np.array([[np.inf, 0, 0]]))).all()
        with pytest.raises(
            ValueError, match="rows must not be infinite in feature 2, in which leaves are linear, but row 1"
        ):
            core.explain(np.array([[0, 0, 0], [0, 0, np.inf]]))


def test_arrays_of_another_length_are_named():
    arguments = dict(stump_and_tree().arguments)
    assert "first_category" not in arguments  # no node is categorical
    for name in ("right", "feature", "threshold", "missing", "cover"):
        short = _core.Forest(**{**arguments, name: arguments[name][:-1]})
        with pytest.raises(ValueError, match=f"forest: {name} must hold one entry for each of the 5 nodes, got 4"):
            _core.TreeValues(short, range(3), 3)


def test_a_small_stack_holds_deep_trees():
    """Reading, explaining and predicting do not recurse over depth, because threads of musl have only 128 KiB."""
    tree = pytest.importorskip("sklearn.tree")
    rows = np.random.default_rng(0).normal(size=(50, 2))
    model = tree.DecisionTreeRegressor(max_depth=3).fit(rows, rows[:, 0])
    state = model.tree_.__getstate__()
    n_splits = 20_000
    nodes = np.zeros(2 * n_splits + 1, dtype=state["nodes"].dtype)  # a split, its left leaf, the next split, ...
    splits = np.arange(0, 2 * n_splits, 2)
    nodes["left_child"], nodes["right_child"] = -1, -1
    nodes["left_child"][splits], nodes["right_child"][splits] = splits + 1, splits + 2
    nodes["feature"][splits], nodes["threshold"][splits] = splits // 2 % 2, np.linspace(-2, 2, n_splits)
    nodes["n_node_samples"] = nodes["weighted_n_node_samples"] = 1
    nodes["weighted_n_node_samples"][::2] = np.arange(n_splits + 1, 0, -1)
    values = np.random.default_rng(1).normal(size=(len(nodes), 1, 1))
    model.tree_ = type(model.tree_)(2, np.array([1]), 1)
    model.tree_.__setstate__({"max_depth": n_splits, "node_count": len(nodes), "nodes": nodes, "values": values})
    found = []

    def work():
        explainer = banzhaf.TreeExplainer(model, rows[:5], num_threads=1)
        paths = banzhaf.TreeExplainer(model, num_threads=1)
        found.append((explainer(rows[:3]).values, paths(rows[:3]).values, explainer.predict(rows[:3])))

    before = threading.stack_size(128 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(found) == 1
    interventional, by_covers, outputs = found[0]
    np.testing.assert_allclose(outputs, model.predict(rows[:3]), rtol=1e-12)
    assert np.isfinite(interventional).all()
    assert np.isfinite(by_covers).all()
