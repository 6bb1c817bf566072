# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Information about the compiled core."""

from __future__ import annotations

from pathlib import Path

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


def get_include() -> str:
    """Return the folder of the C header ``banzhaf/native.h``.

    Give the folder to a compiler with ``-I``. The header declares the functions that `native_game` and `native_model`
    take. It needs no library.

    Returns
    -------
    str
        Path of the folder.

    Raises
    ------
    FileNotFoundError
        If the header is not there, because the package was installed without it.

    See Also
    --------
    native_game : Make a game from a compiled function.
    native_model : Make a model from a compiled function.

    Examples
    --------
    >>> import os
    >>> import banzhaf
    >>> os.path.exists(os.path.join(banzhaf.get_include(), "banzhaf", "native.h"))
    True
    """
    package = Path(__file__).resolve().parents[1]
    # A build in place leaves the header in the source tree.
    for folder in (package / "include", package.parents[1] / "cpp" / "include"):
        if (folder / "banzhaf" / "native.h").is_file():
            return str(folder)
    raise FileNotFoundError(f"{package / 'include' / 'banzhaf' / 'native.h'} is missing: install banzhaf again")
