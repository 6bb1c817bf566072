# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""XGBoost's boosters, from the format that they are saved in."""

from __future__ import annotations

import json
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
    for t, tree in enumerate(model["trees"]):
        weight = np.float32(1 if dropped is None else dropped[t])
        _add_tree(builder, tree, weight, int(model["tree_info"][t]))
    return Ensemble(
        library="XGBoost",
        forest=builder.build(_base_margins(parameters["base_score"], learner["objective"]["name"])),
        n_features=n_features,
        float32=True,
        feature_names=tuple(map(str, learner.get("feature_names") or ())) or None,
        categories=_categories(model.get("cats")),
        has_outputs_axis=n_outputs > 1,
    )


def _add_tree(builder: ForestBuilder, tree: dict[str, Any], weight: np.float32, output: int) -> None:
    left, right = np.asarray(tree["left_children"]), np.asarray(tree["right_children"])
    conditions = np.asarray(tree["split_conditions"], dtype=np.float32)
    is_leaf = left < 0
    width = int(tree["tree_param"].get("size_leaf_vector", 1))
    if width <= 1:
        values = np.where(is_leaf, conditions * weight, np.float32(0))
    elif "leaf_weights" in tree:  # a leaf's right child is its number among the leaves
        leaves = np.asarray(tree["leaf_weights"], dtype=np.float32).reshape(-1, width)
        values = np.where(is_leaf[:, None], leaves[np.where(is_leaf, right, 0)] * weight, np.float32(0))
    else:
        values = np.asarray(tree["base_weights"], dtype=np.float32).reshape(-1, width) * weight
    categories = {}
    for node, first, count in zip(
        tree.get("categories_nodes", ()),
        tree.get("categories_segments", ()),
        tree.get("categories_sizes", ()),
        strict=True,
    ):
        # The listed categories go right; all others, and cells that are no category, left.
        listed = np.asarray(tree["categories"][first : first + count])
        categories[int(node)] = (listed_sides(listed, Side.RIGHT), True)
    builder.add_tree(
        left=left,
        right=right,
        feature=tree["split_indices"],
        threshold=np.where(is_leaf, np.float32(0), conditions),
        missing=np.where(np.asarray(tree["default_left"]) != 0, Missing.LEFT, Missing.RIGHT),
        values=values,
        cover=tree.get("sum_hessian"),  # trees of several outputs have none before version 3
        output=-1 if width > 1 else output,
        categories=categories,
    )


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
