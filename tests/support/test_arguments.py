# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test a table of wrong calls: each error names the argument, and comes before any evaluation."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from oracles import Recorder

import banzhaf

ROWS = np.arange(40.0).reshape(10, 4)
COALITIONS = banzhaf.sample_coalitions(6, 20, random_state=0)
WORTHS = COALITIONS.sum(axis=1)


def estimate(game, *more, n_players=6, **options):
    return banzhaf.estimate(game, n_players, *more, **({"budget": 20} | options))


def explain(model, *more, background=ROWS, X=ROWS[:2], **options):
    return banzhaf.Explainer(model, background, *more, **({"budget": 160} | options))(X)


def frame(**columns):
    return pytest.importorskip("pandas").DataFrame(columns)


# Wrong call, class of the error, message. Each call gets a game (or model) that must not be called.
# fmt: off
ARGUMENTS = {
    "estimate: game is None": (lambda f: estimate(None), TypeError, "game must be a callable.* got NoneType"),
    "estimate: game is an array": (lambda f: estimate(WORTHS), TypeError, "game must be a callable.* got ndarray"),
    "estimate: 0 players": (
        lambda f: estimate(f, n_players=0), ValueError, "n_players must be between 1 and 1048576, got 0",
    ),
    "estimate: -3 players": (lambda f: estimate(f, n_players=-3), ValueError, "n_players must be between .* got -3"),
    "estimate: too many players": (lambda f: estimate(f, n_players=2**20 + 1), ValueError, "n_players .* got 1048577"),
    "estimate: players as text": (
        lambda f: estimate(f, n_players="6"), TypeError, "n_players must be an integer, got '6'",
    ),
    "estimate: players as float": (
        lambda f: estimate(f, n_players=6.0), TypeError, "n_players must be an integer, got 6.0",
    ),
    "estimate: players as bool": (
        lambda f: estimate(f, n_players=True), TypeError, "n_players must be an integer, got True",
    ),
    "estimate: players as a list of names": (
        lambda f: estimate(f, n_players=["a", "b"]), TypeError, "n_players must be an integer, got \\['a', 'b'\\]",
    ),
    "estimate: no budget": (lambda f: banzhaf.estimate(f, 6), TypeError, "budget"),
    "estimate: budget is None": (lambda f: estimate(f, budget=None), TypeError, "budget must be an integer, got None"),
    "estimate: budget 0": (lambda f: estimate(f, budget=0), ValueError, "budget must be at least 2, got 0"),
    "estimate: budget 1": (lambda f: estimate(f, budget=1), ValueError, "budget must be at least 2, got 1"),
    "estimate: budget -20": (lambda f: estimate(f, budget=-20), ValueError, "budget must be at least 2, got -20"),
    "estimate: budget beyond any memory": (
        lambda f: estimate(f, n_players=40, budget=10**30), ValueError, r"budget must be below 2\^63",
    ),
    "estimate: budget beyond the regression": (
        lambda f: estimate(f, n_players=40, budget=2**36, design="paired"), ValueError,
        "regression takes at most 2\\^32 - 1 rows",
    ),
    "estimate: budget as float": (lambda f: estimate(f, budget=20.0), TypeError, "budget must be an integer, got 20.0"),
    "estimate: budget NaN": (lambda f: estimate(f, budget=np.nan), TypeError, "budget must be an integer, got nan"),
    "estimate: budget as bool": (lambda f: estimate(f, budget=True), TypeError, "budget must be an integer, got True"),
    "estimate: budget as NumPy bool": (lambda f: estimate(f, budget=np.True_), TypeError, "budget must be an integer"),
    "estimate: budget as array": (
        lambda f: estimate(f, budget=np.array([20, 30])), TypeError, "budget must be an integer",
    ),
    "estimate: budget positional": (lambda f: banzhaf.estimate(f, 6, 20), TypeError, "takes 2 positional arguments"),
    "estimate: unknown design": (
        lambda f: estimate(f, design="pared"), ValueError,
        "design must be one of 'hadamard', 'nested', 'fresh', 'paired', 'independent', 'exhaustive', got 'pared'",
    ),
    "estimate: design is None": (lambda f: estimate(f, design=None), TypeError, "design must be a string, got None"),
    "estimate: design not affordable": (
        lambda f: estimate(f, design="exhaustive"), ValueError,
        r"budget must be at least 2\^6 = 64, .* got 20",
    ),
    "estimate: design impossible": (
        lambda f: estimate(f, n_players=31, budget=2**40, design="exhaustive"), ValueError,
        "n_players must be at most 30 .* got 31",
    ),
    "estimate: unknown keyword": (
        lambda f: estimate(f, n_samples=20), TypeError, "unexpected keyword argument 'n_samples'",
    ),
    "estimate: ridge negative": (
        lambda f: estimate(f, ridge=-1.0), ValueError, "ridge must be finite and not negative, got -1.0",
    ),
    "estimate: ridge NaN": (
        lambda f: estimate(f, ridge=np.nan), ValueError, "ridge must be finite and not negative, got nan",
    ),
    "estimate: ridge infinite": (
        lambda f: estimate(f, ridge=np.inf), ValueError, "ridge must be finite and not negative, got inf",
    ),
    "estimate: ridge as text": (lambda f: estimate(f, ridge="1"), TypeError, "ridge must be a number, got '1'"),
    "estimate: ridge as bool": (lambda f: estimate(f, ridge=True), TypeError, "ridge must be a number, got True"),
    "estimate: ridge is None": (lambda f: estimate(f, ridge=None), TypeError, "ridge must be a number, got None"),
    "estimate: ridge as array": (lambda f: estimate(f, ridge=np.ones(6)), TypeError, "ridge must be a number"),
    "estimate: seed negative": (
        lambda f: estimate(f, random_state=-1), ValueError,
        "random_state must be between 0 and 18446744073709551615, got -1",
    ),
    "estimate: seed too large": (
        lambda f: estimate(f, random_state=2**64), ValueError, "random_state must be between 0 and",
    ),
    "estimate: seed as text": (
        lambda f: estimate(f, random_state="0"), TypeError,
        "random_state must be an int, a numpy.random Generator, RandomState or SeedSequence, or None, got '0'",
    ),
    "estimate: seed as float": (
        lambda f: estimate(f, random_state=0.0), TypeError, "random_state must be an int, .* got 0.0",
    ),
    "estimate: seed as bool": (
        lambda f: estimate(f, random_state=False), TypeError, "random_state must be an int, .* got False",
    ),
    "estimate: NumPy's old generator": (
        lambda f: estimate(f, random_state=np.random.PCG64(0)), TypeError,
        "random_state must be an int, a numpy.random Generator",
    ),
    "estimate: the random module": (
        lambda f: estimate(f, random_state=np.random), TypeError, "random_state must be an int",
    ),
    "estimate: batches of 0": (lambda f: estimate(f, batch_size=0), ValueError, "batch_size must be at least 1, got 0"),
    "estimate: batches beyond any memory": (
        lambda f: estimate(f, batch_size=2**63), ValueError, r"batch_size must be below 2\^63",
    ),
    "estimate: batches of -1": (
        lambda f: estimate(f, batch_size=-1), ValueError, "batch_size must be at least 1, got -1",
    ),
    "estimate: batches of 2.5": (
        lambda f: estimate(f, batch_size=2.5), TypeError, "batch_size must be an integer, got 2.5",
    ),
    "estimate: 0 threads": (
        lambda f: estimate(f, num_threads=0), ValueError, "num_threads must be between 1 and 65536, got 0",
    ),
    "estimate: -1 threads": (
        lambda f: estimate(f, num_threads=-1), ValueError, "num_threads must be between 1 .* got -1",
    ),
    "estimate: threads as text": (
        lambda f: estimate(f, num_threads="all"), TypeError, "num_threads must be an integer, got 'all'",
    ),
    "estimate: on_nonfinite unknown": (
        lambda f: estimate(f, on_nonfinite="ignore"), ValueError,
        "on_nonfinite must be one of 'raise', 'drop', got 'ignore'",
    ),
    "estimate: on_nonfinite as bool": (
        lambda f: estimate(f, on_nonfinite=True), TypeError, "on_nonfinite must be a string, got True",
    ),
    "estimate: standard_errors as text": (
        lambda f: estimate(f, standard_errors="hc2"), TypeError, "standard_errors must be True or False, got 'hc2'",
    ),
    "estimate: progress as int": (
        lambda f: estimate(f, progress=1), TypeError, "progress must be True or False, got 1",
    ),
    "estimate: too few names": (
        lambda f: estimate(f, player_names=["a"]), ValueError, "player_names must name all 6 players, got 1 names",
    ),
    "estimate: names twice": (
        lambda f: estimate(f, player_names=list("abcdea")), ValueError,
        "player_names must all be different, got 'a' more than once",
    ),
    "estimate: names as numbers": (
        lambda f: estimate(f, player_names=range(6)), TypeError, "player_names must hold strings, got 0",
    ),
    "estimate: names as one text": (
        lambda f: estimate(f, player_names="abcdef"), TypeError,
        "player_names must be a sequence of 6 names, got 'abcdef'",
    ),
    "estimate: names as a number": (
        lambda f: estimate(f, player_names=6), TypeError, "player_names must be a sequence of 6 names, got 6",
    ),
    "estimate: tolerance 0": (
        lambda f: estimate(f, tolerance=0), ValueError, "tolerance must be finite and positive, got 0",
    ),
    "estimate: tolerance negative": (
        lambda f: estimate(f, tolerance=-0.1), ValueError, "tolerance must be finite and positive, got -0.1",
    ),
    "estimate: tolerance NaN": (
        lambda f: estimate(f, tolerance=np.nan), ValueError, "tolerance must be finite and positive, got nan",
    ),
    "estimate: tolerance as text": (
        lambda f: estimate(f, tolerance="1e-3"), TypeError, "tolerance must be a number, got '1e-3'",
    ),
    "estimate: tolerance as bytes": (
        lambda f: estimate(f, tolerance=b"1"), TypeError, "tolerance must be a number, got b'1'",
    ),
    "estimate: tolerance in an array": (
        lambda f: estimate(f, tolerance=np.array([0.1])), TypeError, "tolerance must be a number, got array",
    ),
    "estimate: tolerance beyond all floats": (
        lambda f: estimate(f, tolerance=10**400), ValueError, "tolerance must fit into a float",
    ),
    "estimate: tolerance as bool": (
        lambda f: estimate(f, tolerance=True), TypeError, "tolerance must be a number, got True",
    ),
    "estimate: tolerance for each player": (
        lambda f: estimate(f, tolerance=np.ones(6)), TypeError, "tolerance must be a number",
    ),
    "estimate: tolerance without standard errors": (
        lambda f: estimate(f, tolerance=0.1, standard_errors=False), ValueError,
        "standard_errors must be True for tolerance and top_k",
    ),
    "estimate: top_k without standard errors": (
        lambda f: estimate(f, top_k=1, standard_errors=False), ValueError,
        "standard_errors must be True for tolerance and top_k",
    ),
    "estimate: top_k 0": (lambda f: estimate(f, top_k=0), ValueError, "top_k must be at least 1, got 0"),
    "estimate: top_k of all": (
        lambda f: estimate(f, top_k=6), ValueError, "top_k must be below the number of players, 6, got 6",
    ),
    "estimate: top_k of one player": (
        lambda f: estimate(f, n_players=1, top_k=1), ValueError, "top_k must be below the number of players, 1, got 1",
    ),
    "estimate: top_k as float": (
        lambda f: estimate(f, top_k=2.0), TypeError, "top_k must be an integer, got 2.0",
    ),
    "estimate: top_k as bool": (lambda f: estimate(f, top_k=True), TypeError, "top_k must be an integer, got True"),
    "estimate: confidence 95": (
        lambda f: estimate(f, confidence=95), ValueError, "confidence must lie strictly between 0 and 1, got 95",
    ),
    "estimate: confidence 1": (
        lambda f: estimate(f, top_k=2, confidence=1), ValueError, "confidence must lie strictly between 0 and 1, got 1",
    ),
    "estimate: confidence is None": (
        lambda f: estimate(f, confidence=None), TypeError, "confidence must be a number, got None",
    ),
    "estimate: deadline 0": (
        lambda f: estimate(f, deadline=0), ValueError, "deadline must be finite and positive, got 0",
    ),
    "estimate: deadline minus infinity": (
        lambda f: estimate(f, deadline=-np.inf), ValueError, "deadline must be finite and positive, got -inf",
    ),
    "estimate: deadline as text": (
        lambda f: estimate(f, deadline="10s"), TypeError, "deadline must be a number, got '10s'",
    ),
    "estimate: callback as a number": (
        lambda f: estimate(f, callback=3), TypeError, "callback must be a callable .*, got int",
    ),
    "sample_coalitions: tolerance": (
        lambda f: banzhaf.sample_coalitions(6, 20, tolerance=0.1), TypeError, "unexpected keyword argument 'tolerance'",
    ),
    "diagnose: an array": (
        lambda f: banzhaf.diagnose(np.ones(3)), TypeError, "values must be a BanzhafValues.*, got ndarray",
    ),
    "exact: 0 players": (lambda f: banzhaf.exact(f, 0), ValueError, "n_players must be between 1 and 30, got 0"),
    "exact: 31 players": (lambda f: banzhaf.exact(f, 31), ValueError, "n_players must be between 1 and 30, got 31"),
    "exact: a budget": (lambda f: banzhaf.exact(f, 3, budget=8), TypeError, "unexpected keyword argument 'budget'"),
    "exact: game is None": (lambda f: banzhaf.exact(None, 3), TypeError, "game must be numbers, got dtype object"),
    "exact: game as text": (lambda f: banzhaf.exact("game", 3), TypeError, "game must be numbers, got dtype <U4"),
    "exact: too few worths": (
        lambda f: banzhaf.exact(np.zeros(7), 3), ValueError,
        r"game must have shape \(8,\) or \(8, n_outputs\), .* all 2\^3 coalitions, got \(7,\)",
    ),
    "exact: worths in a cube": (
        lambda f: banzhaf.exact(np.zeros((2, 2, 2)), 3), ValueError, r"game must have shape .* got \(2, 2, 2\)",
    ),
    "exact: worths without outputs": (
        lambda f: banzhaf.exact(np.zeros((8, 0)), 3), ValueError, r"game must have shape .* got \(8, 0\)",
    ),
    "exact: a worth NaN": (lambda f: banzhaf.exact([0, np.nan, 1, 2], 2), ValueError, "game must be finite, got nan"),
    "exact: worths complex": (
        lambda f: banzhaf.exact(np.zeros(8, complex), 3), TypeError, "game must be numbers, got dtype complex128",
    ),
    "exact: worths ragged": (lambda f: banzhaf.exact([[1, 2], [3]], 1), ValueError, "game must be an array of numbers"),
    "exact: names": (
        lambda f: banzhaf.exact(np.zeros(8), 3, player_names=["a", "a", "b"]), ValueError, "must all be different",
    ),
    "exact: batches of 0": (
        lambda f: banzhaf.exact(np.zeros(8), 3, batch_size=0), ValueError, "batch_size must be at least 1",
    ),
    "exact: progress": (
        lambda f: banzhaf.exact(np.zeros(8), 3, progress=None), TypeError, "progress must be True or False",
    ),
    "exact: 0 threads": (
        lambda f: banzhaf.exact(np.zeros(8), 3, num_threads=0), ValueError, "num_threads must be between 1",
    ),
    "fit: coalitions in a row": (
        lambda f: banzhaf.fit(COALITIONS[0], [1.0]), ValueError,
        r"coalitions must have shape \(m, n_players\), got \(6,\)",
    ),
    "fit: no players": (
        lambda f: banzhaf.fit(COALITIONS[:, :0], WORTHS), ValueError, r"coalitions must have shape .* got \(20, 0\)",
    ),
    "fit: one coalition": (
        lambda f: banzhaf.fit(COALITIONS[:1], [1.0]), ValueError, "coalitions must have at least 2 rows, got 1",
    ),
    "fit: no coalition": (
        lambda f: banzhaf.fit(COALITIONS[:0], []), ValueError, "coalitions must have at least 2 rows, got 0",
    ),
    "fit: coalitions of -1 and 1": (
        lambda f: banzhaf.fit(2 * COALITIONS.astype(int) - 1, WORTHS), ValueError, "coalitions must hold only 0 and 1",
    ),
    "fit: coalitions with NaN": (
        lambda f: banzhaf.fit(np.where(COALITIONS, np.nan, 0), WORTHS), ValueError, "coalitions must hold only 0 and 1",
    ),
    "fit: coalitions as text": (
        lambda f: banzhaf.fit([["a", "b"]] * 2, [1, 2]), TypeError, "coalitions must be boolean, got dtype <U1",
    ),
    "fit: coalitions as sets": (
        lambda f: banzhaf.fit([{0, 1}, {2}], [1, 2]), TypeError, "coalitions must be boolean, got dtype object",
    ),
    "fit: coalitions sparse": (
        lambda f: banzhaf.fit(pytest.importorskip("scipy.sparse").csr_array(COALITIONS), WORTHS),
        TypeError,
        r"not a sparse matrix: pass coalitions\.toarray\(\)",
    ),
    "fit: coalitions ragged": (lambda f: banzhaf.fit([[0, 1], [1]], [1, 2]), ValueError, "coalitions must"),
    "fit: too few worths": (
        lambda f: banzhaf.fit(COALITIONS, WORTHS[1:]), ValueError,
        r"worths must have shape \(20,\) or \(20, n_outputs\), a row for each of the coalitions, got \(19,\)",
    ),
    "fit: worths across": (
        lambda f: banzhaf.fit(COALITIONS, WORTHS[None]), ValueError, r"worths must have shape .* got \(1, 20\)",
    ),
    "fit: one worth": (lambda f: banzhaf.fit(COALITIONS, 1.0), ValueError, r"worths must have shape .* got \(\)"),
    "fit: a worth infinite": (
        lambda f: banzhaf.fit(COALITIONS, np.where(WORTHS == 3, np.inf, 0.0)), ValueError,
        "worths must be finite, got inf",
    ),
    "fit: worths missing": (
        lambda f: banzhaf.fit(COALITIONS, [None] * 20), TypeError, "worths must be numbers, got dtype object",
    ),
    "fit: ridge": (
        lambda f: banzhaf.fit(COALITIONS, WORTHS, ridge=-1), ValueError,
        "ridge must be finite and not negative, got -1",
    ),
    "fit: names": (
        lambda f: banzhaf.fit(COALITIONS, WORTHS, player_names=["a"]), ValueError,
        "player_names must name all 6 players",
    ),
    "fit: a design": (
        lambda f: banzhaf.fit(COALITIONS, WORTHS, design="paired"), TypeError, "unexpected keyword argument 'design'",
    ),
    "sample_coalitions: budget 1": (
        lambda f: banzhaf.sample_coalitions(6, 1), ValueError, "budget must be at least 2, got 1",
    ),
    "sample_coalitions: unknown design": (
        lambda f: banzhaf.sample_coalitions(6, 20, design="walks"), ValueError, "design must be one of",
    ),
    "sample_coalitions: design not affordable": (
        lambda f: banzhaf.sample_coalitions(6, 63, design="exhaustive"), ValueError, r"must be at least 2\^6 = 64",
    ),
    "sample_coalitions: design positional": (
        lambda f: banzhaf.sample_coalitions(6, 20, "paired"), TypeError, "takes 2 positional arguments",
    ),
    "sample_coalitions: players": (
        lambda f: banzhaf.sample_coalitions(2**21, 20), ValueError, "n_players must be between",
    ),
    "sample_coalitions: seed": (
        lambda f: banzhaf.sample_coalitions(6, 20, random_state=-1), ValueError, "random_state must be between",
    ),
    "monte_carlo: budget": (
        lambda f: banzhaf.monte_carlo(f, 6, budget=11), ValueError, "budget must be at least 12, got 11",
    ),
    "monte_carlo: ridge": (
        lambda f: banzhaf.monte_carlo(f, 6, budget=20, ridge=1.0), TypeError, "unexpected keyword argument 'ridge'",
    ),
    "monte_carlo: game": (lambda f: banzhaf.monte_carlo(6, f, budget=20), TypeError, "n_players must be an integer"),
    "monte_carlo: seed": (
        lambda f: banzhaf.monte_carlo(f, 6, budget=20, random_state="a"), TypeError, "random_state must be an int",
    ),
    "msr: budget 1": (lambda f: banzhaf.msr(f, 6, budget=1), ValueError, "budget must be at least 2, got 1"),
    "msr: design": (
        lambda f: banzhaf.msr(f, 6, budget=20, design="paired"), TypeError, "unexpected keyword argument 'design'",
    ),
    "msr: batches of 0": (
        lambda f: banzhaf.msr(f, 6, budget=20, batch_size=0), ValueError, "batch_size must be at least 1, got 0",
    ),
    "msr: on_nonfinite": (
        lambda f: banzhaf.msr(f, 6, budget=20, on_nonfinite="skip"), ValueError, "on_nonfinite must be one of",
    ),
    "walsh_hadamard: 3 worths": (
        lambda f: banzhaf.walsh_hadamard([1, 2, 3]), ValueError, r"worths must have shape \(2\^n,\), got \(3,\)",
    ),
    "walsh_hadamard: no worths": (
        lambda f: banzhaf.walsh_hadamard([]), ValueError, r"worths must have shape \(2\^n,\), got \(0,\)",
    ),
    "walsh_hadamard: a matrix": (
        lambda f: banzhaf.walsh_hadamard(np.zeros((4, 2))), ValueError,
        r"worths must have shape \(2\^n,\), got \(4, 2\)",
    ),
    "walsh_hadamard: NaN": (
        lambda f: banzhaf.walsh_hadamard([0, np.nan]), ValueError, "worths must be finite, got nan",
    ),
    "walsh_hadamard: text": (
        lambda f: banzhaf.walsh_hadamard(["a", "b"]), TypeError, "worths must be numbers, got dtype <U1",
    ),
    "walsh_hadamard: 0 threads": (
        lambda f: banzhaf.walsh_hadamard([0, 1], num_threads=0), ValueError, "num_threads must be between 1",
    ),
    "intervals: level 95": (
        lambda f: banzhaf.exact([0, 1], 1).intervals(95), ValueError, "level must lie strictly between 0 and 1, got 95",
    ),
    "intervals: level as text": (
        lambda f: banzhaf.exact([0, 1], 1).intervals("high"), TypeError,
        "level must be a number, got 'high'",
    ),
    "Explainer: model is None": (
        lambda f: explain(None), TypeError, "model must be a function of rows, .* got NoneType",
    ),
    "Explainer: model is a class": (
        lambda f: explain(dict), TypeError, "model must be a fitted model, not the class dict",
    ),
    "Explainer: no background": (lambda f: banzhaf.Explainer(f), TypeError, "background"),
    "Explainer: background is None": (
        lambda f: explain(f, background=None), ValueError, "background must have two dimensions",
    ),
    "Explainer: background empty": (lambda f: explain(f, background=ROWS[:0]), ValueError, "background has no rows"),
    "Explainer: background without columns": (
        lambda f: explain(f, background=ROWS[:, :0]), ValueError, "background has no columns",
    ),
    "Explainer: background in one dimension": (
        lambda f: explain(f, background=ROWS[0]), ValueError,
        r"background must have two dimensions .* not shape \(4,\): pass one row as background\[None\]",
    ),
    "Explainer: background ragged": (
        lambda f: explain(f, background=[[1, 2], [3]]), ValueError, "background must have rows of equal length",
    ),
    "Explainer: background masked": (
        lambda f: explain(f, background=np.ma.masked_array(ROWS)), TypeError, "not a masked array",
    ),
    "Explainer: budget negative": (lambda f: explain(f, budget=-1), ValueError, "budget must be at least 2, got -1"),
    "Explainer: budget 1": (lambda f: explain(f, budget=1), ValueError, "budget must be at least 2, got 1"),
    "Explainer: budget negative, shared": (
        lambda f: explain(f, budget=-1, design="paired"), ValueError, "budget must be at least 1, got -1",
    ),
    "Explainer: budget of less than a pair": (
        lambda f: explain(f, budget=19, design="paired"), ValueError,
        "budget must be at least 20 model evaluations, .* got 19",
    ),
    "Explainer: budget beyond any memory": (
        lambda f: explain(f, background=np.zeros((2, 40)), X=np.ones((1, 40)), budget=10**30), ValueError,
        r"budget must be below 2\^63",
    ),
    "Explainer: budget as float": (
        lambda f: explain(f, budget=1e3), TypeError, "budget must be an integer, got 1000.0",
    ),
    "Explainer: budget is None": (lambda f: explain(f, budget=None), TypeError, "budget must be an integer, got None"),
    "Explainer: budget unknown": (
        lambda f: explain(f, budget="all"), ValueError, "budget must be an integer or 'auto', got 'all'",
    ),
    "Explainer: unknown design": (lambda f: explain(f, design="hadamard!"), ValueError, "design must be one of"),
    "Explainer: design not affordable": (
        lambda f: explain(f, budget=159, design="exhaustive"), ValueError, r"must be at least 2\^4 = 16",
    ),
    "Explainer: ridge": (
        lambda f: explain(f, ridge=-0.1), ValueError, "ridge must be finite and not negative, got -0.1",
    ),
    "Explainer: seed": (
        lambda f: explain(f, random_state=np.random.PCG64(0)), TypeError, "random_state must be an int",
    ),
    "Explainer: batches of 0": (lambda f: explain(f, batch_size=0), ValueError, "batch_size must be at least 1, got 0"),
    "Explainer: 0 threads": (
        lambda f: explain(f, num_threads=0), ValueError, "num_threads must be between 1 and 65536, got 0",
    ),
    "Explainer: unknown keyword": (
        lambda f: explain(f, n_samples=9), TypeError, r"unexpected (keyword )?argument 'n_samples'",
    ),
    "Explainer: budget positional": (lambda f: explain(f, 80), TypeError, "takes 3 positional arguments"),
    "Explainer: too few names": (
        lambda f: explain(f, feature_names=["a", "b"]), ValueError,
        "feature_names must name all 4 columns, got 2 names",
    ),
    "Explainer: names twice": (
        lambda f: explain(f, feature_names=list("abca")), ValueError,
        "feature_names must all be different, got 'a'",
    ),
    "Explainer: names as one text": (
        lambda f: explain(f, feature_names="abcd"), TypeError,
        "feature_names must be a sequence of 4 names, got 'abcd'",
    ),
    "Explainer: groups as text": (
        lambda f: explain(f, groups="x0"), TypeError, "groups must be a mapping or a sequence of groups, got str",
    ),
    "Explainer: groups of numbers": (
        lambda f: explain(f, groups=[0, 1]), TypeError, "groups must hold sequences of columns, got 0",
    ),
    "Explainer: a group empty": (
        lambda f: explain(f, groups={"a": []}), ValueError, "groups must not be empty, but 'a' is",
    ),
    "Explainer: a column unknown": (
        lambda f: explain(f, groups=[["x0", "x9"]]), ValueError,
        "groups name a column that the background does not have: 'x9'",
    ),
    "Explainer: a column beyond": (
        lambda f: explain(f, groups=[[0, 4]]), ValueError, "columns in groups must be between 0 and 3, got 4",
    ),
    "Explainer: a column twice": (
        lambda f: explain(f, groups={"a": [0, 1], "b": [1, 2]}), ValueError,
        "groups must not share columns, but 'x1' is in 'a' and 'b'",
    ),
    "Explainer: a position that is another column's name": (
        lambda f: banzhaf.Explainer(f, np.eye(4), feature_names=["1", "2", "3", "4"], groups=[[0, 1]]), ValueError,
        "groups have a column 1, which may be the one at that position, '2', or the one of that name",
    ),
    "Explainer: a group's name a number": (
        lambda f: explain(f, groups={1: [0, 1]}), TypeError, "groups must have names that are strings, got 1",
    ),
    "Explainer: a group called as a column": (
        lambda f: explain(f, groups={"x3": [0, 1]}), ValueError,
        "groups must not have the name of a column outside them, got 'x3'",
    ),
    "Explainer: two groups of one name": (
        lambda f: banzhaf.Explainer(f, np.eye(3), feature_names=["a", "b", "a + b"], groups=[["a", "b"], ["a + b"]]),
        ValueError, r"groups must have different names, got 'a \+ b' more than once: pass a mapping",
    ),
    "call: X is None": (lambda f: explain(f, X=None), ValueError, "X must have two dimensions"),
    "call: one row": (
        lambda f: explain(f, X=ROWS[0]), ValueError,
        r"X must have two dimensions .* not shape \(4,\): pass one row as X\[None\]",
    ),
    "call: no rows": (lambda f: explain(f, X=ROWS[:0]), ValueError, "X has no rows"),
    "call: too few columns": (lambda f: explain(f, X=ROWS[:, :3]), ValueError, "X has 3 columns, but background has 4"),
    "call: text for numbers": (lambda f: explain(f, X=[["a", "b", "c", "d"]]), ValueError, "X has dtype"),
    "call: halves for integers": (
        lambda f: explain(f, background=ROWS.astype(int), X=ROWS[:2] + 0.5), ValueError,
        "X has dtype float64 where background has int64",
    ),
    "call: a DataFrame for an array": (
        lambda f: explain(f, X=frame(a=[1.0], b=[2.0], c=[3.0], d=[4.0])), TypeError,
        "X must be a NumPy array like background, not a pandas DataFrame",
    ),
    "call: a Series for a DataFrame": (
        lambda f: explain(f, background=frame(a=[1.0, 2.0], b=[3.0, 4.0]), X=frame(a=[1.0])["a"]), TypeError,
        "X must be a pandas DataFrame like background",
    ),
    "call: other columns": (
        lambda f: explain(f, background=frame(a=[1.0, 2.0], b=[3.0, 4.0]), X=frame(a=[1.0], c=[3.0])), ValueError,
        r"X must have the same columns as background; missing: \['b'\]; unexpected: \['c'\]",
    ),
    "call: progress as text": (
        lambda f: banzhaf.Explainer(f, ROWS)(ROWS, progress="yes"), TypeError,
        "progress must be True or False, got 'yes'",
    ),
    "call: progress positional": (
        lambda f: banzhaf.Explainer(f, ROWS)(ROWS, True), TypeError, "takes 2 positional arguments",
    ),
    "load: no such file": (lambda f: banzhaf.load("nowhere/values.npz"), FileNotFoundError, "nowhere"),
}
# fmt: on


class Sparse:
    def toarray(self):
        raise AssertionError("it may be large")


class Tensor:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")


async def waiting():
    return 1.0


# What a callback returns for its rows, class of the error, message. Most batches have 7 rows.
RETURNED = {
    "None": (lambda rows: None, TypeError, "returned None"),
    "text": (lambda rows: ["high"] * len(rows), TypeError, "returned dtype <U4"),
    "objects": (lambda rows: [object()] * len(rows), TypeError, "returned dtype object"),
    "numbers and None": (lambda rows: [1.0] * (len(rows) - 1) + [None], TypeError, "returned dtype object"),
    "a mapping": (lambda rows: {"worth": 1.0}, TypeError, "returned a value of type dict"),
    "a set": (lambda rows: {1.0}, TypeError, "returned a value of type set"),
    "a generator": (lambda rows: (1.0 for row in rows), TypeError, "returned a value of type generator"),
    "a coroutine": (lambda rows: waiting(), TypeError, "returned a coroutine; it must not be async"),
    "a sparse matrix": (lambda rows: Sparse(), TypeError, r"returned a Sparse; return its \.toarray\(\)"),
    "a tensor that needs its gradient": (
        lambda rows: Tensor(),
        TypeError,
        r"not an array: Can't call numpy\(\) on Tensor that requires grad",
    ),
    "bytes": (lambda rows: [b"1"] * len(rows), TypeError, r"returned dtype \|S1"),
    "a structured array": (lambda rows: np.zeros(len(rows), [("worth", float)]), TypeError, "returned dtype"),
    "complex numbers": (lambda rows: np.ones(len(rows), complex), TypeError, "returned dtype complex128"),
    "dates": (lambda rows: np.zeros(len(rows), "M8[s]"), TypeError, r"returned dtype datetime64\[s\]"),
    "one number": (lambda rows: 1.0, ValueError, r"returned shape \(\)"),
    "one number too few": (lambda rows: np.ones(len(rows) - 1), ValueError, r"returned shape \(6,\)"),
    "one row": (lambda rows: np.ones((1, len(rows))), ValueError, r"returned shape \(1, 7\)"),
    "three dimensions": (lambda rows: np.ones((len(rows), 2, 2)), ValueError, r"returned shape \(7, 2, 2\)"),
    "no outputs": (lambda rows: np.ones((len(rows), 0)), ValueError, r"returned shape \(7, 0\)"),
    "nothing": (lambda rows: [], ValueError, r"returned shape \(0,\)"),
    "ragged rows": (lambda rows: [[1.0], [1.0, 2.0]], ValueError, "returned something that is not an array: "),
    "an axis that goes": (
        lambda rows: np.ones((len(rows), 1)) if len(rows) == 7 else np.ones(len(rows)),
        ValueError,
        r"shape \(\1,\) instead of \(\1, 1\)",
    ),
    "an axis that comes": (
        lambda rows: np.ones(len(rows)) if len(rows) == 7 else np.ones((len(rows), 1)),
        ValueError,
        r"shape \(\1, 1\) instead of \(\1,\)",
    ),
    "more outputs": (
        lambda rows: np.ones((len(rows), 2)) if len(rows) == 7 else np.ones((len(rows), 3)),
        ValueError,
        r"shape \(\1, 3\) instead of \(\1, 2\)",
    ),
}
NONFINITE = {
    "NaN": lambda rows: np.full(len(rows), np.nan),
    "infinity": lambda rows: np.full((len(rows), 2), -np.inf),
    "NaN once": lambda rows: np.where(np.arange(len(rows)) == 2, np.nan, 1.0),
}


def misuses():
    """All cases above: call, error, message, and whether it comes before any evaluation."""
    for case, misuse in ARGUMENTS.items():
        yield pytest.param(*misuse, True, id=case)
    for name, items, nonfinite, call in (
        ("game", "coalitions", r"the worth of coalition \{.*\} is not finite", lambda g: estimate(g, batch_size=7)),
        ("model", "rows", "output is not finite for background row [02]", lambda m: explain(m, batch_size=7)),
    ):
        wanted = rf"^{name} must return an array of numbers of shape \((\d),\) or \(\1, n_outputs\)"
        for case, (returned, error, message) in RETURNED.items():
            said = rf"{wanted}.*: it was called on \1 {items}.*{message}"
            yield pytest.param(lambda _, f=returned, c=call: c(f), error, said, False, id=f"{name} returns {case}")
        for case, returned in NONFINITE.items():
            yield pytest.param(
                lambda _, f=returned, c=call: c(f), ValueError, nonfinite, False, id=f"{name} returns {case}"
            )


@pytest.mark.parametrize(("misuse", "error", "message", "beforehand"), list(misuses()))
def test_misuse(misuse, error, message, beforehand):
    callback = Recorder(lambda rows: rows[:, 0] * 1.0)
    with pytest.raises(error, match=message) as caught:
        misuse(callback)
    assert type(caught.value) is error
    if beforehand:
        assert not callback.calls


def test_errors_pickle():
    """Errors must be picklable to leave a pool's process."""
    with pytest.raises(ValueError, match="budget") as caught:
        estimate(None, budget=1)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("kind", [np.random.default_rng, np.random.RandomState])
def test_generators_of_both_kinds_are_drawn_from(kind):
    """NumPy's global generator is never used."""
    game = lambda coalitions: np.sin(coalitions @ np.arange(12.0))  # noqa: E731
    before = np.random.get_state()  # noqa: NPY002
    generator = kind(3)
    values = [banzhaf.estimate(game, 12, budget=64, random_state=generator) for _ in range(2)]
    again = banzhaf.estimate(game, 12, budget=64, random_state=kind(3))
    assert values[0] == again
    assert values[0].random_state != values[1].random_state
    assert banzhaf.estimate(game, 12, budget=64, random_state=values[1].random_state) == values[1]
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_seed_sequence_is_a_seed():
    """The sequence does not change, and its children are independent seeds."""
    game = lambda coalitions: np.sin(coalitions @ np.arange(12.0))  # noqa: E731
    sequence = np.random.SeedSequence(7)
    first, second = (banzhaf.estimate(game, 12, budget=64, random_state=sequence) for _ in range(2))
    assert first == second
    children = [banzhaf.sample_coalitions(12, 64, random_state=child) for child in sequence.spawn(2)]
    assert (children[0] != children[1]).any()
    X = np.eye(3)
    assert banzhaf.Explainer(lambda rows: rows.sum(1), X, random_state=sequence)(X).random_state == first.random_state
