# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The explainer of tree ensembles, whose exact values follow in closed form from the trees."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _core
from banzhaf._estimate.interactions import Interactions, all_sets
from banzhaf._explain.explanation import Explanation, explanation_of
from banzhaf._explain.players import Groups, name_players, player_data
from banzhaf._explain.shap_backgrounds import plain_background
from banzhaf._explain.shap_names import hints, no_attribute
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.fields import as_computed
from banzhaf._support.quantities import SHAPLEY_VALUE
from banzhaf._trees import file, readers
from banzhaf._trees.agreement import check_agreement
from banzhaf._trees.cells import Rows, as_rows

__all__ = ["TreeExplainer"]

# An interrupt waits for the current call of the core, so each call is given rows for about this long.
_CALL_SECONDS = 0.5
# If every call has to make tables, its rows should take at least this many times as long as the tables.
_CALL_STARTS = 4
# The most interactions of one call: 4 GiB of them.
_MOST_INTERACTIONS = 2**29
_LONG_START = 0.05  # seconds from which the tables count as slow
# Sizes of the core's tiles of rows; a thread takes one tile at a time.
_LEAST_TILE, _MOST_TILE = 32, 256


class TreeExplainer:
    """Explain the raw output of a tree ensemble by the exact Banzhaf values of its features.

    Unlike the Shapley values of ``shap.TreeExplainer``, the Banzhaf values of a row need not sum to its raw output
    minus the base value. All coalitions have equal weight, so there is no efficiency axiom.

    With a background, values are *interventional*, as those of `Explainer`. The worth of a coalition is the model's
    mean raw output when the coalition's features keep the values of the explained row and all others take those of a
    background row. Without a background, values are *path-dependent*. The explained row then decides the splits on
    features of the coalition. At any other split both branches are followed, weighted by the training rows that took
    them. Both kinds are computed from the trees, without sampling. Calls do not change an explainer, so threads can
    share one. It can be pickled, and `save` writes it to a file that needs no model.

    Parameters
    ----------
    model : object
        A fitted tree ensemble. XGBoost (gbtree, dart), LightGBM, CatBoost (numbers, and categories whose splits use one
        column), NGBoost, and a ``treelite.Model`` are supported. So are these estimators of scikit-learn: trees,
        forests, extra trees, isolation forests, gradient boosting, histogram gradient boosting, and AdaBoost
        classifiers. Bagging, soft voting and `MultiOutputRegressor` of those are supported too, and a search over
        those, for its best estimator. The trees used are those of the model's own ``predict``. An XGBoost or LightGBM
        estimator stops at its best iteration, and so does a LightGBM booster. An XGBoost booster uses all its trees.
    background : array_like or DataFrame of shape (n_background, n_columns), optional
        Rows that supply the values of hidden features: a NumPy array, or a pandas or polars DataFrame. A summary by
        ``shap.kmeans`` is accepted together with its weights, and a ``shap.maskers.Independent`` for the rows that
        it holds. Without a background the values are path-dependent.
    output : {"raw", "probability"}, default "raw"
        Output to explain. By default it is the sum of the trees' leaves: the prediction of regressors and forests, the
        margin (raw score, decision function) of boosted classifiers, and the distribution parameters of NGBoost. For
        an isolation forest it is the mean path length, which is longer for more ordinary rows. The choice
        ``"probability"`` requires a model whose probabilities are such a sum, as those of scikit-learn's trees and
        forests are. The probabilities of boosted classifiers are not; explain them with `Explainer`.
    groups : mapping of str to columns, or sequence of columns, optional
        Columns (names or positions) that join and leave coalitions together, as one player. A column outside all
        groups is a player of its own.
    feature_names : iterable of str, optional
        Names of the columns, for NumPy arrays. By default the names that the model was fitted on, if it has any, else
        ``"x0"``, ``"x1"``, and so on.
    weights : array_like of float, shape (n_background,), optional
        Weights of the background rows, at least 0. They are divided by their sum. By default all rows have equal
        weight.
    p : float, default 0.5
        Probability with which each other feature is in a coalition, strictly between 0 and 1. With 0.5 all coalitions
        have equal weight, and values are Banzhaf values. For several probabilities, make one explainer for each.
    num_threads : int, optional
        Number of threads. By default OMP_NUM_THREADS if that is set, else the number of usable CPUs. The values do
        not depend on it.

    Raises
    ------
    TypeError
        If `model` is not made of trees that can be read exactly; the message gives the reason and an alternative.
        Also if another argument has the wrong type.
    ValueError
        If the model's own predictions differ from the sums of its trees, or if another argument has a wrong value. Also
        if there is no `background` and the model does not store how many training rows reached each node.

    See Also
    --------
    Explainer : Estimate the values of any model and any output, by sampling coalitions.

    Notes
    -----
    The model's own predictions of some background rows are compared with the sums of its trees at construction. This
    guards against a model that changes its predictions in some other way.

    Cells are rounded and compared with thresholds as the model's library does it, and missing or unknown cells take
    the branch that the library chooses. Sums may still differ from the library's by rounding: XGBoost adds in float32,
    banzhaf in float64.

    The values follow from a closed form for each leaf, which the theory page of the documentation derives. For
    interventional values, background rows are counted by the conditions of a leaf's path that they meet, as in
    WOODELF [3]_. The time then grows with the number of explained rows plus the number of background rows. If the
    path of a leaf has more than about ten features, there are too many such patterns, and the time grows with the
    product of the two numbers.

    References
    ----------
    .. [1] S. M. Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
       Nature Machine Intelligence 2, 2020. It defines both kinds of worth.
    .. [2] A. Karczmarz et al., "Improved feature importance computation for tree models based on the Banzhaf value",
       UAI 2022.
    .. [3] A. Nadel, R. Wettenstein, "From decision trees to Boolean logic: a fast and unified SHAP algorithm",
       arXiv 2511.09376. This is WOODELF, which counts patterns instead of pairs of rows.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> from sklearn.ensemble import RandomForestRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 4))
    >>> model = RandomForestRegressor(20, max_depth=5, random_state=0).fit(X, X[:, 0] * X[:, 1] + 2 * X[:, 2])
    >>> explanation = banzhaf.TreeExplainer(model, background=X[:50])(X[50:60])
    >>> explanation.values.shape
    (10, 4)
    >>> bool(np.isclose(explanation.base_values, model.predict(X[:50]).mean()))
    True
    """

    @hints("TreeExplainer")
    def __init__(
        self,
        model: Any,
        background: Any = None,
        *,
        output: str = "raw",
        groups: Groups | None = None,
        feature_names: Iterable[str] | None = None,
        weights: ArrayLike | None = None,
        p: float = 0.5,
        num_threads: int | None = None,
    ) -> None:
        self._p = check.probability(p)
        check.choice("output", "probability" if output == "predict_proba" else output, ("raw", "probability"))
        self._num_threads = check.threads(num_threads)
        self._ensemble = readers.read(model)
        if output != "raw" and self._ensemble.output != "probability":
            raise ValueError(
                f"output must be 'raw' for this model, got {output!r}: its probabilities are not a sum of its trees. "
                "banzhaf.Explainer(model, background)(X) explains them, and the values are exact if its budget covers "
                "all coalitions of the features"
            )
        n_features = self._ensemble.n_features
        background, weights = plain_background(background, weights)
        rows = None if background is None else as_rows(background, "background", self._ensemble)
        if rows is None and self._ensemble.forest.is_linear:
            raise ValueError(
                "background is needed: the leaves of model are linear in features, and model does not store the means "
                "of the features over its training rows"
            )
        if rows is None and not self._ensemble.forest.has_cover:
            raise ValueError(
                "background is needed: without it, branches are weighted by their training rows, and model does not "
                "store how many there were"
            )
        if rows is None and (tree := self._ensemble.forest.uncovered_tree()) is not None:
            raise ValueError(
                "background is needed: without it, branches are weighted by their training rows, and a split of tree "
                f"{tree} was reached by none or does not store how many"
            )
        columns = check.names("feature_names", feature_names, n_features, "columns")
        if columns is None and rows is not None and rows.kind != "numpy":
            # Players keep the order of the background's columns, even if the model has another.
            columns = tuple(rows.column_names[j] for j in np.argsort(rows.places))
        self._columns = columns or self._ensemble.feature_names or tuple(f"x{j}" for j in range(n_features))
        self._places = list(range(n_features) if rows is None else rows.places)
        self._players = name_players(groups, self._columns)
        self._background = None if rows is None else rows.cells
        if weights is not None and rows is None:
            raise ValueError("weights need a background, because they are the weights of its rows")
        checked = check.row_weights(weights, 0 if rows is None else len(rows.cells), background)
        self._weights = np.array(checked) if checked else None
        # Apart from its cells, only the kind and the columns of the background are still needed.
        self._like = (
            None if rows is None else replace(rows, cells=rows.cells[:0].copy(), data=rows.data[:0].copy(), table=None)
        )
        self._prepare()
        predict = partial(self._values.predict, num_threads=self._num_threads)
        check_agreement(model, self._ensemble, predict, rows)

    def _prepare(self) -> None:
        """Build the core's object."""
        self._values = _core.TreeValues(
            self._ensemble.forest.to_core(),
            self._file_state().player_of_feature(),
            len(self._players),
            self._background,
            self._num_threads,
            weights=self._weights,
            p=self._p,
        )
        self._start_seconds: float | None = None  # fixed cost of each call, measured when needed

    def _file_state(self) -> file.State:
        return file.State(
            ensemble=self._ensemble,
            columns=self._columns,
            places=self._places,
            players=self._players,
            background=self._background,
            weights=self._weights,
            like=self._like,
            num_threads=self._num_threads,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without the core's object, which cannot be pickled."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_values", "_start_seconds")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state and build the core's object again."""
        self.__dict__.update(state)
        self._prepare()

    def __repr__(self) -> str:
        """Show the features, the background and what is explained."""
        rows = "no background" if self._background is None else f"{len(self._background):,} background rows"
        p = "" if self._p == 0.5 else f", p = {self._p}"
        return f"TreeExplainer: {len(self._players):,} features, {rows}, {self._ensemble.output} output{p}"

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import tree_explainer_card

        return tree_explainer_card(
            self.feature_names,
            n_background=None if self._background is None else len(self._background),
            output=self._ensemble.output,
            output_names=self._ensemble.output_names,
            base_values=self.base_values,
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the players, one for each column of `Explanation.values`: groups first, then the other columns.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> model = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0] * X[:, 1])
        >>> banzhaf.TreeExplainer(model, X, feature_names=["age", "income"]).feature_names
        ('age', 'income')
        """
        return tuple(self._players)

    @property
    def p(self) -> float:
        """Probability with which each other feature is in a coalition: 0.5 for Banzhaf values.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> model = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0] * X[:, 1])
        >>> banzhaf.TreeExplainer(model, X, p=0.9).p
        0.9
        """
        return self._p

    @property
    def base_values(self) -> NDArray[np.float64]:
        """Worth of the empty coalition, float64 of shape () or (outputs,).

        This is the mean raw output over the background rows. Without a background it is the mean over the training
        rows, as counted in the trees.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> model = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0] * X[:, 1])
        >>> float(banzhaf.TreeExplainer(model, X).base_values)
        0.25
        """
        return self._take(self._values.base_values)

    if not TYPE_CHECKING:  # with it, type checkers would accept misspelt attributes

        def __getattr__(self, name):
            """Raise an error that tells users of shap what to use instead."""
            raise no_attribute(self, name)

    @hints("explainer(X)")
    def __call__(self, X: Any) -> Explanation:
        """Explain rows.

        Parameters
        ----------
        X : array_like or DataFrame of shape (rows, n_columns)
            Rows to explain, in the same kind of table as the background. The columns of a DataFrame may come in
            another order.

        Returns
        -------
        Explanation
            Exact values of the raw output, of shape (rows, features) or (rows, features, outputs); the standard errors
            are 0. Its `r2` and `background_errors` are NaN, because they need the worths of single coalitions and the
            values of single background rows.

        Raises
        ------
        TypeError
            If `X` is the wrong kind of table, or holds anything but numbers and the model's categories.
        ValueError
            If the columns or categories of `X` are not those of the model and the background.

        See Also
        --------
        Explanation : The values, with plots, tables and files.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> model = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0] * X[:, 1])
        >>> banzhaf.TreeExplainer(model, X)(np.array([[1.0, 1.0]])).values
        array([[0.375, 0.375]])
        """
        rows = as_rows(X, "X", self._ensemble, self._like)
        return self._explanation(
            self._take(_in_batches(self._values.explain, rows.cells, self._num_threads, self._seconds_to_start)), rows
        )

    def interactions(self, X: Any, order: int = 2) -> Interactions:
        """Compute the exact Banzhaf interaction indices of pairs of features, or of larger sets.

        The index of two features says how much more one of them adds to the raw output if the other is known too, on
        average over all coalitions of the other features.

        Parameters
        ----------
        X : array_like or DataFrame of shape (rows, n_columns)
            Rows, as for a call of the explainer.
        order : int, default 2
            Number of features in each set.

        Returns
        -------
        Interactions
            Exact indices of all sets of this order in each row, with the Banzhaf values of the features beside them.
            The standard errors are 0. `values` has the shape (rows, sets) or (rows, sets, outputs).

        Raises
        ------
        TypeError
            If `X` is the wrong kind of table, or holds anything but numbers and the model's categories. Also if
            `order` is not an integer.
        ValueError
            If the columns or categories of `X` are not those of the model and the background. Also if there are no sets
            of this order, or too many to be held in memory.

        See Also
        --------
        Interactions : The indices, with tables, files, and the objects of shap and shapiq.

        Notes
        -----
        A leaf's worth is a product of one factor for each feature on its path, so the index of a set is a product too
        [1]_. Time grows with the leaves and the sets of their paths, and not with 2 to the number of features.

        The indices need not sum to the raw output minus the base value. `Interactions.to_shap` says what its arrays sum
        to.

        References
        ----------
        .. [1] M. Muschalik et al., "Beyond TreeSHAP: efficient computation of any-order Shapley interactions for tree
           ensembles", AAAI 2024. It computes the interactions of trees, path-dependent.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> model = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0] * X[:, 1])
        >>> banzhaf.TreeExplainer(model, X).interactions(X).values.ravel()
        array([ 0.25, -0.25, -0.25,  0.25])
        """
        n_players = len(self._players)
        k = check.integer("order", order, 1, n_players)
        rows = as_rows(X, "X", self._ensemble, self._like)
        players = all_sets(n_players, k)
        n_rows, n_outputs = len(rows.cells), self._ensemble.forest.n_outputs
        if n_rows * len(players) * n_outputs > _MOST_INTERACTIONS:
            most = _MOST_INTERACTIONS // (len(players) * n_outputs)
            remedy = f"explain at most {most} rows in each call, or" if most else "set a lower order, or"
            raise ValueError(
                f"X must have fewer rows: {n_rows} rows have {n_rows * len(players) * n_outputs:.1e} interactions of "
                f"order {k}, which take more than 4 GiB. To get them, {remedy} join features by groups"
            )
        values = self._take(self._values.interactions(rows.cells, k, self._num_threads))
        outputs = values.shape[2:]
        return as_computed(
            Interactions,
            n_players=n_players,
            order=k,
            players=players,
            values=values,
            standard_errors=np.broadcast_to(0.0, values.shape),
            complete=True,
            unresolved_variance=np.zeros((n_rows, *outputs)),
            n_evaluations=0,
            design="trees",
            player_names=self.feature_names,
            degrees_of_freedom=np.array(np.inf),
            n_rows=n_rows,
            player_values=self._take(self._values.explain(rows.cells, self._num_threads)),
            base_values=self.base_values,
            output_names=self._ensemble.output_names if outputs else None,
            p=self._p,
        )

    def shapley(self, X: Any) -> Explanation:
        """Compute the exact Shapley values of rows, to compare them with the Banzhaf values.

        Parameters
        ----------
        X : array_like or DataFrame of shape (rows, n_columns)
            Rows, as for a call of the explainer.

        Returns
        -------
        Explanation
            Exact Shapley values, of shape (rows, features) or (rows, features, outputs). In each row they sum to the
            raw output minus the base value. The field `quantity` says that they are Shapley values.

        Raises
        ------
        TypeError
            If `X` is the wrong kind of table, or holds anything but numbers and the model's categories.
        ValueError
            If the columns or categories of `X` are not those of the model and the background.

        Notes
        -----
        The Shapley value is the mean of the Banzhaf value with probability p over all p from 0 to 1. For a leaf this is
        a polynomial in p, which the rule of Gauss and Legendre integrates exactly. With a background the values are
        those of ``shap.TreeExplainer(model, background)``, and without one those of
        ``shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")``, up to rounding.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> model = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0] * X[:, 1])
        >>> explanation = banzhaf.TreeExplainer(model, X).shapley(X[3:])
        >>> explanation.quantity, explanation.values
        ('Shapley value', array([[0.375, 0.375]]))
        """
        rows = as_rows(X, "X", self._ensemble, self._like)
        values = self._take(self._values.shapley(rows.cells, self._num_threads))
        return self._explanation(values, rows, quantity=SHAPLEY_VALUE, p=0.5)

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict the raw outputs that are explained.

        This uses the trees as banzhaf has read them, so it shows that they are the model's.

        Parameters
        ----------
        X : array_like or DataFrame of shape (rows, n_columns)
            Rows, as for a call of the explainer.

        Returns
        -------
        ndarray of float64, shape (rows,) or (rows, outputs)
            The model's own raw outputs, up to rounding by its library.

        Raises
        ------
        TypeError
            If `X` is the wrong kind of table, or holds anything but numbers and the model's categories.
        ValueError
            If the columns or categories of `X` are not those of the model and the background.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> model = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0] * X[:, 1])
        >>> banzhaf.TreeExplainer(model, X).predict(np.array([[1.0, 1.0], [1.0, 0.0]]))
        array([1., 0.])
        """
        rows = as_rows(X, "X", self._ensemble, self._like)
        return self._take(_in_batches(self._values.predict, rows.cells, self._num_threads))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the prepared explainer to one file, which needs neither the model nor its library.

        `banzhaf.load` opens the file in Python, and ``banzhaf::load_tree_explainer`` in C++. The loaded explainer gives
        the same values to the last bit. The file holds the trees, the background, the names and the categories of
        columns. A few rows with their values are stored too, and compared whenever the file is opened.

        Parameters
        ----------
        path : str or path-like
            Name of the file, used as given. An existing file keeps its permissions and is replaced once the new one is
            complete. A link is followed.

        Raises
        ------
        TypeError
            If the model or the background has categories that are neither texts nor numbers.
        OSError
            If the file, or a new one in its folder, cannot be written. An existing file is then unchanged.

        See Also
        --------
        load : Open the file.

        Examples
        --------
        >>> import os, tempfile
        >>> import numpy as np
        >>> import banzhaf
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> explainer = banzhaf.TreeExplainer(DecisionTreeRegressor(random_state=0).fit(X, X[:, 0] * X[:, 1]), X)
        >>> path = os.path.join(tempfile.mkdtemp(), "product.trees")
        >>> explainer.save(path)
        >>> banzhaf.load(path)(X) == explainer(X)
        True
        """
        file.write(path, self._file_state(), self._values)

    def _seconds_to_start(self) -> float:
        """Measure the fixed cost of a call of the core, which makes the tables that it does not keep."""
        if self._start_seconds is None:
            start = time.perf_counter()
            self._values.explain(np.empty((0, self._ensemble.n_features)), self._num_threads)
            self._start_seconds = time.perf_counter() - start
        return self._start_seconds

    def _take(self, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Drop the axis of outputs if the library's predictions have none."""
        return outputs if self._ensemble.has_outputs_axis else outputs[..., 0]

    def _explanation(self, values: NDArray[np.float64], rows: Rows, **fields: Any) -> Explanation:
        n_rows, n_players, *outputs = values.shape
        return explanation_of(
            values=values,
            standard_errors=np.zeros_like(values),
            background_errors=np.full_like(values, np.nan),
            base_values=self.base_values,
            data=player_data(self._players, self._columns, rows.data[:, np.argsort(self._places)]),
            feature_names=self.feature_names,
            output_names=self._ensemble.output_names if outputs else None,
            n_model_rows=0,
            row_costs=np.zeros(n_rows, dtype=np.int64),
            n_background=np.full(n_rows, 0 if self._background is None else len(self._background)),
            design="trees",
            stopped=("budget",) * n_rows,
            rank=n_players,
            condition_number=1.0,
            degrees_of_freedom=np.full((n_rows, *outputs), np.inf),
            r2=np.full((n_rows, *outputs), np.nan),
            random_state=0,
            **{"p": self._p, **fields},
        )


@archive.opens(file.MAGIC)
def _load(path: str) -> TreeExplainer:
    """Open the file of an explainer, which then needs no model."""
    state, values = file.read(path)
    explainer = object.__new__(TreeExplainer)
    vars(explainer).update(
        _num_threads=state.num_threads,
        _ensemble=state.ensemble,
        _columns=state.columns,
        _places=state.places,
        _players=state.players,
        _background=state.background,
        _weights=state.weights,
        _p=values.p,
        _like=state.like,
        _values=values,
        _start_seconds=None,
    )
    return explainer


def _in_batches(
    method: Callable[[NDArray[np.float64], int], NDArray[np.float64]],
    cells: NDArray[np.float64],
    num_threads: int,
    seconds_to_start: Callable[[], float] = lambda: 0.0,
) -> NDArray[np.float64]:
    """Call the core on batches of rows, so that Python can handle signals in between. No bit depends on them."""
    n_rows, n_threads = len(cells), num_threads or _core.default_num_threads()
    size = _LEAST_TILE * n_threads
    if n_rows <= size:
        return method(cells, num_threads)
    start_seconds = seconds_to_start()
    wanted = max(_CALL_SECONDS, _CALL_STARTS * start_seconds)
    if start_seconds > _LONG_START:
        size *= 32  # about so many rows take several times as long as their tables
    found: NDArray[np.float64] | None = None
    done = 0
    while done < n_rows:
        if n_rows - done < 1.25 * size:
            size = n_rows - done
        start = time.perf_counter()
        batch = method(cells[done : done + size], num_threads)
        seconds = max(time.perf_counter() - start - start_seconds, 1e-9)
        if found is None:
            found = np.empty((n_rows, *batch.shape[1:]))
        found[done : done + size] = batch
        done += size
        size = _whole_tiles(min(size * wanted / seconds, 16.0 * size), n_threads)
    assert found is not None
    return found


def _whole_tiles(n_rows: float, n_threads: int) -> int:
    """Round a number of rows so that all threads get equally many tiles."""
    most = _MOST_TILE * n_threads
    if n_rows >= most:
        return int(n_rows // most) * most
    return max(int(n_rows), 1 if n_threads == 1 else _LEAST_TILE * n_threads)
