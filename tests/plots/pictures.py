# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Explanations to draw, and small pictures of every plot; run as a program it draws the baseline anew."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

import banzhaf
from banzhaf import Explanation

BASELINE = Path(__file__).parent / "baseline"
STYLES = {"light": "default", "dark": "dark_background"}


def make(values, *, errors=0.25, background=np.nan, data=None, names=None, outputs=None, base=0.0):
    """Return an explanation with these values."""
    values = np.asarray(values, dtype=float)
    rows, features = values.shape[:2]
    return Explanation(
        values=values,
        standard_errors=np.broadcast_to(errors, values.shape),
        background_errors=np.broadcast_to(background, values.shape),
        base_values=np.broadcast_to(base, values.shape[2:]),
        data=np.arange(rows * features, dtype=float).reshape(rows, features) if data is None else data,
        feature_names=names or tuple(f"x{index}" for index in range(features)),
        output_names=outputs,
        n_model_rows=1000,
        row_costs=np.full(rows, 490),
        n_background=np.full(rows, 49),
        design="paired",
        rank=features,
        condition_number=1.0,
        degrees_of_freedom=np.full((rows, *values.shape[2:]), 10.0),
        r2=np.ones((rows, *values.shape[2:])),
        random_state=0,
        stopped=("budget",) * rows,
    )


def labels(ax):
    """Return the texts at the vertical axis."""
    return [label.get_text() for label in ax.get_yticklabels()]


def objects(rows):
    """Return cells of any type."""
    data = np.empty((len(rows), len(rows[0])), dtype=object)
    for row, cells in enumerate(rows):
        data[row] = cells
    return data


def waves(rows=24, features=4, **options):
    """Return an explanation whose values follow from formulas, so that no generator of numbers matters."""
    angles = np.linspace(0.0, 6.0, rows)[:, None] * (1.0 + np.arange(features))
    values = np.sin(angles) / (1.0 + np.arange(features))
    return make(values, errors=0.05, data=np.cos(angles), **options)


def game_values(n_evaluations, factor=1.0):
    """Return the values of a game after some evaluations."""
    values = np.array([0.5, -0.3, 0.2, 0.1]) * factor
    return banzhaf.BanzhafValues(
        values=values,
        standard_errors=np.full(4, 1.0 / np.sqrt(n_evaluations)),
        mean_worth=0.0,
        n_evaluations=n_evaluations,
        n_dropped=0,
        design="hadamard",
        rank=4,
        condition_number=1.0,
        degrees_of_freedom=20.0,
        r2=1.0,
        player_names=("ann", "bob", "cid", "dot"),
        random_state=0,
    )


def pairs(rows=None):
    """Return interactions of five players that follow from formulas; two pairs were not resolved."""
    players = [(i, j) for j in range(5) for i in range(j) if (i, j) not in ((0, 3), (2, 4))]
    values = np.array([np.sin(3.0 * i + j) / (1 + i) for i, j in players])
    if rows is not None:
        values = values * np.cos(np.arange(rows))[:, None]
    return banzhaf.Interactions(
        n_players=5,
        order=2,
        players=np.array(players),
        values=values,
        standard_errors=np.full(values.shape, 0.15),
        complete=False,
        unresolved_variance=np.full(values.shape[:-1], 0.04),
        n_evaluations=400,
        design="fresh",
        player_names=("ann", "bob", "cid", "dot", "eve"),
        degrees_of_freedom=20.0,
        n_rows=rows,
        player_values=np.broadcast_to([1.0, -0.5, 0.0, 2.0, 0.25], (*values.shape[:-1], 5)),
    )


GAME = [game_values(count, factor) for count, factor in ((64, 1.3), (128, 0.8), (256, 1.05), (512, 1.0))]
WAVES = waves()
MIXED = dataclasses.replace(
    WAVES,
    data=objects(
        [
            [None if row % 7 == 3 else float(row), ["low", "mid", "high", None][row % 4], row % 2 == 0, 1.0]
            for row in range(24)
        ]
    ),
)
OUTPUTS = make(
    np.array([[1.0, -3.0, 0.0], [-1.0, 5.0, -1.0]])[..., None] * np.array([1.0, -2.0, 0.5]),
    outputs=("cat", "dog", "eel"),
    base=[0.1, 0.2, 0.7],
)
EARLIER = [
    dataclasses.replace(WAVES, values=WAVES.values * factor, row_costs=np.full(24, cost), standard_errors=errors)
    for factor, cost, errors in ((1.4, 120, WAVES.values * 0 + 0.1), (0.9, 240, WAVES.values * 0 + 0.07))
]

FIVE = waves(features=5, names=("ann", "bob", "cid", "dot", "eve"))

PICTURES = {
    "bar": lambda ax: WAVES.plot.bar(ax=ax),
    "bar_outputs": lambda ax: OUTPUTS.plot.bar(ax=ax),
    "beeswarm": lambda ax: WAVES.plot.beeswarm(ax=ax),
    "row": lambda ax: waves(background=0.1).plot.row(3, ax=ax),
    "heatmap": lambda ax: WAVES.plot.heatmap(ax=ax),
    "scatter": lambda ax: WAVES.plot.scatter("x0", color_by="x1", level=0.95, ax=ax),
    "scatter_missing": lambda ax: MIXED.plot.scatter("x0", color_by="x1", ax=ax),
    "scatter_categories": lambda ax: MIXED.plot.scatter("x1", color_by="x0", ax=ax),
    "convergence": lambda ax: WAVES.plot.convergence(EARLIER, 5, ax=ax),
    "compare": lambda ax: WAVES.plot.compare(WAVES.values * 0.8, ax=ax),
    "compare_row": lambda ax: WAVES.plot.compare(EARLIER[0], 4, ax=ax),
    "force": lambda ax: WAVES.plot.force(4, prediction=1.0, ax=ax),
    "pairs_bar": lambda ax: pairs().plot.bar(max_display=5, ax=ax),
    "pairs_bar_rows": lambda ax: pairs(6).plot.bar(ax=ax),
    "pairs_heatmap": lambda ax: pairs().plot.heatmap(ax=ax),
    "pairs_heatmap_rows": lambda ax: pairs(6).plot.heatmap(ax=ax),
    "pairs_network": lambda ax: pairs().plot.network(ax=ax),
    "pairs_network_rows": lambda ax: pairs(6).plot.network(max_pairs=4, ax=ax),
    "pairs_scatter": lambda ax: pairs(24).plot.scatter("ann", "bob", FIVE, level=0.95, ax=ax),
    "values_bar": lambda ax: GAME[-1].plot.bar(ax=ax),
    "values_convergence": lambda ax: GAME[-1].plot.convergence(GAME[:-1], ax=ax),
}


def picture(name, style):
    """Draw one of the pictures and return its pixels, without texts: fonts differ from machine to machine."""
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    with plt.style.context(STYLES[style]):
        # The place of the Axes is given, so that the size of texts moves nothing.
        figure = plt.figure(figsize=(3.0, 2.0), dpi=60)
        PICTURES[name](figure.add_axes((0.06, 0.08, 0.86, 0.66)))
        for text in figure.findobj(Text):
            text.set_visible(False)
        for axes in figure.axes:
            if axes.get_legend() is not None:
                axes.get_legend().remove()
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
        plt.close(figure)
    return pixels


def main():
    """Draw the baseline."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    BASELINE.mkdir(exist_ok=True)
    for name in PICTURES:
        for style in STYLES:
            plt.imsave(BASELINE / f"{name}_{style}.png", picture(name, style), metadata={"Software": None})
    print(f"drew {len(PICTURES) * len(STYLES)} pictures with matplotlib {matplotlib.__version__}")


if __name__ == "__main__":
    main()
