# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Passages of a prompt that a language model answers from: ``python -m bench.context`` finds them."""
