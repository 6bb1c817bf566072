# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tables become cells and tables again, for every kind of column, and misfits are refused."""

from __future__ import annotations

import datetime
import decimal
import pickle
import types

import numpy as np
import pytest

import banzhaf
from banzhaf._explain.tables import as_background


@pytest.fixture
def pl():
    pytest.importorskip("polars.testing")
    return pytest.importorskip("polars")


def draw(encoded, n_masked=60, seed=0):
    """Random explained rows, background rows and coalitions of columns, and the cells that they give."""
    rng = np.random.default_rng(seed)
    n_columns = encoded.background_cells.shape[1]
    explicands = rng.integers(len(encoded.explicand_cells), size=n_masked)
    rows = rng.integers(len(encoded.background_cells), size=n_masked)
    inside = rng.random((n_masked, n_columns)) < 0.5
    cells = np.where(inside, encoded.explicand_cells[explicands], encoded.background_cells[rows])
    return explicands, rows, inside, cells


def check_cells(encoded, n_background, n_explicands, n_columns):
    for cells, n_rows in ((encoded.background_cells, n_background), (encoded.explicand_cells, n_explicands)):
        assert cells.shape == (n_rows, n_columns)
        assert cells.flags.c_contiguous
        assert cells.dtype == encoded.background_cells.dtype
        assert cells.dtype.kind in "biuf"
        assert cells.dtype.itemsize in (1, 2, 4, 8)
        assert cells.dtype.isnative
    assert encoded.data.shape == (n_explicands, n_columns)


def check_pandas(pd, background, X, n_masked=60):
    """The decoded frame must equal the one made cell by cell, including dtypes and categories."""
    encoded = as_background(background).encode(X)
    check_cells(encoded, len(background), len(X), background.shape[1])
    explicands, rows, inside, cells = draw(encoded, n_masked)
    columns = [
        pd.concat(
            [
                (X if inside[i, j] else background)[label].iloc[[explicands[i] if inside[i, j] else rows[i]]]
                for i in range(n_masked)
            ],
            ignore_index=True,
        )
        for j, label in enumerate(background.columns)
    ]
    expected = pd.concat(columns, axis=1)
    expected.columns = background.columns
    decoded = encoded.decode(cells)
    pd.testing.assert_frame_equal(decoded, expected, check_exact=True, check_column_type=True)
    assert list(decoded.dtypes) == list(background.dtypes)
    for label, dtype in background.dtypes.items():
        if dtype.name == "category":
            assert list(decoded[label].cat.categories) == list(dtype.categories)
    return encoded, cells


def check_polars(pl, background, X, n_masked=60):
    encoded = as_background(background).encode(X)
    check_cells(encoded, len(background), len(X), background.shape[1])
    explicands, rows, inside, cells = draw(encoded, n_masked)
    expected = pl.DataFrame(
        [
            pl.concat(
                [
                    (X if inside[i, j] else background)[name].slice(explicands[i] if inside[i, j] else rows[i], 1)
                    for i in range(n_masked)
                ]
            )
            for j, name in enumerate(background.columns)
        ]
    )
    decoded = encoded.decode(cells)
    pl.testing.assert_frame_equal(decoded, expected, check_exact=True)
    assert decoded.schema == background.schema
    return encoded, cells


# NumPy


@pytest.mark.parametrize(
    "dtype",
    ["bool", "int8", "uint8", "int16", "int32", "int64", "uint64", "float16", "float32", "float64"],
)
def test_numbers_are_their_own_cells(dtype):
    values = np.arange(24).reshape(6, 4).astype(dtype)
    background, X = values[:4], values[4:]
    encoded = as_background(background).encode(X)
    check_cells(encoded, 4, 2, 4)
    assert encoded.background_cells.dtype == encoded.explicand_cells.dtype == values.dtype
    np.testing.assert_array_equal(encoded.background_cells, background)
    np.testing.assert_array_equal(encoded.explicand_cells, X)
    np.testing.assert_array_equal(encoded.data, X.astype(float))
    assert encoded.data.dtype == np.float64
    cells = draw(encoded)[-1]
    assert encoded.decode(cells) is cells


@pytest.mark.parametrize("layout", ["fortran", "strided", "reversed", "read-only", "list", "tuple", "subclass"])
def test_any_layout_of_an_array(layout):
    values = np.arange(12.0).reshape(4, 3)
    table = {
        "fortran": np.asfortranarray(values),
        "strided": np.repeat(values, 2, axis=1)[:, ::2],
        "reversed": values[::-1].copy()[::-1],
        "read-only": np.frombuffer(values.tobytes()).reshape(4, 3),
        "list": values.tolist(),
        "tuple": tuple(map(tuple, values)),
        "subclass": values.view(np.recarray),
    }[layout]
    encoded = as_background(table).encode(table)
    check_cells(encoded, 4, 4, 3)
    np.testing.assert_array_equal(encoded.background_cells, values)
    np.testing.assert_array_equal(encoded.explicand_cells, values)
    assert type(encoded.background_cells) is np.ndarray


@pytest.mark.parametrize(
    "values",
    [
        [["a", 1], ["bb", 2.5], [None, 3]],
        [["a", "b"], ["c", "d"], ["ee", "f"]],
        np.array([["a", "b"], ["c", "d"], ["ee", "f"]]),
        np.array([[b"a", b"b"], [b"c", b"d"], [b"ee", b"f"]]),
        np.array([["2020-01-01", "NaT"], ["2020-01-02", "2021-01-01"], ["2022-01-01", "2020-05-01"]], "M8[D]"),
        np.array([[1 + 2j, 0], [3, 4j], [5, 6]]),
        np.array([[1, 2], [3, 4], [5, 6]], dtype=np.longdouble),
        np.array([[1.5, 2], [3, 4], [5, 6]], dtype=">f8"),
        np.array([[True, 1], [(1, 2), "x"], [np.nan, {"y": 1}]], dtype=object),
    ],
    ids=[
        "mixed list",
        "list of str",
        "str",
        "bytes",
        "datetime",
        "complex",
        "longdouble",
        "swapped",
        "object",
    ],
)
def test_other_arrays_go_through_codes(values):
    array = values if isinstance(values, np.ndarray) else np.array(values, dtype=object)
    encoded = as_background(values).encode(values)
    check_cells(encoded, 3, 3, 2)
    explicands, rows, inside, cells = draw(encoded)
    decoded = encoded.decode(cells)
    assert decoded.dtype == array.dtype.newbyteorder("=")
    for i, j in np.ndindex(*decoded.shape):
        expected = array[explicands[i] if inside[i, j] else rows[i], j]
        assert decoded[i, j] is expected or decoded[i, j] == expected or expected != expected
        assert type(decoded[i, j]) is type(expected)
    assert encoded.data.dtype == object


def test_numbers_in_lists_beside_strings_stay_numbers():
    background = as_background([[1, "a"], [2, "b"]])
    encoded = background.encode([[3, "c"]])
    assert encoded.decode(encoded.explicand_cells).tolist() == [[3, "c"]]
    assert encoded.data.tolist() == [[3, "c"]]


def test_longer_strings_are_not_cut():
    encoded = as_background(np.array([["a", "b"]])).encode(np.array([["longer", "b"]]))
    assert encoded.decode(encoded.explicand_cells).tolist() == [["longer", "b"]]


def test_missing_values_are_shown_as_nan():
    data = as_background([["a", 1, 2]]).encode([[None, float("nan"), "b"]]).data
    assert np.isnan(data[0, 0])
    assert np.isnan(data[0, 1])
    assert data[0, 2] == "b"


@pytest.mark.parametrize(
    ("background", "X"),
    [
        (np.float64([[0.5]]), [[3]]),
        (np.float32([[0.5]]), np.float64([[0.1]])),
        (np.float32([[0.5]]), np.float64([[np.nan]])),
        (np.float32([[0.5]]), np.float64([[-np.inf]])),
        (np.float64([[0.5]]), np.array([[1, 2]], dtype=object)[:, :1]),
        (np.float64([[0.5]]), np.array([[None]], dtype=object)),
        (np.int64([[1]]), np.float64([[3.0]])),
        (np.int32([[1]]), np.int64([[3]])),
        (np.int64([[1]]), [[True]]),
        (np.array([[True]]), [[1]]),
        (np.uint8([[1]]), [[255]]),
        (np.array([["a"]]), np.array([["bc"]], dtype=object)),
        (np.array([[1, "a"]], dtype=object), np.array([[2, 3]])),
        (np.array([["2020-01-01"]], dtype="M8[s]"), np.array([["2020-01-02"]], dtype="M8[ns]")),
        (np.array([["2020-01-01"]], dtype="M8[s]"), np.array([["NaT"]], dtype="M8[ns]")),
        (np.float64([[1.0]]), np.float64([[2.0]]).astype(">f8")),
    ],
)
def test_explicands_are_cast_when_nothing_is_lost(background, X):
    encoded = as_background(background).encode(X)
    decoded = encoded.decode(encoded.explicand_cells)
    assert decoded.dtype.kind == background.dtype.kind
    if background.dtype.kind in "biuf":
        assert decoded.dtype == background.dtype
    expected = np.asarray(X)
    if background.dtype.kind == "f":
        np.testing.assert_array_equal(decoded, expected.astype(background.dtype))
    else:
        assert all(a == b or (a != a and b != b) for a, b in zip(decoded.flat, expected.flat, strict=True))


@pytest.mark.parametrize(
    ("background", "X", "message"),
    [
        (
            np.int64([[1]]),
            [[1.5]],
            r"^X has dtype float64 where background has int64, which cannot hold 1\.5; ",
        ),
        (np.int64([[1]]), [[1.5]], "give both a dtype that can, such as float64$"),
        (np.int64([[1]]), [[np.nan]], "cannot hold nan"),
        (np.int64([[1]]), [[2.0**63]], "cannot hold 9.22"),
        (np.int8([[1]]), [[300]], "cannot hold 300"),
        (np.uint8([[1]]), [[-1]], "cannot hold -1"),
        (np.array([[True]]), [[2]], "where background has bool, which cannot hold 2"),
        (np.float32([[1]]), [[1e300]], r"where background has float32, which cannot hold 1e\+300"),
        (
            np.float64([[1]]),
            [["1.5"]],
            "has dtype object where background has float64, which cannot hold '1.5'",
        ),
        (np.float64([[1]]), np.array([["1.5"]]), "has dtype <U3 where background has float64"),
        (np.float64([[1]]), [["spam"]], "cannot hold its values"),
        (np.float64([[1]]), [[object()]], "cannot hold its values"),
        (np.float64([[1]]), [[1 + 2j]], "cannot hold"),
        (np.array([["a"]]), [[1.0]], "has dtype float64 where background has <U1"),
        (np.array([["a"]]), np.array([[1]], dtype=object), "cannot hold 1"),
        (np.array([["a"]]), np.array([[None]], dtype=object), "cannot hold None"),
        (np.float64([[1]]), np.array([["2020"]], dtype="M8[Y]"), "has dtype datetime64"),
    ],
)
def test_explicands_that_do_not_fit_an_array_are_refused(background, X, message):
    with pytest.raises(ValueError, match=message):
        as_background(background).encode(X)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.zeros(3), r"background must have two dimensions \(rows, columns\), not shape \(3,\)"),
        (5.0, r"background must have two dimensions \(rows, columns\), not shape \(\)"),
        (None, "background must have two dimensions"),
        ([1, 2], r"pass one row as \[background\]"),
        ("rows", "background must have two dimensions"),
        ({"a": [1]}, "background must have two dimensions"),
        (np.zeros((2, 3, 4)), "background must have two dimensions"),
        (np.zeros((0, 3)), "background has no rows"),
        (np.zeros((3, 0)), "background has no columns"),
        ([[]], "background has no columns"),
        ([], r"not shape \(0,\)"),
        ([[1, 2], [3]], "background must have rows of equal length"),
    ],
)
def test_a_background_that_is_not_a_table_is_refused(table, message):
    with pytest.raises(ValueError, match=message):
        as_background(table)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([0, 0, 0], r"pass one row as \[X\]"),
        (
            np.zeros(3),
            r"X must have two dimensions \(rows, columns\), not shape \(3,\): pass one row as X\[None\]",
        ),
        (np.zeros((2, 2)), "X has 2 columns, but background has 3"),
        (np.zeros((0, 3)), "X has no rows"),
        (np.zeros((1, 1, 3)), "X must have two dimensions"),
    ],
)
def test_explicands_of_another_shape_are_refused(X, message):
    with pytest.raises(ValueError, match=message):
        as_background(np.zeros((4, 3))).encode(X)


def test_sparse_rows_do_not_go_with_an_array():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match=r"X must be a NumPy array .*not a sparse matrix: pass X\.toarray\(\)"):
        as_background(np.eye(3)).encode(sparse.csr_matrix(np.eye(3)))
    with pytest.raises(TypeError, match=r"X must be a sparse matrix .*: pass scipy\.sparse\.csr_array"):
        as_background(sparse.csr_matrix(np.eye(3))).encode(np.eye(3))


@pytest.mark.parametrize("argument", ["background", "X"])
def test_masked_arrays_are_refused(argument):
    call = as_background if argument == "background" else as_background(np.eye(3)).encode
    masked = np.ma.masked_array(np.eye(3), mask=np.eye(3))
    for table, remedy in (
        (masked, rf"{argument}\.filled\(numpy\.nan\)"),
        (masked.astype(int), rf"{argument}\.astype\(float\)\.filled"),
        (list(masked), "fill its masked cells with numpy.nan"),
        ([[1.0, np.ma.masked, 3.0]], "fill its masked cells with numpy.nan"),
    ):
        with pytest.raises(TypeError, match=rf"{argument} must be a NumPy .*not a masked array: .*{remedy}"):
            call(table)
    assert np.isfinite(as_background(np.ma.masked_array(np.eye(3)).filled(0)).encode(np.eye(3)).data).all()


def test_tables_of_other_libraries_are_refused():
    Table = type("Table", (), {"columns": property(lambda self: ["a"]), "__module__": "other.frames"})
    with pytest.raises(TypeError, match="pandas or polars DataFrame, not a other Table"):
        as_background(Table())


def test_a_background_describes_itself():
    background = as_background(np.zeros((5, 3)))
    assert background.kind == "numpy"
    assert (background.n_rows, background.n_columns) == (5, 3)
    assert background.column_names == ("x0", "x1", "x2")


def test_a_background_is_a_copy_that_no_model_can_change():
    values = np.zeros((2, 2))
    background = as_background(values)
    values[:] = 1
    cells = background.encode(values).background_cells
    assert not cells.any()
    assert not cells.flags.writeable


@pytest.mark.parametrize(("n_background", "dtype"), [(255, np.uint8), (256, np.uint16), (65536, np.uint32)])
def test_codes_are_as_small_as_they_can_be(n_background, dtype):
    encoded = as_background(np.full((n_background, 1), "b", dtype=object)).encode([["x"]])
    assert encoded.explicand_cells.dtype == dtype
    assert encoded.explicand_cells.tolist() == [[n_background]]
    assert encoded.decode(encoded.explicand_cells).tolist() == [["x"]]


# pandas


def mixed_pandas(pd, n_rows=12, seed=0):
    rng = np.random.default_rng(seed)
    words = np.array(["red", "green", "blue", "a much longer colour's name", ""], dtype=object)

    def some(values, missing):
        return [missing if rng.random() < 0.3 else value for value in values]

    days = pd.date_range("2020-01-01", periods=n_rows, freq="D")
    integers = rng.integers(-5, 5, n_rows)
    return pd.DataFrame(
        {
            "float": some(rng.normal(size=n_rows), np.nan),
            "float32": rng.normal(size=n_rows).astype(np.float32),
            "int": integers,
            "int8": integers.astype(np.int8),
            "bool": integers > 0,
            "text": rng.choice(words, n_rows),
            "text with missing": some(rng.choice(words, n_rows), None),
            "object": pd.Series(some(rng.choice(words, n_rows), None), dtype=object),
            "anything": pd.Series(some([1, "a", 2.5, days[0], (1, 2), None] * n_rows, np.nan)[:n_rows], dtype=object),
            "dates in objects": pd.Series(list(days.to_pydatetime()), dtype=object),
            "category": pd.Categorical(some(rng.choice(words, n_rows), None), categories=words[::-1]),
            "ordered": pd.Categorical(rng.choice(words[:3], n_rows), categories=words, ordered=True),
            "numbers as category": pd.Categorical(rng.integers(0, 3, n_rows), categories=[2, 0, 1, 7]),
            "Int64": pd.array(some(integers, pd.NA), dtype="Int64"),
            "Float64": pd.array(some(rng.normal(size=n_rows), pd.NA), dtype="Float64"),
            "boolean": pd.array(some(integers > 0, pd.NA), dtype="boolean"),
            "string": pd.array(some(rng.choice(words, n_rows), pd.NA), dtype="string"),
            "date": some(days, pd.NaT),
            "zoned": days.tz_localize("Europe/Paris"),
            "period": some(days.to_period("M"), pd.NaT),
            "duration": some(days - days[0], pd.NaT),
            "interval": pd.cut(rng.normal(size=n_rows), [-9, -1, 0, 1, 9]),
            "sparse": pd.arrays.SparseArray(some(rng.normal(size=n_rows), np.nan)),
            "all missing": np.full(n_rows, np.nan),
            "never": pd.Series([None] * n_rows, dtype=object),
        }
    )


def test_every_kind_of_pandas_column_comes_back(pd):
    background, X = mixed_pandas(pd), mixed_pandas(pd, 7, seed=1)
    encoded, _ = check_pandas(pd, background, X)
    assert encoded.background_cells.dtype == np.uint8
    assert as_background(background).column_names == tuple(background.columns)


def test_every_kind_of_pandas_column_comes_back_alone(pd):
    background, X = mixed_pandas(pd), mixed_pandas(pd, 7, seed=1)
    for name in background.columns:
        check_pandas(pd, background[[name]], X[[name]])


def test_arrow_columns_come_back(pd):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {
            "text": pd.array(["a", None, "c", "d"], dtype="string[pyarrow]"),
            "int": pd.array([1, None, 3, 4], dtype="int64[pyarrow]"),
            "float": pd.array([1.5, None, 3, 4], dtype="float[pyarrow]"),
            "bool": pd.array([True, None, False, True], dtype="bool[pyarrow]"),
        }
    )
    check_pandas(pd, frame.iloc[:2], frame.iloc[2:])


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int8", "bool"])
def test_a_frame_of_one_number_dtype_is_its_own_cells(pd, dtype):
    frame = pd.DataFrame(np.arange(20).reshape(5, 4) % 3, columns=list("abcd")).astype(dtype)
    encoded, cells = check_pandas(pd, frame.iloc[:3], frame.iloc[3:])
    assert encoded.background_cells.dtype == dtype
    np.testing.assert_array_equal(encoded.data, frame.iloc[3:].to_numpy().astype(float))
    decoded = encoded.decode(cells)
    assert np.shares_memory(decoded.to_numpy(), cells)
    assert np.shares_memory(decoded["b"].to_numpy(), cells)


def test_a_decoded_frame_can_be_changed_like_any_other(pd):
    background = mixed_pandas(pd)
    for frame in (background, background[["float"]]):
        encoded = as_background(frame).encode(frame)
        decoded = encoded.decode(encoded.background_cells.copy())
        decoded["new"] = decoded["float"] + 1
        decoded.loc[decoded["float"].isna(), "float"] = 0.0
        assert decoded["float"].notna().all()
        assert list(decoded.index) == list(range(len(frame)))


def test_wide_mixed_frames_are_not_fragmented(pd):
    frame = pd.DataFrame({f"c{j}": [float(j)] for j in range(150)} | {"text": ["a"]})
    encoded = as_background(frame).encode(frame)
    decoded = encoded.decode(encoded.background_cells)
    decoded["new"] = 1  # pandas warns if a frame has many blocks


@pytest.mark.parametrize(
    "columns",
    [[0, 1, 2], [2, 0, 1], [("a", 1), ("a", 2), ("b", 1)], ["a", 1, None], [1.5, "b", True]],
    ids=["range", "int", "tuples", "mixed", "odd"],
)
@pytest.mark.parametrize("mixed", [False, True])
def test_any_column_labels(pd, columns, mixed):
    frame = pd.DataFrame([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    if mixed:
        frame[2] = ["a", "b"]
    frame.columns = pd.Index(columns, name="things" if isinstance(columns[0], str) else None)
    background = as_background(frame)
    assert background.column_names == tuple(str(label) for label in frame.columns)
    X = frame.iloc[:, ::-1]
    encoded = background.encode(X)
    pd.testing.assert_frame_equal(encoded.decode(encoded.explicand_cells), frame)


def test_columns_are_put_in_the_backgrounds_order(pd):
    background = mixed_pandas(pd)
    X = mixed_pandas(pd, 4, seed=2)
    encoded = as_background(background).encode(X[X.columns[::-1]])
    pd.testing.assert_frame_equal(encoded.decode(encoded.explicand_cells), X)


def test_the_index_does_not_matter(pd):
    background, X = mixed_pandas(pd), mixed_pandas(pd, 5, seed=3)
    encoded = as_background(background.set_index(np.repeat(7, 12))).encode(X.set_index(np.array(list("edcba"))))
    pd.testing.assert_frame_equal(encoded.decode(encoded.explicand_cells), X)
    pd.testing.assert_frame_equal(encoded.decode(encoded.background_cells), background)


def test_encoding_leaves_the_users_frames_alone(pd):
    background, X = mixed_pandas(pd), mixed_pandas(pd, 5, seed=3).astype({"int": float, "category": object})
    before, taken = X.copy(), as_background(background)
    first = taken.encode(X.iloc[1:]).decode
    pd.testing.assert_frame_equal(X, before)
    background.loc[:, "int"] = 99
    encoded = taken.encode(X)
    assert 99 not in encoded.decode(encoded.background_cells)["int"].tolist()
    assert callable(first)


PANDAS_CASTS = {
    "int to float": ([0.5], [3], "float64", "int64"),
    "float64 to float32": ([0.5], [0.1], "float32", "float64"),
    "missing float64 to float32": ([0.5], [np.nan], "float32", "float64"),
    "Float64 to Float32": ([0.5], [0.1], "Float32", "Float64"),
    "Int64 to float64": ([0.5], [3, None], "float64", "Int64"),
    "whole float to int": ([1], [3.0], "int64", "float64"),
    "int64 to int32": ([1], [3], "int32", "int64"),
    "int to bool": ([True], [1], "bool", "int64"),
    "bool to int": ([1], [True], "int64", "bool"),
    "float to Int64": ([1], [3.0, np.nan], "Int64", "float64"),
    "object to float": ([0.5], [3, None], "float64", "object"),
    "object to string": (["a"], ["b", None], "string", "object"),
    "string to object": (["a"], ["b", None], "object", "string"),
    "str to object": (["a"], ["b", "a"], "object", "str"),
    "object to str": (["a"], ["b", "a"], "str", "object"),
    "category to object": (["a"], ["b", None], "object", "category"),
    "float to object": ([None], [1.5, np.nan], "object", "float64"),
    "dates": (["2020-01-01"], ["2020-01-02", None], "datetime64[ns]", "datetime64[s]"),
    "zones": (["2020-01-01"], ["2020-01-02", None], "datetime64[ns, Europe/Paris]", "datetime64[s, Europe/Paris]"),
}


@pytest.mark.parametrize("case", PANDAS_CASTS)
@pytest.mark.parametrize("beside", [[], ["text"]])
def test_pandas_columns_are_cast_when_nothing_is_lost(pd, case, beside):
    background, X, wanted, given = PANDAS_CASTS[case]
    if wanted.startswith("datetime64[ns, "):
        background = pd.to_datetime(pd.Series(background)).dt.tz_localize("Europe/Paris").astype(wanted)
        X = pd.to_datetime(pd.Series(X)).dt.tz_localize("Europe/Paris").astype(given)
    frame = pd.DataFrame({"a": pd.Series(background, dtype=wanted)})
    rows = pd.DataFrame({"a": pd.Series(X, dtype=given)})
    for name in beside:
        frame[name] = rows[name] = "same"
    encoded = as_background(frame).encode(rows)
    decoded = encoded.decode(encoded.explicand_cells)
    assert list(decoded.dtypes) == list(frame.dtypes)
    assert decoded["a"].isna().tolist() == rows["a"].isna().tolist()
    present = rows["a"].notna()
    rounding = 1e-7 if ("32" in wanted and "Float" in case) or "float32" in case else 0
    for got, expected in zip(decoded["a"][present], rows["a"][present], strict=True):
        assert got == expected or abs(got - expected) <= rounding


PANDAS_REFUSALS = {
    "fraction to int": ([1], [1.5], "int64", "float64", r"column 'a' of X has dtype float64 .* cannot hold 1\.5;"),
    "advice": ([1], [1.5], "int64", "float64", "background has int64, .*a dtype that can, such as float64$"),
    "missing to int": ([1], [1, np.nan], "int64", "float64", "cannot hold nan"),
    "missing Int64 to int64": ([1], [1, None], "int64", "Int64", "dtype Int64 where background has int64"),
    "fraction to Int64": ([1], [1.5], "Int64", "float64", "dtype float64 where background has Int64"),
    "overflow": ([1], [1e300], "float32", "float64", r"cannot hold 1e\+300"),
    "overflow of Float32": ([1], [1e300], "Float32", "Float64", r"cannot hold 1e\+300"),
    "too large for int8": ([1], [300], "int8", "int64", "cannot hold 300"),
    "too large for Int8": ([1], [300], "Int8", "int64", "dtype int64 where background has Int8"),
    "two as bool": ([True], [2], "bool", "int64", "cannot hold 2"),
    "missing as bool": ([True], [None], "bool", "object", "cannot hold None"),
    "digits to int": ([1], ["1"], "int64", "object", "cannot hold '1'"),
    "text to int": ([1], ["spam"], "int64", "object", "cannot hold its values"),
    "int to string": (["a"], [1], "string", "int64", "background has string, which cannot hold 1; give both"),
    "int in objects to string": (["a"], [1], "string", "object", "cannot hold"),
    "text to date": (["2020-01-01"], ["2020-01-02"], "datetime64[ns]", "object", "cannot hold '2020-01-02'"),
    "int to date": (["2020-01-01"], [5], "datetime64[ns]", "int64", "cannot hold"),
    "NA in objects": ([1.5], ["NA"], "float64", "NA", "cannot hold its values"),
}


@pytest.mark.parametrize("case", PANDAS_REFUSALS)
def test_pandas_columns_that_do_not_fit_are_refused(pd, case):
    background, X, wanted, given, message = PANDAS_REFUSALS[case]
    X = pd.Series([pd.NA] if given == "NA" else X, dtype="object" if given == "NA" else given)
    frame = pd.DataFrame({"a": pd.Series(background, dtype=wanted), "b": 1})
    with pytest.raises(ValueError, match=message):
        as_background(frame).encode(pd.DataFrame({"a": X, "b": 1}))


def test_a_zoned_date_does_not_fit_a_naive_one(pd):
    days = pd.DataFrame({"day": pd.to_datetime(["2020-01-01"])})
    with pytest.raises(ValueError, match="column 'day' of X has dtype"):
        as_background(days).encode(days.apply(lambda day: day.dt.tz_localize("UTC")))


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("given", ["other order", "fewer", "str", "object", "all missing"])
def test_categories_are_matched_by_value(pd, given, ordered):
    dtype = pd.CategoricalDtype(["c", "b", "a"], ordered=ordered)
    background = pd.DataFrame({"k": pd.Categorical(["a", "c", None], dtype=dtype), "n": [1, 2, 3]})
    column = {
        "other order": pd.Categorical(["a", "b", None], categories=["a", "b", "c"]),
        "fewer": pd.Categorical(["a", "b", None]),
        "str": pd.Series(["a", "b", None]),
        "object": pd.Series(["a", "b", None], dtype=object),
        "all missing": pd.Series([np.nan] * 3),
    }[given]
    X = pd.DataFrame({"k": column, "n": [4, 5, 6]})
    encoded = as_background(background).encode(X)
    decoded = encoded.decode(encoded.explicand_cells)["k"]
    assert decoded.dtype == dtype
    assert list(decoded.cat.categories) == ["c", "b", "a"]
    assert decoded.cat.codes.tolist() == ([-1, -1, -1] if given == "all missing" else [2, 1, -1])
    mixed = encoded.decode(np.concatenate([encoded.background_cells, encoded.explicand_cells]))["k"]
    assert mixed.cat.codes.tolist()[:3] == [2, 0, -1]


@pytest.mark.parametrize("dtype", ["category", "object"])
def test_an_unknown_category_is_refused(pd, dtype):
    background = pd.DataFrame({"colour": pd.Categorical(["red", "blue"])})
    X = pd.DataFrame({"colour": pd.Series(["red", "green", None], dtype=dtype)})
    with pytest.raises(ValueError, match="column 'colour' of X holds 'green', which is not a category"):
        as_background(background).encode(X)


def test_a_category_of_another_type_is_unknown(pd):
    background = pd.DataFrame({"size": pd.Categorical(["1", "2"])})
    with pytest.raises(ValueError, match="column 'size' of X holds 1, which is not a category"):
        as_background(background).encode(pd.DataFrame({"size": [1]}))


def test_pandas_data_for_display(pd):
    numbers = pd.DataFrame({"a": [1, 2], "b": pd.array([1, None], dtype="Int64"), "c": [True, False]})
    data = as_background(numbers).encode(numbers).data
    assert data.dtype == np.float64
    np.testing.assert_array_equal(data, [[1, 1, 1], [2, np.nan, 0]])
    mixed = numbers.assign(d=pd.Categorical(["x", None]), e=pd.to_datetime(["2020-01-01", None]))
    data = as_background(mixed).encode(mixed).data
    assert data.dtype == object
    assert data[0].tolist() == [1, 1, True, "x", pd.Timestamp("2020-01-01")]
    assert type(data[0, 0]) is int
    assert np.isnan(data[1, [1, 3, 4]].astype(float)).all()


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (
            lambda pd, X: X.iloc[0],
            TypeError,
            r"not pandas Series: .* frame\.iloc\[\[i\]\], or as X\.to_frame",
        ),
        (lambda pd, X: X.to_numpy()[:, :1], ValueError, "X has 1 columns, but background has 2"),
        (lambda pd, X: X.to_numpy()[0], ValueError, r"two dimensions .*pass one row as X\[None\]"),
        (lambda pd, X: X.to_dict(), TypeError, "not builtins dict"),
        (lambda pd, X: None, TypeError, "not builtins NoneType"),
        (lambda pd, X: X.drop(columns="b"), ValueError, r"same columns as background; missing: \['b'\]$"),
        (lambda pd, X: X.assign(z=1), ValueError, r"same columns as background; unexpected: \['z'\]$"),
        (lambda pd, X: X.rename(columns={"a": "z"}), ValueError, r"missing: \['a'\]; unexpected: \['z'\]"),
        (lambda pd, X: pd.concat([X, X], axis=1), ValueError, "X has several columns named a, b"),
        (lambda pd, X: X.iloc[:0], ValueError, "X has no rows"),
        (lambda pd, X: X[[]], ValueError, "X has no columns"),
    ],
)
def test_other_tables_than_the_background_are_refused(pd, rows, error, message):
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    with pytest.raises(error, match=message):
        as_background(frame).encode(rows(pd, frame))


def test_a_frame_does_not_go_with_an_array(pd):
    with pytest.raises(TypeError, match="X must be a NumPy array like background, not a pandas DataFrame"):
        as_background(np.zeros((2, 2))).encode(pd.DataFrame(np.zeros((2, 2))))


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (lambda pd: pd.DataFrame(), ValueError, "background has no rows"),
        (lambda pd: pd.DataFrame({"a": []}), ValueError, "background has no rows"),
        (lambda pd: pd.DataFrame(index=[1, 2]), ValueError, "background has no columns"),
        (
            lambda pd: pd.DataFrame([[1, 2]], columns=["a", "a"]),
            ValueError,
            "background has several columns named a",
        ),
        (
            lambda pd: pd.DataFrame([[1, 2]], columns=["1", 1]),
            ValueError,
            "background has several columns named 1",
        ),
        (lambda pd: pd.Series([1, 2]), ValueError, "background must have two dimensions"),
    ],
)
def test_a_frame_that_is_no_background_is_refused(pd, table, error, message):
    with pytest.raises(error, match=message):
        as_background(table(pd))


# polars


def mixed_polars(pl, n_rows=12, seed=0):
    rng = np.random.default_rng(seed)
    words = ["red", "green", "blue", "a much longer colour's name", ""]

    def some(values, every=0.3):
        return [None if rng.random() < every else value for value in values]

    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=i) for i in range(n_rows)]
    colours = rng.choice(words, n_rows).tolist()
    numbers = rng.normal(size=n_rows).tolist()
    return pl.DataFrame(
        {
            "float": pl.Series(some(numbers), dtype=pl.Float64),
            "float32": pl.Series(numbers, dtype=pl.Float32),
            "nan": pl.Series([float("nan"), None, 1.0] * (n_rows // 3 + 1), dtype=pl.Float64)[:n_rows],
            "int": pl.Series(rng.integers(-5, 5, n_rows)),
            "uint8": pl.Series(some(range(n_rows)), dtype=pl.UInt8),
            "bool": pl.Series(some([True, False] * n_rows)[:n_rows], dtype=pl.Boolean),
            "text": pl.Series(some(colours), dtype=pl.String),
            "category": pl.Series(some(colours), dtype=pl.Categorical),
            "enum": pl.Series(some(colours), dtype=pl.Enum(words[::-1])),
            "date": pl.Series(some(days), dtype=pl.Date),
            "datetime": pl.Series(days, dtype=pl.Date).cast(pl.Datetime("ms", "UTC")),
            "duration": pl.Series(some([datetime.timedelta(hours=i) for i in range(n_rows)]), dtype=pl.Duration),
            "decimal": pl.Series([decimal.Decimal(i) for i in range(n_rows)], dtype=pl.Decimal(10, 2)),
            "list": pl.Series([[i, None] for i in range(n_rows)], dtype=pl.List(pl.Int64)),
            "struct": pl.Series([{"u": i, "v": "w"} for i in range(n_rows)]),
            "never": pl.Series([None] * n_rows, dtype=pl.String),
            "null": pl.Series([None] * n_rows, dtype=pl.Null),
        }
    )


def test_every_kind_of_polars_column_comes_back(pl):
    frame = mixed_polars(pl, 19)
    background, X = frame[:12], frame[12:]
    encoded, _ = check_polars(pl, background, X)
    assert encoded.background_cells.dtype == np.uint8
    assert as_background(background).column_names == tuple(frame.columns)
    for name in frame.columns:
        check_polars(pl, background[[name]], X[[name]])


@pytest.mark.parametrize("n_masked", [1, 2, 1000])
def test_polars_batches_of_any_size(pl, n_masked):
    frame = mixed_polars(pl, 3)
    check_polars(pl, frame[:1], frame[1:2], n_masked)


def test_polars_columns_are_put_in_the_backgrounds_order(pl):
    frame = mixed_polars(pl)
    encoded = as_background(frame).encode(frame[:, ::-1])
    pl.testing.assert_frame_equal(encoded.decode(encoded.explicand_cells), frame)


@pytest.mark.parametrize(
    ("wanted", "X"),
    [
        ("Float64", [1, 2]),
        ("Float64", [None, None]),
        ("Float32", [0.5, 0.1, None, float("nan")]),
        ("Int64", [1.0, None]),
        ("Int8", [1, 2]),
        ("Boolean", [1, 0, None]),
        ("Categorical", ["a", None, "z"]),
        ("Enum", ["a", None]),
    ],
)
def test_polars_columns_are_cast_when_nothing_is_lost(pl, wanted, X):
    dtype = pl.Enum(["b", "a"]) if wanted == "Enum" else getattr(pl, wanted)
    background = pl.DataFrame({"a": pl.Series([None], dtype=dtype)})
    encoded = as_background(background).encode(pl.DataFrame({"a": X}))
    decoded = encoded.decode(encoded.explicand_cells)["a"]
    assert decoded.dtype == dtype
    expected = pl.Series("a", X).cast(pl.String).cast(dtype) if wanted == "Enum" else pl.Series("a", X).cast(dtype)
    assert decoded.to_list() == pytest.approx(expected.to_list(), nan_ok=True) if "Float" in wanted else True
    assert decoded.is_null().to_list() == [value is None for value in X]


@pytest.mark.parametrize(
    ("wanted", "X", "message"),
    [
        (
            "Int64",
            [1.5],
            r"column 'a' of X has dtype Float64 where background has Int64, which cannot hold 1\.5",
        ),
        ("Int64", [float("nan")], "dtype Float64 where background has Int64"),
        ("Int8", [300], "dtype Int64 where background has Int8"),
        ("Boolean", [2], "cannot hold 2"),
        ("Float32", [1e300], r"cannot hold 1e\+300"),
        ("Float64", ["1.5"], "has dtype String where background has Float64"),
        ("Float64", ["spam"], "has dtype String where background has Float64, which cannot hold its values"),
        ("String", [1], "has dtype Int64 where background has String, which cannot hold 1"),
        ("Categorical", [1], "cannot hold 1"),
        ("Enum", ["a", None, "z"], "column 'a' of X holds 'z', which is not a category"),
        ("Date", ["2020-01-01"], "has dtype String where background has Date"),
        ("Date", [datetime.datetime(2020, 1, 1, 5)], "where background has Date, which cannot hold"),
    ],
)
def test_polars_columns_that_do_not_fit_are_refused(pl, wanted, X, message):
    dtype = pl.Enum(["b", "a"]) if wanted == "Enum" else getattr(pl, wanted)
    background = as_background(pl.DataFrame({"a": pl.Series([None], dtype=dtype)}))
    with pytest.raises(ValueError, match=message):
        background.encode(pl.DataFrame({"a": X}))


def test_enums_are_matched_by_value(pl):
    background = pl.DataFrame({"k": pl.Series(["a", "b"], dtype=pl.Enum(["c", "b", "a"]))})
    X = pl.DataFrame({"k": pl.Series(["b", "a", None], dtype=pl.Enum(["a", "b"]))})
    encoded = as_background(background).encode(X)
    decoded = encoded.decode(encoded.explicand_cells)["k"]
    assert decoded.dtype == background["k"].dtype
    assert decoded.to_physical().to_list() == [1, 2, None]


def test_polars_data_for_display(pl):
    numbers = pl.DataFrame({"a": [1, 2], "b": [1.5, None], "c": [True, False]})
    data = as_background(numbers).encode(numbers).data
    assert data.dtype == np.float64
    np.testing.assert_array_equal(data, [[1, 1.5, 1], [2, np.nan, 0]])
    mixed = numbers.with_columns(d=pl.Series(["x", None]), e=pl.Series([[1, 2], [3, 4]]))
    data = as_background(mixed).encode(mixed).data
    assert data[0].tolist() == [1, 1.5, True, "x", [1, 2]]
    assert np.isnan(data[1, [1, 3]].astype(float)).all()


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (lambda X: X.to_numpy()[:, :1], ValueError, "X has 1 columns, but background has 2"),
        (lambda X: [[1, "a"], ["b", 2]], TypeError, "X must be a polars DataFrame like background"),
        (lambda X: X["a"], TypeError, "not polars Series"),
        (lambda X: X.lazy(), TypeError, "not polars LazyFrame"),
        (lambda X: X.drop("b"), ValueError, r"missing: \['b'\]"),
        (lambda X: X.rename({"b": "z"}), ValueError, r"missing: \['b'\]; unexpected: \['z'\]"),
        (lambda X: X[:0], ValueError, "X has no rows"),
    ],
)
def test_other_tables_than_a_polars_background_are_refused(pl, rows, error, message):
    frame = pl.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    with pytest.raises(error, match=message):
        as_background(frame).encode(rows(frame))


def test_rows_of_an_array_go_with_a_polars_background(pl):
    frame = mixed_polars(pl).select("int", "bool", "category", "float32")
    background = as_background(frame)
    for rows in (frame[:5].rows(), np.array(frame[:5].rows(), dtype=object)):
        encoded = background.encode(rows)
        np.testing.assert_array_equal(encoded.explicand_cells, background.encode(frame[:5]).explicand_cells)
        pl.testing.assert_frame_equal(encoded.decode(encoded.explicand_cells), frame[:5])
    with pytest.raises(ValueError, match=r"column 'int' of X has dtype Float64 .* cannot hold 0\.5"):
        background.encode([[0.5, True, "red", 1.0]])


def test_pandas_and_polars_do_not_mix(pd, pl):
    with pytest.raises(TypeError, match="X must be a pandas DataFrame like background, not polars DataFrame"):
        as_background(pd.DataFrame({"a": [1]})).encode(pl.DataFrame({"a": [1]}))
    with pytest.raises(TypeError, match="X must be a polars DataFrame like background, not pandas DataFrame"):
        as_background(pl.DataFrame({"a": [1]})).encode(pd.DataFrame({"a": [1]}))


def test_a_lazy_background_is_refused(pl):
    with pytest.raises(TypeError, match="pandas or polars DataFrame, not a polars LazyFrame"):
        as_background(pl.LazyFrame({"a": [1]}))


# all of them


@pytest.mark.parametrize("kind", ["numpy", "objects", "uniform", "pandas", "polars"])
def test_everything_pickles(kind, request):
    table = {
        "numpy": lambda: np.eye(3),
        "objects": lambda: np.eye(3).astype(object),
        "uniform": lambda: request.getfixturevalue("pd").DataFrame(np.eye(3)),
        "pandas": lambda: mixed_pandas(request.getfixturevalue("pd")),
        "polars": lambda: mixed_polars(request.getfixturevalue("pl")),
    }[kind]()
    background = pickle.loads(pickle.dumps(as_background(table)))
    encoded = pickle.loads(pickle.dumps(background.encode(table)))
    decoded = encoded.decode(encoded.explicand_cells)
    assert type(decoded) is type(table)
    assert decoded.shape == table.shape


def test_no_library_is_imported_for_an_array(monkeypatch):
    monkeypatch.setattr("banzhaf._explain.rows.sys", types.SimpleNamespace(modules={}))
    assert as_background(np.eye(2)).kind == "numpy"


def test_models_get_the_class_and_the_attributes_of_the_background(pd):
    class Measured(pd.DataFrame):
        _metadata = ["unit"]  # noqa: RUF012 (as pandas asks for it)

        @property
        def _constructor(self):
            return Measured

    frame = Measured({"a": [1.0, 2.0, 5.0], "b": [3.0, 4.0, 0.0]})
    frame.unit = 10.0
    frame.attrs["zero"] = 1.0
    for given in (frame, frame.assign(c="text").__finalize__(frame)):
        explainer = banzhaf.Explainer(lambda rows: rows.unit * rows.a + rows.attrs["zero"], given[:2])
        explanation = explainer(given[2:])
        assert explanation.values[0, 0] == pytest.approx(35.0)
        assert explanation.predictions[0] == pytest.approx(51.0)


def test_what_is_no_table_of_numbers_is_named():
    class DataArray(np.ndarray):
        """Has what xarray's class of that name has: dimensions that may be in any order."""

        dims = ("column", "row")

        def to_numpy(self):
            return np.asarray(self)

    rows = np.ones((2, 2))
    with pytest.raises(TypeError, match=r"pass background\.to_numpy\(\) if its dimensions are rows and columns"):
        as_background(rows.view(DataArray))
    with pytest.raises(TypeError, match=r"X must be .*, not a .*DataArray: pass X\.to_numpy\(\)"):
        as_background(rows).encode(rows.view(DataArray))
    with pytest.raises(TypeError, match=r"not a structured array: pass pandas\.DataFrame\(background\)"):
        as_background(np.ones(2, dtype=[("a", float), ("b", float)]))
    with pytest.raises(ValueError, match=r"not shape .*: pass the rows themselves, not a builtins object"):
        as_background(object())
    with pytest.raises(ValueError, match=r"not shape \(2, 3, 4\): pass background\.reshape\(len\(background\), -1\)"):
        as_background(np.ones((2, 3, 4)))
