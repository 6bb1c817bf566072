# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Situations from the tests of shap's KernelExplainer: the values are right, or an error says what to do instead."""

from __future__ import annotations

import datetime
import pickle

import numpy as np
import pytest
from oracles import brute_force, masked_worths

import banzhaf


def slow_values(model, background, X):
    """Values of NumPy rows by definition, shape (rows, features) or (rows, features, outputs)."""
    columns = [[j] for j in range(X.shape[1])]
    return np.array([brute_force(masked_worths(model, background, x, columns), X.shape[1]) for x in X])


def check(explainer, model, background, X, atol=1e-9):
    explanation = explainer(X)
    found = explanation.values if explanation.values.ndim == 3 else explanation.values[..., np.newaxis]

    def outputs(rows):
        return np.asarray(model(rows), dtype=float).reshape(len(rows), -1)

    np.testing.assert_allclose(found, slow_values(outputs, background, np.asarray(X)), atol=atol)
    np.testing.assert_allclose(np.atleast_1d(explanation.base_values), outputs(background).mean(axis=0), atol=atol)
    return explanation


def numbers(n_rows=30, n_columns=4, seed=0):
    X = np.random.default_rng(seed).normal(size=(n_rows, n_columns))
    return X, X[:, 0] + 2.0 * X[:, 1]


def linear(X, y):
    from sklearn.linear_model import LinearRegression

    return LinearRegression().fit(X, y)


@pytest.fixture
def flowers():
    """Four measures and three classes, as a DataFrame and labels."""
    pd = pytest.importorskip("pandas")
    pytest.importorskip("sklearn")
    from sklearn.datasets import load_iris

    data = load_iris()
    return pd.DataFrame(data.data, columns=data.feature_names), data.target


# Models that ignore some features, or all


@pytest.mark.parametrize("n_columns", [4, 10])
def test_a_model_of_nothing(n_columns):
    explanation = banzhaf.Explainer(lambda rows: np.zeros(len(rows)), np.ones((2, n_columns)))(np.ones((1, n_columns)))
    assert np.all(explanation.values == 0)
    assert np.all(explanation.standard_errors == 0)


def test_nothing_differs():
    explanation = banzhaf.Explainer(lambda rows: rows[:, 0], np.ones((5, 4)))(np.ones((1, 4)))
    assert np.all(explanation.values == 0)
    assert explanation.base_values == 1


def test_one_feature_differs():
    x = np.array([[10.0, 1.0, 1.0, 1.0]])
    values = banzhaf.Explainer(lambda rows: rows[:, 0], np.ones((5, 4)))(x).values
    assert values.tolist() == [[9.0, 0.0, 0.0, 0.0]]


def test_a_constant_feature_has_no_value():
    X, _ = numbers()
    X[:, 2] = 5.0
    values = banzhaf.Explainer(lambda rows: rows[:, 0] * rows[:, 1], X[:20])(X[20:21]).values
    assert values[0, 2] == 0


# Values by definition


def test_linear_models():
    X, y = numbers(60, 3)

    def model(rows):
        return rows[:, 0] + 2.0 * rows[:, 1]

    explanation = check(banzhaf.Explainer(model, X), model, X, X[:5])
    np.testing.assert_allclose(explanation.values, (X[:5] - X.mean(axis=0)) * [1.0, 2.0, 0.0], atol=1e-9)
    assert explanation.values.sum(axis=1) + explanation.base_values == pytest.approx(y[:5])


def test_curved_models():
    X, _ = numbers(40, 3)

    def model(rows):
        return rows[:, 0] * 2.0 * np.exp(-np.abs(rows[:, 1]))

    check(banzhaf.Explainer(model, X), model, X, X[:5])


def test_where_one_model_rises_faster_its_feature_has_the_larger_value():
    X, _ = numbers(40, 3)
    slower = banzhaf.Explainer(lambda rows: rows[:, 0] * np.exp(-np.abs(rows[:, 1])), X)(X[:9])
    faster = banzhaf.Explainer(lambda rows: 3 * rows[:, 0] + rows[:, 1], X)(X[:9])
    above = X[:9, 0] > X[:, 0].max() - 1e-9
    assert np.all(faster.values[above, 0] >= slower.values[above, 0])


def test_forests():
    pytest.importorskip("sklearn")
    from sklearn.ensemble import RandomForestRegressor

    X, y = numbers(80)
    model = RandomForestRegressor(10, random_state=0).fit(X, y).predict
    check(banzhaf.Explainer(model, X[:10]), model, X[:10], X[20:23])


def test_several_outputs():
    X, _ = numbers(20)

    def model(rows):
        return np.column_stack([rows[:, 0] + rows[:, 1], rows[:, 2] * rows[:, 3], rows[:, 0] ** 2])

    explanation = check(banzhaf.Explainer(model, X), model, X, X[:3])
    assert explanation.values.shape == (3, 4, 3)
    assert explanation.base_values.shape == (3,)


def test_one_output_is_a_number():
    X, y = numbers()
    pytest.importorskip("sklearn")
    explanation = banzhaf.Explainer(linear(X, y), X)(X[:4])
    assert explanation.values.shape == (4, 4)
    assert explanation.base_values.shape == ()
    assert explanation.base_values == pytest.approx(y.mean())


def test_one_background_row():
    background, X = np.array([[1.0, 2.0, 3.0]]), np.array([[4.0, 5.0, 6.0]])
    explanation = banzhaf.Explainer(lambda rows: rows[:, 0] + rows[:, 1], background)(X)
    assert explanation.values.tolist() == [[3.0, 3.0, 0.0]]
    assert explanation.base_values == 3


# Classifiers


def test_a_support_vector_machines_decisions(flowers):
    from sklearn.svm import SVC

    X, y = flowers
    model = SVC(kernel="rbf").fit(X, y)
    with pytest.raises(TypeError, match=r"classifier without predict_proba \(SVC\).*model\.decision_function"):
        banzhaf.Explainer(model, X)
    explain = banzhaf.Explainer(model.decision_function, X.iloc[::10])
    with np.errstate(all="ignore"):
        plain = SVC(kernel="rbf").fit(X.to_numpy(), y).decision_function
    explanation = explain(X.iloc[3:5])
    expected = slow_values(plain, X.iloc[::10].to_numpy(), X.iloc[3:5].to_numpy())
    np.testing.assert_allclose(explanation.values, expected, atol=1e-9)


def test_probabilities_of_all_classes(flowers):
    from sklearn.linear_model import LogisticRegression

    X, y = flowers
    model = LogisticRegression(max_iter=500).fit(X, y)
    plain = LogisticRegression(max_iter=500).fit(X.to_numpy(), y).predict_proba
    for function in (model, model.predict_proba):
        explanation = banzhaf.Explainer(function, X.iloc[::10])(X.iloc[[0, 1]])
        expected = slow_values(plain, X.iloc[::10].to_numpy(), X.iloc[[0, 1]].to_numpy())
        np.testing.assert_allclose(explanation.values, expected, atol=1e-9)
        assert explanation.output_names == ("0", "1", "2")
        assert explanation.output("2").values.shape == (2, 4)


def test_one_row_of_a_frame_is_a_series(flowers):
    from sklearn.linear_model import LogisticRegression

    X, y = flowers
    explain = banzhaf.Explainer(LogisticRegression(max_iter=500).fit(X, y), X.iloc[::10])
    with pytest.raises(TypeError, match=r"X must be a pandas DataFrame .*: pass one row as frame\.iloc\[\[i\]\]"):
        explain(X.iloc[0])
    assert explain(X.iloc[0].to_frame().T) == explain(X.iloc[[0]])


@pytest.mark.parametrize("n_rows", [3, 10])
def test_log_odds_of_probabilities_that_are_0_or_1(flowers, n_rows):
    from sklearn.ensemble import RandomForestClassifier

    X, y = flowers
    model = RandomForestClassifier(20, random_state=42).fit(X, y)
    background = X.sample(10, random_state=42)

    def log_odds(rows):
        probabilities = model.predict_proba(rows)
        with np.errstate(divide="ignore"):
            return np.log(probabilities) - np.log1p(-probabilities)

    with pytest.raises(ValueError, match=r"finite|NaN|infinite"):
        banzhaf.Explainer(log_odds, background)(X[:n_rows])

    def clipped(rows):
        return np.clip(log_odds(rows), -7, 7)

    explanation = banzhaf.Explainer(clipped, background)(X[:n_rows])
    np.testing.assert_allclose(explanation.base_values, clipped(background).mean(axis=0), atol=1e-12)


# Tables


def test_a_frame_with_an_index_of_dates(pd):
    pytest.importorskip("sklearn")
    X, y = numbers(10, 3)
    start = datetime.datetime(2018, 1, 1, tzinfo=datetime.timezone.utc)
    index = pd.DatetimeIndex([start + datetime.timedelta(days=i) for i in range(10)])
    frame = pd.DataFrame(X, columns=list("abc"), index=index)
    explanation = banzhaf.Explainer(linear(frame, y), frame)(frame)
    np.testing.assert_allclose(explanation.values, slow_values(linear(X, y).predict, X, X), atol=1e-9)
    assert explanation.feature_names == ("a", "b", "c")
    assert isinstance(explanation.data, np.ndarray)
    np.testing.assert_array_equal(explanation.data, X)


def test_rows_that_are_not_in_order(pd):
    frame = pd.DataFrame({"a": [3.0, 1.0, 2.0], "b": [6.0, 4.0, 5.0]}, index=[30, 10, 20])
    values = banzhaf.Explainer(lambda rows: rows["a"].to_numpy() + rows["b"].to_numpy(), frame)(frame).values
    np.testing.assert_allclose(values, [[1, 1], [-1, -1], [0, 0]], atol=1e-12)


def test_texts_in_an_array():
    pytest.importorskip("sklearn")
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    X = np.array([["A", "0", "0"], ["A", "1", "0"], ["B", "0", "0"], ["B", "1", "0"], ["A", "1", "0"]])
    model = make_pipeline(OneHotEncoder(), LinearRegression()).fit(X, [0.0, 1.0, 2.0, 3.0, 4.0])
    explanation = check(banzhaf.Explainer(model.predict, X), model.predict, X, X[:2])
    assert np.all(explanation.values[:, 2] == 0)
    assert explanation.data[0].tolist() == ["A", "0", "0"]


@pytest.mark.parametrize("dtype", [bool, object])
def test_truth_values(dtype):
    pytest.importorskip("sklearn")
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(45479)
    X = rng.choice([True, False], size=(15, 6)).astype(dtype)
    model = RandomForestClassifier(10, random_state=0).fit(X, rng.choice([0.0, 1.0], size=15))
    explanation = check(banzhaf.Explainer(model, X), model.predict_proba, X, X[:4])
    assert explanation.data.tolist() == X[:4].tolist()


def test_one_row_of_an_array(pd):
    pytest.importorskip("sklearn")
    X, y = numbers()
    explain = banzhaf.Explainer(linear(X, y), X)
    row = pd.Series(X[0], index=list("abcd"))
    with pytest.raises(ValueError, match=r"pass one row as X\.to_numpy\(\)\[None\]$"):
        explain(row)
    with pytest.raises(ValueError, match=r"pass one row as X\[None\]$"):
        explain(X[0])
    assert explain(row.to_numpy()[None]) == explain(X[:1])


@pytest.mark.parametrize("name", ["csr_matrix", "csr_array"])
def test_sparse_rows(name):
    sparse = pytest.importorskip("scipy.sparse")
    pytest.importorskip("sklearn")
    make = getattr(sparse, name)
    X, y = numbers(30, 8)
    X[np.abs(X) < 0.7] = 0
    model = linear(make(X), y).predict
    for background in (np.zeros((1, 8)), np.median(X, axis=0)[None], X[:5]):
        explanation = banzhaf.Explainer(model, make(background))(make(X[:3]))
        expected = slow_values(lambda rows: model(make(rows)), background, X[:3])
        np.testing.assert_allclose(explanation.values, expected, atol=1e-9)
    with pytest.raises(TypeError, match=r"X must be a NumPy array .*not a sparse matrix: pass X\.toarray\(\)"):
        banzhaf.Explainer(linear(X, y), X[:5])(make(X[:3]))


def test_hashed_words():
    """A text uses a few of 65,536 columns."""
    pytest.importorskip("sklearn")
    from sklearn.feature_extraction.text import HashingVectorizer

    texts = ["the sun is bright", "a dark night", "bright night sky", "the dark sky", "sun and sky", "no light"] * 5
    X = HashingVectorizer(n_features=2**16, alternate_sign=False).transform(texts)
    model = linear(X, np.arange(30.0) % 6)
    background = X[:1] * 0
    explanation = banzhaf.Explainer(model, background, budget=4096)(X[:2])
    change = X[:2].toarray() * model.coef_
    np.testing.assert_allclose(explanation.values, change, atol=1e-9)
    assert np.count_nonzero(explanation.values[0]) <= 4


@pytest.mark.parametrize("background", ["not a table", np.zeros((2, 3, 4)), np.zeros(3), 5])
def test_what_is_no_table_is_refused(background):
    with pytest.raises(ValueError, match="background must have two dimensions"):
        banzhaf.Explainer(lambda rows: rows[:, 0], background)


def test_rows_of_three_dimensions_are_refused():
    with pytest.raises(ValueError, match=r"X must have two dimensions .*not shape \(2, 3, 4\)"):
        banzhaf.Explainer(lambda rows: rows[:, 0], np.zeros((2, 4)))(np.ones((2, 3, 4)))


# Names, copies, repr


def test_feature_names():
    X, _y = numbers(20, 3)
    names = ["alpha", "beta", "gamma"]
    explain = banzhaf.Explainer(lambda rows: rows[:, 0], X, feature_names=names)
    assert explain.feature_names == tuple(names)
    assert explain(X[:2]).feature_names == tuple(names)
    assert "3 features" in repr(explain)
    assert "20 background rows" in repr(explain)


def test_an_explainer_pickles():
    pytest.importorskip("sklearn")
    X, y = numbers()
    explain = banzhaf.Explainer(linear(X, y), X, random_state=1)
    assert pickle.loads(pickle.dumps(explain))(X[:3]) == explain(X[:3])


def test_nothing_is_printed(capsys):
    X, _ = numbers()
    banzhaf.Explainer(lambda rows: rows[:, 0], X)(X[:3])
    assert capsys.readouterr() == ("", "")


# Budgets


def test_no_more_coalitions_than_there_are():
    X, _y = numbers()
    explain = banzhaf.Explainer(lambda rows: rows @ np.arange(4.0), X, budget=10**6)
    assert explain(X[:1]).row_costs[0] <= 16 * len(X)


@pytest.mark.parametrize("budget", [10, 50, 200])
@pytest.mark.filterwarnings("ignore::banzhaf.BudgetWarning", "ignore::banzhaf.RankWarning")
def test_small_budgets(budget):
    X, _ = numbers(30, 12)
    explanation = banzhaf.Explainer(lambda rows: rows @ np.arange(12.0), X, budget=budget, random_state=0)(X[:1])
    assert explanation.values.shape == (1, 12)
    assert explanation.row_costs[0] <= budget


# What models return


class Tensor:
    """A tensor of a deep-learning library, which converts to an array."""

    def __init__(self, array):
        self._array = array

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._array, dtype=dtype)


@pytest.mark.parametrize("kind", ["tensor", "list", "nested list", "float32", "int64", "bool", "column", "Fortran"])
def test_what_a_model_may_return(kind):
    X, _ = numbers(20, 3)

    def base(rows):
        return rows[:, 0] * rows[:, 1]

    model = {
        "tensor": lambda rows: Tensor(base(rows)),
        "list": lambda rows: base(rows).tolist(),
        "nested list": lambda rows: np.column_stack([base(rows), rows[:, 2]]).tolist(),
        "float32": lambda rows: base(rows).astype(np.float32),
        "int64": lambda rows: np.rint(10 * base(rows)).astype(int),
        "bool": lambda rows: base(rows) > 0,
        "column": lambda rows: base(rows)[:, None],
        "Fortran": lambda rows: np.asfortranarray(np.column_stack([base(rows), rows[:, 2]])),
    }[kind]
    check(banzhaf.Explainer(model, X[:10]), lambda rows: np.asarray(model(rows)), X[:10], X[10:13], atol=1e-6)


def test_models_that_return_frames_and_series(pd):
    pl = pytest.importorskip("polars")
    X, _ = numbers(20, 3)

    def both(rows):
        return np.column_stack([rows[:, 0] * rows[:, 1], rows[:, 2]])

    for model in (
        lambda rows: pd.Series(both(rows)[:, 0], index=np.arange(len(rows)) + 100),
        lambda rows: pd.DataFrame(both(rows), columns=["u", "v"]),
        lambda rows: pl.Series(both(rows)[:, 0]),
        lambda rows: pl.DataFrame(both(rows)),
        lambda rows: pd.Series(both(rows)[:, 0]).astype("Float64"),
    ):
        check(banzhaf.Explainer(model, X[:10]), lambda rows, model=model: model(rows), X[:10], X[10:13])


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (lambda rows: None, "returned None"),
        (lambda rows: ["a"] * len(rows), "returned dtype <U1"),
        (lambda rows: rows[:, 0] * 1j, "returned dtype complex128"),
        (lambda rows: rows[:-1, 0], r"returned shape"),
        (lambda rows: rows[:, 0].sum(), r"returned shape \(\)"),
        (lambda rows: rows[:, :, None], "returned shape"),
        (lambda rows: {"probability": rows[:, 0]}, "returned"),
        (lambda rows: [{"a": 0.5, "b": 0.5}] * len(rows), "returned dtype object"),
        (lambda rows: [rows[:, :2], rows[:, :2]], "returns a list of 2 arrays, one for each target"),
        (
            lambda rows: np.ma.masked_array(rows[:, 0], mask=rows[:, 0] > -9),
            "returned a masked array",
        ),
        (lambda rows: 2**60 + np.arange(len(rows)), "returned 1152921504606846977, which float64 cannot hold"),
    ],
)
def test_what_a_model_may_not_return(outputs, message):
    X, _ = numbers(20, 3)
    with pytest.raises((TypeError, ValueError), match=message):
        banzhaf.Explainer(outputs, X[:10])(X[10:13])


# shap's own names and backgrounds


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"data": np.eye(4)}, "'data': .* background="),
        ({"link": "logit"}, "'link': pass banzhaf.Explainer a function of rows"),
        ({"nsamples": 100}, "'nsamples': .* budget="),
        ({"keep_index": True}, "'keep_index': .* numbered 0, 1, 2"),
        ({"seed": 3}, "'seed': .* random_state="),
    ],
)
def test_arguments_of_the_explainer(arguments, message):
    with pytest.raises(TypeError, match=f"Explainer got an unexpected argument {message}"):
        banzhaf.Explainer(lambda rows: rows[:, 0], **({"background": np.eye(4)} | arguments))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nsamples": 100}, r"'nsamples': .* budget=, an argument of the explainer"),
        ({"l1_reg": "num_features(2)"}, "'l1_reg': .* without an L1 penalty"),
        ({"l1_reg": 0.05, "silent": True}, "'l1_reg': .* without an L1 penalty"),
        ({"silent": True}, "'silent': .* progress=True"),
        ({"gc_collect": True}, "'gc_collect': .* one buffer"),
    ],
)
def test_arguments_of_a_call(arguments, message):
    with pytest.raises(TypeError, match=f"explainer\\(X\\) got an unexpected argument {message}"):
        banzhaf.Explainer(lambda rows: rows[:, 0], np.eye(4))(np.eye(4), **arguments)


def test_attributes():
    explain = banzhaf.Explainer(lambda rows: rows[:, 0], np.eye(4))
    with pytest.raises(AttributeError, match=r"no attribute 'shap_values': use explainer\(X\)\.values"):
        explain.shap_values(np.eye(4))
    with pytest.raises(AttributeError, match=r"no attribute 'expected_value': .*base_values"):
        assert explain.expected_value


@pytest.mark.parametrize("name", ["kmeans", "sample", "Independent"])
def test_backgrounds(name):
    shap = pytest.importorskip("shap")
    X, _ = numbers(60)
    model = lambda rows: rows[:, 0] * rows[:, 1] + rows[:, 2]  # noqa: E731
    if name == "kmeans":
        pytest.importorskip("sklearn")
        background = shap.kmeans(X, 5)
        rows, weights = background.data, background.weights / background.weights.sum()
    else:
        background = shap.sample(X, 8) if name == "sample" else shap.maskers.Independent(X, max_samples=8)
        rows = getattr(background, "data", background) if name == "Independent" else background
        weights = np.full(len(rows), 1 / len(rows))
    values = banzhaf.Explainer(model, background)(X[:3]).values
    expected = sum(weight * slow_values(model, row[None], X[:3]) for row, weight in zip(rows, weights, strict=True))
    np.testing.assert_allclose(values, expected.reshape(values.shape), atol=1e-9)


def test_plots_of_shap_take_an_explanation(flowers):
    shap = pytest.importorskip("shap")
    pytest.importorskip("matplotlib").use("agg")
    X, _ = flowers
    explanation = banzhaf.Explainer(lambda rows: rows.iloc[:, 0] * rows.iloc[:, 1], X[:10])(X[50:60])
    converted = explanation.to_shap()
    shap.plots.scatter(converted[:, X.columns[0]], show=False)
    np.testing.assert_array_equal(converted.data, X[50:60].to_numpy())
    assert converted.base_values.shape == (10,)
