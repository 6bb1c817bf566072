# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What an explainer keeps after `Explainer.prepare`: the model's outputs for the background, and a batch size."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.background import Encoded
from banzhaf._support.bridge import Returned

__all__ = ["Prepared"]


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
    tolerance : tuple of float, one for each output
        By how much rounding may change an output from one batch to another.
    """

    batch_size: int
    trailing: tuple[int, ...]
    outputs: NDArray[np.float64] | None
    tolerance: tuple[float, ...]

    def returned(self) -> Returned:
        """Make the check of what the model returns."""
        return Returned("model", "rows", self.trailing)

    def known(self, encoded: Encoded) -> dict[str, Any]:
        """Return what the core's runs on these rows take: the outputs, and the background row to evaluate again.

        The row depends on the explained rows, so that all background rows get their turn.
        """
        if self.outputs is None:
            return {}
        which = zlib.crc32(encoded.explicand_cells) % len(self.outputs)
        return {"background_outputs": self.outputs, "background_check": (which, self.tolerance)}
