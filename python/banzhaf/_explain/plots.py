# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Pictures of an explanation: a bar chart, a beeswarm and one row's values, by matplotlib."""

from __future__ import annotations

import dataclasses
import math
import operator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from banzhaf._explain.cells import codes, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABEL_WIDTH = 36
_VALUE_WIDTH = 18
_BAR_HEIGHT = 0.66

# Blue to red through violet, of about equal lightness: told apart in every common kind of colour blindness.
_LOW, _MIDDLE, _HIGH = "#1b72d6", "#8a4fbf", "#d81b52"
_NEUTRAL, _REST = "#9a9a9a", "#c9c9c9"
# M. Petroff, Accessible color sequences for data visualization, arXiv 2107.02270.
_OUTPUT_COLOURS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6",
    "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip


class Explained(Protocol):
    """What plots ask of an explanation."""

    @property
    def values(self) -> NDArray[np.float64]: ...
    @property
    def standard_errors(self) -> NDArray[np.float64]: ...
    @property
    def base_values(self) -> NDArray[np.float64]: ...
    @property
    def data(self) -> NDArray[Any]: ...
    @property
    def feature_names(self) -> tuple[str, ...]: ...
    @property
    def output_names(self) -> tuple[str, ...] | None: ...
    def output(self, output: str | int) -> Explained: ...
    def importance(self, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def intervals(self, level: float = 0.95, *, background: bool = False) -> NDArray[np.float64]: ...
    def __getitem__(self, rows: Any) -> Explained: ...
    def __len__(self) -> int: ...


@dataclasses.dataclass(frozen=True)
class Plots:
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
        chosen = self.explanation if output is not None else _without_mirror(self.explanation)
        if output is not None:
            chosen = chosen.output(output)
        means, intervals = chosen.importance(level)
        margins = intervals[..., 1] - means
        if means.ndim == 1:
            means, margins = means[:, None], margins[:, None]
        totals, margins = means.sum(axis=1), margins.sum(axis=1)
        shown, others = _split(totals, max_display)
        n_outputs = means.shape[1]
        # High enough for the legend.
        least_height = 0.0 if n_outputs == 1 else 0.7 + 0.2 * n_outputs
        ax, positions = _axes(ax, len(shown) + bool(others.size), least_height)
        if n_outputs == 1:
            ax.barh(positions[: len(shown)], totals[shown], height=_BAR_HEIGHT, color=_LOW)
        else:
            _stacked_bars(ax, positions, means[shown], chosen.output_names)
        _whiskers(ax, totals[shown], positions, margins[shown], lowest=0.0)
        if others.size:
            longest = np.fmax(totals, totals + margins)[shown].max()
            _rest_of_bars(ax, float(totals[others].sum()), float(longest))
        ax.set_xlim(left=0.0)
        names = [shorten(chosen.feature_names[feature], _LABEL_WIDTH) for feature in shown]
        _label_rows(ax, positions, names, others.size)
        stacked = ", outputs stacked" if n_outputs > 1 else ""
        label = f"mean |Banzhaf value|{_of_output(chosen)}{stacked}{_with_intervals(chosen, level)}"
        ax.set_xlabel(label, parse_math=False)
        return ax

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
        chosen = _one_output(self.explanation, output)
        shown, others = _split(chosen.importance()[0], max_display)
        ax, positions = _axes(ax, len(shown) + bool(others.size), 2.0)
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import LinearSegmentedColormap

        ramp = LinearSegmentedColormap.from_list("banzhaf", [_LOW, _MIDDLE, _HIGH])
        colours = ramp.with_extremes(bad=_NEUTRAL)
        swarms = [chosen.values[:, feature] for feature in shown]
        if others.size:
            swarms.append(chosen.values[:, others].sum(axis=1))
        span = max(np.ptp(np.concatenate([*swarms, [0.0]])), np.finfo(np.float64).tiny)
        # Few rows get large dots; many get small ones, which still cover each other less.
        size = float(np.clip(1600.0 / len(chosen), 5.0, 22.0))
        ordered = False
        for row, swarm in enumerate(swarms):
            shades = np.full(len(chosen), np.nan)
            if row < len(shown):
                numbers, numeric = codes(chosen.data[:, shown[row]])
                shades = _shades(numbers) if numeric else shades
                ordered = ordered or bool(np.isfinite(shades).any())
            heights = positions[row] + _spread(swarm / span)
            ax.scatter(swarm, heights, s=size, color=colours(shades), linewidths=0)
        if ordered:
            scale = ScalarMappable(cmap=colours)
            # The same width whatever the height.
            aspect = max(14.0, 3.4 * len(swarms))
            bar = ax.figure.colorbar(scale, ax=ax, ticks=[0, 1], aspect=aspect, pad=0.02)
            bar.set_ticklabels(["low", "high"])
            bar.set_label("feature's value", labelpad=-10)
            bar.outline.set_visible(False)
            bar.ax.tick_params(length=0)

        names = [shorten(chosen.feature_names[feature], _LABEL_WIDTH) for feature in shown]
        _label_rows(ax, positions, names, others.size)
        ax.axvline(0.0, color=_NEUTRAL, linewidth=0.8, zorder=0.9)
        ax.grid(axis="y", color=_NEUTRAL, alpha=0.3, linewidth=0.6)
        ax.set_axisbelow(True)
        ax.set_xlabel(f"Banzhaf value{_of_output(chosen)}", parse_math=False)
        return ax

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
        chosen = _one_output(self.explanation, output)[operator.index(row)]
        values = chosen.values[0]
        margins = chosen.intervals(level)[0, :, 1] - values
        wider = chosen.intervals(level, background=True)[0, :, 1] - values
        shown, others = _split(np.abs(values), max_display)
        ax, positions = _axes(ax, len(shown) + bool(others.size))
        colours = [_HIGH if value > 0 else _LOW for value in values[shown]]
        ax.barh(positions[: len(shown)], values[shown], height=_BAR_HEIGHT, color=colours)
        if others.size:
            ax.barh(0.0, values[others].sum(), height=_BAR_HEIGHT, color=_REST)
        light = _whiskers(ax, values[shown], positions, wider[shown], light=True)
        _whiskers(ax, values[shown], positions, margins[shown])

        labels = []
        for feature in shown:
            cell = _cell_text(chosen.data[0, feature])
            labels.append(f"{shorten(chosen.feature_names[feature], _LABEL_WIDTH - len(cell))} = {cell}")
        _label_rows(ax, positions, labels, others.size)
        ax.axvline(0.0, color=ax.xaxis.label.get_color(), linewidth=0.8)
        label = f"Banzhaf value{_of_output(chosen)}{_with_intervals(chosen, level)}"
        if light:
            of_level = "" if np.any(chosen.standard_errors > 0.0) else f" {100 * level:.4g} %"
            label += f"\nbroad:{of_level} with the background as a sample"
        ax.set_xlabel(label, parse_math=False)
        base = float(chosen.base_values)
        ax.set_title(f"row {row}; mean output over the background {base:.4g}", fontsize="medium")
        return ax


def _mirrored(explanation: Explained) -> bool:
    """Whether there are two outputs with opposite values, as a two-class classifier's probabilities have."""
    values = explanation.values
    if values.ndim != 3 or values.shape[2] != 2:
        return False
    return bool(np.abs(values.sum(axis=2)).max(initial=0.0) <= 1e-6 * np.abs(values).max(initial=0.0))


def _without_mirror(explanation: Explained) -> Explained:
    return explanation.output(-1) if _mirrored(explanation) else explanation


def _one_output(explanation: Explained, output: str | int | None) -> Explained:
    """Take the output that was asked for, or the only one that there is to show."""
    if output is not None:
        return explanation.output(output)
    explanation = _without_mirror(explanation)
    if explanation.values.ndim == 3 and explanation.values.shape[2] != 1:
        names = explanation.output_names or range(explanation.values.shape[2])
        raise ValueError(f"output must say which of the outputs to show: {', '.join(map(repr, names))}")
    return explanation.output(0)


def _split(weights: NDArray[np.float64], limit: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Split indices into the `limit` largest weights, falling, and the others: none, or at least two."""
    limit = operator.index(limit)
    if limit < 1:
        raise ValueError(f"max_display must be at least 1, got {limit}")
    order = np.argsort(-weights, kind="stable")
    # One other would take as much room as the sum of the others.
    limit = limit + (len(order) == limit + 1)
    return order[:limit], order[limit:]


def _axes(ax: Axes | None, n_rows: int, least_height: float = 0.0) -> tuple[Axes, NDArray[np.float64]]:
    """Prepare the Axes, made to fit if there are none; give the heights of its rows from the top down."""
    if ax is None:
        try:
            import matplotlib.pyplot as plt
        except ImportError as error:
            raise ImportError("plots need matplotlib: pip install banzhaf[plot]") from error
        _, ax = plt.subplots(figsize=(7.2, max(1.1 + 0.34 * n_rows, least_height)), layout="constrained")
    ax.set_ylim(-0.6, n_rows - 0.4)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax, np.arange(n_rows, dtype=np.float64)[::-1]


def _label_rows(ax: Axes, positions: NDArray[np.float64], labels: list[str], n_others: int) -> None:
    if n_others:
        labels = [*labels, f"sum of {n_others:,} other features"]
    # A name with two dollar signs is no formula.
    ax.set_yticks(positions, labels, parse_math=False)


def _whiskers(
    ax: Axes,
    ends: NDArray[np.float64],
    positions: NDArray[np.float64],
    margins: NDArray[np.float64],
    lowest: float = -math.inf,
    light: bool = False,
) -> bool:
    """Draw intervals around the ends of bars, where they are known and not of width zero; say whether there are any."""
    drawn = np.flatnonzero(margins > 0.0)
    if drawn.size:
        x, margin = ends[drawn], margins[drawn]
        reach = np.array([x - np.maximum(x - margin, lowest), margin])
        ink = ax.xaxis.label.get_color()
        look: dict[str, Any] = {"elinewidth": 4.0, "alpha": 0.35, "capsize": 0.0} if light else {"capsize": 2.5}
        ax.errorbar(x, positions[drawn], xerr=reach, fmt="none", ecolor=ink, **look)
    return bool(drawn.size)


def _stacked_bars(
    ax: Axes, positions: NDArray[np.float64], widths: NDArray[np.float64], names: tuple[str, ...] | None
) -> None:
    """Draw bars of all outputs end to end, the largest output first, and their legend."""
    order = np.argsort(-widths.sum(axis=0), kind="stable")
    own = len(order) if len(order) <= len(_OUTPUT_COLOURS) else len(_OUTPUT_COLOURS) - 1
    first, rest = order[:own], order[own:]
    segments = [widths[:, index] for index in first]
    labels = [shorten(names[index], _LABEL_WIDTH) if names else f"output {index}" for index in first]
    if rest.size:
        segments.append(widths[:, rest].sum(axis=1))
        labels.append(f"{rest.size} other outputs")
    left = np.zeros(len(widths))
    handles = []
    for segment, colour in zip(segments, [*_OUTPUT_COLOURS[: len(first)], _REST], strict=False):
        bars = ax.barh(positions[: len(widths)], segment, left=left, height=_BAR_HEIGHT, color=colour)
        handles.append(bars)
        left = left + segment
    # The texts are set afterwards, since matplotlib leaves out a label that begins with an underscore.
    blanks = [""] * len(handles)
    legend = ax.legend(handles, blanks, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set(text=label, parse_math=False)


def _rest_of_bars(ax: Axes, total: float, longest: float) -> None:
    """Draw the bar of the other features; where it would dwarf the rest it is cut off and says its length."""
    ax.barh(0.0, total, height=_BAR_HEIGHT, color=_REST)
    edge = 1.25 * longest
    if total > edge:
        ax.set_xlim(right=edge)
        ax.text(edge, 0.0, f"{total:.3g} \N{RIGHTWARDS ARROW} ", ha="right", va="center", color="black")


def _shades(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers scaled to [0, 1] between their 5th and 95th percentiles; NaN stays."""
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return np.full(numbers.shape, np.nan)
    low, high = np.percentile(finite, [5, 95])
    if low == high:
        low, high = np.min(finite), np.max(finite)
    if low == high:
        return np.where(np.isnan(numbers), np.nan, 0.5)
    shades: NDArray[np.float64] = np.clip((numbers - low) / (high - low), 0.0, 1.0)
    return shades


def _spread(swarm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Offsets from a row's height, in (-0.4, 0.4), that set dots apart which are close to each other."""
    bins = np.round(swarm * 100.0)
    order = np.argsort(bins, kind="stable")
    starts = np.flatnonzero(np.diff(bins[order], prepend=np.inf))
    counts = np.diff(starts, append=len(bins))
    rank = np.empty(len(bins))
    rank[order] = np.arange(len(bins)) - np.repeat(starts, counts)
    # 0, 1, -1, 2, -2 ...: the first of a bin stays on the line.
    steps: NDArray[np.float64] = np.ceil(rank / 2.0) * np.where(rank % 2.0, 1.0, -1.0)
    return steps * min(0.09, 0.4 / max(float(np.abs(steps).max()), 1.0))


def _cell_text(cell: Any) -> str:
    """Write a cell of the explained row."""
    if cell is None or cell != cell:
        return "missing"
    if isinstance(cell, float):
        whole = abs(cell) < 1e9 and (cell.is_integer() or abs(cell) >= 1e3)
        return f"{cell:.0f}" if whole else f"{cell:.4g}"
    return shorten(str(cell), _VALUE_WIDTH)


def _of_output(explanation: Explained) -> str:
    """Name the output in an axis label, if it has a name."""
    names = explanation.output_names
    return f" for {shorten(names[0], _VALUE_WIDTH)}" if names and len(names) == 1 else ""


def _with_intervals(explanation: Explained, level: float) -> str:
    return f", with {100 * level:.4g} % intervals" if np.any(explanation.standard_errors > 0.0) else ""
