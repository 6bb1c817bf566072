# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Measure the peak resident memory of one large estimate, beyond the interpreter with NumPy and banzhaf."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench._command import ROOT, Options, main
from bench._table import Table, verdict

_TARGET = 400e6  # bytes
_SIZES = ((100, 2000), (1000, 20000), (1000, 200000))
_METHODS = ("estimate", "estimate, no standard errors", "NumPy")


def tables(options: Options) -> Iterator[Table]:
    table = Table(
        "Peak resident memory",
        *("n, m", "method", "MB beyond the interpreter", f"< {_TARGET / 1e6:.0f} MB"),
        note="""
            Each estimate has its own process. The memory of the interpreter with NumPy, banzhaf and the game's weights
            is subtracted. The game is `coalitions @ weights`, and its temporary copy of a batch is part of every
            figure. NumPy evaluates all coalitions at once, then computes X^T X and calls `solve`. MB are 10^6 bytes.
        """,
    )
    for n, m in _SIZES[:2] if options.quick else _SIZES:
        for method in _METHODS:
            peak = _peak(method, n, m, options.threads)
            ours = method != "NumPy" and (n, m) == _SIZES[-1]
            table.add(f"{n}, {m}", method, f"{peak / 1e6:.0f}", verdict(peak < _TARGET) if ours else "")
    yield table


def _peak(method: str, n: int, m: int, threads: int) -> int:
    """Estimate once in a new process, and return the growth of its peak memory in bytes."""
    command = [sys.executable, "-m", "bench.memory", "--measure", method, str(n), str(m), str(threads)]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def _measure(method: str, n: int, m: int, threads: int) -> None:
    """Print the number of bytes by which one estimate raises the peak memory of the process."""
    import numpy as np

    import banzhaf
    from bench._games import additive_game, numpy_estimate

    game, weights = additive_game(n)
    before = _peak_so_far()
    if method == "NumPy":
        values = numpy_estimate(game, n, m, np.random.default_rng(0))
    else:
        errors = method == "estimate"
        values = banzhaf.estimate(
            game, n, budget=m, design="paired", random_state=0, num_threads=threads, standard_errors=errors
        ).values
    after = _peak_so_far()
    np.testing.assert_allclose(values, weights, atol=1e-6)
    print(after - before)


def _peak_so_far() -> int:
    """Return the peak resident memory of this process in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, getrusage starts with the peak of the parent
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        assert found is not None
        return 1024 * int(found[1])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        _measure(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        main(tables, __doc__)
