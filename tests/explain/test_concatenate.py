# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Rows explained in parts by copies of an explainer, and joined: the bits are those of one call."""

from __future__ import annotations

import dataclasses
import itertools
import pickle

import numpy as np
import pytest

import banzhaf
from banzhaf._support import archive

N = 9
RNG = np.random.default_rng(5)
BACKGROUND = RNG.normal(size=(12, N))
X = RNG.normal(size=(9, N))
X[2] = BACKGROUND[1]
X[4, :7] = BACKGROUND[3, :7]
ENDS = (0, 1, 4, 9)
CALL = {"n_model_rows"}  # what belongs to a call and not to its rows


def model(rows):
    """Add column by column, so that no output depends on the other rows of a batch."""
    total = np.zeros(len(rows))
    for j in range(N - 1):
        total += (j + 1) * rows[:, j] * rows[:, j + 1] + np.sin(rows[:, j])
    return total


def two_outputs(rows):
    total = model(rows)
    return np.stack([total, np.tanh(total)], axis=1)


def in_parts(explain, rows=X, **options):
    """Explain each part by a copy that went through a pickle, as on a cluster."""
    copied = pickle.dumps(explain)
    return [
        pickle.loads(pickle.dumps(pickle.loads(copied)(rows[first:last], **options)))
        for first, last in itertools.pairwise(ENDS)
    ]


def same_but(first, second, left_out=CALL):
    names = [field.name for field in dataclasses.fields(first) if field.compare and field.name not in left_out]
    return [name for name in names if not archive.same(getattr(first, name), getattr(second, name))] == []


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"budget": 150},
        {"budget": 6000, "interactions": "always"},
        {"design": "paired", "budget": 2000},
        {"design": "independent", "budget": 2000},
        {"design": "exhaustive"},
        {"noisy": True, "budget": 500},
        {"shapley": True},
        {"p": 0.7, "budget": 2000},
        {"groups": {"all": [0, 1, 2]}},
        {"weights": np.arange(12.0)},
    ],
    ids=lambda options: ",".join(options) or "default",
)
@pytest.mark.parametrize("function", [model, two_outputs])
@pytest.mark.filterwarnings("ignore::banzhaf.BudgetWarning", "ignore::banzhaf.RankWarning")
def test_parts_have_the_bits_of_one_call(options, function):
    explain = banzhaf.Explainer(function, BACKGROUND, random_state=3, **options)
    whole, parts = explain(X), in_parts(explain)
    joined = banzhaf.concatenate(parts)
    assert same_but(joined, whole)
    # Each call evaluates the background once more.
    assert joined.n_model_rows == sum(part.n_model_rows for part in parts) >= whole.n_model_rows
    assert joined.values.flags.writeable is False
    if options.get("shapley"):
        assert same_but(joined.shapley(), whole.shapley())
    if whole.design == "hadamard":
        pairs = joined.interactions()
        assert same_but(pairs, whole.interactions(), {"n_evaluations"})
        assert same_but(banzhaf.concatenate([part.interactions() for part in parts]), pairs, {"n_evaluations"})


def test_stopping_rules_and_prepared_explainers():
    explain = banzhaf.Explainer(model, BACKGROUND, random_state=0)
    parts = in_parts(explain, tolerance=0.05)
    assert same_but(banzhaf.concatenate(parts), explain(X, tolerance=0.05))
    explain.prepare()
    whole, joined = explain(X), banzhaf.concatenate(in_parts(explain))
    assert same_but(joined, whole)
    assert joined.n_model_rows == whole.n_model_rows + 2  # a background row for each further part


def test_a_joined_explanation_is_a_whole_one(tmp_path):
    explain = banzhaf.Explainer(two_outputs, BACKGROUND, random_state=0)
    joined = banzhaf.concatenate(in_parts(explain))
    joined.save(tmp_path / "joined.banzhaf")
    loaded = banzhaf.load(tmp_path / "joined.banzhaf")
    assert loaded == joined
    assert loaded.interactions() == joined.interactions()
    again = banzhaf.concatenate([joined[4:6], joined[6:6], joined[6:]])
    assert same_but(again, joined[4:])
    assert banzhaf.concatenate(iter([joined])) is joined
    assert banzhaf.concatenate(joined) is joined


def test_tables_with_texts_and_numbers_in_different_parts():
    pd = pytest.importorskip("pandas")
    background = pd.DataFrame({"a": [0.0, 1.0], "b": pd.Categorical(["x", "y"])})
    frame = pd.DataFrame({"a": [3.0, 4.0, 5.0], "b": pd.Categorical(["y", "x", "y"], categories=["x", "y"])})
    explain = banzhaf.Explainer(lambda table: table["a"] * (table["b"] == "y"), background, random_state=0)
    whole = explain(frame)
    assert same_but(banzhaf.concatenate([explain(frame[:1]), explain(frame[1:])]), whole)


def test_trees_are_equal_in_all_fields():
    ensemble = pytest.importorskip("sklearn.ensemble")
    forest = ensemble.RandomForestRegressor(5, max_depth=4, random_state=0).fit(BACKGROUND, model(BACKGROUND))
    for explain in (banzhaf.TreeExplainer(forest), banzhaf.TreeExplainer(forest, BACKGROUND)):
        assert banzhaf.concatenate(in_parts(explain)) == explain(X)
        assert banzhaf.concatenate(in_parts(explain.shapley)) == explain.shapley(X)
        assert banzhaf.concatenate(in_parts(explain.interactions)) == explain.interactions(X)


def test_evaluations_are_kept_if_all_parts_have_them():
    explain = banzhaf.Explainer(model, BACKGROUND, random_state=0)
    some = banzhaf.concatenate([explain(X[:2]), explain(X[2:], keep_evaluations=False)])
    with pytest.raises(ValueError, match="interactions need the evaluations"):
        some.interactions()


def test_degrees_of_freedom_of_interactions_in_any_shape():
    def make(freedom, values):
        return banzhaf.Interactions(
            n_players=2,
            order=2,
            players=[[0, 1]],
            values=values,
            standard_errors=np.zeros_like(values),
            complete=True,
            unresolved_variance=np.zeros(len(values)),
            n_evaluations=4,
            design="hadamard",
            player_names=None,
            degrees_of_freedom=freedom,
            n_rows=len(values),
        )

    one, two = np.array([[1.0]]), np.array([[2.0], [3.0]])
    joined = banzhaf.concatenate([make(np.array(5.0), one), make(np.array([[6.0], [7.0]]), two)])
    np.testing.assert_array_equal(joined.degrees_of_freedom, [[5.0], [6.0], [7.0]])
    assert banzhaf.concatenate([make(np.array(5.0), one), make(np.array(5.0), two)]).degrees_of_freedom == 5.0
    assert joined.n_rows == 3


class TestWrongParts:
    def explain(self, function=model, seed=0, **options):
        return banzhaf.Explainer(function, BACKGROUND, random_state=seed, **options)(X[:2])

    def test_nothing(self):
        with pytest.raises(ValueError, match="parts must be at least one"):
            banzhaf.concatenate([])

    def test_other_objects(self):
        with pytest.raises(TypeError, match="part 1 is a ndarray"):
            banzhaf.concatenate([self.explain(), X])
        with pytest.raises(TypeError, match="of one kind: part 0 is Explanation, part 1 Interactions"):
            banzhaf.concatenate([self.explain(), self.explain().interactions()])
        pairs = banzhaf.exact(lambda coalitions: coalitions.sum(axis=1), 3).interactions()
        with pytest.raises(ValueError, match="part 0 holds the interactions of one game"):
            banzhaf.concatenate([pairs, pairs])

    def test_other_explainers(self):
        first = self.explain()
        for other, what in (
            (self.explain(seed=1), "random_state"),
            (self.explain(design="paired", budget=1000), "design"),
            (self.explain(feature_names=tuple("abcdefghi")), "feature_names"),
            (self.explain(two_outputs), "same features and outputs"),
            (self.explain(lambda rows: 1 + model(rows)), "base_values.*copies of it"),
            (self.explain(shapley=True), "part 1 has shapley and part 0 has not"),
            (first.abs, "quantity"),
            (dataclasses.replace(first, predictions=None), "part 0 has predictions and part 1 has not"),
        ):
            with pytest.raises(ValueError, match=what):
                banzhaf.concatenate([first, other])

    def test_rounding_of_base_values_is_allowed(self):
        first = self.explain()
        other = dataclasses.replace(first, base_values=np.nextafter(first.base_values, 1e9))
        assert banzhaf.concatenate([first, other]).base_values == first.base_values

    def test_values_that_a_deadline_cut_off(self):
        first = self.explain()
        cut = dataclasses.replace(first, values=np.full_like(first.values, np.nan))
        assert len(banzhaf.concatenate([cut, cut, first])) == 6
