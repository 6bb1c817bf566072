# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""captum's integrated gradients and shap's GradientExplainer on the same network, row and background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.gradients.networks import Problem, pytorch

Values = NDArray[np.float64]


def captum_values(problem: Problem, n_background: int, n_gradients: int, seed: int) -> Values:
    """Return the mean over the background of captum's integrated gradients."""
    from captum.attr import IntegratedGradients

    torch = pytorch()
    background = torch.from_numpy(problem.background[:n_background])
    rows = torch.from_numpy(problem.row).expand(n_background, -1)
    method = IntegratedGradients(problem.network)
    n_steps = max(2, n_gradients // n_background)
    found = method.attribute(rows, baselines=background, n_steps=n_steps, internal_batch_size=4096)
    return np.asarray(found.mean(dim=0).double().numpy())


def shap_values(problem: Problem, n_background: int, n_gradients: int, seed: int) -> Values:
    """Return the values of shap's GradientExplainer."""
    import shap

    torch = pytorch()
    column = torch.nn.Sequential(problem.network, torch.nn.Unflatten(0, (-1, 1)))
    explainer = shap.GradientExplainer(column, torch.from_numpy(problem.background[:n_background]), batch_size=500)
    row = torch.from_numpy(problem.row[np.newaxis])
    found: Any = explainer.shap_values(row, nsamples=n_gradients, rseed=seed)
    return np.asarray(found, dtype=np.float64).reshape(-1)


PEERS: dict[str, tuple[str, Callable[[Problem, int, int, int], Values]]] = {
    "captum's IntegratedGradients": ("captum", captum_values),
    "shap's GradientExplainer": ("shap", shap_values),
}
