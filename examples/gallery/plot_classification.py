# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Explain a classifier
====================

A gradient-boosting model distinguishes malignant from benign breast tumours. Which measurements does it use, and what
determines its prediction for one patient?
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split

import banzhaf

data = load_breast_cancer()
train, held_out, train_classes, held_out_classes = train_test_split(
    data.data, data.target_names[data.target], test_size=0.3, random_state=0
)
model = GradientBoostingClassifier(random_state=0).fit(train, train_classes)
print(f"{model.score(held_out, held_out_classes):.1%} of {len(held_out)} held-out tumours are classified correctly.")

# %%
# Explain the held-out tumours
# ----------------------------
# The explainer needs the model and background data: rows that hidden features are averaged over. It uses
# ``predict_proba``, so the values are in the unit of a probability.

explainer = banzhaf.Explainer(model, train[:50], feature_names=data.feature_names.tolist(), random_state=0)
explanation = explainer(held_out[:60])[..., "malignant"]
explanation

# %%
# Each dot is a tumour. Dots on the right raise the probability of "malignant".

explanation.plot.beeswarm(max_display=8)
plt.show()

# %%
# Large worst values push towards "malignant", and small ones away from it. How much of the total do the leading
# features have?

importance = explanation.abs.mean(0)
order = np.argsort(-importance.values)
share = importance.values[order[:4]].sum() / importance.values.sum()
for feature in order[:4]:
    low, high = importance.intervals()[feature]
    print(f"{importance.names[feature]:<22} {importance.values[feature]:.3f}  [{low:.3f}, {high:.3f}]")
print(f"The four leading features have {share:.0%} of the total importance of all {len(order)}.")

# %%
# One tumour
# ----------
# The model is least certain about the tumour whose probability is closest to one half.

probabilities = model.predict_proba(held_out[:60])[:, list(model.classes_).index("malignant")]
unsure = int(np.argmin(np.abs(probabilities - 0.5)))
print(f"Row {unsure}: the model says {probabilities[unsure]:.2f}, the tumour is {held_out_classes[unsure]}.")
explanation.plot.force(unsure, prediction=probabilities[unsure], max_display=8)
plt.show()

# %%
# The picture shows the features that pull in opposite directions. The parts do not sum to the prediction, and the
# hatched bar shows the difference. Banzhaf values measure what a feature changes on average over all sets of other
# features. Only Shapley values are defined to sum to the prediction.
#
# **Conclusion.** A few of the 30 measurements determine most of the prediction. The intervals are much narrower than
# the differences between the leading features, so their order does not depend on the sampled coalitions.
