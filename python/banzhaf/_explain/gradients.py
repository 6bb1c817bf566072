# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Gradients of models: who offers them, whether they can be used, and what they return."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._explain.adapters import ModelAdapter, Plain
from banzhaf._explain.background import Background, Encoded
from banzhaf._explain.budgets import Budget
from banzhaf._explain.gradient_edges import Edges, Measured, Points
from banzhaf._explain.gradient_error import GradientError
from banzhaf._explain.models import Model
from banzhaf._explain.players import Players
from banzhaf._support import arguments as check
from banzhaf._support.bridge import Returned
from banzhaf._support.remote_calls import owned

__all__ = ["Gradients", "Trial", "check_gradients", "gradients_of", "hidden_jump", "no_gradient"]

_METHOD = "value_and_gradient"
# Values need 2 N evaluations of each background row for N players, so few players leave nothing to save.
_LEAST_PLAYERS = 40
_LEAST_COST = 2.5  # of a gradient in evaluations, if it is not known: that of one output
_MOST_OUTPUTS = 2  # with more outputs, a gradient of all of them costs more than "auto" expects to save
# With more evaluations for each feature, or for each feature and background row, values may be better than the bias:
# those of a convolutional network are, from 10 on.
_MOST_BUDGET = 1500
_MOST_SHARE = 6
_TRIAL_ROWS = 8  # background rows
_TRIAL_STEP = 1 / 64  # of half of the way between two rows
_GOLDEN = 0.6180339887498949
_TRIAL_TOLERANCE = 0.3  # of the differences; kinks of ReLU change a few per cent
_OUTPUT_TOLERANCE = 1e-3
_ROUNDING = 0.05  # times the square root of the cells' precision: 2e-5 for float32, 7e-10 for float64
_EDGE_ROWS = 3  # background rows
_MOST_BYTES = 2**21


@dataclass(frozen=True)
class Gradients:
    """A model's gradients.

    Attributes
    ----------
    function : callable
        Takes rows in the background's kind of table, and returns outputs and gradients.
    cost : float
        How many model evaluations a row of outputs and gradients counts; 0 stands for 1 + 1.5 outputs.
    column_order : tuple of int or None
        As `Model.column_order`.
    is_automatic : bool
        Whether values are used instead where gradients cannot be used.
    is_only : bool
        Whether values are never used instead, even where they are expected to be more accurate.
    looks_up : bool
        Whether the model looks integers up in an embedding, so that some columns may be codes.
    """

    function: Callable[[Any], Any]
    cost: float
    column_order: tuple[int, ...] | None
    is_automatic: bool
    is_only: bool = False
    looks_up: bool = False

    def __call__(
        self, rows: Any, returned: Returned, n_rows: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float32] | NDArray[np.float64]]:
        """Return outputs and their partial derivatives.

        Parameters
        ----------
        rows : ndarray or DataFrame of shape (n_rows, n_columns)
        returned : Returned
            Checks the outputs.
        n_rows : int

        Returns
        -------
        outputs : ndarray of float64, shape (n_rows, n_outputs)
        gradients : ndarray of float32 or float64, shape (n_rows, n_outputs, n_columns)
            If the model returns a contiguous array of one of these dtypes, this is its memory.
        """
        n_columns = rows.shape[1]
        arranged = rows if self.column_order is None else Plain(_identity, self.column_order)(rows)
        found = self.function(arranged)
        if not isinstance(found, tuple) or len(found) != 2:
            raise TypeError(f"{_METHOD} must return a tuple of outputs and gradients, got {type(found).__name__}")
        outputs = returned(found[0], n_rows)
        shape = (n_rows, outputs.shape[1], n_columns)
        gradients = np.asarray(found[1])
        wanted = (n_rows, *(returned.trailing or ()), n_columns)
        if gradients.dtype.kind not in "fiu" or gradients.shape not in (wanted, shape):
            raise ValueError(
                f"{_METHOD} must return gradients of shape {wanted}, one number for each output and column, got shape "
                f"{gradients.shape} and dtype {gradients.dtype}"
            )
        dtype = np.float32 if gradients.dtype == np.float32 else np.float64
        if self.column_order is None:
            return outputs, np.ascontiguousarray(gradients, dtype=dtype).reshape(shape)
        arranged = np.empty(shape, dtype=dtype)
        arranged[..., list(self.column_order)] = gradients.reshape(shape)
        return outputs, arranged

    def may_help(self, n_players: int, budget: Budget) -> bool:
        """Say whether the values of any explained row may come from gradients."""
        least = _core.least_players_for_gradients(self.cost or _LEAST_COST)
        return self.is_only or n_players >= least or 2 * n_players * budget.n_background > budget.n_rows

    def most_rows(self, n_outputs: int, n_columns: int) -> int:
        """Return the largest number of rows in one call."""
        return max(1, _MOST_BYTES // (8 * n_outputs * (1 + n_columns)))


def check_gradients(wanted: Any) -> bool | str:
    """Check the argument `gradients`."""
    if isinstance(wanted, str):
        if wanted not in ("auto", "only"):
            raise ValueError(f"gradients must be 'auto', 'only', True or False, got {wanted!r}")
        return wanted
    return check.flag("gradients", wanted)


def gradients_of(
    model: Any,
    called: Model,
    background: Background,
    players: Players,
    wanted: bool | str,
    budget: Budget,
    against: str = "",
) -> tuple[Gradients | None, str]:
    """Return the gradients that an explainer uses, or None with the reason why not.

    Parameters
    ----------
    model : object
        The model, as the user gave it.
    called : Model
        How it is called.
    background : Background
    players : Players
    wanted : {"auto", "only", True}
        Unless ``"auto"``, everything that stands against gradients is an error.
    budget : Budget
    against : str
        An argument of the explainer that does not go with gradients, if there is one.

    Returns
    -------
    gradients : Gradients or None
    reason : str
        Why there are none.

    Raises
    ------
    GradientError
        If `wanted` is not ``"auto"`` and the model has no gradients, or its columns are not floating numbers.
    """
    reason = f"gradients do not go with {against}: leave it out, or pass gradients=False" if against else ""
    owner = called.way if isinstance(called.way, ModelAdapter) else model
    function = getattr(owner, _METHOD, None)
    if not reason and not callable(function):
        reason = (
            f"model offers no gradients, got {type(model).__name__}: give it a method {_METHOD}(rows), as ModelAdapter "
            "describes, or pass gradients=False"
        )
    reason = reason or _reason_of_columns(background)
    if wanted != "auto":
        if reason:
            raise GradientError(reason)
    elif not reason:
        if len(players) < _LEAST_PLAYERS:
            reason = f"fewer than {_LEAST_PLAYERS} features leave nothing to save"
        elif players.of_columns:
            reason = "groups of columns may have a bias"
        elif budget.n_rows > min(_MOST_BUDGET, _MOST_SHARE * budget.n_background) * len(players):
            reason = "with so many evaluations for each feature and background row, values may be as good"
        elif getattr(owner, "takes_indices", False):
            reason = "the model looks integers up in an embedding, which has no gradient between them"
    if reason:
        return None, reason
    cost = getattr(owner, "gradient_cost", None)
    if cost is not None and not (isinstance(cost, (int, float)) and 1 <= cost < np.inf):
        raise ValueError(f"gradient_cost must be None or a finite number of at least 1, got {cost!r}")
    assert callable(function)
    looks_up = bool(getattr(owner, "takes_indices", False))
    order = called.column_order
    counted = 0.0 if cost is None else float(cost)
    return Gradients(function, counted, order, wanted == "auto", wanted == "only", looks_up), ""


def _reason_of_columns(background: Background) -> str:
    """Say why gradients cannot be taken with respect to the columns, or return an empty text."""
    remedy = "pass gradients=False"
    if background.kind in ("sparse", "polars"):
        kind = "a sparse matrix" if background.kind == "sparse" else "a polars DataFrame"
        return f"gradients need a NumPy array or a pandas DataFrame as background, not {kind}: convert it, or {remedy}"
    encoded = background.encode(background.head(1))
    cells = encoded.background_cells
    if not encoded.are_codes and cells.dtype.char in "fd":
        return ""
    head = background.head(1)
    dtypes = {str(name): str(dtype) for name, dtype in head.dtypes.items()} if hasattr(head, "iloc") else {}
    odd = next((f", but column {name!r} has {dtype}" for name, dtype in dtypes.items() if "float" not in dtype), "")
    what = odd or f", got {sorted(set(dtypes.values())) if dtypes else head.dtype}"
    return (
        f"gradients need a background whose columns all have dtype float64, or all float32{what}. Integers and "
        "categories have no gradient between their values. If the model is differentiable in all columns, convert "
        f"background with .astype(float), otherwise {remedy}"
    )


class Trial:
    """Compare a model's gradients with differences of its outputs, before and after a call uses them.

    Parameters
    ----------
    gradients : Gradients
    encoded : Encoded
    predict : callable
        Takes cells and returns the model's outputs for them, of shape (m, n_outputs).
    most_rows : int
        The largest number of rows in one call of the model.
    """

    def __init__(
        self,
        gradients: Gradients,
        encoded: Encoded,
        predict: Callable[[NDArray[Any]], NDArray[np.float64]],
        most_rows: int,
    ) -> None:
        self._gradients = gradients
        self._encoded = encoded
        self._predict = predict
        self._most_rows = most_rows
        self._parts: Iterator[Points] = iter(())  # of the edges, which are still to be measured
        self._measured: list[Measured] = []
        self.returned = Returned("model", "rows")
        self.n_value_rows = 0
        self.n_gradient_rows = 0

    def _outputs(self, cells: NDArray[Any]) -> NDArray[np.float64]:
        self.n_value_rows += len(cells)
        found = [owned(self._predict(part)) for part in self._calls(cells)]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _calls(self, cells: NDArray[Any]) -> list[NDArray[Any]]:
        """Divide cells among calls of the model."""
        cells = np.ascontiguousarray(cells)
        return [cells[first : first + self._most_rows] for first in range(0, len(cells), self._most_rows)]

    def numbers(self, cells: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Return outputs and gradients for cells, as `Gradients` does."""
        return self._gradients(self._encoded.decode(cells), self.returned, len(cells))

    def _slopes(self, cells: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Return outputs and gradients, and count them. With ``"auto"``, a first error is a reason to use values."""
        is_first = self.n_gradient_rows == 0
        self.n_gradient_rows += len(cells)
        try:
            found = [(owned(outputs), owned(slopes)) for outputs, slopes in map(self.numbers, self._calls(cells))]
        except Exception as error:
            if is_first and self._gradients.is_automatic:
                raise GradientError(f"{_METHOD} raised {type(error).__name__}") from error
            raise
        if len(found) == 1:
            return found[0]
        outputs, gradients = zip(*found, strict=True)
        return np.concatenate(outputs), np.concatenate(gradients)

    def edges(self, owners: NDArray[np.intp], places: NDArray[np.intp], seed: int) -> Edges | None:
        """Return the edges on which `start` and `missed` look for jumps.

        Parameters
        ----------
        owners : ndarray of int
            The player of each column.
        places : ndarray of int
            The background rows of positive weight.
        seed : int
        """
        cells = np.concatenate([self._encoded.background_cells[places], self._encoded.explicand_cells[:1]])
        return Edges(cells, owners, seed)

    def start(self, noisy: bool, edges: Edges | None = None) -> NDArray[np.intp]:
        """Check the gradients on the way from a few background rows to the first explained row.

        Parameters
        ----------
        noisy : bool
        edges : Edges, optional
            What `missed` will look at. The same calls of the model evaluate the first part of it.

        Returns
        -------
        ndarray of int
            Columns that may be codes, because the model looks codes up and all gradients by these columns are 0.

        Raises
        ------
        GradientError
            If the gradients are 0 where outputs differ, or disagree with differences of outputs.
        """
        if edges is not None:
            self._parts = edges.parts()
        background, x = self._encoded.background_cells, self._encoded.explicand_cells[0]
        chosen = np.unique(np.linspace(0, len(background) - 1, _TRIAL_ROWS).astype(np.intp))
        b = background[chosen]
        differs = b != x
        differs &= ~(np.isnan(b) & np.isnan(x))
        b, differs = b[differs.any(axis=1)], differs[differs.any(axis=1)]
        none = np.empty(0, dtype=np.intp)
        if not len(b):
            return none
        if not (np.isfinite(np.where(differs, b, 0.0)).all() and np.isfinite(np.where(differs, x, 0.0)).all()):
            raise GradientError(
                "gradients need finite numbers in all columns in which X and background differ, but some are missing "
                "or infinite: fill them in, or pass gradients=False"
            )
        # A model may be even or odd about the middle of two rows, so that points lie elsewhere.
        place = np.asarray(0.3 + 0.4 * (np.arange(1, b.shape[1] + 1) * _GOLDEN % 1), dtype=background.dtype)
        middle = np.where(differs, (1 - place) * b + place * x, b)
        half = np.where(differs, x / 2 - b / 2, 0).astype(background.dtype)
        m = len(b)
        points = next(self._parts, None)
        at = middle.astype(background.dtype, copy=False)
        found, gradients = self._slopes(at if points is None else np.concatenate([at, points.nodes]))
        on_edges, found, gradients = gradients[m:], found[:m], gradients[:m]
        n_outputs = found.shape[1]
        if self._gradients.is_automatic and n_outputs > _MOST_OUTPUTS:
            raise GradientError(f"gradients of {n_outputs} outputs cost more than they save: pass gradients=True")
        if not np.isfinite(gradients).all():
            raise GradientError(
                f"{_METHOD} must return finite gradients, but some are not finite between X and background: scale the "
                "model's inputs, or pass gradients=False"
            )
        if noisy:
            return none
        step = np.asarray(_TRIAL_STEP, dtype=background.dtype) * half
        near = [middle, middle + step, middle - step, *([] if points is None else [points.ends])]
        whole = self._outputs(np.concatenate(near))
        outputs, above, below = whole[: 3 * m].reshape(3, m, -1)
        if edges is not None and points is not None:
            self._measured.append(edges.measured(points, whole[3 * m :], on_edges))
        size = np.abs(outputs).max(axis=0)
        if (np.abs(outputs - found).max(axis=0) > _OUTPUT_TOLERANCE * (size + 1e-300)).any():
            raise GradientError(
                f"{_METHOD} returns other outputs than the model does for the same rows: return the outputs that "
                "predict returns, and their gradients"
            )
        along = (gradients * half[:, np.newaxis, :]).sum(axis=2)
        # On one side of a kink of ReLU, or on the other, the outputs change as the gradient says.
        changes = np.stack([above - outputs, outputs - below, (above - below) / 2]) / _TRIAL_STEP
        rounding = np.finfo(background.dtype).eps * 64 / _TRIAL_STEP * size
        error, scale = np.abs(changes - along).min(axis=0).sum(axis=0), np.abs(changes[2]).sum(axis=0)
        if not along.any() and (error > len(b) * rounding).any():
            raise GradientError(
                "gradients are 0 although the model's outputs differ: it may detach its outputs, round, or take an "
                "argmax. Return outputs that depend smoothly on the inputs, such as logits, or pass gradients=False"
            )
        if (error > _TRIAL_TOLERANCE * np.maximum(scale, np.abs(along).sum(axis=0)) + len(b) * rounding).any():
            raise GradientError(
                "gradients disagree with differences of the model's own outputs: a part of the model may be detached, "
                f"rounded or stepwise, or {_METHOD} is wrong. Mend it, or pass gradients=False"
            )
        if not self._gradients.looks_up:
            return none
        return np.flatnonzero(differs.any(axis=0) & ~gradients.any(axis=(0, 1)))

    def missed(self, edges: Edges) -> tuple[bool, int | None]:
        """Tell whether gradients miss jumps or sharp turns, and of which player if it is one."""
        for points in self._parts:
            self._measured.append(self._measure(edges, points))
        if not self._measured:
            return False, None
        found = _joined(self._measured)
        if edges.misses_most(found):
            found = _joined([self._measure(edges, points) for points in edges.more_parts()])
            if edges.misses_most(found):
                return True, None
        doubted = edges.missed(self._measure(edges, edges.suspects(found)))
        player = None if doubted is None else edges.confirmed(self._measure(edges, doubted))
        return player is not None, player

    def _measure(self, edges: Edges, points: Points) -> Measured:
        gradients = self._slopes(points.nodes)[1]
        return edges.measured(points, self._outputs(points.ends), gradients)

    def finish(self, explicand: int, players: NDArray[np.intp], player_of_column: NDArray[np.intp]) -> int | None:
        """Return a player whose gradients are all 0 although the model depends on it, or None.

        Parameters
        ----------
        explicand : int
            The explained row.
        players : ndarray of int
            Players whose gradients were all 0 for it.
        player_of_column : ndarray of int
        """
        x = self._encoded.explicand_cells[explicand]
        background = self._encoded.background_cells
        cells, owners = [], []
        for player in players:
            columns = player_of_column == player
            rows = np.flatnonzero((background[:, columns] != x[columns]).any(axis=1))
            for b in background[rows[np.linspace(0, len(rows) - 1, min(_EDGE_ROWS, len(rows))).astype(np.intp)]]:
                cells += [b, np.where(columns, x, b), x, np.where(columns, b, x)]
                owners.append(player)
        if not owners:
            return None
        outputs = self._outputs(np.stack(cells)).reshape(len(owners), 4, -1)
        # A row's output may round differently at another place in a batch.
        most = _ROUNDING * np.sqrt(np.finfo(background.dtype).eps) * np.abs(outputs).max(axis=(0, 1))
        changed = (np.abs(np.diff(outputs, axis=1)[:, [0, 2]]) > most).any(axis=(1, 2))
        return int(owners[int(np.argmax(changed))]) if changed.any() else None


def _joined(parts: Sequence[Measured]) -> Measured:
    """Put what was measured on edges together."""
    change, miss, rounding = zip(*parts, strict=True)
    return Measured(np.concatenate(change), np.concatenate(miss), np.max(rounding, axis=0))


def hidden_jump(name: str | None) -> GradientError:
    """Say that gradients do not add up to changes of the outputs."""
    what = "gradients" if name is None else f"gradients of feature {name!r}"
    return GradientError(
        f"{what} do not add up to differences of the model's outputs: it has jumps, or turns too quickly between the "
        "rows of background and X. Pass gradients=False, or gradients='auto', which then uses values"
    )


def no_gradient(name: str) -> GradientError:
    """Say that a feature has no gradient although the model depends on it."""
    return GradientError(
        f"gradients of feature {name!r} are 0 although the model's outputs depend on it: the model may round it, look "
        "it up in an embedding, or detach it. Pass gradients=False, or gradients='auto', which then uses values"
    )


def _identity(rows: Any) -> Any:
    return rows
