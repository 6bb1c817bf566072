# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What all tests share: settings of the property tests, libraries that may be missing, and a fresh interpreter."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

import banzhaf

# The same examples in every run, and no verdict by the clock.
settings.register_profile("banzhaf", deadline=None, derandomize=True, database=None)
settings.load_profile("banzhaf")

# Programs that tests start run in folders of their own, where a relative path leads elsewhere.
if "PYTHONPATH" in os.environ:
    os.environ["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, os.environ["PYTHONPATH"].split(os.pathsep)))


@pytest.fixture
def pd():
    return pytest.importorskip("pandas")


@pytest.fixture
def pl():
    return pytest.importorskip("polars")


@pytest.fixture
def xgb():
    return pytest.importorskip("xgboost")


@pytest.fixture
def lgb():
    return pytest.importorskip("lightgbm")


@pytest.fixture
def limited_memory():
    """Let a test limit the memory of a program, unless AddressSanitizer has reserved terabytes of it."""
    if sys.platform != "linux":
        pytest.skip("limits memory as Linux does")
    if "libasan" in os.environ.get("LD_PRELOAD", ""):
        pytest.skip("a sanitizer reserves more memory than the limit")


@pytest.fixture
def counted(monkeypatch):
    """Return the list of all steps by which a progress bar is advanced during the test."""
    tqdm = pytest.importorskip("tqdm.auto")
    counts = []

    class Bar:
        def __init__(self, total, **_):
            self.total = total

        def update(self, count):
            counts.append(count)

        def close(self):
            pass

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    return counts


@pytest.fixture
def fresh_python(tmp_path):
    """Return a function that runs a program in a new interpreter that has this banzhaf, and gives what it prints.

    With `interrupted` it is interrupted when it says that it is ready, and what it prints is what comes then.
    """
    path = os.pathsep.join([str(Path(banzhaf.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])

    def run(program, *, interrupted=False, **environment):
        if interrupted:  # a background process may have inherited that SIGINT is ignored
            program = f"import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{program}"
        with subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": path, **environment},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as child:
            try:
                if interrupted:
                    assert child.stdout.readline() == "ready\n"
                    child.send_signal(signal.SIGINT)
                printed, errors = child.communicate(timeout=120)
            finally:
                end(child)
        assert child.returncode == 0, errors
        return printed

    return run


def end(child):
    """Kill a program and those that it has forked, if any of them are left."""
    if not hasattr(os, "killpg"):
        child.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


@pytest.fixture
def interruptible():
    """Let SIGINT interrupt: a background process may have inherited its being ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
