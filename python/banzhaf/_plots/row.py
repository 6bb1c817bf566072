# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The values of one explained row, as bars with intervals."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from banzhaf._plots.bars import value_bars
from banzhaf._plots.choice import of_output, one_output, with_intervals
from banzhaf._plots.style import LABEL_WIDTH
from banzhaf._support.cells import shorten
from banzhaf._support.pictures import cell_text
from banzhaf._support.protocols import Explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def row_bars(
    explanation: Explained, row: int, ax: Axes | None, max_display: int, output: str | int | None, level: float
) -> Axes:
    """Draw the values of one row."""
    chosen = one_output(explanation, output)[operator.index(row)]
    values = chosen.values[0]
    margins = chosen.intervals(level)[0, :, 1] - values
    wider = chosen.intervals(level, background=True)[0, :, 1] - values
    ax, light = value_bars(ax, lambda feature: named_cell(chosen, feature), values, margins, wider, max_display)
    label = f"{chosen.quantity}{of_output(chosen)}{with_intervals(chosen, level)}"
    if light:
        of_level = "" if np.any(chosen.standard_errors > 0.0) else f" {100 * level:.4g} %"
        label += f"\nbroad:{of_level} with the background as a sample"
    ax.set_xlabel(label, parse_math=False)
    base = float(chosen.base_values)
    ax.set_title(f"row {row}; mean output over the background {base:.4g}", fontsize="medium")
    return ax


def named_cell(explanation: Explained, feature: int) -> str:
    """Write a feature's name and its cell in the only row of an explanation."""
    cell = cell_text(explanation.data[0, feature])
    return f"{shorten(explanation.feature_names[feature], LABEL_WIDTH - len(cell))} = {cell}"
