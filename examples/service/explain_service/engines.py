# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The model, and what explains it. Replace `load` to serve a model of your own."""

from __future__ import annotations

import csv
import gc
import hashlib
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf

from .batcher import Answer, Engine, now
from .inputs import Refused
from .settings import Settings

SAMPLED, EXACT = "sampled", "exact"
_SHORTEST, _LONG = 1e-4, 3600.0  # seconds: deadlines are positive and finite


@dataclass(frozen=True)
class Loaded:
    """What the service serves. Nothing of it changes while it runs."""

    name: str
    version: str  # changes when an answer could
    columns: tuple[str, ...]
    dtype: np.dtype[Any]
    engines: Mapping[str, Engine]
    outputs: Mapping[str, str]  # what each engine explains
    base_values: Mapping[str, Any]
    examples: NDArray[Any]
    seed: int


class Sampled:
    """Explain any output of any model by sampling. A deadline cuts it short; standard errors say what that costs."""

    name = SAMPLED
    output = "prediction"
    can_stop_early = True

    def __init__(self, explainer: banzhaf.Explainer) -> None:
        self.explainer = explainer

    def __call__(self, rows: NDArray[Any], seconds: float) -> list[Answer]:
        found = self.explainer(rows, deadline=max(_SHORTEST, seconds))
        predictions = found.predictions
        assert predictions is not None  # the model is called on the rows
        # A deadline that came before the first complete design leaves NaN.
        has_values = ~np.isnan(found.values).any(axis=tuple(range(1, found.values.ndim)))
        return [
            Answer(
                values=found.values[row] if has_values[row] else None,
                standard_errors=found.standard_errors[row] if has_values[row] else None,
                prediction=predictions[row],
                stopped=found.stopped[row],
                n_background=int(found.n_background[row]),
                n_model_rows=int(found.row_costs[row]),
            )
            for row in range(len(rows))
        ]

    def base_value(self, rows: NDArray[Any]) -> Any:
        """Return the mean output over the background."""
        return self.explainer(rows).base_values.tolist()


class Exact:
    """Explain the raw output of a tree ensemble exactly. It calls no model."""

    name = EXACT
    output = "raw output"
    can_stop_early = False

    def __init__(self, explainer: banzhaf.TreeExplainer) -> None:
        self.explainer = explainer

    def __call__(self, rows: NDArray[Any], seconds: float) -> list[Answer]:
        try:
            found = self.explainer(rows)
        except ValueError as error:  # a missing cell that the model's own library refuses
            raise Refused(422, f"the model cannot predict a row: {error}") from None
        predictions = self.explainer.predict(rows)
        return [
            Answer(values, errors, prediction, "exact", int(n_background), 0)
            for values, errors, prediction, n_background in zip(
                found.values, found.standard_errors, predictions, found.n_background, strict=True
            )
        ]

    def base_value(self, rows: NDArray[Any]) -> Any:
        """Return the mean raw output over the background."""
        return self.explainer.base_values.tolist()


def load(settings: Settings) -> Loaded:
    """Read or train the model, and prepare its explainers. Every process of the service does the same."""
    # The answers say how far a deadline cut them short, so a warning for each would only fill the log.
    warnings.simplefilter("ignore", banzhaf.BudgetWarning)
    if settings.trees is not None and settings.model is None:
        return _load_trees(settings, settings.trees)
    columns, background, booster = breast_cancer(settings.seed) if settings.model is None else _read(settings)
    booster.set_param({"nthread": 1})  # rows of different requests use the cores, so one call needs one thread
    one_thread: dict[str, Any] = {"feature_names": columns, "num_threads": 1}
    sampled = banzhaf.Explainer(
        booster,
        background,
        budget="auto" if settings.budget is None else settings.budget,
        batch_size=settings.model_batch_rows,
        random_state=settings.seed,
        **one_thread,
    ).prepare()
    exact = (
        banzhaf.TreeExplainer(booster, background, **one_thread) if settings.trees is None else _open(settings.trees)
    )
    if exact.feature_names != columns:
        raise ValueError("EXPLAIN_TREES must have the columns of EXPLAIN_BACKGROUND")
    return _loaded(
        settings,
        columns,
        background,
        [Sampled(sampled), Exact(exact)],
        [booster.save_raw("ubj"), background.tobytes(), str(settings.budget)],
    )


def _load_trees(settings: Settings, path: str) -> Loaded:
    """Serve exact values from a file of `TreeExplainer.save` alone. The library of the model is not needed."""
    exact = _open(path)
    examples = np.zeros((1, len(exact.feature_names)))
    return _loaded(settings, exact.feature_names, examples, [Exact(exact)], [Path(path).read_bytes()])


def _loaded(
    settings: Settings,
    columns: tuple[str, ...],
    examples: NDArray[Any],
    engines: Sequence[Sampled | Exact],
    parts: Sequence[bytes | str],
) -> Loaded:
    """Gather what the service serves, with a version made of all that an answer depends on."""
    digest = hashlib.sha256(f"{banzhaf.__version__} {settings.seed}".encode())
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return Loaded(
        name=settings.name,
        version=digest.hexdigest()[:12],
        columns=columns,
        dtype=examples.dtype,
        engines={engine.name: engine for engine in engines},
        outputs={engine.name: engine.output for engine in engines},
        base_values={engine.name: engine.base_value(examples[:1]) for engine in engines},
        examples=examples,
        seed=settings.seed,
    )


def _open(path: str) -> banzhaf.TreeExplainer:
    """Open a file of `TreeExplainer.save`. Processes share its pages, because it is mapped into memory."""
    found = banzhaf.load(path)
    if not isinstance(found, banzhaf.TreeExplainer):
        raise ValueError(f"EXPLAIN_TREES must be a file of TreeExplainer.save, got a file of a {type(found).__name__}")
    return found


def _read(settings: Settings) -> tuple[tuple[str, ...], NDArray[np.float32], Any]:
    """Read a model and its background."""
    import xgboost

    columns, background = read_background(Path(settings.background or ""))
    booster = xgboost.Booster(model_file=settings.model)
    if booster.num_features() != len(columns):
        raise ValueError(
            f"EXPLAIN_BACKGROUND must have the model's {booster.num_features()} columns, got {len(columns)}"
        )
    if booster.feature_names and tuple(booster.feature_names) != columns:
        raise ValueError("EXPLAIN_BACKGROUND must have the model's columns in the model's order")
    return columns, background, booster


def warm_up(loaded: Loaded, learn: Callable[[str, float, int], None]) -> None:
    """Call every engine as requests will, tell what a row costs, and keep the collector away from what is loaded."""
    for name, engine in loaded.engines.items():
        for n_rows in (1, 1, 2, 8):
            rows = np.resize(loaded.examples, (n_rows, loaded.examples.shape[1]))
            start = now()
            engine(rows, _LONG)
            seconds = now() - start
        learn(name, seconds, n_rows)
    gc.collect()
    gc.freeze()


def read_background(path: Path) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Read a CSV file of numbers with a header. An empty cell is missing."""
    with path.open(newline="", encoding="utf-8") as lines:
        header, *rows = list(csv.reader(lines))
    if not rows:
        raise ValueError(f"EXPLAIN_BACKGROUND must have rows below its header: {path} has none")
    cells = [[float(cell) if cell.strip() else math.nan for cell in row] for row in rows]
    return tuple(name.strip() for name in header), np.array(cells, dtype=np.float32)


def breast_cancer(seed: int) -> tuple[tuple[str, ...], NDArray[np.float32], Any]:
    """Train a model on data that scikit-learn installs."""
    import xgboost
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    rows = data.data.astype(np.float32)
    model = xgboost.XGBClassifier(n_estimators=100, max_depth=4, n_jobs=1, random_state=seed)
    model.fit(rows[:400], data.target[:400])
    return tuple(map(str, data.feature_names)), rows[:50], model.get_booster()
