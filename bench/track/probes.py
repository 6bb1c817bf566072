# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Short timings of the main calls, printed as JSON. `bench.track` runs this file beside several builds of banzhaf.

It imports nothing from the other benchmarks, and uses only calls that old builds have too.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import banzhaf

_LEAST_SAMPLE = 10e-3  # seconds
_SAMPLES = 7


def probes() -> dict[str, Callable[[], Any]]:
    """Return the calls to time, by name."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=1024)

    def game(coalitions: Any) -> Any:
        return coalitions @ weights[: coalitions.shape[1]]

    found: dict[str, Callable[[], Any]] = {}
    for n, m in ((30, 600), (100, 2000), (1000, 8000)):
        found[f"estimate, n = {n}, m = {m}"] = lambda n=n, m=m: banzhaf.estimate(  # type: ignore[misc]
            game, n, budget=m, random_state=0, num_threads=1
        )
    found["estimate, paired, n = 100, m = 2000"] = lambda: banzhaf.estimate(
        game, 100, budget=2000, design="paired", random_state=0, num_threads=1
    )
    coalitions = banzhaf.sample_coalitions(100, 2000, design="paired", random_state=0)
    worths = game(coalitions)
    found["fit, n = 100, m = 2000"] = lambda: banzhaf.fit(coalitions, worths, num_threads=1)
    found["exact, n = 14"] = lambda: banzhaf.exact(game, 14, num_threads=1)
    for n, n_background in ((8, 50), (30, 50), (30, 1)):
        background, rows = rng.normal(size=(n_background, n)), rng.normal(size=(100, n))
        slopes = weights[:n].copy()
        explainer = banzhaf.Explainer(
            lambda table, slopes=slopes: table @ slopes, background, random_state=0, num_threads=1
        )
        name = f"{n} features x {n_background} background rows"
        found[f"Explainer, one row, {name}"] = lambda e=explainer, x=rows[:1]: e(x)  # type: ignore[misc]
        if n_background > 1:
            found[f"Explainer, 20 rows, {name}"] = lambda e=explainer, x=rows[:20]: e(x)  # type: ignore[misc]
    try:
        from sklearn.ensemble import RandomForestRegressor
    except ImportError:
        return found
    table = rng.normal(size=(500, 12))
    forest = RandomForestRegressor(50, max_depth=6, random_state=0).fit(table, table[:, 0] * table[:, 1] + table[:, 2])
    trees = banzhaf.TreeExplainer(forest, table[:100], num_threads=1)
    found["TreeExplainer, one row"] = lambda: trees(table[:1])
    found["TreeExplainer, 100 rows"] = lambda: trees(table[:100])
    return found


def main() -> None:
    """Print the seconds of each probe: the best of several samples, as other processes only ever make one slower."""
    seconds = {}
    for name, call in probes().items():
        call()
        start = time.perf_counter()
        call()
        repeats = max(1, int(_LEAST_SAMPLE / (time.perf_counter() - start)))
        samples = []
        for _ in range(_SAMPLES):
            start = time.perf_counter()
            for _ in range(repeats):
                call()
            samples.append((time.perf_counter() - start) / repeats)
        seconds[name] = min(samples)
    json.dump({"package": banzhaf.__file__, "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
