# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Cards that show results in a notebook: a headline, notes, and a table with a bar for each leading player."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from banzhaf._html.bars import bar, scale_of
from banzhaf._html.markup import Markup, asset, element, join
from banzhaf._html.numbers import error_text, formatter
from banzhaf._html.pairs import listed, unresolved_note
from banzhaf._html.words import (
    adjusted_notes,
    background_fact,
    design_of_explanation,
    design_of_values,
    explanation_notes,
    probability_of,
    rank_note,
    values_notes,
)
from banzhaf._support.cells import count, noun_of_sets, shorten
from banzhaf._support.fields import have_values
from banzhaf._support.pictures import mirrored
from banzhaf._support.protocols import Diagnosed, Explained, Interacting, PlayersValued, Summarised, Valued
from banzhaf._support.quantities import BANZHAF_VALUE

__all__ = [
    "diagnosis_card",
    "evaluations_card",
    "explainer_card",
    "explanation_card",
    "interactions_card",
    "shapley_card",
    "summary_card",
    "tree_explainer_card",
    "values_card",
]

_MOST_LINES = 10
_MOST_OUTPUTS = 3
_NAME_WIDTH = 40
_HEADING_WIDTH = 24
_TEXT_WIDTH = 200
_BAR_WIDTHS = (180.0, 100.0, 60.0)  # of one output, of two, of three
_LEVEL = 0.95


@cache
def _style() -> Markup:
    return element("style", Markup(asset("card.css").replace("\n", "")))


def card(title: str, facts: Iterable[str | None], notes: Iterable[str] = (), *parts: Markup | None) -> str:
    """Put a headline, notes and parts together, with the style that they need."""
    spans = [element("span", element("bdi", shorten(fact, _TEXT_WIDTH))) for fact in facts if fact is not None]
    return str(
        element(
            "div",
            _style(),
            element("div", element("b", title), *spans, class_="bz-head"),
            *[element("div", shorten(note, _TEXT_WIDTH), class_="bz-note") for note in notes],
            *parts,
            class_="banzhaf-html",
        )
    )


def evaluations_card(*, n_evaluated: int, budget: int, n_players: int, design: str, random_state: int | None) -> str:
    """Show what a failed evaluation has left."""
    facts = [
        f"{n_evaluated:,} of at most {count(budget, 'evaluation')}",
        count(n_players, "player"),
        design_of_values(design),
        None if random_state is None else f"seed {random_state}",
    ]
    return card("Evaluations", facts)


def explainer_card(
    names: Sequence[str],
    *,
    n_background: int,
    n_model_rows: int,
    at_most: bool,
    design: str,
    noisy: bool,
    batch_size: int | None,
    advice: str,
) -> str:
    """Show what an explainer will do and what it costs."""
    facts = [
        count(len(names), "feature"),
        count(n_background, "background row"),
        design_of_explanation(design),
        "noisy model" if noisy else None,
        f"{'at most ' if at_most else ''}{count(n_model_rows, 'model evaluation')} for each explained row"
        + advice.partition(";")[0],
        None if batch_size is None else f"prepared with batches of {count(batch_size, 'row')}",
    ]
    notes = [part.strip().capitalize() + "." for part in advice.split(";")[1:]]
    return card("Explainer", facts, (), _feature_list(names), *[element("div", n, class_="bz-foot") for n in notes])


def tree_explainer_card(
    names: Sequence[str],
    *,
    n_background: int | None,
    output: str,
    output_names: Sequence[str] | None,
    base_values: NDArray[np.float64],
) -> str:
    """Show what a tree explainer explains, and the base values."""
    several = np.ndim(base_values) > 0
    facts = [
        count(len(names), "feature"),
        "path-dependent, without a background" if n_background is None else count(n_background, "background row"),
        f"explained output: {output}",
        "exact values, no model evaluations",
    ]
    write = formatter(np.atleast_1d(base_values))
    shown = np.atleast_1d(base_values)[:_MOST_LINES]
    named = output_names is not None and len(output_names) == np.size(base_values)
    labels = [f"output {output_names[k] if output_names and named else k}" for k in range(len(shown))]
    if not several:
        base = element("div", f"Base value: {write(float(base_values))}", class_="bz-foot")
        return card("TreeExplainer", facts, (), _feature_list(names), base)
    parts = [
        join(element("bdi", shorten(label, _NAME_WIDTH)), ": ", write(base))
        for label, base in zip(labels, shown.tolist(), strict=True)
    ]
    rest = f" and {np.size(base_values) - len(shown):,} more" if np.size(base_values) > len(shown) else None
    bases = _listed("Base values: ", parts, rest)
    return card("TreeExplainer", facts, (), _feature_list(names), bases)


def _feature_list(names: Sequence[str]) -> Markup | None:
    parts = [element("bdi", shorten(name, _NAME_WIDTH)) for name in names[:_MOST_LINES]]
    rest = f" and {len(names) - len(parts):,} more" if len(names) > len(parts) else None
    return _listed("Features: ", parts, rest) if parts else None


def _listed(label: str, parts: Sequence[Markup], rest: str | None) -> Markup:
    behind = [join(", ", part) for part in parts[1:]]
    return element("div", label, parts[0], *behind, rest, class_="bz-foot")


@dataclass(frozen=True)
class _Column:
    """One output's numbers, a line for each of the leading players."""

    heading: str | None
    values: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    errors: NDArray[np.float64]


def _bars_table(first: str, second: str, names: Sequence[str], columns: Sequence[_Column]) -> Markup:
    """Make the table: a player's name, then for each output its bar, value and standard error."""
    outputs = [element("th", element("bdi", shorten(column.heading, _HEADING_WIDTH)), colspan="3", scope="colgroup",
                       class_="bz-output") if column.heading is not None else None for column in columns]  # fmt: skip
    heads: list[Markup] = []
    if any(output is not None for output in outputs):
        heads.append(element("tr", element("td"), *[output or element("td", colspan="3") for output in outputs]))
    each = [element("td"), element("th", second, scope="col"), element("th", "std. error", scope="col")]
    heads.append(element("tr", element("th", first, scope="col"), *each * len(columns)))
    width = _BAR_WIDTHS[len(columns) - 1]
    scale = scale_of(
        np.concatenate([column.values for column in columns]),
        np.concatenate([column.lower for column in columns]),
        np.concatenate([column.upper for column in columns]),
        width,
    )
    writers = [formatter(column.values, column.errors) for column in columns]
    lines = []
    for line, name in enumerate(names):
        cells = []
        for column, write in zip(columns, writers, strict=True):
            low, high = float(column.lower[line]), float(column.upper[line])
            interval = f"[{write(low)}, {write(high)}]" if high > low else None
            value = float(column.values[line])
            cells += [
                element("td", bar(value, low, high, scale), title=interval),
                element("td", write(value)),
                element("td", error_text(float(column.errors[line]))),
            ]
        lines.append(element("tr", element("th", element("bdi", shorten(name, _NAME_WIDTH)), scope="row"), *cells))
    return element("table", element("thead", *heads), element("tbody", *lines), class_="bz-values")


def _more(parts: Iterable[str | None]) -> Markup | None:
    told = [part for part in parts if part is not None]
    return element("div", " ".join(told), class_="bz-foot") if told else None


def _left_out(number: int, noun: str) -> str | None:
    return f"{count(number, f'more {noun}')}." if number > 0 else None


def _whiskers(columns: Sequence[_Column]) -> str | None:
    drawn = any(bool((column.upper > column.lower).any()) for column in columns)
    return "Lines across the bars are 95 % intervals." if drawn else None


def values_card(result: Valued) -> str:
    """Show the leading players of a game with their 95 % intervals."""
    with np.errstate(all="ignore"):  # NaN and infinite values are shown as such
        dropped = f" ({result.n_dropped:,} dropped)" if result.n_dropped else ""
        facts = _facts_of(result, dropped)
        if result.repeats > 1:
            facts.insert(-1, f"{result.repeats} repeats{', weighted' * result.weighted}")
        return card("Banzhaf values", facts, values_notes(result), *_players_of(result))


def shapley_card(result: PlayersValued) -> str:
    """Show the leading players of a game by their Shapley values, with 95 % intervals."""
    with np.errstate(all="ignore"):
        return card("Shapley values", _facts_of(result), (), *_players_of(result))


def _facts_of(result: PlayersValued, dropped: str = "") -> list[str | None]:
    return [
        count(len(result.values), "player"),
        count(result.values.shape[1], "output") if result.values.ndim == 2 else None,
        count(result.n_evaluations * getattr(result, "repeats", 1), "evaluation") + dropped,
        design_of_values(result.design),
        probability_of(result),
        None if result.random_state is None else f"seed {result.random_state}",
    ]


def _players_of(result: PlayersValued) -> list[Markup | None]:
    values = result.values
    names = result.player_names or tuple(map(str, range(len(values))))
    headings = [f"output {k}" for k in range(values.shape[1])] if values.ndim == 2 else [None]
    return _leading("player", "value", names, headings, values, result.standard_errors, result.intervals(_LEVEL))


def interactions_card(found: Interacting) -> str:
    """Show the leading interactions with their 95 % intervals; with explained rows, their mean absolute values."""
    with np.errstate(all="ignore"):
        several = found.values.ndim == (2 if found.n_rows is None else 3)
        n_outputs = found.values.shape[-1] if several else 1
        facts = [
            f"order {found.order}",
            None if found.n_rows is None else count(found.n_rows, "row"),
            count(found.n_players, "player" if found.n_rows is None else "feature"),
            count(n_outputs, "output") if several else None,
            count(found.n_evaluations, "evaluation") if found.n_evaluations else None,
            design_of_values(found.design) if found.n_rows is None else design_of_explanation(found.design),
        ]
        note = unresolved_note(found)
        notes = [] if note is None else [note]
        if not found.values.size:
            return card("Banzhaf interactions", facts, notes)
        named = found.output_names
        headings = [f"output {named[k] if named else k}" for k in range(n_outputs)] if several else [None]
        told = listed(found, _LEVEL)
        noun = noun_of_sets(found.order)
        table, foot = _leading(noun, told.heading, told.names, headings, told.values, told.errors, told.bounds)
        # Means of absolute values have the colour of sizes.
        shown = table if found.n_rows is None else element("div", table, class_="bz-size")
        return card("Banzhaf interactions", facts, notes, shown, foot)


def summary_card(summary: Summarised) -> str:
    """Show the leading means, sums or extremes of an explanation with their 95 % intervals."""
    with np.errstate(all="ignore"):
        several = summary.values.ndim == 2
        n_outputs = summary.values.shape[1] if several else 1
        facts = [
            f"{summary.quantity} over {count(summary.count, summary.over[:-1])}",
            count(len(summary.values), "feature" if summary.over == "rows" else "row"),
            count(n_outputs, "output") if several else None,
        ]
        if not summary.values.size:
            return card("Summary", facts)
        named = summary.output_names
        headings = [f"output {named[k] if named else k}" for k in range(n_outputs)] if several else [None]
        bounds = summary.intervals(_LEVEL)
        parts = _leading("", "value", summary.names, headings, summary.values, summary.standard_errors, bounds)
        return card("Summary", facts, (), *parts)


def _leading(
    first: str,
    second: str,
    names: Sequence[str],
    headings: Sequence[str | None],
    values: NDArray[np.float64],
    errors: NDArray[np.float64],
    bounds: NDArray[np.float64],
) -> list[Markup | None]:
    """Make a table of the largest absolute values, and the line below it."""
    size = np.fmax.reduce(np.abs(values).reshape(len(values), -1), axis=1)
    leading = np.argsort(-size, kind="stable")[:_MOST_LINES]
    shape = (len(values), len(headings))
    told, errors, bounds = values.reshape(shape), errors.reshape(shape), bounds.reshape(*shape, 2)
    columns = [
        _Column(heading, told[leading, k], bounds[leading, k, 0], bounds[leading, k, 1], errors[leading, k])
        for k, heading in enumerate(headings[:_MOST_OUTPUTS])
    ]
    table = _bars_table(first, second, [names[i] for i in leading], columns)
    left = [
        _left_out(len(values) - len(leading), first or "value"),
        _left_out(len(headings) - len(columns), "output"),
        _whiskers(columns),
    ]
    return [table, _more(left)]


def explanation_card(explanation: Explained) -> str:
    """Show the leading features of an explanation by mean absolute value, with 95 % intervals of the means."""
    with np.errstate(all="ignore"):
        n_rows, n_features, *outputs = explanation.values.shape
        facts = [
            count(n_rows, "row"),
            count(n_features, "feature"),
            None if explanation.quantity == BANZHAF_VALUE else explanation.quantity,
            count(outputs[0], "output") if outputs else _only_output(explanation),
            background_fact(explanation.n_background),
            count(explanation.n_model_rows, "model evaluation") if explanation.design != "trees" else None,
            design_of_explanation(explanation.design),
            probability_of(explanation),
            f"seed {explanation.random_state}" if explanation.design != "trees" else None,
        ]
        notes = explanation_notes(explanation)
        if not explanation.values.size:
            return card("Explanation", facts, notes)
        told = have_values(explanation.values)
        told = told if told.any() else np.full(n_rows, True)
        chosen = [0]
        if outputs:
            chosen = [1] if mirrored(explanation.values) else list(range(min(outputs[0], _MOST_OUTPUTS)))
        means, bounds = explanation.importance(_LEVEL)
        errors = explanation.standard_errors[told].mean(axis=0)
        n_outputs = outputs[0] if outputs else 1
        means, errors = means.reshape(n_features, n_outputs), errors.reshape(n_features, n_outputs)
        bounds = bounds.reshape(n_features, n_outputs, 2)
        leading = np.argsort(-means[:, chosen].sum(axis=1), kind="stable")[:_MOST_LINES]
        columns = [
            _Column(
                _output_heading(explanation, k) if outputs else None,
                means[leading, k],
                bounds[leading, k, 0],
                bounds[leading, k, 1],
                errors[leading, k],
            )
            for k in chosen
        ]
        names = [explanation.feature_names[i] for i in leading]
        table = element(
            "div",
            _bars_table("feature", "mean |value|" if len(columns) == 1 else "mean", names, columns),
            class_="bz-size",
        )
        mirror = outputs and len(chosen) < n_outputs == 2
        foot = _more(
            [
                _left_out(n_features - len(leading), "feature"),
                "The other output has the opposite values." if mirror else _left_out(n_outputs - len(chosen), "output"),
                "The means are those of absolute values." if len(columns) > 1 else None,
                _whiskers(columns),
            ]
        )
        return card("Explanation", facts, notes, table, foot)


def _only_output(explanation: Explained) -> str | None:
    names = explanation.output_names
    return f"output {shorten(names[0], _NAME_WIDTH)}" if names else None


def _output_heading(explanation: Explained, output: int) -> str:
    return f"output {explanation.output_names[output] if explanation.output_names else output}"


def diagnosis_card(diagnosis: Diagnosed) -> str:
    """Show the parts of a diagnosis: what the variance is made of, and what larger budgets would do."""
    with np.errstate(all="ignore"):
        dropped = f" ({diagnosis.n_dropped:,} dropped)" if diagnosis.n_dropped else ""
        distinct = None if diagnosis.n_distinct is None else f"{diagnosis.n_distinct:,} distinct"
        r2 = np.atleast_1d(diagnosis.r2)
        shown = min(len(r2), _MOST_OUTPUTS)
        facts = [
            count(diagnosis.n_players, "player"),
            count(diagnosis.n_evaluations, "evaluation") + dropped,
            distinct,
            design_of_values(diagnosis.design),
            f"condition number {diagnosis.condition_number:.3g}",
            f"R\N{SUPERSCRIPT TWO} {_first(r2)}" if np.isfinite(r2).all() else None,
        ]
        notes = []
        if diagnosis.rank < diagnosis.n_players:
            sparse = diagnosis.adjustment is not None and any(diagnosis.adjustment.n_selected)
            notes.append(rank_note(diagnosis.rank, diagnosis.n_players, sparse))
        notes += adjusted_notes(diagnosis.adjustment)
        even, linear, higher = (
            np.atleast_1d(share) for share in (diagnosis.even_share, diagnosis.linear_share, diagnosis.higher_share)
        )
        if np.isnan(even).all():
            shares: Markup = element(
                "div",
                "These evaluations hold no pairs of a coalition and its complement, so even and odd interactions "
                "cannot be separated.",
                class_="bz-foot",
            )
        else:
            made = "no error is left" if diagnosis.design == "exhaustive" else "causes the sampling error"
            shares = element(
                "div",
                _shares_table(
                    [
                        ("even-order interactions", even, "cancels within pairs"),
                        ("the values themselves", linear, "what is estimated"),
                        ("odd-order interactions, noise", higher, made),
                    ],
                    shown,
                ),
                class_="bz-size",
            )
        return card("Diagnosis", facts, notes, shares, _plans_table(diagnosis, shown), _more(
            [_left_out(len(r2) - shown, "output")]
        ))  # fmt: skip


def _first(numbers: NDArray[np.float64]) -> str:
    cells = [f"{number:.4g}" for number in numbers[:_MOST_OUTPUTS]]
    return ", ".join(cells + ["…"] * (len(numbers) > _MOST_OUTPUTS))


def _output_heads(shown: int, several: bool, text: str) -> list[Markup]:
    names = [f"output {k}" for k in range(shown)] if several else [text]
    return [element("th", name, scope="col") for name in names]


def _shares_table(lines: Sequence[tuple[str, NDArray[np.float64], str]], shown: int) -> Markup:
    several = shown > 1
    scale = scale_of(np.array([1.0]), np.array([0.0]), np.array([0.0]), _BAR_WIDTHS[shown - 1])
    rows = []
    for name, shares, meaning in lines:
        cells = []
        for share in shares[:shown].tolist():
            written = "unknown" if share != share else f"{100 * share:.1f} %"
            cells.append(element("td", bar(share, 0.0, 0.0, scale)))
            cells.append(element("td", written))
        told = None if several else element("td", meaning, class_="bz-text")
        rows.append(element("tr", element("th", name, scope="row"), *cells, told))
    heads = [join(element("td"), head) for head in _output_heads(shown, several, "share")]
    head = element("tr", element("th", "variance of the worths", scope="col"), *heads)
    return element("table", element("thead", head), element("tbody", *rows))


def _plans_table(diagnosis: Diagnosed, shown: int) -> Markup:
    several = np.ndim(diagnosis.r2) == 1 and shown > 1
    lines = [("now", diagnosis.n_evaluations, np.atleast_1d(diagnosis.standard_error), "")]
    for plan, budget, expected in zip(diagnosis.plans, diagnosis.budgets, diagnosis.expected_errors, strict=True):
        lines.append((plan, budget, np.atleast_1d(expected), "at most " if "nested" in plan or "stage" in plan else ""))
    rows = [
        element(
            "tr",
            element("th", element("bdi", shorten(plan, _NAME_WIDTH)), scope="row"),
            element("td", f"{budget:,}"),
            *[element("td", join(most, _error(error))) for error in errors[:shown].tolist()],
        )
        for plan, budget, errors, most in lines[:_MOST_LINES]
    ]
    heads = _output_heads(shown, several, "standard error (root mean square)")
    head = element("tr", element("th", "budget", scope="col"), element("th", "evaluations", scope="col"), *heads)
    return element("table", element("thead", head), element("tbody", *rows))


def _error(error: float) -> str:
    return "0" if error == 0.0 else error_text(error)
