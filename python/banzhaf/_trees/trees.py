# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Banzhaf values of tree ensembles, exactly: in closed form, from the trees themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf import _core
from banzhaf._explain.explanation import Explanation, explanation_of
from banzhaf._explain.players import Groups, name_players, player_data, player_of_column
from banzhaf._explain.shap_backgrounds import plain_background
from banzhaf._explain.shap_names import hints, no_attribute
from banzhaf._support import arguments as check
from banzhaf._trees import readers
from banzhaf._trees.agreement import check_agreement
from banzhaf._trees.cells import Rows, as_rows

__all__ = ["TreeExplainer"]

# An interrupt waits for the core's call under way to end: each takes some of the rows, for about this long.
_CALL_SECONDS = 0.5
# Where tables are made anew in each call, its rows take at least so many times as long as they do.
_CALL_STARTS = 4
_LONG_START = 0.05  # seconds that such tables take at least
# The core's tiles of rows: a thread takes one at a time.
_LEAST_TILE, _MOST_TILE = 32, 256


class TreeExplainer:
    """Explains the rows of a tree ensemble by the exact Banzhaf values of their features.

    With a background the worth of a coalition is what it is to `Explainer`: the model's mean output over the background
    rows, each with the explained row's values in the coalition's features (*interventional*). Without one, a
    tree is descended by the explained row at the splits of the coalition's features, and both ways, weighed by
    the training rows that went there, at all others (*path-dependent*). Either way the values are exact, and no
    model is called. An explainer does not change when it is called, serves many threads, and can be pickled.

    Parameters
    ----------
    model : object
        A fitted model of XGBoost (gbtree, dart), LightGBM, CatBoost (numbers, and categories of which a split asks
        for one column), NGBoost, or scikit-learn: trees, forests, extra trees, isolation forests, gradient boosting,
        histogram gradient boosting, AdaBoost's classifiers; bagging, soft voting and `MultiOutputRegressor` of such;
        a search over such, for its best estimator; or a ``treelite.Model`` of another library's. Its own predictions
        of the background are compared with what its trees give.
        XGBoost's estimators stop at their best iteration, its boosters have all their trees, and LightGBM's stop at
        theirs, as their own ``predict`` does.
    background : array_like or DataFrame of shape (n_background, n_columns), optional
        The rows that absent features are averaged over: NumPy, pandas or polars; or a summary of ``shap.kmeans``,
        whose weights are taken, or a ``shap.maskers.Independent``, whose rows are.
    output : {"raw", "probability"}
        What is explained: the sum of the trees' leaves. Of gradient boosting and AdaBoost it is the margin (raw
        score, decision function); of scikit-learn's other classifiers the probabilities, which "probability" asks
        for; of NGBoost the parameters of the distribution; of an isolation forest the mean length of a row's path,
        longer for what is ordinary, of which scikit-learn's scores are a function. The probabilities of boosted
        classifiers are no such sum: `Explainer` explains them.
    groups : mapping of str to columns, or sequence of columns, optional
        Columns (names or positions) that enter and leave coalitions together, as one player. A column in no group is
        a player of its own.
    feature_names : iterable of str, optional
        Names for the columns, if the rows are NumPy arrays; by default those that the model was fitted on, if it
        knows them.
    weights : array_like of float, shape (n_background,), optional
        Of the background rows, at least 0: the means over them are weighted by these divided by their sum. By default
        all rows have the same.
    num_threads : int, optional
        By default OMP_NUM_THREADS if that is set, else the usable CPUs.

    Raises
    ------
    TypeError
        If `model` is not made of trees that can be read exactly: the message says what is in the way.
    ValueError
        If the model's own predictions are not what its trees add up to; for another wrong argument; if there is no
        `background` and the model does not tell how many training rows went where.

    See Also
    --------
    Explainer : Any model and any output, by sampling coalitions.

    Notes
    -----
    A cell is rounded and compared with a threshold as the model's library does it, and a missing or unknown one goes
    where the library sends it. The library may still give a margin that differs from `base_values` plus what the
    trees add by its own rounding: XGBoost sums in float32, banzhaf in float64.

    A leaf of value w is w times the product of one condition for each feature on its path, so its values are products
    too (`docs/theory.md`). Interventionally, background rows are counted for each pattern of conditions that they
    meet, and an explained row looks its own pattern up: the time grows with the rows plus the background. Leaves whose
    path has more than some ten features have too many patterns; there it grows with their product.

    References
    ----------
    .. [1] S. M. Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
       Nature Machine Intelligence 2, 2020: both kinds of worth.
    .. [2] A. Karczmarz et al., "Improved feature importance computation for tree models based on the Banzhaf value",
       UAI 2022.
    .. [3] R. Wettenstein, A. Nadel, "WOODELF", arXiv 2511.09376: patterns in place of pairs of rows.

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
        num_threads: int | None = None,
    ) -> None:
        check.choice("output", "probability" if output == "predict_proba" else output, ("raw", "probability"))
        self._num_threads = check.threads(num_threads)
        self._ensemble = readers.read(model)
        if output != "raw" and self._ensemble.output != "probability":
            raise ValueError(
                f"output must be 'raw' for this model, got {output!r}: its probabilities are no sum of trees but a "
                "function of one. banzhaf.Explainer(model, background)(X) explains them, and exactly if its budget "
                "pays for all coalitions of the features"
            )
        n_features = self._ensemble.n_features
        background, weights = plain_background(background, weights)
        rows = None if background is None else as_rows(background, "background", self._ensemble)
        if rows is None and self._ensemble.forest.is_linear:
            raise ValueError(
                "background is needed: the leaves of model are linear in features, whose mean over training rows "
                "the trees do not tell"
            )
        if rows is None and not self._ensemble.forest.has_cover:
            raise ValueError(
                "background is needed: this model does not tell how many training rows went where, "
                "by which path-dependent values weigh"
            )
        if rows is None and (tree := self._ensemble.forest.uncovered_tree()) is not None:
            raise ValueError(
                "background is needed: a split was reached by no training rows, or does not tell by how many "
                f"in tree {tree}, by which path-dependent values weigh"
            )
        columns = check.names("feature_names", feature_names, n_features, "columns")
        if columns is None and rows is not None and rows.kind != "numpy":
            # Players keep the background's order, whatever the model's.
            columns = tuple(rows.column_names[j] for j in np.argsort(rows.places))
        self._columns = columns or self._ensemble.feature_names or tuple(f"x{j}" for j in range(n_features))
        self._places = list(range(n_features) if rows is None else rows.places)
        self._players = name_players(groups, self._columns)
        self._background = None if rows is None else rows.cells
        if weights is not None and rows is None:
            raise ValueError("weights are the background rows', but there is no background")
        checked = check.row_weights(weights, 0 if rows is None else len(rows.cells))
        self._weights = np.array(checked) if checked else None
        # Beside its cells, of the background its kind and columns are all that is still needed.
        self._like = (
            None if rows is None else replace(rows, cells=rows.cells[:0].copy(), data=rows.data[:0].copy(), table=None)
        )
        self._prepare()
        predict = partial(self._values.predict, num_threads=self._num_threads)
        check_agreement(model, self._ensemble, predict, rows)

    def _prepare(self) -> None:
        """Make what the core keeps."""
        owner = player_of_column(self._players) or list(range(self._ensemble.n_features))
        self._values = _core.TreeValues(
            self._ensemble.forest.to_core(),
            [owner[place] for place in self._places],
            len(self._players),
            self._background,
            self._num_threads,
            weights=self._weights,
        )
        self._start_seconds: float | None = None  # of each call; to be measured

    def __getstate__(self) -> dict[str, Any]:
        """Give all but the core's part, which is made anew from it."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_values", "_start_seconds")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what `__getstate__` gave."""
        self.__dict__.update(state)
        self._prepare()

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the players: columns and groups of columns."""
        return tuple(self._players)

    @property
    def base_values(self) -> NDArray[np.float64]:
        """The worth of the empty coalition, shape () or (outputs,).

        The mean raw output over the background; without one, over the training rows as far as the trees tell.
        """
        return self._take(self._values.base_values)

    if not TYPE_CHECKING:  # a type checker tells them without it

        def __getattr__(self, name):
            """Tell shap's users what their names are here."""
            raise no_attribute(self, name)

    @hints("an explainer's call")
    def __call__(self, X: Any) -> Explanation:
        """Explain rows.

        Parameters
        ----------
        X : array_like or DataFrame of shape (rows, n_columns)
            In the same kind of table as the background. A DataFrame's columns may come in another order.

        Returns
        -------
        Explanation
            Of the raw output; its standard errors are 0. `r2` and `background_errors` are NaN: they would need
            coalitions, and the values of single background rows.

        Raises
        ------
        TypeError, ValueError
            If `X` does not fit the model and the background.
        """
        rows = as_rows(X, "X", self._ensemble, self._like)
        return self._explanation(
            self._take(_in_batches(self._values.explain, rows.cells, self._num_threads, self._seconds_to_start)), rows
        )

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Give the raw outputs that are explained.

        Parameters
        ----------
        X : array_like or DataFrame of shape (rows, n_columns)

        Returns
        -------
        ndarray of float64, shape (rows,) or (rows, outputs)
            The model's own raw outputs, but for its library's rounding.

        Raises
        ------
        TypeError, ValueError
            If `X` does not fit the model and the background.
        """
        rows = as_rows(X, "X", self._ensemble, self._like)
        return self._take(_in_batches(self._values.predict, rows.cells, self._num_threads))

    def _seconds_to_start(self) -> float:
        """Time what the core does in each call however few the rows: it makes the tables that it does not keep."""
        if self._start_seconds is None:
            start = time.perf_counter()
            self._values.explain(np.empty((0, self._ensemble.n_features)), self._num_threads)
            self._start_seconds = time.perf_counter() - start
        return self._start_seconds

    def _take(self, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Drop the axis of outputs where the library has none."""
        return outputs if self._ensemble.has_outputs_axis else outputs[..., 0]

    def _explanation(self, values: NDArray[np.float64], rows: Rows) -> Explanation:
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
        )


def _in_batches(
    method: Callable[[NDArray[np.float64], int], NDArray[np.float64]],
    cells: NDArray[np.float64],
    num_threads: int,
    seconds_to_start: Callable[[], float] = lambda: 0.0,
) -> NDArray[np.float64]:
    """Call the core for some rows at a time, which changes no bit: Python handles signals in between."""
    n_rows, n_threads = len(cells), num_threads or _core.default_num_threads()
    size = _LEAST_TILE * n_threads
    if n_rows <= size:
        return method(cells, num_threads)
    start_seconds = seconds_to_start()
    wanted = max(_CALL_SECONDS, _CALL_STARTS * start_seconds)
    if start_seconds > _LONG_START:
        size *= 32  # about as many rows as take several times as long as their tables
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
    """Round a number of rows such that no thread waits for the others' tiles."""
    most = _MOST_TILE * n_threads
    if n_rows >= most:
        return int(n_rows // most) * most
    return max(int(n_rows), 1 if n_threads == 1 else _LEAST_TILE * n_threads)
