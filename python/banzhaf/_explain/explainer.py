# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The explainer of any model: it evaluates the model on rows whose hidden features come from the background."""

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

# Here Kernel Banzhaf's squared error is about 1e-3 of the squared values (arXiv 2410.08336, Table 1).
_AUTO_COALITIONS_PER_PLAYER = 20
_AUTO_BLOCKS = 2  # for each background row
# "auto" spends at most this many model evaluations on an explained row, unless they cover fewer background rows than
# the second number. The error left was 1 to 3 % of the values on two tables of 2,000 rows: half of the error that
# comes from such a background being a sample.
_AUTO_MOST_ROWS = 2**17
_AUTO_LEAST_BACKGROUND = 100
_NEAR = 16  # the repr names the budget for exact values if it is at most this many times the current one
_BATCH_BYTES = 2**24
_MOST_BATCH_ROWS = 2**16


class Explainer:
    """Explain the predictions of a model by the Banzhaf values of its features.

    A feature's Banzhaf value is the change of the model's output when the feature joins a coalition of other features,
    averaged over all coalitions with equal weight. A Shapley value weighs coalitions by their size instead, so that the
    values of a row sum to its prediction minus the base value. Banzhaf values need not sum to that: they have no
    efficiency axiom.

    The worth of a coalition is the model's mean output when the coalition's features keep the values of the explained
    row and all other features take those of a background row (interventional masking). The mean is over the
    background rows. The values of a row do not depend on the rows that are explained with it. Calls do not change an
    explainer, so threads can share one.

    Parameters
    ----------
    model : callable, ModelAdapter, or object with ``predict_proba`` or ``predict``
        A fitted model: a scikit-learn estimator, an XGBoost or LightGBM model, a ``torch.nn.Module``, an
        ``onnxruntime.InferenceSession``, or any function that takes m rows and returns an array of shape (m,) or
        (m, outputs). A classifier is explained by its probabilities, all classes at once. Models that predict labels
        are refused: clusterers, outlier detectors, and classifiers without probabilities. Models of some libraries
        are called faster than by their own ``predict``, with the same outputs; the repr says how.
    background : array_like, sparse matrix or DataFrame of shape (n_background, n_columns)
        Rows that supply the values of hidden features: a NumPy array, a pandas or polars DataFrame, or a SciPy sparse
        matrix. The model is called on the same kind of table with the same columns and dtypes; sparse rows reach it
        as CSR. A summary by ``shap.kmeans`` is accepted together with its weights, and a
        ``shap.maskers.Independent`` for the rows that it holds.
    weights : array_like of float, shape (n_background,), optional
        Weights of the background rows, at least 0. They are divided by their sum. By default all rows have equal
        weight. A row of weight 0 costs no model evaluations.
    budget : int or "auto", default "auto"
        Largest number of model evaluations (rows passed to the model) for each explained row. See Notes for
        ``"auto"``. `n_model_rows` and the repr show the number before the model is called.
    design : {"hadamard", "paired", "independent", "exhaustive"}, default "hadamard"
        How coalitions are chosen. The default gives each background row its own randomised Hadamard design. The
        other designs use the same coalitions for all background rows and all explained rows. Random coalitions and
        their complements are drawn by ``"paired"`` (Kernel Banzhaf [1]_), and single random coalitions by
        ``"independent"``. All coalitions are taken by ``"exhaustive"``, and by every other design whose budget covers
        them; the values are exact then.
    ridge : float, default 0.0
        Ridge penalty of the least-squares fit, at least 0, as in `banzhaf.estimate`.
    noisy : bool, default False
        Whether the model returns different outputs when it is called again on the same rows, as a language model may.
        If True, no value counts as exact: the whole budget is used, with repeats beyond all coalitions, and the
        standard errors include the noise.
    groups : mapping of str to columns, or sequence of columns, optional
        Columns (names or positions) that join and leave coalitions together, as one player. A column outside all
        groups is a player of its own.
    feature_names : iterable of str, optional
        Names of the columns of a NumPy background. By default the names are ``"x0"``, ``"x1"``, and so on.
    batch_size : int, optional
        Largest number of rows in one call of the model. By default a batch takes at most 16 MiB and 65,536 rows.
    num_threads : int, optional
        Number of threads that banzhaf uses; the model's own threads are not affected. By default OMP_NUM_THREADS if
        that is set, else the number of usable CPUs. The values do not depend on it.
    random_state : int, numpy.random.Generator, RandomState, SeedSequence or None, default None
        Seed of the random choices, as in `banzhaf.estimate`. It is drawn once, at construction, so all calls use the
        same coalitions.

    Raises
    ------
    TypeError
        If an argument has the wrong type, or `model` predicts labels. Construction never calls the model.
    ValueError
        If an argument has a wrong value, or `model` was fitted on other columns than those of `background`.

    Warns
    -----
    RankWarning
        If the budget covers too few coalitions to determine every value and `ridge` is 0.
    BudgetWarning
        In a call with the Hadamard design, if a budget that you chose is too small to use every background row. Also
        if the model's first evaluations show that the call will take more than ten seconds longer.

    See Also
    --------
    TreeExplainer : Compute the exact values of tree ensembles, without sampling.
    estimate : Estimate the Banzhaf values of any function of coalitions.

    Notes
    -----
    With ``design="hadamard"``, the sampling errors of different background rows are independent and average out, at
    the same number of model evaluations as with one set of coalitions for all background rows. Only the features in
    which the explained row and a background row differ need evaluations. If these are few, all their coalitions are
    evaluated and the background row's part is exact. Evaluations go to the background rows where they are expected to
    lower the error most. If the budget is below 2 n_features for each background row, a random subset of the
    background is used, and a `BudgetWarning` reports it.

    With ``design="hadamard"``, ``budget="auto"`` allows 4N model evaluations for each background row, where N is the
    smallest power of two not below the number of features. If all 2^n_features coalitions are fewer, it allows those.
    The total for an explained row is limited to about 131,072 evaluations, or to those of 100 background rows if that
    is more. If the background is too large for this limit, each explained row uses a random sample of the background,
    and its standard errors include the sampling error. For a sparse background, twice the largest number of values
    stored in a row, but at least 256, stands in for the number of features. With the other designs, ``"auto"`` allows
    20 coalitions per feature on every background row.

    `TreeExplainer` is much faster for the raw output of tree ensembles. `Explainer` never switches to it by itself.

    References
    ----------
    .. [1] Liu, Witter, Korn, Alrashed, Paparas, Musco, Freire, "Kernel Banzhaf: A Fast and Robust Estimator for
       Banzhaf Values", arXiv 2410.08336.

    Examples
    --------
    The prediction of this model is 1. Its Shapley values would be 1/3 each.

    >>> import numpy as np
    >>> import banzhaf
    >>> explainer = banzhaf.Explainer(lambda rows: rows[:, 0] * rows[:, 1] * rows[:, 2], np.zeros((1, 3)))
    >>> explainer(np.ones((1, 3))).values
    array([[0.25, 0.25, 0.25]])

    Four features and 50 background rows: all 2^4 coalitions are evaluated on each background row.

    >>> rng = np.random.default_rng(0)
    >>> def model(rows):
    ...     return rows[:, 0] * rows[:, 1] + 2 * rows[:, 2]
    >>> explainer = banzhaf.Explainer(model, rng.normal(size=(50, 4)), random_state=0)
    >>> explainer.n_model_rows
    800
    >>> explanation = explainer(rng.normal(size=(3, 4)))
    >>> explanation.values.shape
    (3, 4)
    >>> bool(np.allclose(explanation.values[:, 3], 0))  # the model ignores the last feature
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
            raise ValueError(
                "noisy must be False for design='exhaustive', which has no repeats of coalitions: use design='hadamard'"
            )
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
        """Prepare what all explained rows share, or nothing if each background row has its own design."""
        if self._design == "hadamard":
            return None
        n_players = len(self._players)
        self._n_coalitions = _core.describe(self._design, n_players, self._n_coalitions).n_coalitions
        options = _core.EstimateOptions(ridge=self._penalty, num_threads=self._num_threads, noisy=self._noisy)
        return _core.Estimator(self._design, n_players, self._n_coalitions, self._seed, options)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the core's objects, which cannot be pickled or copied."""
        return self.__dict__ | {"_estimator": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Prepare the core's objects again."""
        self.__dict__.update(state)
        self._estimator = self._shared_estimator()

    if not TYPE_CHECKING:  # with it, type checkers would accept misspelt attributes

        def __getattr__(self, name):
            """Raise an error that tells users of shap what to use instead."""
            raise no_attribute(self, name)

    def __repr__(self) -> str:
        """Show the design and the cost of a call."""
        n_players, n_background = len(self._players), self._n_background
        most = "at most " if self._estimator is None else ""
        text = (
            f"Explainer: {n_players:,} features, {n_background:,} background rows, {self._design} design, "
            f"{most}{self.n_model_rows:,} model evaluations for each explained row"
        )
        adapter = self._model.adapter
        return text + self._advice() + (f"; model called by {adapter}" if adapter else "")

    def _advice(self) -> str:
        """Return the continuation of the repr that says what a larger budget would achieve, or an empty text."""
        n_players, n_background = len(self._players), self._n_background
        if not self._is_automatic or self._design != "hadamard":
            return ""
        if self._budget < 2 * self._most_different * n_background:
            return f", on a random sample of the background; set budget={n_background * self._block()} to use all of it"
        all_coalitions = n_background * 2 ** min(n_players, 62)
        if not self._noisy and self._budget < all_coalitions <= _NEAR * self._budget:
            return f"; set budget={all_coalitions} for exact values"
        return ""

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import explainer_card

        return explainer_card(
            self.feature_names,
            n_background=self._n_background,
            n_model_rows=self.n_model_rows,
            at_most=self._estimator is None,
            design=self._design,
            noisy=self._noisy,
            advice=self._advice(),
        )

    @property
    def _most_different(self) -> int:
        """Largest number of features in which an explained row is expected to differ from a background row."""
        return min(len(self._players), self._background.most_different)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the players, one for each column of `Explanation.values`: groups first, then the other columns.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> background = np.zeros((1, 3))
        >>> banzhaf.Explainer(np.sum, background, feature_names=["a", "b", "c"], groups={"ab": [0, 1]}).feature_names
        ('ab', 'c')
        """
        return tuple(self._players)

    @property
    def n_model_rows(self) -> int:
        """Largest number of model evaluations for each explained row.

        A call evaluates the background rows and the explained rows themselves in addition.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> banzhaf.Explainer(np.sum, np.zeros((10, 3))).n_model_rows  # 2^3 coalitions on 10 background rows
        80
        """
        return self._budget if self._estimator is None else self._n_coalitions * self._n_background

    @hints("explainer(X)")
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

        With the Hadamard design, the evaluation of each row may end before the budget is used up, by the rules of
        `banzhaf.estimate`. Checks take place after 1/2, 1/4, ... of the budget, as long as that fraction covers a full
        Hadamard design on every background row.

        Parameters
        ----------
        X : array_like, sparse matrix or DataFrame of shape (rows, n_columns)
            Rows to explain, in the same kind of table as the background. The columns of a DataFrame may come in
            another order. An array is accepted beside a DataFrame background, by position. A DataFrame is accepted
            beside an array background if the model knows the names of its columns.
        tolerance : float, optional
            Stop a row when its largest standard error is at most this, in the unit of the model's output.
        top_k : int, optional
            Stop a row when its `top_k` leading features, by absolute value, are separated from all others in every
            output.
        confidence : float, default 0.95
            Probability, in (0, 1), that the leading features of a row stopped by `top_k` are the right ones.
        deadline : float, optional
            Time limit in seconds, counted from the start of the call. No batch of coalitions begins after it. Each row
            has the values of the full Hadamard designs that were complete by then. If these do not cover every
            background row, they cover a random sample of them, and a `BudgetWarning` reports it. If they cover none,
            the row's values are NaN. The background and the explained rows themselves are evaluated in any case.
        callback : callable, optional
            Function that is called after each check, with an `Explanation` of the results so far for all rows. If it
            returns True, the evaluation stops.
        progress : bool, default False
            Whether to show a progress bar of model evaluations; needs tqdm.

        Returns
        -------
        Explanation
            Values of shape (rows, features) or (rows, features, outputs), in the unit of the model's output, with
            standard errors. `Explanation.stopped` says why the evaluation of each row ended.

        Raises
        ------
        TypeError
            If `X` or another argument has the wrong type, before the model is called; or if the model returns anything
            else than a number or a row of numbers for each row.
        ValueError
            If `X` does not fit the background, before the model is called; or if a mean output over the background is
            not finite. Exceptions that the model raises arrive unchanged. Every exception carries the explanation of
            the rows completed by then as its attribute ``explanation``, if there are any.

        Warns
        -----
        BudgetWarning
            If the budget or the deadline was too small to use every background row, or the call will take long.
        RankWarning
            If the budget covers too few coalitions to determine every value and `ridge` is 0.

        See Also
        --------
        Explanation : Hold the values, with intervals, plots, tables and files.
        estimate : State the rules of stopping early in its Notes.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explainer = banzhaf.Explainer(lambda rows: rows @ [1.0, -2.0], np.zeros((1, 2)), random_state=0)
        >>> explainer(np.array([[3.0, 1.0], [0.0, 1.0]])).values
        array([[ 3., -2.],
               [ 0., -2.]])
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

        # The run owns `intermediate`, so `intermediate` must not own the run: the list is emptied at the end.
        running: list[_core.Explanations] = []

        def intermediate() -> bool:
            found = self._explanation(running[0], encoded, returned)
            return says_stop(rules.callback(found)) if rules.callback else False

        run = self._run(encoded, rules, intermediate, start)
        row_bytes = cells.itemsize * cells.shape[1]
        automatic = min(_MOST_BATCH_ROWS, max(1, _BATCH_BYTES // row_bytes))
        batch_rows = min(self._batch_size or automatic, run.n_model_rows)
        # A user who set a stopping rule has already limited the cost.
        watch = CostWatch(self._most_model_rows(run), 0.0 if rules.any else math.inf)
        with progress_bar(shown, run.n_model_rows, " evaluations") as advance:

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
        """Return the number of model evaluations for an explained row."""
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
                if 2 * n_players * n_background <= most:  # all background rows fit: allow for standard errors too
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
                f"budget must be at least {2 * n_background} model evaluations, a coalition and its complement on each "
                f"of {n_background} background rows, got {rows}: raise it, or pass fewer background rows"
            )
        return rows

    def _block(self) -> int:
        """Return the size of a Hadamard design with a spare column, which standard errors need."""
        n_players = self._most_different
        block = _core.describe("hadamard", n_players + 1, 2).one_block
        return _core.describe("hadamard", n_players, block).n_coalitions

    def _most_model_rows(self, run: _core.Explanations) -> int:
        """Return an upper limit for the model evaluations of a run; all coalitions may cost less than the budget."""
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
        """Prepare the core's evaluation of the rows."""
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
        """Warn if the budget or the deadline was too small to use every background row."""
        if self._estimator is not None:
            return
        n_background, n_players = self._n_background, self._most_different
        by_budget, by_deadline = n_background, n_background
        for count, why in zip(run.n_background, run.stopped, strict=True):
            if why == "deadline":
                by_deadline = min(by_deadline, count or n_background)  # a row with none has no values
            else:
                by_budget = min(by_budget, count)
        if by_budget < n_background and not self._is_automatic:
            warnings.warn(
                f"budget covers only a random {by_budget} of {n_background} background rows: raise it to "
                f"{n_background * self._block()} model evaluations, or pass fewer background rows",
                BudgetWarning,
                stacklevel=4,
            )
        if by_deadline < n_background:
            warnings.warn(
                f"deadline left time for only a random {by_deadline} of {n_background} background rows: raise it, or "
                f"pass fewer background rows",
                BudgetWarning,
                stacklevel=4,
            )
        self._warn_of_rank(run.rank, 2 * n_players, stacklevel=5)

    def _warn_of_cost(self, seconds: float) -> None:
        """Warn that a call will take long."""
        warnings.warn(
            f"budget allows {self.n_model_rows:,} model evaluations for each explained row; at the speed of the first "
            f"ones this call takes about {duration(seconds)} more: set a smaller budget or a deadline, or explain "
            f"fewer rows",
            BudgetWarning,
            stacklevel=5,
        )

    def _warn_of_rank(self, rank: int, least_rows: int, stacklevel: int) -> None:
        """Warn if the coalitions do not determine every value."""
        enough = f"to somewhat more than {least_rows} model evaluations"
        warn_of_rank(rank, len(self._players), self._penalty, stacklevel + 1, enough)

    def _explanation(self, run: _core.Explanations, encoded: Encoded, returned: Returned) -> Explanation:
        """Make an Explanation of the rows that are complete."""
        take = (...,) if returned.has_outputs_axis else (..., 0)
        rows = run.n_explained
        own_rows = (
            rows if self._estimator is None else 0
        )  # designs of single background rows evaluate the explained rows too
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
