# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""One table against every peer: ``python -m bench.peers`` runs them in turns, each in an environment where it works."""
