# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Theorem 39 in rational arithmetic: values with every p from a few sums of coefficients."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

PLAYERS = 6


def worths_of(most: int, seed: int) -> dict[int, Fraction]:
    """Make the worths of all coalitions, with a coefficient of every set of at most so many players."""
    rng = np.random.default_rng(seed)
    sets = [s for s in range(2**PLAYERS) if s.bit_count() <= most]
    coefficients = {s: Fraction(int(rng.integers(-9, 10))) for s in sets}
    return {
        coalition: sum(((-1) ** (s & ~coalition).bit_count() * c for s, c in coefficients.items()), Fraction(0))
        for coalition in range(2**PLAYERS)
    }


def value_of(worths: dict[int, Fraction], player: int, p: Fraction) -> Fraction:
    """Compute a value by its definition."""
    found = Fraction(0)
    for coalition, worth in worths.items():
        if coalition >> player & 1:
            others = coalition.bit_count() - 1
            gain = worth - worths[coalition ^ 1 << player]
            found += p**others * (1 - p) ** (PLAYERS - 1 - others) * gain
    return found


def sum_of(worths: dict[int, Fraction], player: int, size: int) -> Fraction:
    """Add up 2 c_T over the sets T of a size with the player."""
    found = Fraction(0)
    for s in range(2**PLAYERS):
        if s.bit_count() == size and s >> player & 1:
            signed = sum((-1) ** (s & ~coalition).bit_count() * worth for coalition, worth in worths.items())
            found += Fraction(2 * signed, 2**PLAYERS)
    return found


@pytest.mark.parametrize("most", [4, 5])
def test_theorem_39(most):
    worths, everybody = worths_of(most, most), 2**PLAYERS - 1
    for i in (0, 4):
        first, last = worths[1 << i] - worths[0], worths[everybody] - worths[everybody ^ 1 << i]
        odd, even = (last + first) / 2, (last - first) / 2
        b, a, t = (sum_of(worths, i, size) for size in (1, 2, 3))
        assert b == value_of(worths, i, Fraction(1, 2))
        for p in (Fraction(1, 10), Fraction(2, 3)):
            mu = 2 * p - 1
            found = (1 - mu**2) * b + (mu - mu**3) * a + mu**2 * odd + mu**3 * even
            if most == 5:
                assert found != value_of(worths, i, p)
                found += mu**2 * (mu**2 - 1) * (odd - b - t)
            assert found == value_of(worths, i, p)
