# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Results as HTML: cards for notebooks and the report of an explanation. Every text is escaped, nothing is loaded."""
