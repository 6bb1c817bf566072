# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Games that are evaluated several times: what is averaged, weighed and stored, and that every way gives one result."""

from __future__ import annotations

import asyncio
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats

import banzhaf

WEIGHTS = np.random.default_rng(3).normal(size=10)


def seeds_of(coalitions, repeat, salt=0):
    """A number for each evaluation, the same in every process and for any batches."""
    return [[salt, int(j), *np.packbits(row).tolist()] for row, j in zip(coalitions, repeat, strict=True)]


def noisy(coalitions, repeat, spread=3.0):
    """Additive worths with noise that is much larger for some pairs than for others."""
    each = []
    for row, seed in zip(coalitions, seeds_of(coalitions, repeat), strict=True):
        wide = np.random.default_rng(np.packbits(row if row[0] else ~row).tolist()).random() < 0.2
        each.append(np.random.default_rng(seed).normal() * (spread if wide else 0.1))
    return (coalitions * WEIGHTS).sum(axis=1) + np.array(each)


def of_one(coalition, repeat):
    return float(noisy(np.array([coalition]), [repeat])[0])


async def of_one_async(coalition, repeat):
    await asyncio.sleep(0)
    return of_one(coalition, repeat)


COMMON = {"budget": 700, "repeats": 5, "random_state": 0}


@pytest.fixture(scope="module")
def expected():
    return banzhaf.estimate(noisy, 10, **COMMON)


def test_the_result_says_what_was_done(expected):
    assert (expected.n_evaluations, expected.repeats, expected.noisy) == (140, 5, True)
    assert expected.weighted
    assert 0.2 * 9 < 5 * expected.noise_variance < 5 * 9
    assert "coalitions evaluated 5 times" in repr(expected)
    assert "weighted by the variance" in repr(expected)
    assert (expected.standard_errors > 0).all()
    error = np.sqrt(((expected.values - WEIGHTS) ** 2).mean())
    plain = banzhaf.fit(
        expected.evaluations.coalitions, expected.evaluations.worths[:, 0], noisy=True, interactions="none"
    )
    assert error < 0.7 * np.sqrt(((plain.values - WEIGHTS) ** 2).mean())


def test_reports_count_every_evaluation(expected):
    assert "700 evaluations" in expected._repr_html_()
    assert "5 repeats, weighted" in expected._repr_html_()
    report = banzhaf.diagnose(expected)
    assert report.n_evaluations == 700
    assert all(budget > 700 and budget % 5 == 0 for budget in report.budgets)


def test_every_way_gives_the_same_bits(expected, tmp_path):
    by_one = banzhaf.per_coalition(of_one, "mask")
    with ThreadPoolExecutor(3) as pool:
        for found in (
            banzhaf.estimate(noisy, 10, **COMMON, batch_size=7),
            banzhaf.estimate(by_one, 10, **COMMON),
            banzhaf.estimate(banzhaf.per_coalition(of_one, "mask", map=pool.map), 10, **COMMON, batch_size=9),
            banzhaf.estimate(noisy, 10, **COMMON, store=tmp_path / "a.db"),
            banzhaf.estimate(by_one, 10, **COMMON, executor=pool),
            asyncio.run(banzhaf.estimate_async(banzhaf.per_coalition(of_one_async, "mask"), 10, **COMMON)),
        ):
            assert found == expected
    study = banzhaf.Study(10, **COMMON)
    while batch := study.ask(30):
        order = np.random.default_rng(0).permutation(len(batch))
        study.tell(batch.ids[order], noisy(batch.coalitions, batch.repeats)[order])
    assert study.result() == expected


def test_an_interrupted_run_repeats_no_evaluation(expected, tmp_path):
    seen, fails_at = [], 333

    def game(coalitions, repeat):
        nonlocal fails_at
        if fails_at is not None and len(seen) > fails_at:
            fails_at = None
            raise ConnectionError("the service went away")
        seen.extend(map(str, seeds_of(coalitions, repeat)))
        return noisy(coalitions, repeat)

    path = tmp_path / "values.db"
    with pytest.raises(ConnectionError):
        banzhaf.estimate(game, 10, **COMMON, store=path)
    with banzhaf.Study.open(path, read_only=True) as study:
        assert study.repeats == 5
        assert study.n_coalitions == 5 * expected.n_evaluations
        early = study.result()
        assert early.stopped == "running"
        assert early.n_evaluations == study.n_told // 10 * 2
    assert banzhaf.estimate(game, 10, **COMMON, store=path) == expected
    assert len(seen) == len(set(seen)) == 5 * expected.n_evaluations
    with pytest.raises(ValueError, match=r"repeats is 5, got None"):
        banzhaf.estimate(game, 10, budget=700, random_state=0, noisy=True, store=path)


def test_pairs_are_evaluated_equally_often_one_after_the_other():
    study = banzhaf.Study(10, budget=100, repeats=3, random_state=0)
    batch = study.ask(12)
    assert batch.repeats.tolist() == [0, 0, 1, 1, 2, 2] * 2
    assert (batch.coalitions[::2] ^ batch.coalitions[1::2]).all()
    assert (batch.coalitions[0:6:2] == batch.coalitions[0]).all()
    study.tell(batch.ids[:10], np.zeros(10))
    assert study.n_usable == 6  # the second pair is not complete
    assert study.evaluations().coalitions.shape == (10, 10)


def test_a_failed_repeat_drops_its_pair():
    calls = 0

    def game(coalitions, repeat):
        nonlocal calls
        calls += 1
        worths = noisy(coalitions, repeat)
        worths[(repeat == 2) & (coalitions.sum(axis=1) == 7)] = np.nan
        return worths

    with pytest.warns(UserWarning, match="dropped"):
        found = banzhaf.estimate(game, 10, **COMMON, on_nonfinite="drop")
    drawn = banzhaf.sample_coalitions(10, 140, random_state=0)
    sizes = drawn.sum(axis=1)
    assert found.n_dropped == np.isin(sizes, (3, 7)).sum()
    with pytest.raises(ValueError, match="is not finite"):
        banzhaf.estimate(game, 10, **COMMON)


def test_games_that_do_not_ask_for_the_repeat_and_other_options():
    rng = np.random.default_rng(0)

    def game(coalitions):
        return np.column_stack([coalitions @ WEIGHTS[: coalitions.shape[1]], coalitions.sum(axis=1)]) + rng.normal(
            size=(len(coalitions), 2)
        )

    values = banzhaf.estimate(game, 10, budget=3000, repeats=4, random_state=0, design="paired")
    assert values.values.shape == (10, 2)
    assert not values.weighted  # the noise is the same everywhere
    np.testing.assert_allclose(values.noise_variance, 1.0, rtol=0.2)
    assert banzhaf.estimate(game, 10, budget=3000, repeats=4, tolerance=0.2, random_state=0).stopped == "tolerance"
    early = banzhaf.estimate(game, 10, budget=3000, repeats=4, callback=lambda values: True, random_state=0)
    assert early.stopped == "callback"
    independent = banzhaf.estimate(game, 10, budget=3000, repeats=4, design="independent", random_state=0)
    assert (independent.n_evaluations, independent.repeats) == (750, 4)
    weighted = banzhaf.estimate(game, 10, budget=3000, repeats=4, p=0.3, random_state=0)
    assert weighted.repeats == 4
    everything = banzhaf.estimate(game, 4, budget=160, repeats=5, random_state=0)
    assert (everything.n_evaluations, everything.design) == (32, "exhaustive")
    assert (everything.standard_errors > 0).all()


@pytest.mark.parametrize("scale", [1e-200, 1e-3, 1e150])
def test_weights_do_not_depend_on_the_unit(expected, scale):
    found = banzhaf.estimate(lambda coalitions, repeat: scale * noisy(coalitions, repeat), 10, **COMMON)
    if found.weighted:
        np.testing.assert_allclose(found.values / scale, expected.values, rtol=1e-9)
        np.testing.assert_allclose(found.standard_errors / scale, expected.standard_errors, rtol=1e-9)
    assert found.weighted or scale != 1e-3
    assert np.isfinite(found.values).all()


def test_a_game_without_noise_gets_no_weights():
    found = banzhaf.estimate(lambda coalitions: (coalitions * WEIGHTS).sum(axis=1), 10, **COMMON)
    assert not found.weighted
    assert found.noise_variance < 1e-28
    np.testing.assert_allclose(found.values, WEIGHTS, atol=1e-12)


def test_several_repeats_are_saved(expected, tmp_path):
    expected.save(tmp_path / "values.banzhaf")
    assert banzhaf.load(tmp_path / "values.banzhaf") == expected


def test_arguments():
    with pytest.raises(ValueError, match="repeats must be at least 1, got 0"):
        banzhaf.estimate(noisy, 10, budget=100, repeats=0)
    with pytest.raises(ValueError, match="budget must be at least 8 with repeats=4"):
        banzhaf.Study(10, budget=7, repeats=4)
    with pytest.raises(ValueError, match="shapley must be False for a noisy game"):
        banzhaf.estimate(noisy, 10, budget=700, repeats=3, shapley=True)


# What the noise of a worth is. The last one is not symmetric, and depends on the coalition.
NOISES = {
    "equal": lambda rng, c: rng.normal(size=len(c)),
    "rare": lambda rng, c: rng.normal(size=len(c)) * _rare(c),
    "skewed": lambda rng, c: (rng.exponential(size=len(c)) - 1) * _rare(c) * np.where(c[:, 0], 2.0, 1.0),
}


def _rare(coalitions):
    words = (coalitions ^ ~coalitions[:, :1]) @ (1 << np.arange(coalitions.shape[1], dtype=np.int64))
    return np.where((words * 2654435761 >> 8) % 7 == 0, 6.0, 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", NOISES)
def test_weights_win_are_unbiased_and_their_intervals_cover(kind):
    n, n_seeds = 12, 60
    weights = np.random.default_rng(1).normal(size=n)
    errors = np.empty((2, n_seeds, n))
    covered = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(n_seeds):
            rng = np.random.default_rng([seed, 5])

            def game(coalitions, rng=rng):
                return coalitions @ weights + NOISES[kind](rng, coalitions)

            values = banzhaf.estimate(game, n, budget=960, repeats=5, random_state=seed)
            kept = values.evaluations
            plain = banzhaf.fit_design(kept.worths[:, 0], n, random_state=seed, noisy=True, interactions="none")
            errors[:, seed] = values.values - weights, plain.values - weights
            low, high = np.moveaxis(values.intervals(), -1, 0)
            covered += ((low <= weights) & (weights <= high)).mean() / n_seeds
    weighted, plain = (errors**2).mean(axis=(1, 2))
    assert weighted < (1.02 if kind == "equal" else 0.6) * plain
    assert covered > 0.93
    scores = errors[0].mean(axis=0) / (errors[0].std(axis=0, ddof=1) / np.sqrt(n_seeds))
    assert np.abs(scores).max() < stats.t.ppf(1 - 0.001 / (2 * n), n_seeds - 1)
