# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Ask for coalitions and tell their worths, in any order and from several processes."""

from __future__ import annotations

import operator
import os
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._estimate import given
from banzhaf._estimate.adjustment import interactions_of
from banzhaf._estimate.desk import ON_ERROR, Desk, check_fingerprint, drawn_by, trailing_of
from banzhaf._estimate.evaluations import Evaluations
from banzhaf._estimate.order import Order
from banzhaf._estimate.per_coalition import name_of
from banzhaf._estimate.repeats import budget_of_repeats, takes_repeat
from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.running import Game
from banzhaf._estimate.stopping import Stopping, stopping
from banzhaf._estimate.stored import arguments_of, note_options, open_store, path_of
from banzhaf._estimate.work import limits_of, refuse_native, work
from banzhaf._support import arguments as check
from banzhaf._support.bridge import progress_bar
from banzhaf._support.exact import check_unmasked
from banzhaf._support.store import Counts, Failure, Store
from banzhaf._support.workers import Workers, executor_of

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["Batch", "Study"]

_COMPARED = 65536  # coalitions at a time


@dataclass(frozen=True, eq=False)
class Batch:
    """Coalitions that `Study.ask` hands out.

    Attributes
    ----------
    ids : ndarray of int64, shape (m,)
        Number of each evaluation, which `Study.tell` takes.
    coalitions : ndarray of bool, shape (m, n_players)
        The coalitions to evaluate.
    attempts : ndarray of int64, shape (m,)
        How often each coalition was handed out, with this time.
    repeats : ndarray of int64, shape (m,)
        Which repeat of its coalition each evaluation is, from 0. All are 0 without repeats.

    See Also
    --------
    Study : Hands out coalitions and takes their worths.

    Examples
    --------
    >>> import banzhaf
    >>> batch = banzhaf.Study(8, budget=40, random_state=0).ask(4)
    >>> batch.ids
    array([0, 1, 2, 3])
    >>> batch.coalitions.shape
    (4, 8)
    """

    ids: NDArray[np.int64]
    coalitions: NDArray[np.bool_]
    attempts: NDArray[np.int64]
    repeats: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of coalitions; an empty batch counts as False."""
        return len(self.ids)


class Study:
    """Estimate Banzhaf values from evaluations that are made elsewhere, survive crashes, and may take days.

    A study hands out coalitions (`ask`) and takes their worths (`tell`) in any order. With a store, each worth is on
    disk before `tell` returns, and several processes may work on the same study. `run` does both with a game, in this
    thread or through an executor. `result` estimates the values at any time.

    Parameters
    ----------
    n_players : int
        Number of players, from 1 to 2^20.
    budget : int
        Largest number of coalitions to evaluate, as for `estimate`. Repeated attempts do not count.
    design : {"hadamard", "nested", "fresh", "paired", "independent", "exhaustive"}, default "hadamard"
        How coalitions are chosen, as for `estimate`.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        Seed, as for `estimate`. None takes the seed of an existing store.
    store : str or path-like, optional
        Name of an SQLite file. It is made if it does not exist, and otherwise continued. By default the evaluations
        are kept in memory.
    player_names : iterable of str, optional
        Names of the players in order, all different.
    noisy : bool, default False
        Whether evaluating a coalition again would give another worth, as for `estimate`.
    repeats : int, default 1
        How often to evaluate each coalition, as for `estimate`. Each evaluation is handed out and stored on its own.
    ridge : float, default 0.0
        Penalty on the squared values, as for `estimate`.
    interactions : {"auto", "always", "none"}, default "auto"
        Whether to find interactions and take them out of the error, as for `estimate`.
    standard_errors : bool, default True
        Whether to compute standard errors, as for `estimate`.
    tolerance, top_k, confidence : optional
        Rules that end the study before its budget, as for `estimate`.
    on_nonfinite : {"raise", "drop"}, default "raise"
        What to do with a worth that is NaN or infinite, as for `estimate`.
    on_error : {"raise", "retry", "drop"}, default "retry"
        What a failure does. ``"raise"`` ends `run` at once. ``"retry"`` hands the coalition out again, up to `retries`
        times, and then ends `run`. ``"drop"`` then leaves the coalition out of the result.
    retries : int, default 2
        How often a failed coalition is handed out again.
    lease : float, default 3600.0
        Seconds for which `ask` reserves a coalition. If no worth was told by then, it is handed out again. A late worth
        is still taken.
    num_threads : int, optional
        Number of threads for `result`, as for `estimate`.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the store was made with other arguments. The error says which. Also if the file is
        something else or damaged.
    OSError
        If the store cannot be read or written.

    See Also
    --------
    estimate : Evaluate and estimate in one call, also with a store and an executor.
    estimate_async : Evaluate an awaitable game.
    fit_design : Estimate values from a complete array of worths.

    Notes
    -----
    **What a result uses.** Coalitions are handed out in an order whose first m coalitions are a sample of the whole
    design for every even m. `result` uses the longest beginning of this order in which every coalition has a worth.
    Later worths wait until the gap before them is filled. Otherwise slow coalitions would be missing from early
    results, and the values would be biased if time and worth are related. Once all worths are told, the values are
    those of `estimate` for the same arguments, to the last bit.

    **Stores.** What must agree when a file is opened again: `n_players`, `budget`, `design`, `random_state`, `noisy`,
    `repeats` and `player_names`. The other arguments may differ, because they do not change the coalitions. The file
    does not know the game, so use one file for one game. It must lie on a local disk, because SQLite's log does not
    work on network file systems. While it is open, SQLite keeps two more files beside it. Each row carries a checksum.

    **Several processes.** Each process opens the same file. A coalition is handed out to one of them at a time. `run`
    renews its reservations while it works. If a process on the same machine dies, what it had comes back at once (not
    on Windows). From other machines, it comes back after a minute.

    **Bias from failures.** Dropped coalitions, with their complements, leave a sample that is no longer uniform. The
    values are biased if failures depend on the coalition. The result counts them in `n_dropped` and a warning says so.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> weights = np.arange(10.0)
    >>> study = banzhaf.Study(10, budget=64, random_state=0)
    >>> while batch := study.ask(16):
    ...     _ = study.tell(batch, batch.coalitions @ weights)
    >>> study.result() == banzhaf.estimate(lambda c: c @ weights, 10, budget=64, random_state=0)
    True
    """

    def __init__(
        self,
        n_players: int,
        *,
        budget: int,
        design: str = "hadamard",
        random_state: check.Seed = None,
        store: str | os.PathLike[str] | None = None,
        player_names: Iterable[str] | None = None,
        noisy: bool = False,
        repeats: int = 1,
        ridge: float = 0.0,
        interactions: str = "auto",
        standard_errors: bool = True,
        tolerance: float | None = None,
        top_k: int | None = None,
        confidence: float = 0.95,
        on_nonfinite: str = "raise",
        on_error: str = "retry",
        retries: int = 2,
        lease: float = 3600.0,
        num_threads: int | None = None,
    ) -> None:
        n = check.players(n_players)
        n_repeats, affordable = budget_of_repeats(repeats, budget)
        label = check.resolve_design(design, n, affordable, interactions=interactions_of(interactions))
        self._wanted_design = design
        rules = stopping(tolerance, top_k, confidence, None, None, n_players=n, standard_errors=standard_errors)
        self._rules: Stopping | None = rules if rules.any else None
        self._on_error = check.choice("on_error", on_error, ON_ERROR)
        self._retries = check.integer("retries", retries, 0)
        self._on_nonfinite = check.choice("on_nonfinite", on_nonfinite, ("raise", "drop"))
        self._lease = check.positive("lease", lease)
        names = check.names("player_names", player_names, n, "players")
        self._names, self._interactions = names, interactions
        self._fitting: dict[str, Any] = {
            "player_names": names,
            "ridge": check.penalty(ridge),
            "interactions": interactions,
            "standard_errors": check.flag("standard_errors", standard_errors),
            "num_threads": num_threads,
        }
        check.threads(num_threads)
        self._order, self._store = open_store(
            path_of(store),
            n,
            operator.index(budget),
            label,
            random_state,
            check.flag("noisy", noisy) or n_repeats > 1,
            names,
            n_repeats,
        )
        self._met_at: int | None = None
        self._checked = 0
        note_options(
            self._store,
            design=design,
            ridge=self._fitting["ridge"],
            interactions=interactions,
            standard_errors=self._fitting["standard_errors"],
            tolerance=tolerance,
            top_k=top_k,
            confidence=confidence,
            on_nonfinite=on_nonfinite,
            on_error=on_error,
            retries=self._retries,
            lease=self._lease,
        )

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, num_threads: int | None = None, read_only: bool = False) -> Study:
        """Open a stored study with the arguments that the file holds.

        Parameters
        ----------
        path : str or path-like
            Name of the file.
        num_threads : int, optional
            Number of threads for `result`, as for `estimate`.
        read_only : bool, default False
            Whether to change nothing, for a look at a study that others work on.

        Returns
        -------
        Study
            The study, as it was left.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is not a store, or is damaged.

        See Also
        --------
        extend : Spend a larger budget.

        Examples
        --------
        >>> import os, tempfile
        >>> import banzhaf
        >>> path = os.path.join(tempfile.mkdtemp(), "values.db")
        >>> with banzhaf.Study(8, budget=40, random_state=0, store=path) as study:
        ...     study.run(lambda coalitions: coalitions.sum(axis=1), seconds=3600)
        >>> banzhaf.Study.open(path).result().values
        array([1., 1., 1., 1., 1., 1., 1., 1.])
        """
        name = path_of(path)
        if name is None:
            raise TypeError("path must be the name of a file, got None")
        check.threads(num_threads)
        only_reads = check.flag("read_only", read_only)
        before = Store(name, None, n_coalitions=None, read_only=True)
        try:
            arguments = before.arguments
            options = {key: value for key, value in (before.note("options") or {}).items() if key != "design"}
            design = (before.note("options") or {}).get("design", arguments["design"])
            n_players, budget = arguments["n_players"], arguments["budget"]
            interactions = options.get("interactions", "auto")
            repeats = arguments.get("repeats", 1)
            affordable = budget // max(1, repeats)
            if check.resolve_design(design, n_players, affordable, interactions=interactions) != arguments["design"]:
                design = arguments["design"]
            named = {key: arguments[key] for key in ("budget", "random_state", "noisy", "player_names")}
            study = cls(
                n_players,
                design=design,
                store=None if only_reads else name,
                num_threads=num_threads,
                repeats=repeats,
                **named,
                **options,
            )
        except (AttributeError, KeyError, TypeError, OverflowError) as error:
            before.close()
            raise before.damaged(f"its arguments are wrong: {error}") from error
        except BaseException:
            before.close()
            raise
        if not only_reads:
            before.close()
            return study
        study._store.close()
        study._store = before
        check_fingerprint(before, study._order)
        return study

    # -- ask and tell -----------------------------------------------------------------------------------------------

    def ask(self, count: int, *, lease: float | None = None, worker: str = "") -> Batch:
        """Hand out coalitions to evaluate.

        Parameters
        ----------
        count : int
            Largest number of coalitions. New ones come in whole pairs of complements, so one counts as two. The first
            to come are those that failed, and those whose worth was not told in time.
        lease : float, optional
            Seconds for which they are reserved; by default as for the study.
        worker : str, default ""
            Who evaluates them, for the records.

        Returns
        -------
        Batch
            Numbers and coalitions. It is empty, and counts as False, if there are none at present. `done` tells whether
            others are still at work.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong.

        See Also
        --------
        tell : Store the worths.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> len(study.ask(16)), len(study.ask(100)), len(study.ask(1))
        (16, 24, 0)
        """
        most = check.integer("count", count, 1)
        seconds = self._lease if lease is None else check.positive("lease", lease)
        name = check.text("worker", worker)
        self._refresh()
        if self._rule_is_met():
            return self._batch(np.empty(0, np.int64), np.empty(0, np.int64))
        handed = self._store.hand_out(most, seconds=seconds, worker=name, pairs=self._order.pairs)
        return self._batch(handed.ids, handed.attempts)

    def _batch(self, ids: NDArray[np.int64], attempts: NDArray[np.int64]) -> Batch:
        return Batch(ids, self._order.coalitions(ids), attempts, self._order.split(ids)[1])

    def tell(self, which: Batch | ArrayLike, worths: ArrayLike, *, worker: str = "") -> int:
        """Store the worths of coalitions. With a store, they are on disk when this returns.

        Worths may come in any order, for a part of a batch, late, and from a process that did not ask for them.

        Parameters
        ----------
        which : Batch or array_like of int, shape (m,)
            What `ask` returned, or numbers from its `ids`.
        worths : array_like of shape (m,) or (m, n_outputs)
            Worth of each coalition.
        worker : str, default ""
            Who evaluated them, for the records.

        Returns
        -------
        int
            How many of the worths are new.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong; nothing is then stored. Also if a worth is not finite, or differs from the one that
            was told before. The other worths are then stored, and the first worth stays. In a noisy study, a second
            worth is ignored.
        OSError
            If the store cannot be written.

        See Also
        --------
        ask : Hand out coalitions.
        tell_failure : Report that an evaluation failed.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> batch = study.ask(4)
        >>> study.tell(batch.ids[:2], [1.0, 2.0]), study.tell(batch, [1.0, 2.0, 3.0, 4.0])
        (2, 2)
        """
        ids = self._ids_of(which)
        name = check.text("worker", worker)
        if len(ids) == 0:
            return 0
        table = given.worths("worths", worths, len(ids), "the coalitions told")
        trailing = trailing_of(self._store)
        if trailing is None:
            self._store.sync()
            if self._store.n_outputs is None:
                self._store.note("trailing", list(table.shape[1:]))
        elif table.shape[1:] != trailing:
            raise ValueError(f"worths must have shape {(len(ids), *trailing)}, as those told before, got {table.shape}")
        rows = given.columns(table)
        good = np.isfinite(rows).all(axis=1) | (self._on_nonfinite == "drop")
        if good.all() and (ids[1:] > ids[:-1]).all():  # the usual case
            twice = np.zeros(len(ids), dtype=bool)
            n_new, different = self._store.record(ids, rows, name)
        else:
            unique, first, back = np.unique(ids[good], return_index=True, return_inverse=True)
            kept = rows[good]
            twice = (kept != kept[first][back]).any(axis=1) & np.isfinite(kept).all(axis=1)
            n_new, different = self._store.record(unique, kept[first], name)
        if not good.all():
            raise ValueError(
                f"the worth of {self._name(ids[~good][0])} is not finite: tell a finite worth, report it by "
                "tell_failure, or set on_nonfinite='drop'. The finite worths were stored"
            )
        if twice.any():
            different = np.union1d(different, ids[good][twice])
        if len(different) and not self._order.noisy:
            raise ValueError(
                f"{self._name(different[0])} has another worth than was told before, and {len(different)} "
                f"coalition{'s' * (len(different) > 1)} in all. The first worths stay, and the other coalitions were "
                "stored. Set noisy=True if evaluating a coalition again gives another worth"
            )
        return n_new

    def tell_failure(self, which: Batch | ArrayLike, error: BaseException | str, *, worker: str = "") -> None:
        """Report that evaluating coalitions failed, so that they are handed out again if a try is left.

        Parameters
        ----------
        which : Batch or array_like of int, shape (m,)
            What `ask` returned, or numbers from its `ids`. Those that have a worth already are passed over.
        error : exception or str
            What went wrong, for the records.
        worker : str, default ""
            Who tried, for the records.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong.

        See Also
        --------
        failures : Read the records.
        retry_failed : Hand out again what failed too often.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> study.tell_failure(study.ask(2), "out of memory")
        >>> study.ask(2).attempts
        array([2, 2])
        """
        ids = self._ids_of(which)
        text = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else check.text("error", error)
        name = check.text("worker", worker)
        if len(ids):
            tries = float("inf") if self._on_error == "raise" else 1 + self._retries
            self._store.give_back(np.unique(ids), error=text, worker=name, tries=tries)

    def run(
        self,
        game: Game,
        executor: Executor | Callable[[], Executor] | None = None,
        *,
        batch_size: int | None = None,
        max_in_flight: int | None = None,
        timeout: float | None = None,
        max_failures: int = 10,
        threads_per_worker: int | None = 1,
        seconds: float | None = None,
        progress: bool = False,
        worker: str = "",
    ) -> None:
        """Evaluate a game until the study is done.

        Parameters
        ----------
        game : callable
            As for `estimate`. It must not be made by `native_game`.
        executor : concurrent.futures.Executor or callable, optional
            Where to call the game. By default it is called in this thread. For processes it must be picklable. A
            function or class that makes an executor is called again if that breaks, as for `estimate`.
        batch_size : int, optional
            Number of coalitions in one call, by default 64. A game made by `per_coalition` gets one, unless it has a
            `map` and there is no executor.
        max_in_flight : int, optional
            Largest number of calls that the executor has at one time; by default twice the number of its workers, or
            64 if that is unknown.
        timeout : float, optional
            Seconds after which a call in the executor counts as failed. It cannot be stopped and keeps its worker, but
            its worth is taken if it comes after all.
        max_failures : int, default 10
            Number of calls that may fail in a row before the run ends.
        threads_per_worker : int or None, default 1
            Number of threads that numerical libraries use in a worker process, unless ``OMP_NUM_THREADS`` is set. It
            and similar ones are set there. Libraries that are loaded already follow if threadpoolctl is installed. None
            changes nothing.
        seconds : float, optional
            Seconds after which no further call begins.
        progress : bool, default False
            Whether to show a progress bar; needs tqdm.
        worker : str, default ""
            Name of this run, for the records.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong, or the game returns something wrong.
        RuntimeError
            If `max_failures` calls failed in a row.

        See Also
        --------
        ask : Hand out coalitions to evaluate elsewhere.
        result : Estimate the values.

        Notes
        -----
        An exception of the game reaches the caller unchanged, subject to `on_error`. Calls that have begun are finished
        first and their worths are kept, unless the user interrupts the run. If the executor breaks because a worker
        died, `BrokenExecutor` is raised: run again with a new executor, or pass a function that makes one. The batches
        do not change the result.

        If other processes hold the last coalitions, the run waits for their worths, or until the reservations end.
        `release` ends the reservations at once.

        Examples
        --------
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> with ThreadPoolExecutor(4) as pool:
        ...     study.run(lambda coalitions: coalitions.sum(axis=1), pool, batch_size=4)
        >>> study.done
        True
        """
        if not callable(game):
            raise TypeError(f"game must be a callable that takes boolean arrays, got {type(game).__name__}")
        refuse_native(game, "Study.run")
        pool = executor_of(executor)
        limits = limits_of(
            batch_size=batch_size,
            max_in_flight=max_in_flight,
            timeout=timeout,
            max_failures=max_failures,
            threads_per_worker=threads_per_worker,
            seconds=seconds,
            stoppable=pool is not None,
        )
        workers = None if pool is None else Workers(pool, game, "game", limits.threads_per_worker)
        try:
            with self._running(game, worker, progress) as desk:
                work(game, desk, limits, executor=workers, stop=self._rule_is_met)
        finally:
            if workers is not None:
                workers.close()

    async def run_async(
        self,
        game: Callable[[Any], Awaitable[Any]],
        *,
        max_in_flight: int = 16,
        batch_size: int = 1,
        timeout: float | None = None,
        max_failures: int = 10,
        seconds: float | None = None,
        progress: bool = False,
        worker: str = "",
    ) -> None:
        """Evaluate an awaitable game until the study is done, with several calls in flight.

        Parameters
        ----------
        game : callable
            Takes coalitions, a boolean array of shape (m, n_players), and returns an awaitable of their worths. Or what
            `per_coalition` makes of an ``async`` function of one coalition.
        max_in_flight : int, default 16
            Largest number of calls at one time.
        batch_size : int, default 1
            Number of coalitions in one call. Games made by `per_coalition` always get one.
        timeout : float, optional
            Seconds after which a call is cancelled and counts as failed.
        max_failures : int, default 10
            Number of calls that may fail in a row before the run ends.
        seconds : float, optional
            Seconds after which no further call begins.
        progress : bool, default False
            Whether to show a progress bar; needs tqdm.
        worker : str, default ""
            Name of this run, for the records.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong, or the game returns something wrong.
        RuntimeError
            If `max_failures` calls failed in a row.

        See Also
        --------
        run : Evaluate a game without ``await``.
        estimate_async : Evaluate and estimate in one call.

        Examples
        --------
        >>> import asyncio
        >>> import banzhaf
        >>> async def game(coalitions):
        ...     await asyncio.sleep(0.001)
        ...     return coalitions.sum(axis=1)
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> asyncio.run(study.run_async(game))
        >>> study.done
        True
        """
        if not callable(game):
            raise TypeError(f"game must be a callable that returns an awaitable, got {type(game).__name__}")
        refuse_native(game, "Study.run_async")
        from banzhaf._estimate.work_async import work_async  # asyncio takes long to import

        limits = limits_of(
            batch_size=check.integer("batch_size", batch_size, 1),
            max_in_flight=check.integer("max_in_flight", max_in_flight, 1),
            timeout=timeout,
            max_failures=max_failures,
            threads_per_worker=None,
            seconds=seconds,
            stoppable=True,
        )
        with self._running(game, worker, progress) as desk:
            await work_async(game, desk, limits, stop=self._rule_is_met)

    @contextmanager
    def _running(self, game: Any, worker: str, progress: bool) -> Iterator[Desk]:
        """Yield where a run gets its coalitions, and show how far it is."""
        name = check.text("worker", worker)
        self._refresh()
        with progress_bar(check.flag("progress", progress), self.n_coalitions, " evaluations") as advance:
            advance(self.n_told)
            yield Desk(
                self._store,
                self._order,
                on_error=self._on_error,
                retries=self._retries,
                on_nonfinite=self._on_nonfinite,
                worker=name,
                told=lambda ids, worths: advance(len(ids)),
                tells_repeat=self._order.repeats > 1 and takes_repeat(game),
            )

    # -- results ----------------------------------------------------------------------------------------------------

    def result(self) -> BanzhafValues:
        """Estimate the values from the worths told so far.

        Returns
        -------
        BanzhafValues
            Its `stopped` is ``"running"`` as long as worths are missing and no rule is met. See Notes of `Study` for
            the worths that it uses.

        Raises
        ------
        ValueError
            If the first pair of coalitions has no worths yet.

        Warns
        -----
        RankWarning, BudgetWarning, UserWarning
            As for `estimate`.

        See Also
        --------
        run : Evaluate a game.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> batch = study.ask(16)
        >>> _ = study.tell(batch, batch.coalitions.sum(axis=1))
        >>> study.result().n_evaluations, study.result().stopped
        (16, 'running')
        """
        self._refresh()
        n_first = self.n_usable
        if n_first == 0:
            raise ValueError(
                "result needs worths of the first coalitions: none of the "
                f"{self._store.n_told} worths told so far begins the design. Tell the worths of the first pair"
            )
        worths = self._store.worths(slice(0, n_first))
        if len(worths) < n_first:  # dropped ones at the end
            worths = np.concatenate([worths, np.full((n_first - len(worths), worths.shape[1]), np.nan)])
        trailing = trailing_of(self._store)
        return self._order.values(worths, outputs_axis=bool(trailing), rules=self._rules, **self._fitting)

    def evaluations(self) -> Evaluations:
        """Return the coalitions and worths told so far.

        Returns
        -------
        Evaluations
            In the order in which `ask` hands them out. Dropped coalitions are missing.

        See Also
        --------
        result : Estimate the values.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> batch = study.ask(4)
        >>> _ = study.tell(batch.ids[1:], [1.0, 2.0, 3.0])
        >>> study.evaluations().worths[:, 0]
        array([1., 2., 3.])
        """
        self._refresh()
        ids = self._store.told_ids()
        return self._order.evaluations(ids, self._store.worths(ids))

    @property
    def n_usable(self) -> int:
        """Number of first evaluations that all have worths or were dropped, which `result` uses."""
        self._store.sync()
        n_first = self._store.n_first
        if self._on_error == "drop" and self._store.n_outputs is not None:
            spent = self._store.spent()
            if n_first in spent:
                later = np.arange(n_first, self.n_coalitions)
                usable = self._store.is_told(later) | np.isin(later, spent)
                n_first += len(usable) if usable.all() else int(np.argmin(usable))
        return n_first // self._order.group * self._order.group

    def _rule_is_met(self) -> bool:
        """Whether a rule ends the study, checked after each full Hadamard design or half as many worths again."""
        if self._rules is None:
            return False
        if self._met_at is None:
            n_first = self.n_usable
            whole = 2 * check.pairs_of_full_design(self.n_players) * self._order.repeats
            hadamard = self._order.label in (*check.HADAMARD_DESIGNS, "exhaustive")
            due = n_first // whole > self._checked // whole if hadamard else n_first >= self._checked * 1.5 + 2
            if n_first and (due or n_first == self.n_coalitions) and n_first > self._checked:
                self._checked = n_first
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = self.result()
                if found.stopped in ("tolerance", "top_k"):
                    self._met_at = found.n_evaluations * found.repeats
        return self._met_at is not None

    def extend(self, budget: int) -> None:
        """Raise the budget, so that further coalitions are handed out.

        Parameters
        ----------
        budget : int
            New largest number of coalitions to evaluate.

        Raises
        ------
        ValueError
            If `budget` is below the present one, or the larger design does not begin with the coalitions that were
            handed out. Random designs can always be extended. Hadamard designs can from a full design on, up to the
            complete nested design.

        See Also
        --------
        result : Estimate the values.

        Notes
        -----
        The result is then that of `estimate` with the new budget and the study's `design`.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(50, budget=256, random_state=0)
        >>> study.extend(1024)
        >>> study.n_coalitions
        1024
        """
        self._refresh()
        old = self._order
        most = check.integer("budget", budget, old.budget)
        label = old.label
        affordable = most // old.repeats
        resolved = check.resolve_design(self._wanted_design, old.n_players, affordable, interactions=self._interactions)
        if label not in ("nested", "fresh") or resolved == "exhaustive":
            label = resolved
        new = Order(label, old.n_players, most, old.seed, old.noisy, old.repeats)
        n_handed = self._store.n_handed_out()
        for first in range(0, n_handed, _COMPARED):
            ids = np.arange(first, min(first + _COMPARED, n_handed))
            if len(ids) and (
                ids[-1] >= new.n_coalitions or not np.array_equal(old.coalitions(ids), new.coalitions(ids))
            ):
                raise ValueError(
                    f"budget={most} changes the coalitions of design {old.label!r}, so the {self._store.n_told} "
                    f"evaluations made cannot be part of it. Keep the budget of {old.budget}, or start a new study. A "
                    "study can begin with a large budget, because result() works at any time"
                )
        arguments = arguments_of(new, self._names)
        if self._store.replace_arguments(arguments, new.n_coalitions, n_handed, drawn_by(new)):
            self._order = new
            self._met_at, self._checked = None, 0
        else:
            self.extend(budget)  # others were faster: look again

    def _refresh(self) -> None:
        """Follow an `extend` of another process."""
        self._store.sync()
        if self._store.path is None:
            return
        found = self._store.refresh_arguments()
        if found["budget"] != self._order.budget or found["design"] != self._order.label:
            old = self._order
            self._order = Order(found["design"], old.n_players, found["budget"], old.seed, old.noisy, old.repeats)
            self._met_at, self._checked = None, 0

    # -- state ------------------------------------------------------------------------------------------------------

    def _ids_of(self, which: Batch | ArrayLike) -> NDArray[np.int64]:
        if isinstance(which, Batch):
            return self._own_ids(which)
        check_unmasked(which, "ids must be a batch or a sequence of integers, got")
        ids = np.asarray(which)
        if ids.size == 0:
            return np.empty(0, dtype=np.int64)
        if ids.ndim != 1 or ids.dtype.kind not in "iu":
            raise TypeError(f"ids must be a batch or a sequence of integers, got {ids.dtype} of shape {ids.shape}")
        if ids.min() < 0 or ids.max() >= self.n_coalitions:
            self._refresh()
            if ids.min() < 0 or ids.max() >= self.n_coalitions:
                wrong = int(ids.min() if ids.min() < 0 else ids.max())
                raise ValueError(f"ids must be from 0 to {self.n_coalitions - 1}, as ask hands them out, got {wrong}")
        return ids.astype(np.int64)

    def _own_ids(self, batch: Batch) -> NDArray[np.int64]:
        """Return the numbers of a batch, if this study hands out the same coalitions under them."""
        ids = batch.ids
        if len(ids) == 0:
            return ids
        if ids.max() >= self.n_coalitions:
            self._refresh()
        if (
            ids.min() < 0
            or ids.max() >= self.n_coalitions
            or not np.array_equal(self._order.coalitions(ids), batch.coalitions)
        ):
            raise ValueError("the batch is of another study: its coalitions are not those that this one hands out")
        return ids

    def _name(self, number: int) -> str:
        return name_of(self._order.coalitions(np.array([number]))[0])

    @property
    def n_players(self) -> int:
        """Number of players."""
        return self._order.n_players

    @property
    def budget(self) -> int:
        """Largest number of coalitions to evaluate."""
        return self._order.budget

    @property
    def n_coalitions(self) -> int:
        """Number of evaluations, at most the budget: that of the design's coalitions, times `repeats`."""
        return self._order.n_coalitions

    @property
    def repeats(self) -> int:
        """How often each coalition is evaluated."""
        return self._order.repeats

    @property
    def design(self) -> str:
        """How coalitions are chosen."""
        return self._order.label

    @property
    def random_state(self) -> int:
        """The seed."""
        return self._order.seed

    @property
    def player_names(self) -> tuple[str, ...] | None:
        """Names of the players, if any were given."""
        return self._names

    @property
    def path(self) -> str | None:
        """Name of the store's file; None for memory."""
        return self._store.path

    @property
    def n_told(self) -> int:
        """Number of coalitions with a worth."""
        self._store.sync()
        return self._store.n_told

    @property
    def n_out(self) -> int:
        """Number of coalitions that are handed out at present."""
        return self.counts().out

    @property
    def n_failed(self) -> int:
        """Number of coalitions that failed as often as they may."""
        return self.counts().failed

    @property
    def done(self) -> bool:
        """Whether a rule is met, or each coalition has a worth or has failed for good."""
        self._refresh()
        if self._rule_is_met():
            return True
        counts = self.counts()
        return counts.told + counts.failed >= self.n_coalitions

    def counts(self) -> Counts:
        """Count coalitions by state: told, out, waiting to be handed out again, failed for good.

        Returns
        -------
        Counts
            Attributes `told`, `out`, `waiting`, `failed`; `failures`, the number of failed evaluations, and `workers`.

        See Also
        --------
        failures : Read the failures.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> _ = study.ask(10)
        >>> study.counts().out
        10
        """
        return self._store.counts()

    def failures(self, most: int = 10) -> list[Failure]:
        """Read the latest failures.

        Parameters
        ----------
        most : int, default 10
            Largest number of failures.

        Returns
        -------
        list of Failure
            The last one first, with attributes `ids`, `attempt`, `worker`, `time` (seconds since 1970) and `error`.

        See Also
        --------
        tell_failure : Report a failure.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> study.tell_failure(study.ask(2), "out of memory")
        >>> study.failures()[0].error
        'out of memory'
        """
        return self._store.failures(check.integer("most", most, 1))

    def retry_failed(self) -> int:
        """Hand out again the coalitions that failed as often as they may.

        Returns
        -------
        int
            How many they are.

        See Also
        --------
        tell_failure : Report a failure.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0, retries=0)
        >>> study.tell_failure(study.ask(2), "out of memory")
        >>> study.n_failed, study.retry_failed(), study.n_failed
        (2, 2, 0)
        """
        return self._store.revive()

    def release(self) -> int:
        """End all reservations, if it is known that no worker is left: their coalitions are handed out again at once.

        Returns
        -------
        int
            How many coalitions were reserved. A late worth is still taken.

        See Also
        --------
        ask : Reserve coalitions.

        Examples
        --------
        >>> import banzhaf
        >>> study = banzhaf.Study(8, budget=40, random_state=0)
        >>> lost = study.ask(2)
        >>> study.release(), study.n_out
        (2, 0)
        """
        return self._store.release()

    def close(self) -> None:
        """Close the store's file. A study in memory is lost.

        See Also
        --------
        open : Open a stored study.

        Examples
        --------
        >>> import banzhaf
        >>> banzhaf.Study(8, budget=40).close()
        """
        self._store.close()

    def __enter__(self) -> Study:
        """Return the study, for ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store's file."""
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the name of the file; a study in memory cannot be pickled."""
        if self._store.path is None:
            raise TypeError("a study in memory cannot be pickled: pass store=path, so that processes share its file")
        opened: Callable[[str], Study] = type(self).open
        return opened, (self._store.place,)

    def __repr__(self) -> str:
        """Show how far the study is."""
        counts = self.counts()
        where = "in memory" if self.path is None else f"in {self.path!r}"
        states = [f"{number} {state}" for number, state in ((counts.out, "out"), (counts.failed, "failed")) if number]
        more = f" ({', '.join(states)})" if states else ""
        return (
            f"Study: {counts.told} of {self.n_coalitions} coalitions of {self.n_players} players told{more}, "
            f"design {self.design!r}, {where}"
        )
