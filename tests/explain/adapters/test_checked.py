# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A fast way is used only while it gives the bits of the plain way, and the name says why it is not used."""

from __future__ import annotations

import pickle
import re
import threading

import numpy as np
import pytest

from banzhaf._explain.adapters.checked import Checked, Plain

ROWS = np.random.default_rng(0).normal(size=(100, 4))


def predict(rows):
    return rows[:, 0] * rows[:, 1]


class Way(Checked):
    """Calls `function`, and counts how many rows the plain way was called on."""

    def __init__(self, function, plain=predict):
        super().__init__(Plain(plain), "a shortcut")
        self.function = function

    def fast(self, rows):
        return self.function(rows)


def counting(calls):
    def plain(rows):
        calls.append(len(rows))
        return predict(rows)

    return plain


def test_the_first_call_of_many_rows_and_of_one_row_is_compared():
    calls = []
    way = Way(predict, counting(calls))
    for rows in (ROWS, ROWS[:5], ROWS[:1], ROWS[:1], ROWS):
        np.testing.assert_array_equal(way(rows), predict(rows))
    assert calls == [64, 1]
    assert way.name == "a shortcut"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda rows: np.nextafter(predict(rows), 9), "differed by up to "),
        (lambda rows: predict(rows) + (np.arange(len(rows)) == 3), "differed by up to 1"),
        (lambda rows: predict(rows)[:, np.newaxis], r"returned shape \(64, 1\) instead of \(64,\)"),
        (lambda rows: predict(rows)[:-1], r"returned shape \(63,\) instead of \(64,\)"),
        (lambda rows: predict(rows).astype(str), "returned dtype <U"),
        (lambda rows: 1 / 0, "raised ZeroDivisionError"),
        (lambda rows: predict(rows) if len(rows) > 64 else None, "declined the first rows"),
        (lambda rows: predict(rows) * (2 if len(rows) > 64 else 1), "differed by up to "),
    ],
)
def test_what_differs_is_not_used(function, reason):
    way = Way(function)
    for rows in (ROWS, ROWS[:10], ROWS[:1]):
        np.testing.assert_array_equal(way(rows), predict(rows))
    assert re.match(f"predict, because a shortcut {reason}", way.name)


def test_a_single_row_is_compared_on_its_own():
    way = Way(lambda rows: predict(rows) + (len(rows) == 1))
    np.testing.assert_array_equal(way(ROWS), predict(ROWS))
    np.testing.assert_array_equal(way(ROWS[:1]), predict(ROWS[:1]))
    assert "differed by up to 1" in way.name


def test_errors_are_those_of_the_plain_way():
    def refuses(rows):
        raise KeyError("age")

    way = Way(lambda rows: 1 / 0, refuses)
    with pytest.raises(KeyError, match="age"):
        way(ROWS)
    assert way.name == "a shortcut"  # the rows were at fault
    way = Way(predict)
    way(ROWS)
    way.function = refuses  # a failure in a later call
    np.testing.assert_array_equal(way(ROWS), predict(ROWS))
    assert "raised KeyError" in way.name


@pytest.mark.parametrize(
    "rows", [ROWS.astype(int), np.asfortranarray(ROWS), ROWS.tolist(), ROWS.astype(">f8"), ROWS[:0]]
)
def test_rows_that_a_c_interface_cannot_take_go_the_plain_way(rows):
    way = Way(None, lambda rows: predict(np.asarray(rows)))
    np.testing.assert_array_equal(way(rows), predict(np.asarray(rows)))
    assert way.name == "a shortcut"


def test_a_copy_compares_again():
    way = Way(predict)
    way(ROWS)
    copy = pickle.loads(pickle.dumps(way))
    copy.function = lambda rows: predict(rows) + 1
    np.testing.assert_array_equal(copy(ROWS), predict(ROWS))
    assert "differed by up to 1" in copy.name
    assert way.name == "a shortcut"


def test_threads_share_what_was_found():
    way = Way(lambda rows: predict(rows) + 1)
    outputs = [None] * 8

    def call(place):
        outputs[place] = way(ROWS)

    threads = [threading.Thread(target=call, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for found in outputs:
        np.testing.assert_array_equal(found, predict(ROWS))
