# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tests of the paper's experiments: references, measures, methods, perturbations, and continuing after a stop."""

from __future__ import annotations

import itertools
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
for needed in ("threadpoolctl", "pandas", "scipy", "xgboost", "sklearn", "matplotlib"):
    pytest.importorskip(needed)

from bench._datasets import load  # noqa: E402
from bench._games import all_coalitions, brute_force  # noqa: E402
from bench.paper import adversary, clock, experiments, methods, page, problems, truth  # noqa: E402
from bench.paper.measures import cayley, measures, spearman  # noqa: E402
from bench.paper.problems import Problem, SharedGame, masked_rows  # noqa: E402
from bench.paper.report import Results, table_1  # noqa: E402
from bench.paper.store import Store  # noqa: E402

BUDGET = 24  # coalitions: fewer than all of six players


def make_problem(n=6, n_background=9, seed=0):
    """Make a function with interactions of every order. The row and the background agree in some columns."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 4, size=(n_background + 1, n)).astype(np.float32)
    weights = rng.normal(size=n)

    def function(cells):
        x = np.asarray(cells, dtype=np.float64)
        return np.sin(x @ weights) + x[:, 0] * x[:, 1] * x[:, 2] / 9

    return Problem("made up", "function", rows[0], rows[1:], function, None, 0)


def by_definition(problem):
    return brute_force(masked_rows(problem)(all_coalitions(problem.n)), problem.n)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write data with five columns under the name of one of the eight data sets."""
    import pandas as pd

    rng = np.random.default_rng(0)
    cells = rng.normal(size=(300, 5)).round(1)
    table = pd.DataFrame(cells, columns=list("abcde"))
    table["Outcome"] = (cells[:, 0] * cells[:, 1] + cells[:, 2] > 0).astype(int)
    path = tmp_path_factory.mktemp("data")
    table.to_csv(path / "diabetes.csv", index=False)
    return path


class TestTruth:
    def test_enumeration_is_the_definition(self, tmp_path):
        problem = make_problem()
        found = truth.find(problem, tmp_path, threads=1)
        assert found.kind == "enumeration"
        assert found.relative_squared_error == 0
        np.testing.assert_allclose(found.values, by_definition(problem), atol=1e-12)

    def test_long_runs_know_how_far_they_are(self, monkeypatch):
        """Rows that differ in more than three features are sampled, and errors match the standard errors."""
        monkeypatch.setattr(truth, "ENUMERABLE", 3)
        scores = []
        for seed in range(6):
            problem = make_problem(seed=seed)
            found = truth.row_by_row(problem, threads=1, replicates=20, coalitions=16)
            assert found.kind == "long run"
            alive = found.standard_errors > 1e-12
            scores.append(((found.values - by_definition(problem))[alive] / found.standard_errors[alive]) ** 2)
        assert 0.5 < np.mean(np.concatenate(scores)) < 2.0

    def test_references_are_kept_and_belong_to_their_model(self, tmp_path):
        first = truth.find(make_problem(), tmp_path, threads=1)
        again = truth.find(make_problem(), tmp_path, threads=1)
        np.testing.assert_array_equal(first.values, again.values)
        assert len(list(tmp_path.iterdir())) == 1
        other = truth.find(make_problem(seed=1), tmp_path, threads=1)
        assert (first.values != other.values).any()

    def test_trees_leaves_are_the_model(self, folder):
        data = load("Diabetes", folder, n_background=10)
        problem = problems.trees(data, 1, threads=1, n_trees=5)[0]
        coalitions = all_coalitions(5)
        gap = SharedGame(problem)(coalitions) - masked_rows(problem)(coalitions)
        assert np.ptp(gap) < 1e-5
        exact = truth.find(problem, folder / "none", threads=1)
        assert exact.kind == "closed form"
        np.testing.assert_allclose(truth.row_by_row(problem, threads=1).values, exact.values, atol=1e-5)

    def test_networks_explain_what_scikit_learn_computes(self, folder):
        data = load("Diabetes", folder, n_background=10)
        problem = problems.networks(data, 1)[0]
        assert problem.function(problem.background).shape == (10,)
        assert np.ptp(problem.function(problem.background)) > 0.01

    def test_games_towards_linear_ones_keep_their_values(self, folder):
        """Both as set functions and on rows, everything but the linear part is scaled."""
        data = load("Diabetes", folder, n_background=10)
        problem = problems.trees(data, 1, threads=1, n_trees=5)[0]
        values = truth.find(problem, folder / "none", threads=1).values
        coalitions = all_coalitions(5)

        def rest(game):
            worths = game(coalitions)
            return worths - worths.mean() - (coalitions - 0.5) @ values

        for scale in (0.0, 0.3, 2.0):
            scaled = problems.towards_linear(problem, values, scale)
            assert np.ptp(masked_rows(scaled)(coalitions) - scaled.worths(coalitions)) < 1e-5
            np.testing.assert_allclose(brute_force(scaled.worths(coalitions), 5), values, atol=1e-10)
            np.testing.assert_allclose(rest(scaled.worths), scale * rest(problem.worths), atol=1e-10)


class TestMeasures:
    def test_cayley_distance_is_the_least_number_of_exchanges(self):
        def least(order):
            for count in range(len(order)):
                for swaps in itertools.product(list(itertools.combinations(range(len(order)), 2)), repeat=count):
                    moved = list(order)
                    for i, j in swaps:
                        moved[i], moved[j] = moved[j], moved[i]
                    if moved == sorted(order):
                        return count
            raise AssertionError

        for order in itertools.permutations(range(4)):
            assert cayley(np.array(order)) == least(order)

    def test_spearman(self):
        from scipy.stats import spearmanr

        rng = np.random.default_rng(0)
        a, b = rng.integers(0, 6, size=(2, 15)).astype(float)
        assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
        assert spearman(a, a) == pytest.approx(1)

    def test_measures_of_the_truth_and_of_its_reverse(self):
        values = np.array([5.0, -4, 3, -2, 1, 0, 0])
        perfect = measures(values, values)
        assert perfect == {"error": 0.0, "spearman": 1.0, "cayley": 0, "recovery": 1.0}
        reverse = measures(np.array([1.0, 2, 3, 4, 5, 0, 0]), values)
        assert reverse["spearman"] == pytest.approx(-1)
        assert reverse["cayley"] == 2
        assert reverse["recovery"] == 0.0


class TestMethods:
    @pytest.mark.parametrize("method", methods.NAMES)
    def test_all_approach_the_truth_within_the_budget(self, method):
        problem = make_problem(n=7)
        exact = by_definition(problem)
        errors = []
        for seed in range(30):
            done = methods.run(method, problem, BUDGET, seed)
            # In addition to its budget, an explainer's call evaluates the background and the explained row.
            assert done.n_rows <= (BUDGET + 1) * len(problem.background) + 1
            errors.append(done.values - exact)
        mean, spread = np.mean(errors, axis=0), np.std(errors, axis=0) / np.sqrt(len(errors))
        assert (np.abs(mean) < 5 * spread + 1e-9).all()

    def test_the_same_seed_is_the_same_run(self):
        problem = make_problem(n=7)
        for method in methods.NAMES:
            first, again = (methods.run(method, problem, BUDGET, 3, noise=0.1).values for _ in range(2))
            np.testing.assert_array_equal(first, again)

    @pytest.mark.parametrize("method", methods.NAMES)
    def test_noise_is_the_same_for_all(self, method):
        """In a game of noise alone, the variance of the values cannot be below 4 s^2 / m."""
        flat = make_problem(n=7)
        flat = Problem("", "", flat.explicand, flat.background, lambda rows: np.zeros(len(rows)), None, 0)
        runs = np.array([methods.run(method, flat, 64, seed, noise=0.5).values for seed in range(60)])
        players = (flat.background != flat.explicand).any(axis=0)
        ratio = (runs[:, players] ** 2).mean() / (4 * 0.5**2 / 64)
        assert 0.3 < ratio < 20


class TestAdversary:
    def test_worst_signs(self):
        rng = np.random.default_rng(0)
        for _ in range(10):
            matrix = rng.normal(size=(3, 9))
            every = np.array(list(itertools.product([-1.0, 1.0], repeat=9)))
            worst = np.linalg.norm(every @ matrix.T, axis=1).max()
            assert np.linalg.norm(matrix @ adversary.worst_signs(matrix)) >= 0.98 * worst

    @pytest.mark.parametrize("method", methods.NAMES)
    def test_methods_are_the_matrices_that_are_read_off(self, method):
        problem = make_problem(n=7)
        found = adversary.attack(method, problem, BUDGET, 0, by_definition(problem), 1)
        assert found["nonlinearity"] < 1e-6
        # No unbiased estimate can do better, because it moves by 2 if worths are shifted along a value.
        assert found["one_value"] > 1.0
        assert found["perturbed"] > found["error"]
        assert found["root_mean_square"] >= 2 * (1 - 1e-9) or method in ("MSR", methods.EXPLAINER)


class TestStore:
    def test_goes_on_after_a_stop(self, tmp_path):
        path = tmp_path / "runs.csv"
        store = Store(path, ("name", "m"), ("error", "seconds"))
        store.add(("a", 1), {"error": 0.5, "seconds": 1.0})
        store.add(("b", 2), {"error": 0.25})
        with path.open("a") as file:
            file.write("c,3,0.1")  # killed while it was writing
        again = Store(path, ("name", "m"), ("error", "seconds"))
        assert [again.has(key) for key in (("a", 1), ("b", 2), ("c", 3))] == [True, True, False]
        assert again.forget(lambda row: row["name"] == "a") == 1
        assert not again.has(("a", 1))
        assert len(Store(path, ("name", "m"), ("error", "seconds")).rows) == 1


class TestCommand:
    def scale(self):
        return experiments.Scale(
            data_sets=("Diabetes",),
            per_player=(2, 5),
            noise=(0.0, 0.1),
            scales=(0.1, 1.0),
            depths=(1, 3),
            narrow=(1, 2),
            replicates=2,
        )

    def test_runs_once_and_reports(self, folder, tmp_path):
        data = load("Diabetes", folder, n_background=8)
        place, scale = experiments.Place(folder, tmp_path / "runs", 1), self.scale()
        store = experiments.open_store(place.output)
        todo = experiments.missing(scale, "Diabetes", 5, store)
        made = []
        experiments.run(scale, data, todo, store, place, lambda: made.append(1))
        assert len(made) == len(todo) == len(store.rows) > 50
        again = experiments.open_store(place.output)
        assert experiments.missing(scale, "Diabetes", 5, again) == []
        results = Results(again)
        assert results.data_sets == ("Diabetes",)
        assert results.median("error", "sample size", "Diabetes", "XGBoost", "MSR", 5) > 0
        sheet = table_1(results)
        assert len(sheet.rows) == 0  # nothing was run at m = 20 n but noise and depths

        attacks = Store(tmp_path / "adversary.csv", adversary.KEY, adversary.MEASURES)
        times = Store(tmp_path / "time.csv", clock.KEY, clock.MEASURES)
        times.add(("MSR", 8, 160), {"seconds": 1e-3, "best": 1e-3})
        page.write(again, attacks, times, tmp_path / "paper.md", 1, "--test")
        text = (tmp_path / "paper.md").read_text()
        assert "| XGBoost | Diabetes |" in text
        for name in ("error-XGBoost", "noise-network", "gamma", "depth", "time"):
            assert f"(paper/{name}.svg)" in text
            assert (tmp_path / "paper" / f"{name}.svg").stat().st_size > 1000

    def test_missing_data_end_it_with_a_message(self, tmp_path):
        options = ["--data", str(tmp_path), "--output", str(tmp_path / "runs"), "--sets", "Adult"]
        command = [sys.executable, "-m", "bench.paper", *options, "--page", str(tmp_path / "page.md"), "--threads", "1"]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert ended.returncode == 1
        assert "Adult is missing" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert not (tmp_path / "page.md").exists()

    def test_unknown_names_are_errors(self):
        command = [sys.executable, "-m", "bench.paper", "--redo", "Kernel SHAP"]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert ended.returncode == 2
        assert "--redo must be some of Monte Carlo" in ended.stderr


def test_the_committed_page_has_the_generator_s_paragraphs():
    text = (ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
    paragraphs = {name: kept for name, kept in vars(page).items() if name.startswith("_") and name.isupper()}
    assert len(paragraphs) > 10
    for name, paragraph in paragraphs.items():
        assert f"\n\n{paragraph.strip()}\n\n" in text, f"docs/paper.md does not have page.{name}"
    for picture in re.findall(r"\]\((paper/.*?)\)", text):
        assert (ROOT / "docs" / picture).is_file()
    for name in methods.NAMES:
        assert f"- **{name}**" in text
