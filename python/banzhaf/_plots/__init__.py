# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Plots of explanations and of games' values, drawn by matplotlib."""
