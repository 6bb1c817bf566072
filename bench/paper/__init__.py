# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The paper's experiments: ``python -m bench.paper`` runs them and writes a page of the docs."""
