# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The evaluations that a result keeps: the worths, and what is needed to write their coalitions again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.evaluations import Evaluations
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.fields import built

GIVEN = "given"
_KINDS = (GIVEN, "nested", "fresh", "paired", "independent", "exhaustive", "repeated", "walks")


@archive.part
@dataclass(frozen=True, eq=False, kw_only=True)
class Kept(archive.Result):
    """Worths in the order of their design, and the design or the coalitions.

    The coalitions are those of ``Design(kind, n_players, budget, seed)``, cut after as many as there are worths. If
    `kind` is ``"given"``, they are the bits of `words`, 64 players a word.
    """

    worths: NDArray[np.float64]
    words: NDArray[np.int64] | None
    kind: str
    n_players: int
    budget: int
    seed: int
    design: str
    random_state: int | None
    in_order: bool

    def __post_init__(self) -> None:
        """Check the fields, which may come from a file, and make the arrays read-only."""
        worths = self.worths
        if worths.dtype != np.float64 or worths.ndim != 2 or 0 in worths.shape:
            raise ValueError(f"worths must be float64 of shape (m, n_outputs), got {worths.dtype} of {worths.shape}")
        worths.setflags(write=False)
        check.choice("kind", self.kind, _KINDS)
        n_players = check.players(self.n_players)
        if (self.words is None) == (self.kind == GIVEN):
            raise ValueError("words must be present for given coalitions alone")
        if self.words is not None:
            shape = (len(worths), -(-n_players // 64))
            if self.words.dtype != np.int64 or self.words.shape != shape:
                raise ValueError(f"words must be int64 of shape {shape}, got {self.words.dtype} of {self.words.shape}")
            self.words.setflags(write=False)
        check.integer("budget", self.budget, 1)
        check.integer("seed", self.seed, 0, check.MAX_SEED)
        check.text("design", self.design)
        if self.random_state is not None:
            check.integer("random_state", self.random_state, 0, check.MAX_SEED)
        check.flag("in_order", self.in_order)

    @property
    def n_evaluated(self) -> int:
        """Number of evaluations."""
        return len(self.worths)

    @property
    def places(self) -> NDArray[np.int64]:
        """Index of each coalition, where it is known without a search."""
        return np.arange(len(self.worths))

    @property
    def coalitions(self) -> NDArray[np.bool_]:
        """The coalitions, one byte for each player."""
        if self.words is not None:
            flags = np.unpackbits(self.words.view(np.uint8), axis=1, count=self.n_players, bitorder="little")
            return flags.view(np.bool_)
        return _core.sample_coalitions(
            self.kind, self.n_players, self.budget, self.seed, evaluated=len(self.worths), num_threads=0
        )

    def evaluations(self) -> Evaluations:
        """Show them as users get them."""
        return Evaluations(
            self,
            n_players=self.n_players,
            budget=self.budget,
            design=self.design,
            random_state=self.random_state,
            in_order=self.in_order,
        )


def table_of(kept: Kept) -> NDArray[np.float64] | None:
    """Return the worths of all coalitions in the order of their players' bits; None if one is missing.

    Repeated worths are averaged.
    """
    if kept.n_players > _core.MAX_EXHAUSTIVE_PLAYERS or len(kept.worths) < 2**kept.n_players:
        return None
    used = np.isfinite(kept.worths).all(axis=1)
    if kept.kind == "exhaustive":
        return kept.worths if used.all() else None
    size = 2**kept.n_players
    places = kept.coalitions[used] @ (1 << np.arange(kept.n_players, dtype=np.int64))
    times = np.bincount(places, minlength=size)
    if not times.all():
        return None
    sums = [np.bincount(places, column[used], minlength=size) for column in kept.worths.T]
    return np.ascontiguousarray((np.stack(sums) / times).T)


def kept_run(
    evaluation: _core.GameEvaluation,
    *,
    n_players: int,
    budget: int,
    design: str,
    seed: int | None,
    in_order: bool,
    timed: bool,
    p: float = 0.5,
) -> Kept:
    """Keep the evaluations of a finished run; the core gives its worths away."""
    settled = evaluation.in_design_order()
    kind, words = settled.design, None
    # A deadline shortens the search for a weighing design, so the seed may not give its coalitions again.
    # A design with a probability is not in the file, so the coalitions are.
    weighted = kind in check.WEIGHTED_DESIGNS or (p != 0.5 and kind == "independent")
    if weighted or settled.is_shuffled or (timed and _core.describe(kind, n_players, budget, seed or 0).weighing):
        kind, words = GIVEN, _core.coalition_words(settled.coalitions(0, settled.n_evaluated))
    return _kept(
        settled.take_worths(),
        words,
        kind=kind,
        n_players=n_players,
        budget=budget,
        seed=seed or 0,
        design=design,
        random_state=seed,
        in_order=in_order,
    )


def kept_table(
    worths: NDArray[np.float64], n_players: int, design: str = "exhaustive", random_state: int | None = None
) -> Kept:
    """Keep a copy of the worths of all coalitions of a design, which the caller passed."""
    fields: dict[str, Any] = {"kind": design if design != "hadamard" else "nested", "design": design}
    return _kept(
        np.array(worths),
        None,
        n_players=n_players,
        budget=len(worths),
        seed=random_state or 0,
        random_state=random_state,
        in_order=True,
        **fields,
    )


def kept_coalitions(coalitions: NDArray[np.bool_], worths: NDArray[np.float64]) -> Kept:
    """Keep copies of the caller's own coalitions and worths."""
    return _kept(
        np.array(worths),
        _core.coalition_words(coalitions),
        kind=GIVEN,
        n_players=coalitions.shape[1],
        budget=len(worths),
        seed=0,
        design=GIVEN,
        random_state=None,
        in_order=True,
    )


def _kept(worths: NDArray[np.float64], words: NDArray[np.int64] | None, **fields: Any) -> Kept:
    for array in (worths, words):
        if array is not None:
            array.setflags(write=False)
    return built(Kept, {"worths": worths, "words": words, **fields})
