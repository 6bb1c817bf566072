# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Cells that scikit-learn refuses to predict have no values either, also after a file was saved and opened."""

from __future__ import annotations

import numpy as np
import pytest

import banzhaf

pytest.importorskip("sklearn")
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.tree import DecisionTreeRegressor

ROWS = np.random.default_rng(0).normal(size=(80, 3))
TARGET = ROWS[:, 0] * ROWS[:, 1] + ROWS[:, 2]
MODELS = {
    "tree": DecisionTreeRegressor(max_depth=3, random_state=0),
    "forest": RandomForestRegressor(4, random_state=0),
    "forest that classifies": ExtraTreesClassifier(4, random_state=0),
    "boosting": GradientBoostingRegressor(n_estimators=4),
    "boosting that classifies": GradientBoostingClassifier(n_estimators=4),
    "boosting on histograms": HistGradientBoostingRegressor(max_iter=4),
    "vote": VotingRegressor(
        [("forest", RandomForestRegressor(4, random_state=0)), ("boosting", GradientBoostingRegressor(n_estimators=4))]
    ),
}


def takes(call):
    try:
        with np.errstate(over="ignore"):  # scikit-learn rounds to float32 before it refuses
            call()
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("cell", [np.nan, np.inf, -np.inf, 3.5e38, 3.4e38])
@pytest.mark.parametrize("name", MODELS)
def test_rows_have_values_if_the_model_predicts_them(name, cell, tmp_path):
    model = MODELS[name].fit(ROWS, TARGET > 0 if "classifies" in name else TARGET)
    explainer = banzhaf.TreeExplainer(model, ROWS[:5])
    explainer.save(tmp_path / "model.trees")
    rows = ROWS[10:12].copy()
    rows[1, 2] = cell
    expected = takes(lambda: model.predict(rows))
    for each in (explainer, banzhaf.load(tmp_path / "model.trees")):
        assert takes(lambda each=each: each(rows)) == expected
        assert takes(lambda each=each: each.predict(rows)) == expected
        if not expected:
            with pytest.raises(ValueError, match=r"X must hold cells .* column 'x2' of row 1 is (missing|infinite)"):
                each(rows)
