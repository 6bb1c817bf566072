# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The service of examples/service with other engines in place of banzhaf's, for comparison."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from explain_service.app import create_app
from explain_service.batcher import Answer
from explain_service.engines import SAMPLED, Loaded, breast_cancer, load
from explain_service.settings import Settings
from fastapi import FastAPI
from numpy.typing import NDArray


class _Other:
    """An engine that takes the place of the sampling one, with the same model."""

    name = SAMPLED
    can_stop_early = False

    def __init__(self, loaded: Loaded, predict: Callable[[NDArray[Any]], NDArray[Any]]) -> None:
        engine: Any = loaded.engines[SAMPLED]
        self.predict = predict
        self.background = loaded.examples
        self.n_model_rows: int = engine.explainer.n_model_rows


class Predict(_Other):
    """Predict, and answer with as many numbers as an explanation has."""

    def __call__(self, rows: NDArray[Any], seconds: float) -> list[Answer]:
        zeros = np.zeros(rows.shape[1])
        return [Answer(zeros, zeros, prediction, "budget", 0, 0) for prediction in self.predict(rows)]


class Kernel(_Other):
    """shap's KernelExplainer with as many model evaluations as banzhaf's Explainer."""

    def __init__(self, loaded: Loaded, predict: Callable[[NDArray[Any]], NDArray[Any]]) -> None:
        super().__init__(loaded, predict)
        self._own = threading.local()  # an explainer of shap's changes in a call, so each thread has its own

    def __call__(self, rows: NDArray[Any], seconds: float) -> list[Answer]:
        import shap

        if not hasattr(self._own, "explainer"):
            self._own.explainer = shap.KernelExplainer(self.predict, self.background)
        coalitions = self.n_model_rows // len(self.background)
        values = self._own.explainer.shap_values(rows, nsamples=coalitions, l1_reg=False, silent=True)
        zeros = np.zeros(rows.shape[1])
        return [
            Answer(value, zeros, prediction, "budget", len(self.background), self.n_model_rows)
            for value, prediction in zip(values, self.predict(rows), strict=True)
        ]


def loaded_with(engine: type[_Other], settings: Settings) -> Loaded:
    """Load what the service loads, with another engine on the same model."""
    loaded = load(settings)
    _, _, booster = breast_cancer(settings.seed)
    booster.set_param({"nthread": 1})
    return dataclasses.replace(loaded, engines={SAMPLED: engine(loaded, booster.inplace_predict)})


def _with(engine: type[_Other]) -> FastAPI:
    return create_app(load=partial(loaded_with, engine))


def predict() -> FastAPI:
    """Make the application that only predicts."""
    return _with(Predict)


def kernel() -> FastAPI:
    """Make the application that explains by shap's KernelExplainer."""
    return _with(Kernel)
