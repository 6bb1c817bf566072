# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Runs that start from one prepared explainer give the bits of separate runs, in any order and on any thread."""

from __future__ import annotations

import gc
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from banzhaf import _core

N_PLAYERS = 11
FIELDS = (
    *("base_values", "values", "standard_errors", "background_errors", "r2", "degrees_of_freedom", "row_costs"),
    *("n_background", "stopped", "n_model_rows", "rank", "condition_number"),
)


def data() -> tuple[NDArray[np.float64], NDArray[np.float64], list[float]]:
    rng = np.random.default_rng(7)
    background, rows = rng.normal(size=(9, N_PLAYERS)), rng.normal(size=(6, N_PLAYERS))
    background[3] = rows[0]  # nothing differs
    background[4, 1:] = rows[1, 1:]  # one column differs
    background[5, 4:] = rows[2, 4:]  # few do
    return background, rows, [1.0, 2.0, 0.0, 1.0, 1.0, 0.5, 1.0, 1.0, 3.0]


def model(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([rows[:, 0] * rows[:, 1] + rows[:, 2] * rows[:, 5] * rows[:, 3], np.sin(rows[:, 4])], axis=1)


def prepared(budget: int, seed: int = 3) -> Any:
    background, _, weights = data()
    return _core.PreparedExplainer(
        background,
        n_players=N_PLAYERS,
        player_of_column=[],
        weights=weights,
        budget=budget,
        ridge=0.0,
        noisy=False,
        seed=seed,
        num_threads=1,
    )


def separate(rows: NDArray[np.float64], budget: int, rules: Any, batch: int) -> Any:
    background, _, weights = data()
    options = _core.CrossedOptions(budget=budget, seed=3, num_threads=1, rules=rules)
    run = _core.Explanations.crossed(
        background, rows, n_players=N_PLAYERS, player_of_column=[], weights=weights, options=options
    )
    run.run(model, batch)
    return run


def same(found: tuple[Any, ...], run: Any) -> bool:
    expected = [tuple(run.stopped) if name == "stopped" else getattr(run, name) for name in FIELDS]
    expected.insert(6, run.results()[6])  # the predictions have no property
    return all(
        part == other if isinstance(other, tuple) else np.array_equal(part, other, equal_nan=True)
        for part, other in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("budget", [2, 40, 300, 560, 3000, 10**6])
def test_runs_from_one_explainer_equal_separate_runs(budget: int) -> None:
    explainer, (_, rows, _) = prepared(budget), data()
    for rules in (_core.StoppingRules(), _core.StoppingRules(tolerance=0.3)):
        for first in (0, 3, 1):
            for batch in (7, 1000):
                run = explainer.start(rows[first:], rules=rules)
                run.run(model, batch)
                assert same(run.results(), separate(rows[first:], budget, rules, batch))


def test_threads_share_one_explainer() -> None:
    explainer, (_, rows, _) = prepared(560), data()
    expected = [separate(rows[x : x + 1], 560, _core.StoppingRules(), 100) for x in range(len(rows))]

    def explain(turn: int) -> tuple[int, Any]:
        x = turn % len(rows)
        run = explainer.start(rows[x : x + 1])
        run.run(model, 100)
        return x, run.results()

    with ThreadPoolExecutor(8) as pool:
        for x, found in pool.map(explain, range(400)):
            assert same(found, expected[x])


def test_background_outputs_are_used_instead_of_calls() -> None:
    explainer, (background, rows, weights) = prepared(560), data()
    known = explainer.background_outputs(model, 4)
    assert np.array_equal(known, model(background[np.array(weights) > 0]))
    calls: list[int] = []

    def counted(cells: NDArray[np.float64]) -> NDArray[np.float64]:
        calls.append(len(cells))
        return model(cells)

    run = explainer.start(rows[:1], background_outputs=known)
    assert run.n_model_rows == 1 + 560
    run.run(counted, 100)
    full = separate(rows[:1], 560, _core.StoppingRules(), 100)
    assert np.array_equal(run.values, full.values)
    assert np.array_equal(run.standard_errors, full.standard_errors)
    assert np.array_equal(run.base_values, full.base_values)
    assert sum(calls) == run.n_model_rows == full.n_model_rows - len(known)
    checked = explainer.start(rows[:1], background_outputs=known, background_check=(2, [1e-9] * known.shape[1]))
    checked.run(model, 100)
    assert np.array_equal(checked.values, full.values)
    assert checked.n_model_rows == run.n_model_rows + 1
    with pytest.raises(
        RuntimeError, match=r"for background row \d+, but \(.* when prepare was called: call prepare again"
    ):
        explainer.start(rows[:1], background_outputs=known + 1, background_check=(2, [1e-9] * known.shape[1])).run(
            model, 100
        )
    for row, tolerance in ((len(known), [1.0] * known.shape[1]), (0, [1.0])):
        with pytest.raises(ValueError, match="check"):
            explainer.start(rows[:1], background_outputs=known, background_check=(row, tolerance))
    for wrong in (known[:-1], np.zeros((8, 0)), np.zeros(8)):
        with pytest.raises(ValueError, match="background_outputs"):
            explainer.start(rows[:1], background_outputs=wrong)
    with pytest.raises(ValueError, match="same number of outputs"):
        explainer.start(rows[:1], background_outputs=known[:, :1].copy()).run(model, 100)


def test_an_exception_leaves_the_explainer_as_it_was() -> None:
    explainer, (_, rows, _) = prepared(560), data()
    for limit in range(0, 600, 37):
        left = [limit]

        def failing(cells: NDArray[np.float64], left: list[int] = left) -> NDArray[np.float64]:
            left[0] -= len(cells)
            if left[0] < 0:
                raise KeyError("the model's own")
            return model(cells)

        with pytest.raises(KeyError, match="the model's own"):
            explainer.start(rows).run(failing, 64)
        run = explainer.start(rows)
        run.run(model, 64)
        assert same(run.results(), separate(rows, 560, _core.StoppingRules(), 64))

    def stop() -> bool:
        raise KeyError("the callback's own")

    with pytest.raises(KeyError, match="the callback's own"):
        explainer.start(rows, callback=stop).run(model, 64)


def test_runs_outlive_their_explainer_and_arrays() -> None:
    _, rows, _ = data()
    explainer = prepared(560)
    run = explainer.start(rows.copy())
    del explainer
    gc.collect()
    run.run(model, 64)
    assert same(run.results(), separate(rows, 560, _core.StoppingRules(), 64))


def test_results_without_an_axis_of_outputs() -> None:
    _, rows, _ = data()
    run = prepared(560).start(rows)
    run.run(lambda cells: model(cells)[:, :1].copy(), 64)
    with_axis, without = run.results(), run.results(outputs_axis=False)
    for a, b in zip(with_axis[:6], without[:6], strict=True):
        assert np.array_equal(a[..., 0], b)
        assert a.flags.owndata
        assert b.flags.owndata
    assert without[0].shape == ()
    assert without[1].shape == rows.shape
    assert without[4].shape == (len(rows),)
    two = prepared(560).start(rows)
    two.run(model, 64)
    with pytest.raises(ValueError, match="axis"):
        two.results(outputs_axis=False)


def test_what_does_not_fit_is_refused() -> None:
    explainer, (_, rows, _) = prepared(560), data()
    for wrong in (rows[0], rows[:, 1:].copy(), rows.astype(np.float32), np.asfortranarray(rows)):
        with pytest.raises(ValueError, match="explicands"):
            explainer.start(wrong)
    with pytest.raises(ValueError, match="deadline"):
        explainer.start(rows, deadline=math.nan)
    with pytest.raises(ValueError, match="budget"):
        prepared(1)
