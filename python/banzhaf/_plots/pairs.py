# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Which interactions a plot shows: of one row, or averaged over rows; of one output; without unresolved sets."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._plots.choice import drawn_intervals, of_output, several_outputs
from banzhaf._support.cells import count_sets, shorten
from banzhaf._support.pictures import mirrored
from banzhaf._support.protocols import Explained, Interacting


@dataclasses.dataclass
class Shown:
    """Resolved sets with their indices, and what labels say about them."""

    players: NDArray[np.int64]
    values: NDArray[np.float64]
    margins: NDArray[np.float64]  # half the width of each interval, 0 if exact, NaN if unknown
    player_values: NDArray[np.float64] | None
    is_absolute: bool  # means of absolute values, which have no sign
    names: tuple[str, ...]
    quantity: str
    of: str  # the output and the row, for labels
    n_unresolved: int
    n_unlisted: int
    thing: str  # what players are

    @property
    def label(self) -> str:
        """What the numbers are."""
        return f"{self.quantity}{self.of}"

    def with_intervals(self, level: float) -> str:
        """Say in a label which intervals are drawn, if there are any."""
        return drawn_intervals(self.margins, level)

    def left_out(self, n_hidden: int) -> list[str]:
        """Count the sets that are not shown and those that were not resolved, if there are any."""
        order = self.players.shape[1]
        counts = (n_hidden, "not shown"), (self.n_unresolved, "not resolved")
        return [f"{count_sets(number, order)} {why}" for number, why in counts if number]

    def name(self, player: int, width: int) -> str:
        """Name a player in a label."""
        return shorten(self.names[player], width)

    def matrix(self, of_pairs: NDArray[Any]) -> NDArray[np.float64]:
        """Put what each pair has in a symmetric matrix, NaN where there is no pair."""
        found = np.full((len(self.names), len(self.names)), np.nan)
        first, second = self.players.T
        found[first, second] = found[second, first] = of_pairs
        return found

    def unsure(self) -> NDArray[np.bool_]:
        """Say of each set whether its interval contains 0."""
        found: NDArray[np.bool_] = (self.margins > 0.0) & (np.abs(self.values) <= self.margins)
        return found

    def strength(self, without: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Add up the absolute indices of each player, without some sets."""
        sizes = np.abs(self.values) if without is None else np.where(without, 0.0, np.abs(self.values))
        each = np.repeat(sizes, self.players.shape[1])
        return np.bincount(self.players.ravel(), weights=each, minlength=len(self.names))


def chosen(found: Interacting, output: str | int | None, row: int | None, level: float) -> Shown:
    """Take what a plot shows."""
    found = one_of(found, output)
    thing = "player" if found.n_rows is None else "feature"
    of = of_output(found)
    if not of and isinstance(output, int):
        of = f" for output {output}"
    if row is not None:
        found, of = found.row(row), f"{of}, row {row}"
    is_absolute = found.n_rows is not None
    if is_absolute:
        if not found.n_rows:
            raise ValueError("interactions of no rows have nothing to plot: explain at least one row")
        values, bounds = found.importance(level)
    else:
        values, bounds = found.values, found.intervals(level)
    of_players = found.player_values
    if of_players is not None and is_absolute:
        known = ~np.isnan(of_players).any(axis=1)
        of_players = np.abs(of_players[known]).mean(axis=0) if known.any() else None
    resolved = ~np.isnan(values)
    quantity = quantity_of(found)
    names = found.player_names or tuple(f"{thing} {index}" for index in range(found.n_players))
    n_missing = found.n_sets - len(found)
    return Shown(
        players=found.players[resolved],
        values=values[resolved],
        margins=(bounds[..., 1] - values)[resolved],
        player_values=of_players,
        is_absolute=is_absolute,
        names=names,
        quantity=f"mean |{quantity}|" if is_absolute else quantity,
        of=of,
        n_unresolved=int((~resolved).sum()) + (0 if found.complete else n_missing),
        n_unlisted=n_missing if found.complete else 0,
        thing=thing,
    )


def one_of(found: Interacting, output: str | int | None) -> Interacting:
    """Take the output that was asked for, or the only one that there is to show."""
    axis = 1 if found.n_rows is None else 2
    if output is not None or found.values.ndim == axis:
        return found.output(0 if output is None else output)
    by_output = np.nan_to_num(found.values.reshape(1, -1, found.values.shape[-1]))
    if mirrored(by_output):
        return found.output(-1)
    if found.values.shape[-1] > 1:
        raise several_outputs(found)
    return found.output(0)


def need_pairs(found: Interacting, plot: str) -> None:
    """Refuse sets of other sizes than two."""
    if found.order != 2:
        raise ValueError(f"{plot} needs interactions of order 2, pairs of players; these have order {found.order}")


def of_features(found: Interacting, explanation: Explained) -> list[int]:
    """Find the feature of an explanation that each player is; -1 if it has none."""
    names = explanation.feature_names
    if found.player_names is None:
        if found.n_players != len(names):
            raise ValueError(
                f"interactions must be of the {len(names)} features of this explanation, got {found.n_players} players"
            )
        return list(range(len(names)))
    missing = [name for name in names if name not in found.player_names]
    if missing:
        raise ValueError(f"interactions must be of the features of this explanation: missing {missing[0]!r}")
    return [names.index(name) if name in names else -1 for name in found.player_names]


def quantity_of(found: Interacting) -> str:
    """Name what the indices are."""
    return "Banzhaf interaction" if found.p == 0.5 else f"Banzhaf interaction (p = {found.p:g})"


def partner(found: Interacting, explanation: Explained, feature: int, output: str | int | None) -> int | None:
    """Find the feature that interacts most with `feature`, by the mean over rows; None if no pair was resolved."""
    need_pairs(found, "scatter")
    places = of_features(found, explanation)
    shown = chosen(found, output, None, 0.95)
    best, strength = None, 0.0
    for players, value in zip(shown.players.tolist(), np.abs(shown.values).tolist(), strict=True):
        pair = [places[player] for player in players]
        if feature in pair and -1 not in pair and value > strength:
            best, strength = pair[1 - pair.index(feature)], value
    return best
