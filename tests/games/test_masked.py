# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Regions of images, spans of texts and windows of series: what the model gets, and what the values are."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import pickle
import re

import numpy as np
import pytest

import banzhaf
from banzhaf.games import ImageRegions, TextSpans, TimeWindows


def brightness(images):
    return images.reshape(len(images), -1).sum(axis=1)


def length(texts):
    return [float(len(text)) for text in texts]


def total(series):
    return series.sum(axis=(1, 2))


class TestImages:
    IMAGE = np.arange(48.0).reshape(6, 8)

    def test_of_a_linear_model_are_sums_over_regions(self):
        """A second way to the values: what each region adds to a linear model, whatever the coalition."""
        weights = np.random.default_rng(0).normal(size=(6, 8))
        labels = np.random.default_rng(1).integers(0, 5, (6, 8))
        game = ImageRegions(lambda images: (images * weights).sum(axis=(1, 2)), self.IMAGE, regions=labels, absence=7.0)
        expected = [((self.IMAGE - 7.0) * weights)[labels == r].sum() for r in range(5)]
        np.testing.assert_allclose(banzhaf.exact(game, 5).values, expected, atol=1e-10)

    def test_grids(self):
        seen = []
        game = ImageRegions(lambda images: seen.append(images.copy()) or brightness(images), self.IMAGE, n_regions=12)
        assert game.n_players == 12
        game(np.eye(12, dtype=bool)[:1])
        (image,) = seen[0]
        assert np.array_equal(image[:2, :2], self.IMAGE[:2, :2])
        assert np.all(image[:2, 2:4] == self.IMAGE[:2, 2:4].mean())
        assert ImageRegions(brightness, self.IMAGE, n_regions=1000).n_players == 48
        assert ImageRegions(brightness, np.zeros((3, 3)), n_regions=1).n_players == 1

    def test_colours_keep_their_dtype(self):
        image = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
        kinds = set()
        for absence in ("mean", "blur", "inpaint", [255, 0, 0]):
            game = ImageRegions(lambda i: kinds.add(i.dtype) or brightness(i), image, n_regions=4, absence=absence)
            assert game(np.ones((1, 4), dtype=bool)) == image.astype(float).sum()
            game.estimate(16)
        assert kinds == {np.dtype(np.uint8)}

    def test_blurs(self):
        flat = ImageRegions(brightness, np.full((9, 16), 3.0), absence="blur")
        np.testing.assert_allclose(flat._absent, 3.0)
        image = np.random.default_rng(0).normal(size=(40, 24))
        sigma = 3.0
        expected = pytest.importorskip("scipy.ndimage").gaussian_filter(image, sigma, mode="reflect", truncate=4.0)
        blurred = ImageRegions(brightness, image, absence="blur")._absent
        np.testing.assert_allclose(blurred, expected, atol=1e-12)

    def test_inpainting_continues_what_is_there(self):
        seen = []
        image = np.zeros((8, 8))
        image[:, 4:] = 6.0
        game = ImageRegions(lambda i: seen.append(i.copy()) or brightness(i), image, n_regions=16, absence="inpaint")
        rows = np.ones((2, 16), dtype=bool)
        rows[0, 0] = False  # a corner among zeros
        rows[1] = False
        game(rows)
        np.testing.assert_allclose(seen[0][0], image)
        np.testing.assert_allclose(seen[0][1], image.mean())  # nothing is left but the mean

    def test_inpainting_of_odd_sizes(self):
        game = ImageRegions(brightness, np.full((5, 7, 3), 2.0), n_regions=6, absence="inpaint")
        np.testing.assert_allclose(game(np.eye(game.n_players, dtype=bool)), 2.0 * 105)

    def test_superpixels(self):
        pytest.importorskip("skimage")
        image = np.zeros((20, 20, 3))
        image[:, 10:] = 1.0
        game = ImageRegions(brightness, image, regions="superpixels", n_regions=4)
        assert 2 <= game.n_players <= 8
        for region in range(game.n_players):
            assert np.ptp(image[game._regions == region]) == 0  # none crosses the edge

    def test_channels_first(self):
        with pytest.warns(UserWarning, match="read as 3 rows of 32 pixels with 16 channels"):
            ImageRegions(brightness, np.ones((3, 32, 16)))

    @pytest.mark.parametrize("shape", [(8, 3), (6, 8), (3, 1)])
    def test_absences_are_a_colour_or_an_image(self, shape):
        with pytest.raises(ValueError, match="absence must be a word, a colour or an image of shape"):
            ImageRegions(brightness, np.ones((6, 8, 3)), absence=np.zeros(shape))
        with pytest.raises(ValueError, match="absence must be a word, a colour or an image of shape"):
            ImageRegions(brightness, np.ones((6, 8)), absence=np.zeros(8))

    def test_overlay(self):
        pytest.importorskip("matplotlib").use("agg")
        import matplotlib.pyplot as plt

        game = ImageRegions(lambda images: np.stack([brightness(images)] * 2, axis=1), self.IMAGE, n_regions=12)
        values = game.estimate(64, random_state=0)
        layer = game.overlay(values, output=1).images[1]
        assert np.array_equal(layer.get_array(), values.values[:, 1][game._regions])
        with pytest.raises(ValueError, match="output must be set, because the values have 2 outputs"):
            game.overlay(values)
        with pytest.raises(ValueError, match="values must have one row for each of 12 players"):
            game.overlay([1.0])
        plt.close("all")

    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            ({"image": np.zeros(3)}, ValueError, "image must be numbers of shape"),
            ({"image": np.zeros((2, 2), dtype=bool)}, ValueError, "image must be numbers"),
            (
                {"regions": np.zeros((2, 2), dtype=int)},
                ValueError,
                r"regions must be a word, or integers of shape \(6, 8\)",
            ),
            ({"regions": "hexagons"}, ValueError, "regions must be one of 'grid', 'superpixels'"),
            ({"absence": "black"}, ValueError, "absence must be one of 'mean', 'blur', 'inpaint'"),
            ({"absence": [1, 2, 3]}, ValueError, "absence must be a word, a colour or an image"),
            ({"model": 3}, TypeError, "model must be callable"),
        ],
    )
    def test_refused(self, change, error, message):
        with pytest.raises(error, match=message):
            ImageRegions(**{"model": brightness, "image": self.IMAGE, **change})

    def test_outputs_of_models_are_checked(self):
        with pytest.raises(ValueError, match="model must return 1 rows"):
            ImageRegions(lambda images: np.zeros(3), self.IMAGE, n_regions=2)(np.ones((1, 2), dtype=bool))
        with pytest.raises(ValueError, match="output must be below 1"):
            ImageRegions(brightness, self.IMAGE, n_regions=2, output=1)(np.ones((1, 2), dtype=bool))


class TestTexts:
    def test_of_counts_are_by_hand(self):
        """The number of words that are there, plus 3 if the first two are together: 1 + 3 / 2 for each of these."""

        def model(texts):
            return [len(text.split()) + 3.0 * ("a b" in text) for text in texts]

        game = TextSpans(model, "a b c d")
        np.testing.assert_allclose(banzhaf.exact(game, 4).values, [2.5, 2.5, 1.0, 1.0])

    def test_texts_of_coalitions(self):
        game = TextSpans(length, "One two.  Three!\nFour")
        assert game.player_names == ("One", "two.", "Three!", "Four")
        assert game.text_of(np.array([True] * 4)) == "One two.  Three!\nFour"
        assert game.text_of(np.array([True, False, True, False])) == "One Three!"
        assert game.text_of(np.array([False] * 4)) == ""
        masked = TextSpans(length, "One two.", absence="[MASK]")
        assert masked.text_of(np.array([True, False])) == "One [MASK]"

    def test_lines_that_end_in_two_characters(self):
        game = TextSpans(length, "a b\r\nc\r\n\r\nd", spans="lines", absence="-")
        assert game.player_names == ("a b", "c", "d")
        assert game.text_of(np.array([False, True, False])) == "-\r\nc\r\n\r\n-"

    def test_removing_a_span_keeps_the_end_of_the_text(self):
        game = TextSpans(lambda texts: [float(text.endswith("\n")) for text in texts], "a b\n")
        assert game.text_of(np.array([False, True])) == "b\n"
        assert np.array_equal(game.estimate(4).values, [0.0, 1.0])
        game = TextSpans(length, "x. b (end) \n", spans=[(0, 2), (3, 4)])
        assert game.text_of(np.array([True, False])) == "x. (end) \n"
        assert TextSpans(length, "a b\n").text_of(np.array([True, False])) == "a"

    @pytest.mark.parametrize("pair", [(0.5, 2.9), "02", (False, True)])
    def test_positions_are_integers(self, pair):
        with pytest.raises(TypeError, match="spans must hold pairs of positions"):
            TextSpans(length, "abcdef", spans=[pair])

    def test_values_that_cannot_be_shown(self):
        with pytest.raises(ValueError, match="values must be finite to be shown"):
            TextSpans(length, "a b").highlight([np.nan, 1.0])
        with pytest.raises(ValueError, match="values must be finite to be shown"):
            ImageRegions(brightness, np.ones((4, 4)), n_regions=4).overlay([np.inf, 1.0, 0.0, 0.0])

    def test_sentences_lines_and_own_spans(self):
        text = "Good. Is it? Yes!\nNo end"
        assert TextSpans(length, text, spans="sentences").player_names == ("Good.", "Is it?", "Yes!", "No end")
        assert TextSpans(length, text, spans="lines").player_names == ("Good. Is it? Yes!", "No end")
        game = TextSpans(length, text, spans=[(0, 4), (9, 11)])
        assert game.player_names == ("Good", "it")
        assert game.text_of(np.array([False, True])) == ". Is it? Yes!\nNo end"
        assert TextSpans(length, "It costs 3.50 now.", spans="sentences").n_players == 1

    def test_spans_that_occur_again_have_other_names(self):
        assert TextSpans(length, "a a (2) a").player_names == ("a", "a (2)", "(2)", "a (3)")

    def test_of_a_pipeline(self):
        pytest.importorskip("sklearn")
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        texts = ["good film", "bad film", "good plot", "bad plot", "good", "bad"]
        model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, [1, 0] * 3)
        game = TextSpans(model, "a good film with a bad plot", output=1)
        values = game.estimate(128, random_state=0)
        found = dict(zip(values.player_names, values.values, strict=True))
        assert found["good"] > 0.1 > -0.1 > found["bad"]
        assert abs(found["with"]) < 1e-12

    def test_highlights(self):
        game = TextSpans(length, "<b> & word")
        shown = game.highlight([1.0, 0.0, -2.0])
        assert "&lt;b&gt;" in shown.html
        assert "<b>" not in shown.html
        assert shown._repr_html_() == shown.html
        assert re.sub("\x1b.*?m", "", repr(shown)) == "<b> & word"
        assert "rgba(0, 139, 251, 0.80)" in shown.html
        with pytest.raises(ValueError, match="output must be set"):
            game.highlight(np.zeros((3, 2)))

    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            ({"text": "  "}, ValueError, "text must hold at least one of the words"),
            ({"text": 3}, TypeError, "text must be a string"),
            ({"spans": "letters"}, ValueError, "spans must be one of 'words', 'sentences', 'lines'"),
            ({"spans": [(0, 2), (1, 3)]}, ValueError, "spans must be in order, must not overlap"),
            ({"spans": [(0, 99)]}, ValueError, "spans must be in order"),
            ({"spans": [3]}, TypeError, "spans must hold pairs of positions"),
            ({"spans": []}, ValueError, "spans must hold at least one pair"),
        ],
    )
    def test_refused(self, change, error, message):
        with pytest.raises(error, match=message):
            TextSpans(**{"model": length, "text": "some words", **change})


class TestSeries:
    def test_of_a_linear_model_are_means_over_the_background(self):
        """A second way to the values: windows add the weighted difference from the mean background."""
        rng = np.random.default_rng(0)
        x, background, weights = rng.normal(size=(12, 2)), rng.normal(size=(5, 12, 2)), rng.normal(size=(12, 2))

        def model(series):
            return (series * weights).sum(axis=(1, 2))

        gain = (x - background.mean(axis=0)) * weights
        by_window = banzhaf.exact(TimeWindows(model, x, background, windows=[3, 7]), 3).values
        np.testing.assert_allclose(by_window, [gain[:3].sum(), gain[3:7].sum(), gain[7:].sum()], atol=1e-12)
        by_channel = banzhaf.exact(TimeWindows(model, x, background, windows=None), 2).values
        np.testing.assert_allclose(by_channel, gain.sum(axis=0), atol=1e-12)
        both = TimeWindows(model, x, background, windows=2, by_channel=True)
        np.testing.assert_allclose(banzhaf.exact(both, 4).values, [*gain[:6].sum(0), *gain[6:].sum(0)], atol=1e-12)

    def test_names(self):
        game = TimeWindows(total, np.zeros((7, 2)), np.zeros((1, 7, 2)), windows=3, by_channel=True)
        assert game.player_names[:3] == (
            "times 0 to 1, channel 0",
            "times 0 to 1, channel 1",
            "times 2 to 3, channel 0",
        )
        channels = TimeWindows(total, np.zeros((7, 2)), np.zeros((1, 7, 2)), windows=None, channel_names=["x", "y"])
        assert channels.player_names == ("x", "y")

    def test_batches_change_nothing(self):
        rng = np.random.default_rng(0)
        x, background = rng.normal(size=(6, 1)), rng.normal(size=(7, 6, 1))

        def model(series):
            return np.tanh(series).sum(axis=1) ** 2

        rows = rng.random((5, 3)) < 0.5
        one = TimeWindows(model, x, background, windows=3)(rows)
        np.testing.assert_allclose(TimeWindows(model, x, background, windows=3, batch_size=2)(rows), one)
        expected = [model(np.where(np.repeat(row, 2)[:, None], x, background)).mean(axis=0) for row in rows]
        np.testing.assert_allclose(one, expected)

    @pytest.mark.parametrize(("n_times", "n_players"), [(1, 1), (4, 4), (10, 10), (25, 10)])
    def test_windows_of_short_series(self, n_times, n_players):
        game = TimeWindows(total, np.ones((n_times, 1)), np.zeros((1, n_times, 1)))
        assert game.n_players == n_players
        assert game.estimate(2**n_players).values.sum() == pytest.approx(n_times)

    def test_channels_that_come_first_are_noticed(self):
        x = np.ones((3, 50))
        with pytest.warns(UserWarning, match="x is read as 3 times of 50 channels. If its channels come first"):
            TimeWindows(total, x, x[None])
        TimeWindows(total, x, x[None], windows=3)

    def test_whole_numbers_and_fractions(self):
        """The series is whole, and the background is not: nothing is cut off."""
        game = TimeWindows(total, np.ones((2, 1), dtype=int), np.full((1, 2, 1), 0.5), windows=2)
        assert banzhaf.exact(game, 2).values.tolist() == [0.5, 0.5]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"x": np.zeros(3)}, "x must have shape"),
            ({"background": [np.zeros((4, 1)), np.zeros((3, 1))]}, "background must be an array, but its series have"),
            ({"background": np.zeros((2, 3, 1))}, r"background must have shape \(n_background, 4, 1\)"),
            ({"windows": 5}, "windows must be between 1 and 4"),
            ({"windows": "ten"}, "windows must be one of 'auto'"),
            ({"windows": [2, 1]}, "windows must be ascending first times, got 1 after 2"),
            ({"channel_names": ["a", "b"]}, "channel_names must name all 1 channels"),
        ],
    )
    def test_refused(self, change, message):
        with pytest.raises(ValueError, match=message):
            TimeWindows(**{"model": total, "x": np.zeros((4, 1)), "background": np.zeros((1, 4, 1)), **change})


GAMES = [
    ImageRegions(brightness, TestImages.IMAGE, n_regions=6),
    TextSpans(length, "one three fifteen"),
    TimeWindows(total, np.ones((8, 1)), np.zeros((2, 8, 1)), windows=4),
]


@pytest.fixture(scope="module")
def pool():
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as made:
        yield made


@pytest.mark.parametrize("game", GAMES, ids=lambda game: type(game).__name__)
class TestAsGames:
    def test_study_on_sqlite(self, game, tmp_path):
        study = banzhaf.Study(game.n_players, budget=64, store=tmp_path / "game.db", random_state=0)
        study.run(game)
        assert np.array_equal(study.result().values, game.estimate(64, random_state=0).values)

    def test_processes(self, game, pool):
        values = game.estimate(64, random_state=0, executor=pool)
        assert np.array_equal(values.values, game.estimate(64, random_state=0).values)

    def test_pickles(self, game):
        again = pickle.loads(pickle.dumps(game))
        rows = np.ones((2, game.n_players), dtype=bool)
        assert np.array_equal(again(rows), game(rows))
        assert repr(again) == repr(game)
        assert f"{type(game).__name__}({game.n_players} " in repr(game)


class TestModelsAndAbsences:
    def test_labels_are_refused(self):
        pytest.importorskip("sklearn")
        from sklearn.svm import LinearSVC

        model = LinearSVC().fit(np.eye(4), [0, 1, 0, 1])
        for given in (model, model.predict):
            with pytest.raises(TypeError, match="predict returns labels"):
                ImageRegions(given, np.zeros((2, 2)))
        with pytest.raises(TypeError, match="not the class"):
            TextSpans(LinearSVC, "a text")
        with pytest.raises(TypeError, match="what model returns must be numbers"):
            TextSpans(lambda texts: ["1"] * len(texts), "a text").estimate(4)

    def test_colours_that_the_image_cannot_hold(self):
        image = np.zeros((4, 4), dtype=np.uint8)
        for colour in (0.5, 300, -1):
            with pytest.raises(ValueError, match="absence must be a colour that the image's uint8 can hold"):
                ImageRegions(brightness, image, absence=colour)

    def test_masked_inputs(self):
        hidden = np.ma.masked_equal(np.arange(4.0).reshape(2, 2), 1.0)
        with pytest.raises(ValueError, match="image must be numbers, got a masked array"):
            ImageRegions(brightness, hidden)
        with pytest.raises(ValueError, match="background must be numbers, got a masked array"):
            TimeWindows(total, np.ones((2, 2)), hidden[None], windows=2)


class TestWhatNumpyWouldChange:
    @pytest.mark.parametrize("absence", ["mean", "blur", "inpaint"])
    def test_missing_pixels_do_not_spread(self, absence):
        image = np.ones((4, 4))
        image[0, 0] = np.nan
        with pytest.raises(ValueError, match=f"image must be finite for absence='{absence}', got nan: fill in"):
            ImageRegions(np.nansum, image, absence=absence)
        game = ImageRegions(lambda images: np.nansum(images, axis=(1, 2)), image, n_regions=4, absence=0.0)
        assert game.estimate(16).values.tolist() == [3, 4, 4, 4]

    @pytest.mark.parametrize("absence", [None, True, np.zeros((4, 4), dtype=bool), [None, 0.0, 0.0]])
    def test_absences_that_are_no_colours(self, absence):
        with pytest.raises(ValueError, match="absence must be a word, a colour or an image"):
            ImageRegions(brightness, np.ones((4, 4, 3) if isinstance(absence, list) else (4, 4)), absence=absence)

    IMAGE = np.arange(16.0).reshape(4, 4)

    def test_masked_regions_and_absences(self):
        labels = np.arange(16).reshape(4, 4) // 4
        with pytest.raises(ValueError, match="regions must be a word or integers, got a masked array"):
            ImageRegions(brightness, self.IMAGE, regions=np.ma.masked_array(labels, labels == 1))
        with pytest.raises(ValueError, match=r"absence must be .* got a masked array"):
            ImageRegions(brightness, self.IMAGE, absence=np.ma.masked_array(self.IMAGE, self.IMAGE > 3))

    def test_numbers_that_a_dtype_cannot_hold(self):
        with pytest.raises(ValueError, match="image must be numbers that float64 holds, got 18446744073709551615"):
            ImageRegions(brightness, np.full((4, 4), 2**64 - 1, dtype=np.uint64))
        with pytest.raises(
            ValueError, match=r"absence must be a colour that the image's float16 can hold, got 1000000"
        ):
            ImageRegions(brightness, self.IMAGE.astype(np.float16), absence=1e6)
        big = np.full((4, 1), 2**60 + 7)
        with pytest.raises(ValueError, match="x holds 1152921504606846983, which float64, the common dtype"):
            TimeWindows(total, big, np.zeros((1, 4, 1)), windows=2)
        game = TimeWindows(lambda series: (series[:, 0, 0] % 10).astype(float), big, big[None] + 1, windows=2)
        np.testing.assert_array_equal(game.estimate(4).values, [-1.0, 0.0])

    @pytest.mark.parametrize("dtype", [str, "datetime64[s]", object])
    def test_series_without_a_common_dtype(self, dtype):
        with pytest.raises(TypeError, match=r"x and background must have a common dtype, got .* and float64"):
            TimeWindows(total, np.ones((4, 2)).astype(dtype), np.zeros((1, 4, 2)), windows=2)

    def test_tables_of_the_background_have_one_order(self, pd):
        x, one = np.ones((4, 2)), pd.DataFrame(np.zeros((4, 2)), columns=["a", "b"])
        with pytest.raises(ValueError, match="each series of background must have the columns of the first one"):
            TimeWindows(total, x, [one, one[["b", "a"]]], windows=2)
        with pytest.raises(ValueError, match="each series of background must be in the order of x"):
            TimeWindows(total, one + 1, [one, one[::-1]], windows=2)

    def test_channels_in_another_order(self, pd):
        frame = pd.DataFrame(np.ones((4, 2)), columns=["heat", "rain"])
        with pytest.raises(ValueError, match="each series of background must have the columns of x in the same order"):
            TimeWindows(total, frame, [frame, frame[["rain", "heat"]]], windows=2)
        assert TimeWindows(total, frame, [frame, frame], windows=2).n_players == 2


@pytest.mark.parametrize("several", [False, True])
def test_a_model_may_use_its_array_again(several):
    """Outputs of a batch are kept while the next one is evaluated, so they must be a copy."""
    space = np.empty((200, 2) if several else 200)

    def outputs(items):
        one = np.array([float(len(item)) if isinstance(item, str) else np.sin(item.sum()) for item in items])
        return np.stack([one, one**2], axis=1) if several else one

    def model(items):
        space.fill(np.nan)
        space[: len(items)] = outputs(items)
        return space[: len(items)]

    rng = np.random.default_rng(0)
    image, series, others = rng.random((4, 4)), rng.normal(size=(6, 2)), rng.normal(size=(9, 6, 2))
    for make in (
        lambda function: ImageRegions(function, image, n_regions=4, batch_size=3),
        lambda function: TextSpans(function, "one two three four", batch_size=3),
        lambda function: TimeWindows(function, series, others, windows=2, batch_size=2),
    ):
        found, expected = (banzhaf.exact(make(each), make(each).n_players) for each in (model, outputs))
        np.testing.assert_array_equal(found.values, expected.values)
