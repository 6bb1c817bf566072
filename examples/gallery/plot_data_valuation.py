# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Wrong labels in training data
=============================

Some of the labels that we train on are wrong. The values of training points find them, and show how much accuracy they
cost.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB

from banzhaf.games import DataValuation, KNNValuation, detect

# %%
# Handwritten digits, some of them mislabelled
# --------------------------------------------
# We train on 120 images of threes and eights. Every sixth label is wrong.

data = load_digits()
chosen = np.isin(data.target, (3, 8))
X, y = data.data[chosen] + np.random.default_rng(0).normal(0, 1, (chosen.sum(), 64)), data.target[chosen]
wrong = np.arange(120) % 6 == 0
labels = np.where(wrong, 11 - y[:120], y[:120])

# %%
# Values from 1,000 trainings
# ---------------------------
# The players are the 120 images. The worth of a coalition is the accuracy of a model that is trained on its images.

game = DataValuation(GaussianNB(var_smoothing=0.1), X[:120], labels, X[120:240], y[120:240], random_state=0)
values = game.estimate(1_000, random_state=0)
found = detect(values, wrong)
found

# %%
# For nearest neighbours, the exact values have a formula. They need no trainings.

neighbours = KNNValuation(X[:120], labels, X[120:240], y[120:240], n_neighbors=5)
found_by_neighbours = detect(neighbours.exact(), wrong)

ax = found.plot(label="naive Bayes, 1,000 trainings")
found_by_neighbours.plot(ax, label="nearest neighbours, exact")
plt.show()

# %%
# What the wrong labels cost
# --------------------------
# We drop images in the order of their values, train again, and score the model on further images.

held_out = {"X": X[240:], "y": y[240:]}
lowest = game.curve(values, first="lowest", **held_out)
highest = game.curve(values, first="highest", **held_out)
ax = lowest.plot()
highest.plot(ax)
game.curve(values, first="random", **held_out).plot(ax)
plt.show()

# %%
# The images with the lowest values
# ---------------------------------

worst = np.argsort(values.values)[:6]
figure, axes = plt.subplots(1, 6, figsize=(7.2, 1.6), layout="constrained")
for ax, image in zip(axes, worst, strict=True):
    ax.imshow(X[image].reshape(8, 8), cmap="gray_r")
    ax.set_title(f"label {labels[image]}")
    ax.set_axis_off()
plt.show()

# %%
# **Conclusion.** Low values find most of the wrong labels. Dropping the images with the highest values costs more
# than dropping those with the lowest.
