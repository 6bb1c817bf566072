# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The explainer of any model: it evaluates the model on rows whose hidden features come from the background."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from banzhaf import _core
from banzhaf._estimate.adjustment import interactions_of
from banzhaf._estimate.stopping import stopping
from banzhaf._explain.budgets import budget_of
from banzhaf._explain.calls import Calls
from banzhaf._explain.explanation import Explanation
from banzhaf._explain.gradients import check_gradients, gradients_of
from banzhaf._explain.kept_rows import AUTO_BYTES, most_kept_bytes
from banzhaf._explain.models import as_model
from banzhaf._explain.players import Groups, Players
from banzhaf._explain.prepare import prepare
from banzhaf._explain.shap_backgrounds import plain_background
from banzhaf._explain.shap_names import hints, no_attribute
from banzhaf._explain.tables import as_background
from banzhaf._support import arguments as check
from banzhaf._support.workers import executor_of

if TYPE_CHECKING:
    from concurrent.futures import Executor

_CONFIDENCE = 0.95


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
        are called faster than by their own ``predict``, with the same outputs; the repr says how. The output for a row
        must depend on this row alone, not on the other rows of a call or on earlier calls, unless the model is `noisy`.
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
    interactions : {"none", "auto", "always"}, default "none"
        With ``"auto"``, interactions of three features or more are found and taken out of the error of the values. This
        is done where the budget allows it and the search is not too long. See Notes. With ``"always"``, it may take any
        time. `Explanation.adjustments` says what was done for each row. With ``"none"``, the values are those of plain
        least squares.
    shapley : bool, default False
        Whether to compute Shapley values as well, which ``explanation.shapley()`` returns. The coalitions of a single
        feature, and of all but one, are then evaluated too, within the budget. If it does not cover them and a design
        for every background row, the Shapley values are less accurate, and their standard errors say so. Only with
        ``design="hadamard"``, and not if the model is `noisy`.
    p : float, default 0.5
        Probability with which each other feature has the explained row's cell, as for `estimate`. With another `p` than
        0.5, all background rows and all explained rows share one design that suits, which takes the place of
        ``"hadamard"``. `ridge` must then be 0, and stopping rules are refused. The values are exact if the budget
        covers all coalitions on every background row.
    gradients : {False, "auto", True, "only"}, default False
        Whether values come from the model's gradients. For networks with many features, their error is then several
        times smaller at the same cost. `model` must be a ``torch.nn.Module``, a function that ``jax.jit`` made, or have
        a method ``value_and_gradient``, as `ModelAdapter` describes. All columns must hold floating numbers, and the
        model must depend smoothly on them.
        With True, values on coalitions take the place of gradients, wholly or in part, where they are expected to be
        more accurate. `Explanation.estimators` says which were used. With ``"auto"``, they are also used if gradients
        cannot be. With ``"only"``, all values come from gradients, which may have a large bias. See Notes.
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
    executor : concurrent.futures.Executor or callable, optional
        Where to call the model: in threads, in other processes or on other machines. By default it is called in this
        thread. See Notes.
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

    With ``interactions="auto"``, the differences within pairs of coalitions show interactions of three and five
    features, for each background row. Predictions of pairs that a fit has not seen decide how much of them is taken
    out. The same predictions give the standard errors. A background row needs at least 64 pairs, and 6N model
    evaluations, where N is the smallest power of two not below the number of features that differ. The budget gives
    every background row as many, if it can. Most of these rows then get full Hadamard designs with columns and signs of
    their own (``"fresh"`` ones), which separate interactions.

    The search takes 10 to 100 microseconds for each model evaluation. It is worthwhile if the model takes longer than
    that, or if a smaller error is worth the time. Values must not depend on the speed of a machine, so the explainer
    cannot measure which of the two takes longer. The default is therefore ``"none"``. ``"auto"`` counts the
    operations of a search, and leaves out background rows that would need more than about 0.3 milliseconds for each
    model evaluation. The search is also left out under a `deadline`, and with another `design`.

    With ``gradients=True``, the model and its gradients are evaluated at points between the explained row and a
    background row, or slightly beyond them. A row of gradients counts as 1 + 1.5 n_outputs evaluations. The mean square
    of each feature's distance from the middle is that of the coalitions, so that the other features have nearly the
    same effect as in coalitions. A small bias remains, which falls with the number of features but not with the budget.
    The allowance in the standard errors was measured in fully connected networks. The bias may be larger in networks
    whose features act in small groups, such as convolutional ones, and for `groups` of columns.

    Half of the budget is divided equally among the background rows, and the rest goes where values vary most.
    Background rows that differ in few features are evaluated on all coalitions.

    If a gradient counts as c evaluations, explained rows that differ from the background in fewer than 18 c features
    get values on coalitions, with ``interactions="auto"``. For other rows, eight pairs of gradients for each background
    row and at least 128 pairs of coalitions predict which of the two errors is smaller. This is done if they take at
    most a tenth of the budget each, and the rest covers a full design for each background row. If coalitions are
    better, the gradients still have a weight in the values, from the squared standard errors of both. With
    ``gradients="only"``, there is no comparison.

    Each call that can use gradients first compares them with differences of outputs, for each feature between two of
    its cells. It raises a ValueError if the gradients do not add up to the differences, because the model has jumps or
    changes too quickly. With ``"auto"``, it uses values then. This takes about 7 evaluations for each feature beyond
    the budget. A jump that is much smaller than the other changes by the same feature may be overlooked. It then biases
    that feature's value.

    ``"auto"`` also needs at least 40 features, no `groups`, at most two outputs, and a budget of at most 6 evaluations
    for each feature and background row, and of 1,500 for each feature. Gradients cannot be combined with another
    `design`, `p`, `ridge`, `interactions`, `shapley`, or an `executor`, and the explanation has no interactions.

    With an `executor`, each call of the model gets `batch_size` rows. By default a batch is divided into at least 16
    parts of at most 256 rows. The values have the same bits, if the model's output for a row does not depend on the
    other rows in the call. For processes, the model must be picklable; what pickle refuses, cloudpickle takes if it is
    installed. The model is sent to a worker once, and again only if it has changed. Worker processes use one thread
    in numerical libraries, unless ``OMP_NUM_THREADS`` is set. A call whose worker is lost is made again, at most three
    times. The executors of `concurrent.futures` break if a worker process dies. If `executor` is a function or class
    that makes an executor, it is then called again, up to three times in a row without an answer. Executors made in
    this way are shut down at the end of each call of the explainer. `prepare` calls the model in this process. Pickles
    and copies of an explainer have no executor.

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
        interactions: str = "none",
        shapley: bool = False,
        p: float = 0.5,
        gradients: bool | str = False,
        groups: Groups | None = None,
        feature_names: Iterable[str] | None = None,
        batch_size: int | None = None,
        num_threads: int | None = None,
        executor: Executor | Callable[[], Executor] | None = None,
        random_state: check.Seed = None,
    ) -> None:
        background, weights = plain_background(background, weights)
        rows = as_background(background)
        called = as_model(model, rows)
        names = check.names("feature_names", feature_names, rows.n_columns, "columns")
        players = Players(groups, names or rows.column_names)
        n_players = check.integer("the number of features", len(players), 1, _core.MAX_PLAYERS)
        shares = check.row_weights(weights, rows.n_rows, background)
        most_batch_rows, threads = check.batch(batch_size), check.threads(num_threads)
        penalty, is_noisy = check.penalty(ridge), check.flag("noisy", noisy)
        sought = interactions_of(interactions)
        probability = check.probability(p)
        wanted = check.choice("design", design, check.EXPLAINER_DESIGNS)
        if probability != 0.5:
            check.no_penalty(penalty)
            wanted = "weighted" if wanted == "hadamard" else wanted
        allowed = budget_of(
            budget,
            wanted,
            n_players=n_players,
            n_background=sum(share > 0 for share in shares) or rows.n_rows,
            most_different=min(n_players, rows.most_different),
            noisy=is_noisy,
            ridge=penalty,
        )
        if is_noisy and design == "exhaustive":
            raise ValueError(
                "noisy must be False for design='exhaustive', which has no repeats of coalitions: use design='hadamard'"
            )
        with_shapley = check.flag("shapley", shapley)
        if with_shapley and design != "hadamard":
            raise ValueError(f"shapley must be False for design={design!r}: use design='hadamard'")
        if with_shapley and is_noisy:
            raise ValueError("shapley must be False for a noisy model: average the model's outputs over several calls")
        if with_shapley and probability != 0.5:
            raise ValueError(
                "shapley must be False if p is not 0.5, because Shapley values need Banzhaf values: leave p out"
            )
        wanted_gradients, self._no_gradients = check_gradients(gradients), ""
        found_gradients = None
        if wanted_gradients is not False:
            against = {
                f"design={design!r}": design != "hadamard",
                f"p={probability:g}": probability != 0.5,
                f"ridge={penalty:g}": penalty != 0.0,
                f"interactions={sought!r}": sought != "none",
                "shapley=True": with_shapley,
                "an executor": executor is not None,
            }
            given = next((what for what, is_set in against.items() if is_set), "")
            found_gradients, self._no_gradients = gradients_of(
                model, called, rows, players, wanted_gradients, allowed, given
            )
        n_coalitions = max(2, allowed.n_rows // allowed.n_background)
        if probability != 0.5:
            taken = "hadamard" if wanted == "weighted" else wanted
            design = check.resolve_weighted(taken, n_players, n_coalitions, early=False, noisy=is_noisy)
        elif not is_noisy and design != "hadamard":
            design = check.resolve_design(design, n_players, n_coalitions, "budget // background rows")
        self._calls = Calls(
            called,
            rows,
            players,
            weights=shares,
            budget=allowed,
            design=str(design),
            n_coalitions=n_coalitions,
            seed=check.seed(random_state),
            batch_size=most_batch_rows,
            num_threads=threads,
            interactions=sought,
            shapley=with_shapley,
            p=probability,
            executor=executor_of(executor),
            gradients=found_gradients,
        )
        if self._calls.estimator is not None:
            allowed.warn_of_rank(self._calls.estimator.rank, 2 * n_players * allowed.n_background, stacklevel=3)

    if not TYPE_CHECKING:  # with it, type checkers would accept misspelt attributes

        def __getattr__(self, name):
            """Raise an error that tells users of shap what to use instead."""
            raise no_attribute(self, name)

    def __repr__(self) -> str:
        """Show the design and the cost of a call."""
        calls = self._calls
        most = "at most " if calls.estimator is None else ""
        text = (
            f"Explainer: {len(calls.players):,} features, {calls.budget.n_background:,} background rows, "
            f"{calls.design} design, {most}{calls.n_model_rows:,} model evaluations for each explained row"
        )
        if calls.gradients is not None:
            where = "" if calls.gradients.is_only else " where they are expected to be more accurate"
            text += f", values from gradients{where}{' and a trial allows it' if calls.gradients.is_automatic else ''}"
        elif self._no_gradients:
            text += f", values without gradients ({self._no_gradients})"
        if calls.prepared is not None:
            text += f", prepared with batches of {calls.prepared.batch_size:,} rows"
        adapter = calls.model.adapter
        return text + self._advice() + (f"; model called by {adapter}" if adapter else "")

    def _advice(self) -> str:
        """Return the continuation of the repr that says what a larger budget would achieve, or an empty text."""
        return self._calls.budget.advice() if self._calls.design == "hadamard" else ""

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import explainer_card

        calls = self._calls
        return explainer_card(
            self.feature_names,
            n_background=calls.budget.n_background,
            n_model_rows=calls.n_model_rows,
            at_most=calls.estimator is None,
            design=calls.design,
            noisy=calls.budget.noisy,
            batch_size=None if calls.prepared is None else calls.prepared.batch_size,
            advice=self._advice(),
        )

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
        return self._calls.players.names

    @property
    def n_model_rows(self) -> int:
        """Largest number of model evaluations for each explained row.

        A call evaluates the background rows and the explained rows themselves in addition. After `prepare` it evaluates
        one background row instead of all.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> banzhaf.Explainer(np.sum, np.zeros((10, 3))).n_model_rows  # 2^3 coalitions on 10 background rows
        80
        """
        return self._calls.n_model_rows

    @property
    def batch_size(self) -> int | None:
        """Largest number of rows in one call of the model; None if each call chooses it by the size of the rows.

        `prepare` sets it to the size at which the model is fastest.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> banzhaf.Explainer(np.sum, np.zeros((10, 3)), batch_size=100).batch_size
        100
        """
        prepared = self._calls.prepared
        return (self._calls.batch_size or None) if prepared is None else prepared.batch_size

    def prepare(self, X: Any = None) -> Explainer:
        """Evaluate the background once and find the fastest batch size, so that later calls take less time.

        A service calls this once, before its first request. Later calls use the kept outputs of the model and do not
        evaluate the background again. `Explanation.n_model_rows` counts what was really evaluated.

        Each later call evaluates one background row together with the explained rows, as a check. If the output for it
        has changed by more than rounding, the call raises a RuntimeError. If it has changed by less than about 1 % of
        the largest output, all background rows are evaluated again first. The error is raised if at least half of them
        have changed. Otherwise the new outputs are used, because a model that rounds its outputs may differ in a few
        rows by chance. The explained rows determine which background row is checked, so the check may overlook a change
        that does not affect this row. Call `prepare` again whenever the model has changed.

        Parameters
        ----------
        X : array_like, sparse matrix or DataFrame of shape (rows, n_columns), optional
            Rows like those to explain. Speed is measured on mixtures of these and of background rows, or of background
            rows alone.

        Returns
        -------
        Explainer
            This explainer.

        Raises
        ------
        ValueError
            If the explainer is `noisy`, or the model returns different outputs for the same rows. All errors of a call
            may occur too. After an error, the explainer is as it was before.

        See Also
        --------
        batch_size : The batch size that was found.

        Notes
        -----
        The model is timed on batches of 16 to 65,536 rows, as far as `batch_size` and the memory of a batch allow.
        Batches that would take more than a quarter of a second are left out. All sizes within 5 % of the best time per
        row count as fast. Among these, `batch_size` becomes the largest whose batch takes at most 50 milliseconds, or
        the smallest if all take longer. The repr shows it. It stays the same until `prepare` is called again.

        The values are the same as before if the model's outputs do not depend on the batch size. The last digits of
        many models do: linear algebra sums in another order for another number of rows.

        Threads that explain rows while `prepare` runs use either the old or the new state. With a design other than
        ``"hadamard"``, calls evaluate the background nevertheless, and `prepare` only finds the batch size.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> background = np.random.default_rng(0).normal(size=(50, 4))
        >>> explainer = banzhaf.Explainer(lambda rows: rows.prod(axis=1), background, random_state=0)
        >>> x = np.ones((1, 4))
        >>> before = explainer(x)
        >>> after = explainer.prepare()(x)
        >>> bool(np.allclose(before.values, after.values))
        True
        >>> before.n_model_rows - after.n_model_rows  # one background row instead of 50
        49
        """
        self._calls.prepared = prepare(self._calls, X)
        return self

    @hints("explainer(X)")
    def __call__(
        self,
        X: Any,
        *,
        tolerance: float | None = None,
        top_k: int | None = None,
        confidence: float = _CONFIDENCE,
        deadline: float | None = None,
        callback: Callable[[Explanation], Any] | None = None,
        progress: bool = False,
        keep_evaluations: bool | str = "auto",
        executor: Executor | Callable[[], Executor] | None = None,
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
            Infinity means no deadline.
        callback : callable, optional
            Function that is called after each check, with an `Explanation` of the results so far for all rows. If it
            returns True, the evaluation stops.
        progress : bool, default False
            Whether to show a progress bar of model evaluations; needs tqdm.
        keep_evaluations : bool or "auto", default "auto"
            Whether the explanation keeps the model's outputs, for `Explanation.interactions`. They take 8 bytes for
            each model evaluation and output. With ``"auto"``, they are kept if they take at most 64 MiB for the whole
            call. Only ``design="hadamard"`` can keep them.
        executor : concurrent.futures.Executor or callable, optional
            Where to call the model in this call, instead of the explainer's `executor`.

        Returns
        -------
        Explanation
            Values of shape (rows, features) or (rows, features, outputs), in the unit of the model's output, with
            standard errors. `Explanation.stopped` says why the evaluation of each row ended.

        Raises
        ------
        TypeError
            If `X` or another argument has the wrong type, before the model is called; or if the model returns anything
            other than a number or a row of numbers for each row.
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
        calls = self._calls
        prepared = calls.prepared  # read once, because another thread may be preparing
        if (
            tolerance is None
            and top_k is None
            and deadline is None
            and callback is None
            and progress is False
            and confidence is _CONFIDENCE
            and keep_evaluations == "auto"
            and executor is None
            and calls.executor is None
        ):
            return calls.explain(X, None, 0.0, False, prepared, 4, AUTO_BYTES)
        start = time.perf_counter()
        shown = check.flag("progress", progress)
        rules = stopping(
            tolerance, top_k, confidence, deadline, callback, n_players=len(calls.players), standard_errors=True
        )
        if rules.any and calls.estimator is not None:
            raise ValueError(
                f"tolerance, top_k, deadline and callback need design='hadamard', but design is {calls.design!r}"
            )
        most_kept = most_kept_bytes(keep_evaluations)
        if keep_evaluations is True and calls.gradients is not None:
            raise ValueError(
                "keep_evaluations=True needs evaluations on coalitions: make the Explainer with gradients=False"
            )
        if keep_evaluations is True and calls.estimator is not None:
            raise ValueError(f"keep_evaluations=True needs design='hadamard', but design is {calls.design!r}")
        workers = calls.executor if executor is None else executor_of(executor)
        if workers is not None and calls.gradients is not None and not calls.gradients.is_automatic:
            raise ValueError(
                "executor must be None with gradients=True, because workers return outputs alone: leave it out"
            )
        return calls.explain(X, rules if rules.any else None, start, shown, prepared, 4, most_kept, workers)
