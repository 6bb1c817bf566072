# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Load a running service from this machine: clients that each send a request, wait for its answer and send the next.

The clients share the machine's cores with the server, so what they measure includes their own work.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any

LATE = 0.010  # seconds after its deadline until an answer counts as late


@dataclass
class Report:
    """What a load test has found. Times are in milliseconds, memory in MiB."""

    route: str
    clients: int
    seconds: float
    rows: int
    deadline_ms: float
    requests: int = 0
    errors: int = 0
    late: int = 0
    partial: int = 0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0
    requests_per_second: float = 0.0
    codes: dict[str, int] = field(default_factory=dict)
    memory_mib: list[tuple[float, float]] = field(default_factory=list)

    @property
    def growth_mib(self) -> float | None:
        """Growth of the server's resident memory from the tenth second, or a third of a short test, to the end."""
        start = min(10.0, self.seconds / 3)
        after = [memory for second, memory in self.memory_mib if second >= start]
        return after[-1] - after[0] if len(after) > 1 else None

    @property
    def is_flat(self) -> bool | None:
        """Whether that growth is below 2 MiB, or below 2 % of the memory."""
        if self.growth_mib is None:
            return None
        return self.growth_mib < max(2.0, 0.02 * self.memory_mib[-1][1])


class Client(threading.Thread):
    """One client with one connection, in a closed loop."""

    def __init__(self, address: tuple[str, int], path: str, bodies: list[bytes], deadline: float, end: float) -> None:
        super().__init__(daemon=True)
        self.address, self.path, self.bodies = address, path, bodies
        self.deadline, self.end = deadline, end
        self.answers: list[tuple[int, float, bool]] = []  # status, seconds, partial

    def run(self) -> None:
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        headers = {"Content-Type": "application/json"}
        number = 0
        while time.perf_counter() < self.end:
            body = self.bodies[number % len(self.bodies)]
            number += 1
            start = time.perf_counter()
            try:
                connection.request("POST", self.path, body, headers)
                response = connection.getresponse()
                content = response.read()
                status = response.status
            except (OSError, http.client.HTTPException):
                status, content = 0, b""
                connection.close()
                time.sleep(0.05)
            self.answers.append((status, time.perf_counter() - start, b'"deadline"' in content))
        connection.close()


def run(
    address: tuple[str, int],
    *,
    clients: int = 8,
    seconds: float = 60.0,
    rows: int = 1,
    deadline_ms: float = 1000.0,
    path: str = "/explain",
    process: int | None = None,
    settle: float = 1.0,
) -> Report:
    """Load a service and report. `process` is the server's process id, to watch its memory."""
    bodies = _bodies(address, path, rows, deadline_ms)
    deadline = deadline_ms / 1000
    if settle > 0:  # connections, caches and the estimates of the service
        _load(address, path, bodies, deadline, clients, settle, None)
    answers, memory, taken = _load(address, path, bodies, deadline, clients, seconds, process)
    times = sorted(time for _, time, _ in answers)
    report = Report(path, clients, seconds, rows, deadline_ms, requests=len(answers), memory_mib=memory)
    for status, _, _ in answers:
        report.codes[str(status)] = report.codes.get(str(status), 0) + 1
    report.errors = len(answers) - report.codes.get("200", 0)
    report.late = sum(time > deadline + LATE for time in times)
    report.partial = sum(partial for _, _, partial in answers)
    report.requests_per_second = len(answers) / taken
    report.p50_ms, report.p95_ms, report.p99_ms, report.max_ms = (
        1e3 * _quantile(times, q) for q in (0.5, 0.95, 0.99, 1)
    )
    return report


def _load(
    address: tuple[str, int],
    path: str,
    bodies: list[bytes],
    deadline: float,
    clients: int,
    seconds: float,
    process: int | None,
) -> tuple[list[tuple[int, float, bool]], list[tuple[float, float]], float]:
    """Run the clients; return their answers, the server's memory once a second, and the time."""
    start = time.perf_counter()
    threads = [
        Client(address, path, bodies[number::clients] or bodies, deadline, start + seconds) for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    memory: list[tuple[float, float]] = []
    while process is not None and (passed := time.perf_counter() - start) < seconds:
        size = resident_mib(process)
        if size is not None:
            memory.append((round(passed, 1), round(size, 2)))
        time.sleep(min(1.0, seconds / 10))
    for thread in threads:
        thread.join()
    return [answer for thread in threads for answer in thread.answers], memory, time.perf_counter() - start


def _bodies(address: tuple[str, int], path: str, rows: int, deadline_ms: float) -> list[bytes]:
    """Make requests that differ from one another, from the example row that the service gives."""
    found = _model(address)
    example: list[float] = [found["example"][name] for name in found["columns"]]
    bodies = []
    for number in range(64):
        # Each row differs from the example in every cell, by up to 20 %.
        cells = [
            [
                value * (0.8 + 0.4 * ((number * rows + row + 1) * (column + 1) % 97) / 96)
                for column, value in enumerate(example)
            ]
            for row in range(rows)
        ]
        bodies.append(json.dumps(_request(path, cells, deadline_ms)).encode())
    return bodies


def _model(address: tuple[str, int], seconds: float = 60.0) -> dict[str, Any]:
    """Ask the service what it serves, and wait until it is ready."""
    end = time.perf_counter() + seconds
    while True:
        connection = http.client.HTTPConnection(*address, timeout=10)
        try:
            connection.request("GET", "/model")
            response = connection.getresponse()
            found: dict[str, Any] = json.loads(response.read())
            if response.status == 200:
                return found
            reason = str(found.get("error"))
        except OSError as error:
            reason = str(error)
        finally:
            connection.close()
        if time.perf_counter() > end:
            raise SystemExit(f"no service is ready at {address[0]}:{address[1]}: {reason}")
        time.sleep(0.2)


def _request(path: str, cells: list[list[float]], deadline_ms: float) -> dict[str, Any]:
    """Write a request in the protocol of its path."""
    if path.startswith("/v2/"):
        flat = [cell for row in cells for cell in row]
        tensor = {"name": "rows", "shape": [len(cells), len(cells[0])], "datatype": "FP64", "data": flat}
        return {"parameters": {"deadline_ms": deadline_ms}, "inputs": [tensor]}
    return {"instances" if path.startswith("/v1/") else "rows": cells, "deadline_ms": deadline_ms}


def resident_mib(process: int) -> float | None:
    """Return the resident memory of a process, or None if the machine does not tell."""
    try:
        with open(f"/proc/{process}/statm") as numbers:
            return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        pass
    try:
        import psutil

        return float(psutil.Process(process).memory_info().rss / 2**20)
    except Exception:
        return None


def _quantile(times: list[float], q: float) -> float:
    return times[min(len(times) - 1, int(q * len(times)))] if times else 0.0


def main() -> int:
    """Run a load test from the command line, and return 1 if it misses its targets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--path", default="/explain", help="/explain, /explain/exact, /v1/... or /v2/models/NAME/infer")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rows", type=int, default=1, help="rows in a request")
    parser.add_argument("--deadline-ms", type=float, default=1000.0)
    parser.add_argument("--pid", type=int, help="process id of the server, to watch its memory")
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON; - for standard output")
    given = parser.parse_args()
    report = run(
        (given.host, given.port),
        clients=given.clients,
        seconds=given.seconds,
        rows=given.rows,
        deadline_ms=given.deadline_ms,
        path=given.path,
        process=given.pid,
    )
    found = {**asdict(report), "growth_mib": report.growth_mib, "is_flat": report.is_flat}
    if given.json == "-":
        print(json.dumps(found))
    else:
        print(f"{report.requests} requests of {report.clients} clients, {report.requests_per_second:.0f} a second")
        print(
            f"p50 {report.p50_ms:.1f} ms, p95 {report.p95_ms:.1f} ms, "
            f"p99 {report.p99_ms:.1f} ms, longest {report.max_ms:.1f} ms"
        )
        print(
            f"errors {report.errors}, later than deadline + 10 ms {report.late}, cut short by deadline {report.partial}"
        )
        if report.growth_mib is not None:
            sizes = " ".join(f"{memory:.1f}" for _, memory in report.memory_mib[:: max(1, len(report.memory_mib) // 6)])
            print(f"memory of the server over time: {sizes} MiB; growth after 10 s {report.growth_mib:.2f} MiB")
        if given.json:
            with open(given.json, "w", encoding="utf-8") as file:
                json.dump(found, file)
    return int(report.errors > 0 or report.late > 0 or report.is_flat is False or report.p99_ms > 3 * report.p50_ms)


if __name__ == "__main__":
    sys.exit(main())
