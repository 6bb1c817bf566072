# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Find the passages of a prompt that a language model answers from, beside ContextCite's solver."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import banzhaf
from banzhaf._games.two_stages import two_stages
from banzhaf.games import ContextAttribution
from bench._command import ROOT, Options, main
from bench._table import Table, three_digits
from bench.context.decoder import N_PASSAGES, Problem, decoder, problem
from bench.peers.environments import prepare

_BUDGETS = (32, 64, 128, 256)
_REFERENCE = 1024  # evaluations that stand for the truth
_HELD_OUT = 100
_METHODS = ("banzhaf", "by tokens", "two stages", "minimum norm", "passages known", "independent", "ContextCite")

Numbers = NDArray[np.float64]
Game = Any
Staged = Callable[..., banzhaf.BanzhafValues]


@dataclass
class Truth:
    """What the values of a problem are judged by."""

    tokens: Game  # the log-probability of each token of the answer
    staged: Staged  # estimates of their sum in two stages
    holders: frozenset[int]
    values: Numbers
    subsets: NDArray[np.bool_]
    worths: Numbers

    def game(self, coalitions: NDArray[np.bool_]) -> Numbers:
        return np.asarray(self.tokens(coalitions).sum(axis=1))


def tables(options: Options) -> Iterator[Table]:
    n_problems = 3 if options.quick else 30
    model, tokenizer = decoder()
    with _ContextCite() as peer:
        for kind in ("either", "bridge", "many"):
            yield _table(kind, n_problems if kind != "many" else max(3, n_problems // 3), model, tokenizer, peer)


def _table(kind: str, n_problems: int, model: Any, tokenizer: Any, peer: _ContextCite) -> Table:
    titles = {
        "either": "two passages state the same fact",
        "bridge": "the answer needs two passages",
        "many": f"{N_PASSAGES // 2} questions at once, so that half of the passages matter",
    }
    table = Table(
        f"{N_PASSAGES} passages, {titles[kind]}: {n_problems} problems",
        *("evaluations", "method", "all found", "relative error", "Pearson r", "of the reference's"),
        *("linear datamodelling score", "of the reference's", "top-k drop"),
        note=f"""
            The model is a Gemma 3 decoder of two layers, trained on the spot. "all found" is the share of the
            passages that hold the answer among as many largest values. The relative error is the Euclidean distance
            to the values of {_REFERENCE:,} evaluations, divided by their norm. Pearson's r and the linear
            datamodelling score (Spearman's correlation) compare the predictions of {_HELD_OUT} other subsets with
            their log-probabilities. The drop is that of the log-probability without the passages of the k largest
            values, where k passages hold the answer. All numbers are means. "by tokens" adds up the values of the
            answer's tokens, from the same evaluations, as estimate_by_token does. "two stages" is
            estimate_in_two_stages, which is the same below 64 evaluations and from 200 on. "minimum norm" is
            interactions="none". "passages known" is least squares on those that hold the answer alone. "independent"
            is banzhaf.fit on as many independent subsets. ContextCite's solver gets the same subsets, as its package
            draws them.
        """,
    )
    scores: dict[tuple[int, str], list[tuple[float, ...]]] = {}
    ceilings = []
    for seed in range(n_problems):
        made = problem(kind, seed)
        truth = _truth(*_games(made, kind, model, tokenizer), made, seed)
        ceilings.append(_correlations(truth.values, truth)[:2])
        for budget, values in _runs(truth, seed, peer):
            for method, found in zip(_METHODS, values, strict=True):
                if found is not None:
                    scores.setdefault((budget, method), []).append(_scores(found, truth))
        print(f"{kind}: problem {seed + 1} of {n_problems}", file=sys.stderr, flush=True)
    top = np.mean(ceilings, axis=0)
    for (budget, method), rows in sorted(scores.items(), key=lambda item: (item[0][0], _METHODS.index(item[0][1]))):
        found, error, pearson, spearman, drop = np.mean(rows, axis=0)
        table.add(
            *(budget, method, f"{found:.0%}", f"{error:.3f}", f"{pearson:.3f}", f"{pearson / top[0]:.2f}"),
            *(f"{spearman:.3f}", f"{spearman / top[1]:.2f}", three_digits(drop)),
        )
    return table


def _games(made: Problem, kind: str, model: Any, tokenizer: Any) -> tuple[Game, Staged]:
    around = f"{{context}} {made.question}"
    context = ContextAttribution(
        model, made.passages, around, f" {made.answer}", tokenizer=tokenizer, separator=" ", batch_size=64
    )
    if kind == "many":
        # The tokens between the answers are questions, which the model has not learnt to predict.
        def tokens(coalitions: NDArray[np.bool_]) -> Numbers:
            return context.token_log_probabilities(coalitions)[:, ::3]

        names = context.player_names
        return tokens, partial(two_stages, tokens, N_PASSAGES, scale=1.0, player_names=names, store=None)
    return context.token_log_probabilities, context.estimate_in_two_stages


def _truth(tokens: Game, staged: Staged, made: Problem, seed: int) -> Truth:
    truth = Truth(tokens, staged, made.holders, np.empty(0), np.empty((0, 0), dtype=bool), np.empty(0))
    truth.values = banzhaf.estimate(truth.game, N_PASSAGES, budget=_REFERENCE, random_state=1000 + seed).values
    truth.subsets = np.random.default_rng(2000 + seed).random((_HELD_OUT, N_PASSAGES)) < 0.5
    truth.worths = truth.game(truth.subsets)
    return truth


def _runs(truth: Truth, seed: int, peer: _ContextCite) -> Iterator[tuple[int, list[Numbers | None]]]:
    masks = np.random.default_rng(3000 + seed).random((max(_BUDGETS), N_PASSAGES)) < 0.5
    worths_of_masks = truth.game(masks)
    for budget in _BUDGETS:
        coalitions = banzhaf.sample_coalitions(N_PASSAGES, budget, random_state=seed)
        worths = truth.tokens(coalitions)
        fits: list[Numbers | None] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", banzhaf.RankWarning)
            warnings.simplefilter("ignore", banzhaf.BudgetWarning)
            for given, interactions in ((worths.sum(axis=1), "auto"), (worths, "auto"), (worths, "none")):
                fit = banzhaf.fit_design(given, N_PASSAGES, random_state=seed, interactions=interactions)
                fits.append(fit.values.reshape(N_PASSAGES, -1).sum(axis=1))
            fits.insert(2, truth.staged(budget, random_state=seed).values)
            fits.append(_known(coalitions, worths.sum(axis=1), sorted(truth.holders)))
            fits.append(banzhaf.fit(masks[:budget], worths_of_masks[:budget]).values)
        yield budget, [*fits, peer.fit(masks[:budget], worths_of_masks[:budget])]


def _known(coalitions: NDArray[np.bool_], worths: Numbers, holders: list[int]) -> Numbers:
    """Fit the differences of pairs by the values of some passages alone."""
    values = np.zeros(N_PASSAGES)
    signs = 2.0 * coalitions[::2, holders] - 1
    values[holders] = np.linalg.lstsq(signs, worths[::2] - worths[1::2], rcond=None)[0]
    return values


def _scores(values: Numbers, truth: Truth) -> tuple[float, ...]:
    count = len(truth.holders)
    leading = np.argsort(-np.abs(values), kind="stable")[:count]
    there = len(truth.holders & {int(i) for i in leading if values[i] != 0}) / count
    error = float(np.linalg.norm(values - truth.values) / np.linalg.norm(truth.values))
    largest = np.argsort(-values, kind="stable")[:count]
    rows = np.ones((2, N_PASSAGES), dtype=bool)
    rows[1, largest] = False
    whole, rest = truth.game(rows)
    return (there, error, *_correlations(values, truth), float(whole - rest))


def _correlations(values: Numbers, truth: Truth) -> tuple[float, float]:
    predicted = truth.subsets @ values
    if np.ptp(predicted) == 0:
        return 0.0, 0.0
    return _pearson(predicted, truth.worths), _pearson(_ranks(predicted), _ranks(truth.worths))


def _pearson(a: Numbers, b: Numbers) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def _ranks(numbers: Numbers) -> Numbers:
    """Give ranks, and equal numbers their mean rank."""
    _, which, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[which], dtype=np.float64)


class _ContextCite(AbstractContextManager["_ContextCite"]):
    """ContextCite's solver in a process of its own environment, or nothing if it cannot be installed."""

    def __enter__(self) -> _ContextCite:
        self._folder = tempfile.TemporaryDirectory()
        environment = prepare("context-cite", ROOT / "build" / "peers", fresh=False)
        self._process = None
        if environment.python is None:
            print(f"ContextCite is left out: {environment.reason}", file=sys.stderr)
            return self
        self._process = subprocess.Popen(
            [environment.python, ROOT / "bench" / "context" / "lasso_of_contextcite.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def fit(self, masks: NDArray[np.bool_], worths: Numbers) -> Numbers | None:
        """Give the weights of the sources."""
        if self._process is None:
            return None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        path = Path(self._folder.name) / "given.npz"
        np.savez(path, masks=masks, worths=worths)
        print(path, 1, file=self._process.stdin, flush=True)
        if self._process.stdout.readline() != "done\n":
            raise RuntimeError("ContextCite's solver failed, and says why above")
        return np.asarray(np.load(f"{path}.npy"), dtype=np.float64)

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            with self._process:
                pass
        self._folder.cleanup()


if __name__ == "__main__":
    main(tables, __doc__)
