# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What games of trainings share: each coalition is trained once, with the seed that its complement has too."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate.per_coalition import PerCoalition
from banzhaf._games.game import ReadyGame, rows_of
from banzhaf._support import arguments as check


class TrainedGame(ReadyGame, PerCoalition):
    """A game whose worths are scores of models that are trained on coalitions."""

    def __init__(self, random_state: check.Seed, map: Callable[..., Iterable[Any]] | None) -> None:
        self._seed = check.seed(random_state)
        PerCoalition.__init__(self, self._worth_of, "mask", map)
        self._worths_known: dict[tuple[bytes, int], Any] = {}

    def __call__(
        self, coalitions: NDArray[np.bool_], repeat: NDArray[np.integer[Any]] | None = None
    ) -> NDArray[np.float64]:
        """Train and score a model for each coalition."""
        return PerCoalition.__call__(self, rows_of(coalitions, self.n_players), repeat)

    def _worths(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        return PerCoalition.__call__(self, rows)

    @abstractmethod
    def _evaluate(self, row: NDArray[np.bool_], repeat: int) -> Any:
        """Train and score a model."""

    __repr__ = ReadyGame.__repr__

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_worths_known": {}}

    @property
    def n_trainings(self) -> int:
        """Number of coalitions that were scored in this process."""
        return len(self._worths_known)

    def _worth_of(self, row: NDArray[np.bool_], repeat: int = 0) -> Any:
        """Return the worth of a coalition, and keep it."""
        key = (np.packbits(row).tobytes(), repeat)
        if key not in self._worths_known:
            self._worths_known[key] = self._evaluate(row, repeat)
        return self._worths_known[key]

    def _seed_of(self, row: NDArray[np.bool_], repeat: int) -> int:
        """Make a seed from a coalition, or in the same way from its complement, and from the number of the repeat."""
        half = row if row[0] else ~row
        key = self._seed.to_bytes(8, "little") + repeat.to_bytes(8, "little")
        digest = hashlib.blake2b(np.packbits(half).tobytes(), key=key, digest_size=4).digest()
        return int.from_bytes(digest, "little") % 2**31
