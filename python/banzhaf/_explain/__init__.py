# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf values of a model's features: tables, models and explanations."""
