# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The error of models whose gradients cannot be used."""

from __future__ import annotations

__all__ = ["GradientError"]


class GradientError(ValueError):
    """Say that gradients cannot be used for a model or its columns, with the reason and the remedy."""
