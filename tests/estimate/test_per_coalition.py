# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test games of one coalition at a time: forms, worths, kept evaluations and pools."""

from __future__ import annotations

import concurrent.futures
import functools
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from decimal import Decimal

import numpy as np
import pytest
from oracles import Polynomial, same_bits

import banzhaf
from banzhaf import per_coalition

WEIGHTS = np.arange(1.0, 10.0)
FORMS = {
    "set": lambda s: sum(WEIGHTS[i] for i in s),
    "indices": lambda indices: WEIGHTS[indices].sum(),
    "mask": lambda mask: WEIGHTS[mask].sum(),
    "int": lambda z: (z * WEIGHTS).sum(),
    "bits": lambda bits: sum(w for i, w in enumerate(WEIGHTS) if bits >> i & 1),
}
METHODS = {
    "estimate": lambda game, **options: banzhaf.estimate(game, 9, budget=300, random_state=0, **options),
    "anytime": lambda game, **options: banzhaf.estimate(
        game, 9, budget=300, random_state=0, callback=lambda values: None, **options
    ),
    "deadline": lambda game, **options: banzhaf.estimate(
        game, 9, budget=300, random_state=0, deadline=1000.0, **options
    ),
    "exact": lambda game, **options: banzhaf.exact(game, 9, **options),
    "monte_carlo": lambda game, **options: banzhaf.monte_carlo(game, 9, budget=300, random_state=0, **options),
    "msr": lambda game, **options: banzhaf.msr(game, 9, budget=300, random_state=0, **options),
}


class Boom(Exception):
    """An exception that a game raises."""


class Unreadable(Exception):
    """An exception that other processes cannot unpickle."""

    def __init__(self, one, two):
        super().__init__("unreadable")


def each_of(game):
    """Return a function of one mask with the worths of a game."""
    return lambda mask: game(mask[np.newaxis])[0]


def failing(call, error, function=len):
    """Return a function that fails at a given call, and the list of its arguments so far."""
    calls = []

    def game(coalition):
        calls.append(coalition)
        if len(calls) == call:
            raise error
        return function(coalition)

    return game, calls


# Functions for other processes.
def size(coalition):
    return float(len(coalition))


def fails_on_triples(coalition):
    if len(coalition) == 3:
        raise Boom("three")
    return float(len(coalition))


def leaves_on_triples(coalition):
    if len(coalition) == 3:
        sys.exit(3)
    return float(len(coalition))


def unreadable_on_triples(coalition):
    if len(coalition) == 3:
        raise Unreadable(1, 2)
    return float(len(coalition))


def two_outputs(coalition):
    return [len(coalition), os.getpid()]


class TestForms:
    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("method", METHODS)
    def test_give_the_same_bits(self, method, form):
        found = METHODS[method](per_coalition(FORMS[form], form))
        expected = METHODS[method](lambda c: np.array([FORMS["mask"](row) for row in c]))
        assert found == expected

    @pytest.mark.parametrize(
        ("form", "expected"),
        [
            ("set", frozenset({0, 2, 69})),
            ("indices", np.array([0, 2, 69])),
            ("mask", np.isin(np.arange(70), [0, 2, 69])),
            ("int", np.isin(np.arange(70), [0, 2, 69]).astype(np.int64)),
            ("bits", 1 + 4 + 2**69),
        ],
    )
    def test_what_the_function_gets(self, form, expected):
        got = []
        rows = np.zeros((2, 70), dtype=bool)
        rows[0, [0, 2, 69]] = True
        per_coalition(lambda coalition: got.append(coalition) or 1.0, form)(rows)
        assert type(got[0]) is type(expected)
        assert np.array_equal(got[0], expected) if isinstance(expected, np.ndarray) else got[0] == expected
        if form == "set":
            assert {type(i) for i in got[0]} == {int}
            assert got[1] == frozenset()
        elif form == "bits":
            assert got[1] == 0
        else:
            assert got[0].dtype == (bool if form == "mask" else np.int64)
            assert got[1].shape == ((0,) if form == "indices" else (70,))
            got[0][:] = 0
            assert rows[0].sum() == 3

    def test_what_is_kept_of_them_stays(self):
        kept = []
        METHODS["estimate"](per_coalition(lambda mask: kept.append((mask, mask.copy())) or mask[0], "mask"))
        assert all(np.array_equal(now, then) for now, then in kept)

    @pytest.mark.parametrize("form", ["sets", None, 3])
    def test_unknown(self, form):
        with pytest.raises((TypeError, ValueError), match="form must be"):
            per_coalition(len, form)

    def test_wrong_arguments(self):
        with pytest.raises(TypeError, match=r"f must be a callable .*, got int"):
            per_coalition(3, "set")
        with pytest.raises(TypeError, match=r"map must be a callable .*, got list"):
            per_coalition(len, "set", map=[])
        with (
            concurrent.futures.ThreadPoolExecutor(1) as pool,
            pytest.raises(TypeError, match="got ThreadPoolExecutor; pass its map method"),
        ):
            per_coalition(len, "set", map=pool)

    def test_called_directly(self):
        rows = banzhaf.sample_coalitions(9, 20, random_state=0)
        game = per_coalition(FORMS["set"], "set")
        assert same_bits(game(rows), np.array([FORMS["mask"](row) for row in rows]))
        assert per_coalition(lambda s: [1, 2], "set")(rows).shape == (20, 2)
        assert game(rows[:0]).shape == (0,)
        for wrong in (rows[0], rows.astype(int), np.ones((2, 2, 2), dtype=bool)):
            with pytest.raises(TypeError, match="coalitions must be a boolean array of shape"):
                game(wrong)
        with pytest.raises(TypeError, match="coalitions must be a boolean array of shape"):
            banzhaf.Explainer(game, np.ones((2, 3)), random_state=0)(np.zeros((1, 3)))

    def test_equal_coalitions_are_called_each_time(self):
        calls = []
        game = per_coalition(lambda bits: calls.append(bits) or 1.0, "bits")
        game(np.ones((3, 4), dtype=bool))
        assert calls == [15] * 3

    def test_shown_and_pickled(self):
        game = per_coalition(size, "set")
        assert repr(game).startswith("per_coalition(<function size at ")
        assert repr(game).endswith(", 'set')")
        assert banzhaf.exact(pickle.loads(pickle.dumps(game)), 4) == banzhaf.exact(game, 4)


RETURNED = {
    "a float": (lambda worth: worth, ()),
    "an integer": (round, ()),
    "a scalar": (np.float32, ()),
    "an array of no axis": (np.array, ()),
    "a bool": (lambda worth: worth > 3, ()),
    "a list": (lambda worth: [worth, 2 * worth], (2,)),
    "an array": (lambda worth: np.array([worth, 1.0, 2.0]), (3,)),
    "one number in an array": (lambda worth: np.array([worth]), (1,)),
}
WRONG = {
    "None": (lambda: None, TypeError, "returned None"),
    "text": (lambda: "high", TypeError, "returned dtype <U4"),
    "an object": (object, TypeError, "returned a value of type object"),
    "a dict": (lambda: {"worth": 1.0}, TypeError, "returned a value of type dict"),
    "a generator": (lambda: (x for x in [1.0]), TypeError, "returned a value of type generator"),
    "a complex number": (lambda: 1j, TypeError, "returned dtype complex128"),
    "a matrix": (lambda: np.ones((1, 1)), ValueError, r"returned shape \(1, 1\)"),
    "nothing": (list, ValueError, r"returned shape \(0,\)"),
    "ragged": (lambda: [[1], [1, 2]], ValueError, "not an array"),
    "an integer beyond 64 bits": (lambda: 2**70, TypeError, r"returned a value of type int; convert it with float\(\)"),
    "a decimal": (lambda: Decimal(1), TypeError, r"returned a value of type Decimal; convert it with float\(\)"),
    "an integer that float64 changes": (lambda: 2**53 + 1, ValueError, "9007199254740993"),
    "more outputs": (lambda: [1.0, 2.0], ValueError, r"shape \(2,\) instead of \(\)"),
    "an axis": (lambda: [1.0], ValueError, r"shape \(1,\) instead of \(\)"),
    "NaN": (lambda: float("nan"), ValueError, r"^the worth of coalition \{0, 1, 3\} is not finite"),
    "infinity": (lambda: -np.inf, ValueError, r"^the worth of coalition \{0, 1, 3\} is not finite"),
}


async def waits(coalition):
    return 1.0


class TestReturned:
    @pytest.mark.parametrize("kind", RETURNED)
    def test_kinds(self, kind):
        change, trailing = RETURNED[kind]
        found = METHODS["estimate"](per_coalition(lambda s: change(FORMS["set"](s)), "set"))
        assert found.values.shape == (9, *trailing)
        assert found == METHODS["estimate"](lambda c: np.array([change(FORMS["mask"](row)) for row in c]))

    @pytest.mark.parametrize("kind", WRONG)
    @pytest.mark.parametrize("map", [None, map], ids=["no map", "map"])
    def test_wrong_worths_are_named_and_lose_nothing(self, map, kind):
        returned, error, message = WRONG[kind]
        game = per_coalition(lambda s: returned() if s == {0, 1, 3} else len(s), "set", map=map)
        with pytest.raises(error, match=message) as caught:
            banzhaf.exact(game, 9)
        assert r"coalition {0, 1, 3}" in str(caught.value)
        kept = caught.value.evaluations
        assert len(kept) == 11 if map is None else len(kept) >= 11  # the index of that coalition is 1 + 2 + 8
        assert same_bits(kept.worths[:, 0], kept.coalitions.sum(axis=1) * 1.0)

    @pytest.mark.filterwarnings("ignore::UserWarning")  # the warning about dropped coalitions
    def test_dropped_ones(self):
        def game(s):
            return np.nan if s == {0, 1, 3} else len(s)

        def whole(c):
            return np.array([game(set(np.flatnonzero(row))) for row in c], dtype=float)

        options = {"budget": 2**9, "random_state": 0, "on_nonfinite": "drop"}
        found = banzhaf.estimate(per_coalition(game, "set"), 9, **options)
        assert found == banzhaf.estimate(whole, 9, **options)
        assert found.n_dropped > 0

    def test_an_async_function(self):
        with pytest.raises(TypeError, match=r"coalition \{.*\} and returned a coroutine; it must not be async"):
            METHODS["estimate"](per_coalition(waits, "set"))

    def test_large_coalitions_are_cut_short(self):
        with pytest.raises(ValueError, match=r"coalition \{(\d+, ){20}\.\.\. \(\d+ players\)\} is not finite"):
            banzhaf.estimate(per_coalition(lambda mask: np.where(mask.sum() > 30, np.nan, 1.0), "mask"), 90, budget=400)


class TestFailures:
    @pytest.mark.parametrize("error", [Boom(), KeyboardInterrupt(), SystemExit(3), StopIteration(), MemoryError()])
    @pytest.mark.parametrize("map", [None, map], ids=["no map", "map"])
    @pytest.mark.parametrize("method", METHODS)
    def test_keep_all_that_came_before(self, method, map, error):
        game, calls = failing(100, error)
        with pytest.raises(type(error)) as caught:
            METHODS[method](per_coalition(game, "set", map=map))
        assert caught.value is error
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        kept = caught.value.evaluations
        assert len(calls) == 100
        assert len(kept) == 99
        assert [set(np.flatnonzero(row)) for row in kept.coalitions] == calls[:-1]
        assert same_bits(kept.worths[:, 0], np.array([float(len(s)) for s in calls[:-1]]))

    @pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
    @pytest.mark.parametrize("call", [1, 2, 39, 40, 64, 65, 300])
    def test_anywhere_in_a_batch(self, call, batch_size):
        game, _ = failing(call, Boom())
        with pytest.raises(Boom) as caught:
            METHODS["estimate"](per_coalition(game, "set"), batch_size=batch_size)
        kept = caught.value.evaluations
        assert len(kept) == call - 1
        assert np.array_equal(kept.coalitions, banzhaf.sample_coalitions(9, 300, random_state=0)[: call - 1])
        assert np.array_equal(kept.rows, np.arange(call - 1))

    def test_of_a_callback(self):
        def callback(values):
            raise Boom

        with pytest.raises(Boom) as caught:
            banzhaf.estimate(per_coalition(len, "set"), 9, budget=300, random_state=0, callback=callback)
        assert len(caught.value.evaluations) == 32

    def test_a_real_interrupt(self, interruptible):
        def game(s):
            calls.append(s)
            if len(calls) == 40:
                signal.raise_signal(signal.SIGINT)
            return len(s)

        for mapped in (None, map):
            calls = []
            with pytest.raises(KeyboardInterrupt) as caught:
                METHODS["estimate"](per_coalition(game, "set", map=mapped))
            assert len(calls) == 40
            assert len(caught.value.evaluations) == 39


class TestProgress:
    def test_counts_single_coalitions(self, monkeypatch):
        shown = []

        class Bar:
            total = 0

            def __init__(self, total, **options):
                shown.append(total)

            def update(self, count):
                shown.append(count)

            def close(self):
                pass

        tqdm = pytest.importorskip("tqdm.auto")
        monkeypatch.setattr(tqdm, "tqdm", Bar)
        game, _ = failing(40, Boom(), lambda s: len(shown))
        with pytest.raises(Boom) as caught:
            METHODS["estimate"](per_coalition(game, "set"), progress=True)
        assert shown == [300] + [1] * 39
        assert caught.value.evaluations.worths[:, 0].tolist() == list(range(1, 40))  # before the next call

    def test_changes_nothing(self, capsys):
        pytest.importorskip("tqdm")
        game = per_coalition(FORMS["set"], "set", map=map)
        assert METHODS["estimate"](game, progress=True) == METHODS["estimate"](game)
        assert "300/300" in capsys.readouterr().err


class TestDeadline:
    def test_waits_for_one_call_at_most(self):
        """The time of the first calls does not predict that of a later one."""
        calls, event = [], threading.Event()

        def game(s):
            calls.append(s)
            if len(calls) == 200:
                event.wait(1.0)
            return len(s)

        values = banzhaf.estimate(per_coalition(game, "set"), 9, budget=2**9, deadline=0.9, random_state=0)
        assert values.stopped == "deadline" or len(calls) < 200  # if the machine is too busy for 200 calls
        assert len(calls) <= 202
        assert values.n_evaluations == len(calls)


def in_another_order(function, items):
    return [function(item) for item in reversed(items)]


def once_more(function, items):
    return [function(item) for item in items] + [function(items[0])]


def of_threads(function, items):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(function, items))


def as_completed(function, items):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for future in concurrent.futures.as_completed([pool.submit(function, item) for item in items]):
            yield future.result()


MAPS = {
    "map": map,
    "a list": lambda function, items: [function(item) for item in items],
    "another order": in_another_order,
    "once more": once_more,
    "threads": of_threads,
    "as completed": as_completed,
}


class TestMap:
    @pytest.mark.parametrize("name", MAPS)
    @pytest.mark.parametrize("method", METHODS)
    def test_gives_the_same_bits(self, method, name):
        game = Polynomial.random(9, 3, outputs=2)
        found = METHODS[method](per_coalition(each_of(game), "mask", map=MAPS[name]), batch_size=50)
        assert found == METHODS[method](per_coalition(each_of(game), "mask"))

    def test_gets_batches(self):
        sizes = []

        def counted(function, items):
            sizes.append(len(items))
            return map(function, items)

        METHODS["estimate"](per_coalition(len, "set", map=counted))
        METHODS["estimate"](per_coalition(len, "set", map=counted), batch_size=200)
        assert sizes == [64] * 4 + [44, 200, 100]

    @pytest.mark.parametrize("name", MAPS)
    def test_failures_reach_the_caller_as_themselves(self, name):
        error = Boom()

        def game(s):
            if len(s) == 3:
                raise error
            return float(len(s))

        with pytest.raises(Boom) as caught:
            METHODS["exact"](per_coalition(game, "set", map=MAPS[name]))
        assert caught.value is error
        kept = caught.value.evaluations
        assert np.array_equal(kept.coalitions @ (1 << np.arange(9)), kept.rows)
        assert same_bits(kept.worths[:, 0], kept.coalitions.sum(axis=1) * 1.0)

    def test_keeps_calls_that_finished_out_of_order(self):
        """Call 0 fails after 1, 2 and 3. Call 4 is running and completes; the others never begin."""
        done, failed = threading.Barrier(4), threading.Event()
        calls = []

        def game(bits):
            calls.append(bits)
            if bits == 0:
                done.wait(60)
                raise Boom
            if bits < 4:
                if bits == 3:
                    under_way.wait(60)
                done.wait(60)
            elif bits == 4:
                under_way.set()
                failed.wait(60)
            else:
                raise AssertionError("begun after a failure")
            return float(bits)

        under_way = threading.Event()
        with concurrent.futures.ThreadPoolExecutor(5) as pool:

            def stopping(function, items):
                outcomes = pool.map(function, items[:5])
                first = next(outcomes)
                failed.set()
                yield first
                yield from outcomes
                yield from pool.map(function, items[5:])

            with pytest.raises(Boom) as caught:
                banzhaf.exact(per_coalition(game, "bits", map=stopping), 5)
        assert sorted(calls) == [0, 1, 2, 3, 4]
        assert caught.value.evaluations.rows.tolist() == [1, 2, 3, 4]
        assert caught.value.evaluations.worths.ravel().tolist() == [1.0, 2.0, 3.0, 4.0]

    def test_an_interrupt_keeps_results_not_yet_returned(self):
        """The interrupt comes before the map has returned any result."""

        def interrupted(function, items):
            for item in items[:30]:
                function(item)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt) as caught:
            METHODS["estimate"](per_coalition(len, "set", map=interrupted))
        assert len(caught.value.evaluations) == 30

    @pytest.mark.parametrize(
        ("wrong", "error", "message"),
        [
            (lambda f, items: None, TypeError, "'NoneType' object is not iterable"),
            (
                lambda f, items: [f(i) for i in items[:3]],
                ValueError,
                "got 3 of 64",
            ),
            (lambda f, items: [1.0 for _ in items], TypeError, "map must return .* but returned a float"),
            (
                lambda f, items: [concurrent.futures.Future() for _ in items],
                TypeError,
                r"returned a Future; call \.result\(\)",
            ),
        ],
    )
    def test_wrong_ones(self, wrong, error, message):
        with pytest.raises(error, match=message):
            METHODS["estimate"](per_coalition(len, "set", map=wrong))

    def test_a_falsy_exception(self):
        class Empty(Exception):
            def __len__(self):
                return 0

        with pytest.raises(Empty):
            METHODS["estimate"](per_coalition(failing(5, Empty())[0], "set", map=map))


@pytest.fixture(scope="module")
def executor():
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        yield pool


@pytest.fixture(scope="module")
def pool():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        yield pool


@pytest.fixture(params=["executor.map", "map", "imap", "imap_unordered"])
def pool_map(request):
    if request.param == "executor.map":
        return request.getfixturevalue("executor").map
    return getattr(request.getfixturevalue("pool"), request.param)


class TestProcesses:
    def test_give_the_same_bits(self, pool_map):
        game = per_coalition(size, "set", map=pool_map)
        assert METHODS["estimate"](game) == METHODS["estimate"](per_coalition(size, "set"))

    def test_are_others(self, pool_map):
        values = banzhaf.exact(per_coalition(two_outputs, "indices", map=pool_map), 4)
        assert values.mean_worth[0] == 2
        assert values.mean_worth[1] != os.getpid()

    @pytest.mark.parametrize(
        ("function", "error", "message"),
        [
            (fails_on_triples, Boom, "^three"),
            (leaves_on_triples, SystemExit, "3"),
            (unreadable_on_triples, RuntimeError, "^Unreadable: unreadable"),
        ],
    )
    def test_failures(self, pool_map, function, error, message):
        with pytest.raises(error, match=message) as caught:
            banzhaf.exact(per_coalition(function, "set", map=pool_map), 5)
        assert type(caught.value) is error
        assert function.__name__ in str(caught.value.__cause__)
        kept = caught.value.evaluations
        assert len(kept) == 32 - 10  # all with a worth
        assert same_bits(kept.worths[:, 0], kept.coalitions.sum(axis=1) * 1.0)

    def test_serve_on_after_a_failure(self, pool_map):
        assert banzhaf.exact(per_coalition(size, "set", map=pool_map), 5).mean_worth == 2.5

    def test_a_function_that_cannot_be_pickled(self, executor):
        game = per_coalition(lambda s: 1.0, "set", map=executor.map)
        with pytest.raises((pickle.PicklingError, AttributeError), match=r"[Pp]ickle"):
            METHODS["estimate"](game)


INTERRUPTED = """
import signal, threading, time
from concurrent.futures import ThreadPoolExecutor
import banzhaf

signal.signal(signal.SIGUSR1, lambda *_: None)
lock, begun, go_on = threading.Lock(), [], threading.Event()

def wake():  # Python overlooks a signal that arrives just before its main thread waits for a lock, until the next one
    while not go_on.wait(0.1):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)

threading.Thread(target=wake, daemon=True).start()

def game(bits):
    with lock:
        begun.append(bits)
        if len(begun) == 10:
            print("ready", flush=True)
    if len(begun) >= 10:
        go_on.wait()
    return float(bits)

with ThreadPoolExecutor(3) as pool:
    try:
        banzhaf.exact(banzhaf.per_coalition(game, "bits", map=pool.map), 6)
    except KeyboardInterrupt as error:
        kept = error.evaluations
        go_on.set()
assert kept.worths[:, 0].tolist() == kept.rows.tolist()
assert len(begun) <= 13, begun  # nothing is begun after an interrupt
print(len(kept))
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT can be sent to one process there")
def test_a_real_interrupt_with_a_pool(fresh_python):
    assert 7 <= int(fresh_python(INTERRUPTED, interrupted=True)) <= 9


def test_partial_functions_and_methods():
    class Game:
        def worth(self, s, factor=1.0):
            return factor * len(s)

    found = METHODS["exact"](per_coalition(functools.partial(Game().worth, factor=2.0), "set"))
    np.testing.assert_array_equal(found.values, np.full(9, 2.0))


@pytest.mark.parametrize("kind", [np.empty, lambda count: [0.0] * count])
def test_a_function_may_return_the_same_memory_again(kind):
    """A map returns only after later calls, which overwrite what earlier ones returned."""
    space = kind(2)

    def worth(players):
        space[0], space[1] = len(players) ** 2, sum(players)
        return space

    expected = METHODS["exact"](per_coalition(lambda players: [len(players) ** 2, sum(players)], "set"))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for mapped in (None, map, pool.map, lambda function, items: [function(item) for item in items]):
            found = METHODS["exact"](per_coalition(worth, "set", map=mapped))
            np.testing.assert_array_equal(found.values, expected.values)
