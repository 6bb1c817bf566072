# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The scripts of the gallery run, show figures, and their conclusions follow from their numbers."""

from __future__ import annotations

import importlib.util
import re
import runpy

import numpy as np
import pytest
from pages import ROOT

SCRIPTS = sorted((ROOT / "examples" / "gallery").glob("plot_*.py"))


def classification(found):
    assert found["model"].score(found["held_out"], found["held_out_classes"]) > 0.9
    assert found["share"] > 0.5
    intervals = found["importance"].intervals()[found["order"][:4]]
    gaps = -np.diff(found["importance"].values[found["order"][:4]])
    assert np.diff(intervals, axis=1).max() < gaps.min()


def groups(found):
    ratios = found["ratios"]
    assert ratios["bmi"] < ratios["cholesterol"] < ratios["s1"] < ratios["s2"]
    assert found["gap"] < 1e-6
    assert found["together"] < found["alone"]["s1"] < found["alone"]["s1"] + found["alone"]["s2"]


def categories(found):
    effects = found["effects"]
    assert effects["normal"] < 0 < effects["overweight"] < effects["obese"]
    assert abs(effects["missing"] - effects["normal"]) < 5 < -effects["missing"]
    assert found["same"]


def interactions(found):
    assert found["agreement"] > 0.8
    assert found["spreads"][found["strongest"]] > 3 * found["spreads"][found["weakest"]]
    assert found["pairs"].complete
    assert len(found["pairs"]) == 45


def shapley(found):
    assert np.median(found["alike"]) > 0.9
    assert found["top"] > 0.9
    assert np.abs(found["gaps"]["Shapley"]).max() < 1e-2 < 1 < np.abs(found["gaps"]["Banzhaf"]).max()
    assert found["means"]["Shapley"] + 0.1 < found["means"]["Banzhaf"]


def budget(found):
    ours, reported = np.array(found["errors"]["hadamard"]), np.array(found["reported"])
    assert np.all(np.diff(ours) < 0)
    assert np.all((reported > 0.5 * ours) & (reported < 2.0 * ours))
    assert found["ratio"] > 2
    assert found["inside"].mean() > 0.9


def gradients(found):
    assert np.mean(found["errors_of"][False]) > 1.5 * np.mean(found["errors_of"]["only"])
    assert abs(found["path"].sum() - found["change"]) < 0.01
    assert np.corrcoef(found["path"], found["reference"])[0, 1] > 0.8
    if importlib.util.find_spec("torchvision") and importlib.util.find_spec("torch"):
        assert found["share_of_square"] > 0.25
    else:
        assert found["share_of_square"] is None


def voting(found):
    assert dict(zip(found["countries"], found["council"].values, strict=True))["Luxembourg"] == 0
    assert found["votes"].sum() == 345
    assert found["error"].max() < 0.005
    assert found["inside"] > 0.9
    assert 1 < found["ratio"] < 1.3
    assert found["estimate"].mean_worth < 0.05
    assert all(
        value > found["before"].get(state, 0)
        for state, value in zip(found["inhabitants"], found["now"].values, strict=True)
    )
    assert np.argmax(found["now"].values) == 0


def deadline(found):
    """How far it gets depends on the machine, but more time gives no fewer evaluations."""
    costs = [answer.row_costs[0] for answer in found["answers"].values()]
    assert costs == sorted(costs)
    assert not np.isnan(found["answers"][3.0].values).any()


def importance(found):
    assert np.all(found["explanation"].standard_errors == 0)
    assert len(found["without_loss"]) > 3
    assert set(found["leading"]) & set(found["without_loss"])


def data_valuation(found):
    assert found["found"].auc > 0.75
    assert found["found_by_neighbours"].auc > 0.9
    assert found["lowest"].area > found["highest"].area + 0.02
    assert found["lowest"].scores[-1] > found["highest"].scores[-1] + 0.05
    assert found["wrong"][found["worst"]].mean() > 0.6


def global_importance(found):
    values, noise = found["importance"], found["noise"]
    assert found["use"][noise].min() > found["use"][~noise].min()
    assert np.all(values.intervals()[noise, 0] < 0)
    assert values.intervals()[8, 0] > values.values[noise].max()  # s5, the largest


def regions(found):
    assert found["by_value"][5] < 0 < found["by_chance"][5]


def sources(found):
    worth = dict(zip(found["game"].player_names, found["values"].values, strict=True))
    close, labels_by_chance = [worth["clean"], worth["noisy"]], worth["random labels"]
    assert np.all(np.array(close) > 0)
    assert np.all(labels_by_chance < 0)
    assert found["law"].predict([512.0])[0] < found["law"].predict(found["sizes"]).min()


def words(found):
    assert found["found"]["dull"] < -0.1 < 0.1 < found["found"]["never"]
    assert found["never_bored"] > 0.05


def windows(found):
    assert found["accuracy"] > 0.95
    assert found["channel"] == 1
    assert 6 <= found["window"] <= 8


def search(found):
    values, falls = found["values"].values, found["falls"]
    assert set(np.flatnonzero(values > 0)) == {2, 5}  # those of bread
    assert values.argmax() == falls.argmax()


CONCLUSIONS = {
    "plot_budget": budget,
    "plot_categories": categories,
    "plot_classification": classification,
    "plot_data_valuation": data_valuation,
    "plot_deadline": deadline,
    "plot_global_importance": global_importance,
    "plot_gradients": gradients,
    "plot_groups": groups,
    "plot_importance": importance,
    "plot_interactions": interactions,
    "plot_regions": regions,
    "plot_sources": sources,
    "plot_search": search,
    "plot_shapley": shapley,
    "plot_voting": voting,
    "plot_windows": windows,
    "plot_words": words,
}


@pytest.mark.filterwarnings("ignore:.* at the speed of the first ones this call takes")  # a busy machine's
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script(script, monkeypatch):
    pytest.importorskip("matplotlib").use("agg")
    plt = pytest.importorskip("matplotlib.pyplot")
    for library in re.findall(r"^(?:import|from) (sklearn|pandas|polars|shap)\b", script.read_text(), re.MULTILINE):
        pytest.importorskip(library)
    shown = []

    def show():
        for number in plt.get_fignums():
            plt.figure(number).canvas.draw()
            shown.append(number)
        plt.close("all")

    monkeypatch.setattr(plt, "show", show)
    found = runpy.run_path(str(script))
    assert shown
    assert not plt.get_fignums()
    CONCLUSIONS[script.stem](found)


def test_each_script_has_a_conclusion():
    assert {script.stem for script in SCRIPTS} == set(CONCLUSIONS)
    for script in SCRIPTS:
        assert script.read_text().count("**Conclusion.**") == 1
