# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explain the partitions of a Dask table, and evaluate a game, on four workers. One of them is killed meanwhile."""

from __future__ import annotations

from typing import Any

import dask.dataframe as dd
import pandas as pd
from dask import delayed
from dask.distributed import Client, LocalCluster
from work import BUDGET, PARTS, SOURCES, WORKERS, Fault, load_once, run

import banzhaf


def explain_partition(X: pd.DataFrame, explainer: Any, fault: Fault) -> pd.Series:
    """Explain one partition, in a worker. A partition without rows has no explanation."""
    fault()
    if isinstance(explainer, str):  # the file of a tree explainer
        explainer = load_once(explainer)
    return pd.Series([explainer(X)] if len(X) else [], dtype=object)


def explain(client: Client, explainer: Any, X: pd.DataFrame, fault: Fault) -> banzhaf.Explanation:
    """Explain all rows. The explainer is sent once to each worker, and Dask repeats the calls of a lost worker."""
    shared = explainer if isinstance(explainer, str) else delayed(explainer)
    table = dd.from_pandas(X, npartitions=PARTS)
    parts = table.map_partitions(explain_partition, shared, fault, meta=pd.Series(dtype=object))
    return banzhaf.concatenate(client.compute(parts, sync=True))


def estimate(client: Client, game: Any, n_players: int = SOURCES, budget: int = BUDGET) -> banzhaf.BanzhafValues:
    """Evaluate a game on the cluster. Dask repeats the calls of a lost worker."""
    executor = client.get_executor(pure=False)  # Dask need not look for equal calls
    return banzhaf.estimate(game, n_players, budget=budget, random_state=0, executor=executor)


def start() -> LocalCluster:
    """Start a scheduler and its workers, each a process of its own, on this machine."""
    return LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None)


def main() -> None:
    with start() as cluster, Client(cluster) as client:
        run(lambda *given: explain(client, *given), lambda game: estimate(client, game))


if __name__ == "__main__":
    main()
