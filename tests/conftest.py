# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What all tests share: settings of the property tests, and a fresh interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

import banzhaf

# The same examples in every run, and no verdict by the clock.
settings.register_profile("banzhaf", deadline=None, derandomize=True, database=None)
settings.load_profile("banzhaf")


@pytest.fixture
def fresh_python(tmp_path):
    """Return a function that runs a program in a new interpreter that has this banzhaf, and gives what it prints."""
    path = os.pathsep.join([str(Path(banzhaf.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])

    def run(program, timeout=120, **environment):
        variables = {**os.environ, "PYTHONPATH": path, **environment}
        done = subprocess.run(
            [sys.executable, "-c", program], env=variables, cwd=tmp_path, capture_output=True, text=True, timeout=timeout
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
