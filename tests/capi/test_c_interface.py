# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The C interface, called by ctypes as other languages call it, against the explainer that saved the file."""

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import banzhaf

ROOT = Path(__file__).resolve().parents[2]


def _built():
    """Find the library of a developer's build, the newest first."""
    if "BANZHAF_C_LIBRARY" in os.environ:
        return os.environ["BANZHAF_C_LIBRARY"]
    found = [path for name in ("dev", "release") for path in ROOT.glob(f"build/{name}/cpp/capi/*banzhaf_c.*")]
    found = [path for path in found if path.suffix in (".so", ".dylib", ".dll")]
    return str(max(found, key=lambda path: path.stat().st_mtime)) if found else None


@pytest.fixture(scope="module")
def library():
    path = _built()
    if path is None:
        pytest.skip("the C interface is not built; BANZHAF_C_LIBRARY can name it")
    loaded = ctypes.CDLL(path)
    handle, doubles, count = ctypes.c_void_p, ctypes.POINTER(ctypes.c_double), ctypes.c_uint64
    reason = [ctypes.c_char_p, count]
    loaded.banzhaf_version.restype = ctypes.c_char_p
    loaded.banzhaf_open.argtypes = [ctypes.c_char_p, ctypes.POINTER(handle), *reason]
    loaded.banzhaf_close.argtypes = [handle]
    for name in ("features", "players", "outputs", "background"):
        function = getattr(loaded, f"banzhaf_n_{name}")
        function.argtypes, function.restype = [handle], count
    for name in ("feature", "player", "output"):
        function = getattr(loaded, f"banzhaf_{name}_name")
        function.argtypes, function.restype = [handle, count], ctypes.c_char_p
    loaded.banzhaf_base_values.argtypes = [handle, doubles, count, *reason]
    for name in ("explain", "predict"):
        getattr(loaded, f"banzhaf_{name}").argtypes = [handle, doubles, count, doubles, count, ctypes.c_int32, *reason]
    return loaded


class _Explainer:
    """A handle with NumPy arrays in place of pointers."""

    def __init__(self, library, path):
        self._library, self._handle = library, ctypes.c_void_p()
        self._run("open", os.fsencode(path), ctypes.byref(self._handle))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._library.banzhaf_close(self._handle)

    def n(self, what):
        return getattr(self._library, f"banzhaf_n_{what}")(self._handle)

    def names(self, what):
        found = [getattr(self._library, f"banzhaf_{what}_name")(self._handle, i) for i in range(self.n(f"{what}s"))]
        return [None if name is None else name.decode() for name in found]

    def base_values(self):
        found = np.empty(self.n("outputs"))
        self._run("base_values", self._handle, _pointer(found), found.size)
        return found

    def explain(self, rows):
        values = np.empty((len(rows), self.n("players"), self.n("outputs")))
        self._run("explain", self._handle, _pointer(rows), rows.size, _pointer(values), values.size, 1)
        return values

    def predict(self, rows):
        outputs = np.empty((len(rows), self.n("outputs")))
        self._run("predict", self._handle, _pointer(rows), rows.size, _pointer(outputs), outputs.size, 1)
        return outputs

    def _run(self, name, *arguments):
        error = ctypes.create_string_buffer(300)
        status = getattr(self._library, f"banzhaf_{name}")(*arguments, error, len(error))
        if status != 0:
            raise RuntimeError(f"{status}: {error.value.decode()}")


def _pointer(array):
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


def test_version(library):
    assert library.banzhaf_version().decode() == banzhaf.__version__.split("+")[0]
    assert library.banzhaf_interface() == 1


def test_values_of_three_classes(library, tmp_path):
    ensemble = pytest.importorskip("sklearn.ensemble")
    rng = np.random.default_rng(4)
    X = rng.normal(size=(300, 6))
    classes = np.digitize(X[:, 0] * X[:, 1] + X[:, 2], [-0.5, 0.5])
    model = ensemble.RandomForestClassifier(8, max_depth=6, random_state=0).fit(X, classes)
    groups = {"pair": [0, 1]}
    explainer = banzhaf.TreeExplainer(model, X[:40], groups=groups, feature_names=["a", "b", "c", "d", "e", "é"])
    path = tmp_path / "façade.trees"
    explainer.save(path)
    expected = explainer(X)
    with _Explainer(library, path) as opened:
        assert [opened.n(what) for what in ("features", "players", "outputs", "background")] == [6, 5, 3, 40]
        assert opened.names("feature") == ["a", "b", "c", "d", "e", "é"]
        assert opened.names("player") == list(expected.feature_names)
        np.testing.assert_array_equal(opened.base_values(), expected.base_values)
        np.testing.assert_array_equal(opened.explain(X), expected.values)
        np.testing.assert_allclose(opened.predict(X), model.predict_proba(X), rtol=0, atol=1e-12)
        with ThreadPoolExecutor(3) as pool:
            alone = list(pool.map(lambda i: opened.explain(X[i : i + 1]), range(len(X))))
        np.testing.assert_array_equal(np.concatenate(alone), expected.values)


@pytest.mark.parametrize("name", ["RandomForestRegressor", "GradientBoostingRegressor"])
def test_cells_that_the_model_refuses(library, name, tmp_path):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X = np.random.default_rng(6).normal(size=(100, 3))
    model = getattr(ensemble, name)(n_estimators=4, random_state=0).fit(X, X[:, 0] * X[:, 1])
    banzhaf.TreeExplainer(model, X[:5]).save(tmp_path / "strict.trees")
    with _Explainer(library, tmp_path / "strict.trees") as opened:
        for cell in (np.nan, np.inf, -np.inf, 3.5e38, 3.4e38):
            rows = X[:2].copy()
            rows[1, 2] = cell
            try:
                with np.errstate(over="ignore"):  # scikit-learn rounds to float32 before it refuses
                    expected = model.predict(rows)
            except ValueError:
                for call in (opened.explain, opened.predict):
                    with pytest.raises(RuntimeError, match=r"1: rows must hold cells .* \('x2'\) of row 1 is"):
                        call(rows)
            else:
                np.testing.assert_allclose(opened.predict(rows)[:, 0], expected)
                assert np.isfinite(opened.explain(rows)).all()


def test_path_dependent_values_and_one_output(library, tmp_path):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X = np.random.default_rng(5).normal(size=(200, 3))
    model = ensemble.GradientBoostingRegressor(n_estimators=5, random_state=0).fit(X, X[:, 0] + X[:, 1] * X[:, 2])
    explainer = banzhaf.TreeExplainer(model)
    explainer.save(tmp_path / "one.trees")
    with _Explainer(library, tmp_path / "one.trees") as opened:
        assert opened.n("background") == 0
        np.testing.assert_array_equal(opened.explain(X)[..., 0], explainer(X).values)


def test_a_damaged_file_is_refused(library, tmp_path):
    damaged = bytearray((ROOT / "examples" / "c" / "diabetes.trees").read_bytes())
    damaged[len(damaged) // 3] ^= 16
    (tmp_path / "damaged.trees").write_bytes(damaged)
    with pytest.raises(RuntimeError, match=r"3: .*damaged\.trees' cannot be used"):
        _Explainer(library, tmp_path / "damaged.trees")
    with pytest.raises(RuntimeError, match=r"2: cannot open '.*none\.trees'"):
        _Explainer(library, tmp_path / "none.trees")


def test_the_file_of_the_example_can_be_loaded(library):
    """A later version must read it, because a file is a promise."""
    explainer = banzhaf.load(ROOT / "examples" / "c" / "diabetes.trees")
    with _Explainer(library, ROOT / "examples" / "c" / "diabetes.trees") as opened:
        np.testing.assert_array_equal(opened.base_values(), [explainer.base_values])
        assert opened.names("player")[:3] == ["age", "sex", "bmi"]
