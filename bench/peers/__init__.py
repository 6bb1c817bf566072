# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Comparison with other packages: ``python -m bench.peers`` runs each in an environment where it works."""
