# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The command line that all benchmarks share."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import banzhaf
from bench._table import Table
from bench._timing import pinned

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Options:
    """The options of the command line: threads of every contender, fewer repeats or not, folder of the data."""

    threads: int
    quick: bool
    data: Path


class Unavailable(Exception):
    """A benchmark lacks a package or data. The message names it and says how to get it."""


def parser(description: str) -> argparse.ArgumentParser:
    """Make the parser of the options that all benchmarks have."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--threads", type=int, default=_usable_cpus(), help="number of threads of every contender")
    made.add_argument("--quick", action="store_true", help="use smaller sizes and fewer repeats")
    made.add_argument(
        "--data", type=Path, default=ROOT / "../shared/data", help="folder of the paper's eight data sets"
    )
    return made


def main(tables: Callable[[Options], Iterator[Table]], description: str | None) -> None:
    """Run one benchmark from the command line and print its tables."""
    arguments = parser(description or "")
    options = Options(**vars(arguments.parse_args()))
    if options.threads < 1:
        arguments.error(f"--threads must be at least 1, got {options.threads}")
    try:
        with pinned(options.threads):
            for table in tables(options):
                print(table, environment(options.threads), sep="\n\n", end="\n\n", flush=True)
    except Unavailable as missing:
        sys.exit(f"{arguments.prog}: {missing}")


def environment(threads: int) -> str:
    """Return one line that names the packages and the machine behind a table."""
    info = banzhaf.build_info()
    return (
        f"banzhaf {banzhaf.__version__} ({info['kernel']}, {info['threads']}), NumPy {np.__version__}, "
        f"Python {platform.python_version()}, {_usable_cpus()} CPUs, {threads} thread{'s' * (threads > 1)}."
    )


def _usable_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
