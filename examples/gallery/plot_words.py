# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Which words decide
==================

A classifier predicts whether a review is positive. The values of its words show why, and their interactions show which
words act together.
"""

import matplotlib.pyplot as plt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from banzhaf.games import TextSpans

# %%
# A small classifier of reviews
# -----------------------------
# It counts words and pairs of words that follow each other.

liked = [
    "a wonderful film with a clever plot",
    "wonderful actors and a clever end",
    "I was moved and never bored",
    "never dull, always funny",
    "not boring and not silly",
    "funny and moving",
]
disliked = [
    "a dull film with a silly plot",
    "silly actors and a dull end",
    "I was bored and left early",
    "boring, never funny",
    "not funny and not clever",
    "dull and boring",
]
model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=50))
model.fit(liked + disliked, [1] * len(liked) + [0] * len(disliked))

# %%
# The values of 13 words
# ----------------------

text = "A dull start, but never bored after that: a clever and funny film"
game = TextSpans(model, text, output=1)
values = game.estimate(2**13)
game.highlight(values)

# %%

values.plot.bar(max_display=8)
plt.show()

# %%
# Words that act together
# -----------------------

pairs = values.interactions()
pairs.plot.bar(max_display=6)
plt.show()

# %%

found = dict(zip(values.player_names, values.values, strict=True))
never_bored = pairs.value("never", "bored")
print(f"never: {found['never']:.3f}, bored: {found['bored']:.3f}, together {never_bored:+.3f}")

# %%
# **Conclusion.** "Dull" lowers the probability of a positive review, and "never" raises it. "Never" and "bored" add
# more together than alone, which their interaction shows.
