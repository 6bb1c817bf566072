# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare the values of fewer evaluations than twice the players with scikit-learn's LassoCV and the minimum norm."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

import banzhaf
from banzhaf import _core
from bench._command import Options, Unavailable, main
from bench._games import Game, squared_error
from bench._table import Table, three_digits, verdict

_PLAYERS, _ACTIVE, _BUDGETS, _NOISES = 1000, 20, (128, 256, 512), (0.1, 0.5)
_PASSAGES, _PASSAGE_BUDGETS = 100, (32, 64, 128, 256)
_REFERENCE = 1 << 16  # evaluations that stand for the truth of a game of passages

Values = NDArray[np.float64]


def tables(options: Options) -> Iterator[Table]:
    n_seeds = 5 if options.quick else 20
    yield _planted(options, n_seeds)
    yield _passages(options, n_seeds)
    yield _answers(options, n_seeds // 2)
    yield _diffuse(options, n_seeds)
    yield _large(options)


def _planted(options: Options, n_seeds: int) -> Table:
    table = Table(
        f"{_PLAYERS:,} players, {_ACTIVE} of which matter: relative squared error",
        *("noise", "evaluations", "minimum norm", "LassoCV", "banzhaf", "found by LassoCV", "found by banzhaf"),
        *("error <= LassoCV's", "found as often"),
        note=f"""
            The values of the players that matter are normal. Noise is normal, and its variance in the difference of a
            pair is noise^2 times that of the linear part. All methods get the same coalitions. LassoCV is
            scikit-learn's, on the differences of pairs, without intercept, with 50 penalties and 5 folds. Errors are
            geometric means over {n_seeds} games, because they range over orders of magnitude. "found" is the share of
            the {_ACTIVE} players among the {_ACTIVE} largest values.
        """,
    )
    for noise in _NOISES:
        for budget in _BUDGETS:
            errors, found = [], []
            for seed in range(n_seeds):
                truth = np.zeros(_PLAYERS)
                rng = np.random.default_rng(seed)
                active = rng.choice(_PLAYERS, _ACTIVE, replace=False)
                truth[active] = rng.normal(size=_ACTIVE)
                game = _linear(truth, noise, rng)
                runs = _fits(game, _PLAYERS, budget, seed, options.threads)
                errors.append([squared_error(values, truth) for values in runs])
                found.append([len({*_largest(values)} & {*active.tolist()}) for values in runs])
            plain, lasso, ours = np.exp(np.log(errors).mean(axis=0))
            _, by_lasso, by_ours = np.mean(found, axis=0) / _ACTIVE
            table.add(
                *(noise, budget, f"{plain:.2g}", f"{lasso:.2g}", f"{ours:.2g}", f"{by_lasso:.0%}", f"{by_ours:.0%}"),
                *(verdict(ours <= lasso), verdict(by_ours >= by_lasso)),
            )
    return table


def _passages(options: Options, n_seeds: int) -> Table:
    table = Table(
        f"{_PASSAGES} passages, two of which hold the answer: relative squared error",
        *("game", "evaluations", "minimum norm", "LassoCV", "banzhaf", "both found by LassoCV", "by banzhaf"),
        *("error <= LassoCV's", "found as often"),
        note=f"""
            A synthetic language model: the log-probability of the answer, where the logit rises if the fact is stated.
            In "either", each of two passages states it. In "bridge", both are needed. The other passages distract a
            little, and the log-probabilities have noise. The truth comes from {_REFERENCE:,} evaluations without noise.
            Errors are geometric means over {n_seeds} games. 256 evaluations are more than twice the passages, so that
            banzhaf's values are those of least squares, with standard errors.
        """,
    )
    for kind in ("either", "bridge"):
        games = [_prompt(kind, seed) for seed in range(n_seeds)]
        truths = [_quietly(game(0.0), _PASSAGES, _REFERENCE, 0, options.threads, "none") for game, _ in games]
        for budget in _PASSAGE_BUDGETS:
            errors, both = [], []
            for seed, ((game, holders), truth) in enumerate(zip(games, truths, strict=True)):
                runs = _fits(game(0.1), _PASSAGES, budget, seed, options.threads)
                errors.append([squared_error(values, truth) for values in runs])
                both.append([{*_largest(values, 2)} == holders for values in runs])
            plain, lasso, ours = np.exp(np.log(errors).mean(axis=0))
            _, by_lasso, by_ours = np.mean(both, axis=0)
            table.add(
                *(kind, budget, f"{plain:.2g}", f"{lasso:.2g}", f"{ours:.2g}", f"{by_lasso:.0%}", f"{by_ours:.0%}"),
                *(verdict(ours <= lasso), verdict(by_ours >= by_lasso)),
            )
    return table


def _answers(options: Options, n_seeds: int) -> Table:
    table = Table(
        f"{_PASSAGES} passages, an answer of several tokens: relative error",
        *("tokens", "distraction", "evaluations", "whole answer", "by token", "ContextCite's lasso"),
        *("largest by token ÷ whole", "target: by token lowest"),
        note=f"""
            The log-probability of each token depends on one passage, as in the table above, and the other passages
            change the logit by normal weights of the given size. "by token" adds up the values of the tokens, as
            estimate_by_token does, and "whole answer" are the values of the sum, from the same evaluations.
            ContextCite's lasso is scikit-learn's with its penalty, on as many independent subsets, for the mean
            log-probability of a token. Errors are distances to the values of {_REFERENCE // 8:,} evaluations, divided
            by their norm, in the mean over {n_seeds} games.
        """,
    )
    for n_tokens, distraction in ((1, 0.05), (5, 0.05), (20, 0.05), (50, 0.05), (20, 0.3), (5, 1.0)):
        rows: dict[int, list[list[float]]] = {budget: [] for budget in _PASSAGE_BUDGETS[:3]}
        for seed in range(n_seeds):
            tokens = _answer(n_tokens, distraction, seed)
            truth = _quietly(tokens, _PASSAGES, _REFERENCE // 8, 0, options.threads, "none").sum(axis=1)
            for budget, errors in rows.items():
                worths = tokens(banzhaf.sample_coalitions(_PASSAGES, budget, random_state=seed))
                whole = _fit(worths.sum(axis=1), _PASSAGES, seed, options.threads, "auto")
                by_token = _fit(worths, _PASSAGES, seed, options.threads, "auto").sum(axis=1)
                subsets = np.random.default_rng(seed).random((budget, _PASSAGES)) < 0.5
                lasso = _lasso_of_contextcite(subsets, tokens(subsets).mean(axis=1)) * n_tokens
                errors.append([squared_error(values, truth) ** 0.5 for values in (whole, by_token, lasso)])
        for budget, errors in rows.items():
            whole, by_token, lasso = np.mean(errors, axis=0)
            largest = max(each[1] / each[0] for each in errors)
            table.add(
                *(n_tokens, distraction, budget, f"{whole:.3f}", f"{by_token:.3f}", f"{lasso:.3f}", f"{largest:.2f}"),
                verdict(by_token <= min(whole, lasso)),
            )
    return table


def _answer(n_tokens: int, distraction: float, seed: int) -> Game:
    """Make the log-probabilities of tokens, each of which one passage makes probable."""
    rng = np.random.default_rng(seed)
    weights = distraction * rng.normal(size=(_PASSAGES, n_tokens))
    weights[rng.permutation(_PASSAGES)[:n_tokens], np.arange(n_tokens)] += 6.0
    return lambda coalitions: -np.logaddexp(0, weights.sum(axis=0) / 2 - coalitions @ weights)


def _lasso_of_contextcite(subsets: NDArray[np.bool_], worths: Values) -> Values:
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import Lasso
    except ImportError:
        raise Unavailable("the comparison needs scikit-learn: pip install scikit-learn") from None
    spread = subsets.std(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = Lasso(alpha=0.01).fit((subsets - subsets.mean(axis=0)) / spread, worths)
    return np.asarray(found.coef_ / spread)


def _diffuse(options: Options, n_seeds: int) -> Table:
    table = Table(
        "Games in which every player matters: error ÷ error of the minimum-norm solution",
        *("players", "noise", "evaluations", "LassoCV", "banzhaf", "largest of banzhaf", "target <= 1"),
        note=f"All values are normal. The ratios are geometric means, and the largest, over {n_seeds} games.",
    )
    for n, budgets in ((_PASSAGES, _PASSAGE_BUDGETS[:3]), (_PLAYERS, _BUDGETS)):
        for noise in _NOISES:
            for budget in budgets:
                ratios = []
                for seed in range(n_seeds):
                    rng = np.random.default_rng(seed)
                    truth = rng.normal(size=n)
                    runs = _fits(_linear(truth, noise, rng), n, budget, seed, options.threads)
                    plain, *others = (squared_error(values, truth) for values in runs)
                    ratios.append([error / plain for error in others])
                lasso, ours = np.exp(np.log(ratios).mean(axis=0))
                largest = np.max(ratios, axis=0)[1]
                cells = (three_digits(lasso), three_digits(ours), three_digits(largest))
                table.add(n, noise, budget, *cells, verdict(largest <= 1))
    return table


def _large(options: Options) -> Table:
    table = Table(
        "Time of the sparse regression",
        *("players", "pairs", "active", "seconds", "relative squared error"),
        note="From given differences of pairs, without the minimum-norm solution that is fitted beside it.",
    )
    for n, n_pairs, active in ((1000, 256, 20), (10_000, 1000, 64), (10_000, 5000, 64)):
        rng = np.random.default_rng(n_pairs)
        truth = np.zeros(n)
        truth[rng.choice(n, active, replace=False)] = rng.normal(size=active)
        coalitions = np.ascontiguousarray(banzhaf.sample_coalitions(n, 2 * n_pairs, random_state=0)[::2])
        differences = (2.0 * coalitions - 1) @ truth
        differences += 0.5 * np.linalg.norm(truth) * rng.normal(size=n_pairs)
        start = time.perf_counter()
        values, *_ = _core.sparse_regression(coalitions, differences, False, options.threads)
        seconds = time.perf_counter() - start
        table.add(n, n_pairs, active, three_digits(seconds), f"{squared_error(values, truth):.1e}")
    return table


def _linear(truth: Values, noise: float, rng: np.random.Generator) -> Game:
    size = noise * float(np.linalg.norm(truth)) / np.sqrt(2)
    return lambda coalitions: (coalitions - 0.5) @ truth + size * rng.normal(size=len(coalitions))


def _prompt(kind: str, seed: int) -> tuple[Callable[[float], Game], set[int]]:
    """Make the log-probability of an answer for a size of noise, and give the two passages that hold it."""
    rng = np.random.default_rng(seed)
    first, second = rng.choice(_PASSAGES, 2, replace=False)
    distraction = 0.05 * rng.normal(size=_PASSAGES)

    def with_noise(size: float) -> Game:
        def game(coalitions: NDArray[np.bool_]) -> Values:
            either, both = coalitions[:, first] | coalitions[:, second], coalitions[:, first] & coalitions[:, second]
            logit = 6.0 * (either if kind == "either" else both) - 3 + coalitions @ distraction - distraction.sum() / 2
            return -np.logaddexp(0, -logit) + size * rng.normal(size=len(coalitions))

        return game

    return with_noise, {int(first), int(second)}


def _largest(values: Values, count: int = _ACTIVE) -> list[int]:
    """Give the players with the largest values, and fewer if fewer are not 0."""
    leading = np.argsort(-np.abs(values), kind="stable")[:count]
    return [int(player) for player in leading if values[player] != 0]


def _fits(game: Game, n: int, budget: int, seed: int, threads: int) -> tuple[Values, Values, Values]:
    """Give the minimum-norm values, LassoCV's, and those with interactions='auto', from the same worths."""
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LassoCV
    except ImportError:
        raise Unavailable("the comparison needs scikit-learn: pip install scikit-learn") from None
    coalitions = banzhaf.sample_coalitions(n, budget, random_state=seed)
    worths = game(coalitions)
    plain, ours = (_fit(worths, n, seed, threads, interactions) for interactions in ("none", "auto"))
    lasso = LassoCV(alphas=50, fit_intercept=False, cv=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        lasso.fit(2.0 * coalitions[::2] - 1, worths[::2] - worths[1::2])
    return plain, lasso.coef_, ours


def _fit(worths: Values, n: int, seed: int, threads: int, interactions: str) -> Values:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", banzhaf.RankWarning)
        found = banzhaf.fit_design(worths, n, random_state=seed, num_threads=threads, interactions=interactions)
    return found.values


def _quietly(game: Game, n: int, budget: int, seed: int, threads: int, interactions: str) -> Values:
    found = banzhaf.estimate(game, n, budget=budget, random_state=seed, num_threads=threads, interactions=interactions)
    return found.values


if __name__ == "__main__":
    main(tables, __doc__)
