# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The budget of an explainer: its default, what it buys, and the warnings when it was too small."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from banzhaf import _core
from banzhaf._estimate.results import BudgetWarning
from banzhaf._estimate.running import warn_of_rank
from banzhaf._explain.cost import duration
from banzhaf._support import arguments as check

__all__ = ["Budget", "budget_of"]

# Here Kernel Banzhaf's squared error is about 1e-3 of the squared values (arXiv 2410.08336, Table 1).
_AUTO_COALITIONS_PER_PLAYER = 20
_AUTO_BLOCKS = 2  # for each background row
# "auto" spends at most this many model evaluations on an explained row, unless they cover fewer background rows than
# the second number. The error left was 1 to 3 % of the values on two tables of 2,000 rows: half of the error that
# comes from such a background being a sample.
_AUTO_MOST_ROWS = 2**17
_AUTO_LEAST_BACKGROUND = 100
_NEAR = 16  # the repr names the budget for exact values if it is at most this many times the current one


@dataclass(frozen=True)
class Budget:
    """The number of model evaluations for an explained row; made by `budget_of`.

    Attributes
    ----------
    n_rows : int
        Model evaluations for each explained row.
    is_automatic : bool
        Whether the user left the number to the explainer.
    n_players, n_background : int
        Numbers of players and of background rows with a positive weight.
    most_different : int
        Largest number of features in which an explained row is expected to differ from a background row.
    noisy : bool
        Whether the model is noisy.
    ridge : float
        Penalty of the least-squares fit.
    """

    n_rows: int
    is_automatic: bool
    n_players: int
    n_background: int
    most_different: int
    noisy: bool
    ridge: float

    @property
    def for_all_rows(self) -> int:
        """The budget that covers the whole background, with standard errors."""
        return self.n_background * _block(self.most_different)

    @property
    def of_all_coalitions(self) -> int:
        """The evaluations of all coalitions on the whole background, as if there were at most 62 players."""
        return self.n_background * int(2 ** min(self.n_players, 62))

    def advice(self) -> str:
        """Return the continuation of the repr that says what a larger budget would achieve, or an empty text.

        It is about one design for each background row.
        """
        if not self.is_automatic:
            return ""
        if self.n_rows < 2 * self.most_different * self.n_background:
            return f", on a random sample of the background; set budget={self.for_all_rows} to use all of it"
        if not self.noisy and self.n_rows < self.of_all_coalitions <= _NEAR * self.n_rows:
            return f"; set budget={self.of_all_coalitions} for exact values"
        return ""

    def warn_of_background(self, counts: Iterable[int], stopped: Iterable[str], stacklevel: int) -> None:
        """Warn if the budget or the deadline was too small to use every background row.

        Parameters
        ----------
        counts : iterable of int
            The number of background rows that each explained row used.
        stopped : iterable of str
            Why the evaluation of each explained row ended.
        stacklevel : int
            That of `warnings.warn`, seen from the caller.
        """
        by_budget = by_deadline = self.n_background
        for count, why in zip(counts, stopped, strict=True):
            if why == "deadline":
                by_deadline = min(by_deadline, count or self.n_background)  # a row with none has no values
            else:
                by_budget = min(by_budget, count)
        if by_budget < self.n_background and not self.is_automatic:
            warnings.warn(
                f"budget covers only a random {by_budget} of {self.n_background} background rows: raise it to "
                f"{self.for_all_rows} model evaluations, or pass fewer background rows",
                BudgetWarning,
                stacklevel=stacklevel + 1,
            )
        if by_deadline < self.n_background:
            warnings.warn(
                f"deadline left time for only a random {by_deadline} of {self.n_background} background rows: raise it, "
                f"or pass fewer background rows",
                BudgetWarning,
                stacklevel=stacklevel + 1,
            )

    def warn_of_rank(self, rank: int, least_rows: int, stacklevel: int) -> None:
        """Warn if the coalitions do not determine every value."""
        if rank < self.n_players:
            enough = f"to somewhat more than {least_rows} model evaluations"
            warn_of_rank(rank, self.n_players, self.ridge, stacklevel + 2, enough)

    @staticmethod
    def warn_of_cost(n_model_rows: int, seconds: float, stacklevel: int) -> None:
        """Warn that a call will take long."""
        warnings.warn(
            f"budget allows {n_model_rows:,} model evaluations for each explained row; at the speed of the first "
            f"ones this call takes about {duration(seconds)} more: set a smaller budget or a deadline, or explain "
            f"fewer rows",
            BudgetWarning,
            stacklevel=stacklevel + 1,
        )


def budget_of(
    given: Any, design: str, *, n_players: int, n_background: int, most_different: int, noisy: bool, ridge: float
) -> Budget:
    """Check a budget, or choose one for ``"auto"``.

    Raises
    ------
    TypeError, ValueError
        If the budget is neither ``"auto"`` nor an integer that is large enough.
    """
    is_automatic = isinstance(given, str)
    if is_automatic and given != "auto":
        raise ValueError(f"budget must be an integer or 'auto', got {given!r}")
    if is_automatic:
        n_rows = _automatic(design, n_players, n_background, most_different, noisy)
    elif design == "hadamard":
        n_rows = check.integer("budget", given, 2)
    else:
        n_rows = check.integer("budget", given, 1)
        if n_rows < 2 * n_background:
            raise ValueError(
                f"budget must be at least {2 * n_background} model evaluations, a coalition and its complement on each "
                f"of {n_background} background rows, got {n_rows}: raise it, or pass fewer background rows"
            )
    return Budget(n_rows, is_automatic, n_players, n_background, most_different, noisy, ridge)


def _automatic(design: str, n_players: int, n_background: int, most_different: int, noisy: bool) -> int:
    """Return the model evaluations that ``"auto"`` stands for."""
    if design != "hadamard":
        if design == "exhaustive" and n_players <= _core.MAX_EXHAUSTIVE_PLAYERS:
            return int(n_background * 2**n_players)
        return n_background * max(2, _AUTO_COALITIONS_PER_PLAYER * n_players)
    each = int(_AUTO_BLOCKS * 2 * 2 ** (most_different - 1).bit_length())
    if not noisy:
        each = min(int(2 ** min(n_players, 62)), each)
    most = max(_AUTO_MOST_ROWS, _AUTO_LEAST_BACKGROUND * each)
    if 2 * most_different * n_background <= most:  # all background rows fit: allow for standard errors too
        most = max(most, n_background * _block(most_different))
    return min(n_background * each, most)


def _block(n_players: int) -> int:
    """Return the size of a Hadamard design with a spare column, which standard errors need."""
    block = _core.describe("hadamard", n_players + 1, 2).one_block
    return _core.count_coalitions("hadamard", n_players, block)
