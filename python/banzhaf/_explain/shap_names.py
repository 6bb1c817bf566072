# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Names that shap's users try out of habit: the error names ours."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import wraps
from typing import ParamSpec, TypeVar

__all__ = ["hints", "no_attribute"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_ARGUMENTS = {
    "data": "the rows that absent features are averaged over are background=",
    "masker": "the rows that absent features are averaged over are background=",
    "feature_perturbation": "with background= values are interventional, without it path-dependent",
    "model_output": "what is explained is output=; banzhaf.Explainer explains any function of the rows",
    "link": "banzhaf.Explainer explains any function of the rows, such as one that takes a logarithm",
    "algorithm": "banzhaf.TreeExplainer is for trees, banzhaf.Explainer for any model",
    "approximate": "values of trees are exact, and there is nothing to choose",
    "check_additivity": "Banzhaf values do not add up to the prediction, so there is nothing to check",
    "interactions": "explanations have values of single features",
    "tree_limit": "cut the model instead, such as booster[:10] of XGBoost",
    "nsamples": "the number of model evaluations is budget=, an argument of the explainer",
    "max_evals": "the number of model evaluations is budget=, an argument of the explainer",
    "npermutations": "the number of model evaluations is budget=, an argument of the explainer",
    "l1_reg": "values are estimated without a penalty on them",
    "keep_index": "rows that the model gets are numbered 0, 1, 2, ...",
    "keep_index_ordered": "rows that the model gets are numbered 0, 1, 2, ...",
    "silent": "nothing is shown but with progress=True",
    "gc_collect": "batches share one memory, and there is nothing to collect",
    "seed": "the seed is random_state=",
    "output_names": "the names are those of the model's classes",
    "y": "outputs are explained, not losses",
}
_ATTRIBUTES = {
    "shap_values": "explainer(X).values are the values",
    "shap_interaction_values": "explainer(X).values are the values of single features",
    "expected_value": "base_values of explainer(X) is the mean output over the background",
    "explain_row": "explainer(X) explains rows",
    "data": "the explainer was given its background",
    "masker": "the explainer was given its background",
}
_OF_EXPLANATIONS = {
    "shap_values": "values are the values",
    "expected_value": "base_values is the mean output over the background",
    "display_data": "data are the explained rows",
    "error_std": "standard_errors are the errors",
    "hstack": "to_shap() gives shap's own object",
    "cohorts": "to_shap() gives shap's own object",
    "abs": "importance() averages the absolute values",
}


def hints(called: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Make a function's error for an argument that it does not have name the one that it has.

    Parameters
    ----------
    called : str
        What the message calls the function.

    Returns
    -------
    callable
        A decorator, which keeps the signature.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        known = frozenset(inspect.signature(function).parameters)

        @wraps(function)
        def hinting(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if not known.issuperset(kwargs):
                raise _unexpected_arguments(called, [name for name in kwargs if name not in known])
            return function(*args, **kwargs)

        return hinting

    return decorate


def _unexpected_arguments(called: str, names: Collection[str]) -> TypeError:
    name = next((name for name in names if name in _ARGUMENTS), next(iter(names)))
    hint = f": {_ARGUMENTS[name]}" if name in _ARGUMENTS else ""
    return TypeError(f"{called} got an unexpected argument {name!r}{hint}")


def no_attribute(owner: object, name: str, *, of_explanations: bool = False) -> AttributeError:
    """Make the error for an attribute that an object does not have.

    Parameters
    ----------
    owner : object
    name : str
    of_explanations : bool
        Whether the owner is an explanation, not an explainer.

    Returns
    -------
    AttributeError
    """
    known = _OF_EXPLANATIONS if of_explanations else _ATTRIBUTES
    hint = f": {known[name]}" if name in known else ""
    return AttributeError(f"{type(owner).__name__} has no attribute {name!r}{hint}", name=name, obj=owner)
