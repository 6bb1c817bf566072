# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Where the pinned Eigen headers lie in this interpreter's environment; as a script it prints them."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path


def include_dir() -> Path:
    """Return the folder that holds ``Eigen/Core``, from the build requirement cmeel-eigen."""
    return Path(str(distribution("cmeel-eigen").locate_file("cmeel.prefix/include/eigen3"))).resolve()


if __name__ == "__main__":
    print(include_dir())
