# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf values from worths that are there: a regression on given coalitions, or the whole table's transform."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _core
from banzhaf._estimate import given
from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.running import result_of, warn_of_rank
from banzhaf._support import arguments as check


def fit(
    coalitions: ArrayLike,
    worths: ArrayLike,
    *,
    ridge: float = 0.0,
    num_threads: int | None = None,
    standard_errors: bool = True,
    noisy: bool = False,
    player_names: Iterable[str] | None = None,
) -> BanzhafValues:
    """Estimate Banzhaf values from evaluations that the caller has made.

    If all 2^n_players coalitions are among them, the values are exact for a game without noise. Otherwise, if every
    coalition's complement is among them, in any order, they are taken as pairs, as `estimate` does; else each on its
    own, beside a constant.

    If all 2^n_players are there and some are repeated, each counts once, with the mean of its worths. Repeated worths
    that differ show noise, and the standard errors hold it; those that agree are taken as a game's without noise. In a
    smaller sample, coalitions repeated on purpose tell no more of interactions than one, and the errors allow for that.

    Parameters
    ----------
    coalitions : array_like of bool, shape (m, n_players)
        0 and 1 will do. They should have been drawn uniformly, like those of `sample_coalitions`: what they
        hold of interactions biases the values otherwise.
    worths : array_like of shape (m,) or (m, n_outputs)
        Numbers that float64 holds exactly.
    noisy : bool
        As for `estimate`: True if another call of the game would give other worths.
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
    UserWarning
        If uniform sampling would not have given these coalitions: too many of a player, or sizes too alike.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> coalitions = banzhaf.sample_coalitions(12, 96, random_state=0)
    >>> worths = coalitions @ np.arange(12.0)
    >>> bool(np.allclose(banzhaf.fit(coalitions, worths).values, np.arange(12.0)))
    True
    """
    rows = given.coalitions(coalitions)
    if len(rows) < 2:
        raise ValueError(f"coalitions must have at least 2 rows, got {len(rows)}")
    n = check.integer("the number of columns of coalitions", rows.shape[1], 1, _core.MAX_PLAYERS)
    targets = given.finite("worths", given.worths("worths", worths, len(rows), "the coalitions"))
    names = check.names("player_names", player_names, n, "players")
    penalty = check.penalty(ridge)
    options = _core.EstimateOptions(
        ridge=penalty,
        standard_errors=check.flag("standard_errors", standard_errors),
        noisy=check.flag("noisy", noisy),
        num_threads=check.threads(num_threads),
    )
    found, seen = _core.fit(rows, given.columns(targets), options)
    warn_of_rank(found.rank, n, penalty)
    _warn_of_unevenness(seen, names)
    return result_of(found, "given", names, None, targets.ndim == 2, noisy=bool(noisy))


def _warn_of_unevenness(seen: _core.Unevenness, names: tuple[str, ...] | None) -> None:
    """Warn of coalitions that uniform sampling does not give, and say what was seen."""
    if seen.kind == "none":
        return
    what = {
        "player": f"player {names[seen.player] if names else seen.player} is in {seen.share:.1%} of them",
        "inclusion": f"players are in {seen.share:.1%} of them on average, and not in half of them up to chance",
        "size": f"the variance of their sizes around n / 2 is {seen.share:.3g} times that of uniform coalitions",
        "together": "some players come together, or apart, too often: their mean squared correlation is "
        f"{seen.share:.3g} times what chance makes it",
    }[seen.kind]
    warnings.warn(
        f"coalitions do not look uniformly drawn: {what}. Interactions then bias the values and their standard errors: "
        "take coalitions from banzhaf.sample_coalitions, or evaluate with banzhaf.estimate",
        UserWarning,
        stacklevel=3,
    )


def fit_design(
    worths: ArrayLike,
    n_players: int,
    *,
    design: str = "hadamard",
    random_state: int,
    ridge: float = 0.0,
    num_threads: int | None = None,
    standard_errors: bool = True,
    noisy: bool = False,
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
    ridge, num_threads, standard_errors, noisy, player_names
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
    table = given.numbers("worths", worths)
    if table.ndim not in (1, 2) or 0 in table.shape:
        raise ValueError(f"worths must have shape (m,) or (m, n_outputs), got {table.shape}")
    targets = given.finite("worths", table)
    name = check.resolve_design(wanted, n, len(targets), "the number of worths")
    size = _core.describe(name, n, len(targets)).n_coalitions
    if size != len(targets):
        raise ValueError(
            f"worths must be those of all {size} coalitions that design={name!r} draws, got {len(targets)}"
        )
    names = check.names("player_names", player_names, n, "players")
    penalty = check.penalty(ridge)
    options = _core.EstimateOptions(
        ridge=penalty,
        standard_errors=check.flag("standard_errors", standard_errors),
        noisy=check.flag("noisy", noisy),
        num_threads=check.threads(num_threads),
    )
    found = _core.fit_design(name, n, seed, given.columns(targets), options)
    warn_of_rank(found.rank, n, penalty)
    used = None if name == "exhaustive" else seed
    return result_of(found, name, names, used, targets.ndim == 2, noisy=bool(noisy))


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
    table = given.finite("worths", given.numbers("worths", worths))
    if table.ndim != 1 or len(table) == 0 or len(table) & (len(table) - 1):
        raise ValueError(f"worths must have shape (2^n,), got {table.shape}")
    coefficients = np.array(table)
    _core.walsh_hadamard(coefficients, check.threads(num_threads))
    coefficients /= len(coefficients)
    return coefficients
