# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf values of a model's features: coalitions keep their features, the rest come from the background."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _core
from banzhaf._estimate.results import BudgetWarning
from banzhaf._estimate.running import warn_of_rank
from banzhaf._estimate.stopping import Stopping, says_stop, stopping
from banzhaf._explain.cost import CostWatch, duration
from banzhaf._explain.explanation import Explanation, explanation_of
from banzhaf._explain.models import as_model
from banzhaf._explain.players import Groups, name_players, player_data, player_of_column
from banzhaf._explain.shap_backgrounds import plain_background
from banzhaf._explain.shap_names import hints, no_attribute
from banzhaf._explain.tables import Encoded, as_background
from banzhaf._support import arguments as check
from banzhaf._support.bridge import Returned, attach, progress_bar

# Kernel Banzhaf's error is about 1e-3 of the values' squares here (arXiv 2410.08336, Table 1).
_AUTO_COALITIONS_PER_PLAYER = 20
_AUTO_BLOCKS = 2
# Model rows for each explained row, unless they pay for so many background rows. The error that is left was 1 to 3 % of
# the values on two tables of 2,000 rows, half of what these rows leave uncertain as a background.
_AUTO_MOST_ROWS = 2**17
_AUTO_LEAST_BACKGROUND = 100
_NEAR = 16  # how many times the budget all coalitions may cost, to be told of
_BATCH_BYTES = 2**24
_MOST_BATCH_ROWS = 2**16


class Explainer:
    """Explains the rows of a model by the Banzhaf values of their features.

    The worth of a coalition of features is the model's mean output over the background rows, each with the explained
    row's values in the coalition's features (interventional masking). A row's values do not depend on which rows are
    explained beside it. An explainer does not change when it is called, and serves many threads.

    By default every background row gets a Hadamard design of its own, over the features in which it differs from the
    explained row (the crossed design): the same model rows as with shared coalitions, but the errors of different
    background rows are independent and average out, features that do not differ cost nothing, and where few differ, all
    their coalitions are evaluated and the row's part is exact.

    Parameters
    ----------
    model : callable or object with ``predict_proba`` or ``predict``
        Scikit-learn estimators, XGBoost and LightGBM models, or any function of rows. A classifier's probabilities of
        all classes are explained at once. Models that predict labels are refused: clusterers, outlier detectors,
        classifiers without probabilities.
    background : array_like, sparse matrix or DataFrame of shape (n_background, n_columns)
        The rows that absent features are averaged over, as the model takes them: NumPy, pandas, polars, or SciPy's
        sparse formats, which reach the model as CSR. The model gets the same kind of table, with these columns and
        dtypes. What ``shap.kmeans`` gives is taken with its weights, and a ``shap.maskers.Independent`` for the rows
        that it holds.
    weights : array_like of float, shape (n_background,), optional
        Of the background rows, at least 0: the means over them are weighted by these divided by their sum. By default
        all rows have the same. A row of weight 0 costs nothing.
    budget : int or "auto"
        The most model rows to spend on each explained row. ``"auto"`` pays, with the Hadamard design, for two blocks
        per background row, 4 N model rows each if N is the power of two from the number of features up (or for all
        2^n_features coalitions, if they are fewer), but for about 131,072 model rows at the most, or two blocks on 100
        background rows if these are more. A background too large for that is sampled for each explained row, and the
        sample's error is part of the standard errors. Of sparse rows N counts twice the values that the fullest
        background row holds, 256 at the least. With the other designs ``"auto"`` pays for 20 coalitions per
        feature on every background row. ``n_model_rows`` and the explainer's repr tell how many that are before
        anything runs.
    design : {"hadamard", "paired", "independent", "exhaustive"}
        How coalitions are chosen. "hadamard" is the crossed design; the budget goes where it is expected to lower the
        error most, and a budget below 2 n_features for each background row is spent on a random subset of them, with a
        `BudgetWarning`. The other designs evaluate every coalition on all background rows, and share them among the
        explained rows. All coalitions are taken wherever the budget pays for them, and the values are exact then.
    ridge : float
        As for `banzhaf.estimate`.
    noisy : bool
        Whether the model gives other outputs when it is called again on the same rows, as with random numbers or a
        language model. Then nothing is exact: the whole budget is spent, beyond all coalitions on replicates, and the
        standard errors hold the noise. The default presumes a deterministic model.
    groups : mapping of str to columns, or sequence of columns, optional
        Columns (names or positions) that enter and leave coalitions together, as one player. A column in no group is
        a player of its own.
    feature_names : iterable of str, optional
        Names for the columns of a NumPy background.
    batch_size : int, optional
        The most rows in one call of the model; by default 16 MiB of them.
    num_threads : int, optional
        Threads of the core, not of the model; by default OMP_NUM_THREADS if that is set, else the usable CPUs.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None
        As for `banzhaf.estimate`; drawn once, so every call uses the same coalitions.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument. No argument calls the model.

    Warns
    -----
    RankWarning
        If the budget pays for too few coalitions to determine every value and `ridge` is 0.
    BudgetWarning
        When called with the Hadamard design, if a budget of your own does not pay for 2 n_features coalitions on every
        background row. When called, if the model's speed on its first rows says that the call takes more than half a
        minute.

    See Also
    --------
    TreeExplainer : Tree ensembles, exactly.

    Notes
    -----
    For the raw output of tree ensembles `TreeExplainer` gives exact values, without sampling and much faster.
    `Explainer` never switches to it by itself.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> rng = np.random.default_rng(0)
    >>> background = rng.normal(size=(50, 4))
    >>> def model(rows):
    ...     return rows[:, 0] * rows[:, 1] + 2 * rows[:, 2]
    >>> explainer = banzhaf.Explainer(model, background, random_state=0)
    >>> explainer.n_model_rows  # 2^4 coalitions on each of 50 background rows
    800
    >>> explanation = explainer(rng.normal(size=(3, 4)))
    >>> explanation.values.shape
    (3, 4)
    >>> bool(np.allclose(explanation.values[:, 3], 0))
    True
    """

    @hints("Explainer")
    def __init__(
        self,
        model: Any,
        background: Any,
        *,
        weights: ArrayLike | None = None,
        budget: int | str = "auto",
        design: str = "hadamard",
        ridge: float = 0.0,
        noisy: bool = False,
        groups: Groups | None = None,
        feature_names: Iterable[str] | None = None,
        batch_size: int | None = None,
        num_threads: int | None = None,
        random_state: check.Seed = None,
    ) -> None:
        background, weights = plain_background(background, weights)
        self._background = as_background(background)
        self._model = as_model(model, self._background)
        columns = check.names("feature_names", feature_names, self._background.n_columns, "columns")
        self._columns = columns or self._background.column_names
        self._players = name_players(groups, self._columns)
        n_players = check.integer("the number of features", len(self._players), 1, _core.MAX_PLAYERS)
        self._weights = check.row_weights(weights, self._background.n_rows)
        self._n_background = sum(weight > 0 for weight in self._weights) or self._background.n_rows
        self._batch_size = check.batch(batch_size)
        self._num_threads = check.threads(num_threads)
        self._penalty = check.penalty(ridge)
        self._noisy = check.flag("noisy", noisy)
        self._is_automatic = isinstance(budget, str)
        self._budget = self._rows_of(budget, n_players, check.choice("design", design, check.DESIGNS))
        n_coalitions = max(2, self._budget // self._n_background)
        self._design = "hadamard"
        if self._noisy and design == "exhaustive":
            raise ValueError("noisy must be False for design='exhaustive', which evaluates every coalition once")
        if self._noisy:
            self._design = design
        elif design != "hadamard":
            self._design = check.resolve_design(design, n_players, n_coalitions, "budget // background rows")
        self._seed = check.seed(random_state)
        self._n_coalitions = n_coalitions
        self._estimator = self._shared_estimator()
        if self._estimator is not None:
            self._warn_of_rank(self._estimator.rank, 2 * n_players * self._n_background, stacklevel=4)

    def _shared_estimator(self) -> _core.Estimator | None:
        """Prepare what all explained rows share; nothing for the crossed design."""
        if self._design == "hadamard":
            return None
        n_players = len(self._players)
        self._n_coalitions = _core.describe(self._design, n_players, self._n_coalitions).n_coalitions
        options = _core.EstimateOptions(ridge=self._penalty, num_threads=self._num_threads, noisy=self._noisy)
        return _core.Estimator(self._design, n_players, self._n_coalitions, self._seed, options)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what the core holds, for a pickle or a copy."""
        return self.__dict__ | {"_estimator": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Prepare it again."""
        self.__dict__.update(state)
        self._estimator = self._shared_estimator()

    if not TYPE_CHECKING:  # a type checker tells them without it

        def __getattr__(self, name):
            """Tell shap's users what their names are here."""
            raise no_attribute(self, name)

    def __repr__(self) -> str:
        """Show the design and what a call will cost."""
        n_players, n_background = len(self._players), self._n_background
        most = "at most " if self._estimator is None else ""
        text = (
            f"Explainer: {n_players:,} features, {n_background:,} background rows, {self._design} design, "
            f"{most}{self.n_model_rows:,} model rows for each row"
        )
        if not self._is_automatic or self._design != "hadamard":
            return text
        if self._budget < 2 * self._most_different * n_background:
            return f"{text}, on a random sample of the background; all of it with budget={n_background * self._block()}"
        all_coalitions = n_background * 2 ** min(n_players, 62)
        if not self._noisy and self._budget < all_coalitions <= _NEAR * self._budget:
            return f"{text}; exact with budget={all_coalitions}"
        return text

    @property
    def _most_different(self) -> int:
        """The most features in which an explained row is expected to differ from a background row."""
        return min(len(self._players), self._background.most_different)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the players: columns and groups of columns."""
        return tuple(self._players)

    @property
    def n_model_rows(self) -> int:
        """The most model rows that each explained row takes; a call adds the background and these rows themselves."""
        return self._budget if self._estimator is None else self._n_coalitions * self._n_background

    @hints("an explainer's call")
    def __call__(
        self,
        X: Any,
        *,
        tolerance: float | None = None,
        top_k: int | None = None,
        confidence: float = 0.95,
        deadline: float | None = None,
        callback: Callable[[Explanation], Any] | None = None,
        progress: bool = False,
    ) -> Explanation:
        """Explain rows.

        With the Hadamard design the evaluation may end before the budget is spent, for each row on its own: looks come
        at fractions 1/2, 1/4, ... of the budget, as far as these pay for a block on every background row. The rules are
        those of `banzhaf.estimate`.

        Parameters
        ----------
        X : array_like, sparse matrix or DataFrame of shape (rows, n_columns)
            In the same kind of table as the background. A DataFrame's columns may come in another order. Rows of an
            array go with a DataFrame background by position, and a DataFrame goes with an array if the model knows
            its columns by name.
        tolerance : float, optional
            Stop a row when its largest standard error is at most this, in the unit of the model's output.
        top_k : int, optional
            Stop a row when its k leading features, by absolute value, are told from all others, for each output.
        confidence : float
            That such a stop is no mistake, in (0, 1).
        deadline : float, optional
            Seconds from the call on; no batch of coalitions is begun later. Each row has the values of what was
            evaluated of it by then in whole blocks: of a random sample of the background rows, with a
            `BudgetWarning`, if that was not a block on each, and NaN if it was on none. The background and the
            rows themselves are asked for in any case.
        callback : callable, optional
            Called after each look with the explanation so far of all rows; returning True stops.
        progress : bool
            Whether to show a bar with the model rows done and the time left; needs tqdm.

        Returns
        -------
        Explanation

        Raises
        ------
        TypeError, ValueError
            If `X` does not fit the background, before the model is called; if the model returns something else than
            a number or a row of numbers for each row, or a mean over the background that is not finite. An exception
            in the model reaches the caller as itself. Each carries, as its attribute ``explanation``, the rows that
            were complete by then, unless there were none.
        """
        start = time.perf_counter()
        shown = check.flag("progress", progress)
        rules = stopping(
            tolerance, top_k, confidence, deadline, callback, n_players=len(self._players), standard_errors=True
        )
        if rules.any and self._estimator is not None:
            raise ValueError(
                f"tolerance, top_k, deadline and callback need design='hadamard', but design is {self._design!r}"
            )
        encoded = self._model.encode(self._background, X)
        cells = encoded.background_cells
        returned = Returned("model", "rows")

        # Emptied again: the run owns `intermediate`, which may not own the run.
        running: list[_core.Explanations] = []

        def intermediate() -> bool:
            found = self._explanation(running[0], encoded, returned)
            return says_stop(rules.callback(found)) if rules.callback else False

        run = self._run(encoded, rules, intermediate, start)
        row_bytes = cells.itemsize * cells.shape[1]
        automatic = min(_MOST_BATCH_ROWS, max(1, _BATCH_BYTES // row_bytes))
        batch_rows = min(self._batch_size or automatic, run.n_model_rows)
        # Whoever stops early has seen to the cost.
        watch = CostWatch(self._most_model_rows(run), 0.0 if rules.any else math.inf)
        with progress_bar(shown, run.n_model_rows, " model rows") as advance:

            def called(rows: NDArray[Any]) -> NDArray[np.float64]:
                watch.start()
                outputs = returned(self._model.predict(encoded.decode(rows)), len(rows))
                seconds = watch.stop(len(rows))
                advance(len(rows))
                if seconds is not None:
                    self._warn_of_cost(seconds)
                return outputs

            running.append(run)
            try:
                run.run(called, batch_rows)
            except BaseException as error:
                if run.n_explained:
                    attach(error, "explanation", self._explanation(run, encoded, returned))
                raise
            finally:
                running.clear()
            advance(0, run.n_model_rows)
        explanation = self._explanation(run, encoded, returned)
        try:
            self._warn_of_budget(run)
        except Warning as error:  # where warnings are errors
            attach(error, "explanation", explanation)
            raise
        return explanation

    def _rows_of(self, budget: Any, n_players: int, design: str) -> int:
        """Give the model rows for an explained row."""
        n_background = self._n_background
        all_coalitions = int(2 ** min(n_players, 62))
        if isinstance(budget, str):
            if budget != "auto":
                raise ValueError(f"budget must be an integer or 'auto', got {budget!r}")
            if design == "hadamard":
                n_players = self._most_different
                blocks = int(_AUTO_BLOCKS * 2 * 2 ** (n_players - 1).bit_length())
                each = blocks if self._noisy else min(all_coalitions, blocks)
                most = max(_AUTO_MOST_ROWS, _AUTO_LEAST_BACKGROUND * each)
                if 2 * n_players * n_background <= most:  # for all rows: with what judges their errors
                    most = max(most, n_background * self._block())
                return min(n_background * each, most)
            if design == "exhaustive" and n_players <= _core.MAX_EXHAUSTIVE_PLAYERS:
                return n_background * all_coalitions
            return n_background * max(2, _AUTO_COALITIONS_PER_PLAYER * n_players)
        if design == "hadamard":
            return check.integer("budget", budget, 2)
        rows = check.integer("budget", budget, 1)
        if rows < 2 * n_background:
            raise ValueError(
                f"budget must pay for at least one pair of coalitions on all {n_background} background rows, "
                f"{2 * n_background} model rows, got {rows}: raise it, or pass fewer background rows"
            )
        return rows

    def _block(self) -> int:
        """Give the coalitions of a block with a column to spare, to judge errors by."""
        n_players = self._most_different
        block = _core.describe("hadamard", n_players + 1, 2).one_block
        return _core.describe("hadamard", n_players, block).n_coalitions

    def _most_model_rows(self, run: _core.Explanations) -> int:
        """Give the most model rows that a run may take: less than the budget where all coalitions cost less."""
        if self._estimator is not None or self._noisy:
            return run.n_model_rows
        n_rows = (run.n_model_rows - self._n_background) // (1 + self._budget)
        all_coalitions = self._n_background * int(2 ** min(len(self._players), 62))
        return self._n_background + n_rows * (1 + min(self._budget, all_coalitions))

    def _run(
        self,
        encoded: Encoded,
        rules: Stopping,
        intermediate: Callable[[], bool],
        start: float,
    ) -> _core.Explanations:
        """Prepare the core's run over a table."""
        columns = player_of_column(self._players)
        if encoded.columns is not None:
            columns = [columns[j] for j in encoded.columns] if columns else encoded.columns.tolist()
        n_players = len(self._players)
        if self._estimator is None:
            options = _core.CrossedOptions(
                budget=self._budget,
                ridge=self._penalty,
                noisy=self._noisy,
                seed=self._seed,
                num_threads=self._num_threads,
                rules=_core.StoppingRules(tolerance=rules.tolerance, top_k=rules.top_k, confidence=rules.confidence),
                deadline=max(0.0, rules.deadline - (time.perf_counter() - start)),
                callback=intermediate if rules.callback else None,
            )
            return _core.Explanations.crossed(
                encoded.background_cells,
                encoded.explicand_cells,
                n_players=n_players,
                player_of_column=columns,
                weights=self._weights,
                options=options,
            )
        return _core.Explanations.shared(
            encoded.background_cells,
            encoded.explicand_cells,
            n_players=n_players,
            player_of_column=columns,
            weights=self._weights,
            design=self._design,
            n_coalitions=self._n_coalitions,
            seed=self._seed,
            estimator=self._estimator,
            num_threads=self._num_threads,
        )

    def _warn_of_budget(self, run: _core.Explanations) -> None:
        """Say so if a budget was too small for all background rows, or for any."""
        if self._estimator is not None:
            return
        n_background, n_players = self._n_background, self._most_different
        by_budget, by_deadline = n_background, n_background
        for count, why in zip(run.n_background, run.stopped, strict=True):
            if why == "deadline":
                by_deadline = min(by_deadline, count or n_background)  # a row without any has no values
            else:
                by_budget = min(by_budget, count)
        if by_budget < n_background and not self._is_automatic:
            warnings.warn(
                f"budget paid for a random {by_budget} of {n_background} background rows alone: raise it to "
                f"{n_background * self._block()} model rows, or pass fewer background rows",
                BudgetWarning,
                stacklevel=4,
            )
        if by_deadline < n_background:
            warnings.warn(
                f"deadline came when a random {by_deadline} of {n_background} background rows were done: raise it, or "
                f"pass fewer background rows",
                BudgetWarning,
                stacklevel=4,
            )
        self._warn_of_rank(run.rank, 2 * n_players, stacklevel=5)

    def _warn_of_cost(self, seconds: float) -> None:
        """Say what a dear call is going to take."""
        warnings.warn(
            f"budget allows {self.n_model_rows:,} model rows for each row, and at the speed of the model's first calls "
            f"this call takes about {duration(seconds)} more: pass a smaller budget, fewer rows, or a deadline",
            BudgetWarning,
            stacklevel=5,
        )

    def _warn_of_rank(self, rank: int, least_rows: int, stacklevel: int) -> None:
        """Say so if values are those of least norm."""
        enough = f"to {least_rows} model rows and somewhat more"
        warn_of_rank(rank, len(self._players), self._penalty, stacklevel + 1, enough)

    def _explanation(self, run: _core.Explanations, encoded: Encoded, returned: Returned) -> Explanation:
        """Wrap the rows that a run has completed."""
        take = (...,) if returned.has_outputs_axis else (..., 0)
        rows = run.n_explained
        own_rows = rows if self._estimator is None else 0  # the crossed design asks for the explained rows themselves
        names = self._model.output_names
        if names is not None and (not returned.has_outputs_axis or len(names) != len(run.base_values)):
            names = None
        return explanation_of(
            values=run.values[take],
            standard_errors=run.standard_errors[take],
            background_errors=run.background_errors[take],
            base_values=run.base_values[take],
            data=player_data(self._players, self._columns, encoded.data[:rows]),
            feature_names=self.feature_names,
            output_names=names,
            n_model_rows=self._n_background + own_rows + sum(run.row_costs),
            row_costs=np.array(run.row_costs, dtype=np.int64),
            n_background=np.array(run.n_background, dtype=np.int64),
            design=self._design,
            rank=run.rank,
            condition_number=run.condition_number,
            degrees_of_freedom=run.degrees_of_freedom[take],
            r2=run.r2[take],
            random_state=self._seed,
            stopped=tuple(run.stopped),
        )
