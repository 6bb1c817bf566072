# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Compare banzhaf with other packages on the same games, rows and trees: accuracy, time and memory.

Evaluations are counted in the game or the model, whatever a package reports.
"""

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
from bench._datasets import N_BACKGROUND, NAMES, Dataset, boost, load
from bench._games import squared_error
from bench._table import Table, error_text, three_digits
from bench._timing import pinned
from bench._tree_truth import Paths
from bench.paper import figures, report
from bench.peers.contenders import CLOSED_FORM, GAMES, KINDS, ROWS, TREES, Contender
from bench.peers.environments import ENVIRONMENTS, Environment, Worker, prepare

COMMAND = "python -m bench.peers"
WRITTEN = f"`{COMMAND}` writes this page. Do not edit it by hand."
OTHER_VALUES = "Shapley values"  # instead of an error
PARTS = {
    "games": "Set functions",
    "rows": "One explained row",
    "trees": "Tree ensembles",
}
N_TREES = 100
_TRUTHS = ("the NumPy closed form", "the median over the methods that compute Banzhaf values")
_SLOW = 5.0  # seconds; a method that takes longer gets no further seeds and no larger budgets
_REFERENCE_BUDGET = 20  # coalitions per player at which time and memory are compared

INTRODUCTION = f"""
Every package gets the same games, the same rows to explain and the same trees. The packages take turns. Each runs in
its own process, and in its own environment where it needs one. Evaluations are counted in the game or in the model,
whatever a package reports. The lists name the environments and their versions.

n is the number of players (features), and m is a number of coalitions. NumPy is the paper's estimator in a few lines of
NumPy. A method that fails is shown with its message. "not asked" means that the method took more than {_SLOW:.0f} s at
a smaller budget.
"""


def games_note(seeds: int) -> str:
    """Explain the tables of the errors on set functions."""
    return f"""
        The games are masked XGBoost models ({N_TREES} rounds of depth 6, margin, {N_BACKGROUND} background rows),
        computed in closed form. Each cell is the median relative squared error over up to {seeds} seeds, or over fewer
        for a method that takes more than {_SLOW:.0f} s. "exact" means an error below 1e-20, from all 2^n coalitions.
    """


def games_summary_note() -> str:
    """Explain the table that sums up the set functions."""
    k = _REFERENCE_BUDGET
    return f"""
        Error: the median error divided by NumPy's, as a geometric mean over the data sets where m < 2^n. Evaluations:
        counted in the game and divided by m, the largest over all runs. Own time: the median time outside the game, at
        m = {k} n. MB: the largest growth of a new process's resident memory, without its imports, at m = {k} n.
        Remarks: {_remarks(GAMES)}
    """


def rows_note(seeds: int) -> str:
    """Explain the table of the errors on one explained row."""
    return f"""
        The models are the same XGBoost models, now called on masked rows. With three or more classes, the output of the
        first class is explained. The explained row is the first held-out row of each data set. Each cell is the median
        error over {seeds} seeds. Evaluations are counted in the model, and the budget is m times {N_BACKGROUND}. In
        addition, `Explainer`, shapiq and shap pass the background through the model once. Remarks: {_remarks(ROWS)}
    """


COSTS_NOTE = """
    Each cell gives the median time over the seeds, from the background and one row to the values, and the share of this
    time that the model takes. MB: as for set functions.
"""


def trees_note(seeds: int, path_dependent: bool) -> str:
    """Explain a table of exact values of trees."""
    return f"""
        The models are the XGBoost models above that have one output. Each cell gives the time from the booster to all
        values, the best of {seeds} runs in turns, and then the error. Error: the relative squared distance from
        {_TRUTHS[path_dependent]}. Sums in float32 agree to about 1e-13. Remarks: {_remarks(TREES)}
    """


@dataclass
class Cell:
    """The answers of one contender to one question, seed by seed."""

    values: list[NDArray[np.float64]] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    evaluations: list[int] = field(default_factory=list)
    failed: str = ""

    def add(self, answer: dict[str, Any], shape: tuple[int, ...]) -> None:
        """Record an answer, or its failure if the values do not have the given shape."""
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
        """Compute the errors of the values."""
        self.errors = [squared_error(v, truth) if np.isfinite(v).all() else float("inf") for v in self.values]

    def wants_more(self) -> bool:
        """Return whether another seed should be run."""
        return not self.failed and sum(self.seconds) < _SLOW


class Contest:
    """Asks the contenders in turns, and keeps their answers.

    Parameters
    ----------
    workers : dict
        The workers by the name of their environment.
    folder : Path
        Folder of the questions.
    memory : bool
        Whether to measure the memory of each contender, which needs a new process each time.
    """

    def __init__(self, workers: dict[str, Worker], folder: Path, memory: bool) -> None:
        self._workers, self._folder, self._memory = workers, folder, memory
        self._turn = 0

    def megabytes(self, kind: str, label: str, cells: dict[str, Cell], **request: Any) -> dict[str, str]:
        """Measure the memory that a new process needs for one question, for every contender that answered it."""
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

        A contender in `too_slow` is not asked. The reason given there is its answer.
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
    """Show what is running, if standard error is a terminal."""
    if sys.stderr.isatty():
        print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)


class Page:
    """Prints the tables, and keeps them part by part, so that the page has the last run of each part.

    Parameters
    ----------
    folder : Path
        Folder of the parts.
    path : Path or None
        The page to write, if any.
    """

    def __init__(self, folder: Path, path: Path | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._path = folder, path

    def begin(self, part: str, *paragraphs: str) -> None:
        """Begin a part, and discard its last run."""
        self._part = self._folder / f"{part}.md"
        self._part.write_text("", encoding="utf-8")
        for text in paragraphs:
            self.add(text)

    def add(self, text: str) -> None:
        """Print a piece of Markdown, and add it to the part."""
        print(text, end="\n\n", flush=True)
        with self._part.open("a", encoding="utf-8") as file:
            file.write(text + "\n\n")

    def draw(self, ratios: dict[str, list[float]], budgets: tuple[int, ...]) -> None:
        """Draw the errors divided by NumPy's, if there is a page."""
        if self._path is not None:
            folder = self._path.with_suffix("")
            folder.mkdir(parents=True, exist_ok=True)
            self.add(figures.save(figures.ratios(ratios, budgets), folder, "error-of-peers"))

    def write(self) -> None:
        """Write the page from all parts."""
        if self._path is not None:
            texts = ["# Comparison with other packages", WRITTEN, INTRODUCTION.strip()]
            texts += [
                path.read_text(encoding="utf-8") for part in PARTS if (path := self._folder / f"{part}.md").exists()
            ]
            self._path.parent.mkdir(parents=True, exist_ok=True)
            text = "\n\n".join(text.rstrip() for text in texts) + "\n"
            self._path.write_text(text.replace("\n### ", "\n## "), encoding="utf-8")


class _Trained:
    """A booster on disk, with its games and their exact values."""

    def __init__(self, data: Dataset, folder: Path, threads: int) -> None:
        booster = boost(data, threads=threads, n_trees=N_TREES)
        self.path = folder / f"{data.name}.ubj".replace(" ", "_").replace("&", "and")
        booster.save_model(self.path)
        self._paths = Paths(booster)
        self._data = data
        self.n_outputs = max(1, data.n_classes if data.n_classes > 2 else 1)

    def terms(self, number: int) -> Any:
        """Return the closed form of the game of one held-out row: with three or more classes, of the first class."""
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
    for k in budgets:
        table = Table(
            f"Set functions: error at m = {k} n", "method", *(d.name for d in data_sets), note=games_note(seeds)
        )
        for contender in GAMES:
            table.add(
                contender.name,
                *(_error(found[data.name, k][contender.name]) for data in data_sets),
            )
        yield table
    table = Table(
        "Set functions: summary",
        *("method", *(f"error ÷ NumPy's, {k} n" for k in budgets), "evaluations ÷ m, largest"),
        *(f"own time, n = {data.n_features}" for data in ends),
        f"MB, n = {ends[-1].n_features}",
        note=games_summary_note(),
    )
    last = ends[-1]
    at = _REFERENCE_BUDGET
    megabytes = contest.megabytes("game", last.name, found[last.name, at], m=at * last.n_features)
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
        times = [_own_time(found[data.name, at][contender.name]) for data in ends]
        table.add(contender.name, *ratios, f"{max(shares):.3f}", *times, megabytes[contender.name])
    yield table
    page.draw(drawn, budgets)


def _rows(contest: Contest, data_sets: list[Dataset], trained: dict[str, _Trained], seeds: int) -> Iterator[Table]:
    k = _REFERENCE_BUDGET
    errors = Table(
        f"One explained row: error at equal model evaluations, m = {k} n",
        *("method", *(data.name for data in data_sets), "model evaluations ÷ budget, largest"),
        note=rows_note(seeds),
    )
    costs = Table(
        "One explained row: cost",
        *("method", *(f"{data.name}: seconds, share in the model" for data in data_sets), f"MB, {data_sets[-1].name}"),
        note=COSTS_NOTE,
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
            f"Exact values of trees, {'path-dependent' if path_dependent else f'{N_BACKGROUND} background rows'}: "
            f"{n_rows} explained rows",
            *("method", *(f"{data.name}: milliseconds, error" for data in single), f"MB, {single[-1].name}"),
            note=trees_note(seeds, path_dependent),
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
    """Return the values of the NumPy closed form, or the median over all Banzhaf values if it has none."""
    closed = cells[CLOSED_FORM].values
    given = closed[:1] or [cells[c.name].values[0] for c in TREES if not c.other_values and cells[c.name].values]
    return np.median(given, axis=0) if given else None


def _remarks(contenders: tuple[Contender, ...]) -> str:
    return " ".join(f"`{contender.name}`: {contender.remark}." for contender in contenders if contender.remark)


def _failure(cell: Cell) -> str:
    prefix = "" if cell.failed.startswith("not asked") else "failed: "
    return f"{prefix}{cell.failed[:150]}".replace("|", "/")


def _error(cell: Cell) -> str:
    if not cell.errors:
        return _failure(cell)
    shown = error_text(float(np.median(cell.errors)))
    return f"{shown} (then {_failure(cell)})" if cell.failed else shown


def _row_error(cell: Cell, contender: Contender) -> str:
    return OTHER_VALUES if contender.other_values and not cell.failed else _error(cell)


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
    error = OTHER_VALUES if contender.other_values else f"{np.median(cell.errors):.0e}"
    return f"{three_digits(min(cell.seconds) * 1e3)}, {error}"


def _megabytes(answer: dict[str, Any]) -> str:
    if "failed" in answer:
        return f"failed: {answer['failed'][:100]}".replace("|", "/")
    return f"{answer['megabytes']:.0f}" if np.isfinite(answer["megabytes"]) else "not measured"


def main() -> None:
    """Run the command line."""
    arguments = parser(__doc__ or "")
    arguments.add_argument(
        "--environments", type=Path, default=ROOT / ".cache/peers", help="folder of the virtual environments"
    )
    arguments.add_argument("--seeds", type=int, help="number of seeds of each contender; 2 with --quick, else 7")
    arguments.add_argument(
        "--page", type=Path, help="page to write in addition; its figure goes to the folder of the same name"
    )
    arguments.add_argument(
        "--fresh", action="store_true", help="make new environments with the latest releases of all packages"
    )
    arguments.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS), help="parts to measure")
    arguments.add_argument("--sets", nargs="+", metavar="NAME", help="use only these data sets")
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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # the workers end only if this process exits in order
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
