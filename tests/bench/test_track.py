# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tests of the comparison of two commits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "bench").is_dir():
    pytest.skip("the benchmarks are not in an sdist", allow_module_level=True)
sys.path.append(str(ROOT))
pytest.importorskip("threadpoolctl")

from bench.track.__main__ import compare  # noqa: E402


def test_a_slower_probe_is_named_and_equal_ones_are_not():
    old = [{"fit": 1.0, "exact": 2.0, "gone": 1.0}, {"fit": 1.1, "exact": 2.2, "gone": 1.0}] * 4
    new = [{"fit": 1.3, "exact": 2.1, "added": 1.0}, {"fit": 1.5, "exact": 2.1, "added": 1.0}] * 4
    table, slower = compare(old, new, limit=1.1)
    assert slower == ["fit"]
    assert [row[0] for row in table.rows] == ["fit", "exact"]
    assert [row[-1] for row in table.rows] == ["**yes**", "no"]


def test_one_disturbed_round_is_no_slower_probe():
    old = [{"fit": 1.0}] * 8
    new = [{"fit": 1.0}] * 7 + [{"fit": 9.0}]
    assert compare(old, new, limit=1.1)[1] == []


@pytest.mark.slow
def test_the_probes_run_on_this_build():
    code = "import sys; sys.path.append(sys.argv[1]); from bench.track import probes; probes.main()"
    printed = subprocess.run([sys.executable, "-c", code, ROOT], check=True, capture_output=True, text=True).stdout
    seconds = json.loads(printed)["seconds"]
    assert len(seconds) >= 10
    assert all(each > 0 for each in seconds.values())
