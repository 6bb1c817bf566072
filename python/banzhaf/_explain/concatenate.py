# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Join what was computed for parts of the rows, such as the partitions of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate.interactions import Interactions
from banzhaf._explain.explanation import Explanation
from banzhaf._explain.kept_rows import joined_rows
from banzhaf._support.archive import same
from banzhaf._support.fields import as_computed

__all__ = ["concatenate"]

_Rows = TypeVar("_Rows", Explanation, Interactions)

# Fields that must be the same in all parts. The base values may differ by rounding.
_SHARED = {
    Explanation: ("feature_names", "output_names", "design", "random_state", "quantity", "p"),
    Interactions: ("n_players", "order", "players", "complete", "design", "player_names", "output_names", "p"),
}
# Relative to the largest value. Models that compute in float32 give other last digits in another batch.
_ROUNDING = 1e-5


def concatenate(parts: Iterable[_Rows]) -> _Rows:
    """Join the explanations of several parts of the rows into one.

    A cluster explains each partition of a table by itself. Joined in their order, the rows have the same bits as in one
    call of the explainer. This is because the values of a row do not depend on the rows beside it.

    Parameters
    ----------
    parts : iterable of Explanation, or of Interactions of explained rows
        At least one. All must come from the same explainer, or from copies of it.

    Returns
    -------
    Explanation or Interactions
        The rows of all parts. `Explanation.n_model_rows` is the sum over the parts: each call evaluated the background
        by itself. So is `Interactions.n_evaluations`. `rank` is the smallest, and `condition_number` the largest.
        Evaluations for ``interactions`` and ``shapley`` are kept if all parts have kept them.

    Raises
    ------
    TypeError
        If `parts` holds anything else, or both kinds.
    ValueError
        If there are no parts, or they do not come from the same explainer.

    See Also
    --------
    Explainer : Explain the rows of one part.
    Explanation : Select rows, which is the reverse.

    Notes
    -----
    The bits are the same if the model's output for a row does not depend on the other rows in its batch. The last
    digits of many models do: linear algebra sums in another order for another number of rows. The last digits of the
    values may then differ too, and those of the base values, of which the first part's are taken.

    An explainer with ``random_state=None`` draws its seed at construction. A copy of it has the same seed, but a second
    explainer has another one.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> explainer = banzhaf.Explainer(lambda rows: rows.prod(axis=1), np.zeros((1, 3)), random_state=0)
    >>> X = np.arange(12.0).reshape(4, 3)
    >>> joined = banzhaf.concatenate([explainer(X[:1]), explainer(X[1:])])
    >>> bool((joined.values == explainer(X).values).all())
    True
    """
    found: list[Any] = [parts] if isinstance(parts, (Explanation, Interactions)) else list(parts)
    if not found:
        raise ValueError("parts must be at least one: there is nothing to join")
    kind = type(found[0])
    for place, part in enumerate(found):
        if not isinstance(part, (Explanation, Interactions)):
            raise TypeError(f"parts must be Explanations or Interactions, but part {place} is a {type(part).__name__}")
        if type(part) is not kind:
            raise TypeError(f"parts must be of one kind: part 0 is {kind.__name__}, part {place} {type(part).__name__}")
        if isinstance(part, Interactions) and part.n_rows is None:
            raise ValueError(f"parts must have rows, but part {place} holds the interactions of one game")
    _check_shared(found, _SHARED[kind])
    joined: Any = found[0] if len(found) == 1 else _explanations(found) if kind is Explanation else _interactions(found)
    return cast("_Rows", joined)


def _check_shared(parts: list[Any], names: tuple[str, ...]) -> None:
    """Check that parts may come from one explainer."""
    first = parts[0]
    for place, part in enumerate(parts[1:], 1):
        remedy = "all parts must come from the same explainer, or from copies of it"
        for name in names:
            if not same(getattr(first, name), getattr(part, name)):
                raise ValueError(f"parts must have the same {name}, but part {place} differs from part 0: {remedy}")
        if first.values.shape[1:] != part.values.shape[1:]:
            raise ValueError(
                f"parts must have the same features and outputs, but part 0 has values of shape {first.values.shape}, "
                f"part {place} of shape {part.values.shape}: {remedy}"
            )
        if not _are_close(first, part):
            raise ValueError(
                f"parts must have the same base_values, but part 0 has {first.base_values}, part {place} "
                f"{part.base_values}: {remedy}. If its model is noisy, give all parts the same base values by "
                "dataclasses.replace(part, base_values=...)"
            )


def _are_close(first: Any, other: Any) -> bool:
    """Tell whether base values agree up to rounding."""
    if first.base_values is None or other.base_values is None:
        return first.base_values is other.base_values
    arrays = (first.values, other.values, first.base_values)
    scale = max(float(np.fmax.reduce(np.abs(array), axis=None, initial=0.0)) for array in arrays)
    return bool(np.allclose(first.base_values, other.base_values, rtol=0.0, atol=_ROUNDING * scale, equal_nan=True))


def _explanations(parts: list[Explanation]) -> Explanation:
    first = parts[0]
    return as_computed(
        Explanation,
        values=_joined(parts, "values"),
        standard_errors=_joined(parts, "standard_errors"),
        background_errors=_joined(parts, "background_errors"),
        base_values=first.base_values,
        data=_joined(parts, "data"),
        feature_names=first.feature_names,
        output_names=first.output_names,
        n_model_rows=sum(part.n_model_rows for part in parts),
        row_costs=_joined(parts, "row_costs"),
        n_background=_joined(parts, "n_background"),
        design=first.design,
        rank=min(part.rank for part in parts),
        condition_number=max(part.condition_number for part in parts),
        degrees_of_freedom=_joined(parts, "degrees_of_freedom"),
        r2=_joined(parts, "r2"),
        random_state=first.random_state,
        stopped=tuple(reason for part in parts for reason in part.stopped),
        quantity=first.quantity,
        predictions=_joined(parts, "predictions"),
        adjustments=tuple(what for part in parts for what in part.adjustments),
        _shapley=_joined(parts, "_shapley", 1),
        p=first.p,
        n_gradient_rows=sum(part.n_gradient_rows for part in parts),
        estimators=tuple(what for part in parts for what in part.estimators),
        gradient_weights=_gradient_weights(parts),
        _evaluations=joined_rows([part._evaluations for part in parts]),
    )


def _gradient_weights(parts: list[Explanation]) -> NDArray[np.float64] | None:
    """Join the weights of gradients. Rows of a call that used none have the weight 0."""
    weights = [part.gradient_weights for part in parts]
    if all(each is None for each in weights):
        return None
    pairs = zip(weights, parts, strict=True)
    return np.concatenate([np.zeros(part.r2.shape) if each is None else each for each, part in pairs])


def _interactions(parts: list[Interactions]) -> Interactions:
    first = parts[0]
    return as_computed(
        Interactions,
        n_players=first.n_players,
        order=first.order,
        players=first.players,
        values=_joined(parts, "values"),
        standard_errors=_joined(parts, "standard_errors"),
        complete=first.complete,
        unresolved_variance=_joined(parts, "unresolved_variance"),
        n_evaluations=sum(part.n_evaluations for part in parts),
        design=first.design,
        player_names=first.player_names,
        degrees_of_freedom=_freedom(parts),
        n_rows=sum(part.n_rows or 0 for part in parts),
        player_values=_joined(parts, "player_values"),
        base_values=first.base_values,
        output_names=first.output_names,
        p=first.p,
    )


def _freedom(parts: list[Interactions]) -> NDArray[np.float64]:
    """Join degrees of freedom, which need not have an axis of rows."""
    arrays = [part.degrees_of_freedom for part in parts]
    if arrays[0].ndim == 0 and all(same(arrays[0], array) for array in arrays):
        return arrays[0]
    rows = [
        array
        if array.ndim == part.values.ndim and len(array) == part.n_rows
        else np.broadcast_to(array, part.values.shape)
        for array, part in zip(arrays, parts, strict=True)
    ]
    if len({array.shape[1:] for array in rows}) > 1:
        rows = [np.broadcast_to(array, part.values.shape) for array, part in zip(rows, parts, strict=True)]
    return np.concatenate(rows)


def _joined(parts: Sequence[Any], name: str, axis: int = 0) -> Any:
    """Join an array of all parts along their rows. If no part has it, there is nothing to join."""
    arrays = [getattr(part, name) for part in parts]
    missing = [array is None for array in arrays]
    if all(missing):
        return None
    if any(missing):
        raise ValueError(
            f"parts must come from the same explainer, but part {missing.index(False)} has {name.lstrip('_')} and part "
            f"{missing.index(True)} has not"
        )
    return np.concatenate(arrays, axis=axis)
