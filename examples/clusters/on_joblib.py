# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explain rows, and evaluate a game, in four processes of joblib. One of them is killed during the run."""

from __future__ import annotations

import functools
from concurrent.futures import BrokenExecutor
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from work import BUDGET, PARTS, SOURCES, WORKERS, Fault, load_once, run

import banzhaf


def explain_part(part: int, explainer: Any, X: Any, fault: Fault) -> tuple[int, banzhaf.Explanation]:
    """Explain one part of the rows, in a worker."""
    fault()
    if isinstance(explainer, str):  # the file of a tree explainer
        explainer = load_once(explainer)
    return part, explainer(X)


def explain(explainer: Any, X: Any, fault: Fault, most_losses: int = 3) -> banzhaf.Explanation:
    """Explain all rows. A killed worker ends joblib's run, and the next run takes the parts that are missing."""
    ends = np.linspace(0, len(X), PARTS + 1).astype(int)
    done: dict[int, banzhaf.Explanation] = {}
    losses = 0
    while len(done) < PARTS:
        calls = (
            delayed(explain_part)(part, explainer, X[ends[part] : ends[part + 1]], fault)
            for part in range(PARTS)
            if part not in done
        )
        try:
            for part, explanation in Parallel(WORKERS, return_as="generator_unordered")(calls):
                done[part] = explanation
        except BrokenExecutor:
            losses += 1
            if losses > most_losses:
                raise
    return banzhaf.concatenate(done[part] for part in range(PARTS))


def estimate(game: Any, n_players: int = SOURCES, budget: int = BUDGET) -> banzhaf.BanzhafValues:
    """Evaluate a game in a pool of joblib. A killed worker breaks the pool, and banzhaf asks for a new one."""
    pool = functools.partial(get_reusable_executor, WORKERS)
    return banzhaf.estimate(game, n_players, budget=budget, random_state=0, executor=pool)


if __name__ == "__main__":
    run(explain, estimate)
