# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What the tests believe instead of banzhaf: definitions written out slowly, and games whose values are known."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np


def all_coalitions(n_players):
    """All 2^n coalitions, row r holding the players of r's binary digits."""
    return np.array([[r >> i & 1 for i in range(n_players)] for r in range(2**n_players)], dtype=bool)


def brute_force(worths, n_players):
    """Banzhaf values by definition, from worths that stand at the sum of 2^i over a coalition's players i."""
    worths = np.asarray(worths, dtype=np.float64)
    values = []
    for i in range(n_players):
        without = [s for s in range(2**n_players) if not s >> i & 1]
        values.append(sum(worths[s | 1 << i] - worths[s] for s in without) / 2 ** (n_players - 1))
    return np.array(values)


def rational(worths, n_players):
    """Banzhaf values of integer worths in exact arithmetic."""
    values = []
    for i in range(n_players):
        others = [j for j in range(n_players) if j != i]
        total = Fraction(0)
        for size in range(n_players):
            for players in itertools.combinations(others, size):
                s = sum(1 << j for j in players)
                total += Fraction(int(worths[s | 1 << i])) - Fraction(int(worths[s]))
        values.append(total / 2 ** (n_players - 1))
    return values


def design_matrix(coalitions, *, intercept=False):
    """A of the paper: +1/2 for a player inside, -1/2 outside; its columns centred stand for an intercept."""
    A = np.asarray(coalitions, dtype=np.float64) - 0.5
    return A - A.mean(axis=0) if intercept else A


def least_squares(coalitions, worths, *, ridge=0.0, intercept=False):
    """min ||A x - b||^2 + ridge ||x||^2 by singular values; of least norm where that leaves a choice."""
    A, b = design_matrix(coalitions, intercept=intercept), np.asarray(worths, dtype=np.float64)
    if ridge > 0:
        b = b - b.mean(axis=0) if intercept else b
        return np.linalg.solve(A.T @ A + ridge * np.eye(A.shape[1]), A.T @ b)
    return np.linalg.pinv(A, rcond=1e-10) @ b


def pair_least_squares(coalitions, worths):
    """Kernel Banzhaf in NumPy: least squares of the differences within pairs, rows 2p and 2p + 1."""
    X = 2.0 * coalitions[::2] - 1.0
    return np.linalg.lstsq(X, worths[::2] - worths[1::2], rcond=None)[0]


def condition_number(coalitions, *, ridge=0.0, intercept=False):
    """Of A with the rows sqrt(ridge) I beneath it."""
    A = design_matrix(coalitions, intercept=intercept)
    return np.linalg.cond(np.vstack([A, np.sqrt(ridge) * np.eye(A.shape[1])]))


def r2(coalitions, worths, values):
    """Share of the worths' variance that the additive model with these values explains."""
    A = design_matrix(coalitions, intercept=True)
    centred = worths - worths.mean(axis=0)
    return 1 - ((centred - A @ values) ** 2).sum(axis=0) / (centred**2).sum(axis=0)


def hc2(X, targets, *, ridge=0.0, intercept=False):
    """Standard errors of min ||X x - targets||^2 + ridge ||x||^2 after MacKinnon and White, by explicit matrices."""
    X, y = np.asarray(X, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    penalty = ridge * np.eye(X.shape[1])
    if intercept:
        X = np.column_stack([X, np.ones(len(X))])
        penalty = np.pad(penalty, (0, 1))
    influence = np.linalg.inv(X.T @ X + penalty) @ X.T
    errors = []
    free, errors = 1 - np.diag(X @ influence), []
    for column in np.atleast_2d(y.T):
        residuals = column - X @ (influence @ column)
        # A row that fits itself takes the variance that the rest show.
        common = (residuals**2).sum() / max(1, len(X) - X.shape[1])
        variances = np.where(free > 1e-8, residuals**2 / np.maximum(free, 1e-8), common)
        covariance = influence @ np.diag(variances) @ influence.T
        errors.append(np.sqrt(np.diag(covariance)))
    errors = np.array(errors).T[: X.shape[1] - intercept]
    return errors if y.ndim == 2 else errors[:, 0]


def degrees(rows, fitted):
    """Degrees of freedom of HC2 for uniform rows, after Bell and McCaffrey, from expectations of the random signs."""
    share = fitted / rows
    fourth_moment = (1 - share) ** 2 + 6 * (1 - share) * share + 3 * share**2  # of a row's influence, whose second is 1
    return min(rows / (fourth_moment + share / (1 - share)), rows - fitted)


def bell_mccaffrey(X):
    """The degrees of freedom of each coefficient's HC2 variance with even noise, by explicit matrices."""
    influence = np.linalg.inv(X.T @ X) @ X.T
    rest = np.eye(len(X)) - X @ influence
    found = []
    for row in influence:
        form = rest @ np.diag(row**2 / np.diag(rest)) @ rest
        found.append(np.trace(form) ** 2 / np.trace(form @ form))
    return np.array(found)


def masked_worths(model, background, explicand, columns_of_player):
    """The worth of every coalition of one row's players: the mean over the background, one masked row after another."""
    n_players = len(columns_of_player)
    worths = []
    for coalition in all_coalitions(n_players):
        kept = [j for i in np.flatnonzero(coalition) for j in columns_of_player[i]]
        rows = np.array(background, copy=True)
        for row in rows:
            row[kept] = explicand[kept]
        worths.append(np.mean(model(rows), axis=0, dtype=np.float64))
    return np.array(worths)


def same_bits(first, second):
    """Whether two arrays are equal to the last bit, NaN equal to NaN."""
    first, second = np.asarray(first), np.asarray(second)
    return first.shape == second.shape and first.dtype == second.dtype and first.tobytes() == second.tobytes()


def curved(coalitions):
    """A game of every order, whose worths depend on no other coalition of the call."""
    x = (coalitions * np.arange(1.0, coalitions.shape[1] + 1)).sum(axis=1)
    return np.sin(x) + 0.001 * x**3


class Recorder:
    """A game or a model that keeps what it was called on."""

    def __init__(self, function):
        self.function = function
        self.calls = []

    def __call__(self, rows):
        self.calls.append(np.array(rows))
        return self.function(rows)

    @property
    def rows(self):
        return np.concatenate(self.calls)

    @property
    def n_rows(self):
        return sum(map(len, self.calls))


class Table:
    """A game by its 2^n worths."""

    def __init__(self, worths):
        self.worths = np.asarray(worths)
        self.n_players = len(self.worths).bit_length() - 1

    def __call__(self, coalitions):
        return self.worths[coalitions @ (1 << np.arange(self.n_players))]

    @classmethod
    def random(cls, n_players, *, outputs=None, integers=False, seed=0):
        rng = np.random.default_rng([seed, n_players])
        shape = (2**n_players,) if outputs is None else (2**n_players, outputs)
        return cls(rng.integers(-(2**40), 2**40, size=shape) if integers else rng.normal(size=shape))


class Polynomial:
    """A sum of weights, each for a set of players that must all be in: a game of known order and known values."""

    def __init__(self, n_players, terms, weights, constant=0.0):
        self.n_players = n_players
        self.terms = [np.array(term, dtype=np.intp) for term in terms]
        self.weights = np.asarray(weights, dtype=np.float64)
        self.constant = constant

    @classmethod
    def random(cls, n_players, order, *, seed=0, outputs=None, constant=0.0):
        """All single players, and as many sets of every further size."""
        rng = np.random.default_rng([seed, n_players, order])
        terms = [[i] for i in range(n_players)]
        for size in range(2, order + 1):
            terms += [rng.choice(n_players, size, replace=False) for _ in range(n_players)]
        shape = (len(terms),) if outputs is None else (len(terms), outputs)
        # So few binary digits that the sums are exact: a worth does not depend on how many rows are asked for.
        return cls(n_players, terms, np.round(rng.normal(size=shape) * 2**20) / 2**20, constant)

    def __call__(self, coalitions):
        present = np.stack([coalitions[:, term].all(axis=1) for term in self.terms], axis=1)
        return present @ self.weights + self.constant

    @property
    def values(self):
        """A set of t players gives each of them its weight when the t - 1 others are in: 2^-(t-1) of the time."""
        values = np.zeros((self.n_players, *self.weights.shape[1:]))
        for term, weight in zip(self.terms, self.weights, strict=True):
            values[term] += weight / 2 ** (len(term) - 1)
        return values


class Voting:
    """A weighted vote: 1 if the coalition's weights reach the quota."""

    def __init__(self, weights, quota):
        self.weights = np.asarray(weights)
        self.quota = quota

    def __call__(self, coalitions):
        return (coalitions @ self.weights >= self.quota).astype(float)

    @property
    def values(self):
        """Banzhaf's own count of swings, by the number of coalitions of the others at each weight."""
        values = []
        for i, weight in enumerate(self.weights):
            reached = [1] + [0] * int(self.weights.sum())
            for other in np.delete(self.weights, i):
                for total in range(len(reached) - 1, int(other) - 1, -1):
                    reached[total] += reached[total - int(other)]
            swings = sum(reached[max(0, self.quota - int(weight)) : self.quota])
            values.append(swings / 2 ** (len(self.weights) - 1))
        return np.array(values)
