# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Gallery scripts run with warnings as errors, as the test suite does."""

from __future__ import annotations

import warnings

running = []


def strict(gallery_conf, name, when):
    """Turn warnings into errors while a script runs."""
    if when == "after":
        running.pop().__exit__(None, None, None)
        return
    running.append(warnings.catch_warnings())
    running[-1].__enter__()
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", ".* at the speed of the first ones this call takes")  # of this machine
    # shap 0.51 on import, of matplotlib 3.11
    warnings.filterwarnings("ignore", r"The set_\w+ function will be deprecated", PendingDeprecationWarning)
