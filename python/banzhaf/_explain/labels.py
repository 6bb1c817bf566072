# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Models whose predict gives labels: as numbers they are names, and a mean of them says nothing."""

from __future__ import annotations

import contextlib
import json
from typing import Any

__all__ = ["check_booster", "check_no_labels", "check_objective", "is_booster", "is_of", "last_step"]


def is_booster(model: Any, library: str) -> bool:
    """Say whether a model is a library's own Booster."""
    bases = type(model).__mro__
    return any(base.__name__ == "Booster" and base.__module__.partition(".")[0] == library for base in bases)


def is_of(model: Any, library: str) -> bool:
    """Say whether a model's class, or one that it inherits from, is a library's."""
    return any(base.__module__.partition(".")[0] == library for base in type(model).__mro__)


def last_step(model: Any) -> Any:
    """Return the estimator that a search has fitted, or a pipeline ends with."""
    while True:
        steps = getattr(model, "steps", None)
        inner = steps[-1][1] if isinstance(steps, list) and steps else getattr(model, "best_estimator_", None)
        if inner is None:
            return model
        model = inner


_KINDS = {"classifier": "a classifier", "clusterer": "a clusterer", "outlier_detector": "an outlier detector"}
# What labels are made of, the best first, by kind.
_BEHIND_LABELS = {
    "classifier": ("predict_proba", "decision_function"),
    "clusterer": ("predict_proba", "score_samples", "decision_function", "transform"),
    "outlier_detector": ("score_samples", "decision_function"),
}


def check_no_labels(model: Any, called: str) -> None:
    """Refuse a model whose predict gives labels: as numbers they are names, and a mean of them says nothing."""
    kind = _kind_of_labels(model)
    if kind is None:
        return
    behind = next((name for name in _BEHIND_LABELS[kind] if callable(getattr(model, name, None))), None)
    if behind is not None:
        instead = f"explain what it computes them from, for example model.{behind}"
    elif kind == "clusterer" and hasattr(model, "cluster_centers_"):
        instead = (
            "it has no transform and no score_samples: explain distances from its centers, "
            "lambda rows: numpy.linalg.norm(rows[:, None] - model.cluster_centers_, axis=2)"
        )
    else:
        instead = (
            f"it has no {' and no '.join(_BEHIND_LABELS[kind])}: explain whether it is one of them, "
            "lambda rows: (model.predict(rows) == label).astype(float)"
        )
    without = " without predict_proba" if kind == "classifier" and called == "model" else ""
    whose = "model is" if called == "model" else f"model is {called} of"
    raise TypeError(f"{whose} {_KINDS[kind]}{without} ({type(model).__name__}): predict gives labels; {instead}")


def _kind_of_labels(model: Any) -> str | None:
    """Return "classifier", "clusterer" or "outlier_detector" if predict gives labels, else None."""
    kind = getattr(model, "_estimator_type", None)
    if not isinstance(kind, str) and hasattr(model, "__sklearn_tags__"):
        with contextlib.suppress(Exception):  # of a class that does not inherit from all that the tags need
            kind = getattr(model.__sklearn_tags__(), "estimator_type", None)
    if kind in ("density_estimator", "DensityEstimator"):  # a mixture's predict gives the component
        return "clusterer"
    if is_of(model, "catboost") and not hasattr(model, "predict_proba"):  # raw values, even of its classifiers
        return None
    if isinstance(kind, str):
        return kind if kind in _KINDS else None
    # Models that do not say what they are: regressors have none of these.
    if getattr(model, "classes_", None) is not None:
        return "classifier"
    if getattr(model, "labels_", None) is not None or callable(getattr(model, "fit_predict", None)):
        return "clusterer"
    if any(callable(getattr(model, name, None)) for name in ("decision_function", "score_samples")):
        return "outlier_detector"
    return None


def check_objective(model: Any) -> None:
    """Refuse XGBoost's estimators whose objective makes even probabilities labels."""
    model = last_step(model)
    objective = getattr(model, "objective", None)
    labels = objective == "binary:hinge" or (objective == "multi:softmax" and not hasattr(model, "predict_proba"))
    if labels and is_of(model, "xgboost"):
        raise TypeError(
            f"model predicts labels (its objective is {objective}); explain its margins: "
            "lambda rows: model.predict(rows, output_margin=True)"
        )


def check_booster(booster: Any) -> Any:
    """Return an XGBoost Booster's configuration, unless it predicts labels."""
    learner = json.loads(booster.save_config())["learner"]
    if learner["objective"]["name"] in ("multi:softmax", "binary:hinge"):
        raise TypeError(
            f"model predicts labels (its objective is {learner['objective']['name']}); explain its margins: "
            "lambda rows: model.inplace_predict(rows, predict_type='margin')"
        )
    return learner
