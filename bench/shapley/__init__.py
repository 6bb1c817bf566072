# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Shapley values beside those of other packages: ``python -m bench.shapley``."""
