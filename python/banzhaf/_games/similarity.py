# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Which sentences make a passage match a query."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._estimate.given import numbers, numbers_of_rows
from banzhaf._games.game import ReadyGame
from banzhaf._games.prompt import names_of
from banzhaf._support import arguments as check

Numbers = NDArray[np.float64]


class EmbeddingSimilarity(ReadyGame):
    """The sentences of a passage as players: which of them make the passage match a query.

    The worth of a coalition is the cosine similarity of two embeddings: that of the query, and that of the passage with
    only the sentences of the coalition. Search by embeddings ranks passages by this number.

    Parameters
    ----------
    embed : callable or object with a method ``encode``
        Takes a list of m texts and returns their embeddings, an array of shape (m, d). A ``SentenceTransformer`` is
        such an object.
    sentences : sequence of str
        The players in order: the sentences of one passage, or any other parts of it.
    query : str or array_like of shape (d,)
        The query, or its embedding if queries are embedded in another way than passages.
    separator : str, default " "
        Text between two sentences that are there.
    empty : float, default 0.0
        Worth of the coalition of no sentences. It is not asked of the model, whose answer to an empty text means
        nothing.
    batch_size : int, default 64
        Largest number of texts in one call of `embed`.
    player_names : iterable of str, optional
        Names of the players in order, all different. By default the number and first words of each sentence.

    Attributes
    ----------
    n_players : int
        Number of sentences.
    player_names : tuple of str
        Names of the sentences in order.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong. `embed` is not called before the game is.

    Warns
    -----
    UserWarning
        If `embed` has a ``tokenizer`` and a ``max_seq_length``, as a ``SentenceTransformer`` has, and the whole passage
        or the query is longer. The model then never reads the end of it.

    See Also
    --------
    ContextAttribution : Which parts of a prompt make a language model give an answer.

    Notes
    -----
    An embedding of zeros has similarity 0. If `embed` returns anything other than m rows of finite numbers, the game
    raises a ValueError.

    Examples
    --------
    An embedding that counts three words:

    >>> from banzhaf.games import EmbeddingSimilarity
    >>> def embed(texts):
    ...     return [[text.lower().count(word) for word in ("rome", "anna", "boat")] for text in texts]
    >>> sentences = ["Anna moved to Rome.", "She has a boat.", "The sea is calm."]
    >>> game = EmbeddingSimilarity(embed, sentences, "Does Anna live in Rome?")
    >>> game.estimate(8)
    BanzhafValues: 3 players, 8 evaluations, design 'exhaustive'
      1: Anna moved to Rome.   0.908248
      2: She has a boat.      -0.0917517
      3: The sea is calm.      0
    """

    def __init__(
        self,
        embed: Callable[[list[str]], Any] | Any,
        sentences: Sequence[str],
        query: str | ArrayLike,
        *,
        separator: str = " ",
        empty: float = 0.0,
        batch_size: int = 64,
        player_names: Iterable[str] | None = None,
    ) -> None:
        if not callable(getattr(embed, "encode", embed)):
            raise TypeError(f"embed must be a callable or have a method encode, got {type(embed).__name__}")
        if isinstance(sentences, str | bytes) or not isinstance(sentences, Iterable):
            raise TypeError(
                f"sentences must be a sequence of texts, got {type(sentences).__name__}: split a passage into its "
                "sentences first"
            )
        self._embed = embed
        self._sentences = tuple(sentences)
        for i, sentence in enumerate(self._sentences):
            if not isinstance(sentence, str):
                raise TypeError(f"sentences must be texts, but number {i} is a {type(sentence).__name__}")
            if not sentence.strip():
                raise ValueError(f"sentences must not be empty texts, but number {i} is")
        self.n_players = len(self._sentences)
        if self.n_players == 0:
            raise ValueError("sentences must not be empty")
        self.player_names: tuple[str, ...] = names_of(player_names, self._sentences, "sentences")
        self._separator = check.text("separator", separator)
        self._empty = check.real("empty", empty)
        if not np.isfinite(self._empty):
            raise ValueError(f"empty must be finite, got {empty!r}")
        self._batch_size = check.integer("batch_size", batch_size, 1)
        self._query: str | Numbers
        if isinstance(query, str):
            if not query.strip():
                raise ValueError("query must not be an empty text")
            self._query = query
        else:
            vector = numbers("query", query)
            if vector.ndim != 1:
                raise ValueError(f"query must be a text or one embedding of shape (d,), got shape {vector.shape}")
            if not np.isfinite(vector).all() or not vector.any():
                raise ValueError("query must be a text, or an embedding of finite numbers that are not all 0")
            self._query = _normed(vector[np.newaxis])[0]
        self._warn_if_cut()

    def _warn_if_cut(self) -> None:
        """Warn if the model reads only the first tokens of the passage, or of the query."""
        most: Any = getattr(self._embed, "max_seq_length", None)
        words: Any = getattr(self._embed, "tokenizer", None)
        if not isinstance(most, int) or not hasattr(words, "model_max_length"):  # no tokenizer of Transformers
            return

        def n_tokens_of(text: str) -> int:
            return len(words(text, truncation=False, verbose=False)["input_ids"])

        def n_tokens(n_sentences: int) -> int:
            return n_tokens_of(self._text(np.arange(self.n_players) < n_sentences))

        if isinstance(self._query, str) and (n_query := n_tokens_of(self._query)) > most:
            warnings.warn(
                f"query is too long for embed: it has {n_query} tokens, and embed reads {most}. What "
                "follows does not count: pass a shorter query",
                UserWarning,
                stacklevel=3,
            )
        whole = n_tokens(self.n_players)
        if whole > most:
            last = next(k for k in range(1, self.n_players + 1) if n_tokens(k) > most)
            warnings.warn(
                f"sentences are too long for embed: together they have {whole} tokens, and it reads {most}, which end "
                f"in number {last} of {self.n_players}. What follows counts only where earlier sentences are absent: "
                "pass shorter passages",
                UserWarning,
                stacklevel=3,
            )

    def _worths(self, rows: NDArray[np.bool_]) -> Numbers:
        worths = np.full(len(rows), self._empty)
        there = np.flatnonzero(rows.any(axis=1))
        texts = [self._text(rows[r]) for r in there]
        query = self._query_embedding()
        for start in range(0, len(texts), self._batch_size):
            batch = texts[start : start + self._batch_size]
            worths[there[start : start + len(batch)]] = self._embeddings(batch, len(query)) @ query
        return worths

    def _text(self, row: NDArray[np.bool_]) -> str:
        return self._separator.join(sentence for sentence, there in zip(self._sentences, row, strict=True) if there)

    def _query_embedding(self) -> Numbers:
        if not isinstance(self._query, str):
            return self._query
        (query,) = self._embeddings([self._query], None)
        if not query.any():
            raise ValueError(f"query must have an embedding, but embed returned zeros for {self._query!r}")
        self._query = np.asarray(query)
        return self._query

    def _embeddings(self, texts: list[str], width: int | None) -> Numbers:
        """Embed texts, and divide each embedding by its norm."""
        found = numbers_of_rows("what embed returns", getattr(self._embed, "encode", self._embed)(texts), "its texts")
        if found.ndim != 2 or len(found) != len(texts) or (width is not None and found.shape[1] != width):
            expected = f"({len(texts)}, {'d' if width is None else width})"
            raise ValueError(
                f"embed must return an array of shape {expected} for {len(texts)} texts, got {found.shape}"
            )
        if not np.isfinite(found).all():
            raise ValueError("embed must return finite numbers")
        return _normed(found)


def _normed(rows: Numbers) -> Numbers:
    """Divide each row by its norm; zeros stay. A power of 2 first keeps squares in the range of float64."""
    exponents = np.frexp(np.abs(rows).max(axis=1, keepdims=True, initial=0))[1]
    scaled = np.ldexp(rows, -exponents)
    norms = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.asarray(np.divide(scaled, norms, out=np.zeros_like(scaled), where=norms > 0))
