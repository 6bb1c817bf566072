# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Budget against error
====================

How many model evaluations does an explanation need? We compare estimates with exact values, and with the errors that
the estimates report themselves.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier

import banzhaf

# %%
# Exact values to compare with
# ----------------------------
# The log-odds of this model are a sum of trees, so `TreeExplainer` computes exact values. `Explainer` does not use the
# trees: it only calls the model.

data = load_breast_cancer()
names = data.feature_names.tolist()
model = GradientBoostingClassifier(max_depth=4, n_estimators=60, random_state=0).fit(data.data, data.target)
background, rows = data.data[:20], data.data[100:108]
exact = banzhaf.TreeExplainer(model, background, feature_names=names)(rows)

# %%
# Four budgets and two designs
# ----------------------------
# The budget counts model evaluations for each explained row. The design "paired" is the estimator of the paper
# (arXiv 2410.08336). The default gives each background row its own Hadamard design.

budgets = [1_280, 2_560, 5_120, 10_240]
errors = {"hadamard": [], "paired": []}
reported = []
for budget in budgets:
    for design, found in errors.items():
        explain = banzhaf.Explainer(
            model.decision_function, background, feature_names=names, budget=budget, design=design, random_state=0
        )
        explanation = explain(rows)
        found.append(np.sqrt(np.mean((explanation.values - exact.values) ** 2)))
        if design == "hadamard":
            reported.append(np.sqrt(np.mean(explanation.standard_errors**2)))
            low, high = np.moveaxis(explanation.intervals(), -1, 0)
            inside = (low <= exact.values) & (exact.values <= high)
    print(
        f"{budget:>6,} evaluations: error {errors['hadamard'][-1]:.4f}, reported {reported[-1]:.4f}, "
        f"paired design {errors['paired'][-1]:.4f}"
    )
print(f"With the largest budget, {inside.mean():.0%} of the 95 % intervals contain the exact value.")

# %%

figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.loglog(budgets, errors["paired"], marker="s", label="paired design")
ax.loglog(budgets, errors["hadamard"], marker="o", label="default design")
ax.loglog(budgets, reported, linestyle="--", label="default design, reported")
ax.set_xticks(budgets, [f"{budget:,}" for budget in budgets])
ax.minorticks_off()
ax.set_xlabel("model evaluations for each row")
ax.set_ylabel("root mean square error")
ax.legend()
plt.show()

# %%
# One row while it is computed
# ----------------------------
# A callback collects intermediate results. The bands are the 95 % intervals of each check.

history = []
explain = banzhaf.Explainer(
    model.decision_function, background, feature_names=names, budget=budgets[-1], random_state=0
)
explanation = explain(rows, callback=history.append)
explanation.plot.convergence(history, row=2, max_display=5)
plt.show()

# %%

ratio = errors["paired"][-1] / errors["hadamard"][-1]
print(f"At {budgets[-1]:,} evaluations the error of the paired design is {ratio:.0f} times as large.")

# %%
# **Conclusion.** The default design needs few evaluations for a useful answer, and its reported errors have about the
# size of the true ones. You need no exact values to judge an estimate: look at its standard errors.
