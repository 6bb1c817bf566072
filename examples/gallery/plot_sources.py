# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Which pretraining sources help?
===============================

A model is pretrained on sources of images that are not quite ours, and fine-tuned on few that are. We ask which sources
help, by two scores, and how much more of a source would add.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, log_loss

from banzhaf.games import SourceValuation, fit_scaling_law

# %%
# Five sources of digits
# ----------------------
# Our task is to read scanned digits, of which 30 have a label for fine-tuning. The sources show other digits: clean,
# shifted by a pixel, with noise, upside down, and with labels by chance. They have different sizes, so we cut all of
# them to the same one.

rng = np.random.default_rng(0)
data = load_digits()
order = rng.permutation(len(data.target))
images, labels = data.images[order] / 16, data.target[order]
fine_tuning, held_out = slice(0, 30), slice(30, 430)


def source(first, last, change=lambda images: images, labels_of=lambda labels: labels):
    part = slice(first, last)
    return list(zip(change(images[part]), labels_of(labels[part]), strict=True))


sources = {
    "clean": source(430, 700),
    "shifted": source(700, 1000, lambda images: np.roll(images, 1, axis=2)),
    "noisy": source(1000, 1200, lambda images: images + rng.normal(0, 0.3, images.shape)),
    "upside down": source(1200, 1500, lambda images: images[:, ::-1]),
    "random labels": source(1500, 1797, labels_of=rng.permutation),
}

# %%
# What a coalition is worth
# -------------------------
# The function below gets the sources of a coalition and a seed. It pretrains a model on all of them in about 1,000
# steps, fine-tunes it, and returns two scores. Without sources there is only fine-tuning.


def columns(images):
    return images.reshape(len(images), -1)


def train_and_score(sources, seed):
    rng = np.random.default_rng(seed)
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.02, random_state=seed)
    examples = [example for some in sources.values() for example in some]
    for _ in range(1_000 // len(examples) if examples else 0):
        x, y = zip(*(examples[i] for i in rng.permutation(len(examples))), strict=True)
        model.partial_fit(columns(np.array(x)), y, classes=range(10))
    for _ in range(3):
        model.partial_fit(columns(images[fine_tuning]), labels[fine_tuning], classes=range(10))
    x, y = columns(images[held_out]), labels[held_out]
    shares = np.maximum(model.predict_proba(x), 1e-6)
    loss = log_loss(y, shares / shares.sum(axis=1, keepdims=True), labels=range(10))
    return accuracy_score(y, model.predict(x)), -loss


# %%
# Values by both scores
# ---------------------
# Five players have 32 coalitions, so we evaluate them all.

game = SourceValuation(sources, train_and_score, max_size="smallest", random_state=0)
values = game.estimate(32)
dict(zip(game.player_names, values.values.round(3).tolist(), strict=True))

# %%
# The columns are accuracy and minus the log loss. Images that are close to the task help most, and labels by chance do
# harm by both scores.

figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.6), sharey=True, layout="constrained")
for ax, worth, title in zip(axes, values.values.T, ("accuracy", "minus log loss"), strict=True):
    ax.barh(game.player_names, worth, color=["C0" if each > 0 else "C3" for each in worth])
    ax.set_title(title)
    ax.axvline(0, color="black", linewidth=0.8)
axes[0].invert_yaxis()
plt.show()

# %%
# How much would more of a source add?
# ------------------------------------
# We train on the clean source in growing sizes, three times each, and fit a power law to the log loss.

sizes = np.repeat([8, 16, 32, 64, 128, 256], 3)
losses = [-train_and_score({"clean": sources["clean"][:size]}, seed)[1] for seed, size in enumerate(sizes)]
law = fit_scaling_law(sizes, losses, "power")
law

# %%

grid = np.geomspace(8, 1024, 50)
low, high = law.band(grid)
plt.figure(figsize=(5, 3), layout="constrained")
plt.plot(sizes, losses, "o", label="trainings")
plt.plot(grid, law.predict(grid), label="law")
plt.fill_between(grid, low, high, alpha=0.2, color="C1", linewidth=0, label="95 % band")
plt.xscale("log", base=2)
plt.xlabel("pretraining images")
plt.ylabel("log loss")
plt.legend()
plt.show()

# %%
# **Conclusion.** Values rank sources by what they add to the task at hand. The law says how much more of one would add.
