# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test that children forked after parallel work do not hang, and get the same bits."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")

# Each program runs in its own interpreter; an alarm ends a child that hangs.
COMMON = """
import multiprocessing, os, signal
import numpy as np
import banzhaf

def game(coalitions):
    return coalitions @ np.arange(300.0) + coalitions[:, 0] * coalitions[:, 1] * coalitions[:, 2]

def work(seed):
    return banzhaf.estimate(game, 300, budget=4000, design="paired", random_state=seed, num_threads=2).values

def in_child(function):
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(0 if function() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

expected = work(0)

def same():
    return np.array_equal(work(0), expected)

"""
PROGRAMS = {
    "a child": "assert in_child(same)",
    "one child after another, the parent working in between": "assert all(in_child(same) and same() for _ in range(3))",
    "a child of a child": "assert in_child(lambda: same() and in_child(same) and same())",
    "a child that never works": "assert in_child(lambda: True) and same()",
    "a child of a thread": """
import threading
found = []
thread = threading.Thread(target=lambda: found.append(in_child(same)))
thread.start()
thread.join()
assert found == [True]
""",
    "a pool of processes": """
with multiprocessing.get_context("fork").Pool(2) as pool:
    found = pool.map_async(work, range(4)).get(timeout=60)
assert all(np.array_equal(values, work(seed)) for seed, values in enumerate(found))
""",
    "children that are started anew": """
table = np.random.default_rng(0).normal(size=2**18)
transformed = banzhaf.walsh_hadamard(table, num_threads=2)
for method in ("spawn", "forkserver"):
    with multiprocessing.get_context(method).Pool(2) as pool:
        found = pool.apply_async(banzhaf.walsh_hadamard, (table,), {"num_threads": 2}).get(timeout=100)
    assert np.array_equal(found, transformed)
""",
    "a pool inside the game": """
signal.alarm(60)
with multiprocessing.get_context("fork").Pool(2) as pool:
    def shared(coalitions):
        return np.concatenate(pool.map(game, np.array_split(coalitions, 2)))
    found = banzhaf.estimate(shared, 300, budget=4000, design="paired", random_state=0, num_threads=2, batch_size=1000)
assert np.allclose(found.values, expected)
""",
    "a fork by the game": """
def forking(coalitions):
    assert in_child(same)
    return game(coalitions)
found = banzhaf.estimate(forking, 300, budget=4000, design="paired", random_state=0, num_threads=2, batch_size=1000)
assert np.allclose(found.values, expected)
""",
    "an explainer that is called in a child": """
rng = np.random.default_rng(0)
background, X = rng.normal(size=(100, 40)), rng.normal(size=(3, 40))
explain = banzhaf.Explainer(lambda rows: rows[:, :3].prod(axis=1), background, random_state=0, num_threads=2)
first = explain(X)
assert in_child(lambda: explain(X) == first)
""",
}


@pytest.mark.parametrize("case", PROGRAMS)
def test_work_goes_on_in(case, fresh_python):
    assert fresh_python(COMMON + PROGRAMS[case] + "\nprint('done')") == "done\n"
