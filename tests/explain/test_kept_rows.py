# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The evaluations of explanations become arrays when somebody asks for them."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import banzhaf
from banzhaf._explain.kept_rows import KeptRows

ARRAYS = ("rows", "designs", "factors", "players", "worths")


def explained(n_rows: int = 2) -> banzhaf.Explanation:
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=10)
    explainer = banzhaf.Explainer(lambda rows: np.tanh(rows @ slopes), rng.normal(size=(5, 10)), random_state=0)
    return explainer(rng.normal(size=(n_rows, 10)))


def kept_by(explanation: banzhaf.Explanation) -> KeptRows:
    kept = explanation._evaluations
    assert kept is not None
    return kept


def test_arrays_are_made_when_they_are_needed_and_stay():
    kept = kept_by(explained())
    assert not set(ARRAYS) & set(vars(kept))
    worths = kept.worths
    assert set(ARRAYS) <= set(vars(kept))
    assert kept.worths is worths
    assert not worths.flags.writeable
    assert kept.n_evaluations == len(worths) == 2 * kept.designs[:, 3].sum()


def test_threads_that_ask_at_the_same_time_get_the_same_arrays():
    for _ in range(20):
        kept = kept_by(explained())
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda name: getattr(kept, name), ["worths", "rows"] * 4))  # noqa: B023
        assert all(worths is kept.worths for worths in found[::2])
        assert all(rows is kept.rows for rows in found[1::2])


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda kept: pickle.loads(pickle.dumps(kept))])
def test_copies_hold_the_arrays(way):
    kept = kept_by(explained())
    again = way(kept)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(again, name), getattr(kept, name))
    assert again.n_players == kept.n_players == 10


def test_rows_are_selected_and_joined():
    both = explained(2)
    whole = kept_by(both)
    first = whole.rows[0, 0]  # designs of the first row
    n_first = 2 * whole.designs[:first, 3].sum()
    np.testing.assert_array_equal(kept_by(both[:1]).worths, whole.worths[:n_first])
    np.testing.assert_array_equal(kept_by(both[1:]).worths, whole.worths[n_first:])
    joined = banzhaf.concatenate([both[:1], both[1:]])
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(kept_by(joined), name), getattr(kept_by(both), name))


def test_the_core_gives_the_evaluations_away_once():
    taken = vars(kept_by(explained()))["_taken"]
    taken.arrays()
    with pytest.raises(RuntimeError, match="taken before"):
        taken.arrays()


def test_misspelt_attributes_are_refused():
    with pytest.raises(AttributeError, match="has no attribute 'worth'"):
        _ = kept_by(explained()).worth
