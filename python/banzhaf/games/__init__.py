# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Ready games: what people value besides the features of a model.

Each class is a game that knows its players. Call its `estimate`, or pass it to `banzhaf.estimate`, to `banzhaf.Study`
or to any other function that takes a game. Each name is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from banzhaf._games.context import ContextAttribution
    from banzhaf._games.curves import Curve, Detection, detect
    from banzhaf._games.data import DataValuation
    from banzhaf._games.importance import ModelLoss, banzhaf_importance
    from banzhaf._games.neighbours import KNNValuation
    from banzhaf._games.regions import ImageRegions
    from banzhaf._games.remote_context import RemoteContextAttribution
    from banzhaf._games.scaling import ScalingLaw, fit_scaling_law
    from banzhaf._games.similarity import EmbeddingSimilarity
    from banzhaf._games.sources import SourceValuation
    from banzhaf._games.spans import HighlightedText, TextSpans
    from banzhaf._games.voting import WeightedVoting
    from banzhaf._games.windows import TimeWindows

__all__ = [
    "ContextAttribution",
    "Curve",
    "DataValuation",
    "Detection",
    "EmbeddingSimilarity",
    "HighlightedText",
    "ImageRegions",
    "KNNValuation",
    "ModelLoss",
    "RemoteContextAttribution",
    "ScalingLaw",
    "SourceValuation",
    "TextSpans",
    "TimeWindows",
    "WeightedVoting",
    "banzhaf_importance",
    "detect",
    "fit_scaling_law",
]

# The module of banzhaf._games that defines each name.
_MODULES = {
    "ContextAttribution": "context",
    "Curve": "curves",
    "DataValuation": "data",
    "Detection": "curves",
    "HighlightedText": "spans",
    "ImageRegions": "regions",
    "KNNValuation": "neighbours",
    "ModelLoss": "importance",
    "EmbeddingSimilarity": "similarity",
    "ScalingLaw": "scaling",
    "fit_scaling_law": "scaling",
    "RemoteContextAttribution": "remote_context",
    "SourceValuation": "sources",
    "TextSpans": "spans",
    "TimeWindows": "windows",
    "WeightedVoting": "voting",
    "banzhaf_importance": "importance",
    "detect": "curves",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"banzhaf._games.{_MODULES[name]}"), name)
    found.__module__ = __name__  # pickles and documentation refer to the public package
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
