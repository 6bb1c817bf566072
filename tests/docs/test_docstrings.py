# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Docstrings: their examples run, and their sections say what the signatures say."""

from __future__ import annotations

import dataclasses
import doctest
import functools
import importlib
import inspect
import pkgutil
import re

import pytest
from pages import run_doctest
from public import members

import banzhaf

FINDER = doctest.DocTestFinder(exclude_empty=True)
MODULES = sorted(
    info.name for info in pkgutil.walk_packages(banzhaf.__path__, "banzhaf.") if not info.name.endswith("._core")
)


def examples(name):
    """The examples in a module, or in what a public name stands for."""
    if name in banzhaf.__all__:
        found = FINDER.find(getattr(banzhaf, name), name, module=False, globs={})
    else:
        found = FINDER.find(importlib.import_module(name))
    return [test for test in found if test.examples]


CALLABLES = {name: thing for name, thing in members() if callable(thing)}
FUNCTIONS = {name: thing for name, thing in CALLABLES.items() if not inspect.isclass(thing)}
# An exception takes a message, like any other.
CLASSES = {
    name: thing for name, thing in CALLABLES.items() if isinstance(thing, type) and not issubclass(thing, Exception)
}


def sections(thing):
    """The numpydoc sections of a docstring by their titles."""
    lines = (inspect.getdoc(thing) or "").splitlines()
    starts = [i for i, line in enumerate(lines[1:]) if re.fullmatch("-{3,}", line) and len(line) == len(lines[i])]
    ends = [*starts, len(lines)][1:]
    return {lines[i]: lines[i + 2 : end] for i, end in zip(starts, ends, strict=True)}


def documented(lines):
    """The names that a section of parameters or attributes lists."""
    heads = [line.partition(" : ")[0] for line in lines if line and not line.startswith(" ")]
    return [name.strip() for head in heads for name in head.split(",")]


def parameters(thing):
    """The names in a signature, without self."""
    names = [str(p).partition(":")[0] if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) else p.name
             for p in inspect.signature(thing).parameters.values()]  # fmt: skip
    return names[1:] if names[:1] == ["self"] else names


class TestExamples:
    @pytest.mark.parametrize("name", [*MODULES, *banzhaf.__all__])
    def test_of_docstrings(self, name, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        for test in examples(name):
            run_doctest(test)

    def test_there_are_some(self):
        assert {"estimate", "Explainer"} <= {test.name for name in banzhaf.__all__ for test in examples(name)}


class TestPublicNames:
    @pytest.mark.parametrize("name", sorted(set(banzhaf.__all__) - {"__version__"}))
    def test_belong_to_the_package_itself(self, name):
        """Wherever their code lies: pickles and documentation survive the next move."""
        assert getattr(banzhaf, name).__module__ == "banzhaf"


class TestDocstrings:
    @pytest.mark.parametrize("name", CALLABLES)
    def test_open_with_one_sentence(self, name):
        text = inspect.getdoc(CALLABLES[name])
        assert text, f"{name} has no docstring"
        summary, *rest = text.splitlines()
        assert re.fullmatch(r"[A-Z`].*[.:]", summary)
        assert rest[:1] in ([], [""])

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_parameters_are_those_of_the_signature(self, name):
        found = documented(sections(FUNCTIONS[name]).get("Parameters", []))
        # Any order: those that are as for another function share a line.
        assert sorted(found) == sorted(parameters(FUNCTIONS[name]))

    @pytest.mark.parametrize("name", CLASSES)
    def test_parameters_of_classes(self, name):
        thing = CLASSES[name]
        found = sections(thing)
        listed = documented(found.get("Parameters", []) or found.get("Attributes", []))
        if dataclasses.is_dataclass(thing):
            assert listed == [field.name for field in dataclasses.fields(thing) if not field.name.startswith("_")]
        elif "Parameters" not in found:  # nothing that users make themselves
            made = [name for name, member in vars(thing).items() if isinstance(member, functools.cached_property)]
            assert listed == [*made, *inspect.get_annotations(thing)]
        else:
            assert listed == parameters(thing.__init__)
            assert "Examples" in found

    @pytest.mark.parametrize("name", [name for name in FUNCTIONS if "." not in name])
    def test_functions_say_what_they_return_and_show_it(self, name):
        found = sections(FUNCTIONS[name])
        assert {"Returns", "Examples"} <= found.keys()
        assert any(line.strip().startswith(">>>") for line in found["Examples"])
        if parameters(FUNCTIONS[name]):
            assert {"Parameters", "Raises"} <= found.keys()

    @pytest.mark.parametrize("name", [name for name in FUNCTIONS if "." in name])
    def test_methods_say_what_they_return(self, name):
        returned = inspect.signature(FUNCTIONS[name]).return_annotation
        assert ("Returns" in sections(FUNCTIONS[name])) == (returned != "None")

    @pytest.mark.parametrize("name", CALLABLES)
    def test_sections_keep_numpydocs_order(self, name):
        order = [
            "Parameters",
            "Attributes",
            "Returns",
            "Raises",
            "Warns",
            "See Also",
            "Notes",
            "References",
            "Examples",
        ]
        found = list(sections(CALLABLES[name]))
        assert found == sorted(found, key=order.index)

    def test_sections_are_found(self):
        """Or the tests above would pass on anything."""
        found = sections(banzhaf.estimate)
        assert list(found) == [
            "Parameters",
            "Returns",
            "Raises",
            "Warns",
            "See Also",
            "Notes",
            "References",
            "Examples",
        ]
        assert documented(found["Parameters"])[:3] == ["game", "n_players", "budget"]
