# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test explanations of native models: the same bits as from Python models, dtypes, errors, threads."""

from __future__ import annotations

import copy
import ctypes
import pickle
import sys
import threading

import numpy as np
import pytest
from native import DOUBLES, MODEL, SIZE, ModelStruct, capsule, library

import banzhaf

CELLS = ["float64", "float32", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]


@pytest.fixture(scope="module")
def lib(tmp_path_factory):
    return library(tmp_path_factory.mktemp("library"))


def callback(cells):
    """A callback of Python for a model that sums the squares of cells of a type."""
    kind = np.ctypeslib.as_ctypes_type(np.dtype(cells))

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(kind), SIZE, SIZE, DOUBLES, SIZE, ctypes.c_void_p)
    def squares(rows, n_rows, n_columns, outputs, n_outputs, data):
        for row in range(n_rows):
            outputs[row] = sum(float(rows[row * n_columns + j]) ** 2 for j in range(n_columns))
        return 0

    return squares


def rows_of(n_rows, n_columns, seed, dtype="float64"):
    rows = np.random.default_rng(seed).normal(size=(n_rows, n_columns))
    return rows.astype(dtype) if dtype.startswith("f") else (np.abs(rows) > 0.7).astype(dtype)


class TestValues:
    @pytest.mark.parametrize("design", ["hadamard", "paired"])
    @pytest.mark.parametrize("n_outputs", [1, 3])
    def test_those_of_the_same_model_in_python(self, lib, design, n_outputs):
        weights = np.arange(1.0, 13.0)
        model = banzhaf.native_model(lib.linear, dtype=float, data=weights, n_outputs=n_outputs)
        background, rows = rows_of(9, 12, 0), rows_of(4, 12, 1)
        arguments = {"design": design, "budget": 600, "random_state": 3}
        found = banzhaf.Explainer(model, background, **arguments)(rows)
        assert found.values.shape == ((4, 12) if n_outputs == 1 else (4, 12, n_outputs))
        # The values of a linear model are known.
        expected = weights * (rows - background.mean(axis=0))
        np.testing.assert_allclose(found.values if n_outputs == 1 else found.values[..., 1], expected, atol=1e-10)
        again = banzhaf.Explainer(lambda cells: model(cells), background, **arguments)(rows)
        assert again == found
        for batch_size, num_threads in [(1, 2), (7, 1), (64, 3)]:
            explainer = banzhaf.Explainer(
                model, background, **arguments, batch_size=batch_size, num_threads=num_threads
            )
            assert explainer(rows) == found

    def test_of_interactions_and_float32(self, lib):
        model = banzhaf.native_model(lib.products32, dtype=np.float32)
        background, rows = rows_of(6, 8, 0, "float32"), rows_of(3, 8, 1, "float32")

        def plain(cells):
            return (cells[:, :-1].astype(float) * cells[:, 1:]).sum(axis=1)

        found = banzhaf.Explainer(model, background, random_state=0)(rows)
        expected = banzhaf.Explainer(plain, background, random_state=0)(rows)
        np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
        np.testing.assert_allclose(found.base_values, expected.base_values, atol=1e-12)

    @pytest.mark.parametrize("cells", CELLS)
    def test_of_every_type_of_cells(self, cells):
        function = callback(cells)
        background, rows = rows_of(3, 4, 0, cells), rows_of(2, 4, 1, cells)
        expected = banzhaf.Explainer(lambda x: (x.astype(float) ** 2).sum(1), background, random_state=0)(rows)
        model = banzhaf.native_model(function)
        found = banzhaf.Explainer(model, background, random_state=0)(rows)
        np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
        np.testing.assert_allclose(found.base_values, expected.base_values, atol=1e-12)
        with pytest.raises(ValueError, match=f"dtype must be {cells}, to which the first parameter"):
            banzhaf.native_model(function, dtype="float32" if cells != "float32" else "int8")

    def test_rules_groups_and_frames(self, lib, pd):
        weights = np.arange(1.0, 7.0)
        model = banzhaf.native_model(lib.linear, dtype=float, data=weights)
        background, rows = rows_of(5, 6, 0), rows_of(2, 6, 1)
        expected = banzhaf.Explainer(lambda x: x @ weights, background, groups={"first": [0, 1]}, random_state=0)(rows)
        found = banzhaf.Explainer(model, background, groups={"first": [0, 1]}, random_state=0)(rows, tolerance=1.0)
        np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
        frame = pd.DataFrame(background, columns=list("abcdef"))
        named = banzhaf.Explainer(model, frame, random_state=0)(pd.DataFrame(rows, columns=list("abcdef")))
        assert named.feature_names == tuple("abcdef")
        np.testing.assert_allclose(named.values, weights * (rows - background.mean(axis=0)), atol=1e-12)

    def test_a_sparse_background(self, lib):
        sparse = pytest.importorskip("scipy.sparse")
        weights = np.arange(1.0, 7.0)
        model = banzhaf.native_model(lib.linear, dtype=float, data=weights)
        background, rows = rows_of(5, 6, 0), rows_of(2, 6, 1)
        found = banzhaf.Explainer(model, sparse.csr_array(background), random_state=0)(sparse.csr_array(rows))
        np.testing.assert_allclose(found.values, weights * (rows - background.mean(axis=0)), atol=1e-12)

    def test_the_model_is_a_function_of_rows(self, lib):
        weights = np.arange(1.0, 7.0)
        model = banzhaf.native_model(lib.linear, dtype=float, data=weights, n_columns=6)
        rows = rows_of(5, 6, 0)
        np.testing.assert_allclose(model(rows), rows @ weights)
        np.testing.assert_allclose(model(np.asfortranarray(rows)), rows @ weights)
        assert model(rows[:0]).shape == (0,)
        with pytest.raises(ValueError, match="rows must have 6 columns"):
            model(rows[:, :5])
        with pytest.raises(TypeError, match="rows must have dtype float64"):
            model(rows.astype(np.float32))
        with pytest.raises(ValueError, match="shape"):
            model(rows[0])

    def test_the_explainer_names_the_way(self, lib):
        model = banzhaf.native_model(lib.linear, dtype=float, data=np.ones(6))
        assert "native code" in repr(banzhaf.Explainer(model, np.zeros((1, 6))))

    def test_numba(self):
        numba = pytest.importorskip("numba")
        types = numba.types
        sizes = types.CPointer(types.float64), types.uintp, types.voidptr

        @numba.cfunc(types.int32(types.CPointer(types.float32), types.uintp, types.uintp, *sizes))
        def product(rows, n_rows, n_columns, outputs, n_outputs, data):
            for row in range(n_rows):
                outputs[row] = rows[row * n_columns] * rows[row * n_columns + 1]
            return 0

        model = banzhaf.native_model(product)
        assert model.dtype == np.float32
        explainer = banzhaf.Explainer(model, np.zeros((1, 2), dtype=np.float32))
        assert explainer(np.array([[2.0, 3.0]], dtype=np.float32)).values.tolist() == [[3.0, 3.0]]


class TestErrors:
    def test_a_code_names_itself(self, lib):
        model = banzhaf.native_model(lib.failing_model, dtype=float, errors={-3: "not loaded"})
        with pytest.raises(RuntimeError, match=r"^model returned the error -3: not loaded"):
            banzhaf.Explainer(model, np.zeros((2, 3)))(np.ones((1, 3)))

    def test_rows_before_an_error_are_kept(self):
        left = [0]

        @MODEL
        def model(rows, n_rows, n_columns, outputs, n_outputs, data):
            left[0] += n_rows
            for row in range(n_rows):
                outputs[row] = 1
            return 5 if left[0] > 40 else 0

        explainer = banzhaf.Explainer(banzhaf.native_model(model, dtype=float), np.zeros((1, 3)), batch_size=2)
        with pytest.raises(RuntimeError, match="error 5") as caught:
            explainer(np.ones((10, 3)) * np.arange(1, 11)[:, None])
        assert 0 < len(caught.value.explanation.values) < 10

    def test_an_output_that_is_not_written_is_refused(self, lib):
        model = banzhaf.native_model(lib.silent_model, dtype=float)
        with pytest.raises(ValueError, match="not finite for background row 0"):
            banzhaf.Explainer(model, np.zeros((2, 3)))(np.ones((1, 3)))

    def test_an_exception_in_a_callback_is_no_output(self, monkeypatch):
        seen = []
        monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: seen.append(type(unraisable.exc_value)))

        @MODEL
        def raises(*arguments):
            raise ZeroDivisionError

        # What ctypes returns then is undefined: an error number, or 0 with outputs that are not written.
        with pytest.raises((RuntimeError, ValueError), match=r"returned the error|not finite"):
            banzhaf.Explainer(banzhaf.native_model(raises, dtype=float), np.zeros((2, 3)))(np.ones((1, 3)))
        assert set(seen) == {ZeroDivisionError}

    def test_another_dtype_is_refused(self, lib):
        model = banzhaf.native_model(lib.products32, dtype=np.float32)
        with pytest.raises(TypeError, match=r"dtype float32, as model declares, got float64: .*astype\('float32'\)"):
            banzhaf.Explainer(model, np.zeros((2, 3)))(np.ones((1, 3)))

    def test_another_number_of_columns_is_refused(self, lib):
        model = banzhaf.native_model(lib.linear, dtype=float, data=np.ones(4), n_columns=4)
        with pytest.raises(ValueError, match="4 columns, but background has 3"):
            banzhaf.Explainer(model, np.zeros((2, 3)))

    @pytest.mark.parametrize(
        ("arguments", "error", "words"),
        [
            ({}, ValueError, "dtype must be given"),
            ({"dtype": "float16"}, ValueError, "dtype must be one of float64"),
            ({"dtype": ">f8" if sys.byteorder == "little" else "<f8"}, ValueError, "dtype must be one of"),
            ({"dtype": "cells"}, TypeError, "dtype must be a NumPy dtype"),
            ({"dtype": float, "n_columns": 0}, ValueError, "n_columns"),
            ({"dtype": float, "n_outputs": 1.5}, TypeError, "n_outputs"),
        ],
    )
    def test_of_arguments(self, arguments, error, words):
        with pytest.raises(error, match=words):
            banzhaf.native_model(MODEL(lambda *_: 0), **arguments)

    def test_of_signatures(self):
        with pytest.raises(TypeError, match=r"must have the signature int \(const void \*rows"):
            banzhaf.native_model(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lambda _: 0), dtype=float)
        strings = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, SIZE, SIZE, DOUBLES, SIZE, ctypes.c_void_p)
        with pytest.raises(TypeError, match=r"must have the signature int \(const void \*rows"):
            banzhaf.native_model(strings(lambda *_: 0), dtype=float)

    def test_of_pickling_and_copying(self):
        model = banzhaf.native_model(MODEL(lambda *_: 0), dtype=float)
        for reproduce in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="call native_model again"):
                reproduce(model)


def test_a_capsule_with_a_structure():
    function = callback("int32")
    described = ModelStruct(1, 0, ctypes.cast(function, ctypes.c_void_p), None, 4, 1)
    described.cell_type = 5
    model = banzhaf.native_model(capsule(ctypes.pointer(described), b"banzhaf_model"))
    assert model.dtype == np.int32
    assert "dtype='int32', n_columns=4" in repr(model)
    assert model(np.array([[1, 2, 3, 4]], dtype=np.int32)).tolist() == [30.0]
    with pytest.raises(ValueError, match="dtype must be left out"):
        banzhaf.native_model(capsule(ctypes.pointer(described), b"banzhaf_model"), dtype="int32")


def test_the_core_calls_the_function_itself(lib, monkeypatch, pd):
    weights = np.arange(1.0, 7.0)
    model = banzhaf.native_model(lib.linear, dtype=float, data=weights)
    background, rows = rows_of(5, 6, 0), rows_of(2, 6, 1)
    expected = weights * (rows - background.mean(axis=0))
    tables = [background, pd.DataFrame(background)]
    explainers = [
        banzhaf.Explainer(model, table, random_state=0, design=design)
        for table in tables
        for design in ("hadamard", "paired")
    ]
    monkeypatch.setattr(type(model), "predict", None)
    for explainer in explainers:
        np.testing.assert_allclose(explainer(rows).values, expected, atol=1e-12)


def test_a_prepared_explainer_notices_another_model(lib):
    weights = np.arange(1.0, 7.0)
    model = banzhaf.native_model(lib.linear, dtype=float, data=weights)
    background, rows = rows_of(5, 6, 0), rows_of(2, 6, 1)
    explainer = banzhaf.Explainer(model, background, random_state=0)
    expected = explainer(rows)
    explainer.prepare()
    found = explainer(rows)
    np.testing.assert_array_equal(found.values, expected.values)
    assert found.n_model_rows < expected.n_model_rows
    weights[:] = 2
    with pytest.raises(RuntimeError, match="call prepare again if the model has changed"):
        explainer(rows)


def test_progress_counts_rows(lib, counted):
    model = banzhaf.native_model(lib.linear, dtype=float, data=np.ones(6))
    explainer = banzhaf.Explainer(model, rows_of(5, 6, 0), random_state=0, batch_size=16)
    explanation = explainer(rows_of(2, 6, 1), progress=True)
    assert sum(counted) == explanation.n_model_rows
    assert len(counted) > 5


def test_a_slow_model_is_announced(monkeypatch):
    @MODEL
    def model(rows, n_rows, n_columns, outputs, n_outputs, data):
        for row in range(n_rows):
            outputs[row] = 0
        return 0

    clock = iter(range(10**9))
    monkeypatch.setattr("banzhaf._explain.cost.time.perf_counter", lambda: float(next(clock)))
    slow = banzhaf.native_model(model, dtype=float)
    explainer = banzhaf.Explainer(slow, rows_of(50, 12, 0), random_state=0, batch_size=8)
    with pytest.warns(banzhaf.BudgetWarning, match="more: set a smaller budget"):
        explainer(rows_of(1, 12, 1))


def test_threads_share_an_explainer(lib):
    weights = np.arange(1.0, 13.0)
    model = banzhaf.native_model(lib.linear, dtype=float, data=weights)
    explainer = banzhaf.Explainer(model, rows_of(9, 12, 0), random_state=0)
    rows = rows_of(8, 12, 1)
    expected = [explainer(rows[[r]]) for r in range(8)]
    found = [None] * 8

    def work(r):
        found[r] = explainer(rows[[r]])

    workers = [threading.Thread(target=work, args=[r]) for r in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == expected
