# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Hand out the coalitions of an order from a store, and take back worths and failures."""

from __future__ import annotations

import contextlib
import math
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._core import __version__
from banzhaf._estimate.evaluations import attach_refused
from banzhaf._estimate.order import Order
from banzhaf._estimate.per_coalition import name_of
from banzhaf._support.bridge import Returned
from banzhaf._support.store import HandedOut, LostStoreError, Store, owner_of_process

__all__ = ["Desk", "FailedEvaluationError", "Unit"]

ON_ERROR = ("raise", "retry", "drop")
_FOREVER = 1e12  # seconds
# Worths that may wait for the next transaction, if the last one is a moment ago: they cost little to make again.
_KEPT_BACK = 64
_KEPT_SECONDS = 0.2
_WINDOW = 4096  # coalitions that one transaction chooses from


class FailedEvaluationError(RuntimeError):
    """Evaluations failed as often as they may."""


@dataclass(frozen=True)
class Unit:
    """Coalitions that one call of the game evaluates."""

    ids: NDArray[np.int64]
    coalitions: NDArray[np.bool_]
    repeat: NDArray[np.int64] | None = None  # if the game wants to know


def drawn_by(order: Order) -> dict[str, Any]:
    """Return the fingerprint of an order, and the version that draws it."""
    return {"fingerprint": order.fingerprint(), "version": __version__}


def check_fingerprint(store: Store, order: Order) -> None:
    """Raise if the store's coalitions are not those that this version of the package draws."""
    found, drawn = store.note("fingerprint"), drawn_by(order)
    if found is None:
        for key in ("version", "fingerprint"):
            store.note(key, drawn[key])
    elif found != drawn["fingerprint"]:
        version = store.note("version")
        store.close()
        raise ValueError(
            f"{store.name} was made by banzhaf {version}, which draws other coalitions than {__version__} for the same "
            "seed. Open it with that version, or start a new file"
        )
    elif store.n_coalitions != order.n_coalitions:
        store.close()
        raise store.damaged(f"it has {store.n_coalitions} coalitions instead of {order.n_coalitions}")


class Desk:
    """Where one run of a game gets its coalitions and leaves their worths.

    Parameters
    ----------
    store, order : Store, Order
        Whose coalitions are handed out.
    among : ndarray of int64, optional
        Only these coalitions, in ascending order.
    on_error, retries, on_nonfinite : str, int, str
        As for `Study`.
    lease : float
        Seconds until another process may take over a coalition.
    told : callable, optional
        Called with the numbers and worths that have just been stored.
    tells_repeat : bool
        Whether the game gets the number of the repeat.
    """

    def __init__(
        self,
        store: Store,
        order: Order,
        *,
        among: NDArray[np.int64] | None = None,
        on_error: str = "raise",
        retries: int = 2,
        on_nonfinite: str = "raise",
        lease: float = 60.0,
        worker: str = "",
        told: Callable[[NDArray[np.int64], NDArray[np.float64]], None] | None = None,
        tells_repeat: bool = False,
    ) -> None:
        self.store, self.order, self.on_error, self.retries = store, order, on_error, retries
        self.lease = _FOREVER if store.path is None else lease
        self._among, self._worker, self._told = among, worker, told
        self._tells_repeat = tells_repeat
        self._left = among
        self.owner = f"{owner_of_process()}#{secrets.token_hex(8)}"
        self._drops_nonfinite = on_nonfinite == "drop"
        self.returned = Returned("game", "coalitions", trailing_of(store))
        self._units: deque[Unit] = deque()
        self._kept: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
        self._last_flush = -math.inf
        self.n_failed = 0  # in a row
        self.n_told = 0

    def next(self, size: int) -> Unit | None:
        """Return the next coalitions for one call; None if there are none at present. Those that failed come alone."""
        if not self._units:
            handed = self._ask(size, None if self._left is None else self._left[:_WINDOW])
            if self._left is not None and self._among is not None:
                if len(handed.ids) == 0:
                    self._left = self._among[~self.store.is_told(self._among)]
                    handed = self._ask(size, self._left)
                self._left = self._left[~np.isin(self._left, handed.ids)] if len(handed.ids) else self._left
            self._units.extend(self._split(handed, size))
        return self._units.popleft() if self._units else None

    def _ask(self, count: int, among: NDArray[np.int64] | None) -> HandedOut:
        return self.store.hand_out(
            count,
            seconds=self.lease,
            worker=self._worker,
            owner=self.owner,
            among=among,
            pairs=self.order.pairs,
        )

    def _split(self, handed: HandedOut, size: int) -> list[Unit]:
        again = handed.attempts > 1
        first = handed.ids[~again]
        groups = [first[i : i + size] for i in range(0, len(first), size)]
        groups += [handed.ids[i : i + 1] for i in np.flatnonzero(again)]
        return [Unit(ids, self.order.coalitions(ids), self._repeat(ids)) for ids in groups]

    def _repeat(self, ids: NDArray[np.int64]) -> NDArray[np.int64] | None:
        return self.order.split(ids)[1] if self._tells_repeat else None

    def finished(self) -> bool:
        """Whether no coalition is left that could be handed out now or later."""
        self.store.sync()
        if self._among is None:
            wanted = self.order.n_coalitions - self.store.n_told
            return wanted <= (self.store.counts().failed if wanted else 0)
        left = self._among[~self.store.is_told(self._among)]
        return len(left) == 0 or bool(np.isin(left, self.store.spent()).all())

    def take(self, unit: Unit, answer: Any) -> None:
        """Check the worths of a unit and store them, soon if they come quickly.

        Raises what `fail` raises if a worth is not finite, and TypeError or ValueError if the answer is wrong.
        """
        worths = np.array(
            self.returned(answer, len(unit.ids))
        )  # the game may use its array again before the next flush
        good = np.isfinite(worths).all(axis=1)
        if self._drops_nonfinite or good.all():
            self.n_failed = 0
            self._keep(unit.ids, worths)
            return
        self._keep(unit.ids[good], worths[good])
        bad = np.flatnonzero(~good)
        error = ValueError(
            f"the worth of {name_of(unit.coalitions[bad[0]])} is not finite: return a finite worth, or drop such "
            "coalitions with on_nonfinite"
        )
        self.fail(Unit(unit.ids[bad], unit.coalitions[bad]), error)

    def _keep(self, ids: NDArray[np.int64], worths: NDArray[np.float64]) -> None:
        self._kept.append((ids, worths))
        if (
            sum(len(each) for each, _ in self._kept) >= _KEPT_BACK
            or time.monotonic() - self._last_flush > _KEPT_SECONDS
        ):
            self.flush()

    def flush(self) -> None:
        """Store the worths that are kept back."""
        if not self._kept:
            return
        ids = np.concatenate([each for each, _ in self._kept])
        worths = np.concatenate([each for _, each in self._kept])
        try:
            note_trailing(self.store, self.returned)
            self.store.record(ids, worths, self._worker)
        except BaseException as error:
            before = self.store.told_ids()
            if isinstance(error, LostStoreError) and len(before):  # those are lost with the file
                ids, worths = np.concatenate([before, ids]), np.concatenate([self.store.worths(before), worths])
            attach_refused(error, self.order.evaluations(ids, worths))
            raise
        self._kept.clear()
        self.n_told += len(ids)
        self._last_flush = time.monotonic()
        if self._told is not None:
            self._told(ids, worths)

    def fail(self, unit: Unit, error: BaseException) -> None:
        """Record a failure, and raise it if `on_error` says so or no try is left."""
        self.n_failed += 1
        text = f"{type(error).__name__}: {error}"
        if self.on_error == "raise":
            self.store.give_back(unit.ids, error=text, worker=self._worker, counts=False)
            raise error
        # The coalitions of a batch are tried one by one before any of them is given up.
        tries = 1 + self.retries + (len(unit.ids) > 1)
        spent = self.store.give_back(unit.ids, error=text, worker=self._worker, tries=tries)
        if len(spent) and self.on_error == "retry":
            self.store.revive()  # a later run may try again
            raise error

    def give_back(self, unit: Unit) -> None:
        """Let others evaluate a unit, without counting a failure."""
        self.store.give_back(unit.ids)

    def end(self) -> None:
        """Store what is kept back, and let others evaluate what this run was handed, whatever interrupted it."""
        self._units.clear()
        try:
            self.flush()
        except BaseException:  # it carries the worths, so no later error may take its place
            with contextlib.suppress(Exception):
                self.store.end_owned(self.owner)
            raise
        self.store.end_owned(self.owner)


def trailing_of(store: Store) -> tuple[int, ...] | None:
    """Return the shape of one worth, if the store knows it."""
    noted = store.note("trailing")
    return None if noted is None else tuple(noted)


def note_trailing(store: Store, returned: Returned) -> None:
    """Note the shape of one worth with the first of them."""
    if store.n_outputs is None and returned.trailing is not None:
        store.note("trailing", list(returned.trailing))
