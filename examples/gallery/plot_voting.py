# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Votes in the Council of the European Union
==========================================

A country's share of votes is not its share of power. The Banzhaf value measures how often its vote decides.
"""

from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np

import banzhaf
from banzhaf.games import WeightedVoting

# %%
# Six countries, 1958
# -------------------
# The Treaty establishing the European Economic Community (Rome, 1957) gives the weights of votes in its Article 148. A
# proposal of the Commission passes with 12 of the 17 votes.

countries = ["Germany", "France", "Italy", "Belgium", "Netherlands", "Luxembourg"]
votes = np.array([4, 4, 4, 2, 2, 1])
council = banzhaf.exact(lambda coalitions: coalitions @ votes >= 12, 6, player_names=countries)
council

# %%
# Luxembourg has a vote and no power. The others have even numbers of votes, so Luxembourg's single vote never turns a
# defeat into a majority of 12.

council.plot.bar()
plt.show()

# %%
# Twenty-seven countries, 2007 to 2014
# ------------------------------------
# The Treaty of Nice and the accession treaties of 2003 and 2005 give these weights: 345 votes, of which 255 pass a
# proposal. We leave out the two further conditions, on the number of states and on their population.

weights = {
    29: ["Germany", "France", "Italy", "United Kingdom"],
    27: ["Spain", "Poland"],
    14: ["Romania"],
    13: ["Netherlands"],
    12: ["Belgium", "Czechia", "Greece", "Hungary", "Portugal"],
    10: ["Austria", "Bulgaria", "Sweden"],
    7: ["Denmark", "Finland", "Ireland", "Lithuania", "Slovakia"],
    4: ["Cyprus", "Estonia", "Latvia", "Luxembourg", "Slovenia"],
    3: ["Malta"],
}
states = [state for group in weights.values() for state in group]
votes = np.array([weight for weight, group in weights.items() for _ in group])
quota = 255
print(f"{len(states)} states, {votes.sum()} votes")


def passes(coalitions):
    """Say which coalitions reach the quota."""
    return coalitions @ votes >= quota


estimate = banzhaf.estimate(passes, len(states), budget=20_000, player_names=states, random_state=0)

# %%
# The exact answer
# ----------------
# There are 134 million coalitions. For votes there is a shorter way to the exact values: `WeightedVoting` counts the
# coalitions by their number of votes.

treaty_of_nice = WeightedVoting(votes, quota, player_names=states)
power = treaty_of_nice.exact().values
error = np.abs(estimate.values - power)
low, high = estimate.intervals().T
inside = np.mean((low <= power) & (power <= high))
print(f"Largest error {error.max():.5f}, mean reported standard error {estimate.standard_errors.mean():.5f}")
print(f"{inside:.0%} of the 95 % intervals contain the exact value")

# %%

figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.errorbar(votes, estimate.values, yerr=estimate.values - low, fmt="o", capsize=2, label="estimate, 95 % intervals")
ax.plot(votes, power, "x", color="C1", zorder=3, label="exact")
ax.plot([0, 29], [0, power[0]], linestyle=":", color="gray", label="proportional to votes")
ax.set_xlabel("votes")
ax.set_ylabel("Banzhaf value")
ax.legend()
plt.show()

# %%

per_vote = power / votes
malta, germany = states.index("Malta"), states.index("Germany")
ratio = per_vote[malta] / per_vote[germany]
print(f"A vote of Malta has {ratio:.2f} times the power of a vote of Germany.")
print(f"Probability that a random coalition passes a proposal: {estimate.mean_worth:.4f}")

# %%
# Since 2014: states and inhabitants
# ----------------------------------
# A proposal now needs 55 % of the states with 65 % of the inhabitants, or all states but three. Inhabitants are in
# thousands, on 1 January 2024 (Eurostat).

inhabitants = {
    "Germany": 83445,
    "France": 68402,
    "Italy": 58990,
    "Spain": 48610,
    "Poland": 36621,
    "Romania": 19067,
    "Netherlands": 17943,
    "Belgium": 11817,
    "Czechia": 10901,
    "Portugal": 10640,
    "Sweden": 10552,
    "Greece": 10398,
    "Hungary": 9585,
    "Austria": 9159,
    "Bulgaria": 6445,
    "Denmark": 5961,
    "Finland": 5604,
    "Slovakia": 5425,
    "Ireland": 5344,
    "Croatia": 3862,
    "Lithuania": 2886,
    "Slovenia": 2124,
    "Latvia": 1872,
    "Estonia": 1375,
    "Cyprus": 966,
    "Luxembourg": 672,
    "Malta": 563,
}
people = list(inhabitants.values())
double_majority = WeightedVoting(
    [[1] * 27, people], [[15, Fraction(65, 100) * sum(people)], [24, 0]], player_names=inhabitants
)
now = double_majority.exact()
before = dict(zip(states, power, strict=True))

figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.plot([before.get(state, np.nan) for state in inhabitants], "o", label="Treaty of Nice")
ax.plot(now.values, "s", label="double majority")
ax.set_xticks(range(27), inhabitants, rotation=90)
ax.set_ylabel("Banzhaf value")
ax.legend()
plt.show()

# %%
# **Conclusion.** In 1958 a vote could be worth nothing. Under the Treaty of Nice power is nearly proportional to votes,
# and 20,000 of 134 million coalitions are enough to see it. The high quota makes every state's power small: few
# coalitions pass at all. The double majority gives every state more power, and the largest states the most.
