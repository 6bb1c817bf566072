# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The paper's sampling bound by simulation; run with ``-s`` to see the constants that suffice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from oracles import all_coalitions, brute_force

import banzhaf

N_RUNS = 400


def games(n):
    """Worths of all coalitions of games of every kind of residual: dense, of one high order, a vote, a spike."""
    rng = np.random.default_rng(n)
    signs = 2.0 * all_coalitions(n) - 1
    linear = signs @ rng.normal(size=n)
    return {
        "random worths": rng.normal(size=2**n),
        "a product of three": linear + 3 * signs[:, :3].prod(axis=1),
        "a product of all": linear + 3 * signs.prod(axis=1),
        "a vote": (signs @ rng.uniform(1, 3, size=n) > 1).astype(float),
        "one coalition that matters": (np.arange(2**n) == 2**n - 1).astype(float),
        "odd residuals only": linear + 2 * np.sin(signs @ rng.normal(size=n)),
    }


class Full:
    """The regression over all coalitions of a game: its values, its least objective, and gamma."""

    def __init__(self, worths, n):
        self.worths, self.n = worths, n
        self.A = all_coalitions(n) - 0.5
        self.values = brute_force(worths, n)
        self.least = float(((self.A @ self.values - worths) ** 2).sum())
        self.gamma = self.least / float(((self.A @ self.values) ** 2).sum())

    def objective(self, values):
        return float(((self.A @ values - self.worths) ** 2).sum())

    def excess(self, values):
        """The epsilon with which the objective's bound holds with equality."""
        return self.objective(values) / self.least - 1


def sampled(full, n_pairs, seed):
    """Kernel Banzhaf with pairs drawn with replacement, as the statement has it."""
    n = full.n
    rows = np.random.default_rng([seed, n_pairs]).integers(0, 2**n, n_pairs)
    coalitions = np.stack([rows, 2**n - 1 - rows], axis=1).ravel()
    options = {"standard_errors": False, "interactions": "none"}
    return banzhaf.fit(all_coalitions(n)[coalitions], full.worths[coalitions], **options).values


def test_many_runs_at_once_are_runs():
    """The shortcut that finds constants agrees with the package on how large the errors are."""
    full = Full(games(6)["random worths"], 6)
    slow = [full.excess(sampled(full, 60, seed)) for seed in range(N_RUNS)]
    assert np.mean(_excesses(full, 60)) == pytest.approx(np.mean(slow), rel=0.15)


@pytest.mark.parametrize("name", games(7))
def test_objective_and_error_are_one_statement(name):
    full = Full(games(7)[name], 7)  # odd, so that a product of all players is not cancelled
    values = sampled(full, 40, 0)
    epsilon = full.excess(values)
    error = ((values - full.values) ** 2).sum()
    assert epsilon > 0
    assert math.isclose(error, epsilon * full.gamma * (full.values**2).sum(), rel_tol=1e-8)


@pytest.mark.filterwarnings("ignore::banzhaf.RankWarning")
@pytest.mark.parametrize("n", [4, 10])
@pytest.mark.parametrize(("epsilon", "delta"), [(0.5, 0.2), (2.0, 0.05), (0.1, 0.5)])
def test_required_budget_suffices(n, epsilon, delta):
    """The bound fails no more often than delta; the pairs are drawn with replacement, so no budget is too large."""
    budget = _uncapped(n, epsilon, delta)
    assert budget == banzhaf.required_budget(n, epsilon, delta) or budget > 2**n
    for name, worths in games(n).items():
        full = Full(worths, n)
        failures = sum(full.excess(sampled(full, budget // 2, seed)) > epsilon for seed in range(100))
        assert failures <= 100 * delta, name


@pytest.mark.slow
def test_constants_that_suffice(capsys):
    """The least c for which m = c (n log(n/delta) + n/(delta eps)) suffices for the worst of the games."""
    lines = []
    for n in (6, 10):
        for epsilon, delta in ((0.5, 0.2), (2.0, 0.1), (0.2, 0.5)):
            shape = n * math.log(n / delta) + n / (delta * epsilon)
            proven = _uncapped(n, epsilon, delta) / shape
            needed = max(_least_budget(Full(w, n), epsilon, delta) for w in games(n).values()) / shape
            lines.append(f"n = {n:2}, eps = {epsilon}, delta = {delta}: proven {proven:.2f}, needed {needed:.2f}")
            assert needed <= proven
            assert proven < 8
    with capsys.disabled():
        print("\nm = c (n log(n/delta) + n/(delta eps)), c:", *lines, sep="\n  ")


def _least_budget(full, epsilon, delta):
    """Return the least budget, in steps of a tenth, from which on the bound fails in at most a share delta of runs."""
    budget = float(_uncapped(full.n, epsilon, delta))
    while budget > 4 and np.mean(_excesses(full, max(1, int(budget / 1.1) // 2)) > epsilon) <= delta:
        budget /= 1.1
    return budget


def _excesses(full, n_pairs):
    """Run Kernel Banzhaf often at once: how often each pair was drawn gives the normal equations."""
    half = 2 ** (full.n - 1)  # the coalitions without the last player stand for their pairs
    X = 2 * full.A[:half]
    d = full.worths[:half] - full.worths[::-1][:half]
    counts = np.random.default_rng(n_pairs).multinomial(n_pairs, np.full(half, 1 / half), N_RUNS).astype(float)
    outer = (X[:, :, np.newaxis] * X[:, np.newaxis]).reshape(half, -1)
    gram, moments = (counts @ outer).reshape(-1, full.n, full.n), counts @ (X * d[:, np.newaxis])
    values = np.einsum("rij,rj->ri", np.linalg.pinv(gram, rcond=1e-10, hermitian=True), moments)
    return 2.0 ** (full.n - 2) * ((values - full.values) ** 2).sum(axis=1) / full.least


def _uncapped(n, epsilon, delta):
    """Write the two conditions again, with the best of many t and splits."""
    t = np.linspace(1e-3, 0.999, 2000)[:, np.newaxis]
    share = 2.0 ** -np.arange(1, 30)
    rank = np.log(n / (share * delta)) / (t + (1 - t) * np.log(1 - t))
    noise = 1 / ((1 - share) * delta * epsilon * (1 - t) ** 2)
    best = float(np.maximum(rank, noise).min())
    found = banzhaf.required_budget(10**6, epsilon, delta) / 1e6  # no cap there, but another logarithm
    assert found >= best
    budget = 2 * math.ceil(n * best)
    capped = banzhaf.required_budget(n, epsilon, delta)
    if capped < 2**n:
        assert capped <= budget <= capped * 1.02 + 2
        return capped
    return budget


class TestRequiredBudget:
    def test_is_even_and_never_above_all_coalitions(self):
        for n in (1, 2, 5, 12):
            assert banzhaf.required_budget(n, 1e-3, 1e-3) == 2**n
        assert banzhaf.required_budget(500, 0.3, 0.1) % 2 == 0

    def test_grows_as_the_statement_says(self):
        base = banzhaf.required_budget(1000, 0.01, 0.1)
        assert banzhaf.required_budget(1000, 0.005, 0.1) == pytest.approx(2 * base, rel=0.15)
        assert banzhaf.required_budget(2000, 0.01, 0.1) == pytest.approx(2 * base, rel=0.05)
        assert banzhaf.required_budget(1000, 0.01, 0.05) == pytest.approx(2 * base, rel=0.15)
        # For a large epsilon the rank decides, and it costs only a logarithm of delta.
        easy = banzhaf.required_budget(1000, 1e6, 0.1)
        assert banzhaf.required_budget(1000, 1e6, 0.01) < 1.4 * easy
        assert easy > 2000

    def test_extreme_arguments(self):
        assert banzhaf.required_budget(2**20, 1e-9, 1e-9) > 10**18
        assert banzhaf.required_budget(100, 1e12, 0.999) > 200
        with pytest.raises(ValueError, match="epsilon"):
            banzhaf.required_budget(2**20, 1e-300, 1e-300)

    @pytest.mark.parametrize("name", ["epsilon", "delta"])
    @pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf])
    def test_numbers_out_of_range(self, name, value):
        arguments = {"epsilon": 0.1, "delta": 0.1, name: value}
        with pytest.raises(ValueError, match=name):
            banzhaf.required_budget(10, **arguments)

    def test_delta_is_below_one(self):
        with pytest.raises(ValueError, match="delta must lie strictly between 0 and 1"):
            banzhaf.required_budget(10, 0.1, 1.0)

    @pytest.mark.parametrize("name", ["epsilon", "delta"])
    @pytest.mark.parametrize("value", ["0.1", None, True, [0.1]])
    def test_things_that_are_no_numbers(self, name, value):
        arguments = {"epsilon": 0.1, "delta": 0.1, name: value}
        with pytest.raises(TypeError, match=name):
            banzhaf.required_budget(10, **arguments)

    def test_players(self):
        with pytest.raises(ValueError, match="n_players"):
            banzhaf.required_budget(0, 0.1, 0.1)
