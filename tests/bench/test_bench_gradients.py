# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""References and students of bench.gradients against brute force, with and without groups of columns."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "bench").is_dir():
    pytest.skip("the benchmarks are not in an sdist", allow_module_level=True)
sys.path.append(str(ROOT))
pytest.importorskip("threadpoolctl")
torch = pytest.importorskip("torch")

from bench._games import all_coalitions, brute_force, masked_model  # noqa: E402
from bench.gradients import references, student  # noqa: E402
from bench.gradients.contenders import Counted  # noqa: E402
from bench.gradients.networks import Problem, train_dense  # noqa: E402


@pytest.fixture(params=["columns", "groups"])
def problem(request):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 9)).astype(np.float32)
    targets = (rows[:, 0] * rows[:, 1] > 0).astype(np.float32)
    network = train_dense("tanh 64-64", rows, targets, classes=True, steps=30)
    players = np.arange(9) if request.param == "columns" else np.array([0, 0, 1, 2, 2, 2, 3, 4, 5])
    return Problem("small", network, rows[0], rows[1:4], players)


def by_definition(problem):
    coalitions = all_coalitions(problem.n_players)

    def model(cells):
        with torch.no_grad():
            return problem.network(torch.from_numpy(cells)).double().numpy()

    game = masked_model(model, problem.row, problem.background)
    return brute_force(game(coalitions[:, problem.player_of]), problem.n_players)


def test_references_of_few_players_are_exact(problem, tmp_path):
    found = references.reference(problem, 100, tmp_path)
    np.testing.assert_allclose(found.of(3), by_definition(problem), atol=1e-5)
    assert found.error(3) == 0
    again = references.reference(problem, 100, tmp_path)
    np.testing.assert_array_equal(again.halves, found.halves)
    assert len(list(tmp_path.iterdir())) == 1


def test_references_of_pairs_come_near_with_the_error_they_state(problem, monkeypatch):
    monkeypatch.setattr(references, "_EXACT", 0)
    found, exact = references.reference(problem, 2**12, None), by_definition(problem)
    error = np.square(found.of(3) - exact).sum() / np.square(exact).sum()
    assert 0 < error < 10 * found.error(3) < 0.01


def test_a_student_changes_no_value(problem, monkeypatch):
    """With all coalitions, the values of any student and those of the difference add up to those of the model."""
    monkeypatch.setattr(student, "_STEPS", 20)
    found = student.by_student(problem, Counted(problem, gradient_cost=2.0), 3, 150, seed=0)
    np.testing.assert_allclose(found.values, by_definition(problem), atol=1e-5)
    assert found.seconds > 0


def test_a_student_learns_from_gradients(problem, monkeypatch):
    """A student of many rows predicts the model's outputs for new ones."""
    monkeypatch.setattr(student, "_STEPS", 500)
    model, rng = Counted(problem, gradient_cost=2.0), np.random.default_rng(0)
    rows = np.where(rng.random((800, 9)) < 0.5, problem.row, problem.background[rng.integers(3, size=800)])
    outputs, gradients = model.value_and_gradient(rows[:600])
    trained = student._train(rows[:600], outputs, gradients, problem, 0)
    left = model.predict(rows[600:]) - trained(rows[600:])
    assert left.var() < 0.01 * model.predict(rows[600:]).var()
