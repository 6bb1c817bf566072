# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""XGBoost: its in-place prediction through the library's C interface, without a copy of the rows."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._explain.adapters.checked import Checked, Direct, Plain, both_classes, codes_of, is_own, numbers_of
from banzhaf._explain.labels import is_booster, is_of

__all__ = ["fast_way"]


def fast_way(model: Any, plain: Plain, kind: str) -> Checked | None:
    """Return in-place prediction for a tree model of XGBoost, or None for any other model."""
    if kind not in ("numpy", "pandas"):
        return None
    if is_booster(model, "xgboost"):
        return _InPlace(plain, model) if is_own(plain.function, "xgboost.core") else None
    if not is_of(model, "xgboost") or not is_own(plain.function, "xgboost.sklearn"):
        return None
    if model.booster == "gblinear" or callable(model.objective) or not _is_nan(model.missing):
        return None
    if plain.function.__name__ == "predict_proba":
        # predict_proba of multi:softmax makes probabilities of margins, with SciPy.
        return None if model.objective == "multi:softmax" else _InPlace(plain, model)
    return _InPlace(plain, model)


class _InPlace(Checked):
    """In-place prediction of a Booster, or of the Booster of an estimator."""

    def __init__(self, plain: Plain, model: Any) -> None:
        super().__init__(plain, "XGBoost's in-place prediction")
        self._model = model
        self._is_booster = is_booster(model, "xgboost")
        self._of_classes = plain.function.__name__ == "predict_proba"
        self._direct: dict[str, Direct] = {}  # by the cells' type

    def fast(self, rows: NDArray[Any]) -> Any:
        if self._is_booster:
            return _predict(self._model, rows, 0)
        if not _is_nan(self._model.missing):
            return None
        outputs = _predict(self._model.get_booster(), rows, self._n_iterations())
        if not self._of_classes or outputs.ndim == 2:
            return outputs
        if self._model.n_classes_ != 2:
            return None
        return both_classes(outputs)

    def _n_iterations(self) -> int:
        """Return how many iterations the predictions of an estimator take, or 0 for all of them."""
        try:
            return int(self._model.best_iteration) + 1
        except AttributeError:  # trained without early stopping
            return 0

    def direct(self, cells: NDArray[Any]) -> Direct | None:
        model = self._model
        if self._is_booster:
            booster = model
        elif not _is_nan(model.missing):
            return None
        else:
            booster = model.get_booster()
        kept = self._direct.get(cells.dtype.char)
        if kept is None or kept.owner is not booster or kept.handle != booster.handle.value:
            kept = self._make_direct(booster, cells.dtype.str)
            if not self._is_booster and kept.core.n_iterations != self._n_iterations():
                return None
            self._direct = {**self._direct, cells.dtype.char: kept}  # never changed, because threads read it
        return kept if kept.core.is_for(cells.shape[1]) else None

    def _make_direct(self, booster: Any, typestr: str) -> Direct:
        import xgboost.core

        library = vars(xgboost.core)["_LIB"]
        trailing = self._trailing or ()
        core = _core.XGBoostModel(
            predict=_address(library.XGBoosterPredictFromDense),
            get_num_feature=_address(library.XGBoosterGetNumFeature),
            get_attr=_address(library.XGBoosterGetAttr),
            handle=booster.handle.value,
            stops_early=not self._is_booster,
            both_classes=self._of_classes and self._model.n_classes_ == 2,
            typestr=typestr,
            n_outputs=trailing[0] if trailing else 1,
        )
        return Direct(core, trailing, booster, booster.handle.value)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out addresses."""
        return super().__getstate__() | {"_direct": {}}

    def numbers(self, pool: Any) -> list[NDArray[np.float64]] | None:
        if not any(hasattr(column, "cat") for _, column in pool.items()):
            return super().numbers(pool)
        booster = self._model if self._is_booster else self._model.get_booster()
        try:  # XGBoost 3.1 keeps the categories, and pyarrow reads them
            trained = [places for _, places in booster.get_categories(export_to_arrow=True).to_arrow()]
        except (AttributeError, ImportError):
            return None
        columns = []
        for (_, column), places in zip(pool.items(), trained, strict=True):
            numbers = numbers_of(column) if places is None else _codes(column, places.tolist())
            if numbers is None:
                return None
            columns.append(numbers)
        return columns


def _address(function: Any) -> int:
    """Return where a function of a library is."""
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def _codes(column: Any, places: list[Any]) -> NDArray[np.float64] | None:
    """Return the places of a column's categories in those of training."""
    if not hasattr(column, "cat"):
        return None
    codes = codes_of(column, places)
    if np.any(np.isnan(codes) & column.notna().to_numpy()):
        raise ValueError("a category is not in the training set")
    return codes


def _is_nan(missing: Any) -> bool:
    return missing is None or (isinstance(missing, float) and math.isnan(missing))


def _predict(booster: Any, rows: NDArray[Any], end: int) -> NDArray[np.float32]:
    """Predict by the first `end` iterations, or by all of them if `end` is 0."""
    import xgboost.core

    if booster.num_features() != rows.shape[1]:
        raise ValueError(f"model has {booster.num_features()} features, rows have {rows.shape[1]}")
    address = rows.__array_interface__["data"][0]
    interface = (
        f'{{"data": [{address}, true], "shape": [{rows.shape[0]}, {rows.shape[1]}], '
        f'"typestr": "{rows.dtype.str}", "version": 3, "strides": null}}'
    )
    settings = (
        f'{{"type": 0, "training": false, "iteration_begin": 0, "iteration_end": {end}, "missing": NaN, '
        '"strict_shape": false, "cache_id": 0}'
    )
    shape, n_dimensions = ctypes.POINTER(ctypes.c_uint64)(), ctypes.c_uint64()
    outputs = ctypes.POINTER(ctypes.c_float)()
    status = vars(xgboost.core)["_LIB"].XGBoosterPredictFromDense(
        booster.handle,
        interface.encode(),
        settings.encode(),
        ctypes.c_void_p(),
        ctypes.byref(shape),
        ctypes.byref(n_dimensions),
        ctypes.byref(outputs),
    )
    if status:
        raise ValueError("XGBoost refused the rows")
    copied = np.empty(tuple(shape[place] for place in range(n_dimensions.value)), dtype=np.float32)
    ctypes.memmove(
        copied.ctypes.data, outputs, copied.nbytes
    )  # the library reuses its memory in the thread's next call
    return copied
