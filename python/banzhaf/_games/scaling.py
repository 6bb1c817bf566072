# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Laws of how scores depend on the size of training data, and what they predict for larger sizes."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._support import arguments as check
from banzhaf._support.exact import check_unmasked
from banzhaf._support.intervals import margins
from banzhaf._support.labelled import check_same_order

Numbers = NDArray[np.float64]

_LEAST_SIZES = 4  # one more than the parameters
_TUNING = 1.345  # of Huber's weights: 95 % efficient for normal noise
_ROUNDS = 20
_POINTS, _ZOOMS = 25, 8  # of the search for the third parameter


@dataclass(frozen=True, eq=False)
class ScalingLaw:
    """How a score depends on the size of the training data; `fit_scaling_law` returns it.

    Attributes
    ----------
    kind : str
        ``"power"`` or ``"log"``.
    parameters : dict of str to float
        ``log_A``, ``alpha`` and ``E`` of the power law, or ``log_A``, ``alpha`` and ``beta`` of the log-law.
    sizes, scores : ndarray of float64, shape (m,)
        What the law was fitted to.
    residual_deviation : float
        Standard deviation of a score around the law, in the unit of the scores.
    degrees_of_freedom : float
        Scores less fitted parameters.
    extrapolation_error : float
        Root mean square error at the largest quarter of the sizes, of a law that is fitted to the smaller sizes. NaN if
        fewer than four sizes would be left.
    setback : float
        How much worse the mean score of the largest size is than the best mean of a smaller size, in the unit of the
        scores. 0 if it is not worse. Lower scores are better for a power law, and higher ones for a log-law.

    Examples
    --------
    >>> import numpy as np
    >>> from banzhaf.games import fit_scaling_law
    >>> sizes = np.array([100, 200, 400, 800, 1600, 3200])
    >>> law = fit_scaling_law(sizes, 2 + 30 / sizes**0.5, "power")
    >>> law
    ScalingLaw: score = 2 + 30 / size^0.5, from 6 scores
    """

    kind: str
    parameters: dict[str, float]
    sizes: Numbers
    scores: Numbers
    residual_deviation: float
    degrees_of_freedom: float
    extrapolation_error: float
    setback: float
    _centre: float = field(repr=False)
    _theta: Numbers = field(repr=False)
    _covariance: Numbers = field(repr=False)
    _unit: float = field(default=1.0, repr=False)  # of the scores, in which theta and its covariance are

    def predict(self, sizes: ArrayLike) -> Numbers:
        """Compute the score that the law predicts.

        Parameters
        ----------
        sizes : array_like
            Sizes of training data, positive.

        Returns
        -------
        ndarray of float64
            The scores, of the shape of `sizes`.

        Raises
        ------
        ValueError
            If a size is not positive and finite.

        See Also
        --------
        band : Give an interval for a new score.

        Examples
        --------
        >>> import numpy as np
        >>> from banzhaf.games import fit_scaling_law
        >>> sizes = np.array([100, 200, 400, 800, 1600, 3200])
        >>> law = fit_scaling_law(sizes, 2 + 30 / sizes**0.5, "power")
        >>> law.predict([6400]).round(4)
        array([2.375])
        """
        x = np.log(_positive("sizes", sizes)) - self._centre
        return self._unit * _FORMS[self.kind].value(x, self._theta)

    def band(self, sizes: ArrayLike, confidence: float = 0.95) -> tuple[Numbers, Numbers]:
        """Compute intervals for new scores.

        Parameters
        ----------
        sizes : array_like
            Sizes of training data, positive.
        confidence : float, default 0.95
            Probability with which a new score of each size lies in its interval, if the law holds and noise is normal.

        Returns
        -------
        tuple of two ndarray of float64
            The lower and upper ends of the intervals, each of the shape of `sizes`.

        Raises
        ------
        ValueError
            If a size is not positive and finite, or `confidence` is not between 0 and 1.

        See Also
        --------
        predict : Compute the scores themselves.

        Notes
        -----
        The intervals come from a linear approximation of the law in its parameters, with the quantile of Student's t.
        They hold the noise of a new score as well as the error of the law.

        Examples
        --------
        >>> import numpy as np
        >>> from banzhaf.games import fit_scaling_law
        >>> sizes = np.array([100, 200, 400, 800, 1600, 3200])
        >>> noise = np.array([0.01, -0.02, 0.02, -0.01, 0.01, -0.01])
        >>> law = fit_scaling_law(sizes, 2 + 30 / sizes**0.5 + noise, "power")
        >>> low, high = law.band([6400])
        >>> bool(low[0] < 2.375 < high[0])
        True
        """
        x = np.log(_positive("sizes", sizes)) - self._centre
        form = _FORMS[self.kind]
        slopes = form.slopes(x, self._theta)
        noise = self.residual_deviation / self._unit
        variance = noise**2 + np.einsum("...i,ij,...j->...", slopes, self._covariance, slopes)
        half = margins(np.sqrt(np.maximum(variance, 0)), self.degrees_of_freedom, confidence)
        predicted = form.value(x, self._theta)
        return self._unit * (predicted - half), self._unit * (predicted + half)

    def __repr__(self) -> str:
        """Show the law with its parameters."""
        p = self.parameters
        if self.kind == "power":
            formula = f"{p['E']:.3g} + {math.exp(min(p['log_A'], 700)):.3g} / size^{p['alpha']:.3g}"
        else:
            formula = f"({p['log_A']:.3g} + {p['alpha']:.3g} log(size))^{p['beta']:.3g}"
        return f"ScalingLaw: score = {formula}, from {len(self.scores)} scores"


def fit_scaling_law(sizes: ArrayLike, scores: ArrayLike, kind: str = "power") -> ScalingLaw:
    """Fit a law of how a score depends on the size of the training data.

    The power law E + A / D^alpha suits losses such as cross-entropy. The log-law (log(A D^alpha))^beta suits
    downstream scores such as BLEU [1]_. D is the size.

    Parameters
    ----------
    sizes : array_like of shape (m,)
        Sizes of training data, positive, of at least four different values. A size may occur several times, once for
        each training with it.
    scores : array_like of shape (m,)
        Score of each training. Those of a log-law must be positive.
    kind : {"power", "log"}, default "power"
        Which law to fit. A power law needs scores that fall with size.

    Returns
    -------
    ScalingLaw
        The law, which predicts scores and their intervals.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or scores of a power law do not fall with size.

    Warns
    -----
    UserWarning
        If scores turn: the largest size has a worse score than a smaller one, and lies outside the 95 % band of the law
        that is fitted without the largest quarter of the sizes. Neither law can turn, so predictions of larger sizes
        are then too good. Fewer than five sizes cannot show this; `ScalingLaw.setback` is there for any number.

    See Also
    --------
    ScalingLaw : Predicts scores of other sizes.

    Notes
    -----
    The fit minimises the residuals with Huber's weights, so that single bad trainings count little. Their scale is
    estimated along with the law. For each value of one parameter (alpha of the power law, beta of the log-law) the best
    others are computed, and that one is found by a search. The fit therefore needs no starting values.

    Alpha lies between 0.01 and 5, E is not negative, and beta lies between 0.2 and 10. If a score does not follow the
    law, compare `ScalingLaw.extrapolation_error` with `ScalingLaw.residual_deviation`: downstream scores need not grow
    with the size of data that are far from the task [1]_.

    References
    ----------
    .. [1] Isik, Ponomareva, Hazimeh, Paparas, Vassilvitskii, Koyejo, "Scaling Laws for Downstream Task Performance in
       Machine Translation", ICLR 2025.

    Examples
    --------
    >>> import numpy as np
    >>> from banzhaf.games import fit_scaling_law
    >>> sizes = np.array([100, 200, 400, 800, 1600, 3200])
    >>> bleu = (0.5 + 0.4 * np.log(sizes)) ** 2
    >>> law = fit_scaling_law(sizes, bleu, "log")
    >>> law.predict([6400]).round(3)
    array([16.045])
    """
    check.choice("kind", kind, _FORMS)
    given, numbers = _positive("sizes", sizes), _floats("scores", scores)
    check_same_order("scores", scores, "sizes", sizes)
    if given.ndim != 1 or numbers.shape != given.shape:
        raise ValueError(
            f"scores must hold one number for each of the sizes, got shapes {given.shape} and {numbers.shape}"
        )
    if not np.isfinite(numbers).all():
        raise ValueError("scores must be finite")
    if kind == "log" and numbers.min() <= 0:
        raise ValueError("scores must be positive for kind='log'")
    different = np.unique(given)
    if len(different) < _LEAST_SIZES:
        raise ValueError(f"sizes must have at least {_LEAST_SIZES} different values, got {len(different)}")
    law = _fit(given, numbers, kind)
    held_out = given >= different[-max(1, len(different) // 4)]
    if np.unique(given[~held_out]).size < _LEAST_SIZES:
        return law
    try:
        smaller = _fit(given[~held_out], numbers[~held_out], kind)
    except ValueError:  # the smaller sizes show no fall
        return law
    missed = (smaller.predict(given[held_out]) - numbers[held_out]) / law._unit
    error = law._unit * float(np.sqrt(np.mean(missed**2)))
    _warn_if_scores_turn(smaller, given, numbers)
    return replace(law, extrapolation_error=error)


def _warn_if_scores_turn(smaller: ScalingLaw, sizes: Numbers, scores: Numbers) -> None:
    """Warn if the largest size is worse than another one, and than what the law of the smaller sizes allows."""
    setback, best, last = _setback(sizes, scores, smaller.kind)
    largest = sizes.max()
    low, high = smaller.band(largest)
    if setback > 0 and not low <= last <= high:
        warnings.warn(
            f"scores turn: the mean score is {best[1]:.4g} at size {best[0]:,.6g}, but {last:.4g} at the largest size, "
            f"{largest:,.6g}, where the law of the smaller sizes predicts {float(smaller.predict(largest)):.4g} "
            f"({float(low):.4g} to {float(high):.4g}). A law of kind={smaller.kind!r} cannot turn: do not use it for "
            "larger sizes. If one bad training may be the cause, train with more seeds",
            UserWarning,
            stacklevel=3,
        )


def _setback(sizes: Numbers, scores: Numbers, kind: str) -> tuple[float, tuple[float, float], float]:
    """Compute how much worse the largest size is than the best smaller one: that size and its score, and the last."""
    direction = 1 if kind == "log" else -1
    different, where = np.unique(sizes, return_inverse=True)
    means = np.bincount(where, scores) / np.bincount(where)
    best = int(np.argmax(direction * means[:-1]))
    setback = max(direction * float(means[best] - means[-1]), 0.0)
    return setback, (float(different[best]), float(means[best])), float(means[-1])


def _positive(name: str, numbers: Any) -> Numbers:
    found = _floats(name, numbers)
    if not (np.isfinite(found).all() and (found > 0).all()):
        raise ValueError(f"{name} must be finite and positive")
    return found


def _described(given: Any) -> str:
    return f"{type(given).__name__} of dtype {given.dtype}" if hasattr(given, "dtype") else type(given).__name__


def _floats(name: str, given: Any) -> Numbers:
    check_unmasked(given, f"{name} must be numbers, got")
    try:
        return check.floats(given)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{name} must be numbers, got {_described(given)}") from None


def _fit(sizes: Numbers, given: Numbers, kind: str) -> ScalingLaw:
    form = _FORMS[kind]
    # A power of 2 keeps squares of scores in the range of float64, and parameters at a similar size.
    unit = float(np.ldexp(1.0, int(np.frexp(np.abs(given).max())[1]) - 1))
    scores = given / unit
    centre = float(np.log(sizes).mean())
    x = np.log(sizes) - centre
    weights = np.ones(len(x))
    for _ in range(_ROUNDS):
        theta = form.best(x, scores, weights, unit)
        residuals = scores - form.value(x, theta)
        before, weights = weights, _huber(residuals)
        if np.abs(weights - before).max() < 1e-4:
            break
    slopes = form.slopes(x, theta)
    free = int(np.linalg.matrix_rank(slopes))
    freedom = len(x) - free
    # What the weights leave, over the mean derivative of Huber's function, with Huber's correction for few scores.
    inside = max(float(np.mean(weights >= 1)), 0.5)
    few = 1 + free / len(x) * (1 - inside) / inside
    variance = float(np.sum((weights * residuals) ** 2)) / max(freedom, 1) * (few / inside) ** 2
    deviation = math.sqrt(variance) if freedom > 0 else math.nan
    return ScalingLaw(
        kind=kind,
        parameters=form.named(theta, centre, unit),
        sizes=sizes,
        scores=given,
        residual_deviation=unit * deviation,
        degrees_of_freedom=float(freedom),
        extrapolation_error=math.nan,
        setback=_setback(sizes, given, kind)[0],
        _centre=centre,
        _theta=theta,
        _covariance=variance * np.linalg.pinv(slopes.T @ slopes),
        _unit=unit,
    )


def _huber(residuals: Numbers) -> Numbers:
    count = len(residuals)
    scale = float(np.median(np.abs(residuals))) / 0.6745 * math.sqrt(count / (count - 3))  # three parameters
    if scale == 0:
        return np.ones(len(residuals))
    return np.asarray(1 / np.maximum(1, np.abs(residuals) / (_TUNING * scale)))


def _searched(low: float, high: float, error: Any) -> float:
    """Find the number with the least error by finer and finer grids in its logarithm. `error` takes an array."""
    for _ in range(_ZOOMS):
        grid = np.geomspace(low, high, _POINTS)
        best = int(np.argmin(error(grid)))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, _POINTS - 1)]
    return float(grid[best])


class _Power:
    """E + exp(a - alpha x), with theta = (E, a, alpha)."""

    def value(self, x: Numbers, theta: Numbers) -> Numbers:
        return np.asarray(theta[0] + np.exp(theta[1] - theta[2] * x))

    def slopes(self, x: Numbers, theta: Numbers) -> Numbers:
        falling = np.exp(theta[1] - theta[2] * x)
        constant = np.full_like(x, float(theta[0] > 0))  # at its bound, E is not fitted
        return np.stack([constant, falling, -x * falling], axis=-1)

    def best(self, x: Numbers, scores: Numbers, weights: Numbers, unit: float) -> Numbers:
        def error(alphas: Numbers) -> Numbers:
            return self._given(alphas, x, scores, weights)[2]

        alpha = _searched(0.01, 5.0, error)
        (constant,), (amount,), _ = self._given(np.array([alpha]), x, scores, weights)
        if amount <= 0:
            _, (_, least), last = _setback(x, unit * scores, "power")
            if last < least:
                raise ValueError(
                    "scores must be positive for kind='power', whose E is not negative, got "
                    f"{unit * scores.min():.6g}: add a constant to them"
                )
            raise ValueError(
                f"scores must fall with size for kind='power', but the mean score is {last:.6g} at the "
                f"largest size, and {least:.6g} at a smaller one. Pass kind='log' for scores that grow, such as BLEU"
            )
        return np.array([constant, math.log(amount), alpha])

    @staticmethod
    def _given(alphas: Numbers, x: Numbers, scores: Numbers, weights: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Give E >= 0, exp(a) >= 0 and the error for each alpha."""
        falling = np.exp(-alphas[:, None] * x)
        total, mean = weights.sum(), scores @ weights / weights.sum()
        centred = falling - (falling @ weights / total)[:, None]
        amount = (centred * weights) @ (scores - mean) / ((centred**2) @ weights)
        constant = mean - amount * (falling @ weights) / total
        alone = falling @ (weights * scores) / ((falling**2) @ weights)
        amount = np.where(constant < 0, np.maximum(alone, 0), np.maximum(amount, 0))
        constant = np.where(constant < 0, 0, np.where(amount > 0, constant, mean))
        errors = ((scores - constant[:, None] - amount[:, None] * falling) ** 2) @ weights
        return constant, amount, errors

    @staticmethod
    def named(theta: Numbers, centre: float, unit: float) -> dict[str, float]:
        constant, amount, alpha = map(float, theta)
        return {"log_A": amount + alpha * centre + math.log(unit), "alpha": alpha, "E": unit * constant}


class _Log:
    """(a + b x)^beta, with theta = (a, b, beta)."""

    steps = 6

    def value(self, x: Numbers, theta: Numbers) -> Numbers:
        return np.asarray(np.maximum(theta[0] + theta[1] * x, 0) ** theta[2])

    def slopes(self, x: Numbers, theta: Numbers) -> Numbers:
        inner = np.maximum(theta[0] + theta[1] * x, 1e-300)
        outer = theta[2] * inner ** (theta[2] - 1)
        return np.stack([outer, outer * x, inner ** theta[2] * np.log(inner)], axis=-1)

    def best(self, x: Numbers, scores: Numbers, weights: Numbers, unit: float) -> Numbers:
        def error(betas: Numbers) -> Numbers:
            return self._given(betas, x, scores, weights)[2]

        beta = _searched(0.2, 10.0, error)
        (a,), (b,), _ = self._given(np.array([beta]), x, scores, weights)
        return np.array([a, b, beta])

    def _given(self, betas: Numbers, x: Numbers, scores: Numbers, weights: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Give a, b and the error for each beta: by least squares on scores^(1 / beta), and then by Gauss-Newton."""
        with np.errstate(all="ignore"):
            return self._improved(betas[:, None], x, scores, weights)

    def _improved(
        self, beta: Numbers, x: Numbers, scores: Numbers, weights: Numbers
    ) -> tuple[Numbers, Numbers, Numbers]:
        roots = scores ** (1 / beta)
        # Weights that make a small step in the root what it is in the score.
        a, b = _line(x, roots, weights * (beta * roots ** (beta - 1)) ** 2)
        errors = self._errors(a, b, beta, x, scores, weights)
        for _ in range(self.steps):  # a step that overflows is not better
            inner = np.maximum(a[:, None] + b[:, None] * x, 1e-300)
            outer = beta * inner ** (beta - 1)
            more_a, more_b = _line(x, (scores - inner**beta) / outer, weights * outer**2)
            tried = self._errors(a + more_a, b + more_b, beta, x, scores, weights)
            better = tried < errors
            a, b = np.where(better, a + more_a, a), np.where(better, b + more_b, b)
            errors = np.where(better, tried, errors)
        return a, b, errors

    @staticmethod
    def _errors(a: Numbers, b: Numbers, beta: Numbers, x: Numbers, scores: Numbers, weights: Numbers) -> Numbers:
        inner = a[:, None] + b[:, None] * x
        errors = ((scores - np.maximum(inner, 0) ** beta) ** 2) @ weights
        return np.where((inner > 0).all(axis=1), errors, np.inf)

    @staticmethod
    def named(theta: Numbers, centre: float, unit: float) -> dict[str, float]:
        a, b, beta = map(float, theta)
        with np.errstate(over="ignore"):
            root = float(np.float64(unit) ** (1 / beta))
        return {"log_A": root * (a - b * centre), "alpha": root * b, "beta": beta}


def _line(x: Numbers, y: Numbers, weights: Numbers) -> tuple[Numbers, Numbers]:
    """Fit a straight line to each row of y, with weights of the same shape."""
    total = weights.sum(axis=1)
    x_mean, y_mean = weights @ x / total, (weights * y).sum(axis=1) / total
    apart = x - x_mean[:, None]
    slope = (weights * apart * y).sum(axis=1) / (weights * apart**2).sum(axis=1)
    return y_mean - slope * x_mean, slope


_FORMS: dict[str, _Power | _Log] = {"power": _Power(), "log": _Log()}
