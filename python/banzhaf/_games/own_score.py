# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What an estimator's own method ``score`` measures, so that models that always predict the same are scored alike."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

Scorer = Callable[[Any, Any, Any], float]

__all__ = ["is_plain", "own_score", "scorer_behind", "scorer_of_constants"]


def own_score(model: Any, X: Any, y: Any) -> float:
    """Call a model's own method score."""
    return float(model.score(X, y))


def scorer_behind(estimator: Any) -> Scorer | None:
    """Return the scorer that the estimator's own score calls, as that of a search does, or None."""
    last = _innermost(estimator)
    scoring, refit = getattr(last, "scoring", None), getattr(last, "refit", None)
    if scoring is None or not _module_of_score(last).startswith("sklearn.") or _is_plain(last):
        return None
    if callable(scoring):
        return partial(_one_of, scoring, refit) if isinstance(refit, str) else scoring
    if not isinstance(scoring, str):  # several measures, of which the search takes one
        scoring = scoring.get(refit) if isinstance(scoring, Mapping) else refit
    from sklearn.metrics import get_scorer

    found: Scorer | None = get_scorer(scoring)
    return found


def scorer_of_constants(estimator: Any, constant: Any, X: Any, y: Any) -> Scorer | None:
    """Return a scorer of models that always predict the same, in the measure of the estimator's own score.

    None if the measure cannot be told. `constant` is such a model, on which a score of unknown measure is tried.
    """
    last = _innermost(estimator)
    has_default_inside = _module_of_score(last).startswith("sklearn.") and getattr(last, "estimator", last) is None
    if _is_plain(last) or has_default_inside:  # such as the linear regression of RANSAC
        return own_score
    if _module_of_score(last).startswith("sklearn.linear_model._glm"):
        return partial(_explained_deviance, _power_of(last))
    scorer = partial(_stand_in_score, last)
    with contextlib.suppress(Exception):  # of a score that needs more than predictions
        scorer(constant, X, y)
        return scorer
    return None


def is_plain(estimator: Any) -> bool:
    """Whether the estimator's own score is the accuracy, or the coefficient of determination."""
    return _is_plain(_innermost(estimator))


def _innermost(estimator: Any) -> Any:
    """Follow pipelines, and models of scikit-learn whose score is that of the model inside."""
    while True:
        inner = None
        steps = getattr(estimator, "steps", None)
        if isinstance(steps, list) and hasattr(estimator, "named_steps"):  # a mock has every attribute
            inner = steps[-1][1]
        elif _module_of_score(estimator).startswith("sklearn.") and not _is_plain(estimator):
            inner = getattr(estimator, "estimator", None) if getattr(estimator, "scoring", None) is None else None
        if not hasattr(inner, "fit"):
            return estimator
        estimator = inner


def _module_of_score(estimator: Any) -> str:
    return str(getattr(getattr(type(estimator), "score", None), "__module__", ""))


def _is_plain(estimator: Any) -> bool:
    """Whether the score is the accuracy or the coefficient of determination."""
    return _module_of_score(estimator).startswith(("sklearn.base", "sklearn.dummy", "catboost"))


def _one_of(scoring: Any, name: str, model: Any, X: Any, y: Any) -> float:
    return float(scoring(model, X, y)[name])


def _power_of(model: Any) -> float:
    from sklearn.linear_model import GammaRegressor, PoissonRegressor

    return 1.0 if isinstance(model, PoissonRegressor) else 2.0 if isinstance(model, GammaRegressor) else model.power


def _explained_deviance(power: float, model: Any, X: Any, y: Any) -> float:
    from sklearn.metrics import d2_tweedie_score

    return float(d2_tweedie_score(y, model.predict(X), power=power))


def _stand_in_score(estimator: Any, constant: Any, X: Any, y: Any) -> float:
    """Call the score of a copy of the estimator that predicts what the constant model predicts."""
    asked = []

    def of(name: str) -> Callable[[Any], Any]:
        def predict(X: Any) -> Any:
            asked.append(name)
            return getattr(constant, name)(X)

        return predict

    model = copy.deepcopy(estimator)
    for name in ("predict", "predict_proba"):
        if hasattr(constant, name):
            setattr(model, name, of(name))
    model.classes_ = getattr(constant, "classes_", None)
    score = own_score(model, X, y)
    if not asked:
        raise TypeError("the score does not ask for predictions")
    return score
