# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test BanzhafValues: frozen, comparable, printable, and equal after pickling and saving."""

from __future__ import annotations

import copy
import dataclasses
import enum
import gc
import math
import pickle
import sys
import weakref

import numpy as np
import pytest
from oracles import Polynomial, Table

import banzhaf
from banzhaf import BanzhafValues, RankWarning

# Quantiles of Student's t at 97.5 %, from printed tables.
T = {
    1: 12.706204736175,
    2: 4.302652729749,
    5: 2.570581835636,
    10: 2.228138851986,
    30: 2.042272456301,
    120: 1.979930405082,
}
NORMAL = 1.959963984540


def make(**changes):
    """Values of three players, one of them exact."""
    fields = {
        "values": np.array([1.0, -4.0, 2.5]),
        "standard_errors": np.array([0.5, 0.25, 0.0]),
        "mean_worth": np.array(0.25),
        "n_evaluations": 40,
        "n_dropped": 0,
        "design": "paired",
        "rank": 3,
        "condition_number": 1.5,
        "degrees_of_freedom": 10.0,
        "r2": np.array(0.9),
        "player_names": ("ann", "bob", "cy"),
        "random_state": 7,
        "stopped": "budget",
        "n_distinct": 39,
        "even_variance": np.array(1.25),
        "odd_variance": np.array(3.5),
    }
    return BanzhafValues(**(fields | changes))


def estimated(outputs=None, **options):
    game = Polynomial.random(12, 3, outputs=outputs)
    return banzhaf.estimate(game, 12, budget=100, random_state=3, **options)


def least_norm():
    with pytest.warns(RankWarning):
        return banzhaf.estimate(Polynomial.random(12, 3), 12, budget=10, random_state=2**64 - 1)


KINDS = {
    "made": make,
    "estimated": estimated,
    "outputs": lambda: estimated(outputs=3),
    "named": lambda: estimated(player_names=[f"player ☂ {i}" for i in range(12)]),
    "stopped": lambda: estimated(outputs=2, tolerance=10.0),
    "exact": lambda: banzhaf.exact(Table.random(5), 5),
    "least norm": least_norm,
    "monte carlo": lambda: banzhaf.monte_carlo(Polynomial.random(12, 3), 12, budget=30, random_state=0),
    "msr": lambda: banzhaf.msr(Polynomial.random(12, 3, outputs=2), 12, budget=30, random_state=0),
    "fit": lambda: banzhaf.fit(np.eye(4, 3) > 0, [1, 2, 3, 4]),
}
EVERY_KIND = pytest.mark.parametrize("values", [make() for make in KINDS.values()], ids=list(KINDS))
ARRAYS = ("values", "standard_errors", "mean_worth", "r2", "even_variance", "odd_variance")


class TestFrozen:
    @EVERY_KIND
    @pytest.mark.parametrize("field", dataclasses.fields(BanzhafValues), ids=lambda field: field.name)
    def test_fields(self, values, field):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(values, field.name, getattr(values, field.name))

    @EVERY_KIND
    @pytest.mark.parametrize("name", ARRAYS)
    def test_arrays(self, values, name):
        array = getattr(values, name)
        assert array.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0

    def test_arrays_are_copies(self):
        given = np.array([1.0, 2.0, 3.0])
        values = make(values=given)
        given[0] = 99.0
        assert values.values[0] == 1.0

    def test_a_result_does_not_hold_its_game(self):
        game = Table.random(5)
        gone = weakref.ref(game)
        values = banzhaf.exact(game, 5)
        del game
        gc.collect()
        assert gone() is None
        assert len(values) == 5


class TestEquality:
    @EVERY_KIND
    def test_with_itself_and_a_copy(self, values):
        assert values == values
        assert values == copy.deepcopy(values)
        assert values == dataclasses.replace(values)

    @pytest.mark.parametrize(
        "change",
        [
            {"values": np.array([1.0, -4.0, np.nextafter(2.5, 3)])},
            {"values": np.ones((3, 1)), "standard_errors": np.ones((3, 1)), "mean_worth": np.ones(1), "r2": np.ones(1)}
            | {"even_variance": np.ones(1), "odd_variance": np.ones(1)},
            {"standard_errors": np.array([0.5, np.nan, 0.0])},
            {"mean_worth": np.array(0.26)},
            {"n_evaluations": 41},
            {"n_dropped": 2},
            {"design": "independent"},
            {"rank": 2},
            {"condition_number": math.nan},
            {"degrees_of_freedom": math.inf},
            {"r2": np.array(-0.9)},
            {"player_names": None},
            {"player_names": ("ann", "bob", "di")},
            {"random_state": None},
            {"stopped": "deadline"},
            {"n_distinct": None},
            {"even_variance": np.array(0.5)},
            {"odd_variance": np.array(math.nan)},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_every_field_counts(self, change):
        assert make() != make(**change)
        assert make(**change) == make(**change)

    def test_differs_from_other_objects(self):
        assert make() != "BanzhafValues"
        assert make() != make().values.tolist()

    def test_has_no_hash(self):
        with pytest.raises(TypeError, match="unhashable"):
            hash(make())


class TestFields:
    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            (
                {"values": np.ones((3, 1, 1))},
                ValueError,
                r"values must have shape \(n_players,\) or \(n_players, n_out",
            ),
            ({"values": np.ones(0)}, ValueError, "values must have shape"),
            ({"values": ["1", "2", "3"]}, TypeError, "values must be an array of numbers, got dtype <U1"),
            ({"values": [1, 2, None]}, TypeError, "values must be an array of numbers, got dtype object"),
            ({"standard_errors": np.ones(2)}, ValueError, r"standard_errors must have shape \(3,\) to match values"),
            ({"standard_errors": -np.ones(3)}, ValueError, "standard_errors must not be negative"),
            ({"mean_worth": np.ones(1)}, ValueError, r"mean_worth must have shape \(\) to match values, got \(1,\)"),
            ({"r2": np.ones(3)}, ValueError, r"r2 must have shape \(\)"),
            ({"odd_variance": np.ones(3)}, ValueError, r"odd_variance must have shape \(\)"),
            ({"even_variance": -1.0}, ValueError, "even_variance must not be negative"),
            ({"n_evaluations": -1}, ValueError, "n_evaluations must be at least 0, got -1"),
            ({"n_evaluations": 4.0}, TypeError, "n_evaluations must be an integer, got 4.0"),
            ({"n_dropped": 41}, ValueError, "n_dropped must be at most n_evaluations, 40, got 41"),
            ({"n_distinct": "39"}, TypeError, "n_distinct must be an integer, got '39'"),
            ({"rank": 4}, ValueError, "rank must be between 0 and 3, got 4"),
            ({"rank": True}, TypeError, "rank must be an integer, got True"),
            ({"condition_number": "1"}, TypeError, "condition_number must be a number, got '1'"),
            ({"degrees_of_freedom": None}, TypeError, "degrees_of_freedom must be a number, got None"),
            ({"design": None}, TypeError, "design must be a string, got None"),
            ({"stopped": 1}, TypeError, "stopped must be a string, got 1"),
            ({"player_names": "abc"}, TypeError, "player_names must be a tuple of strings, got 'abc'"),
            ({"player_names": ("a", "b")}, ValueError, "player_names must hold 3 strings to match values, got 2"),
            ({"player_names": ("a", "b", 3)}, TypeError, "player_names must be a string, got 3"),
            ({"random_state": 2**64}, ValueError, "random_state must be between 0 and"),
            ({"random_state": 1.5}, TypeError, "random_state must be an integer, got 1.5"),
        ],
    )
    def test_misfits_are_named(self, changes, error, message):
        with pytest.raises(error, match=message):
            make(**changes)

    def test_scalars_become_plain_ones(self):
        found = make(
            n_evaluations=np.int32(40), rank=np.uint8(3), condition_number=np.float32(1.5), design=np.str_("paired")
        )
        assert [type(v) for v in (found.n_evaluations, found.rank, found.condition_number, found.design)] == [
            int,
            int,
            float,
            str,
        ]
        assert found == make()


class TestPersistence:
    def test_later_fields_may_be_missing(self):
        """Files from before these fields existed lack them."""
        later = ("stopped", "n_distinct", "even_variance", "odd_variance", "variance_shares", "noisy")
        fields = {f.name: getattr(make(), f.name) for f in dataclasses.fields(BanzhafValues) if f.name not in later}
        two = {
            "values": np.ones((3, 2)),
            "standard_errors": np.ones((3, 2)),
            "mean_worth": np.ones(2),
            "r2": np.ones(2),
        }
        found = BanzhafValues(**(fields | two))
        assert (found.stopped, found.n_distinct) == ("budget", None)
        assert np.isnan(found.even_variance).all()
        assert found.even_variance.shape == found.odd_variance.shape == (2,)

    @EVERY_KIND
    @pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
    def test_pickle(self, values, protocol):
        found = pickle.loads(pickle.dumps(values, protocol))
        assert found == values
        for name in ARRAYS:
            assert not getattr(found, name).flags.writeable

    @EVERY_KIND
    def test_save_and_load(self, values, tmp_path):
        values.save(tmp_path / "values.banzhaf")
        found = banzhaf.load(tmp_path / "values.banzhaf")
        assert type(found) is BanzhafValues
        assert found == values
        assert not found.values.flags.writeable
        assert [path.name for path in tmp_path.iterdir()] == ["values.banzhaf"]

    def test_saving_replaces(self, tmp_path):
        path = str(tmp_path / "values.npz")
        make().save(path)
        make(rank=2).save(path)
        assert banzhaf.load(path) == make(rank=2)

    def test_load_refuses_another_file(self, tmp_path):
        path = tmp_path / "values.npz"
        path.write_text("no")
        with pytest.raises(ValueError, match=r"values\.npz' is not a file that banzhaf saved"):
            banzhaf.load(path)


class TestIntervals:
    @pytest.mark.parametrize(("degrees", "quantile"), [*T.items(), (math.inf, NORMAL)])
    def test_are_students(self, degrees, quantile):
        values = make(degrees_of_freedom=float(degrees))
        half = quantile * values.standard_errors
        expected = np.stack([values.values - half, values.values + half], axis=-1)
        np.testing.assert_allclose(values.intervals(), expected, rtol=1e-10)

    @pytest.mark.parametrize("level", [0.01, 0.5, 0.9, 0.95, 0.999, 1 - 1e-6])
    @pytest.mark.parametrize("degrees", [1, 2, 3, 7.0, 88, 10_000])
    def test_agree_with_scipy(self, degrees, level):
        stats = pytest.importorskip("scipy.stats")
        values = make(degrees_of_freedom=degrees)
        # Without the exact player, for whom SciPy returns NaN.
        lower, upper = stats.t.interval(level, degrees, values.values[:2], values.standard_errors[:2])
        np.testing.assert_allclose(values.intervals(level)[:2], np.stack([lower, upper], axis=-1), rtol=1e-8)

    def test_exact_values_have_intervals_of_no_width(self):
        values = make(degrees_of_freedom=0.0)
        np.testing.assert_array_equal(values.intervals()[2], [2.5, 2.5])
        assert np.isnan(values.intervals()[:2]).all()
        exact = banzhaf.exact(Table.random(4, outputs=2), 4)
        np.testing.assert_array_equal(exact.intervals(), np.stack([exact.values, exact.values], axis=-1))

    def test_nothing_is_known_below_full_rank(self):
        values = least_norm()
        assert values.intervals().shape == (12, 2)
        assert np.isnan(values.intervals()).all()

    def test_outputs(self):
        values = estimated(outputs=3)
        bounds = values.intervals(0.8)
        assert bounds.shape == (12, 3, 2)
        for o in range(3):
            alone = make(
                values=values.values[:, o],
                standard_errors=values.standard_errors[:, o],
                degrees_of_freedom=values.degrees_of_freedom,
                player_names=None,
            )
            np.testing.assert_array_equal(alone.intervals(0.8), bounds[:, o])


class TestFrame:
    def test_one_output(self):
        pytest.importorskip("pandas")
        values = make()
        frame = values.to_frame()
        assert list(frame.columns) == ["player", "value", "standard_error", "lower", "upper"]
        assert frame["player"].tolist() == ["ann", "bob", "cy"]
        np.testing.assert_array_equal(frame["value"], values.values)
        np.testing.assert_array_equal(frame["standard_error"], values.standard_errors)
        np.testing.assert_array_equal(frame[["lower", "upper"]], values.intervals())

    def test_outputs_and_no_names(self):
        pytest.importorskip("pandas")
        values = estimated(outputs=3)
        frame = values.to_frame()
        assert list(frame.columns) == ["player", "output", "value", "standard_error", "lower", "upper"]
        assert frame["player"].tolist() == [str(i) for i in range(12) for _ in range(3)]
        assert frame["output"].tolist() == [0, 1, 2] * 12
        np.testing.assert_array_equal(frame["value"], values.values.ravel())
        np.testing.assert_array_equal(frame[["lower", "upper"]], values.intervals().reshape(-1, 2))

    def test_without_pandas(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(ImportError, match="to_frame needs pandas: pip install pandas"):
            make().to_frame()


class TestRepr:
    def test_players_by_size_with_intervals(self):
        half = T[10] * 0.25
        assert repr(make()).splitlines() == [
            "BanzhafValues: 3 players, 40 evaluations, design 'paired'",
            f"  bob  -4 [{-4 - half:.4g}, {-4 + half:.4g}]",
            "  cy    2.5",
            f"  ann   1 [{1 - 2 * half:.4g}, {1 + 2 * half:.4g}]",
        ]

    def test_what_was_dropped(self):
        assert "40 evaluations (6 dropped), design" in repr(make(n_dropped=6))

    def test_rank(self):
        assert repr(make(rank=2)).splitlines()[1] == "  rank 2 of 3: minimum-norm values"

    def test_outputs_and_many_players(self):
        values = banzhaf.exact(lambda c: np.outer(c @ np.arange(1.0, 13.0), [1, -2, 3, 4]), 12)
        lines = repr(values).splitlines()
        assert lines[0] == "BanzhafValues: 12 players, 4 outputs, 4096 evaluations, design 'exhaustive'"
        assert lines[1].split() == ["11", "12", "-24", "36", "..."]
        assert lines[-1] == "  ... 2 more"
        assert len(lines) == 1 + 10 + 1

    @EVERY_KIND
    def test_of_every_kind(self, values):
        text = repr(values)
        assert text.startswith(f"BanzhafValues: {len(values)} players")
        assert all(name in text for name in values.player_names or ()) or len(values) > 10
        assert text == str(values)


class Letter(str):
    __slots__ = ()


class Enumerated(str, enum.Enum):
    A, B, C = "a", "b", "c"

    def __str__(self):
        return f"not {self.value}"


class TestNames:
    @pytest.mark.parametrize(
        "names",
        [
            ["a", "b", "c"],
            ("a", "b", "c"),
            np.array(["a", "b", "c"]),
            np.array(["a", "b", "c"], dtype=object),
            [np.str_(name) for name in "abc"],
            [Letter(name) for name in "abc"],
            list(Enumerated),
            iter("abc"),
            dict.fromkeys("abc"),
        ],
        ids=["list", "tuple", "array", "objects", "np.str_", "subclass", "enumeration", "iterator", "keys"],
    )
    def test_become_a_tuple_of_str(self, names):
        found = banzhaf.exact(Table.random(3), 3, player_names=names).player_names
        assert found == ("a", "b", "c")
        assert {type(name) for name in found} == {str}

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            ([b"a", b"b", b"c"], "player_names must hold strings, got b'a'"),
            (np.array([b"a", b"b", b"c"]), r"player_names must hold strings, got .*b'a'"),
            (b"abc", "player_names must be a sequence of 3 names, got b'abc'"),
            ({"a", "b", "c"}, "player_names must be 3 names in the order of the players, got a set"),
            (["a", None, "c"], "player_names must hold strings, got None"),
            (np.array([["a", "b", "c"]]), "player_names must hold strings, got array"),
        ],
        ids=["bytes", "array of bytes", "one bytes", "set", "None", "2-D"],
    )
    def test_others_are_refused(self, names, message):
        with pytest.raises(TypeError, match=message):
            banzhaf.exact(Table.random(3), 3, player_names=names)

    @pytest.mark.parametrize(
        "call",
        [
            lambda names: banzhaf.exact(Table.random(3).worths, 3, player_names=names),
            lambda names: banzhaf.fit([[1, 0, 0], [0, 1, 1]] * 2, [1, 2, 3, 4], ridge=1, player_names=names),
            lambda names: banzhaf.monte_carlo(Table.random(3), 3, budget=6, player_names=names),
            lambda names: banzhaf.msr(Table.random(3), 3, budget=6, player_names=names),
            lambda names: banzhaf.estimate(
                Table.random(3), 3, budget=6, design="paired", ridge=1.0, player_names=names
            ),
        ],
        ids=["exact", "fit", "monte_carlo", "msr", "estimate"],
    )
    def test_every_estimator_takes_them(self, call):
        assert call(["x", "y", "z"]).player_names == ("x", "y", "z")
        assert call(None).player_names is None


def test_a_pickle_needs_only_numpy(fresh_python, tmp_path):
    path = tmp_path / "values.pickle"
    path.write_bytes(pickle.dumps(make()))
    printed = fresh_python(f"import pickle; print(pickle.load(open({str(path)!r}, 'rb')).player_names)")
    assert printed.strip() == "('ann', 'bob', 'cy')"
