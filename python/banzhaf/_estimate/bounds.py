# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""How many coalitions Kernel Banzhaf needs for a wanted error, whatever the game."""

from __future__ import annotations

import math
from typing import Any

from banzhaf import _core
from banzhaf._support import arguments as check


def required_budget(n_players: int, epsilon: float, delta: float) -> int:
    """Give a budget that suffices for Kernel Banzhaf's error bound on every game.

    With this many coalitions, ``estimate(game, n_players, budget=..., design="paired")`` gives, with probability at
    least 1 - delta, values phi_hat with ``||A phi_hat - b||^2 <= (1 + epsilon) ||A phi - b||^2``, which is the same as
    ``||phi_hat - phi||^2 <= epsilon gamma ||phi||^2``. Here phi are the Banzhaf values, A and b the regression over all
    2^n_players coalitions of which they are the solution, and ``gamma = ||A phi - b||^2 / ||A phi||^2`` is how far
    the game is from a linear one.

    Parameters
    ----------
    n_players : int
        From 1 to 2^20.
    epsilon : float
        Positive.
    delta : float
        Between 0 and 1, both excluded: the probability that the bound may fail.

    Returns
    -------
    int
        An even number of coalitions, at most 2^n_players, with which the values are exact.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument.

    Notes
    -----
    The paper [1]_ shows that m = O(n log(n / delta) + n / (delta epsilon)) is enough. The constants here come from the
    proof in ``docs/theory.md``: matrix Chernoff [2]_ for the least eigenvalue of the pairs and Markov's inequality for
    the residual, with their two free parameters chosen for the smallest budget. The bound holds for the worst
    game; most need far fewer coalitions, and the standard errors of a result tell how far it is.

    References
    ----------
    .. [1] Liu, Witter, Korn, Alrashed, Paparas, Musco, Freire, "Kernel Banzhaf: A Fast and Robust Estimator for
       Banzhaf Values", arXiv 2410.08336.
    .. [2] Tropp, "User-Friendly Tail Bounds for Sums of Random Matrices", Foundations of Computational Mathematics 12
       (2012), Theorem 1.1.

    Examples
    --------
    >>> import banzhaf
    >>> budget = banzhaf.required_budget(100, 0.5, 0.1)
    >>> budget < banzhaf.required_budget(100, 0.25, 0.1)
    True
    >>> banzhaf.required_budget(8, 0.5, 0.1)
    256
    """
    n = check.players(n_players)
    wanted = _positive("epsilon", epsilon)
    failure = _positive("delta", delta)
    if failure >= 1:
        raise ValueError(f"delta must be below 1, got {delta!r}")
    pairs = _core.required_pairs(n, wanted, failure)
    if not math.isfinite(pairs):
        raise ValueError(f"epsilon * delta must be large enough for a finite budget, got {epsilon!r} and {delta!r}")
    budget = 2 * int(pairs)
    return budget if budget.bit_length() <= n else int(2**n)


def _positive(name: str, value: Any) -> float:
    """Check a positive number."""
    if isinstance(value, (bool, str)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be finite and positive, got {value!r}")
    return number
