# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What an explainer keeps after `Explainer.prepare`: the model's outputs for the background, and a batch size."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.background import Encoded
from banzhaf._support.bridge import Returned

__all__ = ["Guard", "Prepared"]

Evaluate = Callable[[NDArray[Any]], NDArray[np.float64]]
Guard = Callable[[Evaluate, NDArray[Any], int], NDArray[np.float64]]


@dataclass(frozen=True)
class Prepared:
    """What `Explainer.prepare` found.

    Attributes
    ----------
    batch_size : int
        The largest number of rows in one call of the model.
    trailing : tuple of int
        Shape of the model's outputs for one row.
    outputs : ndarray of float64, shape (n_used, n_outputs), optional
        The model's outputs for the background rows with a positive weight.
    places : ndarray of int, shape (n_used,)
        The numbers of these rows.
    tolerance : tuple of float, one for each output
        By how much rounding may change an output from one batch to another.
    """

    batch_size: int
    trailing: tuple[int, ...]
    outputs: NDArray[np.float64] | None
    places: NDArray[np.intp]
    tolerance: tuple[float, ...]

    def returned(self) -> Returned:
        """Make the check of what the model returns."""
        return Returned("model", "rows", self.trailing)

    def guard(self, encoded: Encoded) -> Guard | None:
        """Make the function that evaluates a call's first batch, if outputs are kept.

        It evaluates one background row together with the batch, and raises if the model has changed. The row depends
        on the explained rows, so that all background rows get their turn.
        """
        if self.outputs is None:
            return None
        outputs = self.outputs
        which = zlib.crc32(encoded.explicand_cells) % len(outputs)
        place = self.places[which]
        row = encoded.background_cells[place : place + 1]

        def evaluate(evaluate: Evaluate, rows: NDArray[Any], batch_rows: int) -> NDArray[np.float64]:
            n_rows = len(rows)
            if n_rows < batch_rows:
                found = evaluate(np.concatenate((rows, row)))
                found, now = found[:n_rows], found[n_rows]
            else:
                found, now = evaluate(rows), evaluate(row)[0]
            then = outputs[which]
            pairs = zip(now.tolist(), then.tolist(), self.tolerance, strict=True)
            if not all(abs(first - second) <= most for first, second, most in pairs):  # few numbers, so no arrays
                raise RuntimeError(
                    f"model returned {_listed(now)} for background row {place}, but {_listed(then)} when prepare was "
                    f"called: call prepare again if the model has changed, or make the explainer with noisy=True and "
                    f"without prepare if the model's outputs vary"
                )
            return found

        return evaluate


def _listed(numbers: NDArray[np.float64]) -> str:
    shown = ", ".join(f"{number:.9g}" for number in numbers[:3].tolist())
    return f"({shown}, ...)" if len(numbers) > 3 else f"({shown})" if len(numbers) > 1 else shown
