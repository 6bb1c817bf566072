# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What the tests of adapters demand of explanations."""

from __future__ import annotations

import numpy as np


def same_explanations(explainer, expected, rows):
    """Several rows, and one alone, have the same bits by both explainers, and are explained by something.

    The last calls come after the adapter has been compared with the model's own method, so the core may call it.
    """
    for given in (rows, rows[:1], rows, rows[:1]):
        found, wanted = explainer(given), expected(given)
        for name in ("values", "standard_errors", "background_errors", "base_values"):
            np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
        assert np.abs(found.values).max() > 0
