# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The number of coalitions with which Kernel Banzhaf meets an error bound on every game."""

from __future__ import annotations

import math
from typing import Any

from banzhaf import _core
from banzhaf._support import arguments as check


def required_budget(n_players: int, epsilon: float, delta: float) -> int:
    """Compute a budget that guarantees Kernel Banzhaf's error bound on every game.

    With this budget, ``estimate(game, n_players, budget=..., design="paired")`` satisfies
    ``||phi_hat - phi||^2 <= epsilon gamma ||phi||^2`` with probability at least 1 - `delta`. Here phi holds the Banzhaf
    values and phi_hat their estimates. The number ``gamma = ||A phi - b||^2 / ||A phi||^2`` measures how far the game
    is from a linear one. A and b belong to the least-squares problem over all 2^n_players coalitions, whose solution is
    phi.

    Parameters
    ----------
    n_players : int
        Number of players n, from 1 to 2^20.
    epsilon : float
        Relative error of the bound; finite and positive.
    delta : float
        Probability that the bound may fail, strictly between 0 and 1.

    Returns
    -------
    int
        An even number of coalitions. It is at most 2^n_players, at which the values are exact.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or `epsilon` and `delta` are too small for a finite budget.

    See Also
    --------
    estimate : Estimate the values with a given budget.
    diagnose : Predict the error of one estimate at larger budgets.

    Notes
    -----
    The bound is the same as ``||A phi_hat - b||^2 <= (1 + epsilon) ||A phi - b||^2``. The paper [1]_ shows that
    O(n log(n / delta) + n / (delta epsilon)) coalitions are enough. The constants come from the proof on the theory
    page. It uses the matrix Chernoff bound [2]_ for the least eigenvalue of the pairs, and Markov's inequality for the
    residual. The two free parameters are chosen for the smallest budget.

    The bound holds for the worst game, and most games need far fewer coalitions. The standard errors of a result show
    how accurate it is.

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
        raise ValueError(f"delta must lie strictly between 0 and 1, got {delta!r}")
    pairs = _core.required_pairs(n, wanted, failure)
    if not math.isfinite(pairs):
        raise ValueError(
            f"epsilon and delta are too small for a finite budget, raise them: got {epsilon!r} and {delta!r}"
        )
    budget = 2 * int(pairs)
    return budget if budget.bit_length() <= n else int(2**n)


def _positive(name: str, value: Any) -> float:
    """Check that a value is a finite positive number."""
    if isinstance(value, (bool, str)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be finite and positive, got {value!r}")
    return number
