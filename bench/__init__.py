# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Benchmarks: ``python -m bench.<name>`` prints one Markdown table, ``python -m bench`` all of them."""
