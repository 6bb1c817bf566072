# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Errors that tell users of shap what to use in place of the names that they know."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import wraps
from typing import ParamSpec, TypeVar

__all__ = ["hints", "no_attribute"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_ARGUMENTS = {
    "data": "pass the background rows as background=",
    "masker": "pass the background rows as background=",
    "feature_perturbation": "values are interventional with background= and path-dependent without it",
    "model_output": "use output= of banzhaf.TreeExplainer, or pass banzhaf.Explainer a function that returns it",
    "link": "pass banzhaf.Explainer a function of rows that applies the link",
    "algorithm": "use banzhaf.TreeExplainer for trees and banzhaf.Explainer for any model",
    "approximate": "the values of trees are always exact",
    "check_additivity": "Banzhaf values need not sum to the prediction, so there is nothing to check",
    "interactions": "use interactions(X) of banzhaf.TreeExplainer, or explainer(X).interactions()",
    "tree_limit": "cut the model instead, for example booster[:10] of XGBoost",
    "nsamples": "set the number of model evaluations with budget=, an argument of the explainer",
    "max_evals": "set the number of model evaluations with budget=, an argument of the explainer",
    "npermutations": "set the number of model evaluations with budget=, an argument of the explainer",
    "l1_reg": "the values are estimated without an L1 penalty",
    "keep_index": "the rows passed to the model are always numbered 0, 1, 2, ...",
    "keep_index_ordered": "the rows passed to the model are always numbered 0, 1, 2, ...",
    "silent": "no progress is shown unless progress=True",
    "gc_collect": "there is nothing to collect, because all batches share one buffer",
    "seed": "set the seed with random_state=",
    "output_names": "outputs are named after the classes of the model",
    "y": "outputs are explained, not losses, so no targets are needed",
}
_ATTRIBUTES = {
    "shap_values": "use explainer(X).values",
    "shap_interaction_values": "use explainer.interactions(X).to_shap().values of a TreeExplainer, or "
    "explainer(X).interactions().to_shap().values",
    "expected_value": "use explainer(X).base_values, the mean output over the background",
    "explain_row": "use explainer(X)",
    "data": "use the background that you passed to the explainer",
    "masker": "use the background that you passed to the explainer",
}
_OF_EXPLANATIONS = {
    "shap_values": "use values",
    "expected_value": "use base_values, the mean output over the background",
    "display_data": "use data, the explained rows",
    "error_std": "use standard_errors",
    "hstack": "use to_shap(), which makes a shap.Explanation",
    "cohorts": "use to_shap(), which makes a shap.Explanation",
}


def hints(called: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Decorate a function so that the error for an unknown argument says what to use instead.

    Parameters
    ----------
    called : str
        The name of the function in the message.

    Returns
    -------
    callable
        A decorator that keeps the signature.
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
    """Make the error for an unknown attribute, which says what to use instead.

    Parameters
    ----------
    owner : object
    name : str
    of_explanations : bool
        Whether the owner is an explanation rather than an explainer.

    Returns
    -------
    AttributeError
    """
    known = _OF_EXPLANATIONS if of_explanations else _ATTRIBUTES
    hint = f": {known[name]}" if name in known else ""
    return AttributeError(f"{type(owner).__name__} has no attribute {name!r}{hint}", name=name, obj=owner)
