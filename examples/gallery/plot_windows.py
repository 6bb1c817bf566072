# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Which part of a series decides
==============================

A classifier reads a series of two channels. The values of its windows show when something happens, and in which
channel.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from banzhaf.games import TimeWindows

# %%
# Series with and without a dip
# -----------------------------
# Half of the series have a dip in the second channel, somewhere between the times 60 and 90. The classifier takes the
# lowest mean of ten times in each channel.

rng = np.random.default_rng(0)
times = np.arange(120)


def make(with_dip):
    """Return a series, which has a dip or not."""
    series = rng.normal(0, 0.5, (120, 2)) + np.sin(times / 15)[:, None]
    if with_dip:
        series[:, 1] -= 2.5 * np.exp(-((times - rng.uniform(65, 85)) ** 2) / 40)
    return series


classes = np.arange(300) % 2
series = np.array([make(with_dip) for with_dip in classes])


def features(series):
    """Return the lowest mean of ten times in each channel."""
    return series.reshape(len(series), 12, 10, 2).mean(axis=2).min(axis=1)


classifier = LogisticRegression(C=10).fit(features(series[:200]), classes[:200])
accuracy = classifier.score(features(series[200:]), classes[200:])
print(f"accuracy on held-out series: {accuracy:.2f}")

# %%
# Windows of ten times, and both channels
# ---------------------------------------

x = series[201]
background = series[:200][classes[:200] == 0][:20]
game = TimeWindows(
    lambda given: classifier.decision_function(features(given)), x, background, windows=12, by_channel=True
)
values = game.estimate(600, random_state=0)
grid = values.values.reshape(12, 2)

figure, axes = plt.subplots(2, 1, figsize=(7, 4), sharex=True, layout="constrained")
axes[0].plot(times, x, label=["channel 0", "channel 1"])
axes[0].legend()
for channel in range(2):
    axes[1].step(np.append(np.arange(0, 120, 10), 120), np.append(grid[:, channel], grid[-1, channel]), where="post")
axes[1].set_xlabel("time")
axes[1].set_ylabel("Banzhaf value")
plt.show()

# %%

window, channel = np.unravel_index(np.argmax(grid), grid.shape)
print(f"The largest value is that of {values.player_names[2 * window + channel]}.")

# %%
# **Conclusion.** The values point to the window and the channel with the dip. The classifier was never told where it
# is.
