# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The plots of an explanation, which users reach as ``explanation.plot``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from banzhaf._plots.bars import bar
from banzhaf._plots.protocols import Explained
from banzhaf._plots.row import row_bars
from banzhaf._plots.swarm import beeswarm

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True)
class ExplanationPlots:
    """The plots of an explanation, as ``explanation.plot``.

    Every method draws on `ax`, or on a new figure that is as high as its features need, and returns the Axes.
    Nothing is shown and no style is changed: ``plt.show()`` or ``ax.figure.savefig(path)`` is the caller's.
    Features are ordered by mean absolute value; beyond `max_display` of them the rest are drawn as one.

    Of several outputs a plot shows the one that `output` names. When it is None and there are two outputs
    that mirror each other, as a two-class classifier's probabilities do, the last one is shown, since the
    other says nothing more.

    Parameters
    ----------
    explanation : Explanation
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

        The intervals are those of `Explanation.importance`: what the draw of coalitions leaves uncertain about the
        means over this very background, and wide rather than narrow, since rows share their coalitions. A mean of
        absolute values is too large on average for a feature that hardly matters. The bar of the other features is
        the sum of their bars and has no interval, since nothing is known about how their errors go together.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 10
            How many features to show.
        output : str or int, optional
            The output to show. By default all of them, stacked, with the interval of the whole; the nine
            largest and the rest if there are more than ten.
        level : float, default 0.95
            Confidence level of the intervals, in (0, 1).

        Returns
        -------
        matplotlib Axes

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

        Dots that would overlap are spread upwards and downwards. The colour runs from the feature's 5th to
        its 95th percentile; cells that are missing, and features with strings, which have no order, are grey.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; the colour bar takes some of its room.
        max_display : int, default 10
            How many features to show.
        output : str or int, optional
            The output to show; needed if there are several that do not mirror each other.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are no rows, or an argument is missing or out of range.
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

        Thin intervals with caps are those of `Explanation.intervals`: what the draw of coalitions leaves uncertain.
        Broad light ones, behind them, add what the background leaves uncertain as a sample of a larger population
        (``intervals(background=True)``), where that is known. Nothing is drawn where a value is exact. The bar of
        the other features is the sum of their values and has no interval, since nothing is known about how their
        errors go together.

        Parameters
        ----------
        row : int
            Position of the row; negative ones count from the end.
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 10
            How many features to show, the largest absolute values first.
        output : str or int, optional
            The output to show; needed if there are several that do not mirror each other.
        level : float, default 0.95
            Confidence level of the intervals, in (0, 1).

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        IndexError
            If there is no such row.
        ValueError
            If an argument is missing or out of range.
        """
        return row_bars(self.explanation, row, ax, max_display, output, level)
