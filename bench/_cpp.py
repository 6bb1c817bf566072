# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The C++ programs of the benchmarks, built from this checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench._command import ROOT, Unavailable

_BUILD = ROOT / "build" / "bench"


def build(program: str) -> Path:
    """Build a C++ program of ``bench/cpp`` in Release, and return its path.

    Raises
    ------
    Unavailable
        If CMake, or a compiler, is missing.
    """
    cmake = shutil.which("cmake")
    if cmake is None:
        raise Unavailable(
            "the C++ program needs CMake and a C++20 compiler: pip install cmake ninja cmeel-eigen==3.4.1"
        )
    configure = [cmake, "-S", str(ROOT / "bench" / "cpp"), "-B", str(_BUILD), "-DCMAKE_BUILD_TYPE=Release"]
    for command in (
        [*configure, f"-DPython_EXECUTABLE={sys.executable}"],
        [
            cmake,
            "--build",
            str(_BUILD),
            "--config",
            "Release",
            "--target",
            program,
            "--parallel",
            str(os.cpu_count() or 1),
        ],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Unavailable(f"the C++ program could not be built:\n{done.stdout}{done.stderr}")
    return next(path for path in (_BUILD / program, *_BUILD.rglob(f"{program}.exe")) if path.is_file())
