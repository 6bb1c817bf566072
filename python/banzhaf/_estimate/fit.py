# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Estimate Banzhaf values from given worths, and transform a complete table of worths."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _core
from banzhaf._estimate import given
from banzhaf._estimate.adjustment import interactions_of
from banzhaf._estimate.draws import probability_of
from banzhaf._estimate.kept import kept_coalitions, kept_table
from banzhaf._estimate.results import BanzhafValues
from banzhaf._estimate.running import result_of, warn_of_rank
from banzhaf._support import arguments as check
from banzhaf._support.labelled import check_same_order


def fit(
    coalitions: ArrayLike,
    worths: ArrayLike,
    *,
    p: float | None = None,
    ridge: float = 0.0,
    num_threads: int | None = None,
    standard_errors: bool = True,
    interactions: str = "auto",
    noisy: bool = False,
    player_names: Iterable[str] | None = None,
) -> BanzhafValues:
    """Estimate Banzhaf values from coalitions and worths that were evaluated elsewhere.

    The method depends on the coalitions:

    - If all 2^n_players coalitions are present, the values are exact for a game without noise.
    - Otherwise, if the complement of every coalition is present, in any order, they are used as pairs, as by
      `estimate`.
    - Otherwise each coalition is used on its own, and a constant is fitted beside the values.

    Parameters
    ----------
    coalitions : array_like of bool, shape (m, n_players)
        One coalition per row, as booleans or as 0 and 1. They should be uniformly distributed, like those of
        `sample_coalitions`. Otherwise interactions bias the values. If each player is in with another probability than
        0.5, see `p`.
    worths : array_like of shape (m,) or (m, n_outputs)
        Worths of the coalitions: finite numbers that float64 holds exactly.
    p : float, optional
        Probability with which the coalitions contain each player. The values are those for this `p`, as by `estimate`.
        The coalitions must be those of `sample_coalitions` with the same `p`, or independent draws. By default it is
        0.5, unless the coalitions clearly show another probability. Then a warning names it, and the result's `p` holds
        it.
    ridge : float, default 0.0
        Penalty on the squared values, as for `estimate`.
    num_threads : int, optional
        Number of threads, as for `estimate`.
    standard_errors : bool, default True
        Whether to compute standard errors: HC2, for any number of players. From 32 players on, rounding may change them
        by up to 0.1 %.
    interactions : {"auto", "always", "none"}, default "auto"
        Whether to find interactions of three players or more, and take them out of the error. See Notes of `estimate`.
    noisy : bool, default False
        Whether evaluating the game again would give other worths, as for `estimate`.
    player_names : iterable of str, optional
        Names of the players in order, all different.

    Returns
    -------
    BanzhafValues
        Values and standard errors, in the unit of the worths. Its `design` is ``"given"``.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.

    Warns
    -----
    RankWarning
        If the coalitions do not determine every value and `ridge` is 0.
    UserWarning
        If the coalitions do not look uniformly drawn: one player is in too many or too few of them, or their sizes vary
        too little or too much. Uniform coalitions give this warning with a probability below 1e-5. Also if `p` is not
        given and the coalitions show that it is not 0.5, or if it is given and they do not show whether they are those
        of `sample_coalitions` or independent draws.

    See Also
    --------
    sample_coalitions : Draw coalitions to evaluate.
    fit_design : Estimate values from the worths of a design's coalitions.

    Notes
    -----
    The regression is that of Kernel Banzhaf [1]_.

    If all 2^n_players coalitions are present and some are repeated, each counts once, with the mean of its worths.
    Repeated worths that differ show noise, and the standard errors include it. Repeated worths that agree count as
    worths without noise. In a smaller sample, repeating a coalition adds no information about interactions, and the
    standard errors allow for that.

    References
    ----------
    .. [1] Liu, Witter, Korn, Alrashed, Paparas, Musco, Freire, "Kernel Banzhaf: A Fast and Robust Estimator for
       Banzhaf Values", arXiv 2410.08336.

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
    targets = given.finite("worths", given.worths("worths", worths, len(rows), "the coalitions", coalitions))
    names = check.names("player_names", player_names, n, "players")
    penalty = check.penalty(ridge)
    probability = _recognised(rows) if p is None else check.probability(p)
    if probability != 0.5:
        check.no_penalty(penalty)
    options = _core.EstimateOptions(
        ridge=penalty,
        standard_errors=check.flag("standard_errors", standard_errors),
        interactions=interactions_of(interactions),
        noisy=check.flag("noisy", noisy),
        num_threads=check.threads(num_threads),
        p=probability,
    )
    found, seen = _core.fit(rows, given.columns(targets), options)
    warn_of_rank(found.rank, n, penalty, more="Add coalitions", records=found.adjustments)
    _warn_of_unevenness(seen, names, probability)
    kept = kept_coalitions(rows, given.columns(targets))
    return result_of(found, "given", names, None, targets.ndim == 2, noisy=bool(noisy), kept=kept, p=probability)


def _recognised(coalitions: NDArray[np.bool_]) -> float:
    """Return 0.5, unless the coalitions clearly show another probability. Then warn about it."""
    n_rows, n_players = coalitions.shape
    if n_players < 40 and n_rows >= 2**n_players:
        return 0.5  # all of them, or repeats
    found = probability_of(coalitions)
    if found is None:
        return 0.5
    warnings.warn(
        f"the coalitions were not drawn evenly: each player seems to be in them with probability {found:g}, so the "
        f"values are those for p={found:g}, not Banzhaf values. Pass p={found:g}, or the probability that was used, "
        "to confirm it. Pass p=0.5 for the regression of Banzhaf values, which interactions then bias",
        UserWarning,
        stacklevel=3,
    )
    return found


def _warn_of_unevenness(seen: _core.Unevenness, names: tuple[str, ...] | None, p: float) -> None:
    """Warn about coalitions that sampling would hardly give."""
    if seen.kind != "none":
        warnings.warn(_unevenness(seen, names, p), UserWarning, stacklevel=3)


def _unevenness(seen: _core.Unevenness, names: tuple[str, ...] | None, p: float) -> str:
    """Say what sampling would hardly give, with the statistic that shows it."""
    if seen.kind == "draws":
        return (
            "the coalitions do not show how they were drawn: by banzhaf.sample_coalitions with this p, or "
            "independently. The likelier way is taken. Use banzhaf.fit_design if they come from sample_coalitions"
        )
    who = names[seen.player] if names else seen.player
    what = {
        "player": f"player {who} is in {seen.share:.1%} of them",
        "inclusion": f"players are in {seen.share:.1%} of them on average instead of about "
        + ("half" if p == 0.5 else f"{p:.1%}"),
        "size": f"the variance of their sizes around n / 2 is {seen.share:.3g} times that of uniform coalitions",
        "together": "some players occur together too often or too rarely: their mean squared correlation is "
        f"{seen.share:.3g} times that of uniform coalitions",
    }[seen.kind]
    if p != 0.5:
        return (
            f"coalitions do not look drawn with p={p:g}: {what}. The values and their standard errors may be wrong. "
            "Pass the probability that was used, or take coalitions from banzhaf.sample_coalitions"
        )
    return (
        f"coalitions do not look uniformly drawn: {what}. Interactions then bias the values and their standard errors. "
        "Take coalitions from banzhaf.sample_coalitions, or evaluate the game with banzhaf.estimate"
    )


def fit_design(
    worths: ArrayLike,
    n_players: int,
    *,
    p: float = 0.5,
    design: str = "hadamard",
    random_state: int,
    ridge: float = 0.0,
    num_threads: int | None = None,
    standard_errors: bool = True,
    interactions: str = "auto",
    noisy: bool = False,
    player_names: Iterable[str] | None = None,
) -> BanzhafValues:
    """Estimate Banzhaf values from the worths of a design's coalitions alone.

    A seed determines the coalitions of a design, so they need not be passed or stored. This is what `estimate` does
    after its last evaluation. With the Hadamard design no matrix is stored, and a million players take a fraction of a
    second.

    Parameters
    ----------
    worths : array_like of shape (m,) or (m, n_outputs)
        Worths of the coalitions that `sample_coalitions` returns for this number of them and the same `design`,
        `interactions` and `random_state`, in that order.
    n_players : int
        Number of players, from 1 to 2^20.
    p : float, default 0.5
        Probability that was passed to `sample_coalitions` or `estimate`.
    design : {"hadamard", "nested", "fresh", "paired", "independent", "exhaustive"}, default "hadamard"
        How the coalitions were chosen. If m is 2^n_players, the worths are those of all
        coalitions, in the order of ``"exhaustive"``. With `p` other than 0.5 also ``"weighted"``, the default, and
        ``"drawn"``, as the result of `estimate` names it.
    random_state : int
        Seed with which the coalitions were drawn, from 0 to 2^64 - 1.
    ridge : float, default 0.0
        Penalty on the squared values, as for `estimate`.
    num_threads : int, optional
        Number of threads, as for `estimate`.
    standard_errors : bool, default True
        Whether to compute standard errors, as for `estimate`.
    interactions : {"auto", "always", "none"}, default "auto"
        Whether to find interactions of three players or more, and take them out of the error. See Notes of `estimate`.
    noisy : bool, default False
        Whether evaluating the game again would give other worths, as for `estimate`.
    player_names : iterable of str, optional
        Names of the players in order, all different.

    Returns
    -------
    BanzhafValues
        Values and standard errors, in the unit of the worths.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, the design has no sample of m coalitions, or the least-squares problem is too large.

    Warns
    -----
    RankWarning
        If the coalitions do not determine every value and `ridge` is 0.

    See Also
    --------
    sample_coalitions : Draw the coalitions of a design.
    fit : Estimate values from any coalitions.

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
    probability = check.probability(p)
    wanted = check.choice("design", design, (*check.DESIGNS, *check.WEIGHTED_DESIGNS))
    table = given.numbers("worths", worths)
    if table.ndim not in (1, 2) or 0 in table.shape:
        raise ValueError(f"worths must have shape (m,) or (m, n_outputs), got {table.shape}")
    check_same_order("worths", worths, "the coalitions")
    targets = given.finite("worths", table)
    if probability == 0.5:
        name = check.resolve_design(wanted, n, len(targets), "the number of worths", interactions_of(interactions))
    else:
        name = check.resolve_weighted(wanted, n, len(targets), early=False, noisy=wanted == "drawn")
        check.no_penalty(ridge)
    size = _core.count_coalitions(name, n, len(targets))
    if size != len(targets):
        raise ValueError(
            f"worths must be those of all {size} coalitions that design={name!r} draws, got {len(targets)}; "
            "pass the worths of all coalitions that sample_coalitions returns"
        )
    names = check.names("player_names", player_names, n, "players")
    penalty = check.penalty(ridge)
    options = _core.EstimateOptions(
        ridge=penalty,
        standard_errors=check.flag("standard_errors", standard_errors),
        interactions=interactions_of(interactions),
        noisy=check.flag("noisy", noisy),
        num_threads=check.threads(num_threads),
        p=probability,
    )
    found = _core.fit_design(name, n, seed, given.columns(targets), options)
    warn_of_rank(found.rank, n, penalty, more="Evaluate more coalitions", records=found.adjustments)
    used = None if name == "exhaustive" else seed
    if probability == 0.5 or name == "exhaustive":
        kept = kept_table(given.columns(targets), n, name, used)
    else:
        drawn = _core.sample_coalitions(name, n, len(targets), seed, p=probability)
        kept = kept_coalitions(drawn, given.columns(targets))
    return result_of(found, name, names, used, targets.ndim == 2, noisy=bool(noisy), kept=kept, p=probability)


def walsh_hadamard(worths: ArrayLike, *, num_threads: int | None = None) -> NDArray[np.float64]:
    """Compute the Walsh-Hadamard (Fourier) coefficients of a game from all its worths.

    They describe every interaction of the game. The Banzhaf value of player i is -2 times the coefficient at index 2^i.

    Parameters
    ----------
    worths : array_like of shape (2^n,)
        The worth of each coalition, at index sum of 2^i over its players i. Finite numbers that float64 holds exactly.
    num_threads : int, optional
        Number of threads, as for `estimate`.

    Returns
    -------
    ndarray of float64, shape (2^n,)
        Coefficients in the unit of the worths. The one at index sum of 2^i over a set T of players is the mean over all
        coalitions S of worth(S) (-1)^|S and T|. The square of a coefficient is the part of T in the worths' variance.

    Raises
    ------
    TypeError, ValueError
        If `worths` are not finite numbers, or their count is not a power of 2.

    See Also
    --------
    exact : Compute only the Banzhaf values, in less time.

    Notes
    -----
    The fast transform takes n 2^n additions; see O'Donnell [1]_ for the Fourier expansion of set functions.

    References
    ----------
    .. [1] O'Donnell, "Analysis of Boolean Functions", Cambridge University Press (2014), chapters 1 and 2.

    Examples
    --------
    >>> import banzhaf
    >>> banzhaf.walsh_hadamard([0.0, 1.0, 1.0, 4.0])
    array([ 1.5, -1. , -1. ,  0.5])
    """
    table = given.finite("worths", given.numbers("worths", worths))
    if table.ndim != 1 or len(table) == 0 or len(table) & (len(table) - 1):
        raise ValueError(f"worths must have shape (2^n,), got {table.shape}")
    check_same_order("worths", worths, "all coalitions")
    coefficients = np.array(table)
    _core.walsh_hadamard(coefficients, check.threads(num_threads))
    coefficients /= len(coefficients)
    return coefficients
