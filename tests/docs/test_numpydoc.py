# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""numpydoc validates every public docstring, and each of them shows an example that runs."""

from __future__ import annotations

import dataclasses
import doctest
import functools
import inspect

import numpydoc.validate
import pytest

import banzhaf
from banzhaf._plots.explanation_plots import ExplanationPlots
from banzhaf._plots.values_plots import SummaryPlots, ValuesPlots

PLOTS = (ExplanationPlots, SummaryPlots, ValuesPlots)  # what the property `plot` of results returns


def members():
    """Public names as numpydoc finds them, each with its object: functions, classes, methods and properties."""
    for name in banzhaf.__all__:
        thing = getattr(banzhaf, name)
        if not callable(thing):
            continue
        yield name, thing
        if inspect.isclass(thing):
            yield from members_of(name, thing)
    for plots in PLOTS:
        yield from members_of(f"{plots.__module__.removeprefix('banzhaf.')}.{plots.__name__}", plots)


def members_of(name, thing):
    """Public methods and properties of a class."""
    for attribute, member in vars(thing).items():
        is_property = isinstance(member, (property, functools.cached_property))
        if attribute == "__call__" or (not attribute.startswith("_") and (callable(member) or is_property)):
            yield f"{name}.{attribute}", member


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
    assert not any(example.options.get(doctest.SKIP) for example in examples)


def test_faults_are_found():
    """Or the tests above would pass on anything."""
    assert "BanzhafValues.intervals" in MEMBERS
    assert "Evaluations.rows" in MEMBERS
    assert any(name.endswith("ExplanationPlots.beeswarm") for name in MEMBERS)
    found = numpydoc.validate.validate("doctest.DocTestFinder.find")["errors"]
    assert {"PR01", "RT01", "EX01"} <= {code for code, _ in found}
