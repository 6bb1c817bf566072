# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What the installed extension is."""

from __future__ import annotations

from banzhaf import _core


def build_info() -> dict[str, str]:
    """Tell how the core was built and which of its kernels are in use.

    Returns
    -------
    dict of str
        ``kernel``: the set of hot loops in use (``"generic"``, ``"avx2"`` or ``"avx512"``); ``threads``: what runs
        them in parallel (``"std"``, a pool of threads, or ``"none"``); ``compiler`` and ``eigen``: their versions.

    Raises
    ------
    ValueError
        If the environment variable BANZHAF_KERNEL names a set that this CPU does not run.

    Examples
    --------
    >>> import banzhaf
    >>> sorted(banzhaf.build_info())
    ['compiler', 'eigen', 'kernel', 'threads']
    """
    return _core.build_info()
