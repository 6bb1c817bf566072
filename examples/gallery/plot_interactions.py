# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Interactions beside partial dependence
======================================

Which features does a model combine, and how? Interactions answer the first question with one number for each pair of
features. Partial dependence then shows the shape of the few pairs that matter.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.inspection import PartialDependenceDisplay, partial_dependence

import banzhaf

data = load_diabetes(as_frame=True, scaled=False)
names = ["age", "sex", "bmi", "pressure", "cholesterol", "LDL", "HDL", "ratio", "triglycerides", "glucose"]
table = data.data.set_axis(names, axis=1)
model = GradientBoostingRegressor(n_estimators=60, min_samples_leaf=25, subsample=0.7, random_state=0)
model.fit(table, data.target)

# %%
# All pairs
# ---------
# `TreeExplainer` computes the interactions of all pairs exactly, for each explained row. Over many rows, the plots show
# the mean absolute interaction.

explainer = banzhaf.TreeExplainer(model, table)
explanation = explainer(table)
pairs = explainer.interactions(table)
pairs

# %%

pairs.plot.heatmap()
plt.show()

# %%
# The network shows the same numbers as edges. The size of a node is the mean absolute value of its feature.

pairs.plot.network(max_pairs=15)
plt.show()

# %%
# The strongest pair
# ------------------
# Each dot is a patient. The interaction says how much the second feature changes what the first one adds to this
# patient's prediction.

means = pairs.importance()[0]
strongest, weakest = (pairs.names_of(int(place(means))) for place in (np.argmax, np.argmin))
print(f"strongest: {strongest}, mean absolute interaction {means.max():.2f}")
print(f"weakest:   {weakest}, mean absolute interaction {means.min():.2f}")
pairs.plot.scatter(*strongest, explanation)
plt.show()

# %%
# Partial dependence of both pairs
# --------------------------------
# Partial dependence is the mean prediction when two features are set to the same cells in all rows. If the two do not
# interact, one direction shifts the picture of the other and does not change it.

figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
PartialDependenceDisplay.from_estimator(model, table, [strongest, weakest], ax=axes, grid_resolution=30)
plt.show()

# %%
# The part of a partial dependence that is not a sum of two functions shows the interaction. Its spread is large for the
# strongest pair. It is 0 for the weakest one, which the model never combines.


def mixed_part(pair):
    """Return the part of the partial dependence that is not a sum of two functions."""
    surface = partial_dependence(model, table, list(pair), grid_resolution=30)["average"][0]
    return surface - surface.mean(axis=0) - surface.mean(axis=1, keepdims=True) + surface.mean()


spreads = {pair: mixed_part(pair).std() for pair in (strongest, weakest)}
for pair, spread in spreads.items():
    print(f"{' and '.join(pair):<30} standard deviation of the mixed part {spread:.2f}")

# %%
# Partial dependence needs a picture for every pair: 45 for these ten features. The interactions are one table.

sizes = [mixed_part(pairs.names_of(index)).std() for index in range(len(pairs))]
agreement = np.corrcoef(np.argsort(np.argsort(sizes)), np.argsort(np.argsort(means)))[0, 1]
figure, ax = plt.subplots(figsize=(5, 3.8), layout="constrained")
ax.scatter(means, sizes, s=18)
ax.set_xlabel("mean absolute interaction")
ax.set_ylabel("spread of the mixed part")
ax.set_title(f"all {len(pairs)} pairs; rank correlation {agreement:.2f}", fontsize="medium")
plt.show()

# %%
# **Conclusion.** The model combines the body mass index with the blood pressure more than any other two features: a
# high pressure raises the prediction further for patients with a high index. The interactions order the pairs as
# partial dependence does, and they come with the explanation of each single patient.
