# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test that Ctrl-C ends native work: the program continues long before the work would be done."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no SIGINT can be sent to one process there")

# A thread reports that the work has begun, and the work is repeated until it is interrupted.
# The time after the interrupt is CPU time, so that other processes on the machine do not count.
PROGRAM = """
import threading, time, warnings
import numpy as np
import banzhaf
from banzhaf import _core

warnings.simplefilter("ignore")
rng, options = np.random.default_rng(0), _core.EstimateOptions(num_threads=2)
{setup}
def say_ready():
    global begin
    begin = time.process_time()
    print("ready", flush=True)

ready = threading.Timer(0.3, say_ready)
try:
    ready.start()
    while True:
        {work}
except KeyboardInterrupt:
    print("ended after", time.process_time() - begin)
"""

# All but the last would take ten seconds or more if only Python checked for signals.
WORK = {
    "a dense fit": (
        "coalitions = _core.sample_coalitions('paired', 7000, 14_400, 0)\nworths = rng.normal(size=(14_400, 1))",
        "_core.fit(coalitions, worths, options)",
    ),
    "fewer pairs than players": ("", "_core.Estimator('paired', 20_000, 13_000, 0, options)"),
    "players who never part": (
        "coalitions = _core.sample_coalitions('independent', 2500, 5000, 0)\n"
        "coalitions[:, 0] = coalitions[:, 1]\nworths = rng.normal(size=(5000, 1))",
        "_core.fit(coalitions, worths, options)",
    ),
    "planning": (
        "sizes = iter(range(400, 1000, 4))",
        "n = next(sizes); _core.GameEvaluation('hadamard', n, 2 * n + 2, 0)",
    ),
    "sampling": ("", "_core.sample_coalitions('independent', 2000, 2_000_000, 0)"),
    "many short calls": ("worths = rng.normal(size=2**16)", "_core.walsh_hadamard(worths, 1)"),
}


@pytest.mark.parametrize("work", WORK)
def test_an_interrupt_ends(work, fresh_python):
    setup, repeated = WORK[work]
    printed = fresh_python(PROGRAM.format(setup=setup, work=repeated), interrupted=True)
    seconds = float(printed.removeprefix("ended after "))
    assert seconds < 5


def test_a_handler_s_own_exception_arrives(fresh_python):
    """Any exception of a handler ends the work, and a handler that returns lets it continue."""
    program = """
import signal, threading
import banzhaf
from banzhaf import _core

class Stop(Exception): pass

seen = []
def handle(number, frame):
    seen.append(float(banzhaf.exact(lambda c: c.sum(1), 3).values.sum()))  # the core serves handlers too
    if len(seen) == 2:
        raise Stop
    threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()

signal.signal(signal.SIGINT, handle)
try:
    threading.Timer(0.3, print, ["ready"], {"flush": True}).start()
    while True:
        _core.Estimator("paired", 3000, 7000, 0, _core.EstimateOptions(num_threads=2))
except Stop:
    print(seen)
"""
    assert fresh_python(program, interrupted=True) == "[3.0, 3.0]\n"
