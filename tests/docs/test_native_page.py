# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The page on native games and models: its C compiles, and what it says in Python runs with it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from native import compiled
from pages import ROOT

PAGE = (ROOT / "docs" / "native.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def test_its_code_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for code in blocks("c"):
        compiled(code, tmp_path / re.match(r"// (\w+)\.c:", code)[1])
    rng = np.random.default_rng(0)
    names = {"background": rng.normal(size=(5, 3)), "rows": rng.normal(size=(2, 3)).astype(np.float32)}
    game, _, model = blocks("py")
    exec(game, names)
    # The power of a party grows with its votes.
    assert np.corrcoef(names["votes"], names["values"].values)[0, 1] > 0.9
    exec(model, names)
    assert names["explanation"].values.shape == (2, 3)


def test_its_game_of_numba_runs():
    pytest.importorskip("numba")
    import banzhaf

    names = {"np": np, "banzhaf": banzhaf}
    exec(blocks("py")[1], names)
    n = 20
    # Player i raises the largest number unless a later one is there.
    i = np.arange(n)
    later = 0.5 ** (n - 1 - i)
    before = np.array([sum((i - j) * 0.5 ** (i - j) for j in range(i)) + (i + 1) * 0.5**i for i in range(n)])
    np.testing.assert_allclose(names["values"].values, later * before)
