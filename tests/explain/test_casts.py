# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Numbers reach the model and the display unchanged, or an error names the column."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pytest

import banzhaf
from banzhaf._explain.tables import as_background

BIG = 2**60 + 1  # float64 cannot hold this number


def decoded(background, X):
    encoded = as_background(background).encode(X)
    return encoded.decode(encoded.explicand_cells)


@pytest.mark.parametrize(
    ("wanted", "given", "value"),
    [
        ("f8", "i8", BIG),
        ("f8", "u8", 2**64 - 1),
        ("f8", "i8", 2**63 - 1),
        ("f4", "i4", 2**24 + 1),
        ("f2", "i4", 70_000),
        ("i8", "u8", 2**63),
        ("u8", "i8", -1),
        ("i8", "f8", 2.0**63),
        ("u8", "f8", 2.0**64),
        ("u8", "f8", -1.0),
        ("i1", "f2", 200.0),
        ("i8", "f4", np.inf),
        ("?", "f8", 0.5),
        ("f4", "f8", 1e-60),
        ("f4", "f8", -1e60),
        ("f4", "f8", 1e-42),
        ("f8", "O", BIG),
        ("f8", "O", decimal.Decimal("0.1")),
        ("i8", "O", decimal.Decimal("0.5")),
        ("i8", "O", 2**70),
        ("f8", "c16", 1j),
        ("M8[D]", "M8[s]", np.datetime64("2024-01-01T12", "s")),
        ("M8[ns]", "M8[s]", np.datetime64("3000-01-01", "s")),
        ("m8[ns]", "m8[s]", np.timedelta64(2**40, "s")),
    ],
)
def test_arrays_that_would_lose_a_value_are_refused(wanted, given, value):
    background = np.zeros((1, 2), dtype=wanted)
    X = np.array([[value, value]], dtype=given)
    with pytest.raises(ValueError, match=r"^X has dtype .* where background has .*, which cannot hold"):
        as_background(background).encode(X)


@pytest.mark.parametrize(
    ("wanted", "given", "value"),
    [
        ("f8", "i8", 2**60),
        ("f8", "u8", 2**63),
        ("f8", "i8", -(2**63)),
        ("i8", "u8", 2**63 - 1),
        ("u8", "i8", 2**62 + 1),
        ("i8", "f8", -(2.0**63)),
        ("u8", "f8", 2.0**63),
        ("f4", "f8", 0.1),
        ("f4", "f8", np.nan),
        ("f4", "f8", -np.inf),
        ("f4", "f8", 0.0),
        ("f8", "O", 2**60),
        ("f8", "O", decimal.Decimal("0.5")),
        ("c16", "f8", 0.1),
        ("O", "i8", BIG),
        ("M8[ns]", "M8[D]", np.datetime64("2024-01-01", "D")),
        ("M8[s]", "M8[ns]", np.datetime64("NaT", "ns")),
    ],
)
def test_arrays_that_keep_each_value_are_cast(wanted, given, value):
    background = np.zeros((1, 2), dtype=wanted)
    cast = decoded(background, np.array([[value, value]], dtype=given))
    assert cast.dtype == wanted
    rounded = np.float32(value) if wanted == "f4" else value
    assert cast[0, 0] == rounded or value != value


def test_large_integers_reach_the_model_and_the_display():
    X = np.array([[BIG, 1], [BIG + 1, 2]])
    for dtype in (np.int64, np.uint64):
        table = X.astype(dtype)
        explanation = banzhaf.Explainer(lambda rows: (rows[:, 0] - rows.dtype.type(BIG)).astype(float), table[:1])(
            table[1:]
        )
        assert explanation.values[0, 0] == 1
        assert explanation.data.tolist() == [[BIG + 1, 2]]


def test_large_integers_of_frames(pd):
    pl = pytest.importorskip("polars")
    for frame in (
        pd.DataFrame({"id": [BIG, BIG + 1], "b": [0.5, 1.5]}),
        pd.DataFrame({"id": pd.array([BIG, BIG + 1], dtype="Int64"), "b": [0.5, 1.5]}),
        pd.DataFrame({"id": [BIG, BIG + 1], "b": [1, 2]}),
        pl.DataFrame({"id": [BIG, BIG + 1], "b": [0.5, 1.5]}),
    ):
        model = lambda rows: (np.asarray(rows["id"].to_numpy()) - BIG).astype(float)  # noqa: E731
        explanation = banzhaf.Explainer(model, frame[:1])(frame[1:])
        assert explanation.values[0].tolist() == [1, 0]
        assert explanation.data[0, 0] == BIG + 1
        assert explanation.to_frame()["data"][0] == BIG + 1
        assert explanation.to_shap().data[0, 0] == float(BIG + 1)


def test_integers_in_lists_beside_floats():
    with pytest.raises(ValueError, match=f"^background holds {BIG}, which float64 cannot hold"):
        as_background([[BIG, 0.5]])
    with pytest.raises(ValueError, match=f"^X holds {BIG}, which float64 cannot hold"):
        as_background(np.zeros((1, 2))).encode([[BIG, 0.5]])
    assert decoded([[2**60, 0.5]], [[2**59, 1]]).tolist() == [[2.0**59, 1.0]]


@pytest.mark.parametrize(
    ("background", "wanted", "X", "given"),
    [
        ([0.5], "float64", [BIG], "int64"),
        ([0.5], "float64", [BIG, None], "Int64"),
        ([0.5], "Float64", [BIG], "int64"),
        ([0.5], "Float64", [BIG], "Int64"),
        ([1], "Int64", [2**63], "uint64"),
        ([1], "int64", [2**63], "UInt64"),
        ([0.5], "Float32", [1e-60], "Float64"),
        ([0.5], "float64", [BIG], "int64[pyarrow]"),
        ([0.5], "float[pyarrow]", [2**24 + 1], "int64"),
        ([1], "category", [BIG], "int64"),
    ],
)
def test_pandas_columns_that_would_lose_a_value_are_refused(pd, background, wanted, X, given):
    if "pyarrow" in wanted + given:
        pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"a": pd.Series(background, dtype=wanted), "b": "text"})
    with pytest.raises(ValueError, match=r"column 'a' of X (has dtype .*, which cannot hold|holds .* not a category)"):
        as_background(frame).encode(pd.DataFrame({"a": pd.Series(X, dtype=given), "b": "text"}))


def test_a_category_is_not_the_float_that_is_nearest(pd):
    frame = pd.DataFrame({"a": pd.Categorical([float(2**60), 0.5])})
    assert decoded(frame, pd.DataFrame({"a": [2**60]}))["a"].tolist() == [float(2**60)]
    with pytest.raises(ValueError, match=f"holds {BIG}, which is not a category"):
        as_background(frame).encode(pd.DataFrame({"a": [BIG]}))


def test_decimals_are_kept_or_refused(pd):
    pa = pytest.importorskip("pyarrow")
    cents = pd.ArrowDtype(pa.decimal128(12, 2))
    frame = pd.DataFrame({"a": pd.Series([decimal.Decimal("0.10")], dtype=cents)})
    assert decoded(frame, frame)["a"].tolist() == [decimal.Decimal("0.10")]
    for X, background in ((frame, frame.astype(float)), (frame.astype(float), frame)):
        with pytest.raises(ValueError, match=r"column 'a' of X has dtype .*, which cannot hold"):
            as_background(background).encode(X)


@pytest.mark.parametrize(
    ("wanted", "given", "value"),
    [
        ("Float64", "Int64", BIG),
        ("Float32", "Int64", 2**24 + 1),
        ("Int64", "UInt64", 2**63),
        ("Float32", "Float64", 1e-60),
        ("Float64", "Decimal", decimal.Decimal("0.1")),
        ("Decimal", "Float64", 0.125),
        ("ms", "us", datetime.datetime(2024, 1, 1, microsecond=1)),
    ],
)
def test_polars_columns_that_would_lose_a_value_are_refused(wanted, given, value):
    pl = pytest.importorskip("polars")
    dtypes = {"Decimal": pl.Decimal(10, 2), "ms": pl.Datetime("ms"), "us": pl.Datetime("us")}
    background = pl.DataFrame({"a": pl.Series([None], dtype=dtypes.get(wanted, getattr(pl, wanted, None)))})
    X = pl.DataFrame({"a": pl.Series([value], dtype=dtypes.get(given, getattr(pl, given, None)))})
    with pytest.raises(ValueError, match=r"column 'a' of X has dtype .*, which cannot hold"):
        as_background(background).encode(X)


def test_polars_nanoseconds_are_not_cut():
    pl = pytest.importorskip("polars")
    X = pl.DataFrame({"a": pl.Series([1], dtype=pl.Int64).cast(pl.Datetime("ns"))})
    with pytest.raises(ValueError, match=r"column 'a' of X has dtype .*ns.* where background has .*us"):
        as_background(X.cast(pl.Datetime("us"))).encode(X)
    assert decoded(X[:0].vstack(X), X.cast(pl.Datetime("us")).cast(pl.Datetime("ms")))["a"].dtype == pl.Datetime("ns")


def test_longdouble_and_complex_keep_their_digits():
    for dtype in (np.longdouble, np.complex128):
        third = np.ones((1, 1), dtype=dtype) / 3
        seen = []

        def model(rows, seen=seen):
            seen.append(rows.copy())
            return np.zeros(len(rows))

        banzhaf.Explainer(model, third)(third + 1)
        assert seen[0].dtype == dtype
        assert seen[-1][0, 0] in (third[0, 0], third[0, 0] + 1)


def test_masked_cells_of_frames_reach_the_model_whole(pd):
    cell = np.ma.masked_array([1.0, 2.0], mask=[False, True])
    X = pd.DataFrame({"a": pd.Series([cell, np.ma.masked_array([5.0, 6.0])], dtype=object)})
    model = lambda frame: np.array([float(cell.sum()) for cell in frame["a"]])  # noqa: E731
    assert banzhaf.Explainer(model, X[:1])(X[1:]).values[0, 0] == pytest.approx(10)


def test_times_of_another_zone_are_not_moved(pd):
    """The times would be equal, but the model would see another hour of the day than in X."""
    pl = pytest.importorskip("polars")
    noon = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.timezone.utc)
    tokyo = noon.astimezone(datetime.timezone(datetime.timedelta(hours=9)))
    utc = pd.DataFrame({"t": pd.Series([noon, noon + datetime.timedelta(hours=1)]), "a": "text"})
    elsewhere = pd.DataFrame({"t": pd.Series([tokyo]), "a": "text"})
    for background, X in (
        (utc, elsewhere),
        (utc, elsewhere.astype({"t": object})),
        (utc.astype({"t": "category"}), elsewhere),
        (utc.astype({"t": "category"}), elsewhere.astype({"t": object})),
    ):
        with pytest.raises(
            ValueError, match=r"column 't' of X (has dtype .*to background's time zone|.*not a category)"
        ):
            as_background(background).encode(X)
        moved = elsewhere.assign(t=pd.Series([tokyo]).dt.tz_convert("UTC"))
        assert decoded(background, moved)["t"].tolist() == [pd.Timestamp(noon)]
    frame = pl.DataFrame({"t": [noon]})
    X = frame.with_columns(pl.col("t").dt.convert_time_zone("Asia/Tokyo"))
    with pytest.raises(ValueError, match=r"column 't' of X has dtype .*; convert X to background's time zone"):
        as_background(frame).encode(X)
