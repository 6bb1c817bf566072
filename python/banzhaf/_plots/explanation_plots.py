# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The plots of an explanation, which users reach as ``explanation.plot``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from banzhaf._plots.bars import bar
from banzhaf._plots.comparison import compare
from banzhaf._plots.convergence import convergence_of_row
from banzhaf._plots.force import force
from banzhaf._plots.heatmap import heatmap
from banzhaf._plots.row import row_bars
from banzhaf._plots.scatter import scatter
from banzhaf._plots.swarm import beeswarm
from banzhaf._support.protocols import Explained, Interacting

if TYPE_CHECKING:
    from collections.abc import Iterable

    import shap
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike


@dataclasses.dataclass(frozen=True)
class ExplanationPlots:
    """The plots of an explanation, as ``explanation.plot``.

    Each method draws on `ax`, or on a new figure that fits its contents, and returns the Axes. Call ``plt.show()`` or
    ``ax.figure.savefig(path)`` afterwards. Colours of texts, lines and intervals follow matplotlib's current style,
    also a dark one.

    Features are ordered by mean absolute value. If there are more than `max_display`, most plots draw the sum of the
    others as one.

    A plot of a model with several outputs shows the one that `output` names. You can leave it out if there are two
    outputs that mirror each other, as the probabilities of two classes do: the plot then shows the last one.

    Parameters
    ----------
    explanation : Explanation
        What to plot.
    """

    explanation: Explained

    def bar(
        self,
        *,
        ax: Axes | None = None,
        max_display: int = 10,
        output: str | int | None = None,
        level: float = 0.95,
    ) -> Axes:
        """Draw the mean absolute value of each feature over the rows, with intervals.

        The intervals are those of `Explanation.importance`. They cover the sampling error of the means over this very
        background, and are rather too wide than too narrow, because the rows share their coalitions. The mean absolute
        value of a feature that hardly matters is too large on average. The bar of the other features is the sum of
        their bars. It has no interval, because the correlation of their errors is unknown.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 10
            How many features to show.
        output : str or int, optional
            The output to show. By default the plot stacks all of them, with the interval of the whole. If there are
            more than ten, it shows the nine largest and the sum of the others.
        level : float, default 0.95
            Confidence level of the intervals, in (0, 1).

        Returns
        -------
        matplotlib Axes
            The axes, to adjust or to save.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are no rows, or an argument is out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)))
        >>> ax = explain(np.eye(2)).plot.bar()
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['x1', 'x0']
        """
        return bar(self.explanation, ax, max_display, output, level)

    def beeswarm(self, *, ax: Axes | None = None, max_display: int = 10, output: str | int | None = None) -> Axes:
        """Draw one dot for each explained row and feature, coloured by the feature's value.

        Dots that would overlap are spread upwards and downwards. The colours run from the feature's 5th to its 95th
        percentile. Missing cells are grey, and so are all cells of a feature with strings, because strings have no
        order.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; the colour bar takes some of its room.
        max_display : int, default 10
            How many features to show.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.

        Returns
        -------
        matplotlib Axes
            The axes, to adjust or to save.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are no rows, or an argument is missing or out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> ax = explain(np.eye(2)).plot.beeswarm()
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['x1', 'x0']
        """
        return beeswarm(self.explanation, ax, max_display, output)

    def row(
        self,
        row: int,
        *,
        ax: Axes | None = None,
        max_display: int = 10,
        output: str | int | None = None,
        level: float = 0.95,
    ) -> Axes:
        """Draw the values of one explained row, with intervals: red raises the output, blue lowers it.

        The thin intervals with caps are those of `Explanation.intervals` and cover the sampling error. The broad light
        intervals behind them add the background error: the background is a sample of a larger population
        (``intervals(background=True)``). They are drawn where that error is known. An exact value has no interval. The
        bar of the other features is the sum of their values. It has no interval, because the correlation of their
        errors is unknown.

        Parameters
        ----------
        row : int
            Position of the row; negative ones count from the end.
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 10
            How many features to show, the largest absolute values first.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.
        level : float, default 0.95
            Confidence level of the intervals, in (0, 1).

        Returns
        -------
        matplotlib Axes
            The axes, to adjust or to save.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        IndexError
            If there is no such row.
        ValueError
            If an argument is missing or out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)), random_state=0)
        >>> ax = explain(np.eye(2)).plot.row(0)
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['x0 = 1', 'x1 = 0']
        """
        return row_bars(self.explanation, row, ax, max_display, output, level)

    def heatmap(
        self,
        *,
        ax: Axes | None = None,
        max_display: int = 10,
        output: str | int | None = None,
        predictions: ArrayLike | None = None,
    ) -> Axes:
        """Draw all values as colours: one column for each explained row, one line for each feature.

        Columns are ordered so that similar rows are side by side. Red raises the output, blue lowers it, and zero
        has the colour of the canvas. Values beyond the 99th percentile of the absolute values all have the strongest
        colour. Rows without values, which a deadline cut off, are at the right, in grey.

        The panel above shows the model's output for each row if you pass `predictions`. By default it shows the mean
        output over the background plus the sum of the row's values. Banzhaf values, unlike Shapley values, need not
        sum to the prediction, so the two may differ.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw. The colour bar and the panel take some of its room.
        max_display : int, default 10
            How many features to show.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.
        predictions : array_like of float, shape (rows,), optional
            The model's output for each explained row, in the unit of the values.

        Returns
        -------
        matplotlib Axes
            The axes, to adjust or to save.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are no rows, `predictions` has another shape, or an argument is missing or out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)))
        >>> ax = explain(np.eye(2)).plot.heatmap(predictions=[1.0, 2.0])
        >>> ax.get_xlabel()
        '2 explained rows, similar ones side by side'
        """
        return heatmap(self.explanation, ax, max_display, output, predictions)

    def scatter(
        self,
        feature: str | int,
        *,
        color_by: str | int | None = "auto",
        interactions: Interacting | None = None,
        ax: Axes | None = None,
        output: str | int | None = None,
        level: float | None = None,
    ) -> Axes:
        """Draw the values of one feature against its cells, coloured by a second feature.

        A feature with strings gets one column of dots for each category; of more than 20 categories the 19 most
        frequent have columns of their own. Missing cells are in a separate strip with that label.

        Parameters
        ----------
        feature : str or int
            The feature, by name or position.
        color_by : str or int or None, default "auto"
            The feature that colours the dots. With ``"auto"`` it is the one with the largest mean absolute interaction
            with `feature` if `interactions` are given. Otherwise it is the one that explains most of the spread among
            rows with similar cells of `feature`, beyond chance. If no feature does, or with None, all dots have one
            colour. To colour by a feature that is called "auto", give its position.
        interactions : Interactions, optional
            Interactions of pairs of these features, to find the strongest partner of `feature` with.
        ax : matplotlib Axes, optional
            Where to draw; a colour bar takes some of its room.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.
        level : float, optional
            Confidence level of intervals around the dots, in (0, 1). By default there are none.

        Returns
        -------
        matplotlib Axes
            The axes, to adjust or to save.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError, ValueError
            If there are no rows, there is no such feature, or an argument is missing or out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(
        ...     lambda rows: rows[:, 0] * rows[:, 1], np.zeros((1, 2)), feature_names=["dose", "age"]
        ... )
        >>> rows = np.random.default_rng(0).normal(size=(50, 2))
        >>> ax = explain(rows).plot.scatter("dose", color_by="age")
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('dose', 'Banzhaf value')
        """
        return scatter(self.explanation, feature, color_by, ax, output, level, interactions)

    def convergence(
        self,
        history: Iterable[Explained],
        row: int = 0,
        *,
        ax: Axes | None = None,
        max_display: int = 6,
        output: str | int | None = None,
        level: float = 0.95,
    ) -> Axes:
        """Draw how the values of one row settled: values and intervals against model evaluations.

        Collect the history with a callback:
        ``history = []; explanation = explainer(X, callback=history.append)``.

        Parameters
        ----------
        history : iterable of Explanation
            What the callback of the call was given, in order. This explanation is drawn as the last one.
        row : int, default 0
            Position of the row; negative ones count from the end.
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 6
            How many features to show, those with the largest absolute values at the end; at most 10.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.
        level : float, default 0.95
            Confidence level of the bands, in (0, 1).

        Returns
        -------
        matplotlib Axes
            The axes, to adjust or to save.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        IndexError
            If there is no such row.
        TypeError, ValueError
            If `history` is empty or comes from another call, or an argument is missing or out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> rng = np.random.default_rng(0)
        >>> explain = banzhaf.Explainer(
        ...     lambda rows: np.prod(rows[:, :8] + 2, axis=1), rng.normal(size=(10, 12)), budget=4000, random_state=0
        ... )
        >>> history = []
        >>> ax = explain(rng.normal(size=(2, 12)), callback=history.append).plot.convergence(history, row=1)
        >>> ax.get_xlabel()
        'model evaluations of this row'
        """
        return convergence_of_row(self.explanation, history, row, ax, max_display, output, level)

    def compare(
        self,
        other: Explained | shap.Explanation | ArrayLike,
        row: int | None = None,
        *,
        ax: Axes | None = None,
        max_display: int = 10,
        output: str | int | None = None,
        level: float = 0.95,
        labels: tuple[str, str] | None = None,
    ) -> Axes:
        """Draw this explanation and another of the same rows: mean absolute values, or the values of one row.

        Without `row` the plot shows two bars for each feature. With `row` it shows one dot for each feature, this
        explanation's value along the horizontal axis and the other one's along the vertical axis. Features are matched
        by name if `other` has names.

        Banzhaf and Shapley values have the unit of the model's output, but weight coalitions differently. Compare their
        order and signs: a longer bar need not mean a more important feature.

        Parameters
        ----------
        other : Explanation, shap.Explanation or array_like of shape (rows, features)
            The other explanation. Several outputs must be those of this one.
        row : int, optional
            Position of the row; negative ones count from the end.
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 10
            How many features to show, those with the largest values in either explanation.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.
        level : float, default 0.95
            Confidence level of the intervals, in (0, 1).
        labels : tuple of two str, optional
            What to call the two explanations.

        Returns
        -------
        matplotlib Axes
            The axes, to adjust or to save.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        IndexError
            If there is no such row.
        TypeError, ValueError
            If `other` has other rows, features or outputs, or an argument is missing or out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)))
        >>> ax = explain(np.eye(2)).plot.compare([[1.0, 0.0], [0.0, 2.0]], labels=("Banzhaf", "Shapley"))
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['Banzhaf', 'Shapley']
        """
        return compare(self.explanation, other, row, ax, max_display, output, level, labels)

    def force(
        self,
        row: int,
        *,
        prediction: float | None = None,
        ax: Axes | None = None,
        max_display: int = 8,
        output: str | int | None = None,
    ) -> Axes:
        """Draw one row as forces: features that raise the mean output, features that lower it, and their sum.

        The red parts start at the mean output over the background and end where the blue parts start. The blue parts
        end at the sum. Banzhaf values, unlike Shapley values, need not sum to the prediction. The title says so, and
        a hatched bar shows the difference if you pass `prediction`.

        Parameters
        ----------
        row : int
            Position of the row; negative ones count from the end.
        prediction : float, optional
            The model's output for this row, in the unit of the values.
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 8
            How many features to show; the others are added up in one part for each direction.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.

        Returns
        -------
        matplotlib Axes
            The axes, to adjust or to save.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        IndexError
            If there is no such row.
        TypeError, ValueError
            If the row has no values, or an argument is missing or out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows.max(axis=1), np.zeros((1, 3)))
        >>> explanation = explain(np.array([[1.0, 2.0, 3.0]]))
        >>> ax = explanation.plot.force(0, prediction=3.0)
        >>> print(ax.get_title())
        row 0: mean output 0 (dotted), sum 2.75 (line),
        prediction 3 (dashed)
        Banzhaf values need not sum to the prediction
        """
        return force(self.explanation, row, prediction, ax, max_display, output)
