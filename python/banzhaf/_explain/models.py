# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What is called to explain a model: one function on rows, whichever library the model comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from banzhaf._explain.tables import Background, check_same_names

__all__ = ["Model", "as_model"]


@dataclass(frozen=True)
class Model:
    """A model as a function on rows; made by `as_model`.

    Attributes
    ----------
    function : callable
        What is called on the rows.
    output_names : tuple of str or None
        The classes, where the outputs are their probabilities.
    column_order : tuple of int or None
        Where the model was fitted on the background's columns in another order: the background's column for
        each of the model's.
    """

    function: Callable[[Any], Any]
    output_names: tuple[str, ...] | None = None
    column_order: tuple[int, ...] | None = None

    def predict(self, rows: Any) -> Any:
        """Call the model.

        Parameters
        ----------
        rows : ndarray or DataFrame of shape (m, n_columns)
            Rows with the background's columns.

        Returns
        -------
        outputs : array_like of shape (m,) or (m, n_outputs)
            As the model returns them.

        Raises
        ------
        TypeError
            If the model returns one array of probabilities for each of several targets.
        """
        if self.column_order is not None:
            rows = rows[[rows.columns[place] for place in self.column_order]]
        outputs = self.function(rows)
        if isinstance(outputs, list) and outputs and np.ndim(outputs[0]) > 1:
            raise TypeError(
                f"model returns a list of {len(outputs)} arrays, one for each target; "
                "explain one of them: lambda rows: model.predict_proba(rows)[0]"
            )
        return outputs


def as_model(model: Any, background: Background) -> Model:
    """Find out how to call a model on rows like the background's.

    The first that applies: `predict_proba`, with all classes; `predict`; the model itself, as a function.

    An XGBoost Booster gives what its `predict` gives for a DMatrix of the rows, with all of its trees:
    ``booster[: booster.best_iteration + 1]`` stops at the best iteration, as XGBoost's scikit-learn
    estimators do by themselves.

    Parameters
    ----------
    model : object or callable
        A fitted model, one of its methods, or a function on rows that returns their outputs.
    background : Background
        The model will be called on rows with these columns. If it was fitted on the same columns in another
        order, and knows their names, it gets them in that one. A NumPy array has no names to compare: to a
        model that was fitted on a DataFrame it goes as it is, and scikit-learn warns of that itself.

    Returns
    -------
    Model

    Raises
    ------
    TypeError
        If `model` cannot be called, is a class, or predicts labels.
    ValueError
        If `model` was fitted on other columns, or another number of them.

    Examples
    --------
    >>> import numpy as np
    >>> from banzhaf._explain.tables import as_background
    >>> model = as_model(lambda rows: rows.sum(axis=1), as_background(np.zeros((1, 2))))
    >>> model.predict(np.array([[1.0, 2.0]]))
    array([3.])
    """
    if isinstance(model, type):
        raise TypeError(f"model must be a fitted model, not the class {model.__name__}")
    owner, output_names = model, None
    if callable(getattr(model, "predict_proba", None)):
        function, output_names = model.predict_proba, _class_names(model)
    elif _is_booster(model, "xgboost"):
        function = _xgboost_function(model)
    elif _is_classifier(model):
        raise TypeError(
            f"model is a classifier without predict_proba ({type(model).__name__}): predict gives labels; "
            "explain what it computes them from, for example model.decision_function"
        )
    elif callable(getattr(model, "predict", None)):
        function = model.predict
    elif callable(model):
        function, owner = model, getattr(model, "__self__", None)
        if getattr(model, "__name__", None) in ("predict_proba", "predict_log_proba"):
            output_names = _class_names(owner)
    else:
        raise TypeError(
            f"model must be a function on rows, or have predict_proba or predict; got {type(model).__name__}"
        )
    return Model(function, output_names, _column_order(owner, background))


def _column_order(owner: Any, background: Background) -> tuple[int, ...] | None:
    names, n_columns = _fitted_on(owner)
    if names is None or background.kind == "numpy":
        if n_columns not in (None, background.n_columns):
            raise ValueError(f"model was fitted on {n_columns} columns, but background has {background.n_columns}")
        return None
    columns = background.column_names
    underscored = tuple(name.replace(" ", "_") for name in columns)  # as LightGBM writes them
    if set(underscored) == set(names):
        columns = underscored
    check_same_names("background", "the rows that model was fitted on", columns, names)
    order = tuple(columns.index(name) for name in names)
    return None if order == tuple(range(len(order))) else order


def _fitted_on(owner: Any) -> tuple[list[str] | None, int | None]:
    """Return the names and the number of the columns that a model was fitted on, as far as it knows them."""
    owner = getattr(owner, "booster_", owner)  # LightGBM's estimators, which ignore names when they predict
    if _is_booster(owner, "xgboost"):
        return owner.feature_names, owner.num_features()
    if _is_booster(owner, "lightgbm"):
        names, n_columns = owner.feature_name(), owner.num_feature()
        unnamed = names == [f"Column_{j}" for j in range(n_columns)]
        return None if unnamed else names, n_columns
    known = getattr(owner, "feature_names_in_", None)
    return None if known is None else [str(name) for name in known], getattr(owner, "n_features_in_", None)


def _xgboost_function(booster: Any) -> Callable[[Any], Any]:
    learner = json.loads(booster.save_config())["learner"]
    if learner["objective"]["name"] in ("multi:softmax", "binary:hinge"):
        raise TypeError(
            f"model predicts labels (its objective is {learner['objective']['name']}); explain its margins: "
            "lambda rows: model.inplace_predict(rows, predict_type='margin')"
        )
    if learner["gradient_booster"]["name"] == "gblinear":
        return partial(_predict_by_matrix, booster)
    return booster.inplace_predict  # type: ignore[no-any-return]


def _predict_by_matrix(booster: Any, rows: Any) -> Any:
    import xgboost

    return booster.predict(xgboost.DMatrix(rows, feature_names=booster.feature_names))


def _is_booster(model: Any, library: str) -> bool:
    bases = type(model).__mro__
    return any(base.__name__ == "Booster" and base.__module__.partition(".")[0] == library for base in bases)


def _is_classifier(model: Any) -> bool:
    kind = getattr(model, "_estimator_type", None)
    if kind is None and hasattr(model, "__sklearn_tags__"):
        kind = model.__sklearn_tags__().estimator_type
    return kind == "classifier" or (kind is None and getattr(model, "classes_", None) is not None)


def _class_names(model: Any) -> tuple[str, ...] | None:
    classes = getattr(model, "classes_", None)
    if classes is None or any(np.ndim(name) for name in classes):  # one array of classes for each target
        return None
    return tuple(str(name) for name in classes) or None
