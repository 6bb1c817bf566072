# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Foundations that know no game and no model: arguments, callbacks, archives, intervals."""
