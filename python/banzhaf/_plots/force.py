# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""One row as forces: parts that push the mean output up and down, their sum, and how far the prediction is from it."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from banzhaf._plots.choice import of_output, one_output
from banzhaf._plots.row import named_cell
from banzhaf._plots.style import BAR_HEIGHT, axes_of_rows, end_title, ink, label_rows
from banzhaf._support import arguments as check
from banzhaf._support.pictures import HIGH, LOW, NEUTRAL, REST
from banzhaf._support.protocols import Explained
from banzhaf._support.quantities import SHAPLEY_VALUE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def force(
    explanation: Explained,
    row: int,
    prediction: float | None,
    ax: Axes | None,
    max_display: int,
    output: str | int | None,
) -> Axes:
    """Draw one row as forces."""
    chosen = one_output(explanation, output)[operator.index(row)]
    if chosen.quantity.startswith("|"):
        raise ValueError("force needs values with their signs: call it on the explanation itself, not on its abs")
    values = chosen.values[0]
    if np.isnan(values).any():
        raise ValueError(f"row must have values: row {row} has none, since the run ended before it")
    limit = check.integer("max_display", max_display, 1)
    told = None if prediction is None else check.real("prediction", prediction)
    base = float(chosen.base_values)
    total = base + float(values.sum())
    parts = _parts(chosen, limit)
    n_rows = len(parts) + 1 + (told is not None)
    ax, positions = axes_of_rows(ax, n_rows, 2.0, above=0.35)
    ends = base + np.concatenate([[0.0], np.cumsum([size for size, _, _ in parts])])
    marks = np.append(ends, [total, *([] if told is None else [told])])
    span = float(np.ptp(marks)) or 1.0
    ax.set_xlim(marks.min() - 0.16 * span, marks.max() + 0.16 * span)

    labels = ["mean output"]
    _number(ax, base, 0.0, positions[0], f"{base:.4g}")
    for place, start, (size, label, colour) in zip(positions[1:], ends, parts, strict=False):
        ax.barh(place, size, left=start, height=BAR_HEIGHT, color=colour)
        ax.plot([start, start], [place - BAR_HEIGHT / 2, place + 1.0], color=NEUTRAL, linewidth=0.7)
        _number(ax, start, size, place, f"{size:+.4g}")
        labels.append(label)
    lines: list[tuple[float, Any, str]] = [
        (base, ":", f"mean output {base:.4g} (dotted)"),
        (total, "-", f"sum {total:.4g} (line)"),
    ]
    if told is not None:
        look: dict[str, Any] = {"color": NEUTRAL, "edgecolor": ax.get_facecolor(), "linewidth": 0.0, "hatch": "////"}
        ax.barh(positions[-1], told - total, left=total, height=BAR_HEIGHT, **look)
        _number(ax, total, told - total, positions[-1], f"{told - total:+.4g}")
        labels.append("prediction - sum")
        lines.append((told, "--", f"prediction {told:.4g} (dashed)"))
    label_rows(ax, positions, labels, 0)
    for place, style, _ in lines:
        ax.axvline(place, color=ink(ax), linestyle=style, linewidth=1.0, zorder=0.8)
    ax.set_xlabel(f"model output{of_output(chosen)}", parse_math=False)
    heading = f"row {row}: {lines[0][2]}, {lines[1][2]}"
    heading += "" if told is None else f",\n{lines[2][2]}"
    caution = "" if chosen.quantity == SHAPLEY_VALUE else f"\n{chosen.quantity}s need not sum to the prediction"
    end_title(ax, f"{heading}{caution}")
    return ax


def _parts(chosen: Explained, limit: int) -> list[tuple[float, str, str]]:
    """Return size, label and colour of the parts: those that raise the output come first, the largest outermost."""
    values = chosen.values[0]
    order = np.argsort(-np.abs(values), kind="stable")
    own = order[: limit + (len(order) == limit + 1)]
    rest = order[len(own) :]
    parts = []
    for sign, colour in ((1.0, HIGH), (-1.0, LOW)):
        pushing = [(float(values[i]), named_cell(chosen, int(i)), colour) for i in own if sign * values[i] > 0]
        others = rest[sign * values[rest] > 0]
        if others.size == 1:  # its name takes no more room than a sum
            pushing.append((float(values[others[0]]), named_cell(chosen, int(others[0])), colour))
        elif others.size:
            label = f"sum of {others.size:,} others {'above' if sign > 0 else 'below'} zero"
            pushing.append((float(values[others].sum()), label, REST))
        parts += pushing if sign > 0 else pushing[::-1]
    return parts


def _number(ax: Axes, start: float, size: float, place: float, text: str) -> None:
    """Write a number beside the end of a bar."""
    distance = 3 if size >= 0 else -3
    ax.annotate(
        text,
        (start + size, place),
        xytext=(distance, 0),
        textcoords="offset points",
        ha="left" if size >= 0 else "right",
        va="center",
        fontsize="small",
        bbox={"facecolor": ax.get_facecolor(), "edgecolor": "none", "pad": 0.6},
    )
