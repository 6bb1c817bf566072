# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Simulate power cuts: record what a study writes to the disk, and lose what was not synchronised.

A library in C, loaded before all others, writes down each write, change of size, deletion and fsync of a folder's
files. A moment of this record is then chosen. What was synchronised before it is on the disk. Of the rest, each write
is there, is missing, or is there in part, as chance decides.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import banzhaf
from bench._command import ROOT, Options, Unavailable, main
from bench._table import Table, verdict
from bench.durable import game

_SECTOR = 512  # bytes that a disk writes as one
_HEADER = struct.Struct("=cHqQ")

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char *names[4096]; /* of the folder's open files, by their descriptors */
static int record_fd = -2;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void put(const void *bytes, size_t size) {
  const char *next = bytes;
  while (size > 0) {
    const ssize_t n = NEXT(write)(record_fd, next, size);
    if (n <= 0) abort();
    next += n, size -= (size_t)n;
  }
}

static void note(char kind, const char *name, int64_t offset, const void *bytes, uint64_t size) {
  if (name == NULL) return;
  pthread_mutex_lock(&lock);
  if (record_fd == -2) record_fd = NEXT(open)(getenv("RECORD"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const uint16_t length = (uint16_t)strlen(name);
  put(&kind, 1), put(&length, 2), put(&offset, 8), put(&size, 8), put(name, length);
  if (bytes != NULL) put(bytes, size);
  pthread_mutex_unlock(&lock);
}

static const char *inside(const char *path) {
  const char *folder = getenv("RECORDED");
  const size_t length = folder == NULL ? 0 : strlen(folder);
  if (length == 0 || strncmp(path, folder, length) != 0) return NULL;
  return path[length] == '/' ? path + length + 1 : path[length] == 0 ? "." : NULL;
}

static const char *name_of(int fd) { return fd >= 0 && fd < 4096 ? names[fd] : NULL; }

static int opened(int fd, const char *path, int flags) {
  const char *name = inside(path);
  if (fd >= 0 && fd < 4096) names[fd] = name == NULL ? NULL : strdup(name);
  if (fd >= 0 && name != NULL && (flags & O_TRUNC)) note('T', name, 0, NULL, 0);
  return fd;
}

#define OPEN(function)                                              \
  int function(const char *path, int flags, ...) {                  \
    va_list arguments;                                              \
    va_start(arguments, flags);                                     \
    const int mode = (flags & O_CREAT) ? va_arg(arguments, int) : 0; \
    va_end(arguments);                                              \
    return opened(NEXT(function)(path, flags, mode), path, flags);  \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  if (fd >= 0 && fd < 4096) names[fd] = NULL;
  return NEXT(close)(fd);
}
ssize_t write(int fd, const void *bytes, size_t size) {
  const char *name = name_of(fd);
  if (name != NULL) note('W', name, lseek(fd, 0, SEEK_CUR), bytes, size);
  return NEXT(write)(fd, bytes, size);
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
  note('W', name_of(fd), offset, bytes, size);
  return NEXT(pwrite)(fd, bytes, size, offset);
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  note('W', name_of(fd), offset, bytes, size);
  return NEXT(pwrite64)(fd, bytes, size, offset);
}
int ftruncate(int fd, off_t size) {
  note('T', name_of(fd), size, NULL, 0);
  return NEXT(ftruncate)(fd, size);
}
int ftruncate64(int fd, off64_t size) {
  note('T', name_of(fd), size, NULL, 0);
  return NEXT(ftruncate64)(fd, size);
}
int unlink(const char *path) {
  note('U', inside(path), 0, NULL, 0);
  return NEXT(unlink)(path);
}
int fsync(int fd) {
  const int status = NEXT(fsync)(fd);
  note('S', name_of(fd), 0, NULL, 0);
  return status;
}
int fdatasync(int fd) {
  const int status = NEXT(fdatasync)(fd);
  note('S', name_of(fd), 0, NULL, 0);
  return status;
}
"""

# Work on a study, and say after each batch that it was acknowledged. The file is opened again now and then.
_PROGRAM = """
import os, sys
import banzhaf
from bench.durable import game
path, told = sys.argv[1], os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT)
study = banzhaf.Study(20, budget=int(sys.argv[3]), design="paired", random_state=0, store=path)
k = 0
while batch := study.ask(8):
    study.tell(batch, game(batch.coalitions))
    os.write(told, b"".join(int(i).to_bytes(8, "little") for i in batch.ids))
    k += 1
    if k % 25 == 0:
        study.close()
        study = banzhaf.Study.open(path)
"""


def tables(options: Options) -> Iterator[Table]:
    warnings.simplefilter("ignore")
    table = Table(
        "Power cuts at random moments, simulated",
        "cuts",
        "stores that did not open",
        "acknowledged worths lost",
        "bits of the uninterrupted run",
        note="""A run in batches of 8 is recorded, with each write and fsync. What was not synchronised before a cut is
        there, missing, or there in part, as chance decides.""",
    )
    made, unopened, lost, same = cuts(20 if options.quick else 200, 800, seed=5)
    table.add(made, f"{unopened} {verdict(unopened == 0)}", f"{lost} {verdict(lost == 0)}", verdict(same))
    yield table


@dataclass(frozen=True)
class Step:
    """One thing that was done to a file: W(rite), T(runcate), U(nlink) or S(ynchronise)."""

    kind: str
    name: str
    offset: int
    content: bytes


def recorded(budget: int) -> list[Step]:
    """Run a study with a store, and return what it did to the files of its folder, and to the file "told"."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        raise Unavailable("simulated power cuts need Linux and a C compiler")
    with tempfile.TemporaryDirectory() as place:
        source, library, record, folder = (Path(place) / name for name in ("r.c", "r.so", "record", "folder"))
        source.write_text(_SOURCE, encoding="utf-8")
        folder.mkdir()
        preloaded = " ".join(filter(None, [os.environ.get("LD_PRELOAD"), str(library)]))  # a sanitizer comes first
        subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        subprocess.run(
            [sys.executable, "-c", _PROGRAM, folder / "values.db", folder / "told", str(budget)],
            check=True,
            cwd=ROOT,
            env={**os.environ, "LD_PRELOAD": preloaded, "RECORD": str(record), "RECORDED": str(folder)},
        )
        return list(_steps(record.read_bytes()))


def _steps(content: bytes) -> Iterator[Step]:
    at = 0
    while at < len(content):
        kind, length, offset, size = _HEADER.unpack_from(content, at)
        at += _HEADER.size
        name = content[at : at + length].decode()
        at += length
        size = size if kind == b"W" else 0
        yield Step(kind.decode(), name, offset, content[at : at + size])
        at += size


def disk_after(steps: list[Step], chance: random.Random) -> dict[str, bytes]:
    """Return the files that a power cut leaves after some steps.

    A deletion is certain once the folder was synchronised. If it did not happen, nor did what came after it under the
    same name.
    """
    last_sync: dict[str, int] = {}
    for k, step in enumerate(steps):
        if step.kind == "S":
            last_sync[step.name] = k
    files: defaultdict[str, bytearray] = defaultdict(bytearray)
    undeleted: set[str] = set()
    for k, step in enumerate(steps):
        content = step.content
        if step.name.endswith("-shm") or step.kind == "S" or step.name in undeleted:  # SQLite makes the first anew
            continue
        if k > last_sync.get("." if step.kind == "U" else step.name, -1):
            fate = chance.random()
            if fate < 0.4:
                if step.kind == "U":
                    undeleted.add(step.name)
                continue
            if fate < 0.6:
                content = content[: chance.randrange(0, len(content) + 1) // _SECTOR * _SECTOR]
        if step.kind == "U":
            files.pop(step.name, None)
            continue
        file = files[step.name]
        if step.kind == "T":
            del file[step.offset :]
            file.extend(bytes(max(0, step.offset - len(file))))
        else:
            file.extend(bytes(max(0, step.offset - len(file))))
            file[step.offset : step.offset + len(content)] = content
    return {name: bytes(file) for name, file in files.items()}


def cuts(count: int, budget: int = 800, seed: int = 0) -> tuple[int, int, int, bool]:
    """Cut the power at random moments.

    Return the cuts, the stores that did not open, the acknowledged worths that were lost, and whether each of a few
    studies that went on has the bits of a run without a cut.
    """
    steps, chance = recorded(budget), random.Random(seed)
    expected = banzhaf.estimate(game, 20, budget=budget, design="paired", random_state=0)
    # Before the file is made, there is nothing to lose.
    first = next(k for k, step in enumerate(steps) if step.name == "told")
    unopened = lost = 0
    same = True
    for k in range(count):
        moment = chance.randrange(first, len(steps) + 1)
        told = b"".join(step.content for step in steps[:moment] if step.name == "told")
        acknowledged = {int.from_bytes(told[i : i + 8], "little") for i in range(0, len(told), 8)}
        files = disk_after([step for step in steps[:moment] if step.name != "told"], chance)
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                (Path(folder) / name).write_bytes(content)
            try:
                study = banzhaf.Study.open(Path(folder) / "values.db")
            except (OSError, ValueError):
                unopened += 1
                continue
            with study:
                lost += len(acknowledged - set(study._store.told_ids().tolist()))
                if k % 20 == 0:
                    study.release()
                    study.run(game)
                    same = same and study.result() == expected
    return count, unopened, lost, same


if __name__ == "__main__":
    main(tables, __doc__)
