# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The part that all estimators share: evaluate a design, wrap the result, and warn about it."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.adjustment import adjustment_of, interactions_of
from banzhaf._estimate.evaluations import batch_of, evaluating
from banzhaf._estimate.kept import Kept, kept_run
from banzhaf._estimate.native import NativeGame
from banzhaf._estimate.results import BanzhafValues, BudgetWarning, RankWarning
from banzhaf._estimate.stopping import Stopping, says_stop
from banzhaf._support import arguments as check
from banzhaf._support.bridge import attach
from banzhaf._support.fields import as_computed

Game = Callable[[NDArray[np.bool_]], Any]


def run(
    game: Any,
    n_players: int,
    budget: int,
    design: str,
    *,
    label: str,
    seed: int | None = None,
    ridge: float = 0.0,
    batch_size: int | None,
    num_threads: int | None,
    on_nonfinite: str = "raise",
    standard_errors: bool = True,
    interactions: str = "none",
    noisy: bool = False,
    player_names: Iterable[str] | None,
    progress: bool,
    rules: Stopping | None = None,
    start: float = 0.0,
    told: NDArray[np.float64] | None = None,
    stacklevel: int = 4,
    shapley: bool = False,
    p: float = 0.5,
) -> BanzhafValues:
    """Check the remaining arguments, evaluate the design, and estimate the values.

    With `told`, the worths of the first coalitions under a deadline, the game is not called.
    """
    if not callable(game):
        raise TypeError(f"game must be a callable that takes boolean arrays, got {type(game).__name__}")
    if isinstance(game, NativeGame):
        game.check_players(n_players)
    names = check.names("player_names", player_names, n_players, "players")
    threads = check.threads(num_threads)
    drop = check.choice("on_nonfinite", on_nonfinite, ("raise", "drop")) == "drop"
    options = _core.EstimateOptions(
        method="msr" if label == "msr" else "regression",
        ridge=ridge,
        standard_errors=check.flag("standard_errors", standard_errors),
        interactions=interactions_of(interactions),
        noisy=noisy,
        num_threads=threads,
        p=p,
    )
    shown = check.flag("progress", progress)
    n_ends = 2 * (n_players + 1)
    if shapley:
        budget -= n_ends
    timed = rules is not None and rules.timed
    batch = batch_of(game, check.batch(batch_size), timed)
    if noisy and design == "exhaustive":
        design = "repeated"
    left = math.inf if rules is None else rules.deadline
    evaluation = _core.GameEvaluation(design, n_players, budget, seed or 0, rules is not None, left, p)
    if label != "msr":
        evaluation.check_size()

    ends: NDArray[np.float64] | None = None

    def name_of(found: _core.Estimate) -> str:
        # A run over all coalitions that may end early evaluates them in the order of nested Hadamard designs.
        partial = label == "exhaustive" and found.n_evaluations < 2**n_players
        return check.full_designs(n_players, found.n_evaluations) if partial else label

    def wrap(found: _core.Estimate, stopped: str, kept: Kept | None = None) -> BanzhafValues:
        name = name_of(found)
        used = None if name == "exhaustive" and not noisy else seed
        return result_of(found, name, names, used, returned.has_outputs_axis, stopped, noisy, kept, ends, p)

    described: dict[str, Any] = {
        "n_players": n_players,
        "budget": budget,
        "design": "independent" if label == "msr" else label,
        # A deadline shuffles each Hadamard design, and a stopping rule changes the order of all coalitions.
        "in_order": not timed and (label != "exhaustive" or (rules is None and not noisy)),
    }

    if shapley:
        with evaluating(
            ending := _core.GameEvaluation("ends", n_players, n_ends, 0, False, math.inf),
            game,
            n_players=n_players,
            budget=n_ends,
            design="ends",
            random_state=None,
            in_order=True,
            drop_nonfinite=False,
            progress=False,
        ) as (called, _, _):
            ending.evaluate(called, batch, False, threads, None)
        ends = ending.worths

    with (
        _keeping(ends),
        evaluating(
            evaluation,
            game,
            **described,
            random_state=seed,
            drop_nonfinite=drop,
            progress=shown,
        ) as (called, returned, counted),
    ):
        if told is not None:
            evaluation.restore(returned(told, len(told)))
            found = evaluation.estimate_so_far(options, drop)
        elif rules is None:
            evaluation.evaluate(called, batch, drop, threads, counted)
            found = evaluation.estimate(options, drop)
        else:
            callback = rules.callback
            found = evaluation.estimate_anytime(
                called,
                rules=_core.StoppingRules(tolerance=rules.tolerance, top_k=rules.top_k, confidence=rules.confidence),
                deadline=max(1e-9, rules.deadline - (time.perf_counter() - start)),
                callback=None if callback is None else lambda found: says_stop(callback(wrap(found, "running"))),
                options=options,
                batch_size=batch,
                drop_nonfinite=drop,
                progress=counted,
            )
        warn_of_dropped(found, stacklevel)
        warn_of_budget(found, name_of(found), n_players, ridge, stacklevel)
    # Only now may the core give its worths away, because an exception would have carried them.
    stopped = found.stopped if told is None else "running"
    return wrap(found, stopped, kept_run(evaluation, seed=seed, timed=timed, p=p, **described))


@contextmanager
def _keeping(ends: NDArray[np.float64] | None) -> Iterator[None]:
    """Attach the worths of the coalitions at both ends to an exception."""
    try:
        yield
    except BaseException as error:
        if ends is not None:
            attach(error, "end_worths", ends)
        raise


def result_of(
    found: _core.Estimate,
    design: str,
    names: tuple[str, ...] | None,
    seed: int | None,
    outputs_axis: bool,
    stopped: str = "budget",
    noisy: bool = False,
    kept: Kept | None = None,
    ends: NDArray[np.float64] | None = None,
    p: float = 0.5,
) -> BanzhafValues:
    """Wrap the core's result, and drop the axis of outputs if the worths had none."""
    take = (...,) if outputs_axis else (..., 0)
    return as_computed(
        BanzhafValues,
        values=found.values[take],
        standard_errors=found.standard_errors[take],
        mean_worth=found.mean_worth[take],
        n_evaluations=found.n_evaluations,
        n_dropped=found.n_dropped,
        design=design,
        rank=found.rank,
        condition_number=found.condition_number,
        degrees_of_freedom=found.degrees_of_freedom,
        r2=found.r2[take],
        player_names=names,
        random_state=seed,
        stopped=stopped,
        n_distinct=found.n_distinct,
        even_variance=found.even_variance[take],
        odd_variance=found.odd_variance[take],
        variance_shares=found.variance_shares[take],
        noisy=noisy,
        adjustment=adjustment_of(found),
        end_worths=None if ends is None else ends[take],
        _evaluations=kept,
        p=p,
        repeats=1,
        noise_variance=np.full(found.mean_worth[take].shape, np.nan),
        weighted=False,
    )


def warn_of_dropped(found: _core.Estimate, stacklevel: int) -> None:
    """Warn that dropping coalitions leaves a sample that is no longer uniform."""
    if found.n_dropped > 0:
        warnings.warn(
            f"{found.n_dropped} of {found.n_evaluations} evaluations ({found.n_dropped / found.n_evaluations:.2%}) "
            "were dropped, because their worth or that of their complement was not finite, or failed to be evaluated. "
            "The other coalitions are not a uniform sample, so the values may be biased. Let the game return a "
            "finite worth for every coalition",
            UserWarning,
            stacklevel=stacklevel,
        )


def warn_of_rank(
    rank: int,
    n_players: int,
    ridge: float,
    stacklevel: int = 3,
    enough: str = "somewhat more than 2 n_players are needed",
    more: str = "Raise the budget",
    records: Sequence[_core.AdjustmentRecord] = (),
) -> None:
    """Warn if the coalitions leave values undetermined and no penalty settles them."""
    if rank < n_players and ridge == 0:
        warnings.warn(
            f"the coalitions have rank {rank} for {n_players} players, so not every value is determined and "
            f"{_solution(records)} is returned. {more} ({enough}) or set ridge",
            RankWarning,
            stacklevel=stacklevel,
        )


def _solution(records: Sequence[_core.AdjustmentRecord]) -> str:
    """Name the regression behind values that are not determined."""
    selected = [record.n_selected for record in records if record.n_selected > 0]
    if not selected:
        return "the minimum-norm solution"
    span = str(selected[0]) if len(set(selected)) == 1 else f"{min(selected)} to {max(selected)}"
    outputs = "" if len(selected) == len(records) else f" for {len(selected)} of {len(records)} outputs"
    return (
        f"the solution of a sparse regression{outputs}, which predicts held-out coalitions better and takes all but "
        f"{span} values to be 0,"
    )


def warn_of_budget(found: _core.Estimate, design: str, n_players: int, ridge: float, stacklevel: int) -> None:
    """Warn about too few evaluations, and name the number that one full Hadamard design takes."""
    if design not in check.HADAMARD_DESIGNS:
        warn_of_rank(found.rank, n_players, ridge, stacklevel + 1, records=found.adjustments)
        return
    # Enough for one full design, because the next power of 2 is a Hadamard order below 2 n_players.
    if found.rank == n_players and found.n_evaluations >= 4 * n_players:
        return
    reached = _core.describe(design, n_players, found.n_evaluations)
    if found.rank == n_players and reached.weighing and found.stopped == "budget":
        return  # its columns are nearly orthogonal
    one_design = reached.one_block
    if found.rank < n_players and ridge == 0:
        enough = f"one full Hadamard design takes {one_design} evaluations"
        warn_of_rank(found.rank, n_players, ridge, stacklevel + 1, enough, records=found.adjustments)
    elif found.n_evaluations < one_design:
        warnings.warn(
            f"{found.n_evaluations} evaluations are only part of one full Hadamard design, which takes {one_design} "
            f"for {n_players} players. Only a full design has orthogonal columns, so errors are larger than the number "
            f"of evaluations suggests. Allow at least {one_design} evaluations",
            BudgetWarning,
            stacklevel=stacklevel,
        )
