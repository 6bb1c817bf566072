# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Expensive evaluations: ask and tell, stores, executors and the command line."""
