# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The example of a network of PyTorch: it is trained on the spot, and the regions of the figure have high values."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "images" / "on_torch.py"


def test_the_figure_is_found():
    example = runpy.run_path(str(EXAMPLE))
    network = example["train"](steps=150)
    rng = np.random.default_rng(1)
    shares, by_chance = [], []
    for kind in (0, 1, 0, 1):
        image, there = example["picture"](rng, kind)
        game, values = example["explain"](network, image, kind)
        everyone = np.ones((1, game.n_players), dtype=bool)
        assert game(everyone)[0] > 0  # the network is right
        shares.append(example["share_of_figure"](game, image, there, values))
        by_chance.append(example["share_of_figure"](game, image, there, rng.random(game.n_players)))
    assert np.mean(shares) > 0.7 > 2 * np.mean(by_chance)
