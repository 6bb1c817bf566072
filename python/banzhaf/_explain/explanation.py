# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What an explainer returns: the Banzhaf values of the explained rows, free of the model."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._explain.kept_rows import KeptRows
from banzhaf._explain.row_shapley import shapley_of_rows
from banzhaf._explain.selection import positions, split_key
from banzhaf._explain.shap_names import no_attribute
from banzhaf._explain.summary import Summary, reduced
from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.cells import codes, count, plain, shorten
from banzhaf._support.fields import as_computed, built, counts, errors, floats, have_values, texts
from banzhaf._support.intervals import intervals, margins
from banzhaf._support.quantities import BANZHAF_VALUE, SHAPLEY_VALUE

if TYPE_CHECKING:
    import pandas as pd
    import shap

    from banzhaf._estimate.interactions import Interactions
    from banzhaf._plots.explanation_plots import ExplanationPlots

_REPR_FEATURES = 8
_ADJUSTMENTS = {
    "adjusted": "taken out of the error",
    "exact": "not sought: values are exact",
    "few pairs": "not sought: the budget is too small",
    "nested": "not sought: nested designs do not tell them apart, or are complete",
    "costly": "not sought: too much work for the budget; interactions='always' does it anyway",
    "no gain": "not taken out: no gain",
    "deadline": "not sought: there was a deadline",
    "design": "not sought: only design='hadamard' has pairs of its own for each background row",
}


@archive.archived
@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Explanation(archive.Result):
    """Banzhaf values of the features of each explained row.

    An explainer's call returns it. Arrays are copied and made read-only. Two explanations are equal when all their
    fields are, to the last bit, with NaN equal to NaN.

    Indexing selects rows, features and outputs, and always returns an Explanation:

    - ``explanation[3]``, ``explanation[:10]`` and ``explanation[mask]`` select rows. An integer selects one row.
    - ``explanation[:, "age"]`` and ``explanation[3:10, ["age", "bmi"]]`` select features, by name, position or mask.
    - ``explanation[..., "malignant"]`` selects an output, as `output` does.

    The figures about the whole call, such as `n_model_rows` and `rank`, stay as they are.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, features) or (rows, features, outputs)
        Banzhaf values, in the unit of the model's output.
    standard_errors : ndarray of float64, shape of `values`
        The sampling error: of the coalitions and, if the budget did not cover all background rows, of the background
        rows that were drawn. It is 0 where a value is exact, and NaN where there were too few evaluations to estimate
        it. With one design per background row (`design` "hadamard"), the errors of single background rows come from
        spare columns of their designs. The error is NaN if more than a quarter of the background rows without exact
        values have a design without spare columns, unless the background rows themselves are a random subset.
    background_errors : ndarray of float64, shape of `values`
        The background error: the background is a sample of the population that it stands for. It is the standard
        deviation of the values from single background rows, divided by the square root of their number. It is NaN for
        a single background row, and for designs that use the same coalitions for all background rows.
    base_values : ndarray of float64, shape () or (outputs,)
        The model's mean output over the background, which is the worth of the empty coalition.
    data : ndarray of float64 or object, shape (rows, features)
        The explained rows. An object array holds None or NaN (missing), bool, int, float and str. Any other cell,
        such as an array, becomes a text of at most 200 characters. So does a cell of a group of columns.
    feature_names : tuple of str
        The name of each feature, or of each group of columns.
    output_names : tuple of str, optional
        One name for each output.
    n_model_rows : int
        Model evaluations of the whole call: rows that were passed to the model.
    row_costs : ndarray of int64, shape (rows,)
        Model evaluations of each explained row. They do not count the evaluations of the background rows and of the
        explained rows themselves.
    n_background : ndarray of int64, shape (rows,)
        The number of background rows that each explained row is averaged over: all of them, if the budget covers them.
    design : str
        How the coalitions were chosen: the explainer's `design`, or that of a tree explainer.
    rank : int
        The smallest rank of all regressions. If it is below the number of features in which a row and a background row
        differ, the values are the minimum-norm solution.
    condition_number : float
        The largest condition number of all regressions.
    degrees_of_freedom : ndarray of float64, shape (rows,) or (rows, outputs)
        Degrees of freedom of the standard errors, for `intervals`; infinite for normal intervals.
    r2 : ndarray of float64, shape (rows,) or (rows, outputs)
        Share of the worths' variance that the values explain. With `design` "hadamard" these are the worths of single
        background rows.
    random_state : int
        The seed: the same call with this seed gives the same bits.
    stopped : tuple of str, one for each row
        Why the evaluation of the row ended: ``"budget"`` (spent, or no use for more), ``"tolerance"``, ``"top_k"``,
        ``"deadline"`` or ``"callback"``. A callback gets explanations with ``"running"``.
    quantity : str
        What `values` are, for labels: ``"Banzhaf value"`` or ``"Shapley value"``, between bars for `abs`, as in
        ``"|Banzhaf value|"``.
    predictions : ndarray of float64, shape (rows,) or (rows, outputs), optional
        The model's outputs for the explained rows themselves. None if the call did not evaluate the model on them, as
        for a tree explainer, or for another `design` than "hadamard". With `noisy`, each is a single evaluation.
    adjustments : tuple of str, one for each row
        What was done about interactions, as `Explainer` describes under `interactions`. ``"adjusted"`` means that they
        were taken out of the error, ``"none"`` that it was not asked for. Otherwise, there is a reason why not.
        ``"exact"``: the values have no error. ``"few pairs"``: a larger budget is needed. ``"nested"``: the designs do
        not show interactions, or are complete, so that they cancel. ``"costly"``: the search would take too long for
        the number of evaluations. ``"no gain"``: nothing was found that helps.
        ``"deadline"``: there was one. ``"design"``: it is not ``"hadamard"``.
    p : float
        Probability with which the coalitions contain each other feature, which then has the explained row's cell. 0.5
        for Banzhaf values.
    n_gradient_rows : int
        How many of the rows that were passed to the model gave gradients as well.
    estimators : tuple of str, one for each row
        Where the values come from: ``"gradients"`` of the model, its ``"values"`` on coalitions, or ``"both"``, by a
        weighted mean. See `gradients` of `Explainer`. `row_costs` counts each row of gradients as several evaluations.
        If values come from gradients alone, `r2` is NaN.
    gradient_weights : ndarray of float64, shape (rows,) or (rows, outputs), optional
        The part of the values that comes from gradients, from 0 to 1: the weight of the weighted mean. None if no
        values come from gradients.

    Raises
    ------
    TypeError, ValueError
        If a field has the wrong type, or its shape does not match that of `values`.

    See Also
    --------
    Explainer : Explain the predictions of any model.
    TreeExplainer : Explain tree ensembles exactly.
    load : Read a saved explanation.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> background = np.zeros((1, 3))
    >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0, 0.0]), background, random_state=0)
    >>> explanation = explain(np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 5.0]]))
    >>> explanation.values.round(6) + 0.0
    array([[1., 2., 0.],
           [2., 0., 0.]])
    >>> explanation[1].values.shape, explanation[:, ["x0", "x2"]].values.shape
    ((1, 3), (2, 2))
    """

    values: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    background_errors: NDArray[np.float64]
    base_values: NDArray[np.float64]
    data: NDArray[Any]
    feature_names: tuple[str, ...]
    output_names: tuple[str, ...] | None
    n_model_rows: int
    row_costs: NDArray[np.int64]
    n_background: NDArray[np.int64]
    design: str
    rank: int
    condition_number: float
    degrees_of_freedom: NDArray[np.float64]
    r2: NDArray[np.float64]
    random_state: int
    stopped: tuple[str, ...]
    quantity: str = BANZHAF_VALUE
    predictions: NDArray[np.float64] | None = None
    adjustments: tuple[str, ...] = ()
    _shapley: NDArray[np.float64] | None = None
    p: float = 0.5
    n_gradient_rows: int = 0
    estimators: tuple[str, ...] = ()
    gradient_weights: NDArray[np.float64] | None = None
    _evaluations: KeptRows | None = dataclasses.field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Copy, check and freeze the fields."""
        values = self._freeze("values", floats("values", self.values))
        if values.ndim not in (2, 3):
            shape = values.shape
            raise ValueError(f"values must be (rows, features) or (rows, features, outputs), got {shape}")
        rows, features, *outputs = values.shape
        for name, read, shape in (
            ("standard_errors", errors, values.shape),
            ("background_errors", errors, values.shape),
            ("base_values", floats, (*outputs,)),
            ("degrees_of_freedom", floats, (rows, *outputs)),
            ("r2", floats, (rows, *outputs)),
            ("row_costs", counts, (rows,)),
            ("n_background", counts, (rows,)),
            ("data", _cells, (rows, features)),
        ):
            self._freeze(name, read(name, getattr(self, name), shape))
        if self.predictions is not None:
            self._freeze("predictions", floats("predictions", self.predictions, (rows, *outputs)))
        if self.gradient_weights is not None:
            self._freeze("gradient_weights", floats("gradient_weights", self.gradient_weights, (rows, *outputs)))
        if self._shapley is not None:
            self._freeze("_shapley", floats("_shapley", self._shapley, (4, *values.shape)))
        set_field = object.__setattr__
        set_field(self, "feature_names", texts("feature_names", self.feature_names, features))
        if self.output_names is not None:
            set_field(self, "output_names", texts("output_names", self.output_names, *(outputs or [1])))
        for name in ("n_model_rows", "rank", "n_gradient_rows"):
            set_field(self, name, check.integer(name, getattr(self, name), 0))
        set_field(self, "random_state", check.integer("random_state", self.random_state, 0, check.MAX_SEED))
        for name in ("design", "quantity"):
            set_field(self, name, check.text(name, getattr(self, name)))
        set_field(self, "stopped", texts("stopped", self.stopped, rows))
        # Files of earlier versions have none.
        set_field(self, "adjustments", texts("adjustments", self.adjustments or ("none",) * rows, rows))
        set_field(self, "estimators", texts("estimators", self.estimators or ("values",) * rows, rows))
        set_field(self, "p", check.probability(self.p))
        set_field(self, "condition_number", check.real("condition_number", self.condition_number))
        kept = self._evaluations
        if kept is not None:
            if not isinstance(kept, KeptRows):
                raise TypeError(f"_evaluations must be kept evaluations or None, got {type(kept).__name__}")
            if (len(kept.rows), kept.n_players, kept.worths.shape[1]) != (rows, features, *(outputs or [1])):
                raise ValueError("_evaluations must be those of the rows, features and outputs of values")

    def _freeze(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        array.setflags(write=False)
        object.__setattr__(self, name, array)
        return array

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickle and make its arrays read-only again."""
        for name, value in state.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)
        if not self.adjustments:  # a pickle of an earlier version has none
            object.__setattr__(self, "adjustments", ("none",) * len(self))
        if not self.estimators:
            object.__setattr__(self, "estimators", ("values",) * len(self))

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Tell shap's users what their names are here."""
            raise no_attribute(self, name, of_explanations=True)

    def __len__(self) -> int:
        """Count the explained rows."""
        return len(self.values)

    def __getitem__(self, key: Any) -> Explanation:
        """Select rows, features and outputs; integers and names keep their axis, except those of an output."""
        by_row, by_feature, by_output = split_key(key, self.values.ndim)
        chosen = self._outputs(by_output)
        rows = positions("rows", by_row, len(self), None)
        features = positions("features", by_feature, len(self.feature_names), self.feature_names)
        if len(set(features.tolist())) < features.size:
            raise ValueError("features must differ from one another: an Explanation has each of them once")
        if not features.size:
            raise ValueError("features must be at least one: the index selects none")
        cells = np.ix_(rows, features)
        kept = chosen._evaluations
        if kept is not None:
            in_order = np.array_equal(features, np.arange(len(self.feature_names)))
            kept = kept.of_rows(rows) if in_order else None
        return dataclasses.replace(
            chosen,
            values=chosen.values[cells],
            standard_errors=chosen.standard_errors[cells],
            background_errors=chosen.background_errors[cells],
            data=chosen.data[cells],
            feature_names=tuple(chosen.feature_names[feature] for feature in features),
            row_costs=chosen.row_costs[rows],
            n_background=chosen.n_background[rows],
            degrees_of_freedom=chosen.degrees_of_freedom[rows],
            r2=chosen.r2[rows],
            predictions=None if chosen.predictions is None else chosen.predictions[rows],
            stopped=tuple(chosen.stopped[row] for row in rows),
            adjustments=tuple(chosen.adjustments[row] for row in rows),
            estimators=tuple(chosen.estimators[row] for row in rows),
            gradient_weights=None if chosen.gradient_weights is None else chosen.gradient_weights[rows],
            _shapley=None if chosen._shapley is None else chosen._shapley[(slice(None), *cells)],
            _evaluations=kept,
        )

    def _outputs(self, key: Any) -> Explanation:
        """Select outputs: one loses its axis, several keep it."""
        if isinstance(key, slice) and key == slice(None):
            return self
        if isinstance(key, str) or (np.ndim(key) == 0 and not isinstance(key, slice)):
            return self.output(key)
        if self.values.ndim == 2:
            raise ValueError("outputs must not be selected by a list or slice: this Explanation has one output")
        outputs = positions("outputs", key, self.values.shape[2], self.output_names)
        if not outputs.size or len(set(outputs.tolist())) < outputs.size:
            raise ValueError("outputs must be at least one, and differ from one another")
        names = self.output_names
        return self._of_outputs(outputs, tuple(names[output] for output in outputs) if names else None)

    def _of_outputs(self, index: int | NDArray[np.intp], names: tuple[str, ...] | None) -> Explanation:
        return dataclasses.replace(
            self,
            values=self.values[..., index],
            standard_errors=self.standard_errors[..., index],
            background_errors=self.background_errors[..., index],
            degrees_of_freedom=self.degrees_of_freedom[..., index],
            base_values=self.base_values[index],
            output_names=names,
            r2=self.r2[..., index],
            predictions=None if self.predictions is None else self.predictions[..., index],
            gradient_weights=None if self.gradient_weights is None else self.gradient_weights[..., index],
            _shapley=None if self._shapley is None else self._shapley[..., index],
            _evaluations=None if self._evaluations is None else self._evaluations.of_outputs(index),
        )

    @property
    def abs(self) -> Explanation:
        """The absolute values, with the same standard errors.

        An absolute value cannot be farther from the true one than the value itself is. The absolute value of an
        uncertain number near 0 is too large on average.
        """
        return dataclasses.replace(self, values=np.abs(self.values), quantity=f"|{self.quantity.strip('|')}|")

    def shapley(self) -> Explanation:
        """Return the Shapley values of the same rows, from the same model evaluations.

        With ``shapley=True`` in `Explainer`, they are accurate. Without it, they come from the evaluations that the
        call keeps: exact for background rows with all coalitions, and with larger errors otherwise. The values of a
        row add up to its prediction minus the base value. The result is an explanation like this one, so all its plots,
        reports and methods work.

        Returns
        -------
        Explanation
            With `quantity` ``"Shapley value"``. Its `standard_errors` include what interactions that the evaluations do
            not resolve may add. Its `background_errors` are NaN without ``shapley=True``.

        Raises
        ------
        ValueError
            If there are no evaluations, the model was `noisy`, or these are not Banzhaf values.

        See Also
        --------
        Explainer : Its argument `shapley` evaluates the coalitions that accurate Shapley values need.
        TreeExplainer.shapley : Compute Shapley values of trees exactly.

        Notes
        -----
        Take the game of one background row. Let b be a feature's Banzhaf value there, and a the mean of what it adds to
        no other feature and to all others. Its Shapley value is (2 b + a) / 3 if no five features or more interact. It
        is exact if all coalitions of the row were evaluated. See "Shapley values" on the theory page.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows.prod(axis=1), np.zeros((1, 3)), shapley=True)
        >>> explanation = explain(np.ones((1, 3)))
        >>> explanation.values.round(6), explanation.shapley().values.round(6)
        (array([[0.25, 0.25, 0.25]]), array([[0.333333, 0.333333, 0.333333]]))
        """
        if self.quantity == SHAPLEY_VALUE:
            return self
        if self.quantity != BANZHAF_VALUE:
            raise ValueError(f"shapley needs Banzhaf values with their signs, but these are {self.quantity}s")
        if self.p != 0.5:
            raise ValueError("shapley needs Banzhaf values, and these have another p: leave p out")
        parts = self._shapley
        if parts is None:
            parts = self._shapley_of_kept()
        values, sampling, unresolved, background = parts
        return dataclasses.replace(
            self,
            values=values,
            standard_errors=np.hypot(sampling, unresolved),
            background_errors=background,
            quantity=SHAPLEY_VALUE,
            _shapley=None,
        )

    def _shapley_of_kept(self) -> NDArray[np.float64]:
        kept = self._evaluations
        if kept is None:
            remedy = "call TreeExplainer.shapley(X)" if self.design == "trees" else "pass shapley=True to Explainer"
            raise ValueError(f"this explanation has no evaluations for Shapley values: {remedy}")
        if kept.noisy:
            raise ValueError(
                "shapley needs a deterministic model, but noisy is True: average the model's outputs over several calls"
            )
        return shapley_of_rows(self, kept).reshape(4, *self.values.shape)

    def mean(self, axis: int) -> Summary:
        """Average the values over rows or features.

        Rows without values, which a deadline cut off, are left out.

        Parameters
        ----------
        axis : {0, 1}
            0 averages over the rows and gives a number for each feature. 1 averages over the features and gives a
            number for each row.

        Returns
        -------
        Summary
            Its standard errors are the means of those that enter. They bound the standard error of the mean whatever
            the correlation of the errors, and rows do share coalitions.

        Raises
        ------
        ValueError
            If there is no row with values, or `axis` is neither 0 nor 1.

        See Also
        --------
        importance : The same of absolute values, with an interval by each row's own degrees of freedom.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> explanation = explain(np.array([[1.0, 1.0], [-3.0, 0.0]]))
        >>> explanation.mean(0).values.round(6)
        array([-1.,  1.])
        >>> explanation.abs.mean(0).values.round(6)
        array([2., 1.])
        """
        return reduced("mean", axis, self)

    def sum(self, axis: int) -> Summary:
        """Sum the values over rows or features.

        Unlike that of Shapley values, the sum over features need not be the prediction minus the mean output.

        Parameters
        ----------
        axis : {0, 1}
            0 sums over the rows, 1 over the features.

        Returns
        -------
        Summary
            Its standard errors are the sums of those that enter, which bound the standard error of the sum whatever
            the correlation of the errors.

        Raises
        ------
        ValueError
            If `axis` is 0 and a row has no values, or `axis` is neither 0 nor 1.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows.max(axis=1), np.zeros((1, 3)))
        >>> explain(np.array([[1.0, 2.0, 3.0]])).sum(1).values  # the model gives 3, and 0 on the background
        array([2.75])
        """
        return reduced("sum", axis, self)

    def max(self, axis: int) -> Summary:
        """Find the largest value over rows or features.

        Rows without values, which a deadline cut off, are left out. The largest of several uncertain numbers is too
        large on average.

        Parameters
        ----------
        axis : {0, 1}
            0 compares the rows, 1 the features.

        Returns
        -------
        Summary
            Its standard errors are the roots of the sums of the squared ones that enter, which bound the error of the
            maximum in root mean square, whatever the correlation. They are wide if many uncertain values enter.

        Raises
        ------
        ValueError
            If there is no row with values, or `axis` is neither 0 nor 1.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> explain(np.array([[1.0, 1.0], [-3.0, 0.0]])).abs.max(0).values.round(6)
        array([3., 2.])
        """
        return reduced("max", axis, self)

    def min(self, axis: int) -> Summary:
        """Find the smallest value over rows or features.

        Parameters
        ----------
        axis : {0, 1}
            As for `max`.

        Returns
        -------
        Summary
            With standard errors as for `max`; the smallest of several uncertain numbers is too small on average.

        Raises
        ------
        ValueError
            If there is no row with values, or `axis` is neither 0 nor 1.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> (explain(np.array([[1.0, 1.0], [-3.0, 0.0]])).min(0).values + 0.0).round(6)
        array([-3.,  0.])
        """
        return reduced("min", axis, self)

    def __repr__(self) -> str:
        """Show the sizes and the leading features by mean absolute value."""
        rows, features, *outputs = self.values.shape
        counts = [count(rows, "row"), count(features, "feature"), *(count(k, "output") for k in outputs)]
        spent = count(self.n_model_rows, "model evaluation")
        kind = "" if BANZHAF_VALUE in self.quantity else f"{self.quantity}, "
        weighted = "" if self.p == 0.5 else f", p={self.p:g}"
        header = f"Explanation: {kind}{', '.join(counts)}; {self.design} design{weighted}, {spent}"
        if self.n_gradient_rows:
            header += f" ({self.n_gradient_rows:,} of them with gradients)"
        for estimator, source in (("gradients", "gradients"), ("both", "gradients and coalitions")):
            n_from_it = self.estimators.count(estimator)
            if n_from_it:
                which = "values" if n_from_it == rows else f"values of {count(n_from_it, 'row')}"
                header += f"; {which} from {source}"
        early = [reason for reason in dict.fromkeys(self.stopped) if reason != "budget"]
        if early:
            header += f"; stopped: {', '.join(f'{reason} ({self.stopped.count(reason)})' for reason in early)}"
        told_of = [what for what in dict.fromkeys(self.adjustments) if what != "none"]
        if told_of:
            words = (_ADJUSTMENTS.get(what, what) for what in told_of)
            header += f"; interactions {', '.join(words)}"
        if not self.values.size:
            return header
        told = self._told()
        axes = (0, 2) if outputs else 0
        means, errors = np.abs(told.values).mean(axis=axes), told.standard_errors.mean(axis=axes)
        if len(told) < rows:
            header += f"; {count(rows - len(told), 'row')} without values"
        order = np.argsort(-means, kind="stable")[:_REPR_FEATURES]
        names = [shorten(self.feature_names[feature], 40) for feature in order]
        width = max(map(len, [*names, "feature"]))
        lines = [header, f"  {'feature':{width}}  mean |value|  standard error"]
        for name, feature in zip(names, order, strict=True):
            lines.append(f"  {name:{width}}  {means[feature]:12.4g}  {errors[feature]:14.2g}")
        if features > len(order):
            lines.append(f"  and {features - len(order)} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import explanation_card

        return explanation_card(self)

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        title: str | None = None,
        max_rows: int = 1000,
        level: float = 0.95,
        interactions: Interactions | None = None,
    ) -> None:
        """Write a report of this explanation: one HTML page that needs no network.

        The page says what was explained and how accurate it is. It shows the mean absolute values with intervals, a
        beeswarm, any single row and a table of numbers, and can be printed or mailed. Of two outputs with opposite
        values, as a two-class classifier's probabilities have, it shows the last.

        Parameters
        ----------
        path : str or path-like
            The page is written here, whole or not at all. No suffix is added, and an existing file is replaced.
        title : str, optional
            Heading of the page. By default it states the number of rows.
        max_rows : int, default 1000
            How many rows, from the first on, the page lets its reader choose from. Averages are over all rows.
        level : float, default 0.95
            Confidence level of the intervals, in (0, 1).
        interactions : Interactions, optional
            Interactions of the same rows and features. The page then shows the largest mean absolute ones.

        Raises
        ------
        TypeError, ValueError
            If an argument has the wrong type or is out of range.
        OSError
            If the folder of `path` does not exist, or the file cannot be written.

        See Also
        --------
        save : Write the explanation itself, to be loaded again.

        Notes
        -----
        Names, cells and the title are shown as text, whatever markup they contain. The page's
        Content-Security-Policy forbids every other script and every connection. Numbers on the page are rounded;
        `save` keeps every bit. A page of 1,000 rows and 30 features takes about 1 MB, and 0.7 MB more for each further
        output.

        Examples
        --------
        >>> import os, tempfile
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> path = os.path.join(tempfile.mkdtemp(), "report.html")
        >>> explain(np.eye(2)).to_html(path, title="Two rows")
        >>> with open(path, encoding="utf-8") as page:
        ...     page.readline().strip()
        '<!DOCTYPE html>'
        """
        from banzhaf._html.report import write_report

        write_report(self, path, title, max_rows, level, interactions)

    def intervals(self, level: float = 0.95, *, background: bool = False) -> NDArray[np.float64]:
        """Give confidence intervals of the values.

        An interval is the value, plus and minus the standard error times a quantile of Student's t distribution.

        Parameters
        ----------
        level : float, default 0.95
            The share of such intervals that contain the true value, in (0, 1).
        background : bool, default False
            What the true value is. By default it is the value over this very background, and the intervals cover the
            sampling error. With True it is the value over the population that the background is a random sample of,
            and the intervals cover the background error as well.

        Returns
        -------
        ndarray of float64, shape (rows, features, 2) or (rows, features, outputs, 2)
            Lower and upper ends. Both are the value where it is exact, and NaN where the standard error is NaN.

        Raises
        ------
        ValueError
            If `level` is not between 0 and 1.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> rng = np.random.default_rng(0)
        >>> explain = banzhaf.Explainer(
        ...     lambda rows: rows.prod(axis=1), rng.normal(size=(10, 8)), budget=640, random_state=0
        ... )
        >>> explain(rng.normal(size=(2, 8))).intervals(0.9).shape
        (2, 8, 2)
        """
        found = intervals(self.values, *self._errors(background), level)
        return np.maximum(found, 0.0) if self.quantity.startswith("|") else found

    def _errors(self, background: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return standard errors and their degrees of freedom, in shapes that broadcast."""
        own, freedom = self.standard_errors**2, self.degrees_of_freedom[:, np.newaxis]
        if not check.flag("background", background):
            return self.standard_errors, freedom
        other = self.background_errors**2
        n_background = self.n_background.reshape(-1, *[1] * (own.ndim - 1))
        with np.errstate(divide="ignore", invalid="ignore"):  # Satterthwaite's, for a sum of two variances
            shares = own**2 / freedom + other**2 / np.maximum(1, n_background - 1)
            together = np.where(shares > 0, (own + other) ** 2 / shares, np.inf)
        return np.sqrt(own + other), together

    def _told(self) -> Explanation:
        """Leave out rows without values, which a deadline cut off, unless all rows are without."""
        told = have_values(self.values)
        return self if told.all() or not told.any() else self[told]

    def importance(self, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Average the absolute values of each feature over the rows, with intervals.

        The intervals use the mean of the rows' standard errors. The rows' errors are correlated, because their
        coalitions come from one seed. The mean of the standard errors bounds the standard error of the mean whatever
        the correlation, so the intervals are rather too wide than too narrow.

        The absolute value of an uncertain number near 0 is too large on average. If a mean is no larger than a few
        standard errors, the feature matters little, but the mean does not say how much. Rows without values, which a
        deadline cut off, are left out.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, in (0, 1).

        Returns
        -------
        means : ndarray of float64, shape (features,) or (features, outputs)
            Mean absolute values, in the unit of the model's output.
        intervals : ndarray of float64, shape (features, 2) or (features, outputs, 2)
            Lower and upper ends, never below 0.

        Raises
        ------
        ValueError
            If `level` is not between 0 and 1, or there are no rows.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> means, intervals = explain(np.array([[1.0, 1.0], [-3.0, 0.0]])).importance()
        >>> means.round(6)
        array([2., 1.])
        """
        if not len(self):
            raise ValueError("an Explanation of no rows has no means: explain or select at least one row")
        told = self._told()
        means = np.abs(told.values).mean(axis=0)
        half = margins(*told._errors(False), level).mean(axis=0)
        return means, np.stack([np.maximum(means - half, 0.0), means + half], axis=-1)

    def interactions(self, order: int = 2, *, num_threads: int | None = None) -> Interactions:
        """Estimate the Banzhaf interactions of all pairs of features in each row, without the model.

        The interaction of two features says how much more one adds if the other is in the coalition too, on average
        over all coalitions of the other features. As for the values, it is a mean over the background rows. The
        evaluations are those that the call has kept (see ``keep_evaluations`` of `Explainer`).

        Parameters
        ----------
        order : int, default 2
            Number of features in each set. Only pairs can be estimated.
        num_threads : int, optional
            Number of threads, as for `Explainer`. It does not change the result.

        Returns
        -------
        Interactions
            The interactions of every pair in each row, in the unit of the model's output, with standard errors. They
            are NaN for pairs that the drawn background rows cannot show.

        Raises
        ------
        TypeError, ValueError
            If an argument is wrong, or there are no evaluations: the call kept none, the `design` is another than
            ``"hadamard"``, or features were selected from this explanation.

        See Also
        --------
        TreeExplainer.interactions : The exact interactions of tree ensembles.
        Interactions : The result: lists, arrays, tables and plots.

        Notes
        -----
        Each background row gives an unbiased estimate from the sums of worths in its pairs of coalitions. It is exact
        if all coalitions were evaluated, or if the nested design is complete and no more than three features interact.
        Otherwise, its standard error allows for everything that the pairs of features do not explain. With
        ``interactions="auto"``, most background rows have full Hadamard designs that share nothing. A fit to the other
        designs is then taken out of each one first, which makes the errors much smaller.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows[:, 0] * rows[:, 1] + rows[:, 2], np.zeros((1, 3)))
        >>> pairs = explain(np.array([[3.0, 2.0, 1.0], [1.0, 1.0, 5.0]])).interactions()
        >>> pairs.value("x0", "x1")
        array([6., 1.])
        """
        from banzhaf._explain.row_interactions import interactions_of_rows

        return interactions_of_rows(self, order, num_threads)

    def output(self, output: str | int) -> Explanation:
        """Pick one of the model's outputs.

        Parameters
        ----------
        output : str or int
            A name from `output_names`, or a position; negative ones count from the end.

        Returns
        -------
        Explanation
            With `values` of shape (rows, features). Its `output_names` holds the name of the output.

        Raises
        ------
        ValueError
            If there is no such output; the message lists the names.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows, np.zeros((1, 2)))
        >>> explain(np.eye(2)).output(1).values.round(6) + 0.0
        array([[0., 0.],
               [0., 1.]])
        """
        n_outputs = self.values.shape[2] if self.values.ndim == 3 else 1
        names = self.output_names or ()
        index = check.output_position(output, names, n_outputs)
        if self.values.ndim == 2:
            return self
        return self._of_outputs(index, (names[index],) if names else None)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Make a tidy pandas DataFrame: one line for each row, feature and output.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level of the columns `lower` and `upper`.

        Returns
        -------
        pandas.DataFrame
            The columns are `row` (position), `feature`, `output`, `data`, `value`, `standard_error`,
            `background_error`, `lower` and `upper`. The interval from `lower` to `upper` covers the sampling error
            only. `output` holds names, or positions if outputs have no names; it is left out if `values` has no
            axis of outputs.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If `level` is not between 0 and 1.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> explain(np.array([[1.0, 1.0], [-3.0, 0.0]])).to_frame()[["row", "feature", "data"]].head(2)
           row feature  data
        0    0      x0   1.0
        1    0      x1   1.0
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_frame needs pandas: pip install pandas") from error
        bounds = self.intervals(level)
        rows, features, *outputs = np.indices(self.values.shape).reshape(self.values.ndim, -1)
        columns: dict[str, Any] = {"row": rows, "feature": np.take(self.feature_names, features)}
        if outputs:
            columns["output"] = np.take(self.output_names, outputs[0]) if self.output_names else outputs[0]
        # A Series of the array's own dtype: pandas would turn None among strings into NaN.
        columns["data"] = pd.Series(self.data[rows, features], dtype=self.data.dtype)
        columns["value"] = self.values.ravel()
        columns["standard_error"] = self.standard_errors.ravel()
        columns["background_error"] = self.background_errors.ravel()
        columns["lower"] = bounds[..., 0].ravel()
        columns["upper"] = bounds[..., 1].ravel()
        return pd.DataFrame(columns)

    def to_shap(self) -> shap.Explanation:
        """Make a shap.Explanation, for shap's plots.

        In `data`, strings become numbers, because shap colours by them. `display_data` keeps the strings. If there are
        several outputs, pick one as you do in shap: ``explanation.to_shap()[..., 0]``.

        shap's waterfall ends at the base value plus the sum of the values. Banzhaf values, unlike Shapley values, need
        not sum to the model's output, so this end is not a prediction.

        Returns
        -------
        shap.Explanation
            Values, base values, data and names of this explanation, as copies.

        Raises
        ------
        ImportError
            If shap is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> explain(np.array([[1.0, 1.0], [-3.0, 0.0]])).to_shap().values.shape
        (2, 2)
        """
        try:
            import shap
        except ImportError as error:
            raise ImportError("to_shap needs shap: pip install 'banzhaf[shap]'") from error
        rows, _, *outputs = self.values.shape
        mixed = self.data.dtype == object
        numbers = np.empty(self.data.shape)
        for feature, column in enumerate(self.data.T):
            numbers[:, feature] = codes(column)[0]
        names = self.output_names
        if names is None and outputs:
            names = tuple(f"output {index}" for index in range(outputs[0]))
        return shap.Explanation(
            self.values.copy(),
            base_values=np.tile(self.base_values, (rows, 1)) if outputs else np.full(rows, self.base_values),
            data=numbers,
            display_data=self.data.copy() if mixed else None,
            feature_names=list(self.feature_names),
            output_names=list(names) if names and outputs else None,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write this explanation to a file that ``banzhaf.load`` reads.

        Parameters
        ----------
        path : str or path-like
            Name of the file, used as given. An existing file is replaced once the new one is complete.

        Raises
        ------
        OSError
            If the file cannot be written. An existing file is then unchanged.

        Examples
        --------
        >>> import os, tempfile
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> explanation = explain(np.array([[1.0, 1.0], [-3.0, 0.0]]))
        >>> path = os.path.join(tempfile.mkdtemp(), "explanation.banzhaf")
        >>> explanation.save(path)
        >>> banzhaf.load(path) == explanation
        True
        """
        archive.save(self, path)

    @property
    def plot(self) -> ExplanationPlots:
        """Plots of this explanation.

        ``plot.bar()``, ``plot.beeswarm()`` and ``plot.heatmap()`` draw all rows, ``plot.scatter(feature)`` one feature,
        ``plot.row(i)`` and ``plot.force(i)`` one row. ``plot.convergence(history)`` and ``plot.compare(other)`` draw
        several results.
        """
        from banzhaf._plots.explanation_plots import ExplanationPlots

        return ExplanationPlots(self)


def explanation_of(*, data: NDArray[Any], **fields: Any) -> Explanation:
    """Make an explanation of what an explainer has just computed, with a copy of the rows."""
    fields.setdefault("adjustments", ("none",) * len(data))
    fields.setdefault("estimators", ("values",) * len(data))
    return as_computed(Explanation, data=_own_cells(data), **fields)


def explanation_of_core(fields: dict[str, Any]) -> Explanation:
    """Make an explanation of what the core has just computed, whose arrays are read-only already."""
    cells = fields["data"] = _own_cells(fields["data"])
    cells.setflags(write=False)
    return built(Explanation, fields)


def _own_cells(data: NDArray[Any]) -> NDArray[Any]:
    return data if data.dtype.char == "d" else _cells("data", data, data.shape)


def _cells(name: str, array: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """Copy the explained rows, as float64 if they are all numbers, else as objects that JSON can hold."""
    array = np.asarray(array)
    if array.dtype.kind in "biuf":
        return floats(name, array, shape)
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape} to match values, got {array.shape}")
    cells = np.empty(array.size, dtype=object)
    cells[:] = [plain(value) for value in array.flat]
    return cells.reshape(shape)
