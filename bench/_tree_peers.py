# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Other packages' values of tree ensembles. A function that explains includes reading the model and making tables."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shapiq(booster: Any, background: Any, rows: Floats, order: int = 1) -> Callable[[], Floats]:
    """Prepare the Banzhaf values of features, or the interactions of pairs above the diagonal."""
    import shapiq

    def explain() -> Floats:
        mode = "pathdependent" if background is None else "interventional"
        index, least = ("BV", 0) if order == 1 else ("BII", order)
        explainer = shapiq.tree.TreeExplainer(
            booster, mode=mode, reference_dataset=background, max_order=order, min_order=least, index=index
        )
        found = np.zeros((len(rows), *[rows.shape[1]] * order))
        for r, row in enumerate(rows):
            for players, value in explainer.explain_function(row).dict_values.items():
                if len(players) == order:
                    found[(r, *players)] = value
        return found

    return explain


def woodelf(booster: Any, background: Any, rows: Floats, order: int = 1) -> Callable[[], Floats]:
    """Prepare the Banzhaf values of features, or the interactions of pairs."""
    import pandas as pd
    from woodelf import WoodelfExplainer

    # woodelf expects the names f0, f1, ... for a booster without column names.
    columns = [f"f{j}" for j in range(rows.shape[1])]
    frame = pd.DataFrame(rows, columns=columns)
    reference = None if background is None else pd.DataFrame(background, columns=columns)

    def explain() -> Floats:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            explainer = WoodelfExplainer(booster, reference)
            explain_rows = explainer.banzhaf_values if order == 1 else explainer.banzhaf_interaction_values
            return np.asarray(explain_rows(frame), dtype=np.float64)

    return explain


def shap(booster: Any, background: Any, rows: Floats) -> Callable[[], Floats]:
    """Prepare the Shapley values of features."""
    import shap

    def explain() -> Floats:
        explainer = shap.TreeExplainer(booster) if background is None else shap.TreeExplainer(booster, background)
        return np.asarray(explainer.shap_values(rows, check_additivity=False), dtype=np.float64)

    return explain
