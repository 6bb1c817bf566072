# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Fuzz one target through Python: `python tests/fuzz/fuzz.py store --seconds 600`.

Inputs are random changes of the seeds, and of earlier inputs that ran new lines of Python code. An input that fails is
written to a folder, and the program ends with status 1. Once the fault is mended, the input belongs into
tests/fuzz/corpus/<target>/, whose files every run takes first.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import targets

import banzhaf

CORPUS = Path(__file__).parent / "corpus"
PACKAGE = str(Path(banzhaf.__file__).parent)
MOST_BYTES = 2**17
MOST_SECONDS = 20  # of this process, whatever else the machine does


class Slow(BaseException):
    """An input took too long."""


def changed(chance, data, other):
    """Change some bytes of an input, or mix in a part of another one."""
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        at = chance.randrange(len(data) + 1)
        length = min(chance.choice((1, 1, 2, 4, 8, 64, 512)), len(data) - at)
        match chance.randrange(7):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):
                data[at] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length]
            case 4:
                begin = chance.randrange(len(other) + 1)
                data[at : at + length] = other[begin : begin + length]
            case 5:
                number = chance.choice((0, 1, -1, 2**31, 2**32, 2**53, 2**63 - 1, chance.getrandbits(64))) % 2**64
                data[at : at + 8] = number.to_bytes(8, chance.choice(("little", "big")))
            case _:
                texts = (b"0", b"-1", b"1e999", b"NaN", b"null", b"[]", b"{}", b'""', b"9" * 30, b"true", b"\0")
                data[at : at + length] = chance.choice(texts)
    return bytes(data[:MOST_BYTES])


class Lines:
    """The lines of the package that have run, for Python 3.12 and later."""

    def __init__(self):
        self.seen = 0
        if not hasattr(sys, "monitoring"):
            return
        events = sys.monitoring.events
        sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "fuzz")
        sys.monitoring.register_callback(sys.monitoring.COVERAGE_ID, events.LINE, self._line)
        sys.monitoring.set_events(sys.monitoring.COVERAGE_ID, events.LINE)

    def _line(self, code, line):
        if code.co_filename.startswith(PACKAGE):
            self.seen += 1
        return sys.monitoring.DISABLE  # each line is told once


def give_up(*_):
    raise Slow


def tried(name, data):
    """Run one input; return the report of a failure, or None."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        targets.TARGETS[name](data)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"{targets.described(name, data)}\n{traceback.format_exc()}"
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def inputs(name):
    """Return the seeds of a target, and the kept inputs."""
    folder = CORPUS / name
    kept = sorted(folder.iterdir()) if folder.is_dir() else []
    return targets.SEEDS[name]() + [path.read_bytes() for path in kept]


def fuzz(name, *, runs=None, seconds=None, seed=0, stop=True):
    """Run a target on its inputs and on changes of them; return how many ran, and the reports of failures."""
    chance, lines = random.Random(seed), Lines()
    corpus, failures = inputs(name), []
    end = None if seconds is None else time.monotonic() + seconds
    done = 0
    waiting = list(corpus)
    kinds = set()
    while (runs is None or done < runs) and (end is None or time.monotonic() < end):
        data = waiting.pop() if waiting else changed(chance, chance.choice(corpus), chance.choice(corpus))
        before = lines.seen
        report = tried(name, data)
        done += 1
        if report is not None:
            kind = tuple(line for line in report.splitlines()[-3:] if not line.startswith("Assert"))
            if kind not in kinds:
                kinds.add(kind)
                failures.append((data, report))
            if stop:
                break
        elif lines.seen > before and done > len(corpus):
            corpus.append(data)
    return done, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(targets.TARGETS))
    parser.add_argument("inputs", nargs="*", help="run only these files")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--memory", type=float, default=4.0, help="limit in GB; 0 for none, as sanitizers need")
    parser.add_argument("--found", type=Path, default=Path(tempfile.gettempdir()), help="folder of inputs that fail")
    parser.add_argument("--go-on", action="store_true", help="report each kind of failure once, and go on")
    options = parser.parse_args()
    if options.memory:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(options.memory * 2**30),) * 2)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, give_up)
    if options.inputs:
        failures = [(None, tried(options.target, Path(path).read_bytes())) for path in options.inputs]
        failures = [each for each in failures if each[1] is not None]
        done = len(options.inputs)
    else:
        done, failures = fuzz(
            options.target, runs=options.runs, seconds=options.seconds, seed=options.seed, stop=not options.go_on
        )
    for data, report in failures:
        print(report, file=sys.stderr)
        if data is not None:
            path = options.found / f"{options.target}-{hashlib.sha1(data).hexdigest()[:10]}"
            path.write_bytes(data)
            print(f"written to {path}", file=sys.stderr)
    print(f"{options.target}: {done} inputs, {len(failures)} failures")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
