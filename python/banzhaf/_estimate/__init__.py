# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Estimate the Banzhaf values of games: estimators, results and diagnoses."""
