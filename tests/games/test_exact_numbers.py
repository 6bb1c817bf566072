# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Integers that float64 does not hold are refused by games too, because their differences would be lost."""

from __future__ import annotations

import numpy as np
import pytest

from banzhaf.games import DataValuation, KNNValuation, ModelLoss, SourceValuation, detect

pytest.importorskip("sklearn")
from sklearn.linear_model import Ridge

LARGE = 2**60 + 1
ROW = np.ones((1, 3), dtype=bool)


def of_scores(score):
    x = np.arange(3.0)[:, None]
    return DataValuation(Ridge(), x, x[:, 0], x, x[:, 0], scoring=lambda *_: score, random_state=0)


class TestIntegersBeyondFloats:
    @pytest.mark.parametrize("large", [LARGE, 2**70 + 1])
    def test_are_refused(self, large):
        points, zeros = np.zeros((2, 1)), np.zeros(2)
        for name, make in {
            "X": lambda: KNNValuation([[large], [0]], [0, 1], [[0]], [0]),
            "X_test": lambda: KNNValuation([[0], [1]], [0, 1], [[large]], [0]),
            "y": lambda: KNNValuation(points, [large, 0], points, zeros, kind="regression"),
            "y must": lambda: ModelLoss(lambda rows: rows[:, 0], points, [large, 0], loss="absolute_error"),
            "values": lambda: detect([large, large - 1], [True, False]),
            "scoring": lambda: of_scores(large)(ROW),
        }.items():
            with pytest.raises(ValueError, match=f"{name}.* numbers that float64 holds, got {large}"):
                make()

    def test_scores_of_sources(self):
        with pytest.raises(ValueError, match="train_and_score must return numbers that float64 holds"):
            SourceValuation({"a": [1]}, lambda sources, seed: LARGE)(ROW[:, :1])

    def test_those_that_floats_hold_are_taken(self):
        assert of_scores(2**60)(ROW) == 2.0**60
        game = ModelLoss(lambda rows: np.full(len(rows), 2.0**70), np.zeros((2, 1)), [2**70] * 2, loss="absolute_error")
        assert game(ROW[:, :1]) == 0


class TestScores:
    @pytest.mark.parametrize("score", [0.5, np.float32(0.5), np.array([0.5]), np.array(0.5)])
    def test_are_numbers(self, score):
        assert of_scores(score)(ROW) == 0.5

    def test_others_are_refused(self):
        for score in ("0.5", None, 1j, {"a": 1}):
            with pytest.raises(TypeError, match="scoring must return a number, got"):
                of_scores(score)(ROW)
        with pytest.raises(ValueError, match=r"one number, got an array of shape \(2,\)"):
            of_scores([0.5, 0.6])(ROW)
        with pytest.raises(ValueError, match="masked"):
            of_scores(np.ma.masked)(ROW)


class TestTablesOfLosses:
    def test_attributes_and_names_of_columns_reach_the_model(self, pd):
        table = pd.DataFrame({"a": [1.0, 2.0], "b": [0.0, 1.0]}).rename_axis(columns="features")
        table.attrs["unit"] = 3.0

        def model(rows):
            assert rows.columns.equals(table.columns)
            assert rows.columns.name == "features"
            return rows["a"].to_numpy() * rows.attrs["unit"]

        assert ModelLoss(model, table, [3.0, 6.0])(np.array([[True, False]])) == 0
