# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Networks explained with their gradients: errors at equal cost, coverage, bias, time, other kinds of networks."""
