# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Where the service is, the columns and the background of a small model, and what holds up its calls."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

SERVICE = Path(__file__).parents[2] / "examples" / "service"
COLUMNS = ("age", "income", "height")
BACKGROUND = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)


class Gate:
    """What a model passes on every call. A test shuts it, and sees how many calls wait."""

    def __init__(self):
        self._open = threading.Event()
        self._open.set()
        self._reached = threading.Semaphore(0)

    def pass_(self):
        if not self._open.is_set():
            self._reached.release()
            assert self._open.wait(60)

    def shut(self):
        self._open.clear()

    def open(self):
        self._open.set()

    def wait_for_call(self):
        assert self._reached.acquire(timeout=60)
