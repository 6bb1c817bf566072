# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Tree explainers are copied, pickled, called on many rows, and interrupted."""

from __future__ import annotations

import copy
import functools
import os
import pickle
import re
import signal

import numpy as np
import pytest
from oracles import same_bits

import banzhaf
from banzhaf import _core
from banzhaf._trees import trees

sklearn = pytest.importorskip("sklearn")
from sklearn import ensemble  # noqa: E402

COPIES = {
    "pickle": lambda explainer: pickle.loads(pickle.dumps(explainer)),
    "oldest pickle": lambda explainer: pickle.loads(pickle.dumps(explainer, 2)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "twice": lambda explainer: copy.deepcopy(pickle.loads(pickle.dumps(explainer))),
}


def make_forest(n_rows=400, n_columns=8, **options):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(n_rows, n_columns))
    settings = {"n_estimators": 6, "max_depth": 9, "random_state": 0, **options}
    return ensemble.RandomForestRegressor(**settings).fit(rows, rows[:, 0] * rows[:, 1] + rows[:, 2]), rows


@pytest.fixture(scope="module")
def fitted():
    return make_forest()


class TestCopies:
    @pytest.mark.parametrize("with_background", [True, False], ids=["interventional", "path-dependent"])
    @pytest.mark.parametrize("way", COPIES)
    def test_have_the_same_bits(self, fitted, way, with_background):
        model, rows = fitted
        explainer = banzhaf.TreeExplainer(
            model, rows[:50] if with_background else None, groups={"pair": [0, 3]}, num_threads=2
        )
        expected, outputs = explainer(rows), explainer.predict(rows)
        found = COPIES[way](explainer)
        assert found.feature_names == explainer.feature_names
        assert found.base_values == explainer.base_values
        assert found(rows) == expected
        assert same_bits(found(rows).values, expected.values)
        assert same_bits(found.predict(rows), outputs)
        assert explainer(rows) == expected

    @pytest.mark.parametrize("library", ["scikit-learn", "XGBoost", "LightGBM"])
    def test_keep_frames_and_categories(self, library, pd, request):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(rng.normal(size=(300, 3)), columns=list("abc"))
        frame["d"] = pd.Categorical(rng.choice(["x", "y", "z"], 300))
        target = frame.a * (frame.d == "x") + frame.b
        if library == "scikit-learn":
            model = ensemble.HistGradientBoostingRegressor(max_iter=5, categorical_features=["d"])
        elif library == "XGBoost":
            xgb = request.getfixturevalue("xgb")
            model = xgb.XGBRegressor(n_estimators=5, max_depth=3, enable_categorical=True, n_jobs=1)
        else:
            model = request.getfixturevalue("lgb").LGBMRegressor(n_estimators=5, n_jobs=1, verbose=-1)
        explainer = banzhaf.TreeExplainer(model.fit(frame, target), frame[:40])
        found = COPIES["twice"](explainer)
        assert found(frame[40:60]) == explainer(frame[40:60])
        with pytest.raises(TypeError, match="X must be a pandas DataFrame like background"):
            found(rng.normal(size=(2, 4)))

    def test_do_without_the_background_s_own_rows(self, fitted):
        """Later changes of the rows do not affect copies of an explainer either."""
        model, rows = fitted
        background = rows[:50].copy()
        explainer = banzhaf.TreeExplainer(model, background)
        expected = explainer(rows[:9])
        background[:] = 0
        assert COPIES["pickle"](explainer)(rows[:9]) == expected


class Watched:
    """The core's tree values, which count the rows of each call and interrupt one of the calls."""

    def __init__(self, *args, calls, interrupt_at=None, **options):
        self._values = _VALUES(*args, **options)
        self._calls, self._interrupt_at = calls, interrupt_at

    def __getattr__(self, name):
        return getattr(self._values, name)

    def _called(self, rows):
        if len(rows):
            self._calls.append(len(rows))
            if len(self._calls) == self._interrupt_at:
                signal.raise_signal(signal.SIGINT)

    def explain(self, rows, num_threads):
        self._called(rows)
        return self._values.explain(rows, num_threads)

    def predict(self, rows, num_threads):
        self._called(rows)
        return self._values.predict(rows, num_threads)


_VALUES = _core.TreeValues


@pytest.fixture
def watch(monkeypatch):
    """Return a function that watches an explainer's calls of the core and returns the rows of each."""

    def start(**options):
        calls = []
        monkeypatch.setattr(trees, "check_agreement", lambda *_: None)  # which calls the core too
        monkeypatch.setattr(_core, "TreeValues", functools.partial(Watched, calls=calls, **options))
        return calls

    return start


class TestCalls:
    # Calls that take no time, much time, and long for their tables.
    PACES = (
        {"_CALL_SECONDS": 0.0, "_CALL_STARTS": 0},
        {"_CALL_SECONDS": 1e9},
        {"_CALL_SECONDS": 0.0, "_LONG_START": -1},
    )

    @pytest.mark.parametrize("num_threads", [1, 3])
    @pytest.mark.parametrize("pace", PACES, ids=["slow", "fast", "remade"])
    @pytest.mark.parametrize("kept_entries", [2**25, 100])
    @pytest.mark.parametrize("with_background", [True, False], ids=["interventional", "path-dependent"])
    def test_change_no_bit(self, fitted, watch, monkeypatch, num_threads, pace, kept_entries, with_background):
        model, rows = fitted
        rows = np.tile(rows, (10, 1))
        calls = watch(kept_entries=kept_entries)
        explainer = banzhaf.TreeExplainer(model, rows[:20] if with_background else None, num_threads=num_threads)
        expected = explainer._values.explain(rows, num_threads), explainer._values.predict(rows, num_threads)
        for name, value in pace.items():
            monkeypatch.setattr(trees, name, value)
        calls.clear()
        found = explainer(rows)
        assert sum(calls) == len(rows)
        assert len(calls) > 1
        assert same_bits(found.values, expected[0][..., 0])
        calls.clear()
        assert same_bits(explainer.predict(rows), expected[1][..., 0])
        assert sum(calls) == len(rows)

    def test_few_rows_are_one(self, fitted, watch):
        model, rows = fitted
        calls = watch()
        explainer = banzhaf.TreeExplainer(model, rows[:20], num_threads=1)
        explainer(rows[:32])
        assert calls == [32]

    def test_several_outputs(self, watch, monkeypatch):
        rng = np.random.default_rng(0)
        rows = rng.normal(size=(300, 4))
        model = ensemble.RandomForestClassifier(5, max_depth=4, random_state=0).fit(rows, rng.integers(3, size=300))
        monkeypatch.setattr(trees, "_CALL_SECONDS", 0.0)
        calls = watch()
        explainer = banzhaf.TreeExplainer(model, rows[:20], num_threads=1)
        expected = explainer._values.explain(rows, 1)
        calls.clear()
        assert same_bits(explainer(rows).values, expected)
        assert len(calls) > 1

    @pytest.mark.parametrize("n_threads", [1, 4])
    def test_sizes_fill_the_threads_tiles(self, n_threads):
        for n_rows in (0.3, 7, 100, 255.5, 1023, 1024, 5000, 1e6):
            size = trees._whole_tiles(n_rows, n_threads)
            assert size >= (32 * n_threads if n_threads > 1 else 1)
            assert size % (256 * n_threads) == 0 or size < 256 * n_threads
            assert size <= max(n_rows, 32 * n_threads)

    @pytest.mark.parametrize(("setting", "expected"), [("3", 3), ("5,2", 5), ("", None), ("x", None)])
    def test_threads_are_the_environment_s(self, monkeypatch, setting, expected):
        monkeypatch.setenv("OMP_NUM_THREADS", setting)
        found = _core.default_num_threads()
        assert found == expected if expected else found >= 1

    @pytest.mark.parametrize("method", ["__call__", "predict"])
    def test_an_interrupt_ends_them(self, fitted, watch, monkeypatch, interruptible, method):
        model, rows = fitted
        monkeypatch.setattr(trees, "_CALL_SECONDS", 0.0)
        monkeypatch.setattr(trees, "_CALL_STARTS", 0.0)  # however long the tables take on a loaded machine
        calls = watch(interrupt_at=2)
        explainer = banzhaf.TreeExplainer(model, rows[:20], num_threads=1)
        expected = banzhaf.TreeExplainer(model, rows[:20], num_threads=1)
        with pytest.raises(KeyboardInterrupt):
            getattr(explainer, method)(rows)
        assert len(calls) == 2
        assert sum(calls) < len(rows)
        # The explainer still works.
        monkeypatch.setattr(trees, "_CALL_SECONDS", 1e9)
        assert explainer(rows[:5]) == expected(rows[:5])


INTERRUPTED = """
import numpy as np
from sklearn.ensemble import RandomForestRegressor
import banzhaf
from banzhaf._trees import trees

rng = np.random.default_rng(0)
rows = rng.normal(size=(1000, 12))
model = RandomForestRegressor(10, random_state=0).fit(rows, rows[:, 0] * rows[:, 1] + rng.normal(size=1000))
explainer = banzhaf.TreeExplainer(model, rows, num_threads=1)
done = []

class Watched:
    def __init__(self, values):
        self.values = values

    def explain(self, rows, num_threads):
        found = self.values.explain(rows, num_threads)
        done.append(len(rows))
        if 0 < sum(done) == len(rows):  # the first that has rows
            print("ready", flush=True)
        return found

explainer._values = Watched(explainer._values)
many = np.tile(rows, (200, 1))  # minutes
try:
    explainer(many)
except KeyboardInterrupt:
    assert 0 < sum(done) < len(many)
    print("stopped")
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT can be sent to one process there")
def test_a_real_interrupt_ends_an_explanation(fresh_python):
    assert re.fullmatch(r"(ready\n)*stopped\n", fresh_python(INTERRUPTED, interrupted=True))
