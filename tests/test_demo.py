# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""``python -m banzhaf.demo`` as a newcomer runs it: its text, its pictures and its report."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest


def run(*arguments, cwd, program=("-m", "banzhaf.demo")):
    command = [sys.executable, "-W", "error::DeprecationWarning:banzhaf", *program, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)


@pytest.fixture
def _needs():
    for package in ("matplotlib", "sklearn", "tqdm"):
        pytest.importorskip(package)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A run with the default seed and folder."""
    folder = tmp_path_factory.mktemp("demo")
    return run("--rows", 5, "--budget", 10_000, cwd=folder), folder


@pytest.mark.usefixtures("_needs")
class TestDemo:
    def test_prints_and_draws(self, first_run):
        done, tmp_path = first_run
        assert done.returncode == 0, done.stderr
        accuracy = re.search(r"on 398 tumours.* ([\d.]+)% of 171 other tumours correctly", done.stdout)
        assert float(accuracy[1]) > 90
        each = re.search(r"Explaining 5 of .* at most ([\d,]+) model evaluations each", done.stdout)
        total = re.search(r"([\d,]+) model evaluations and [\d.]+ seconds\.$", done.stdout, re.MULTILINE)
        each, total = (int(match[1].replace(",", "")) for match in (each, total))
        assert 0 < each <= 10_000
        # The 50 background rows and the 5 explained rows come in addition.
        assert 0 < total <= 5 * each + 55

        lines = re.findall(r"^(.{26})  ([\d.]+)  \[([\d.]+), ([\d.]+)\]$", done.stdout, re.MULTILINE)
        assert len({name for name, *_ in lines}) == 10
        means, lows, highs = np.array([numbers for _, *numbers in lines], dtype=float).T
        assert np.all(np.diff(means) <= 0)
        assert np.all((lows <= means) & (means <= highs))
        assert means[0] > 0.02
        assert lines[0][0].startswith("worst ")

        assert "Unlike Shapley values" in done.stdout
        assert "banzhaf.Explainer(model, background)(X)" in done.stdout
        names = ["banzhaf-demo-bar.png", "banzhaf-demo-beeswarm.png", "banzhaf-demo-report.html"]
        assert re.findall(r"^Wrote ([^:]+): .+\.$", done.stdout, re.MULTILINE) == names
        assert sorted(path.name for path in tmp_path.iterdir()) == names
        report = (tmp_path / names[2]).read_text(encoding="utf-8")
        assert "worst area" in report
        assert "malignant" in report
        from matplotlib import image

        for name in names[:2]:
            picture = image.imread(tmp_path / name)
            assert min(picture.shape[:2]) > 500
            # The picture is neither empty nor mostly ink.
            assert 0.01 < np.mean(np.any(picture[..., :3] < 0.9, axis=-1)) < 0.5

    def test_seed_and_folder(self, first_run, tmp_path):
        once, folder = first_run
        again = run("--rows", 5, "--budget", 10_000, "--seed", 0, "--out", tmp_path / "new" / "a", cwd=tmp_path)
        assert again.returncode == 0
        first, second = ([line for line in done.stdout.splitlines() if "[" in line] for done in (once, again))
        assert len(first) == 10
        assert first == second
        files = [sorted(each.iterdir()) for each in (folder, tmp_path / "new" / "a")]
        assert len(files[0]) == len(files[1]) == 3
        assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]

    @pytest.mark.parametrize("rows", [0, 172])
    def test_rows_out_of_range(self, rows, tmp_path, monkeypatch, capsys):
        from banzhaf.demo import main

        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as ended:
            main(["--rows", str(rows)])
        assert ended.value.code == 2
        assert "--rows must be from 1 to 171, the number of held-out rows" in capsys.readouterr().err
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("package", ["matplotlib", "sklearn", "tqdm"])
def test_a_missing_package_names_the_extra(package, tmp_path):
    program = f"import sys; sys.modules[{package!r}] = None; from banzhaf.demo import main; main([])"
    done = run(cwd=tmp_path, program=("-c", program))
    assert done.returncode == 1
    assert "ImportError: the demo needs more packages: pip install 'banzhaf[demo]'" in done.stderr
