# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Parts of prompts as players, with Gemma 3's own classes and random weights."""

from __future__ import annotations

import copy
import doctest
import pickle
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import banzhaf
from banzhaf._games.language_model import Likelihood
from banzhaf.games import ContextAttribution

torch = pytest.importorskip("torch")
tokenizers = pytest.importorskip("tokenizers")
pytest.importorskip("transformers")
tiny = pytest.importorskip("tiny_gemma")

SOURCES = [
    "Anna lives near the old bridge .",
    "the red house has no road .",
    "Ben lives near the river .",
    "a new town is near .",
    "Carl was near the green road .",
    "the blue river is old .",
]
INSTRUCTION = "the town has a river . the town has a bridge . no road is near the old house ."
PROMPT = f"{INSTRUCTION} {{context}} Anna lives near the"
ANSWER = " old bridge"


@pytest.fixture(scope="module")
def words():
    return tiny.tokenizer()


@pytest.fixture(scope="module")
def model():
    return tiny.text_model()


@pytest.fixture(scope="module")
def folder(model, words, tmp_path_factory):
    path = tmp_path_factory.mktemp("text")
    model.save_pretrained(path)
    words.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def with_images():
    return tiny.image_model()


@pytest.fixture(scope="module")
def picture():
    image = pytest.importorskip("PIL.Image")
    return image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8))


def some_coalitions(n, count=12, seed=0):
    rows = np.random.default_rng(seed).random((count, n)) < 0.5
    rows[0], rows[1] = False, True
    return rows


def by_hand(model, words, text, answer, **options):
    """Log-probabilities of the answer's tokens, from one text without padding and without a cache."""
    before = words(text, **options)["input_ids"]
    after = words(answer, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([before + after])).logits[0].double()
    logs = logits.log_softmax(-1)
    return [float(logs[len(before) - 1 + t, token]) for t, token in enumerate(after)]


def with_end(words):
    """Make a tokenizer end each text with <eos>, as those of some fine-tuned models do."""
    ends = [(name, words.convert_tokens_to_ids(name)) for name in ("<bos>", "<eos>")]
    made = tokenizers.processors.TemplateProcessing(single="<bos> $A <eos>", special_tokens=ends)
    words.backend_tokenizer.post_processor = made
    return words


class TestText:
    @pytest.mark.parametrize("cache", [True, False])
    @pytest.mark.parametrize("batch_size", [1, 5, 64])
    def test_equals_one_text_at_a_time(self, model, words, cache, batch_size):
        game = ContextAttribution(
            model, SOURCES, PROMPT, ANSWER, tokenizer=words, separator=" ", cache_prefix=cache, batch_size=batch_size
        )
        rows = some_coalitions(6)
        found = game.token_log_probabilities(rows)
        for row, logs in zip(rows, found, strict=True):
            there = " ".join(SOURCES[i] for i in np.flatnonzero(row))
            text = f"{INSTRUCTION} {there} Anna lives near the"
            assert game.prompt(row) == text
            assert np.abs(logs - by_hand(model, words, text, ANSWER)).max() < 1e-5
        assert np.allclose(game(rows), found.sum(axis=1))
        assert bool(game._model._cache) is cache

    def test_a_prefix_longer_than_the_window_is_kept(self, model, words):
        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words)
        assert len(game._model._prefix) == 1 + len(INSTRUCTION.split())  # <bos> before it
        first = game(some_coalitions(6))
        assert np.array_equal(first, game(some_coalitions(6)))  # the cache has not changed

    def test_sources_that_begin_alike_do_not_break_the_prefix(self, model, words):
        sources = [f"{INSTRUCTION} Anna", f"{INSTRUCTION} Ben"]
        game = ContextAttribution(model, sources, "{context} lives near the", ANSWER, tokenizer=words)
        plain = ContextAttribution(
            model, sources, "{context} lives near the", ANSWER, tokenizer=words, cache_prefix=False
        )
        rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool)
        assert np.allclose(game(rows), plain(rows), atol=1e-5)

    def test_a_token_that_ends_texts_does_not_stand_before_the_answer(self, model, words):
        ending = with_end(tiny.tokenizer())
        assert ending("the")["input_ids"][-1] == ending.eos_token_id
        rows = some_coalitions(6)
        found, plain = (
            ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=each)(rows) for each in (ending, words)
        )
        assert np.allclose(found, plain, atol=1e-5)

    def test_measures(self, model, words):
        rows = some_coalitions(6)
        total, mean, odds = (
            ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words, measure=measure)(rows)
            for measure in ("log-probability", "mean", "log-odds")
        )
        assert np.allclose(mean, total / 2)
        assert np.allclose(odds, total - np.log1p(-np.exp(total)), atol=1e-5)

    def test_log_odds_of_a_certain_answer(self, words):
        """Where 1 - p rounds to 0, the odds still come from the other tokens."""
        from banzhaf._games.context import MEASURES
        from banzhaf._games.language_model import Likelihood

        sure = Likelihood(np.array([[-1e-30, -2e-30]]), np.log([[1e-30, 2e-30]]))
        assert MEASURES["log-odds"](sure) == pytest.approx(-np.log(3e-30))

    def test_half_precision(self, model, words):
        half = tiny.text_model().to(torch.bfloat16)
        rows = some_coalitions(6)
        found = ContextAttribution(half, SOURCES, PROMPT, ANSWER, tokenizer=words)(rows)
        exact = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words)(rows)
        assert 0 < np.abs(found - exact).max() < 1
        assert found.dtype == np.float64

    def test_templates_that_take_parts_of_messages(self, model):
        words = tiny.tokenizer()
        words.chat_template = (
            "{{ bos_token }}{% for m in messages %}<start_of_turn> {{ m['role'] }} {% for part in m['content'] %}"
            "{{ part['text'] }}{% endfor %} <end_of_turn> {% endfor %}"
            "{% if add_generation_prompt %}<start_of_turn> model{% endif %}"
        )
        parts = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words, chat=True)
        whole = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=tiny.tokenizer(), chat=True)
        rows = some_coalitions(6)
        assert np.allclose(parts(rows), whole(rows), atol=1e-6)

    def test_training_mode_is_noticed_later_too(self, model, words):
        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words)
        model.train()
        try:
            with pytest.raises(ValueError, match="model is in training mode"):
                game(some_coalitions(6)[:1])
        finally:
            model.eval()

    def test_the_answer_is_the_most_probable_one_whatever_the_settings_say(self, model, words):
        settings = copy.deepcopy(model.generation_config)
        plain = ContextAttribution(model, SOURCES, PROMPT, tokenizer=words, max_new_tokens=5).answer
        try:
            model.generation_config.repetition_penalty = 9.0
            model.generation_config.no_repeat_ngram_size = 1
            other = ContextAttribution(model, SOURCES, PROMPT, tokenizer=words, max_new_tokens=5).answer
            model.generation_config = copy.deepcopy(settings)
            first = words(plain, add_special_tokens=False)["input_ids"][0]
            model.generation_config.suppress_tokens = [first]
            model.generation_config.sequence_bias = [[[first], -100.0]]
            model.generation_config.max_time = 1e-9
            third = ContextAttribution(model, SOURCES, PROMPT, tokenizer=words, max_new_tokens=5).answer
            assert model.generation_config.suppress_tokens == [first]
        finally:
            model.generation_config = settings
        assert other == third == plain
        greedy = words(PROMPT.replace("{context}", "\n".join(SOURCES)))["input_ids"]
        n_prompt = len(greedy)
        with torch.no_grad():
            for _ in range(5):
                greedy.append(int(model(input_ids=torch.tensor([greedy])).logits[0, -1].argmax()))
        assert plain == words.decode(greedy[n_prompt:])

    def test_chat(self, model, words):
        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words, chat=True, separator=" ")
        row = some_coalitions(6)[3]
        text = game.prompt(row)
        assert text.startswith("<bos><start_of_turn> user the town")
        assert text.endswith("<start_of_turn> model")
        assert game._tokens(row).ids.count(words.bos_token_id) == 1
        expected = sum(by_hand(model, words, text, ANSWER, add_special_tokens=False))
        assert game(row[None])[0] == pytest.approx(expected, abs=1e-5)

    def test_own_answer(self, model, words):
        """The most probable continuation of the whole prompt, token by token."""
        game = ContextAttribution(model, SOURCES, PROMPT, tokenizer=words, max_new_tokens=3)
        ids = words(game.prompt([True] * 6))["input_ids"]
        expected = []
        with torch.no_grad():
            for _ in range(3):
                expected.append(int(model(input_ids=torch.tensor([ids + expected])).logits[0, -1].argmax()))
        assert game._answer == expected
        assert game.answer == words.decode(expected)

    def test_an_answer_that_the_tokenizer_would_join_with_the_prompt(self, model, words):
        game = ContextAttribution(model, SOURCES, PROMPT, "old bridge", tokenizer=words)  # "theold" is no word
        assert game._answer == words("old bridge", add_special_tokens=False)["input_ids"]


class TestImages:
    def test_an_image_is_a_player(self, with_images, picture):
        model, processor = with_images
        sources = [SOURCES[0], picture, SOURCES[1]]
        game = ContextAttribution(model, sources, PROMPT, ANSWER, tokenizer=processor, separator=" ", batch_size=8)
        rows = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)], dtype=bool)
        found = game(rows)
        words = processor.tokenizer
        after = words(ANSWER, add_special_tokens=False)["input_ids"]
        for row, worth in zip(rows, found, strict=True):
            images = {"images": [picture]} if row[1] else {}
            given = processor(text=game.prompt(row), return_tensors="pt", **images)
            ids = torch.cat([given["input_ids"], torch.tensor([after])], dim=1)
            kinds = torch.cat([given["token_type_ids"], torch.zeros((1, len(after)), dtype=torch.long)], dim=1)
            pixels = {"pixel_values": given["pixel_values"]} if row[1] else {}
            with torch.no_grad():
                logits = model(input_ids=ids, token_type_ids=kinds, **pixels).logits[0].double()
            logs = logits.log_softmax(-1)
            first = ids.shape[1] - len(after) - 1
            expected = sum(float(logs[first + t, token]) for t, token in enumerate(after))
            assert worth == pytest.approx(expected, abs=1e-5)
        assert abs(found[2] - found[0]) > 1e-3  # the image has an effect
        assert game.player_names[1] == "2: [image]"

    def test_a_token_that_ends_texts_does_not_stand_before_the_answer(self, with_images, picture):
        model, processor = with_images
        _, ending = tiny.image_model()
        with_end(ending.tokenizer)
        rows = some_coalitions(3)
        found, plain = (
            ContextAttribution(model, [SOURCES[0], picture, SOURCES[1]], PROMPT, ANSWER, tokenizer=each)(rows)
            for each in (ending, processor)
        )
        assert np.allclose(found, plain, atol=1e-5)

    def test_other_pixels_give_other_worths(self, with_images, picture):
        model, processor = with_images
        other = picture.rotate(90)
        worths = [
            ContextAttribution(model, [image], PROMPT, ANSWER, tokenizer=processor)(np.array([[True]]))[0]
            for image in (picture, other)
        ]
        assert abs(worths[0] - worths[1]) > 1e-4

    def test_later_changes_of_an_image_do_not_reach_the_game(self, with_images, picture):
        model, processor = with_images
        for image in (np.array(picture), torch.tensor(np.array(picture)), picture.copy()):
            game = ContextAttribution(model, [image, SOURCES[0]], PROMPT, ANSWER, tokenizer=processor)
            before = game(np.ones((1, 2), dtype=bool))
            if hasattr(image, "paste"):
                image.paste(0, (0, 0, 40, 40))
            else:
                image[:] = 0
            assert np.array_equal(game(np.ones((1, 2), dtype=bool)), before)

    def test_in_a_chat_from_a_folder(self, with_images, picture, tmp_path):
        model, processor = with_images
        model.save_pretrained(tmp_path)
        processor.save_pretrained(tmp_path)
        sources = [picture, *SOURCES[:2]]
        saved = ContextAttribution(tmp_path, sources, PROMPT, ANSWER, chat=True)
        given = ContextAttribution(model, sources, PROMPT, ANSWER, chat=True, tokenizer=processor)
        rows = some_coalitions(3)
        assert type(saved._model.model).__name__ == "Gemma3ForConditionalGeneration"
        assert np.array_equal(saved(rows), given(rows))

    def test_texts_alone_do_not_need_the_processor(self, with_images):
        model, processor = with_images
        games = [
            ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=each)
            for each in (processor, processor.tokenizer)
        ]
        rows = some_coalitions(6)
        assert np.array_equal(games[0](rows), games[1](rows))

    def test_need_a_processor(self, model, words, picture):
        with pytest.raises(TypeError, match="must be the processor of a model that takes images"):
            ContextAttribution(model, [picture], PROMPT, ANSWER, tokenizer=words)


class TestAsAGame:
    def test_values_are_exact_with_all_coalitions(self, model, words):
        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words)
        rows = (np.arange(64)[:, None] >> np.arange(6) & 1).astype(bool)
        worths = game(rows)
        expected = [worths[rows[:, i]].mean() - worths[~rows[:, i]].mean() for i in range(6)]
        values = game.estimate(64)
        assert np.allclose(values.values, expected, atol=1e-5)
        assert values.player_names[0] == "1: Anna lives near the old bridge ."

    def test_one_value_for_each_token(self, model, words):
        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words)
        parts = banzhaf.exact(game.token_log_probabilities, 6)
        assert np.allclose(parts.values.sum(axis=1), game.estimate(64).values, atol=1e-5)

    @pytest.mark.parametrize("measure", ["log-probability", "mean"])
    def test_values_of_tokens_add_up(self, model, words, measure):
        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words, measure=measure)
        whole, added = game.estimate(64), game.estimate_by_token(64)
        np.testing.assert_allclose(added.values, whole.values, atol=1e-5)
        np.testing.assert_allclose(added.mean_worth, whole.mean_worth, atol=1e-5)
        assert not added.standard_errors.any()
        np.testing.assert_allclose(added.evaluations.worths, whole.evaluations.worths, atol=1e-5)
        part, tokens = (
            game.estimate_by_token(24, random_state=0),
            banzhaf.estimate(game.token_log_probabilities, 6, budget=24, random_state=0),
        )
        scale = 0.5 if measure == "mean" else 1.0
        np.testing.assert_array_equal(part.values, scale * tokens.values.sum(axis=1))
        np.testing.assert_array_equal(part.standard_errors, scale * tokens.standard_errors.sum(axis=1))
        assert part.player_names == game.player_names
        assert "6 players" in repr(part)

    def test_log_odds_are_no_sum_over_tokens(self, model, words):
        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words, measure="log-odds")
        with pytest.raises(ValueError, match="not a sum over tokens: call estimate"):
            game.estimate_by_token(64)

    @pytest.mark.parametrize("measure", ["log-probability", "mean", "log-odds"])
    @pytest.mark.parametrize("decides", [True, False])
    def test_two_stages(self, model, words, measure, decides, monkeypatch, tmp_path):
        """If no source decides, the result is that of one design, to the last bit."""
        sources = [f"{each} {other}" for each in SOURCES for other in SOURCES]
        game = ContextAttribution(model, sources, PROMPT, ANSWER, tokenizer=words, measure=measure)
        effects = 3.0 * (np.arange(36) == 5) if decides else np.linspace(0.1, 0.2, 36)

        def likelihood(rows):
            logs = np.outer(rows @ effects - effects.sum() - 0.1, [1.0, 0.5])
            return Likelihood(logs, np.log1p(-np.exp(logs)))

        monkeypatch.setattr(game, "_likelihood", likelihood)
        once = game.estimate if measure == "log-odds" else game.estimate_by_token
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", banzhaf.RankWarning)
            staged = game.estimate_in_two_stages(64, random_state=0, store=tmp_path / "values.db")
            plain = once(64, random_state=0)
        assert staged.player_names == game.player_names
        if not decides:
            assert staged == plain
            return
        assert staged.design == "two-stage"
        ends = game(np.array([effects == 0, np.ones(36, dtype=bool)]))
        np.testing.assert_allclose(staged.values, (ends[1] - ends[0]) * (effects > 0), atol=1e-9)

    def test_study_on_a_file(self, folder, tmp_path):
        game = ContextAttribution(folder, SOURCES, PROMPT, ANSWER)
        with banzhaf.Study(6, budget=24, random_state=0, store=tmp_path / "values.db") as study:
            study.run(game)
            found = study.result().values
        assert np.allclose(found, game.estimate(24, random_state=0).values, atol=1e-5)

    def test_process_pool(self, folder):
        """Each process reads the model for itself."""
        game = ContextAttribution(folder, SOURCES, PROMPT, ANSWER)
        assert len(pickle.dumps(game)) < 10_000
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found = game.estimate(24, random_state=0, executor=pool)
        assert np.allclose(found.values, game.estimate(24, random_state=0).values, atol=1e-5)

    def test_a_model_is_copied_by_pickle(self, model, words):
        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words)
        rows = some_coalitions(6)
        again = pickle.loads(pickle.dumps(game))
        assert np.array_equal(again(rows), game(rows))
        assert again._model._prefix == game._model._prefix

    def test_threads_share_a_game(self, model, words):
        from concurrent.futures import ThreadPoolExecutor

        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words)
        with ThreadPoolExecutor(2) as pool:
            found = game.estimate(24, random_state=0, executor=pool)
        assert np.allclose(found.values, game.estimate(24, random_state=0).values, atol=1e-5)


@pytest.mark.parametrize(
    "name", ["__doc__", "prompt", "token_log_probabilities", "estimate_by_token", "estimate_in_two_stages"]
)
def test_examples_of_docstrings(name, model, words, tmp_path, monkeypatch):
    """They need a model in a folder, so that other tests skip them."""
    monkeypatch.chdir(tmp_path)
    model.save_pretrained("gemma")
    words.save_pretrained("gemma")
    thing = ContextAttribution if name == "__doc__" else getattr(ContextAttribution, name)
    (test,) = doctest.DocTestFinder(recurse=False).find(thing, name, globs={})
    for example in test.examples:
        example.options.pop(doctest.SKIP, None)
    assert doctest.DocTestRunner(verbose=False).run(test) == (0, len(test.examples))


class TestRefuses:
    @pytest.mark.parametrize(
        ("changes", "kind", "message"),
        [
            ({"sources": "one text"}, TypeError, "split a text into its parts"),
            ({"sources": []}, ValueError, "sources must not be empty"),
            ({"sources": ["a", ""]}, ValueError, "number 1 is"),
            ({"sources": ["a", 3]}, TypeError, "number 1 is a int"),
            ({"prompt": "no place"}, ValueError, "must contain {context} once"),
            ({"prompt": "{context} {context}"}, ValueError, "got it 2 times"),
            ({"answer": ""}, ValueError, "answer must not be empty"),
            ({"measure": "probability"}, ValueError, "measure"),
            ({"batch_size": 0}, ValueError, "batch_size"),
            ({"chat": 1}, TypeError, "chat"),
            ({"tokenizer": None}, ValueError, "tokenizer is needed"),
            ({"tokenizer": 5}, TypeError, "tokenizer must be"),
            ({"model": "no/such/folder"}, ValueError, "folder that holds one"),
            ({"model": print}, TypeError, "causal language model of Transformers"),
            ({"player_names": ["a"]}, ValueError, "player_names"),
            ({"sources": ["the"] * 600}, ValueError, "the model takes 512"),
        ],
    )
    def test_wrong_arguments(self, model, words, changes, kind, message):
        arguments = {"model": model, "sources": SOURCES, "prompt": PROMPT, "answer": ANSWER, "tokenizer": words}
        with pytest.raises(kind, match=message):
            ContextAttribution(**(arguments | changes))

    def test_a_model_in_training_mode(self, words):
        with pytest.raises(ValueError, match=r"model.eval\(\)"):
            ContextAttribution(tiny.text_model().train(), SOURCES, PROMPT, ANSWER, tokenizer=words)

    def test_a_model_without_logits(self, model, words):
        with pytest.raises(TypeError, match="returns no logits"):
            ContextAttribution(model.model, SOURCES, PROMPT, ANSWER, tokenizer=words)

    @pytest.mark.parametrize(
        "template", ["{{ bos_token }}", "{% for m in messages %}{{ m['content'] | upper }}{% endfor %}"]
    )
    def test_a_chat_that_leaves_out_the_prompt(self, model, template):
        words = tiny.tokenizer()
        words.chat_template = template
        with pytest.raises(ValueError, match="chat=True needs a chat template that writes all that the user says"):
            ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words, chat=True)

    def test_prompts_without_tokens(self, model):
        """The answer's first token would get the probability of another place."""
        words = tiny.tokenizer()
        words.backend_tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
            single="$A", special_tokens=[]
        )
        with pytest.raises(ValueError, match="prompt must have tokens beside the sources"):
            ContextAttribution(model, SOURCES, "{context}", ANSWER, tokenizer=words)
        game = ContextAttribution(model, SOURCES, "{context} near", ANSWER, tokenizer=words)
        logs = by_hand(model, words, " near", ANSWER)
        assert game(np.zeros((1, 6), dtype=bool))[0] == pytest.approx(sum(logs), abs=1e-5)

    def test_a_chat_without_template(self, model):
        words = tiny.tokenizer()
        words.chat_template = None
        with pytest.raises(ValueError, match="chat template"):
            ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words, chat=True)

    def test_a_coalition_of_another_size(self, model, words):
        game = ContextAttribution(model, SOURCES, PROMPT, ANSWER, tokenizer=words)
        with pytest.raises(ValueError, match="coalition must have shape"):
            game.prompt([True])
