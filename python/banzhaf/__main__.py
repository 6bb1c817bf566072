# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The command ``python -m banzhaf``."""

from __future__ import annotations

import sys

from banzhaf._study.command import main

if __name__ == "__main__":
    sys.exit(main())
