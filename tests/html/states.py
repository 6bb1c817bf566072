# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Results in every state that they may be in, hostile texts, and a reader of the HTML that is made of them."""

from __future__ import annotations

import dataclasses
import html.parser
import warnings

import numpy as np

import banzhaf
from banzhaf._estimate.interaction_sources import interactions_of_table

HOSTILE = (
    "<script>document.documentElement.dataset.ran = 1</script>",
    '"\'><img src=x onerror="document.documentElement.dataset.ran = 2">',
    "</style></script><!--<script>",
    "\N{RIGHT-TO-LEFT OVERRIDE}שלום\N{HEBREW LETTER ALEF}",
    "a\x00b\x1b[31mc\x7f\x85\ud800d",
    "&lt;b&gt; &amp; ]]> {{x}} ${x} \\u003c",
    "x" * 5000,
    " \t\r\n ",
    "",
)


class Page(html.parser.HTMLParser):
    """Reads HTML strictly: every element is closed in order, and attributes come once."""

    VOID = frozenset(("meta", "br", "hr", "input"))

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements, self.cells, self.open = [], [], []
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        assert not any(name.startswith("on") for name, _ in attrs), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.cells.append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "script"):
            return
        self.text += data
        if any(tag in ("td", "th") for tag in self.open):
            self.cells[-1] += data

    def tags(self):
        return [tag for tag, _ in self.elements]


def explanation(*, rows=4, features=3, outputs=None, **changes):
    """Make an explanation of some shape, with an exact value and an unknown standard error among them."""
    shape = (rows, features) if outputs is None else (rows, features, outputs)
    values = (np.arange(np.prod(shape), dtype=float).reshape(shape) - 5.0) / 8.0
    errors = np.full(shape, 0.25)
    errors[:1, :1] = 0.0
    errors[1:2, 1:2] = np.nan
    by_output = shape[:1] + shape[2:]
    fields = {
        "values": values,
        "standard_errors": errors,
        "background_errors": np.full(shape, 0.5),
        "base_values": np.full(shape[2:], 0.5),
        "data": np.arange(float(rows * features)).reshape(rows, features),
        "feature_names": tuple(f"feature {i}" for i in range(features)),
        "output_names": None,
        "n_model_rows": 12_000,
        "row_costs": np.full(rows, 3000),
        "n_background": np.full(rows, 101),
        "design": "hadamard",
        "rank": features,
        "condition_number": 1.5,
        "degrees_of_freedom": np.full(by_output, 10.0),
        "r2": np.full(by_output, 0.9),
        "random_state": 7,
        "stopped": ("budget",) * rows,
    }
    return banzhaf.Explanation(**(fields | changes))


def values(*, players=3, outputs=None, **changes):
    """Make the values of a game of some shape."""
    shape = (players,) if outputs is None else (players, outputs)
    fields = {
        "values": np.arange(np.prod(shape), dtype=float).reshape(shape) - 1.5,
        "standard_errors": np.full(shape, 0.25),
        "mean_worth": np.zeros(shape[1:]),
        "n_evaluations": 40,
        "n_dropped": 0,
        "design": "paired",
        "rank": players,
        "condition_number": 1.5,
        "degrees_of_freedom": 10.0,
        "r2": np.full(shape[1:], 0.9),
        "player_names": None,
        "random_state": 7,
    }
    return banzhaf.BanzhafValues(**(fields | changes))


def interactions(*, rows=None, outputs=None, players=3, **changes):
    """Make interactions of two of the pairs of some players, with an exact one and an unknown error among them."""
    around = tuple(extent for extent in (rows, outputs) if extent is not None)
    shape = (*([] if rows is None else [rows]), 2, *([] if outputs is None else [outputs]))
    errors = np.full(shape, 0.25)
    errors.flat[:1] = 0.0
    errors.flat[1:2] = np.nan
    fields = {
        "n_players": players,
        "order": 2,
        "players": np.array([[0, 1], [1, 2]]),
        "values": (np.arange(np.prod(shape), dtype=float).reshape(shape) - 1.5) / 8.0,
        "standard_errors": errors,
        "complete": False,
        "unresolved_variance": np.full(around, 0.25),
        "n_evaluations": 400,
        "design": "fresh",
        "player_names": tuple(f"feature {i}" for i in range(players)),
        "degrees_of_freedom": 10.0,
        "n_rows": rows,
    }
    return banzhaf.Interactions(**(fields | changes))


def special(shape):
    """Fill an array with NaN, infinities, zeros and extreme numbers, in turn."""
    numbers = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 5e-324, 1e-300, 1.0, -12345.678]
    return np.resize(numbers, shape)


def objects(shape):
    """Fill an array with cells of every kind."""
    cells = np.empty(shape, dtype=object)
    kinds = ["Private", 39, 2174.0, None, True, float("nan"), "naïve ☂", 2**70, -0.0, float("inf"), *HOSTILE]
    for place in range(cells.size):
        cells.flat[place] = kinds[place % len(kinds)]
    return cells


def game(coalitions):
    """Give worths with interactions of every order."""
    return np.sqrt(coalitions @ np.arange(1.0, coalitions.shape[1] + 1.0))


def low_budget(**options):
    """Estimate from too few evaluations."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return banzhaf.estimate(game, 12, budget=10, random_state=0, **options)


VALUES = {
    "plain": values,
    "one player": lambda: values(players=1),
    "one output": lambda: values(outputs=1),
    "outputs": lambda: values(players=30, outputs=5),
    "thousands": lambda: values(players=5000),
    "hostile": lambda: values(players=len(HOSTILE), player_names=HOSTILE, design=HOSTILE[0], stopped=HOSTILE[1]),
    "hostile outputs": lambda: values(players=9, outputs=9, player_names=('"<&' * 40,) * 9, stopped="&" * 5000),
    "special": lambda: values(
        players=11, values=special(11), standard_errors=np.abs(special(11)), condition_number=np.inf
    ),
    "NaN": lambda: values(values=np.full(3, np.nan), standard_errors=np.full(3, np.nan), degrees_of_freedom=0.0),
    "no seed": lambda: values(random_state=None, n_distinct=12, n_dropped=3),
    **{reason: (lambda reason=reason: values(stopped=reason)) for reason in ("tolerance", "top_k", "deadline")},
    "running": lambda: values(stopped="running"),
    "minimum norm": low_budget,
    "estimated": lambda: banzhaf.estimate(game, 12, budget=100, random_state=3),
    "exact": lambda: banzhaf.exact(game, 5),
    "monte carlo": lambda: banzhaf.monte_carlo(game, 12, budget=30, random_state=0),
    "msr": lambda: banzhaf.msr(game, 12, budget=30, random_state=0),
    "fit": lambda: banzhaf.fit(np.eye(4, 3) > 0, [1, 2, 3, 4]),
}

SUMMARIES = {
    "means": lambda: explanation(rows=30, features=20).abs.mean(0),
    "sums of rows": lambda: explanation(rows=30, outputs=5).sum(1),
    "largest": lambda: EXPLANATIONS["hostile"]().max(0),
    "smallest": lambda: EXPLANATIONS["named outputs"]().min(0),
    "special": lambda: banzhaf.Summary(
        values=special(11),
        standard_errors=np.abs(special(11)),
        degrees_of_freedom=np.full(11, 5.0),
        names=(*HOSTILE, "a", "b"),
        output_names=None,
        quantity=HOSTILE[0],
        count=3,
        over="rows",
    ),
}

EXPLANATIONS = {
    "plain": explanation,
    "one cell": lambda: explanation(rows=1, features=1),
    "no rows": lambda: explanation()[[]],
    "no rows, outputs": lambda: explanation(outputs=3)[[]],
    "no features": lambda: explanation(features=0),
    "no outputs": lambda: explanation(outputs=0),
    "outputs": lambda: explanation(rows=6, features=4, outputs=5),
    "named outputs": lambda: explanation(outputs=2, output_names=HOSTILE[:2]),
    "one output": lambda: explanation(outputs=1, output_names=("malignant",)),
    "named": lambda: explanation(output_names=(HOSTILE[2],)),
    "mirrored": lambda: explanation(
        values=np.stack([explanation().values, -explanation().values], axis=-1),
        outputs=2,
        output_names=("no", "yes"),
    ),
    "wide": lambda: explanation(rows=30, features=400),
    "hostile": lambda: explanation(
        rows=len(HOSTILE),
        features=len(HOSTILE),
        feature_names=HOSTILE,
        data=objects((len(HOSTILE), len(HOSTILE))),
        design=HOSTILE[0],
        stopped=HOSTILE,
        output_names=(HOSTILE[1],),
    ),
    "hostile outputs": lambda: explanation(
        rows=12, features=12, outputs=12, feature_names=('"<&' * 40,) * 12, output_names=("&" * 5000,) * 12
    ),
    "objects": lambda: explanation(data=objects((4, 3)), degrees_of_freedom=np.full(4, np.inf)),
    "special": lambda: explanation(
        rows=11,
        features=5,
        values=special((11, 5)),
        standard_errors=np.abs(special((11, 5))),
        background_errors=np.abs(special((11, 5))),
        data=special((11, 5)),
        degrees_of_freedom=np.zeros(11),
        base_values=np.nan,
    ),
    "infinite": lambda: explanation(values=np.full((4, 3), np.inf), standard_errors=np.full((4, 3), np.inf)),
    "no values": lambda: explanation(values=np.full((4, 3), np.nan), stopped=("deadline",) * 4),
    "some rows": lambda: explanation(
        values=np.where(np.arange(4)[:, None] < 2, np.nan, explanation().values),
        stopped=("deadline", "deadline", "tolerance", "budget"),
        n_background=[0, 0, 50, 101],
    ),
    "running": lambda: explanation(stopped=("running", "callback", "top_k", "budget")),
    "low rank": lambda: explanation(rank=2, condition_number=np.inf),
    "slice": lambda: explanation(rows=40)[5:15],
    "one row": lambda: explanation(rows=40)[3],
    "absolute": lambda: explanation(rows=9).abs,
    "features": lambda: explanation(rows=9)[2:5, ["feature 2", "feature 0"]],
    "features of low rank": lambda: explanation(rank=2, condition_number=np.inf)[:, 1],
    "zeros": lambda: explanation(values=np.zeros((4, 3)), standard_errors=np.zeros((4, 3))),
    "trees": lambda: explanation(
        design="trees", n_background=np.zeros(4, int), background_errors=np.full((4, 3), np.nan), n_model_rows=0
    ),
}


def triples(n):
    """Make the triples of a game of all orders."""
    return interactions_of_table(game((np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(bool)), n, 3)


INTERACTIONS = {
    "game": interactions,
    "outputs": lambda: interactions(outputs=5),
    "rows": lambda: interactions(rows=4),
    "rows and outputs": lambda: interactions(rows=4, outputs=2, output_names=HOSTILE[:2]),
    "complete": lambda: interactions(complete=True, unresolved_variance=0.0, player_names=None),
    "unknown rest": lambda: interactions(unresolved_variance=np.nan),
    "unresolved in a row": lambda: interactions(rows=2, values=[[1.0, np.nan], [2.0, np.nan]]),
    "special": lambda: interactions(rows=6, values=special((6, 2)), degrees_of_freedom=np.full((6, 1), 3.0)),
    "hostile": lambda: interactions(players=3, player_names=HOSTILE[:3], design=HOSTILE[3]),
    "many": lambda: triples(12),
    "none": lambda: dataclasses.replace(
        interactions(), players=np.empty((0, 2), dtype=int), values=np.empty(0), standard_errors=np.empty(0)
    ),
    "no rows": lambda: interactions(rows=0),
}
