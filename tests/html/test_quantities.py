# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explanations by Shapley values are called so wherever they are shown, and never Banzhaf values."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import banzhaf


@pytest.fixture
def explanation() -> banzhaf.Explanation:
    rng = np.random.default_rng(3)
    explain = banzhaf.Explainer(lambda rows: rows.prod(axis=1), rng.normal(size=(5, 3)), random_state=0)
    return dataclasses.replace(explain(rng.normal(size=(4, 3))), quantity="Shapley value")


def test_texts_name_the_shapley_value(explanation: banzhaf.Explanation, tmp_path: Path) -> None:
    assert "Shapley value" in repr(explanation)
    assert "Banzhaf" not in repr(explanation)
    assert "Shapley value" in explanation._repr_html_()
    explanation.to_html(tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Shapley values of 4 rows" in report
    assert "The Shapley value of a feature" in report
    assert "need not be the prediction" not in report
    assert "Shapley value" in repr(explanation.abs.mean(0))
    assert "Banzhaf" not in repr(explanation.abs.mean(0))
    banzhaf_report = tmp_path / "banzhaf.html"
    dataclasses.replace(explanation, quantity="Banzhaf value").to_html(banzhaf_report)
    assert "which need not be the prediction" in banzhaf_report.read_text(encoding="utf-8")


def test_the_kind_of_value_is_sliced_and_saved(explanation: banzhaf.Explanation, tmp_path: Path) -> None:
    assert explanation[1:, ["x0"]].quantity == "Shapley value"
    explanation.save(tmp_path / "shapley.banzhaf")
    assert banzhaf.load(tmp_path / "shapley.banzhaf") == explanation


def test_plots_name_the_shapley_value(explanation: banzhaf.Explanation) -> None:
    pytest.importorskip("matplotlib").use("agg")
    plot = explanation.plot
    axes = [plot.bar(), plot.beeswarm(), plot.row(0), plot.scatter("x0"), plot.force(0), plot.heatmap()]
    texts = [text for ax in axes for one in ax.figure.axes for text in (one.get_xlabel(), one.get_ylabel())]
    assert sum("Shapley value" in text for text in texts) >= 5
    assert not any("Banzhaf" in text for text in texts)
    assert "need not sum" not in axes[4].get_title()
    other = dataclasses.replace(explanation, quantity="Banzhaf value")
    compared = explanation.plot.compare(other)
    assert [text.get_text() for text in compared.get_legend().get_texts()] == ["Shapley values", "Banzhaf values"]
    assert "mean |value|" in compared.get_xlabel()
    assert "Banzhaf values need not sum to the prediction" in other.plot.force(0).get_title()
