# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explanation: its fields, rows, outputs, intervals, exports and the file it is saved to."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import decimal
import io
import json
import pickle

import numpy as np
import pytest

from banzhaf._explain.explanation import Explanation
from banzhaf._support import archive
from banzhaf._support.cells import codes, shorten

# Quantiles of Student's t at 97.5 % and 95 %, from printed tables.
T_10 = 2.228138852
T_10_ONE_SIDED = 1.812461123
NORMAL = 1.959963985


def make(*, outputs=None, **changes):
    """Four rows of three features, with an exact value and an unknown standard error among them."""
    rows, features = 4, 3
    shape = (rows, features) if outputs is None else (rows, features, outputs)
    values = (np.arange(np.prod(shape), dtype=float).reshape(shape) - 5.0) / 8.0
    errors = np.full(shape, 0.25)
    errors[0, 0] = 0.0
    errors[1, 1] = np.nan
    fields = {
        "values": values,
        "standard_errors": errors,
        "base_values": np.linspace(0.25, 0.75, outputs) if outputs else np.array(0.5),
        "data": np.array([[1.0, 2.5, -3.0], [np.nan, 0.0, 1e6], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
        "feature_names": ("age", "height", "weight"),
        "output_names": tuple("abcdefgh"[:outputs]) if outputs else None,
        "n_model_rows": 12_000,
        "design": "paired",
        "rank": 3,
        "condition_number": 1.5,
        "r2": np.linspace(0.9, 1.0, rows) if outputs is None else np.full((rows, outputs), 0.9),
        "random_state": 7,
    }
    fields |= changes
    shape = np.shape(fields["values"])
    by_row, by_output = shape[:1], shape[:1] + shape[2:]
    # One number stands for an array of it.
    for name, number, size in (
        ("background_errors", 0.5, shape),
        ("degrees_of_freedom", 10.0, by_output),
        ("row_costs", 3000, by_row),
        ("n_background", 101, by_row),
    ):
        given = changes.get(name, number)
        fields[name] = given if np.ndim(given) else np.full(size, given)
    fields.setdefault("stopped", ("budget",) * sum(by_row))
    return Explanation(**fields)


def mixed_data():
    """Return cells of every kind that a data frame may hold."""
    data = np.empty((4, 3), dtype=object)
    data[0] = ["Private", 39, 2174.0]
    data[1] = [None, True, float("nan")]
    data[2] = ["naïve ☂ \N{SNAKE}", 2**70, -0.0]
    data[3] = ["", False, float("inf")]
    return data


BY_VALUE = ("values", "standard_errors", "background_errors")
BY_ROW = (*BY_VALUE, "data", "r2", "degrees_of_freedom", "row_costs", "n_background")
ARRAYS = (*BY_ROW, "base_values")
EVERY_KIND = pytest.mark.parametrize(
    "explanation",
    [
        make(),
        make(outputs=3),
        make(outputs=2, output_names=None),
        make(data=mixed_data(), degrees_of_freedom=np.inf, condition_number=np.inf),
        make()[[]],
        make(output_names=("malignant",), random_state=2**64 - 1),
    ],
    ids=["single", "outputs", "unnamed", "mixed", "empty", "named"],
)


class TestFields:
    def test_arrays_are_read_only_copies(self):
        values = np.ones((4, 3))
        explanation = make(values=values)
        values[:] = 2.0
        assert np.all(explanation.values == 1.0)
        for name in ARRAYS:
            assert not getattr(explanation, name).flags.writeable

    def test_frozen_and_keyword_only(self):
        with pytest.raises(dataclasses.FrozenInstanceError):
            make().rank = 2
        with pytest.raises(TypeError):
            Explanation(np.ones((1, 1)))

    def test_lists_and_integers_become_float64(self):
        explanation = make(data=np.arange(12).reshape(4, 3), r2=[1, 1, 1, 1], rank=np.int64(3))
        assert explanation.data.dtype == explanation.r2.dtype == np.float64
        assert type(explanation.rank) is int

    def test_object_cells_become_python_values(self):
        class NAType:  # what pandas calls its missing value
            pass

        data = np.empty((1, 8), dtype=object)
        date = datetime.date(2024, 2, 29)
        data[0, :4] = [np.float32(0.5), np.int8(3), np.str_("x"), np.bool_(True)]
        data[0, 4:] = [NAType(), None, date, decimal.Decimal("1.5")]
        explanation = Explanation(
            values=np.zeros((1, 8)),
            standard_errors=np.zeros((1, 8)),
            background_errors=np.zeros((1, 8)),
            base_values=0.0,
            data=data,
            feature_names=tuple("abcdefgh"),
            output_names=None,
            n_model_rows=1,
            row_costs=[1],
            n_background=[1],
            design="exhaustive",
            rank=8,
            condition_number=1.0,
            degrees_of_freedom=[np.inf],
            r2=[1.0],
            random_state=0,
            stopped=("budget",),
        )
        assert explanation.data[0].tolist() == [0.5, 3, "x", True, None, None, "2024-02-29", 1.5]
        kinds = [float, int, str, bool, type(None), type(None), str, float]
        assert [type(cell) for cell in explanation.data[0]] == kinds

    def test_strings_of_numpy_become_objects(self):
        explanation = make(data=np.array([["a", "b", "c"]] * 4))
        assert explanation.data.dtype == object
        assert explanation.data[0].tolist() == ["a", "b", "c"]

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"values": np.ones(3)}, ValueError, r"values must be \(rows, features\) or .*, got \(3,\)"),
            ({"values": "many"}, TypeError, "values must be an array of numbers"),
            ({"standard_errors": np.ones((4, 2))}, ValueError, r"standard_errors must have shape \(4, 3\)"),
            ({"standard_errors": -np.ones((4, 3))}, ValueError, "standard_errors must not be negative"),
            ({"background_errors": np.ones((4, 2))}, ValueError, r"background_errors must have shape \(4, 3\)"),
            ({"background_errors": -np.ones((4, 3))}, ValueError, "background_errors must not be negative"),
            ({"degrees_of_freedom": np.ones(3)}, ValueError, r"degrees_of_freedom must have shape \(4,\)"),
            ({"row_costs": np.ones(3, int)}, ValueError, r"row_costs must have shape \(4,\)"),
            ({"row_costs": np.ones(4)}, TypeError, "row_costs must be an array of integers"),
            ({"n_background": np.ones((4, 1), int)}, ValueError, r"n_background must have shape \(4,\)"),
            ({"base_values": [0.5]}, ValueError, r"base_values must have shape \(\)"),
            ({"data": np.ones((3, 3))}, ValueError, r"data must have shape \(4, 3\)"),
            ({"r2": np.ones(3)}, ValueError, r"r2 must have shape \(4,\)"),
            ({"feature_names": ("a", "b")}, ValueError, "feature_names must hold 3 strings"),
            ({"feature_names": "abc"}, TypeError, "feature_names must be a tuple of strings, got 'abc'"),
            ({"feature_names": ("a", "b", 3)}, TypeError, "feature_names must be a string, got 3"),
            ({"stopped": ("budget",)}, ValueError, "stopped must hold 4 strings"),
            ({"output_names": ("a", "b")}, ValueError, "output_names must hold 1 strings"),
            ({"n_model_rows": 2.5}, TypeError, "n_model_rows must be an integer, got 2.5"),
        ],
    )
    def test_misfits_are_named(self, changes, error, message):
        with pytest.raises(error, match=message):
            make(**changes)

    def test_output_names_must_fit_the_outputs(self):
        with pytest.raises(ValueError, match="output_names must hold 3 strings"):
            make(outputs=3, output_names=("a", "b"))


class TestEquality:
    @EVERY_KIND
    def test_copies_are_equal_and_still_read_only(self, explanation):
        unpickled = pickle.loads(pickle.dumps(explanation))
        for twin in (unpickled, copy.deepcopy(explanation), copy.copy(explanation)):
            assert twin == explanation
            assert not any(getattr(twin, name).flags.writeable for name in ARRAYS)

    @pytest.mark.parametrize(
        "changes",
        [
            {"values": np.nextafter(make().values, np.inf)},
            {"standard_errors": np.zeros((4, 3))},
            {"background_errors": np.zeros((4, 3))},
            {"row_costs": 12},
            {"n_background": 12},
            {"data": mixed_data()},
            {"base_values": -0.5},
            {"feature_names": ("age", "height", "width")},
            {"output_names": ("a",)},
            {"random_state": 8},
            {"degrees_of_freedom": np.nan},
            {"stopped": ("budget", "tolerance", "budget", "budget")},
        ],
    )
    def test_any_field_may_differ(self, changes):
        assert make() != make(**changes)

    def test_bits_count(self):
        zeros = np.zeros((4, 3))
        assert make(values=zeros) != make(values=-zeros)
        assert make(degrees_of_freedom=np.nan) == make(degrees_of_freedom=np.nan)
        one, true = np.ones((4, 3), dtype=object), np.full((4, 3), True, dtype=object)
        assert make(data=one) != make(data=true)

    def test_other_types_are_unequal(self):
        assert make() != "explanation"
        assert make() != make(outputs=1)


class TestRows:
    @pytest.mark.parametrize(
        ("rows", "picked"),
        [
            (0, [0]),
            (-1, [3]),
            (np.int64(2), [2]),
            (slice(1, None), [1, 2, 3]),
            (slice(None, None, -1), [3, 2, 1, 0]),
            ([3, 0, 0], [3, 0, 0]),
            (np.array([True, False, True, False]), [0, 2]),
        ],
    )
    @pytest.mark.parametrize("outputs", [None, 2])
    def test_selection(self, rows, picked, outputs):
        explanation = make(outputs=outputs)
        part = explanation[rows]
        assert len(part) == len(picked)
        for name in BY_ROW:
            np.testing.assert_array_equal(getattr(part, name), getattr(explanation, name)[picked])
        assert part.base_values.tolist() == explanation.base_values.tolist()
        assert part.n_model_rows == explanation.n_model_rows

    def test_none_of_the_rows(self):
        empty = make()[[]]
        assert empty.values.shape == (0, 3)
        assert repr(empty) == "Explanation: 0 rows, 3 features; paired design, 12,000 model evaluations"
        with pytest.raises(ValueError, match="no rows"):
            empty.importance()

    def test_iteration_ends(self):
        assert [row.values[0, 0] for row in make()] == make().values[:, 0].tolist()

    @pytest.mark.parametrize("rows", [4, -5, [4], np.array([True])])
    def test_missing_rows(self, rows):
        with pytest.raises(IndexError):
            make()[rows]

    @pytest.mark.parametrize("rows", [None, [[0, 1]], 0.5, {}, ["a"]])
    def test_other_indices_of_rows(self, rows):
        with pytest.raises(TypeError, match="rows must"):
            make()[rows]


class TestOutputs:
    @pytest.mark.parametrize("output", ["b", 1, -2, np.int64(1)])
    def test_by_name_and_position(self, output):
        explanation = make(outputs=3)
        part = explanation.output(output)
        for name in BY_VALUE:
            np.testing.assert_array_equal(getattr(part, name), getattr(explanation, name)[..., 1])
        for name in ("r2", "degrees_of_freedom"):
            np.testing.assert_array_equal(getattr(part, name), getattr(explanation, name)[:, 1])
        for name in ("row_costs", "n_background"):
            np.testing.assert_array_equal(getattr(part, name), getattr(explanation, name))
        assert part.base_values == explanation.base_values[1]
        assert part.output_names == ("b",)

    def test_unnamed(self):
        assert make(outputs=2, output_names=None).output(1).output_names is None

    def test_the_only_output_is_itself(self):
        explanation = make(output_names=("malignant",))
        assert explanation.output("malignant") is explanation.output(0) is explanation

    def test_unknown(self):
        with pytest.raises(ValueError, match=r"output must be one of 'a', 'b', 'c'; got 'd'"):
            make(outputs=3).output("d")
        with pytest.raises(ValueError, match=r"output must be one of 'a', 'b', 'c'; got 3"):
            make(outputs=3).output(3)
        with pytest.raises(ValueError, match=r"output must be a position below 2; got 'a'"):
            make(outputs=2, output_names=None).output("a")
        with pytest.raises(TypeError):
            make(outputs=3).output(0.5)


class TestIntervals:
    @pytest.mark.parametrize("outputs", [None, 2])
    def test_student(self, outputs):
        explanation = make(outputs=outputs)
        intervals = explanation.intervals()
        assert intervals.shape == (*explanation.values.shape, 2)
        known = explanation.standard_errors == 0.25
        np.testing.assert_allclose(intervals[known].mean(axis=-1), explanation.values[known], atol=1e-15)
        np.testing.assert_allclose(np.ptp(intervals[known], axis=-1), 2 * 0.25 * T_10, rtol=1e-9)
        np.testing.assert_array_equal(intervals[0, 0, ..., 0], explanation.values[0, 0])
        np.testing.assert_array_equal(intervals[0, 0, ..., 1], explanation.values[0, 0])
        assert np.isnan(intervals[1, 1]).all()

    def test_level(self):
        lower, upper = make().intervals(level=0.9)[3, 2]
        assert upper - lower == pytest.approx(2 * 0.25 * T_10_ONE_SIDED)

    def test_infinite_degrees_of_freedom_are_normal(self):
        lower, upper = make(degrees_of_freedom=np.inf).intervals()[3, 2]
        assert upper - lower == pytest.approx(2 * 0.25 * NORMAL)

    def test_degrees_of_freedom_are_a_row_s_own(self):
        half = np.ptp(make(degrees_of_freedom=[10.0, 10.0, np.inf, 10.0]).intervals(), axis=-1)[:, 2] / 2
        np.testing.assert_allclose(half, 0.25 * np.array([T_10, T_10, NORMAL, T_10]))

    @pytest.mark.parametrize("outputs", [None, 2])
    def test_with_the_background_s_part(self, outputs):
        """Both variances, and Satterthwaite's degrees of freedom: 10 of the first, 100 of the second."""
        explanation = make(outputs=outputs)
        own, together = explanation.intervals(), explanation.intervals(background=True)
        total = 0.25**2 + 0.5**2
        freedom = total**2 / (0.25**4 / 10 + 0.5**4 / 100)
        stats = pytest.importorskip("scipy.stats")
        expected = explanation.values[2] + np.sqrt(total) * stats.t.ppf(0.975, freedom)
        np.testing.assert_allclose(together[2, ..., 1], expected, rtol=1e-9)
        known = explanation.standard_errors == 0.25
        assert (np.ptp(together[known], axis=-1) > np.ptp(own[known], axis=-1)).all()
        half = np.ptp(together[0, 0], axis=-1) / 2  # where a value is exact over this very background
        np.testing.assert_allclose(half, 0.5 * stats.t.ppf(0.975, 100), rtol=1e-9)
        assert np.isnan(together[1, 1]).all()

    def test_the_background_s_part_alone(self):
        """Where values are exact over this background, Student's t of its rows, less one, is left."""
        explanation = make(
            standard_errors=np.zeros((4, 3)), n_background=[101, 101, 101, 50], degrees_of_freedom=np.inf
        )
        assert np.ptp(explanation.intervals(), axis=-1).max() == 0
        stats = pytest.importorskip("scipy.stats")
        half = np.ptp(explanation.intervals(background=True), axis=-1) / 2
        np.testing.assert_allclose(half[0], 0.5 * stats.t.ppf(0.975, 100), rtol=1e-9)
        np.testing.assert_allclose(half[3], 0.5 * stats.t.ppf(0.975, 49), rtol=1e-9)

    def test_the_background_s_part_is_unknown(self):
        explanation = make(background_errors=np.nan)
        assert np.isnan(explanation.intervals(background=True)).all()
        assert np.isfinite(explanation.intervals()[2]).all()
        with pytest.raises(TypeError, match="background must be True or False, got 'yes'"):
            explanation.intervals(background="yes")

    @pytest.mark.parametrize("degrees", [0.0, np.nan])
    def test_no_degrees_of_freedom(self, degrees):
        intervals = make(degrees_of_freedom=degrees).intervals()
        assert np.isnan(intervals[3, 2]).all()
        assert intervals[0, 0].tolist() == [-0.625, -0.625]

    @pytest.mark.parametrize("level", [0.0, 1.0, 95, -1, np.nan])
    def test_bad_level(self, level):
        for method in (make().intervals, make().importance):
            with pytest.raises(ValueError, match="level must lie strictly between 0 and 1"):
                method(level=level)

    def test_importance(self):
        values = np.array([[1.0, -0.1, 0.0], [-3.0, 0.1, 0.0], [1.0, -0.1, 0.0], [-3.0, 0.1, 0.0]])
        errors = np.array([[0.1, 0.1, 0.0], [0.3, 0.1, 0.0], [0.1, 0.1, 0.0], [0.3, 0.1, 0.0]])
        means, intervals = make(values=values, standard_errors=errors).importance()
        np.testing.assert_allclose(means, [2.0, 0.1, 0.0])
        # By the mean of the standard errors, whatever the number of rows; and never below 0.
        np.testing.assert_allclose(intervals[0], [2.0 - 0.2 * T_10, 2.0 + 0.2 * T_10])
        np.testing.assert_allclose(intervals[1], [0.0, 0.1 + 0.1 * T_10])
        assert intervals[2].tolist() == [0.0, 0.0]

    def test_importance_of_outputs(self):
        means, intervals = make(outputs=2).importance()
        assert means.shape == (3, 2)
        assert intervals.shape == (3, 2, 2)


class TestRepr:
    def test_early_stops(self):
        text = repr(make(stopped=("budget", "tolerance", "top_k", "tolerance")))
        assert text.splitlines()[0].endswith("12,000 model evaluations; stopped: tolerance (2), top_k (1)")
        assert make(stopped=("budget", "tolerance", "top_k", "tolerance"))[2:].stopped == ("top_k", "tolerance")

    def test_leading_features(self):
        values = np.tile([0.125, -2.0, 0.0], (4, 1))
        text = repr(make(values=values, standard_errors=np.full((4, 3), 0.03125)))
        assert text.splitlines() == [
            "Explanation: 4 rows, 3 features; paired design, 12,000 model evaluations",
            "  feature  mean |value|  standard error",
            "  height              2           0.031",
            "  age             0.125           0.031",
            "  weight              0           0.031",
        ]

    def test_outputs_and_one_row(self):
        assert repr(make(outputs=3)[0]).startswith("Explanation: 1 row, 3 features, 3 outputs; paired design")

    def test_many_features_and_long_names(self):
        features = 100
        explanation = make(
            values=np.ones((4, features)),
            standard_errors=np.zeros((4, features)),
            background_errors=0.0,
            data=np.ones((4, features)),
            feature_names=tuple(f"{'long ' * 30}{index}" for index in range(features)),
        )
        lines = repr(explanation).splitlines()
        assert lines[-1] == "  and 92 more"
        assert len(lines) == 11
        assert max(map(len, lines)) <= 80


class TestFrame:
    def test_content(self):
        pytest.importorskip("pandas")
        explanation = make(data=mixed_data())
        frame = explanation.to_frame()
        columns = ["row", "feature", "data", "value", "standard_error", "background_error", "lower", "upper"]
        assert frame.columns.tolist() == columns
        assert frame["row"].tolist() == [row for row in range(4) for _ in range(3)]
        assert frame["feature"].tolist() == ["age", "height", "weight"] * 4
        assert archive.same(frame["data"].to_numpy(), explanation.data.ravel())
        np.testing.assert_array_equal(frame["value"], explanation.values.ravel())
        np.testing.assert_array_equal(frame["standard_error"], explanation.standard_errors.ravel())
        np.testing.assert_array_equal(frame["background_error"], explanation.background_errors.ravel())
        np.testing.assert_array_equal(frame["lower"], explanation.intervals()[..., 0].ravel())
        np.testing.assert_array_equal(frame["upper"], explanation.intervals()[..., 1].ravel())

    def test_outputs(self):
        pytest.importorskip("pandas")
        explanation = make(outputs=2)
        frame = explanation.to_frame(level=0.5)
        assert frame["output"].tolist() == ["a", "b"] * 12
        assert frame["data"].dtype == np.float64
        line = frame[(frame["row"] == 2) & (frame["feature"] == "height") & (frame["output"] == "b")]
        assert line["value"].tolist() == [explanation.values[2, 1, 1]]
        assert line["data"].tolist() == [5.0]
        assert line["upper"].tolist() == [explanation.intervals(0.5)[2, 1, 1, 1]]

    def test_unnamed_outputs_and_no_rows(self):
        pytest.importorskip("pandas")
        assert make(outputs=2, output_names=None).to_frame()["output"].tolist() == [0, 1] * 12
        assert len(make()[[]].to_frame()) == 0


def npz(**arrays):
    """Return the bytes of an archive that numpy made."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


FOREIGN = {
    "nothing": b"",
    "text": b"row,feature\n",
    "a pickle": pickle.dumps(make().values),
    "another archive": npz(values=np.ones(3)),
    "no bytes": npz(__banzhaf__=np.array("{}")),
    "no JSON": npz(__banzhaf__=np.frombuffer(b"no JSON", dtype=np.uint8)),
    "no object": npz(__banzhaf__=np.frombuffer(b"[1]", dtype=np.uint8)),
    "no text": npz(__banzhaf__=np.frombuffer(b"\xff\xfe\xfd", dtype=np.uint8)),
    "a pickle in an archive": npz(__banzhaf__=np.array([{}], dtype=object)),
    "half of one": npz(values=np.ones(1000))[:4000],
}


class TestFile:
    @EVERY_KIND
    def test_round_trip(self, explanation, tmp_path):
        path = tmp_path / "a name without a suffix"
        explanation.save(path)
        assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
        loaded = archive.load(str(path))
        assert loaded == explanation
        assert type(loaded) is Explanation
        assert not any(getattr(loaded, name).flags.writeable for name in ARRAYS)

    def test_saving_replaces(self, tmp_path):
        path = tmp_path / "explanation.npz"
        make(outputs=3).save(path)
        make().save(path)
        assert archive.load(path) == make()

    def test_numpy_reads_it_without_pickle(self, tmp_path):
        path = tmp_path / "explanation.npz"
        make(data=mixed_data()).save(path)
        with np.load(path, allow_pickle=False) as opened:
            np.testing.assert_array_equal(opened["values"], make().values)
            metadata = json.loads(opened["__banzhaf__"].tobytes())
        assert metadata["format"] == 1
        assert metadata["class"] == "Explanation"
        assert metadata["fields"]["design"] == "paired"

    def test_only_results_are_saved(self, tmp_path):
        path = tmp_path / "result"
        with pytest.raises(TypeError, match=r"only .*Explanation can be saved, got dict"):
            archive.save({}, path)
        explanation = make()
        object.__setattr__(explanation, "design", {"paired"})
        with pytest.raises(TypeError, match="design holds a set, which cannot be saved"):
            explanation.save(path)
        assert not path.exists()

    def test_a_missing_file_is_missing(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            archive.load(tmp_path / "nowhere")

    @pytest.mark.parametrize("what", FOREIGN)
    def test_other_files(self, what, tmp_path):
        path = tmp_path / "file"
        path.write_bytes(FOREIGN[what])
        with pytest.raises(ValueError, match="is not a file that banzhaf saved, or it is damaged"):
            archive.load(path)

    def test_truncated_and_flipped(self, tmp_path):
        path = tmp_path / "file"
        make().save(path)
        content = path.read_bytes()
        for end in range(0, len(content), 97):
            path.write_bytes(content[:end])
            with pytest.raises(ValueError, match="damaged"):
                archive.load(path)
        refused = 0
        for place in range(0, len(content), 23):
            path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
            try:
                assert archive.load(path) == make()  # nothing reads some bytes of the archive's headers
            except ValueError:
                refused += 1
        assert refused > 30

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"format": 2}, "has format 2; this version of banzhaf reads format 1"),
            ({"class": "os.system"}, "holds a 'os.system', which this version of banzhaf does not know"),
            ({"class": ["Explanation"]}, "does not know"),
            ({"fields": {}}, "does not hold a whole Explanation"),
            ({"fields": None}, "does not hold a whole Explanation"),
        ],
    )
    def test_other_metadata(self, change, message, tmp_path):
        path = tmp_path / "file"
        make().save(path)
        with np.load(path) as opened:
            members = dict(opened)
        metadata = json.loads(members.pop("__banzhaf__").tobytes()) | change
        text = json.dumps(metadata).encode()
        with path.open("wb") as stream:
            np.savez(stream, __banzhaf__=np.frombuffer(text, dtype=np.uint8), **members)
        with pytest.raises(ValueError, match=message):
            archive.load(path)


def test_codes():
    numbers, numeric = codes(np.array([1.5, np.nan]))
    assert numeric
    assert archive.same(numbers, np.array([1.5, np.nan]))
    numbers, numeric = codes(np.array([True, None, 7, 2.5, float("nan")], dtype=object))
    assert numeric
    assert archive.same(numbers, np.array([1.0, np.nan, 7.0, 2.5, np.nan]))
    numbers, numeric = codes(np.array(["b", None, "a", 3, "b"], dtype=object))
    assert not numeric
    assert archive.same(numbers, np.array([2.0, np.nan, 1.0, 0.0, 2.0]))
    numbers, _ = codes(np.array([None, None], dtype=object))
    assert np.isnan(numbers).all()


def test_shorten():
    assert shorten("age", 10) == "age"
    assert shorten("two\n lines", 10) == "two lines"
    assert shorten("0123456789abc", 10) == "012345…abc"


class TestShap:
    """The pictures that shap itself draws."""

    @pytest.fixture
    def plots(self):
        matplotlib = pytest.importorskip("matplotlib")
        matplotlib.use("Agg")
        shap = pytest.importorskip("shap")
        import matplotlib.pyplot as plt

        yield shap.plots
        plt.close("all")

    @staticmethod
    def large(outputs, data):
        rng = np.random.default_rng(0)
        shape = (40, 3) if outputs is None else (40, 3, outputs)
        return make(
            outputs=outputs,
            values=rng.normal(size=shape),
            standard_errors=np.full(shape, 0.1),
            data=data if data is None else data[rng.integers(len(data), size=40)],
            r2=np.ones((40, *shape[2:])),
        )

    def test_fields(self, plots):
        explanation = make(outputs=2, data=mixed_data())
        shown = explanation.to_shap()
        np.testing.assert_array_equal(shown.values, explanation.values)
        np.testing.assert_array_equal(shown.base_values, [[0.25, 0.75]] * 4)
        np.testing.assert_array_equal(shown.data[:, 0], [1.0, np.nan, 2.0, 0.0])
        np.testing.assert_array_equal(shown.data[:, 1], [39.0, 1.0, 2.0**70, 0.0])
        assert archive.same(shown.display_data, explanation.data)
        assert list(shown.feature_names) == ["age", "height", "weight"]
        assert list(shown.output_names) == ["a", "b"]
        assert make().to_shap().base_values.tolist() == [0.5] * 4
        np.testing.assert_array_equal(shown[..., 1].values, explanation.output("b").values)

    @pytest.mark.parametrize("outputs", [None, 3])
    @pytest.mark.parametrize("kind", ["bar", "beeswarm", "waterfall", "scatter", "heatmap"])
    @pytest.mark.parametrize("data", [make().data, mixed_data()[:3]], ids=["numbers", "mixed"])
    @pytest.mark.filterwarnings("default")  # shap's warnings are for shap
    def test_plots(self, plots, kind, outputs, data):
        import matplotlib.pyplot as plt

        shown = self.large(outputs, data).to_shap()
        if outputs is not None:
            shown = shown[..., 1]
        if kind == "waterfall":
            shown = shown[0]
        elif kind == "scatter":
            shown = shown[:, "height"]
        getattr(plots, kind)(shown, show=False)
        labels = {label.get_text() for ax in plt.gcf().axes for label in ax.get_yticklabels()}
        labels |= {ax.get_xlabel() for ax in plt.gcf().axes}
        assert any("height" in label for label in labels)
