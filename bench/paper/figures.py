# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Draws the figures of the page from the stored runs, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.paper import clock, methods
from bench.paper.experiments import GAMMA, TABLE_1
from bench.paper.report import EXACT, Results
from bench.paper.store import Store

# Okabe and Ito's colours, which colour-blind readers can distinguish. The markers differ too.
_COLOURS = {
    "Monte Carlo": "#999999",
    "MSR": "#E69F00",
    "Kernel Banzhaf, no pairs": "#56B4E9",
    "Kernel Banzhaf": "#0072B2",
    "Hadamard": "#009E73",
    methods.EXPLAINER: "#D55E00",
    clock.NUMPY: "#000000",
}
_MARKERS = dict(zip(_COLOURS, "vsP^oD*", strict=True))
_FLOOR = EXACT / 10  # exact values are drawn at this height


def grid(
    results: Results,
    curve: Callable[[str, str], tuple[Sequence[float], np.ndarray]],
    *,
    title: str,
    x: str,
    y: str,
    logarithmic: str = "xy",
    ticks: dict[float, str] | None = None,
) -> Any:
    """Draw one panel per data set, with the medians and quartiles of every method.

    Parameters
    ----------
    curve : callable
        Takes a data set and a method. Returns the positions, and the quartiles, shape (3, positions).
    logarithmic : str
        The axes with a logarithmic scale.
    ticks : dict of float to str, optional
        Positions on the x axis, and their labels.
    """
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import NullFormatter

    columns = min(4, len(results.data_sets))
    rows = -(-len(results.data_sets) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(3.1 * columns, 2.7 * rows + 0.7), squeeze=False)
    for axis in axes.flat[len(results.data_sets) :]:
        axis.set_visible(False)
    for axis, data_set in zip(axes.flat, results.data_sets, strict=False):
        reached_floor = False
        for method in methods.NAMES:
            positions, bands = curve(data_set, method)
            if not len(positions):
                continue
            if "y" in logarithmic:
                reached_floor |= bool((bands[1] < EXACT).any())
                bands = np.maximum(bands, _FLOOR)
            _draw(axis, method, positions, bands)
        if "x" in logarithmic:
            axis.set_xscale("log")
        if "y" in logarithmic:
            axis.set_yscale("log")
            if reached_floor:
                axis.axhspan(_FLOOR / 3, EXACT, color="0.92", zorder=0)
                beside = {"transform": axis.get_yaxis_transform(), "ha": "right", "va": "bottom"}
                axis.text(0.98, EXACT, "exact", fontsize=7, color="0.4", **beside)
                axis.set_ylim(bottom=_FLOOR / 3)
        axis.set_title(f"{data_set} (n = {results.players[data_set]})", fontsize=9)
        axis.grid(alpha=0.25)
        axis.tick_params(labelsize=7)
        for scale in (axis.xaxis, axis.yaxis):
            scale.set_minor_formatter(NullFormatter())
        if ticks:
            axis.set_xticks(list(ticks), list(ticks.values()))
    for axis in axes[:, 0]:
        axis.set_ylabel(y, fontsize=8)
    for axis in axes[-1]:
        axis.set_xlabel(x, fontsize=8)
    _finish(figure, axes.flat[0], title)
    return figure


def _draw(axis: Any, method: str, positions: Sequence[float], bands: np.ndarray) -> None:
    low, middle, high = bands
    colour = _COLOURS[method]
    axis.plot(positions, middle, color=colour, marker=_MARKERS[method], markersize=3.5, linewidth=1.3, label=method)
    axis.fill_between(positions, low, high, color=colour, alpha=0.15, linewidth=0)


def _finish(figure: Any, axis: Any, title: str) -> None:
    handles, labels = axis.get_legend_handles_labels()
    figure.suptitle(title, fontsize=11)
    figure.legend(handles, labels, loc="lower center", ncols=len(labels), fontsize=8, frameon=False)
    figure.tight_layout(rect=(0, 0.05, 1, 0.99))


def by_budget(results: Results, model: str, measure: str) -> Callable[[str, str], tuple[Sequence[float], np.ndarray]]:
    """Return the curves of a measure against the coalitions per player."""

    def curve(data_set: str, method: str) -> tuple[Sequence[float], np.ndarray]:
        budgets = [k for k in results.budgets() if results.get("sample size", data_set, model, method, k)]
        found = [results.numbers(measure, "sample size", data_set, model, method, k) for k in budgets]
        return budgets, _quartiles(found)

    return curve


def budget_ticks(results: Results) -> dict[float, str]:
    """Return the tick labels for the coalitions per player."""
    return {float(k): f"{k}n" for k in results.budgets()}


def depth_ticks(results: Results) -> dict[float, str]:
    """Return the tick labels for the depths."""
    return {float(depth): depth for depth in results.settings("distance")}


def noise_ticks(results: Results) -> dict[float, str]:
    """Return the tick labels for the noise, where `by_noise` chooses the position of 0."""
    levels = [float(level) for level in results.settings("noise")]
    least = min((level for level in levels if level > 0), default=1.0)
    return {level or least / 3: f"{level:g}" for level in levels}


def by_noise(results: Results, model: str) -> Callable[[str, str], tuple[Sequence[float], np.ndarray]]:
    """Return the curves of the error against the noise, with no noise at the left end."""
    levels = results.settings("noise")
    least = min((float(level) for level in levels if float(level) > 0), default=1.0)

    def curve(data_set: str, method: str) -> tuple[Sequence[float], np.ndarray]:
        there = [s for s in levels if results.get("noise", data_set, model, method, TABLE_1, s)]
        found = [results.numbers("error", "noise", data_set, model, method, TABLE_1, s) for s in there]
        return [float(s) or least / 3 for s in there], _quartiles(found)

    return curve


def by_gamma(results: Results) -> Callable[[str, str], tuple[Sequence[float], np.ndarray]]:
    """Return the curves of the error against gamma, which is the median over the explained rows."""

    def curve(data_set: str, method: str) -> tuple[Sequence[float], np.ndarray]:
        there = [s for s in results.settings("gamma") if results.get("gamma", data_set, "XGBoost", method, TABLE_1, s)]
        found = [results.numbers("error", "gamma", data_set, "XGBoost", method, TABLE_1, s) for s in there]
        gamma = results.median("error", "gamma", data_set, "XGBoost", GAMMA, 0, "")
        return [gamma * float(s) ** 2 for s in there], _quartiles(found)

    return curve


def by_depth(results: Results) -> Callable[[str, str], tuple[Sequence[float], np.ndarray]]:
    """Return the curves of the error against the depth of the trees."""

    def curve(data_set: str, method: str) -> tuple[Sequence[float], np.ndarray]:
        depths = results.settings("distance")
        there = [d for d in depths if results.get("distance", data_set, "XGBoost", method, TABLE_1, d)]
        found = [results.numbers("error", "distance", data_set, "XGBoost", method, TABLE_1, d) for d in there]
        return [float(d) for d in there], _quartiles(found)

    return curve


def times(store: Store) -> Any:
    """Draw the own time of the methods against the number of players."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(6.5, 4.6))
    for method in clock.NAMES:
        points = sorted((int(r["n"]), float(r["seconds"])) for r in store.rows if r["method"] == method)
        if points:
            players, seconds = zip(*points, strict=True)
            axis.plot(players, seconds, color=_COLOURS[method], marker=_MARKERS[method], markersize=4, label=method)
    axis.set_xscale("log", base=2)
    axis.set_yscale("log")
    axis.set_xlabel("players n (m = 20 n)")
    axis.set_ylabel("seconds")
    axis.grid(alpha=0.25)
    axis.legend(fontsize=8, frameon=False)
    axis.set_title("Time of the methods with a game that costs next to nothing", fontsize=11)
    figure.tight_layout()
    return figure


def ratios(found: dict[str, list[float]], budgets: Sequence[int]) -> Any:
    """Draw the error of every peer, divided by that of NumPy, with one mark per budget."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    names = [name for name, of in found.items() if np.isfinite(of).any()][::-1]
    figure, axis = plt.subplots(figsize=(7.5, 0.3 * len(names) + 1.4))
    for column, (budget, marker) in enumerate(zip(budgets, "oD^s", strict=False)):
        colour = list(_COLOURS.values())[3 + column]
        axis.plot([found[name][column] for name in names], range(len(names)), marker, color=colour, label=f"{budget}n")
    axis.axvline(1.0, color="0.7", linewidth=1, zorder=0)
    axis.set_xscale("log")
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.set_xlabel("error, divided by that of the paper's estimator in NumPy")
    axis.grid(axis="x", alpha=0.25)
    axis.legend(title="coalitions m", fontsize=8, frameon=False)
    figure.tight_layout()
    return figure


def save(figure: Any, folder: Path, name: str) -> str:
    """Write a figure as SVG, and return the Markdown that shows it."""
    import matplotlib
    import matplotlib.pyplot as plt

    # Without a date and with a fixed salt, the same runs give the same file. Text stays text, which is shorter.
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)
    return f"![{name.replace('-', ' ')}]({folder.name}/{name}.svg)"


def _quartiles(found: list[np.ndarray]) -> np.ndarray:
    if not found:
        return np.zeros((3, 0))
    return np.array([np.quantile(numbers, [0.25, 0.5, 0.75]) for numbers in found]).T
