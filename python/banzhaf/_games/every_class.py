# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A classifier that was trained without some labels, seen as one that knows them all, or by their own names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["EveryClass", "Renumbered"]


class _Seen:
    """A trained classifier, seen with other labels. Everything else that is asked of it is the classifier's own."""

    def __init__(self, model: Any, labels: NDArray[Any]) -> None:
        self._model, self.classes_ = model, labels

    def __getattr__(self, name: str) -> Any:
        if name == "_model":
            raise AttributeError(name)
        return getattr(self._model, name)

    def __getstate__(self) -> dict[str, Any]:
        """Return the own attributes. Before Python 3.11, those of the classifier would be found."""
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the own attributes."""
        self.__dict__.update(state)


class EveryClass(_Seen):
    """A trained classifier with a probability of 0 for each label that its training points lack.

    Scorers take the columns of ``predict_proba`` for the labels in the test data. With a column missing, they would
    take one label's probability for another's.
    """

    @staticmethod
    def is_needed(model: Any, labels: NDArray[Any]) -> bool:
        """Tell whether the model says that it knows some of these labels, but not all of them."""
        known = getattr(model, "classes_", None)
        if not isinstance(known, np.ndarray) or known.ndim != 1:
            return False
        return len(known) < len(labels) and bool(np.isin(known, labels).all())

    def __getattr__(self, name: str) -> Any:
        if name in ("decision_function", "predict_log_proba"):  # they have a column for each known label
            raise AttributeError(name)
        return super().__getattr__(name)

    @property
    def predict_proba(self) -> Any:
        """The model's probabilities, in the columns of all labels; missing where the model has none."""
        return _Padded(self._model.predict_proba, np.searchsorted(self.classes_, self._model.classes_), self.classes_)


class _Padded:
    """A function of rows whose columns go to some columns of a wider table, among zeros."""

    def __init__(self, function: Any, columns: NDArray[np.intp], labels: NDArray[Any]) -> None:
        self.__name__, self._function, self._columns, self._width = "predict_proba", function, columns, len(labels)

    def __call__(self, X: Any) -> NDArray[np.float64]:
        found = np.asarray(self._function(X), dtype=np.float64)
        whole = np.zeros((len(found), self._width))
        whole[:, self._columns] = found
        return whole


class Renumbered(_Seen):
    """A classifier that was trained on the numbers 0, 1, ..., k - 1 of its k labels, and predicts the labels."""

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict labels."""
        return np.asarray(self.classes_[np.asarray(self._model.predict(X)).astype(np.intp)])

    def score(self, X: Any, y: NDArray[Any]) -> float:
        """Return the accuracy."""
        return float(np.mean(self.predict(X) == y))
