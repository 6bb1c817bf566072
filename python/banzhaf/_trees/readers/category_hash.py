# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""CatBoost's hash of a category: the lower half of CityHash64, version 1.0.2, of its text."""

from __future__ import annotations

__all__ = ["category_hash", "category_of_projection"]

_MASK = 2**64 - 1
# The primes of CityHash, and the multipliers with which CityHash and CatBoost combine two numbers into one.
_K0, _K1, _K2, _K3 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F, 0xC949D7C7509E6557
_MIX = 0x9DDFEA08EB382D69
_CATBOOST_MIX = 0x4906BA494954CB65


def category_hash(text: str) -> int:
    """Compute CatBoost's hash of a category.

    Parameters
    ----------
    text : str
        The category as CatBoost writes it.

    Returns
    -------
    int
        From 0 to 2^32 - 1.
    """
    return _city_hash(text.encode()) & 0xFFFFFFFF


def category_of_projection(key: int) -> int:
    """Recover the hash of a category from the key of its statistics, which is the hash multiplied twice.

    Parameters
    ----------
    key : int
        From 0 to 2^64 - 1.

    Returns
    -------
    int
        The result of `category_hash` for the category.
    """
    return key * pow(_CATBOOST_MIX, -2, 2**64) & 0xFFFFFFFF


def _city_hash(data: bytes) -> int:
    size = len(data)
    if size <= 16:
        return _up_to_16(data)
    if size <= 32:
        return _up_to_32(data)
    if size <= 64:
        return _up_to_64(data)
    x, y, z = _word(data, 0), _word(data, size - 16) ^ _K1, _word(data, size - 56) ^ _K0
    v = _four_words(data, size - 64, size, y)
    w = _four_words(data, size - 32, size * _K1 & _MASK, _K0)
    z = (z + _shifted(v[1]) * _K1) & _MASK
    x = _rotated(z + x, 39) * _K1 & _MASK
    y = _rotated(y, 33) * _K1 & _MASK
    for at in range(0, (size - 1) // 64 * 64, 64):
        x = _rotated(x + y + v[0] + _word(data, at + 16), 37) * _K1 & _MASK
        y = _rotated(y + v[1] + _word(data, at + 48), 42) * _K1 & _MASK
        x ^= w[1]
        y ^= v[0]
        z = _rotated(z ^ w[0], 33)
        v = _four_words(data, at, v[1] * _K1 & _MASK, x + w[0])
        w = _four_words(data, at + 32, z + w[1], y)
        x, z = z, x
    return _joined(_joined(v[0], w[0]) + _shifted(y) * _K1 + z, _joined(v[1], w[1]) + x)


def _up_to_16(data: bytes) -> int:
    size = len(data)
    if size > 8:
        last = _word(data, size - 8)
        return _joined(_word(data, 0), _rotated(last + size, size)) ^ last
    if size >= 4:
        first, last = (int.from_bytes(data[at : at + 4], "little") for at in (0, size - 4))
        return _joined(size + (first << 3), last)
    if size:
        y, z = data[0] + (data[size >> 1] << 8), size + (data[-1] << 2)
        return _shifted((y * _K2 ^ z * _K3) & _MASK) * _K2 & _MASK
    return _K2


def _up_to_32(data: bytes) -> int:
    size = len(data)
    a, b = _word(data, 0) * _K1 & _MASK, _word(data, 8)
    c, d = _word(data, size - 8) * _K2 & _MASK, _word(data, size - 16) * _K0 & _MASK
    return _joined(_rotated(a - b, 43) + _rotated(c, 30) + d, a + _rotated(b ^ _K3, 20) - c + size)


def _up_to_64(data: bytes) -> int:
    size = len(data)

    def half(a: int, z: int, second: int, third: int) -> tuple[int, int]:
        b, c = _rotated(a + z, 52), _rotated(a, 37)
        a += second
        c += _rotated(a, 7)
        a += third
        return (a + z) & _MASK, (b + _rotated(a, 31) + c) & _MASK

    first = _word(data, 0) + (size + _word(data, size - 16)) * _K0
    v = half(first, _word(data, 24), _word(data, 8), _word(data, 16))
    w = half(
        _word(data, 16) + _word(data, size - 32), _word(data, size - 8), _word(data, size - 24), _word(data, size - 16)
    )
    r = _shifted(((v[0] + w[1]) * _K2 + (w[0] + v[1]) * _K0) & _MASK)
    return _shifted((r * _K0 + v[1]) & _MASK) * _K2 & _MASK


def _four_words(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    first, second, third, fourth = (_word(data, at + 8 * k) for k in range(4))
    a += first
    b = _rotated(b + a + fourth, 21)
    c = a
    a += second + third
    b += _rotated(a, 44)
    return (a + fourth) & _MASK, (b + c) & _MASK


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def _rotated(value: int, by: int) -> int:
    value &= _MASK
    return (value >> by | value << (64 - by)) & _MASK if by else value


def _shifted(value: int) -> int:
    value &= _MASK
    return value ^ value >> 47


def _joined(low: int, high: int) -> int:
    a = _shifted(((low ^ high) & _MASK) * _MIX)
    b = _shifted(((high & _MASK) ^ a) * _MIX)
    return b * _MIX & _MASK
