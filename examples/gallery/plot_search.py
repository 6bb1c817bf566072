# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Why a passage was found
=======================

A search engine ranks passages by the similarity of embeddings. The values of a passage's sentences show which of them
match the query, and which ones lower the similarity.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from banzhaf.games import EmbeddingSimilarity

# %%
# A passage and a query
# ---------------------
# The embedding counts words, and gives rare words larger weights. You can replace it with a neural model such as
# all-MiniLM-L6-v2.

sentences = [
    "The town lies on a hill above the river.",
    "Its market is held on Fridays.",
    "The bakery sells bread from six in the morning.",
    "Trains to the coast leave every hour.",
    "The old mill is now a library.",
    "Bread and cheese are sold at the market too.",
    "In winter the pass is often closed by snow.",
    "The museum shows tools of miners.",
]
query = "Where is bread sold?"
counts = TfidfVectorizer(stop_words="english").fit([*sentences, query])


def embed(texts):
    return counts.transform(texts).toarray()


# %%
# The value of each sentence
# --------------------------
# With eight sentences, all 256 coalitions are cheap, so the values are exact.

game = EmbeddingSimilarity(embed, sentences, query)
values = game.estimate(256)
values.plot.bar()
plt.show()

# %%
# Two sentences mention bread. All others lower the similarity, because they add words that the query does not have.
#
# The passage without its best sentence
# -------------------------------------
# Removing the sentence with the largest value lowers the similarity most.

everything = np.ones((1, game.n_players), dtype=bool)
without_each = ~np.eye(game.n_players, dtype=bool)
falls = game(everything)[0] - game(without_each)
print(f"Similarity falls by {falls[values.values.argmax()]:.3f} without sentence {values.values.argmax() + 1},")
print(f"and by {np.sort(falls)[-2]:.3f} without the next best.")

# %%
# **Conclusion.** Two of eight sentences make the passage match the query. Without the one with the largest value, the
# similarity falls most.
