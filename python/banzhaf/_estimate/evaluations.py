# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Call a game, check its worths, and keep them if something fails."""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._estimate.native import NativeGame
from banzhaf._estimate.per_coalition import ByCoalition, PerCoalition, name_of
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.bridge import Returned, attach, progress_bar

_Called: TypeAlias = "Callable[[NDArray[np.bool_]], NDArray[np.float64]] | _core.NativeGame"


class _Source(Protocol):
    """The source of evaluations. Arrays are built on request, because 2^27 coalitions take long."""

    @property
    def n_evaluated(self) -> int: ...
    @property
    def coalitions(self) -> NDArray[np.bool_]: ...
    @property
    def worths(self) -> NDArray[np.float64]: ...
    @property
    def places(self) -> NDArray[np.int64] | None: ...


class Evaluations:
    """Coalitions and worths that were evaluated: those of a result, or those before an exception ended the run.

    A `BanzhafValues` and an exception carry them in their attribute ``evaluations``, so that no evaluation is lost. Two
    objects are equal if all their attributes are equal to the last bit.

    Attributes
    ----------
    coalitions : ndarray of bool, shape (m, n_players)
        Coalitions in the order of evaluation, or in the order of their design for those of a result. With a `map` of
        `per_coalition`, unfinished ones may be missing between finished ones.
    worths : ndarray of float64, shape (m, n_outputs)
        Worth of each coalition.
    rows : ndarray of int64, shape (m,)
        Index of each coalition in ``sample_coalitions(n_players, budget, design=design, random_state=random_state)``,
        or among those passed to `fit`.
        The order of evaluation differs from that order with a deadline, or with a stopping rule if all coalitions are
        affordable. Repeats in a noisy game share an index. After a deadline the indices may be unknown; reading them
        then raises ValueError.
    n_players : int
        Number of players, as passed to the function that evaluated.
    budget : int
        Largest number of evaluations, as passed to the function that evaluated.
    design : str
        How coalitions were chosen, or ``"exhaustive"`` if the budget covered all of them. It is ``"independent"`` for
        `msr`, ``"monte_carlo"`` for `monte_carlo`, whose `rows` simply count up, and ``"given"`` for `fit`.
    random_state : int or None
        The seed; None if nothing was drawn.

    See Also
    --------
    fit : Estimate values from the coalitions and worths.
    per_coalition : Make a game whose single worths are kept.

    Examples
    --------
    Resume an evaluation where it ended. The result is the same as without the failure:

    >>> import numpy as np
    >>> import banzhaf
    >>> weights, calls = np.arange(10.0), []
    >>> def game(coalition):
    ...     calls.append(coalition)
    ...     if len(calls) == 40:
    ...         raise ConnectionError("the service went away")
    ...     return weights[coalition].sum()
    >>> try:
    ...     banzhaf.estimate(banzhaf.per_coalition(game, "indices"), 10, budget=64, random_state=0)
    ... except ConnectionError as error:
    ...     kept = error.evaluations
    >>> kept
    Evaluations: 39 of at most 64 coalitions of 10 players, 1 output, design 'nested', random_state 0
    >>> coalitions = banzhaf.sample_coalitions(10, kept.budget, design=kept.design, random_state=kept.random_state)
    >>> worths = np.full(len(coalitions), np.nan)
    >>> worths[kept.rows] = kept.worths[:, 0]
    >>> for row in np.flatnonzero(np.isnan(worths)):
    ...     worths[row] = weights[coalitions[row]].sum()
    >>> values = banzhaf.fit_design(worths, 10, design=kept.design, random_state=kept.random_state)
    >>> values == banzhaf.estimate(lambda c: c @ weights, 10, budget=64, random_state=0)
    True
    """

    n_players: int
    budget: int
    design: str
    random_state: int | None

    def __init__(
        self,
        source: _Source,
        *,
        n_players: int,
        budget: int,
        design: str,
        random_state: int | None,
        in_order: bool = True,
    ) -> None:
        self._source = source
        self._in_order = in_order
        self.n_players = n_players
        self.budget = budget
        self.design = design
        self.random_state = random_state

    @cached_property
    def coalitions(self) -> NDArray[np.bool_]:
        """Coalitions in the order of evaluation."""
        return self._source.coalitions

    @cached_property
    def worths(self) -> NDArray[np.float64]:
        """Worth of each coalition."""
        return self._source.worths

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Index of each coalition among those of the design."""
        places = self._places()
        if places is None:
            raise ValueError(
                "rows are unknown: the deadline shortened the search for a design, so sample_coalitions returns other "
                "coalitions. Pass these coalitions and worths to banzhaf.fit instead"
            )
        return places

    def _places(self) -> NDArray[np.int64] | None:
        if self._in_order:
            return self._source.places
        if self.design == "exhaustive":
            return self.coalitions @ (1 << np.arange(self.n_players, dtype=np.int64))
        # Each full Hadamard design was shuffled: look the rows up in the first ones, else in all of them.
        one_design = 2 * check.pairs_of_full_design(self.n_players)
        asked = [row.tobytes() for row in np.packbits(self.coalitions, axis=1)]
        for count in (len(self) + one_design, None):
            drawn = _core.sample_coalitions(
                self.design, self.n_players, self.budget, self.random_state or 0, count=count
            )
            places: defaultdict[bytes, deque[int]] = defaultdict(deque)
            for place, row in enumerate(np.packbits(drawn, axis=1)):
                places[row.tobytes()].append(place)
            if all(times <= len(places[row]) for row, times in Counter(asked).items()):
                return np.array([places[row].popleft() for row in asked], dtype=np.int64)
        return None

    def __len__(self) -> int:
        """Return the number of evaluations."""
        return self._source.n_evaluated

    def __eq__(self, other: object) -> bool:
        """Tell whether all attributes are equal to the last bit."""
        if not isinstance(other, Evaluations):
            return NotImplemented
        return archive.same(self._state(), other._state())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Show the number of evaluations and where they come from."""
        n_outputs = self.worths.shape[1] if len(self) else 0
        outputs = f", {n_outputs} output{'s' * (n_outputs > 1)}" if n_outputs else ""
        return (
            f"Evaluations: {len(self)} of at most {self.budget} coalitions of {self.n_players} players{outputs}, "
            f"design {self.design!r}, random_state {self.random_state}"
        )

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import evaluations_card

        return evaluations_card(
            n_evaluated=len(self),
            budget=self.budget,
            n_players=self.n_players,
            design=self.design,
            random_state=self.random_state,
        )

    def _state(self) -> tuple[Any, ...]:
        arrays = (self.coalitions, self.worths, self._places())
        return (*arrays, self.n_players, self.budget, self.design, self.random_state)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the arrays instead of their source, which may hold the core's state."""
        return _kept, self._state()


def _kept(
    coalitions: NDArray[np.bool_],
    worths: NDArray[np.float64],
    places: NDArray[np.int64] | None,
    n_players: int,
    budget: int,
    design: str,
    random_state: int | None,
) -> Evaluations:
    """Build evaluations from their arrays, for pickle."""
    source = Arrays(coalitions, worths, places)
    return Evaluations(source, n_players=n_players, budget=budget, design=design, random_state=random_state)


@dataclass(frozen=True)
class Arrays:
    """A source whose arrays exist already."""

    coalitions: NDArray[np.bool_]
    worths: NDArray[np.float64]
    places: NDArray[np.int64] | None

    @property
    def n_evaluated(self) -> int:
        return len(self.coalitions)


class _Run:
    """A source that joins the core's evaluations with the finished part of the last batch."""

    def __init__(self, core: _core.GameEvaluation, batch: _Batch, finite: bool) -> None:
        self._core = core
        self._n_whole = n_whole = core.n_evaluated
        late = {batch.first + r: worth for r, worth in batch.finished() if batch.first + r >= n_whole}
        self._late = {place: worth for place, worth in sorted(late.items()) if not finite or np.isfinite(worth).all()}

    @property
    def n_evaluated(self) -> int:
        return self._n_whole + len(self._late)

    @property
    def coalitions(self) -> NDArray[np.bool_]:
        whole = self._core.coalitions(0, self._n_whole)
        if not self._late:
            return whole
        # Read them from the design, because the game may have changed its array.
        first, last = min(self._late), max(self._late)
        batch = self._core.coalitions(first, last + 1 - first)
        return np.concatenate([whole, batch[np.array(list(self._late)) - first]])

    @property
    def worths(self) -> NDArray[np.float64]:
        whole = self._core.worths
        if not self._late:
            return whole
        late = np.stack(list(self._late.values()))
        return np.concatenate([whole, late]) if len(whole) else late

    @property
    def places(self) -> NDArray[np.int64]:
        return np.concatenate([np.arange(self._n_whole), np.array(list(self._late), dtype=np.int64)])


@dataclass
class _Batch:
    """The finished worths of the current batch, by row."""

    first: int = 0
    worths: NDArray[np.float64] | dict[int, NDArray[np.float64]] = field(default_factory=dict)

    def finished(self) -> Iterable[tuple[int, NDArray[np.float64]]]:
        return self.worths.items() if isinstance(self.worths, dict) else enumerate(self.worths)


@contextmanager
def evaluating(
    core: _core.GameEvaluation,
    game: Callable[[NDArray[np.bool_]], Any],
    *,
    n_players: int,
    budget: int,
    design: str,
    random_state: int | None,
    in_order: bool,
    drop_nonfinite: bool,
    progress: bool,
) -> Iterator[tuple[_Called, Returned, Callable[[int], None] | None]]:
    """Yield a game whose worths are checked and counted, the record of their shape, and what counts native ones.

    Any exception leaves with the evaluations made so far.
    """
    returned, batch = Returned("game", "coalitions"), _Batch()
    try:
        with progress_bar(progress, core.n_coalitions, " evaluations") as advance:
            if isinstance(game, NativeGame):
                returned.expect(game.n_outputs)
                yield game.core, returned, advance if progress else None
                advance(0, core.n_evaluated)
                return
            n_called = 0

            def called(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
                nonlocal n_called
                n_rows = len(coalitions)
                if isinstance(game, ByCoalition):
                    worths = one_by_one(game, coalitions)
                else:
                    worths = returned(game(coalitions), n_rows)
                    batch.first, batch.worths = n_called, worths
                    advance(n_rows)
                n_called += n_rows
                return worths

            def one_by_one(game: ByCoalition, coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
                finished: dict[int, NDArray[np.float64]] = {}
                batch.first, batch.worths = n_called, finished

                def finish(r: int, worth: Any) -> None:
                    numbers = returned.one(worth, lambda: name_of(coalitions[r]))
                    if not drop_nonfinite and not all(map(math.isfinite, numbers.tolist())):
                        raise ValueError(
                            f"the worth of {name_of(coalitions[r])} is not finite: return a finite worth, or drop such "
                            "coalitions with on_nonfinite (not in exact)"
                        )
                    finished[r] = numbers
                    advance(1)

                game.evaluate(coalitions, finish)
                return np.stack([finished[r] for r in range(len(coalitions))])

            yield called, returned, None
            advance(0, n_called)  # a run that stopped early made fewer than the total announced
    except BaseException as error:
        kept = Evaluations(
            _Run(core, batch, finite=not drop_nonfinite),
            n_players=n_players,
            budget=budget,
            design=design,
            random_state=random_state,
            in_order=in_order,
        )
        if not carries_refused(error):  # what a store refused counts more
            attach(error, "evaluations", kept)
        raise


def attach_refused(error: BaseException, refused: Evaluations) -> None:
    """Attach worths that a store refused, which no run around it replaces by its own."""
    attach(error, "evaluations", refused)
    attach(error, "_refused", refused)


def carries_refused(error: BaseException) -> bool:
    """Tell whether an exception carries worths that a store refused."""
    refused = getattr(error, "_refused", None)
    return refused is not None and refused is getattr(error, "evaluations", None)


def batch_of(game: Any, batch_size: int, timed: bool) -> int:
    """Choose the largest number of coalitions in one call; 0 leaves the choice to the core."""
    return batch_size or (game.batch_size(timed) if isinstance(game, PerCoalition) else 0)
