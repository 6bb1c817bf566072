# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Real models get rows like those they were fitted on, and models that cannot be explained are refused."""

from __future__ import annotations

import pickle
import re
from functools import partial

import numpy as np
import pytest

import banzhaf
from banzhaf._explain.models import as_model
from banzhaf._explain.tables import as_background

N_BACKGROUND, N_EXPLICANDS, N_MASKED = 20, 6, 200


@pytest.fixture(autouse=True)
def _sklearn():
    pytest.importorskip("sklearn")


def make_numbers(n_rows=300, n_columns=5, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_columns))
    X[:, 3] = X[:, 3].round()
    return X, X[:, 0] * X[:, 1] + X[:, 2] + 0.1 * rng.normal(size=n_rows)


def make_people(pd, categories="category", n_rows=400, seed=0):
    """People with ages, jobs, missing cells and one of three classes."""
    rng = np.random.default_rng(seed)
    job = rng.choice(["clerk", "sales", "tech", "none"], n_rows)
    age = rng.integers(18, 80, n_rows)
    wage = np.where(rng.random(n_rows) < 0.2, np.nan, rng.normal(30, 10, n_rows))
    people = pd.DataFrame(
        {
            "age": age,
            "job": pd.Series(job, dtype=categories),
            "weekly wage": wage,
            "married": rng.random(n_rows) < 0.5,
            "city": pd.Series(rng.choice(["Rome", "Oslo", "Bonn"], n_rows), dtype=categories),
        }
    )
    score = (job == "tech") * 1.0 + (age > 45) + np.nan_to_num(wage, nan=20) / 60
    return people, np.digitize(score, [0.9, 1.6])


def slow_masked(table, encoded, explicands, rows, inside):
    """The masked rows, put together cell by cell; the first rows of the table are the background."""
    places = np.where(inside, N_BACKGROUND + explicands[:, None], rows[:, None])
    if isinstance(table, np.ndarray):
        return np.array([[table[place, j] for j, place in enumerate(row)] for row in places], dtype=table.dtype)
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        columns = [
            pd.concat([table.iloc[[place], j] for place in places[:, j]], ignore_index=True)
            for j in range(table.shape[1])
        ]
        return pd.concat(columns, axis=1)
    import polars as pl

    return pl.DataFrame(
        [
            pl.concat([column.slice(place, 1) for place in places[:, j].tolist()])
            for j, column in enumerate(table.get_columns())
        ]
    )


def check_model(model, table, expected, output_names=None, rtol=1e-12):
    """The model's outputs on the decoded batch equal `expected` of the slowly masked rows."""
    background = as_background(table[:N_BACKGROUND])
    encoded = background.encode(table[N_BACKGROUND : N_BACKGROUND + N_EXPLICANDS])
    adapted = as_model(model, background)
    assert adapted.output_names == output_names
    rng = np.random.default_rng(1)
    explicands = rng.integers(N_EXPLICANDS, size=N_MASKED)
    rows = rng.integers(N_BACKGROUND, size=N_MASKED)
    inside = rng.random((N_MASKED, background.n_columns)) < 0.5
    cells = np.where(inside, encoded.explicand_cells[explicands], encoded.background_cells[rows])
    before = cells.copy()
    outputs = adapted.predict(encoded.decode(cells))
    np.testing.assert_array_equal(cells, before)
    masked = slow_masked(table, encoded, explicands, rows, inside)
    np.testing.assert_allclose(outputs, expected(masked), rtol=rtol, atol=rtol)  # BLAS sums by layout
    assert len(np.unique(outputs)) > 2  # a model that answers
    return adapted


# scikit-learn


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sklearn_classifier(dtype):
    from sklearn.linear_model import LogisticRegression

    X, y = make_numbers()
    X = X.astype(dtype)
    model = LogisticRegression().fit(X, np.array(["low", "mid", "high"])[np.digitize(y, [-0.5, 0.5])])
    check_model(model, X, model.predict_proba, ("high", "low", "mid"))
    check_model(model.predict_proba, X, model.predict_proba, ("high", "low", "mid"))
    check_model(model.predict_log_proba, X, model.predict_log_proba, ("high", "low", "mid"))
    check_model(model.decision_function, X, model.decision_function)
    check_model(lambda rows: model.predict_proba(rows)[:, 1], X, lambda rows: model.predict_proba(rows)[:, 1])


@pytest.mark.parametrize(("labels", "names"), [([0, 1], ("0", "1")), ([False, True], ("False", "True"))])
def test_classes_are_named_as_python_prints_them(labels, names):
    from sklearn.naive_bayes import GaussianNB

    X, y = make_numbers()
    model = GaussianNB().fit(X, np.array(labels)[(y > 0).astype(int)])
    check_model(model, X, model.predict_proba, names)


def test_sklearn_regressors():
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = make_numbers()
    for model in (
        RandomForestRegressor(5, random_state=0),
        MLPRegressor(hidden_layer_sizes=(8,), random_state=0, max_iter=2000),
        make_pipeline(StandardScaler(), LinearRegression()),
    ):
        check_model(model.fit(X, y), X, model.predict)
        check_model(model.predict, X, model.predict)
    several = LinearRegression().fit(X, np.column_stack([y, -y, y**2]))
    check_model(several, X, several.predict)


def test_sklearn_search():
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    X, y = make_numbers()
    model = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2).fit(X, y > 0)
    check_model(model, X, model.predict_proba, ("False", "True"))


@pytest.mark.parametrize("categories", ["object", "str", "category", "string"])
def test_sklearn_pipeline_on_pandas(pd, categories):
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    people, y = make_people(pd, categories)
    model = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(), ["job", "city"]), (SimpleImputer(), ["weekly wage"]), remainder="passthrough"
        ),
        LogisticRegression(max_iter=10_000),
    ).fit(people, y)
    check_model(model, people, model.predict_proba, ("0", "1", "2"))


def test_sklearn_pipeline_on_polars(pd, pl):
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    people, y = make_people(pd, "object")
    people = pl.DataFrame({name: people[name].to_list() for name in people}).drop("weekly wage")
    encoder = make_column_transformer((OneHotEncoder(), ["job", "city"]), remainder="passthrough")
    model = make_pipeline(encoder, LogisticRegression(max_iter=10_000))
    try:
        model.fit(people, y)
    except AttributeError:
        pytest.skip("this scikit-learn cannot read this polars")
    check_model(model, people, model.predict_proba, ("0", "1", "2"))
    shuffled = people[["city", "age", "married", "job"]]
    assert check_model(model, shuffled, model.predict_proba, ("0", "1", "2")).column_order == (1, 3, 2, 0)


def test_sklearn_gradient_boosting_with_categories(pd):
    from sklearn.ensemble import HistGradientBoostingClassifier

    people, y = make_people(pd)
    model = HistGradientBoostingClassifier(max_iter=10, categorical_features="from_dtype").fit(people, y)
    check_model(model, people, model.predict_proba, ("0", "1", "2"))


def test_sklearn_pipeline_with_nullable_columns(pd):
    from sklearn.ensemble import HistGradientBoostingRegressor

    people, y = make_people(pd)
    people = people.astype({"age": "Int64", "weekly wage": "Float64", "married": "boolean"})
    people.loc[::7, "married"] = pd.NA
    model = HistGradientBoostingRegressor(max_iter=10, categorical_features="from_dtype").fit(people, y)
    check_model(model, people, model.predict)


# XGBoost


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_xgboost_estimators(xgb, dtype):
    X, y = make_numbers()
    X = X.astype(dtype)
    regressor = xgb.XGBRegressor(n_estimators=10).fit(X, y)
    check_model(regressor, X, regressor.predict)
    classifier = xgb.XGBClassifier(n_estimators=10).fit(X, (y > 0).astype(int))
    check_model(classifier, X, classifier.predict_proba, ("0", "1"))


def test_xgboost_classifier_with_categories(xgb, pd):
    people, y = make_people(pd)
    model = xgb.XGBClassifier(n_estimators=10, tree_method="hist", enable_categorical=True).fit(people, y)
    check_model(model, people, model.predict_proba, ("0", "1", "2"))
    shuffled = people[people.columns[[2, 0, 4, 1, 3]]]
    adapted = check_model(model, shuffled, lambda rows: model.predict_proba(rows[people.columns]), ("0", "1", "2"))
    assert adapted.column_order == (1, 3, 0, 4, 2)


@pytest.mark.parametrize("booster", ["gbtree", "dart", "gblinear"])
@pytest.mark.filterwarnings("ignore:.*deprecated:UserWarning")
def test_xgboost_booster(xgb, booster):
    X, y = make_numbers()
    model = xgb.train({"booster": booster}, xgb.DMatrix(X, y), 10)
    check_model(
        model, X, lambda rows: model.predict(xgb.DMatrix(rows)), rtol=1e-5
    )  # dart adds its trees in another order


@pytest.mark.parametrize("objective", ["multi:softprob", "binary:logistic"])
def test_xgboost_booster_with_categories_and_early_stopping(xgb, pd, objective):
    people, y = make_people(pd)
    parameters = {"objective": objective, "tree_method": "hist"}
    if objective.startswith("multi"):
        parameters["num_class"] = 3
    else:
        y = y > 0
    rows = xgb.DMatrix(people, y, enable_categorical=True)
    other = xgb.DMatrix(people[::2], np.roll(y, 1)[::2], enable_categorical=True)
    model = xgb.train(parameters, rows, 50, evals=[(other, "other")], early_stopping_rounds=3, verbose_eval=False)
    assert model.best_iteration + 1 < model.num_boosted_rounds()

    def predict(booster):
        return lambda frame: booster.predict(xgb.DMatrix(frame, enable_categorical=True))

    check_model(model, people, predict(model))
    best = model[: model.best_iteration + 1]
    check_model(best, people, predict(best))
    shuffled = people[people.columns[::-1]]
    adapted = check_model(model, shuffled, lambda frame: predict(model)(frame[people.columns]))
    assert adapted.column_order == (4, 3, 2, 1, 0)


def test_xgboost_on_polars(xgb, pd, pl):
    if int(xgb.__version__.split(".")[0]) < 3:
        pytest.skip("XGBoost 3 reads polars")
    people, y = make_people(pd, "object")
    jobs, cities = (pl.Enum(people[name].unique().tolist()) for name in ("job", "city"))
    people = pl.DataFrame({name: people[name].to_list() for name in people}).with_columns(
        pl.col("job").cast(jobs), pl.col("city").cast(cities)
    )
    model = xgb.XGBClassifier(n_estimators=10, enable_categorical=True).fit(people, y)
    check_model(model, people, model.predict_proba, ("0", "1", "2"))
    shuffled = people[:, ::-1]  # XGBoost itself does not look at polars' names
    check_model(model, shuffled, lambda rows: model.predict_proba(rows[:, ::-1]), ("0", "1", "2"))


def test_xgboost_booster_of_an_array_takes_frames_without_names(xgb, pd):
    X, y = make_numbers()
    model = xgb.train({}, xgb.DMatrix(X, y), 10)
    frame = pd.DataFrame(X, columns=list("abcde"))
    check_model(model, frame, lambda rows: model.predict(xgb.DMatrix(rows.to_numpy())))


# LightGBM


def test_lightgbm_estimators(lgb, pd):
    people, y = make_people(pd)
    model = lgb.LGBMClassifier(n_estimators=10, verbose=-1).fit(people, y)
    check_model(model, people, model.predict_proba, ("0", "1", "2"))
    shuffled = people[people.columns[::-1]]  # LightGBM itself does not look at names, and underscores its own
    for either in (model, model.predict_proba):
        adapted = check_model(either, shuffled, lambda rows: model.predict_proba(rows[people.columns]), ("0", "1", "2"))
        assert adapted.column_order == (4, 3, 2, 1, 0)


def test_lightgbm_booster(lgb, pd):
    people, y = make_people(pd)
    parameters = {"objective": "multiclass", "num_class": 3, "verbose": -1}
    model = lgb.train(parameters, lgb.Dataset(people, y), 10)
    check_model(model, people, model.predict)
    shuffled = people[people.columns[::-1]]
    check_model(model, shuffled, lambda rows: model.predict(rows[people.columns]))


def test_lightgbm_of_an_array(lgb, pd):
    X, y = make_numbers()
    model = lgb.train({"verbose": -1}, lgb.Dataset(X, y), 10)
    check_model(model, X, model.predict)
    check_model(model, pd.DataFrame(X, columns=list("abcde")), model.predict)


# anything else


def test_a_model_of_polars(pl):
    class Scores:
        classes_ = np.array(["no", "yes"])
        feature_names_in_ = ("size", "kind")
        n_features_in_ = 2

        def predict_proba(self, rows):
            assert rows.columns == ["size", "kind"]
            kind = rows["kind"].cast(pl.Enum(["b", "a"])).to_physical().fill_null(2).to_numpy()
            yes = 1 / (1 + np.exp(kind - rows["size"].fill_null(0).to_numpy()))
            return np.column_stack([1 - yes, yes])

    numbers = np.random.default_rng(0).normal(size=40).tolist()
    table = pl.DataFrame({"kind": ["a", "b", None, "b"] * 10, "size": [*numbers[:30], *[None] * 10]})
    adapted = check_model(Scores(), table, lambda rows: Scores().predict_proba(rows[["size", "kind"]]), ("no", "yes"))
    assert adapted.column_order == (1, 0)


def test_a_function_gets_what_the_user_has(pd):
    seen = []

    def model(rows):
        seen.append(rows)
        return rows["age"] + 100.0 * (rows["job"] == "tech")

    people, _ = make_people(pd)
    check_model(model, people, model)
    assert list(seen[0].dtypes) == list(people.dtypes)
    assert list(seen[0].columns) == list(people.columns)


def test_predict_goes_before_call():
    class Network:
        def __call__(self, rows):
            raise AssertionError

        def predict(self, rows):
            return np.tanh(rows.sum(axis=1))

    check_model(Network(), make_numbers()[0], Network().predict)


@pytest.mark.parametrize(
    "outputs",
    [np.zeros((2, 3)), [1.0, 2.0], [[1.0], [2.0]], "text", None, [], {"a": 1}, np.array(["a", "b"])],
)
def test_outputs_are_returned_as_they_are(outputs):
    model = as_model(lambda rows: outputs, as_background(np.zeros((2, 2))))
    assert model.predict(np.zeros((2, 2))) is outputs


def test_a_model_pickles():
    from sklearn.linear_model import LogisticRegression

    X, y = make_numbers()
    model = as_model(LogisticRegression().fit(X, y > 0), as_background(X))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


def test_errors_of_the_model_are_its_own():
    from sklearn.exceptions import NotFittedError
    from sklearn.linear_model import LogisticRegression

    X, _ = make_numbers()
    with pytest.raises(NotFittedError):
        as_model(LogisticRegression(), as_background(X)).predict(X)


def test_warnings_of_the_model_are_its_own(pd):
    from sklearn.linear_model import LinearRegression

    X, y = make_numbers()
    model = LinearRegression().fit(pd.DataFrame(X, columns=list("abcde")), y)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        as_model(model, as_background(X)).predict(X)


def test_numbered_columns_are_no_names(pd):
    from sklearn.linear_model import LinearRegression

    X, y = make_numbers()
    frame = pd.DataFrame(X)
    model = LinearRegression().fit(frame, y)
    check_model(model, frame, model.predict)


def test_numbered_columns_are_xgboosts_names(xgb, pd):
    X, y = make_numbers()
    frame = pd.DataFrame(X)
    model = xgb.XGBRegressor(n_estimators=5).fit(frame, y)
    adapted = check_model(model, frame[[4, 3, 2, 1, 0]], lambda rows: model.predict(rows[[0, 1, 2, 3, 4]]))
    assert adapted.column_order == (4, 3, 2, 1, 0)


def test_a_single_class_is_named():
    from sklearn.dummy import DummyClassifier

    X, _ = make_numbers()
    assert as_model(DummyClassifier().fit(X, np.ones(len(X))), as_background(X)).output_names == ("1.0",)


# refusals


@pytest.mark.parametrize("model", ["model.pkl", None, 3, [1, 2], np.zeros(3), {"predict": 1}])
def test_what_cannot_be_called_is_refused(model):
    message = "model must be a function of rows, or have predict_proba or predict, got " + type(model).__name__
    with pytest.raises(TypeError, match=message):
        as_model(model, as_background(np.zeros((1, 2))))


def test_a_class_is_refused():
    from sklearn.linear_model import LogisticRegression

    with pytest.raises(TypeError, match="model must be a fitted model, not the class LogisticRegression"):
        as_model(LogisticRegression, as_background(np.zeros((1, 2))))


def labelling_models():
    """Models whose predict returns labels, with the alternative that the error must name."""
    import sklearn.cluster as clusters
    import sklearn.linear_model as linear
    import sklearn.svm as svm
    from sklearn.covariance import EllipticEnvelope
    from sklearn.ensemble import IsolationForest, VotingClassifier
    from sklearn.model_selection import GridSearchCV
    from sklearn.multiclass import OutputCodeClassifier
    from sklearn.neighbors import LocalOutlierFactor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return {
        "KMeans": (clusters.KMeans(3, n_init=1), "a clusterer", "model.transform"),
        "MiniBatchKMeans": (clusters.MiniBatchKMeans(3, n_init=1), "a clusterer", "model.transform"),
        "Birch": (clusters.Birch(), "a clusterer", "model.transform"),
        "MeanShift": (clusters.MeanShift(), "a clusterer", "cluster_centers_"),
        "IsolationForest": (IsolationForest(n_estimators=5), "an outlier detector", "model.score_samples"),
        "LocalOutlierFactor": (LocalOutlierFactor(novelty=True), "an outlier detector", "model.score_samples"),
        "EllipticEnvelope": (EllipticEnvelope(), "an outlier detector", "model.score_samples"),
        "OneClassSVM": (svm.OneClassSVM(), "an outlier detector", "model.score_samples"),
        "SGDOneClassSVM": (linear.SGDOneClassSVM(), "an outlier detector", "model.score_samples"),
        "SVC": (svm.SVC(), "a classifier", "model.decision_function"),
        "LinearSVC": (svm.LinearSVC(dual="auto"), "a classifier", "model.decision_function"),
        "RidgeClassifier": (linear.RidgeClassifier(), "a classifier", "model.decision_function"),
        "Perceptron": (linear.Perceptron(), "a classifier", "model.decision_function"),
        "OutputCodeClassifier": (
            OutputCodeClassifier(linear.RidgeClassifier()),
            "a classifier",
            r"lambda rows: \(model\.predict\(rows\) == label\)",
        ),
        "VotingClassifier": (
            VotingClassifier([("a", linear.Perceptron()), ("b", linear.RidgeClassifier())]),
            "a classifier",
            r"model\.predict\(rows\) == label",
        ),
        "Pipeline": (make_pipeline(StandardScaler(), clusters.KMeans(2, n_init=1)), "a clusterer", "model.transform"),
        "GridSearchCV": (
            GridSearchCV(svm.LinearSVC(dual="auto"), {"C": [1, 2]}, cv=2),
            "a classifier",
            "model.decision_function",
        ),
    }


LABELLING = [
    "KMeans",
    "MiniBatchKMeans",
    "Birch",
    "MeanShift",
    "IsolationForest",
    "LocalOutlierFactor",
    "EllipticEnvelope",
    "OneClassSVM",
    "SGDOneClassSVM",
    "SVC",
    "LinearSVC",
    "RidgeClassifier",
    "Perceptron",
    "OutputCodeClassifier",
    "VotingClassifier",
    "Pipeline",
    "GridSearchCV",
]


@pytest.mark.parametrize("name", LABELLING)
def test_models_that_predict_labels_are_refused(name):
    model, kind, instead = labelling_models()[name]
    X, y = make_numbers()
    background = as_background(X)
    model.fit(X, y > 0)
    with pytest.raises(TypeError, match=rf"^model is {kind}.* \({name}\): predict returns labels; .*{instead}"):
        as_model(model, background)
    for method in (model.predict, partial(model.predict), partial(partial(model.predict))):
        with pytest.raises(TypeError, match=rf"^model is predict of {kind} \({name}\): .*{instead}"):
            as_model(method, background)
    if instead.startswith("model."):
        method = getattr(model, instead.removeprefix("model."))
        check_model(method, X, method)
    check_model(lambda rows: model.predict(rows) * 1.0 + rows[:, 0], X, lambda rows: model.predict(rows) + rows[:, 0])


def test_arguments_may_ask_a_classifier_for_scores():
    xgb, lgb = pytest.importorskip("xgboost"), pytest.importorskip("lightgbm")
    pd = pytest.importorskip("pandas")
    X, y = make_numbers()
    boosted = xgb.XGBClassifier(n_estimators=3, max_depth=2).fit(X, y > 0)
    check_model(partial(boosted.predict, output_margin=True), X, partial(boosted.predict, output_margin=True))
    with pytest.raises(TypeError, match="predict returns labels"):
        as_model(partial(boosted.predict, output_margin=False), as_background(X))

    # LightGBM reads columns by position, so the columns of a method behind partial are put in order too.
    frame = pd.DataFrame(X, columns=[f"c{j}" for j in range(X.shape[1])])
    light = lgb.LGBMClassifier(n_estimators=3, min_child_samples=2, verbose=-1).fit(frame, y > 0)
    scores = partial(light.predict, raw_score=True)
    turned = frame[frame.columns[::-1]]
    np.testing.assert_array_equal(as_model(scores, as_background(turned)).predict(turned), scores(frame))


def test_a_mixture_has_probabilities_but_predicts_components():
    from sklearn.mixture import GaussianMixture

    X, _ = make_numbers()
    model = GaussianMixture(2, random_state=0).fit(X)
    check_model(model, X, model.predict_proba)
    with pytest.raises(TypeError, match=r"model is predict of a clusterer .*for example model\.predict_proba"):
        as_model(model.predict, as_background(X))


def test_what_predicts_nothing_has_a_hint():
    from sklearn.neighbors import KernelDensity

    X, _ = make_numbers()
    with pytest.raises(TypeError, match=r"got KernelDensity: pass model\.score_samples"):
        as_model(KernelDensity().fit(X), as_background(X))


def test_regressors_may_predict_integers():
    from sklearn.dummy import DummyRegressor
    from sklearn.neighbors import KNeighborsRegressor

    X, y = make_numbers()
    counts = np.round(3 * y).astype(int)
    model = KNeighborsRegressor(1).fit(X, counts)
    check_model(model, X, model.predict)
    check_model(model.predict, X, model.predict)
    assert as_model(DummyRegressor().fit(X, counts), as_background(X)).output_names is None


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"classes_": ("a", "b")}, "a classifier without predict_proba"),
        ({"labels_": np.zeros(3)}, "a clusterer"),
        ({"fit_predict": lambda self, rows: None}, "a clusterer"),
        ({"decision_function": lambda self, rows: None}, "an outlier detector"),
    ],
)
def test_a_foreign_model_that_only_gives_labels_is_refused(attributes, kind):
    Foreign = type("Foreign", (), {"predict": lambda self, rows: ["a"] * len(rows), **attributes})
    with pytest.raises(TypeError, match=rf"model is {kind} \(Foreign\)"):
        as_model(Foreign(), as_background(np.zeros((1, 2))))


def test_a_foreign_model_whose_tags_fail():
    class Foreign:
        classes_ = ("a", "b")

        def __sklearn_tags__(self):
            raise AttributeError("'super' object has no attribute '__sklearn_tags__'")

        def predict(self, rows):
            return ["a"] * len(rows)

    with pytest.raises(TypeError, match="model is a classifier without predict_proba"):
        as_model(Foreign(), as_background(np.zeros((1, 2))))


@pytest.mark.parametrize("around", ["alone", "pipeline", "search"])
@pytest.mark.parametrize("objective", ["binary:hinge", "multi:softmax"])
def test_xgboost_estimators_that_only_give_labels_are_refused(xgb, objective, around):
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    X, y = make_numbers()
    if objective == "binary:hinge":  # its "probabilities" are labels
        model = xgb.XGBClassifier(n_estimators=3, objective=objective)
    else:
        model = xgb.XGBRegressor(n_estimators=3, objective=objective, num_class=2)
    if around == "pipeline":
        model = make_pipeline(model)
    if around == "search":
        model = GridSearchCV(model, {"max_depth": [2]}, cv=2)
    model.fit(X, (y > 0).astype(int))
    functions = [model, model.predict]
    if objective == "binary:hinge":
        functions.append(model.predict_proba)
    for function in functions:
        with pytest.raises(TypeError, match=r"predicts? .*labels"):
            as_model(function, as_background(X))


def test_xgboosts_softmax_classifier_has_probabilities(xgb):
    X, y = make_numbers()
    model = xgb.XGBClassifier(n_estimators=3, objective="multi:softmax").fit(X, np.digitize(y, [-0.5, 0.5]))
    check_model(model, X, model.predict_proba, ("0", "1", "2"))


def test_catboost(pd):
    catboost = pytest.importorskip("catboost")
    X, y = make_numbers()
    options = {"iterations": 5, "verbose": 0, "allow_writing_files": False}
    classifier = catboost.CatBoostClassifier(**options).fit(X, (y > 0).astype(int))
    check_model(classifier, X, classifier.predict_proba, ("0", "1"))
    with pytest.raises(TypeError, match=r"model is predict of a classifier .*for example model\.predict_proba"):
        as_model(classifier.predict, as_background(X))
    for loss in ("RMSE", "Logloss"):  # raw values
        model = catboost.CatBoost({"loss_function": loss, **options}).fit(X, (y > 0).astype(int))
        check_model(model, X, model.predict)


def test_a_catboost_model_from_a_file(pd, tmp_path):
    """Such a model says that it has no columns."""
    catboost = pytest.importorskip("catboost")
    frame = pd.DataFrame(make_numbers()[0]).add_prefix("c")
    fitted = catboost.CatBoostRegressor(iterations=5, verbose=0, allow_writing_files=False).fit(frame, frame["c0"])
    fitted.save_model(str(tmp_path / "model.cbm"))
    for model in (catboost.CatBoostRegressor(), catboost.CatBoost()):
        model.load_model(str(tmp_path / "model.cbm"))
        explanation = banzhaf.Explainer(model, frame[:5], random_state=0)(frame[5:8])
        assert explanation == banzhaf.Explainer(fitted, frame[:5], random_state=0)(frame[5:8])
        with pytest.raises(ValueError, match=f"model was fitted on {frame.shape[1]} columns, but background has 1"):
            banzhaf.Explainer(model, frame[["c0"]])


def test_catboost_with_categories_in_another_order_of_columns(pd):
    catboost = pytest.importorskip("catboost")
    people, classes = make_people(pd, "category")
    options = {"iterations": 5, "verbose": 0, "allow_writing_files": False, "cat_features": ["job", "city"]}
    model = catboost.CatBoostClassifier(**options).fit(people, classes)
    check_other_order(model, people, model.predict_proba)


@pytest.mark.parametrize("around", ["pipeline", "search"])
def test_columns_in_another_order_before_steps_that_pass_them_through(lgb, pd, around):
    """The first steps have no names, and LightGBM does not look at them."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import Pipeline

    X, y = make_numbers()
    frame = pd.DataFrame(X, columns=list("abcde"))
    regressor = lgb.LGBMRegressor(n_estimators=5, verbose=-1)
    model = Pipeline([("all", "passthrough"), ("none", None), ("model", regressor)])
    if around == "search":
        model = GridSearchCV(model, {"model__max_depth": [2]}, cv=2)
    model.fit(frame, y)
    check_other_order(model, frame, model.predict)
    check_other_order(model.predict, frame, model.predict)


def test_statsmodels_gets_columns_in_its_order(pd):
    """It takes columns by their positions, unless it was fitted by a formula."""
    frame = pd.DataFrame(make_numbers()[0], columns=list("abcde"))
    data = type("PandasData", (), {"orig_exog": frame})
    fitted = type("OLS", (), {"data": data})
    results = {"__module__": "statsmodels.regression", "predict": lambda self, rows: np.asarray(rows) @ np.arange(5.0)}
    model = type("OLSResults", (), {**results, "model": fitted})()
    check_other_order(model, frame, model.predict)
    check_other_order(model.predict, frame, model.predict)
    fitted.formula = "y ~ a + b + c + d + e"
    results["predict"] = lambda self, rows: rows["b"] * rows["c"]
    by_name = type("OLSResults", (), {**results, "model": fitted})()
    check_other_order(by_name, frame, by_name.predict)


def check_other_order(model, frame, function):
    """Columns of the background in another order give the values of the order that the model was fitted on."""
    other = frame[frame.columns[::-1]]
    found = banzhaf.Explainer(model, other[:5], random_state=0)(frame[5:8])
    wanted = banzhaf.Explainer(lambda rows: function(rows[list(frame.columns)]), other[:5], random_state=0)(frame[5:8])
    np.testing.assert_array_equal(found.values, wanted.values)
    assert np.abs(found.values).max() > 0
    assert found.feature_names == tuple(other.columns)


def test_one_array_of_probabilities_for_each_target_is_refused():
    from sklearn.ensemble import RandomForestClassifier

    X, y = make_numbers()
    model = RandomForestClassifier(5).fit(X, np.column_stack([y > 0, y > 1]))
    adapted = as_model(model, as_background(X))
    assert adapted.output_names is None
    with pytest.raises(TypeError, match="model returns a list of 2 arrays, one for each target: explain one"):
        adapted.predict(X)


@pytest.mark.parametrize("objective", ["multi:softmax", "binary:hinge"])
def test_a_booster_that_only_gives_labels_is_refused(xgb, objective):
    X, y = make_numbers()
    parameters = {"objective": objective} | ({"num_class": 2} if objective.startswith("multi") else {})
    model = xgb.train(parameters, xgb.DMatrix(X, y > 0), 5)
    message = rf"model predicts labels \(its objective is {objective}\).*predict_type='margin'"
    with pytest.raises(TypeError, match=message):
        as_model(model, as_background(X))


def models_of_four(kind, frame, y):
    """A model fitted on columns a, b, c and d."""
    if kind == "sklearn":
        from sklearn.linear_model import LinearRegression

        return LinearRegression().fit(frame, y)
    if kind == "bound method":
        from sklearn.linear_model import LinearRegression

        return LinearRegression().fit(frame, y).predict
    if kind.startswith("xgboost"):
        xgb = pytest.importorskip("xgboost")
        model = xgb.XGBRegressor(n_estimators=3).fit(frame, y)
        return model.get_booster() if "booster" in kind else model
    lgb = pytest.importorskip("lightgbm")
    model = lgb.LGBMRegressor(n_estimators=3, verbose=-1).fit(frame, y)
    return model.booster_ if "booster" in kind else model


KINDS = ["sklearn", "bound method", "xgboost", "xgboost booster", "lightgbm", "lightgbm booster"]


@pytest.mark.parametrize("kind", KINDS)
def test_other_columns_are_refused(pd, kind):
    X, y = make_numbers(n_columns=4)
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = models_of_four(kind, frame, y)
    for background, message in (
        (frame.drop(columns="b"), "; missing: ['b']"),
        (frame.assign(z=1.0), "; unexpected: ['z']"),
        (frame.rename(columns={"b": "z"}), "; missing: ['b']; unexpected: ['z']"),
    ):
        message = "background must have the same columns as the rows that model was fitted on" + message
        with pytest.raises(ValueError, match=re.escape(message) + "$"):
            as_model(model, as_background(background))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("named", [False, True])
def test_another_number_of_columns_is_refused(request, kind, named):
    X, y = make_numbers(n_columns=4)
    frame = request.getfixturevalue("pd").DataFrame(X, columns=list("abcd")) if named else X
    model = models_of_four(kind, frame, y)
    with pytest.raises(ValueError, match="model was fitted on 4 columns, but background has 3"):
        as_model(model, as_background(X[:, :3]))


LEVELS = [("u", "x"), ("u", "y y"), ("v", "x"), ("v", "z")]


@pytest.mark.parametrize("kind", ["sklearn", "xgboost", "xgboost booster"])
def test_columns_of_several_levels(pd, kind):
    X, y = make_numbers(n_columns=4)
    frame = pd.DataFrame(X, columns=pd.MultiIndex.from_tuples(LEVELS))
    model = models_of_four(kind, frame, y)
    predict = model.predict if kind != "xgboost booster" else model.inplace_predict
    check_model(model, frame, predict)
    if kind != "sklearn":
        shuffled = frame[LEVELS[::-1]]
        adapted = check_model(model, shuffled, lambda rows: predict(rows[LEVELS]))
        assert adapted.column_order == (3, 2, 1, 0)
        with pytest.raises(ValueError, match="must have the same columns as the rows that model was fitted on"):
            as_model(model, as_background(frame.rename(columns={"z": "other"})))


def test_rows_of_an_array_go_with_a_frame_by_position(pd):
    from sklearn.linear_model import LinearRegression

    people, _ = make_people(pd)
    numbers = people[["age", "weekly wage", "married"]]
    background = as_background(people)
    model = as_model(lambda rows: rows["age"] * 1.0, background)
    whole = background.encode(people[:5])
    for rows in (people[:5].to_numpy(), people[:5].to_numpy().tolist()):
        encoded = model.encode(background, rows)
        np.testing.assert_array_equal(encoded.explicand_cells, whole.explicand_cells)
        pd.testing.assert_frame_equal(encoded.decode(encoded.explicand_cells), people[:5])
    background = as_background(numbers)
    encoded = background.encode(numbers[:5].to_numpy(dtype=float))
    pd.testing.assert_frame_equal(encoded.decode(encoded.explicand_cells), numbers[:5])

    X, y = make_numbers()
    frame = pd.DataFrame(X, columns=list("abcde"))
    regression = LinearRegression().fit(frame, y)
    shuffled = as_background(frame[list("edcba")])
    model = as_model(regression, shuffled)
    with pytest.raises(TypeError, match=r"X must be a pandas DataFrame .* columns in another order"):
        model.encode(shuffled, X)
    assert model.encode(shuffled, frame[:2]).explicand_cells.shape == (2, 5)


def test_a_frame_goes_with_an_array_if_the_model_knows_its_columns(pd):
    from sklearn.linear_model import LinearRegression

    X, y = make_numbers()
    frame = pd.DataFrame(X, columns=list("abcde"))
    background = as_background(X)
    regression = LinearRegression().fit(frame, y)
    encoded = as_model(regression, background).encode(background, frame[list("edcba")])
    np.testing.assert_array_equal(encoded.explicand_cells, X)
    with pytest.raises(ValueError, match=r"X must have the same columns as the rows .*missing: \['a'\]"):
        as_model(regression, background).encode(background, frame.drop(columns="a"))
    for model in (LinearRegression().fit(X, y), lambda rows: rows[:, 0]):
        with pytest.raises(TypeError, match=r"X must be a NumPy array .*not a pandas DataFrame: pass X\.to_numpy\(\)"):
            as_model(model, background).encode(background, frame)


@pytest.mark.parametrize("kind", ["sklearn", "xgboost", "xgboost booster", "lightgbm", "lightgbm booster"])
def test_numbers_in_object_columns(pd, kind):
    X, y = make_numbers(n_columns=4)
    frame = pd.DataFrame(X, columns=list("abcd")).astype({"d": int})
    model = models_of_four(kind, frame, y)
    predict = model.predict if kind != "xgboost booster" else model.inplace_predict
    objects = pd.DataFrame({name: pd.Series(frame[name].tolist(), dtype=object) for name in frame})
    expected = lambda rows: predict(rows.infer_objects())  # noqa: E731
    check_model(model, objects, expected)
    check_model(model, frame.astype({"d": object}), expected)
    background = as_background(frame[:N_BACKGROUND])
    encoded = background.encode(objects[:5])
    np.testing.assert_array_equal(encoded.explicand_cells, background.encode(frame[:5]).explicand_cells)
    row = objects.iloc[3].to_frame().T
    np.testing.assert_array_equal(background.encode(row).explicand_cells, encoded.explicand_cells[3:4])


def test_a_row_as_a_series(pd):
    people, _ = make_people(pd)
    people["when"] = pd.Timestamp("2024-01-01")
    background = as_background(people)
    row = people.iloc[3]
    with pytest.raises(
        TypeError, match=r"not pandas Series: pass one row as frame\.iloc\[\[i\]\], or as X\.to_frame\(\)\.T"
    ):
        background.encode(row)
    wanted = background.encode(people.iloc[[3]])
    for rows in (row.to_frame().T, people.apply(lambda column: column.astype(object)).iloc[[3]]):
        encoded = background.encode(rows)
        np.testing.assert_array_equal(encoded.explicand_cells, wanted.explicand_cells)
        pd.testing.assert_frame_equal(
            encoded.decode(encoded.explicand_cells), people.iloc[[3]].reset_index(drop=True), check_index_type=False
        )
    numbers = pd.Series([1.0, 2.0])
    with pytest.raises(ValueError, match=r"pass one row as X\.to_numpy\(\)\[None\]$"):
        as_background(np.zeros((2, 2))).encode(numbers)
    assert as_background(np.zeros((2, 2))).encode(numbers.to_numpy()[None]).data.tolist() == [[1.0, 2.0]]


def test_no_library_is_asked_for_a_function():
    class Opaque:
        def __call__(self, rows):
            return rows.sum(axis=1)

    check_model(Opaque(), make_numbers()[0], Opaque())


def test_a_mock_is_a_function():
    """It has every attribute, and each of them is another mock."""
    from unittest.mock import MagicMock

    background = np.zeros((3, 2))
    model = MagicMock(side_effect=lambda rows: rows.sum(axis=1), spec=["__call__", "steps", "best_estimator_"])
    assert np.array_equal(banzhaf.Explainer(model, background)(np.ones((1, 2))).values, [[1.0, 1.0]])
    endless = MagicMock()
    endless.predict_proba = None
    endless.predict.side_effect = lambda rows: rows.sum(axis=1)
    with pytest.raises(TypeError):
        banzhaf.Explainer(endless, background)
