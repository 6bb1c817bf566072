# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Reader of CatBoost's models with numerical and categorical features, from their JSON format."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._trees.readers.category_hash import category_hash, category_of_projection
from banzhaf._trees.readers.forest import Ensemble, ForestBuilder, Missing, Side

_ANY_MODEL = "use banzhaf.Explainer(model, background), which explains any model"
_IDENTITY = (
    "RMSE",
    "MAE",
    "Quantile",
    "MAPE",
    "Huber",
    "LogCosh",
    "Lq",
)  # with these losses the raw values are the predictions
_MISSING = {"AsIs": Missing.LEFT, "AsFalse": Missing.LEFT, "AsTrue": Missing.RIGHT}


def read(model: Any) -> Ensemble:
    """Read a fitted ``catboost.CatBoost``.

    Parameters
    ----------
    model : catboost.CatBoost

    Returns
    -------
    Ensemble
        The outputs are raw formula values.

    Raises
    ------
    TypeError
        If the model is not fitted, has text or embedding features, or statistics of combined columns: such splits
        depend on more than one column.
    """
    if not model.is_fitted():
        raise TypeError(f"model must be fitted; this {type(model).__name__} is not")
    for kind in ("text", "embedding"):
        if len(getattr(model, f"get_{kind}_feature_indices", list)()):
            raise TypeError(
                f"model must have only numerical and categorical features; this CatBoost model has {kind} features: "
                f"{_ANY_MODEL}"
            )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        saved = json.loads(path.read_text(encoding="utf-8"))
    names = [str(name) for name in model.feature_names_]
    splits = _Splits(saved)
    scale, bias = saved["scale_and_bias"]
    bias = np.atleast_1d(np.asarray(bias, dtype=np.float64))
    builder = ForestBuilder(len(names), len(bias), strict=False, float32=True)
    for tree in saved.get("oblivious_trees", ()):
        nodes = _Nodes(splits)
        nodes.add_oblivious(tree, len(bias))
        nodes.move_to(builder, scale)
    for tree in saved.get("trees", ()):
        nodes = _Nodes(splits)
        nodes.add(tree)
        nodes.move_to(builder, scale)
    return Ensemble(
        library="CatBoost",
        forest=builder.build(bias),
        n_features=len(names),
        float32=True,
        feature_names=None if names == [str(j) for j in range(len(names))] else tuple(names),
        categories={},
        category_encoders=splits.encoders,
        output="prediction" if _loss(model) in _IDENTITY else "margin",
        has_outputs_axis=len(bias) > 1,
    )


def _loss(model: Any) -> str:
    """Return the name of the loss, or an empty text for a sum of models, which has no parameters of training."""
    try:
        parameters = model.get_all_params()
    except Exception:  # CatBoostError, whose module need not be imported here
        return ""
    return str(parameters.get("loss_function")).partition(":")[0]


def predict(model: Any, rows: Any) -> Any:
    """Return CatBoost's raw formula values."""
    # A ranker's own predict has no argument for the type of prediction.
    base: Any = next(base for base in type(model).__mro__ if base.__name__ == "CatBoost")
    return base.predict(model, rows, prediction_type="RawFormulaVal")


class _Splits:
    """The splits of a saved model, which compare a number with a border or look a category up."""

    def __init__(self, saved: dict[str, Any]) -> None:
        info = saved["features_info"]
        self._floats = [
            (feature["flat_feature_index"], _MISSING[feature["nan_value_treatment"]])
            for feature in info.get("float_features") or ()
        ]
        categorical = info.get("categorical_features") or ()
        self._columns = [feature["flat_feature_index"] for feature in categorical]
        self._tables = {
            name: _statistics(table) for name, table in (saved.get("ctr_data") or {}).items() if _is_of_one_column(name)
        }
        # Splits have consecutive numbers: borders of numbers, then values of categories, then borders of statistics.
        n_before = sum(len(feature["borders"] or ()) for feature in info.get("float_features") or ())
        n_before += sum(len(feature.get("values") or ()) for feature in categorical)
        self._ctrs = [ctr for ctr in info.get("ctrs") or () for _ in ctr["borders"]]
        self._first_ctr = n_before
        known: list[set[int]] = [{value % 2**32 for value in feature.get("values") or ()} for feature in categorical]
        for name, (categories, _, _) in self._tables.items():
            known[json.loads(name)["identifier"][0]["cat_feature_index"]].update(categories)
        self._known = [sorted(of_feature) for of_feature in known]
        self.encoders = {
            column: CategoryEncoder({category: code for code, category in enumerate(of_feature)})
            for column, of_feature in zip(self._columns, self._known, strict=True)
        }

    def node(self, split: dict[str, Any]) -> tuple[int, float, Missing, tuple[Any, bool] | None]:
        """Return a split's feature, threshold, side of missing cells, and sides of categories."""
        kind = split["split_type"]
        if kind == "FloatFeature":
            column, missing = self._floats[split["float_feature_index"]]
            return column, split["border"], missing, None
        if kind == "OneHotFeature":
            feature = split["cat_feature_index"]
            right = np.array(self._known[feature]) == split["value"] % 2**32
            return self._columns[feature], 0.0, Missing.RIGHT, (np.where(right, Side.RIGHT, Side.LEFT), True)
        if kind == "OnlineCtr":
            return self._statistic_node(split)
        raise TypeError(
            f"model must split on numbers and categories only; this CatBoost model has a {kind}: {_ANY_MODEL}"
        )

    def _statistic_node(self, split: dict[str, Any]) -> tuple[int, float, Missing, tuple[Any, bool]]:
        ctr = self._ctrs[split["split_index"] - self._first_ctr]
        if ctr["identifier"] not in self._tables:
            raise TypeError(
                "model must not use several columns in one split; this CatBoost model has statistics of combined "
                f"columns. Fit it with max_ctr_complexity=1, or {_ANY_MODEL}"
            )
        categories, counts, denominator = self._tables[ctr["identifier"]]
        feature = json.loads(ctr["identifier"])["identifier"][0]["cat_feature_index"]
        values = _statistic(ctr, counts, denominator)
        unknown = _statistic(ctr, np.zeros((1, counts.shape[1])), denominator)[0]
        is_right = dict(zip(categories, (values > np.float32(split["border"])).tolist(), strict=True))
        unknown_right = bool(unknown > np.float32(split["border"]))
        sides = [
            Side.RIGHT if is_right.get(category, unknown_right) else Side.LEFT for category in self._known[feature]
        ]
        return self._columns[feature], 0.0, Missing.RIGHT, (sides, not unknown_right)


def _is_of_one_column(name: str) -> bool:
    elements = json.loads(name)["identifier"]
    return len(elements) == 1 and elements[0]["combination_element"] == "cat_feature_value"


def _statistics(table: dict[str, Any]) -> tuple[list[int], NDArray[np.float64], int]:
    """Return the categories of a table of statistics, their counts, and the denominator of counts."""
    stride = table["hash_stride"]
    entries = table["hash_map"]
    keys = [int(key) for key in entries[::stride]]
    filled = [place for place, key in enumerate(keys) if key != 2**64 - 1]  # this key marks an empty place
    counts = np.array(
        [[float(number) for number in entries[place * stride + 1 : (place + 1) * stride]] for place in filled]
    ).reshape(len(filled), stride - 1)
    return [category_of_projection(keys[place]) for place in filled], counts, int(table["counter_denominator"])


def _statistic(ctr: dict[str, Any], counts: NDArray[np.float64], denominator: int) -> NDArray[np.float32]:
    """Compute a statistic from its counts in float32, as CatBoost does."""
    kind, target = ctr["ctr_type"], ctr["target_border_idx"]
    if kind == "Borders":
        good, total = counts[:, target + 1 :].sum(axis=1), counts.sum(axis=1)
    elif kind == "Buckets":
        good, total = counts[:, target], counts.sum(axis=1)
    elif kind in ("Counter", "FeatureFreq"):
        good, total = counts[:, 0], np.full(len(counts), float(denominator))
    elif kind in ("BinarizedTargetMeanValue", "FloatTargetMeanValue"):
        good, total = counts[:, 0], counts[:, 1]
    else:
        raise TypeError(f"model has category statistics of an unknown kind, {kind}: {_ANY_MODEL}")
    one = np.float32
    value = (good.astype(one) + one(ctr["prior_numerator"])) / (total.astype(one) + one(ctr["prior_denomerator"]))
    return np.asarray((value + one(ctr["shift"])) * one(ctr["scale"]), dtype=one)


@dataclass(frozen=True)
class CategoryEncoder:
    """Turn the categories of a column into codes. All unknown categories share one further code."""

    codes: dict[int, int]

    def __call__(self, values: Sequence[Any], what: str) -> NDArray[np.float64]:
        found: dict[Any, float] = {}
        cells = np.empty(len(values))
        for i, value in enumerate(values):
            if isinstance(value, (int, np.integer, np.bool_)):
                text = str(int(value))
            elif isinstance(value, str):
                text = str(value)
            else:
                raise TypeError(
                    f"{what} must hold categories that are strings or integers, as CatBoost requires, got {value!r}: "
                    "convert missing values and other numbers to strings"
                )
            if text not in found:
                found[text] = float(self.codes.get(category_hash(text), len(self.codes)))
            cells[i] = found[text]
        return cells


class _Nodes:
    """The nodes of one tree, each parent before its children."""

    def __init__(self, splits: _Splits) -> None:
        self._splits = splits
        self._rows: list[list[Any]] = []  # left, right, feature, threshold, missing, sides
        self._values: list[Any] = []
        self._cover: list[float] = []

    def _new(self, split: dict[str, Any] | None) -> int:
        self._rows.append([-1, -1, 0, 0.0, Missing.RIGHT, None] if split is None else [0, 0, *self._splits.node(split)])
        self._values.append(0.0)
        self._cover.append(0.0)
        return len(self._rows) - 1

    def _join(self, node: int, left: int, right: int) -> int:
        cover = self._cover[left] + self._cover[right]
        values = self._values[left], self._values[right]
        if cover == 0 and self._is_leaf(left) and self._is_leaf(right) and np.array_equal(*values):
            # A split that no training rows reached has no weights for its branches. Symmetric trees have many of them,
            # with 0 in all leaves beneath. Such a split makes no difference, so it becomes one leaf.
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
        """Add a tree with one split for each level; the answer on level i is bit i of the leaf's number."""
        values = np.reshape(tree["leaf_values"], (-1, n_outputs))
        weights, splits = tree["leaf_weights"], tree["splits"] or []

        def grow(level: int, number: int) -> int:
            if level == len(splits):
                return self._leaf(values[number], weights[number])
            node = self._new(splits[level])
            return self._join(node, grow(level + 1, number), grow(level + 1, number | 1 << level))

        grow(0, 0)

    def move_to(self, builder: ForestBuilder, scale: float) -> None:
        """Add the tree to a forest."""
        left, right, feature, threshold, missing, sides = zip(*self._rows, strict=True)
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
            categories={node: of_node for node, of_node in enumerate(sides) if of_node is not None},
        )
