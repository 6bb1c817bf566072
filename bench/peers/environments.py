# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The interpreters for the other packages: this one if it has them, otherwise virtual environments made with pip."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import banzhaf
from bench._command import ROOT
from bench._timing import installed

_XGBOOST = "xgboost-cpu" if sys.platform == "linux" and os.uname().machine == "x86_64" else "xgboost"
PATIENCE = 300.0  # seconds that one run may take
# For each environment, the modules that must be importable, and the requirements for pip. pyDVL needs numpy below 2.
ENVIRONMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "banzhaf": (("banzhaf", "xgboost"), ()),
    "shapiq": (("shapiq", "xgboost", "lightgbm"), ("shapiq", _XGBOOST, "lightgbm")),
    "shapiq-sparse": (("shapiq", "sparse_transform", "galois"), ("shapiq[sparse]",)),
    "shap": (("shap", "xgboost"), ("shap", _XGBOOST)),
    "woodelf": (("woodelf", "xgboost"), ("woodelf-explainer", _XGBOOST)),
    "pydvl": (("pydvl",), ("pyDVL", "numpy<2")),
}
# Those of other benchmarks.
OTHERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {"context-cite": (("context_cite",), ("context-cite",))}
_ASK = """
import importlib.metadata as m, json, platform, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = m.version(name)
    except m.PackageNotFoundError:
        pass
print(json.dumps([platform.python_version(), found]))
"""


@dataclass(frozen=True)
class Environment:
    """An interpreter, or the reason why it could not be made."""

    name: str
    python: Path | None
    reason: str = ""

    def versions(self) -> str:
        """Return a line with the versions of its packages."""
        if self.python is None:
            return self.reason
        asked = [
            "banzhaf",
            "shapiq",
            "shap",
            "woodelf-explainer",
            "pyDVL",
            "xgboost-cpu",
            "xgboost",
            "lightgbm",
            "numpy",
        ]
        done = subprocess.run([self.python, "-c", _ASK, *asked], capture_output=True, text=True)
        if done.returncode:
            return done.stderr.strip().splitlines()[-1]
        python, found = json.loads(done.stdout)
        return f"Python {python}, " + ", ".join(f"{name} {version}" for name, version in found.items())


def prepare(name: str, folder: Path, *, fresh: bool) -> Environment:
    """Find or make an environment.

    Parameters
    ----------
    name : str
    folder : Path
        Folder of the virtual environments.
    fresh : bool
        Whether to make an environment with the latest release even if this interpreter has the package.
    """
    modules, requirements = {**ENVIRONMENTS, **OTHERS}[name]
    place = folder / name
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if name == "banzhaf" or (not fresh and not python.exists() and all(map(installed, modules))):
        return Environment(name, Path(sys.executable))
    if not python.exists():
        print(f"making an environment for {name}: pip install {' '.join(requirements)}", file=sys.stderr, flush=True)
        venv.create(place, with_pip=True)
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    if not _imports(python, modules):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            return Environment(name, None, f"pip: {lines[-1] if lines else 'failed'}")
        if not _imports(python, modules):
            return Environment(name, None, f"installed, but {' and '.join(modules)} cannot be imported")
    return Environment(name, python)


def _imports(python: Path, modules: tuple[str, ...]) -> bool:
    program = "; ".join(f"import {module}" for module in modules)
    return subprocess.run([python, "-c", program], capture_output=True).returncode == 0


class Worker:
    """A process of an environment that runs contenders. It is started again if it ends or takes too long.

    Parameters
    ----------
    environment : Environment
    threads : int
        Number of threads of everything in the process.
    log : Path
        File for what the packages print.
    """

    def __init__(self, environment: Environment, threads: int, log: Path) -> None:
        self._environment, self._threads, self._log = environment, threads, log
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def another(self) -> Worker:
        """Make a worker of the same environment with a new process."""
        return Worker(self._environment, self._threads, self._log)

    def ask(self, **request: Any) -> dict[str, Any]:
        """Run a contender, and return its answer or the message of its failure."""
        if self._environment.python is None:
            return {"failed": self._environment.reason}
        if self._process is None:
            self._start()
            started = self._read()
            if "failed" in started:
                return started
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({**request, "threads": self._threads}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self.close()
            return {"failed": "its process ended"}
        return self._read()

    def _start(self) -> None:
        count = str(self._threads)
        names = (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "NUMBA_NUM_THREADS",
            "LOKY_MAX_CPU_COUNT",
        )
        # The worker for banzhaf measures the same copy of it as this process.
        ours = [str(Path(banzhaf.__file__).parents[1])] if self._environment.name == "banzhaf" else []
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [str(self._environment.python), "-m", "bench.peers.worker"],
                cwd=ROOT,
                env={
                    **os.environ,
                    **dict.fromkeys(names, count),
                    "PYTHONPATH": os.pathsep.join([str(ROOT), *ours]),
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        # A queue can be read with a time limit on every system, but a pipe cannot.
        self._lines = queue.SimpleQueue()
        self._reader = threading.Thread(target=_pass_on, args=(self._process.stdout, self._lines), daemon=True)
        self._reader.start()

    def _read(self) -> dict[str, Any]:
        assert self._process is not None
        try:
            line = self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            self.close()
            return {"failed": f"no answer within {PATIENCE:.0f} s"}
        if not line:
            code = self._process.wait()
            self.close()
            return {"failed": f"its process ended with {code}"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._reader.join()
            with self._process:  # waits, and closes its pipes
                self._process = None


def _pass_on(pipe: Any, lines: queue.SimpleQueue[str]) -> None:
    """Pass lines on until the pipe ends, and then an empty line."""
    for line in pipe:
        lines.put(line)
    lines.put("")
