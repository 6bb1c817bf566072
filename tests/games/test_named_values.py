# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Values that users hand back to a game: those in another order than the players would be taken for others'."""

from __future__ import annotations

import numpy as np
import pytest

from banzhaf.games import DataValuation, EmbeddingSimilarity, ImageRegions, ModelLoss, TextSpans

pytest.importorskip("sklearn")
from sklearn.linear_model import Ridge

pd = pytest.importorskip("pandas")


@pytest.fixture
def sources():
    x = np.arange(6.0)[:, None]
    return DataValuation(Ridge(), x, x[:, 0], x, x[:, 0], groups=["b", "a", "c"] * 2, random_state=0)


class TestValuesInAnotherOrder:
    def test_of_a_curve(self, sources):
        given = pd.Series([3.0, 1.0, 2.0], index=["b", "a", "c"])
        with pytest.raises(ValueError, match=r"values must be in the order of the players, .* pass values\.loc"):
            sources.curve(given.sort_values())
        right = sources.curve(given, sizes=[0, 1])
        again = sources.curve(given.sort_values().loc[list(sources.player_names)], sizes=[0, 1])
        assert right.scores.tolist() == again.scores.tolist()

    def test_of_points_without_names(self):
        x = np.arange(3.0)[:, None]
        game = DataValuation(Ridge(), x, x[:, 0], x, x[:, 0])
        with pytest.raises(ValueError, match=r"whose index is in another order. Pass \.sort_index\(\)"):
            game.curve(pd.Series([3.0, 1.0, 2.0]).sort_values())

    def test_of_pictures(self):
        text = TextSpans(lambda texts: [len(text) for text in texts], "one two")
        with pytest.raises(ValueError, match="'two' first instead of 'one'"):
            text.highlight(pd.Series([1.0, 2.0], index=["two", "one"]))
        image = ImageRegions(lambda images: images.sum((1, 2)), np.eye(4), n_regions=4, player_names=list("abcd"))
        with pytest.raises(ValueError, match="'d' first instead of 'a'"):
            image.overlay(pd.Series(range(4), index=list("dcba")))

    def test_of_a_result(self):
        one = TextSpans(lambda texts: [text.startswith("one") for text in texts], "one two")
        other = TextSpans(lambda texts: [text.startswith("one") for text in texts], "two one")
        with pytest.raises(ValueError, match="'two' first instead of 'one'"):
            one.highlight(other.estimate(4))
        assert one.highlight(one.estimate(4)).html


class TestWhatFunctionsReturnInAnotherOrder:
    def test_is_refused(self):
        def reverse(numbers):
            return pd.DataFrame(numbers).iloc[::-1]

        x, rows = np.arange(4.0)[:, None], np.ones((2, 1), dtype=bool)
        for game, message in (
            (EmbeddingSimilarity(lambda texts: reverse(np.eye(2)), ["a"], [1.0, 0.0]), "what embed returns must be in"),
            (TextSpans(lambda texts: reverse(np.eye(2)), "a"), "what model returns must be in the order of its inputs"),
            (
                ModelLoss(reverse, x, x[:, 0], loss="squared_error"),
                "what estimator returns must be in the order of its",
            ),
            (ModelLoss(lambda r: r[:, 0], x, x[:, 0], loss=lambda p, y: reverse(p)[0]), "what loss returns must be in"),
        ):
            with pytest.raises(ValueError, match=f"{message}.*Return .sort_index"):
                game(rows)


class TestCoalitionsOfOtherTypes:
    """Positions of players are no coalition, and neither are texts."""

    @pytest.mark.parametrize("coalition", [[2, 1], [0.0, np.nan], ["", "a"]])
    def test_are_refused(self, coalition):
        with pytest.raises((TypeError, ValueError), match="coalition must be a boolean array"):
            TextSpans(lambda texts: [len(text) for text in texts], "one two").text_of(np.array(coalition))

    def test_zeros_and_ones_count(self):
        assert TextSpans(lambda texts: [len(text) for text in texts], "one two").text_of([0, 1]) == "two"
