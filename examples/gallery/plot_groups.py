# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Groups of features in a regression
==================================

Columns that hold nearly the same information share their credit in an arbitrary way. In a group, they enter and leave
coalitions together, as one player.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

import banzhaf

data = load_diabetes(as_frame=True, scaled=False)
table, progression = data.data, data.target
correlation = np.corrcoef(table["s1"], table["s2"])[0, 1]
print(f"Total cholesterol (s1) and LDL (s2) have correlation {correlation:.2f}.")

# %%
# A linear model of two correlated columns
# ----------------------------------------
# The model predicts how far diabetes progresses within a year. We fit it 20 times, each time on a random half of the
# patients, and explain the same rows.

rng = np.random.default_rng(0)
background, rows = table[:40], table[40:100]
groups = {"cholesterol": ["s1", "s2", "s3", "s4"]}
single, grouped = [], []
for _ in range(20):
    half = rng.choice(len(table), len(table) // 2, replace=False)
    model = LinearRegression().fit(table.iloc[half], progression.iloc[half])
    single.append(banzhaf.Explainer(model, background, random_state=0)(rows))
    grouped.append(banzhaf.Explainer(model, background, groups=groups, random_state=0)(rows))


# %%
# How much do the values of a row change from one half of the data to another? We compare the standard deviation over
# the 20 models with the mean absolute value.


def instability(explanations, name):
    """Return the spread between models as a share of the size."""
    values = np.stack([explanation[:, name].values[:, 0] for explanation in explanations])
    return values.std(axis=0).mean() / np.abs(values).mean()


ratios = {name: instability(single, name) for name in ("s1", "s2", "s5", "bmi")}
ratios["cholesterol"] = instability(grouped, "cholesterol")
for name, ratio in ratios.items():
    print(f"{name:<12} spread between models / size of the values: {ratio:.2f}")

# %%
# The values of s1 and s2 depend on which patients were used for training: if the coefficient of one is larger, that of
# the other is smaller. The value of their group depends on it less than either, because these changes cancel. The
# values of s5 and bmi, which are less correlated with other columns, are far more stable.

figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
single[0].plot.bar(ax=axes[0])
grouped[0].plot.bar(ax=axes[1])
axes[0].set_title("ten features")
axes[1].set_title("four blood lipids as one feature")
plt.show()

# %%
# In a linear model, the value of a group is the sum of its members' values. With interactions it need not be.

members = single[0][:, groups["cholesterol"]].sum(1).values
gap = np.abs(grouped[0][:, "cholesterol"].values[:, 0] - members).max()
sizes = single[0].abs.mean(0)
alone = dict(zip(sizes.names, sizes.values, strict=True))
together = grouped[0][:, "cholesterol"].abs.mean(0).values[0]
print(f"Largest difference between the group and the sum of its members: {gap:.1g}")
print(f"Mean absolute values: s1 {alone['s1']:.1f}, s2 {alone['s2']:.1f}, the group of four {together:.1f}")

# %%
# **Conclusion.** Taken one by one, two correlated columns seem more important than they are together: their large
# values have opposite signs and cancel. If columns measure the same thing, explain them as one group.
