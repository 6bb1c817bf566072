# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""CatBoost's models of numbers, from the JSON that they are saved in."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from banzhaf._trees.readers.forest import Ensemble, ForestBuilder, Missing

# A split asks whether a number is greater than its border; yes is right.
_IDENTITY = ("RMSE", "MAE", "Quantile", "MAPE", "Huber", "LogCosh", "Lq")  # losses of raw values
_MISSING = {"AsIs": Missing.LEFT, "AsFalse": Missing.LEFT, "AsTrue": Missing.RIGHT}


def read(model: Any) -> Ensemble:
    """Read a fitted ``catboost.CatBoost``.

    Parameters
    ----------
    model : catboost.CatBoost

    Returns
    -------
    Ensemble
        Its outputs are raw formula values.

    Raises
    ------
    TypeError
        If it is not fitted, or has columns of categories, texts or embeddings: CatBoost turns them into numbers that
        depend on several columns and on the training rows' targets.
    """
    if not model.is_fitted():
        raise TypeError(f"model must be fitted; this {type(model).__name__} is not")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        saved = json.loads(path.read_text(encoding="utf-8"))
    info = saved["features_info"]
    others = sorted(kind for kind, features in info.items() if kind != "float_features" and features)
    if others:
        raise TypeError(f"model must have columns of numbers alone; this CatBoost model has {', '.join(others)}")
    columns = [feature["flat_feature_index"] for feature in info["float_features"]]
    missing = [_MISSING[feature["nan_value_treatment"]] for feature in info["float_features"]]
    names = [str(name) for name in model.feature_names_]
    scale, bias = saved["scale_and_bias"]
    bias = np.atleast_1d(np.asarray(bias, dtype=np.float64))
    builder = ForestBuilder(len(names), len(bias), strict=False, float32=True)
    for tree in saved.get("oblivious_trees", ()):
        nodes = _Nodes(columns, missing)
        nodes.add_oblivious(tree, len(bias))
        nodes.move_to(builder, scale)
    for tree in saved.get("trees", ()):
        nodes = _Nodes(columns, missing)
        nodes.add(tree)
        nodes.move_to(builder, scale)
    return Ensemble(
        library="CatBoost",
        forest=builder.build(bias),
        n_features=len(names),
        float32=True,
        feature_names=None if names == [str(j) for j in range(len(names))] else tuple(names),
        categories={},
        output="prediction"
        if str(model.get_all_params().get("loss_function")).partition(":")[0] in _IDENTITY
        else "margin",
        has_outputs_axis=len(bias) > 1,
    )


def predict(model: Any, rows: Any) -> Any:
    """Give CatBoost's own raw formula values.

    Parameters
    ----------
    model : catboost.CatBoost
    rows : ndarray or DataFrame of shape (rows, n_features)

    Returns
    -------
    ndarray of float64, shape (rows,) or (rows, outputs)
    """
    return model.predict(rows, prediction_type="RawFormulaVal")


class _Nodes:
    """The nodes of one tree, parents before their children."""

    def __init__(self, columns: list[int], missing: list[Missing]) -> None:
        self._columns, self._missing = columns, missing
        self._rows: list[list[Any]] = []  # left, right, feature, threshold, missing
        self._values: list[Any] = []
        self._cover: list[float] = []

    def _new(self, split: dict[str, Any] | None) -> int:
        if split is None:
            self._rows.append([-1, -1, 0, 0.0, Missing.RIGHT])
        else:
            if split["split_type"] != "FloatFeature":
                raise TypeError(f"model must split by numbers alone; this CatBoost model has a {split['split_type']}")
            feature = split["float_feature_index"]
            self._rows.append([0, 0, self._columns[feature], split["border"], self._missing[feature]])
        self._values.append(0.0)
        self._cover.append(0.0)
        return len(self._rows) - 1

    def _join(self, node: int, left: int, right: int) -> int:
        cover = self._cover[left] + self._cover[right]
        values = self._values[left], self._values[right]
        if cover == 0 and self._is_leaf(left) and self._is_leaf(right) and np.array_equal(*values):
            # Nothing weighs the ways of a split that no training rows reached. Symmetric trees have many, with 0 in
            # all leaves beneath: such a split makes no difference, and is one leaf.
            for nodes in (self._rows, self._values, self._cover):
                del nodes[node:]
            return self._leaf(values[0], 0)
        self._rows[node][:2] = left, right
        self._cover[node] = cover
        return node

    def _is_leaf(self, node: int) -> bool:
        return bool(self._rows[node][0] < 0)

    def _leaf(self, value: Any, weight: float) -> int:
        node = self._new(None)
        self._values[node], self._cover[node] = value, float(weight)
        return node

    def add(self, tree: dict[str, Any]) -> int:
        """Add a tree of nested splits."""
        if "split" not in tree:
            return self._leaf(tree["value"], tree["weight"])
        node = self._new(tree["split"])
        return self._join(node, self.add(tree["left"]), self.add(tree["right"]))

    def add_oblivious(self, tree: dict[str, Any], n_outputs: int) -> None:
        """Add a tree that asks the same on each level; the answer on level i is bit i of a leaf's number."""
        values = np.reshape(tree["leaf_values"], (-1, n_outputs))
        weights, splits = tree["leaf_weights"], tree["splits"] or []

        def grow(level: int, number: int) -> int:
            if level == len(splits):
                return self._leaf(values[number], weights[number])
            node = self._new(splits[level])
            return self._join(node, grow(level + 1, number), grow(level + 1, number | 1 << level))

        grow(0, 0)

    def move_to(self, builder: ForestBuilder, scale: float) -> None:
        """Hand the tree over."""
        left, right, feature, threshold, missing = zip(*self._rows, strict=True)
        values = np.zeros((len(self._values), builder.n_outputs))
        for node, value in enumerate(self._values):
            values[node] = value
        builder.add_tree(
            left=left,
            right=right,
            feature=feature,
            threshold=threshold,
            missing=missing,
            values=values * scale if builder.n_outputs > 1 else values[:, 0] * scale,
            cover=self._cover,
            output=-1 if builder.n_outputs > 1 else 0,
        )
