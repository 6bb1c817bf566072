# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tensors of PyTorch as what games get."""

from __future__ import annotations

import numpy as np
import pytest

from banzhaf.games import ModelLoss, TextSpans, WeightedVoting, detect

torch = pytest.importorskip("torch")


def test_weights_and_quotas():
    assert WeightedVoting(torch.tensor([3, 2, 1]), torch.tensor(4)).swings() == WeightedVoting([3, 2, 1], 4).swings()


def test_values_of_players():
    """A tensor has a method `values`, which is not what is meant."""
    assert detect(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([True, False, True])).auc == 0.5
    text = TextSpans(lambda texts: [len(text) for text in texts], "a bb")
    assert text.highlight(torch.tensor([1.0, 2.0])).html == text.highlight([1.0, 2.0]).html


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rows_and_targets(dtype):
    X, y = torch.eye(3, dtype=dtype, requires_grad=True), torch.ones(3, dtype=dtype, requires_grad=True)
    game = ModelLoss(lambda rows: rows.sum(axis=1), X, y, loss="squared_error", random_state=0)
    assert game(np.ones((1, 3), dtype=bool)) == 0
