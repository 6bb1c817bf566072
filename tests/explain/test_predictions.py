# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""An explanation holds the model's outputs for the explained rows, and keeps them through selections and files."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import banzhaf

RNG = np.random.default_rng(0)
BACKGROUND, ROWS = RNG.normal(size=(20, 4)), RNG.normal(size=(5, 4))


def one(rows):
    return rows.prod(axis=1)


def two(rows):
    return np.column_stack([rows.prod(axis=1), rows.sum(axis=1)])


def explain(model, rows=ROWS, prepare=False, **settings):
    explainer = banzhaf.Explainer(model, BACKGROUND, random_state=0, **settings)
    return (explainer.prepare() if prepare else explainer)(rows)


@pytest.mark.parametrize("model", [one, two])
@pytest.mark.parametrize("settings", [{}, {"batch_size": 3}, {"groups": {"g": [0, 1]}}, {"prepare": True}])
def test_they_are_the_models_own(model, settings):
    found = explain(model, **settings)
    np.testing.assert_array_equal(found.predictions, model(ROWS))
    assert not found.predictions.flags.writeable


def test_none_if_the_model_was_not_called_on_the_rows(tmp_path):
    found = explain(one, design="independent")
    assert found.predictions is None
    assert found[1:].predictions is None
    found.save(tmp_path / "e.banzhaf")
    assert banzhaf.load(tmp_path / "e.banzhaf") == found


def test_they_follow_selections():
    found = explain(two)
    np.testing.assert_array_equal(found[1:3].predictions, two(ROWS)[1:3])
    np.testing.assert_array_equal(found[2, ["x0"]].predictions, two(ROWS)[2:3])
    np.testing.assert_array_equal(found.output(1).predictions, two(ROWS)[:, 1])
    np.testing.assert_array_equal(found[..., [1]].predictions, two(ROWS)[:, 1:])
    np.testing.assert_array_equal(found.abs.predictions, two(ROWS))


def test_files_pickles_and_copies_keep_them(tmp_path):
    found = explain(two)
    found.save(tmp_path / "e.banzhaf")
    for other in (banzhaf.load(tmp_path / "e.banzhaf"), pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert other == found
        np.testing.assert_array_equal(other.predictions, two(ROWS))


def test_they_count_among_the_fields():
    found = explain(one)
    fields = vars(found) | {"predictions": None}
    assert banzhaf.Explanation(**fields) != found
    with pytest.raises(ValueError, match=r"predictions must have shape \(5,\) to match values, got \(5, 1\)"):
        banzhaf.Explanation(**fields | {"predictions": np.ones((5, 1))})


def test_partial_results_hold_those_of_their_rows():
    calls = []

    def fails(rows):
        calls.append(len(rows))
        if len(calls) > 60:
            raise OSError("gone")
        return one(rows)

    with pytest.raises(OSError, match="gone") as raised:
        explain(fails, batch_size=16)
    found = raised.value.explanation
    assert 0 < len(found) < len(ROWS)
    np.testing.assert_array_equal(found.predictions, one(ROWS)[: len(found)])


def test_a_callback_sees_them():
    seen = []
    banzhaf.Explainer(one, BACKGROUND, random_state=0)(ROWS, callback=seen.append)
    for found in seen:
        np.testing.assert_array_equal(found.predictions, one(ROWS))
