# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The form in which readers pass an ensemble to the core, and a builder that packs its trees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _core


class Missing(IntEnum):
    """Side of NaN at a numerical split, in the core's numbers."""

    RIGHT = 0
    LEFT = 1
    AS_ZERO = 2
    ZERO_TO_RIGHT = 3
    ZERO_TO_LEFT = 4


class Side(IntEnum):
    """Side of a category at a categorical split, in the core's numbers."""

    RIGHT = 0
    LEFT = 1
    OTHER = 2


@dataclass(frozen=True)
class Forest:
    """The trees as arrays, which unlike the core's forest can be pickled.

    Attributes
    ----------
    arguments : mapping of str to object
        Arguments of the core's ``Forest``.
    """

    arguments: Mapping[str, Any]

    @property
    def n_outputs(self) -> int:
        """Number of outputs for a row."""
        return int(self.arguments["n_outputs"])

    @property
    def has_cover(self) -> bool:
        """Whether the nodes store the weight of their training rows."""
        return len(self.arguments["cover"]) > 0

    @property
    def is_linear(self) -> bool:
        """Whether leaves are linear in features, which requires a background."""
        return len(self.arguments.get("term_feature", ())) > 0

    def uncovered_tree(self) -> int | None:
        """Return the first tree with a split that no training rows reached, or None."""
        uncovered = np.flatnonzero((self.arguments["left"] >= 0) & ~(self.arguments["cover"] > 0))
        if not len(uncovered):
            return None
        return int(np.searchsorted(self.arguments["first_node"], uncovered[0], side="right")) - 1

    def magnitudes(self) -> NDArray[np.float64]:
        """Return for each output the largest possible sum of the absolute values of its base and leaves."""
        sums = np.abs(np.asarray(self.arguments["base"], dtype=np.float64))
        outputs, first = self.arguments["output_of_tree"], self.arguments["first_value"]
        values = np.abs(self.arguments["values"])
        if len(outputs) and np.all(outputs >= 0):
            np.add.at(sums, outputs, np.maximum.reduceat(values, first))
            return sums
        for output, (begin, end) in zip(outputs.tolist(), pairwise([*first.tolist(), len(values)]), strict=True):
            if output < 0:
                sums += values[begin:end].reshape(-1, len(sums)).max(axis=0)
            else:
                sums[output] += values[begin:end].max()
        return sums

    def to_core(self) -> _core.Forest:
        """Make the core's forest."""
        return _core.Forest(**self.arguments)


@dataclass(frozen=True)
class Ensemble:
    """A model in the form that the core and the explainer need; made by a reader.

    Attributes
    ----------
    library : str
        Name of the model's library, for messages.
    forest : Forest
    n_features : int
    float32 : bool
        Whether the library rounds cells to float32.
    feature_names : tuple of str or None
        Names of the columns that the model was fitted on, in its order, if it knows them.
    categories : mapping of int to sequence, or None
        The categories of each categorical column of the training DataFrame, in the order of their codes. If None, the
        codes of the explained DataFrame's own categories are the model's codes.
    categorical_features : collection of int, or None
        Features that may have categories, if their codes are the model's. If None, all may.
    categories_in_order : sequence of sequence, or None
        The categories of the first, second, ... categorical column of a DataFrame.
    category_encoders : mapping of int to callable
        Functions for features whose values the library codes by a rule of its own. They take a list of values and a
        name of the column for messages, and return cells.
    output_names : tuple of str or None
        The classes, one for each output.
    has_outputs_axis : bool
        Whether the library returns a row of outputs for each row, even if there is only one output.
    output : str
        Kind of output: "margin", "prediction", "probability" or another word.
    missing : float or None
        A number that the model treats as missing, like NaN; compared in float32.
    category_values : bool
        Whether the model uses the values of a DataFrame's categories instead of their codes.
    encode : callable or None
        The library's own conversion of rows to float64 cells, if it has one.
    sums_in_float32 : bool
        Whether the library adds the trees' outputs in float32.
    integers_to_float32 : bool
        Whether the library rounds a NumPy array of integers to float32.
    refuses : {"", "infinite", "missing"}
        The cells that the library refuses to predict: none, those that are infinite as float32, or these and NaN.
    """

    library: str
    forest: Forest
    n_features: int
    float32: bool
    feature_names: tuple[str, ...] | None = None
    categories: Mapping[int, Sequence[Any]] | None = None
    categorical_features: Collection[int] | None = None
    categories_in_order: Sequence[Sequence[Any]] | None = None
    category_encoders: Mapping[int, Callable[[Sequence[Any], str], NDArray[np.float64]]] = field(default_factory=dict)
    output_names: tuple[str, ...] | None = None
    has_outputs_axis: bool = False
    output: str = "margin"
    missing: float | None = None
    category_values: bool = False
    encode: Callable[[Any], NDArray[np.float64]] | None = None
    sums_in_float32: bool = False
    integers_to_float32: bool = False
    refuses: str = ""


class ForestBuilder:
    """Collect trees and pack them into a `Forest`.

    Parameters
    ----------
    n_features, n_outputs : int
    strict : bool
        Whether the left branch is x < threshold instead of x <= threshold.
    float32 : bool
        Whether cells are rounded to float32 before they are compared.
    zero_threshold : float
        Numerical cells of at most this absolute value count as 0.
    truncate_categories : bool
        Whether a cell in (-1, 0) counts as category 0.
    """

    def __init__(
        self,
        n_features: int,
        n_outputs: int,
        *,
        strict: bool,
        float32: bool,
        zero_threshold: float = 0.0,
        truncate_categories: bool = False,
    ) -> None:
        self.n_outputs = n_outputs
        self._options: dict[str, Any] = {
            "n_features": n_features,
            "n_outputs": n_outputs,
            "strict": strict,
            "float32": float32,
            "zero_threshold": float(zero_threshold),
            "truncate_categories": truncate_categories,
        }
        self._nodes: dict[str, list[NDArray[Any]]] = {
            name: [] for name in ("left", "right", "feature", "threshold", "missing", "other_left", "cover")
        }
        self._sizes: list[int] = []
        self._values: list[NDArray[np.float64]] = []
        self._n_values: list[int] = []
        self._outputs: list[int] = []
        self._n_sides: list[NDArray[np.int64]] = []
        self._sides: list[NDArray[np.uint8]] = []
        self._n_terms: list[NDArray[np.int64]] = []
        self._term_features: list[NDArray[np.uint32]] = []
        self._coefficients: list[NDArray[np.float64]] = []
        self._intercepts: list[NDArray[np.float64]] = []

    def add_tree(
        self,
        *,
        values: ArrayLike,
        output: int,
        left: ArrayLike,
        **nodes: Any,
    ) -> None:
        """Add a tree whose first node is its root.

        Parameters
        ----------
        values : array_like of float, shape (nodes,) or (nodes, n_outputs)
            Values of leaves; ignored for splits.
        output : int
            The output to which the tree adds; -1 if `values` has all outputs.
        left, **nodes : array_like
            The other arguments of `add_trees`.
        """
        self.add_trees([np.size(left)], values=values, outputs=[output], left=left, **nodes)

    def add_trees(
        self,
        sizes: Sequence[int],
        *,
        left: ArrayLike,
        right: ArrayLike,
        feature: ArrayLike,
        threshold: ArrayLike,
        missing: ArrayLike,
        values: ArrayLike,
        cover: ArrayLike | None,
        outputs: Sequence[int],
        categories: Mapping[int, tuple[ArrayLike, bool]] | None = None,
        linear_leaves: Mapping[int, tuple[float, ArrayLike, ArrayLike]] | None = None,
    ) -> None:
        """Add several trees, one after the other, each with its root first.

        Parameters
        ----------
        sizes : sequence of int
            Number of nodes of each tree.
        left, right : array_like of int, shape (nodes,)
            Children, numbered from the tree's root; negative for a leaf.
        feature, threshold, missing : array_like, shape (nodes,)
            Properties of splits; ignored for leaves.
        values : array_like of float, shape (nodes,) or (nodes, n_outputs)
            Values of leaves; ignored for splits.
        cover : array_like of float, shape (nodes,), or None
            Weight of the training rows that reached each node.
        outputs : sequence of int
            The output to which each tree adds; all -1 if `values` has all outputs.
        categories : mapping of int to (sides, bool)
            The sides of categories 0, 1, ... at each categorical node, and whether all others go left. Such a node
            needs `missing` to be `Missing.LEFT` or `Missing.RIGHT`; its `threshold` is ignored.
        linear_leaves : mapping of int to (intercept, features, coefficients)
            Leaves that are linear in features. Such a leaf has the value intercept + sum of coefficient * cell, or that
            of `values` if one of these cells is missing. A leaf without features always has the value of `values`, so
            its intercept belongs there.
        """
        links = np.asarray(left, dtype=np.int32)
        size, is_leaf = len(links), links < 0
        nodes = self._nodes
        nodes["left"].append(np.where(is_leaf, -1, links).astype(np.int32))
        nodes["right"].append(np.where(is_leaf, -1, np.asarray(right)).astype(np.int32))
        nodes["feature"].append(np.where(is_leaf, 0, np.asarray(feature)).astype(np.uint32))
        no_threshold = is_leaf.copy()
        no_threshold[list(categories or ())] = True
        nodes["threshold"].append(np.where(no_threshold, 0.0, np.asarray(threshold, dtype=np.float64)))
        nodes["missing"].append(np.asarray(missing).astype(np.uint8))
        if cover is not None:
            nodes["cover"].append(np.asarray(cover, dtype=np.float64))
        other_left = np.zeros(size, dtype=np.uint8)
        n_sides = np.zeros(size, dtype=np.int64)
        for node, (sides, others) in sorted((categories or {}).items()):
            # Without any side listed, the node would count as numerical.
            listed = np.asarray(sides, dtype=np.uint8) if np.size(sides) else np.array([Side.OTHER], dtype=np.uint8)
            other_left[node] = others
            n_sides[node] = len(listed)
            self._sides.append(listed)
        nodes["other_left"].append(other_left)
        self._n_sides.append(n_sides)
        n_terms, intercepts = np.zeros(size, dtype=np.int64), np.zeros(size)
        for node, (intercept, features, coefficients) in sorted((linear_leaves or {}).items()):
            self._term_features.append(np.asarray(features).astype(np.uint32))
            self._coefficients.append(np.asarray(coefficients, dtype=np.float64))
            n_terms[node], intercepts[node] = len(self._term_features[-1]), intercept
        self._n_terms.append(n_terms)
        self._intercepts.append(intercepts)
        leaves = np.ascontiguousarray(values, dtype=np.float64)
        width = leaves.shape[1] if leaves.ndim == 2 else 1
        self._values.append(leaves.ravel())
        self._n_values.extend(width * count for count in sizes)
        self._sizes.extend(sizes)
        self._outputs.extend(outputs)

    def build(self, base: ArrayLike) -> Forest:
        """Pack the trees; `base` is added to the outputs, one number or one for each output."""
        nodes = self._nodes
        has_cover = len(nodes["cover"]) == len(nodes["left"])
        dtypes = {
            "left": np.int32,
            "right": np.int32,
            "feature": np.uint32,
            "missing": np.uint8,
            "other_left": np.uint8,
        }
        arrays: dict[str, Any] = {
            name: np.concatenate(
                [np.empty(0, dtype=dtypes.get(name, np.float64)), *(parts if has_cover or name != "cover" else [])]
            )
            for name, parts in nodes.items()
        }
        if self._sides:
            arrays["first_category"] = _offsets(np.concatenate(self._n_sides))
            arrays["category_sides"] = np.concatenate(self._sides)
        else:
            del arrays["other_left"]
        if self._term_features:
            arrays["first_term"] = _offsets(np.concatenate(self._n_terms))
            arrays["term_feature"] = np.concatenate(self._term_features)
            arrays["coefficient"] = np.concatenate(self._coefficients)
            arrays["intercept"] = np.concatenate(self._intercepts)
        return Forest(
            {
                **self._options,
                **arrays,
                "first_node": _offsets(self._sizes),
                "output_of_tree": np.array(self._outputs, dtype=np.int32),
                "first_value": _offsets(self._n_values)[:-1].copy(),
                "values": np.concatenate([np.empty(0), *self._values]),
                "base": np.broadcast_to(np.asarray(base, dtype=np.float64), self.n_outputs).copy(),
            }
        )


def listed_sides(listed: ArrayLike, side: Side) -> NDArray[np.uint8]:
    """Return the sides of categories 0 to the largest listed one; only listed ones have a side."""
    codes = np.asarray(listed, dtype=np.int64)
    sides = np.full(codes.max() + 1 if len(codes) else 0, Side.OTHER, dtype=np.uint8)
    sides[codes] = side
    return sides


def bit_positions(words: ArrayLike) -> NDArray[np.int64]:
    """Return the positions of the bits that are set in 32-bit words, from the lowest bit of the first word."""
    bits = np.unpackbits(np.asarray(words).astype("<u4").view(np.uint8), bitorder="little")
    return np.flatnonzero(bits)


def _offsets(sizes: Any) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
