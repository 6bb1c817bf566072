# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The evaluations that an explanation keeps, from which interactions follow without the model."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.fields import built

__all__ = ["AUTO_BYTES", "KeptRows", "joined_rows", "kept_rows", "most_kept_bytes"]

AUTO_BYTES = 2**26

_ARRAYS = ("rows", "designs", "factors", "players", "worths")
_taking = threading.Lock()


@archive.part
@dataclass(frozen=True, eq=False, kw_only=True)
class KeptRows(archive.Result):
    """The designs and worths of explained rows.

    Attributes
    ----------
    rows : ndarray of int64, shape (rows, 3)
        Of each explained row: its designs, the background rows that were drawn (0 if all are there), and whether it has
        values.
    designs : ndarray of int64, shape (designs, 4)
        Of each design: the background row, whether it is fresh, its pairs, and how many of them were evaluated.
    factors : ndarray of float64, shape (designs,)
        The factor of each design in the mean over the background rows.
    players : ndarray of int64, shape (designs, words)
        The players of each design as bits, 64 players a word.
    worths : ndarray of float64, shape (coalitions, outputs)
        The worths of all designs, one after another.
    n_players, seed : int
    noisy : bool
    """

    rows: NDArray[np.int64]
    designs: NDArray[np.int64]
    factors: NDArray[np.float64]
    players: NDArray[np.int64]
    worths: NDArray[np.float64]
    n_players: int
    seed: int
    noisy: bool

    def __post_init__(self) -> None:
        """Check the fields, which may come from a file, and make the arrays read-only."""
        n_players = check.players(self.n_players)
        check.integer("seed", self.seed, 0, check.MAX_SEED)
        check.flag("noisy", self.noisy)
        k = len(self.factors)
        wanted = {
            "rows": (np.int64, (len(self.rows), 3)),
            "designs": (np.int64, (k, 4)),
            "factors": (np.float64, (k,)),
            "players": (np.int64, (k, -(-n_players // 64))),
            "worths": (np.float64, (len(self.worths), self.worths.shape[-1])),
        }
        for name, (dtype, shape) in wanted.items():
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != shape:
                raise ValueError(f"{name} must be {np.dtype(dtype)} of shape {shape}, got {array.dtype} {array.shape}")
            array.setflags(write=False)
        if (self.rows < 0).any() or (self.designs < 0).any() or (self.designs[:, 2:] < 1).any():
            raise ValueError("rows and designs must hold counts")
        most = len(self.worths)
        if (self.rows[:, 0] > k).any() or self.rows[:, 0].sum() != k:
            raise ValueError("designs must be those of all rows")
        if (self.designs[:, 3] > most).any() or 2 * self.designs[:, 3].sum() != most:
            raise ValueError("worths must be those of all designs")

    if not TYPE_CHECKING:  # with it, type checkers would accept misspelt attributes

        def __getattr__(self, name):
            """Take the arrays from the core when one of them is first needed, which is seldom."""
            fields = vars(self)
            if name in _ARRAYS:
                with _taking:
                    if "_taken" in fields:
                        fields.update(zip(_ARRAYS, fields["_taken"].arrays(), strict=True))
                        del fields["_taken"]
                if name in fields:
                    return fields[name]
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the arrays."""
        return {"rows": self.rows} | vars(self)

    def of_rows(self, chosen: NDArray[np.intp]) -> KeptRows:
        """Select explained rows."""
        last = np.cumsum(self.rows[:, 0])
        ends = np.concatenate([[0], np.cumsum(2 * self.designs[:, 3])])
        designs = _ranges(last[chosen] - self.rows[chosen, 0], last[chosen])
        worths = _ranges(ends[designs], ends[designs + 1])
        return built(
            KeptRows,
            vars(self)
            | {
                name: _frozen(getattr(self, name)[where])
                for name, where in (
                    ("rows", chosen),
                    ("designs", designs),
                    ("factors", designs),
                    ("players", designs),
                    ("worths", worths),
                )
            },
        )

    def of_outputs(self, chosen: int | NDArray[np.intp]) -> KeptRows:
        """Select outputs."""
        return built(KeptRows, vars(self) | {"worths": _frozen(self.worths[:, np.atleast_1d(chosen)])})

    @property
    def n_evaluations(self) -> int:
        """Number of coalitions."""
        return len(self.worths)

    def pair_interactions(self, num_threads: int) -> tuple[NDArray[np.float64], ...]:
        """Estimate the interactions of all pairs of players.

        Returns
        -------
        tuple of ndarray
            Values, standard errors, degrees of freedom and unresolved variances, each with an axis of outputs.
        """
        return _core.pair_interactions(
            self.rows,
            self.designs,
            self.factors,
            self.players,
            self.worths,
            n_players=self.n_players,
            seed=self.seed,
            noisy=self.noisy,
            num_threads=num_threads,
        )


def kept_rows(run: _core.Explanations, n_players: int, seed: int, noisy: bool) -> KeptRows | None:
    """Take the evaluations that a finished run has kept, if any."""
    taken = run.take_kept()
    if taken is None:
        return None
    return built(KeptRows, {"_taken": taken, "n_players": n_players, "seed": seed, "noisy": noisy})


def joined_rows(parts: list[KeptRows | None]) -> KeptRows | None:
    """Join the evaluations of several parts of the rows, or return None if a part has kept none."""
    kept = [part for part in parts if part is not None]
    if len(kept) < len(parts):
        return None
    if any(part.noisy is not kept[0].noisy for part in kept):
        raise ValueError("parts must come from the same explainer, but some of their models are noisy and others not")
    return built(
        KeptRows,
        vars(kept[0]) | {name: _frozen(np.concatenate([getattr(part, name) for part in kept])) for name in _ARRAYS},
    )


def most_kept_bytes(keep: Any) -> int:
    """Check the argument `keep_evaluations`, and say how many bytes may be kept."""
    if isinstance(keep, str):
        if keep == "auto":
            return AUTO_BYTES
        raise ValueError(f"keep_evaluations must be 'auto', True or False, got {keep!r}")
    return 2**63 - 1 if check.flag("keep_evaluations", keep) else 0


def _ranges(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join ranges of positions."""
    counts = last - first
    starts = np.cumsum(counts) - counts
    found: NDArray[np.int64] = np.arange(counts.sum()) + np.repeat(first - starts, counts)
    return found


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
