# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test that an interpreter ends quietly, with its own exit status, while daemon threads are inside calls."""

from __future__ import annotations

import pytest

# A daemon thread repeats a call, and the main thread ends shortly after the call has begun.
PROGRAM = """
import threading, time, warnings
import numpy as np
import banzhaf
from banzhaf import _core

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
{setup}
begun = threading.Event()

def repeat():
    begun.set()
    while True:
        {call}

for _ in range({threads}):
    threading.Thread(target=repeat, daemon=True).start()
begun.wait()
time.sleep({seconds})
"""

# Preparation and repeated call: time is spent in Python callbacks, in native work, or in both.
CALLS = {
    "a game": ("", "banzhaf.estimate(lambda c: c.sum(1), 20, budget=2000)"),
    "a game, one coalition at a time": ("", "banzhaf.estimate(lambda c: c.sum(1), 20, budget=2000, batch_size=1)"),
    "a slow game": ("", "banzhaf.estimate(lambda c: time.sleep(0.01) or c.sum(1), 20, budget=2000, batch_size=50)"),
    "a game that raises": (
        "def fail(c): raise OSError('gone')\n"
        "def quiet():\n"
        "    try: banzhaf.estimate(fail, 20, budget=2000)\n"
        "    except OSError: pass",
        "quiet()",
    ),
    "a callback": ("", "banzhaf.estimate(lambda c: c.sum(1), 20, budget=2000, callback=lambda values: False)"),
    "a complete table": ("worths = rng.normal(size=2**20)", "banzhaf.exact(worths, 20, num_threads=2)"),
    "walsh_hadamard": ("worths = rng.normal(size=2**20)", "banzhaf.walsh_hadamard(worths, num_threads=2)"),
    "fit": (
        "coalitions = banzhaf.sample_coalitions(200, 2000, random_state=0)",
        "banzhaf.fit(coalitions, coalitions.sum(1), num_threads=2)",
    ),
    "sampling": ("", "banzhaf.sample_coalitions(100, 5000, random_state=0)"),
    "planning": ("", "_core.GameEvaluation('hadamard', 60, 2 * 61 + 2, 0)"),
    "a model": (
        "explain = banzhaf.Explainer(lambda r: np.tanh(r).prod(1), rng.normal(size=(20, 6)), random_state=0)\n"
        "rows = rng.normal(size=(3, 6))",
        "explain(rows)",
    ),
    "a model, shared coalitions": (
        "explain = banzhaf.Explainer(lambda r: r.prod(1), rng.normal(size=(20, 6)), design='paired', random_state=0)\n"
        "rows = rng.normal(size=(3, 6))",
        "explain(rows)",
    ),
}


# Native games and models whose functions ask for the interpreter lock, also on the core's own threads.
NATIVE = """
import ctypes
size, doubles = ctypes.c_size_t, ctypes.POINTER(ctypes.c_double)
kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, size, size, doubles, size, ctypes.c_void_p)
def zeros(items, n_items, width, results, n_outputs, data):
    for item in range(n_items): results[item] = 0
    return 0
function = kind(zeros)
"""
CALLS["a native game of Python"] = (
    NATIVE + "game = banzhaf.native_game(function)",
    "banzhaf.estimate(game, 20, budget=20000, num_threads=2)",
)
CALLS["a native model of Python"] = (
    NATIVE + "explain = banzhaf.Explainer(banzhaf.native_model(function, dtype=float), rng.normal(size=(20, 6)))",
    "explain(rng.normal(size=(3, 6)))",
)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("call", CALLS)
def test_a_daemon_thread_ends_with_the_process(fresh_python, call, threads):
    setup, repeated = CALLS[call]
    program = PROGRAM.format(setup=setup, call=repeated, threads=threads, seconds=0.1)
    assert fresh_python(program + "print('over')") == "over\n"


def test_the_main_thread_still_calls_at_exit(fresh_python):
    """The main thread may still work while the interpreter ends and daemon threads sleep."""
    program = PROGRAM.format(setup="", call=CALLS["a game"][1], threads=2, seconds=0.05)
    program += """
import atexit

class Last:
    def __del__(self):
        print(banzhaf.exact(lambda c: c.sum(1), 4).values)

last = Last()
atexit.register(lambda: print(banzhaf.exact(lambda c: c.sum(1), 3).values))
"""
    assert fresh_python(program).split("\n")[0] == "[1. 1. 1.]"


def test_the_exit_status_is_the_program_s(fresh_python):
    program = PROGRAM.format(setup="", call=CALLS["a game"][1], threads=2, seconds=0.05)
    with pytest.raises(AssertionError, match="seven"):
        fresh_python(program + "raise SystemExit('seven')")
