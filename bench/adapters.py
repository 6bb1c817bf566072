# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Time models of each library through their own predict and through the adapter that Explainer picks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from banzhaf._explain.models import as_model
from banzhaf._explain.tables import as_background
from bench._command import Options, main
from bench._table import NOT_INSTALLED, Table, duration
from bench._timing import installed, interleave

_N_ROWS = 3000
_N_BACKGROUND = 50
_ROWS_PER_CALL = (1, 50, 1600)

Prepared = tuple[Any, Any, Callable[[Any], Any]]  # the model, a table of rows, the model's own way


def tables(options: Options) -> Iterator[Table]:
    table = Table(
        "Calls of a model on masked rows: its own method and the adapter",
        *("model", "rows from", "rows per call", "own method", "adapter", "own method ÷ adapter", "same bits"),
        note="""
            Both columns include the conversion of masked cells to the rows that are passed. The models have 100 trees
            of default depth, or 2 hidden layers of 64. Tables have 8 columns. "Texts" have four columns of strings or
            categories and four of numbers. An XGBoost Booster's own method is predict on a DMatrix, that of a session
            is run with all outputs, that of a module is a call without gradients.
            Times are medians. Ratios are medians over the rounds, with quartiles in brackets.
        """,
    )
    for name, (libraries, rows_from, make) in _MODELS.items():
        missing = [library for library in libraries if not installed(library)]
        if missing:
            table.add(name, rows_from, "", f"{missing[0]} {NOT_INSTALLED}", "", "", "")
            continue
        model, rows, own = make()
        for n_rows in _ROWS_PER_CALL:
            _add(table, options, (name, rows_from), (model, rows, own), n_rows)
    yield table


def _add(table: Table, options: Options, names: tuple[str, str], prepared: Prepared, n_rows: int) -> None:
    """Time both ways on the same cells."""
    model, rows, own = prepared
    background = as_background(rows[:_N_BACKGROUND])
    adapted = as_model(model, background)
    encoded = background.encode(rows[_N_BACKGROUND : _N_BACKGROUND + 1])
    short = adapted.encode(background, rows[_N_BACKGROUND : _N_BACKGROUND + 1])
    rng = np.random.default_rng(0)
    inside = rng.random((n_rows, background.n_columns)) < 0.5
    cells = np.where(
        inside, encoded.explicand_cells, encoded.background_cells[rng.integers(_N_BACKGROUND, size=n_rows)]
    )
    timed = interleave(
        {
            "own": lambda: np.asarray(own(encoded.decode(cells))),
            "adapter": lambda: np.asarray(adapted.predict(short.decode(cells))),
        },
        rounds=5 if options.quick else 15,
        seconds=3.0 if options.quick else 15.0,
    )
    same = np.array_equal(*timed.results.values())
    ratio = timed.ratio("own", "adapter")
    table.add(
        *names, n_rows, duration(timed.median("own")), duration(timed.median("adapter")), ratio, "yes" if same else "no"
    )
    table.disturbed(timed.unrest())


def _numbers() -> tuple[Any, Any]:
    rows = np.random.default_rng(0).normal(size=(_N_ROWS, 8))
    return rows, rows[:, 0] * rows[:, 1] + rows[:, 2] > 0


def _frame() -> tuple[Any, Any]:
    import pandas as pd

    rows, target = _numbers()
    return pd.DataFrame(rows, columns=list("abcdefgh")), target


def _texts(*, categories: bool) -> tuple[Any, Any]:
    """Four columns of strings or categories, and four of numbers with gaps."""
    rows, _ = _frame()
    rng = np.random.default_rng(1)
    for column, levels in zip("abcd", ("pqrs", "tu", "vwxyz", "klm"), strict=True):
        rows[column] = rng.choice(list(levels), _N_ROWS)
        rows[column] = rows[column].astype("category") if categories else rows[column]
    rows["e"] = rows.e.where(rng.random(_N_ROWS) > 0.1)
    return rows, ((rows.a == "p") * 1.0 + rows.f * (rows.c == "v") + rows.g > 0).to_numpy()


def _fitted(made: Any, rows: Any, target: Any) -> Prepared:
    made.fit(rows, target)
    return made, rows, made.predict_proba


def _xgboost(rows: Callable[[], tuple[Any, Any]], **options: Any) -> Prepared:
    import xgboost

    return _fitted(xgboost.XGBClassifier(n_estimators=100, **options), *rows())


def _booster() -> Prepared:
    import xgboost

    model, rows, _ = _xgboost(_numbers)
    booster = model.get_booster()
    return booster, rows, lambda rows: booster.predict(xgboost.DMatrix(rows))


def _lightgbm(rows: Callable[[], tuple[Any, Any]]) -> Prepared:
    import lightgbm

    return _fitted(lightgbm.LGBMClassifier(n_estimators=100, verbose=-1), *rows())


def _forest() -> Prepared:
    from sklearn.ensemble import RandomForestClassifier

    return _fitted(RandomForestClassifier(100, random_state=0), *_numbers())


def _pipeline(last: str) -> Prepared:
    """A pipeline that encodes strings, fills gaps and scales numbers."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    final = {
        "linear": LogisticRegression(),
        "boosting": GradientBoostingClassifier(random_state=0),
        "forest": RandomForestClassifier(100, random_state=0),
    }
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), list("abcd")),
        (make_pipeline(SimpleImputer(), StandardScaler()), list("efgh")),
    )
    return _fitted(make_pipeline(encode, final[last]), *_texts(categories=False))


def _session(*, zipmap: bool) -> Prepared:
    import onnxruntime
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier

    rows, target = _numbers()
    network = MLPClassifier((64, 64), tol=1.0, n_iter_no_change=5, random_state=0).fit(rows, target)
    converted = to_onnx(network, rows[:1].astype(np.float32), options={"zipmap": zipmap})
    session = onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])

    def own(rows: Any) -> Any:
        outputs = session.run(None, {"X": rows.astype(np.float32)})[1]
        return [[row[label] for label in sorted(row)] for row in outputs] if zipmap else outputs

    return session, rows, own


def _module() -> Prepared:
    import torch

    layers = torch.nn.Linear(8, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2)
    module = torch.nn.Sequential(*layers, torch.nn.Softmax(dim=1)).eval()

    def own(rows: Any) -> Any:
        with torch.no_grad():
            return module(torch.as_tensor(rows, dtype=torch.float32)).numpy()

    return module, _numbers()[0], own


_MODELS: dict[str, tuple[tuple[str, ...], str, Callable[[], Prepared]]] = {
    "XGBClassifier": (("xgboost",), "array", partial(_xgboost, _numbers)),
    "XGBClassifier on a DataFrame": (("xgboost", "pandas"), "pandas, numbers", partial(_xgboost, _frame)),
    "XGBClassifier, categories": (
        ("xgboost", "pandas", "pyarrow"),
        "pandas, categories",
        partial(_xgboost, partial(_texts, categories=True), enable_categorical=True),
    ),
    "XGBoost Booster": (("xgboost",), "array", _booster),
    "LGBMClassifier": (("lightgbm",), "array", partial(_lightgbm, _numbers)),
    "LGBMClassifier on a DataFrame": (
        ("lightgbm", "pandas"),
        "pandas, categories",
        partial(_lightgbm, partial(_texts, categories=True)),
    ),
    "RandomForestClassifier": (("sklearn",), "array", _forest),
    "pipeline, logistic regression": (("sklearn", "pandas"), "pandas, texts", partial(_pipeline, "linear")),
    "pipeline, gradient boosting": (("sklearn", "pandas"), "pandas, texts", partial(_pipeline, "boosting")),
    "pipeline, forest": (("sklearn", "pandas"), "pandas, texts", partial(_pipeline, "forest")),
    "ONNX session, network": (("onnxruntime", "skl2onnx"), "array", partial(_session, zipmap=False)),
    "ONNX session, network, ZipMap": (("onnxruntime", "skl2onnx"), "array", partial(_session, zipmap=True)),
    "torch.nn.Module": (("torch",), "array", _module),
}


if __name__ == "__main__":
    main(tables, __doc__)
