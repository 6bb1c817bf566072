# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Time `banzhaf.exact` and `banzhaf.walsh_hadamard` against NumPy, given all 2^n worths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._games import all_coalitions
from bench._table import Table, duration, verdict
from bench._timing import Timings, interleave

_TARGET = 50
_DENSE = 12  # players; for these the Hadamard matrix is made in full

Worths = NDArray[np.float64]
Contender = Callable[[], Worths]


def tables(options: Options) -> Iterator[Table]:
    rounds = 5 if options.quick else 21
    n = 16 if options.quick else 20
    worths = np.random.default_rng(0).normal(size=2**n)
    signs = all_coalitions(n) * 2.0 - 1.0
    forms: dict[str, Contender] = {
        "matrix product, including the time to make the +-1 matrix": partial(_matrix_product, worths, n),
        "matrix product, with the +-1 matrix given": lambda: worths @ signs * 2.0 ** (1 - n),
        "loop over players, rows by a boolean mask": partial(_loop_masks, worths, n),
        "loop over players, rows by their numbers": partial(_loop_numbers, worths, n),
        "loop over players, worths reshaped to (..., 2, 2^i)": partial(_loop_views, worths, n),
        "loop over players, worths folded in half each time": partial(_loop_folds, worths, n),
    }
    ours = "`banzhaf.exact`"
    timings = interleave(
        {ours: lambda: banzhaf.exact(worths, n, num_threads=options.threads).values, **forms}, rounds=rounds
    )
    table = Table(
        f"Exact values from all 2^{n} worths",
        *("method", "time", "time ÷ that of `banzhaf.exact`", f">= {_TARGET}x"),
        note="""
            `banzhaf.exact` also checks that all worths are finite, and gives their mean and r2. Its core folds the
            worths too. Times are medians. Ratios are medians over the rounds, with quartiles in brackets.
        """,
    )
    _fill(table, timings, ours, target=_TARGET)
    yield table

    table = Table(
        "All Walsh-Hadamard coefficients",
        *("method", "time", "time ÷ that of `banzhaf.walsh_hadamard`"),
        note="Times are medians. Ratios are medians over the rounds, with quartiles in brackets.",
    )
    for players in (_DENSE, n):
        given = worths[: 2**players]
        ours = f"`banzhaf.walsh_hadamard`, n = {players}"
        contenders: dict[str, Contender] = {
            ours: partial(banzhaf.walsh_hadamard, given, num_threads=options.threads),
            f"NumPy butterflies, n = {players}": partial(_butterflies, given),
        }
        if players == _DENSE:
            product = partial(np.matmul, _hadamard(players) / 2**players, given)
            contenders[f"NumPy matrix product, with the matrix given, n = {players}"] = product
        _fill(table, interleave(contenders, rounds=rounds), ours)
    yield table


def _fill(table: Table, timings: Timings, ours: str, target: int | None = None) -> None:
    table.disturbed(timings.unrest())
    for name in timings.seconds:
        np.testing.assert_allclose(timings.results[name], timings.results[ours], atol=1e-8, err_msg=name)
        cells: list[Any] = [name, duration(timings.median(name))]
        if name == ours:
            cells += [""] * (len(table.columns) - 2)
        else:
            ratio = timings.ratio(name, ours)
            cells += [ratio] if target is None else [ratio, verdict(ratio.median >= target, timings.unrest(name, ours))]
        table.add(*cells)


def _matrix_product(worths: Worths, n: int) -> Worths:
    return worths @ (all_coalitions(n) * 2.0 - 1.0) * 2.0 ** (1 - n)


def _loop_masks(worths: Worths, n: int) -> Worths:
    rows = np.arange(len(worths))
    values = np.empty(n)
    for i in range(n):
        inside = (rows >> i & 1).astype(bool)
        values[i] = worths[inside].mean() - worths[~inside].mean()
    return values


def _loop_numbers(worths: Worths, n: int) -> Worths:
    rows = np.arange(len(worths))
    values = np.empty(n)
    for i in range(n):
        without = rows[rows >> i & 1 == 0]
        values[i] = (worths[without | 1 << i] - worths[without]).mean()
    return values


def _loop_views(worths: Worths, n: int) -> Worths:
    values = np.empty(n)
    for i in range(n):
        halves = worths.reshape(-1, 2, 2**i)
        values[i] = (halves[:, 1] - halves[:, 0]).mean()
    return values


def _loop_folds(worths: Worths, n: int) -> Worths:
    values = np.empty(n)
    for i in reversed(range(n)):
        low, high = worths[: 2**i], worths[2**i :]
        values[i] = (high - low).sum() * 2.0 ** (1 - n)
        worths = low + high
    return values


def _butterflies(worths: Worths) -> Worths:
    terms = worths.copy()
    for i in range(len(worths).bit_length() - 1):
        halves = terms.reshape(-1, 2, 2**i)
        low, high = halves[:, 0] + halves[:, 1], halves[:, 0] - halves[:, 1]
        halves[:, 0], halves[:, 1] = low, high
    return terms / len(terms)


def _hadamard(n: int) -> Worths:
    matrix = np.ones((1, 1))
    for _ in range(n):
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


if __name__ == "__main__":
    main(tables, __doc__)
