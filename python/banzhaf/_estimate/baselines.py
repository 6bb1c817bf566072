# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The two baselines of the paper: Monte Carlo and Maximum Sample Reuse."""

from __future__ import annotations

from collections.abc import Iterable

from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.running import Game, run
from banzhaf._support import arguments as check


def monte_carlo(
    game: Game,
    n_players: int,
    *,
    budget: int,
    random_state: check.Seed = None,
    batch_size: int | None = None,
    num_threads: int | None = None,
    on_nonfinite: str = "raise",
    player_names: Iterable[str] | None = None,
    progress: bool = False,
) -> BanzhafValues:
    """Estimate Banzhaf values by Monte Carlo: average each player's gain over random coalitions.

    This is a baseline for comparisons: `estimate` needs far fewer evaluations for the same error. Each gain takes two
    evaluations, with and without the player, and the budget counts both. The players are sampled in rotation.

    Parameters
    ----------
    game : callable
        Takes coalitions, a boolean array of shape (m, n_players), and returns their worths, as for `estimate`.
    n_players : int
        Number of players, from 1 to 2^20.
    budget : int
        Largest number of evaluations, at least 2 n_players.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        Seed, as for `estimate`.
    batch_size : int, optional
        Largest number of coalitions in one call of the game, as for `estimate`.
    num_threads : int, optional
        Number of threads, as for `estimate`.
    on_nonfinite : {"raise", "drop"}, default "raise"
        What to do with a worth that is NaN or infinite, as for `estimate`.
    player_names : iterable of str, optional
        Names of the players in order, all different.
    progress : bool, default False
        Whether to show a progress bar; needs tqdm.

    Returns
    -------
    BanzhafValues
        Values and standard errors, in the unit of the worths. The standard error is NaN for a player with only one
        gain.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the game returns something wrong, as for `estimate`.

    See Also
    --------
    estimate : Estimate the values with a lower error.
    msr : Estimate the values by the other baseline.

    Notes
    -----
    The method is the baseline of the Kernel Banzhaf paper [1]_. The budget counts real evaluations, for every method.

    References
    ----------
    .. [1] Liu, Witter, Korn, Alrashed, Paparas, Musco, Freire, "Kernel Banzhaf: A Fast and Robust Estimator for
       Banzhaf Values", arXiv 2410.08336.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> values = banzhaf.monte_carlo(lambda coalitions: coalitions @ np.arange(5.0), 5, budget=20, random_state=0)
    >>> bool(np.allclose(values.values, np.arange(5.0)))
    True
    """
    n = check.players(n_players)
    return run(
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
    p: float = 0.5,
    random_state: check.Seed = None,
    batch_size: int | None = None,
    num_threads: int | None = None,
    on_nonfinite: str = "raise",
    player_names: Iterable[str] | None = None,
    progress: bool = False,
) -> BanzhafValues:
    """Estimate Banzhaf values by Maximum Sample Reuse.

    A player's value is the mean worth of the sampled coalitions with the player, minus the mean worth of those
    without [1]_. This is a baseline for comparisons: `estimate` needs far fewer evaluations for the same error.

    Parameters
    ----------
    game : callable
        Takes coalitions, a boolean array of shape (m, n_players), and returns their worths, as for `estimate`.
    n_players : int
        Number of players, from 1 to 2^20.
    budget : int
        Largest number of evaluations, at least 2. The value is NaN for a player that is in all sampled coalitions, or
        in none.
    p : float, default 0.5
        Probability with which a coalition contains each player, independently, as for `estimate`.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        Seed, as for `estimate`.
    batch_size : int, optional
        Largest number of coalitions in one call of the game, as for `estimate`.
    num_threads : int, optional
        Number of threads, as for `estimate`.
    on_nonfinite : {"raise", "drop"}, default "raise"
        What to do with a worth that is NaN or infinite, as for `estimate`.
    player_names : iterable of str, optional
        Names of the players in order, all different.
    progress : bool, default False
        Whether to show a progress bar; needs tqdm.

    Returns
    -------
    BanzhafValues
        Values and standard errors, in the unit of the worths.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the game returns something wrong, as for `estimate`.

    See Also
    --------
    estimate : Estimate the values with a lower error.
    monte_carlo : Estimate the values by the other baseline.

    References
    ----------
    .. [1] Wang, Jia, "Data Banzhaf: A Robust Data Valuation Framework for Machine Learning", AISTATS 2023.

    Examples
    --------
    >>> import banzhaf
    >>> values = banzhaf.msr(lambda coalitions: coalitions.sum(axis=1), 5, budget=500, random_state=0)
    >>> values.n_evaluations
    500
    """
    n = check.players(n_players)
    return run(
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
        p=check.probability(p),
    )
