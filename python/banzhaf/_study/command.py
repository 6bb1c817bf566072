# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The command ``python -m banzhaf study``, which shows a stored study without changing it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from banzhaf._estimate.results import BanzhafValues
from banzhaf._study.study import Study

__all__ = ["main"]

_FORMATS = (".csv", ".parquet", ".json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m banzhaf", description="Tools for Banzhaf values.")
    commands = parser.add_subparsers(dest="command", required=True)
    study = commands.add_parser(
        "study",
        help="show a stored study",
        description="Show how far a stored study is, and its leading players. The file is not changed.",
    )
    study.add_argument("path", help="the store, as passed to Study or estimate")
    study.add_argument("--top", type=int, default=10, metavar="N", help="number of players to show (default: 10)")
    study.add_argument(
        "--watch",
        type=float,
        nargs="?",
        const=5.0,
        metavar="SECONDS",
        help="show it again until it is done (default: 5)",
    )
    study.add_argument("--export", metavar="FILE", help="write the evaluations to a .csv, .parquet or .json file")
    study.add_argument("--plot", metavar="FILE", help="write a bar chart of the leading players")
    options = parser.parse_args(arguments)
    try:
        return _show(options)
    except (OSError, ValueError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _show(options: argparse.Namespace) -> int:
    if options.export is not None and not options.export.endswith(_FORMATS):
        raise ValueError(f"--export needs a name that ends in {', '.join(_FORMATS)}, got {options.export!r}")
    if options.top < 1 or (options.watch is not None and not options.watch > 0):
        raise ValueError("--top and --watch must be positive")
    while True:
        with Study.open(options.path, read_only=True) as study:
            is_last = options.watch is None or study.done
            values = _values(study)
            print("\n".join(report(study, values, options.top)), flush=True)
            if is_last:
                _write(study, values, options)
                return 0
        print(flush=True)
        time.sleep(options.watch)


def _write(study: Study, values: BanzhafValues | None, options: argparse.Namespace) -> None:
    """Write the files that the options name."""
    if options.export is not None:
        export(study, options.export)
        print(f"wrote the evaluations to {options.export}")
    if options.plot is not None:
        if values is None:
            raise ValueError("--plot needs the worths of the first pair of coalitions")
        axes: Any = values.plot.bar()
        axes.figure.savefig(options.plot, bbox_inches="tight")
        print(f"wrote the picture to {options.plot}")


def _values(study: Study) -> BanzhafValues | None:
    """Estimate the values; None if there are too few worths."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return study.result() if study.n_usable else None


def report(study: Study, values: BanzhafValues | None, top: int) -> list[str]:
    """Describe a study in lines of text."""
    counts, total = study.counts(), study.n_coalitions
    lines = [
        f"{study.path}: {study.n_players} players, design {study.design!r}, random_state {study.random_state}",
        f"  {counts.told} of {total} evaluations told ({counts.told / total:.1%}), {counts.out} handed out, "
        f"{counts.waiting} to be handed out again, {counts.failed} given up",
    ]
    if study.done:
        reason = "the budget is spent" if values is None or values.stopped == "budget" else f"{values.stopped} is met"
        lines.append(f"  done: {reason if counts.told >= total or values is not None else 'the rest was given up'}")
    elif (rate := _rate(study)) is not None:
        left = total - counts.told - counts.failed
        lines.append(f"  about {_duration(left / rate)} left at {rate:.3g} evaluations per second")
    if counts.failures:
        lines.append(f"  {counts.failures} failed evaluations, the last ones:")
        for failure in study.failures(3):
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(failure.time))
            by = f" by {failure.worker}" if failure.worker else ""
            lines.append(f"    {when}, attempt {failure.attempt}{by}: {failure.error.splitlines()[0][:100]}")
    if values is None:
        lines.append("  no values yet: the first pair of coalitions has no worths")
        return lines
    lines.append(
        f"  leading players with 95 % intervals, from the first {values.n_evaluations * values.repeats} evaluations:"
    )
    names = study.player_names or tuple(map(str, range(study.n_players)))
    size = np.abs(values.values).reshape(study.n_players, -1).max(axis=1)
    leading = np.argsort(-size, kind="stable")[:top]
    width = max(len(names[i]) for i in leading)
    ends = values.intervals()
    for i in leading:
        cells = [
            f"{value: .6g} [{low:.4g}, {high:.4g}]"
            for value, (low, high) in zip(np.atleast_1d(values.values[i]), np.atleast_2d(ends[i]), strict=True)
        ]
        lines.append(f"    {names[i]:<{width}}  {'  '.join(cells[:3])}{'  ...' * (len(cells) > 3)}")
    return lines


def _rate(study: Study) -> float | None:
    """Return the recent evaluations per second."""
    times = study._store.times()
    if len(times) < 2 or times[-1][0] <= times[0][0]:
        return None
    return sum(count for _, count in times[1:]) / (times[-1][0] - times[0][0])


def _duration(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} seconds"


def export(study: Study, path: str) -> None:
    """Write each evaluation with its coalition, attempt, worker and time."""
    columns: dict[str, list[Any]] = {"id": [], "coalition": [], "repeat": [], "attempt": [], "worker": [], "time": []}
    outputs: list[list[float]] = []
    for ids, attempts, worker, when, _ in study._store.history():
        repeats = study._order.split(ids)[1].tolist()
        for row, number, attempt in zip(study._order.coalitions(ids), ids.tolist(), attempts.tolist(), strict=True):
            columns["id"].append(number)
            columns["coalition"].append(" ".join(map(str, np.flatnonzero(row).tolist())))
            columns["attempt"].append(attempt)
            columns["worker"].append(worker)
            columns["time"].append(when)
        columns["repeat"] += repeats
        outputs += study._store.worths(ids).tolist()
    n_outputs = study._store.n_outputs or 1
    for k in range(n_outputs):
        columns["worth" if n_outputs == 1 else f"worth_{k}"] = [row[k] for row in outputs]
    if path.endswith(".json"):
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(rows, stream, indent=1)
        return
    if path.endswith(".csv"):
        import csv

        with open(path, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        return
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ImportError(f"writing {os.path.basename(path)} needs pyarrow: pip install pyarrow") from error
    pq.write_table(pa.table(columns), path)
