# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Saved tree explainers: the same bits without the model's library, and every damage refused."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import banzhaf
from banzhaf._trees import file

sklearn = pytest.importorskip("sklearn")
from sklearn import ensemble, tree  # noqa: E402


def rows_and_target(n_rows=120, seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.integers(-3, 4, size=(n_rows, 4)).astype(float)
    return rows, rows[:, 0] * rows[:, 1] + 3 * (rows[:, 2] > 0) + rng.normal(size=n_rows) * 0.1


def assert_same(loaded, explainer, table):
    """Check that a loaded explainer behaves like the saved one, to the last bit."""
    assert loaded(table) == explainer(table)
    assert loaded.predict(table).tobytes() == explainer.predict(table).tobytes()
    assert repr(loaded) == repr(explainer)
    assert loaded._repr_html_() == explainer._repr_html_()
    assert loaded.feature_names == explainer.feature_names
    assert loaded.base_values.tobytes() == explainer.base_values.tobytes()


def assert_survives(explainer, table, folder):
    """Check a round trip, one more, and a pickle."""
    first, second = folder / "first.trees", folder / "second.trees"
    explainer.save(first)
    loaded = banzhaf.load(first)
    assert_same(loaded, explainer, table)
    loaded.save(second)
    assert second.read_bytes() == first.read_bytes()
    assert_same(pickle.loads(pickle.dumps(loaded)), explainer, table)
    return loaded


ROWS, TARGET = rows_and_target()
MODELS = {
    "forest": lambda: ensemble.RandomForestRegressor(5, max_depth=4, random_state=0).fit(ROWS, TARGET),
    "classes": lambda: ensemble.RandomForestClassifier(5, max_depth=4, random_state=0).fit(ROWS, TARGET.round() % 3),
    "boosting": lambda: ensemble.GradientBoostingClassifier(n_estimators=5, random_state=0).fit(ROWS, TARGET > 1),
    "histograms": lambda: ensemble.HistGradientBoostingRegressor(max_iter=3, max_leaf_nodes=8).fit(ROWS, TARGET),
    "isolation": lambda: ensemble.IsolationForest(n_estimators=5, random_state=0).fit(ROWS),
    "deep": lambda: tree.DecisionTreeRegressor(random_state=0).fit(
        np.random.default_rng(0).normal(size=(300, 4)), np.arange(300.0)
    ),
    "stump": lambda: tree.DecisionTreeRegressor(max_depth=1, random_state=0).fit(ROWS, np.zeros(120)),
}
SETTINGS = {
    "plain": {"background": ROWS[:20]},
    "weighted": {"background": ROWS[:20], "weights": np.arange(20.0)},
    "grouped": {"background": ROWS[:20], "groups": {"both": [0, 2]}, "feature_names": ["p", "q\ud800", "", "ß"]},
    "no background": {},
    "one thread": {"background": ROWS[:1], "num_threads": 1},
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("settings", ["plain", "no background"])
def test_models(model, settings, tmp_path):
    assert_survives(banzhaf.TreeExplainer(MODELS[model](), **SETTINGS[settings]), ROWS[20:60], tmp_path)


@pytest.mark.parametrize("model", ["classes", "deep"])
@pytest.mark.parametrize("settings", ["weighted", "grouped", "one thread"])
def test_settings(model, settings, tmp_path):
    assert_survives(banzhaf.TreeExplainer(MODELS[model](), **SETTINGS[settings]), ROWS[20:60], tmp_path)


class TestXGBoost:
    @pytest.mark.parametrize("missing", [-1.0, 0.1, np.inf, -np.inf])
    def test_missing_numbers(self, missing, xgb, tmp_path):
        rows = ROWS.astype(np.float64)
        rows[::3, 1] = missing
        model = xgb.XGBRegressor(n_estimators=6, max_depth=3, n_jobs=1, missing=missing).fit(rows, TARGET)
        explainer = banzhaf.TreeExplainer(model, rows[:10])
        loaded = assert_survives(explainer, rows[10:40], tmp_path)
        # Without Python's conversion of the rows, the core itself treats the number as missing.
        opened = banzhaf._core.TreeFile(tmp_path / "first.trees")
        assert opened.explain(rows[10:40].copy())[:, :, 0].tobytes() == loaded(rows[10:40]).values.tobytes()
        assert opened.predict(rows[10:40].copy())[:, 0].tobytes() == loaded.predict(rows[10:40]).tobytes()

    def test_categories_of_a_frame(self, xgb, tmp_path):
        pd = pytest.importorskip("pandas")
        colours = pd.Categorical(np.array(["red", "green", "blue"])[ROWS[:, 0].astype(int) % 3])
        frame = pd.DataFrame({"size": ROWS[:, 1], "colour": colours, "age": ROWS[:, 2].astype(int)})
        model = xgb.XGBRegressor(n_estimators=6, n_jobs=1, tree_method="hist", enable_categorical=True)
        explainer = banzhaf.TreeExplainer(model.fit(frame, TARGET), frame[:10])
        loaded = assert_survives(explainer, frame[10:40], tmp_path)
        assert loaded(frame[["age", "colour", "size"]][10:40]) == explainer(frame[10:40])
        opened = banzhaf._core.TreeFile(tmp_path / "first.trees")
        place = opened.column_names.index("colour")
        assert opened.categories(place) == ["blue", "green", "red"]
        assert opened.categories(1 - place) == []
        other = frame.assign(colour=pd.Categorical(["pink"] * len(frame)))
        for wrong in (other, frame.drop(columns="age"), frame.to_numpy()):
            with pytest.raises((TypeError, ValueError)) as expected:
                explainer(wrong)
            with pytest.raises(expected.type) as found:
                loaded(wrong)
            assert str(found.value) == str(expected.value)

    def test_several_classes(self, xgb, tmp_path):
        model = xgb.XGBClassifier(n_estimators=4, max_depth=3, n_jobs=1).fit(ROWS, TARGET.round().astype(int) % 3)
        assert_survives(banzhaf.TreeExplainer(model, ROWS[:10]), ROWS[10:40], tmp_path)


@pytest.mark.parametrize("linear", [False, True])
def test_lightgbm(lgb, tmp_path, linear):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a b": ROWS[:, 0], "c": pd.Categorical(ROWS[:, 1].astype(int)), "d": ROWS[:, 2]})
    options = {"n_estimators": 6, "num_leaves": 6, "verbose": -1, "n_jobs": 1, "min_child_samples": 5}
    model = lgb.LGBMRegressor(**options, linear_tree=linear).fit(frame, TARGET)
    loaded = assert_survives(banzhaf.TreeExplainer(model, frame[:10]), frame[10:40], tmp_path)
    assert loaded._ensemble.forest.is_linear == linear


class TestHistogramBoosting:
    """scikit-learn codes categories itself, and a file has to do it without scikit-learn."""

    @pytest.mark.parametrize("kind", ["texts", "numbers"])
    def test_categories_of_a_frame(self, kind, tmp_path):
        pd = pytest.importorskip("pandas")
        names = np.array(["red", "green", "blue"] if kind == "texts" else [30, 10, 20])
        colours = pd.Series(pd.Categorical(names[ROWS[:, 0].astype(int) % 3]))
        colours[5:9] = None
        frame = pd.DataFrame({"size": ROWS[:, 1], "colour": colours, "age": ROWS[:, 2].astype(int)})
        frame.loc[7:8, "size"] = np.nan
        model = ensemble.HistGradientBoostingRegressor(
            max_iter=4, min_samples_leaf=4, categorical_features="from_dtype"
        )
        explainer = banzhaf.TreeExplainer(model.fit(frame[6:], TARGET[6:]), frame[6:20])
        loaded = assert_survives(explainer, frame[:40], tmp_path)
        other = frame.assign(colour=pd.Categorical(["pink" if kind == "texts" else 15] * len(frame)))
        assert_same(loaded, explainer, other)
        assert explainer(other) != explainer(frame)
        assert_same(loaded, explainer, frame.assign(age=frame["age"].astype("Int64")))

    def test_columns_of_an_array(self, tmp_path):
        model = ensemble.HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=4, categorical_features=[2])
        explainer = banzhaf.TreeExplainer(model.fit(np.abs(ROWS), TARGET.round() % 3), np.abs(ROWS)[:9])
        table = np.abs(ROWS)
        table[:3, 2] = [7, np.nan, 0.5]
        assert_survives(explainer, table, tmp_path)
        assert_survives(explainer, table[3:].astype(np.int32), tmp_path)


def test_catboost(tmp_path):
    catboost = pytest.importorskip("catboost")
    table = ROWS.astype(object)
    table[:, 0] = ROWS[:, 0].astype(int).astype(str)
    model = catboost.CatBoostRegressor(iterations=5, depth=3, verbose=False, cat_features=[0], max_ctr_complexity=1)
    model.fit(table, TARGET)
    explainer = banzhaf.TreeExplainer(model, table[:10])
    table[12, 0] = "new"
    assert_survives(explainer, table[10:40], tmp_path)


def test_polars(tmp_path):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(ROWS, schema=["p", "q", "r", "s"])
    model = ensemble.RandomForestRegressor(5, max_depth=4, random_state=0).fit(ROWS, TARGET)
    assert_survives(banzhaf.TreeExplainer(model, frame[:10]), frame[10:40], tmp_path)


def test_threads_share_a_loaded_explainer(tmp_path):
    explainer = banzhaf.TreeExplainer(MODELS["forest"](), ROWS[:20])
    explainer.save(tmp_path / "forest")
    loaded = banzhaf.load(tmp_path / "forest")
    expected = explainer(ROWS)
    found = [None] * 8

    def explain(i):
        found[i] = all(loaded(ROWS) == expected for _ in range(5))

    threads = [threading.Thread(target=explain, args=[i]) for i in range(len(found))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8


def test_needs_no_library_of_models(tmp_path):
    banzhaf.TreeExplainer(MODELS["boosting"](), ROWS[:20]).save(tmp_path / "model.trees")
    code = (
        "import sys, numpy as np, banzhaf\n"
        "loaded = banzhaf.load(sys.argv[1])\n"
        "print(loaded(np.ones((1, 4))).values.shape)\n"
        "print([name for name in ('sklearn', 'xgboost', 'lightgbm', 'catboost', 'pandas') if name in sys.modules])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model.trees")], capture_output=True, text=True, check=True
    )
    assert result.stdout == "(1, 4)\n[]\n"


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "stump.trees"
    banzhaf.TreeExplainer(MODELS["stump"](), ROWS[:1]).save(path)
    return path.read_bytes()


class TestDamage:
    """A damaged file is refused with its name and what is wrong."""

    def refusal(self, content, path):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"bad\.trees") as error:
            banzhaf.load(path)
        return str(error.value)

    def test_every_byte_counts(self, content, tmp_path):
        for at in range(0, len(content), 17):
            changed = bytearray(content)
            changed[at] ^= 1 << at % 8
            self.refusal(bytes(changed), tmp_path / "bad.trees")

    def test_every_size_counts(self, content, tmp_path):
        for size in (*range(8, len(content), 97), len(content) - 1):
            self.refusal(content[:size], tmp_path / "bad.trees")
        assert "was written with" in self.refusal(content + b"\0", tmp_path / "bad.trees")

    def test_a_later_version_is_named(self, content, tmp_path):
        changed = content[:8] + (2).to_bytes(4, sys.byteorder) + content[12:]
        message = self.refusal(changed, tmp_path / "bad.trees")
        assert "it has format 2, but this version of banzhaf reads format 1" in message


@pytest.mark.parametrize(
    "changes",
    [
        {"places": {"tuple": [0, 1, 2, 2]}},
        {"places": {"tuple": [0, 1, 2, 10**30]}},
        {"places": {"tuple": [0, 1, 2]}},
        {"places": [0, 1, 2, 3]},
        {"players": {"tuple": []}},
        {"players": {"tuple": [{"tuple": [1]}, {"tuple": [0]}, {"tuple": [2]}, {"tuple": [3]}]}},
        {"library": 7},
        {"float32": "yes"},
        {"feature_names": {"tuple": ["a"]}},
        {"categories": {"tuple": [{"tuple": [9, {"tuple": []}]}]}},
        {"categories_in_order": {"tuple": ["abc"]}},
        {"category_hashes": {"tuple": [{"tuple": [0, {"tuple": ["x"]}]}]}},
        {"like": None},
        {"like": {"tuple": ["excel", None, None, None, None, None]}},
        {"num_threads": -1},
        {"num_threads": True},
    ],
    ids=str,
)
def test_a_wrong_description_is_refused(changes, monkeypatch, tmp_path):
    """The checksums are right, so only the checks of the content can find the fault."""
    explainer = banzhaf.TreeExplainer(MODELS["stump"](), ROWS[:2])
    sound = file._description
    monkeypatch.setattr(file, "_description", lambda state: sound(state) | changes)
    explainer.save(tmp_path / "bad.trees")
    with pytest.raises(ValueError, match=r"bad\.trees' cannot be used: its description is damaged: .+"):
        banzhaf.load(tmp_path / "bad.trees")


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", "{" * 100_000, "[" * 100_000, '{"a": NaN}', "\0"], ids=lambda t: t[:9]
)
def test_a_description_of_another_kind_is_refused(text, monkeypatch, tmp_path):
    explainer = banzhaf.TreeExplainer(MODELS["stump"](), ROWS[:2])
    monkeypatch.setattr(file.json, "dumps", lambda *_, **__: text)
    explainer.save(tmp_path / "bad.trees")
    with pytest.raises(ValueError, match=r"bad\.trees"):
        banzhaf.load(tmp_path / "bad.trees")


def test_a_file_of_format_1_stays_readable():
    """The numbers are those of the version that wrote the file."""
    loaded = banzhaf.load(Path(__file__).with_name("data") / "format_1.trees")
    rows = np.array([[1.0, np.nan, -2.0, 0.0], [-1.0, 2.0, 1.0, 3.0]])
    explanation = loaded(rows)
    assert explanation.feature_names == ("pair", "height", "depth")
    assert explanation.output_names == ("0", "1", "2")
    expected = [
        [
            [0.27582417582417584, 0.00750915750915748, -0.2833333333333333],
            [-0.45750915750915744, 0.1741758241758241, 0.2833333333333333],
            [0.06153846153846153, -0.01153846153846154, -0.05],
        ],
        [
            [-0.04835164835164837, 0.01501831501831501, 0.03333333333333333],
            [0.17435897435897438, -0.07435897435897434, -0.1],
            [-0.0769230769230769, -0.02307692307692308, 0.1],
        ],
    ]
    np.testing.assert_allclose(explanation.values, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(loaded.base_values, [0.05860805860805861, 0.9413919413919415, 0], rtol=1e-12)
    np.testing.assert_allclose(loaded.predict(rows), [[0, 1, 0], [1 / 13, 12 / 13, 0]], rtol=1e-12)
    assert str(explanation.data[0, 0]) == "width=nan, größe=0.0"


def test_categories_that_no_file_can_hold(tmp_path):
    pd = pytest.importorskip("pandas")
    spans = pd.Categorical(pd.cut(ROWS[:, 0], 3))
    frame = pd.DataFrame({"span": spans, "size": ROWS[:, 1]})
    model = ensemble.HistGradientBoostingRegressor(max_iter=2, categorical_features="from_dtype")
    try:
        explainer = banzhaf.TreeExplainer(model.fit(frame, TARGET), frame[:9])
    except (TypeError, ValueError):
        pytest.skip("this scikit-learn takes no intervals")
    with pytest.raises(TypeError, match="has the category Interval"):
        explainer.save(tmp_path / "spans")
    assert not os.listdir(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names of files are Unicode")
def test_names_that_are_no_unicode(content, tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff.trees"
    explainer = banzhaf.TreeExplainer(MODELS["stump"](), ROWS[:1])
    explainer.save(path)
    assert banzhaf.load(path)(ROWS) == explainer(ROWS)
    with open(path, "wb") as stream:
        stream.write(content[:-1])
    with pytest.raises(ValueError, match=r"udcff\.trees' cannot be used: it is damaged"):
        banzhaf.load(path)


def test_an_existing_file_is_replaced_as_a_whole(tmp_path):
    explainer = banzhaf.TreeExplainer(MODELS["forest"](), ROWS[:20])
    path = tmp_path / "model.trees"
    path.write_bytes(b"old")
    explainer.save(path)
    loaded = banzhaf.load(os.fspath(path))
    if os.name == "posix":  # elsewhere, a file that is mapped cannot be replaced
        banzhaf.TreeExplainer(MODELS["stump"](), ROWS[:1]).save(path)
        assert loaded(ROWS) == explainer(ROWS)
        assert banzhaf.load(path)(ROWS) != explainer(ROWS)
    with pytest.raises(FileNotFoundError):
        explainer.save(tmp_path / "no folder" / "model.trees")
    assert os.listdir(tmp_path) == ["model.trees"]
