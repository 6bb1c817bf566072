# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A small translator that trains in seconds: recurrent, with attention, and with a dictionary of its own.

The dictionary is the lexical layer of Nguyen and Chiang ("Improving Lexical Choice in Neural Machine Translation",
NAACL 2018): the attended words of the text vote for words of the translation, beside the recurrent state.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import sacrebleu
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn

from bench.sources.catalogues import Pair

_PADDING, _BEGIN, _END = 0, 1, 2
_SPECIAL = ["<pad>", "<s>", "</s>", "<unk>"]
_MOST_TOKENS = 40  # of a translation

Encoded = tuple[list[int], list[int]]


@dataclass(frozen=True)
class Settings:
    """How large the model is, and how it is trained.

    Attributes
    ----------
    width : int
        Size of embeddings and states.
    epochs, fine_tuning_epochs : int
        How often each pair is seen.
    steps : int
        Steps of pretraining, whatever the number of pairs. 0 takes the epochs.
    rate : float
        Learning rate.
    decay : float
        Power of the remaining share of the steps, with which the rate falls.
    batch : int
        Pairs of one step of pretraining.
    dropout : float
    fine_tuning_share : float
        Rate of fine-tuning, as a share of that of pretraining.
    fine_tuning_batch : int
        Pairs of one step of fine-tuning.
    """

    width: int = 96
    epochs: int = 4
    fine_tuning_epochs: int = 3
    steps: int = 0
    rate: float = 2e-2
    decay: float = 0.5
    batch: int = 16
    dropout: float = 0.1
    fine_tuning_share: float = 0.5
    fine_tuning_batch: int = 16


@dataclass(frozen=True)
class Scores:
    """Cross-entropy in nats for each token, BLEU and chrF of sacrebleu, and the translations."""

    cross_entropy: float
    bleu: float
    chrf: float
    translations: list[str]


class Vocabulary:
    """Pieces of words of both languages. It is the same in all trainings, so that their cross-entropies compare."""

    def __init__(self, pairs: Iterable[Pair], size: int) -> None:
        self._tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        self._tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        self._tokenizer.decoder = decoders.Metaspace()
        trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=_SPECIAL, show_progress=False)
        self._tokenizer.train_from_iterator((text for pair in pairs for text in pair), trainer)
        self.size = self._tokenizer.get_vocab_size()

    def encode(self, pairs: list[Pair]) -> list[Encoded]:
        """Return the numbers of the pieces of each pair."""
        texts, translations = ([pair[side] for pair in pairs] for side in (0, 1))
        return [
            ([*text.ids, _END], [_BEGIN, *translation.ids, _END])
            for text, translation in zip(
                self._tokenizer.encode_batch(texts), self._tokenizer.encode_batch(translations), strict=True
            )
        ]

    def decode(self, numbers: list[int]) -> str:
        """Join pieces to a text, up to its end."""
        end = numbers.index(_END) if _END in numbers else len(numbers)
        return str(self._tokenizer.decode(numbers[:end]))


class Translator(nn.Module):  # type: ignore[misc,unused-ignore]
    """Recurrent encoder and decoder, whose output adds what the attended words vote for."""

    def __init__(self, size: int, width: int, dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(size, width, padding_idx=_PADDING)
        nn.init.normal_(self.embedding.weight, 0, width**-0.5)
        self.encoder = nn.GRU(width, width // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(width, width, batch_first=True)
        self.query = nn.Linear(width, width, bias=False)
        self.combine = nn.Linear(2 * width, width)
        self.lexical = nn.Linear(width, width, bias=False)
        self.dictionary = nn.Parameter(torch.zeros(size, width))
        self.bias = nn.Parameter(torch.zeros(size))
        self.dropout = nn.Dropout(dropout)

    def read(self, texts: Any) -> tuple[Any, Any, Any, Any]:
        """Encode texts: their states, embeddings, the mask of their pieces, and the first state of the decoder."""
        there = texts != _PADDING
        lengths = there.sum(1)
        embedded = self.dropout(self.embedding(texts))
        packed = nn.utils.rnn.pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        mean = states.sum(1) / lengths[:, None]
        return self.dropout(states), embedded, there, torch.tanh(mean)[None]

    def write(self, read: tuple[Any, Any, Any, Any], translations: Any, state: Any = None) -> tuple[Any, Any]:
        """Return what decides on the next piece after each piece of the translations, and the decoder's state."""
        states, embedded, there, first = read
        steps, state = self.decoder(self.dropout(self.embedding(translations)), first if state is None else state)
        attention = self.query(steps) @ (states + embedded).transpose(1, 2) / math.sqrt(states.shape[-1])
        attention = attention.masked_fill(~there[:, None], -1e9).softmax(-1)
        combined = torch.tanh(self.combine(torch.cat([steps, attention @ states], -1)))
        words = attention @ embedded
        return self.dropout(torch.cat([combined, words + torch.tanh(self.lexical(words))], -1)), state

    def logits(self, written: Any) -> Any:
        """Return the logits of all pieces."""
        return torch.addmm(self.bias, written, torch.cat([self.embedding.weight, self.dictionary], 1).T)

    def losses(self, texts: Any, translations: Any) -> Any:
        """Return the cross-entropy of each piece of the translations."""
        written, _ = self.write(self.read(texts), translations[:, :-1])
        wanted = translations[:, 1:]
        there = wanted != _PADDING
        return nn.functional.cross_entropy(self.logits(written[there]), wanted[there], reduction="none")

    def translate(self, texts: Any) -> list[list[int]]:
        """Translate greedily."""
        read, state = self.read(texts), None
        last = torch.full((len(texts), 1), _BEGIN)
        rows: list[Any] = []
        finished = torch.zeros(len(texts), dtype=torch.bool)
        while len(rows) < _MOST_TOKENS and not finished.all():
            written, state = self.write(read, last, state)
            last = self.logits(written[:, -1]).argmax(-1, keepdim=True)
            rows.append(last)
            finished |= last[:, 0] == _END
        return [list(row) for row in torch.cat(rows, 1).tolist()]


def trained(
    vocabulary: Vocabulary, pairs: list[Pair], fine_tuning: list[Pair], settings: Settings, seed: int
) -> Translator:
    """Pretrain a translator on some pairs, unless there are none, and fine-tune it on others."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Translator(vocabulary.size, settings.width, settings.dropout)
    model.train()
    rate, decay = settings.rate, settings.decay
    if pairs:
        n_steps = settings.steps or settings.epochs * math.ceil(len(pairs) / settings.batch)
        _fit(model, vocabulary.encode(pairs), n_steps, rate, decay, settings.batch, rng)
    batch = settings.fine_tuning_batch
    n_steps = settings.fine_tuning_epochs * math.ceil(len(fine_tuning) / batch)
    _fit(model, vocabulary.encode(fine_tuning), n_steps, settings.fine_tuning_share * rate, decay, batch, rng)
    model.eval()
    return model


def scored(model: Translator, vocabulary: Vocabulary, pairs: list[Pair]) -> Scores:
    """Score translations of pairs."""
    losses, translations = [], []
    with torch.no_grad():
        encoded = vocabulary.encode(pairs)
        for i in range(0, len(pairs), 100):
            part = encoded[i : i + 100]
            texts = _padded([text for text, _ in part])
            losses.append(model.losses(texts, _padded([translation for _, translation in part])))
            translations += [vocabulary.decode(row) for row in model.translate(texts)]
    references = [[translation for _, translation in pairs]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Scores(
            float(torch.cat(losses).mean()),
            sacrebleu.corpus_bleu(translations, references).score,
            sacrebleu.corpus_chrf(translations, references).score,
            translations,
        )


def _fit(
    model: Translator,
    data: list[Encoded],
    n_steps: int,
    rate: float,
    decay: float,
    batch: int,
    rng: np.random.Generator,
) -> None:
    """Train with a rate that rises in the first steps and then falls to zero."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    rise = max(1, min(20, n_steps // 4))
    for step, (texts, translations) in zip(range(n_steps), _batches(data, batch, rng), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = rate * min((step + 1) / rise, 1) * (1 - (step + 1) / (n_steps + 1)) ** decay
        optimizer.zero_grad()
        model.losses(texts, translations).mean().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def _batches(data: list[Encoded], batch: int, rng: np.random.Generator) -> Iterator[tuple[Any, Any]]:
    """Give batches of pairs of about the same length, in random order, epoch after epoch."""
    lengths = np.array([len(text) + len(translation) for text, translation in data])
    while True:
        order: NDArray[np.intp] = np.argsort(lengths + 3 * rng.random(len(data)))
        for start in rng.permutation(np.arange(0, len(data), batch)):
            part = [data[i] for i in order[start : start + batch]]
            yield _padded([text for text, _ in part]), _padded([translation for _, translation in part])


def _padded(rows: list[list[int]]) -> Any:
    longest = max(map(len, rows))
    return torch.tensor([row + [_PADDING] * (longest - len(row)) for row in rows])
