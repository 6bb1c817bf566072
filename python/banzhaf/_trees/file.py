# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Files of tree explainers: what Python adds to the core's file, and how an explainer's state is read back."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._explain.players import player_of_column
from banzhaf._support import archive
from banzhaf._support.files import replacing
from banzhaf._trees.agreement import rows_between_thresholds
from banzhaf._trees.category_codes import CategoryCodes, category_codes_of
from banzhaf._trees.cells import Rows
from banzhaf._trees.readers.catboost import CategoryEncoder
from banzhaf._trees.readers.forest import Ensemble, Forest

__all__ = ["MAGIC", "State", "read", "write"]

MAGIC = b"\x89BZT\r\n\x1a\n"
_SURROGATES = "surrogatepass"  # names may hold surrogates
_CHECKED_ROWS = 4
_OPTIONS = struct.Struct("=Qdd")
_STRICT, _FLOAT32, _TRUNCATE_CATEGORIES = 1, 2, 4
_FOREST_ARRAYS = (
    *("first_node", "left", "right", "feature", "threshold", "missing", "cover"),
    *("output_of_tree", "first_value", "values", "base"),
)
_OPTIONAL_ARRAYS = (
    *("first_category", "category_sides", "other_left"),
    *("first_term", "term_feature", "coefficient", "intercept"),
)
# Fields of an Ensemble that are stored as they are.
_PLAIN: dict[str, type] = {
    "library": str,
    "float32": bool,
    "has_outputs_axis": bool,
    "output": str,
    "category_values": bool,
    "sums_in_float32": bool,
    "integers_to_float32": bool,
}


@dataclass(frozen=True)
class State:
    """What a tree explainer is made of.

    Attributes
    ----------
    ensemble : Ensemble
    columns : tuple of str
        Names of the columns, in the order of the background's table.
    places : list of int
        The position in that table of each of the model's columns.
    players : dict of str to tuple of int
        The positions of the columns of each player.
    background : ndarray of float64, shape (n_background, n_features), or None
        Cells, in the model's order of columns.
    weights : ndarray of float64, shape (n_background,), or None
    like : Rows or None
        The kind and the columns of the background, without its rows.
    num_threads : int
    """

    ensemble: Ensemble
    columns: tuple[str, ...]
    places: list[int]
    players: dict[str, tuple[int, ...]]
    background: NDArray[np.float64] | None
    weights: NDArray[np.float64] | None
    like: Rows | None
    num_threads: int

    def player_of_feature(self) -> list[int]:
        """Return the player of each of the model's columns."""
        owner = player_of_column(self.players) or list(range(self.ensemble.n_features))
        return [owner[place] for place in self.places]


def write(path: str | os.PathLike[str], state: State, values: _core.TreeValues) -> None:
    """Write the file of an explainer, and replace an existing file once the new one is complete.

    Raises
    ------
    TypeError
        If the model codes categories in a way that a file cannot hold.
    OSError
        If the file, or a new one in its folder, cannot be written. An existing file is then unchanged.
    """
    ensemble = state.ensemble
    content = _core.write_tree_file(
        forest=ensemble.forest.to_core(),
        tree_values=values,
        player_of_feature=state.player_of_feature(),
        background=state.background,
        weights=state.weights,
        missing_number=ensemble.missing,
        refused=ensemble.refuses,
        column_names=[_as_bytes(state.columns[place]) for place in state.places],
        player_names=[_as_bytes(name) for name in state.players],
        output_names=[_as_bytes(name) for name in ensemble.output_names or ()],
        categories=_category_texts(ensemble, state.like),
        checked_rows=_checked_rows(state),
        description=_as_bytes(json.dumps(_description(state), allow_nan=False, ensure_ascii=False)),
        num_threads=state.num_threads,
    )
    with replacing(os.fsdecode(path)) as stream:
        stream.write(content)


def read(path: str) -> tuple[State, _core.TreeValues]:
    """Open a file that `write` wrote.

    Raises
    ------
    ValueError
        If it is damaged, or a later version of the format wrote it.
    OSError
        If it cannot be opened.
    """
    try:
        file = _core.TreeFile(path)
    except ValueError as error:
        raise ValueError(f"{path!r} cannot be used: {error}") from error
    parts = file.parts()
    try:
        fields = archive.parse(parts["description"])
        state = _state(file, parts, {name: archive.decode(value) for name, value in fields.items()})
    except Exception as error:  # whatever the description holds instead
        reason = str(error)[:500] or type(error).__name__
        raise ValueError(f"{path!r} cannot be used: its description is damaged: {reason}") from error
    return state, file.tree_values


def _as_bytes(text: str) -> bytes:
    return text.encode(errors=_SURROGATES)


def _category_texts(ensemble: Ensemble, like: Rows | None) -> list[list[bytes]]:
    """Return the categories of each column as texts, for programs without Python; their codes are their positions."""
    known: dict[int, Sequence[Any]] = {**(like.categories if like else {}), **(ensemble.categories or {})}
    if ensemble.encode is not None:
        known |= category_codes_of(ensemble.encode).categories
    return [[_as_bytes(str(value)) for value in known.get(j, ())] for j in range(ensemble.n_features)]


def _checked_rows(state: State) -> NDArray[np.float64]:
    """Return a few rows, whose values are stored and compared whenever the file is opened."""
    if state.background is None:
        return rows_between_thresholds(state.ensemble, with_missing=False)[:_CHECKED_ROWS].copy()
    last = len(state.background) - 1
    chosen = np.unique(np.linspace(0, last, min(_CHECKED_ROWS, last + 1)).astype(np.intp))
    return np.ascontiguousarray(state.background[chosen])


def _description(state: State) -> dict[str, Any]:
    """Return all that the core's parts of the file do not hold, in JSON's types."""
    ensemble, like = state.ensemble, state.like
    for column, encoder in ensemble.category_encoders.items():
        if not isinstance(encoder, CategoryEncoder):
            raise TypeError(f"an explainer with a {type(encoder).__name__} for column {column} cannot be saved")
    encoders: Any = ensemble.category_encoders
    fields: dict[str, Any] = {
        **{name: getattr(ensemble, name) for name in _PLAIN},
        "num_threads": state.num_threads,
        "places": tuple(state.places),
        "players": tuple(state.players.values()),
        "feature_names": ensemble.feature_names,
        "categories": _pairs(ensemble.categories),
        "categorical_features": None
        if ensemble.categorical_features is None
        else tuple(sorted(ensemble.categorical_features)),
        "categories_in_order": None
        if ensemble.categories_in_order is None
        else tuple(tuple(values) for values in ensemble.categories_in_order),
        "category_hashes": tuple((column, tuple(encoder.codes)) for column, encoder in encoders.items()),
        "category_codes": None if ensemble.encode is None else _pairs(category_codes_of(ensemble.encode).categories),
        "like": None
        if like is None
        else (
            like.kind,
            like.column_names,
            like.places,
            like.has_numbers_alone,
            _pairs(like.categories),
            like.data.dtype == object,
        ),
    }
    return {name: archive.encode(name, value) for name, value in fields.items()}


def _pairs(categories: Mapping[int, Sequence[Any]] | None) -> tuple[Any, ...] | None:
    """Return the categories of columns as pairs of the column and a tuple."""
    return None if categories is None else tuple((column, tuple(values)) for column, values in categories.items())


def _state(file: _core.TreeFile, parts: dict[str, Any], fields: dict[str, Any]) -> State:
    """Put an explainer's state together, and check that its parts agree."""
    flags, zero_threshold, _ = _OPTIONS.unpack(parts["options"])
    arrays = {name: parts[name] for name in _FOREST_ARRAYS}
    arrays |= {name: parts[name] for name in _OPTIONAL_ARRAYS if len(parts[name])}
    names, player_names, output_names = file.column_names, file.player_names, file.output_names
    n_features = len(names)
    forest = Forest(
        {
            "n_features": n_features,
            "n_outputs": len(arrays["base"]),
            "strict": bool(flags & _STRICT),
            "float32": bool(flags & _FLOAT32),
            "zero_threshold": zero_threshold,
            "truncate_categories": bool(flags & _TRUNCATE_CATEGORIES),
            **arrays,
        }
    )
    for name, kind in _PLAIN.items():
        _require(type(fields[name]) is kind, name)
    places = _integers(fields, "places")
    _require(sorted(places) == list(range(n_features)), "places")
    columns = [""] * n_features
    for name, place in zip(names, places, strict=True):
        columns[place] = name
    players = dict(zip(player_names, map(_as_integers, fields["players"]), strict=True))
    _require(sorted(j for of_player in players.values() for j in of_player) == list(range(n_features)), "players")
    feature_names = fields["feature_names"]
    _require(feature_names is None or _are_texts(feature_names, n_features), "feature_names")
    in_order = fields["categories_in_order"]
    _require(in_order is None or all(isinstance(values, tuple) for values in in_order), "categories_in_order")
    features = fields["categorical_features"]
    ensemble = Ensemble(
        forest=forest,
        n_features=n_features,
        feature_names=feature_names,
        categories=_categories(fields["categories"], n_features),
        categorical_features=None if features is None else frozenset(_as_integers(features)),
        categories_in_order=None if in_order is None else [list(values) for values in in_order],
        category_encoders=_encoders(fields["category_hashes"], n_features),
        output_names=tuple(output_names) or None,
        missing=file.missing_number,
        refuses=file.refused,
        **{name: fields[name] for name in _PLAIN},
    )
    codes = _categories(fields["category_codes"], n_features)
    if codes is not None:
        ensemble = replace(ensemble, encode=CategoryCodes({column: tuple(values) for column, values in codes.items()}))
    _require(type(fields["num_threads"]) is int and 0 <= fields["num_threads"] < 2**31, "num_threads")
    n_background = file.n_background
    _require((n_background == 0) == (fields["like"] is None), "like")
    state = State(
        ensemble=ensemble,
        columns=tuple(columns),
        places=list(places),
        players=players,
        background=parts["background"].reshape(n_background, n_features) if n_background else None,
        weights=parts["weights"] if len(parts["weights"]) else None,
        like=None if fields["like"] is None else _like(fields["like"], n_features),
        num_threads=fields["num_threads"],
    )
    _require(state.player_of_feature() == parts["player_of_feature"].tolist(), "players")
    return state


def _require(condition: bool, name: str) -> None:
    if not condition:
        raise ValueError(f"{name!r} does not match the rest of the file")


def _integers(fields: dict[str, Any], name: str) -> tuple[int, ...]:
    return _as_integers(fields[name])


def _as_integers(values: Any) -> tuple[int, ...]:
    if not isinstance(values, tuple) or not all(type(value) is int and 0 <= value < 2**31 for value in values):
        raise ValueError("positions are not whole numbers")
    return values


def _are_texts(values: Any, count: int) -> bool:
    return isinstance(values, tuple) and len(values) == count and all(isinstance(value, str) for value in values)


def _categories(pairs: Any, n_features: int) -> dict[int, Sequence[Any]] | None:
    if pairs is None:
        return None
    found: dict[int, Sequence[Any]] = {column: list(values) for column, values in pairs}
    _require(all(type(column) is int and 0 <= column < n_features for column in found), "categories")
    return found


def _encoders(pairs: Any, n_features: int) -> dict[int, Callable[[Sequence[Any], str], NDArray[np.float64]]]:
    found = {column: _as_integers_of_hashes(values) for column, values in pairs}
    _require(all(type(column) is int and 0 <= column < n_features for column in found), "category_hashes")
    return {
        column: CategoryEncoder({category: code for code, category in enumerate(hashes)})
        for column, hashes in found.items()
    }


def _as_integers_of_hashes(values: Any) -> tuple[int, ...]:
    if not isinstance(values, tuple) or not all(type(value) is int for value in values):
        raise ValueError("hashes of categories are not whole numbers")
    return values


def _like(stored: Any, n_features: int) -> Rows:
    """Return the kind and the columns of the background."""
    kind, names, places, has_numbers_alone, categories, has_objects = stored
    _require(kind in ("numpy", "pandas", "polars") and type(has_numbers_alone) is bool, "like")
    _require(_are_texts(names, n_features) and sorted(_as_integers(places)) == list(range(n_features)), "like")
    return Rows(
        kind=kind,
        cells=np.empty((0, n_features)),
        column_names=names,
        places=places,
        data=np.empty((0, n_features), dtype=object if has_objects else np.float64),
        has_numbers_alone=has_numbers_alone,
        categories=_categories(categories, n_features) or {},
        table=None,
    )
