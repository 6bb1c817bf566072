# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Estimate the values of an awaitable game."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from banzhaf._estimate.evaluations import carries_refused
from banzhaf._estimate.results import BanzhafValues
from banzhaf._study.study import Study
from banzhaf._support import arguments as check
from banzhaf._support.bridge import attach

__all__ = ["estimate_async"]


async def estimate_async(
    game: Callable[[Any], Awaitable[Any]],
    n_players: int,
    *,
    budget: int,
    max_in_flight: int = 16,
    batch_size: int = 1,
    timeout: float | None = None,
    on_error: str = "raise",
    retries: int = 2,
    max_failures: int = 10,
    store: str | os.PathLike[str] | None = None,
    design: str = "hadamard",
    random_state: check.Seed = None,
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
    num_threads: int | None = None,
    progress: bool = False,
) -> BanzhafValues:
    """Estimate the Banzhaf values of an awaitable game, with several calls in flight.

    It runs in the event loop of the caller, for example that of a notebook. The result has the bits of `estimate` with
    a game that returns the same worths.

    Parameters
    ----------
    game : callable
        Takes coalitions, a boolean array of shape (m, n_players), and returns an awaitable of their worths. Or what
        `per_coalition` makes of an ``async`` function of one coalition.
    n_players : int
        Number of players, from 1 to 2^20.
    budget : int
        Largest number of coalitions to evaluate, as for `estimate`. Repeated attempts do not count.
    max_in_flight : int, default 16
        Largest number of calls at one time.
    batch_size : int, default 1
        Number of coalitions in one call. Games made by `per_coalition` always get one.
    timeout : float, optional
        Seconds after which a call is cancelled and counts as failed.
    on_error : {"raise", "retry", "drop"}, default "raise"
        What to do if a call fails, as for `estimate`.
    retries : int, default 2
        How often a failed coalition is tried again, unless `on_error` is ``"raise"``.
    max_failures : int, default 10
        Number of calls that may fail in a row before the run ends.
    store : str or path-like, optional
        Name of a file that keeps each evaluation, so that the same call resumes the run. See `Study`.
    design, random_state, player_names, noisy, repeats, ridge, interactions, standard_errors : optional
        As for `estimate`.
    tolerance, top_k, confidence, on_nonfinite, num_threads, progress : optional
        As for `estimate`.

    Returns
    -------
    BanzhafValues
        Values and standard errors, in the unit of the worths.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the game returns something wrong.
    RuntimeError
        If `max_failures` calls failed in a row.

    Warns
    -----
    RankWarning, BudgetWarning, UserWarning
        As for `estimate`.

    See Also
    --------
    estimate : Estimate the values of a game that is called without ``await``.
    Study : Hand out coalitions to several processes.

    Notes
    -----
    An exception of the game reaches the caller unchanged, with what was evaluated before in its attribute
    ``evaluations``. The other calls in flight are then cancelled. The values are fitted in the event loop, which waits
    for that.

    Examples
    --------
    In a notebook, write ``await banzhaf.estimate_async(...)`` instead of ``asyncio.run``.

    >>> import asyncio
    >>> import banzhaf
    >>> async def ask_service(players):
    ...     await asyncio.sleep(0.001)
    ...     return len(players)
    >>> game = banzhaf.per_coalition(ask_service, "set")
    >>> asyncio.run(banzhaf.estimate_async(game, 8, budget=40, random_state=0)).values
    array([1., 1., 1., 1., 1., 1., 1., 1.])
    """
    study = Study(
        n_players,
        budget=budget,
        design=design,
        random_state=random_state,
        store=store,
        player_names=player_names,
        noisy=noisy,
        repeats=repeats,
        ridge=ridge,
        interactions=interactions,
        standard_errors=standard_errors,
        tolerance=tolerance,
        top_k=top_k,
        confidence=confidence,
        on_nonfinite=on_nonfinite,
        on_error=on_error,
        retries=retries,
        num_threads=num_threads,
    )
    with study:
        try:
            await study.run_async(
                game,
                max_in_flight=max_in_flight,
                batch_size=batch_size,
                timeout=timeout,
                max_failures=max_failures,
                progress=progress,
            )
        except BaseException as error:
            if not carries_refused(error):
                attach(error, "evaluations", study.evaluations())
            raise
        return study.result()
