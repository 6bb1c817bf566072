# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Models of any library as one function of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from banzhaf._explain.adapters import (
    Checked,
    Direct,
    ModelAdapter,
    Plain,
    fast_way,
    is_adapter,
    registered_adapter,
    whole_adapter,
)
from banzhaf._explain.background import Background, Encoded
from banzhaf._explain.labels import (
    MOST_LEVELS,
    check_booster,
    check_method,
    check_no_labels,
    check_objective,
    is_booster,
    is_of,
    last_step,
    method_of,
)
from banzhaf._explain.native import NativeModel
from banzhaf._explain.rows import check_same_names, column_labels, is_frame, is_sparse, type_name

__all__ = ["Model", "as_model", "first_step", "fitted_on"]


@dataclass(frozen=True)
class Model:
    """A model as a function of rows; made by `as_model`.

    Attributes
    ----------
    way : Plain, Checked or ModelAdapter
        How the model is called.
    class_names : tuple of str or None
        The classes, if the outputs are their probabilities.
    column_order : tuple of int or None
        The background's column for each column of the model, if the model was fitted on another order of columns.
    absent_is_missing : bool
        Whether the model reads cells that a sparse row does not store as missing, and stored zeros as 0.
    column_names : tuple of str or None
        The names of the columns that the model was fitted on, in its order, if it knows them.
    """

    way: Plain | Checked | ModelAdapter
    class_names: tuple[str, ...] | None = None
    column_order: tuple[int, ...] | None = None
    absent_is_missing: bool = False
    column_names: tuple[str, ...] | None = None

    @cached_property
    def _checked(self) -> Checked | None:
        """The way, if it is a checked one. Asking the abstract class takes long in a short call."""
        return self.way if isinstance(self.way, Checked) else None

    @property
    def output_names(self) -> tuple[str, ...] | None:
        """The names of the outputs, if they are known; an adapter may learn them in the first call."""
        if self.class_names is not None or self._checked is not None or type(self.way) is Plain:
            return self.class_names
        names = getattr(self.way, "output_names", None)
        return None if names is None else tuple(str(name) for name in names)

    @property
    def adapter(self) -> str:
        """How an adapter calls the model, or an empty text if the model is called as it was given."""
        if isinstance(self.way, Plain):
            return ""
        return str(getattr(self.way, "name", "")) or type(self.way).__name__

    def encode(self, background: Background, X: Any) -> Encoded:
        """Turn background and rows into cells, and refuse rows that are ambiguous to the model.

        Parameters
        ----------
        background : Background
            The background that the model was prepared for.
        X : array_like or DataFrame of shape (n_explicands, n_columns)
            The rows to explain.

        Returns
        -------
        Encoded

        Raises
        ------
        TypeError, ValueError
            As `Background.encode`; also if `X` has no names and the model was fitted on the columns in another order,
            or if stored zeros would turn into missing values.
        """
        if self.column_order is not None and not is_frame(X, background.kind):
            raise TypeError(
                f"X must be a {background.kind} DataFrame like background, not {type(X).__name__}, because model was "
                f"fitted on background's columns in another order: pass {background.kind}.DataFrame(X, columns="
                "background.columns) if the columns of X are in background's order"
            )
        if type(X) is np.ndarray and background.kind == "numpy":
            return self._encoded(background.encode(X), "numpy")  # the usual case of a service
        if background.kind == "numpy" and any(is_frame(X, library) for library in ("pandas", "polars")):
            X = self._in_order(X)
        if self.absent_is_missing and is_sparse(X) and not np.all(X.tocsr().data):
            raise _stores_zeros("X")
        return self._encoded(background.encode(X), background.kind)

    def _encoded(self, encoded: Encoded, kind: str) -> Encoded:
        """Refuse cells that the model does not take, and let it choose how they are turned into rows."""
        if self._checked is not None:
            return self._checked.encode(encoded, kind)
        if isinstance(self.way, NativeModel):
            self.way.check(encoded)
        return encoded

    def compiled(self, encoded: Encoded) -> NativeModel | Direct | None:
        """Return the model if the core can call it on the cells itself."""
        if self._checked is not None:
            return self._checked.compiled(encoded)
        way = self.way
        return way if type(way) is NativeModel and way.takes(encoded) else None

    def _in_order(self, X: Any) -> Any:
        """Turn a DataFrame into an array, with its columns in the model's order."""
        if self.column_names is None:
            raise TypeError(
                f"X must be a NumPy array like background, not a {type_name(X)}: pass X.to_numpy() if its columns are "
                "in background's order"
            )
        labels = column_labels(X, "X")
        names = [str(label) for label in labels]
        check_same_names("X", "the rows that model was fitted on", names, self.column_names)
        order = [names.index(name) for name in self.column_names]
        return (X.iloc[:, order] if is_frame(X, "pandas") else X[:, order]).to_numpy()

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
        ValueError
            If an adapter names another number of outputs than it returns.
        """
        way = self.way
        if isinstance(way, (Plain, Checked)):
            outputs = way(rows)
        else:
            outputs = way.predict(rows if self.column_order is None else Plain(_identity, self.column_order)(rows))
            if getattr(way, "output_names", None) is not None:
                shape = np.shape(outputs)
                _check_names(way, shape[1] if len(shape) == 2 else 1)
        if isinstance(outputs, list) and outputs and np.ndim(outputs[0]) > 1:
            raise TypeError(
                f"model returns a list of {len(outputs)} arrays, one for each target: "
                "explain one target, for example lambda rows: model.predict_proba(rows)[0]"
            )
        return outputs


def as_model(model: Any, background: Background) -> Model:
    """Find out how to call a model on rows like the background's.

    This uses `predict_proba` if the model has it, else `predict`, else the model itself as a function.

    An XGBoost Booster is called as its `predict` is on a DMatrix of the rows, with all of its trees. Pass
    ``booster[: booster.best_iteration + 1]`` to stop at the best iteration, as XGBoost's scikit-learn estimators do.

    Parameters
    ----------
    model : object or callable
        A fitted model, one of its methods, or a function of rows.
    background : Background
        The model will be called on rows with these columns. If it was fitted on the same columns in another order,
        and knows their names, it is called with that order. A NumPy array has no names to compare, so it is passed as
        it is. If the model was fitted on a DataFrame, scikit-learn itself warns of that.

    Returns
    -------
    Model

    Raises
    ------
    TypeError
        If `model` cannot be called, is a class, or predicts labels: it is a classifier without `predict_proba`, a
        clusterer, an outlier detector, or the method `predict` of one.
    ValueError
        If `model` was fitted on other columns, or another number of them. Also if it is a model of XGBoost and
        `background` stores zeros, because XGBoost reads zeros that are not stored as missing.

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
    adapter = model if is_adapter(model) else registered_adapter(model)
    if adapter is not None:
        return _adapted(adapter, background)
    owner, class_names = model, None
    check_objective(model)
    if callable(getattr(model, "predict_proba", None)):
        function, class_names = model.predict_proba, _class_names(model)
    elif is_booster(model, "xgboost"):
        function = _xgboost_function(model)
    elif callable(getattr(model, "predict", None)):
        check_no_labels(model, "model")
        function = model.predict
    elif (adapter := whole_adapter(model, background)) is not None:
        return _adapted(adapter, background)
    elif callable(model):
        function, method = model, method_of(model)
        owner, name = method.owner, method.name
        check_method(method)
        if name in ("predict", "predict_proba") and not method.asks_for_scores:
            check_objective(owner)
        if name == "inplace_predict" and is_booster(owner, "xgboost"):
            check_booster(owner)
        if name in ("predict_proba", "predict_log_proba"):
            class_names = _class_names(owner)
    else:
        others = [name for name in ("score_samples", "transform") if callable(getattr(model, name, None))]
        hint = f": pass model.{others[0]}" if others else ""
        raise TypeError(
            f"model must be a function of rows, or have predict_proba or predict, got {type(model).__name__}{hint}"
        )
    absent_is_missing = background.kind == "sparse" and is_of(last_step(owner), "xgboost")
    if absent_is_missing and background.stores_zeros:
        raise _stores_zeros("background")
    names, _ = fitted_on(owner)
    column_order = _column_order(owner, background)
    infers_objects = background.has_objects and any(is_of(owner, library) for library in ("xgboost", "lightgbm"))
    plain = Plain(function, column_order, infers_objects)
    fast = (
        fast_way(model, plain, background) if owner is model else None
    )  # a method or function is called as it is given
    return Model(
        plain if fast is None else fast,
        class_names,
        column_order,
        absent_is_missing,
        None if names is None else tuple(names),
    )


def _adapted(adapter: ModelAdapter, background: Background) -> Model:
    """Use an adapter as it is, with the columns in its order if it knows their names."""
    names = getattr(adapter, "output_names", None)
    if isinstance(names, str):
        raise TypeError(
            f"output_names of {type(adapter).__name__} must be a sequence of names, not the text "
            f"{adapter.output_names!r}, which would be taken apart into letters"
        )
    if names is not None and not (hasattr(names, "__len__") and hasattr(names, "__getitem__")):
        raise TypeError(
            f"output_names of {type(adapter).__name__} must be a sequence of names, in the order of the outputs, not "
            f"a {type(names).__name__}"
        )
    if isinstance(adapter, NativeModel):  # the core calls it, and knows how many outputs it has
        _check_names(adapter, adapter.n_outputs)
    names, _ = fitted_on(adapter)
    return Model(
        adapter,
        column_order=_column_order(adapter, background),
        column_names=None if names is None else tuple(names),
    )


def _check_names(adapter: ModelAdapter, n_outputs: int) -> None:
    names = adapter.output_names
    if names is not None and len(names) != n_outputs:
        raise ValueError(
            f"output_names of {type(adapter).__name__} must hold one name for each output, but there are "
            f"{len(names)} names, and outputs: {n_outputs}"
        )


def _column_order(owner: Any, background: Background) -> tuple[int, ...] | None:
    names, n_columns = fitted_on(owner)
    columns = background.column_names
    if names is None and (kept := _names_kept(owner)) is not None and sorted(kept) == sorted(columns):
        names = kept
    if names is None or background.kind in ("numpy", "sparse"):
        if n_columns not in (None, background.n_columns):
            raise ValueError(f"model was fitted on {n_columns} columns, but background has {background.n_columns}")
        return None
    for written in (background.joined_names, tuple(name.replace(" ", "_") for name in columns)):
        if sorted(written) == sorted(names):  # XGBoost joins the levels of a label, and LightGBM replaces spaces
            columns = written
            break
    check_same_names("background", "the rows that model was fitted on", columns, names)
    order = tuple(columns.index(name) for name in names)
    return None if order == tuple(range(len(order))) else order


def fitted_on(owner: Any) -> tuple[list[str] | None, int | None]:
    """Return the names and the number of the columns that a model was fitted on, None where it does not know."""
    owner = getattr(owner, "booster_", owner)  # LightGBM's estimators ignore names when they predict
    if is_booster(owner, "xgboost"):
        return owner.feature_names, owner.num_features()
    if is_booster(owner, "lightgbm"):
        names, n_columns = owner.feature_name(), owner.num_feature()
        unnamed = names == [f"Column_{j}" for j in range(n_columns)]
        return None if unnamed else names, n_columns
    if is_of(owner, "catboost"):  # its n_features_in_ is 0 after load_model, and it may take more columns
        names = getattr(owner, "feature_names_", None)
        return None, len(names) if names else None
    known = getattr(owner, "feature_names_in_", None)
    if known is None and (first := first_step(owner)) is not owner:
        return fitted_on(first)
    return None if known is None else [str(name) for name in known], getattr(owner, "n_features_in_", None)


def first_step(owner: Any) -> Any:
    """Return what sees the columns first: a pipeline's first step that changes them, or a search's best estimator."""
    for _ in range(MOST_LEVELS):
        steps = getattr(owner, "steps", None)
        if isinstance(steps, list) and all(isinstance(step, tuple) and len(step) == 2 for step in steps):
            inner = next((step for _, step in steps if step not in (None, "passthrough")), None)
        else:
            inner = getattr(owner, "best_estimator_", None)
        if inner is None:
            return owner
        owner = inner
    return owner


def _names_kept(owner: Any) -> list[str] | None:
    """List the columns that a model was fitted on, if its library does not put those of other rows in their order."""
    if is_of(owner, "catboost"):  # it does, but then refuses columns of categories
        names = getattr(owner, "feature_names_", None)
        return None if not names or names == [str(j) for j in range(len(names))] else list(names)
    if is_of(owner, "statsmodels"):
        model = getattr(owner, "model", None)
        fitted: Any = getattr(getattr(model, "data", None), "orig_exog", None)
        if is_frame(fitted, "pandas") and getattr(model, "formula", None) is None:
            return [str(name) for name in fitted.columns]
    return None


def _xgboost_function(booster: Any) -> Callable[[Any], Any]:
    if check_booster(booster)["gradient_booster"]["name"] == "gblinear":
        return partial(_predict_by_matrix, booster)
    return booster.inplace_predict  # type: ignore[no-any-return]


def _predict_by_matrix(booster: Any, rows: Any) -> Any:
    import xgboost

    return booster.predict(xgboost.DMatrix(rows, feature_names=booster.feature_names))


def _identity(rows: Any) -> Any:
    return rows


def _stores_zeros(name: str) -> ValueError:
    return ValueError(
        f"{name} stores zeros, which XGBoost reads as 0, while zeros that are not stored are missing to it: "
        f"call {name}.eliminate_zeros() to make all of them missing, or pass {name}.toarray() to make all of them 0"
    )


def _class_names(model: Any) -> tuple[str, ...] | None:
    classes = getattr(model, "classes_", None)
    if classes is None or any(np.ndim(name) for name in classes):  # one array of classes for each target
        return None
    return tuple(str(name) for name in classes) or None
