# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Number the coalitions of a design in an order that may end anywhere, and estimate from the first of them."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.evaluations import Arrays, Evaluations
from banzhaf._estimate.repeats import averaged, completed
from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.running import run
from banzhaf._estimate.stopping import Stopping
from banzhaf._support import arguments as check

_ANY_TIME = 1e300  # seconds: a deadline that orders the coalitions for an early end, and never comes


class _NotToldError(Exception):
    """A rule needs worths that nobody has told yet."""


@dataclass(frozen=True)
class Order:
    """The coalitions of a design, numbered so that the first m of them are a sample for any m.

    The rows of each full Hadamard design come in random order, as under a deadline of `estimate`. The numbers depend on
    nothing but the fields.

    Parameters
    ----------
    label : str
        The design, as `resolve_design` names it.
    n_players, budget, seed : int
        As for `estimate`.
    noisy : bool
        Whether a budget beyond all coalitions repeats them.
    repeats : int
        How often each coalition is evaluated. Each of these evaluations has a number of its own. The first repeats of
        both coalitions of a pair come first, then the second ones, and so on, and then the next pair.
    """

    label: str
    n_players: int
    budget: int
    seed: int
    noisy: bool
    repeats: int = 1

    @property
    def design(self) -> str:
        """The core's name of the design."""
        return "repeated" if self.noisy and self.label == "exhaustive" else self.label

    @property
    def pairs(self) -> bool:
        """Whether coalitions 2p and 2p + 1 are complements."""
        return self.label != "independent"

    @cached_property
    def core(self) -> _core.GameEvaluation:
        """The design in an order that may end anywhere, without worths."""
        most = self.budget // self.repeats
        return _core.GameEvaluation(self.design, self.n_players, most, self.seed, True, _ANY_TIME)

    @property
    def n_coalitions(self) -> int:
        """Number of evaluations, at most the budget: that of coalitions, times `repeats`."""
        return self.core.n_coalitions * self.repeats

    @property
    def group(self) -> int:
        """Number of evaluations of one pair, or of one coalition in designs without pairs."""
        return (2 if self.pairs else 1) * self.repeats

    def split(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the coalition and the repeat of each evaluation."""
        if self.repeats == 1:
            return ids, np.zeros_like(ids)
        size = 2 if self.pairs else 1
        place, member = np.divmod(ids, size)
        pair, repeat = np.divmod(place, self.repeats)
        return pair * size + member, repeat

    def joined(self, coalitions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the evaluations of each coalition, with shape (m, repeats)."""
        size = 2 if self.pairs else 1
        pair, member = np.divmod(coalitions, size)
        places = pair[:, np.newaxis] * self.repeats + np.arange(self.repeats)
        return places * size + member[:, np.newaxis]

    @cached_property
    def tail(self) -> int:
        """Where the usual order begins, which may not end anywhere: in the incomplete end of a repetition."""
        whole = 2 * check.pairs_of_full_design(self.n_players)
        total = self.core.n_coalitions
        return total // whole * whole if self.design == "repeated" else total

    @cached_property
    def _usual(self) -> _core.GameEvaluation:
        return _core.GameEvaluation(self.design, self.n_players, self.budget // self.repeats, self.seed)

    def coalitions(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Make the coalitions of the evaluations with these numbers."""
        if len(ids) == 0:
            return np.empty((0, self.n_players), dtype=bool)
        if self.repeats > 1:
            different, back = np.unique(self.split(ids)[0], return_inverse=True)
            return self.different(different)[back]
        return self.different(ids)

    def different(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Make the coalitions with these numbers, each once."""
        starts = np.flatnonzero((np.diff(ids, prepend=ids[0] - 2) != 1) | (ids == self.tail))
        ends = np.append(starts[1:], len(ids))
        runs = []
        for a, b in zip(starts, ends, strict=True):
            core = self.core if ids[a] < self.tail else self._usual
            runs.append(core.coalitions(int(ids[a]), int(b - a)))
        return np.concatenate(runs)

    def rows(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of `sample_coalitions` in which the coalitions of these evaluations stand."""
        coalitions = self.split(ids)[0]
        rows = coalitions.copy()
        inside = coalitions < self.tail
        if inside.any():
            rows[inside] = self.core.rows(0, int(coalitions[inside].max()) + 1)[coalitions[inside]]
        return rows

    @cached_property
    def ids_of_rows(self) -> NDArray[np.int64]:
        """The number of the coalition in each row of `sample_coalitions`."""
        rows = np.append(self.core.rows(0, self.tail), np.arange(self.tail, self.core.n_coalitions))
        ids = np.empty_like(rows)
        ids[rows] = np.arange(len(rows))
        return ids

    def rows_called(self, first: int, coalitions: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the rows of `sample_coalitions` that `estimate` evaluates after its first `first` ones."""
        if self.design == "exhaustive":  # in several orders
            return coalitions @ (1 << np.arange(self.n_players, dtype=np.int64))
        return np.arange(first, first + len(coalitions))

    def evaluations(self, ids: NDArray[np.int64], worths: NDArray[np.float64]) -> Evaluations:
        """Wrap worths with their coalitions and rows."""
        source = Arrays(self.coalitions(ids), worths, self.rows(ids))
        seed = None if self.label == "exhaustive" else self.seed
        most = self.budget // self.repeats
        return Evaluations(source, n_players=self.n_players, budget=most, design=self.label, random_state=seed)

    def fingerprint(self) -> str:
        """Name the coalitions: versions of the package that would draw others have another fingerprint."""
        total, count = self.n_coalitions, max(4, min(256, 2**22 // self.n_players))
        some = [np.arange(min(total, count)), np.arange(max(0, total - count), total)]
        packed = [np.packbits(self.coalitions(ids), axis=1).tobytes() for ids in some]
        return hashlib.sha256(b"".join(packed)).hexdigest()[:32]

    def values(
        self,
        worths: NDArray[np.float64],
        *,
        outputs_axis: bool,
        rules: Stopping | None,
        **options: Any,
    ) -> BanzhafValues:
        """Estimate from the worths of the first evaluations; coalitions with one that is NaN are dropped.

        With all worths, or if a rule is met, the result is that of `estimate` with the same arguments.
        """
        if self.repeats > 1:
            return self._repeated_values(worths, outputs_axis, rules, options)
        return self._values(worths, outputs_axis, rules, options)

    def _repeated_values(
        self, worths: NDArray[np.float64], outputs_axis: bool, rules: Stopping | None, options: dict[str, Any]
    ) -> BanzhafValues:
        """Estimate from the means of the repeats, and weigh them."""
        coalitions = np.arange(len(worths) // self.repeats)
        table = worths[self.joined(coalitions)]
        found = self._values(averaged(table), outputs_axis, rules, options)
        rows = self.rows_used(found)
        return self.completed(found, table[rows], options["ridge"])

    def rows_used(self, found: BanzhafValues) -> NDArray[np.int64]:
        """Return the coalitions of a result, in the order of the design."""
        if found.stopped == "running" or self.label == "exhaustive":
            coalitions = np.arange(found.n_evaluations)
            return coalitions[np.argsort(self.rows(self.joined(coalitions)[:, 0]))]
        return self.ids_of_rows[: found.n_evaluations]

    def completed(self, found: BanzhafValues, table: NDArray[np.float64], ridge: float) -> BanzhafValues:
        """Finish a result with the worths of its coalitions, of shape (m, repeats, n_outputs)."""

        def firsts() -> NDArray[np.bool_]:
            return self.different(self.rows_used(found)[::2])

        return completed(found, table, firsts, self.label, ridge)

    def _values(
        self, worths: NDArray[np.float64], outputs_axis: bool, rules: Stopping | None, options: dict[str, Any]
    ) -> BanzhafValues:
        n_told, total = len(worths), self.core.n_coalitions
        shaped = worths if outputs_axis else worths[:, 0]
        if n_told == total or rules is not None:
            n_called = 0

            def told(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
                nonlocal n_called
                wanted = self.ids_of_rows[self.rows_called(n_called, coalitions)]
                n_called += len(wanted)
                if n_told < total and (wanted >= n_told).any():
                    raise _NotToldError
                return shaped[wanted]

            with contextlib.suppress(_NotToldError):
                return self._run(told, rules, options)
        return self._run(self.coalitions, Stopping(0.0, 0, 0.95, _ANY_TIME, None), options, told=shaped[: self.tail])

    def _run(self, game: Any, rules: Stopping | None, options: dict[str, Any], told: Any = None) -> BanzhafValues:
        return run(
            game,
            self.n_players,
            self.budget // self.repeats,
            self.label,
            label=self.label,
            seed=self.seed,
            batch_size=None,
            on_nonfinite="drop",
            noisy=self.noisy,
            progress=False,
            rules=rules,
            told=told,
            stacklevel=7 if self.repeats == 1 else 8,
            **options,
        )
