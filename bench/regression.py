# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Time `banzhaf.fit`, scikit-learn and a few lines of NumPy on the same coalitions and worths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, main
from bench._games import numpy_fit
from bench._table import NOT_INSTALLED, Table, duration, verdict
from bench._timing import installed, interleave

SIZES = ((10, 200), (30, 600), (100, 2000), (300, 6000), (1000, 20000))
# Times faster than scikit-learn and NumPy without standard errors, and than NumPy with them.
_TARGETS = {(100, 2000): (10, 2, 1.5), (1000, 20000): (25, 3, 2)}

Coalitions = NDArray[np.bool_]
Floats = NDArray[np.float64]


def tables(options: Options) -> Iterator[Table]:
    table = Table(
        "Regression on the same coalitions",
        *("n, m", "fit", "fit, no standard errors", "scikit-learn", "NumPy"),
        *("scikit-learn ÷ fit, no s. e.", "NumPy ÷ fit, no s. e.", "target", "met", "NumPy ÷ fit", "target", "met"),
        note="""
            All get a boolean array of pairs and its worths. scikit-learn is LinearRegression on the dense design of
            +-1/2 with all m rows, as in the paper. NumPy takes differences of pairs, X^T X by BLAS and `solve`. `fit`
            finds the pairs itself, refines the solution, and also gives the rank, the condition number, r2 and robust
            standard errors. It is called with interactions="none". The others give values only, so the first targets
            are for `fit` without standard errors (no s. e.). Times are medians. Ratios are medians over the rounds,
            with quartiles in brackets.
        """,
    )
    for n, m in SIZES[:3] if options.quick else SIZES:
        coalitions = banzhaf.sample_coalitions(n, m, design="paired", random_state=0)
        rng = np.random.default_rng(0)
        worths = coalitions @ rng.normal(size=n) + rng.normal(size=len(coalitions))
        contenders: dict[str, Callable[[], Floats]] = {
            "fit": partial(_fit, coalitions, worths, options.threads, True),
            "values": partial(_fit, coalitions, worths, options.threads, False),
            "numpy": partial(_numpy, coalitions, worths),
        }
        if installed("sklearn"):
            contenders["sklearn"] = partial(_scikit_learn, coalitions, worths)
        timings = interleave(contenders, rounds=7 if options.quick else 21)
        table.disturbed(timings.unrest())
        for name, values in timings.results.items():
            np.testing.assert_allclose(values, timings.results["numpy"], atol=1e-9, err_msg=name)
        slow = timings.ratio("sklearn", "values") if "sklearn" in contenders else None
        fast = timings.ratio("numpy", "values")
        whole = timings.ratio("numpy", "fit")
        plain_cells, whole_cells = ["", ""], ["", ""]
        if (n, m) in _TARGETS:
            least_slow, least_fast, least_whole = _TARGETS[n, m]
            met = slow is not None and slow.median >= least_slow and fast.median >= least_fast
            plain_cells = [f">= {least_slow}x, >= {least_fast}x", verdict(met, timings.unrest())]
            whole_cells = [f">= {least_whole}x", verdict(whole.median >= least_whole, timings.unrest())]
        table.add(
            f"{n}, {m}",
            duration(timings.median("fit")),
            duration(timings.median("values")),
            duration(timings.median("sklearn")) if slow else NOT_INSTALLED,
            duration(timings.median("numpy")),
            slow or NOT_INSTALLED,
            fast,
            *plain_cells,
            whole,
            *whole_cells,
        )
    yield table


def _fit(coalitions: Coalitions, worths: Floats, threads: int, standard_errors: bool) -> Floats:
    return banzhaf.fit(
        coalitions, worths, num_threads=threads, standard_errors=standard_errors, interactions="none"
    ).values


def _numpy(coalitions: Coalitions, worths: Floats) -> Floats:
    return numpy_fit(coalitions[::2], worths[::2] - worths[1::2])


def _scikit_learn(coalitions: Coalitions, worths: Floats) -> Floats:
    from sklearn.linear_model import LinearRegression

    fitted = LinearRegression(fit_intercept=False).fit(coalitions - 0.5, worths)
    return np.asarray(fitted.coef_)


if __name__ == "__main__":
    main(tables, __doc__)
