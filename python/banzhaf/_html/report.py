# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The report of an explanation: one page that needs no network, for somebody who was not there."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from banzhaf._html import swarm
from banzhaf._html.bars import Scale, bar, scale_of
from banzhaf._html.markup import Markup, asset, element, join, visible
from banzhaf._html.numbers import error_text, formatter, percent
from banzhaf._html.pairs import listed, unresolved_note
from banzhaf._html.words import (
    background_fact,
    design_of_explanation,
    explanation_notes,
)
from banzhaf._support import arguments as check
from banzhaf._support.cells import codes, count, count_sets, noun_of_sets, shorten
from banzhaf._support.fields import have_values
from banzhaf._support.files import replacing
from banzhaf._support.intervals import margins
from banzhaf._support.pictures import cell_text, mirrored
from banzhaf._support.protocols import Explained, Interacting
from banzhaf._support.quantities import BANZHAF_VALUE, SHAPLEY_VALUE

__all__ = ["write_report"]

_MOST_OUTPUTS = 12
_MOST_BASES = 3
_MOST_FEATURES = 40  # of each row, the largest values first
_MOST_BARS = 20  # features in bars and swarm
_MOST_PAIRS = 15
_MOST_DOTS = 2000  # rows in the swarm
_MOST_NUMBERS = 500  # features in the table
_FIRST_ROWS, _FIRST_FEATURES = 3, 10  # what stands there without JavaScript
_NAME_WIDTH, _CELL_WIDTH, _TITLE_WIDTH = 80, 60, 300


def write_report(
    explanation: Explained, path: Any, title: Any, max_rows: Any, level: Any, interactions: Interacting | None = None
) -> None:
    """Check the arguments and write the report of an explanation to a file.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument.
    OSError
        If the folder does not exist, or the file cannot be written. An existing file stays as it was then.
    """
    name = os.fsdecode(path)
    heading = None if title is None else check.text("title", title)
    limit = check.integer("max_rows", max_rows, 1)
    margins(np.zeros(1), 1.0, level)  # checks it
    if interactions is not None:
        _check_interactions(explanation, interactions)
    text = report(explanation, heading, limit, float(level), interactions).encode()
    folder = os.path.dirname(os.path.abspath(name))
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, "path is in a folder that does not exist; create it first", folder)
    with replacing(name) as stream:
        stream.write(text)


def _check_interactions(explanation: Explained, interactions: Any) -> None:
    """Check that interactions are of the rows and outputs of an explanation."""
    if not hasattr(interactions, "unresolved_variance"):
        raise TypeError(f"interactions must be an Interactions or None, got {type(interactions).__name__}")
    wanted, found = len(explanation), interactions.n_rows
    if found != wanted:
        rows = "no rows" if found is None else count(found, "row")
        raise ValueError(f"interactions must be of the {count(wanted, 'row')} of this explanation, got {rows}")
    names = interactions.player_names
    if interactions.n_players != explanation.values.shape[1] or (names and names != explanation.feature_names):
        raise ValueError("interactions must have the features of this explanation, in the same order")
    if interactions.values.shape[2:] != explanation.values.shape[2:]:
        raise ValueError("interactions must have the outputs of this explanation")


def report(
    explanation: Explained,
    title: str | None,
    max_rows: int,
    level: float,
    interactions: Interacting | None = None,
) -> str:
    """Make the text of the page."""
    with np.errstate(all="ignore"):  # NaN and infinite values are shown as such
        return _Report(explanation, title, max_rows, level, interactions).page()


@dataclass(frozen=True)
class _Output:
    """What the page shows of one output."""

    name: str
    position: int  # in the model's outputs
    explanation: Explained  # of this output alone
    means: NDArray[np.float64]
    bounds: NDArray[np.float64]
    errors: NDArray[np.float64]
    order: NDArray[np.intp]
    quantiles: NDArray[np.float64]


class _Report:
    def __init__(
        self,
        explanation: Explained,
        title: str | None,
        max_rows: int,
        level: float,
        interactions: Interacting | None,
    ) -> None:
        self.explanation, self.level, self.interactions = explanation, level, interactions
        self.n_rows, self.n_features, *outputs = explanation.values.shape
        self.n_outputs = outputs[0] if outputs else 1
        self.rows = list(range(min(self.n_rows, max_rows)))
        told = have_values(explanation.values)
        self.told = told if told.any() else np.full(self.n_rows, True)
        self.mirrored = mirrored(explanation.values)
        shown = [1] if self.mirrored else range(min(self.n_outputs, _MOST_OUTPUTS))
        empty = not (self.n_rows and self.n_features)
        self.outputs = [] if empty else [self._output(k) for k in shown]
        self.quantity = shorten(explanation.quantity, _NAME_WIDTH)
        self.is_shapley = SHAPLEY_VALUE in explanation.quantity
        # What base value plus sum is. Sums of absolute values say nothing.
        self.sums = {BANZHAF_VALUE: "which need not be the prediction", SHAPLEY_VALUE: "the prediction"}.get(
            explanation.quantity
        )
        what = f"{self.quantity}s" if self.sums else self.quantity
        self.title = title or f"{what} of {count(self.n_rows, 'row')}"
        self.names = [shorten(name, _NAME_WIDTH) for name in explanation.feature_names]

    def _output(self, k: int) -> _Output:
        explanation = self.explanation.output(k)
        names = explanation.output_names
        means, bounds = explanation.importance(self.level)
        return _Output(
            name=_named(names[0] if names else str(k)),
            position=k,
            explanation=explanation,
            means=means,
            bounds=bounds,
            errors=explanation.standard_errors[self.told].mean(axis=0),
            order=np.argsort(-means, kind="stable"),
            quantiles=margins(np.ones(self.n_rows), explanation.degrees_of_freedom, self.level),
        )

    def page(self) -> str:
        style, script = _assets()
        policy = (
            f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
            "base-uri 'none'; form-action 'none'"
        )
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=policy),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="referrer", content="no-referrer"),
            element("meta", name="generator", content=f"banzhaf {_core.__version__}"),
            element("title", shorten(self.title, _TITLE_WIDTH)),
            element("style", style),
        )
        main = element(
            "main",
            element("h1", element("bdi", shorten(self.title, _TITLE_WIDTH))),
            self._summary(),
            self._output_choice(),
            *[self._importance(place, output) for place, output in enumerate(self.outputs)],
            *[self._pairs(place, output) for place, output in enumerate(self.outputs)],
            self._rows() if self.outputs else None,
            *[self._numbers(place, output) for place, output in enumerate(self.outputs)],
            element(
                "footer",
                f"Made with banzhaf {_core.__version__}. This page needs no network and sends nothing.",
            ),
        )
        body = element(
            "body", main, element("script", self._data(), type="application/json", id="data"), element("script", script)
        )
        return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"

    # What was explained, and how accurate it is

    def _summary(self) -> Markup:
        explanation = self.explanation
        trees = explanation.design == "trees"
        facts: list[tuple[str, str | None]] = [
            ("Explained", f"{count(self.n_rows, 'row')}, {count(self.n_features, 'feature')}"),
            ("Outputs", self._outputs_fact()),
            ("Background", background_fact(explanation.n_background)),
            ("Method", _capitalised(design_of_explanation(explanation.design))),
            ("Model evaluations", "None" if trees else f"{explanation.n_model_rows:,}"),
            ("Base value", self._bases()),
            ("Seed", None if trees else str(explanation.random_state)),
        ]
        cells = [
            element("div", element("dt", name), element("dd", element("bdi", shorten(fact, _TITLE_WIDTH))))
            for name, fact in facts
            if fact is not None
        ]
        absent = (
            "averaged over the background rows"
            if (explanation.n_background > 0).any() or not trees
            else "averaged over the training rows, as the trees recorded them"
        )
        return element(
            "section",
            element(
                "p",
                f"How each feature moves the output of a model, for {count(self.n_rows, 'row')}.",
                class_="lede",
            ),
            element("dl", *cells),
            *[element("p", note, class_="note") for note in explanation_notes(explanation)],
            *[element("p", note, class_="note left") for note in self._left_out()],
            element("h2", "How accurate it is"),
            *[element("p", sentence) for sentence in self._certainty()],
            element("h2", "How to read it"),
            *[element("p", sentence) for sentence in self._meaning(absent)],
            aria_label="Summary",
        )

    def _meaning(self, absent: str) -> tuple[str, str]:
        """Explain the values in two paragraphs."""
        name, likely = ("Shapley", "all sizes of sets") if self.is_shapley else ("Banzhaf", "all sets")
        meaning = (
            f"The {name} value of a feature is the average change of the model's output when the feature joins a "
            f"random set of the other features, {likely} being equally likely. Hidden features are {absent}."
        )
        if self.is_shapley:
            return meaning, (
                "A row's values sum to its prediction minus the base value. Banzhaf values need not, because they "
                "weigh all sets equally, whereas Shapley values weigh them by size."
            )
        return meaning, (
            "A row's values need not sum to its prediction minus the base value. Shapley values do, because they "
            "weigh sets of features by size, whereas Banzhaf values weigh all sets equally."
        )

    def _outputs_fact(self) -> str | None:
        names = self.explanation.output_names
        if self.explanation.values.ndim == 2:
            return shorten(names[0], _NAME_WIDTH) if names else None
        if not names:
            return f"{self.n_outputs:,}"
        shown = ", ".join(shorten(name, _NAME_WIDTH) for name in names[:_MOST_OUTPUTS])
        return shown + (f" and {len(names) - _MOST_OUTPUTS:,} more" if len(names) > _MOST_OUTPUTS else "")

    def _bases(self) -> str | None:
        if not self.outputs:
            return None
        bases = np.array([float(output.explanation.base_values) for output in self.outputs])
        write = formatter(bases)
        if len(bases) == 1:
            return write(float(bases[0]))
        pairs = list(zip(self.outputs, bases.tolist(), strict=True))
        more = f" and {len(pairs) - _MOST_BASES} more" if len(pairs) > _MOST_BASES else ""
        return ", ".join(f"{output.name}: {write(base)}" for output, base in pairs[:_MOST_BASES]) + more

    def _left_out(self) -> list[str]:
        """Say what the page does not hold."""
        notes = []
        if len(self.rows) < self.n_rows:
            notes.append(
                f"This page lets you choose among the first {len(self.rows):,} of {self.n_rows:,} rows. "
                "Averages are over all of them. to_html(max_rows=...) includes more."
            )
        if self.mirrored:
            names = self.explanation.output_names
            other = _named(names[0] if names else "0")
            notes.append(f"Not shown: {other}, whose values are the opposite of these.")
        elif self.n_outputs > _MOST_OUTPUTS:
            notes.append(f"This page shows the first {_MOST_OUTPUTS} of {self.n_outputs:,} outputs.")
        return notes

    def _certainty(self) -> list[str]:
        """Say in sentences how large the errors are, beside the largest mean absolute value."""
        if not self.outputs:
            return ["There are no values."]
        explanation = self.explanation
        errors = explanation.standard_errors[self.told]
        known = errors[np.isfinite(errors)]
        sentences = []
        if known.size and (known == 0.0).all() and known.size == errors.size:
            what = "this background" if (explanation.n_background > 0).any() else "these trees"
            sentences.append(f"Every value is exact for {what}: sampling adds no error.")
        elif known.size:
            half, largest = self._typical_margin()
            sentence = f"Half of the {percent(self.level)} intervals reach no further than ±{error_text(half)}"
            if half == 0.0:
                sentence = "At least half of the values are exact"
            sentences.append(
                f"{sentence}. The largest mean absolute value is {formatter(np.array([largest]))(largest)}."
            )
        if known.size < errors.size:
            sentences.append(
                f"The standard error is unknown for {errors.size - known.size:,} of {count(errors.size, 'value')}, "
                "because there were too few evaluations to estimate it."
            )
        spread = explanation.background_errors[self.told]
        spread = spread[np.isfinite(spread)]
        if spread.size and (spread > 0.0).any():
            typical = error_text(float(np.median(spread)))
            sentences.append(
                f"The background is itself a sample. Drawing another one of its size adds a standard error of about "
                f"{typical} (the median). The intervals on this page do not include it."
            )
        return sentences

    def _typical_margin(self) -> tuple[float, float]:
        halves, largest = [], 0.0
        for output in self.outputs:
            own = output.explanation.standard_errors * output.quantiles[:, np.newaxis]
            halves.append(np.where(output.explanation.standard_errors == 0.0, 0.0, own)[self.told].ravel())
            largest = max(largest, float(np.nanmax(output.means, initial=0.0)))
        every = np.concatenate(halves)
        every = every[np.isfinite(every)]
        return (float(np.median(every)) if every.size else math.nan), largest

    def _output_choice(self) -> Markup | None:
        if len(self.outputs) < 2:
            return None
        return element(
            "div",
            element("label", "Output", for_="output"),
            element("select", id="output"),
            class_="controls pinned",
            id="outputs",
            hidden=True,
        )

    def _heading(self, text: str, output: _Output) -> Markup:
        several = self.explanation.values.ndim == 3 or self.explanation.output_names
        return element("h2", text, join(": ", element("bdi", output.name)) if several else None)

    # Averages over the rows

    def _importance(self, place: int, output: _Output) -> Markup:
        leading = output.order[:_MOST_BARS]
        means, bounds, errors = output.means[leading], output.bounds[leading], output.errors[leading]
        scale = scale_of(means, bounds[:, 0], bounds[:, 1], 200.0)
        write = formatter(means, errors)
        lines = [
            _line([self._name(i)], float(means[k]), bounds[k], float(errors[k]), scale, write)
            for k, i in enumerate(leading.tolist())
        ]
        rest = self.n_features - len(leading)
        more = f" The {_MOST_BARS} leading features of {self.n_features:,} are shown." if rest else ""
        return element(
            "section",
            self._heading("Importance", output),
            element(
                "p",
                f"Mean absolute value over the rows.{self._whiskers(bounds)}{more}",
                class_="hint",
            ),
            element("div", _bars_table("feature", "mean |value|", lines), class_="size"),
            self._swarm(output, leading),
            data_output=place,
        )

    def _whiskers(self, bounds: NDArray[np.float64]) -> str:
        drawn = bool((bounds[:, 1] > bounds[:, 0]).any())
        return f" Lines across the bars are {percent(self.level)} intervals." if drawn else ""

    def _swarm(self, output: _Output, leading: NDArray[np.intp]) -> Markup:
        explanation = output.explanation
        rows = np.flatnonzero(self.told)
        sample = ""
        if len(rows) > _MOST_DOTS:
            rows = rows[np.linspace(0, len(rows) - 1, _MOST_DOTS).astype(int)]
            sample = f" {_MOST_DOTS:,} of {self.n_rows:,} rows, evenly spaced, are drawn."
        values, data = explanation.values[rows], explanation.data[rows]
        scale = swarm.scale_of_swarm(values[:, leading])
        parts: list[Markup] = []
        for i in leading.tolist():
            numbers, numeric = codes(data[:, i])
            finite = values[:, i][np.isfinite(values[:, i])]
            label = f"Values of {self.names[i]}: none"
            if finite.size:
                write = formatter(finite)
                low, middle, high = (write(float(end)) for end in (finite.min(), np.median(finite), finite.max()))
                label = f"Values of {self.names[i]}: from {low} to {high}, median {middle}"
            parts.append(element("span", self._name(i)))
            parts.append(swarm.strip(values[:, i], numbers if numeric else None, scale, label))
        return join(
            element("h3", "All rows"),
            element("p", f"One dot for each row, at its {self.quantity}.{sample}", class_="hint"),
            element(
                "p", "Colour: low ", swarm.legend(), " high feature value. Grey: missing, or a text.", class_="hint"
            ),
            element("div", *parts, element("span"), swarm.axis(scale), class_="swarm"),
        )

    def _pairs(self, place: int, output: _Output) -> Markup | None:
        """Show the leading interactions, if there are any to show."""
        if self.interactions is None or not len(self.interactions):
            return None
        found = self.interactions.output(output.position)
        told = listed(found, self.level)
        leading = np.argsort(-told.values, kind="stable")[:_MOST_PAIRS]
        leading = leading[~np.isnan(told.values[leading])]
        values, bounds, errors = told.values[leading], told.bounds[leading], told.errors[leading]
        scale = scale_of(values, bounds[:, 0], bounds[:, 1], 200.0)
        write = formatter(values, errors)
        lines = [
            _line([element("bdi", told.names[i])], float(values[k]), bounds[k], float(errors[k]), scale, write)
            for k, i in enumerate(leading.tolist())
        ]
        noun = noun_of_sets(found.order)
        rest = len(found) - len(leading)
        more = f" The {len(leading)} leading ones of {count_sets(len(found), found.order)} are shown." if rest else ""
        note = unresolved_note(found)
        return element(
            "section",
            self._heading("Interactions", output),
            element(
                "p",
                "How much more one feature moves the output if the other joins too: mean absolute value over the rows."
                f"{self._whiskers(bounds)}{more}",
                class_="hint",
            ),
            element("div", _bars_table(noun, told.heading, lines), class_="size"),
            None if note is None else element("p", note, class_="hint"),
            data_output=place,
        )

    def _name(self, feature: int) -> Markup:
        return element("bdi", self.names[feature])

    # Single rows

    def _rows(self) -> Markup:
        key = element(
            "p",
            element("span", class_="key up"),
            " raises the output",
            element("span", class_="key down"),
            " lowers it.",
            self._whiskers(np.concatenate([output.bounds for output in self.outputs])),
            class_="hint",
        )
        controls = element(
            "div",
            element("label", "Row", for_="row"),
            element("select", id="row"),
            element("button", "Previous", id="previous", type="button"),
            element("button", "Next", id="next", type="button"),
            class_="controls",
        )
        table = _bars_table("feature", self.quantity, [], interval=True, id_="row-table")
        return element(
            "section",
            element("h2", "One row at a time"),
            key,
            element(
                "div",
                controls,
                element("p", id="row-facts", aria_live="polite"),
                table,
                element("p", id="row-rest", class_="hint"),
                element("button", id="row-more", type="button", hidden=True),
                id="any-row",
                hidden=True,
            ),
            element("div", *self._first_rows(), id="first-rows"),
        )

    def _first_rows(self) -> list[Markup]:
        parts = []
        if self.n_rows > _FIRST_ROWS:
            parts.append(
                element("p", f"The first {_FIRST_ROWS} rows. A browser with JavaScript shows any.", class_="hint")
            )
        for row in self.rows[:_FIRST_ROWS]:
            for place, output in enumerate(self.outputs):
                parts.append(self._first_row(row, place, output))
        return parts

    def _first_row(self, row: int, place: int, output: _Output) -> Markup:
        values, errors = output.explanation.values[row], output.explanation.standard_errors[row]
        half = np.where(errors == 0.0, 0.0, errors * output.quantiles[row])
        leading = np.argsort(-np.abs(values), kind="stable")[:_FIRST_FEATURES]
        bounds = np.stack([values - half, values + half], axis=1)
        scale = scale_of(values[leading], bounds[leading, 0], bounds[leading, 1], 200.0)
        write = formatter(values[leading], errors[leading])
        lines = [
            _line(
                [
                    self._name(i),
                    " = ",
                    element("bdi", cell_text(self.explanation.data[row, i], _CELL_WIDTH), class_="cell"),
                ],
                float(values[i]),
                bounds[i],
                float(errors[i]),
                scale,
                write,
                interval=True,
            )
            for i in leading.tolist()
        ]
        base, total = float(output.explanation.base_values), float(values.sum())
        ends = formatter(np.array([base, total, base + total]))
        facts = (
            "This row has no values: the evaluation ended before it had any."
            if np.isnan(values).all()
            else f"Base value {ends(base)}. The values of this row sum to {ends(total)}. Base value plus sum is "
            f"{ends(base + total)}, {self.sums}."
            if self.sums
            else f"Base value {ends(base)}."
        )
        rest = self.n_features - len(leading)
        several = len(self.outputs) > 1
        return element(
            "div",
            element("h3", f"Row {row}", join(", ", element("bdi", output.name)) if several else None),
            element("p", facts),
            _bars_table("feature", self.quantity, lines, interval=True),
            element("p", f"{count(rest, 'more feature')} with smaller values.", class_="hint") if rest else None,
            data_output=place,
        )

    # All numbers

    def _numbers(self, place: int, output: _Output) -> Markup:
        values = output.explanation.values[self.told]
        shown = output.order[:_MOST_NUMBERS]
        columns = {
            "mean |value|": output.means,
            "lower end": output.bounds[:, 0],
            "upper end": output.bounds[:, 1],
            "std. error": output.errors,
            "mean value": values.mean(axis=0),
            "smallest": values.min(axis=0),
            "largest": values.max(axis=0),
        }
        sizes = np.concatenate([output.means[shown], columns["largest"][shown]])
        write = formatter(sizes, output.errors[shown])
        write_end = formatter(sizes, output.errors[shown], unknown="unknown")
        writers = {"std. error": error_text, "lower end": write_end, "upper end": write_end}
        lines = []
        for i in shown.tolist():
            cells = [element("td", writers.get(name, write)(float(column[i]))) for name, column in columns.items()]
            lines.append(element("tr", element("th", self._name(i), scope="row"), *cells))
        heads = [element("th", name, scope="col") for name in ("feature", *columns)]
        left = self.n_features - len(shown)
        return element(
            "section",
            self._heading("Numbers", output),
            element(
                "p",
                f"Over all rows with values. The ends are those of the {percent(self.level)} interval of the mean "
                "absolute value. The standard error is the mean of the rows' standard errors.",
                class_="hint",
            ),
            element(
                "div",
                element("table", element("thead", element("tr", *heads)), element("tbody", *lines)),
                class_="scroll",
                tabindex="0",
                role="region",
                aria_label="Table of numbers",
            ),
            element("p", f"{count(left, 'more feature')} with smaller means.", class_="hint") if left else None,
            data_output=place,
        )

    # What the script reads

    def _data(self) -> Markup:
        wide = self.n_features > _MOST_FEATURES
        names = _json_texts([visible(name) for name in self.names])
        parts = [f'"rows":{json.dumps(self.rows if self.outputs else [])}', f'"features":{names}']
        parts.append(f'"n_features":{self.n_features},"sums":{json.dumps(self.sums)}')
        if not wide and self.outputs:
            parts.append(f'"cells":{self._cells(None)}')
        outputs = ",".join(self._output_data(output, wide) for output in self.outputs)
        parts.append(f'"outputs":[{outputs}]')
        return Markup(_safe("{" + ",".join(parts) + "}"))

    def _output_data(self, output: _Output, wide: bool) -> str:
        values, errors = output.explanation.values[self.rows], output.explanation.standard_errors[self.rows]
        parts = [
            f'"name":{json.dumps(visible(output.name))}',
            f'"base":{_json_number(float(output.explanation.base_values), ".6g")}',
            f'"quantiles":{_json_numbers(output.quantiles[self.rows], ".6g")}',
        ]
        if wide:
            ids = np.sort(np.argsort(-np.abs(values), axis=1, kind="stable")[:, :_MOST_FEATURES], axis=1)
            own = np.take_along_axis(values, ids, axis=1)
            parts.append(f'"ids":{json.dumps(ids.tolist(), separators=(",", ":"))}')
            parts.append(f'"rest":{_json_numbers(values.sum(axis=1) - own.sum(axis=1), ".5g")}')
            parts.append(f'"cells":{self._cells(ids)}')
            values, errors = own, np.take_along_axis(errors, ids, axis=1)
        parts.append(f'"values":{_json_table(values, ".5g")}')
        parts.append(f'"errors":{_json_table(errors, ".2g")}')
        return "{" + ",".join(parts) + "}"

    def _cells(self, ids: NDArray[np.intp] | None) -> str:
        lines = []
        for row in self.rows:
            cells = self.explanation.data[row] if ids is None else self.explanation.data[row, ids[row]]
            lines.append("[" + ",".join([_json_cell(cell) for cell in cells.tolist()]) + "]")
        return "[" + ",".join(lines) + "]"


def _named(name: str) -> str:
    """Name an output: a number alone would say little."""
    short = shorten(name, _NAME_WIDTH)
    return f"output {short}" if not short or short.replace(".", "").replace("-", "").isdigit() else short


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bars_table(
    first: str, second: str, lines: Sequence[Markup], *, interval: bool = False, id_: str | None = None
) -> Markup:
    heads = [
        element("th", first, scope="col"),
        element("td", class_="bar"),
        element("th", second, scope="col"),
        element("th", "std. error", scope="col"),
        element("th", "interval", scope="col", class_="wide") if interval else None,
    ]
    return element("table", element("thead", element("tr", *heads)), element("tbody", *lines), class_="bars", id=id_)


def _line(
    name: Sequence[str | Markup],
    value: float,
    bounds: NDArray[np.float64],
    error: float,
    scale: Scale,
    write: Any,
    *,
    interval: bool = False,
) -> Markup:
    low, high = bounds.tolist()
    written = f"{write(low)} to {write(high)}" if high > low else ""
    return element(
        "tr",
        element("th", *name, scope="row"),
        element("td", bar(value, low, high, scale, stretch=True), class_="bar"),
        element("td", write(value)),
        element("td", error_text(error), class_="muted"),
        element("td", written, class_="muted wide") if interval else None,
    )


@cache
def _assets() -> tuple[Markup, Markup]:
    return Markup(asset("report.css")), Markup(asset("report.js"))


def _digest(text: str) -> str:
    """Name a style or script in a Content-Security-Policy, which lets no other one in."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _safe(text: str) -> str:
    """Escape JSON such that no part of it can end its element, or begin a comment."""
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _json_number(number: float, form: str) -> str:
    if math.isfinite(number):
        return format(number, form)
    return "null" if math.isnan(number) else '"inf"' if number > 0 else '"-inf"'


def _json_numbers(numbers: NDArray[np.float64], form: str) -> str:
    return "[" + ",".join([_json_number(number, form) for number in numbers.tolist()]) + "]"


def _json_table(table: NDArray[np.float64], form: str) -> str:
    return "[" + ",".join([_json_numbers(row, form) for row in table]) + "]"


def _json_texts(texts: Sequence[str]) -> str:
    return "[" + ",".join(map(json.dumps, texts)) + "]"


def _json_cell(cell: Any) -> str:
    if cell is None or cell != cell:
        return "null"
    shown = cell_text(cell, _CELL_WIDTH)
    exact = isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) < 2**53
    return shown if exact else json.dumps(visible(shown))
