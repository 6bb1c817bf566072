# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What games of one masked input share: how the model is called, and which of its outputs counts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate.given import numbers, numbers_of_rows
from banzhaf._explain.labels import check_method, check_no_labels, method_of
from banzhaf._games.game import ReadyGame, values_of
from banzhaf._support import arguments as check
from banzhaf._support.labelled import check_named_order


class MaskedInput(ReadyGame):
    """One input of a model, of which a coalition keeps some parts."""

    _model: Any
    _output: int | None
    _batch_size: int

    def _set_model(self, model: Any, output: Any, batch_size: Any) -> None:
        """Check the model, the output that counts and the size of a batch."""
        _check_model(model)
        self._model = model
        self._output = None if output is None else check.integer("output", output, 0)
        self._batch_size = check.integer("batch_size", batch_size, 1)

    def _worths(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        size = self._batch_size
        parts = [self._worths_of(rows[start : start + size]) for start in range(0, len(rows), size)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _worths_of(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Compute the worths of one batch."""
        return self._predict(self._masked(rows), len(rows))

    @abstractmethod
    def _masked(self, rows: NDArray[np.bool_]) -> Any:
        """Make the inputs that hold only the parts of each coalition."""

    def _predict(self, inputs: Any, count: int) -> NDArray[np.float64]:
        """Call the model, and check what it returns."""
        found = numbers_of_rows("what model returns", function_of(self._model)(inputs), "its inputs")
        if found.ndim not in (1, 2) or len(found) != count:
            raise ValueError(f"model must return {count} rows, one for each input, got shape {found.shape}")
        found = found.copy()  # the model may use its array again in the next batch
        if self._output is None:
            return found
        n_outputs = 1 if found.ndim == 1 else found.shape[1]
        if self._output >= n_outputs:
            raise ValueError(f"output must be below {n_outputs}, the number of outputs, got {self._output}")
        return found if found.ndim == 1 else found[:, self._output]


def function_of(model: Any) -> Callable[[Any], Any]:
    """Return the function of a model: its predict_proba, else its predict, else itself."""
    for name in ("predict_proba", "predict"):
        found = getattr(model, name, None)
        if callable(found):
            function: Callable[[Any], Any] = found
            return function
    if not callable(model):
        raise TypeError(f"model must be callable, or have predict_proba or predict, got {type(model).__name__}")
    own: Callable[[Any], Any] = model
    return own


def _check_model(model: Any) -> None:
    """Refuse what cannot be called, and what predicts labels."""
    if isinstance(model, type):
        raise TypeError(f"model must be a fitted model, not the class {model.__name__}")
    function_of(model)
    check_method(method_of(model))
    if callable(getattr(model, "predict", None)) and not callable(getattr(model, "predict_proba", None)):
        check_no_labels(model, "model")


def shown_values(values: Any, n_players: int, names: tuple[str, ...] | None, output: int | None) -> NDArray[np.float64]:
    """Take the values of one output that a picture shows."""
    check_named_order("values", values, names, "players")
    found = numbers("values", values_of(values))
    if not np.isfinite(found).all():
        raise ValueError("values must be finite to be shown, got NaN or infinite ones")
    if found.ndim not in (1, 2) or len(found) != n_players:
        raise ValueError(f"values must have one row for each of {n_players} players, got shape {found.shape}")
    if found.ndim == 1:
        return found
    if output is None:
        raise ValueError(f"output must be set, because the values have {found.shape[1]} outputs")
    column = check.integer("output", output, 0, found.shape[1] - 1)
    return found[:, column]
