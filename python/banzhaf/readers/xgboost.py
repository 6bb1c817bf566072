# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""XGBoost's boosters, from the format that they are saved in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf.readers.forest import Ensemble, ForestBuilder, Missing, Side, listed_sides
from banzhaf.readers.ubjson import parse

# The objectives whose base_score is not a margin; XGBoost's name for the way back is ProbToMargin.
_LOGIT = ("binary:logistic", "reg:logistic")
_LOG = ("count:poisson", "reg:gamma", "reg:tweedie", "survival:aft", "survival:cox")


def read(booster: Any) -> Ensemble:
    """Read an ``xgboost.Booster``.

    Parameters
    ----------
    booster : xgboost.Booster
        Of trees (gbtree or dart), with all of its trees.

    Returns
    -------
    Ensemble
        Its outputs are margins.

    Raises
    ------
    TypeError
        If it is not made of trees.
    """
    learner = parse(booster.save_raw(raw_format="ubj"))["learner"]
    gradient_booster = learner["gradient_booster"]
    name = gradient_booster["name"]
    # Dart holds the trees one level deeper, until version 3.
    held = gradient_booster.get("gbtree", gradient_booster)
    if name not in ("gbtree", "dart") or "model" not in held:
        raise TypeError(f"model must be made of trees; this XGBoost booster is {name!r}")
    model = held["model"]
    dropped = gradient_booster.get("weight_drop", model.get("weight_drop"))
    parameters = learner["learner_model_param"]
    n_features = int(parameters["num_feature"])
    n_outputs = max(1, int(parameters["num_class"]), int(parameters.get("num_target", 1)))
    builder = ForestBuilder(n_features, n_outputs, strict=True, float32=True)
    trees = model["trees"]
    weights = np.ones(len(trees), np.float32) if dropped is None else np.asarray(dropped, np.float32)
    _add_trees(builder, trees, weights, np.asarray(model["tree_info"]).tolist())
    return Ensemble(
        library="XGBoost",
        forest=builder.build(_base_margins(parameters["base_score"], learner["objective"]["name"])),
        n_features=n_features,
        float32=True,
        feature_names=tuple(map(str, learner.get("feature_names") or ())) or None,
        categories=_categories(model.get("cats")),
        has_outputs_axis=n_outputs > 1,
    )


def _add_trees(
    builder: ForestBuilder, trees: Sequence[dict[str, Any]], weights: NDArray[np.float32], outputs: list[int]
) -> None:
    """Add all trees at once: node by node or tree by tree, NumPy would be slow."""
    if not trees:
        return
    sizes = [len(tree["left_children"]) for tree in trees]
    first_nodes = np.cumsum([0, *sizes])

    def joined(name: str, dtype: Any) -> NDArray[Any]:
        return np.concatenate([tree[name] for tree in trees]).astype(dtype)

    left, conditions = joined("left_children", np.int32), joined("split_conditions", np.float32)
    widths = {int(tree["tree_param"].get("size_leaf_vector", 1)) for tree in trees}
    several = max(widths) > 1
    if several and len(widths) > 1:
        raise TypeError("model must not mix trees of one and of several outputs")
    values = conditions * np.repeat(weights, sizes)
    if several:
        leaves = [_leaf_vectors(tree, max(widths)) * weight for tree, weight in zip(trees, weights, strict=True)]
        values = np.concatenate(leaves)
    categories = {}
    for tree, first_node in zip(trees, first_nodes, strict=False):
        if not len(tree.get("categories_nodes", ())):
            continue
        for node, first, count in zip(
            tree["categories_nodes"].tolist(),
            tree["categories_segments"].tolist(),
            tree["categories_sizes"].tolist(),
            strict=True,
        ):
            # The listed categories go right; all others, and cells that are no category, left.
            listed = np.asarray(tree["categories"][first : first + count])
            categories[int(first_node + node)] = (listed_sides(listed, Side.RIGHT), True)
    builder.add_trees(
        sizes,
        left=left,
        right=joined("right_children", np.int32),
        feature=joined("split_indices", np.uint32),
        threshold=conditions,
        missing=np.where(joined("default_left", np.bool_), Missing.LEFT, Missing.RIGHT),
        values=np.where(left < 0, values.T, np.float32(0)).T,
        # Trees of several outputs have no covers before version 3.
        cover=joined("sum_hessian", np.float64) if all("sum_hessian" in tree for tree in trees) else None,
        outputs=[-1] * len(trees) if several else outputs,
        categories=categories,
    )


def _leaf_vectors(tree: dict[str, Any], width: int) -> NDArray[np.float32]:
    if "leaf_weights" not in tree:  # before version 3.1
        return np.asarray(tree["base_weights"], dtype=np.float32).reshape(-1, width)
    # A leaf's right child is its number among the leaves.
    leaves = np.asarray(tree["leaf_weights"], dtype=np.float32).reshape(-1, width)
    return leaves[np.where(np.asarray(tree["left_children"]) < 0, tree["right_children"], 0)]


def _base_margins(base_score: str, objective: str) -> NDArray[np.float32]:
    """Turn base scores, one number as text or since version 3.1 a list of them, into margins as XGBoost does."""
    scores = np.atleast_1d(np.asarray(json.loads(base_score), dtype=np.float32))
    if objective in _LOGIT:
        return np.asarray(-np.log(np.float32(1) / scores - np.float32(1)), dtype=np.float32)
    return np.log(scores) if objective in _LOG else scores


def _categories(held: Any) -> dict[int, list[Any]] | None:
    """Give the categories of DataFrames that the booster was trained on, which it keeps since version 3.1."""
    if not held or not any(len(of_feature["values"]) for of_feature in held["enc"]):
        return None
    categories: dict[int, list[Any]] = {}
    for feature, of_feature in enumerate(held["enc"]):
        values = np.asarray(of_feature["values"])
        if "offsets" not in of_feature:
            categories[feature] = values.tolist()
        elif len(of_feature["offsets"]):
            text, ends = values.astype(np.uint8).tobytes(), of_feature["offsets"]
            categories[feature] = [text[a:b].decode() for a, b in pairwise(ends)]
    return categories
