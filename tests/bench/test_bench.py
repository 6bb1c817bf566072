# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tests of the benchmarks themselves: exact values, games, timing, and messages about missing data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "bench").is_dir():
    pytest.skip("the benchmarks are not in an sdist", allow_module_level=True)
sys.path.append(str(ROOT))
pytest.importorskip("threadpoolctl")

from bench import __main__ as every  # noqa: E402
from bench._command import Unavailable  # noqa: E402
from bench._datasets import boost, load  # noqa: E402
from bench._families import FAMILIES, Monomials, games  # noqa: E402
from bench._games import (  # noqa: E402
    TreeGame,
    additive_game,
    all_coalitions,
    brute_force,
    masked_model,
    numpy_estimate,
    squared_error,
)
from bench._table import Table, duration, three_digits, verdict  # noqa: E402
from bench._timing import interleave  # noqa: E402
from bench._tree_truth import Paths  # noqa: E402
from bench.coverage import coverage  # noqa: E402

import banzhaf  # noqa: E402


def make_rows(n_rows=400, n_columns=7, missing=0.2, seed=0):
    """Make rows with few distinct numbers, so that many are on a threshold, and with missing cells."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_rows, n_columns)).round(1).astype(np.float32)
    rows[rng.random(rows.shape) < missing] = np.nan
    return rows, np.nan_to_num(rows)


@pytest.fixture(params=["reg:squarederror", "binary:logistic", "multi:softprob"])
def boosted(request):
    xgb = pytest.importorskip("xgboost")
    rows, known = make_rows()
    target = known[:, 0] * known[:, 1] + known[:, 2] - (known[:, 3] > 0.5) * known[:, 4]
    settings = {"objective": request.param, "max_depth": 4, "nthread": 1}
    if request.param == "binary:logistic":
        target = target > 0
    if request.param == "multi:softprob":
        target = np.digitize(target, [-0.5, 0.5])
        settings["num_class"] = 3
    booster = xgb.train(settings, xgb.DMatrix(rows, target), 12)
    n_outputs = settings.get("num_class", 1)

    def model(output):
        return lambda x: booster.inplace_predict(x, predict_type="margin").reshape(len(x), -1)[:, output]

    return booster, rows, model, range(n_outputs)


def test_tree_game_and_truth_are_the_masked_model_s(boosted):
    booster, rows, model, outputs = boosted
    background, coalitions = rows[:15], all_coalitions(rows.shape[1])
    for output in outputs:
        paths = Paths(booster, output)
        for explicand in rows[15:20]:
            terms = paths.terms(explicand, background)
            worths = masked_model(model(output), explicand, background)(coalitions)
            gap = TreeGame(terms)(coalitions) - worths
            assert np.ptp(gap) < 1e-5 * max(1, np.abs(worths).max())
            np.testing.assert_allclose(terms.banzhaf_values(), brute_force(worths, rows.shape[1]), atol=1e-5)


def test_terms_are_distinct_and_can_be_decided(boosted):
    booster, rows, _, _ = boosted
    terms = Paths(booster).terms(rows[20], rows[:15])
    assert len(np.unique(terms.roles, axis=0)) == len(terms.roles) == len(terms.weights)
    assert terms.roles.any(axis=1).all()


def test_brute_force_by_hand():
    # worth(S) = 3 [0 in S] + 4 [0 and 1 in S]
    worths = np.array([0.0, 3.0, 0.0, 7.0])
    np.testing.assert_array_equal(brute_force(worths, 2), [5.0, 2.0])


def test_numpy_estimate_is_exact_on_an_additive_game():
    game, weights = additive_game(9)
    values = numpy_estimate(game, 9, 90, np.random.default_rng(0))
    assert squared_error(values, weights) < 1e-25


def test_missing_data_are_named(tmp_path):
    pytest.importorskip("pandas")
    with pytest.raises(Unavailable, match=r"Adult is missing: there is no .*adult\.csv\.gz.*--data DIR"):
        load("Adult", tmp_path)


@pytest.mark.parametrize("bench", ["parity", "end_to_end"])
def test_missing_data_end_a_benchmark_with_a_message(bench, tmp_path):
    pytest.importorskip("pandas")
    command = [sys.executable, "-m", f"bench.{bench}", "--data", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "is missing" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_data_are_split_and_turned_into_numbers(tmp_path):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("xgboost")
    rng = np.random.default_rng(0)
    wealth = np.where(rng.random(100) < 0.1, np.nan, rng.normal(size=100))
    people = pd.DataFrame({"job": rng.choice(["tailor", "smith"], 100), "wealth": wealth})
    people["income"] = np.where(people["job"] == "smith", ">50K", "<=50K")
    people.to_csv(tmp_path / "adult.csv.gz", index=False)
    data = load("Adult", tmp_path, n_background=10)
    assert (len(data.train), len(data.background), len(data.explicands)) == (80, 10, 20)
    assert data.n_classes == 2
    assert not np.isnan(data.train).any()
    assert set(np.unique(data.train[:, 0])) == {0.0, 1.0}
    # Smiths, whose text sorts first, are the rich ones.
    np.testing.assert_array_equal(data.targets, 1 - data.train[:, 0])
    np.testing.assert_array_equal(load("Adult", tmp_path).explicands, data.explicands)
    assert boost(data, threads=1, n_trees=3).num_boosted_rounds() == 3


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "noise"])
def test_families_know_their_values(family):
    for n_players in (3, 7, 9):
        for game in games(family, n_players, 3):
            truth = brute_force(game(all_coalitions(n_players)), n_players)
            np.testing.assert_allclose(game.values, truth, atol=1e-12)


@pytest.mark.parametrize(
    ("design", "n_players", "budget"),
    [
        *[("hadamard", 20, budget) for budget in (64, 70, 100, 160)],
        *[("hadamard", 30, budget) for budget in (64, 66, 90, 150)],
        *[("paired", 16, budget) for budget in (35, 48, 160)],
        ("independent", 16, 80),
        ("msr", 16, 160),
    ],
)
@pytest.mark.parametrize("family", ["few equal triples", "trees of depth 6", "noise"])
def test_intervals_cover(design, n_players, budget, family):
    shares, _ = coverage(design, family, n_players, budget, 60)
    # In 60 games whose players err partly together, three standard errors of the mean are 5 %.
    assert 0.90 < shares.mean() <= 1
    if family == "noise":
        assert shares.mean() < 0.995


def test_few_contrasts_without_residuals_are_not_taken_for_exactness():
    for family in ("majority", "unanimity"):
        shares, _ = coverage("hadamard", family, 16, 34, 60)
        assert shares.mean() > 0.9


def test_interleaving_counts_and_compares():
    timings = interleave({"short": lambda: 1, "long": lambda: sum(range(300_000))}, rounds=3)
    assert timings.results["short"] == 1
    assert len(timings.seconds["short"]) == len(timings.seconds["long"]) == 3
    assert timings.ratio("long", "short").median > 10
    assert timings.unrest() >= 1


def test_tables_and_numbers():
    table = Table(
        "Title",
        "a",
        "b",
        note="""A
        remark.""",
    )
    table.add(1, duration(0.00123))
    assert str(table) == "### Title\n\n| a | b |\n| --- | --- |\n| 1 | 1.23 ms |\n\nA remark."
    with pytest.raises(ValueError, match="needs 2 cells, got 1"):
        table.add(1)
    assert [three_digits(x) for x in (0, 0.0012345, 12.345, 12345.6)] == ["0", "0.00123", "12.3", "12,346"]
    assert [verdict(True), verdict(False), verdict(True, unrest=3.0)] == ["yes", "**no**", "machine too busy"]
    assert [duration(x) for x in (2.0, 1e-6, 5e-9)] == ["2.00 s", "1.00 µs", "5 ns"]


def test_every_benchmark_is_listed_and_described():
    names = {path.stem for path in (ROOT / "bench").glob("[!_]*.py")}
    long = {path.parent.name for path in (ROOT / "bench").glob("[!_]*/__main__.py")}
    assert set(every.NAMES) | set(every.LONG) == names | long
    assert not set(every.NAMES) & set(every.LONG)
    text = (ROOT / "bench" / "README.md").read_text(encoding="utf-8")
    for name in names | long:
        assert f"`python -m bench.{name}`" in text


def test_monomials_have_their_values():
    rng = np.random.default_rng(0)
    model = Monomials.random(6, 4, rng)
    background, explicand = rng.normal(size=(3, 6)), rng.normal(size=6)
    exact = banzhaf.exact(masked_model(model, explicand, background), 6)
    np.testing.assert_allclose(model.banzhaf_values(explicand, background), exact.values, atol=1e-12)
    np.testing.assert_allclose(model.interactions(explicand, background), exact.interactions().values, atol=1e-12)
