# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Set functions of masked models with their Banzhaf values: boosted trees and networks on the data sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Unavailable
from bench._datasets import NAMES, SHIPPED, SHIPPED_CLASSES, Dataset, boost, load, shipped
from bench._games import Game, TreeGame, in_parts, masked_model
from bench._tree_truth import Paths

_HIDDEN = (64, 64)
_MOST_TRAINED_ON = 10_000
_ENUMERABLE = 16  # players
_LONG_RUN = 2**17  # coalitions
_CELLS = 2**22  # of masked rows at once

Values = NDArray[np.float64]


@dataclass(frozen=True)
class SetFunction:
    """A game with its values.

    Attributes
    ----------
    name : str
    game : callable
    truth : ndarray of float64, shape (n,)
    doubt : float
        The relative squared error of `truth`, and 0 if it is exact.
    """

    name: str
    game: Game
    truth: Values
    doubt: float = 0.0

    @property
    def n(self) -> int:
        """Number of players."""
        return len(self.truth)


def dataset(name: str, folder: Path) -> Dataset:
    """Read one of the paper's data sets from the folder, or one of those that scikit-learn installs."""
    return shipped(name) if name in OTHER else load(name, folder)


def tree_games(names: Iterable[str], folder: Path, threads: int, rows: int = 1) -> Iterator[list[SetFunction]]:
    """Mask XGBoost (100 trees of depth 6, margin) by 50 background rows: for each set, a game per explained row."""
    for name in names:
        data = dataset(name, folder)
        paths = Paths(boost(data, threads=threads))
        terms = [paths.terms(explicand, data.background) for explicand in data.explicands[:rows]]
        yield [SetFunction(name, TreeGame(one), one.banzhaf_values()) for one in terms]


def network_games(names: Iterable[str], folder: Path) -> Iterator[list[SetFunction]]:
    """Mask a ReLU network with two layers of 64 by 50 background rows, before the last link.

    The values come from all coalitions, or from a long run with a complete nested design.
    """
    for name in names:
        game, n = _network(dataset(name, folder))
        if n <= _ENUMERABLE:
            yield [SetFunction(name, game, banzhaf.exact(game, n).values)]
            continue
        long_run = banzhaf.estimate(game, n, budget=_LONG_RUN, interactions="none", random_state=1)
        doubt = float((long_run.standard_errors**2).sum() / (long_run.values**2).sum())
        yield [SetFunction(name, game, long_run.values, doubt)]


def _network(data: Dataset) -> tuple[Game, int]:
    try:
        from sklearn.neural_network import MLPClassifier, MLPRegressor
    except ImportError:
        raise Unavailable("the networks need scikit-learn: pip install scikit-learn") from None
    location, scale = data.train.mean(axis=0), data.train.std(axis=0)
    scale[scale == 0] = 1
    rows, targets = ((data.train - location) / scale)[:_MOST_TRAINED_ON], data.targets[:_MOST_TRAINED_ON]
    settings = {"hidden_layer_sizes": _HIDDEN, "early_stopping": True, "random_state": 0}
    if data.n_classes:
        fitted = MLPClassifier(**settings).fit(rows, targets)
    else:
        fitted = MLPRegressor(**settings).fit(rows, (targets - targets.mean()) / targets.std())
    layers = list(zip(fitted.coefs_, fitted.intercepts_, strict=True))

    def outputs(cells: NDArray[np.float32]) -> Values:
        for depth, (weights, shift) in enumerate(layers):
            cells = cells @ weights.astype(np.float32) + shift.astype(np.float32)
            if depth < len(layers) - 1:
                np.maximum(cells, 0, out=cells)
        return np.asarray(cells, dtype=np.float64)

    explicand, background = (data.explicands[0] - location) / scale, (data.background - location) / scale
    column = int(outputs(explicand[np.newaxis])[0].argmax())
    game = masked_model(lambda cells: outputs(cells)[:, column], explicand, background)
    return in_parts(game, max(1, _CELLS // background.size)), data.n_features


PAPER = NAMES
OTHER = (*SHIPPED, *SHIPPED_CLASSES)
