# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test the evaluations that an exception carries: their rows, and how to resume from them."""

from __future__ import annotations

import copy
import pickle
import sys
import types
import warnings

import numpy as np
import pytest
from oracles import Polynomial, Table, same_bits

import banzhaf
from banzhaf._estimate import evaluations


class Boom(Exception):
    """An exception that a game raises."""


def kept_of(call, at, n_players, outputs=None, alone=False):
    """Return the evaluations kept when a game fails after some coalitions, and the game."""
    game = Polynomial.random(n_players, 3, outputs=outputs) if n_players > 8 else Table.random(n_players)
    done = 0

    def fails(coalitions):
        nonlocal done
        if done + len(coalitions) > at:
            raise Boom
        done += len(coalitions)
        return game(coalitions)

    if alone:
        each = banzhaf.per_coalition(lambda mask: fails(mask[np.newaxis])[0], "mask")
        with pytest.raises(Boom) as caught:
            call(each)
    else:
        with pytest.raises(Boom) as caught:
            call(fails, batch_size=2)
    return caught.value.evaluations, game


def continued(kept, game):
    """Evaluate what is missing, and estimate: the recipe of docs/games.md."""
    options = {"design": kept.design, "random_state": kept.random_state}
    coalitions = banzhaf.sample_coalitions(kept.n_players, kept.budget, **options)
    assert np.array_equal(coalitions[kept.rows], kept.coalitions)
    missing = np.ones(len(coalitions), dtype=bool)
    missing[kept.rows] = False
    assert missing.sum() == len(coalitions) - len(kept)
    worths = np.empty((len(coalitions), kept.worths.shape[1]))
    worths[kept.rows] = kept.worths
    worths[missing] = game(coalitions[missing]).reshape(missing.sum(), -1)
    return banzhaf.fit_design(worths, kept.n_players, **options)


# Each with its number of players.
CALLS = {
    "hadamard": (9, {"budget": 300}),
    "paired": (9, {"budget": 300, "design": "paired"}),
    "independent": (9, {"budget": 300, "design": "independent"}),
    "exhaustive": (7, {"budget": 1000}),
    "not all of a block": (40, {"budget": 63}),
    "a weighing design": (40, {"budget": 83}),
    "one matrix": (37, {"budget": 90}),
    "blocks and a part": (20, {"budget": 300}),
    "many blocks": (12, {"budget": 1501}),
}
RULES = {
    "no rule": {},
    "callback": {"callback": lambda values: None},
    "tolerance": {"tolerance": 1e-300},
    "deadline": {"deadline": 1e6},
    "deadline and callback": {"deadline": 1e6, "callback": lambda values: False},
}


class TestContinued:
    @pytest.mark.parametrize("alone", [False, True], ids=["batches", "one by one"])
    @pytest.mark.parametrize("rule", RULES)
    @pytest.mark.parametrize("name", CALLS)
    @pytest.mark.filterwarnings("ignore::UserWarning")  # budgets below one full Hadamard design
    def test_resumed_runs_give_the_same_result(self, name, rule, alone):
        n_players, options = CALLS[name]
        kept, game = kept_of(
            lambda g, **more: banzhaf.estimate(g, n_players, random_state=5, **options, **RULES[rule], **more),
            at=47,
            n_players=n_players,
            alone=alone,
        )
        assert len(kept) == (47 if alone else 46)
        assert (kept.n_players, kept.budget, kept.random_state) == (n_players, options["budget"], 5)
        found, whole = continued(kept, game), banzhaf.estimate(game, n_players, random_state=5, **options)
        assert same_bits(found.values[:, 0], whole.values)
        assert same_bits(found.standard_errors[:, 0], whole.standard_errors)
        assert (found.design, found.random_state, found.rank) == (whole.design, whole.random_state, whole.rank)

    def test_with_a_seed_that_was_drawn(self):
        kept, game = kept_of(lambda g, **more: banzhaf.estimate(g, 9, budget=300, **more), at=100, n_players=9)
        whole = banzhaf.estimate(game, 9, budget=300, random_state=kept.random_state)
        assert same_bits(continued(kept, game).values[:, 0], whole.values)

    def test_with_several_outputs(self):
        kept, game = kept_of(
            lambda g, **more: banzhaf.estimate(g, 9, budget=300, random_state=1, **more), 101, 9, outputs=3, alone=True
        )
        assert kept.worths.shape == (101, 3)
        assert continued(kept, game) == banzhaf.estimate(game, 9, budget=300, random_state=1)

    def test_of_all_coalitions(self):
        kept, game = kept_of(lambda g, **more: banzhaf.exact(g, 7, **more), at=99, n_players=7, alone=True)
        assert (kept.design, kept.budget, kept.random_state) == ("exhaustive", 128, None)
        worths = np.full(128, np.nan)
        worths[kept.rows] = kept.worths[:, 0]
        worths[99:] = game(banzhaf.sample_coalitions(7, 128)[99:])
        assert banzhaf.exact(worths, 7) == banzhaf.exact(game, 7)

    def test_of_the_baselines(self):
        options = {"budget": 300, "random_state": 3}
        kept, _ = kept_of(lambda g, **more: banzhaf.msr(g, 9, **options, **more), at=99, n_players=9, alone=True)
        drawn = banzhaf.sample_coalitions(9, 300, design=kept.design, random_state=3)
        assert np.array_equal(drawn[kept.rows], kept.coalitions)
        kept, _ = kept_of(lambda g, **more: banzhaf.monte_carlo(g, 9, **options, **more), 99, 9, alone=True)
        assert kept.design == "monte_carlo"
        assert np.array_equal(kept.rows, np.arange(99))

    @pytest.mark.parametrize("rule", RULES)
    def test_repeats_in_a_noisy_game_share_a_row(self, rule):
        kept, game = kept_of(
            lambda g, **more: banzhaf.estimate(g, 5, budget=200, noisy=True, random_state=1, **RULES[rule], **more),
            100,
            5,
            alone=True,
        )
        assert len(kept) == 100
        drawn = banzhaf.sample_coalitions(5, 200, random_state=1)
        assert np.array_equal(drawn[kept.rows], kept.coalitions)
        assert np.bincount(kept.rows, minlength=32).min() == 3
        assert same_bits(kept.worths[:, 0], game(kept.coalitions))

    def test_a_design_that_a_deadline_cut_short_has_no_rows(self, monkeypatch):
        kept, _ = kept_of(
            lambda g, **more: banzhaf.estimate(g, 9, budget=300, random_state=1, deadline=1e6, **more), 40, 9
        )
        drawn = banzhaf.sample_coalitions(9, 300, random_state=7)
        monkeypatch.setattr(evaluations._core, "sample_coalitions", lambda *args, count: drawn[:count])
        for each in (kept, pickle.loads(pickle.dumps(kept))):
            with pytest.raises(ValueError, match="rows are unknown"):
                _ = each.rows
        assert len(banzhaf.fit(kept.coalitions, kept.worths)) == 9


class TestWhatIsKept:
    def test_of_a_wrong_shape_in_a_later_batch(self):
        game = Polynomial.random(9, 3)
        for wrong in (lambda w: w[:-1], lambda w: w[:, None], lambda w: None, lambda w: w.astype(complex)):
            calls = []

            def spoilt(coalitions, wrong=wrong, calls=calls):
                calls.append(coalitions)
                return game(coalitions) if len(calls) < 4 else wrong(game(coalitions))

            with pytest.raises((TypeError, ValueError), match="game must return") as caught:
                banzhaf.estimate(spoilt, 9, budget=300, batch_size=40, random_state=0)
            assert len(caught.value.evaluations) == 120

    @pytest.mark.parametrize("deadline", [None, 1e6])
    def test_of_a_worth_that_is_not_finite(self, deadline):
        """The rest of its batch is kept, even if the game changes its array."""
        game = Polynomial.random(9, 3)
        bad = banzhaf.sample_coalitions(9, 300, random_state=0)[6]

        def spoilt(coalitions):
            worths = np.where((coalitions == bad).all(axis=1), np.nan, game(coalitions))
            coalitions[:] = True
            return worths

        with pytest.raises(ValueError, match="is not finite") as caught:
            banzhaf.estimate(spoilt, 9, budget=300, batch_size=100, random_state=0, deadline=deadline)
        kept = caught.value.evaluations
        rows = banzhaf.sample_coalitions(9, 300, random_state=0)
        assert 6 not in kept.rows
        assert np.array_equal(kept.coalitions, rows[kept.rows])
        assert same_bits(kept.worths[:, 0], game(kept.coalitions))
        if deadline is None:
            assert len(kept) == 99

    def test_of_an_interrupt_after_the_game(self, monkeypatch):
        """As while the bar is drawn: the batch has been evaluated."""

        class Bar:
            total = 0

            def __init__(self, **options):
                pass

            def update(self, count):
                self.total += count
                if self.total == 120:
                    raise KeyboardInterrupt

            def close(self):
                pass

        monkeypatch.setitem(sys.modules, "tqdm.auto", types.SimpleNamespace(tqdm=Bar))
        game = Polynomial.random(9, 3)
        for alone in (False, True):
            asked = banzhaf.per_coalition(lambda mask: game(mask[np.newaxis])[0], "mask") if alone else game
            with pytest.raises(KeyboardInterrupt) as caught:
                banzhaf.estimate(asked, 9, budget=300, batch_size=40, random_state=0, progress=True)
            assert len(caught.value.evaluations) == 120
            assert same_bits(caught.value.evaluations.worths[:, 0], game(caught.value.evaluations.coalitions))

    @pytest.mark.parametrize("error", [Boom(), KeyboardInterrupt(), SystemExit(1)])
    def test_of_a_callback_that_fails(self, error):
        def callback(values):
            raise error

        with pytest.raises(type(error)) as caught:
            banzhaf.estimate(Polynomial.random(9, 3), 9, budget=300, random_state=0, callback=callback)
        assert caught.value is error
        assert len(caught.value.evaluations) == 32

    def test_of_a_callback_that_answers_otherwise(self):
        with pytest.raises(TypeError, match="callback must return True to stop") as caught:
            banzhaf.estimate(Polynomial.random(9, 3), 9, budget=300, random_state=0, callback=lambda values: "yes")
        assert len(caught.value.evaluations) == 32

    def test_of_a_warning_that_is_an_error(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(banzhaf.RankWarning) as caught:
                banzhaf.estimate(Polynomial.random(40, 3), 40, budget=63, random_state=0)
        kept = caught.value.evaluations
        assert (len(kept), kept.budget) == (62, 63)


class TestEvaluations:
    @pytest.fixture(params=[0, 1, 39, 100])
    def kept(self, request):
        return kept_of(
            lambda g, **more: banzhaf.estimate(g, 9, budget=300, random_state=2, **more), request.param, 9, alone=True
        )[0]

    def test_outlive_pickles_and_copies(self, kept):
        for again in (pickle.loads(pickle.dumps(kept)), copy.copy(kept), copy.deepcopy(kept)):
            assert type(again) is banzhaf.Evaluations
            assert again == kept
            assert len(again) == len(kept)
            assert repr(again) == repr(kept)
            for name in ("coalitions", "worths", "rows"):
                assert same_bits(getattr(again, name), getattr(kept, name))
                assert getattr(again, name).dtype == getattr(kept, name).dtype

    def test_shapes(self, kept):
        assert kept.coalitions.shape == (len(kept), 9)
        assert len(kept.worths) == len(kept.rows) == len(kept)
        assert kept.worths.ndim == 2

    def test_are_compared(self, kept):
        def again(seed, at):
            return kept_of(
                lambda g, **more: banzhaf.estimate(g, 9, budget=300, random_state=seed, **more), at, 9, alone=True
            )[0]

        assert again(2, len(kept)) == kept
        assert again(2, len(kept) + 1) != kept
        assert again(3, len(kept)) != kept
        assert kept != len(kept)
        with pytest.raises(TypeError, match="unhashable"):
            hash(kept)

    def test_are_shown(self):
        kept, _ = kept_of(
            lambda g, **more: banzhaf.estimate(g, 9, budget=300, random_state=2, **more), 50, 9, outputs=3
        )
        assert repr(kept) == (
            "Evaluations: 50 of at most 300 coalitions of 9 players, 3 outputs, design 'nested', random_state 2"
        )
        kept, _ = kept_of(lambda g, **more: banzhaf.exact(g, 9, **more), 0, 9)
        assert repr(kept) == (
            "Evaluations: 0 of at most 512 coalitions of 9 players, design 'exhaustive', random_state None"
        )

    def test_arrays_are_built_on_request(self):
        """For 2^27 coalitions the arrays would take seconds and gigabytes."""
        kept, _ = kept_of(lambda g, **more: banzhaf.estimate(g, 9, budget=300, random_state=2, **more), 50, 9)
        len(kept)
        assert not {"coalitions", "rows"} & set(vars(kept))
        assert kept.coalitions is kept.coalitions
