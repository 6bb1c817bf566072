# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Reader of LightGBM's boosters, from their text format."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._trees.readers.forest import Ensemble, ForestBuilder, Missing, Side, bit_positions, listed_sides

_IDENTITY = ("regression", "regression_l1", "huber", "fair", "quantile", "mape")
_ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold
_CATEGORICAL, _DEFAULT_LEFT = 1, 2  # bits of a decision type; the next two bits are the missing type
_MISSING = {
    (0, False): Missing.AS_ZERO,
    (0, True): Missing.AS_ZERO,
    (1, False): Missing.ZERO_TO_RIGHT,
    (1, True): Missing.ZERO_TO_LEFT,
    (2, False): Missing.RIGHT,
    (2, True): Missing.LEFT,
}


def read(model: Any) -> Ensemble:
    """Read a booster or estimator of LightGBM up to its best iteration, as its own ``predict`` does.

    Parameters
    ----------
    model : lightgbm.Booster or lightgbm.LGBMModel

    Returns
    -------
    Ensemble
        The outputs are raw scores.

    Raises
    ------
    TypeError
        If its predictions may leave trees out.
    """
    booster = _booster_of(model)
    if booster is not model and model.get_params().get("pred_early_stop"):
        raise TypeError(
            "model must not stop its predictions early (pred_early_stop=True), which leaves trees out: "
            "use banzhaf.Explainer(model, background), which explains any model"
        )
    header, *trees = booster.model_to_string().split("\nend of trees")[0].split("\nTree=")
    settings = _fields(header)
    n_outputs = int(settings.get("num_tree_per_iteration", "1"))
    n_features = int(settings["max_feature_idx"]) + 1
    averaged = any(line.strip() == "average_output" for line in header.splitlines())
    scale = 1 / max(1, len(trees) // n_outputs) if averaged else 1.0
    builder = ForestBuilder(
        n_features, n_outputs, strict=False, float32=False, zero_threshold=_ZERO, truncate_categories=True
    )
    for t, text in enumerate(trees):
        _add_tree(builder, _fields(text), scale, t % n_outputs)
    names = booster.feature_name()
    unnamed = names == [f"Column_{j}" for j in range(n_features)]
    return Ensemble(
        library="LightGBM",
        forest=builder.build(0.0),
        n_features=n_features,
        float32=False,
        feature_names=None if unnamed else tuple(names),
        categories_in_order=booster.pandas_categorical or (),
        has_outputs_axis=n_outputs > 1,
        integers_to_float32=True,
        output="prediction" if settings.get("objective", "").strip() in _IDENTITY else "margin",
    )


def predict(model: Any, rows: Any) -> Any:
    """Return LightGBM's raw scores. For a forest (boosting="rf") they are means over the trees instead of sums."""
    booster = _booster_of(model)
    scores = np.asarray(booster.predict(rows, raw_score=True))
    text = booster.model_to_string(num_iteration=1)
    if any(line.strip() == "average_output" for line in text.partition("\nTree=")[0].splitlines()):
        best = booster.best_iteration
        return scores / (best if best > 0 else booster.current_iteration())
    return scores


def _booster_of(model: Any) -> Any:
    return model.booster_ if hasattr(type(model), "booster_") else model


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: value for name, separator, value in pairs if separator}


def _add_tree(builder: ForestBuilder, fields: dict[str, str], scale: float, output: int) -> None:
    n_leaves = int(fields["num_leaves"])
    n_splits = n_leaves - 1

    def numbers(name: str, dtype: Any = np.int64) -> NDArray[Any]:
        return np.array(fields.get(name, "").split(), dtype=dtype)

    def children(name: str) -> NDArray[Any]:
        links = numbers(name)
        return np.where(links < 0, n_splits + ~links, links)  # leaves are stored after the splits here

    decisions = numbers("decision_type")
    thresholds = numbers("threshold", np.float64)
    missing = np.array(
        [_MISSING[(kind >> 2) & 3, bool(kind & _DEFAULT_LEFT)] for kind in decisions.tolist()], dtype=np.uint8
    )
    categories = {}
    bounds, words = numbers("cat_boundaries"), numbers("cat_threshold")
    for node in np.flatnonzero(decisions & _CATEGORICAL).tolist():
        place = int(thresholds[node])
        # The listed categories go left; everything else, including missing cells, goes right.
        categories[node] = (listed_sides(bit_positions(words[bounds[place] : bounds[place + 1]]), Side.LEFT), False)
        missing[node] = Missing.RIGHT
    nothing = np.zeros(n_leaves, dtype=np.int64)
    leaf_counts = numbers("leaf_count") if n_splits else np.ones(1)
    leaf_values = numbers("leaf_value", np.float64)
    linear_leaves = {}
    if fields.get("is_linear", "0") != "0":
        constants, n_terms = numbers("leaf_const", np.float64), numbers("num_features")
        ends = np.cumsum(n_terms)[:-1]
        terms = zip(
            np.split(numbers("leaf_features"), ends), np.split(numbers("leaf_coeff", np.float64), ends), strict=True
        )
        for leaf, (features, coefficients) in enumerate(terms):
            if len(features):
                linear_leaves[n_splits + leaf] = (constants[leaf] * scale, features, coefficients * scale)
            else:
                leaf_values[leaf] = constants[leaf]
    builder.add_tree(
        left=np.concatenate([children("left_child"), nothing - 1]),
        right=np.concatenate([children("right_child"), nothing - 1]),
        feature=np.concatenate([numbers("split_feature"), nothing]),
        threshold=np.concatenate([thresholds, nothing]),
        missing=np.concatenate([missing, nothing]),
        values=np.concatenate([np.zeros(n_splits), leaf_values * scale]),
        cover=np.concatenate([numbers("internal_count"), leaf_counts]),
        output=output,
        categories=categories,
        linear_leaves=linear_leaves,
    )
