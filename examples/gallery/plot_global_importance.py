# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
What features are good for
==========================

A model may use a feature a great deal without predicting better. The importance by loss shows the difference.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor

import banzhaf
from banzhaf.games import banzhaf_importance

# %%
# A model that has learnt noise
# -----------------------------
# We add four columns of noise to the diabetes data, and train a model that is too flexible.

data = load_diabetes(as_frame=True)
rng = np.random.default_rng(0)
X = data.data.assign(**{f"noise {i}": rng.normal(size=len(data.data)) for i in range(1, 5)})
y = data.target.to_numpy()
model = GradientBoostingRegressor(n_estimators=100, max_depth=4, random_state=0).fit(X[:250], y[:250])

# %%
# How much the model uses each feature
# ------------------------------------
# Mean absolute Banzhaf values of predictions say how far each feature moves them.

explanation = banzhaf.TreeExplainer(model, X[:50])(X[250:])
use = np.abs(explanation.values).mean(axis=0)

# %%
# How much each feature lowers the loss
# -------------------------------------
# The loss is the squared error on rows that the model has not seen.

importance = banzhaf_importance(model, X[250:], y[250:], budget=200_000, random_state=0)
importance.plot.bar(max_display=14)
plt.show()

# %%

figure, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
noise = np.array([name.startswith("noise") for name in X.columns])
ax.errorbar(
    use, importance.values, yerr=1.96 * importance.standard_errors, fmt="o", color="C0", label="measurements", capsize=2
)
ax.plot(use[noise], importance.values[noise], "o", color="C1", label="noise", zorder=3)
ax.axhline(0, color="gray", linewidth=0.8)
ax.set_xlabel("mean absolute value in predictions")
ax.set_ylabel("importance by loss")
ax.legend()
plt.show()

# %%
# **Conclusion.** The model uses the noise about as much as some of the measurements. By the loss, none of the noise
# columns is clearly useful: all of their intervals reach below 0.
