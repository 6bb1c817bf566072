# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Two explanations of the same rows beside each other: ours, or one by another method."""

from __future__ import annotations

import dataclasses
import operator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._plots.choice import mean_of, of_output, one_output, split
from banzhaf._plots.style import LABEL_WIDTH, axes_of_rows, end_title, ink, label_rows, legend, plain_axes, whiskers
from banzhaf._support.cells import shorten
from banzhaf._support.fields import have_values
from banzhaf._support.pictures import CATEGORIES, LOW, NEUTRAL, REST
from banzhaf._support.protocols import Explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CAUTION = "Methods weight coalitions differently: compare the order, not the lengths"
_SECOND = CATEGORIES[1]


@dataclasses.dataclass
class _Other:
    """The other explanation: values of shape (rows, features), its name, and itself if it has intervals."""

    values: NDArray[np.float64]
    label: str
    ours: Explained | None

    def is_like(self, explanation: Explained) -> bool:
        """Say whether both hold the same kind of value, so that their lengths may be compared."""
        return self.ours is not None and self.ours.quantity == explanation.quantity


def compare(
    explanation: Explained,
    other: Any,
    row: int | None,
    ax: Axes | None,
    max_display: int,
    output: str | int | None,
    level: float,
    labels: Any,
) -> Axes:
    """Draw two explanations."""
    chosen = one_output(explanation, output)
    found = _read(explanation, chosen, other, output)
    first = "banzhaf" if found.ours is None else "this"
    if found.ours is not None and not found.is_like(chosen):
        first, found.label = f"{chosen.quantity}s", f"{found.ours.quantity}s"
    if labels is not None:
        if isinstance(labels, str) or len(labels) != 2:
            raise ValueError(f"labels must be two texts, one for each explanation, got {labels!r}")
        first, found.label = map(str, labels)
    if row is None:
        return _side_by_side(chosen, found, first, ax, max_display, level)
    return _against(chosen, found, first, operator.index(row), ax, max_display, level)


def _read(explanation: Explained, chosen: Explained, other: Any, output: str | int | None) -> _Other:
    """Bring the other explanation's features and outputs in the order of this one."""
    given = other.values if hasattr(other, "values") and not callable(other.values) else other
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            f"other must be an Explanation, a shap.Explanation or an array of values, got {type(other).__name__}"
        ) from None
    ours = None
    if values.ndim == 3 and all(hasattr(other, name) for name in ("importance", "output", "intervals")):
        other = one_output(other, output)
        values = other.values
    elif values.ndim == 3:
        if explanation.values.ndim != 3 or explanation.values.shape[2] != values.shape[2]:
            raise ValueError(f"other must have one output, but has {values.shape[2]}: pass other[..., 0] or the like")
        values = values[..., _position(explanation, output)]
    if all(hasattr(other, name) for name in ("importance", "output", "intervals")):
        ours = other
    if values.ndim != 2 or values.shape[1] != chosen.values.shape[1]:
        raise ValueError(
            f"other must have values of the same {chosen.values.shape[1]} features, "
            f"shape {chosen.values.shape}; got {values.shape}"
        )
    if len(values) != len(chosen):
        raise ValueError(f"other must explain the same rows: {len(chosen)} here, {len(values)} there")
    names = getattr(other, "feature_names", None)
    names = tuple(map(str, names)) if names is not None and len(names) else None
    if names is not None and names != chosen.feature_names:
        missing = [name for name in chosen.feature_names if name not in names]
        if missing or len(set(names)) < len(names):
            listed = ", ".join(map(repr, missing[:5])) or "features with distinct names"
            raise ValueError(
                f"other must have the features of this explanation: missing {listed} "
                "(pass other.values to match features by position)"
            )
        places = [names.index(name) for name in chosen.feature_names]
        values = values[:, places]
        ours = ours[:, list(chosen.feature_names)] if ours is not None else None
    module = type(other).__module__.partition(".")[0]
    label = "shap" if module == "shap" else "other"
    return _Other(values, label, ours)


def _position(explanation: Explained, output: str | int | None) -> int:
    """Return the position of the output that is shown."""
    if isinstance(output, str):
        return (explanation.output_names or ()).index(output)
    return -1 if output is None else operator.index(output)


def _side_by_side(
    chosen: Explained, other: _Other, first: str, ax: Axes | None, max_display: int, level: float
) -> Axes:
    """Draw the mean absolute values of both, one bar above the other."""
    known = have_values(other.values) & have_values(chosen.values)
    if not known.any():
        raise ValueError("other must share a row that has values in both explanations: there is none")
    if not known.all():
        chosen = chosen[known]
        other = _Other(other.values[known], other.label, other.ours[known] if other.ours is not None else None)
    means, intervals = chosen.importance(level)
    margins = [intervals[:, 1] - means]
    if other.ours is None:
        theirs = np.abs(other.values).mean(axis=0)
        margins.append(np.zeros(len(means)))
    else:
        theirs, intervals = other.ours.importance(level)
        margins.append(intervals[:, 1] - theirs)
    shown, others = split(np.fmax(means, theirs), max_display)
    ax, positions = axes_of_rows(ax, len(shown), 1.9, row_height=0.46)
    handles = []
    for bars, heights, colour, reach in (
        (means, positions + 0.19, LOW, margins[0]),
        (theirs, positions - 0.19, _SECOND, margins[1]),
    ):
        handles.append(ax.barh(heights, bars[shown], height=0.36, color=colour))
        whiskers(ax, bars[shown], heights, reach[shown], lowest=0.0)
    ax.set_xlim(left=0.0)
    label_rows(ax, positions, [shorten(chosen.feature_names[feature], LABEL_WIDTH) for feature in shown], 0)
    legend(ax, handles, [first, other.label])
    hidden = f"; {others.size} features not shown" if others.size else ""
    drawn = f"; {100 * level:.4g} % intervals" if any(np.any(reach > 0) for reach in margins) else ""
    alike = other.is_like(chosen)
    quantity = mean_of(chosen.quantity if alike else "value")
    ax.set_xlabel(f"{quantity}{of_output(chosen)}{drawn}{hidden}", parse_math=False)
    if not alike:
        end_title(ax, CAUTION)
    return ax


def _against(
    chosen: Explained, other: _Other, first: str, row: int, ax: Axes | None, max_display: int, level: float
) -> Axes:
    """Draw the values of one row against each other."""
    mine = chosen[row]
    values, theirs = mine.values[0], other.values[row]
    if np.isnan(values).any() or np.isnan(theirs).any():
        raise ValueError(f"row must have values in both explanations: row {row} has none in one of them")
    limit = min(operator.index(max_display), len(CATEGORIES))
    shown, others = split(np.fmax(np.abs(values), np.abs(theirs)), limit)
    if shown.size > len(CATEGORIES):
        shown, others = shown[:limit], np.append(others, shown[limit:])
    reach = mine.intervals(level)[0, :, 1] - values
    their_reach = np.zeros(len(values))
    if other.ours is not None:
        their_reach = other.ours[row].intervals(level)[0, :, 1] - theirs
    ax = plain_axes(ax, 4.4)
    ax.axhline(0.0, color=NEUTRAL, linewidth=0.8, zorder=0.9)
    ax.axvline(0.0, color=NEUTRAL, linewidth=0.8, zorder=0.9)
    ax.axline((0.0, 0.0), slope=1.0, color=NEUTRAL, linewidth=0.8, linestyle="--", zorder=0.9)
    bars: dict[str, Any] = {"fmt": "none", "ecolor": ink(ax), "elinewidth": 0.8, "alpha": 0.6}
    for along_x, margins in ((True, reach), (False, their_reach)):
        drawn = shown[margins[shown] > 0]
        if drawn.size:
            ends: dict[str, Any] = {"xerr" if along_x else "yerr": margins[drawn], **bars}
            ax.errorbar(values[drawn], theirs[drawn], **ends)
    handles, labels = [], []
    for feature, colour in zip(shown, CATEGORIES, strict=False):
        handles.append(ax.scatter(values[feature], theirs[feature], s=42, color=colour, zorder=2.5))
        labels.append(shorten(chosen.feature_names[feature], 24))
    if others.size:
        handles.append(ax.scatter(values[others], theirs[others], s=16, color=REST, zorder=2.4))
        labels.append(f"{others.size} other features" if others.size > 1 else "1 other feature")
    legend(ax, handles, labels)
    drawn_level = f", {100 * level:.4g} % intervals" if np.any(reach > 0) or np.any(their_reach > 0) else ""
    ax.set_xlabel(f"{first}: value{of_output(chosen)}{drawn_level}", parse_math=False)
    ax.set_ylabel(f"{other.label}: value", parse_math=False)
    caution = "" if other.is_like(chosen) else f"\n{CAUTION}"
    end_title(ax, f"row {row}; equal values lie on the dashed line{caution}")
    return ax
