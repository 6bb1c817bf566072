# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A script, not a pytest module: shows that an installed wheel works where there is NumPy and nothing else."""

from __future__ import annotations

import math
import os
import pickle
import signal
import sys
import warnings

import numpy as np

import banzhaf


def majority(coalitions: np.ndarray) -> np.ndarray:
    """Worth 1 for more than half of the players."""
    return (2 * coalitions.sum(axis=1) > coalitions.shape[1]).astype(float)


def pairs(coalitions: np.ndarray) -> np.ndarray:
    """Worth i for player i, and 1 more for each pair of neighbours."""
    return coalitions @ np.arange(coalitions.shape[1]) + (coalitions[:, 1:] & coalitions[:, :-1]).sum(axis=1)


def values_of_pairs(n_players: int) -> np.ndarray:
    """A neighbour is there in half of the coalitions."""
    return np.arange(n_players) + np.r_[0.5, np.ones(n_players - 2), 0.5]


def parallel() -> np.ndarray:
    """Enough work for several threads."""
    return banzhaf.estimate(pairs, 300, budget=10_000, design="paired", random_state=1, num_threads=2).values


def check_fork() -> None:
    """A child forked after a parallel region runs one itself, and does not hang."""
    expected = parallel()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python sees threads and warns of forks
        child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(0 if np.array_equal(parallel(), expected) else 1)
    assert os.waitpid(child, 0)[1] == 0, "a forked child hangs or differs"


def main() -> None:
    """Check import, exact values, estimates, a model, pickling and fork."""
    extras = {"matplotlib", "pandas", "polars", "scipy", "shap", "sklearn", "tqdm"}
    assert not extras & set(sys.modules), f"imported by banzhaf: {extras & set(sys.modules)}"

    exact = banzhaf.exact(majority, 9)
    np.testing.assert_allclose(exact.values, math.comb(8, 4) / 2**8, rtol=1e-12)

    found = banzhaf.estimate(pairs, 40, budget=400, random_state=0)
    np.testing.assert_allclose(found.values, values_of_pairs(40), rtol=1e-9)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(found)).values, found.values)

    weights = np.array([3.0, -2.0, 0.5])
    background = np.arange(12.0).reshape(4, 3)
    for design in ("hadamard", "paired"):
        explainer = banzhaf.Explainer(lambda rows: rows @ weights, background, budget=32, design=design)
        explanation = explainer(np.ones((2, 3)))
        np.testing.assert_allclose(explanation.values, np.tile(weights * (1 - background.mean(axis=0)), (2, 1)))

    if hasattr(os, "fork"):
        check_fork()
    print(f"banzhaf {banzhaf.__version__} works on Python {sys.version.split()[0]} with NumPy {np.__version__}")


if __name__ == "__main__":
    main()
