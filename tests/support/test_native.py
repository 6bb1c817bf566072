# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test which compiled functions are accepted, what is refused, and what is kept alive."""

from __future__ import annotations

import copy
import ctypes
import gc
import pickle
import weakref

import numpy as np
import pytest
from native import GAME, GAME_SIGNATURE, GameStruct, capsule, counting

import banzhaf

SIZE = ctypes.c_size_t
POINTERS = {"words": ctypes.POINTER(ctypes.c_uint64), "doubles": ctypes.POINTER(ctypes.c_double)}


def function_type(result=ctypes.c_int, **changed):
    """The type of a game's function with some parameters of other types, or without them if these are None."""
    parameters = {
        "coalitions": POINTERS["words"],
        "n_coalitions": SIZE,
        "n_players": SIZE,
        "worths": POINTERS["doubles"],
        "n_outputs": SIZE,
        "data": ctypes.c_void_p,
    } | changed
    return ctypes.CFUNCTYPE(result, *(each for each in parameters.values() if each is not None))


def counts(game):
    """Whether a game counts the players."""
    rows = np.random.default_rng(0).random((20, 70)) < 0.5
    return np.array_equal(game(rows), rows.sum(1))


class TestSources:
    def test_a_function_of_ctypes(self):
        assert counts(banzhaf.native_game(counting))

    def test_types_with_the_same_size(self):
        like = function_type(n_coalitions=ctypes.c_ssize_t, coalitions=ctypes.c_void_p, worths=ctypes.c_void_p)
        assert counts(banzhaf.native_game(ctypes.cast(counting, like)))
        assert counts(banzhaf.native_game(ctypes.cast(counting, function_type(data=ctypes.POINTER(GameStruct)))))

    def test_an_address(self):
        address = ctypes.cast(counting, ctypes.c_void_p).value
        assert counts(banzhaf.native_game(address, unchecked=True))
        assert counts(banzhaf.native_game(np.uint64(address), unchecked=True))
        with pytest.raises(TypeError, match=r"unchecked=True if the function is int \(const uint64_t"):
            banzhaf.native_game(address)

    @pytest.mark.parametrize(
        "name",
        [
            GAME_SIGNATURE,
            b"int (const uint64_t*, size_t, size_t, double*, size_t, void*)",
            b"int32_t (void *, Py_ssize_t, size_t, double *, uint64_t, weights_t *)",
            b"int (unsigned long long *, size_t, size_t, npy_double *, npy_intp, void *)",
        ],
    )
    def test_a_capsule_with_a_signature(self, name):
        assert counts(banzhaf.native_game(capsule(counting, name)))

    def test_the_context_of_a_capsule_is_its_data(self):
        seen = []

        @GAME
        def game(coalitions, n_coalitions, n_players, worths, n_outputs, data):
            seen.append(data)
            for row in range(n_coalitions):
                worths[row] = 0
            return 0

        number = ctypes.c_double(3)
        held = capsule(game, GAME_SIGNATURE, ctypes.pointer(number))
        banzhaf.exact(banzhaf.native_game(held), 3)
        assert set(seen) == {ctypes.addressof(number)}
        with pytest.raises(ValueError, match="comes with its own"):
            banzhaf.native_game(held, data=number)

    def test_a_capsule_with_a_structure(self):
        full = ctypes.create_string_buffer(b"full")
        text = dict(GameStruct._fields_)["error_text"](lambda code, data: ctypes.addressof(full))
        function = ctypes.cast(counting, ctypes.c_void_p)
        described = GameStruct(1, 1, function, None, 70, 1, text)
        game = banzhaf.native_game(capsule(ctypes.pointer(described), b"banzhaf_game"))
        assert counts(game)
        assert "n_players=70, thread_safe=False" in repr(game)
        with pytest.raises(ValueError, match="n_players must be 70"):
            banzhaf.exact(game, 5)

        @GAME
        def fails(*arguments):
            return 9

        described = GameStruct(1, 0, ctypes.cast(fails, ctypes.c_void_p), None, 0, 1, text)
        game = banzhaf.native_game(capsule(ctypes.pointer(described), b"banzhaf_game"), errors={8: "other"})
        with pytest.raises(RuntimeError, match=r"^game returned the error 9: full"):
            banzhaf.exact(game, 5)
        with pytest.raises(ValueError, match="n_outputs must be left out"):
            banzhaf.native_game(capsule(ctypes.pointer(described), b"banzhaf_game"), n_outputs=2)

    def test_a_structure_of_a_later_version(self):
        described = GameStruct(2, 0, ctypes.cast(counting, ctypes.c_void_p), None, 0, 1)
        with pytest.raises(ValueError, match="has version 2"):
            banzhaf.native_game(capsule(ctypes.pointer(described), b"banzhaf_game"))

    def test_numba(self):
        numba = pytest.importorskip("numba")
        types = numba.types
        sizes = types.CPointer(types.float64), types.uintp, types.voidptr

        @numba.cfunc(types.int32(types.CPointer(types.uint64), types.uintp, types.uintp, *sizes))
        def game(coalitions, n_coalitions, n_players, worths, n_outputs, data):
            words = (n_players + 63) // 64
            for row in range(n_coalitions):
                size = 0
                for player in range(n_players):
                    size += (coalitions[row * words + player // 64] >> np.uint64(player % 64)) & np.uint64(1)
                worths[row] = size
            return 0

        assert counts(banzhaf.native_game(game))

        @numba.cfunc(types.int32(types.float64))
        def other(number):
            return 0

        with pytest.raises(TypeError, match=r"must have the signature int \(const uint64_t .*, got int32 \(float64\)"):
            banzhaf.native_game(other)
        with pytest.raises(TypeError, match=r"numba\.cfunc"):
            banzhaf.native_game(numba.njit(lambda x: x))

    def test_scipy(self):
        scipy = pytest.importorskip("scipy")
        assert counts(banzhaf.native_game(scipy.LowLevelCallable(counting)))
        number = ctypes.c_double(3)
        address = ctypes.c_void_p(ctypes.addressof(number))
        assert counts(banzhaf.native_game(scipy.LowLevelCallable(counting, address)))
        with pytest.raises(ValueError, match="comes with its own"):
            banzhaf.native_game(scipy.LowLevelCallable(counting, address), data=number)
        wrong = scipy.LowLevelCallable(ctypes.cast(counting, function_type(worths=ctypes.c_double)))
        with pytest.raises(TypeError, match=r"must have the signature .*, got int32 \("):
            banzhaf.native_game(wrong)


class TestRefusals:
    @pytest.mark.parametrize(
        "changed",
        [
            {"coalitions": POINTERS["doubles"]},
            {"coalitions": ctypes.c_uint64},
            {"n_players": ctypes.c_int},
            {"worths": ctypes.POINTER(ctypes.c_float)},
            {"data": ctypes.c_double},
            {"data": None},
            {"result": ctypes.c_double},
            {"result": None},
            {"result": ctypes.c_int64},
        ],
        ids=str,
    )
    def test_of_signatures(self, changed):
        other = ctypes.cast(counting, function_type(**changed))
        with pytest.raises(TypeError, match=r"must have the signature int \(const uint64_t \*coalitions, .*, got "):
            banzhaf.native_game(other)

    def test_of_a_symbol_that_returns_something_else(self):
        symbol = ctypes.CDLL(None).strlen if hasattr(ctypes.CDLL(None), "strlen") else pytest.skip("no such symbol")
        symbol.restype = ctypes.c_double
        with pytest.raises(TypeError, match="a function that returns float64"):
            banzhaf.native_game(symbol)

    def test_of_functions_that_need_the_lock(self):
        with pytest.raises(TypeError, match="interpreter lock"):
            banzhaf.native_game(ctypes.pythonapi.Py_IncRef)
        with pytest.raises(TypeError, match="interpreter lock"):
            banzhaf.native_game(ctypes.PYFUNCTYPE(ctypes.c_int)(lambda: 0))

    @pytest.mark.parametrize("name", [None, b"numpy.array", b"banzhaf_model", b"double (double)"])
    def test_of_capsules(self, name):
        with pytest.raises(TypeError, match="function must"):
            banzhaf.native_game(capsule(counting, name))

    def test_of_null(self):
        with pytest.raises(ValueError, match="null"):
            banzhaf.native_game(GAME())
        with pytest.raises(ValueError, match="null"):
            banzhaf.native_game(0, unchecked=True)

    @pytest.mark.parametrize("function", [lambda c: c.sum(1), "game", None, 1.5, True])
    def test_of_other_objects(self, function):
        hint = "as it is" if callable(function) else f"got {type(function).__name__}$"
        with pytest.raises(TypeError, match=f"function must be a ctypes function.*{hint}"):
            banzhaf.native_game(function)

    @pytest.mark.parametrize(
        ("arguments", "error", "words"),
        [
            ({"n_outputs": 0}, ValueError, "n_outputs"),
            ({"n_players": 0}, ValueError, "n_players"),
            ({"thread_safe": 1}, TypeError, "thread_safe"),
            ({"unchecked": None}, TypeError, "unchecked"),
            ({"errors": ["full"]}, TypeError, "errors"),
            ({"errors": {"full": 3}}, TypeError, "a key of errors"),
            ({"errors": {3: b"full"}}, TypeError, "a value of errors"),
            ({"errors": {2**40: "full"}}, ValueError, "a key of errors"),
            ({"data": np.ones((3, 3)).T[:2]}, ValueError, "C-contiguous"),
            ({"data": np.ones(3, dtype=np.dtype(float).newbyteorder())}, ValueError, "the byte order of this machine"),
            ({"data": np.ma.masked_array([1.0, 2.0], [True, False])}, ValueError, "masked entries"),
            ({"data": np.array([{}])}, TypeError, "Python objects"),
            ({"data": 4096}, TypeError, "unchecked=True"),
            ({"data": [1.0]}, TypeError, "data must be an array"),
        ],
    )
    def test_of_arguments(self, arguments, error, words):
        with pytest.raises(error, match=words):
            banzhaf.native_game(counting, **arguments)

    def test_of_pickling_and_copying(self):
        game = banzhaf.native_game(counting)
        for reproduce in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="call native_game again"):
                reproduce(game)


class TestData:
    @staticmethod
    def reading(bytes_of):
        """A game whose worths are the doubles that it gets."""

        @GAME
        def game(coalitions, n_coalitions, n_players, worths, n_outputs, data):
            given = ctypes.cast(data, POINTERS["doubles"])
            for row in range(n_coalitions):
                worths[row] = given[0] * (coalitions[row] & 1)
            return 0

        return banzhaf.native_game(game, data=bytes_of).__call__

    @pytest.mark.parametrize(
        "data",
        [
            np.array([2.5, 1.0]),
            np.array([2.5, 1.0]).tobytes(),
            bytearray(np.array([2.5, 1.0]).tobytes()),
            (ctypes.c_double * 2)(2.5, 1.0),
            ctypes.c_double(2.5),
            ctypes.pointer(ctypes.c_double(2.5)),
        ],
        ids=lambda data: type(data).__name__,
    )
    def test_every_kind(self, data):
        assert self.reading(data)([[True, False], [False, True]]).tolist() == [2.5, 0.0]

    def test_an_address(self):
        number = ctypes.c_double(2.5)
        address = ctypes.addressof(number)
        game = banzhaf.native_game(counting, data=ctypes.c_void_p(address))
        assert counts(game)
        assert counts(banzhaf.native_game(counting, data=address, unchecked=True))

    def test_is_kept_alive(self):
        class Weights(np.ndarray):
            pass

        data = np.ones(100).view(Weights)
        alive = weakref.ref(data)
        game = banzhaf.native_game(counting, data=data)
        del data
        gc.collect()
        assert alive() is not None
        del game
        gc.collect()
        assert alive() is None

    def test_the_function_is_kept_alive(self):
        @GAME
        def game(coalitions, n_coalitions, n_players, worths, n_outputs, data):
            for row in range(n_coalitions):
                worths[row] = coalitions[row]
            return 0

        made = banzhaf.native_game(game)
        del game
        gc.collect()
        assert made([[True, True]]).tolist() == [3.0]


def test_get_include_finds_the_header():
    with open(f"{banzhaf.get_include()}/banzhaf/native.h") as header:
        assert "BANZHAF_NATIVE_VERSION" in header.read()
