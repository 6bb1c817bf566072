# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A little of each fuzz target in every run; nightly runs take ten minutes a target."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMES = ["load", "sizes", "store", "store_rows", "study_command", "tree_file", "ubjson"]


def run(*arguments):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", HERE / "fuzz.py", *arguments], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" 0 failures\n")


@pytest.mark.usefixtures("limited_memory")
@pytest.mark.parametrize(
    "name", ["sizes", "store", "store_rows", "study_command"]
)  # the others have tests of their own
def test_some_inputs(name):
    run(name, "--runs", "40")


@pytest.mark.slow
@pytest.mark.usefixtures("limited_memory")
@pytest.mark.parametrize("name", NAMES)
def test_more_inputs(name):
    run(name, "--seconds", "1.5", "--seed", "1")
