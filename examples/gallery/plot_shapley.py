# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Banzhaf values beside Shapley values
====================================

We compute both kinds of values for the same trees and rows. Do they agree, do they sum to the prediction, and which
ranking is more robust to noise?
"""

import itertools
from math import factorial

import matplotlib.pyplot as plt
import numpy as np
import shap
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor

import banzhaf

data = load_diabetes(scaled=False)
names = data.feature_names
# shap compares thresholds in single precision; such numbers look the same to both.
rows = data.data.astype(np.float32).astype(np.float64)
model = GradientBoostingRegressor(max_depth=4, random_state=0).fit(rows[:300], data.target[:300])
background, explained = rows[:100], rows[300:]

# %%
# Both are exact for trees
# ------------------------

ours = banzhaf.TreeExplainer(model, background, feature_names=names)(explained)
theirs = shap.TreeExplainer(model, background)(explained)
theirs.feature_names = names
ours.plot.compare(theirs, labels=("Banzhaf", "Shapley"))
plt.show()

# %%
# The bars differ little, and the order of the leading features is the same. Row by row, the rankings are close too.


def ranks(values):
    """Return the rank of each feature by absolute value, in each row."""
    return np.abs(values).argsort(axis=1).argsort(axis=1)


def agreement(first, second):
    """Return the rank correlations of rows."""
    return np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(ranks(first), ranks(second), strict=True)])


alike = agreement(ours.values, theirs.values)
top = np.mean(np.abs(ours.values).argmax(axis=1) == np.abs(theirs.values).argmax(axis=1))
print(f"Rank correlation per row: median {np.median(alike):.2f}, lowest {alike.min():.2f}")
print(f"The same leading feature in {top:.0%} of the rows")

# %%
# Only Shapley values sum to the prediction
# -----------------------------------------

predictions = model.predict(explained)
gaps = {
    "Banzhaf": predictions - ours.base_values - ours.sum(1).values,
    "Shapley": predictions - theirs.base_values - theirs.values.sum(axis=1),
}
for kind, gap in gaps.items():
    print(f"{kind}: largest difference between prediction and sum {np.abs(gap).max():.3f}")
print(f"Standard deviation of the predictions: {predictions.std():.1f}")

# %%
# Noise
# -----
# Suppose that each evaluation has noise, for example because a model is retrained or a language model is sampled.
# With ten features there are 1,024 coalitions. We evaluate all of them, add noise of one standard deviation to each,
# and compute both kinds of values from the same noisy numbers.

n = len(names)
coalitions = np.array(list(itertools.product([False, True], repeat=n)))[:, ::-1]
size = coalitions.sum(axis=1)
# The share of a coalition without the player in the Shapley value, by the coalition's size.
weight = np.array([factorial(s) * factorial(n - 1 - s) / factorial(n) for s in range(n)])


def shapley(worths):
    """Compute Shapley values from the worths of all coalitions."""
    gains = [(worths[coalitions[:, i]] - worths[~coalitions[:, i]]) @ weight[size[~coalitions[:, i]]] for i in range(n)]
    return np.array(gains)


rng = np.random.default_rng(0)
found = {"Banzhaf": [], "Shapley": []}
for row in explained[:12]:
    masked = np.where(coalitions[:, None, :], row, background[None, :20])
    worths = model.predict(masked.reshape(-1, n)).reshape(len(coalitions), 20).mean(axis=1)
    exact = {"Banzhaf": banzhaf.exact(worths, n).values, "Shapley": shapley(worths)}
    for _ in range(40):
        noisy = worths + rng.normal(size=worths.shape) * worths.std()
        for kind, values in {"Banzhaf": banzhaf.exact(noisy, n).values, "Shapley": shapley(noisy)}.items():
            found[kind].append(agreement(values[None], exact[kind][None])[0])
means = {kind: np.mean(values) for kind, values in found.items()}
for kind, value in means.items():
    print(f"{kind}: rank correlation with the values without noise {value:.2f}")

# %%

figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.hist(list(found.values()), bins=20, label=list(found))
ax.set_xlabel("rank correlation with the values without noise")
ax.set_ylabel("noisy evaluations")
ax.legend()
plt.show()

# %%
# **Conclusion.** For this model both kinds of values agree closely. Choose Shapley values if they must sum to the
# prediction. Choose Banzhaf values if evaluations are noisy or few: Shapley values give much weight to the smallest and
# largest coalitions, so the noise of few evaluations changes them more.
