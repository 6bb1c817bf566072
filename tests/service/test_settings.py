# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Settings from the environment: a wrong one ends the program with its name."""

from __future__ import annotations

import numpy as np
import pytest
from explain_service.engines import read_background
from explain_service.settings import Settings


def test_variables_are_read_by_type():
    found = Settings.from_environment(
        {"EXPLAIN_MAX_ROWS": "7", "EXPLAIN_WAIT_MS": "2.5", "EXPLAIN_ALLOW_MISSING": "no", "EXPLAIN_BUDGET": "99"}
        | {"EXPLAIN_NAME": "credit", "HOME": "/"}
    )
    assert (found.max_rows, found.wait_ms, found.allow_missing, found.budget, found.name) == (
        7,
        2.5,
        False,
        99,
        "credit",
    )
    assert Settings.from_environment({}).budget is None


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("EXPLAIN_MAX_ROW", "7", "no setting EXPLAIN_MAX_ROW"),
        ("EXPLAIN_MAX_ROWS", "many", "EXPLAIN_MAX_ROWS must be an integer, got 'many'"),
        ("EXPLAIN_MAX_ROWS", "0", "EXPLAIN_MAX_ROWS must be at least 1, got 0"),
        ("EXPLAIN_WAIT_MS", "-1", "EXPLAIN_WAIT_MS must be at least 0"),
        ("EXPLAIN_BATCH_MS", "nan", "EXPLAIN_BATCH_MS must be positive"),
        ("EXPLAIN_ALLOW_MISSING", "perhaps", "EXPLAIN_ALLOW_MISSING must be true or false"),
        ("EXPLAIN_MAX_DEADLINE_MS", "10", "EXPLAIN_DEFAULT_DEADLINE_MS must be at most EXPLAIN_MAX_DEADLINE_MS"),
        ("EXPLAIN_MODEL", "model.ubj", "EXPLAIN_MODEL and EXPLAIN_BACKGROUND go together"),
    ],
)
def test_wrong_variables_are_named(variable, text, message):
    with pytest.raises(ValueError, match=message):
        Settings.from_environment({variable: text})


def test_a_background_is_read_with_its_names(tmp_path):
    path = tmp_path / "background.csv"
    path.write_text("age, income\n1,2.5\n,4\n")
    names, rows = read_background(path)
    assert names == ("age", "income")
    np.testing.assert_array_equal(rows, np.array([[1, 2.5], [np.nan, 4]], dtype=np.float32))
    path.write_text("age,income\n")
    with pytest.raises(ValueError, match="must have rows below its header"):
        read_background(path)
