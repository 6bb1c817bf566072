# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""ContextCite's own solver in its own environment: reads masks and worths, and writes the weights of the sources."""

from __future__ import annotations

import sys

import numpy as np
from context_cite.solver import LassoRegression

for line in sys.stdin:
    path, n_tokens = line.split()
    given = np.load(path)
    weights, _ = LassoRegression().fit(given["masks"], given["worths"], int(n_tokens))
    np.save(path + ".npy", weights)
    print("done", flush=True)
