# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The public names of the package, which the tests of the documentation go through."""

from __future__ import annotations

import functools
import inspect

import banzhaf
import banzhaf.games
from banzhaf._games.by_token import TokenGame
from banzhaf._plots.explanation_plots import ExplanationPlots
from banzhaf._plots.interaction_plots import InteractionPlots
from banzhaf._plots.values_plots import SummaryPlots, ValuesPlots

PLOTS = (ExplanationPlots, InteractionPlots, SummaryPlots, ValuesPlots)  # what the property `plot` of results returns


def members():
    """Public names as numpydoc finds them, each with its object: functions, classes, methods and properties."""
    public = {name: getattr(banzhaf, name) for name in banzhaf.__all__}
    public |= {f"games.{name}": getattr(banzhaf.games, name) for name in banzhaf.games.__all__}
    for name, thing in public.items():
        if not callable(thing):
            continue
        yield name, thing
        if inspect.isclass(thing):
            yield from members_of(name, thing)
    yield from members_of("_games.by_token.TokenGame", TokenGame)  # of both games of prompts
    for plots in PLOTS:
        yield from members_of(f"{plots.__module__.removeprefix('banzhaf.')}.{plots.__name__}", plots)


def members_of(name, thing):
    """Public methods and properties of a class."""
    for attribute, member in vars(thing).items():
        if getattr(member, "__isabstractmethod__", False):
            continue  # the classes that have it say what it does
        is_property = isinstance(member, (property, functools.cached_property))
        if attribute == "__call__" or (not attribute.startswith("_") and (callable(member) or is_property)):
            yield f"{name}.{attribute}", member
