# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test the evaluations that results keep: right coalitions for the worths, in memory, in files and in pickles."""

from __future__ import annotations

import dataclasses
import pickle
import warnings

import numpy as np
import pytest

import banzhaf

WEIGHTS = np.random.default_rng(0).normal(size=(3, 40))


def game(coalitions):
    signs = 2.0 * coalitions - 1
    n = signs.shape[1]
    return signs @ WEIGHTS[0, :n] + (signs @ WEIGHTS[1, :n]) ** 2 + np.tanh(signs @ WEIGHTS[2, :n])


def two_outputs(coalitions):
    return np.stack([game(coalitions), coalitions[:, 0] * 1.0], axis=1)


def with_gaps(coalitions):
    worths = game(coalitions)
    worths[coalitions[:, :3].all(axis=1)] = np.nan
    return worths


def quietly(run, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run(*arguments, **options)


RUNS = {
    "nested": lambda: banzhaf.estimate(game, 12, budget=200, design="nested", random_state=1),
    "fresh": lambda: banzhaf.estimate(game, 30, budget=600, design="fresh", random_state=1),
    "paired": lambda: banzhaf.estimate(game, 12, budget=101, design="paired", random_state=1),
    "independent": lambda: banzhaf.estimate(game, 12, budget=101, design="independent", random_state=1),
    "weighing": lambda: quietly(banzhaf.estimate, game, 13, budget=30, random_state=1),
    "exhaustive": lambda: banzhaf.estimate(game, 7, budget=200, random_state=1),
    "exact": lambda: banzhaf.exact(game, 7),
    "two outputs": lambda: banzhaf.estimate(two_outputs, 12, budget=200, random_state=1),
    "noisy repeats": lambda: banzhaf.estimate(game, 5, budget=90, noisy=True, random_state=1),
    "tolerance": lambda: banzhaf.estimate(game, 12, budget=3000, tolerance=4.0, random_state=1),
    "tolerance within all": lambda: banzhaf.estimate(game, 10, budget=1024, tolerance=4.0, random_state=1),
    "never within tolerance": lambda: banzhaf.estimate(game, 9, budget=512, tolerance=1e-9, random_state=1),
    "deadline": lambda: banzhaf.estimate(game, 12, budget=700, deadline=3600, random_state=1),
    "deadline within a design": lambda: quietly(
        banzhaf.estimate, game, 12, budget=2000, deadline=3600, random_state=1, callback=lambda values: True
    ),
    "deadline and repeats": lambda: banzhaf.estimate(game, 4, budget=70, deadline=3600, noisy=True, random_state=1),
    "deadline and weighing": lambda: quietly(banzhaf.estimate, game, 13, budget=30, deadline=3600, random_state=1),
    "monte carlo": lambda: banzhaf.monte_carlo(game, 5, budget=60, random_state=1),
    "msr": lambda: banzhaf.msr(game, 5, budget=60, random_state=1),
}


@pytest.mark.parametrize("name", RUNS)
def test_worths_belong_to_their_coalitions(name, tmp_path):
    values = RUNS[name]()
    kept = values.evaluations
    assert type(kept) is banzhaf.Evaluations
    assert len(kept) == len(kept.coalitions) == len(kept.worths) == values.n_evaluations
    expected = two_outputs(kept.coalitions) if kept.worths.shape[1] == 2 else game(kept.coalitions)[:, np.newaxis]
    np.testing.assert_allclose(kept.worths, expected, rtol=1e-13)
    values.save(tmp_path / "values")
    for again in (banzhaf.load(tmp_path / "values"), pickle.loads(pickle.dumps(values))):
        assert again == values
        assert again.evaluations == kept
        assert not again.evaluations.worths.flags.writeable


@pytest.mark.parametrize("name", ["nested", "fresh", "paired", "exhaustive", "weighing"])
def test_rows_are_those_of_sample_coalitions(name):
    values = RUNS[name]()
    kept = values.evaluations
    drawn = banzhaf.sample_coalitions(
        kept.n_players, kept.budget, design=kept.design, random_state=kept.random_state or 0
    )
    assert (drawn[kept.rows] == kept.coalitions).all()
    again = quietly(banzhaf.fit_design, kept.worths[:, 0], kept.n_players, design=kept.design, random_state=1)
    assert again == values
    assert (again.evaluations.coalitions == kept.coalitions).all()


def test_rows_of_all_coalitions_in_another_order():
    kept = RUNS["tolerance within all"]().evaluations
    assert (kept.rows == kept.coalitions @ (1 << np.arange(10))).all()


def test_given_evaluations_are_copied(tmp_path):
    coalitions = banzhaf.sample_coalitions(70, 400, design="paired", random_state=0)[::-1]
    worths = coalitions @ np.arange(70.0)
    table = game(banzhaf.sample_coalitions(5, 32, design="exhaustive"))
    for values, given, rows in (
        (banzhaf.fit(coalitions, worths), worths, coalitions.copy()),
        (banzhaf.exact(table, 5), table, banzhaf.sample_coalitions(5, 32, design="exhaustive")),
        (banzhaf.fit_design(table, 5, random_state=0), table, banzhaf.sample_coalitions(5, 32, design="exhaustive")),
    ):
        before = given.copy()
        given[0] = 1e9
        values.save(tmp_path / "values")
        for each in (values, banzhaf.load(tmp_path / "values")):
            assert (each.evaluations.worths[:, 0] == before).all()
            assert (each.evaluations.coalitions == rows).all()
        given[:] = before
    assert (banzhaf.fit(coalitions, worths).evaluations.rows == np.arange(400)).all()


def test_worths_that_are_not_finite_stay():
    values = quietly(banzhaf.estimate, with_gaps, 12, budget=200, on_nonfinite="drop", random_state=0)
    kept = values.evaluations
    assert np.isnan(kept.worths[:, 0]).sum() == kept.coalitions[:, :3].all(axis=1).sum() > 0
    assert values.n_dropped > 0


def test_without_evaluations(tmp_path):
    values = banzhaf.estimate(game, 12, budget=2000, random_state=0)
    smaller = values.without_evaluations()
    assert smaller == values
    assert smaller.evaluations is None
    assert repr(smaller) == repr(values)
    values.save(tmp_path / "values")
    smaller.save(tmp_path / "smaller")
    assert (tmp_path / "smaller").stat().st_size < (tmp_path / "values").stat().st_size - 8000
    assert banzhaf.load(tmp_path / "smaller").evaluations is None


def test_running_results_have_none():
    seen = []
    banzhaf.estimate(game, 12, budget=400, random_state=0, callback=seen.append)
    assert seen
    assert all(values.evaluations is None for values in seen)


def test_a_run_that_stops_early_keeps_no_room_for_its_budget():
    values = banzhaf.estimate(game, 12, budget=3000, tolerance=4.0, random_state=1)
    assert values.n_evaluations < 1500
    assert values.evaluations.worths.nbytes == 8 * values.n_evaluations


def test_refuses_fields_that_do_not_fit():
    values = banzhaf.exact(game, 3)
    fields = {field.name: getattr(values, field.name) for field in dataclasses.fields(values)}
    other = banzhaf.exact(game, 4)._evaluations
    with pytest.raises(ValueError, match="one worth for each evaluation"):
        banzhaf.BanzhafValues(**fields | {"_evaluations": other})
    with pytest.raises(TypeError, match="kept evaluations or None"):
        banzhaf.BanzhafValues(**fields | {"_evaluations": 3})
