# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Write npz archives completely or not at all, and read them within bounds whatever they declare."""

from __future__ import annotations

import math
import os
import re
import stat
import struct
import zipfile
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from banzhaf._support.files import replacing

_MOST_MEMBERS = 64
_MOST_DIRECTORY = 2**16
# Limits on what a file may expand to, in all and for its text. They tell a zip bomb from a result.
_FREE_BYTES, _MOST_RATIO = 2**28, 64
_FREE_TEXT, _MOST_TEXT_RATIO = 2**22, 16
_CHUNK = 2**20
# Allowed flags: strength of deflate, sizes after the data, names in UTF-8.
_FLAGS = 0x80E

_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_END_SIZE, _LOCATOR_SIZE, _END_64_SIZE = 22, 20, 56

_MAGIC = b"\x93NUMPY\x01\x00"
# NumPy's header for the arrays of results: numbers of 8 bytes, or bytes.
_HEADER = re.compile(
    rb"\{'descr': '([<>][fi]8|\|u1)', 'fortran_order': (True|False), "
    rb"'shape': \(((?:[0-9]{1,18}, ){0,7}[0-9]{1,18}|[0-9]{1,18},|)\), \} *\n"
)


def is_bomb(file_size: int, n_bytes: int, text: int = 0) -> bool:
    """Tell whether `n_bytes` in all, or `text` bytes of text, are too many for a file of `file_size` bytes."""
    return n_bytes > _FREE_BYTES + _MOST_RATIO * file_size or text > _FREE_TEXT + _MOST_TEXT_RATIO * file_size


class Reader:
    """The arrays of an npz archive, read one at a time.

    Memory is allocated only after the declared sizes prove consistent and within bounds of the file's size. A damaged
    archive raises an exception; its class depends on the damage.

    Parameters
    ----------
    stream : binary file
        A regular file; it must stay open.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.file_size = os.fstat(stream.fileno()).st_size
        _check_directory(stream, self.file_size)
        self._archive = zipfile.ZipFile(stream)
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in self._archive.infolist():
            name, suffix = os.path.splitext(info.filename)
            if suffix != ".npy" or name in self._members:
                raise ValueError(f"its member {info.filename!r} is not an array, or appears twice")
            if info.flag_bits & ~_FLAGS or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"its member {info.filename!r} is encrypted, or compressed in an unknown way")
            if not 0 <= info.header_offset < self.file_size:
                raise ValueError(f"its member {info.filename!r} lies outside it")
            self._members[name] = info
        infos = self._members.values()
        if sum(info.compress_size for info in infos) > self.file_size:
            raise ValueError("its members overlap")
        if is_bomb(self.file_size, sum(info.file_size for info in infos)):
            raise ValueError("it would expand to far more than its size")

    @property
    def names(self) -> list[str]:
        """Names of the arrays in the archive."""
        return list(self._members)

    def read(self, name: str) -> NDArray[Any]:
        """Read one array; an array of bytes holds a text."""
        info = self._members[name]
        with self._archive.open(info) as member:
            start = member.read(len(_MAGIC) + 2)
            if start[: len(_MAGIC)] != _MAGIC:
                raise ValueError(f"its member {name!r} is not an array")
            length = int.from_bytes(start[len(_MAGIC) :], "little")
            header = _HEADER.fullmatch(member.read(length))
            if header is None:
                raise ValueError(f"its member {name!r} is an array of an unsupported type")
            dtype = np.dtype(header[1].decode())
            shape = tuple(int(extent) for extent in header[3].replace(b",", b" ").split())
            n_bytes = math.prod(shape) * dtype.itemsize
            if len(start) + length + n_bytes != info.file_size:
                raise ValueError(f"its member {name!r} has a size that differs from its shape")
            if is_bomb(self.file_size, n_bytes, n_bytes if dtype == np.uint8 else 0):
                raise ValueError(f"its member {name!r} is too large")
            content = np.empty(n_bytes, dtype=np.uint8)
            view, done = memoryview(content), 0
            while done < n_bytes:
                part = member.read(min(_CHUNK, n_bytes - done))
                if not part:
                    raise ValueError(f"its member {name!r} ends early")
                view[done : done + len(part)] = part
                done += len(part)
            member.read(1)  # reading past the end compares the checksum
        array = content.view(dtype).reshape(shape, order="F" if header[2] == b"True" else "C")
        return array.astype(dtype.newbyteorder("="), copy=False)


def _check_directory(stream: IO[bytes], file_size: int) -> None:
    """Check the size and place of the archive's list of members, which zipfile reads in one piece."""
    tail_size = min(file_size, _END_SIZE + _LOCATOR_SIZE + _END_64_SIZE)
    stream.seek(file_size - tail_size)
    tail = stream.read(tail_size)
    end = tail[-_END_SIZE:]
    if len(end) < _END_SIZE or end[:4] != _END or end[-2:] != b"\0\0":
        raise ValueError("it is not a complete npz archive")
    n_members, directory_size = struct.unpack("<H L", end[10:16])
    ends = _END_SIZE
    locator = tail[-_END_SIZE - _LOCATOR_SIZE : -_END_SIZE]
    if locator[:4] == _LOCATOR_64:
        record = tail[: -_END_SIZE - _LOCATOR_SIZE]
        (place,) = struct.unpack("<Q", locator[8:16])
        if len(record) < _END_64_SIZE or record[:4] != _END_64 or place != file_size - tail_size:
            raise ValueError("its end is damaged")
        n_members, directory_size = struct.unpack("<Q Q", record[32:48])
        ends = tail_size
    if n_members > _MOST_MEMBERS or directory_size > min(_MOST_DIRECTORY, file_size - ends):
        raise ValueError("its list of members is damaged, or too long")


def write(path: str, arrays: dict[str, NDArray[Any]]) -> None:
    """Write an npz archive, and replace an existing file only once the archive is complete.

    Parameters
    ----------
    path : str
        Name of the file. A link is followed, and an existing file keeps its permissions. A device or pipe is written to
        directly.
    arrays : dict of str to ndarray
        Arrays by the names of their members.

    Raises
    ------
    OSError
        If the folder or file cannot be written, or the disk is full. An existing file is then unchanged.
    """
    with replacing(path) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            _write(_OneWay(stream), arrays, zipfile.ZIP_DEFLATED)
            return
        _write(stream, arrays, zipfile.ZIP_DEFLATED)
        # Arrays of equal numbers shrink a thousandfold, and their file would look like a zip bomb.
        n_bytes = sum(array.nbytes + _CHUNK for array in arrays.values())
        text = sum(array.nbytes for array in arrays.values() if array.dtype == np.uint8)
        if is_bomb(stream.tell(), n_bytes, text):
            stream.seek(0)
            stream.truncate()
            _write(stream, arrays, zipfile.ZIP_STORED)


class _OneWay:
    """A stream without places: those that a device reports are wrong, so zipfile must count the bytes itself."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, part: bytes, /) -> int:
        return self._stream.write(part)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:  # zipfile's types ask for it; whoever opened the stream closes it
        self.flush()


def _write(stream: IO[bytes] | _OneWay, arrays: dict[str, NDArray[Any]], compression: int) -> None:
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy")  # no time stamp, so that equal results give equal files
            info.compress_type = compression
            with archive.open(info, "w", force_zip64=True) as member:
                npy.write_array(member, array, version=(1, 0), allow_pickle=False)
