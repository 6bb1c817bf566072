# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Games and models that count their evaluations and the time inside. They need only NumPy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._games import TreeGame
from bench._tree_truth import Terms


class _Counted:
    """Counts evaluations and the time inside."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Set the counters to 0."""
        self.n_evaluations = 0
        self.seconds = 0.0


class CountedGame(_Counted):
    """A set function that counts coalitions and the time inside.

    Parameters
    ----------
    game : callable
        Maps boolean coalitions to worths.
    """

    def __init__(self, game: Callable[[NDArray[np.bool_]], NDArray[np.float64]]) -> None:
        super().__init__()
        self._game = game

    def __call__(self, coalitions: Any) -> NDArray[np.float64]:
        start = time.perf_counter()
        rows = np.atleast_2d(np.asarray(coalitions, dtype=bool))
        self.n_evaluations += len(rows)
        worths = self._game(rows)
        self.seconds += time.perf_counter() - start
        return worths


class CountedModel(_Counted):
    """A function of rows that counts rows and the time inside."""

    def __init__(self, predict: Callable[[NDArray[np.float32]], NDArray[Any]]) -> None:
        super().__init__()
        self._predict = predict

    def __call__(self, rows: Any) -> NDArray[np.float64]:
        start = time.perf_counter()
        cells = np.ascontiguousarray(rows, dtype=np.float32)
        self.n_evaluations += len(cells)
        outputs = np.asarray(self._predict(cells), dtype=np.float64)
        self.seconds += time.perf_counter() - start
        return outputs


def tree_game(roles: NDArray[np.int8], weights: NDArray[np.float64]) -> CountedGame:
    """Make the game of a masked tree ensemble from its closed form, without the model."""
    return CountedGame(TreeGame(Terms(roles, weights)))


def peak_memory() -> Callable[[], float]:
    """Start to watch the memory of this process.

    Returns
    -------
    callable
        Returns the largest growth of the resident set since then, in MB, or NaN if the system does not report it.
    """
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # resets the high-water mark
        before = _resident("VmRSS")
    except OSError:
        return lambda: float("nan")
    return lambda: max(0.0, _resident("VmHWM") - before)


def _resident(field: str) -> float:
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024 / 1e6
    raise OSError(f"no {field}")
