# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Checks that a wheel carries the package, its extension and the licences, and nothing else."""

from __future__ import annotations

import sys
import zipfile
from pathlib import PurePosixPath


def main(wheel: str) -> None:
    """Exit with what is wrong in the wheel, if anything."""
    names = [name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")]
    problems = []
    for name in names:
        top, suffix = PurePosixPath(name).parts[0], PurePosixPath(name).suffix
        if top not in ("banzhaf", "banzhaf.libs") and not top.endswith(".dist-info"):
            problems.append(f"stray file: {name}")
        if top == "banzhaf" and suffix not in (".py", ".pyi", ".typed", ".so", ".pyd", ".css", ".js", ".h"):
            problems.append(f"unexpected kind of file: {name}")
    for wanted in ("banzhaf/_core.", "banzhaf/_core.pyi", "banzhaf/py.typed", "banzhaf/include/banzhaf/native.h"):
        if not any(name.startswith(wanted) for name in names):
            problems.append(f"missing: {wanted}")
    for wanted in ("licenses/LICENSE", "licenses/LICENSE-third-party.txt"):
        if not any(name.endswith(f".dist-info/{wanted}") for name in names):
            problems.append(f"missing: {wanted}")
    if sum(name.startswith("banzhaf/_core.") and not name.endswith(".pyi") for name in names) != 1:
        problems.append("there must be one extension")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main(sys.argv[1])
