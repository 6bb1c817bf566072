# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Weighted sums of ensembles as one forest, even if the ensembles compare cells in different ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._trees.readers.forest import Ensemble, Forest, Missing

__all__ = ["Part", "combine"]

_ANY_MODEL = "use banzhaf.Explainer(model, background), which explains any model"
_OPTIONS = ("strict", "float32", "zero_threshold", "truncate_categories")
_CATEGORY_ARRAYS = ("first_category", "category_sides", "other_left")
_TERM_ARRAYS = ("first_term", "term_feature", "coefficient", "intercept")


@dataclass(frozen=True)
class Part:
    """An ensemble that is added to other ensembles.

    Attributes
    ----------
    ensemble : Ensemble
    weight : float
        Factor of its outputs.
    features : array_like of int, or None
        Position of each of its features among all features; None if they are the same.
    outputs : array_like of int, or None
        Position of each of its outputs among all outputs; None if they are the same.
    """

    ensemble: Ensemble
    weight: float
    features: ArrayLike | None = None
    outputs: ArrayLike | None = None


def combine(parts: Sequence[Part], n_features: int, n_outputs: int) -> tuple[Forest, dict[str, Any]]:
    """Add ensembles to one forest.

    Parameters
    ----------
    parts : sequence of Part
        At least one.
    n_features, n_outputs : int
        Numbers of features and outputs of the sum.

    Returns
    -------
    forest : Forest
    options : dict
        Arguments for the `Ensemble` of the forest: how cells are compared and sums rounded.

    Raises
    ------
    TypeError
        If a part takes categories, or treats a number as missing.
    """
    for part in parts:
        ensemble = part.ensemble
        with_categories = (
            ensemble.categories
            or ensemble.categories_in_order
            or ensemble.category_encoders
            or ensemble.encode is not None
            or len(ensemble.forest.arguments.get("category_sides", ()))
        )
        if with_categories or ensemble.missing is not None:
            why = "takes categories" if with_categories else f"takes {ensemble.missing:g} as missing"
            raise TypeError(
                f"model cannot be combined from parts of which one, of {ensemble.library}, {why}: explain each part "
                "with a TreeExplainer of its own; the values of model are the weighted sums of theirs"
            )
    kinds = {tuple(part.ensemble.forest.arguments[name] for name in _OPTIONS) for part in parts}
    forests = [part.ensemble.forest.arguments for part in parts]
    if len(kinds) > 1:
        forests = [_compared_as_given(arguments) for arguments in forests]
    pieces = [_piece(part, arguments, n_outputs) for part, arguments in zip(parts, forests, strict=True)]
    has_cover = all(part.ensemble.forest.has_cover for part in parts)
    joined = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    if not has_cover:
        joined["cover"] = np.empty(0)
    forest = Forest(
        {
            **{name: forests[0][name] for name in _OPTIONS},
            "n_features": n_features,
            "n_outputs": n_outputs,
            "first_node": _ends(joined.pop("sizes")),
            "first_value": _ends(joined.pop("n_values"))[:-1].copy(),
            "base": sum(_base(part, n_outputs) for part in parts),
            **joined,
        }
    )
    ensembles = [part.ensemble for part in parts]
    return forest, {
        "float32": bool(forests[0]["float32"]),
        "sums_in_float32": any(ensemble.sums_in_float32 for ensemble in ensembles),
        "integers_to_float32": all(ensemble.integers_to_float32 or ensemble.float32 for ensemble in ensembles),
        "category_values": all(ensemble.category_values for ensemble in ensembles),
        "refuses": max((ensemble.refuses for ensemble in ensembles), key=("", "infinite", "missing").index),
        "categories": None if all(ensemble.category_values for ensemble in ensembles) else {},
    }


def _base(part: Part, n_outputs: int) -> NDArray[np.float64]:
    base = np.zeros(n_outputs)
    np.add.at(base, _outputs_of(part), part.weight * np.asarray(part.ensemble.forest.arguments["base"]))
    return base


def _outputs_of(part: Part) -> NDArray[np.intp]:
    if part.outputs is None:
        return np.arange(part.ensemble.forest.n_outputs)
    return np.asarray(part.outputs, dtype=np.intp)


def _piece(part: Part, arguments: Any, n_outputs: int) -> dict[str, NDArray[Any]]:
    """Return a part's arrays, with its features and outputs renumbered for the sum."""
    if len(arguments.get("term_feature", ())):
        raise TypeError(f"model must not have parts with linear leaves: {_ANY_MODEL}")
    places = _outputs_of(part)
    feature = arguments["feature"]
    if part.features is not None:
        feature = np.asarray(part.features)[feature].astype(np.uint32)
    sizes = np.diff(arguments["first_node"])
    outputs = arguments["output_of_tree"]
    values = arguments["values"] * part.weight
    bounds = np.append(arguments["first_value"], len(values))
    same = np.array_equal(places, np.arange(n_outputs))
    if not same or len(places) == 1:
        vectors = []
        for output, begin, end in zip(outputs.tolist(), bounds[:-1], bounds[1:], strict=True):
            found = values[begin:end]
            if output < 0 and len(places) > 1:
                wide = np.zeros((len(found) // len(places), n_outputs))
                wide[:, places] = found.reshape(-1, len(places))
                found = wide.ravel()
            vectors.append(found)
        values = np.concatenate([np.empty(0), *vectors])
        bounds = np.concatenate([[0], np.cumsum([len(vector) for vector in vectors], dtype=np.int64)])
        outputs = np.where(outputs < 0, -1 if len(places) > 1 else places[0], places[np.maximum(outputs, 0)])
    return {
        "left": arguments["left"],
        "right": arguments["right"],
        "feature": feature,
        "threshold": arguments["threshold"],
        "missing": arguments["missing"],
        "cover": arguments["cover"],
        "sizes": sizes,
        "n_values": np.diff(bounds),
        "values": values,
        "output_of_tree": outputs.astype(np.int32),
    }


def _ends(sizes: NDArray[Any]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)


def _compared_as_given(arguments: Any) -> dict[str, Any]:
    """Convert trees so that they decide by cell <= threshold in float64, with the same outcome."""
    threshold = np.array(arguments["threshold"], dtype=np.float64)
    if arguments["float32"]:
        threshold = _before_rounding(threshold, bool(arguments["strict"]))
    elif arguments["strict"]:
        threshold = np.nextafter(threshold, -np.inf)
    missing = np.array(arguments["missing"])
    zero = arguments["zero_threshold"]
    is_split = arguments["left"] >= 0
    if np.isin(missing[is_split], (Missing.ZERO_TO_LEFT, Missing.ZERO_TO_RIGHT)).any():
        raise TypeError(
            f"model must not have parts that treat 0 as missing (zero_as_missing of LightGBM): {_ANY_MODEL}"
        )
    as_zero = missing == Missing.AS_ZERO
    missing[as_zero] = np.where(threshold[as_zero] >= 0, Missing.LEFT, Missing.RIGHT)
    if zero > 0:  # cells so close to 0 count as 0
        threshold = np.where((threshold >= 0) & (threshold < zero), zero, threshold)
        threshold = np.where((threshold < 0) & (threshold >= -zero), np.nextafter(-zero, -np.inf), threshold)
    return {
        **arguments,
        "threshold": np.where(is_split, threshold, 0.0),
        "missing": missing,
        "strict": False,
        "float32": False,
        "zero_threshold": 0.0,
        "truncate_categories": False,
    }


def _before_rounding(threshold: NDArray[np.float64], strict: bool) -> NDArray[np.float64]:
    """Return the largest float64 that float32 rounds to at most the threshold, or below it if strict."""
    with np.errstate(over="ignore"):
        below = threshold.astype(np.float32)
        too_large = (below >= threshold) if strict else (below > threshold)
        below = np.where(too_large, np.nextafter(below, np.float32(-np.inf)), below).astype(np.float32)
        above = np.nextafter(below, np.float32(np.inf))
    # The power of 2 next to the largest float32 stands for infinity.
    edge = 2.0**128
    first, second = (np.clip(near.astype(np.float64), -edge, edge) for near in (below, above))
    middle = first / 2 + second / 2
    ties_go_down = below.view(np.uint32) % 2 == 0  # ties are rounded to even
    found = np.where(ties_go_down, middle, np.nextafter(middle, -np.inf))
    return found if strict else np.where(threshold == np.inf, np.inf, found)
