# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The reference values of a problem: a closed form, an enumeration, or a long run that has a standard error.

The values of a masked model are the mean over the background rows of each row's own values. Only the features in which
a background row differs from the explained row are players of its own game. If these are few, all their coalitions are
evaluated. Otherwise, the row gets independent complete nested Hadamard designs, whose spread gives the standard error.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench.paper.problems import Problem, Values

ENUMERABLE = 16  # features in which a background row may differ to be enumerated
_REPLICATES = 32
COALITIONS = 2**15  # for each background row in a replicate: the complete nested design of 128 players
_CELLS = 2**21


@dataclass(frozen=True)
class Truth:
    """Reference values.

    Attributes
    ----------
    values : ndarray of float64, shape (n,)
    standard_errors : ndarray of float64, shape (n,)
        0 if exact.
    kind : str
        ``closed form``, ``enumeration`` or ``long run``.
    n_rows : int
        Model evaluations that were made.
    """

    values: Values
    standard_errors: Values
    kind: str
    n_rows: int

    @property
    def relative_squared_error(self) -> float:
        """Return the squared standard error of the reference, relative like the errors that it judges."""
        return float((self.standard_errors**2).sum() / (self.values**2).sum())


def find(problem: Problem, cache: Path, *, threads: int, replicates: int = _REPLICATES) -> Truth:
    """Return the reference values of a problem, and keep those of long runs in a folder."""
    if problem.terms is not None:
        values = problem.terms.banzhaf_values()
        return Truth(values, np.zeros_like(values), "closed form", 0)
    name = f"{problem.data_set}-{problem.model_name}-{problem.number}-{replicates}".replace(" ", "_").replace(
        "&", "and"
    )
    path = cache / f"{name}.npz"
    if path.is_file():
        with np.load(path) as kept:
            if np.array_equal(kept["explicand"], problem.explicand) and np.array_equal(
                kept["check"], problem.function(problem.background)
            ):
                return Truth(kept["values"], kept["standard_errors"], str(kept["kind"]), int(kept["n_rows"]))
    found = row_by_row(problem, threads=threads, replicates=replicates)
    cache.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        explicand=problem.explicand,
        check=problem.function(problem.background),
        values=found.values,
        standard_errors=found.standard_errors,
        kind=found.kind,
        n_rows=found.n_rows,
    )
    return found


def row_by_row(problem: Problem, *, threads: int, replicates: int = _REPLICATES, coalitions: int = COALITIONS) -> Truth:
    """Find the values without a closed form, background row by background row."""
    n_rows, sampled = 0, False
    of_replicate = np.zeros((replicates, problem.n))
    for b, row in enumerate(problem.background):
        players = np.flatnonzero(~_equal(problem.explicand, row))
        game = _OneRow(problem, b, players)
        if len(players) <= ENUMERABLE:
            if len(players):
                of_replicate[:, players] += fold(game(_all(len(players))), len(players))
        else:
            sampled = True
            for replicate in range(replicates):
                seed = int(np.random.default_rng([replicate, b, problem.number, 7]).integers(2**63))
                of_replicate[replicate, players] += banzhaf.estimate(
                    *(game, len(players)),
                    budget=coalitions,
                    interactions="none",
                    random_state=seed,
                    num_threads=threads,
                    standard_errors=False,
                ).values
        n_rows += game.n_rows
    of_replicate /= len(problem.background)
    spread = of_replicate.std(axis=0, ddof=1) / np.sqrt(replicates) if sampled else np.zeros(problem.n)
    return Truth(of_replicate.mean(axis=0), spread, "long run" if sampled else "enumeration", n_rows)


class _OneRow:
    """The game of one background row, whose players are the features in which it differs from the explained row."""

    def __init__(self, problem: Problem, b: int, players: NDArray[np.intp]) -> None:
        self._problem, self._row, self._players = problem, problem.background[b], players
        self.n_rows = 0

    def __call__(self, coalitions: NDArray[np.bool_]) -> Values:
        step = max(1, _CELLS // self._problem.n)
        worths = np.empty(len(coalitions))
        theirs, own = self._row[self._players], self._problem.explicand[self._players]
        for first in range(0, len(coalitions), step):
            part = coalitions[first : first + step]
            rows = np.tile(self._row, (len(part), 1))
            rows[:, self._players] = np.where(part, own, theirs)
            worths[first : first + len(part)] = self._problem.function(rows)
        self.n_rows += len(coalitions)
        return worths


def fold(worths: Values, n: int) -> Values:
    """Return the exact values, each player's mean gain, from the worths of all coalitions."""
    tables = [worths.reshape(-1, 2, 2**i) for i in range(n)]
    return np.array([(table[:, 1] - table[:, 0]).mean() for table in tables])


def _all(n: int) -> NDArray[np.bool_]:
    return (np.arange(2**n)[:, np.newaxis] >> np.arange(n) & 1).astype(bool)


def _equal(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.asarray((first == second) | (np.isnan(first) & np.isnan(second)))
