# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Load the service of examples/service on this machine: latencies, errors, answers after the deadline, memory."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import banzhaf
from bench._command import ROOT, Options, Unavailable, main
from bench._table import Table, three_digits, verdict
from bench._timing import installed

if TYPE_CHECKING:
    from load import Report

SERVICE = ROOT / "examples" / "service"
_CLIENTS = 8
_OWN = "explain_service.app:create_app"
_START_SECONDS = 120.0


@dataclass(frozen=True)
class _Case:
    """One row of the table: the application, the route, and the deadline of each request."""

    name: str
    app: str
    path: str
    deadline_ms: float
    rows: int = 1
    has_target: bool = True


_CASES = (
    _Case("`Explainer`", _OWN, "/explain", 1000),
    _Case("`Explainer`, less time than it needs", _OWN, "/explain", 25, has_target=False),
    _Case("`Explainer`, 8 rows in a request", _OWN, "/explain", 1000, rows=8),
    _Case("`Explainer`, Open Inference Protocol", _OWN, "/v2/models/breast-cancer/infer", 1000),
    _Case("`TreeExplainer`", _OWN, "/explain/exact", 1000),
    _Case("the model's prediction alone", "bench._service_apps:predict", "/explain", 1000, has_target=False),
    _Case("shap's KernelExplainer", "bench._service_apps:kernel", "/explain", 10_000, has_target=False),
)


def tables(options: Options) -> Iterator[Table]:
    for package in ("fastapi", "prometheus_client", "uvicorn", "xgboost", "sklearn"):
        if not installed(package):
            raise Unavailable(f"{package} is not installed: pip install -r examples/service/requirements.txt")
    sys.path.insert(0, str(SERVICE))
    import load

    seconds = 4.0 if options.quick else 60.0
    table = Table(
        f"The service of examples/service under load: {_CLIENTS} clients on the same machine",
        *("what answers", "deadline", "requests a second", "p50", "p95", "p99", "longest", "cut short"),
        *("errors", "late", "memory", "growth", "met"),
        note=f"""
            Each client sends a request, waits for the answer and sends the next, for {seconds:g} s. The clients share
            the cores with the service. The model is an XGBoost classifier of 100 trees on scikit-learn's breast cancer
            data, with 30 features and 50 background rows. Requests have one row unless the name says otherwise.
            "cut short" is the share of the requests with a row whose values the deadline made less accurate. "late"
            counts answers later than 10 ms after their deadline, by the clients' clocks. "memory" is the resident
            memory of the service at the end, and "growth" its growth after 10 s, or after a third of a shorter test.
            The second row asks for more than two cores can do, and its errors are answers with status 504.
            A target is met without errors and late answers, if p99 is at most 3 p50, and memory grows by less than
            2 MiB or 2 %. KernelExplainer makes as many model evaluations as `Explainer`.
        """,
    )
    for case in _CASES:
        if "kernel" in case.app and not installed("shap"):
            table.add(case.name, *["not installed"], *[""] * 11)
            continue
        with started(case.app, options.threads) as (process, port):
            report = load.run(
                ("127.0.0.1", port),
                clients=_CLIENTS,
                seconds=seconds,
                rows=case.rows,
                deadline_ms=case.deadline_ms,
                path=case.path,
                process=process,
                settle=min(3.0, seconds / 2),
            )
        table.add(*_cells(case, report))
    yield table


def _cells(case: _Case, report: Report) -> list[Any]:
    met = (
        report.errors == report.late == 0
        and report.p99_ms <= 3 * report.p50_ms
        and report.is_flat is not False  # not known where the system does not tell
    )
    return [
        case.name,
        f"{case.deadline_ms:g} ms",
        three_digits(report.requests_per_second),
        *(f"{three_digits(number)} ms" for number in (report.p50_ms, report.p95_ms, report.p99_ms, report.max_ms)),
        f"{report.partial / max(1, report.requests):.0%}",
        report.errors,
        report.late,
        f"{report.memory_mib[-1][1]:.0f} MiB" if report.memory_mib else "",
        f"{report.growth_mib:.1f} MiB" if report.growth_mib is not None else "",
        verdict(met) if case.has_target else "",
    ]


@contextlib.contextmanager
def started(app: str, threads: int) -> Iterator[tuple[int, int]]:
    """Start the service in a process of its own; give its process id and port when it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    paths = (SERVICE, ROOT, Path(banzhaf.__file__).parents[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EXPLAIN_")} | {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "EXPLAIN_THREADS": str(threads),
        "EXPLAIN_DRAIN_SECONDS": "0",
        "EXPLAIN_MAX_DEADLINE_MS": "10000",
        "MALLOC_ARENA_MAX": "2",  # as in the container
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "explain_service", "--port", str(port), "--app", app]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, cwd=SERVICE)
    try:
        _wait_until_ready(process, port)
        yield process.pid, port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.perf_counter() + _START_SECONDS
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with code {process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            if answer.status == 200:
                return
            if b"failed" in answer.read():
                raise RuntimeError("the service could not load its model: its log says why")
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError(f"the service was not ready within {_START_SECONDS:g} s")


if __name__ == "__main__":
    main(tables, __doc__)
