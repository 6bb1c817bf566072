# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Every peer on the same games, rows and trees: accuracy at evaluations that are counted, time, overhead, memory."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._command import ROOT, Unavailable, parser
from bench._datasets import NAMES, Dataset, boost, load
from bench._games import squared_error
from bench._table import Table, error_text, three_digits
from bench._timing import pinned
from bench._tree_truth import Paths
from bench.paper import figures, report
from bench.peers.contenders import CLOSED_FORM, GAMES, KINDS, ROWS, TREES, Contender
from bench.peers.environments import ENVIRONMENTS, Environment, Worker, prepare

COMMAND = "python -m bench.peers"
PARTS = {
    "games": "Set functions: the peers",
    "rows": "An explained row: the peers",
    "trees": "Trees: the peers",
}
N_TREES = 100
_TRUTHS = ("the NumPy closed form", "the median of those that compute Banzhaf values")
_SLOW = 5.0  # seconds: whoever takes longer gets no further seeds, and no larger budgets


@dataclass
class Cell:
    """The answers of a contender to one question, seed by seed."""

    values: list[NDArray[np.float64]] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    evaluations: list[int] = field(default_factory=list)
    failed: str = ""

    def add(self, answer: dict[str, Any], shape: tuple[int, ...]) -> None:
        """Take note of an answer, which should have a shape."""
        if "failed" in answer:
            self.failed = " ".join(answer["failed"].split())
            return
        values = np.asarray(answer["values"])
        if values.shape != shape:
            self.failed = f"values of shape {values.shape} instead of {shape}"
            return
        self.values.append(values)
        self.seconds.append(answer["seconds"])
        self.inside.append(answer["inside"])
        self.evaluations.append(answer["n_evaluations"])

    def judge(self, truth: NDArray[np.float64]) -> None:
        """Compare the values with the truth."""
        self.errors = [squared_error(v, truth) if np.isfinite(v).all() else float("inf") for v in self.values]

    def wants_more(self) -> bool:
        """Say whether another seed is worth it."""
        return not self.failed and sum(self.seconds) < _SLOW


class Contest:
    """Asks the contenders in turns and keeps what they answer.

    Parameters
    ----------
    workers : dict
        By environment.
    folder : Path
        Where questions are written.
    memory : bool
        Whether each contender's memory is measured, which takes a new process for each.
    """

    def __init__(self, workers: dict[str, Worker], folder: Path, memory: bool) -> None:
        self._workers, self._folder, self._memory = workers, folder, memory
        self._turn = 0

    def megabytes(self, kind: str, label: str, cells: dict[str, Cell], **request: Any) -> dict[str, str]:
        """Measure by how much a new process grows at one question, for all who have answered it."""
        task = self._task(kind, label)
        found = dict.fromkeys(cells, "")
        for contender in KINDS[kind] if self._memory else ():
            if cells[contender.name].values:
                _progress(f"{label}: memory of {contender.name}")
                worker = self._workers[contender.environment].another()
                answer = worker.ask(kind=kind, name=contender.name, task=str(task), **request)
                worker.close()
                found[contender.name] = _megabytes(answer)
        _progress("")
        return found

    def _task(self, kind: str, label: str) -> Path:
        return self._folder / f"{kind}-{label}.npz".replace(" ", "_").replace("&", "and")

    def ask(
        self,
        kind: str,
        label: str,
        arrays: dict[str, Any],
        shape: tuple[int, ...],
        seeds: int,
        too_slow: dict[str, str] | None = None,
        **request: Any,
    ) -> dict[str, Cell]:
        """Put one question to all contenders of a kind, seed by seed, each time in another order.

        Those that were too slow for a smaller one are not asked, and the reason is their answer.
        """
        task = self._task(kind, label)
        np.savez(task, **arrays)
        contenders: tuple[Contender, ...] = KINDS[kind]
        cells = {contender.name: Cell(failed=(too_slow or {}).get(contender.name, "")) for contender in contenders}
        for seed in range(seeds):
            self._turn += 1
            first = self._turn % len(contenders)
            for contender in contenders[first:] + contenders[:first]:
                cell = cells[contender.name]
                if not cell.wants_more():
                    continue
                _progress(f"{label}: {contender.name}, seed {seed}")
                worker = self._workers[contender.environment]
                answer = worker.ask(kind=kind, name=contender.name, task=str(task), seed=seed, **request)
                cell.add(answer, shape)
        _progress("")
        return cells


def _progress(line: str) -> None:
    """Show what is running, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)


class Page:
    """Prints what is measured, and keeps it part by part, so that a page is made of the last run of each.

    Parameters
    ----------
    folder : Path
        Of the parts.
    path : Path or None
        The page; none is written then.
    """

    def __init__(self, folder: Path, path: Path | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._path = folder, path

    def begin(self, part: str, *paragraphs: str) -> None:
        """Begin a part anew."""
        self._part = self._folder / f"{part}.md"
        self._part.write_text("", encoding="utf-8")
        for text in paragraphs:
            self.add(text)

    def add(self, text: str) -> None:
        """Print a piece of Markdown, and keep it."""
        print(text, end="\n\n", flush=True)
        with self._part.open("a", encoding="utf-8") as file:
            file.write(text + "\n\n")

    def draw(self, ratios: dict[str, list[float]], budgets: tuple[int, ...]) -> None:
        """Draw the errors over NumPy's, if there is a page."""
        if self._path is not None:
            folder = self._path.with_suffix("")
            folder.mkdir(parents=True, exist_ok=True)
            self.add(figures.save(figures.ratios(ratios, budgets), folder, "error-of-peers"))

    def write(self) -> None:
        """Put the parts together."""
        if self._path is not None:
            texts = ["# Every peer, in one run", f"Written by `{COMMAND}`; do not edit it.\n"]
            texts += [
                path.read_text(encoding="utf-8") for part in PARTS if (path := self._folder / f"{part}.md").exists()
            ]
            self._path.parent.mkdir(parents=True, exist_ok=True)
            text = "\n\n".join(text.rstrip() for text in texts) + "\n"
            self._path.write_text(text.replace("\n### ", "\n## "), encoding="utf-8")


class _Trained:
    """A booster on disk, its games and their values."""

    def __init__(self, data: Dataset, folder: Path, threads: int) -> None:
        booster = boost(data, threads=threads, n_trees=N_TREES)
        self.path = folder / f"{data.name}.ubj".replace(" ", "_").replace("&", "and")
        booster.save_model(self.path)
        self._paths = Paths(booster)
        self._data = data
        self.n_outputs = max(1, data.n_classes if data.n_classes > 2 else 1)

    def terms(self, number: int) -> Any:
        """Write the game of one explicand (of the first class, if there are three or more) in closed form."""
        return self._paths.terms(self._data.explicands[number], self._data.background)


def _games(
    contest: Contest, data_sets: list[Dataset], trained: dict[str, _Trained], seeds: int, quick: bool, page: Page
) -> Iterator[Table]:
    budgets = (5, 20) if quick else (5, 20, 100)
    ends = data_sets[:: max(1, len(data_sets) - 1)]
    found: dict[tuple[str, int], dict[str, Cell]] = {}
    for data, k in itertools.product(data_sets, budgets):
        terms = trained[data.name].terms(0)
        arrays = {"roles": terms.roles, "weights": terms.weights}
        m = k * data.n_features
        smaller = found.get((data.name, budgets[budgets.index(k) - 1]), {}) if k > budgets[0] else {}
        too_slow = {
            name: f"not asked: {max(cell.seconds):.0f} s at a smaller budget"
            for name, cell in smaller.items()
            if cell.seconds and max(cell.seconds) > _SLOW
        }
        found[data.name, k] = contest.ask("game", data.name, arrays, (data.n_features,), seeds, too_slow, m=m)
        for cell in found[data.name, k].values():
            cell.judge(terms.banzhaf_values())
    about = f"""
        Masked XGBoost models ({N_TREES} rounds of depth 6, margin, 50 background rows) as set functions in closed form;
        the median relative squared error over up to {seeds} seeds (fewer for whoever takes {_SLOW:.0f} s).
        "exact": below
        1e-20, all coalitions having been evaluated.
    """
    for k in budgets:
        table = Table(f"Set functions: error at m = {k} n", "method", *(d.name for d in data_sets), note=about)
        for contender in GAMES:
            table.add(
                contender.name,
                *(_error(found[data.name, k][contender.name]) for data in data_sets),
            )
        yield table
    table = Table(
        "Set functions: all together",
        *("method", *(f"error over NumPy's, {k} n" for k in budgets), "evaluations over m, largest"),
        *(f"own time, n = {data.n_features}" for data in ends),
        f"MB, n = {ends[-1].n_features}",
        note=f"""
            Error: ratio of medians, its geometric mean over the data sets where m < 2^n. Evaluations:
            counted in the
            game. Own time: all but the game's, median, at m = {budgets[1]} n. MB: by how much a new process's
            resident memory grows at its highest, imports apart, at m = {budgets[1]} n. Remarks: {_remarks(GAMES)}.
        """,
    )
    last = ends[-1]
    megabytes = contest.megabytes("game", last.name, found[last.name, budgets[1]], m=budgets[1] * last.n_features)
    drawn: dict[str, list[float]] = {}
    for contender in GAMES:
        ratios = []
        for k in budgets:
            logs = []
            for data in data_sets:
                own, reference = found[data.name, k][contender.name].errors, found[data.name, k]["NumPy"].errors
                if own and reference and k * data.n_features < 2**data.n_features:
                    logs.append(np.log(np.median(own) / np.median(reference)))
            drawn.setdefault(contender.name, []).append(float(np.exp(np.mean(logs))) if logs else float("nan"))
            ratios.append(three_digits(drawn[contender.name][-1]) if logs else "")
        cells = [found[data.name, k][contender.name] for data in data_sets for k in budgets]
        shares = [
            e / (k * data.n_features)
            for data in data_sets
            for k in budgets
            for e in found[data.name, k][contender.name].evaluations
        ]
        reasons = {cell.failed for cell in cells if cell.failed}
        if not shares:
            blank = len(table.columns) - 2
            table.add(contender.name, f"failed: {next(iter(reasons))}", *[""] * blank)
            continue
        times = [_own_time(found[data.name, budgets[1]][contender.name]) for data in ends]
        table.add(contender.name, *ratios, f"{max(shares):.3f}", *times, megabytes[contender.name])
    yield table
    page.draw(drawn, budgets)


def _rows(contest: Contest, data_sets: list[Dataset], trained: dict[str, _Trained], seeds: int) -> Iterator[Table]:
    k = 20
    errors = Table(
        f"An explained row: error at equal model rows, m = {k} n",
        *("method", *(data.name for data in data_sets), "model rows over m times background, largest"),
        note=f"""
            The same XGBoost models, now called on masked rows (their first class, if there are several);
            the first explicand of each set, 50 background rows, the median over {seeds} seeds. Model rows are
            counted in the
            model; `Explainer` and shap make a pass over the background beside them. {_remarks(ROWS)}.
        """,
    )
    costs = Table(
        "An explained row: cost",
        *("method", *(f"{data.name}: seconds, model's share" for data in data_sets), f"MB, {data_sets[-1].name}"),
        note="From the background and one row to values: the median over seeds. MB as above.",
    )
    found = {}
    for data in data_sets:
        arrays = {
            "output": 0,
            "explicands": data.explicands[:1],
            "background": data.background,
            "booster": str(trained[data.name].path),
        }
        shape = (data.n_features,)
        found[data.name] = contest.ask("row", data.name, arrays, shape, seeds, m=k * data.n_features)
        for cell in found[data.name].values():
            cell.judge(trained[data.name].terms(0).banzhaf_values())
    last = data_sets[-1]
    megabytes = contest.megabytes("row", last.name, found[last.name], m=k * last.n_features)
    for contender in ROWS:
        cells = {name: of[contender.name] for name, of in found.items()}
        shares = [
            e / (k * data.n_features * len(data.background)) for data in data_sets for e in cells[data.name].evaluations
        ]
        errors.add(
            contender.name,
            *(_row_error(cells[data.name], contender) for data in data_sets),
            f"{max(shares):.3f}" if shares else "",
        )
        costs.add(
            contender.name,
            *(_cost(cells[data.name]) for data in data_sets),
            megabytes[contender.name],
        )
    yield errors
    yield costs


def _trees(
    contest: Contest, data_sets: list[Dataset], trained: dict[str, _Trained], seeds: int, quick: bool
) -> Iterator[Table]:
    n_rows = 20 if quick else 200
    single = [data for data in data_sets if trained[data.name].n_outputs == 1]
    for path_dependent in (False, True):
        table = Table(
            f"Trees, exactly, {'path-dependent' if path_dependent else 'against 50 background rows'}: {n_rows} rows",
            *("method", *(f"{data.name}: milliseconds, error" for data in single), f"MB, {single[-1].name}"),
            note=f"""
                The same models with one output. From the
                booster to all values, the best of {seeds}, each in its turn. Error: the relative squared distance from
                {_TRUTHS[path_dependent]}; float32 sums are good for about 1e-13. {_remarks(TREES)}.
            """,
        )
        found = {}
        for data in single:
            arrays = {
                "explicands": data.explicands[:n_rows],
                "background": data.background,
                "booster": str(trained[data.name].path),
                "path_dependent": path_dependent,
            }
            shape = (len(arrays["explicands"]), data.n_features)
            cells = contest.ask("trees", data.name, arrays, shape, seeds)
            reference = _reference(cells)
            for cell in cells.values():
                if reference is not None:
                    cell.judge(reference)
            found[data.name] = cells
        megabytes = contest.megabytes("trees", single[-1].name, found[single[-1].name])
        for contender in TREES:
            of = [found[data.name][contender.name] for data in single]
            table.add(contender.name, *(_speed(cell, contender) for cell in of), megabytes[contender.name])
        yield table


def _reference(cells: dict[str, Cell]) -> NDArray[np.float64] | None:
    """Return the NumPy closed form's values, or where it has none, the median of all that are Banzhaf values."""
    closed = cells[CLOSED_FORM].values
    given = closed[:1] or [cells[c.name].values[0] for c in TREES if not c.other_values and cells[c.name].values]
    return np.median(given, axis=0) if given else None


def _remarks(contenders: tuple[Contender, ...]) -> str:
    return "; ".join(f"{contender.name}: {contender.remark}" for contender in contenders if contender.remark)


def _failure(cell: Cell) -> str:
    prefix = "" if cell.failed.startswith("not asked") else "failed: "
    return f"{prefix}{cell.failed[:150]}".replace("|", "/")


def _error(cell: Cell) -> str:
    if not cell.errors:
        return _failure(cell)
    shown = error_text(float(np.median(cell.errors)))
    return f"{shown} (then {_failure(cell)})" if cell.failed else shown


def _row_error(cell: Cell, contender: Contender) -> str:
    return "other values" if contender.other_values and not cell.failed else _error(cell)


def _own_time(cell: Cell) -> str:
    if not cell.seconds:
        return _failure(cell)
    own = float(np.median(np.array(cell.seconds) - np.array(cell.inside)))
    return f"{three_digits(max(own, 0.0) * 1e3)} ms"


def _cost(cell: Cell) -> str:
    if not cell.seconds:
        return _failure(cell)
    seconds, inside = float(np.median(cell.seconds)), float(np.median(cell.inside))
    return f"{three_digits(seconds)}, {inside / seconds:.0%}"


def _speed(cell: Cell, contender: Contender) -> str:
    if not cell.seconds:
        return _failure(cell)
    error = "other values" if contender.other_values else f"{np.median(cell.errors):.0e}"
    return f"{three_digits(min(cell.seconds) * 1e3)}, {error}"


def _megabytes(answer: dict[str, Any]) -> str:
    if "failed" in answer:
        return f"failed: {answer['failed'][:100]}".replace("|", "/")
    return f"{answer['megabytes']:.0f}" if np.isfinite(answer["megabytes"]) else "not measured"


def main() -> None:
    """Run the command line."""
    arguments = parser(__doc__ or "")
    arguments.add_argument(
        "--environments", type=Path, default=ROOT / ".cache/peers", help="folder of virtual environments"
    )
    arguments.add_argument("--seeds", type=int, help="runs of each contender; 2 with --quick, else 7")
    arguments.add_argument("--page", type=Path, help="a page to write too, with a figure beside it")
    arguments.add_argument("--fresh", action="store_true", help="environments of the latest releases for all peers")
    arguments.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS), help="what is measured")
    arguments.add_argument("--sets", nargs="+", metavar="NAME", help="some of the data sets")
    chosen = arguments.parse_args()
    if chosen.threads < 1:
        arguments.error(f"--threads must be at least 1, got {chosen.threads}")
    if chosen.seeds is not None and chosen.seeds < 1:
        arguments.error(f"--seeds must be at least 1, got {chosen.seeds}")
    unknown = sorted({*(chosen.sets or ())} - {*NAMES})
    if unknown:
        arguments.error(f"--sets must be some of {', '.join(NAMES)}, got {', '.join(unknown)}")
    names = chosen.sets or (("Adult", "NHANES") if chosen.quick else NAMES)
    folder = chosen.environments
    (folder / "questions").mkdir(parents=True, exist_ok=True)
    try:
        data_sets = [load(name, chosen.data) for name in names]
    except Unavailable as missing:
        sys.exit(f"{arguments.prog}: {missing}")
    found: dict[str, Environment] = {name: prepare(name, folder, fresh=chosen.fresh) for name in ENVIRONMENTS}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the workers end too
    page = Page(folder / "parts", chosen.page)
    seeds = chosen.seeds or (2 if chosen.quick else 7)
    lines = [f"- {name}: {made.versions()}" for name, made in found.items()]
    remark = f"Made with {report.machine(chosen.threads)}, on {datetime.date.today().isoformat()}."
    with contextlib.ExitStack() as stack:
        stack.enter_context(pinned(chosen.threads))
        workers = {}
        for name, made in found.items():
            workers[name] = Worker(made, chosen.threads, folder / "peers.log")
            stack.callback(workers[name].close)
        contest = Contest(workers, folder / "questions", memory=not chosen.quick)
        trained = {data.name: _Trained(data, folder / "questions", chosen.threads) for data in data_sets}
        for part in chosen.parts:
            page.begin(part, f"### {PARTS[part]}", "\n".join(lines), remark)
            if part == "games":
                made_tables = _games(contest, data_sets, trained, seeds, chosen.quick, page)
            elif part == "rows":
                made_tables = _rows(contest, data_sets, trained, seeds)
            else:
                made_tables = _trees(contest, data_sets, trained, seeds, chosen.quick)
            for table in made_tables:
                page.add(str(table))
    page.write()


if __name__ == "__main__":
    main()
