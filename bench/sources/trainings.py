# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Trainings on catalogues, each made once: what they score is kept in the build folder."""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cached_property
from itertools import chain
from typing import Any

from banzhaf.games import SourceValuation
from bench.sources.catalogues import FOLDER, Corpus, Pair, corpus
from bench.sources.translator import Settings, Vocabulary, scored, trained

_VOCABULARY = 1_000
_FROM_EACH = 2_000  # pairs of a source from which the vocabulary is learnt


class Experiment:
    """The corpus and its vocabulary, and trainings on them."""

    def __init__(self, n_held_out: int | None = None, **settings: Any) -> None:
        self.settings, self._n_held_out = Settings(**settings), n_held_out

    @cached_property
    def corpus(self) -> Corpus:
        """The catalogues' pairs."""
        return corpus()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Pieces of words, from part of all sources and from the pairs for fine-tuning."""
        parts = [pairs[:_FROM_EACH] for pairs in self.corpus.sources.values()]
        return Vocabulary([*chain(*parts), *self.corpus.fine_tuning], _VOCABULARY)

    def __call__(self, sources: dict[str, list[Pair]], seed: int) -> list[float]:
        """Return the scores of a coalition of sources."""
        row = self._trained(tuple(sources), [pair for pairs in sources.values() for pair in pairs], seed)
        return [-row["cross_entropy"], row["chrf"], row["bleu"]]

    def game(self, size: int) -> SourceValuation:
        """Make the game of all sources, cut to the same size."""
        return SourceValuation(self.corpus.sources, self, max_size=size, random_state=0)

    def at_size(self, names: tuple[str, ...], size: int | None = None, seed: int = 0) -> dict[str, Any]:
        """Train on the first pairs of some sources, or on all."""
        return self._trained(names, [pair for name in names for pair in self.corpus.sources[name][:size]], seed)

    def _trained(self, names: tuple[str, ...], pairs: list[Pair], seed: int) -> dict[str, Any]:
        """Pretrain on pairs, fine-tune and score, once: later calls read what was kept."""
        path = FOLDER / f"training-{self._key(pairs, seed)}.json"
        if not path.exists():
            model = trained(self.vocabulary, pairs, self.corpus.fine_tuning, self.settings, seed)
            found = scored(model, self.vocabulary, self.corpus.held_out[: self._n_held_out])
            row = {
                **{"sources": names, "size": len(pairs), "seed": seed},
                **{"cross_entropy": found.cross_entropy, "chrf": found.chrf, "bleu": found.bleu},
            }
            print(json.dumps(row), file=sys.stderr, flush=True)
            path.write_text(json.dumps({**row, "translations": found.translations}))
        kept: dict[str, Any] = json.loads(path.read_text())
        return kept

    def _key(self, *more: Any) -> str:
        """Name the settings and the pairs, so that other ones are trained again."""
        whole = repr((self.settings, self._n_held_out, _VOCABULARY, *more))
        return hashlib.blake2b(whole.encode(), digest_size=8).hexdigest()
