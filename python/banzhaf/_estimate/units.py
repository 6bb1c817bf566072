# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Results whose squares leave the range of float64, divided by a power of 2 for each output."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from banzhaf._estimate.results import BanzhafValues

_LEAST, _MOST = 1e-50, 1e50


def units_of(values: BanzhafValues) -> NDArray[np.float64] | None:
    """Return a power of 2 for each output near the size of its worths; None if no output needs one."""
    kept = values._evaluations
    if kept is None:
        return None
    sizes = np.abs(np.where(np.isfinite(kept.worths), kept.worths, 0.0)).max(axis=0)
    usual = (sizes == 0) | ((sizes > _LEAST) & (sizes < _MOST))
    if usual.all():
        return None
    return np.ldexp(1.0, np.where(usual, 0, np.frexp(sizes)[1] - 1))


def in_units(values: BanzhafValues, units: NDArray[np.float64]) -> BanzhafValues:
    """Divide values, errors, variances and evaluations of a result by the units of its outputs."""
    kept = values._evaluations
    assert kept is not None  # of every result that has units
    of_outputs = of_each(values, units)
    worths = kept.worths / units
    # The result holds variances, which may be infinite or 0. Their sum is the variance of the worths, except that the
    # mean takes a degree of freedom from the sums of pairs.
    share = values.variance_shares[0]
    columns = [column[np.isfinite(column)] for column in worths.T]
    spread = np.array([np.var(column) for column in columns]).reshape(share.shape)
    total = spread / (1 - share * 2 / max(len(column) for column in columns))
    total = np.where(of_outputs == 1, values.even_variance + values.odd_variance, total)
    return dataclasses.replace(
        values,
        values=values.values / of_outputs,
        standard_errors=values.standard_errors / of_outputs,
        mean_worth=values.mean_worth / of_outputs,
        even_variance=total * share,
        odd_variance=total * (1 - share),
        end_worths=None if values.end_worths is None else values.end_worths / of_outputs,
        _evaluations=dataclasses.replace(kept, worths=worths),
    )


def of_each(values: BanzhafValues, units: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the units in the shape of a worth."""
    return units.reshape(values.values.shape[1:])
