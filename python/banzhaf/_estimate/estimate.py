# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Estimate or compute the Banzhaf values of a game, and draw the coalitions of a design."""

from __future__ import annotations

import operator
import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _core
from banzhaf._estimate import given
from banzhaf._estimate.adjustment import interactions_of
from banzhaf._estimate.kept import kept_table
from banzhaf._estimate.repeats import budget_of_repeats, repeated
from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.running import Game, result_of, run
from banzhaf._estimate.several import for_several
from banzhaf._estimate.stopping import stopping
from banzhaf._estimate.stored import StoredGame, store_for
from banzhaf._estimate.work import refuse_native
from banzhaf._support import arguments as check

if TYPE_CHECKING:
    from concurrent.futures import Executor


def estimate(
    game: Game,
    n_players: int,
    *,
    budget: int,
    p: float = 0.5,
    design: str = "hadamard",
    ridge: float = 0.0,
    random_state: check.Seed = None,
    batch_size: int | None = None,
    num_threads: int | None = None,
    on_nonfinite: str = "raise",
    standard_errors: bool = True,
    interactions: str = "auto",
    noisy: bool = False,
    repeats: int = 1,
    shapley: bool = False,
    player_names: Iterable[str] | None = None,
    progress: bool = False,
    tolerance: float | None = None,
    top_k: int | None = None,
    confidence: float = 0.95,
    deadline: float | None = None,
    callback: Callable[[BanzhafValues], Any] | None = None,
    store: str | os.PathLike[str] | None = None,
    executor: Executor | Callable[[], Executor] | None = None,
    on_error: str = "raise",
    retries: int = 2,
    max_failures: int = 10,
    timeout: float | None = None,
) -> BanzhafValues:
    """Estimate the Banzhaf values of a game from a limited number of evaluations.

    A player's Banzhaf value is the mean, over all coalitions of the other players, of what the player adds to the
    worth. All coalitions count equally. A Shapley value instead weights coalitions by size, so that the values sum to
    the worth of all players minus that of none. Banzhaf values need not sum to that.

    The method is Kernel Banzhaf [1]_: sample coalitions and their complements, then solve a least-squares problem. Only
    the difference of worths within a pair matters, so constants and interactions of even order cancel. Games without
    interactions of more than two players are exact as soon as the pairs determine the values. By default the pairs come
    from Hadamard matrices [2]_ instead of random draws.

    Parameters
    ----------
    game : callable
        Takes coalitions, a boolean array of shape (m, n_players), and returns their worths, an array of shape (m,) or
        (m, n_outputs). Each call receives a new array that the game may keep or change. `per_coalition` turns a
        function of one coalition into a game.
    n_players : int
        Number of players, from 1 to 2^20.
    budget : int
        Largest number of coalitions to evaluate; never exceeded. If it covers all 2^n_players coalitions, all are
        evaluated and the values are exact, unless a stopping rule ends the run earlier. This assumes that the game
        returns the same worth in every call; otherwise set `noisy`.
    p : float, default 0.5
        Probability with which the coalitions contain each other player. 0.5 gives Banzhaf values, and another p
        weighted Banzhaf values [5]_ (see Notes). `exact` takes several probabilities at once, and
        `BanzhafValues.at_p` computes values for other probabilities from one estimate at 0.5.
    design : {"hadamard", "nested", "fresh", "paired", "independent", "exhaustive"}, default "hadamard"
        How coalitions are chosen. If `p` is not 0.5, the default takes ``"weighted"`` or ``"drawn"`` (see Notes), and
        of the following only ``"independent"`` and ``"exhaustive"`` suit.

        - ``"hadamard"``: pairs from Hadamard matrices. The regression is orthogonal, and the error is lower than with
          random pairs. One full Hadamard design takes 2N evaluations, where N is the smallest available Hadamard order
          not below n_players, usually the next multiple of 4. A larger budget uses several of the next power of 2:
          ``"fresh"`` ones if `interactions` are taken out and this was measured to be better (see Notes), otherwise
          ``"nested"`` ones. A budget from 2 n_players to 2N uses a weighing design, whose columns are nearly orthogonal
          (up to 256 players). Otherwise, a budget below 2N uses a random part of one full design.
        - ``"nested"``: the same, and all full designs share their random columns. Interactions of up to four players
          cancel once the nested design is complete.
        - ``"fresh"``: the same, but each full design after the first has random columns and signs of its own. The full
          designs are then independent of each other, and may repeat coalitions.
        - ``"paired"``: uniform random coalitions and their complements, as in the paper.
        - ``"independent"``: uniform random coalitions without complements; a constant is fitted beside the values.
        - ``"exhaustive"``: all coalitions; the budget must cover them.
    ridge : float, default 0.0
        Penalty lambda in min ``||A x - b||^2 + lambda ||x||^2``. Here b holds the worths, and A holds +1/2 for a
        player inside the coalition and -1/2 for a player outside. 0 is plain least squares.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        An int from 0 to 2^64 - 1 gives the same bits for any `batch_size` and `num_threads`. None draws a new seed,
        which the result records.
    batch_size : int, optional
        Largest number of coalitions in one call of the game. By default a batch takes a few megabytes.
    num_threads : int, optional
        Number of threads of the core. The default is OMP_NUM_THREADS if that is set. Otherwise it is the number of
        CPUs that affinity and a container's quota leave to the process. The core starts at most four threads for each
        of these CPUs, or 16 if that is more.
    on_nonfinite : {"raise", "drop"}, default "raise"
        What to do with a worth that is NaN or infinite: raise ValueError, or drop its coalition. Designs of pairs drop
        the complement as well. The remaining sample is not uniform, so the values may be biased. A warning reports how
        many coalitions were dropped.
    standard_errors : bool, default True
        Whether to compute standard errors. False saves their time, and they are NaN. They are robust to
        heteroscedasticity (HC2 [3]_), with the pair as the unit. With ``"paired"`` and 256 players or more, an unbiased
        estimate of HC2 from 128 random sums of pairs replaces it. It takes a fraction of the time and stays within
        about 6 %. Hadamard designs have errors of their own, from their spare columns and from differences between
        designs.
    interactions : {"auto", "always", "none"}, default "auto"
        Whether to find interactions of three players or more, and take them out of the error (see Notes). ``"auto"``
        does so if the work is small enough, ``"always"`` however much work it takes. ``"none"`` gives the values of
        plain least squares. The result's `adjustment` says what was done.
    noisy : bool, default False
        Whether the game is noisy: another call on the same coalition returns another worth, as with a model that is
        retrained each time. No value then counts as exact. Unless a rule stops the run, the whole budget is spent, and
        evaluations beyond 2^n_players repeat all coalitions. The standard errors include the noise. With fewer than two
        evaluations of each coalition, interactions of odd order count as noise as well, unless there are 16 repeats or
        more.
    repeats : int, default 1
        How often to evaluate each coalition of a noisy game. Every evaluation counts in the budget. The means are used,
        and the game counts as `noisy`. With three repeats or more, pairs of coalitions whose worths vary less get more
        weight, if that lowers the estimated error (see Notes). If the game has a parameter `repeat`, it receives the
        numbers of the repeats, an int array of shape (m,), for example as seeds. A function of one coalition receives
        an int.
    shapley : bool, default False
        Whether to spend 2 (n_players + 1) of the budget on the coalitions of 0, 1, n - 1 and n players, with which
        ``values.shapley()`` gives accurate Shapley values. They do not change the Banzhaf values. Their worths are the
        result's `end_worths`. If the evaluation of the others fails, the exception has an attribute of this name.
    player_names : iterable of str, optional
        Names of the players in order, all different. By default players are shown by their indices.
    progress : bool, default False
        Whether to show a progress bar with the evaluations made and the time left; needs tqdm.
    tolerance : float, optional
        Stop when the largest standard error, over players and outputs, is at most this; in the unit of the worths. A
        standard error with few degrees of freedom is first multiplied by the ratio of Student's t to the normal
        quantile at `confidence`.
    top_k : int, optional
        Stop when the `top_k` leading players, by absolute value, are separated from all others in every output.
    confidence : float, default 0.95
        The probability that `top_k` stops with the wrong players is at most 1 - `confidence`, over all comparisons
        and checks together (see Notes).
    deadline : float, optional
        Seconds after the call at which the best estimate so far is returned. Batches shrink as the deadline
        approaches, and no batch starts after it; at least one pair is evaluated. The number of evaluations depends on
        the machine's speed, so results with a deadline are not reproducible. Infinity means no deadline.
    callback : callable, optional
        Called with the current `BanzhafValues` after each check at which no rule is met. Returning True stops the run;
        False and None continue it.
    store : str or path-like, optional
        Name of a file that keeps each evaluation as soon as it is made. If the run ends early, for whatever reason, the
        same call resumes it: no evaluation is made twice, and the result has the same bits. Use one file for one game.
        See `Study` for more.
    executor : concurrent.futures.Executor or callable, optional
        Where to call the game: in threads, in other processes or on other machines. The bits of the result do not
        change. Each call gets `batch_size` coalitions, by default 64, and one if the game is made by `per_coalition`.
        At most two calls for each worker are in flight. For processes, the game must be picklable; each gets it once.
        If a worker dies, the executors of `concurrent.futures` break. A function or class that makes an executor is
        then called again, up to three times in a row without an answer, and what it made is shut down at the end.
    on_error : {"raise", "retry", "drop"}, default "raise"
        What to do if the game raises an exception or returns a worth that is not finite. ``"raise"`` ends the run.
        ``"retry"`` tries the coalition again, up to `retries` times, and then ends the run. ``"drop"`` then drops the
        coalition instead, like `on_nonfinite`. The values are biased if failures depend on the coalition.
    retries : int, default 2
        How often a failed coalition is tried again, unless `on_error` is ``"raise"``.
    max_failures : int, default 10
        Number of calls that may fail in a row, before the run ends with a RuntimeError. A service that is down then
        does not cost every coalition its tries.
    timeout : float, optional
        Seconds after which a call in the `executor` counts as failed. It cannot be stopped and keeps its worker, but
        its worth is taken if it comes after all. A call in this thread cannot be left behind, so `timeout` needs an
        `executor`. `estimate_async` cancels calls that take too long.

    Returns
    -------
    BanzhafValues
        Values and standard errors, each of shape (n_players,) or (n_players, n_outputs), in the unit of the worths.
        Its attribute `stopped` names the reason why the run ended.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, before any evaluation. Also if the game returns something wrong; a worth that is not
        finite is reported with its coalition. An exception in the game reaches the caller unchanged. All of these carry
        what was evaluated before in their attribute ``evaluations`` (see `Evaluations`).

    Warns
    -----
    RankWarning
        If there are too few pairs to determine every value and `ridge` is 0. The values are then the minimum-norm
        solution, or those of a sparse regression (see Notes). The warning says which.
    BudgetWarning
        If every value is determined, but only a random part of one full Hadamard design was evaluated. With the designs
        ``"hadamard"``, ``"nested"`` and ``"fresh"``, both warnings name the number of evaluations that a full design
        takes.
    UserWarning
        If coalitions were dropped.

    See Also
    --------
    exact : Compute exact values from all coalitions.
    per_coalition : Make a game from a function of one coalition.
    fit : Estimate values from evaluations made elsewhere.
    diagnose : Show what limits an estimate's accuracy and what a larger budget would do.
    Explainer : Explain the predictions of a model.

    Notes
    -----
    **Interactions.** The difference of worths within a pair holds the values and the interactions of three, five, ...
    players. These interactions are the whole sampling error. Often a few of them cause most of it, and the sums of
    worths within pairs show which players interact. ``interactions="auto"`` fits them in two ways: as a sparse sum of
    single interactions of three and five players, and as a smooth function of all players (at most 400 pairs). Both are
    also fitted up to five times without a part of the pairs. Only what predicts those other pairs is subtracted from
    the differences, and the values are fitted again. The standard errors come from the pairs that a fit had not seen.

    Values are not adjusted if the pairs cannot show interactions: with fewer than 64 pairs, without pairs, or below
    full rank. One full Hadamard design shows none. Nested ones show too little with more than 20 players, or with fewer
    than 0.2 N^2 pairs. Values are not adjusted either if the interactions explain less than a tenth of the variance at
    pairs that were held out. Exact values are not changed: those from all coalitions, from a complete nested design,
    and those that leave no residual.

    ``"auto"`` also refuses if the estimated work exceeds half a second plus 1.5 milliseconds for each pair, or 8
    seconds, on one thread of a typical machine. `fit` allows 5 seconds plus 4 milliseconds for each pair, at most 20
    seconds, because its worths were computed elsewhere. The estimate depends on the design and the numbers of players,
    pairs and outputs, but not on the clock. Under a `deadline` the time left limits the work as well. The result's
    `adjustment` gives the reason.

    **Checks.** `tolerance`, `top_k` and `callback` act at checks. With Hadamard designs a check follows a full design.
    With random designs the first check comes at n + n/4 + 8 equations, where n is the number of players. Each further
    check comes after half as many evaluations again. A run that stops early returns the same bits as a run with the
    same `random_state`, and with its `design` and `n_evaluations` as the design and budget. There are two exceptions: a
    deadline within the first full design, and a budget too large for the Kerdock set of designs that the smaller budget
    would use. If the budget covers all coalitions and a stopping argument is given, the coalitions come in the order of
    the Hadamard designs.

    **The guarantee of top_k.** Each of the k leading players is compared with each other player by Student's t. The
    error probability 1 - `confidence` is divided among the comparisons (Bonferroni, both signs), and check number l
    receives 1 / (l (l + 1)) of it. Neither many players nor many checks weaken the guarantee. It assumes that the
    standard errors are right. They are about right if the interactions have random signs, but not for every possible
    game. Equal players are never separated.

    **Hidden interactions.** After J full Hadamard designs, an interaction can be invisible in the residuals with
    probability 2^(1 - J). After J fresh ones it is only (2N - 6)^(1 - J), unless n_players is the power of 2 N.
    `tolerance` stops only once that probability is at most 1 - `confidence`. At 0.95 this takes 6 nested designs, or 2
    fresh ones from 9 players on. `top_k` stops only once n_players times that probability is at most half of 1 -
    `confidence`. The comparisons share the other half. Of the interactions of five or more players, one in N can hide
    for longer. From twice the smallest complete nested design on, the standard errors allow for these. That is 4 N^2
    evaluations, or 2 N^2 if N is 16, 64, 256, and so on; here N is the next power of 2.

    **Full Hadamard designs.** If `interactions` are taken out, ``design="hadamard"`` takes ``"fresh"`` full designs,
    from two of them and 64 pairs on. It takes ``"nested"`` ones if they are complete, or if there are at most 20
    players and at least 0.2 N^2 pairs. Here N is the number of pairs in a full design. It also takes ``"nested"`` ones
    if ``"auto"`` would refuse because of the work, or if the budget exceeds 2^19.

    **Fewer evaluations than twice the players.** They do not determine every value. Unless `interactions` is
    ``"none"``, a sparse regression is then tried, which takes most values to be 0. It combines a lasso and a regression
    under a prior of many scales [4]_ by 5-fold cross-validation. It replaces the minimum-norm solution of an output if
    it predicts held-out coalitions better by three standard errors. Up to 64 pairs, and half as many as players, there
    are 16 folds, and the best pair of players is tried too. The sparse regression must then leave less than half of the
    squared error. Two standard errors are enough if it leaves less than 0.25, and 1.5 if it leaves less than 0.36. The
    result's `adjustment` then holds how many values are not 0. Standard errors are NaN in both cases. It
    needs 10 pairs, or 10 coalitions of a design without pairs, and no `ridge`. With ``"auto"``, it is not tried if
    players times pairs times outputs exceed 2^27.

    **Other probabilities than 0.5.** Complements do not cancel interactions there. The design ``"weighted"`` evaluates
    the coalitions with the largest weights once each. These have 0, 1, ... players in, or out if `p` is above 0.5, as
    long as the budget allows more than one draw of each. The others are drawn, with more of the rare sizes than `p`
    gives, and each counts by the ratio of both probabilities. With a stopping rule or a `noisy` game, all
    coalitions are drawn: ``"drawn"``. The values come from an additive model of the worths, and from what it leaves at
    each coalition when it is fitted without that coalition. This makes them unbiased. Unless
    `interactions` is ``"none"``, the model may have interactions of every order; it is fitted to at most 512 coalitions
    at a time. `ridge` must be 0. Standard errors take the larger of two estimates. They miss what no evaluated
    coalition shows, such as a vote that is hardly ever won at `p`.

    **Repeats.** Repeats help if the noise of some coalitions is much larger than that of others. If all are as noisy,
    more coalitions lower the error more than repeats do. Both coalitions of a pair are evaluated equally often. A game
    that uses the same seeds for both, given by `repeat`, has less noise in their difference. The weight of a repeat
    comes from the other repeats of its pair, so it does not depend on the noise that it weighs. Interactions limit how
    far weights may differ, because they would bias weighted values. Weights replace the plain values of an output if
    they lower the mean squared standard error by at least 5 %. Interactions are then not taken out, and the result's
    `weighted` is True. Weights need at least 2 n_players + 8 pairs, at most 2048 players, and at most 2^26 pairs times
    players. They also need `ridge` 0, `p` 0.5, and a design of pairs other than all coalitions. Stopping
    rules look at the errors without weights.

    **Bias of tolerance.** A run stopped by `tolerance` has no guarantee beyond its standard errors. They are somewhat
    too small on average, because the run stops when they happen to be small.

    References
    ----------
    .. [1] Liu, Witter, Korn, Alrashed, Paparas, Musco, Freire, "Kernel Banzhaf: A Fast and Robust Estimator for
       Banzhaf Values", arXiv 2410.08336.
    .. [2] Plackett, Burman, "The Design of Optimum Multifactorial Experiments", Biometrika 33 (1946). The nested
       designs are dual BCH codes: MacWilliams, Sloane, "The Theory of Error-Correcting Codes" (1977).
    .. [3] MacKinnon, White, "Some Heteroskedasticity-Consistent Covariance Matrix Estimators with Improved Finite
       Sample Properties", Journal of Econometrics 29 (1985).
    .. [4] Kim, Wang, Carbonetto, Stephens, "A Flexible Empirical Bayes Approach to Multiple Linear Regression and
       Connections with Penalized Regression", Journal of Machine Learning Research 25 (2024).
    .. [5] Li, Yu, "Robust Data Valuation with Weighted Banzhaf Values", NeurIPS 2023.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> weights = np.arange(1.0, 21.0)
    >>> values = banzhaf.estimate(lambda coalitions: coalitions @ weights, 20, budget=100, random_state=0)
    >>> bool(np.allclose(values.values, weights))
    True

    Stop as soon as every standard error is small enough:

    >>> banzhaf.estimate(lambda coalitions: coalitions @ weights, 20, budget=10**6, tolerance=0.01).stopped
    'tolerance'

    Players who are in with probability 0.2:

    >>> values = banzhaf.estimate(lambda c: c[:, 0] * c[:, 1] * 1.0, 20, budget=200, p=0.2, random_state=0)
    >>> values.values[:3].round(1) + 0.0
    array([0.2, 0.2, 0. ])
    """
    start = time.perf_counter()
    n = check.players(n_players)
    rules = stopping(tolerance, top_k, confidence, deadline, callback, n_players=n, standard_errors=standard_errors)
    if check.probabilities(p) is not None:
        raise ValueError(
            "p must be one probability, because other coalitions suit each p. Call estimate once for each. Where few "
            "players interact at once, estimate(..., shapley=True).at_p takes several from one estimate, as "
            "banzhaf.exact does from all coalitions"
        )
    probability = check.probability(p)
    if check.flag("shapley", shapley) and probability != 0.5:
        raise ValueError(
            "shapley must be False if p is not 0.5, because Shapley values need Banzhaf values: leave p out"
        )
    n_repeats, affordable = budget_of_repeats(repeats, budget)
    is_noisy = check.flag("noisy", noisy) or n_repeats > 1
    if n_repeats > 1:
        refuse_native(game, "repeats")
    with_ends = shapley and _needs_ends(n, budget, is_noisy)
    by_units = store is not None or executor is not None or on_error != "raise"
    if with_ends and by_units:
        raise ValueError(
            "shapley=True cannot be used with store, executor or on_error: evaluate the coalitions of "
            f'sample_coalitions({n}, {2 * (n + 1)}, design="ends") and pass their worths to values.shapley(ends=...)'
        )
    if probability == 0.5:
        rest = affordable - 2 * (n + 1) if with_ends else affordable
        taken = check.resolve_design(design, n, rest, interactions=interactions_of(interactions))
    else:
        taken = check.resolve_weighted(design, n, affordable, early=rules.any, noisy=is_noisy)
        interactions_of(interactions)
        check.no_penalty(ridge)
    penalty = check.penalty(ridge)
    if probability != 0.5 and by_units:
        raise ValueError(
            "p must be 0.5 with store, executor and on_error. Draw the coalitions with sample_coalitions, and pass "
            "their worths to fit_design with this p"
        )
    stored = store_for(
        game,
        n,
        operator.index(budget),
        taken,
        path=store,
        executor=executor,
        on_error=on_error,
        retries=retries,
        max_failures=max_failures,
        timeout=timeout,
        on_nonfinite=on_nonfinite,
        batch_size=batch_size,
        random_state=random_state,
        noisy=is_noisy,
        player_names=player_names,
        timed=rules.timed,
        repeats=n_repeats,
        options={
            "design": design,
            "ridge": penalty,
            "interactions": interactions,
            "standard_errors": bool(standard_errors),
            "tolerance": tolerance,
            "top_k": top_k,
            "confidence": rules.confidence,
        },
    )
    with stored as (called, seed):
        size = batch_size
        if n_repeats > 1 and called is game:
            called, size = repeated(game, n_repeats, batch_size, taken, rules.timed)
        found = run(
            called,
            n,
            affordable,
            taken,
            label=taken,
            seed=seed,
            ridge=penalty,
            batch_size=None if isinstance(called, StoredGame) else size,
            num_threads=num_threads,
            on_nonfinite="drop" if on_error == "drop" else on_nonfinite,
            standard_errors=standard_errors,
            interactions=interactions,
            noisy=is_noisy,
            player_names=player_names,
            progress=progress,
            rules=rules if rules.any else None,
            start=start,
            p=probability,
            shapley=with_ends,
        )
        return found if n_repeats == 1 else called.completed(found, taken, penalty)


def _needs_ends(n_players: int, budget: Any, noisy: bool) -> bool:
    """Check what shapley=True needs, and return False if the budget covers all coalitions anyway."""
    n, affordable = n_players, check.integer("budget", budget, 1)
    if noisy:
        raise ValueError("shapley must be False for a noisy game: call shapley() on the result of shapley=False")
    if n <= _core.MAX_EXHAUSTIVE_PLAYERS and affordable >= 2**n:
        return False
    n_ends = 2 * (n + 1)
    if affordable < n_ends + 2:
        raise ValueError(
            f"budget must be at least {n_ends + 2} with shapley=True, which takes {n_ends} evaluations of coalitions "
            f"of 0, 1, {n - 1} and {n} players, got {affordable}"
        )
    return True


@overload
def exact(
    game: Game | ArrayLike,
    n_players: int,
    *,
    p: float = 0.5,
    batch_size: int | None = None,
    num_threads: int | None = None,
    player_names: Iterable[str] | None = None,
    progress: bool = False,
) -> BanzhafValues: ...


@overload
def exact(
    game: Game | ArrayLike,
    n_players: int,
    *,
    p: Sequence[float] | NDArray[Any],
    batch_size: int | None = None,
    num_threads: int | None = None,
    player_names: Iterable[str] | None = None,
    progress: bool = False,
) -> tuple[BanzhafValues, ...]: ...


def exact(
    game: Game | ArrayLike,
    n_players: int,
    *,
    p: float | Sequence[float] | NDArray[Any] = 0.5,
    batch_size: int | None = None,
    num_threads: int | None = None,
    player_names: Iterable[str] | None = None,
    progress: bool = False,
) -> BanzhafValues | tuple[BanzhafValues, ...]:
    """Compute the exact Banzhaf values of a game from all 2^n_players coalitions.

    A Banzhaf value is a player's mean contribution over all coalitions of the others, all weighted equally. A Shapley
    value weights coalitions by size instead. The two can differ only if three or more players interact at once.

    The game must be deterministic: it must return the same worth for a coalition in every call. For a noisy game, use
    `estimate` with ``noisy=True``.

    Parameters
    ----------
    game : callable or array_like of shape (2^n_players,) or (2^n_players, n_outputs)
        A game as for `estimate`, or the worths themselves. The worth of a coalition is at index sum of 2^i over
        its players i.
    n_players : int
        Number of players, from 1 to 30.
    p : float or sequence of float, default 0.5
        Probability with which the coalitions contain each other player, as for `estimate`. A sequence gives the values
        for each p from one evaluation of the game.
    batch_size : int, optional
        Largest number of coalitions in one call of the game, as for `estimate`.
    num_threads : int, optional
        Number of threads, as for `estimate`.
    player_names : iterable of str, optional
        Names of the players in order, all different.
    progress : bool, default False
        Whether to show a progress bar; needs tqdm.

    Returns
    -------
    BanzhafValues or tuple of BanzhafValues
        Values of shape (n_players,) or (n_players, n_outputs), in the unit of the worths, with standard errors 0. A
        tuple with one result for each p if `p` is a sequence.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the game returns something wrong, as for `estimate`.

    See Also
    --------
    estimate : Estimate the values from fewer evaluations.
    walsh_hadamard : Compute all interactions from all worths.

    Notes
    -----
    The values are the first-order terms of the game's Walsh-Hadamard transform. Folding the table of worths once for
    each player takes 2^(n+1) additions for n players. `walsh_hadamard` computes all terms in n 2^n.

    Banzhaf introduced the value to measure voting power [1]_, as in the example.

    References
    ----------
    .. [1] Banzhaf, "Weighted Voting Doesn't Work: A Mathematical Analysis", Rutgers Law Review 19 (1965).

    Examples
    --------
    Two of three votes carry a motion, so each voter decides in half of all cases:

    >>> import banzhaf
    >>> majority = banzhaf.exact(lambda coalitions: coalitions.sum(axis=1) >= 2, 3)
    >>> majority.values
    array([0.5, 0.5, 0.5])

    If each of the others votes yes with probability 0.9, the first one decides less often:

    >>> banzhaf.exact(lambda coalitions: coalitions.sum(axis=1) >= 2, 3, p=0.9).values.round(4)
    array([0.18, 0.18, 0.18])
    """
    n = check.integer("n_players", n_players, 1, _core.MAX_EXHAUSTIVE_PLAYERS)
    several = check.probabilities(p)
    probability = several[0] if several is not None else check.probability(p)
    if callable(game):
        found = run(
            game,
            n,
            2**n,
            "exhaustive",
            label="exhaustive",
            batch_size=batch_size,
            num_threads=num_threads,
            player_names=player_names,
            progress=progress,
            p=probability,
        )
        return found if several is None else _further(found, several, num_threads)
    worths = given.worths("game", game, 2**n, f"all 2^{n} coalitions")
    check.batch(batch_size)
    check.flag("progress", progress)
    names = check.names("player_names", player_names, n, "players")
    core = _core.exact(given.columns(worths), n, check.threads(num_threads), probability)
    if not np.isfinite(core.mean_worth).all():  # cheaper than checking 2^n worths
        given.finite("game", worths)
    kept = kept_table(given.columns(worths), n)
    values = result_of(core, "exhaustive", names, None, worths.ndim == 2, kept=kept, p=probability)
    return values if several is None else _further(values, several, num_threads)


def _further(
    values: BanzhafValues, probabilities: tuple[float, ...], num_threads: int | None
) -> tuple[BanzhafValues, ...]:
    """Add the values for the other probabilities, from the worths that those for the first one keep."""
    kept = values._evaluations
    assert kept is not None  # of every exact result
    return values, *for_several(values, kept.worths, probabilities[1:], check.threads(num_threads))


def sample_coalitions(
    n_players: int,
    budget: int,
    *,
    p: float = 0.5,
    design: str = "hadamard",
    interactions: str = "auto",
    random_state: check.Seed = None,
    num_threads: int | None = None,
) -> NDArray[np.bool_]:
    """Draw the coalitions that `estimate` evaluates for the same arguments.

    Use it to evaluate coalitions elsewhere, and `fit` or `fit_design` to estimate the values from their worths.

    Parameters
    ----------
    n_players : int
        Number of players, from 1 to 2^20.
    budget : int
        Largest number of coalitions. If it covers all 2^n_players coalitions, all are returned.
    p : float, default 0.5
        Probability with which the coalitions contain each player, as for `estimate`. Pass it to `fit` or `fit_design`
        as well. With ``design="independent"``, each player is in with probability p, independently. Other designs
        have more of some coalitions, and `fit` accounts for that.
    design : {"hadamard", "nested", "fresh", "paired", "independent", "exhaustive", "ends"}, default "hadamard"
        How coalitions are chosen, as for `estimate`. If `p` is not 0.5, the default takes ``"weighted"``, and
        ``"drawn"`` suits noisy games. ``"ends"`` returns the 2 (n_players + 1) coalitions that
        `BanzhafValues.shapley` takes as `ends`: all players, none, then each player alone and all others.
    interactions : {"auto", "always", "none"}, default "auto"
        Whether interactions will be taken out of the error. The default design depends on it, as for `estimate`.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        Seed, as for `estimate`.
    num_threads : int, optional
        Number of threads, as for `estimate`.

    Returns
    -------
    ndarray of bool, shape (m, n_players)
        One coalition per row, m <= `budget`. Rows 2k and 2k + 1 are complements, except for ``"independent"``,
        ``"exhaustive"`` and `p` other than 0.5. For ``"exhaustive"``, row r holds the players i whose bit 2^i is set
        in r.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.

    See Also
    --------
    fit : Estimate values from coalitions and their worths.
    fit_design : Estimate values from the worths of these coalitions alone.

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
    if design == "ends":
        check.integer("budget", budget, 2 * (n + 1))
        return _core.sample_coalitions(design, n, 2 * (n + 1), 0, num_threads=check.threads(num_threads))
    probability = check.probability(p)
    kind = interactions_of(interactions)
    if probability == 0.5:
        taken = check.resolve_design(design, n, budget, interactions=kind)
    else:
        taken = check.resolve_weighted(design, n, budget, early=False, noisy=design == "drawn")
    return _core.sample_coalitions(
        taken,
        n,
        operator.index(budget),
        check.seed(random_state),
        num_threads=check.threads(num_threads),
        p=probability,
    )
