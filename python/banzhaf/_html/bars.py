# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Bars with intervals, as inline SVG."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from banzhaf._html.markup import Markup, element

__all__ = ["Scale", "bar", "scale_of"]

_MOST_REACH = 2.5  # how many times the longest bar the whiskers may take; longer ones leave the picture


@dataclass(frozen=True)
class Scale:
    """Where numbers lie in a picture of some width."""

    low: float
    high: float
    width: float

    def place(self, number: float) -> float:
        """Give the place of a number; those beyond the picture lie at its edges."""
        # Halves first: the difference of two large numbers may leave the range of floats.
        half = self.high / 2 - self.low / 2
        share = (number / 2 - self.low / 2) / half if math.isfinite(number) else math.copysign(math.inf, number)
        return round(self.width * min(1.0, max(0.0, share)), 1)

    def holds(self, number: float) -> bool:
        """Say whether a number lies in the picture."""
        return self.low <= number <= self.high


def scale_of(
    values: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64], width: float
) -> Scale:
    """Choose a scale that holds 0, all bars, and their intervals unless these are much longer."""
    finite = values[np.isfinite(values)]
    reach = _MOST_REACH * float(np.abs(finite).max(initial=0.0))
    known = np.concatenate([finite, np.clip(lower, -reach, reach).ravel(), np.clip(upper, -reach, reach).ravel()])
    known = known[np.isfinite(known)]
    low, high = float(known.min(initial=0.0)), float(known.max(initial=0.0))
    if high / 2 - low / 2 == 0.0:
        return Scale(0.0, 1.0, width)
    most = sys.float_info.max
    return Scale(max(-most, 1.01 * low), min(most, 1.01 * high), width)


def bar(value: float, lower: float, upper: float, scale: Scale, height: int = 14, *, stretch: bool = False) -> Markup:
    """Draw one value from 0 on, with its interval if it has one; `stretch` lets it take the width that there is."""
    middle, top = height / 2, 2
    drawn = []
    zero = scale.place(0.0)
    if not math.isnan(value):
        end = scale.place(value)
        drawn.append(
            element(
                "rect",
                class_="bz-up" if value > 0 else "bz-down",
                x=f"{min(zero, end):g}",
                y=top,
                width=f"{abs(end - zero):g}",
                height=height - 2 * top,
            )
        )
    if scale.low < 0.0 < scale.high:
        drawn.append(element("path", class_="bz-zero", d=f"M{zero:g} 0v{height}"))
    if upper > lower:
        ends = [scale.place(lower), scale.place(upper)]
        path = f"M{ends[0]:g} {middle:g}H{ends[1]:g}"
        for number, place in zip((lower, upper), ends, strict=True):
            if scale.holds(number):
                path += f"M{place:g} {middle - 3:g}v6"
        drawn.append(element("path", class_="bz-whisker", d=path))
    return element(
        "svg",
        *drawn,
        viewBox=f"0 0 {scale.width:g} {height}",
        width=None if stretch else f"{scale.width:g}",
        height=height,
        preserveAspectRatio="none" if stretch else None,
        aria_hidden="true",
    )
