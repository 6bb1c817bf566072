# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test callbacks: what games return and raise, what they do meanwhile, and what a failure keeps."""

from __future__ import annotations

import functools
import gc
import os
import pickle
import re
import signal
import sys
import threading
import types
import warnings
import weakref

import numpy as np
import pytest
from oracles import Polynomial, Recorder, Table, same_bits

import banzhaf

METHODS = {
    "estimate": lambda game, **options: banzhaf.estimate(game, 9, budget=300, random_state=0, **options),
    "independent": lambda game, **options: banzhaf.estimate(
        game, 9, budget=300, design="independent", random_state=0, **options
    ),
    "exact": lambda game, **options: banzhaf.exact(game, 9, **options),
    "monte_carlo": lambda game, **options: banzhaf.monte_carlo(game, 9, budget=300, random_state=0, **options),
    "msr": lambda game, **options: banzhaf.msr(game, 9, budget=300, random_state=0, **options),
}


class Boom(Exception):
    """An exception that a game raises."""


class FailsAt(Recorder):
    """A game that raises an exception in one of its calls."""

    def __init__(self, function, call, error):
        super().__init__(function)
        self.call, self.error = call, error

    def __call__(self, coalitions):
        if len(self.calls) == self.call:
            raise self.error
        return super().__call__(coalitions)


class TestExceptions:
    @pytest.mark.parametrize(
        "error", [Boom("now"), ValueError("mine"), KeyboardInterrupt(), SystemExit(3), StopIteration(1), MemoryError()]
    )
    @pytest.mark.parametrize("method", METHODS)
    def test_reach_the_caller_as_themselves(self, method, error):
        game = FailsAt(Polynomial.random(9, 3), 2, error)
        with pytest.raises(type(error)) as caught:
            METHODS[method](game, batch_size=40)
        assert caught.value is error
        assert len(game.calls) == 2
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        assert any(entry.name == "__call__" for entry in caught.traceback)

    @pytest.mark.parametrize("outputs", [None, 3])
    @pytest.mark.parametrize("method", METHODS)
    def test_carry_what_was_evaluated(self, method, outputs):
        game = FailsAt(Polynomial.random(9, 3, outputs=outputs), 3, Boom())
        with pytest.raises(Boom) as caught:
            METHODS[method](game, batch_size=40)
        kept = caught.value.evaluations
        assert isinstance(kept, banzhaf.Evaluations)
        assert len(kept) == 120
        np.testing.assert_array_equal(kept.coalitions, game.rows)
        assert kept.coalitions.dtype == bool
        assert kept.worths.shape == (120, outputs or 1)
        np.testing.assert_array_equal(kept.worths, game.function(game.rows).reshape(120, -1))

    def test_outlive_a_pickle(self):
        with pytest.raises(Boom) as caught:
            METHODS["estimate"](FailsAt(Polynomial.random(9, 3), 3, Boom()), batch_size=40)
        kept = caught.value.evaluations
        again = pickle.loads(pickle.dumps(kept))
        assert len(again) == len(kept) == 120
        np.testing.assert_array_equal(again.coalitions, kept.coalitions)
        np.testing.assert_array_equal(again.worths, kept.worths)

    def test_a_warning_that_is_an_error_carries_all(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(banzhaf.RankWarning) as caught:
                banzhaf.estimate(Polynomial.random(9, 3), 9, budget=8, design="paired", random_state=0)
            assert len(caught.value.evaluations) == 8
            with pytest.raises(banzhaf.BudgetWarning) as caught:
                banzhaf.Explainer(lambda rows: rows.sum(axis=1), np.eye(9), budget=40, random_state=0)(np.ones((2, 9)))
            assert len(caught.value.explanation) == 2

    def test_fit_takes_kept_evaluations(self):
        game = FailsAt(Polynomial.random(9, 2), 3, Boom())
        with pytest.raises(Boom) as caught:
            METHODS["estimate"](game, batch_size=40)
        kept = caught.value.evaluations
        found = banzhaf.fit(kept.coalitions, kept.worths)
        np.testing.assert_allclose(found.values[:, 0], game.function.values, rtol=1e-10)

    def test_carry_no_evaluations_if_the_first_call_fails(self):
        with pytest.raises(Boom) as caught:
            METHODS["estimate"](FailsAt(None, 0, Boom()))
        assert len(caught.value.evaluations) == 0
        assert caught.value.evaluations.coalitions.shape == (0, 9)
        assert len(caught.value.evaluations.worths) == 0

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions take notes from Python 3.11 on")
    def test_say_what_they_carry(self):
        with pytest.raises(Boom) as caught:
            METHODS["estimate"](FailsAt(Polynomial.random(9, 3), 3, Boom()), batch_size=40)
        note = "banzhaf: attribute 'evaluations' of this exception holds the 120 evaluations made before it"
        assert caught.value.__notes__ == [note]

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions take notes from Python 3.11 on")
    def test_keep_their_own_notes(self):
        error = Boom()
        error.add_note("mine")
        with pytest.raises(Boom) as caught:
            METHODS["estimate"](FailsAt(Polynomial.random(9, 3), 3, error), batch_size=40)
        assert caught.value.__notes__[0] == "mine"
        assert len(caught.value.__notes__) == 2

    @pytest.mark.parametrize("kind", ["property", "closed", "notes"])
    def test_that_take_no_attribute_still_arrive(self, kind):
        class Closed(Exception):
            if kind == "property":
                evaluations = property(lambda self: "taken")
            elif kind == "closed":

                def __setattr__(self, name, value):
                    if name.startswith("__"):
                        return super().__setattr__(name, value)
                    raise TypeError("closed")

            else:
                __notes__ = ()

        error = Closed()
        with pytest.raises(Closed) as caught:
            METHODS["estimate"](FailsAt(Polynomial.random(9, 3), 3, error), batch_size=40)
        assert caught.value is error

    def test_a_wrong_return_keeps_what_came_before(self):
        def game(coalitions):
            return coalitions[:, 0] if len(coalitions) == 40 else "no"

        with pytest.raises(TypeError, match="called on 20 coalitions and returned dtype <U2") as caught:
            METHODS["estimate"](game, batch_size=40)
        assert len(caught.value.evaluations) == 280

    def test_a_failed_evaluation_leaves_nothing_behind(self):
        """No reference to the game survives, in banzhaf or elsewhere."""
        game = FailsAt(Polynomial.random(9, 3), 3, Boom())
        gone = weakref.ref(game)
        for _ in range(2):
            game.calls.clear()
            with pytest.raises(Boom):
                METHODS["estimate"](game, batch_size=40)
        game.error.__traceback__ = None
        del game
        gc.collect()
        assert gone() is None

    def test_keyboard_interrupt_stops_within_one_call(self, interruptible):
        calls = []

        def game(coalitions):
            calls.append(len(coalitions))
            if len(calls) == 5:
                signal.raise_signal(signal.SIGINT)
            return coalitions[:, 0]

        with pytest.raises(KeyboardInterrupt) as caught:
            banzhaf.estimate(game, 9, budget=500, random_state=0, batch_size=10)
        assert len(calls) == 5
        assert len(caught.value.evaluations) == 40


INTERRUPTED = """
import time
import numpy as np
import banzhaf

calls = 0

def game(coalitions):
    global calls
    calls += 1
    if calls == 3:
        print("ready", flush=True)
    time.sleep(0.001)
    return coalitions @ np.arange(60.0)

try:
    banzhaf.estimate(game, 60, budget=10**7, random_state=0, batch_size=100)
except KeyboardInterrupt as error:
    kept = error.evaluations
    # What the call under way, if there was one, would have returned is not there.
    assert len(kept) in (100 * (calls - 1), 100 * calls) and calls >= 3, (len(kept), calls)
    values = banzhaf.fit(kept.coalitions, kept.worths).values
    assert np.allclose(values[:, 0], np.arange(60.0))
    print("kept", len(kept))
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT can be sent to one process there")
def test_a_real_interrupt_ends_an_evaluation(fresh_python):
    assert re.fullmatch(r"kept \d+00\n", fresh_python(INTERRUPTED, interrupted=True))


class TestReturned:
    @pytest.mark.parametrize(
        "change",
        [
            lambda w: w.tolist(),
            lambda w: tuple(w),
            lambda w: [np.float64(x) for x in w],
            lambda w: memoryview(w),
            lambda w: w.astype(">f8"),
            lambda w: np.repeat(w, 2)[::2],
            lambda w: w[::-1].copy()[::-1],
            lambda w: w.astype(np.longdouble),
        ],
        ids=["list", "tuple", "list of scalars", "memoryview", "big-endian", "strided", "backwards", "long double"],
    )
    def test_kinds_of_vectors(self, change):
        game = Polynomial.random(9, 3)
        found = METHODS["estimate"](lambda c: change(game(c)), batch_size=64)
        assert found == METHODS["estimate"](game, batch_size=64)

    @pytest.mark.parametrize(
        "change",
        [
            lambda w: w.tolist(),
            np.asfortranarray,
            lambda w: list(w),
            lambda w: np.repeat(w, 2, axis=1)[:, ::2],
            lambda w: np.ascontiguousarray(w.T).T,
        ],
        ids=["list", "Fortran", "list of rows", "strided", "transposed"],
    )
    def test_kinds_of_matrices(self, change):
        game = Polynomial.random(9, 3, outputs=4)
        found = METHODS["estimate"](lambda c: change(game(c)), batch_size=64)
        assert found == METHODS["estimate"](game, batch_size=64)

    @pytest.mark.parametrize(
        "dtype", [bool, np.int8, np.uint8, np.int32, np.int64, np.uint64, np.float16, np.float32, np.longdouble]
    )
    def test_kinds_of_numbers(self, dtype):
        found = METHODS["exact"](lambda c: (c.sum(axis=1) >= 5).astype(dtype))
        np.testing.assert_array_equal(found.values, METHODS["exact"](lambda c: 1.0 * (c.sum(axis=1) >= 5)).values)
        assert found.values.dtype == np.float64

    @pytest.mark.parametrize(
        "index", [lambda m: range(m), lambda m: range(5, m + 5), lambda m: [0] * m, lambda m: ["i"] * m]
    )
    def test_a_series(self, index):
        pd = pytest.importorskip("pandas")
        game = Polynomial.random(9, 3)
        found = METHODS["estimate"](lambda c: pd.Series(game(c), index=index(len(c))))
        assert found == METHODS["estimate"](game)
        found = METHODS["estimate"](lambda c: pd.DataFrame({"worth": game(c)}, index=index(len(c))))
        assert found.values.shape == (9, 1)

    @pytest.mark.parametrize("method", METHODS)
    def test_a_series_whose_rows_were_moved_is_refused(self, method):
        pd = pytest.importorskip("pandas")
        for change in (lambda s: s.sort_values(), lambda s: s.to_frame().sort_values("worth")):
            with pytest.raises(ValueError, match=r"index is in another order\. Return \.sort_index\(\)"):
                METHODS[method](lambda c, f=change: f(pd.Series(c @ np.arange(9.0), name="worth")))

    @pytest.mark.parametrize("library", ["pandas", "polars"])
    @pytest.mark.parametrize("later", [["b", "a"], ["a", "c"]])
    def test_a_table_whose_columns_change_is_refused(self, library, later):
        DataFrame = pytest.importorskip(library).DataFrame
        sizes = []

        def game(coalitions):
            sizes.append(len(coalitions))
            whole = DataFrame({"a": coalitions[:, 0], "b": coalitions[:, 1], "c": coalitions[:, 2]})
            return whole[["a", "b"] if len(sizes) == 1 else later]

        with pytest.raises(
            ValueError, match=r"the same in every call: .* returned the columns \['.', '.'\] instead of"
        ):
            METHODS["exact"](game, batch_size=40)
        assert sizes == [40, 40]

    def test_one_output_with_an_axis_keeps_it(self):
        game = Polynomial.random(9, 3)
        flat, column = METHODS["estimate"](game), METHODS["estimate"](lambda c: game(c)[:, None])
        assert column.values.shape == column.standard_errors.shape == (9, 1)
        assert column.mean_worth.shape == column.r2.shape == (1,)
        assert same_bits(column.values[:, 0], flat.values)

    def test_the_coalitions_themselves(self):
        """A game may return its coalitions: as many outputs as players, in banzhaf's memory."""
        found = METHODS["estimate"](lambda c: c, batch_size=50)
        np.testing.assert_allclose(found.values, np.eye(9), atol=1e-12)


class TestCalled:
    @pytest.mark.parametrize("method", METHODS)
    def test_on_boolean_rows(self, method):
        def game(coalitions):
            assert type(coalitions) is np.ndarray
            assert coalitions.dtype == bool
            assert coalitions.shape[1:] == (9,)
            assert coalitions.flags.c_contiguous
            assert coalitions.flags.writeable
            return coalitions[:, 0]

        METHODS[method](game, batch_size=33)

    @pytest.mark.parametrize("method", METHODS)
    def test_on_an_array_of_its_own(self, method):
        kept = []

        def game(coalitions):
            worths = coalitions @ np.arange(9.0)
            kept.append((coalitions, coalitions.copy()))
            return worths

        def spoiling(coalitions):
            worths = game(coalitions)
            coalitions[:] = True
            return worths

        first = METHODS[method](game, batch_size=40)
        assert all(np.array_equal(given, copy) for given, copy in kept)
        assert METHODS[method](spoiling, batch_size=40) == first

    def test_callbacks_run_in_the_calling_thread(self):
        def game(coalitions):
            callers.append(threading.get_ident())
            return coalitions[:, 0]

        callers, results = [], []
        here = METHODS["estimate"](game, batch_size=40)
        assert set(callers) == {threading.get_ident()}
        callers.clear()
        thread = threading.Thread(target=lambda: results.append(METHODS["estimate"](game, batch_size=40)))
        thread.start()
        thread.join()
        assert set(callers) == {thread.ident}
        assert results == [here]

    def test_a_game_may_call_banzhaf(self):
        inner = Table.random(5)

        def game(coalitions):
            values = [banzhaf.exact(inner, 5).values @ row[:5] for row in coalitions]
            assert METHODS["estimate"](lambda c: c[:, 1], batch_size=7).values[1] == pytest.approx(1)
            return np.array(values)

        found = METHODS["estimate"](game, batch_size=100)
        expected = [*banzhaf.exact(inner, 5).values, 0, 0, 0, 0]
        np.testing.assert_allclose(found.values, expected, atol=1e-12)

    def test_an_exception_deep_inside_is_the_inner_ones(self):
        def game(coalitions):
            METHODS["exact"](FailsAt(Table.random(9), 1, Boom()), batch_size=100)
            raise AssertionError("not reached")

        with pytest.raises(Boom) as caught:
            METHODS["estimate"](game)
        assert len(caught.value.evaluations) == 0  # those of the outer evaluation, which made none

    @pytest.mark.parametrize("kind", ["method", "partial", "class"])
    def test_any_callable(self, kind):
        class Game:
            def __call__(self, coalitions):
                return coalitions[:, 0]

            def worth(self, coalitions, factor=1):
                return factor * coalitions[:, 0]

        game = {"method": Game().worth, "partial": functools.partial(Game().worth, factor=1), "class": Game()}[kind]
        np.testing.assert_allclose(METHODS["estimate"](game).values, np.eye(9)[0], atol=1e-12)

    def test_nothing_is_kept_alive(self):
        batches = []

        def game(coalitions):
            batches.append(weakref.ref(coalitions))
            return coalitions[:, 0]

        METHODS["estimate"](game, batch_size=40)
        gc.collect()
        assert [batch() for batch in batches] == [None] * 8


class TestProgress:
    def test_counts_evaluations(self, capsys):
        pytest.importorskip("tqdm")
        METHODS["estimate"](Polynomial.random(9, 1), batch_size=40, progress=True)
        assert "300/300" in capsys.readouterr().err

    def test_bar_stops_where_the_game_failed(self, capsys):
        pytest.importorskip("tqdm")
        with pytest.raises(Boom):
            METHODS["estimate"](FailsAt(Polynomial.random(9, 1), 3, Boom()), batch_size=40, progress=True)
        assert "120/300" in capsys.readouterr().err

    def test_is_silent_unless_asked_for(self, capsys):
        METHODS["estimate"](Polynomial.random(9, 1), batch_size=40)
        assert capsys.readouterr() == ("", "")

    def test_changes_nothing(self):
        pytest.importorskip("tqdm")
        game = Polynomial.random(9, 3)
        assert METHODS["estimate"](game, progress=True) == METHODS["estimate"](game)

    @pytest.mark.parametrize("where", ["__init__", "update", "close"])
    def test_a_bar_that_fails_loses_nothing(self, where, monkeypatch):
        failed = []

        def fail(self, *args, **options):
            failed.append(where)
            raise BrokenPipeError("nobody reads")

        bar = {"__init__": lambda self, **options: None, "update": lambda self, n: None, "close": lambda self: None}
        tqdm = type("tqdm", (), bar | {"total": 0, where: fail})
        monkeypatch.setitem(sys.modules, "tqdm.auto", types.SimpleNamespace(tqdm=tqdm))
        game = Polynomial.random(9, 3)
        assert METHODS["estimate"](game, batch_size=40, progress=True) == METHODS["estimate"](game)
        X = np.random.default_rng(0).normal(size=(3, 4))
        explain = banzhaf.Explainer(lambda rows: rows.prod(axis=1), X, random_state=0)
        assert explain(X, progress=True) == explain(X)
        assert len(failed) == 2

    def test_without_tqdm(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "tqdm.auto", None)
        game = Recorder(Polynomial.random(9, 3))
        with pytest.raises(ImportError, match=r"progress needs tqdm: pip install 'banzhaf\[progress\]'"):
            METHODS["estimate"](game, progress=True)
        assert game.n_rows == 0


def test_narrow_floating_numbers_of_other_packages():
    """Arrays of JAX in bfloat16 have such a dtype. Bytes without a meaning are refused."""
    ml_dtypes = pytest.importorskip("ml_dtypes")
    values = banzhaf.exact(lambda coalitions: coalitions.sum(axis=1).astype(ml_dtypes.bfloat16), 3)
    np.testing.assert_array_equal(values.values, np.ones(3))
    with pytest.raises(TypeError, match=r"dtype \|V2"):
        banzhaf.exact(lambda coalitions: np.zeros(len(coalitions), dtype="V2"), 3)
