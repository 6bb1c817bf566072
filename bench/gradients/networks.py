# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Networks that are trained on the spot, each with a row to explain and 50 background rows. They need PyTorch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._command import Unavailable
from bench._datasets import N_BACKGROUND, Dataset, load

DENSE = {"ReLU 64-64": ("ReLU", (64, 64)), "tanh 64-64": ("Tanh", (64, 64)), "ReLU 128 x 3": ("ReLU", (128,) * 3)}
LARGE = ("BRCA", "Communities & Crime")
_STEPS, _BATCH = 1500, 128

Cells = NDArray[np.float32]


@dataclass(frozen=True)
class Problem:
    """A network, a row to explain and its background.

    Attributes
    ----------
    name : str
    network : torch.nn.Module
        It takes rows, shape (m, n_columns), and returns outputs, shape (m,).
    row : ndarray of float32, shape (n_columns,)
    background : ndarray of float32, shape (N_BACKGROUND, n_columns)
    player_of : ndarray of int, shape (n_columns,)
        The player that each column belongs to.
    """

    name: str
    network: Any
    row: Cells
    background: Cells
    player_of: NDArray[np.intp]

    @property
    def n_players(self) -> int:
        """The number of players."""
        return int(self.player_of.max()) + 1

    @property
    def groups(self) -> dict[str, list[int]] | None:
        """The columns of each player, or None if each column is one."""
        if self.n_players == len(self.player_of):
            return None
        return {f"player {i}": np.flatnonzero(self.player_of == i).tolist() for i in range(self.n_players)}


def pytorch() -> Any:
    """Import PyTorch, or say that it is missing."""
    try:
        import torch
    except ImportError:
        raise Unavailable("the networks need PyTorch: pip install torch") from None
    torch.set_flush_denormal(True)  # the decay of weights makes denormal ones, which take ten times as long
    return torch


def dense(name: str, folder: Path, kinds: Iterable[str] = DENSE) -> list[Problem]:
    """Train dense networks on a data set: of a class's log-odds against the others, or of a standardised target."""
    data = load(name, folder)
    cells, players = _one_hot(data) if name == "Adult" else (_standardised(data), np.arange(data.n_features))
    train, background, row = cells
    made = []
    for kind in kinds:
        network = train_dense(kind, train, _targets(data), classes=data.n_classes > 0)
        made.append(Problem(f"{name}, {kind}", network, row, background, players))
    return made


def train_dense(kind: str, rows: Cells, targets: Cells, *, classes: bool, steps: int = _STEPS) -> Any:
    """Train one of the dense networks, and return it in evaluation mode."""
    torch = pytorch()
    activation, hidden = DENSE[kind]
    torch.manual_seed(0)
    widths = (rows.shape[1], *hidden)
    layers: list[Any] = []
    for width, following in itertools.pairwise(widths):
        layers += [torch.nn.Linear(width, following), getattr(torch.nn, activation)()]
    network = torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], 1), torch.nn.Flatten(0))
    loss = torch.nn.BCEWithLogitsLoss() if classes else torch.nn.MSELoss()
    return fit(network, torch.from_numpy(rows), torch.from_numpy(targets), loss, steps)


def fit(network: Any, rows: Any, targets: Any, loss: Callable[[Any, Any], Any], steps: int) -> Any:
    """Train a network by Adam on random batches, and return it in evaluation mode."""
    torch = pytorch()
    steering = torch.optim.Adam(network.parameters(), 1e-3, weight_decay=1e-4)
    drawn = torch.Generator().manual_seed(0)
    for _ in range(steps):
        batch = torch.randint(len(rows), (_BATCH,), generator=drawn)
        steering.zero_grad()
        loss(network(rows[batch]), targets[batch]).backward()
        steering.step()
    return network.eval().requires_grad_(False)


def _targets(data: Dataset) -> Cells:
    if data.n_classes:
        return (data.targets == data.n_classes - 1).astype(np.float32)
    return ((data.targets - data.targets.mean()) / data.targets.std()).astype(np.float32)


def _standardised(data: Dataset) -> tuple[Cells, Cells, Cells]:
    mean, spread = data.train.mean(axis=0), data.train.std(axis=0)
    spread[spread == 0] = 1
    made = [(rows - mean) / spread for rows in (data.train, data.background, data.explicands[0])]
    return made[0], made[1], made[2]


# Adult's columns of text, which the data set turned into numbers.
_ADULT_TEXTS = (1, 3, 5, 6, 7, 8, 9, 13)


def _one_hot(data: Dataset) -> tuple[tuple[Cells, Cells, Cells], NDArray[np.intp]]:
    """Turn each column of categories into a group of columns with one 1; the other columns are standardised."""
    tables = _standardised(data)
    codes = (data.train, data.background, data.explicands[:1])
    parts: list[list[Cells]] = [[], [], []]
    players: list[int] = []
    for column in range(data.n_features):
        categories = np.unique(data.train[:, column]) if column in _ADULT_TEXTS else None
        players += [column] * (1 if categories is None else len(categories))
        for part, table, code in zip(parts, tables, codes, strict=True):
            if categories is None:
                part.append(np.atleast_2d(table)[:, [column]])
            else:
                part.append((code[:, [column]] == categories).astype(np.float32))
    train, background, row = (np.hstack(part) for part in parts)
    return (train, background, row[0]), np.asarray(players)


def digits() -> Problem:
    """Train a convolutional network on scikit-learn's digits; the output is the log-odds of the digit 8."""
    torch = pytorch()
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise Unavailable("the digits need scikit-learn: pip install scikit-learn") from None
    cells, labels = load_digits(return_X_y=True)
    rows = (cells / 16).astype(np.float32)
    order = np.random.default_rng(0).permutation(len(rows))
    train = order[: -len(order) // 5]
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, 8, 8)),
        torch.nn.Conv2d(1, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(8, 16, 3, stride=2, padding=1),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(256, 32),
        torch.nn.ReLU(),
        torch.nn.Linear(32, 1),
        torch.nn.Flatten(0),
    )
    wanted = torch.from_numpy((labels == 8).astype(np.float32))
    fit(network, torch.from_numpy(rows[train]), wanted[train], torch.nn.BCEWithLogitsLoss(), 1000)
    held_out = order[-len(order) // 5 :]
    eight = held_out[labels[held_out] == 8][0]
    return Problem("digits, convolutional", network, rows[eight], rows[train[:N_BACKGROUND]], np.arange(64))


N_TOKENS, _N_WORDS, _WIDTH = 32, 50, 8


def tokens() -> Problem:
    """Train a transformer on sequences of 32 tokens; the columns are embeddings, and each token is a player.

    A sequence is positive if more of its words are praise than blame, where a word right after a negation counts as its
    opposite.
    """
    torch = pytorch()
    rng = np.random.default_rng(0)
    sequences = rng.integers(0, _N_WORDS, (6000, N_TOKENS))
    tone = np.zeros(_N_WORDS)
    tone[:10], tone[10:20] = 1, -1
    negated = np.isin(np.roll(sequences, 1, axis=1), np.arange(20, 26))
    negated[:, 0] = False
    score = (tone[sequences] * np.where(negated, -1, 1)).sum(axis=1)
    torch.manual_seed(0)
    embedding = torch.nn.Embedding(_N_WORDS, _WIDTH)
    network = _transformer(torch)
    both = torch.nn.Sequential(embedding, torch.nn.Flatten(), network)
    positive = torch.from_numpy((score > 0).astype(np.float32))
    fit(both, torch.from_numpy(sequences[1000:]), positive[1000:], torch.nn.BCEWithLogitsLoss(), 1500)
    with torch.no_grad():
        rows = embedding(torch.from_numpy(sequences[: N_BACKGROUND + 1])).flatten(1).numpy()
    return Problem("tokens, transformer", network, rows[0], rows[1:], np.repeat(np.arange(N_TOKENS), _WIDTH))


def _transformer(torch: Any) -> Any:
    class Transformer(torch.nn.Module):  # type: ignore[misc,name-defined]
        """One layer of attention over token embeddings with learned positions, and the mean of its outputs."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = torch.nn.Linear(_WIDTH, 16)
            self.positions = torch.nn.Parameter(torch.randn(N_TOKENS, 16) / 4)
            self.layer = torch.nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
            self.outer = torch.nn.Linear(16, 1)

        def forward(self, rows: Any) -> Any:
            inner = self.inner(rows.reshape(len(rows), N_TOKENS, _WIDTH)) + self.positions
            return self.outer(self.layer(inner).mean(dim=1))[:, 0]

    return Transformer()
