# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Prepare an explainer: evaluate the background once, and find the batch size at which the model is fastest."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.background import Encoded
from banzhaf._explain.calls import Calls
from banzhaf._explain.prepared import Prepared
from banzhaf._support.bridge import Returned

__all__ = ["fastest_batch", "prepare"]

_SIZES = (16, 64, 256, 1024, 4096, 16384, 65536)
_AS_FAST = 0.05  # sizes that are slower by at most this share count as fast
_SHORT_BATCH = 0.05  # seconds; the largest fast batch that takes at most this long needs the fewest calls
_LEAST_SECONDS = 0.005  # each size is timed for so long, but at least three times and not much longer than the second
_MOST_SECONDS = 0.1
_MOST_PREDICTED = 0.25  # no call of the model that would take longer is tried
_MOST_WARM = 0.5  # seconds for explaining a row
_HEAD = 256  # background rows that masked rows are made of
_SEEN_AGAIN = 8  # background rows that are evaluated again in every batch
_FEW = (1, 2, 3, 5, 9)  # rows in calls that only show rounding

# Rounding may change an output by a share of the largest one, or by several times what it changed while preparing.
_ROUNDING = 1e-5
_TIMES_SEEN = 32.0
_NOISE = 0.01  # a model whose outputs change by this share of the largest one is noisy


def prepare(calls: Calls, X: Any) -> Prepared:
    """Evaluate the model as `Explainer.prepare` describes, without changing the calls.

    Parameters
    ----------
    calls : Calls
    X : array_like, sparse matrix or DataFrame, optional
        Rows like those that will be explained.

    Returns
    -------
    Prepared

    Raises
    ------
    ValueError
        If the model is noisy.
    """
    if calls.budget.noisy:
        raise ValueError(
            "noisy must be False for prepare, which keeps the model's outputs for the background: call a noisy "
            "explainer without prepare"
        )
    rows = calls.background.head(_HEAD) if X is None else X
    encoded = calls.model.encode(calls.background, rows)
    returned = Returned("model", "rows")

    def evaluate(cells: NDArray[Any]) -> NDArray[np.float64]:
        return returned(calls.model.predict(encoded.decode(cells)), len(cells))

    most = calls.most_batch_rows(encoded)
    places = np.flatnonzero(calls.weights) if calls.weights else np.arange(len(encoded.background_cells))
    outputs = None
    if calls.estimator is None:
        outputs = calls.core(encoded).background_outputs(evaluate, min(most, len(places)))
    mixed = _Mixed(encoded, places)
    changed = scale = np.zeros(1)
    seconds = math.inf

    def timed(n_rows: int) -> float:
        nonlocal changed, scale
        cells = mixed.first(n_rows)
        start = time.perf_counter()
        found = evaluate(cells)
        taken = time.perf_counter() - start
        if outputs is not None:
            scale = np.maximum(scale, np.abs(found).max(axis=0))
            again = found[: min(_SEEN_AGAIN, n_rows, len(outputs))]
            changed = np.maximum(changed, np.abs(again - outputs[: len(again)]).max(axis=0))
        return taken

    batch_size, seconds = fastest_batch(timed, most)
    if outputs is not None:
        # Calls of few rows round in other ways than large batches do.
        for n_rows in _FEW:
            timed(min(n_rows, most))
        scale = np.maximum(scale, np.abs(outputs).max(axis=0))
        if not (changed <= _NOISE * scale).all():
            raise ValueError(
                f"model returned outputs for the same background rows that differ by up to {changed.max():.3g} from "
                f"one call to the next, which prepare does not allow: make the explainer with noisy=True and do not "
                f"prepare it"
            )
    assert returned.trailing is not None
    found = Prepared(
        batch_size=batch_size,
        trailing=returned.trailing,
        outputs=outputs,
        tolerance=tuple((_ROUNDING * scale + _TIMES_SEEN * changed).tolist()),
    )
    if seconds * calls.n_model_rows <= _MOST_WARM:
        calls.explain(rows[:1], None, 0.0, False, found, 0)
    return found


class _Mixed:
    """Masked rows as a call makes them. The first ones are background rows as they are."""

    def __init__(self, encoded: Encoded, places: NDArray[np.intp]) -> None:
        self._encoded = encoded
        self._places = places[:_HEAD]
        self._cells = encoded.background_cells[:0]

    def first(self, n_rows: int) -> NDArray[Any]:
        """Return the rows of a batch, which the model may change. They are the same as long as its size is."""
        if n_rows != len(self._cells):
            background, explicands = self._encoded.background_cells, self._encoded.explicand_cells
            rng = np.random.default_rng(0)
            cells = background[self._places[np.arange(n_rows) % len(self._places)]]
            others = explicands[rng.integers(min(_HEAD, len(explicands)), size=n_rows)]
            inside = rng.random(cells.shape, dtype=np.float32) < 0.5
            inside[:_SEEN_AGAIN] = False
            self._cells = np.where(inside, others, cells)
        return self._cells.copy()


def fastest_batch(timed: Callable[[int], float], most: int) -> tuple[int, float]:
    """Find the batch size at which a model is fastest.

    Parameters
    ----------
    timed : callable
        Takes a number of rows, evaluates them, and returns the seconds.
    most : int
        The largest number of rows in a batch.

    Returns
    -------
    size : int
        One of a few sizes whose time per row is within 5 % of the best: the largest whose batch takes at most 50
        milliseconds, or the smallest if all take longer.
    seconds : float
        The time per row at the best size.

    Examples
    --------
    >>> fastest_batch(lambda n_rows: 1e-2 + 1e-6 * n_rows, 5000)  # a fixed cost for each call
    (5000, 3e-06)
    >>> fastest_batch(lambda n_rows: 1e-4 * n_rows, 5000)  # a cost for each row
    (256, 0.0001)
    """
    sizes = sorted({min(size, most) for size in (*_SIZES, most)})
    shares: dict[int, float] = {}
    for size in sizes:
        if shares and min(shares.values()) * size > _MOST_PREDICTED:
            break
        times: list[float] = []
        while len(times) < 3 or sum(times) < _LEAST_SECONDS:
            times.append(timed(size))
            if sum(times) > _MOST_SECONDS or len(times) == 1000:
                break
        shares[size] = min(times) / size
    best = min(shares.values())
    fast = [size for size, share in shares.items() if share <= (1 + _AS_FAST) * best]
    short = [size for size in fast if shares[size] * size <= _SHORT_BATCH]
    return (max(short) if short else min(fast)), best
