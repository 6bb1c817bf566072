# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A check that the trees which were read are the whole model: its own raw predictions must equal theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._trees import readers
from banzhaf._trees.cells import Rows, as_rows
from banzhaf._trees.readers import Ensemble

__all__ = ["check_agreement", "rows_between_thresholds"]

_MOST_ROWS = 128  # at most so many background rows are compared
_ENOUGH_ROWS = 16  # if the background has fewer rows, made-up rows are compared too
_MOST_MADE_ROWS = 24
_MOST_CELLS = 2_000_000
# Relative rounding error of each addition, for libraries that add in float32 (True) and float64 (False).
_ROUNDING = {True: float(np.finfo(np.float32).eps), False: 1e-12}
_ADVICE = "use banzhaf.Explainer, which explains any function of rows, such as model.predict"


def check_agreement(
    model: Any, ensemble: Ensemble, predict: Callable[[NDArray[np.float64]], NDArray[np.float64]], rows: Rows | None
) -> None:
    """Compare the model's own raw predictions with the sums of its trees.

    Parameters
    ----------
    model : object
        The model that the user passed.
    ensemble : Ensemble
        The trees that were read from it.
    predict : callable
        Takes cells of shape (rows, n_features) and returns the trees' outputs, shape (rows, outputs).
    rows : Rows or None
        The background, some rows of which are compared. If it has few rows or is None, rows made from the trees'
        thresholds are compared too.

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
        if len(rows.cells) >= _ENOUGH_ROWS:
            return
    coded = ensemble.categories or ensemble.categories_in_order or ensemble.category_encoders
    if coded or ensemble.encode is not None:
        return  # made-up rows are numbers, but the model was fitted on a DataFrame with categories
    for with_missing in (True, False):
        made = rows_between_thresholds(ensemble, with_missing)
        try:
            own = readers.predict(model, made)
        except (TypeError, ValueError, RuntimeError):  # some models refuse missing cells
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
            f"model predicts {own.shape[1]} numbers for a row, but its trees give {ours.shape[1]}: {_ADVICE}"
        )
    n_trees = len(ensemble.forest.arguments["output_of_tree"])
    magnitudes = ensemble.forest.magnitudes()
    if ensemble.forest.is_linear:
        magnitudes = magnitudes + 1000 * np.abs(own).max(initial=0)  # terms of a linear leaf may cancel
    tolerance = _ROUNDING[ensemble.sums_in_float32] * (n_trees + 16) * magnitudes
    with np.errstate(invalid="ignore"):
        differs = ~(np.abs(own - ours) <= tolerance + 1e-300) & ~(own == ours)
    if differs.any():
        row, output = np.argwhere(differs)[0]
        raise ValueError(
            f"model predicts {own[row, output]:g} for row {row} of {where}, but its trees add up to "
            f"{ours[row, output]:g}: something other than its trees changes its predictions, so values of the trees "
            f"would not explain it; {_ADVICE}"
        )


def rows_between_thresholds(ensemble: Ensemble, with_missing: bool) -> NDArray[np.float64]:
    """Make rows that reach many branches of the trees, with no cell exactly on a threshold."""
    trees = ensemble.forest.arguments
    rng = np.random.default_rng(0)
    n_rows = max(1, min(_MOST_MADE_ROWS, _MOST_CELLS // ensemble.n_features))
    rows = np.zeros((n_rows, ensemble.n_features))
    splits = np.flatnonzero(trees["left"] >= 0)
    splits = splits[np.argsort(trees["feature"][splits], kind="stable")]
    features, firsts, counts = np.unique(trees["feature"][splits], return_index=True, return_counts=True)
    if len(features):
        # Each cell lies close to the threshold of a random split on its feature.
        chosen = trees["threshold"][splits[firsts + (rng.random((n_rows, len(features))) * counts).astype(np.intp)]]
        chosen = np.where(np.abs(chosen) < 1e30, chosen, 0.0)  # thresholds at infinity only separate missing cells
        beside = np.where(chosen == 0, 1e-3, np.abs(chosen) * 1e-3) * rng.choice([-1.0, 1.0], chosen.shape)
        rows[:, features] = chosen + beside
    if "first_category" in trees:
        n_categories = np.diff(trees["first_category"])
        for feature in np.unique(trees["feature"][n_categories > 0]).tolist():
            most = n_categories[trees["feature"] == feature].max()
            rows[:, feature] = rng.integers(0, int(most) + 1, n_rows)
    if with_missing:
        rows[rng.random(rows.shape) < 0.1] = np.nan if ensemble.missing is None else ensemble.missing
    return rows
