# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Comparison of estimates with interactions taken out and without: ``python -m bench.adjusted``."""
