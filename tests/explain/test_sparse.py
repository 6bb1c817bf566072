# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Sparse rows: the model gets CSR, and the values equal those of dense rows."""

from __future__ import annotations

import pickle
import tracemalloc

import numpy as np
import pytest

import banzhaf
from banzhaf._explain.tables import as_background

sparse = pytest.importorskip("scipy.sparse")

FORMATS = ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"]


def make(n_rows=14, n_columns=12, density=0.3, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_rows, n_columns)) * (rng.random((n_rows, n_columns)) < density)
    return ((10 * rows).round(1) + 0.0).astype(dtype)  # no -0.0, which a dense row distinguishes from 0.0


def dense_model(rows):
    return np.sin(rows[:, :4].sum(axis=1)) + rows[:, 4] * rows[:, 5] * rows[:, 6] + rows[:, -1]


def sparse_model(rows):
    assert rows.format == "csr"
    assert rows.has_canonical_format
    assert np.all(rows.data)
    return dense_model(rows.toarray())


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_values_are_those_of_dense_rows(format, kind):
    X = make()
    held = getattr(sparse, f"{format}_{kind}")(X)
    wanted = banzhaf.Explainer(dense_model, X[:10], budget=2000, random_state=3)(X[10:])

    def model(rows):
        assert type(rows).__name__ == f"csr_{kind}"
        return sparse_model(rows)

    rows = held.tocsr()
    background, explicands = (part.asformat(format) for part in (rows[:10], rows[10:]))
    explanation = banzhaf.Explainer(model, background, budget=2000, random_state=3)(explicands)
    assert explanation == wanted
    assert explanation.feature_names[:2] == ("x0", "x1")


@pytest.mark.parametrize("design", ["hadamard", "paired", "independent"])
@pytest.mark.parametrize("groups", [None, {"first": [0, 1, 2], "last": [9, 11]}])
def test_designs_and_groups(design, groups):
    X = make()
    options = {"budget": 500, "design": design, "groups": groups, "random_state": 1}
    wanted = banzhaf.Explainer(dense_model, X[:10], **options)(X[10:])
    explain = banzhaf.Explainer(sparse_model, sparse.csr_array(X[:10]), **options)
    assert explain(sparse.csr_array(X[10:])) == wanted
    assert pickle.loads(pickle.dumps(explain))(sparse.csr_array(X[10:])) == wanted
    alone = explain(sparse.csr_array(X[11:12]))
    np.testing.assert_array_equal(alone.values, wanted.values[1:2])


@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.int64, np.float32])
def test_dtypes(dtype):
    X = make(dtype=dtype)
    seen = []

    def model(rows):
        seen.append(rows.dtype)
        return rows.toarray().astype(float).sum(axis=1)

    values = banzhaf.Explainer(model, sparse.csr_array(X[:10]))(sparse.csr_array(X[10:])).values
    assert set(seen) == {np.dtype(dtype)}
    expected = X[10:].astype(float) - X[:10].astype(float).mean(axis=0)
    np.testing.assert_allclose(values, expected, atol=1e-9)


def test_cells_of_rows_within_the_backgrounds_columns_are_kept():
    rows = make()
    rows[:-1, -1] = 0
    background = as_background(sparse.csr_array(rows[:10]))
    first, again, wider = (background.encode(sparse.csr_array(rows[i : i + 1])) for i in (10, 11, 13))
    assert first.is_kept
    assert again.background_cells is first.background_cells
    assert not wider.is_kept
    assert len(wider.columns) > len(first.columns)
    copied = pickle.loads(pickle.dumps(background)).encode(sparse.csr_array(rows[10:11]))
    np.testing.assert_array_equal(copied.background_cells, first.background_cells)
    explainer = banzhaf.Explainer(sparse_model, sparse.csr_array(rows[:10]), random_state=0)
    for i in (10, 13, 11, 10):
        fresh = banzhaf.Explainer(sparse_model, sparse.csr_array(rows[:10]), random_state=0)
        assert explainer(sparse.csr_array(rows[i : i + 1])) == fresh(sparse.csr_array(rows[i : i + 1]))


def test_stored_zeros_are_zeros_that_are_not_stored():
    plain = sparse.csr_matrix(np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 0.0]]))
    stored = sparse.csr_matrix((np.array([0.0, 1.0, 2.0, -0.0]), [0, 1, 0, 2], [0, 2, 4]), shape=(2, 3))
    encoded = [as_background(rows).encode(rows) for rows in (plain, stored)]
    np.testing.assert_array_equal(encoded[0].background_cells, encoded[1].background_cells)
    np.testing.assert_array_equal(encoded[0].columns, encoded[1].columns)
    assert stored.nnz == 4  # the user's rows do not change


def test_entries_given_twice_are_added():
    twice = sparse.coo_array((np.array([1.0, 2.0, 5.0]), ([0, 0, 1], [1, 1, 0])), shape=(2, 3))
    encoded = as_background(twice).encode(twice)
    np.testing.assert_array_equal(encoded.decode(encoded.background_cells).toarray(), [[0, 3, 0], [5, 0, 0]])
    np.testing.assert_array_equal(encoded.data, [[0, 3, 0], [5, 0, 0]])


def test_missing_values_are_the_same():
    X = sparse.csr_array(np.array([[np.nan, 0.0, 1.0], [-np.nan, 2.0, 1.0]]))
    encoded = as_background(X[:1]).encode(X[1:])
    assert (encoded.background_cells.tobytes() == encoded.explicand_cells.tobytes()) is False
    differ = encoded.background_cells.view("V8") != encoded.explicand_cells.view("V8")
    assert differ.tolist() == [[False, True, False]]


def test_auto_counts_the_features_that_can_differ():
    """Each row stores values in a few of 65,536 columns."""
    total = lambda rows: np.asarray(rows.sum(axis=1)).ravel()  # noqa: E731
    empty = sparse.csr_array((1, 2**16))
    full = sparse.csr_array(np.arange(2.0**10)[None] + 1)
    full.resize((2, 2**16))
    assert banzhaf.Explainer(total, empty).n_model_rows == 4 * 256
    assert banzhaf.Explainer(total, full).n_model_rows == 2 * 4 * 2048
    assert banzhaf.Explainer(total, empty[:, :9]).n_model_rows == 4 * 16
    assert repr(banzhaf.Explainer(total, full)).endswith("at most 16,384 model evaluations for each explained row")
    groups = {str(start): range(start, start + 2**12) for start in range(0, 2**16, 2**12)}
    assert banzhaf.Explainer(total, empty, groups=groups).n_model_rows == 4 * 16


def test_all_zero_rows():
    X = sparse.csr_array((3, 5))
    explanation = banzhaf.Explainer(lambda rows: np.asarray(rows.sum(axis=1)).ravel(), X)(X[:1])
    assert explanation.values.tolist() == [[0.0] * 5]


def test_memory_at_twenty_thousand_columns():
    rng = np.random.default_rng(0)
    n_columns = 20_000
    columns = rng.integers(n_columns, size=(21, 30))
    entries = (rng.random(21 * 30) + 0.5, (np.repeat(np.arange(21), 30), columns.ravel()))
    X = sparse.csr_matrix(entries, shape=(21, n_columns))
    weights = rng.normal(size=n_columns)
    groups = [range(start, start + 1000) for start in range(0, n_columns, 1000)]
    tracemalloc.start()
    explain = banzhaf.Explainer(lambda rows: rows @ weights, X[:20], groups=groups, random_state=0)
    explanation = explain(X[20:])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    change = weights * (X[20:].toarray()[0] - X[:20].toarray().mean(axis=0))
    np.testing.assert_allclose(explanation.values[0], change.reshape(20, 1000).sum(axis=1), atol=1e-8)
    assert peak < 150e6

    alone = banzhaf.Explainer(lambda rows: rows @ weights, X[:20], budget=6000, random_state=0)(X[20:])
    np.testing.assert_allclose(alone.values[0], change, atol=1e-8)  # exact: linear, and 60 columns differ
    assert alone.row_costs[0] <= 6000


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (sparse.csr_array((0, 3)), ValueError, "background has no rows"),
        (
            sparse.csr_array(np.eye(3) * 1j),
            TypeError,
            "background must hold numbers of at most 8 bytes, not complex128",
        ),
        (
            sparse.csr_array(np.eye(3, dtype=np.longdouble)),
            TypeError,
            "background must hold numbers of at most 8 bytes",
        ),
    ],
)
def test_refused_backgrounds(table, error, message):
    with pytest.raises(error, match=message):
        as_background(table)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.eye(3), TypeError, r"X must be a sparse matrix .*pass scipy\.sparse\.csr_array\(X\)"),
        (sparse.csr_array(np.eye(2)), ValueError, "X has 2 columns, but background has 3"),
        (sparse.csr_array(np.eye(3) / 2), ValueError, r"X has dtype float64 where background has int64, .*hold 0\.5"),
        (sparse.csr_array((0, 3)), ValueError, "X has no rows"),
    ],
)
def test_refused_rows(X, error, message):
    with pytest.raises(error, match=message):
        as_background(sparse.csr_array(np.eye(3, dtype=np.int64))).encode(X)


def test_too_many_cells_are_refused(monkeypatch):
    monkeypatch.setattr("banzhaf._explain.sparse._MOST_BYTES", 1000)
    X = sparse.csr_array(make())
    with pytest.raises(ValueError, match=r"background and X hold values in 12 columns, which take .* GiB: pass fewer"):
        as_background(X).encode(X)


@pytest.mark.parametrize("name", ["LogisticRegression", "RandomForestClassifier", "LinearSVC", "pipeline"])
def test_scikit_learn(name):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler
    from sklearn.svm import LinearSVC

    texts = [f"{a} {b} {c}" for a in ("red", "green", "blue") for b in ("car", "bus") for c in ("fast", "slow", "old")]
    X = TfidfVectorizer().fit_transform(texts)
    y = np.array(["red" in text or "old" in text for text in texts])
    model = {
        "LogisticRegression": LogisticRegression(),
        "RandomForestClassifier": RandomForestClassifier(10, random_state=0),
        "LinearSVC": LinearSVC(),
        "pipeline": make_pipeline(MaxAbsScaler(), LogisticRegression()),
    }[name].fit(X, y)
    function = model.decision_function if name == "LinearSVC" else model.predict_proba
    options = {"random_state": 0}
    explanation = banzhaf.Explainer(function, X[:10], **options)(X[10:13])
    wanted = banzhaf.Explainer(lambda rows: function(sparse.csr_matrix(rows)), X[:10].toarray(), **options)(
        X[10:13].toarray()
    )
    np.testing.assert_array_equal(explanation.values, wanted.values)
    with pytest.raises(ValueError, match="model was fitted on 8 columns, but background has 7"):
        banzhaf.Explainer(function, X[:, :7])


def test_what_is_not_stored_is_missing_to_xgboost():
    xgb = pytest.importorskip("xgboost")
    X = make(200, 5)
    y = X.sum(axis=1)
    held = sparse.csr_matrix(X)
    model = xgb.XGBRegressor(n_estimators=10).fit(held, y)
    for function in (model, model.predict, model.get_booster()):
        explanation = banzhaf.Explainer(function, held[:10])(held[10:12])
        missing = np.where(X == 0, np.nan, X)
        wanted = banzhaf.Explainer(function, missing[:10])(missing[10:12])
        np.testing.assert_allclose(explanation.values, wanted.values, atol=1e-6)
    stored = held.copy()
    stored.data[0] = 0.0
    with pytest.raises(ValueError, match=r"background stores zeros, which XGBoost .*call background\.eliminate_zeros"):
        banzhaf.Explainer(model, stored[:10])
    with pytest.raises(ValueError, match="X stores zeros, which XGBoost"):
        banzhaf.Explainer(model, held[:10])(stored[:1])
    banzhaf.Explainer(lambda rows: rows.toarray().sum(axis=1), stored[:10])


def test_lightgbm():
    lgb = pytest.importorskip("lightgbm")
    X = make(200, 5)
    held = sparse.csr_matrix(X)
    model = lgb.LGBMRegressor(n_estimators=10, min_child_samples=5, verbose=-1).fit(held, X.sum(axis=1))
    explanation = banzhaf.Explainer(model, held[:10])(held[10:12])
    wanted = banzhaf.Explainer(model, X[:10])(X[10:12])
    np.testing.assert_allclose(explanation.values, wanted.values, atol=1e-9)


def test_sparse_columns_of_pandas(pd):
    X = pd.DataFrame.sparse.from_spmatrix(sparse.csr_matrix(make()), columns=[f"w{j}" for j in range(12)])
    seen = []

    def model(frame):
        seen.append(list(frame.dtypes))
        return dense_model(frame.to_numpy())

    explanation = banzhaf.Explainer(model, X[:10], budget=2000, random_state=3)(X[10:])
    wanted = banzhaf.Explainer(dense_model, make()[:10], budget=2000, random_state=3)(make()[10:])
    np.testing.assert_array_equal(explanation.values, wanted.values)
    np.testing.assert_array_equal(explanation.data, wanted.data)
    assert all(dtypes == list(X.dtypes) for dtypes in seen)


def test_scipy_is_imported_only_when_used(fresh_python):
    program = """if True:
        import sys, numpy as np, banzhaf
        banzhaf.Explainer(lambda rows: rows.sum(1), np.eye(3))(np.eye(3))
        print("scipy" in sys.modules)
        """
    assert fresh_python(program).strip() == "False"
