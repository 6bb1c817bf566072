# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Evaluate each coalition of a noisy game several times, and use the mean and the variance of its worths."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate.adjustment import Adjustment
from banzhaf._estimate.evaluations import batch_of
from banzhaf._estimate.per_coalition import ByCoalition, PerCoalition, name_of
from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.weighing import Weighed, may_weigh, weigh
from banzhaf._support import arguments as check
from banzhaf._support.bridge import Returned

__all__ = ["averaged", "budget_of_repeats", "completed", "repeated", "takes_repeat"]

_PAIRED = ("paired", *check.HADAMARD_DESIGNS)
_LEAST_GAIN = 0.95  # of the mean squared error, which weights must lower it below
_REASON = "pairs are weighted by the variance of their repeats instead"


def budget_of_repeats(repeats: Any, budget: Any) -> tuple[int, int]:
    """Check the argument `repeats`, and return it with the number of coalitions that the budget allows."""
    number = check.integer("repeats", repeats, 1)
    affordable = check.integer("budget", budget, 2)
    if number > 1 and affordable < 2 * number:
        raise ValueError(
            f"budget must be at least {2 * number} with repeats={number}, which evaluates each coalition of a pair "
            f"{number} times, got {affordable}"
        )
    return number, affordable // number


def takes_repeat(game: Any) -> bool:
    """Whether a game, or the function that it is made of, has a parameter `repeat`."""
    function = game.function if isinstance(game, PerCoalition) else game
    try:
        found = inspect.signature(function).parameters.get("repeat")
    except (TypeError, ValueError):  # a compiled function that does not say
        return False
    return found is not None and found.kind in (found.POSITIONAL_OR_KEYWORD, found.KEYWORD_ONLY)


def averaged(worths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means over axis 1, added in the order of the repeats."""
    total: NDArray[np.float64] = worths[:, 0].copy()
    for j in range(1, worths.shape[1]):
        total += worths[:, j]
    total /= worths.shape[1]
    return total


class Repeated:
    """A game that evaluates each coalition several times and returns the means.

    Both coalitions of a pair come one after the other with the same number of repeat.

    Parameters
    ----------
    game : callable
        As for `estimate`. A parameter `repeat` receives the number of the repeat for each coalition.
    repeats : int
        How often each coalition is evaluated.
    size : int
        Largest number of coalitions in one call; 0 means all that come at one time.
    pairs : bool
        Whether coalitions come in pairs.
    keeps : bool
        Whether the first coalition of each pair is kept, for weights.
    """

    def __init__(self, game: Callable[..., Any], repeats: int, size: int, pairs: bool, keeps: bool) -> None:
        self._game, self._repeats, self._size, self._pairs, self._keeps = game, repeats, size, pairs, keeps
        self._told = takes_repeat(game)
        self._returned = Returned("game", "coalitions")
        self._coalitions: list[NDArray[np.uint8]] = []
        self._worths: list[NDArray[np.float64]] = []

    def __call__(self, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the mean worths."""
        rows, repeat = self._expanded(len(coalitions))
        size = self._size or len(rows)
        parts = []
        for a in range(0, len(rows), size):
            some = coalitions[rows[a : a + size]]
            answer = self._game(some, repeat=repeat[a : a + size].copy()) if self._told else self._game(some)
            parts.append(self._returned(answer, len(some)).copy())
        worths = np.empty((len(coalitions), self._repeats, parts[0].shape[1]))
        worths[rows, repeat] = np.concatenate(parts)
        self._keep(coalitions, worths)
        means = averaged(worths)
        return means if self._returned.has_outputs_axis else means[:, 0]

    def _expanded(self, n_rows: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the row and the number of the repeat of each evaluation."""
        size = 2 if self._pairs and n_rows % 2 == 0 else 1
        shape = (n_rows // size, self._repeats, size)
        rows = np.broadcast_to(np.arange(n_rows).reshape(-1, 1, size), shape)
        repeat = np.broadcast_to(np.arange(self._repeats)[:, np.newaxis], shape)
        return rows.reshape(-1), repeat.reshape(-1)

    def _keep(self, coalitions: NDArray[np.bool_], worths: NDArray[np.float64]) -> None:
        self._worths.append(worths)
        if self._keeps:
            self._coalitions.append(np.packbits(coalitions[::2], axis=1))

    def completed(self, found: BanzhafValues, label: str, ridge: float) -> BanzhafValues:
        """Finish a result: note the repeats and their noise, and weigh the pairs if that lowers the error."""
        n_players = len(found.values)
        worths = np.concatenate(self._worths)[: found.n_evaluations]

        def firsts() -> NDArray[np.bool_]:
            packed = np.concatenate(self._coalitions)[: len(worths) // 2]
            return np.unpackbits(packed, axis=1, count=n_players).astype(bool)

        return completed(found, worths, firsts, label, ridge)


def repeated(game: Any, repeats: int, batch_size: Any, label: str, timed: bool) -> tuple[Any, int | None]:
    """Wrap a game, and return it with the number of coalitions for one call of the wrapper."""
    if not callable(game):
        raise TypeError(f"game must be a callable that takes boolean arrays, got {type(game).__name__}")
    size = batch_of(game, check.batch(batch_size), timed)
    kind = RepeatedByCoalition if isinstance(game, PerCoalition) else Repeated
    made = kind(game, repeats, size, label not in ("independent", *check.WEIGHTED_DESIGNS), label in _PAIRED)
    return made, max(2, size // repeats // 2 * 2) if size else None


class RepeatedByCoalition(Repeated, ByCoalition):
    """The same for a game made by `per_coalition`. Each mean is reported as soon as it is known."""

    _game: PerCoalition

    def evaluate(self, coalitions: NDArray[np.bool_], finished: Callable[[int, Any], None]) -> None:
        """Report each row and its mean worth."""
        rows, repeat = self._expanded(len(coalitions))
        size = self._size or len(rows)
        found: dict[int, dict[int, NDArray[np.float64]]] = {}
        means: dict[int, NDArray[np.float64]] = {}
        for a in range(0, len(rows), size):
            of, numbers = rows[a : a + size], repeat[a : a + size]

            def take(i: int, worth: Any, of: Any = of, numbers: Any = numbers) -> None:
                r = int(of[i])
                worths = found.setdefault(r, {})
                worths[int(numbers[i])] = self._returned.one(worth, lambda: name_of(coalitions[r]))
                if len(worths) == self._repeats:
                    all_of_row = np.stack([worths[j] for j in range(self._repeats)])
                    mean = averaged(all_of_row[np.newaxis])[0]
                    means[r] = all_of_row
                    finished(r, mean if self._returned.has_outputs_axis else float(mean[0]))

            self._game.evaluate(coalitions[of], take, repeat=numbers if self._told else None)
        self._keep(coalitions, np.stack([means[r] for r in range(len(coalitions))]))


def completed(
    found: BanzhafValues,
    worths: NDArray[np.float64],
    firsts: Callable[[], NDArray[np.bool_]],
    label: str,
    ridge: float,
) -> BanzhafValues:
    """Note repeats and noise in a result, and use weights for the outputs whose estimated error they lower.

    Parameters
    ----------
    found : BanzhafValues
        What the mean worths give.
    worths : ndarray of float64, shape (m, repeats, n_outputs)
        The worths of the coalitions of `found`, in the order of the design.
    firsts : callable
        Makes the first coalition of each pair.
    label : str
        The design.
    ridge : float
        Penalty. Weights are used without one.
    """
    repeats = worths.shape[1]
    has_axis = found.values.ndim == 2
    whole = np.isfinite(worths).all(axis=(1, 2))
    noise = np.full(worths.shape[2], np.nan)
    if repeats > 1 and whole.any():
        noise = worths[whole].var(axis=1, ddof=1).mean(axis=0)
    more = {"repeats": repeats, "noise_variance": noise if has_axis else noise[0]}
    plain = replace(found, **more)
    n_players = len(found.values)
    pairs = whole.reshape(-1, 2).all(axis=1) if len(whole) % 2 == 0 else np.zeros(0, dtype=bool)
    if label not in _PAIRED or ridge or found.p != 0.5 or found.rank < n_players:
        return plain
    if not may_weigh(n_players, int(pairs.sum()), repeats):
        return plain
    errors = np.atleast_2d(found.standard_errors.T).T
    differences = 0.5 * (worths[::2] - worths[1::2])[pairs]
    coalitions = firsts()[pairs]
    weighed: dict[int, Weighed] = {}
    for o in range(worths.shape[2]):
        with np.errstate(all="ignore"):
            before = float((errors[:, o] ** 2).mean())  # NaN if errors were not wanted or are unknown
        if not before > 0.0:
            continue
        with np.errstate(all="ignore"):  # worths near the limits of float64 get no weights
            this = weigh(coalitions, np.ascontiguousarray(differences[:, :, o]))
        if this is not None and float((this.standard_errors**2).mean()) < _LEAST_GAIN * before:
            weighed[o] = this
    if not weighed:
        return plain
    values, adjustment = np.atleast_2d(found.values.T).T.copy(), found.adjustment
    errors = errors.copy()
    for o, this in weighed.items():
        values[:, o], errors[:, o] = this.values, this.standard_errors
    if adjustment is not None:
        adjustment = _without(adjustment, set(weighed))
    take: tuple[Any, ...] = (...,) if has_axis else (..., 0)
    return replace(
        plain,
        values=values[take],
        standard_errors=errors[take],
        degrees_of_freedom=min(found.degrees_of_freedom, *(this.degrees_of_freedom for this in weighed.values())),
        weighted=True,
        adjustment=adjustment,
    )


def _without(adjustment: Adjustment, weighed: set[int]) -> Adjustment:
    """Say that interactions were not taken out of the outputs that are weighted."""
    n_outputs = len(adjustment.reasons)

    def each(given: tuple[Any, ...], instead: Any) -> tuple[Any, ...]:
        return tuple(instead if o in weighed else given[o] for o in range(n_outputs))

    return replace(
        adjustment,
        reasons=each(adjustment.reasons, _REASON),
        weights=each(adjustment.weights, (0.0, 0.0)),
        n_selected=each(adjustment.n_selected, 0),
    )
