# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A beeswarm as inline SVG: one strip for each feature, one dot for each row, coloured by the feature's cell."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from banzhaf._html.bars import Scale
from banzhaf._html.markup import Markup, element
from banzhaf._support.pictures import HIGH, LOW, MIDDLE, NEUTRAL, shades, stacked

__all__ = ["WIDTH", "axis", "legend", "scale_of_swarm", "strip"]

WIDTH, HEIGHT = 640, 28
_EDGE = 6  # room for the dots at the ends
_DOT, _SMALL_DOT, _FEW = 4.4, 3.4, 300  # diameters of dots, and up to how many rows they are large
_BIN = 3  # the width in which dots are stacked
_STEP = 2.4
_COLOURS = 12  # dots of one colour are one path, which keeps the page small
_LAYERS = 6  # the rows are drawn in so many turns, so that no colour covers the others
_MOST_TICKS = 6


def scale_of_swarm(values: NDArray[np.float64]) -> Scale:
    """Choose a scale for all strips, which holds 0."""
    finite = values[np.isfinite(values)]
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    if high / 2 - low / 2 == 0.0:
        low, high = -1.0, 1.0
    return Scale(low, high, WIDTH - 2 * _EDGE)


def strip(values: NDArray[np.float64], numbers: NDArray[np.float64] | None, scale: Scale, label: str) -> Markup:
    """Draw one feature's dots. `numbers` give their colours; without them the dots are grey."""
    shown = np.isfinite(values)
    values = values[shown]
    half = scale.high / 2 - scale.low / 2
    across = np.round(_EDGE + scale.width * (values / 2 - scale.low / 2) / half).astype(int)
    down = np.round(HEIGHT / 2 + _spread(across), 1)
    scaled = np.full(len(values), np.nan) if numbers is None else shades(numbers)[shown]
    bins = np.where(np.isnan(scaled), -1, np.minimum(_COLOURS - 1, np.floor(np.nan_to_num(scaled) * _COLOURS)))
    paths = []
    layers = np.arange(len(values)) % _LAYERS
    for layer, colour in np.unique(np.stack([layers, bins]), axis=1).astype(int).T.tolist():
        drawn = (layers == layer) & (bins == colour)
        dots = [f"M{x} {y:g}h0" for x, y in zip(across[drawn].tolist(), down[drawn].tolist(), strict=True)]
        paths.append(element("path", stroke=_colour(colour), d=Markup("".join(dots))))
    zero = round(_EDGE + scale.place(0.0), 1)
    return element(
        "svg",
        element("path", class_="zero", d=f"M{zero:g} 0v{HEIGHT}"),
        element("g", *paths, stroke_width=f"{_DOT if len(values) <= _FEW else _SMALL_DOT:g}"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="strip",
        role="img",
        aria_label=label,
    )


def _spread(across: NDArray[np.int_]) -> NDArray[np.float64]:
    """Return offsets from the middle, which set dots apart that are close to each other."""
    if not across.size:
        return np.empty(0)
    steps = stacked(across // _BIN)
    room = (HEIGHT - _DOT) / 2
    return steps * min(_STEP, room / max(float(np.abs(steps).max()), 1.0))


def _colour(place: int) -> str:
    """Mix the colour of a bin of shades; -1 is the colour of cells that have no order."""
    if place < 0:
        return NEUTRAL
    share = 2.0 * place / (_COLOURS - 1)
    ends = (LOW, MIDDLE) if share < 1.0 else (MIDDLE, HIGH)
    part = share if share < 1.0 else share - 1.0
    first, last = ([int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in ends)
    return "#" + "".join(f"{round((1.0 - part) * a + part * b):02x}" for a, b in zip(first, last, strict=True))


def axis(scale: Scale) -> Markup:
    """Draw the numbers below the strips."""
    marks = []
    for tick in _ticks(scale):
        place = _EDGE + scale.place(tick)
        anchor = "start" if place < 30 else "end" if place > WIDTH - 30 else "middle"
        marks.append(element("path", class_="tick", d=f"M{place:g} 0v4"))
        label = f"{tick:g}".replace("-", "\N{MINUS SIGN}")
        marks.append(element("text", label, x=f"{place:g}", y=24, text_anchor=anchor))
    return element("svg", *marks, viewBox=f"0 0 {WIDTH} 30", class_="axis", aria_hidden="true")


def _ticks(scale: Scale) -> list[float]:
    """Choose round numbers between the ends of a scale."""
    span = scale.high / _MOST_TICKS - scale.low / _MOST_TICKS
    if not 1e-300 < span < 1e300:
        return [0.0]
    size = 10.0 ** math.floor(math.log10(span))
    step = next((factor * size for factor in (1.0, 2.0, 5.0) if factor * size >= span), 10.0 * size)
    first, last = math.ceil(scale.low / step), math.floor(scale.high / step)
    digits = 1 - math.floor(math.log10(step))
    return [round(k * step, digits) for k in range(first, last + 1)]


def legend() -> Markup:
    """Draw the ramp of colours from low to high cells."""
    width = 8
    ramp = [
        element("rect", x=place * width, y=0, width=width + 0.5, height=10, fill=_colour(place))
        for place in range(_COLOURS)
    ]
    return element(
        "svg",
        *ramp,
        viewBox=f"0 0 {width * _COLOURS} 10",
        width=width * _COLOURS,
        height=10,
        class_="ramp",
        role="img",
        aria_label="blue to red",
    )
