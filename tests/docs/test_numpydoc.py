# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""numpydoc validates every public docstring, and each of them shows an example that runs."""

from __future__ import annotations

import dataclasses
import doctest
import inspect

import numpydoc.validate
import pytest
from public import members

import banzhaf

MEMBERS = dict(members())


def is_result(thing):
    """Whether functions return it and users never construct it: its docstring lists attributes, not parameters."""
    return thing is banzhaf.Evaluations or dataclasses.is_dataclass(thing)


def inapplicable(name, thing):
    """The codes of numpydoc that do not apply to a docstring."""
    codes = {"ES01"}  # a summary line may say everything
    if "." in name:
        codes.add("SA01")  # the page of a class lists a method's neighbours
    if not callable(thing):
        codes.add("EX01")  # the example of a class shows its properties
    if is_result(thing):
        codes.add("PR01")
    return codes


# Examples that need a model in a folder or a server: `tests/games` makes one, and runs them.
WITH_MODELS = ("games.ContextAttribution", "games.RemoteContextAttribution", "_games.by_token.TokenGame")


def faults(name):
    """What numpydoc finds wrong in a docstring."""
    found = numpydoc.validate.validate(f"banzhaf.{name}")["errors"]
    return [f"{code}: {text}" for code, text in found if code not in inapplicable(name, MEMBERS[name])]


@pytest.mark.parametrize("name", list(MEMBERS))
def test_numpydoc_finds_no_fault(name):
    assert faults(name) == []


@pytest.mark.parametrize("name", sorted(name for name in MEMBERS if callable(MEMBERS[name])))
def test_every_callable_has_an_example_that_runs(name):
    """`test_docstrings.py` runs them."""
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(MEMBERS[name]))
    assert examples
    if not name.startswith(WITH_MODELS):
        assert not any(example.options.get(doctest.SKIP) for example in examples)


def test_faults_are_found():
    """Or the tests above would pass on anything."""
    assert "BanzhafValues.intervals" in MEMBERS
    assert "Evaluations.rows" in MEMBERS
    assert any(name.endswith("ExplanationPlots.beeswarm") for name in MEMBERS)
    found = numpydoc.validate.validate("doctest.DocTestFinder.find")["errors"]
    assert {"PR01", "RT01", "EX01"} <= {code for code, _ in found}
