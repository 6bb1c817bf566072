# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The build backend: scikit-build-core, whose sdist here also carries the Eigen headers it was made with."""

from __future__ import annotations

import shutil
from pathlib import Path

import scikit_build_core.build as backend
from scikit_build_core.build import *  # noqa: F403  # every other hook is scikit-build-core's own
from vendored_eigen import include_dir

VENDORED = Path("cpp/third_party/eigen")


def build_sdist(sdist_directory: str, config_settings: dict[str, list[str] | str] | None = None) -> str:
    """Make the sdist with Eigen inside; the copy in the source tree lives only as long as that takes."""
    if VENDORED.exists():  # an unpacked sdist
        return backend.build_sdist(sdist_directory, config_settings)
    try:
        shutil.copytree(include_dir() / "Eigen", VENDORED / "Eigen")
        return backend.build_sdist(sdist_directory, config_settings)
    finally:
        shutil.rmtree(VENDORED, ignore_errors=True)
