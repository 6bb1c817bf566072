# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test large budgets and many players: the memory of a run, and results that no batch and no thread changes."""

from __future__ import annotations

import os

import numpy as np
import pytest

import banzhaf

MEASURE = """
import re
from pathlib import Path

import banzhaf

def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

def game(coalitions):
    return coalitions[:, 0] + (coalitions[:, 1] & coalitions[:, 2] & coalitions[:, 3])

def run(budget):
    banzhaf.estimate(game, {n}, budget=budget, design="{design}", random_state=0, num_threads=1)

run(20000)
before = peak()
run({budget})
print(peak() - before)
"""

linux = pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads the peak memory from Linux")


def test_same_bits_for_any_batch_and_number_of_threads():
    weights = np.random.default_rng(0).integers(-9, 9, size=(40, 3)).astype(float)  # sums are exact

    def game(coalitions):
        return coalitions @ weights + (coalitions[:, :3].sum(axis=1) == 2)[:, np.newaxis]

    for design in ("hadamard", "paired", "independent"):
        runs = [
            banzhaf.estimate(
                game, 40, budget=20_000, design=design, random_state=1, batch_size=batch_size, num_threads=num_threads
            )
            for batch_size, num_threads in ((None, 1), (999, 2), (20_000, 3))
        ]
        assert runs[0] == runs[1] == runs[2], design


def test_counts_different_coalitions_without_holding_them():
    values = banzhaf.estimate(
        lambda batch: batch[:, 0], 17, budget=120_000, design="paired", random_state=2, standard_errors=False
    )
    drawn = banzhaf.sample_coalitions(17, 120_000, design="paired", random_state=2)
    assert values.n_distinct == len(np.unique(np.packbits(drawn, axis=1), axis=0))


@linux
@pytest.mark.slow
@pytest.mark.parametrize(("design", "bytes_each"), [("hadamard", 8), ("paired", 16)])
def test_memory_of_ten_million_evaluations(fresh_python, design, bytes_each):
    budget = 10_000_000
    grown = int(fresh_python(MEASURE.format(n=30, design=design, budget=budget)))
    assert grown < bytes_each * budget + 150_000_000
    assert grown > 4 * budget  # the worths themselves, so the measurement works
