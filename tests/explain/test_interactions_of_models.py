# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Interactions of a model as a user takes them: explain, look, report, save, and pass on to shap."""

from __future__ import annotations

import numpy as np
import pytest

import banzhaf

NAMES = ["age", "dose", "weight", "height", "sex"]
BACKGROUND = np.random.default_rng(0).normal(size=(6, 5))
ROWS = np.random.default_rng(1).normal(size=(8, 5))


def model(rows):
    """Give two outputs: one with two interactions, and its opposite."""
    output = 3.0 * rows[:, 0] * rows[:, 1] + rows[:, 2] - 2.0 * rows[:, 3] * rows[:, 4]
    return np.column_stack([-output, output])


def by_hand(pair):
    """The interaction of a product of two features: the mean over the background of the product of both changes."""
    first, second = (NAMES.index(name) for name in pair)
    changes = (ROWS[:, [first]] - BACKGROUND[:, first]) * (ROWS[:, [second]] - BACKGROUND[:, second])
    return changes.mean(axis=1)


@pytest.fixture(scope="module")
def explanation():
    return banzhaf.Explainer(model, BACKGROUND, feature_names=NAMES, random_state=0)(ROWS)


def test_numbers_are_those_of_the_model(explanation):
    pairs = explanation.interactions()
    assert pairs.complete
    assert np.allclose(pairs.value("dose", "age")[:, 1], 3.0 * by_hand(["age", "dose"]))
    assert np.allclose(pairs.value("sex", "height")[:, 1], -2.0 * by_hand(["height", "sex"]))
    assert np.allclose(pairs.value("age", "sex"), 0.0, atol=1e-12)
    assert np.array_equal(pairs.player_values, explanation.values)
    top = pairs.output(1).top(2)
    assert {top.names_of(0), top.names_of(1)} == {("age", "dose"), ("height", "sex")}


def test_selected_outputs_and_rows_give_the_same_numbers(explanation):
    whole = explanation.interactions()
    one = explanation[2:4][..., 1].interactions()
    assert one.n_rows == 2
    assert np.array_equal(one.values, whole.values[2:4, :, 1])


def test_an_explanation_can_be_saved_before_or_after(explanation, tmp_path):
    explanation.save(tmp_path / "explanation")
    pairs = banzhaf.load(tmp_path / "explanation").interactions()
    assert pairs == explanation.interactions()
    pairs.save(tmp_path / "pairs")
    assert banzhaf.load(tmp_path / "pairs") == pairs


def test_a_report_shows_the_leading_pairs(explanation, tmp_path):
    explanation.to_html(tmp_path / "report.html", interactions=explanation.interactions())
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "age \N{MULTIPLICATION SIGN} dose" in text


def test_every_plot_draws(explanation):
    pytest.importorskip("matplotlib").use("agg")
    import matplotlib.pyplot as plt

    pairs = explanation.interactions()
    for ax in (
        pairs.plot.bar(),
        pairs.plot.heatmap(),
        pairs.plot.network(row=2),
        pairs.plot.scatter("age", "dose", explanation),
        explanation.plot.scatter("age", interactions=pairs),
    ):
        ax.figure.canvas.draw()
    assert ax.figure.axes[-1].get_ylabel() == "dose"
    plt.close("all")


def test_shap_and_shapiq_take_them(explanation):
    pairs = explanation.output(1).interactions()
    pytest.importorskip("shap")
    matrices = pairs.to_shap(data=explanation.data)
    assert np.allclose(matrices.values.sum(axis=2), explanation.values[..., 1])
    assert matrices.feature_names == NAMES
    pytest.importorskip("shapiq")
    assert pairs.to_shapiq()[0][(0, 1)] == pytest.approx(pairs.value(0, 1)[0])


def test_trees_and_samples_agree_to_their_errors():
    trees = pytest.importorskip("sklearn.ensemble")
    rows = np.random.default_rng(0).normal(size=(150, 8))
    fitted = trees.GradientBoostingRegressor(n_estimators=20, random_state=0).fit(rows, rows[:, 0] * rows[:, 1])
    background = rows[:10]
    exact = banzhaf.TreeExplainer(fitted, background).interactions(rows[100:104])
    sampled = banzhaf.Explainer(fitted, background, random_state=0, budget=10 * 64)(rows[100:104]).interactions()
    assert np.array_equal(sampled.players, exact.players)
    assert np.allclose(sampled.player_values, exact.player_values, atol=0.5)
    inside = np.abs(sampled.values - exact.values) <= 4.0 * sampled.standard_errors + 1e-9
    assert inside.mean() > 0.98
