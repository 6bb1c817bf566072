# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What cards and reports say of a result: its design, why it stopped, what is missing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from banzhaf._support.cells import count, shorten
from banzhaf._support.fields import have_values
from banzhaf._support.protocols import Adjusted, Explained, Valued

__all__ = ["design_of_explanation", "design_of_values", "explanation_notes", "probability_of", "values_notes"]

_REASON_WIDTH = 60
_DESIGNS = {
    "hadamard": "Hadamard design",
    "nested": "nested Hadamard designs",
    "fresh": "independent Hadamard designs",
    "paired": "random pairs of complementary coalitions",
    "independent": "independent random coalitions",
    "weighted": "random coalitions, and all those of largest weight",
    "drawn": "random coalitions that suit p",
    "exhaustive": "all coalitions",
    "given": "coalitions given by the caller",
    "monte_carlo": "Monte Carlo",
    "msr": "Maximum Sample Reuse",
}
_EXPLANATION_DESIGNS = {
    "hadamard": "one Hadamard design per background row",
    "crossed": "one Hadamard design per background row",
    "paired": "the same pairs of coalitions for all background rows",
    "independent": "the same random coalitions for all background rows",
    "weighted": "the same random coalitions for all background rows",
    "drawn": "the same random coalitions for all background rows",
    "exhaustive": "all coalitions, on all background rows",
    "trees": "computed from the trees, without sampling",
}
_STOPPED = {
    "tolerance": "the standard errors were within the tolerance",
    "top_k": "the leading {} were separated from the others",
    "deadline": "the deadline came",
    "callback": "the callback asked for it",
}


def probability_of(result: object) -> str | None:
    """Name the probability with which players are in, unless it is that of Banzhaf values."""
    p = getattr(result, "p", 0.5)
    return None if p == 0.5 else f"p = {p:g}"


def design_of_values(design: str) -> str:
    """Name a design of coalitions in readers' words; an unknown one keeps its name."""
    return _DESIGNS.get(design, design)


def design_of_explanation(design: str) -> str:
    """Name the design of an explanation in readers' words; an unknown one keeps its name."""
    return _EXPLANATION_DESIGNS.get(design, design)


def rank_note(rank: int, n_players: int, sparse: bool = False) -> str:
    """Say what a rank below the number of players means."""
    # Of a slice the rank is still that of all features.
    known = f": the regression has rank {rank:,} of {n_players:,}" if rank < n_players else ""
    return (
        f"The evaluations do not determine every value{known}. "
        f"These values are {'those of a sparse regression' if sparse else 'the minimum-norm solution'}. "
        "A larger budget determines them all."
    )


def adjusted_notes(adjustment: Adjusted | None) -> list[str]:
    """Say that interactions were taken out of the error, if they were."""
    if adjustment is None or "" not in adjustment.reasons:
        return []
    first = adjustment.reasons.index("")
    share = 1 - adjustment.left_share(first)
    part = "a part" if math.isnan(share) else f"{share:.1%}"
    outputs = len(adjustment.reasons)
    of = f" of output {first}" if outputs > 1 else ""
    return [f"Interactions were taken out of the error: {part} of the variance{of} that causes it."]


def values_notes(result: Valued) -> list[str]:
    """Say what a reader of a game's values must know."""
    notes = []
    if result.stopped == "running":
        notes.append("The evaluation was still running when these values were taken.")
    elif result.stopped in _STOPPED:
        notes.append(
            f"The evaluation stopped before the budget was spent: {_STOPPED[result.stopped].format('players')}."
        )
    elif result.stopped != "budget":
        notes.append(f"The evaluation stopped for another reason: {_quoted(result.stopped)}.")
    if result.rank < len(result.values):
        sparse = result.adjustment is not None and any(result.adjustment.n_selected)
        notes.append(rank_note(result.rank, len(result.values), sparse))
    notes += adjusted_notes(result.adjustment)
    missing = int((~have_values(result.values)).sum())
    if missing:
        notes.append(f"{count(missing, 'player')} {'has' if missing == 1 else 'have'} no value.")
    return notes


def explanation_notes(explanation: Explained) -> list[str]:
    """Say what a reader of an explanation must know."""
    notes = []
    n_rows, n_features = explanation.values.shape[:2]
    for reason in dict.fromkeys(explanation.stopped):
        rows = _of_rows(explanation.stopped.count(reason), n_rows)
        if reason == "running":
            notes.append(f"{rows} had not been completed when these values were taken.")
        elif reason in _STOPPED:
            notes.append(f"{rows} stopped before the budget was spent: {_STOPPED[reason].format('features')}.")
    others = [reason for reason in explanation.stopped if reason not in ("budget", "running", *_STOPPED)]
    if others:
        notes.append(f"{_of_rows(len(others), n_rows)} stopped for another reason: {_quoted(others[0])}.")
    missing = n_rows - int(have_values(explanation.values).sum())
    if missing:
        has = "has" if missing == 1 else "have"
        notes.append(f"{_of_rows(missing, n_rows)} {has} no values. Averages leave them out.")
    if n_rows and (explanation.rank < n_features or math.isinf(explanation.condition_number)):
        notes.append(rank_note(explanation.rank, n_features))
    return notes


def _quoted(reason: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{shorten(reason, _REASON_WIDTH)}\N{RIGHT DOUBLE QUOTATION MARK}"


def _of_rows(some: int, all_rows: int) -> str:
    return f"{some:,} of {count(all_rows, 'row')}"


def background_fact(n_background: NDArray[np.int64]) -> str | None:
    """Say how many background rows the means are over, if there are any."""
    known: Sequence[int] = n_background[n_background > 0].tolist()
    if not known:
        return None
    low, high = min(known), max(known)
    return count(low, "background row") if low == high else f"{low:,} to {high:,} background rows"
