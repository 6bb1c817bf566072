# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf values of set functions: Kernel Banzhaf, exact values, and the coalitions of a design."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _core
from banzhaf._estimate import given
from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.running import Game, result_of, run
from banzhaf._estimate.stopping import stopping
from banzhaf._support import arguments as check


def estimate(
    game: Game,
    n_players: int,
    *,
    budget: int,
    design: str = "hadamard",
    ridge: float = 0.0,
    random_state: check.Seed = None,
    batch_size: int | None = None,
    num_threads: int | None = None,
    on_nonfinite: str = "raise",
    standard_errors: bool = True,
    noisy: bool = False,
    player_names: Iterable[str] | None = None,
    progress: bool = False,
    tolerance: float | None = None,
    top_k: int | None = None,
    confidence: float = 0.95,
    deadline: float | None = None,
    callback: Callable[[BanzhafValues], Any] | None = None,
) -> BanzhafValues:
    """Estimate the Banzhaf values of a game by least squares on sampled coalitions.

    This is Kernel Banzhaf [1]_ on better coalitions. Each one's complement is evaluated too; only the differences
    within pairs enter, so constants and interactions of even order cancel, and games of order 2 come out exactly as
    soon as the pairs determine the values at all. The default design takes the pairs from Hadamard matrices, block
    after block, whose regression is orthogonal.

    Parameters
    ----------
    game : callable
        Takes coalitions, a boolean array of shape (m, n_players), and returns their worths, shape (m,) or
        (m, n_outputs). It is called on batches; each gets an array of its own. `per_coalition` makes one of a function
        of one coalition.
    n_players : int
        From 1 to 2^20.
    budget : int
        How many coalitions may be evaluated. Never exceeded. Wherever it pays for all 2^n_players, all are
        evaluated and the values are exact, unless a rule stops before. That presumes a game whose worths do not change
        from call to call; for others see `noisy`.
    design : {"hadamard", "paired", "independent", "exhaustive"}
        How coalitions are chosen. ``"hadamard"`` takes pairs from Hadamard matrices, block after block: the
        regression is orthogonal, and the error lower than with random pairs. One block takes 2 N evaluations, N being
        the least order of a known Hadamard matrix from n_players on, mostly the next multiple of 4. From 2 n_players to
        that it takes a weighing design, whose columns are nearly orthogonal (up to 256 players; beyond, and below
        2 n_players, a random part of a block). ``"paired"`` is the paper's: uniform coalitions and their
        complements. ``"independent"`` draws each coalition on its own, and fits a constant beside the values.
    ridge : float
        lambda in min ``||A x - b||^2 + lambda ||x||^2``, where A holds +1/2 for a player in the coalition and -1/2
        for one outside; 0 is plain least squares.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None
        An int from 0 to 2^64 - 1 gives the same bits for any `batch_size` and `num_threads`; None draws one, which
        the result holds.
    batch_size : int, optional
        The most coalitions in one call of the game; by default some megabytes of them.
    num_threads : int, optional
        Threads of the core; by default OMP_NUM_THREADS if that is set, else the CPUs that affinity and a container's
        quota leave the process. At most four are started for each of these, or 16 if that is more.
    on_nonfinite : {"raise", "drop"}
        What to do with a worth that is NaN or infinite: raise, or drop its coalition (and the other of its pair).
        What is left is no uniform sample, so that the values may be biased: a warning says how many were dropped.
    standard_errors : bool
        False saves the time for them; they are NaN then. They are robust to heteroscedasticity: MacKinnon and White's
        HC2, the pair being the unit. With the design ``"paired"`` and 256 players or more an unbiased estimate of it
        from 128 random sums of pairs takes its place, in a fraction of the time; it is within some 6 % of it.
        Hadamard blocks have errors of their own, from what spare columns and repeated blocks show.
    noisy : bool
        True if the game has noise: another call on the same coalition gives another worth, as with a model that is
        trained anew. Nothing counts as exact then. The whole budget is spent, beyond 2^n_players on repeats of all
        coalitions, and the standard errors hold the noise. At less than two of each coalition, interactions of odd
        order count as noise as well, unless there are 16 repeats or more.
    player_names : iterable of str, optional
    progress : bool
        Whether to show a bar with the evaluations made and the time left; needs tqdm.
    tolerance : float, optional
        In the unit of worths. Stop when the largest standard error, over players and outputs, is at most this. A
        standard error on few degrees of freedom counts as so much larger as Student's t exceeds the normal quantile at
        `confidence`.
    top_k : int, optional
        Stop when the `top_k` leading players, by absolute value, are separated from all others in every output.
    confidence : float
        1 - confidence is the most that the probability of a stop by `top_k` with the wrong players may be, for all
        comparisons and looks together (see Notes).
    deadline : float, optional
        Seconds from the call on. The best answer so far is given then: batches shrink as it draws near, and none
        begins after it; one pair is evaluated in any case.
    callback : callable, optional
        Called with the `BanzhafValues` of each look at which no rule is met; returning True stops.

    Returns
    -------
    BanzhafValues
        Its `stopped` says why it ended; what its standard errors rest on stands at `standard_errors`.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument, before any evaluation; for what the game returns, naming the coalition if its worth
        is not finite. An exception in the game reaches the caller as itself. Either carries what was evaluated
        before it as its attribute ``evaluations``, whose coalitions and worths `fit` takes.

    Warns
    -----
    RankWarning
        If there are too few pairs to determine every value and `ridge` is 0. The values are then those of least norm.
    BudgetWarning
        If otherwise only a random part of one block of the Hadamard design is evaluated. Both name what a block takes.
    UserWarning
        If coalitions were dropped.

    Notes
    -----
    `tolerance`, `top_k` and `callback` look after complete blocks, or with random designs at n + n/4 + 8 equations,
    each time after half as many evaluations again as before. A run that stops has the same bits as one with the
    same `random_state` and a budget of what it has spent (but for a deadline within the first block, and budgets too
    large for the Kerdock set that a smaller one takes). Where the budget pays for all coalitions and there is such an
    argument, they come in the order of Hadamard blocks.

    For `top_k`, each of the k is compared with each of the rest by Student's t, the error probability 1 -
    `confidence` being divided by the comparisons (Bonferroni; both signs) and among looks as 1 / (look (look + 1)),
    so that neither many players nor looking repeatedly spoils it. It rests on the standard errors being right, which
    they are about for random signs of the interactions, and not for every game whatsoever. An interaction can hide from
    the residuals of a Hadamard design, with probability 2^(1 - blocks); `tolerance` does not stop before that is at
    most 1 - `confidence` (6 blocks at 0.95), and `top_k` not before n_players times that is at most half of it, the
    other half being what the comparisons share. Interactions of five and more players, one in N of them, can hide for
    longer; from twice the smallest complete design on (4 N^2 evaluations, or 2 N^2 for N = 16, 64, 256, ...), standard
    errors allow for them. Equal players are never separated. A run stopped by `tolerance` has no guarantee beyond
    its standard errors; being chosen for being small, they are somewhat too small on average.

    References
    ----------
    .. [1] Liu, Witter, Korn, Alrashed, Paparas, Musco, Freire, "Kernel Banzhaf: A Fast and Robust Estimator for
       Banzhaf Values", arXiv 2410.08336.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> weights = np.arange(1.0, 21.0)
    >>> values = banzhaf.estimate(lambda coalitions: coalitions @ weights, 20, budget=100, random_state=0)
    >>> bool(np.allclose(values.values, weights))
    True
    >>> banzhaf.estimate(lambda coalitions: coalitions @ weights, 20, budget=10**6, tolerance=0.01).stopped
    'tolerance'
    """
    start = time.perf_counter()
    n = check.players(n_players)
    taken = check.resolve_design(design, n, budget)
    affordable = operator.index(budget)
    seed = check.seed(random_state)
    rules = stopping(tolerance, top_k, confidence, deadline, callback, n_players=n, standard_errors=standard_errors)
    return run(
        game,
        n,
        affordable,
        taken,
        label=taken,
        seed=seed,
        ridge=check.penalty(ridge),
        batch_size=batch_size,
        num_threads=num_threads,
        on_nonfinite=on_nonfinite,
        standard_errors=standard_errors,
        noisy=check.flag("noisy", noisy),
        player_names=player_names,
        progress=progress,
        rules=rules if rules.any else None,
        start=start,
    )


def exact(
    game: Game | ArrayLike,
    n_players: int,
    *,
    batch_size: int | None = None,
    num_threads: int | None = None,
    player_names: Iterable[str] | None = None,
    progress: bool = False,
) -> BanzhafValues:
    """Compute the Banzhaf values of a game from all 2^n_players coalitions.

    This presumes a deterministic game: one whose worth of a coalition is the same in every call. For a game with noise
    use `estimate` with ``noisy=True``, whose standard errors hold the noise.

    Parameters
    ----------
    game : callable or array_like of shape (2^n_players,) or (2^n_players, n_outputs)
        A game as for `estimate`, or the worths themselves: that of a coalition stands at the sum of 2^i over its
        players i.
    n_players : int
        From 1 to 30.
    batch_size, num_threads, player_names, progress
        As for `estimate`.

    Returns
    -------
    BanzhafValues
        With standard errors 0.

    Raises
    ------
    TypeError, ValueError
        As for `estimate`.

    Notes
    -----
    The values are the first-order terms of the game's Walsh-Hadamard transform. They take 2^(n+1) additions by
    folding the table of worths once for each player; `walsh_hadamard` gives all terms in n 2^n.

    Examples
    --------
    Two of three votes carry a motion, so each voter decides in half of all cases:

    >>> import banzhaf
    >>> majority = banzhaf.exact(lambda coalitions: coalitions.sum(axis=1) >= 2, 3)
    >>> majority.values
    array([0.5, 0.5, 0.5])
    """
    n = check.integer("n_players", n_players, 1, _core.MAX_EXHAUSTIVE_PLAYERS)
    if callable(game):
        return run(
            game,
            n,
            2**n,
            "exhaustive",
            label="exhaustive",
            batch_size=batch_size,
            num_threads=num_threads,
            player_names=player_names,
            progress=progress,
        )
    worths = given.worths("game", game, 2**n, f"all 2^{n} coalitions")
    check.batch(batch_size)
    check.flag("progress", progress)
    names = check.names("player_names", player_names, n, "players")
    found = _core.exact(given.columns(worths), n, check.threads(num_threads))
    if not np.isfinite(found.mean_worth).all():  # one number to look at in place of 2^n
        given.finite("game", worths)
    return result_of(found, "exhaustive", names, None, worths.ndim == 2)


def sample_coalitions(
    n_players: int,
    budget: int,
    *,
    design: str = "hadamard",
    random_state: check.Seed = None,
    num_threads: int | None = None,
) -> NDArray[np.bool_]:
    """Draw the coalitions that `estimate` would evaluate with the same arguments.

    Parameters
    ----------
    n_players, budget, design, random_state, num_threads
        As for `estimate`; all coalitions are given wherever the budget pays for them.

    Returns
    -------
    ndarray of bool, shape (m, n_players)
        With m <= budget. With the designs ``"hadamard"`` and ``"paired"``, rows 2p and 2p + 1 are complements; with
        ``"exhaustive"``, row r holds the players of r's binary digits.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument.

    Examples
    --------
    >>> import banzhaf
    >>> coalitions = banzhaf.sample_coalitions(10, 60, random_state=0)
    >>> coalitions.shape
    (60, 10)
    >>> bool((coalitions[0] ^ coalitions[1]).all())
    True
    """
    n = check.players(n_players)
    taken = check.resolve_design(design, n, budget)
    return _core.sample_coalitions(
        taken, n, operator.index(budget), check.seed(random_state), num_threads=check.threads(num_threads)
    )
