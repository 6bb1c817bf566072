# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explanations that may end before their budget."""

from __future__ import annotations

import gc
import itertools
import subprocess
import sys
import textwrap
import time
import warnings
import weakref

import numpy as np
import pytest
from numpy.typing import NDArray

import banzhaf

Floats = NDArray[np.float64]
N_FEATURES, N_BACKGROUND, BUDGET = 12, 6, 6 * 2000


def model(rows: Floats) -> Floats:
    """A model with distinct importances, and with interactions of three that need several designs."""
    main = (rows * np.arange(1.0, 13.0)).sum(axis=1)  # the bits of BLAS depend on the number of rows
    return main + 3 * rows[:, 0] * rows[:, 1] * rows[:, 2] + rows[:, 3] * rows[:, 4] * rows[:, 5]


@pytest.fixture
def table() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(N_BACKGROUND, N_FEATURES)), rng.normal(size=(4, N_FEATURES))


def explainer(background: Floats, explained=model, **settings) -> banzhaf.Explainer:
    return banzhaf.Explainer(explained, background, **{"budget": BUDGET, "random_state": 3, **settings})


def test_without_rules_the_budget_ends_it(table):
    background, X = table
    found = explainer(background)(X)
    assert found.stopped == ("budget",) * 4
    assert "stopped" not in repr(found)


def test_an_infinite_deadline_is_none(table):
    background, X = table
    explain = explainer(background)
    assert explain(X, deadline=np.inf) == explain(X)


def test_tolerance(table):
    background, X = table
    explain = explainer(background)
    whole = explain(X)
    loose, tight = explain(X, tolerance=1.0), explain(X, tolerance=0.02)
    for found, tolerance in ((loose, 1.0), (tight, 0.02)):
        early = np.array([reason == "tolerance" for reason in found.stopped])
        assert (found.standard_errors[early] <= tolerance).all()
        assert (found.row_costs <= whole.row_costs).all()
        assert np.abs(found.values - whole.values).max() < 6 * tolerance
    assert set(loose.stopped) == {"tolerance"}
    assert loose.row_costs.sum() < tight.row_costs.sum()
    assert "stopped: tolerance (4)" in repr(loose)


def test_top_k(table):
    background, X = table
    explain = explainer(background)
    exact = banzhaf.Explainer(model, background, design="exhaustive")(X)
    found = explain(X, top_k=3, confidence=0.9)
    for row, reason in enumerate(found.stopped):
        if reason == "top_k":
            leaders = set(np.argsort(-np.abs(found.values[row]))[:3])
            assert leaders == set(np.argsort(-np.abs(exact.values[row]))[:3])
    assert "top_k" in found.stopped


def test_stops_are_wrong_as_seldom_as_stated():
    """Of 200 rows with different seeds, at most a tenth may have wrong leading features, up to chance."""
    wrong = stops = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        background, X = rng.normal(size=(N_BACKGROUND, N_FEATURES)), rng.normal(size=(1, N_FEATURES))
        found = explainer(background, random_state=seed, num_threads=1)(X, top_k=2, confidence=0.9)
        if found.stopped != ("top_k",):
            continue
        exact = banzhaf.Explainer(model, background, design="exhaustive", num_threads=1)(X).values[0]
        stops += 1
        wrong += set(np.argsort(-np.abs(found.values[0]))[:2]) != set(np.argsort(-np.abs(exact))[:2])
    assert stops > 100
    assert wrong / stops < 0.1 + 2 * np.sqrt(0.1 * 0.9 / stops)


def test_the_same_bits_for_batches_threads_and_company(table):
    background, X = table
    whole = explainer(background)(X, tolerance=0.05)
    for batch, threads in itertools.product((1, 37, None), (1, 2)):
        assert explainer(background, batch_size=batch, num_threads=threads)(X, tolerance=0.05) == whole
    alone = explainer(background)(X[2:3], tolerance=0.05)
    assert (alone.values == whole.values[2:3]).all()
    assert alone.stopped == whole.stopped[2:3]


def test_a_callback_sees_every_look_and_stops(table):
    background, X = table
    seen: list[banzhaf.Explanation] = []
    explain = explainer(background)
    whole = explain(X, callback=lambda so_far: seen.append(so_far))
    assert whole.stopped == ("budget",) * 4
    assert len(seen) >= 3
    costs = [so_far.row_costs.sum() for so_far in seen]
    assert costs == sorted(costs)
    assert seen[0].stopped == ("running",) * 4
    assert (seen[-1].values == whole.values).all()
    stopped = explain(X, callback=lambda so_far: True)
    assert stopped.stopped == ("callback",) * 4
    assert (stopped.values == seen[0].values).all()


def test_an_exception_in_a_callback_keeps_the_looks(table):
    background, X = table

    with pytest.raises(RuntimeError, match="enough") as caught:
        explainer(background)(X, callback=fails)
    assert len(caught.value.explanation) == 4
    assert np.isfinite(caught.value.explanation.values).all()


def test_a_deadline_begins_no_batch_late(table):
    background, X = table
    times: list[tuple[float, float]] = []

    def slow(rows: Floats) -> Floats:
        begun = time.perf_counter()
        time.sleep(deadline / 15_000 * len(rows))
        times.append((begun, time.perf_counter()))
        return model(rows)

    # A busy machine may complete no row at first; then it gets more time and more work.
    for deadline in (0.3, 3.0, 30.0):
        times.clear()
        found = explainer(background, slow)(X, deadline=deadline)
        assert set(found.stopped) == {"deadline"}
        # The last batch began within the deadline, after all others had ended. Two batches come in any case.
        assert len(times) == 2 or times[-2][1] - times[0][0] < deadline
        if (found.n_background == N_BACKGROUND).any():
            break
    assert found.row_costs.max() < BUDGET
    told = found.n_background == N_BACKGROUND
    assert told.any()
    assert np.isfinite(found.values[told]).all()
    assert np.isnan(found.values[~told]).all()
    generous = explainer(background)(X, deadline=600.0)
    assert generous.stopped == ("budget",) * 4
    assert (generous.values == explainer(background)(X, callback=lambda so_far: None).values).all()


def test_a_deadline_within_the_first_look(table):
    """Values over the background rows that were complete, and summaries of the rows with values."""
    background, X = table
    late: list[int] = []

    def slow(rows: Floats) -> Floats:
        late.append(len(rows))
        if sum(late) > N_BACKGROUND + len(X) + 3 * 32:  # three background rows of the first explained row
            time.sleep(1.2 * deadline)
        return model(rows)

    # A busy machine may not get so far at first; then it gets more time.
    for deadline in (0.5, 5.0, 50.0):
        late.clear()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            found = explainer(background, slow, batch_size=4)(X, deadline=deadline)
        if found.n_background[0] > 0:
            break
    assert any(
        f"deadline left time for only a random {n} of {N_BACKGROUND} background rows" in str(w.message)
        for w in told
        for n in range(1, 6)
    )
    assert found.n_background.tolist()[1:] == [0, 0, 0]
    assert 0 < found.n_background[0] < N_BACKGROUND
    assert np.isfinite(found.values[0]).all()
    assert np.isnan(found.values[1:]).all()
    means, bounds = found.importance()
    np.testing.assert_array_equal(means, np.abs(found.values[0]))
    assert (bounds[:, 0] <= means).all()
    assert "3 rows without values" in repr(found)


def test_a_huge_budget_is_planned_in_no_time(table):
    background, X = table
    found = explainer(background, budget=2**62)(X, deadline=600.0, tolerance=0.05)
    assert set(found.stopped) <= {"tolerance", "budget"}  # all coalitions of 12 features


def test_exact_values_meet_any_tolerance(table):
    background, X = table
    found = explainer(background[:, :4], lambda rows: rows.prod(axis=1))(X[:, :4], tolerance=1e-9)
    assert found.stopped == ("tolerance",) * 4
    assert found.standard_errors.max() == 0


def test_a_callback_keeps_nothing_alive(table):
    background, X = table

    class Model:
        def predict(self, rows):
            return model(rows)

    mine = Model()
    gone = weakref.ref(mine)
    explain = explainer(background, mine)
    explain(X, callback=lambda so_far: None)
    with pytest.raises(RuntimeError):
        explain(X, callback=fails)
    del mine, explain
    gc.collect()
    assert gone() is None


def fails(so_far):
    raise RuntimeError("enough")


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"tolerance": 0.0}, ValueError, "tolerance"),
        ({"tolerance": "a"}, TypeError, "tolerance"),
        ({"top_k": 12}, ValueError, "top_k"),
        ({"top_k": 1.5}, TypeError, "top_k"),
        ({"confidence": 1.0}, ValueError, "confidence"),
        ({"deadline": -1.0}, ValueError, "deadline"),
        ({"callback": 3}, TypeError, "callback"),
        ({"callback": lambda so_far: "yes"}, TypeError, "callback"),
    ],
)
def test_misuse(table, arguments, error, match):
    background, X = table
    with pytest.raises(error, match=match):
        explainer(background)(X, **arguments)


def test_shared_designs_cannot_stop(table):
    background, X = table
    with pytest.raises(ValueError, match="design='hadamard'"):
        explainer(background, design="paired")(X, tolerance=0.1)


class TestPlanning:
    """Designs are planned within a deadline too."""

    def test_a_deadline_holds_while_designs_are_searched(self):
        """A hundred rows need designs of different sizes, whose searches take seconds altogether."""
        code = """
            import warnings, numpy as np, banzhaf
            warnings.simplefilter("ignore")
            rng = np.random.default_rng(0)
            b, x = rng.normal(size=(100, 240)), rng.normal(size=(1, 240))
            for j, row in enumerate(b): row[:j] = x[0, :j]
            found = banzhaf.Explainer(
                lambda r: r[:, -9:].prod(1), b, budget=2 * int((b != x).sum()), random_state=0
            )(x, deadline=1.0)
            print(np.isfinite(found.values).all(), found.n_background[0])
            """
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=300, check=True
        )
        known, n_background = done.stdout.split()
        # Searches without a time limit would leave no time for the model, and no row would have values.
        assert known == "True"
        assert int(n_background) > 0

    def test_a_search_that_was_cut_short_is_made_anew(self):
        """Values without a deadline do not depend on earlier calls with one."""
        code = """
            import sys, warnings, numpy as np, banzhaf
            warnings.simplefilter("ignore")
            b, x = np.random.default_rng(0).normal(size=(3, 150)), np.zeros((1, 150))
            explain = banzhaf.Explainer(lambda r: np.sin(r).prod(1), b, budget=3 * 302, random_state=0)
            if sys.argv[1] == "after": explain(x, deadline=1e-3)
            print(explain(x).values.tobytes().hex())
            """
        outputs = [
            subprocess.run(
                [sys.executable, "-c", textwrap.dedent(code), when], capture_output=True, timeout=120, check=True
            ).stdout
            for when in ("alone", "after")
        ]
        assert outputs[0] == outputs[1]

    def test_the_same_for_a_game(self):
        code = """
            import sys, warnings, numpy as np, banzhaf
            warnings.simplefilter("ignore")
            game = lambda c: np.sin(c @ np.arange(250.0))
            if sys.argv[1] == "after":
                assert len(banzhaf.estimate(game, 250, budget=502, random_state=0, deadline=1e-3).values) == 250
            print(banzhaf.estimate(game, 250, budget=502, random_state=0).values.tobytes().hex())
            """
        outputs = [
            subprocess.run(
                [sys.executable, "-c", textwrap.dedent(code), when], capture_output=True, timeout=120, check=True
            ).stdout
            for when in ("alone", "after")
        ]
        assert outputs[0] == outputs[1]


class TestScales:
    """Outputs and explained rows of very different scales."""

    @pytest.mark.parametrize("scale", [1e-170, 1e170, 1e-290, 1e290])
    @pytest.mark.parametrize("design", ["hadamard", "paired", "independent"])
    def test_do_not_touch_one_another(self, scale, design):
        rng = np.random.default_rng(0)
        X, x = rng.normal(size=(20, 8)), rng.normal(size=(2, 8))

        def pair(rows, unit):
            return np.stack([np.sin(rows.sum(axis=1)), np.cos(rows[:, :5].sum(axis=1)) * unit], axis=1)

        options = {"budget": 2000, "random_state": 0, "design": design}
        found = banzhaf.Explainer(lambda rows: pair(rows, scale), X, **options)(x)
        ordinary = banzhaf.Explainer(lambda rows: pair(rows, 1.0), X, **options)(x)
        assert np.allclose(found.values / [1, scale], ordinary.values, rtol=1e-6, atol=1e-12)
        for name in ("standard_errors", "background_errors"):
            errors, expected = getattr(found, name) / [1, scale], getattr(ordinary, name)
            assert np.allclose(errors, expected, rtol=1e-6, atol=1e-14, equal_nan=True), name
        assert np.allclose(found.r2, ordinary.r2, rtol=1e-6)
        assert np.allclose(found.degrees_of_freedom, ordinary.degrees_of_freedom, rtol=1e-4)
        assert np.all(found.standard_errors[..., 0] > 0)

    @pytest.mark.parametrize("scale", [1e-170, 1e170])
    def test_rules_stop_as_they_do_at_an_ordinary_scale(self, scale):
        rng = np.random.default_rng(0)
        X, x = rng.normal(size=(20, 8)), rng.normal(size=(3, 8))

        def model(rows):
            return np.sin(rows.sum(axis=1)) + 10 * rows[:, 0] + 5 * rows[:, 1]

        for rules in ({"top_k": 2}, {"tolerance": 0.1}):
            ordinary = banzhaf.Explainer(model, X, budget=20_000, random_state=0)(x, **rules)
            if "tolerance" in rules:
                rules = {"tolerance": 0.1 * scale}
            found = banzhaf.Explainer(lambda rows: model(rows) * scale, X, budget=20_000, random_state=0)(x, **rules)
            assert found.stopped == ordinary.stopped
            assert np.array_equal(found.row_costs, ordinary.row_costs)
            assert set(found.stopped) != {"budget"}

    @pytest.mark.parametrize("design", ["hadamard", "paired"])
    def test_of_explained_rows(self, design):
        """A row with tiny outputs has errors of its own beside a row with huge outputs."""
        rng = np.random.default_rng(0)
        X, x = rng.normal(size=(20, 8)), rng.normal(size=(2, 8))
        X[:, 7], x[:, 7] = 0.0, [-170.0, 170.0]

        def model(rows):
            return np.sin(rows[:, :7].sum(axis=1)) * 10.0 ** rows[:, 7]

        both = banzhaf.Explainer(model, X, budget=2000, random_state=0, design=design)(x)
        for i in range(2):
            alone = banzhaf.Explainer(model, X, budget=2000, random_state=0, design=design)(x[i : i + 1])
            assert np.allclose(both.values[i], alone.values[0], rtol=1e-9, atol=0)
            assert np.allclose(both.standard_errors[i], alone.standard_errors[0], rtol=1e-6, atol=0)
