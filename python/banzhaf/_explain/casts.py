# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Casts of the explained rows to the background's dtypes. A cast that would change a value, beyond rounding, fails."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.rows import NUMBERS, is_missing

__all__ = ["cast_numpy", "cast_pandas", "cast_polars", "same_pandas_dtype"]

_TEXTS = "SUT"  # the dtype kinds that are strings


def cast_numpy(given: NDArray[Any], dtype: np.dtype[Any], what: str) -> NDArray[Any]:
    """Cast an array. An error calls it `what`.

    Raises
    ------
    ValueError
        If the cast would change a value.
    """
    if given.dtype == dtype or (given.dtype.kind in _TEXTS and given.dtype.kind == dtype.kind):
        return given
    if "O" not in (given.dtype.kind, dtype.kind) and (given.dtype.kind in _TEXTS) != (dtype.kind in _TEXTS):
        raise _misfit(what, given.dtype, dtype)
    if given.dtype.kind == "c" and dtype.kind in NUMBERS:
        if len(lost := given[given.imag != 0]):
            raise _misfit(what, given.dtype, dtype, lost)
        given = given.real
    try:
        with np.errstate(all="ignore"):
            cast = given.astype(dtype.kind if dtype.kind in "SU" else dtype)  # without a width, nothing is cut
            lost = given[_changed(given, cast)]
    except (TypeError, ValueError, OverflowError) as error:
        raise _misfit(what, given.dtype, dtype) from error
    if len(lost):
        raise _misfit(what, given.dtype, dtype, lost)
    return cast


def cast_pandas(given: Any, dtype: Any, what: str) -> Any:
    """Cast a Series, in the same way as `cast_numpy`."""
    import pandas as pd

    if isinstance(dtype, pd.CategoricalDtype):
        codes = dtype.categories.get_indexer(given)
        present = given.notna().to_numpy()
        unknown = given[(codes < 0) & present]
        if len(unknown):
            raise _no_category(what, unknown.to_list()[0])
        for value, category in zip(given[present].to_list(), dtype.categories[codes[present]], strict=True):
            # pandas looks integers beyond 2^53 up by their float64.
            if value != category or _clock(value) != _clock(category):
                raise _no_category(what, value)
        return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype), index=given.index)
    if isinstance(given.dtype, np.dtype) and isinstance(dtype, np.dtype):
        return pd.Series(cast_numpy(given.to_numpy(), dtype, what), index=given.index, dtype=dtype)
    try:
        cast = given.astype(dtype)
        if dtype.kind == given.dtype.kind == "f":
            first, second = (column.to_numpy(dtype=np.float64, na_value=np.nan) for column in (given, cast))
            lost = first[_rounded_away(first, second, _precision(dtype))]
        else:
            first, second = (column.astype(object).to_numpy() for column in (given, cast))
            lost = first[_changed(first, second)]
    except (TypeError, ValueError, OverflowError, NotImplementedError) as error:
        raise _misfit(what, given.dtype, dtype) from error
    if len(lost):
        raise _misfit(what, given.dtype, dtype, lost)
    return cast


def same_pandas_dtype(first: Any, second: Any) -> bool:
    """Compare two dtypes. Unordered categories are equal in any order, but their codes are not."""
    return bool(first == second) and (first.name != "category" or first.categories.equals(second.categories))


def cast_polars(given: Any, dtype: Any, what: str) -> Any:
    """Cast a Series, in the same way as `cast_numpy`."""
    import polars as pl

    try:
        text = given.cast(pl.String) if dtype in (pl.Categorical, pl.Enum) else given
        unknown: Any = text.filter(~text.is_in(dtype.categories)) if dtype == pl.Enum else ()
        if len(unknown):
            raise _no_category(what, unknown[0])
        cast = text.cast(dtype)
        lost = _lost_in_polars(given, cast)
    except (TypeError, OverflowError, pl.exceptions.PolarsError) as error:
        raise _misfit(what, given.dtype, dtype) from error
    if len(lost):
        raise _misfit(what, given.dtype, dtype, lost)
    return cast


def _lost_in_polars(given: Any, cast: Any) -> Any:
    import polars as pl

    if given.dtype.is_float() and cast.dtype.is_float():
        first, second = (column.cast(pl.Float64).to_numpy() for column in (given, cast))
        precision = np.finfo(np.float32 if cast.dtype == pl.Float32 else np.float64).eps
        return first[_rounded_away(first, second, precision)]
    first, second = (_objects(column.to_list()) for column in (given, cast))
    changed = _changed(first, second)
    if given.dtype.is_temporal() and not changed.any():  # Python's dates end at microseconds
        changed = given.ne_missing(cast.cast(given.dtype)).to_numpy()
    return first[changed]


def _no_category(what: str, value: Any) -> ValueError:
    """Make the error for a value that is not a category of its column."""
    return ValueError(
        f"{what} holds {value!r}, which is not a category of background's column: leave out such rows, or add the "
        "category to background if model knows it"
    )


def _changed(given: NDArray[Any], cast: NDArray[Any]) -> Any:
    """Tell which values a cast has changed."""
    kinds = given.dtype.kind + cast.dtype.kind
    if kinds == "ff":
        return _rounded_away(given, cast, np.finfo(cast.dtype).eps)
    if kinds in ("bf", "bi", "bu", "bc"):
        return np.zeros(given.shape, dtype=np.bool_)
    if kinds in ("fi", "fu"):  # outside the integer's range the result depends on the CPU
        limits, numbers = np.iinfo(cast.dtype), _at_least_float64(given)
        inside = (numbers >= float(limits.min)) & (numbers < 2.0 * (limits.max // 2 + 1))
        return ~(inside & (np.trunc(numbers) == numbers))
    if all(kind in "iu" for kind in kinds):
        return (cast.astype(given.dtype) != given) | ((given < 0) != (cast < 0))
    if kinds in ("if", "uf"):
        # NumPy compares the two inexactly, so the float must lie in the range and convert back to the same integer.
        top = 2.0 * (np.iinfo(given.dtype).max // 2 + 1)
        inside = _at_least_float64(cast) < top
        return ~inside | (np.where(inside, cast, 0).astype(given.dtype) != given)
    if kinds in ("mm", "MM"):  # comparing would convert both to the finer unit, which may overflow
        both = np.isnat(given) & np.isnat(cast)
        return ~both & (cast.astype(given.dtype) != given)
    missing = is_missing(given) & is_missing(cast)
    changed = np.zeros(given.shape, dtype=np.bool_)
    changed[~missing] = given[~missing] != cast[~missing]
    for place in zip(*np.nonzero(~changed & ~missing), strict=True) if cast.dtype == object else ():
        changed[place] = _clock(given[place]) != _clock(cast[place])
    return changed


def _clock(value: Any) -> Any:
    """Return the UTC offset of a time: equal times in different zones differ in the hour that a model sees."""
    return value.utcoffset() if isinstance(value, datetime.datetime) else None


def _rounded_away(given: NDArray[Any], cast: NDArray[Any], precision: Any) -> Any:
    """Tell which floats have changed by more than rounding, that is by overflow or underflow."""
    with np.errstate(all="ignore"):
        close = np.abs(cast.astype(given.dtype) - given) <= precision * np.abs(given)
    return ~(close | (given == cast) | (np.isnan(given) & np.isnan(cast)))


def _precision(dtype: Any) -> Any:
    """Return the distance from 1 to the next larger number of a floating dtype of pandas."""
    for name in ("numpy_dtype", "subtype"):  # of nullable and Arrow dtypes, and of sparse ones
        dtype = getattr(dtype, name, dtype)
    return np.finfo(dtype).eps


def _at_least_float64(numbers: NDArray[Any]) -> NDArray[Any]:
    return numbers if numbers.dtype.itemsize >= 8 else numbers.astype(np.float64)


def _objects(values: list[Any]) -> NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _misfit(what: str, given: Any, wanted: Any, lost: Any = ()) -> ValueError:
    value = lost[:1].tolist()[0] if len(lost) else None
    advice = "give both a dtype that can"
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        advice = "convert X to background's time zone"
    if isinstance(value, float) and getattr(wanted, "kind", "") in NUMBERS:
        advice += ", such as float64"
    return ValueError(
        f"{what} has dtype {given} where background has {wanted}, which cannot hold "
        f"{repr(value) if len(lost) else 'its values'}; {advice}"
    )
