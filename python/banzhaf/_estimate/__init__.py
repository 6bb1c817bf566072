# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf values of games: estimators, results and what they tell."""
