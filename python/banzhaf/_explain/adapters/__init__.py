# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Adapters: how each library's models are called fastest, with the outputs of their own predict."""

from __future__ import annotations

from typing import Any

from banzhaf._explain.adapters import jax, lightgbm, onnxruntime, sklearn, torch, xgboost
from banzhaf._explain.adapters.checked import Checked, Direct, Masked, Plain
from banzhaf._explain.adapters.protocol import ModelAdapter, is_adapter, register_adapter, registered_adapter
from banzhaf._explain.background import Background

__all__ = [
    "Checked",
    "Direct",
    "Masked",
    "ModelAdapter",
    "Plain",
    "fast_way",
    "is_adapter",
    "register_adapter",
    "registered_adapter",
    "whole_adapter",
]

_FAST_WAYS = (xgboost.fast_way, lightgbm.fast_way, sklearn.fast_way)


def fast_way(model: Any, plain: Plain, background: Background) -> Checked | None:
    """Return a faster way to call a model than `plain`, its own predict or predict_proba, if there is one."""
    return next((way for find in _FAST_WAYS if (way := find(model, plain, background.kind)) is not None), None)


def whole_adapter(model: Any, background: Background) -> ModelAdapter | None:
    """Return the adapter of a model that has no predict of its own, if there is one."""
    return onnxruntime.adapter(model, background) or torch.adapter(model, background) or jax.adapter(model, background)
