# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The players of a model's game: columns, and groups of columns that join and leave coalitions together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._support import arguments as check
from banzhaf._support.cells import text

__all__ = ["Groups", "Players", "name_players", "player_data", "player_of_column"]

Groups = Mapping[str, Iterable[Any]] | Sequence[Iterable[Any]]


class Players:
    """The players of an explainer.

    Parameters
    ----------
    groups : mapping or sequence of columns, optional
        As users pass them.
    columns : tuple of str
        The names of all columns.

    Attributes
    ----------
    names : tuple of str
        Groups first, then the other columns.
    of_columns : list of int
        The player of each column, or an empty list if every column is its own player.
    """

    def __init__(self, groups: Any, columns: tuple[str, ...]) -> None:
        self._places = name_players(groups, columns)
        self._columns = columns
        self.names = tuple(self._places)
        self.of_columns = player_of_column(self._places)

    def __len__(self) -> int:
        """Count the players."""
        return len(self.names)

    def data(self, data: NDArray[Any]) -> NDArray[Any]:
        """Return the data of each player, as `player_data` does."""
        return player_data(self._places, self._columns, data) if self.of_columns else data


def name_players(groups: Any, columns: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Return the players by name with the positions of their columns: groups first, then all other columns."""
    if groups is None:
        return {name: (j,) for j, name in enumerate(columns)}
    if isinstance(groups, Mapping):
        named = list(groups.items())
    elif isinstance(groups, Sequence) and not isinstance(groups, (str, bytes)):
        named = [("", group) for group in groups]
    else:
        raise TypeError(f"groups must be a mapping or a sequence of groups, got {type(groups).__name__}")
    places = {name: j for j, name in enumerate(columns)}
    players: dict[str, tuple[int, ...]] = {}
    owner: dict[int, str] = {}
    for name, group in named:
        if not isinstance(name, str):
            raise TypeError(f"groups must have names that are strings, got {name!r}")
        if isinstance(group, (str, bytes)) or not isinstance(group, Iterable):
            raise TypeError(f"groups must hold sequences of columns, got {group!r}")
        positions = tuple(_position(column, places) for column in group)
        if not positions:
            raise ValueError(f"groups must not be empty, but {name!r} is" if name else "groups must not be empty")
        label = name or " + ".join(columns[j] for j in positions)
        for j in positions:
            if j in owner:
                raise ValueError(f"groups must not share columns, but {columns[j]!r} is in {owner[j]!r} and {label!r}")
            owner[j] = label
        if label in players:
            raise ValueError(f"groups must have different names, got {label!r} more than once: pass a mapping")
        players[label] = positions
    for j, column in enumerate(columns):
        if j not in owner:
            if column in players:
                raise ValueError(f"groups must not have the name of a column outside them, got {column!r}: rename it")
            players[column] = (j,)
    return players


def player_of_column(players: Mapping[str, tuple[int, ...]]) -> list[int]:
    """Return the player of each column, or an empty list if every column is its own player."""
    positions = list(players.values())
    if positions == [(j,) for j in range(len(positions))]:
        return []
    owner = dict.fromkeys(range(sum(map(len, positions))), 0)
    for player, columns in enumerate(positions):
        owner.update(dict.fromkeys(columns, player))
    return list(owner.values())


def player_data(
    players: Mapping[str, tuple[int, ...]], column_names: Sequence[str], data: NDArray[Any]
) -> NDArray[Any]:
    """Return the data of each player: the cells of its column, or a text of its columns' cells."""
    if all(len(columns) == 1 for columns in players.values()):
        return data[:, [columns[0] for columns in players.values()]]
    cells = np.empty((len(data), len(players)), dtype=object)
    for i, columns in enumerate(players.values()):
        for row, values in enumerate(data[:, columns]):
            named = [f"{column_names[j]}={text(value)}" for j, value in zip(columns, values, strict=True)]
            cells[row, i] = values[0] if len(columns) == 1 else ", ".join(named)
    return cells


def _position(column: Any, places: Mapping[str, int]) -> int:
    """Find a column by its name or position."""
    if isinstance(column, str):
        if column not in places:
            raise ValueError(f"groups name a column that the background does not have: {column!r}")
        return places[column]
    position = check.integer("columns in groups", column, 0, len(places) - 1)
    named = places.get(str(position), position)
    if named != position:
        raise ValueError(
            f"groups have a column {position}, which may be the one at that position, {list(places)[position]!r}, or "
            f"the one of that name: use the names of columns, as strings"
        )
    return position
