# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Which parts of a prompt make a language model give an answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._games.by_token import TokenGame
from banzhaf._games.game import rows_of
from banzhaf._games.language_model import LanguageModel, Likelihood, Numbers, Tokens
from banzhaf._games.prompt import Prompt, names_of
from banzhaf._support import arguments as check

_SHOWN = 40  # characters of an answer in the repr


class ContextAttribution(TokenGame):
    r"""The parts of a prompt as players: which of them make a language model give an answer.

    Players are sources: passages, sentences, few-shot examples or images. The worth of a coalition is the
    log-probability of a fixed answer after a prompt from which all other sources are removed. ContextCite [1]_ asks the
    same question, and answers it with a lasso.

    Parameters
    ----------
    model : PreTrainedModel, str or path-like
        A causal language model of Transformers in evaluation mode, such as ``Gemma3ForCausalLM``. Or the folder of one,
        which each process reads for itself.
    sources : sequence of str or image
        The players in order. Images need a model with a processor, such as ``Gemma3ForConditionalGeneration``.
    prompt : str
        The prompt, with ``{context}`` where the sources stand.
    answer : str, optional
        The answer whose probability counts. By default the model generates its most probable answer to the prompt with
        all sources, when the object is made.
    tokenizer : tokenizer or processor, optional
        The model's tokenizer, or its processor if a source is an image. A folder has its own.
    separator : str, default "\n"
        Text between two sources that are there.
    chat : bool, default False
        Whether the prompt is what a user writes in a chat. The tokenizer's chat template is then applied to it.
    measure : {"log-probability", "mean", "log-odds"}, default "log-probability"
        Worth of a coalition. ``"log-probability"`` is that of the whole answer. ``"mean"`` divides it by the number of
        the answer's tokens. ``"log-odds"`` is log(p / (1 - p)), where p is the probability of the whole answer.
    batch_size : int, default 8
        Largest number of prompts in one call of the model.
    cache_prefix : bool, default True
        Whether the tokens before the sources are computed once, and not for each coalition. It needs 16 such tokens.
        Prompts with images do not use it.
    max_new_tokens : int, default 64
        Largest number of tokens of a generated answer.
    player_names : iterable of str, optional
        Names of the players in order, all different. By default the number and first words of each source.

    Attributes
    ----------
    n_players : int
        Number of sources.
    player_names : tuple of str
        Names of the sources in order.
    answer : str
        The answer.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the whole prompt has more tokens than the model takes.

    See Also
    --------
    RemoteContextAttribution : Ask a server that returns log-probabilities.
    EmbeddingSimilarity : Which sentences make a passage match a query.

    Notes
    -----
    Only the sources of a coalition are in its prompt. The tokens after a removed source move up, as if the source had
    never been there. The prompt of no sources is the text around them.

    Tokens of the answer are those that the tokenizer gives to it after the whole prompt. They are the same for all
    coalitions.

    Padding stands on the right, where no token of a text sees it. Worths of float32 models therefore agree within about
    1e-5 for all batches. In bfloat16 they differ by up to 0.1.

    A few dozen evaluations are enough for hundreds of passages if few of them matter: `banzhaf.estimate` then uses a
    sparse regression. If the answer has several tokens, `estimate_by_token` gets more from them. If up to three sources
    decide most of the answer, `estimate_in_two_stages` has a smaller error still.

    References
    ----------
    .. [1] Cohen-Wang, Shah, Georgiev, Madry, "ContextCite: Attributing Model Generation to Context", NeurIPS 2024.

    Examples
    --------
    The folder holds a model and its tokenizer:

    >>> from banzhaf.games import ContextAttribution
    >>> passages = ["Anna lives in Rome .", "Ben lives in Oslo .", "Rome is old ."]
    >>> game = ContextAttribution("gemma", passages, "{context}\nAnna lives in", " Rome")  # doctest: +SKIP
    >>> game  # doctest: +SKIP
    ContextAttribution(3 players, answer ' Rome')
    >>> values = game.estimate(8)  # doctest: +SKIP
    >>> values.player_names[0]  # doctest: +SKIP
    '1: Anna lives in Rome .'
    """

    def __init__(
        self,
        model: Any | str | os.PathLike[str],
        sources: Sequence[Any],
        prompt: str,
        answer: str | None = None,
        *,
        tokenizer: Any = None,
        separator: str = "\n",
        chat: bool = False,
        measure: str = "log-probability",
        batch_size: int = 8,
        cache_prefix: bool = True,
        max_new_tokens: int = 64,
        player_names: Iterable[str] | None = None,
    ) -> None:
        self._prompt = Prompt(sources, prompt, separator)
        self.n_players = len(self._prompt.sources)
        self.player_names: tuple[str, ...] = names_of(player_names, self._prompt.sources, "sources")
        self._chat = check.flag("chat", chat)
        self._measure = check.choice("measure", measure, MEASURES)
        most_tokens = check.integer("max_new_tokens", max_new_tokens, 1)
        size = check.integer("batch_size", batch_size, 1)
        if answer is not None and not check.text("answer", answer):
            raise ValueError("answer must not be empty: pass None for the model's own answer")
        self._model = LanguageModel(model, tokenizer, size, check.flag("cache_prefix", cache_prefix))
        if self._prompt.has_images and self._model.image_token is None:
            raise TypeError("sources hold images, so tokenizer must be the processor of a model that takes images")
        if self._chat and not getattr(self._model.processor, "chat_template", None):
            raise ValueError("chat=True needs a tokenizer with a chat template: pass chat=False, or set chat_template")
        whole = self._tokens(np.ones(self.n_players, dtype=bool))
        self._answer = self._answer_tokens(whole, answer, most_tokens)
        self.answer: str = answer if answer is not None else self._model.tokenizer.decode(self._answer)
        longest = len(whole.ids) + len(self._answer)
        limit = self._model.most_tokens
        if limit is not None and longest > limit:
            raise ValueError(
                f"sources are too long: with all of them, prompt and answer have {longest} tokens, and the model takes "
                f"{limit}"
            )
        if not self._tokens(np.zeros(self.n_players, dtype=bool)).ids:
            raise ValueError(
                "prompt must have tokens beside the sources, because something must precede the answer: write a text "
                "beside {context}, or let the tokenizer begin texts with a token"
            )
        self._set_prefix()

    def prompt(self, coalition: Any) -> str:
        r"""Give the text that the model reads for a coalition.

        Parameters
        ----------
        coalition : array_like of bool, shape (n_players,)
            True for each source that is there.

        Returns
        -------
        str
            The prompt, after the chat template if there is one. A token of the processor stands for each image.

        Raises
        ------
        TypeError, ValueError
            If `coalition` is no boolean array of this shape.

        See Also
        --------
        token_log_probabilities : Compute what the model says of the answer.

        Examples
        --------
        >>> from banzhaf.games import ContextAttribution
        >>> passages = ["Anna lives in Rome .", "Ben lives in Oslo ."]
        >>> game = ContextAttribution("gemma", passages, "{context}\nAnna lives in", " Rome")  # doctest: +SKIP
        >>> game.prompt([True, False])  # doctest: +SKIP
        'Anna lives in Rome .\nAnna lives in'
        """
        return self._text(self._prompt.row(coalition))

    def token_log_probabilities(self, coalitions: NDArray[np.bool_]) -> Numbers:
        r"""Compute the log-probability of each token of the answer.

        Parameters
        ----------
        coalitions : ndarray of bool, shape (m, n_players)
            True for each source that is there.

        Returns
        -------
        ndarray of float64, shape (m, n_tokens)
            The log-probabilities. This is a game with one output for each token.

        Raises
        ------
        TypeError, ValueError
            If `coalitions` is no boolean array of this shape.

        See Also
        --------
        prompt : Give the text that the model reads.

        Examples
        --------
        >>> import banzhaf
        >>> from banzhaf.games import ContextAttribution
        >>> passages = ["Anna lives in Rome .", "Ben lives in Oslo ."]
        >>> game = ContextAttribution("gemma", passages, "{context}\nAnna lives in", " Rome .")  # doctest: +SKIP
        >>> banzhaf.exact(game.token_log_probabilities, 2).values.shape  # doctest: +SKIP
        (2, 2)
        """
        return self._likelihood(rows_of(coalitions, self.n_players)).log_probabilities

    def _described(self) -> str:
        answer = self.answer if len(self.answer) <= _SHOWN else f"{self.answer[: _SHOWN - 1]}…"
        return f"{self.n_players} players, answer {answer!r}"

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._set_prefix()

    def _worths(self, rows: NDArray[np.bool_]) -> Numbers:
        return MEASURES[self._measure](self._likelihood(rows))

    def _likelihood(self, rows: NDArray[np.bool_]) -> Likelihood:
        return self._model.likelihood([self._tokens(row) for row in rows], self._answer)

    def _text(self, row: NDArray[np.bool_]) -> str:
        text = self._prompt.text(row, self._model.image_token)
        return self._model.as_chat(text) if self._chat else text

    def _tokens(self, row: NDArray[np.bool_]) -> Tokens:
        # A chat template writes the tokens that begin a text.
        return self._model.encode(
            self._text(row), self._prompt.images(row), special=not self._chat, mixed=self._prompt.has_images
        )

    def _answer_tokens(self, whole: Tokens, answer: str | None, most_tokens: int) -> list[int]:
        if answer is None:
            generated = self._model.continuation(whole, most_tokens)
            if not generated:
                raise ValueError("answer is needed, because the model's own answer to the whole prompt is empty")
            return generated
        everyone = np.ones(self.n_players, dtype=bool)
        both = self._model.encode(
            self._text(everyone) + answer,
            self._prompt.images(everyone),
            special=not self._chat,
            mixed=self._prompt.has_images,
        ).ids
        # A tokenizer may also join the end of the prompt with the answer.
        if len(both) > len(whole.ids) and both[: len(whole.ids)] == whole.ids:
            return both[len(whole.ids) :]
        alone = self._model.encode(answer, special=False).ids
        if not alone:
            raise ValueError(f"answer must have tokens, but the tokenizer gives none to {answer!r}")
        return alone

    def _set_prefix(self) -> None:
        if not self._prompt.has_images:
            everyone = np.ones(self.n_players, dtype=bool)
            others = everyone.copy()
            others[0] = False  # because the first source may begin like the text after the sources
            self._model.set_prefix(*(self._tokens(row) for row in (everyone, others, ~everyone)))


def _log_odds(found: Likelihood) -> Numbers:
    """Compute log p - log(1 - p) from 1 - p = sum over t of the probability to leave the answer at token t."""
    before = np.cumsum(found.log_probabilities, axis=1) - found.log_probabilities
    complement = np.logaddexp.reduce(before + found.log_complements, axis=1)
    return np.asarray(found.log_probabilities.sum(axis=1) - complement)


def _total(found: Likelihood) -> Numbers:
    return np.asarray(found.log_probabilities.sum(axis=1))


def _mean(found: Likelihood) -> Numbers:
    return np.asarray(found.log_probabilities.mean(axis=1))


MEASURES: dict[str, Callable[[Likelihood], Numbers]] = {
    "log-probability": _total,
    "mean": _mean,
    "log-odds": _log_odds,
}
