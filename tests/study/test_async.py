# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Awaitable games: bounded calls in flight, time-outs, failures, and the bits of `estimate`."""

from __future__ import annotations

import asyncio
import random

import numpy as np
import pytest
from oracles import curved

import banzhaf


def run(game, **arguments):
    return asyncio.run(banzhaf.estimate_async(game, 12, **{"budget": 96, "random_state": 5, **arguments}))


def expected():
    return banzhaf.estimate(curved, 12, budget=96, random_state=5)


def test_calls_in_flight_failing_and_hanging_give_the_bits_of_estimate():
    """64 in flight, a fifth of the calls failing, and one in twenty hanging."""
    chance, now, most = random.Random(3), 0, 0

    async def game(coalitions):
        nonlocal now, most
        now += 1
        most = max(most, now)
        try:
            luck = chance.random()
            await asyncio.sleep(60 if luck < 0.05 else 0.001)
            if luck < 0.25:
                raise ConnectionError("busy")
            return curved(coalitions)
        finally:
            now -= 1

    found = run(game, max_in_flight=64, timeout=0.2, on_error="retry", retries=20, max_failures=50)
    assert found == expected()
    assert 16 < most <= 64
    assert now == 0


def test_a_function_of_one_coalition_and_several_outputs():
    async def size(players):
        await asyncio.sleep(0)
        return len(players)

    np.testing.assert_array_equal(run(banzhaf.per_coalition(size, "set")).values, np.ones(12))

    async def both(coalitions):
        return np.stack([curved(coalitions), coalitions.sum(axis=1)], axis=1)

    np.testing.assert_array_equal(run(both, batch_size=7).values[:, 0], expected().values)


def test_a_failure_cancels_the_others_and_a_store_resumes(tmp_path):
    calls, cancelled = 0, 0

    async def game(coalitions):
        nonlocal calls, cancelled
        calls += 1
        if calls == 40:
            raise ConnectionError("down")
        try:
            await asyncio.sleep(0.001 if calls < 40 else 60)
        except asyncio.CancelledError:
            cancelled += 1
            raise
        return curved(coalitions)

    path = tmp_path / "a.db"
    with pytest.raises(ConnectionError, match="down") as caught:
        run(game, store=path, max_in_flight=8)
    kept = caught.value.evaluations
    np.testing.assert_array_equal(kept.worths[:, 0], curved(kept.coalitions))
    drawn = banzhaf.sample_coalitions(12, 96, random_state=5)
    np.testing.assert_array_equal(kept.coalitions, drawn[kept.rows])
    with banzhaf.Study.open(path) as study:
        told = study.n_told
        assert 24 <= told == len(kept) < 40
        assert study.n_out == 0
    assert calls == told + 1 + cancelled
    calls = -1000
    assert run(game, store=path, max_in_flight=8) == expected()
    assert calls + 1000 == 96 - told


def test_a_cancelled_run_keeps_what_was_told(tmp_path):
    async def game(coalitions):
        await asyncio.sleep(0.002)
        return curved(coalitions)

    async def cancelled():
        task = asyncio.ensure_future(
            banzhaf.estimate_async(game, 12, budget=2000, random_state=5, store=tmp_path / "a.db")
        )
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    with banzhaf.Study.open(tmp_path / "a.db") as study:
        assert 0 < study.n_told < 2000
        assert study.n_out == 0


def test_a_rule_ends_the_run():
    async def game(coalitions):
        return curved(coalitions)

    arguments = {"budget": 2000, "tolerance": 0.5, "confidence": 0.5}
    found = run(game, **arguments)
    assert found == banzhaf.estimate(curved, 12, random_state=5, **arguments)
    assert found.stopped == "tolerance"


def test_wrong_games_are_named():
    with pytest.raises(TypeError, match="game must return an awaitable, got ndarray"):
        run(curved)
    with pytest.raises(TypeError, match="game must be a callable"):
        run(3)

    async def none(coalitions):
        return None

    with pytest.raises(TypeError, match="game must return an array"):
        run(none)
