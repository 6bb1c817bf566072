# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Global importance from all rows
===============================

Which features matter for a whole data set? We explain every row and look at all values at once.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance

import banzhaf

# %%
# Explain all 178 wines
# ---------------------
# The model distinguishes three cultivars by a chemical analysis. `TreeExplainer` gives exact values, so there are no
# intervals.

data = load_wine(as_frame=True)
table, cultivar = data.data.astype(np.float32), data.target_names[data.target]
model = RandomForestClassifier(200, random_state=0).fit(table, cultivar)
explanation = banzhaf.TreeExplainer(model, table)(table)
explanation

# %%
# Importance by cultivar
# ----------------------
# The values of a class say what raises the probability of this class. The bars of the three classes are stacked.

explanation.plot.bar(max_display=13)
plt.show()

# %%

importance = explanation.abs.mean(0)
for output in importance.output_names:
    chosen = importance.output(output)
    order = np.argsort(-chosen.values)[:3]
    print(f"{output}: " + ", ".join(f"{chosen.names[i]} {chosen.values[i]:.3f}" for i in order))

# %%
# All rows at once
# ----------------
# In a heat map, similar wines stand side by side. The panel above it shows the probability of class 0.

explanation.plot.heatmap(output="class_0", predictions=model.predict_proba(table)[:, 0])
plt.show()

# %%
# The map has two parts: wines that the model predicts as class 0, and the others. Within each part, the leading
# features have values of the same sign. How does one of them act?

explanation.plot.scatter("proline", output="class_0")
plt.show()

# %%
# Comparison with permutation importance
# --------------------------------------
# Permutation importance measures how much the accuracy falls if a column is shuffled. It answers another question.

permuted = permutation_importance(model, table, cultivar, n_repeats=5, random_state=0).importances_mean
total = importance.values.sum(axis=1)
without_loss = [name for name, loss in zip(table.columns, permuted, strict=True) if loss <= 0]
leading = table.columns[np.argsort(-total)[:5]].tolist()
print("Leading five by Banzhaf values:", ", ".join(leading))
print(f"Columns that can be shuffled without any loss of accuracy: {len(without_loss)}")
print("Of the leading five among them:", ", ".join(name for name in leading if name in without_loss) or "none")

# %%
# **Conclusion.** Several columns hold the same information about a wine. Shuffling one of them costs the forest little
# or no accuracy, since the others replace it. Banzhaf values show that the forest does use them.
