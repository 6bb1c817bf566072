# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The queue and its threads: order, sizes of batches, deadlines, failures and the end."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest
from explain_service.batcher import CUT_OFF, Answer, Batcher, Closed, QueueFull, now

FAR = 3600.0


class Recording:
    """An engine that notes its batches. The value of a row is twice its cell; a row of -1 fails."""

    def __init__(self, name="engine", gate=None, can_stop_early=False):
        self.name = name
        self.can_stop_early = can_stop_early
        self.batches = []
        self.seconds = []
        self.gate = gate
        self.needs = 0.0  # with less time it answers nothing

    def __call__(self, rows, seconds):
        self.batches.append(rows[:, 0].tolist())
        self.seconds.append(seconds)
        if self.gate:
            self.gate.pass_()
        if (rows < 0).any():
            raise ArithmeticError("a negative cell")
        if seconds < self.needs:
            return [CUT_OFF] * len(rows)
        return [Answer(2 * row, row, float(row[0]), "budget", 1, 10) for row in rows]


class Request:
    def __init__(self, batcher, *cells, seconds=FAR, engine="engine"):
        self.done = threading.Event()
        rows = np.array(cells, dtype=float)[:, np.newaxis]
        self.ticket = batcher.submit(engine, rows, now() + seconds, self.done.set)

    def values(self):
        assert self.done.wait(60)
        return [None if answer.values is None else float(answer.values[0]) for answer in self.ticket.answers]


@pytest.fixture
def start():
    batchers = []

    def make(*engines, **options):
        chosen = {"n_threads": 1, "max_queue_rows": 100, "max_batch_rows": 100, "batch_seconds": 60.0, **options}
        batchers.append(Batcher(engines, **chosen))
        return batchers[-1]

    yield make
    for batcher in batchers:
        batcher.close(60)


def held(batcher, gate, engine="engine"):
    """Occupy the only thread, so that what comes next waits."""
    gate.shut()
    first = Request(batcher, 1, engine=engine)
    gate.wait_for_call()
    return first


def test_answers_keep_the_order_of_the_rows(start):
    batcher = start(Recording(), n_threads=2, max_batch_rows=3, max_queue_rows=1000)
    cells = range(20)
    requests = [Request(batcher, *range(cell, cell + 7)) for cell in cells]
    for cell, request in zip(cells, requests, strict=True):
        assert request.values() == [2.0 * other for other in range(cell, cell + 7)]
        assert request.ticket.is_done


def test_requests_that_wait_share_batches_of_limited_size(start, gate):
    engine = Recording(gate=gate)
    batcher = start(engine, max_batch_rows=4)
    held(batcher, gate)
    requests = [Request(batcher, cell, cell + 0.5) for cell in (2, 3, 4)]
    assert batcher.n_waiting == 6
    gate.open()
    assert [request.values() for request in requests] == [[4, 5], [6, 7], [8, 9]]
    assert engine.batches == [[1], [2, 2.5, 3, 3.5], [4, 4.5]]


def test_the_nearest_deadline_comes_first(start, gate):
    engine = Recording(gate=gate)
    batcher = start(engine, max_batch_rows=1)
    held(batcher, gate)
    requests = [Request(batcher, cell, seconds=FAR + seconds) for cell, seconds in ((2, 30), (3, 10), (4, 20))]
    gate.open()
    for request in requests:
        request.values()
    assert engine.batches == [[1], [3], [4], [2]]


def test_a_batch_has_the_rows_of_one_engine(start, gate):
    first, second = Recording("first", gate), Recording("second", gate)
    batcher = start(first, second)
    held(batcher, gate, "first")
    requests = [Request(batcher, cell, engine=name) for cell, name in ((2, "second"), (3, "first"), (4, "second"))]
    gate.open()
    assert [request.values() for request in requests] == [[4], [6], [8]]
    assert first.batches == [[1], [3]]
    assert second.batches == [[2, 4]]


def test_a_batch_is_as_large_as_its_expected_time_allows(start, gate):
    engine = Recording(gate=gate)
    batcher = start(engine, batch_seconds=2200.0)
    batcher.learn("engine", 1000.0, 1)
    held(batcher, gate)
    requests = [Request(batcher, cell) for cell in (2, 3, 4)]
    gate.open()
    for request in requests:
        request.values()
    assert engine.batches[1] == [2, 3]


def test_a_full_queue_refuses_and_says_when_to_come_back(start, gate):
    batcher = start(Recording(gate=gate), max_queue_rows=3)
    batcher.learn("engine", 10.0, 1)
    first = held(batcher, gate)
    second = Request(batcher, 2, 3)
    with pytest.raises(QueueFull) as full:
        Request(batcher, 4, 5)
    assert full.value.retry_after == pytest.approx(20.0)
    third = Request(batcher, 6)
    gate.open()
    assert [first.values(), second.values(), third.values()] == [[2], [4, 6], [12]]


def test_a_row_that_fails_spoils_no_other(start, gate):
    engine = Recording(gate=gate)
    batcher = start(engine)
    held(batcher, gate)
    good, bad, other = Request(batcher, 2, 3), Request(batcher, 4, -1), Request(batcher, 5)
    gate.open()
    assert (good.values(), other.values()) == ([4, 6], [10])
    assert bad.done.wait(60)
    assert isinstance(bad.ticket.error, ArithmeticError)
    assert good.ticket.error is None
    assert engine.batches[1] == [2, 3, 4, -1, 5]


def test_a_row_whose_time_is_up_is_answered_without_values(start, gate):
    engine = Recording(gate=gate)
    batcher = start(engine, reserve_seconds=0.001)
    late = Request(batcher, 7, seconds=-1.0)
    assert late.values() == [None]
    assert late.ticket.answers == [CUT_OFF]
    assert engine.batches == []


def test_an_abandoned_row_is_not_explained(start, gate):
    engine = Recording(gate=gate)
    batcher = start(engine)
    held(batcher, gate)
    Request(batcher, 2).ticket.abandon()
    last = Request(batcher, 3)
    gate.open()
    assert last.values() == [6]
    assert engine.batches == [[1], [3]]


def test_a_row_that_the_deadline_of_another_cut_off_is_explained_again(start, gate):
    engine = Recording(gate=gate)
    batcher = start(engine)
    held(batcher, gate)
    engine.needs = FAR
    near, far = Request(batcher, 2, seconds=FAR / 2), Request(batcher, 3, seconds=2 * FAR)
    gate.open()
    assert near.values() == [None]
    assert far.values() == [6]
    assert engine.batches == [[1], [2, 3], [3]]


@pytest.mark.parametrize(
    ("can_stop_early", "usual", "least", "most"),
    [(True, 0.15 * FAR, 0.4 * FAR / 10, 0.5 * FAR / 10), (True, FAR / 100, FAR / 2, FAR), (False, FAR, FAR / 2, FAR)],
    ids=["too many rows", "time for all", "an engine that cannot stop"],
)
def test_an_engine_that_can_stop_early_shares_the_time(start, gate, can_stop_early, usual, least, most):
    engine = Recording(gate=gate, can_stop_early=can_stop_early)
    batcher = start(engine, max_batch_rows=1)
    batcher.learn("engine", usual, 1)
    held(batcher, gate)
    requests = [Request(batcher, cell, seconds=FAR) for cell in range(10)]
    gate.open()
    for request in requests:
        request.values()
    assert least < engine.seconds[1] <= most


def test_a_share_is_never_too_small_for_any_values(start, gate):
    engine = Recording(gate=gate, can_stop_early=True)
    batcher = start(engine, max_batch_rows=1)
    batcher.learn("engine", FAR, 1)
    held(batcher, gate)
    requests = [Request(batcher, cell, seconds=FAR) for cell in range(40)]
    gate.open()
    for request in requests:
        request.values()
    assert engine.seconds[1] > FAR / 10


def test_an_engine_that_breaks_its_promise_fails_its_requests_and_no_thread(start):
    class Short(Recording):
        def __call__(self, rows, seconds):
            return super().__call__(rows, seconds)[:-1]

    batcher = start(Short())
    broken = Request(batcher, 1, 2)
    assert broken.done.wait(60)
    assert isinstance(broken.ticket.error, ValueError)
    assert Request(batcher, 3).done.wait(60)


def test_closing_finishes_the_queue_and_refuses_more(start, gate):
    batcher = start(Recording(gate=gate), max_batch_rows=2)
    first = held(batcher, gate)
    others = [Request(batcher, cell) for cell in range(2, 7)]
    closed = []
    closing = threading.Thread(target=lambda: closed.append(batcher.close(60)))
    closing.start()
    while True:  # until the batcher knows
        try:
            others.append(Request(batcher, 9))
        except Closed:
            break
    gate.open()
    closing.join(60)
    assert closed == [True]
    assert batcher.is_idle
    assert first.values() == [2]
    assert all(value is not None for request in others for value in request.values())


def test_closing_in_no_time_fails_what_waits(start, gate):
    batcher = start(Recording(gate=gate))
    held(batcher, gate)
    waiting = Request(batcher, 2)
    assert batcher.close(0.0) is False
    assert waiting.done.wait(60)
    assert isinstance(waiting.ticket.error, Closed)


def test_batches_are_reported(start):
    told = []
    batcher = start(Recording(), on_batch=lambda *batch: told.append(batch))
    Request(batcher, 1, 2, 3).values()
    batcher.close(60)
    assert sum(rows for _, rows, _, _ in told) == 3
    assert sum(model_rows for *_, model_rows in told) == 30
    assert all(name == "engine" and 0 <= seconds < math.inf for name, _, seconds, _ in told)
