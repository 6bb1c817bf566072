# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Pipelines and forests of scikit-learn: the fast way gives the bits of predict and predict_proba."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from agreement import same_explanations

import banzhaf

pytest.importorskip("sklearn")
from sklearn import base, compose, ensemble, impute, linear_model, model_selection, pipeline, preprocessing

CELLS = "scikit-learn on cells that are transformed once"
TREES = "a loop over the forest's trees"
ROWS = np.random.default_rng(0).normal(size=(300, 4))
TARGET = ROWS[:, 0] * ROWS[:, 1] + ROWS[:, 2]


@pytest.fixture
def people(pd):
    """People with texts, gaps and numbers of several dtypes, the last 200 to train on."""
    rng = np.random.default_rng(1)
    job = rng.choice(["clerk", "sales", "tech", "none", "other"], 220, p=[0.4, 0.3, 0.2, 0.06, 0.04])
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, 220),
            "job": job,
            "wage": np.where(rng.random(220) < 0.2, np.nan, rng.normal(30, 10, 220)),
            "city": pd.Categorical(rng.choice(["Rome", "Oslo", "Bonn"], 220)),
            "hours": rng.normal(38, 5, 220).astype(np.float32),
        }
    )


def classes(people):
    return ((people.job == "tech") * 1.0 + (people.age > 45) + people.wage.fillna(20) / 60 > 1.2).to_numpy()


def check(model, table, named, n_background=12):
    """Explanations by the adapter have the bits of explanations by the model's own method, given as a function."""
    plain = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    background, rows = table[:n_background], table[n_background : n_background + 3]
    explainer = banzhaf.Explainer(model, background, random_state=0)
    expected = banzhaf.Explainer(lambda rows: plain(rows), background, random_state=0)
    same_explanations(explainer, expected, rows)
    text = repr(explainer)
    assert text.endswith(f"; model called by {named}") if named else "called by" not in text, text
    return explainer


def one_hot(**options):
    return preprocessing.OneHotEncoder(**options)


TABLES = {
    "usual": lambda: compose.make_column_transformer(
        (one_hot(handle_unknown="ignore"), ["job", "city"]),
        (pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler()), ["age", "wage", "hours"]),
    ),
    "dense": lambda: compose.make_column_transformer(
        (one_hot(drop="first", sparse_output=False), ["city", "job"]),
        (impute.SimpleImputer(add_indicator=True), ["age", "wage"]),
        remainder="drop",
    ),
    "sparse": lambda: compose.make_column_transformer(
        (one_hot(), ["job", "city"]), remainder=impute.SimpleImputer(), sparse_threshold=1.0
    ),
    "rare": lambda: compose.make_column_transformer(
        (one_hot(min_frequency=0.1, handle_unknown="infrequent_if_exist"), ["job"]),
        (preprocessing.OrdinalEncoder(), [3]),
        (impute.SimpleImputer(strategy="median"), [2]),
        (preprocessing.MinMaxScaler(), slice(4, 5)),
    ),
    "passed": lambda: compose.make_column_transformer(
        (preprocessing.OrdinalEncoder(), ["job"]), ("drop", ["city", "wage"]), remainder="passthrough"
    ),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("last", ["linear", "forest"])
def test_cells_are_transformed_once(people, kind, last):
    final = linear_model.LogisticRegression(max_iter=2000)
    if last == "forest":
        final = ensemble.RandomForestClassifier(7, random_state=0)
    steps = [TABLES[kind](), preprocessing.StandardScaler(with_mean=False), final]
    model = pipeline.make_pipeline(*steps).fit(people[20:], classes(people)[20:])
    explainer = check(model, people, CELLS)
    copied = pickle.loads(pickle.dumps(explainer))
    np.testing.assert_array_equal(copied(people[15:17]).values, explainer(people[15:17]).values)


def test_columns_may_come_in_another_order(people):
    model = pipeline.make_pipeline(TABLES["usual"](), linear_model.Ridge()).fit(people[20:], people.age[20:])
    check(model, people, CELLS)
    found = banzhaf.Explainer(model, people[people.columns[::-1]][:12], random_state=0)
    plain = banzhaf.Explainer(lambda rows: model.predict(rows), people[people.columns[::-1]][:12], random_state=0)
    np.testing.assert_array_equal(found(people[12:15]).values, plain(people[12:15]).values)
    assert CELLS in repr(found)


def test_a_search_is_its_best_pipeline(people):
    steps = TABLES["usual"](), linear_model.LogisticRegression(max_iter=2000)
    search = model_selection.GridSearchCV(pipeline.make_pipeline(*steps), {"logisticregression__C": [0.5]}, cv=2)
    check(search.fit(people[20:], classes(people)[20:]), people, CELLS)


@pytest.mark.parametrize("library", ["xgb", "lgb"])
def test_a_booster_at_the_end_is_called_through_its_interface(request, people, library):
    module = request.getfixturevalue(library)
    final = module.XGBClassifier if library == "xgb" else module.LGBMClassifier
    options = {"n_estimators": 8, "n_jobs": 1} | ({} if library == "xgb" else {"verbose": -1})
    model = pipeline.make_pipeline(TABLES["usual"](), final(**options)).fit(people[20:], classes(people)[20:])
    check(model, people, CELLS)
    numbers = pipeline.make_pipeline(preprocessing.StandardScaler(), final(**options)).fit(ROWS, TARGET > 0)
    check(numbers, ROWS, "XGBoost's in-place prediction" if library == "xgb" else "LightGBM's C interface")


class Shuffling(base.TransformerMixin, base.BaseEstimator):
    """A transformer whose outputs depend on all rows of a batch."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.asarray(X, dtype=float) - np.mean(np.asarray(X, dtype=float), axis=0)


class Doubling(preprocessing.StandardScaler):
    """A transformer of the user's own, derived from scikit-learn's."""

    def transform(self, X, copy=None):
        return super().transform(X)[:, ::-1]


@pytest.mark.parametrize("unknown", [Shuffling, Doubling, preprocessing.QuantileTransformer])
def test_transformers_that_are_not_known_go_the_plain_way(people, unknown):
    step = unknown(n_quantiles=20) if unknown is preprocessing.QuantileTransformer else unknown()
    encode = compose.make_column_transformer((one_hot(), ["job", "city"]), (step, ["age", "hours"]))
    model = pipeline.make_pipeline(encode, linear_model.Ridge()).fit(people[20:], people.age[20:])
    check(model, people, f"predict, because {CELLS} does not know a transformer")


def test_frames_as_outputs_go_the_plain_way(people):
    encode = compose.make_column_transformer((one_hot(sparse_output=False), ["job"]), remainder=impute.SimpleImputer())
    people = people.drop(columns="city")
    model = pipeline.make_pipeline(encode, linear_model.Ridge()).set_output(transform="pandas")
    check(model.fit(people[20:], people.age[20:]), people, f"predict, because {CELLS} does not know a transformer")


def test_errors_are_those_of_the_pipeline(people):
    encode = compose.make_column_transformer((one_hot(), ["job"]), remainder="drop")
    model = pipeline.make_pipeline(encode, linear_model.Ridge()).fit(people[20:], people.age[20:])
    strange = people.assign(job=people.job.where(people.index != 12, "pilot"))
    explainer = banzhaf.Explainer(model, people[:12], random_state=0)
    with pytest.raises(ValueError, match=r"Found unknown categories \['pilot'\]"):
        explainer(strange[12:13])
    assert repr(explainer).endswith(CELLS)
    assert explainer(people[13:14]).values.any()


FORESTS = {
    "random classifier": lambda: ensemble.RandomForestClassifier(9, random_state=0),
    "random regressor": lambda: ensemble.RandomForestRegressor(9, random_state=0, n_jobs=1),
    "extra classifier": lambda: ensemble.ExtraTreesClassifier(9, random_state=0, max_depth=3),
    "extra regressor": lambda: ensemble.ExtraTreesRegressor(9, random_state=0),
}


@pytest.mark.parametrize("kind", FORESTS)
@pytest.mark.parametrize("table", ["float64", "float32", "frame", "mixed"])
def test_forests(request, kind, table):
    rows = ROWS.astype(np.float32) if table == "float32" else ROWS
    if table in ("frame", "mixed"):
        rows = request.getfixturevalue("pd").DataFrame(ROWS, columns=list("abcd"))
        rows = rows.assign(d=rows.d > 0) if table == "mixed" else rows
    target = np.digitize(TARGET, [-0.5, 0.5]) if "classifier" in kind else TARGET
    check(FORESTS[kind]().fit(rows, target), rows, TREES)


def test_forests_that_do_more_go_the_plain_way():
    with_gaps = np.where(ROWS > 1.5, np.nan, ROWS)
    forest = FORESTS["random regressor"]()
    check(forest.fit(with_gaps, TARGET), with_gaps, TREES)  # these batches alone
    several = forest.fit(ROWS, np.c_[TARGET, -TARGET])
    check(several, ROWS, None)
    extra = FORESTS["extra regressor"]().fit(ROWS, TARGET)
    explainer = banzhaf.Explainer(extra, ROWS[:12], random_state=0)
    with pytest.raises(ValueError, match="Input X contains infinity"):
        explainer(np.where(ROWS[12:13] > 0, np.inf, ROWS[12:13]))

    class Mine(ensemble.RandomForestRegressor):
        def predict(self, X):
            return -super().predict(X)

    check(Mine(5, random_state=0).fit(ROWS, TARGET), ROWS, None)


def test_models_without_a_faster_way_are_called_by_their_own():
    for model in (linear_model.Ridge(), pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.Ridge())):
        check(model.fit(ROWS, TARGET), ROWS, None)


def test_missing_cells_reach_a_forest_in_its_own_table(pd):
    """An array in its place would make scikit-learn warn that names are missing, and warnings are errors here."""
    frame = pd.DataFrame(ROWS, columns=list("abcd"))
    frame.loc[::5, "a"] = np.nan
    model = ensemble.RandomForestRegressor(5, random_state=0).fit(frame, TARGET)
    check(model, frame, TREES)
