# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The command `python -m banzhaf study`: what it prints and writes, and that it changes nothing."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

import banzhaf
from banzhaf._study.command import main


@pytest.fixture
def path(tmp_path):
    """A study that is half done, with a failure."""
    name = str(tmp_path / "values.db")
    with banzhaf.Study(12, budget=96, random_state=5, store=name, player_names=[f"p{i}" for i in range(12)]) as study:
        for worker in ("ann", "bob"):
            batch = study.ask(24)
            study.tell(batch, batch.coalitions @ np.arange(12.0), worker=worker)
        failing = study.ask(2)
        study.ask(4)
        study.tell_failure(failing, "out of memory\nat line 3", worker="eve")
    return name


def test_the_report(path, capsys):
    before = Path(path).read_bytes()
    assert main(["study", path, "--top", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{path}: 12 players, design 'nested', random_state 5"
    assert "48 of 96 evaluations told (50.0%), 4 handed out, 2 to be handed out again, 0 given up" in lines[1]
    assert "left at" in lines[2]
    assert "2 failed evaluations" in lines[3]
    assert lines[4].endswith("attempt 1 by eve: out of memory")
    assert "from the first 48 evaluations" in lines[5]
    assert [line.split()[0] for line in lines[6:]] == ["p11", "p10", "p9"]
    assert Path(path).read_bytes() == before


def test_the_report_of_a_study_in_use_and_done(path, capsys):
    with banzhaf.Study.open(path) as study:
        study.release()
        study.run(lambda c: c @ np.arange(12.0))
        assert main(["study", path, "--watch", "0.01"]) == 0
    assert "done: the budget is spent" in capsys.readouterr().out


def test_evaluations_are_exported(path, tmp_path, capsys):
    assert main(["study", path, "--export", str(tmp_path / "a.csv")]) == 0
    assert main(["study", path, "--export", str(tmp_path / "a.json")]) == 0
    with open(tmp_path / "a.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 48
    assert {row["worker"] for row in rows} == {"ann", "bob"}
    for row, other in zip(rows, json.loads((tmp_path / "a.json").read_text(encoding="utf-8")), strict=True):
        assert float(row["worth"]) == sum(map(int, row["coalition"].split())) == other["worth"]
    pq = pytest.importorskip("pyarrow.parquet")
    assert main(["study", path, "--export", str(tmp_path / "a.parquet")]) == 0
    assert pq.read_table(tmp_path / "a.parquet")["worth"].to_pylist() == [float(row["worth"]) for row in rows]


def test_a_picture_is_written(path, tmp_path):
    pytest.importorskip("matplotlib")
    assert main(["study", path, "--plot", str(tmp_path / "a.png")]) == 0
    assert os.path.getsize(tmp_path / "a.png") > 1000


def test_errors_are_short(path, tmp_path, capsys):
    assert main(["study", str(tmp_path / "none.db")]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert main(["study", path, "--export", "a.txt"]) == 1
    assert "--export needs a name that ends in .csv, .parquet, .json" in capsys.readouterr().err


def test_an_empty_study(tmp_path, capsys):
    banzhaf.Study(12, budget=96, store=tmp_path / "a.db").close()
    assert main(["study", str(tmp_path / "a.db")]) == 0
    assert "no values yet" in capsys.readouterr().out


def test_a_study_that_cannot_be_written_is_read(path, tmp_path):
    """A file without write access, in a folder without it."""
    os.chmod(path, 0o400)
    os.chmod(tmp_path, 0o500)
    try:
        with banzhaf.Study.open(path, read_only=True) as study:
            assert study.result().n_evaluations == 48
            with pytest.raises(OSError, match="readonly"):
                study.ask(2)
    finally:
        os.chmod(tmp_path, 0o700)


def test_the_module_runs(path, fresh_python):
    printed = fresh_python(
        f"import runpy, sys; sys.argv = ['banzhaf', 'study', {path!r}]\n"
        "try: runpy.run_module('banzhaf', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code"
    )
    assert "48 of 96 evaluations told" in printed
