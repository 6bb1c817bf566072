# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Cells share a code exactly if no model can distinguish them; being equal is not enough."""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import gc
import uuid

import numpy as np
import pytest

import banzhaf
from banzhaf._explain.sameness import codes_of
from banzhaf._explain.tables import as_background


def objects(*cells):
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def same(first, second):
    """Whether two cells of an object column get one code."""
    codes = codes_of(1, [objects(first, second)])
    return codes[0][0, 0] == codes[1][0, 0]


class Colour(enum.IntEnum):
    RED = 1


class Text(str):
    __slots__ = ()


UTC = datetime.timezone.utc
NOON = datetime.datetime(2024, 1, 1, 12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: None,
        lambda: True,
        lambda: 10**30,
        lambda: "caf" + chr(233),
        lambda: bytes([1, 2]),
        lambda: float("nan"),
        lambda: -0.0,
        lambda: complex(1.5, float("nan")),
        lambda: np.float32(1.5),
        lambda: np.float64("nan"),
        lambda: np.longdouble(2) / 3,
        lambda: np.complex128(1 + 2j),
        lambda: np.int8(5),
        lambda: np.bool_(True),
        lambda: np.str_("a"),
        lambda: np.datetime64("2024-01-01", "ns"),
        lambda: np.timedelta64("NaT", "s"),
        lambda: decimal.Decimal("1.50"),
        lambda: decimal.Decimal("NaN"),
        lambda: fractions.Fraction(2, 6),
        lambda: uuid.UUID(int=2**100),
        lambda: datetime.date(2024, 1, 1),
        lambda: datetime.timedelta(seconds=1.5),
        lambda: datetime.time(12, 30),
        lambda: datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
        lambda: datetime.datetime(2024, 1, 1, 12),
        lambda: (1, ("a", float("nan")), None),
        lambda: frozenset({3}),
        lambda: Colour.RED,
    ],
)
def test_equal_values_of_these_types_are_the_same(make):
    assert same(make(), make())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, True),
        (1, 1.0),
        (1, np.int64(1)),
        (0.0, -0.0),
        (0j, -0j),
        (complex(0.0, 0.0), complex(0.0, -0.0)),
        (np.complex128(complex(0.0, 0.0)), np.complex128(complex(0.0, -0.0))),
        (np.float32(0), np.float32(-0.0)),
        (np.float32(1), np.float64(1)),
        (np.longdouble(0), np.longdouble("-0.0")),
        (float("nan"), None),
        ("\u00e9", "e\u0301"),
        ("a", np.str_("a")),
        ("a", Text("a")),
        (Text("a"), Text("a")),
        ("a", b"a"),
        (1, Colour.RED),
        (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
        (decimal.Decimal("0"), decimal.Decimal("-0")),
        (decimal.Decimal(1), 1),
        (fractions.Fraction(1), 1),
        ((1,), (True,)),
        (((0.0,),), ((-0.0,),)),
        ((decimal.Decimal("1.0"),), (decimal.Decimal("1.00"),)),
        (frozenset({1}), frozenset({True})),
        (np.datetime64("2024-01-01", "D"), np.datetime64("2024-01-01", "s")),
        (NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=UTC).astimezone(datetime.timezone(datetime.timedelta(hours=9)))),
        (NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=datetime.timezone(datetime.timedelta(0), "Zulu"))),
        (NOON, NOON.replace(fold=1)),
        (NOON.time(), NOON.time().replace(fold=1)),
        (NOON, NOON.date()),
        ([1], [1]),
        ({"a": 1}, {"a": 1}),
        ({1}, {1}),
        (np.arange(3), np.arange(3)),
        (object(), object()),
    ],
)
def test_these_are_not_the_same_although_most_are_equal(first, second):
    assert not same(first, second)


def test_anything_is_the_same_as_itself():
    for cell in ([1], {"a": 1}, np.arange(3), object(), Text("a"), UTC, lambda: None):
        assert same(cell, cell)


def test_a_zone_that_is_not_a_fixed_offset_is_compared_by_identity():
    zoneinfo = pytest.importorskip("zoneinfo")
    try:
        zone = zoneinfo.ZoneInfo("Europe/Paris")
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("no time zones here")
    assert same(NOON.replace(tzinfo=zone), NOON.replace(tzinfo=zone))
    assert not same(NOON.replace(tzinfo=zone), NOON.replace(tzinfo=zoneinfo.ZoneInfo.no_cache("Europe/Paris")))


@pytest.mark.parametrize(
    "column",
    [
        np.array([1.5, np.nan, -np.nan, 0.0, -0.0, 1.5]),
        np.array([1.5, np.nan, -np.nan, 0.0, -0.0, 1.5], dtype=np.longdouble),
        np.array([1.5j, complex(np.nan, 0), complex(-np.nan, 0), complex(0, 0.0), complex(0, -0.0), 1.5j]),
    ],
)
def test_floats_of_an_array(column):
    assert codes_of(6, [column])[0].ravel().tolist() == [0, 1, 1, 3, 4, 0]


def test_records_of_an_array():
    column = np.array([(1, 0.0), (1, -0.0), (1, 0.0)], dtype=[("a", "i4"), ("b", "f8")])
    assert codes_of(3, [column])[0].ravel().tolist() == [0, 1, 0]
    column = np.array([(1, "a"), (1, "a")], dtype=[("a", "i4"), ("b", "O")])
    assert codes_of(2, [column])[0].ravel().tolist() == [0, 1]


def values_of(background, X, model, **options):
    explainer = banzhaf.Explainer(model, background, random_state=0, **options)
    return explainer(X).values


def test_pandas_scalars(pd):
    Timestamp = pd.Timestamp
    zoned = Timestamp("2024-01-01 12:00", tz="UTC")
    for first, second in (
        (pd.NA, pd.NA),
        (pd.NaT, pd.NaT),
        (Timestamp("2024-01-01"), Timestamp("2024-01-01")),
        (zoned, Timestamp("2024-01-01 12:00", tz="UTC")),
        (pd.Timedelta(datetime.timedelta(1)), pd.Timedelta(datetime.timedelta(1))),
        (pd.Period("2024-01"), pd.Period("2024-01")),
        (pd.Interval(0, 1), pd.Interval(0, 1)),
    ):
        assert same(first, second)
    for first, second in (
        (pd.NA, pd.NaT),
        (pd.NA, None),
        (zoned, zoned.tz_convert("Asia/Tokyo")),
        (Timestamp("2024-01-01").as_unit("s"), Timestamp("2024-01-01").as_unit("us")),
        (Timestamp("2024-01-01"), datetime.datetime(2024, 1, 1)),
        (Timestamp(1), Timestamp(2)),
        (pd.Period("2024-01"), pd.Period("2024-01", freq="Q")),
        (pd.Interval(0, 1), pd.Interval(0, 1, closed="left")),
        (pd.Interval(0, 1), pd.Interval(0.0, 1.0)),
    ):
        assert not same(first, second)


def test_hours_of_zones_in_objects(pd):
    noon = pd.Timestamp("2024-01-01 12:00", tz="UTC")
    X = pd.DataFrame({"t": pd.Series([noon, noon.tz_convert("Asia/Tokyo")], dtype=object)})

    def hours(frame):
        return np.array([float(time.hour) for time in frame["t"]])

    assert values_of(X[:1], X[1:], hours)[0, 0] == pytest.approx(9)


def digits(frame):
    return np.array([float(len(str(cell))) for cell in frame["a"]])


def test_decimals_that_print_differently(pd):
    X = pd.DataFrame({"a": objects(decimal.Decimal("1.0"), decimal.Decimal("1.000"))})
    assert values_of(X[:1], X[1:], digits)[0, 0] == pytest.approx(2)


@pytest.mark.parametrize("kind", ["list", "struct", "string", "decimal", "timestamp", "dictionary", "large", "map"])
def test_arrow_columns_make_new_cells_at_each_access(pd, kind):
    pa = pytest.importorskip("pyarrow")

    def text(i):
        return "x" * i

    cells, dtype, number = {
        "list": ([[float(i)] for i in range(8)], pa.list_(pa.float64()), lambda cell: cell[0]),
        "struct": ([{"u": i, "v": "w"} for i in range(8)], None, lambda cell: cell["u"]),
        "string": ([text(i) for i in range(8)], pa.string(), len),
        "decimal": ([decimal.Decimal(i) / 4 for i in range(8)], pa.decimal128(10, 2), lambda cell: 4 * float(cell)),
        "timestamp": (
            [datetime.datetime(2024, 1, 1, i) for i in range(8)],
            pa.timestamp("ns", "UTC"),
            lambda c: c.hour,
        ),
        "dictionary": ([text(i) for i in range(8)], pa.dictionary(pa.int8(), pa.string()), len),
        "large": ([text(i).encode() for i in range(8)], pa.large_binary(), len),
        "map": ([[("k", i)] for i in range(8)], pa.map_(pa.string(), pa.int64()), lambda cell: cell[0][1]),
    }[kind]
    dtype = dtype or pa.struct([("u", pa.int64()), ("v", pa.string())])
    array = pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.array(cells, type=dtype)]))
    X = pd.DataFrame({"e": pd.Series(array), "a": 1.0})

    def model(frame):
        return np.array([float(number(cell)) for cell in frame["e"]])

    for row in range(8):
        expected = row - 3.5
        assert values_of(X, X.iloc[[row]], model)[0, 0] == pytest.approx(expected)
    codes = as_background(X).encode(X.iloc[[3]])
    assert codes.explicand_cells[0].tolist() == [3, 0]  # the same content is the same cell
    gc.collect()


@pytest.mark.parametrize("kind", ["List", "Array", "Struct", "Object", "Decimal", "zoned", "nanoseconds", "Binary"])
def test_polars_columns(kind):
    pl = pytest.importorskip("polars")
    start = datetime.datetime(2024, 1, 1)
    cells, dtype, number = {
        "List": ([[float(i), None] for i in range(8)], pl.List(pl.Float64), lambda cell: cell[0]),
        "Array": ([[float(i)] for i in range(8)], pl.Array(pl.Float64, 1), lambda cell: cell[0]),
        "Struct": ([{"u": float(i)} for i in range(8)], None, lambda cell: cell["u"]),
        "Object": ([{i} for i in range(8)], pl.Object, lambda cell: next(iter(cell))),
        "Decimal": ([decimal.Decimal(i) for i in range(8)], pl.Decimal(10, 2), float),
        "zoned": ([start.replace(hour=i) for i in range(8)], pl.Datetime("us", "UTC"), lambda cell: cell.hour),
        "nanoseconds": (list(range(8)), pl.Int64, None),
        "Binary": ([bytes(i) for i in range(8)], pl.Binary, len),
    }[kind]
    if kind == "zoned":
        column = pl.Series("e", cells, dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")
    else:
        column = pl.Series("e", cells, dtype=dtype)

    def model(frame):
        return np.array([float(number(cell)) for cell in frame["e"].to_list()])

    if kind == "nanoseconds":  # Python's datetime cannot hold them
        column = column.cast(pl.Datetime("ns"))

        def model(frame):
            return frame["e"].to_physical().to_numpy().astype(float)

    X = pl.DataFrame([column, pl.Series("a", [1.0] * 8)])
    for row in (0, 7):
        assert values_of(X, X[row : row + 1], model)[0, 0] == pytest.approx(row - 3.5)
    assert as_background(X).encode(X[3:4]).explicand_cells[0].tolist() == [3, 0]


def test_missing_texts_are_missing_in_their_own_way(pd):
    X = pd.DataFrame({"a": pd.Series(objects(None, pd.NA, np.nan, "a"), dtype=object)})
    codes = as_background(X).encode(X).explicand_cells.ravel()
    assert codes.tolist() == [0, 1, 2, 3]
    X = pd.DataFrame({"a": pd.array([None, pd.NA, np.nan, "a"], dtype="string")})
    assert as_background(X).encode(X).explicand_cells.ravel().tolist() == [0, 0, 0, 3]


@pytest.mark.parametrize("name", ["category", "period", "interval", "sparse", "zoned", "zoned interval"])
def test_equal_cells_of_extension_arrays_cost_nothing(pd, name):
    days = pd.date_range("2020-01-01", periods=6, freq="D", tz="Europe/Paris")
    column = {
        "category": pd.Categorical(days, categories=days[::-1]),
        "period": days.tz_localize(None).to_period("M"),
        "interval": pd.cut(np.arange(6.0), [-1, 2, 5]),
        "sparse": pd.arrays.SparseArray([0.0, 0.0, 1.0, 2.0, 0.0, 1.0]),
        "zoned": days,
        "zoned interval": pd.IntervalIndex.from_arrays(days, days + datetime.timedelta(days=1)),
    }[name]
    X = pd.DataFrame({"a": column, "b": objects(*"uvwxyz")})
    codes = as_background(X).encode(X)
    np.testing.assert_array_equal(codes.explicand_cells, codes.background_cells)


# Arrays and tensors in cells, and what is shown of them


def test_arrays_in_cells_are_explained_shown_and_saved(pd, tmp_path):
    cells = objects(np.arange(3.0), np.ones(3), np.zeros((2, 2)), np.array([np.nan]))
    X = pd.DataFrame({"e": cells, "f": objects(*[[1, 2], {"a": 1}, {3}, np.array([])])})

    def model(frame):
        return np.array([float(np.nansum(cell)) for cell in frame["e"]])

    explanation = banzhaf.Explainer(model, X[:1], random_state=0)(X)
    assert explanation.values[:, 0] == pytest.approx([0, 0, -3, -3])
    assert explanation.data[:2].tolist() == [["[0. 1. 2.]", "[1, 2]"], ["[1. 1. 1.]", "{'a': 1}"]]
    assert repr(explanation)
    assert explanation.to_frame()["data"].tolist() == explanation.data.ravel().tolist()
    explanation.save(tmp_path / "explanation.npz")
    assert banzhaf.load(tmp_path / "explanation.npz") == explanation
    grouped = banzhaf.Explainer(model, X[:1], groups={"both": ["e", "f"]}, random_state=0)(X[1:2])
    assert grouped.data[0, 0] == "e=[1. 1. 1.], f={'a': 1}"


class Awkward:
    """A tensor that cannot be compared, converted to a number or written."""

    shape, ndim = (2,), 1

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    __ne__ = __eq__
    __hash__ = None

    def __float__(self):
        raise TypeError("not one number")

    def __bool__(self):
        raise ValueError("ambiguous")

    def __str__(self):
        raise RuntimeError("on another device")

    __repr__ = __str__


@pytest.mark.parametrize("library", ["numpy", "pandas", "polars"])
def test_nothing_in_a_cell_can_fail_the_display(library):
    X = np.empty((2, 2), dtype=object)
    X[:] = [[Awkward(), 1.5], [Awkward(), 2.5]]
    table = X
    if library == "pandas":
        table = pytest.importorskip("pandas").DataFrame(X, columns=["a", "b"])
    if library == "polars":
        pl = pytest.importorskip("polars")
        table = pl.DataFrame([pl.Series("a", list(X[:, 0]), dtype=pl.Object), pl.Series("b", [1.5, 2.5])])

    def model(rows):
        return np.array([1.0] * len(rows))

    explanation = banzhaf.Explainer(model, table[:1], random_state=0)(table[1:])
    assert explanation.data.tolist() == [["<Awkward>", 2.5]]
    assert np.allclose(explanation.values, 0)
    assert repr(explanation)


def test_what_numbers_are_shown_as():
    X = objects(decimal.Decimal("0.1"), decimal.Decimal("1e400"), decimal.Decimal("1") / 3, 2**60 + 1, 10**400)[None]
    X = np.concatenate([X, objects(fractions.Fraction(1, 4), np.datetime64("2024-01-01"), Colour.RED, "a", b"a")[None]])
    data = banzhaf.Explainer(lambda rows: np.zeros(len(rows)), X, random_state=0)(X).data
    assert data[0].tolist()[0] == 0.1
    assert data[0].tolist()[1:3] == ["1E+400", "0.3333333333333333333333333333"]
    assert data[0, 3] == 2**60 + 1
    assert isinstance(data[0, 4], str)
    assert data[1].tolist() == [0.25, "2024-01-01", 1, "a", "b'a'"]
