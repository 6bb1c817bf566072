# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explainer.prepare: the values stay, the background is evaluated once, a changed model is noticed."""

import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import banzhaf
from banzhaf._explain.prepare import fastest_batch

FIELDS = ("values", "standard_errors", "background_errors", "base_values", "row_costs", "n_background", "r2", "stopped")


def rows_of(n_rows, n=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n_rows, n))


def alone(rows):
    """A model whose output for a row does not depend on the other rows of the batch."""
    rows = rows.toarray() if sparse.issparse(rows) else np.asarray(rows, dtype=float)
    return rows[:, 0] * rows[:, 1] * rows[:, 2] - np.abs(rows[:, 3]) + rows[:, -1]


def two(rows):
    return np.stack([alone(rows), alone(rows) ** 2], axis=1)


def table(n_rows, seed):
    rng = np.random.default_rng(seed)
    numbers = {f"n{j}": rng.normal(size=n_rows) for j in range(4)}
    return pd.DataFrame(
        {**numbers, "text": rng.choice(["a", "bb", "ccc"], n_rows), "whole": rng.integers(9, size=n_rows)}
    )


def of_table(rows):
    return alone(rows[["n0", "n1", "n2", "n3", "whole"]]) + rows["text"].str.len().to_numpy(dtype=float)


def same(first, second):
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)


class Counting:
    """A model that counts the rows it is called on, and can change."""

    def __init__(self, model=alone):
        self.model, self.n_rows, self.most, self.added = model, 0, 0, 0.0

    def __call__(self, rows):
        n_rows = rows.shape[0]
        self.n_rows, self.most = self.n_rows + n_rows, max(self.most, n_rows)
        return self.model(rows) + self.added


CASES = {
    "array": (alone, rows_of(20), rows_of(3, seed=1), {}),
    "float32": (alone, rows_of(20).astype(np.float32), rows_of(3, seed=1), {}),
    "integers": (alone, (9 * rows_of(20)).astype(np.int16), (9 * rows_of(3, seed=1)).astype(np.int16), {}),
    "objects": (alone, rows_of(20).astype(object), rows_of(3, seed=1).astype(object), {}),
    "outputs": (two, rows_of(20), rows_of(3, seed=1), {}),
    "weights": (alone, rows_of(20), rows_of(3, seed=1), {"weights": [0.0, 2.0, 1.0, 0.0] * 5}),
    "groups": (alone, rows_of(20), rows_of(3, seed=1), {"groups": {"pair": [1, 4]}}),
    "budget": (alone, rows_of(20), rows_of(3, seed=1), {"budget": 800}),
    "paired": (alone, rows_of(20), rows_of(3, seed=1), {"design": "paired"}),
    "frame": (of_table, table(20, 0), table(3, 1), {}),
    "sparse": (
        alone,
        sparse.random(15, 30, density=0.2, random_state=1, format="csr"),
        sparse.random(2, 30, density=0.2, random_state=2, format="csr"),
        {"budget": 3000},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_values_are_the_same(case):
    model, background, X, options = CASES[case]
    explain = banzhaf.Explainer(model, background, random_state=3, **options)
    before = explain(X)
    assert explain.prepare(X) is explain
    same(explain(X), before)
    same(explain.prepare()(X[1:2]), banzhaf.Explainer(model, background, random_state=3, **options)(X[1:2]))


@pytest.mark.parametrize("X", [rows_of(1, seed=1), rows_of(4, seed=1)], ids=["one row", "four rows"])
def test_the_background_is_evaluated_once(X):
    model = Counting()
    explain = banzhaf.Explainer(model, rows_of(20), random_state=3)
    before = explain(X)
    explain.prepare()
    model.n_rows = 0
    found = explain(X)
    assert found.n_model_rows == model.n_rows == before.n_model_rows - 20 + 1


def test_a_full_batch_leaves_the_check_its_own_call():
    model = Counting()
    explain = banzhaf.Explainer(model, rows_of(20), random_state=3, batch_size=4).prepare()
    model.n_rows = 0
    same(explain(rows_of(9, seed=1)), banzhaf.Explainer(alone, rows_of(20), random_state=3)(rows_of(9, seed=1)))
    assert model.most <= 4
    model.added = 1.0
    with pytest.raises(RuntimeError, match="call prepare again"):
        explain(rows_of(9, seed=1))


@pytest.mark.parametrize("added", [1.0, -1e-3, np.nan])
def test_a_changed_model_is_noticed(added):
    model = Counting()
    explain = banzhaf.Explainer(model, rows_of(20), random_state=3).prepare()
    model.added = added
    for seed in range(5):
        with pytest.raises(RuntimeError, match=r"model returned .* for background row \d+, but .* when prepare was"):
            explain(rows_of(1, seed=seed))
    model.added = 1.0
    same(
        explain.prepare()(rows_of(1)),
        banzhaf.Explainer(lambda r: alone(r) + 1.0, rows_of(20), random_state=3)(rows_of(1)),
    )


def test_every_background_row_takes_its_turn_as_the_check():
    seen = set()

    def model(rows):
        seen.update(np.flatnonzero((background[:, None] == rows[[-1]]).all(axis=2)).tolist())
        return alone(rows)

    background = rows_of(4)
    explain = banzhaf.Explainer(model, background, random_state=3, weights=[1, 1, 0, 1]).prepare()
    seen.clear()
    for seed in range(40):
        explain(rows_of(1, seed=seed))
    assert seen == {0, 1, 3}


def test_rounding_is_no_change():
    weights = np.linspace(0.1, 1.7, 40, dtype=np.float32)

    def model(rows):  # the number of rows in a batch changes the last bits, as in linear algebra
        return (rows.astype(np.float32) @ weights) * np.float32(1 + 1e-7 * (len(rows) % 3))

    explain = banzhaf.Explainer(model, rows_of(30, 40), random_state=3).prepare()
    for seed in range(10):
        explain(rows_of(1 + seed % 2, 40, seed=seed))


def test_calls_of_few_rows_round_in_their_own_way():
    def model(rows):  # products of small matrices are summed in another order
        return alone(rows) + 1e-4 * (len(rows) < 12)

    explain = banzhaf.Explainer(model, rows_of(30), random_state=3).prepare()
    for seed in range(10):
        explain(rows_of(1 + seed % 5, seed=seed))


def digits(rows):
    """Return probabilities of four digits, whose last bit before rounding depends on the number of rows."""
    return np.round(1 / (1 + np.exp(-alone(rows))) + 6e-6 * (len(rows) < 12), 4)


def test_a_digit_that_is_rounded_in_another_way_is_no_change():
    background = rows_of(40)
    explain = banzhaf.Explainer(digits, background, random_state=3).prepare()
    again = np.array([digits(row[np.newaxis])[0] for row in background])
    assert 0 < np.count_nonzero(again != digits(background)) < 8
    found = [explain(rows_of(1, seed=seed)) for seed in range(100)]
    costs = {each.n_model_rows - each.row_costs[0] - 2 for each in found}
    assert costs == {0, 40}  # the rows that show that one of them is an exception


@pytest.mark.parametrize("added", [1e-3, 1e-2])
def test_a_change_of_the_last_digits_is_noticed(added):
    model = Counting()
    explain = banzhaf.Explainer(model, rows_of(100), random_state=3).prepare()
    model.added = added
    for seed in range(5):
        with pytest.raises(RuntimeError, match="when prepare was"):
            explain(rows_of(1, seed=seed))


def test_a_noisy_model_is_refused():
    rng = np.random.default_rng(0)
    explain = banzhaf.Explainer(alone, rows_of(20), noisy=True)
    with pytest.raises(ValueError, match="noisy must be False for prepare"):
        explain.prepare()
    explain = banzhaf.Explainer(lambda rows: alone(rows) + rng.normal(size=len(rows)), rows_of(20), random_state=3)
    shown = repr(explain)
    with pytest.raises(ValueError, match=r"differ by up to .* noisy=True"):
        explain.prepare()
    assert repr(explain) == shown
    assert explain.batch_size is None


@pytest.mark.parametrize("n_good", [0, 1, 5])
@pytest.mark.parametrize(
    ("returned", "error", "match"),
    [
        (lambda rows: 1 / 0, ZeroDivisionError, "division"),
        (lambda rows: None, TypeError, "returned None"),
        (lambda rows: alone(rows)[:-1], ValueError, "must return an array of numbers of shape"),
    ],
)
def test_an_error_leaves_the_explainer_as_it_was(n_good, returned, error, match):
    bad, calls = False, 0

    def model(rows):
        nonlocal calls
        calls += 1
        return returned(rows) if bad and calls > n_good else alone(rows)

    explain = banzhaf.Explainer(model, rows_of(20), random_state=3)
    before, shown = explain(rows_of(2, seed=1)), repr(explain)
    bad, calls = True, 0
    with pytest.raises(error, match=match):
        explain.prepare()
    bad = False
    assert repr(explain) == shown
    assert explain(rows_of(2, seed=1)) == before


def test_rows_that_do_not_fit_are_refused():
    model = Counting()
    explain = banzhaf.Explainer(model, rows_of(20))
    with pytest.raises(ValueError, match="X has 3 columns, but background has 6"):
        explain.prepare(rows_of(2, 3))
    assert model.n_rows == 0


def test_the_batch_size_is_shown_and_kept():
    model = Counting()
    explain = banzhaf.Explainer(model, rows_of(20), random_state=3, batch_size=100)
    assert explain.batch_size == 100
    explain.prepare()
    size = explain.batch_size
    assert 1 <= size <= 100
    assert model.most <= 100
    assert f"prepared with batches of {size:,} rows" in repr(explain)
    assert f"prepared with batches of {size:,} rows" in explain._repr_html_()
    explain(rows_of(50, seed=1))
    assert explain.batch_size == size


@pytest.mark.parametrize("copied", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy, copy.copy])
def test_a_copy_is_prepared_too(copied):
    model = Counting()
    explain = banzhaf.Explainer(model, rows_of(20), random_state=3).prepare()
    twin = copied(explain)
    assert repr(twin) == repr(explain)
    assert twin(rows_of(2, seed=1)) == explain(rows_of(2, seed=1))


def test_threads_see_the_old_or_the_new_state():
    explain = banzhaf.Explainer(alone, rows_of(20), random_state=3, num_threads=1)
    X = rows_of(1, seed=1)
    before, over = explain(X), threading.Event()

    def explaining(_):
        found = []
        while not over.is_set():
            found.append(explain(X))
        return found

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(explaining, k) for k in range(4)]
        try:
            for _ in range(2):
                explain.prepare()
        finally:
            over.set()
        found = [explanation for future in futures for explanation in future.result()]
    for explanation in found:
        same(explanation, before)
    assert {explanation.n_model_rows for explanation in found} <= {before.n_model_rows, before.n_model_rows - 19}


class TestFastestBatch:
    def test_a_fixed_cost_asks_for_large_batches(self):
        assert fastest_batch(lambda n_rows: 1e-2 + 1e-6 * n_rows, 65536)[0] == 65536

    def test_a_cost_for_each_row_asks_for_short_ones(self):
        assert fastest_batch(lambda n_rows: 1e-3 * n_rows, 65536)[0] == 16
        assert fastest_batch(lambda n_rows: 1e-2 * n_rows, 65536)[0] == 16

    def test_among_sizes_that_are_as_fast_short_batches_have_few_calls(self):
        assert fastest_batch(lambda n_rows: 1e-6 * n_rows, 65536)[0] == 16384

    def test_a_cache_that_overflows_asks_for_the_size_before(self):
        size, seconds = fastest_batch(lambda n_rows: 1e-4 + 1e-6 * n_rows * (1 if n_rows <= 4096 else 3), 65536)
        assert size == 4096
        assert seconds == pytest.approx(1e-6 + 1e-4 / 4096)

    def test_no_size_is_above_the_limit(self):
        tried = []
        fastest_batch(lambda n_rows: tried.append(n_rows) or 1.0 / n_rows, 100)
        assert max(tried) == 100

    def test_slow_rows_are_tried_in_small_batches_only(self):
        tried = []
        fastest_batch(lambda n_rows: tried.append(n_rows) or 0.1 * n_rows, 65536)
        assert set(tried) == {16}


def interleaved(explain, X, expected, order):
    for i in order:
        assert explain(X[i : i + 1]) == expected[i]


@pytest.mark.parametrize("is_prepared", [False, True], ids=["as made", "prepared"])
@pytest.mark.parametrize("case", ["array", "frame", "outputs"])
def test_threads_share_an_explainer(case, is_prepared):
    model, background, _, options = CASES[case]
    X = table(5, 4) if case == "frame" else rows_of(5, seed=4)
    explain = banzhaf.Explainer(model, background, random_state=3, **options)
    if is_prepared:
        explain.prepare()
    expected = [explain(X[i : i + 1]) for i in range(len(X))]
    orders = [np.random.default_rng(k).integers(len(X), size=10) for k in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(interleaved, explain, X, expected, order) for order in orders]:
            future.result()


@pytest.mark.parametrize("is_prepared", [False, True], ids=["as made", "prepared"])
def test_an_error_in_one_call_leaves_the_others_alone(is_prepared):
    def model(rows):
        if (rows[:, 0] == 7.0).any():
            raise KeyError("seven")
        return alone(rows)

    X = rows_of(6, seed=4)
    X[::2, 0] = 7.0
    explain = banzhaf.Explainer(model, rows_of(20), random_state=3)
    if is_prepared:
        explain.prepare()
    expected = {i: explain(X[i : i + 1]) for i in (1, 3, 5)}

    def call(i):
        if i % 2:
            return explain(X[i : i + 1]) == expected[i]
        with pytest.raises(KeyError, match="seven") as caught:
            explain(X[i : i + 1])
        return not hasattr(caught.value, "explanation")

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(call, np.random.default_rng(0).integers(6, size=60)))


def test_other_kinds_of_rows_may_alternate():
    background = (9 * rows_of(20)).round()
    explain = banzhaf.Explainer(alone, background, random_state=3)
    X = (9 * rows_of(3, seed=1)).round()
    expected = explain(X)
    for rows in (X, X.tolist(), X.astype(int), X.astype(np.float32), np.asfortranarray(X), X[::-1][::-1]):
        assert explain(rows) == expected
    frame = table(258, 0)  # its codes take one byte or two, as many rows as are explained
    explain = banzhaf.Explainer(of_table, frame[:250], random_state=3, budget=4_000)
    few, many = frame[250:252], frame[250:]
    expected = explain(few)
    for rows in (many, few, many):
        same(explain(rows)[:2], expected)


def test_a_model_may_change_its_rows():
    def changing(rows):
        rows[:, 0] *= 2.0
        return rows.prod(axis=1)

    explain = banzhaf.Explainer(changing, rows_of(20), random_state=3)
    expected = banzhaf.Explainer(lambda rows: 2.0 * rows.prod(axis=1), rows_of(20), random_state=3)(rows_of(3, seed=1))
    explain.prepare()
    np.testing.assert_allclose(explain(rows_of(3, seed=1)).values, expected.values, rtol=1e-9)
