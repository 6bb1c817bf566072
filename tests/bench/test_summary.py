# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The summary table compares each method with the right exact values, and counts what the model is asked."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "bench").is_dir():
    pytest.skip("the benchmarks are not in an sdist", allow_module_level=True)
sys.path.append(str(ROOT))
for needed in ("threadpoolctl", "xgboost", "sklearn"):
    pytest.importorskip(needed)

from bench import summary  # noqa: E402
from bench._command import Options  # noqa: E402
from bench._datasets import SHIPPED, shipped  # noqa: E402
from bench._games import TreeGame, all_coalitions, brute_force, brute_force_shapley  # noqa: E402
from bench._tree_truth import Terms  # noqa: E402
from bench.summary import METHODS, OURS, Problem, Wrong, compare  # noqa: E402


@pytest.fixture(scope="module")
def problem():
    return Problem(shipped("diabetes progression"), n_rows=2, threads=1)


def installed_methods():
    return tuple(method for method in METHODS if summary.installed(method.package))


def test_closed_forms_are_the_definitions():
    rng = np.random.default_rng(0)
    roles = rng.choice([-1, 0, 1], size=(20, 7)).astype(np.int8)
    roles = roles[roles.any(axis=1)]
    terms = Terms(roles, rng.normal(size=len(roles)))
    worths = TreeGame(terms)(all_coalitions(7))
    np.testing.assert_allclose(terms.banzhaf_values(), brute_force(worths, 7), atol=1e-13)
    shapley = brute_force_shapley(worths, 7)
    np.testing.assert_allclose(terms.shapley_values(), shapley, atol=1e-13)
    np.testing.assert_allclose(shapley.sum(), worths[-1] - worths[0], atol=1e-13)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_data_are_split_like_the_others(name):
    data = shipped(name, n_background=7)
    assert len(data.background) == 7
    assert data.train.dtype == np.float32
    assert data.train.shape[1] == data.explicands.shape[1] == data.n_features
    assert abs(len(data.train) - 4 * len(data.explicands)) < 5
    assert data.n_classes == (2 if name == "breast cancer" else 0)


def test_methods_take_turns_on_the_same_budget(problem):
    methods = installed_methods()
    found = compare(problem, methods, n_seeds=1, threads=1)
    budget = problem.budget * len(problem.background)
    for method in methods:
        answers = found[method.label]
        if answers.failure:  # an old release of shap cannot read a new XGBoost's trees
            assert method.package != "banzhaf"
            continue
        assert len(answers.errors) == len(answers.seconds) == len(problem.rows)
        if method.exact:
            assert max(answers.evaluations) == 0
            assert max(answers.errors) < 1e-12
        else:
            # A method may evaluate the background and the row in addition.
            assert 0.8 * budget < max(answers.evaluations) <= budget + len(problem.background) + 1
            assert 1e-12 < max(answers.errors) < 0.1


def test_shapley_estimates_are_judged_by_shapley_values(problem):
    for method in METHODS:
        expected = problem.shapley_values if method.label.startswith("shap ") else problem.banzhaf_values
        assert problem.truth(method) is expected
    # Shapley values sum to the prediction less the mean prediction over the background.
    raw = problem.booster.inplace_predict
    gain = raw(problem.rows, predict_type="margin") - raw(problem.background, predict_type="margin").mean()
    np.testing.assert_allclose(problem.shapley_values.sum(axis=1), gain, rtol=1e-4)


def test_a_wrong_closed_form_is_noticed(monkeypatch):
    right = Terms.shapley_values
    monkeypatch.setattr(Terms, "shapley_values", lambda terms: right(terms) * 1.01)
    with pytest.raises(Wrong, match="diabetes progression"):
        Problem(shipped("diabetes progression"), n_rows=1, threads=1)


def test_table_names_what_is_not_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(summary, "SHIPPED", ("diabetes progression",))
    monkeypatch.setattr(summary, "installed", lambda package: package == "banzhaf")
    (table,) = summary.tables(Options(threads=1, quick=True, data=tmp_path))
    text = str(table)
    assert text.count("not installed") == sum(method.package != "banzhaf" for method in METHODS)
    first = table.rows[0]
    assert first[0] == OURS.label
    assert [cells[1] for cells in table.rows] == ["Shapley" if method.shapley else "Banzhaf" for method in METHODS]
    assert "n = 10" in text


def test_table_says_what_failed(monkeypatch, tmp_path):
    explain = summary._explain

    def fails(problem, method, *rest):
        if method.package != "banzhaf":
            raise ValueError("cannot read this model")
        return explain(problem, method, *rest)

    monkeypatch.setattr(summary, "SHIPPED", ("diabetes progression",))
    monkeypatch.setattr(summary, "installed", lambda package: True)
    monkeypatch.setattr(summary, "_explain", fails)
    (table,) = summary.tables(Options(threads=1, quick=True, data=tmp_path))
    failed = [cells for cells in table.rows if cells[2] == "failed: ValueError: cannot read this model"]
    assert [cells[0] for cells in failed] == [method.label for method in METHODS if method.package != "banzhaf"]


def test_the_documentation_explains_the_columns():
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert " ".join(summary.note(10, 5).split()) in text
    for method in METHODS:
        assert f"| {method.label} | {'Shapley' if method.shapley else 'Banzhaf'} |" in text
