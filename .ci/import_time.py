# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Checks that importing banzhaf takes less than 100 ms of CPU beyond NumPy, in the median of fresh interpreters.

On a machine where NumPy itself takes long, it may take one and a half times as long as NumPy.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

LIMIT, SHARE = 0.100, 1.5
CODE = """
import sys, time
start = time.process_time()
import numpy
middle, before = time.process_time(), set(sys.modules)
import banzhaf
end = time.process_time()
print(middle - start, end - middle, *sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


def main() -> None:
    """Print the medians and what was imported; exit with an error over the limit."""
    command = [sys.executable, "-I", "-c", CODE]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(11)]
    of_numpy, seconds = (statistics.median(float(run[k]) for run in runs) for k in (0, 1))
    print(f"import banzhaf: {seconds * 1e3:.1f} ms beyond NumPy, which takes {of_numpy * 1e3:.1f} ms")
    limit = max(LIMIT, SHARE * of_numpy)
    if seconds >= limit:
        sys.exit(f"over {limit * 1e3:.0f} ms; imported: {' '.join(runs[0][2:])}")


if __name__ == "__main__":
    main()
