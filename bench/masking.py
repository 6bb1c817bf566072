# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Measure how fast masked rows are written, as a share of the speed of memset."""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banzhaf import _core
from bench._command import Options, main
from bench._table import Table, duration, three_digits, verdict

_BUFFER_BYTES = 2**24  # the size that `Explainer` chooses by default
_N_COALITIONS, _N_BACKGROUND = 2000, 50
_SHAPES = (
    *((100, np.float32), (100, np.float64)),
    *((12, np.float32), (12, np.float64)),
    *((13, np.uint8), (1000, np.float32)),
)
_LEAST_BYTES = 40e6  # narrow tables are written for several explained rows
_PAUSE = 3e-3  # idle threads of OpenMP spin for about this long
_TARGET = 0.5


def tables(options: Options) -> Iterator[Table]:
    table = Table(
        f"Masked rows: {_N_COALITIONS:,} coalitions x {_N_BACKGROUND} background rows",
        *("features", "cells", "explained rows", "bytes written", "memset", "memset GB/s"),
        *("masking and averaging", "averaging", "masking GB/s", "masking, share of memset"),
        *("share with averaging", f"share >= {_TARGET:.0%}"),
        note=f"""
            One buffer of {_BUFFER_BYTES / 2**20:.0f} MiB is reused. memset writes as many bytes to it, and each
            thread writes its own part. Narrow tables are masked for several explained rows. "masking and averaging" is
            all that the core does between two calls of the model: it draws the coalitions, writes the rows, copies the
            model's outputs and averages them. The model returns a ready array. "averaging" is the last two steps for as
            many rows, as in the pass over the background. Masking is the difference of the two. All times are medians,
            and GB are 10^9 bytes.
        """,
    )
    for n_features, dtype in _SHAPES[:3] if options.quick else _SHAPES:
        masked = _Masked(n_features, np.dtype(dtype), options.threads)
        samples: list[list[float]] = []
        with ThreadPoolExecutor(options.threads) as pool:
            for _ in range(9 if options.quick else 41):
                samples.append([])
                for measure in (partial(_memset, masked, pool), masked.run, masked.average):
                    time.sleep(_PAUSE)
                    samples[-1].append(measure())
        unrest = float((np.median(samples, axis=0) / np.min(samples, axis=0)).max())
        table.disturbed(unrest)
        memset, both, averaging = np.median(samples, axis=0)
        masking = both - averaging
        first = (n_features, dtype) == _SHAPES[0]
        table.add(
            n_features,
            np.dtype(dtype).name,
            masked.n_explicands,
            f"{masked.n_bytes / 1e6:.1f} MB",
            duration(memset),
            three_digits(masked.n_bytes / memset / 1e9),
            duration(both),
            duration(averaging),
            three_digits(masked.n_bytes / masking / 1e9),
            f"{memset / masking:.0%}",
            f"{memset / both:.0%}",
            verdict(bool(memset / masking >= _TARGET), unrest) if first else "",
        )
    yield table


class _Masked:
    """Explains rows with a model that costs nothing, and measures the time between its calls."""

    def __init__(self, n_features: int, dtype: np.dtype, threads: int) -> None:
        row_bytes = n_features * dtype.itemsize
        n_rows = _N_COALITIONS * _N_BACKGROUND
        self.n_explicands = math.ceil(_LEAST_BYTES / (n_rows * row_bytes))
        self.n_bytes = self.n_explicands * n_rows * row_bytes
        self.buffer = np.zeros(_BUFFER_BYTES // row_bytes * row_bytes, dtype=np.uint8)
        self.threads = threads
        self._rows_per_batch = len(self.buffer) // row_bytes
        self._outputs = np.zeros((self._rows_per_batch, 1))
        rng = np.random.default_rng(0)
        self._background = rng.integers(0, 100, size=(_N_BACKGROUND, n_features)).astype(dtype)
        self._explicands = rng.integers(0, 100, size=(self.n_explicands, n_features)).astype(dtype)
        options = _core.EstimateOptions(ridge=1.0, num_threads=threads)
        self._estimator = _core.Estimator("independent", n_features, _N_COALITIONS, 0, options)
        n_average = self.n_explicands * n_rows
        self._column = np.zeros((n_average + self._rows_per_batch, 1), dtype=np.uint8)
        self._one_player = _core.Estimator("paired", 1, 2, 0, options)

    def run(self) -> float:
        """Return the seconds between the calls for masked rows, which do not include the regression after the last."""
        n_players = self._background.shape[1]
        run = _core.Explanations.shared(
            self._background,
            self._explicands,
            n_players=n_players,
            player_of_column=[],
            weights=[],
            design="independent",
            n_coalitions=_N_COALITIONS,
            seed=0,
            estimator=self._estimator,
            num_threads=self.threads,
        )
        clock = _Clock(self._outputs)
        run.run(clock, self._rows_per_batch)
        return sum(clock.gaps[1:])  # the first call is for the background

    def average(self) -> float:
        """Return the seconds between calls for as many background rows of one byte each."""
        run = _core.Explanations.shared(
            self._column,
            self._column[:1],
            n_players=1,
            player_of_column=[],
            weights=[],
            design="paired",
            n_coalitions=2,
            seed=0,
            estimator=self._one_player,
            num_threads=self.threads,
        )
        clock = _Clock(self._outputs, most_calls=math.ceil(len(self._column) / self._rows_per_batch))
        with suppress(_Enough):
            run.run(clock, self._rows_per_batch)
        return sum(clock.gaps[1:])


class _Enough(Exception):
    pass


class _Clock:
    """A model that measures the time since its last call."""

    def __init__(self, outputs: NDArray[np.float64], most_calls: int | None = None) -> None:
        self.gaps: list[float] = []
        self._outputs = outputs
        self._left = time.perf_counter()
        self._most_calls = most_calls

    def __call__(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        self.gaps.append(time.perf_counter() - self._left)
        if len(self.gaps) == self._most_calls:
            raise _Enough
        outputs = self._outputs[: len(rows)]
        self._left = time.perf_counter()
        return outputs


def _memset(masked: _Masked, pool: ThreadPoolExecutor) -> float:
    """Return the seconds that memset takes for the bytes of the masked rows, in the same buffer."""
    parts = np.array_split(masked.buffer, masked.threads)
    times = masked.n_bytes / len(masked.buffer)
    repeats = math.ceil(10 * times)  # so that the time to start the threads does not count

    def fill(part: NDArray[np.uint8]) -> None:
        for _ in range(repeats):
            ctypes.memset(part.ctypes.data, 1, len(part))

    start = time.perf_counter()
    list(pool.map(fill, parts))
    return (time.perf_counter() - start) * times / repeats


if __name__ == "__main__":
    main(tables, __doc__)
