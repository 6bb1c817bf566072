# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What shap's users pass as background: ``shap.kmeans`` summaries and maskers, as plain rows and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["plain_background"]


def plain_background(background: Any, weights: ArrayLike | None = None) -> tuple[Any, ArrayLike | None]:
    """Take the rows and the weights out of an object of shap's.

    Parameters
    ----------
    background : object
        What ``shap.kmeans`` gives (its means are weighted by the rows that each stands for), a
        ``shap.maskers.Independent`` (the rows that it holds, at most its `max_samples`), or anything else, which
        comes back as it is.
    weights : array_like, optional
        The user's own.

    Returns
    -------
    background : object
        A DataFrame if the rows were one when shap took them.
    weights : array_like or None

    Raises
    ------
    TypeError
        If `background` is another masker of shap's, or holds rows whose columns have lost their dtypes.
    ValueError
        If there are weights twice, or columns in groups.

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
            raise ValueError("background must not have columns in groups; groups= is the argument for them")
        names = list(background.group_names)
        unnamed = names == [str(j) for j in range(len(names))]
        return (background.data if unnamed else _frame(background.data, names)), background.weights
    if kind == "Independent":
        rows = background.data
        return (_frame(rows, list(background.feature_names)) if background.output_dataframe else rows), weights
    if kind is not None:
        raise TypeError(
            f"background must be rows, not a shap.maskers.{kind}: pass the rows that it was made of. Of shap's maskers "
            "only Independent means what is meant here, absent features from the background's rows"
        )
    return background, weights


def _kind(background: Any) -> str | None:
    """Name the class of shap's that an object is of: a summary, a masker, or none."""
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
