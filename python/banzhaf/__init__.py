# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf values of set functions and of machine-learning models, by Kernel Banzhaf (arXiv 2410.08336)."""

from __future__ import annotations

from banzhaf._archive import load
from banzhaf._bridge import Evaluations
from banzhaf._build import build_info
from banzhaf._core import __version__
from banzhaf.baselines import monte_carlo, msr
from banzhaf.bounds import required_budget
from banzhaf.diagnose import Diagnosis, diagnose
from banzhaf.estimate import estimate, exact, sample_coalitions
from banzhaf.explainer import Explainer
from banzhaf.explanation import Explanation
from banzhaf.fit import fit, fit_design, walsh_hadamard
from banzhaf.results import BanzhafValues, BudgetWarning, RankWarning
from banzhaf.trees import TreeExplainer

__all__ = [
    "BanzhafValues",
    "BudgetWarning",
    "Diagnosis",
    "Evaluations",
    "Explainer",
    "Explanation",
    "RankWarning",
    "TreeExplainer",
    "__version__",
    "build_info",
    "diagnose",
    "estimate",
    "exact",
    "fit",
    "fit_design",
    "load",
    "monte_carlo",
    "msr",
    "required_budget",
    "sample_coalitions",
    "walsh_hadamard",
]
