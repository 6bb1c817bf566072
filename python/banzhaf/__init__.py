# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf values of machine-learning models and of games, by Kernel Banzhaf (arXiv 2410.08336).

Start with `Explainer` for a model, with `TreeExplainer` for a tree ensemble, and with `estimate` or `exact` for a game,
that is, a function of coalitions.
"""

from __future__ import annotations

from banzhaf._core import __version__
from banzhaf._estimate.adjustment import Adjustment
from banzhaf._estimate.baselines import monte_carlo, msr
from banzhaf._estimate.bounds import required_budget
from banzhaf._estimate.diagnose import Diagnosis, diagnose
from banzhaf._estimate.estimate import estimate, exact, sample_coalitions
from banzhaf._estimate.evaluations import Evaluations
from banzhaf._estimate.fit import fit, fit_design, walsh_hadamard
from banzhaf._estimate.interactions import Interactions
from banzhaf._estimate.native import native_game
from banzhaf._estimate.per_coalition import per_coalition
from banzhaf._estimate.results import BanzhafValues, BudgetWarning, RankWarning
from banzhaf._estimate.shapley import ShapleyValues
from banzhaf._explain.adapters import ModelAdapter, register_adapter
from banzhaf._explain.concatenate import concatenate
from banzhaf._explain.explainer import Explainer
from banzhaf._explain.explanation import Explanation
from banzhaf._explain.native import native_model
from banzhaf._explain.summary import Summary
from banzhaf._study.asynchronous import estimate_async
from banzhaf._study.study import Batch, Study
from banzhaf._support.archive import load
from banzhaf._support.build import build_info, get_include
from banzhaf._trees.trees import TreeExplainer

__all__ = [
    "Adjustment",
    "BanzhafValues",
    "Batch",
    "BudgetWarning",
    "Diagnosis",
    "Evaluations",
    "Explainer",
    "Explanation",
    "Interactions",
    "ModelAdapter",
    "RankWarning",
    "ShapleyValues",
    "Study",
    "Summary",
    "TreeExplainer",
    "__version__",
    "build_info",
    "concatenate",
    "diagnose",
    "estimate",
    "estimate_async",
    "exact",
    "fit",
    "fit_design",
    "get_include",
    "load",
    "monte_carlo",
    "msr",
    "native_game",
    "native_model",
    "per_coalition",
    "register_adapter",
    "required_budget",
    "sample_coalitions",
    "walsh_hadamard",
]

# Pickles and documentation refer to the public package, because the private modules may move.
for _name in __all__:
    if hasattr(globals()[_name], "__module__"):
        globals()[_name].__module__ = __name__
del _name
