# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Run the paper's experiments on its eight data sets, then write the page with its tables and figures.

Runs are stored, so the command can be stopped at any time. It continues where it stopped.
"""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bench._command import ROOT, Unavailable, parser
from bench._timing import pinned
from bench.paper import adversary, clock, experiments, methods, page, problems, truth
from bench.paper.experiments import MODELS, QUICK, Place, Scale
from bench.paper.store import Store

_ATTACKED = ("Diabetes", "Adult", "Bank", "German Credit")


def main() -> None:
    """Run the command line."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--output", type=Path, default=ROOT / ".cache/paper", help="folder of the stored runs")
    arguments.add_argument(
        "--page",
        type=Path,
        default=ROOT / "docs/paper.md",
        help="page to write; its figures and tables go to the folder of the same name beside it",
    )
    arguments.add_argument("--explicands", type=int, help="number of explained rows of each data set")
    arguments.add_argument("--seeds", type=int, help="number of seeds for each explained row")
    arguments.add_argument("--sets", nargs="+", metavar="NAME", help="run only these data sets")
    arguments.add_argument("--methods", nargs="+", metavar="NAME", help="run only these methods")
    arguments.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS, help="models to explain")
    arguments.add_argument(
        "--redo", nargs="+", default=[], metavar="METHOD", help="first delete the stored runs of these methods"
    )
    arguments.add_argument(
        "--report-only", action="store_true", help="write the page from the stored runs, without new ones"
    )
    chosen = arguments.parse_args()
    if chosen.threads < 1:
        arguments.error(f"--threads must be at least 1, got {chosen.threads}")
    for name in ("explicands", "seeds"):
        if getattr(chosen, name) is not None and getattr(chosen, name) < 1:
            arguments.error(f"--{name} must be at least 1, got {getattr(chosen, name)}")
    for name, known in (("sets", Scale().data_sets), ("methods", methods.NAMES), ("redo", methods.NAMES)):
        unknown = sorted({*(getattr(chosen, name) or ())} - {*known})
        if unknown:
            arguments.error(f"--{name} must be some of {', '.join(known)}, got {', '.join(unknown)}")
    if (
        chosen.quick
    ):  # a trial run: it neither writes the page of the documentation nor leaves runs for the next command
        chosen.output = chosen.output.parent / f"{chosen.output.name}-quick"
        chosen.page = chosen.output / "paper.md"
        shutil.rmtree(chosen.output, ignore_errors=True)
    scale = experiments.scaled(QUICK if chosen.quick else Scale(), chosen.explicands, chosen.seeds)
    scale = dataclasses.replace(
        scale,
        data_sets=tuple(chosen.sets or scale.data_sets),
        methods=tuple(chosen.methods or scale.methods),
        models=tuple(chosen.models),
    )
    place = Place(chosen.data, chosen.output, chosen.threads)
    stores = (
        experiments.open_store(place.output),
        Store(place.output / "adversary.csv", adversary.KEY, adversary.MEASURES),
        Store(place.output / "time.csv", clock.KEY, clock.MEASURES),
    )
    for store in stores:
        store.forget(lambda row: row["method"] in chosen.redo)
    try:
        with pinned(chosen.threads):
            if not chosen.report_only:
                _run(scale, place, *stores, quick=chosen.quick)
            page.write(*stores, chosen.page, chosen.threads, "--quick" if chosen.quick else "")
    except Unavailable as missing:
        sys.exit(f"{arguments.prog}: {missing}")
    except KeyboardInterrupt:
        sys.exit(f"{arguments.prog}: stopped; the same command continues from here")
    print(f"wrote {chosen.page}; the runs are stored in {place.output}")


def _run(scale: Scale, place: Place, runs: Store, attacks: Store, times: Store, *, quick: bool) -> None:
    """Make every run that is not stored yet."""
    try:
        from tqdm import tqdm
    except ImportError:
        raise Unavailable("the progress bar needs tqdm: pip install tqdm") from None
    loaded = list(experiments.datasets(scale, place))
    for n in clock.PLAYERS[:: 3 if quick else 1]:
        rounds = 3 if quick else 11
        # Ratios of times mean something only if the methods took turns, so all of them are timed again.
        if not all(times.has((name, n, 20 * n)) for name in (*methods.SHARED, clock.NUMPY)):
            times.forget(lambda row, n=n: int(row["n"]) == n and row["method"] != methods.EXPLAINER)
            for name, found in clock.in_turns(n, rounds=rounds, threads=place.threads).items():
                times.add((name, n, 20 * n), found)
        if n <= clock.MOST_EXPLAINER and not times.has((methods.EXPLAINER, n, 20 * n)):
            times.add((methods.EXPLAINER, n, 20 * n), clock.explainer(n, rounds=rounds, threads=place.threads))
    todo = {data.name: experiments.missing(scale, data.name, data.n_features, runs) for data in loaded}
    explicands = range(1 if quick else 3)
    wanted = [
        (data, model, explicand)
        for data in loaded
        if data.name in (_ATTACKED[:1] if quick else _ATTACKED)
        for model in scale.models
        for explicand in explicands
    ]
    bar: Any = tqdm(total=sum(map(len, todo.values())) + len(wanted), unit=" runs", disable=None, smoothing=0.02)
    with bar:
        for data in loaded:
            bar.set_description(data.name)
            experiments.run(scale, data, todo[data.name], runs, place, lambda: bar.update(1))
        for data, model, explicand in wanted:
            bar.set_description(f"worst perturbations, {data.name}")
            _attack(data, model, explicand, place, attacks, scale)
            bar.update(1)


def _attack(data: Any, model: str, explicand: int, place: Place, attacks: Store, scale: Scale) -> None:
    m = experiments.TABLE_1 * data.n_features
    keys = {
        method: (data.name, model, method, data.n_features, m, explicand, 0)
        for method in scale.methods
        if not attacks.has((data.name, model, method, data.n_features, m, explicand, 0))
    }
    if not keys:
        return
    made = (
        problems.networks(data, explicand + 1)
        if model == "network"
        else problems.trees(data, explicand + 1, threads=place.threads)
    )
    problem = made[explicand]
    cache = place.output / "references"
    values = truth.find(problem, cache, threads=place.threads, replicates=scale.replicates).values
    for method, key in keys.items():
        attacks.add(key, adversary.attack(method, problem, m, explicand, values, place.threads))


if __name__ == "__main__":
    np.seterr(invalid="raise")
    main()
