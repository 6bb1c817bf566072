# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tests of the comparison with other packages: counting, processes, and failures as results."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "bench").is_dir():
    pytest.skip("the benchmarks are not in an sdist", allow_module_level=True)
sys.path.append(str(ROOT))
for needed in ("threadpoolctl", "xgboost"):
    pytest.importorskip(needed)

from bench.peers import __main__ as peers  # noqa: E402
from bench.peers import contenders, environments  # noqa: E402
from bench.peers.__main__ import Cell, Contest  # noqa: E402
from bench.peers.counted import CountedGame, peak_memory, tree_game  # noqa: E402
from bench.peers.environments import Environment, Worker  # noqa: E402


@pytest.fixture
def question():
    """Return a game of twelve terms on six players."""
    rng = np.random.default_rng(0)
    roles = rng.choice([-1, 0, 1], size=(12, 6)).astype(np.int8)
    return {"roles": roles, "weights": rng.normal(size=12)}


@pytest.fixture
def worker(tmp_path):
    made = Worker(Environment("banzhaf", Path(sys.executable)), 1, tmp_path / "log")
    yield made
    made.close()


def test_every_contender_has_a_name_and_an_environment():
    for kind, listed in contenders.KINDS.items():
        names = [contender.name for contender in listed]
        assert len(set(names)) == len(names)
        for contender in listed:
            assert contender.environment in environments.ENVIRONMENTS
            assert contenders.find(kind, contender.name) is contender


def test_evaluations_are_counted():
    game = CountedGame(lambda coalitions: coalitions.sum(axis=1).astype(float))
    game(np.zeros((3, 4), dtype=bool))
    game(np.zeros(4, dtype=bool))
    assert game.n_evaluations == 4
    game.reset()
    assert game.n_evaluations == 0


def test_memory_is_seen():
    grown = peak_memory()
    block = np.ones(4_000_000)
    del block
    assert np.isnan(grown()) or 20 < grown() < 200


def test_a_worker_answers(worker, question, tmp_path):
    task = tmp_path / "task.npz"
    np.savez(task, **question)
    answer = worker.ask(kind="game", name="NumPy", task=str(task), m=24, seed=3)
    assert answer["n_evaluations"] == 24
    assert answer["seconds"] > answer["inside"] > 0
    expected = contenders.call("game", "NumPy", 1, tree_game(**question), 6, 24, 3)
    np.testing.assert_allclose(answer["values"], expected, rtol=1e-12)


def test_a_worker_needs_no_banzhaf():
    # The environments of other packages do not have it.
    program = "import sys; sys.modules['banzhaf'] = None; import bench.peers.worker"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_failure_is_an_answer(worker, question, tmp_path):
    task = tmp_path / "task.npz"
    np.savez(task, **question)
    assert "LinAlgError" in worker.ask(kind="game", name="NumPy", task=str(task), m=2)["failed"]
    # and the next question is answered
    assert "values" in worker.ask(kind="game", name="NumPy", task=str(task), m=24)


def test_a_process_that_takes_too_long_is_ended(worker, question, tmp_path, monkeypatch):
    task = tmp_path / "task.npz"
    np.savez(task, **question)
    assert "values" in worker.ask(kind="game", name="NumPy", task=str(task), m=24)
    monkeypatch.setattr(environments, "PATIENCE", 0.0)
    assert "no answer within" in worker.ask(kind="game", name="NumPy", task=str(task), m=24)["failed"]
    monkeypatch.undo()
    assert "values" in worker.ask(kind="game", name="NumPy", task=str(task), m=24)


def test_an_environment_that_could_not_be_made_has_a_reason(tmp_path):
    missing = Worker(Environment("pydvl", None, "pip: no network"), 1, tmp_path / "log")
    assert missing.ask(kind="game") == {"failed": "pip: no network"}


def test_a_contest_asks_all_and_tells_who_failed(tmp_path, question):
    here = Environment("banzhaf", Path(sys.executable))
    workers = {
        name: Worker(here if name == "banzhaf" else Environment(name, None, "not here"), 1, tmp_path / "log")
        for name in environments.ENVIRONMENTS
    }
    try:
        contest = Contest(workers, tmp_path, memory=False)
        cells = contest.ask("game", "a game", question, (6,), 2, {"banzhaf, paired": "not asked: slow"}, m=24)
    finally:
        for made in workers.values():
            made.close()
    assert len(cells["NumPy"].values) == 2
    assert cells["pyDVL MSRBanzhafValuation"].failed == "not here"
    assert cells["banzhaf, paired"].failed == "not asked: slow"
    assert all(cell.values or cell.failed for cell in cells.values())


def test_values_of_another_shape_or_not_finite_are_no_success():
    cell = Cell()
    cell.add({"values": [1.0, 2.0], "seconds": 1, "inside": 0, "n_evaluations": 1}, (3,))
    assert cell.failed == "values of shape (2,) instead of (3,)"
    cell = Cell()
    cell.add({"values": [1.0, float("nan"), 2.0], "seconds": 1, "inside": 0, "n_evaluations": 1}, (3,))
    cell.judge(np.ones(3))
    assert cell.errors == [float("inf")]


def test_the_committed_page_has_the_generator_s_paragraphs():
    text = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    (seeds,) = set(re.findall(r"up to (\d+) seeds", text))
    seeds = int(seeds)
    notes = [
        peers.games_note(seeds),
        peers.games_summary_note(),
        peers.rows_note(seeds),
        peers.COSTS_NOTE,
        *(peers.trees_note(seeds, path_dependent) for path_dependent in (False, True)),
    ]
    for note in notes:
        assert f"\n\n{' '.join(note.split())}\n" in text
    for paragraph in (peers.WRITTEN, peers.INTRODUCTION.strip(), *(f"## {title}" for title in peers.PARTS.values())):
        assert f"\n\n{paragraph}\n\n" in text
