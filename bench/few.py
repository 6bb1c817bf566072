# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare estimates from fewer evaluations than two per player with scikit-learn's LassoCV on the same pairs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

import banzhaf
from bench._command import Options, Unavailable, main
from bench._games import Game, squared_error
from bench._table import Table, error_text, verdict

Values = NDArray[np.float64]
_NOISE = 0.1  # standard deviation of a worth's noise, as a share of the largest value
_LEVEL = 1.05  # an error of at most so many times the other's counts as level


def _sparse(n: int, rng: np.random.Generator) -> tuple[Game, Values]:
    """Make a linear game with 20 active players and noise."""
    values = np.zeros(n)
    values[rng.choice(n, 20, replace=False)] = rng.choice([-1, 1], 20) * rng.uniform(0.5, 1.5, 20)
    return _noisy(lambda coalitions: coalitions @ values, _NOISE, rng), values


def _stated_twice(n: int, rng: np.random.Generator) -> tuple[Game, Values]:
    """Make a game of passages: the answer needs one of two of them. Three further ones matter a little."""
    first, second, *others = rng.choice(n, 5, replace=False)
    values = np.zeros(n)
    values[[first, second]], values[others] = 4 / 2, 0.2

    def game(coalitions: NDArray[np.bool_]) -> Values:
        return 4.0 * (coalitions[:, first] | coalitions[:, second]) + 0.2 * coalitions[:, others].sum(axis=1)

    return _noisy(game, _NOISE, rng), values


def _one_of_three(n: int, rng: np.random.Generator) -> tuple[Game, Values]:
    """Make a game of passages: the answer needs one of three of them. Three further ones matter a little."""
    stating, others = np.split(rng.choice(n, 6, replace=False), 2)
    values = np.zeros(n)
    values[stating], values[others] = 4 / 4, 0.2

    def game(coalitions: NDArray[np.bool_]) -> Values:
        return 4.0 * coalitions[:, stating].any(axis=1) + 0.2 * coalitions[:, others].sum(axis=1)

    return _noisy(game, _NOISE, rng), values


def _diffuse(n: int, rng: np.random.Generator) -> tuple[Game, Values]:
    """Make a linear game in which every player has a normal weight."""
    values = rng.normal(size=n)
    return _noisy(lambda coalitions: coalitions @ values, _NOISE, rng), values


def _noisy(game: Game, level: float, rng: np.random.Generator) -> Game:
    return lambda coalitions: game(coalitions) + level * rng.normal(size=len(coalitions))


# The game, the number of players, the leading players to find, and the budgets.
_GAMES: dict[str, tuple[Callable[[int, np.random.Generator], tuple[Game, Values]], int, int, tuple[int, ...]]] = {
    "20 of 1,000 active": (_sparse, 1000, 20, (128, 256, 512)),
    "100 passages, a fact stated twice": (_stated_twice, 100, 2, (32, 64, 128)),
    "100 passages, a fact stated three times": (_one_of_three, 100, 3, (32, 64, 128)),
    "diffuse": (_diffuse, 1000, 0, (128, 256, 512)),
}


def lasso(signs: Values, differences: Values) -> Values:
    """Fit scikit-learn's lasso with the penalty of the smallest error in five folds."""
    try:
        from sklearn.linear_model import LassoCV
    except ImportError:
        raise Unavailable("the comparison needs scikit-learn: pip install scikit-learn") from None
    return np.asarray(LassoCV(fit_intercept=False, cv=5, alphas=50, max_iter=20_000).fit(signs, differences).coef_)


def tables(options: Options) -> Iterator[Table]:
    n_seeds = 4 if options.quick else 20
    table = Table(
        "Fewer evaluations than two per player",
        *("game", "n", "m", "default", "minimum norm", "LassoCV on pairs", "default: found", "LassoCV: found"),
        "default at most the better one's",
        note=f"""
            Errors are median relative squared errors over {n_seeds} seeds. "minimum norm" is `interactions="none"`.
            All methods use the same pairs. "found" is the share of the leading players that lead in the estimate. The
            last column compares the default with LassoCV, in the diffuse game with the minimum norm. Worths have
            independent noise of {_NOISE} on values of about 1.
        """,
    )
    for name, (make, n, leading, budgets) in _GAMES.items():
        for budget in budgets:
            errors: dict[str, list[float]] = {"default": [], "none": [], "lasso": []}
            found: dict[str, list[float]] = {"default": [], "lasso": []}
            for seed in range(n_seeds):
                game, truth = make(n, np.random.default_rng([seed, n]))
                coalitions = banzhaf.sample_coalitions(n, budget, random_state=seed)
                worths = game(coalitions)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # RankWarning, and lasso paths that end early
                    estimates = {
                        "default": banzhaf.fit_design(worths, n, random_state=seed, num_threads=1).values,
                        "none": banzhaf.fit_design(
                            worths, n, random_state=seed, num_threads=1, interactions="none"
                        ).values,
                        "lasso": lasso(2.0 * coalitions[::2] - 1, worths[::2] - worths[1::2]),
                    }
                for method, values in estimates.items():
                    errors[method].append(squared_error(values, truth))
                if leading:
                    true = set(np.argsort(-np.abs(truth))[:leading])
                    for method, shares in found.items():
                        led = set(np.argsort(-np.abs(estimates[method]))[:leading])
                        shares.append(len(true & led) / leading)
            medians = {method: float(np.median(of)) for method, of in errors.items()}
            against = medians["lasso"] if leading else medians["none"]
            shown = [f"{np.mean(of):.0%}" if of else "" for of in found.values()]
            as_often = not leading or np.mean(found["default"]) >= np.mean(found["lasso"]) - 0.01
            table.add(
                *(name, n, budget, *map(error_text, medians.values()), *shown),
                verdict(bool(medians["default"] <= _LEVEL * against and as_often)),
            )
    yield table


if __name__ == "__main__":
    main(tables, __doc__)
