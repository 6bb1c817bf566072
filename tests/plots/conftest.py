# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What tests that draw figures share."""

from __future__ import annotations

import pytest


@pytest.fixture
def figures():
    """No figure outlives its test, every one can be drawn, and no style has changed."""
    plt = pytest.importorskip("matplotlib.pyplot")
    style = dict(plt.rcParams)
    yield
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()
    plt.close("all")
    assert dict(plt.rcParams) == style
