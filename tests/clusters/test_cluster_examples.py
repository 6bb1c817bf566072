# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The examples of clusters, each on four processes of its engine, of which one is killed with SIGKILL on the way.

Each compares its results with those of one process to the last bit. It fails if they differ or nothing was killed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import banzhaf

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "clusters"
SECONDS = 540  # an engine's start takes long on a busy machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the examples find a process's parent in /proc"),
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the examples are not beside the tests"),
]


@pytest.mark.parametrize("engine", ["joblib", "dask", "ray", "spark"])
def test_a_killed_worker_changes_no_bit(engine):
    for needed in ("sklearn", "pandas", {"spark": "pyspark", "dask": "distributed"}.get(engine, engine)):
        pytest.importorskip(needed)
    if engine == "joblib" and shutil.which("pgrep") is None and importlib.util.find_spec("psutil") is None:
        pytest.skip("without pgrep or psutil, joblib cannot end the other workers of a pool that broke")
    if engine == "spark" and shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java")
    # Workers import what this process imports, from where it does.
    package = str(Path(banzhaf.__file__).parents[1])
    path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        [sys.executable, str(FOLDER / f"on_{engine}.py")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = [line for line in ended.stdout.splitlines() if ": the bits of one process, one worker killed, " in line]
    assert [line.partition(":")[0] for line in lines] == ["rows", "rows, trees from a file", "game"]
