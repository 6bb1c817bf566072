# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The protocol by which an Explainer calls models that it does not know, and the register of such adapters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["ModelAdapter", "is_adapter", "register_adapter", "registered_adapter"]


class ModelAdapter:
    """Tell `Explainer` how to call a model of a library that it does not know.

    Derive a class from this one, and pass an instance of it as the model. `register_adapter` makes `Explainer` do
    that by itself for all models of a class.

    An adapter may also have the attributes ``feature_names_in_`` and ``n_features_in_`` of scikit-learn's models.
    `Explainer` then compares them with the columns of the background, and calls `predict` with the columns in the
    adapter's order.

    An adapter may also have a method ``value_and_gradient(rows)``, for ``Explainer(gradients=True)``. It returns a
    tuple of the outputs that `predict` returns and of their partial derivatives by the columns. These have shape
    (m, n_columns), or (m, n_outputs, n_columns) if the outputs have shape (m, n_outputs). Its rows are not mixtures of
    cells, but points between an explained row and a background row, or a little outside of them. An attribute
    ``gradient_cost`` may say how many model evaluations a row of outputs and gradients counts in the budget. By default
    it is 1 + 1.5 n_outputs.

    Attributes
    ----------
    name : str
        How the model is called, in a few words. The repr of the explainer shows it. By default the name of the class.
    output_names : sequence of str or None
        Names of the outputs, one for each column of what `predict` returns; another number of names is a ValueError.
        None if the outputs have no names.

    See Also
    --------
    register_adapter : Use an adapter for every model of a class.
    Explainer : Explain the predictions of a model.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> class Votes(banzhaf.ModelAdapter):
    ...     name = "two votes"
    ...     output_names = ("no", "yes")
    ...
    ...     def predict(self, rows):
    ...         yes = rows.mean(axis=1)
    ...         return np.column_stack([1 - yes, yes])
    >>> explainer = banzhaf.Explainer(Votes(), np.zeros((1, 2)))
    >>> explainer(np.ones((1, 2))).output("yes").values
    array([[0.5, 0.5]])

    A model with gradients:

    >>> class Squares(banzhaf.ModelAdapter):
    ...     def predict(self, rows):
    ...         return (rows**2).sum(axis=1)
    ...
    ...     def value_and_gradient(self, rows):
    ...         return self.predict(rows), 2 * rows
    >>> explainer = banzhaf.Explainer(Squares(), np.zeros((1, 50)), gradients=True, random_state=0)
    >>> explanation = explainer(np.ones((1, 50)))
    >>> explanation.estimators, bool(np.allclose(explanation.values, 1))
    (('gradients',), True)
    """

    name: str = ""
    output_names: Sequence[str] | None = None

    def predict(self, rows: Any) -> Any:
        """Return the model's outputs for rows.

        It is called from the thread that calls the explainer, and from several threads at once if they share one.

        Parameters
        ----------
        rows : ndarray, sparse matrix or DataFrame of shape (m, n_columns)
            Rows in the background's kind of table, with its columns and dtypes. Do not keep or change them: the next
            call may reuse their memory.

        Returns
        -------
        array_like of shape (m,) or (m, n_outputs)
            Numbers, in the unit of the model's output. The values are in the same unit. An adapter may return an array
            that it uses again in the next call, unless several threads call it at once.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> class Sum(banzhaf.ModelAdapter):
        ...     def predict(self, rows):
        ...         return rows.sum(axis=1)
        >>> Sum().predict(np.ones((2, 3)))
        array([3., 3.])
        """
        raise NotImplementedError(f"{type(self).__name__} must define predict(rows)")


def is_adapter(model: Any) -> bool:
    """Tell whether a model is an instance of a class derived from `ModelAdapter`.

    The names of the attributes alone decide nothing: Keras models have a ``predict``, a ``name`` and
    ``output_names`` that mean something else.
    """
    return ModelAdapter in type(model).__mro__


_lock = threading.Lock()
_registered: dict[Any, Callable[[Any], Any]] = {}


def register_adapter(
    kind: type | str, make: Callable[[Any], ModelAdapter | None] | None
) -> Callable[[Any], ModelAdapter | None] | None:
    """Make `Explainer` use an adapter for every model of a class.

    A registered adapter comes before the ways in which `Explainer` calls models by itself. It holds for all explainers
    that this process constructs afterwards.

    Parameters
    ----------
    kind : type or str
        The class of the models. Classes derived from it count too, unless they have an adapter of their own. A str
        is the full name of a class, such as ``"package.module.Class"``; its library is not imported for it.
    make : callable or None
        Function that takes a model and returns its adapter, or None if it has none for this model. None instead of
        a function removes what was registered for `kind`.

    Returns
    -------
    callable or None
        What was registered for `kind` before.

    Raises
    ------
    TypeError
        If `kind` is neither a class nor a str, or `make` cannot be called.

    See Also
    --------
    ModelAdapter : Tell how to call a model.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> class Polynomial:  # a library's model, with a method that Explainer does not know
    ...     def evaluate(self, table):
    ...         return table[:, 0] * table[:, 1]
    >>> class Evaluated(banzhaf.ModelAdapter):
    ...     def __init__(self, model):
    ...         self.predict = model.evaluate
    >>> banzhaf.register_adapter(Polynomial, Evaluated)
    >>> banzhaf.Explainer(Polynomial(), np.zeros((1, 2)))(np.ones((1, 2))).values
    array([[0.5, 0.5]])
    >>> banzhaf.register_adapter(Polynomial, None) is Evaluated
    True
    """
    if not isinstance(kind, (type, str)):
        raise TypeError(f"kind must be a class or the full name of one, got {type(kind).__name__}")
    if make is not None and not callable(make):
        raise TypeError(f"make must be a function that takes a model, or None, got {type(make).__name__}")
    global _registered
    with _lock:  # readers take the dict as it is, so it is replaced, never changed
        others = {known: made for known, made in _registered.items() if known != kind}
        before = _registered.get(kind)
        _registered = others if make is None else {**others, kind: make}
    return before


def registered_adapter(model: Any) -> ModelAdapter | None:
    """Return the adapter that was registered for the class of a model, or None."""
    known = _registered
    for base in type(model).__mro__ if known else ():
        make = known.get(base) or known.get(f"{base.__module__}.{base.__qualname__}")
        adapter = None if make is None else make(model)
        if adapter is not None:
            if not callable(getattr(adapter, "predict", None)):
                raise TypeError(
                    f"the adapter registered for {base.__qualname__} must have a method predict, "
                    f"got {type(adapter).__name__}"
                )
            return adapter  # type: ignore[no-any-return]
    return None
