# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Interactions of features, from the evaluations that an explanation keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from banzhaf._estimate.interactions import Interactions
from banzhaf._support import arguments as check
from banzhaf._support.fields import as_computed
from banzhaf._support.quantities import BANZHAF_VALUE

if TYPE_CHECKING:
    from banzhaf._explain.explanation import Explanation

__all__ = ["interactions_of_rows"]


def interactions_of_rows(explanation: Explanation, order: int, num_threads: int | None) -> Interactions:
    """Estimate the interactions of all pairs of features in each row.

    Raises
    ------
    ValueError
        If `order` is not 2, or the explanation has no evaluations.
    """
    n = len(explanation.feature_names)
    if check.integer("order", order, 1) != 2:
        raise ValueError(
            f"order must be 2, because explanations keep evaluations that suit pairs of features, got {order}: "
            "TreeExplainer.interactions and exact compute larger sets"
        )
    if explanation.p != 0.5:
        raise ValueError(
            f"interactions need an explanation with p=0.5, got p={explanation.p:g}: call the explainer without p"
        )
    threads = check.threads(num_threads)
    if explanation.quantity != BANZHAF_VALUE:
        raise ValueError(
            f"interactions need an explanation of Banzhaf values, and this one holds {explanation.quantity}s: call "
            "interactions on the result of explainer(X)"
        )
    kept = explanation._evaluations
    if kept is None and explanation.n_gradient_rows:
        raise ValueError(
            "interactions need evaluations on coalitions, and this explanation comes from gradients: make the "
            "Explainer with gradients=False"
        )
    if kept is None:
        raise ValueError(_remedy(explanation.design))
    if n < 2:
        raise ValueError("interactions need two features at least, and this explanation has one")
    values, errors, freedom, left = kept.pair_interactions(threads)
    if explanation.values.ndim == 2:
        values, errors, freedom, left = values[..., 0], errors[..., 0], freedom[..., 0], left[..., 0]
    return as_computed(
        Interactions,
        n_players=n,
        order=2,
        players=np.stack(np.triu_indices(n, 1), axis=1).astype(np.int64),
        values=values,
        standard_errors=errors,
        complete=True,
        unresolved_variance=left,
        n_evaluations=explanation.n_model_rows,
        design=explanation.design,
        player_names=explanation.feature_names,
        degrees_of_freedom=freedom[:, np.newaxis],
        n_rows=len(explanation),
        player_values=explanation.values,
        base_values=explanation.base_values,
        output_names=explanation.output_names,
        p=0.5,
    )


def _remedy(design: str) -> str:
    if design == "trees":
        return "this explanation has no evaluations: call TreeExplainer.interactions(X), which is exact"
    if design != "hadamard":
        return (
            f"interactions need the evaluations of design='hadamard', but design is {design!r}: make the Explainer "
            "with design='hadamard'"
        )
    return (
        "interactions need the evaluations of the call, and this explanation has none. A call keeps up to 64 MiB of "
        "them, and all with keep_evaluations=True. There are none in a part of a result: what an exception or a "
        "callback brings, or a selection of features. A deadline keeps none if the budget covers less than a full "
        "Hadamard design"
    )
