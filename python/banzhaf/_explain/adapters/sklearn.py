# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""scikit-learn: pipelines that transform each distinct cell once, and forests without the cost of joblib per tree."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.adapters import lightgbm, xgboost
from banzhaf._explain.adapters.checked import Checked, Plain, encode_pool, pool_of
from banzhaf._explain.background import Encoded

__all__ = ["fast_way"]

_FORESTS = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")
_SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV")
# Transformers whose output column j is a function of input column j, cell by cell.
_CELL_BY_CELL = ("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "Binarizer", "OrdinalEncoder")


def fast_way(model: Any, plain: Plain, kind: str) -> Checked | None:
    """Return a faster way for a pipeline or a forest, or None if there is none for this model and kind of table."""
    if kind not in ("numpy", "pandas") or not _is(model, *_FORESTS, *_SEARCHES, "Pipeline"):
        return None
    steps = _steps(model)
    if steps is None or not _is_own(plain.function):
        return None
    *transformers, final = steps
    way = _final_way(final, plain.function.__name__)
    if kind == "pandas" and transformers and (_is(transformers[0], "ColumnTransformer") or _is_known(transformers[0])):
        return _Pipeline(plain, model, "scikit-learn on cells that are transformed once")
    if way is None or (transformers and kind == "pandas"):
        return None
    return _Pipeline(plain, model, way)


def _is(model: Any, *names: str) -> bool:
    """Tell whether a model's class is one of scikit-learn's, and not derived from one."""
    kind = type(model)
    return kind.__name__ in names and kind.__module__.partition(".")[0] == "sklearn"


def _is_own(function: Any) -> bool:
    return str(getattr(function, "__module__", None)).partition(".")[0] == "sklearn"


def _steps(model: Any) -> list[Any] | None:
    """List the transformers of a pipeline and its last step, or None if it is not fitted."""
    while _is(model, *_SEARCHES):
        model = getattr(model, "best_estimator_", None)
    if not _is(model, "Pipeline"):
        return None if model is None else [model]
    *transformers, last = [step for _, step in model.steps if step not in (None, "passthrough")] or [None]
    final = _steps(last)
    return None if final is None else [*transformers, *final]


def _final_way(final: Any, method: str) -> str | None:
    """Say how the last step can be called faster, or return None if only its own method can be."""
    if _is(final, *_FORESTS):
        return "a loop over the forest's trees" if _is_simple(final) else None
    found = _booster_way(final, method)
    return None if found is None else found.name


def _booster_way(final: Any, method: str) -> Checked | None:
    function = getattr(final, method, None)
    if not callable(function):
        return None
    plain = Plain(function)
    return xgboost.fast_way(final, plain, "numpy") or lightgbm.fast_way(final, plain, "numpy")


class _Pipeline(Checked):
    """The steps of a pipeline, or a single estimator."""

    def __init__(self, plain: Plain, model: Any, way: str) -> None:
        super().__init__(plain, way)
        self._model = model
        self._method = plain.function.__name__

    def fast(self, rows: NDArray[Any]) -> Any:
        *transformers, final = _steps(self._model) or [None]
        if not transformers:
            return _quickly(final, self._method, rows)  # else the model itself is called, on a table with names
        return _predict(transformers, final, self._method, rows)

    def encode(self, encoded: Encoded, kind: str) -> Encoded:
        if self._reason is not None or kind == "numpy":
            return encoded
        *transformers, _ = _steps(self._model) or [None]
        if not transformers:
            return super().encode(encoded, kind)
        if not encoded.are_codes:
            self._refuse("takes no columns that all have the same dtype")
            return encoded
        try:
            found = _transformed(transformers, self.plain.arranged(pool_of(encoded)))
        except Exception:  # an error of the user's rows, which the pipeline itself raises
            return encoded
        if found is None:
            self._refuse("does not know a transformer")
            return encoded
        pool, sources, n_steps, restore = found
        order = self.plain.column_order
        places = np.array(sources if order is None else [order[source] for source in sources], dtype=np.intp)
        return encode_pool(encoded, pool, places, _Rest(self._model, self._method, n_steps, restore))


class _Rest:
    """What a pipeline does after the steps that were applied to each distinct cell."""

    def __init__(self, model: Any, method: str, n_steps: int, restore: Callable[[NDArray[Any]], Any] | None) -> None:
        self._model = model
        self._method = method
        self._n_steps = n_steps
        self._restore = restore

    def __call__(self, numbers: NDArray[Any]) -> Any:
        *transformers, final = (_steps(self._model) or [])[self._n_steps :]
        rows = numbers if self._restore is None else self._restore(numbers)
        return _predict(transformers, final, self._method, rows)


def _predict(transformers: Sequence[Any], final: Any, method: str, rows: Any) -> Any:
    """Apply the transformers and predict by the final estimator, faster than by its own method if there is a way."""
    for transformer in transformers:
        rows = transformer.transform(rows)
    outputs = _quickly(final, method, rows) if isinstance(rows, np.ndarray) else None
    return getattr(final, method)(rows) if outputs is None else outputs


def _quickly(final: Any, method: str, rows: NDArray[Any]) -> Any:
    """Predict faster than by the estimator's own method, or return None if these rows must go that way."""
    if _is(final, *_FORESTS):
        return _forest(final, method, rows)
    way = _booster_way(final, method)
    return way.fast(rows) if way is not None and way.suits(rows) else None


def _is_simple(forest: Any) -> bool:
    """Tell whether a forest has one output, and predicts tree by tree."""
    return forest.n_jobs in (None, 1) and not forest.verbose and getattr(forest, "n_outputs_", None) == 1


def _forest(forest: Any, method: str, rows: NDArray[Any]) -> NDArray[np.float64] | None:
    """Average the trees in their order, or return None if the forest's own method does something else."""
    if not _is_simple(forest):
        return None
    cells = np.ascontiguousarray(rows, dtype=np.float32)
    if cells.shape[1] != forest.n_features_in_ or not math.isfinite(cells.sum(dtype=np.float64)):
        return None  # missing values are the forest's to accept or to refuse
    trees = [each.tree_ for each in forest.estimators_]
    if method == "predict_proba":
        outputs = np.zeros((len(cells), forest.n_classes_))
        for tree in trees:
            outputs += tree.predict(cells)
    else:
        outputs = np.zeros(len(cells))
        for tree in trees:
            outputs += tree.predict(cells)[:, 0]
    outputs /= len(trees)
    return outputs


def _transformed(
    transformers: Sequence[Any], pool: Any
) -> tuple[NDArray[Any], list[int], int, Callable[[NDArray[Any]], Any] | None] | None:
    """Apply the first transformers, as long as each of their outputs is a function of one column, cell by cell.

    Returns the outputs, the column of the pool behind each of them, the number of transformers that were applied, and
    how to turn dense outputs into the kind of array that the next step expects. None if no transformer is known.
    """
    sources = list(range(pool.shape[1]))
    outputs, n_steps = pool, 0
    for transformer in transformers:
        found = _sources(transformer, sources, outputs)
        if found is None:
            break
        applied = transformer.transform(outputs)
        if not hasattr(applied, "toarray") and not isinstance(applied, np.ndarray):  # set_output gives DataFrames
            break
        if applied.shape[1] != len(found):
            break
        outputs, sources, n_steps = applied, found, n_steps + 1
    if not n_steps:
        return None
    restore: Callable[[NDArray[Any]], Any] | None = None
    dense = outputs
    if hasattr(outputs, "toarray"):
        if outputs.format != "csr" or not np.all(outputs.data) or not outputs.has_sorted_indices:
            return None
        dense, restore = outputs.toarray(), type(outputs)
    elif outputs.flags.f_contiguous and not outputs.flags.c_contiguous:
        restore = np.asfortranarray
    if dense.dtype.char not in "fd":
        return None
    return np.ascontiguousarray(dense), sources, n_steps, restore


def _sources(transformer: Any, inputs: list[int], table: Any) -> list[int] | None:
    """List the source of each output column of a transformer whose input columns have the given sources."""
    if not _is(transformer, "ColumnTransformer"):
        places = _places(transformer, len(inputs))
        return None if places is None else [inputs[place] for place in places]
    known = list(getattr(transformer, "feature_names_in_", ()))
    labels = list(getattr(table, "columns", ()))
    if bool(known) != bool(labels):
        return None
    outputs: list[int | None] = [None] * sum(
        part.stop - part.start for part in transformer.output_indices_.values() if part.stop > part.start
    )
    for name, step, columns in transformer.transformers_:
        part = transformer.output_indices_[name]
        if part.stop == part.start:
            continue
        columns = [columns] if isinstance(columns, (str, int, np.integer)) else columns
        if not isinstance(columns, slice) and all(isinstance(each, str) for each in columns):
            fitted = [labels.index(each) for each in columns]
        else:
            numbers = np.arange(transformer.n_features_in_)[columns]
            fitted = [labels.index(known[number]) if labels else int(number) for number in numbers]
        places = _places(step, len(fitted))
        if places is None or len(places) != part.stop - part.start:
            return None
        outputs[part] = [inputs[fitted[place]] for place in places]
    return None if any(source is None for source in outputs) else outputs  # type: ignore[return-value]


def _is_known(transformer: Any) -> bool:
    return _is(transformer, *_CELL_BY_CELL, "OneHotEncoder", "SimpleImputer")


def _places(step: Any, n_inputs: int) -> list[int] | None:
    """List the input column behind each output column of a transformer, or None if that is not known."""
    same = list(range(n_inputs))
    if isinstance(step, str):
        return same if step == "passthrough" else None
    if _is(step, *_CELL_BY_CELL) or (_is(step, "FunctionTransformer") and step.func is None):
        return same
    if _is(step, "SimpleImputer"):
        empty = [] if step.keep_empty_features or step.strategy == "constant" else step.statistics_
        kept = [place for place in same if not len(empty) or empty[place] == empty[place]]
        return kept + ([int(place) for place in step.indicator_.features_] if step.add_indicator else [])
    if _is(step, "OneHotEncoder"):
        dropped = step.drop_idx_ if step.drop_idx_ is not None else [None] * n_inputs
        counts = [len(each) - (gone is not None) for each, gone in zip(step.categories_, dropped, strict=True)]
        if step.min_frequency is not None or step.max_categories is not None:
            if step.drop is not None:
                return None
            rare = [0 if each is None else len(each) - 1 for each in step.infrequent_categories_]
            counts = [count - joined for count, joined in zip(counts, rare, strict=True)]
        return [place for place in same for _ in range(counts[place])]
    if _is(step, "Pipeline"):
        for _, each in step.steps:
            found = _places("passthrough" if each is None else each, len(same))
            if found is None:
                return None
            same = [same[place] for place in found]
        return same
    return None
