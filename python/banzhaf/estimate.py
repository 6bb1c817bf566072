# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf values of set functions: the public estimators."""

from __future__ import annotations

import operator
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _arguments as check
from banzhaf import _core
from banzhaf._bridge import checked, keeping
from banzhaf._stopping import Stopping, says_stop, stopping
from banzhaf.results import BanzhafValues, BudgetWarning, RankWarning

Game = Callable[[NDArray[np.bool_]], Any]


def estimate(
    game: Game,
    n_players: int,
    *,
    budget: int,
    design: str = "hadamard",
    ridge: float = 0.0,
    random_state: int | np.random.Generator | None = None,
    batch_size: int | None = None,
    num_threads: int | None = None,
    on_nonfinite: str = "raise",
    standard_errors: bool = True,
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
        (m, n_outputs). It is called on batches; each gets an array of its own.
    n_players : int
        From 1 to 2^20.
    budget : int
        How many coalitions may be evaluated. Never exceeded. Wherever it pays for all 2^n_players, all are
        evaluated and the values are exact, unless a rule stops before.
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
    random_state : int, numpy.random.Generator or None
        An int from 0 to 2^64 - 1 gives the same bits for any `batch_size` and `num_threads`; None draws one, which
        the result holds.
    batch_size : int, optional
        The most coalitions in one call of the game; by default some megabytes of them.
    num_threads : int, optional
        Threads of the core; by default OMP_NUM_THREADS if that is set, else the usable CPUs.
    on_nonfinite : {"raise", "drop"}
        What to do with a worth that is NaN or infinite: raise, or drop its coalition (and the other of its pair).
    standard_errors : bool
        False saves the time for them; they are NaN then. They are robust to heteroscedasticity: MacKinnon and White's
        HC2, the pair being the unit. With the design ``"paired"`` and 256 players or more an unbiased estimate of it
        from 128 random sums of pairs takes its place, in a fraction of the time; it is within some 6 % of it.
        Hadamard blocks have errors of their own, from what spare columns and repeated blocks show.
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
    other half being what the comparisons share. Interactions of five and more players, one in N of them, can hide until
    the first stage is complete. Equal players are never separated. A run stopped by `tolerance` has no guarantee beyond
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
    return _estimate(
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
        return _estimate(
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
    worths = _worths("game", game, 2**n, f"all 2^{n} coalitions")
    check.batch(batch_size)
    check.flag("progress", progress)
    names = check.names("player_names", player_names, n, "players")
    found = _core.exact(_columns(worths), n, check.threads(num_threads))
    if not np.isfinite(found.mean_worth).all():  # one number to look at in place of 2^n
        _finite("game", worths)
    return _values(found, "exhaustive", names, None, worths.ndim == 2)


def sample_coalitions(
    n_players: int,
    budget: int,
    *,
    design: str = "hadamard",
    random_state: int | np.random.Generator | None = None,
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


def fit(
    coalitions: ArrayLike,
    worths: ArrayLike,
    *,
    ridge: float = 0.0,
    num_threads: int | None = None,
    standard_errors: bool = True,
    player_names: Iterable[str] | None = None,
) -> BanzhafValues:
    """Estimate Banzhaf values from evaluations that the caller has made.

    If the coalitions are all 2^n_players, each once, the values are exact. If every coalition's complement is among
    them, in any order, they are taken as pairs, as `estimate` does; else each on its own, beside a constant.

    Parameters
    ----------
    coalitions : array_like of bool, shape (m, n_players)
        0 and 1 will do. They should have been drawn uniformly, like those of `sample_coalitions`: what they
        hold of interactions biases the values otherwise.
    worths : array_like of shape (m,) or (m, n_outputs)
    ridge, num_threads, standard_errors, player_names
        As for `estimate`; standard errors are HC2 for any number of players.

    Returns
    -------
    BanzhafValues
        Its design is ``"given"``.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument.

    Warns
    -----
    RankWarning
        If the coalitions do not determine every value and `ridge` is 0.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> coalitions = banzhaf.sample_coalitions(12, 96, random_state=0)
    >>> worths = coalitions @ np.arange(12.0)
    >>> bool(np.allclose(banzhaf.fit(coalitions, worths).values, np.arange(12.0)))
    True
    """
    rows = _coalitions(coalitions)
    if len(rows) < 2:
        raise ValueError(f"coalitions must have at least 2 rows, got {len(rows)}")
    n = check.integer("the number of columns of coalitions", rows.shape[1], 1, _core.MAX_PLAYERS)
    targets = _finite("worths", _worths("worths", worths, len(rows), "the coalitions"))
    names = check.names("player_names", player_names, n, "players")
    penalty = check.penalty(ridge)
    found = _core.fit(
        rows,
        _columns(targets),
        penalty,
        check.flag("standard_errors", standard_errors),
        check.threads(num_threads),
    )
    warn_of_rank(found.rank, n, penalty)
    return _values(found, "given", names, None, targets.ndim == 2)


def fit_design(
    worths: ArrayLike,
    n_players: int,
    *,
    design: str = "hadamard",
    random_state: int,
    ridge: float = 0.0,
    num_threads: int | None = None,
    standard_errors: bool = True,
    player_names: Iterable[str] | None = None,
) -> BanzhafValues:
    """Estimate Banzhaf values from the worths of a design's coalitions, without the coalitions.

    What `estimate` does after its last evaluation: a design's coalitions are known from its seed. With the Hadamard
    design no matrix is stored, and a million players take a fraction of a second.

    Parameters
    ----------
    worths : array_like of shape (m,) or (m, n_outputs)
        Of the coalitions that ``sample_coalitions(n_players, m, design=design, random_state=random_state)`` gives, in
        that order.
    n_players : int
        From 1 to 2^20.
    design : {"hadamard", "paired", "independent", "exhaustive"}
        All coalitions are meant wherever m = 2^n_players, as there.
    random_state : int
        The seed with which the coalitions were drawn.
    ridge, num_threads, standard_errors, player_names
        As for `estimate`.

    Returns
    -------
    BanzhafValues

    Raises
    ------
    TypeError, ValueError
        For a wrong argument, as when a design has no sample of m coalitions, or its least squares is too large to hold.

    Warns
    -----
    RankWarning
        If the coalitions do not determine every value and `ridge` is 0.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> worths = banzhaf.sample_coalitions(12, 96, random_state=0) @ np.arange(12.0)
    >>> bool(np.allclose(banzhaf.fit_design(worths, 12, random_state=0).values, np.arange(12.0)))
    True
    """
    n = check.players(n_players)
    seed = check.integer("random_state", random_state, 0, 2**64 - 1)
    wanted = check.choice("design", design, check.DESIGNS)
    table = _numbers("worths", worths)
    if table.ndim not in (1, 2) or 0 in table.shape:
        raise ValueError(f"worths must have shape (m,) or (m, n_outputs), got {table.shape}")
    targets = _finite("worths", table)
    name = check.resolve_design(wanted, n, len(targets), "the number of worths")
    size = _core.sample_size(name, n, len(targets))
    if size != len(targets):
        raise ValueError(
            f"worths must be those of all {size} coalitions that design={name!r} draws, got {len(targets)}"
        )
    names = check.names("player_names", player_names, n, "players")
    penalty = check.penalty(ridge)
    errors, threads = check.flag("standard_errors", standard_errors), check.threads(num_threads)
    found = _core.fit_design(name, n, seed, _columns(targets), penalty, errors, threads)
    warn_of_rank(found.rank, n, penalty)
    return _values(found, name, names, None if name == "exhaustive" else seed, targets.ndim == 2)


def monte_carlo(
    game: Game,
    n_players: int,
    *,
    budget: int,
    random_state: int | np.random.Generator | None = None,
    batch_size: int | None = None,
    num_threads: int | None = None,
    on_nonfinite: str = "raise",
    player_names: Iterable[str] | None = None,
    progress: bool = False,
) -> BanzhafValues:
    """Estimate Banzhaf values by the mean gain of each player over coalitions of its own.

    A baseline: `estimate` needs far fewer evaluations for the same error. Each gain costs two evaluations, and both
    are counted; players take turns.

    Parameters
    ----------
    game, n_players, random_state, batch_size, num_threads, on_nonfinite, player_names, progress
        As for `estimate`.
    budget : int
        At least 2 n_players.

    Returns
    -------
    BanzhafValues
        Standard errors are NaN for a player with a single gain.

    Raises
    ------
    TypeError, ValueError
        As for `estimate`.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> values = banzhaf.monte_carlo(lambda coalitions: coalitions @ np.arange(5.0), 5, budget=20, random_state=0)
    >>> bool(np.allclose(values.values, np.arange(5.0)))
    True
    """
    n = check.players(n_players)
    return _estimate(
        game,
        n,
        check.integer("budget", budget, 2 * n),
        "walks",
        label="monte_carlo",
        seed=check.seed(random_state),
        batch_size=batch_size,
        num_threads=num_threads,
        on_nonfinite=on_nonfinite,
        player_names=player_names,
        progress=progress,
    )


def msr(
    game: Game,
    n_players: int,
    *,
    budget: int,
    random_state: int | np.random.Generator | None = None,
    batch_size: int | None = None,
    num_threads: int | None = None,
    on_nonfinite: str = "raise",
    player_names: Iterable[str] | None = None,
    progress: bool = False,
) -> BanzhafValues:
    """Estimate Banzhaf values by Maximum Sample Reuse (Wang and Jia, "Data Banzhaf", AISTATS 2023).

    A baseline: the mean worth of the coalitions with a player, less that of those without.

    Parameters
    ----------
    game, n_players, random_state, batch_size, num_threads, on_nonfinite, player_names, progress
        As for `estimate`.
    budget : int
        At least 2. A player whom all coalitions, or none, contain gets NaN.

    Returns
    -------
    BanzhafValues

    Raises
    ------
    TypeError, ValueError
        As for `estimate`.

    Examples
    --------
    >>> import banzhaf
    >>> values = banzhaf.msr(lambda coalitions: coalitions.sum(axis=1), 5, budget=500, random_state=0)
    >>> values.n_evaluations
    500
    """
    n = check.players(n_players)
    return _estimate(
        game,
        n,
        check.integer("budget", budget, 2),
        "independent",
        label="msr",
        seed=check.seed(random_state),
        batch_size=batch_size,
        num_threads=num_threads,
        on_nonfinite=on_nonfinite,
        player_names=player_names,
        progress=progress,
    )


def walsh_hadamard(worths: ArrayLike, *, num_threads: int | None = None) -> NDArray[np.float64]:
    """Compute the Walsh-Hadamard (Fourier) coefficients of a game from all its worths.

    Parameters
    ----------
    worths : array_like of shape (2^n,)
        The worth of a coalition stands at the sum of 2^i over its players i.
    num_threads : int, optional
        As for `estimate`.

    Returns
    -------
    ndarray of float64, shape (2^n,)
        At the sum of 2^i over a set T of players: the mean over all coalitions S of worth(S) (-1)^|S and T|. The
        Banzhaf value of player i is -2 times the coefficient at 2^i; the square of a coefficient is its T's share of
        the worths' variance.

    Raises
    ------
    TypeError, ValueError
        For worths that are not finite numbers, or not 2^n of them.

    Examples
    --------
    >>> import banzhaf
    >>> banzhaf.walsh_hadamard([0.0, 1.0, 1.0, 4.0])
    array([ 1.5, -1. , -1. ,  0.5])
    """
    table = _finite("worths", _numbers("worths", worths))
    if table.ndim != 1 or len(table) == 0 or len(table) & (len(table) - 1):
        raise ValueError(f"worths must have shape (2^n,), got {table.shape}")
    coefficients = np.array(table)
    _core.walsh_hadamard(coefficients, check.threads(num_threads))
    coefficients /= len(coefficients)
    return coefficients


def warn_of_rank(
    rank: int, n_players: int, ridge: float, stacklevel: int = 3, enough: str = "2 n_players and somewhat more"
) -> None:
    """Warn if the coalitions leave values undetermined and nothing else settles them."""
    if rank < n_players and ridge == 0:
        warnings.warn(
            f"the coalitions determine only {rank} dimensions of {n_players} players' values, which are therefore "
            f"those of least norm: raise the budget ({enough}), or set ridge",
            RankWarning,
            stacklevel=stacklevel,
        )


def _warn_of_budget(found: _core.Estimate, design: str, n_players: int, ridge: float, stacklevel: int) -> None:
    """Warn of too few evaluations, naming the least number that makes a whole block of the Hadamard design."""
    if design != "hadamard":
        warn_of_rank(found.rank, n_players, ridge, stacklevel + 1)
        return
    if found.rank == n_players and found.n_evaluations >= 4 * n_players:  # the next power of 2 is an order
        return
    is_weighing = found.stopped == "budget" and 2 * n_players <= found.n_evaluations
    if found.rank == n_players and is_weighing and n_players <= _core.MAX_WEIGHING_PLAYERS:
        return  # its columns are nearly orthogonal
    one_block = 2 * _core.hadamard_blocks(n_players, 1, 0)[0]
    if found.rank < n_players and ridge == 0:
        enough = f"one block of the Hadamard design takes {one_block} evaluations"
        warn_of_rank(found.rank, n_players, ridge, stacklevel + 1, enough)
    elif found.n_evaluations < one_block:
        warnings.warn(
            f"{found.n_evaluations} evaluations are fewer than one block of the Hadamard design, which takes "
            f"{one_block} for {n_players} players: a part of a block has larger errors than its size makes them",
            BudgetWarning,
            stacklevel=stacklevel,
        )


def _estimate(
    game: Any,
    n_players: int,
    budget: int,
    design: str,
    *,
    label: str,
    seed: int | None = None,
    ridge: float = 0.0,
    batch_size: int | None,
    num_threads: int | None,
    on_nonfinite: str = "raise",
    standard_errors: bool = True,
    player_names: Iterable[str] | None,
    progress: bool,
    rules: Stopping | None = None,
    start: float = 0.0,
) -> BanzhafValues:
    """Check what is left to check, evaluate the design, and estimate."""
    if not callable(game):
        raise TypeError(f"game must be a callable on boolean arrays, got {type(game).__name__}")
    names = check.names("player_names", player_names, n_players, "players")
    threads = check.threads(num_threads)
    drop = check.choice("on_nonfinite", on_nonfinite, ("raise", "drop")) == "drop"
    errors = check.flag("standard_errors", standard_errors)
    batch = check.batch(batch_size)
    shown = check.flag("progress", progress)
    run = _core.Evaluations(design, n_players, budget, seed or 0, rules is not None, rules is not None and rules.timed)
    if label != "msr":
        run.check_size()

    def wrap(found: _core.Estimate, stopped: str) -> BanzhafValues:
        # All coalitions come in the order of Hadamard blocks if they may end early.
        name = "hadamard" if label == "exhaustive" and found.n_evaluations < 2**n_players else label
        used = None if name == "exhaustive" else seed
        return _values(found, name, names, used, returned.has_outputs_axis, stopped)

    with keeping(run), checked(game, run.n_coalitions, shown) as (called, returned):
        if rules is None:
            run.evaluate(called, batch, drop, threads)
            found = run.estimate(label == "msr", ridge, errors, drop, threads)
        else:
            callback = rules.callback
            found = run.estimate_anytime(
                called,
                batch,
                drop,
                ridge,
                errors,
                rules.tolerance,
                rules.top_k,
                rules.confidence,
                max(1e-9, rules.deadline - (time.perf_counter() - start)),
                None if callback is None else lambda found: says_stop(callback(wrap(found, "running"))),
                threads,
            )
    values = wrap(found, found.stopped)
    _warn_of_budget(found, values.design, n_players, ridge, stacklevel=4)
    return values


def _values(
    found: _core.Estimate,
    design: str,
    names: tuple[str, ...] | None,
    seed: int | None,
    outputs_axis: bool,
    stopped: str = "budget",
) -> BanzhafValues:
    """Wrap the core's result, without the outputs' axis if the worths had none."""
    take = (...,) if outputs_axis else (..., 0)
    return BanzhafValues(
        values=found.values[take],
        standard_errors=found.standard_errors[take],
        mean_worth=found.mean_worth[take],
        n_evaluations=found.n_evaluations,
        n_dropped=found.n_dropped,
        design=design,
        rank=found.rank,
        condition_number=found.condition_number,
        degrees_of_freedom=found.degrees_of_freedom,
        r2=found.r2[take],
        player_names=names,
        random_state=seed,
        stopped=stopped,
        n_distinct=found.n_distinct,
        even_variance=found.even_variances[take],
        odd_variance=found.odd_variances[take],
    )


def _coalitions(given: ArrayLike) -> NDArray[np.bool_]:
    """Check coalitions; 0 and 1 count as booleans."""
    try:
        rows = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"coalitions must be a boolean array: {error}") from error
    if rows.dtype.kind not in "biuf":
        raise TypeError(f"coalitions must be boolean, got dtype {rows.dtype}")
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"coalitions must have shape (m, n_players), got {rows.shape}")
    if rows.dtype != bool and not ((rows == 0) | (rows == 1)).all():
        raise ValueError("coalitions must hold only 0 and 1")
    return np.ascontiguousarray(rows, dtype=bool)


def _numbers(name: str, given: Any) -> NDArray[np.float64]:
    """Check that something is an array of numbers."""
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of numbers: {error}") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be numbers, got dtype {array.dtype}")
    return np.asarray(array, dtype=np.float64)


def _finite(name: str, floats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Check that numbers are finite."""
    if not np.isfinite(floats).all():
        raise ValueError(f"{name} must be finite, got {floats[~np.isfinite(floats)][0]}")
    return floats


def _worths(name: str, given: Any, count: int, of: str) -> NDArray[np.float64]:
    """Check the shape of worths, one or several for each of some coalitions."""
    worths = _numbers(name, given)
    if worths.ndim not in (1, 2) or len(worths) != count or 0 in worths.shape:
        raise ValueError(
            f"{name} must have shape ({count},) or ({count}, n_outputs), a row for each of {of}, got {worths.shape}"
        )
    return worths


def _columns(worths: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.ascontiguousarray(worths if worths.ndim == 2 else worths[:, np.newaxis])
