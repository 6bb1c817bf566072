# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Names of the kinds of values, for labels and reports."""

from __future__ import annotations

BANZHAF_VALUE = "Banzhaf value"
SHAPLEY_VALUE = "Shapley value"
