# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A scatter plot of one feature: its Banzhaf values against its cells, coloured by a second feature."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._plots.choice import drawn_intervals, feature_index, of_output, one_output, with_intervals
from banzhaf._plots.pairs import need_pairs, of_features, one_of, partner, quantity_of
from banzhaf._plots.style import LABEL_WIDTH, colour_bar, ink, legend, plain_axes, ramp
from banzhaf._plots.swarm import dot_size
from banzhaf._support.cells import codes, shorten
from banzhaf._support.pictures import COLOURFUL, LOW, NEUTRAL, REST, cell_text, shades
from banzhaf._support.protocols import Explained, Interacting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_COLUMNS = 20  # categories with a column of their own
_BINS = 10


@dataclasses.dataclass
class _Place:
    """Where dots stand on the horizontal axis, and the ticks that are no numbers."""

    x: NDArray[np.float64]
    ticks: list[float]
    labels: list[str]
    numeric: bool
    low: float = np.inf  # of the finite numbers, if there are any
    high: float = -np.inf


def scatter(
    explanation: Explained,
    feature: str | int,
    color_by: str | int | None,
    ax: Axes | None,
    output: str | int | None,
    level: float | None,
    interactions: Interacting | None = None,
) -> Axes:
    """Draw one feature's values against its cells."""
    chosen = one_output(explanation, output)
    index = feature_index(chosen, "feature", feature)
    if not len(chosen):
        raise ValueError("an Explanation of no rows has nothing to plot")
    values = chosen.values[:, index]
    other = None
    if color_by is not None and color_by != "auto":
        other = feature_index(chosen, "color_by", color_by)
    elif color_by == "auto" and interactions is not None:
        other = partner(interactions, chosen, index, output)
    elif color_by == "auto":
        other = strongest_partner(chosen, index)
    margins = None if level is None else chosen.intervals(level)[:, index, 1] - values
    second = None if other is None else (chosen.data[:, other], chosen.feature_names[other])
    ax = _dots(ax, chosen.data[:, index], values, margins, second)
    ax.set_xlabel(shorten(chosen.feature_names[index], LABEL_WIDTH), parse_math=False)
    intervals = "" if level is None else with_intervals(chosen, level).replace(", with", "\nwith")
    ax.set_ylabel(f"{chosen.quantity}{of_output(chosen)}{intervals}", parse_math=False)
    return ax


def scatter_of_pair(
    found: Interacting,
    explanation: Explained,
    first: str | int,
    second: str | int,
    ax: Axes | None,
    output: str | int | None,
    level: float | None,
) -> Axes:
    """Draw the interaction of one pair in each row against the first feature's cells, coloured by the second."""
    need_pairs(found, "scatter")
    if found.n_rows is None or found.n_rows != len(explanation):
        raise ValueError(
            f"explanation must have the {found.n_rows or 0} rows of the interactions, got {len(explanation)}"
        )
    one = one_of(found, output)
    pair = [feature_index(explanation, name, given) for name, given in (("first", first), ("second", second))]
    if pair[0] == pair[1]:
        raise ValueError(f"second must be another feature than first, got {second!r}")
    places = of_features(found, explanation)
    wanted = sorted(places.index(feature) for feature in pair)
    listed = np.flatnonzero((one.players == wanted).all(axis=1))
    if not listed.size or np.isnan(one.values[:, listed[0]]).all():
        raise ValueError(f"first and second must be a pair that was resolved, got {first!r} and {second!r}")
    values = one.values[:, listed[0]]
    margins, intervals = None, ""
    if level is not None:
        margins = one.intervals(level)[:, listed[0], 1] - values
        intervals = drawn_intervals(margins, level).replace(", with", "\nwith")
    names = [explanation.feature_names[feature] for feature in pair]
    ax = _dots(ax, explanation.data[:, pair[0]], values, margins, (explanation.data[:, pair[1]], names[1]))
    ax.set_xlabel(shorten(names[0], LABEL_WIDTH), parse_math=False)
    ax.set_ylabel(f"{quantity_of(one)}{of_output(one)}{intervals}", parse_math=False)
    return ax


def _dots(
    ax: Axes | None,
    cells: NDArray[Any],
    values: NDArray[np.float64],
    margins: NDArray[np.float64] | None,
    second: tuple[NDArray[Any], str] | None,
) -> Axes:
    """Draw values against cells, coloured by the cells of a second feature, and their intervals."""
    place = _place(cells)
    ax = plain_axes(ax, 3.8)
    if margins is not None and np.any(margins > 0):
        drawn = margins > 0
        ax.errorbar(
            place.x[drawn], values[drawn], yerr=margins[drawn], fmt="none", ecolor=ink(ax), elinewidth=0.7, alpha=0.4
        )
    ax.axhline(0.0, color=NEUTRAL, linewidth=0.8, zorder=0.9)
    look: dict[str, Any] = {"s": 1.3 * dot_size(len(values)), "linewidths": 0, "zorder": 2.5}
    if second is None:
        ax.scatter(place.x, values, color=LOW, **look)
    else:
        _coloured(ax, place.x, values, *second, look)
    if place.numeric:
        _number_ticks(ax, place)
    else:
        slant: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
        crowded = sum(map(len, place.labels)) > 60
        ax.set_xticks(place.ticks, place.labels, parse_math=False, **(slant if crowded else {}))
        ax.set_xlim(-0.6, max(place.ticks) + 0.6)
    return ax


def _place(cells: NDArray[Any]) -> _Place:
    """Place the cells of a feature: numbers where they belong, texts in jittered columns, missing ones apart."""
    numbers, numeric = codes(cells)
    missing = np.isnan(numbers)
    if not numeric:
        x, labels = _columns(cells, missing)
        jitter = _jitter(len(cells))
        return _Place(x + 0.3 * jitter, [float(tick) for tick in range(len(labels))], labels, False)
    x = numbers.copy()
    finite = numbers[np.isfinite(numbers)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    step = 0.12 * (high - low) or 0.12 * abs(low) or 0.12
    ticks, labels = [], []
    left = low
    for label, mask in (("missing", missing), ("-inf", numbers == -np.inf)):
        if mask.any():
            left -= step
            x[mask] = left + 0.2 * step * _jitter(int(mask.sum()))
            ticks.append(left)
            labels.append(label)
    if (numbers == np.inf).any():
        x[numbers == np.inf] = high + step
        ticks.append(high + step)
        labels.append("inf")
    return _Place(x, ticks, labels, True, *((low, high) if finite.size else ()))


def _columns(cells: NDArray[Any], missing: NDArray[np.bool_]) -> tuple[NDArray[np.float64], list[str]]:
    """Give each category a column, the rare ones of very many and the missing ones one each."""
    texts, places, counts = np.unique(cells[~missing].astype(str), return_inverse=True, return_counts=True)
    labels = [shorten(str(text), 18) or "(empty)" for text in texts]
    column = np.arange(len(texts))
    if len(texts) > _MOST_COLUMNS:
        own = np.sort(np.argsort(-counts, kind="stable")[: _MOST_COLUMNS - 1])
        column = np.full(len(texts), len(own))
        column[own] = np.arange(len(own))
        labels = [*(labels[index] for index in own), f"{len(texts) - len(own)} others"]
    x = np.full(len(cells), float(len(labels)))
    x[~missing] = column[places]
    if missing.any():
        labels = [*labels, "missing"]
    return x, labels


def _jitter(count: int) -> NDArray[np.float64]:
    """Return numbers in (-1, 1) that fill the range evenly, the same in every call."""
    steps = 0.5 + 0.6180339887498949 * np.arange(count, dtype=np.float64)
    return np.asarray(2.0 * (steps % 1.0) - 1.0, dtype=np.float64)


def _number_ticks(ax: Axes, place: _Place) -> None:
    """Keep the ticks of numbers, and add those of missing and infinite cells."""
    if not place.ticks:
        return
    ax.autoscale_view()
    low, high = ax.get_xlim()
    first = max((tick for tick, label in zip(place.ticks, place.labels, strict=True) if label != "inf"), default=low)
    last = min((tick for tick, label in zip(place.ticks, place.labels, strict=True) if label == "inf"), default=high)
    room = 0.09 * (high - low)
    has_numbers = place.low <= place.high
    kept = [float(tick) for tick in ax.get_xticks() if max(first + room, low) <= tick <= min(last - room, high)]
    kept = kept if has_numbers else []
    texts = list(ax.xaxis.get_major_formatter().format_ticks(kept))
    ax.set_xticks([*place.ticks, *kept], [*place.labels, *texts], parse_math=False)
    ax.set_xlim(low, high)
    if not has_numbers:
        return
    for tick, label in zip(place.ticks, place.labels, strict=True):
        if label != "-inf" or "missing" not in place.labels:
            edge = (tick + (place.high if label == "inf" else place.low)) / 2
            ax.axvline(edge, color=NEUTRAL, linewidth=0.6, linestyle=":")


def _coloured(
    ax: Axes,
    x: NDArray[np.float64],
    values: NDArray[np.float64],
    cells: NDArray[Any],
    name: str,
    look: dict[str, Any],
) -> None:
    """Draw dots coloured by a second feature, and say what the colours mean."""
    numbers, numeric = codes(cells)
    name = shorten(name, LABEL_WIDTH)
    if numeric:
        degrees = shades(numbers)
        ax.scatter(x, values, color=ramp()(degrees), **look)
        finite = numbers[np.isfinite(numbers)]
        if finite.size:
            ends = np.percentile(finite, [5, 95])
            if ends[0] == ends[1]:
                ends = np.array([finite.min(), finite.max()])
            grey = " (grey: missing)" if np.isnan(numbers).any() else ""
            colour_bar(ax, (cell_text(float(ends[0])), cell_text(float(ends[1]))), name + grey)
        return
    missing = np.isnan(numbers)
    texts, counts = np.unique(cells[~missing].astype(str), return_counts=True)
    own = np.sort(np.argsort(-counts, kind="stable")[: len(COLOURFUL) - (len(texts) > len(COLOURFUL))])
    groups = [(numbers == index, COLOURFUL[place], str(texts[index])) for place, index in enumerate(own)]
    rest = ~missing & ~np.isin(numbers, own)
    groups += [(rest, REST, f"{len(texts) - len(own)} others"), (missing, NEUTRAL, "missing")]
    handles, labels = [], []
    for mask, colour, label in groups:
        if mask.any():
            handles.append(ax.scatter(x[mask], values[mask], color=colour, **look))
            labels.append(shorten(label, 18) or "(empty)")
    legend(ax, handles, labels, title=name)


def strongest_partner(explanation: Explained, feature: int) -> int | None:
    """Find the feature that goes with most of the spread of `feature`'s values among rows with similar cells.

    Rows are put in bins of similar cells. In each bin the share of the variance is measured that another feature
    explains, by a line if it is numeric and by the means of its categories else, less what chance would explain.
    """
    values = explanation.values[:, feature]
    known = np.isfinite(values)
    numbers, numeric = codes(explanation.data[known][:, feature])
    values, data = values[known] / (np.abs(values[known]).max(initial=0.0) or 1.0), explanation.data[known]
    n_bins = max(1, min(_BINS, len(values) // 10))
    order = np.argsort(numbers, kind="stable")  # NaN last
    if numeric:
        bins = [part for part in np.array_split(order, n_bins) if part.size > 3]
    else:
        keys = np.nan_to_num(numbers, nan=-1.0)
        bins = [part for key in np.unique(keys) if (part := np.flatnonzero(keys == key)).size > 3]
    best, strength = None, 0.0
    for other in range(data.shape[1]):
        if other == feature:
            continue
        cells, is_number = codes(data[:, other])
        found = sum(_explained(values[part], cells[part], is_number) for part in bins)
        if found > strength:
            best, strength = other, found
    return best


def _explained(values: NDArray[np.float64], cells: NDArray[np.float64], numeric: bool) -> float:
    """Return the sum of squares that the cells explain beyond chance."""
    spread = values - values.mean()
    total = float(spread @ spread)
    cells = np.where(np.isfinite(cells), cells, np.median(cells[np.isfinite(cells)]) if np.isfinite(cells).any() else 0)
    if numeric:
        _, ranks = np.unique(cells, return_inverse=True)
        line = ranks - ranks.mean()
        length = float(line @ line)
        explained, terms = (float(line @ spread) ** 2 / length, 1) if length > 0 else (0.0, 0)
    else:
        _, groups = np.unique(cells, return_inverse=True)
        counts = np.bincount(groups)
        explained = float((np.bincount(groups, weights=spread) ** 2 / counts).sum())
        terms = len(counts) - 1
    return explained - total * terms / (len(values) - 1)
