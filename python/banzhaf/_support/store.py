# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Store the evaluations of a design, in an SQLite file that several processes share, or in memory."""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Counts", "Failure", "HandedOut", "LostStoreError", "Store", "StoreError", "owner_of_process"]

_APPLICATION = 0x42616E7A  # "Banz"
_VERSION = 1
_BUSY_SECONDS = 60.0

# What to do, by a part of SQLite's message.
_REMEDIES = {
    "readonly": "The file and its folder must be writable. Study.open(path, read_only=True) only reads",
    "unable to open": "Its folder must exist, and the file must be readable",
    "locked": "Another program has not let go of it for a minute. End that program, or run again later",
    "full": "Make room and run again",
    "disk I/O": "The disk may be full, or the file at its largest permitted size. Make room and run again",
}

# One row of `told` holds the worths of one call of `record`. Rows are only added, so that another process reads what is
# new by its number. A lease holds coalitions that were handed out. One without a time belongs to nobody.
_SCHEMA = """
CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE frontier (only_row INTEGER PRIMARY KEY CHECK (only_row = 0), next INTEGER NOT NULL);
INSERT INTO frontier VALUES (0, 0);
CREATE TABLE told (
  number INTEGER PRIMARY KEY, ids BLOB NOT NULL, worths BLOB NOT NULL, n_outputs INTEGER NOT NULL,
  attempts BLOB NOT NULL, worker TEXT NOT NULL, time REAL NOT NULL, seconds REAL, checksum INTEGER NOT NULL
);
CREATE TABLE leased (
  number INTEGER PRIMARY KEY, ids BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  attempt INTEGER NOT NULL, until REAL NOT NULL, worker TEXT NOT NULL, owner TEXT, since REAL NOT NULL
);
CREATE INDEX leased_first ON leased (first);
CREATE TABLE failed (
  number INTEGER PRIMARY KEY, ids BLOB NOT NULL, attempt INTEGER NOT NULL, worker TEXT NOT NULL, time REAL NOT NULL,
  error TEXT NOT NULL
);
"""

# What no sound row of these tables fulfils.
_IDS = "typeof(ids) <> 'blob' OR length(ids) = 0 OR length(ids) % 8 <> 0"
_WRONG_TYPES = {
    "frontier": "typeof(next) <> 'integer' OR next < 0",
    "leased": f"{_IDS} OR typeof(first) <> 'integer' OR typeof(last) <> 'integer' OR typeof(attempt) <> 'integer' "
    "OR abs(attempt) > 1000000000 OR typeof(until) <> 'real' OR typeof(since) <> 'real' OR typeof(worker) <> 'text' "
    "OR typeof(owner) NOT IN ('null', 'text')",
    "failed": f"{_IDS} OR typeof(attempt) <> 'integer' OR typeof(time) <> 'real' OR typeof(worker) <> 'text' "
    "OR typeof(error) <> 'text'",
    "told": "typeof(ids) <> 'blob' OR typeof(attempts) <> 'blob' OR typeof(time) <> 'real' OR typeof(worker) <> 'text' "
    "OR typeof(seconds) NOT IN ('null', 'real')",
}

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


class StoreError(OSError):
    """A store that cannot be read or written, with the reason that SQLite gives."""


class LostStoreError(StoreError):
    """A store whose file was deleted or replaced while it was open."""


@dataclass(frozen=True)
class HandedOut:
    """Coalitions that were handed out: their numbers, and how often each was handed out, with this time."""

    ids: Ids
    attempts: NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """How many coalitions are in which state."""

    told: int
    out: int
    waiting: int
    failed: int
    failures: int
    workers: int


@dataclass(frozen=True)
class Failure:
    """One evaluation that failed."""

    ids: Ids
    attempt: int
    worker: str
    time: float
    error: str


def owner_of_process() -> str:
    """Name this process, so that another one on the same machine can tell whether it still runs."""
    import socket

    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    return f"{socket.gethostname()}|{namespace}|{os.getpid()}"


def _is_gone(owner: str | None) -> bool:
    """Whether the process of a lease is known to have ended. A process on another machine never is."""
    if owner is None or os.name != "posix":
        return False
    where, _, pid = owner.partition("#")[0].rpartition("|")
    if where != owner_of_process().rpartition("|")[0] or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


class Store:
    """Worths by the number of their coalition, leases, and failures.

    Each method is one transaction. What `record` has accepted is on disk when it returns.

    Parameters
    ----------
    path : str or None
        The SQLite file; None for memory.
    arguments : dict or None
        What decides the coalitions, and what the file must hold too. None takes what the file holds.
    n_coalitions : int or None
        Number of coalitions; None takes what the file holds.
    read_only : bool
        Whether to change nothing.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None,
        arguments: dict[str, Any] | None,
        *,
        n_coalitions: int | None,
        read_only: bool = False,
    ) -> None:
        try:
            import sqlite3
        except ImportError as error:  # an interpreter that was built without SQLite
            raise ImportError("store needs the module sqlite3, which this Python was built without") from error
        self._sqlite = sqlite3
        self.path = None if path is None else os.fspath(path)
        self.place = None if path is None else os.path.abspath(path)  # the same file after a change of folder
        self._read_only = read_only
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._known = np.zeros(0, dtype=bool)
        self._worths: Floats = np.empty((0, 0))
        self._read = 0
        self._n_told = 0
        self._prefix = 0
        with self._reporting():
            self._connection = self._connect(creating=arguments is not None)
            self._check_or_create(arguments, n_coalitions)
        self.sync()

    # -- the file ---------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What errors call the store."""
        return "the store in memory" if self.path is None else f"store {self.path!r}"

    @contextlib.contextmanager
    def _reporting(self) -> Iterator[None]:
        """Turn SQLite's errors into ones that name the file."""
        try:
            yield
        except self._sqlite.DatabaseError as error:
            text = str(error)
            if "not a database" in text or "malformed" in text or "file is encrypted" in text:
                raise ValueError(
                    f"{self.name} is damaged, or no store of banzhaf: {text}. Name another file, or restore this one "
                    "from a copy"
                ) from error
            remedies = [remedy for part, remedy in _REMEDIES.items() if part in text]
            raise StoreError(". ".join([f"{self.name}: {text}", *remedies])) from error

    def _connect(self, creating: bool) -> sqlite3.Connection:
        path = self.place
        if path is None:
            target = ":memory:"
        else:
            if not creating and not os.path.exists(path):
                raise FileNotFoundError(f"{self.name} does not exist")
            if os.path.isdir(path):
                raise IsADirectoryError(f"store must be a file, got the folder {self.path!r}")
            target = Path(path).as_uri()
            if self._read_only:
                # Without a log beside it, the file is whole, and a folder without write access does not matter.
                target += "?mode=ro" if os.path.exists(f"{path}-wal") else "?mode=ro&immutable=1"
            elif not creating:
                target += "?mode=rw"
        connection = self._sqlite.connect(
            target, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=path is not None
        )
        try:
            connection.execute(f"PRAGMA busy_timeout = {int(1000 * _BUSY_SECONDS)}")
            if not self._read_only:
                self._refuse_foreign(connection)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                self._file = self._file_now()
        except BaseException:
            connection.close()
            raise
        return connection

    def _file_now(self) -> tuple[int, int] | None:
        """Identify the file that the path leads to at present; None if there is none."""
        if self.place is None:
            return None
        try:
            found = os.stat(self.place)
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _refuse_lost(self) -> None:
        """Raise if the path no longer leads to the file that is open: what is written there would be lost."""
        if self._file is not None and self._file_now() != self._file:
            raise LostStoreError(
                f"{self.name} was deleted, moved or replaced while it was open, so nothing more is stored. "
                "Study.evaluations(), or the attribute 'evaluations' of this exception, has the worths told so far"
            )

    def _refuse_foreign(self, connection: sqlite3.Connection) -> bool:
        """Raise if the file is something else, and tell whether it is a store already."""
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application == 0 and tables == 0:
            return False
        if application != _APPLICATION:
            raise ValueError(f"{self.name} is an SQLite file of another program. Name another file")
        if version > _VERSION:
            raise ValueError(f"{self.name} was written by a later version of banzhaf. Update banzhaf to read it")
        return True

    def _check_or_create(self, arguments: dict[str, Any] | None, n_coalitions: int | None) -> None:
        connection = self._open_connection()
        if self._read_only:
            if not self._refuse_foreign(connection):
                raise ValueError(f"{self.name} is empty: no study was stored in it")
            found = self._stored_arguments()
        else:
            with self._transaction(durable=True):
                if self._refuse_foreign(connection):
                    found = self._stored_arguments()
                else:
                    if arguments is None or n_coalitions is None:
                        raise ValueError(f"{self.name} is empty: no study was stored in it")
                    for statement in _SCHEMA.split(";\n"):
                        if statement.strip():
                            connection.execute(statement)
                    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                    connection.execute(f"PRAGMA user_version = {_VERSION}")
                    self._put("arguments", arguments)
                    self._put("n_coalitions", n_coalitions)
                    self._put("created", time.time())
                    found = arguments
        if arguments is not None:
            self._compare(found, arguments)
        self._check_types()
        self.arguments, self.n_coalitions = found, self._stored_count()

    def damaged(self, reason: str) -> ValueError:
        """Make the error of a file that holds what banzhaf did not write."""
        return ValueError(f"{self.name} is damaged: {reason}. Restore the file from a copy")

    def _in_range(self, ids: Ids, table: str) -> Ids:
        """Return the numbers of coalitions that were read from a table, if there are such coalitions."""
        if len(ids) and (ids.min() < 0 or ids.max() >= self.n_coalitions):
            raise self.damaged(f"its table {table!r} holds coalitions that the study lacks")
        return ids

    def _check_types(self) -> None:
        """Raise if the small tables hold something of another type, which only damage explains."""
        for table, wrong in _WRONG_TYPES.items():
            if self._open_connection().execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {wrong})").fetchone()[0]:
                raise self.damaged(f"its table {table!r} holds values of a wrong type")

    def _compare(self, found: dict[str, Any], given: dict[str, Any]) -> None:
        """Raise if the store was made with other arguments, and say with which."""
        others = [
            f"{key} is {_short(found.get(key))}, got {_short(given.get(key))}"
            for key in sorted({*found, *given})
            if found.get(key) != given.get(key)
        ]
        if others:
            remedy = "Study.open(path).extend(budget) spends a larger budget" if "budget" in others[0] else ""
            raise ValueError(
                f"{self.name} was made with other arguments: {'; '.join(others)}. Give the same arguments, open it "
                f"with Study.open(path), or name another file{'. ' * bool(remedy)}{remedy}"
            )

    def _stored_arguments(self) -> dict[str, Any]:
        found = self._get("arguments")
        if not isinstance(found, dict):
            raise self.damaged("it holds no arguments")
        return found

    def _stored_count(self) -> int:
        found = self._get("n_coalitions")
        if type(found) is not int or found < 0:
            raise self.damaged("it does not say how many coalitions there are")
        return found

    def _get(self, key: str) -> Any:
        row = self._open_connection().execute("SELECT value FROM study WHERE key = ?", (key,)).fetchone()
        try:
            return None if row is None else json.loads(row[0])
        except (TypeError, ValueError, RecursionError) as error:
            raise self.damaged(f"its note {key!r} is not JSON") from error

    def _put(self, key: str, value: Any) -> None:
        text = json.dumps(value)
        self._open_connection().execute("INSERT OR REPLACE INTO study VALUES (?, ?)", (key, text))

    def note(self, key: str, value: Any = None) -> Any:
        """Read what was noted under a key; with a value, note it."""
        with self._lock, self._reporting():
            if value is None:
                self._after_fork()
                return self._get(key)
            with self._transaction(durable=True):
                self._put(key, value)
            return value

    def replace_arguments(
        self, arguments: dict[str, Any], n_coalitions: int, n_handed_out: int, notes: dict[str, Any]
    ) -> bool:
        """Store other arguments, more coalitions and the notes that go with them, for `extend`.

        Return False and change nothing if another process has changed them, or has been handed more coalitions than
        `n_handed_out`.
        """
        with self._lock, self._reporting(), self._transaction(durable=True):
            if self._stored_arguments() != self.arguments or self._count_handed_out() > n_handed_out:
                return False
            self._put("arguments", arguments)
            self._put("n_coalitions", n_coalitions)
            for key, value in notes.items():
                self._put(key, value)
        self.arguments, self.n_coalitions = arguments, n_coalitions
        return True

    def refresh_arguments(self) -> dict[str, Any]:
        """Read the arguments again, which another process may have replaced."""
        with self._lock, self._reporting():
            self._after_fork()
            self.arguments, self.n_coalitions = self._stored_arguments(), self._stored_count()
            return self.arguments

    def n_handed_out(self) -> int:
        """Return the number of first coalitions that were handed out or told at some time."""
        with self._lock, self._reporting():
            self._after_fork()
            return self._count_handed_out()

    def _count_handed_out(self) -> int:
        self._sync()
        (following,) = self._open_connection().execute("SELECT next FROM frontier").fetchone()
        known = np.flatnonzero(self._known)
        return max(int(following), int(known[-1]) + 1 if len(known) else 0)

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError(f"{self.name} is closed")
        return self._connection

    def _after_fork(self) -> None:
        """Open the file anew in a forked process, which must not use its parent's connection."""
        if self._pid == os.getpid():
            return
        if self.path is None:
            raise RuntimeError("a store in memory does not follow a fork: pass store=path to share evaluations")
        if self._connection is not None:
            _LEAKED.append(self._connection)  # closing it would drop the locks of the parent
            self._connection = self._connect(creating=False)
        self._pid, self._lock = os.getpid(), threading.RLock()

    @contextlib.contextmanager
    def _transaction(self, durable: bool) -> Iterator[sqlite3.Connection]:
        """Hold the write lock, and commit unless anything fails. `durable` waits until the disk has the data."""
        self._after_fork()
        connection = self._open_connection()
        self._refuse_lost()
        try:
            if connection.in_transaction:  # an interrupt came at the end of the last one
                connection.execute("ROLLBACK")
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None and self._pid == os.getpid():
                connection.close()

    def __del__(self) -> None:
        """Close the file of a store that was forgotten."""
        with contextlib.suppress(Exception):
            if self._pid == os.getpid():
                self.close()
            elif self._connection is not None:
                _LEAKED.append(self._connection)

    # -- what was told ----------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Read what other processes have told since the last time."""
        with self._lock, self._reporting():
            self._after_fork()
            self._sync()

    def _sync(self) -> None:
        query = "SELECT number, ids, worths, n_outputs, checksum FROM told WHERE number > ? ORDER BY number"
        for number, ids, worths, n_outputs, checksum in self._open_connection().execute(query, (self._read,)):
            if (
                type(ids) is not bytes
                or type(worths) is not bytes
                or zlib.crc32(worths, zlib.crc32(ids)) != checksum
                or type(n_outputs) is not int
                or len(worths) != len(ids) * n_outputs
                or len(ids) % 8
            ):
                raise self.damaged(f"row {number} of its table 'told' fails its checksum")
            numbers = self._in_range(np.frombuffer(ids, dtype="<i8"), "told")
            self._apply(numbers, np.frombuffer(worths, dtype="<f8").reshape(-1, n_outputs))
            self._read = number

    def _apply(self, ids: Ids, worths: Floats) -> None:
        """Take worths into memory. Doing so twice changes nothing."""
        n_outputs = worths.shape[1]
        if len(ids) == 0:
            return
        needed = int(ids.max()) + 1
        if self._worths.shape[1] != n_outputs or needed > len(self._worths):
            size = max(needed, min(2 * len(self._worths), self.n_coalitions), 1024)
            worths_before, known_before = self._worths, self._known
            self._worths = np.full((size, n_outputs), np.nan)
            self._known = np.zeros(size, dtype=bool)
            self._worths[: len(worths_before)] = worths_before if len(worths_before) else 0.0
            self._known[: len(known_before)] = known_before
        self._worths[ids] = worths
        self._known[ids] = True
        self._n_told = -1

    @property
    def n_outputs(self) -> int | None:
        """Number of outputs of the game, None before the first worth."""
        return self._worths.shape[1] or None

    @property
    def n_told(self) -> int:
        """Number of coalitions with a worth, as of the last `sync`."""
        with self._lock:
            if self._n_told < 0:
                self._n_told = int(np.count_nonzero(self._known))
            return self._n_told

    @property
    def n_first(self) -> int:
        """Number of coalitions from the first one on that all have worths, as of the last `sync`."""
        with self._lock:
            while self._prefix < len(self._known):
                rest = self._known[self._prefix : self._prefix + 65536]
                whole = len(rest) if rest.all() else int(np.argmin(rest))
                self._prefix += whole
                if whole < len(rest):
                    break
            return self._prefix

    def is_told(self, ids: Ids) -> NDArray[np.bool_]:
        """Whether each coalition has a worth."""
        with self._lock:
            inside = ids < len(self._known)
            found = np.zeros(len(ids), dtype=bool)
            found[inside] = self._known[ids[inside]]
            return found

    def told_ids(self) -> Ids:
        """Return the coalitions with worths, in ascending order."""
        with self._lock:
            return np.flatnonzero(self._known)

    def worths(self, ids: Ids | slice) -> Floats:
        """Return the worths of coalitions that have some, with shape (m, n_outputs). NaN means dropped."""
        with self._lock:
            return self._worths[ids]

    def record(self, ids: Ids, worths: Floats, worker: str = "") -> tuple[int, Ids]:
        """Store worths, and return how many are new, and which coalitions had another worth before.

        The first worth of a coalition stays.
        """
        with self._lock, self._reporting():
            with self._transaction(durable=True) as connection:
                self._sync()
                told = self.is_told(ids)
                different: Ids = np.empty(0, dtype=np.int64)
                if told.any():
                    n_outputs = self.n_outputs
                    if n_outputs != worths.shape[1]:
                        raise ValueError(
                            f"worths must have {n_outputs} outputs, as those told before, got {worths.shape[1]}"
                        )
                    before = self._worths[ids[told]]
                    same = ((before == worths[told]) | (np.isnan(before) & np.isnan(worths[told]))).all(axis=1)
                    different = ids[told][~same]
                elif self.n_outputs not in (None, worths.shape[1]):
                    raise ValueError(
                        f"worths must have {self.n_outputs} outputs, as those told before, got {worths.shape[1]}"
                    )
                new, found = ids[~told], np.ascontiguousarray(worths[~told], dtype="<f8")
                now = time.time()
                attempts, since = self._remove_from_leases(connection, ids)
                if len(new):
                    blobs = (np.ascontiguousarray(new, dtype="<i8").tobytes(), found.tobytes())
                    if max(attempts.values(), default=1) == 1:  # the usual case
                        counted = b"\x01" * len(new)
                    else:
                        counted = bytes(min(255, attempts.get(i, 1)) for i in new.tolist())
                    cursor = connection.execute(
                        "INSERT INTO told (ids, worths, n_outputs, attempts, worker, time, seconds, checksum) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        (
                            *blobs,
                            worths.shape[1],
                            counted,
                            worker,
                            now,
                            None if since is None else now - since,
                            zlib.crc32(blobs[1], zlib.crc32(blobs[0])),
                        ),
                    )
                    number = cursor.lastrowid
            if len(new):
                self._apply(new, found)
                self._read = int(number or 0)
            return len(new), different

    def _remove_from_leases(self, connection: sqlite3.Connection, ids: Ids) -> tuple[dict[int, int], float | None]:
        """Take coalitions out of their leases; give the attempt of each, and when the first of them was handed out."""
        if len(ids) == 0:
            return {}, None
        rows = connection.execute(
            "SELECT number, ids, attempt, since FROM leased WHERE first <= ? AND last >= ?",
            (int(ids.max()), int(ids.min())),
        ).fetchall()
        attempts: dict[int, int] = {}
        times: list[float] = []
        for number, blob, attempt, since in rows:
            leased = np.frombuffer(blob, dtype="<i8")
            gone = np.ones(len(ids), dtype=bool) if np.array_equal(leased, ids) else np.isin(leased, ids)
            if not gone.any():
                continue
            attempts.update(dict.fromkeys(leased[gone].tolist(), max(1, attempt)))
            times.append(since)
            self._set_lease(connection, number, leased[~gone])
        return attempts, min(times) if times else None

    def _set_lease(self, connection: sqlite3.Connection, number: int, ids: Ids) -> None:
        if len(ids) == 0:
            connection.execute("DELETE FROM leased WHERE number = ?", (number,))
        else:
            connection.execute(
                "UPDATE leased SET ids = ?, first = ?, last = ? WHERE number = ?",
                (ids.astype("<i8").tobytes(), int(ids.min()), int(ids.max()), number),
            )

    # -- what is handed out -----------------------------------------------------------------------------------------

    def hand_out(
        self,
        count: int,
        *,
        seconds: float,
        worker: str = "",
        owner: str | None = None,
        among: Ids | None = None,
        pairs: bool = False,
    ) -> HandedOut:
        """Hand out at most `count` coalitions without worths: first those that came back, then the next ones.

        With `among`, only these coalitions count. With `pairs`, new ones come in whole pairs, so one counts as two.
        """
        with self._lock, self._reporting(), self._transaction(durable=False) as connection:
            self._sync()
            now = time.time()
            is_gone = functools.cache(_is_gone)  # one run holds many leases
            taken: list[tuple[Ids, int]] = []  # with the attempt that begins
            missing = max(count, 2) if pairs else count
            query = "SELECT number, ids, attempt, until, owner FROM leased WHERE until < ? ORDER BY first"
            leases = connection.execute(query, (math.inf,)).fetchall()
            allowed = None if among is None else among[~self.is_told(among)]
            for number, blob, attempt, until, held in leases:
                if missing <= 0:
                    break
                if until > now and not is_gone(held):
                    continue
                ids = self._in_range(np.frombuffer(blob, dtype="<i8").astype(np.int64), "leased")
                fits = np.flatnonzero(np.ones(len(ids), dtype=bool) if allowed is None else np.isin(ids, allowed))
                chosen = ids[fits[:missing]]
                if len(chosen) == 0:
                    continue
                self._set_lease(connection, number, ids[~np.isin(ids, chosen)])
                taken.append((chosen, attempt + 1))
                missing -= len(chosen)
            (first,) = connection.execute("SELECT next FROM frontier").fetchone()
            fresh, next_after = self._fresh(first, missing, allowed, pairs)
            if next_after > first:
                connection.execute("UPDATE frontier SET next = ?", (next_after,))
                between = np.setdiff1d(np.arange(first, next_after), fresh)
                between = between[~self.is_told(between)]
                if len(between):
                    self._lease(connection, between, 0, 0.0, "", None, now)
            if len(fresh):
                taken.append((fresh, 1))
            for ids, attempt in taken:
                self._lease(connection, ids, attempt, now + seconds, worker, owner, now)
        if not taken:
            return HandedOut(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        return HandedOut(
            np.concatenate([ids for ids, _ in taken]),
            np.concatenate([np.full(len(ids), attempt) for ids, attempt in taken]),
        )

    def _fresh(self, first: int, missing: int, allowed: Ids | None, pairs: bool) -> tuple[Ids, int]:
        """Return coalitions that were never handed out, and where the next search begins."""
        if missing <= 0:
            return np.empty(0, dtype=np.int64), first
        if allowed is not None:
            fresh = allowed[allowed >= first][:missing]
            return fresh, int(fresh.max()) + 1 if len(fresh) else first
        if pairs:
            missing = missing // 2 * 2
        chosen: list[Ids] = []
        while missing > 0 and first < self.n_coalitions:
            ids = np.arange(first, min(first + missing, self.n_coalitions))
            first += len(ids)
            ids = ids[~self.is_told(ids)]
            chosen.append(ids)
            missing -= len(ids)
        return (np.concatenate(chosen) if chosen else np.empty(0, dtype=np.int64)), first

    def _lease(
        self,
        connection: sqlite3.Connection,
        ids: Ids,
        attempt: int,
        until: float,
        worker: str,
        owner: str | None,
        since: float,
    ) -> None:
        connection.execute(
            "INSERT INTO leased (ids, first, last, attempt, until, worker, owner, since) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (ids.astype("<i8").tobytes(), int(ids.min()), int(ids.max()), attempt, until, worker, owner, since),
        )

    def give_back(
        self, ids: Ids, *, error: str | None = None, worker: str = "", tries: float = math.inf, counts: bool = True
    ) -> Ids:
        """End the leases of coalitions, and return those that were tried `tries` times, which stay out.

        An error is recorded. Without one, or if `counts` is False, the attempt does not count.
        """
        with self._lock, self._reporting(), self._transaction(durable=True) as connection:
            self._sync()
            now = time.time()
            waiting = ids[~self.is_told(ids)]
            attempts, _ = self._remove_from_leases(connection, waiting)
            waiting = waiting[np.isin(waiting, np.array(list(attempts), dtype=np.int64))]
            by_attempt: dict[int, list[int]] = {}
            for i in waiting.tolist():
                by_attempt.setdefault(attempts[i], []).append(i)
            spent: list[int] = []
            for attempt, numbers in sorted(by_attempt.items()):
                group = np.array(numbers, dtype=np.int64)
                if error is None or not counts:
                    self._lease(connection, group, attempt - 1, 0.0, "", None, now)
                if error is None:
                    continue
                connection.execute(
                    "INSERT INTO failed (ids, attempt, worker, time, error) VALUES (?, ?, ?, ?, ?)",
                    (group.astype("<i8").tobytes(), attempt, worker, now, error[:10000]),
                )
                if not counts:
                    continue
                until = math.inf if attempt >= tries else 0.0
                if until:
                    spent += numbers
                self._lease(connection, group, attempt, until, "", None, now)
            return np.array(spent, dtype=np.int64)

    def renew_owned(self, owner: str, seconds: float) -> None:
        """Extend the leases of a process that still runs."""
        with self._lock, self._reporting(), self._transaction(durable=False) as connection:
            connection.execute(
                "UPDATE leased SET until = max(until, ?) WHERE owner = ?", (time.time() + seconds, owner)
            )

    def end_owned(self, owner: str) -> None:
        """Give back what a run still holds, without counting the attempts."""
        with self._lock, self._reporting(), self._transaction(durable=True) as connection:
            connection.execute(
                "UPDATE leased SET until = 0, owner = NULL, attempt = max(0, attempt - 1) WHERE owner = ?", (owner,)
            )

    def spent(self) -> Ids:
        """Return the coalitions that failed as often as they may, in ascending order."""
        with self._lock, self._reporting():
            self._after_fork()
            rows = self._open_connection().execute("SELECT ids FROM leased WHERE until = ?", (math.inf,)).fetchall()
            return np.sort(np.frombuffer(b"".join(ids for (ids,) in rows), dtype="<i8").astype(np.int64))

    def release(self) -> int:
        """End all leases, and return how many coalitions they held."""
        with self._lock, self._reporting(), self._transaction(durable=True) as connection:
            now = time.time()
            query = "SELECT coalesce(sum(length(ids) / 8), 0) FROM leased WHERE until > ? AND until < ?"
            (held,) = connection.execute(query, (now, math.inf)).fetchone()
            connection.execute("UPDATE leased SET until = 0, owner = NULL WHERE until < ?", (math.inf,))
            return int(held)

    def revive(self) -> int:
        """Hand out again what failed for good, counting attempts anew, and return how many coalitions that is."""
        with self._lock, self._reporting(), self._transaction(durable=True) as connection:
            query = "SELECT coalesce(sum(length(ids) / 8), 0) FROM leased WHERE until = ?"
            (failed,) = connection.execute(query, (math.inf,)).fetchone()
            connection.execute("UPDATE leased SET until = 0, attempt = 0 WHERE until = ?", (math.inf,))
            return int(failed)

    # -- what it looks like -----------------------------------------------------------------------------------------

    def counts(self) -> Counts:
        """Count coalitions by state."""
        with self._lock, self._reporting():
            self._after_fork()
            self._sync()
            connection, now = self._open_connection(), time.time()
            is_gone = functools.cache(_is_gone)  # one run holds many leases
            out = waiting = failed = 0
            for size, until, owner in connection.execute("SELECT length(ids) / 8, until, owner FROM leased"):
                if math.isinf(until):
                    failed += size
                elif until > now and not is_gone(owner):
                    out += size
                else:
                    waiting += size
            (failures,) = connection.execute("SELECT coalesce(sum(length(ids) / 8), 0) FROM failed").fetchone()
            (workers,) = connection.execute(
                "SELECT count(DISTINCT worker) FROM leased WHERE until > ?", (now,)
            ).fetchone()
            return Counts(self.n_told, out, waiting, failed, failures, workers)

    def failures(self, most: int = 10) -> list[Failure]:
        """Return the latest failures, the last one first."""
        with self._lock, self._reporting():
            self._after_fork()
            query = "SELECT ids, attempt, worker, time, error FROM failed ORDER BY number DESC LIMIT ?"
            rows = self._open_connection().execute(query, (most,)).fetchall()
            return [Failure(np.frombuffer(ids, dtype="<i8").astype(np.int64), *rest) for ids, *rest in rows]

    def times(self, most: int = 1000) -> list[tuple[float, int]]:
        """Return when worths were told, and how many at each time, for the latest calls in order."""
        with self._lock, self._reporting():
            self._after_fork()
            query = "SELECT time, length(ids) / 8 FROM told ORDER BY number DESC LIMIT ?"
            return self._open_connection().execute(query, (most,)).fetchall()[::-1]

    def history(self) -> Iterator[tuple[Ids, NDArray[np.uint8], str, float, float | None]]:
        """Yield, for each call of `record`: the coalitions, their attempts, the worker, the time and the seconds."""
        with self._lock, self._reporting():
            self._after_fork()
            rows = self._open_connection().execute(
                "SELECT ids, attempts, worker, time, seconds FROM told ORDER BY number"
            )
            for ids, attempts, worker, when, seconds in rows:
                numbers = np.frombuffer(ids, dtype="<i8").astype(np.int64)
                yield numbers, np.frombuffer(attempts, dtype=np.uint8), worker, when, seconds


_LEAKED: list[Any] = []  # connections of a parent process


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
