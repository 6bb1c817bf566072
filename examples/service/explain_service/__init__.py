# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""An HTTP service that explains the predictions of a model, with a deadline for each request."""
