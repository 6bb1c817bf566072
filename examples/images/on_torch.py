# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Which part of an image determines the output of a PyTorch network?

A small convolutional network learns to tell a cross from a square, somewhere on a noisy colour image. The values of the
image's regions then show where it found the figure. It takes a few seconds, and no download.

    pip install 'banzhaf[torch]'
    python on_torch.py
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from banzhaf.games import ImageRegions

SIZE, FIGURE, REGIONS = 24, 6, 36  # pixels, pixels, regions
FIGURES = ("cross", "square")


def picture(rng: np.random.Generator, kind: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a figure on noise, and return the image and the pixels of the figure."""
    image = rng.integers(0, 128, (SIZE, SIZE, 3)).astype(np.uint8)
    row, column = rng.integers(0, SIZE - FIGURE + 1, 2)
    lines = np.eye(FIGURE, dtype=bool)
    lines |= lines[::-1]
    if kind == 1:
        lines = np.ones((FIGURE, FIGURE), dtype=bool)
        lines[1:-1, 1:-1] = False
    there = np.zeros((SIZE, SIZE), dtype=bool)
    there[row : row + FIGURE, column : column + FIGURE] = lines
    image[there] = rng.integers(160, 256, 3)
    return image, there


def tensor(images: np.ndarray) -> torch.Tensor:
    """Move the channels to where PyTorch wants them, and scale them to 1."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


def train(steps: int = 400, seed: int = 0) -> nn.Module:
    """Train a network on new pictures in each step."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = nn.Sequential(
        nn.Conv2d(3, 16, 3),
        nn.ReLU(),
        nn.Conv2d(16, 32, 4),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 2),
    )
    optimiser = torch.optim.Adam(network.parameters(), lr=5e-3)
    for _ in range(steps):
        kinds = rng.integers(0, 2, 32)
        images = np.stack([picture(rng, kind)[0] for kind in kinds])
        loss = nn.functional.cross_entropy(network(tensor(images)), torch.from_numpy(kinds))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()


def explain(network: nn.Module, image: np.ndarray, kind: int) -> tuple[ImageRegions, np.ndarray]:
    """Return the game and the values of the regions for one class."""

    def log_odds(images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            scores: np.ndarray = network(tensor(images)).double().numpy()
        margins: np.ndarray = scores[:, kind] - scores[:, 1 - kind]
        return margins

    game = ImageRegions(log_odds, image, n_regions=REGIONS, absence=64.0)
    return game, game.estimate(1_024, random_state=0).values


def share_of_figure(game: ImageRegions, image: np.ndarray, there: np.ndarray, values: np.ndarray) -> float:
    """Return the share of the figure's pixels that lie in its most valuable regions, as many as it touches."""
    side = round(REGIONS**0.5)
    region = np.arange(SIZE) * side // SIZE
    regions = region[:, None] * side + region
    touched = np.unique(regions[there])
    best = np.argsort(-values)[: len(touched)]
    return float(np.isin(regions[there], best).mean())


if __name__ == "__main__":
    network = train()
    rng = np.random.default_rng(1)
    for kind, name in enumerate(FIGURES):
        image, there = picture(rng, kind)
        game, values = explain(network, image, kind)
        share = share_of_figure(game, image, there, values)
        print(f"{name}: {share:.0%} of its pixels lie in the regions of the highest values")
