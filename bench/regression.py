# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Least squares on the same coalitions and worths: `banzhaf.fit`, scikit-learn, and a few lines of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import banzhaf
from bench._command import Options, main
from bench._games import numpy_fit
from bench._table import Table, duration, verdict
from bench._timing import installed, interleave

SIZES = ((10, 200), (30, 600), (100, 2000), (300, 6000), (1000, 20000))
_TARGETS = {(100, 2000): (10, 2), (1000, 20000): (25, 3)}  # times faster than scikit-learn, NumPy


def tables(options: Options) -> Iterator[Table]:
    table = Table(
        "Regression on the same coalitions",
        *("n, m", "fit", "fit, no standard errors", "scikit-learn", "NumPy"),
        *("scikit-learn / fit", "NumPy / fit", "NumPy / fit, no standard errors", "target", "met"),
        notes=(
            "All get a boolean array of pairs and its worths. scikit-learn: LinearRegression on the dense design of "
            "+-1/2, all m rows, the paper's way. NumPy: pair differences, X^T X by BLAS, `solve`. `fit` finds the "
            "pairs by itself, refines, and gives rank, condition number, r2 and (first column) robust standard errors; "
            "the others give values alone, so the targets are for `fit` without standard errors. Medians; in "
            "brackets the quartiles of the rounds' ratios.",
        ),
    )
    for n, m in SIZES[:3] if options.quick else SIZES:
        coalitions = banzhaf.sample_coalitions(n, m, random_state=0)
        rng = np.random.default_rng(0)
        worths = coalitions @ rng.normal(size=n) + rng.normal(size=len(coalitions))

        def fit(standard_errors: bool, coalitions: Any = coalitions, worths: Any = worths) -> np.ndarray:
            return banzhaf.fit(
                coalitions, worths, num_threads=options.threads, standard_errors=standard_errors
            ).values

        contenders: dict[str, Callable[[], np.ndarray]] = {
            "fit": lambda fit=fit: fit(True),
            "values": lambda fit=fit: fit(False),
            "numpy": lambda c=coalitions, w=worths: numpy_fit(c[::2], w[::2] - w[1::2]),
        }
        if installed("sklearn"):
            contenders["sklearn"] = lambda c=coalitions, w=worths: _scikit_learn(c, w)
        timings = interleave(contenders, rounds=7 if options.quick else 21)
        for name, values in timings.results.items():
            np.testing.assert_allclose(values, timings.results["numpy"], atol=1e-9, err_msg=name)
        slow = timings.ratio("sklearn", "values") if "sklearn" in contenders else None
        fast = timings.ratio("numpy", "values")
        least = _TARGETS.get((n, m))
        table.add(
            f"{n}, {m}",
            duration(timings.median("fit")),
            duration(timings.median("values")),
            duration(timings.median("sklearn")) if slow else "not installed",
            duration(timings.median("numpy")),
            slow or "not installed",
            timings.ratio("numpy", "fit"),
            fast,
            f">= {least[0]}x, >= {least[1]}x" if least else "",
            verdict(slow is not None and slow.median >= least[0] and fast.median >= least[1]) if least else "",
        )
    yield table


def _scikit_learn(coalitions: np.ndarray, worths: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LinearRegression

    return LinearRegression(fit_intercept=False).fit(coalitions - 0.5, worths - worths.mean()).coef_


if __name__ == "__main__":
    main(tables, __doc__)
