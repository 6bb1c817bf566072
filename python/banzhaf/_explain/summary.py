# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Means, sums and extremes of an explanation's values over its rows or features, with bounds of their errors."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from banzhaf._support import archive
from banzhaf._support import arguments as check
from banzhaf._support.cells import count, shorten
from banzhaf._support.fields import errors, floats, have_values, texts
from banzhaf._support.intervals import intervals

if TYPE_CHECKING:
    import pandas as pd

    from banzhaf._plots.values_plots import SummaryPlots

_REPR_NAMES = 10


@archive.archived
@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Summary(archive.Result):
    """Values of an explanation that were averaged, summed or compared over rows or over features.

    `Explanation.mean`, `Explanation.sum`, `Explanation.max` and `Explanation.min` return it. Arrays are read-only. Two
    summaries are equal when all their fields are, to the last bit, with NaN equal to NaN.

    Parameters
    ----------
    values : ndarray of float64, shape (n,) or (n, outputs)
        One number for each feature if rows were summarised, else one for each row; in the unit of the model's output.
    standard_errors : ndarray of float64, shape of `values`
        Upper bounds of the standard errors that sampling causes, whatever the correlation of the errors that enter; 0
        where a value is exact, NaN where an error is unknown.
    degrees_of_freedom : ndarray of float64, shape of `values`
        Of Student's t for `intervals`: the smallest that enter.
    names : tuple of str
        The features' names, or ``"row 0"``, ``"row 1"``, ... for rows.
    output_names : tuple of str, optional
        One name for each output.
    quantity : str
        What the values are, such as ``"mean |Banzhaf value|"``.
    count : int
        How many rows or features each value summarises.
    over : {"rows", "features"}
        What each value summarises.

    Raises
    ------
    TypeError, ValueError
        If a field has the wrong type, or its shape does not match that of `values`.

    See Also
    --------
    Explanation : The values of single rows, which a summary condenses.

    Examples
    --------
    >>> import numpy as np
    >>> import banzhaf
    >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
    >>> summary = explain(np.array([[1.0, 1.0], [-3.0, 0.0]])).abs.mean(0)
    >>> summary.names, summary.values.round(6)
    (('x0', 'x1'), array([2., 1.]))
    """

    values: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    degrees_of_freedom: NDArray[np.float64]
    names: tuple[str, ...]
    output_names: tuple[str, ...] | None
    quantity: str
    count: int
    over: str

    def __post_init__(self) -> None:
        """Check the fields and replace the arrays by read-only copies."""
        values = floats("values", self.values)
        if values.ndim not in (1, 2):
            raise ValueError(f"values must have shape (n,) or (n, outputs), got {values.shape}")
        checked: dict[str, Any] = {
            "values": values,
            "standard_errors": errors("standard_errors", self.standard_errors, values.shape),
            "degrees_of_freedom": floats("degrees_of_freedom", self.degrees_of_freedom, values.shape),
            "names": texts("names", self.names, len(values)),
            "quantity": check.text("quantity", self.quantity),
            "count": check.integer("count", self.count, 0),
            "over": check.choice("over", self.over, ("rows", "features")),
        }
        if self.output_names is not None:
            checked["output_names"] = texts("output_names", self.output_names, *(values.shape[1:] or [1]))
        vars(self).update(checked)

    def __len__(self) -> int:
        """Return the number of values: features, or rows."""
        return len(self.values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the values, for NumPy's functions."""
        return np.array(self.values, dtype=dtype, copy=True if copy is None else copy)

    def __repr__(self) -> str:
        """Show the largest values and bounds of their standard errors."""
        of = "feature" if self.over == "rows" else "row"
        outputs = f", {self.values.shape[1]} outputs" if self.values.ndim == 2 else ""
        over = count(self.count, self.over[:-1])
        lines = [f"Summary: {self.quantity} over {over}; {count(len(self), of)}{outputs}"]
        size = np.abs(self.values).reshape(len(self), -1).max(axis=1, initial=0.0)
        leading = np.argsort(-size, kind="stable")[:_REPR_NAMES]
        labels = [shorten(self.names[place], 40) for place in leading]
        width = max(map(len, labels), default=0)
        for label, place in zip(labels, leading, strict=True):
            cells = [
                f"{value:12.4g} +- {error:.2g}"
                for value, error in zip(
                    np.atleast_1d(self.values[place])[:3], np.atleast_1d(self.standard_errors[place]), strict=False
                )
            ]
            lines.append(f"  {label:{width}}{''.join(cells)}")
        if len(self) > len(leading):
            lines.append(f"  and {len(self) - len(leading)} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from banzhaf._html.cards import summary_card

        return summary_card(self)

    def intervals(self, level: float = 0.95) -> NDArray[np.float64]:
        """Compute confidence intervals by Student's t, which are too wide rather than too narrow.

        Parameters
        ----------
        level : float, default 0.95
            Least share of intervals that cover the true value, strictly between 0 and 1.

        Returns
        -------
        ndarray of float64, shape (n, 2) or (n, outputs, 2)
            Lower and upper ends. Those of absolute values are never below 0.

        Raises
        ------
        ValueError
            If `level` is not between 0 and 1.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> explain(np.array([[1.0, 1.0], [-3.0, 0.0]])).mean(0).intervals().shape
        (2, 2)
        """
        found = intervals(self.values, self.standard_errors, self.degrees_of_freedom, level)
        return np.maximum(found, 0.0) if "|" in self.quantity else found

    def output(self, output: str | int) -> Summary:
        """Pick one of the model's outputs.

        Parameters
        ----------
        output : str or int
            A name from `output_names`, or a position; negative ones count from the end.

        Returns
        -------
        Summary
            The summary of that output, with `values` of shape (n,).

        Raises
        ------
        ValueError
            If there is no such output.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> model = lambda rows: np.column_stack([rows[:, 0], rows[:, 1]])
        >>> explain = banzhaf.Explainer(model, np.zeros((1, 2)), random_state=0)
        >>> (explain(np.array([[1.0, 2.0]])).mean(0).output(1).values + 0.0).round(6)
        array([0., 2.])
        """
        names = self.output_names or ()
        n_outputs = self.values.shape[1] if self.values.ndim == 2 else 1
        index = check.output_position(output, names, n_outputs)
        if self.values.ndim == 1:
            return self
        return dataclasses.replace(
            self,
            values=self.values[:, index],
            standard_errors=self.standard_errors[:, index],
            degrees_of_freedom=self.degrees_of_freedom[:, index],
            output_names=(names[index],) if names else None,
        )

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Make a tidy pandas DataFrame: one line for each value.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level of the columns `lower` and `upper`.

        Returns
        -------
        pandas.DataFrame
            Columns `name`, `output` (if `values` has outputs), `value`, `standard_error`, `lower` and `upper`.

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
        >>> explain(np.array([[1.0, 1.0], [-3.0, 0.0]])).mean(0).to_frame()["name"].tolist()
        ['x0', 'x1']
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_frame needs pandas: pip install pandas") from error
        bounds = self.intervals(level)
        n_outputs = self.values.shape[1] if self.values.ndim == 2 else 1
        columns: dict[str, Any] = {"name": np.repeat(np.array(self.names, dtype=object), n_outputs)}
        if self.values.ndim == 2:
            columns["output"] = np.tile(np.array(self.output_names or range(n_outputs)), len(self))
        columns["value"] = self.values.ravel()
        columns["standard_error"] = self.standard_errors.ravel()
        columns["lower"] = bounds[..., 0].ravel()
        columns["upper"] = bounds[..., 1].ravel()
        return pd.DataFrame(columns)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write this summary to a file that ``banzhaf.load`` reads.

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
        >>> summary = explain(np.array([[1.0, 1.0], [-3.0, 0.0]])).mean(0)
        >>> path = os.path.join(tempfile.mkdtemp(), "summary.banzhaf")
        >>> summary.save(path)
        >>> banzhaf.load(path) == summary
        True
        """
        archive.save(self, path)

    @property
    def plot(self) -> SummaryPlots:
        """Plots of this summary: ``plot.bar()``."""
        from banzhaf._plots.values_plots import SummaryPlots

        return SummaryPlots(self)


def reduced(kind: str, axis: Any, explanation: Any) -> Summary:
    """Summarise an explanation over its rows or features."""
    if isinstance(axis, bool) or axis not in (0, 1):
        remedy = "; select an output with explanation[..., name]" if axis in (2, -1) else ""
        raise ValueError(f"axis must be 0, over rows, or 1, over features{remedy}; got {axis!r}")
    values, own = explanation.values, explanation.standard_errors
    freedom = np.broadcast_to(explanation.degrees_of_freedom[:, np.newaxis], values.shape)
    if axis == 0:
        known = have_values(values)
        if not known.any():
            raise ValueError(f"{kind}(0) needs a row that has values: this Explanation has none")
        if kind == "sum" and not known.all():
            raise ValueError(
                f"sum(0) needs values in all rows, but {np.count_nonzero(~known)} have none: select the others first, "
                "explanation[~numpy.isnan(explanation.values[:, 0])], or take mean(0), which leaves them out"
            )
        values, own, freedom = values[known], own[known], freedom[known]
    if kind in ("mean", "sum"):
        found, bound = values.sum(axis=axis), own.sum(axis=axis)
        if kind == "mean":
            found, bound = values.mean(axis=axis), own.mean(axis=axis)
    else:
        found = (values.max if kind == "max" else values.min)(axis=axis)
        bound = np.sqrt((own**2).sum(axis=axis))
    rows = tuple(f"row {row}" for row in range(len(explanation)))
    words = {"mean": "mean", "sum": "sum of", "max": "largest", "min": "smallest"}
    return Summary(
        values=found,
        standard_errors=bound,
        degrees_of_freedom=np.where(own == 0.0, np.inf, freedom).min(axis=axis),
        names=explanation.feature_names if axis == 0 else rows,
        output_names=explanation.output_names,
        quantity=f"{words[kind]} {explanation.quantity}",
        count=values.shape[axis],
        over="rows" if axis == 0 else "features",
    )
