# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Run all benchmarks except the long ones in turn, each in its own process. The options are passed on."""

from __future__ import annotations

import subprocess
import sys

from bench._command import ROOT, parser

NAMES = (
    "summary",
    "exactness",
    "unbiased",
    "noise",
    "weighted",
    "coverage",
    "counted",
    "data_valuation",
    "hidden",
    "parity",
    "regression",
    "overhead",
    "exact",
    "masking",
    "memory",
    "durable",
    "power_cut",
    "repeats",
    "clusters",
    "end_to_end",
    "latency",
    "adapters",
    "latency_trees",
    "stopping",
    "designs",
    "block_choice",
    "explanations",
    "gradients",
    "interactions",
    "lock",
    "million",
    "regions",
    "retrieval",
    "scale",
    "sparse",
    "trees",
    "tree_interactions",
    "service",
)
# adjusted, paper and peers take an hour each, and soak takes half of one. context, peers and shapley install packages
# with pip, sources fetches catalogues with apt, and track builds two commits.
LONG = ("adjusted", "context", "paper", "peers", "shapley", "soak", "sources", "track")


def main() -> int:
    """Run the benchmarks, and return the number of those that failed."""
    parser(__doc__ or "").parse_args()
    failed = []
    for name in NAMES:
        if subprocess.run([sys.executable, "-m", f"bench.{name}", *sys.argv[1:]], cwd=ROOT).returncode != 0:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
