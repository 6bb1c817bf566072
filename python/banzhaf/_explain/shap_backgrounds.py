# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Backgrounds made by shap (``shap.kmeans`` summaries and maskers), as plain rows and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["plain_background"]


def plain_background(background: Any, weights: ArrayLike | None = None) -> tuple[Any, ArrayLike | None]:
    """Take the rows and the weights out of a background made by shap.

    Parameters
    ----------
    background : object
        A summary by ``shap.kmeans`` (its means are weighted by the number of rows that each represents), a
        ``shap.maskers.Independent`` (the rows that it holds, at most its `max_samples`), or anything else, which is
        returned unchanged.
    weights : array_like, optional
        Weights that the user passed.

    Returns
    -------
    background : object
        A DataFrame if shap was given one.
    weights : array_like or None

    Raises
    ------
    TypeError
        If `background` is another masker, or holds rows whose columns have lost their dtypes.
    ValueError
        If weights are given twice, or the columns are grouped.

    Examples
    --------
    >>> import numpy as np
    >>> rows, weights = plain_background(np.zeros((2, 3)))
    >>> rows.shape, weights
    ((2, 3), None)
    """
    kind = _kind(background)
    if kind == "DenseData":
        if weights is not None:
            raise ValueError("weights must be left out: background is shap's summary, which has weights of its own")
        if background.transposed or any(len(group) != 1 for group in background.groups):
            raise ValueError("background must not have grouped columns: pass the groups as groups=")
        names = list(background.group_names)
        unnamed = names == [str(j) for j in range(len(names))]
        return (background.data if unnamed else _frame(background.data, names)), background.weights
    if kind == "Independent":
        rows = background.data
        return (_frame(rows, list(background.feature_names)) if background.output_dataframe else rows), weights
    if kind is not None:
        raise TypeError(
            f"background must be rows, not a shap.maskers.{kind}: pass the rows that it was made from. Of shap's "
            "maskers only Independent is accepted, because it takes hidden features from background rows"
        )
    return background, weights


def _kind(background: Any) -> str | None:
    """Return the name of the class of shap (a summary or a masker) that an object has, or None."""
    for base in type(background).__mro__:
        module = base.__module__.partition(".")[0]
        if module == "shap" and base.__name__ in ("DenseData", "Independent"):
            return base.__name__
        if module == "shap" and base.__name__ == "Masker":
            return type(background).__name__
    return None


def _frame(rows: Any, names: list[Any]) -> Any:
    import pandas as pd

    rows = np.asarray(rows)
    if rows.dtype == object:
        raise TypeError(
            "background must be the DataFrame itself, not a shap masker of it: the masker's rows have lost the dtypes "
            "of their columns"
        )
    return pd.DataFrame(rows, columns=names)
