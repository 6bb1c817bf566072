# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare the speed of two commits on one machine: build both, time them in turn, and print the ratios."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from bench._command import ROOT
from bench._table import Table, duration

_WORKING_TREE = "."
_PROBES = Path(__file__).with_name("probes.py")


def build(commit: str, cache: Path) -> Path:
    """Install a commit into a folder of its own, and return the folder. A commit is built only once.

    Parameters
    ----------
    commit : str
        Anything that git resolves to a commit, or "." for the working tree with its changes.
    cache : Path
        The folder that holds the builds.

    Returns
    -------
    Path
        A folder to put on PYTHONPATH.
    """
    if commit == _WORKING_TREE:
        target = cache / "working-tree"
        shutil.rmtree(target, ignore_errors=True)
        _install(ROOT, target)
        return target
    name = _git("rev-parse", "--verify", f"{commit}^{{commit}}")
    target = cache / f"{name[:12]}-{sys.implementation.cache_tag}"
    if target.exists():
        return target
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "tree.tar"
        _git("archive", "--output", str(archive), name)
        source = Path(folder) / "tree"
        with tarfile.open(archive) as tar:
            if hasattr(tarfile, "data_filter"):
                tar.extraction_filter = tarfile.data_filter
            tar.extractall(source)
        _install(source, target)
    return target


def _install(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(unfinished), str(source)]
    subprocess.run(command, check=True)
    unfinished.rename(target)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def time_once(folder: Path) -> dict[str, float]:
    """Run the probes once with the build in a folder, and return the seconds of each.

    Parameters
    ----------
    folder : Path
        As `build` returns it.

    Returns
    -------
    dict of str to float
    """
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    # A folder without this repository's packages, which would come before those on PYTHONPATH.
    with tempfile.TemporaryDirectory() as elsewhere:
        probes = Path(shutil.copy(_PROBES, elsewhere))
        printed = subprocess.run(
            [sys.executable, probes.name], cwd=elsewhere, env=environment, check=True, capture_output=True, text=True
        ).stdout
    found = json.loads(printed)
    if not Path(found["package"]).is_relative_to(folder):
        raise RuntimeError(f"the probes used {found['package']} in place of the build in {folder}")
    seconds: dict[str, float] = found["seconds"]
    return seconds


def compare(old: list[dict[str, float]], new: list[dict[str, float]], limit: float) -> tuple[Table, list[str]]:
    """Compare the rounds of two builds, and name the probes that became slower.

    A probe counts as slower if the lower quartile of its ratios is above `limit`.

    Parameters
    ----------
    old, new : list of dict of str to float
        The seconds of each probe, round by round. Round r of both ran one after the other.
    limit : float
        Largest ratio new / old that counts as equal.

    Returns
    -------
    tuple of Table and list of str
    """
    table = Table(
        f"New against old, {len(old)} rounds",
        *("probe", "old", "new", "new ÷ old", "quartiles", "slower"),
        note=f"""
            The builds take turns, each time in a new process, with one thread. Times are medians over the rounds of the
            best sample of each. A probe is "slower" if three quarters of its ratios are above {limit:g}.
        """,
    )
    slower = []
    for name in (name for name in new[0] if name in old[0]):
        ratios = np.array([b[name] / a[name] for a, b in zip(old, new, strict=True)])
        low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
        medians = [float(np.median([seconds[name] for seconds in rounds])) for rounds in (old, new)]
        if low > limit:
            slower.append(name)
        is_slower = "**yes**" if low > limit else "no"
        table.add(name, *map(duration, medians), f"{middle:.2f}", f"{low:.2f} to {high:.2f}", is_slower)
    return table, slower


def main() -> int:
    """Compare two commits, and return 1 if a probe became slower."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("old", nargs="?", default="HEAD~1", help="the commit to compare with")
    parser.add_argument("new", nargs="?", default="HEAD", help="the commit to judge; . is the working tree")
    parser.add_argument("--rounds", type=int, default=9, help="number of turns of each build")
    parser.add_argument("--limit", type=float, default=1.1, help="largest ratio new / old that counts as equal")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache/track", help="folder of the builds")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    folders = [build(commit, options.cache.resolve()) for commit in (options.old, options.new)]
    rounds: tuple[list[dict[str, float]], list[dict[str, float]]] = ([], [])
    for turn in range(options.rounds):
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            rounds[which].append(time_once(folders[which]))
    table, slower = compare(*rounds, options.limit)
    print(table)
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
