# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Information about the compiled core."""

from __future__ import annotations

from banzhaf import _core


def build_info() -> dict[str, str]:
    """Report how the core was compiled and which of its kernels are in use.

    Returns
    -------
    dict of str to str
        - ``kernel``: the instruction set of the hot loops, ``"generic"``, ``"avx2"`` or ``"avx512"``;
        - ``threads``: ``"std"`` for a pool of threads, or ``"none"``;
        - ``compiler`` and ``eigen``: their versions.

    Raises
    ------
    ValueError
        If the environment variable BANZHAF_KERNEL names a kernel that this CPU does not support.

    See Also
    --------
    estimate : Estimate the values of a game, with any number of threads.

    Examples
    --------
    >>> import banzhaf
    >>> sorted(banzhaf.build_info())
    ['compiler', 'eigen', 'kernel', 'threads']
    """
    return _core.build_info()
