# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
What a network sees in an image
===============================

Which pixels make the network predict a three, and which an eight? We compute their values, and then remove the most
important ones.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from banzhaf.games import ImageRegions

# %%
# A network that reads digits
# ---------------------------

data = load_digits()
network = MLPClassifier(random_state=0, max_iter=300).fit(data.data[300:], data.target[300:])


def log_odds(images):
    """Return for each image and each class the logarithm of the odds."""
    share = np.clip(network.predict_proba(images.reshape(len(images), -1)), 1e-9, 1 - 1e-9)
    return np.log(share / (1 - share))


# %%
# Values of 64 pixels for ten classes
# -----------------------------------
# All classes share the same 2,000 evaluations.

digit = 3
image = data.images[int(np.flatnonzero(data.target[:300] == digit)[0])]
game = ImageRegions(log_odds, image, n_regions=64, absence=0.0)
values = game.estimate(2_000, random_state=0)

figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
for ax, shown in zip(axes, (3, 8), strict=True):
    game.overlay(values, ax, output=shown)
    ax.set_title(f"for a {shown}")
plt.show()

# %%
# Taking pixels away
# ------------------
# The probability of the right class falls fast when pixels of high value go first.

order = np.argsort(-values.values[:, digit])
rng = np.random.default_rng(0)


def removed(order):
    """Return the log-odds of the digit while its pixels are removed."""
    rows = np.ones((21, 64), dtype=bool)
    for count in range(21):
        rows[count, order[:count]] = False
    return game(rows)[:, digit]


by_value = removed(order)
by_chance = np.mean([removed(rng.permutation(64)) for _ in range(20)], axis=0)

figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(by_value, label="highest values first")
ax.plot(by_chance, label="at random")
ax.set_xlabel("pixels removed")
ax.set_ylabel("log-odds of a three")
ax.legend()
plt.show()

# %%
# **Conclusion.** The values find the pixels that the network depends on: without a few of them, it no longer predicts a
# three.
