# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Explanations with a deadline
============================

A service must answer in time. A deadline ends the evaluation, and the standard errors say how accurate the answer is.
"""

import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import banzhaf

# %%
# A slow model
# ------------
# The model recognises handwritten digits of 8 x 8 pixels. To simulate a slow service, each call takes 2 milliseconds
# more for every 100 rows.

digits = load_digits()
classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(
    digits.data[:1200], digits.target[:1200]
)
three = list(digits.target[1200:]).index(3) + 1200


def probability_of_three(rows):
    """Return the probability of a 3, slowly."""
    time.sleep(2e-5 * len(rows))
    return classifier.predict_proba(rows)[:, 3]


background = digits.data[:40]
explainer = banzhaf.Explainer(probability_of_three, background, budget=40_960, batch_size=500, random_state=0)
print(f"{explainer.n_model_rows:,} evaluations would take at least {2e-5 * explainer.n_model_rows:.1f} s.")

# %%
# Three deadlines
# ---------------
# If the time is too short for all background rows, a warning says how many were used. How far a run gets depends on the
# machine, so these numbers change from run to run.

answers = {}
for deadline in (0.1, 0.3, 3.0):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = explainer(digits.data[three : three + 1], deadline=deadline)
    answers[deadline] = answer
    if np.isnan(answer.values).any():
        print(f"{deadline} s: too short for an answer on this machine")
        continue
    error = np.sqrt(np.mean(answer.standard_errors**2))
    print(
        f"{deadline} s: {answer.row_costs[0]:>6,} evaluations on {answer.n_background[0]} background rows, "
        f"standard error {error:.4f}, stopped by the {answer.stopped[0]}"
    )
    for warning in caught:
        print(f"       {str(warning.message)[:96]}...")

# %%
# The answers as pictures
# -----------------------
# Each pixel has the colour of its value: red raises the probability of a 3, blue lowers it.

figure, axes = plt.subplots(1, 4, figsize=(9, 2.6), layout="constrained")
axes[0].imshow(digits.images[three], cmap="gray_r")
axes[0].set_title("the digit")
limit = np.nanmax(np.abs(answers[3.0].values), initial=1e-9)
for ax, (deadline, answer) in zip(axes[1:], answers.items(), strict=True):
    image = ax.imshow(answer.values.reshape(8, 8), cmap="RdBu_r", vmin=-limit, vmax=limit)
    ax.set_title(f"{deadline} s")
for ax in axes:
    ax.set_axis_off()
figure.colorbar(image, ax=axes, label="Banzhaf value")
plt.show()

# %%
# **Conclusion.** A deadline does not change what the values mean. A short one makes them less certain, and the standard
# errors grow. If even the first background row takes too long, the values are NaN rather than wrong. If results must be
# the same in every run, set a budget instead.
