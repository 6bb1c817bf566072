# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""All benchmarks but the long ones, one after the other, each in a process of its own; options are passed on."""

from __future__ import annotations

import subprocess
import sys

from bench._command import ROOT, parser

NAMES = (
    "summary",
    "exactness",
    "unbiased",
    "noise",
    "coverage",
    "hidden",
    "parity",
    "regression",
    "overhead",
    "exact",
    "masking",
    "memory",
    "end_to_end",
    "stopping",
    "designs",
    "explanations",
    "million",
    "trees",
)
LONG = ("paper", "peers")  # an hour each; the second asks pip for the peers


def main() -> int:
    """Run the benchmarks; return how many could not."""
    parser(__doc__ or "").parse_args()
    failed = []
    for name in NAMES:
        if subprocess.run([sys.executable, "-m", f"bench.{name}", *sys.argv[1:]], cwd=ROOT).returncode != 0:
            failed.append(name)
    if failed:
        print(f"not printed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
