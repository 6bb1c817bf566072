# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Theorems 40 to 44: Shapley values in the spectrum, Simpson's rule, values that add up, and what is left open."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest

Spectrum = dict[tuple[int, ...], Fraction]


def spectrum_of(n: int, seed: int, most: int | None = None) -> Spectrum:
    """Draw a coefficient for each set of players."""
    drawn = random.Random(seed)
    sizes = range((n if most is None else most) + 1)
    return {
        players: Fraction(drawn.randrange(-50, 51), 7)
        for size in sizes
        for players in itertools.combinations(range(n), size)
    }


def worth(spectrum: Spectrum, coalition: frozenset[int]) -> Fraction:
    return sum((c * (-1) ** sum(i not in coalition for i in players) for players, c in spectrum.items()), Fraction(0))


def coalitions_without(n: int, i: int) -> list[frozenset[int]]:
    others = [j for j in range(n) if j != i]
    return [frozenset(some) for size in range(n) for some in itertools.combinations(others, size)]


def shapley(spectrum: Spectrum, n: int, i: int) -> Fraction:
    """Compute a value by the definition."""
    total = Fraction(0)
    for some in coalitions_without(n, i):
        share = Fraction(math.factorial(len(some)) * math.factorial(n - len(some) - 1), math.factorial(n))
        total += share * (worth(spectrum, some | {i}) - worth(spectrum, some))
    return total


def weighted(spectrum: Spectrum, n: int, i: int, p: Fraction) -> Fraction:
    """Compute a weighted Banzhaf value by the definition."""
    total = Fraction(0)
    for some in coalitions_without(n, i):
        share = p ** len(some) * (1 - p) ** (n - 1 - len(some))
        total += share * (worth(spectrum, some | {i}) - worth(spectrum, some))
    return total


def ends(spectrum: Spectrum, n: int, i: int) -> Fraction:
    everyone = frozenset(range(n))
    gains = worth(spectrum, frozenset({i})) - worth(spectrum, frozenset())
    return (gains + worth(spectrum, everyone) - worth(spectrum, everyone - {i})) / 2


@pytest.mark.parametrize("n", [1, 2, 5])
def test_theorem_40(n: int) -> None:
    spectrum = spectrum_of(n, n)
    for i in range(n):
        own = {players: c for players, c in spectrum.items() if i in players}
        assert shapley(spectrum, n, i) == sum(2 * c / len(t) for t, c in own.items() if len(t) % 2 == 1)
        for p in (Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1)):
            mu = 2 * p - 1
            assert weighted(spectrum, n, i, p) == sum(2 * c * mu ** (len(t) - 1) for t, c in own.items())


@pytest.mark.parametrize("most", [4, 6])
def test_theorems_41_and_42(most: int) -> None:
    n = 6
    spectrum = spectrum_of(n, 3, most)
    for i in range(n):
        own = {players: c for players, c in spectrum.items() if i in players}
        banzhaf, a = weighted(spectrum, n, i, Fraction(1, 2)), ends(spectrum, n, i)
        assert a == sum(2 * c for t, c in own.items() if len(t) % 2 == 1)
        bias = (2 * banzhaf + a) / 3 - shapley(spectrum, n, i)
        fives = sum((2 * c for t, c in own.items() if len(t) == 5), Fraction(0))
        assert bias == fives * Fraction(2, 15)
        assert (bias == 0) == (most == 4)
        assert a - banzhaf == fives + sum(2 * c for t, c in own.items() if len(t) == 3)


def test_theorem_43() -> None:
    rng = np.random.default_rng(0)
    truth, variances = rng.normal(size=9), rng.uniform(0.1, 3.0, 9)
    estimate = truth + rng.normal(size=9) * np.sqrt(variances)
    lacking = truth.sum() - estimate.sum()
    projected = estimate + lacking * variances / variances.sum()
    assert np.isclose(projected.sum(), truth.sum())
    before, after = (((s - truth) ** 2 / variances).sum() for s in (estimate, projected))
    assert np.isclose(after, before - lacking**2 / variances.sum())


def test_theorem_44() -> None:
    """The mean is taken over all signs of four sets, three of which share players."""
    n = 6
    sets = {(0, 1, 2): Fraction(3), (0, 1, 3): Fraction(-1, 2), (0, 1, 2, 3, 4): Fraction(5), (3, 4, 5): Fraction(2, 3)}
    total = Fraction(0)
    for signs in itertools.product((1, -1), repeat=len(sets)):
        spectrum = {players: sign * c for (players, c), sign in zip(sets.items(), signs, strict=True)}
        differences = [shapley(spectrum, n, i) - weighted(spectrum, n, i, Fraction(1, 2)) for i in range(n)]
        total += sum(difference**2 for difference in differences)
    mean = total / 2 ** len(sets)
    assert mean == sum((2 * c) ** 2 / len(players) for players, c in sets.items())
    assert mean <= sum((2 * c) ** 2 for c in sets.values()) / 3
