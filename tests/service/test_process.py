# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The service as a process of its own: real connections, a signal, and an orderly end."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from small import SERVICE

import banzhaf

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process can handle")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def ask(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.fixture
def held(tmp_path):
    """Start a process whose model waits for a file; return it, its port and the file."""
    for package in ("fastapi", "prometheus_client", "uvicorn"):
        pytest.importorskip(package)
    port, go_on = free_port(), tmp_path / "go_on"
    paths = [str(SERVICE), str(Path(__file__).parent), str(Path(banzhaf.__file__).parents[1])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "GO_ON": str(go_on)}
    environment |= {"EXPLAIN_NAME": "held", "EXPLAIN_DRAIN_SECONDS": "0", "EXPLAIN_DEFAULT_DEADLINE_MS": "10000"}
    command = [sys.executable, "-m", "explain_service", "--port", str(port), "--app", "held_app:app"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        try:
            while True:
                assert process.poll() is None
                try:
                    if ask(port, "GET", "/readyz")[0] == 200:
                        break
                except OSError:
                    pass
                time.sleep(0.02)
            yield process, port, go_on
        finally:
            go_on.touch()
            process.kill()


def test_a_signal_lets_requests_finish(held):
    process, port, go_on = held
    answers = []
    body = json.dumps({"rows": [[1, 2]]})
    asking = threading.Thread(target=lambda: answers.append(ask(port, "POST", "/explain", body)))
    asking.start()
    while not go_on.with_suffix(".reached").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    while True:  # until it refuses, or has closed its socket
        try:
            status, _ = ask(port, "POST", "/explain", json.dumps({"rows": [[0, 0]], "deadline_ms": 1}))
        except OSError:
            break
        if status == 503:
            break
    go_on.touch()
    asking.join(60)
    assert answers[0][0] == 200
    assert json.loads(answers[0][1])["rows"][0]["values"] == [1.0, 2.0]
    process.wait(60)
    lines = [json.loads(line) for line in process.stdout]
    assert [line["all_finished"] for line in lines if line["event"] == "closed"] == [True]
    (request,) = [line for line in lines if line["event"] == "request" and line.get("status") == 200]
    assert (request["route"], request["rows"], request["complete"]) == ("/explain", 1, True)
