# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Whether the trees that were read are the model: its own raw predictions are compared with theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._trees import readers
from banzhaf._trees.cells import Rows, as_rows
from banzhaf._trees.readers import Ensemble

__all__ = ["check_agreement"]

_MOST_ROWS = 256  # of the background
_MOST_MADE_ROWS = 32
_MOST_CELLS = 2_000_000
# Each sum of a library's in float32 is rounded by so much, relative to all that is added up.
_ROUNDING = {True: float(np.finfo(np.float32).eps), False: 1e-12}
_ADVICE = "banzhaf.Explainer explains any function on rows, such as model.predict"


def check_agreement(
    model: Any, ensemble: Ensemble, predict: Callable[[NDArray[np.float64]], NDArray[np.float64]], rows: Rows | None
) -> None:
    """Compare the model's own raw predictions with what its trees give.

    Parameters
    ----------
    model : object
        As the user gave it.
    ensemble : Ensemble
        What was read of it.
    predict : callable
        Takes cells of shape (rows, n_features) and gives the trees' outputs, shape (rows, outputs).
    rows : Rows or None
        The background. Some of its rows are compared, and some that are made from the trees' thresholds.

    Raises
    ------
    ValueError
        If they differ by more than rounding, or the model cannot predict the background.
    """
    if rows is not None:
        chosen = _some(len(rows.cells), min(_MOST_ROWS, _MOST_CELLS // ensemble.n_features))
        try:
            own = readers.predict(model, _take(rows, chosen))
        except (TypeError, ValueError, RuntimeError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ValueError(f"model cannot predict the rows of background: {reason}") from error
        if own is not None:
            _compare(own, predict(np.ascontiguousarray(rows.cells[chosen])), ensemble, "background")
    coded = ensemble.categories or ensemble.categories_in_order or ensemble.category_encoders
    if coded or ensemble.encode is not None:
        return  # the model was fitted on a DataFrame with categories, which numbers are not
    for with_missing in (True, False):
        made = _rows_between_thresholds(ensemble, with_missing)
        try:
            own = readers.predict(model, made)
        except (TypeError, ValueError, RuntimeError):  # of missing cells, which some models refuse
            continue
        if own is not None:
            _compare(own, predict(as_rows(made, "X", ensemble).cells), ensemble, "rows made from its thresholds")
        return


def _some(n_rows: int, most: int) -> NDArray[np.intp]:
    return np.unique(np.linspace(0, n_rows - 1, max(1, min(n_rows, most))).astype(np.intp))


def _take(rows: Rows, chosen: NDArray[np.intp]) -> Any:
    return rows.table.iloc[chosen] if rows.kind == "pandas" else rows.table[chosen]


def _compare(own: Any, ours: NDArray[np.float64], ensemble: Ensemble, where: str) -> None:
    own = np.asarray(own, dtype=np.float64).reshape(len(ours), -1)
    if own.shape != ours.shape:
        raise ValueError(
            f"model predicts {own.shape[1]} numbers for a row, but its trees give {ours.shape[1]}; {_ADVICE}"
        )
    n_trees = len(ensemble.forest.arguments["output_of_tree"])
    magnitudes = ensemble.forest.magnitudes()
    if ensemble.forest.is_linear:
        magnitudes = magnitudes + 1000 * np.abs(own).max(initial=0)  # what is added up may cancel
    tolerance = _ROUNDING[ensemble.sums_in_float32] * (n_trees + 16) * magnitudes
    with np.errstate(invalid="ignore"):
        differs = ~(np.abs(own - ours) <= tolerance + 1e-300) & ~(own == ours)
    if differs.any():
        row, output = np.argwhere(differs)[0]
        raise ValueError(
            f"model predicts {own[row, output]:g} for row {row} of {where}, but its trees add up to "
            f"{ours[row, output]:g}: something beside its trees changes what it predicts, so their values would be "
            f"another model's; {_ADVICE}"
        )


def _rows_between_thresholds(ensemble: Ensemble, with_missing: bool) -> NDArray[np.float64]:
    """Make rows that take many ways through the trees, with no cell on a threshold."""
    trees = ensemble.forest.arguments
    splits = np.flatnonzero(trees["left"] >= 0)
    splits = splits[np.argsort(trees["feature"][splits], kind="stable")]
    features, firsts = np.unique(trees["feature"][splits], return_index=True)
    n_categories = np.diff(trees.get("first_category", np.zeros(len(trees["left"]) + 1, dtype=np.int64)))
    rng = np.random.default_rng(0)
    n_rows = max(1, min(_MOST_MADE_ROWS, _MOST_CELLS // ensemble.n_features))
    rows = np.zeros((n_rows, ensemble.n_features))
    for feature, nodes in zip(features.tolist(), np.split(splits, firsts[1:]), strict=False):
        if n_categories[nodes].any():
            rows[:, feature] = rng.integers(0, int(n_categories[nodes].max()) + 1, n_rows)
            continue
        known = np.unique(trees["threshold"][nodes].astype(np.float32)).astype(np.float64)
        known = known[np.abs(known) < 1e30]
        if len(known):
            step = np.diff(known).max() if len(known) > 1 else max(1.0, abs(known[0]))
            between = [known[0] - step, *(known[:-1] + known[1:]) / 2, known[-1] + step]
            rows[:, feature] = rng.choice(between, n_rows)
    if with_missing:
        rows[rng.random(rows.shape) < 0.1] = np.nan if ensemble.missing is None else ensemble.missing
    return rows
