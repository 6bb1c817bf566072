# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Check the arguments that let an estimate stop before its budget."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from banzhaf._support import arguments as check


@dataclass(frozen=True)
class Stopping:
    """Stopping rules as the core takes them: 0 or infinity means that there is no such rule."""

    tolerance: float
    top_k: int
    confidence: float
    deadline: float
    callback: Callable[[Any], Any] | None

    @property
    def any(self) -> bool:
        """Whether anything may stop the run before its budget."""
        return self.tolerance > 0 or self.top_k > 0 or self.timed or self.callback is not None

    @property
    def timed(self) -> bool:
        """Whether there is a deadline."""
        return math.isfinite(self.deadline)


def stopping(
    tolerance: Any, top_k: Any, confidence: Any, deadline: Any, callback: Any, *, n_players: int, standard_errors: Any
) -> Stopping:
    """Check the stopping arguments of `estimate`."""
    share = check.real("confidence", confidence)
    if not 0.0 < share < 1.0:
        raise ValueError(f"confidence must lie strictly between 0 and 1, got {confidence!r}")
    least = 0.0 if tolerance is None else check.positive("tolerance", tolerance)
    leading = 0
    if top_k is not None:
        leading = check.integer("top_k", top_k, 1)
        if leading >= n_players:
            raise ValueError(f"top_k must be below the number of players, {n_players}, got {leading}")
    seconds = math.inf
    if deadline is not None and check.real("deadline", deadline) != math.inf:  # infinity means that there is none
        seconds = check.positive("deadline", deadline)
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be a callable that takes the current result, got {type(callback).__name__}")
    if not check.flag("standard_errors", standard_errors) and (least or leading):
        raise ValueError("standard_errors must be True for tolerance and top_k, which depend on them")
    return Stopping(least, leading, share, seconds, callback)


def says_stop(answer: Any) -> bool:
    """Interpret what a callback returned: True stops the run, False and None continue it."""
    if answer is None:
        return False
    if not isinstance(answer, (bool, np.bool_)):
        raise TypeError(f"callback must return True to stop, or False or None to continue, got {answer!r}")
    return bool(answer)
