# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Support that all other packages share: arguments, callbacks, archives and intervals."""
