# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Games that are ready to use; `banzhaf.games` lists their names."""
