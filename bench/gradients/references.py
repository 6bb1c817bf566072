# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""References: values of one background row each, from all coalitions or from many pairs, and kept in a folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.gradients.networks import Problem, pytorch

_EXACT = 20  # players; up to this many, all coalitions are evaluated
_ROWS = 8192  # at once


@dataclass(frozen=True)
class Reference:
    """Values of each background row's game, in two halves that share no coalition.

    Attributes
    ----------
    halves : ndarray of float64, shape (2, n_background, n_players)
        Both are the same if they are exact.
    """

    halves: NDArray[np.float64]

    def of(self, n_background: int) -> NDArray[np.float64]:
        """Return the values with the first rows of the background."""
        return np.asarray(self.halves[:, :n_background].mean(axis=(0, 1)))

    def error(self, n_background: int) -> float:
        """Return the relative squared error that the reference itself is expected to have."""
        one, other = self.halves[:, :n_background].mean(axis=1)
        return float(np.square(one - other).sum() / 4 / np.square(self.of(n_background)).sum())


def reference(problem: Problem, n_pairs: int, folder: Path | None) -> Reference:
    """Read the reference from the folder, or compute it from `n_pairs` pairs a background row and keep it there."""
    path = None
    if folder is not None:
        weights = b"".join(part.numpy().tobytes() for part in problem.network.state_dict().values())
        key = hashlib.sha256(weights + problem.row.tobytes() + problem.background.tobytes()).hexdigest()[:16]
        path = folder / f"{key}-{n_pairs}.npy"
        if path.exists():
            return Reference(np.load(path))
    game = _Game(problem)
    if problem.n_players <= _EXACT:
        exact = np.array([_all_coalitions(game, row) for row in problem.background])
        made = Reference(np.array([exact, exact]))
    else:
        seeds = np.random.SeedSequence(12345).spawn(len(problem.background))
        rows = zip(problem.background, seeds, strict=True)
        made = Reference(np.moveaxis([_pairs(game, row, n_pairs, seed) for row, seed in rows], 0, 1))
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, made.halves)
    return made


class _Game:
    """The masked network of one background row at signs of the players, with its first layer applied to the signs."""

    def __init__(self, problem: Problem) -> None:
        torch = pytorch()
        self._torch = torch
        self._row = problem.row
        self._players = torch.from_numpy(np.eye(problem.n_players, dtype=np.float32)[problem.player_of])
        layers = list(problem.network) if isinstance(problem.network, torch.nn.Sequential) else []
        self._first = layers[0] if layers and isinstance(layers[0], torch.nn.Linear) else None
        self._rest = torch.nn.Sequential(*layers[1:]) if self._first is not None else problem.network

    def sums_and_parts(self, background: NDArray[np.float32]) -> tuple[Any, Any]:
        """Return what the network's rest takes: its middle, and what the sign of each player adds."""
        middle = self._torch.from_numpy((self._row + background) / 2)
        parts = (self._players * self._torch.from_numpy((self._row - background) / 2)[:, None]).T
        if self._first is None:
            return middle, parts
        return self._first(middle), parts @ self._first.weight.T

    def __call__(self, cells: Any) -> NDArray[np.float64]:
        with self._torch.inference_mode():
            return np.asarray(self._rest(cells).double().numpy())


def _pairs(game: _Game, background: NDArray[np.float32], n_pairs: int, seed: Any) -> NDArray[np.float64]:
    """Return two means over full Hadamard designs that share nothing."""
    torch = pytorch()
    middle, parts = game.sums_and_parts(background)
    rng = np.random.default_rng(seed)
    n = len(parts)
    order = 1 << (n - 1).bit_length()
    signs = np.ones((1, 1), dtype=np.float32)
    while len(signs) < order:
        signs = np.kron(np.array([[1, 1], [1, -1]], dtype=np.float32), signs)
    at_once = max(1, _ROWS // (2 * order))
    sums, counts = np.zeros((2, n)), np.zeros(2)
    for part in range(max(2, n_pairs // (order * at_once))):
        columns = [rng.permutation(order)[:n] for _ in range(at_once)]
        drawn = np.vstack([signs[:, kept] * rng.choice(np.float32([-1, 1]), n) for kept in columns])
        moved = torch.from_numpy(drawn) @ parts
        differences = game(middle + moved) - game(middle - moved)
        sums[part % 2] += drawn.T.astype(np.float64) @ differences
        counts[part % 2] += len(drawn)
    return np.asarray(sums / counts[:, np.newaxis])


def _all_coalitions(game: _Game, background: NDArray[np.float32]) -> NDArray[np.float64]:
    torch = pytorch()
    middle, parts = game.sums_and_parts(background)
    n = len(parts)
    low = min(n, 12)
    signs = torch.from_numpy(_signs(low))
    moved = signs @ parts[:low] + middle
    sums = np.zeros(n)
    for high in _signs(n - low):
        worths = game(moved + torch.from_numpy(high) @ parts[low:])
        sums[:low] += signs.double().numpy().T @ worths
        sums[low:] += high * worths.sum()
    return sums / 2 ** (n - 1)


def _signs(n: int) -> NDArray[np.float32]:
    """Return all rows of n signs."""
    return (np.arange(2**n)[:, np.newaxis] >> np.arange(n) & 1).astype(np.float32) * 2 - 1
