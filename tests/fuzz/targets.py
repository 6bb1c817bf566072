# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""What is fuzzed through Python: each parser, and each function that takes sizes.

A target takes any bytes. It raises only if banzhaf does something else than accept or refuse them.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import sqlite3
import tempfile
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

import banzhaf
from banzhaf._study import command

TARGETS: dict[str, Callable[[bytes], None]] = {}
SEEDS: dict[str, Callable[[], list[bytes]]] = {}
# Memory instead of a disk where there is such a folder: a store waits for the disk.
FOLDER = tempfile.TemporaryDirectory(prefix="banzhaf-fuzz-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)


def target(seeds):
    """Register a target with the function that makes its seeds."""

    def add(function):
        name = function.__name__
        TARGETS[name], SEEDS[name] = function, seeds
        return function

    return add


def place(name):
    return Path(FOLDER.name) / name


def forget(path):
    for each in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(each)


def curved(coalitions):
    x = (coalitions * np.arange(1.0, coalitions.shape[1] + 1)).sum(axis=1)
    return np.sin(x) + 0.1 * x


# -- stores -------------------------------------------------------------------------------------------------------


def new_store(path):
    forget(path)
    with banzhaf.Study(9, budget=40, random_state=3, store=path, player_names=list("abcdefghi")) as study:
        batch = study.ask(20)
        study.tell(batch.ids[:16], curved(batch.coalitions[:16]), worker="w")
        study.tell_failure(batch.ids[17:18], "no luck")
    return Path(path).read_bytes()


def rows_of_store():
    """Return the texts that a store keeps, as seeds for `store_rows`."""
    path = place("rows.db")
    new_store(path)
    connection = sqlite3.connect(path)
    found = [f"{key}\0{value}".encode() for key, value in connection.execute("SELECT key, value FROM study")]
    connection.close()
    numbers = np.arange(4, dtype="<i8").tobytes()
    return [b"\0" + row for row in found] + [bytes([kind]) + numbers + np.ones(4).tobytes() for kind in (1, 2, 3)]


def look_at(path):
    """Open a store, read all of it and go on with it; any damage is refused with a ValueError or an OSError."""
    with warnings.catch_warnings(), contextlib.suppress(ValueError, OSError):
        warnings.simplefilter("ignore")
        with banzhaf.Study.open(path, read_only=True) as study:
            assert 0 <= study.n_told <= study.n_coalitions
            if study.n_usable:
                study.result()
            study.evaluations()
            study.failures()
            study.counts()
    with warnings.catch_warnings(), contextlib.suppress(ValueError, OSError):
        warnings.simplefilter("ignore")
        with banzhaf.Study.open(path) as study:
            if study.n_coalitions > 10**4:
                return
            batch = study.ask(4)
            study.tell(batch, curved(batch.coalitions))
            study.release()


@target(lambda: [new_store(place("seed.db"))])
def store(data):
    """The bytes are the file of a store."""
    path = place("a.db")
    forget(path)
    path.write_bytes(data)
    look_at(path)


@target(rows_of_store)
def store_rows(data):
    """The bytes are written into a table of a sound store."""
    if not data:
        return
    path = place("b.db")
    if not hasattr(store_rows, "sound"):
        store_rows.sound = new_store(path)
    forget(path)
    path.write_bytes(store_rows.sound)
    connection = sqlite3.connect(path, isolation_level=None)
    kind, rest = data[0] % 4, data[1:]
    half = len(rest) // 2
    one, two = rest[:half], rest[half:]
    with contextlib.closing(connection):
        if kind == 0:
            key, _, value = rest.decode(errors="replace").partition("\0")
            connection.execute("INSERT OR REPLACE INTO study VALUES (?, ?)", (key, value))
        elif kind == 1:
            row = (one, two, 1, one[:1], "", 1.0, 0.5, zlib.crc32(two, zlib.crc32(one)))
            connection.execute(
                "INSERT INTO told (ids, worths, n_outputs, attempts, worker, time, seconds, checksum) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        elif kind == 2:
            number = int.from_bytes(two[:8], "little", signed=True)
            connection.execute(
                "INSERT INTO leased (ids, first, last, attempt, until, worker, since) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (one, 0, 39, number, [0.0, math.inf, 1e300, -1e300][len(two) % 4], "", 0.0),
            )
        else:
            connection.execute(
                "UPDATE frontier SET next = ?", (int.from_bytes(rest[:8].ljust(8, b"\0"), "little", signed=True),)
            )
    look_at(path)


@target(lambda: [new_store(place("seed.db")), b"\1--top\0" + b"3", b"\1--export\0x.csv\0--watch\0" + b"0"])
def study_command(data):
    """The bytes are a store, or the arguments beside one, of `python -m banzhaf study`."""
    path = place("c.db")
    forget(path)
    arguments = []
    if data[:1] == b"\1":
        new_store(path)
        for text in data[1:].decode("latin-1").split("\0")[:8]:
            if not text.startswith("--w") and "/" not in text:
                arguments.append(text)
    else:
        path.write_bytes(data)
    home = os.getcwd()
    os.chdir(FOLDER.name)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            status = command.main(["study", str(path), *arguments])
    except SystemExit as error:  # of argparse
        status = error.code
    finally:
        os.chdir(home)
    assert status in (0, 1, 2), status


# -- files of results and of trees --------------------------------------------------------------------------------


def results():
    path, found = place("r"), []
    values = banzhaf.estimate(curved, 6, budget=64, random_state=0)
    for each in (values, values.interactions(2), values.shapley(), banzhaf.diagnose(values)):
        each.save(path)
        found.append(path.read_bytes())
    return found


def open_and_show(data):
    """Open a file of these bytes, which may be refused, and print what it holds."""
    path = place("l")
    path.write_bytes(data)
    with warnings.catch_warnings(), contextlib.suppress(ValueError, OSError):
        warnings.simplefilter("ignore")
        repr(banzhaf.load(path))


@target(results)
def load(data):
    """The bytes are a file that `banzhaf.load` opens."""
    open_and_show(data)


def tree_files():
    corpus = Path(__file__).parents[2] / "cpp" / "fuzz" / "corpus" / "tree_file"
    found = [path.read_bytes()[1:] for path in sorted(corpus.iterdir()) if path.name.endswith("_file")]
    with contextlib.suppress(ImportError):
        from sklearn.tree import DecisionTreeRegressor

        X = np.random.default_rng(0).normal(size=(30, 3))
        model = DecisionTreeRegressor(max_depth=3, random_state=0).fit(X, X[:, 0] > 0)
        path = place("t")
        banzhaf.TreeExplainer(model, X[:4]).save(path)
        found.append(path.read_bytes())
    return found


@target(tree_files)
def tree_file(data):
    """The bytes are the file of a tree explainer. Its checksums are not made anew: the C++ target does so."""
    open_and_show(data)


# -- models of other libraries ------------------------------------------------------------------------------------


def ubjson_seeds():
    corpus = Path(__file__).parents[2] / "cpp" / "fuzz" / "corpus" / "ubjson"
    return [path.read_bytes() for path in sorted(corpus.iterdir())]


@target(ubjson_seeds)
def ubjson(data):
    """The bytes are a document of XGBoost's, read into Python's objects."""
    from banzhaf import _core

    with contextlib.suppress(ValueError):
        _core.parse_ubjson(data, tables=["trees"])


# -- sizes --------------------------------------------------------------------------------------------------------

SIZES = [
    *(-(2**63), -(2**31), -1, 0, 1, 2, 3, 5, 12, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 1000, 65535, 65536),
    *(2**20 - 1, 2**20, 2**20 + 1, 2**27, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**53, 2**61, 2**62),
    *(2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**30, -(10**30), 0.0, 0.5, 1.5, 1e18, 1e300, math.inf, -math.inf, math.nan),
    *(True, None, "7", b"7", np.int8(5), np.uint64(2**63), np.float32(2), 7 + 0j, (), [3]),
]
DESIGNS = ["hadamard", "nested", "fresh", "paired", "independent", "exhaustive", "none", 3]


class Called(Exception):
    """The game was called, so all sizes were accepted."""


def game(coalitions):
    raise Called


def calls():
    """Return the functions that take sizes, each with the number of its sizes."""
    X = np.zeros((3, 4))
    rng = np.random.default_rng(0)

    def explainer(**options):
        def raising(rows):
            raise Called

        return banzhaf.Explainer(raising, X, **options)

    return [
        (2, lambda d, n, m: banzhaf.estimate(game, n, budget=m, design=d, random_state=0)),
        (3, lambda d, n, m, b: banzhaf.estimate(game, n, budget=m, batch_size=b, random_state=0)),
        (3, lambda d, n, m, t: banzhaf.estimate(game, n, budget=m, num_threads=t, random_state=0)),
        (3, lambda d, n, m, s: banzhaf.estimate(game, n, budget=m, random_state=s)),
        (3, lambda d, n, m, k: banzhaf.estimate(game, n, budget=m, top_k=k, random_state=0)),
        (3, lambda d, n, m, x: banzhaf.estimate(game, n, budget=m, tolerance=x, random_state=0)),
        (3, lambda d, n, m, x: banzhaf.estimate(game, n, budget=m, ridge=x, random_state=0)),
        (3, lambda d, n, m, x: banzhaf.estimate(game, n, budget=m, p=x, random_state=0)),
        (3, lambda d, n, m, x: banzhaf.estimate(game, n, budget=m, deadline=x, random_state=0)),
        (2, lambda d, n, m: banzhaf.sample_coalitions(n, m, design=d, random_state=0)),
        (3, lambda d, n, m, x: banzhaf.sample_coalitions(n, m, p=x, random_state=0)),
        (1, lambda d, n: banzhaf.exact(game, n)),
        (2, lambda d, n, b: banzhaf.exact(game, n, batch_size=b)),
        (2, lambda d, n, m: banzhaf.monte_carlo(game, n, budget=m, random_state=0)),
        (2, lambda d, n, m: banzhaf.msr(game, n, budget=m, random_state=0)),
        (2, lambda d, n, m: banzhaf.Study(n, budget=m, design=d, random_state=0).ask(4)),
        (3, lambda d, n, m, k: banzhaf.Study(12, budget=64, random_state=0, lease=m, retries=n).ask(k)),
        (2, lambda d, n, m: banzhaf.Study(12, budget=64, random_state=0).extend(m)),
        (2, lambda d, n, m: banzhaf.Study(12, budget=64, random_state=0).tell([n], [m])),
        (2, lambda d, n, m: banzhaf.fit_design(np.ones(40), n, design=d, random_state=m)),
        (2, lambda d, n, m: banzhaf.walsh_hadamard(np.ones(16), num_threads=n)),
        (2, lambda d, n, m: explainer(budget=n, random_state=m)(X)),
        (2, lambda d, n, m: explainer(num_threads=n)(X, top_k=m)),
        (2, lambda d, n, m: explainer()(X, tolerance=n, deadline=m)),
        (2, lambda d, n, m: banzhaf.estimate(game, 6, budget=64, random_state=0, confidence=n, top_k=m)),
        (1, lambda d, n: banzhaf.fit(rng.random((40, 5)) < 0.5, np.ones(40)).interactions(n)),
        (1, lambda d, n: banzhaf.fit(rng.random((40, 5)) < 0.5, np.ones(40), ridge=n)),
        (1, lambda d, n: banzhaf.fit(rng.random((40, 5)) < 0.5, np.ones(40)).intervals(n)),
    ]


CALLS = calls()


@target(lambda: [bytes([k, 0, 8, 15, 3]) for k in range(len(CALLS))])
def sizes(data):
    """The bytes choose a function and the sizes that it gets. They are accepted, or refused as wrong or too large."""
    if len(data) < 5:
        return
    count, function = CALLS[data[0] % len(CALLS)]
    chosen = [SIZES[byte % len(SIZES)] for byte in data[2 : 2 + count]]
    with warnings.catch_warnings(), contextlib.suppress(ValueError, TypeError, MemoryError, Called):
        warnings.simplefilter("ignore")
        function(DESIGNS[data[1] % len(DESIGNS)], *chosen)


def described(name, data):
    """Say what an input of a target means, for a report."""
    if name == "sizes" and len(data) >= 5:
        return f"call {data[0] % len(CALLS)}, {DESIGNS[data[1] % len(DESIGNS)]}, " + ", ".join(
            repr(SIZES[byte % len(SIZES)]) for byte in data[2 : 2 + CALLS[data[0] % len(CALLS)][0]]
        )
    return json.dumps(data[:200].decode("latin-1"))
