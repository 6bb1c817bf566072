# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Readers of tree ensembles, one for each library that trains them.

A reader is a module with two functions. `read(model)` returns the model as an `Ensemble`. `predict(model, rows)`
returns the library's own predictions of the output that is explained, as floats of shape (rows,) or (rows, outputs).
Its rows have the model's columns in the model's order. `banzhaf._trees.agreement` checks that the two agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

from banzhaf._trees.readers import catboost, composites, lightgbm, sklearn, treelite, xgboost
from banzhaf._trees.readers.forest import Ensemble

__all__ = ["Ensemble", "predict", "read"]

_LIBRARIES = ("xgboost", "lightgbm", "catboost", "sklearn", "treelite", "ngboost")
_PREDICTING = ("predict", "predict_proba", "decision_function", "score_samples")
_ANY_MODEL = "banzhaf.Explainer(model, background) explains any model"


def read(model: Any) -> Ensemble:
    """Read a fitted model of any supported library.

    Parameters
    ----------
    model : object
        A model as `banzhaf.TreeExplainer` takes it.

    Returns
    -------
    Ensemble

    Raises
    ------
    TypeError
        If the model is not made of trees, or its trees cannot be read exactly, or its class or the model itself
        overrides the predictions of its library.
    """
    if isinstance(model, type):
        raise TypeError(f"model must be a fitted model, not the class {model.__name__}")
    given, model = model, sklearn.unwrapped(model)
    _check_not_overridden(model)
    if composites.kind_of(model) is not None:
        return composites.read(model, read)
    reader = _reader_of(model)
    if reader is None:
        reason = sklearn.why_refused(model, given)
        raise TypeError(
            f"model cannot be of the class {type(model).__name__}: {reason}"
            if reason
            else "model must be a tree ensemble of XGBoost, LightGBM, CatBoost, NGBoost or scikit-learn, or a treelite "
            f"model, got {type(model).__name__}. {_ANY_MODEL}. Supported classes of scikit-learn: "
            f"{', '.join((*sklearn.SUPPORTED, *composites.SUPPORTED))}"
        )
    is_fitted = getattr(model, "__sklearn_is_fitted__", None)
    if callable(is_fitted) and not is_fitted():
        raise TypeError(f"model must be fitted; this {type(model).__name__} is not")
    return _with_classes(reader.read(model), model)


def predict(model: Any, rows: Any) -> Any:
    """Return the model's own raw predictions, which the sums of its trees should equal."""
    model = sklearn.unwrapped(model)
    reader = _reader_of(model)
    assert reader is not None
    return reader.predict(model, rows)


def _reader_of(model: Any) -> ModuleType | None:
    if _is_a(model, "xgboost", "XGBModel") or _is_a(model, "xgboost", "Booster"):
        return xgboost
    if _is_a(model, "lightgbm", "LGBMModel") or _is_a(model, "lightgbm", "Booster"):
        return lightgbm
    if _is_a(model, "catboost", "CatBoost"):
        return catboost
    if _is_a(model, "treelite", "Model"):
        return treelite
    if composites.kind_of(model) is not None:
        return composites
    return sklearn if sklearn.kind_of(model) is not None else None


def _is_a(model: Any, library: str, name: str) -> bool:
    return any(base.__name__ == name and base.__module__.partition(".")[0] == library for base in type(model).__mro__)


def _check_not_overridden(model: Any) -> None:
    """Refuse a model that overrides its library's predictions, because its trees do not contain the change."""
    known = [base.__module__.partition(".")[0] in _LIBRARIES for base in type(model).__mro__]
    own_classes = type(model).__mro__[: known.index(True)] if True in known else ()
    holders: list[tuple[Mapping[str, Any], str]] = [
        (vars(base), f"{base.__name__} has its own") for base in own_classes
    ]
    if True in known:
        holders.append((getattr(model, "__dict__", {}), "it has been given another"))
    for attributes, whose in holders:
        for name in _PREDICTING:
            if name in attributes:
                raise TypeError(
                    f"model cannot be this {type(model).__name__}: {whose} {name}, whose changes are not in the trees. "
                    f"Use banzhaf.Explainer(model.{name}, background)"
                )


def _with_classes(ensemble: Ensemble, model: Any) -> Ensemble:
    classes = getattr(model, "classes_", None)
    if classes is None or len(classes) != ensemble.forest.n_outputs:
        return ensemble
    return replace(ensemble, output_names=tuple(map(str, classes)))
