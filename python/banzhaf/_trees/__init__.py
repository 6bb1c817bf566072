# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Exact Banzhaf values of tree ensembles: readers of other libraries' models, and rows as their trees see them."""
