# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explain the partitions of a Spark table by mapInPandas, and evaluate a game. One of four executors is killed."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyspark
from pyspark import SparkFiles, cloudpickle
from pyspark.sql import SparkSession
from work import BUDGET, PARTS, SOURCES, WORKERS, Fault, load_once, run

import banzhaf

EXECUTOR = 2  # Spark's executor is the parent of the process that starts Python's workers


def explain(spark: SparkSession, explainer: Any, X: pd.DataFrame, fault: Fault) -> banzhaf.Explanation:
    """Explain all rows. The explainer is broadcast once, and the file of a tree explainer goes to all executors.

    A broadcast of the explainer itself would be pickled without cloudpickle, which refuses functions of a notebook.
    """
    context = spark.sparkContext
    if isinstance(explainer, str):
        context.addFile(explainer)
        name = os.path.basename(explainer)
    else:
        name, shared = "", context.broadcast(cloudpickle.dumps(explainer))

    def explain_batches(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        explain_rows = load_once(SparkFiles.get(name)) if name else pickle.loads(shared.value)
        for rows in batches:
            fault()
            explanation = explain_rows(rows.drop(columns="id"))
            yield pd.DataFrame({"ids": [rows["id"].tolist()], "explanation": [pickle.dumps(explanation)]})

    table = spark.createDataFrame(X.assign(id=np.arange(len(X)))).repartition(PARTS, "id")
    found = table.mapInPandas(explain_batches, "ids array<long>, explanation binary").collect()
    joined = banzhaf.concatenate(pickle.loads(row.explanation) for row in found)
    return joined[np.argsort(np.concatenate([row.ids for row in found]))]  # Spark keeps no order of rows


def estimate(spark: SparkSession, game: Any, n_players: int = SOURCES, budget: int = BUDGET) -> banzhaf.BanzhafValues:
    """Evaluate a game. It gets all coalitions at once, and gives them to Spark as one job with many tasks."""
    context = spark.sparkContext
    shared = context.broadcast(cloudpickle.dumps(game))

    def on_spark(coalitions: np.ndarray) -> np.ndarray:
        tasks = context.parallelize(np.array_split(coalitions, min(len(coalitions), 16 * WORKERS)), 16 * WORKERS)
        return np.concatenate(tasks.map(lambda some: pickle.loads(shared.value)(some)).collect())

    return banzhaf.estimate(on_spark, n_players, budget=budget, random_state=0, batch_size=budget)


def session() -> SparkSession:
    """Start a driver and a cluster of executors, each a process of its own, on this machine."""
    os.environ.setdefault("SPARK_HOME", os.path.dirname(pyspark.__file__))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master(f"local-cluster[{WORKERS},1,1024]")  # executors, cores and megabytes of each
        .config("spark.executor.memory", "512m")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "localhost")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    spark.sparkContext.addPyFile(str(Path(__file__).with_name("work.py")))
    return spark


def main() -> None:
    spark = session()
    try:
        run(lambda *given: explain(spark, *given), lambda game: estimate(spark, game), EXECUTOR)
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
