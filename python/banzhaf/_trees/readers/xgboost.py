# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Reader of XGBoost's boosters, from their UBJSON format."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._trees.readers.forest import Ensemble, ForestBuilder, Missing, Side, listed_sides

# Objectives whose base_score is not a margin; XGBoost converts it by ProbToMargin.
_LOGIT = ("binary:logistic", "reg:logistic")
_IDENTITY = ("reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror")
_LEAST_STEP = np.float32(1e-6)  # least distance of probabilities from 0 and 1, and between expectiles
_LOG = ("count:poisson", "reg:gamma", "reg:tweedie", "survival:aft", "survival:cox")


def read(model: Any) -> Ensemble:
    """Read an ``xgboost.Booster`` or an estimator of XGBoost.

    Parameters
    ----------
    model : xgboost.Booster or xgboost.XGBModel
        A model of trees (gbtree or dart). A booster is read with all its trees and an estimator up to its best
        iteration, as in their own ``predict``.

    Returns
    -------
    Ensemble
        The outputs are margins.

    Raises
    ------
    TypeError
        If it is not made of trees.
    ValueError
        If its margins are not finite.
    """
    if not is_estimator(model):
        return _read_booster(model)
    ensemble = _read_booster(_up_to_best(model))
    missing = np.float32(np.nan if model.missing is None else model.missing)
    return ensemble if np.isnan(missing) else replace(ensemble, missing=float(missing))


def predict(model: Any, rows: Any) -> Any:
    """Return XGBoost's own margins, in float32."""
    # The estimators of dask and Spark only take tables of their own.
    is_local = is_estimator(model) and not type(model).__module__.startswith(("xgboost.dask", "xgboost.spark"))
    if is_local and model.missing is not None:
        return model.predict(rows, output_margin=True, validate_features=False)
    booster = model.get_booster() if is_estimator(model) else model
    if not is_estimator(model) and isinstance(rows, np.ndarray):
        return booster.inplace_predict(rows, predict_type="margin", validate_features=False)  # faster than by a DMatrix
    import xgboost

    types = booster.feature_types if isinstance(rows, np.ndarray) else None
    missing = np.nan if not is_estimator(model) or model.missing is None else model.missing
    matrix = xgboost.DMatrix(rows, feature_types=types, missing=missing, enable_categorical=True, nthread=1)
    best = booster.attr("best_iteration") if is_estimator(model) else None
    last = 0 if best is None else int(best) + 1
    return booster.predict(matrix, output_margin=True, iteration_range=(0, last), validate_features=False)


def is_estimator(model: Any) -> bool:
    """Tell whether a model of XGBoost is an estimator rather than a booster."""
    return hasattr(model, "get_booster")


def _up_to_best(model: Any) -> Any:
    booster = model.get_booster()
    best = booster.attr("best_iteration")  # only early stopping sets it
    return booster if best is None else booster[: int(best) + 1]


def _read_booster(booster: Any) -> Ensemble:
    learner = _core.parse_ubjson(booster.save_raw(raw_format="ubj"), tables=["trees"])["learner"]
    gradient_booster = learner["gradient_booster"]
    name = gradient_booster["name"]
    # Before version 3, dart holds the trees one level deeper.
    held = gradient_booster.get("gbtree", gradient_booster)
    if name not in ("gbtree", "dart") or "model" not in held:
        raise TypeError(
            f"model must be made of trees; this XGBoost booster is {name!r}: use banzhaf.Explainer(model, background)"
        )
    model = held["model"]
    dropped = gradient_booster.get("weight_drop", model.get("weight_drop"))
    parameters = learner["learner_model_param"]
    n_features = int(parameters["num_feature"])
    n_outputs = max(1, int(parameters["num_class"]), int(parameters.get("num_target", 1)))
    builder = ForestBuilder(n_features, n_outputs, strict=True, float32=True)
    outputs = np.asarray(model["tree_info"]).tolist()
    weights = np.ones(len(outputs), np.float32) if dropped is None else np.asarray(dropped, np.float32)
    if outputs:
        _add_trees(builder, model["trees"], weights, outputs)
    return Ensemble(
        library="XGBoost",
        forest=builder.build(_base_margins(parameters["base_score"], learner["objective"]["name"])),
        n_features=n_features,
        float32=True,
        feature_names=tuple(map(str, learner.get("feature_names") or ())) or None,
        categories=_categories(model.get("cats")),
        categorical_features=_categorical_features(learner.get("feature_types")),
        has_outputs_axis=n_outputs > 1,
        sums_in_float32=True,
        output="prediction" if _predicts_sums(learner["objective"]["name"], n_outputs) else "margin",
    )


def _predicts_sums(objective: str, n_outputs: int) -> bool:
    """Tell whether predictions are sums of trees. Several quantiles of a row are sorted since version 3.3."""
    return objective in _IDENTITY and not (objective == "reg:quantileerror" and n_outputs > 1)


def _add_trees(builder: ForestBuilder, trees: dict[str, Any], weights: NDArray[np.float32], outputs: list[int]) -> None:
    """Add all trees. For each kind of array, `trees` holds the lengths and the joined arrays of all trees."""
    sizes, left = trees["left_children"]
    is_leaf, conditions = left < 0, trees["split_conditions"][1]
    widths = {int(parameters.get("size_leaf_vector", 1)) for parameters in trees["tree_param"]}
    several = max(widths) > 1
    if several and len(widths) > 1:
        raise TypeError(
            "model must not mix trees of one and of several outputs: use banzhaf.Explainer(model, background)"
        )
    values = _leaf_vectors(trees, max(widths)) if several else conditions
    weight_of_node = np.repeat(weights, sizes)
    covers = trees.get("sum_hessian")
    builder.add_trees(
        sizes.tolist(),
        left=left,
        right=trees["right_children"][1],
        feature=trees["split_indices"][1],
        threshold=conditions,
        missing=np.where(trees["default_left"][1] != 0, Missing.LEFT, Missing.RIGHT),
        values=np.where(is_leaf, values.T * weight_of_node, np.float32(0)).T,
        # Before version 3, trees of several outputs store no covers.
        cover=covers[1] if covers is not None and np.array_equal(covers[0], sizes) else None,
        outputs=[-1] * len(sizes) if several else outputs,
        categories=_categorical_nodes(trees, sizes),
    )


def _categorical_nodes(trees: dict[str, Any], sizes: NDArray[np.int64]) -> dict[int, tuple[NDArray[np.uint8], bool]]:
    """Return the sides of categories at each categorical node."""
    per_tree, nodes = trees.get("categories_nodes", ((), ()))
    if not len(nodes):
        return {}
    n_listed, listed = trees["categories"]
    nodes = nodes + np.repeat(_starts(sizes), per_tree)
    firsts = trees["categories_segments"][1] + np.repeat(_starts(n_listed), per_tree)
    counts = trees["categories_sizes"][1]
    # The listed categories go right; all others go left, as do cells that are not a category.
    return {
        node: (listed_sides(listed[first : first + count], Side.RIGHT), True)
        for node, first, count in zip(nodes.tolist(), firsts.tolist(), counts.tolist(), strict=True)
    }


def _leaf_vectors(trees: dict[str, Any], width: int) -> NDArray[np.float32]:
    if "leaf_weights" not in trees:  # before version 3.1
        return np.asarray(trees["base_weights"][1].reshape(-1, width))
    # The right child of a leaf is its number among the leaves of its tree.
    (sizes, left), (n_weights, weights) = trees["left_children"], trees["leaf_weights"]
    first_leaf = np.repeat(_starts(n_weights // width), sizes)
    return np.asarray(weights.reshape(-1, width)[np.where(left < 0, first_leaf + trees["right_children"][1], 0)])


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.cumsum(sizes) - sizes)


def _base_margins(base_score: str, objective: str) -> NDArray[np.float32]:
    """Turn base scores into margins as XGBoost does. They are text: a number or, since version 3.1, a list."""
    scores = np.atleast_1d(np.asarray(json.loads(base_score), dtype=np.float32))
    if objective in _LOGIT:
        scores = np.clip(scores, _LEAST_STEP, np.float32(1) - _LEAST_STEP)
        return np.asarray(-np.log(np.float32(1) / scores - np.float32(1)), dtype=np.float32)
    if objective == "reg:expectileerror" and len(scores) > 1:
        # Each expectile after the first is the previous one plus softplus(margin).
        steps = np.maximum(np.diff(scores), _LEAST_STEP)
        return np.concatenate([scores[:1], np.log(np.expm1(steps))])
    if objective in _LOG:
        if not np.all(scores > 0):
            raise ValueError(
                f"model has margins that are not finite: under {objective} its base_score {base_score} has no "
                "logarithm. This happens if all targets are 0: set a base_score above 0 and fit model again"
            )
        return np.log(scores)
    return scores


def _categorical_features(types: Any) -> frozenset[int] | None:
    return frozenset(j for j, kind in enumerate(types) if kind == "c") if types else None


def _categories(held: Any) -> dict[int, list[Any]] | None:
    """Return the categories of the training DataFrame, which a booster stores since version 3.1."""
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
