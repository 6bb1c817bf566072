# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
A voting game
=============

Five parties hold the seats of a parliament. The Banzhaf value of a party is the share of the other parties' coalitions
that win with it and lose without it.
"""

import matplotlib.pyplot as plt
import numpy as np

import banzhaf

parties = ["A", "B", "C", "D", "E"]
seats = np.array([35, 30, 15, 12, 8])
values = banzhaf.exact(lambda coalitions: coalitions @ seats > 50, 5, player_names=parties)
print(values)

# %%
# Power does not follow seats: B has twice as many as C, and the same power.

figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
places = np.arange(5)
axes.bar(places - 0.2, seats / seats.sum(), 0.4, label="share of the seats")
axes.bar(places + 0.2, values.values / values.values.sum(), 0.4, label="share of the power")
axes.set_xticks(places, parties)
axes.legend()
plt.show()
