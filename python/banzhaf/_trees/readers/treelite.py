# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Reader of treelite's models, which hold ensembles of other libraries or from model files."""

from __future__ import annotations

from typing import Any

import numpy as np

from banzhaf._trees.readers.forest import Ensemble, ForestBuilder, Missing, Side, listed_sides

_FLOAT32 = 2  # treelite's number for float32; other thresholds are float64
_LESS, _LESS_EQUAL = 2, 3  # treelite's comparisons; leaves and categorical splits have 0
_ANY_MODEL = "use banzhaf.Explainer with a function that calls treelite.gtil.predict"
_CATEGORICAL = 2  # treelite's number for a categorical node


def read(model: Any) -> Ensemble:
    """Read a ``treelite.Model``.

    Parameters
    ----------
    model : treelite.Model

    Returns
    -------
    Ensemble
        The outputs are margins, before the model's postprocessor. Cells are compared as in treelite's reference
        implementation, which differs in places from the library that trained the model.

    Raises
    ------
    TypeError
        If the kind of its outputs or comparisons is not supported.
    """
    header = model.get_header_accessor()

    def field(name: str) -> Any:
        return header.get_field(name)

    n_targets, n_classes = int(field("num_target")[0]), int(np.max(field("num_class")))
    if n_targets > 1 and n_classes > 1:
        raise TypeError(
            f"model must have one target, or numerical targets, but it has {n_targets} targets of classes: {_ANY_MODEL}"
        )
    n_outputs = n_targets * n_classes
    outputs = np.maximum(field("class_id") if n_targets == 1 else field("target_id"), -1).tolist()
    averaged = bool(field("average_tree_output")[0])
    if averaged and n_outputs > 1 and any(output >= 0 for output in outputs):
        raise TypeError(f"model must not average trees of different outputs: {_ANY_MODEL}")
    float32 = int(field("threshold_type")[0]) == _FLOAT32
    trees = [model.get_tree_accessor(t) for t in range(int(model.num_tree))]
    comparisons = {int(kind) for tree in trees for kind in np.unique(tree.get_field("cmp"))} - {0}
    if len(comparisons) > 1 or not comparisons <= {_LESS, _LESS_EQUAL}:
        raise TypeError(f"model must compare cells with < in all splits or with <= in all splits: {_ANY_MODEL}")
    n_features = int(field("num_feature")[0])
    builder = ForestBuilder(n_features, n_outputs, strict=comparisons == {_LESS}, float32=float32)
    scale = 1 / len(trees) if averaged and trees else 1.0
    for tree, output in zip(trees, outputs, strict=True):
        _add_tree(builder, tree, scale, output)
    return Ensemble(
        library="treelite",
        forest=builder.build(field("base_scores")),
        n_features=n_features,
        float32=float32,
        has_outputs_axis=n_outputs > 1,
        sums_in_float32=float32,
    )


def predict(model: Any, rows: Any) -> Any:
    """Return the margins of treelite's reference implementation, shape (rows, targets, classes)."""
    import treelite

    return treelite.gtil.predict(model, np.asarray(rows), pred_margin=True)


def _add_tree(builder: ForestBuilder, tree: Any, scale: float, output: int) -> None:
    left, values = tree.get_field("cleft"), tree.get_field("leaf_value")
    vectors = tree.get_field("leaf_vector")
    if len(vectors):
        first, last = (tree.get_field(f"leaf_vector_{end}").astype(np.int64) for end in ("begin", "end"))
        if np.any((last - first)[left < 0] != builder.n_outputs):
            raise TypeError(f"model must have leaves with one number, or with one number for each output: {_ANY_MODEL}")
        places = np.where(left < 0, first, 0)[:, np.newaxis] + np.arange(builder.n_outputs)
        values, output = vectors[places], -1
    elif output < 0:
        output = 0
    missing = np.where(tree.get_field("default_left") != 0, Missing.LEFT, Missing.RIGHT)
    categories = {}
    if tree.get_field("has_categorical_split")[0]:
        lists, right = tree.get_field("category_list"), tree.get_field("category_list_right_child")
        first, last = tree.get_field("category_list_begin"), tree.get_field("category_list_end")
        for node in np.flatnonzero((tree.get_field("node_type") == _CATEGORICAL) & (left >= 0)).tolist():
            listed = lists[int(first[node]) : int(last[node])]
            categories[node] = (listed_sides(listed, Side.RIGHT if right[node] else Side.LEFT), bool(right[node]))
    cover = None
    for name in ("sum_hess", "data_count"):
        present = tree.get_field(f"{name}_present")
        if cover is None and len(present) and np.all(present):
            cover = tree.get_field(name)
    builder.add_tree(
        left=left,
        right=tree.get_field("cright"),
        feature=tree.get_field("split_index"),
        threshold=tree.get_field("threshold"),
        missing=missing,
        values=values.astype(np.float64) * scale,
        cover=cover,
        output=output,
        categories=categories,
    )
