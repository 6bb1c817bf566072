# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The plots of shap and shapiq take our interactions; skipped where these packages are missing."""

from __future__ import annotations

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")
from pictures import FIVE, pairs  # noqa: E402

pytestmark = [
    pytest.mark.usefixtures("foreign_figures"),
    pytest.mark.filterwarnings("ignore"),  # what they warn of is theirs
]


@pytest.fixture
def foreign_figures():
    """No figure outlives its test; these packages may change styles."""
    with plt.rc_context():
        yield
        plt.close("all")


SHAP = {
    "summary_plot": lambda shap, found: shap.summary_plot(found.values, FIVE.data, show=False),
    "dependence_plot": lambda shap, found: shap.dependence_plot((0, 1), found.values, FIVE.data, show=False),
    "decision_plot": lambda shap, found: shap.decision_plot(0.0, found.values, show=False),
    "scatter": lambda shap, found: shap.plots.scatter(found[:, 0, 1], show=False),
    "beeswarm": lambda shap, found: shap.plots.beeswarm(found[:, :, 0], show=False),
    "bar": lambda shap, found: shap.plots.bar(found[:, :, 0], show=False),
}


@pytest.mark.parametrize("plot", SHAP)
def test_shap_draws_interactions(plot):
    shap = pytest.importorskip("shap")
    SHAP[plot](shap, pairs(24).to_shap(data=FIVE.data))
    plt.gcf().canvas.draw()
    assert any(axes.has_data() for axes in plt.gcf().axes)


def test_the_object_has_the_shape_of_shaps_own():
    shap = pytest.importorskip("shap")
    ensemble = pytest.importorskip("sklearn.ensemble")
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 5))
    model = ensemble.GradientBoostingRegressor(n_estimators=5).fit(rows, rows[:, 0] * rows[:, 1])
    theirs = shap.TreeExplainer(model)(rows[:24], interactions=True)
    ours = pairs(24).to_shap(data=rows[:24])
    assert ours.values.shape == theirs.values.shape
    assert ours.data.shape == theirs.data.shape
    assert ours[:, 0, 1].values.shape == theirs[:, 0, 1].values.shape == (24,)
    # A row of the matrix adds up to the value of its feature in both.
    assert np.allclose(theirs.values.sum(axis=2), shap.TreeExplainer(model)(rows[:24]).values, atol=1e-6)
    assert np.allclose(ours.values.sum(axis=2), pairs(24).player_values)


SHAPIQ = ("plot_network", "plot_si_graph", "plot_stacked_bar", "plot_upset", "plot_force", "plot_waterfall")


@pytest.mark.parametrize("plot", SHAPIQ)
def test_shapiq_draws_interactions(plot):
    pytest.importorskip("shapiq")
    getattr(pairs().to_shapiq(), plot)(show=False)
    plt.gcf().canvas.draw()
    assert plt.gcf().axes


def test_shapiq_draws_a_batch():
    shapiq = pytest.importorskip("shapiq")
    shapiq.plot.bar_plot(pairs(6).to_shapiq(), show=False)
    plt.gcf().canvas.draw()
    assert any(axes.has_data() for axes in plt.gcf().axes)
