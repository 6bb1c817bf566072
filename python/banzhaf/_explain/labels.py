# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Models that predict labels. They are refused, because a mean of labels has no meaning."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

__all__ = [
    "MOST_LEVELS",
    "Method",
    "check_booster",
    "check_method",
    "check_no_labels",
    "check_objective",
    "is_booster",
    "is_of",
    "kind_of_labels",
    "last_step",
    "method_of",
]


def is_booster(model: Any, library: str) -> bool:
    """Tell whether a model is the Booster class of a library."""
    bases = type(model).__mro__
    return any(base.__name__ == "Booster" and base.__module__.partition(".")[0] == library for base in bases)


def is_of(model: Any, library: str) -> bool:
    """Tell whether a model's class, or one of its base classes, comes from a library."""
    return any(base.__module__.partition(".")[0] == library for base in type(model).__mro__)


MOST_LEVELS = 16  # of pipelines in searches in pipelines; a mock has every attribute, without end


def last_step(model: Any) -> Any:
    """Return the last step of a pipeline or the best estimator of a search, or the model itself."""
    for _ in range(MOST_LEVELS):
        steps = getattr(model, "steps", None)
        inner = steps[-1][1] if isinstance(steps, list) and steps else getattr(model, "best_estimator_", None)
        if inner is None:
            return model
        model = inner
    return model


# Arguments with which the predict of XGBoost, LightGBM and CatBoost returns scores.
_ASK_FOR_SCORES = ("output_margin", "raw_score", "prediction_type")


class Method(NamedTuple):
    """A method of a model, which `functools.partial` may have given some arguments.

    Attributes
    ----------
    owner : object
        The model, or None if the function is no method.
    name : str or None
        Of the method.
    asks_for_scores : bool
        Whether its arguments make predict return scores and no labels.
    """

    owner: Any
    name: str | None
    asks_for_scores: bool


def method_of(function: Callable[..., Any]) -> Method:
    """Find whose method a function is, also behind `functools.partial` with named arguments."""
    named: dict[str, Any] = {}
    while isinstance(function, partial) and not function.args:
        named, function = function.keywords | named, function.func
    asks_for_scores = any(named.get(name) not in (None, False, "Class") for name in _ASK_FOR_SCORES)
    return Method(getattr(function, "__self__", None), getattr(function, "__name__", None), asks_for_scores)


def check_method(method: Method) -> None:
    """Refuse a method that returns labels."""
    if method.owner is not None and method.name in ("predict", "fit_predict") and not method.asks_for_scores:
        check_no_labels(method.owner, method.name)


_KINDS = {"classifier": "a classifier", "clusterer": "a clusterer", "outlier_detector": "an outlier detector"}
# Methods that return the scores behind the labels, the best first, by kind.
_BEHIND_LABELS = {
    "classifier": ("predict_proba", "decision_function"),
    "clusterer": ("predict_proba", "score_samples", "decision_function", "transform"),
    "outlier_detector": ("score_samples", "decision_function"),
}


def check_no_labels(model: Any, called: str) -> None:
    """Refuse a model whose predict returns labels, because a mean of labels has no meaning."""
    kind = kind_of_labels(model)
    if kind is None:
        return
    behind = next((name for name in _BEHIND_LABELS[kind] if callable(getattr(model, name, None))), None)
    if behind is not None:
        instead = f"explain the scores behind them, for example model.{behind}"
    elif kind == "clusterer" and hasattr(model, "cluster_centers_"):
        instead = (
            "it has no transform and no score_samples: explain the distances from its centers, "
            "lambda rows: numpy.linalg.norm(rows[:, None] - model.cluster_centers_, axis=2)"
        )
    else:
        instead = (
            f"it has no {' and no '.join(_BEHIND_LABELS[kind])}: explain whether it predicts one label, "
            "lambda rows: (model.predict(rows) == label).astype(float)"
        )
    without = " without predict_proba" if kind == "classifier" and called == "model" else ""
    whose = "model is" if called == "model" else f"model is {called} of"
    raise TypeError(f"{whose} {_KINDS[kind]}{without} ({type(model).__name__}): predict returns labels; {instead}")


def kind_of_labels(model: Any) -> str | None:
    """Return "classifier", "clusterer" or "outlier_detector" if predict returns labels, else None."""
    kind = getattr(model, "_estimator_type", None)
    if not isinstance(kind, str) and hasattr(model, "__sklearn_tags__"):
        with contextlib.suppress(Exception):  # a class may lack bases that the tags need
            kind = getattr(model.__sklearn_tags__(), "estimator_type", None)
    if kind in ("density_estimator", "DensityEstimator"):  # the predict of a mixture returns a component
        return "clusterer"
    if is_of(model, "catboost") and not hasattr(
        model, "predict_proba"
    ):  # CatBoost's predict returns raw values, even for its classifiers
        return None
    if isinstance(kind, str):
        return kind if kind in _KINDS else None
    # The model does not state its kind. Regressors have none of these attributes.
    if getattr(model, "classes_", None) is not None:
        return "classifier"
    if getattr(model, "labels_", None) is not None or callable(getattr(model, "fit_predict", None)):
        return "clusterer"
    if any(callable(getattr(model, name, None)) for name in ("decision_function", "score_samples")):
        return "outlier_detector"
    return None


def check_objective(model: Any) -> None:
    """Refuse an XGBoost estimator whose objective turns its outputs into labels."""
    model = last_step(model)
    objective = getattr(model, "objective", None)
    labels = objective == "binary:hinge" or (objective == "multi:softmax" and not hasattr(model, "predict_proba"))
    if labels and is_of(model, "xgboost"):
        raise TypeError(
            f"model predicts labels (its objective is {objective}); explain its margins: "
            "lambda rows: model.predict(rows, output_margin=True)"
        )


def check_booster(booster: Any) -> Any:
    """Return the configuration of an XGBoost Booster; refuse one that predicts labels."""
    learner = json.loads(booster.save_config())["learner"]
    if learner["objective"]["name"] in ("multi:softmax", "binary:hinge"):
        raise TypeError(
            f"model predicts labels (its objective is {learner['objective']['name']}); explain its margins: "
            "lambda rows: model.inplace_predict(rows, predict_type='margin')"
        )
    return learner
