# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A game for `estimate` that takes known worths from a store, and evaluates the others through an executor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._estimate.desk import ON_ERROR, Desk, FailedEvaluationError, check_fingerprint, trailing_of
from banzhaf._estimate.order import Order
from banzhaf._estimate.per_coalition import ByCoalition
from banzhaf._estimate.repeats import averaged, takes_repeat
from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.work import Limits, limits_of, refuse_native, work
from banzhaf._support import arguments as check
from banzhaf._support.store import Store
from banzhaf._support.workers import Workers, executor_of

__all__ = ["StoredGame", "open_store", "path_of", "store_for"]


def path_of(store: Any) -> str | None:
    """Check the argument `store`."""
    if store is None:
        return None
    if not isinstance(store, (str, os.PathLike)):
        raise TypeError(f"store must be a path or None, got {type(store).__name__}")
    path = os.fspath(store)
    if not isinstance(path, str) or not path:
        raise TypeError(f"store must be a path as a string, got {store!r}")
    return path


def open_store(
    path: str | None,
    n_players: int,
    budget: int,
    label: str,
    random_state: check.Seed,
    noisy: bool,
    player_names: Iterable[str] | None,
    repeats: int = 1,
) -> tuple[Order, Store]:
    """Open a store, or make one, and number its coalitions. Without a random state, the store's own seed is used."""
    seed = None
    if random_state is None and path is not None and os.path.exists(path) and os.path.getsize(path) > 0:
        before = Store(path, None, n_coalitions=None, read_only=True)
        seed = before.arguments.get("random_state")
        before.close()
    order = Order(label, n_players, budget, check.seed(random_state) if seed is None else seed, noisy, repeats)
    names = check.names("player_names", player_names, n_players, "players")
    store = Store(path, arguments_of(order, names), n_coalitions=order.n_coalitions)
    try:
        check_fingerprint(store, order)
    except BaseException:
        store.close()
        raise
    return order, store


def arguments_of(order: Order, names: tuple[str, ...] | None) -> dict[str, Any]:
    """Return what decides the coalitions and what they mean."""
    more = {} if order.repeats == 1 else {"repeats": order.repeats}
    return more | {
        "n_players": order.n_players,
        "budget": order.budget,
        "design": order.label,
        "random_state": order.seed,
        "noisy": order.noisy,
        "player_names": None if names is None else list(names),
    }


def note_options(store: Store, **options: Any) -> None:
    """Note the arguments with which `Study.open` makes the study again."""
    plain = {key: float(value) if isinstance(value, np.floating) else value for key, value in options.items()}
    plain = {key: int(value) if isinstance(value, np.integer) else value for key, value in plain.items()}
    if store.path is not None and store.note("options") != plain:
        store.note("options", plain)


class StoredGame(ByCoalition):
    """Evaluate each coalition at most once, by way of a store."""

    def __init__(
        self,
        game: Callable[[NDArray[np.bool_]], Any],
        order: Order,
        store: Store,
        *,
        limits: Limits,
        executor: Workers | None,
        on_error: str,
        retries: int,
        on_nonfinite: str,
    ) -> None:
        self._game, self._order, self._store = game, order, store
        self._limits, self._executor = limits, executor
        self._on_error, self._retries, self._on_nonfinite = on_error, retries, on_nonfinite
        self._n_called = 0

    def __call__(self, coalitions: NDArray[np.bool_]) -> Any:
        """Return the worths of any coalitions, without the store."""
        return self._game(coalitions)

    def completed(self, found: BanzhafValues, label: str, ridge: float) -> BanzhafValues:
        """Finish a result of repeats."""
        coalitions = self._order.rows_used(found)
        ids = self._order.joined(coalitions)
        known = self._store.is_told(ids.reshape(-1)).reshape(ids.shape)
        table = np.full((*ids.shape, self._store.n_outputs or 1), np.nan)
        table[known] = self._store.worths(ids[known])
        return self._order.completed(found, table, ridge)

    def evaluate(self, coalitions: NDArray[np.bool_], finished: Callable[[int, Any], None]) -> None:
        """Report each row of the run's next coalitions and its worth to `finished`, as soon as it is known."""
        repeats = self._order.repeats
        called = self._order.ids_of_rows[self._order.rows_called(self._n_called, coalitions)]
        self._n_called += len(called)
        ids = self._order.joined(called).reshape(-1)  # `repeats` of them for each row
        by_id = np.argsort(ids)
        missing = np.ones(len(ids), dtype=bool)
        left = np.full(len(called), repeats)
        shape: tuple[int, ...] | None = None

        def told(some: NDArray[np.int64], worths: NDArray[np.float64]) -> None:
            places = by_id[np.searchsorted(ids, some, sorter=by_id)]
            for place, worth in zip(places.tolist(), worths, strict=True):
                if not missing[place]:
                    continue
                missing[place] = False
                row = place // repeats
                left[row] -= 1
                if left[row] == 0:
                    if repeats > 1:
                        worth = averaged(self._store.worths(ids[row * repeats : (row + 1) * repeats])[np.newaxis])[0]
                    finished(row, worth if shape else float(worth[0]))

        def recall() -> None:
            nonlocal shape
            self._store.sync()
            shape = trailing_of(self._store)
            known = ids[missing]
            known = known[self._store.is_told(known)]
            if len(known):
                told(known, self._store.worths(known))

        recall()
        if missing.any():

            def told_now(some: NDArray[np.int64], worths: NDArray[np.float64]) -> None:
                nonlocal shape
                shape = desk.returned.trailing
                told(some, worths)

            desk = Desk(
                self._store,
                self._order,
                among=np.sort(ids[missing]),
                on_error=self._on_error,
                retries=self._retries,
                on_nonfinite=self._on_nonfinite,
                told=told_now,
                tells_repeat=repeats > 1 and takes_repeat(self._game),
            )
            work(self._game, desk, self._limits, executor=self._executor)
            recall()  # what other processes have told
        if missing.any():
            if shape is None:
                last = self._store.failures(1)
                raise FailedEvaluationError(
                    f"no evaluation of game succeeded, the last failed with {last[0].error if last else 'no error'}"
                )
            for row in np.flatnonzero(left).tolist():
                finished(row, np.full(shape, np.nan) if shape else np.nan)


@contextmanager
def store_for(
    game: Any,
    n_players: int,
    budget: int,
    label: str,
    *,
    path: Any,
    executor: Any,
    on_error: Any,
    retries: Any,
    max_failures: Any,
    timeout: Any,
    on_nonfinite: Any,
    batch_size: Any,
    random_state: check.Seed,
    noisy: Any,
    player_names: Any,
    timed: bool,
    repeats: int,
    options: dict[str, Any],
) -> Iterator[tuple[Any, int]]:
    """Check these arguments of `estimate`, and yield the game to call and the seed."""
    name, pool = path_of(path), executor_of(executor)
    policy = check.choice("on_error", on_error, ON_ERROR)
    tries = check.integer("retries", retries, 0)
    limits = limits_of(
        batch_size=batch_size,
        max_in_flight=None,
        timeout=timeout,
        max_failures=max_failures,
        threads_per_worker=1,
        seconds=None,
        stoppable=pool is not None,
    )
    if name is None and pool is None and policy == "raise":
        yield game, check.seed(random_state)
        return
    if timed:
        raise ValueError(
            "deadline cannot be used with store, executor or on_error: its coalitions depend on the clock. Use "
            "banzhaf.Study, whose run takes seconds"
        )
    if not callable(game):
        raise TypeError(f"game must be a callable that takes boolean arrays, got {type(game).__name__}")
    refuse_native(game, "store, executor and on_error")
    is_noisy = check.flag("noisy", noisy)
    kept_nonfinite = check.choice("on_nonfinite", on_nonfinite, ("raise", "drop"))
    order, store = open_store(name, n_players, budget, label, random_state, is_noisy, player_names, repeats)
    workers = None if pool is None else Workers(pool, game, "game")
    try:
        note_options(store, **options, on_nonfinite=kept_nonfinite, on_error=policy, retries=tries)
        yield (
            StoredGame(
                game,
                order,
                store,
                limits=limits,
                executor=workers,
                on_error=policy,
                retries=tries,
                on_nonfinite=kept_nonfinite,
            ),
            order.seed,
        )
    finally:
        if workers is not None:
            workers.close()
        store.close()
