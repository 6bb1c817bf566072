# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Writes diabetes.trees, which the C program beside it reads: a small model of the progression of diabetes."""

from pathlib import Path

from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor

import banzhaf

data, progression = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
model = GradientBoostingRegressor(n_estimators=30, max_depth=2, random_state=0).fit(data, progression)
explainer = banzhaf.TreeExplainer(model, data[:50])
explainer.save(Path(__file__).with_name("diabetes.trees"))

patient = data[:1].copy()
patient.loc[0] = [65, 2, 27.9, 103, 159, 96.8, 42, 4, 4.6151, 86]
print(explainer(patient).to_frame()[["feature", "data", "value"]])
