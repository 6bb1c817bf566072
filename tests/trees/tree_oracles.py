# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Oracles for tree ensembles: the libraries' own predictions, and their dumps walked node by node."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from oracles import all_coalitions, brute_force


def masked_values(predict, explicand, background):
    """Banzhaf values of the model's mean output over the background, from its predictions for all coalitions."""
    n = len(explicand)
    masks = all_coalitions(n)
    rows = np.where(masks[:, np.newaxis], explicand, background).reshape(-1, n)
    outputs = np.asarray(predict(rows), dtype=np.float64)
    worths = outputs.reshape(len(masks), len(background), -1).mean(axis=1)
    # The mean of v(S + i) - v(S) over all coalitions without i is the mean with i minus the mean without.
    return np.stack([worths[masks[:, i]].mean(axis=0) - worths[~masks[:, i]].mean(axis=0) for i in range(n)])


@dataclass
class Node:
    """A leaf with values, or a split: goes_left is a function of the cell."""

    values: Any = None
    feature: int = -1
    goes_left: Any = None
    left: Any = None
    right: Any = None
    cover: float = 0.0

    def worth(self, row, coalition):
        """Mean of the leaves that the row reaches if it decides only the coalition's splits."""
        if self.left is None:
            return self.values
        left, right = self.left, self.right
        if coalition[self.feature]:
            return (left if self.goes_left(row[self.feature]) else right).worth(row, coalition)
        return (left.cover * left.worth(row, coalition) + right.cover * right.worth(row, coalition)) / self.cover


def share_worths(trees, base, explicand):
    """Path-dependent worths of all coalitions."""
    coalitions = all_coalitions(len(explicand))
    return np.array([base + sum(tree.worth(explicand, mask) for tree in trees) for mask in coalitions])


def share_values(trees, base, explicand):
    """Path-dependent Banzhaf values by definition, and the worths of the empty and the full coalition."""
    n = len(explicand)
    worths = share_worths(trees, base, explicand)
    return np.stack([brute_force(worths[:, k], n) for k in range(worths.shape[1])], axis=1), worths[0], worths[-1]


def sklearn_tree(tree, scale):
    """Build the Node of a scikit-learn tree; `scale(node)` gives the values of its leaves."""

    def build(v):
        cover = tree.weighted_n_node_samples[v]
        if tree.children_left[v] < 0:
            return Node(values=scale(v), cover=cover)
        threshold, missing = tree.threshold[v], bool(tree.missing_go_to_left[v])
        return Node(
            feature=tree.feature[v],
            goes_left=lambda cell: missing if np.isnan(cell) else np.float32(cell) <= threshold,
            left=build(tree.children_left[v]),
            right=build(tree.children_right[v]),
            cover=cover,
        )

    return build(0)


def xgboost_trees(booster, n_outputs):
    """The Nodes of a booster's trees of one output each."""
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    model = model.get("gbtree", model)["model"]
    nodes = []
    for tree, output in zip(model["trees"], model["tree_info"], strict=True):
        listed = {}
        for v, first, size in zip(
            tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True
        ):
            listed[v] = set(tree["categories"][first : first + size])

        def build(v, tree=tree, listed=listed, output=output):
            cover = float(np.float32(tree["sum_hessian"][v]))
            value = np.float32(tree["split_conditions"][v])
            if tree["left_children"][v] < 0:
                return Node(values=float(value) * (np.arange(n_outputs) == output), cover=cover)
            missing, right = bool(tree["default_left"][v]), listed.get(v)

            def goes_left(cell):
                if np.isnan(cell):
                    return missing
                return np.float32(cell) < value if right is None else int(cell) not in right

            return Node(
                feature=tree["split_indices"][v],
                goes_left=goes_left,
                left=build(tree["left_children"][v]),
                right=build(tree["right_children"][v]),
                cover=cover,
            )

        nodes.append(build(0))
    return nodes


def lightgbm_trees(booster, n_outputs):
    """The Nodes of a booster's trees."""

    def build(dumped, output):
        if "leaf_value" in dumped:
            return Node(
                values=dumped["leaf_value"] * (np.arange(n_outputs) == output), cover=dumped.get("leaf_count", 1)
            )
        threshold, missing, default = dumped["threshold"], dumped["missing_type"], dumped["default_left"]
        listed = set(map(int, threshold.split("||"))) if dumped["decision_type"] == "==" else None

        def goes_left(cell):
            if listed is not None:
                return not np.isnan(cell) and int(cell) in listed
            cell = 0.0 if (np.isnan(cell) and missing != "NaN") else cell
            if np.isnan(cell) or (missing == "Zero" and abs(cell) <= 1e-35):
                return default
            return cell <= threshold

        return Node(
            feature=dumped["split_feature"],
            goes_left=goes_left,
            left=build(dumped["left_child"], output),
            right=build(dumped["right_child"], output),
            cover=dumped["internal_count"],
        )

    trees = booster.dump_model()["tree_info"]
    return [build(tree["tree_structure"], t % n_outputs) for t, tree in enumerate(trees)]
