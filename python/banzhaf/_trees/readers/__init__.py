# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tree ensembles from the libraries that train them: one reader for each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from banzhaf._trees.readers import catboost, lightgbm, sklearn, treelite, xgboost
from banzhaf._trees.readers.forest import Ensemble

__all__ = ["Ensemble", "read"]


def read(model: Any) -> Ensemble:
    """Read a fitted model, whichever library it comes from.

    Parameters
    ----------
    model : object
        An XGBoost or LightGBM booster or estimator, a CatBoost model, one of scikit-learn's estimators that are made
        of trees, or a ``treelite.Model``.
        XGBoost's estimators stop at their best iteration if they have one, as their own ``predict`` does; its
        boosters have all of their trees.

    Returns
    -------
    Ensemble

    Raises
    ------
    TypeError
        If the model is not made of trees, or of trees that cannot be read exactly.
    """
    if isinstance(model, type):
        raise TypeError(f"model must be a fitted model, not the class {model.__name__}")
    if _is_a(model, "xgboost", "XGBModel"):
        return _with_classes(xgboost.read(_up_to_best(model)), model)
    if _is_a(model, "xgboost", "Booster"):
        return xgboost.read(model)
    if _is_a(model, "lightgbm", "LGBMModel"):
        return _with_classes(lightgbm.read(model.booster_), model)
    if _is_a(model, "lightgbm", "Booster"):
        return lightgbm.read(model)
    if _is_a(model, "catboost", "CatBoost"):
        return _with_classes(catboost.read(model), model)
    if _is_a(model, "treelite", "Model"):
        return treelite.read(model)
    if sklearn.kind_of(model) is not None:
        return sklearn.read(model)
    raise TypeError(
        "model must be an XGBoost, LightGBM, CatBoost or scikit-learn model made of trees, or treelite's, "
        f"got {type(model).__name__}; of scikit-learn: {', '.join(sklearn.SUPPORTED)}. "
        "banzhaf.Explainer takes any model"
    )


def _is_a(model: Any, library: str, name: str) -> bool:
    return any(base.__name__ == name and base.__module__.partition(".")[0] == library for base in type(model).__mro__)


def _up_to_best(model: Any) -> Any:
    booster = model.get_booster()
    best = booster.attr("best_iteration")  # set by early stopping alone
    return booster if best is None else booster[: int(best) + 1]


def _with_classes(ensemble: Ensemble, model: Any) -> Ensemble:
    classes = getattr(model, "classes_", None)
    if classes is None or len(classes) != ensemble.forest.n_outputs:
        return ensemble
    return replace(ensemble, output_names=tuple(map(str, classes)))
