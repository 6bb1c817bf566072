# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Run the service: python -m explain_service."""

from __future__ import annotations

import argparse
import math

import uvicorn

from .settings import Settings

parser = argparse.ArgumentParser(prog="python -m explain_service", description=__doc__)
parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
parser.add_argument("--workers", type=int, default=1, help="processes, each with a model of its own (default: 1)")
parser.add_argument("--app", default="explain_service.app:create_app", help="factory of the application")

if __name__ == "__main__":
    arguments = parser.parse_args()
    settings = Settings.from_environment()  # a wrong setting ends the program before a process starts
    uvicorn.run(
        arguments.app,
        factory=True,
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        log_config=None,  # the application writes its own lines
        access_log=False,
        server_header=False,
        limit_concurrency=settings.max_connections,
        timeout_graceful_shutdown=math.ceil(settings.close_seconds) + 1,
    )
