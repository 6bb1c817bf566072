# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The plots of interactions, which users reach as ``interactions.plot``."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from banzhaf._plots.bars import value_bars
from banzhaf._plots.choice import split
from banzhaf._plots.matrix import matrix
from banzhaf._plots.network import network
from banzhaf._plots.pairs import Shown, chosen
from banzhaf._plots.scatter import scatter_of_pair
from banzhaf._plots.style import LABEL_WIDTH
from banzhaf._support.protocols import Explained, Interacting

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True)
class InteractionPlots:
    """The plots of interactions, as ``interactions.plot``.

    Each method draws on `ax`, or on a new figure that fits its contents, and returns the Axes. Call ``plt.show()`` or
    ``ax.figure.savefig(path)`` afterwards. Colours of texts, lines and intervals follow matplotlib's current style.

    Red is a positive interaction: the players complement each other. Blue is a negative one: one replaces the other.
    If rows were explained, a plot shows the mean absolute interaction over the rows, which has no sign, or the one row
    that `row` names.

    A plot of several outputs shows the one that `output` names. You can leave it out if there are two outputs that
    mirror each other, as the probabilities of two classes do: the plot then shows the last one.

    Parameters
    ----------
    interactions : Interactions
        What to plot.
    """

    interactions: Interacting

    def bar(
        self,
        *,
        ax: Axes | None = None,
        max_display: int = 15,
        output: str | int | None = None,
        row: int | None = None,
        level: float = 0.95,
    ) -> Axes:
        """Draw the largest interactions, with intervals.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 15
            How many interactions to show. The label of the axis counts the others, and those that were not resolved.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.
        row : int, optional
            The explained row to show. By default the bars are mean absolute interactions over the rows.
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
        >>> import banzhaf
        >>> game = lambda c: 3.0 * c[:, 0] * c[:, 1] - c[:, 1] * c[:, 2]
        >>> pairs = banzhaf.exact(game, 3, player_names=["ann", "bob", "eve"]).interactions()
        >>> ax = pairs.plot.bar(max_display=2)
        >>> print(*[label.get_text() for label in ax.get_yticklabels()], sep=", ")
        ann × bob, bob × eve, ann × eve
        """
        shown = chosen(self.interactions, output, row, level)
        leading, others = split(np.abs(shown.values), max_display)
        ax, _ = value_bars(
            ax,
            lambda place: _label(shown, int(leading[place])),
            shown.values[leading],
            shown.margins[leading],
            None,
            max(1, len(leading)),
            lowest=0.0 if shown.is_absolute else -math.inf,
        )
        if shown.is_absolute:
            ax.set_xlim(left=0.0)
        hidden = shown.left_out(int(others.size))
        below = f"\n{', '.join(hidden)}" if hidden else ""
        ax.set_xlabel(f"{shown.label}{shown.with_intervals(level)}{below}", parse_math=False)
        return ax

    def heatmap(
        self,
        *,
        ax: Axes | None = None,
        max_display: int = 15,
        output: str | int | None = None,
        row: int | None = None,
        level: float = 0.95,
    ) -> Axes:
        """Draw the pairs as a matrix of colours, with the players along both axes.

        Players are ordered by the sum of their absolute interactions. Zero has the colour of the canvas. A grey cell
        with a stroke is a pair that was not resolved. If there are at most 10 players, the cells hold numbers; brackets
        around a number say that its interval contains 0. Otherwise a circle says it.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; the colour bar takes some of its room.
        max_display : int, default 15
            How many players to show.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.
        row : int, optional
            The explained row to show. By default the colours are mean absolute interactions over the rows.
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
            If the interactions are not of pairs, or an argument is missing or out of range.

        Examples
        --------
        >>> import banzhaf
        >>> pairs = banzhaf.exact(lambda c: 3.0 * c[:, 0] * c[:, 1] - c[:, 1] * c[:, 2], 3).interactions()
        >>> ax = pairs.plot.heatmap()
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['player 1', 'player 0', 'player 2']
        """
        return matrix(self.interactions, ax, max_display, output, row, level)

    def network(
        self,
        *,
        ax: Axes | None = None,
        max_display: int = 16,
        max_pairs: int = 30,
        output: str | int | None = None,
        row: int | None = None,
        level: float = 0.95,
    ) -> Axes:
        """Draw the players as nodes on a circle, and the largest interactions as edges between them.

        The width of an edge is the size of the interaction. A negative one is dashed. Interactions whose intervals
        contain 0 are counted below the network and not drawn. The area of a node is the size of
        the player's Banzhaf value, and its colour the value's sign. If the values are not known, it is the sum of the
        player's absolute interactions.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        max_display : int, default 16
            How many players to show, those with the largest sums of absolute interactions.
        max_pairs : int, default 30
            How many edges to draw.
        output : str or int, optional
            The output to show; needed if there are several and they do not mirror each other.
        row : int, optional
            The explained row to show. By default the edges are mean absolute interactions over the rows.
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
            If the interactions are not of pairs, or an argument is missing or out of range.

        Examples
        --------
        >>> import banzhaf
        >>> pairs = banzhaf.exact(lambda c: 3.0 * c[:, 0] * c[:, 1] - c[:, 1] * c[:, 2], 3).interactions()
        >>> ax = pairs.plot.network()
        >>> len(ax.patches)
        2
        """
        return network(self.interactions, ax, max_display, max_pairs, output, row, level)

    def scatter(
        self,
        first: str | int,
        second: str | int,
        explanation: Explained,
        *,
        ax: Axes | None = None,
        output: str | int | None = None,
        level: float | None = None,
    ) -> Axes:
        """Draw the interaction of one pair in each explained row against the first feature, coloured by the second.

        Parameters
        ----------
        first, second : str or int
            The two features, by name or position. Cells of the first one are along the horizontal axis.
        explanation : Explanation
            The explanation of the same rows, whose `data` are shown.
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
            If there is no such pair, `explanation` has other rows or features, or an argument is missing or out of
            range.

        Examples
        --------
        >>> import numpy as np
        >>> import banzhaf
        >>> explain = banzhaf.Explainer(lambda rows: rows[:, 0] * rows[:, 1], np.zeros((1, 2)))
        >>> explanation = explain(np.arange(10.0).reshape(5, 2))
        >>> pairs = banzhaf.Interactions(
        ...     n_players=2, order=2, players=[[0, 1]], values=explanation.data.prod(axis=1)[:, None],
        ...     standard_errors=np.zeros((5, 1)), complete=True, unresolved_variance=np.zeros(5), n_evaluations=20,
        ...     design="exhaustive", player_names=("x0", "x1"), degrees_of_freedom=np.inf, n_rows=5,
        ... )
        >>> ax = pairs.plot.scatter("x0", "x1", explanation)
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('x0', 'Banzhaf interaction')
        """
        return scatter_of_pair(self.interactions, explanation, first, second, ax, output, level)


def _label(shown: Shown, index: int) -> str:
    """Name the players of a set, shortened so that they fit beside their bar."""
    players = shown.players[index].tolist()
    width = max(6, (LABEL_WIDTH + 8) // len(players) - 2)
    return " \N{MULTIPLICATION SIGN} ".join(shown.name(player, width) for player in players)
