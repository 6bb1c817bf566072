# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The exact Banzhaf values of boosted trees in NumPy, with which estimates are compared.

Take one explained row x and one background row b. A leaf of weight w adds w to the worth of a coalition S if S contains
all of P and nothing of N. P holds the features on the leaf's path for which only x goes the leaf's way, and N those for
which only b does. A feature in P then gets w / 2^(|P|+|N|-1), and a feature in N gets minus that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Terms:
    """A game up to a constant: the sum of the weights of the terms whose P is in S and whose N is outside S.

    Attributes
    ----------
    roles : ndarray of int8, shape (n_terms, n_features)
        1 for the features in P, -1 for those in N, and 0 for all others. No row is all 0, and no two rows are equal.
    weights : ndarray of float64, shape (n_terms,)
    """

    roles: NDArray[np.int8]
    weights: NDArray[np.float64]

    def banzhaf_values(self) -> NDArray[np.float64]:
        """Return the exact values, shape (n_features,)."""
        sizes = np.abs(self.roles).sum(axis=1, dtype=np.int64)
        return (self.weights * 2.0 ** (1 - sizes)) @ self.roles

    def interactions(self) -> NDArray[np.float64]:
        """Return the exact interactions of all pairs of features, in lexicographic order."""
        weights = self.weights * 2.0 ** (2 - np.abs(self.roles).sum(axis=1, dtype=np.int64))
        pairs = self.roles.T @ (weights[:, np.newaxis] * self.roles)
        return np.asarray(pairs[np.triu_indices(len(pairs), 1)])

    def shapley_values(self) -> NDArray[np.float64]:
        """Return the exact Shapley values of the same game, shape (n_features,).

        With p = |P| and q = |N|, each feature in P gets w (p-1)! q! / (p+q)!, and each in N gets
        minus w p! (q-1)! / (p+q)!.
        """
        p = (self.roles == 1).sum(axis=1)
        q = (self.roles == -1).sum(axis=1)
        logs = np.r_[0.0, np.cumsum(np.log(np.arange(1, self.roles.shape[1] + 1)))]  # of the factorials

        def shares(own: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
            return np.where(own > 0, np.exp(logs[np.maximum(own - 1, 0)] + logs[other] - logs[own + other]), 0.0)

        positive = (self.weights * shares(p, q)) @ (self.roles == 1)
        negative = (self.weights * shares(q, p)) @ (self.roles == -1)
        return np.asarray(positive - negative)


class Paths:
    """All root-to-leaf paths of one output of an XGBoost model with numerical splits.

    Parameters
    ----------
    booster : xgboost.Booster
    output : int
        The class whose margin is read, if there are three or more.
    """

    def __init__(self, booster: Any, output: int = 0) -> None:
        model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
        # The leaf, the feature, the threshold, whether the path goes left, and whether a missing value goes left.
        steps: list[tuple[int, int, np.float32, bool, bool]] = []
        leaves: list[float] = []

        def walk(tree: dict[str, Any], node: int, path: list[tuple[int, np.float32, bool, bool]]) -> None:
            value = np.float32(tree["split_conditions"][node])
            if tree["left_children"][node] < 0:
                steps.extend((len(leaves), *step) for step in path)
                leaves.append(float(value))
                return
            feature, missing = tree["split_indices"][node], bool(tree["default_left"][node])
            for left, side in ((True, "left_children"), (False, "right_children")):
                walk(tree, tree[side][node], [*path, (feature, value, left, missing)])

        for tree, of_output in zip(model["trees"], model["tree_info"], strict=True):
            if of_output == output:
                walk(tree, 0, [])
        # One entry for each leaf and feature on its path, because a path may test a feature more than once.
        steps.sort(key=lambda step: step[:2])
        leaf, feature, threshold, left, missing = (np.array(column) for column in zip(*steps, strict=True))
        first = np.flatnonzero(np.r_[True, (np.diff(leaf) != 0) | (np.diff(feature) != 0)])
        self._step_feature, self._threshold, self._left, self._missing = feature, threshold, left, missing
        self._first_step = first
        self._leaf, self._feature = leaf[first], feature[first]
        self._weights = np.array(leaves)
        self._n_features = booster.num_features()

    def terms(self, explicand: NDArray[np.float32], background: NDArray[np.float32]) -> Terms:
        """Return the game of the model, masked by the background rows, as terms.

        Parameters
        ----------
        explicand : ndarray of float32, shape (n_features,)
        background : ndarray of float32, shape (n_background, n_features)
        """
        of_x, of_background = self._goes(explicand[np.newaxis])[0], self._goes(background)
        alive = np.ones((len(background), len(self._weights)), dtype=bool)
        row, entry = np.nonzero(~(of_x | of_background))
        alive[row, self._leaf[entry]] = False
        # For each background row, a row of roles for each leaf that some coalition can reach.
        place = np.cumsum(alive).reshape(alive.shape) - 1
        roles = np.zeros((alive.sum(), self._n_features), dtype=np.int8)
        row, entry = np.nonzero((of_x ^ of_background) & alive[:, self._leaf])
        roles[place[row, self._leaf[entry]], self._feature[entry]] = np.where(of_x[entry], 1, -1)
        weights = self._weights[np.nonzero(alive)[1]] / len(background)
        decided = roles.any(axis=1)
        rows = roles[decided]
        _, first, inverse = np.unique(
            rows.view(np.dtype((np.void, rows.shape[1]))).ravel(), return_index=True, return_inverse=True
        )
        return Terms(rows[first], np.bincount(inverse, weights[decided]))

    def _goes(self, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return for each row and entry whether the row goes the leaf's way at every test of the feature."""
        cells = rows[:, self._step_feature]
        left = np.where(np.isnan(cells), self._missing, cells < self._threshold)
        return np.logical_and.reduceat(left == self._left, self._first_step, axis=1)
