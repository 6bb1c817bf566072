# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Runs contenders in one environment. Each line of standard input is a request, each line of output an answer."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from typing import Any, TextIO

import numpy as np

from bench.peers.contenders import call
from bench.peers.counted import CountedModel, peak_memory, tree_game

_WARM: set[tuple[str, str]] = set()


def main() -> None:
    """Answer requests until the input ends."""
    # Packages print to standard output, so it is redirected to standard error. Answers go to the original stream.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _answer(answers, {"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = _run(**request)
        except BaseException as error:  # a peer's failure is a result
            answer = {"failed": f"{type(error).__name__}: {error}"}
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
        _answer(answers, answer)


def _answer(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _run(kind: str, name: str, task: str, threads: int, m: int = 0, seed: int = 0, repeats: int = 1) -> dict[str, Any]:
    with np.load(task) as kept:
        arrays = dict(kept)
    counted: Any = None
    arguments: tuple[Any, ...]
    if kind in ("game", "shapley game"):
        counted = tree_game(arrays["roles"], arrays["weights"])
        arguments = (counted, arrays["roles"].shape[1], m, seed)
    else:
        booster = _booster(str(arrays["booster"]), threads)
        if kind in ("row", "shapley row"):
            output = int(arrays["output"])
            counted = CountedModel(lambda rows: _margins(booster, rows)[:, output])
            arguments = (counted, arrays["explicands"][0], arrays["background"], m, seed)
        else:
            background = None if bool(arrays["path_dependent"]) else arrays["background"]
            arguments = (booster, arrays["explicands"], background)
    _warm_up(kind, name, threads, arguments)
    if counted:
        counted.reset()
    peak = peak_memory()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        values = call(kind, name, threads, *arguments)
        taken.append(time.perf_counter() - start)
    return {
        "values": np.asarray(values, dtype=np.float64).tolist(),
        "seconds": min(taken),
        "inside": counted.seconds / repeats if counted else 0.0,
        "n_evaluations": counted.n_evaluations // repeats if counted else 0,
        "megabytes": peak(),
    }


def _warm_up(kind: str, name: str, threads: int, arguments: tuple[Any, ...]) -> None:
    """Run a contender once on something small, so that neither time nor memory includes its imports."""
    if (kind, name) in _WARM:
        return
    _WARM.add((kind, name))
    with contextlib.suppress(Exception):  # a failure is reported by the measured run
        if kind in ("game", "shapley game"):
            call(kind, name, threads, lambda coalitions: np.atleast_2d(coalitions).sum(axis=1) * 1.0, 8, 64, 0)
        elif kind in ("row", "shapley row"):
            model, explicand, background, _, seed = arguments
            call(kind, name, threads, model, explicand, background, 4 * len(explicand), seed)
        else:
            booster, explicands, background = arguments
            call(kind, name, threads, booster, explicands[:1], background)


def _margins(booster: Any, rows: Any) -> Any:
    return booster.inplace_predict(rows, predict_type="margin").reshape(len(rows), -1)


def _booster(path: str, threads: int) -> Any:
    import xgboost

    booster = xgboost.Booster(model_file=path)
    booster.set_param({"nthread": threads})
    return booster


if __name__ == "__main__":
    main()
