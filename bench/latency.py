# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Time the explanation of one row: banzhaf's own time beside the model's, the slowest calls, and other packages."""

from __future__ import annotations

import ctypes
import gc
import json
import math
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, Unavailable, main
from bench._cpp import build
from bench._datasets import boost, load
from bench._games import squared_error
from bench._native import library
from bench._table import NOT_INSTALLED, Table, duration, verdict
from bench._timing import installed, interleave

_N_BACKGROUND = 50
_N_TREES = 100
_OURS, _EXACT = "`Explainer`", "`TreeExplainer`"

Floats = NDArray[np.float64]


@dataclass
class Inside:
    """Seconds inside a function."""

    function: Callable[..., Any]
    seconds: float = 0.0

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the function and count the time."""
        start = time.perf_counter()
        outputs = self.function(*arguments, **named)
        self.seconds += time.perf_counter() - start
        return outputs


class InsideXGBoost:
    """Seconds inside XGBoost's prediction on dense rows, timed by a function in C that stands in for it."""

    def __init__(self) -> None:
        import xgboost.core

        self._library = vars(xgboost.core)["_LIB"]
        self._shim = library()
        self._seconds = ctypes.c_double.in_dll(self._shim, "timed_seconds")
        self._own = self._library.XGBoosterPredictFromDense

    def __enter__(self) -> InsideXGBoost:
        address = ctypes.cast(self._own, ctypes.c_void_p)
        ctypes.c_void_p.in_dll(self._shim, "timed_function").value = address.value
        self._library.XGBoosterPredictFromDense = self._shim.timed_predict
        return self

    def __exit__(self, *_: object) -> None:
        self._library.XGBoosterPredictFromDense = self._own

    @property
    def seconds(self) -> float:
        """The seconds so far."""
        return self._seconds.value


@dataclass(frozen=True)
class Calls:
    """Many calls, one after the other: the seconds of each, and those inside the model."""

    whole: Floats
    inside: Floats

    @classmethod
    def of(cls, call: Callable[[], Any], inside: Inside | InsideXGBoost | None, n_calls: int) -> Calls:
        """Make the calls, after some more that are not timed."""
        whole, part = np.empty(n_calls), np.zeros(n_calls)
        for _ in range(max(10, n_calls // 10)):
            call()
        gc.collect()
        for k in range(n_calls):
            before = inside.seconds if inside else 0.0
            start = time.perf_counter()
            call()
            whole[k] = time.perf_counter() - start
            if inside:
                part[k] = inside.seconds - before
        return cls(whole, part)

    @property
    def own(self) -> float:
        """The median of the seconds outside the model."""
        return float(np.median(self.whole - self.inside))

    @property
    def quick_own(self) -> float:
        """The seconds outside the model that a tenth of the calls do not exceed: other work disturbs these least."""
        return float(np.quantile(self.whole - self.inside, 0.1))

    @property
    def share(self) -> float:
        """The time outside the model, relative to the time inside."""
        return float(np.median((self.whole - self.inside) / self.inside))

    def percentile(self, percent: float) -> float:
        """Return a percentile of the seconds of a call."""
        return float(np.percentile(self.whole, percent))


def tables(options: Options) -> Iterator[Table]:
    n_calls = 200 if options.quick else 2000
    yield _own_time(options, n_calls)
    yield _linear(options, n_calls * 5)
    yield _one_among_many(options, n_calls // 10)
    if installed("xgboost"):
        yield _end_to_end(options)


def _own_time(options: Options, n_calls: int) -> Table:
    table = Table(
        f"One row of a slow model: {_N_BACKGROUND} background rows, budget='auto', one thread",
        *("model", "features", "model evaluations", "p50", "p99", "inside the model", "own time", "its fastest tenth"),
        *("target", "met"),
        *("own time ÷ model", "target", "met"),
        note=f"""
            "own time" is the whole call less the time inside the model. Times are medians of single calls; "its fastest
            tenth" is the own time that a tenth of the calls do not exceed. The XGBoost
            models have {_N_TREES} trees of depth 4. "inside" is XGBoost's C function, so all Python around it counts as
            own time. "prepared" is after `Explainer.prepare`. The pipeline one-hot encodes two columns of strings of a
            pandas DataFrame, scales the others, and ends in a logistic regression. In the first row of it, its method
            is passed, and is called as it is. In the second row, the pipeline itself is passed, and `Explainer`
            transforms each cell once: "inside" is the time of the first row's calls.
        """,
    )

    def add(name: str, n: int, n_rows: int, calls: Calls, most: float, most_share: float) -> None:
        timed = most < math.inf
        table.add(
            *(name, n, f"{n_rows:,}", duration(calls.percentile(50)), duration(calls.percentile(99))),
            *(duration(float(np.median(calls.inside))), _signed(calls.own), _signed(calls.quick_own)),
            *((f"<= {most * 1e6:.0f} µs", verdict(calls.own <= most)) if timed else ("", "")),
            *(f"{calls.share:.1%}", f"<= {most_share:.0%}", verdict(calls.share <= most_share)),
        )

    for n, most, most_share in ((8, 60e-6, 0.08), (30, 150e-6, 0.04)):
        for name in ("XGBRegressor", "XGBRegressor, prepared", "XGBClassifier") if installed("xgboost") else ():
            calls, n_rows = _xgboost(name, n, n_calls)
            add(name, n, n_rows, calls, most, most_share)
    method, whole, inside, n_rows = _pipeline()
    calls = Calls.of(method, inside, n_calls // 10)
    add("pandas pipeline, its method", 8, n_rows, calls, math.inf, 0.05)
    alone = Calls.of(whole, None, n_calls // 10)
    plain = np.full(len(alone.whole), np.median(calls.inside))
    add("pandas pipeline, itself", 8, n_rows, Calls(alone.whole, plain), math.inf, 0.05)
    return table


def _signed(seconds: float) -> str:
    return duration(seconds) if seconds >= 0 else f"-{duration(-seconds)}"


def _xgboost(name: str, n_features: int, n_calls: int) -> tuple[Calls, int]:
    """Time explanations of one row, and return the number of model evaluations with them."""
    from sklearn.datasets import load_breast_cancer
    from xgboost import XGBClassifier, XGBRegressor

    X, y = load_breast_cancer(return_X_y=True)
    X = np.ascontiguousarray(X[:, :n_features], dtype=np.float32)
    kind = XGBClassifier if name == "XGBClassifier" else XGBRegressor
    model = kind(n_estimators=_N_TREES, max_depth=4, n_jobs=1, random_state=0).fit(X, y)
    explainer = banzhaf.Explainer(model, X[:_N_BACKGROUND], num_threads=1, random_state=0)
    with InsideXGBoost() as inside:
        explainer(X[100:101])  # compares the adapter with the model's own predict
        if name.endswith("prepared"):
            explainer.prepare()
        before = inside.seconds
        explainer(X[100:101])
        if inside.seconds == before:
            raise Unavailable("XGBoost's predictions take another way than this benchmark sees")
        return Calls.of(lambda: explainer(X[100:101]), inside, n_calls), explainer.n_model_rows


def _pipeline() -> tuple[Callable[[], Any], Callable[[], Any], Inside, int]:
    """Explain one row of a DataFrame by a pipeline's method and by the pipeline itself.

    Returns both calls, the method inside the first one, and the model evaluations.
    """
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    data = load_breast_cancer()
    frame = pd.DataFrame(data.data[:, :8], columns=[str(name) for name in data.feature_names[:8]])
    for name, source in (("size", 20), ("texture class", 21)):
        bins = np.digitize(data.data[:, source], np.quantile(data.data[:, source], [0.33, 0.67]))
        frame[name] = np.array(["low", "middle", "high"], dtype=object)[bins]
    frame = frame.drop(columns=frame.columns[:2])
    numbers = list(frame.columns[:-2])
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["size", "texture class"]), (StandardScaler(), numbers)
    )
    model = make_pipeline(encoder, LogisticRegression()).fit(frame, data.target)
    inside = Inside(model.predict_proba)
    background, row = frame.iloc[:_N_BACKGROUND], frame.iloc[100:101]
    method, whole = (banzhaf.Explainer(each, background, num_threads=1, random_state=0) for each in (inside, model))
    np.testing.assert_array_equal(method(row).values, whole(row).values)
    return partial(method, row), partial(whole, row), inside, whole.n_model_rows


def _linear(options: Options, n_calls: int) -> Table:
    n = 30
    table = Table(
        f"A linear model, n = {n}, one background row, 128 model evaluations (two Hadamard designs), one thread",
        *("model", "p50", "p99", "p99 ÷ p50", "target", "met"),
        note="""
            Times of whole calls with the model included. "C++" is a C++ program that starts runs of a
            `CrossedExplainer`. The others are calls of `explainer(x)` in Python: with a C function by `native_model`,
            and with `rows @ slopes`.
        """,
    )
    rng = np.random.default_rng(0)
    slopes, background, row = rng.normal(size=n), rng.normal(size=(1, n)), rng.normal(size=(1, n))
    native = _native_linear(slopes)
    models = [("native, in C++", None, 20e-6, 3.0), ("native, in Python", native, 20e-6, 3.0)]
    models += [("Python", lambda rows: rows @ slopes, 40e-6, np.inf)]
    for name, model, most, most_ratio in models:
        if model is not None:
            explainer = banzhaf.Explainer(model, background, budget=128, num_threads=1, random_state=0)
            np.testing.assert_allclose(explainer(row).values[0], slopes * (row - background)[0], atol=1e-12)
            calls = Calls.of(partial(explainer, row), None, n_calls)
            middle, slow = calls.percentile(50), calls.percentile(99)
        elif native is None:
            table.add(name, "no C compiler", *[""] * 4)
            continue
        else:
            printed = subprocess.run(
                [build("linear_row"), str(10 * n_calls)], check=True, capture_output=True, text=True
            )
            found = json.loads(printed.stdout)
            middle, slow = found["p50"], found["p99"]
        target = f"p50 <= {most * 1e6:.0f} µs" + (f", p99 <= {most_ratio:.0f} p50" if np.isfinite(most_ratio) else "")
        met = verdict(middle <= most and slow <= most_ratio * middle)
        table.add(name, duration(middle), duration(slow), f"{slow / middle:.2f}", target, met)
    return table


def _native_linear(slopes: Floats) -> Any:
    """Return a native linear model, or None if no C compiler is here."""
    try:
        function = library().linear_model
    except Unavailable:
        return None
    return banzhaf.native_model(function, dtype=float, n_columns=len(slopes), data=slopes)


def _one_among_many(options: Options, n_calls: int) -> Table:
    table = Table(
        f"One row alone, and among a hundred: {_N_BACKGROUND} background rows, budget='auto', one thread",
        *("features", "one row", "a row among 100", "ratio"),
        note="The model is `rows @ slopes` in NumPy. Times are medians and include the model.",
    )
    rng = np.random.default_rng(0)
    for n in (8, 30):
        slopes, rows = rng.normal(size=n), rng.normal(size=(100, n))
        background = rng.normal(size=(_N_BACKGROUND, n))
        explainer = banzhaf.Explainer(
            lambda table, slopes=slopes: table @ slopes, background, num_threads=1, random_state=0
        )
        alone = Calls.of(partial(explainer, rows[:1]), None, n_calls).percentile(50)
        among = Calls.of(partial(explainer, rows), None, max(3, n_calls // 20)).percentile(50) / len(rows)
        table.add(n, duration(alone), duration(among), f"{alone / among:.2f}")
    return table


def _end_to_end(options: Options) -> Table:
    """Compare whole explanations of one row at equal error."""
    n_background, n_rows = 100, 4 if options.quick else 16
    data = load("Adult", options.data, n_background=n_background)
    booster = boost(data, threads=1, n_trees=_N_TREES, max_depth=4)
    n = data.n_features
    background, rows = np.ascontiguousarray(data.background), np.ascontiguousarray(data.explicands[:n_rows])

    def margin(table: Any) -> Any:
        return booster.inplace_predict(table, predict_type="margin")

    exact = banzhaf.TreeExplainer(booster, background, num_threads=1)
    banzhaf_truth = exact(rows).values
    contenders: dict[str, tuple[Callable[[int], Callable[[Any], Floats]], Callable[[], Floats], int]] = {
        _OURS: (partial(_ours, margin, background), lambda: banzhaf_truth, 2 * n_background),
        "shapiq": (partial(_shapiq, margin, background), lambda: banzhaf_truth, 2 * n),
        "shap": (partial(_shap, margin, background), lambda: _shapley(booster, background, rows), 2 * n),
    }
    table = Table(
        f"One row of Adult at equal error: n = {n}, {n_background} background rows, XGBoost's margin, one thread",
        *(
            "error wanted",
            "method",
            "budget",
            "model evaluations",
            "error",
            "time",
            "time ÷ `Explainer`",
            "target",
            "met",
            "time ÷ `TreeExplainer`",
        ),
        note=f"""
            Errors are relative squared errors, as means over {n_rows} rows. The truth is exact: Banzhaf values by
            `TreeExplainer`, Shapley values by shap's TreeExplainer. Each method gets the smallest budget that
            reaches the error wanted, among powers of 2 times the smallest, up to all 2^n coalitions. Budgets count
            model evaluations for `Explainer` and coalitions for the others. shapiq is TabularExplainer(index='BV') with
            RegressionFBII and pairing_trick=True. shap is KernelExplainer with l1_reg=False. All call the same
            function. `TreeExplainer` reads the trees instead, and its values are exact. Times are per row, medians over
            the rounds. The ratios have quartiles in brackets.
        """,
    )
    for wanted in (1e-2, 1e-3, 1e-4):
        chosen: dict[str, tuple[int, float]] = {}
        calls: dict[str, Callable[[], Any]] = {
            _EXACT: partial(_explain_all, lambda row: exact(row[np.newaxis]).values[0], rows)
        }
        for name, (explain_with, truth, least) in contenders.items():
            if name != _OURS and not installed(name):
                continue
            most = 2**n * (n_background if name == _OURS else 1)
            budget, right = least, truth()
            while True:
                explain = explain_with(min(budget, most))
                error = _mean_error(explain, rows, right)
                if error <= wanted or budget >= most:
                    break
                budget *= 2
            chosen[name] = min(budget, most), error
            calls[name] = partial(_explain_all, explain, rows)
        timings = interleave(calls, rounds=5 if options.quick else 11)
        table.disturbed(timings.unrest())
        for name in contenders:
            if name not in chosen:
                table.add(f"{wanted:.0e}", name, NOT_INSTALLED, *[""] * 7)
                continue
            budget, error = chosen[name]
            ratio = timings.ratio(name, _OURS)
            met = verdict(error <= wanted and ratio.median >= 20, timings.unrest())
            table.add(
                *(f"{wanted:.0e}", name, f"{budget:,}", f"{budget * (1 if name == _OURS else n_background):,}"),
                *(f"{error:.1e}", duration(timings.median(name) / n_rows), "" if name == _OURS else ratio),
                *(("", "") if name == _OURS else (">= 20x", met)),
                timings.ratio(name, _EXACT),
            )
        table.add(f"{wanted:.0e}", _EXACT, "", "0", "exact", duration(timings.median(_EXACT) / n_rows), *[""] * 4)
    return table


def _explain_all(explain: Callable[[Any], Floats], rows: NDArray[Any]) -> None:
    for row in rows:
        explain(row)


def _ours(model: Callable[[Any], Any], background: NDArray[Any], budget: int) -> Callable[[Any], Floats]:
    explainer = banzhaf.Explainer(model, background, budget=budget, num_threads=1, random_state=0)

    def explain(row: Any) -> Floats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", banzhaf.BudgetWarning)  # small budgets are the point here
            warnings.simplefilter("ignore", banzhaf.RankWarning)
            return explainer(row[np.newaxis]).values[0]

    return explain


def _mean_error(explain: Callable[[Any], Floats], rows: NDArray[Any], truth: Floats) -> float:
    return float(np.mean([squared_error(explain(row), wanted) for row, wanted in zip(rows, truth, strict=True)]))


def _shapiq(model: Callable[[Any], Any], background: NDArray[Any], budget: int) -> Callable[[Any], Floats]:
    from shapiq import RegressionFBII, TabularExplainer

    regression = RegressionFBII(background.shape[1], max_order=1, pairing_trick=True, random_state=0)
    explainer = TabularExplainer(
        model, background, approximator=regression, index="BV", max_order=1, sample_size=len(background)
    )
    return lambda row: np.asarray(explainer.explain(row, budget=budget).get_n_order_values(1))


def _shap(model: Callable[[Any], Any], background: NDArray[Any], budget: int) -> Callable[[Any], Floats]:
    from shap import KernelExplainer

    explainer = KernelExplainer(model, background)

    def explain(row: Any) -> Floats:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Linear regression equation is singular")  # small budgets
            return np.asarray(explainer.shap_values(row, nsamples=budget, l1_reg=False, silent=True))

    return explain


def _shapley(booster: Any, background: NDArray[Any], rows: NDArray[Any]) -> Floats:
    import shap

    explainer = shap.TreeExplainer(booster, background, feature_perturbation="interventional")
    return np.asarray(explainer.shap_values(rows))


if __name__ == "__main__":
    main(tables, __doc__)
