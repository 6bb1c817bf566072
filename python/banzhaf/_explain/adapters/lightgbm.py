# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""LightGBM: prediction through the library's C interface, into a buffer that is ready."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.adapters.checked import Checked, Plain, both_classes, codes_of, is_own, numbers_of
from banzhaf._explain.labels import is_booster, is_of

__all__ = ["fast_way"]

_FLOAT_TYPES = {"f": 0, "d": 1}  # as in LightGBM's c_api.h
_ROW_MAJOR = 1
_VALUES = 0


def fast_way(model: Any, plain: Plain, kind: str) -> Checked | None:
    """Return prediction through the C interface for a model of LightGBM, or None for any other model."""
    function = plain.function
    if kind not in ("numpy", "pandas"):
        return None
    if is_booster(model, "lightgbm"):
        return _Direct(plain, model) if is_own(function, "lightgbm.basic") else None
    if not is_of(model, "lightgbm") or not is_own(function, "lightgbm.sklearn"):
        return None
    # Parameters may stop a prediction early, or start it at a later tree.
    changed = [name for name in model.get_params() if "predict" in name or "pred_" in name or "iteration" in name]
    if changed or callable(getattr(model, "objective", None)):
        return None
    return _Direct(plain, model)


class _Direct(Checked):
    """Prediction of a Booster, or of the Booster of an estimator."""

    def __init__(self, plain: Plain, model: Any) -> None:
        super().__init__(plain, "LightGBM's C interface")
        self._model = model
        self._is_booster = is_booster(model, "lightgbm")
        self._of_classes = plain.function.__name__ == "predict_proba"
        self._written: tuple[Any, str] | None = None  # the parameters for the last n_jobs

    def _booster(self) -> Any:
        return self._model if self._is_booster else self._model.booster_

    def fast(self, rows: NDArray[Any]) -> Any:
        outputs = _predict(self._booster(), rows, "" if self._is_booster else self._parameters())
        if not self._of_classes or outputs.ndim == 2:
            return outputs
        return both_classes(outputs)

    def _parameters(self) -> str:
        """Return the estimator's number of threads and verbosity, as LightGBM writes parameters."""
        threads = self._model.n_jobs
        known = self._written
        if known is None or known[0] != threads:
            known = self._written = threads, self._written_for(threads)
        return known[1]

    def _written_for(self, threads: Any) -> str:
        given = self._model.get_params()
        choose = getattr(self._model, "_process_n_jobs", None)  # counts physical cores, which takes a while
        chosen = choose(threads) if callable(choose) else threads
        known = {
            "num_threads": given.get("num_threads", chosen),
            "verbosity": given.get("verbosity", given.get("verbose")),
        }
        return " ".join(f"{name}={value}" for name, value in known.items() if isinstance(value, int))

    def numbers(self, pool: Any) -> list[NDArray[np.float64]] | None:
        return _numbers(pool, self._booster().pandas_categorical)


def _numbers(pool: Any, categories: list[list[Any]] | None) -> list[NDArray[np.float64]] | None:
    """Convert the columns of a DataFrame to numbers as LightGBM does: a category is its place in training."""
    known = iter(categories or [])
    columns = []
    for _, column in pool.items():
        if hasattr(column, "cat"):
            places = next(known, None)
            if places is None:
                return None
            columns.append(codes_of(column, places))
            continue
        numbers = numbers_of(column)
        if numbers is None:
            return None
        columns.append(numbers)
    return columns if next(known, None) is None else None


def _predict(booster: Any, rows: NDArray[Any], parameters: str) -> NDArray[np.float64]:
    """Predict by the iterations up to the best one, as LightGBM's own predict does."""
    import lightgbm.basic

    library = vars(lightgbm.basic)["_LIB"]

    n_rows, n_columns = rows.shape
    handle = booster._handle
    last = ctypes.c_int(booster.best_iteration)
    n_outputs = ctypes.c_int64()
    settings = parameters.encode()
    if n_columns != booster.num_feature() or library.LGBM_BoosterCalcNumPredict(
        handle, ctypes.c_int(n_rows), ctypes.c_int(_VALUES), ctypes.c_int(0), last, ctypes.byref(n_outputs)
    ):
        raise ValueError("LightGBM refused the rows")
    outputs = np.empty(n_outputs.value)
    n_written = ctypes.c_int64()
    kind = ctypes.c_int(_FLOAT_TYPES[rows.dtype.char])
    cells, results = ctypes.c_void_p(rows.ctypes.data), ctypes.c_void_p(outputs.ctypes.data)
    shared = (ctypes.c_int(_ROW_MAJOR), ctypes.c_int(_VALUES), ctypes.c_int(0), last, ctypes.c_char_p(settings))
    if n_rows == 1:  # starts no threads
        status = library.LGBM_BoosterPredictForMatSingleRow(
            handle, cells, kind, ctypes.c_int(n_columns), *shared, ctypes.byref(n_written), results
        )
    else:
        status = library.LGBM_BoosterPredictForMat(
            handle,
            cells,
            kind,
            ctypes.c_int32(n_rows),
            ctypes.c_int32(n_columns),
            *shared,
            ctypes.byref(n_written),
            results,
        )
    if status or n_written.value != n_outputs.value:
        raise ValueError("LightGBM refused the rows")
    return outputs if outputs.size == n_rows else outputs.reshape(n_rows, -1)
