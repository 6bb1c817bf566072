# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The model that the service trains or reads, and its two explainers."""

from __future__ import annotations

import dataclasses
import gc
import sys
from pathlib import Path

import numpy as np
import pytest
from explain_service.engines import EXACT, SAMPLED, load, warm_up
from explain_service.settings import Settings

import banzhaf

FAR = 3600.0
pytestmark = pytest.mark.filterwarnings("ignore::banzhaf.BudgetWarning")  # as `load` sets it


@pytest.fixture(scope="module")
def trained():
    pytest.importorskip("xgboost")
    pytest.importorskip("sklearn")
    return load(Settings(budget=3200))


def test_values_are_those_of_the_explainers(trained):
    rows = trained.examples[:3] * np.float32(1.1)
    booster = trained.engines[SAMPLED].explainer
    sampled = trained.engines[SAMPLED](rows, FAR)
    np.testing.assert_array_equal([answer.values for answer in sampled], booster(rows).values)
    exact = trained.engines[EXACT](rows, FAR)
    explainer = trained.engines[EXACT].explainer
    np.testing.assert_array_equal([answer.values for answer in exact], explainer(rows).values)
    np.testing.assert_array_equal([answer.prediction for answer in exact], explainer.predict(rows))
    odds = np.exp([float(answer.prediction) for answer in exact])
    np.testing.assert_allclose([float(answer.prediction) for answer in sampled], odds / (1 + odds), rtol=1e-5)
    assert all(answer.is_complete for answer in [*sampled, *exact])


def test_a_deadline_cuts_the_sampled_rows_short(trained):
    (answer,) = trained.engines[SAMPLED](trained.examples[:1] + 1, -1.0)
    assert not answer.is_complete
    assert answer.stopped == "deadline"
    assert answer.prediction is not None


def test_the_version_tells_what_answers_depend_on(trained):
    assert load(Settings(budget=3200)).version == trained.version
    assert load(Settings(budget=3200, seed=1)).version != trained.version
    assert load(Settings(budget=4000)).version != trained.version


def test_files_give_the_same_answers(trained, tmp_path):
    import xgboost

    model, background = tmp_path / "model.ubj", tmp_path / "background.csv"
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    fitted = xgboost.XGBClassifier(n_estimators=100, max_depth=4, n_jobs=1, random_state=0)
    fitted.fit(data.data[:400].astype(np.float32), data.target[:400]).save_model(model)
    np.savetxt(background, trained.examples, delimiter=",", header=",".join(trained.columns), comments="", fmt="%.9g")
    trained.engines[EXACT].explainer.save(trees := tmp_path / "model.trees")
    read = load(Settings(model=str(model), background=str(background), trees=str(trees), budget=3200))
    assert read.columns == trained.columns
    np.testing.assert_array_equal(read.examples, trained.examples)
    for name, engine in read.engines.items():
        (answer,), (truth,) = (
            engine(trained.examples[:1] + 1, FAR),
            trained.engines[name](trained.examples[:1] + 1, FAR),
        )
        np.testing.assert_array_equal(answer.values, truth.values)
    background.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="must have the model's 30 columns, got 2"):
        load(Settings(model=str(model), background=str(background)))


def test_a_file_of_trees_needs_no_model(trained, tmp_path):
    path = tmp_path / "model.trees"
    trained.engines[EXACT].explainer.save(path)
    read = load(Settings(trees=str(path)))
    assert list(read.engines) == [EXACT]
    assert read.columns == trained.columns
    assert read.base_values[EXACT] == trained.base_values[EXACT]
    rows = trained.examples[:2] + 1
    for answer, truth in zip(read.engines[EXACT](rows, FAR), trained.engines[EXACT](rows, FAR), strict=True):
        np.testing.assert_array_equal(answer.values, truth.values)
    banzhaf.exact(lambda coalitions: coalitions.sum(axis=1), 2).save(path)
    with pytest.raises(ValueError, match=r"must be a file of TreeExplainer\.save, got a file of a BanzhafValues"):
        load(Settings(trees=str(path)))


def test_warming_up_measures_every_engine(trained):
    measured = []
    warm_up(dataclasses.replace(trained), lambda *of: measured.append(of))
    gc.unfreeze()
    assert [name for name, _, _ in measured] == [SAMPLED, EXACT]
    assert all(seconds > 0 and rows > 0 for _, seconds, rows in measured)
    assert isinstance(trained.engines[EXACT].explainer, banzhaf.TreeExplainer)


def test_engines_that_the_benchmark_compares_with_explain_the_same_model(trained):
    root = Path(__file__).resolve().parents[2]
    if not (root / "bench").is_dir():
        pytest.skip("the benchmarks are not in an sdist")
    pytest.importorskip("fastapi")
    pytest.importorskip("prometheus_client")
    sys.path.append(str(root))
    from bench._service_apps import Kernel, Predict, loaded_with

    rows = trained.examples[:2] * np.float32(1.1)
    predictions = [answer.prediction for answer in trained.engines[SAMPLED](rows, FAR)]
    alone = loaded_with(Predict, Settings(budget=3200)).engines[SAMPLED](rows, FAR)
    np.testing.assert_allclose([answer.prediction for answer in alone], predictions, rtol=1e-6)
    pytest.importorskip("shap")
    kernel = loaded_with(Kernel, Settings(budget=3200)).engines[SAMPLED](rows[:1], FAR)
    assert kernel[0].n_model_rows == trained.engines[SAMPLED].explainer.n_model_rows
    total = predictions[0] - float(trained.base_values[SAMPLED])
    assert sum(kernel[0].values) == pytest.approx(total, abs=1e-5)  # Shapley values add up


def test_cells_that_the_model_refuses_are_the_fault_of_the_client(serve, tmp_path):
    ensemble = pytest.importorskip("sklearn.ensemble")
    X = np.random.default_rng(0).normal(size=(60, 3))
    model = ensemble.GradientBoostingRegressor(n_estimators=4).fit(X, X[:, 0] * X[:, 1])  # takes no missing cells
    explainer = banzhaf.TreeExplainer(model, X[:5], feature_names=("age", "income", "height"))
    explainer.save(tmp_path / "strict.trees")
    client = serve(load=lambda settings: load(dataclasses.replace(settings, trees=str(tmp_path / "strict.trees"))))
    refused = client.post("/explain/exact", json={"rows": [[1.0, 2.0, 3.0], [1.0, None, 3.0]]})
    assert refused.status_code == 422
    assert "is missing" in refused.json()["error"]
    answer = client.post("/explain/exact", json={"rows": X[:2].tolist()}).json()
    np.testing.assert_array_equal([row["values"] for row in answer["rows"]], explainer(X[:2]).values)
