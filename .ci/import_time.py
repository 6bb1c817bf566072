# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Checks that importing banzhaf takes less than 100 ms of CPU beyond NumPy, in the median of fresh interpreters."""

from __future__ import annotations

import statistics
import subprocess
import sys

LIMIT = 0.100
CODE = """
import numpy, sys, time
before = set(sys.modules)
start = time.process_time()
import banzhaf
print(time.process_time() - start, *sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


def main() -> None:
    """Print the median and what was imported; exit with an error over the limit."""
    command = [sys.executable, "-I", "-c", CODE]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(11)]
    seconds = statistics.median(float(run[0]) for run in runs)
    print(f"import banzhaf: {seconds * 1e3:.1f} ms beyond NumPy")
    if seconds >= LIMIT:
        sys.exit(f"over {LIMIT * 1e3:.0f} ms; imported: {' '.join(runs[0][1:])}")


if __name__ == "__main__":
    main()
