# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Users' own adapters: given as the model, or registered for a class."""

from __future__ import annotations

import re

import numpy as np
import pytest
from native import MODEL

import banzhaf

ROWS = np.random.default_rng(0).normal(size=(6, 3))


class Votes(banzhaf.ModelAdapter):
    name = "two votes"
    output_names = ("no", "yes")

    def predict(self, rows):
        yes = 1 / (1 + np.exp(-np.asarray(rows).sum(axis=1)))
        return np.column_stack([1 - yes, yes])


class Foreign:
    """A model of an unknown library."""

    def evaluate(self, table):
        return table[:, 0] * table[:, 1] + table[:, 2]


class Derived(Foreign):
    pass


class Evaluated(banzhaf.ModelAdapter):
    def __init__(self, model):
        self.predict = model.evaluate


@pytest.fixture
def registered():
    """Register adapters, and remove them at the end."""
    kinds = []

    def register(kind, make):
        kinds.append(kind)
        banzhaf.register_adapter(kind, make)

    yield register
    for kind in kinds:
        banzhaf.register_adapter(kind, None)


def test_an_adapter_is_a_model():
    explainer = banzhaf.Explainer(Votes(), ROWS[:4], random_state=0)
    assert repr(explainer).endswith("; model called by two votes")
    found = explainer(ROWS[4:])
    plain = banzhaf.Explainer(lambda rows: Votes().predict(rows), ROWS[:4], random_state=0)(ROWS[4:])
    np.testing.assert_array_equal(found.values, plain.values)
    assert found.output_names == ("no", "yes")
    assert plain.output_names is None


def test_an_adapter_without_a_name_is_named_by_its_class():
    assert "model called by Evaluated" in repr(banzhaf.Explainer(Evaluated(Foreign()), ROWS))


def test_an_adapter_may_know_its_columns(pd):
    class Scores(banzhaf.ModelAdapter):
        feature_names_in_ = ("a", "b", "c")
        n_features_in_ = 3

        def predict(self, rows):
            assert list(rows.columns) == ["a", "b", "c"]
            return rows["a"].to_numpy() * rows["b"].to_numpy() + rows["c"].to_numpy()

    frame = pd.DataFrame(ROWS, columns=list("cba"))
    found = banzhaf.Explainer(Scores(), frame[:4], random_state=0)(frame[4:])
    plain = banzhaf.Explainer(lambda rows: rows["a"] * rows["b"] + rows["c"], frame[:4], random_state=0)(frame[4:])
    np.testing.assert_array_equal(found.values, plain.values)
    with pytest.raises(ValueError, match=r"missing: \['a'\]"):
        banzhaf.Explainer(Scores(), frame.rename(columns={"a": "z"}))


@pytest.mark.parametrize("kind", [Foreign, f"{Foreign.__module__}.Foreign"])
def test_a_registered_adapter_holds_for_the_class_and_those_derived_from_it(registered, kind):
    with pytest.raises(TypeError, match="model must be a function of rows"):
        banzhaf.Explainer(Derived(), ROWS)
    registered(kind, Evaluated)
    plain = banzhaf.Explainer(Foreign().evaluate, ROWS[:4], random_state=0)(ROWS[4:])
    for model in (Foreign(), Derived()):
        explainer = banzhaf.Explainer(model, ROWS[:4], random_state=0)
        assert "model called by Evaluated" in repr(explainer)
        np.testing.assert_array_equal(explainer(ROWS[4:]).values, plain.values)


def test_a_registered_adapter_comes_before_predict_and_may_decline(registered):
    class Modelled(Foreign):
        def predict(self, rows):
            return np.zeros(len(rows))

    wanted = []
    registered(Modelled, lambda model: Evaluated(model) if wanted else None)
    assert not banzhaf.Explainer(Modelled(), ROWS)(ROWS[:2]).values.any()
    wanted.append(True)
    assert banzhaf.Explainer(Modelled(), ROWS)(ROWS[:2]).values.all()


def test_registering_none_removes_an_adapter(registered):
    registered(Foreign, Evaluated)
    banzhaf.Explainer(Foreign(), ROWS)
    assert banzhaf.register_adapter(Foreign, None) is Evaluated
    with pytest.raises(TypeError, match="model must be a function of rows"):
        banzhaf.Explainer(Foreign(), ROWS)


def test_names_of_attributes_alone_make_no_adapter():
    class Network:  # as Keras models are
        name = "sequential"
        output_names = ("dense",)

        def predict(self, rows):
            return rows[:, :1] * 2

    explainer = banzhaf.Explainer(Network(), ROWS)
    assert "called by" not in repr(explainer)
    assert explainer(ROWS[:1]).output_names is None


def test_what_is_no_adapter_is_refused(registered):
    with pytest.raises(TypeError, match="kind must be a class or the full name of one, got int"):
        banzhaf.register_adapter(3, Evaluated)
    with pytest.raises(TypeError, match="make must be a function that takes a model, or None, got str"):
        banzhaf.register_adapter(Foreign, "Evaluated")
    registered(Foreign, lambda model: 3)
    with pytest.raises(TypeError, match="registered for Foreign must have a method predict, got int"):
        banzhaf.Explainer(Foreign(), ROWS)


def test_names_of_outputs_are_no_text():
    """Two outputs would get the names of its letters."""

    class Pair(banzhaf.ModelAdapter):
        output_names = "no"

        def predict(self, rows):
            return rows[:, :2]

    with pytest.raises(TypeError, match="output_names of Pair must be a sequence of names, not the text 'no'"):
        banzhaf.Explainer(Pair(), np.zeros((1, 2)))


def test_predict_must_be_defined():
    class Empty(banzhaf.ModelAdapter):
        pass

    with pytest.raises(NotImplementedError, match=re.escape("Empty must define predict(rows)")):
        banzhaf.Explainer(Empty(), ROWS)(ROWS[:1])


def test_a_function_is_called_as_it_is_given():
    assert "called by" not in repr(banzhaf.Explainer(Votes().predict, ROWS))


@pytest.mark.parametrize(("names", "outputs"), [(("no",), 2), (("a", "b", "c"), 2), (("a", "b"), 1), ((), 1)])
def test_one_name_for_each_output(names, outputs):
    class Named(banzhaf.ModelAdapter):
        output_names = names

        def predict(self, rows):
            return rows.sum(axis=1) if outputs == 1 else rows[:, :outputs]

    explainer = banzhaf.Explainer(Named(), ROWS[:4])
    for call in (lambda: explainer(ROWS[4:]), lambda: explainer.prepare(), lambda: explainer(ROWS[4:], deadline=9)):
        with pytest.raises(ValueError, match=rf"output_names of Named .* {len(names)} names, and outputs: {outputs}"):
            call()


@pytest.mark.parametrize("names", [{"no", "yes"}, (name for name in "ab"), 3])
def test_output_names_have_an_order(names):
    class Named(Votes):
        output_names = names

    with pytest.raises(TypeError, match="output_names of Named must be a sequence of names"):
        banzhaf.Explainer(Named(), ROWS)


def test_names_of_a_native_model():
    def fill(rows, n_rows, n_columns, outputs, n_outputs, data):
        for place in range(n_rows * n_outputs):
            outputs[place] = place % n_outputs
        return 0

    model = banzhaf.native_model(MODEL(fill), dtype=np.float64, n_outputs=2)
    model.output_names = ("first", "second")
    assert banzhaf.Explainer(model, ROWS[:4])(ROWS[4:]).output_names == ("first", "second")
    model.output_names = ("first",)
    with pytest.raises(ValueError, match=r"1 names, and outputs: 2"):
        banzhaf.Explainer(model, ROWS[:4])
