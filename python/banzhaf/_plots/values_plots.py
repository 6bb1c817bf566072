# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The plots of a game's values, ``values.plot``, and of summaries of an explanation, ``summary.plot``."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from banzhaf._plots.bars import value_bars
from banzhaf._plots.choice import of_output, split, with_intervals
from banzhaf._plots.convergence import convergence_of_game, output_of
from banzhaf._plots.style import LABEL_WIDTH
from banzhaf._support.cells import shorten
from banzhaf._support.protocols import PlayersValued, Summarised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True)
class ValuesPlots:
    """The plots of a game's values, as ``values.plot``.

    Each method draws on `ax`, or on a new figure that fits its contents, and returns the Axes. Call ``plt.show()`` or
    ``ax.figure.savefig(path)`` afterwards. Colours of texts, lines and intervals follow matplotlib's current style.

    Parameters
    ----------
    result : BanzhafValues or ShapleyValues
        What to plot.
    """

    result: PlayersValued

    def bar(
        self,
        *,
        ax: Axes | None = None,
        max_display: int = 20,
        output: int | None = None,
        level: float = 0.95,
    ) -> Axes:
        """Draw the values of the players, with intervals: red is above zero, blue below.

        The largest absolute values come first. The bar of the other players is the sum of their values. It has no
        interval, because the correlation of their errors is unknown.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 20
            How many players to show.
        output : int, optional
            Position of the output to show; needed if there are several.
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
            If an argument is missing or out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> weights = np.array([4.0, 2.0, 1.0])
        >>> values = banzhaf.exact(lambda c: c @ weights > 3.5, 3, player_names=["Ann", "Bob", "Cid"])
        >>> ax = values.plot.bar()
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['Ann', 'Bob', 'Cid']
        """
        take = output_of(self.result, output)
        values = take(self.result.values)
        margins = take(self.result.intervals(level)[..., 1] - self.result.values)
        names = self.result.player_names or tuple(f"player {index}" for index in range(len(self.result)))
        ax, _ = value_bars(
            ax, lambda index: shorten(names[index], LABEL_WIDTH), values, margins, None, max_display, "players"
        )
        of = f" for output {output}" if self.result.values.ndim == 2 and output is not None else ""
        ax.set_xlabel(f"{self.result.quantity}{of}{with_intervals(self.result, level)}")
        return ax

    def convergence(
        self,
        history: Iterable[PlayersValued],
        *,
        ax: Axes | None = None,
        max_display: int = 6,
        output: int | None = None,
        level: float = 0.95,
    ) -> Axes:
        """Draw how the values settled: values and intervals against evaluations of the game.

        Collect the history with a callback:
        ``history = []; values = banzhaf.estimate(..., callback=history.append)``.

        Parameters
        ----------
        history : iterable of BanzhafValues
            What the callback of the call was given, in order. These values are drawn as the last ones.
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 6
            How many players to show, those with the largest absolute values at the end; at most 10.
        output : int, optional
            Position of the output to show; needed if there are several.
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
        TypeError, ValueError
            If `history` is empty or comes from another call, or an argument is missing or out of range.

        Examples
        --------
        >>> import banzhaf
        >>> history = []
        >>> values = banzhaf.estimate(
        ...     lambda c: c.sum(axis=1) ** 3.0, 12, budget=2000, random_state=0, callback=history.append
        ... )
        >>> ax = values.plot.convergence(history, max_display=3)
        >>> ax.get_xlabel()
        'evaluations of the game'
        """
        return convergence_of_game(self.result, history, ax, max_display, output, level)


@dataclasses.dataclass(frozen=True)
class SummaryPlots:
    """The plots of a summary, as ``summary.plot``.

    Parameters
    ----------
    summary : Summary
        What to plot.
    """

    summary: Summarised

    def bar(
        self,
        *,
        ax: Axes | None = None,
        max_display: int = 10,
        output: str | int | None = None,
        level: float = 0.95,
    ) -> Axes:
        """Draw the largest values, with intervals.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 10
            How many values to show; the others are counted in the label of the axis.
        output : str or int, optional
            The output to show; needed if there are several.
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
            If an argument is missing or out of range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows @ np.array([1.0, 2.0]), np.zeros((1, 2)))
        >>> ax = explain(np.eye(2)).abs.max(0).plot.bar()
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['x1', 'x0']
        """
        chosen = self.summary
        if output is None and chosen.values.ndim == 2 and chosen.values.shape[1] > 1:
            names = chosen.output_names or range(chosen.values.shape[1])
            raise ValueError(f"output must say which of the outputs to show: {', '.join(map(repr, names))}")
        chosen = chosen.output(0 if output is None else output)
        shown, others = split(np.abs(chosen.values), max_display)
        reach = np.abs(chosen.intervals(level) - chosen.values[:, None]).max(axis=1)
        is_absolute = "|" in chosen.quantity
        ax, _ = value_bars(
            ax,
            lambda place: shorten(chosen.names[shown[place]], LABEL_WIDTH),
            chosen.values[shown],
            reach[shown],
            None,
            len(shown),
            lowest=0.0 if is_absolute else -math.inf,
        )
        if is_absolute:
            ax.set_xlim(left=0.0)
        hidden = f"; {others.size} not shown" if others.size else ""
        label = f"{chosen.quantity}{of_output(chosen)}{with_intervals(chosen, level)}{hidden}"
        ax.set_xlabel(label, parse_math=False)
        return ax
