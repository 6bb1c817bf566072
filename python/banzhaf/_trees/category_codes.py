# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The codes that scikit-learn gives to categories, computed without it, for explainers that are saved to a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._trees import columns as column_of

__all__ = ["CategoryCodes", "category_codes_of"]


@dataclass(frozen=True)
class CategoryCodes:
    """Turn rows into cells as a fitted histogram gradient boosting does.

    Attributes
    ----------
    categories : mapping of int to tuple
        The categories of each categorical column, in the order of their codes. Other categories count as missing.
    """

    categories: Mapping[int, tuple[Any, ...]]

    def __call__(self, rows: Any) -> NDArray[np.float64]:
        """Return cells of shape (rows, columns)."""
        if isinstance(rows, np.ndarray):
            cells = np.array(rows, dtype=np.float64, order="C")
            for j in self.categories:
                cells[:, j] = self._codes(j, rows[:, j].tolist())
            return cells
        columns = list(rows.items()) if hasattr(rows, "iloc") else [(c.name, c) for c in rows.get_columns()]
        cells = np.empty((len(rows), len(columns)))
        for j, (name, column) in enumerate(columns):
            if j in self.categories:
                cells[:, j] = self._codes(j, column.to_list())
            elif column_of.is_object(column) or column_of.is_text(column):
                cells[:, j] = column_of.numbers_of(column.to_list(), f"column {name!r}", texts=True)
            else:
                cells[:, j] = column_of.as_float64(column)
        return cells

    def _codes(self, j: int, values: list[Any]) -> list[float]:
        codes = {category: float(code) for code, category in enumerate(self.categories[j])}
        return [codes.get(value, np.nan) for value in values]


def category_codes_of(encode: Any) -> CategoryCodes:
    """Return what a reader's `encode` does, without its model.

    Raises
    ------
    TypeError
        If a column has categories that are neither texts nor numbers.
    """
    if isinstance(encode, CategoryCodes):
        return encode
    assert isinstance(encode, partial)
    model, order = encode.args
    encoder = model._preprocessor.named_transformers_["encoder"]
    found = {}
    # The encoder's columns come first in the order.
    for j, known in zip(order[: len(encoder.categories_)].tolist(), encoder.categories_, strict=True):
        categories = tuple(value for value in known.tolist() if value is not None and value == value)
        for value in categories:
            if not isinstance(value, (str, int, float)):
                raise TypeError(
                    f"an explainer of this model cannot be saved: column {j} has the category {value!r}, which is "
                    "neither text nor a number"
                )
        found[j] = categories
    return CategoryCodes(found)
