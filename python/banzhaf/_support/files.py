# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from typing import IO

__all__ = ["replacing"]


@contextlib.contextmanager
def replacing(path: str) -> Iterator[IO[bytes]]:
    """Yield a stream to a new file in the same folder, which replaces the old one at the end.

    Parameters
    ----------
    path : str
        A link is followed. An existing file keeps its permissions. A device or pipe is written to as it is.

    Raises
    ------
    OSError
        If the folder or file cannot be written, or the disk is full. An existing file is then unchanged.
    """
    target = os.path.realpath(path)
    try:
        old = os.stat(target)
    except FileNotFoundError:
        old = None
    is_folder = not os.path.basename(path)  # the name ends in a slash
    # A device or pipe cannot be replaced, and opening a folder raises.
    if is_folder or (old is not None and not stat.S_ISREG(old.st_mode)):
        with open(path, "wb") as stream:
            yield stream
        return
    if old is not None:
        open(path, "r+b").close()  # raises if the file is write-protected, which a rename would ignore
    temporary = os.path.join(os.path.dirname(target), f".banzhaf-{secrets.token_hex(8)}.tmp")
    try:
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        error.filename = path  # report the name that the caller passed
        raise
    try:
        with open(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if old is not None:
            _take_over(temporary, old)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(os.path.dirname(target))


def _take_over(path: str, old: os.stat_result) -> None:
    """Copy the permissions of the old file to a new one, and its owner if the system allows that."""
    if hasattr(os, "chown"):
        new = os.stat(path)
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            with contextlib.suppress(OSError):
                os.chown(path, old.st_uid, old.st_gid)
    os.chmod(path, stat.S_IMODE(old.st_mode))


def _sync_folder(folder: str) -> None:
    """Flush the folder, so that the new name survives a crash, on systems that support it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
