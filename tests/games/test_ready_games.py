# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The package of ready games: lazy, listed, and no burden to those who do not use it."""

from __future__ import annotations

import banzhaf.games


def test_banzhaf_does_not_import_the_games(fresh_python):
    program = "import sys, banzhaf; print(any('games' in name for name in sys.modules))"
    assert fresh_python(program) == "False\n"


def test_names_are_imported_when_used(fresh_python):
    program = (
        "import sys, banzhaf.games as games\n"
        "before = 'banzhaf._games.voting' in sys.modules\n"
        "games.WeightedVoting\n"
        "print(before, 'banzhaf._games.voting' in sys.modules, 'sklearn' in sys.modules)"
    )
    assert fresh_python(program) == "False True False\n"


def test_every_name_is_there():
    assert sorted(banzhaf.games._MODULES) == sorted(banzhaf.games.__all__)
    assert set(banzhaf.games.__all__) <= set(dir(banzhaf.games))
    for name in banzhaf.games.__all__:
        assert getattr(banzhaf.games, name).__module__ == "banzhaf.games"
    assert not hasattr(banzhaf.games, "Neurons")
